/* SPDX-License-Identifier: MIT */
/*
 * random_bytes.c - random bytes of the kernel.
 */
#include "platform/random.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>

bool msp_random_bytes(void *out, size_t size)
{
    unsigned char *to = out;
    size_t done = 0;

    while (done < size) {
        ssize_t got = getrandom(to + done, size - done, 0);

        if (got > 0) {
            done += (size_t)got;
        } else if (errno != EINTR) {
            memset(out, 0, size);
            return false;
        }
    }
    return true;
}
