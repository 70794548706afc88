/* SPDX-License-Identifier: MIT */
/*
 * provider.c - IMSProvider and IMAPIProviderShutdown: logging on, comparing stores, shutting down.
 *
 * Owns:  the provider object, its core, one reference on the host's IMalloc.
 * Locks: nothing here holds a lock while it calls the support object or opens a file.
 */
#include "com/provider.h"

#include <string.h>

#include "com/call.h"
#include "com/logon.h"
#include "com/logon_open.h"
#include "com/module.h"
#include "com/slots.h"
#include "com/store.h"
#include "com/trace.h"
#include "com/watch.h"
#include "platform/library.h"
#include "platform/time.h"
#include "util/alloc.h"

/* How long fast shutdown waits for locks, which others leave at their next chunk. */
#define HURRY_NS UINT64_C(10000000000)

struct provider {
    IMSProvider IMSProvider_iface;
    IMAPIProviderShutdown IMAPIProviderShutdown_iface;
    struct msp_object object; /* root of its domain */
    struct provider_core *core;
    LPMALLOC malloc_object; /* counted; released by ending.run */
    struct msp_later ending;
};

static struct provider *provider_from_iface(IMSProvider *iface)
{
    return CONTAINING_RECORD(iface, struct provider, IMSProvider_iface);
}

static struct provider *shutdown_from_iface(IMAPIProviderShutdown *iface)
{
    return CONTAINING_RECORD(iface, struct provider, IMAPIProviderShutdown_iface);
}

void provider_core_release(struct provider_core *core)
{
    if (core == NULL || atomic_fetch_sub(&core->refs, 1) != 1)
        return;
    msp_mutex_done(&core->lock);
    msp_mutex_done(&core->fast_lock);
    msp_free(core);
}

/* --- life ------------------------------------------------------------------------------------- */

/* The last Release, without the lock: acts as Shutdown if the host forgot it. */
static void provider_end(struct msp_later *later)
{
    struct provider *provider = CONTAINING_RECORD(later, struct provider, ending);

    logon_end_all(provider->core);
    if (provider->malloc_object != NULL)
        provider->malloc_object->lpVtbl->Release(provider->malloc_object);
    provider->malloc_object = NULL;
    module_keep_for_shells();
}

static void provider_dispose(struct msp_object *object)
{
    struct provider *provider = CONTAINING_RECORD(object, struct provider, object);

    if (object->domain == NULL)
        return; /* never started */
    provider->ending.run = provider_end;
    msp_domain_later(object->domain, &provider->ending);
}

static void provider_finalize(struct msp_object *object)
{
    struct provider *provider = CONTAINING_RECORD(object, struct provider, object);

    provider_core_release(provider->core);
}

static const struct msp_iface provider_ifaces[] = {
    { &IID_IUnknown, offsetof(struct provider, IMSProvider_iface) },
    { &IID_IMSProvider, offsetof(struct provider, IMSProvider_iface) },
    { &IID_IMAPIProviderShutdown, offsetof(struct provider, IMAPIProviderShutdown_iface) },
    { &IID_IMAPIClientShutdown, offsetof(struct provider, IMAPIProviderShutdown_iface) },
    { NULL, 0 },
};

static const struct msp_class provider_class = {
    .name = "provider",
    .size = sizeof(struct provider),
    .object_offset = offsetof(struct provider, object),
    .ifaces = provider_ifaces,
    .owns_children = true,
    .dispose = provider_dispose,
    .finalize = provider_finalize,
};

MSP_UNKNOWN_METHODS(provider, IMSProvider, object)
MSP_UNKNOWN_METHODS(shutdown, IMAPIProviderShutdown, object)

/* --- IMSProvider ------------------------------------------------------------------------------ */

static HRESULT STDMETHODCALLTYPE provider_Shutdown(IMSProvider *iface, ULONG *flags)
{
    struct provider *provider = provider_from_iface(iface);

    MSP_UNUSED(flags); /* reserved; whatever is in it, shutting down does not fail */
    logon_end_all(provider->core);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE provider_Logon(IMSProvider *iface, LPMAPISUP support, ULONG_PTR ui,
        LPTSTR profile, ULONG entry_id_size, LPENTRYID entry_id, ULONG flags, LPCIID iid,
        ULONG *out_security_size, LPBYTE *out_security, LPMAPIERROR *out_error,
        LPMSLOGON *out_logon, LPMDB *out_store)
{
    struct logon_request request = {
        .core = provider_from_iface(iface)->core,
        .support = support,
        .ui = ui,
        .entry_id_size = entry_id_size,
        .entry_id = entry_id,
        .flags = flags,
        .iid = iid,
    };

    MSP_UNUSED(profile);
    MSP_CLEAR(out_security_size);
    MSP_CLEAR(out_security);
    return logon_open(&request, out_error, out_logon, out_store);
}

static HRESULT STDMETHODCALLTYPE provider_SpoolerLogon(IMSProvider *iface, LPMAPISUP support,
        ULONG_PTR ui, LPTSTR profile, ULONG entry_id_size, LPENTRYID entry_id, ULONG flags,
        LPCIID iid, ULONG security_size, LPBYTE security, LPMAPIERROR *out_error,
        LPMSLOGON *out_logon, LPMDB *out_store)
{
    struct logon_request request = {
        .core = provider_from_iface(iface)->core,
        .support = support,
        .entry_id_size = entry_id_size,
        .entry_id = entry_id,
        .flags = flags,
        .iid = iid,
        .is_spooler = true,
        /* Logon never gives any, so whatever comes here is not ours. */
        .has_bad_security = security_size != 0 || security != NULL,
    };

    MSP_UNUSED(ui);
    MSP_UNUSED(profile);
    return logon_open(&request, out_error, out_logon, out_store);
}

static HRESULT STDMETHODCALLTYPE provider_CompareStoreIDs(IMSProvider *iface, ULONG size1,
        LPENTRYID entry_id1, ULONG size2, LPENTRYID entry_id2, ULONG flags, ULONG *out_equal)
{
    struct store_entryid first;
    struct store_entryid second;

    MSP_UNUSED(iface);
    MSP_CLEAR(out_equal);
    MSP_NEED(out_equal != NULL && (entry_id1 != NULL || size1 == 0) &&
             (entry_id2 != NULL || size2 == 0));
    MSP_NEED_FLAGS(flags, 0);

    *out_equal = store_entryid_get(size1, entry_id1, &first) &&
                 store_entryid_get(size2, entry_id2, &second) &&
                 store_entryid_same(&first, &second);
    return S_OK;
}

/* --- IMAPIProviderShutdown -------------------------------------------------------------------- */

/* Nothing acknowledged is lost when the process goes without a word. */
static HRESULT STDMETHODCALLTYPE shutdown_QueryFastShutdown(IMAPIProviderShutdown *iface)
{
    MSP_UNUSED(iface);
    return S_OK;
}

/* Stops the threads that look for what other sessions change, and makes durable what is not. Calls
 * go on as before; whatever is saved in bulk from now on is left to DoFastShutdown, and so is a
 * store that is busy for a second. */
static HRESULT STDMETHODCALLTYPE shutdown_NotifyProcessShutdown(IMAPIProviderShutdown *iface)
{
    return logon_flush_each(shutdown_from_iface(iface)->core);
}

/* The process ends from here on: nobody calls Logoff any more, and what is still released is the
 * system's to clean up. Long work of other threads ends as it would at Logoff. After a failure the
 * session goes on and is to be ended in the usual way. */
static HRESULT STDMETHODCALLTYPE shutdown_DoFastShutdown(IMAPIProviderShutdown *iface)
{
    struct provider_core *core = shutdown_from_iface(iface)->core;
    uint64_t started = msp_time_monotonic_ns();
    unsigned count = 0;
    HRESULT hr;

    hr = logon_flush_all(core, started + HURRY_NS, &count);
    trace_line("fast shutdown: %u logon%s, took %.3f ms", count, count == 1 ? "" : "s",
            (double)(msp_time_monotonic_ns() - started) / 1e6);
    if (hr == S_OK)
        msp_process_set_dying();
    return hr;
}

static const struct IMSProviderVtbl provider_vtbl = {
    MSP_UNKNOWN_SLOTS(provider),
    .Shutdown = provider_Shutdown,
    .Logon = provider_Logon,
    .SpoolerLogon = provider_SpoolerLogon,
    .CompareStoreIDs = provider_CompareStoreIDs,
};

static const struct IMAPIProviderShutdownVtbl shutdown_vtbl = {
    MSP_UNKNOWN_SLOTS(shutdown),
    .QueryFastShutdown = shutdown_QueryFastShutdown,
    .NotifyProcessShutdown = shutdown_NotifyProcessShutdown,
    .DoFastShutdown = shutdown_DoFastShutdown,
};

HRESULT provider_new(
        LPMALLOC malloc_object, const struct mapi_alloc *alloc, bool is_service, LPMSPROVIDER *out)
{
    struct provider_core *core = msp_calloc(1, sizeof(*core));
    struct msp_domain *domain = msp_domain_new();
    struct provider *provider = msp_object_alloc(&provider_class);

    *out = NULL;
    if (core == NULL || domain == NULL || provider == NULL) {
        msp_object_abandon(provider != NULL ? &provider->object : NULL);
        msp_domain_release(domain);
        msp_free(core);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    msp_mutex_init(&core->lock);
    msp_mutex_init(&core->fast_lock);
    atomic_init(&core->refs, 1);
    core->alloc = *alloc;
    core->is_service = is_service;
    provider->IMSProvider_iface.lpVtbl = &provider_vtbl;
    provider->IMAPIProviderShutdown_iface.lpVtbl = &shutdown_vtbl;
    provider->core = core;
    provider->malloc_object = malloc_object;
    if (malloc_object != NULL)
        malloc_object->lpVtbl->AddRef(malloc_object);
    msp_object_start(&provider->object, domain, NULL);
    msp_domain_release(domain);
    *out = &provider->IMSProvider_iface;
    return S_OK;
}
