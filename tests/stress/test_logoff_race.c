/* SPDX-License-Identifier: MIT */
/*
 * test_logoff_race.c - Logoff on one thread while others release, work, save and are being told of
 * changes.
 *
 * Rounds are many and short; under ThreadSanitizer each is a proof of its own.
 */
#include <stdatomic.h>

#include "support/support.h"

enum { ROUNDS = 25 };

/* --- a store, and a logon in the test's hand ----------------------------------------------------
 */

struct race {
    struct fixture *fx;
    IMSLogon *logon;
    atomic_bool go;
    atomic_bool stop;
    atomic_int running;
    unsigned delay_us;
    bool quiet; /* the support object had no reference left when Logoff returned */
};

static void spin(unsigned rounds)
{
    volatile unsigned n = rounds * 50;

    while (n > 0)
        n = n - 1;
}

static void wait_for_go(struct race *race)
{
    atomic_fetch_add(&race->running, 1);
    while (!atomic_load(&race->go))
        spin(1);
    spin(race->delay_us);
}

static void start_all(struct race *race, int threads)
{
    while (atomic_load(&race->running) < threads)
        host_sleep_ms(0);
    atomic_store(&race->go, true);
}

/* Logoff as a session does it: it takes the logon from the support object, unless the store's last
 * Release was faster. */
static void log_off(void *arg)
{
    struct race *race = arg;
    ULONG flags = 0;

    wait_for_go(race);
    if (!race->logon)
        race->logon = host_support_unbind(race->fx->support);
    if (!race->logon)
        return;
    assert_ok(race->logon->lpVtbl->Logoff(race->logon, &flags));
    race->quiet = host_support_refs(race->fx->support) == 0;
    race->logon->lpVtbl->Release(race->logon);
}

/* --- Logoff against the last Release of the store -----------------------------------------------
 */

static void slow_transports(struct host_support *support, enum host_method method, void *context)
{
    (void)support;
    (void)context;
    if (method == HOST_StoreLogoffTransports || method == HOST_Release)
        host_sleep_ms(2);
}

static void release_store(void *arg)
{
    struct race *race = arg;

    wait_for_go(race);
    race->fx->store->lpVtbl->Release(race->fx->store);
}

/* Teardown.SessionLogoff.3 IMSLogon.Logoff.4 */
static void logoff__store_released_at_the_same_time__support_given_back_once(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct race race = { .quiet = true, .delay_us = round % 5 * 20 };
        struct host_thread *threads[2];
        void *fx = NULL;

        fixture_store_setup(&fx);
        race.fx = fx;
        race.fx->support->on_call = slow_transports;
        threads[0] = host_thread_start(release_store, &race);
        threads[1] = host_thread_start(log_off, &race);
        start_all(&race, 2);
        host_thread_join(threads[0]);
        host_thread_join(threads[1]);

        race.fx->store = NULL;
        assert_true(race.quiet);
        assert_true(race.fx->support->dead);
        assert_true(host_support_calls(race.fx->support, HOST_StoreLogoffTransports) <= 1);
        assert_int_equal(host_support_calls(race.fx->support, HOST_Release), 1);
        fixture_teardown(&fx);
    }
}

/* --- Logoff against Logoff ----------------------------------------------------------------------
 */

static void log_off_once_more(void *arg)
{
    struct race *race = arg;
    ULONG flags = 0;

    wait_for_go(race);
    assert_ok(race->logon->lpVtbl->Logoff(race->logon, &flags));
    assert_int_equal(host_support_refs(race->fx->support), 0);
}

/* IMSLogon.Logoff.7 */
static void logoff__on_three_threads__support_given_back_once(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct race race = { .delay_us = round % 3 };
        struct host_thread *threads[3];
        void *fx = NULL;

        fixture_store_setup(&fx);
        race.fx = fx;
        race.logon = host_support_unbind(race.fx->support);
        race.fx->support->on_call = slow_transports;
        for (int i = 0; i < 3; i++)
            threads[i] = host_thread_start(log_off_once_more, &race);
        start_all(&race, 3);
        for (int i = 0; i < 3; i++)
            host_thread_join(threads[i]);

        assert_int_equal(host_support_calls(race.fx->support, HOST_Release), 1);
        release_last(race.logon);
        fixture_teardown(&fx);
    }
}

/* --- Logoff against work ------------------------------------------------------------------------
 */

struct worker {
    struct race *race;
    unsigned saved;
    unsigned refused;
};

/* Any result is fine that says what happened. */
static bool is_over(HRESULT hr, struct worker *worker)
{
    if (hr == S_OK || hr == MAPI_W_ERRORS_RETURNED)
        return false;
    assert_hr(hr, MAPI_E_INVALID_OBJECT);
    worker->refused++;
    return true;
}

static void save_messages(void *arg)
{
    struct worker *worker = arg;
    IMAPIFolder *inbox = worker->race->fx->inbox;
    WCHAR text[] = { 'x', 0 };
    SPropValue subject = { .ulPropTag = PR_SUBJECT_W, .Value.lpszW = text };

    wait_for_go(worker->race);
    for (;;) {
        IMessage *message = POISON;
        HRESULT hr = inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &message);

        if (is_over(hr, worker)) {
            assert_null(message);
            break;
        }
        hr = message->lpVtbl->SetProps(message, 1, &subject, NULL);
        if (SUCCEEDED(hr))
            hr = message->lpVtbl->SaveChanges(message, 0);
        message->lpVtbl->Release(message);
        if (is_over(hr, worker))
            break;
        worker->saved++;
    }
}

static void read_tables(void *arg)
{
    struct worker *worker = arg;
    IMAPIFolder *inbox = worker->race->fx->inbox;

    wait_for_go(worker->race);
    for (;;) {
        IMAPITable *table = POISON;
        LPSRowSet rows = NULL;
        HRESULT hr = inbox->lpVtbl->GetContentsTable(inbox, MAPI_UNICODE, &table);

        if (is_over(hr, worker))
            break;
        hr = table->lpVtbl->QueryRows(table, 50, 0, &rows);
        if (hr == S_OK)
            mapi_free_rows(rows);
        table->lpVtbl->Release(table);
        if (is_over(hr, worker))
            break;
    }
}

static void open_root(void *arg)
{
    struct worker *worker = arg;
    IMsgStore *store = worker->race->fx->store;

    wait_for_go(worker->race);
    for (;;) {
        LPUNKNOWN folder = POISON;
        ULONG type = 0;
        HRESULT hr =
                store->lpVtbl->OpenEntry(store, 0, NULL, NULL, MAPI_BEST_ACCESS, &type, &folder);

        if (is_over(hr, worker))
            break;
        folder->lpVtbl->Release(folder);
    }
}

/* Teardown.Invalid.5 Threads.Rules.1 IMSLogon.Logoff.2 */
static void logoff__others_at_work__they_end_and_what_was_saved_is_there(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS / 5; round++) {
        struct race race = { .quiet = false };
        struct worker workers[4] = { { &race, 0, 0 }, { &race, 0, 0 }, { &race, 0, 0 },
            { &race, 0, 0 } };
        struct host_thread *threads[4];
        void *fx = NULL;
        ULONG flags = 0;
        ULONG count = 0;
        IMAPITable *table = NULL;

        fixture_inbox_setup(&fx);
        race.fx = fx;
        race.logon = host_support_unbind(race.fx->support);
        threads[0] = host_thread_start(save_messages, &workers[0]);
        threads[1] = host_thread_start(save_messages, &workers[1]);
        threads[2] = host_thread_start(read_tables, &workers[2]);
        threads[3] = host_thread_start(open_root, &workers[3]);
        start_all(&race, 4);
        host_sleep_ms(5 + round * 7);
        assert_ok(race.logon->lpVtbl->Logoff(race.logon, &flags));
        assert_int_equal(host_support_refs(race.fx->support), 0);
        for (int i = 0; i < 4; i++) {
            host_thread_join(threads[i]);
            assert_int_equal(workers[i].refused, 1);
        }
        release_last(race.logon);

        fixture_reopen(race.fx);
        assert_ok(race.fx->inbox->lpVtbl->GetContentsTable(race.fx->inbox, 0, &table));
        assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
        assert_true(count >= workers[0].saved + workers[1].saved);
        release_last(table);
        fixture_teardown(&fx);
    }
}

/* --- notifications ------------------------------------------------------------------------------
 */

struct listener {
    struct host_sink sink;
    atomic_bool over; /* Logoff or Unadvise has returned */
    atomic_int late;  /* OnNotify calls that began after it */
    atomic_int calls;
};

static ULONG listen(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    struct listener *listener = context;

    (void)sink;
    (void)event;
    if (atomic_load(&listener->over))
        atomic_fetch_add(&listener->late, 1);
    atomic_fetch_add(&listener->calls, 1);
    host_sleep_ms(1);
    return 0;
}

/* IMSLogon.Logoff.6 */
static void logoff__sinks_being_told__none_is_called_afterwards(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS / 2; round++) {
        struct race race = { .quiet = false };
        struct worker worker = { &race, 0, 0 };
        struct listener listener = { .late = 0 };
        struct host_thread *thread;
        ULONG_PTR connection = 0;
        ULONG flags = 0;
        void *fx = NULL;

        fixture_inbox_setup(&fx);
        race.fx = fx;
        race.logon = host_support_unbind(race.fx->support);
        host_sink_init(&listener.sink);
        listener.sink.on_event = listen;
        listener.sink.context = &listener;
        assert_ok(race.fx->store->lpVtbl->Advise(race.fx->store, 0, NULL,
                fnevObjectCreated | fnevObjectModified, &listener.sink.IMAPIAdviseSink_iface,
                &connection));
        thread = host_thread_start(save_messages, &worker);
        start_all(&race, 1);
        while (atomic_load(&listener.calls) < 3)
            host_sleep_ms(0);
        assert_ok(race.logon->lpVtbl->Logoff(race.logon, &flags));
        atomic_store(&listener.over, true);
        host_thread_join(thread);

        assert_int_equal(atomic_load(&listener.late), 0);
        assert_int_equal(listener.sink.refs, 1);
        release_last(race.logon);
        fixture_teardown(&fx);
        host_sink_done(&listener.sink);
    }
}

static void advise_and_unadvise(void *arg)
{
    struct worker *worker = arg;
    IMsgStore *store = worker->race->fx->store;

    wait_for_go(worker->race);
    do {
        struct host_sink sink;
        ULONG_PTR connection = 0;

        host_sink_init(&sink);
        assert_ok(store->lpVtbl->Advise(
                store, 0, NULL, fnevObjectCreated, &sink.IMAPIAdviseSink_iface, &connection));
        spin(30);
        assert_ok(store->lpVtbl->Unadvise(store, connection));
        while (sink.refs > 1) /* a call on another thread is just ending */
            host_sleep_ms(0);
        host_sink_done(&sink);
        worker->saved++;
    } while (!atomic_load(&worker->race->stop));
}

/* IMsgStore.Unadvise.2 */
static void unadvise__events_on_another_thread__sink_is_given_back(void **state)
{
    struct fixture *fx = *state;
    struct race race = { .fx = fx };
    struct worker worker = { &race, 0, 0 };
    struct host_thread *thread = host_thread_start(advise_and_unadvise, &worker);

    start_all(&race, 1);
    for (int i = 0; i < 100; i++)
        mapi_free(message_make(fx->inbox, "one more"));
    atomic_store(&race.stop, true);
    host_thread_join(thread);

    assert_true(worker.saved > 0);
}

/* --- references and logons ----------------------------------------------------------------------
 */

static void count_references(void *arg)
{
    struct worker *worker = arg;
    IMsgStore *store = worker->race->fx->store;

    wait_for_go(worker->race);
    for (int i = 0; i < 20000; i++) {
        store->lpVtbl->AddRef(store);
        if (i % 3 == 0) {
            void *out = NULL;

            assert_ok(store->lpVtbl->QueryInterface(store, &IID_IMAPIProp, &out));
            store->lpVtbl->Release(store);
        }
        store->lpVtbl->Release(store);
    }
}

/* Memory.COM.2 */
static void references__many_threads__balance(void **state)
{
    struct fixture *fx = *state;
    struct race race = { .fx = fx };
    struct worker worker = { &race, 0, 0 };
    struct host_thread *threads[4];

    for (int i = 0; i < 4; i++)
        threads[i] = host_thread_start(count_references, &worker);
    start_all(&race, 4);
    for (int i = 0; i < 4; i++)
        host_thread_join(threads[i]);

    assert_int_equal(fx->store->lpVtbl->AddRef(fx->store), 2);
    assert_int_equal(fx->store->lpVtbl->Release(fx->store), 1);
}

struct logger {
    struct race *race;
    IMSLogon *logon;
    IMsgStore *store;
    struct host_support *support;
    HRESULT hr;
};

static void log_on(void *arg)
{
    struct logger *logger = arg;
    IMSProvider *provider = logger->race->fx->session.provider;
    LPMAPIERROR error = NULL;

    wait_for_go(logger->race);
    logger->hr = provider->lpVtbl->Logon(provider, host_support_iface(logger->support), 0, NULL, 0,
            NULL, MDB_WRITE, NULL, NULL, NULL, &error, &logger->logon, &logger->store);
    mapi_free(error);
}

/* IMSProvider.Logon.Again.1 Threads.Rules.1 */
static void logon__same_store_on_four_threads__one_logon(void **state)
{
    struct fixture *fx = *state;
    struct host_section *section = host_profile_find(fx->profile, HOST_SECTION_PROVIDER, NULL);

    assert_ok(host_session_configure(&fx->session, fx->path));
    for (unsigned round = 0; round < ROUNDS / 3; round++) {
        struct race race = { .fx = fx };
        struct logger loggers[4];
        struct host_thread *threads[4];
        unsigned logons = 0;

        for (int i = 0; i < 4; i++) {
            loggers[i] = (struct logger){ .race = &race };
            loggers[i].support =
                    host_support_new(&fx->session.world, HOST_SUPPORT_STORE, &section->uid);
            threads[i] = host_thread_start(log_on, &loggers[i]);
        }
        start_all(&race, 4);
        for (int i = 0; i < 4; i++)
            host_thread_join(threads[i]);
        for (int i = 0; i < 4; i++) {
            assert_ok(loggers[i].hr);
            assert_ptr_equal(loggers[i].store, loggers[0].store);
            logons += loggers[i].logon != NULL;
            if (loggers[i].logon)
                host_support_bind(loggers[i].support, loggers[i].logon, loggers[i].store);
            assert_int_equal(host_support_refs(loggers[i].support), loggers[i].logon ? 2 : 1);
            host_support_release(loggers[i].support);
        }
        assert_int_equal(logons, 1);
        for (ULONG i = 0; i < 4; i++)
            assert_int_equal(loggers[i].store->lpVtbl->Release(loggers[i].store), 3 - i);
    }
}

#define INBOX(test) cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logoff__store_released_at_the_same_time__support_given_back_once),
        cmocka_unit_test(logoff__on_three_threads__support_given_back_once),
        cmocka_unit_test(logoff__others_at_work__they_end_and_what_was_saved_is_there),
        cmocka_unit_test(logoff__sinks_being_told__none_is_called_afterwards),
        INBOX(unadvise__events_on_another_thread__sink_is_given_back),
        INBOX(references__many_threads__balance),
        cmocka_unit_test_setup_teardown(logon__same_store_on_four_threads__one_logon,
                fixture_session_setup, fixture_teardown),
    };

    return cmocka_run_group_tests_name("logoff_race", tests, NULL, NULL);
}
