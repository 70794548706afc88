/* SPDX-License-Identifier: MIT */
/*
 * matrix_endings.h - the endings of the teardown matrix.
 *
 * An ending has a part that may come from anywhere, also from inside a notification, and a part
 * that no host could do while calls are under way: FreeLibrary.
 */
#ifndef MATRIX_ENDINGS_H
#define MATRIX_ENDINGS_H

#include "matrix_classes.h"

enum {
    BY_STORE = 1, /* is the store's last Release */
    BY_LOGON = 2, /* is the logon's last Release */
    UNLOADS = 4,  /* the library goes before clients let go */
    BESIDE = 8,   /* another session has the same file open */
    SPOOLER = 16, /* the spooler has a logon of its own, through the same provider object */
    CLIENT_ENDS = 32,
    DIES = 64 /* the process ends: in a child */
};

struct matrix_ending {
    const char *name;
    void (*begin)(struct matrix_cell *cell);
    unsigned how;
    ULONG store_flags; /* for StoreLogoff; 0: it is not called */
};

/* ---- States ---- */

enum matrix_state {
    STATE_IDLE,     /* opened and given back */
    STATE_HELD,     /* the client has one reference */
    STATE_CHILDREN, /* the client has only something opened from it */
    STATE_IN_CALL,  /* a thread is inside of one of its methods */
    STATE_PENDING,  /* held; the ending comes from inside OnNotify, with one more event to tell */
    STATE_UNSAVED   /* held, with changes that were not saved */
};

/* References on the store or the logon that the cell and its thread have. */
static inline ULONG refs_of(const struct matrix_cell *cell, enum matrix_role role)
{
    if (cell->class->role != role)
        return 0;
    return (cell->side[0].object != NULL) + (cell->thread_object != NULL);
}

static inline void release_logon(struct matrix_cell *cell)
{
    struct matrix_side *side = &cell->side[0];
    IMSLogon *logon = side->logon;
    ULONG left;

    side->logon = NULL;
    left = logon->lpVtbl->Release(logon);
    if (cell->state == STATE_PENDING || cell->state == STATE_IN_CALL)
        assert_true(left >= refs_of(cell, ROLE_LOGON)); /* a delivery under way has one, too */
    else
        assert_int_equal(left, refs_of(cell, ROLE_LOGON));
}

static inline void release_provider(struct matrix_side *side)
{
    struct host_session *session = &side->fx->session;

    release_last(session->provider);
}

static inline void take_logon(struct matrix_side *side)
{
    side->logon = host_support_unbind(side->raw.support);
    assert_non_null(side->logon);
}

static inline void begin_store(struct matrix_cell *cell)
{
    struct matrix_side *side = &cell->side[0];
    ULONG flags = cell->ending->store_flags;
    IMsgStore *store = side->raw.store;

    if (flags)
        assert_ok(store->lpVtbl->StoreLogoff(store, &flags));
    side->raw.store = NULL;
    assert_int_equal(store->lpVtbl->Release(store), refs_of(cell, ROLE_STORE));
}

static inline void begin_logon(struct matrix_cell *cell)
{
    take_logon(&cell->side[0]);
    release_logon(cell);
}

static inline void begin_logoff(struct matrix_cell *cell)
{
    struct matrix_side *side = &cell->side[0];
    ULONG flags = 0;

    take_logon(side);
    assert_ok(side->logon->lpVtbl->Logoff(side->logon, &flags));
    assert_int_equal(host_support_refs(side->raw.support), 0);
    release_logon(cell);
}

static inline void begin_shutdown(struct matrix_cell *cell)
{
    struct matrix_side *side = &cell->side[0];
    IMSProvider *provider = side->fx->session.provider;
    ULONG flags = 0;

    take_logon(side);
    assert_ok(provider->lpVtbl->Shutdown(provider, &flags));
    assert_int_equal(host_support_refs(side->raw.support), 0);
    release_logon(cell);
}

static inline void begin_provider(struct matrix_cell *cell)
{
    struct matrix_side *side = &cell->side[0];

    take_logon(side);
    release_provider(side);
    assert_int_equal(host_support_refs(side->raw.support), 0);
    release_logon(cell);
}

/* As a session ends, but for FreeLibrary. */
static inline void begin_session(struct matrix_cell *cell)
{
    struct matrix_side *side = &cell->side[0];
    IMSProvider *provider = side->fx->session.provider;
    ULONG flags = 0;

    begin_logoff(cell);
    assert_ok(provider->lpVtbl->Shutdown(provider, &flags));
    release_provider(side);
}

static inline void begin_dying(struct matrix_cell *cell)
{
    assert_ok(host_session_fast_shutdown(&cell->side[0].fx->session));
}

static const struct matrix_ending matrix_endings[] = {
    { "last Release of the store", begin_store, BY_STORE, 0 },
    { "StoreLogoff(NO_WAIT), Release", begin_store, BY_STORE, LOGOFF_NO_WAIT },
    { "StoreLogoff(ORDERLY), Release", begin_store, BY_STORE, LOGOFF_ORDERLY },
    { "StoreLogoff(PURGE), Release", begin_store, BY_STORE, LOGOFF_PURGE },
    { "StoreLogoff(ABORT), Release", begin_store, BY_STORE, LOGOFF_ABORT },
    { "StoreLogoff(QUIET), Release", begin_store, BY_STORE, LOGOFF_QUIET },
    { "session Logoff", begin_logoff, 0, 0 },
    { "last Release of the logon", begin_logon, BY_LOGON, 0 },
    { "Shutdown without Logoff", begin_shutdown, 0, 0 },
    { "provider Release without Shutdown", begin_provider, 0, 0 },
    { "FreeLibrary with orphans", begin_session, UNLOADS, 0 },
    { "FreeLibrary with orphans, no Shutdown", begin_provider, UNLOADS, 0 },
    { "two sessions on one file, one ends", begin_session, BESIDE, 0 },
    { "two sessions on one file, a store closed", begin_store, BESIDE | BY_STORE, 0 },
    { "spooler ends beside a client", begin_logoff, SPOOLER, 0 },
    { "client ends beside the spooler", begin_store, SPOOLER | CLIENT_ENDS | BY_STORE, 0 },
    { "fast shutdown", begin_dying, DIES, 0 },
};

enum { MATRIX_ENDINGS = sizeof(matrix_endings) / sizeof(matrix_endings[0]) };

struct matrix_state_row {
    const char *name;
    const char *(*senseless)(const struct matrix_class *class, const struct matrix_ending *ending);
};

static inline const char *held_is_no_end(
        const struct matrix_class *class, const struct matrix_ending *ending)
{
    if ((class->role == ROLE_STORE && (ending->how & BY_STORE)) ||
            (class->role == ROLE_LOGON && (ending->how & BY_LOGON)))
        return "what is held has not been released for the last time: no end has come";
    return NULL;
}

static inline const char *none_without_children(
        const struct matrix_class *class, const struct matrix_ending *ending)
{
    (void)ending;
    return class->child ? NULL : "nothing is opened from it";
}

static inline const char *none_without_changes(
        const struct matrix_class *class, const struct matrix_ending *ending)
{
    (void)ending;
    return class->change ? NULL : "it keeps nothing back until a save";
}

static inline const char *always_sensible(
        const struct matrix_class *class, const struct matrix_ending *ending)
{
    (void)class;
    (void)ending;
    return NULL;
}

static const struct matrix_state_row matrix_states[] = {
    [STATE_IDLE] = { "idle", always_sensible },
    [STATE_HELD] = { "held", held_is_no_end },
    [STATE_CHILDREN] = { "children held", none_without_children },
    [STATE_IN_CALL] = { "in a call on another thread", always_sensible },
    [STATE_PENDING] = { "notification pending", always_sensible },
    [STATE_UNSAVED] = { "unsaved changes", none_without_changes },
};

enum { MATRIX_STATES = sizeof(matrix_states) / sizeof(matrix_states[0]) };

/* Why a cell makes no sense; NULL: it does. */
static inline const char *matrix_senseless(
        unsigned state, const struct matrix_class *class, const struct matrix_ending *ending)
{
    if (class->is_spoolers && (ending->how & CLIENT_ENDS))
        return "it is the spooler's, and a client ends";
    return matrix_states[state].senseless(class, ending);
}

#endif
