/* SPDX-License-Identifier: MIT */
/*
 * view_category.c - headings: made out of sorted rows, ordered, and their states saved.
 *
 * A heading is known by the encoded sort keys down to its level. That is how it keeps its serial
 * number and its state when the rows are evaluated again, and how a saved state names it.
 *
 * Owns:  nothing beyond one call.
 * Locks: everything runs under the domain lock.
 */
#include "com/view.h"

#include <string.h>

#include "util/alloc.h"
#include "util/bytes.h"
#include "util/hash.h"

enum {
    CHECK_EVERY = 4096,       /* leaves grouped between two looks at the domain */
    STATE_MAGIC = 0x53434B4D, /* "MKCS" */
    STATE_VERSION = 2,
    PLACE_NONE = 0,
    PLACE_LEAF = 1,
    PLACE_HEADING = 2
};

/* --- headings by their keys ------------------------------------------------------------------- */

struct key_map {
    const struct view_rows *rows;
    uint32_t *slots; /* category index + 1 */
    size_t mask;
};

static bool key_map_make(struct key_map *map, const struct view_rows *rows)
{
    size_t slot_count = 16;

    map->rows = rows;
    while (slot_count < 2 * rows->category_count)
        slot_count *= 2;
    map->slots = msp_calloc(slot_count, sizeof(*map->slots));
    if (map->slots == NULL)
        return false;
    map->mask = slot_count - 1;
    for (size_t i = 0; i < rows->category_count; i++) {
        const struct view_category *category = &rows->categories[i];
        size_t slot = (size_t)msp_hash(
                              rows->category_keys + category->key_offset, category->key_size, 0) &
                      map->mask;

        while (map->slots[slot] != 0)
            slot = (slot + 1) & map->mask;
        map->slots[slot] = (uint32_t)(i + 1);
    }
    return true;
}

static struct view_category *key_map_find(
        const struct key_map *map, const uint8_t *key, size_t size)
{
    size_t slot = (size_t)msp_hash(key, size, 0) & map->mask;

    for (; map->slots[slot] != 0; slot = (slot + 1) & map->mask) {
        struct view_category *category = &map->rows->categories[map->slots[slot] - 1];

        if (category->key_size == size &&
                memcmp(map->rows->category_keys + category->key_offset, key, size) == 0)
            return category;
    }
    return NULL;
}

/* --- grouping --------------------------------------------------------------------------------- */

struct span {
    const uint8_t *data;
    size_t size;
};

/* The leaf whose aggregate counts, and this; data NULL: no leaf has any. */
struct best {
    struct span value;
    uint32_t index; /* in default order */
};

struct grouper {
    struct view_build *build;
    const struct view_order *order;
    struct msp_array categories; /* struct view_category */
    struct msp_array best;       /* struct best: each category's */
    struct msp_buf keys;
    struct msp_buf values;
    size_t open[VIEW_MAX_SORTS]; /* the category of each level that leaves go to now */
    size_t ends[VIEW_MAX_SORTS]; /* where the parts of each level end in its key */
};

static struct span key_of(const struct view_keys *keys, const struct view_entry *entry)
{
    struct span span = { keys->bytes.data + keys->offsets[entry->index],
        keys->offsets[entry->index + 1] - keys->offsets[entry->index] };

    return span;
}

/* Where the key's part for each level ends. */
static void level_ends(
        const struct view_order *order, const uint8_t *key, size_t ends[VIEW_MAX_SORTS])
{
    size_t end = 0;
    size_t part = 0;

    for (size_t level = 0; level < order->level_count; level++) {
        for (; part < order->levels[level].end_key; part++)
            end += view_key_part_size(key + end, &order->keys[part]);
        ends[level] = end;
    }
}

static void close_from(struct grouper *grouper, size_t level, size_t leaf)
{
    for (; level < grouper->order->level_count; level++) {
        struct view_category *category =
                MSP_ARRAY_AT(struct view_category, &grouper->categories, grouper->open[level]);

        category->leaf_end = (uint32_t)leaf;
        category->next = (uint32_t)grouper->categories.count;
    }
}

static bool open_from(struct grouper *grouper, size_t level, size_t leaf, const uint8_t *key,
        const size_t ends[VIEW_MAX_SORTS])
{
    for (; level < grouper->order->level_count; level++) {
        struct view_category category = { .key_offset = grouper->keys.size,
            .key_size = ends[level],
            .level = (uint32_t)level,
            .leaf_first = (uint32_t)leaf };
        struct best best = { { NULL, 0 }, 0 };

        grouper->open[level] = grouper->categories.count;
        if (!msp_buf_append(&grouper->keys, key, ends[level]) ||
                msp_array_push(&grouper->categories, &category) == NULL ||
                msp_array_push(&grouper->best, &best) == NULL)
            return false;
    }
    return true;
}

static int compare_spans(const struct span *a, const struct span *b)
{
    int order = memcmp(a->data, b->data, msp_min(a->size, b->size));

    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

/* The leaf's values in the categories it belongs to, level by level. */
static void add_aggregates(struct grouper *grouper, const struct view_entry *entry)
{
    const uint8_t *next;

    if (grouper->build->aggregates.offsets == NULL)
        return;
    next = key_of(&grouper->build->aggregates, entry).data;
    for (size_t level = 0; level < grouper->order->level_count; level++) {
        const struct view_level *plan = &grouper->order->levels[level];
        struct best *best = MSP_ARRAY_AT(struct best, &grouper->best, grouper->open[level]);
        struct view_key key = { plan->aggregate, false };
        struct span part = { next, 0 };

        if (plan->aggregate == 0)
            continue;
        part.size = view_key_part_size(next, &key);
        next += part.size;
        if (part.size == 1) /* absent */
            continue;
        if (best->value.data != NULL && (compare_spans(&part, &best->value) > 0) != plan->maximum)
            continue;
        best->value = part;
        best->index = entry->index;
    }
}

/* The leaf begins the categories that its key does not share with the last one, of which it has
 * `shared` bytes in common. */
static bool put_leaf(struct grouper *grouper, struct span key, size_t shared, size_t leaf)
{
    size_t level = 0;

    while (leaf > 0 && level < grouper->order->level_count && grouper->ends[level] <= shared)
        level++;
    if (level == grouper->order->level_count)
        return true;
    level_ends(grouper->order, key.data, grouper->ends);
    if (leaf > 0)
        close_from(grouper, level, leaf);
    return open_from(grouper, level, leaf, key.data, grouper->ends);
}

/* What the categories are ordered by, so that single rows can be followed. */
static bool keep_values(struct grouper *grouper)
{
    const struct view_build *build = grouper->build;

    for (size_t i = 0; i < grouper->categories.count; i++) {
        struct view_category *category =
                MSP_ARRAY_AT(struct view_category, &grouper->categories, i);
        const struct best *best = MSP_ARRAY_AT(struct best, &grouper->best, i);

        if (best->value.data == NULL)
            continue;
        category->value_offset = grouper->values.size;
        category->value_size = best->value.size;
        category->value_leaf.id = build->ids[best->index];
        if (build->instances != NULL)
            category->value_leaf.instance = build->instances[best->index];
        msp_buf_append(&grouper->values, best->value.data, best->value.size);
    }
    return !grouper->values.failed;
}

static HRESULT group(struct grouper *grouper)
{
    struct view_build *build = grouper->build;
    size_t count = build->rows->leaf_count;

    for (size_t leaf = 0; leaf < count; leaf++) {
        const struct view_entry *entry = &build->entries[leaf];
        bool is_unread = build->unread.data[entry->index] != 0;

        if (leaf % CHECK_EVERY == 0 && msp_call_is_stopped(build->call))
            return MAPI_E_INVALID_OBJECT;
        /* Nearly all leaves are in the categories of the one before: their keys are not looked at.
         */
        if ((leaf == 0 || build->shared[leaf] != UINT32_MAX) &&
                !put_leaf(grouper, key_of(&build->keys, entry), build->shared[leaf], leaf))
            return MAPI_E_NOT_ENOUGH_MEMORY;
        for (size_t level = 0; level < grouper->order->level_count && is_unread; level++)
            MSP_ARRAY_AT(struct view_category, &grouper->categories, grouper->open[level])
                    ->unread++;
        add_aggregates(grouper, entry);
    }
    if (count > 0)
        close_from(grouper, 0, count);
    return build->aggregates.offsets == NULL || keep_values(grouper) ? S_OK
                                                                     : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* --- ordering headings by an aggregate -------------------------------------------------------- */

struct orderer {
    const struct grouper *grouper;
    struct view_category *categories; /* in the new order */
    size_t category_count;
    struct view_entry *entries; /* in the new order */
    size_t entry_count;
};

/* Encodes the siblings' aggregates in the direction of their level. */
static bool put_sibling_keys(
        const struct grouper *grouper, const struct msp_array *siblings, struct view_keys *keys)
{
    const struct view_category *categories =
            MSP_ARRAY_ITEMS(struct view_category, &grouper->categories);
    struct msp_buf offsets = MSP_BUF_INIT;

    for (size_t i = 0; i < siblings->count; i++) {
        size_t index = *MSP_ARRAY_AT(size_t, siblings, i);
        const struct span *best = &MSP_ARRAY_AT(struct best, &grouper->best, index)->value;
        bool descending = grouper->order->levels[categories[index].level].descending;
        size_t begin = keys->bytes.size;

        msp_buf_append(&offsets, &begin, sizeof(begin));
        if (best->data != NULL)
            msp_buf_append(&keys->bytes, best->data, best->size);
        else
            msp_buf_append_u8(&keys->bytes, 0xFF); /* behind all that are present */
        for (size_t k = begin + 1; descending && k < keys->bytes.size; k++)
            keys->bytes.data[k] = (unsigned char)~keys->bytes.data[k];
    }
    msp_buf_append(&offsets, &keys->bytes.size, sizeof(size_t));
    keys->offsets = msp_buf_steal(&offsets, NULL);
    keys->count = siblings->count;
    return keys->offsets != NULL && !keys->bytes.failed;
}

/* Puts siblings, category indexes in the order of their keys, into the order of their aggregates.
 */
static HRESULT order_siblings(const struct grouper *grouper, struct msp_array *siblings)
{
    struct view_keys keys = { .count = 0 };
    struct view_entry *entries = NULL;
    size_t *natural = msp_memdup(siblings->items, siblings->count * sizeof(size_t));
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if (natural != NULL && put_sibling_keys(grouper, siblings, &keys))
        entries = view_entries_new(&keys);
    if (entries != NULL)
        hr = view_sort_entries(grouper->build->call, &keys, entries, NULL);
    for (size_t i = 0; i < siblings->count && SUCCEEDED(hr); i++)
        *MSP_ARRAY_AT(size_t, siblings, i) = natural[entries[i].index];
    msp_free(natural);
    msp_free(entries);
    view_keys_free(&keys);
    return hr;
}

/* The siblings [first, end) in their order, as category indexes. */
static HRESULT list_siblings(
        const struct grouper *grouper, size_t first, size_t end, struct msp_array *out)
{
    const struct view_category *categories =
            MSP_ARRAY_ITEMS(struct view_category, &grouper->categories);

    for (size_t i = first; i < end; i = categories[i].next) {
        if (msp_array_push(out, &i) == NULL)
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    if (grouper->order->levels[categories[first].level].aggregate == 0)
        return S_OK;
    return order_siblings(grouper, out);
}

/* Puts out the siblings [first, end) with all below them; at most VIEW_MAX_SORTS deep. */
static HRESULT emit(struct orderer *orderer, size_t first, size_t end)
{
    const struct view_category *from =
            MSP_ARRAY_ITEMS(struct view_category, &orderer->grouper->categories);
    struct msp_array siblings = MSP_ARRAY_INIT(size_t);
    HRESULT hr = list_siblings(orderer->grouper, first, end, &siblings);

    for (size_t i = 0; i < siblings.count && SUCCEEDED(hr); i++) {
        size_t index = *MSP_ARRAY_AT(size_t, &siblings, i);
        struct view_category *category = &orderer->categories[orderer->category_count++];

        *category = from[index];
        category->leaf_first = (uint32_t)orderer->entry_count;
        if (category->next > index + 1) {
            hr = emit(orderer, index + 1, category->next);
        } else {
            size_t count = category->leaf_end - from[index].leaf_first;

            memcpy(orderer->entries + orderer->entry_count,
                    orderer->grouper->build->entries + from[index].leaf_first,
                    count * sizeof(*orderer->entries));
            orderer->entry_count += count;
        }
        category->leaf_end = (uint32_t)orderer->entry_count;
        category->next = (uint32_t)orderer->category_count;
    }
    msp_array_free(&siblings);
    return hr;
}

static HRESULT reorder(struct grouper *grouper)
{
    struct view_build *build = grouper->build;
    size_t size = grouper->categories.count * sizeof(struct view_category);
    struct orderer orderer = { .grouper = grouper };
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    orderer.categories = msp_alloc(size);
    orderer.entries = msp_alloc_array(build->rows->leaf_count, sizeof(*orderer.entries));
    if (orderer.categories != NULL && orderer.entries != NULL)
        hr = emit(&orderer, 0, grouper->categories.count);
    if (SUCCEEDED(hr)) {
        memcpy(grouper->categories.items, orderer.categories, size);
        memcpy(build->entries, orderer.entries, build->rows->leaf_count * sizeof(*orderer.entries));
    }
    msp_free(orderer.categories);
    msp_free(orderer.entries);
    return hr;
}

/* --- building --------------------------------------------------------------------------------- */

/* Serial numbers and states: those of the last evaluation where there was such a heading. */
static HRESULT recognise(struct view *view, struct view_rows *rows)
{
    struct key_map map;

    if (!key_map_make(&map, &view->rows))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < rows->category_count; i++) {
        struct view_category *category = &rows->categories[i];
        const struct view_category *known =
                key_map_find(&map, rows->category_keys + category->key_offset, category->key_size);

        category->serial = known != NULL ? known->serial : view->next_serial++;
        category->expanded =
                known != NULL ? known->expanded : view->order.levels[category->level].expanded;
        category->print = known != NULL ? known->print : 0;
        category->print_leaf = known != NULL ? known->print_leaf : (struct view_id){ 0, 0 };
    }
    msp_free(map.slots);
    return S_OK;
}

/* The same, of rows in the same order, which have their headings in the order of their keys: as
 * two lists that are gone through side by side. */
static void recognise_in_order(struct view *view, struct view_rows *rows, uint32_t *known)
{
    const struct view_rows *old = &view->rows;
    size_t next = 0;

    for (size_t i = 0; i < rows->category_count; i++) {
        struct view_category *category = &rows->categories[i];
        struct span key = { rows->category_keys + category->key_offset, category->key_size };
        int order = 1;

        for (; next < old->category_count && order > 0; next += order > 0) {
            const struct view_category *other = &old->categories[next];
            struct span other_key = { old->category_keys + other->key_offset, other->key_size };

            order = compare_spans(&key, &other_key);
        }
        known[i] = order == 0 ? (uint32_t)next++ : VIEW_UNKNOWN;
        category->serial = order == 0 ? old->categories[known[i]].serial : view->next_serial++;
        category->expanded = order == 0 ? old->categories[known[i]].expanded
                                        : view->order.levels[category->level].expanded;
        if (order == 0) {
            category->print = old->categories[known[i]].print;
            category->print_leaf = old->categories[known[i]].print_leaf;
        }
    }
}

static size_t common_size(struct span a, struct span b)
{
    size_t most = msp_min(a.size, b.size);
    size_t count = 0;

    while (count < most && a.data[count] == b.data[count])
        count++;
    return count;
}

static HRESULT group_runs(struct grouper *grouper, const struct view_run *runs, size_t run_count)
{
    struct span last = { NULL, 0 };
    size_t leaf = 0;

    for (size_t i = 0; i < run_count; i++) {
        struct span key = { runs[i].key, runs[i].key_size };

        if (i % CHECK_EVERY == 0 && msp_call_is_stopped(grouper->build->call))
            return MAPI_E_INVALID_OBJECT;
        if (!put_leaf(grouper, key, i > 0 ? common_size(last, key) : 0, leaf))
            return MAPI_E_NOT_ENOUGH_MEMORY;
        leaf += runs[i].count;
        last = key;
    }
    if (last.data != NULL)
        close_from(grouper, 0, leaf);
    return grouper->categories.count < VIEW_CATEGORY_BIT ? S_OK : MAPI_E_TOO_BIG;
}

HRESULT view_group_runs(struct msp_call *call, struct view *view, const struct view_run *runs,
        size_t run_count, struct view_rows *rows, uint32_t **out_known)
{
    struct view_build build = { .call = call, .view = view, .rows = rows };
    struct grouper grouper = { .build = &build, .order = &view->order };
    HRESULT hr;

    msp_array_init(&grouper.categories, sizeof(struct view_category));
    msp_array_init(&grouper.best, sizeof(struct best));
    hr = group_runs(&grouper, runs, run_count);
    if (SUCCEEDED(hr)) {
        rows->categories = msp_array_steal(&grouper.categories, &rows->category_count);
        rows->category_keys = msp_buf_steal(&grouper.keys, NULL);
        *out_known = msp_alloc_array(rows->category_count, sizeof(**out_known));
        if (rows->category_keys != NULL && *out_known != NULL)
            recognise_in_order(view, rows, *out_known);
        else
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    msp_array_free(&grouper.categories);
    msp_array_free(&grouper.best);
    msp_buf_free(&grouper.keys);
    return hr;
}

HRESULT view_build_categories(struct view_build *build)
{
    struct grouper grouper = { .build = build, .order = &build->view->order };
    struct view_rows *rows = build->rows;
    HRESULT hr;

    msp_array_init(&grouper.categories, sizeof(struct view_category));
    msp_array_init(&grouper.best, sizeof(struct best));
    hr = group(&grouper);
    if (SUCCEEDED(hr) && grouper.categories.count >= VIEW_CATEGORY_BIT)
        hr = MAPI_E_TOO_BIG;
    if (SUCCEEDED(hr) && build->aggregates.offsets != NULL && grouper.categories.count > 0)
        hr = reorder(&grouper);
    if (SUCCEEDED(hr)) {
        rows->categories = msp_array_steal(&grouper.categories, &rows->category_count);
        rows->category_keys = msp_buf_steal(&grouper.keys, NULL);
        if (grouper.values.size > 0)
            rows->category_values = msp_buf_steal(&grouper.values, NULL);
        hr = rows->category_keys != NULL ? recognise(build->view, rows) : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    msp_array_free(&grouper.categories);
    msp_array_free(&grouper.best);
    msp_buf_free(&grouper.keys);
    msp_buf_free(&grouper.values);
    return hr;
}

HRESULT view_renew_categories(struct view *view, struct view_rows *rows)
{
    uint32_t *visible = rows->visible;
    HRESULT hr = recognise(view, rows);

    if (FAILED(hr))
        return hr;
    hr = view_build_visible(rows);
    if (SUCCEEDED(hr))
        msp_free(visible);
    return hr;
}

/* --- saved states ----------------------------------------------------------------------------- */

static void put_order(const SSortOrderSet *sort, struct msp_buf *out)
{
    msp_buf_append_u32(out, sort != NULL ? sort->cSorts : 0);
    msp_buf_append_u32(out, sort != NULL ? sort->cCategories : 0);
    for (ULONG i = 0; sort != NULL && i < sort->cSorts; i++) {
        msp_buf_append_u32(out, sort->aSort[i].ulPropTag);
        msp_buf_append_u32(out, sort->aSort[i].ulOrder);
    }
}

/* What a state begins with: whose rows and headings it tells of. */
static void put_head(const struct view *view, struct msp_buf *out)
{
    msp_buf_append_u32(out, STATE_MAGIC);
    msp_buf_append_u32(out, STATE_VERSION);
    view->source->ops->identity(view->source, out);
    put_order(view->sort, out);
}

static void put_key(
        const struct view_rows *rows, const struct view_category *category, struct msp_buf *out)
{
    msp_buf_append_u32(out, (uint32_t)category->key_size);
    msp_buf_append(out, rows->category_keys + category->key_offset, category->key_size);
}

HRESULT view_state_get(const struct view *view, size_t position, struct msp_buf *out)
{
    const struct view_rows *rows = &view->rows;
    size_t begin = out->size;

    put_head(view, out);
    if (position >= view_count(view)) {
        msp_buf_append_u8(out, PLACE_NONE);
    } else {
        struct view_id id = view_id_at(view, position);
        size_t leaf;
        const struct view_category *category = view_at(view, position, &leaf);

        msp_buf_append_u8(out, category != NULL ? PLACE_HEADING : PLACE_LEAF);
        if (category != NULL) {
            put_key(rows, category, out);
        } else {
            msp_buf_append_u64(out, id.id);
            msp_buf_append_u32(out, id.instance);
        }
    }
    msp_buf_append_u32(out, (uint32_t)rows->category_count);
    for (size_t i = 0; i < rows->category_count; i++) {
        put_key(rows, &rows->categories[i], out);
        msp_buf_append_u8(out, rows->categories[i].expanded);
    }
    if (!out->failed)
        msp_buf_append_u32(out, msp_crc32(out->data + begin, out->size - begin));
    return out->failed ? MAPI_E_NOT_ENOUGH_MEMORY : S_OK;
}

/* The head of a state for this source and sort order; the reader is then behind it. */
static HRESULT read_head(struct msp_reader *reader, const struct view *view)
{
    struct msp_buf expected = MSP_BUF_INIT;
    const unsigned char *bytes;
    HRESULT hr = S_OK;

    put_head(view, &expected);
    bytes = msp_reader_bytes(reader, expected.size);
    if (expected.failed)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    else if (bytes == NULL || memcmp(bytes, expected.data, expected.size) != 0)
        hr = MAPI_E_UNABLE_TO_COMPLETE;
    msp_buf_free(&expected);
    return hr;
}

struct place {
    uint8_t kind;
    struct view_id id;
    struct span key;
};

static void read_place(struct msp_reader *reader, struct place *out)
{
    out->kind = msp_reader_u8(reader);
    if (out->kind == PLACE_LEAF) {
        out->id.id = msp_reader_u64(reader);
        out->id.instance = msp_reader_u32(reader);
    } else if (out->kind == PLACE_HEADING) {
        out->key.size = msp_reader_u32(reader);
        out->key.data = msp_reader_bytes(reader, out->key.size);
    }
}

/* Reads the states of the headings into the categories of the map's rows. */
static bool read_states(struct msp_reader *reader, const struct key_map *map)
{
    uint32_t count = msp_reader_u32(reader);

    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        size_t size = msp_reader_u32(reader);
        const unsigned char *key = msp_reader_bytes(reader, size);
        bool expanded = msp_reader_u8(reader) != 0;
        struct view_category *category;

        if (reader->failed)
            break;
        category = key_map_find(map, key, size);
        if (category != NULL)
            category->expanded = expanded;
    }
    return msp_reader_is_done(reader);
}

/* The leaf of a row, or of another instance of it when that one is gone; SIZE_MAX: neither. */
static size_t find_leaf(const struct view_rows *rows, struct view_id id)
{
    size_t found = SIZE_MAX;

    for (size_t leaf = 0; leaf < rows->leaf_count; leaf++) {
        if (rows->ids[leaf] != id.id)
            continue;
        if (rows->instances == NULL || rows->instances[leaf] == id.instance)
            return leaf;
        found = msp_min(found, leaf);
    }
    return found;
}

/* Where a saved place is now; a hidden row's place is its innermost visible heading. */
static size_t find_place(
        const struct view *view, const struct key_map *map, const struct place *place)
{
    const struct view_rows *rows = &view->rows;
    struct view_id id = place->id;
    size_t found = 0;
    size_t leaf;

    if (place->kind == PLACE_HEADING) {
        const struct view_category *category = key_map_find(map, place->key.data, place->key.size);

        id.id = category != NULL ? category->serial : 0;
        id.instance = VIEW_HEADING;
    }
    if (place->kind != PLACE_NONE)
        found = view_find(view, id);
    if (found != SIZE_MAX)
        return found;
    leaf = place->kind == PLACE_LEAF ? find_leaf(rows, id) : SIZE_MAX;
    for (size_t i = rows->visible_count; i-- > 0 && leaf != SIZE_MAX;) {
        size_t at;
        const struct view_category *category = view_at(view, i, &at);

        if (category != NULL && category->leaf_first <= leaf && leaf < category->leaf_end)
            return i;
    }
    return 0;
}

HRESULT view_state_set(
        struct view *view, const void *state, size_t state_size, size_t *out_position)
{
    struct view_rows next = view->rows;
    struct msp_reader reader;
    struct key_map map = { NULL, NULL, 0 };
    struct place place = { 0 };
    HRESULT hr;

    if (state_size < 4 ||
            msp_crc32(state, state_size - 4) != get_u32le((const uint8_t *)state + state_size - 4))
        return MAPI_E_UNABLE_TO_COMPLETE;
    msp_reader_init(&reader, state, state_size - 4);
    hr = read_head(&reader, view);
    if (FAILED(hr))
        return hr;
    next.visible = NULL;
    next.categories = msp_memdup(next.categories, next.category_count * sizeof(*next.categories));
    if (next.categories == NULL || !key_map_make(&map, &next)) {
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
        goto out;
    }
    read_place(&reader, &place);
    if (!read_states(&reader, &map)) {
        hr = MAPI_E_UNABLE_TO_COMPLETE;
        goto out;
    }
    if (view->order.level_count > 0)
        hr = view_build_visible(&next);
    if (SUCCEEDED(hr))
        hr = view_reanchor(view, &view->rows, &next);
    if (SUCCEEDED(hr)) {
        struct view_category *old_categories = view->rows.categories;

        msp_free(view->rows.visible);
        view->rows = next;
        next.categories = old_categories;
        next.visible = NULL;
        map.rows = &view->rows;
        *out_position = find_place(view, &map, &place);
    }
out:
    msp_free(map.slots);
    msp_free(next.categories);
    msp_free(next.visible);
    return hr;
}
