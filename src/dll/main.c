/* SPDX-License-Identifier: MIT */
/*
 * main.c - MSProviderInit and MSGServiceEntry: the ways in. There is no DllMain: loading the module
 * does nothing.
 *
 * Owns:  nothing.
 * Locks: none; any thread, any number of times.
 */
#include "com/call.h"
#include "com/module.h"
#include "com/provider.h"
#include "com/service.h"
#include "platform/base.h"
#include "platform/sdk/mapi_sdk.h"

MSGSERVICEENTRY MSGServiceEntry;

/*
 * Makes a provider object (docs page msproviderinit), a new one with its own state on each call.
 *
 * malloc_object: referenced until the provider object dies; may be NULL. The three allocators are
 * used for whatever the stores of this object hand out. mapi_version: refused only when older than
 * CURRENT_SPI_VERSION. *out_provider: one reference for the host. Errors: MAPI_E_INVALID_PARAMETER,
 * MAPI_E_VERSION (with *out_version filled in), MAPI_E_NOT_ENOUGH_MEMORY.
 */
MSP_EXPORT HRESULT STDMAPIINITCALLTYPE MSProviderInit(HINSTANCE instance, LPMALLOC malloc_object,
        LPALLOCATEBUFFER allocate_buffer, LPALLOCATEMORE allocate_more, LPFREEBUFFER free_buffer,
        ULONG flags, ULONG mapi_version, ULONG *out_version, LPMSPROVIDER *out_provider)
{
    const struct mapi_alloc alloc = { allocate_buffer, allocate_more, free_buffer };

    MSP_UNUSED(instance);
    MSP_CLEAR(out_version);
    MSP_CLEAR(out_provider);
    MSP_NEED(out_version != NULL && out_provider != NULL);
    MSP_NEED(allocate_buffer != NULL && allocate_more != NULL && free_buffer != NULL);

    module_let_go();
    *out_version = CURRENT_SPI_VERSION;
    if (mapi_version < CURRENT_SPI_VERSION)
        return MAPI_E_VERSION;
    return provider_new(malloc_object, &alloc, (flags & MAPI_NT_SERVICE) != 0, out_provider);
}

/*
 * The message service's entry point (docs page msgserviceentry); see service_run(). Works in a
 * process where MSProviderInit was never called.
 */
MSP_EXPORT HRESULT STDAPICALLTYPE MSGServiceEntry(HINSTANCE instance, LPMALLOC malloc_object,
        LPMAPISUP support, ULONG_PTR ui, ULONG flags, ULONG context, ULONG count,
        LPSPropValue values, LPPROVIDERADMIN admin, LPMAPIERROR *out_error)
{
    MSP_UNUSED(instance);
    MSP_UNUSED(malloc_object);
    return service_run(support, ui, flags, context, count, values, admin, out_error);
}
