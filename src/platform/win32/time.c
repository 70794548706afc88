/* SPDX-License-Identifier: MIT */
/*
 * time.c - the clocks of Windows.
 */
#include "platform/time.h"

#include <windows.h>

uint64_t msp_time_now_filetime(void)
{
    FILETIME now;

    GetSystemTimePreciseAsFileTime(&now);
    return (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
}

uint64_t msp_time_monotonic_ns(void)
{
    LARGE_INTEGER ticks, per_second;
    uint64_t seconds, rest;

    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&per_second);
    /* In two parts: ticks times 10^9 would overflow within hours. */
    seconds = (uint64_t)ticks.QuadPart / (uint64_t)per_second.QuadPart;
    rest = (uint64_t)ticks.QuadPart % (uint64_t)per_second.QuadPart;
    return seconds * 1000000000 + rest * 1000000000 / (uint64_t)per_second.QuadPart;
}
