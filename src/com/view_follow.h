/* SPDX-License-Identifier: MIT */
/*
 * view_follow.h - the ways in which a view follows single rows.
 *
 * Locks: the domain lock is held for everything here, within a transaction.
 */
#ifndef MSP_COM_VIEW_FOLLOW_H
#define MSP_COM_VIEW_FOLLOW_H

#include "com/view.h"

/* A row of the source as it is now, as the view sees it. */
struct view_seen {
    bool is;        /* it is a row of the view... */
    bool is_unread; /* ...and this, when there are headings */
    size_t key_at;  /* what orders it, in the buffer given */
    size_t key_size;
};

/* Looks at a row; one that is gone is no row of the view. The key is appended to `keys`. */
HRESULT view_look_at(struct msp_call *call, struct view *view, uint64_t id, bool with_props,
        struct msp_buf *keys, struct view_seen *out);
/* What orders a row among all rows of the view. */
HRESULT view_put_place_key(struct view *view, const struct table_row *row, struct msp_buf *out);
int view_compare_place_keys(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size);

/* view_stay.c. Have the changed rows stayed where they are? Then their values are taken over and
 * told of; else *out_done is false, and nothing has changed. */
HRESULT view_stay(struct msp_call *call, struct view *view, const struct view_changes *changes,
        bool with_props, bool *out_done);

#endif
