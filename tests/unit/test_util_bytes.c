/* SPDX-License-Identifier: MIT */
/*
 * test_util_bytes.c - numbers in memory and checked sums.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/bytes.h"

static void load_and_store__any_alignment__are_inverse(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 8; shift++) {
        unsigned char room[24];
        unsigned char *p = room + shift;

        memset(room, 0xEE, sizeof(room));
        put_u16le(p, 0x8102);
        assert_memory_equal(p, "\x02\x81\xEE", 3);
        assert_int_equal(get_u16le(p), 0x8102);
        assert_int_equal(get_u16be(p), 0x0281);
        put_u32le(p, 0x81020304);
        assert_memory_equal(p, "\x04\x03\x02\x81\xEE", 5);
        assert_true(get_u32le(p) == 0x81020304);
        assert_true(get_u32be(p) == 0x04030281);
        put_u64le(p, UINT64_C(0x8102030405060708));
        assert_memory_equal(p, "\x08\x07\x06\x05\x04\x03\x02\x81\xEE", 9);
        assert_true(get_u64le(p) == UINT64_C(0x8102030405060708));
        assert_true(get_u64be(p) == UINT64_C(0x0807060504030281));
        put_u16be(p, 0x8102);
        assert_int_equal(get_u16be(p), 0x8102);
        put_u32be(p, 0x81020304);
        assert_memory_equal(p, "\x81\x02\x03\x04", 4);
        put_u64be(p, UINT64_C(0x8102030405060708));
        assert_memory_equal(p, "\x81\x02\x03\x04\x05\x06\x07\x08\xEE", 9);
        for (size_t i = 0; i < shift; i++)
            assert_int_equal(room[i], 0xEE);
    }
}

static void add_ok__at_the_limit__is_exact(void **state)
{
    size_t sum = 42;

    (void)state;
    assert_true(msp_add_ok(0, 0, &sum));
    assert_true(sum == 0);
    assert_true(msp_add_ok(SIZE_MAX, 0, &sum));
    assert_true(sum == SIZE_MAX);
    assert_true(msp_add_ok(SIZE_MAX - 5, 5, &sum));
    assert_true(sum == SIZE_MAX);
    sum = 42;
    assert_false(msp_add_ok(SIZE_MAX, 1, &sum));
    assert_false(msp_add_ok(1, SIZE_MAX, &sum));
    assert_false(msp_add_ok(SIZE_MAX, SIZE_MAX, &sum));
    assert_true(sum == 42);
}

static void mul_ok__at_the_limit__is_exact(void **state)
{
    size_t product = 42;

    (void)state;
    assert_true(msp_mul_ok(0, SIZE_MAX, &product));
    assert_true(product == 0);
    assert_true(msp_mul_ok(SIZE_MAX, 0, &product));
    assert_true(product == 0);
    assert_true(msp_mul_ok(SIZE_MAX, 1, &product));
    assert_true(product == SIZE_MAX);
    assert_true(msp_mul_ok(SIZE_MAX / 3, 3, &product));
    assert_true(product == SIZE_MAX / 3 * 3);
    product = 42;
    assert_false(msp_mul_ok(SIZE_MAX / 2 + 1, 2, &product));
    assert_false(msp_mul_ok(2, SIZE_MAX / 2 + 1, &product));
    assert_false(msp_mul_ok(SIZE_MAX, SIZE_MAX, &product));
    assert_true(product == 42);
}

static void min_max__either_order__agree(void **state)
{
    (void)state;
    assert_int_equal(msp_min(1, 2), 1);
    assert_int_equal(msp_min(2, 1), 1);
    assert_int_equal(msp_max(1, 2), 2);
    assert_int_equal(msp_max(2, 1), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(load_and_store__any_alignment__are_inverse),
        cmocka_unit_test(add_ok__at_the_limit__is_exact),
        cmocka_unit_test(mul_ok__at_the_limit__is_exact),
        cmocka_unit_test(min_max__either_order__agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
