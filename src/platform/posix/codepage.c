/* SPDX-License-Identifier: MIT */
/*
 * codepage.c - code pages by iconv.
 *
 * Owns:  two conversions for each open page.
 */
#include "platform/codepage.h"

#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>

#define NO_CONVERSION ((iconv_t)-1)

struct msp_codepage {
    unsigned number;
    iconv_t decoder;
    iconv_t encoder;
};

/* Pages that iconv knows by another name than "CP" and the number. */
static const struct {
    unsigned number;
    const char *name;
} names[] = {
    { 936, "GBK" },
    { 949, "UHC" },
    { 950, "BIG5" },
    { 1361, "JOHAB" },
    { 10000, "MACINTOSH" },
    { 20127, "US-ASCII" },
    { 20866, "KOI8-R" },
    { 20932, "EUC-JP" },
    { 21866, "KOI8-U" },
    { 50220, "ISO-2022-JP" },
    { 50221, "ISO-2022-JP" },
    { 50222, "ISO-2022-JP" },
    { 50225, "ISO-2022-KR" },
    { 51932, "EUC-JP" },
    { 51936, "GB2312" },
    { 51949, "EUC-KR" },
    { 54936, "GB18030" },
    { 65000, "UTF-7" },
    { 65001, "UTF-8" },
};

static const char *name_of(unsigned number, char room[16])
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].number == number)
            return names[i].name;
    }
    if (number > 28590 && number <= 28606)
        snprintf(room, 16, "ISO-8859-%u", number - 28590);
    else
        snprintf(room, 16, "CP%u", number);
    return room;
}

struct msp_codepage *msp_codepage_open(unsigned number)
{
    struct msp_codepage *page = malloc(sizeof(*page));
    char room[16];
    const char *name = name_of(number, room);

    if (page == NULL)
        return NULL;
    page->number = number;
    page->decoder = iconv_open("UTF-16LE", name);
    page->encoder = iconv_open(name, "UTF-16LE");
    if (page->decoder != NO_CONVERSION && page->encoder != NO_CONVERSION)
        return page;
    msp_codepage_close(page);
    return NULL;
}

void msp_codepage_close(struct msp_codepage *page)
{
    if (page == NULL)
        return;
    if (page->decoder != NO_CONVERSION)
        iconv_close(page->decoder);
    if (page->encoder != NO_CONVERSION)
        iconv_close(page->encoder);
    free(page);
}

unsigned msp_codepage_number(const struct msp_codepage *page)
{
    return page->number;
}

size_t msp_codepage_decode(
        struct msp_codepage *page, const char *text, size_t size, char16_t *out, size_t out_count)
{
    union {
        const char *from;
        char *given; /* iconv does not write there */
    } in = { text };

    char *to = (char *)out;
    size_t left = out_count * sizeof(*out);

    (void)iconv(page->decoder, NULL, NULL, NULL, NULL);
    while (size > 0 && left >= sizeof(*out)) {
        if (iconv(page->decoder, &in.given, &size, &to, &left) != (size_t)-1)
            break;
        if (size == 0 || left < sizeof(*out))
            break;
        *(char16_t *)(void *)to = 0xFFFD;
        to += sizeof(*out);
        left -= sizeof(*out);
        in.from++;
        size--;
    }
    return (size_t)(to - (char *)out) / sizeof(*out);
}

size_t msp_codepage_encode(
        struct msp_codepage *page, const char16_t *units, size_t count, char *out, size_t out_size)
{
    union {
        const char16_t *from;
        char *given;
    } in = { units };

    char *to = out;
    size_t size = count * sizeof(*units);
    size_t left = out_size;

    (void)iconv(page->encoder, NULL, NULL, NULL, NULL);
    if (iconv(page->encoder, &in.given, &size, &to, &left) != 0 || size > 0)
        return 0;
    if (iconv(page->encoder, NULL, NULL, &to, &left) == (size_t)-1)
        return 0;
    return out_size - left;
}
