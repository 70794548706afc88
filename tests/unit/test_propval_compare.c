/* SPDX-License-Identifier: MIT */
/*
 * test_propval_compare.c - the order of stored values, elements of multivalues, plain values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mapi/propval.h"

#define ID 0x6801

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

/* -- Order ------------------------------------------------------------------------------------- */

static int order_of(ULONG type, const void *a, size_t a_size, const void *b, size_t b_size)
{
    struct bag_value a_cell = { PROP_TAG(type, ID), 0, a, a_size };
    struct bag_value b_cell = { PROP_TAG(type, ID), 0, b, b_size };
    int order = propval_compare(&a_cell, &b_cell);
    int back = propval_compare(&b_cell, &a_cell);

    assert_int_equal((order > 0) - (order < 0), (back < 0) - (back > 0));
    return (order > 0) - (order < 0);
}

/* IMAPITable.SortTable.10 restriction.PROPERTY.3 */
static void compare__integers__are_signed(void **state)
{
    (void)state;
    assert_int_equal(order_of(PT_I2, "\xFF\xFF", 2, "\1\0", 2), -1);
    assert_int_equal(order_of(PT_LONG, "\xFF\xFF\xFF\xFF", 4, "\0\0\0\0", 4), -1);
    assert_int_equal(order_of(PT_LONG, "\0\1\0\0", 4, "\1\0\0\0", 4), 1);
    assert_int_equal(
            order_of(PT_I8, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, "\0\0\0\0\0\0\0\0", 8), -1);
    assert_int_equal(
            order_of(PT_CURRENCY, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, "\0\0\0\0\0\0\0\0", 8),
            -1);
    /* times are not */
    assert_int_equal(
            order_of(PT_SYSTIME, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, "\0\0\0\0\0\0\0\0", 8), 1);
    assert_int_equal(order_of(PT_BOOLEAN, "\1", 1, "\0", 1), 1);
}

static void compare__floating__by_value_and_nan_first(void **state)
{
    static const double doubles[] = { -1e300, -1.5, 0.0, 1e-300, 2.0, 1e300 };
    static const uint8_t nan64[8] = { 0, 0, 0, 0, 0, 0, 0xF8, 0x7F };
    static const float minus = -2.5F, plus = 0.25F;
    size_t i;

    (void)state;
    for (i = 0; i + 1 < COUNT_OF(doubles); i++) {
        assert_int_equal(order_of(PT_DOUBLE, &doubles[i], 8, &doubles[i + 1], 8), -1);
        assert_int_equal(order_of(PT_APPTIME, &doubles[i], 8, &doubles[i + 1], 8), -1);
    }
    assert_int_equal(order_of(PT_DOUBLE, nan64, 8, &doubles[0], 8), -1);
    assert_int_equal(order_of(PT_DOUBLE, nan64, 8, nan64, 8), 0);
    assert_int_equal(order_of(PT_R4, &minus, 4, &plus, 4), -1);
}

/* restriction.PROPERTY.11 */
static void compare__binary__bytewise_and_a_prefix_is_less(void **state)
{
    (void)state;
    assert_int_equal(order_of(PT_BINARY, "ab", 2, "abc", 3), -1);
    assert_int_equal(order_of(PT_BINARY, "\x7F", 1, "\x80", 1), -1);
    assert_int_equal(order_of(PT_BINARY, "", 0, "\0", 1), -1);
    assert_int_equal(order_of(PT_BINARY, "", 0, "", 0), 0);
    assert_int_equal(order_of(PT_CLSID, "0123456789abcdef", 16, "0123456789abcdeg", 16), -1);
}

/* IMAPITable.SortTable.25: case does not count, but the order is total all the same. */
static void compare__text__without_case_then_by_code_unit(void **state)
{
    struct bag_value a = { PROP_TAG(PT_UNICODE, ID), 0, (const uint8_t *)"ABC", 3 };
    struct bag_value b = { PROP_TAG(PT_UNICODE, ID), 0, (const uint8_t *)"abc", 3 };

    (void)state;
    assert_int_equal(order_of(PT_UNICODE, "B", 1, "a", 1), 1);
    assert_int_equal(order_of(PT_UNICODE, "b", 1, "A", 1), 1);
    assert_int_equal(order_of(PT_UNICODE, "ABC", 3, "abc", 3), -1);
    assert_int_equal(order_of(PT_UNICODE, "\xC3\x84", 2, "\xC3\xA4z", 3), -1);
    assert_int_equal(propval_compare_fold(&a, &b), 0);
    b.size = 2;
    assert_true(propval_compare_fold(&a, &b) > 0);
}

/* Halves of pairs are kept as three bytes each, and have a place of their own: whatever stands
 * around them, the order is one. The texts are in it. */
static void compare__half_pairs__one_order_with_everything_around(void **state)
{
    static const char *const texts[] = {
        "",
        "A",
        "a",
        "a\xED\x9F\xBF",             /* U+D7FF */
        "a\xED\xA0\x80",             /* U+D800 */
        "A\xED\xA0\xBD",             /* U+D83D */
        "a\xED\xA0\xBD",             /* U+D83D */
        "a\xED\xA0\xBD\xED\xA0\xBD", /* twice */
        "a\xED\xB8\x80",             /* U+DE00 */
        "a\xED\xBF\xBF",             /* U+DFFF */
        "a\xEE\x80\x80",             /* U+E000 */
        "a\xEF\xBF\xBF",             /* U+FFFF */
        "b",
        "\xED\xA0\x80",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        for (size_t k = 0; k < COUNT_OF(texts); k++) {
            int order =
                    order_of(PT_UNICODE, texts[i], strlen(texts[i]), texts[k], strlen(texts[k]));

            if (order != (i > k) - (i < k))
                fail_msg("text %u and text %u: %d", (unsigned)i, (unsigned)k, order);
        }
    }
}

static int ordered(const struct bag_value *a, const struct bag_value *b, bool fold_only)
{
    int order = fold_only ? propval_compare_fold(a, b) : propval_compare(a, b);

    return (order > 0) - (order < 0);
}

/* All texts of up to two of these pieces, valid or torn: no three of them in a circle. */
static void compare__torn_text__still_an_order(void **state)
{
    static const char *const pieces[] = { "", "a", "A", "\xC3\x84", "\xC3\xA4", "\xED\xA0\xBD",
        "\xED\xB8\x80", "\xF0\x9F\x98\x80", "\xEF\xBF\xBD", "\xED", "\xA0", "\xFF" };

    enum { PIECES = COUNT_OF(pieces), TEXTS = PIECES * PIECES };

    static char texts[TEXTS][16];
    static struct bag_value cells[TEXTS];

    (void)state;
    for (size_t i = 0; i < TEXTS; i++) {
        snprintf(texts[i], sizeof(texts[i]), "%s%s", pieces[i / PIECES], pieces[i % PIECES]);
        cells[i].tag = PROP_TAG(PT_UNICODE, ID);
        cells[i].data = (const uint8_t *)texts[i];
        cells[i].size = strlen(texts[i]);
    }
    for (size_t i = 0; i < TEXTS; i++) {
        for (size_t k = 0; k < TEXTS; k++) {
            for (int fold = 0; fold < 2; fold++) {
                int ik = ordered(&cells[i], &cells[k], fold);

                assert_int_equal(ik, -ordered(&cells[k], &cells[i], fold));
                for (size_t m = 0; m < TEXTS && ik <= 0; m++) {
                    int km = ordered(&cells[k], &cells[m], fold);

                    if (km <= 0 && ordered(&cells[i], &cells[m], fold) != (ik < km ? ik : km))
                        fail_msg("%u, %u and %u", (unsigned)i, (unsigned)k, (unsigned)m);
                }
            }
        }
    }
}

static void compare__different_types__are_ordered_by_type(void **state)
{
    uint8_t scratch[16];
    struct bag_value number, bytes;

    (void)state;
    cell_long(PROP_TAG(PT_LONG, ID), 5, scratch, &number);
    cell_bytes(PROP_TAG(PT_BINARY, ID), "", 0, &bytes);
    assert_true(propval_compare(&number, &bytes) < 0);
    assert_true(propval_compare(&bytes, &number) > 0);
    assert_true(propval_compare_fold(&number, &bytes) < 0);
}

/* IMAPITable.SortTable.8 */
static void compare__multivalues__first_difference_then_length(void **state)
{
    (void)state;
    assert_int_equal(order_of(PT_MV_I2, "\2\0\0\0\1\0\2\0", 8, "\2\0\0\0\1\0\3\0", 8), -1);
    assert_int_equal(order_of(PT_MV_I2, "\1\0\0\0\1\0", 6, "\2\0\0\0\1\0\3\0", 8), -1);
    assert_int_equal(order_of(PT_MV_I2, "\1\0\0\0\2\0", 6, "\2\0\0\0\1\0\3\0", 8), 1);
    assert_int_equal(order_of(PT_MV_BINARY, "\1\0\0\0\1\0\0\0a", 9, "\1\0\0\0\1\0\0\0b", 9), -1);
    assert_int_equal(order_of(PT_MV_BINARY, "\1\0\0", 3, "\1\0\0\0\1\0\0\0b", 9), -1);
}

/* -- Plain values ---------------------------------------------------------------------------------
 */

static void cells__plain_values__come_back(void **state)
{
    uint8_t scratch[16];
    struct bag_value cell;

    (void)state;
    cell_long(PROP_TAG(PT_LONG, ID), 0x80000001, scratch, &cell);
    assert_true(propval_cell_ok(&cell));
    assert_true(cell_get_long(&cell, 0) == 0x80000001);
    assert_true(cell_get_i8(&cell, 5) == 5);
    assert_true(cell_get_bool(&cell, true));
    cell_i8(PROP_TAG(PT_SYSTIME, ID), 0x0123456789ABCDEF, scratch, &cell);
    assert_true(propval_cell_ok(&cell));
    assert_true(cell_get_i8(&cell, 0) == 0x0123456789ABCDEF);
    cell_bool(PROP_TAG(PT_BOOLEAN, ID), true, scratch, &cell);
    assert_true(propval_cell_ok(&cell));
    assert_true(cell_get_bool(&cell, false));
    cell.size = 0;
    assert_false(cell_get_bool(&cell, false));
    cell_bytes(PROP_TAG(PT_UNICODE, ID), "abc", 3, &cell);
    assert_true(propval_cell_ok(&cell));
    assert_int_equal(cell.size, 3);
    assert_true(cell_get_long(&cell, 9) == 9);
}

static void element__of_multivalues__is_a_cell_of_the_single_type(void **state)
{
    static const uint8_t texts[] = "\2\0\0\0\1\0\0\0\3\0\0\0abc";
    struct bag_value cell = { PROP_TAG(PT_MV_UNICODE, ID), 0, texts, sizeof(texts) - 1 };
    struct bag_value out;

    (void)state;
    assert_int_equal(propval_count(&cell), 2);
    assert_true(propval_element(&cell, 1, &out));
    assert_int_equal(out.tag, PROP_TAG(PT_UNICODE, ID));
    assert_int_equal(out.size, 2);
    assert_memory_equal(out.data, "bc", 2);
    assert_false(propval_element(&cell, 2, &out));
    cell.tag = PROP_TAG(PT_UNICODE, ID);
    assert_int_equal(propval_count(&cell), 1);
    assert_false(propval_element(&cell, 0, &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compare__integers__are_signed),
        cmocka_unit_test(compare__floating__by_value_and_nan_first),
        cmocka_unit_test(compare__binary__bytewise_and_a_prefix_is_less),
        cmocka_unit_test(compare__text__without_case_then_by_code_unit),
        cmocka_unit_test(compare__half_pairs__one_order_with_everything_around),
        cmocka_unit_test(compare__torn_text__still_an_order),
        cmocka_unit_test(compare__different_types__are_ordered_by_type),
        cmocka_unit_test(compare__multivalues__first_difference_then_length),
        cmocka_unit_test(cells__plain_values__come_back),
        cmocka_unit_test(element__of_multivalues__is_a_cell_of_the_single_type),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
