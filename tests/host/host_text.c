/* SPDX-License-Identifier: MIT */
/*
 * host_text.c - text, hex and SHA-256 for the reference host; written apart from the product's, so
 * that a mistake in one is not repeated in the other.
 */
#include "host_text.h"

#include <stdlib.h>
#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool host_text_same_nocase(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

/* One code point from UTF-8; U+FFFD for what is not one. Moves *at by at least one byte. */
static uint32_t next_utf8(const unsigned char **at)
{
    static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
    const unsigned char *p = *at;
    unsigned first = *p++, more, i;
    uint32_t point;

    if (first < 0x80) {
        *at = p;
        return first;
    }
    more = first >= 0xF0 && first < 0xF8   ? 3
           : first >= 0xE0 && first < 0xF0 ? 2
           : first >= 0xC0 && first < 0xE0 ? 1
                                           : 0;
    point = first & (0x3Fu >> more);
    for (i = 0; i < more && (p[i] & 0xC0) == 0x80; i++)
        point = point << 6 | (p[i] & 0x3F);
    if (more == 0 || i < more || point < least[more] || point > 0x10FFFF ||
            (point >= 0xD800 && point < 0xE000)) {
        *at = p;
        return 0xFFFD;
    }
    *at = p + more;
    return point;
}

uint16_t *host_text_to_utf16(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    uint16_t *out = malloc((strlen(text) + 1) * sizeof(*out));
    size_t n = 0;

    if (!out)
        return NULL;
    while (*at) {
        uint32_t point = next_utf8(&at);

        if (point >= 0x10000) {
            out[n++] = (uint16_t)(0xD800 + ((point - 0x10000) >> 10));
            out[n++] = (uint16_t)(0xDC00 + ((point - 0x10000) & 0x3FF));
        } else {
            out[n++] = (uint16_t)point;
        }
    }
    out[n] = 0;
    return out;
}

size_t host_text_utf16_length(const uint16_t *text)
{
    size_t n = 0;

    while (text[n])
        n++;
    return n;
}

char *host_text_to_utf8(const uint16_t *text, size_t count)
{
    char *out, *at;
    size_t i;

    if (count == SIZE_MAX)
        count = host_text_utf16_length(text);
    out = malloc(count * 3 + 1);
    if (!out)
        return NULL;
    at = out;
    for (i = 0; i < count; i++) {
        uint32_t point = text[i];

        if (point >= 0xD800 && point < 0xDC00 && i + 1 < count && text[i + 1] >= 0xDC00 &&
                text[i + 1] < 0xE000)
            point = 0x10000 + ((point & 0x3FF) << 10 | (text[++i] & 0x3FF));
        else if (point >= 0xD800 && point < 0xE000)
            point = 0xFFFD;
        if (point < 0x80) {
            *at++ = (char)point;
        } else if (point < 0x800) {
            *at++ = (char)(0xC0 | point >> 6);
            *at++ = (char)(0x80 | (point & 0x3F));
        } else if (point < 0x10000) {
            *at++ = (char)(0xE0 | point >> 12);
            *at++ = (char)(0x80 | (point >> 6 & 0x3F));
            *at++ = (char)(0x80 | (point & 0x3F));
        } else {
            *at++ = (char)(0xF0 | point >> 18);
            *at++ = (char)(0x80 | (point >> 12 & 0x3F));
            *at++ = (char)(0x80 | (point >> 6 & 0x3F));
            *at++ = (char)(0x80 | (point & 0x3F));
        }
    }
    *at = 0;
    return out;
}

void host_hex_write(const void *bytes, size_t size, char *out)
{
    const unsigned char *at = bytes;
    size_t i;

    for (i = 0; i < size; i++) {
        *out++ = "0123456789abcdef"[at[i] >> 4];
        *out++ = "0123456789abcdef"[at[i] & 15];
    }
    *out = 0;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool host_hex_read(const char *text, size_t length, void *out, size_t out_max, size_t *out_size)
{
    unsigned char *at = out;
    size_t i;

    if (length % 2 || length / 2 > out_max)
        return false;
    for (i = 0; i < length; i += 2) {
        int high = digit(text[i]), low = digit(text[i + 1]);

        if (high < 0 || low < 0)
            return false;
        *at++ = (unsigned char)(high << 4 | low);
    }
    *out_size = length / 2;
    return true;
}

static uint32_t turn(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static void sha256_block(uint32_t state[8], const unsigned char *p)
{
    /* clang-format off */
    static const uint32_t k[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    };
    /* clang-format on */
    uint32_t w[64], s[8];
    unsigned i;

    for (i = 0; i < 16; i++)
        w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 |
               (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
    for (; i < 64; i++)
        w[i] = w[i - 16] + w[i - 7] + (turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3) +
               (turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10);
    memcpy(s, state, sizeof(s));
    for (i = 0; i < 64; i++) {
        uint32_t t1 = s[7] + (turn(s[4], 6) ^ turn(s[4], 11) ^ turn(s[4], 25)) +
                      ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[i] + w[i];
        uint32_t t2 = (turn(s[0], 2) ^ turn(s[0], 13) ^ turn(s[0], 22)) +
                      ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));

        memmove(s + 1, s, 7 * sizeof(s[0]));
        s[4] += t1;
        s[0] = t1 + t2;
    }
    for (i = 0; i < 8; i++)
        state[i] += s[i];
}

void host_sha256_init(struct host_sha256 *sha)
{
    static const uint32_t start[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
        0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

    memcpy(sha->state, start, sizeof(start));
    sha->bytes = 0;
}

void host_sha256_add(struct host_sha256 *sha, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    size_t held = sha->bytes % 64;

    sha->bytes += size;
    while (size > 0) {
        size_t n = 64 - held < size ? 64 - held : size;

        if (n == 64) {
            sha256_block(sha->state, at);
        } else {
            memcpy(sha->block + held, at, n);
            if (held + n == 64)
                sha256_block(sha->state, sha->block);
        }
        held = (held + n) % 64;
        at += n;
        size -= n;
    }
}

void host_sha256_done(struct host_sha256 *sha, unsigned char out[32])
{
    uint64_t bits = sha->bytes * 8;
    unsigned char tail[72] = { 0x80 };
    size_t pad = 1 + (119 - sha->bytes % 64) % 64;
    unsigned i;

    for (i = 0; i < 8; i++)
        tail[pad + i] = (unsigned char)(bits >> (56 - 8 * i));
    host_sha256_add(sha, tail, pad + 8);
    for (i = 0; i < 32; i++)
        out[i] = (unsigned char)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
}
