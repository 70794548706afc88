/* SPDX-License-Identifier: MIT */
/*
 * view_apply.c - what a client wants anew, evaluated at once, here or as a view beside.
 *
 * Owns:  nothing.
 * Locks: the domain lock is held, but by whoever evaluates a twin.
 */
#include <string.h>

#include "com/view.h"
#include "util/alloc.h"

static HRESULT set_wish(struct msp_call *call, struct view *view, const struct view_wish *wish)
{
    struct view_rows none = { 0 };

    if (wish->sort != NULL)
        return view_set_sort(call, view, wish->sort);
    if (wish->tags != NULL)
        return view_set_columns(call, view, wish->tags, wish->tag_count);
    view->restriction = wish->restriction;
    view->loaded = false;
    view->cursor = 0;
    view_keep(view, view, &none);
    return S_OK;
}

/* Rows for what is wanted now, and what they are those of. */
static HRESULT evaluate(struct msp_call *call, struct view *view, struct view_rows *rows)
{
    uint64_t stamp = view->source->ops->stamp(view->source);
    struct view_changes changes;
    HRESULT hr = view_read_changes(call, view, &changes);

    view_changes_free(&changes);
    if (SUCCEEDED(hr))
        hr = view_kept_fits(view) && view->wanted.stamp == stamp ? view_kept_take(view, rows)
                                                                 : view_load(call, view, rows);
    view->stamp = stamp;
    view->journal = changes.end;
    return hr;
}

/* The same from a view that was evaluated elsewhere: whatever the source is now, it is not known to
 * be that. */
static HRESULT take_evaluated(struct view *view, struct view *twin, struct view_rows *rows)
{
    *rows = twin->rows;
    memset(&twin->rows, 0, sizeof(twin->rows));
    view->next_serial = twin->next_serial;
    view->stamp = ~view->source->ops->stamp(view->source);
    view->journal = twin->journal;
    return S_OK;
}

static HRESULT apply(
        struct msp_call *call, struct view *view, const struct view_wish *wish, struct view *twin)
{
    struct view old = *view;
    struct view_rows rows = { 0 };
    HRESULT hr;

    /* The old view keeps what it owns until the new one is there. */
    view->sort = NULL;
    msp_array_init(&view->bookmarks, sizeof(struct view_bookmark));
    if (wish->sort != NULL) {
        memset(&view->rows, 0, sizeof(view->rows));
        view->loaded = false;
    }
    hr = set_wish(call, view, wish);
    if (SUCCEEDED(hr) && view->loaded) { /* other columns, the same rows */
        view->sort = old.sort;
        view->bookmarks = old.bookmarks;
        return hr;
    }
    view->loaded = false;
    if (SUCCEEDED(hr))
        hr = twin != NULL ? take_evaluated(view, twin, &rows) : evaluate(call, view, &rows);
    if (SUCCEEDED(hr))
        hr = view_reanchor(view, &old.rows, &rows); /* the cursor, of other columns */
    if (FAILED(hr)) {
        view_rows_free(&rows);
        msp_free(view->sort);
        old.kept = view->kept;
        old.wanted = view->wanted;
        *view = old;
        return hr;
    }
    if (wish->sort != NULL)
        msp_free(old.sort);
    else
        view->sort = old.sort;
    view->rows = rows;
    view->loaded = true;
    view_keep(view, &old, &old.rows);
    if (wish->is_restriction)
        restrict_free(old.restriction);
    msp_array_free(&old.bookmarks);
    return S_OK;
}

HRESULT view_apply(struct msp_call *call, struct view *view, const struct view_wish *wish)
{
    struct view_absence absence;
    HRESULT hr = view_absence_begin(call, view, false, &absence);

    if (SUCCEEDED(hr))
        hr = apply(call, view, wish, NULL);
    if (SUCCEEDED(hr))
        view_print_all(call, view);
    /* Without memory for what has left it is looked for again the next time. */
    (void)view_absence_end(call, view, &absence, hr);
    return hr;
}

HRESULT view_twin_begin(struct msp_call *call, const struct view *view, struct table_source *source,
        const struct view_wish *wish, struct view *out)
{
    HRESULT hr = S_OK;

    view_init(out, source);
    if (view->sort != NULL)
        hr = sortorder_copy(view->sort, &out->sort);
    if (FAILED(hr))
        return hr;
    out->order = view->order;
    memcpy(out->column_mvi, view->column_mvi, sizeof(out->column_mvi));
    out->column_mvi_count = view->column_mvi_count;
    memcpy(out->mvi, view->mvi, sizeof(out->mvi));
    out->mvi_count = view->mvi_count;
    out->restriction = view->restriction;
    out->next_serial = view->next_serial;
    return set_wish(call, out, wish);
}

void view_twin_end(struct view *twin)
{
    twin->restriction = NULL; /* borrowed */
    view_done(twin);
}

HRESULT view_apply_twin(
        struct msp_call *call, struct view *view, const struct view_wish *wish, struct view *twin)
{
    struct view_watch *watch = view->watch;
    HRESULT hr = apply(call, view, wish, twin);

    if (FAILED(hr))
        return hr;
    /* Of one piece with what was wanted, so nobody is told of single rows. Whoever needs the rows
       tries again when it fails. */
    view->watch = NULL;
    (void)view_sync(call, view);
    view->watch = watch;
    view_print_all(call, view);
    return S_OK;
}
