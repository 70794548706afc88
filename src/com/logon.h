/* SPDX-License-Identifier: MIT */
/*
 * logon.h - IMSLogon: one open store of one session, what all its objects share, and how it ends.
 *
 * The logon object is the root of its domain; the store object is its child, everything else is
 * below the store. How it ends is told at the head of logon_end.c.
 */
#ifndef MSP_COM_LOGON_H
#define MSP_COM_LOGON_H

#include "com/notify.h"
#include "com/object.h"
#include "engine/eng.h"
#include "mapi/entryid.h"
#include "mapi/mapibuf.h"
#include "platform/mutex.h"
#include "util/buf.h"
#include "util/list.h"

struct msp_call;
struct provider_core;
struct search_cache;
struct store;
struct watch;
struct trace_logon;

/* Open messages that nobody has looked at, with their records in memory: see message_idle.c. */
struct idle_messages {
    struct msp_list newest; /* struct message by its idle, from the newest to the oldest */
    size_t bytes;
};

struct logon {
    IMSLogon IMSLogon_iface;
    struct msp_object object;   /* root of its domain */
    struct provider_core *core; /* counted */
    struct logon *next_open;    /* under core->lock */
    bool is_listed;             /* under core->lock */
    unsigned flush_round;       /* under core->lock: the last logon_flush_each() that came here */
    bool has_lost;              /* under lock: a flush has failed */
    struct mapi_alloc alloc;
    uint8_t store_uid[16];
    bool can_write; /* the store was opened with MDB_WRITE and the medium allows it */
    bool is_spooler;
    bool told_spooler;            /* under lock: it knows that this logon may send */
    struct eng *eng;              /* NULL once logged off */
    struct eng *apart;            /* under eng_lock: what table_apart.c works on; NULL: nothing */
    struct msp_mutex eng_lock;    /* a leaf: eng_interrupt() against eng_close() */
    struct store *store;          /* NULL once the store object is gone */
    struct status *status;        /* NULL until opened, and once gone */
    ULONG status_code;            /* under lock: PR_STATUS_CODE, as last found */
    LPMAPISUP support;            /* counted; NULL once somebody has taken it to give it back */
    ULONG logoff_flags;           /* what StoreLogoff asked for; 0: it never came */
    struct msp_buf store_entryid; /* wrapped: PR_STORE_ENTRYID of everything */
    struct msp_buf path;          /* UTF-8, terminated */
    struct msp_buf display_name;  /* UTF-8 */
    struct msp_buf user_name;     /* UTF-8; empty: nobody knows */
    struct notify_center notify;
    struct watch *watch; /* under lock; NULL: there is no thread */
    uintptr_t joining;   /* under lock: the thread that somebody waits for to end; 0: none */
    uint64_t unheard_at; /* under lock: when nobody of another process heard our bell; 0: they do */
    struct idle_messages idle;     /* under lock */
    struct search_cache *searches; /* under lock; NULL until a search folder is looked at */
    LPMAPISUP ending_support;      /* taken by logon_end(), released by ending.run */
    uintptr_t support_user;  /* under lock: the thread that took the support object and is not done
                                with it; 0: none */
    LPMAPISUP loan;          /* under lock: the support object while support_user has borrowed it */
    unsigned loans;          /* how often: it may come back to us from inside a call-out */
    struct msp_cond quiet;   /* support_user, notify.deliverer or notify.closer has become 0, a sink
                                has returned, or the thread is joined */
    bool transports_due;     /* under lock: the store has ended, StoreLogoffTransports is to come */
    bool died_with_store;    /* under lock: one death took the store along */
    struct msp_later ending; /* logon_end()'s work outside the lock */
    struct msp_later store_gone;         /* the store's last Release: its work outside the lock */
    _Atomic(struct trace_logon *) trace; /* set once; NULL: nobody wants to know */
};

/* What Logon and SpoolerLogon know when the file is open. */
struct logon_params {
    struct provider_core *core;
    LPMAPISUP support;
    struct eng *eng;
    const char *path;
    const char *display_name;
    const void *wrapped; /* store entry id as WrapStoreEntryID gave it */
    size_t wrapped_size;
    bool can_write;
    bool is_spooler;
};

/* The pair of logon and store, both with one reference, not yet in the provider's list. Takes over
 * params->eng and one reference of params->support when it succeeds. */
HRESULT logon_new(const struct logon_params *params, struct logon **out);

/* The end of a logon, from anywhere, on any thread, any number of times; no lock held. */
void logon_end(struct logon *logon);

/* A pair that Logon cannot hand out after all: ends it and drops both references. */
void logon_give_up(struct logon *logon, struct store *store);

/* Ends every logon that is open, one after the other; a new one cannot come while the host is in
 * Shutdown. No lock held. */
void logon_end_all(struct provider_core *core);
/* Fast shutdown: work in the background and long calls end, and what is acknowledged and not yet
 * durable becomes so. `give_up` (msp_time_monotonic_ns()): no lock is waited for any longer. No
 * lock held. S_OK or MAPI_E_DISK_ERROR. */
HRESULT logon_flush_all(struct provider_core *core, uint64_t give_up, unsigned *out_count);
/* The same while the session goes on: calls are not stopped, a logon that is busy for a second is
 * left alone, sinks are told of what is committed. */
HRESULT logon_flush_each(struct provider_core *core);
/* The class's dispose. */
void logon_dispose(struct msp_object *object);

/* Under the lock, from the store's dispose: what the last Release of the store sets going. */
void logon_store_gone(struct logon *logon);

/* Under the lock: has the logon ended, with no thread in foreign code on its behalf any more? Who
 * finds that after clearing notify.deliverer calls logon_unlist(). */
bool logon_is_over(const struct logon *logon);
/* Without the lock, with a reference on the logon: off the provider's list, if it is in it. */
void logon_unlist(struct logon *logon);

/* Under the lock: the support object, for a call to be made without the lock by somebody who keeps
 * the logon in memory; NULL: it is gone or another thread uses it. Loans nest: what the host does
 * with us in the middle of a call may need it again. */
LPMAPISUP logon_borrow_support(struct logon *logon);
/* The same without the lock, for calls that cannot do without: waits a moment for another thread
 * that uses the support object. */
LPMAPISUP logon_await_support(struct logon *logon);
/* Without the lock, on the same thread. A logon that has ended meanwhile leaves the last Release to
 * the borrower. */
void logon_return_support(struct logon *logon, LPMAPISUP support);

/* OpenEntry of a folder, the store or the logon itself, `object`; no lock held. No entry id: the
 * root folder. */
HRESULT logon_open_entry(struct msp_object *object, struct logon *logon, ULONG entry_id_size,
        LPENTRYID entry_id, LPCIID iid, ULONG flags, ULONG *out_type, LPUNKNOWN *out);
/* Under the lock: the folder of this store that a client's entry id names; else the code and the
 * sentence that say what it is. */
HRESULT logon_read_folder(struct msp_call *call, const struct logon *logon, ULONG size,
        const void *bytes, struct eng_folder *out);
/* CompareEntryIDs for the logon and the store; no lock needed. */
HRESULT logon_compare_entryids(const struct logon *logon, ULONG size1, LPENTRYID entry_id1,
        ULONG size2, LPENTRYID entry_id2, ULONG flags, ULONG *out_equal);
/* A folder's or message's entry id. */
void logon_entryid(
        const struct logon *logon, enum entryid_kind kind, uint64_t id, uint8_t out[ENTRYID_SIZE]);
/* Reads an entry id that must be of this store: S_OK, MAPI_E_INVALID_PARAMETER,
 * MAPI_E_UNKNOWN_ENTRYID. */
HRESULT logon_read_entryid(
        const struct logon *logon, ULONG size, const void *bytes, struct entryid *out);

#endif
