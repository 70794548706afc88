/* SPDX-License-Identifier: MIT */
/*
 * test_util_alloc.c - memory: sizes, copies, and failing on request.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/thread.h"
#include "util/alloc.h"

static int setup(void **state)
{
    *state = (void *)(uintptr_t)msp_alloc_count_live();
    return 0;
}

static int teardown(void **state)
{
    return msp_alloc_fail_disarm() || msp_alloc_count_live() != (uintptr_t)*state;
}

static void alloc__size_zero__gives_a_block(void **state)
{
    void *a = msp_alloc(0), *b = msp_alloc(0);

    (void)state;
    assert_non_null(a);
    assert_non_null(b);
    assert_ptr_not_equal(a, b);
    msp_free(a);
    msp_free(b);
}

static void calloc__fresh_block__is_zeroed(void **state)
{
    static const unsigned char zeros[400];
    void *dirty = msp_alloc(400), *block;

    (void)state;
    assert_non_null(dirty);
    memset(dirty, 0xAA, 400);
    msp_free(dirty);

    block = msp_calloc(100, 4);

    assert_non_null(block);
    assert_memory_equal(block, zeros, 400);
    msp_free(block);
}

static void alloc__impossible_sizes__are_refused(void **state)
{
    void *block = msp_alloc(8);
    size_t huge = SIZE_MAX; /* through variables, lest the compiler warns */
    size_t half = SIZE_MAX / 2 + 1;

    (void)state;
    assert_non_null(block);
    memset(block, 0x5A, 8);

    assert_null(msp_alloc(huge));
    assert_null(msp_alloc(half));
    assert_null(msp_alloc_array(half, 2));
    assert_null(msp_alloc_array(2, half));
    assert_null(msp_alloc_array(half / 2, 4));
    assert_null(msp_calloc(half, 2));
    assert_null(msp_calloc(1, huge));
    assert_null(msp_realloc(block, huge));
    assert_null(msp_realloc_array(block, half, 2));
    assert_null(msp_strndup("", huge));

    assert_int_equal(*(unsigned char *)block, 0x5A);
    msp_free(block);
}

static void alloc_array__zero_items__gives_a_block(void **state)
{
    void *a = msp_alloc_array(0, SIZE_MAX), *b = msp_calloc(SIZE_MAX, 0);

    (void)state;
    assert_non_null(a);
    assert_non_null(b);
    msp_free(a);
    msp_free(b);
}

static void realloc__growing__keeps_the_bytes(void **state)
{
    char *block = msp_realloc(NULL, 4), *larger;

    (void)state;
    assert_non_null(block);
    memcpy(block, "abc", 4);

    larger = msp_realloc(block, 100000);

    assert_non_null(larger);
    assert_string_equal(larger, "abc");
    msp_free(larger);
}

static void copies__of_data_and_text__are_equal(void **state)
{
    char *a = msp_memdup("a\0b", 4), *b = msp_strdup("text"), *c = msp_strndup("text", 2);
    char *d = msp_memdup(NULL, 0);

    (void)state;
    assert_non_null(a);
    assert_memory_equal(a, "a\0b", 4);
    assert_string_equal(b, "text");
    assert_string_equal(c, "te");
    assert_non_null(d);
    msp_free(a);
    msp_free(b);
    msp_free(c);
    msp_free(d);
    msp_free(NULL);
}

static void count_live__blocks_come_and_go__follows(void **state)
{
    size_t before = msp_alloc_count_live();
    void *a = msp_alloc(1), *b = msp_calloc(1, 1), *c = msp_realloc(NULL, 1);

    (void)state;
    assert_int_equal(msp_alloc_count_live(), before + 3);
    c = msp_realloc(c, 1000);
    assert_int_equal(msp_alloc_count_live(), before + 3);
    msp_free(a);
    msp_free(b);
    msp_free(c);
    msp_free(NULL);
    assert_int_equal(msp_alloc_count_live(), before);
}

static void fail_at__third__only_the_third_fails(void **state)
{
    void *blocks[5];

    (void)state;
    msp_alloc_fail_at(3);
    blocks[0] = msp_alloc(8);
    blocks[1] = msp_calloc(1, 8);
    blocks[2] = msp_alloc(8);
    blocks[3] = msp_alloc_array(1, 8);
    blocks[4] = msp_strdup("x");

    assert_true(msp_alloc_fail_disarm());
    assert_false(msp_alloc_fail_disarm());
    for (int i = 0; i < 5; i++) {
        if (i == 2)
            assert_null(blocks[i]);
        else
            assert_non_null(blocks[i]);
        msp_free(blocks[i]);
    }
}

static void fail_at__not_reached__disarm_says_so(void **state)
{
    void *a, *b;

    (void)state;
    msp_alloc_fail_at(2);
    a = msp_alloc(8);
    assert_false(msp_alloc_fail_disarm());
    b = msp_alloc(8);

    assert_non_null(a);
    assert_non_null(b);
    msp_free(a);
    msp_free(b);
}

static void fail_at__realloc__leaves_the_block(void **state)
{
    char *block = msp_strdup("kept");

    (void)state;
    assert_non_null(block);
    msp_alloc_fail_at(1);

    assert_null(msp_realloc(block, 1000));

    assert_true(msp_alloc_fail_disarm());
    assert_string_equal(block, "kept");
    msp_free(block);
}

static void fail_now__other_allocators__count_too(void **state)
{
    (void)state;
    assert_false(msp_alloc_fail_now());
    msp_alloc_fail_at(2);
    assert_false(msp_alloc_fail_now());
    assert_null(msp_alloc(1));
    assert_false(msp_alloc_fail_now());
    assert_true(msp_alloc_fail_disarm());
}

static void allocate(void *arg)
{
    unsigned *failures = arg;

    for (int i = 0; i < 2000; i++) {
        void *block = msp_alloc(16);

        *failures += block == NULL;
        msp_free(block);
    }
}

static void fail_at__several_threads__exactly_one_failure(void **state)
{
    struct msp_thread threads[4];
    unsigned failures[4] = { 0 };

    (void)state;
    msp_alloc_fail_at(5000);
    for (int i = 0; i < 4; i++)
        assert_true(msp_thread_create(&threads[i], allocate, &failures[i]));
    for (int i = 0; i < 4; i++)
        msp_thread_join(&threads[i]);

    assert_true(msp_alloc_fail_disarm());
    assert_int_equal(failures[0] + failures[1] + failures[2] + failures[3], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(alloc__size_zero__gives_a_block, setup, teardown),
        cmocka_unit_test_setup_teardown(calloc__fresh_block__is_zeroed, setup, teardown),
        cmocka_unit_test_setup_teardown(alloc__impossible_sizes__are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(alloc_array__zero_items__gives_a_block, setup, teardown),
        cmocka_unit_test_setup_teardown(realloc__growing__keeps_the_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(copies__of_data_and_text__are_equal, setup, teardown),
        cmocka_unit_test_setup_teardown(count_live__blocks_come_and_go__follows, setup, teardown),
        cmocka_unit_test_setup_teardown(fail_at__third__only_the_third_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(fail_at__not_reached__disarm_says_so, setup, teardown),
        cmocka_unit_test_setup_teardown(fail_at__realloc__leaves_the_block, setup, teardown),
        cmocka_unit_test_setup_teardown(
                fail_at__several_threads__exactly_one_failure, setup, teardown),
        cmocka_unit_test_setup_teardown(fail_now__other_allocators__count_too, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
