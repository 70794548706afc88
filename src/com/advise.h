/* SPDX-License-Identifier: MIT */
/*
 * advise.h - registrations of clients' sinks, of a logon or of a table.
 *
 * A sink has one reference from Advise until its registration has ended and nobody is in its
 * OnNotify any more. Lists belong to a domain and are read and changed under its lock; sinks are
 * called, referenced and released without it.
 */
#ifndef MSP_COM_ADVISE_H
#define MSP_COM_ADVISE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "mapi/entryid.h"
#include "platform/sdk/mapi_sdk.h"
#include "util/array.h"

struct advise {
    atomic_uint refs;  /* the list's, and that of who calls the sink */
    atomic_bool ended; /* Unadvise or Logoff: no OnNotify starts any more */
    ULONG_PTR connection;
    ULONG event_mask;
    bool whole_store;      /* object events: any object... */
    struct entryid object; /* ...or this one */
    LPMAPIADVISESINK sink; /* counted */
};

/* No lock held. NULL: no memory. */
struct advise *advise_new(LPMAPIADVISESINK sink, ULONG event_mask);
/* Under the lock. */
void advise_ref(struct advise *advise);
/* No lock held: the last one gives the sink back. */
void advise_release(struct advise *advise);
/* No lock held: one notification, unless the registration has ended. */
void advise_call(struct advise *advise, NOTIFICATION *notification);

/* In the order of their connection numbers. */
struct advise_list {
    struct msp_array items; /* struct advise *, one reference each */
};

void advise_list_init(struct advise_list *list);
/* Takes over the reference, unless there is no memory (false). Numbers grow. */
bool advise_list_add(struct advise_list *list, struct advise *advise, ULONG_PTR connection);
/* Takes a registration out and ends it; its reference goes to the caller. NULL: no such number. */
struct advise *advise_list_take(struct advise_list *list, ULONG_PTR connection);
/* The next one after a number and up to another; NULL: none. */
struct advise *advise_list_next(const struct advise_list *list, ULONG_PTR after, ULONG_PTR up_to);
/* Ends them all; cannot fail. */
void advise_list_end(struct advise_list *list);
/* No lock held, on a list that nobody else looks at any more: releases all and frees the list. */
void advise_list_done(struct advise_list *list);

#endif
