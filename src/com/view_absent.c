/* SPDX-License-Identifier: MIT */
/*
 * view_absent.c - rows that have left a view which nobody is told of: their instance keys are not
 * used again, should they come back.
 *
 * Such a view is evaluated only when somebody asks. What events were about is looked for among the
 * rows before and after: what was there and is not has left. Where the rows before are not known,
 * because the client has wanted something else since, or has seen the first ones only, a row has
 * left when it is none of the source's any more; one that is hidden has not. Where the journal does
 * not reach back that far, or too much has happened, it is not known what has left.
 *
 * Owns:  what a struct view_absence points to, between view_absence_begin() and _end().
 * Locks: everything runs under the domain lock, within one transaction from begin to end.
 */
#include <string.h>

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

/* Is it one of the source's? */
static HRESULT is_of_source(struct msp_call *call, struct view *view, uint64_t id, bool *out)
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

HRESULT view_absence_begin(
        struct msp_call *call, struct view *view, bool is_same, struct view_absence *out)
{
    const struct table_source_ops *ops = view->source->ops;
    struct view since = *view; /* borrows what it needs */
    HRESULT hr;

    memset(out, 0, sizeof(*out));
    if (ops->concerns == NULL || ops->belongs == NULL || view->watch != NULL)
        return S_OK;
    out->is_wanted = true;
    since.loaded = view->has_noted;
    since.journal = view->noted;
    hr = view_read_changes(call, &since, &out->changes);
    out->is_known = is_same && view->loaded && !view->rows.is_head;
    if (FAILED(hr) || !out->is_known || !out->changes.is_complete)
        return hr;
    if (out->changes.ids.count > 0) {
        out->was = find_present(&view->rows, &out->changes.ids);
        hr = out->was != NULL ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    return hr;
}

static HRESULT note(struct msp_call *call, struct view *view, const struct view_absence *absence)
{
    const struct msp_array *ids = &absence->changes.ids;
    bool *is = absence->is_known ? find_present(&view->rows, ids) : NULL;
    HRESULT hr = is != NULL || !absence->is_known ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    for (size_t i = 0; i < ids->count && SUCCEEDED(hr); i++) {
        uint64_t id = *MSP_ARRAY_AT(uint64_t, ids, i);
        bool stays = false;

        if (absence->is_known)
            stays = is[i] || !absence->was[i];
        else
            hr = is_of_source(call, view, id, &stays);
        if (SUCCEEDED(hr) && !stays)
            hr = view_depart(view, (struct view_id){ id, VIEW_ANY_INSTANCE });
    }
    msp_free(is);
    return hr;
}

HRESULT view_absence_end(
        struct msp_call *call, struct view *view, struct view_absence *absence, HRESULT hr)
{
    if (!absence->is_wanted)
        return hr;
    if (SUCCEEDED(hr) && absence->changes.is_complete && absence->changes.ids.count > 0)
        hr = note(call, view, absence);
    if (SUCCEEDED(hr)) {
        view->has_noted = true;
        view->noted = absence->changes.end;
    }
    msp_free(absence->was);
    view_changes_free(&absence->changes);
    return hr;
}
