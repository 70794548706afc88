/* SPDX-License-Identifier: MIT */
/*
 * rtf_word.h - the control words that a reader of texts has to know.
 */
#ifndef MSP_MAPI_RTF_WORD_H
#define MSP_MAPI_RTF_WORD_H

#include <stddef.h>
#include <stdint.h>

enum rtf_action {
    RTF_WORD_UNKNOWN,
    RTF_WORD_CHARACTER, /* stands for the code point `value` */
    RTF_WORD_BREAK,     /* ends a line */
    RTF_WORD_TAB,
    RTF_WORD_SKIP,  /* a destination that is not part of the text */
    RTF_WORD_FONTS, /* the font table */
    RTF_WORD_BINARY,
    RTF_WORD_UNICODE,
    RTF_WORD_FALLBACK,
    RTF_WORD_CODE_PAGE, /* `value`, or the number behind the word when that is 0 */
    RTF_WORD_DEFAULT_FONT,
    RTF_WORD_FONT,
    RTF_WORD_FONT_CHARSET,
    RTF_WORD_FONT_PAGE,
    RTF_WORD_PLAIN,
    RTF_WORD_HIDDEN,
    RTF_WORD_RTF,
    RTF_WORD_FROM_HTML,
    RTF_WORD_FROM_TEXT,
    RTF_WORD_RTF_ONLY,
    RTF_WORD_TAG
};

struct rtf_word {
    const char *name;
    enum rtf_action action;
    uint16_t value;
    const char *entity; /* how HTML names the character, or NULL */
};

/* NULL: unknown. */
const struct rtf_word *rtf_word_find(const char *name, size_t size);

/* The code page of a font's \fcharsetN; 0: the document's. */
unsigned rtf_charset_page(uint32_t charset);

#endif
