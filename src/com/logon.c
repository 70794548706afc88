/* SPDX-License-Identifier: MIT */
/*
 * logon.c - IMSLogon: its methods, entry ids, birth. logon_end.c has the end.
 *
 * Owns:  struct logon and, in it, the engine's connection, one reference on the support object and
 *        the pair's place in the provider's list, all of which logon_end.c gives up.
 * Locks: the methods take the domain lock; everything in snake_case below them runs under it.
 */
#include "com/logon.h"

#include <string.h>

#include "com/call.h"
#include "com/folder.h"
#include "com/message.h"
#include "com/provider.h"
#include "com/slots.h"
#include "com/status.h"
#include "com/store.h"
#include "com/trace.h"
#include "platform/user.h"

enum { USER_NAME_MAX = 1024 };

static struct logon *logon_from_iface(IMSLogon *iface)
{
    return CONTAINING_RECORD(iface, struct logon, IMSLogon_iface);
}

static struct logon *logon_from_object(struct msp_object *object)
{
    return CONTAINING_RECORD(object, struct logon, object);
}

static void logon_finalize(struct msp_object *object)
{
    struct logon *logon = logon_from_object(object);

    trace_logon_done(logon);
    notify_done(&logon->notify);
    msp_cond_done(&logon->quiet);
    msp_mutex_done(&logon->eng_lock);
    msp_buf_free(&logon->store_entryid);
    msp_buf_free(&logon->path);
    msp_buf_free(&logon->display_name);
    msp_buf_free(&logon->user_name);
    provider_core_release(logon->core);
}

/* --- entry ids -------------------------------------------------------------------------------- */

void logon_entryid(
        const struct logon *logon, enum entryid_kind kind, uint64_t id, uint8_t out[ENTRYID_SIZE])
{
    struct entryid entryid = { .kind = kind, .id = id };

    memcpy(entryid.store_uid, logon->store_uid, sizeof(entryid.store_uid));
    entryid_put(&entryid, out);
}

HRESULT logon_read_entryid(
        const struct logon *logon, ULONG size, const void *bytes, struct entryid *out)
{
    if (bytes == NULL)
        return MAPI_E_INVALID_PARAMETER;
    if (!entryid_get(size, bytes, out) ||
            memcmp(out->store_uid, logon->store_uid, sizeof(out->store_uid)) != 0)
        return MAPI_E_UNKNOWN_ENTRYID;
    return S_OK;
}

/* An id of the store itself, wrapped or not? */
static bool is_store_entryid(const struct logon *logon, ULONG size, const void *bytes)
{
    struct store_entryid store;

    if (size == logon->store_entryid.size && memcmp(bytes, logon->store_entryid.data, size) == 0)
        return true;
    return store_entryid_get(size, bytes, &store) &&
           memcmp(store.store_uid, logon->store_uid, sizeof(store.store_uid)) == 0;
}

HRESULT logon_compare_entryids(const struct logon *logon, ULONG size1, LPENTRYID entry_id1,
        ULONG size2, LPENTRYID entry_id2, ULONG flags, ULONG *out_equal)
{
    struct entryid first = { .id = 0 };
    struct entryid second = { .id = 0 };
    bool first_is_store;
    bool second_is_store;

    MSP_CLEAR(out_equal);
    MSP_NEED(out_equal != NULL && (entry_id1 != NULL || size1 == 0) &&
             (entry_id2 != NULL || size2 == 0));
    MSP_NEED_FLAGS(flags, 0);

    first_is_store = size1 != 0 && is_store_entryid(logon, size1, entry_id1);
    second_is_store = size2 != 0 && is_store_entryid(logon, size2, entry_id2);
    if ((!first_is_store && FAILED(logon_read_entryid(logon, size1, entry_id1, &first))) ||
            (!second_is_store && FAILED(logon_read_entryid(logon, size2, entry_id2, &second))))
        return MAPI_E_UNKNOWN_ENTRYID;
    *out_equal =
            first_is_store == second_is_store && first.kind == second.kind && first.id == second.id;
    return S_OK;
}

HRESULT logon_read_folder(struct msp_call *call, const struct logon *logon, ULONG size,
        const void *bytes, struct eng_folder *out)
{
    struct entryid entryid;
    HRESULT hr;

    hr = logon_read_entryid(logon, size, bytes, &entryid);
    if (FAILED(hr))
        return msp_fail(call, hr, 0, "The identifier does not name a folder of this store.");
    if (entryid.kind != ENTRYID_FOLDER)
        return msp_fail(call, MAPI_E_INVALID_ENTRYID, 0, "The identifier does not name a folder.");
    return msp_from_engine(
            call, logon->eng, eng_folder_get(logon->eng, entryid.id, out, NULL, NULL));
}

static HRESULT open_entry(struct msp_call *call, struct logon *logon, ULONG entry_id_size,
        LPENTRYID entry_id, LPCIID iid, ULONG flags, ULONG *out_type, LPUNKNOWN *out)
{
    struct entryid entryid = { .kind = ENTRYID_FOLDER, .id = ENG_ROOT_FOLDER };
    HRESULT hr;

    if (logon->store == NULL)
        return MAPI_E_INVALID_OBJECT;
    if (entry_id_size != 0) {
        hr = logon_read_entryid(logon, entry_id_size, entry_id, &entryid);
        if (FAILED(hr))
            return msp_fail(call, hr, 0, "The identifier does not name an item of this store.");
    }
    if (entryid.kind == ENTRYID_FOLDER)
        hr = folder_open(call, logon, entryid.id, iid, flags, out);
    else
        hr = message_open(call, logon, entryid.id, iid, flags, out);
    if (SUCCEEDED(hr))
        *out_type = entryid.kind == ENTRYID_FOLDER ? MAPI_FOLDER : MAPI_MESSAGE;
    return hr;
}

HRESULT logon_open_entry(struct msp_object *object, struct logon *logon, ULONG entry_id_size,
        LPENTRYID entry_id, LPCIID iid, ULONG flags, ULONG *out_type, LPUNKNOWN *out)
{
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_type);
    MSP_CLEAR(out);
    MSP_NEED(out_type != NULL && out != NULL && (entry_id_size == 0 || entry_id != NULL));
    MSP_NEED_FLAGS(flags, MAPI_MODIFY | MAPI_BEST_ACCESS | MAPI_DEFERRED_ERRORS | MAPI_NO_CACHE |
                                  SHOW_SOFT_DELETES);

    hr = msp_call_begin(&call, object);
    if (FAILED(hr))
        return hr;
    hr = open_entry(&call, logon, entry_id_size, entry_id, iid, flags, out_type, out);
    return msp_call_end(&call, hr);
}

/* --- IMSLogon --------------------------------------------------------------------------------- */

static const struct msp_iface logon_ifaces[] = {
    { &IID_IUnknown, offsetof(struct logon, IMSLogon_iface) },
    { &IID_IMSLogon, offsetof(struct logon, IMSLogon_iface) },
    { NULL, 0 },
};

static const struct msp_class logon_class = {
    .name = "logon",
    .size = sizeof(struct logon),
    .object_offset = offsetof(struct logon, object),
    .ifaces = logon_ifaces,
    .owns_children = true,
    .dispose = logon_dispose,
    .finalize = logon_finalize,
};

MSP_UNKNOWN_METHODS(logon, IMSLogon, object)

static HRESULT STDMETHODCALLTYPE logon_GetLastError(
        IMSLogon *iface, HRESULT hr, ULONG flags, LPMAPIERROR *out)
{
    struct logon *logon = logon_from_iface(iface);

    return msp_last_error_get(&logon->object, hr, flags, &logon->alloc, out);
}

/* Works on a logon that is closed already, with any flags and with none: a forced shutdown is not a
 * request. */
static HRESULT STDMETHODCALLTYPE logon_Logoff(IMSLogon *iface, ULONG *flags)
{
    struct logon *logon = logon_from_iface(iface);

    MSP_UNUSED(flags);
    msp_object_addref(
            &logon->object); /* the host may release us from inside the support object's Release */
    logon_end(logon);
    msp_object_release(&logon->object);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE logon_OpenEntry(IMSLogon *iface, ULONG entry_id_size,
        LPENTRYID entry_id, LPCIID iid, ULONG flags, ULONG *out_type, LPUNKNOWN *out)
{
    struct logon *logon = logon_from_iface(iface);

    return logon_open_entry(
            &logon->object, logon, entry_id_size, entry_id, iid, flags, out_type, out);
}

static HRESULT STDMETHODCALLTYPE logon_CompareEntryIDs(IMSLogon *iface, ULONG size1,
        LPENTRYID entry_id1, ULONG size2, LPENTRYID entry_id2, ULONG flags, ULONG *out_equal)
{
    struct logon *logon = logon_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_equal);
    hr = msp_call_begin(&call, &logon->object);
    if (FAILED(hr))
        return hr;
    hr = logon_compare_entryids(logon, size1, entry_id1, size2, entry_id2, flags, out_equal);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE logon_Advise(IMSLogon *iface, ULONG entry_id_size,
        LPENTRYID entry_id, ULONG event_mask, LPMAPIADVISESINK sink, ULONG_PTR *out_connection)
{
    struct logon *logon = logon_from_iface(iface);

    return notify_Advise(
            logon, &logon->object, entry_id_size, entry_id, event_mask, sink, out_connection);
}

static HRESULT STDMETHODCALLTYPE logon_Unadvise(IMSLogon *iface, ULONG_PTR connection)
{
    struct logon *logon = logon_from_iface(iface);

    return notify_Unadvise(logon, &logon->object, connection);
}

static HRESULT STDMETHODCALLTYPE logon_OpenStatusEntry(
        IMSLogon *iface, LPCIID iid, ULONG flags, ULONG *out_type, LPVOID *out)
{
    struct logon *logon = logon_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_type);
    MSP_CLEAR(out);
    MSP_NEED(out_type != NULL && out != NULL);
    MSP_NEED_FLAGS(flags, MAPI_MODIFY);

    hr = msp_call_begin(&call, &logon->object);
    if (FAILED(hr))
        return hr;
    hr = status_open(&call, logon, iid, out);
    if (SUCCEEDED(hr))
        *out_type = MAPI_STATUS;
    return msp_call_end(&call, hr);
}

static const struct IMSLogonVtbl logon_vtbl = {
    MSP_UNKNOWN_SLOTS(logon),
    .GetLastError = logon_GetLastError,
    .Logoff = logon_Logoff,
    .OpenEntry = logon_OpenEntry,
    .CompareEntryIDs = logon_CompareEntryIDs,
    .Advise = logon_Advise,
    .Unadvise = logon_Unadvise,
    .OpenStatusEntry = logon_OpenStatusEntry,
};

/* --- birth
 * ------------------------------------------------------------------------------------------------
 */

/* Whoever the process runs for. */
static bool note_user(struct logon *logon)
{
    char name[USER_NAME_MAX];
    size_t size = msp_user_name(name, sizeof(name));

    if (size <= 1 || size > sizeof(name))
        return true;
    return msp_buf_append(&logon->user_name, name, size - 1);
}

HRESULT logon_new(const struct logon_params *params, struct logon **out)
{
    struct msp_domain *domain = msp_domain_new();
    struct logon *logon = msp_object_alloc(&logon_class);
    struct store *store = NULL;
    struct eng_info info;
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    *out = NULL;
    if (logon == NULL)
        goto out;
    msp_cond_init(&logon->quiet);
    msp_mutex_init(&logon->eng_lock);
    notify_init(&logon->notify, logon);
    msp_list_init(&logon->idle.newest);
    logon->IMSLogon_iface.lpVtbl = &logon_vtbl;
    logon->alloc = params->core->alloc;
    logon->core = params->core;
    atomic_fetch_add(&params->core->refs, 1);
    if (domain == NULL)
        goto out;
    store = store_alloc(logon);
    if (store == NULL ||
            !msp_buf_append(&logon->store_entryid, params->wrapped, params->wrapped_size) ||
            !msp_buf_append_str(&logon->path, params->path) ||
            !msp_buf_append_str(&logon->display_name, params->display_name) || !note_user(logon))
        goto out;

    eng_info(params->eng, &info);
    memcpy(logon->store_uid, info.store_uid, sizeof(logon->store_uid));
    logon->can_write = params->can_write;
    logon->is_spooler = params->is_spooler;
    logon->status_code = STATUS_AVAILABLE;
    store->prop.can_write = params->can_write;
    logon->eng = params->eng;
    logon->support = params->support;
    params->support->lpVtbl->AddRef(params->support);
    logon->store = store;
    eng_on_events(logon->eng, notify_events, &logon->notify);
    msp_object_start(&logon->object, domain, NULL);
    msp_domain_lock(domain);
    msp_object_start(&store->prop.object, domain, &logon->object);
    msp_domain_unlock(domain);
    *out = logon;
    hr = S_OK;
out:
    if (FAILED(hr)) {
        msp_object_abandon(store != NULL ? &store->prop.object : NULL);
        msp_object_abandon(logon != NULL ? &logon->object : NULL);
    }
    msp_domain_release(domain);
    return hr;
}
