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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
