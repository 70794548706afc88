/* SPDX-License-Identifier: MIT */
/*
 * path.c - what can be said about a file name without asking the system.
 */
#include "platform/file.h"

static bool is_separator(char c)
{
    return c == '/' || c == MSP_PATH_SEPARATOR;
}

bool msp_path_is_full(const char *path)
{
#ifdef _WIN32
    char drive = (char)(path[0] | 0x20);

    if (is_separator(path[0]))
        return is_separator(path[1]);
    return drive >= 'a' && drive <= 'z' && path[1] == ':' && is_separator(path[2]);
#else
    return is_separator(path[0]);
#endif
}

const char *msp_path_base(const char *path)
{
    const char *base = path;

    for (const char *p = path; *p != '\0'; p++) {
        if (is_separator(*p))
            base = p + 1;
    }
    return base;
}
