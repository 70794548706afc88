/* SPDX-License-Identifier: MIT */
/*
 * other_logon.c - changes made through another logon of the same store file.
 */
#include "other_logon.h"

#include <errno.h>
#include <semaphore.h>
#include <time.h>

enum { PATIENCE = 30 /* seconds */ };

/* Written before the semaphore is posted, read after it was waited for. */
struct told {
    sem_t semaphore;
    double at;
};

static double wall(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static ULONG on_event(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    struct told *told = context;

    (void)sink;
    (void)event;
    told->at = wall();
    (void)sem_post(&told->semaphore);
    return 0;
}

static void wait_until_told(struct told *told)
{
    struct timespec until;
    int failed;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE;
    do
        failed = sem_timedwait(&told->semaphore, &until);
    while (failed != 0 && errno == EINTR);
    assert_int_equal(failed, 0);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

void other_logon_waits(struct fixture *fx, IMAPITable *table, const SPropValue *entry_id,
        double *out, size_t count)
{
    struct host_session session;
    struct host_sink sink;
    struct told told = { .at = 0 };
    IMsgStore *store = NULL;
    IMessage *message;
    ULONG_PTR connection = 0;

    assert_int_equal(sem_init(&told.semaphore, 0, 0), 0);
    host_sink_init(&sink);
    sink.on_event = on_event;
    sink.context = &told;
    host_session_init(&session, fx->profile, 0);
    assert_ok(host_session_open(&session, &store));
    message = message_open(store, entry_id);
    assert_ok(message->lpVtbl->SetReadFlag(message, SUPPRESS_RECEIPT)); /* whatever it was */
    assert_ok(table->lpVtbl->Advise(
            table, fnevTableModified, &sink.IMAPIAdviseSink_iface, &connection));
    for (size_t i = 0; i < count; i++) {
        double returned;

        assert_ok(
                message->lpVtbl->SetReadFlag(message, i % 2 ? SUPPRESS_RECEIPT : CLEAR_READ_FLAG));
        returned = wall();
        wait_until_told(&told);
        out[i] = told.at > returned ? (told.at - returned) * 1e3 : 0;
    }
    qsort(out, count, sizeof(*out), compare);
    release_last(message);
    release_last(store);
    host_session_logoff(&session);
    assert_int_equal(host_session_done(&session), 0);
    assert_ok(table->lpVtbl->Unadvise(table, connection));
    host_sink_done(&sink);
    (void)sem_destroy(&told.semaphore);
}
