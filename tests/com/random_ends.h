/* SPDX-License-Identifier: MIT */
/*
 * random_ends.h - the steps of a random walk that count references, listen, log on and end things;
 * and the table of all steps.
 */
#ifndef RANDOM_ENDS_H
#define RANDOM_ENDS_H

#include "random_copy.h"

/* ---- References ---- */

static inline void rw_step_addref(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_item *item = rw_pick(w, RW_ALL, RW_ANY, a);
    IUnknown *object = item ? item->object : NULL;

    (void)b;
    if (!item || item->refs > 4)
        return;
    rw_say(w, "AddRef of item %u, a %s", rw_number(w, item), rw_kind(item));
    item->refs++;
    if (!rw_counts(item, object->lpVtbl->AddRef(object), item->refs))
        rw_wrong(w, "AddRef of a %s counts wrongly", rw_kind(item));
}

static inline void rw_store_release(struct random_world *w, struct rw_item *item);

/* The last reference: a table's sinks go with it. */
static inline void rw_item_goes(struct random_world *w, struct rw_item *item)
{
    item->object = NULL;
    for (unsigned i = 0; i < RW_SINKS; i++) {
        if (w->sinks[i].is_used && w->sinks[i].table == item) {
            w->sinks[i].table = NULL;
            w->sinks[i].is_advised = false;
        }
    }
}

/* One reference less. */
static inline void rw_release(struct random_world *w, struct rw_item *item)
{
    IUnknown *object = item->object;
    ULONG expected = item->refs - 1, left;

    if (item->kind == WALK_O_STORE && item->is_alive && expected == 0) {
        rw_store_release(w, item);
        return;
    }
    rw_say(w, "Release of item %u, a %s", rw_number(w, item), rw_kind(item));
    item->refs = expected;
    if (expected == 0)
        rw_item_goes(w, item);
    left = object->lpVtbl->Release(object);
    if (!rw_counts(item, left, expected))
        rw_wrong(w, "Release of a %s left %lu references, not %lu", walk_classes[item->kind].name,
                (unsigned long)left, (unsigned long)expected);
}

static inline void rw_step_release(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_item *item = rw_pick(w, RW_ALL & ~RW_KIND(WALK_O_STORE), RW_ANY, a);

    (void)b;
    if (item && (!item->is_busy || item->refs > 1))
        rw_release(w, item);
}

/* All references of an item at once, also of a dead store. */
static inline void rw_step_let_go(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_item *item = rw_pick(w, RW_ALL, RW_ANY, a);

    (void)b;
    if (!item || item->is_busy || (item->kind == WALK_O_STORE && item->is_alive))
        return;
    for (ULONG refs = item->refs; refs > 0; refs--)
        rw_release(w, item);
}

/* ---- Sinks ---- */

static inline ULONG rw_on_event(struct host_sink *host, const NOTIFICATION *event, void *context)
{
    struct random_world *w = context;
    struct rw_sink *sink = (struct rw_sink *)(void *)host; /* its first member */

    (void)event;
    if (!sink->is_advised && sink->is_settled)
        rw_wrong(w, "OnNotify after the end of the connection");
    if (host_thread_id() != w->thread || !sink->is_armed || w->depth == 0)
        return S_OK;
    sink->is_armed = false;
    w->in_callback(w, 100);
    return S_OK;
}

/* A sink that nobody has, ready; NULL: there is none. */
static inline struct rw_sink *rw_new_sink(
        struct random_world *w, const struct rw_item *on, bool is_armed)
{
    for (unsigned i = 0; i < RW_SINKS; i++) {
        struct rw_sink *sink = &w->sinks[i];

        if (sink->is_used)
            continue;
        memset(sink, 0, sizeof(*sink));
        host_sink_init(&sink->sink);
        sink->sink.on_event = rw_on_event;
        sink->sink.context = w;
        sink->is_used = true;
        sink->seat = on->seat;
        sink->is_armed = is_armed;
        sink->is_advised = on->is_alive;
        return sink;
    }
    return NULL;
}

static inline void rw_check_advise(struct random_world *w, const struct rw_item *on, HRESULT hr,
        struct rw_sink *sink, ULONG_PTR connection)
{
    rw_expect(w, hr, rw_state(on), "Advise");
    sink->connection = connection;
    if (SUCCEEDED(hr) == (connection == 0))
        rw_wrong(w, "Advise: connection %lu", (unsigned long)connection);
}

static inline void rw_step_advise(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_item *store = rw_pick(w, RW_KIND(WALK_O_STORE), RW_ANY, a);
    struct rw_sink *sink = store ? rw_new_sink(w, store, b % 2 == 0) : NULL;
    ULONG_PTR connection = POISON_CONN;
    HRESULT hr;

    if (!sink)
        return;
    rw_say(w, "advise sink %u on the store of seat %u", (unsigned)(sink - w->sinks), store->seat);
    hr = ((IMsgStore *)store->object)
                 ->lpVtbl->Advise(store->object, 0, NULL,
                         fnevObjectCreated | fnevObjectModified | fnevObjectDeleted |
                                 fnevObjectMoved | fnevObjectCopied,
                         &sink->sink.IMAPIAdviseSink_iface, &connection);
    rw_check_advise(w, store, hr, sink, connection);
}

#define RW_TABLE_KINDS                                                                             \
    (RW_KIND(WALK_O_CONTENTS) | RW_KIND(WALK_O_ASSOCIATED) | RW_KIND(WALK_O_HIERARCHY) |           \
            RW_KIND(WALK_O_RECIPIENTS) | RW_KIND(WALK_O_ATTACHMENTS) | RW_KIND(WALK_O_RECEIVE) |   \
            RW_KIND(WALK_O_RESULTS))

static inline void rw_step_advise_table(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_item *table = rw_pick(w, RW_TABLE_KINDS, RW_ANY, a);
    struct rw_sink *sink = table ? rw_new_sink(w, table, b % 2 == 0) : NULL;
    ULONG_PTR connection = POISON_CONN;
    HRESULT hr;

    if (!sink)
        return;
    rw_say(w, "advise sink %u on item %u, a %s", (unsigned)(sink - w->sinks), rw_number(w, table),
            rw_kind(table));
    sink->table = table->is_alive ? table : NULL;
    hr = ((IMAPITable *)table->object)
                 ->lpVtbl->Advise(table->object, fnevTableModified,
                         &sink->sink.IMAPIAdviseSink_iface, &connection);
    rw_check_advise(w, table, hr, sink, connection);
}

/* Who can end the sink's connection; NULL: nobody any more. */
static inline struct rw_item *rw_owner_of(struct random_world *w, const struct rw_sink *sink)
{
    struct rw_item *owner = NULL;

    if (w->seats[sink->seat].is_undecided)
        return NULL;
    if (sink->table)
        return sink->table;
    for (unsigned i = 0; i < RW_ITEMS; i++) {
        if (w->items[i].object && w->items[i].kind == WALK_O_STORE &&
                w->items[i].seat == sink->seat && (!owner || w->items[i].is_alive))
            owner = &w->items[i];
    }
    return owner;
}

static inline HRESULT rw_unadvise(struct rw_item *owner, ULONG_PTR connection)
{
    if (owner->kind == WALK_O_STORE)
        return ((IMsgStore *)owner->object)->lpVtbl->Unadvise(owner->object, connection);
    return ((IMAPITable *)owner->object)->lpVtbl->Unadvise(owner->object, connection);
}

static inline void rw_step_unadvise(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_sink *sink = &w->sinks[a % RW_SINKS];
    struct rw_item *owner;
    HRESULT expected;

    (void)b;
    if (!sink->is_used)
        return;
    owner = rw_owner_of(w, sink);
    if (owner && (sink->is_advised || !owner->is_alive)) {
        expected = rw_state(owner);
        rw_say(w, "unadvise sink %u on item %u, a %s", a % RW_SINKS, rw_number(w, owner),
                rw_kind(owner));
        sink->is_advised = false;
        rw_expect(w, rw_unadvise(owner, sink->connection), expected, "Unadvise");
    }
    if (w->depth > 1)
        return; /* it may be the one that is being told */
    rw_check_sink(w, sink);
    host_sink_done(&sink->sink);
    sink->is_used = false;
}

/* ---- Logging on ---- */

static inline void rw_on_call(struct host_support *support, enum host_method method, void *context)
{
    struct random_world *w = context;

    (void)support;
    if ((method != HOST_StoreLogoffTransports && method != HOST_Release) ||
            host_thread_id() != w->thread || w->depth == 0 || w->depth > 2)
        return;
    if (rw_random(w, 200 + (uint32_t)method) % 2 == 0)
        w->in_callback(w, 300 + (uint32_t)method);
}

/* A session that has ended gives its memory back before it begins anew. */
static inline void rw_session_renew(struct random_world *w, unsigned number)
{
    struct fixture *fx = w->fx[number];

    if (!w->is_over[number])
        return;
    w->is_over[number] = false;
    for (unsigned i = 0; i < RW_SEATS; i++) {
        if (w->seats[i].session == number)
            w->seats[i].support = NULL;
    }
    if (host_session_done(&fx->session) != 0)
        rw_wrong(w, "at the end of session %u: %s", number, fx->session.world.last_breach);
    host_session_init(&fx->session, fx->profile, 0);
}

static inline void rw_step_logon(struct random_world *w, uint32_t a, uint32_t b)
{
    unsigned number = a % RW_SEATS;
    struct rw_seat *seat = &w->seats[number];
    struct fixture *fx = w->fx[seat->session];
    struct host_logon params = { .flags = MDB_WRITE | MDB_NO_DIALOG, .spooler = seat->is_spooler };
    struct host_support *support = NULL;
    IMsgStore *store = NULL;
    HRESULT hr;

    (void)b;
    if (seat->is_ending || !rw_has_room(w) || (seat->is_in && b % 4))
        return;
    rw_session_renew(w, seat->session);
    rw_say(w, "seat %u logs on%s", number, seat->is_in ? " again" : "");
    hr = host_session_logon(&fx->session, &params, &store, &support);
    if (FAILED(hr))
        rw_wrong(w, "Logon: %s (%s)", fx->session.error, host_hr_name(hr));
    if (seat->is_in) {
        if (support || store != seat->store)
            rw_wrong(w, "Logon again did not give the open store");
    } else {
        seat->is_in = true;
        seat->support = support;
        seat->store = store;
        seat->logoff_flags = 0;
        support->on_call = rw_on_call;
        support->on_call_context = w;
    }
    rw_take(w, number, WALK_O_STORE, store);
}

static inline void rw_step_store_logoff(struct random_world *w, uint32_t a, uint32_t b)
{
    static const ULONG choice[] = { LOGOFF_NO_WAIT, LOGOFF_ORDERLY, LOGOFF_PURGE, LOGOFF_ABORT,
        LOGOFF_QUIET };
    struct rw_item *store = rw_pick(w, RW_KIND(WALK_O_STORE), RW_ANY, a);
    ULONG flags = choice[b % 5], given = flags;

    if (!store)
        return;
    rw_say(w, "StoreLogoff 0x%lx of seat %u", (unsigned long)flags, store->seat);
    rw_expect(w, ((IMsgStore *)store->object)->lpVtbl->StoreLogoff(store->object, &given),
            rw_state(store), "StoreLogoff");
    if (store->is_alive)
        w->seats[store->seat].logoff_flags = flags;
}

/* ---- Endings ---- */

static inline void rw_check_file(struct random_world *w)
{
    if (!rw_somebody_is_in(w) && !host_file_is_free(w->fx[0]->path))
        rw_wrong(w, "nobody is logged on, and the file is in use");
}

static inline void rw_store_release(struct random_world *w, struct rw_item *item)
{
    IMsgStore *store = item->object;
    unsigned seat = item->seat;

    rw_say(w, "last Release of the store of seat %u", seat);
    rw_seat_dies(w, seat);
    item->object = NULL;
    if (store->lpVtbl->Release(store) != 0)
        rw_wrong(w, "the last Release of a store left references");
    rw_seat_is_dead(w, seat, true);
    rw_check_file(w);
}

static inline void rw_step_end_by_store(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_item *item = rw_pick(w, RW_KIND(WALK_O_STORE), RW_LIVE, a);

    (void)b;
    if (!item || item->is_busy)
        return;
    for (ULONG refs = item->refs; refs > 0; refs--)
        rw_release(w, item);
}

/* IMSLogon::Logoff, once or twice, as the host may call it at any time. */
static inline void rw_step_end_by_logoff(struct random_world *w, uint32_t a, uint32_t b)
{
    unsigned number = a % RW_SEATS;
    struct rw_seat *seat = &w->seats[number];
    ULONG flags = b % 3 ? 0 : b;
    IMSLogon *logon;

    if (!seat->is_in)
        return;
    rw_say(w, "Logoff of seat %u%s", number, b % 2 ? ", twice" : "");
    logon = host_support_logon(seat->support);
    rw_seat_dies(w, number);
    rw_expect(w, logon->lpVtbl->Logoff(logon, &flags), S_OK, "Logoff");
    if (b % 2)
        rw_expect(w, logon->lpVtbl->Logoff(logon, NULL), S_OK, "Logoff again");
    /* in a callback, the caller of the callback may hold one */
    if (logon->lpVtbl->Release(logon) != 0 && w->depth == 1)
        rw_wrong(w, "the logon has references left");
    rw_seat_is_dead(w, number, false);
    rw_check_file(w);
}

/* What a host does that knows neither Logoff nor Shutdown. */
static inline void rw_let_provider_go(struct random_world *w, struct host_session *session)
{
    ULONG left = session->provider->lpVtbl->Release(session->provider);

    if (left != 0)
        rw_wrong(w, "the provider has %lu references left", (unsigned long)left);
    session->provider = NULL;
    host_lib_close(session->lib);
    session->lib = NULL;
}

static inline void rw_end_session(struct random_world *w, unsigned number, unsigned how)
{
    static const char *const ways[] = { "Logoff, Shutdown and Release", "Logoff and Release",
        "Shutdown and Release", "nothing but Release" };
    struct host_session *session = &w->fx[number]->session;
    bool was_in[RW_SEATS];
    ULONG flags = 0;

    if (!session->provider)
        return;
    rw_say(w, "session %u ends by %s", number, ways[how]);
    for (unsigned i = 0; i < RW_SEATS; i++) {
        was_in[i] = w->seats[i].session == number && w->seats[i].is_in;
        if (was_in[i]) {
            rw_seat_dies(w, i);
            w->seats[i].is_undecided = true;
        }
    }
    if (how == 0)
        host_session_logoff(session);
    if (how == 2)
        rw_expect(w, session->provider->lpVtbl->Shutdown(session->provider, &flags), S_OK,
                "Shutdown");
    if (how == 1 || how == 2)
        host_session_forget(session);
    if (how == 3)
        rw_let_provider_go(w, session);
    w->is_over[number] = true;
    for (unsigned i = 0; i < RW_SEATS; i++) {
        if (was_in[i])
            rw_seat_is_dead(w, i, false);
    }
    rw_check_file(w);
}

static inline void rw_step_end_session(struct random_world *w, uint32_t a, uint32_t b)
{
    rw_end_session(w, a % RW_SESSIONS, b % 4);
}

/* ---- The table ---- */

struct rw_step {
    void (*run)(struct random_world *w, uint32_t a, uint32_t b);
    unsigned weight;
    bool in_callbacks;
};

static const struct rw_step rw_steps[] = {
    { rw_step_logon, 14, false },
    { rw_step_open_folder, 8, true },
    { rw_step_create_message, 10, true },
    { rw_step_open_message, 8, true },
    { rw_step_table, 8, true },
    { rw_step_status, 2, false },
    { rw_step_stream, 4, false },
    { rw_step_set, 10, true },
    { rw_step_attach, 4, false },
    { rw_step_save, 12, true },
    { rw_step_delete, 3, true },
    { rw_step_copy, 5, true },
    { rw_step_folder, 2, true },
    { rw_step_verify, 8, true },
    { rw_step_count, 4, true },
    { rw_step_audit, 1, false },
    { rw_step_method, 12, true },
    { rw_step_query, 4, true },
    { rw_step_addref, 6, true },
    { rw_step_release, 14, true },
    { rw_step_let_go, 10, true },
    { rw_step_advise, 5, false },
    { rw_step_advise_table, 5, false },
    { rw_step_unadvise, 4, true },
    { rw_step_store_logoff, 3, true },
    { rw_step_end_by_store, 4, true },
    { rw_step_end_by_logoff, 4, true },
    { rw_step_end_session, 2, false },
};

static inline void rw_run_step(struct random_world *w, uint32_t salt, bool in_callback)
{
    unsigned total = 0;
    uint32_t chance;

    for (size_t i = 0; i < sizeof(rw_steps) / sizeof(rw_steps[0]); i++)
        total += in_callback && !rw_steps[i].in_callbacks ? 0 : rw_steps[i].weight;
    chance = rw_random(w, salt) % total;
    for (size_t i = 0; i < sizeof(rw_steps) / sizeof(rw_steps[0]); i++) {
        unsigned weight = in_callback && !rw_steps[i].in_callbacks ? 0 : rw_steps[i].weight;

        if (chance < weight) {
            w->depth++;
            rw_steps[i].run(w, rw_random(w, salt + 1), rw_random(w, salt + 2));
            w->depth--;
            return;
        }
        chance -= weight;
    }
}

static inline void rw_in_callback(struct random_world *w, uint32_t salt)
{
    w->nested++;
    rw_run_step(w, salt, true);
}

#endif
