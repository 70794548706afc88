/* SPDX-License-Identifier: MIT */
/*
 * hash.c - a hash for tables in memory, and CRC-32.
 */
#include "util/hash.h"

#include <string.h>

#include "util/bytes.h"

/* Odd numbers without pattern: the golden ratio, and the mixers of David Stafford's variant 13. */
#define GOLDEN UINT64_C(0x9E3779B97F4A7C15)
#define MIX_1 UINT64_C(0xBF58476D1CE4E5B9)
#define MIX_2 UINT64_C(0x94D049BB133111EB)

uint64_t msp_hash_u64(uint64_t value)
{
    value = (value ^ (value >> 30)) * MIX_1;
    value = (value ^ (value >> 27)) * MIX_2;
    return value ^ (value >> 31);
}

/* Takes one word in; every bit of it reaches the upper half, the rotation brings it down again. */
static uint64_t absorb(uint64_t hash, uint64_t word)
{
    hash = (hash ^ (word * MIX_1)) * GOLDEN;
    return hash << 29 | hash >> 35;
}

uint64_t msp_hash(const void *data, size_t size, uint64_t seed)
{
    const unsigned char *bytes = data;
    uint64_t hash = msp_hash_u64(seed + GOLDEN) ^ size;
    unsigned char tail[8] = { 0 };

    for (; size >= 8; size -= 8, bytes += 8)
        hash = absorb(hash, get_u64le(bytes));
    if (size > 0) {
        memcpy(tail, bytes, size);
        hash = absorb(hash, get_u64le(tail));
    }
    return msp_hash_u64(hash);
}

/* The register after each of the sixteen values of four bits. */
/* clang-format off */
static const uint32_t crc_of_nibble[16] = {
    0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
    0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
};

/* clang-format on */

uint32_t msp_crc32_update(uint32_t crc, const void *data, size_t size)
{
    const unsigned char *bytes = data;

    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        crc = crc_of_nibble[crc & 15] ^ crc >> 4;
        crc = crc_of_nibble[crc & 15] ^ crc >> 4;
    }
    return crc;
}

uint32_t msp_crc32(const void *data, size_t size)
{
    return ~msp_crc32_update(0xFFFFFFFF, data, size);
}
