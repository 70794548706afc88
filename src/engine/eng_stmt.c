/* SPDX-License-Identifier: MIT */
/*
 * eng_stmt.c - prepared statements: bind, step, read.
 *
 * Owns:  eng->stmts, finalized by stmts_finalize(). Bound data belongs to the caller until
 *        query_end().
 * Locks: none of its own; see eng.h.
 */
#include <assert.h>

#include "engine/eng_int.h"

static const char *const statements[STMT_COUNT] = {
#define ENG_STMT(name, sql) [STMT_##name] = (sql),
#include "engine/statements.list.h"
#undef ENG_STMT
};

static enum eng_status prepare(struct eng *eng, enum eng_stmt_id id, sqlite3_stmt **out)
{
    int code = sqlite3_prepare_v2(eng->db, statements[id], -1, out, NULL);

    if (code != SQLITE_OK) {
        *out = NULL;
        return eng_fail_sqlite(eng, code);
    }
    return ENG_OK;
}

/* Whether a bulk import must be able to run it again. */
static bool is_logged(const struct eng *eng, enum eng_stmt_id id)
{
    char first = statements[id][0];

    return eng->in_save && (first == 'I' || first == 'U' || first == 'D');
}

void query_begin(struct eng_query *query, struct eng *eng, enum eng_stmt_id id)
{
    query->eng = eng;
    query->id = id;
    query->next = 1;
    query->status = ENG_OK;
    query->is_logged = is_logged(eng, id);
    if (query->is_logged)
        query->log_start = redo_begin(eng, id);
    query->is_own = eng->stmt_is_busy[id];
    if (query->is_own) {
        query->status = prepare(eng, id, &query->stmt);
        return;
    }
    if (eng->stmts[id] == NULL)
        query->status = prepare(eng, id, &eng->stmts[id]);
    query->stmt = eng->stmts[id];
    eng->stmt_is_busy[id] = true;
}

static void bound(struct eng_query *query, int code)
{
    if (code != SQLITE_OK)
        query->status = eng_fail_sqlite(query->eng, code);
}

void query_i64(struct eng_query *query, int64_t value)
{
    if (query->is_logged)
        redo_i64(query->eng, value);
    if (query->status == ENG_OK)
        bound(query, sqlite3_bind_int64(query->stmt, query->next++, value));
}

void query_u64(struct eng_query *query, uint64_t value)
{
    query_i64(query, (int64_t)value);
}

void query_null(struct eng_query *query)
{
    if (query->is_logged)
        redo_null(query->eng);
    if (query->status == ENG_OK)
        bound(query, sqlite3_bind_null(query->stmt, query->next++));
}

void query_blob(struct eng_query *query, const void *data, size_t size)
{
    if (size == 0)
        data = ""; /* NULL would bind SQL's NULL */
    if (query->is_logged)
        redo_bytes(query->eng, false, data, size);
    if (query->status == ENG_OK)
        bound(query, sqlite3_bind_blob64(query->stmt, query->next++, data, size, NULL));
}

void query_text(struct eng_query *query, const char *data, size_t size)
{
    if (data == NULL) {
        query_null(query);
        return;
    }
    if (query->is_logged)
        redo_bytes(query->eng, true, data, size);
    if (query->status == ENG_OK)
        bound(query,
                sqlite3_bind_text64(query->stmt, query->next++, data, size, NULL, SQLITE_UTF8));
}

bool query_row(struct eng_query *query)
{
    int code;

    if (query->status != ENG_OK)
        return false;
    if (query->eng->shields == 0 && eng_is_interrupted(query->eng)) {
        query->status = eng_fail(query->eng, ENG_INTERRUPTED);
        return false;
    }
    code = sqlite3_step(query->stmt);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        query->status = eng_fail_sqlite(query->eng, sqlite3_extended_errcode(query->eng->db));
    return false;
}

uint64_t query_col(struct eng_query *query, int column)
{
    return (uint64_t)sqlite3_column_int64(query->stmt, column);
}

bool query_col_is_null(struct eng_query *query, int column)
{
    return sqlite3_column_type(query->stmt, column) == SQLITE_NULL;
}

struct eng_text query_col_text(struct eng_query *query, int column)
{
    struct eng_text text = { NULL, 0 };

    /* As blob: no NUL is added, so nothing is copied. Bytes are asked for afterwards, because a
       damaged row may hold a number, which turns into text only now. */
    text.data = sqlite3_column_blob(query->stmt, column);
    if (text.data == NULL && query_col_is_null(query, column))
        return text;
    text.size = (size_t)sqlite3_column_bytes(query->stmt, column);
    if (text.data == NULL && text.size > 0)
        query->status = eng_fail(query->eng, ENG_NO_MEMORY);
    if (text.data == NULL) {
        text.data = "";
        text.size = 0;
    }
    return text;
}

enum eng_status query_end(struct eng_query *query)
{
    if (query->is_logged)
        redo_end(query->eng, query->log_start, query->status == ENG_OK);
    if (query->is_own) {
        (void)sqlite3_finalize(query->stmt);
    } else {
        if (query->stmt != NULL)
            (void)sqlite3_reset(query->stmt);
        query->eng->stmt_is_busy[query->id] = false;
    }
    query->stmt = NULL;
    return query->status;
}

enum eng_status query_run(struct eng_query *query)
{
    while (query_row(query))
        continue;
    if (query->status == ENG_OK)
        query->eng->write_count++;
    return query_end(query);
}

int query_changes(const struct eng *eng)
{
    return sqlite3_changes(eng->db);
}

enum eng_status query_do(struct eng *eng, enum eng_stmt_id id)
{
    struct eng_query query;

    query_begin(&query, eng, id);
    while (query_row(&query))
        continue;
    return query_end(&query);
}

enum eng_status query_do1(struct eng *eng, enum eng_stmt_id id, uint64_t first)
{
    struct eng_query query;

    query_begin(&query, eng, id);
    query_u64(&query, first);
    return query_run(&query);
}

enum eng_status query_do2(struct eng *eng, enum eng_stmt_id id, uint64_t first, uint64_t second)
{
    struct eng_query query;

    query_begin(&query, eng, id);
    query_u64(&query, first);
    query_u64(&query, second);
    return query_run(&query);
}

enum eng_status query_number(struct eng *eng, enum eng_stmt_id id, uint64_t key, uint64_t *out)
{
    struct eng_query query;
    bool found;

    query_begin(&query, eng, id);
    query_u64(&query, key);
    found = query_row(&query);
    if (found)
        *out = query_col(&query, 0);
    else if (query.status == ENG_OK)
        query.status = eng_fail(eng, ENG_NOT_FOUND);
    return query_end(&query);
}

void stmts_finalize(struct eng *eng)
{
    for (int id = 0; id < STMT_COUNT; id++) {
        assert(!eng->stmt_is_busy[id]);
        (void)sqlite3_finalize(eng->stmts[id]);
        eng->stmts[id] = NULL;
    }
}

enum eng_status eng_stmts_prepare(struct eng *eng)
{
    for (int id = 0; id < STMT_COUNT; id++) {
        struct eng_query query;
        enum eng_status status;

        query_begin(&query, eng, (enum eng_stmt_id)id);
        status = query_end(&query);
        if (status != ENG_OK)
            return status;
    }
    return ENG_OK;
}
