/* SPDX-License-Identifier: MIT */
/*
 * view_both.h - a view that follows single rows beside an evaluation of all of them.
 *
 * What the view has in the end, and what it tells, must be what evaluating everything and comparing
 * gives, to the last event and the last number of a heading.
 */
#ifndef VIEW_BOTH_H
#define VIEW_BOTH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "com/view.h"
#include "com/view_follow.h"
#include "util/alloc.h"

enum { BOTH_EVENTS = 1 << 20 };

/* --- chance ----------------------------------------------------------------------------------- */

static uint64_t both_seed;

static inline unsigned any(unsigned below)
{
    both_seed = both_seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(both_seed >> 33) % below;
}

static inline unsigned number_from(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);

    return text != NULL ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static inline int both_compare_ids(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* --- both ways side by side ------------------------------------------------------------------- */

struct told {
    struct view_watch watch;
    struct view_event events[4096];
    size_t count;
    bool is_lost;
    bool is_told;
};

static inline void changed(struct view_watch *watch, struct msp_call *call,
        const struct view_event *events, size_t event_count)
{
    struct told *told_of = CONTAINING_RECORD(watch, struct told, watch);

    MSP_UNUSED(call);
    assert_false(told_of->is_told);
    told_of->is_told = true;
    told_of->is_lost = events == NULL;
    told_of->count = event_count;
    if (events != NULL)
        memcpy(told_of->events, events, event_count * sizeof(*events));
}

struct counts {
    unsigned followed, not_followed, instances, aggregates, moved, placed, events;
};

static inline void check_rows(const struct view_rows *rows, const struct view_rows *expected)
{
    assert_int_equal(rows->leaf_count, expected->leaf_count);
    assert_int_equal(rows->category_count, expected->category_count);
    assert_int_equal(rows->visible_count, expected->visible_count);
    for (size_t i = 0; i < rows->leaf_count; i++) {
        struct view_id is = view_leaf_id(rows, i);
        struct view_id should = view_leaf_id(expected, i);

        assert_int_equal(is.id, should.id);
        assert_int_equal(is.instance, should.instance);
        if (expected->unread != NULL)
            assert_int_equal(rows->unread[i], expected->unread[i]);
    }
    for (size_t i = 0; i < rows->category_count; i++) {
        const struct view_category *is = &rows->categories[i];
        const struct view_category *should = &expected->categories[i];
        struct view_bytes value = view_category_value(rows, is);
        struct view_bytes best = view_category_value(expected, should);

        assert_int_equal(is->level, should->level);
        assert_int_equal(is->leaf_first, should->leaf_first);
        assert_int_equal(is->leaf_end, should->leaf_end);
        assert_int_equal(is->next, should->next);
        assert_int_equal(is->unread, should->unread);
        assert_int_equal(is->serial, should->serial);
        assert_int_equal(is->expanded, should->expanded);
        assert_int_equal(is->key_size, should->key_size);
        assert_int_equal(is->print, should->print);
        assert_memory_equal(rows->category_keys + is->key_offset,
                expected->category_keys + should->key_offset, is->key_size);
        assert_int_equal(value.size, best.size);
        if (value.size > 0)
            assert_memory_equal(value.data, best.data, value.size);
    }
    for (size_t i = 0; i < rows->visible_count; i++) {
        struct view_id is = view_rows_id(rows, i);
        struct view_id should = view_rows_id(expected, i);

        assert_true(is.id == should.id && is.instance == should.instance);
    }
}

static inline void check_events(
        const struct told *told_of, HRESULT hr, const struct msp_array *expected)
{
    if (FAILED(hr)) {
        assert_true(told_of->is_lost);
        return;
    }
    assert_false(told_of->is_lost);
    assert_int_equal(told_of->count, expected->count);
    for (size_t i = 0; i < expected->count; i++) {
        const struct view_event *is = &told_of->events[i];
        const struct view_event *should = MSP_ARRAY_AT(struct view_event, expected, i);

        assert_int_equal(is->kind, should->kind);
        assert_int_equal(is->id.id, should->id.id);
        assert_int_equal(is->id.instance, should->id.instance);
        assert_int_equal(is->position, should->position);
    }
}

static inline void copy_rows(const struct view_rows *from, struct view_rows *to)
{
    *to = *from;
    to->ids = msp_memdup(from->ids, from->leaf_count * sizeof(*from->ids));
    if (from->instances != NULL)
        to->instances = msp_memdup(from->instances, from->leaf_count * sizeof(*from->instances));
    if (from->unread != NULL)
        to->unread = msp_memdup(from->unread, from->leaf_count);
    to->categories = msp_memdup(from->categories, from->category_count * sizeof(*from->categories));
    if (from->visible != NULL)
        to->visible = msp_memdup(from->visible, from->visible_count * sizeof(*from->visible));
    to->category_keys = NULL; /* not looked at by comparing */
    to->category_values = NULL;
}

/* Where a place must be: view_reanchor() of everything. */
static inline size_t anchored(
        struct view *view, const struct view_rows *old, const struct view_rows *rows, size_t cursor)
{
    struct view other = *view;

    other.cursor = cursor;
    msp_array_init(&other.bookmarks, sizeof(struct view_bookmark));
    assert_int_equal(view_reanchor(&other, old, rows), S_OK);
    return other.cursor;
}

/* Has any heading that stays overtaken another one? */
static inline bool has_moved(const struct view_rows *old, const struct view_rows *rows)
{
    size_t last = 0;

    for (size_t i = 0; i < rows->category_count; i++) {
        for (size_t k = 0; k < old->category_count; k++) {
            if (old->categories[k].serial != rows->categories[i].serial)
                continue;
            if (k < last)
                return true;
            last = k;
        }
    }
    return false;
}

static inline void follow_both(struct msp_call *call, struct view *view, struct told *told_of,
        const struct view_changes *changes, struct counts *counts)
{
    struct view whole = *view;
    struct view_rows old = { 0 };
    struct view_rows rows = { 0 };
    struct msp_array events = MSP_ARRAY_INIT(struct view_event);
    size_t cursor = view->cursor;
    bool done = false;
    HRESULT hr;

    assert_int_equal(view_load(call, &whole, &rows), S_OK);
    view_print_headings(call, &whole, &rows, &changes->ids);
    copy_rows(&view->rows, &old);
    hr = view_diff(&view->order, &old, &rows, &changes->ids, BOTH_EVENTS, &events);
    assert_int_equal(hr, S_OK);
    told_of->is_told = false;
    told_of->is_lost = false;
    told_of->count = 0;
    assert_int_equal(view_follow(call, view, changes, &done), S_OK);
    if (done) {
        counts->followed++;
        counts->instances += view->mvi_count > 0;
        counts->aggregates += view_has_aggregates(&view->order);
        counts->moved += has_moved(&old, &rows);
        counts->placed += changes->placed.count > 0;
        counts->events += (unsigned)events.count;
        check_rows(&view->rows, &rows);
        check_events(told_of, hr, &events);
        assert_int_equal(view->cursor, anchored(view, &old, &rows, cursor));
        view_rows_free(&rows);
    } else {
        counts->not_followed++;
        assert_false(told_of->is_told);
        view_rows_free(&view->rows);
        view->rows = rows;
        view->next_serial = whole.next_serial;
    }
    msp_array_free(&events);
    view_rows_free(&old);
}

#endif
