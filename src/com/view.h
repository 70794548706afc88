/* SPDX-License-Identifier: MIT */
/*
 * view.h - the rows of a table: which ones, in which order, and places in them.
 *
 * A view evaluates (source, restriction, sort order, categories, multi-value instances) into a list
 * of leaves, one per row or per row and instance, and, when there are categories, a list of
 * headings over them. Positions count what is visible. Nothing is read before view_sync(); the
 * setters only note what is wanted. When the source's stamp moves, the next view_sync() evaluates
 * again and keeps the cursor, the bookmarks and the state of the headings on their rows.
 *
 * Locks: the domain lock is held for everything here.
 */
#ifndef MSP_COM_VIEW_H
#define MSP_COM_VIEW_H

#include "com/table.h"
#include "mapi/sortorder.h"
#include "util/array.h"
#include "util/buf.h"

enum {
    VIEW_MAX_SORTS = SORTORDER_MAX,
    VIEW_MAX_MVI = 32, /* columns, or sort keys, that expand into instances */
    VIEW_MAX_BOOKMARKS = 4096,
    VIEW_MAX_INSTANCES = 1 << 20, /* of one row */
    VIEW_KEY_MAX = 1024,          /* bytes of a value that take part in sorting */
    VIEW_INSTANCE_KEY_SIZE = 12,
    VIEW_INSTANCE_KEY_MAX = 16, /* of a row that has been away */
    VIEW_HEAD_MIN = 64,         /* rows that are read at first, and... */
    VIEW_HEAD_MAX = 2048,       /* ...that may be needed before all are */
    VIEW_COLUMN_CUT = 255, /* characters of a large text in a row; twice as many bytes of others */
    VIEW_RESTRICT_MAX = 16 * 1024 * 1024, /* bytes of a large value that a restriction looks at */
};

/* One part of the sort key. */
struct view_key {
    ULONG tag;
    bool descending;
};

/* One level of categories: the parts it is made of, and what orders its headings. */
struct view_level {
    size_t end_key;  /* the first part that is not of this level or an outer one */
    ULONG aggregate; /* 0: the keys themselves; else the tag whose largest or smallest value counts
                      */
    bool maximum;
    bool descending;
    bool expanded; /* how new headings of this level begin */
};

/* What a sort order means. */
struct view_order {
    struct view_key keys[VIEW_MAX_SORTS]; /* those of the levels first */
    size_t key_count;
    struct view_level levels[VIEW_MAX_SORTS];
    size_t level_count;
};

/* Who a visible row is, as long as the table lives: a leaf's row id and instance, or a heading's
 * serial number. */
struct view_id {
    uint64_t id;
    uint32_t instance; /* VIEW_HEADING for headings */
};

#define VIEW_HEADING UINT32_MAX
#define VIEW_ANY_INSTANCE (UINT32_MAX - 1) /* of view_depart(): all of a row */

struct view_category {
    uint64_t serial;
    size_t key_offset; /* in view_rows.category_keys: the encoded keys down to this level */
    size_t key_size;
    uint32_t level;
    uint32_t leaf_first; /* the leaves below: [leaf_first, leaf_end) */
    uint32_t leaf_end;
    uint32_t next; /* the first category that is not below this one */
    uint32_t unread;
    bool expanded;
    size_t value_offset; /* in view_rows.category_values: what orders it, encoded ascending... */
    size_t value_size;   /* ...0: nothing, or no leaf has such a value */
    struct view_id value_leaf; /* one that has it */
    uint64_t print;            /* of what it shows; 0: not known... */
    struct view_id print_leaf; /* ...and the leaf that this is of */
};

/* One evaluation. All zero: no rows. */
struct view_rows {
    uint64_t *ids;       /* row ids of the leaves, in order */
    size_t ids_room;     /* items that the arrays of leaves have room for, when above leaf_count */
    uint32_t *instances; /* NULL: all 0 */
    uint16_t *low;       /* the lowest bits of the ids; NULL: not made, for there are few rows */
    uint64_t *prints;    /* what the source says of the leaves' values; NULL: it does not */
    uint8_t *unread;     /* one byte per leaf; NULL: there are no levels */
    size_t leaf_count;
    struct view_category *categories; /* outer before inner, in order */
    size_t category_count;
    uint8_t *category_keys;
    uint8_t *category_values;
    bool is_printed;   /* what the headings show is known, but for where there are very many */
    bool is_head;      /* these are only the first rows; there are more */
    uint32_t *visible; /* leaf index, or VIEW_CATEGORY_BIT | category index; NULL: all leaves */
    size_t visible_count;
    size_t visible_room; /* items that `visible` has room for, when it is there */
};

#define VIEW_CATEGORY_BIT 0x80000000u

/* A whole evaluation of all rows in an order that the view had before, without instances: when the
 * client comes back to that order it is there. It is brought up to date then, not before. */
struct view_kept {
    bool is_there;
    struct view_order order;
    uint64_t stamp;
    uint64_t journal;
    struct view_rows rows;
};

struct view_bookmark {
    ULONG_PTR handle;
    size_t position;
    bool moved; /* its row went away since it was last used */
};

/* What has happened to a visible row. */
enum view_event_kind {
    VIEW_ROW_DELETED,
    VIEW_ROW_ADDED,
    VIEW_ROW_MODIFIED /* it has other values, another place, or both */
};

struct view_event {
    enum view_event_kind kind;
    struct view_id id;
    size_t position; /* where it is now; not of VIEW_ROW_DELETED */
};

/* Who wants to know what a change of the data does to the visible rows. Told within the transaction
 * that has found it: first the rows that are gone, then the others in order of their positions, so
 * that each finds its predecessor in place. `events` NULL: it cannot be told. Not told of what the
 * client itself has done: another order, restriction or columns, headings opened and closed. */
struct view_watch {
    void (*changed)(struct view_watch *watch, struct msp_call *call,
            const struct view_event *events, size_t event_count);
};

/* A row that has gone, and may come back, by a key of its own each time. */
struct view_departed {
    struct view_id id;
    uint32_t times;
};

struct view {
    struct table_source *source;
    struct view_watch *watch; /* NULL: nobody; else the view is always evaluated as a whole */
    SSortOrderSet *sort;      /* as the client gave it; NULL: none yet */
    struct view_order order;
    ULONG column_mvi[VIEW_MAX_MVI]; /* tags with MVI_FLAG among the columns */
    size_t column_mvi_count;
    ULONG mvi[2 * VIEW_MAX_MVI]; /* those and the ones in the sort order, each property once */
    size_t mvi_count;
    struct restrict_program *restriction;
    bool loaded;               /* rows were evaluated for what is wanted now... */
    uint64_t stamp;            /* ...and at this state of the source */
    uint64_t journal;          /* the first event that the rows do not know of */
    struct msp_array departed; /* struct view_departed, by id */
    bool has_noted;            /* rows have been evaluated, and... */
    uint64_t noted;            /* ...this is the first event that may have more of them depart */
    struct view_rows rows;
    struct view_kept wanted; /* of the order that is wanted now, not taken yet */
    struct view_kept kept;   /* of another one */
    uint64_t next_serial;
    size_t cursor;              /* visible position; the count: behind the last row */
    struct msp_array bookmarks; /* struct view_bookmark, by handle */
};

void view_init(struct view *view, struct table_source *source);
void view_done(struct view *view);

/* --- what is wanted; on failure nothing has changed ------------------------------------------ */

/* Looks for tags with MVI_FLAG among the columns; other ones than before drop the bookmarks.
 * MAPI_E_TOO_COMPLEX: too many of them. */
HRESULT view_set_columns(
        struct msp_call *call, struct view *view, const ULONG *tags, size_t tag_count);
/* Takes over the program (NULL: all rows). */
void view_set_restriction(struct view *view, struct restrict_program *restriction);
/* Would view_set_sort() take the order? */
HRESULT view_check_sort(struct msp_call *call, const struct view *view, const SSortOrderSet *sort);
/* Any order from a client: MAPI_E_INVALID_PARAMETER, MAPI_E_TOO_COMPLEX, MAPI_E_NO_SUPPORT. */
HRESULT view_set_sort(struct msp_call *call, struct view *view, const SSortOrderSet *sort);

/* --- rows: all need view_sync() first, in the same transaction -------------------------------- */

/* Evaluates what is not up to date. */
HRESULT view_sync(struct msp_call *call, struct view *view);

/* What a client wants anew: one of these is set. */
struct view_wish {
    const SSortOrderSet *sort;
    const ULONG *tags;
    size_t tag_count;
    bool is_restriction;
    struct restrict_program *restriction; /* taken over on success */
};

/* Sets it as the setters above, and evaluates at once: on failure nothing has changed. */
HRESULT view_apply(struct msp_call *call, struct view *view, const struct view_wish *wish);
/* What the view would be if it had its wish, over another source of the same rows; to be evaluated
 * with view_sync() by whoever has that source, while `view` and the wish stay as they are: it
 * borrows the restriction. Headings begin anew. view_twin_end(), also when this fails. */
HRESULT view_twin_begin(struct msp_call *call, const struct view *view, struct table_source *source,
        const struct view_wish *wish, struct view *out);
void view_twin_end(struct view *twin);
/* view_apply() with the rows of an evaluated twin, and what has changed since. */
HRESULT view_apply_twin(
        struct msp_call *call, struct view *view, const struct view_wish *wish, struct view *twin);
/* The same, when only the first `needed` rows are: may leave it at those where that is cheap. The
 * view is whole, or view_count() is not below `needed`. */
HRESULT view_sync_head(struct msp_call *call, struct view *view, size_t needed);
/* The number of visible rows without evaluating, when the source knows it; SIZE_MAX: it does not.
 */
HRESULT view_count_early(struct msp_call *call, struct view *view, size_t *out);

static inline size_t view_count(const struct view *view)
{
    return view->rows.visible_count;
}

/* The heading at a position, or NULL for a leaf, whose index goes to *out_leaf. */
const struct view_category *view_at(const struct view *view, size_t position, size_t *out_leaf);
struct view_id view_id_at(const struct view *view, size_t position);
/* SIZE_MAX: not visible. */
size_t view_find(const struct view *view, struct view_id id);
/* The instance key of a row; returns its size. */
size_t view_instance_key_put(
        const struct view *view, struct view_id id, uint8_t out[VIEW_INSTANCE_KEY_MAX]);
bool view_instance_key_get(
        const struct view *view, const void *key, size_t key_size, struct view_id *out);
/* The row is gone: should it come back, its instance key will be another one. */
HRESULT view_depart(struct view *view, struct view_id id);

/* --- bookmarks -------------------------------------------------------------------------------- */

/* A bookmark that no other table of the process has. MAPI_E_UNABLE_TO_COMPLETE: too many. */
HRESULT view_bookmark_new(struct view *view, size_t position, BOOKMARK *out);
HRESULT view_bookmark_free(struct view *view, BOOKMARK bookmark);
void view_bookmark_move(struct view *view, BOOKMARK bookmark, size_t position);
/* The position of any bookmark, the three fixed ones too. MAPI_E_INVALID_BOOKMARK; S_OK or
 * MAPI_W_POSITION_CHANGED once after its row went away. */
HRESULT view_bookmark_position(struct view *view, BOOKMARK bookmark, size_t *out);

/* --- categories (view_category.c) ------------------------------------------------------------- */

/* A heading that was opened or closed, and how to take that back. */
struct view_change {
    size_t count;                   /* rows that came or went */
    struct view_category *category; /* NULL: nothing changed */
    size_t position;
    uint32_t *old_visible;
    size_t old_count;
};

/* Opens or closes the visible heading at a position; the cursor and the bookmarks stay on their
 * rows, or go to the next visible one. Ends with view_change_keep() or, at once, with _undo(),
 * which puts back everything but the cursor inside what was closed. */
HRESULT view_expand(struct view *view, size_t position, bool expand, struct view_change *out);
void view_change_keep(struct view_change *change);
void view_change_undo(struct view *view, struct view_change *change);
/* The state of all headings and the place of one row, as bytes appended to `out`. */
HRESULT view_state_get(const struct view *view, size_t position, struct msp_buf *out);
/* MAPI_E_UNABLE_TO_COMPLETE: the bytes are none of ours, or of another source or sort order;
 * nothing has changed then. */
HRESULT view_state_set(
        struct view *view, const void *state, size_t state_size, size_t *out_position);

/* --- one row's cells (view_cell.c) ------------------------------------------------------------ */

/* A row that is being looked at: a leaf, or a heading, which shows values of its first leaf. */
struct view_row {
    struct view *view;
    const struct view_category *category; /* NULL: a leaf */
    const struct table_row *row;          /* the leaf's, as the source gave it */
    uint32_t instance;                    /* the leaf's */
};

/* Any column of a row, the table's own ones too. A tag with MVI_FLAG, or one of a single type,
 * gives this instance's value of a multi-value property the view expands. */
HRESULT view_row_cell(
        const struct view_row *row, ULONG tag, struct prop_scratch *scratch, struct bag_value *out);
/* Replaces a BAG_LARGE cell by its first `max` bytes (text: whole characters). */
HRESULT view_large_head(struct table_source *source, size_t max, struct prop_scratch *scratch,
        struct bag_value *cell);
/* Number of rows this row becomes. MAPI_E_TOO_COMPLEX: too many. */
HRESULT view_instance_count(
        struct msp_call *call, struct view *view, const struct table_row *row, uint32_t *out);
/* Does the table itself answer this column? */
bool view_is_own_column(ULONG tag);
/* Evaluates a restriction; *hr says when that failed. */
bool view_row_match(
        const struct view_row *row, const struct restrict_program *program, HRESULT *hr);
/* A part of it. */
bool view_row_match_node(const struct view_row *row, const struct restrict_program *program,
        size_t node, HRESULT *hr);
/* Can only one row satisfy it, by what its columns are? *out_id: that row's id; 0: no row can. */
bool view_restriction_names(
        const struct view *view, const struct restrict_program *program, uint64_t *out_id);
/* Does evaluating it need packed properties; does it look at single instances? */
void view_restriction_needs(const struct view *view, const struct restrict_program *program,
        bool *with_props, bool *by_instance);

/* --- inside the view -------------------------------------------------------------------------- */

/* Sort keys (view_key.c, view_sort.c): bytes whose memcmp() order is the order of the values. Each
 * part ends itself: equal parts have equal sizes. Appends one part to `out`; cell NULL: absent,
 * last. */
bool view_key_put(const struct bag_value *cell, const struct view_key *key, struct msp_buf *out);
/* Size of the part that begins at `bytes`. */
size_t view_key_part_size(const uint8_t *bytes, const struct view_key *key);
/* Does the part that begins at `bytes` stand for an absent value? */
bool view_key_is_absent(const uint8_t *bytes);
/* Are the column's cells of the type that the key wants? */
bool view_key_fits_column(const struct propcolumn *column, const struct view_key *key);
/* view_key_put() of a row of a column that fits. */
bool view_key_put_column(const struct propcolumn *column, size_t row, const struct view_key *key,
        struct msp_buf *out);

/* Of a column that fits and is none of texts, and a row that has a value: a number that orders as
 * the key does. */
static inline uint64_t view_key_number(const struct propcolumn *column, size_t row, bool descending)
{
    const uint64_t sign = 0x80000000u;
    uint64_t number = propcolumn_number(column, row);

    if (column->kind != PROPCOLUMN_TIME) /* FILETIME is unsigned */
        number = (number & 0xFFFFFFFFu) ^ sign;
    return descending ? ~number : number;
}

struct view_keys {
    struct msp_buf bytes; /* the keys, one after the other */
    size_t *offsets;      /* count + 1 */
    size_t count;
    size_t common; /* bytes that all of them begin with */
};

void view_keys_free(struct view_keys *keys);

struct view_entry {
    uint64_t prefix; /* 8 bytes of the key behind the common ones, big-endian */
    uint32_t index;  /* in default order */
};

/* An entry per key, in default order, to be freed with msp_free; NULL: no memory. */
struct view_entry *view_entries_new(struct view_keys *keys);
/* Sorts by key, then index. shared[i], unless `shared` is NULL: how many bytes the key of the i-th
 * entry has in common with the one before, UINT32_MAX when they are equal; shared[0] is not set.
 * MAPI_E_INVALID_OBJECT: the logon is going away. */
HRESULT view_sort_entries(struct msp_call *call, const struct view_keys *keys,
        struct view_entry *entries, uint32_t *shared);
/* Sorts by prefix; equal ones stay as they are. */
HRESULT view_sort_numbers(struct msp_call *call, struct view_entry *entries, size_t count);

/* What view_load() hands to the builder of categories. */
struct view_build {
    struct msp_call *call;
    struct view *view;
    struct view_keys keys; /* sort keys per leaf, default order */
    struct view_keys
            aggregates;         /* encoded ascending, level by level; used when any level has one */
    struct msp_buf unread;      /* one byte per leaf; used when there are levels */
    const uint64_t *ids;        /* of the leaves, default order */
    const uint32_t *instances;  /* NULL: all 0 */
    struct view_entry *entries; /* sorted; may be put into another order here */
    uint32_t *shared;           /* of those, as view_sort_entries() says */
    struct view_rows *rows;     /* leaf_count is set; categories are made here */
};

/* Makes rows->categories over the sorted entries. */
HRESULT view_build_categories(struct view_build *build);

/* Some leaves, one after the other, of one innermost category. */
struct view_run {
    const uint8_t *key; /* the encoded keys of all levels; more may follow */
    size_t key_size;
    size_t count;
};

#define VIEW_UNKNOWN UINT32_MAX

/* Makes the categories of `rows` from runs in order, without aggregates and without what they count
 * of their leaves. (*out_known)[i]: which of the view's own categories the i-th is, or
 * VIEW_UNKNOWN; to be freed with msp_free. */
HRESULT view_group_runs(struct msp_call *call, struct view *view, const struct view_run *runs,
        size_t run_count, struct view_rows *rows, uint32_t **out_known);
/* Makes rows->visible from the headings' state. */
HRESULT view_build_visible(struct view_rows *rows);
/* Gives the headings of an earlier evaluation numbers and states as if they had been made now. */
HRESULT view_renew_categories(struct view *view, struct view_rows *rows);
/* The sort key of a leaf, as its parts one after the other; with the source's own order behind it,
 * it puts every row in its place. */
HRESULT view_put_sort_key(const struct view_row *leaf, struct msp_buf *out);
/* One of those parts. */
HRESULT view_put_key_part(
        const struct view_row *leaf, const struct view_key *key, struct msp_buf *out);
/* MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT view_leaf_unread(const struct view_row *leaf, bool *out);
/* Does evaluating the order, restriction and instances of a row need packed properties? */
bool view_needs_props(const struct view *view);
/* Evaluates into `rows` (all zero before). */
HRESULT view_load(struct msp_call *call, struct view *view, struct view_rows *rows);
void view_rows_free(struct view_rows *rows);
/* view_diff.c: what makes `rows` out of `old`, as struct view_event appended to `out`; `touched`:
 * ids of rows whose values may be others, ascending. MAPI_E_TOO_BIG: more than `max`. */
HRESULT view_diff(const struct view_order *order, const struct view_rows *old,
        const struct view_rows *rows, const struct msp_array *touched, size_t max,
        struct msp_array *out);
bool view_has_id(const struct msp_array *ids, uint64_t id);             /* ascending ones */
const uint64_t *view_id_find(const struct msp_array *ids, uint64_t id); /* NULL: it is not there */
/* view_print.c: what a heading of a level shows of its first leaf; 0: it cannot be read. */
uint64_t view_heading_print(
        struct msp_call *call, struct view *view, struct view_id leaf, size_t level);
/* Prints those headings whose first leaf is another one than was printed, or is touched. */
void view_print_headings(struct msp_call *call, struct view *view, struct view_rows *rows,
        const struct msp_array *touched);
/* Whoever is told of changes from now on: what headings show now is to be known then. */
void view_print_all(struct msp_call *call, struct view *view);
/* May they look different? */
bool view_prints_differ(const struct view_category *was, const struct view_category *is);
/* Can headings of this level look different although their keys are equal? They show their first
 * leaf's spelling then. */
bool view_level_has_spelling(const struct view_order *order, size_t level);
struct view_id view_rows_id(const struct view_rows *rows, size_t position);
struct view_id view_leaf_id(const struct view_rows *rows, size_t leaf);
/* The visible position of a leaf, or of a category with VIEW_CATEGORY_BIT; SIZE_MAX: it is not
 * visible. Without headings every leaf is where it is. */
size_t view_rows_position(const struct view_rows *rows, uint32_t entry);
/* The first leaf from `at` on that is a row of the source, or leaf_count. */
size_t view_rows_leaf(const struct view_rows *rows, size_t at, uint64_t id);
/* Where there are very many rows: makes finding one by its id quicker, if there is memory for it.
 */
void view_rows_make_low(struct view_rows *rows);

/* view_kept.c. What is wanted of the view is another thing now: chooses what is kept of what was
 * kept, and of rows that were evaluated for `was`. They are all zero then. */
void view_keep(struct view *view, const struct view *was, struct view_rows *rows);
void view_kept_drop(struct view *view);
/* Is there what the view wants? */
bool view_kept_fits(const struct view *view);
/* Would there be what another one wants, if it were this view? */
bool view_kept_has(const struct view *view, const struct view *wanted);
/* Moves it to `out`, renewed; on failure it stays. */
HRESULT view_kept_take(struct view *view, struct view_rows *out);

/* view_follow.c: what others, or this logon, have committed since the rows were evaluated. */
struct view_changes {
    struct msp_array ids;    /* uint64_t: rows to be looked at again, ascending, once each... */
    struct msp_array placed; /* ...and others whose places may have changed, but nothing else */
    uint64_t end;            /* the first event that was not looked at */
    bool is_complete;        /* nothing is missing */
    bool is_row;             /* rows have come, gone or changed... */
    bool is_all;             /* ...or more than single rows */
};

enum {
    VIEW_CHANGES_MAX = 4096 /* ids that are told apart; more: not complete */
};

/* Empty changes for sources without a journal; to be freed in any case. */
HRESULT view_read_changes(struct msp_call *call, struct view *view, struct view_changes *out);
void view_changes_free(struct view_changes *changes);

/* view_absent.c: around every evaluation, in one transaction: view_depart() for rows of a view
 * nobody is told of that have left since the last time. `is_same`: it is only brought up to date.
 */
struct view_absence {
    bool is_wanted;
    bool is_known; /* which of the rows were there */
    bool *was;     /* a flag for each of changes.ids; NULL: there are none */
    struct view_changes changes;
};

HRESULT view_absence_begin(
        struct msp_call *call, struct view *view, bool is_same, struct view_absence *out);
/* Always, with the result of all between; returns the result of all. */
HRESULT view_absence_end(
        struct msp_call *call, struct view *view, struct view_absence *absence, HRESULT hr);
/* Puts single rows into their places. *out_done false: the view is as it was, and must be evaluated
 * as a whole. */
HRESULT view_follow(struct msp_call *call, struct view *view, const struct view_changes *changes,
        bool *out_done);

/* Takes over new rows, places of cursor and bookmarks on them, and tells what has changed. */
HRESULT view_replace(struct msp_call *call, struct view *view, struct view_rows *rows,
        const struct view_changes *changes);
/* Puts the cursor and bookmarks, positions in `old`, on their rows in `rows`. */
HRESULT view_reanchor(struct view *view, const struct view_rows *old, const struct view_rows *rows);

#endif
