/* SPDX-License-Identifier: MIT */
/*
 * time.h - the two clocks: the time of day and the time that has passed.
 */
#ifndef MSP_PLATFORM_TIME_H
#define MSP_PLATFORM_TIME_H

#include <stdint.h>

/* Time of day in UTC, as units of 100 ns since 1601-01-01: what FILETIME and PT_SYSTIME hold. */
uint64_t msp_time_now_filetime(void);

/* Nanoseconds since some fixed moment; never goes back. */
uint64_t msp_time_monotonic_ns(void);

#endif
