/* SPDX-License-Identifier: MIT */
/*
 * mapi_guids.c - the bytes behind the IID_ and PS_ names, once for every program that links us.
 *
 * The few GUIDs of COM itself are here too, so that nothing needs Windows' uuid library.
 */
#include "mapi/mapibase.h"

#undef DEFINE_GUID
#undef DEFINE_OLEGUID
#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8)                               \
    extern const GUID name;                                                                        \
    const GUID name = { l, w1, w2, { b1, b2, b3, b4, b5, b6, b7, b8 } }
#define DEFINE_OLEGUID(name, l, w1, w2)                                                            \
    DEFINE_GUID(name, l, w1, w2, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x46)

DEFINE_GUID(GUID_NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
DEFINE_OLEGUID(IID_IUnknown, 0x00000000, 0, 0);
DEFINE_OLEGUID(IID_IMalloc, 0x00000002, 0, 0);
DEFINE_OLEGUID(IID_IStorage, 0x0000000B, 0, 0);
DEFINE_OLEGUID(IID_IStream, 0x0000000C, 0, 0);
DEFINE_GUID(IID_ISequentialStream, 0x0C733A30, 0x2A1C, 0x11CE, 0xAD, 0xE5, 0x00, 0xAA, 0x00, 0x44,
        0x77, 0x3D);

#include "mapi/mapiguid.h"
