/* SPDX-License-Identifier: MIT */
/*
 * view_expand.c - headings that the client opens and closes.
 *
 * Owns:  nothing; what was visible before is the caller's until it is kept or taken back.
 * Locks: everything runs under the domain lock.
 */
#include "com/view.h"

#include <string.h>

#include "util/alloc.h"

/* A place after `count` rows behind `heading` came or went. */
static size_t shifted(size_t place, size_t heading, bool expand, size_t count, bool *moved)
{
    if (place <= heading)
        return place;
    if (expand)
        return place + count;
    if (place > heading + count)
        return place - count;
    *moved = true;
    return heading + 1;
}

/* Moves the cursor and the bookmarks along. */
static void shift_places(struct view *view, size_t heading, bool expand, size_t count)
{
    struct view_bookmark *bookmarks = MSP_ARRAY_ITEMS(struct view_bookmark, &view->bookmarks);
    bool moved;

    view->cursor = shifted(view->cursor, heading, expand, count, &moved);
    for (size_t i = 0; i < view->bookmarks.count; i++)
        bookmarks[i].position =
                shifted(bookmarks[i].position, heading, expand, count, &bookmarks[i].moved);
}

HRESULT view_expand(struct view *view, size_t position, bool expand, struct view_change *out)
{
    struct view_rows *rows = &view->rows;
    struct view_category *category =
            &rows->categories[rows->visible[position] & ~VIEW_CATEGORY_BIT];
    HRESULT hr;

    memset(out, 0, sizeof(*out));
    if (category->expanded == expand)
        return S_OK;
    out->category = category;
    out->position = position;
    out->old_visible = rows->visible;
    out->old_count = rows->visible_count;
    category->expanded = expand;
    hr = view_build_visible(rows);
    if (FAILED(hr)) {
        category->expanded = !expand;
        return hr;
    }
    out->count =
            expand ? rows->visible_count - out->old_count : out->old_count - rows->visible_count;
    shift_places(view, position, expand, out->count);
    return S_OK;
}

void view_change_keep(struct view_change *change)
{
    msp_free(change->old_visible);
}

void view_change_undo(struct view *view, struct view_change *change)
{
    struct view_rows *rows = &view->rows;

    if (change->category == NULL)
        return;
    change->category->expanded = !change->category->expanded;
    shift_places(view, change->position, change->category->expanded, change->count);
    msp_free(rows->visible);
    rows->visible = change->old_visible;
    rows->visible_count = change->old_count;
    rows->visible_room = change->old_count;
}
