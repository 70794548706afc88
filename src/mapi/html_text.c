/* SPDX-License-Identifier: MIT */
/*
 * html_text.c - a walk over HTML: what is tag, what is text, and where lines break.
 *
 * Breaks and spaces are wished for, and made when the next visible character comes: so what is
 * empty makes no lines, and nothing stands at the end of one.
 */
#include "mapi/html_text.h"

#include <string.h>

#include "mapi/charset.h"
#include "mapi/html_entity.h"
#include "util/buf.h"
#include "util/bytes.h"
#include "util/utf.h"

enum {
    TAG_NAME_MAX = 16,
    LIST_MAX = 32,   /* lists in lists whose items are counted */
    META_MAX = 2048, /* bytes in which a charset is looked for */
    CHARSET_MAX = 32 /* characters of its name */
};

enum element {
    ELEMENT_OTHER,
    ELEMENT_BLOCK,     /* begins and ends a line */
    ELEMENT_PARAGRAPH, /* and has an empty one around it */
    ELEMENT_BREAK,
    ELEMENT_RULE,
    ELEMENT_PRE,
    ELEMENT_ROW,
    ELEMENT_CELL,
    ELEMENT_LIST,
    ELEMENT_NUMBERED_LIST,
    ELEMENT_ITEM,
    ELEMENT_UNSEEN /* to its end tag no text, whatever is in it */
};

/* clang-format off */
static const struct {
    const char *name;
    enum element element;
} elements[] = { /* by name */
    { "address",    ELEMENT_BLOCK },
    { "article",    ELEMENT_BLOCK },
    { "blockquote", ELEMENT_PARAGRAPH },
    { "body",       ELEMENT_BLOCK },
    { "br",         ELEMENT_BREAK },
    { "center",     ELEMENT_BLOCK },
    { "dd",         ELEMENT_BLOCK },
    { "div",        ELEMENT_BLOCK },
    { "dl",         ELEMENT_PARAGRAPH },
    { "dt",         ELEMENT_BLOCK },
    { "fieldset",   ELEMENT_BLOCK },
    { "footer",     ELEMENT_BLOCK },
    { "form",       ELEMENT_BLOCK },
    { "h1",         ELEMENT_PARAGRAPH },
    { "h2",         ELEMENT_PARAGRAPH },
    { "h3",         ELEMENT_PARAGRAPH },
    { "h4",         ELEMENT_PARAGRAPH },
    { "h5",         ELEMENT_PARAGRAPH },
    { "h6",         ELEMENT_PARAGRAPH },
    { "header",     ELEMENT_BLOCK },
    { "hr",         ELEMENT_RULE },
    { "iframe",     ELEMENT_UNSEEN },
    { "li",         ELEMENT_ITEM },
    { "noembed",    ELEMENT_UNSEEN },
    { "noframes",   ELEMENT_UNSEEN },
    { "ol",         ELEMENT_NUMBERED_LIST },
    { "p",          ELEMENT_PARAGRAPH },
    { "pre",        ELEMENT_PRE },
    { "script",     ELEMENT_UNSEEN },
    { "section",    ELEMENT_BLOCK },
    { "style",      ELEMENT_UNSEEN },
    { "table",      ELEMENT_BLOCK },
    { "td",         ELEMENT_CELL },
    { "th",         ELEMENT_CELL },
    { "title",      ELEMENT_UNSEEN },
    { "tr",         ELEMENT_ROW },
    { "ul",         ELEMENT_LIST },
};

/* clang-format on */

struct walk {
    const struct html_visitor *visitor;
    const char *html;
    size_t size;
    size_t at;
    bool has_text;   /* something was seen already */
    unsigned lines;  /* line ends that were shown since the last text */
    unsigned wanted; /* line ends before the next text */
    bool has_space;  /* a space before it, if the line goes on */
    unsigned pre_depth;
    bool has_cell; /* the row has one already */
    unsigned list_depth;
    unsigned next_item[LIST_MAX]; /* of the list of that depth; 0: not numbered */
    bool ok;
};

/* --- what the visitor gets -------------------------------------------------------------------- */

/* The source up to `end` is not seen. */
static void pass(struct walk *walk, size_t end)
{
    if (walk->ok && end > walk->at)
        walk->ok = walk->visitor->markup(
                walk->visitor->context, walk->html + walk->at, end - walk->at);
    walk->at = end;
}

static void show(struct walk *walk, const char *text, size_t size)
{
    if (walk->ok)
        walk->ok = walk->visitor->show(walk->visitor->context, text, size);
}

static void show_line_end(struct walk *walk)
{
    show(walk, "\r\n", 2);
    walk->lines++;
    walk->has_space = false;
}

static bool is_line_start(const struct walk *walk)
{
    return !walk->has_text || walk->lines > 0 || walk->wanted > 0;
}

static void want_lines(struct walk *walk, unsigned count)
{
    walk->wanted = msp_max(walk->wanted, count);
    walk->has_space = false;
}

static void show_wanted_lines(struct walk *walk)
{
    while (walk->has_text && walk->lines < walk->wanted)
        show_line_end(walk);
    walk->wanted = 0;
}

/* A visible character comes. */
static void begin_text(struct walk *walk)
{
    show_wanted_lines(walk);
    if (walk->has_space)
        show(walk, " ", 1);
    walk->has_space = false;
    walk->has_text = true;
    walk->lines = 0;
}

static void show_text(struct walk *walk, const char *text)
{
    begin_text(walk);
    show(walk, text, strlen(text));
}

/* --- elements --------------------------------------------------------------------------------- */

static enum element element_of(const char *name)
{
    size_t low = 0;
    size_t high = sizeof(elements) / sizeof(elements[0]);

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(elements[mid].name, name);

        if (order == 0)
            return elements[mid].element;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return ELEMENT_OTHER;
}

static void begin_item(struct walk *walk)
{
    unsigned depth = walk->list_depth;
    char number[16];
    size_t at = sizeof(number);
    unsigned value = 0;

    want_lines(walk, 1);
    if (depth > 0 && depth <= LIST_MAX && walk->next_item[depth - 1] > 0)
        value = walk->next_item[depth - 1]++;
    if (value == 0) {
        show_text(walk, "* ");
        return;
    }
    number[--at] = '\0';
    number[--at] = ' ';
    number[--at] = '.';
    for (; value > 0; value /= 10)
        number[--at] = (char)('0' + value % 10);
    show_text(walk, number + at);
}

static void begin_list(struct walk *walk, bool is_numbered)
{
    want_lines(walk, 1);
    if (walk->list_depth < LIST_MAX)
        walk->next_item[walk->list_depth] = is_numbered ? 1 : 0;
    walk->list_depth++;
}

static void begin_cell(struct walk *walk)
{
    if (walk->has_cell && walk->wanted == 0)
        show_text(walk, "\t");
    walk->has_cell = true;
}

static void begin_element(struct walk *walk, enum element element)
{
    switch (element) {
    case ELEMENT_BLOCK:
        want_lines(walk, 1);
        break;
    case ELEMENT_PARAGRAPH:
        want_lines(walk, 2);
        break;
    case ELEMENT_BREAK:
        show_wanted_lines(walk);
        show_line_end(walk);
        walk->has_text = true;
        break;
    case ELEMENT_RULE:
        want_lines(walk, 1);
        show_text(walk, "________________________________");
        want_lines(walk, 1);
        break;
    case ELEMENT_PRE:
        want_lines(walk, 2);
        walk->pre_depth++;
        break;
    case ELEMENT_ROW:
        want_lines(walk, 1);
        walk->has_cell = false;
        break;
    case ELEMENT_CELL:
        begin_cell(walk);
        break;
    case ELEMENT_LIST:
    case ELEMENT_NUMBERED_LIST:
        begin_list(walk, element == ELEMENT_NUMBERED_LIST);
        break;
    case ELEMENT_ITEM:
        begin_item(walk);
        break;
    default:
        break;
    }
}

static void end_element(struct walk *walk, enum element element)
{
    switch (element) {
    case ELEMENT_PARAGRAPH:
        want_lines(walk, 2);
        break;
    case ELEMENT_PRE:
        want_lines(walk, 2);
        if (walk->pre_depth > 0)
            walk->pre_depth--;
        break;
    case ELEMENT_LIST:
    case ELEMENT_NUMBERED_LIST:
        want_lines(walk, 1);
        if (walk->list_depth > 0)
            walk->list_depth--;
        break;
    case ELEMENT_BLOCK:
    case ELEMENT_ROW:
    case ELEMENT_ITEM:
        want_lines(walk, 1);
        break;
    default:
        break;
    }
}

/* --- tokens ----------------------------------------------------------------------------------- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool is_letter(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

static bool is_name(char c)
{
    return !is_blank(c) && c != '>' && c != '/';
}

/* Where a piece begins the next time from a place on, letters in any case; the end: nowhere. */
static size_t find_piece(const struct walk *walk, size_t from, const char *piece)
{
    size_t length = strlen(piece);

    for (; from + length <= walk->size; from++) {
        size_t same = 0;

        while (same < length && lower(walk->html[from + same]) == piece[same])
            same++;
        if (same == length)
            return from;
    }
    return walk->size;
}

/* The place behind the '>' of a tag; quotes of attributes may hide others. */
static size_t tag_end(const struct walk *walk, size_t from)
{
    char quote = 0;
    bool is_value = false;

    for (; from < walk->size; from++) {
        char c = walk->html[from];

        if (quote != 0) {
            if (c == quote)
                quote = 0;
        } else if (c == '>') {
            return from + 1;
        } else if ((c == '"' || c == '\'') && is_value) {
            quote = c;
            is_value = false;
        } else if (!is_blank(c)) {
            is_value = c == '=';
        }
    }
    return walk->size;
}

/* Lower case; cut to what any known element's name needs. Returns the place behind it. */
static size_t tag_name(const struct walk *walk, size_t from, char name[TAG_NAME_MAX])
{
    size_t length = 0;

    while (from < walk->size && is_name(walk->html[from])) {
        if (length + 1 < TAG_NAME_MAX)
            name[length++] = lower(walk->html[from]);
        from++;
    }
    name[length] = '\0';
    return from;
}

static void take_unseen(struct walk *walk, const char *name)
{
    char closing[TAG_NAME_MAX + 2] = "</";

    memcpy(closing + 2, name, strlen(name) + 1);
    pass(walk, find_piece(walk, walk->at, closing));
}

static void take_tag(struct walk *walk, bool is_end)
{
    char name[TAG_NAME_MAX];
    size_t end = tag_end(walk, tag_name(walk, walk->at + (is_end ? 2 : 1), name));
    enum element element = element_of(name);

    pass(walk, end);
    if (is_end) {
        end_element(walk, element);
    } else if (element == ELEMENT_UNSEEN) {
        take_unseen(walk, name);
    } else {
        begin_element(walk, element);
        /* The line end behind <pre> is not part of it. */
        if (element == ELEMENT_PRE && walk->at < walk->size && walk->html[walk->at] == '\r')
            pass(walk, walk->at + 1);
        if (element == ELEMENT_PRE && walk->at < walk->size && walk->html[walk->at] == '\n')
            pass(walk, walk->at + 1);
    }
}

static void take_declaration(struct walk *walk)
{
    size_t end;

    if (walk->size - walk->at >= 4 && memcmp(walk->html + walk->at, "<!--", 4) == 0) {
        end = find_piece(walk, walk->at + 4, "-->");
        pass(walk, msp_min(end + 3, walk->size));
        return;
    }
    end = find_piece(walk, walk->at, ">");
    pass(walk, msp_min(end + 1, walk->size));
}

/* A '<' that begins no tag is text. */
static bool take_angle(struct walk *walk)
{
    char next = walk->at + 1 < walk->size ? walk->html[walk->at + 1] : ' ';

    if (next == '!' || next == '?')
        take_declaration(walk);
    else if (is_letter(next))
        take_tag(walk, false);
    else if (next == '/' && walk->at + 2 < walk->size && is_letter(walk->html[walk->at + 2]))
        take_tag(walk, true);
    else
        return false;
    return true;
}

static bool take_entity(struct walk *walk)
{
    uint32_t code;
    size_t taken = html_entity_read(walk->html + walk->at, walk->size - walk->at, &code);
    char bytes[4];

    if (taken == 0)
        return false;
    if (code <= ' ' && is_blank((char)code)) { /* white space like any other */
        pass(walk, walk->at + taken);
        if (!is_line_start(walk))
            walk->has_space = true;
        return true;
    }
    begin_text(walk);
    pass(walk, walk->at + taken);
    show(walk, bytes, utf8_put(code, bytes));
    return true;
}

/* White space inside <pre>. */
static void take_pre_blank(struct walk *walk)
{
    char c = walk->html[walk->at];
    bool is_pair = c == '\r' && walk->at + 1 < walk->size && walk->html[walk->at + 1] == '\n';

    if (c == '\r' || c == '\n') {
        show_wanted_lines(walk);
        walk->has_text = true;
        pass(walk, walk->at + (is_pair ? 2 : 1));
        show_line_end(walk);
        return;
    }
    begin_text(walk);
    if (walk->ok)
        walk->ok = walk->visitor->text(walk->visitor->context, walk->html + walk->at, 1);
    walk->at++;
}

static void take_blanks(struct walk *walk)
{
    size_t end = walk->at;

    while (end < walk->size && is_blank(walk->html[end]))
        end++;
    if (end - walk->at == 1 && walk->html[walk->at] == ' ' && !is_line_start(walk) &&
            !walk->has_space && end < walk->size && walk->html[end] != '<') {
        if (walk->ok)
            walk->ok = walk->visitor->text(walk->visitor->context, " ", 1);
        walk->at = end;
        return;
    }
    pass(walk, end);
    if (!is_line_start(walk))
        walk->has_space = true;
}

static void take_text(struct walk *walk)
{
    size_t end = walk->at + 1;

    while (end < walk->size && walk->html[end] != '<' && walk->html[end] != '&' &&
            !is_blank(walk->html[end]))
        end++;
    begin_text(walk);
    if (walk->ok)
        walk->ok =
                walk->visitor->text(walk->visitor->context, walk->html + walk->at, end - walk->at);
    walk->at = end;
}

bool html_walk(const char *html, size_t size, const struct html_visitor *visitor)
{
    struct walk walk = { .visitor = visitor, .html = html, .size = size, .ok = true };

    while (walk.ok && walk.at < size) {
        char c = html[walk.at];

        if (c == '<' && take_angle(&walk))
            continue;
        if (c == '&' && take_entity(&walk))
            continue;
        if (!is_blank(c))
            take_text(&walk);
        else if (walk.pre_depth > 0)
            take_pre_blank(&walk);
        else
            take_blanks(&walk);
    }
    return walk.ok;
}

/* --- plain text ------------------------------------------------------------------------------- */

struct text_writer {
    struct msp_buf *out;
    size_t left;
};

static bool write_text(void *context, const char *text, size_t size)
{
    struct text_writer *writer = context;

    if (size > writer->left)
        return false;
    writer->left -= size;
    return msp_buf_append(writer->out, text, size);
}

static bool write_nothing(void *context, const char *source, size_t size)
{
    MSP_UNUSED(context);
    MSP_UNUSED(source);
    MSP_UNUSED(size);
    return true;
}

bool html_to_text(const char *html, size_t size, size_t max, struct msp_buf *out)
{
    struct text_writer writer = { out, max };
    const struct html_visitor visitor = { &writer, write_nothing, write_text, write_text };

    return html_walk(html, size, &visitor);
}

/* --- the code page ---------------------------------------------------------------------------- */

unsigned html_code_page(const void *html, size_t size)
{
    static const char mark[] = "charset=";
    struct walk walk = { .html = html, .size = msp_min(size, META_MAX) };
    size_t from;
    size_t end;

    if (size >= 3 && memcmp(html, "\xEF\xBB\xBF", 3) == 0)
        return CHARSET_UTF8;
    if (size >= 2 && memcmp(html, "\xFF\xFE", 2) == 0)
        return CHARSET_UTF16;
    if (size >= 2 && memcmp(html, "\xFE\xFF", 2) == 0)
        return CHARSET_UTF16_BE;
    from = find_piece(&walk, find_piece(&walk, 0, "<meta"), mark);
    if (from == walk.size)
        return 0;
    from += sizeof(mark) - 1;
    while (from < walk.size &&
            (walk.html[from] == '"' || walk.html[from] == '\'' || is_blank(walk.html[from])))
        from++;
    end = from;
    while (end < walk.size && end - from < CHARSET_MAX &&
            (is_letter(walk.html[end]) || (walk.html[end] >= '0' && walk.html[end] <= '9') ||
                    walk.html[end] == '-' || walk.html[end] == '_'))
        end++;
    return charset_by_name(walk.html + from, end - from);
}
