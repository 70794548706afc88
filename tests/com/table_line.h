/* SPDX-License-Identifier: MIT */
/*
 * table_line.h - tables told as one line, for the tests of tables.
 *
 * Leaves are their subjects, headings +sender(count,unread) when open and -sender(count,unread)
 * when closed, in the order of the rows: "+anna(2,1) hello bye -bob(1,0)".
 */
#ifndef TABLE_LINE_H
#define TABLE_LINE_H

#include <uchar.h>

#include "support/support.h"

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))
#define ALL_ROWS 0x7FFFFFFF

enum line_column {
    LINE_SUBJECT,
    LINE_SENDER,
    LINE_KEY,
    LINE_TYPE,
    LINE_DEPTH,
    LINE_COUNT,
    LINE_UNREAD,
    LINE_COLUMNS
};

static inline void set_columns(IMAPITable *table, const ULONG *tags, ULONG count)
{
    SPropTagArray *array = malloc(sizeof(*array) + count * sizeof(ULONG));

    array->cValues = count;
    memcpy(array->aulPropTag, tags, count * sizeof(ULONG));
    assert_ok(table->lpVtbl->SetColumns(table, array, 0));
    free(array);
}

/* The columns that table_line() reads. */
static inline void set_line_columns(IMAPITable *table)
{
    static const ULONG tags[LINE_COLUMNS] = { PR_SUBJECT_W, PR_SENDER_NAME_W, PR_INSTANCE_KEY,
        PR_ROW_TYPE, PR_DEPTH, PR_CONTENT_COUNT, PR_CONTENT_UNREAD };

    set_columns(table, tags, LINE_COLUMNS);
}

static inline IMAPITable *contents_table(IMAPIFolder *folder)
{
    IMAPITable *table = POISON;

    assert_ok(folder->lpVtbl->GetContentsTable(folder, MAPI_UNICODE, &table));
    set_line_columns(table);
    return table;
}

static inline LPSRowSet query(IMAPITable *table, LONG count, ULONG flags)
{
    LPSRowSet rows = POISON;

    assert_ok(table->lpVtbl->QueryRows(table, count, flags, &rows));
    assert_non_null(rows);
    return rows;
}

/* The values of a row. */
static inline SPropValue *values_of(LPSRowSet rows, ULONG row)
{
    assert_true(row < rows->cRows);
    return rows->aRow[row].lpProps;
}

static inline void put_text(char *line, size_t size, const SPropValue *value)
{
    size_t used = strlen(line);
    char *text;

    if (PROP_TYPE(value->ulPropTag) != PT_UNICODE) {
        snprintf(line + used, size - used, "?");
        return;
    }
    text = host_text_to_utf8((const uint16_t *)value->Value.lpszW, SIZE_MAX);
    snprintf(line + used, size - used, "%s", text);
    free(text);
}

static inline void put_row(char *line, size_t size, const SRow *row)
{
    const SPropValue *values = row->lpProps;
    ULONG type = (ULONG)values[LINE_TYPE].Value.l;
    size_t used;

    assert_int_equal(row->cValues, LINE_COLUMNS);
    assert_int_equal(values[LINE_TYPE].ulPropTag, PR_ROW_TYPE);
    if (line[0] != '\0')
        snprintf(line + strlen(line), size - strlen(line), " ");
    if (type == TBL_LEAF_ROW) {
        put_text(line, size, &values[LINE_SUBJECT]);
        return;
    }
    assert_true(type == TBL_EXPANDED_CATEGORY || type == TBL_COLLAPSED_CATEGORY);
    snprintf(line + strlen(line), size - strlen(line), type == TBL_EXPANDED_CATEGORY ? "+" : "-");
    put_text(line, size, &values[LINE_SENDER]);
    used = strlen(line);
    snprintf(line + used, size - used, "(%d,%d)", (int)values[LINE_COUNT].Value.l,
            (int)values[LINE_UNREAD].Value.l);
}

/* The given rows, which are freed. Good until the next call. */
static inline const char *rows_line(LPSRowSet rows)
{
    static char line[8192];

    line[0] = '\0';
    for (ULONG i = 0; i < rows->cRows; i++)
        put_row(line, sizeof(line), &rows->aRow[i]);
    mapi_free_rows(rows);
    return line;
}

/* All rows; the cursor is left at the end. */
static inline const char *table_line(IMAPITable *table)
{
    assert_ok(table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 0, NULL));
    return rows_line(query(table, ALL_ROWS, 0));
}

static inline const char *next_rows(IMAPITable *table, LONG count)
{
    return rows_line(query(table, count, 0));
}

static inline ULONG row_count(IMAPITable *table)
{
    ULONG count = POISON_LONG;

    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    return count;
}

static inline ULONG cursor_row(IMAPITable *table)
{
    ULONG row = POISON_LONG, numerator = POISON_LONG, denominator = POISON_LONG;

    assert_ok(table->lpVtbl->QueryPosition(table, &row, &numerator, &denominator));
    assert_true(denominator != 0);
    return row;
}

static inline void seek(IMAPITable *table, BOOKMARK origin, LONG rows)
{
    assert_ok(table->lpVtbl->SeekRow(table, origin, rows, NULL));
}

static inline BOOKMARK bookmark(IMAPITable *table)
{
    BOOKMARK made = POISON_CONN;

    assert_ok(table->lpVtbl->CreateBookmark(table, &made));
    return made;
}

struct sort_order {
    ULONG cSorts;
    ULONG cCategories;
    ULONG cExpanded;
    SSortOrder aSort[6];
};

static inline HRESULT try_sort(IMAPITable *table, const struct sort_order *order)
{
    union {
        struct sort_order order;
        SSortOrderSet set;
    } both = { .order = *order };

    return table->lpVtbl->SortTable(table, &both.set, 0);
}

static inline void sort(IMAPITable *table, const struct sort_order *order)
{
    assert_ok(try_sort(table, order));
}

/* RES_PROPERTY over a text or a number; the caller's structures live as long as the restriction. */
static inline SRestriction compare_with(ULONG relop, SPropValue *value)
{
    SRestriction restriction = { .rt = RES_PROPERTY };

    restriction.res.resProperty.relop = relop;
    restriction.res.resProperty.ulPropTag = value->ulPropTag;
    restriction.res.resProperty.lpProp = value;
    return restriction;
}

static inline SPropValue text_value(ULONG tag, const char16_t *text)
{
    SPropValue value = { .ulPropTag = tag };

    union {
        const char16_t *from;
        LPWSTR to;
    } cast = { .from = text };

    value.Value.lpszW = cast.to;
    return value;
}

static inline SPropValue long_value(ULONG tag, LONG number)
{
    SPropValue value = { .ulPropTag = tag };

    value.Value.l = number;
    return value;
}

/* A saved message with a subject and, unless NULL, a sender; read or not. */
static inline void add_mail(IMAPIFolder *folder, const char *subject, const char *sender, bool read)
{
    IMessage *message = NULL;

    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    prop_set_text(message, PR_SUBJECT_W, subject);
    if (sender != NULL)
        prop_set_text(message, PR_SENDER_NAME_W, sender);
    prop_set_long(message, PR_MESSAGE_FLAGS, read ? MSGFLAG_READ : 0);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

/* The instance key of the first row that is told so: a subject, or a heading's sender. */
struct row_key {
    ULONG size;
    BYTE bytes[64];
};

static inline struct row_key key_of(IMAPITable *table, const char *told)
{
    struct row_key key = { 0, { 0 } };
    LPSRowSet rows;

    seek(table, BOOKMARK_BEGINNING, 0);
    rows = query(table, ALL_ROWS, 0);
    for (ULONG i = 0; i < rows->cRows && key.size == 0; i++) {
        const SPropValue *values = rows->aRow[i].lpProps;
        char text[256] = "";

        put_text(text, sizeof(text),
                &values[values[LINE_TYPE].Value.l == TBL_LEAF_ROW ? LINE_SUBJECT : LINE_SENDER]);
        if (strcmp(text, told) != 0)
            continue;
        key.size = values[LINE_KEY].Value.bin.cb;
        assert_true(key.size > 0 && key.size <= sizeof(key.bytes));
        memcpy(key.bytes, values[LINE_KEY].Value.bin.lpb, key.size);
    }
    mapi_free_rows(rows);
    if (key.size == 0)
        fail_msg("no row %s", told);
    return key;
}

#endif
