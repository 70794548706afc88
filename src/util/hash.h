/* SPDX-License-Identifier: MIT */
/*
 * hash.h - a hash for tables in memory, and the CRC of compressed RTF.
 *
 * The hash is the same on every machine and in every build, but it is not a promise of the file
 * format and no protection against chosen collisions.
 */
#ifndef MSP_UTIL_HASH_H
#define MSP_UTIL_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Hash of some bytes (data may be NULL for size 0); different seeds give unrelated hashes. */
uint64_t msp_hash(const void *data, size_t size, uint64_t seed);

/* Hash of one number; a bijection. */
uint64_t msp_hash_u64(uint64_t value);

/* CRC-32 (IEEE 802.3, as in zip): 0xCBF43926 for "123456789". */
uint32_t msp_crc32(const void *data, size_t size);

/*
 * The bare register: takes up at crc and gives it back without the usual inversions. Starting at 0
 * it is the CRC of compressed RTF; ~msp_crc32_update(0xFFFFFFFF, ...) is msp_crc32.
 */
uint32_t msp_crc32_update(uint32_t crc, const void *data, size_t size);

#endif
