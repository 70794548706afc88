/* SPDX-License-Identifier: MIT */
/*
 * notify.h - what the clients of one logon are told: events of objects, and changes of live tables.
 *
 * Commit first, then tell. Every commit of every connection leaves its events in the file's
 * journal; the center reads on where it left off, whether it was this logon that committed, another
 * one or another process, and so nothing is told twice, nothing out of order, and what there was no
 * memory for is told later. Events go to the sinks when the lock is left, one thread at a time.
 * Live tables are brought up to date then, and tell what has changed in them.
 *
 * A change of this logon is told on the thread that made it, before its call returns, unless
 * another thread is telling already: that one takes it over. Changes of others are found by the
 * logon's watcher (com/watch.h).
 */
#ifndef MSP_COM_NOTIFY_H
#define MSP_COM_NOTIFY_H

#include "com/advise.h"
#include "com/object.h"
#include "engine/eng.h"

struct logon;
struct table_live;

struct notify_center {
    struct logon *logon;
    struct advise_list advises;    /* under lock */
    struct table_live *live_first; /* under lock: tables with sinks */
    ULONG_PTR last_connection;     /* under lock: of objects and tables alike */
    bool is_following;             /* under lock: `journal` and `stamp` are set */
    bool is_behind;                /* under lock: something could not be read or kept; try again */
    uint64_t journal;              /* under lock: the first event that was not looked at */
    uint64_t stamp;                /* under lock: eng_change_stamp() at the last look */
    uint64_t pokes;                /* under lock: how often notify_poke() was called */
    struct msp_array queue; /* under lock: struct queued; those before `delivered` are history */
    size_t delivered;       /* under lock */
    unsigned owed;          /* under lock: threads that have put a delivery off, and are coming */
    uintptr_t deliverer;    /* under lock: the thread that delivers; 0: none */
    uintptr_t closer; /* under lock: the thread that gives the sinks back at the end; 0: none */
    bool has_closed_tables; /* under lock: the end of the logon has found live tables */
    struct msp_later delivery;
    struct msp_later closing;
};

void notify_init(struct notify_center *center, struct logon *logon);
/* The engine's report of a commit (eng_on_events); under the lock. */
void notify_events(void *context, const struct eng_event *events, size_t event_count);
/* Under the lock: something that no commit tells of may have changed for a live table; or others
 * may have committed. Looks, and tells, when the lock is left. */
void notify_poke(struct notify_center *center);
/* Under the lock: has anybody committed since the last look, or is something left to do that no
 * thread is about to do? */
bool notify_is_due(struct notify_center *center);
/* Under the lock: is anybody to be told of anything? */
bool notify_has_sinks(const struct notify_center *center);
/* Under the lock, at the end of the logon: nothing is delivered any more; sinks are released when
 * the lock is left. */
void notify_close(struct notify_center *center);
/* Plain memory; no lock. */
void notify_done(struct notify_center *center);

/* Under the lock, before a first sink is there: from here on changes are looked for. Queues what is
 * to be told already, so that a new sink does not hear of it. S_OK, or the engine's failure. */
enum eng_status notify_follow(struct notify_center *center);
/* Without the lock: drops a registration that was taken off its list. An OnNotify of it that runs
 * on another thread gets a moment to return. */
void notify_end_advise(struct logon *logon, struct advise *advise);

/* Advise and Unadvise of the logon or the store; arguments straight from the client. */
HRESULT notify_Advise(struct logon *logon, struct msp_object *object, ULONG entry_id_size,
        LPENTRYID entry_id, ULONG event_mask, LPMAPIADVISESINK sink, ULONG_PTR *out_connection);
HRESULT notify_Unadvise(struct logon *logon, struct msp_object *object, ULONG_PTR connection);

#endif
