/* SPDX-License-Identifier: MIT */
/*
 * mapitext.h - text between our UTF-8 and the two forms MAPI knows: 16-bit units and the system's
 * 8-bit code page.
 *
 * Locks: none. Everything takes untrusted bytes and is total, as util/utf.h and platform/ansi.h.
 */
#ifndef MSP_MAPI_MAPITEXT_H
#define MSP_MAPI_MAPITEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uchar.h>

struct msp_buf;

/* Whether no byte is above 0x7F: then UTF-8, the code page and 16-bit units agree. */
bool mapitext_is_ascii(const void *text, size_t size);

/* How many bytes from the start on are not above 0x7F. */
size_t mapitext_ascii_size(const void *text, size_t size);

/* Appends 8-bit text as UTF-8. False: out of memory. */
bool mapitext_append_ansi(struct msp_buf *out, const char *text, size_t size);

/* Appends a client's terminated text, 16-bit (MAPI_UNICODE) or 8-bit, as UTF-8. False: out of
 * memory. */
bool mapitext_append_tstr(struct msp_buf *out, const void *text, bool unicode);

/*
 * Converts UTF-8 to the code page and returns the number of bytes of the whole result (never more
 * than `size`). No more than out_size are written; out may be NULL with room 0.
 */
size_t mapitext_to_ansi(const char *text, size_t size, char *out, size_t out_size);

/*
 * Converts UTF-8 to 16-bit units, as utf8_to_utf16(), quick where the text is ASCII. `out` has room
 * for `size` units, which is always enough. Returns how many were made.
 */
size_t mapitext_to_wide(const char *text, size_t size, char16_t *out);

/* Number of 16-bit units of a UTF-8 text (never more than `size`). */
size_t mapitext_unit_count(const char *text, size_t size);

#endif
