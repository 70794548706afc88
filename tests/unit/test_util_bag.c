/* SPDX-License-Identifier: MIT */
/*
 * test_util_bag.c - values by tag, packed and open.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/alloc.h"
#include "util/bag.h"
#include "util/buf.h"
#include "util/bytes.h"

static int setup(void **state)
{
    *state = (void *)(uintptr_t)msp_alloc_count_live();
    return 0;
}

static int teardown(void **state)
{
    return msp_alloc_fail_disarm() || msp_alloc_count_live() != (uintptr_t)*state;
}

static void set(struct bag *bag, uint32_t tag, const char *text)
{
    assert_true(bag_set(bag, tag, 0, text, strlen(text)));
}

/* The content as text: "1234:001f=hello 1235:0003=x". */
static void assert_content(const struct bag *bag, const char *expected)
{
    struct msp_buf text = MSP_BUF_INIT;
    struct bag_iter iter = { 0 };
    struct bag_value value, same;
    size_t count = 0;

    while (bag_next(bag, &iter, &value)) {
        msp_buf_printf(
                &text, "%s%04x:%04x=", count > 0 ? " " : "", value.tag >> 16, value.tag & 0xFFFF);
        msp_buf_append(&text, value.data, value.size);
        if (value.flags & BAG_LARGE)
            msp_buf_append_str(&text, "!");
        assert_true(bag_get(bag, value.tag & 0xFFFF0000, &same));
        assert_int_equal(same.tag, value.tag);
        assert_ptr_equal(same.data, value.data);
        assert_int_equal(same.size, value.size);
        assert_int_equal(same.flags, value.flags);
        count++;
    }
    assert_false(bag_next(bag, &iter, &value));
    assert_string_equal(msp_buf_cstr(&text), expected);
    assert_int_equal(bag_count(bag), count);
    msp_buf_free(&text);
}

/* Packs, checks, and loads into a second bag, which has to be the same. */
static void assert_packs(const struct bag *bag, const char *expected)
{
    struct msp_buf packed = MSP_BUF_INIT, again = MSP_BUF_INIT;
    struct bag copy = { 0 };

    assert_true(bag_pack(bag, &packed));
    assert_true(packed_check(packed.data, packed.size));
    assert_int_equal(packed_count(packed.data, packed.size), bag_count(bag));
    assert_int_equal(bag_load(&copy, packed.data, packed.size), BAG_OK);
    assert_false(bag_is_changed(&copy));
    assert_content(&copy, expected);
    assert_true(bag_pack(&copy, &again));
    assert_int_equal(again.size, packed.size);
    assert_memory_equal(again.data, packed.data, packed.size);
    bag_done(&copy);
    msp_buf_free(&packed);
    msp_buf_free(&again);
}

static void bag__empty__has_nothing(void **state)
{
    struct bag bag;
    struct bag_value value;

    (void)state;
    bag_init(&bag);
    assert_content(&bag, "");
    assert_packs(&bag, "");
    assert_false(bag_get(&bag, 0x12340000, &value));
    assert_true(bag_remove(&bag, 0x12340000));
    assert_false(bag_is_changed(&bag));
    assert_int_equal(bag_load(&bag, NULL, 0), BAG_OK);
    assert_int_equal(packed_count(NULL, 0), 0);
    assert_false(packed_find(NULL, 0, 0x12340000, &value));
    bag_done(&bag);
}

static void bag_set__in_any_order__is_sorted_by_identity(void **state)
{
    struct bag bag = { 0 };

    (void)state;
    set(&bag, 0xFFFF0102, "last");
    set(&bag, 0x0037001F, "subject");
    set(&bag, 0x00000001, "");
    set(&bag, 0x10000102, "body");

    assert_true(bag_is_changed(&bag));
    assert_content(&bag, "0000:0001= 0037:001f=subject 1000:0102=body ffff:0102=last");
    assert_packs(&bag, "0000:0001= 0037:001f=subject 1000:0102=body ffff:0102=last");
    bag_done(&bag);
    assert_content(&bag, "");
}

static void bag_set__same_identity_other_type__replaces(void **state)
{
    struct bag bag = { 0 };

    (void)state;
    set(&bag, 0x0037001E, "eight");
    set(&bag, 0x0037001F, "sixteen");

    assert_content(&bag, "0037:001f=sixteen");
    assert_packs(&bag, "0037:001f=sixteen");
    bag_done(&bag);
}

/* A bag that was loaded with 1, 3 and 5. */
static void load_three(struct bag *bag)
{
    struct bag first = { 0 };
    struct msp_buf packed = MSP_BUF_INIT;

    set(&first, 0x0001001F, "one");
    set(&first, 0x0003001F, "three");
    set(&first, 0x0005001F, "five");
    assert_true(bag_pack(&first, &packed));
    bag_init(bag);
    assert_int_equal(bag_load(bag, packed.data, packed.size), BAG_OK);
    msp_buf_free(&packed);
    bag_done(&first);
}

static void bag__changes_over_a_base__are_merged(void **state)
{
    struct bag bag;

    (void)state;
    load_three(&bag);
    assert_content(&bag, "0001:001f=one 0003:001f=three 0005:001f=five");
    set(&bag, 0x00030003, "3");
    set(&bag, 0x00000003, "zero");
    set(&bag, 0x00090003, "nine");
    set(&bag, 0x00040003, "four");
    assert_true(bag_remove(&bag, 0x00010000));
    assert_content(&bag, "0000:0003=zero 0003:0003=3 0004:0003=four 0005:001f=five 0009:0003=nine");
    assert_packs(&bag, "0000:0003=zero 0003:0003=3 0004:0003=four 0005:001f=five 0009:0003=nine");
    set(&bag, 0x00010003, "again");
    assert_true(bag_remove(&bag, 0x00040000));
    assert_true(bag_remove(&bag, 0x00040000));
    assert_true(bag_remove(&bag, 0x00050000));
    assert_true(bag_remove(&bag, 0x00090000));
    assert_content(&bag, "0000:0003=zero 0001:0003=again 0003:0003=3");
    assert_packs(&bag, "0000:0003=zero 0001:0003=again 0003:0003=3");
    bag_done(&bag);
}

static void bag_remove__everything__leaves_an_empty_record(void **state)
{
    struct bag bag;

    (void)state;
    load_three(&bag);
    assert_true(bag_remove(&bag, 0x00050000));
    assert_true(bag_remove(&bag, 0x00010000));
    assert_true(bag_remove(&bag, 0x00030000));
    assert_content(&bag, "");
    assert_packs(&bag, "");
    bag_done(&bag);
}

static void bag_set__from_its_own_value__is_copied_first(void **state)
{
    struct bag bag;
    struct bag_value value;

    (void)state;
    load_three(&bag);
    assert_true(bag_get(&bag, 0x00030000, &value));
    assert_true(bag_set(&bag, 0x00030000 | 2, 0, value.data + 1, value.size - 1));
    assert_true(bag_get(&bag, 0x00030000, &value));
    assert_true(bag_set(&bag, 0x00030000 | 2, 0, value.data + 1, value.size - 1));
    assert_content(&bag, "0001:001f=one 0003:0002=ree 0005:001f=five");
    bag_done(&bag);
}

static void bag_copy__changes_and_base__is_independent(void **state)
{
    struct bag bag, copy = { 0 };

    (void)state;
    load_three(&bag);
    set(&bag, 0x0002001F, "two");
    assert_true(bag_remove(&bag, 0x00030000));
    set(&copy, 0x7777001F, "old");

    assert_true(bag_copy(&copy, &bag));
    set(&bag, 0x0002001F, "changed");
    bag_done(&bag);

    assert_content(&copy, "0001:001f=one 0002:001f=two 0005:001f=five");
    assert_true(bag_copy(&copy, &copy));
    assert_content(&copy, "0001:001f=one 0002:001f=two 0005:001f=five");
    bag_done(&copy);
}

static void large__reference__survives_packing(void **state)
{
    struct bag_large large = { UINT64_C(0x1122334455667788), UINT64_C(0x99AABBCCDDEEFF00) }, read;
    struct bag bag = { 0 }, again = { 0 };
    struct msp_buf packed = MSP_BUF_INIT;
    struct bag_value value;
    uint8_t bytes[16];

    (void)state;
    bag_large_put(&large, bytes);
    for (uint32_t i = 0; i < 20; i++) {
        if (i % 3 == 0)
            assert_true(bag_set(&bag, i << 16, BAG_LARGE, bytes, sizeof(bytes)));
        else
            assert_true(bag_set(&bag, i << 16, 0, bytes, sizeof(bytes)));
    }
    assert_true(bag_pack(&bag, &packed));
    assert_int_equal(bag_load(&again, packed.data, packed.size), BAG_OK);

    for (uint32_t i = 0; i < 20; i++) {
        assert_true(bag_get(&again, i << 16, &value));
        assert_int_equal(value.flags, i % 3 == 0 ? BAG_LARGE : 0);
        assert_int_equal(bag_large_get(&value, &read), i % 3 == 0);
    }
    assert_true(read.id == large.id && read.size == large.size);
    value.flags = BAG_LARGE;
    value.size = 15;
    assert_false(bag_large_get(&value, &read));
    msp_buf_free(&packed);
    bag_done(&again);
    bag_done(&bag);
}

static void pack__around_64_kib__chooses_the_format(void **state)
{
    static char zeros[65537];

    (void)state;
    for (size_t size = 65534; size <= 65537; size++) {
        struct msp_buf packed = MSP_BUF_INIT;
        struct bag bag = { 0 }, again = { 0 };
        struct bag_value value;

        assert_true(bag_set(&bag, 0x00010102, 0, zeros, size - 1));
        assert_true(bag_set(&bag, 0x00020102, 0, "x", 1));
        assert_true(msp_buf_append_str(&packed, "???")); /* what is there already stays */

        assert_true(bag_pack(&bag, &packed));

        assert_memory_equal(packed.data, "???", 3);
        assert_int_equal(packed.data[3], size <= 65535 ? 1 : 2);
        assert_int_equal(packed.size, 3 + 4 + 2 * (size <= 65535 ? 6 : 8) + 1 + size);
        assert_int_equal(bag_load(&again, packed.data + 3, packed.size - 3), BAG_OK);
        assert_true(bag_get(&again, 0x00010000, &value));
        assert_int_equal(value.size, size - 1);
        assert_true(bag_get(&again, 0x00020000, &value));
        assert_memory_equal(value.data, "x", 1);
        msp_buf_free(&packed);
        bag_done(&bag);
        bag_done(&again);
    }
}

static void pack__65535_values__fits_and_one_more_does_not(void **state)
{
    struct msp_buf packed = MSP_BUF_INIT;
    struct bag bag = { 0 };

    (void)state;
    for (uint32_t i = 0; i < 65535; i++)
        assert_true(bag_set(&bag, i << 16, 0, NULL, 0));
    assert_true(bag_pack(&bag, &packed));
    assert_true(packed_check(packed.data, packed.size));
    assert_int_equal(packed_count(packed.data, packed.size), 65535);
    msp_buf_clear(&packed);
    assert_true(bag_set(&bag, 0xFFFF0000, 0, NULL, 0));
    assert_false(bag_pack(&bag, &packed));
    assert_int_equal(packed.size, 0);
    msp_buf_free(&packed);
    bag_done(&bag);
}

/* Reads everything of an accepted record: ASan and the sum see to it that it is really there. */
static unsigned read_all(const uint8_t *packed, size_t size)
{
    struct bag_value value, found;
    unsigned sum = 0;
    size_t count = packed_count(packed, size);

    for (size_t i = 0; i < count; i++) {
        packed_at(packed, size, i, &value);
        assert_true(packed_find(packed, size, value.tag, &found));
        assert_ptr_equal(found.data, value.data);
        for (size_t j = 0; j < value.size; j++)
            sum += value.data[j];
    }
    return sum;
}

static void packed_check__each_byte_changed_or_cut__is_refused_or_safe(void **state)
{
    struct bag bag;
    struct msp_buf packed = MSP_BUF_INIT;
    unsigned refused = 0;

    (void)state;
    load_three(&bag);
    assert_true(bag_set(&bag, 0x00060102, BAG_LARGE, "0123456789abcdef", 16));
    assert_true(bag_pack(&bag, &packed));
    for (size_t size = 0; size < packed.size; size++) {
        uint8_t *copy = msp_memdup(packed.data, size);

        assert_non_null(copy);
        assert_int_equal(packed_check(copy, size), size == 0);
        msp_free(copy);
    }
    for (size_t i = 0; i < packed.size * 256; i++) {
        uint8_t *copy = msp_memdup(packed.data, packed.size);

        assert_non_null(copy);
        copy[i / 256] = (uint8_t)i;
        if (packed_check(copy, packed.size))
            read_all(copy, packed.size);
        else
            refused++;
        msp_free(copy);
    }
    assert_true(refused > 2000);
    assert_true(msp_buf_append_u8(&packed, 0));
    assert_false(packed_check(packed.data, packed.size));
    msp_buf_free(&packed);
    bag_done(&bag);
}

static void packed_check__random_bytes__never_read_outside(void **state)
{
    uint32_t seed = 1;
    unsigned accepted = 0;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[40];
        uint8_t *copy;
        size_t size;

        for (size_t i = 0; i < sizeof(bytes); i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = (uint8_t)(seed >> 24 & (i < 4 ? 3 : 31));
        }
        bytes[1] = 0;
        bytes[3] = 0;
        size = 4 + seed % 37;
        copy = msp_memdup(bytes, size);
        assert_non_null(copy);
        if (packed_check(copy, size)) {
            read_all(copy, size);
            accepted++;
        }
        msp_free(copy);
    }
    assert_true(accepted > 0);
}

static void load__corrupt_record__bag_is_unchanged(void **state)
{
    struct bag bag;

    (void)state;
    load_three(&bag);
    set(&bag, 0x0002001F, "two");
    assert_int_equal(bag_load(&bag, "\x03\0\0\0", 4), BAG_CORRUPT);
    assert_int_equal(bag_load(&bag, "\x01\0\0\0x", 5), BAG_CORRUPT);
    assert_content(&bag, "0001:001f=one 0002:001f=two 0003:001f=three 0005:001f=five");
    bag_done(&bag);
}

/* Adds removals until the next change has to grow the list. */
static void fill_up(struct bag *bag)
{
    for (uint32_t tag = 0x00100000; bag->change_count < bag->change_capacity; tag += 0x10000) {
        set(bag, tag, "");
        assert_true(bag_remove(bag, tag));
    }
}

static void bag__nth_allocation_fails__nothing_is_changed(void **state)
{
    const char *before = "0001:001f=one 0002:001f=two 0003:001f=three 0005:001f=five";
    struct bag bag, copy = { 0 };
    struct msp_buf packed = MSP_BUF_INIT;
    unsigned long nth;

    (void)state;
    load_three(&bag);
    set(&bag, 0x0002001F, "two");
    set(&copy, 0x7777001F, "old");
    for (nth = 1;; nth++) {
        bool ok;

        msp_alloc_fail_at(nth);
        ok = bag_copy(&copy, &bag);
        if (!msp_alloc_fail_disarm()) {
            assert_true(ok);
            break;
        }
        assert_false(ok);
        assert_content(&copy, "7777:001f=old");
    }
    assert_int_equal(nth, 4);
    fill_up(&bag);
    for (nth = 1; nth <= 2; nth++) {
        msp_alloc_fail_at(nth);
        assert_false(bag_set(&bag, 0x0004001F, 0, "four", 4));
        assert_true(msp_alloc_fail_disarm());
        assert_content(&bag, before);
    }
    msp_alloc_fail_at(1);
    assert_false(bag_remove(&bag, 0x00030000));
    assert_true(msp_alloc_fail_disarm());
    assert_content(&bag, before);
    msp_alloc_fail_at(1);
    assert_false(bag_pack(&bag, &packed));
    assert_true(msp_alloc_fail_disarm());
    assert_int_equal(packed.size, 0);
    msp_buf_free(&packed);
    assert_true(bag_pack(&bag, &packed));
    msp_alloc_fail_at(1);
    assert_int_equal(bag_load(&bag, packed.data, packed.size), BAG_NO_MEMORY);
    assert_true(msp_alloc_fail_disarm());
    assert_content(&bag, before);
    msp_buf_free(&packed);
    bag_done(&copy);
    bag_done(&bag);
}

static void reserve__then_changes__do_not_need_the_list_to_grow(void **state)
{
    struct bag bag;

    (void)state;
    load_three(&bag);
    assert_false(bag_reserve(&bag, SIZE_MAX));
    assert_false(bag_reserve(&bag, SIZE_MAX / 2));
    assert_true(bag_reserve(&bag, 3));
    msp_alloc_fail_at(1);

    assert_true(bag_remove(&bag, 0x00010000));
    assert_true(bag_remove(&bag, 0x00030000));
    assert_true(bag_remove(&bag, 0x00050000));

    assert_false(msp_alloc_fail_disarm());
    assert_content(&bag, "");
    bag_done(&bag);
}

static void merge__new_and_known_values__are_moved(void **state)
{
    struct bag bag, delta = { 0 };

    (void)state;
    load_three(&bag);
    set(&bag, 0x0002001F, "two");
    assert_true(bag_remove(&bag, 0x00050000));
    set(&delta, 0x00020003, "2");
    set(&delta, 0x00030003, "3");
    set(&delta, 0x00050003, "5");
    set(&delta, 0x00070003, "7");
    set(&delta, 0x00010003, "1"); /* set and taken back: not a value */
    assert_true(bag_remove(&delta, 0x00010000));

    fill_up(&bag);
    msp_alloc_fail_at(1);
    assert_false(bag_merge(&bag, &delta));
    assert_true(msp_alloc_fail_disarm());
    assert_content(&bag, "0001:001f=one 0002:001f=two 0003:001f=three");
    assert_content(&delta, "0002:0003=2 0003:0003=3 0005:0003=5 0007:0003=7");
    assert_true(bag_merge(&bag, &delta));

    assert_content(&bag, "0001:001f=one 0002:0003=2 0003:0003=3 0005:0003=5 0007:0003=7");
    assert_packs(&bag, "0001:001f=one 0002:0003=2 0003:0003=3 0005:0003=5 0007:0003=7");
    assert_content(&delta, "");
    assert_int_equal(delta.change_count, 0);
    assert_true(bag_merge(&bag, &delta));
    bag_done(&bag);
}

/* Two change places, one goes, one is not there, one stays as it is. */
static void rename__identities_in_a_circle__types_and_values_stay(void **state)
{
    static const uint32_t from[] = { 0x80010000, 0x80020000, 0x80030000, 0x80040000 };
    static const uint32_t to[] = { 0x80020000, 0x80010000, 0x00000001, 0x80050000 };
    struct bag bag = { 0 };

    (void)state;
    set(&bag, 0x0002001F, "two");
    set(&bag, 0x80010003, "1");
    assert_true(bag_set(&bag, 0x8002001F, BAG_LARGE, "2", 1));
    set(&bag, 0x80030003, "3");

    assert_true(bag_rename(&bag, from, to, 4));

    assert_content(&bag, "0002:001f=two 8001:001f=2! 8002:0003=1");
    bag_done(&bag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bag__empty__has_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(
                bag_set__in_any_order__is_sorted_by_identity, setup, teardown),
        cmocka_unit_test_setup_teardown(
                bag_set__same_identity_other_type__replaces, setup, teardown),
        cmocka_unit_test_setup_teardown(bag__changes_over_a_base__are_merged, setup, teardown),
        cmocka_unit_test_setup_teardown(
                bag_remove__everything__leaves_an_empty_record, setup, teardown),
        cmocka_unit_test_setup_teardown(
                bag_set__from_its_own_value__is_copied_first, setup, teardown),
        cmocka_unit_test_setup_teardown(
                bag_copy__changes_and_base__is_independent, setup, teardown),
        cmocka_unit_test_setup_teardown(large__reference__survives_packing, setup, teardown),
        cmocka_unit_test_setup_teardown(pack__around_64_kib__chooses_the_format, setup, teardown),
        cmocka_unit_test_setup_teardown(
                pack__65535_values__fits_and_one_more_does_not, setup, teardown),
        cmocka_unit_test_setup_teardown(
                packed_check__each_byte_changed_or_cut__is_refused_or_safe, setup, teardown),
        cmocka_unit_test_setup_teardown(
                packed_check__random_bytes__never_read_outside, setup, teardown),
        cmocka_unit_test_setup_teardown(load__corrupt_record__bag_is_unchanged, setup, teardown),
        cmocka_unit_test_setup_teardown(
                bag__nth_allocation_fails__nothing_is_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(
                reserve__then_changes__do_not_need_the_list_to_grow, setup, teardown),
        cmocka_unit_test_setup_teardown(merge__new_and_known_values__are_moved, setup, teardown),
        cmocka_unit_test_setup_teardown(
                rename__identities_in_a_circle__types_and_values_stay, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
