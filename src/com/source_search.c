/* SPDX-License-Identifier: MIT */
/*
 * source_search.c - the results of a search folder as rows: real messages, wherever they lie.
 *
 * Rows are those of a contents source, with the folder's name beside them; which ones there are,
 * the search says.
 *
 * Owns:  a contents source, the list of columns, and the folders' names that rows have shown.
 * Locks: everything runs under the domain lock.
 */
#include <string.h>

#include "com/logon.h"
#include "com/search.h"
#include "com/table.h"
#include "util/alloc.h"
#include "util/array.h"
#include "util/hash.h"

enum {
    CHECK_EVERY = 256 /* rows read between two looks at the domain */
};

/* A folder whose name rows show, and may be sorted or filtered by. Events say of a folder that it
 * has changed when its counts have, too: whether its name has is found by looking. */
struct shown_folder {
    uint64_t folder;
    uint64_t hash;   /* of the name that was shown first */
    bool is_renamed; /* since then: which name rows were made with is not known any more */
};

struct results {
    struct table_source source;  /* first */
    struct table_source_ops ops; /* results_ops with the columns */
    struct table_source *contents;
    uint64_t folder;
    ULONG *columns;
    struct msp_array *shown; /* struct shown_folder */
};

static struct results *results_from_source(struct table_source *source)
{
    return CONTAINING_RECORD(source, struct results, source);
}

/* CONTAINING_RECORD is not for const. */
static const struct results *results_of(const struct table_source *source)
{
    return (const struct results *)source;
}

static void results_identity(const struct table_source *source, struct msp_buf *out)
{
    const struct table_source *contents = results_of(source)->contents;

    contents->ops->identity(contents, out);
}

static uint64_t results_stamp(struct table_source *source)
{
    return eng_change_stamp(source->logon->eng);
}

static HRESULT look(struct msp_call *call, struct table_source *source, struct search **out)
{
    return search_look(call, source->logon, results_from_source(source)->folder, out);
}

static HRESULT results_scan(struct msp_call *call, struct table_source *source, bool with_props,
        table_row_fn fn, void *context)
{
    struct table_source *contents = results_from_source(source)->contents;
    struct search *search;
    bool more = true;
    HRESULT hr;

    hr = look(call, source, &search);
    for (size_t i = 0; SUCCEEDED(hr) && more && i < search->hits.count; i++) {
        struct table_row row;

        if (i % CHECK_EVERY == 0 && msp_domain_is_stopping(call->domain))
            return MAPI_E_INVALID_OBJECT;
        hr = search_read_row(call, contents, MSP_ARRAY_AT(struct eng_hit, &search->hits, i)->id,
                with_props, &row);
        if (hr == MAPI_E_NOT_FOUND)
            hr = S_OK; /* deleted in a transaction that is still open */
        else if (SUCCEEDED(hr))
            more = fn(context, &row);
    }
    return hr;
}

static HRESULT results_read(struct msp_call *call, struct table_source *source, uint64_t id,
        bool with_props, struct table_row *out)
{
    return search_read_row(call, results_from_source(source)->contents, id, with_props, out);
}

static bool results_needs_props(const struct table_source *source, ULONG tag)
{
    const struct table_source *contents = results_of(source)->contents;

    return PROP_ID(tag) != PROP_ID(PR_PARENT_DISPLAY) && contents->ops->needs_props(contents, tag);
}

static struct shown_folder *find_shown(const struct results *results, uint64_t folder)
{
    struct shown_folder *shown = MSP_ARRAY_ITEMS(struct shown_folder, results->shown);

    for (size_t i = 0; i < results->shown->count; i++) {
        if (shown[i].folder == folder)
            return &shown[i];
    }
    return NULL;
}

/* False: no memory. */
static bool note_shown(const struct results *results, uint64_t folder, const struct msp_buf *name)
{
    struct shown_folder shown = { folder, msp_hash(name->data, name->size, 0), false };

    return find_shown(results, folder) != NULL || msp_array_push(results->shown, &shown) != NULL;
}

/* The name of the folder that a message lies in. */
static HRESULT parent_display(const struct results *results, const struct eng_msg *msg,
        struct prop_scratch *scratch, struct bag_value *out)
{
    struct eng *eng = results->source.logon->eng;
    struct msp_buf name = MSP_BUF_INIT;
    struct eng_folder folder;
    enum eng_status status = eng_folder_get(eng, msg->folder, &folder, &name, NULL);
    HRESULT hr = msp_engine_hresult(status);

    if (status == ENG_OK &&
            (!note_shown(results, msg->folder, &name) ||
                    !prop_scratch_bytes(scratch, PR_PARENT_DISPLAY_W, name.data, name.size, out)))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    msp_buf_free(&name);
    return hr;
}

static HRESULT results_cell(struct table_source *source, const struct table_row *row, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    struct table_source *contents = results_from_source(source)->contents;

    if (PROP_ID(tag) == PROP_ID(PR_PARENT_DISPLAY))
        return parent_display(results_of(source), row->narrow, scratch, out);
    return contents->ops->cell(contents, row, tag, scratch, out);
}

static HRESULT results_any(struct table_source *source, const struct table_row *row,
        ULONG subobject, const struct restrict_program *program, size_t node, bool *out_match)
{
    struct table_source *contents = results_from_source(source)->contents;

    return contents->ops->any(contents, row, subobject, program, node, out_match);
}

/* --- all columns ------------------------------------------------------------------------------ */

/* What a folder's table has, and what the first results have beside it. */
static HRESULT results_all_columns(
        struct msp_call *call, struct table_source *source, struct msp_buf *out)
{
    struct table_source *contents = results_from_source(source)->contents;
    struct table_columns columns = { out, TABLE_COLUMNS_ROWS };
    HRESULT hr;

    hr = contents->ops->all_columns(call, contents, out);
    if (FAILED(hr))
        return hr;
    table_columns_add(out, PR_PARENT_DISPLAY_W);
    return results_scan(call, source, true, table_columns_add_row, &columns);
}

/* --- the cheap ways --------------------------------------------------------------------------- */

static HRESULT results_count(struct msp_call *call, struct table_source *source, size_t *out)
{
    struct search *search;
    HRESULT hr = look(call, source, &search);

    if (SUCCEEDED(hr))
        *out = search->hits.count;
    return hr;
}

static HRESULT results_ids(struct msp_call *call, struct table_source *source, struct msp_buf *out)
{
    return search_ids(call, source->logon, results_from_source(source)->folder, out);
}

/* --- live rows -------------------------------------------------------------------------------- */

/* Does a changed folder have another name than rows may have been sorted or filtered by? */
static bool is_renamed(const struct results *results, uint64_t id)
{
    struct shown_folder *shown = find_shown(results, id);
    struct msp_buf name = MSP_BUF_INIT;
    struct eng_folder folder;

    if (shown == NULL)
        return false;
    if (!shown->is_renamed)
        shown->is_renamed =
                eng_folder_get(results->source.logon->eng, id, &folder, &name, NULL) != ENG_OK ||
                msp_hash(name.data, name.size, 0) != shown->hash;
    msp_buf_free(&name);
    return shown->is_renamed;
}

/* Any message may be found; folders that come, go or move may take many along. */
static enum table_concern results_concerns(
        const struct table_source *source, const struct eng_event *event)
{
    if (!event->is_folder)
        return event->kind == ENG_EVENT_NEW_MAIL ? TABLE_CONCERN_NONE : TABLE_CONCERN_ROW;
    if (event->kind == ENG_EVENT_SEARCHED)
        return event->object == results_of(source)->folder ? TABLE_CONCERN_ALL : TABLE_CONCERN_NONE;
    if (event->kind != ENG_EVENT_MODIFIED)
        return TABLE_CONCERN_ALL;
    return is_renamed(results_of(source), event->object) ? TABLE_CONCERN_VALUES
                                                         : TABLE_CONCERN_NONE;
}

static HRESULT results_belongs(
        struct msp_call *call, struct table_source *source, const struct table_row *row, bool *out)
{
    return search_has(call, source->logon, results_from_source(source)->folder, row->narrow, out);
}

/* Results are by delivery time, then id, as the messages of a folder are. */
static bool results_order_key(
        const struct table_source *source, const struct table_row *row, struct msp_buf *out)
{
    const struct table_source *contents = results_of(source)->contents;

    return contents->ops->order_key(contents, row, out);
}

/* A folder that gets another name is no event of the messages in it. */
static bool results_is_steady(const struct table_source *source, ULONG tag)
{
    MSP_UNUSED(source);
    return PROP_ID(tag) != PROP_ID(PR_PARENT_DISPLAY);
}

static void results_free(struct table_source *source)
{
    struct results *results = results_from_source(source);

    results->contents->ops->free(results->contents);
    msp_free(results->columns);
    if (results->shown != NULL)
        msp_array_free(results->shown);
    msp_free(results->shown);
    msp_free(results);
}

static const struct table_source_ops results_ops = {
    .can_sort = true,
    .can_categorize = true,
    .can_bookmark = true,
    .identity = results_identity,
    .stamp = results_stamp,
    .scan = results_scan,
    .read = results_read,
    .needs_props = results_needs_props,
    .cell = results_cell,
    .any = results_any,
    .all_columns = results_all_columns,
    .count = results_count,
    .ids = results_ids,
    .concerns = results_concerns,
    .belongs = results_belongs,
    .order_key = results_order_key,
    .is_steady = results_is_steady,
    .free = results_free,
};

/* The columns of a folder's table and PR_PARENT_DISPLAY. */
static bool make_columns(struct results *results)
{
    const struct table_source_ops *ops = results->contents->ops;
    size_t count = ops->column_count;

    results->columns = msp_alloc_array(count + 1, sizeof(*results->columns));
    if (results->columns == NULL)
        return false;
    memcpy(results->columns, ops->columns, count * sizeof(*results->columns));
    results->columns[count] = PR_PARENT_DISPLAY_W;
    results->ops.columns = results->columns;
    results->ops.column_count = count + 1;
    return true;
}

HRESULT source_search_new(
        struct msp_call *call, struct logon *logon, uint64_t folder, struct table_source **out)
{
    struct results *results = msp_calloc(1, sizeof(*results));
    HRESULT hr;

    *out = NULL;
    if (results == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = source_contents_new(call, logon, folder, false, &results->contents);
    if (FAILED(hr)) {
        msp_free(results);
        return hr;
    }
    results->ops = results_ops;
    results->source.ops = &results->ops;
    results->source.logon = logon;
    results->folder = folder;
    results->shown = msp_calloc(1, sizeof(*results->shown));
    if (results->shown != NULL)
        msp_array_init(results->shown, sizeof(struct shown_folder));
    if (results->shown == NULL || !make_columns(results)) {
        results_free(&results->source);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    *out = &results->source;
    return S_OK;
}
