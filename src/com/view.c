/* SPDX-License-Identifier: MIT */
/*
 * view.c - what a view wants, when it is evaluated, and the places kept in it.
 *
 * Owns:  the rows, the restriction and the bookmarks of the view.
 * Locks: everything runs under the domain lock.
 */
#include "com/view.h"

#include <stdatomic.h>
#include <string.h>

#include "util/alloc.h"
#include "util/bytes.h"

void view_init(struct view *view, struct table_source *source)
{
    memset(view, 0, sizeof(*view));
    view->source = source;
    view->next_serial = 1;
    msp_array_init(&view->bookmarks, sizeof(struct view_bookmark));
    msp_array_init(&view->departed, sizeof(struct view_departed));
}

void view_done(struct view *view)
{
    view_rows_free(&view->rows);
    view_kept_drop(view);
    restrict_free(view->restriction);
    view->restriction = NULL;
    msp_free(view->sort);
    view->sort = NULL;
    msp_array_free(&view->bookmarks);
    msp_array_free(&view->departed);
}

/* --- what is wanted --------------------------------------------------------------------------- */

static bool has_property(const ULONG *tags, size_t count, ULONG tag)
{
    for (size_t i = 0; i < count; i++) {
        if (PROP_ID(tags[i]) == PROP_ID(tag))
            return true;
    }
    return false;
}

static bool is_mvi(ULONG tag)
{
    return (PROP_TYPE(tag) & MVI_FLAG) == MVI_FLAG &&
           propval_is_type(PROP_TYPE(tag) & ~(ULONG)MVI_FLAG);
}

/* The expanded properties of columns and sort order together; true when they are others now. */
static bool update_mvi(struct view *view)
{
    ULONG old[MSP_COUNT_OF(view->mvi)];
    size_t old_count = view->mvi_count;
    size_t count = 0;

    memcpy(old, view->mvi, sizeof(old));
    for (size_t i = 0; i < view->column_mvi_count; i++)
        view->mvi[count++] = view->column_mvi[i];
    for (size_t i = 0; i < view->order.key_count; i++) {
        ULONG tag = view->order.keys[i].tag;

        if (is_mvi(tag) && !has_property(view->mvi, count, tag))
            view->mvi[count++] = tag;
    }
    view->mvi_count = count;
    return count != old_count || memcmp(old, view->mvi, count * sizeof(*old)) != 0;
}

HRESULT view_set_columns(
        struct msp_call *call, struct view *view, const ULONG *tags, size_t tag_count)
{
    ULONG mvi[VIEW_MAX_MVI];
    size_t count = 0;

    for (size_t i = 0; i < tag_count; i++) {
        if (!is_mvi(tags[i]) || has_property(mvi, count, tags[i]))
            continue;
        if (count == VIEW_MAX_MVI)
            return msp_fail(call, MAPI_E_TOO_COMPLEX, 0,
                    "More than %d columns ask for one row per value.", VIEW_MAX_MVI);
        mvi[count++] = tags[i];
    }
    memcpy(view->column_mvi, mvi, count * sizeof(*mvi));
    view->column_mvi_count = count;
    if (update_mvi(view)) {
        view->loaded = false;
        msp_array_truncate(&view->bookmarks, 0);
    }
    return S_OK;
}

void view_set_restriction(struct view *view, struct restrict_program *restriction)
{
    struct view was = *view; /* borrows what it was made of */
    struct view_rows none = { 0 };

    view->restriction = restriction;
    view->loaded = false;
    /* The next evaluation looks for its headings in these rows. */
    view_keep(view, &was, view->order.level_count == 0 ? &view->rows : &none);
    restrict_free(was.restriction);
    view->cursor = 0;
    msp_array_truncate(&view->bookmarks, 0);
}

HRESULT view_check_sort(struct msp_call *call, const struct view *view, const SSortOrderSet *sort)
{
    const struct table_source_ops *ops = view->source->ops;
    HRESULT hr = sortorder_check(sort);

    if (hr == MAPI_E_TOO_COMPLEX)
        return msp_fail(call, hr, 0, "The table cannot be sorted by so many or such properties.");
    if (FAILED(hr))
        return msp_fail(call, hr, 0, "The sort order is not well formed.");
    if (sort->cSorts > 0 && !ops->can_sort)
        return msp_fail(call, MAPI_E_NO_SUPPORT, 0, "This table cannot be sorted.");
    if (sort->cCategories > 0 && !ops->can_categorize)
        return msp_fail(call, MAPI_E_NO_SUPPORT, 0, "This table has no categories.");
    return S_OK;
}

/* One entry of the categories' part: a level of its own, or something about the level before. */
static void plan_category(struct view_order *plan, const SSortOrder *sort)
{
    bool descending = (sort->ulOrder & TABLE_SORT_DESCEND) != 0;
    struct view_key *key = &plan->keys[plan->key_count];
    struct view_level *level;

    if (sort->ulOrder <= TABLE_SORT_DESCEND) {
        level = &plan->levels[plan->level_count++];
        level->descending = descending;
    } else {
        level = &plan->levels[plan->level_count - 1];
    }
    if ((sort->ulOrder & (TABLE_SORT_CATEG_MAX | TABLE_SORT_CATEG_MIN)) != 0) {
        level->aggregate = sort->ulPropTag;
        level->maximum = (sort->ulOrder & TABLE_SORT_CATEG_MAX) != 0;
        level->descending |= descending;
        return;
    }
    key->tag = sort->ulPropTag;
    key->descending = level->descending || descending;
    plan->key_count++;
    level->end_key = plan->key_count;
}

/* Keys that are combined with the last category, or order it, belong to it even when the client did
 * not count them among the categories. */
static void plan_order(const SSortOrderSet *sort, struct view_order *plan)
{
    memset(plan, 0, sizeof(*plan));
    for (size_t i = 0; i < sort->cSorts; i++) {
        const SSortOrder *entry = &sort->aSort[i];

        if (i >= sort->cCategories && entry->ulOrder <= TABLE_SORT_DESCEND) {
            plan->keys[plan->key_count].tag = entry->ulPropTag;
            plan->keys[plan->key_count].descending = entry->ulOrder == TABLE_SORT_DESCEND;
            plan->key_count++;
            continue;
        }
        plan_category(plan, entry);
        plan->levels[plan->level_count - 1].expanded =
                msp_min(i + 1, sort->cCategories) <= sort->cExpanded;
    }
}

HRESULT view_set_sort(struct msp_call *call, struct view *view, const SSortOrderSet *sort)
{
    struct view was = *view; /* borrows what it was made of */
    SSortOrderSet *copy = NULL;
    HRESULT hr;

    hr = view_check_sort(call, view, sort);
    if (SUCCEEDED(hr))
        hr = sortorder_copy(sort, &copy);
    if (FAILED(hr))
        return hr;
    msp_free(view->sort);
    view->sort = copy;
    plan_order(sort, &view->order);
    (void)update_mvi(view);
    view->loaded = false;
    view_keep(view, &was, &view->rows); /* other headings: nothing of theirs goes on */
    view->cursor = 0;
    msp_array_truncate(&view->bookmarks, 0);
    return S_OK;
}

/* --- rows ------------------------------------------------------------------------------------- */

const struct view_category *view_at(const struct view *view, size_t position, size_t *out_leaf)
{
    const struct view_rows *rows = &view->rows;
    uint32_t entry;

    *out_leaf = position;
    if (rows->visible == NULL)
        return NULL;
    entry = rows->visible[position];
    *out_leaf = entry;
    return (entry & VIEW_CATEGORY_BIT) != 0 ? &rows->categories[entry & ~VIEW_CATEGORY_BIT] : NULL;
}

struct view_id view_leaf_id(const struct view_rows *rows, size_t leaf)
{
    struct view_id id = { rows->ids[leaf], rows->instances != NULL ? rows->instances[leaf] : 0 };

    return id;
}

struct view_id view_rows_id(const struct view_rows *rows, size_t position)
{
    struct view_id id;
    size_t leaf = position;

    if (rows->visible != NULL) {
        uint32_t entry = rows->visible[position];

        if ((entry & VIEW_CATEGORY_BIT) != 0) {
            id.id = rows->categories[entry & ~VIEW_CATEGORY_BIT].serial;
            id.instance = VIEW_HEADING;
            return id;
        }
        leaf = entry;
    }
    return view_leaf_id(rows, leaf);
}

struct view_id view_id_at(const struct view *view, size_t position)
{
    return view_rows_id(&view->rows, position);
}

/* The place of a leaf or a heading among visible entries: a heading is before its first leaf, an
 * outer one before the inner. */
static uint64_t place_of(const struct view_rows *rows, uint32_t entry)
{
    if ((entry & VIEW_CATEGORY_BIT) == 0)
        return (uint64_t)entry << 32 | UINT32_MAX;
    entry &= ~VIEW_CATEGORY_BIT;
    return (uint64_t)rows->categories[entry].leaf_first << 32 | entry;
}

size_t view_rows_position(const struct view_rows *rows, uint32_t entry)
{
    size_t low = 0;
    size_t high = rows->visible_count;
    uint64_t place;

    if (rows->visible == NULL)
        return entry;
    place = place_of(rows, entry);
    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (place_of(rows, rows->visible[mid]) < place)
            low = mid + 1;
        else
            high = mid;
    }
    return low < rows->visible_count && rows->visible[low] == entry ? low : SIZE_MAX;
}

void view_rows_make_low(struct view_rows *rows)
{
    enum { LOW_MIN = 32768 };

    if (rows->low != NULL || rows->leaf_count < LOW_MIN)
        return;
    rows->low = msp_alloc_array(msp_max(rows->leaf_count, rows->ids_room), sizeof(*rows->low));
    for (size_t i = 0; i < rows->leaf_count && rows->low != NULL; i++)
        rows->low[i] = (uint16_t)rows->ids[i];
}

enum {
    BLOCK = 32 /* ids in loops that compilers turn into vector instructions */
};

static bool has_in_block(const uint64_t *ids, uint64_t id)
{
    uint64_t found = 0;

    for (size_t i = 0; i < BLOCK; i++)
        found |= ids[i] == id;
    return found != 0;
}

static bool has_low_in_block(const uint16_t *low, uint16_t id)
{
    uint16_t found = 0;

    for (size_t i = 0; i < BLOCK; i++)
        found |= low[i] == id;
    return found != 0;
}

size_t view_rows_leaf(const struct view_rows *rows, size_t at, uint64_t id)
{
    for (; rows->leaf_count - at >= BLOCK; at += BLOCK) {
        if (rows->low != NULL && !has_low_in_block(rows->low + at, (uint16_t)id))
            continue;
        if (has_in_block(rows->ids + at, id))
            break;
    }
    while (at < rows->leaf_count && rows->ids[at] != id)
        at++;
    return at;
}

size_t view_find(const struct view *view, struct view_id id)
{
    const struct view_rows *rows = &view->rows;
    size_t leaf;

    for (size_t i = 0; i < rows->category_count && id.instance == VIEW_HEADING; i++) {
        if (rows->categories[i].serial == id.id)
            return view_rows_position(rows, (uint32_t)i | VIEW_CATEGORY_BIT);
    }
    if (id.instance == VIEW_HEADING)
        return SIZE_MAX;
    for (leaf = view_rows_leaf(rows, 0, id.id); leaf < rows->leaf_count;
            leaf = view_rows_leaf(rows, leaf + 1, id.id)) {
        if (id.instance == (rows->instances != NULL ? rows->instances[leaf] : 0))
            return view_rows_position(rows, (uint32_t)leaf);
    }
    return SIZE_MAX;
}

/* Is what was evaluated still how things are? */
static bool is_current(const struct view *view, uint64_t stamp)
{
    return view->loaded && view->stamp == stamp;
}

/* Puts new rows in the place of the old ones, which go to `rows`. */
static HRESULT take_rows(struct view *view, struct view_rows *rows, uint64_t stamp)
{
    struct view_rows old = view->rows;
    HRESULT hr = view_reanchor(view, &old, rows);

    if (FAILED(hr)) {
        view_rows_free(rows);
        return hr;
    }
    view->rows = *rows;
    view->loaded = true;
    view->stamp = stamp;
    *rows = old;
    return S_OK;
}

/* Tells what has become of the old rows. */
static void tell(struct msp_call *call, struct view *view, const struct view_rows *old,
        const struct view_changes *changes)
{
    struct msp_array events = MSP_ARRAY_INIT(struct view_event);
    HRESULT hr = MAPI_E_TOO_BIG;

    if (changes->is_complete)
        hr = view_diff(&view->order, old, &view->rows, &changes->ids, VIEW_CHANGES_MAX, &events);
    if (FAILED(hr))
        view->watch->changed(view->watch, call, NULL, 0);
    else if (events.count > 0)
        view->watch->changed(
                view->watch, call, MSP_ARRAY_ITEMS(struct view_event, &events), events.count);
    msp_array_free(&events);
}

HRESULT view_replace(struct msp_call *call, struct view *view, struct view_rows *rows,
        const struct view_changes *changes)
{
    bool is_told = view->watch != NULL && view->loaded && !view->rows.is_head;
    HRESULT hr;

    if (view->watch != NULL)
        view_print_headings(call, view, rows, &changes->ids);
    hr = take_rows(view, rows, view->stamp);

    if (FAILED(hr))
        return hr;
    if (is_told)
        tell(call, view, rows, changes);
    view_rows_free(rows);
    return S_OK;
}

/* Evaluates all of it. */
static HRESULT reload(struct msp_call *call, struct view *view, uint64_t stamp,
        const struct view_changes *changes)
{
    struct view_rows rows = { 0 };
    HRESULT hr = view_load(call, view, &rows);

    if (SUCCEEDED(hr))
        hr = view_replace(call, view, &rows, changes);
    if (SUCCEEDED(hr)) {
        view->stamp = stamp;
        view->journal = changes->end;
    }
    return hr;
}

/* Whole rows of an earlier state: follows what has changed since. *out_done false: they are to be
 * evaluated again. */
static HRESULT catch_up(struct msp_call *call, struct view *view, uint64_t stamp,
        struct view_changes *changes, bool *out_done)
{
    HRESULT hr;

    *out_done = false;
    hr = view_read_changes(call, view, changes);
    if (FAILED(hr) || !view->loaded || view->rows.is_head)
        return hr;
    if (view->source->ops->concerns == NULL || !changes->is_complete)
        return S_OK;
    if (!changes->is_row && !changes->is_all)
        *out_done = true;
    else
        hr = view_follow(call, view, changes, out_done);
    if (SUCCEEDED(hr) && *out_done) {
        view->stamp = stamp;
        view->journal = changes->end;
    }
    return hr;
}

/* Comes back to what was evaluated before, if that is wanted again: as it was then. */
static HRESULT revive(struct view *view)
{
    uint64_t stamp = view->wanted.stamp;
    uint64_t journal = view->wanted.journal;
    struct view_rows rows;
    HRESULT hr;

    if (view->loaded || !view_kept_fits(view))
        return S_OK;
    hr = view_kept_take(view, &rows);
    if (SUCCEEDED(hr))
        hr = take_rows(view, &rows, stamp);
    if (FAILED(hr))
        return hr;
    view->journal = journal;
    view_rows_free(&rows);
    return S_OK;
}

/* `is_same`: the rows are those seen last, not ones of another order that are there again. */
static HRESULT sync(struct msp_call *call, struct view *view, bool is_same)
{
    uint64_t stamp = view->source->ops->stamp(view->source);
    struct view_changes changes;
    struct view_absence absence;
    bool done;
    HRESULT hr = revive(view);

    if (FAILED(hr))
        return hr;
    if (is_current(view, stamp) && !view->rows.is_head) {
        view_print_all(call, view);
        return S_OK;
    }
    hr = view_absence_begin(call, view, is_same, &absence);
    if (SUCCEEDED(hr)) {
        hr = catch_up(call, view, stamp, &changes, &done);
        if (SUCCEEDED(hr) && !done)
            hr = reload(call, view, stamp, &changes);
        view_changes_free(&changes);
    }
    return view_absence_end(call, view, &absence, hr);
}

HRESULT view_sync(struct msp_call *call, struct view *view)
{
    return sync(call, view, view->loaded);
}

/* May the view do with its first rows? Not when places have to be found again further down. */
static bool can_be_head(const struct view *view, size_t needed)
{
    return view->source->ops->head != NULL && view->watch == NULL && needed <= VIEW_HEAD_MAX &&
           view->cursor == 0 && view->bookmarks.count == 0 && view->restriction == NULL &&
           view->mvi_count == 0 && view->order.level_count == 0;
}

HRESULT view_sync_head(struct msp_call *call, struct view *view, size_t needed)
{
    const struct table_source_ops *ops = view->source->ops;
    uint64_t stamp = ops->stamp(view->source);
    struct view_rows rows = { 0 };
    struct msp_buf ids = MSP_BUF_INIT;
    struct view_absence absence;
    bool is_same = view->loaded;
    bool complete = false;
    HRESULT hr = revive(view);

    if (FAILED(hr))
        return hr;
    if (is_current(view, stamp) && (!view->rows.is_head || view->rows.visible_count >= needed))
        return S_OK;
    if (!can_be_head(view, needed) || (view->loaded && !view->rows.is_head))
        return sync(call, view, is_same);
    hr = view_absence_begin(call, view, false, &absence);
    if (SUCCEEDED(hr))
        hr = ops->head(call, view->source, view->sort, msp_max(2 * needed, (size_t)VIEW_HEAD_MIN),
                &ids, &complete);
    if (SUCCEEDED(hr)) {
        rows.leaf_count = rows.visible_count = ids.size / sizeof(uint64_t);
        rows.is_head = !complete;
        rows.ids = msp_buf_steal(&ids, NULL);
        hr = rows.ids != NULL ? take_rows(view, &rows, stamp) : MAPI_E_NOT_ENOUGH_MEMORY;
        view_rows_free(&rows);
    }
    msp_buf_free(&ids);
    hr = view_absence_end(call, view, &absence, hr);
    return hr == MAPI_E_NO_SUPPORT ? sync(call, view, is_same) : hr;
}

HRESULT view_count_early(struct msp_call *call, struct view *view, size_t *out)
{
    const struct table_source_ops *ops = view->source->ops;

    *out = SIZE_MAX;
    if (is_current(view, ops->stamp(view->source)) && !view->rows.is_head) {
        *out = view->rows.visible_count;
        return S_OK;
    }
    if (ops->count == NULL || view->restriction != NULL || view->mvi_count > 0 ||
            view->order.level_count > 0)
        return S_OK;
    return ops->count(call, view->source, out);
}

/* --- bookmarks -------------------------------------------------------------------------------- */

static struct view_bookmark *bookmark_find(struct view *view, BOOKMARK handle, size_t *out_index)
{
    struct view_bookmark *bookmarks = MSP_ARRAY_ITEMS(struct view_bookmark, &view->bookmarks);
    size_t low = 0;
    size_t high = view->bookmarks.count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (bookmarks[mid].handle < handle)
            low = mid + 1;
        else
            high = mid;
    }
    *out_index = low;
    if (low < view->bookmarks.count && bookmarks[low].handle == handle)
        return &bookmarks[low];
    return NULL;
}

/* One count for all tables of the process: the bookmark of one table is none of another, and a
 * freed one is not given out again. On 32 bits it begins anew some day, so what the view has is
 * skipped.
 */
static ULONG_PTR bookmark_draw(struct view *view, size_t *out_index)
{
    static _Atomic ULONG_PTR drawn = BOOKMARK_END;
    ULONG_PTR handle;

    do
        handle = atomic_fetch_add(&drawn, 1) + 1;
    while (handle <= BOOKMARK_END || bookmark_find(view, handle, out_index) != NULL);
    return handle;
}

HRESULT view_bookmark_new(struct view *view, size_t position, BOOKMARK *out)
{
    struct view_bookmark bookmark = { .position = position };
    size_t index;

    if (view->bookmarks.count >= VIEW_MAX_BOOKMARKS)
        return MAPI_E_UNABLE_TO_COMPLETE;
    bookmark.handle = bookmark_draw(view, &index);
    if (msp_array_insert(&view->bookmarks, index, &bookmark) == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *out = bookmark.handle;
    return S_OK;
}

HRESULT view_bookmark_free(struct view *view, BOOKMARK bookmark)
{
    size_t index;

    if (bookmark <= BOOKMARK_END)
        return S_OK;
    if (bookmark_find(view, bookmark, &index) == NULL)
        return MAPI_E_INVALID_BOOKMARK;
    msp_array_remove(&view->bookmarks, index, 1);
    return S_OK;
}

void view_bookmark_move(struct view *view, BOOKMARK bookmark, size_t position)
{
    size_t index;
    struct view_bookmark *found = bookmark_find(view, bookmark, &index);

    if (found != NULL) {
        found->position = position;
        found->moved = false;
    }
}

HRESULT view_bookmark_position(struct view *view, BOOKMARK bookmark, size_t *out)
{
    struct view_bookmark *found;
    size_t index;

    switch (bookmark) {
    case BOOKMARK_BEGINNING:
        *out = 0;
        return S_OK;
    case BOOKMARK_CURRENT:
        *out = view->cursor;
        return S_OK;
    case BOOKMARK_END:
        *out = view_count(view);
        return S_OK;
    default:
        break;
    }
    found = bookmark_find(view, bookmark, &index);
    if (found == NULL)
        return MAPI_E_INVALID_BOOKMARK;
    *out = found->position;
    if (!found->moved)
        return S_OK;
    found->moved = false;
    return MAPI_W_POSITION_CHANGED;
}
