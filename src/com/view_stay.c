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
    uint64_t id;
    size_t at; /* its leaf */
    struct view_seen seen;
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

/* Compares the row at a leaf with another one; *out_known false: it could not be read. */
static HRESULT compare_at(
        struct stay *stay, size_t leaf, const struct stayer *row, int *out, bool *out_known)
{
    struct view *view = stay->view;
    struct msp_call own = { .object = stay->call->object, .domain = stay->call->domain };
    size_t begin = stay->keys.size;
    struct table_row read;
    HRESULT hr;

    *out_known = false;
    hr = view->source->ops->read(&own, view->source, view->rows.ids[leaf], stay->with_props, &read);
    if (hr == MAPI_E_NOT_FOUND)
        return S_OK;
    if (SUCCEEDED(hr))
        hr = view_put_place_key(view, &read, &stay->keys);
    if (SUCCEEDED(hr))
        *out = view_compare_place_keys(stay->keys.data + begin, stay->keys.size - begin,
                stay->keys.data + row->seen.key_at, row->seen.key_size);
    *out_known = SUCCEEDED(hr);
    msp_buf_truncate(&stay->keys, begin);
    return hr;
}

/* Finds the leaf of a row by its key. *out_is false: it is not there. */
static HRESULT find_leaf(struct stay *stay, struct stayer *row, bool *out_is)
{
    const struct view_rows *rows = &stay->view->rows;
    size_t low = 0;
    size_t high = rows->leaf_count;

    *out_is = false;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        bool is_known;
        int order = 0;
        HRESULT hr;

        if (rows->ids[mid] == row->id) {
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
    *out_is = low < rows->leaf_count && rows->ids[low] == row->id;
    return S_OK;
}

/* Is the row behind the one before it, and before the one behind? When all changed ones are, all
 * rows are in order. */
static HRESULT is_in_order(struct stay *stay, const struct stayer *row, bool *out)
{
    bool is_known = true;
    int order = -1;
    HRESULT hr = S_OK;

    if (row->at > 0)
        hr = compare_at(stay, row->at - 1, row, &order, &is_known);
    *out = is_known && order < 0;
    if (FAILED(hr) || !*out || row->at + 1 == stay->view->rows.leaf_count)
        return hr;
    hr = compare_at(stay, row->at + 1, row, &order, &is_known);
    *out = is_known && order > 0;
    return hr;
}

/* Finds the headings above a leaf. Is the innermost one still the row's? */
static bool is_under_its_heading(const struct stay *stay, struct stayer *row)
{
    const struct view_rows *rows = &stay->view->rows;
    size_t level_count = stay->view->order.level_count;
    size_t i = 0;

    for (size_t level = 0; level < level_count; level++) {
        const struct view_category *category;

        while (rows->categories[i].leaf_end <= row->at)
            i = rows->categories[i].next;
        row->path[level] = i;
        category = &rows->categories[i++];
        if (level + 1 == level_count)
            return category->key_size <= row->seen.key_size &&
                   memcmp(rows->category_keys + category->key_offset,
                           stay->keys.data + row->seen.key_at, category->key_size) == 0;
    }
    return true;
}

static HRESULT look(struct stay *stay, struct stayer *row, bool *out_stays)
{
    HRESULT hr = view_look_at(
            stay->call, stay->view, row->id, stay->with_props, &stay->keys, &row->seen);

    *out_stays = false;
    if (FAILED(hr) || !row->seen.is)
        return hr;
    hr = find_leaf(stay, row, out_stays);
    if (SUCCEEDED(hr) && *out_stays)
        hr = is_in_order(stay, row, out_stays);
    if (SUCCEEDED(hr) && *out_stays)
        *out_stays = is_under_its_heading(stay, row);
    return hr;
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

/* Takes the rows over; events for what is visible of it. False: no memory for these. */
static bool take_over(struct stay *stay, struct msp_array *events)
{
    struct view *view = stay->view;
    const struct view_rows *rows = &view->rows;
    uint32_t old[STAY_MAX][VIEW_MAX_SORTS];
    bool ok = true;

    for (size_t i = 0; i < stay->count; i++) {
        for (size_t level = 0; level < view->order.level_count; level++)
            old[i][level] = rows->categories[stay->rows[i].path[level]].unread;
    }
    for (size_t i = 0; i < stay->count; i++)
        count_row(view, &stay->rows[i], stay->rows[i].seen.is_unread);
    for (size_t i = 0; i < stay->count && view->watch != NULL; i++) {
        const struct stayer *row = &stay->rows[i];

        ok = put_event(rows, (uint32_t)row->at, events) && ok;
        for (size_t level = 0; level < view->order.level_count; level++) {
            const struct view_category *category = &rows->categories[row->path[level]];

            if (category->unread != old[i][level] ||
                    (category->leaf_first == row->at &&
                            view_level_has_spelling(&view->order, level)))
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
    bool stays = changes->ids.count <= STAY_MAX;
    HRESULT hr = S_OK;

    for (size_t i = 0; i < changes->ids.count && stays && SUCCEEDED(hr); i++) {
        stay.rows[i].id = *MSP_ARRAY_AT(uint64_t, &changes->ids, i);
        hr = look(&stay, &stay.rows[i], &stays);
        stay.count++;
    }
    *out_done = SUCCEEDED(hr) && stays;
    if (*out_done)
        tell(&stay);
    msp_buf_free(&stay.keys);
    return hr;
}

/* --- finding a row ---------------------------------------------------------------------------- */

static bool can_halve(const struct view *view, struct view_id id)
{
    const struct view_rows *rows = &view->rows;

    return rows->leaf_count >= LOCATE_MIN && id.instance == 0 && rows->instances == NULL &&
           view->source->ops->order_key != NULL && !view_has_aggregates(&view->order);
}

HRESULT view_locate(struct msp_call *call, struct view *view, struct view_id id, size_t *out)
{
    struct stay stay = { .call = call, .view = view };
    struct stayer row = { .id = id.id };
    bool is_there = false;
    HRESULT hr = S_OK;

    if (can_halve(view, id)) {
        stay.with_props = view_needs_props(view);
        hr = view_look_at(call, view, row.id, stay.with_props, &stay.keys, &row.seen);
        if (SUCCEEDED(hr) && row.seen.is)
            hr = find_leaf(&stay, &row, &is_there);
        msp_buf_free(&stay.keys);
    }
    if (SUCCEEDED(hr))
        *out = is_there ? view_rows_position(&view->rows, (uint32_t)row.at) : view_find(view, id);
    return hr;
}
