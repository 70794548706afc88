/* SPDX-License-Identifier: MIT */
/*
 * user.c - the account of the process on POSIX.
 */
#include "platform/user.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

size_t msp_user_name(char *out, size_t out_size)
{
    char room[4096];
    struct passwd entry;
    struct passwd *found = NULL;
    size_t size;

    if (out_size > 0)
        out[0] = '\0';
    if (getpwuid_r(geteuid(), &entry, room, sizeof(room), &found) != 0 || found == NULL)
        return 0;
    size = strlen(found->pw_name) + 1;
    if (size <= out_size)
        memcpy(out, found->pw_name, size);
    return size;
}
