/* SPDX-License-Identifier: MIT */
/*
 * codepage.c - code pages by the system's own conversions.
 */
#include "platform/codepage.h"

#include <limits.h>
#include <stdlib.h>
#include <windows.h>

struct msp_codepage {
    unsigned number;
};

/* Pages for which the system cannot tell what was lost, and refuses to be asked. */
static bool is_blunt(unsigned number)
{
    return number == 42 || (number >= 50220 && number <= 50229) || number == 52936 ||
           number == 54936 || (number >= 57002 && number <= 57011) || number == 65000 ||
           number == 65001;
}

struct msp_codepage *msp_codepage_open(unsigned number)
{
    struct msp_codepage *page;

    if (number < 37 || number == 42 || !IsValidCodePage(number))
        return NULL;
    page = malloc(sizeof(*page));
    if (page != NULL)
        page->number = number;
    return page;
}

void msp_codepage_close(struct msp_codepage *page)
{
    free(page);
}

unsigned msp_codepage_number(const struct msp_codepage *page)
{
    return page->number;
}

size_t msp_codepage_decode(
        struct msp_codepage *page, const char *text, size_t size, char16_t *out, size_t out_count)
{
    int made;

    if (size == 0 || size > INT_MAX / 4 || out_count > INT_MAX / 2)
        return 0;
    made = MultiByteToWideChar(page->number, 0, text, (int)size, out, (int)out_count);
    return made > 0 ? (size_t)made : 0;
}

size_t msp_codepage_encode(
        struct msp_codepage *page, const char16_t *units, size_t count, char *out, size_t out_size)
{
    bool blunt = is_blunt(page->number);
    BOOL lossy = FALSE;
    int made;

    if (count == 0 || count > 2 || out_size > INT_MAX)
        return 0;
    made = WideCharToMultiByte(page->number, blunt ? 0 : WC_NO_BEST_FIT_CHARS, units, (int)count,
            out, (int)out_size, NULL, blunt ? NULL : &lossy);
    return made > 0 && !lossy ? (size_t)made : 0;
}
