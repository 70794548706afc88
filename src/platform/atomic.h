/* SPDX-License-Identifier: MIT */
/*
 * atomic.h - C11 atomics (MSVC: /experimental:c11atomics).
 *
 * Use only types up to the width of a pointer: a 64-bit atomic on x86 needs a helper library that
 * Windows does not ship.
 */
#ifndef MSP_PLATFORM_ATOMIC_H
#define MSP_PLATFORM_ATOMIC_H

#include <stdatomic.h>

#endif
