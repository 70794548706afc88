/* SPDX-License-Identifier: MIT */
/*
 * eng_schema.c - the tables of a store file: made, and compared with what they must be.
 *
 * Locks: none of its own; see eng.h.
 */
#include <stdio.h>
#include <string.h>

#include "engine/eng_int.h"

struct schema_item {
    const char *type;
    const char *name;
    const char *sql;
};

static const struct schema_item schema[] = {
#define ENG_TABLE(name, sql) { "table", #name, sql },
#define ENG_INDEX(name, table, sql) { "index", #name, sql },
#include "engine/schema.list.h"
#undef ENG_TABLE
#undef ENG_INDEX
};

static enum eng_status run(struct eng *eng, const char *sql)
{
    int code = sqlite3_exec(eng->db, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? ENG_OK : eng_fail_sqlite(eng, sqlite3_extended_errcode(eng->db));
}

static enum eng_status add_meta(struct eng *eng, const uint8_t uid[16])
{
    struct eng_query query;
    enum eng_status status = query_do2(eng, STMT_META_SET, META_NEXT_ID, ENG_ROOT_FOLDER + 1);

    if (status == ENG_OK)
        status = query_do2(eng, STMT_META_SET, META_FLUSHES, 0);
    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_META_SET);
    query_u64(&query, META_STORE_UID);
    query_blob(&query, uid, 16);
    status = query_run(&query);
    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_META_SET);
    query_u64(&query, META_PACKED);
    query_blob(&query, NULL, 0);
    return query_run(&query);
}

static enum eng_status add_root(struct eng *eng)
{
    struct eng_query query;

    query_begin(&query, eng, STMT_FOLDER_INSERT);
    query_u64(&query, ENG_ROOT_FOLDER);
    query_u64(&query, 0);
    query_u64(&query, ENG_FOLDER_ROOT);
    query_u64(&query, eng_now());
    query_text(&query, "", 0);
    query_blob(&query, NULL, 0);
    query_blob(&query, NULL, 0);
    return query_run(&query);
}

enum eng_status schema_create(struct eng *eng, const uint8_t uid[16])
{
    enum eng_status status = ENG_OK;
    char pragmas[120];

    for (size_t i = 0; status == ENG_OK && i < MSP_COUNT_OF(schema); i++)
        status = run(eng, schema[i].sql);
    if (status == ENG_OK)
        status = add_meta(eng, uid);
    if (status == ENG_OK)
        status = add_root(eng);
    if (status != ENG_OK)
        return status;
    (void)snprintf(pragmas, sizeof(pragmas), "PRAGMA application_id=%d;PRAGMA user_version=%d",
            ENG_APPLICATION_ID, ENG_FORMAT_MAJOR << 16 | ENG_FORMAT_MINOR);
    return run(eng, pragmas);
}

static const struct schema_item *schema_find(const char *name)
{
    for (size_t i = 0; i < MSP_COUNT_OF(schema); i++) {
        if (strcmp(schema[i].name, name) == 0)
            return &schema[i];
    }
    return NULL;
}

static const char *text_column(sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);

    return text != NULL ? text : "";
}

/* Compares one row of sqlite_master; a newer minor format may have tables and indexes more. */
static bool row_is_good(sqlite3_stmt *stmt, bool is_newer, size_t *found)
{
    const char *type = text_column(stmt, 0);
    const char *name = text_column(stmt, 1);
    const char *sql = text_column(stmt, 2);
    const struct schema_item *item;

    if (strcmp(type, "table") != 0 && strcmp(type, "index") != 0)
        return false; /* a trigger or view would run inside our statements */
    item = schema_find(name);
    if (item == NULL) /* an index that SQLite makes for a primary key has no SQL */
        return is_newer || strncmp(name, "sqlite_", 7) == 0;
    ++*found;
    return strcmp(type, item->type) == 0 && strcmp(sql, item->sql) == 0;
}

enum eng_status schema_check(struct eng *eng)
{
    bool is_newer = (eng->format & 0xFFFF) > ENG_FORMAT_MINOR;
    bool good = true;
    size_t found = 0;
    sqlite3_stmt *stmt = NULL;
    int code =
            sqlite3_prepare_v2(eng->db, "SELECT type,name,sql FROM sqlite_master", -1, &stmt, NULL);

    if (code == SQLITE_OK) {
        code = sqlite3_step(stmt);
        while (code == SQLITE_ROW && good) {
            good = row_is_good(stmt, is_newer, &found);
            if (good)
                code = sqlite3_step(stmt);
        }
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        enum eng_status status = eng_fail_sqlite(eng, sqlite3_extended_errcode(eng->db));

        (void)sqlite3_finalize(stmt);
        return status;
    }
    (void)sqlite3_finalize(stmt);
    if (!good || found != MSP_COUNT_OF(schema))
        return eng_fail(eng, ENG_CORRUPT);
    return ENG_OK;
}
