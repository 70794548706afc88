/* SPDX-License-Identifier: MIT */
/*
 * view_visible.c - which rows are visible under headings that are open or closed.
 *
 * Owns:  nothing.
 * Locks: everything runs under the domain lock.
 */
#include "com/view_follow.h"
#include "util/alloc.h"
#include "util/bytes.h"

size_t view_visible_count(const struct view_rows *rows, uint32_t *positions)
{
    size_t count = 0;

    for (size_t i = 0; i < rows->category_count;) {
        const struct view_category *category = &rows->categories[i];
        size_t next = category->expanded ? i + 1 : category->next;

        for (size_t k = i; k < next && positions != NULL; k++)
            positions[k] = (uint32_t)count;
        count++;
        if (category->expanded && category->next == i + 1)
            count += category->leaf_end - category->leaf_first;
        i = next;
    }
    return count;
}

/* Those that are hidden have the position of the heading that hides them, which is before them. */
static bool is_hidden(const uint32_t *positions, size_t category)
{
    return category > 0 && positions[category] == positions[category - 1];
}

size_t view_visible_position(
        const struct view_rows *rows, const uint32_t *positions, uint32_t entry)
{
    size_t i = entry & ~VIEW_CATEGORY_BIT;

    if ((entry & VIEW_CATEGORY_BIT) != 0)
        return is_hidden(positions, i) ? SIZE_MAX : positions[i];
    i = view_category_of(rows, entry);
    if (is_hidden(positions, i) || !rows->categories[i].expanded)
        return SIZE_MAX;
    return (size_t)positions[i] + 1 + (entry - rows->categories[i].leaf_first);
}

uint32_t view_visible_entry(
        const struct view_rows *rows, const uint32_t *positions, size_t position)
{
    size_t low = 0;
    size_t high = rows->category_count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (positions[mid] < position)
            low = mid + 1;
        else
            high = mid;
    }
    if (low < rows->category_count && positions[low] == position)
        return (uint32_t)low | VIEW_CATEGORY_BIT;
    return (uint32_t)(rows->categories[low - 1].leaf_first + (position - positions[low - 1] - 1));
}

void view_visible_write(struct view_rows *rows, size_t first, size_t end)
{
    uint32_t *out = rows->visible;
    size_t at = 0;

    for (size_t i = 0; i < rows->category_count && at < end;) {
        const struct view_category *category = &rows->categories[i];

        if (at >= first)
            out[at] = (uint32_t)i | VIEW_CATEGORY_BIT;
        at++;
        if (category->expanded && category->next == i + 1) {
            size_t begin = msp_max(at, first);
            size_t stop = at + (category->leaf_end - category->leaf_first);
            size_t limit = msp_min(stop, end);

            for (size_t k = begin; k < limit; k++)
                out[k] = (uint32_t)(category->leaf_first + (k - at));
            at = stop;
        }
        i = category->expanded ? i + 1 : category->next;
    }
}

HRESULT view_build_visible(struct view_rows *rows)
{
    size_t count = view_visible_count(rows, NULL);
    uint32_t *visible = msp_alloc_array(count, sizeof(*visible));

    if (visible == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    rows->visible = visible;
    rows->visible_count = count;
    rows->visible_room = count;
    view_visible_write(rows, 0, count);
    return S_OK;
}

bool view_visible_reserve(struct view_rows *rows, size_t count)
{
    size_t room = count + count / 32 + 16;
    uint32_t *visible;

    if (count <= rows->visible_room)
        return true;
    visible = msp_realloc_array(rows->visible, room, sizeof(*visible));
    if (visible == NULL)
        return false;
    rows->visible = visible;
    rows->visible_room = room;
    return true;
}
