/* SPDX-License-Identifier: MIT */
/*
 * view_print.c - how headings are spelled: what they show of their first leaf.
 *
 * Texts that differ in case are one heading, which shows the first leaf's. When that leaf is
 * another one, or has changed, a print of what was shown tells whether the heading looks different.
 *
 * Owns:  nothing.
 * Locks: everything runs under the domain lock, within a transaction.
 */
#include "com/view.h"
#include "util/bytes.h"
#include "util/hash.h"

enum {
    PRINTS_MAX = 8192 /* headings that are read to be printed, at once; of more it is not known */
};

uint64_t view_heading_print(
        struct msp_call *call, struct view *view, struct view_id leaf, size_t level)
{
    struct msp_call own = { .object = call->object, .domain = call->domain };
    struct table_row row;
    struct view_row shown = { view, NULL, &row, leaf.instance };
    uint64_t print = 1;

    if (FAILED(view->source->ops->read(&own, view->source, leaf.id, view_needs_props(view), &row)))
        return 0;
    for (size_t i = 0; i < view->order.levels[level].end_key; i++) {
        struct prop_scratch scratch;
        struct bag_value cell;
        HRESULT hr;

        prop_scratch_init(&scratch);
        hr = view_row_cell(&shown, view->order.keys[i].tag, &scratch, &cell);
        if (SUCCEEDED(hr))
            print = msp_hash(cell.data, cell.size, print);
        prop_scratch_done(&scratch);
        if (FAILED(hr) && hr != MAPI_E_NOT_FOUND)
            return 0;
        print = msp_hash_u64(print + (SUCCEEDED(hr) ? cell.tag : 0));
    }
    return print != 0 ? print : 1;
}

/* Is the print wanting that was made of the first leaf as it is? */
static bool is_due(const struct view *view, const struct view_rows *rows,
        const struct view_category *category, const struct msp_array *touched)
{
    struct view_id leaf = view_leaf_id(rows, category->leaf_first);

    return view_level_has_spelling(&view->order, category->level) &&
           (category->print == 0 || category->print_leaf.id != leaf.id ||
                   category->print_leaf.instance != leaf.instance || view_has_id(touched, leaf.id));
}

void view_print_headings(struct msp_call *call, struct view *view, struct view_rows *rows,
        const struct msp_array *touched)
{
    size_t count = 0;

    for (size_t i = 0; i < rows->category_count; i++)
        count += is_due(view, rows, &rows->categories[i], touched);
    for (size_t i = 0; i < rows->category_count && count > 0; i++) {
        struct view_category *category = &rows->categories[i];

        if (!is_due(view, rows, category, touched))
            continue;
        category->print = 0;
        category->print_leaf = view_leaf_id(rows, category->leaf_first);
        if (count <= PRINTS_MAX)
            category->print = view_heading_print(call, view, category->print_leaf, category->level);
    }
    rows->is_printed = true;
}

void view_print_all(struct msp_call *call, struct view *view)
{
    struct msp_array none = MSP_ARRAY_INIT(uint64_t);

    if (view->watch == NULL || view->rows.is_printed)
        return;
    for (size_t i = 0; i < view->rows.category_count; i++)
        view->rows.categories[i].print = 0; /* nobody has kept it up to date */
    view_print_headings(call, view, &view->rows, &none);
}

bool view_prints_differ(const struct view_category *was, const struct view_category *is)
{
    return was->print == 0 || is->print == 0 || was->print != is->print;
}
