/* SPDX-License-Identifier: MIT */
/*
 * view_follow.c - a view that follows what is committed, row by row.
 *
 * The journal says which rows may have changed since the view was evaluated. Where rows have a
 * place that can be told from their own values (no headings, no instances, a source with an order
 * key), each of them is taken out and put into its new place, which is found by halving: the cost
 * grows with the change, but for moving a few bytes per row.
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
#include "util/hash.h"

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

/* A row that may have changed. */
struct place {
    uint64_t id;
    bool was;        /* it has been a row of the view... */
    size_t old;      /* ...here */
    bool is;         /* it is one now... */
    size_t before;   /* ...in front of this one of the rows that were not touched... */
    size_t position; /* ...which makes this its position */
    bool is_unread;  /* of rows under headings */
    size_t key_at;   /* in follow.keys */
    size_t key_size;
};

struct follow {
    struct msp_call *call;
    struct view *view;
    struct place *places; /* by id */
    size_t count;
    struct place **order; /* those that are rows, in their order */
    size_t order_count;
    size_t *gone; /* old positions of touched rows, ascending */
    size_t gone_count;
    size_t kept; /* rows that were not touched */
    struct msp_buf keys;
    bool with_props;
    bool lost; /* a row could not be read: all are to be evaluated again */
};

/* Headings that are ordered by what is below them may all move. */
static bool has_aggregates(const struct view_order *order)
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
           !has_aggregates(&view->order) && view->mvi_count == 0 && changes->ids.count <= most;
}

/* Which of the rows are touched ones. */
static void find_old(struct follow *follow)
{
    const struct view_rows *rows = &follow->view->rows;
    uint64_t filter = 0;

    for (size_t i = 0; i < follow->count; i++)
        filter |= (uint64_t)1 << (msp_hash_u64(follow->places[i].id) & 63);
    for (size_t i = 0; i < rows->leaf_count && follow->gone_count < follow->count; i++) {
        uint64_t id = rows->ids[i];
        struct place *place;

        if (follow->count == 1 ? id != follow->places[0].id
                               : (filter >> (msp_hash_u64(id) & 63) & 1) == 0)
            continue;
        /* struct place begins with its id. */
        place = bsearch(&id, follow->places, follow->count, sizeof(*place), compare_ids);
        if (place == NULL)
            continue;
        place->was = true;
        place->old = i;
        follow->gone[follow->gone_count++] = i;
    }
    follow->kept = rows->leaf_count - follow->gone_count;
}

/* The position of the i-th row that was not touched. */
static size_t kept_position(const struct follow *follow, size_t i)
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
static HRESULT look_at(struct follow *follow, struct place *place)
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
static HRESULT is_before(struct follow *follow, size_t i, const struct place *place, bool *out)
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

static HRESULT find_place(struct follow *follow, struct place *place)
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
static void order_places(struct follow *follow)
{
    for (size_t i = 0; i < follow->count; i++) {
        struct place *place = &follow->places[i];
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
    for (size_t i = 0; i < follow->order_count; i++)
        follow->order[i]->position = follow->order[i]->before + i;
}

static HRESULT read_all(struct follow *follow)
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

/* --- the places of cursor and bookmarks ------------------------------------------------------- */

/* Where the i-th row that was not touched is now. */
static size_t shifted(const struct follow *follow, size_t i)
{
    size_t count = 0;

    while (count < follow->order_count && follow->order[count]->before <= i)
        count++;
    return i + count;
}

/* The row at an old position, now; false: it is gone. */
static bool row_now(const struct follow *follow, size_t old, size_t *out)
{
    size_t touched = 0;

    while (touched < follow->gone_count && follow->gone[touched] < old)
        touched++;
    if (touched == follow->gone_count || follow->gone[touched] != old) {
        *out = shifted(follow, old - touched);
        return true;
    }
    for (size_t i = 0; i < follow->order_count; i++) {
        if (!follow->order[i]->was || follow->order[i]->old != old)
            continue;
        *out = follow->order[i]->position;
        return true;
    }
    return false;
}

/* As view_reanchor() moves a place: on its row, or the next one that is still there, or behind the
 * nearest one before. */
static size_t place_now(const struct follow *follow, size_t place, bool *moved)
{
    size_t count = follow->view->rows.leaf_count;
    size_t found;

    for (size_t i = place; i < count; i++) {
        if (row_now(follow, i, &found)) {
            *moved |= i != place;
            return found;
        }
    }
    *moved |= place < count;
    for (size_t i = place; i-- > 0;) {
        if (row_now(follow, i, &found))
            return found + 1;
    }
    return 0;
}

static void move_places(struct follow *follow)
{
    struct view *view = follow->view;
    struct view_bookmark *bookmarks = MSP_ARRAY_ITEMS(struct view_bookmark, &view->bookmarks);
    bool moved = false;

    if (view->cursor > 0)
        view->cursor = place_now(follow, view->cursor, &moved);
    for (size_t i = 0; i < view->bookmarks.count; i++)
        bookmarks[i].position = place_now(follow, bookmarks[i].position, &bookmarks[i].moved);
}

/* --- changing the rows ------------------------------------------------------------------------ */

static bool make_room(struct view_rows *rows, size_t count)
{
    size_t room = count + count / 32 + 16;
    uint64_t *ids;

    if (count <= msp_max(rows->ids_room, rows->leaf_count))
        return true;
    ids = msp_realloc_array(rows->ids, room, sizeof(*ids));
    if (ids == NULL)
        return false;
    rows->ids = ids;
    rows->ids_room = room;
    return true;
}

static void move_ids(uint64_t *ids, size_t to, size_t from, size_t count)
{
    if (count > 0 && to != from)
        memmove(ids + to, ids + from, count * sizeof(*ids));
}

/* Cannot fail: there is room. */
static void change_rows(struct follow *follow)
{
    struct view_rows *rows = &follow->view->rows;
    size_t end = follow->kept;

    for (size_t i = 0; i < follow->gone_count; i++) {
        size_t next = i + 1 < follow->gone_count ? follow->gone[i + 1] : rows->leaf_count;

        move_ids(rows->ids, follow->gone[i] - i, follow->gone[i] + 1, next - follow->gone[i] - 1);
    }
    for (size_t i = follow->order_count; i-- > 0;) {
        const struct place *place = follow->order[i];

        move_ids(rows->ids, place->before + i + 1, place->before, end - place->before);
        rows->ids[place->position] = place->id;
        end = place->before;
    }
    rows->ids_room = msp_max(rows->ids_room, rows->leaf_count);
    rows->leaf_count = rows->visible_count = follow->kept + follow->order_count;
}

static bool make_events(const struct follow *follow, struct msp_array *out)
{
    for (size_t i = 0; i < follow->count; i++) {
        const struct place *place = &follow->places[i];
        struct view_event event = { VIEW_ROW_DELETED, { place->id, 0 }, 0 };

        if (place->was && !place->is && msp_array_push(out, &event) == NULL)
            return false;
    }
    for (size_t i = 0; i < follow->order_count; i++) {
        const struct place *place = follow->order[i];
        struct view_event event = { place->was ? VIEW_ROW_MODIFIED : VIEW_ROW_ADDED,
            { place->id, 0 }, place->position };

        if (msp_array_push(out, &event) == NULL)
            return false;
    }
    return true;
}

/* Everything is read. */
static HRESULT apply(struct follow *follow)
{
    struct view *view = follow->view;
    struct msp_array events = MSP_ARRAY_INIT(struct view_event);
    bool ok = view->watch == NULL || make_events(follow, &events);

    if (!make_room(&view->rows, follow->kept + follow->order_count)) {
        msp_array_free(&events);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    move_places(follow);
    change_rows(follow);
    if (view->watch != NULL && !ok)
        view->watch->changed(view->watch, follow->call, NULL, 0);
    else if (view->watch != NULL && events.count > 0)
        view->watch->changed(view->watch, follow->call, MSP_ARRAY_ITEMS(struct view_event, &events),
                events.count);
    msp_array_free(&events);
    return S_OK;
}

/* --- rows under headings ---------------------------------------------------------------------- */

/* The leaves in their new order, in new arrays. */
static bool copy_leaves(const struct follow *follow, struct view_rows *rows)
{
    const struct view_rows *old = &follow->view->rows;
    size_t next = 0; /* of follow->order */
    size_t gone = 0;
    size_t from = 0;
    size_t kept = 0;
    size_t to = 0;

    rows->leaf_count = follow->kept + follow->order_count;
    rows->ids = msp_alloc_array(rows->leaf_count, sizeof(*rows->ids));
    rows->unread = msp_alloc(rows->leaf_count);
    if (rows->ids == NULL || rows->unread == NULL)
        return false;
    for (;;) {
        size_t stop = gone < follow->gone_count ? follow->gone[gone] : old->leaf_count;
        size_t count = stop - from;

        if (next < follow->order_count)
            count = msp_min(count, follow->order[next]->before - kept);
        memcpy(rows->ids + to, old->ids + from, count * sizeof(*rows->ids));
        memcpy(rows->unread + to, old->unread + from, count);
        from += count;
        kept += count;
        to += count;
        if (next < follow->order_count && follow->order[next]->before == kept) {
            rows->ids[to] = follow->order[next]->id;
            rows->unread[to++] = follow->order[next++]->is_unread;
        } else if (gone < follow->gone_count) { /* passed over */
            gone++;
            from++;
        } else {
            return true;
        }
    }
}

static bool put_run(struct msp_array *runs, const uint8_t *key, size_t key_size, size_t count)
{
    struct view_run run = { key, key_size, count };

    return count == 0 || msp_array_push(runs, &run) != NULL;
}

/* Rows that come before the i-th of those that were not touched. */
static bool put_new_runs(const struct follow *follow, size_t i, size_t *next, struct msp_array *out)
{
    for (; *next < follow->order_count && follow->order[*next]->before <= i; (*next)++) {
        const struct place *place = follow->order[*next];

        if (!put_run(out, follow->keys.data + place->key_at, place->key_size, 1))
            return false;
    }
    return true;
}

/* What is left of one category, and the rows that have come between its own. */
static bool put_category_runs(const struct follow *follow, const struct view_category *category,
        size_t *kept, size_t end, size_t *next, struct msp_array *out)
{
    const uint8_t *key = follow->view->rows.category_keys + category->key_offset;

    while (*kept < end) {
        size_t stop = end;

        if (!put_new_runs(follow, *kept, next, out))
            return false;
        if (*next < follow->order_count)
            stop = msp_min(end, follow->order[*next]->before);
        if (!put_run(out, key, category->key_size, stop - *kept))
            return false;
        *kept = stop;
    }
    return true;
}

static bool make_runs(const struct follow *follow, struct msp_array *out)
{
    const struct view_rows *rows = &follow->view->rows;
    size_t gone = 0;
    size_t next = 0;
    size_t kept = 0;

    for (size_t i = 0; i < rows->category_count; i++) {
        const struct view_category *category = &rows->categories[i];
        size_t end = kept + category->leaf_end - category->leaf_first;

        if (category->level + 1 < follow->view->order.level_count)
            continue; /* the innermost ones have all leaves */
        for (; gone < follow->gone_count && follow->gone[gone] < category->leaf_end; gone++)
            end--;
        if (!put_category_runs(follow, category, &kept, end, &next, out))
            return false;
    }
    return put_new_runs(follow, follow->kept, &next, out);
}

static HRESULT regroup(struct follow *follow, struct view_rows *rows)
{
    struct msp_array runs = MSP_ARRAY_INIT(struct view_run);
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if (copy_leaves(follow, rows) && make_runs(follow, &runs))
        hr = view_group_runs(follow->call, follow->view, MSP_ARRAY_ITEMS(struct view_run, &runs),
                runs.count, rows);
    if (FAILED(hr))
        view_rows_free(rows);
    msp_array_free(&runs);
    return hr;
}

HRESULT view_follow(struct msp_call *call, struct view *view, const struct view_changes *changes,
        bool *out_done, struct view_rows *rows)
{
    struct follow follow = { .call = call, .view = view, .count = changes->ids.count };
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
    follow.order = msp_alloc_array(follow.count, sizeof(struct place *));
    follow.gone = msp_alloc_array(follow.count, sizeof(*follow.gone));
    if (follow.places != NULL && follow.order != NULL && follow.gone != NULL) {
        for (size_t i = 0; i < follow.count; i++)
            follow.places[i].id = *MSP_ARRAY_AT(uint64_t, &changes->ids, i);
        find_old(&follow);
        hr = read_all(&follow);
    }
    if (SUCCEEDED(hr)) {
        order_places(&follow);
        hr = view->order.level_count > 0 ? regroup(&follow, rows) : apply(&follow);
    }
    *out_done = SUCCEEDED(hr) && view->order.level_count == 0;
    msp_buf_free(&follow.keys);
    msp_free(follow.places);
    msp_free(follow.order);
    msp_free(follow.gone);
    return follow.lost ? S_OK : hr;
}
