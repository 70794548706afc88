/* SPDX-License-Identifier: MIT */
/*
 * view_rank.c - rows that have changed, put under headings that are ordered by what is below them.
 *
 * Of each heading is known which leaf has the value that orders it. Only where that one is among
 * those that changed, and what it has now is less, are the heading's other leaves looked at. The
 * headings are then put out anew: those whose value is as it was follow each other as before, the
 * others are put between them.
 *
 * Owns:  nothing beyond one call.
 * Locks: everything runs under the domain lock, within a transaction.
 */
#include <stdlib.h>
#include <string.h>

#include "com/view_follow.h"
#include "util/alloc.h"
#include "util/bytes.h"

enum {
    LOOK_MAX = 1 << 20, /* headings that are passed over to find those of the rows that come */
    READ_MAX = 4096,    /* leaves that are read again for one that went */
};

#define NONE SIZE_MAX

/* A heading with leaves that have gone or come. */
struct node {
    size_t old; /* NONE: a new one */
    size_t level;
    size_t above;            /* another node; NONE: the outermost */
    struct view_bytes key;   /* as long as the following lasts */
    struct view_bytes value; /* what orders it... */
    struct view_id value_leaf;
    bool has_copy; /* ...is in `values`, from value_at on, which may move */
    size_t value_at;
    bool is_ranked;    /* it has the place that its value gives it, not the one it had */
    size_t come_first; /* of an innermost one: its rows in follow->order */
    size_t come_count;
    size_t count; /* leaves now */
    uint32_t unread;
};

struct ranker {
    struct view_following *follow;
    const struct view_rows *old;
    const struct view_order *order;
    struct msp_array nodes;      /* struct node */
    uint32_t *node_of;           /* per old category: its node + 1, or 0 */
    struct msp_buf values;       /* of leaves that were read again */
    struct msp_array categories; /* struct view_category */
    struct msp_array known;      /* uint32_t */
    struct msp_buf keys;
    struct msp_buf best;
    size_t leaf_count; /* put out so far */
    size_t next_old;   /* what follows what was put out last, if that was as it was */
    uint32_t last_known;
    bool is_moved;
};

static struct node *node_at(const struct ranker *ranker, size_t index)
{
    return MSP_ARRAY_AT(struct node, &ranker->nodes, index);
}

/* --- which headings have changed -------------------------------------------------------------- */

static struct view_bytes old_key(const struct view_rows *rows, const struct view_category *category)
{
    struct view_bytes key = { rows->category_keys + category->key_offset, category->key_size };

    return key;
}

static size_t push_node(struct ranker *ranker, const struct node *node)
{
    return msp_array_push(&ranker->nodes, node) != NULL ? ranker->nodes.count - 1 : NONE;
}

/* The node of an old heading, and of those above it; NONE: no memory. */
static size_t node_of_old(struct ranker *ranker, size_t old)
{
    const struct view_category *category = &ranker->old->categories[old];
    struct node node = { .old = old,
        .level = category->level,
        .above = NONE,
        .key = old_key(ranker->old, category),
        .value = view_category_value(ranker->old, category),
        .value_leaf = category->value_leaf,
        .count = category->leaf_end - category->leaf_first,
        .unread = category->unread };
    size_t made;

    if (ranker->node_of[old] != 0)
        return ranker->node_of[old] - 1;
    if (category->level > 0) {
        node.above = node_of_old(ranker, view_category_above(ranker->old, old));
        if (node.above == NONE)
            return NONE;
    }
    made = push_node(ranker, &node);
    if (made != NONE)
        ranker->node_of[old] = (uint32_t)made + 1;
    return made;
}

/* A heading that was not there, or the one that the row before has made. */
static size_t node_of_new(struct ranker *ranker, size_t level, size_t above, struct view_bytes key)
{
    struct node node = {
        .old = NONE, .level = level, .above = above, .key = key, .is_ranked = true
    };

    for (size_t i = ranker->nodes.count; i-- > 0;) {
        const struct node *other = node_at(ranker, i);

        if (other->old == NONE && other->level == level && other->above == above &&
                view_compare_bytes(other->key, key) == 0)
            return i;
    }
    return push_node(ranker, &node);
}

/* Ends of the key's parts for the levels. */
static void find_ends(
        const struct view_order *order, const uint8_t *key, size_t ends[VIEW_MAX_SORTS])
{
    size_t part = 0;
    size_t end = 0;

    for (size_t level = 0; level < order->level_count; level++) {
        for (; part < order->levels[level].end_key; part++)
            end += view_key_part_size(key + end, &order->keys[part]);
        ends[level] = end;
    }
}

static struct view_bytes key_of(const struct ranker *ranker, const struct view_place *place)
{
    struct view_bytes key = { ranker->follow->keys.data + place->seen.key_at,
        place->seen.key_size };

    return key;
}

/* The innermost heading of a row that has come; NONE: no memory. */
static size_t node_of_place(struct ranker *ranker, const struct view_place *place)
{
    struct view_bytes key = key_of(ranker, place);
    size_t ends[VIEW_MAX_SORTS] = { 0 };
    size_t above = NONE;
    size_t level = ranker->order->level_count;

    find_ends(ranker->order, key.data, ends);
    while (level > 0) {
        size_t old = view_category_with(ranker->old, level - 1, key.data, ends[level - 1]);

        if (old != SIZE_MAX) {
            above = node_of_old(ranker, old);
            if (above == NONE)
                return NONE;
            break;
        }
        level--;
    }
    for (; level < ranker->order->level_count; level++) {
        key.size = ends[level];
        above = node_of_new(ranker, level, above, key);
        if (above == NONE)
            return NONE;
    }
    return above;
}

/* Counts a leaf that comes, or goes, in the headings above it. */
static void count_leaf(struct ranker *ranker, size_t at, bool is_unread, int sign)
{
    for (; at != NONE; at = node_at(ranker, at)->above) {
        node_at(ranker, at)->count += (size_t)sign;
        node_at(ranker, at)->unread += is_unread ? (uint32_t)sign : 0;
    }
}

/* Rows of one heading lie side by side, for they are in the order of their keys. */
static bool see_come(struct ranker *ranker)
{
    struct view_following *follow = ranker->follow;
    size_t at = NONE;

    for (size_t i = 0; i < follow->order_count; i++) {
        const struct view_place *place = follow->order[i];
        bool is_same = at != NONE;

        if (is_same) {
            struct view_bytes key = key_of(ranker, place);

            key.size = msp_min(key.size, node_at(ranker, at)->key.size);
            is_same = view_compare_bytes(key, node_at(ranker, at)->key) == 0;
        }
        if (!is_same) {
            at = node_of_place(ranker, place);
            if (at == NONE)
                return false;
            node_at(ranker, at)->come_first = i;
        }
        node_at(ranker, at)->come_count++;
        count_leaf(ranker, at, place->seen.is_unread, 1);
    }
    return true;
}

static bool see_gone(struct ranker *ranker)
{
    const struct view_following *follow = ranker->follow;

    for (size_t i = 0; i < follow->gone_count; i++) {
        size_t leaf = follow->gone[i];
        size_t at = node_of_old(ranker, view_category_of(ranker->old, leaf));

        if (at == NONE)
            return false;
        count_leaf(ranker, at, ranker->old->unread[leaf] != 0, -1);
    }
    return true;
}

/* --- what orders them ------------------------------------------------------------------------- */

static struct view_bytes value_of(const struct ranker *ranker, const struct node *node)
{
    struct view_bytes value = node->value;

    if (node->has_copy)
        value.data = ranker->values.data + node->value_at;
    return value;
}

/* A leaf's value counts for the heading, if it is the one that does. */
static void offer(const struct ranker *ranker, struct node *node, struct view_bytes value,
        struct view_id leaf)
{
    if (!view_is_beyond(&ranker->order->levels[node->level], value, value_of(ranker, node)))
        return;
    node->value = value;
    node->value_leaf = leaf;
    node->has_copy = false;
}

/* Reads a leaf that was not touched. */
static HRESULT offer_leaf(struct ranker *ranker, struct node *node, size_t leaf, bool *out_has)
{
    struct view_following *follow = ranker->follow;
    struct msp_call own = { .object = follow->call->object, .domain = follow->call->domain };
    struct table_source *source = follow->view->source;
    struct view_id id = view_leaf_id(ranker->old, leaf);
    struct view_row row = { follow->view, NULL, NULL, id.instance };
    struct view_key key = { ranker->order->levels[node->level].aggregate, false };
    size_t at = ranker->values.size;
    struct table_row read;
    struct view_bytes value;
    HRESULT hr = source->ops->read(&own, source, id.id, follow->with_props, &read);

    if (hr == MAPI_E_NOT_FOUND)
        follow->lost = true;
    row.row = &read;
    if (SUCCEEDED(hr))
        hr = view_put_key_part(&row, &key, &ranker->values);
    if (FAILED(hr))
        return hr;
    value.data = ranker->values.data + at;
    value.size = ranker->values.size - at;
    *out_has = !view_key_is_absent(value.data);
    if (*out_has &&
            view_is_beyond(&ranker->order->levels[node->level], value, value_of(ranker, node))) {
        node->value = value;
        node->value_at = at;
        node->value_leaf = id;
        node->has_copy = true;
    } else {
        msp_buf_truncate(&ranker->values, at);
    }
    return S_OK;
}

/* Are the leaves of the heading ordered by what the heading is ordered by? */
static bool has_leaves_by_value(const struct ranker *ranker, const struct node *node)
{
    const struct view_order *order = ranker->order;
    size_t next = order->levels[order->level_count - 1].end_key;

    return node->level + 1 == order->level_count && next < order->key_count &&
           order->keys[next].tag == order->levels[node->level].aggregate;
}

/* The value of the leaves that were not touched: of all, or, when they are ordered by it, of the
 * first, or the last that has any. */
static HRESULT look_at_kept(struct ranker *ranker, struct node *node)
{
    const struct view_following *follow = ranker->follow;
    const struct view_category *category = &ranker->old->categories[node->old];
    const struct view_level *level = &ranker->order->levels[node->level];
    size_t next = ranker->order->levels[ranker->order->level_count - 1].end_key;
    bool is_by_value = has_leaves_by_value(ranker, node);
    bool is_first = is_by_value && level->maximum == ranker->order->keys[next].descending;
    size_t read_count = 0;
    bool has = false;
    HRESULT hr = S_OK;

    for (size_t i = category->leaf_first; i < category->leaf_end && SUCCEEDED(hr); i++) {
        size_t leaf = is_first ? i : category->leaf_first + (category->leaf_end - 1 - i);
        size_t gone = view_following_gone_before(follow, leaf);

        if (gone < follow->gone_count && follow->gone[gone] == leaf)
            continue;
        if (read_count++ == READ_MAX) {
            ranker->follow->lost = true;
            return MAPI_E_TOO_BIG;
        }
        if (msp_domain_is_stopping(follow->call->domain))
            return MAPI_E_INVALID_OBJECT;
        hr = offer_leaf(ranker, node, leaf, &has);
        if (is_first || (is_by_value && has))
            break;
    }
    return hr;
}

/* The rows that have come below it. */
static void offer_come(const struct ranker *ranker, struct node *node)
{
    const struct view_following *follow = ranker->follow;

    for (size_t i = 0; i < follow->order_count; i++) {
        const struct view_seen *seen = &follow->order[i]->seen;
        struct view_bytes key = key_of(ranker, follow->order[i]);

        key.size = msp_min(key.size, node->key.size);
        if (view_compare_bytes(key, node->key) == 0)
            offer(ranker, node,
                    view_level_value(
                            ranker->order, follow->keys.data + seen->values_at, node->level),
                    seen->id);
    }
}

static HRESULT find_value(struct ranker *ranker, struct node *node)
{
    struct view_bytes was = node->value;
    struct view_bytes is;
    HRESULT hr = S_OK;

    if (ranker->order->levels[node->level].aggregate == 0 || node->count == 0)
        return S_OK;
    if (was.data != NULL && view_has_id(&ranker->follow->ids, node->value_leaf.id)) {
        node->value = (struct view_bytes){ NULL, 0 };
        offer_come(ranker, node);
        if (node->value.data == NULL ||
                view_is_beyond(&ranker->order->levels[node->level], was, node->value))
            hr = look_at_kept(ranker, node);
    } else {
        offer_come(ranker, node);
    }
    is = value_of(ranker, node);
    if ((is.data == NULL) != (was.data == NULL) ||
            (is.data != NULL && view_compare_bytes(is, was) != 0))
        node->is_ranked = true;
    return hr;
}

/* --- their order ------------------------------------------------------------------------------ */

/* One of some siblings. */
struct sibling {
    size_t old;  /* NONE: a new one */
    size_t node; /* NONE: as it was */
};

static void describe(const struct ranker *ranker, const struct sibling *sibling,
        struct view_bytes *out_key, struct view_bytes *out_value)
{
    if (sibling->node != NONE) {
        const struct node *node = node_at(ranker, sibling->node);

        *out_key = node->key;
        *out_value = value_of(ranker, node);
    } else {
        const struct view_category *category = &ranker->old->categories[sibling->old];

        *out_key = old_key(ranker->old, category);
        *out_value = view_category_value(ranker->old, category);
    }
}

/* By value, those without one last; then by key. */
static int compare_siblings(
        const struct ranker *ranker, size_t level, const struct sibling *a, const struct sibling *b)
{
    struct view_bytes a_key, a_value, b_key, b_value;
    int order = 0;

    describe(ranker, a, &a_key, &a_value);
    describe(ranker, b, &b_key, &b_value);
    if (a_value.data == NULL || b_value.data == NULL)
        order = (a_value.data == NULL) - (b_value.data == NULL);
    else if (ranker->order->levels[level].descending)
        order = view_compare_bytes(b_value, a_value);
    else
        order = view_compare_bytes(a_value, b_value);
    return order != 0 ? order : view_compare_bytes(a_key, b_key);
}

static bool put_ranked(struct ranker *ranker, size_t level, size_t node, struct msp_array *siblings)
{
    struct sibling sibling = { node_at(ranker, node)->old, node };
    size_t low = 0;
    size_t high = siblings->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (compare_siblings(ranker, level, MSP_ARRAY_AT(struct sibling, siblings, mid), &sibling) <
                0)
            low = mid + 1;
        else
            high = mid;
    }
    return msp_array_insert(siblings, low, &sibling) != NULL;
}

/* The headings below a node (NONE: the outermost ones) in their order. */
static bool list_siblings(struct ranker *ranker, size_t above, struct msp_array *out)
{
    const struct view_rows *old = ranker->old;
    size_t level = above != NONE ? node_at(ranker, above)->level + 1 : 0;
    size_t first = 0;
    size_t end = old->category_count;

    if (above != NONE) {
        size_t old_above = node_at(ranker, above)->old;

        first = old_above != NONE ? old_above + 1 : 0;
        end = old_above != NONE ? old->categories[old_above].next : 0;
    }
    for (size_t i = first; i < end; i = old->categories[i].next) {
        struct sibling sibling = { i, ranker->node_of[i] != 0 ? ranker->node_of[i] - 1 : NONE };

        if (sibling.node != NONE && (node_at(ranker, sibling.node)->is_ranked ||
                                            node_at(ranker, sibling.node)->count == 0))
            continue;
        if (msp_array_push(out, &sibling) == NULL)
            return false;
    }
    for (size_t i = 0; i < ranker->nodes.count; i++) {
        const struct node *node = node_at(ranker, i);

        if (node->is_ranked && node->count > 0 && node->level == level && node->above == above &&
                !put_ranked(ranker, level, i, out))
            return false;
    }
    return true;
}

/* --- putting them out ------------------------------------------------------------------------- */

/* What follows may have moved as a whole. */
static bool put_mark(struct ranker *ranker, uint32_t entry)
{
    return msp_array_push(&ranker->follow->marks, &entry) != NULL;
}

static bool put_piece(struct ranker *ranker, size_t first, size_t count)
{
    struct view_piece piece = { first, count };
    struct msp_array *pieces = &ranker->follow->pieces;

    ranker->leaf_count += count;
    if (pieces->count > 0) {
        struct view_piece *last = MSP_ARRAY_AT(struct view_piece, pieces, pieces->count - 1);

        if (last->first + last->count == first) {
            last->count += count;
            return true;
        }
    }
    return count == 0 || msp_array_push(pieces, &piece) != NULL;
}

static bool put_category(struct ranker *ranker, const struct view_category *like, uint32_t known,
        struct view_bytes key, struct view_bytes value)
{
    struct view_category category = *like;

    category.key_offset = ranker->keys.size;
    category.key_size = key.size;
    category.value_offset = ranker->best.size;
    category.value_size = value.data != NULL ? value.size : 0;
    if (known != VIEW_UNKNOWN) {
        ranker->is_moved |= ranker->last_known != VIEW_UNKNOWN && known < ranker->last_known;
        ranker->last_known = known;
    }
    return msp_buf_append(&ranker->keys, key.data, key.size) &&
           msp_buf_append(&ranker->best, value.data, category.value_size) &&
           msp_array_push(&ranker->known, &known) != NULL &&
           msp_array_push(&ranker->categories, &category) != NULL;
}

/* A heading that is as it was, with all below it. */
static bool put_untouched(struct ranker *ranker, size_t old)
{
    const struct view_rows *rows = ranker->old;
    const struct view_category *top = &rows->categories[old];
    size_t index = ranker->categories.count;
    size_t kept = top->leaf_first - view_following_gone_before(ranker->follow, top->leaf_first);

    if (ranker->next_old != old && !put_mark(ranker, (uint32_t)index | VIEW_CATEGORY_BIT))
        return false;
    ranker->next_old = top->next;
    for (size_t i = old; i < top->next; i++) {
        struct view_category like = rows->categories[i];

        like.leaf_first = (uint32_t)(ranker->leaf_count + (like.leaf_first - top->leaf_first));
        like.leaf_end = (uint32_t)(ranker->leaf_count + (like.leaf_end - top->leaf_first));
        like.next = (uint32_t)(index + (like.next - old));
        if (!put_category(ranker, &like, (uint32_t)i, old_key(rows, &rows->categories[i]),
                    view_category_value(rows, &rows->categories[i])))
            return false;
    }
    return put_piece(ranker, kept, top->leaf_end - top->leaf_first);
}

/* Leaves that were not touched, below a heading that was: what has gone between them parts them. */
static bool put_kept(struct ranker *ranker, size_t first, size_t end)
{
    const struct view_following *follow = ranker->follow;

    while (first < end) {
        size_t gone = view_following_gone_before_kept(follow, first);
        size_t stop = end;

        if (gone < follow->gone_count)
            stop = msp_min(stop, follow->gone[gone] - gone);
        if (!put_mark(ranker, (uint32_t)ranker->leaf_count) ||
                !put_piece(ranker, first, stop - first))
            return false;
        first = stop;
    }
    return true;
}

/* The leaves of an innermost heading: those that were there, and between them those that come. */
static HRESULT put_leaves(struct ranker *ranker, const struct node *node)
{
    struct view_following *follow = ranker->follow;
    size_t kept = 0;
    size_t end = 0;
    HRESULT hr = S_OK;

    if (node->old != NONE) {
        const struct view_category *category = &ranker->old->categories[node->old];

        kept = category->leaf_first - view_following_gone_before(follow, category->leaf_first);
        end = category->leaf_end - view_following_gone_before(follow, category->leaf_end);
    }
    for (size_t i = 0; i < node->come_count && SUCCEEDED(hr); i++) {
        struct view_place *place = follow->order[node->come_first + i];

        hr = view_following_find(follow, place, kept, end);
        if (FAILED(hr))
            return hr;
        if (!put_kept(ranker, kept, place->before))
            return MAPI_E_NOT_ENOUGH_MEMORY;
        kept = place->before;
        place->position = ranker->leaf_count++;
    }
    return put_kept(ranker, kept, end) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT put_siblings(struct ranker *ranker, size_t above);

/* A heading that has changed; at most VIEW_MAX_SORTS deep. */
static HRESULT put_node(struct ranker *ranker, size_t index)
{
    const struct node *node = node_at(ranker, index);
    struct view *view = ranker->follow->view;
    struct view_category category = { .level = (uint32_t)node->level,
        .leaf_first = (uint32_t)ranker->leaf_count,
        .unread = node->unread,
        .value_leaf = node->value_leaf };
    size_t at = ranker->categories.count;
    HRESULT hr;

    if (node->old != NONE) {
        const struct view_category *was = &ranker->old->categories[node->old];

        category.serial = was->serial;
        category.expanded = was->expanded;
        category.print = was->print;
        category.print_leaf = was->print_leaf;
    } else {
        category.serial = view->next_serial++;
        category.expanded = ranker->order->levels[node->level].expanded;
    }
    ranker->next_old = NONE;
    if (!put_mark(ranker, (uint32_t)at | VIEW_CATEGORY_BIT) ||
            !put_category(ranker, &category, node->old != NONE ? (uint32_t)node->old : VIEW_UNKNOWN,
                    node->key, value_of(ranker, node)))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = node->level + 1 == ranker->order->level_count ? put_leaves(ranker, node)
                                                       : put_siblings(ranker, index);
    if (SUCCEEDED(hr)) {
        struct view_category *put = MSP_ARRAY_AT(struct view_category, &ranker->categories, at);

        put->leaf_end = (uint32_t)ranker->leaf_count;
        put->next = (uint32_t)ranker->categories.count;
    }
    ranker->next_old = NONE;
    return hr;
}

static HRESULT put_siblings(struct ranker *ranker, size_t above)
{
    struct msp_array siblings = MSP_ARRAY_INIT(struct sibling);
    HRESULT hr = list_siblings(ranker, above, &siblings) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    for (size_t i = 0; i < siblings.count && SUCCEEDED(hr); i++) {
        const struct sibling *sibling = MSP_ARRAY_AT(struct sibling, &siblings, i);

        if (sibling->node != NONE)
            hr = put_node(ranker, sibling->node);
        else if (!put_untouched(ranker, sibling->old))
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    msp_array_free(&siblings);
    return hr;
}

/* --- all of it -------------------------------------------------------------------------------- */

static HRESULT rank(struct ranker *ranker)
{
    HRESULT hr = S_OK;

    if ((uint64_t)ranker->follow->order_count * ranker->old->category_count > LOOK_MAX) {
        ranker->follow->lost = true;
        return MAPI_E_TOO_BIG;
    }
    ranker->node_of = msp_calloc(ranker->old->category_count, sizeof(*ranker->node_of));
    if (ranker->node_of == NULL || !see_come(ranker) || !see_gone(ranker))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < ranker->nodes.count && SUCCEEDED(hr); i++)
        hr = find_value(ranker, node_at(ranker, i));
    if (SUCCEEDED(hr))
        hr = put_siblings(ranker, NONE);
    if (SUCCEEDED(hr) && ranker->categories.count >= VIEW_CATEGORY_BIT)
        hr = MAPI_E_TOO_BIG;
    return hr;
}

HRESULT view_rank(struct view_following *follow, struct view_rows *rows, uint32_t **out_known,
        bool *out_moved)
{
    struct ranker ranker = { .follow = follow,
        .old = &follow->view->rows,
        .order = &follow->view->order,
        .next_old = NONE,
        .last_known = VIEW_UNKNOWN };
    HRESULT hr;

    msp_array_init(&ranker.nodes, sizeof(struct node));
    msp_array_init(&ranker.categories, sizeof(struct view_category));
    msp_array_init(&ranker.known, sizeof(uint32_t));
    hr = rank(&ranker);
    if (SUCCEEDED(hr)) {
        rows->categories = msp_array_steal(&ranker.categories, &rows->category_count);
        rows->category_keys = msp_buf_steal(&ranker.keys, NULL);
        if (ranker.best.size > 0)
            rows->category_values = msp_buf_steal(&ranker.best, NULL);
        *out_known = msp_array_steal(&ranker.known, NULL);
        *out_moved = ranker.is_moved;
        view_following_order_by_position(follow);
        if (rows->category_keys == NULL)
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    msp_array_free(&ranker.nodes);
    msp_array_free(&ranker.categories);
    msp_array_free(&ranker.known);
    msp_buf_free(&ranker.keys);
    msp_buf_free(&ranker.best);
    msp_buf_free(&ranker.values);
    msp_free(ranker.node_of);
    return hr;
}
