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
/* Headings that are ordered by what is below them may all move. */
bool view_has_aggregates(const struct view_order *order);
/* What orders a row among all rows of the view. */
HRESULT view_put_place_key(struct view *view, const struct table_row *row, struct msp_buf *out);
int view_compare_place_keys(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size);

/* --- view_stay.c ------------------------------------------------------------------------------ */

/* Have the changed rows stayed where they are? Then their values are taken over and told of; else
 * *out_done is false, and nothing has changed. */
HRESULT view_stay(struct msp_call *call, struct view *view, const struct view_changes *changes,
        bool with_props, bool *out_done);
/* As view_find(), by halving where there are many rows and their order says where each of them is.
 */
HRESULT view_locate(struct msp_call *call, struct view *view, struct view_id id, size_t *out);

/* --- view_shift.c ----------------------------------------------------------------------------- */

/* A row that has come to a position. */
struct view_come {
    size_t position;
    size_t old; /* where it was; SIZE_MAX: nowhere */
};

/* Which rows go, which come; all others keep their order. Both ascend. */
struct view_shift {
    size_t old_count;
    const size_t *gone;
    size_t gone_count;
    const struct view_come *come;
    size_t come_count;
};

/* Moves what an array has for the rows that stay, and leaves gaps for those that come; it has room
 * for the new number of rows. */
void view_shift_items(void *items, size_t width, const struct view_shift *shift);
/* Moves the cursor and the bookmarks along: positions are visible ones. */
void view_shift_places(struct view *view, const struct view_shift *shift);

/* --- view_follow.c, view_regroup.c ------------------------------------------------------------ */

/* A row that may have changed. */
struct view_place {
    uint64_t id;
    bool was;        /* it has been a row of the view... */
    size_t old;      /* ...here; a leaf */
    bool is;         /* it is one now... */
    size_t before;   /* ...in front of this one of the rows that were not touched... */
    size_t position; /* ...which makes it this leaf */
    bool is_unread;  /* of rows under headings */
    size_t key_at;   /* in view_following.keys */
    size_t key_size;
};

struct view_following {
    struct msp_call *call;
    struct view *view;
    struct view_place *places; /* by id */
    size_t count;
    struct view_place **order; /* those that are rows, in their order */
    struct view_come *come;    /* the same as leaves that come */
    size_t order_count;
    size_t *gone; /* old leaves of touched rows, ascending */
    size_t gone_count;
    size_t kept; /* rows that were not touched */
    struct msp_buf keys;
    bool with_props;
    bool lost; /* a row could not be read: all are to be evaluated again */
};

/* Makes room in the arrays of the leaves. */
bool view_following_reserve(const struct view_following *follow);
/* Changes the leaves, for which there is room. */
void view_following_move_leaves(const struct view_following *follow);
/* Puts the rows, which have been read and are in order, under their headings; on failure nothing
 * has changed. */
HRESULT view_regroup(struct view_following *follow);

#endif
