/* SPDX-License-Identifier: MIT */
/*
 * view_cell.c - the columns of one row as the view sees them: instance keys, single values of
 * multi-value properties, large values, restrictions.
 *
 * Owns:  nothing.
 * Locks: everything runs under the domain lock.
 */
#include "com/view.h"

#include <assert.h>
#include <string.h>

#include "com/logon.h"
#include "util/bytes.h"
#include "util/utf.h"

bool view_is_own_column(ULONG tag)
{
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_INSTANCE_KEY):
    case PROP_ID(PR_ROW_TYPE):
    case PROP_ID(PR_DEPTH):
        return true;
    default:
        return false;
    }
}

/* Index of the first entry that is not before the row. */
static size_t departed_index(const struct view *view, struct view_id id)
{
    const struct view_departed *items = MSP_ARRAY_ITEMS(struct view_departed, &view->departed);
    size_t low = 0;
    size_t high = view->departed.count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct view_id *at = &items[mid].id;

        if (at->id < id.id || (at->id == id.id && at->instance < id.instance))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static struct view_departed *departed_find(const struct view *view, struct view_id id)
{
    size_t index = departed_index(view, id);
    struct view_departed *found;

    if (index == view->departed.count)
        return NULL;
    found = MSP_ARRAY_AT(struct view_departed, &view->departed, index);
    return found->id.id == id.id && found->id.instance == id.instance ? found : NULL;
}

HRESULT view_depart(struct view *view, struct view_id id)
{
    struct view_departed *found = departed_find(view, id);
    struct view_departed first = { id, 1 };

    if (id.instance == VIEW_HEADING)
        return S_OK; /* a heading that comes back has another number */
    if (found != NULL)
        found->times++;
    else if (msp_array_insert(&view->departed, departed_index(view, id), &first) == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    return S_OK;
}

size_t view_instance_key_put(
        const struct view *view, struct view_id id, uint8_t out[VIEW_INSTANCE_KEY_MAX])
{
    const struct view_departed *alone = departed_find(view, id);
    const struct view_departed *all =
            departed_find(view, (struct view_id){ id.id, VIEW_ANY_INSTANCE });
    uint32_t times = (alone != NULL ? alone->times : 0) + (all != NULL ? all->times : 0);

    put_u64le(out, id.id);
    put_u32le(out + 8, id.instance);
    if (times == 0 || id.instance == VIEW_HEADING)
        return VIEW_INSTANCE_KEY_SIZE;
    put_u32le(out + VIEW_INSTANCE_KEY_SIZE, times);
    return VIEW_INSTANCE_KEY_MAX;
}

bool view_instance_key_get(
        const struct view *view, const void *key, size_t key_size, struct view_id *out)
{
    uint8_t now[VIEW_INSTANCE_KEY_MAX];

    if (key_size < VIEW_INSTANCE_KEY_SIZE)
        return false;
    out->id = get_u64le(key);
    out->instance = get_u32le((const uint8_t *)key + 8);
    return view_instance_key_put(view, *out, now) == key_size && memcmp(now, key, key_size) == 0;
}

/* --- multi-value instances -------------------------------------------------------------------- */

/* Number of values that the index-th expanded property has on this row; 1 when it is absent. */
static HRESULT mvi_count(struct view *view, const struct table_row *row, size_t index,
        struct prop_scratch *scratch, size_t *out)
{
    ULONG tag = CHANGE_PROP_TYPE(view->mvi[index], PROP_TYPE(view->mvi[index]) & ~MV_INSTANCE);
    struct bag_value cell;
    HRESULT hr;

    *out = 1;
    hr = view->source->ops->cell(view->source, row, tag, scratch, &cell);
    if (hr == MAPI_E_NOT_ENOUGH_MEMORY)
        return hr;
    if (SUCCEEDED(hr) && (cell.tag & MV_FLAG) != 0 && (cell.flags & BAG_LARGE) == 0 &&
            propval_count(&cell) > 1)
        *out = propval_count(&cell);
    return S_OK;
}

HRESULT view_instance_count(
        struct msp_call *call, struct view *view, const struct table_row *row, uint32_t *out)
{
    struct prop_scratch scratch;
    uint64_t total = 1;
    HRESULT hr = S_OK;

    prop_scratch_init(&scratch);
    for (size_t i = 0; i < view->mvi_count && SUCCEEDED(hr); i++) {
        size_t count = 1;

        hr = mvi_count(view, row, i, &scratch, &count);
        total = count <= VIEW_MAX_INSTANCES ? total * count : VIEW_MAX_INSTANCES + 1;
        if (SUCCEEDED(hr) && total > VIEW_MAX_INSTANCES)
            hr = msp_fail(call, MAPI_E_TOO_COMPLEX, 0,
                    "An item has too many values to be shown in a row for each.");
    }
    prop_scratch_done(&scratch);
    *out = (uint32_t)total;
    return hr;
}

/* Which of the expanded properties this is; mvi_count when none. */
static size_t mvi_find(const struct view *view, ULONG tag)
{
    size_t i;

    for (i = 0; i < view->mvi_count; i++) {
        if (PROP_ID(view->mvi[i]) == PROP_ID(tag))
            break;
    }
    return i;
}

/* Replaces a multi-value cell by this instance's value; the last property counts fastest. */
static HRESULT take_instance(const struct view_row *row, size_t index, struct prop_scratch *scratch,
        struct bag_value *cell)
{
    struct bag_value element;
    uint32_t left = row->instance;
    size_t count = 1;
    HRESULT hr;

    for (size_t i = row->view->mvi_count; i-- > index;) {
        hr = mvi_count(row->view, row->row, i, scratch, &count);
        if (FAILED(hr))
            return hr;
        if (i > index)
            left /= (uint32_t)count;
    }
    if (!propval_element(cell, left % count, &element))
        return MAPI_E_NOT_FOUND;
    *cell = element;
    return S_OK;
}

/* --- cells ------------------------------------------------------------------------------------ */

/* The table's own columns. */
static HRESULT own_cell(
        const struct view_row *row, ULONG tag, struct prop_scratch *scratch, struct bag_value *out)
{
    const struct view_category *category = row->category;
    struct view_id id = { row->row->id, row->instance };
    uint8_t key[VIEW_INSTANCE_KEY_MAX];
    uint32_t number;
    bool ok;

    switch (PROP_ID(tag)) {
    case PROP_ID(PR_INSTANCE_KEY):
        if (category != NULL) {
            id.id = category->serial;
            id.instance = VIEW_HEADING;
        }
        ok = prop_scratch_bytes(
                scratch, PR_INSTANCE_KEY, key, view_instance_key_put(row->view, id, key), out);
        break;
    case PROP_ID(PR_ROW_TYPE):
        number = TBL_LEAF_ROW;
        if (category != NULL)
            number = category->expanded ? TBL_EXPANDED_CATEGORY : TBL_COLLAPSED_CATEGORY;
        ok = prop_scratch_long(scratch, PR_ROW_TYPE, number, out);
        break;
    default:
        assert(PROP_ID(tag) == PROP_ID(PR_DEPTH));
        number = row->row->depth;
        if (row->view->order.level_count > 0)
            number = category != NULL ? category->level : (uint32_t)row->view->order.level_count;
        ok = prop_scratch_long(scratch, PR_DEPTH, number, out);
        break;
    }
    return ok ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT leaf_cell(
        const struct view_row *row, ULONG tag, struct prop_scratch *scratch, struct bag_value *out)
{
    struct table_source *source = row->view->source;
    ULONG type = PROP_TYPE(tag);
    bool single;
    size_t index;
    HRESULT hr;

    hr = source->ops->cell(source, row->row, tag, scratch, out);
    if (FAILED(hr) || (out->tag & MV_FLAG) == 0 || row->view->mvi_count == 0)
        return hr;
    single = (type & MV_INSTANCE) != 0 || ((type & MV_FLAG) == 0 && type != PT_UNSPECIFIED);
    index = mvi_find(row->view, tag);
    if (!single || index == row->view->mvi_count)
        return S_OK;
    return take_instance(row, index, scratch, out);
}

/* A heading has its category columns, those of the levels above, and two counts. */
static HRESULT heading_cell(
        const struct view_row *row, ULONG tag, struct prop_scratch *scratch, struct bag_value *out)
{
    const struct view_category *category = row->category;
    const struct view_order *order = &row->view->order;
    bool ok;

    for (size_t i = 0; i < order->levels[category->level].end_key; i++) {
        if (PROP_ID(order->keys[i].tag) == PROP_ID(tag))
            return leaf_cell(row, tag, scratch, out);
    }
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_CONTENT_COUNT):
        ok = prop_scratch_long(
                scratch, PR_CONTENT_COUNT, category->leaf_end - category->leaf_first, out);
        break;
    case PROP_ID(PR_CONTENT_UNREAD):
        ok = prop_scratch_long(scratch, PR_CONTENT_UNREAD, category->unread, out);
        break;
    default:
        return MAPI_E_NOT_FOUND;
    }
    return ok ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

HRESULT view_row_cell(
        const struct view_row *row, ULONG tag, struct prop_scratch *scratch, struct bag_value *out)
{
    if (view_is_own_column(tag))
        return own_cell(row, tag, scratch, out);
    if (row->category != NULL)
        return heading_cell(row, tag, scratch, out);
    return leaf_cell(row, tag, scratch, out);
}

/* Where a text of at most `max` bytes may end so that its last character is whole. */
static size_t whole_characters(const uint8_t *text, size_t size, size_t max)
{
    if (size <= max)
        return size;
    while (max > 0 && (text[max] & 0xC0) == 0x80)
        max--;
    return max;
}

HRESULT view_large_head(struct table_source *source, size_t max, struct prop_scratch *scratch,
        struct bag_value *cell)
{
    struct bag_large large;
    enum eng_status status;
    uint8_t *head;
    size_t size;
    size_t done = 0;

    if ((cell->flags & BAG_LARGE) == 0)
        return S_OK;
    if (!bag_large_get(cell, &large) || source->logon == NULL)
        return MAPI_E_NOT_FOUND;
    /* One byte more, to see whether the last character is whole. */
    size = large.size > max ? max + 1 : (size_t)large.size;
    head = prop_scratch_take(scratch, size + 1);
    if (head == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    while (done < size) {
        size_t got = 0;

        status = eng_value_read(source->logon->eng, large.id, done, head + done, size - done, &got);
        if (status != ENG_OK)
            return msp_engine_hresult(status);
        if (got == 0)
            break;
        done += got;
    }
    cell->flags = 0;
    cell->data = head;
    cell->size = PROP_TYPE(cell->tag) == PT_UNICODE ? whole_characters(head, done, max)
                                                    : msp_min(done, max);
    return S_OK;
}

/* --- restrictions ----------------------------------------------------------------------------- */

struct matcher {
    const struct view_row *row;
    struct prop_scratch *scratch;
    HRESULT hr;
};

static bool matcher_result(struct matcher *matcher, HRESULT hr)
{
    if (FAILED(hr) && hr != MAPI_E_NOT_FOUND)
        matcher->hr = hr;
    return SUCCEEDED(hr);
}

static bool matcher_get(void *context, ULONG tag, struct bag_value *out)
{
    struct matcher *matcher = context;

    return matcher_result(matcher, view_row_cell(matcher->row, tag, matcher->scratch, out));
}

static bool matcher_load(void *context, struct bag_value *cell)
{
    struct matcher *matcher = context;

    return matcher_result(matcher,
            view_large_head(matcher->row->view->source, VIEW_RESTRICT_MAX, matcher->scratch, cell));
}

static bool matcher_any(
        void *context, ULONG subobject, const struct restrict_program *program, size_t node)
{
    struct matcher *matcher = context;
    struct table_source *source = matcher->row->view->source;
    bool match = false;
    HRESULT hr = source->ops->any(source, matcher->row->row, subobject, program, node, &match);

    return matcher_result(matcher, hr) && match;
}

bool view_row_match_node(const struct view_row *row, const struct restrict_program *program,
        size_t node, HRESULT *hr)
{
    bool has_subobjects = row->category == NULL && row->view->source->ops->any != NULL;
    struct prop_scratch scratch;
    struct matcher matcher = { row, &scratch, S_OK };
    struct restrict_row reader = { &matcher, matcher_get, has_subobjects ? matcher_any : NULL,
        matcher_load };
    bool match;

    prop_scratch_init(&scratch);
    match = restrict_match_node(program, node, &reader);
    prop_scratch_done(&scratch);
    if (FAILED(matcher.hr))
        *hr = matcher.hr;
    return match && SUCCEEDED(matcher.hr);
}

bool view_row_match(const struct view_row *row, const struct restrict_program *program, HRESULT *hr)
{
    return program == NULL || view_row_match_node(row, program, 0, hr);
}

struct needs {
    const struct view *view;
    bool with_props;
    bool by_instance;
};

static void needs_tag(void *context, ULONG tag)
{
    struct needs *needs = context;
    struct table_source *source = needs->view->source;

    if (view_is_own_column(tag))
        needs->by_instance = true;
    else if (source->ops->needs_props(source, tag))
        needs->with_props = true;
    if (mvi_find(needs->view, tag) < needs->view->mvi_count)
        needs->by_instance = true;
}

void view_restriction_needs(const struct view *view, const struct restrict_program *program,
        bool *with_props, bool *by_instance)
{
    struct needs needs = { view, false, false };

    if (program != NULL)
        restrict_tags(program, needs_tag, &needs);
    *with_props = needs.with_props;
    *by_instance = needs.by_instance;
}

struct naming {
    struct table_source *source;
    uint64_t id;
};

static bool is_naming(void *context, ULONG tag, const void *value, size_t value_size)
{
    struct naming *naming = context;

    return naming->source->ops->named(naming->source, tag, value, value_size, &naming->id);
}

bool view_restriction_names(
        const struct view *view, const struct restrict_program *program, uint64_t *out_id)
{
    struct naming naming = { view->source, 0 };
    bool is_named =
            view->source->ops->named != NULL && restrict_find_equal(program, is_naming, &naming);

    *out_id = naming.id;
    return is_named;
}
