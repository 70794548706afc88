/* SPDX-License-Identifier: MIT */
/*
 * test_values.c - codes, flags, property tags: every constant has its value.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "platform/sdk/mapi_sdk.h"

struct value {
    const char *name;
    uint32_t is;
    uint32_t expected;
};

#define VALUE(name, expected) { #name, (uint32_t)(name), expected },

/* clang-format off */
static const struct value base[] = {
#include "abi/base.list.h"
};
static const struct value values[] = {
#include "abi/values.list.h"
};
static const struct value tags[] = {
#include "abi/tags.list.h"
};
static const struct value extags[] = {
#include "abi/extags.list.h"
};

/* clang-format on */

static void check(const struct value *list, size_t count)
{
    size_t wrong = 0;

    for (size_t i = 0; i < count; i++) {
        if (list[i].is != list[i].expected) {
            print_error("%s: 0x%08X, not 0x%08X\n", list[i].name, (unsigned)list[i].is,
                    (unsigned)list[i].expected);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void base_values__any_build__are_windows_own(void **state)
{
    (void)state;
    assert_true(sizeof(base) / sizeof(base[0]) > 60);
    check(base, sizeof(base) / sizeof(base[0]));
}

static void codes_and_flags__any_build__are_the_documented_ones(void **state)
{
    (void)state;
    assert_true(sizeof(values) / sizeof(values[0]) > 600);
    check(values, sizeof(values) / sizeof(values[0]));
}

static void tags__any_build__are_the_documented_ones(void **state)
{
    (void)state;
    assert_true(sizeof(tags) / sizeof(tags[0]) > 750);
    check(tags, sizeof(tags) / sizeof(tags[0]));
    check(extags, sizeof(extags) / sizeof(extags[0]));
}

static void failures_and_warnings__as_results__have_their_sign(void **state)
{
    (void)state;
    assert_true(FAILED(MAPI_E_NO_SUPPORT));
    assert_true(FAILED(MAPI_E_NOT_ENOUGH_MEMORY));
    assert_true(SUCCEEDED(MAPI_W_ERRORS_RETURNED));
    assert_true(SUCCEEDED(MAPI_W_PARTIAL_COMPLETION));
    assert_true(HR_FAILED(MAPI_E_NOT_FOUND));
    assert_false(HR_SUCCEEDED(MAPI_E_NOT_FOUND));
}

static void tag_macros__one_tag__take_apart_and_put_together(void **state)
{
    (void)state;
    assert_int_equal(PROP_ID(PR_SUBJECT_W), 0x0037);
    assert_int_equal(PROP_TYPE(PR_SUBJECT_W), PT_UNICODE);
    assert_int_equal(CHANGE_PROP_TYPE(PR_SUBJECT_W, PT_ERROR), 0x0037000A);
    assert_int_equal(PROP_TAG(PT_MV_UNICODE, 0x8000), 0x8000101F);
    assert_int_equal(MVI_PROP(PROP_TAG(PT_LONG, 0x6800)), 0x68003003);
}

static void transmittable__edges_of_the_ranges__follow_the_documented_table(void **state)
{
    (void)state;
    assert_true(FIsTransmittable(PROP_TAG(PT_LONG, 0x0DFF)));
    assert_false(FIsTransmittable(PROP_TAG(PT_LONG, 0x0E00)));
    assert_false(FIsTransmittable(PROP_TAG(PT_LONG, 0x0FFF)));
    assert_true(FIsTransmittable(PROP_TAG(PT_LONG, 0x1000)));
    assert_true(FIsTransmittable(PROP_TAG(PT_LONG, 0x5FFF)));
    assert_false(FIsTransmittable(PROP_TAG(PT_LONG, 0x6000)));
    assert_false(FIsTransmittable(PROP_TAG(PT_LONG, 0x67FF)));
    assert_true(FIsTransmittable(PROP_TAG(PT_LONG, 0x6800)));
    assert_false(FIsTransmittable(PROP_TAG(PT_LONG, 0x7C00)));
    assert_false(FIsTransmittable(PROP_TAG(PT_LONG, 0x7FFF)));
    assert_true(FIsTransmittable(PROP_TAG(PT_LONG, 0x8000)));
}

int main(void)
{
    const struct CMUnitTest tests_run[] = {
        cmocka_unit_test(base_values__any_build__are_windows_own),
        cmocka_unit_test(codes_and_flags__any_build__are_the_documented_ones),
        cmocka_unit_test(tags__any_build__are_the_documented_ones),
        cmocka_unit_test(failures_and_warnings__as_results__have_their_sign),
        cmocka_unit_test(tag_macros__one_tag__take_apart_and_put_together),
        cmocka_unit_test(transmittable__edges_of_the_ranges__follow_the_documented_table),
    };

    return cmocka_run_group_tests(tests_run, NULL, NULL);
}
