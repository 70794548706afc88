/* SPDX-License-Identifier: MIT */
/*
 * rtf_html.c - an RTF writer: escapes, and HTML in groups that other readers pass over.
 *
 * HTML that is not seen lies in \*\htmltag groups, what is seen as it stands is plain RTF text, and
 * what only the RTF has (breaks, the characters of entities) is fenced in \htmlrtf.
 */
#include "mapi/rtf_html.h"

#include <string.h>

#include "mapi/html_text.h"
#include "util/buf.h"
#include "util/utf.h"

#define FONTS "{\\fonttbl{\\f0\\fswiss Arial;}}\r\n\\uc1\\pard\\plain\\f0\\fs20 "

static const char text_head[] = "{\\rtf1\\ansi\\ansicpg1252\\fromtext \\deff0" FONTS;
static const char html_head[] = "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0" FONTS;
static const char tag_head[] = "\r\n{\\*\\htmltag64 ";
static const char fence[] = "\\htmlrtf ";
static const char fence_end[] = "\\htmlrtf0 ";

struct rtf_writer {
    struct msp_buf *out;
    size_t start;
    size_t max;
};

/* What becomes of a line end that is not CR LF. */
enum line_ends {
    LINE_ENDS_ALL,  /* they are paragraphs like any other */
    LINE_ENDS_BYTES /* they are kept as they are */
};

static bool put(struct rtf_writer *writer, const char *text, size_t size)
{
    if (size > writer->max - (writer->out->size - writer->start))
        return false;
    return msp_buf_append(writer->out, text, size);
}

static bool put_text(struct rtf_writer *writer, const char *text)
{
    return put(writer, text, strlen(text));
}

static bool put_unit(struct rtf_writer *writer, char16_t unit)
{
    char text[16];
    size_t at = sizeof(text);
    unsigned left = unit < 0x8000 ? unit : 0x10000u - unit;

    text[--at] = '?';
    for (; left > 0; left /= 10)
        text[--at] = (char)('0' + left % 10);
    if (unit >= 0x8000)
        text[--at] = '-';
    text[--at] = 'u';
    text[--at] = '\\';
    return put(writer, text + at, sizeof(text) - at);
}

static bool put_code(struct rtf_writer *writer, uint32_t code)
{
    if (code < 0x10000)
        return put_unit(writer, (char16_t)code);
    code -= 0x10000;
    return put_unit(writer, (char16_t)(0xD800 + (code >> 10))) &&
           put_unit(writer, (char16_t)(0xDC00 + (code & 0x3FF)));
}

static bool put_control(struct rtf_writer *writer, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    char text[4] = { '\\', '\'', digits[byte >> 4], digits[byte & 15] };

    return put(writer, text, sizeof(text));
}

/* One character of the text; returns its bytes, 0 on failure. */
static size_t put_character(
        struct rtf_writer *writer, const char *text, size_t size, enum line_ends line_ends)
{
    bool is_pair = size >= 2 && text[0] == '\r' && text[1] == '\n';
    uint32_t code;
    size_t taken;
    bool ok;

    if (is_pair)
        return put_text(writer, "\\par\r\n") ? 2 : 0;
    taken = utf8_next(text, size, &code);
    if (code >= 0x80)
        ok = put_code(writer, code);
    else if (code == '\\' || code == '{' || code == '}')
        ok = put(writer, "\\", 1) && put(writer, text, 1);
    else if (code == '\t')
        ok = put_text(writer, "\\tab ");
    else if ((code == '\r' || code == '\n') && line_ends == LINE_ENDS_ALL)
        ok = put_text(writer, "\\par\r\n");
    else
        ok = put_control(writer, (uint8_t)code);
    return ok ? taken : 0;
}

static bool is_plain(char c)
{
    return c >= ' ' && c < 0x7F && c != '\\' && c != '{' && c != '}';
}

static bool put_escaped(
        struct rtf_writer *writer, const char *text, size_t size, enum line_ends line_ends)
{
    size_t at = 0;

    while (at < size) {
        size_t end = at;

        while (end < size && is_plain(text[end]))
            end++;
        if (!put(writer, text + at, end - at))
            return false;
        at = end;
        if (at < size) {
            size_t taken = put_character(writer, text + at, size - at, line_ends);

            if (taken == 0)
                return false;
            at += taken;
        }
    }
    return true;
}

bool rtf_from_text(const char *text, size_t size, size_t max, struct msp_buf *out)
{
    struct rtf_writer writer = { out, out->size, max };

    return put_text(&writer, text_head) && put_escaped(&writer, text, size, LINE_ENDS_ALL) &&
           put(&writer, "}", 1);
}

static bool write_markup(void *context, const char *source, size_t size)
{
    return put_text(context, tag_head) && put_escaped(context, source, size, LINE_ENDS_BYTES) &&
           put(context, "}", 1);
}

static bool write_text(void *context, const char *source, size_t size)
{
    return put_escaped(context, source, size, LINE_ENDS_BYTES);
}

static bool write_shown(void *context, const char *text, size_t size)
{
    return put_text(context, fence) && put_escaped(context, text, size, LINE_ENDS_ALL) &&
           put_text(context, fence_end);
}

bool rtf_from_html(const char *html, size_t size, size_t max, struct msp_buf *out)
{
    struct rtf_writer writer = { out, out->size, max };
    const struct html_visitor visitor = { &writer, write_markup, write_text, write_shown };

    return put_text(&writer, html_head) && html_walk(html, size, &visitor) && put(&writer, "}", 1);
}
