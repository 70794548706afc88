/* SPDX-License-Identifier: MIT */
/*
 * test_entryid.c - entry identifiers as bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mapi/entryid.h"
#include "platform/file.h"
#include "util/alloc.h"
#include "util/buf.h"

static const uint8_t uid[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
static const uint8_t other_uid[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17 };
static const uint8_t no_uid[16];

static void make(enum entryid_kind kind, uint64_t id, uint8_t out[ENTRYID_SIZE])
{
    struct entryid entryid = { { 0 }, kind, id };

    memcpy(entryid.store_uid, uid, sizeof(uid));
    entryid_put(&entryid, out);
}

/* EntryID.Layout.1 EntryID.Layout.2 EntryID.Layout.4 */
static void entryid_put__folder__has_the_documented_bytes(void **state)
{
    static const uint8_t expected[ENTRYID_SIZE] = { 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
        12, 13, 14, 15, 16, 1, 2, 0, 0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11 };
    uint8_t bytes[ENTRYID_SIZE];

    (void)state;
    make(ENTRYID_FOLDER, 0x1122334455667788, bytes);

    assert_memory_equal(bytes, expected, ENTRYID_SIZE);
}

/* EntryID.Layout.5: any address. EntryID.Layout.4: the kind is known without opening anything. */
static void entryid_get__at_any_alignment__gives_back_what_was_put(void **state)
{
    uint8_t room[ENTRYID_SIZE + 8];
    size_t shift;

    (void)state;
    for (shift = 0; shift < 8; shift++) {
        struct entryid out;

        make(ENTRYID_MESSAGE, UINT64_MAX, room + shift);

        assert_true(entryid_get(ENTRYID_SIZE, room + shift, &out));
        assert_memory_equal(out.store_uid, uid, sizeof(uid));
        assert_int_equal(out.kind, ENTRYID_MESSAGE);
        assert_true(out.id == UINT64_MAX);
    }
}

static void entryid_get__any_wrong_length__is_refused(void **state)
{
    uint8_t room[ENTRYID_SIZE + 8] = { 0 };
    ULONG size;

    (void)state;
    make(ENTRYID_FOLDER, 1, room);

    for (size = 0; size <= sizeof(room); size++) {
        /* Exactly as many bytes as are said to be there, so that a sanitizer sees a read too far.
         */
        uint8_t *copy = malloc(size + 1);
        struct entryid out;

        assert_non_null(copy);
        memcpy(copy, room, size);
        assert_int_equal(entryid_get(size, copy, &out), size == ENTRYID_SIZE);
        free(copy);
    }
    assert_false(entryid_get(ENTRYID_SIZE, NULL, &(struct entryid){ 0 }));
}

/* EntryID.ShortTerm.2: a flagged (short-term) identifier is never taken for another object. */
static void entryid_get__one_byte_of_the_head_wrong__is_refused(void **state)
{
    static const size_t places[] = { 0, 1, 2, 3, 21, 22, 23 };
    uint8_t bytes[ENTRYID_SIZE];
    struct entryid out;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        make(ENTRYID_FOLDER, 1, bytes);
        bytes[places[i]] = 0xFF;
        memset(&out, 0xA5, sizeof(out));
        assert_false(entryid_get(ENTRYID_SIZE, bytes, &out));
        assert_true(out.id == 0);
    }
    make(ENTRYID_FOLDER, 1, bytes);
    bytes[20] = 0;
    assert_false(entryid_get(ENTRYID_SIZE, bytes, &out));
    make(ENTRYID_FOLDER, 0, bytes);
    assert_false(entryid_get(ENTRYID_SIZE, bytes, &out));
    make(ENTRYID_STORE, 1, bytes);
    assert_false(entryid_get(ENTRYID_SIZE, bytes, &out));
}

/* EntryID.LongTerm.8, seen from the older side: what a newer version appends is not looked at. */
static void entryid_get__newer_version_with_more_bytes__is_read_alike(void **state)
{
    uint8_t bytes[ENTRYID_SIZE + 4] = { 0 };
    struct entryid out;

    (void)state;
    make(ENTRYID_FOLDER, 7, bytes);
    bytes[20] = 2;

    assert_true(entryid_get(sizeof(bytes), bytes, &out));
    assert_true(out.id == 7);
    assert_false(entryid_get(ENTRYID_SIZE - 1, bytes, &out));
}

/* EntryID.RecordKey.1: a function of the store and the id alone. */
static void record_key_put__same_object__same_key(void **state)
{
    uint8_t a[RECORD_KEY_SIZE], b[RECORD_KEY_SIZE], c[RECORD_KEY_SIZE];

    (void)state;
    record_key_put(uid, 5, a);
    record_key_put(uid, 5, b);
    record_key_put(uid, 6, c);

    assert_memory_equal(a, b, RECORD_KEY_SIZE);
    assert_memory_not_equal(a, c, RECORD_KEY_SIZE);
    assert_memory_equal(a, uid, 16);
}

/* EntryID.LongTerm.7: the provider's UID is a constant of the product. */
static void store_entryid_get__what_was_put__comes_back(void **state)
{
    static const uint8_t provider[16] = { 0x31, 0x1F, 0x8E, 0x99, 0x66, 0xE8, 0xB7, 0x4C, 0x86,
        0x3D, 0x3E, 0xB1, 0x43, 0xC1, 0x74, 0xB5 };
    static const char path[] = "C:\\M\xC3\xBC"
                               "ll\\a b.mkeep";
    struct msp_buf buf = MSP_BUF_INIT;
    struct store_entryid out;
    size_t shift;

    (void)state;
    assert_true(msp_buf_append_u8(&buf, 9));
    assert_true(store_entryid_put(uid, path, &buf));

    assert_memory_equal(buf.data + 1 + 4, provider, 16);
    assert_int_equal(buf.size, 1 + 40 + sizeof(path));
    for (shift = 0; shift < 8; shift++) {
        uint8_t room[128];

        memcpy(room + shift, buf.data + 1, buf.size - 1);
        assert_true(store_entryid_get((ULONG)buf.size - 1, room + shift, &out));
        assert_memory_equal(out.store_uid, uid, 16);
        assert_int_equal(out.path_size, sizeof(path) - 1);
        assert_string_equal(out.path, path);
    }
    msp_buf_free(&buf);
}

static void store_entryid_get__cut_foreign_or_garbled__is_refused(void **state)
{
    struct msp_buf buf = MSP_BUF_INIT;
    struct store_entryid out;
    ULONG size;

    (void)state;
    assert_true(store_entryid_put(uid, "/tmp/x", &buf));

    for (size = 0; size < buf.size; size++) {
        uint8_t *copy = malloc(size + 1);

        assert_non_null(copy);
        memcpy(copy, buf.data, size);
        assert_false(store_entryid_get(size, copy, &out));
        assert_null(out.path);
        free(copy);
    }
    assert_false(store_entryid_get((ULONG)buf.size, NULL, &out));
    buf.data[4] ^= 1; /* another provider */
    assert_false(store_entryid_get((ULONG)buf.size, buf.data, &out));
    buf.data[4] ^= 1;
    buf.data[40] = 0xFF; /* no UTF-8 */
    assert_false(store_entryid_get((ULONG)buf.size, buf.data, &out));
    buf.data[40] = '/';
    assert_true(store_entryid_get((ULONG)buf.size, buf.data, &out));
    msp_buf_free(&buf);
}

static struct store_entryid store_at(const uint8_t store_uid[16], const char *path)
{
    struct store_entryid out = { { 0 }, path, strlen(path) };

    memcpy(out.store_uid, store_uid, 16);
    return out;
}

static void store_entryid_same__both_uids_known__path_does_not_matter(void **state)
{
    struct store_entryid a = store_at(uid, "/a");
    struct store_entryid b = store_at(uid, "/b");
    struct store_entryid c = store_at(other_uid, "/a");

    (void)state;
    assert_true(store_entryid_same(&a, &b));
    assert_false(store_entryid_same(&a, &c));
}

static void store_entryid_same__a_uid_unknown__path_decides(void **state)
{
    struct store_entryid a = store_at(uid, "/a");
    struct store_entryid b = store_at(no_uid, "/a");
    struct store_entryid c = store_at(no_uid, "/ab");
    struct store_entryid d = store_at(no_uid, "/A");

    (void)state;
    assert_true(store_entryid_same(&a, &b));
    assert_true(store_entryid_same(&b, &a));
    assert_false(store_entryid_same(&a, &c));
    assert_int_equal(store_entryid_same(&a, &d), MSP_PATH_SEPARATOR == '\\');
}

/* Memory.Failure.2 */
static void store_entryid_put__no_memory__fails_without_a_leak(void **state)
{
    size_t live = msp_alloc_count_live();
    unsigned long nth;

    (void)state;
    for (nth = 1;; nth++) {
        struct msp_buf buf = MSP_BUF_INIT;
        bool ok;

        msp_alloc_fail_at(nth);
        ok = store_entryid_put(uid, "/x", &buf);
        if (!msp_alloc_fail_disarm()) {
            assert_true(ok);
            msp_buf_free(&buf);
            break;
        }
        assert_false(ok);
        assert_int_equal(buf.size, 0);
        msp_buf_free(&buf);
    }
    assert_true(nth > 1);
    assert_int_equal(msp_alloc_count_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entryid_put__folder__has_the_documented_bytes),
        cmocka_unit_test(entryid_get__at_any_alignment__gives_back_what_was_put),
        cmocka_unit_test(entryid_get__any_wrong_length__is_refused),
        cmocka_unit_test(entryid_get__one_byte_of_the_head_wrong__is_refused),
        cmocka_unit_test(entryid_get__newer_version_with_more_bytes__is_read_alike),
        cmocka_unit_test(record_key_put__same_object__same_key),
        cmocka_unit_test(store_entryid_get__what_was_put__comes_back),
        cmocka_unit_test(store_entryid_get__cut_foreign_or_garbled__is_refused),
        cmocka_unit_test(store_entryid_same__both_uids_known__path_does_not_matter),
        cmocka_unit_test(store_entryid_same__a_uid_unknown__path_decides),
        cmocka_unit_test(store_entryid_put__no_memory__fails_without_a_leak),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
