/* SPDX-License-Identifier: MIT */
/*
 * view_follow.h - the ways in which a view follows single rows.
 *
 * Locks: the domain lock is held for everything here, within a transaction.
 */
#ifndef MSP_COM_VIEW_FOLLOW_H
#define MSP_COM_VIEW_FOLLOW_H

#include "com/view.h"

/* --- ids by their lowest bits: most rows are told not to be one of some by a look at these -----
 */

struct view_id_filter {
    uint64_t bits[64];
};

static inline void view_id_filter_add(struct view_id_filter *filter, uint64_t id)
{
    filter->bits[id / 64 % 64] |= (uint64_t)1 << id % 64;
}

static inline bool view_id_filter_may_have(const struct view_id_filter *filter, uint64_t id)
{
    return (filter->bits[id / 64 % 64] >> id % 64 & 1) != 0;
}

/* --- view_look.c ------------------------------------------------------------------------------ */

struct view_bytes {
    const uint8_t *data; /* NULL: none */
    size_t size;
};

int view_compare_bytes(struct view_bytes a, struct view_bytes b);

/* A leaf of a row of the source as it is now, as the view sees it. */
struct view_seen {
    struct view_id id;
    bool is_unread; /* when there are headings */
    size_t key_at;  /* what orders it, in the buffer given */
    size_t key_size;
    size_t values_at; /* its values for the levels that are ordered by such, one behind the other */
};

/* Looks at a row: appends its leaves as struct view_seen, by instance, and their keys. One that is
 * gone has none. MAPI_E_TOO_BIG: there would be more than `most` in all. */
HRESULT view_look_at(struct msp_call *call, struct view *view, uint64_t id, bool with_props,
        size_t most, struct msp_buf *keys, struct msp_array *out);
/* Are headings ordered by what is below them? */
bool view_has_aggregates(const struct view_order *order);
/* Do rows keep their places, and stay in the view or out of it, as long as they have no event? */
bool view_is_steady(const struct view *view);
/* What orders a leaf among all those of the view, or, when headings are ordered by what is below
 * them, of its innermost heading. */
HRESULT view_put_place_key(
        struct view *view, const struct table_row *row, uint32_t instance, struct msp_buf *out);
/* The same of a leaf of the view. MAPI_E_NOT_FOUND: its row is gone. */
HRESULT view_put_leaf_key(struct msp_call *call, struct view *view, size_t leaf, bool with_props,
        struct msp_buf *out);
/* The value of one level among those at `values`; size 0: it is absent. */
struct view_bytes view_level_value(
        const struct view_order *order, const uint8_t *values, size_t level);
/* Is a value the one of two that counts? A value that is absent never is. */
bool view_is_beyond(const struct view_level *level, struct view_bytes a, struct view_bytes b);
/* The value that a heading is ordered by; data NULL: none. */
struct view_bytes view_category_value(
        const struct view_rows *rows, const struct view_category *category);
/* The innermost heading that has a leaf. */
size_t view_category_of(const struct view_rows *rows, size_t leaf);
/* The heading of a level whose key another one begins with; SIZE_MAX: there is none. */
size_t view_category_with(
        const struct view_rows *rows, size_t level, const uint8_t *key, size_t key_size);
/* The heading that one of an inner level is below. */
size_t view_category_above(const struct view_rows *rows, size_t category);

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

/* --- view_visible.c --------------------------------------------------------------------------- */

/* How many rows are visible; positions[i], unless it is NULL: of each category, or of the one that
 * hides it. */
size_t view_visible_count(const struct view_rows *rows, uint32_t *positions);
/* As view_rows_position(), of rows that only have categories and these positions. */
size_t view_visible_position(
        const struct view_rows *rows, const uint32_t *positions, uint32_t entry);
/* What is at a position. */
uint32_t view_visible_entry(
        const struct view_rows *rows, const uint32_t *positions, size_t position);
/* Writes the visible rows of some positions. */
void view_visible_write(struct view_rows *rows, size_t first, size_t end);
bool view_visible_reserve(struct view_rows *rows, size_t count);

/* --- view_moves.c ----------------------------------------------------------------------------- */

/* Rows that lie side by side, then and now. */
struct view_block {
    size_t position; /* now */
    size_t old;      /* then */
    size_t count;
    size_t staying; /* that many of them, from the first on, keep their order */
};

/* Which rows of some blocks, in the order of now, make a longest sequence that has kept its order.
 * False: no memory. */
bool view_find_staying(struct view_block *blocks, size_t count);

/* --- view_follow.c ---------------------------------------------------------------------------- */

enum {
    VIEW_MOVED_MAX = 1 << 15 /* leaves that are moved one by one; more are put into new arrays */
};

/* A leaf that may have changed. */
struct view_place {
    struct view_seen seen; /* as it is now; its keys are in view_following.keys */
    bool was;              /* it has been a leaf of the view... */
    size_t old;            /* ...here */
    bool is;               /* it is one now... */
    size_t before;         /* ...in front of this one of those that were not touched... */
    size_t position;       /* ...which makes it this leaf */
};

/* Leaves that were not touched, and lie side by side still. */
struct view_piece {
    size_t first; /* among those that were not touched */
    size_t count;
};

struct view_following {
    struct msp_call *call;
    struct view *view;
    const struct view_changes *changes;
    struct msp_array ids; /* uint64_t: rows that may have changed in any way, ascending */
    struct view_place
            *places; /* those that are leaves, by id; then the others, by what they were */
    size_t count;
    struct view_place **order; /* those that are leaves, in their order */
    struct view_come *come;    /* the same as leaves that come */
    size_t order_count;
    size_t *gone; /* old leaves of touched rows, ascending; and those that have moved */
    size_t gone_count;
    size_t kept;             /* leaves that were not touched */
    struct msp_array pieces; /* struct view_piece: these in their new order; none: as they were */
    struct msp_array marks; /* uint32_t: visible entries that may begin what has moved as a whole */
    struct view_place *moved; /* leaves that were not touched, but must make way */
    size_t moved_count;
    struct msp_buf keys;  /* of the places; stays where it is once they are read */
    struct msp_buf other; /* the key of a leaf that is compared with one of them */
    bool with_props;
    bool lost; /* not to be followed after all: everything is to be evaluated again */
};

/* How many gone leaves are before one. */
size_t view_following_gone_before(const struct view_following *follow, size_t leaf);
/* The same before the i-th of those that were not touched, which is that many leaves further. */
size_t view_following_gone_before_kept(const struct view_following *follow, size_t i);
/* Where among some of the leaves that were not touched a place is: sets place->before. */
HRESULT view_following_find(
        struct view_following *follow, struct view_place *place, size_t low, size_t high);
/* Puts the places that are leaves into the order of their keys, or positions. */
void view_following_order_by_key(struct view_following *follow);
void view_following_order_by_position(struct view_following *follow);

/* --- view_leaves.c ---------------------------------------------------------------------------- */

/* Makes room in the arrays of the leaves. */
bool view_following_reserve(const struct view_following *follow);
/* Changes the leaves, for which there is room. */
void view_following_move_leaves(const struct view_following *follow);
/* Leaves as they are after the change, in arrays of their own: ids, instances and unread. */
HRESULT view_following_assemble(const struct view_following *follow, struct view_rows *out);

/* The pieces as blocks, among all leaves now and those that were not touched then. */
bool view_following_blocks(const struct view_following *follow, struct msp_array *out);
/* Leaves of pieces that have not kept their order go and come, too. MAPI_E_TOO_BIG: too many. */
HRESULT view_following_move_pieces(struct view_following *follow);

/* --- view_regroup.c --------------------------------------------------------------------------- */

/* Puts the rows, which have been read and are in order, under their headings; on failure nothing
 * has changed. */
HRESULT view_regroup(struct view_following *follow);

/* --- view_rank.c ------------------------------------------------------------------------------ */

/* Makes the categories of `rows` where headings are ordered by what is below them, as
 * view_group_runs() does; gives the places their positions, and the other leaves their order.
 * *out_moved: headings that were there have another order. */
HRESULT view_rank(struct view_following *follow, struct view_rows *rows, uint32_t **out_known,
        bool *out_moved);

#endif
