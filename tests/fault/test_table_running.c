/* SPDX-License-Identifier: MIT */
/*
 * test_table_running.c - an asynchronous operation of a table while it runs: what others are told,
 * Abort, Release and Logoff in the middle of it.
 *
 * The layers are linked in. The operation is held at its first call of SQLite, which is made under
 * the logon's lock; it goes on when the test has seen what it waits for. Nothing depends on time.
 */
#include "../unit/linked_fixture.h"

#include "com/logon.h"
#include "com/table_impl.h"
#include "com/table_line.h"
#include "dll/inf.h" /* the whole library is linked for it */
#include "fault/fault_sqlite.h"

#define NUMBER PROP_TAG(PT_LONG, 0x6802)
#define NUMBERS_EACH PROP_TAG(PT_MV_LONG | MVI_FLAG, 0x6803)

enum {
    MANY = 1000, /* rows: several looks at whether to go on */
    FOREVER = -1
};

/* --- holding ---------------------------------------------------------------------------------- */

static struct {
    struct table *_Atomic table; /* whose operation is held; NULL: none */
    atomic_bool is_held;
} hold;

static bool is_running(struct table *table)
{
    bool is;

    msp_mutex_lock(&table->work.lock);
    is = table->work.state == TABLE_WORK_RUNNING;
    msp_mutex_unlock(&table->work.lock);
    return is;
}

static void wait_here(void)
{
    struct table *table = atomic_load(&hold.table);

    if (table == NULL || !is_running(table))
        return;
    atomic_store(&hold.is_held, true);
    while (atomic_load(&hold.table) != NULL)
        host_sleep_ms(1);
    atomic_store(&hold.is_held, false);
}

static void let_go(void)
{
    atomic_store(&hold.table, NULL);
}

#define wait_until(condition)                                                                      \
    do {                                                                                           \
        for (int tries_ = 0; tries_ < 30000 && !(condition); tries_++)                             \
            host_sleep_ms(1);                                                                      \
        assert_true(condition);                                                                    \
    } while (0)

/* --- a folder and a table of it --------------------------------------------------------------- */

struct running {
    struct state *state;
    struct fixture *fx;
    IMAPITable *iface;
    struct table *table;
    struct host_sink sink;
    ULONG_PTR connection;
};

static const struct sort_order by_number = { 1, 0, 0, { { NUMBER, TABLE_SORT_ASCEND } } };

static void add_many(struct fixture *fx)
{
    LONG numbers[2] = { 1, 2 };
    SPropValue each = { .ulPropTag = PROP_TAG(PT_MV_LONG, 0x6803) };

    each.Value.MVl.cValues = 2;
    each.Value.MVl.lpl = numbers;
    prop_set_bool(fx->store, PROP_TAG(PT_BOOLEAN, 0x6601), true); /* in bulk */
    for (LONG i = 0; i < MANY; i++) {
        IMessage *message = NULL;

        assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
        prop_set_text(message, PR_SUBJECT_W, "m");
        prop_set_long(message, NUMBER, MANY - i);
        assert_ok(message->lpVtbl->SetProps(message, 1, &each, NULL));
        assert_ok(message->lpVtbl->SaveChanges(message, 0));
        release_last(message);
    }
    prop_set_bool(fx->store, PROP_TAG(PT_BOOLEAN, 0x6601), false);
}

static int begin(void **out)
{
    static const ULONG columns[] = { NUMBER };
    static bool is_installed;
    struct running *running = calloc(1, sizeof(*running));
    void *state = NULL;

    assert_non_null(running);
    setup(&state);
    running->state = state;
    running->fx = running->state->fx;
    assert_ok(load(running->fx));
    assert_ok(configure(running->fx));
    if (!is_installed)
        assert_true(sqlite_fault_install());
    is_installed = true;
    assert_ok(log_on(running->fx));
    fixture_open_inbox(running->fx);
    add_many(running->fx);
    assert_ok(running->fx->inbox->lpVtbl->GetContentsTable(
            running->fx->inbox, MAPI_UNICODE, &running->iface));
    set_columns(running->iface, columns, 1);
    running->table = table_from_iface(running->iface);
    host_sink_init(&running->sink);
    assert_ok(running->iface->lpVtbl->Advise(running->iface, fnevTableModified,
            &running->sink.IMAPIAdviseSink_iface, &running->connection));
    sqlite_fault.before = wait_here;
    *out = running;
    return 0;
}

static int finish(void **out)
{
    struct running *running = *out;
    void *state = running->state;

    let_go();
    sqlite_fault.before = NULL;
    if (running->iface != NULL)
        release_last(running->iface);
    end(running->state);
    assert_int_equal(running->sink.refs, 1);
    host_sink_done(&running->sink);
    free(running);
    return teardown(&state);
}

/* What a table can be told to do in the background. */
static HRESULT ask(struct running *running, ULONG status)
{
    IMAPITable *table = running->iface;
    SPropValue value = long_value(NUMBER, MANY / 2);
    SRestriction restriction = compare_with(RELOP_GE, &value);
    SPropTagArray each = { 1, { NUMBERS_EACH } };

    union {
        struct sort_order order;
        SSortOrderSet set;
    } both = { .order = by_number };

    switch (status) {
    case TBLSTAT_SORTING:
        return table->lpVtbl->SortTable(table, &both.set, TBL_ASYNC);
    case TBLSTAT_RESTRICTING:
        return table->lpVtbl->Restrict(table, &restriction, TBL_ASYNC);
    default:
        return table->lpVtbl->SetColumns(table, &each, TBL_ASYNC);
    }
}

/* Begins an operation; when this returns it runs, and is in the middle of it. */
static void begin_held(struct running *running, ULONG status)
{
    atomic_store(&hold.table, running->table);
    assert_ok(ask(running, status));
    wait_until(atomic_load(&hold.is_held));
    assert_true(is_running(running->table));
}

static HRESULT wait_for(IMAPITable *table, ULONG timeout, ULONG *out_status)
{
    *out_status = POISON_LONG;
    return table->lpVtbl->WaitForCompletion(table, 0, timeout, out_status);
}

static ULONG status_of(IMAPITable *table)
{
    ULONG status = POISON_LONG, type = POISON_LONG;

    assert_ok(table->lpVtbl->GetStatus(table, &status, &type));
    return status;
}

/* The first number and how many rows: as it was before anything was asked. */
static void assert_untouched(IMAPITable *table)
{
    LPSRowSet rows;

    assert_int_equal(row_count(table), MANY);
    seek(table, BOOKMARK_BEGINNING, 0);
    rows = query(table, 1, 0);
    assert_int_equal(rows->aRow[0].lpProps[0].ulPropTag, NUMBER);
    assert_int_equal(rows->aRow[0].lpProps[0].Value.l, MANY);
    mapi_free_rows(rows);
}

struct caller {
    IMAPITable *table;
    HRESULT hr;
    ULONG status;
};

static void abort_there(void *arg)
{
    struct caller *caller = arg;

    caller->hr = caller->table->lpVtbl->Abort(caller->table);
}

static void wait_there(void *arg)
{
    struct caller *caller = arg;

    caller->hr = wait_for(caller->table, (ULONG)FOREVER, &caller->status);
}

/* --- tests ------------------------------------------------------------------------------------ */

static const ULONG operations[] = { TBLSTAT_SORTING, TBLSTAT_RESTRICTING, TBLSTAT_SETTING_COLS };

/* IMAPITable.WaitForCompletion.2 IMAPITable.GetStatus.1: of what runs, not only of what waits. */
static void running__waited_for__time_is_up_until_it_is_over(void **state)
{
    struct running *running = *state;
    ULONG status;

    for (size_t i = 0; i < COUNT_OF(operations); i++) {
        struct caller waiter = { running->iface, E_FAIL, POISON_LONG };
        struct host_thread *thread;

        begin_held(running, operations[i]);
        assert_int_equal(status_of(running->iface), operations[i]);
        assert_hr(wait_for(running->iface, 0, &status), MAPI_E_TIMEOUT);
        assert_int_equal(status, 0);
        assert_hr(wait_for(running->iface, 15, &status), MAPI_E_TIMEOUT);
        assert_true(is_running(running->table));
        thread = host_thread_start(wait_there, &waiter);
        let_go();
        host_thread_join(thread);
        assert_ok(waiter.hr);
        assert_int_equal(waiter.status, TBLSTAT_COMPLETE);
        assert_int_equal(status_of(running->iface), TBLSTAT_COMPLETE);
    }
}

/* IMAPITable.Abort.2: Abort comes back when the operation has stopped in the middle, and all is as
 * it was. IMAPITable.Abort.1: there is nothing to stop then. */
static void running__aborted__stops_and_nothing_has_changed(void **state)
{
    struct running *running = *state;
    IMAPITable *table = running->iface;

    for (size_t i = 0; i < COUNT_OF(operations); i++) {
        struct caller aborter = { table, E_FAIL, 0 };
        struct host_thread *thread;

        begin_held(running, operations[i]);
        thread = host_thread_start(abort_there, &aborter);
        wait_until(atomic_load(&running->table->work.stop));
        assert_true(is_running(running->table));
        assert_int_equal(status_of(table), operations[i]);
        let_go();
        host_thread_join(thread);

        assert_ok(aborter.hr);
        assert_int_equal(status_of(table), TBLSTAT_COMPLETE);
        assert_untouched(table);
        assert_hr(table->lpVtbl->Abort(table), MAPI_E_UNABLE_TO_ABORT);
    }
    assert_ok(ask(running, TBLSTAT_SORTING)); /* the next one is not stopped */
    assert_ok(wait_for(table, (ULONG)FOREVER, &(ULONG){ 0 }));
    assert_int_equal(row_count(table), MANY);
    wait_until(host_sink_count(&running->sink, fnevTableModified) == 1);
}

static void release_there(void *arg)
{
    struct caller *caller = arg;

    caller->status = caller->table->lpVtbl->Release(caller->table);
}

static void running__table_released__ends_before_it_goes(void **state)
{
    struct running *running = *state;
    struct caller releaser = { running->iface, S_OK, POISON_LONG };
    struct host_thread *thread;

    begin_held(running, TBLSTAT_SORTING);
    thread = host_thread_start(release_there, &releaser);
    let_go();
    host_thread_join(thread);
    assert_int_equal(releaser.status, 0);
    running->iface = NULL;
}

struct leaver {
    IMSLogon *logon;
    HRESULT hr;
};

static void log_off_there(void *arg)
{
    struct leaver *leaver = arg;
    ULONG flags = 0;

    leaver->hr = leaver->logon->lpVtbl->Logoff(leaver->logon, &flags);
}

/* What runs is stopped, who waits for it comes back. */
static void running__logoff__stops_it_and_waiters_come_back(void **state)
{
    struct running *running = *state;
    struct fixture *fx = running->fx;
    struct msp_domain *domain = running->table->object.domain;
    struct caller waiter = { running->iface, S_OK, 0 };
    struct leaver leaver = { host_support_unbind(fx->support), E_FAIL };
    struct host_thread *waiting, *leaving;
    ULONG status;

    begin_held(running, TBLSTAT_SORTING);
    waiting = host_thread_start(wait_there, &waiter);
    leaving = host_thread_start(log_off_there, &leaver);
    wait_until(atomic_load(&domain->closing));
    assert_true(is_running(running->table));
    let_go();
    host_thread_join(leaving);
    host_thread_join(waiting);

    assert_ok(leaver.hr);
    assert_true(waiter.hr == MAPI_E_INVALID_OBJECT || waiter.hr == S_OK);
    assert_hr(wait_for(running->iface, (ULONG)FOREVER, &status), MAPI_E_INVALID_OBJECT);
    assert_hr(running->iface->lpVtbl->Abort(running->iface), MAPI_E_INVALID_OBJECT);
    /* It did not come to its end, and nobody was told that it had. */
    for (size_t i = 0; i < host_sink_count(&running->sink, fnevTableModified); i++) {
        struct host_event event;

        assert_true(host_sink_event(&running->sink, i, &event));
        assert_int_equal(event.table_event, TABLE_ERROR);
    }
    release_last(running->iface);
    release_last(fx->inbox);
    release_last(fx->store);
    release_last(leaver.logon);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(running__waited_for__time_is_up_until_it_is_over),
        TEST(running__aborted__stops_and_nothing_has_changed),
        TEST(running__table_released__ends_before_it_goes),
        TEST(running__logoff__stops_it_and_waiters_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
