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
    uint32_t minor; /* format that has it first */
    const char *type;
    const char *name;
    const char *sql;
};

static const struct schema_item schema[] = {
#define ENG_TABLE(minor, name, sql) { minor, "table", #name, sql },
#define ENG_INDEX(minor, name, table, sql) { minor, "index", #name, sql },
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

/* Makes what formats from a minor one on have, and says in the file which format it is now. */
static enum eng_status make_from(struct eng *eng, uint32_t minor)
{
    enum eng_status status = ENG_OK;
    char pragma[60];

    for (size_t i = 0; status == ENG_OK && i < MSP_COUNT_OF(schema); i++) {
        if (schema[i].minor >= minor)
            status = run(eng, schema[i].sql);
    }
    if (status != ENG_OK)
        return status;
    (void)snprintf(pragma, sizeof(pragma), "PRAGMA user_version=%d",
            ENG_FORMAT_MAJOR << 16 | ENG_FORMAT_MINOR);
    return run(eng, pragma);
}

enum eng_status schema_create(struct eng *eng, const uint8_t uid[16])
{
    enum eng_status status = make_from(eng, 0);
    char pragma[60];

    if (status == ENG_OK)
        status = add_meta(eng, uid);
    if (status == ENG_OK)
        status = add_root(eng);
    if (status != ENG_OK)
        return status;
    (void)snprintf(pragma, sizeof(pragma), "PRAGMA application_id=%d", ENG_APPLICATION_ID);
    return run(eng, pragma);
}

/* How many of them a file of this format has. */
static size_t schema_count(const struct eng *eng)
{
    size_t count = 0;

    for (size_t i = 0; i < MSP_COUNT_OF(schema); i++)
        count += schema[i].minor <= (eng->format & 0xFFFF);
    return count;
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
    if (!good || found != schema_count(eng))
        return eng_fail(eng, ENG_CORRUPT);
    return ENG_OK;
}

/* --- older formats -------------------------------------------------------------------------- */

static enum eng_status read_format(struct eng *eng)
{
    struct eng_query query;

    query_begin(&query, eng, STMT_FORMAT);
    if (query_row(&query))
        eng->format = (uint32_t)query_col(&query, 0);
    return query_end(&query);
}

static bool is_old(const struct eng *eng)
{
    return eng->format >> 16 == ENG_FORMAT_MAJOR && (eng->format & 0xFFFF) < ENG_FORMAT_MINOR;
}

/* Inside the transaction; somebody else may have been faster. */
static enum eng_status upgrade(struct eng *eng)
{
    enum eng_status status = read_format(eng);

    if (status != ENG_OK || !is_old(eng))
        return status;
    status = schema_check(eng);
    return status == ENG_OK ? make_from(eng, (eng->format & 0xFFFF) + 1) : status;
}

enum eng_status schema_upgrade(struct eng *eng)
{
    enum eng_status status = read_format(eng);

    if (status != ENG_OK || !is_old(eng) || eng->is_read_only)
        return status;
    status = run(eng, "BEGIN IMMEDIATE");
    if (status == ENG_OK)
        status = upgrade(eng);
    if (status == ENG_OK)
        status = run(eng, "COMMIT");
    if (!sqlite3_get_autocommit(eng->db)) {
        struct eng_error error = eng->error;

        (void)run(eng, "ROLLBACK");
        eng->error = error;
    }
    /* What newer formats have more, nobody needs: the store works without. */
    return status == ENG_BUSY || status == ENG_FULL ? ENG_OK : status;
}
