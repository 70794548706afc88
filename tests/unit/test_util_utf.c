/* SPDX-License-Identifier: MIT */
/*
 * test_util_utf.c - UTF-8, UTF-16 and folding, on every character and on nonsense.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/alloc.h"
#include "util/utf.h"

static int setup(void **state)
{
    *state = (void *)(uintptr_t)msp_alloc_count_live();
    return 0;
}

static int teardown(void **state)
{
    return msp_alloc_fail_disarm() || msp_alloc_count_live() != (uintptr_t)*state;
}

/* Fails quickly and says where: cmocka's own asserts are too slow for a million characters. */
#define CHECK(condition, code)                                                                     \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("%s at U+%04X", #condition, (unsigned)(code));                                \
    } while (0)

static void every_code_point__both_ways__comes_back(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        char text[4], again[4];
        char16_t units[2];
        uint32_t read;
        size_t size = utf8_put(code, text);
        size_t count = code < 0x10000 ? 1 : 2;

        CHECK(size == (code < 0x80 ? 1u : code < 0x800 ? 2u : code < 0x10000 ? 3u : 4u), code);
        CHECK(utf8_next(text, size, &read) == size && read == code, code);
        CHECK(utf8_is_valid(text, size), code);
        CHECK(utf8_to_utf16(text, size, units, 2) == count, code);
        if (count == 1)
            CHECK(units[0] == code, code);
        else
            CHECK(0x10000 + (units[0] - 0xD800u) * 0x400 + (units[1] - 0xDC00u) == code, code);
        CHECK(utf16_to_utf8(units, count, again, 4) == size, code);
        CHECK(memcmp(text, again, size) == 0, code);
    }
}

/* A text of units that look for trouble: surrogates in any order, limits, NUL. */
static void any_units__to_utf8_and_back__are_the_same(void **state)
{
    static const char16_t kinds[] = { 0, 'a', 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xD800, 0xDBFF,
        0xDC00, 0xDFFF, 0xE000, 0xFFFD, 0xFFFF };
    const size_t kind_count = sizeof(kinds) / sizeof(kinds[0]);

    (void)state;
    for (size_t n = 0; n < kind_count * kind_count * kind_count * kind_count; n++) {
        char16_t units[4] = { kinds[n % kind_count], kinds[n / kind_count % kind_count],
            kinds[n / kind_count / kind_count % kind_count],
            kinds[n / kind_count / kind_count / kind_count] };
        char16_t again[4];
        char text[12];
        size_t size = utf16_to_utf8(units, 4, text, sizeof(text));

        CHECK(size <= sizeof(text), n);
        CHECK(utf8_is_valid(text, size), n);
        CHECK(utf8_to_utf16(text, size, again, 4) == 4, n);
        CHECK(memcmp(units, again, sizeof(units)) == 0, n);
    }
}

static void any_bytes__three_of_them__are_read_to_the_end_and_no_further(void **state)
{
    static const unsigned char thirds[] = { 0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0xBF, 0xC2, 0xFF };
    char *bytes = malloc(3); /* a block of its own size, so that ASan sees a read too far */

    (void)state;
    assert_non_null(bytes);
    for (uint32_t n = 0; n < 0x10000 * sizeof(thirds); n++) {
        size_t pos = 0;

        bytes[0] = (char)(n >> 8);
        bytes[1] = (char)n;
        bytes[2] = (char)thirds[n >> 16];
        while (pos < 3) {
            uint32_t code;
            size_t length = utf8_next(bytes + pos, 3 - pos, &code);

            CHECK(length >= 1 && length <= 3 - pos, n);
            CHECK(code <= 0xFFFF, n);
            CHECK((code < 0x80) == ((unsigned char)bytes[pos] < 0x80), n);
            pos += length;
        }
    }
    free(bytes);
}

/* A text and what is made of it, with '?' for each U+FFFD; the sizes without the closing NUL. */
struct bad {
    const char *text;
    const char *read;
};

static void bad_bytes__known_texts__one_replacement_per_part(void **state)
{
    static const struct bad cases[] = {
        { "\x80", "?" },
        { "\xBF\xBF", "??" },
        { "\xC0\x80", "??" },      /* overlong */
        { "\xC1\xBF", "??" },      /* overlong */
        { "\xC2", "?" },           /* cut short */
        { "\xC2\x41", "?A" },      /* the A is kept */
        { "\xE0\x80\x80", "???" }, /* overlong */
        { "\xE0\xA0", "?" },       /* cut short: one part */
        { "\xE0\xA0\x41", "?A" },
        { "\xF0\x80\x80\x80", "????" }, /* overlong */
        { "\xF0\x9F\x98", "?" },        /* cut short: one part */
        { "\xF0\x9F\x98\x41", "?A" },
        { "\xF4\x90\x80\x80", "????" }, /* above 0x10FFFF */
        { "\xF5\x80\x80\x80", "????" },
        { "\xFE\xFF", "??" },
        { "A\xFF"
          "B",
                "A?B" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char16_t units[8];
        char read[8];
        size_t count = utf8_to_utf16(cases[i].text, strlen(cases[i].text), units, 8);

        assert_int_equal(count, strlen(cases[i].read));
        for (size_t j = 0; j < count; j++)
            read[j] = units[j] == UTF_REPLACEMENT ? '?' : (char)units[j];
        assert_memory_equal(read, cases[i].read, count);
        assert_false(utf8_is_valid(cases[i].text, strlen(cases[i].text)));
    }
}

static void is_valid__split_pair__is_not(void **state)
{
    (void)state;
    assert_true(utf8_is_valid("", 0));
    assert_true(utf8_is_valid("a\0b", 3));
    assert_true(utf8_is_valid("\xEF\xBF\xBD", 3));
    assert_true(utf8_is_valid("\xED\xA0\x80", 3));
    assert_true(utf8_is_valid("\xED\xB0\x80\xED\xA0\x80", 6));
    assert_false(utf8_is_valid("\xED\xA0\x80\xED\xB0\x80", 6));
}

static void conversion__too_little_room__writes_whole_characters_only(void **state)
{
    static const char text[] = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z";
    const size_t size = sizeof(text) - 1;
    char16_t whole[6];

    (void)state;
    assert_int_equal(utf8_to_utf16(text, size, NULL, 0), 6);
    assert_int_equal(utf8_to_utf16(text, size, whole, 6), 6);
    for (size_t room = 0; room < 6; room++) {
        char16_t units[6];
        size_t written = room == 4 ? 3 : room; /* the pair is not split, the z does not slip in */

        memset(units, 0xEE, sizeof(units));
        assert_int_equal(utf8_to_utf16(text, size, units, room), 6);
        assert_memory_equal(units, whole, written * sizeof(units[0]));
        for (size_t i = written; i < 6; i++)
            assert_int_equal(units[i], 0xEEEE);
    }
    assert_int_equal(utf16_to_utf8(whole, 6, NULL, 0), size);
    for (size_t room = 0; room < size; room++) {
        static const size_t ends[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10 };
        char bytes[16];

        memset(bytes, 0xEE, sizeof(bytes));
        assert_int_equal(utf16_to_utf8(whole, 6, bytes, room), size);
        assert_memory_equal(bytes, text, ends[room]);
        for (size_t i = ends[room]; i < sizeof(bytes); i++)
            assert_int_equal((unsigned char)bytes[i], 0xEE);
    }
}

/* Runs of ASCII take a way of their own; here they begin and end at every place. */
static void conversion__ascii_around_one_letter__is_like_letter_by_letter(void **state)
{
    (void)state;
    for (size_t length = 0; length <= 40; length++) {
        for (size_t at = 0; at < length; at++) {
            char text[48], again[48], folded[48];
            char16_t units[48];
            struct msp_buf fold = MSP_BUF_INIT;
            size_t size = 0, count;

            for (size_t i = 0; i < length; i++)
                size += utf8_put(i == at ? 0xC4 : (uint32_t)("@AZ[`az{"[i % 8]), text + size);
            memcpy(folded, text, size);
            for (size_t i = 0; i < size; i++) {
                if (folded[i] == 'A' || folded[i] == 'Z' || folded[i] == '\x84')
                    folded[i] = (char)(folded[i] + 32);
            }

            count = utf8_to_utf16(text, size, units, 48);
            assert_int_equal(count, length);
            for (size_t i = 0; i < length; i++)
                assert_int_equal(units[i], i == at ? 0xC4 : "@AZ[`az{"[i % 8]);
            assert_int_equal(utf16_to_utf8(units, count, again, 48), size);
            assert_memory_equal(again, text, size);
            assert_true(utf8_fold(text, size, &fold));
            assert_int_equal(fold.size, size);
            assert_memory_equal(fold.data, folded, size);
            assert_int_equal(utf8_compare_fold(text, size, folded, size), 0);
            for (size_t room = 0; room < length; room++) {
                memset(units, 0xEE, sizeof(units));
                assert_int_equal(utf8_to_utf16(text, size, units, room), length);
                assert_int_equal(units[room], 0xEEEE);
            }
            msp_buf_free(&fold);
        }
    }
}

static void len__with_and_without_nul__stops_in_time(void **state)
{
    static const char16_t text[] = { 'a', 0xD800, 'b', 0 };

    (void)state;
    assert_int_equal(utf16_len(text), 3);
    assert_int_equal(utf16_len(text + 3), 0);
    assert_int_equal(utf16_nlen(text, 2), 2);
    assert_int_equal(utf16_nlen(text, 3), 3);
    assert_int_equal(utf16_nlen(text, 100), 3);
    assert_int_equal(utf16_nlen(NULL, 0), 0);
}

static void dup__both_ways__adds_a_nul(void **state)
{
    static const char16_t text[] = { 'a', 0, 0x20AC };
    size_t size, count;
    char *utf8 = utf16_dup_utf8(text, 3, &size);
    char16_t *utf16;

    (void)state;
    assert_non_null(utf8);
    assert_int_equal(size, 5);
    assert_memory_equal(utf8, "a\0\xE2\x82\xAC", 6);
    utf16 = utf8_dup_utf16(utf8, size, &count);
    assert_non_null(utf16);
    assert_int_equal(count, 3);
    assert_memory_equal(utf16, text, sizeof(text));
    assert_int_equal(utf16[3], 0);
    msp_free(utf8);
    msp_free(utf16);

    utf8 = utf16_dup_utf8(NULL, 0, NULL);
    utf16 = utf8_dup_utf16(NULL, 0, NULL);
    assert_string_equal(utf8, "");
    assert_int_equal(utf16[0], 0);
    msp_free(utf8);
    msp_free(utf16);
}

static void append_and_dup__no_memory__say_so(void **state)
{
    static const char16_t text[] = { 'a', 0x20AC };
    struct msp_buf buf = MSP_BUF_INIT;

    (void)state;
    assert_true(utf16_append_utf8(&buf, text, 2));
    assert_true(utf16_append_utf8(&buf, text, 0));
    assert_string_equal(msp_buf_cstr(&buf), "a\xE2\x82\xAC");
    msp_buf_free(&buf);
    msp_alloc_fail_at(1);
    assert_null(utf16_dup_utf8(text, 2, NULL));
    msp_alloc_fail_at(1);
    assert_null(utf8_dup_utf16("a", 1, NULL));
    msp_alloc_fail_at(1);
    assert_false(utf16_append_utf8(&buf, text, 2));
    msp_buf_free(&buf);
    msp_alloc_fail_at(1);
    assert_false(utf8_fold("A", 1, &buf));
    assert_true(msp_alloc_fail_disarm());
    msp_buf_free(&buf);
}

static void fold_code__known_letters__by_the_book(void **state)
{
    static const uint32_t pairs[][2] = {
        { 'A', 'a' },
        { 'Z', 'z' },
        { '@', '@' },
        { '[', '[' },
        { 0xB5, 0x3BC }, /* micro */
        { 0xC4, 0xE4 },
        { 0xD7, 0xD7 },
        { 0xDE, 0xFE },
        { 0xDF, 0xDF },
        { 0xFF, 0xFF },
        { 0x100, 0x101 },
        { 0x101, 0x101 },
        { 0x130, 0x130 }, /* Turkish dotted I: not simple */
        { 0x131, 0x131 },
        { 0x178, 0xFF },
        { 0x17F, 's' }, /* long s */
        { 0x1C4, 0x1C6 },
        { 0x1C5, 0x1C6 },
        { 0x3A3, 0x3C3 },
        { 0x3C2, 0x3C3 }, /* final sigma */
        { 0x386, 0x3AC },
        { 0x410, 0x430 },
        { 0x401, 0x451 },
        { 0x531, 0x561 },
        { 0x10A0, 0x2D00 },
        { 0x1C90, 0x10D0 },
        { 0x1E9E, 0xDF }, /* capital sharp s */
        { 0x212A, 'k' },
        { 0x212B, 0xE5 }, /* Kelvin, Angstrom */
        { 0x2160, 0x2170 },
        { 0x24B6, 0x24D0 },
        { 0xFF21, 0xFF41 },
        { 0x10400, 0x10428 },
        { 0x13A0, 0x13A0 },
        { 0xAB70, 0x13A0 }, /* Cherokee folds to capitals */
        { 0xD800, 0xD800 },
        { 0x10FFFF, 0x10FFFF },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        CHECK(utf_fold_code(pairs[i][0]) == pairs[i][1], pairs[i][0]);
}

static void fold_code__every_code_point__folds_once(void **state)
{
    unsigned changed = 0;

    (void)state;
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        uint32_t folded = utf_fold_code(code);

        CHECK(utf_fold_code(folded) == folded, code);
        CHECK(folded <= 0x10FFFF, code);
        changed += folded != code;
    }
    assert_int_equal(changed, 1454); /* Unicode 14 */
}

static void fold__text__appends(void **state)
{
    struct msp_buf buf = MSP_BUF_INIT;

    (void)state;
    assert_true(msp_buf_append_str(&buf, ">"));
    assert_true(utf8_fold("\xC3\x84 A\xFF\xE2\x84\xAA", 8, &buf));
    assert_string_equal(msp_buf_cstr(&buf), ">\xC3\xA4 a\xEF\xBF\xBDk");
    assert_true(utf8_fold(NULL, 0, &buf));
    msp_buf_free(&buf);
}

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static int memcmp_order(const struct msp_buf *a, const struct msp_buf *b)
{
    size_t least = a->size < b->size ? a->size : b->size;
    int order = least > 0 ? memcmp(a->data, b->data, least) : 0;

    return order != 0 ? sign(order) : (a->size > b->size) - (a->size < b->size);
}

static void compare_fold__known_texts__case_does_not_count(void **state)
{
    (void)state;
    assert_int_equal(utf8_compare_fold("Inbox", 5, "INBOX", 5), 0);
    assert_int_equal(utf8_compare_fold("\xC3\x84rger", 6, "\xC3\xA4RGER", 6), 0);
    assert_true(utf8_compare_fold("a", 1, "B", 1) < 0);
    assert_true(utf8_compare_fold("B", 1, "a", 1) > 0);
    assert_true(utf8_compare_fold("a", 1, "ab", 2) < 0);
    assert_true(utf8_compare_fold("", 0, "a", 1) < 0);
    assert_int_equal(utf8_compare_fold(NULL, 0, "", 0), 0);
    assert_true(utf8_compare_fold("a\0b", 3, "A\0C", 3) < 0);
    assert_int_equal(utf8_compare_fold("a\xFF", 2, "A\xFE", 2), 0);
}

static void compare_fold__pairs_of_odd_texts__agrees_with_the_folded_bytes(void **state)
{
    static const char *const texts[] = { "", "a", "A", "b", "aB", "Ab", "\xC3\x84", "\xC3\xA4",
        "\xFF", "\x80z", "\xED\xA0\x80", "\xEF\xBF\xBD", "\xEE\x80\x80", "\xF0\x90\x90\x80",
        "\xF0\x90\x90\xA8", "\xE2\x84\xAA", "K", "\xC2" };
    const size_t count = sizeof(texts) / sizeof(texts[0]);

    (void)state;
    for (size_t i = 0; i < count * count; i++) {
        const char *a = texts[i / count], *b = texts[i % count];
        struct msp_buf a_fold = MSP_BUF_INIT, b_fold = MSP_BUF_INIT;
        size_t a_count, b_count;
        char16_t *a_units = utf8_dup_utf16(a, strlen(a), &a_count);
        char16_t *b_units = utf8_dup_utf16(b, strlen(b), &b_count);
        int order = utf8_compare_fold(a, strlen(a), b, strlen(b));

        assert_true(utf8_fold(a, strlen(a), &a_fold));
        assert_true(utf8_fold(b, strlen(b), &b_fold));
        assert_int_equal(sign(order), memcmp_order(&a_fold, &b_fold));
        assert_int_equal(sign(order), sign(utf16_compare_fold(a_units, a_count, b_units, b_count)));
        assert_int_equal(sign(utf8_compare_fold(b, strlen(b), a, strlen(a))), -sign(order));
        msp_buf_free(&a_fold);
        msp_buf_free(&b_fold);
        msp_free(a_units);
        msp_free(b_units);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point__both_ways__comes_back),
        cmocka_unit_test(any_units__to_utf8_and_back__are_the_same),
        cmocka_unit_test(any_bytes__three_of_them__are_read_to_the_end_and_no_further),
        cmocka_unit_test(bad_bytes__known_texts__one_replacement_per_part),
        cmocka_unit_test(is_valid__split_pair__is_not),
        cmocka_unit_test(conversion__too_little_room__writes_whole_characters_only),
        cmocka_unit_test(conversion__ascii_around_one_letter__is_like_letter_by_letter),
        cmocka_unit_test(len__with_and_without_nul__stops_in_time),
        cmocka_unit_test_setup_teardown(dup__both_ways__adds_a_nul, setup, teardown),
        cmocka_unit_test_setup_teardown(append_and_dup__no_memory__say_so, setup, teardown),
        cmocka_unit_test(fold_code__known_letters__by_the_book),
        cmocka_unit_test(fold_code__every_code_point__folds_once),
        cmocka_unit_test_setup_teardown(fold__text__appends, setup, teardown),
        cmocka_unit_test(compare_fold__known_texts__case_does_not_count),
        cmocka_unit_test_setup_teardown(
                compare_fold__pairs_of_odd_texts__agrees_with_the_folded_bytes, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
