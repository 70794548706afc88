/* SPDX-License-Identifier: MIT */
/*
 * charset.h - message bodies between the code pages of mail and our UTF-8.
 *
 * Every number is taken: a code page that the system does not have is read as its own 8-bit one,
 * and written as ASCII.
 *
 * Locks: none; a struct charset belongs to one call.
 */
#ifndef MSP_MAPI_CHARSET_H
#define MSP_MAPI_CHARSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct msp_buf;
struct msp_codepage;

enum {
    CHARSET_UTF16 = 1200,
    CHARSET_UTF16_BE = 1201,
    CHARSET_WESTERN = 1252,
    CHARSET_ASCII = 20127,
    CHARSET_UTF8 = 65001
};

/* The code page that was used last stays open. All zero is a good closed one. */
struct charset {
    struct msp_codepage *page; /* NULL: none, or the system does not have it */
    unsigned number;           /* that `page` was opened for; 0: none */
};

void charset_done(struct charset *charset);

/* Whether ASCII is ASCII in it, and no other character has such bytes at its beginning. */
bool charset_has_ascii(unsigned number);

/* The number of a name that mail and HTML use, in any case of letters; 0: unknown. */
unsigned charset_by_name(const char *name, size_t size);

/* Appends text as UTF-8. False: no memory. */
bool charset_decode(struct charset *charset, unsigned number, const void *text, size_t size,
        struct msp_buf *out);

/* Appends UTF-8 in a code page; characters that it does not have as numbers of HTML, "&#8364;".
 * False: no memory. */
bool charset_encode_html(struct charset *charset, unsigned number, const char *text, size_t size,
        struct msp_buf *out);

#endif
