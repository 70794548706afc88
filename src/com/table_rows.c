/* SPDX-License-Identifier: MIT */
/*
 * table_rows.c - rows handed to the client, and which columns they can have.
 *
 * Owns:  a row set until it is handed out.
 * Locks: everything runs under the domain lock.
 */
#include "com/table_impl.h"

#include <string.h>

#include "com/logon.h"
#include "com/view_columns.h"
#include "util/alloc.h"
#include "util/bytes.h"
#include "util/utf.h"

enum {
    CHECK_EVERY = 64, /* rows read between two looks at the domain */
    NEAR_MIN = 128,   /* rows; fewer are read one by one as quickly */
    NEAR_FACTOR = 3,  /* so many may be passed over for one that is wanted */
    NEAR_LOOKS = 64   /* ids looked at for a row, at most, over all of them */
};

/* --- rows come within a transaction ----------------------------------------------------------- */

HRESULT table_enter_head(struct msp_call *call, struct table *table, size_t needed)
{
    struct eng *eng = table->logon->eng;
    HRESULT hr;

    hr = msp_from_engine(call, eng, eng_begin(eng, false));
    if (FAILED(hr))
        return hr;
    hr = needed < SIZE_MAX ? view_sync_head(call, &table->view, needed)
                           : view_sync(call, &table->view);
    if (FAILED(hr))
        eng_rollback(eng);
    return hr;
}

HRESULT table_enter(struct msp_call *call, struct table *table)
{
    return table_enter_head(call, table, SIZE_MAX);
}

void table_leave(struct table *table)
{
    (void)eng_commit(table->logon->eng); /* nothing was written */
}

HRESULT table_row_read(struct msp_call *call, struct table *table, size_t position, bool with_props,
        struct table_row *room, struct view_row *out)
{
    struct view *view = &table->view;
    struct table_source *source = table->source;
    size_t leaf;

    out->view = view;
    out->category = view_at(view, position, &leaf);
    if (out->category != NULL)
        leaf = out->category->leaf_first;
    out->row = room;
    out->instance = view->rows.instances != NULL ? view->rows.instances[leaf] : 0;
    return source->ops->read(call, source, view->rows.ids[leaf], with_props, room);
}

/* --- which columns there are ------------------------------------------------------------------ */

void table_columns_add(struct msp_buf *tags, ULONG tag)
{
    const ULONG *known = (const ULONG *)(const void *)tags->data;

    for (size_t i = 0; i < tags->size / sizeof(ULONG); i++) {
        if (PROP_ID(known[i]) == PROP_ID(tag))
            return;
    }
    msp_buf_append(tags, &tag, sizeof(tag));
}

bool table_columns_add_row(void *context, const struct table_row *row)
{
    struct table_columns *columns = context;

    for (size_t i = 0; i < packed_count(row->packed, row->packed_size); i++) {
        struct bag_value value;

        packed_at(row->packed, row->packed_size, i, &value);
        table_columns_add(columns->tags, value.tag);
    }
    return --columns->rows_left > 0;
}

/* --- cells for the client --------------------------------------------------------------------- */

/* A large text as rows show it: cut to so many characters that a client knows it for cut. */
static HRESULT cut_text(struct prop_scratch *scratch, struct bag_value *cell)
{
    char16_t units[VIEW_COLUMN_CUT + 1];
    size_t count;
    size_t size;
    char *text;

    count = utf8_to_utf16((const char *)cell->data, cell->size, units, MSP_COUNT_OF(units));
    if (count <= VIEW_COLUMN_CUT)
        return S_OK;
    size = utf16_to_utf8(units, VIEW_COLUMN_CUT, NULL, 0);
    text = prop_scratch_take(scratch, size);
    if (text == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    (void)utf16_to_utf8(units, VIEW_COLUMN_CUT, text, size);
    cell->data = (const uint8_t *)text;
    cell->size = size;
    return S_OK;
}

static HRESULT cut_large(
        struct table_source *source, struct prop_scratch *scratch, struct bag_value *cell)
{
    const size_t most = 2 * (size_t)VIEW_COLUMN_CUT;
    HRESULT hr = S_OK;

    if ((cell->flags & BAG_LARGE) == 0 && cell->size <= PROP_INLINE_MAX)
        return S_OK;
    switch (PROP_TYPE(cell->tag)) {
    case PT_UNICODE:
        hr = view_large_head(source, 2 * most + 4, scratch, cell);
        return SUCCEEDED(hr) ? cut_text(scratch, cell) : hr;
    case PT_BINARY:
        hr = view_large_head(source, most, scratch, cell);
        cell->size = msp_min(cell->size, most);
        return hr;
    default:
        return S_OK; /* becomes MAPI_E_NOT_ENOUGH_MEMORY in its column */
    }
}

static HRESULT client_cell(
        void *context, ULONG tag, struct prop_scratch *scratch, struct bag_value *out)
{
    const struct view_row *row = context;
    HRESULT hr;

    hr = view_row_cell(row, tag, scratch, out);
    if (SUCCEEDED(hr))
        hr = cut_large(row->view->source, scratch, out);
    if (FAILED(hr) && hr != MAPI_E_NOT_ENOUGH_MEMORY)
        hr = MAPI_E_NOT_FOUND;
    return hr;
}

/* --- row sets --------------------------------------------------------------------------------- */

static void rows_free(const struct mapi_alloc *alloc, SRowSet *rows)
{
    for (ULONG i = 0; rows != NULL && i < rows->cRows; i++)
        mapibuf_free(alloc, rows->aRow[i].lpProps);
    mapibuf_free(alloc, rows);
}

static HRESULT decode_row(
        struct table *table, const struct mapi_alloc *alloc, struct view_row *row, SRow *out)
{
    HRESULT hr = prop_decode_row(alloc, table->decode_columns, table->column_count, table->unicode,
            client_cell, row, &out->lpProps);

    if (FAILED(hr))
        return hr;
    out->cValues = (ULONG)table->column_count;
    for (size_t i = 0; hr != S_OK && i < table->column_count; i++) {
        SPropValue *value = &out->lpProps[i];

        if (PROP_TYPE(value->ulPropTag) == PT_ERROR && value->Value.err == MAPI_E_CORRUPT_DATA)
            value->Value.err = MAPI_E_NOT_FOUND; /* unreadable is as good as missing here */
    }
    return S_OK;
}

HRESULT table_row_get(struct msp_call *call, struct table *table, const struct mapi_alloc *alloc,
        size_t position, SRow *out)
{
    struct table_row room;
    struct view_row row;
    HRESULT hr = table_row_read(call, table, position, table->columns_need_props, &room, &row);

    return SUCCEEDED(hr) ? decode_row(table, alloc, &row, out) : hr;
}

/* --- many rows that lie side by side ---------------------------------------------------------- */

/* Rows from columns, which are in default order; the table's own may be the same or the other way
 * around, or any. */
struct near_rows {
    struct eng_columns_part part; /* none: first is end */
    size_t at;                    /* the one taken last */
    bool is_backward;
    size_t looks;             /* what may still be spent on looking for rows */
    struct eng_columns by_id; /* none: ids is NULL */
};

/* Rows from the first of a window to the last, in order of delivery. */
static void open_part(struct msp_call *call, struct table *table, size_t first, size_t count,
        struct near_rows *out)
{
    const struct table_source_ops *ops = table->source->ops;
    struct view *view = &table->view;
    size_t ends[2];

    for (size_t i = 0; i < 2; i++) {
        const struct view_category *category =
                view_at(view, i == 0 ? first : first + count - 1, &ends[i]);

        if (category != NULL)
            ends[i] = category->leaf_first;
    }
    if (FAILED(ops->columns_near(call, table->source, table->decode_columns, table->column_count,
                view->rows.ids[ends[0]], view->rows.ids[ends[1]], count * NEAR_FACTOR, &out->part)))
        memset(&out->part, 0, sizeof(out->part));
    out->at = out->part.first;
    out->looks = count * NEAR_LOOKS;
}

static void open_by_id(
        struct msp_call *call, struct table *table, size_t count, struct near_rows *out)
{
    if (FAILED(table->source->ops->columns_by_id(call, table->source, table->decode_columns,
                table->column_count, count, &out->by_id)))
        memset(&out->by_id, 0, sizeof(out->by_id));
}

/* One of both: what the one gives is borrowed until the other is asked for. */
static void near_rows_open(struct msp_call *call, struct table *table, size_t first, size_t count,
        struct near_rows *out)
{
    const struct table_source_ops *ops = table->source->ops;
    bool is_other = view_columns_is_other_order(&table->view.order);

    memset(out, 0, sizeof(*out));
    if (count < NEAR_MIN || ops->columns_near == NULL || table->columns_need_props)
        return;
    if (is_other)
        open_by_id(call, table, count, out);
    if (out->by_id.ids == NULL)
        open_part(call, table, first, count, out);
    if (!is_other && out->part.first == out->part.end)
        open_by_id(call, table, count, out);
}

/* Finds a row: beside the last one as a rule. */
static bool near_rows_find(struct near_rows *rows, uint64_t id)
{
    const uint64_t *ids = rows->part.columns.ids;
    size_t first = rows->part.first;
    size_t end = rows->part.end;

    if (first == end)
        return false;
    for (int i = 0; i < 2; i++, rows->is_backward = !rows->is_backward) {
        size_t next = rows->is_backward ? rows->at - 1 : rows->at + 1; /* wraps around below 0 */

        if (next >= first && next < end && ids[next] == id) {
            rows->at = next;
            return true;
        }
    }
    for (size_t row = first; row < end && rows->looks > 0; row++, rows->looks--) {
        if (ids[row] == id) {
            rows->at = row;
            return true;
        }
    }
    return false;
}

/* Takes a row from columns. False: it is to be read. */
static bool near_rows_take(
        struct table *table, struct near_rows *rows, uint64_t id, struct table_row *out)
{
    const struct table_source_ops *ops = table->source->ops;
    size_t row;

    if (near_rows_find(rows, id))
        ops->column_row(table->source, &rows->part.columns, rows->at, out);
    else if (rows->by_id.ids != NULL && ops->column_find(table->source, id, &row))
        ops->column_row(table->source, &rows->by_id, row, out);
    else
        return false;
    return true;
}

static HRESULT near_row_get(struct msp_call *call, struct table *table, struct near_rows *rows,
        size_t position, SRow *out)
{
    struct view *view = &table->view;
    struct view_row row = { .view = view };
    struct table_row room;
    size_t leaf;

    row.category = view_at(view, position, &leaf);
    if (row.category != NULL)
        leaf = row.category->leaf_first;
    if (!near_rows_take(table, rows, view->rows.ids[leaf], &room))
        return table_row_get(call, table, &table->alloc, position, out);
    row.row = &room;
    row.instance = view->rows.instances != NULL ? view->rows.instances[leaf] : 0;
    return decode_row(table, &table->alloc, &row, out);
}

HRESULT table_rows_get(
        struct msp_call *call, struct table *table, size_t first, size_t count, LPSRowSet *out)
{
    struct near_rows near_rows;
    SRowSet *rows;
    void *block = NULL;
    size_t size;
    HRESULT hr;

    if (!msp_mul_ok(count, sizeof(SRow), &size) || !msp_add_ok(size, sizeof(SRowSet), &size))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = mapibuf_new(&table->alloc, size, &block);
    if (FAILED(hr))
        return hr;
    rows = block;
    near_rows_open(call, table, first, count, &near_rows);
    for (size_t i = 0; i < count; i++) {
        if (i % CHECK_EVERY == 0 && msp_domain_is_stopping(call->domain))
            hr = MAPI_E_INVALID_OBJECT;
        if (SUCCEEDED(hr))
            hr = near_row_get(call, table, &near_rows, first + i, &rows->aRow[i]);
        if (FAILED(hr)) {
            rows_free(&table->alloc, rows);
            return hr;
        }
        rows->cRows = (ULONG)(i + 1);
    }
    *out = rows;
    return S_OK;
}
