/* SPDX-License-Identifier: MIT */
/*
 * body.c - which form of a message's text is there, and how one becomes another.
 *
 * Owns:  nothing beyond one call.
 * Locks: everything here runs under the domain lock.
 */
#include "com/body.h"

#include <string.h>

#include "com/body_text.h"
#include "com/logon.h"
#include "util/buf.h"

static bool is_text(ULONG tag)
{
    return PROP_TYPE(tag) == PT_UNICODE || PROP_TYPE(tag) == PT_STRING8;
}

static bool is_true(const struct body *body, ULONG tag)
{
    struct bag_value cell;

    return body_find(body, tag, &cell) && cell_get_bool(&cell, false);
}

/* --- which form the message was written in ---------------------------------------------------- */

/* The form that was meant when the client has not said so; NATIVE_BODY_UNDEFINED: there is none. */
static HRESULT guess_native(const struct body *body, uint32_t *out)
{
    struct bag_value html;
    struct bag_value rtf;
    struct bag_value text;
    enum rtf_kind kind = RTF_KIND_RTF;
    bool has_rtf = body_find(body, PR_RTF_COMPRESSED, &rtf);
    bool has_text = body_find(body, PR_BODY_W, &text);
    HRESULT hr;

    *out = has_text ? NATIVE_BODY_PLAIN : NATIVE_BODY_UNDEFINED;
    if (body_find(body, PR_HTML, &html) && !(has_rtf && is_true(body, PR_RTF_IN_SYNC))) {
        *out = NATIVE_BODY_HTML;
        return S_OK;
    }
    if (!has_rtf)
        return S_OK;
    hr = body_rtf_kind(body, &rtf, &kind);
    if (body_is_unusable(hr)) /* unreadable: what else there is counts */
        return S_OK;
    *out = NATIVE_BODY_RTF;
    if (kind == RTF_KIND_HTML)
        *out = NATIVE_BODY_HTML;
    else if (kind == RTF_KIND_TEXT)
        *out = NATIVE_BODY_PLAIN;
    return hr;
}

static HRESULT native_cell(
        const struct body *body, struct prop_scratch *scratch, struct bag_value *out)
{
    uint32_t native = NATIVE_BODY_UNDEFINED;
    HRESULT hr;

    if (body_find(body, PR_NATIVE_BODY_INFO, out))
        return S_OK;
    hr = guess_native(body, &native);
    if (SUCCEEDED(hr) && native == NATIVE_BODY_UNDEFINED)
        hr = MAPI_E_NOT_FOUND;
    if (FAILED(hr))
        return hr;
    return prop_scratch_long(scratch, PR_NATIVE_BODY_INFO, native, out) ? S_OK
                                                                        : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* "PR_RTF_IN_SYNC": a form that is made from the other says the same. */
static HRESULT sync_cell(
        const struct body *body, struct prop_scratch *scratch, struct bag_value *out)
{
    struct bag_value cell;
    bool has_rtf = body_find(body, PR_RTF_COMPRESSED, &cell);
    bool has_text = body_find(body, PR_BODY_W, &cell);

    if (body_find(body, PR_RTF_IN_SYNC, out))
        return S_OK;
    if (has_rtf == has_text && (has_rtf || !body_find(body, PR_HTML, &cell)))
        return MAPI_E_NOT_FOUND;
    return prop_scratch_bool(scratch, PR_RTF_IN_SYNC, true, out) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* --- forms that are made ---------------------------------------------------------------------- */

HRESULT body_make_text(const struct body *body, struct msp_buf *out)
{
    static const ULONG sources[2] = { PR_RTF_COMPRESSED, PR_HTML };
    struct bag_value cell;
    size_t start = out->size;
    size_t first;
    HRESULT hr = MAPI_E_NOT_FOUND;

    first = body_find(body, PR_HTML, &cell) && !is_true(body, PR_RTF_IN_SYNC) ? 1 : 0;
    for (size_t i = 0; i < 2 && body_is_unusable(hr); i++) {
        ULONG source = sources[(first + i) % 2];

        msp_buf_truncate(out, start);
        if (body_find(body, source, &cell))
            hr = body_text_of(body, &cell, out);
    }
    return hr;
}

/* RTF from HTML, or else from text. */
static HRESULT make_rtf(const struct body *body, struct msp_buf *out)
{
    struct msp_buf source = MSP_BUF_INIT;
    struct bag_value cell;
    HRESULT hr = MAPI_E_NOT_FOUND;

    if (body_find(body, PR_HTML, &cell)) {
        hr = body_html_of(body, &cell, &source);
        if (SUCCEEDED(hr))
            hr = body_rtf_from(&source, true, out);
    }
    if (body_is_unusable(hr) && body_find(body, PR_BODY_W, &cell)) {
        msp_buf_clear(&source);
        hr = body_text_of(body, &cell, &source);
        if (SUCCEEDED(hr))
            hr = body_rtf_from(&source, false, out);
    }
    msp_buf_free(&source);
    return hr;
}

/* HTML as text or as bytes of its code page, whichever is not stored, or that RTF encapsulates. */
static HRESULT make_html(const struct body *body, bool as_text, struct msp_buf *out)
{
    struct msp_buf html = MSP_BUF_INIT;
    struct bag_value cell;
    HRESULT hr = MAPI_E_NOT_FOUND;

    if (body_find(body, PR_HTML, &cell) || body_find(body, PR_RTF_COMPRESSED, &cell))
        hr = body_html_of(body, &cell, as_text ? out : &html);
    if (SUCCEEDED(hr) && !as_text)
        hr = body_html_bytes(body, &html, out);
    msp_buf_free(&html);
    return hr;
}

static HRESULT make(const struct body *body, ULONG tag, struct msp_buf *out, ULONG *out_tag)
{
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_BODY):
        *out_tag = PR_BODY_W;
        return body_make_text(body, out);
    case PROP_ID(PR_RTF_COMPRESSED):
        *out_tag = PR_RTF_COMPRESSED;
        return make_rtf(body, out);
    default:
        *out_tag = is_text(tag) ? PR_BODY_HTML_W : PR_HTML;
        return make_html(body, is_text(tag), out);
    }
}

/* Stored in the wanted form? */
static bool find_stored(const struct body *body, ULONG tag, struct bag_value *out)
{
    if (!body_find(body, tag, out))
        return false;
    if (PROP_ID(tag) != PROP_ID(PR_HTML) || PROP_TYPE(tag) == PT_UNSPECIFIED)
        return true;
    return is_text(tag) == is_text(out->tag);
}

bool body_has(ULONG tag)
{
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_BODY):
    case PROP_ID(PR_HTML):
    case PROP_ID(PR_RTF_COMPRESSED):
    case PROP_ID(PR_RTF_IN_SYNC):
    case PROP_ID(PR_NATIVE_BODY_INFO):
        return true;
    default:
        return false;
    }
}

HRESULT body_cell(
        const struct body *body, ULONG tag, struct prop_scratch *scratch, struct bag_value *out)
{
    struct msp_buf made = MSP_BUF_INIT;
    ULONG made_tag = PR_NULL;
    HRESULT hr;

    if (PROP_ID(tag) == PROP_ID(PR_RTF_IN_SYNC))
        return sync_cell(body, scratch, out);
    if (PROP_ID(tag) == PROP_ID(PR_NATIVE_BODY_INFO))
        return native_cell(body, scratch, out);
    if (find_stored(body, tag, out))
        return S_OK;
    hr = make(body, tag, &made, &made_tag);
    if (SUCCEEDED(hr) && !prop_scratch_bytes(scratch, made_tag, made.data, made.size, out))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    msp_buf_free(&made);
    return body_is_unusable(hr) ? MAPI_E_NOT_FOUND : hr;
}

HRESULT body_get(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    const struct body body = { .logon = prop->logon, .bag = &prop->bag };

    MSP_UNUSED(call);
    return body_cell(&body, tag, scratch, out);
}
