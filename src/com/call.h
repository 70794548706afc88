/* SPDX-License-Identifier: MIT */
/*
 * call.h - what every method does first and last: lock, liveness, error detail.
 *
 *   MSP_CLEAR(out);  MSP_NEED(out != NULL);  MSP_NEED_FLAGS(flags, ...);      nothing is owned yet
 *   hr = msp_call_begin(&call, &x->object);  if (FAILED(hr)) return hr;
 *   hr = do_the_work(&call, x, ...);
 *   return msp_call_end(&call, hr);
 */
#ifndef MSP_COM_CALL_H
#define MSP_COM_CALL_H

#include "com/object.h"
#include "engine/eng.h"
#include "platform/base.h"
#include "util/bag.h"

struct msp_call {
    struct msp_object *object;
    struct msp_domain *domain;
    bool paused_once; /* a reference on object is held until the end */
    bool has_detail;
    HRESULT detail_hr;
    ULONG detail_low;
    char detail[256];        /* valid when has_detail */
    const atomic_bool *stop; /* of work in the background; NULL: it ends only with the logon */
};

/* Is long work to end at this chunk? */
static inline bool msp_call_is_stopped(const struct msp_call *call)
{
    return msp_domain_is_stopping(call->domain) ||
           (call->stop != NULL && (atomic_load(call->stop) || atomic_load(&call->domain->halted)));
}

/* Clears an out-pointer that may itself be NULL. */
#define MSP_CLEAR(out)                                                                             \
    do {                                                                                           \
        if ((out) != NULL)                                                                         \
            *(out) = 0;                                                                            \
    } while (0)
#define MSP_NEED(condition)                                                                        \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return MAPI_E_INVALID_PARAMETER;                                                       \
    } while (0)
#define MSP_NEED_FLAGS(flags, allowed)                                                             \
    do {                                                                                           \
        if (((flags) & ~(ULONG)(allowed)) != 0)                                                    \
            return MAPI_E_UNKNOWN_FLAGS;                                                           \
    } while (0)

/* Takes the lock and wakes the object. MAPI_E_INVALID_OBJECT when it is dead, MAPI_E_DISK_ERROR or
 * MAPI_E_NOT_ENOUGH_MEMORY when it cannot be woken; the lock is not held then. */
HRESULT msp_call_begin(struct msp_call *call, struct msp_object *object);
/* Under the lock: the same for another object that a call works on. */
HRESULT msp_call_wake(struct msp_call *call, struct msp_object *object);
/* Keeps the error's detail on the object, leaves the lock, runs what was put off; returns hr. */
HRESULT msp_call_end(struct msp_call *call, HRESULT hr);

/* Steps out of the lock around a callback; nothing borrowed from under the lock survives it, no
 * engine transaction may be open. */
void msp_call_pause(struct msp_call *call);
/* Back under the lock (always). MAPI_E_INVALID_OBJECT when the object died meanwhile. */
HRESULT msp_call_resume(struct msp_call *call);
/* Steps out to release a reference on an interface, of ours or of the host's. The result is
 * msp_call_resume()'s. */
HRESULT msp_call_release(struct msp_call *call, void *object);

/* Says once why something failed; returns hr. The first detail of a call wins. `low` is the SQLite
 * code or 0. The text is a sentence for people. */
HRESULT msp_fail(struct msp_call *call, HRESULT hr, ULONG low, const char *format, ...)
        MSP_PRINTF(4, 5);
/* The one bridge from engine statuses: S_OK, or the status's HRESULT with the engine's own sentence
 * as detail. */
HRESULT msp_from_engine(struct msp_call *call, const struct eng *eng, enum eng_status status);
/* The same for the bag of properties: no memory, or a damaged record (MAPI_E_CORRUPT_DATA). */
HRESULT msp_from_bag(struct msp_call *call, enum bag_status status);
/* The HRESULT and the general sentence of a status; for callers without a call. */
HRESULT msp_engine_hresult(enum eng_status status);
const char *msp_engine_sentence(enum eng_status status);

struct mapi_alloc;
/* GetLastError of every object: the detail kept for hr, or S_OK with NULL. Allocated with alloc. */
HRESULT msp_last_error_get(struct msp_object *object, HRESULT hr, ULONG flags,
        const struct mapi_alloc *alloc, LPMAPIERROR *out);
/* Frees an object's detail; object.c only. */
void msp_last_error_free(struct msp_last_error *last_error);
/* A MAPIERROR of its own (Logon, which has no object yet). */
HRESULT msp_error_make(const struct mapi_alloc *alloc, HRESULT hr, ULONG flags, const char *text,
        ULONG low, LPMAPIERROR *out);

#endif
