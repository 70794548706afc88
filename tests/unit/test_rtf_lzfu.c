/* SPDX-License-Identifier: MIT */
/*
 * test_rtf_lzfu.c - compressed RTF: the published examples, round trips, and what is no such
 * stream.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mapi/rtf_lzfu.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/bytes.h"
#include "util/hash.h"

/* [MS-OXRTFCP], the examples of compressing. */
static const char hello[] = "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n";
static const uint8_t hello_packed[] = { 0x2d, 0x00, 0x00, 0x00, 0x2b, 0x00, 0x00, 0x00, 0x4c, 0x5a,
    0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00, 0x0a, 0x00, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32,
    0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62, 0x77, 0x05, 0xb0,
    0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0 };
static const char crossing[] = "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}";
static const uint8_t crossing_packed[] = { 0x1a, 0x00, 0x00, 0x00, 0x1c, 0x00, 0x00, 0x00, 0x4c,
    0x5a, 0x46, 0x75, 0xe2, 0xd4, 0x4b, 0x51, 0x41, 0x00, 0x04, 0x20, 0x57, 0x58, 0x59, 0x5a, 0x0d,
    0x6e, 0x7d, 0x01, 0x0e, 0xb0 };

static bool take(void *context, const uint8_t *data, size_t size)
{
    return msp_buf_append(context, data, size);
}

static bool take_no_more(void *context, const uint8_t *data, size_t size)
{
    (void)context;
    (void)data;
    (void)size;
    return false;
}

/* Reads in pieces of a size. */
static enum rtf_lzfu_status unpack(
        const uint8_t *data, size_t size, size_t piece, struct msp_buf *out)
{
    struct rtf_lzfu_reader reader;
    enum rtf_lzfu_status status = RTF_LZFU_OK;
    size_t at = 0;

    rtf_lzfu_read_init(&reader, take, out);
    while (at < size && status == RTF_LZFU_OK) {
        size_t now = msp_min(piece, size - at);

        status = rtf_lzfu_read(&reader, data + at, now);
        at += now;
    }
    return status == RTF_LZFU_OK ? rtf_lzfu_read_end(&reader) : status;
}

static void assert_unpacks(const uint8_t *data, size_t size, const char *rtf, size_t rtf_size)
{
    for (size_t piece = 1; piece <= size; piece++) {
        struct msp_buf out = MSP_BUF_INIT;

        assert_int_equal(unpack(data, size, piece, &out), RTF_LZFU_OK);
        assert_int_equal(out.size, rtf_size);
        assert_memory_equal(out.data, rtf, rtf_size);
        msp_buf_free(&out);
    }
}

static void assert_corrupt(const uint8_t *data, size_t size)
{
    struct msp_buf out = MSP_BUF_INIT;

    assert_int_equal(unpack(data, size, size + 1, &out), RTF_LZFU_CORRUPT);
    msp_buf_free(&out);
}

static void read__published_examples_in_any_pieces__their_text(void **state)
{
    (void)state;
    assert_unpacks(hello_packed, sizeof(hello_packed), hello, sizeof(hello) - 1);
    assert_unpacks(crossing_packed, sizeof(crossing_packed), crossing, sizeof(crossing) - 1);
}

static void compress__published_examples__their_bytes(void **state)
{
    struct msp_buf out = MSP_BUF_INIT;

    (void)state;
    assert_true(rtf_lzfu_compress(hello, sizeof(hello) - 1, &out));
    assert_int_equal(out.size, sizeof(hello_packed));
    assert_memory_equal(out.data, hello_packed, sizeof(hello_packed));
    msp_buf_clear(&out);
    assert_true(rtf_lzfu_compress(crossing, sizeof(crossing) - 1, &out));
    assert_int_equal(out.size, sizeof(crossing_packed));
    assert_memory_equal(out.data, crossing_packed, sizeof(crossing_packed));
    msp_buf_free(&out);
}

static void read__uncompressed__as_it_is(void **state)
{
    static const uint8_t mela[] = "\x10\0\0\0\x04\0\0\0MELA\0\0\0\0{\\r}, and more behind it";

    (void)state;
    assert_unpacks(mela, 20, "{\\r}", 4);
    assert_unpacks(mela, sizeof(mela), "{\\r}", 4);
}

/* [MS-OXRTFCP]: uncompressed contents have the checksum 0. Behind what is there already. */
static void compress__nothing_repeats__as_it_is(void **state)
{
    static const char rtf[] = "{\\q0zZ9#!w}@K7%xJ";
    static const uint8_t packed[] = "xx\x1d\0\0\0\x11\0\0\0MELA\0\0\0\0{\\q0zZ9#!w}@K7%xJ";
    struct msp_buf out = MSP_BUF_INIT;

    (void)state;
    assert_true(msp_buf_append(&out, "xx", 2));
    assert_true(rtf_lzfu_compress(rtf, sizeof(rtf) - 1, &out));
    assert_int_equal(out.size, sizeof(packed) - 1);
    assert_memory_equal(out.data, packed, sizeof(packed) - 1);
    assert_unpacks(out.data + 2, out.size - 2, rtf, sizeof(rtf) - 1);
    msp_buf_clear(&out);
    assert_true(rtf_lzfu_compress(NULL, 0, &out));
    assert_int_equal(out.size, RTF_LZFU_HEADER);
    assert_unpacks(out.data, out.size, "", 0);
    msp_buf_free(&out);
}

static void read__cut_short_anywhere__corrupt(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof(hello_packed); size++)
        assert_corrupt(hello_packed, size);
}

/* Wherever a bit is wrong, but in the uncompressed size, which nobody needs. */
static void read__any_bit_wrong__corrupt(void **state)
{
    uint8_t bytes[sizeof(hello_packed)];

    (void)state;
    for (size_t at = 0; at < sizeof(bytes); at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct msp_buf out = MSP_BUF_INIT;
            enum rtf_lzfu_status status;

            memcpy(bytes, hello_packed, sizeof(bytes));
            bytes[at] = (uint8_t)(bytes[at] ^ 1u << bit);
            status = unpack(bytes, sizeof(bytes), sizeof(bytes), &out);
            assert_int_equal(status, at >= 4 && at < 8 ? RTF_LZFU_OK : RTF_LZFU_CORRUPT);
            msp_buf_free(&out);
        }
    }
}

static void read__no_end_mark__corrupt(void **state)
{
    uint8_t bytes[19] = { 15, 0, 0, 0, 2, 0, 0, 0, 'L', 'Z', 'F', 'u', 0, 0, 0, 0, 0, 'a', 'b' };

    (void)state;
    put_u32le(bytes + 12, msp_crc32_update(0, bytes + 16, 3));
    assert_corrupt(bytes, sizeof(bytes));
}

static void read__sink_wants_no_more__stopped(void **state)
{
    struct rtf_lzfu_reader reader;

    (void)state;
    rtf_lzfu_read_init(&reader, take_no_more, NULL);
    assert_int_equal(rtf_lzfu_read(&reader, hello_packed, sizeof(hello_packed)), RTF_LZFU_STOPPED);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Texts with long and short repetitions, near and farther than the window. */
static void round_trip__random_texts__same(void **state)
{
    uint32_t seed = 20;
    unsigned compressed = 0;

    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        size_t size = next_random(&seed) % 20000;
        bool is_noise = round % 10 == 9;
        unsigned letters = is_noise ? 256 : 1 + next_random(&seed) % (round % 3 == 0 ? 256 : 4);
        uint8_t *text = malloc(size + 1);
        struct msp_buf packed = MSP_BUF_INIT;
        struct msp_buf out = MSP_BUF_INIT;
        size_t at = 0;

        assert_non_null(text);
        while (at < size) {
            size_t run = 1 + next_random(&seed) % 40;
            size_t from = at > 0 ? next_random(&seed) % at : 0;
            bool again = at > 0 && !is_noise && next_random(&seed) % 2 == 0;

            for (; run > 0 && at < size; run--, at++, from++)
                text[at] = again ? text[from] : (uint8_t)(next_random(&seed) % letters);
        }
        assert_true(rtf_lzfu_compress(text, size, &packed));
        assert_int_equal(get_u32le(packed.data), packed.size - 4);
        assert_int_equal(get_u32le(packed.data + 4), size);
        assert_true(packed.size <= RTF_LZFU_HEADER + size);
        compressed += get_u32le(packed.data + 8) == RTF_LZFU_COMPRESSED;
        assert_int_equal(
                unpack(packed.data, packed.size, 1 + next_random(&seed) % 5000, &out), RTF_LZFU_OK);
        assert_int_equal(out.size, size);
        assert_true(size == 0 || memcmp(out.data, text, size) == 0);
        msp_buf_free(&packed);
        msp_buf_free(&out);
        free(text);
    }
    assert_true(compressed > 100 && compressed < 200); /* both forms came up */
}

static void compress__allocation_fails__says_so(void **state)
{
    (void)state;
    for (unsigned long nth = 1;; nth++) {
        struct msp_buf out = MSP_BUF_INIT;
        bool ok;

        msp_alloc_fail_at(nth);
        ok = rtf_lzfu_compress(hello, sizeof(hello) - 1, &out);
        if (!msp_alloc_fail_disarm()) {
            assert_true(ok);
            msp_buf_free(&out);
            break;
        }
        assert_false(ok);
        msp_buf_free(&out);
    }
    assert_int_equal(msp_alloc_count_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__published_examples_in_any_pieces__their_text),
        cmocka_unit_test(compress__published_examples__their_bytes),
        cmocka_unit_test(read__uncompressed__as_it_is),
        cmocka_unit_test(compress__nothing_repeats__as_it_is),
        cmocka_unit_test(read__cut_short_anywhere__corrupt),
        cmocka_unit_test(read__any_bit_wrong__corrupt),
        cmocka_unit_test(read__no_end_mark__corrupt),
        cmocka_unit_test(read__sink_wants_no_more__stopped),
        cmocka_unit_test(round_trip__random_texts__same),
        cmocka_unit_test(compress__allocation_fails__says_so),
    };

    return cmocka_run_group_tests_name("rtf_lzfu", tests, NULL, NULL);
}
