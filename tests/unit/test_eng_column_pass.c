/* SPDX-License-Identifier: MIT */
/*
 * test_eng_column_pass.c - columns that one connection has read are used by another one to the same
 * file, brought up to date like its own.
 *
 * That they are used is seen by rows that were changed behind the engine's back: what the journal
 * does not tell is not noticed.
 *
 * Locks: none; each test runs alone.
 */
#include "column_fixture.h"

enum { ROWS = 150 };

static int setup_filled(void **state)
{
    struct fixture *fx;

    (void)setup(state);
    fx = *state;
    fill(fx->eng, ENG_ROOT_FOLDER, ROWS);
    return 0;
}

static void add_to_sizes(struct eng *eng, const char *sql)
{
    assert_int_equal(sqlite3_exec(eng->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static uint64_t total_size(struct eng *eng, uint32_t wanted)
{
    struct eng_columns columns;
    uint64_t total = 0;

    assert_ok(eng_begin(eng, false));
    assert_ok(eng_columns_get(eng, ENG_ROOT_FOLDER, false, wanted, &columns));
    for (size_t i = 0; i < columns.count; i++)
        total += columns.size[i];
    assert_ok(eng_commit(eng));
    return total;
}

/* What another connection has in memory after it was asked for these. */
static struct column_cache *read_elsewhere(struct fixture *fx, uint32_t wanted)
{
    struct eng *other = open_again(fx);
    struct column_cache *columns;

    (void)assert_columns(other, ENG_ROOT_FOLDER, false, wanted);
    columns = eng_columns_detach(other);
    assert_non_null(columns);
    assert_null(eng_columns_detach(other));
    eng_close(other);
    return columns;
}

static void attach__rows_unchanged__are_used(void **state)
{
    struct fixture *fx = *state;
    uint64_t before = total_size(fx->eng, ENG_COLUMN_SIZE);

    reopen(fx);
    eng_columns_attach(fx->eng, NULL);
    assert_int_equal(columns_kept(fx->eng), 0);
    eng_columns_attach(fx->eng, read_elsewhere(fx, ENG_COLUMN_ALL));
    assert_int_equal(columns_kept(fx->eng), 1);
    add_to_sizes(fx->eng, "UPDATE msg SET size=size+1");
    assert_int_equal(total_size(fx->eng, ENG_COLUMN_SIZE), before);
}

static void attach__rows_changed_since__brought_up_to_date(void **state)
{
    struct fixture *fx = *state;
    struct column_cache *columns = read_elsewhere(fx, ENG_COLUMN_ALL);

    fill(fx->eng, ENG_ROOT_FOLDER, 5);
    eng_columns_attach(fx->eng, columns);
    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), ROWS + 5);
}

/* Older ones than this connection has: nothing is lost. */
static void attach__has_newer_ones__keeps_them(void **state)
{
    struct fixture *fx = *state;
    struct column_cache *older = read_elsewhere(fx, ENG_COLUMN_ALL);
    uint64_t all;

    fill(fx->eng, ENG_ROOT_FOLDER, 5);
    all = total_size(fx->eng, ENG_COLUMN_ALL);
    add_to_sizes(fx->eng, "UPDATE msg SET size=size+1");
    eng_columns_attach(fx->eng, older);
    assert_int_equal(total_size(fx->eng, ENG_COLUMN_ALL), all);
    assert_int_equal(columns_kept(fx->eng), 1);
    eng_columns_attach(fx->eng, read_elsewhere(fx, ENG_COLUMN_ALL));
    assert_int_equal(total_size(fx->eng, ENG_COLUMN_ALL), all + ROWS + 5);
    assert_int_equal(columns_kept(fx->eng), 1);
}

static void attach__no_room__let_go(void **state)
{
    struct fixture *fx = *state;

    limit_memory(fx->eng, 0);
    eng_columns_attach(fx->eng, read_elsewhere(fx, ENG_COLUMN_ALL));
    assert_int_equal(columns_kept(fx->eng), 0);
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
}

static void attach__no_memory__let_go(void **state)
{
    struct fixture *fx = *state;
    unsigned long nth = 1;
    bool reached = true;

    for (; reached; nth++) {
        struct column_cache *columns = read_elsewhere(fx, ENG_COLUMN_ALL);

        reopen(fx);
        msp_alloc_fail_at(nth);
        eng_columns_attach(fx->eng, columns);
        reached = msp_alloc_fail_disarm();
        assert_int_equal(columns_kept(fx->eng), !reached);
        (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
    }
    assert_true(nth > 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_filled, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(attach__rows_unchanged__are_used),
        TEST(attach__rows_changed_since__brought_up_to_date),
        TEST(attach__has_newer_ones__keeps_them),
        TEST(attach__no_room__let_go),
        TEST(attach__no_memory__let_go),
    };

    return cmocka_run_group_tests_name("eng_column_pass", tests, NULL, NULL);
}
