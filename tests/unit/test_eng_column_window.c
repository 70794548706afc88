/* SPDX-License-Identifier: MIT */
/*
 * test_eng_column_window.c - rows that lie side by side, told from stored columns.
 *
 * That they are is seen by a row that was changed behind the engine's back: what the journal does
 * not tell is not noticed.
 *
 * Locks: none; each test runs alone.
 */
#include "column_fixture.h"

enum { ROWS = 150, BEHIND = 1000000 /* added to sizes behind the engine's back */ };

static void run_sql(struct eng *eng, const char *sql)
{
    assert_int_equal(sqlite3_exec(eng->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* A folder that is stored, with only keys in memory. */
static int setup_stored(void **state)
{
    struct fixture *fx;

    (void)setup(state);
    fx = *state;
    fill(fx->eng, ENG_ROOT_FOLDER, ROWS);
    store_always(fx->eng);
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
    reopen(fx);
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ID);
    run_sql(fx->eng, "UPDATE msg SET size=size+1000000");
    return 0;
}

/* The ids in default order. */
static void ids_of(struct eng *eng, uint64_t out[ROWS])
{
    struct msp_buf ids = MSP_BUF_INIT;

    assert_ok(eng_msg_ids(eng, ENG_ROOT_FOLDER, false, &ids));
    assert_in_range(ids.size, 1, ROWS * sizeof(*out));
    memset(out, 0, ROWS * sizeof(*out));
    memcpy(out, ids.data, ids.size);
    msp_buf_free(&ids);
}

/* Rows from one id to another; returns how many are told. `missing`: the one that is not (0: all
 * are). */
static size_t near_of(struct eng *eng, uint64_t a, uint64_t b, size_t most, uint64_t missing)
{
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_columns_part part;
    struct eng_msg ends[2];

    assert_ok(eng_begin(eng, false));
    assert_ok(eng_msg_get(eng, a, &ends[0], &texts, NULL));
    assert_ok(eng_msg_get(eng, b, &ends[1], &texts, NULL));
    memset(&part, 0x5A, sizeof(part));
    assert_ok(eng_columns_near(eng, false, ENG_COLUMN_ALL, &ends[0], &ends[1], most, &part));
    for (size_t row = part.first; row < part.end; row++) {
        assert_true(part.columns.ids[row] != missing);
        assert_true(part.columns.size[row] < BEHIND); /* as it was stored */
    }
    assert_ok(eng_commit(eng));
    msp_buf_free(&texts);
    return part.end - part.first;
}

static void near__stored__all_rows_come_from_there(void **state)
{
    struct fixture *fx = *state;
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);

    assert_int_equal(near_of(fx->eng, ids[0], ids[ROWS - 1], ROWS, 0), ROWS);
    assert_int_equal(near_of(fx->eng, ids[40], ids[59], ROWS, 0), 20);
    assert_int_equal(near_of(fx->eng, ids[59], ids[40], 20, 0), 20);
    assert_int_equal(near_of(fx->eng, ids[77], ids[77], 1, 0), 1);
}

static void near__more_than_wanted__nothing(void **state)
{
    struct fixture *fx = *state;
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);

    assert_int_equal(near_of(fx->eng, ids[40], ids[59], 19, 0), 0);
}

static void near__row_has_changed__it_alone_is_not_told(void **state)
{
    struct fixture *fx = *state;
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);
    assert_int_equal(near_of(fx->eng, ids[40], ids[59], ROWS, 0), 20);

    assert_ok(eng_msg_set_flags(fx->eng, ids[50], 0x8, 0x8, NULL));
    assert_int_equal(near_of(fx->eng, ids[40], ids[59], ROWS, ids[50]), 19);
    assert_ok(eng_msg_set_flags(fx->eng, ids[90], 0x8, 0x8, NULL)); /* not among those in memory */
    assert_int_equal(near_of(fx->eng, ids[40], ids[59], ROWS, ids[50]), 19);
    assert_int_equal(near_of(fx->eng, ids[80], ids[99], ROWS, ids[90]), 19);
}

/* New rows before the others move all of them. */
static void near__rows_have_come_and_gone__the_others_are_told(void **state)
{
    struct fixture *fx = *state;
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);
    for (int i = 0; i < 30; i++) {
        struct eng_msg msg = any_msg_of(fx->eng, ENG_ROOT_FOLDER, 1);

        msg.delivered = 1;
        (void)put_msg(fx->eng, msg, ENG_PUT_NEW);
    }
    assert_int_equal(near_of(fx->eng, ids[60], ids[79], ROWS, 0), 20);
    assert_ok(eng_msg_delete(fx->eng, ids[70]));

    assert_int_equal(near_of(fx->eng, ids[60], ids[79], ROWS, ids[70]), 19);
}

/* Nothing, rather than something that is wrong; and that does not change with the next one. */
static void near__very_many_have_changed__nothing(void **state)
{
    struct fixture *fx = *state;
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);
    assert_int_equal(near_of(fx->eng, ids[40], ids[59], ROWS, 0), 20);
    for (int i = 0; i < 20; i++) {
        assert_ok(eng_begin(fx->eng, true));
        for (int k = 0; k < ROWS; k++)
            assert_ok(eng_msg_set_flags(fx->eng, ids[k], 0x8, i % 2 == 0 ? 0x8 : 0, NULL));
        assert_ok(eng_commit(fx->eng));
    }

    assert_int_equal(near_of(fx->eng, ids[40], ids[59], ROWS, 0), 0);
    assert_ok(eng_msg_set_flags(fx->eng, ids[50], 0x8, 0x8, NULL));
    assert_int_equal(near_of(fx->eng, ids[40], ids[59], ROWS, 0), 0);
}

static void near__another_connection_writes__is_noticed(void **state)
{
    struct fixture *fx = *state;
    struct eng *other = open_again(fx);
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);
    assert_int_equal(near_of(fx->eng, ids[40], ids[59], ROWS, 0), 20);
    assert_ok(eng_msg_set_flags(other, ids[45], 0x8, 0x8, NULL));

    assert_int_equal(near_of(fx->eng, ids[40], ids[59], ROWS, ids[45]), 19);
    eng_close(other);
}

static void near__transaction_has_touched_the_folder__nothing(void **state)
{
    struct fixture *fx = *state;
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);
    assert_ok(eng_begin(fx->eng, true));
    assert_ok(eng_msg_set_flags(fx->eng, ids[1], 0x8, 0x8, NULL));

    assert_int_equal(near_of(fx->eng, ids[40], ids[59], ROWS, 0), 0);
    eng_rollback(fx->eng);
}

/* Nobody has asked for columns: then the ends are told, and nothing is read for the others. */
static void near__nothing_in_memory__rows_at_the_ends(void **state)
{
    struct fixture *fx = *state;
    uint64_t ids[ROWS];

    reopen(fx);
    ids_of(fx->eng, ids);

    assert_int_equal(near_of(fx->eng, ids[ROWS - 1], ids[ROWS - 10], 30, 0), 10);
    assert_int_equal(near_of(fx->eng, ids[0], ids[9], 30, 0), 10);
    assert_int_equal(near_of(fx->eng, ids[70], ids[79], 20, 0), 0);
    assert_int_equal(near_of(fx->eng, ids[0], ids[ROWS - 1], 30, 0), 0);
    assert_ok(eng_msg_set_flags(fx->eng, ids[5], 0x8, 0x8, NULL));
    assert_int_equal(near_of(fx->eng, ids[0], ids[9], 30, ids[5]), 9);
    assert_int_equal(columns_kept(fx->eng), 0);
}

/* All in memory, and nothing in the file. */
static void near__not_stored_but_in_memory__all_rows(void **state)
{
    struct fixture *fx = *state;
    uint64_t ids[ROWS];

    run_sql(fx->eng, "UPDATE msg SET size=size-1000000;DELETE FROM viewhead;DELETE FROM viewcol");
    reopen(fx);
    ids_of(fx->eng, ids);
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);

    assert_int_equal(near_of(fx->eng, ids[40], ids[59], ROWS, 0), 20);
}

static void near__damaged_or_gone__nothing(void **state)
{
    static const char *const damages[] = { "DELETE FROM viewcol",
        "UPDATE viewcol SET data=zeroblob(length(data))", "UPDATE viewhead SET directory=x'00'",
        "UPDATE viewhead SET number=number+1000000", "UPDATE viewhead SET repaired=repaired+1",
        "DELETE FROM viewhead" };

    for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
        struct fixture *fx;
        uint64_t ids[ROWS];

        (void)setup_stored(state);
        fx = *state;
        ids_of(fx->eng, ids);
        run_sql(fx->eng, damages[i]);

        assert_int_equal(near_of(fx->eng, ids[40], ids[59], ROWS, 0), 0);
        assert_int_equal(near_of(fx->eng, ids[40], ids[59], ROWS, 0), 0);
        (void)teardown(state);
    }
}

static void near__without_transaction__is_invalid(void **state)
{
    struct fixture *fx = *state;
    struct eng_msg msg = { .id = 1, .folder = ENG_ROOT_FOLDER };
    struct eng_columns_part part;

    memset(&part, 0x5A, sizeof(part));
    assert_int_equal(
            eng_columns_near(fx->eng, false, ENG_COLUMN_ALL, &msg, &msg, 1, &part), ENG_INVALID);
    assert_null(part.columns.ids);
    assert_int_equal(part.first, part.end);
}

/* Memory.Failure.2 */
static void near__nth_allocation_fails__nothing_or_all(void **state)
{
    struct fixture *fx = *state;
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg ends[2];
    uint64_t ids[ROWS];

    ids_of(fx->eng, ids);
    assert_ok(eng_msg_set_flags(fx->eng, ids[50], 0x8, 0x8, NULL));
    assert_ok(eng_begin(fx->eng, false));
    assert_ok(eng_msg_get(fx->eng, ids[40], &ends[0], &texts, NULL));
    assert_ok(eng_msg_get(fx->eng, ids[59], &ends[1], &texts, NULL));
    for (unsigned long nth = 1;; nth++) {
        struct eng_columns_part part;
        struct eng_error error;
        enum eng_status status;

        msp_alloc_fail_at(nth);
        status = eng_columns_near(fx->eng, false, ENG_COLUMN_ALL, &ends[0], &ends[1], ROWS, &part);
        if (!msp_alloc_fail_disarm()) {
            assert_ok(status);
            assert_int_equal(part.end - part.first, 19);
            break;
        }
        assert_int_equal(status, ENG_NO_MEMORY);
        assert_int_equal(part.first, part.end);
        eng_last_error(fx->eng, &error);
        assert_int_equal(error.status, ENG_NO_MEMORY);
    }
    assert_ok(eng_commit(fx->eng));
    msp_buf_free(&texts);
}

int main(void)
{
#define WITH_STORED(test) cmocka_unit_test_setup_teardown(test, setup_stored, teardown)
    static const struct CMUnitTest tests[] = {
        WITH_STORED(near__stored__all_rows_come_from_there),
        WITH_STORED(near__more_than_wanted__nothing),
        WITH_STORED(near__row_has_changed__it_alone_is_not_told),
        WITH_STORED(near__rows_have_come_and_gone__the_others_are_told),
        WITH_STORED(near__very_many_have_changed__nothing),
        WITH_STORED(near__another_connection_writes__is_noticed),
        WITH_STORED(near__transaction_has_touched_the_folder__nothing),
        WITH_STORED(near__nothing_in_memory__rows_at_the_ends),
        WITH_STORED(near__not_stored_but_in_memory__all_rows),
        cmocka_unit_test(near__damaged_or_gone__nothing),
        WITH_STORED(near__without_transaction__is_invalid),
        WITH_STORED(near__nth_allocation_fails__nothing_or_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
