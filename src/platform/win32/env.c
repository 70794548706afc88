/* SPDX-License-Identifier: MIT */
/*
 * env.c - environment variables of the process.
 */
#include "platform/env.h"

#include <stdlib.h>
#include <windows.h>

#include "platform/win32/wide.h"

/* The value as UTF-16, to be freed with free(), or NULL. */
static char16_t *get_wide(const char16_t *name)
{
    char16_t *value = NULL;
    DWORD count = 256, need;

    for (;;) {
        char16_t *larger = realloc(value, count * sizeof(*value));

        if (!larger)
            break;
        value = larger;
        SetLastError(ERROR_SUCCESS);
        need = GetEnvironmentVariableW(name, value, count);
        if (need == 0 && GetLastError() != ERROR_SUCCESS)
            break;
        if (need < count)
            return value;
        count = need; /* another thread may have set a longer one meanwhile, hence the loop */
    }
    free(value);
    return NULL;
}

size_t msp_env_get(const char *name, char *out, size_t out_size)
{
    char16_t *wide_name = wide_dup(name);
    char16_t *value = wide_name ? get_wide(wide_name) : NULL;
    size_t size = 0;

    if (value)
        size = wide_to_utf8(value, out, out_size);
    else if (out_size > 0)
        out[0] = '\0';
    free(value);
    free(wide_name);
    return size;
}
