/* SPDX-License-Identifier: MIT */
/*
 * html_text.h - what of an HTML text is seen, and the plain text it makes.
 *
 * Not a browser: tags, comments, entities, white space and the breaks that elements bring. Any
 * bytes are taken. HTML and text are UTF-8; lines of the text end in CR LF.
 *
 * Locks: none.
 */
#ifndef MSP_MAPI_HTML_TEXT_H
#define MSP_MAPI_HTML_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct msp_buf;

/* Gets the whole source, piece by piece and in order, and between the pieces what is seen without
 * being there. False stops the walk. */
struct html_visitor {
    void *context;
    /* Source that is not seen: tags, comments, entities, most white space. */
    bool (*markup)(void *context, const char *source, size_t size);
    /* Source that is seen as it stands. */
    bool (*text)(void *context, const char *source, size_t size);
    /* Seen, and not in the source: the characters of entities, breaks. */
    bool (*show)(void *context, const char *text, size_t size);
};

/* False: a visitor has stopped it. */
bool html_walk(const char *html, size_t size, const struct html_visitor *visitor);

/* Appends the plain text, at most max bytes. False: it is longer, or no memory. */
bool html_to_text(const char *html, size_t size, size_t max, struct msp_buf *out);

/* The code page that the HTML itself names (a byte order mark, or the charset of a meta element);
 * 0: none that is known. */
unsigned html_code_page(const void *html, size_t size);

#endif
