/* SPDX-License-Identifier: MIT */
/*
 * copy_object.c - which properties of an object are copied to another, and how: with SetProps, or
 * through streams when they are large.
 *
 * Owns:  nothing beyond one call.
 * Locks: none is held.
 */
#include "com/copy_object.h"

#include <string.h>

#include "mapi/rtf_lzfu.h"
#include "util/alloc.h"

enum {
    STREAM_BLOCK = 64 * 1024,
    LAST_FOLDER_ID = 0x35FF /* of the properties that name a store's folders */
};

void copy_task_init(
        struct copy_task *task, const struct mapi_alloc *alloc, struct msp_domain *domain)
{
    memset(task, 0, sizeof(*task));
    task->alloc = alloc;
    task->domain = domain;
    msp_array_init(&task->items, sizeof(struct copy_item));
}

void copy_task_done(struct copy_task *task)
{
    msp_array_free(&task->items);
}

/* --- what is to be copied --------------------------------------------------------------------- */

bool copy_is_computed(ULONG tag)
{
    static const ULONG computed[] = { PR_ENTRYID, PR_PARENT_ENTRYID, PR_RECORD_KEY,
        PR_STORE_ENTRYID, PR_STORE_RECORD_KEY, PR_MAPPING_SIGNATURE, PR_OBJECT_TYPE, PR_ACCESS,
        PR_ACCESS_LEVEL, PR_INSTANCE_KEY, PR_MESSAGE_SIZE, PR_MSG_STATUS, PR_HASATTACH,
        PR_NORMALIZED_SUBJECT, PR_DISPLAY_TO, PR_DISPLAY_CC, PR_DISPLAY_BCC, PR_ATTACH_SIZE,
        PR_ATTACH_NUM, PR_FOLDER_TYPE, PR_CONTENT_COUNT, PR_CONTENT_UNREAD, PR_ASSOC_CONTENT_COUNT,
        PR_FOLDER_CHILD_COUNT, PR_SUBFOLDERS, PR_STORE_SUPPORT_MASK };

    for (size_t i = 0; i < sizeof(computed) / sizeof(computed[0]); i++) {
        if (PROP_ID(computed[i]) == PROP_ID(tag))
            return true;
    }
    /* a store's folders are found by these: another store has its own */
    return PROP_ID(tag) >= PROP_ID(PR_VALID_FOLDER_MASK) && PROP_ID(tag) <= LAST_FOLDER_ID;
}

/* On a root folder: where Calendar, Drafts, Junk Email and so on are. Elsewhere it would lead back
 * to those of the source's store. */
static bool leads_to_folders(ULONG tag)
{
    return (PROP_ID(tag) >= PROP_ID(PR_IPM_APPOINTMENT_ENTRYID) &&
                   PROP_ID(tag) <= PROP_ID(PR_ADDITIONAL_REN_ENTRYIDS_EX)) ||
           PROP_ID(tag) == PROP_ID(PR_FREEBUSY_ENTRYIDS);
}

/* A subobject that somebody here knows how to copy. */
static bool is_known_part(ULONG tag)
{
    static const ULONG parts[] = { PR_MESSAGE_RECIPIENTS, PR_MESSAGE_ATTACHMENTS,
        PR_ATTACH_DATA_OBJ, PR_CONTAINER_CONTENTS, PR_CONTAINER_HIERARCHY,
        PR_FOLDER_ASSOCIATED_CONTENTS };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (PROP_ID(parts[i]) == PROP_ID(tag))
            return true;
    }
    return false;
}

static bool has_id(const SPropTagArray *tags, ULONG tag)
{
    for (ULONG i = 0; tags != NULL && i < tags->cValues; i++) {
        if (PROP_ID(tags->aulPropTag[i]) == PROP_ID(tag))
            return true;
    }
    return false;
}

static bool add_item(struct copy_task *task, ULONG tag, ULONG index, HRESULT hr)
{
    struct copy_item item = { tag, tag, index, hr };

    return msp_array_push(&task->items, &item) != NULL;
}

/* Everything the source has, but for what is excluded. */
static bool list_all(struct copy_task *task, const SPropTagArray *has)
{
    bool ok = true;

    for (ULONG i = 0; i < has->cValues && ok; i++) {
        if (!has_id(task->tags, has->aulPropTag[i]))
            ok = add_item(task, has->aulPropTag[i], i, S_OK);
    }
    return ok;
}

/* What the client has listed, under the type the source has it with. */
static bool list_wanted(struct copy_task *task, const SPropTagArray *has)
{
    bool ok = true;

    for (ULONG i = 0; i < task->tags->cValues && ok; i++) {
        ULONG tag = task->tags->aulPropTag[i];
        HRESULT hr = MAPI_E_NOT_FOUND;

        for (ULONG j = 0; j < has->cValues && FAILED(hr); j++) {
            if (PROP_ID(has->aulPropTag[j]) != PROP_ID(tag))
                continue;
            tag = has->aulPropTag[j];
            hr = S_OK;
        }
        ok = add_item(task, tag, i, hr);
    }
    return ok;
}

/* A table: every object of its kind has it, be it empty. */
static bool is_table(ULONG tag)
{
    return PROP_TYPE(tag) == PT_OBJECT && PROP_ID(tag) != PROP_ID(PR_ATTACH_DATA_OBJ);
}

/* Takes out what may not, or need not, go. */
static void judge_items(struct copy_task *task, const SPropTagArray *there)
{
    struct copy_item *items = MSP_ARRAY_ITEMS(struct copy_item, &task->items);

    for (size_t i = 0; i < task->items.count; i++) {
        ULONG tag = items[i].tag;

        if (items[i].hr != S_OK)
            continue;
        if (PROP_TYPE(tag) == PT_OBJECT && task->without_parts)
            items[i].hr = S_FALSE;
        else if (PROP_TYPE(tag) == PT_OBJECT && !is_known_part(tag))
            items[i].hr = MAPI_E_NO_SUPPORT;
        else if (copy_is_computed(tag) || (task->of_folder && leads_to_folders(tag)))
            items[i].hr = MAPI_E_COMPUTED;
        else if (there != NULL && !is_table(tag) && has_id(there, items[i].target))
            items[i].hr = S_FALSE;
    }
}

HRESULT copy_list_items(struct copy_task *task, IMAPIProp *source, IMAPIProp *target)
{
    LPSPropTagArray has = NULL;
    LPSPropTagArray there = NULL;
    HRESULT hr;

    hr = source->lpVtbl->GetPropList(source, MAPI_UNICODE, &has);
    if (SUCCEEDED(hr) && !(task->only_listed ? list_wanted(task, has) : list_all(task, has)))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (SUCCEEDED(hr) && !task->same_names)
        hr = copy_map_names(task, source, target);
    if (SUCCEEDED(hr) && task->no_replace)
        hr = target->lpVtbl->GetPropList(target, MAPI_UNICODE, &there);
    if (SUCCEEDED(hr))
        judge_items(task, there);
    mapibuf_free(task->alloc, has);
    mapibuf_free(task->alloc, there);
    return hr;
}

struct copy_item *copy_find_part(struct copy_task *task, ULONG tag)
{
    struct copy_item *items = MSP_ARRAY_ITEMS(struct copy_item, &task->items);

    for (size_t i = 0; i < task->items.count; i++) {
        if (PROP_ID(items[i].tag) == PROP_ID(tag) && PROP_TYPE(items[i].tag) == PT_OBJECT &&
                items[i].hr == S_OK)
            return &items[i];
    }
    return NULL;
}

/* --- text ------------------------------------------------------------------------------------- */

static uint32_t read_u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/* The header says more than there is, or the magic number is none. */
static bool is_good_rtf(const uint8_t head[16], uint64_t size)
{
    uint32_t magic = read_u32(head + 8);

    return (uint64_t)read_u32(head) + 4 <= size &&
           (magic == RTF_LZFU_COMPRESSED || magic == RTF_LZFU_UNCOMPRESSED);
}

/* Is the source's formatted text there, and damaged? */
static bool has_bad_rtf(IMAPIProp *source)
{
    uint8_t head[16] = { 0 };
    LPUNKNOWN object = NULL;
    STATSTG stat = { 0 };
    IStream *stream;
    ULONG got = 0;
    bool bad = false;

    if (FAILED(source->lpVtbl->OpenProperty(
                source, PR_RTF_COMPRESSED, &IID_IStream, 0, 0, &object)))
        return false;
    stream = (IStream *)object;
    if (SUCCEEDED(stream->lpVtbl->Stat(stream, &stat, STATFLAG_NONAME)) &&
            SUCCEEDED(stream->lpVtbl->Read(stream, head, sizeof(head), &got)))
        bad = got < sizeof(head) || !is_good_rtf(head, stat.cbSize.QuadPart);
    stream->lpVtbl->Release(stream);
    return bad;
}

static bool lists_id(const struct copy_task *task, ULONG tag)
{
    const struct copy_item *items = MSP_ARRAY_ITEMS(const struct copy_item, &task->items);

    for (size_t i = 0; i < task->items.count; i++) {
        if (PROP_ID(items[i].tag) == PROP_ID(tag) && items[i].hr == S_OK)
            return true;
    }
    return false;
}

HRESULT copy_keep_text(struct copy_task *task, IMAPIProp *source)
{
    SPropTagArray body = { 1, { PR_BODY_W } };
    SPropValue *value = NULL;
    ULONG count = 0;
    bool has_body;

    if (task->only_listed || !has_id(task->tags, PR_BODY_W) || !lists_id(task, PR_RTF_COMPRESSED) ||
            !has_bad_rtf(source))
        return S_OK;
    has_body = SUCCEEDED(source->lpVtbl->GetProps(source, &body, MAPI_UNICODE, &count, &value)) &&
               count == 1 &&
               (value->ulPropTag == PR_BODY_W || value->Value.err == MAPI_E_NOT_ENOUGH_MEMORY);
    mapibuf_free(task->alloc, value);
    if (has_body && !add_item(task, PR_BODY_W, (ULONG)task->items.count, S_OK))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    return S_OK;
}

/* --- large values ----------------------------------------------------------------------------- */

static HRESULT pump(const struct copy_task *task, IStream *from, IStream *to)
{
    uint8_t *block = msp_alloc(STREAM_BLOCK);
    ULONG got = 1;
    HRESULT hr = block != NULL ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    while (SUCCEEDED(hr) && got > 0) {
        ULONG put = 0;

        if (msp_domain_is_stopping(task->domain)) {
            hr = MAPI_E_INVALID_OBJECT;
            break;
        }
        got = 0;
        hr = from->lpVtbl->Read(from, block, STREAM_BLOCK, &got);
        if (SUCCEEDED(hr) && got > 0)
            hr = to->lpVtbl->Write(to, block, got, &put);
        if (SUCCEEDED(hr) && put < got)
            hr = MAPI_E_NOT_ENOUGH_DISK;
    }
    if (SUCCEEDED(hr))
        hr = to->lpVtbl->Commit(to, STGC_DEFAULT);
    if (FAILED(hr)) /* half a value is none: the last Release is not to keep it */
        (void)to->lpVtbl->Revert(to);
    msp_free(block);
    return hr;
}

static HRESULT copy_stream(const struct copy_task *task, IMAPIProp *source, ULONG source_tag,
        IMAPIProp *target, ULONG target_tag)
{
    LPUNKNOWN from = NULL;
    LPUNKNOWN to = NULL;
    HRESULT hr;

    hr = source->lpVtbl->OpenProperty(source, source_tag, &IID_IStream, 0, 0, &from);
    if (SUCCEEDED(hr))
        hr = target->lpVtbl->OpenProperty(
                target, target_tag, &IID_IStream, STGM_READWRITE, MAPI_CREATE | MAPI_MODIFY, &to);
    if (SUCCEEDED(hr))
        hr = pump(task, (IStream *)from, (IStream *)to);
    if (from != NULL)
        from->lpVtbl->Release(from);
    if (to != NULL)
        to->lpVtbl->Release(to);
    return hr;
}

/* --- values ----------------------------------------------------------------------------------- */

/* The values of one GetProps, those that go with SetProps in front. */
struct values {
    struct copy_task *task;
    SPropValue *all;
    size_t *items; /* item of each value */
    ULONG count;   /* to set */
};

bool copy_is_value(const struct copy_item *item)
{
    return item->hr == S_OK && PROP_TYPE(item->tag) != PT_OBJECT;
}

static struct copy_item *item_at(const struct values *values, size_t index)
{
    return MSP_ARRAY_AT(struct copy_item, &values->task->items, values->items[index]);
}

/* Reads all values that are to be copied; large ones come as errors. */
static HRESULT read_values(struct values *values, IMAPIProp *source, ULONG *out_count)
{
    struct copy_task *task = values->task;
    const struct copy_item *items = MSP_ARRAY_ITEMS(struct copy_item, &task->items);
    LPSPropTagArray tags = msp_calloc(1, sizeof(*tags) + (task->items.count + 1) * sizeof(ULONG));
    HRESULT hr = S_OK;

    *out_count = 0;
    values->items = msp_alloc_array(task->items.count + 1, sizeof(*values->items));
    if (tags == NULL || values->items == NULL)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < task->items.count && SUCCEEDED(hr); i++) {
        if (!copy_is_value(&items[i]))
            continue;
        values->items[tags->cValues] = i;
        tags->aulPropTag[tags->cValues++] = items[i].tag;
    }
    if (SUCCEEDED(hr) && tags->cValues > 0)
        hr = source->lpVtbl->GetProps(source, tags, MAPI_UNICODE, out_count, &values->all);
    if (SUCCEEDED(hr) && *out_count != tags->cValues)
        hr = MAPI_E_CALL_FAILED;
    msp_free(tags);
    return hr;
}

/* Large ones go on their own; what is left to set moves to the front. */
static HRESULT sort_values(struct values *values, ULONG count, IMAPIProp *source, IMAPIProp *target)
{
    HRESULT hr = S_OK;

    values->count = 0;
    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++) {
        struct copy_item *item = item_at(values, i);

        if (PROP_TYPE(values->all[i].ulPropTag) != PT_ERROR) {
            values->all[values->count] = values->all[i];
            values->all[values->count].ulPropTag =
                    PROP_TAG(PROP_TYPE(values->all[i].ulPropTag), PROP_ID(item->target));
            values->items[values->count++] = values->items[i];
            continue;
        }
        item->hr = values->all[i].Value.err;
        if (item->hr == MAPI_E_NOT_ENOUGH_MEMORY)
            item->hr = copy_stream(values->task, source, item->tag, target,
                    PROP_TAG(PROP_TYPE(item->tag), PROP_ID(item->target)));
        if (FAILED(item->hr) && copy_is_fatal(item->hr))
            hr = item->hr;
    }
    return hr;
}

/* Some of the values at once. */
static HRESULT set_values(struct values *values, ULONG first, ULONG count, IMAPIProp *target)
{
    LPSPropProblemArray problems = NULL;
    HRESULT hr;

    hr = target->lpVtbl->SetProps(target, count, values->all + first, &problems);
    if (SUCCEEDED(hr) && problems != NULL) {
        for (ULONG i = 0; i < problems->cProblem; i++) {
            const SPropProblem *problem = &problems->aProblem[i];

            if (problem->ulIndex < count)
                item_at(values, first + problem->ulIndex)->hr =
                        FAILED(problem->scode) ? problem->scode : MAPI_E_CALL_FAILED;
        }
    }
    if (SUCCEEDED(hr))
        mapibuf_free(values->task->alloc, problems);
    return hr;
}

/* One value that the destination refuses must not keep the others away. */
static HRESULT set_one_by_one(struct values *values, IMAPIProp *target)
{
    for (ULONG i = 0; i < values->count; i++) {
        HRESULT hr = set_values(values, i, 1, target);

        if (FAILED(hr) && (copy_is_fatal(hr) || hr == MAPI_E_NO_ACCESS))
            return hr;
        if (FAILED(hr))
            item_at(values, i)->hr = hr;
    }
    return S_OK;
}

HRESULT copy_item_values(struct copy_task *task, IMAPIProp *source, IMAPIProp *target)
{
    struct values values = { task, NULL, NULL, 0 };
    ULONG count = 0;
    HRESULT hr;

    hr = read_values(&values, source, &count);
    if (SUCCEEDED(hr))
        hr = sort_values(&values, count, source, target);
    if (SUCCEEDED(hr) && values.count > 0) {
        hr = set_values(&values, 0, values.count, target);
        if (FAILED(hr) && !copy_is_fatal(hr) && hr != MAPI_E_NO_ACCESS)
            hr = set_one_by_one(&values, target);
    }
    mapibuf_free(task->alloc, values.all);
    msp_free(values.items);
    return hr;
}

/* --- moving ----------------------------------------------------------------------------------- */

HRESULT copy_remove_moved(struct copy_task *task, IMAPIProp *source)
{
    struct copy_item *items = MSP_ARRAY_ITEMS(struct copy_item, &task->items);
    LPSPropTagArray tags = msp_calloc(1, sizeof(*tags) + (task->items.count + 1) * sizeof(ULONG));
    LPSPropProblemArray problems = NULL;
    HRESULT hr = S_OK;

    if (tags == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < task->items.count; i++) {
        if (items[i].hr == S_OK)
            tags->aulPropTag[tags->cValues++] = items[i].tag;
    }
    if (tags->cValues > 0)
        hr = source->lpVtbl->DeleteProps(source, tags, &problems);
    for (ULONG i = 0; SUCCEEDED(hr) && problems != NULL && i < problems->cProblem; i++) {
        ULONG tag = problems->aProblem[i].ulPropTag;

        for (size_t j = 0; j < task->items.count; j++) {
            if (PROP_ID(items[j].tag) == PROP_ID(tag) && items[j].hr == S_OK)
                items[j].hr = problems->aProblem[i].scode;
        }
    }
    if (SUCCEEDED(hr))
        mapibuf_free(task->alloc, problems);
    msp_free(tags);
    return hr;
}
