/* SPDX-License-Identifier: MIT */
/*
 * test_spooler_race.c - two spoolers of two sessions send the queue of one file while a client
 * submits and aborts: each message leaves once, or not at all when it was aborted.
 */
#include <stdatomic.h>

#include "host/host_spooler.h"
#include "mail_world.h"

enum { MESSAGES = 60, SPOOLERS = 2 };

static atomic_uint sent[MESSAGES]; /* how often each message was given to a transport */
static atomic_bool is_over;        /* nothing is submitted any more */
static atomic_uint failures;

struct racer {
    struct host_session session;
    struct host_thread *thread;
    unsigned arena;
    struct spooler spooler;
    unsigned total;
};

static HRESULT count_message(void *context, LPMESSAGE message)
{
    static SizedSPropTagArray(1, tags) = { 1, { PR_SUBJECT_A } };
    const struct racer *racer = context;
    SPropValue *value = NULL;
    ULONG count = 0;
    HRESULT hr = message->lpVtbl->GetProps(message, (LPSPropTagArray)&tags, 0, &count, &value);

    if (hr == S_OK)
        atomic_fetch_add(&sent[strtoul(value->Value.lpszA, NULL, 10) % MESSAGES], 1);
    host_mem_trio(racer->arena)->release(value);
    if (hr != S_OK) {
        print_error("transport: %s\n", host_hr_name(hr));
        atomic_fetch_add(&failures, 1);
    }
    return hr;
}

static void run_spooler(void *arg)
{
    struct racer *racer = arg;
    struct host_transport transport = { count_message, racer };

    unsigned some;
    HRESULT hr;
    bool last;

    do {
        last = atomic_load(&is_over);
        some = 0;
        hr = host_spooler_run(host_mem_trio(racer->arena), racer->spooler.store, &transport, &some);
        racer->total += some;
    } while (SUCCEEDED(hr) && (some > 0 || !last));
    if (FAILED(hr)) {
        print_error("spooler: %s\n", host_hr_name(hr));
        atomic_fetch_add(&failures, 1);
    }
}

static void start(struct fixture *fx, struct racer *racer, unsigned arena)
{
    memset(racer, 0, sizeof(*racer));
    racer->arena = arena;
    host_session_init(&racer->session, fx->profile, arena);
    racer->spooler = spooler_logon_to(&racer->session);
    racer->thread = host_thread_start(run_spooler, racer);
    assert_non_null(racer->thread);
}

static void end(struct racer *racer)
{
    host_thread_join(racer->thread);
    release_last(racer->spooler.store);
    host_session_logoff(&racer->session);
    assert_int_equal(host_session_done(&racer->session), 0);
}

/* Submits all messages and aborts every third at once; which of those came too late. */
static void submit_all(struct fixture *fx, bool *aborted)
{
    IMsgStore *store = fx->store;

    for (unsigned i = 0; i < MESSAGES; i++) {
        char subject[20];
        SPropValue *id;
        HRESULT hr;

        snprintf(subject, sizeof(subject), "%u", i);
        id = mail_submit(fx->inbox, subject);
        if (i % 3 == 0) {
            hr = store->lpVtbl->AbortSubmit(store, id->Value.bin.cb, raw_id(id->Value.bin.lpb), 0);
            aborted[i] = hr == S_OK;
            assert_true(hr == S_OK || hr == MAPI_E_NOT_IN_QUEUE || hr == MAPI_E_UNABLE_TO_ABORT);
        }
        mapi_free(id);
    }
}

static void spoolers__race_for_the_queue__each_message_leaves_once(void **state)
{
    struct fixture *fx = *state;
    struct racer racers[SPOOLERS];
    bool aborted[MESSAGES] = { false };
    struct spooler last;
    unsigned total = 0;

    for (unsigned i = 0; i < SPOOLERS; i++)
        start(fx, &racers[i], i + 1);
    submit_all(fx, aborted);
    atomic_store(&is_over, true);
    for (unsigned i = 0; i < SPOOLERS; i++) {
        end(&racers[i]);
        total += racers[i].total;
    }

    assert_int_equal(failures, 0);
    for (unsigned i = 0; i < MESSAGES; i++) {
        if (sent[i] != (aborted[i] ? 0u : 1u))
            fail_msg("message %u was sent %u times, aborted: %d", i, sent[i], aborted[i]);
        total -= sent[i];
    }
    assert_int_equal(total, 0);
    last = spooler_logon(fx);
    queue_assert(last.store, "");
    release_last(last.store);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), MESSAGES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(spoolers__race_for_the_queue__each_message_leaves_once,
                fixture_inbox_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
