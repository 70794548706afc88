/* SPDX-License-Identifier: MIT */
/*
 * host_text.h - text, hex and SHA-256 for the reference host.
 */
#ifndef HOST_TEXT_H
#define HOST_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ASCII case is ignored. */
bool host_text_same_nocase(const char *a, const char *b);

/* UTF-8 to UTF-16 with terminator, malloc'ed; bad bytes become U+FFFD. NULL: no memory. */
uint16_t *host_text_to_utf16(const char *text);
/* `count` units of UTF-16 (SIZE_MAX: up to the terminator) to UTF-8, malloc'ed. */
char *host_text_to_utf8(const uint16_t *text, size_t count);
size_t host_text_utf16_length(const uint16_t *text);

/* 2 * size digits and a terminator. */
void host_hex_write(const void *bytes, size_t size, char *out);
/* Bytes of an even number of hex digits, nothing else in the text; false otherwise or when more
 * than `out_max`. */
bool host_hex_read(const char *text, size_t length, void *out, size_t out_max, size_t *out_size);

struct host_sha256 {
    uint32_t state[8];
    uint64_t bytes;
    unsigned char block[64];
};

void host_sha256_init(struct host_sha256 *sha);
void host_sha256_add(struct host_sha256 *sha, const void *bytes, size_t size);
void host_sha256_done(struct host_sha256 *sha, unsigned char out[32]);

#endif
