/* SPDX-License-Identifier: MIT */
/*
 * test_stream_data.c - the bytes behind streams, against plain arrays, on a store in memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "com/stream_data.h"
#include "engine/eng.h"
#include "util/alloc.h"
#include "util/utf.h"

enum { ORACLE_MAX = 3 * 1024 * 1024 };

struct bench {
    struct eng *eng;
    uint8_t *oracle; /* ORACLE_MAX bytes */
    uint8_t *room;   /* the same */
    uint32_t seed;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    struct eng_open_params params = { .path = ":memory:", .create = true };

    assert_non_null(bench);
    assert_int_equal(eng_open(&params, &bench->eng, NULL), ENG_OK);
    bench->oracle = calloc(1, ORACLE_MAX);
    bench->room = calloc(1, ORACLE_MAX);
    assert_non_null(bench->oracle);
    assert_non_null(bench->room);
    bench->seed = 7;
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    eng_close(bench->eng);
    free(bench->oracle);
    free(bench->room);
    free(bench);
    return 0;
}

static uint32_t any(struct bench *bench, uint32_t below)
{
    bench->seed = bench->seed * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)bench->seed * below) >> 32);
}

static struct stream_data *new_bytes(struct bench *bench)
{
    struct stream_data *data = stream_data_new(bench->eng, STREAM_BYTES, true);

    assert_non_null(data);
    return data;
}

static void assert_content(struct bench *bench, struct stream_data *data, size_t size)
{
    uint64_t now = 0;
    size_t done = 0;

    assert_int_equal(stream_data_size(data, &now), ENG_OK);
    assert_int_equal(now, size);
    assert_int_equal(stream_data_read(data, 0, bench->room, ORACLE_MAX, &done), ENG_OK);
    assert_int_equal(done, size);
    assert_memory_equal(bench->room, bench->oracle, size);
}

/* Stored content as a cell; the bytes live in `out`. */
static struct bag_value store(struct stream_data *data, uint32_t tag, struct msp_buf *out)
{
    struct bag_value cell = { .tag = tag };
    bool large = false;

    msp_buf_clear(out);
    assert_int_equal(stream_data_store(data, out, &large), ENG_OK);
    cell.flags = large ? BAG_LARGE : 0;
    cell.data = out->data;
    cell.size = out->size;
    return cell;
}

static void random_write(
        struct bench *bench, struct stream_data *data, size_t *size, uint32_t limit)
{
    uint32_t at = any(bench, limit);
    uint32_t some = any(bench, limit - at);

    if (any(bench, 3) == 0)
        at -= at % STREAM_BLOCK;
    if (any(bench, 2) == 0)
        some %= 5000;
    for (uint32_t i = 0; i < some; i++)
        bench->oracle[at + i] = (uint8_t)(bench->seed >> (i % 24));
    assert_int_equal(stream_data_write(data, at, bench->oracle + at, some), ENG_OK);
    if (some > 0 && at + some > *size)
        *size = at + some;
}

static void random_resize(
        struct bench *bench, struct stream_data *data, size_t *size, uint32_t limit)
{
    uint32_t to = any(bench, limit);

    assert_int_equal(stream_data_resize(data, to), ENG_OK);
    if (to < *size)
        memset(bench->oracle + to, 0, *size - to);
    *size = to;
}

static void random_read(struct bench *bench, struct stream_data *data, size_t size, uint32_t limit)
{
    uint32_t at = any(bench, limit);
    uint32_t some = any(bench, limit - at);
    size_t left = at < size ? size - at : 0;
    size_t done = 0;

    assert_int_equal(stream_data_read(data, at, bench->room, some, &done), ENG_OK);
    assert_int_equal(done, some < left ? some : left);
    assert_memory_equal(bench->room, bench->oracle + at, done);
}

/* IStream.Write.1 IStream.SetSize.1 IStream.Read.2 */
static void stream_data__random_work__same_as_array(void **state)
{
    struct bench *bench = *state;

    for (unsigned round = 0; round < 6; round++) {
        struct stream_data *data = new_bytes(bench);
        uint32_t limit = round < 2 ? 100 * 1024 : ORACLE_MAX;
        size_t size = 0;

        memset(bench->oracle, 0, ORACLE_MAX);
        for (unsigned step = 0; step < 60; step++) {
            uint32_t what = any(bench, 4);

            if (what == 0)
                random_write(bench, data, &size, limit);
            else if (what == 1)
                random_resize(bench, data, &size, limit);
            else
                random_read(bench, data, size, limit);
        }
        assert_content(bench, data, size);
        stream_data_release(data, false);
    }
}

/* IStream.Commit.1: what was stored reads back, inline or by reference. */
static void store__any_size__loads_the_same(void **state)
{
    static const size_t sizes[] = { 0, 1, 32768, 32769, 65536, 65537, 262144, 262145, 1000000 };
    struct bench *bench = *state;
    struct msp_buf stored = MSP_BUF_INIT;

    for (size_t i = 0; i < ORACLE_MAX; i++)
        bench->oracle[i] = (uint8_t)(i * 7 + (i >> 8));
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct stream_data *data = new_bytes(bench);
        struct stream_data *again = new_bytes(bench);
        struct bag_value cell;

        assert_int_equal(stream_data_write(data, 0, bench->oracle, sizes[i]), ENG_OK);
        cell = store(data, 0x37010102, &stored);
        if (sizes[i] > 65536)
            assert_int_equal(cell.flags, BAG_LARGE);
        assert_int_equal(stream_data_load(again, &cell), ENG_OK);
        assert_content(bench, again, sizes[i]);
        stream_data_release(data, false);
        stream_data_release(again, false);
    }
    msp_buf_free(&stored);
}

/* A stored value may be known to others: writing to the stream afterwards must not reach it. */
static void write__after_store__leaves_stored_value(void **state)
{
    struct bench *bench = *state;
    struct stream_data *data = new_bytes(bench);
    struct stream_data *old = new_bytes(bench);
    struct msp_buf stored = MSP_BUF_INIT;
    struct bag_value cell;

    memset(bench->oracle, 'a', 300000);
    assert_int_equal(stream_data_write(data, 0, bench->oracle, 300000), ENG_OK);
    cell = store(data, 0x37010102, &stored);
    assert_int_equal(cell.flags, BAG_LARGE);

    assert_int_equal(stream_data_write(data, 10, "zzz", 3), ENG_OK);

    assert_int_equal(stream_data_load(old, &cell), ENG_OK);
    assert_content(bench, old, 300000);
    memset(bench->oracle + 10, 'z', 3);
    assert_content(bench, data, 300000);
    stream_data_release(data, false);
    stream_data_release(old, false);
    msp_buf_free(&stored);
}

/* A text with characters of one to four bytes, half pairs, and a NUL. */
static size_t make_text(struct bench *bench, char16_t *out, size_t count)
{
    static const char16_t bits[] = u"a\u00e9\u20ac\xD83D\xDE00 b\0c";

    for (size_t i = 0; i < count; i++)
        out[i] = any(bench, 100) == 0 ? 0xD800 : bits[(i + (i / 977)) % 9];
    return count;
}

/* IStream.Text.1 IStream.Text.3: UTF-16 through the stream, UTF-8 in the store, any size, any
 * place. */
static void text__utf16__reads_back_everywhere(void **state)
{
    static const size_t counts[] = { 0, 1, 100, 20000, 40000, 300001, 700000 };
    struct bench *bench = *state;
    struct msp_buf stored = MSP_BUF_INIT;

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct stream_data *data = stream_data_new(bench->eng, STREAM_UTF16, true);
        struct stream_data *again = stream_data_new(bench->eng, STREAM_UTF16, true);
        size_t count = make_text(bench, (char16_t *)(void *)bench->oracle, counts[i]);
        struct bag_value cell;
        size_t done;

        for (size_t at = 0; at < count * 2; at += 9999)
            assert_int_equal(stream_data_write(data, at, bench->oracle + at,
                                     count * 2 - at < 9999 ? count * 2 - at : 9999),
                    ENG_OK);
        cell = store(data, 0x1000001F, &stored);
        assert_int_equal(stream_data_load(again, &cell), ENG_OK);
        for (unsigned probe = 0; probe < 20 && count > 0; probe++) {
            size_t at = any(bench, (uint32_t)count * 2);
            size_t some = any(bench, 70000);

            assert_int_equal(stream_data_read(again, at, bench->room, some, &done), ENG_OK);
            assert_int_equal(done, some < count * 2 - at ? some : count * 2 - at);
            assert_memory_equal(bench->room, bench->oracle + at, done);
        }
        assert_content(bench, again, count * 2);
        /* A change in the middle of what was large. */
        if (count > 20) {
            assert_int_equal(stream_data_write(again, 20, "X\0Y", 4), ENG_OK);
            memcpy(bench->oracle + 20, "X\0Y", 4);
            assert_content(bench, again, count * 2);
        }
        stream_data_release(data, false);
        stream_data_release(again, false);
    }
    msp_buf_free(&stored);
}

/* Pairs stay pairs where the text is cut into pieces: what is stored is plain UTF-8. */
static void text__pairs_across_pieces__stored_as_characters(void **state)
{
    enum { PAIRS = STREAM_BLOCK / 2 };
    struct bench *bench = *state;
    struct stream_data *data = stream_data_new(bench->eng, STREAM_UTF16, true);
    char16_t *units = (char16_t *)(void *)bench->oracle;
    struct msp_buf stored = MSP_BUF_INIT;
    struct bag_large large;
    struct bag_value cell;
    size_t done = 0;

    units[0] = 'a';
    for (size_t i = 0; i < PAIRS; i++) {
        units[1 + 2 * i] = 0xD83D;
        units[2 + 2 * i] = 0xDE00;
    }
    assert_int_equal(stream_data_write(data, 0, units, 2 + (size_t)4 * PAIRS), ENG_OK);
    cell = store(data, 0x1000001F, &stored);
    assert_true(bag_large_get(&cell, &large));
    assert_int_equal(large.size, 1 + (size_t)4 * PAIRS);
    assert_int_equal(
            eng_value_read(bench->eng, large.id, 0, bench->room, ORACLE_MAX, &done), ENG_OK);
    assert_int_equal(done, large.size);
    assert_int_equal(bench->room[0], 'a');
    for (size_t i = 0; i < PAIRS; i++)
        assert_memory_equal(bench->room + 1 + 4 * i, "\xF0\x9F\x98\x80", 4);
    stream_data_release(data, false);
    msp_buf_free(&stored);
}

/* IStream.Text.1: the ANSI bytes of the same text; IStream.Text.3 */
static void text__ansi__converts_both_ways(void **state)
{
    struct bench *bench = *state;
    struct stream_data *narrow = stream_data_new(bench->eng, STREAM_ANSI, true);
    struct stream_data *wide = stream_data_new(bench->eng, STREAM_UTF16, true);
    struct stream_data *back = stream_data_new(bench->eng, STREAM_ANSI, true);
    struct msp_buf stored = MSP_BUF_INIT;
    struct bag_value cell;
    size_t done;

    for (size_t i = 0; i < 600000; i++)
        bench->oracle[i] = (uint8_t)("hello world, good morning\r\n"[i % 27]);
    assert_int_equal(stream_data_write(narrow, 0, bench->oracle, 600000), ENG_OK);
    cell = store(narrow, 0x1000001F, &stored);
    assert_int_equal(cell.flags, BAG_LARGE);
    assert_int_equal(stream_data_load(back, &cell), ENG_OK);
    assert_content(bench, back, 600000);
    assert_int_equal(stream_data_load(wide, &cell), ENG_OK);
    assert_int_equal(stream_data_read(wide, (size_t)2 * 500000, bench->room, 4, &done), ENG_OK);
    assert_int_equal(done, 4);
    assert_int_equal(bench->room[0], bench->oracle[500000]);
    assert_int_equal(bench->room[1], 0);
    assert_int_equal(bench->room[2], bench->oracle[500001]);
    stream_data_release(narrow, false);
    stream_data_release(wide, false);
    stream_data_release(back, false);
    msp_buf_free(&stored);
}

/* Folders and the store keep values in memory only. */
static void write__memory_only__full_beyond_its_limit(void **state)
{
    struct bench *bench = *state;
    struct stream_data *data = stream_data_new(bench->eng, STREAM_BYTES, false);

    assert_int_equal(stream_data_resize(data, STREAM_MEMORY_ONLY_MAX), ENG_OK);
    assert_int_equal(stream_data_resize(data, (uint64_t)STREAM_MEMORY_ONLY_MAX + 1), ENG_FULL);
    assert_int_equal(stream_data_write(data, STREAM_MEMORY_ONLY_MAX, "x", 1), ENG_FULL);
    assert_int_equal(stream_data_write(data, UINT64_MAX, "xx", 2), ENG_FULL);
    stream_data_release(data, false);
}

/* What is stored has the size that its reference says. */
static void assert_stores_all(struct bench *bench, struct stream_data *data, size_t expected)
{
    struct msp_buf stored = MSP_BUF_INIT;
    struct bag_value cell = store(data, 0x68000102, &stored);
    struct bag_large large;
    uint64_t size = 0;

    assert_true(bag_large_get(&cell, &large));
    assert_int_equal(large.size, expected);
    assert_int_equal(eng_value_size(bench->eng, large.id, &size), ENG_OK);
    assert_int_equal(size, expected);
    msp_buf_free(&stored);
}

/* The state after a write at `before` that failed; then one that leaves a gap behind the end. */
static void assert_ends_there(
        struct bench *bench, struct stream_data *data, size_t before, size_t gap)
{
    assert_content(bench, data, before);
    memset(bench->oracle + before, 0, gap);
    bench->oracle[before + gap] = 3;
    assert_int_equal(
            stream_data_write(data, before + gap, bench->oracle + before + gap, 1), ENG_OK);
    assert_content(bench, data, before + gap + 1);
    assert_stores_all(bench, data, before + gap + 1);
}

/* Each allocation of a write in turn; then it is stored, or written on with a gap. */
static void fail_on_the_way(struct bench *bench, bool at_once)
{
    enum { BEFORE = STREAM_BLOCK, MORE = 2 * STREAM_BLOCK + 1000, GAP = STREAM_BLOCK + 5000 };

    for (unsigned long nth = 1;; nth++) {
        struct stream_data *data = new_bytes(bench);
        enum eng_status status;
        bool failed;

        memset(bench->oracle, 1, BEFORE);
        memset(bench->oracle + BEFORE, 2, MORE);
        assert_int_equal(stream_data_write(data, 0, bench->oracle, BEFORE), ENG_OK);
        msp_alloc_fail_at(nth);
        status = stream_data_write(data, BEFORE, bench->oracle + BEFORE, MORE);
        failed = msp_alloc_fail_disarm();
        if (status == ENG_OK) {
            stream_data_release(data, false);
            assert_false(failed);
            assert_true(nth > 1);
            return;
        }
        if (at_once)
            assert_stores_all(bench, data, BEFORE);
        else
            assert_ends_there(bench, data, BEFORE, GAP);
        stream_data_release(data, false);
    }
}

/* Nobody is told how far it came, so it has come nowhere: not in what is read, not in a gap that is
 * left behind the end, not in what is stored. */
static void write__fails_on_the_way__ends_where_it_did(void **state)
{
    fail_on_the_way(*state, false);
    fail_on_the_way(*state, true);
}

/* The block at hand has taken its part of the write before the store refuses the next. */
static void write__fails_behind_the_block_at_hand__its_rest_is_empty(void **state)
{
    enum { BEFORE = STREAM_BLOCK + 1000, MORE = 2 * STREAM_BLOCK };
    struct bench *bench = *state;
    struct stream_data *data = new_bytes(bench);

    memset(bench->oracle, 1, BEFORE);
    memset(bench->oracle + BEFORE, 2, MORE);
    assert_int_equal(stream_data_write(data, 0, bench->oracle, BEFORE), ENG_OK);

    eng_stop(bench->eng);
    assert_int_equal(
            stream_data_write(data, BEFORE, bench->oracle + BEFORE, MORE), ENG_INTERRUPTED);
    eng_go_on(bench->eng);

    assert_ends_there(bench, data, BEFORE, 5000);
    stream_data_release(data, false);
}

static void allocation_fails__every_nth__content_stays(void **state)
{
    struct bench *bench = *state;

    memset(bench->oracle, 'q', 200000);
    for (unsigned long nth = 1;; nth++) {
        struct stream_data *data = new_bytes(bench);
        struct msp_buf stored = MSP_BUF_INIT;
        bool large;
        enum eng_status wrote;

        assert_int_equal(stream_data_write(data, 0, bench->oracle, 60000), ENG_OK);
        msp_alloc_fail_at(nth);
        wrote = stream_data_write(data, 60000, bench->oracle, 100000);
        if (wrote == ENG_OK)
            (void)stream_data_store(data, &stored, &large);
        if (!msp_alloc_fail_disarm()) {
            assert_content(bench, data, 160000);
            stream_data_release(data, false);
            msp_buf_free(&stored);
            break;
        }
        if (wrote != ENG_OK)
            assert_int_equal(wrote, ENG_NO_MEMORY);
        stream_data_release(data, false);
        msp_buf_free(&stored);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(stream_data__random_work__same_as_array, setup, teardown),
        cmocka_unit_test_setup_teardown(store__any_size__loads_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(write__after_store__leaves_stored_value, setup, teardown),
        cmocka_unit_test_setup_teardown(text__utf16__reads_back_everywhere, setup, teardown),
        cmocka_unit_test_setup_teardown(
                text__pairs_across_pieces__stored_as_characters, setup, teardown),
        cmocka_unit_test_setup_teardown(text__ansi__converts_both_ways, setup, teardown),
        cmocka_unit_test_setup_teardown(write__memory_only__full_beyond_its_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(
                allocation_fails__every_nth__content_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(
                write__fails_on_the_way__ends_where_it_did, setup, teardown),
        cmocka_unit_test_setup_teardown(
                write__fails_behind_the_block_at_hand__its_rest_is_empty, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
