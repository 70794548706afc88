/* SPDX-License-Identifier: MIT */
/*
 * view_regroup.c - rows that have changed, put under their headings.
 *
 * The headings are made anew, out of those that were there and the keys of the rows that have
 * changed, which costs a little for each heading. The leaves only move where they must, and what is
 * told is made from the rows that have changed: nothing is done per leaf.
 *
 * All that can fail is done before anything is changed.
 *
 * Owns:  nothing beyond one call.
 * Locks: everything runs under the domain lock, within a transaction.
 */
#include <stdlib.h>

#include "com/view_follow.h"
#include "util/alloc.h"
#include "util/bytes.h"

struct regroup {
    struct view_following *follow;
    const struct view_rows *old;
    struct view_rows next;   /* the categories; no leaves, and not what is visible of them... */
    uint32_t *positions;     /* ...but where */
    uint32_t *known;         /* per category of `next`: which one of the old it is */
    struct msp_array gone;   /* size_t: visible positions that were */
    struct msp_array come;   /* struct view_come: those that are */
    struct msp_array lost;   /* struct view_event: rows that are told to be gone... */
    struct msp_array others; /* ...and the others, which are told behind them */
    bool is_moved;           /* headings have another order */
    struct msp_array blocks; /* struct view_block: then, the leaves that were not touched */
};

/* --- the headings ----------------------------------------------------------------------------- */

static bool put_run(struct msp_array *runs, const uint8_t *key, size_t key_size, size_t count)
{
    struct view_run run = { key, key_size, count };

    return count == 0 || msp_array_push(runs, &run) != NULL;
}

/* Rows that come before the i-th of those that were not touched. */
static bool put_new_runs(
        const struct view_following *follow, size_t i, size_t *next, struct msp_array *out)
{
    for (; *next < follow->order_count && follow->order[*next]->before <= i; (*next)++) {
        const struct view_seen *seen = &follow->order[*next]->seen;

        if (!put_run(out, follow->keys.data + seen->key_at, seen->key_size, 1))
            return false;
    }
    return true;
}

/* What is left of one category, and the rows that have come between its own. */
static bool put_category_runs(const struct view_following *follow,
        const struct view_category *category, size_t *kept, size_t end, size_t *next,
        struct msp_array *out)
{
    const uint8_t *key = follow->view->rows.category_keys + category->key_offset;

    while (*kept < end) {
        size_t stop = end;

        if (!put_new_runs(follow, *kept, next, out))
            return false;
        if (*next < follow->order_count)
            stop = msp_min(end, follow->order[*next]->before);
        if (!put_run(out, key, category->key_size, stop - *kept))
            return false;
        *kept = stop;
    }
    return true;
}

static bool make_runs(const struct view_following *follow, struct msp_array *out)
{
    const struct view_rows *rows = &follow->view->rows;
    size_t gone = 0;
    size_t next = 0;
    size_t kept = 0;

    for (size_t i = 0; i < rows->category_count; i++) {
        const struct view_category *category = &rows->categories[i];
        size_t end = kept + category->leaf_end - category->leaf_first;

        if (category->level + 1 < follow->view->order.level_count)
            continue; /* the innermost ones have all leaves */
        for (; gone < follow->gone_count && follow->gone[gone] < category->leaf_end; gone++)
            end--;
        if (!put_category_runs(follow, category, &kept, end, &next, out))
            return false;
    }
    return put_new_runs(follow, follow->kept, &next, out);
}

/* The unread rows of each category: as many as it had, less those that went, and those that came.
 */
static void count_unread(struct regroup *regroup)
{
    const struct view_following *follow = regroup->follow;
    size_t level_count = follow->view->order.level_count;
    size_t open[VIEW_MAX_SORTS] = { 0 };
    size_t gone = 0;
    size_t come = 0;

    for (size_t i = 0; i < regroup->next.category_count; i++) {
        struct view_category *category = &regroup->next.categories[i];
        uint32_t unread = 0;

        open[category->level] = i;
        if (category->level + 1 < level_count)
            continue;
        if (regroup->known[i] != VIEW_UNKNOWN) {
            const struct view_category *was = &regroup->old->categories[regroup->known[i]];

            unread = was->unread;
            while (gone < follow->gone_count && follow->gone[gone] < was->leaf_first)
                gone++;
            for (; gone < follow->gone_count && follow->gone[gone] < was->leaf_end; gone++)
                unread -= regroup->old->unread[follow->gone[gone]] != 0;
        }
        for (; come < follow->order_count && follow->order[come]->position < category->leaf_end;
                come++)
            unread += follow->order[come]->seen.is_unread;
        for (size_t level = 0; level < level_count; level++)
            regroup->next.categories[open[level]].unread += unread;
    }
}

static HRESULT make_headings_by_key(struct regroup *regroup)
{
    const struct view_following *follow = regroup->follow;
    struct msp_array runs = MSP_ARRAY_INIT(struct view_run);
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if (make_runs(follow, &runs))
        hr = view_group_runs(follow->call, follow->view, MSP_ARRAY_ITEMS(struct view_run, &runs),
                runs.count, &regroup->next, &regroup->known);
    msp_array_free(&runs);
    if (SUCCEEDED(hr))
        count_unread(regroup);
    return hr;
}

static HRESULT make_headings(struct regroup *regroup)
{
    HRESULT hr;

    regroup->next.leaf_count = regroup->follow->kept + regroup->follow->order_count;
    if (view_has_aggregates(&regroup->follow->view->order))
        hr = view_rank(regroup->follow, &regroup->next, &regroup->known, &regroup->is_moved);
    else
        hr = make_headings_by_key(regroup);
    if (FAILED(hr))
        return hr;
    regroup->positions = msp_alloc_array(regroup->next.category_count, sizeof(*regroup->positions));
    if (regroup->positions == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    regroup->next.visible_count = view_visible_count(&regroup->next, regroup->positions);
    return S_OK;
}

/* --- what is visible of the change ------------------------------------------------------------ */

static size_t next_position(const struct regroup *regroup, uint32_t entry)
{
    return view_visible_position(&regroup->next, regroup->positions, entry);
}

static bool put_event(
        struct msp_array *events, enum view_event_kind kind, struct view_id id, size_t position)
{
    struct view_event event = { kind, id, position };

    return msp_array_push(events, &event) != NULL;
}

/* Rows that are lost are told in the order in which they were. */
static bool put_gone(struct regroup *regroup, struct view_id id, size_t position, bool is_lost)
{
    return msp_array_push(&regroup->gone, &position) != NULL &&
           (!is_lost || put_event(&regroup->lost, VIEW_ROW_DELETED, id, position));
}

static bool put_come(struct regroup *regroup, struct view_id id, size_t position, size_t old)
{
    struct view_come come = { position, old };

    return msp_array_push(&regroup->come, &come) != NULL &&
           put_event(&regroup->others, old == SIZE_MAX ? VIEW_ROW_ADDED : VIEW_ROW_MODIFIED, id,
                   position);
}

static bool put_leaf(struct regroup *regroup, const struct view_place *place)
{
    struct view_id id = place->seen.id;
    size_t was = SIZE_MAX;
    size_t is = SIZE_MAX;
    bool ok = true;

    if (place->was)
        was = view_rows_position(regroup->old, (uint32_t)place->old);
    if (place->is)
        is = next_position(regroup, (uint32_t)place->position);
    if (was != SIZE_MAX)
        ok = put_gone(regroup, id, was, is == SIZE_MAX);
    return ok && (is == SIZE_MAX || put_come(regroup, id, is, was));
}

static uint32_t entry_of(size_t category)
{
    return (uint32_t)category | VIEW_CATEGORY_BIT;
}

static struct view_id heading_id(const struct view_category *category)
{
    struct view_id id = { category->serial, VIEW_HEADING };

    return id;
}

/* The old headings that are not there any more. */
static bool put_lost_headings(struct regroup *regroup)
{
    bool *is_there = msp_calloc(regroup->old->category_count, sizeof(*is_there));
    bool ok = is_there != NULL;

    for (size_t i = 0; i < regroup->next.category_count && ok; i++) {
        if (regroup->known[i] != VIEW_UNKNOWN)
            is_there[regroup->known[i]] = true;
    }
    for (size_t i = 0; i < regroup->old->category_count && ok; i++) {
        size_t position = is_there[i] ? SIZE_MAX : view_rows_position(regroup->old, entry_of(i));

        ok = position == SIZE_MAX ||
             put_gone(regroup, heading_id(&regroup->old->categories[i]), position, true);
    }
    msp_free(is_there);
    return ok;
}

/* How many rows that have come are before one of the next leaves. */
static size_t come_before(const struct view_following *follow, size_t leaf)
{
    size_t low = 0;
    size_t high = follow->order_count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (follow->order[mid]->position < leaf)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* The old leaf that is the i-th of those that were not touched. */
static size_t kept_leaf(const struct view_following *follow, size_t i)
{
    return i + view_following_gone_before_kept(follow, i);
}

/* Which leaf one of the next ones was, that was not touched. */
static size_t old_leaf(const struct regroup *regroup, size_t leaf)
{
    const struct view_block *blocks = MSP_ARRAY_ITEMS(struct view_block, &regroup->blocks);
    size_t low = 0;
    size_t high = regroup->blocks.count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (blocks[mid].position <= leaf)
            low = mid + 1;
        else
            high = mid;
    }
    return kept_leaf(regroup->follow, blocks[low - 1].old + (leaf - blocks[low - 1].position));
}

/* Is the leaf that was first under a heading so still, and as it was? Then ids are not looked at:
 * headings are many, and their leaves far from each other. Else *out_leaf is the one that is. */
static bool is_first_still(const struct regroup *regroup, const struct view_category *was,
        const struct view_category *category, struct view_id *out_leaf)
{
    const struct view_following *follow = regroup->follow;
    size_t come = come_before(follow, category->leaf_first);
    size_t old;

    if (come < follow->order_count && follow->order[come]->position == category->leaf_first) {
        *out_leaf = follow->order[come]->seen.id;
        return false;
    }
    old = regroup->is_moved ? old_leaf(regroup, category->leaf_first)
                            : kept_leaf(follow, category->leaf_first - come);
    if (was != NULL && old == was->leaf_first)
        return true;
    *out_leaf = view_leaf_id(regroup->old, old);
    return false;
}

/* May a heading show another spelling than before? It shows that of its first leaf. Prints it. */
static bool is_respelled(
        struct regroup *regroup, const struct view_category *was, struct view_category *category)
{
    struct view *view = regroup->follow->view;

    if (!view_level_has_spelling(&view->order, category->level) ||
            is_first_still(regroup, was, category, &category->print_leaf))
        return false;
    category->print = view->watch != NULL ? view_heading_print(regroup->follow->call, view,
                                                    category->print_leaf, category->level)
                                          : 0;
    return was == NULL || view_prints_differ(was, category);
}

/* A heading that is new, or may say something else. */
static bool put_heading(struct regroup *regroup, size_t i)
{
    struct view_category *category = &regroup->next.categories[i];
    const struct view_category *was = NULL;
    size_t old = SIZE_MAX;
    size_t position;
    bool is_respelt;

    if (regroup->known[i] != VIEW_UNKNOWN)
        was = &regroup->old->categories[regroup->known[i]];
    is_respelt = is_respelled(regroup, was, category);
    if (was != NULL && !is_respelt && was->unread == category->unread &&
            was->leaf_end - was->leaf_first == category->leaf_end - category->leaf_first)
        return true;
    position = next_position(regroup, entry_of(i));
    if (position == SIZE_MAX)
        return true;
    if (was != NULL) {
        old = view_rows_position(regroup->old, entry_of(regroup->known[i]));
        if (!put_gone(regroup, heading_id(category), old, false))
            return false;
    }
    return put_come(regroup, heading_id(category), position, old);
}

static int compare_gone(const void *a, const void *b)
{
    size_t x = *(const size_t *)a;
    size_t y = *(const size_t *)b;

    return (x > y) - (x < y);
}

static int compare_come(const void *a, const void *b)
{
    size_t x = ((const struct view_come *)a)->position;
    size_t y = ((const struct view_come *)b)->position;

    return (x > y) - (x < y);
}

static int compare_events(const void *a, const void *b)
{
    size_t x = ((const struct view_event *)a)->position;
    size_t y = ((const struct view_event *)b)->position;

    return (x > y) - (x < y);
}

static void sort(struct msp_array *array, size_t size, int (*compare)(const void *, const void *))
{
    if (array->count > 1)
        qsort(array->items, array->count, size, compare);
}

/* Puts visible positions into order, and each only once. */
static void sort_positions(struct msp_array *positions)
{
    size_t *items = MSP_ARRAY_ITEMS(size_t, positions);
    size_t count = 0;

    sort(positions, sizeof(size_t), compare_gone);
    for (size_t i = 0; i < positions->count; i++) {
        if (count == 0 || items[count - 1] != items[i])
            items[count++] = items[i];
    }
    if (positions->count > 0)
        msp_array_truncate(positions, count);
}

/* The visible positions between which rows lie as they did, or are told of already. */
static bool find_bounds(const struct regroup *regroup, struct msp_array *out)
{
    const struct msp_array *marks = &regroup->follow->marks;
    size_t end = regroup->next.visible_count;

    for (size_t i = 0; i < marks->count; i++) {
        size_t position = next_position(regroup, *MSP_ARRAY_AT(uint32_t, marks, i));

        if (position != SIZE_MAX && msp_array_push(out, &position) == NULL)
            return false;
    }
    for (size_t i = 0; i < regroup->others.count; i++) {
        size_t position = MSP_ARRAY_AT(struct view_event, &regroup->others, i)->position;
        size_t next = position + 1;

        if (msp_array_push(out, &position) == NULL || msp_array_push(out, &next) == NULL)
            return false;
    }
    if (msp_array_push(out, &end) == NULL)
        return false;
    sort_positions(out);
    return true;
}

/* Where a visible row of the next ones was. */
static size_t old_position(const struct regroup *regroup, size_t position)
{
    uint32_t entry = view_visible_entry(&regroup->next, regroup->positions, position);

    if ((entry & VIEW_CATEGORY_BIT) != 0)
        entry = entry_of(regroup->known[entry & ~VIEW_CATEGORY_BIT]);
    else
        entry = (uint32_t)old_leaf(regroup, entry);
    return view_rows_position(regroup->old, entry);
}

/* The rows that are not told of, as blocks. */
static bool find_blocks(const struct regroup *regroup, struct msp_array *out)
{
    struct msp_array bounds = MSP_ARRAY_INIT(size_t);
    bool ok = find_bounds(regroup, &bounds);
    size_t told = 0;
    size_t begin = 0;

    for (size_t i = 0; i < bounds.count && ok; i++) {
        size_t end = *MSP_ARRAY_AT(size_t, &bounds, i);
        bool is_told;

        while (told < regroup->others.count &&
                MSP_ARRAY_AT(struct view_event, &regroup->others, told)->position < begin)
            told++;
        is_told = told < regroup->others.count &&
                  MSP_ARRAY_AT(struct view_event, &regroup->others, told)->position == begin;
        if (end > begin && !is_told) {
            struct view_block block = { begin, old_position(regroup, begin), end - begin, 0 };

            ok = msp_array_push(out, &block) != NULL;
        }
        begin = end;
    }
    msp_array_free(&bounds);
    return ok;
}

/* Rows that have made way for others, though nothing else has happened to them. */
static bool see_moves(struct regroup *regroup)
{
    struct msp_array blocks = MSP_ARRAY_INIT(struct view_block);
    bool ok;

    sort(&regroup->others, sizeof(struct view_event), compare_events);
    ok = find_blocks(regroup, &blocks) &&
         view_find_staying(MSP_ARRAY_ITEMS(struct view_block, &blocks), blocks.count);
    for (size_t i = 0; i < blocks.count && ok; i++) {
        const struct view_block *block = MSP_ARRAY_AT(struct view_block, &blocks, i);

        for (size_t k = block->staying; k < block->count && ok; k++) {
            struct view_id id = view_rows_id(regroup->old, block->old + k);

            ok = put_gone(regroup, id, block->old + k, false) &&
                 put_come(regroup, id, block->position + k, block->old + k);
        }
    }
    msp_array_free(&blocks);
    return ok;
}

static bool see_change(struct regroup *regroup)
{
    bool ok = put_lost_headings(regroup) &&
              (!regroup->is_moved || view_following_blocks(regroup->follow, &regroup->blocks));

    for (size_t i = 0; i < regroup->follow->count && ok; i++)
        ok = put_leaf(regroup, &regroup->follow->places[i]);
    for (size_t i = 0; i < regroup->next.category_count && ok; i++)
        ok = put_heading(regroup, i);
    if (ok && regroup->is_moved)
        ok = see_moves(regroup);
    sort(&regroup->gone, sizeof(size_t), compare_gone);
    sort(&regroup->come, sizeof(struct view_come), compare_come);
    sort(&regroup->lost, sizeof(struct view_event), compare_events);
    for (size_t i = 0; i < regroup->lost.count; i++)
        MSP_ARRAY_AT(struct view_event, &regroup->lost, i)->position = 0;
    sort(&regroup->others, sizeof(struct view_event), compare_events);
    for (size_t i = 0; i < regroup->others.count && ok; i++)
        ok = msp_array_push(&regroup->lost, MSP_ARRAY_AT(struct view_event, &regroup->others, i)) !=
             NULL;
    return ok;
}

/* --- making it so ----------------------------------------------------------------------------- */

/* The position of the first visible row that is not before a leaf. */
static size_t position_from(const struct regroup *regroup, size_t leaf)
{
    const struct view_rows *next = &regroup->next;
    size_t position;
    size_t category;

    if (leaf >= next->leaf_count)
        return next->visible_count;
    position = next_position(regroup, (uint32_t)leaf);
    category = view_category_of(next, leaf);
    return position != SIZE_MAX ? position : (size_t)regroup->positions[category] + 1;
}

/* Between which positions entries are others now: all before have the same numbers, and so have
 * all behind, when there are as many as before. */
static void find_other_entries(const struct regroup *regroup, size_t *out_first, size_t *out_end)
{
    const struct view_following *follow = regroup->follow;
    const struct view_rows *next = &regroup->next;
    const struct view_rows *old = regroup->old;
    size_t first = next->leaf_count;
    size_t last = 0;
    size_t category = 0;
    size_t end;

    if (follow->gone_count > 0) {
        first = msp_min(first, follow->gone[0]);
        last = msp_max(last, follow->gone[follow->gone_count - 1]);
    }
    if (follow->order_count > 0) {
        first = msp_min(first, follow->order[0]->position);
        last = msp_max(last, follow->order[follow->order_count - 1]->position);
    }
    while (category < next->category_count && regroup->known[category] == category)
        category++;
    *out_first = position_from(regroup, first);
    if (follow->gone_count > 0)
        *out_first = msp_min(*out_first, view_rows_position(old, (uint32_t)follow->gone[0]));
    if (category < next->category_count)
        *out_first = msp_min(*out_first, (size_t)regroup->positions[category]);
    *out_end = next->visible_count;
    if (next->visible_count != old->visible_count || next->leaf_count != old->leaf_count ||
            next->category_count != old->category_count)
        return;
    end = position_from(regroup, last + 1);
    for (category = next->category_count; category > 0; category--) {
        if (regroup->known[category - 1] != category - 1)
            break;
    }
    if (category > 0)
        end = msp_max(end, (size_t)regroup->positions[category - 1] + 1);
    *out_end = end;
}

static void take_over(struct regroup *regroup)
{
    struct view *view = regroup->follow->view;
    struct view_rows *rows = &view->rows;
    struct view_rows *next = &regroup->next;
    const struct view_shift shift = { rows->visible_count, MSP_ARRAY_ITEMS(size_t, &regroup->gone),
        regroup->gone.count, MSP_ARRAY_ITEMS(struct view_come, &regroup->come),
        regroup->come.count };
    struct view_rows was = *rows;
    size_t first;
    size_t end;

    find_other_entries(regroup, &first, &end);
    rows->is_printed = was.is_printed && view->watch != NULL;
    view_shift_places(view, &shift);
    view_following_move_leaves(regroup->follow);
    rows->categories = next->categories;
    rows->category_count = next->category_count;
    rows->category_keys = next->category_keys;
    rows->category_values = next->category_values;
    rows->visible_count = next->visible_count;
    view_visible_write(rows, first, end);
    next->categories = was.categories;
    next->category_keys = was.category_keys;
    next->category_values = was.category_values;
}

static void tell(const struct regroup *regroup)
{
    struct view_watch *watch = regroup->follow->view->watch;
    const struct msp_array *events = &regroup->lost;

    if (watch != NULL && events->count > VIEW_CHANGES_MAX)
        watch->changed(watch, regroup->follow->call, NULL, 0);
    else if (watch != NULL && events->count > 0)
        watch->changed(watch, regroup->follow->call, MSP_ARRAY_ITEMS(struct view_event, events),
                events->count);
}

static HRESULT change_rows(struct regroup *regroup)
{
    HRESULT hr = see_change(regroup) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr) && regroup->is_moved)
        hr = view_following_move_pieces(regroup->follow);
    if (SUCCEEDED(hr) && (!view_following_reserve(regroup->follow) ||
                                 !view_visible_reserve(&regroup->follow->view->rows,
                                         regroup->next.visible_count)))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (FAILED(hr))
        return hr;
    take_over(regroup);
    tell(regroup);
    return S_OK;
}

/* All leaves are put into new arrays, and what is told is found by comparing. */
static HRESULT replace_rows(struct regroup *regroup)
{
    const struct view_following *follow = regroup->follow;
    HRESULT hr = view_following_assemble(follow, &regroup->next);

    if (SUCCEEDED(hr))
        hr = view_build_visible(&regroup->next);
    return SUCCEEDED(hr) ? view_replace(follow->call, follow->view, &regroup->next, follow->changes)
                         : hr;
}

HRESULT view_regroup(struct view_following *follow)
{
    struct regroup regroup = { .follow = follow, .old = &follow->view->rows };
    HRESULT hr;

    msp_array_init(&regroup.gone, sizeof(size_t));
    msp_array_init(&regroup.come, sizeof(struct view_come));
    msp_array_init(&regroup.lost, sizeof(struct view_event));
    msp_array_init(&regroup.others, sizeof(struct view_event));
    msp_array_init(&regroup.blocks, sizeof(struct view_block));
    hr = make_headings(&regroup);
    if (SUCCEEDED(hr))
        hr = follow->changes->placed.count > 0 ? MAPI_E_TOO_BIG : change_rows(&regroup);
    if (hr == MAPI_E_TOO_BIG)
        hr = replace_rows(&regroup);
    view_rows_free(&regroup.next);
    msp_free(regroup.known);
    msp_free(regroup.positions);
    msp_array_free(&regroup.gone);
    msp_array_free(&regroup.come);
    msp_array_free(&regroup.lost);
    msp_array_free(&regroup.others);
    msp_array_free(&regroup.blocks);
    return hr;
}
