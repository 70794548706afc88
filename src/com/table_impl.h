/* SPDX-License-Identifier: MIT */
/*
 * table_impl.h - a table object, between table.c and table_rows.c.
 */
#ifndef MSP_COM_TABLE_IMPL_H
#define MSP_COM_TABLE_IMPL_H

#include "com/view.h"

struct table {
    IMAPITable IMAPITable_iface;
    struct msp_object object;
    struct logon *logon; /* valid while the object is LIVE */
    struct mapi_alloc alloc;
    struct table_source *source; /* owned; NULL once dead */
    struct view view;
    bool unicode;          /* width of text without a type of its own */
    ULONG *columns;        /* as the client set them */
    ULONG *decode_columns; /* the same without MVI_FLAG: the types that rows carry */
    size_t column_count;
    bool columns_need_props;
};

/* Opens a read transaction, one snapshot for the rows and whatever is read of them, and brings the
 * view in sync. table_leave() ends it, unless this failed. */
HRESULT table_enter(struct msp_call *call, struct table *table);
void table_leave(struct table *table);
/* The same for a call that needs no more than the first `needed` rows; see view_sync_head(). */
HRESULT table_enter_head(struct msp_call *call, struct table *table, size_t needed);

/* The rows [first, first + count) as a row set; the view is in sync and a transaction is open. */
HRESULT table_rows_get(
        struct msp_call *call, struct table *table, size_t first, size_t count, LPSRowSet *out);
/* The row at a visible position, read from the source into `room`; borrowed until the next one is
 * read. */
HRESULT table_row_read(struct msp_call *call, struct table *table, size_t position, bool with_props,
        struct table_row *room, struct view_row *out);

/* table_find.c. A restriction for this table's rows, compiled: as restrict_compile(). */
HRESULT table_compile(struct msp_call *call, struct table *table, const SRestriction *restriction,
        struct restrict_program **out);
/* FindRow: puts the cursor on the first match from the bookmark on, or before it. */
HRESULT table_find_row(struct msp_call *call, struct table *table, const SRestriction *restriction,
        BOOKMARK origin, bool backward);
/* The position of a bookmark, with a sentence when it is none. */
HRESULT table_bookmark_position(
        struct msp_call *call, struct table *table, BOOKMARK bookmark, size_t *out);

/* table_category.c: the work of the methods of these names; outs are set on success only. */
HRESULT table_expand_row(struct msp_call *call, struct table *table, const void *key,
        size_t key_size, ULONG wanted, LPSRowSet *out_rows, ULONG *out_more);
HRESULT table_collapse_row(
        struct msp_call *call, struct table *table, const void *key, size_t key_size, ULONG *out);
HRESULT table_get_state(struct msp_call *call, struct table *table, const void *key,
        size_t key_size, ULONG *out_size, LPBYTE *out_state);
HRESULT table_set_state(
        struct msp_call *call, struct table *table, const void *state, size_t size, BOOKMARK *out);

#endif
