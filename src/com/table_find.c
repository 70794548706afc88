/* SPDX-License-Identifier: MIT */
/*
 * table_find.c - FindRow: by key, by halving where the order allows it, else row by row.
 *
 * Reading single rows costs several times what a scan of all of them costs per row. So a search
 * that does not end soon scans once for what matches, and then only looks who is first.
 *
 * Owns:  nothing beyond one call.
 * Locks: everything runs under the domain lock.
 */
#include <stdlib.h>
#include <string.h>

#include "com/table_impl.h"
#include "com/view_columns.h"
#include "com/view_follow.h"
#include "util/bytes.h"
#include "util/utf.h"

enum {
    CHECK_EVERY = 64, /* rows read between two looks at the domain */
    SCAN_CHECK_EVERY = 256,
    SINGLE_MIN = 16, /* this many rows are read singly, and... */
    SINGLE_PART = 8  /* ...a share of all, before all are scanned */
};

struct find {
    struct msp_call *call;
    struct table *table;
    const struct restrict_program *program;
    size_t first;
    bool backward;
    bool with_props;
    bool by_instance;
};

HRESULT table_bookmark_result(struct msp_call *call, HRESULT hr)
{
    if (hr == MAPI_E_INVALID_BOOKMARK)
        return msp_fail(call, hr, 0, "The bookmark was freed, or never made by this table.");
    if (hr == MAPI_E_UNABLE_TO_COMPLETE)
        return msp_fail(call, hr, 0, "A table has at most %d bookmarks.", VIEW_MAX_BOOKMARKS);
    return hr;
}

HRESULT table_bookmark_position(
        struct msp_call *call, struct table *table, BOOKMARK bookmark, size_t *out)
{
    return table_bookmark_result(call, view_bookmark_position(&table->view, bookmark, out));
}

HRESULT table_compile(struct msp_call *call, struct table *table, const SRestriction *restriction,
        struct restrict_program **out)
{
    HRESULT hr = restrict_compile(restriction, out);

    if (SUCCEEDED(hr) && table->source->ops->any == NULL && restrict_has_subobjects(*out)) {
        restrict_free(*out);
        *out = NULL;
        hr = MAPI_E_TOO_COMPLEX;
    }
    if (hr == MAPI_E_TOO_COMPLEX)
        return msp_fail(call, hr, 0, "The table cannot be filtered or searched in this way.");
    if (hr == MAPI_E_INVALID_PARAMETER)
        return msp_fail(call, hr, 0, "The restriction is not well formed.");
    return hr;
}

/* --- one row after the other ------------------------------------------------------------------ */

static HRESULT match_at(const struct find *find, size_t position, bool *out)
{
    struct table_row room;
    struct view_row row;
    HRESULT hr;

    hr = table_row_read(find->call, find->table, position, find->with_props, &room, &row);
    *out = SUCCEEDED(hr) && view_row_match(&row, find->program, &hr);
    return hr;
}

/* The i-th row in the direction of the search. */
static size_t position_of(const struct find *find, size_t i)
{
    return find->backward ? find->first - 1 - i : find->first + i;
}

/* The rows from the begin-th to the end-th in the direction of the search. */
static HRESULT find_singly(const struct find *find, size_t begin, size_t end, size_t *out)
{
    for (size_t i = begin; i < end; i++) {
        bool match;
        HRESULT hr;

        if (i % CHECK_EVERY == 0 && msp_domain_is_stopping(find->call->domain))
            return MAPI_E_INVALID_OBJECT;
        hr = match_at(find, position_of(find, i), &match);
        if (FAILED(hr))
            return hr;
        if (match) {
            *out = position_of(find, i);
            return S_OK;
        }
    }
    return MAPI_E_NOT_FOUND;
}

/* --- all rows at once ------------------------------------------------------------------------- */

struct scan {
    const struct find *find;
    struct msp_buf ids; /* of the rows that match */
    size_t rows_seen;
    HRESULT hr;
};

static bool scan_row(void *context, const struct table_row *table_row)
{
    struct scan *scan = context;
    struct view_row row = { &scan->find->table->view, NULL, table_row, 0 };

    if (++scan->rows_seen % SCAN_CHECK_EVERY == 0 &&
            msp_domain_is_stopping(scan->find->call->domain))
        scan->hr = MAPI_E_INVALID_OBJECT;
    else if (view_row_match(&row, scan->find->program, &scan->hr) &&
             !msp_buf_append(&scan->ids, &table_row->id, sizeof(table_row->id)))
        scan->hr = MAPI_E_NOT_ENOUGH_MEMORY;
    return SUCCEEDED(scan->hr);
}

static int compare_ids(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static HRESULT find_in_scan(
        const struct find *find, const struct scan *scan, size_t begin, size_t end, size_t *out)
{
    size_t count = scan->ids.size / sizeof(uint64_t);

    if (count == 0 && find->table->view.rows.visible == NULL)
        return MAPI_E_NOT_FOUND;

    for (size_t i = begin; i < end; i++) {
        size_t position = position_of(find, i);
        bool match;
        size_t leaf;
        HRESULT hr = S_OK;

        if (view_at(&find->table->view, position, &leaf) != NULL)
            hr = match_at(find, position, &match);
        else
            match = count > 0 && bsearch(&find->table->view.rows.ids[leaf], scan->ids.data, count,
                                         sizeof(uint64_t), compare_ids) != NULL;
        if (FAILED(hr))
            return hr;
        if (match) {
            *out = position;
            return S_OK;
        }
    }
    return MAPI_E_NOT_FOUND;
}

/* The rows that match, from columns. MAPI_E_NO_SUPPORT: they are to be scanned. */
static HRESULT match_columns(const struct find *find, struct msp_buf *ids)
{
    struct view_columns columns;
    HRESULT hr = view_columns_open(find->call, &find->table->view, find->program, false, &columns);

    if (FAILED(hr))
        return hr;
    hr = view_columns_put_ids(&columns, ids);
    view_columns_close(&columns);
    return hr;
}

static HRESULT find_by_scan(const struct find *find, size_t begin, size_t end, size_t *out)
{
    struct table_source *source = find->table->source;
    struct scan scan = { .find = find, .hr = S_OK };
    HRESULT hr;

    hr = match_columns(find, &scan.ids);
    if (hr == MAPI_E_NO_SUPPORT)
        hr = source->ops->scan(find->call, source, find->with_props, scan_row, &scan);
    if (FAILED(scan.hr))
        hr = scan.hr;
    if (SUCCEEDED(hr) && scan.ids.size > 0)
        qsort(scan.ids.data, scan.ids.size / sizeof(uint64_t), sizeof(uint64_t), compare_ids);
    if (SUCCEEDED(hr))
        hr = find_in_scan(find, &scan, begin, end, out);
    msp_buf_free(&scan.ids);
    return hr;
}

/* --- where the row can be told without looking for it -------------------------------------------
 */

/* By instance key: the view knows. */
static HRESULT find_by_key(const struct find *find, const SBinary *key, size_t *out)
{
    struct view_id id;
    size_t found = SIZE_MAX;
    HRESULT hr = S_OK;

    if (view_instance_key_get(&find->table->view, key->lpb, key->cb, &id))
        hr = view_locate(find->call, &find->table->view, id, &found);
    if (FAILED(hr))
        return hr;
    if (found == SIZE_MAX || (found < find->first) != find->backward)
        return MAPI_E_NOT_FOUND;
    *out = found;
    return S_OK;
}

/* Where only one row can match. MAPI_E_NO_SUPPORT: any can, or that row may be there many times. */
static HRESULT find_named(const struct find *find, size_t *out)
{
    struct view *view = &find->table->view;
    struct view_id id = { 0, 0 };
    size_t found;
    bool match = false;
    HRESULT hr;

    if (view->order.level_count > 0 || view->mvi_count > 0 ||
            !view_restriction_names(view, find->program, &id.id))
        return MAPI_E_NO_SUPPORT;
    hr = view_locate(find->call, view, id, &found);
    if (FAILED(hr))
        return hr;
    if (found == SIZE_MAX || (found < find->first) != find->backward)
        return MAPI_E_NOT_FOUND;
    hr = match_at(find, found, &match);
    if (FAILED(hr) || !match)
        return FAILED(hr) ? hr : MAPI_E_NOT_FOUND;
    *out = found;
    return S_OK;
}

/* Is the constant wholly within what sort keys hold of a value? */
static bool is_short(const SPropValue *constant)
{
    enum {
        SHORT_CONSTANT = VIEW_KEY_MAX / 4 /* characters, of up to three bytes each */
    };

    switch (PROP_TYPE(constant->ulPropTag)) {
    case PT_UNICODE:
        return utf16_nlen(constant->Value.lpszW, SHORT_CONSTANT) < SHORT_CONSTANT;
    case PT_STRING8:
        return memchr(constant->Value.lpszA, 0, SHORT_CONSTANT) != NULL;
    case PT_BINARY:
        return constant->Value.bin.cb < SHORT_CONSTANT;
    default:
        return true;
    }
}

/* --- halving: the order puts what matches together ----------------------------------------------
 */

/* The rows whose first sort key is on this side of a bound, or begins with it. Keys are compared as
 * they stand in the order, so "less" is what comes first, also when that is descending. */
struct halving {
    struct msp_buf bound;
    bool takes_less;
    bool takes_same;
    bool takes_more;
    struct eng_columns columns; /* the keys, where they are in memory; else ids is NULL */
};

static void set_relop(struct halving *halving, ULONG relop, bool descending)
{
    bool below = relop == RELOP_LT || relop == RELOP_LE;
    bool above = relop == RELOP_GT || relop == RELOP_GE;

    halving->takes_less = descending ? above : below;
    halving->takes_more = descending ? below : above;
    halving->takes_same = relop == RELOP_LE || relop == RELOP_GE || relop == RELOP_EQ;
}

/* The constant as a first sort key. MAPI_E_NO_SUPPORT: it does not fit into one, or not whole. */
static HRESULT put_bound(
        const struct find *find, ULONG tag, const SPropValue *constant, struct msp_buf *out)
{
    const struct view_order *order = &find->table->view.order;
    struct msp_buf stored = MSP_BUF_INIT;
    struct bag_value cell;
    HRESULT hr;

    if (order->level_count > 0 || order->key_count == 0 || view_is_own_column(tag) ||
            (PROP_TYPE(tag) & MVI_FLAG) != 0 || PROP_TYPE(tag) == PT_UNSPECIFIED ||
            propval_stored_tag(tag) != propval_stored_tag(order->keys[0].tag) ||
            !is_short(constant))
        return MAPI_E_NO_SUPPORT;
    hr = propval_encode(constant, &stored);
    if (SUCCEEDED(hr)) {
        cell_bytes(propval_stored_tag(tag), stored.data, stored.size, &cell);
        if (!view_key_put(&cell, &order->keys[0], out))
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
        else if (view_key_is_absent(out->data))
            hr = MAPI_E_NO_SUPPORT;
    }
    msp_buf_free(&stored);
    return hr;
}

static HRESULT halve_property(
        const struct find *find, const SPropertyRestriction *property, struct halving *out)
{
    HRESULT hr;

    if (property->relop == RELOP_NE) /* on both sides */
        return MAPI_E_NO_SUPPORT;
    hr = put_bound(find, property->ulPropTag, property->lpProp, &out->bound);
    if (SUCCEEDED(hr))
        set_relop(out, property->relop, find->table->view.order.keys[0].descending);
    return hr;
}

/* Texts that are or begin with another one, compared as keys are: folded, with their marks. */
static HRESULT halve_content(
        const struct find *find, const SContentRestriction *content, struct halving *out)
{
    ULONG level = content->ulFuzzyLevel;
    bool is_prefix = (level & 0xFFFF) == FL_PREFIX;
    HRESULT hr;

    if (PROP_TYPE(propval_stored_tag(content->ulPropTag)) != PT_UNICODE ||
            (!is_prefix && (level & 0xFFFF) != FL_FULLSTRING) ||
            (level & (FL_IGNORECASE | FL_IGNORENONSPACE | FL_LOOSE)) != FL_IGNORECASE)
        return MAPI_E_NO_SUPPORT;
    hr = put_bound(find, content->ulPropTag, content->lpProp, &out->bound);
    if (FAILED(hr))
        return hr;
    if (is_prefix) /* without the byte that ends it */
        msp_buf_truncate(&out->bound, out->bound.size - 1);
    out->takes_same = true;
    return S_OK;
}

/* The rows that are looked at lie far apart: from columns, if there are any. */
static void open_columns(const struct find *find, size_t count, struct halving *out)
{
    struct table_source *source = find->table->source;
    size_t reads = 0;

    if (find->with_props || source->ops->columns_by_id == NULL)
        return;
    for (; count > 0; count /= 2)
        reads++;
    if (FAILED(source->ops->columns_by_id(
                find->call, source, &find->table->view.order.keys[0].tag, 1, reads, &out->columns)))
        memset(&out->columns, 0, sizeof(out->columns));
}

/* A row with its first sort key; there are no headings. */
static HRESULT read_key_row(const struct find *find, const struct halving *halving, size_t position,
        struct table_row *room, struct view_row *out)
{
    struct table_source *source = find->table->source;
    struct view *view = &find->table->view;
    size_t row;

    if (halving->columns.ids == NULL ||
            !source->ops->column_find(source, view->rows.ids[position], &row))
        return table_row_read(find->call, find->table, position, find->with_props, room, out);
    source->ops->column_row(source, &halving->columns, row, room);
    *out = (struct view_row){ view, NULL, room,
        view->rows.instances != NULL ? view->rows.instances[position] : 0 };
    return S_OK;
}

/* Are the rows that match at this position (0), behind it (-1), or before it (1)? Those that lack
 * the property come last. */
static HRESULT side_at(
        const struct find *find, const struct halving *halving, size_t position, int *out)
{
    const struct view_key *key = &find->table->view.order.keys[0];
    struct msp_buf part = MSP_BUF_INIT;
    struct table_row room;
    struct view_row row;
    int order;
    HRESULT hr;

    hr = read_key_row(find, halving, position, &room, &row);
    if (SUCCEEDED(hr))
        hr = view_put_key_part(&row, key, &part);
    if (SUCCEEDED(hr)) {
        order = memcmp(part.data, halving->bound.data, msp_min(part.size, halving->bound.size));
        if (view_key_is_absent(part.data))
            *out = 1;
        else if (order == 0)
            *out = halving->takes_same ? 0 : halving->takes_less ? 1 : -1;
        else if (order < 0)
            *out = halving->takes_less ? 0 : -1;
        else
            *out = halving->takes_more ? 0 : 1;
    }
    msp_buf_free(&part);
    return hr;
}

/* The first match is at the first row that is not before all of them; the last one is in front of
 * the first row that is behind all. */
static HRESULT find_by_halving(const struct find *find, const struct halving *halving, size_t *out)
{
    size_t low = find->backward ? 0 : find->first;
    size_t high = find->backward ? find->first : view_count(&find->table->view);
    size_t begin = low;
    size_t end = high;
    bool match = false;
    HRESULT hr;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int side = 0;

        hr = side_at(find, halving, mid, &side);
        if (FAILED(hr))
            return hr;
        if (find->backward ? side > 0 : side >= 0)
            high = mid;
        else
            low = mid + 1;
    }
    if (low == (find->backward ? begin : end))
        return MAPI_E_NOT_FOUND;
    *out = find->backward ? low - 1 : low;
    hr = match_at(find, *out, &match);
    return SUCCEEDED(hr) && !match ? MAPI_E_NOT_FOUND : hr;
}

/* MAPI_E_NO_SUPPORT: the order does not say where the matches are. */
static HRESULT find_in_order(const struct find *find, const SRestriction *restriction, size_t *out)
{
    struct halving halving = { .bound = MSP_BUF_INIT };
    HRESULT hr = MAPI_E_NO_SUPPORT;

    if (restriction->rt == RES_PROPERTY)
        hr = halve_property(find, &restriction->res.resProperty, &halving);
    else if (restriction->rt == RES_CONTENT)
        hr = halve_content(find, &restriction->res.resContent, &halving);
    if (SUCCEEDED(hr)) {
        open_columns(find, find->table->view.rows.leaf_count, &halving);
        hr = find_by_halving(find, &halving, out);
    }
    msp_buf_free(&halving.bound);
    return hr;
}

static HRESULT find_match(const struct find *find, const SRestriction *restriction, size_t *out)
{
    const SPropertyRestriction *property = &restriction->res.resProperty;
    size_t left = find->backward ? find->first : view_count(&find->table->view) - find->first;
    size_t singly = SINGLE_MIN;
    HRESULT hr;

    /* Where there are no columns, more rows are read singly before all are scanned. */
    if (find->with_props || find->table->source->ops->columns_get == NULL)
        singly = msp_max(singly, find->table->view.rows.leaf_count / SINGLE_PART);
    singly = msp_min(left, singly);

    if (restriction->rt == RES_PROPERTY && property->relop == RELOP_EQ &&
            property->ulPropTag == PR_INSTANCE_KEY)
        return find_by_key(find, &property->lpProp->Value.bin, out);
    hr = find_named(find, out);
    if (hr == MAPI_E_NO_SUPPORT)
        hr = find_in_order(find, restriction, out);
    if (hr != MAPI_E_NO_SUPPORT)
        return hr;
    if (find->by_instance)
        return find_singly(find, 0, left, out);
    hr = find_singly(find, 0, singly, out);
    if (hr != MAPI_E_NOT_FOUND || singly == left)
        return hr;
    return find_by_scan(find, singly, left, out);
}

HRESULT table_find_row(struct msp_call *call, struct table *table, const SRestriction *restriction,
        BOOKMARK origin, bool backward)
{
    struct find find = { .call = call, .table = table, .backward = backward };
    struct restrict_program *program = NULL;
    size_t found = 0;
    HRESULT hr_found;
    HRESULT hr;

    hr = table_compile(call, table, restriction, &program);
    if (FAILED(hr))
        return hr;
    hr = table_enter(call, table);
    if (FAILED(hr))
        goto out;
    find.program = program;
    view_restriction_needs(&table->view, program, &find.with_props, &find.by_instance);
    hr = table_bookmark_position(call, table, origin, &find.first);
    if (SUCCEEDED(hr)) {
        hr_found = find_match(&find, restriction, &found);
        if (SUCCEEDED(hr_found))
            table->view.cursor = found;
        else
            hr = hr_found;
    }
    table_leave(table);
out:
    restrict_free(program);
    return hr;
}
