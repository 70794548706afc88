/* SPDX-License-Identifier: MIT */
/*
 * test_spooler_killed.c - a spooler in another process has locked a message, and is killed: until
 * then the message is its own, and from then on it is anybody's.
 */
#include "mail_world.h"
#include "support/process.h"

static const char store_variable[] = "MAILKEEP_SPOOLER_STORE";

enum { MOST_WAITS = 60000 /* milliseconds until something must have happened */ };

/* The entry id of the one message in the queue; NULL: there is none (mapi_free_rows). */
static LPSRowSet queued(IMsgStore *spooler)
{
    static const ULONG tags[] = { PR_ENTRYID, PR_SUBMIT_FLAGS };
    LPSRowSet rows = queue_rows(spooler, tags, 2);

    assert_int_equal(rows->cRows, 1);
    return rows;
}

static LONG queued_flags(IMsgStore *spooler)
{
    LPSRowSet rows = queued(spooler);
    LONG flags = rows->aRow[0].lpProps[1].Value.l;

    mapi_free_rows(rows);
    return flags;
}

/* The other process: locks what is in the queue, and waits for its end. */
static void be_the_spooler(const char *path)
{
    struct fixture *fx = fixture_new();
    struct spooler spooler;
    IMessage *message = NULL;
    LPSRowSet rows;

    snprintf(fx->path, sizeof(fx->path), "%s", path);
    assert_ok(host_session_configure(&fx->session, fx->path));
    spooler = spooler_logon(fx);
    rows = queued(spooler.store);
    assert_ok(mail_open(spooler.store, &rows->aRow[0].lpProps[0], MAPI_MODIFY, &message));
    assert_ok(spooler.store->lpVtbl->SetLockState(spooler.store, message, MSG_LOCKED));
    host_sleep_ms(2 * MOST_WAITS);
    exit(1);
}

/* Submit.Spooler.4 IMsgStore.SetLockState.5 */
static void lock__holder_killed__the_next_one_sends(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = mail_submit(fx->inbox, "one");
    struct spooler spooler = spooler_logon(fx);
    struct process *process;
    IMessage *message = NULL;

    host_env_set(store_variable, fx->path);
    process = process_start_self(NULL);
    assert_non_null(process);
    for (int waits = 0; waits < MOST_WAITS && queued_flags(spooler.store) == 0; waits += 10) {
        assert_true(process_is_running(process));
        host_sleep_ms(10);
    }
    assert_int_equal(queued_flags(spooler.store), SUBMITFLAG_LOCKED);
    assert_hr(mail_open(fx->store, id, MAPI_BEST_ACCESS, &message), MAPI_E_NO_ACCESS);
    assert_hr(mail_open(spooler.store, id, MAPI_MODIFY, &message), MAPI_E_NO_ACCESS);
    assert_hr(fx->store->lpVtbl->AbortSubmit(
                      fx->store, id->Value.bin.cb, raw_id(id->Value.bin.lpb), 0),
            MAPI_E_UNABLE_TO_ABORT);

    process_kill(process);
    assert_int_equal(process_wait(process), PROCESS_KILLED);

    assert_int_equal(queued_flags(spooler.store), 0);
    assert_ok(mail_open(spooler.store, id, MAPI_MODIFY, &message));
    assert_ok(spooler.store->lpVtbl->SetLockState(spooler.store, message, MSG_LOCKED));
    release_last(message);
    assert_ok(spooler.store->lpVtbl->FinishedMsg(
            spooler.store, 0, id->Value.bin.cb, raw_id(id->Value.bin.lpb)));
    queue_assert(spooler.store, "");
    release_last(spooler.store);
    mapi_free(id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                lock__holder_killed__the_next_one_sends, fixture_inbox_setup, fixture_teardown),
    };
    char path[1024];

    if (host_env(store_variable, path, sizeof(path)))
        be_the_spooler(path);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
