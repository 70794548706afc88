/* SPDX-License-Identifier: MIT */
/*
 * test_table_apart.c - an asynchronous operation on a large table runs without the logon's lock:
 * the logon's other calls go on, and what they change is in the table when it is over.
 */
#include "running_table.h"

#include "dll/inf.h" /* the whole library is linked for it */
#include "engine/eng_int.h"

enum { MANY = 5000 /* enough to be worth a connection of its own */ };

static int begin(void **out)
{
    /* Storing columns is a commit, after which the rows are looked at again in any case. */
    static const struct column_policy not_stored = {
        .memory = 64 * 1024 * 1024, .store_rows = SIZE_MAX, .segment_rows = 4096
    };
    struct running *running;

    hold.apart_only = true;
    running_begin(out, MANY);
    running = *out;
    assert_true(columns_policy(running->table->logon->eng, &not_stored));
    return 0;
}

static const ULONG operations[] = { TBLSTAT_SORTING, TBLSTAT_RESTRICTING };

/* The numbers of all rows, in order; free(). */
static LONG *numbers_of(IMAPITable *table, ULONG *out_count)
{
    LPSRowSet rows;
    LONG *numbers;

    seek(table, BOOKMARK_BEGINNING, 0);
    rows = query(table, ALL_ROWS, 0);
    numbers = calloc(rows->cRows + 1, sizeof(*numbers));
    assert_non_null(numbers);
    for (ULONG i = 0; i < rows->cRows; i++)
        numbers[i] = rows->aRow[i].lpProps[0].Value.l;
    *out_count = rows->cRows;
    mapi_free_rows(rows);
    return numbers;
}

/* As a table that is sorted and asked the same, and does it at once. */
static void assert_fulfilled(struct running *running, ULONG operation)
{
    static const ULONG columns[] = { NUMBER };
    IMAPITable *fresh = NULL;
    ULONG expected_count, count;
    LONG *expected, *numbers;

    assert_ok(
            running->fx->inbox->lpVtbl->GetContentsTable(running->fx->inbox, MAPI_UNICODE, &fresh));
    set_columns(fresh, columns, 1);
    assert_ok(ask_table(fresh, MANY, TBLSTAT_SORTING, 0));
    if (operation == TBLSTAT_RESTRICTING)
        assert_ok(ask_table(fresh, MANY, operation, 0));
    numbers = numbers_of(running->iface, &count);
    expected = numbers_of(fresh, &expected_count);
    assert_int_equal(count, expected_count);
    assert_memory_equal(numbers, expected, count * sizeof(*numbers));
    free(expected);
    free(numbers);
    release_last(fresh);
}

static void assert_over(struct running *running)
{
    ULONG status;

    assert_ok(wait_for(running->iface, (ULONG)FOREVER, &status));
    assert_int_equal(status, TBLSTAT_COMPLETE);
}

static SPropValue *add_numbered(struct fixture *fx, LONG number)
{
    IMessage *message = NULL;
    SPropValue *id;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    prop_set_long(message, NUMBER, number);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    return id;
}

static void remove_message(struct fixture *fx, SPropValue *id)
{
    ENTRYLIST list = { 1, &id->Value.bin };

    assert_ok(fx->inbox->lpVtbl->DeleteMessages(fx->inbox, &list, 0, NULL, 0));
}

static void step(void)
{
    atomic_store(&hold.steps, 1);
    wait_until(atomic_load(&hold.steps) == 0);
    wait_until(atomic_load(&hold.is_held));
}

/* What has been read is the store as it was before anything that is done from here on. */
static void begin_in_snapshot(struct running *running, ULONG operation)
{
    struct table_work *work = &running->table->work;
    bool is_reading = false;

    begin_held(running, operation);
    while (!is_reading) {
        step();
        msp_mutex_lock(&work->lock);
        is_reading = work->apart != NULL && work->apart->has_sql_txn && !work->apart->is_writing;
        msp_mutex_unlock(&work->lock);
    }
    for (int i = 0; i < 20; i++)
        step();
}

/* --- tests ------------------------------------------------------------------------------------ */

/* IMAPITable.General.1: the table is busy, the logon is not. */
static void apart__others_read_and_write__go_on_and_are_seen(void **state)
{
    struct running *running = *state;
    struct fixture *fx = running->fx;

    for (size_t i = 0; i < COUNT_OF(operations); i++) {
        SPropValue *gone = add_numbered(fx, MANY / 2 + 1);
        IMAPITable *other = NULL;
        LPSRowSet rows = POISON;
        SPropValue *id;

        begin_in_snapshot(running, operations[i]);
        id = add_numbered(fx, MANY * 2 + (LONG)i);
        mapi_free(add_numbered(fx, -1));
        remove_message(fx, gone);
        prop_assert_text(fx->inbox, PR_DISPLAY_NAME_W, "Inbox");
        assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, MAPI_UNICODE, &other));
        assert_int_equal(row_count(other), MANY + 2 * (LONG)(i + 1));
        release_last(other);
        assert_hr(running->iface->lpVtbl->QueryRows(running->iface, 1, 0, &rows), MAPI_E_BUSY);
        assert_null(rows);
        assert_true(is_running(running->table));
        let_go();
        assert_over(running);
        assert_fulfilled(running, operations[i]);
        assert_ok(running->iface->lpVtbl->Restrict(running->iface, NULL, 0));
        mapi_free(gone);
        mapi_free(id);
    }
}

/* More than can be followed one by one. */
static void apart__very_many_changes__all_seen(void **state)
{
    struct running *running = *state;
    struct fixture *fx = running->fx;

    begin_in_snapshot(running, TBLSTAT_SORTING);
    prop_set_bool(fx->store, PROP_TAG(PT_BOOLEAN, 0x6601), true); /* in bulk */
    for (LONG i = 0; i < VIEW_CHANGES_MAX + 10; i++)
        mapi_free(add_numbered(fx, i * 2));
    prop_set_bool(fx->store, PROP_TAG(PT_BOOLEAN, 0x6601), false);
    let_go();
    assert_over(running);
    assert_fulfilled(running, TBLSTAT_SORTING);
}

/* What is saved in bulk meanwhile and not committed yet is seen, too. */
static void apart__in_bulk__uncommitted_saves_seen(void **state)
{
    struct running *running = *state;
    struct fixture *fx = running->fx;

    begin_in_snapshot(running, TBLSTAT_SORTING);
    prop_set_bool(fx->store, PROP_TAG(PT_BOOLEAN, 0x6601), true);
    mapi_free(add_numbered(fx, 17));
    let_go();
    assert_over(running);
    assert_fulfilled(running, TBLSTAT_SORTING);
    mapi_free(add_numbered(fx, 18));
    assert_ok(ask(running, TBLSTAT_RESTRICTING)); /* in place, this time */
    assert_over(running);
    assert_fulfilled(running, TBLSTAT_RESTRICTING);
    prop_set_bool(fx->store, PROP_TAG(PT_BOOLEAN, 0x6601), false);
}

/* How many calls of SQLite an operation makes under the logon's lock, when that connection has
 * nothing in memory. */
static unsigned calls_in_place(struct running *running, ULONG operation)
{
    static const struct column_policy nothing = { .store_rows = SIZE_MAX, .segment_rows = 4096 };

    assert_true(columns_policy(running->table->logon->eng, &nothing));
    atomic_store(&hold.calls, 0);
    atomic_store(&hold.counted, running->table);
    assert_ok(ask(running, operation));
    assert_over(running);
    atomic_store(&hold.counted, NULL);
    return atomic_load(&hold.calls);
}

static void apart__nothing_else_happens__done_without_the_lock(void **state)
{
    struct running *running = *state;

    assert_ok(running->iface->lpVtbl->Unadvise(running->iface, running->connection));
    for (size_t i = 0; i < COUNT_OF(operations); i++)
        assert_in_range(calls_in_place(running, operations[i]), 1, 100);
    assert_fulfilled(running, TBLSTAT_RESTRICTING);
}

/* What was read of the rows for that is not read again for what the table shows of them. */
static void apart__columns_read__are_the_logons(void **state)
{
    static const struct sort_order by_size = { 1, 0, 0,
        { { PR_MESSAGE_SIZE, TABLE_SORT_ASCEND } } };
    struct running *running = *state;
    struct eng *eng = running->table->logon->eng;

    union {
        struct sort_order order;
        SSortOrderSet set;
    } both = { .order = by_size };

    assert_ok(running->iface->lpVtbl->Unadvise(running->iface, running->connection));
    eng_columns_free(eng_columns_detach(eng));
    assert_int_equal(columns_kept(eng), 0);
    assert_ok(running->iface->lpVtbl->SortTable(running->iface, &both.set, TBL_ASYNC));
    assert_over(running);
    assert_int_equal(columns_kept(eng), 1);
}

/* Whatever lies where the store was opened: the logon's own connection has the right one. */
static void apart__another_store_at_the_path__done_in_place(void **state)
{
    struct running *running = *state;
    struct logon *logon = running->table->logon;

    assert_ok(running->iface->lpVtbl->Unadvise(running->iface, running->connection));
    logon->store_uid[0] ^= 1;
    assert_in_range(calls_in_place(running, TBLSTAT_SORTING), MANY, 100 * MANY);
    logon->store_uid[0] ^= 1;
    assert_fulfilled(running, TBLSTAT_SORTING);
}

/* The sort order is another one, what is filtered away stays so. */
static void apart__restricted_table_sorted__stays_restricted(void **state)
{
    struct running *running = *state;

    assert_ok(ask_table(running->iface, MANY, TBLSTAT_RESTRICTING, 0));
    assert_ok(ask(running, TBLSTAT_SORTING));
    assert_over(running);
    assert_fulfilled(running, TBLSTAT_RESTRICTING);
}

static int compare_keys(const void *a, const void *b)
{
    const SBinary *x = &((const SPropValue *)a)->Value.bin,
                  *y = &((const SPropValue *)b)->Value.bin;

    return memcmp(x->lpb, y->lpb, x->cb < y->cb ? x->cb : y->cb);
}

/* Headings that were made apart, and those that come later, are told from each other. */
static void apart__headings__keys_stay_unique(void **state)
{
    static const struct sort_order order = { 1, 1, 1, { { NUMBER, TABLE_SORT_ASCEND } } };
    static const ULONG columns[] = { PR_INSTANCE_KEY };
    struct running *running = *state;
    SPropValue *keys;
    LPSRowSet rows;

    union {
        struct sort_order order;
        SSortOrderSet set;
    } both = { .order = order };

    assert_ok(running->iface->lpVtbl->SortTable(running->iface, &both.set, TBL_ASYNC));
    assert_over(running);
    for (LONG i = 0; i < 5; i++)
        mapi_free(add_numbered(running->fx, -10 - i));
    set_columns(running->iface, columns, 1);
    rows = query(running->iface, ALL_ROWS, 0);
    assert_int_equal(rows->cRows, 2 * (MANY + 5));
    keys = calloc(rows->cRows, sizeof(*keys));
    for (ULONG i = 0; i < rows->cRows; i++)
        keys[i] = rows->aRow[i].lpProps[0];
    qsort(keys, rows->cRows, sizeof(*keys), compare_keys);
    for (ULONG i = 1; i < rows->cRows; i++)
        assert_true(compare_keys(&keys[i - 1], &keys[i]) < 0);
    free(keys);
    mapi_free_rows(rows);
}

static size_t count_events(struct running *running, ULONG table_event)
{
    size_t count = 0;

    for (size_t i = 0; i < host_sink_count(&running->sink, fnevTableModified); i++) {
        struct host_event event;

        assert_true(host_sink_event(&running->sink, i, &event));
        count += event.table_event == table_event;
    }
    return count;
}

/* table-notification.DONE.1: the end of it is told, and not what became of single rows on the way;
 * what comes after it is. */
static void apart__live_table__its_end_is_told_then_rows(void **state)
{
    struct running *running = *state;

    begin_in_snapshot(running, TBLSTAT_SORTING);
    mapi_free(add_numbered(running->fx, -5));
    let_go();
    assert_over(running);
    wait_until(count_events(running, TABLE_SORT_DONE) == 1);
    assert_int_equal(host_sink_count(&running->sink, fnevTableModified), 1);
    mapi_free(add_numbered(running->fx, -6));
    wait_until(count_events(running, TABLE_ROW_ADDED) == 1);
    assert_int_equal(host_sink_count(&running->sink, fnevTableModified), 2);
    assert_fulfilled(running, TBLSTAT_SORTING);
}

/* What SQLite is doing ends, too. */
static bool is_engine_stopped(struct table *table)
{
    bool is;

    msp_mutex_lock(&table->work.lock);
    is = table->work.apart != NULL && eng_is_interrupted(table->work.apart);
    msp_mutex_unlock(&table->work.lock);
    return is;
}

/* IMAPITable.Abort.2 */
static void apart__aborted__stops_and_nothing_has_changed(void **state)
{
    struct running *running = *state;

    for (size_t i = 0; i < COUNT_OF(operations); i++) {
        struct caller aborter = { running->iface, E_FAIL, 0 };
        struct host_thread *thread;

        begin_in_snapshot(running, operations[i]);
        thread = host_thread_start(abort_there, &aborter);
        wait_until(is_engine_stopped(running->table));
        let_go();
        host_thread_join(thread);
        assert_ok(aborter.hr);
        assert_int_equal(status_of(running->iface), TBLSTAT_COMPLETE);
        assert_untouched(running);
    }
    assert_ok(ask(running, TBLSTAT_SORTING)); /* the next one is not stopped */
    assert_over(running);
    assert_fulfilled(running, TBLSTAT_SORTING);
}

static void apart__table_released__ends_before_it_goes(void **state)
{
    struct running *running = *state;
    struct caller releaser = { running->iface, S_OK, POISON_LONG };
    struct host_thread *thread;

    begin_in_snapshot(running, TBLSTAT_SORTING);
    thread = host_thread_start(release_there, &releaser);
    wait_until(atomic_load(&running->table->work.stop));
    let_go();
    host_thread_join(thread);
    assert_int_equal(releaser.status, 0);
    running->iface = NULL;
}

/* IMSLogon.Logoff.2 */
static void apart__logoff__stops_it_and_nothing_is_left(void **state)
{
    struct running *running = *state;
    struct fixture *fx = running->fx;
    struct caller waiter = { running->iface, S_OK, 0 };
    struct leaver leaver = { host_support_unbind(fx->support), E_FAIL };
    struct host_thread *waiting, *leaving;

    begin_in_snapshot(running, TBLSTAT_SORTING);
    waiting = host_thread_start(wait_there, &waiter);
    leaving = host_thread_start(log_off_there, &leaver);
    wait_until(atomic_load(&running->table->work.stop));
    let_go();
    host_thread_join(leaving);
    host_thread_join(waiting);
    assert_ok(leaver.hr);
    assert_true(waiter.hr == MAPI_E_INVALID_OBJECT || waiter.hr == S_OK);
    assert_int_equal(count_events(running, TABLE_SORT_DONE), 0);
    release_last(running->iface);
    release_last(fx->inbox);
    release_last(fx->store);
    release_last(leaver.logon);
}

/* Each call of SQLite fails in turn: it is done by the logon's own connection then, or not at all.
 */
static void apart__each_call_of_sqlite_fails__done_or_as_before(void **state)
{
    struct running *running = *state;
    unsigned long nth = 1, done = 0;
    bool reached = true;

    assert_ok(running->iface->lpVtbl->Unadvise(running->iface, running->connection));
    while (reached) {
        ULONG status = POISON_LONG;

        sqlite_fault_arm(nth, false, SQLITE_IOERR);
        if (SUCCEEDED(ask(running, TBLSTAT_RESTRICTING)))
            assert_ok(wait_for(running->iface, (ULONG)FOREVER, &status));
        reached = sqlite_fault_disarm();
        if (status == TBLSTAT_COMPLETE) {
            done++;
            assert_int_equal(row_count(running->iface), MANY / 2 + 1);
            assert_ok(running->iface->lpVtbl->Restrict(running->iface, NULL, 0));
        }
        assert_int_equal(row_count(running->iface), MANY);
        nth += nth < 60 ? 1 : nth / 2;
    }
    assert_true(done > 30);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, running_finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(apart__others_read_and_write__go_on_and_are_seen),
        TEST(apart__very_many_changes__all_seen),
        TEST(apart__in_bulk__uncommitted_saves_seen),
        TEST(apart__nothing_else_happens__done_without_the_lock),
        TEST(apart__columns_read__are_the_logons),
        TEST(apart__another_store_at_the_path__done_in_place),
        TEST(apart__restricted_table_sorted__stays_restricted),
        TEST(apart__headings__keys_stay_unique),
        TEST(apart__live_table__its_end_is_told_then_rows),
        TEST(apart__aborted__stops_and_nothing_has_changed),
        TEST(apart__table_released__ends_before_it_goes),
        TEST(apart__logoff__stops_it_and_nothing_is_left),
        TEST(apart__each_call_of_sqlite_fails__done_or_as_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
