/* SPDX-License-Identifier: MIT */
/*
 * body_text.h - the conversions between stored bodies, through the engine's values and the formats
 * of mapi/.
 *
 * Each appends to `out`. MAPI_E_NOT_FOUND: the body is damaged, MAPI_E_TOO_BIG: it is too large, or
 * what is wanted would be; either way nothing can be made of it. Other failures are memory's and
 * the store's.
 *
 * Locks: the domain's.
 */
#ifndef MSP_COM_BODY_TEXT_H
#define MSP_COM_BODY_TEXT_H

#include "com/body.h"
#include "mapi/rtf_text.h"

struct msp_buf;

/* Of a result: nothing can be made of that body, now or later. */
static inline bool body_is_unusable(HRESULT hr)
{
    return hr == MAPI_E_NOT_FOUND || hr == MAPI_E_TOO_BIG;
}

/* The stored value of a property. */
bool body_find(const struct body *body, ULONG tag, struct bag_value *out);

/* UTF-8 text of a stored PR_BODY, PR_HTML or PR_RTF_COMPRESSED. */
HRESULT body_text_of(const struct body *body, const struct bag_value *cell, struct msp_buf *out);
/* HTML in UTF-8 of a stored PR_HTML, or that a stored PR_RTF_COMPRESSED encapsulates. */
HRESULT body_html_of(const struct body *body, const struct bag_value *cell, struct msp_buf *out);
/* HTML in UTF-8 as PR_HTML has it: in PR_INTERNET_CPID or the code page that it names itself, or
 * else in ASCII. */
HRESULT body_html_bytes(const struct body *body, const struct msp_buf *html, struct msp_buf *out);
/* Compressed RTF from HTML or text in UTF-8. */
HRESULT body_rtf_from(const struct msp_buf *source, bool is_html, struct msp_buf *out);
/* What a stored PR_RTF_COMPRESSED was made from; reads only its head. */
HRESULT body_rtf_kind(
        const struct body *body, const struct bag_value *cell, enum rtf_kind *out_kind);

/* The text of the best stored form other than PR_BODY (body.c). */
HRESULT body_make_text(const struct body *body, struct msp_buf *out);

#endif
