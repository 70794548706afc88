/* SPDX-License-Identifier: MIT */
/*
 * user.c - the account of the process on Windows.
 */
#include "platform/user.h"

#include <windows.h>

#include <lmcons.h>

#include "platform/win32/wide.h"

size_t msp_user_name(char *out, size_t out_size)
{
    char16_t name[UNLEN + 1];
    DWORD count = UNLEN + 1;

    if (out_size > 0)
        out[0] = '\0';
    if (!GetUserNameW(name, &count))
        return 0;
    return wide_to_utf8(name, out, out_size);
}
