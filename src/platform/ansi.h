/* SPDX-License-Identifier: MIT */
/*
 * ansi.h - the 8-bit code page of PT_STRING8, between the system's ANSI code page and UTF-16.
 *
 * On Windows the process's ANSI code page; natively Windows-1252. Lengths are explicit, NULs inside
 * are text like any other, and nothing is added at the end. Any input is accepted: what cannot be
 * expressed becomes U+FFFD or '?'.
 */
#ifndef MSP_PLATFORM_ANSI_H
#define MSP_PLATFORM_ANSI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uchar.h>

/* Returned for text too long for the system's functions (2 GiB). */
#define MSP_ANSI_TOO_LONG SIZE_MAX

/* Number of the code page, such as 1252. */
unsigned msp_ansi_code_page(void);

/*
 * Converts size bytes and returns the number of units needed. When they are more than out_count,
 * nothing useful is in out: ask first with (NULL, 0), then convert.
 */
size_t msp_ansi_to_utf16(const char *text, size_t size, char16_t *out, size_t out_count);

/*
 * Converts count units and returns the number of bytes needed, as above. *out_lossy (may be NULL)
 * tells whether anything became '?'; a similar-looking letter is never taken instead.
 */
size_t msp_utf16_to_ansi(
        const char16_t *text, size_t count, char *out, size_t out_size, bool *out_lossy);

#endif
