/* SPDX-License-Identifier: MIT */
/*
 * html_entity.h - character references of HTML: "&amp;", "&#8364;", "&#x20AC;".
 */
#ifndef MSP_MAPI_HTML_ENTITY_H
#define MSP_MAPI_HTML_ENTITY_H

#include <stddef.h>
#include <stdint.h>

/* Reads a reference that begins at the '&' of text[0]. Returns its bytes, 0 when it is none and the
 * '&' stands for itself. */
size_t html_entity_read(const char *text, size_t size, uint32_t *out_code);

#endif
