/* SPDX-License-Identifier: MIT */
/*
 * view_shift.c - some rows go, some come, and all others keep their order.
 *
 * What lies between two of those moves as one block, and only where as many have come before it as
 * have gone it does not move at all: a row that has another place costs what lies between the two.
 *
 * Owns:  nothing.
 * Locks: everything runs under the domain lock.
 */
#include <string.h>

#include "com/view_follow.h"
#include "util/bytes.h"

/* How many rows that stay are before the i-th of those that go, or come. */
static size_t kept_before_gone(const struct view_shift *shift, size_t i)
{
    return shift->gone[i] - i;
}

static size_t kept_before_come(const struct view_shift *shift, size_t i)
{
    return shift->come[i].position - i;
}

/* --- what rows have in arrays ----------------------------------------------------------------- */

static void move_block(uint8_t *items, size_t width, size_t to, size_t from, size_t count)
{
    memmove(items + to * width, items + from * width, count * width);
}

/* The blocks that move to the front, first to last: each goes where others have gone from. */
static void move_to_front(uint8_t *items, size_t width, const struct view_shift *shift, size_t kept)
{
    size_t gone = 0;
    size_t come = 0;

    for (size_t at = 0; at < kept;) {
        size_t stop = kept;

        while (gone < shift->gone_count && kept_before_gone(shift, gone) <= at)
            gone++;
        while (come < shift->come_count && kept_before_come(shift, come) <= at)
            come++;
        if (gone < shift->gone_count)
            stop = msp_min(stop, kept_before_gone(shift, gone));
        if (come < shift->come_count)
            stop = msp_min(stop, kept_before_come(shift, come));
        if (come < gone)
            move_block(items, width, at + come, at + gone, stop - at);
        at = stop;
    }
}

/* The blocks that move to the back, last to first. */
static void move_to_back(uint8_t *items, size_t width, const struct view_shift *shift, size_t kept)
{
    size_t gone = shift->gone_count;
    size_t come = shift->come_count;

    for (size_t end = kept; end > 0;) {
        size_t at = 0;

        while (gone > 0 && kept_before_gone(shift, gone - 1) >= end)
            gone--;
        while (come > 0 && kept_before_come(shift, come - 1) >= end)
            come--;
        if (gone > 0)
            at = msp_max(at, kept_before_gone(shift, gone - 1));
        if (come > 0)
            at = msp_max(at, kept_before_come(shift, come - 1));
        if (come > gone)
            move_block(items, width, at + come, at + gone, end - at);
        end = at;
    }
}

void view_shift_items(void *items, size_t width, const struct view_shift *shift)
{
    size_t kept = shift->old_count - shift->gone_count;

    move_to_front(items, width, shift, kept);
    move_to_back(items, width, shift, kept);
}

/* --- the places of cursor and bookmarks ------------------------------------------------------- */

/* The row at an old position, now; false: it is gone. */
static bool row_now(const struct view_shift *shift, size_t old, size_t *out)
{
    size_t gone = 0;
    size_t come = 0;

    while (gone < shift->gone_count && shift->gone[gone] < old)
        gone++;
    if (gone == shift->gone_count || shift->gone[gone] != old) {
        size_t kept = old - gone;

        while (come < shift->come_count && kept_before_come(shift, come) <= kept)
            come++;
        *out = kept + come;
        return true;
    }
    for (; come < shift->come_count; come++) {
        if (shift->come[come].old != old)
            continue;
        *out = shift->come[come].position;
        return true;
    }
    return false;
}

/* As view_reanchor() moves a place: on its row, or the next one that is still there, or behind the
 * nearest one before. */
static size_t place_now(const struct view_shift *shift, size_t place, bool *moved)
{
    size_t found;

    for (size_t i = place; i < shift->old_count; i++) {
        if (row_now(shift, i, &found)) {
            *moved |= i != place;
            return found;
        }
    }
    *moved |= place < shift->old_count;
    for (size_t i = place; i-- > 0;) {
        if (row_now(shift, i, &found))
            return found + 1;
    }
    return 0;
}

void view_shift_places(struct view *view, const struct view_shift *shift)
{
    struct view_bookmark *bookmarks = MSP_ARRAY_ITEMS(struct view_bookmark, &view->bookmarks);
    bool moved = false;

    if (view->cursor > 0)
        view->cursor = place_now(shift, view->cursor, &moved);
    for (size_t i = 0; i < view->bookmarks.count; i++)
        bookmarks[i].position = place_now(shift, bookmarks[i].position, &bookmarks[i].moved);
}
