/* SPDX-License-Identifier: MIT */
/*
 * logon.c - IMSLogon, and the end of a logon. logon.h has the picture.
 *
 * Owns:  the engine's connection, one reference on the support object, the pair's place in the
 *        provider's list.
 * Locks: logon_end() and what it puts off run without locks; everything in snake_case below them
 *        runs under the domain's.
 */
#include "com/logon.h"

#include <string.h>

#include "com/call.h"
#include "com/folder.h"
#include "com/message.h"
#include "com/provider.h"
#include "com/search.h"
#include "com/slots.h"
#include "com/status.h"
#include "com/store.h"
#include "com/trace.h"
#include "com/watch.h"
#include "platform/library.h"
#include "platform/thread.h"
#include "platform/time.h"
#include "util/alloc.h"

enum {
    /* How long Logoff waits for a call-out of another thread. Foreign code may itself wait for the
       thread that logs off. */
    QUIET_WAIT_MS = 1000
};

static struct logon *logon_from_iface(IMSLogon *iface)
{
    return CONTAINING_RECORD(iface, struct logon, IMSLogon_iface);
}

static struct logon *logon_from_object(struct msp_object *object)
{
    return CONTAINING_RECORD(object, struct logon, object);
}

/* --- the end ---------------------------------------------------------------------------------- */

void logon_unlist(struct logon *logon)
{
    struct provider_core *core = logon->core;

    msp_mutex_lock(&core->lock);
    if (logon->is_listed) {
        struct logon **link = &core->logons;

        while (*link != logon)
            link = &(*link)->next_open;
        *link = logon->next_open;
        logon->is_listed = false;
    }
    msp_mutex_unlock(&core->lock);
}

/* Under the lock: the support object is this thread's now, to be used without the lock and given
 * back. NULL: it is gone. */
static LPMAPISUP take_support(struct logon *logon)
{
    LPMAPISUP support = logon->support;

    logon->support = NULL;
    if (support != NULL)
        logon->support_user = msp_thread_id();
    return support;
}

bool logon_is_over(const struct logon *logon)
{
    return !msp_object_is_live(&logon->object) && logon->support_user == 0 &&
           logon->notify.deliverer == 0 && logon->notify.closer == 0 && logon->watch == NULL &&
           logon->joining == 0;
}

/* Without the lock: the store has ended by itself, and whoever gives the support object back is the
 * last who can say so. */
static void tell_transports(struct logon *logon, LPMAPISUP support)
{
    struct msp_domain *domain = logon->object.domain;
    bool is_due;
    ULONG flags;

    msp_domain_lock(domain);
    is_due = logon->transports_due;
    logon->transports_due = false;
    flags = logon->logoff_flags != 0 ? logon->logoff_flags : LOGOFF_ABORT;
    msp_domain_unlock(domain);
    if (is_due)
        (void)support->lpVtbl->StoreLogoffTransports(support, &flags);
}

/* Without the lock, with a reference on the logon: gives the support object back, unless it is
 * NULL. The host may call Logoff and release the logon from in here. */
static void give_back_support(struct logon *logon, LPMAPISUP support)
{
    struct msp_domain *domain = logon->object.domain;
    bool is_over;

    if (support != NULL) {
        tell_transports(logon, support);
        support->lpVtbl->Release(support);
    }
    msp_domain_lock(domain);
    if (support != NULL) {
        logon->support_user = 0;
        msp_cond_wake_all(&logon->quiet);
    }
    is_over = logon_is_over(logon);
    msp_domain_unlock(domain);
    if (is_over)
        logon_unlist(logon);
}

LPMAPISUP logon_borrow_support(struct logon *logon)
{
    if (logon->loans > 0 && logon->support_user == msp_thread_id()) {
        logon->loans++;
        return logon->loan;
    }
    if (logon->support_user != 0)
        return NULL;
    logon->loan = take_support(logon);
    logon->loans = logon->loan != NULL;
    return logon->loan;
}

void logon_return_support(struct logon *logon, LPMAPISUP support)
{
    struct msp_domain *domain = logon->object.domain;
    bool is_last;
    bool is_live;

    msp_domain_lock(domain);
    is_last = --logon->loans == 0;
    is_live = msp_object_is_live(&logon->object);
    if (is_last)
        logon->loan = NULL;
    if (is_last && is_live) {
        logon->support = support;
        logon->support_user = 0;
        msp_cond_wake_all(&logon->quiet);
    }
    msp_domain_unlock(domain);
    if (is_last && !is_live)
        give_back_support(logon, support);
}

static bool is_other(uintptr_t thread)
{
    return thread != 0 && thread != msp_thread_id();
}

/* Is another thread in foreign code on this logon's behalf? Under the lock. */
static bool is_busy_elsewhere(const struct logon *logon)
{
    return is_other(logon->support_user) || is_other(logon->notify.deliverer) ||
           is_other(logon->notify.closer) || is_other(logon->joining) ||
           is_other(watch_thread_id(logon));
}

/* Does another thread use the support object? Under the lock. */
static bool is_borrowed_elsewhere(const struct logon *logon)
{
    return is_other(logon->support_user);
}

/* Under the lock, which is left meanwhile: what other threads have begun gets a moment to end. */
static void wait_while(struct logon *logon, bool (*is_busy)(const struct logon *logon))
{
    struct msp_domain *domain = logon->object.domain;
    uint64_t give_up = 0;

    while (is_busy(logon)) {
        uint64_t now = msp_time_monotonic_ns() / 1000000;

        if (give_up == 0)
            give_up = now + QUIET_WAIT_MS;
        if (now >= give_up)
            break;
        (void)msp_cond_wait(&logon->quiet, &domain->lock, (uint32_t)(give_up - now));
    }
}

/* Without the lock, on a dead logon: nothing new begins. */
static void wait_until_quiet(struct logon *logon)
{
    msp_domain_lock(logon->object.domain);
    wait_while(logon, is_busy_elsewhere);
    msp_domain_unlock(logon->object.domain);
}

LPMAPISUP logon_await_support(struct logon *logon)
{
    LPMAPISUP support = NULL;

    msp_domain_lock(logon->object.domain);
    wait_while(logon, is_borrowed_elsewhere);
    if (msp_object_is_live(&logon->object))
        support = logon_borrow_support(logon);
    msp_domain_unlock(logon->object.domain);
    return support;
}

/* Without the lock. */
static void run_ending(struct msp_later *later)
{
    struct logon *logon = CONTAINING_RECORD(later, struct logon, ending);
    LPMAPISUP support = logon->ending_support;

    logon->ending_support = NULL;
    watch_join(logon);
    give_back_support(logon, support);
    msp_object_release(&logon->object);
}

/* Under the lock. */
static void close_file(struct logon *logon)
{
    struct eng *eng = logon->eng;

    msp_mutex_lock(&logon->eng_lock);
    logon->eng = NULL;
    msp_mutex_unlock(&logon->eng_lock);
    eng_close(eng);
}

/* Takes the lock; a call of another thread that holds it is told to stop. */
static void lock_now(struct logon *logon)
{
    struct msp_domain *domain = logon->object.domain;

    if (msp_mutex_try_lock(&domain->lock))
        return;
    msp_mutex_lock(&logon->eng_lock);
    if (logon->eng != NULL)
        eng_stop(logon->eng);
    msp_mutex_unlock(&logon->eng_lock);
    msp_domain_lock(domain);
}

/* Under the lock, after every child: the file is closed here, so nothing of it is left when Logoff
 * returns. */
static void logon_dispose(struct msp_object *object)
{
    struct logon *logon = logon_from_object(object);

    trace_left_advised(logon, logon->notify.advises.items.count);
    notify_close(&logon->notify);
    watch_close(logon);
    search_cache_free(logon->searches);
    logon->searches = NULL;
    close_file(logon);
    if (object->domain == NULL)
        return; /* never started */
    logon->ending_support = take_support(logon);
    logon->ending.run = run_ending;
    msp_object_ref_locked(object); /* run_ending() drops it */
    msp_domain_later(object->domain, &logon->ending);
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
    provider_core_release(logon->core);
}

void logon_end(struct logon *logon)
{
    struct msp_domain *domain = logon->object.domain;
    struct trace_logoff trace;

    if (msp_process_is_dying())
        return; /* other threads may be gone with locks held, and all that was acknowledged is on
                   disk */
    trace_logoff_begin(&trace, logon);
    atomic_store(&domain->closing, true);
    lock_now(logon);
    trace_logoff_locked(&trace, logon);
    (void)msp_object_kill(&logon->object);
    msp_domain_unlock(domain);
    wait_until_quiet(logon);
    trace_logoff_end(&trace);
}

void logon_give_up(struct logon *logon, struct store *store)
{
    logon_end(logon);
    store->IMsgStore_iface.lpVtbl->Release(&store->IMsgStore_iface);
    logon->IMSLogon_iface.lpVtbl->Release(&logon->IMSLogon_iface);
}

/* Without the lock, after the client's last Release of the store. */
static void run_store_gone(struct msp_later *later)
{
    struct logon *logon = CONTAINING_RECORD(later, struct logon, store_gone);
    struct msp_domain *domain = logon->object.domain;
    LPMAPISUP support;

    msp_domain_lock(domain);
    wait_while(logon, is_borrowed_elsewhere); /* the transports are told while the file is open */
    support = take_support(logon);
    msp_domain_unlock(domain);
    give_back_support(logon, support); /* the host calls Logoff from in here */
    logon_end(logon);                  /* in case it did not */
    msp_object_release(&logon->object);
}

void logon_store_gone(struct logon *logon)
{
    logon->store = NULL;
    if (atomic_load(&logon->object.domain->closing))
        return;
    logon->transports_due = true;
    logon->store_gone.run = run_store_gone;
    msp_object_ref_locked(&logon->object); /* run_store_gone() drops it */
    msp_domain_later(logon->object.domain, &logon->store_gone);
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

HRESULT logon_open_entry(struct msp_call *call, struct logon *logon, ULONG entry_id_size,
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
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_type);
    MSP_CLEAR(out);
    MSP_NEED(out_type != NULL && out != NULL && (entry_id_size == 0 || entry_id != NULL));
    MSP_NEED_FLAGS(flags, MAPI_MODIFY | MAPI_BEST_ACCESS | MAPI_DEFERRED_ERRORS | MAPI_NO_CACHE |
                                  SHOW_SOFT_DELETES);

    hr = msp_call_begin(&call, &logon->object);
    if (FAILED(hr))
        return hr;
    hr = logon_open_entry(&call, logon, entry_id_size, entry_id, iid, flags, out_type, out);
    return msp_call_end(&call, hr);
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
            !msp_buf_append_str(&logon->display_name, params->display_name))
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
