/* SPDX-License-Identifier: MIT */
/*
 * rtf_text.h - what an RTF says: its plain text, or the HTML that was encapsulated in it
 * ([MS-OXRTFEX]).
 *
 * RTF comes in pieces of any size and is untrusted. Beside the output it takes constant memory.
 * Unknown control words are passed over, destinations that a reader may ignore too; an RTF that
 * ends in the middle is taken as far as it goes.
 *
 * Locks: none; a reader belongs to one call.
 */
#ifndef MSP_MAPI_RTF_TEXT_H
#define MSP_MAPI_RTF_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uchar.h>

#include "mapi/charset.h"
#include "util/buf.h"

enum {
    RTF_DEPTH_MAX = 256,  /* groups in groups */
    RTF_FONTS_MAX = 4096, /* fonts with higher numbers have the document's code page */
    RTF_WORD_MAX = 32     /* letters of a control word */
};

enum rtf_want {
    RTF_WANT_TEXT, /* UTF-8, lines end in CR LF */
    RTF_WANT_HTML  /* UTF-8 */
};

/* What the RTF was made from, as its head says. */
enum rtf_kind { RTF_KIND_RTF, RTF_KIND_TEXT, RTF_KIND_HTML };

enum rtf_status {
    RTF_OK,
    RTF_NOT,       /* no RTF, or no HTML in it although that is wanted, or nested too deeply */
    RTF_TOO_LARGE, /* more output than is allowed */
    RTF_NO_MEMORY
};

/* The state that braces save and restore. */
struct rtf_group {
    uint8_t destination;
    uint8_t fallback_count; /* \ucN */
    bool is_ignorable;      /* began with \* */
    bool is_hidden;         /* \v */
    bool is_rtf_only;       /* \htmlrtf */
    bool is_tag;            /* in \*\htmltag */
    uint16_t font;
};

/* The fields are rtf_text.c's own, but for `kind`. */
struct rtf_reader {
    enum rtf_kind kind;
    enum rtf_want want;
    enum rtf_status status;
    struct msp_buf *out;
    size_t start; /* of the output in `out` */
    size_t max;
    struct charset charset;
    unsigned code_page;    /* of the document */
    uint16_t default_font; /* \deffN */
    uint16_t table_font;   /* the font that the font table is about */
    uint16_t *fonts;       /* code pages by number, 0: the document's; NULL: there are none */
    struct msp_buf bytes;  /* characters of bytes_page still to be converted */
    unsigned bytes_page;
    char16_t high_surrogate; /* of \uN, waiting for the other; 0: none */
    unsigned skip;           /* characters that stand in for the last \uN */

    int lex; /* where in a token it is */
    char word[RTF_WORD_MAX + 1];
    size_t word_size;
    bool has_number;
    bool is_negative;
    uint32_t number;
    uint32_t binary_left;
    uint8_t hex;
    bool at_group_start;
    bool is_rtf;   /* {\rtf was there */
    bool is_ended; /* and its } */
    unsigned depth;
    struct rtf_group groups[RTF_DEPTH_MAX];
};

/* Output is appended to `out`, at most max bytes. */
void rtf_reader_init(
        struct rtf_reader *reader, enum rtf_want want, struct msp_buf *out, size_t max);
void rtf_reader_done(struct rtf_reader *reader);
/* False: it needs no more, rtf_reader_end() says why. */
bool rtf_reader_feed(struct rtf_reader *reader, const void *data, size_t size);
/* All pieces have come. What `out` has got after a failure is of no use. */
enum rtf_status rtf_reader_end(struct rtf_reader *reader);

#endif
