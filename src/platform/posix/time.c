/* SPDX-License-Identifier: MIT */
/*
 * time.c - the clocks of POSIX.
 */
#include "platform/time.h"

#include <time.h>

#define SECONDS_1601_TO_1970 11644473600u

uint64_t msp_time_now_filetime(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return ((uint64_t)now.tv_sec + SECONDS_1601_TO_1970) * 10000000 + (uint64_t)now.tv_nsec / 100;
}

uint64_t msp_time_monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
