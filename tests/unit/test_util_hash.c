/* SPDX-License-Identifier: MIT */
/*
 * test_util_hash.c - the hash and the CRC.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/hash.h"

static int bits_of(uint64_t value)
{
    int count = 0;

    for (; value != 0; value &= value - 1)
        count++;
    return count;
}

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static void crc32__known_texts__known_values(void **state)
{
    (void)state;
    assert_int_equal(msp_crc32("123456789", 9), 0xCBF43926);
    assert_int_equal(msp_crc32("", 0), 0);
    assert_int_equal(msp_crc32("a", 1), 0xE8B7BE43);
}

static void crc32_update__in_parts__is_the_same(void **state)
{
    unsigned char bytes[300];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(i * 7);
    for (size_t cut = 0; cut <= sizeof(bytes); cut += 13) {
        uint32_t crc = msp_crc32_update(0, bytes, cut);

        assert_int_equal(msp_crc32_update(crc, bytes + cut, sizeof(bytes) - cut),
                msp_crc32_update(0, bytes, sizeof(bytes)));
    }
}

static void crc32_update__bit_by_bit__agrees_with_the_definition(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        unsigned char c = (unsigned char)byte;
        uint32_t crc = byte;

        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
        assert_int_equal(msp_crc32_update(0, &c, 1), crc);
    }
}

static void hash__lengths_of_zeros__all_differ(void **state)
{
    static const unsigned char zeros[64];
    uint64_t hashes[130];

    (void)state;
    for (size_t size = 0; size <= 64; size++) {
        hashes[size] = msp_hash(zeros, size, 0);
        hashes[65 + size] = msp_hash(zeros, size, 1);
    }
    assert_true(msp_hash(NULL, 0, 0) == hashes[0]);
    qsort(hashes, 130, sizeof(hashes[0]), compare);
    for (size_t i = 1; i < 130; i++)
        assert_true(hashes[i] != hashes[i - 1]);
}

static void hash__one_bit_changed__half_of_the_hash_changes(void **state)
{
    unsigned char bytes[40] = { 0 };
    long total = 0, tries = 0;

    (void)state;
    for (size_t size = 1; size <= sizeof(bytes); size++) {
        uint64_t before = msp_hash(bytes, size, 9);

        for (size_t bit = 0; bit < size * 8; bit++) {
            int changed;

            bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
            changed = bits_of(before ^ msp_hash(bytes, size, 9));
            bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
            assert_in_range(changed, 8, 56);
            total += changed;
            tries++;
        }
    }
    /* 32 of 64 on average; the tries are many enough for a tenth of a bit. */
    assert_in_range(total * 100 / tries, 3170, 3230);
}

static void hash__alignment__does_not_matter(void **state)
{
    unsigned char room[48];

    (void)state;
    for (size_t shift = 0; shift < 8; shift++) {
        memcpy(room + shift, "The quick brown fox jumps over the lazy", 39);
        assert_true(msp_hash(room + shift, 39, 5) ==
                    msp_hash("The quick brown fox jumps over the lazy", 39, 5));
    }
}

static void hash_u64__small_numbers__spread_in_every_part(void **state)
{
    unsigned char seen_low[4096] = { 0 }, seen_high[4096] = { 0 };
    unsigned low = 0, high = 0;

    (void)state;
    for (uint64_t i = 0; i < 4096; i++) {
        uint64_t hash = msp_hash_u64(i + 1);

        low += !seen_low[hash & 4095]++;
        high += !seen_high[hash >> 52]++;
    }
    /* 4096 balls into 4096 bins hit 2,589 of them on average. */
    assert_in_range(low, 2450, 2730);
    assert_in_range(high, 2450, 2730);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc32__known_texts__known_values),
        cmocka_unit_test(crc32_update__in_parts__is_the_same),
        cmocka_unit_test(crc32_update__bit_by_bit__agrees_with_the_definition),
        cmocka_unit_test(hash__lengths_of_zeros__all_differ),
        cmocka_unit_test(hash__one_bit_changed__half_of_the_hash_changes),
        cmocka_unit_test(hash__alignment__does_not_matter),
        cmocka_unit_test(hash_u64__small_numbers__spread_in_every_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
