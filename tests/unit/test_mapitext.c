/* SPDX-License-Identifier: MIT */
/*
 * test_mapitext.c - text between UTF-8, 16-bit units and the code page (Windows-1252 in tests).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mapi/mapitext.h"
#include "platform/sdk/mapi_sdk.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/utf.h"

/* One byte that is not ASCII at every place of texts around the sizes that are taken at once. */
static void is_ascii__one_high_byte_anywhere__is_seen(void **state)
{
    size_t size, place;

    (void)state;
    for (size = 0; size < 40; size++) {
        char *text = malloc(size + 1);

        assert_non_null(text);
        memset(text, 0x7F, size);
        assert_true(mapitext_is_ascii(text, size));
        for (place = 0; place < size; place++) {
            text[place] = (char)0x80;
            assert_false(mapitext_is_ascii(text, size));
            assert_int_equal(mapitext_ascii_size(text, size), place);
            assert_true(mapitext_is_ascii(text, place));
            text[place] = 0;
        }
        free(text);
    }
}

/* As the plain conversion says, for texts that are ASCII up to every place. */
static void to_wide__ascii_then_not__as_utf8_to_utf16(void **state)
{
    char text[64];
    char16_t out[64], expected[64];
    size_t size, place;

    (void)state;
    for (size = 4; size < 60; size++) {
        for (place = 0; place + 4 <= size; place++) {
            size_t count;

            memset(text, 'a' + (int)(size % 26), size);
            memcpy(text + place, "\xF0\x9F\x98\x80", 4);
            count = utf8_to_utf16(text, size, expected, 64);
            assert_int_equal(count, size - 2);
            assert_int_equal(mapitext_to_wide(text, size, out), count);
            assert_memory_equal(out, expected, count * sizeof(*out));
            assert_int_equal(mapitext_unit_count(text, size), count);
        }
    }
    assert_int_equal(mapitext_unit_count("abc", 3), 3);
}

/* Every cut of a text that is longer than what is converted at a time. */
static void to_ansi__long_text__is_whole_and_never_overrun(void **state)
{
    enum { COUNT = 700 };

    char text[2 * COUNT + 1], out[2 * COUNT];
    size_t shift, i, room;

    (void)state;
    for (shift = 0; shift < 2; shift++) { /* so that some piece would end inside a character */
        size_t size = shift + 2 * COUNT;

        memset(text, 'x', shift);
        for (i = 0; i < COUNT; i++)
            memcpy(text + shift + 2 * i, "\xC3\xA9", 2);
        assert_int_equal(mapitext_to_ansi(text, size, NULL, 0), shift + COUNT);
        for (room = 0; room < COUNT + 4; room += 67) {
            memset(out, '#', sizeof(out));
            assert_int_equal(mapitext_to_ansi(text, size, out, room), shift + COUNT);
            for (i = 0; i < sizeof(out); i++) {
                char want = i >= room || i >= shift + COUNT ? '#' : i < shift ? 'x' : (char)0xE9;

                assert_int_equal(out[i], want);
            }
        }
    }
    assert_int_equal(mapitext_to_ansi("\xE4\xB8\xAD", 3, out, 1), 1);
    assert_int_equal(out[0], '?');
}

/* Unicode.Rules.1 */
static void append_tstr__both_widths__give_the_same_text(void **state)
{
    struct msp_buf buf = MSP_BUF_INIT;

    (void)state;
    assert_true(mapitext_append_tstr(&buf, MSP_W("caf\u00E9"), true));
    assert_true(mapitext_append_tstr(&buf, "caf\xE9", false));
    assert_int_equal(buf.size, 10);
    assert_memory_equal(buf.data,
            "caf\xC3\xA9"
            "caf\xC3\xA9",
            10);
    assert_true(mapitext_append_tstr(&buf, MSP_W(""), true));
    assert_true(mapitext_append_tstr(&buf, "", false));
    assert_int_equal(buf.size, 10);
    msp_buf_free(&buf);
}

/* Memory.Failure.2 */
static void append__no_memory__fails_without_a_leak(void **state)
{
    size_t live = msp_alloc_count_live();
    unsigned long nth;

    (void)state;
    for (nth = 1;; nth++) {
        struct msp_buf buf = MSP_BUF_INIT;
        bool ok;

        msp_alloc_fail_at(nth);
        ok = mapitext_append_ansi(&buf, "caf\xE9", 4);
        msp_buf_free(&buf);
        if (!msp_alloc_fail_disarm()) {
            assert_true(ok);
            break;
        }
        assert_false(ok);
    }
    assert_true(nth > 2);
    assert_int_equal(msp_alloc_count_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_ascii__one_high_byte_anywhere__is_seen),
        cmocka_unit_test(to_wide__ascii_then_not__as_utf8_to_utf16),
        cmocka_unit_test(to_ansi__long_text__is_whole_and_never_overrun),
        cmocka_unit_test(append_tstr__both_widths__give_the_same_text),
        cmocka_unit_test(append__no_memory__fails_without_a_leak),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
