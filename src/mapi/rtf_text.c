/* SPDX-License-Identifier: MIT */
/*
 * rtf_text.c - an RTF reader for texts: groups, control words, characters of many code pages.
 *
 * Bytes of one code page are collected and converted together, because a character may be spread
 * over several \'hh. \uN counts as one 16-bit unit; its halves meet in high_surrogate.
 *
 * Owns:  tables and buffers of a reader until rtf_reader_done().
 */
#include "mapi/rtf_text.h"

#include <string.h>

#include "mapi/rtf_word.h"
#include "util/alloc.h"
#include "util/bytes.h"
#include "util/utf.h"

enum { LEX_TEXT, LEX_BACKSLASH, LEX_WORD, LEX_NUMBER, LEX_HEX_HIGH, LEX_HEX_LOW, LEX_BINARY };

enum {
    IN_TEXT,
    IN_NOTHING, /* a destination that is passed over */
    IN_FONTS
};

enum {
    BYTES_MAX = 4096,        /* collected before they are converted at the next blank */
    FALLBACK_MAX = 100,      /* \ucN */
    NUMBER_MAX = 0x7FFFFFFF, /* what follows a control word */
    CR = 0x0D,
    LF = 0x0A
};

void rtf_reader_init(struct rtf_reader *reader, enum rtf_want want, struct msp_buf *out, size_t max)
{
    memset(reader, 0, sizeof(*reader));
    reader->want = want;
    reader->out = out;
    reader->start = out->size;
    reader->max = max;
    reader->code_page = CHARSET_WESTERN;
    reader->groups[0].fallback_count = 1;
}

void rtf_reader_done(struct rtf_reader *reader)
{
    charset_done(&reader->charset);
    msp_buf_free(&reader->bytes);
    msp_free(reader->fonts);
    reader->fonts = NULL;
}

static struct rtf_group *group_of(struct rtf_reader *reader)
{
    return &reader->groups[reader->depth];
}

static void fail(struct rtf_reader *reader, enum rtf_status status)
{
    if (reader->status == RTF_OK)
        reader->status = status;
}

/* --- output ----------------------------------------------------------------------------------- */

static void append(struct rtf_reader *reader, const void *data, size_t size)
{
    if (size > reader->max - (reader->out->size - reader->start))
        fail(reader, RTF_TOO_LARGE);
    else if (!msp_buf_append(reader->out, data, size))
        fail(reader, RTF_NO_MEMORY);
}

static void append_code(struct rtf_reader *reader, uint32_t code)
{
    char bytes[4];

    append(reader, bytes, utf8_put(code, bytes));
}

/* What waits for its other half or its conversion goes out. */
static void flush(struct rtf_reader *reader)
{
    if (reader->high_surrogate != 0) {
        append_code(reader, reader->high_surrogate);
        reader->high_surrogate = 0;
    }
    if (reader->bytes.size == 0)
        return;
    if (!charset_decode(&reader->charset, reader->bytes_page, reader->bytes.data,
                reader->bytes.size, reader->out))
        fail(reader, RTF_NO_MEMORY);
    else if (reader->out->size - reader->start > reader->max)
        fail(reader, RTF_TOO_LARGE);
    msp_buf_clear(&reader->bytes);
}

/* Does what comes here belong to the output? */
static bool is_shown(const struct rtf_reader *reader)
{
    const struct rtf_group *group = &reader->groups[reader->depth];

    if (group->destination != IN_TEXT || reader->depth == 0)
        return false;
    if (reader->want == RTF_WANT_HTML)
        return group->is_tag || !group->is_rtf_only;
    return !group->is_tag && !group->is_hidden;
}

/* HTML begins where the head has said that there is some. */
static bool may_show(struct rtf_reader *reader)
{
    if (!is_shown(reader))
        return false;
    if (reader->want == RTF_WANT_HTML && reader->kind != RTF_KIND_HTML) {
        fail(reader, RTF_NOT);
        return false;
    }
    return true;
}

static void show_text(struct rtf_reader *reader, const char *text)
{
    if (!may_show(reader))
        return;
    flush(reader);
    append(reader, text, strlen(text));
}

static void show_code(struct rtf_reader *reader, uint32_t code)
{
    if (!may_show(reader))
        return;
    flush(reader);
    append_code(reader, code);
}

/* The first half of a pair went out alone, and what stood between it and the second made nothing.
 */
static bool ends_in_half(const struct rtf_reader *reader)
{
    const struct msp_buf *out = reader->out;

    return out->size - reader->start >= 3 && out->data[out->size - 3] == 0xED &&
           (out->data[out->size - 2] & 0xF0) == 0xA0;
}

/* A unit of \uN. */
static void show_unit(struct rtf_reader *reader, char16_t unit)
{
    char16_t high = reader->high_surrogate;

    if (!may_show(reader))
        return;
    if (high != 0 && (unit & 0xFC00) == 0xDC00) {
        reader->high_surrogate = 0;
        append_code(reader, 0x10000 + ((uint32_t)(high & 0x3FF) << 10) + (unit & 0x3FF));
        return;
    }
    flush(reader);
    if ((unit & 0xFC00) == 0xD800)
        reader->high_surrogate = unit;
    else if ((unit & 0xFC00) == 0xDC00 && ends_in_half(reader))
        append_code(reader, UTF_REPLACEMENT);
    else
        append_code(reader, unit);
}

static unsigned page_of_font(const struct rtf_reader *reader, uint16_t font)
{
    unsigned page = 0;

    if (reader->fonts != NULL && font < RTF_FONTS_MAX)
        page = reader->fonts[font];
    return page != 0 ? page : reader->code_page;
}

/* A byte of the text, raw or as \'hh. */
static void show_byte(struct rtf_reader *reader, uint8_t byte)
{
    unsigned page;

    if (!may_show(reader))
        return;
    page = page_of_font(reader, group_of(reader)->font);
    if (reader->high_surrogate != 0 ||
            (reader->bytes.size > 0 && (page != reader->bytes_page ||
                                               (byte <= ' ' && reader->bytes.size >= BYTES_MAX))))
        flush(reader);
    if (byte < 0x80 && reader->bytes.size == 0 && charset_has_ascii(page)) {
        append(reader, &byte, 1);
        return;
    }
    reader->bytes_page = page;
    if (!msp_buf_append_u8(&reader->bytes, byte))
        fail(reader, RTF_NO_MEMORY);
}

/* --- control words ---------------------------------------------------------------------------- */

static bool skips(struct rtf_reader *reader)
{
    if (reader->skip == 0)
        return false;
    reader->skip--;
    return true;
}

static uint32_t number_or(const struct rtf_reader *reader, uint32_t otherwise)
{
    if (!reader->has_number)
        return otherwise;
    return reader->is_negative ? 0 : reader->number;
}

static void set_font(struct rtf_reader *reader)
{
    uint32_t font = number_or(reader, 0);

    if (font >= RTF_FONTS_MAX)
        font = RTF_FONTS_MAX;
    if (group_of(reader)->destination == IN_FONTS)
        reader->table_font = (uint16_t)font;
    else
        group_of(reader)->font = (uint16_t)font;
}

static void set_font_page(struct rtf_reader *reader, unsigned page)
{
    if (group_of(reader)->destination != IN_FONTS || reader->table_font >= RTF_FONTS_MAX ||
            page == 0 || page > UINT16_MAX)
        return;
    if (reader->fonts == NULL)
        reader->fonts = msp_calloc(RTF_FONTS_MAX, sizeof(*reader->fonts));
    if (reader->fonts == NULL)
        fail(reader, RTF_NO_MEMORY);
    else
        reader->fonts[reader->table_font] = (uint16_t)page;
}

static void set_code_page(struct rtf_reader *reader, const struct rtf_word *word)
{
    uint32_t page = word->value != 0 ? word->value : number_or(reader, 0);

    if (page != 0 && page <= UINT16_MAX)
        reader->code_page = page;
}

/* \uN: N is signed, and some writers have units above 0x7FFF as they are. */
static void take_unicode(struct rtf_reader *reader)
{
    uint32_t unit = reader->is_negative ? 0x10000 - (reader->number & 0xFFFF) : reader->number;

    show_unit(reader, (char16_t)unit);
    reader->skip = group_of(reader)->fallback_count;
}

/* What of the document's head matters. */
static void take_head(struct rtf_reader *reader, const struct rtf_word *word)
{
    switch (word->action) {
    case RTF_WORD_RTF:
        reader->is_rtf = true;
        break;
    case RTF_WORD_FROM_HTML:
        if (number_or(reader, 1) != 0 && reader->kind == RTF_KIND_RTF)
            reader->kind = RTF_KIND_HTML;
        break;
    case RTF_WORD_FROM_TEXT:
        if (reader->kind == RTF_KIND_RTF)
            reader->kind = RTF_KIND_TEXT;
        break;
    case RTF_WORD_CODE_PAGE:
        set_code_page(reader, word);
        break;
    case RTF_WORD_DEFAULT_FONT:
        set_font(reader);
        reader->default_font = group_of(reader)->font;
        break;
    default:
        break;
    }
}

static void take_state(struct rtf_reader *reader, const struct rtf_word *word)
{
    struct rtf_group *group = group_of(reader);

    switch (word->action) {
    case RTF_WORD_FALLBACK:
        group->fallback_count = (uint8_t)msp_min(number_or(reader, 1), FALLBACK_MAX);
        break;
    case RTF_WORD_FONT:
        set_font(reader);
        break;
    case RTF_WORD_FONT_CHARSET:
        set_font_page(reader, rtf_charset_page(number_or(reader, 0)));
        break;
    case RTF_WORD_FONT_PAGE:
        set_font_page(reader, number_or(reader, 0));
        break;
    case RTF_WORD_PLAIN:
        group->font = reader->default_font;
        group->is_hidden = false;
        break;
    case RTF_WORD_HIDDEN:
        group->is_hidden = number_or(reader, 1) != 0;
        break;
    case RTF_WORD_RTF_ONLY:
        group->is_rtf_only = number_or(reader, 1) != 0;
        break;
    default:
        take_head(reader, word);
        break;
    }
}

static void take_destination(struct rtf_reader *reader, const struct rtf_word *word, bool is_first)
{
    struct rtf_group *group = group_of(reader);

    if (!is_first || group->destination == IN_NOTHING)
        return;
    if (word->action == RTF_WORD_FONTS)
        group->destination = IN_FONTS;
    else if (word->action == RTF_WORD_TAG)
        group->is_tag = true;
    else
        group->destination = IN_NOTHING;
}

static void act(struct rtf_reader *reader, const struct rtf_word *word, bool is_first)
{
    switch (word->action) {
    case RTF_WORD_CHARACTER:
        if (reader->want == RTF_WANT_HTML && word->entity != NULL)
            show_text(reader, word->entity);
        else
            show_code(reader, word->value);
        break;
    case RTF_WORD_BREAK:
        show_text(reader, "\r\n");
        break;
    case RTF_WORD_TAB:
        show_text(reader, "\t");
        break;
    case RTF_WORD_UNICODE:
        take_unicode(reader);
        break;
    case RTF_WORD_SKIP:
    case RTF_WORD_FONTS:
    case RTF_WORD_TAG:
        take_destination(reader, word, is_first);
        break;
    default:
        take_state(reader, word);
        break;
    }
}

static void end_word(struct rtf_reader *reader)
{
    const struct rtf_word *word = rtf_word_find(reader->word, reader->word_size);
    struct rtf_group *group = group_of(reader);
    bool is_first = reader->at_group_start;

    reader->lex = LEX_TEXT;
    reader->at_group_start = false;
    if (!reader->is_rtf && (reader->depth != 1 || word == NULL || word->action != RTF_WORD_RTF)) {
        fail(reader, RTF_NOT);
        return;
    }
    if (word != NULL && word->action == RTF_WORD_BINARY) {
        reader->binary_left = number_or(reader, 0);
        if (reader->binary_left > 0)
            reader->lex = LEX_BINARY;
        (void)skips(reader);
        return;
    }
    if (skips(reader))
        return;
    if (word != NULL)
        act(reader, word, is_first);
    else if (is_first && group->is_ignorable)
        group->destination = IN_NOTHING;
}

static void take_symbol(struct rtf_reader *reader, uint8_t byte)
{
    bool is_html = reader->want == RTF_WANT_HTML;

    reader->lex = LEX_TEXT;
    if (byte == '*') {
        group_of(reader)->is_ignorable = true; /* still at the group's start */
        return;
    }
    reader->at_group_start = false;
    if (byte == '\'') {
        reader->lex = LEX_HEX_HIGH;
        return;
    }
    if (skips(reader))
        return;
    if (byte == '\\' || byte == '{' || byte == '}')
        show_byte(reader, byte);
    else if (byte == '~')
        show_text(reader, is_html ? "&nbsp;" : "\xC2\xA0");
    else if (byte == '_')
        show_text(reader, is_html ? "&shy;" : "\xE2\x80\x91");
    else if (byte == CR || byte == LF)
        show_text(reader, "\r\n");
    else if (byte == '\t')
        show_text(reader, "\t");
}

/* --- tokens ----------------------------------------------------------------------------------- */

static void open_group(struct rtf_reader *reader)
{
    reader->skip = 0;
    if (reader->depth + 1 >= RTF_DEPTH_MAX) {
        fail(reader, RTF_NOT);
        return;
    }
    reader->groups[reader->depth + 1] = reader->groups[reader->depth];
    reader->depth++;
    group_of(reader)->is_ignorable = false;
    reader->at_group_start = true;
}

static void close_group(struct rtf_reader *reader)
{
    reader->skip = 0;
    reader->at_group_start = false;
    if (reader->depth > 0)
        reader->depth--;
    if (reader->depth == 0)
        reader->is_ended = true;
}

static void take_text(struct rtf_reader *reader, uint8_t byte)
{
    switch (byte) {
    case '{':
        open_group(reader);
        return;
    case '}':
        close_group(reader);
        return;
    case '\\':
        reader->lex = LEX_BACKSLASH;
        reader->word_size = 0;
        reader->has_number = false;
        reader->is_negative = false;
        reader->number = 0;
        return;
    case CR:
    case LF:
    case 0:
        return;
    default:
        break;
    }
    reader->at_group_start = false;
    if (!reader->is_rtf) {
        if (byte > ' ')
            fail(reader, RTF_NOT);
    } else if (!skips(reader)) {
        show_byte(reader, byte);
    }
}

static bool is_letter(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static void take_backslash(struct rtf_reader *reader, uint8_t byte)
{
    if (!is_letter(byte)) {
        take_symbol(reader, byte);
        return;
    }
    reader->word[reader->word_size++] = (char)byte;
    reader->lex = LEX_WORD;
}

/* False: the word ended before this byte, which is still to be taken. */
static bool take_word(struct rtf_reader *reader, uint8_t byte)
{
    bool is_digit = byte >= '0' && byte <= '9';

    if (reader->lex == LEX_WORD && is_letter(byte)) {
        if (reader->word_size < RTF_WORD_MAX)
            reader->word[reader->word_size++] = (char)byte;
        return true;
    }
    if (reader->lex == LEX_WORD && byte == '-') {
        reader->is_negative = true;
        reader->lex = LEX_NUMBER;
        return true;
    }
    if (is_digit) {
        reader->lex = LEX_NUMBER;
        reader->has_number = true;
        if (reader->number <= (NUMBER_MAX - 9) / 10)
            reader->number = reader->number * 10 + (byte - '0');
        return true;
    }
    end_word(reader);
    return byte == ' ';
}

static int hex_value(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static void take_hex(struct rtf_reader *reader, uint8_t byte)
{
    int value = hex_value(byte);

    if (value < 0) {
        reader->lex = LEX_TEXT;
        take_text(reader, byte);
    } else if (reader->lex == LEX_HEX_HIGH) {
        reader->hex = (uint8_t)(value << 4);
        reader->lex = LEX_HEX_LOW;
    } else {
        reader->lex = LEX_TEXT;
        if (!skips(reader))
            show_byte(reader, reader->hex | (uint8_t)value);
    }
}

static void take_byte(struct rtf_reader *reader, uint8_t byte)
{
    switch (reader->lex) {
    case LEX_BACKSLASH:
        take_backslash(reader, byte);
        break;
    case LEX_WORD:
    case LEX_NUMBER:
        if (take_word(reader, byte))
            break;
        if (reader->lex == LEX_BINARY)
            take_byte(reader, byte); /* its first */
        else
            take_text(reader, byte);
        break;
    case LEX_HEX_HIGH:
    case LEX_HEX_LOW:
        take_hex(reader, byte);
        break;
    case LEX_BINARY:
        if (--reader->binary_left == 0)
            reader->lex = LEX_TEXT;
        break;
    default:
        take_text(reader, byte);
        break;
    }
}

bool rtf_reader_feed(struct rtf_reader *reader, const void *data, size_t size)
{
    const uint8_t *bytes = data;

    for (size_t i = 0; i < size && reader->status == RTF_OK && !reader->is_ended; i++)
        take_byte(reader, bytes[i]);
    return reader->status == RTF_OK && !reader->is_ended;
}

enum rtf_status rtf_reader_end(struct rtf_reader *reader)
{
    if (reader->status == RTF_OK && !reader->is_ended &&
            (reader->lex == LEX_WORD || reader->lex == LEX_NUMBER))
        end_word(reader);
    if (!reader->is_rtf || (reader->want == RTF_WANT_HTML && reader->kind != RTF_KIND_HTML))
        fail(reader, RTF_NOT);
    if (reader->status == RTF_OK)
        flush(reader);
    return reader->status;
}
