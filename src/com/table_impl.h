/* SPDX-License-Identifier: MIT */
/*
 * table_impl.h - a table object, between table.c and table_rows.c.
 */
#ifndef MSP_COM_TABLE_IMPL_H
#define MSP_COM_TABLE_IMPL_H

#include "com/view.h"

struct table_apart;
struct table_live;

/* An operation in the background; one at a time. */
enum table_work_state {
    TABLE_WORK_NONE,
    TABLE_WORK_WAITING, /* for the thread */
    TABLE_WORK_RUNNING
};

struct table_work {
    struct msp_mutex lock; /* a leaf: who asks how far it is need not wait for the domain's */
    struct msp_cond changed;
    enum table_work_state state; /* under lock; written under the domain's, too, but by Abort */
    ULONG status;                /* under lock: TBLSTAT_... */
    atomic_bool stop;            /* Abort: end at the next chunk */
    bool was_stopped;            /* under lock: the last operation ended so */
    uintptr_t runner;            /* under lock: the thread that is to do it */
    bool is_apart;               /* under lock: it runs without the domain's lock just now... */
    struct eng *apart;           /* ...on this connection; NULL: not yet, or not any more */
    /* Under the domain's lock: */
    struct table *next; /* in the thread's queue */
    bool is_queued;
    struct view_wish wish;       /* copies */
    struct table_apart *running; /* NULL: nothing is, or under the domain's lock */
};

struct table {
    IMAPITable IMAPITable_iface;
    struct msp_object object;
    struct logon *logon; /* valid while the object is LIVE */
    struct mapi_alloc alloc;
    struct table_source *source; /* owned; NULL once dead */
    struct view view;
    bool unicode;          /* width of text without a type of its own */
    ULONG *columns;        /* as the client set them */
    ULONG *decode_columns; /* the same without MVI_FLAG: the types that rows carry */
    size_t column_count;
    bool columns_need_props;
    struct table_live *live; /* NULL: nobody is told of changes */
    struct table_work work;
};

/* The table calls of a client, as table.c and its neighbours share them. */
HRESULT table_begin(struct msp_call *call, struct table *table);
struct table *table_from_iface(IMAPITable *iface);

/* Sets what a client wants. `now`: evaluates before it returns, on failure nothing has changed; a
 * live table always does. */
HRESULT table_set(
        struct msp_call *call, struct table *table, const struct view_wish *wish, bool now);

/* The same at once, with a twin that was evaluated for it, or NULL. */
HRESULT table_set_twin(struct msp_call *call, struct table *table, const struct view_wish *wish,
        struct view *twin);

/* table_async.c. Copies the wish and has it fulfilled in the background. MAPI_E_NO_SUPPORT: nobody
 * can, it is to be done at once. */
HRESULT table_work_begin(struct msp_call *call, struct table *table, const struct view_wish *wish);
/* On the logon's thread, under the lock, which is left while it works on a large table. Afterwards
 * the table, or the logon, may be dead. */
void table_work_run(struct table *table);
/* Under the lock: the work is over, or will never be done. */
void table_work_end(struct table *table, HRESULT hr);
/* Under the lock, nothing pending: how the last operation ended is of no account any more. */
void table_work_outdate(struct table_work *work);
void table_work_init(struct table_work *work);
void table_work_close(struct table *table);          /* from dispose */
void table_work_done(struct table_work *work);       /* from finalize */
bool table_work_is_pending(struct table_work *work); /* no lock needed */
bool table_work_is_apart(struct table_work *work);   /* the same */

/* Methods of the other files. */
HRESULT STDMETHODCALLTYPE table_Advise(
        IMAPITable *iface, ULONG event_mask, LPMAPIADVISESINK sink, ULONG_PTR *out_connection);
HRESULT STDMETHODCALLTYPE table_Unadvise(IMAPITable *iface, ULONG_PTR connection);
HRESULT STDMETHODCALLTYPE table_GetStatus(IMAPITable *iface, ULONG *out_status, ULONG *out_type);
HRESULT STDMETHODCALLTYPE table_Abort(IMAPITable *iface);
HRESULT STDMETHODCALLTYPE table_WaitForCompletion(
        IMAPITable *iface, ULONG flags, ULONG timeout, ULONG *out_status);

/* Opens a read transaction, one snapshot for the rows and whatever is read of them, and brings the
 * view in sync. table_leave() ends it, unless this failed. */
HRESULT table_enter(struct msp_call *call, struct table *table);
void table_leave(struct table *table);
/* The same for a call that needs no more than the first `needed` rows; see view_sync_head(). */
HRESULT table_enter_head(struct msp_call *call, struct table *table, size_t needed);

/* The rows [first, first + count) as a row set; the view is in sync and a transaction is open. */
HRESULT table_rows_get(
        struct msp_call *call, struct table *table, size_t first, size_t count, LPSRowSet *out);
/* One row for a client, in memory of the allocator's. */
HRESULT table_row_get(struct msp_call *call, struct table *table, const struct mapi_alloc *alloc,
        size_t position, SRow *out);
/* The row at a visible position, read from the source into `room`; borrowed until the next one is
 * read. */
HRESULT table_row_read(struct msp_call *call, struct table *table, size_t position, bool with_props,
        struct table_row *room, struct view_row *out);

/* table_find.c. A restriction for this table's rows, compiled: as restrict_compile(). */
HRESULT table_compile(struct msp_call *call, struct table *table, const SRestriction *restriction,
        struct restrict_program **out);
/* FindRow: puts the cursor on the first match from the bookmark on, or before it. */
HRESULT table_find_row(struct msp_call *call, struct table *table, const SRestriction *restriction,
        BOOKMARK origin, bool backward);
/* What the view says of a bookmark, with a sentence when it fails. */
HRESULT table_bookmark_result(struct msp_call *call, HRESULT hr);
/* The position of a bookmark, with a sentence when it is none. */
HRESULT table_bookmark_position(
        struct msp_call *call, struct table *table, BOOKMARK bookmark, size_t *out);

/* table_category.c: the work of the methods of these names; outs are set on success only. */
HRESULT table_expand_row(struct msp_call *call, struct table *table, const void *key,
        size_t key_size, ULONG wanted, LPSRowSet *out_rows, ULONG *out_more);
HRESULT table_collapse_row(
        struct msp_call *call, struct table *table, const void *key, size_t key_size, ULONG *out);
HRESULT table_get_state(struct msp_call *call, struct table *table, const void *key,
        size_t key_size, ULONG *out_size, LPBYTE *out_state);
HRESULT table_set_state(
        struct msp_call *call, struct table *table, const void *state, size_t size, BOOKMARK *out);

#endif
