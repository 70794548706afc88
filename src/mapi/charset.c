/* SPDX-License-Identifier: MIT */
/*
 * charset.c - code pages to UTF-8 and back.
 *
 * Owns:  the open code page of a struct charset until charset_done().
 */
#include "mapi/charset.h"

#include <string.h>

#include "mapi/mapitext.h"
#include "platform/codepage.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/bytes.h"
#include "util/utf.h"

void charset_done(struct charset *charset)
{
    msp_codepage_close(charset->page);
    charset->page = NULL;
    charset->number = 0;
}

static struct msp_codepage *page_of(struct charset *charset, unsigned number)
{
    if (charset->number != number) {
        charset_done(charset);
        charset->page = msp_codepage_open(number);
        charset->number = number;
    }
    return charset->page;
}

bool charset_has_ascii(unsigned number)
{
    return (number >= 1250 && number <= 1258) || number == CHARSET_UTF8 || number == 874 ||
           number == 932 || number == 936 || number == 949 || number == 950 ||
           number == CHARSET_ASCII || number == 20866 || number == 21866 ||
           (number > 28590 && number <= 28606) || number == 437 || number == 850;
}

/* clang-format off */
static const struct {
    const char *name;
    unsigned number;
} names[] = {
    { "utf-8", 65001 },          { "utf8", 65001 },           { "us-ascii", 20127 },
    { "ascii", 20127 },          { "iso-8859-1", 28591 },     { "latin1", 28591 },
    { "iso-8859-2", 28592 },     { "iso-8859-3", 28593 },     { "iso-8859-4", 28594 },
    { "iso-8859-5", 28595 },     { "iso-8859-6", 28596 },     { "iso-8859-7", 28597 },
    { "iso-8859-8", 28598 },     { "iso-8859-9", 28599 },     { "iso-8859-13", 28603 },
    { "iso-8859-15", 28605 },    { "windows-1250", 1250 },    { "windows-1251", 1251 },
    { "windows-1252", 1252 },    { "windows-1253", 1253 },    { "windows-1254", 1254 },
    { "windows-1255", 1255 },    { "windows-1256", 1256 },    { "windows-1257", 1257 },
    { "windows-1258", 1258 },    { "windows-874", 874 },      { "tis-620", 874 },
    { "koi8-r", 20866 },         { "koi8-u", 21866 },         { "gb2312", 936 },
    { "gbk", 936 },              { "gb18030", 54936 },        { "big5", 950 },
    { "shift_jis", 932 },        { "euc-jp", 51932 },         { "iso-2022-jp", 50220 },
    { "euc-kr", 51949 },         { "ks_c_5601-1987", 949 },
};

/* clang-format on */

unsigned charset_by_name(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (utf8_compare_fold(names[i].name, strlen(names[i].name), name, size) == 0)
            return names[i].number;
    }
    return 0;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Halves of pairs are no characters in a text that comes from outside. */
static bool append_units(struct msp_buf *out, char16_t *units, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if ((units[i] & 0xF800) != 0xD800)
            continue;
        if (units[i] < 0xDC00 && i + 1 < count && (units[i + 1] & 0xFC00) == 0xDC00)
            i++;
        else
            units[i] = UTF_REPLACEMENT;
    }
    return utf16_append_utf8(out, units, count);
}

static bool decode_utf16(const uint8_t *text, size_t size, bool big_endian, struct msp_buf *out)
{
    size_t count = size / sizeof(char16_t);
    char16_t *units = msp_alloc_array(count, sizeof(*units));
    bool ok;

    if (units == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        units[i] = big_endian ? get_u16be(text + 2 * i) : get_u16le(text + 2 * i);
    ok = append_units(out, units, count);
    msp_free(units);
    return ok;
}

static bool has_surrogates(const char *text, size_t size)
{
    const char *end = text + size;

    while ((text = memchr(text, 0xED, (size_t)(end - text))) != NULL) {
        if (end - text > 1 && (uint8_t)text[1] >= 0xA0)
            return true;
        text++;
    }
    return false;
}

/* Bytes that are no UTF-8 become U+FFFD. */
static bool decode_utf8(const char *text, size_t size, struct msp_buf *out)
{
    if (utf8_is_valid(text, size) && !has_surrogates(text, size))
        return msp_buf_append(out, text, size);
    while (size > 0) {
        uint32_t code;
        size_t taken = utf8_next(text, size, &code);
        char bytes[4];

        if ((code & ~UINT32_C(0x7FF)) == 0xD800)
            code = UTF_REPLACEMENT;
        if (!msp_buf_append(out, bytes, utf8_put(code, bytes)))
            return false;
        text += taken;
        size -= taken;
    }
    return true;
}

static bool decode_page(
        struct msp_codepage *page, const char *text, size_t size, struct msp_buf *out)
{
    char16_t *units = msp_alloc_array(size, 2 * sizeof(*units));
    bool ok;

    if (units == NULL)
        return false;
    ok = append_units(out, units, msp_codepage_decode(page, text, size, units, 2 * size));
    msp_free(units);
    return ok;
}

bool charset_decode(struct charset *charset, unsigned number, const void *text, size_t size,
        struct msp_buf *out)
{
    struct msp_codepage *page;

    if (size == 0)
        return true;
    if (number == CHARSET_UTF16 || number == CHARSET_UTF16_BE)
        return decode_utf16(text, size, number == CHARSET_UTF16_BE, out);
    if (charset_has_ascii(number) && mapitext_is_ascii(text, size))
        return msp_buf_append(out, text, size);
    if (number == CHARSET_UTF8)
        return decode_utf8(text, size, out);
    page = page_of(charset, number);
    if (page == NULL)
        return mapitext_append_ansi(out, text, size);
    return decode_page(page, text, size, out);
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool encode_utf16(const char *text, size_t size, bool big_endian, struct msp_buf *out)
{
    size_t count;
    char16_t *units = utf8_dup_utf16(text, size, &count);
    bool ok = units != NULL;

    for (size_t i = 0; i < count && ok; i++) {
        char16_t unit = units[i];

        if (big_endian)
            unit = (char16_t)(unit << 8 | unit >> 8);
        ok = msp_buf_append_u16(out, unit);
    }
    msp_free(units);
    return ok;
}

static bool encode_code(struct msp_codepage *page, const char *text, size_t size, uint32_t code,
        struct msp_buf *out)
{
    char16_t units[2];
    size_t count = utf8_to_utf16(text, size, units, 2);
    char bytes[32];
    size_t made = 0;

    if (page != NULL && (code & ~UINT32_C(0x7FF)) != 0xD800)
        made = msp_codepage_encode(page, units, count, bytes, sizeof(bytes));
    if (made > 0)
        return msp_buf_append(out, bytes, made);
    return msp_buf_printf(out, "&#%lu;", (unsigned long)code);
}

bool charset_encode_html(struct charset *charset, unsigned number, const char *text, size_t size,
        struct msp_buf *out)
{
    struct msp_codepage *page = NULL;
    bool is_ascii = charset_has_ascii(number);
    bool ok = true;

    if (number == CHARSET_UTF16 || number == CHARSET_UTF16_BE)
        return encode_utf16(text, size, number == CHARSET_UTF16_BE, out);
    if (number == CHARSET_UTF8)
        return msp_buf_append(out, text, size);
    if (number != CHARSET_ASCII)
        page = page_of(charset, number);
    while (ok && size > 0) {
        size_t taken = page == NULL || is_ascii ? mapitext_ascii_size(text, size) : 0;
        uint32_t code;

        if (taken > 0) {
            ok = msp_buf_append(out, text, taken);
        } else {
            taken = utf8_next(text, size, &code);
            ok = encode_code(page, text, taken, code, out);
        }
        text += taken;
        size -= taken;
    }
    return ok;
}
