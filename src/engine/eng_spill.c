/* SPDX-License-Identifier: MIT */
/*
 * eng_spill.c - records that rest outside of memory while nobody looks at them.
 *
 * They lie in a database of their own without a name: SQLite keeps it in a temporary file that
 * nobody else can see and that is gone with the connection, however the process ends. The store's
 * connection has nothing to do with it, so neither a rollback nor another process reaches what lies
 * there. It is made when it is first needed.
 *
 * Owns:  struct spill, freed by spill_close().
 * Locks: none of its own; see eng.h.
 */
#include "engine/eng_int.h"
#include "util/alloc.h"

struct spill {
    sqlite3 *db;
    sqlite3_stmt *put;
    sqlite3_stmt *get;
    uint64_t next;         /* id; never given out before */
    struct msp_array free; /* uint64_t: ids whose rows may be overwritten */
};

static const char *const setup =
        "PRAGMA journal_mode=MEMORY;PRAGMA synchronous=OFF;PRAGMA cache_size=-256;"
        "CREATE TABLE record(id INTEGER PRIMARY KEY,data BLOB NOT NULL)";

static enum eng_status fail(struct eng *eng, int code)
{
    enum eng_status status = error_from_sqlite(code);

    if (status != ENG_NO_MEMORY && status != ENG_FULL)
        status = ENG_IO;
    return eng_failf(eng, status, "%s",
            status == ENG_IO ? "A temporary file could not be read or written."
                             : error_sentence(status));
}

void spill_close(struct eng *eng)
{
    struct spill *spill = eng->spill;

    if (spill == NULL)
        return;
    (void)sqlite3_finalize(spill->put);
    (void)sqlite3_finalize(spill->get);
    (void)sqlite3_close(spill->db);
    msp_array_free(&spill->free);
    msp_free(spill);
    eng->spill = NULL;
}

static enum eng_status spill_open(struct eng *eng)
{
    struct spill *spill = msp_calloc(1, sizeof(*spill));
    int code;

    if (spill == NULL)
        return eng_fail(eng, ENG_NO_MEMORY);
    spill->next = 1;
    msp_array_init(&spill->free, sizeof(uint64_t));
    eng->spill = spill;

    code = sqlite3_open_v2(
            "", &spill->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(spill->db, setup, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(spill->db, "INSERT OR REPLACE INTO record(id,data) VALUES(?,?)",
                -1, &spill->put, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(
                spill->db, "SELECT data FROM record WHERE id=?", -1, &spill->get, NULL);
    if (code == SQLITE_OK)
        return ENG_OK;
    spill_close(eng);
    return fail(eng, code);
}

enum eng_status eng_spill_put(struct eng *eng, const void *data, size_t size, uint64_t *out_id)
{
    enum eng_status status = eng->spill == NULL ? spill_open(eng) : ENG_OK;
    struct spill *spill = eng->spill;
    size_t spare;
    uint64_t id;
    int code;

    *out_id = 0;
    if (status != ENG_OK)
        return status;
    spare = spill->free.count;
    id = spare > 0 ? *MSP_ARRAY_AT(uint64_t, &spill->free, spare - 1) : spill->next;
    code = sqlite3_bind_int64(spill->put, 1, (sqlite3_int64)id);
    if (code == SQLITE_OK)
        code = sqlite3_bind_blob64(spill->put, 2, size > 0 ? data : "", size, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(spill->put);
    (void)sqlite3_reset(spill->put);
    (void)sqlite3_clear_bindings(spill->put); /* the caller's bytes */
    if (code != SQLITE_DONE)
        return fail(eng, code);
    if (spare > 0)
        msp_array_remove(&spill->free, spare - 1, 1);
    else
        spill->next++;
    *out_id = id;
    return ENG_OK;
}

enum eng_status eng_spill_get(struct eng *eng, uint64_t id, struct msp_buf *out)
{
    struct spill *spill = eng->spill;
    enum eng_status status = ENG_OK;
    int code;

    if (spill == NULL)
        return eng_fail(eng, ENG_NOT_FOUND);
    code = sqlite3_bind_int64(spill->get, 1, (sqlite3_int64)id);
    if (code == SQLITE_OK)
        code = sqlite3_step(spill->get);
    if (code == SQLITE_ROW) {
        const void *data = sqlite3_column_blob(spill->get, 0);
        size_t size = (size_t)sqlite3_column_bytes(spill->get, 0);

        if ((size > 0 && data == NULL) || !msp_buf_append(out, data, size))
            status = eng_fail(eng, ENG_NO_MEMORY);
    } else {
        status = code == SQLITE_DONE ? eng_fail(eng, ENG_NOT_FOUND) : fail(eng, code);
    }
    (void)sqlite3_reset(spill->get);
    return status;
}

void eng_spill_drop(struct eng *eng, uint64_t id)
{
    if (eng->spill != NULL)
        (void)msp_array_push(&eng->spill->free, &id); /* no memory: its row stays until the end */
}
