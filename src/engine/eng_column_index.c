/* SPDX-License-Identifier: MIT */
/*
 * eng_column_index.c - where in the columns a message is, by its id.
 *
 * A table of row numbers + 1. Ids of one folder lie close together as a rule: then there is a slot
 * for each id; else it is open addressing by a hash, and half of the slots stay empty. Rows that
 * come and go move the others; so a row is where it was, or near by, until too many have moved, and
 * what is found is always checked.
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
    return index->slot_count * sizeof(*index->slots);
}

bool column_index_is_good(const struct column_index *index, const struct column_set *set)
{
    return index->slots != NULL && set->moves - index->moves <= MAX_MOVES;
}

/* The least and the largest of the ids, of which there is one at least. */
static void range_of(const struct column_set *set, uint64_t *out_least, uint64_t *out_most)
{
    const uint64_t *ids = column_u64(set, COLUMN_ID);

    *out_least = *out_most = ids[0];
    for (size_t row = 1; row < set->count; row++) {
        *out_least = ids[row] < *out_least ? ids[row] : *out_least;
        *out_most = ids[row] > *out_most ? ids[row] : *out_most;
    }
}

static void fill_dense(struct column_index *index, const struct column_set *set)
{
    const uint64_t *ids = column_u64(set, COLUMN_ID);

    for (size_t row = 0; row < set->count; row++)
        index->slots[ids[row] - index->least] = (uint32_t)(row + 1);
}

static void fill_hashed(struct column_index *index, const struct column_set *set)
{
    const uint64_t *ids = column_u64(set, COLUMN_ID);
    size_t mask = index->slot_count - 1;

    for (size_t row = 0; row < set->count; row++) {
        size_t slot = (size_t)msp_hash_u64(ids[row]) & mask;

        while (index->slots[slot] != 0)
            slot = (slot + 1) & mask;
        index->slots[slot] = (uint32_t)(row + 1);
    }
}

bool column_index_make(struct column_index *index, const struct column_set *set)
{
    size_t slots = LEAST_SLOTS;
    uint64_t least = 0;
    uint64_t most = 0;

    column_index_free(index);
    if (set->count > 0)
        range_of(set, &least, &most);
    while (slots < 2 * set->count)
        slots *= 2;
    index->is_dense = most - least < slots;
    if (index->is_dense)
        slots = (size_t)(most - least) + 1;
    index->slots = msp_calloc(slots, sizeof(*index->slots));
    if (index->slots == NULL)
        return false;
    index->slot_count = slots;
    index->least = least;
    index->moves = set->moves;
    if (index->is_dense)
        fill_dense(index, set);
    else
        fill_hashed(index, set);
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

/* What a slot says of an id; empty ones say nothing. */
static bool try_slot(const struct column_index *index, const struct column_set *set, size_t slot,
        uint64_t id, size_t *out)
{
    size_t row = index->slots[slot];

    if (row == 0)
        return false;
    row--;
    if (row < set->count && column_u64(set, COLUMN_ID)[row] == id) {
        *out = row;
        return true;
    }
    return set->moves != index->moves && find_near(index, set, row, id, out);
}

bool column_index_find(
        const struct column_index *index, const struct column_set *set, uint64_t id, size_t *out)
{
    size_t mask = index->slot_count - 1;
    size_t slot = (size_t)msp_hash_u64(id) & mask;

    if (index->is_dense)
        return id >= index->least && id - index->least < index->slot_count &&
               try_slot(index, set, (size_t)(id - index->least), id, out);
    for (; index->slots[slot] != 0; slot = (slot + 1) & mask) {
        if (try_slot(index, set, slot, id, out))
            return true;
    }
    return false;
}
