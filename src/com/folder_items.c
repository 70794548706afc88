/* SPDX-License-Identifier: MIT */
/*
 * folder_items.c - IMAPIFolder's methods on the messages of a folder: create, delete, read flags,
 * status.
 *
 * Owns:  nothing.
 * Locks: the methods take the domain lock; every snake_case function here runs under it.
 */
#include <stdlib.h>

#include "com/folder_int.h"
#include "com/message.h"
#include "com/report.h"
#include "com/search.h"

enum {
    CHUNK = 1000,         /* messages in one transaction */
    MAX_ITEMS = 0x1000000 /* a longer list is a mistake, not a request */
};

/* --- lists of messages
 * ---------------------------------------------------------------------------------- */

/* One walk over messages. */
struct walk {
    ULONG flags;
    struct msp_buf writers; /* uint64_t, in order: messages held open for writing */
    struct msp_buf due;     /* uint64_t: messages that wait for a report when the walk is done */
    bool reported;          /* that has been seen to */
    size_t left_out;        /* how many could not be done */
};

/* What is done to each message, in the open transaction: S_OK, or why this one is left out
 * (counted, not fatal). */
typedef HRESULT (*item_fn)(
        struct msp_call *call, struct folder *folder, uint64_t id, struct walk *walk);

/* Reasons that stop everything, rather than one message. */
static bool is_fatal(HRESULT hr)
{
    return hr == MAPI_E_NOT_ENOUGH_MEMORY || hr == MAPI_E_NOT_ENOUGH_DISK ||
           hr == MAPI_E_DISK_ERROR || hr == MAPI_E_CORRUPT_STORE || hr == MAPI_E_BUSY ||
           hr == MAPI_E_INVALID_OBJECT;
}

/* All messages named by the ids, CHUNK in a transaction. */
static HRESULT each_id(struct msp_call *call, struct folder *folder, const struct msp_buf *ids,
        item_fn fn, struct walk *walk)
{
    const uint64_t *list = (const uint64_t *)(const void *)ids->data;
    size_t count = ids->size / sizeof(uint64_t);
    struct eng *eng = folder->prop.logon->eng;
    HRESULT hr = S_OK;

    for (size_t start = 0; start < count && SUCCEEDED(hr); start += CHUNK) {
        size_t due = walk->due.size;

        hr = msp_from_engine(call, eng, eng_begin(eng, true));
        if (FAILED(hr))
            return hr;
        for (size_t i = start; i < count && i < start + CHUNK && SUCCEEDED(hr); i++) {
            HRESULT item = fn(call, folder, list[i], walk);

            if (FAILED(item) && is_fatal(item))
                hr = item;
            else if (FAILED(item))
                walk->left_out++;
        }
        if (FAILED(hr))
            eng_rollback(eng);
        else
            hr = msp_from_engine(call, eng, eng_commit(eng));
        if (FAILED(hr))
            msp_buf_truncate(&walk->due, due); /* rolled back */
    }
    return hr;
}

/* The messages of a client's list. What is no message of this store is left out.
 * MAPI_W_PARTIAL_COMPLETION. */
static HRESULT each_item(struct msp_call *call, struct folder *folder, const ENTRYLIST *list,
        item_fn fn, struct walk *walk)
{
    struct msp_buf ids = MSP_BUF_INIT;
    HRESULT hr = S_OK;

    for (ULONG i = 0; i < list->cValues; i++) {
        struct entryid entryid;

        if (FAILED(logon_read_entryid(
                    folder->prop.logon, list->lpbin[i].cb, list->lpbin[i].lpb, &entryid)) ||
                entryid.kind != ENTRYID_MESSAGE)
            walk->left_out++;
        else
            msp_buf_append_u64(&ids, entryid.id);
    }
    hr = ids.failed ? msp_from_engine(call, NULL, ENG_NO_MEMORY)
                    : each_id(call, folder, &ids, fn, walk);
    msp_buf_free(&ids);
    return hr;
}

/* All normal, or all associated, messages of the folder. */
static HRESULT each_of_folder(struct msp_call *call, struct folder *folder, bool associated,
        item_fn fn, struct walk *walk)
{
    struct eng *eng = folder->prop.logon->eng;
    struct msp_buf ids = MSP_BUF_INIT;
    HRESULT hr;

    if (folder->row.type == ENG_FOLDER_SEARCH && !associated)
        hr = search_ids(call, folder->prop.logon, folder->row.id, &ids);
    else
        hr = msp_from_engine(call, eng, eng_msg_ids(eng, folder->row.id, associated, &ids));
    if (SUCCEEDED(hr))
        hr = each_id(call, folder, &ids, fn, walk);
    msp_buf_free(&ids);
    return hr;
}

/* The answer to a walk. */
static HRESULT walk_end(struct walk *walk, HRESULT hr)
{
    msp_buf_free(&walk->writers);
    msp_buf_free(&walk->due);
    return SUCCEEDED(hr) && walk->left_out > 0 ? MAPI_W_PARTIAL_COMPLETION : hr;
}

bool folder_is_list(const ENTRYLIST *messages)
{
    if (messages == NULL || messages->cValues > MAX_ITEMS ||
            (messages->cValues > 0 && messages->lpbin == NULL))
        return false;
    for (ULONG i = 0; i < messages->cValues; i++) {
        if (messages->lpbin[i].lpb == NULL && messages->lpbin[i].cb > 0)
            return false;
    }
    return true;
}

/* Is the message in this folder? An entry id of a message elsewhere in the store is not ours to act
 * on. */
static HRESULT row_in_folder(
        struct msp_call *call, struct folder *folder, uint64_t id, struct eng_msg *row)
{
    struct eng *eng = folder->prop.logon->eng;
    struct msp_buf texts = MSP_BUF_INIT;
    enum eng_status status;
    bool is_here = false;
    HRESULT hr = S_OK;

    status = eng_msg_get(eng, id, row, &texts, NULL);
    msp_buf_free(&texts);
    if (status != ENG_OK)
        return msp_from_engine(call, eng, status);
    if (folder->row.type == ENG_FOLDER_SEARCH) /* its results are as good as its own */
        hr = search_has(call, folder->prop.logon, folder->row.id, row, &is_here);
    else
        is_here = row->folder == folder->row.id;
    if (SUCCEEDED(hr) && !is_here)
        hr = msp_fail(call, MAPI_E_NOT_FOUND, 0, "The message is not in this folder.");
    return hr;
}

/* --- create
 * -----------------------------------------------------------------------------------------------
 */

static HRESULT create_message(
        struct msp_call *call, struct folder *folder, LPCIID iid, ULONG flags, LPMESSAGE *out)
{
    LPUNKNOWN created = NULL;
    HRESULT hr;

    hr = folder_for_change(call, folder);
    if (FAILED(hr))
        return hr;
    if (folder->row.type == ENG_FOLDER_SEARCH)
        return msp_fail(
                call, MAPI_E_NO_ACCESS, 0, "Messages cannot be created in a search folder.");
    hr = message_create(call, folder->prop.logon, folder->row.id, (flags & MAPI_ASSOCIATED) != 0,
            iid, &created);
    *out = (LPMESSAGE)created;
    return hr;
}

HRESULT STDMETHODCALLTYPE folder_CreateMessage(
        IMAPIFolder *iface, LPCIID iid, ULONG flags, LPMESSAGE *out)
{
    struct folder *folder = folder_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out);
    MSP_NEED(out != NULL);
    MSP_NEED_FLAGS(flags, MAPI_ASSOCIATED | MAPI_DEFERRED_ERRORS | ITEMPROC_FORCE);

    hr = msp_call_begin(&call, &folder->prop.object);
    if (FAILED(hr))
        return hr;
    hr = create_message(&call, folder, iid, flags, out);
    return msp_call_end(&call, hr);
}

/* --- delete
 * -----------------------------------------------------------------------------------------------
 */

/* Does the sender want to know that it goes unread? */
static HRESULT wants_nonread_report(
        struct msp_call *call, struct eng *eng, const struct eng_msg *row, bool *out)
{
    struct msp_buf texts = MSP_BUF_INIT;
    struct msp_buf packed = MSP_BUF_INIT;
    struct eng_msg again;
    enum eng_status status;

    *out = false;
    if ((row->flags & MSGFLAG_NRN_PENDING) == 0 || (row->flags & MSGFLAG_READ) != 0)
        return S_OK;
    status = eng_msg_get(eng, row->id, &again, &texts, &packed);
    if (status == ENG_OK)
        *out = report_is_due(again.flags, packed.data, packed.size, MAPI_NON_READ);
    else if (status == ENG_CORRUPT)
        status = ENG_OK; /* it can be deleted all the same */
    msp_buf_free(&texts);
    msp_buf_free(&packed);
    return msp_from_engine(call, eng, status);
}

/* A message that a nonread report is about is needed for it: it goes after the walk. */
static HRESULT delete_item(
        struct msp_call *call, struct folder *folder, uint64_t id, struct walk *walk)
{
    struct eng *eng = folder->prop.logon->eng;
    bool report = false;
    struct eng_msg row;
    HRESULT hr;

    hr = row_in_folder(call, folder, id, &row);
    if (FAILED(hr))
        return hr;
    if ((row.flags & MSGFLAG_SUBMIT) != 0)
        return MAPI_E_SUBMITTED;
    if (!walk->reported)
        hr = wants_nonread_report(call, eng, &row, &report);
    if (FAILED(hr))
        return hr;
    if (!report)
        return msp_from_engine(call, eng, eng_msg_delete(eng, id));
    if (!msp_buf_append(&walk->due, &id, sizeof(id)))
        return msp_from_engine(call, NULL, ENG_NO_MEMORY);
    return msp_from_engine(call, eng,
            eng_msg_set_flags(eng, id, MSGFLAG_RN_PENDING | MSGFLAG_NRN_PENDING, 0, NULL));
}

/* Reports that messages go unread, and deletes them. The lock is left meanwhile. */
static HRESULT delete_reported(struct msp_call *call, struct folder *folder, struct walk *walk)
{
    const struct walk nothing = { 0 };
    struct msp_buf ids = walk->due;
    const uint64_t *list = (const uint64_t *)(const void *)ids.data;
    HRESULT hr = S_OK;

    walk->due = nothing.due;
    for (size_t i = 0; i < ids.size / sizeof(uint64_t) && hr != MAPI_E_INVALID_OBJECT; i++)
        hr = report_send(call, folder->prop.logon, list[i], NULL, MAPI_NON_READ);
    if (hr != MAPI_E_INVALID_OBJECT && ids.size > 0) {
        walk->reported = true;
        hr = each_id(call, folder, &ids, delete_item, walk);
    } else if (hr != MAPI_E_INVALID_OBJECT) {
        hr = S_OK;
    }
    msp_buf_free(&ids);
    return hr;
}

HRESULT STDMETHODCALLTYPE folder_DeleteMessages(IMAPIFolder *iface, LPENTRYLIST messages,
        ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags)
{
    struct folder *folder = folder_from_iface(iface);
    struct walk walk = { .flags = flags };
    struct msp_call call;
    HRESULT hr;

    MSP_UNUSED(ui);
    MSP_UNUSED(progress);
    MSP_NEED(folder_is_list(messages));
    MSP_NEED_FLAGS(flags, MESSAGE_DIALOG | DELETE_HARD_DELETE);

    hr = msp_call_begin(&call, &folder->prop.object);
    if (FAILED(hr))
        return hr;
    hr = folder_for_change(&call, folder);
    if (SUCCEEDED(hr))
        hr = each_item(&call, folder, messages, delete_item, &walk);
    if (SUCCEEDED(hr))
        hr = delete_reported(&call, folder, &walk);
    return msp_call_end(&call, walk_end(&walk, hr));
}

static bool add_child(void *context, const struct eng_folder *child, const char *name,
        size_t name_size, const void *packed, size_t packed_size)
{
    MSP_UNUSED(name);
    MSP_UNUSED(name_size);
    MSP_UNUSED(packed);
    MSP_UNUSED(packed_size);
    return msp_buf_append_u64(context, child->id);
}

/* Subfolders go with all they hold, unless the store needs them. */
static HRESULT delete_children(struct msp_call *call, struct folder *folder, size_t *left_out)
{
    struct logon *logon = folder->prop.logon;
    struct msp_buf ids = MSP_BUF_INIT;
    const uint64_t *list;
    HRESULT hr;

    hr = msp_from_engine(
            call, logon->eng, eng_folder_children(logon->eng, folder->row.id, add_child, &ids));
    if (SUCCEEDED(hr) && ids.failed)
        hr = msp_from_engine(call, NULL, ENG_NO_MEMORY);
    list = (const uint64_t *)(const void *)ids.data;
    for (size_t i = 0; i < ids.size / sizeof(uint64_t) && SUCCEEDED(hr); i++) {
        if (store_is_special_folder(logon, list[i]))
            ++*left_out;
        else
            hr = folder_delete_tree(
                    call, logon->eng, list[i], ENG_DELETE_FOLDERS | ENG_DELETE_MESSAGES, left_out);
    }
    msp_buf_free(&ids);
    return hr;
}

static HRESULT empty_folder(struct msp_call *call, struct folder *folder, struct walk *walk)
{
    HRESULT hr;

    hr = folder_for_change(call, folder);
    if (FAILED(hr))
        return hr;
    if (folder->row.type == ENG_FOLDER_SEARCH)
        return msp_fail(call, MAPI_E_NO_SUPPORT, 0,
                "A search folder cannot be emptied: its messages lie in other folders.");
    hr = each_of_folder(call, folder, false, delete_item, walk);
    if (SUCCEEDED(hr) && (walk->flags & DEL_ASSOCIATED) != 0)
        hr = each_of_folder(call, folder, true, delete_item, walk);
    if (SUCCEEDED(hr))
        hr = delete_children(call, folder, &walk->left_out);
    return SUCCEEDED(hr) ? delete_reported(call, folder, walk) : hr;
}

HRESULT STDMETHODCALLTYPE folder_EmptyFolder(
        IMAPIFolder *iface, ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags)
{
    struct folder *folder = folder_from_iface(iface);
    struct walk walk = { .flags = flags };
    struct msp_call call;
    HRESULT hr;

    MSP_UNUSED(ui);
    MSP_UNUSED(progress);
    MSP_NEED_FLAGS(flags, DEL_ASSOCIATED | FOLDER_DIALOG | DELETE_HARD_DELETE);

    hr = msp_call_begin(&call, &folder->prop.object);
    if (FAILED(hr))
        return hr;
    hr = empty_folder(&call, folder, &walk);
    return msp_call_end(&call, walk_end(&walk, hr));
}

/* --- read flags
 * --------------------------------------------------------------------------------------------- */

static int compare_ids(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a;
    uint64_t second = *(const uint64_t *)b;

    return first < second ? -1 : first > second;
}

static HRESULT set_read_flag_item(
        struct msp_call *call, struct folder *folder, uint64_t id, struct walk *walk)
{
    const struct msp_buf *writers = &walk->writers;
    bool report = false;
    struct eng_msg row;
    HRESULT hr;

    hr = row_in_folder(call, folder, id, &row);
    if (FAILED(hr))
        return hr;
    if ((row.flags & MSGFLAG_SUBMIT) != 0)
        return MAPI_E_SUBMITTED;
    if (writers->size > 0 && bsearch(&id, writers->data, writers->size / sizeof(id), sizeof(id),
                                     compare_ids) != NULL)
        return MAPI_E_NO_ACCESS;
    hr = message_set_read_flag(call, folder->prop.logon, id, walk->flags, &report);
    if (SUCCEEDED(hr) && report && !msp_buf_append(&walk->due, &id, sizeof(id)))
        return msp_from_engine(call, NULL, ENG_NO_MEMORY);
    return hr;
}

/* Sends the reports of messages that were read. One that cannot be made stays due. The lock is left
 * meanwhile. */
static HRESULT report_read(struct msp_call *call, struct folder *folder, struct walk *walk)
{
    const uint64_t *list = (const uint64_t *)(const void *)walk->due.data;
    HRESULT hr = S_OK;

    for (size_t i = 0; i < walk->due.size / sizeof(uint64_t) && hr != MAPI_E_INVALID_OBJECT; i++) {
        hr = report_send(call, folder->prop.logon, list[i], NULL, 0);
        if (FAILED(hr) && (walk->flags & GENERATE_RECEIPT_ONLY) != 0)
            walk->left_out++;
    }
    return hr == MAPI_E_INVALID_OBJECT ? hr : S_OK;
}

static HRESULT set_read_flags(
        struct msp_call *call, struct folder *folder, const ENTRYLIST *messages, struct walk *walk)
{
    HRESULT hr = folder_for_change(call, folder);

    if (SUCCEEDED(hr) && !message_writers(folder->prop.logon, &walk->writers))
        hr = msp_from_engine(call, NULL, ENG_NO_MEMORY);
    if (SUCCEEDED(hr) && messages != NULL)
        hr = each_item(call, folder, messages, set_read_flag_item, walk);
    else if (SUCCEEDED(hr))
        hr = each_of_folder(call, folder, false, set_read_flag_item, walk);
    return SUCCEEDED(hr) ? report_read(call, folder, walk) : hr;
}

HRESULT STDMETHODCALLTYPE folder_SetReadFlags(IMAPIFolder *iface, LPENTRYLIST messages,
        ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags)
{
    const ULONG item_flags = flags & ~(ULONG)(MESSAGE_DIALOG | MAPI_DEFERRED_ERRORS);
    struct folder *folder = folder_from_iface(iface);
    struct walk walk = { .flags = item_flags };
    struct msp_call call;
    HRESULT hr;

    MSP_UNUSED(ui);
    MSP_UNUSED(progress);
    MSP_NEED(messages == NULL || folder_is_list(messages));
    hr = message_check_read_flags(item_flags);
    if (FAILED(hr))
        return hr;

    hr = msp_call_begin(&call, &folder->prop.object);
    if (FAILED(hr))
        return hr;
    hr = set_read_flags(&call, folder, messages, &walk);
    return msp_call_end(&call, walk_end(&walk, hr));
}

/* --- status
 * -------------------------------------------------------------------------------------------------
 */

static HRESULT read_message_id(struct msp_call *call, struct folder *folder, ULONG entry_id_size,
        LPENTRYID entry_id, struct eng_msg *row)
{
    struct entryid entryid;
    HRESULT hr;

    hr = logon_read_entryid(folder->prop.logon, entry_id_size, entry_id, &entryid);
    if (FAILED(hr))
        return msp_fail(call, hr, 0, "The identifier does not name a message of this store.");
    if (entryid.kind != ENTRYID_MESSAGE)
        return msp_fail(call, MAPI_E_NOT_FOUND, 0,
                "The identifier does not name a message of this folder.");
    return row_in_folder(call, folder, entryid.id, row);
}

HRESULT STDMETHODCALLTYPE folder_GetMessageStatus(
        IMAPIFolder *iface, ULONG entry_id_size, LPENTRYID entry_id, ULONG flags, ULONG *out_status)
{
    struct folder *folder = folder_from_iface(iface);
    struct msp_call call;
    struct eng_msg row = { 0 };
    HRESULT hr;

    MSP_CLEAR(out_status);
    MSP_NEED(out_status != NULL && entry_id != NULL);
    MSP_NEED_FLAGS(flags, 0);

    hr = msp_call_begin(&call, &folder->prop.object);
    if (FAILED(hr))
        return hr;
    hr = read_message_id(&call, folder, entry_id_size, entry_id, &row);
    if (SUCCEEDED(hr))
        *out_status = row.status;
    return msp_call_end(&call, hr);
}

static HRESULT set_message_status(struct msp_call *call, struct folder *folder, ULONG entry_id_size,
        LPENTRYID entry_id, ULONG status, ULONG mask, ULONG *out_old)
{
    struct eng *eng = folder->prop.logon->eng;
    uint32_t old = 0;
    struct eng_msg row = { 0 };
    HRESULT hr;

    hr = folder_for_change(call, folder);
    if (SUCCEEDED(hr))
        hr = read_message_id(call, folder, entry_id_size, entry_id, &row);
    if (SUCCEEDED(hr))
        hr = msp_from_engine(call, eng, eng_msg_set_status(eng, row.id, mask, status, &old));
    if (SUCCEEDED(hr) && out_old != NULL)
        *out_old = old;
    return hr;
}

HRESULT STDMETHODCALLTYPE folder_SetMessageStatus(IMAPIFolder *iface, ULONG entry_id_size,
        LPENTRYID entry_id, ULONG status, ULONG mask, ULONG *out_old)
{
    struct folder *folder = folder_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_old);
    MSP_NEED(entry_id != NULL);

    hr = msp_call_begin(&call, &folder->prop.object);
    if (FAILED(hr))
        return hr;
    hr = set_message_status(&call, folder, entry_id_size, entry_id, status, mask, out_old);
    return msp_call_end(&call, hr);
}
