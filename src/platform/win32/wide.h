/* SPDX-License-Identifier: MIT */
/*
 * wide.h - strings for the W functions of Windows.
 */
#ifndef MSP_PLATFORM_WIN32_WIDE_H
#define MSP_PLATFORM_WIN32_WIDE_H

#include <stddef.h>
#include <uchar.h>

/*
 * A UTF-8 string as UTF-16, to be freed with free(). NULL when it is not valid UTF-8 (the last
 * error is ERROR_NO_UNICODE_TRANSLATION then) or out of memory (ERROR_NOT_ENOUGH_MEMORY).
 */
char16_t *wide_dup(const char *text);

/*
 * Writes a UTF-16 string as UTF-8 if it fits, else "". Returns the size needed with its NUL, 0 when
 * it is not valid UTF-16.
 */
size_t wide_to_utf8(const char16_t *text, char *out, size_t out_size);

#endif
