/* SPDX-License-Identifier: MIT */
/*
 * test_platform_random.c - random bytes, environment and code page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/ansi.h"
#include "platform/base.h"
#include "platform/env.h"
#include "platform/random.h"
#include "platform/setting.h"

static void random_bytes__two_draws__differ_and_stay_inside(void **state)
{
    unsigned char a[40], b[40];

    (void)state;
    memset(a, 0, sizeof(a));
    memset(b, 0, sizeof(b));
    assert_true(msp_random_bytes(a, 32));
    assert_true(msp_random_bytes(b, 32));
    assert_true(msp_random_bytes(NULL, 0));

    assert_memory_not_equal(a, b, 32);
    for (int i = 32; i < 40; i++)
        assert_int_equal(a[i], 0);
}

static void random_bytes__many__use_every_value(void **state)
{
    static unsigned char bytes[65536];
    unsigned counts[256] = { 0 };

    (void)state;
    assert_true(msp_random_bytes(bytes, sizeof(bytes)));
    for (size_t i = 0; i < sizeof(bytes); i++)
        counts[bytes[i]]++;
    /* 256 each, with a standard deviation of 16: ten of them away never happens. */
    for (int i = 0; i < 256; i++)
        assert_in_range(counts[i], 96, 416);
}

static void random_guid__many__are_version_4(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        unsigned char a[16], b[16];

        assert_true(msp_random_guid(a));
        assert_true(msp_random_guid(b));
        assert_int_equal(a[7] >> 4, 4);
        assert_int_equal(a[8] >> 6, 2);
        assert_memory_not_equal(a, b, 16);
    }
}

static void env_get__missing__is_zero_and_empty(void **state)
{
    char value[8] = "poison";

    (void)state;
    assert_int_equal(msp_env_get("MAILKEEP_SURELY_NOT_SET", value, sizeof(value)), 0);
    assert_string_equal(value, "");
    assert_int_equal(msp_env_get("MAILKEEP_SURELY_NOT_SET", NULL, 0), 0);
}

/* Nobody has set it, and natively nobody can. */
static void setting_get__missing__is_zero_and_empty(void **state)
{
    char value[8] = "poison";

    (void)state;
    assert_int_equal(msp_setting_get("SurelyNotSet", value, sizeof(value)), 0);
    assert_string_equal(value, "");
    assert_int_equal(msp_setting_get("SurelyNotSet", NULL, 0), 0);
}

static void env_get__path__size_and_value_agree(void **state)
{
    size_t size = msp_env_get("PATH", NULL, 0);
    char *value = malloc(size + 1);

    (void)state;
    assert_true(size > 1);
    assert_non_null(value);
    memset(value, 'x', size + 1);

    assert_int_equal(msp_env_get("PATH", value, size), size);
    assert_int_equal(strlen(value), size - 1);
    assert_int_equal(value[size], 'x');
    assert_int_equal(msp_env_get("PATH", value, size - 1), size);
    assert_string_equal(value, "");
    free(value);
}

static void ansi__ascii__is_the_same_in_every_code_page(void **state)
{
    static const char text[] = "From: a@b.example\0\tx~";
    char16_t units[sizeof(text)];
    char again[sizeof(text)];
    bool lossy = true;

    (void)state;
    assert_true(msp_ansi_code_page() != 0);
    assert_int_equal(msp_ansi_to_utf16(text, sizeof(text), NULL, 0), sizeof(text));
    assert_int_equal(msp_ansi_to_utf16(text, sizeof(text), units, sizeof(text)), sizeof(text));
    for (size_t i = 0; i < sizeof(text); i++)
        assert_int_equal(units[i], text[i]);
    assert_int_equal(msp_utf16_to_ansi(units, sizeof(text), NULL, 0, NULL), sizeof(text));
    assert_int_equal(
            msp_utf16_to_ansi(units, sizeof(text), again, sizeof(again), &lossy), sizeof(text));
    assert_memory_equal(text, again, sizeof(text));
    assert_false(lossy);
}

static void ansi__nothing__is_nothing(void **state)
{
    bool lossy = true;

    (void)state;
    assert_int_equal(msp_ansi_to_utf16(NULL, 0, NULL, 0), 0);
    assert_int_equal(msp_utf16_to_ansi(NULL, 0, NULL, 0, &lossy), 0);
    assert_false(lossy);
}

/* Everything here is Windows-1252; a machine with another code page has nothing to compare. */
static void ansi__all_256_bytes__come_back(void **state)
{
    char bytes[256], again[256];
    char16_t units[256];
    bool lossy = true;

    (void)state;
    if (msp_ansi_code_page() != 1252)
        skip();
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    assert_int_equal(msp_ansi_to_utf16(bytes, 256, units, 256), 256);
    assert_int_equal(units[0x80], 0x20AC);
    assert_int_equal(units[0x81], 0x0081);
    assert_int_equal(units[0x8A], 0x0160);
    assert_int_equal(units[0x93], 0x201C);
    assert_int_equal(units[0x9F], 0x0178);
    assert_int_equal(units[0xE4], 0x00E4);
    assert_int_equal(msp_utf16_to_ansi(units, 256, again, 256, &lossy), 256);
    assert_memory_equal(bytes, again, 256);
    assert_false(lossy);
}

static void ansi__letters_it_has_not__become_question_marks(void **state)
{
    static const char16_t texts[][2] = { { 0x0101, 'a' }, { 0x4E2D, 'a' }, { 0x80 + 0x300, 'a' } };
    char bytes[8];
    bool lossy;

    (void)state;
    if (msp_ansi_code_page() != 1252)
        skip();
    for (size_t i = 0; i < MSP_COUNT_OF(texts); i++) {
        lossy = false;
        assert_int_equal(msp_utf16_to_ansi(texts[i], 2, bytes, sizeof(bytes), &lossy), 2);
        assert_memory_equal(bytes, "?a", 2);
        assert_true(lossy);
    }
}

static void ansi__surrogates__are_lossy_and_never_overread(void **state)
{
    static const char16_t pair[] = { 0xD83D, 0xDE00 };
    char bytes[8];
    bool lossy = false;

    (void)state;
    if (msp_ansi_code_page() == 65001)
        skip();
    assert_int_equal(msp_utf16_to_ansi(pair, 2, bytes, sizeof(bytes), &lossy), 2);
    assert_true(lossy);
    assert_memory_equal(bytes, "??", 2);
    lossy = false;
    assert_int_equal(msp_utf16_to_ansi(pair, 1, bytes, sizeof(bytes), &lossy), 1);
    assert_true(lossy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_bytes__two_draws__differ_and_stay_inside),
        cmocka_unit_test(random_bytes__many__use_every_value),
        cmocka_unit_test(random_guid__many__are_version_4),
        cmocka_unit_test(env_get__missing__is_zero_and_empty),
        cmocka_unit_test(env_get__path__size_and_value_agree),
        cmocka_unit_test(setting_get__missing__is_zero_and_empty),
        cmocka_unit_test(ansi__ascii__is_the_same_in_every_code_page),
        cmocka_unit_test(ansi__nothing__is_nothing),
        cmocka_unit_test(ansi__all_256_bytes__come_back),
        cmocka_unit_test(ansi__letters_it_has_not__become_question_marks),
        cmocka_unit_test(ansi__surrogates__are_lossy_and_never_overread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
