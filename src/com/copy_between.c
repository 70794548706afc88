/* SPDX-License-Identifier: MIT */
/*
 * copy_between.c - what a parcel needs on its way from one file to another: the ids that the other
 * file has for the names of properties, and its large values there.
 *
 * Owns:  nothing beyond one call. Values written there are the destination's from the start
 *        (message_note_value()), so that what no save takes is given up with it.
 * Locks: none is held when these functions are called. Names are asked for through the interfaces
 *        of both sides; a large value is read under the lock of the source and written under that
 *        of the destination by turns, never both.
 */
#include "com/copy_parcel.h"

#include "com/logon.h"
#include "util/alloc.h"

enum { PIECE = 256 * 1024 /* of a large value */ };

/* --- names ------------------------------------------------------------------------------------ */

/* The named ids of one object, and what they become: PR_NULL for one without a name. */
struct names {
    struct msp_array from; /* uint32_t */
    uint32_t *to;
};

/* NULL: it is none of them. */
static const uint32_t *find_name(const struct names *names, ULONG tag)
{
    const uint32_t *from = MSP_ARRAY_ITEMS(const uint32_t, &names->from);

    for (size_t i = 0; i < names->from.count; i++) {
        if (PROP_ID(from[i]) == PROP_ID(tag))
            return &from[i];
    }
    return NULL;
}

static bool note_name(struct names *names, uint32_t tag)
{
    return !copy_is_named(tag) || find_name(names, tag) != NULL ||
           msp_array_push(&names->from, &tag) != NULL;
}

static HRESULT ask(const struct copy_task *task, struct prop_object *source,
        struct prop_object *target, struct names *names)
{
    const uint32_t *from = MSP_ARRAY_ITEMS(const uint32_t, &names->from);
    size_t count = names->from.count;
    ULONG *tags;
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if (count == 0)
        return S_OK;
    tags = msp_alloc_array(count, sizeof(*tags));
    names->to = msp_alloc_array(count, sizeof(*names->to));
    if (tags != NULL && names->to != NULL) {
        for (size_t i = 0; i < count; i++)
            tags[i] = from[i];
        hr = copy_map_tags(task, prop_iface(source), prop_iface(target), tags, count);
        for (size_t i = 0; i < count; i++)
            names->to[i] = tags[i];
    }
    msp_free(tags);
    return hr;
}

static void names_done(struct names *names)
{
    msp_array_free(&names->from);
    msp_free(names->to);
}

static ULONG new_tag(const struct names *names, ULONG tag)
{
    const uint32_t *from = MSP_ARRAY_ITEMS(const uint32_t, &names->from);
    const uint32_t *found = find_name(names, tag);
    uint32_t to;

    if (found == NULL)
        return tag;
    to = names->to[found - from];
    return to != PR_NULL ? PROP_TAG(PROP_TYPE(tag), PROP_ID(to)) : PR_NULL;
}

/* Large values follow their tags. */
static void rename_places(
        const struct names *names, const struct copy_parcel *parcel, struct copy_values *values)
{
    for (size_t i = values->places.count; i-- > 0;) {
        struct copy_large *place = MSP_ARRAY_AT(struct copy_large, &values->places, i);

        if (place->parcel != parcel)
            continue;
        place->tag = new_tag(names, place->tag);
        if (place->tag == PR_NULL) {
            msp_array_remove(&values->places, i, 1);
            msp_array_remove(&values->pairs, i, 1);
        }
    }
}

static HRESULT rename_values(const struct copy_task *task, struct prop_object *source,
        struct prop_object *target, struct copy_parcel *parcel, struct copy_values *values)
{
    struct names names = { MSP_ARRAY_INIT(uint32_t), NULL };
    struct bag_iter iter = { 0 };
    struct bag_value cell;
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && bag_next(&parcel->values, &iter, &cell)) {
        if (!note_name(&names, cell.tag))
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    if (SUCCEEDED(hr))
        hr = ask(task, source, target, &names);
    for (size_t i = 0; i < names.from.count && SUCCEEDED(hr); i++)
        parcel->is_partial |= names.to[i] == PR_NULL;
    if (SUCCEEDED(hr) && !bag_rename(&parcel->values, MSP_ARRAY_ITEMS(const uint32_t, &names.from),
                                 names.to, names.from.count))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (SUCCEEDED(hr) && names.from.count > 0)
        rename_places(&names, parcel, values);
    names_done(&names);
    return hr;
}

/* What of a recipient has no name is left out without a word. */
static HRESULT rename_recipients(const struct copy_task *task, struct prop_object *source,
        struct prop_object *target, struct recipient_list *list)
{
    struct names names = { MSP_ARRAY_INIT(uint32_t), NULL };
    HRESULT hr = S_OK;

    for (size_t i = 0; i < recipients_count(list); i++) {
        const struct recipient *entry = recipients_at(list, i);
        size_t count = packed_count(entry->packed, entry->packed_size);

        for (size_t j = 0; j < count && SUCCEEDED(hr); j++) {
            struct bag_value cell;

            packed_at(entry->packed, entry->packed_size, j, &cell);
            if (!note_name(&names, cell.tag))
                hr = MAPI_E_NOT_ENOUGH_MEMORY;
        }
    }
    if (SUCCEEDED(hr))
        hr = ask(task, source, target, &names);
    if (SUCCEEDED(hr) && !recipients_rename(list, MSP_ARRAY_ITEMS(const uint32_t, &names.from),
                                 names.to, names.from.count))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    names_done(&names);
    return hr;
}

/* Object by object, as their interfaces would ask: one whose names the other file has no room for
 * does not take those of the others along. Recursion as deep as messages are nested:
 * DOC_MAX_DEPTH. */
HRESULT copy_rename(const struct copy_task *task, struct prop_object *source,
        struct prop_object *target, struct copy_parcel *parcel, struct copy_values *values)
{
    HRESULT hr = rename_values(task, source, target, parcel, values);

    if (SUCCEEDED(hr))
        hr = rename_recipients(task, source, target, &parcel->recipients);
    for (size_t i = 0; i < parcel->attachments.count && SUCCEEDED(hr); i++)
        hr = copy_rename(task, source, target,
                *MSP_ARRAY_AT(struct copy_parcel *, &parcel->attachments, i), values);
    if (SUCCEEDED(hr) && parcel->inner != NULL)
        hr = copy_rename(task, source, target, parcel->inner, values);
    return hr;
}

/* --- large values ----------------------------------------------------------------------------- */

/* S_FALSE: the value went with somebody else's save. */
static HRESULT read_piece(struct prop_object *source, const struct eng_value_pair *pair,
        uint64_t at, uint8_t *piece, size_t *size)
{
    struct msp_call call;
    struct eng *eng;
    enum eng_status status;
    HRESULT hr = msp_call_begin(&call, &source->object);

    if (FAILED(hr))
        return hr;
    if (msp_call_is_stopped(&call))
        return msp_call_end(&call, MAPI_E_INVALID_OBJECT);
    eng = source->logon->eng;
    status = eng_value_read(eng, pair->from, at, piece, *size, size);
    if (status == ENG_NOT_FOUND || (status == ENG_OK && *size == 0))
        return msp_call_end(&call, S_FALSE);
    return msp_call_end(&call, msp_from_engine(&call, eng, status));
}

/* S_FALSE: the destination is open for reading only. */
static HRESULT write_piece(struct prop_object *target, struct eng_value_pair *pair, uint64_t at,
        const uint8_t *piece, size_t size)
{
    struct msp_call call;
    struct eng *eng;
    enum eng_status status = ENG_OK;
    HRESULT hr = msp_call_begin(&call, &target->object);

    if (FAILED(hr))
        return hr;
    if (!target->can_write)
        return msp_call_end(&call, S_FALSE);
    if (msp_call_is_stopped(&call))
        return msp_call_end(&call, MAPI_E_INVALID_OBJECT);
    eng = target->logon->eng;
    if (pair->to == 0) {
        status = eng_value_new(eng, &pair->to);
        if (status == ENG_OK)
            message_note_value(target, pair->to);
    }
    if (status == ENG_OK)
        status = eng_value_write(eng, pair->to, at, piece, size);
    return msp_call_end(&call, msp_from_engine(&call, eng, status));
}

/* Half a value is none. */
static HRESULT forget_value(struct prop_object *target, struct eng_value_pair *pair)
{
    struct msp_call call;
    HRESULT hr = msp_call_begin(&call, &target->object);

    if (FAILED(hr))
        return hr;
    if (pair->to != 0)
        (void)eng_value_free(target->logon->eng, pair->to);
    pair->to = 0;
    return msp_call_end(&call, S_OK);
}

static HRESULT carry_value(struct prop_object *source, struct prop_object *target,
        struct eng_value_pair *pair, uint8_t *piece)
{
    HRESULT hr = S_OK;
    uint64_t at = 0;

    while (hr == S_OK && at < pair->size) {
        size_t size = pair->size - at < PIECE ? (size_t)(pair->size - at) : PIECE;

        hr = read_piece(source, pair, at, piece, &size);
        if (hr == S_OK)
            hr = write_piece(target, pair, at, piece, size);
        at += size;
    }
    return hr == S_FALSE ? forget_value(target, pair) : hr;
}

HRESULT copy_carry_values(const struct copy_task *task, struct prop_object *source,
        struct prop_object *target, struct copy_values *values)
{
    uint8_t *piece = NULL;
    HRESULT hr = S_OK;

    if (values->pairs.count == 0)
        return S_OK;
    piece = msp_alloc(PIECE);
    if (piece == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < values->pairs.count && SUCCEEDED(hr); i++) {
        if (msp_domain_is_stopping(task->domain))
            hr = MAPI_E_INVALID_OBJECT;
        else
            hr = carry_value(
                    source, target, MSP_ARRAY_AT(struct eng_value_pair, &values->pairs, i), piece);
    }
    msp_free(piece);
    return hr;
}
