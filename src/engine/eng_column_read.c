/* SPDX-License-Identifier: MIT */
/*
 * eng_column_read.c - columns from the rows of the table msg.
 *
 * By the index, SQLite looks up each row on its own. A place that holds a good part of all messages
 * is read by one walk through the whole table instead, and sorted afterwards.
 *
 * Locks: none of its own; see eng.h.
 */
#include "engine/eng_column.h"

enum {
    TABLE_MIN_ROWS = 5000, /* below, the index is fast enough */
    TABLE_MAX_FACTOR = 4,  /* so many rows may be passed over for one that is wanted */
    MAX_HINT = 1 << 22     /* rows: what a damaged count may make us reserve */
};

enum eng_status columns_state(struct eng *eng, struct column_state *out)
{
    struct eng_query query;
    enum eng_status status = eng_journal_end(eng, &out->number);

    out->repaired = 0;
    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_META_GET);
    query_u64(&query, META_REPAIRED);
    if (query_row(&query))
        out->repaired = query_col(&query, 0);
    return query_end(&query);
}

enum eng_status columns_count(struct eng *eng, uint64_t place, uint64_t *out)
{
    struct eng_query query;

    *out = 0;
    query_begin(&query, eng, STMT_FOLDER_ROWS);
    query_u64(&query, place >> 1);
    if (query_row(&query))
        *out = query_col(&query, (place & 1) != 0 ? 1 : 0);
    return query_end(&query);
}

/* Whether to read the whole table for a place of so many rows. */
static enum eng_status choose(struct eng *eng, uint64_t rows, uint32_t has, enum eng_stmt_id *out)
{
    struct eng_query query;

    *out = STMT_COLUMN_INDEX;
    if (rows < TABLE_MIN_ROWS)
        return ENG_OK;
    query_begin(&query, eng, STMT_FOLDER_TOTAL);
    if (query_row(&query) && query_col(&query, 0) / TABLE_MAX_FACTOR <= rows)
        *out = has == ENG_COLUMN_ALL ? STMT_COLUMN_TABLE_ALL : STMT_COLUMN_TABLE;
    return query_end(&query);
}

/* Reads COLUMN_COLUMNS; texts are borrowed until the next step. */
static void row_get(struct eng_query *query, uint32_t has, struct eng_msg *out)
{
    out->id = query_col(query, 0);
    out->delivered = query_col(query, 1);
    out->submitted = query_col(query, 2);
    out->created = query_col(query, 3);
    out->modified = query_col(query, 4);
    out->size = query_col(query, 5);
    out->flags = (uint32_t)query_col(query, 6);
    out->status = (uint32_t)query_col(query, 7);
    out->importance = (uint32_t)query_col(query, 8);
    if ((has & ENG_COLUMN_CLASS) != 0)
        out->message_class = query_col_text(query, 9);
    if ((has & ENG_COLUMN_SUBJECT) != 0)
        out->subject = query_col_text(query, 10);
    if ((has & ENG_COLUMN_SENDER) != 0)
        out->sender = query_col_text(query, 11);
    if ((has & ENG_COLUMN_DISPLAY_TO) != 0)
        out->display_to = query_col_text(query, 12);
}

static enum eng_status rows_read(
        struct eng *eng, enum eng_stmt_id id, uint64_t place, struct column_set *set)
{
    struct eng_msg row = { 0 };
    struct eng_query query;

    query_begin(&query, eng, id);
    query_u64(&query, place);
    if (id != STMT_COLUMN_TABLE_ALL)
        query_u64(&query, set->has);
    while (query_row(&query)) {
        row_get(&query, set->has, &row);
        if (query.status == ENG_OK)
            query.status = column_set_push(set, &row);
        if (query.status != ENG_OK)
            query.status = eng_fail(eng, query.status);
    }
    return query_end(&query);
}

enum eng_status columns_read(
        struct eng *eng, uint64_t place, uint32_t wanted, struct column_set *set)
{
    enum eng_stmt_id id = STMT_COLUMN_INDEX;
    uint64_t rows = 0;
    enum eng_status status = columns_count(eng, place, &rows);

    column_set_init(set, wanted | COLUMN_NUMBER_MASK);
    if (status == ENG_OK)
        status = choose(eng, rows, set->has, &id);
    if (status != ENG_OK)
        return status;
    status = column_set_reserve(set, (size_t)(rows < MAX_HINT ? rows : MAX_HINT));
    if (status != ENG_OK)
        status = eng_fail(eng, status);
    if (status == ENG_OK)
        status = rows_read(eng, id, place, set);
    if (status == ENG_OK) {
        status = column_set_sort(set);
        if (status != ENG_OK)
            status = eng_fail(eng, status);
    }
    if (status == ENG_OK)
        column_set_shrink(set);
    else
        column_set_free(set);
    return status;
}
