/* SPDX-License-Identifier: MIT */
/*
 * view_columns.h - evaluating a view over columns: no row is read.
 *
 * What comes out is what a scan of the rows would give: the same rows, keys and marks, in default
 * order. What is not in a column is made from a row that is put together from them.
 *
 * Locks: the domain lock is held for everything here, within a transaction.
 */
#ifndef MSP_COM_VIEW_COLUMNS_H
#define MSP_COM_VIEW_COLUMNS_H

#include "com/view.h"

/* Columns are in order of delivery: do rows in this order lie anywhere in them? Then they are found
 * by their ids. */
bool view_columns_is_other_order(const struct view_order *order);

struct view_columns {
    struct msp_call *call;
    struct view *view;
    struct eng_columns data; /* borrowed from the engine */
    uint64_t *bits;          /* which rows match; NULL: all */
    uint32_t *picked;        /* their numbers, ascending; NULL: all */
    size_t count;            /* of those that match */
};

/* Asks for what the program and, with `for_order`, sort order and categories need, and matches the
 * rows. MAPI_E_NO_SUPPORT: not by columns. */
HRESULT view_columns_open(struct msp_call *call, struct view *view,
        const struct restrict_program *program, bool for_order, struct view_columns *out);
void view_columns_close(struct view_columns *columns);

static inline size_t view_columns_row(const struct view_columns *columns, size_t leaf)
{
    return columns->picked != NULL ? columns->picked[leaf] : leaf;
}

/* All of these append something for each row that matches. */
HRESULT view_columns_put_ids(const struct view_columns *columns, struct msp_buf *ids);
HRESULT view_columns_put_unread(const struct view_columns *columns, struct msp_buf *unread);
/* Sort keys by the view's order, and where each begins. */
HRESULT view_columns_put_keys(
        struct view_columns *columns, struct msp_buf *keys, struct msp_buf *offsets);
/* The values that order headings, ascending, level by level, as keys. */
HRESULT view_columns_put_aggregates(
        struct view_columns *columns, struct msp_buf *keys, struct msp_buf *offsets);
/* The ids in the view's order, where that is one number and needs no keys. MAPI_E_NO_SUPPORT. */
HRESULT view_columns_put_sorted(const struct view_columns *columns, struct msp_buf *ids);

#endif
