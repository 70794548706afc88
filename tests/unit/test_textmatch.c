/* SPDX-License-Identifier: MIT */
/*
 * test_textmatch.c - search texts in values, checked against the slowest way there is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mapi/textmatch.h"
#include "platform/time.h"
#include "util/alloc.h"
#include "util/utf.h"

static uint32_t seed = 1;

static uint32_t any(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)seed * below) >> 32);
}

static bool test(enum textmatch_where where, unsigned flags, const char *pattern, size_t size,
        const char *text, size_t text_size)
{
    struct textmatch match;
    char *exact = malloc(text_size + 1); /* no byte more, for the sanitizer */
    bool found;

    assert_non_null(exact);
    exact = realloc(exact, text_size > 0 ? text_size : 1);
    memcpy(exact, text, text_size);
    assert_true(textmatch_init(&match, where, flags, pattern, size));
    found = textmatch_test(&match, exact, text_size);
    textmatch_done(&match);
    free(exact);
    return found;
}

static bool finds(enum textmatch_where where, unsigned flags, const char *pattern, const char *text)
{
    return test(where, flags, pattern, strlen(pattern), text, strlen(text));
}

/* -- The oracle -------------------------------------------------------------------------------- */

static size_t codes_of(const char *text, size_t size, unsigned flags, uint32_t *out)
{
    size_t count = 0, pos = 0;

    while (pos < size) {
        uint32_t code;

        if (flags == 0) {
            out[count++] = (uint8_t)text[pos++];
            continue;
        }
        pos += utf8_next(text + pos, size - pos, &code);
        if ((flags & TEXTMATCH_NO_MARKS) != 0 && code != 0) {
            code = textmatch_bare_code(code);
            if (code == 0)
                continue;
        }
        out[count++] = (flags & TEXTMATCH_FOLD) != 0 ? utf_fold_code(code) : code;
    }
    return count;
}

static bool oracle(enum textmatch_where where, unsigned flags, const char *pattern, size_t size,
        const char *text, size_t text_size)
{
    static uint32_t a[4096], b[4096];
    size_t a_count = codes_of(pattern, size, flags, a);
    size_t b_count = codes_of(text, text_size, flags, b);
    size_t at;

    for (at = 0; at + a_count <= b_count; at++) {
        if (memcmp(a, b + at, a_count * sizeof(*a)) == 0 &&
                (where != TEXTMATCH_WHOLE || a_count == b_count))
            return true;
        if (where != TEXTMATCH_ANYWHERE)
            return false;
    }
    return false;
}

/* -- Tests ------------------------------------------------------------------------------------- */

/* restriction.CONTENT.1 restriction.CONTENT.2 restriction.CONTENT.3 */
static void test__exact__case_and_place_count(void **state)
{
    (void)state;
    assert_true(finds(TEXTMATCH_WHOLE, 0, "abc", "abc"));
    assert_false(finds(TEXTMATCH_WHOLE, 0, "abc", "abcd"));
    assert_false(finds(TEXTMATCH_WHOLE, 0, "abc", "ABC"));
    assert_false(finds(TEXTMATCH_WHOLE, 0, "abc", "ab"));
    assert_true(finds(TEXTMATCH_WHOLE, 0, "", ""));
    assert_false(finds(TEXTMATCH_WHOLE, 0, "", "a"));
    assert_true(finds(TEXTMATCH_PREFIX, 0, "abc", "abcd"));
    assert_false(finds(TEXTMATCH_PREFIX, 0, "abc", "xabc"));
    assert_true(finds(TEXTMATCH_PREFIX, 0, "", "a"));
    assert_true(finds(TEXTMATCH_ANYWHERE, 0, "abc", "xxabcx"));
    assert_false(finds(TEXTMATCH_ANYWHERE, 0, "abc", "xxabxc"));
    assert_true(finds(TEXTMATCH_ANYWHERE, 0, "", ""));
    assert_false(finds(TEXTMATCH_ANYWHERE, 0, "a", ""));
    assert_true(test(TEXTMATCH_ANYWHERE, 0, "\0b", 2, "a\0b", 3));
}

/* restriction.CONTENT.5 */
static void test__folded__case_does_not_count_in_any_script(void **state)
{
    (void)state;
    assert_true(finds(TEXTMATCH_WHOLE, TEXTMATCH_FOLD, "AbC", "aBc"));
    assert_true(finds(TEXTMATCH_PREFIX, TEXTMATCH_FOLD, "RE:", "Re: x"));
    assert_true(finds(TEXTMATCH_ANYWHERE, TEXTMATCH_FOLD, "\xC3\x84PFEL", "zwei \xC3\xA4pfel"));
    assert_true(finds(TEXTMATCH_ANYWHERE, TEXTMATCH_FOLD, "\xD0\x9C\xD0\x98\xD0\xA0",
            "\xD0\xBC\xD0\xB8\xD1\x80")); /* Cyrillic */
    assert_false(finds(TEXTMATCH_ANYWHERE, TEXTMATCH_FOLD, "\xC3\x84", "A"));
    assert_true(finds(TEXTMATCH_ANYWHERE, TEXTMATCH_FOLD, "kelvin",
            "in \xE2\x84\xAA"
            "elvin"));
    assert_true(finds(TEXTMATCH_WHOLE, TEXTMATCH_FOLD, "ms", "M\xC5\xBF"));
    assert_true(finds(TEXTMATCH_WHOLE, TEXTMATCH_FOLD, "\xE2\x84\xAA", "k"));
    /* the bit that folds letters folds nothing else */
    assert_false(finds(TEXTMATCH_WHOLE, TEXTMATCH_FOLD, "@[", "`{"));
    assert_false(finds(TEXTMATCH_WHOLE, TEXTMATCH_FOLD, "`{", "@["));
}

/* restriction.CONTENT.4 restriction.CONTENT.6 */
static void test__without_marks__letters_match_under_their_accents(void **state)
{
    unsigned both = TEXTMATCH_FOLD | TEXTMATCH_NO_MARKS;

    (void)state;
    assert_true(finds(TEXTMATCH_WHOLE, TEXTMATCH_NO_MARKS, "resume", "r\xC3\xA9sum\xC3\xA9"));
    assert_true(finds(TEXTMATCH_WHOLE, TEXTMATCH_NO_MARKS, "r\xC3\xA9sum\xC3\xA9", "resume"));
    assert_true(finds(TEXTMATCH_WHOLE, TEXTMATCH_NO_MARKS, "e", "e\xCC\x81"));
    assert_false(finds(TEXTMATCH_WHOLE, TEXTMATCH_NO_MARKS, "Resume", "r\xC3\xA9sum\xC3\xA9"));
    assert_true(finds(TEXTMATCH_WHOLE, both, "RESUME", "r\xC3\xA9sum\xC3\xA9"));
    assert_true(finds(TEXTMATCH_PREFIX, both, "RES", "re\xCC\x81sum\xC3\xA9"));
    assert_true(finds(TEXTMATCH_ANYWHERE, both, "sume", "r\xC3\xA9sum\xC3\xA9!"));
    assert_false(finds(TEXTMATCH_WHOLE, TEXTMATCH_FOLD, "resume", "r\xC3\xA9sum\xC3\xA9"));
    assert_true(finds(TEXTMATCH_ANYWHERE, both, "\xCC\x81", "plain")); /* nothing is in all */
}

struct line {
    char text[1024];
    size_t size;
};

static void add(struct line *line, const char *text)
{
    size_t size = strlen(text);

    assert_true(size < sizeof(line->text) - line->size);
    memcpy(line->text + line->size, text, size + 1);
    line->size += size;
}

/* Short alphabets, so that near misses and repetitions are the rule; long values, so that blocks
 * and their seams are passed; bytes that are no UTF-8. */
static void test__random_texts__as_the_slow_way_says(void **state)
{
    static const char *const letters[] = { "a", "b", "A", "s", "k", "\xC3\xA9", "e", "\xCC\x81",
        "\xC5\xBF", "\xE2\x84\xAA", "\xFF", "\xF0\x9F\x98\x80", "\xC3\x84" };
    size_t hits = 0;
    size_t round;

    (void)state;
    for (round = 0; round < 60000; round++) {
        uint32_t alphabet = 1 + any(any(2) == 0 ? 3 : 13);
        struct line pattern = { "", 0 }, text = { "", 0 };
        uint32_t length = any(any(3) == 0 ? 9 : 3), text_length = any(any(8) == 0 ? 200 : 40);
        enum textmatch_where where = (enum textmatch_where)any(3);
        unsigned flags = any(4);
        uint32_t i;
        bool expected;

        for (i = 0; i < length; i++)
            add(&pattern, letters[any(alphabet)]);
        for (i = 0; i < text_length; i++)
            add(&text, letters[any(alphabet)]);
        if (any(4) == 0)
            add(&text, pattern.text);
        expected = oracle(where, flags, pattern.text, pattern.size, text.text, text.size);
        hits += expected;
        if (finds(where, flags, pattern.text, text.text) != expected)
            fail_msg("where %d flags %u: '%s' in '%s'", (int)where, flags, pattern.text, text.text);
    }
    assert_true(hits > 5000 && hits < 55000);
}

/* Every place in a value longer than some blocks, for search texts of every small length. */
static void test__anywhere__is_found_at_every_place(void **state)
{
    char text[150];
    size_t length, at;

    (void)state;
    for (length = 1; length < 5; length++) {
        for (at = 0; at + length <= sizeof(text); at++) {
            memset(text, '.', sizeof(text));
            memcpy(text + at, "WXYZ", length);
            assert_true(
                    test(TEXTMATCH_ANYWHERE, TEXTMATCH_FOLD, "wxyz", length, text, sizeof(text)));
            assert_true(test(TEXTMATCH_ANYWHERE, 0, "WXYZ", length, text, sizeof(text)));
            assert_false(test(TEXTMATCH_ANYWHERE, 0, "WXYZ", length, text, at + length - 1));
        }
    }
}

/* a...ab in a...a: 2 * 10^10 comparisons for the simple way. */
static void test__repetitive_texts__take_linear_time(void **state)
{
    enum { TEXT = 1 << 20, PATTERN = 1 << 14 };

    char *text = malloc(TEXT);
    char *pattern = malloc(PATTERN);
    uint64_t start = msp_time_monotonic_ns();
    unsigned flags;

    (void)state;
    assert_non_null(text);
    assert_non_null(pattern);
    memset(text, 'a', TEXT);
    memset(pattern, 'a', PATTERN);
    pattern[PATTERN - 1] = 'b';
    for (flags = 0; flags < 4; flags++) {
        struct textmatch match;

        assert_true(textmatch_init(&match, TEXTMATCH_ANYWHERE, flags, pattern, PATTERN));
        assert_false(textmatch_test(&match, text, TEXT));
        text[TEXT - 1] = 'b';
        assert_true(textmatch_test(&match, text, TEXT));
        text[TEXT - 1] = 'a';
        textmatch_done(&match);
    }

    assert_true(msp_time_monotonic_ns() - start < 5000000000u);
    free(text);
    free(pattern);
}

/* The short cut for ASCII search texts rests on this. */
static void fold__letters_that_become_ascii__are_the_long_s_and_the_kelvin_sign(void **state)
{
    uint32_t code;

    (void)state;
    for (code = 0x80; code < 0x110000; code++) {
        if (utf_fold_code(code) < 0x80)
            assert_true(code == 0x17F || code == 0x212A);
    }
    for (code = 0; code < 0x80; code++) {
        assert_true(utf_fold_code(code) < 0x80);
        assert_int_equal(textmatch_bare_code(code), code);
    }
}

/* The first candidate is not behind the match, wherever that lies in the blocks that are looked at
 * together, and the match is found going on from one to the next. */
static void candidate__one_match_anywhere__is_never_passed_over(void **state)
{
    static const char *const words[] = { "needle", "ne", "n", "nn", "n\xC3\xA9", "skunk" };

    enum { MOST = 420 };

    (void)state;
    for (unsigned round = 0; round < 4000; round++) {
        const char *word = words[any(6)];
        size_t length = strlen(word);
        size_t size = length + any(MOST - (uint32_t)length);
        size_t at = any((uint32_t)(size - length + 1));
        unsigned flags = any(4);
        char *text = malloc(size); /* no byte more, for the sanitizer */
        struct textmatch match;
        size_t found;

        assert_non_null(text);
        for (size_t i = 0; i < size; i++)
            text[i] = any(200) == 0 ? "nesk\xC3"[any(5)] : 'x';
        memcpy(text + at, word, length);
        assert_true(textmatch_init(&match, TEXTMATCH_ANYWHERE, flags, word, length));
        found = textmatch_candidate(&match, text, size);
        if (found >= at + length)
            fail_msg("round %u: '%s' at %u of %u was passed over", round, word, (unsigned)at,
                    (unsigned)size);
        while (found != SIZE_MAX && found < at) {
            size_t next = textmatch_candidate(&match, text + found + 1, size - found - 1);

            found = next == SIZE_MAX ? SIZE_MAX : found + 1 + next;
        }
        assert_in_range(found, at, at + length - 1);
        textmatch_done(&match);
        free(text);
    }
}

static void bare_code__samples__as_unicode_decomposes_them(void **state)
{
    (void)state;
    assert_int_equal(textmatch_bare_code(0xE9), 'e');
    assert_int_equal(textmatch_bare_code(0xC5), 'A');
    assert_int_equal(textmatch_bare_code(0x1EA4), 'A'); /* two marks */
    assert_int_equal(textmatch_bare_code(0x0301), 0);
    assert_int_equal(textmatch_bare_code(0x03AC), 0x03B1);
    assert_int_equal(textmatch_bare_code(0xDF), 0xDF);
    assert_int_equal(textmatch_bare_code(0xAC00), 0xAC00);
    assert_int_equal(textmatch_bare_code(0x10FFFF), 0x10FFFF);
}

/* Memory.Failure.2 */
static void init__nth_allocation_fails__leaves_nothing(void **state)
{
    size_t live = msp_alloc_count_live();
    unsigned flags;

    (void)state;
    for (flags = 0; flags < 4; flags++) {
        unsigned long nth;

        for (nth = 1;; nth++) {
            struct textmatch match;
            bool ok;

            msp_alloc_fail_at(nth);
            ok = textmatch_init(&match, TEXTMATCH_ANYWHERE, flags, "abc", 3);
            if (!msp_alloc_fail_disarm()) {
                assert_true(ok);
                textmatch_done(&match);
                break;
            }
            assert_false(ok);
            assert_null(match.bytes);
            assert_null(match.back);
        }
        assert_true(nth > 1);
    }
    assert_int_equal(msp_alloc_count_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test__exact__case_and_place_count),
        cmocka_unit_test(test__folded__case_does_not_count_in_any_script),
        cmocka_unit_test(test__without_marks__letters_match_under_their_accents),
        cmocka_unit_test(test__random_texts__as_the_slow_way_says),
        cmocka_unit_test(test__anywhere__is_found_at_every_place),
        cmocka_unit_test(candidate__one_match_anywhere__is_never_passed_over),
        cmocka_unit_test(test__repetitive_texts__take_linear_time),
        cmocka_unit_test(fold__letters_that_become_ascii__are_the_long_s_and_the_kelvin_sign),
        cmocka_unit_test(bare_code__samples__as_unicode_decomposes_them),
        cmocka_unit_test(init__nth_allocation_fails__leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
