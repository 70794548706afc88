/* SPDX-License-Identifier: MIT */
/*
 * test_util_array.c - the growing array.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/alloc.h"
#include "util/array.h"

struct pair {
    int number;
    char letter;
};

static int setup(void **state)
{
    *state = (void *)(uintptr_t)msp_alloc_count_live();
    return 0;
}

static int teardown(void **state)
{
    return msp_alloc_fail_disarm() || msp_alloc_count_live() != (uintptr_t)*state;
}

static void push__many__keeps_order(void **state)
{
    struct msp_array array = MSP_ARRAY_INIT(struct pair);

    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct pair pair = { i, (char)('a' + i % 26) };
        struct pair *added = msp_array_push(&array, &pair);

        assert_non_null(added);
        assert_ptr_equal(added, MSP_ARRAY_AT(struct pair, &array, (size_t)i));
    }

    assert_int_equal(array.count, 1000);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(MSP_ARRAY_ITEMS(struct pair, &array)[i].number, i);
        assert_int_equal(MSP_ARRAY_ITEMS(struct pair, &array)[i].letter, 'a' + i % 26);
    }
    msp_array_free(&array);
    assert_int_equal(array.count, 0);
    assert_int_equal(array.item_size, sizeof(struct pair));
}

static void push__null__adds_a_zeroed_item(void **state)
{
    struct msp_array array;
    struct pair pair = { -1, 'x' }, *added;

    (void)state;
    msp_array_init(&array, sizeof(struct pair));
    assert_non_null(msp_array_push(&array, &pair));
    msp_array_truncate(&array, 0);

    added = msp_array_push(&array, NULL);

    assert_non_null(added);
    assert_int_equal(added->number, 0);
    assert_int_equal(added->letter, 0);
    msp_array_free(&array);
}

/* The numbers in the array, as text. */
static void assert_numbers(const struct msp_array *array, const char *expected)
{
    char text[32];
    size_t i;

    assert_true(array->count < sizeof(text));
    for (i = 0; i < array->count; i++)
        text[i] = (char)('0' + *MSP_ARRAY_AT(int, array, i));
    text[i] = '\0';
    assert_string_equal(text, expected);
}

static void insert_and_remove__front_middle_end__shift_the_rest(void **state)
{
    struct msp_array array = MSP_ARRAY_INIT(int);
    const int digits[] = { 0, 1, 2, 3, 4, 5 };

    (void)state;
    msp_array_remove(&array, 0, 0);
    assert_non_null(msp_array_insert(&array, 0, &digits[2]));
    assert_non_null(msp_array_insert(&array, 0, &digits[0]));
    assert_non_null(msp_array_insert(&array, 1, &digits[1]));
    assert_non_null(msp_array_insert(&array, 3, &digits[3]));
    assert_numbers(&array, "0123");

    msp_array_remove(&array, 1, 2);
    assert_numbers(&array, "03");
    msp_array_remove(&array, 0, 1);
    assert_numbers(&array, "3");
    msp_array_remove(&array, 1, 0);
    assert_numbers(&array, "3");
    msp_array_remove(&array, 0, 1);
    assert_numbers(&array, "");
    msp_array_free(&array);
}

static void reserve__then_push__does_not_allocate(void **state)
{
    struct msp_array array = MSP_ARRAY_INIT(int);

    (void)state;
    assert_true(msp_array_reserve(&array, 100));
    msp_alloc_fail_at(1);
    for (int i = 0; i < 100; i++)
        assert_non_null(msp_array_push(&array, &i));
    assert_false(msp_alloc_fail_disarm());
    msp_array_free(&array);
}

static void reserve__overflow__is_refused(void **state)
{
    struct msp_array array = MSP_ARRAY_INIT(struct pair);

    (void)state;
    assert_non_null(msp_array_push(&array, NULL));
    assert_false(msp_array_reserve(&array, SIZE_MAX));
    assert_false(msp_array_reserve(&array, SIZE_MAX / 2));
    assert_int_equal(array.count, 1);
    msp_array_free(&array);
}

static void push__no_memory__array_is_unchanged(void **state)
{
    struct msp_array array = MSP_ARRAY_INIT(int);
    int number = 7;

    (void)state;
    do {
        assert_non_null(msp_array_push(&array, &number));
    } while (array.count < array.cap);
    msp_alloc_fail_at(1);

    assert_null(msp_array_insert(&array, 0, NULL));

    assert_true(msp_alloc_fail_disarm());
    assert_int_equal(array.count, array.cap);
    for (size_t i = 0; i < array.count; i++)
        assert_int_equal(*MSP_ARRAY_AT(int, &array, i), 7);
    msp_array_free(&array);
}

static void steal__items__change_hands(void **state)
{
    struct msp_array array = MSP_ARRAY_INIT(int);
    int number = 3, *items;
    size_t count = 99;

    (void)state;
    assert_null(msp_array_steal(&array, &count));
    assert_int_equal(count, 0);
    assert_non_null(msp_array_push(&array, &number));

    items = msp_array_steal(&array, &count);

    assert_int_equal(count, 1);
    assert_int_equal(items[0], 3);
    assert_int_equal(array.count, 0);
    assert_null(array.items);
    msp_free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(push__many__keeps_order, setup, teardown),
        cmocka_unit_test_setup_teardown(push__null__adds_a_zeroed_item, setup, teardown),
        cmocka_unit_test_setup_teardown(
                insert_and_remove__front_middle_end__shift_the_rest, setup, teardown),
        cmocka_unit_test_setup_teardown(reserve__then_push__does_not_allocate, setup, teardown),
        cmocka_unit_test_setup_teardown(reserve__overflow__is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(push__no_memory__array_is_unchanged, setup, teardown),
        cmocka_unit_test_setup_teardown(steal__items__change_hands, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
