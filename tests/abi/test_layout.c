/* SPDX-License-Identifier: MIT */
/*
 * test_layout.c - sizes and offsets of MAPI's types are those of its binary interface.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "platform/sdk/mapi_sdk.h"

struct fact {
    const char *name;
    size_t is;
    size_t on_64;
    size_t on_32;
};

#define SIZE_OF_MEMBER(type, member) sizeof(((type *)0)->member)

/* clang-format off */
static const struct fact facts[] = {
#define SIZE(type, on_64, on_32) { "sizeof " #type, sizeof(type), on_64, on_32 },
#define MEMBER(type, member, at_64, size_64, at_32, size_32)                               \
    { "offset of " #type "." #member, offsetof(type, member), at_64, at_32 },               \
    { "sizeof " #type "." #member, SIZE_OF_MEMBER(type, member), size_64, size_32 },
#define MACRO(name, on_64, on_32) { #name "(3)", name(3), on_64, on_32 },
#include "abi/layout.list.h"
#undef SIZE
#undef MEMBER
#undef MACRO
};

/* clang-format on */

static void types__any_build__have_the_documented_layout(void **state)
{
    const size_t count = sizeof(facts) / sizeof(facts[0]);
    size_t wrong = 0;

    (void)state;
    assert_true(count > 400);
    for (size_t i = 0; i < count; i++) {
        size_t expected = sizeof(void *) == 8 ? facts[i].on_64 : facts[i].on_32;

        if (facts[i].is != expected) {
            print_error(
                    "%s: %u, not %u\n", facts[i].name, (unsigned)facts[i].is, (unsigned)expected);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void row_and_recipient__one_layout__can_stand_for_each_other(void **state)
{
    (void)state;
    assert_int_equal(sizeof(SRow), sizeof(ADRENTRY));
    assert_int_equal(offsetof(SRow, cValues), offsetof(ADRENTRY, cValues));
    assert_int_equal(offsetof(SRow, lpProps), offsetof(ADRENTRY, rgPropVals));
    assert_int_equal(sizeof(SRowSet), sizeof(ADRLIST));
    assert_int_equal(offsetof(SRowSet, aRow), offsetof(ADRLIST, aEntries));
}

static void sized_macros__three_entries__match_what_the_size_macros_say(void **state)
{
    SizedSPropTagArray(3, tags);
    SizedSPropProblemArray(3, problems);
    SizedADRLIST(3, recipients);
    SizedSRowSet(3, rows);
    SizedSSortOrderSet(3, order);

    (void)state;
    (void)tags;
    (void)problems;
    (void)recipients;
    (void)rows;
    (void)order;
    assert_int_equal(sizeof(tags), CbNewSPropTagArray(3));
    assert_int_equal(sizeof(problems), CbNewSPropProblemArray(3));
    assert_int_equal(sizeof(recipients), CbNewADRLIST(3));
    assert_int_equal(sizeof(rows), CbNewSRowSet(3));
    assert_int_equal(sizeof(order), CbNewSSortOrderSet(3));
}

static void wide_literal__any_build__has_16_bit_units(void **state)
{
    static const WCHAR text[] = MSP_W("M\u00e4il \U0001F4EC");

    (void)state;
    assert_int_equal(sizeof(text), 8 * 2);
    assert_int_equal(text[1], 0xE4);
    assert_int_equal(text[5], 0xD83D);
    assert_int_equal(text[6], 0xDCEC);
    assert_int_equal(text[7], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types__any_build__have_the_documented_layout),
        cmocka_unit_test(row_and_recipient__one_layout__can_stand_for_each_other),
        cmocka_unit_test(sized_macros__three_entries__match_what_the_size_macros_say),
        cmocka_unit_test(wide_literal__any_build__has_16_bit_units),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
