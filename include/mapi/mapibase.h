/* SPDX-License-Identifier: MIT */
/*
 * mapibase.h - what the other headers of this folder stand on: Win32 base types and COM.
 */
#ifndef MAILKEEP_MAPIBASE_H
#define MAILKEEP_MAPIBASE_H

#ifdef _WIN32
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
/* Two headers, in this order: the second one needs the first. */
#include <objbase.h>
#include <objidl.h>
#else
#include "platform/sdk/win_base.h"
#endif

#include <stddef.h>
#include <string.h>

#endif /* MAILKEEP_MAPIBASE_H */
