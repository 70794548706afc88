/* SPDX-License-Identifier: MIT */
/*
 * body_text.c - reading stored bodies piece by piece and converting them.
 *
 * Owns:  nothing beyond one call.
 * Locks: everything here runs under the domain lock; a closing domain interrupts long reads.
 */
#include "com/body_text.h"

#include <string.h>

#include "com/logon.h"
#include "mapi/charset.h"
#include "mapi/html_text.h"
#include "mapi/mapitext.h"
#include "mapi/rtf_html.h"
#include "mapi/rtf_lzfu.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/utf.h"

enum { PIECE = 64 * 1024 };

/* What UTF-16 and UTF-8 may begin with. */
static const char byte_order_mark[] = "\xEF\xBB\xBF";

bool body_find(const struct body *body, ULONG tag, struct bag_value *out)
{
    if (body->bag != NULL)
        return bag_get(body->bag, tag, out);
    return body->packed != NULL && packed_find(body->packed, body->packed_size, tag, out);
}

/* --- reading stored values -------------------------------------------------------------------- */

/* False: no more is needed. */
typedef bool (*piece_fn)(void *context, const void *data, size_t size);

static bool is_stopping(const struct logon *logon)
{
    const struct msp_domain *domain = logon->object.domain;

    return domain == NULL || msp_domain_is_stopping(domain);
}

static HRESULT each_large_piece(
        struct logon *logon, const struct bag_large *large, piece_fn fn, void *context)
{
    uint8_t *piece = msp_alloc(PIECE);
    uint64_t at = 0;
    HRESULT hr = S_OK;

    if (piece == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    while (SUCCEEDED(hr) && at < large->size) {
        size_t got = 0;
        enum eng_status status = eng_value_read(logon->eng, large->id, at, piece, PIECE, &got);

        hr = is_stopping(logon) ? MAPI_E_INVALID_OBJECT : msp_engine_hresult(status);
        if (FAILED(hr) || got == 0 || !fn(context, piece, got))
            break;
        at += got;
    }
    msp_free(piece);
    return hr;
}

static HRESULT each_piece(
        const struct body *body, const struct bag_value *cell, piece_fn fn, void *context)
{
    struct bag_large large;

    if ((cell->flags & BAG_LARGE) == 0) {
        (void)fn(context, cell->data, cell->size);
        return S_OK;
    }
    if (!bag_large_get(cell, &large))
        return MAPI_E_NOT_FOUND;
    if (large.size > BODY_SOURCE_MAX)
        return MAPI_E_TOO_BIG;
    return each_large_piece(body->logon, &large, fn, context);
}

static bool append_piece(void *context, const void *data, size_t size)
{
    return msp_buf_append(context, data, size);
}

static HRESULT load(const struct body *body, const struct bag_value *cell, struct msp_buf *out)
{
    HRESULT hr = each_piece(body, cell, append_piece, out);

    return SUCCEEDED(hr) && out->failed ? MAPI_E_NOT_ENOUGH_MEMORY : hr;
}

/* --- RTF -------------------------------------------------------------------------------------- */

struct rtf_source {
    struct rtf_lzfu_reader unpacker;
    enum rtf_lzfu_status status;
    struct rtf_reader reader;
};

static bool feed_reader(void *context, const uint8_t *data, size_t size)
{
    struct rtf_reader *reader = context;

    /* Behind the end of the RTF the stream goes on to its own: only then its CRC is known. */
    (void)rtf_reader_feed(reader, data, size);
    return reader->status == RTF_OK;
}

static bool feed_unpacker(void *context, const void *data, size_t size)
{
    struct rtf_source *source = context;

    source->status = rtf_lzfu_read(&source->unpacker, data, size);
    return source->status == RTF_LZFU_OK;
}

/* The outcome of a whole reading. */
static HRESULT rtf_result(struct rtf_source *source, enum rtf_kind *out_kind)
{
    enum rtf_status status = rtf_reader_end(&source->reader);

    *out_kind = source->reader.kind;
    if (status == RTF_NO_MEMORY)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (status == RTF_TOO_LARGE)
        return MAPI_E_TOO_BIG;
    if (source->status == RTF_LZFU_OK)
        source->status = rtf_lzfu_read_end(&source->unpacker);
    if (status != RTF_OK || source->status == RTF_LZFU_CORRUPT)
        return MAPI_E_NOT_FOUND;
    return S_OK;
}

static HRESULT read_rtf(const struct body *body, const struct bag_value *cell, enum rtf_want want,
        size_t max, struct msp_buf *out, enum rtf_kind *out_kind)
{
    struct rtf_source *source = msp_alloc(sizeof(*source));
    HRESULT hr;

    if (source == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    source->status = RTF_LZFU_OK;
    rtf_reader_init(&source->reader, want, out, max);
    rtf_lzfu_read_init(&source->unpacker, feed_reader, &source->reader);
    hr = each_piece(body, cell, feed_unpacker, source);
    if (SUCCEEDED(hr))
        hr = rtf_result(source, out_kind);
    rtf_reader_done(&source->reader);
    msp_free(source);
    return hr;
}

HRESULT body_rtf_kind(
        const struct body *body, const struct bag_value *cell, enum rtf_kind *out_kind)
{
    struct msp_buf out = MSP_BUF_INIT;
    struct rtf_source *source = msp_alloc(sizeof(*source));
    HRESULT hr;

    if (source == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    /* The first character of text or HTML ends the reading. */
    source->status = RTF_LZFU_OK;
    rtf_reader_init(&source->reader, RTF_WANT_HTML, &out, 0);
    rtf_lzfu_read_init(&source->unpacker, feed_reader, &source->reader);
    hr = each_piece(body, cell, feed_unpacker, source);
    if (SUCCEEDED(hr)) {
        (void)rtf_reader_end(&source->reader);
        *out_kind = source->reader.kind;
        if (source->status == RTF_LZFU_CORRUPT || !source->reader.is_rtf)
            hr = MAPI_E_NOT_FOUND;
    }
    rtf_reader_done(&source->reader);
    msp_buf_free(&out);
    msp_free(source);
    return hr;
}

HRESULT body_rtf_from(const struct msp_buf *source, bool is_html, struct msp_buf *out)
{
    struct msp_buf rtf = MSP_BUF_INIT;
    const char *text = (const char *)source->data;
    bool ok = is_html ? rtf_from_html(text, source->size, BODY_MADE_MAX, &rtf)
                      : rtf_from_text(text, source->size, BODY_MADE_MAX, &rtf);
    HRESULT hr = S_OK;

    if (!ok)
        hr = rtf.failed ? MAPI_E_NOT_ENOUGH_MEMORY : MAPI_E_TOO_BIG;
    else if (!rtf_lzfu_compress(rtf.data, rtf.size, out))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    msp_buf_free(&rtf);
    return hr;
}

/* --- HTML ------------------------------------------------------------------------------------- */

/* PR_INTERNET_CPID; 0: not set. */
static unsigned internet_page(const struct body *body)
{
    struct bag_value cell;

    if (!body_find(body, PR_INTERNET_CPID, &cell))
        return 0;
    return cell_get_long(&cell, 0) & 0xFFFF;
}

/* The code page of stored bytes. */
static unsigned page_of(const struct body *body, const struct msp_buf *bytes)
{
    unsigned page = internet_page(body);

    if (page == 0)
        page = html_code_page(bytes->data, bytes->size);
    if (page == 0)
        page = utf8_is_valid((const char *)bytes->data, bytes->size) ? CHARSET_UTF8
                                                                     : CHARSET_WESTERN;
    return page;
}

static HRESULT decode(const struct body *body, const struct msp_buf *bytes, struct msp_buf *out)
{
    struct charset charset = { 0 };
    bool ok = charset_decode(&charset, page_of(body, bytes), bytes->data, bytes->size, out);

    charset_done(&charset);
    return ok ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* What stands at the start of a text to say that it is Unicode goes. */
static void drop_mark(struct msp_buf *text, size_t start)
{
    size_t size = sizeof(byte_order_mark) - 1;

    if (text->size - start < size || memcmp(text->data + start, byte_order_mark, size) != 0)
        return;
    memmove(text->data + start, text->data + start + size, text->size - start - size);
    msp_buf_truncate(text, text->size - size);
}

static HRESULT stored_html(
        const struct body *body, const struct bag_value *cell, struct msp_buf *out)
{
    struct msp_buf bytes = MSP_BUF_INIT;
    size_t start = out->size;
    HRESULT hr;

    if (PROP_TYPE(cell->tag) == PT_UNICODE) {
        hr = load(body, cell, out);
    } else {
        hr = load(body, cell, &bytes);
        if (SUCCEEDED(hr))
            hr = decode(body, &bytes, out);
        msp_buf_free(&bytes);
    }
    if (SUCCEEDED(hr))
        drop_mark(out, start);
    return hr;
}

HRESULT body_html_of(const struct body *body, const struct bag_value *cell, struct msp_buf *out)
{
    enum rtf_kind kind;

    if (PROP_ID(cell->tag) == PROP_ID(PR_RTF_COMPRESSED))
        return read_rtf(body, cell, RTF_WANT_HTML, BODY_MADE_MAX, out, &kind);
    return stored_html(body, cell, out);
}

HRESULT body_html_bytes(const struct body *body, const struct msp_buf *html, struct msp_buf *out)
{
    struct charset charset = { 0 };
    unsigned page = internet_page(body);
    bool ok;

    if (page == 0)
        page = html_code_page(html->data, html->size);
    if (page == 0)
        page = CHARSET_ASCII;
    ok = charset_encode_html(&charset, page, (const char *)html->data, html->size, out);
    charset_done(&charset);
    return ok ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* --- text ------------------------------------------------------------------------------------- */

HRESULT body_text_of(const struct body *body, const struct bag_value *cell, struct msp_buf *out)
{
    struct msp_buf html = MSP_BUF_INIT;
    enum rtf_kind kind;
    HRESULT hr;

    switch (PROP_ID(cell->tag)) {
    case PROP_ID(PR_BODY):
        return load(body, cell, out);
    case PROP_ID(PR_RTF_COMPRESSED):
        return read_rtf(body, cell, RTF_WANT_TEXT, BODY_MADE_MAX, out, &kind);
    default:
        break;
    }
    hr = stored_html(body, cell, &html);
    if (SUCCEEDED(hr) && !html_to_text((const char *)html.data, html.size, BODY_MADE_MAX, out))
        hr = out->failed ? MAPI_E_NOT_ENOUGH_MEMORY : MAPI_E_TOO_BIG;
    msp_buf_free(&html);
    return hr;
}
