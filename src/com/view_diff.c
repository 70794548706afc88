/* SPDX-License-Identifier: MIT */
/*
 * view_diff.c - what has happened to the visible rows between two evaluations.
 *
 * Rows that are gone are told first; then, in the new order, every row that is new, has other
 * values or stands elsewhere among the rows that stay. A row's predecessor stays or has been told
 * of before it, so a client that puts each told row behind its predecessor ends with the new order.
 * As few as possible are told to have moved: the rest is a longest sequence that has kept its
 * order.
 *
 * Owns:  nothing beyond one call.
 * Locks: everything runs under the domain lock.
 */
#include <stdlib.h>
#include <string.h>

#include "com/view.h"
#include "util/alloc.h"
#include "util/bytes.h"
#include "util/hash.h"

#define NOWHERE UINT32_MAX

struct diff {
    const struct view_order *order;
    const struct view_rows *old;
    const struct view_rows *rows;
    const struct msp_array *touched;
    uint64_t filter; /* a bit for each touched id */
    size_t head;     /* rows at the beginning that are the same */
    size_t tail;     /* and at the end */
    size_t old_mid;  /* those between */
    size_t new_mid;
    uint32_t *was;  /* new_mid: the place in the old middle, or NOWHERE */
    bool *is_there; /* old_mid: it is in the new middle */
    bool *stays;    /* new_mid: it keeps its order, and nobody need be told where it is */
    size_t max;
    struct msp_array *out;
};

/* --- who is who ------------------------------------------------------------------------------- */

static bool is_same(struct view_id a, struct view_id b)
{
    return a.id == b.id && a.instance == b.instance;
}

static void find_middle(struct diff *diff)
{
    size_t old_count = diff->old->visible_count;
    size_t new_count = diff->rows->visible_count;
    size_t common = msp_min(old_count, new_count);

    while (diff->head < common &&
            is_same(view_rows_id(diff->old, diff->head), view_rows_id(diff->rows, diff->head)))
        diff->head++;
    common -= diff->head;
    while (diff->tail < common && is_same(view_rows_id(diff->old, old_count - 1 - diff->tail),
                                          view_rows_id(diff->rows, new_count - 1 - diff->tail)))
        diff->tail++;
    diff->old_mid = old_count - diff->head - diff->tail;
    diff->new_mid = new_count - diff->head - diff->tail;
}

static size_t id_slot(struct view_id id, size_t mask)
{
    return (size_t)msp_hash_u64(id.id ^ (uint64_t)id.instance << 40) & mask;
}

/* Which row of the new middle was where in the old one. */
static bool match_middle(struct diff *diff)
{
    size_t slot_count = 16;
    uint32_t *slots;

    while (slot_count < 2 * diff->old_mid)
        slot_count *= 2;
    slots = msp_calloc(slot_count, sizeof(*slots));
    diff->was = msp_alloc_array(diff->new_mid, sizeof(*diff->was));
    diff->is_there = msp_calloc(diff->old_mid, sizeof(*diff->is_there));
    diff->stays = msp_calloc(diff->new_mid, sizeof(*diff->stays));
    if (slots == NULL || diff->was == NULL || diff->is_there == NULL || diff->stays == NULL) {
        msp_free(slots);
        return false;
    }
    for (size_t i = 0; i < diff->old_mid; i++) {
        size_t slot = id_slot(view_rows_id(diff->old, diff->head + i), slot_count - 1);

        while (slots[slot] != 0)
            slot = (slot + 1) & (slot_count - 1);
        slots[slot] = (uint32_t)(i + 1);
    }
    for (size_t i = 0; i < diff->new_mid; i++) {
        struct view_id id = view_rows_id(diff->rows, diff->head + i);
        size_t slot = id_slot(id, slot_count - 1);

        while (slots[slot] != 0 &&
                !is_same(view_rows_id(diff->old, diff->head + slots[slot] - 1), id))
            slot = (slot + 1) & (slot_count - 1);
        diff->was[i] = slots[slot] != 0 ? slots[slot] - 1 : NOWHERE;
        if (slots[slot] != 0)
            diff->is_there[slots[slot] - 1] = true;
    }
    msp_free(slots);
    return true;
}

/* --- other values ----------------------------------------------------------------------------- */

static uint64_t filter_bit(uint64_t id)
{
    return (uint64_t)1 << (msp_hash_u64(id) & 63);
}

static int compare_ids(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static bool is_touched_id(const struct diff *diff, uint64_t id)
{
    return (diff->filter & filter_bit(id)) != 0 &&
           bsearch(&id, diff->touched->items, diff->touched->count, sizeof(uint64_t),
                   compare_ids) != NULL;
}

static const struct view_category *heading_at(const struct view_rows *rows, size_t position)
{
    uint32_t entry = rows->visible != NULL ? rows->visible[position] : 0;

    return (entry & VIEW_CATEGORY_BIT) != 0 ? &rows->categories[entry & ~VIEW_CATEGORY_BIT] : NULL;
}

static uint64_t print_at(const struct view_rows *rows, size_t position)
{
    return rows->prints[rows->visible != NULL ? rows->visible[position] : position];
}

bool view_level_has_spelling(const struct view_order *order, size_t level)
{
    for (size_t i = 0; i < order->levels[level].end_key; i++) {
        ULONG type = PROP_TYPE(order->keys[i].tag) & ~(ULONG)MVI_FLAG;

        if (propval_width(type) == 0 || type == PT_R4 || type == PT_DOUBLE || type == PT_APPTIME)
            return true;
    }
    return false;
}

/* May a heading show another spelling than before? */
static bool is_respelled(const struct diff *diff, const struct view_category *old,
        const struct view_category *heading)
{
    size_t was = old->leaf_first;
    size_t is = heading->leaf_first;
    uint64_t id = diff->rows->ids[is];
    bool is_same_leaf = id == diff->old->ids[was] && !is_touched_id(diff, id) &&
                        (diff->rows->instances == NULL ||
                                diff->rows->instances[is] == diff->old->instances[was]);

    return !is_same_leaf && view_level_has_spelling(diff->order, heading->level) &&
           view_prints_differ(old, heading);
}

/* Does the same row, here and there, have other values? */
static bool is_touched(const struct diff *diff, size_t old_position, size_t position)
{
    const struct view_category *heading = heading_at(diff->rows, position);

    if (heading != NULL) {
        const struct view_category *old = heading_at(diff->old, old_position);

        return old->unread != heading->unread ||
               old->leaf_end - old->leaf_first != heading->leaf_end - heading->leaf_first ||
               is_respelled(diff, old, heading);
    }
    if (diff->rows->prints != NULL && diff->old->prints != NULL)
        return print_at(diff->old, old_position) != print_at(diff->rows, position);
    return diff->touched->count > 0 && is_touched_id(diff, view_rows_id(diff->rows, position).id);
}

/* --- who stays in order ----------------------------------------------------------------------- */

/* Marks a longest sequence of rows whose places in the old middle ascend. */
static bool mark_staying(struct diff *diff)
{
    uint32_t *ends = msp_alloc_array(diff->new_mid, sizeof(*ends)); /* of the best by length */
    uint32_t *before = msp_alloc_array(diff->new_mid, sizeof(*before));
    size_t length = 0;
    uint32_t at;

    if (ends == NULL || before == NULL) {
        msp_free(ends);
        msp_free(before);
        return false;
    }
    for (size_t i = 0; i < diff->new_mid; i++) {
        size_t low = 0;
        size_t high = length;

        /* Rows with other values are told anyway: the others need not make way for them. */
        if (diff->was[i] == NOWHERE || is_touched(diff, diff->head + diff->was[i], diff->head + i))
            continue;
        if (length > 0 && diff->was[ends[length - 1]] < diff->was[i])
            low = length; /* the common case */
        while (low < high) {
            size_t mid = low + (high - low) / 2;

            if (diff->was[ends[mid]] < diff->was[i])
                low = mid + 1;
            else
                high = mid;
        }
        before[i] = low > 0 ? ends[low - 1] : NOWHERE;
        ends[low] = (uint32_t)i;
        if (low == length)
            length++;
    }
    for (at = length > 0 ? ends[length - 1] : NOWHERE; at != NOWHERE; at = before[at])
        diff->stays[at] = true;
    msp_free(ends);
    msp_free(before);
    return true;
}

/* --- telling ---------------------------------------------------------------------------------- */

static HRESULT put(struct diff *diff, enum view_event_kind kind, struct view_id id, size_t position)
{
    struct view_event event = { kind, id, position };

    if (diff->out->count >= diff->max)
        return MAPI_E_TOO_BIG;
    return msp_array_push(diff->out, &event) != NULL ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* Rows that are where they were, from one position on. */
static HRESULT put_same(struct diff *diff, size_t old_position, size_t position, size_t count)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; i < count && SUCCEEDED(hr); i++) {
        if (is_touched(diff, old_position + i, position + i))
            hr = put(diff, VIEW_ROW_MODIFIED, view_rows_id(diff->rows, position + i), position + i);
    }
    return hr;
}

static HRESULT put_middle(struct diff *diff)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; i < diff->new_mid && SUCCEEDED(hr); i++) {
        size_t position = diff->head + i;
        struct view_id id = view_rows_id(diff->rows, position);

        if (diff->was[i] == NOWHERE)
            hr = put(diff, VIEW_ROW_ADDED, id, position);
        else if (!diff->stays[i])
            hr = put(diff, VIEW_ROW_MODIFIED, id, position);
    }
    return hr;
}

static HRESULT put_all(struct diff *diff)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; i < diff->old_mid && SUCCEEDED(hr); i++) {
        if (!diff->is_there[i])
            hr = put(diff, VIEW_ROW_DELETED, view_rows_id(diff->old, diff->head + i), 0);
    }
    if (SUCCEEDED(hr))
        hr = put_same(diff, 0, 0, diff->head);
    if (SUCCEEDED(hr))
        hr = put_middle(diff);
    if (SUCCEEDED(hr))
        hr = put_same(diff, diff->old->visible_count - diff->tail,
                diff->rows->visible_count - diff->tail, diff->tail);
    return hr;
}

HRESULT view_diff(const struct view_order *order, const struct view_rows *old,
        const struct view_rows *rows, const struct msp_array *touched, size_t max,
        struct msp_array *out)
{
    struct diff diff = {
        .order = order, .old = old, .rows = rows, .touched = touched, .max = max, .out = out
    };
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    for (size_t i = 0; i < touched->count; i++)
        diff.filter |= filter_bit(*MSP_ARRAY_AT(uint64_t, touched, i));
    find_middle(&diff);
    if (match_middle(&diff) && mark_staying(&diff))
        hr = put_all(&diff);
    msp_free(diff.was);
    msp_free(diff.is_there);
    msp_free(diff.stays);
    return hr;
}
