/* SPDX-License-Identifier: MIT */
/*
 * wide.c - strings for the W functions of Windows.
 */
#include "platform/win32/wide.h"

#include <stdlib.h>
#include <windows.h>

char16_t *wide_dup(const char *text)
{
    int count = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
    char16_t *wide;

    if (count <= 0)
        return NULL;
    wide = malloc((size_t)count * sizeof(*wide));
    if (!wide) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, wide, count);
    return wide;
}

size_t wide_to_utf8(const char16_t *text, char *out, size_t out_size)
{
    int size = WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text, -1, NULL, 0, NULL, NULL);

    if (out_size > 0)
        out[0] = '\0';
    if (size <= 0)
        return 0;
    if ((size_t)size <= out_size)
        WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text, -1, out, size, NULL, NULL);
    return (size_t)size;
}
