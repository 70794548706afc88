/* SPDX-License-Identifier: MIT */
/*
 * host_world.h - what all support objects of one MAPI session share: profile, status table, event
 * registrations, provider UIDs, and the list of breaches.
 *
 * A breach is something a provider may not do and MAPI would not forgive: a call through a support
 * object after its last Release, NULL where a pointer is required, an unwrapped id where a wrapped
 * one belongs. It is counted and told on stderr; tests assert that there was none.
 *
 * Locks: `lock` is a leaf. No provider or client code runs under it.
 */
#ifndef HOST_WORLD_H
#define HOST_WORLD_H

#include "host_profile.h"

struct host_support;
struct host_subscription;
struct host_pending;

struct host_status_row {
    struct host_status_row *next;
    const struct host_support *owner;
    ULONG id; /* PR_ROWID */
    struct host_bag props;
};

struct host_world {
    struct host_lock lock;
    unsigned arena;               /* the allocator trio of this session */
    struct host_profile *profile; /* not owned */
    struct host_malloc *heap;     /* not owned; may be NULL */
    struct host_status_row *rows;
    ULONG next_row;
    struct host_support *supports; /* all of this world, newest last */
    struct host_subscription *subscriptions;
    struct host_pending *pending, **pending_end;
    ULONG_PTR next_connection;
    unsigned breaches;
    char last_breach[200];
};

void host_world_init(struct host_world *world, struct host_profile *profile, unsigned arena);
/* Frees rows and what is left of support objects and registrations; what a provider forgot to give
 * back is a breach, and the number of breaches is returned. */
unsigned host_world_done(struct host_world *world);

void host_world_breach(struct host_world *world, const char *format, ...) MSP_PRINTF(2, 3);
unsigned host_world_breaches(struct host_world *world);
void host_world_breaches_clear(struct host_world *world);

/* The status row that a support object made, NULL when there is none. Valid until it changes. */
const struct host_bag *host_world_status_row(
        struct host_world *world, const struct host_support *owner);
size_t host_world_status_count(struct host_world *world);

/* ---- Event registrations (host_notify.c) ---- */

HRESULT host_notify_subscribe(struct host_world *world, const struct host_support *owner,
        const NOTIFKEY *key, ULONG mask, ULONG flags, IMAPIAdviseSink *sink, ULONG_PTR *out);
HRESULT host_notify_unsubscribe(struct host_world *world, ULONG_PTR connection);
/* Copies the events for every registration of the key whose mask has them. Sinks registered with
 * NOTIFY_SYNC are called here; CALLBACK_DISCONTINUE stops it and sets NOTIFY_CANCELED. */
HRESULT host_notify_post(struct host_world *world, const NOTIFKEY *key, ULONG count,
        const NOTIFICATION *events, ULONG *flags);
/* Calls OnNotify for everything posted, on this thread; the number of calls made. What MAPI does
 * in the client's message loop: never inside the call that caused the event. */
unsigned host_notify_deliver(struct host_world *world);
/* Registrations that are still there (of one support object, or all when NULL). */
unsigned host_notify_count(struct host_world *world, const struct host_support *owner);
/* Forgets the registrations of a support object that is gone. */
void host_notify_drop(struct host_world *world, const struct host_support *owner);

#endif
