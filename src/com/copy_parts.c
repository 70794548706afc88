/* SPDX-License-Identifier: MIT */
/*
 * copy_parts.c - the subobjects of messages and attachments: recipients, attachments, what lies in
 * an attachment, and through it messages in messages.
 *
 * Owns:  nothing beyond one call.
 * Locks: none is held.
 */
#include <string.h>

#include "com/copy_object.h"
#include "util/alloc.h"

enum { ROWS_AT_ONCE = 100 };

static void free_rows(const struct copy_task *task, LPSRowSet rows)
{
    for (ULONG i = 0; rows != NULL && i < rows->cRows; i++)
        mapibuf_free(task->alloc, rows->aRow[i].lpProps);
    mapibuf_free(task->alloc, rows);
}

static void release(LPUNKNOWN object)
{
    if (object != NULL)
        object->lpVtbl->Release(object);
}

static bool is_stopping(const struct copy_task *task)
{
    return msp_domain_is_stopping(task->domain);
}

/* The message behind an interface, counted. */
static HRESULT as_message(IMAPIProp *object, IMessage **out)
{
    *out = NULL;
    if (FAILED(object->lpVtbl->QueryInterface(object, &IID_IMessage, (void **)(void *)out)))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    return S_OK;
}

static HRESULT count_rows(IMAPITable *table, ULONG *out)
{
    *out = 0;
    return table->lpVtbl->GetRowCount(table, 0, out);
}

/* --- recipients ------------------------------------------------------------------------------- */

/* A column of the table, rather than a property of the recipient. */
static bool is_of_the_row(ULONG tag)
{
    static const ULONG columns[] = { PR_ROWID, PR_INSTANCE_KEY, PR_ROW_TYPE, PR_DEPTH };

    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        if (PROP_ID(columns[i]) == PROP_ID(tag))
            return true;
    }
    return PROP_TYPE(tag) == PT_ERROR || PROP_TYPE(tag) == PT_OBJECT || PROP_TYPE(tag) == PT_NULL;
}

/* What of a row belongs to the recipient, under the destination's ids, in front. */
static ULONG settle_row(SRow *row, const ULONG *targets, ULONG column_count)
{
    ULONG used = 0;

    for (ULONG i = 0; i < row->cValues && i < column_count; i++) {
        SPropValue value = row->lpProps[i];

        if (is_of_the_row(value.ulPropTag) || targets[i] == PR_NULL)
            continue;
        value.ulPropTag = PROP_TAG(PROP_TYPE(value.ulPropTag), PROP_ID(targets[i]));
        row->lpProps[used++] = value;
    }
    return used;
}

struct columns {
    LPSPropTagArray source;
    ULONG *targets;
};

static HRESULT add_rows(
        const struct columns *columns, IMessage *target, LPSRowSet rows, ULONG flags)
{
    LPADRLIST list = msp_calloc(1, sizeof(*list) + rows->cRows * sizeof(ADRENTRY));
    HRESULT hr;

    if (list == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    list->cEntries = rows->cRows;
    for (ULONG i = 0; i < rows->cRows; i++) {
        list->aEntries[i].cValues =
                settle_row(&rows->aRow[i], columns->targets, columns->source->cValues);
        list->aEntries[i].rgPropVals = rows->aRow[i].lpProps;
    }
    hr = target->lpVtbl->ModifyRecipients(target, flags, list);
    msp_free(list);
    return hr;
}

static HRESULT read_columns(const struct copy_task *task, IMAPITable *table, IMessage *source,
        IMessage *target, struct columns *out)
{
    HRESULT hr;

    hr = table->lpVtbl->QueryColumns(table, TBL_ALL_COLUMNS, &out->source);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->SetColumns(table, out->source, 0);
    if (FAILED(hr))
        return hr;
    out->targets = msp_alloc_array(out->source->cValues + 1, sizeof(ULONG));
    if (out->targets == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(out->targets, out->source->aulPropTag, out->source->cValues * sizeof(ULONG));
    return copy_map_tags(
            task, (IMAPIProp *)source, (IMAPIProp *)target, out->targets, out->source->cValues);
}

/* The first rows take the place of what was there. */
static HRESULT copy_rows(const struct copy_task *task, IMAPITable *table,
        const struct columns *columns, IMessage *target)
{
    ULONG flags = 0;
    ULONG count = 1;
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && count > 0) {
        LPSRowSet rows = NULL;

        if (is_stopping(task))
            return MAPI_E_INVALID_OBJECT;
        hr = table->lpVtbl->QueryRows(table, ROWS_AT_ONCE, 0, &rows);
        count = SUCCEEDED(hr) ? rows->cRows : 0;
        if (count > 0)
            hr = add_rows(columns, target, rows, flags);
        flags = MODRECIP_ADD;
        free_rows(task, rows);
    }
    return hr;
}

/* S_FALSE: nothing to do. */
static HRESULT recipients_to_copy(const struct copy_task *task, IMAPITable *table, IMessage *target)
{
    LPMAPITABLE there = NULL;
    ULONG count = 0;
    HRESULT hr;

    hr = count_rows(table, &count);
    if (FAILED(hr) || count == 0)
        return FAILED(hr) ? hr : S_FALSE;
    if (!task->no_replace)
        return S_OK;
    hr = target->lpVtbl->GetRecipientTable(target, 0, &there);
    if (SUCCEEDED(hr))
        hr = count_rows(there, &count);
    release((LPUNKNOWN)there);
    return FAILED(hr) ? hr : count > 0 ? S_FALSE : S_OK;
}

static HRESULT copy_recipients(const struct copy_task *task, IMessage *source, IMessage *target)
{
    struct columns columns = { NULL, NULL };
    LPMAPITABLE table = NULL;
    HRESULT hr;

    hr = source->lpVtbl->GetRecipientTable(source, MAPI_UNICODE, &table);
    if (FAILED(hr))
        return hr;
    hr = recipients_to_copy(task, table, target);
    if (hr == S_OK)
        hr = read_columns(task, table, source, target, &columns);
    if (hr == S_OK)
        hr = copy_rows(task, table, &columns, target);
    mapibuf_free(task->alloc, columns.source);
    msp_free(columns.targets);
    release((LPUNKNOWN)table);
    return hr;
}

/* --- attachments ------------------------------------------------------------------------------ */

/* The numbers of a message's attachments. */
static HRESULT read_numbers(const struct copy_task *task, IMessage *message, struct msp_buf *out)
{
    SPropTagArray column = { 1, { PR_ATTACH_NUM } };
    LPMAPITABLE table = NULL;
    ULONG count = 1;
    HRESULT hr;

    hr = message->lpVtbl->GetAttachmentTable(message, 0, &table);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->SetColumns(table, &column, 0);
    while (SUCCEEDED(hr) && count > 0) {
        LPSRowSet rows = NULL;

        hr = table->lpVtbl->QueryRows(table, ROWS_AT_ONCE, 0, &rows);
        count = SUCCEEDED(hr) ? rows->cRows : 0;
        for (ULONG i = 0; i < count; i++) {
            const SPropValue *value = &rows->aRow[i].lpProps[0];

            if (value->ulPropTag == PR_ATTACH_NUM)
                (void)msp_buf_append_u32(out, (uint32_t)value->Value.l);
        }
        free_rows(task, rows);
    }
    release((LPUNKNOWN)table);
    return SUCCEEDED(hr) && out->failed ? MAPI_E_NOT_ENOUGH_MEMORY : hr;
}

HRESULT copy_count_attachments(const struct copy_task *task, IMAPIProp *source, size_t *out)
{
    struct msp_buf numbers = MSP_BUF_INIT;
    IMessage *message = NULL;
    HRESULT hr;

    *out = 0;
    if (FAILED(as_message(source, &message)))
        return S_OK;
    hr = read_numbers(task, message, &numbers);
    *out = numbers.size / sizeof(uint32_t);
    msp_buf_free(&numbers);
    release((LPUNKNOWN)message);
    return hr;
}

static HRESULT delete_all(IMessage *message, const struct msp_buf *numbers)
{
    const uint32_t *list = (const uint32_t *)(const void *)numbers->data;
    HRESULT hr = S_OK;

    for (size_t i = 0; i < numbers->size / sizeof(uint32_t) && SUCCEEDED(hr); i++)
        hr = message->lpVtbl->DeleteAttach(message, list[i], 0, NULL, 0);
    return hr;
}

/* Everything of one attachment. S_FALSE: not everything. */
static HRESULT copy_attachment(const struct copy_task *outer, IAttach *source, IAttach *target)
{
    struct copy_task task;
    HRESULT hr;

    copy_task_init(&task, outer->alloc, outer->domain);
    hr = copy_list_items(&task, (IMAPIProp *)source, (IMAPIProp *)target);
    if (SUCCEEDED(hr))
        hr = copy_item_values(&task, (IMAPIProp *)source, (IMAPIProp *)target);
    if (SUCCEEDED(hr))
        hr = copy_attachment_data(&task, (IMAPIProp *)source, (IMAPIProp *)target);
    for (size_t i = 0; i < task.items.count && hr == S_OK; i++) {
        HRESULT item = MSP_ARRAY_AT(struct copy_item, &task.items, i)->hr;

        if (FAILED(item) && item != MAPI_E_COMPUTED)
            hr = S_FALSE;
    }
    copy_task_done(&task);
    return hr;
}

static HRESULT copy_number(
        const struct copy_task *task, IMessage *source, IMessage *target, ULONG number)
{
    LPATTACH from = NULL;
    LPATTACH to = NULL;
    ULONG made = 0;
    HRESULT result = S_OK;
    HRESULT hr;

    hr = source->lpVtbl->OpenAttach(source, number, NULL, 0, &from);
    if (SUCCEEDED(hr))
        hr = target->lpVtbl->CreateAttach(target, NULL, 0, &made, &to);
    if (SUCCEEDED(hr))
        hr = result = copy_attachment(task, from, to);
    if (SUCCEEDED(hr))
        hr = to->lpVtbl->SaveChanges(to, 0);
    release((LPUNKNOWN)from);
    release((LPUNKNOWN)to);
    return FAILED(hr) ? hr : result;
}

/* One attachment that cannot be copied does not keep the others away:
 * MAPI_W_PARTIAL_COMPLETION. */
static HRESULT copy_numbers(const struct copy_task *task, IMessage *source, IMessage *target,
        const struct msp_buf *numbers)
{
    const uint32_t *list = (const uint32_t *)(const void *)numbers->data;
    HRESULT result = S_OK;

    for (size_t i = 0; i < numbers->size / sizeof(uint32_t); i++) {
        HRESULT hr = is_stopping(task) ? MAPI_E_INVALID_OBJECT
                                       : copy_number(task, source, target, list[i]);

        if (FAILED(hr) && (copy_is_fatal(hr) || hr == MAPI_E_NO_ACCESS))
            return hr; /* it would be the same with the next */
        if (hr != S_OK)
            result = MAPI_W_PARTIAL_COMPLETION;
        if (task->progress != NULL) {
            hr = copy_progress_add(task->progress, 1);
            if (FAILED(hr))
                return hr;
        }
    }
    return result;
}

/* S_FALSE: they stay as they are. */
static HRESULT copy_attachments(const struct copy_task *task, IMessage *source, IMessage *target)
{
    struct msp_buf numbers = MSP_BUF_INIT;
    struct msp_buf there = MSP_BUF_INIT;
    HRESULT hr;

    hr = read_numbers(task, source, &numbers);
    if (SUCCEEDED(hr) && numbers.size > 0) {
        hr = read_numbers(task, target, &there);
        if (SUCCEEDED(hr) && there.size > 0 && task->no_replace)
            hr = S_FALSE;
        if (hr == S_OK)
            hr = delete_all(target, &there);
        if (hr == S_OK)
            hr = copy_numbers(task, source, target, &numbers);
    }
    msp_buf_free(&numbers);
    msp_buf_free(&there);
    return hr;
}

/* --- messages --------------------------------------------------------------------------------- */

HRESULT copy_settle_part(struct copy_item *item, HRESULT hr)
{
    if (FAILED(hr) && copy_is_fatal(hr))
        return hr;
    item->hr = hr == MAPI_W_PARTIAL_COMPLETION ? MAPI_E_CALL_FAILED : hr;
    return S_OK;
}

HRESULT copy_message_parts(struct copy_task *task, IMAPIProp *source, IMAPIProp *target)
{
    struct copy_item *recipients = copy_find_part(task, PR_MESSAGE_RECIPIENTS);
    struct copy_item *attachments = copy_find_part(task, PR_MESSAGE_ATTACHMENTS);
    IMessage *from = NULL;
    IMessage *to = NULL;
    HRESULT hr;

    if (recipients == NULL && attachments == NULL)
        return S_OK;
    hr = as_message(source, &from);
    if (SUCCEEDED(hr))
        hr = as_message(target, &to);
    if (FAILED(hr)) { /* a destination without recipients and attachments takes the rest */
        if (recipients != NULL)
            recipients->hr = hr;
        if (attachments != NULL)
            attachments->hr = hr;
        hr = S_OK;
        goto out;
    }
    if (recipients != NULL)
        hr = copy_settle_part(recipients, copy_recipients(task, from, to));
    if (SUCCEEDED(hr) && attachments != NULL)
        hr = copy_settle_part(attachments, copy_attachments(task, from, to));
out:
    release((LPUNKNOWN)from);
    release((LPUNKNOWN)to);
    return hr;
}

HRESULT copy_whole_message(const struct copy_task *outer, IMAPIProp *source, IMAPIProp *target)
{
    struct copy_task task;
    HRESULT hr;

    copy_task_init(&task, outer->alloc, outer->domain);
    hr = copy_list_items(&task, source, target);
    if (SUCCEEDED(hr))
        hr = copy_item_values(&task, source, target);
    if (SUCCEEDED(hr))
        hr = copy_message_parts(&task, source, target);
    for (size_t i = 0; i < task.items.count && hr == S_OK; i++) {
        HRESULT item = MSP_ARRAY_AT(struct copy_item, &task.items, i)->hr;

        if (FAILED(item) && item != MAPI_E_COMPUTED)
            hr = S_FALSE;
    }
    copy_task_done(&task);
    return hr;
}

/* --- what lies in an attachment --------------------------------------------------------------- */

/* Recursion as deep as messages are nested, which both stores bound. */
static HRESULT copy_embedded(const struct copy_task *task, IMAPIProp *source, IMAPIProp *target)
{
    LPUNKNOWN from = NULL;
    LPUNKNOWN to = NULL;
    HRESULT result = S_OK;
    HRESULT hr;

    hr = source->lpVtbl->OpenProperty(source, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0, &from);
    if (SUCCEEDED(hr))
        hr = target->lpVtbl->OpenProperty(
                target, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, MAPI_CREATE | MAPI_MODIFY, &to);
    if (SUCCEEDED(hr))
        hr = result = copy_whole_message(task, (IMAPIProp *)from, (IMAPIProp *)to);
    if (SUCCEEDED(hr)) {
        IMessage *message = (IMessage *)to;

        hr = message->lpVtbl->SaveChanges(message, 0);
    }
    release(from);
    release(to);
    return FAILED(hr) ? hr : result;
}

static HRESULT copy_storage(IMAPIProp *source, IMAPIProp *target)
{
    LPUNKNOWN from = NULL;
    LPUNKNOWN to = NULL;
    HRESULT hr;

    hr = source->lpVtbl->OpenProperty(source, PR_ATTACH_DATA_OBJ, &IID_IStorage, 0, 0, &from);
    if (SUCCEEDED(hr))
        hr = target->lpVtbl->OpenProperty(
                target, PR_ATTACH_DATA_OBJ, &IID_IStorage, 0, MAPI_CREATE | MAPI_MODIFY, &to);
    if (SUCCEEDED(hr)) {
        IStorage *storage = (IStorage *)from;

        hr = storage->lpVtbl->CopyTo(storage, 0, NULL, NULL, (IStorage *)to);
    }
    if (SUCCEEDED(hr)) {
        IStorage *storage = (IStorage *)to;

        hr = storage->lpVtbl->Commit(storage, STGC_DEFAULT);
    }
    release(from);
    release(to);
    return hr;
}

HRESULT copy_attachment_data(struct copy_task *task, IMAPIProp *source, IMAPIProp *target)
{
    struct copy_item *data = copy_find_part(task, PR_ATTACH_DATA_OBJ);
    HRESULT hr;

    if (data == NULL)
        return S_OK;
    hr = copy_embedded(task, source, target);
    if (hr == MAPI_E_NOT_FOUND || hr == MAPI_E_INTERFACE_NOT_SUPPORTED)
        hr = copy_storage(source, target); /* it is no message */
    return copy_settle_part(data, hr == S_FALSE ? MAPI_W_PARTIAL_COMPLETION : hr);
}
