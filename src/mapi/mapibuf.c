/* SPDX-License-Identifier: MIT */
/*
 * mapibuf.c - memory that the client frees.
 */
#include "mapi/mapibuf.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* What the host's allocators can be asked for, and never nothing: some hosts give NULL for 0. */
static bool mapibuf_size(size_t size, ULONG *out)
{
    if (size > UINT32_MAX)
        return false;
    *out = size > 0 ? (ULONG)size : 1;
    return true;
}

HRESULT mapibuf_new(const struct mapi_alloc *alloc, size_t size, void **out)
{
    ULONG ask = 0;
    void *block = NULL;
    SCODE code;

    *out = NULL;
    if (!mapibuf_size(size, &ask))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    code = alloc->allocate(ask, &block);
    if (FAILED(code) || block == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memset(block, 0, ask);
    *out = block;
    return S_OK;
}

HRESULT mapibuf_more(const struct mapi_alloc *alloc, void *root, size_t size, void **out)
{
    ULONG ask = 0;
    void *block = NULL;
    SCODE code;

    *out = NULL;
    if (!mapibuf_size(size, &ask))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    code = alloc->allocate_more(ask, root, &block);
    if (FAILED(code) || block == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memset(block, 0, ask);
    *out = block;
    return S_OK;
}

void mapibuf_free(const struct mapi_alloc *alloc, void *root)
{
    if (root != NULL)
        alloc->free(root);
}

void *mapi_arena_take(struct mapi_arena *arena, size_t size)
{
    uint8_t *piece = arena->next;
    size_t rounded = mapi_arena_round(size);

    assert(rounded >= size && rounded <= arena->left);
    if (rounded > 0)
        arena->next += rounded;
    arena->left -= rounded;
    return piece;
}
