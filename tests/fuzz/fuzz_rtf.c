/* SPDX-License-Identifier: MIT */
/*
 * fuzz_rtf.c - message bodies: { u8 what, bytes }. 0: compressed RTF; 1: RTF; 2: HTML in UTF-8,
 * which must come back from RTF; 3: RTF to be compressed and back; 4: HTML and RTF of some code
 * page.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/charset.h"
#include "mapi/html_text.h"
#include "mapi/rtf_html.h"
#include "mapi/rtf_lzfu.h"
#include "mapi/rtf_text.h"
#include "util/buf.h"
#include "util/bytes.h"
#include "util/utf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX = 1 << 20 };

static bool to_reader(void *context, const uint8_t *data, size_t size)
{
    return rtf_reader_feed(context, data, size);
}

static bool to_buf(void *context, const uint8_t *data, size_t size)
{
    struct msp_buf *out = context;

    return out->size + size <= MAX && msp_buf_append(out, data, size);
}

static void check_output(enum rtf_status status, const struct msp_buf *out, size_t max)
{
    if (status == RTF_OK && out->size > max)
        abort();
    if (status == RTF_OK && !utf8_is_valid((const char *)out->data, out->size))
        abort();
}

static void read_compressed(enum rtf_want want, const uint8_t *data, size_t size)
{
    struct rtf_lzfu_reader unpacker;
    struct rtf_reader reader;
    struct msp_buf out = MSP_BUF_INIT;

    rtf_reader_init(&reader, want, &out, MAX);
    rtf_lzfu_read_init(&unpacker, to_reader, &reader);
    (void)rtf_lzfu_read(&unpacker, data, size / 2);
    (void)rtf_lzfu_read(&unpacker, data + size / 2, size - size / 2);
    (void)rtf_lzfu_read_end(&unpacker);
    check_output(rtf_reader_end(&reader), &out, MAX);
    rtf_reader_done(&reader);
    msp_buf_free(&out);
}

static enum rtf_status read_rtf(
        enum rtf_want want, const uint8_t *data, size_t size, size_t max, struct msp_buf *out)
{
    struct rtf_reader reader;
    enum rtf_status status;

    rtf_reader_init(&reader, want, out, max);
    (void)rtf_reader_feed(&reader, data, size);
    status = rtf_reader_end(&reader);
    rtf_reader_done(&reader);
    check_output(status, out, max);
    return status;
}

static bool is_same(const struct msp_buf *a, const void *data, size_t size)
{
    return a->size == size && (size == 0 || memcmp(a->data, data, size) == 0);
}

static void html_and_back(const uint8_t *data, size_t size)
{
    struct msp_buf rtf = MSP_BUF_INIT, html = MSP_BUF_INIT;
    struct msp_buf text = MSP_BUF_INIT, rtf_text = MSP_BUF_INIT;

    if (utf8_is_valid((const char *)data, size) &&
            rtf_from_html((const char *)data, size, SIZE_MAX, &rtf)) {
        if (read_rtf(RTF_WANT_HTML, rtf.data, rtf.size, MAX, &html) == RTF_OK &&
                !is_same(&html, data, size))
            abort();
        if (html_to_text((const char *)data, size, MAX, &text) &&
                read_rtf(RTF_WANT_TEXT, rtf.data, rtf.size, MAX, &rtf_text) == RTF_OK &&
                !is_same(&rtf_text, text.data, text.size))
            abort();
    }
    msp_buf_free(&rtf);
    msp_buf_free(&html);
    msp_buf_free(&text);
    msp_buf_free(&rtf_text);
}

static void compress_and_back(const uint8_t *data, size_t size)
{
    struct rtf_lzfu_reader unpacker;
    struct msp_buf packed = MSP_BUF_INIT, back = MSP_BUF_INIT;

    if (rtf_lzfu_compress(data, size, &packed)) {
        rtf_lzfu_read_init(&unpacker, to_buf, &back);
        if (rtf_lzfu_read(&unpacker, packed.data, packed.size) == RTF_LZFU_OK &&
                (rtf_lzfu_read_end(&unpacker) != RTF_LZFU_OK || !is_same(&back, data, size)))
            abort();
    }
    msp_buf_free(&packed);
    msp_buf_free(&back);
}

static void decode(const uint8_t *data, size_t size)
{
    struct charset charset = { 0 };
    struct msp_buf text = MSP_BUF_INIT, back = MSP_BUF_INIT;
    unsigned number = size >= 2 ? get_u16le(data) : html_code_page(data, size);

    if (size >= 2 && charset_decode(&charset, number, data + 2, size - 2, &text)) {
        if (!utf8_is_valid((const char *)text.data, text.size))
            abort();
        (void)charset_encode_html(&charset, number, (const char *)text.data, text.size, &back);
        (void)html_code_page(data + 2, size - 2);
    }
    charset_done(&charset);
    msp_buf_free(&text);
    msp_buf_free(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct msp_buf out = MSP_BUF_INIT;

    if (size == 0 || size > 65536)
        return 0;
    switch (data[0] % 5) {
    case 0:
        read_compressed(RTF_WANT_TEXT, data + 1, size - 1);
        read_compressed(RTF_WANT_HTML, data + 1, size - 1);
        break;
    case 1:
        (void)read_rtf(RTF_WANT_TEXT, data + 1, size - 1, 5000, &out);
        msp_buf_clear(&out);
        (void)read_rtf(RTF_WANT_HTML, data + 1, size - 1, 5000, &out);
        break;
    case 2:
        html_and_back(data + 1, size - 1);
        break;
    case 3:
        compress_and_back(data + 1, size - 1);
        break;
    default:
        decode(data + 1, size - 1);
        break;
    }
    msp_buf_free(&out);
    return 0;
}
