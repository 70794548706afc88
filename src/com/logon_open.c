/* SPDX-License-Identifier: MIT */
/*
 * logon_open.c - Logon and SpoolerLogon: which store, is it open already, open it, tell the host.
 *
 * Owns:  a struct opening for the length of one call; what the host gets is handed over at the very
 *        end.
 * Locks: the support object and the profile section are called without any lock.
 */
#include "com/logon_open.h"

#include <stdio.h>
#include <string.h>

#include "com/call.h"
#include "com/logon.h"
#include "com/profile.h"
#include "com/provider.h"
#include "com/settings.h"
#include "com/status.h"
#include "com/store.h"
#include "com/trace.h"
#include "mailkeep.h"
#include "platform/file.h"
#include "platform/thread.h"

enum {
    LOGON_FLAGS = MDB_NO_DIALOG | MDB_WRITE | MDB_TEMPORARY | MDB_NO_MAIL | MDB_ONLINE |
                  MAPI_DEFERRED_ERRORS | MAPI_BEST_ACCESS | MAPI_UNICODE,
    SECTION_TRIES = 20,
    SECTION_WAIT_MS = 10
};

/* A logon on its way. */
struct opening {
    const struct logon_request *request;
    struct store_entryid wanted; /* as far as it is known; the path is borrowed */
    struct msp_buf path;         /* UTF-8, terminated by msp_buf_cstr() */
    struct msp_buf display_name;
    struct msp_buf section_path; /* what the section says to a Logon with an entry id */
    struct eng *eng;
    LPENTRYID wrapped; /* the host's memory */
    ULONG wrapped_size;
    struct logon *logon;
    struct store *store; /* of the pair: Shutdown may take it off the logon at any time */
    char reason[256];    /* a sentence for people */
    ULONG low;
};

static HRESULT fail(struct opening *opening, HRESULT hr, const char *reason)
{
    if (opening->reason[0] == '\0')
        (void)snprintf(opening->reason, sizeof(opening->reason), "%s", reason);
    return hr;
}

/* --- stores that are open already ------------------------------------------------------------- */

static bool is_store_iid(LPCIID iid)
{
    return iid == NULL || IsEqualGUID(iid, &IID_IMsgStore) || IsEqualGUID(iid, &IID_IMAPIProp) ||
           IsEqualGUID(iid, &IID_IUnknown);
}

/* A live store of this provider object, with a reference; NULL: none. core->lock is held. */
static LPMDB find_listed(
        struct provider_core *core, const struct store_entryid *wanted, bool is_spooler)
{
    LPMDB found = NULL;

    for (struct logon *logon = core->logons; logon != NULL && found == NULL;
            logon = logon->next_open) {
        struct store_entryid own = { .path = (const char *)logon->path.data,
            .path_size = logon->path.size };

        memcpy(own.store_uid, logon->store_uid, sizeof(own.store_uid));
        if (logon->is_spooler != is_spooler || !store_entryid_same(&own, wanted))
            continue;
        /* Only this lock, provider before logon; nothing is put off while it is held. */
        msp_mutex_lock(&logon->object.domain->lock);
        if (logon->store != NULL && msp_object_is_live(&logon->store->prop.object)) {
            msp_object_ref_locked(&logon->store->prop.object);
            found = &logon->store->IMsgStore_iface;
        }
        msp_mutex_unlock(&logon->object.domain->lock);
    }
    return found;
}

static LPMDB find_open(const struct opening *opening)
{
    struct provider_core *core = opening->request->core;
    LPMDB found;

    msp_mutex_lock(&core->lock);
    found = find_listed(core, &opening->wanted, opening->request->is_spooler);
    msp_mutex_unlock(&core->lock);
    return found;
}

/* Adds the new logon to the list, unless another thread was faster with the same store: then that
 * one's. */
static LPMDB list_logon(const struct opening *opening)
{
    struct provider_core *core = opening->request->core;
    struct logon *logon = opening->logon;
    LPMDB found;

    msp_mutex_lock(&core->lock);
    found = find_listed(core, &opening->wanted, opening->request->is_spooler);
    if (found == NULL) {
        logon->next_open = core->logons;
        core->logons = logon;
        logon->is_listed = true;
    }
    msp_mutex_unlock(&core->lock);
    return found;
}

/* --- which store ------------------------------------------------------------------------------ */

static HRESULT path_from_entryid(struct opening *opening)
{
    const struct logon_request *request = opening->request;
    struct store_entryid *wanted = &opening->wanted;

    if (!store_entryid_get(request->entry_id_size, request->entry_id, wanted))
        return fail(opening, MAPI_E_FAILONEPROVIDER,
                "The identifier of the store is not one of Mailkeep's.");
    if (!msp_buf_append(&opening->path, wanted->path, wanted->path_size))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    return S_OK;
}

/* Opens a section, the provider's own when uid is NULL. Only one may have a section open when it is
 * open for writing: a moment later it is free again. */
static HRESULT open_section(
        const struct logon_request *request, const MAPIUID *uid, ULONG flags, LPPROFSECT *out)
{
    LPMAPISUP support = request->support;
    MAPIUID copy;
    HRESULT hr = MAPI_E_NO_ACCESS;

    if (uid != NULL)
        copy = *uid; /* the interface takes no const */
    *out = NULL;
    for (int i = 0; i < SECTION_TRIES && hr == MAPI_E_NO_ACCESS; i++) {
        if (i > 0)
            msp_thread_sleep_ms(SECTION_WAIT_MS);
        hr = support->lpVtbl->OpenProfileSection(support, uid != NULL ? &copy : NULL, flags, out);
    }
    if (FAILED(hr))
        *out = NULL;
    return hr;
}

/* Where a host gives the service entry the service's section to configure, the path is there. */
static HRESULT read_service_section(
        struct opening *opening, const MAPIUID *uid, struct msp_buf *path)
{
    const struct logon_request *request = opening->request;
    LPPROFSECT section = NULL;
    HRESULT hr;

    if (FAILED(open_section(request, uid, 0, &section)))
        return S_OK;
    msp_buf_clear(&opening->display_name);
    hr = profile_read(section, &request->core->alloc, path, &opening->display_name);
    section->lpVtbl->Release(section);
    return hr;
}

static HRESULT read_sections(struct opening *opening, struct msp_buf *path)
{
    const struct logon_request *request = opening->request;
    LPPROFSECT section = NULL;
    MAPIUID service;
    bool has_service;
    HRESULT hr;

    hr = open_section(request, NULL, 0, &section);
    if (FAILED(hr))
        return hr;
    hr = profile_read(section, &request->core->alloc, path, &opening->display_name);
    has_service = profile_service_uid(section, &request->core->alloc, &service);
    section->lpVtbl->Release(section);
    if (SUCCEEDED(hr) && path->size == 0 && request->entry_id == NULL && has_service)
        hr = read_service_section(opening, &service, path);
    return hr;
}

static HRESULT read_profile(struct opening *opening)
{
    struct msp_buf path = MSP_BUF_INIT;
    HRESULT hr;

    hr = read_sections(opening, &path);
    if (hr == MAPI_E_NOT_ENOUGH_MEMORY)
        goto out;
    if (opening->request->entry_id != NULL) /* it has said which store; the rest is a comfort */
        hr = msp_buf_append(&opening->section_path, path.data, path.size)
                     ? S_OK
                     : MAPI_E_NOT_ENOUGH_MEMORY;
    else if (hr == MAPI_E_NO_ACCESS)
        hr = fail(opening, MAPI_E_FAILONEPROVIDER,
                "The profile section of the store is in use by another program.");
    else if (FAILED(hr))
        hr = fail(opening, MAPI_E_UNCONFIGURED, "The profile section of the store cannot be read.");
    else if (path.size == 0)
        hr = fail(
                opening, MAPI_E_UNCONFIGURED, "The profile does not say which store file to open.");
    else if (!msp_buf_append(&opening->path, path.data, path.size))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
out:
    msp_buf_free(&path);
    return hr;
}

/* --- opening it ------------------------------------------------------------------------------- */

static HRESULT engine_failure(
        struct opening *opening, const struct eng_error *error, enum eng_status status)
{
    opening->low = (ULONG)error->sqlite_code;
    fail(opening, S_OK, error->text[0] != '\0' ? error->text : msp_engine_sentence(status));
    if (status == ENG_NO_MEMORY)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    return status == ENG_BUSY ? MAPI_E_FAILONEPROVIDER : MAPI_E_LOGON_FAILED;
}

static void swap_bufs(struct msp_buf *a, struct msp_buf *b)
{
    struct msp_buf kept = *a;

    *a = *b;
    *b = kept;
}

static HRESULT open_file(struct opening *opening)
{
    bool write = (opening->request->flags & (MDB_WRITE | MAPI_BEST_ACCESS)) != 0;
    struct eng_open_params params = { .path = msp_buf_cstr(&opening->path), .read_only = !write };
    struct eng_error error = { 0 };
    enum eng_status status;

    if (params.path == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (!msp_path_is_full(params.path))
        return fail(opening, MAPI_E_LOGON_FAILED, "The path of the store file is not a full path.");
    status = eng_open(&params, &opening->eng, &error);
    if (status == ENG_OK)
        status = store_template_apply(opening->eng);
    if (status != ENG_OK) {
        if (opening->eng != NULL)
            eng_last_error(opening->eng, &error);
        eng_close(opening->eng);
        opening->eng = NULL;
        return engine_failure(opening, &error, status);
    }
    return S_OK;
}

/* What was said of another path does not count any more. */
static bool use_path(struct opening *opening)
{
    opening->reason[0] = '\0';
    opening->low = 0;
    opening->wanted.path = msp_buf_cstr(&opening->path);
    opening->wanted.path_size = opening->path.size;
    return opening->wanted.path != NULL;
}

/* An entry id made before the store was moved: the section knows where it is now. Another store in
 * that place is not the one. */
static HRESULT open_moved(struct opening *opening, HRESULT failure)
{
    struct eng_info info = { 0 };

    if (opening->section_path.size == 0)
        return failure;
    swap_bufs(&opening->path, &opening->section_path);
    if (SUCCEEDED(open_file(opening))) {
        eng_info(opening->eng, &info);
        if (memcmp(opening->wanted.store_uid, info.store_uid, sizeof(info.store_uid)) == 0)
            return use_path(opening) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
        eng_close(opening->eng);
        opening->eng = NULL;
    }
    swap_bufs(&opening->path, &opening->section_path);
    return failure;
}

/* The user may know where the file is now. The one who waits for mail, and services, have nobody to
 * ask. */
static HRESULT ask_for_file(struct opening *opening, HRESULT failure)
{
    const struct logon_request *request = opening->request;
    struct settings settings = { .must_exist = true,
        .for_reading = (request->flags & (MDB_WRITE | MAPI_BEST_ACCESS)) == 0,
        .store_uid = opening->wanted.store_uid };
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if ((request->flags & MDB_NO_DIALOG) != 0 || request->is_spooler || request->core->is_service)
        return failure;
    if (msp_buf_append(&settings.path, opening->path.data, opening->path.size) &&
            msp_buf_append(
                    &settings.display_name, opening->display_name.data, opening->display_name.size))
        hr = settings_ask(&settings, request->ui, false, opening->reason);
    if (SUCCEEDED(hr)) {
        swap_bufs(&settings.path, &opening->path);
        swap_bufs(&settings.display_name, &opening->display_name);
        opening->eng = settings.eng;
        settings.eng = NULL;
        hr = use_path(opening) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    settings_done(&settings);
    return hr == MAPI_E_NO_SUPPORT ? failure : hr;
}

/* --- telling the host ------------------------------------------------------------------------- */

/* Most Logons find in the section what the last one has left there. */
static HRESULT update_section(struct opening *opening, const struct profile_store *store)
{
    const struct logon_request *request = opening->request;
    LPPROFSECT section = NULL;
    bool is_current;
    HRESULT hr;

    hr = open_section(request, NULL, 0, &section);
    if (SUCCEEDED(hr)) {
        is_current = profile_is_current(section, &request->core->alloc, store);
        section->lpVtbl->Release(section);
        if (is_current)
            return S_OK;
    }
    hr = open_section(request, NULL, MAPI_MODIFY, &section);
    if (FAILED(hr))
        return hr;
    hr = profile_write(section, store);
    section->lpVtbl->Release(section);
    return hr;
}

static HRESULT write_section(struct opening *opening, const struct eng_info *info)
{
    struct profile_store store = {
        .path = msp_buf_cstr(&opening->path),
        .display_name = msp_buf_cstr(&opening->display_name),
        .wrapped = opening->wrapped,
        .wrapped_size = opening->wrapped_size,
    };

    if (store.path == NULL || store.display_name == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(store.store_uid, info->store_uid, sizeof(store.store_uid));
    return update_section(opening, &store);
}

static HRESULT tell_host(struct opening *opening)
{
    LPMAPISUP support = opening->request->support;
    struct logon *logon = opening->logon;
    MAPIUID uid;
    HRESULT hr;

    memcpy(&uid, logon->store_uid, sizeof(uid));
    hr = support->lpVtbl->SetProviderUID(support, &uid, 0);
    if (hr == MAPI_E_NOT_ENOUGH_MEMORY)
        return hr;
    if (FAILED(hr))
        return fail(opening, MAPI_E_LOGON_FAILED, "MAPI refused the store's identifier.");
    hr = status_make_row(logon, support);
    if (hr == MAPI_E_NOT_ENOUGH_MEMORY)
        return hr;
    if (FAILED(hr))
        return fail(
                opening, MAPI_E_LOGON_FAILED, "MAPI refused the store's row in the status table.");
    return S_OK;
}

static HRESULT make_logon(struct opening *opening)
{
    const struct logon_request *request = opening->request;
    struct logon_params params = {
        .core = request->core, .support = request->support, .eng = opening->eng
    };
    struct eng_info info;
    HRESULT hr;

    eng_info(opening->eng, &info);
    if (opening->display_name.size == 0 &&
            !profile_default_name(msp_buf_cstr(&opening->path), &opening->display_name))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = profile_wrap_entryid(request->support, info.store_uid, msp_buf_cstr(&opening->path),
            &opening->wrapped_size, &opening->wrapped);
    if (hr == MAPI_E_NOT_ENOUGH_MEMORY)
        return hr;
    if (FAILED(hr))
        return fail(
                opening, MAPI_E_LOGON_FAILED, "MAPI could not wrap the identifier of the store.");
    /* A section that cannot be written (a read-only profile) does not keep anybody from the mail.
     */
    if (write_section(opening, &info) == MAPI_E_NOT_ENOUGH_MEMORY)
        return MAPI_E_NOT_ENOUGH_MEMORY;

    params.path = msp_buf_cstr(&opening->path);
    params.display_name = msp_buf_cstr(&opening->display_name);
    params.wrapped = opening->wrapped;
    params.wrapped_size = opening->wrapped_size;
    params.can_write = (request->flags & (MDB_WRITE | MAPI_BEST_ACCESS)) != 0 && !info.read_only;
    params.is_spooler = request->is_spooler;
    hr = logon_new(&params, &opening->logon);
    if (FAILED(hr))
        return hr;
    opening->eng = NULL;
    opening->store = opening->logon->store;
    return hr;
}

/* The file is open: is it the store that was asked for? */
static HRESULT check_store(struct opening *opening)
{
    static const uint8_t none[16];
    struct store_entryid *wanted = &opening->wanted;
    struct eng_info info;

    eng_info(opening->eng, &info);
    if (memcmp(wanted->store_uid, none, sizeof(none)) != 0 &&
            memcmp(wanted->store_uid, info.store_uid, sizeof(info.store_uid)) != 0)
        return fail(opening, MAPI_E_FAILONEPROVIDER,
                "The file is now another store than the one that was asked for.");
    memcpy(wanted->store_uid, info.store_uid, sizeof(wanted->store_uid));
    return S_OK;
}

/* A store that nobody has open under the name it was asked for by. */
static HRESULT open_store(struct opening *opening, LPMDB *out_again)
{
    HRESULT hr;

    hr = open_file(opening);
    if (hr == MAPI_E_LOGON_FAILED)
        hr = open_moved(opening, hr);
    if (hr == MAPI_E_LOGON_FAILED)
        hr = ask_for_file(opening, hr);
    if (SUCCEEDED(hr))
        hr = check_store(opening);
    if (FAILED(hr))
        return hr;
    *out_again = find_open(opening); /* a file has many names */
    if (*out_again != NULL)
        return S_OK;
    hr = make_logon(opening);
    if (FAILED(hr))
        return hr;
    *out_again = list_logon(opening);
    return *out_again == NULL ? tell_host(opening) : S_OK;
}

static HRESULT open_any(struct opening *opening, LPMDB *out_again)
{
    const struct logon_request *request = opening->request;
    HRESULT hr;

    if (request->entry_id != NULL) {
        hr = path_from_entryid(opening);
        if (FAILED(hr))
            return hr;
        *out_again = find_open(opening);
        if (*out_again != NULL)
            return S_OK;
    }
    hr = read_profile(opening);
    if (FAILED(hr))
        return hr;
    if (request->entry_id == NULL) {
        if (!use_path(opening))
            return MAPI_E_NOT_ENOUGH_MEMORY;
        *out_again = find_open(opening);
        if (*out_again != NULL)
            return S_OK;
    }
    return open_store(opening, out_again);
}

static void opening_done(struct opening *opening)
{
    const struct mapi_alloc *alloc = &opening->request->core->alloc;

    mapibuf_free(alloc, opening->wrapped);
    eng_close(opening->eng);
    msp_buf_free(&opening->path);
    msp_buf_free(&opening->display_name);
    msp_buf_free(&opening->section_path);
}

/* The whole way; what is left of it afterwards is a pair to hand out, or nothing. */
static HRESULT run(struct opening *opening, LPMDB *out_again)
{
    HRESULT hr;

    if (opening->request->has_bad_security)
        hr = fail(opening, MAPI_E_LOGON_FAILED,
                "The spooler's logon data was not made by this provider.");
    else
        hr = open_any(opening, out_again);
    opening_done(opening);
    if (opening->logon != NULL && (FAILED(hr) || *out_again != NULL))
        logon_give_up(opening->logon, opening->store);
    return hr;
}

static const char *reason_of(const struct opening *opening, HRESULT hr)
{
    if (opening->reason[0] != '\0')
        return opening->reason;
    return hr == MAPI_E_NOT_ENOUGH_MEMORY ? "There is not enough memory to open the store."
                                          : "The store could not be opened.";
}

static void say_why(const struct opening *opening, HRESULT hr, LPMAPIERROR *out_error)
{
    const struct logon_request *request = opening->request;

    if (out_error == NULL)
        return;
    (void)msp_error_make(&request->core->alloc, hr, request->flags, reason_of(opening, hr),
            opening->low, out_error);
}

HRESULT logon_open(const struct logon_request *request, LPMAPIERROR *out_error,
        LPMSLOGON *out_logon, LPMDB *out_store)
{
    struct opening opening = { .request = request, .wanted = { .path = "" } };
    LPMDB store = NULL;
    HRESULT hr;

    MSP_CLEAR(out_error);
    MSP_CLEAR(out_logon);
    MSP_CLEAR(out_store);
    MSP_NEED(request->support != NULL && out_logon != NULL && out_store != NULL);
    MSP_NEED(request->entry_id_size == 0 || request->entry_id != NULL);
    MSP_NEED_FLAGS(request->flags, LOGON_FLAGS);
    if (!is_store_iid(request->iid))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;

    hr = run(&opening, &store);
    if (FAILED(hr)) {
        say_why(&opening, hr, out_error);
        trace_line("logon failed: 0x%08lx %s", (unsigned long)(ULONG)hr, reason_of(&opening, hr));
        return hr;
    }
    if (store == NULL) {
        trace_logon(opening.logon);
        *out_logon = &opening.logon->IMSLogon_iface;
        store = &opening.store->IMsgStore_iface;
    }
    *out_store = store;
    return S_OK;
}
