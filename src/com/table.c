/* SPDX-License-Identifier: MIT */
/*
 * table.c - IMAPITable: columns, cursor, order, filter and rows of any source.
 *
 * SetColumns, Restrict and SortTable check and note what is wanted; the view is evaluated by the
 * first method that needs rows, in one read transaction with them; in a table that tells of
 * changes, or with TBL_ASYNC in the background, at once. The domain lock makes every method whole.
 *
 * Owns:  the source and the view.
 * Locks: the methods take the domain lock; every snake_case function here runs under it.
 */
#include "com/table_impl.h"

#include <assert.h>
#include <string.h>

#include "com/logon.h"
#include "com/slots.h"
#include "com/table_live.h"
#include "util/alloc.h"
#include "util/bytes.h"

enum {
    MAX_COLUMNS = 0x10000 /* more tags than there are property ids is a mistake */
};

struct table *table_from_iface(IMAPITable *iface)
{
    return CONTAINING_RECORD(iface, struct table, IMAPITable_iface);
}

static struct table *table_from_object(struct msp_object *object)
{
    return CONTAINING_RECORD(object, struct table, object);
}

MSP_UNKNOWN_METHODS(table, IMAPITable, object)

HRESULT table_begin(struct msp_call *call, struct table *table)
{
    HRESULT hr = msp_call_begin(call, &table->object);

    if (FAILED(hr) || !table_work_is_pending(&table->work))
        return hr;
    hr = msp_fail(call, MAPI_E_BUSY, 0, "The table is being sorted, filtered or set up.");
    return msp_call_end(call, hr);
}

HRESULT table_set_twin(
        struct msp_call *call, struct table *table, const struct view_wish *wish, struct view *twin)
{
    struct eng *eng = table->logon->eng;
    HRESULT hr = msp_from_engine(call, eng, eng_begin(eng, false));

    if (FAILED(hr))
        return hr;
    hr = twin != NULL ? view_apply_twin(call, &table->view, wish, twin)
                      : view_apply(call, &table->view, wish);
    table_leave(table);
    if (SUCCEEDED(hr) && table->live != NULL)
        table_live_restart(table->live);
    return hr;
}

/* What a client wants of the view. */
static HRESULT set_view(
        struct msp_call *call, struct table *table, const struct view_wish *wish, bool now)
{
    struct view *view = &table->view;

    if (now)
        return table_set_twin(call, table, wish, NULL);
    if (wish->sort != NULL)
        return view_set_sort(call, view, wish->sort);
    if (wish->tags != NULL)
        return view_set_columns(call, view, wish->tags, wish->tag_count);
    view_set_restriction(view, wish->restriction);
    return S_OK;
}

static HRESULT set_columns(
        struct msp_call *call, struct table *table, const struct view_wish *wish, bool now)
{
    size_t tag_count = wish->tag_count;
    ULONG *columns = msp_memdup(wish->tags, tag_count * sizeof(*columns));
    ULONG *decode_columns = msp_memdup(wish->tags, tag_count * sizeof(*columns));
    bool needs_props = false;
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if (columns != NULL && decode_columns != NULL)
        hr = set_view(call, table, wish, now);
    if (FAILED(hr)) {
        msp_free(columns);
        msp_free(decode_columns);
        return hr;
    }
    for (size_t i = 0; i < tag_count; i++) {
        ULONG type = PROP_TYPE(columns[i]);

        if ((type & MVI_FLAG) == MVI_FLAG)
            decode_columns[i] = CHANGE_PROP_TYPE(columns[i], type & ~(ULONG)MVI_FLAG);
        needs_props |= columns[i] != PR_NULL && !view_is_own_column(columns[i]) &&
                       table->source->ops->needs_props(table->source, columns[i]);
    }
    msp_free(table->columns);
    msp_free(table->decode_columns);
    table->columns = columns;
    table->decode_columns = decode_columns;
    table->column_count = tag_count;
    table->columns_need_props = needs_props;
    return S_OK;
}

HRESULT table_set(
        struct msp_call *call, struct table *table, const struct view_wish *wish, bool now)
{
    if (wish->tags != NULL)
        return set_columns(call, table, wish, now || table->live != NULL);
    return set_view(call, table, wish, now || table->live != NULL);
}

/* TBL_ASYNC: in the background, where that is possible. */
static HRESULT set_soon(
        struct msp_call *call, struct table *table, const struct view_wish *wish, ULONG flags)
{
    HRESULT hr = MAPI_E_NO_SUPPORT;

    if ((flags & TBL_ASYNC) != 0)
        hr = table_work_begin(call, table, wish);
    if (hr != MAPI_E_NO_SUPPORT)
        return hr;
    hr = table_set(call, table, wish, false);
    if (SUCCEEDED(hr))
        table_work_outdate(&table->work);
    return hr;
}

/* --- columns ---------------------------------------------------------------------------------- */

static ULONG to_width(ULONG tag, bool unicode)
{
    ULONG type = PROP_TYPE(tag) & ~(ULONG)MV_FLAG;

    if (unicode || type != PT_UNICODE)
        return tag;
    return CHANGE_PROP_TYPE(tag, PT_STRING8 | (PROP_TYPE(tag) & MV_FLAG));
}

static HRESULT STDMETHODCALLTYPE table_SetColumns(
        IMAPITable *iface, LPSPropTagArray tags, ULONG flags)
{
    struct table *table = table_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_NEED(tags != NULL && tags->cValues > 0 && tags->cValues <= MAX_COLUMNS);
    MSP_NEED_FLAGS(flags, TBL_ASYNC | TBL_BATCH);

    hr = table_begin(&call, table);
    if (FAILED(hr))
        return hr;
    hr = set_soon(&call, table,
            &(struct view_wish){ .tags = tags->aulPropTag, .tag_count = tags->cValues }, flags);
    return msp_call_end(&call, hr);
}

/* Everything the source can provide, then what the table adds to any source. */
static HRESULT list_columns(struct msp_call *call, struct table *table, struct msp_buf *out)
{
    static const ULONG own[] = { PR_INSTANCE_KEY, PR_ROW_TYPE, PR_DEPTH };
    struct table_source *source = table->source;
    HRESULT hr = S_OK;

    if (source->ops->all_columns != NULL)
        hr = source->ops->all_columns(call, source, out);
    else
        msp_buf_append(out, source->ops->columns, source->ops->column_count * sizeof(ULONG));
    for (size_t i = 0; i < MSP_COUNT_OF(own) && SUCCEEDED(hr); i++) {
        const ULONG *tags = (const ULONG *)(const void *)out->data;
        size_t count = out->size / sizeof(ULONG);
        size_t k = 0;

        while (k < count && tags[k] != own[i])
            k++;
        if (k == count)
            msp_buf_append(out, &own[i], sizeof(own[i]));
    }
    if (SUCCEEDED(hr) && out->failed)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    return hr;
}

static HRESULT query_columns(
        struct msp_call *call, struct table *table, bool all, LPSPropTagArray *out)
{
    struct msp_buf list = MSP_BUF_INIT;
    void *block = NULL;
    SPropTagArray *tags;
    HRESULT hr = S_OK;

    if (all)
        hr = list_columns(call, table, &list);
    else if (!msp_buf_append(&list, table->columns, table->column_count * sizeof(ULONG)))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (SUCCEEDED(hr))
        hr = mapibuf_new(&table->alloc, sizeof(SPropTagArray) + list.size, &block);
    if (FAILED(hr))
        goto out;
    tags = block;
    tags->cValues = (ULONG)(list.size / sizeof(ULONG));
    memcpy(tags->aulPropTag, list.data, list.size);
    for (ULONG i = 0; all && i < tags->cValues; i++)
        tags->aulPropTag[i] = to_width(tags->aulPropTag[i], table->unicode);
    *out = tags;
out:
    msp_buf_free(&list);
    return hr;
}

static HRESULT STDMETHODCALLTYPE table_QueryColumns(
        IMAPITable *iface, ULONG flags, LPSPropTagArray *out_tags)
{
    struct table *table = table_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_tags);
    MSP_NEED(out_tags != NULL);
    MSP_NEED_FLAGS(flags, TBL_ALL_COLUMNS);

    hr = table_begin(&call, table);
    if (FAILED(hr))
        return hr;
    hr = query_columns(&call, table, (flags & TBL_ALL_COLUMNS) != 0, out_tags);
    return msp_call_end(&call, hr);
}

/* --- cursor and counts ------------------------------------------------------------------------ */

/* Within a transaction. */
static HRESULT count_rows(struct msp_call *call, struct table *table, size_t *out)
{
    HRESULT hr = view_count_early(call, &table->view, out);

    if (FAILED(hr) || *out != SIZE_MAX)
        return hr;
    hr = view_sync(call, &table->view);
    *out = view_count(&table->view);
    return hr;
}

static HRESULT get_row_count(struct msp_call *call, struct table *table, ULONG *out)
{
    struct eng *eng = table->logon->eng;
    size_t count = 0;
    HRESULT hr;

    hr = msp_from_engine(call, eng, eng_begin(eng, false));
    if (FAILED(hr))
        return hr;
    hr = count_rows(call, table, &count);
    table_leave(table);
    if (SUCCEEDED(hr))
        *out = (ULONG)count;
    return hr;
}

static HRESULT STDMETHODCALLTYPE table_GetRowCount(IMAPITable *iface, ULONG flags, ULONG *out_count)
{
    struct table *table = table_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_count);
    MSP_NEED(out_count != NULL);
    MSP_NEED_FLAGS(flags, 0);

    hr = table_begin(&call, table);
    if (FAILED(hr))
        return hr;
    hr = get_row_count(&call, table, out_count);
    return msp_call_end(&call, hr);
}

static HRESULT seek_row(
        struct msp_call *call, struct table *table, BOOKMARK origin, LONG rows, LONG *out_sought)
{
    size_t needed = SIZE_MAX; /* of the first rows; SIZE_MAX: all */
    int64_t target;
    size_t from;
    HRESULT hr;

    if (origin == BOOKMARK_BEGINNING && rows <= 0) { /* opening a table should not read it */
        table->view.cursor = 0;
        return S_OK;
    }
    if (origin == BOOKMARK_BEGINNING || origin == BOOKMARK_CURRENT)
        needed = (origin == BOOKMARK_CURRENT ? table->view.cursor : 0) +
                 (size_t)(rows > 0 ? rows : 0);
    hr = table_enter_head(call, table, needed);
    if (FAILED(hr))
        return hr;
    hr = table_bookmark_position(call, table, origin, &from);
    table_leave(table);
    if (FAILED(hr))
        return hr;
    target = (int64_t)from + rows;
    if (target < 0)
        target = 0;
    if (target > (int64_t)view_count(&table->view))
        target = (int64_t)view_count(&table->view);
    table->view.cursor = (size_t)target;
    if (out_sought != NULL)
        *out_sought = (LONG)(target - (int64_t)from);
    return hr;
}

static HRESULT STDMETHODCALLTYPE table_SeekRow(
        IMAPITable *iface, BOOKMARK origin, LONG rows, LONG *out_rows_sought)
{
    struct table *table = table_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_rows_sought);

    hr = table_begin(&call, table);
    if (FAILED(hr))
        return hr;
    hr = seek_row(&call, table, origin, rows, out_rows_sought);
    return msp_call_end(&call, hr);
}

static HRESULT seek_approx(
        struct msp_call *call, struct table *table, ULONG numerator, ULONG denominator)
{
    HRESULT hr;

    if (numerator == 0) {
        table->view.cursor = 0;
        return S_OK;
    }
    hr = table_enter(call, table);
    if (FAILED(hr))
        return hr;
    table_leave(table);
    if (numerator >= denominator)
        table->view.cursor = view_count(&table->view);
    else
        table->view.cursor = (size_t)((uint64_t)view_count(&table->view) * numerator / denominator);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE table_SeekRowApprox(
        IMAPITable *iface, ULONG numerator, ULONG denominator)
{
    struct table *table = table_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_NEED(denominator != 0);

    hr = table_begin(&call, table);
    if (FAILED(hr))
        return hr;
    hr = seek_approx(&call, table, numerator, denominator);
    return msp_call_end(&call, hr);
}

static HRESULT query_position(struct msp_call *call, struct table *table, ULONG *out_row,
        ULONG *out_numerator, ULONG *out_denominator)
{
    size_t count;
    HRESULT hr;

    hr = table_enter_head(call, table, table->view.cursor);
    if (FAILED(hr))
        return hr;
    hr = count_rows(call, table, &count);
    table_leave(table);
    if (FAILED(hr))
        return hr;
    *out_row = (ULONG)table->view.cursor;
    *out_numerator = (ULONG)table->view.cursor;
    *out_denominator = (ULONG)count;
    if (*out_denominator == 0) /* the end of an empty table is an end like any other */
        *out_numerator = *out_denominator = 1;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE table_QueryPosition(
        IMAPITable *iface, ULONG *out_row, ULONG *out_numerator, ULONG *out_denominator)
{
    struct table *table = table_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_row);
    MSP_CLEAR(out_numerator);
    MSP_CLEAR(out_denominator);
    MSP_NEED(out_row != NULL && out_numerator != NULL && out_denominator != NULL);

    hr = table_begin(&call, table);
    if (FAILED(hr))
        return hr;
    hr = query_position(&call, table, out_row, out_numerator, out_denominator);
    return msp_call_end(&call, hr);
}

/* --- filter ----------------------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE table_FindRow(
        IMAPITable *iface, LPSRestriction restriction, BOOKMARK origin, ULONG flags)
{
    struct table *table = table_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_NEED(restriction != NULL);
    MSP_NEED_FLAGS(flags, DIR_BACKWARD);

    hr = table_begin(&call, table);
    if (FAILED(hr))
        return hr;
    hr = table_find_row(&call, table, restriction, origin, (flags & DIR_BACKWARD) != 0);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE table_Restrict(
        IMAPITable *iface, LPSRestriction restriction, ULONG flags)
{
    struct table *table = table_from_iface(iface);
    struct view_wish wish = { .is_restriction = true };
    struct msp_call call;
    HRESULT hr;

    MSP_NEED_FLAGS(flags, TBL_ASYNC | TBL_BATCH);

    hr = table_begin(&call, table);
    if (FAILED(hr))
        return hr;
    hr = table_compile(&call, table, restriction, &wish.restriction);
    if (SUCCEEDED(hr)) {
        hr = set_soon(&call, table, &wish, flags);
        if (FAILED(hr))
            restrict_free(wish.restriction);
    }
    return msp_call_end(&call, hr);
}

/* --- bookmarks -------------------------------------------------------------------------------- */

static HRESULT create_bookmark(struct msp_call *call, struct table *table, BOOKMARK *out)
{
    HRESULT hr;

    if (!table->source->ops->can_bookmark)
        return msp_fail(call, MAPI_E_NO_SUPPORT, 0, "This table has no bookmarks.");
    hr = table_enter(call, table);
    if (FAILED(hr))
        return hr;
    table_leave(table);
    return table_bookmark_result(call, view_bookmark_new(&table->view, table->view.cursor, out));
}

static HRESULT STDMETHODCALLTYPE table_CreateBookmark(IMAPITable *iface, BOOKMARK *out)
{
    struct table *table = table_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out);
    MSP_NEED(out != NULL);

    hr = table_begin(&call, table);
    if (FAILED(hr))
        return hr;
    hr = create_bookmark(&call, table, out);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE table_FreeBookmark(IMAPITable *iface, BOOKMARK bookmark)
{
    struct table *table = table_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    hr = table_begin(&call, table);
    if (FAILED(hr))
        return hr;
    hr = table_bookmark_result(&call, view_bookmark_free(&table->view, bookmark));
    return msp_call_end(&call, hr);
}

/* --- order ------------------------------------------------------------------------------------ */

static HRESULT STDMETHODCALLTYPE table_SortTable(
        IMAPITable *iface, LPSSortOrderSet order, ULONG flags)
{
    struct table *table = table_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_NEED(order != NULL);
    MSP_NEED_FLAGS(flags, TBL_ASYNC | TBL_BATCH);

    hr = table_begin(&call, table);
    if (FAILED(hr))
        return hr;
    hr = set_soon(&call, table, &(struct view_wish){ .sort = order }, flags);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE table_QuerySortOrder(IMAPITable *iface, LPSSortOrderSet *out)
{
    struct table *table = table_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out);
    MSP_NEED(out != NULL);

    hr = table_begin(&call, table);
    if (FAILED(hr))
        return hr;
    hr = sortorder_give(&table->alloc, table->view.sort, out);
    return msp_call_end(&call, hr);
}

/* --- rows ------------------------------------------------------------------------------------- */

static HRESULT query_rows(
        struct msp_call *call, struct table *table, LONG wanted, bool advance, LPSRowSet *out)
{
    struct view *view = &table->view;
    size_t first;
    size_t count;
    HRESULT hr;

    hr = table_enter_head(call, table, view->cursor + (size_t)(wanted > 0 ? wanted : 0));
    if (FAILED(hr))
        return hr;
    if (wanted > 0) {
        first = view->cursor;
        count = msp_min((size_t)wanted, view_count(view) - first);
    } else {
        count = msp_min((size_t)(-(int64_t)wanted), view->cursor);
        first = view->cursor - count;
    }
    hr = table_rows_get(call, table, first, count, out);
    table_leave(table);
    if (SUCCEEDED(hr))
        view->cursor = wanted > 0 && advance ? first + count : first;
    return hr;
}

static HRESULT STDMETHODCALLTYPE table_QueryRows(
        IMAPITable *iface, LONG count, ULONG flags, LPSRowSet *out_rows)
{
    struct table *table = table_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_rows);
    MSP_NEED(out_rows != NULL && count != 0);
    MSP_NEED_FLAGS(flags, TBL_NOADVANCE);

    hr = table_begin(&call, table);
    if (FAILED(hr))
        return hr;
    hr = query_rows(&call, table, count, (flags & TBL_NOADVANCE) == 0, out_rows);
    return msp_call_end(&call, hr);
}

/* --- categories ------------------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE table_ExpandRow(IMAPITable *iface, ULONG key_size, LPBYTE key,
        ULONG count, ULONG flags, LPSRowSet *out_rows, ULONG *out_more)
{
    struct table *table = table_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_rows);
    MSP_CLEAR(out_more);
    MSP_NEED(key != NULL && out_more != NULL && (out_rows != NULL || count == 0));
    MSP_NEED_FLAGS(flags, 0);

    hr = table_begin(&call, table);
    if (FAILED(hr))
        return hr;
    hr = table_expand_row(&call, table, key, key_size, count, out_rows, out_more);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE table_CollapseRow(
        IMAPITable *iface, ULONG key_size, LPBYTE key, ULONG flags, ULONG *out_count)
{
    struct table *table = table_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_count);
    MSP_NEED(key != NULL && out_count != NULL);
    MSP_NEED_FLAGS(flags, 0);

    hr = table_begin(&call, table);
    if (FAILED(hr))
        return hr;
    hr = table_collapse_row(&call, table, key, key_size, out_count);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE table_GetCollapseState(IMAPITable *iface, ULONG flags,
        ULONG key_size, LPBYTE key, ULONG *out_size, LPBYTE *out_state)
{
    struct table *table = table_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_size);
    MSP_CLEAR(out_state);
    MSP_NEED(key != NULL && out_size != NULL && out_state != NULL);
    MSP_NEED_FLAGS(flags, 0);

    hr = table_begin(&call, table);
    if (FAILED(hr))
        return hr;
    hr = table_get_state(&call, table, key, key_size, out_size, out_state);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE table_SetCollapseState(
        IMAPITable *iface, ULONG flags, ULONG size, LPBYTE state, BOOKMARK *out)
{
    struct table *table = table_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out);
    MSP_NEED(state != NULL && out != NULL);
    MSP_NEED_FLAGS(flags, 0);

    hr = table_begin(&call, table);
    if (FAILED(hr))
        return hr;
    hr = table_set_state(&call, table, state, size, out);
    return msp_call_end(&call, hr);
}

/* --- what needs no rows ----------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE table_GetLastError(
        IMAPITable *iface, HRESULT hr, ULONG flags, LPMAPIERROR *out)
{
    struct table *table = table_from_iface(iface);

    return msp_last_error_get(&table->object, hr, flags, &table->alloc, out);
}

/* --- the class -------------------------------------------------------------------------------- */

static void table_dispose(struct msp_object *object)
{
    struct table *table = table_from_object(object);

    if (table->source == NULL)
        return;
    table_work_close(table);
    table_live_close(table);
    view_done(&table->view);
    table->source->ops->free(table->source);
    table->source = NULL;
    msp_free(table->columns);
    msp_free(table->decode_columns);
    table->columns = NULL;
    table->decode_columns = NULL;
}

static void table_finalize(struct msp_object *object)
{
    table_work_done(&table_from_object(object)->work);
}

static const struct msp_iface table_ifaces[] = {
    { &IID_IUnknown, offsetof(struct table, IMAPITable_iface) },
    { &IID_IMAPITable, offsetof(struct table, IMAPITable_iface) },
    { NULL, 0 },
};

static const struct msp_class table_class = {
    .name = "table",
    .size = sizeof(struct table),
    .object_offset = offsetof(struct table, object),
    .ifaces = table_ifaces,
    .dispose = table_dispose,
    .finalize = table_finalize,
};

static const struct IMAPITableVtbl table_vtbl = {
    MSP_UNKNOWN_SLOTS(table),
    .GetLastError = table_GetLastError,
    .Advise = table_Advise,
    .Unadvise = table_Unadvise,
    .GetStatus = table_GetStatus,
    .SetColumns = table_SetColumns,
    .QueryColumns = table_QueryColumns,
    .GetRowCount = table_GetRowCount,
    .SeekRow = table_SeekRow,
    .SeekRowApprox = table_SeekRowApprox,
    .QueryPosition = table_QueryPosition,
    .FindRow = table_FindRow,
    .Restrict = table_Restrict,
    .CreateBookmark = table_CreateBookmark,
    .FreeBookmark = table_FreeBookmark,
    .SortTable = table_SortTable,
    .QuerySortOrder = table_QuerySortOrder,
    .QueryRows = table_QueryRows,
    .Abort = table_Abort,
    .ExpandRow = table_ExpandRow,
    .CollapseRow = table_CollapseRow,
    .WaitForCompletion = table_WaitForCompletion,
    .GetCollapseState = table_GetCollapseState,
    .SetCollapseState = table_SetCollapseState,
};

static HRESULT set_default_columns(struct msp_call *call, struct table *table)
{
    const struct table_source_ops *ops = table->source->ops;
    ULONG *tags = msp_alloc_array(ops->column_count, sizeof(*tags));
    HRESULT hr;

    if (tags == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < ops->column_count; i++)
        tags[i] = to_width(ops->columns[i], table->unicode);
    hr = table_set(call, table, &(struct view_wish){ .tags = tags, .tag_count = ops->column_count },
            false);
    msp_free(tags);
    return hr;
}

HRESULT table_new_sorted(struct msp_call *call, struct logon *logon, struct msp_object *parent,
        struct table_source *source, ULONG flags, const SSortOrderSet *order, LPMAPITABLE *out)
{
    struct table *table = msp_object_alloc(&table_class);
    HRESULT hr;

    *out = NULL;
    if (table == NULL) {
        source->ops->free(source);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    table->IMAPITable_iface.lpVtbl = &table_vtbl;
    table_work_init(&table->work);
    table->logon = logon;
    table->alloc = logon->alloc;
    table->source = source;
    table->unicode = (flags & MAPI_UNICODE) != 0;
    view_init(&table->view, source);
    hr = set_default_columns(call, table);
    if (SUCCEEDED(hr) && order != NULL)
        hr = view_set_sort(call, &table->view, order);
    if (FAILED(hr)) {
        msp_object_abandon(&table->object);
        return hr;
    }
    msp_object_start(&table->object, call->domain, parent);
    *out = &table->IMAPITable_iface;
    return S_OK;
}

HRESULT table_new(struct msp_call *call, struct logon *logon, struct msp_object *parent,
        struct table_source *source, ULONG flags, LPMAPITABLE *out)
{
    return table_new_sorted(call, logon, parent, source, flags, NULL, out);
}
