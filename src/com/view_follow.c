/* SPDX-License-Identifier: MIT */
/*
 * view_follow.c - a view that follows what is committed, row by row.
 *
 * The journal says which rows may have changed since the view was evaluated. The source has an
 * order key, so a row's place can be told from its own values: all its leaves are taken out, and
 * those that it is now are put into their places, which are found by halving. The cost grows with
 * the change, but for finding where it was and moving a few bytes per row between.
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
    struct msp_array trees; /* uint64_t: rows with all that is below them... */
    struct msp_array names; /* ...and those that only take it to another place */
    bool is_count;          /* rows may have changed that the source knows of */
};

static int compare_ids(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Puts ids into order, once each. */
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

/* False: there are too many, or there is no memory for it. */
static bool put_id(struct msp_array *ids, uint64_t id)
{
    if (ids->count > 0 && *MSP_ARRAY_AT(uint64_t, ids, ids->count - 1) == id)
        return true;
    if (ids->count == VIEW_CHANGES_MAX)
        sort_ids(ids);
    return ids->count < VIEW_CHANGES_MAX && msp_array_push(ids, &id) != NULL;
}

static bool read_event(void *context, uint64_t number, const struct eng_event *event)
{
    struct reader *reader = context;
    struct view_changes *changes = reader->changes;
    bool ok = true;

    MSP_UNUSED(number);
    switch (reader->source->ops->concerns(reader->source, event)) {
    case TABLE_CONCERN_NONE:
        return true;
    case TABLE_CONCERN_COUNT:
        reader->is_count = true;
        return true;
    case TABLE_CONCERN_VALUES: /* which ones cannot be told */
        changes->is_complete = false;
        return false;
    case TABLE_CONCERN_ALL:
        changes->is_all = true;
        break;
    case TABLE_CONCERN_TREE:
        ok = put_id(&reader->trees, event->object);
        changes->is_row = true;
        break;
    case TABLE_CONCERN_NAME:
        ok = put_id(&reader->names, event->object);
        changes->is_row = true;
        break;
    case TABLE_CONCERN_ROW:
        changes->is_row = true;
        break;
    }
    changes->is_complete = put_id(&changes->ids, event->object) && ok;
    return changes->is_complete;
}

/* Appends what is below some rows. */
static HRESULT put_below(struct msp_call *call, struct table_source *source,
        const struct msp_array *tops, struct msp_array *out)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; i < tops->count && SUCCEEDED(hr); i++)
        hr = source->ops->below(call, source, *MSP_ARRAY_AT(uint64_t, tops, i), out);
    return hr;
}

const uint64_t *view_id_find(const struct msp_array *ids, uint64_t id)
{
    return ids->count > 0 ? bsearch(&id, ids->items, ids->count, sizeof(id), compare_ids) : NULL;
}

bool view_has_id(const struct msp_array *ids, uint64_t id)
{
    return view_id_find(ids, id) != NULL;
}

/* What is below the rows of the events, as it is now: what has left has an event of its own. */
static HRESULT read_below(
        struct msp_call *call, struct table_source *source, const struct reader *reader)
{
    struct view_changes *changes = reader->changes;
    uint64_t *placed;
    size_t count = 0;
    HRESULT hr = put_below(call, source, &reader->trees, &changes->ids);

    if (SUCCEEDED(hr))
        hr = put_below(call, source, &reader->names, &changes->placed);
    sort_ids(&changes->ids);
    sort_ids(&changes->placed);
    placed = MSP_ARRAY_ITEMS(uint64_t, &changes->placed);
    for (size_t i = 0; i < changes->placed.count; i++) {
        if (!view_has_id(&changes->ids, placed[i]))
            placed[count++] = placed[i];
    }
    if (changes->placed.count > 0)
        msp_array_truncate(&changes->placed, count);
    if (changes->ids.count > VIEW_CHANGES_MAX)
        changes->is_complete = false;
    return hr;
}

HRESULT view_read_changes(struct msp_call *call, struct view *view, struct view_changes *out)
{
    struct table_source *source = view->source;
    struct reader reader = { .source = source, .changes = out };
    bool is_kept = true;
    enum eng_status status;
    HRESULT hr;

    memset(out, 0, sizeof(*out));
    msp_array_init(&out->ids, sizeof(uint64_t));
    msp_array_init(&out->placed, sizeof(uint64_t));
    msp_array_init(&reader.trees, sizeof(uint64_t));
    msp_array_init(&reader.names, sizeof(uint64_t));
    out->is_complete = true;
    if (source->ops->concerns == NULL)
        return S_OK;
    status = eng_journal_end(source->logon->eng, &out->end);
    if (status == ENG_OK && view->loaded && out->end != view->journal)
        status = eng_journal_read(source->logon->eng, view->journal, read_event, &reader, &is_kept);
    if (!is_kept || out->end < view->journal)
        out->is_complete = false;
    hr = msp_from_engine(call, source->logon->eng, status);
    if (SUCCEEDED(hr) && reader.is_count) {
        hr = source->ops->recount(call, source, view->journal, &out->ids);
        out->is_row = out->is_row || out->ids.count > 0;
    }
    if (SUCCEEDED(hr))
        hr = read_below(call, source, &reader);
    msp_array_free(&reader.trees);
    msp_array_free(&reader.names);
    return hr;
}

void view_changes_free(struct view_changes *changes)
{
    msp_array_free(&changes->ids);
    msp_array_free(&changes->placed);
}

/* --- single rows ------------------------------------------------------------------------------ */

static bool can_follow(const struct view *view, const struct view_changes *changes)
{
    size_t most = msp_min((size_t)SINGLE_MAX, view->rows.leaf_count / SINGLE_PART + 16);

    return view->source->ops->order_key != NULL && !changes->is_all &&
           changes->ids.count + changes->placed.count <= most && view_is_steady(view);
}

/* Reads the touched rows as they are now. */
static HRESULT look_at_all(struct view_following *follow, struct msp_array *seen)
{
    const struct msp_array *ids = &follow->ids;
    HRESULT hr = S_OK;

    for (size_t i = 0; i < ids->count && SUCCEEDED(hr); i++) {
        if (msp_domain_is_stopping(follow->call->domain))
            return MAPI_E_INVALID_OBJECT;
        hr = view_look_at(follow->call, follow->view, *MSP_ARRAY_AT(uint64_t, ids, i),
                follow->with_props, SINGLE_MAX, &follow->keys, seen);
    }
    follow->lost = hr == MAPI_E_TOO_BIG;
    return hr;
}

/* Which leaves are of touched rows. */
static bool find_gone(const struct view_following *follow, struct msp_array *out)
{
    const struct view_rows *rows = &follow->view->rows;
    const struct msp_array *ids = &follow->ids;
    bool is_one_each = rows->instances == NULL;
    struct view_id_filter filter = { { 0 } };

    for (size_t i = 0; i < ids->count; i++)
        view_id_filter_add(&filter, *MSP_ARRAY_AT(uint64_t, ids, i));
    for (size_t i = 0; i < rows->leaf_count; i++) {
        if (is_one_each && out->count == ids->count)
            break;
        if (ids->count == 1)
            i = view_rows_leaf(rows, i, *MSP_ARRAY_AT(uint64_t, ids, 0));
        if (i == rows->leaf_count)
            break;
        if (view_id_filter_may_have(&filter, rows->ids[i]) && view_has_id(ids, rows->ids[i]) &&
                msp_array_push(out, &i) == NULL)
            return false;
    }
    return true;
}

static int compare_places(const void *a, const void *b)
{
    struct view_id x = ((const struct view_place *)a)->seen.id;
    struct view_id y = ((const struct view_place *)b)->seen.id;

    if (x.id != y.id)
        return x.id > y.id ? 1 : -1;
    return (x.instance > y.instance) - (x.instance < y.instance);
}

/* Places of what was seen, and of what has gone. */
static bool make_places(struct view_following *follow, const struct msp_array *seen)
{
    const struct view_rows *rows = &follow->view->rows;
    size_t most = seen->count + follow->gone_count;

    follow->places = msp_calloc(most, sizeof(*follow->places));
    follow->order = msp_alloc_array(seen->count, sizeof(struct view_place *));
    follow->come = msp_alloc_array(seen->count, sizeof(*follow->come));
    if (follow->places == NULL || follow->order == NULL || follow->come == NULL)
        return false;
    for (; follow->count < seen->count; follow->count++) {
        follow->places[follow->count].seen = *MSP_ARRAY_AT(struct view_seen, seen, follow->count);
        follow->places[follow->count].is = true;
    }
    for (size_t i = 0; i < follow->gone_count; i++) {
        struct view_place lost = { .was = true, .old = follow->gone[i] };
        struct view_place *place;

        lost.seen.id = view_leaf_id(rows, follow->gone[i]);
        place = bsearch(&lost, follow->places, seen->count, sizeof(lost), compare_places);
        if (place == NULL)
            place = &follow->places[follow->count++];
        else
            lost.seen = place->seen;
        lost.is = place->is;
        *place = lost;
    }
    return true;
}

size_t view_following_gone_before(const struct view_following *follow, size_t leaf)
{
    size_t low = 0;
    size_t high = follow->gone_count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (follow->gone[mid] < leaf)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

size_t view_following_gone_before_kept(const struct view_following *follow, size_t i)
{
    size_t low = 0;
    size_t high = follow->gone_count;

    /* As many as have fewer than i + 1 others before them. */
    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (follow->gone[mid] - mid <= i)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static struct view_bytes place_key(
        const struct view_following *follow, const struct view_place *place)
{
    struct view_bytes key = { follow->keys.data + place->seen.key_at, place->seen.key_size };

    return key;
}

/* Is the i-th of the leaves that were not touched before the place? */
static HRESULT is_before(
        struct view_following *follow, size_t i, const struct view_place *place, bool *out)
{
    struct view_bytes key;
    HRESULT hr;

    msp_buf_clear(&follow->other);
    hr = view_put_leaf_key(follow->call, follow->view,
            i + view_following_gone_before_kept(follow, i), follow->with_props, &follow->other);
    if (hr == MAPI_E_NOT_FOUND)
        follow->lost = true;
    key = (struct view_bytes){ follow->other.data, follow->other.size };
    if (SUCCEEDED(hr))
        *out = view_compare_bytes(key, place_key(follow, place)) < 0;
    return hr;
}

HRESULT view_following_find(
        struct view_following *follow, struct view_place *place, size_t low, size_t high)
{
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
void view_following_order_by_key(struct view_following *follow)
{
    for (size_t i = 0; i < follow->count; i++) {
        struct view_place *place = &follow->places[i];
        size_t at = follow->order_count;

        if (!place->is)
            continue;
        while (at > 0 && view_compare_bytes(place_key(follow, place),
                                 place_key(follow, follow->order[at - 1])) < 0) {
            follow->order[at] = follow->order[at - 1];
            at--;
        }
        follow->order[at] = place;
        follow->order_count++;
    }
}

static void fill_come(struct view_following *follow)
{
    for (size_t i = 0; i < follow->order_count; i++) {
        const struct view_place *place = follow->order[i];

        follow->come[i].position = place->position;
        follow->come[i].old = place->was ? place->old : SIZE_MAX;
    }
}

static int compare_positions(const void *a, const void *b)
{
    size_t x = (*(struct view_place *const *)a)->position;
    size_t y = (*(struct view_place *const *)b)->position;

    return (x > y) - (x < y);
}

void view_following_order_by_position(struct view_following *follow)
{
    if (follow->order_count > 1)
        qsort(follow->order, follow->order_count, sizeof(struct view_place *), compare_positions);
    fill_come(follow);
}

/* Among all leaves. */
static HRESULT find_places(struct view_following *follow)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; i < follow->order_count && SUCCEEDED(hr); i++) {
        if (msp_domain_is_stopping(follow->call->domain))
            return MAPI_E_INVALID_OBJECT;
        hr = view_following_find(follow, follow->order[i], 0, follow->kept);
        follow->order[i]->position = follow->order[i]->before + i;
    }
    fill_come(follow);
    return hr;
}

/* --- changing the rows ------------------------------------------------------------------------ */

static bool make_events(const struct view_following *follow, struct msp_array *out)
{
    for (size_t i = 0; i < follow->count; i++) {
        const struct view_place *place = &follow->places[i];
        struct view_event event = { VIEW_ROW_DELETED, place->seen.id, 0 };

        if (!place->is && msp_array_push(out, &event) == NULL)
            return false;
    }
    for (size_t i = 0; i < follow->order_count; i++) {
        const struct view_place *place = follow->order[i];
        struct view_event event = { place->was ? VIEW_ROW_MODIFIED : VIEW_ROW_ADDED, place->seen.id,
            place->position };

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

/* Some rows have only been placed anew: which of them are told of is found by comparing. */
static HRESULT replace_rows(struct view_following *follow)
{
    struct view_rows next = { 0 };
    HRESULT hr = view_following_assemble(follow, &next);

    next.visible_count = next.leaf_count;
    if (SUCCEEDED(hr))
        hr = view_replace(follow->call, follow->view, &next, follow->changes);
    view_rows_free(&next);
    return hr;
}

static HRESULT change_rows(struct view_following *follow)
{
    if (follow->view->order.level_count > 0)
        return view_regroup(follow);
    return follow->changes->placed.count > 0 ? replace_rows(follow) : apply(follow);
}

/* The rows that have changed in any way, by id. */
static bool list_ids(struct view_following *follow)
{
    const struct msp_array *lists[] = { &follow->changes->ids, &follow->changes->placed };

    for (size_t i = 0; i < MSP_COUNT_OF(lists); i++) {
        for (size_t k = 0; k < lists[i]->count; k++) {
            if (msp_array_push(&follow->ids, MSP_ARRAY_AT(uint64_t, lists[i], k)) == NULL)
                return false;
        }
    }
    sort_ids(&follow->ids);
    return true;
}

static HRESULT follow_rows(struct view_following *follow)
{
    struct msp_array seen = MSP_ARRAY_INIT(struct view_seen);
    struct msp_array gone = MSP_ARRAY_INIT(size_t);
    HRESULT hr = list_ids(follow) ? look_at_all(follow, &seen) : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr) && !find_gone(follow, &gone))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    follow->gone = msp_array_steal(&gone, &follow->gone_count);
    follow->kept = follow->view->rows.leaf_count - follow->gone_count;
    if (SUCCEEDED(hr) && !make_places(follow, &seen))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (SUCCEEDED(hr)) {
        view_following_order_by_key(follow);
        if (!view_has_aggregates(&follow->view->order))
            hr = find_places(follow);
    }
    if (SUCCEEDED(hr))
        hr = change_rows(follow);
    msp_array_free(&seen);
    return hr;
}

HRESULT view_follow(struct msp_call *call, struct view *view, const struct view_changes *changes,
        bool *out_done)
{
    struct view_following follow = { .call = call, .view = view, .changes = changes };
    HRESULT hr;

    *out_done = false;
    if (!can_follow(view, changes))
        return S_OK;
    follow.with_props = view_needs_props(view);
    view_rows_make_low(&view->rows);
    hr = view_stay(call, view, changes, follow.with_props, out_done);
    if (FAILED(hr) || *out_done)
        return hr;
    msp_array_init(&follow.ids, sizeof(uint64_t));
    msp_array_init(&follow.pieces, sizeof(struct view_piece));
    msp_array_init(&follow.marks, sizeof(uint32_t));
    hr = follow_rows(&follow);
    *out_done = SUCCEEDED(hr);
    msp_buf_free(&follow.keys);
    msp_buf_free(&follow.other);
    msp_array_free(&follow.ids);
    msp_array_free(&follow.pieces);
    msp_array_free(&follow.marks);
    msp_free(follow.moved);
    msp_free(follow.gone);
    msp_free(follow.places);
    msp_free(follow.order);
    msp_free(follow.come);
    return follow.lost ? S_OK : hr;
}
