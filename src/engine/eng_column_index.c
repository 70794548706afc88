/* SPDX-License-Identifier: MIT */
/*
 * eng_column_index.c - where in the columns a message is, by its id.
 *
 * Open addressing over row numbers + 1. Ids of one folder lie close together as a rule: then the
 * slot is the id itself, and nothing collides; else it is a hash. Rows that come and go move the
 * others; so a row is where it was, or near by, until too many have moved, and what is found is
 * always checked.
 *
 * Owns:  the slots, freed by column_index_free().
 * Locks: none of its own; see eng.h.
 */
#include <string.h>

#include "engine/eng_column.h"
#include "util/alloc.h"
#include "util/bytes.h"
#include "util/hash.h"

enum {
    LEAST_SLOTS = 16,
    MAX_MOVES = 32 /* rows that may have come and gone before the index is made anew */
};

void column_index_free(struct column_index *index)
{
    msp_free(index->slots);
    memset(index, 0, sizeof(*index));
}

size_t column_index_size(const struct column_index *index)
{
    return index->slots != NULL ? (index->mask + 1) * sizeof(*index->slots) : 0;
}

bool column_index_is_good(const struct column_index *index, const struct column_set *set)
{
    return index->slots != NULL && set->moves - index->moves <= MAX_MOVES;
}

static size_t slot_of(const struct column_index *index, uint64_t id)
{
    return (size_t)(index->is_dense ? id - index->least : msp_hash_u64(id)) & index->mask;
}

/* Half of the slots stay empty. */
static bool make_slots(struct column_index *index, const uint64_t *ids, size_t count)
{
    uint64_t most = count > 0 ? ids[0] : 0;
    size_t slots = LEAST_SLOTS;

    index->least = most;
    for (size_t row = 0; row < count; row++) {
        index->least = ids[row] < index->least ? ids[row] : index->least;
        most = ids[row] > most ? ids[row] : most;
    }
    while (slots < 2 * count)
        slots *= 2;
    index->mask = slots - 1;
    index->is_dense = most - index->least < slots;
    index->slots = msp_calloc(slots, sizeof(*index->slots));
    return index->slots != NULL;
}

bool column_index_make(struct column_index *index, const struct column_set *set)
{
    const uint64_t *ids = column_u64(set, COLUMN_ID);

    column_index_free(index);
    if (!make_slots(index, ids, set->count))
        return false;
    for (size_t row = 0; row < set->count; row++) {
        size_t slot = slot_of(index, ids[row]);

        while (index->slots[slot] != 0)
            slot = (slot + 1) & index->mask;
        index->slots[slot] = (uint32_t)(row + 1);
    }
    index->moves = set->moves;
    return true;
}

/* The row of an id that was once at `row`. */
static bool find_near(const struct column_index *index, const struct column_set *set, size_t row,
        uint64_t id, size_t *out)
{
    const uint64_t *ids = column_u64(set, COLUMN_ID);
    size_t slack = (size_t)(set->moves - index->moves);
    size_t end = msp_min(set->count, row + slack + 1);

    for (size_t at = row - msp_min(row, slack); at < end; at++) {
        if (ids[at] == id) {
            *out = at;
            return true;
        }
    }
    return false;
}

bool column_index_find(
        const struct column_index *index, const struct column_set *set, uint64_t id, size_t *out)
{
    const uint64_t *ids = column_u64(set, COLUMN_ID);
    size_t first = slot_of(index, id);

    for (size_t slot = first; index->slots[slot] != 0; slot = (slot + 1) & index->mask) {
        size_t row = index->slots[slot] - 1;

        if (row < set->count && ids[row] == id) {
            *out = row;
            return true;
        }
    }
    if (set->moves == index->moves)
        return false;
    for (size_t slot = first; index->slots[slot] != 0; slot = (slot + 1) & index->mask) {
        if (find_near(index, set, index->slots[slot] - 1, id, out))
            return true;
    }
    return false;
}
