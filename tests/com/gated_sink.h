/* SPDX-License-Identifier: MIT */
/*
 * gated_sink.h - a sink whose OnNotify waits until the test lets it go on.
 */
#ifndef GATED_SINK_H
#define GATED_SINK_H

#include <stdatomic.h>

#include "support/support.h"

struct gated_sink {
    struct host_sink sink;
    atomic_bool closed; /* OnNotify waits while it is */
    atomic_int inside;  /* threads in OnNotify */
    atomic_int calls;
    _Atomic uintptr_t thread;   /* of the last call */
    void (*act)(void *context); /* in OnNotify, before it waits; NULL: nothing */
    void *context;
};

static inline ULONG gated_on_event(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    struct gated_sink *gated = context;

    (void)sink;
    (void)event;
    atomic_fetch_add(&gated->inside, 1);
    atomic_fetch_add(&gated->calls, 1);
    atomic_store(&gated->thread, host_thread_id());
    if (gated->act != NULL)
        gated->act(gated->context);
    while (atomic_load(&gated->closed))
        host_sleep_ms(1);
    atomic_fetch_sub(&gated->inside, 1);
    return 0;
}

static inline void gated_init(struct gated_sink *gated, bool closed)
{
    memset(gated, 0, sizeof(*gated));
    host_sink_init(&gated->sink);
    gated->sink.on_event = gated_on_event;
    gated->sink.context = gated;
    atomic_store(&gated->closed, closed);
}

static inline void gated_open(struct gated_sink *gated)
{
    atomic_store(&gated->closed, false);
}

/* Waits for something that another thread does; the test fails when it does not. */
#define wait_until(condition)                                                                      \
    do {                                                                                           \
        for (int tries_ = 0; tries_ < 10000 && !(condition); tries_++)                             \
            host_sleep_ms(1);                                                                      \
        assert_true(condition);                                                                    \
    } while (0)

static inline void gated_done(struct gated_sink *gated)
{
    wait_until(gated->sink.refs == 1);
    assert_int_equal(atomic_load(&gated->inside), 0);
    host_sink_done(&gated->sink);
}

#endif
