/* SPDX-License-Identifier: MIT */
/*
 * copy_parcel.c - what a message or attachment has is taken into a parcel, and put into another.
 *
 * Both ends are read and written by the same rules as clients read and write them, so that a copy
 * is what the interfaces would have made of it.
 *
 * Owns:  the parcels; objects that are never started, for one call.
 * Locks: that of the source, or that of the destination; see the header.
 */
#include "com/copy_parcel.h"

#include <string.h>

#include "com/logon.h"
#include "util/alloc.h"
#include "util/buf.h"

enum {
    /* Values up to here go along in memory: they are read as fast as a copy of them is made, and
     * the save of the destination writes them. */
    SMALL_VALUE = 64 * 1024
};

static HRESULT no_memory(struct msp_call *call)
{
    return msp_from_engine(call, NULL, ENG_NO_MEMORY);
}

/* --- life ------------------------------------------------------------------------------------- */

struct copy_parcel *copy_parcel_new(void)
{
    struct copy_parcel *parcel = msp_calloc(1, sizeof(*parcel));

    if (parcel == NULL)
        return NULL;
    bag_init(&parcel->values);
    recipients_init(&parcel->recipients);
    msp_array_init(&parcel->attachments, sizeof(struct copy_parcel *));
    return parcel;
}

/* Recursion as deep as messages are nested: DOC_MAX_DEPTH. */
void copy_parcel_free(struct copy_parcel *parcel)
{
    if (parcel == NULL)
        return;
    for (size_t i = 0; i < parcel->attachments.count; i++)
        copy_parcel_free(*MSP_ARRAY_AT(struct copy_parcel *, &parcel->attachments, i));
    msp_array_free(&parcel->attachments);
    copy_parcel_free(parcel->inner);
    recipients_done(&parcel->recipients);
    bag_done(&parcel->values);
    msp_free(parcel);
}

void copy_values_init(struct copy_values *values)
{
    msp_array_init(&values->places, sizeof(struct copy_large));
    msp_array_init(&values->pairs, sizeof(struct eng_value_pair));
}

void copy_values_done(struct copy_values *values)
{
    msp_array_free(&values->places);
    msp_array_free(&values->pairs);
}

/* Back to the first `count`: the others belong to a parcel that goes. */
static void forget_values(struct copy_values *values, size_t count)
{
    msp_array_truncate(&values->places, count);
    msp_array_truncate(&values->pairs, count);
}

/* --- taking values ---------------------------------------------------------------------------- */

/* One object whose values are taken. */
struct taking {
    struct msp_call *call;
    struct eng *eng;
    struct copy_parcel *parcel;
    struct copy_values *values;
    HRESULT hr; /* of prop_list()'s callback */
};

/* A value of some size, as bytes. MAPI_E_OBJECT_CHANGED: it went with somebody else's save. */
static HRESULT take_small(struct taking *taking, ULONG tag, const struct bag_large *large)
{
    struct msp_buf bytes = MSP_BUF_INIT;
    unsigned char *room = msp_buf_extend(&bytes, (size_t)large->size);
    enum eng_status status = ENG_NO_MEMORY;
    size_t size = 0;

    if (room != NULL)
        status = eng_value_read(taking->eng, large->id, 0, room, (size_t)large->size, &size);
    if (status == ENG_OK && !bag_set(&taking->parcel->values, tag, 0, room, size))
        status = ENG_NO_MEMORY;
    msp_buf_free(&bytes);
    if (status == ENG_NOT_FOUND)
        status = ENG_CHANGED;
    return msp_from_engine(taking->call, taking->eng, status);
}

static HRESULT take_large(struct taking *taking, const struct bag_value *cell)
{
    struct copy_large place = { taking->parcel, cell->tag };
    struct eng_value_pair pair = { 0 };
    struct bag_large large;

    if (!bag_large_get(cell, &large))
        return MAPI_E_CORRUPT_DATA;
    if (large.size <= SMALL_VALUE)
        return take_small(taking, cell->tag, &large);
    pair.from = large.id;
    pair.size = large.size;
    if (!msp_array_reserve(&taking->values->places, 1) ||
            !msp_array_reserve(&taking->values->pairs, 1) ||
            !bag_set(&taking->parcel->values, cell->tag, BAG_LARGE, cell->data, cell->size))
        return no_memory(taking->call);
    (void)msp_array_push(&taking->values->places, &place); /* there is room */
    (void)msp_array_push(&taking->values->pairs, &pair);
    return S_OK;
}

static HRESULT take_cell(struct taking *taking, const struct bag_value *cell)
{
    if ((cell->flags & BAG_LARGE) != 0)
        return take_large(taking, cell);
    return bag_set(&taking->parcel->values, cell->tag, 0, cell->data, cell->size)
                   ? S_OK
                   : no_memory(taking->call);
}

/* Can a client be given it? What is no UTF-8 goes as it is, and becomes U+FFFD when it is read. */
static bool is_whole(const struct bag_value *cell)
{
    if (!propval_is_type(PROP_TYPE(cell->tag)))
        return false;
    if ((cell->flags & BAG_LARGE) != 0 || PROP_TYPE(cell->tag) == PT_UNICODE)
        return true;
    return propval_decode_size(cell, PROP_TYPE(cell->tag)) != SIZE_MAX;
}

static HRESULT take_item(
        struct taking *taking, struct prop_object *source, const struct copy_item *item)
{
    struct prop_scratch scratch;
    struct bag_value cell;
    HRESULT hr;

    prop_scratch_init(&scratch);
    hr = prop_cell(taking->call, source, item->tag, &scratch, &cell);
    if (SUCCEEDED(hr) && propval_resolve(item->tag, cell.tag, true) == PT_ERROR)
        hr = MAPI_E_NOT_FOUND;
    if (SUCCEEDED(hr) && !is_whole(&cell))
        hr = MAPI_E_CORRUPT_DATA;
    if (SUCCEEDED(hr)) {
        cell.tag = PROP_TAG(PROP_TYPE(cell.tag), PROP_ID(item->target));
        hr = take_cell(taking, &cell);
    }
    prop_scratch_done(&scratch);
    return hr;
}

HRESULT copy_take_items(struct msp_call *call, struct prop_object *source, struct copy_task *task,
        struct copy_parcel *parcel, struct copy_values *values)
{
    struct taking taking = { call, source->logon->eng, parcel, values, S_OK };

    for (size_t i = 0; i < task->items.count; i++) {
        struct copy_item *item = MSP_ARRAY_AT(struct copy_item, &task->items, i);

        if (!copy_is_value(item))
            continue;
        item->hr = take_item(&taking, source, item);
        if (FAILED(item->hr) && copy_is_fatal(item->hr))
            return item->hr;
    }
    return S_OK;
}

/* Of an object that is taken whole. False: taking->hr ends it. */
static bool take_listed(void *context, ULONG tag, const struct bag_value *cell)
{
    struct taking *taking = context;
    HRESULT hr = MAPI_E_CORRUPT_DATA;

    if (PROP_TYPE(tag) == PT_OBJECT || copy_is_computed(tag))
        return true;
    if (is_whole(cell))
        hr = take_cell(taking, cell);
    if (FAILED(hr) && !copy_is_fatal(hr))
        taking->parcel->is_partial = true;
    else
        taking->hr = hr;
    return SUCCEEDED(taking->hr);
}

static HRESULT take_all(struct msp_call *call, struct prop_object *source,
        struct copy_parcel *parcel, struct copy_values *values)
{
    struct taking taking = { call, source->logon->eng, parcel, values, S_OK };
    struct prop_scratch scratch;
    const struct prop_lister lister = { call, source, false, take_listed, &taking, &scratch };
    HRESULT hr;

    prop_scratch_init(&scratch);
    hr = prop_list(&lister);
    prop_scratch_done(&scratch);
    return FAILED(taking.hr) ? taking.hr : hr;
}

/* --- taking parts ----------------------------------------------------------------------------- */

HRESULT copy_take_recipients(
        struct msp_call *call, struct message *source, struct copy_parcel *parcel)
{
    HRESULT hr = message_load_recipients(call, source);

    if (SUCCEEDED(hr) && !recipients_clone(&source->recipients, &parcel->recipients))
        hr = no_memory(call);
    return hr;
}

static HRESULT take_message(struct msp_call *call, struct message *source,
        struct copy_parcel *parcel, struct copy_values *values);

/* The message in an attachment. */
static HRESULT take_embedded(struct msp_call *call, struct attach *source,
        struct copy_parcel *parcel, struct copy_values *values)
{
    size_t mark = values->pairs.count;
    struct message *message = NULL;
    HRESULT hr;

    hr = message_new_embedded(call, source, 0, &message);
    if (FAILED(hr))
        return hr;
    parcel->inner = copy_parcel_new();
    hr = parcel->inner != NULL ? take_message(call, message, parcel->inner, values)
                               : no_memory(call);
    msp_object_abandon(&message->prop.object);
    if (FAILED(hr)) {
        forget_values(values, mark);
        copy_parcel_free(parcel->inner);
        parcel->inner = NULL;
    }
    return hr;
}

HRESULT copy_take_object(struct msp_call *call, struct attach *source, struct copy_parcel *parcel,
        struct copy_values *values)
{
    struct taking taking = { call, source->prop.logon->eng, parcel, values, S_OK };
    struct bag_value cell;

    switch (attach_content(source)) {
    case ATTACH_MESSAGE:
        return take_embedded(call, source, parcel, values);
    case ATTACH_STORAGE:
        (void)bag_get(&source->prop.bag, PR_ATTACH_DATA_OBJ, &cell);
        return take_cell(&taking, &cell);
    default:
        return MAPI_E_NOT_FOUND;
    }
}

static HRESULT take_attachment(struct msp_call *call, struct attach *source,
        struct copy_parcel *parcel, struct copy_values *values)
{
    HRESULT hr = take_all(call, &source->prop, parcel, values);

    if (SUCCEEDED(hr) &&
            (attach_content(source) == ATTACH_MESSAGE || attach_content(source) == ATTACH_STORAGE))
        hr = copy_take_object(call, source, parcel, values);
    if (FAILED(hr) && !copy_is_fatal(hr)) { /* the attachment goes without it */
        parcel->is_partial = true;
        hr = S_OK;
    }
    return hr;
}

HRESULT copy_take_attachment(struct msp_call *call, struct message *source, uint32_t number,
        struct copy_parcel *parcel, struct copy_values *values)
{
    struct attach *attach = NULL;
    HRESULT hr = attach_new_open(call, source, number, false, &attach);

    if (FAILED(hr))
        return hr;
    hr = take_attachment(call, attach, parcel, values);
    msp_object_abandon(&attach->prop.object);
    return hr;
}

static HRESULT take_number(struct msp_call *call, struct message *source, uint32_t number,
        struct copy_parcel *parcel, struct copy_values *values)
{
    struct copy_parcel *part = copy_parcel_new();
    HRESULT hr;

    if (part == NULL || msp_array_push(&parcel->attachments, &part) == NULL) {
        copy_parcel_free(part);
        return no_memory(call);
    }
    hr = copy_take_attachment(call, source, number, part, values);
    parcel->is_partial |= part->is_partial;
    return hr;
}

/* Recursion as deep as messages are nested: DOC_MAX_DEPTH. */
static HRESULT take_message(struct msp_call *call, struct message *source,
        struct copy_parcel *parcel, struct copy_values *values)
{
    HRESULT hr = take_all(call, &source->prop, parcel, values);

    if (SUCCEEDED(hr))
        hr = copy_take_recipients(call, source, parcel);
    if (SUCCEEDED(hr))
        hr = message_load_attachments(call, source);
    for (size_t i = 0; SUCCEEDED(hr) && i < source->attachments.items.count; i++) {
        const struct attach_item *item =
                MSP_ARRAY_AT(struct attach_item, &source->attachments.items, i);

        if (item->doc != NULL)
            hr = take_number(call, source, item->number, parcel, values);
    }
    return hr;
}

/* --- putting values --------------------------------------------------------------------------- */

/* What is in the parcel becomes the object's. */
static HRESULT merge(struct msp_call *call, struct prop_object *target, struct copy_parcel *parcel)
{
    return bag_merge(&target->bag, &parcel->values) ? S_OK : no_memory(call);
}

/* The destination is open for reading only. To a client, what goes through a stream fails alone. */
static HRESULT refuse_items(
        struct msp_call *call, struct copy_task *task, const struct copy_parcel *parcel)
{
    for (size_t i = 0; i < task->items.count; i++) {
        struct copy_item *item = MSP_ARRAY_AT(struct copy_item, &task->items, i);
        struct bag_value cell = { 0 };

        if (!copy_is_value(item))
            continue;
        (void)bag_get(&parcel->values, item->target, &cell);
        if ((cell.flags & BAG_LARGE) == 0 &&
                (cell.size <= PROP_INLINE_MAX || (cell.tag & MV_FLAG) != 0))
            return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The destination is open for reading only.");
        item->hr = MAPI_E_NO_ACCESS;
    }
    return S_OK;
}

static HRESULT judge_items(struct msp_call *call, struct prop_object *target,
        struct copy_task *task, const struct copy_parcel *parcel)
{
    for (size_t i = 0; i < task->items.count; i++) {
        struct copy_item *item = MSP_ARRAY_AT(struct copy_item, &task->items, i);
        struct bag_value cell;

        if (!copy_is_value(item))
            continue;
        if (!target->can_write)
            return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The destination is open for reading only.");
        item->hr = MAPI_E_OBJECT_CHANGED; /* a large value that went with somebody else's save */
        if (bag_get(&parcel->values, item->target, &cell))
            item->hr = prop_judge(call, target, cell.tag, &cell);
        if (item->hr == MAPI_E_NOT_ENOUGH_MEMORY)
            return item->hr;
    }
    return S_OK;
}

HRESULT copy_put_items(struct msp_call *call, struct prop_object *target, struct copy_task *task,
        struct copy_parcel *parcel)
{
    HRESULT hr;

    if (!target->can_write)
        return refuse_items(call, task, parcel);
    hr = judge_items(call, target, task, parcel);
    /* not before all are judged: a client may have listed one twice */
    for (size_t i = 0; i < task->items.count; i++) {
        const struct copy_item *item = MSP_ARRAY_AT(struct copy_item, &task->items, i);

        if (item->hr != S_OK)
            (void)bag_remove(&parcel->values, item->target); /* nothing new */
    }
    return SUCCEEDED(hr) ? merge(call, target, parcel) : hr;
}

/* Of an object that is put whole. */
static HRESULT put_all(struct msp_call *call, struct prop_object *target,
        struct copy_parcel *parcel, bool *out_partial)
{
    struct bag_iter iter = { 0 };
    struct bag_value cell;

    while (bag_next(&parcel->values, &iter, &cell)) {
        HRESULT hr = S_OK;

        if (PROP_TYPE(cell.tag) != PT_OBJECT) /* a storage's bytes */
            hr = prop_judge(call, target, cell.tag, &cell);
        if (hr == MAPI_E_NOT_ENOUGH_MEMORY)
            return hr;
        if (hr != S_OK)
            (void)bag_remove(&parcel->values, cell.tag); /* nothing new */
        *out_partial |= FAILED(hr) && hr != MAPI_E_COMPUTED;
    }
    return merge(call, target, parcel);
}

/* --- putting parts ---------------------------------------------------------------------------- */

static HRESULT put_message(struct msp_call *call, struct message *target,
        struct copy_parcel *parcel, bool *out_partial);

/* Makes the message in an attachment, which is saved into it. */
static HRESULT put_embedded(
        struct msp_call *call, struct attach *target, struct copy_parcel *parcel, bool *out_partial)
{
    struct message *message = NULL;
    HRESULT hr;

    hr = message_new_embedded(call, target, MAPI_CREATE | MAPI_MODIFY, &message);
    if (FAILED(hr))
        return hr;
    hr = put_message(call, message, parcel, out_partial);
    if (SUCCEEDED(hr))
        hr = message_save(call, &message->prop, 0);
    msp_object_abandon(&message->prop.object);
    return hr;
}

HRESULT copy_put_object(
        struct msp_call *call, struct attach *target, struct copy_parcel *parcel, bool *out_partial)
{
    *out_partial |= parcel->is_partial;
    if (!target->prop.can_write)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The destination is open for reading only.");
    if (parcel->inner != NULL)
        return put_embedded(call, target, parcel->inner, out_partial);
    return merge(call, &target->prop, parcel);
}

static HRESULT fill_attachment(
        struct msp_call *call, struct attach *target, struct copy_parcel *parcel, bool *out_partial)
{
    HRESULT hr = put_all(call, &target->prop, parcel, out_partial);

    if (SUCCEEDED(hr) && parcel->inner != NULL) {
        hr = put_embedded(call, target, parcel->inner, out_partial);
        if (FAILED(hr) && !copy_is_fatal(hr)) { /* nested too deeply */
            *out_partial = true;
            hr = S_OK;
        }
    }
    return SUCCEEDED(hr) ? attach_save(call, &target->prop, 0) : hr;
}

HRESULT copy_put_attachment(struct msp_call *call, struct message *target,
        struct copy_parcel *parcel, bool *out_partial)
{
    struct attach *attach = NULL;
    HRESULT hr = attach_new(call, target, &attach);

    if (FAILED(hr))
        return hr;
    *out_partial |= parcel->is_partial;
    hr = fill_attachment(call, attach, parcel, out_partial);
    msp_object_abandon(&attach->prop.object);
    return hr;
}

/* Recursion as deep as messages are nested: DOC_MAX_DEPTH. */
static HRESULT put_message(struct msp_call *call, struct message *target,
        struct copy_parcel *parcel, bool *out_partial)
{
    HRESULT hr = put_all(call, &target->prop, parcel, out_partial);

    *out_partial |= parcel->is_partial;
    if (SUCCEEDED(hr) && recipients_count(&parcel->recipients) > 0) {
        recipients_replace(&target->recipients, &parcel->recipients);
        message_recipients_moved(target);
    }
    for (size_t i = 0; SUCCEEDED(hr) && i < parcel->attachments.count; i++)
        hr = copy_put_attachment(call, target,
                *MSP_ARRAY_AT(struct copy_parcel *, &parcel->attachments, i), out_partial);
    return hr;
}
