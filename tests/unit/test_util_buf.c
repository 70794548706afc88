/* SPDX-License-Identifier: MIT */
/*
 * test_util_buf.c - the growing buffer and the bounded reader.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/alloc.h"
#include "util/buf.h"

static int setup(void **state)
{
    *state = (void *)(uintptr_t)msp_alloc_count_live();
    return 0;
}

static int teardown(void **state)
{
    return msp_alloc_fail_disarm() || msp_alloc_count_live() != (uintptr_t)*state;
}

static void buf__numbers__are_little_endian(void **state)
{
    static const unsigned char expected[] = { 0x01, 0x03, 0x02, 0x07, 0x06, 0x05, 0x04, 0x0F, 0x0E,
        0x0D, 0x0C, 0x0B, 0x0A, 0x09, 0x08 };
    struct msp_buf buf = MSP_BUF_INIT;

    (void)state;
    assert_true(msp_buf_append_u8(&buf, 0x01));
    assert_true(msp_buf_append_u16(&buf, 0x0203));
    assert_true(msp_buf_append_u32(&buf, 0x04050607));
    assert_true(msp_buf_append_u64(&buf, UINT64_C(0x08090A0B0C0D0E0F)));

    assert_int_equal(buf.size, sizeof(expected));
    assert_memory_equal(buf.data, expected, sizeof(expected));
    msp_buf_free(&buf);
    assert_null(buf.data);
    assert_int_equal(buf.size, 0);
}

static void buf__many_appends__keep_everything(void **state)
{
    struct msp_buf buf;

    (void)state;
    msp_buf_init(&buf);
    for (uint32_t i = 0; i < 20000; i++)
        assert_true(msp_buf_append_u32(&buf, i * 2654435761u));

    assert_int_equal(buf.size, 80000);
    for (uint32_t i = 0; i < 20000; i++) {
        struct msp_reader reader;

        msp_reader_init(&reader, buf.data + i * 4, 4);
        assert_int_equal(msp_reader_u32(&reader), i * 2654435761u);
    }
    msp_buf_free(&buf);
}

static void buf_append__from_itself__survives_growing(void **state)
{
    struct msp_buf buf = MSP_BUF_INIT;

    (void)state;
    assert_true(msp_buf_append_str(&buf, "abc"));
    for (int i = 0; i < 12; i++)
        assert_true(msp_buf_append(&buf, buf.data, buf.size));

    assert_int_equal(buf.size, 3 * 4096);
    for (size_t i = 0; i < buf.size; i++)
        assert_int_equal(buf.data[i], "abc"[i % 3]);
    msp_buf_free(&buf);
}

static void buf_append__nothing__is_fine(void **state)
{
    struct msp_buf buf = MSP_BUF_INIT;

    (void)state;
    assert_true(msp_buf_append(&buf, NULL, 0));
    assert_true(msp_buf_append_str(&buf, ""));
    assert_true(msp_buf_append_zeros(&buf, 0));
    assert_non_null(msp_buf_extend(&buf, 0));
    assert_int_equal(buf.size, 0);
    assert_string_equal(msp_buf_cstr(&buf), "");
    msp_buf_free(&buf);
}

static void buf_printf__short_and_long__appends_text(void **state)
{
    struct msp_buf buf = MSP_BUF_INIT;

    (void)state;
    assert_true(msp_buf_printf(&buf, "%d:%s:%zu:%llx;", -5, "x", (size_t)7,
            (unsigned long long)UINT64_C(0x123456789ABCDEF0)));
    assert_string_equal(msp_buf_cstr(&buf), "-5:x:7:123456789abcdef0;");
    assert_int_equal(buf.size, 24);
    assert_true(msp_buf_printf(&buf, "%05000d", 42));
    assert_int_equal(buf.size, 5024);
    assert_int_equal(strlen(msp_buf_cstr(&buf)), 5024);
    assert_string_equal(msp_buf_cstr(&buf) + 5020, "0042");
    msp_buf_free(&buf);
}

static void buf_truncate_and_clear__keep_the_memory(void **state)
{
    struct msp_buf buf = MSP_BUF_INIT;
    size_t cap;

    (void)state;
    assert_true(msp_buf_append_zeros(&buf, 1000));
    cap = buf.cap;

    msp_buf_truncate(&buf, 10);
    assert_int_equal(buf.size, 10);
    msp_buf_clear(&buf);
    assert_int_equal(buf.size, 0);
    assert_int_equal(buf.cap, cap);
    msp_buf_free(&buf);
}

static void buf_reserve__then_append__does_not_allocate(void **state)
{
    struct msp_buf buf = MSP_BUF_INIT;

    (void)state;
    assert_true(msp_buf_reserve(&buf, 5000));
    msp_alloc_fail_at(1);
    assert_true(msp_buf_append_zeros(&buf, 5000));
    assert_false(msp_alloc_fail_disarm());
    msp_buf_free(&buf);
}

static void buf_reserve__overflow__fails_for_good(void **state)
{
    struct msp_buf buf = MSP_BUF_INIT;

    (void)state;
    assert_true(msp_buf_append_u8(&buf, 1));
    assert_false(msp_buf_reserve(&buf, SIZE_MAX));
    assert_true(buf.failed);
    assert_false(msp_buf_append_u8(&buf, 2));
    assert_false(msp_buf_append(&buf, NULL, 0));
    assert_int_equal(buf.size, 1);
    assert_null(msp_buf_cstr(&buf));
    msp_buf_free(&buf);
    assert_true(msp_buf_append_u8(&buf, 2));
    msp_buf_free(&buf);
}

/* One of each; the error is looked at once, at the end. */
static bool fill(struct msp_buf *buf)
{
    for (int i = 0; i < 40; i++) {
        msp_buf_append_u8(buf, 1);
        msp_buf_append_u64(buf, 2);
        msp_buf_append_str(buf, "0123456789");
        msp_buf_printf(buf, "%d", i);
        msp_buf_append_zeros(buf, 3);
        msp_buf_extend(buf, 2);
    }
    return !buf->failed;
}

static void buf__nth_allocation_fails__error_sticks(void **state)
{
    unsigned long nth;

    (void)state;
    for (nth = 1;; nth++) {
        struct msp_buf buf = MSP_BUF_INIT;
        size_t size;
        bool ok;

        msp_alloc_fail_at(nth);
        ok = fill(&buf);
        size = buf.size;
        if (!msp_alloc_fail_disarm()) {
            assert_true(ok);
            msp_buf_free(&buf);
            break;
        }
        assert_false(ok);
        assert_false(fill(&buf));
        assert_int_equal(buf.size, size);
        assert_null(msp_buf_steal(&buf, &size));
        assert_int_equal(size, 0);
        assert_false(buf.failed);
    }
    assert_true(nth > 3);
}

static void buf_steal__content__changes_hands(void **state)
{
    struct msp_buf buf = MSP_BUF_INIT;
    size_t size = 99;
    char *data;

    (void)state;
    assert_true(msp_buf_append(&buf, "a\0b", 4));

    data = msp_buf_steal(&buf, &size);

    assert_int_equal(size, 4);
    assert_memory_equal(data, "a\0b", 4);
    assert_null(buf.data);
    assert_int_equal(buf.cap, 0);
    msp_free(data);
    data = msp_buf_steal(&buf, NULL);
    assert_non_null(data);
    msp_free(data);
}

static void reader__all_kinds__reads_in_order(void **state)
{
    static const unsigned char bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 'x',
        'y', 'z' };
    struct msp_reader reader;
    unsigned char two[2];

    (void)state;
    msp_reader_init(&reader, bytes, sizeof(bytes));
    assert_int_equal(msp_reader_u8(&reader), 1);
    assert_int_equal(msp_reader_u16(&reader), 0x0302);
    assert_int_equal(msp_reader_u32(&reader), 0x07060504);
    assert_true(msp_reader_u64(&reader) == UINT64_C(0x0F0E0D0C0B0A0908));
    assert_int_equal(msp_reader_left(&reader), 3);
    assert_false(msp_reader_is_done(&reader));
    assert_int_equal(*msp_reader_bytes(&reader, 1), 'x');
    assert_true(msp_reader_copy(&reader, two, 2));
    assert_memory_equal(two, "yz", 2);
    assert_true(msp_reader_is_done(&reader));
    assert_non_null(msp_reader_bytes(&reader, 0));
    assert_true(msp_reader_skip(&reader, 0));
    assert_true(msp_reader_copy(&reader, NULL, 0));
    assert_false(msp_reader_skip(&reader, 1));
    assert_false(msp_reader_is_done(&reader));
}

static void reader__every_short_length__fails_and_stays_failed(void **state)
{
    (void)state;
    for (size_t size = 0; size < 8; size++) {
        unsigned char *bytes = malloc(size > 0 ? size : 1); /* so that ASan sees a read too far */
        unsigned char copy[8];
        struct msp_reader reader;

        assert_non_null(bytes);
        memset(bytes, 0xFF, size);
        msp_reader_init(&reader, bytes, size);
        assert_true(msp_reader_u64(&reader) == 0);
        assert_true(reader.failed);
        assert_int_equal(reader.pos, 0);
        assert_int_equal(msp_reader_left(&reader), 0);
        assert_int_equal(msp_reader_u8(&reader), 0);
        assert_int_equal(msp_reader_u16(&reader), 0);
        assert_int_equal(msp_reader_u32(&reader), 0);
        assert_null(msp_reader_bytes(&reader, 0));
        memset(copy, 0xEE, sizeof(copy));
        assert_false(msp_reader_copy(&reader, copy, sizeof(copy)));
        for (size_t i = 0; i < sizeof(copy); i++)
            assert_int_equal(copy[i], 0);
        assert_false(msp_reader_copy(&reader, NULL, 0));
        free(bytes);
    }
}

static void reader__huge_request__does_not_wrap(void **state)
{
    struct msp_reader reader;

    (void)state;
    msp_reader_init(&reader, "abcd", 4);
    assert_true(msp_reader_skip(&reader, 2));
    assert_null(msp_reader_bytes(&reader, SIZE_MAX));
    assert_int_equal(reader.pos, 2);
}

static void reader__null_of_size_zero__is_done(void **state)
{
    struct msp_reader reader;

    (void)state;
    msp_reader_init(&reader, NULL, 0);
    assert_true(msp_reader_is_done(&reader));
    assert_non_null(msp_reader_bytes(&reader, 0));
    assert_int_equal(msp_reader_u8(&reader), 0);
    assert_true(reader.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(buf__numbers__are_little_endian, setup, teardown),
        cmocka_unit_test_setup_teardown(buf__many_appends__keep_everything, setup, teardown),
        cmocka_unit_test_setup_teardown(buf_append__from_itself__survives_growing, setup, teardown),
        cmocka_unit_test_setup_teardown(buf_append__nothing__is_fine, setup, teardown),
        cmocka_unit_test_setup_teardown(buf_printf__short_and_long__appends_text, setup, teardown),
        cmocka_unit_test_setup_teardown(buf_truncate_and_clear__keep_the_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(
                buf_reserve__then_append__does_not_allocate, setup, teardown),
        cmocka_unit_test_setup_teardown(buf_reserve__overflow__fails_for_good, setup, teardown),
        cmocka_unit_test_setup_teardown(buf__nth_allocation_fails__error_sticks, setup, teardown),
        cmocka_unit_test_setup_teardown(buf_steal__content__changes_hands, setup, teardown),
        cmocka_unit_test(reader__all_kinds__reads_in_order),
        cmocka_unit_test(reader__every_short_length__fails_and_stays_failed),
        cmocka_unit_test(reader__huge_request__does_not_wrap),
        cmocka_unit_test(reader__null_of_size_zero__is_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
