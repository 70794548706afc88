/* SPDX-License-Identifier: MIT */
/*
 * copy.c - IMAPIFolder::CopyMessages and CopyFolder: what is to be copied, and where to.
 *
 * Owns:  the interface of a foreign destination, from copy_job_open() to copy_job_close().
 * Locks: as copy.h says.
 */
#include "com/copy.h"

#include <string.h>

#include "com/folder_int.h"
#include "mapi/mapitext.h"

/* --- where copies go -------------------------------------------------------------------------- */

bool copy_is_fatal(HRESULT hr)
{
    return hr == MAPI_E_NOT_ENOUGH_MEMORY || hr == MAPI_E_NOT_ENOUGH_DISK ||
           hr == MAPI_E_DISK_ERROR || hr == MAPI_E_CORRUPT_STORE || hr == MAPI_E_BUSY ||
           hr == MAPI_E_INVALID_OBJECT || hr == MAPI_E_USER_CANCEL;
}

/* Under the lock of the destination. */
static HRESULT check_target(struct msp_call *call, struct folder *target)
{
    HRESULT hr = folder_for_change(call, target);

    if (SUCCEEDED(hr) && target->row.type == ENG_FOLDER_SEARCH)
        hr = msp_fail(call, MAPI_E_NO_ACCESS, 0,
                "Nothing can be put into a search folder: its messages lie in other folders.");
    return hr;
}

bool copy_file_note(const struct logon *logon, struct copy_file *out)
{
    memcpy(out->store_uid, logon->store_uid, sizeof(out->store_uid));
    return msp_buf_append(&out->path, logon->path.data, logon->path.size);
}

bool copy_file_is(const struct copy_file *file, const struct logon *logon)
{
    return memcmp(logon->store_uid, file->store_uid, sizeof(file->store_uid)) == 0 &&
           file->path.size > 0 && logon->path.size == file->path.size &&
           memcmp(logon->path.data, file->path.data, file->path.size) == 0;
}

/* What is known of a destination of another logon, while its lock is held. */
struct other_store {
    uint64_t folder;
    struct copy_file file;
};

static HRESULT look_at_other(struct folder *target, struct other_store *out)
{
    struct msp_call call;
    HRESULT hr;

    hr = msp_call_begin(&call, &target->prop.object);
    if (FAILED(hr))
        return hr;
    hr = check_target(&call, target);
    out->folder = target->row.id;
    if (SUCCEEDED(hr) && !copy_file_note(target->prop.logon, &out->file))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    return msp_call_end(&call, hr);
}

/* Under the lock of the source. */
static HRESULT settle_kind(
        struct copy_job *job, struct msp_object *source, const struct other_store *other)
{
    job->logon = prop_from_object(source)->logon;
    if (job->target == NULL)
        return S_OK;
    if (job->target->prop.object.domain == source->domain) {
        job->place.id = job->target->row.id;
        return check_target(job->call, job->target);
    }
    job->place.id = other->folder;
    /* who may only read the file has the other logon write */
    job->kind = copy_file_is(&other->file, job->logon) && job->logon->can_write ? COPY_IN_FILE
                                                                                : COPY_TO_STORE;
    if (job->kind == COPY_TO_STORE) {
        job->place.foreign = &job->target->IMAPIFolder_iface;
        (void)msp_object_addref(&job->target->prop.object);
    }
    return S_OK;
}

HRESULT copy_job_open(struct copy_job *job, struct msp_object *source, LPUNKNOWN dest)
{
    struct other_store other = { 0, { { 0 }, MSP_BUF_INIT } };
    HRESULT hr = S_OK;

    job->target = folder_from_client(dest);
    if (job->target == NULL) {
        job->kind = COPY_TO_FOREIGN;
        hr = dest->lpVtbl->QueryInterface(
                dest, &IID_IMAPIFolder, (void **)(void *)&job->place.foreign);
        if (FAILED(hr))
            return MAPI_E_INTERFACE_NOT_SUPPORTED;
    } else if (job->target->prop.object.domain != source->domain) {
        hr = look_at_other(job->target, &other);
    }
    if (SUCCEEDED(hr))
        hr = msp_call_begin(job->call, source);
    if (SUCCEEDED(hr)) {
        hr = settle_kind(job, source, &other);
        if (FAILED(hr))
            hr = msp_call_end(job->call, hr);
    }
    msp_buf_free(&other.file.path);
    if (FAILED(hr))
        copy_job_close(job);
    return hr;
}

void copy_job_close(struct copy_job *job)
{
    if (job->place.foreign != NULL)
        job->place.foreign->lpVtbl->Release(job->place.foreign);
    job->place.foreign = NULL;
}

HRESULT copy_step(struct copy_job *job, struct copy_progress *progress, size_t items)
{
    HRESULT alive;
    HRESULT hr = S_OK;

    msp_call_pause(job->call);
    for (size_t i = 0; i < items && SUCCEEDED(hr) && progress != NULL; i++) {
        if (msp_domain_is_stopping(job->call->domain))
            break;
        hr = copy_progress_add(progress, 1);
    }
    alive = msp_call_resume(job->call);
    if (SUCCEEDED(alive) && msp_domain_is_stopping(job->call->domain))
        alive = MAPI_E_INVALID_OBJECT;
    return FAILED(alive) ? alive : hr;
}

/* --- both methods ----------------------------------------------------------------------------- */

static bool is_folder_iid(LPCIID iid)
{
    return iid == NULL || IsEqualGUID(iid, &IID_IMAPIFolder) ||
           IsEqualGUID(iid, &IID_IMAPIContainer) || IsEqualGUID(iid, &IID_IMAPIProp) ||
           IsEqualGUID(iid, &IID_IUnknown);
}

/* The source loses what is moved. */
static HRESULT check_source(struct copy_job *job, struct folder *folder)
{
    if (job->move)
        return folder_for_change(job->call, folder);
    return folder_refresh(job->call, &folder->prop);
}

static HRESULT end_job(struct copy_job *job, HRESULT hr)
{
    copy_progress_end(job->call, &job->progress);
    if (SUCCEEDED(hr) && job->left_out > 0)
        hr = MAPI_W_PARTIAL_COMPLETION;
    hr = msp_call_end(job->call, hr);
    copy_job_close(job);
    return hr;
}

/* --- CopyMessages ----------------------------------------------------------------------------- */

/* The ids of a client's list; 0 for what is no message of this store. */
static HRESULT read_list(struct copy_job *job, const ENTRYLIST *list, struct msp_buf *ids)
{
    (void)msp_buf_reserve(ids, list->cValues * sizeof(uint64_t));
    for (ULONG i = 0; i < list->cValues; i++) {
        struct entryid entryid;

        if (FAILED(logon_read_entryid(
                    job->logon, list->lpbin[i].cb, list->lpbin[i].lpb, &entryid)) ||
                entryid.kind != ENTRYID_MESSAGE)
            entryid.id = 0;
        (void)msp_buf_append(ids, &entryid.id, sizeof(entryid.id));
    }
    return ids->failed ? msp_from_engine(job->call, NULL, ENG_NO_MEMORY) : S_OK;
}

/* "IMAPIFolder::CopyMessages": reports are sent by the store that loses the message, whatever
 * becomes of the copy. One that cannot be sent is no reason to stop. */
static HRESULT send_reports(struct copy_job *job, struct folder *folder, const ENTRYLIST *list)
{
    ENTRYLIST listed = *list;

    if (!job->logon->can_write || list->cValues == 0)
        return S_OK;
    msp_call_pause(job->call);
    (void)folder_SetReadFlags(&folder->IMAPIFolder_iface, &listed, 0, NULL, GENERATE_RECEIPT_ONLY);
    return msp_call_resume(job->call);
}

static HRESULT copy_listed(struct copy_job *job, struct folder *folder, const ENTRYLIST *list,
        LPMAPIPROGRESS progress, ULONG_PTR ui, ULONG flags)
{
    struct msp_buf ids = MSP_BUF_INIT;
    HRESULT hr;

    hr = check_source(job, folder);
    if (SUCCEEDED(hr))
        hr = read_list(job, list, &ids);
    if (SUCCEEDED(hr) && list->cValues > 0)
        hr = copy_progress_begin(job->call, job->logon, (flags & MESSAGE_DIALOG) != 0, progress, ui,
                list->cValues, &job->progress);
    if (SUCCEEDED(hr) && job->kind != COPY_IN_FILE)
        hr = send_reports(job, folder, list);
    if (SUCCEEDED(hr))
        hr = copy_messages(job, folder->row.id, folder->row.type == ENG_FOLDER_SEARCH, &ids,
                &job->place, &job->progress);
    msp_buf_free(&ids);
    return hr;
}

HRESULT STDMETHODCALLTYPE folder_CopyMessages(IMAPIFolder *iface, LPENTRYLIST messages, LPCIID iid,
        LPVOID dest, ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags)
{
    struct folder *folder = folder_from_iface(iface);
    struct msp_call call;
    struct copy_job job = { .call = &call, .move = (flags & MESSAGE_MOVE) != 0 };
    HRESULT hr;

    MSP_NEED(folder_is_list(messages) && dest != NULL);
    MSP_NEED_FLAGS(flags, MESSAGE_MOVE | MESSAGE_DIALOG | MAPI_DECLINE_OK);
    if (!is_folder_iid(iid))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;

    hr = copy_job_open(&job, &folder->prop.object, dest);
    if (FAILED(hr))
        return hr;
    hr = copy_listed(&job, folder, messages, progress, ui, flags);
    return end_job(&job, hr);
}

/* --- CopyFolder ------------------------------------------------------------------------------- */

/* The subfolder a client names. */
static HRESULT find_subfolder(struct copy_job *job, struct folder *folder, ULONG entry_id_size,
        LPENTRYID entry_id, struct eng_folder *out)
{
    struct msp_call *call = job->call;
    struct logon *logon = job->logon;
    HRESULT hr;

    hr = logon_read_folder(call, logon, entry_id_size, entry_id, out);
    if (FAILED(hr))
        return hr;
    if (out->id == ENG_ROOT_FOLDER)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0,
                "The root folder of a store can be neither copied nor moved.");
    if (out->parent != folder->row.id)
        return msp_fail(call, MAPI_E_NOT_FOUND, 0, "The folder is not a subfolder of this one.");
    if (out->type == ENG_FOLDER_SEARCH)
        return msp_fail(
                call, MAPI_E_NO_SUPPORT, 0, "A search folder can be neither copied nor moved.");
    if (job->move && store_is_special_folder(logon, out->id))
        return msp_fail(call, MAPI_E_NO_ACCESS, 0,
                "This folder is needed by the store and cannot be moved.");
    return S_OK;
}

/* Within a file the folder keeps its identifier, and everything in it stays as it is. */
static HRESULT move_tree(struct copy_job *job, uint64_t id, const struct msp_buf *name)
{
    struct eng *eng = job->logon->eng;
    HRESULT hr;

    hr = msp_from_engine(job->call, eng,
            eng_folder_move(eng, id, job->place.id, name != NULL ? (const char *)name->data : NULL,
                    name != NULL ? name->size : 0));
    return FAILED(hr) ? hr : copy_step(job, &job->progress, 1);
}

/* All that was in the folder is in the other store; what has come since keeps it here. */
static HRESULT remove_tree(struct copy_job *job, uint64_t id)
{
    struct eng *eng = job->logon->eng;
    enum eng_status status = eng_folder_delete(eng, id, ENG_DELETE_FOLDERS);

    if (status == ENG_HAS_MESSAGES || status == ENG_NOT_FOUND) {
        job->left_out++;
        return S_OK;
    }
    return msp_from_engine(job->call, eng, status);
}

static HRESULT copy_subfolder(struct copy_job *job, struct folder *folder, ULONG entry_id_size,
        LPENTRYID entry_id, const struct msp_buf *name, bool deep)
{
    struct eng_folder row = { 0 };
    HRESULT hr;

    hr = check_source(job, folder);
    if (SUCCEEDED(hr))
        hr = find_subfolder(job, folder, entry_id_size, entry_id, &row);
    if (FAILED(hr))
        return hr;
    if (job->move && job->kind == COPY_IN_FILE)
        return move_tree(job, row.id, name);
    hr = copy_tree(job, row.id, &job->place, name, deep || job->move);
    if (SUCCEEDED(hr) && job->move && job->left_out == 0)
        hr = remove_tree(job, row.id);
    return hr;
}

HRESULT STDMETHODCALLTYPE folder_CopyFolder(IMAPIFolder *iface, ULONG entry_id_size,
        LPENTRYID entry_id, LPCIID iid, LPVOID dest, LPTSTR new_name, ULONG_PTR ui,
        LPMAPIPROGRESS progress, ULONG flags)
{
    struct folder *folder = folder_from_iface(iface);
    struct msp_buf name = MSP_BUF_INIT;
    struct msp_call call;
    struct copy_job job = { .call = &call, .move = (flags & FOLDER_MOVE) != 0 };
    HRESULT hr;

    MSP_NEED(entry_id != NULL && dest != NULL);
    MSP_NEED_FLAGS(
            flags, MAPI_UNICODE | FOLDER_MOVE | FOLDER_DIALOG | COPY_SUBFOLDERS | MAPI_DECLINE_OK);
    if (!is_folder_iid(iid))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (new_name != NULL && !mapitext_append_tstr(&name, new_name, (flags & MAPI_UNICODE) != 0)) {
        msp_buf_free(&name);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }

    hr = new_name != NULL && name.size == 0 ? MAPI_E_INVALID_PARAMETER : S_OK;
    if (SUCCEEDED(hr))
        hr = copy_job_open(&job, &folder->prop.object, dest);
    if (SUCCEEDED(hr)) {
        hr = copy_progress_begin(
                &call, job.logon, (flags & FOLDER_DIALOG) != 0, progress, ui, 1, &job.progress);
        if (SUCCEEDED(hr))
            hr = copy_subfolder(&job, folder, entry_id_size, entry_id,
                    new_name != NULL ? &name : NULL, (flags & COPY_SUBFOLDERS) != 0);
        hr = end_job(&job, hr);
    }
    msp_buf_free(&name);
    return hr;
}
