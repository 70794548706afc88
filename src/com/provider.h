/* SPDX-License-Identifier: MIT */
/*
 * provider.h - IMSProvider: the object MSProviderInit hands out, and the list of stores open
 * through it.
 */
#ifndef MSP_COM_PROVIDER_H
#define MSP_COM_PROVIDER_H

#include "com/object.h"
#include "mapi/mapibuf.h"

struct logon;

/*
 * What a provider object and its logons share. Counted; it outlives the provider object when a
 * logon does. Its lock comes before any logon's and is a leaf for the rest.
 */
struct provider_core {
    struct msp_mutex lock;
    struct msp_mutex fast_lock; /* one fast shutdown at a time; before every other lock */
    atomic_uint refs;
    struct logon *logons;  /* under lock: open stores, linked by logon->next_open; no references */
    unsigned flush_rounds; /* under lock: calls of logon_flush_each() */
    struct mapi_alloc alloc;
    bool is_service; /* MAPI_NT_SERVICE: never any user interface */
};

void provider_core_release(struct provider_core *core);

/* Makes a provider object with its own allocators and its own list of stores. `malloc` may be NULL;
 * it is referenced until the object dies. MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT provider_new(
        LPMALLOC malloc_object, const struct mapi_alloc *alloc, bool is_service, LPMSPROVIDER *out);

#endif
