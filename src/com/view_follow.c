/* SPDX-License-Identifier: MIT */
/*
 * view_follow.c - a view that follows what is committed, row by row.
 *
 * The journal says which rows may have changed since the view was evaluated. Where rows have a
 * place that can be told from their own values (no headings, no instances, a source with an order
 * key), each of them is taken out and put into its new place, which is found by halving: the cost
 * grows with the change, but for finding where it was and moving a few bytes per row between.
 *
 * All reading is done before anything is changed.
 *
 * Owns:  nothing beyond one call.
 * Locks: everything runs under the domain lock, within a transaction.
 */
#include <stdlib.h>
#include <string.h>

#include "com/logon.h"
#include "com/view_follow.h"
#include "util/alloc.h"
#include "util/bytes.h"

enum {
    SINGLE_MAX = 1024, /* rows that are put into their places one by one... */
    SINGLE_PART = 64   /* ...when the view has so many times more */
};

/* --- what the journal says -------------------------------------------------------------------- */

struct reader {
    const struct table_source *source;
    struct view_changes *changes;
};

static int compare_ids(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void sort_ids(struct msp_array *ids)
{
    uint64_t *items = MSP_ARRAY_ITEMS(uint64_t, ids);
    size_t count = 0;

    if (ids->count < 2)
        return;
    qsort(items, ids->count, sizeof(*items), compare_ids);
    for (size_t i = 0; i < ids->count; i++) {
        if (count == 0 || items[count - 1] != items[i])
            items[count++] = items[i];
    }
    msp_array_truncate(ids, count);
}

static bool read_event(void *context, uint64_t number, const struct eng_event *event)
{
    const struct reader *reader = context;
    struct view_changes *changes = reader->changes;
    const uint64_t *ids = MSP_ARRAY_ITEMS(uint64_t, &changes->ids);

    MSP_UNUSED(number);
    switch (reader->source->ops->concerns(reader->source, event)) {
    case TABLE_CONCERN_NONE:
        return true;
    case TABLE_CONCERN_VALUES: /* which ones cannot be told */
        changes->is_complete = false;
        return false;
    case TABLE_CONCERN_ALL:
        changes->is_all = true;
        break;
    case TABLE_CONCERN_ROW:
        changes->is_row = true;
        break;
    }
    if (changes->ids.count > 0 && ids[changes->ids.count - 1] == event->object)
        return true;
    if (changes->ids.count == VIEW_CHANGES_MAX)
        sort_ids(&changes->ids);
    changes->is_complete = changes->ids.count < VIEW_CHANGES_MAX &&
                           msp_array_push(&changes->ids, &event->object) != NULL;
    return changes->is_complete;
}

HRESULT view_read_changes(struct msp_call *call, struct view *view, struct view_changes *out)
{
    struct table_source *source = view->source;
    struct reader reader = { source, out };
    bool is_kept = true;
    enum eng_status status;

    memset(out, 0, sizeof(*out));
    msp_array_init(&out->ids, sizeof(uint64_t));
    out->is_complete = true;
    if (source->ops->concerns == NULL)
        return S_OK;
    status = eng_journal_end(source->logon->eng, &out->end);
    if (status == ENG_OK && view->loaded && out->end != view->journal)
        status = eng_journal_read(source->logon->eng, view->journal, read_event, &reader, &is_kept);
    if (!is_kept || out->end < view->journal)
        out->is_complete = false;
    sort_ids(&out->ids);
    return msp_from_engine(call, source->logon->eng, status);
}

/* --- single rows ------------------------------------------------------------------------------ */

bool view_has_aggregates(const struct view_order *order)
{
    for (size_t i = 0; i < order->level_count; i++) {
        if (order->levels[i].aggregate != 0)
            return true;
    }
    return false;
}

static bool can_follow(const struct view *view, const struct view_changes *changes)
{
    size_t most = msp_min((size_t)SINGLE_MAX, view->rows.leaf_count / SINGLE_PART + 16);
    bool with_props;
    bool by_instance;

    view_restriction_needs(view, view->restriction, &with_props, &by_instance);
    return view->source->ops->order_key != NULL && !changes->is_all && !by_instance &&
           !view_has_aggregates(&view->order) && view->mvi_count == 0 && changes->ids.count <= most;
}

/* Ids by their lowest bits: most rows are told not to be one of some by a look at these. */
struct id_filter {
    uint64_t bits[64];
};

static void id_filter_add(struct id_filter *filter, uint64_t id)
{
    filter->bits[id / 64 % 64] |= (uint64_t)1 << id % 64;
}

static bool id_filter_may_have(const struct id_filter *filter, uint64_t id)
{
    return (filter->bits[id / 64 % 64] >> id % 64 & 1) != 0;
}

static void note_old(struct view_following *follow, size_t leaf)
{
    /* struct view_place begins with its id. */
    struct view_place *place = bsearch(&follow->view->rows.ids[leaf], follow->places, follow->count,
            sizeof(*place), compare_ids);

    if (place == NULL)
        return;
    place->was = true;
    place->old = leaf;
    follow->gone[follow->gone_count++] = leaf;
}

/* Which of the rows are touched ones. */
static void find_old(struct view_following *follow)
{
    const struct view_rows *rows = &follow->view->rows;
    struct id_filter filter = { { 0 } };

    for (size_t i = 0; i < follow->count; i++)
        id_filter_add(&filter, follow->places[i].id);
    for (size_t i = 0; i < rows->leaf_count && follow->gone_count < follow->count; i++) {
        if (follow->count == 1)
            i = view_rows_leaf(rows, i, follow->places[0].id);
        if (i < rows->leaf_count && id_filter_may_have(&filter, rows->ids[i]))
            note_old(follow, i);
    }
    follow->kept = rows->leaf_count - follow->gone_count;
}

/* The position of the i-th row that was not touched. */
static size_t kept_position(const struct view_following *follow, size_t i)
{
    size_t low = 0;
    size_t high = follow->gone_count;

    /* As many touched rows are before it as have fewer than i + 1 others before them. */
    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (follow->gone[mid] - mid <= i)
            low = mid + 1;
        else
            high = mid;
    }
    return i + low;
}

HRESULT view_put_place_key(struct view *view, const struct table_row *row, struct msp_buf *out)
{
    struct view_row leaf = { view, NULL, row, 0 };
    HRESULT hr = view_put_sort_key(&leaf, out);

    if (SUCCEEDED(hr) && !view->source->ops->order_key(view->source, row, out))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    return hr;
}

int view_compare_place_keys(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
    int order = memcmp(a, b, msp_min(a_size, b_size));

    return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

HRESULT view_look_at(struct msp_call *call, struct view *view, uint64_t id, bool with_props,
        struct msp_buf *keys, struct view_seen *out)
{
    struct table_source *source = view->source;
    struct view_row leaf = { view, NULL, NULL, 0 };
    struct msp_call own = { .object = call->object, .domain = call->domain };
    struct table_row row;
    HRESULT hr;

    memset(out, 0, sizeof(*out));
    hr = source->ops->read(&own, source, id, with_props, &row);
    if (hr == MAPI_E_NOT_FOUND)
        return S_OK;
    if (SUCCEEDED(hr))
        hr = source->ops->belongs(call, source, &row, &out->is);
    if (FAILED(hr) || !out->is)
        return hr;
    leaf.row = &row;
    out->is = view_row_match(&leaf, view->restriction, &hr);
    if (FAILED(hr) || !out->is)
        return hr;
    if (view->order.level_count > 0)
        hr = view_leaf_unread(&leaf, &out->is_unread);
    if (FAILED(hr))
        return hr;
    out->key_at = keys->size;
    hr = view_put_place_key(view, &row, keys);
    out->key_size = keys->size - out->key_at;
    return hr;
}

/* Reads one touched row; is it in the view, and with which key? */
static HRESULT look_at(struct view_following *follow, struct view_place *place)
{
    struct view_seen seen;
    HRESULT hr = view_look_at(
            follow->call, follow->view, place->id, follow->with_props, &follow->keys, &seen);

    place->is = seen.is;
    place->is_unread = seen.is_unread;
    place->key_at = seen.key_at;
    place->key_size = seen.key_size;
    return hr;
}

/* Is the i-th of the rows that were not touched before the place's row? */
static HRESULT is_before(
        struct view_following *follow, size_t i, const struct view_place *place, bool *out)
{
    struct table_source *source = follow->view->source;
    uint64_t id = follow->view->rows.ids[kept_position(follow, i)];
    size_t at = follow->keys.size;
    struct table_row row;
    HRESULT hr;

    hr = source->ops->read(follow->call, source, id, follow->with_props, &row);
    if (hr == MAPI_E_NOT_FOUND)
        follow->lost = true;
    if (SUCCEEDED(hr))
        hr = view_put_place_key(follow->view, &row, &follow->keys);
    if (SUCCEEDED(hr))
        *out = view_compare_place_keys(follow->keys.data + at, follow->keys.size - at,
                       follow->keys.data + place->key_at, place->key_size) < 0;
    msp_buf_truncate(&follow->keys, at);
    return hr;
}

static HRESULT find_place(struct view_following *follow, struct view_place *place)
{
    size_t low = 0;
    size_t high = follow->kept;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        bool before = false;
        HRESULT hr = is_before(follow, mid, place, &before);

        if (FAILED(hr))
            return hr;
        if (before)
            low = mid + 1;
        else
            high = mid;
    }
    place->before = low;
    return S_OK;
}

/* qsort has no context: insertion, for the order is mostly there and they are few. */
static void order_places(struct view_following *follow)
{
    for (size_t i = 0; i < follow->count; i++) {
        struct view_place *place = &follow->places[i];
        size_t at = follow->order_count;

        if (!place->is)
            continue;
        while (at > 0 && view_compare_place_keys(follow->keys.data + place->key_at, place->key_size,
                                 follow->keys.data + follow->order[at - 1]->key_at,
                                 follow->order[at - 1]->key_size) < 0) {
            follow->order[at] = follow->order[at - 1];
            at--;
        }
        follow->order[at] = place;
        follow->order_count++;
    }
    for (size_t i = 0; i < follow->order_count; i++) {
        struct view_place *place = follow->order[i];

        place->position = place->before + i;
        follow->come[i].position = place->position;
        follow->come[i].old = place->was ? place->old : SIZE_MAX;
    }
}

static HRESULT read_all(struct view_following *follow)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; i < follow->count && SUCCEEDED(hr); i++) {
        if (msp_domain_is_stopping(follow->call->domain))
            return MAPI_E_INVALID_OBJECT;
        hr = look_at(follow, &follow->places[i]);
        if (SUCCEEDED(hr) && follow->places[i].is)
            hr = find_place(follow, &follow->places[i]);
    }
    return hr;
}

/* --- changing the rows ------------------------------------------------------------------------ */

bool view_following_reserve(const struct view_following *follow)
{
    struct view_rows *rows = &follow->view->rows;
    size_t count = follow->kept + follow->order_count;
    size_t room = count + count / 32 + 16;
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
    ids = msp_realloc_array(rows->ids, room, sizeof(*ids));
    if (ids == NULL)
        return false;
    rows->ids = ids;
    rows->ids_room = room;
    return true;
}

void view_following_move_leaves(const struct view_following *follow)
{
    struct view_rows *rows = &follow->view->rows;
    const struct view_shift shift = { rows->leaf_count, follow->gone, follow->gone_count,
        follow->come, follow->order_count };

    view_shift_items(rows->ids, sizeof(*rows->ids), &shift);
    if (rows->unread != NULL)
        view_shift_items(rows->unread, sizeof(*rows->unread), &shift);
    for (size_t i = 0; i < follow->order_count; i++) {
        const struct view_place *place = follow->order[i];

        rows->ids[place->position] = place->id;
        if (rows->unread != NULL)
            rows->unread[place->position] = place->is_unread;
    }
    rows->ids_room = msp_max(rows->ids_room, rows->leaf_count);
    rows->leaf_count = follow->kept + follow->order_count;
}

static bool make_events(const struct view_following *follow, struct msp_array *out)
{
    for (size_t i = 0; i < follow->count; i++) {
        const struct view_place *place = &follow->places[i];
        struct view_event event = { VIEW_ROW_DELETED, { place->id, 0 }, 0 };

        if (place->was && !place->is && msp_array_push(out, &event) == NULL)
            return false;
    }
    for (size_t i = 0; i < follow->order_count; i++) {
        const struct view_place *place = follow->order[i];
        struct view_event event = { place->was ? VIEW_ROW_MODIFIED : VIEW_ROW_ADDED,
            { place->id, 0 }, place->position };

        if (msp_array_push(out, &event) == NULL)
            return false;
    }
    return true;
}

/* Everything is read. */
static HRESULT apply(struct view_following *follow)
{
    struct view *view = follow->view;
    struct msp_array events = MSP_ARRAY_INIT(struct view_event);
    const struct view_shift shift = { view->rows.leaf_count, follow->gone, follow->gone_count,
        follow->come, follow->order_count };
    bool ok = view->watch == NULL || make_events(follow, &events);

    if (!view_following_reserve(follow)) {
        msp_array_free(&events);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    view_shift_places(view, &shift);
    view_following_move_leaves(follow);
    view->rows.visible_count = view->rows.leaf_count;
    if (view->watch != NULL && !ok)
        view->watch->changed(view->watch, follow->call, NULL, 0);
    else if (view->watch != NULL && events.count > 0)
        view->watch->changed(view->watch, follow->call, MSP_ARRAY_ITEMS(struct view_event, &events),
                events.count);
    msp_array_free(&events);
    return S_OK;
}

/* --- all of it ------------------------------------------------------------------------------- */

HRESULT view_follow(struct msp_call *call, struct view *view, const struct view_changes *changes,
        bool *out_done)
{
    struct view_following follow = { .call = call, .view = view, .count = changes->ids.count };
    HRESULT hr;

    *out_done = false;
    if (!can_follow(view, changes))
        return S_OK;
    follow.with_props = view_needs_props(view);
    hr = view_stay(call, view, changes, follow.with_props, out_done);
    if (FAILED(hr) || *out_done)
        return hr;
    hr = MAPI_E_NOT_ENOUGH_MEMORY;
    follow.places = msp_calloc(follow.count, sizeof(*follow.places));
    follow.order = msp_alloc_array(follow.count, sizeof(struct view_place *));
    follow.come = msp_alloc_array(follow.count, sizeof(*follow.come));
    follow.gone = msp_alloc_array(follow.count, sizeof(*follow.gone));
    if (follow.places != NULL && follow.order != NULL && follow.come != NULL &&
            follow.gone != NULL) {
        for (size_t i = 0; i < follow.count; i++)
            follow.places[i].id = *MSP_ARRAY_AT(uint64_t, &changes->ids, i);
        find_old(&follow);
        hr = read_all(&follow);
    }
    if (SUCCEEDED(hr)) {
        order_places(&follow);
        hr = view->order.level_count > 0 ? view_regroup(&follow) : apply(&follow);
    }
    *out_done = SUCCEEDED(hr);
    msp_buf_free(&follow.keys);
    msp_free(follow.places);
    msp_free(follow.order);
    msp_free(follow.come);
    msp_free(follow.gone);
    return follow.lost ? S_OK : hr;
}
