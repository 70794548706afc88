/* SPDX-License-Identifier: MIT */
/*
 * env.c - environment variables; taken to be UTF-8.
 */
#include "platform/env.h"

#include <stdlib.h>
#include <string.h>

size_t msp_env_get(const char *name, char *out, size_t out_size)
{
    const char *value = getenv(name);
    size_t size = value ? strlen(value) + 1 : 0;

    if (value && size <= out_size)
        memcpy(out, value, size);
    else if (out_size > 0)
        out[0] = '\0';
    return size;
}
