/* SPDX-License-Identifier: MIT */
/*
 * setting.h - what the user has set for the product on this machine.
 */
#ifndef MSP_PLATFORM_SETTING_H
#define MSP_PLATFORM_SETTING_H

#include <stddef.h>

/*
 * A text value (REG_SZ, or REG_EXPAND_SZ with its variables put in) of the registry key
 * HKEY_CURRENT_USER\Software\Mailkeep, in UTF-8. Returns the size needed, NUL included, or 0 when
 * there is none (natively always); what does not fit is not written (out becomes "").
 */
size_t msp_setting_get(const char *name, char *out, size_t out_size);

#endif
