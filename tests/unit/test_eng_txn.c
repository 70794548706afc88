/* SPDX-License-Identifier: MIT */
/*
 * test_eng_txn.c - transactions, ids, bulk import, events, and two connections to one file.
 *
 * Locks: none; each test runs alone.
 */
#include "engine/eng_int.h"
#include "platform/thread.h"
#include "platform/time.h"
#include "test_eng_fixture.h"

static void assert_folders(struct eng *eng, uint32_t count)
{
    assert_counts(eng, ENG_ROOT_FOLDER, 0, 0, 0, count);
}

static void commit__nested__only_the_outermost_acts(void **state)
{
    struct fixture *fx = *state;
    struct eng *other = open_again(fx);

    assert_ok(eng_begin(fx->eng, true));
    assert_ok(eng_begin(fx->eng, true));
    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "a");
    assert_ok(eng_commit(fx->eng));
    assert_folders(fx->eng, 1);
    assert_folders(other, 0);
    assert_ok(eng_commit(fx->eng));
    assert_folders(other, 1);
    assert_int_equal(eng_commit(fx->eng), ENG_INVALID);
    eng_rollback(fx->eng); /* nothing open: nothing happens */
    eng_close(other);
}

static void rollback__outermost__undoes_everything(void **state)
{
    struct fixture *fx = *state;

    assert_ok(eng_begin(fx->eng, true));
    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "a");
    (void)new_msg(fx->eng, ENG_ROOT_FOLDER, "x");
    eng_rollback(fx->eng);

    assert_folders(fx->eng, 0);
    assert_whole(fx->eng);
}

static void rollback__inner_that_wrote__dooms_the_outer_commit(void **state)
{
    struct fixture *fx = *state;
    uint64_t id = 9;

    assert_ok(eng_begin(fx->eng, true));
    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "a");
    assert_ok(eng_begin(fx->eng, true));
    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "b");
    eng_rollback(fx->eng);

    assert_int_not_equal(
            eng_folder_create(fx->eng, 1, ENG_FOLDER_GENERIC, "c", 1, NULL, 0, &id), ENG_OK);
    assert_int_equal(id, 0);
    assert_int_equal(eng_commit(fx->eng), ENG_INTERRUPTED);
    assert_folders(fx->eng, 0);
    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "d");
    assert_folders(fx->eng, 1);
    assert_whole(fx->eng);
}

static void rollback__inner_that_only_read__dooms_nothing(void **state)
{
    struct fixture *fx = *state;
    uint64_t id = 9;

    assert_ok(eng_begin(fx->eng, true));
    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "a");
    assert_ok(eng_begin(fx->eng, true));
    assert_int_equal(
            eng_folder_create(fx->eng, 1, ENG_FOLDER_GENERIC, "A", 1, NULL, 0, &id), ENG_EXISTS);
    eng_rollback(fx->eng);
    assert_ok(eng_commit(fx->eng));

    assert_folders(fx->eng, 1);
}

static void begin__too_deep__is_refused(void **state)
{
    struct fixture *fx = *state;

    for (int i = 0; i < 64; i++)
        assert_ok(eng_begin(fx->eng, i % 2 == 0));
    assert_int_equal(eng_begin(fx->eng, false), ENG_INVALID);
    for (int i = 0; i < 64; i++)
        assert_ok(eng_commit(fx->eng));
    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "a");
}

static void read_transaction__is_one_snapshot(void **state)
{
    struct fixture *fx = *state;
    struct eng *other = open_again(fx);

    assert_ok(eng_begin(fx->eng, false));
    assert_folders(fx->eng, 0);
    (void)new_folder(other, ENG_ROOT_FOLDER, "a"); /* does not wait for the reader */
    assert_folders(fx->eng, 0);
    assert_ok(eng_commit(fx->eng));
    assert_folders(fx->eng, 1);
    eng_close(other);
}

static void write__in_a_stale_read_transaction__is_busy(void **state)
{
    struct fixture *fx = *state;
    struct eng *other = open_again(fx);
    uint64_t id;

    assert_ok(eng_begin(fx->eng, false));
    assert_folders(fx->eng, 0);
    (void)new_folder(other, ENG_ROOT_FOLDER, "a");
    assert_int_equal(
            eng_folder_create(fx->eng, 1, ENG_FOLDER_GENERIC, "b", 1, NULL, 0, &id), ENG_BUSY);
    assert_ok(eng_commit(fx->eng));
    assert_folders(fx->eng, 1);
    eng_close(other);
}

static void write__in_a_fresh_read_transaction__is_durable(void **state)
{
    struct fixture *fx = *state;

    assert_ok(eng_begin(fx->eng, false));
    assert_folders(fx->eng, 0);
    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "a");
    assert_ok(eng_commit(fx->eng));

    assert_folders(fx->eng, 1);
    assert_false(fx->eng->is_volatile);
}

static void begin__another_writer__is_busy_after_busy_ms(void **state)
{
    struct fixture *fx = *state;
    struct eng *other = open_again(fx);
    uint64_t since;
    uint64_t ms;

    assert_ok(eng_begin(other, true));
    assert_folders(fx->eng, 0); /* a reader does not wait for a writer */
    since = msp_time_monotonic_ns();
    assert_int_equal(eng_begin(fx->eng, true), ENG_BUSY);
    ms = (msp_time_monotonic_ns() - since) / 1000000;
    assert_in_range(ms, 150, 5000);
    assert_ok(eng_commit(other));
    assert_ok(eng_begin(fx->eng, true));
    assert_ok(eng_commit(fx->eng));
    eng_close(other);
}

/* --- ids ------------------------------------------------------------------------------------ */

static void id_new__never_twice__across_rollback_reopen_and_connections(void **state)
{
    static bool seen[200000];
    struct fixture *fx = *state;
    struct eng *other = open_again(fx);

    memset(seen, 0, sizeof(seen));
    for (int round = 0; round < 6; round++) {
        assert_ok(eng_begin(fx->eng, true));
        for (int i = 0; i < 1500; i++) {
            uint64_t id = new_id(fx->eng);

            assert_in_range(id, 2, 199999);
            assert_false(seen[id]);
            seen[id] = true;
        }
        if (round % 2 == 0)
            eng_rollback(fx->eng);
        else
            assert_ok(eng_commit(fx->eng));
        for (int i = 0; i < 700; i++) {
            uint64_t id = new_id(other);

            assert_in_range(id, 2, 199999);
            assert_false(seen[id]);
            seen[id] = true;
        }
        if (round == 3)
            reopen(fx);
    }
    eng_close(other);
}

/* What a rolled-back transaction gave out is secured on disk right afterwards. */
static void id_new__in_a_rolled_back_transaction__is_secured(void **state)
{
    struct fixture *fx = *state;
    uint64_t last = 0;
    struct eng *other;

    assert_ok(eng_begin(fx->eng, true));
    for (int i = 0; i < 5000; i++)
        last = new_id(fx->eng);
    eng_rollback(fx->eng);

    other = open_again(fx);
    assert_true(new_id(other) > last);
    eng_close(other);
}

/* --- bulk import ---------------------------------------------------------------------------- */

static void bulk__thousands__are_there_after_it(void **state)
{
    struct fixture *fx = *state;
    struct eng *other = open_again(fx);

    assert_ok(eng_bulk(fx->eng, true));
    for (int i = 0; i < 2500; i++)
        (void)new_msg(fx->eng, ENG_ROOT_FOLDER, "x");
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 2500, 2500, 0, 0);
    assert_ok(eng_bulk(fx->eng, false));

    assert_counts(other, ENG_ROOT_FOLDER, 2500, 2500, 0, 0);
    assert_false(fx->eng->is_volatile);
    assert_whole(fx->eng);
    eng_close(other);
}

static void bulk__failed_save__leaves_those_before_it(void **state)
{
    struct fixture *fx = *state;
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg row;
    uint64_t kept;
    uint64_t undone;
    uint64_t value;
    uint64_t folder;
    size_t got;
    char byte;

    assert_ok(eng_bulk(fx->eng, true));
    folder = new_folder(fx->eng, ENG_ROOT_FOLDER, "f");
    kept = new_msg(fx->eng, folder, "kept");
    assert_ok(eng_value_new(fx->eng, &value));
    assert_ok(eng_value_write(fx->eng, value, 0, "v", 1));
    assert_ok(eng_begin(fx->eng, true));
    undone = new_msg(fx->eng, folder, "undone");
    assert_ok(eng_value_write(fx->eng, value, 0, "w", 1));
    assert_ok(eng_msg_set_flags(fx->eng, kept, 1, 1, NULL));
    eng_rollback(fx->eng);

    assert_counts(fx->eng, folder, 1, 1, 0, 0);
    assert_ok(eng_value_read(fx->eng, value, 0, &byte, 1, &got));
    assert_int_equal(byte, 'v');
    (void)new_msg(fx->eng, folder, "later");
    assert_ok(eng_bulk(fx->eng, false));
    assert_counts(fx->eng, folder, 2, 2, 0, 0);
    assert_ok(eng_msg_get(fx->eng, kept, &row, &texts, NULL));
    assert_true(text_is(&row.subject, "kept"));
    assert_int_equal(eng_msg_get(fx->eng, undone, &row, &texts, NULL), ENG_NOT_FOUND);
    assert_whole(fx->eng);
    msp_buf_free(&texts);
}

/* SQLite rolls back the whole transaction when a writing statement is interrupted. */
static void bulk__interrupted_inside_sqlite__leaves_those_before_it(void **state)
{
    struct fixture *fx = *state;

    assert_ok(eng_bulk(fx->eng, true));
    for (int i = 0; i < 100; i++)
        (void)new_msg(fx->eng, ENG_ROOT_FOLDER, "x");
    assert_ok(eng_begin(fx->eng, true));
    (void)new_msg(fx->eng, ENG_ROOT_FOLDER, "x");
    assert_int_equal(sqlite3_exec(fx->eng->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    eng_rollback(fx->eng);

    assert_counts(fx->eng, ENG_ROOT_FOLDER, 100, 100, 0, 0);
    assert_ok(eng_bulk(fx->eng, false));
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 100, 100, 0, 0);
    assert_whole(fx->eng);
}

/* While a statement runs, an interruption stays; the flag is taken back, as if it had come just
 * after the engine had looked. */
static int SQLITE_CALL save_while_interrupted(void *context, int count, char **texts, char **names)
{
    struct eng *eng = context;

    (void)count;
    (void)texts;
    (void)names;
    eng_interrupt(eng);
    atomic_store(&eng->interrupted, 0);
    (void)new_msg(eng, ENG_ROOT_FOLDER, "x");
    return 0;
}

/* Another connection could write before the group is begun anew, and the saves be lost. */
static void bulk__interrupted_in_a_later_save__sqlite_is_not_stopped(void **state)
{
    struct fixture *fx = *state;

    assert_ok(eng_bulk(fx->eng, true));
    for (int i = 0; i < 100; i++)
        (void)new_msg(fx->eng, ENG_ROOT_FOLDER, "x");
    assert_ok(eng_begin(fx->eng, true));
    assert_int_equal(sqlite3_exec(fx->eng->db, "SELECT 1", save_while_interrupted, fx->eng, NULL),
            SQLITE_OK);
    assert_false(sqlite3_get_autocommit(fx->eng->db));
    eng_interrupt(fx->eng);
    assert_int_equal(op_check(fx->eng), ENG_INTERRUPTED); /* heard at the next look all the same */
    eng_rollback(fx->eng);

    assert_counts(fx->eng, ENG_ROOT_FOLDER, 100, 100, 0, 0);
    assert_ok(eng_bulk(fx->eng, false));
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 100, 100, 0, 0);
    assert_whole(fx->eng);
}

static void bulk__one_save_larger_than_a_group__is_saved(void **state)
{
    static char data[1024 * 1024];
    struct fixture *fx = *state;

    assert_ok(eng_bulk(fx->eng, true));
    (void)new_msg(fx->eng, ENG_ROOT_FOLDER, "before");
    assert_ok(eng_begin(fx->eng, true));
    for (int i = 0; i < 20; i++) {
        uint64_t value;
        struct msp_buf packed;
        struct eng_msg msg = msg_of(new_id(fx->eng), ENG_ROOT_FOLDER, "large");
        uint64_t change;

        assert_ok(eng_value_new(fx->eng, &value));
        assert_ok(eng_value_write(fx->eng, value, 0, data, sizeof(data)));
        packed = record_of_values(&value, 1);
        assert_ok(eng_msg_put(fx->eng, &msg, ENG_PUT_NEW, packed.data, packed.size, &change));
        msp_buf_free(&packed);
    }
    assert_ok(eng_commit(fx->eng));
    assert_ok(eng_begin(fx->eng, true));
    (void)new_msg(fx->eng, ENG_ROOT_FOLDER, "undone");
    eng_rollback(fx->eng);
    assert_ok(eng_bulk(fx->eng, false));

    assert_counts(fx->eng, ENG_ROOT_FOLDER, 21, 21, 0, 0);
    assert_whole(fx->eng);
}

static void bulk__close_without_end__loses_nothing(void **state)
{
    struct fixture *fx = *state;

    assert_ok(eng_bulk(fx->eng, true));
    (void)new_msg(fx->eng, ENG_ROOT_FOLDER, "x");
    assert_ok(eng_begin(fx->eng, true));
    (void)new_msg(fx->eng, ENG_ROOT_FOLDER, "not committed");
    reopen(fx);

    assert_counts(fx->eng, ENG_ROOT_FOLDER, 1, 1, 0, 0);
    assert_whole(fx->eng);
}

/* --- interrupt ------------------------------------------------------------------------------ */

static bool interrupt_it(void *context, const struct eng_msg *row, const void *packed, size_t size)
{
    (void)row;
    (void)packed;
    (void)size;
    eng_interrupt(context);
    return true;
}

static void interrupt__in_a_scan__ends_it(void **state)
{
    struct fixture *fx = *state;

    (void)new_msg(fx->eng, ENG_ROOT_FOLDER, "x");
    (void)new_msg(fx->eng, ENG_ROOT_FOLDER, "y");
    assert_int_equal(eng_msg_scan(fx->eng, ENG_ROOT_FOLDER, ENG_SCAN_ROWS, interrupt_it, fx->eng),
            ENG_INTERRUPTED);
    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "the next call is not concerned");
}

/* Who ends a process in a hurry stops what goes on first. */
static void flush__stopped__flushes_all_the_same(void **state)
{
    struct fixture *fx = *state;

    assert_ok(eng_bulk(fx->eng, true));
    (void)new_msg(fx->eng, ENG_ROOT_FOLDER, "x");
    eng_stop(fx->eng);
    assert_ok(eng_flush(fx->eng));
    assert_int_equal(fx->eng->group_saves, 0);
    assert_false(fx->eng->is_volatile);
    assert_int_equal(eng_begin(fx->eng, true), ENG_INTERRUPTED);
    eng_go_on(fx->eng);
    (void)new_msg(fx->eng, ENG_ROOT_FOLDER, "y");
    assert_ok(eng_bulk(fx->eng, false));
}

struct interrupter {
    struct eng *eng;
    atomic_int stop;
};

static void interrupt_often(void *arg)
{
    struct interrupter *interrupter = arg;

    while (!atomic_load(&interrupter->stop)) {
        eng_interrupt(interrupter->eng);
        msp_thread_yield();
    }
}

/* Saves that another thread interrupts wherever it hits: each is there as a whole or not at all. */
static void interrupted_saves(struct fixture *fx, bool bulk)
{
    struct interrupter interrupter = { fx->eng, 0 };
    struct msp_buf packed = record_of(0x0037001F, "x", 1);
    struct msp_thread thread;
    uint32_t saved = 0;
    uint32_t interrupted = 0;

    assert_true(msp_thread_create(&thread, interrupt_often, &interrupter));
    if (bulk)
        assert_ok(eng_bulk(fx->eng, true));
    for (int i = 0; i < 3000; i++) {
        struct eng_msg msg = msg_of(100000 + (uint64_t)i, ENG_ROOT_FOLDER, "x");
        struct eng_part part = { 0, 0, packed.data, packed.size };
        uint64_t change;
        enum eng_status status = eng_begin(fx->eng, true);

        if (status == ENG_OK)
            status = eng_msg_put(fx->eng, &msg, ENG_PUT_NEW, packed.data, packed.size, &change);
        if (status == ENG_OK)
            status = eng_recipients_put(fx->eng, msg.id, &part, 1);
        if (status == ENG_OK)
            status = eng_commit(fx->eng);
        else
            eng_rollback(fx->eng);
        saved += status == ENG_OK;
        interrupted += status == ENG_INTERRUPTED;
        if (status != ENG_OK && status != ENG_INTERRUPTED)
            fail_msg("status %d", (int)status);
    }
    atomic_store(&interrupter.stop, 1);
    msp_thread_join(&thread);
    if (bulk)
        assert_ok(eng_bulk(fx->eng, false));
    assert_counts(fx->eng, ENG_ROOT_FOLDER, saved, saved, 0, 0);
    assert_int_equal(saved + interrupted, 3000);
    msp_buf_free(&packed);
}

static void interrupt__from_another_thread__saves_are_whole_or_not_at_all(void **state)
{
    struct fixture *fx = *state;

    eng_close(fx->eng);
    fx->eng = NULL;
    for (int bulk = 0; bulk < 2; bulk++) {
        struct eng_open_params params = { ":memory:", false, false, 0 };

        assert_ok(eng_open(&params, &fx->eng, NULL));
        interrupted_saves(fx, bulk == 1);
        eng_close(fx->eng);
        fx->eng = NULL;
    }
}

/* --- events, journal, stamp ----------------------------------------------------------------- */

static void note_events(void *context, const struct eng_event *events, size_t event_count)
{
    static const char kinds[] = "CMDVX"; /* created, modified, deleted, moved, copied */
    struct msp_buf *out = context;

    for (size_t i = 0; i < event_count; i++)
        (void)msp_buf_printf(out, "%c%c%d/%d/%d ", kinds[events[i].kind],
                events[i].is_folder ? 'f' : 'm', (int)events[i].object, (int)events[i].parent,
                (int)events[i].old_parent);
    (void)msp_buf_append_str(out, "; ");
}

static bool note_journal(void *context, uint64_t number, const struct eng_event *event)
{
    (void)number;
    note_events(context, event, 1);
    return true;
}

static void events__come_after_the_commit_in_order(void **state)
{
    struct fixture *fx = *state;
    struct msp_buf told = MSP_BUF_INIT;
    struct msp_buf kept = MSP_BUF_INIT;
    struct eng *other = open_again(fx);
    uint64_t from = 0;
    bool complete = false;
    char expected[300];
    int a;
    int m;
    uint64_t e;

    assert_ok(eng_journal_end(other, &from));
    eng_on_events(fx->eng, note_events, &told);
    assert_ok(eng_begin(fx->eng, true));
    a = (int)new_folder(fx->eng, ENG_ROOT_FOLDER, "a");
    m = (int)new_msg(fx->eng, ENG_ROOT_FOLDER, "x");
    e = new_msg(fx->eng, 0, "embedded");
    assert_ok(eng_msg_delete(fx->eng, e));
    assert_int_equal(told.size, 0);
    assert_ok(eng_commit(fx->eng));
    assert_ok(eng_begin(fx->eng, true));
    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "undone");
    eng_rollback(fx->eng);
    assert_ok(eng_msg_move(fx->eng, (uint64_t)m, (uint64_t)a));
    assert_ok(eng_msg_set_flags(fx->eng, (uint64_t)m, 1, 1, NULL));
    assert_ok(eng_msg_set_flags(fx->eng, (uint64_t)m, 1, 1, NULL)); /* changes nothing */
    assert_ok(eng_folder_delete(fx->eng, (uint64_t)a, ENG_DELETE_MESSAGES));

    (void)snprintf(expected, sizeof(expected),
            "Cf%d/1/0 Cm%d/1/0 Mf1/0/0 ; Vm%d/%d/1 Mf1/0/0 Mf%d/1/0 ; Mm%d/%d/0 Mf%d/1/0 ; "
            "Dm%d/%d/0 Df%d/1/0 Mf1/0/0 ; ",
            a, m, m, a, a, m, a, a, m, a, a);
    assert_string_equal(msp_buf_cstr(&told), expected);
    assert_ok(eng_journal_read(other, from, note_journal, &kept, &complete));
    assert_true(complete);
    (void)snprintf(expected, sizeof(expected),
            "Cf%d/1/0 ; Cm%d/1/0 ; Mf1/0/0 ; Vm%d/%d/1 ; Mf1/0/0 ; Mf%d/1/0 ; Mm%d/%d/0 ; "
            "Mf%d/1/0 ; Dm%d/%d/0 ; Df%d/1/0 ; Mf1/0/0 ; ",
            a, m, m, a, a, m, a, a, m, a, a);
    assert_string_equal(msp_buf_cstr(&kept), expected);
    msp_buf_free(&told);
    msp_buf_free(&kept);
    eng_close(other);
}

static bool count_journal(void *context, uint64_t number, const struct eng_event *event)
{
    (void)number;
    (void)event;
    ++*(uint64_t *)context;
    return true;
}

static void journal__is_bounded_and_says_when_it_is_not_complete(void **state)
{
    struct fixture *fx = *state;
    uint64_t id = new_msg(fx->eng, ENG_ROOT_FOLDER, "x");
    uint64_t end = 0;
    uint64_t count = 0;
    bool complete = true;

    for (int round = 0; round < 9; round++) {
        assert_ok(eng_begin(fx->eng, true));
        for (uint32_t i = 0; i < 10000; i++)
            assert_ok(eng_msg_set_status(fx->eng, id, UINT32_MAX, i, NULL));
        assert_ok(eng_commit(fx->eng));
    }

    assert_ok(eng_journal_end(fx->eng, &end));
    assert_in_range(end, 90000, 90010);
    assert_ok(eng_journal_read(fx->eng, 1, count_journal, &count, &complete));
    assert_false(complete);
    assert_in_range(count, 65536 - 1000, 65536 + 12000);
    count = 0;
    assert_ok(eng_journal_read(fx->eng, end - 5, count_journal, &count, &complete));
    assert_true(complete);
    assert_int_equal(count, 5);
}

static void change_stamp__moves_with_commits_of_anybody(void **state)
{
    struct fixture *fx = *state;
    struct eng *other = open_again(fx);
    uint64_t stamp = eng_change_stamp(fx->eng);

    assert_int_equal(eng_change_stamp(fx->eng), stamp);
    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "a");
    assert_true(eng_change_stamp(fx->eng) > stamp);
    stamp = eng_change_stamp(fx->eng);
    (void)new_folder(other, ENG_ROOT_FOLDER, "b");
    assert_true(eng_change_stamp(fx->eng) > stamp);
    stamp = eng_change_stamp(fx->eng);
    assert_int_equal(eng_change_stamp(fx->eng), stamp);
    eng_close(other);
}

static void put__two_connections__second_save_is_changed(void **state)
{
    struct fixture *fx = *state;
    struct eng *other = open_again(fx);
    uint64_t id = new_msg(fx->eng, ENG_ROOT_FOLDER, "x");
    struct eng_msg msg = msg_of(id, ENG_ROOT_FOLDER, "mine");
    uint64_t change;

    msg.change = 1;
    assert_ok(eng_msg_put(other, &msg, 0, NULL, 0, &change));
    assert_int_equal(eng_msg_put(fx->eng, &msg, 0, NULL, 0, &change), ENG_CHANGED);
    assert_ok(eng_msg_delete(other, id));
    assert_int_equal(eng_msg_put(fx->eng, &msg, 0, NULL, 0, &change), ENG_DELETED);
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 0, 0, 0, 0);
    eng_close(other);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(commit__nested__only_the_outermost_acts, setup, teardown),
        cmocka_unit_test_setup_teardown(rollback__outermost__undoes_everything, setup, teardown),
        cmocka_unit_test_setup_teardown(
                rollback__inner_that_wrote__dooms_the_outer_commit, setup, teardown),
        cmocka_unit_test_setup_teardown(
                rollback__inner_that_only_read__dooms_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(begin__too_deep__is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(read_transaction__is_one_snapshot, setup, teardown),
        cmocka_unit_test_setup_teardown(
                write__in_a_stale_read_transaction__is_busy, setup, teardown),
        cmocka_unit_test_setup_teardown(
                write__in_a_fresh_read_transaction__is_durable, setup, teardown),
        cmocka_unit_test_setup_teardown(
                begin__another_writer__is_busy_after_busy_ms, setup, teardown),
        cmocka_unit_test_setup_teardown(
                id_new__never_twice__across_rollback_reopen_and_connections, setup, teardown),
        cmocka_unit_test_setup_teardown(
                id_new__in_a_rolled_back_transaction__is_secured, setup, teardown),
        cmocka_unit_test_setup_teardown(bulk__thousands__are_there_after_it, setup, teardown),
        cmocka_unit_test_setup_teardown(bulk__failed_save__leaves_those_before_it, setup, teardown),
        cmocka_unit_test_setup_teardown(
                bulk__interrupted_inside_sqlite__leaves_those_before_it, setup, teardown),
        cmocka_unit_test_setup_teardown(
                bulk__interrupted_in_a_later_save__sqlite_is_not_stopped, setup, teardown),
        cmocka_unit_test_setup_teardown(
                bulk__one_save_larger_than_a_group__is_saved, setup, teardown),
        cmocka_unit_test_setup_teardown(bulk__close_without_end__loses_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(interrupt__in_a_scan__ends_it, setup, teardown),
        cmocka_unit_test_setup_teardown(flush__stopped__flushes_all_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(
                interrupt__from_another_thread__saves_are_whole_or_not_at_all, setup, teardown),
        cmocka_unit_test_setup_teardown(events__come_after_the_commit_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(
                journal__is_bounded_and_says_when_it_is_not_complete, setup, teardown),
        cmocka_unit_test_setup_teardown(
                change_stamp__moves_with_commits_of_anybody, setup, teardown),
        cmocka_unit_test_setup_teardown(
                put__two_connections__second_save_is_changed, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
