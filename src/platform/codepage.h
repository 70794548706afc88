/* SPDX-License-Identifier: MIT */
/*
 * codepage.h - text in any of the system's code pages, to UTF-16 and back.
 *
 * Any input is accepted: what a code page has not becomes U+FFFD, what cannot be expressed in it is
 * reported. The system's own page has its shorter way in platform/ansi.h.
 */
#ifndef MSP_PLATFORM_CODEPAGE_H
#define MSP_PLATFORM_CODEPAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uchar.h>

struct msp_codepage;

/* NULL: the system does not have that code page, or is out of memory. */
struct msp_codepage *msp_codepage_open(unsigned number);
void msp_codepage_close(struct msp_codepage *page);
unsigned msp_codepage_number(const struct msp_codepage *page);

/* Converts whole text. Returns the units made; never more than size * 2, for which `out` must have
 * room. Bytes of a character that is cut off at the end are one U+FFFD. */
size_t msp_codepage_decode(
        struct msp_codepage *page, const char *text, size_t size, char16_t *out, size_t out_count);

/* Converts one character (a unit, or a pair). Returns its bytes, at most out_size; 0: the code page
 * does not have it. */
size_t msp_codepage_encode(
        struct msp_codepage *page, const char16_t *units, size_t count, char *out, size_t out_size);

#endif
