/* SPDX-License-Identifier: MIT */
/*
 * mapi_sdk.h - the one include for MAPI and COM types.
 *
 * The declarations of MAPI are ours (include/mapi/). What they stand on comes from the Windows SDK
 * on Windows and from win_base.h elsewhere. COM interfaces are structures of function pointers,
 * with constant tables, in every build.
 *
 * Formats: LONG and ULONG are `long` on Windows and `int` elsewhere; cast before printing.
 */
#ifndef MSP_MAPI_SDK_H
#define MSP_MAPI_SDK_H

#ifndef CINTERFACE
#define CINTERFACE /* structures of function pointers, also for C++ */
#endif
#ifndef CONST_VTABLE
#define CONST_VTABLE /* lpVtbl points to a constant table, as ours all are */
#endif

#include "mapi/mapi.h"

/* A string of 16-bit units in every build: MSP_W("text"). */
#define MSP_W(text) u##text

#endif /* MSP_MAPI_SDK_H */
