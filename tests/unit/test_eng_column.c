/* SPDX-License-Identifier: MIT */
/*
 * test_eng_column.c - the columns of a folder are what its rows say, whatever happens in between.
 *
 * Locks: none; each test runs alone.
 */
#include "column_fixture.h"
#include "engine/eng_int.h"

static void get__outside_a_transaction__refused(void **state)
{
    struct fixture *fx = *state;
    struct eng_columns columns;

    memset(&columns, 0x5A, sizeof(columns));

    assert_int_equal(eng_columns_get(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL, &columns),
            ENG_INVALID);
    assert_int_equal(columns.count, 0);
    assert_null(columns.ids);
    assert_null(columns.subject.bytes);
}

static void get__no_folder_of_that_id__not_found(void **state)
{
    struct fixture *fx = *state;
    struct eng_columns columns;

    assert_ok(eng_begin(fx->eng, false));

    assert_int_equal(eng_columns_get(fx->eng, 0, false, ENG_COLUMN_ALL, &columns), ENG_NOT_FOUND);
    assert_null(columns.ids);
    assert_ok(eng_commit(fx->eng));
}

static void get__empty_folder__columns_without_rows(void **state)
{
    struct fixture *fx = *state;
    struct eng_columns columns;

    assert_ok(eng_begin(fx->eng, false));

    assert_ok(eng_columns_get(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL, &columns));
    assert_int_equal(columns.count, 0);
    assert_non_null(columns.ids);
    assert_non_null(columns.importance);
    assert_non_null(columns.subject.bytes);
    assert_non_null(columns.subject.ends);
    assert_null(columns.subject.absent);
    assert_ok(eng_commit(fx->eng));
}

static void get__some_messages__rows_in_default_order(void **state)
{
    struct fixture *fx = *state;
    uint64_t folder = new_folder(fx->eng, ENG_ROOT_FOLDER, "f");

    fill(fx->eng, folder, 300);

    assert_int_equal(assert_columns(fx->eng, folder, false, ENG_COLUMN_ALL), 300);
    assert_int_equal(assert_columns(fx->eng, folder, true, ENG_COLUMN_ALL), 0);
    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 0);
}

static void get__each_column_alone__only_that_one(void **state)
{
    struct fixture *fx = *state;

    fill(fx->eng, ENG_ROOT_FOLDER, 30);

    for (uint32_t bit = ENG_COLUMN_ID; bit < ENG_COLUMN_ALL; bit <<= 1)
        assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, bit), 30);
    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, 0), 30);
}

static void get__associated__apart_from_the_others(void **state)
{
    struct fixture *fx = *state;
    struct eng_msg msg = any_msg_of(fx->eng, ENG_ROOT_FOLDER, 1);

    (void)new_any_msg(fx->eng, ENG_ROOT_FOLDER, 2);
    msg.flags |= MSG_ASSOCIATED;
    (void)put_msg(fx->eng, msg, ENG_PUT_NEW);
    (void)new_any_msg(fx->eng, ENG_ROOT_FOLDER, 3);

    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, true, ENG_COLUMN_ALL), 1);
    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 2);
}

/* Signs are those of SQL's order. */
static void get__times_beyond_the_sign__order_of_the_scan(void **state)
{
    static const uint64_t times[] = { 5, UINT64_MAX, 0, INT64_MAX, (uint64_t)INT64_MAX + 1, 5, 1 };
    struct fixture *fx = *state;

    for (unsigned i = 0; i < MSP_COUNT_OF(times); i++) {
        struct eng_msg msg = any_msg_of(fx->eng, ENG_ROOT_FOLDER, i);

        msg.delivered = times[i];
        (void)put_msg(fx->eng, msg, ENG_PUT_NEW);
    }

    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 7);
}

/* So many that the table is walked through, with rows of other folders among them. */
static void get__most_of_the_table__rows_in_default_order(void **state)
{
    struct fixture *fx = *state;
    uint64_t folder = new_folder(fx->eng, ENG_ROOT_FOLDER, "f");

    fill(fx->eng, folder, 3000);
    fill(fx->eng, ENG_ROOT_FOLDER, 1000);
    fill(fx->eng, folder, 3001);

    assert_int_equal(assert_columns(fx->eng, folder, false, ENG_COLUMN_ALL), 6001);
    assert_int_equal(assert_columns(fx->eng, folder, false, ENG_COLUMN_SENDER), 6001);
}

static void get__interrupted__stops(void **state)
{
    struct fixture *fx = *state;
    struct eng_columns columns;

    fill(fx->eng, ENG_ROOT_FOLDER, 100);
    assert_ok(eng_begin(fx->eng, false));

    eng_interrupt(fx->eng);
    assert_int_equal(eng_columns_get(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL, &columns),
            ENG_INTERRUPTED);
    assert_null(columns.ids);
    assert_ok(eng_commit(fx->eng));
    assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
}

/* --- kept and brought up to date ------------------------------------------------------------- */

static void run_sql(struct eng *eng, const char *sql)
{
    assert_int_equal(sqlite3_exec(eng->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static uint64_t first_size(struct eng *eng)
{
    struct eng_columns columns;
    uint64_t size;

    assert_ok(eng_begin(eng, false));
    assert_ok(eng_columns_get(eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_SIZE, &columns));
    assert_true(columns.count > 0);
    size = columns.size[0];
    assert_ok(eng_commit(eng));
    return size;
}

/* What the journal does not tell is not noticed: rows are not read without need. */
static void get__again__rows_are_not_read(void **state)
{
    struct fixture *fx = *state;

    (void)new_any_msg(fx->eng, ENG_ROOT_FOLDER, 1);
    assert_int_equal(first_size(fx->eng), 1000);

    run_sql(fx->eng, "UPDATE msg SET size=77");

    assert_int_equal(first_size(fx->eng), 1000);
    assert_int_equal(columns_kept(fx->eng), 1);
    reopen(fx);
    assert_int_equal(first_size(fx->eng), 77);
}

/* One kind of change; columns are kept before it, and are right after it. */
typedef void change_fn(struct eng *eng, uint64_t folder, uint64_t id);

static void change_flags(struct eng *eng, uint64_t folder, uint64_t id)
{
    (void)folder;
    assert_ok(eng_msg_set_flags(eng, id, 0x8, 0x8, NULL));
    assert_ok(eng_msg_set_status(eng, id, 0x4, 0x4, NULL));
}

static void change_put(struct eng *eng, uint64_t id, const char *subject, uint64_t delivered)
{
    struct eng_msg msg = any_msg_of(eng, 0, 9);

    msg.id = id;
    msg.subject = text_of(subject);
    msg.delivered = delivered != 0 ? delivered : msg.delivered;
    (void)put_msg(eng, msg, ENG_PUT_FORCE);
}

static void change_text(struct eng *eng, uint64_t folder, uint64_t id)
{
    (void)folder;
    change_put(eng, id, "another subject, which is a good deal longer than the one before it", 0);
}

static void change_to_absent(struct eng *eng, uint64_t folder, uint64_t id)
{
    (void)folder;
    change_put(eng, id, NULL, 0);
}

static void change_time(struct eng *eng, uint64_t folder, uint64_t id)
{
    (void)folder;
    change_put(eng, id, "x", 1);
}

static void change_delete(struct eng *eng, uint64_t folder, uint64_t id)
{
    (void)folder;
    assert_ok(eng_msg_delete(eng, id));
}

static void change_move(struct eng *eng, uint64_t folder, uint64_t id)
{
    assert_ok(eng_msg_move(eng, id, folder));
}

static void change_move_back(struct eng *eng, uint64_t folder, uint64_t id)
{
    assert_ok(eng_msg_move(eng, id, folder));
    assert_ok(eng_msg_move(eng, id, ENG_ROOT_FOLDER));
}

static void change_copy(struct eng *eng, uint64_t folder, uint64_t id)
{
    uint64_t copy;

    assert_ok(eng_msg_copy(eng, id, ENG_ROOT_FOLDER, 0, NULL, 0, &copy));
    assert_ok(eng_msg_copy(eng, id, folder, 0, NULL, 0, &copy));
}

static void change_to_associated(struct eng *eng, uint64_t folder, uint64_t id)
{
    struct eng_msg msg = any_msg_of(eng, 0, 9);

    (void)folder;
    msg.id = id;
    msg.flags |= MSG_ASSOCIATED;
    (void)put_msg(eng, msg, ENG_PUT_FORCE);
}

static void change_new(struct eng *eng, uint64_t folder, uint64_t id)
{
    struct eng_msg msg = any_msg_of(eng, ENG_ROOT_FOLDER, 4);

    (void)id;
    (void)new_any_msg(eng, ENG_ROOT_FOLDER, 3);
    (void)new_any_msg(eng, folder, 3);
    msg.delivered = UINT64_MAX / 2;
    (void)put_msg(eng, msg, ENG_PUT_NEW);
}

static void change_submit(struct eng *eng, uint64_t folder, uint64_t id)
{
    (void)folder;
    assert_ok(eng_outgoing_put(eng, id, 0));
}

static change_fn *const changes[] = { change_flags, change_text, change_to_absent, change_time,
    change_delete, change_move, change_move_back, change_copy, change_to_associated, change_new,
    change_submit };

/* Every kind of change, of the first, a middle and the last row, by this connection or another. */
static void get__after_each_change__up_to_date(void **state)
{
    struct fixture *fx = *state;
    struct eng *other = open_again(fx);
    uint64_t folder = new_folder(fx->eng, ENG_ROOT_FOLDER, "f");

    fill(fx->eng, ENG_ROOT_FOLDER, 200);
    fill(fx->eng, folder, 5);
    for (size_t i = 0; i < MSP_COUNT_OF(changes) * 3; i++) {
        struct eng_columns columns;
        uint64_t id;

        assert_ok(eng_begin(fx->eng, false));
        assert_ok(eng_columns_get(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL, &columns));
        id = columns.ids[i % 3 * (columns.count - 1) / 2];
        assert_ok(eng_commit(fx->eng));
        (void)assert_columns(fx->eng, folder, false, ENG_COLUMN_ALL);
        (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, true, ENG_COLUMN_ALL);

        changes[i / 3](i % 2 == 0 ? fx->eng : other, folder, id);

        (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
        (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, true, ENG_COLUMN_ALL);
        (void)assert_columns(fx->eng, folder, false, ENG_COLUMN_ALL);
    }
    assert_int_equal(columns_kept(fx->eng), 3);
    eng_close(other);
}

static void get__more_columns_than_kept__those_too(void **state)
{
    struct fixture *fx = *state;

    fill(fx->eng, ENG_ROOT_FOLDER, 50);

    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_SUBJECT);
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_SENDER);
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
    assert_int_equal(columns_kept(fx->eng), 1);
}

/* More changes than are worth reading one by one. */
static void get__nearly_all_changed__up_to_date(void **state)
{
    struct fixture *fx = *state;

    fill(fx->eng, ENG_ROOT_FOLDER, 10);
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);

    fill(fx->eng, ENG_ROOT_FOLDER, 1000);

    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 1010);
}

/* The journal does not reach back to what is kept. */
static void get__journal_is_cut__all_is_read_again(void **state)
{
    struct fixture *fx = *state;

    (void)new_any_msg(fx->eng, ENG_ROOT_FOLDER, 1);
    assert_int_equal(first_size(fx->eng), 1000);
    run_sql(fx->eng, "UPDATE msg SET size=77");
    (void)new_any_msg(fx->eng, ENG_ROOT_FOLDER, 2);
    (void)new_any_msg(fx->eng, ENG_ROOT_FOLDER, 3);

    run_sql(fx->eng, "DELETE FROM journal WHERE seq<(SELECT max(seq) FROM journal)");

    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_SIZE);
}

/* A repair is not in the journal. */
static void get__repaired_by_another__all_is_read_again(void **state)
{
    struct fixture *fx = *state;
    struct eng *other = open_again(fx);
    uint64_t found = 0;

    fill(fx->eng, ENG_ROOT_FOLDER, 20);
    run_sql(fx->eng, "UPDATE msg SET place=9999*2 WHERE id%3=0");
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);

    assert_ok(eng_check(other, true, NULL, NULL, &found));

    assert_true(found > 0);
    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 20);
    eng_close(other);
}

/* --- inside transactions --------------------------------------------------------------------- */

static void get__own_changes_not_committed__are_seen_and_not_kept(void **state)
{
    struct fixture *fx = *state;
    uint64_t id;

    fill(fx->eng, ENG_ROOT_FOLDER, 20);
    id = new_any_msg(fx->eng, ENG_ROOT_FOLDER, 5);
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);

    assert_ok(eng_begin(fx->eng, true));
    (void)assert_columns_in(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
    assert_ok(eng_msg_delete(fx->eng, id));
    assert_int_equal(assert_columns_in(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 20);
    (void)new_any_msg(fx->eng, ENG_ROOT_FOLDER, 6);
    (void)new_any_msg(fx->eng, ENG_ROOT_FOLDER, 7);
    assert_int_equal(assert_columns_in(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 22);
    eng_rollback(fx->eng);

    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 21);
    assert_int_equal(columns_kept(fx->eng), 1);
}

static void get__in_bulk__sees_the_open_group(void **state)
{
    struct fixture *fx = *state;
    struct eng *other = open_again(fx);

    fill(fx->eng, ENG_ROOT_FOLDER, 20);
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
    (void)assert_columns(other, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);

    assert_ok(eng_bulk(fx->eng, true));
    (void)new_any_msg(fx->eng, ENG_ROOT_FOLDER, 6);
    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 21);
    assert_int_equal(assert_columns(other, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 20);
    assert_ok(eng_begin(fx->eng, true));
    (void)new_any_msg(fx->eng, ENG_ROOT_FOLDER, 7);
    assert_int_equal(assert_columns_in(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 22);
    eng_rollback(fx->eng);
    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 21);
    assert_ok(eng_bulk(fx->eng, false));

    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 21);
    assert_int_equal(assert_columns(other, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 21);
    eng_close(other);
}

/* A transaction that reads has one snapshot, whatever others do. */
static void get__others_write_meanwhile__snapshot_stays(void **state)
{
    struct fixture *fx = *state;
    struct eng *other = open_again(fx);

    fill(fx->eng, ENG_ROOT_FOLDER, 20);
    assert_ok(eng_begin(fx->eng, false));
    assert_int_equal(assert_columns_in(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_SIZE), 20);
    (void)new_any_msg(other, ENG_ROOT_FOLDER, 1);

    assert_int_equal(assert_columns_in(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_SIZE), 20);
    assert_int_equal(assert_columns_in(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 20);
    assert_ok(eng_commit(fx->eng));
    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 21);
    eng_close(other);
}

/* --- how much is kept ------------------------------------------------------------------------ */

static void get__more_places_than_memory__the_oldest_go(void **state)
{
    struct fixture *fx = *state;
    uint64_t folders[4];

    for (int i = 0; i < 4; i++) {
        folders[i] = new_folder(fx->eng, ENG_ROOT_FOLDER, (const char[]){ (char)('a' + i), 0 });
        fill(fx->eng, folders[i], 100);
        (void)assert_columns(fx->eng, folders[i], false, ENG_COLUMN_ALL);
    }
    assert_int_equal(columns_kept(fx->eng), 4);

    limit_memory(fx->eng, 50000);
    (void)assert_columns(fx->eng, folders[0], false, ENG_COLUMN_ALL);
    assert_in_range(columns_kept(fx->eng), 1, 3);
    run_sql(fx->eng, "UPDATE msg SET size=77");
    assert_ok(eng_begin(fx->eng, false));
    {
        struct eng_columns columns;

        assert_ok(eng_columns_get(fx->eng, folders[0], false, ENG_COLUMN_SIZE, &columns));
        assert_int_not_equal(columns.size[0], 77); /* kept */
        assert_ok(eng_columns_get(fx->eng, folders[1], false, ENG_COLUMN_SIZE, &columns));
        assert_int_equal(columns.size[0], 77);
    }
    assert_ok(eng_commit(fx->eng));
    limit_memory(fx->eng, 1);
    assert_ok(eng_begin(fx->eng, false));
    assert_int_equal(assert_columns_in(fx->eng, folders[1], false, ENG_COLUMN_ALL), 100);
    assert_int_equal(columns_kept(fx->eng), 1);
    assert_ok(eng_commit(fx->eng));
    assert_int_equal(columns_kept(fx->eng), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(get__outside_a_transaction__refused, setup, teardown),
        cmocka_unit_test_setup_teardown(get__no_folder_of_that_id__not_found, setup, teardown),
        cmocka_unit_test_setup_teardown(get__empty_folder__columns_without_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(get__some_messages__rows_in_default_order, setup, teardown),
        cmocka_unit_test_setup_teardown(get__each_column_alone__only_that_one, setup, teardown),
        cmocka_unit_test_setup_teardown(get__associated__apart_from_the_others, setup, teardown),
        cmocka_unit_test_setup_teardown(
                get__times_beyond_the_sign__order_of_the_scan, setup, teardown),
        cmocka_unit_test_setup_teardown(
                get__most_of_the_table__rows_in_default_order, setup, teardown),
        cmocka_unit_test_setup_teardown(get__interrupted__stops, setup, teardown),
        cmocka_unit_test_setup_teardown(get__again__rows_are_not_read, setup, teardown),
        cmocka_unit_test_setup_teardown(get__after_each_change__up_to_date, setup, teardown),
        cmocka_unit_test_setup_teardown(get__more_columns_than_kept__those_too, setup, teardown),
        cmocka_unit_test_setup_teardown(get__nearly_all_changed__up_to_date, setup, teardown),
        cmocka_unit_test_setup_teardown(get__journal_is_cut__all_is_read_again, setup, teardown),
        cmocka_unit_test_setup_teardown(
                get__repaired_by_another__all_is_read_again, setup, teardown),
        cmocka_unit_test_setup_teardown(
                get__own_changes_not_committed__are_seen_and_not_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(get__in_bulk__sees_the_open_group, setup, teardown),
        cmocka_unit_test_setup_teardown(
                get__others_write_meanwhile__snapshot_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(
                get__more_places_than_memory__the_oldest_go, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
