/* SPDX-License-Identifier: MIT */
/*
 * random_bytes.c - random bytes of Windows' preferred generator.
 */
#include "platform/random.h"

#include <string.h>
#include <windows.h>

#include <bcrypt.h>

bool msp_random_bytes(void *out, size_t size)
{
    unsigned char *to = out;
    size_t done = 0;

    while (done < size) {
        size_t part = size - done;

        if (part > 0x10000000)
            part = 0x10000000;
        if (BCryptGenRandom(NULL, to + done, (ULONG)part, BCRYPT_USE_SYSTEM_PREFERRED_RNG) < 0) {
            memset(out, 0, size);
            return false;
        }
        done += part;
    }
    return true;
}
