/* SPDX-License-Identifier: MIT */
/*
 * copy_names.c - named properties keep their names when they are copied, and change their ids when
 * the destination maps names in another way (Transmitting and Copying Named Properties).
 *
 * Owns:  nothing beyond one call.
 * Locks: none is held.
 */
#include <string.h>

#include "com/copy_object.h"
#include "util/alloc.h"

/* PR_MAPPING_SIGNATURE; NULL when the object has none. */
static SPropValue *signature_of(const struct copy_task *task, IMAPIProp *object)
{
    SPropTagArray tags = { 1, { PR_MAPPING_SIGNATURE } };
    SPropValue *value = NULL;
    ULONG count = 0;

    if (object->lpVtbl->GetProps(object, &tags, 0, &count, &value) == S_OK && count == 1)
        return value;
    mapibuf_free(task->alloc, value);
    return NULL;
}

static bool is_same_mapping(const struct copy_task *task, IMAPIProp *source, IMAPIProp *target)
{
    SPropValue *one = signature_of(task, source);
    SPropValue *other = signature_of(task, target);
    bool same = false;

    if (one != NULL && other != NULL)
        same = one->Value.bin.cb == other->Value.bin.cb &&
               memcmp(one->Value.bin.lpb, other->Value.bin.lpb, one->Value.bin.cb) == 0;
    mapibuf_free(task->alloc, one);
    mapibuf_free(task->alloc, other);
    return same;
}

/* The destination's tags for names; those without a name stay 0. */
static HRESULT ask_ids(const struct copy_task *task, IMAPIProp *target, LPMAPINAMEID *names,
        ULONG count, ULONG *out)
{
    LPMAPINAMEID *known = msp_alloc_array(count, sizeof(*known));
    LPSPropTagArray ids = NULL;
    ULONG used = 0;
    HRESULT hr = S_OK;

    if (known == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (ULONG i = 0; i < count; i++) {
        if (names[i] != NULL)
            known[used++] = names[i];
    }
    if (used > 0)
        hr = target->lpVtbl->GetIDsFromNames(target, used, known, MAPI_CREATE, &ids);
    used = 0;
    for (ULONG i = 0; i < count; i++) {
        out[i] = 0;
        if (SUCCEEDED(hr) && names[i] != NULL && ids != NULL && used < ids->cValues) {
            ULONG tag = ids->aulPropTag[used++];

            out[i] = PROP_TYPE(tag) != PT_ERROR && PROP_ID(tag) != 0 ? tag : 0;
        }
    }
    mapibuf_free(task->alloc, ids);
    msp_free(known);
    return hr == MAPI_E_NOT_ENOUGH_MEMORY || hr == MAPI_E_INVALID_OBJECT ? hr : S_OK;
}

static HRESULT map_named(const struct copy_task *task, IMAPIProp *source, IMAPIProp *target,
        LPSPropTagArray named, ULONG *out)
{
    LPMAPINAMEID *names = NULL;
    ULONG count = 0;
    HRESULT hr;

    memset(out, 0, named->cValues * sizeof(*out));
    hr = source->lpVtbl->GetNamesFromIDs(source, &named, NULL, 0, &count, &names);
    if (SUCCEEDED(hr) && count == named->cValues)
        hr = ask_ids(task, target, names, count, out);
    mapibuf_free(task->alloc, names);
    return hr;
}

HRESULT copy_map_tags(const struct copy_task *task, IMAPIProp *source, IMAPIProp *target,
        ULONG *tags, size_t tag_count)
{
    LPSPropTagArray named;
    ULONG *mapped;
    ULONG count = 0;
    HRESULT hr = S_OK;

    for (size_t i = 0; i < tag_count; i++)
        count += copy_is_named(tags[i]);
    if (count == 0 || (!task->other_file && is_same_mapping(task, source, target)))
        return S_OK;
    named = msp_calloc(1, sizeof(*named) + count * sizeof(ULONG));
    mapped = msp_alloc_array(count, sizeof(*mapped));
    if (named == NULL || mapped == NULL)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < tag_count && SUCCEEDED(hr); i++) {
        if (copy_is_named(tags[i]))
            named->aulPropTag[named->cValues++] = tags[i];
    }
    if (SUCCEEDED(hr))
        hr = map_named(task, source, target, named, mapped);
    count = 0;
    for (size_t i = 0; i < tag_count && SUCCEEDED(hr); i++) {
        if (!copy_is_named(tags[i]))
            continue;
        tags[i] =
                mapped[count] != 0 ? PROP_TAG(PROP_TYPE(tags[i]), PROP_ID(mapped[count])) : PR_NULL;
        count++;
    }
    msp_free(named);
    msp_free(mapped);
    return hr;
}

HRESULT copy_map_names(struct copy_task *task, IMAPIProp *source, IMAPIProp *target)
{
    struct copy_item *items = MSP_ARRAY_ITEMS(struct copy_item, &task->items);
    size_t count = task->items.count;
    ULONG *tags = msp_alloc_array(count + 1, sizeof(*tags));
    HRESULT hr;

    if (tags == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < count; i++)
        tags[i] = items[i].hr == S_OK ? items[i].tag : PR_NULL;
    hr = copy_map_tags(task, source, target, tags, count);
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++) {
        if (items[i].hr != S_OK)
            continue;
        items[i].target = tags[i];
        if (tags[i] == PR_NULL)
            items[i].hr = MAPI_E_NOT_FOUND; /* no name to take along */
    }
    msp_free(tags);
    return hr;
}
