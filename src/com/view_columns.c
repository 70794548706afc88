/* SPDX-License-Identifier: MIT */
/*
 * view_columns.c - evaluating a view over columns: no row is read.
 *
 * Owns:  the numbers of the rows that match, until view_columns_close().
 * Locks: everything runs under the domain lock, within a transaction.
 */
#include "com/view_columns.h"

#include <string.h>

#include "mapi/restrict_columns.h"
#include "util/alloc.h"
#include "util/bytes.h"

enum {
    CHECK_EVERY = 4096 /* rows between two looks at the domain */
};

static bool is_stopped(const struct view_columns *columns, size_t leaf)
{
    return leaf % CHECK_EVERY == 0 && msp_call_is_stopped(columns->call);
}

/* --- which columns ---------------------------------------------------------------------------- */

struct tag_list {
    struct msp_buf tags; /* ULONG */
};

static void add_tag(void *context, ULONG tag)
{
    struct tag_list *list = context;

    msp_buf_append(&list->tags, &tag, sizeof(tag));
}

bool view_columns_is_other_order(const struct view_order *order)
{
    return order->key_count > 0 && order->keys[0].tag != PR_MESSAGE_DELIVERY_TIME;
}

static HRESULT get_columns(
        struct view_columns *columns, const struct restrict_program *program, bool for_order)
{
    const struct view_order *order = &columns->view->order;
    bool by_id = for_order && program == NULL && view_columns_is_other_order(order);
    struct table_source *source = columns->view->source;
    struct tag_list list = { MSP_BUF_INIT };
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if (program != NULL)
        restrict_tags(program, add_tag, &list);
    for (size_t i = 0; i < order->key_count && for_order; i++)
        add_tag(&list, order->keys[i].tag);
    for (size_t i = 0; i < order->level_count && for_order; i++) {
        add_tag(&list, PR_MESSAGE_FLAGS);
        if (order->levels[i].aggregate != 0)
            add_tag(&list, order->levels[i].aggregate);
    }
    if (!list.tags.failed)
        hr = source->ops->columns_get(columns->call, source,
                (const ULONG *)(const void *)list.tags.data, list.tags.size / sizeof(ULONG), by_id,
                &columns->data);
    msp_buf_free(&list.tags);
    return hr;
}

static bool get_column(const struct view_columns *columns, ULONG tag, struct propcolumn *out)
{
    struct table_source *source = columns->view->source;

    return !view_is_own_column(tag) && source->ops->column(source, &columns->data, tag, out);
}

static void row_at(
        struct view_columns *columns, size_t index, struct table_row *room, struct view_row *out)
{
    struct table_source *source = columns->view->source;

    source->ops->column_row(source, &columns->data, index, room);
    *out = (struct view_row){ columns->view, NULL, room, 0 };
}

/* --- which rows ------------------------------------------------------------------------------- */

struct matching {
    struct view_columns *columns;
    HRESULT hr;
};

static bool matching_column(void *context, ULONG tag, struct propcolumn *out)
{
    const struct matching *matching = context;

    return get_column(matching->columns, tag, out);
}

static bool matching_row(
        void *context, const struct restrict_program *program, size_t node, size_t row)
{
    struct matching *matching = context;
    struct table_row room;
    struct view_row leaf;

    if (FAILED(matching->hr))
        return false;
    row_at(matching->columns, row, &room, &leaf);
    return view_row_match_node(&leaf, program, node, &matching->hr);
}

static bool matching_goes_on(void *context)
{
    struct matching *matching = context;

    if (SUCCEEDED(matching->hr) && msp_call_is_stopped(matching->columns->call))
        matching->hr = MAPI_E_INVALID_OBJECT;
    return SUCCEEDED(matching->hr);
}

static size_t count_bits(const uint64_t *bits, size_t words)
{
    size_t count = 0;

    for (size_t i = 0; i < words; i++) {
        for (uint64_t left = bits[i]; left != 0; left &= left - 1)
            count++;
    }
    return count;
}

static HRESULT pick(struct view_columns *columns)
{
    size_t words = restrict_bits_words(columns->data.count);
    size_t at = 0;

    columns->count = count_bits(columns->bits, words);
    columns->picked = msp_alloc_array(columns->count, sizeof(*columns->picked));
    if (columns->picked == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < words; i++) {
        for (size_t bit = 0; bit < 64 && columns->bits[i] >> bit != 0; bit++) {
            if ((columns->bits[i] >> bit & 1) != 0)
                columns->picked[at++] = (uint32_t)(i * 64 + bit);
        }
    }
    return S_OK;
}

static HRESULT match(struct view_columns *columns, const struct restrict_program *program)
{
    struct matching matching = { columns, S_OK };
    const struct restrict_rows rows = { .context = &matching,
        .count = columns->data.count,
        .column = matching_column,
        .match = matching_row,
        .go_on = matching_goes_on };
    size_t words = restrict_bits_words(columns->data.count);

    columns->bits = msp_alloc_array(words, sizeof(*columns->bits));
    if (columns->bits == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memset(columns->bits, 0xFF, words * sizeof(*columns->bits));
    if (columns->data.count % 64 != 0)
        columns->bits[words - 1] = ((uint64_t)1 << columns->data.count % 64) - 1;
    if (!restrict_match_rows(program, &rows, columns->bits))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    return SUCCEEDED(matching.hr) ? pick(columns) : matching.hr;
}

HRESULT view_columns_open(struct msp_call *call, struct view *view,
        const struct restrict_program *program, bool for_order, struct view_columns *out)
{
    HRESULT hr;

    memset(out, 0, sizeof(*out));
    out->call = call;
    out->view = view;
    if (view->source->ops->columns_get == NULL || view->mvi_count > 0)
        return MAPI_E_NO_SUPPORT;
    hr = get_columns(out, program, for_order);
    if (FAILED(hr))
        return hr;
    out->count = out->data.count;
    if (program != NULL)
        hr = match(out, program);
    if (FAILED(hr))
        view_columns_close(out);
    return hr;
}

void view_columns_close(struct view_columns *columns)
{
    msp_free(columns->bits);
    msp_free(columns->picked);
    columns->bits = NULL;
    columns->picked = NULL;
}

/* --- what becomes of them --------------------------------------------------------------------- */

HRESULT view_columns_put_ids(const struct view_columns *columns, struct msp_buf *ids)
{
    uint64_t *to;

    if (columns->picked == NULL)
        return msp_buf_append(ids, columns->data.ids, columns->count * sizeof(*to))
                       ? S_OK
                       : MAPI_E_NOT_ENOUGH_MEMORY;
    to = (uint64_t *)(void *)msp_buf_extend(ids, columns->count * sizeof(*to));
    if (to == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < columns->count; i++)
        to[i] = columns->data.ids[columns->picked[i]];
    return S_OK;
}

HRESULT view_columns_put_unread(const struct view_columns *columns, struct msp_buf *unread)
{
    struct propcolumn flags;
    uint8_t *to = msp_buf_extend(unread, columns->count);

    if (!get_column(columns, PR_MESSAGE_FLAGS, &flags))
        return MAPI_E_NO_SUPPORT;
    if (to == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < columns->count; i++)
        to[i] = (propcolumn_number(&flags, view_columns_row(columns, i)) & MSGFLAG_READ) == 0;
    return S_OK;
}

/* One part of the sort key, and where it comes from. */
struct part {
    struct view_key key;
    struct propcolumn column;
    bool is_column;
};

static void get_part(
        const struct view_columns *columns, const struct view_key *key, struct part *out)
{
    out->key = *key;
    out->is_column =
            get_column(columns, key->tag, &out->column) && view_key_fits_column(&out->column, key);
}

static HRESULT put_part(
        struct view_columns *columns, const struct part *part, size_t row, struct msp_buf *keys)
{
    struct table_row room;
    struct view_row leaf;

    if (part->is_column)
        return view_key_put_column(&part->column, row, &part->key, keys) ? S_OK
                                                                         : MAPI_E_NOT_ENOUGH_MEMORY;
    row_at(columns, row, &room, &leaf);
    return view_put_key_part(&leaf, &part->key, keys);
}

/* The parts of each leaf, one after the other, and where each leaf's begin. */
static HRESULT put_parts(struct view_columns *columns, const struct part *parts, size_t part_count,
        struct msp_buf *keys, struct msp_buf *offsets)
{
    size_t *to = (size_t *)(void *)msp_buf_extend(offsets, columns->count * sizeof(*to));
    HRESULT hr = S_OK;

    if (to == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < columns->count && SUCCEEDED(hr); i++) {
        if (is_stopped(columns, i))
            return MAPI_E_INVALID_OBJECT;
        to[i] = keys->size;
        for (size_t k = 0; k < part_count && SUCCEEDED(hr); k++)
            hr = put_part(columns, &parts[k], view_columns_row(columns, i), keys);
    }
    return hr;
}

HRESULT view_columns_put_keys(
        struct view_columns *columns, struct msp_buf *keys, struct msp_buf *offsets)
{
    const struct view_order *order = &columns->view->order;
    struct part parts[VIEW_MAX_SORTS];

    for (size_t i = 0; i < order->key_count; i++)
        get_part(columns, &order->keys[i], &parts[i]);
    return put_parts(columns, parts, order->key_count, keys, offsets);
}

HRESULT view_columns_put_aggregates(
        struct view_columns *columns, struct msp_buf *keys, struct msp_buf *offsets)
{
    const struct view_order *order = &columns->view->order;
    struct part parts[VIEW_MAX_SORTS];
    size_t count = 0;

    for (size_t i = 0; i < order->level_count; i++) {
        struct view_key key = { order->levels[i].aggregate, false };

        if (key.tag != 0)
            get_part(columns, &key, &parts[count++]);
    }
    return put_parts(columns, parts, count, keys, offsets);
}

/* --- orders that are one number --------------------------------------------------------------- */

/* The leaves that have a value, with it, as entries in default order; returns how many. */
static size_t put_entries(const struct view_columns *columns, const struct propcolumn *column,
        bool descending, struct view_entry *entries, bool *is_sorted, bool *is_reversed)
{
    size_t count = 0;

    *is_sorted = true;
    *is_reversed = true;
    for (size_t i = 0; i < columns->count; i++) {
        size_t row = view_columns_row(columns, i);

        if (!propcolumn_has(column, row))
            continue;
        entries[count].prefix = view_key_number(column, row, descending);
        entries[count].index = (uint32_t)row;
        if (count > 0) {
            *is_sorted &= entries[count - 1].prefix <= entries[count].prefix;
            *is_reversed &= entries[count - 1].prefix >= entries[count].prefix;
        }
        count++;
    }
    return count;
}

/* Ids of entries that descend: the other way around, but equal ones as they are. */
static uint64_t *put_reversed(
        const uint64_t *ids, const struct view_entry *entries, size_t count, uint64_t *to)
{
    size_t end = count;

    while (end > 0) {
        size_t begin = end - 1;

        while (begin > 0 && entries[begin - 1].prefix == entries[end - 1].prefix)
            begin--;
        for (size_t i = begin; i < end; i++)
            *to++ = ids[entries[i].index];
        end = begin;
    }
    return to;
}

static HRESULT put_numbers(const struct view_columns *columns, const struct propcolumn *column,
        bool descending, struct view_entry *entries, uint64_t *to)
{
    const uint64_t *ids = columns->data.ids;
    bool is_sorted;
    bool is_reversed;
    size_t count = put_entries(columns, column, descending, entries, &is_sorted, &is_reversed);
    HRESULT hr = S_OK;

    if (!is_sorted && is_reversed) {
        to = put_reversed(ids, entries, count, to);
    } else {
        if (!is_sorted)
            hr = view_sort_numbers(columns->call, entries, count);
        for (size_t i = 0; i < count; i++)
            *to++ = ids[entries[i].index];
    }
    for (size_t i = 0; i < columns->count && count < columns->count; i++) { /* absent: last */
        size_t row = view_columns_row(columns, i);

        if (!propcolumn_has(column, row))
            *to++ = ids[row];
    }
    return hr;
}

/* Are these times of all rows, and in their order already? Those that are absent come first then;
 * they end at *out_first. */
static bool are_times_in_order(
        const struct view_columns *columns, const struct propcolumn *column, size_t *out_first)
{
    const uint64_t *times = column->numbers;
    size_t count = columns->count;
    size_t first = 0;

    if (column->kind != PROPCOLUMN_TIME || columns->picked != NULL)
        return false;
    while (first < count && !propcolumn_has(column, first))
        first++;
    for (size_t i = 1; i < count; i++) {
        if (times[i - 1] > times[i])
            return false;
    }
    *out_first = first;
    return true;
}

/* Most tables are by delivery, which is the order that the columns are in: nothing is made per row
 * then but the ids. */
static void put_times(const struct view_columns *columns, const struct propcolumn *column,
        size_t first, bool descending, uint64_t *to)
{
    const uint64_t *times = column->numbers;
    const uint64_t *ids = columns->data.ids;
    size_t end = columns->count;

    if (!descending)
        memcpy(to, ids + first, (end - first) * sizeof(*ids));
    while (descending && end > first) {
        size_t begin = end - 1;

        while (begin > first && times[begin - 1] == times[end - 1])
            begin--;
        for (size_t i = begin; i < end; i++)
            *to++ = ids[i];
        end = begin;
    }
    memcpy(descending ? to : to + end - first, ids, first * sizeof(*ids));
}

static HRESULT put_entries_sorted(const struct view_columns *columns,
        const struct propcolumn *column, bool descending, uint64_t *to)
{
    struct view_entry *entries = msp_alloc_array(columns->count, sizeof(*entries));
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if (entries != NULL)
        hr = put_numbers(columns, column, descending, entries, to);
    msp_free(entries);
    return hr;
}

HRESULT view_columns_put_sorted(const struct view_columns *columns, struct msp_buf *ids)
{
    const struct view_order *order = &columns->view->order;
    const struct view_key *key = &order->keys[0];
    struct propcolumn column;
    size_t first = 0;
    uint64_t *to;

    if (order->key_count != 1 || order->level_count > 0 ||
            !get_column(columns, key->tag, &column) || column.kind == PROPCOLUMN_TEXT ||
            !view_key_fits_column(&column, key))
        return MAPI_E_NO_SUPPORT;
    to = (uint64_t *)(void *)msp_buf_extend(ids, columns->count * sizeof(*to));
    if (to == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (!are_times_in_order(columns, &column, &first))
        return put_entries_sorted(columns, &column, key->descending, to);
    put_times(columns, &column, first, key->descending, to);
    return S_OK;
}
