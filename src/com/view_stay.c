/* SPDX-License-Identifier: MIT */
/*
 * view_stay.c - rows that are where their values say: found, and changed in place.
 *
 * Most changes are of this kind: a message is read, or flagged. The row is looked for where its
 * values say it is; when it is there, and in order with its neighbours, it has not moved. The cost
 * does not grow with the view but for the halving.
 *
 * Owns:  nothing beyond one call.
 * Locks: everything runs under the domain lock, within a transaction.
 */
#include <string.h>

#include "com/view_follow.h"
#include "util/array.h"

enum {
    STAY_MAX = 16,     /* rows */
    LOCATE_MIN = 65536 /* rows; among fewer one is found as quickly by its id */
};

struct stayer {
    struct view_seen seen;
    size_t first; /* the leaves among which it is ordered: those of its heading, or all */
    size_t end;
    size_t at;                   /* its leaf */
    size_t path[VIEW_MAX_SORTS]; /* the headings above it, outer first */
};

struct stay {
    struct msp_call *call;
    struct view *view;
    bool with_props;
    struct msp_buf keys;
    struct stayer rows[STAY_MAX];
    size_t count;
};

/* --- where the rows are ----------------------------------------------------------------------- */

/* Compares a leaf of the view with another one; *out_known false: it could not be read. */
static HRESULT compare_at(
        struct stay *stay, size_t leaf, const struct stayer *row, int *out, bool *out_known)
{
    size_t begin = stay->keys.size;
    HRESULT hr = view_put_leaf_key(stay->call, stay->view, leaf, stay->with_props, &stay->keys);
    struct view_bytes key = { stay->keys.data + begin, stay->keys.size - begin };
    struct view_bytes own = { stay->keys.data + row->seen.key_at, row->seen.key_size };

    *out_known = SUCCEEDED(hr);
    if (SUCCEEDED(hr))
        *out = view_compare_bytes(key, own);
    msp_buf_truncate(&stay->keys, begin);
    return hr == MAPI_E_NOT_FOUND ? S_OK : hr;
}

static bool is_leaf(const struct view_rows *rows, size_t leaf, struct view_id id)
{
    struct view_id other = view_leaf_id(rows, leaf);

    return other.id == id.id && other.instance == id.instance;
}

/* Finds a leaf by its key, among those that are ordered by it. *out_is false: it is not
 * there. */
static HRESULT find_leaf(struct stay *stay, struct stayer *row, bool *out_is)
{
    const struct view_rows *rows = &stay->view->rows;
    size_t low = row->first;
    size_t high = row->end;

    *out_is = false;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        bool is_known;
        int order = 0;
        HRESULT hr;

        if (is_leaf(rows, mid, row->seen.id)) {
            low = mid;
            break;
        }
        hr = compare_at(stay, mid, row, &order, &is_known);
        if (FAILED(hr) || !is_known)
            return hr;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    row->at = low;
    *out_is = low < row->end && is_leaf(rows, low, row->seen.id);
    return S_OK;
}

/* Is the leaf behind the one before it, and before the one behind? When all changed ones are, all
 * are in order. */
static HRESULT is_in_order(struct stay *stay, const struct stayer *row, bool *out)
{
    bool is_known = true;
    int order = -1;
    HRESULT hr = S_OK;

    if (row->at > row->first)
        hr = compare_at(stay, row->at - 1, row, &order, &is_known);
    *out = is_known && order < 0;
    if (FAILED(hr) || !*out || row->at + 1 == row->end)
        return hr;
    hr = compare_at(stay, row->at + 1, row, &order, &is_known);
    *out = is_known && order > 0;
    return hr;
}

/* Headings that are ordered by what is below them: the leaf's own is found by its key. */
static bool narrow_to_heading(const struct stay *stay, struct stayer *row)
{
    const struct view_rows *rows = &stay->view->rows;
    size_t found = SIZE_MAX;

    row->first = 0;
    row->end = rows->leaf_count;
    if (!view_has_aggregates(&stay->view->order))
        return true;
    found = view_category_with(rows, stay->view->order.level_count - 1,
            stay->keys.data + row->seen.key_at, row->seen.key_size);
    if (found == SIZE_MAX)
        return false;
    row->first = rows->categories[found].leaf_first;
    row->end = rows->categories[found].leaf_end;
    return true;
}

/* Does a heading above the leaf keep the value that it is ordered by? */
static bool keeps_value(const struct stay *stay, const struct stayer *row, size_t level)
{
    const struct view_rows *rows = &stay->view->rows;
    const struct view_order *order = &stay->view->order;
    const struct view_category *category = &rows->categories[row->path[level]];
    struct view_bytes value = view_category_value(rows, category);
    struct view_bytes own = view_level_value(order, stay->keys.data + row->seen.values_at, level);

    if (view_is_beyond(&order->levels[level], own, value))
        return false;
    return value.data == NULL || category->value_leaf.id != row->seen.id.id ||
           category->value_leaf.instance != row->seen.id.instance ||
           (own.data != NULL && view_compare_bytes(own, value) == 0);
}

/* Finds the headings above a leaf. Are they still the row's, and where they are? */
static bool is_under_its_headings(const struct stay *stay, struct stayer *row)
{
    const struct view_rows *rows = &stay->view->rows;
    size_t level_count = stay->view->order.level_count;
    const struct view_category *category;
    size_t i;

    if (level_count == 0)
        return true;
    i = view_category_of(rows, row->at);
    category = &rows->categories[i];
    for (size_t level = level_count; level-- > 0;) {
        row->path[level] = i;
        if (!keeps_value(stay, row, level))
            return false;
        if (level > 0)
            i = view_category_above(rows, i);
    }
    return category->key_size <= row->seen.key_size &&
           memcmp(rows->category_keys + category->key_offset, stay->keys.data + row->seen.key_at,
                   category->key_size) == 0;
}

static HRESULT look(struct stay *stay, struct stayer *row, bool *out_stays)
{
    HRESULT hr;

    *out_stays = false;
    if (!narrow_to_heading(stay, row))
        return S_OK;
    hr = find_leaf(stay, row, out_stays);
    if (SUCCEEDED(hr) && *out_stays)
        hr = is_in_order(stay, row, out_stays);
    if (SUCCEEDED(hr) && *out_stays)
        *out_stays = is_under_its_headings(stay, row);
    return hr;
}

/* Has the view as many leaves of the row? */
static bool has_as_many(const struct view_rows *rows, uint64_t id, size_t count)
{
    size_t leaf = view_rows_leaf(rows, 0, id);

    if (rows->instances == NULL)
        return count == 1; /* that one has been found */
    for (; leaf < rows->leaf_count && count > 0; count--)
        leaf = view_rows_leaf(rows, leaf + 1, id);
    return leaf == rows->leaf_count && count == 0;
}

/* All leaves of one row. */
static HRESULT look_at_row(struct stay *stay, uint64_t id, bool *out_stays)
{
    struct msp_array seen = MSP_ARRAY_INIT(struct view_seen);
    HRESULT hr = view_look_at(stay->call, stay->view, id, stay->with_props, STAY_MAX - stay->count,
            &stay->keys, &seen);

    *out_stays = seen.count > 0 && hr != MAPI_E_TOO_BIG;
    for (size_t i = 0; i < seen.count && SUCCEEDED(hr) && *out_stays; i++) {
        struct stayer *row = &stay->rows[stay->count++];

        row->seen = *MSP_ARRAY_AT(struct view_seen, &seen, i);
        hr = look(stay, row, out_stays);
    }
    if (SUCCEEDED(hr) && *out_stays)
        *out_stays = has_as_many(&stay->view->rows, id, seen.count);
    msp_array_free(&seen);
    return hr == MAPI_E_TOO_BIG ? S_OK : hr;
}

/* --- telling ---------------------------------------------------------------------------------- */

/* An event for an entry, once, in order of positions. */
static bool put_event(const struct view_rows *rows, uint32_t entry, struct msp_array *events)
{
    size_t position = view_rows_position(rows, entry);
    struct view_event event = { VIEW_ROW_MODIFIED, { 0, 0 }, position };
    size_t at = events->count;

    if (position == SIZE_MAX)
        return true;
    while (at > 0 && MSP_ARRAY_AT(struct view_event, events, at - 1)->position > position)
        at--;
    if (at > 0 && MSP_ARRAY_AT(struct view_event, events, at - 1)->position == position)
        return true;
    event.id = view_rows_id(rows, position);
    return msp_array_insert(events, at, &event) != NULL;
}

/* Counts a row as read or unread in the headings above it, and puts it back. */
static void count_row(struct view *view, const struct stayer *row, bool is_unread)
{
    struct view_rows *rows = &view->rows;

    if (rows->unread == NULL || (rows->unread[row->at] != 0) == is_unread)
        return;
    rows->unread[row->at] = is_unread;
    for (size_t level = 0; level < view->order.level_count; level++)
        rows->categories[row->path[level]].unread += is_unread ? 1 : UINT32_MAX;
}

/* Does a heading look different, whose first leaf has changed? Prints it. */
static bool is_respelled(
        struct stay *stay, const struct stayer *row, struct view_category *category)
{
    struct view_category was = *category;

    if (category->leaf_first != row->at ||
            !view_level_has_spelling(&stay->view->order, category->level))
        return false;
    category->print_leaf = row->seen.id;
    category->print = view_heading_print(stay->call, stay->view, row->seen.id, category->level);
    return view_prints_differ(&was, category);
}

/* Takes the rows over; events for what is visible of it. False: no memory for these. */
static bool take_over(struct stay *stay, struct msp_array *events)
{
    struct view *view = stay->view;
    const struct view_rows *rows = &view->rows;
    uint32_t old[STAY_MAX][VIEW_MAX_SORTS] = { { 0 } };
    bool ok = true;

    for (size_t i = 0; i < stay->count; i++) {
        for (size_t level = 0; level < view->order.level_count; level++)
            old[i][level] = rows->categories[stay->rows[i].path[level]].unread;
    }
    for (size_t i = 0; i < stay->count; i++)
        count_row(view, &stay->rows[i], stay->rows[i].seen.is_unread);
    view->rows.is_printed = rows->is_printed && view->watch != NULL;
    for (size_t i = 0; i < stay->count && view->watch != NULL; i++) {
        const struct stayer *row = &stay->rows[i];

        ok = put_event(rows, (uint32_t)row->at, events) && ok;
        for (size_t level = 0; level < view->order.level_count; level++) {
            struct view_category *category = &rows->categories[row->path[level]];
            bool is_respelt = is_respelled(stay, row, category);

            if (category->unread != old[i][level] || is_respelt)
                ok = put_event(rows, (uint32_t)row->path[level] | VIEW_CATEGORY_BIT, events) && ok;
        }
    }
    return ok;
}

static void tell(struct stay *stay)
{
    struct view_watch *watch = stay->view->watch;
    struct msp_array events = MSP_ARRAY_INIT(struct view_event);

    if (!take_over(stay, &events))
        watch->changed(watch, stay->call, NULL, 0);
    else if (events.count > 0)
        watch->changed(
                watch, stay->call, MSP_ARRAY_ITEMS(struct view_event, &events), events.count);
    msp_array_free(&events);
}

HRESULT view_stay(struct msp_call *call, struct view *view, const struct view_changes *changes,
        bool with_props, bool *out_done)
{
    struct stay stay = { .call = call, .view = view, .with_props = with_props };
    bool stays = changes->ids.count <= STAY_MAX && changes->placed.count == 0;
    HRESULT hr = S_OK;

    for (size_t i = 0; i < changes->ids.count && stays && SUCCEEDED(hr); i++)
        hr = look_at_row(&stay, *MSP_ARRAY_AT(uint64_t, &changes->ids, i), &stays);
    *out_done = SUCCEEDED(hr) && stays;
    if (*out_done)
        tell(&stay);
    msp_buf_free(&stay.keys);
    return hr;
}

/* --- finding a row ---------------------------------------------------------------------------- */

static bool can_halve(const struct view *view, struct view_id id)
{
    return view->rows.leaf_count >= LOCATE_MIN && id.instance != VIEW_HEADING &&
           view->source->ops->order_key != NULL;
}

/* Looks for one leaf of a row. */
static HRESULT locate(struct stay *stay, struct view_id id, size_t *out_leaf, bool *out_is)
{
    struct msp_array seen = MSP_ARRAY_INIT(struct view_seen);
    HRESULT hr = view_look_at(
            stay->call, stay->view, id.id, stay->with_props, STAY_MAX, &stay->keys, &seen);

    if (hr == MAPI_E_TOO_BIG)
        hr = S_OK;
    for (size_t i = 0; i < seen.count && SUCCEEDED(hr); i++) {
        struct stayer row = { .seen = *MSP_ARRAY_AT(struct view_seen, &seen, i) };

        if (row.seen.id.instance != id.instance || !narrow_to_heading(stay, &row))
            continue;
        hr = find_leaf(stay, &row, out_is);
        *out_leaf = row.at;
    }
    msp_array_free(&seen);
    return hr;
}

HRESULT view_locate(struct msp_call *call, struct view *view, struct view_id id, size_t *out)
{
    struct stay stay = { .call = call, .view = view };
    bool is_there = false;
    HRESULT hr = S_OK;
    size_t leaf = 0;

    if (can_halve(view, id)) {
        stay.with_props = view_needs_props(view);
        hr = locate(&stay, id, &leaf, &is_there);
        msp_buf_free(&stay.keys);
    }
    if (SUCCEEDED(hr))
        *out = is_there ? view_rows_position(&view->rows, (uint32_t)leaf) : view_find(view, id);
    return hr;
}
