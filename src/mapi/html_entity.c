/* SPDX-License-Identifier: MIT */
/*
 * html_entity.c - character references: the named ones from a table, the others by number.
 */
#include "mapi/html_entity.h"

#include <stdbool.h>
#include <string.h>

#include "util/bytes.h"
#include "util/utf.h"

enum {
    NAME_MAX_SIZE = 10,
    CODE_MAX = 0x10FFFF,
    NAMELESS_FROM = 0x100 /* names of characters from here on need their semicolon */
};

/* clang-format off */
static const struct entity {
    const char *name;
    uint16_t code;
} entities[] = {
#include "mapi/entities.list.h"
};

/* Numbers from 0x80 to 0x9F mean Windows-1252, as everywhere on the Web. */
static const uint16_t western[32] = {
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD,
    0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
};

/* clang-format on */

static const struct entity *find(const char *name, size_t size)
{
    size_t low = 0;
    size_t high = sizeof(entities) / sizeof(entities[0]);

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strncmp(entities[mid].name, name, size);

        if (order == 0 && entities[mid].name[size] == '\0')
            return &entities[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

static int digit_of(char c, bool is_hex)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return is_hex && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t read_number(const char *text, size_t size, uint32_t *out_code)
{
    bool is_hex = size > 2 && (text[2] == 'x' || text[2] == 'X');
    size_t start = is_hex ? 3 : 2;
    size_t at = start;
    uint32_t code = 0;

    for (; at < size; at++) {
        int digit = digit_of(text[at], is_hex);

        if (digit < 0)
            break;
        if (code <= CODE_MAX)
            code = code * (is_hex ? 16 : 10) + (uint32_t)digit;
    }
    if (at == start)
        return 0;
    if (code >= 0x80 && code < 0xA0)
        code = western[code - 0x80];
    if (code == 0 || code > CODE_MAX || (code & ~UINT32_C(0x7FF)) == 0xD800)
        code = UTF_REPLACEMENT;
    *out_code = code;
    return at < size && text[at] == ';' ? at + 1 : at;
}

static bool is_name(char c)
{
    return digit_of(c, false) >= 0 || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

size_t html_entity_read(const char *text, size_t size, uint32_t *out_code)
{
    const struct entity *entity;
    size_t end = 1;

    if (size >= 2 && text[1] == '#')
        return read_number(text, size, out_code);
    while (end < size && end <= NAME_MAX_SIZE && is_name(text[end]))
        end++;
    entity = end > 1 ? find(text + 1, end - 1) : NULL;
    if (entity == NULL)
        return 0;
    *out_code = entity->code;
    if (end < size && text[end] == ';')
        return end + 1;
    return entity->code < NAMELESS_FROM ? end : 0;
}
