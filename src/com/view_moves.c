/* SPDX-License-Identifier: MIT */
/*
 * view_moves.c - blocks of rows that have another order: which of the rows keep it.
 *
 * The same choice as view_diff() makes row by row: a longest sequence of rows that ascend in both
 * orders. Here whole blocks are put into the sequences, so that the cost is that of the blocks.
 *
 * Owns:  nothing beyond one call.
 * Locks: everything runs under the domain lock.
 */
#include <stdlib.h>

#include "com/view_follow.h"
#include "util/alloc.h"
#include "util/bytes.h"

/* Some rows of a block, which end the best sequences of so many lengths in a row. */
struct run {
    size_t block;
    size_t first; /* row in the block */
    size_t count;
};

struct chooser {
    struct view_block *blocks;
    struct msp_array runs; /* struct run: by the length of the sequences that they end */
};

/* What the first row of a block follows in its sequence. */
struct link {
    size_t block; /* SIZE_MAX: nothing */
    size_t row;
};

static struct run *run_at(const struct chooser *chooser, size_t i)
{
    return MSP_ARRAY_AT(struct run, &chooser->runs, i);
}

/* The first run whose rows were behind a place: those of a run lie side by side, with no other
 * block between. */
static size_t find_run(const struct chooser *chooser, size_t old)
{
    size_t low = 0;
    size_t high = chooser->runs.count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct run *run = run_at(chooser, mid);

        if (chooser->blocks[run->block].old + run->first < old)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Ends sequences of so many more lengths, from one on, with the rows of a block: what ended them
 * before was further behind. */
static bool put_run(struct chooser *chooser, size_t at, const struct run *added)
{
    size_t left = added->count;

    while (left > 0 && at < chooser->runs.count) {
        struct run *run = run_at(chooser, at);
        size_t count = msp_min(left, run->count);

        run->first += count;
        run->count -= count;
        left -= count;
        if (run->count == 0)
            msp_array_remove(&chooser->runs, at, 1);
    }
    return msp_array_insert(&chooser->runs, at, added) != NULL;
}

static bool choose(struct chooser *chooser, size_t count, struct link *before)
{
    for (size_t i = 0; i < count; i++) {
        const struct view_block *block = &chooser->blocks[i];
        struct run added = { i, 0, block->count };
        size_t at = find_run(chooser, block->old);

        before[i].block = SIZE_MAX;
        if (at > 0) {
            const struct run *last = run_at(chooser, at - 1);

            before[i].block = last->block;
            before[i].row = last->first + last->count - 1;
        }
        if (block->count > 0 && !put_run(chooser, at, &added))
            return false;
    }
    return true;
}

bool view_find_staying(struct view_block *blocks, size_t count)
{
    struct chooser chooser = { .blocks = blocks };
    struct link *before = msp_alloc_array(count, sizeof(*before));
    bool ok;

    msp_array_init(&chooser.runs, sizeof(struct run));
    ok = before != NULL && choose(&chooser, count, before);
    for (size_t i = 0; i < count; i++)
        blocks[i].staying = 0;
    if (ok && chooser.runs.count > 0) {
        const struct run *last = run_at(&chooser, chooser.runs.count - 1);
        struct link at = { last->block, last->first + last->count - 1 };

        while (at.block != SIZE_MAX) {
            blocks[at.block].staying = at.row + 1;
            at = before[at.block];
        }
    }
    msp_array_free(&chooser.runs);
    msp_free(before);
    return ok;
}

/* --- leaves ----------------------------------------------------------------------------------- */

static int compare_sizes(const void *a, const void *b)
{
    size_t x = *(const size_t *)a;
    size_t y = *(const size_t *)b;

    return (x > y) - (x < y);
}

bool view_following_blocks(const struct view_following *follow, struct msp_array *out)
{
    size_t next = 0;
    size_t at = 0;

    for (size_t i = 0; i < follow->pieces.count; i++) {
        struct view_piece piece = *MSP_ARRAY_AT(struct view_piece, &follow->pieces, i);

        while (piece.count > 0) {
            struct view_block block = { at, piece.first, piece.count, 0 };

            if (next < follow->order_count && follow->order[next]->position == at) {
                next++;
                at++;
                continue;
            }
            if (next < follow->order_count)
                block.count = msp_min(block.count, follow->order[next]->position - at);
            if (msp_array_push(out, &block) == NULL)
                return false;
            piece.first += block.count;
            piece.count -= block.count;
            at += block.count;
        }
    }
    return true;
}

/* A leaf that was not touched goes, and comes elsewhere. */
static void put_moved(struct view_following *follow, size_t kept, size_t position)
{
    const struct view_rows *rows = &follow->view->rows;
    struct view_place *place = &follow->moved[follow->moved_count++];

    place->old = kept + view_following_gone_before_kept(follow, kept);
    place->seen.id = view_leaf_id(rows, place->old);
    place->seen.is_unread = rows->unread != NULL && rows->unread[place->old] != 0;
    place->position = position;
    place->was = true;
    place->is = true;
}

/* What has gone and come, with those that have moved. */
static HRESULT add_moved(struct view_following *follow)
{
    size_t gone_count = follow->gone_count + follow->moved_count;
    size_t order_count = follow->order_count + follow->moved_count;
    struct view_place **order =
            msp_realloc_array(follow->order, order_count, sizeof(struct view_place *));
    struct view_come *come;
    size_t *gone;

    if (order == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    follow->order = order;
    come = msp_realloc_array(follow->come, order_count, sizeof(*come));
    if (come == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    follow->come = come;
    gone = msp_realloc_array(follow->gone, gone_count, sizeof(*gone));
    if (gone == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    follow->gone = gone;
    for (size_t i = 0; i < follow->moved_count; i++) {
        follow->gone[follow->gone_count++] = follow->moved[i].old;
        follow->order[follow->order_count++] = &follow->moved[i];
    }
    follow->kept -= follow->moved_count;
    qsort(follow->gone, follow->gone_count, sizeof(size_t), compare_sizes);
    view_following_order_by_position(follow);
    return S_OK;
}

HRESULT view_following_move_pieces(struct view_following *follow)
{
    struct msp_array blocks = MSP_ARRAY_INIT(struct view_block);
    size_t count = 0;
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if (!view_following_blocks(follow, &blocks) ||
            !view_find_staying(MSP_ARRAY_ITEMS(struct view_block, &blocks), blocks.count))
        goto out;
    for (size_t i = 0; i < blocks.count; i++)
        count += MSP_ARRAY_AT(struct view_block, &blocks, i)->count -
                 MSP_ARRAY_AT(struct view_block, &blocks, i)->staying;
    hr = MAPI_E_TOO_BIG;
    if (count > VIEW_MOVED_MAX)
        goto out;
    follow->moved = msp_calloc(count, sizeof(*follow->moved));
    hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (follow->moved == NULL)
        goto out;
    for (size_t i = 0; i < blocks.count; i++) {
        const struct view_block *block = MSP_ARRAY_AT(struct view_block, &blocks, i);

        for (size_t k = block->staying; k < block->count; k++)
            put_moved(follow, block->old + k, block->position + k);
    }
    hr = add_moved(follow);
out:
    msp_array_free(&blocks);
    return hr;
}
