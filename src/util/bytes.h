/* SPDX-License-Identifier: MIT */
/*
 * bytes.h - little-endian numbers in memory of any alignment, and sums that cannot overflow.
 */
#ifndef MSP_UTIL_BYTES_H
#define MSP_UTIL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint16_t get_u16le(const void *from)
{
    const unsigned char *p = from;

    return (uint16_t)(p[0] | (unsigned)p[1] << 8);
}

static inline uint32_t get_u32le(const void *from)
{
    const unsigned char *p = from;

    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t get_u64le(const void *from)
{
    const unsigned char *p = from;

    return get_u32le(p) | (uint64_t)get_u32le(p + 4) << 32;
}

static inline uint16_t get_u16be(const void *from)
{
    const unsigned char *p = from;

    return (uint16_t)((unsigned)p[0] << 8 | p[1]);
}

static inline uint32_t get_u32be(const void *from)
{
    const unsigned char *p = from;

    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t get_u64be(const void *from)
{
    const unsigned char *p = from;

    return (uint64_t)get_u32be(p) << 32 | get_u32be(p + 4);
}

static inline void put_u16le(void *to, uint16_t value)
{
    unsigned char *p = to;

    p[0] = (unsigned char)value;
    p[1] = (unsigned char)(value >> 8);
}

static inline void put_u32le(void *to, uint32_t value)
{
    unsigned char *p = to;

    p[0] = (unsigned char)value;
    p[1] = (unsigned char)(value >> 8);
    p[2] = (unsigned char)(value >> 16);
    p[3] = (unsigned char)(value >> 24);
}

static inline void put_u64le(void *to, uint64_t value)
{
    unsigned char *p = to;

    put_u32le(p, (uint32_t)value);
    put_u32le(p + 4, (uint32_t)(value >> 32));
}

static inline void put_u16be(void *to, uint16_t value)
{
    unsigned char *p = to;

    p[0] = (unsigned char)(value >> 8);
    p[1] = (unsigned char)value;
}

static inline void put_u32be(void *to, uint32_t value)
{
    unsigned char *p = to;

    put_u16be(p, (uint16_t)(value >> 16));
    put_u16be(p + 2, (uint16_t)value);
}

static inline void put_u64be(void *to, uint64_t value)
{
    unsigned char *p = to;

    put_u32be(p, (uint32_t)(value >> 32));
    put_u32be(p + 4, (uint32_t)value);
}

/* a + b into *out; false, with *out untouched, when it does not fit. */
static inline bool msp_add_ok(size_t a, size_t b, size_t *out)
{
    if (b > SIZE_MAX - a)
        return false;
    *out = a + b;
    return true;
}

/* a * b into *out; false, with *out untouched, when it does not fit. */
static inline bool msp_mul_ok(size_t a, size_t b, size_t *out)
{
    if (a != 0 && b > SIZE_MAX / a)
        return false;
    *out = a * b;
    return true;
}

static inline size_t msp_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t msp_max(size_t a, size_t b)
{
    return a > b ? a : b;
}

#endif
