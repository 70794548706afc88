/* SPDX-License-Identifier: MIT */
/*
 * ansi.c - Windows-1252, by table.
 */
#include "platform/ansi.h"

/* What 0x80 to 0x9F stand for. Undefined ones are control characters, as on Windows. */
static const char16_t upper_controls[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, /* 80 */
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F, /* 88 */
    0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, /* 90 */
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178, /* 98 */
};

unsigned msp_ansi_code_page(void)
{
    return 1252;
}

size_t msp_ansi_to_utf16(const char *text, size_t size, char16_t *out, size_t out_count)
{
    for (size_t i = 0; i < size && i < out_count; i++) {
        unsigned char c = (unsigned char)text[i];

        out[i] = c >= 0x80 && c < 0xA0 ? upper_controls[c - 0x80] : c;
    }
    return size;
}

/* The byte for a unit, or -1. */
static int ansi_byte(char16_t unit)
{
    if (unit < 0x80 || (unit >= 0xA0 && unit <= 0xFF))
        return unit;
    for (int i = 0; i < 32; i++) {
        if (upper_controls[i] == unit)
            return 0x80 + i;
    }
    return -1;
}

size_t msp_utf16_to_ansi(
        const char16_t *text, size_t count, char *out, size_t out_size, bool *out_lossy)
{
    bool lossy = false;
    size_t size = 0;

    for (size_t i = 0; i < count; i++) {
        int byte = ansi_byte(text[i]);

        if (byte < 0) {
            byte = '?';
            lossy = true; /* for each unit of a pair, as on Windows */
        }
        if (size < out_size)
            out[size] = (char)byte;
        size++;
    }
    if (out_lossy)
        *out_lossy = lossy;
    return size;
}
