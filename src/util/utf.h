/* SPDX-License-Identifier: MIT */
/*
 * utf.h - UTF-8 and UTF-16, total on any input, and comparison without regard to case.
 *
 * Lengths are explicit; a NUL inside is a character like any other, and none is added unless said.
 *
 * UTF-8 here is its generalised form: a surrogate that has no partner is kept as its three bytes,
 * so every sequence of 16-bit units comes back as it was. Bytes that are no such text read as
 * U+FFFD, one for each longest part that could have begun a character.
 */
#ifndef MSP_UTIL_UTF_H
#define MSP_UTIL_UTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uchar.h>

#include "platform/base.h"
#include "util/buf.h"

#define UTF_REPLACEMENT 0xFFFDu

/* Units before the closing NUL; within at most max units for utf16_nlen. */
size_t utf16_len(const char16_t *text);
size_t utf16_nlen(const char16_t *text, size_t max);

/*
 * Converts, and returns the number of units (bytes) of the whole result. No more than out_count
 * (out_size) are written, and only whole characters: a caller that gets more back than it had room
 * for has a clean beginning. out may be NULL with room 0.
 */
size_t utf8_to_utf16(const char *text, size_t size, char16_t *out, size_t out_count);
size_t utf16_to_utf8(const char16_t *text, size_t count, char *out, size_t out_size);

/*
 * The same into a new block, to be freed with msp_free, with a NUL behind the text; the length
 * without it goes to *out_* (may be NULL). NULL when out of memory.
 */
MSP_MUST_CHECK char16_t *utf8_dup_utf16(const char *text, size_t size, size_t *out_count);
MSP_MUST_CHECK char *utf16_dup_utf8(const char16_t *text, size_t count, size_t *out_size);

/* The same, appended to a buffer. False: out of memory. */
bool utf16_append_utf8(struct msp_buf *buf, const char16_t *text, size_t count);

/* Whether the bytes are what utf16_to_utf8 could have produced (see above), so nothing is lost. */
bool utf8_is_valid(const char *text, size_t size);

/*
 * Reads one character from size (> 0) bytes: its code point (UTF_REPLACEMENT for a bad part) in
 * *out_code, the number of bytes taken (1 to 4) as result.
 */
size_t utf8_next(const char *text, size_t size, uint32_t *out_code);

/* Writes a code point (up to 0x10FFFF, surrogates included) as 1 to 4 bytes; returns how many. */
size_t utf8_put(uint32_t code, char out[4]);

/*
 * The folded form of one code point: Unicode simple case folding, the same on every machine and
 * in every locale. Most code points fold to themselves.
 */
uint32_t utf_fold_code(uint32_t code);

/* Appends the folded form of a text. False: out of memory. The folded form folds to itself. */
bool utf8_fold(const char *text, size_t size, struct msp_buf *out);

/*
 * Compares without regard to case: negative, 0 or positive, as memcmp over the folded forms (and
 * the shorter first). A total order, whatever the bytes.
 */
int utf8_compare_fold(const char *a, size_t a_size, const char *b, size_t b_size);

/* The same for 16-bit units; the order is that of code points, as above. */
int utf16_compare_fold(const char16_t *a, size_t a_count, const char16_t *b, size_t b_count);

#endif
