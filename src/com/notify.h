/* SPDX-License-Identifier: MIT */
/*
 * notify.h - advise sinks of one logon and the events on their way to them.
 *
 * The engine reports what a commit changed; the center queues it under the lock and delivers it
 * when the lock is left: in order, one thread at a time, at most once to each sink. A sink has one
 * reference from Advise to Unadvise.
 */
#ifndef MSP_COM_NOTIFY_H
#define MSP_COM_NOTIFY_H

#include "com/object.h"
#include "engine/eng.h"
#include "util/array.h"

struct logon;

struct notify_center {
    struct logon *logon;
    struct msp_array advises;  /* under lock: struct advise *, one reference each */
    ULONG_PTR last_connection; /* under lock */
    struct msp_array queue; /* under lock: struct eng_event; those before `delivered` are history */
    size_t delivered;       /* under lock */
    uintptr_t deliverer;    /* under lock: the thread that delivers; 0: none */
    uintptr_t closer; /* under lock: the thread that gives the sinks back at the end; 0: none */
    struct msp_later delivery;
    struct msp_later closing;
};

void notify_init(struct notify_center *center, struct logon *logon);
/* The engine's report of a commit (eng_on_events); under the lock. */
void notify_events(void *context, const struct eng_event *events, size_t event_count);
/* Under the lock, at the end of the logon: nothing is delivered any more; sinks are released when
 * the lock is left. */
void notify_close(struct notify_center *center);
/* Plain memory; no lock. */
void notify_done(struct notify_center *center);

/* Advise and Unadvise of the logon or the store; arguments straight from the client. */
HRESULT notify_Advise(struct logon *logon, struct msp_object *object, ULONG entry_id_size,
        LPENTRYID entry_id, ULONG event_mask, LPMAPIADVISESINK sink, ULONG_PTR *out_connection);
HRESULT notify_Unadvise(struct logon *logon, struct msp_object *object, ULONG_PTR connection);

#endif
