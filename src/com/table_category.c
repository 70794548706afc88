/* SPDX-License-Identifier: MIT */
/*
 * table_category.c - what IMAPITable does with headings: opening, closing, keeping their state.
 *
 * Owns:  nothing beyond one call.
 * Locks: everything runs under the domain lock.
 */
#include <string.h>

#include "com/table_impl.h"
#include "util/bytes.h"

/* The position of a visible row, named by its instance key. */
static HRESULT find_key(struct msp_call *call, struct table *table, const void *key,
        size_t key_size, bool heading, size_t *out)
{
    struct view_id id;

    *out = SIZE_MAX;
    if (view_instance_key_get(&table->view, key, key_size, &id) &&
            (!heading || id.instance == VIEW_HEADING))
        *out = view_find(&table->view, id);
    if (*out != SIZE_MAX)
        return S_OK;
    return msp_fail(call, MAPI_E_NOT_FOUND, 0, "No such row is in the table.");
}

HRESULT table_expand_row(struct msp_call *call, struct table *table, const void *key,
        size_t key_size, ULONG wanted, LPSRowSet *out_rows, ULONG *out_more)
{
    struct view *view = &table->view;
    struct view_change change;
    size_t position;
    size_t count;
    HRESULT hr;

    hr = table_enter(call, table);
    if (FAILED(hr))
        return hr;
    hr = find_key(call, table, key, key_size, true, &position);
    if (SUCCEEDED(hr))
        hr = view_expand(view, position, true, &change);
    if (FAILED(hr))
        goto out;
    count = msp_min(wanted, change.count);
    if (out_rows != NULL)
        hr = table_rows_get(call, table, position + 1, count, out_rows);
    if (FAILED(hr)) {
        view_change_undo(view, &change);
        goto out;
    }
    view_change_keep(&change);
    view->cursor = position + 1 + count;
    *out_more = (ULONG)change.count;
out:
    table_leave(table);
    return hr;
}

HRESULT table_collapse_row(
        struct msp_call *call, struct table *table, const void *key, size_t key_size, ULONG *out)
{
    struct view_change change;
    size_t position;
    HRESULT hr;

    hr = table_enter(call, table);
    if (FAILED(hr))
        return hr;
    hr = find_key(call, table, key, key_size, true, &position);
    if (SUCCEEDED(hr))
        hr = view_expand(&table->view, position, false, &change);
    table_leave(table);
    if (FAILED(hr))
        return hr;
    view_change_keep(&change);
    *out = (ULONG)change.count;
    return S_OK;
}

static HRESULT need_categories(struct msp_call *call, const struct table *table)
{
    if (table->source->ops->can_categorize)
        return S_OK;
    return msp_fail(call, MAPI_E_NO_SUPPORT, 0, "This table has no categories.");
}

HRESULT table_get_state(struct msp_call *call, struct table *table, const void *key,
        size_t key_size, ULONG *out_size, LPBYTE *out_state)
{
    struct msp_buf state = MSP_BUF_INIT;
    void *block = NULL;
    size_t position;
    HRESULT hr;

    hr = need_categories(call, table);
    if (SUCCEEDED(hr))
        hr = table_enter(call, table);
    if (FAILED(hr))
        return hr;
    hr = find_key(call, table, key, key_size, false, &position);
    if (SUCCEEDED(hr))
        hr = view_state_get(&table->view, position, &state);
    table_leave(table);
    if (SUCCEEDED(hr))
        hr = mapibuf_new(&table->alloc, state.size, &block);
    if (SUCCEEDED(hr)) {
        memcpy(block, state.data, state.size);
        *out_size = (ULONG)state.size;
        *out_state = block;
    }
    msp_buf_free(&state);
    return hr;
}

HRESULT table_set_state(
        struct msp_call *call, struct table *table, const void *state, size_t size, BOOKMARK *out)
{
    BOOKMARK bookmark;
    size_t position;
    HRESULT hr;

    hr = need_categories(call, table);
    if (SUCCEEDED(hr))
        hr = table_enter(call, table);
    if (FAILED(hr))
        return hr;
    table_leave(table);
    /* The bookmark first: it is what can fail when the state has been taken over. */
    hr = table_bookmark_result(call, view_bookmark_new(&table->view, 0, &bookmark));
    if (FAILED(hr))
        return hr;
    hr = view_state_set(&table->view, state, size, &position);
    if (FAILED(hr)) {
        (void)view_bookmark_free(&table->view, bookmark);
        return hr == MAPI_E_UNABLE_TO_COMPLETE
                       ? msp_fail(call, hr, 0,
                                 "The saved state belongs to another folder or sort order.")
                       : hr;
    }
    view_bookmark_move(&table->view, bookmark, position);
    *out = bookmark;
    return S_OK;
}
