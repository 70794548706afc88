/* SPDX-License-Identifier: MIT */
/*
 * setting.c - there is no registry here; the environment serves.
 */
#include "platform/setting.h"

#include "platform/base.h"

size_t msp_setting_get(const char *name, char *out, size_t out_size)
{
    MSP_UNUSED(name);
    if (out_size > 0)
        out[0] = '\0';
    return 0;
}
