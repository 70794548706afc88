/* SPDX-License-Identifier: MIT */
/*
 * system.c - a full disk, where one can be played.
 */
#include "support/system.h"

#ifdef _WIN32

bool system_limit_files(size_t size)
{
    (void)size;
    return false;
}

#else

#include <signal.h>
#include <sys/resource.h>

bool system_limit_files(size_t size)
{
    struct rlimit limit;

    if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || getrlimit(RLIMIT_FSIZE, &limit) != 0)
        return false;
    limit.rlim_cur = size ? size : limit.rlim_max;
    return setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

#endif
