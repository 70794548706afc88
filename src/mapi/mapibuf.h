/* SPDX-License-Identifier: MIT */
/*
 * mapibuf.h - memory that the client frees: one root block from the host's MAPIAllocateBuffer.
 *
 * The host's three functions are leaf functions (they call nothing back), so they are the one thing
 * that came from outside and may be called under a lock. A result is sized first and then built in
 * one root block, so that there is nothing half-built to undo.
 */
#ifndef MSP_MAPI_MAPIBUF_H
#define MSP_MAPI_MAPIBUF_H

#include <stddef.h>
#include <stdint.h>

#include "platform/sdk/mapi_sdk.h"

struct mapi_alloc {
    LPALLOCATEBUFFER allocate;
    LPALLOCATEMORE allocate_more;
    LPFREEBUFFER free;
};

/* A zeroed root block of `size` bytes (at least 1; checked against ULONG).
 * MAPI_E_NOT_ENOUGH_MEMORY; *out NULL then. */
HRESULT mapibuf_new(const struct mapi_alloc *alloc, size_t size, void **out);
/* A zeroed block chained to root. */
HRESULT mapibuf_more(const struct mapi_alloc *alloc, void *root, size_t size, void **out);
/* NULL is fine. Root blocks only. */
void mapibuf_free(const struct mapi_alloc *alloc, void *root);

/* Carves 8-byte aligned pieces out of one root block whose size was added up with
 * mapi_arena_round(). */
struct mapi_arena {
    uint8_t *next;
    size_t left;
};

static inline size_t mapi_arena_round(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

/* `size` bytes; asserts that they were planned for. */
void *mapi_arena_take(struct mapi_arena *arena, size_t size);

#endif
