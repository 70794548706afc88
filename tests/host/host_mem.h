/* SPDX-License-Identifier: MIT */
/*
 * host_mem.h - MAPI's allocators and OLE's, counting and strict.
 *
 * An arena is one allocator trio (MAPIAllocateBuffer, MAPIAllocateMore, MAPIFreeBuffer). There are
 * several, so that a test sees whose trio an object uses. MAPI's functions carry no context, so the
 * arenas are global; every function here may be called from any thread.
 *
 * New memory is filled with 0xCD, freed memory with 0xDD, and both ends of a block are guarded. A
 * misuse (freeing a block of MAPIAllocateMore, an interior or foreign pointer, a freed block, a
 * block of another arena, writing past an end) is counted as a fault, told on stderr, and otherwise
 * has no effect.
 */
#ifndef HOST_MEM_H
#define HOST_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "platform/sdk/mapi_sdk.h"

#define HOST_MEM_ARENAS 3

struct host_mem_trio {
    LPALLOCATEBUFFER allocate;
    LPALLOCATEMORE more;
    LPFREEBUFFER release;
};

/* The trio of arena 0 .. HOST_MEM_ARENAS - 1. Arena 0 is the one the host itself uses. */
const struct host_mem_trio *host_mem_trio(unsigned arena);

/* Blocks and bytes allocated and not yet freed; parts added by MAPIAllocateMore count as blocks. */
size_t host_mem_live(unsigned arena);
size_t host_mem_live_bytes(unsigned arena);
/* All allocations so far, to measure an operation. */
size_t host_mem_total(unsigned arena);
/* Misuse seen so far, in all arenas and in IMalloc. */
size_t host_mem_faults(void);
/* The last misuse as a sentence, "" when there was none. */
const char *host_mem_last_fault(void);
/* Forgets counted faults, for tests that provoke them. */
void host_mem_faults_clear(void);
/* One line per live root block: arena, sequence number, size, parts. Returns the roots listed. */
size_t host_mem_report(unsigned arena, FILE *out);
/* Whether the pointer is a live block that MAPIAllocateBuffer returned (of any arena). */
bool host_mem_is_root(const void *block);
/* Whether [at, at + size) lies within one live block that hangs on `root`, or in it. */
bool host_mem_belongs(const void *root, const void *at, size_t size);
/* Checks the guards of every live block; counts a fault for each broken one. */
void host_mem_check(void);

/* From now on the `nth` allocation (1 is the next one) of any arena fails, once. 0 disarms. */
void host_mem_fail_at(size_t nth);
/* Disarms; whether the armed failure has happened. */
bool host_mem_fail_done(void);

/* Called at the start of every MAPIAllocateBuffer, outside locks of the host; NULL: nothing. To be
 * set while no other thread allocates. */
void host_mem_on_allocate(void (*hook)(void));

/* An IMalloc with counted references and blocks. */
struct host_malloc {
    IMalloc IMalloc_iface;
    _Atomic unsigned long refs; /* starts at 1: the host's */
    _Atomic size_t live;        /* blocks allocated and not freed */
    _Atomic unsigned long most; /* highest reference count seen */
};

void host_malloc_init(struct host_malloc *heap);

#endif
