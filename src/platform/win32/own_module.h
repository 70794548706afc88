/* SPDX-License-Identifier: MIT */
/*
 * own_module.h - the module this code is in.
 */
#ifndef MSP_PLATFORM_WIN32_OWN_MODULE_H
#define MSP_PLATFORM_WIN32_OWN_MODULE_H

#include <windows.h>

/* Its handle, not counted. */
HMODULE own_module(void);

#endif
