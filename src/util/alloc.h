/* SPDX-License-Identifier: MIT */
/*
 * alloc.h - our memory: can be told to fail, and counts what is out.
 *
 * A block is freed with msp_free only, by any thread. A size of 0 gives a block too. NULL means out
 * of memory, or a size that no block can have.
 */
#ifndef MSP_UTIL_ALLOC_H
#define MSP_UTIL_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base.h"

/* Whether allocations can be told to fail. Only the release library does without. */
#ifndef MSP_FAULTS
#define MSP_FAULTS 1
#endif

/* A block of raw memory. */
MSP_MUST_CHECK void *msp_alloc(size_t size);

/* A block of count * size bytes, checked for overflow; raw, or zeroed. */
MSP_MUST_CHECK void *msp_alloc_array(size_t count, size_t size);
MSP_MUST_CHECK void *msp_calloc(size_t count, size_t size);

/* Changes the size of a block (NULL: a new one). On failure NULL, and the block stays as it was. */
MSP_MUST_CHECK void *msp_realloc(void *block, size_t size);

/* The same for an array of count items, checked for overflow. */
MSP_MUST_CHECK void *msp_realloc_array(void *block, size_t count, size_t size);

/* Gives a block back; NULL is ignored. */
void msp_free(void *block);

/* A copy of some bytes; of a string with its NUL; of the first size bytes of a text, NUL added. */
MSP_MUST_CHECK void *msp_memdup(const void *data, size_t size);
MSP_MUST_CHECK char *msp_strdup(const char *text);
MSP_MUST_CHECK char *msp_strndup(const char *text, size_t size);

/*
 * Lets the nth allocation from now (1: the next) of any thread fail, once. The only setting there
 * is: arming again replaces it. Without MSP_FAULTS nothing ever fails.
 */
void msp_alloc_fail_at(unsigned long nth);

/* Ends the arming; true when the failure has happened. */
bool msp_alloc_fail_disarm(void);

/*
 * Counts one allocation of another allocator (SQLite's, a MAPI buffer) against the same setting;
 * true when that allocation is the one to fail.
 */
bool msp_alloc_fail_now(void);

/* Number of blocks that are out at this moment, over all threads. */
size_t msp_alloc_count_live(void);

#endif
