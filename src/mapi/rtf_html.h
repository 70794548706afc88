/* SPDX-License-Identifier: MIT */
/*
 * rtf_html.h - RTF made from plain text, and RTF that has HTML encapsulated in it ([MS-OXRTFEX]).
 *
 * What is written comes back from rtf_text.h: the HTML byte for byte, the text but for its line
 * ends, which are all CR LF then. All input is UTF-8 and any bytes are taken. The RTF is ASCII.
 *
 * Locks: none.
 */
#ifndef MSP_MAPI_RTF_HTML_H
#define MSP_MAPI_RTF_HTML_H

#include <stdbool.h>
#include <stddef.h>

struct msp_buf;

/* Append at most max bytes. False: it is longer, or no memory. */
bool rtf_from_text(const char *text, size_t size, size_t max, struct msp_buf *out);
bool rtf_from_html(const char *html, size_t size, size_t max, struct msp_buf *out);

#endif
