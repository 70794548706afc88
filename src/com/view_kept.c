/* SPDX-License-Identifier: MIT */
/*
 * view_kept.c - the last evaluation of all rows in another order.
 *
 * Clients go back and forth: to subjects and back to dates, into a search and out of it. One such
 * evaluation costs eight bytes a row. There are two only between the call that says what is wanted
 * and the one that evaluates it: that order itself, if it was kept, and the one before.
 *
 * Owns:  view->kept and view->wanted.
 * Locks: everything runs under the domain lock.
 */
#include <string.h>

#include "com/view.h"

static bool is_same_order(const struct view_order *a, const struct view_order *b)
{
    if (a->key_count != b->key_count || a->level_count != b->level_count)
        return false;
    for (size_t i = 0; i < a->key_count; i++) {
        if (a->keys[i].tag != b->keys[i].tag || a->keys[i].descending != b->keys[i].descending)
            return false;
    }
    for (size_t i = 0; i < a->level_count; i++) {
        const struct view_level *x = &a->levels[i];
        const struct view_level *y = &b->levels[i];

        if (x->end_key != y->end_key || x->aggregate != y->aggregate || x->maximum != y->maximum ||
                x->descending != y->descending)
            return false;
    }
    return true;
}

static bool fits(const struct view *view, const struct view_kept *kept)
{
    return kept->is_there && view->restriction == NULL && view->mvi_count == 0 &&
           is_same_order(&kept->order, &view->order);
}

static void drop(struct view_kept *kept)
{
    view_rows_free(&kept->rows);
    memset(kept, 0, sizeof(*kept));
}

void view_kept_drop(struct view *view)
{
    drop(&view->kept);
    drop(&view->wanted);
}

void view_keep(struct view *view, const struct view *was, struct view_rows *rows)
{
    struct view_kept all[3] = { { 0 }, view->kept, view->wanted }; /* the newest first */
    bool has_wanted = view->loaded;
    bool has_kept = false;

    all[0].is_there = was->loaded && was->restriction == NULL && rows->ids != NULL &&
                      !rows->is_head && rows->instances == NULL && rows->prints == NULL;
    all[0].order = was->order;
    all[0].stamp = was->stamp;
    all[0].journal = was->journal;
    all[0].rows = *rows;
    memset(rows, 0, sizeof(*rows));
    memset(&view->kept, 0, sizeof(view->kept));
    memset(&view->wanted, 0, sizeof(view->wanted));
    for (size_t i = 0; i < MSP_COUNT_OF(all); i++) {
        if (!has_wanted && fits(view, &all[i])) {
            view->wanted = all[i];
            has_wanted = true;
        } else if (!has_kept && all[i].is_there) {
            view->kept = all[i];
            has_kept = true;
        } else {
            view_rows_free(&all[i].rows);
        }
    }
}

bool view_kept_fits(const struct view *view)
{
    return fits(view, &view->wanted);
}

bool view_kept_has(const struct view *view, const struct view *wanted)
{
    const struct view_kept now = { .is_there = view->loaded && view->restriction == NULL &&
                                               view->mvi_count == 0 && !view->rows.is_head,
        .order = view->order };

    return fits(wanted, &now) || fits(wanted, &view->kept) || fits(wanted, &view->wanted);
}

HRESULT view_kept_take(struct view *view, struct view_rows *out)
{
    if (view->order.level_count > 0) {
        HRESULT hr = view_renew_categories(view, &view->wanted.rows);

        if (FAILED(hr))
            return hr;
    }
    *out = view->wanted.rows;
    memset(&view->wanted, 0, sizeof(view->wanted));
    return S_OK;
}
