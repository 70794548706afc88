/* SPDX-License-Identifier: MIT */
/*
 * view_leaves.c - the leaves after a change: in place, or in arrays of their own.
 *
 * Owns:  nothing.
 * Locks: everything runs under the domain lock.
 */
#include <string.h>

#include "com/view_follow.h"
#include "util/alloc.h"
#include "util/bytes.h"

bool view_following_reserve(const struct view_following *follow)
{
    struct view_rows *rows = &follow->view->rows;
    size_t count = follow->kept + follow->order_count;
    size_t room = count + count / 32 + 16;
    uint32_t *instances;
    uint16_t *low;
    uint8_t *unread;
    uint64_t *ids;

    if (count <= msp_max(rows->ids_room, rows->leaf_count))
        return true;
    if (rows->unread != NULL) {
        unread = msp_realloc(rows->unread, room);
        if (unread == NULL)
            return false;
        rows->unread = unread;
    }
    if (rows->instances != NULL) {
        instances = msp_realloc_array(rows->instances, room, sizeof(*instances));
        if (instances == NULL)
            return false;
        rows->instances = instances;
    }
    if (rows->low != NULL) {
        low = msp_realloc_array(rows->low, room, sizeof(*low));
        if (low == NULL)
            return false;
        rows->low = low;
    }
    ids = msp_realloc_array(rows->ids, room, sizeof(*ids));
    if (ids == NULL)
        return false;
    rows->ids = ids;
    rows->ids_room = room;
    return true;
}

static void put_place(const struct view_place *place, struct view_rows *rows)
{
    rows->ids[place->position] = place->seen.id.id;
    if (rows->unread != NULL)
        rows->unread[place->position] = place->seen.is_unread;
    if (rows->instances != NULL)
        rows->instances[place->position] = place->seen.id.instance;
    if (rows->low != NULL)
        rows->low[place->position] = (uint16_t)place->seen.id.id;
}

void view_following_move_leaves(const struct view_following *follow)
{
    struct view_rows *rows = &follow->view->rows;
    const struct view_shift shift = { rows->leaf_count, follow->gone, follow->gone_count,
        follow->come, follow->order_count };

    view_shift_items(rows->ids, sizeof(*rows->ids), &shift);
    if (rows->unread != NULL)
        view_shift_items(rows->unread, sizeof(*rows->unread), &shift);
    if (rows->instances != NULL)
        view_shift_items(rows->instances, sizeof(*rows->instances), &shift);
    if (rows->low != NULL)
        view_shift_items(rows->low, sizeof(*rows->low), &shift);
    for (size_t i = 0; i < follow->order_count; i++)
        put_place(follow->order[i], rows);
    rows->ids_room = msp_max(rows->ids_room, rows->leaf_count);
    rows->leaf_count = follow->kept + follow->order_count;
}

/* Copies leaves that lie side by side. */
static void copy_leaves(
        const struct view_rows *from, size_t first, size_t count, struct view_rows *to, size_t at)
{
    memcpy(to->ids + at, from->ids + first, count * sizeof(*to->ids));
    if (to->unread != NULL && from->unread != NULL)
        memcpy(to->unread + at, from->unread + first, count);
    if (to->instances != NULL && from->instances != NULL)
        memcpy(to->instances + at, from->instances + first, count * sizeof(*to->instances));
}

/* Copies a piece, with what comes between. */
static void copy_piece(const struct view_following *follow, struct view_piece piece, size_t *next,
        size_t *at, struct view_rows *out)
{
    while (piece.count > 0) {
        size_t gone = view_following_gone_before_kept(follow, piece.first);
        size_t count = piece.count;

        if (*next < follow->order_count && follow->order[*next]->position == *at) {
            put_place(follow->order[(*next)++], out);
            (*at)++;
            continue;
        }
        if (*next < follow->order_count)
            count = msp_min(count, follow->order[*next]->position - *at);
        if (gone < follow->gone_count)
            count = msp_min(count, follow->gone[gone] - gone - piece.first);
        copy_leaves(&follow->view->rows, piece.first + gone, count, out, *at);
        piece.first += count;
        piece.count -= count;
        *at += count;
    }
}

HRESULT view_following_assemble(const struct view_following *follow, struct view_rows *out)
{
    const struct view_rows *rows = &follow->view->rows;
    const struct view_piece all = { 0, follow->kept };
    size_t next = 0;
    size_t at = 0;

    out->leaf_count = follow->kept + follow->order_count;
    out->ids = msp_alloc_array(out->leaf_count, sizeof(*out->ids));
    if (rows->unread != NULL)
        out->unread = msp_alloc(out->leaf_count);
    if (rows->instances != NULL)
        out->instances = msp_alloc_array(out->leaf_count, sizeof(*out->instances));
    if (out->ids == NULL || (rows->unread != NULL && out->unread == NULL) ||
            (rows->instances != NULL && out->instances == NULL))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < follow->pieces.count; i++)
        copy_piece(follow, *MSP_ARRAY_AT(struct view_piece, &follow->pieces, i), &next, &at, out);
    if (follow->pieces.count == 0)
        copy_piece(follow, all, &next, &at, out);
    while (next < follow->order_count)
        put_place(follow->order[next++], out);
    return S_OK;
}
