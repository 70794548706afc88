/* SPDX-License-Identifier: MIT */
/*
 * view_absent.c - rows that have left a view which nobody is told of: their instance keys are not
 * used again, should they come back.
 *
 * Such a view is evaluated only when somebody asks, and by many ways, of which not all know the
 * rows of before; so no rows are compared. Whatever an event was about and is not among the rows
 * now counts as gone, whether it ever was there or not. Where the journal does not reach back that
 * far, or too much has happened, it is not known what has gone.
 *
 * Owns:  nothing.
 * Locks: everything runs under the domain lock, within the transaction of the rows.
 */
#include "com/view.h"
#include "com/view_follow.h"
#include "util/alloc.h"

/* The touched rows that are there: a flag for each. NULL: no memory. */
static bool *find_present(const struct view_rows *rows, const struct msp_array *ids)
{
    bool *present = msp_calloc(ids->count, sizeof(*present));
    const uint64_t *items = MSP_ARRAY_ITEMS(const uint64_t, ids);
    struct view_id_filter filter = { { 0 } };

    if (present == NULL)
        return NULL;
    for (size_t i = 0; i < ids->count; i++)
        view_id_filter_add(&filter, items[i]);
    for (size_t i = 0; i < rows->leaf_count; i++) {
        const uint64_t *found;

        if (!view_id_filter_may_have(&filter, rows->ids[i]))
            continue;
        found = view_id_find(ids, rows->ids[i]);
        if (found != NULL)
            present[found - items] = true;
    }
    return present;
}

/* Of a row that is not among the first rows, the only ones that are known: is it further down? */
static HRESULT is_behind(struct msp_call *call, struct view *view, uint64_t id, bool *out)
{
    struct msp_call own = { .object = call->object, .domain = call->domain };
    struct table_source *source = view->source;
    struct table_row row;
    HRESULT hr = source->ops->read(&own, source, id, false, &row);

    *out = false;
    if (hr == MAPI_E_NOT_FOUND)
        return S_OK;
    return SUCCEEDED(hr) ? source->ops->belongs(&own, source, &row, out) : hr;
}

static HRESULT note(struct msp_call *call, struct view *view, const struct msp_array *ids)
{
    bool *present = find_present(&view->rows, ids);
    HRESULT hr = present != NULL ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    for (size_t i = 0; i < ids->count && SUCCEEDED(hr); i++) {
        uint64_t id = *MSP_ARRAY_AT(uint64_t, ids, i);
        bool there = present[i];

        if (!there && view->rows.is_head)
            hr = is_behind(call, view, id, &there);
        if (SUCCEEDED(hr) && !there)
            hr = view_depart(view, (struct view_id){ id, VIEW_ANY_INSTANCE });
    }
    msp_free(present);
    return hr;
}

HRESULT view_note_absent(struct msp_call *call, struct view *view)
{
    const struct table_source_ops *ops = view->source->ops;
    struct view since = *view; /* borrows what it needs */
    struct view_changes changes;
    HRESULT hr;

    if (ops->concerns == NULL || ops->belongs == NULL || view->watch != NULL)
        return S_OK;
    since.loaded = view->has_noted;
    since.journal = view->noted;
    hr = view_read_changes(call, &since, &changes);
    if (SUCCEEDED(hr) && changes.is_complete && changes.ids.count > 0)
        hr = note(call, view, &changes.ids);
    if (SUCCEEDED(hr)) {
        view->has_noted = true;
        view->noted = changes.end;
    }
    view_changes_free(&changes);
    return hr;
}
