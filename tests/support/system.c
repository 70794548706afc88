/* SPDX-License-Identifier: MIT */
/*
 * system.c - which system it is; a full disk, where one can be played.
 */
#include "support/system.h"

#ifdef _WIN32

#include <windows.h>

bool system_is_wine(void)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL;
}

bool system_limit_files(size_t size)
{
    (void)size;
    return false;
}

#else

#include <signal.h>
#include <sys/resource.h>

bool system_is_wine(void)
{
    return false;
}

bool system_limit_files(size_t size)
{
    struct rlimit limit;

    if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || getrlimit(RLIMIT_FSIZE, &limit) != 0)
        return false;
    limit.rlim_cur = size ? size : limit.rlim_max;
    return setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

#endif
