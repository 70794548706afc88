/* SPDX-License-Identifier: MIT */
/*
 * folder_items.c - IMAPIFolder's methods on the messages of a folder: create, delete, read flags,
 * status.
 *
 * Owns:  nothing.
 * Locks: the methods take the domain lock; every snake_case function here runs under it.
 */
#include "com/folder_int.h"
#include "com/message.h"
#include "com/search.h"

enum {
    CHUNK = 1000,         /* messages in one transaction */
    MAX_ITEMS = 0x1000000 /* a longer list is a mistake, not a request */
};

/* --- lists of messages
 * ---------------------------------------------------------------------------------- */

/* What is done to each message, in the open transaction: S_OK, or why this one is left out
 * (counted, not fatal). */
typedef HRESULT (*item_fn)(struct msp_call *call, struct folder *folder, uint64_t id, ULONG flags);

/* Reasons that stop everything, rather than one message. */
static bool is_fatal(HRESULT hr)
{
    return hr == MAPI_E_NOT_ENOUGH_MEMORY || hr == MAPI_E_NOT_ENOUGH_DISK ||
           hr == MAPI_E_DISK_ERROR || hr == MAPI_E_CORRUPT_STORE || hr == MAPI_E_BUSY ||
           hr == MAPI_E_INVALID_OBJECT;
}

/* All messages named by the ids, CHUNK in a transaction; *left_out counts those that could not be
 * done. */
static HRESULT each_id(struct msp_call *call, struct folder *folder, const struct msp_buf *ids,
        item_fn fn, ULONG flags, size_t *left_out)
{
    const uint64_t *list = (const uint64_t *)(const void *)ids->data;
    size_t count = ids->size / sizeof(uint64_t);
    struct eng *eng = folder->prop.logon->eng;
    HRESULT hr = S_OK;

    for (size_t start = 0; start < count && SUCCEEDED(hr); start += CHUNK) {
        hr = msp_from_engine(call, eng, eng_begin(eng, true));
        if (FAILED(hr))
            return hr;
        for (size_t i = start; i < count && i < start + CHUNK && SUCCEEDED(hr); i++) {
            HRESULT item = fn(call, folder, list[i], flags);

            if (FAILED(item) && is_fatal(item))
                hr = item;
            else if (FAILED(item))
                ++*left_out;
        }
        if (FAILED(hr))
            eng_rollback(eng);
        else
            hr = msp_from_engine(call, eng, eng_commit(eng));
    }
    return hr;
}

/* The messages of a client's list. What is no message of this store is left out.
 * MAPI_W_PARTIAL_COMPLETION. */
static HRESULT each_item(struct msp_call *call, struct folder *folder, const ENTRYLIST *list,
        item_fn fn, ULONG flags)
{
    struct msp_buf ids = MSP_BUF_INIT;
    size_t left_out = 0;
    HRESULT hr = S_OK;

    for (ULONG i = 0; i < list->cValues; i++) {
        struct entryid entryid;

        if (FAILED(logon_read_entryid(
                    folder->prop.logon, list->lpbin[i].cb, list->lpbin[i].lpb, &entryid)) ||
                entryid.kind != ENTRYID_MESSAGE)
            left_out++;
        else
            msp_buf_append_u64(&ids, entryid.id);
    }
    hr = ids.failed ? msp_from_engine(call, NULL, ENG_NO_MEMORY)
                    : each_id(call, folder, &ids, fn, flags, &left_out);
    msp_buf_free(&ids);
    if (SUCCEEDED(hr) && left_out > 0)
        return MAPI_W_PARTIAL_COMPLETION;
    return hr;
}

/* All normal, or all associated, messages of the folder. */
static HRESULT each_of_folder(
        struct msp_call *call, struct folder *folder, bool associated, item_fn fn, ULONG flags)
{
    struct eng *eng = folder->prop.logon->eng;
    struct msp_buf ids = MSP_BUF_INIT;
    size_t left_out = 0;
    HRESULT hr;

    if (folder->row.type == ENG_FOLDER_SEARCH && !associated)
        hr = search_ids(call, folder->prop.logon, folder->row.id, &ids);
    else
        hr = msp_from_engine(call, eng, eng_msg_ids(eng, folder->row.id, associated, &ids));
    if (SUCCEEDED(hr))
        hr = each_id(call, folder, &ids, fn, flags, &left_out);
    msp_buf_free(&ids);
    if (SUCCEEDED(hr) && left_out > 0)
        return MAPI_W_PARTIAL_COMPLETION;
    return hr;
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

static HRESULT delete_item(struct msp_call *call, struct folder *folder, uint64_t id, ULONG flags)
{
    struct eng *eng = folder->prop.logon->eng;
    struct eng_msg row;
    HRESULT hr;

    MSP_UNUSED(flags);
    hr = row_in_folder(call, folder, id, &row);
    if (FAILED(hr))
        return hr;
    if ((row.flags & MSGFLAG_SUBMIT) != 0)
        return MAPI_E_SUBMITTED;
    return msp_from_engine(call, eng, eng_msg_delete(eng, id));
}

HRESULT STDMETHODCALLTYPE folder_DeleteMessages(IMAPIFolder *iface, LPENTRYLIST messages,
        ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags)
{
    struct folder *folder = folder_from_iface(iface);
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
        hr = each_item(&call, folder, messages, delete_item, flags);
    return msp_call_end(&call, hr);
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
            hr = msp_from_engine(call, logon->eng,
                    eng_folder_delete(
                            logon->eng, list[i], ENG_DELETE_FOLDERS | ENG_DELETE_MESSAGES));
    }
    msp_buf_free(&ids);
    return hr;
}

static HRESULT empty_folder(struct msp_call *call, struct folder *folder, ULONG flags)
{
    size_t left_out = 0;
    HRESULT result;
    HRESULT hr;

    hr = folder_for_change(call, folder);
    if (FAILED(hr))
        return hr;
    if (folder->row.type == ENG_FOLDER_SEARCH)
        return msp_fail(call, MAPI_E_NO_SUPPORT, 0,
                "A search folder cannot be emptied: its messages lie in other folders.");
    result = each_of_folder(call, folder, false, delete_item, flags);
    if (SUCCEEDED(result) && (flags & DEL_ASSOCIATED) != 0) {
        hr = each_of_folder(call, folder, true, delete_item, flags);
        result = hr == S_OK ? result : hr;
    }
    if (FAILED(result))
        return result;
    hr = delete_children(call, folder, &left_out);
    if (FAILED(hr))
        return hr;
    return left_out > 0 ? MAPI_W_PARTIAL_COMPLETION : result;
}

HRESULT STDMETHODCALLTYPE folder_EmptyFolder(
        IMAPIFolder *iface, ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags)
{
    struct folder *folder = folder_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_UNUSED(ui);
    MSP_UNUSED(progress);
    MSP_NEED_FLAGS(flags, DEL_ASSOCIATED | FOLDER_DIALOG | DELETE_HARD_DELETE);

    hr = msp_call_begin(&call, &folder->prop.object);
    if (FAILED(hr))
        return hr;
    hr = empty_folder(&call, folder, flags);
    return msp_call_end(&call, hr);
}

/* --- read flags
 * --------------------------------------------------------------------------------------------- */

static HRESULT set_read_flag_item(
        struct msp_call *call, struct folder *folder, uint64_t id, ULONG flags)
{
    struct eng_msg row;
    HRESULT hr;

    hr = row_in_folder(call, folder, id, &row);
    if (FAILED(hr))
        return hr;
    if ((row.flags & MSGFLAG_SUBMIT) != 0)
        return MAPI_E_SUBMITTED;
    return message_set_read_flag(call, folder->prop.logon, id, flags);
}

HRESULT STDMETHODCALLTYPE folder_SetReadFlags(IMAPIFolder *iface, LPENTRYLIST messages,
        ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags)
{
    const ULONG item_flags = flags & ~(ULONG)(MESSAGE_DIALOG | MAPI_DEFERRED_ERRORS);
    struct folder *folder = folder_from_iface(iface);
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
    hr = folder_for_change(&call, folder);
    if (SUCCEEDED(hr) && messages != NULL)
        hr = each_item(&call, folder, messages, set_read_flag_item, item_flags);
    else if (SUCCEEDED(hr))
        hr = each_of_folder(&call, folder, false, set_read_flag_item, item_flags);
    return msp_call_end(&call, hr);
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
