/* SPDX-License-Identifier: MIT */
/*
 * prop_scratch.c - short-lived room for computed cells.
 *
 * Owns:  the blocks of a scratch until prop_scratch_done().
 * Locks: none; a scratch belongs to one call.
 */
#include <string.h>

#include "com/prop.h"
#include "util/alloc.h"

struct prop_scratch_block {
    struct prop_scratch_block *next;
    uint64_t data[];
};

void prop_scratch_init(struct prop_scratch *scratch)
{
    scratch->blocks = NULL;
    scratch->used = 0;
}

void prop_scratch_done(struct prop_scratch *scratch)
{
    while (scratch->blocks != NULL) {
        struct prop_scratch_block *next = scratch->blocks->next;

        msp_free(scratch->blocks);
        scratch->blocks = next;
    }
    scratch->used = 0;
}

void *prop_scratch_take(struct prop_scratch *scratch, size_t size)
{
    struct prop_scratch_block *block;
    size_t room = mapi_arena_round(size);

    if (room <= sizeof(scratch->first) - scratch->used) {
        void *piece = (char *)scratch->first + scratch->used;

        scratch->used += room;
        return piece;
    }
    if (size > SIZE_MAX - sizeof(*block))
        return NULL;
    block = msp_alloc(sizeof(*block) + size);
    if (block == NULL)
        return NULL;
    block->next = scratch->blocks;
    scratch->blocks = block;
    return block->data;
}

bool prop_scratch_bytes(struct prop_scratch *scratch, ULONG tag, const void *data, size_t size,
        struct bag_value *out)
{
    void *copy = prop_scratch_take(scratch, size + 1);

    if (copy == NULL)
        return false;
    if (size > 0)
        memcpy(copy, data, size);
    cell_bytes(tag, copy, size, out);
    return true;
}

bool prop_scratch_long(
        struct prop_scratch *scratch, ULONG tag, uint32_t value, struct bag_value *out)
{
    void *room = prop_scratch_take(scratch, 16);

    if (room != NULL)
        cell_long(tag, value, room, out);
    return room != NULL;
}

bool prop_scratch_i8(struct prop_scratch *scratch, ULONG tag, uint64_t value, struct bag_value *out)
{
    void *room = prop_scratch_take(scratch, 16);

    if (room != NULL)
        cell_i8(tag, value, room, out);
    return room != NULL;
}

bool prop_scratch_bool(struct prop_scratch *scratch, ULONG tag, bool value, struct bag_value *out)
{
    void *room = prop_scratch_take(scratch, 16);

    if (room != NULL)
        cell_bool(tag, value, room, out);
    return room != NULL;
}
