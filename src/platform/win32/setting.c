/* SPDX-License-Identifier: MIT */
/*
 * setting.c - the user's settings in the registry.
 */
#include "platform/setting.h"

#include <stdlib.h>
#include <windows.h>

#include "platform/win32/wide.h"

enum { VALUE_COUNT = 2048 };

size_t msp_setting_get(const char *name, char *out, size_t out_size)
{
    char16_t value[VALUE_COUNT];
    DWORD size = sizeof(value);
    char16_t *wide = wide_dup(name);
    LSTATUS status = ERROR_OUTOFMEMORY;

    if (out_size > 0)
        out[0] = '\0';
    if (wide)
        status = RegGetValueW(
                HKEY_CURRENT_USER, u"Software\\Mailkeep", wide, RRF_RT_REG_SZ, NULL, value, &size);
    free(wide);
    return status == ERROR_SUCCESS ? wide_to_utf8(value, out, out_size) : 0;
}
