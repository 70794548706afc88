/* SPDX-License-Identifier: MIT */
/*
 * random.h - random bytes of the system, fit for keys and identifiers.
 */
#ifndef MSP_PLATFORM_RANDOM_H
#define MSP_PLATFORM_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

/* Fills the memory. False, with the memory zeroed, when the system's generator fails. */
bool msp_random_bytes(void *out, size_t size);

/*
 * A random GUID (RFC 4122 version 4) in the layout of struct GUID on a little-endian machine: the
 * version is in the high bits of byte 7, the variant in those of byte 8. False, zeroed, as above.
 */
bool msp_random_guid(unsigned char out[16]);

#endif
