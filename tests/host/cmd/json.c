/* SPDX-License-Identifier: MIT */
/*
 * json.c - writing and reading JSON.
 *
 * A document is read into blocks that are freed together; nesting is bounded.
 */
#include "json.h"

#include <stdlib.h>
#include <string.h>

#include "../host_text.h"

#define DEPTH_MAX 1200 /* messages in messages take four levels each */
#define BLOCK_SIZE 65536

/* ---- Writing ---- */

static void put_unit(FILE *out, unsigned unit)
{
    fprintf(out, "\\u%04x", unit);
}

static void put_utf8(FILE *out, unsigned long code)
{
    if (code < 0x800) {
        fputc((int)(0xC0 | code >> 6), out);
    } else {
        if (code < 0x10000) {
            fputc((int)(0xE0 | code >> 12), out);
        } else {
            fputc((int)(0xF0 | code >> 18), out);
            fputc((int)(0x80 | (code >> 12 & 0x3F)), out);
        }
        fputc((int)(0x80 | (code >> 6 & 0x3F)), out);
    }
    fputc((int)(0x80 | (code & 0x3F)), out);
}

void json_put_utf16(FILE *out, const uint16_t *text, size_t count)
{
    size_t i;

    fputc('"', out);
    for (i = 0; i < count; i++) {
        unsigned unit = text[i];

        if (unit == '"' || unit == '\\')
            fprintf(out, "\\%c", (char)unit);
        else if (unit == '\r' || unit == '\n' || unit == '\t')
            fputs(unit == '\r' ? "\\r" : unit == '\n' ? "\\n" : "\\t", out);
        else if (unit < ' ' || unit == 0x7F)
            put_unit(out, unit);
        else if (unit < 0x80)
            fputc((int)unit, out);
        else if ((unit & 0xF800) != 0xD800)
            put_utf8(out, unit);
        else if (unit < 0xDC00 && i + 1 < count && (text[i + 1] & 0xFC00) == 0xDC00)
            put_utf8(out, 0x10000 + ((unsigned long)(unit & 0x3FF) << 10) + (text[++i] & 0x3FF));
        else
            put_unit(out, unit);
    }
    fputc('"', out);
}

void json_put_text(FILE *out, const char *text)
{
    uint16_t *wide = host_text_to_utf16(text);

    json_put_utf16(out, wide, wide ? host_text_utf16_length(wide) : 0);
    free(wide);
}

void json_put_hex(FILE *out, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    size_t i;

    fputc('"', out);
    for (i = 0; i < size; i++)
        fprintf(out, "%02x", byte[i]);
    fputc('"', out);
}

/* ---- Memory ---- */

struct block {
    struct block *next;
    uint64_t data[];
};

struct json_document {
    struct block *blocks;
    size_t left; /* bytes of the first block's end */
    const char *text;
    size_t size, at;
    unsigned depth;
    struct json root;
};

static void *take(struct json_document *document, size_t size)
{
    size = (size + 7) & ~(size_t)7;
    if (size > document->left || !document->blocks) {
        size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
        struct block *block = malloc(sizeof(*block) + room);

        if (!block)
            return NULL;
        block->next = document->blocks;
        document->blocks = block;
        document->left = room;
    }
    document->left -= size;
    return (char *)document->blocks->data + document->left;
}

void json_free(struct json_document *document)
{
    while (document && document->blocks) {
        struct block *next = document->blocks->next;

        free(document->blocks);
        document->blocks = next;
    }
    free(document);
}

/* ---- Reading ---- */

static int peek(struct json_document *document)
{
    while (document->at < document->size && strchr(" \t\r\n", document->text[document->at]) &&
            document->text[document->at])
        document->at++;
    return document->at < document->size ? (unsigned char)document->text[document->at] : -1;
}

static bool eat(struct json_document *document, int c)
{
    if (peek(document) != c)
        return false;
    document->at++;
    return true;
}

static bool eat_word(struct json_document *document, const char *word)
{
    size_t length = strlen(word);

    if (document->size - document->at < length ||
            memcmp(document->text + document->at, word, length) != 0)
        return false;
    document->at += length;
    return true;
}

/* Four hex digits. */
static bool read_escape(struct json_document *document, uint16_t *out)
{
    unsigned char bytes[2];
    size_t size;

    if (document->size - document->at < 4 ||
            !host_hex_read(document->text + document->at, 4, bytes, 2, &size))
        return false;
    *out = (uint16_t)(bytes[0] << 8 | bytes[1]);
    document->at += 4;
    return true;
}

/* The length of the text's source up to its closing quote. */
static bool text_length(const struct json_document *document, size_t *out)
{
    size_t at = document->at;

    while (at < document->size && document->text[at] != '"')
        at += document->text[at] == '\\' ? 2 : 1;
    *out = at - document->at;
    return at < document->size;
}

static bool read_piece(struct json_document *document, size_t end, uint16_t *out, size_t *count)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char plain[64];
    const char *found;
    uint16_t *wide;
    size_t n = 0, units;

    if (document->text[document->at] == '\\') {
        char c = document->text[document->at + 1];

        document->at += 2;
        if (c == 'u')
            return read_escape(document, &out[(*count)++]);
        found = c ? strchr(from, c) : NULL;
        if (found)
            out[(*count)++] = (uint16_t)to[found - from];
        return found != NULL;
    }
    while (document->at < end && document->text[document->at] != '\\' &&
            (n < sizeof(plain) - 8 || (document->text[document->at] & 0xC0) == 0x80) &&
            n < sizeof(plain) - 1)
        plain[n++] = document->text[document->at++];
    plain[n] = '\0';
    wide = strlen(plain) == n ? host_text_to_utf16(plain) : NULL;
    if (!wide)
        return false;
    units = host_text_utf16_length(wide);
    memcpy(out + *count, wide, units * sizeof(*wide));
    *count += units;
    free(wide);
    return true;
}

static bool read_text(struct json_document *document, struct json *out)
{
    size_t length, end, count = 0;
    uint16_t *text;

    document->at++;
    if (!text_length(document, &length))
        return false;
    end = document->at + length;
    text = take(document, (length + 1) * sizeof(*text));
    if (!text)
        return false;
    while (document->at < end) {
        if (!read_piece(document, end, text, &count))
            return false;
    }
    text[count] = 0;
    out->type = JSON_TEXT;
    out->text = text;
    out->count = count;
    document->at = end + 1;
    return true;
}

static bool read_number(struct json_document *document, struct json *out)
{
    size_t from = document->at;
    char *copy;

    while (document->at < document->size && document->text[document->at] &&
            strchr("+-.0123456789eE", document->text[document->at]))
        document->at++;
    if (document->at == from)
        return false;
    copy = take(document, document->at - from + 1);
    if (!copy)
        return false;
    memcpy(copy, document->text + from, document->at - from);
    copy[document->at - from] = '\0';
    out->type = JSON_NUMBER;
    out->number = copy;
    return true;
}

static bool read_value(struct json_document *document, struct json *out);

static bool read_key(struct json_document *document, struct json *item)
{
    size_t length;
    char *key;

    if (peek(document) != '"')
        return false;
    document->at++;
    if (!text_length(document, &length))
        return false;
    key = take(document, length + 1);
    if (!key)
        return false;
    memcpy(key, document->text + document->at, length);
    key[length] = '\0';
    item->key = key;
    document->at += length + 1;
    return eat(document, ':');
}

static bool read_items(struct json_document *document, struct json *out, int closing)
{
    struct json **link = &out->first;

    document->at++;
    if (eat(document, closing))
        return true;
    do {
        struct json *item = take(document, sizeof(*item));

        if (!item)
            return false;
        memset(item, 0, sizeof(*item));
        if (out->type == JSON_OBJECT && !read_key(document, item))
            return false;
        if (!read_value(document, item))
            return false;
        *link = item;
        link = &item->next;
        out->count++;
    } while (eat(document, ','));
    return eat(document, closing);
}

static bool read_value(struct json_document *document, struct json *out)
{
    int c = peek(document);
    bool ok;

    switch (c) {
    case '"':
        return read_text(document, out);
    case '{':
    case '[':
        if (document->depth >= DEPTH_MAX)
            return false;
        document->depth++;
        out->type = c == '{' ? JSON_OBJECT : JSON_ARRAY;
        ok = read_items(document, out, c == '{' ? '}' : ']');
        document->depth--;
        return ok;
    case 't':
        out->type = JSON_TRUE;
        return eat_word(document, "true");
    case 'f':
        out->type = JSON_FALSE;
        return eat_word(document, "false");
    case 'n':
        return eat_word(document, "null");
    default:
        return read_number(document, out);
    }
}

struct json_document *json_read(const char *text, size_t size, size_t *out_at)
{
    struct json_document *document = calloc(1, sizeof(*document));

    *out_at = 0;
    if (!document)
        return NULL;
    document->text = text;
    document->size = size;
    if (read_value(document, &document->root) && peek(document) < 0)
        return document;
    *out_at = document->at;
    json_free(document);
    return NULL;
}

const struct json *json_root(const struct json_document *document)
{
    return &document->root;
}

/* ---- Looking into it ---- */

const struct json *json_member(const struct json *object, const char *key)
{
    const struct json *item = object && object->type == JSON_OBJECT ? object->first : NULL;

    while (item && strcmp(item->key, key) != 0)
        item = item->next;
    return item;
}

long long json_number(const struct json *value)
{
    return value && value->type == JSON_NUMBER ? strtoll(value->number, NULL, 10) : 0;
}

char *json_utf8(const struct json *value)
{
    return value && value->type == JSON_TEXT ? host_text_to_utf8(value->text, value->count) : NULL;
}

unsigned char *json_bytes(const struct json *value, size_t *out_size)
{
    char *digits = json_utf8(value);
    size_t length = digits ? strlen(digits) : 0;
    unsigned char *bytes = digits ? malloc(length / 2 + 1) : NULL;

    if (bytes && !host_hex_read(digits, length, bytes, length / 2, out_size)) {
        free(bytes);
        bytes = NULL;
    }
    free(digits);
    return bytes;
}
