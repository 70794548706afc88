/* SPDX-License-Identifier: MIT */
/*
 * test_table_running.c - an asynchronous operation of a table while it runs under the logon's lock:
 * what others are told, Abort, Release and Logoff in the middle of it.
 */
#include "running_table.h"

enum { MANY = 1000 /* rows: several looks at whether to go on */ };

static int begin(void **out)
{
    return running_begin(out, MANY);
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
        assert_untouched(running);
        assert_hr(table->lpVtbl->Abort(table), MAPI_E_UNABLE_TO_ABORT);
    }
    assert_ok(ask(running, TBLSTAT_SORTING)); /* the next one is not stopped */
    assert_ok(wait_for(table, (ULONG)FOREVER, &(ULONG){ 0 }));
    assert_int_equal(row_count(table), MANY);
    wait_until(host_sink_count(&running->sink, fnevTableModified) == 1);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, running_finish)

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
