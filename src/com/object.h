/* SPDX-License-Identifier: MIT */
/*
 * object.h - lifetimes and locks of all COM objects. The one explanation of both.
 *
 * A domain is one lock and the tree of objects under it: the provider object is one, each logon
 * with everything opened through it is another. Every method runs between msp_call_begin() and
 * msp_call_end(), which hold the domain's lock.
 *
 *            Release, no children                       Release to 0
 *   LIVE ------------------------------> GONE <------------------------ DEAD
 *    |  \ Release to 0, children left                                    ^
 *    |   `--> LIVE, lingering --last child goes--> GONE                  |
 *    `------------- Logoff / last Release of a class that owns children -'
 *
 * Clients own references (`refs`). A child is linked into its parent, holds no reference to it and
 * keeps it in memory: an attachment outlives the client's last pointer to its message. A class that
 * owns its children (store, logon) takes them along: they are DEAD shells from then on, alone in
 * the world but for the domain, whose lock they still need. A DEAD object answers AddRef, Release
 * and QueryInterface; everything else returns MAPI_E_INVALID_OBJECT.
 *
 * The last reference is dropped under the lock. Were it dropped outside, a parent could be freed by
 * its last child while another thread has just taken the parent's count to zero and is about to
 * look at it.
 *
 * dispose runs once, under the lock, when the object stops being LIVE: it drops what is held. It
 * may not fail, allocate, call out or look at the parent. finalize runs once, without the lock,
 * just before the memory goes: it frees plain memory. Both accept half-built objects.
 *
 * No foreign code runs under the lock (support object, advise sinks, progress, client streams and
 * copy targets, and Release of any of them). Two tools: msp_domain_later() puts a piece of work off
 * until the lock is left, msp_call_pause()/resume() step out around a callback. Order of locks:
 * provider, logon, SQLite's own.
 */
#ifndef MSP_COM_OBJECT_H
#define MSP_COM_OBJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/mutex.h"
#include "platform/sdk/mapi_sdk.h"

struct msp_object;
struct msp_domain;
struct msp_last_error;

/* Work put off until the lock is left. The node lives in the object the work is about. */
struct msp_later {
    void (*run)(struct msp_later
                    *later); /* no lock held; may call out; the node may be freed in here */
    struct msp_later *next;
    atomic_bool queued; /* set under the lock, cleared just before run() */
};

struct msp_domain {
    struct msp_mutex lock;
    atomic_uint refs;              /* objects of the domain, and calls under way */
    atomic_bool closing;           /* teardown has begun: long work stops at the next chunk */
    atomic_bool hurrying;          /* fast shutdown waits for the lock: the same */
    atomic_bool halted;            /* no work in the background any more */
    struct msp_later *later_first; /* under lock */
    struct msp_later **later_last;
    struct msp_object
            *gone; /* under lock: disposed objects whose memory goes when the lock is left */
    /* under lock: told of each object that dies in somebody's hands; NULL: nobody asks */
    void (*on_left_open)(void *context, const struct msp_object *object, unsigned refs);
    void *on_left_open_context;
};

/* NULL: no memory. One reference. */
struct msp_domain *msp_domain_new(void);
void msp_domain_addref(struct msp_domain *domain);
void msp_domain_release(struct msp_domain *domain);
void msp_domain_lock(struct msp_domain *domain);
/* False: it was not free until then (msp_time_monotonic_ns()). */
bool msp_domain_lock_until(struct msp_domain *domain, uint64_t give_up);

/* Is long work to end at this chunk? Any thread. */
static inline bool msp_domain_is_stopping(const struct msp_domain *domain)
{
    return atomic_load(&domain->closing) || atomic_load(&domain->hurrying);
}

/* Leaves the lock, then runs what was put off and frees what is gone. */
void msp_domain_unlock(struct msp_domain *domain);
/* Under the lock. A node that is already queued stays where it is: its run() is still to come and
 * finds what is new. A node that is queued again while it runs may run on two threads at once. */
void msp_domain_later(struct msp_domain *domain, struct msp_later *later);

/* One interface of a class: which IID, where in the object. A class's first entry is IUnknown's;
 * the last has a NULL IID. */
struct msp_iface {
    const IID *iid;
    size_t offset;
};

struct msp_call;

struct msp_class {
    const char *name;     /* for traces: "folder" */
    size_t size;          /* of the whole object */
    size_t object_offset; /* of its struct msp_object */
    const struct msp_iface *ifaces;
    bool owns_children;
    /* Under the lock, before anything is done with the object: brings back what it has put away.
     * NULL: nothing ever. */
    HRESULT (*wake)(struct msp_call *call, struct msp_object *object);
    void (*dispose)(struct msp_object *object);  /* NULL: nothing to drop */
    void (*finalize)(struct msp_object *object); /* NULL: nothing to free */
};

enum msp_state {
    MSP_NEW, /* being built: not linked, no client has it */
    MSP_LIVE,
    MSP_DEAD
};

struct msp_object {
    const struct msp_class *class;
    struct msp_domain *domain;      /* counted once started */
    struct msp_object *parent;      /* under lock; NULL for a root and for a shell */
    struct msp_object *first_child; /* under lock */
    struct msp_object *prev_sibling;
    struct msp_object *next_sibling;   /* under lock; also links the domain's gone list */
    bool is_gone;                      /* under lock: in the gone list, which has a reference */
    atomic_uint refs;                  /* object.c only */
    _Atomic(enum msp_state) state;     /* written under lock */
    struct msp_last_error *last_error; /* under lock */
    uint64_t opened;                   /* FILETIME, for the trace of what a logoff found open */
};

/* Zeroed memory of a class, in state MSP_NEW; NULL: no memory. */
void *msp_object_alloc(const struct msp_class *class);
/* Gives up an object that was never started: dispose, finalize, free. NULL is fine. */
void msp_object_abandon(struct msp_object *object);
/* The last step of a constructor; cannot fail. The object becomes LIVE with one reference, a child
 * of `parent` (NULL: a root). The domain's lock is held, unless the object is a new domain's root
 * that nobody else knows yet. */
void msp_object_start(
        struct msp_object *object, struct msp_domain *domain, struct msp_object *parent);

/* IUnknown of every object. QueryInterface is the class's table; a DEAD object answers only
 * IID_IUnknown. */
HRESULT msp_object_query(struct msp_object *object, REFIID iid, void **out);
ULONG msp_object_addref(struct msp_object *object);
ULONG msp_object_release(struct msp_object *object);
/* Under the lock: a reference for a client on an object that is being handed out again. */
void msp_object_ref_locked(struct msp_object *object);

/* Under the lock: the object and everything below it become DEAD, leaves first. Memory without
 * references goes when the lock is left; the rest are shells. A DEAD object is left alone. Returns
 * how many had references. */
size_t msp_object_kill(struct msp_object *object);

bool msp_object_is_live(const struct msp_object *object);
/* Does its class have that interface? */
bool msp_object_is_a(const struct msp_object *object, REFIID iid);

/* Objects of this module that exist in any state. */
unsigned msp_object_count(void);
/* How many of them are shells: DEAD, with references. The module must stay loaded while it is not
 * 0. */
unsigned msp_shell_count(void);

#endif
