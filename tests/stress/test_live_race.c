/* SPDX-License-Identifier: MIT */
/*
 * test_live_race.c - live tables and sinks while two sessions write, tables are sorted in the
 * background, sinks come and go, and one session logs off.
 */
#include <stdatomic.h>

#include "host/host_mem.h"
#include "support/support.h"

enum { ROUNDS = 15 };

struct race {
    struct fixture *fx;
    struct host_session second;
    IMsgStore *second_store;
    IMAPIFolder *second_inbox;
    IMSLogon *logon;
    atomic_bool stop;
    atomic_bool over; /* Logoff has returned */
    atomic_int late;  /* OnNotify begun after that */
    atomic_ulong told;
};

static ULONG on_event(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    struct race *race = context;

    (void)sink;
    if (atomic_load(&race->over))
        atomic_fetch_add(&race->late, 1);
    /* What is told is whole: touched, so that the sanitizers see it. */
    if (event->ulEventType == fnevTableModified) {
        const SRow *row = &event->info.tab.row;

        for (ULONG i = 0; i < row->cValues; i++)
            atomic_fetch_add(&race->told, row->lpProps[i].ulPropTag != 0);
    } else {
        atomic_fetch_add(&race->told, event->info.obj.cbEntryID > 0);
    }
    return 0;
}

static bool is_over(HRESULT hr)
{
    if (hr == S_OK || hr == MAPI_W_ERRORS_RETURNED || hr == MAPI_E_BUSY ||
            hr == MAPI_W_POSITION_CHANGED)
        return false;
    assert_hr(hr, MAPI_E_INVALID_OBJECT);
    return true;
}

static HRESULT save_one(IMAPIFolder *folder, unsigned n)
{
    IMessage *message = NULL;
    WCHAR text[] = { (WCHAR)('a' + n % 7), 0 };
    SPropValue subject = { .ulPropTag = PR_SUBJECT_W, .Value.lpszW = text };
    HRESULT hr = folder->lpVtbl->CreateMessage(folder, NULL, 0, &message);

    if (hr != S_OK)
        return hr;
    hr = message->lpVtbl->SetProps(message, 1, &subject, NULL);
    if (hr == S_OK)
        hr = message->lpVtbl->SaveChanges(message, 0);
    message->lpVtbl->Release(message);
    return hr;
}

static HRESULT flip_flags(IMAPIFolder *folder, unsigned n)
{
    return folder->lpVtbl->SetReadFlags(
            folder, NULL, 0, NULL, n % 2 ? CLEAR_READ_FLAG : SUPPRESS_RECEIPT);
}

static void write_first(void *arg)
{
    struct race *race = arg;

    for (unsigned n = 0; !atomic_load(&race->stop); n++) {
        HRESULT hr = n % 5 == 4 ? flip_flags(race->fx->inbox, n / 5) : save_one(race->fx->inbox, n);

        if (is_over(hr))
            return;
    }
}

static void write_second(void *arg)
{
    struct race *race = arg;

    for (unsigned n = 0; !atomic_load(&race->stop); n++)
        assert_ok(save_one(race->second_inbox, n));
}

/* One thing a client does with a live table; false: the logon is over. */
static bool use_table(IMAPITable *table, unsigned n)
{
    SizedSSortOrderSet(1, order) = { 1, n % 3 == 0, 0, { { PR_SUBJECT_W, n % 2 } } };
    LPSRowSet rows = NULL;
    ULONG status = 0, type = 0;
    HRESULT hr;

    if (n % 4 == 0 && is_over(table->lpVtbl->SortTable(
                              table, (LPSSortOrderSet)(void *)&order, n % 8 ? 0 : TBL_ASYNC)))
        return false;
    if (is_over(table->lpVtbl->GetStatus(table, &status, &type)))
        return false;
    if (n % 16 == 0) {
        hr = table->lpVtbl->Abort(table);
        if (hr != MAPI_E_UNABLE_TO_ABORT && is_over(hr))
            return false;
    }
    hr = table->lpVtbl->QueryRows(table, 10, 0, &rows);
    mapi_free_rows(rows);
    return !is_over(hr);
}

static void read_live(void *arg)
{
    struct race *race = arg;
    IMAPIFolder *inbox = race->fx->inbox;
    struct host_sink sink;
    bool go_on = true;

    host_sink_init(&sink);
    sink.on_event = on_event;
    sink.context = race;
    for (unsigned n = 0; go_on && !atomic_load(&race->stop); n++) {
        IMAPITable *table = NULL;
        ULONG_PTR connection = 0;
        HRESULT hr = inbox->lpVtbl->GetContentsTable(inbox, MAPI_UNICODE, &table);

        if (is_over(hr))
            break;
        hr = table->lpVtbl->Advise(
                table, fnevTableModified, &sink.IMAPIAdviseSink_iface, &connection);
        go_on = !is_over(hr);
        for (unsigned i = 0; go_on && i < 20; i++)
            go_on = use_table(table, n + i);
        if (connection != 0 && n % 2)
            go_on = !is_over(table->lpVtbl->Unadvise(table, connection)) && go_on;
        table->lpVtbl->Release(table);
    }
    while (sink.refs > 1)
        host_sleep_ms(1);
    host_sink_done(&sink);
}

static void advise_store(void *arg)
{
    struct race *race = arg;
    IMsgStore *store = race->fx->store;
    struct host_sink sink;

    host_sink_init(&sink);
    sink.on_event = on_event;
    sink.context = race;
    while (!atomic_load(&race->stop)) {
        ULONG_PTR connection = 0;
        HRESULT hr = store->lpVtbl->Advise(store, 0, NULL, fnevObjectCreated | fnevObjectModified,
                &sink.IMAPIAdviseSink_iface, &connection);

        if (is_over(hr))
            break;
        host_sleep_ms(1);
        if (is_over(store->lpVtbl->Unadvise(store, connection)))
            break;
        assert_int_equal(sink.refs, 1);
    }
    while (sink.refs > 1)
        host_sleep_ms(1);
    host_sink_done(&sink);
}

static void open_second(struct race *race)
{
    ULONG size = 0, type = 0;
    LPENTRYID id = NULL;
    LPUNKNOWN object = NULL;
    IMsgStore *store;

    host_session_init(&race->second, race->fx->profile, 1);
    assert_ok(host_session_open(&race->second, &race->second_store));
    store = race->second_store;
    assert_ok(store->lpVtbl->GetReceiveFolder(store, NULL, MAPI_UNICODE, &size, &id, NULL));
    assert_ok(store->lpVtbl->OpenEntry(store, size, id, NULL, MAPI_MODIFY, &type, &object));
    host_mem_trio(1)->release(id);
    race->second_inbox = (IMAPIFolder *)(void *)object;
}

/* IMSLogon.Logoff.6 Threads.Rules.1 Teardown.Invalid.5 */
static void logoff__live_tables_and_writers__nobody_is_told_afterwards(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        static void (*const work[])(
                void *) = { write_first, write_second, read_live, read_live, advise_store };

        enum { THREADS = sizeof(work) / sizeof(work[0]) };
        struct race race = { .late = 0 };
        struct host_thread *threads[THREADS];
        ULONG flags = 0;
        void *fx = NULL;

        fixture_inbox_setup(&fx);
        race.fx = fx;
        open_second(&race);
        for (int i = 0; i < THREADS; i++)
            threads[i] = host_thread_start(work[i], &race);
        host_sleep_ms(5 + round * 7);
        race.logon = host_support_unbind(race.fx->support);
        assert_ok(race.logon->lpVtbl->Logoff(race.logon, &flags));
        atomic_store(&race.over, true);
        host_sleep_ms(2);
        atomic_store(&race.stop, true);
        for (int i = 0; i < THREADS; i++)
            host_thread_join(threads[i]);
        assert_int_equal(atomic_load(&race.late), 0);
        release_last(race.logon);
        release_last(race.second_inbox);
        release_last(race.second_store);
        host_session_logoff(&race.second);
        assert_int_equal(host_session_done(&race.second), 0);
        fixture_teardown(&fx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logoff__live_tables_and_writers__nobody_is_told_afterwards),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
