/* SPDX-License-Identifier: MIT */
/*
 * view_load.c - evaluating a view: scan, filter, expand, sort.
 *
 * Owns:  the half-made rows until they are handed over.
 * Locks: everything runs under the domain lock.
 */
#include "com/view.h"

#include <string.h>

#include "com/logon.h"
#include "com/view_columns.h"
#include "util/alloc.h"
#include "util/bytes.h"

enum {
    CHECK_EVERY = 256,       /* rows scanned between two looks at the domain */
    MAX_LEAVES = 0x7FFFFFFF, /* visible rows are numbered with 31 bits */
};

struct loader {
    struct view_build build;
    struct msp_buf ids;       /* uint64_t */
    struct msp_buf instances; /* uint32_t */
    struct msp_buf prints;    /* uint64_t */
    struct msp_buf offsets;   /* size_t, of build.keys */
    struct msp_buf aggregate_offsets;
    bool by_instance; /* the restriction looks at single instances */
    bool has_aggregates;
    bool is_sorted; /* the ids are in the view's order already */
    size_t rows_seen;
    HRESULT hr;
};

/* --- one row ---------------------------------------------------------------------------------- */

HRESULT view_put_key_part(
        const struct view_row *leaf, const struct view_key *key, struct msp_buf *out)
{
    struct prop_scratch scratch;
    struct bag_value cell;
    HRESULT hr;

    prop_scratch_init(&scratch);
    hr = view_row_cell(leaf, key->tag, &scratch, &cell);
    if (SUCCEEDED(hr))
        hr = view_large_head(leaf->view->source, VIEW_KEY_MAX, &scratch, &cell);
    if (SUCCEEDED(hr) || hr == MAPI_E_NOT_FOUND) {
        if (view_key_put(SUCCEEDED(hr) ? &cell : NULL, key, out))
            hr = S_OK;
        else
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    prop_scratch_done(&scratch);
    return hr;
}

HRESULT view_put_sort_key(const struct view_row *leaf, struct msp_buf *out)
{
    const struct view_order *order = &leaf->view->order;
    HRESULT hr = S_OK;

    for (size_t i = 0; i < order->key_count && SUCCEEDED(hr); i++)
        hr = view_put_key_part(leaf, &order->keys[i], out);
    return hr;
}

static HRESULT put_sort_keys(struct loader *loader, const struct view_row *leaf)
{
    struct msp_buf *keys = &loader->build.keys.bytes;

    if (!msp_buf_append(&loader->offsets, &keys->size, sizeof(keys->size)))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    return view_put_sort_key(leaf, keys);
}

static HRESULT put_aggregates(struct loader *loader, const struct view_row *leaf)
{
    const struct view_order *order = &leaf->view->order;
    struct msp_buf *keys = &loader->build.aggregates.bytes;
    HRESULT hr = S_OK;

    if (!msp_buf_append(&loader->aggregate_offsets, &keys->size, sizeof(keys->size)))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < order->level_count && SUCCEEDED(hr); i++) {
        struct view_key key = { order->levels[i].aggregate, false };

        if (key.tag != 0)
            hr = view_put_key_part(leaf, &key, keys);
    }
    return hr;
}

HRESULT view_leaf_unread(const struct view_row *leaf, bool *out)
{
    struct prop_scratch scratch;
    struct bag_value cell;
    HRESULT hr;

    prop_scratch_init(&scratch);
    hr = view_row_cell(leaf, PR_MESSAGE_FLAGS, &scratch, &cell);
    *out = SUCCEEDED(hr) && (cell_get_long(&cell, MSGFLAG_READ) & MSGFLAG_READ) == 0;
    prop_scratch_done(&scratch);
    return hr == MAPI_E_NOT_ENOUGH_MEMORY ? hr : S_OK;
}

static HRESULT put_unread(struct loader *loader, const struct view_row *leaf)
{
    bool unread;
    HRESULT hr = view_leaf_unread(leaf, &unread);

    if (FAILED(hr) || !msp_buf_append_u8(&loader->build.unread, unread))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    return S_OK;
}

static HRESULT put_leaf(struct loader *loader, const struct view_row *leaf)
{
    const struct view *view = leaf->view;
    HRESULT hr = S_OK;

    if (!msp_buf_append(&loader->ids, &leaf->row->id, sizeof(leaf->row->id)))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (view->mvi_count > 0 &&
            !msp_buf_append(&loader->instances, &leaf->instance, sizeof(leaf->instance)))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (view->source->ops->print != NULL) {
        uint64_t print = view->source->ops->print(view->source, leaf->row);

        if (!msp_buf_append(&loader->prints, &print, sizeof(print)))
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    if (view->order.key_count > 0)
        hr = put_sort_keys(loader, leaf);
    if (SUCCEEDED(hr) && loader->has_aggregates)
        hr = put_aggregates(loader, leaf);
    if (SUCCEEDED(hr) && view->order.level_count > 0)
        hr = put_unread(loader, leaf);
    return hr;
}

static HRESULT load_row(struct loader *loader, const struct table_row *row)
{
    struct view *view = loader->build.view;
    struct view_row leaf = { view, NULL, row, 0 };
    uint32_t count = 1;
    HRESULT hr = S_OK;

    if (!loader->by_instance && !view_row_match(&leaf, view->restriction, &hr))
        return hr;
    if (view->mvi_count > 0)
        hr = view_instance_count(loader->build.call, view, row, &count);
    for (leaf.instance = 0; leaf.instance < count && SUCCEEDED(hr); leaf.instance++) {
        if (!loader->by_instance || view_row_match(&leaf, view->restriction, &hr))
            hr = put_leaf(loader, &leaf);
    }
    return hr;
}

static bool loader_row(void *context, const struct table_row *row)
{
    struct loader *loader = context;

    if (++loader->rows_seen % CHECK_EVERY == 0 && msp_call_is_stopped(loader->build.call))
        loader->hr = MAPI_E_INVALID_OBJECT;
    else
        loader->hr = load_row(loader, row);
    if (SUCCEEDED(loader->hr) && loader->ids.size / sizeof(uint64_t) > MAX_LEAVES)
        loader->hr = MAPI_E_TOO_BIG;
    return SUCCEEDED(loader->hr);
}

/* --- all rows --------------------------------------------------------------------------------- */

bool view_needs_props(const struct view *view)
{
    struct table_source *source = view->source;
    bool by_instance;
    bool needs;

    view_restriction_needs(view, view->restriction, &needs, &by_instance);
    for (size_t i = 0; i < view->order.key_count && !needs; i++)
        needs = !view_is_own_column(view->order.keys[i].tag) &&
                source->ops->needs_props(source, view->order.keys[i].tag);
    for (size_t i = 0; i < view->order.level_count && !needs; i++)
        needs = view->order.levels[i].aggregate != 0 &&
                source->ops->needs_props(source, view->order.levels[i].aggregate);
    for (size_t i = 0; i < view->mvi_count && !needs; i++)
        needs = source->ops->needs_props(source, view->mvi[i]);
    return needs;
}

static HRESULT take_columns(struct loader *loader, struct view_columns *columns)
{
    const struct view_order *order = &loader->build.view->order;
    HRESULT hr = view_columns_put_sorted(columns, &loader->ids);

    loader->is_sorted = SUCCEEDED(hr);
    if (hr != MAPI_E_NO_SUPPORT)
        return hr;
    hr = view_columns_put_ids(columns, &loader->ids);
    if (SUCCEEDED(hr) && order->key_count > 0)
        hr = view_columns_put_keys(columns, &loader->build.keys.bytes, &loader->offsets);
    if (SUCCEEDED(hr) && loader->has_aggregates)
        hr = view_columns_put_aggregates(
                columns, &loader->build.aggregates.bytes, &loader->aggregate_offsets);
    if (SUCCEEDED(hr) && order->level_count > 0)
        hr = view_columns_put_unread(columns, &loader->build.unread);
    return hr;
}

/* All from columns. MAPI_E_NO_SUPPORT: the rows are to be scanned. */
static HRESULT scan_columns(struct loader *loader)
{
    struct view *view = loader->build.view;
    struct view_columns columns;
    HRESULT hr = view_columns_open(loader->build.call, view, view->restriction, true, &columns);

    if (FAILED(hr))
        return hr;
    hr = take_columns(loader, &columns);
    view_columns_close(&columns);
    return hr;
}

/* The one row that can match. MAPI_E_NO_SUPPORT: any row can. */
static HRESULT scan_named(struct loader *loader)
{
    struct msp_call *call = loader->build.call;
    struct msp_call own = { .object = call->object, .domain = call->domain };
    struct view *view = loader->build.view;
    struct table_source *source = view->source;
    struct table_row row;
    bool belongs = false;
    uint64_t id;
    HRESULT hr;

    if (!view_restriction_names(view, view->restriction, &id))
        return MAPI_E_NO_SUPPORT;
    if (id == 0)
        return S_OK;
    hr = source->ops->read(&own, source, id, view_needs_props(view), &row);
    if (hr == MAPI_E_NOT_FOUND)
        return S_OK;
    if (SUCCEEDED(hr))
        hr = source->ops->belongs(call, source, &row, &belongs);
    if (SUCCEEDED(hr) && belongs)
        (void)loader_row(loader, &row);
    return FAILED(loader->hr) ? loader->hr : hr;
}

static HRESULT scan(struct loader *loader)
{
    struct view *view = loader->build.view;
    struct table_source *source = view->source;
    bool needs;
    HRESULT hr;

    for (size_t i = 0; i < view->order.level_count; i++)
        loader->has_aggregates |= view->order.levels[i].aggregate != 0;
    view_restriction_needs(view, view->restriction, &needs, &loader->by_instance);
    hr = scan_named(loader);
    if (hr == MAPI_E_NO_SUPPORT)
        hr = scan_columns(loader);
    if (hr != MAPI_E_NO_SUPPORT)
        return hr;
    if (source->ops->ids != NULL && view->restriction == NULL && view->order.key_count == 0 &&
            view->mvi_count == 0)
        return source->ops->ids(loader->build.call, source, &loader->ids);
    hr = source->ops->scan(loader->build.call, source, view_needs_props(view), loader_row, loader);
    return FAILED(loader->hr) ? loader->hr : hr;
}

static bool take_offsets(struct msp_buf *offsets, size_t count, struct view_keys *keys)
{
    if (!msp_buf_append(offsets, &keys->bytes.size, sizeof(size_t)))
        return false;
    keys->offsets = msp_buf_steal(offsets, NULL);
    keys->count = count;
    return keys->offsets != NULL;
}

/* Puts ids and instances into the order of the entries. */
static HRESULT permute(struct loader *loader, struct view_rows *rows)
{
    const struct view_entry *entries = loader->build.entries;
    const uint64_t *ids = (const uint64_t *)(const void *)loader->ids.data;
    const uint32_t *instances = (const uint32_t *)(const void *)loader->instances.data;

    rows->ids = msp_alloc_array(rows->leaf_count, sizeof(*rows->ids));
    if (rows->ids == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < rows->leaf_count; i++)
        rows->ids[i] = ids[entries[i].index];
    if (loader->build.view->order.level_count > 0) {
        rows->unread = msp_alloc(rows->leaf_count);
        if (rows->unread == NULL)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        for (size_t i = 0; i < rows->leaf_count; i++)
            rows->unread[i] = loader->build.unread.data[entries[i].index];
    }
    if (loader->build.view->source->ops->print != NULL) {
        const uint64_t *prints = (const uint64_t *)(const void *)loader->prints.data;

        rows->prints = msp_alloc_array(rows->leaf_count, sizeof(*rows->prints));
        if (rows->prints == NULL)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        for (size_t i = 0; i < rows->leaf_count; i++)
            rows->prints[i] = prints[entries[i].index];
    }
    if (loader->build.view->mvi_count == 0)
        return S_OK;
    rows->instances = msp_alloc_array(rows->leaf_count, sizeof(*rows->instances));
    if (rows->instances == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < rows->leaf_count; i++)
        rows->instances[i] = instances[entries[i].index];
    return S_OK;
}

static HRESULT take_unsorted(struct loader *loader, struct view_rows *rows)
{
    rows->ids = msp_buf_steal(&loader->ids, NULL);
    if (rows->ids == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (loader->build.view->source->ops->print != NULL) {
        rows->prints = msp_buf_steal(&loader->prints, NULL);
        if (rows->prints == NULL)
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    if (loader->build.view->mvi_count > 0) {
        rows->instances = msp_buf_steal(&loader->instances, NULL);
        if (rows->instances == NULL)
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    return S_OK;
}

static HRESULT take_sorted(struct loader *loader, struct view_rows *rows)
{
    struct view_build *build = &loader->build;
    HRESULT hr;

    if (!take_offsets(&loader->offsets, rows->leaf_count, &build->keys))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (loader->has_aggregates &&
            !take_offsets(&loader->aggregate_offsets, rows->leaf_count, &build->aggregates))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    build->ids = (const uint64_t *)(const void *)loader->ids.data;
    if (build->view->mvi_count > 0)
        build->instances = (const uint32_t *)(const void *)loader->instances.data;
    build->entries = view_entries_new(&build->keys);
    if (build->entries == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (build->view->order.level_count > 0) {
        build->shared = msp_calloc(rows->leaf_count, sizeof(*build->shared));
        if (build->shared == NULL)
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    hr = view_sort_entries(build->call, &build->keys, build->entries, build->shared);
    if (SUCCEEDED(hr) && build->view->order.level_count > 0)
        hr = view_build_categories(build);
    if (SUCCEEDED(hr))
        hr = permute(loader, rows);
    return hr;
}

HRESULT view_load(struct msp_call *call, struct view *view, struct view_rows *rows)
{
    struct loader loader = { .build = { .call = call, .view = view, .rows = rows } };
    HRESULT hr;

    hr = scan(&loader);
    rows->leaf_count = loader.ids.size / sizeof(uint64_t);
    rows->visible_count = rows->leaf_count;
    if (SUCCEEDED(hr) && rows->leaf_count > MAX_LEAVES)
        hr = MAPI_E_TOO_BIG;
    if (SUCCEEDED(hr))
        hr = view->order.key_count > 0 && !loader.is_sorted ? take_sorted(&loader, rows)
                                                            : take_unsorted(&loader, rows);
    if (SUCCEEDED(hr) && view->order.level_count > 0)
        hr = view_build_visible(rows);
    if (FAILED(hr))
        view_rows_free(rows);
    view_keys_free(&loader.build.keys);
    view_keys_free(&loader.build.aggregates);
    msp_buf_free(&loader.build.unread);
    msp_free(loader.build.entries);
    msp_free(loader.build.shared);
    msp_buf_free(&loader.ids);
    msp_buf_free(&loader.instances);
    msp_buf_free(&loader.prints);
    msp_buf_free(&loader.offsets);
    msp_buf_free(&loader.aggregate_offsets);
    return hr;
}

void view_rows_free(struct view_rows *rows)
{
    msp_free(rows->ids);
    msp_free(rows->instances);
    msp_free(rows->low);
    msp_free(rows->prints);
    msp_free(rows->unread);
    msp_free(rows->categories);
    msp_free(rows->category_keys);
    msp_free(rows->category_values);
    msp_free(rows->visible);
    memset(rows, 0, sizeof(*rows));
}
