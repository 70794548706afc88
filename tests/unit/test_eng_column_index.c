/* SPDX-License-Identifier: MIT */
/*
 * test_eng_column_index.c - rows of columns found by the ids of their messages.
 *
 * That they come from memory is seen by a row that was changed behind the engine's back: what the
 * journal does not tell is not noticed.
 *
 * Locks: none; each test runs alone.
 */
#include "column_fixture.h"
#include "engine/eng_column.h"

enum { ROWS = 300, BEHIND = 1000000 /* added to sizes behind the engine's back */ };

/* --- the index alone -------------------------------------------------------------------------- */

static void push_id(struct column_set *set, uint64_t delivered, uint64_t id)
{
    const struct eng_msg row = { .id = id, .delivered = delivered };

    assert_int_equal(column_set_push(set, &row), ENG_OK);
}

/* Every row is found, and nothing else. */
static void assert_index(const struct column_index *index, const struct column_set *set)
{
    const uint64_t *ids = column_u64(set, COLUMN_ID);
    size_t row = 0;

    for (size_t i = 0; i < set->count; i++) {
        assert_true(column_index_find(index, set, ids[i], &row));
        assert_int_equal(row, i);
        assert_false(column_index_find(index, set, ids[i] + 1000000007, &row));
    }
}

static void find__ids_of_any_kind__their_rows(void **state)
{
    static const uint64_t steps[] = { 1, 2, 3, 7, 1000, UINT64_C(1) << 32, UINT64_C(1) << 40 };

    (void)state;
    for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
        struct column_index index = { 0 };
        struct column_set set;

        column_set_init(&set, 0);
        for (uint64_t i = 0; i < ROWS; i++)
            push_id(&set, i, 5 + (i * 7919 % ROWS) * steps[k]);
        assert_false(column_index_is_good(&index, &set));
        assert_true(column_index_make(&index, &set));
        assert_true(column_index_is_good(&index, &set));
        assert_index(&index, &set);
        column_index_free(&index);
        column_set_free(&set);
    }
}

static void find__no_rows__nothing(void **state)
{
    struct column_index index = { 0 };
    struct column_set set;
    size_t row;

    (void)state;
    column_set_init(&set, 0);
    assert_int_equal(column_set_reserve(&set, 0), ENG_OK);
    assert_true(column_index_make(&index, &set));
    assert_false(column_index_find(&index, &set, 0, &row));
    assert_false(column_index_find(&index, &set, 77, &row));
    column_index_free(&index);
    column_set_free(&set);
}

/* Rows go and come in front; the others are still found, until too many have moved. */
static void find__rows_have_moved__still_their_rows(void **state)
{
    static const size_t gone[] = { 0, 100, 299 };
    struct column_index index = { 0 };
    struct column_set set, fresh;
    size_t row = 0;

    (void)state;
    column_set_init(&set, 0);
    for (uint64_t i = 0; i < ROWS; i++)
        push_id(&set, 1000 + i, 1 + i * 7919 % ROWS);
    assert_true(column_index_make(&index, &set));
    column_set_init(&fresh, 0);
    for (uint64_t i = 0; i < 5; i++)
        push_id(&fresh, i, 1000 + i);

    assert_int_equal(column_set_splice(&set, gone, 3, &fresh), ENG_OK);
    assert_true(column_index_is_good(&index, &set));
    for (size_t i = 5; i < set.count; i++) {
        assert_true(column_index_find(&index, &set, column_u64(&set, COLUMN_ID)[i], &row));
        assert_int_equal(row, i);
    }
    assert_false(column_index_find(&index, &set, 1, &row)); /* gone */
    for (int i = 0; i < 6; i++)
        assert_int_equal(column_set_splice(&set, NULL, 0, &fresh), ENG_OK);
    assert_false(column_index_is_good(&index, &set));
    column_index_free(&index);
    column_set_free(&fresh);
    column_set_free(&set);
}

/* --- by way of the engine --------------------------------------------------------------------- */

static void run_sql(struct eng *eng, const char *sql)
{
    assert_int_equal(sqlite3_exec(eng->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* A folder with all columns in memory, and an index; sizes are others than those there. */
static int setup_indexed(void **state)
{
    struct eng_columns columns;
    struct fixture *fx;

    (void)setup(state);
    fx = *state;
    fill(fx->eng, ENG_ROOT_FOLDER, ROWS);
    assert_ok(eng_begin(fx->eng, false));
    assert_ok(eng_columns_get(
            fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL | ENG_COLUMN_BY_ID, &columns));
    assert_ok(eng_commit(fx->eng));
    run_sql(fx->eng, "UPDATE msg SET size=size+1000000");
    return 0;
}

static void ids_of(struct eng *eng, uint64_t out[ROWS])
{
    struct msp_buf ids = MSP_BUF_INIT;

    assert_ok(eng_msg_ids(eng, ENG_ROOT_FOLDER, false, &ids));
    assert_true(ids.size >= ROWS * sizeof(*out));
    memcpy(out, ids.data, ROWS * sizeof(*out));
    msp_buf_free(&ids);
}

/* How many of these messages are found in memory; `missing`: one that is not. */
static size_t found_of(struct eng *eng, const uint64_t ids[ROWS], size_t reads, uint64_t missing)
{
    struct eng_columns columns;
    size_t found = 0;

    assert_ok(eng_begin(eng, false));
    memset(&columns, 0x5A, sizeof(columns));
    assert_ok(eng_columns_by_id(eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL, reads, &columns));
    for (size_t i = 0; columns.ids != NULL && i < ROWS; i++) {
        size_t row;

        if (!eng_columns_row(eng, ENG_ROOT_FOLDER, false, ids[i], &row))
            continue;
        assert_true(row < columns.count);
        assert_true(columns.ids[row] == ids[i]);
        assert_true(ids[i] != missing);
        assert_true(columns.size[row] < BEHIND);
        found++;
    }
    assert_ok(eng_commit(eng));
    return found;
}

static void by_id__in_memory__all_rows(void **state)
{
    struct fixture *fx = *state;
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);

    assert_int_equal(found_of(fx->eng, ids, 1, 0), ROWS);
}

static void by_id__row_has_changed__it_alone_is_not_told(void **state)
{
    struct fixture *fx = *state;
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);
    assert_ok(eng_msg_set_flags(fx->eng, ids[50], 0x8, 0x8, NULL));

    assert_int_equal(found_of(fx->eng, ids, 1, ids[50]), ROWS - 1);
    assert_ok(eng_msg_delete(fx->eng, ids[7]));
    assert_int_equal(found_of(fx->eng, ids, 1, ids[7]), ROWS - 2);
}

static void by_id__another_connection_writes__is_noticed(void **state)
{
    struct fixture *fx = *state;
    struct eng *other = open_again(fx);
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);
    assert_ok(eng_msg_set_flags(other, ids[45], 0x8, 0x8, NULL));

    assert_int_equal(found_of(fx->eng, ids, 1, ids[45]), ROWS - 1);
    eng_close(other);
}

/* New rows come in front of the others, and the columns are brought up to date. */
static void by_id__rows_have_come__the_others_are_told(void **state)
{
    struct fixture *fx = *state;
    struct eng_columns columns;
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);
    for (int i = 0; i < 3; i++) {
        struct eng_msg msg = any_msg_of(fx->eng, ENG_ROOT_FOLDER, 1);

        msg.delivered = 1;
        (void)put_msg(fx->eng, msg, ENG_PUT_NEW);
    }
    assert_ok(eng_begin(fx->eng, false));
    assert_ok(eng_columns_get(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL, &columns));
    assert_int_equal(columns.count, ROWS + 3);
    assert_ok(eng_commit(fx->eng));

    assert_int_equal(found_of(fx->eng, ids, 1, 0), ROWS);
}

/* Nothing, rather than something that is wrong, until it pays to look at all changes. */
static void by_id__very_many_have_changed__nothing(void **state)
{
    struct fixture *fx = *state;
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);
    for (int i = 0; i < 10; i++) {
        assert_ok(eng_begin(fx->eng, true));
        for (int k = 0; k < ROWS; k++)
            assert_ok(eng_msg_set_flags(fx->eng, ids[k], 0x8, i % 2 == 0 ? 0x8 : 0, NULL));
        assert_ok(eng_commit(fx->eng));
    }

    assert_int_equal(found_of(fx->eng, ids, 1, 0), 0);
    assert_int_equal(found_of(fx->eng, ids, 1, 0), 0);
    run_sql(fx->eng, "UPDATE msg SET size=size-1000000");
    assert_int_equal(found_of(fx->eng, ids, ROWS, 0), ROWS); /* they are brought up to date */
}

static void by_id__transaction_has_touched_the_folder__nothing(void **state)
{
    struct fixture *fx = *state;
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);
    assert_ok(eng_begin(fx->eng, true));
    assert_ok(eng_msg_set_flags(fx->eng, ids[1], 0x8, 0x8, NULL));

    assert_int_equal(found_of(fx->eng, ids, 1, 0), 0);
    eng_rollback(fx->eng);
}

/* Reading some rows singly costs as much as reading all. */
static void by_id__nothing_in_memory__all_is_read_when_that_pays(void **state)
{
    struct fixture *fx = *state;
    struct eng_columns columns;
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);
    run_sql(fx->eng, "UPDATE msg SET size=size-1000000");
    reopen(fx);

    assert_int_equal(found_of(fx->eng, ids, ROWS / 8, 0), 0);
    assert_int_equal(columns_kept(fx->eng), 0);
    assert_ok(eng_begin(fx->eng, false)); /* another folder is none of that */
    assert_ok(eng_columns_by_id(fx->eng, ENG_ROOT_FOLDER, true, ENG_COLUMN_ID, 1, &columns));
    assert_ok(eng_commit(fx->eng));
    assert_int_equal(found_of(fx->eng, ids, ROWS / 8, 0), 0);
    assert_int_equal(found_of(fx->eng, ids, 1, 0), ROWS);
    assert_true(columns_kept(fx->eng) >= 1);
}

static void by_id__repaired__nothing(void **state)
{
    struct fixture *fx = *state;
    char sql[100];
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);
    (void)snprintf(sql, sizeof(sql), "INSERT OR REPLACE INTO meta(key,value) VALUES(%d,77)",
            META_REPAIRED);
    run_sql(fx->eng, sql);

    assert_int_equal(found_of(fx->eng, ids, 1, 0), 0);
}

/* Without an index: after some rows that were read singly there is one. */
static void by_id__no_index__one_is_made_when_that_pays(void **state)
{
    struct fixture *fx = *state;
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);
    run_sql(fx->eng, "UPDATE msg SET size=size-1000000");
    reopen(fx);
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);

    assert_int_equal(found_of(fx->eng, ids, 0, 0), 0);
    assert_int_equal(found_of(fx->eng, ids, ROWS, 0), ROWS);
    assert_int_equal(found_of(fx->eng, ids, 0, 0), ROWS);
}

/* Without some columns that are stored: after some rows that were read singly they are there. */
static void by_id__columns_are_missing__they_are_read_when_that_pays(void **state)
{
    struct fixture *fx = *state;
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);
    run_sql(fx->eng, "UPDATE msg SET size=size-1000000");
    reopen(fx);
    store_always(fx->eng);
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
    reopen(fx);
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ID);

    assert_int_equal(found_of(fx->eng, ids, ROWS / 128 - 1, 0), 0);
    assert_int_equal(found_of(fx->eng, ids, 1, 0), ROWS);
    assert_int_equal(found_of(fx->eng, ids, 0, 0), ROWS);
}

static void by_id__without_transaction__is_invalid(void **state)
{
    struct fixture *fx = *state;
    struct eng_columns columns;

    memset(&columns, 0x5A, sizeof(columns));
    assert_int_equal(
            eng_columns_by_id(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL, 1, &columns),
            ENG_INVALID);
    assert_null(columns.ids);
}

/* The first allocation from the nth on fails, with keys in memory or with nothing; true when there
 * were not so many. */
static bool is_past_allocations(struct fixture *fx, bool has_keys, unsigned long nth, uint64_t id)
{
    struct eng_columns columns;
    enum eng_status status;
    bool has_failed;
    size_t row = 0;

    reopen(fx);
    if (has_keys)
        (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ID);
    assert_ok(eng_msg_set_flags(fx->eng, id + 1, 0x8, nth % 2 == 0 ? 0x8 : 0, NULL));
    assert_ok(eng_begin(fx->eng, false));
    memset(&columns, 0x5A, sizeof(columns));
    msp_alloc_fail_at(nth);
    status = eng_columns_by_id(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_SUBJECT, ROWS, &columns);
    has_failed = msp_alloc_fail_disarm();
    if (status != ENG_OK) {
        assert_int_equal(status, ENG_NO_MEMORY);
        assert_null(columns.ids);
    }
    if (columns.ids != NULL)
        assert_true(eng_columns_row(fx->eng, ENG_ROOT_FOLDER, false, id, &row));
    assert_true(has_failed || columns.ids != NULL);
    assert_ok(eng_commit(fx->eng));
    return !has_failed;
}

/* Memory.Failure.2 */
static void by_id__nth_allocation_fails__nothing_or_all(void **state)
{
    struct fixture *fx = *state;
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);
    for (int has_keys = 0; has_keys < 2; has_keys++) {
        unsigned long nth = 1;

        while (!is_past_allocations(fx, has_keys != 0, nth, ids[9]))
            nth++;
        assert_true(nth > 1);
    }
}

int main(void)
{
#define WITH_INDEX(test) cmocka_unit_test_setup_teardown(test, setup_indexed, teardown)
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(find__ids_of_any_kind__their_rows),
        cmocka_unit_test(find__no_rows__nothing),
        cmocka_unit_test(find__rows_have_moved__still_their_rows),
        WITH_INDEX(by_id__in_memory__all_rows),
        WITH_INDEX(by_id__row_has_changed__it_alone_is_not_told),
        WITH_INDEX(by_id__another_connection_writes__is_noticed),
        WITH_INDEX(by_id__rows_have_come__the_others_are_told),
        WITH_INDEX(by_id__very_many_have_changed__nothing),
        WITH_INDEX(by_id__transaction_has_touched_the_folder__nothing),
        WITH_INDEX(by_id__nothing_in_memory__all_is_read_when_that_pays),
        WITH_INDEX(by_id__repaired__nothing),
        WITH_INDEX(by_id__no_index__one_is_made_when_that_pays),
        WITH_INDEX(by_id__columns_are_missing__they_are_read_when_that_pays),
        WITH_INDEX(by_id__without_transaction__is_invalid),
        WITH_INDEX(by_id__nth_allocation_fails__nothing_or_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
