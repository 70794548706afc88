/* SPDX-License-Identifier: MIT */
/*
 * ansi.c - the process's ANSI code page.
 */
#include "platform/ansi.h"

#include <limits.h>
#include <windows.h>

unsigned msp_ansi_code_page(void)
{
    return GetACP();
}

size_t msp_ansi_to_utf16(const char *text, size_t size, char16_t *out, size_t out_count)
{
    int need;

    if (size == 0)
        return 0;
    if (size > INT_MAX)
        return MSP_ANSI_TOO_LONG;
    need = MultiByteToWideChar(CP_ACP, 0, text, (int)size, NULL, 0);
    if (need > 0 && (size_t)need <= out_count)
        MultiByteToWideChar(CP_ACP, 0, text, (int)size, out, need);
    return need > 0 ? (size_t)need : 0;
}

/* With UTF-8 as ANSI code page only surrogates without a partner are lost. */
static bool has_lone_surrogate(const char16_t *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if ((text[i] & 0xF800) != 0xD800)
            continue;
        if (text[i] >= 0xDC00 || i + 1 == count || (text[i + 1] & 0xFC00) != 0xDC00)
            return true;
        i++;
    }
    return false;
}

size_t msp_utf16_to_ansi(
        const char16_t *text, size_t count, char *out, size_t out_size, bool *out_lossy)
{
    bool is_utf8 = GetACP() == CP_UTF8;
    /* UTF-8 takes neither the flag nor the pointer. */
    DWORD flags = is_utf8 ? 0 : WC_NO_BEST_FIT_CHARS;
    BOOL lossy = FALSE;
    int need;

    if (out_lossy)
        *out_lossy = false;
    if (count == 0)
        return 0;
    if (count > INT_MAX / 4)
        return MSP_ANSI_TOO_LONG;
    need = WideCharToMultiByte(
            CP_ACP, flags, text, (int)count, NULL, 0, NULL, is_utf8 ? NULL : &lossy);
    if (need > 0 && (size_t)need <= out_size)
        WideCharToMultiByte(CP_ACP, flags, text, (int)count, out, need, NULL, NULL);
    if (out_lossy)
        *out_lossy = is_utf8 ? has_lone_surrogate(text, count) : lossy != FALSE;
    return need > 0 ? (size_t)need : 0;
}
