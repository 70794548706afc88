/* SPDX-License-Identifier: MIT */
/*
 * random.c - what is made of random bytes on every system.
 */
#include "platform/random.h"

bool msp_random_guid(unsigned char out[16])
{
    if (!msp_random_bytes(out, 16))
        return false;
    out[7] = (unsigned char)((out[7] & 0x0F) | 0x40);
    out[8] = (unsigned char)((out[8] & 0x3F) | 0x80);
    return true;
}
