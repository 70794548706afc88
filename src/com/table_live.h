/* SPDX-License-Identifier: MIT */
/*
 * table_live.h - a table that tells its sinks what changes in it.
 *
 * A live table is always evaluated as a whole: what a change of the data makes of its visible rows
 * is found by comparing before and after, or by following single rows (com/view.h), and kept as
 * packets until they are delivered (com/notify.h). More than TABLE_LIVE_BATCH changes at once, or
 * anything that cannot be kept, becomes one TABLE_CHANGED, which needs no memory: the rows, their
 * instance keys and the bookmarks are good then, the client only has to read again.
 *
 * Locks: the domain lock is held for everything here unless it says otherwise.
 */
#ifndef MSP_COM_TABLE_LIVE_H
#define MSP_COM_TABLE_LIVE_H

#include "com/advise.h"
#include "com/view.h"

struct table;

enum {
    TABLE_LIVE_BATCH = 256,     /* row events told singly, of what was found at one time */
    TABLE_LIVE_QUEUE_MAX = 4096 /* packets waiting for a slow sink */
};

/* One notification to be. */
struct table_packet {
    ULONG event; /* TABLE_... */
    HRESULT result;
    ULONG_PTR newest; /* the last sink that was there when it happened */
    uint8_t index[VIEW_INSTANCE_KEY_MAX];
    uint8_t prior[VIEW_INSTANCE_KEY_MAX];
    uint8_t index_size; /* 0: no row */
    uint8_t prior_size; /* 0: the row is the first */
    SRow row;           /* in memory of our own */
};

struct table_live {
    struct view_watch watch; /* what the view calls */
    struct table *table;     /* NULL once the table is dead */
    struct advise_list advises;
    struct msp_array queue; /* struct table_packet */
    bool is_changed;        /* TABLE_CHANGED is to be told before anything else */
    ULONG_PTR changed_newest;
    bool has_lost_rows; /* rows have gone that are not among the view's departed ones */
    uint64_t stamp;     /* of the last look */
    uint64_t pokes;
    atomic_uint refs;
    struct table_live *next; /* in the center's list */
    struct msp_later closing;
};

/* Makes the table live, if it is not yet: evaluates it, so that there is something to compare with.
 */
HRESULT table_live_need(struct msp_call *call, struct table *table);
/* No sinks are left: the table need not look any more. */
void table_live_rest(struct table *table);
/* From the table's dispose: ends the registrations; what is left goes when the lock is left. */
void table_live_close(struct table *table);

/* Brings the table up to date, unless that was tried at this state already; false: it could not be,
 * and is to be tried again. */
bool table_live_sync(struct table_live *live, uint64_t stamp, uint64_t pokes);
/* The client has other columns, rows or another order now: what is queued says nothing to it. */
void table_live_restart(struct table_live *live);
/* A notification without a row: the end of an asynchronous operation. */
void table_live_tell(struct table_live *live, ULONG event, HRESULT result);

/* For the delivery. */
void table_live_ref(struct table_live *live);
void table_live_release(struct table_live *live); /* no lock held */
bool table_live_has_packet(const struct table_live *live);
void table_live_take(struct table_live *live, struct table_packet *out);
struct advise *table_live_sink(
        const struct table_live *live, const struct table_packet *packet, ULONG_PTR after);
/* No lock needed. Borrows from the packet. */
void table_live_notification(const struct table_packet *packet, NOTIFICATION *out);
void table_live_packet_free(struct table_packet *packet); /* no lock needed */

#endif
