/* SPDX-License-Identifier: MIT */
/*
 * test_copy_kill.c - a process is killed at every step towards the disk of a move within a store:
 * each message is in one of the two folders, whole, and in one only.
 */
#include "../com/copy_recorder.h"
#include "../com/copy_world.h"

#include "disk_steps.h"
#include "engine/eng.h"
#include "support/process.h"

enum {
    MANY = 40,  /* three chunks while somebody watches */
    RICH = 8,   /* every so many has all there is */
    STRIDE = 5, /* steps from one kill to the next */
    EXPECTED = 7
};

static const char path_name[] = "MAILKEEP_TEST_COPY_STORE";
static const char step_name[] = "MAILKEEP_TEST_COPY_STEP";

/* --- the child -------------------------------------------------------------------------------- */

struct child {
    unsigned long steps;
    unsigned long kill_at;
};

static void take_step(void *context, const char *step)
{
    struct child *child = context;

    (void)step;
    if (++child->steps == child->kill_at)
        process_kill_self();
}

static IMAPIFolder *find_to(IMAPIFolder *inbox)
{
    static const ULONG tags[] = { PR_ENTRYID };
    IMAPITable *table = NULL;
    LPUNKNOWN folder = NULL;
    LPSRowSet rows;
    ULONG type = 0;

    assert_ok(inbox->lpVtbl->GetHierarchyTable(inbox, 0, &table));
    rows = table_rows(table, tags, 1);
    assert_int_equal(rows->cRows, 1);
    assert_ok(inbox->lpVtbl->OpenEntry(inbox, rows->aRow[0].lpProps[0].Value.bin.cb,
            raw_id(rows->aRow[0].lpProps[0].Value.bin.lpb), NULL, MAPI_MODIFY, &type, &folder));
    mapi_free_rows(rows);
    release_last(table);
    return (IMAPIFolder *)(void *)folder;
}

/* All messages of one folder into another, in the order of their subjects. */
static HRESULT move_all(IMAPIFolder *from, IMAPIFolder *to, IMAPIProgress *progress)
{
    static const ULONG tags[] = { PR_ENTRYID };
    SBinary bins[MANY];
    ENTRYLIST list = { 0, bins };
    IMAPITable *table = NULL;
    LPSRowSet rows;
    HRESULT hr;

    assert_ok(from->lpVtbl->GetContentsTable(from, 0, &table));
    rows = table_rows(table, tags, 1);
    assert_true(rows->cRows <= MANY);
    for (ULONG i = 0; i < rows->cRows; i++)
        bins[list.cValues++] = rows->aRow[i].lpProps[0].Value.bin;
    hr = from->lpVtbl->CopyMessages(
            from, &list, NULL, to, 0, progress, MESSAGE_MOVE | (progress ? MESSAGE_DIALOG : 0));
    mapi_free_rows(rows);
    release_last(table);
    return hr;
}

/* Ends its process: killed at the step, or with a status when there are fewer. */
static MSP_NORETURN void be_child(const char *path, unsigned long kill_at)
{
    struct fixture *fx = fixture_new();
    struct child child = { 0, kill_at };
    struct recorder recorder;
    IMAPIFolder *to;
    HRESULT hr;

    disk_steps_install();
    snprintf(fx->path, sizeof(fx->path), "%s", path);
    assert_ok(host_session_configure(&fx->session, fx->path));
    fixture_logon(fx);
    fixture_open_inbox(fx);
    to = find_to(fx->inbox);
    disk_steps.context = &child;
    disk_steps.before = take_step;
    hr = move_all(fx->inbox, to, recorder_init(&recorder, MAPI_TOP_LEVEL));
    disk_steps.before = NULL;
    host_die(hr == S_OK ? EXPECTED : 1);
}

/* --- the parent ------------------------------------------------------------------------------- */

static int run_child(const char *path, unsigned long kill_at)
{
    struct process *process;
    char number[20];

    snprintf(number, sizeof(number), "%lu", kill_at);
    host_env_set(path_name, path);
    host_env_set(step_name, number);
    process = process_start_self(NULL);
    host_env_set(path_name, NULL);
    host_env_set(step_name, NULL);
    assert_non_null(process);
    return process_wait(process);
}

static void check(struct fixture *fx, IMAPIFolder *to, SPropValue *const *ids,
        const struct copy_print *prints)
{
    ULONG here = copy_rows(fx->inbox, 0);
    ULONG there = copy_rows(to, 0);

    assert_int_equal(here + there, MANY);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), here);
    assert_int_equal(prop_long(to, PR_CONTENT_COUNT), there);
    for (int i = 0; i < MANY; i++)
        copy_assert_equal(copy_print_id(fx->store, ids[i]), prints[i]);
}

static void check_file(const char *path)
{
    struct eng_open_params params = { .path = path };
    struct eng *eng = NULL;
    uint64_t found = 1;

    assert_int_equal(eng_open(&params, &eng, NULL), ENG_OK);
    assert_int_equal(eng_check(eng, false, NULL, NULL, &found), ENG_OK);
    assert_int_equal(found, 0);
    eng_close(eng);
}

static void move__killed_at_a_step__each_message_in_one_folder(void **state)
{
    struct fixture *fx = *state;
    SPropValue *ids[MANY];
    struct copy_print prints[MANY];
    IMAPIFolder *to = folder_make(fx->inbox, "To");
    unsigned long at = 1;
    int status = PROCESS_KILLED;

    for (int i = 0; i < MANY; i++) {
        ids[i] = i % RICH == 0 ? copy_make_rich(fx->inbox, "m") : message_make(fx->inbox, "m");
        prints[i] = copy_print_id(fx->store, ids[i]);
    }
    for (; status == PROCESS_KILLED; at += STRIDE) {
        release_last(to);
        release_last(fx->inbox);
        release_last(fx->store);
        host_session_logoff(&fx->session);
        status = run_child(fx->path, at);
        assert_true(status == PROCESS_KILLED || status == EXPECTED);
        assert_int_equal(host_session_done(&fx->session), 0);
        host_session_init(&fx->session, fx->profile, 0);
        fixture_logon(fx);
        fixture_open_inbox(fx);
        to = find_to(fx->inbox);
        check(fx, to, ids, prints);
        assert_true(status == PROCESS_KILLED || copy_rows(to, 0) == MANY);
        assert_ok(move_all(to, fx->inbox, NULL));
        assert_int_equal(copy_rows(fx->inbox, 0), MANY);
    }
    assert_true(at > 4 * STRIDE); /* it was killed a few times */
    check_file(fx->path);
    release_last(to);
    for (int i = 0; i < MANY; i++)
        mapi_free(ids[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(move__killed_at_a_step__each_message_in_one_folder,
                fixture_inbox_setup, fixture_teardown),
    };
    char path[1024];
    char step[20];

    if (host_env(path_name, path, sizeof(path)) && host_env(step_name, step, sizeof(step)))
        be_child(path, strtoul(step, NULL, 10));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
