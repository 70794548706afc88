/* SPDX-License-Identifier: MIT */
/*
 * view_anchor.c - the cursor and the bookmarks, kept on their rows from one evaluation to the next.
 *
 * Owns:  nothing beyond one call.
 * Locks: everything runs under the domain lock.
 */
#include "com/view.h"

#include "util/alloc.h"
#include "util/hash.h"

static bool is_same_id(struct view_id a, struct view_id b)
{
    return a.id == b.id && a.instance == b.instance;
}

/* Finds the position of a visible row by its identity: open addressing over positions + 1. */
struct id_map {
    const struct view_rows *rows;
    uint32_t *slots; /* NULL: not made yet */
    size_t mask;
};

static size_t id_hash(struct view_id id)
{
    return (size_t)msp_hash_u64(id.id ^ (uint64_t)id.instance << 40);
}

static bool id_map_make(struct id_map *map)
{
    size_t count = map->rows->visible_count;
    size_t slot_count = 16;

    while (slot_count < 2 * count)
        slot_count *= 2;
    map->slots = msp_calloc(slot_count, sizeof(*map->slots));
    if (map->slots == NULL)
        return false;
    map->mask = slot_count - 1;
    for (size_t i = 0; i < count; i++) {
        size_t slot = id_hash(view_rows_id(map->rows, i)) & map->mask;

        while (map->slots[slot] != 0)
            slot = (slot + 1) & map->mask;
        map->slots[slot] = (uint32_t)(i + 1);
    }
    return true;
}

static bool id_map_find(const struct id_map *map, struct view_id id, size_t *out)
{
    for (size_t slot = id_hash(id) & map->mask; map->slots[slot] != 0;
            slot = (slot + 1) & map->mask) {
        size_t position = map->slots[slot] - 1;

        if (is_same_id(view_rows_id(map->rows, position), id)) {
            *out = position;
            return true;
        }
    }
    return false;
}

/* Where the row at `position` of `old` is now; or the next one that is still there; or behind the
 * nearest one before it. */
static size_t follow(
        const struct view_rows *old, const struct id_map *map, size_t position, bool *moved)
{
    size_t found;

    if (map->rows->visible_count == 0) {
        *moved |= position < old->visible_count;
        return 0;
    }
    for (size_t i = position; i < old->visible_count; i++) {
        if (id_map_find(map, view_rows_id(old, i), &found)) {
            *moved |= i != position;
            return found;
        }
    }
    *moved |= position < old->visible_count;
    for (size_t i = position; i-- > 0;) {
        if (id_map_find(map, view_rows_id(old, i), &found))
            return found + 1;
    }
    return 0;
}

/* Is the same row, or the same end, at this position before and after? */
static bool stays(const struct view_rows *old, const struct view_rows *rows, size_t position)
{
    if (position > rows->visible_count || position > old->visible_count)
        return false;
    if (position == old->visible_count)
        return position == 0 ||
               is_same_id(view_rows_id(old, position - 1), view_rows_id(rows, position - 1));
    return position < rows->visible_count &&
           is_same_id(view_rows_id(old, position), view_rows_id(rows, position));
}

HRESULT view_reanchor(struct view *view, const struct view_rows *old, const struct view_rows *rows)
{
    struct view_bookmark *bookmarks = MSP_ARRAY_ITEMS(struct view_bookmark, &view->bookmarks);
    struct id_map map = { rows, NULL, 0 };
    bool cursor_stays = view->cursor == 0 || stays(old, rows, view->cursor);
    bool needed = !cursor_stays;
    bool moved = false;

    for (size_t i = 0; i < view->bookmarks.count && !needed; i++)
        needed = !stays(old, rows, bookmarks[i].position);
    if (!needed)
        return S_OK;
    if (!id_map_make(&map))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (!cursor_stays)
        view->cursor = follow(old, &map, view->cursor, &moved);
    for (size_t i = 0; i < view->bookmarks.count; i++)
        bookmarks[i].position = follow(old, &map, bookmarks[i].position, &bookmarks[i].moved);
    msp_free(map.slots);
    return S_OK;
}
