/* SPDX-License-Identifier: MIT */
/*
 * table.h - IMAPITable over any source of rows.
 *
 * A source knows its rows in one default order, by 64-bit row ids that stay with their row; the
 * table adds columns, restriction, sort order, categories, cursor and bookmarks. All of it runs
 * under the domain lock.
 *
 * SetColumns takes any tags. One that no row can have, of PT_ERROR (what GetIDsFromNames gives for
 * an unknown name), PT_NULL beside PR_NULL or a type that does not exist, is MAPI_E_NOT_FOUND in
 * every row, as a property that is absent is.
 */
#ifndef MSP_COM_TABLE_H
#define MSP_COM_TABLE_H

#include "com/call.h"
#include "com/prop.h"
#include "mapi/propcolumn.h"
#include "mapi/restrict.h"

struct logon;
struct table_source;

/* One row while it is being looked at; the source fills what its cell function needs. */
struct table_row {
    uint64_t id;
    const void
            *narrow; /* source-specific: const struct eng_msg *, const struct eng_folder *, ... */
    const void *packed; /* packed properties (util/bag.h), NULL when not fetched */
    size_t packed_size;
    const char *name; /* folders: UTF-8 */
    size_t name_size;
    uint32_t depth; /* hierarchy tables */
};

typedef bool (*table_row_fn)(void *context, const struct table_row *row); /* false stops */

/* What an event means for a source. */
enum table_concern {
    TABLE_CONCERN_NONE,
    TABLE_CONCERN_ROW,   /* the row of the event's object has come, gone or changed... */
    TABLE_CONCERN_TREE,  /* ...and so may all that below() says... */
    TABLE_CONCERN_NAME,  /* ...or these may have other places, but no other values */
    TABLE_CONCERN_ALL,   /* any row may have come, gone or changed */
    TABLE_CONCERN_COUNT, /* the rows that recount() names have changed */
    TABLE_CONCERN_VALUES /* any row may have other values, too */
};

struct table_source_ops {
    /* Default columns; text as PT_UNICODE, the table turns it into PT_STRING8 when MAPI_UNICODE was
     * not given. */
    const ULONG *columns;
    size_t column_count;
    bool can_sort;
    bool can_categorize;
    bool can_bookmark;
    /* Whose rows these are: appends bytes that no other source of this store or another one has,
     * the same as long as the store is there. NULL unless can_categorize: it is the headings whose
     * state a client keeps, and may give to a table that they are not of. */
    void (*identity)(const struct table_source *source, struct msp_buf *out);
    /* Moves whenever rows may have come, gone or changed. */
    uint64_t (*stamp)(struct table_source *source);
    /* All rows in default order. with_props: rows need `packed` too. */
    HRESULT(*scan)
    (struct msp_call *call, struct table_source *source, bool with_props, table_row_fn fn,
            void *context);
    /* One row as it is now, borrowed until the next source call; MAPI_E_NOT_FOUND when it is gone.
     */
    HRESULT(*read)
    (struct msp_call *call, struct table_source *source, uint64_t id, bool with_props,
            struct table_row *out);
    /* Does this column need `packed`? */
    bool (*needs_props)(const struct table_source *source, ULONG tag);
    /* The cell of a column: S_OK, MAPI_E_NOT_FOUND. PR_INSTANCE_KEY, PR_ROW_TYPE, PR_DEPTH of
     * categories are the table's own. */
    HRESULT(*cell)
    (struct table_source *source, const struct table_row *row, ULONG tag,
            struct prop_scratch *scratch, struct bag_value *out);
    /* Subobject restrictions (see restrict.h): does any recipient or attachment of the row match?
     * NULL: the table has none, and refuses them. */
    HRESULT(*any)
    (struct table_source *source, const struct table_row *row, ULONG subobject,
            const struct restrict_program *program, size_t node, bool *out_match);
    /* Every column the table can provide, appended as ULONG tags to out (TBL_ALL_COLUMNS); NULL:
     * the default columns. */
    HRESULT (*all_columns)(struct msp_call *call, struct table_source *source, struct msp_buf *out);
    /* Optional, cheaper than a scan: the number of rows; all row ids in default order, appended to
     * out as uint64_t. */
    HRESULT (*count)(struct msp_call *call, struct table_source *source, size_t *out);
    HRESULT (*ids)(struct msp_call *call, struct table_source *source, struct msp_buf *out);
    /* Optional: the first rows in an order (NULL or no keys: the default one), as ids, at least
     * `wanted` of them unless *out_complete says that these are all. MAPI_E_NO_SUPPORT: not cheaply
     * in this order. */
    HRESULT(*head)
    (struct msp_call *call, struct table_source *source, const SSortOrderSet *sort, size_t wanted,
            struct msp_buf *out, bool *out_complete);
    /* All three or none: the rows that scan() would give, in its order, as columns, for whoever
     * looks at many. Borrowed until the transaction ends or columns_get() is called again. `by_id`:
     * rows of them will be asked for by their ids, in another order. MAPI_E_NO_SUPPORT: a tag needs
     * more than that, or it does not pay: the rows are to be scanned. */
    HRESULT(*columns_get)
    (struct msp_call *call, struct table_source *source, const ULONG *tags, size_t tag_count,
            bool by_id, struct eng_columns *out);
    /* The column of one of those tags; false: its cells are made row by row. */
    bool (*column)(const struct table_source *source, const struct eng_columns *columns, ULONG tag,
            struct propcolumn *out);
    /* A row as scan() would give it, with what those tags need; borrowed until the next one. */
    void (*column_row)(struct table_source *source, const struct eng_columns *columns, size_t index,
            struct table_row *out);
    /* Optional, with those: the rows from one id to another in default order, those that are there;
     * as eng_columns_near() says. MAPI_E_NO_SUPPORT: single ones are to be read. */
    HRESULT(*columns_near)
    (struct msp_call *call, struct table_source *source, const ULONG *tags, size_t tag_count,
            uint64_t a, uint64_t b, size_t most, struct eng_columns_part *out);
    /* With columns_near(), both: columns in which column_find() finds rows by their ids, as
     * eng_columns_by_id() and eng_columns_row() say. MAPI_E_NO_SUPPORT: single ones are to be read.
     */
    HRESULT(*columns_by_id)
    (struct msp_call *call, struct table_source *source, const ULONG *tags, size_t tag_count,
            size_t reads, struct eng_columns *out);
    bool (*column_find)(const struct table_source *source, uint64_t id, size_t *out);
    /* Live rows. Can the event have changed the rows? NULL: events say nothing of them; whenever
     * the stamp moves all are read again, and `print` tells which have other values. */
    enum table_concern (*concerns)(
            const struct table_source *source, const struct eng_event *event);
    /* Optional: appends the ids of rows that have other values now although no event says so; asked
     * after events of TABLE_CONCERN_COUNT. `journal`: what the view has seen so far. */
    HRESULT(*recount)
    (struct msp_call *call, struct table_source *source, uint64_t journal, struct msp_array *out);
    /* Optional: does a cell of this column only change when its row has an event? NULL: all do. */
    bool (*is_steady)(const struct table_source *source, ULONG tag);
    /* With those of the concerns that need it: appends the ids of the rows below a row. */
    HRESULT(*below)
    (struct msp_call *call, struct table_source *source, uint64_t id, struct msp_array *out);
    uint64_t (*print)(const struct table_source *source, const struct table_row *row);
    /* Both or none. Is the row, as read() gave it, one of the source's? Appends bytes whose
     * memcmp() order is the default order. */
    HRESULT(*belongs)
    (struct msp_call *call, struct table_source *source, const struct table_row *row, bool *out);
    bool (*order_key)(
            const struct table_source *source, const struct table_row *row, struct msp_buf *out);
    /* Optional, with belongs(): is the column one that only one row can have this value in? Then
     * *out_id is that row's id, or 0: no row has it. */
    bool (*named)(const struct table_source *source, ULONG tag, const void *value,
            size_t value_size, uint64_t *out_id);
    /* Optional, with count(), columns_get() and concerns(): the same rows for a stand-in of the
     * logon, which has another connection to the store and is used without any lock. */
    HRESULT(*again)
    (const struct table_source *source, struct logon *logon, struct table_source **out);
    /* Frees the source; no lock needed, no call out. */
    void (*free)(struct table_source *source);
};

/* First member of every source. */
struct table_source {
    const struct table_source_ops *ops;
    struct logon *logon;
};

/* Makes a table object, a child of `parent`, that owns `source` (also when this fails).
 * MAPI_UNICODE in flags selects the width of default columns. */
HRESULT table_new(struct msp_call *call, struct logon *logon, struct msp_object *parent,
        struct table_source *source, ULONG flags, LPMAPITABLE *out);
/* The same, sorted from the start by a checked order (NULL: the source's own). */
HRESULT table_new_sorted(struct msp_call *call, struct logon *logon, struct msp_object *parent,
        struct table_source *source, ULONG flags, const SSortOrderSet *order, LPMAPITABLE *out);

/* For all_columns(): adds a tag, unless the property is there already. */
void table_columns_add(struct msp_buf *tags, ULONG tag);

/* The same for what rows have of their own; table_columns_add_row() is a table_row_fn. */
struct table_columns {
    struct msp_buf *tags;
    unsigned rows_left; /* that are looked at */
};

enum {
    TABLE_COLUMNS_ROWS = 256 /* messages whose own properties are listed as columns */
};

bool table_columns_add_row(void *context, const struct table_row *row);

/* Sources. `assoc`: associated messages. Ownership of *out passes to table_new(). */
HRESULT source_contents_new(struct msp_call *call, struct logon *logon, uint64_t folder, bool assoc,
        struct table_source **out);
HRESULT source_hierarchy_new(struct msp_call *call, struct logon *logon, uint64_t folder,
        bool convenient_depth, struct table_source **out);

#endif
