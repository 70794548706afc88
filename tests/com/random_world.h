/* SPDX-License-Identifier: MIT */
/*
 * random_world.h - what a random walk holds, and the plain model of it: who is alive, how many
 * references there are, what has been saved.
 *
 * Two sessions, each with a provider object of its own, work on one store file from three seats:
 * a client and the spooler in the first session, a client in the second. Everything opened through
 * a seat is an item; it answers while its seat is taken and is dead but safe from then on. The
 * numbers of a step come from seed and step alone, so that a sequence from which steps were taken
 * out can be played again.
 */
#ifndef RANDOM_WORLD_H
#define RANDOM_WORLD_H

#include <stdatomic.h>

#include "walk_world.h"

enum {
    RW_SESSIONS = 2,
    RW_SEATS = 3,
    RW_ITEMS = 56,
    RW_MESSAGES = 40,
    RW_SINKS = 6,
    RW_FOLDERS = 4,
    RW_ID_SIZE = 64
};

struct rw_item {
    void *object; /* NULL: the place is free */
    enum walk_object kind;
    ULONG refs;
    unsigned seat;
    bool is_alive;
    bool is_busy; /* a call on it is under way: its last reference stays */
    bool can_write;
    bool knows_attachments; /* what a save of it makes of the attachments is known */
    int message;            /* of the model; -1: none */
    unsigned folder;        /* RW_FOLDERS: not one of the model's */
    unsigned base;          /* version that was opened or saved last */
    LONG value;             /* as the object has it */
    unsigned attachments;   /* as the object has them */
};

struct rw_message {
    bool is_used;
    bool is_gone;
    bool is_unsure; /* a call that would have changed it was cut off by an ending */
    bool knows_attachments;
    ULONG id_size;
    BYTE id[RW_ID_SIZE];
    unsigned folder;
    unsigned version; /* 0: never saved */
    LONG value;
    unsigned attachments;
};

struct rw_seat {
    unsigned session;
    bool is_spooler;
    bool is_in;
    bool is_ending;    /* the provider is being told; what hangs on the logon itself is undecided */
    bool is_undecided; /* ... and so is everything: the session ends, one seat after the other */
    struct host_support *support; /* of the last logon, NULL when the session forgot it */
    IMsgStore *store;
    ULONG logoff_flags;
    size_t log_size; /* of the support object, when the logon had ended */
};

struct rw_sink {
    struct host_sink sink;
    bool is_used;
    atomic_bool is_advised; /* this and is_settled: read on the thread that tells, too */
    unsigned seat;
    struct rw_item *table; /* NULL: the store has it */
    ULONG_PTR connection;
    bool is_armed;          /* its next event does something */
    size_t at_rest;         /* events when it was no longer advised */
    atomic_bool is_settled; /* at_rest holds */
};

struct random_world {
    uint32_t seed;
    unsigned step;
    bool is_told; /* each step is printed */
    unsigned depth;
    unsigned nested; /* steps that were made inside callbacks */
    uintptr_t thread;
    struct fixture *fx[RW_SESSIONS];
    bool is_over[RW_SESSIONS]; /* the session has ended, and its memory is still to be looked at */
    struct rw_seat seats[RW_SEATS];
    struct rw_item items[RW_ITEMS];
    struct rw_message messages[RW_MESSAGES];
    struct rw_sink sinks[RW_SINKS];

    struct {
        ULONG size;
        BYTE id[RW_ID_SIZE];
    } folders[RW_FOLDERS + 1]; /* the last one is the search folder */

    bool is_unsure[RW_FOLDERS]; /* how many messages the folder has: an ending cut off a copy */
    unsigned versions;
    struct walk_world inputs; /* for calls of any method */
    void (*in_callback)(struct random_world *w, uint32_t salt);
};

/* ---- Chance ---- */

static inline uint32_t rw_random(const struct random_world *w, uint32_t salt)
{
    uint64_t x = ((uint64_t)w->seed << 32 | w->step) + 0x9E3779B97F4A7C15u * (salt + 1);

    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return (uint32_t)(x >> 32 ^ x);
}

/* ---- Saying ---- */

static inline void rw_say(const struct random_world *w, const char *format, ...) MSP_PRINTF(2, 3);

static inline void rw_say(const struct random_world *w, const char *format, ...)
{
    va_list args;

    if (!w->is_told)
        return;
    printf("  %u%s ", w->step, w->depth > 1 ? " (in a callback)" : "");
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    fflush(stdout);
}

static inline MSP_NORETURN void rw_wrong(const struct random_world *w, const char *format, ...)
        MSP_PRINTF(2, 3);

/* What is there is not what the model says: the walk ends here. */
static inline MSP_NORETURN void rw_wrong(const struct random_world *w, const char *format, ...)
{
    va_list args;

    printf("wrong at step %u of seed %lu: ", w->step, (unsigned long)w->seed);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    fflush(stdout);
    host_die(1);
}

static inline void rw_expect(
        const struct random_world *w, HRESULT hr, HRESULT expected, const char *what)
{
    if (hr != expected)
        rw_wrong(w, "%s: %s, expected %s", what, host_hr_name(hr), host_hr_name(expected));
}

/* ---- Items ---- */

static inline unsigned rw_number(const struct random_world *w, const struct rw_item *item)
{
    return (unsigned)(item - w->items);
}

static inline const char *rw_kind(const struct rw_item *item)
{
    return walk_classes[item->kind].name;
}

/* What a method of the item answers, when nothing else is wrong. */
static inline HRESULT rw_state(const struct rw_item *item)
{
    return item->is_alive ? S_OK : MAPI_E_INVALID_OBJECT;
}

/* Is this the count that the model says? A call that is under way holds its objects, too. */
static inline bool rw_counts(const struct rw_item *item, ULONG count, ULONG expected)
{
    return count >= expected && count <= expected + (item->is_busy ? 2 : 0);
}

static inline bool rw_has_room(const struct random_world *w)
{
    unsigned count = 0;

    for (unsigned i = 0; i < RW_ITEMS; i++)
        count += w->items[i].object == NULL;
    return count > 4; /* some for what comes in callbacks */
}

/* An object that a call has just handed out: known, or new with one reference. */
static inline struct rw_item *rw_take(
        struct random_world *w, unsigned seat, enum walk_object kind, void *object)
{
    struct rw_item *item = NULL;

    for (unsigned i = 0; i < RW_ITEMS; i++) {
        struct rw_item *at = &w->items[i];

        if (at->object == object) {
            if (at->kind != kind || at->seat != seat)
                rw_wrong(w, "a %s was handed out as a %s", rw_kind(at), walk_classes[kind].name);
            at->refs++;
            return at;
        }
        if (!item && !at->object)
            item = at;
    }
    if (!item)
        rw_wrong(w, "the walk itself: no place for an item");
    memset(item, 0, sizeof(*item));
    item->object = object;
    item->kind = kind;
    item->refs = 1;
    item->seat = seat;
    item->is_alive = w->seats[seat].is_in;
    item->message = -1;
    item->folder = RW_FOLDERS;
    return item;
}

enum rw_want { RW_ANY, RW_LIVE, RW_DEAD };

/* One of the items of these kinds (bits), NULL: there is none. */
static inline struct rw_item *rw_pick(
        struct random_world *w, uint32_t kinds, enum rw_want want, uint32_t chance)
{
    struct rw_item *found[RW_ITEMS];
    unsigned count = 0;

    for (unsigned i = 0; i < RW_ITEMS; i++) {
        struct rw_item *item = &w->items[i];

        if (!item->object || !(kinds >> item->kind & 1))
            continue;
        if ((want == RW_LIVE && !item->is_alive) || (want == RW_DEAD && item->is_alive))
            continue;
        if (w->seats[item->seat].is_undecided ||
                (w->seats[item->seat].is_ending && item->kind == WALK_O_STATUS))
            continue;
        found[count++] = item;
    }
    return count ? found[chance % count] : NULL;
}

#define RW_KIND(kind) (1u << (kind))
#define RW_ALL 0xFFFFFFFFu
#define RW_MESSAGE_KINDS (RW_KIND(WALK_O_MESSAGE) | RW_KIND(WALK_O_NEW_MESSAGE))

/* ---- Messages of the model ---- */

static inline struct rw_message *rw_pick_message(struct random_world *w, uint32_t chance)
{
    struct rw_message *found[RW_MESSAGES];
    unsigned count = 0;

    for (unsigned i = 0; i < RW_MESSAGES; i++) {
        if (w->messages[i].is_used && w->messages[i].version > 0)
            found[count++] = &w->messages[i];
    }
    return count ? found[chance % count] : NULL;
}

/* Is an item of this message still there? */
static inline bool rw_message_is_held(const struct random_world *w, int message)
{
    for (unsigned i = 0; i < RW_ITEMS; i++) {
        if (w->items[i].object && w->items[i].message == message)
            return true;
    }
    return false;
}

/* A free place in the model; -1: there is none. Messages that are gone, or were never saved, and
 * that nobody holds make room. */
static inline int rw_new_message(struct random_world *w)
{
    for (int i = 0; i < RW_MESSAGES; i++) {
        struct rw_message *message = &w->messages[i];

        if (message->is_used && (message->is_gone || message->version == 0) &&
                !rw_message_is_held(w, i))
            message->is_used = false;
        if (!message->is_used) {
            memset(message, 0, sizeof(*message));
            return i;
        }
    }
    return -1;
}

static inline unsigned rw_count_messages(
        const struct random_world *w, unsigned folder, bool *out_is_sure)
{
    unsigned count = 0;

    *out_is_sure = !w->is_unsure[folder];
    for (unsigned i = 0; i < RW_MESSAGES; i++) {
        const struct rw_message *message = &w->messages[i];

        if (!message->is_used || message->folder != folder)
            continue;
        if (message->is_unsure)
            *out_is_sure = false;
        count += message->version > 0 && !message->is_gone;
    }
    return count;
}

static inline LPENTRYID rw_id(BYTE *bytes)
{
    union {
        BYTE *bytes;
        LPENTRYID id;
    } pointer = { .bytes = bytes };

    return pointer.id;
}

/* ---- Seats ---- */

/* From here on everything of the seat is dead; what the store's own end leaves alive for a moment
 * is not asked. */
static inline void rw_seat_dies(struct random_world *w, unsigned seat)
{
    w->seats[seat].is_in = false;
    w->seats[seat].is_ending = true;
    for (unsigned i = 0; i < RW_ITEMS; i++) {
        if (w->items[i].object && w->items[i].seat == seat)
            w->items[i].is_alive = false;
    }
    for (unsigned i = 0; i < RW_SINKS; i++) {
        if (w->sinks[i].is_used && w->sinks[i].seat == seat)
            w->sinks[i].is_advised = false;
    }
}

/* The provider is back from it. */
static inline void rw_seat_is_dead(struct random_world *w, unsigned number, bool by_store)
{
    struct rw_seat *seat = &w->seats[number];
    struct host_support *support = seat->support;
    size_t transports = host_support_calls(support, HOST_StoreLogoffTransports);
    ULONG flags = seat->logoff_flags ? seat->logoff_flags : LOGOFF_ABORT;
    struct host_call call;

    seat->is_ending = false;
    seat->is_undecided = false;
    if (!support->dead)
        rw_wrong(w, "seat %u ended, and the support object has %ld references", number,
                host_support_refs(support));
    if (host_support_calls(support, HOST_Release) != host_support_calls(support, HOST_AddRef))
        rw_wrong(w, "seat %u: AddRef and Release of the support object are no pairs", number);
    if (transports > 1 || (by_store && transports != 1))
        rw_wrong(w, "seat %u: %u calls of StoreLogoffTransports", number, (unsigned)transports);
    if (by_store && host_support_call(support, HOST_StoreLogoffTransports, 0, &call) &&
            call.flags != flags)
        rw_wrong(w, "seat %u: the transports heard 0x%lx, not 0x%lx", number,
                (unsigned long)call.flags, (unsigned long)flags);
    seat->log_size = host_support_log_size(support);
}

static inline bool rw_somebody_is_in(const struct random_world *w)
{
    for (unsigned i = 0; i < RW_SEATS; i++) {
        if (w->seats[i].is_in || w->seats[i].is_ending)
            return true;
    }
    return false;
}

/* ---- After every step ---- */

static inline void rw_check_sink(struct random_world *w, struct rw_sink *sink)
{
    long refs = sink->is_advised ? 2 : 1;
    size_t count;

    /* another thread may just be on its way out of OnNotify */
    for (unsigned i = 0; sink->sink.refs != refs && i < 3000; i++)
        host_sleep_ms(1);
    if (sink->sink.refs != refs)
        rw_wrong(w, "a sink has %ld references, not %ld", (long)sink->sink.refs, refs);
    if (sink->is_advised)
        return;
    count = host_sink_count(&sink->sink, 0xFFFFFFFF);
    if (sink->is_settled && count != sink->at_rest)
        rw_wrong(w, "a sink was told of an event after its end");
    sink->at_rest = count;
    sink->is_settled = true;
}

static inline void rw_check(struct random_world *w)
{
    for (unsigned i = 0; i < RW_SINKS; i++) {
        if (w->sinks[i].is_used)
            rw_check_sink(w, &w->sinks[i]);
    }
    for (unsigned i = 0; i < RW_SEATS; i++) {
        struct rw_seat *seat = &w->seats[i];

        if (seat->support && !seat->is_in && host_support_log_size(seat->support) != seat->log_size)
            rw_wrong(w, "seat %u: the support object was called after Logoff", i);
    }
    if (host_mem_faults() != 0)
        rw_wrong(w, "memory: %s", host_mem_last_fault());
    for (unsigned i = 0; i < RW_SESSIONS; i++) {
        if (w->fx[i]->session.world.breaches != 0)
            rw_wrong(w, "breach: %s", w->fx[i]->session.world.last_breach);
    }
}

#endif
