/* SPDX-License-Identifier: MIT */
/*
 * view_look.c - single rows as a view sees them: the leaves they are, what orders these, and the
 * headings above.
 *
 * Owns:  nothing.
 * Locks: everything runs under the domain lock, within a transaction.
 */
#include <string.h>

#include "com/view_follow.h"
#include "util/bytes.h"

int view_compare_bytes(struct view_bytes a, struct view_bytes b)
{
    int order = memcmp(a.data, b.data, msp_min(a.size, b.size));

    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

/* --- a row ------------------------------------------------------------------------------------ */

HRESULT view_put_place_key(
        struct view *view, const struct table_row *row, uint32_t instance, struct msp_buf *out)
{
    struct view_row leaf = { view, NULL, row, instance };
    uint8_t number[4];
    HRESULT hr = view_put_sort_key(&leaf, out);

    if (SUCCEEDED(hr) && !view->source->ops->order_key(view->source, row, out))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    put_u32be(number, instance);
    if (SUCCEEDED(hr) && view->mvi_count > 0 && !msp_buf_append(out, number, sizeof(number)))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    return hr;
}

HRESULT view_put_leaf_key(
        struct msp_call *call, struct view *view, size_t leaf, bool with_props, struct msp_buf *out)
{
    const struct view_rows *rows = &view->rows;
    struct msp_call own = { .object = call->object, .domain = call->domain };
    struct table_row row;
    HRESULT hr = view->source->ops->read(&own, view->source, rows->ids[leaf], with_props, &row);

    if (FAILED(hr))
        return hr;
    return view_put_place_key(view, &row, rows->instances != NULL ? rows->instances[leaf] : 0, out);
}

static HRESULT put_leaf(const struct view_row *leaf, struct msp_buf *keys, struct msp_array *out)
{
    struct view *view = leaf->view;
    struct view_seen seen = { .id = { leaf->row->id, leaf->instance }, .key_at = keys->size };
    HRESULT hr = view_put_place_key(view, leaf->row, leaf->instance, keys);

    seen.key_size = keys->size - seen.key_at;
    seen.values_at = keys->size;
    for (size_t i = 0; i < view->order.level_count && SUCCEEDED(hr); i++) {
        struct view_key key = { view->order.levels[i].aggregate, false };

        if (key.tag != 0)
            hr = view_put_key_part(leaf, &key, keys);
    }
    if (SUCCEEDED(hr) && view->order.level_count > 0)
        hr = view_leaf_unread(leaf, &seen.is_unread);
    if (SUCCEEDED(hr) && msp_array_push(out, &seen) == NULL)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    return hr;
}

/* The leaves of a row that is one of the source's. */
static HRESULT put_leaves(struct msp_call *call, struct view *view, const struct table_row *row,
        size_t most, struct msp_buf *keys, struct msp_array *out)
{
    struct view_row leaf = { view, NULL, row, 0 };
    uint32_t count = 1;
    bool with_props;
    bool by_instance;
    HRESULT hr = S_OK;

    view_restriction_needs(view, view->restriction, &with_props, &by_instance);
    if (!by_instance && !view_row_match(&leaf, view->restriction, &hr))
        return hr;
    if (view->mvi_count > 0)
        hr = view_instance_count(call, view, row, &count);
    for (; leaf.instance < count && SUCCEEDED(hr); leaf.instance++) {
        if (by_instance && !view_row_match(&leaf, view->restriction, &hr))
            continue;
        hr = out->count < most ? put_leaf(&leaf, keys, out) : MAPI_E_TOO_BIG;
    }
    return hr;
}

HRESULT view_look_at(struct msp_call *call, struct view *view, uint64_t id, bool with_props,
        size_t most, struct msp_buf *keys, struct msp_array *out)
{
    struct table_source *source = view->source;
    struct msp_call own = { .object = call->object, .domain = call->domain };
    struct table_row row;
    bool belongs = false;
    HRESULT hr;

    hr = source->ops->read(&own, source, id, with_props, &row);
    if (hr == MAPI_E_NOT_FOUND)
        return S_OK;
    if (SUCCEEDED(hr))
        hr = source->ops->belongs(call, source, &row, &belongs);
    return SUCCEEDED(hr) && belongs ? put_leaves(call, view, &row, most, keys, out) : hr;
}

/* --- may rows be looked at alone? ------------------------------------------------------------- */

struct steadiness {
    const struct table_source *source;
    bool is_steady;
};

static void see_tag(void *context, ULONG tag)
{
    struct steadiness *steadiness = context;
    const struct table_source *source = steadiness->source;

    if (source->ops->is_steady != NULL && !source->ops->is_steady(source, tag))
        steadiness->is_steady = false;
}

/* What a restriction says of instance keys depends on what has gone. */
static void see_restriction_tag(void *context, ULONG tag)
{
    struct steadiness *steadiness = context;

    see_tag(context, tag);
    if (PROP_ID(tag) == PROP_ID(PR_INSTANCE_KEY))
        steadiness->is_steady = false;
}

bool view_is_steady(const struct view *view)
{
    struct steadiness steadiness = { view->source, true };

    if (view->restriction != NULL)
        restrict_tags(view->restriction, see_restriction_tag, &steadiness);
    for (size_t i = 0; i < view->order.key_count; i++)
        see_tag(&steadiness, view->order.keys[i].tag);
    for (size_t i = 0; i < view->order.level_count; i++)
        see_tag(&steadiness, view->order.levels[i].aggregate);
    return steadiness.is_steady;
}

/* --- the values that order headings ----------------------------------------------------------- */

bool view_has_aggregates(const struct view_order *order)
{
    for (size_t i = 0; i < order->level_count; i++) {
        if (order->levels[i].aggregate != 0)
            return true;
    }
    return false;
}

struct view_bytes view_level_value(
        const struct view_order *order, const uint8_t *values, size_t level)
{
    struct view_bytes value = { NULL, 0 };

    for (size_t i = 0; i <= level; i++) {
        struct view_key key = { order->levels[i].aggregate, false };

        if (key.tag == 0)
            continue;
        value.data = values;
        value.size = view_key_part_size(values, &key);
        values += value.size;
    }
    if (order->levels[level].aggregate == 0 || view_key_is_absent(value.data))
        value = (struct view_bytes){ NULL, 0 };
    return value;
}

bool view_is_beyond(const struct view_level *level, struct view_bytes a, struct view_bytes b)
{
    int order;

    if (a.data == NULL || b.data == NULL)
        return a.data != NULL;
    order = view_compare_bytes(a, b);
    return level->maximum ? order > 0 : order < 0;
}

struct view_bytes view_category_value(
        const struct view_rows *rows, const struct view_category *category)
{
    struct view_bytes value = { NULL, 0 };

    if (category->value_size > 0) {
        value.data = rows->category_values + category->value_offset;
        value.size = category->value_size;
    }
    return value;
}

/* --- headings --------------------------------------------------------------------------------- */

size_t view_category_of(const struct view_rows *rows, size_t leaf)
{
    size_t low = 0;
    size_t high = rows->category_count;

    /* Outer ones are before inner ones: the last that begins with the leaf, or before it. */
    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (rows->categories[mid].leaf_first <= leaf)
            low = mid + 1;
        else
            high = mid;
    }
    return low - 1;
}

size_t view_category_with(
        const struct view_rows *rows, size_t level, const uint8_t *key, size_t key_size)
{
    size_t i = 0;

    while (i < rows->category_count) {
        const struct view_category *category = &rows->categories[i];
        bool is_it =
                category->key_size <= key_size &&
                memcmp(rows->category_keys + category->key_offset, key, category->key_size) == 0;

        if (is_it && category->level == level)
            return i;
        i = is_it ? i + 1 : category->next;
    }
    return SIZE_MAX;
}

size_t view_category_above(const struct view_rows *rows, size_t category)
{
    uint32_t level = rows->categories[category].level;

    while (rows->categories[category].level >= level)
        category--;
    return category;
}
