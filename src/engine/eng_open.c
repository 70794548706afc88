/* SPDX-License-Identifier: MIT */
/*
 * eng_open.c - opening, creating and closing a store file.
 *
 * A file that is there is first looked at through an "immutable" connection: SQLite then takes no
 * lock, rolls nothing back and writes nothing, so a file that is not ours stays as it is, hot
 * journal and all. (Reading it by other means would drop SQLite's POSIX locks on it when the
 * descriptor is closed.) A store is made in one transaction with a rollback journal, and becomes
 * a WAL database only then, so that the application id is in the file itself as soon as anything
 * is.
 *
 * Owns:  struct eng, freed by eng_close().
 * Locks: none of its own; see eng.h.
 */
#include <stdio.h>
#include <string.h>

#include "engine/eng_int.h"
#include "platform/file.h"
#include "platform/random.h"
#include "platform/thread.h"
#include "platform/time.h"
#include "util/alloc.h"
#include "util/bytes.h"

enum { DEFAULT_BUSY_MS = 5000, CLOSE_BUSY_MS = 250, MAX_SLEEP_MS = 10 };

/* What eng_open() works on. */
struct opening {
    const struct eng_open_params *params;
    struct eng *eng;
    struct msp_buf uri; /* "file:..." of an immutable connection, NUL at its end */
    bool is_memory;
    bool is_new; /* there is no file yet, or an empty one */
    bool is_read_only;
};

/* --- small things --------------------------------------------------------------------------- */

uint64_t eng_now(void)
{
    return msp_time_now_filetime();
}

/* SQLite asks whether to try again; `tries` counts from 0. */
static int SQLITE_CALL on_busy(void *context, int tries)
{
    struct eng *eng = context;
    uint64_t now = msp_time_monotonic_ns();

    if (tries == 0)
        eng->busy_since = now;
    if (eng_is_interrupted(eng) ||
            now - eng->busy_since >= (uint64_t)eng->busy_ms * UINT64_C(1000000))
        return 0;
    msp_thread_sleep_ms(tries < MAX_SLEEP_MS ? (uint32_t)tries / 2 + 1 : MAX_SLEEP_MS);
    return 1;
}

static enum eng_status exec(struct eng *eng, const char *sql)
{
    int code = sqlite3_exec(eng->db, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? ENG_OK : eng_fail_sqlite(eng, sqlite3_extended_errcode(eng->db));
}

/* The first column of the first row of a pragma. */
static enum eng_status pragma_number(struct eng *eng, const char *sql, int64_t *out)
{
    sqlite3_stmt *stmt = NULL;
    enum eng_status status = ENG_OK;
    int code = sqlite3_prepare_v2(eng->db, sql, -1, &stmt, NULL);

    *out = 0;
    if (code == SQLITE_OK)
        code = sqlite3_step(stmt);
    if (code == SQLITE_ROW)
        *out = sqlite3_column_int64(stmt, 0);
    else if (code != SQLITE_DONE)
        status = eng_fail_sqlite(eng, sqlite3_extended_errcode(eng->db));
    (void)sqlite3_finalize(stmt);
    return status;
}

static void close_db(struct eng *eng)
{
    stmts_finalize(eng);
    (void)sqlite3_close(eng->db);
    eng->db = NULL;
    eng->sync = SYNC_UNKNOWN;
}

/* What the operating system has against a file that SQLite could not open. */
static enum eng_status cannot_open(struct eng *eng, const struct opening *opening)
{
    struct eng_error error = eng->error;
    enum msp_file_kind kind = msp_file_kind(opening->params->path);

    if (error.status == ENG_PATH_DENIED && kind == MSP_FILE_MISSING)
        (void)eng_failf(eng, ENG_PATH_NOT_FOUND, "The folder of the message store was not found.");
    eng->error.sqlite_code = error.sqlite_code;
    return eng->error.status;
}

static enum eng_status open_db(struct opening *opening, const char *path, int flags)
{
    struct eng *eng = opening->eng;
    int code = sqlite3_open_v2(path, &eng->db, flags | SQLITE_OPEN_NOMUTEX, NULL);

    if (code != SQLITE_OK) {
        if (eng->db == NULL)
            return eng_fail(eng, ENG_NO_MEMORY);
        (void)eng_fail_sqlite(eng, sqlite3_extended_errcode(eng->db));
        return cannot_open(eng, opening);
    }
    (void)sqlite3_extended_result_codes(eng->db, 1);
    (void)sqlite3_busy_handler(eng->db, on_busy, eng);
    return ENG_OK;
}

/* --- what the path names -------------------------------------------------------------------- */

static enum eng_status look_at_path(struct opening *opening)
{
    const char *path = opening->params->path;
    struct eng *eng = opening->eng;
    uint64_t size = 0;

    if (msp_path_is_network(path))
        return eng_fail(eng, ENG_PATH_NETWORK);
    switch (msp_file_kind(path)) {
    case MSP_FILE_FILE:
        if (msp_file_size(path, &size) != MSP_IO_OK)
            return eng_fail(eng, ENG_PATH_DENIED);
        break;
    case MSP_FILE_FOLDER:
        return eng_fail(eng, ENG_PATH_IS_FOLDER);
    case MSP_FILE_OTHER:
        return eng_fail(eng, ENG_NOT_A_STORE);
    case MSP_FILE_DENIED:
        return eng_fail(eng, ENG_PATH_DENIED);
    case MSP_FILE_ERROR:
        return eng_fail(eng, ENG_IO);
    case MSP_FILE_BAD_PATH:
        return eng_failf(eng, ENG_PATH_NOT_FOUND, "The path of the message store is not valid.");
    case MSP_FILE_MISSING:
        if (!opening->params->create || opening->params->read_only)
            return eng_fail(eng, ENG_PATH_NOT_FOUND);
        opening->is_new = true;
        return ENG_OK;
    }
    opening->is_read_only = opening->params->read_only || msp_file_is_read_only(path);
    if (size == 0 && !opening->params->create)
        return eng_failf(eng, ENG_NOT_A_STORE, "The file is empty.");
    opening->is_new = size == 0;
    if (opening->is_new && opening->is_read_only)
        return eng_failf(eng, ENG_PATH_DENIED, "The file is empty and cannot be written.");
    return ENG_OK;
}

/* The path as a URI, whose special characters are escaped. */
static enum eng_status make_uri(struct opening *opening)
{
    struct msp_buf *uri = &opening->uri;
    size_t size = msp_path_full(opening->params->path, NULL, 0);
    char *path = msp_alloc(size + 1);

    if (path == NULL)
        return eng_fail(opening->eng, ENG_NO_MEMORY);
    path[0] = '\0';
    (void)msp_path_full(opening->params->path, path, size + 1);
    (void)msp_buf_append_str(uri, path[0] == '/' ? "file://" : "file:");
    for (const char *p = path; *p != '\0'; p++) {
        if (*p == '%' || *p == '?' || *p == '#')
            (void)msp_buf_printf(uri, "%%%02X", (unsigned)*p);
        else
            (void)msp_buf_append(uri, p, 1);
    }
    (void)msp_buf_append_str(uri, "?immutable=1");
    (void)msp_buf_append_u8(uri, 0);
    msp_free(path);
    return uri->failed ? eng_fail(opening->eng, ENG_NO_MEMORY) : ENG_OK;
}

/* Reads the two numbers in the head of the file. */
static enum eng_status read_head(struct eng *eng, int64_t *application_id, int64_t *format)
{
    /* Without this, a file that is shorter than its head says is refused before the head can be
       read; while a checkpoint is under way, or after a crash in it, that is nothing bad. */
    enum eng_status status = exec(eng, "PRAGMA writable_schema=ON");

    if (status == ENG_OK)
        status = pragma_number(eng, "PRAGMA application_id", application_id);
    if (status == ENG_OK)
        status = pragma_number(eng, "PRAGMA user_version", format);
    return status;
}

static enum eng_status judge_head(struct opening *opening, int64_t application_id, int64_t format)
{
    struct eng *eng = opening->eng;

    if (application_id != ENG_APPLICATION_ID)
        return eng_fail(eng, ENG_NOT_A_STORE);
    if (format >> 16 > ENG_FORMAT_MAJOR)
        return eng_fail(eng, ENG_TOO_NEW);
    if (format >> 16 < ENG_FORMAT_MAJOR)
        return eng_fail(eng, ENG_CORRUPT);
    eng->format = (uint32_t)format;
    if ((format & 0xFFFF) > ENG_FORMAT_MINOR)
        opening->is_read_only = true;
    return ENG_OK;
}

/* Whether the file is left over from a creation that was cut short, by whatever program: a journal
 * beside it says that it goes back to no pages at all. */
static bool is_half_made(const struct opening *opening)
{
    static const uint8_t magic[8] = { 0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7 };
    struct msp_buf name = MSP_BUF_INIT;
    struct msp_file file;
    uint8_t head[20]; /* magic, records, nonce, pages before */
    size_t got = 0;

    (void)msp_buf_append_str(&name, opening->params->path);
    (void)msp_buf_append_str(&name, "-journal");
    if (msp_buf_cstr(&name) != NULL &&
            msp_file_open(msp_buf_cstr(&name), MSP_OPEN_READ, &file) == MSP_IO_OK) {
        (void)msp_file_read(&file, head, sizeof(head), &got);
        msp_file_close(&file);
    }
    msp_buf_free(&name);
    return got == sizeof(head) && memcmp(head, magic, sizeof(magic)) == 0 &&
           get_u32be(head + 16) == 0;
}

/* Refuses what is not a store of ours, without touching it. */
static enum eng_status look_at_file(struct opening *opening)
{
    struct eng *eng = opening->eng;
    int64_t application_id = 0;
    int64_t format = 0;
    enum eng_status status = make_uri(opening);

    if (status == ENG_OK)
        status = open_db(
                opening, (const char *)opening->uri.data, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    if (status == ENG_OK)
        status = read_head(eng, &application_id, &format);
    close_db(eng);
    if (status == ENG_OK)
        status = judge_head(opening, application_id, format);
    if ((status == ENG_NOT_A_STORE || status == ENG_CORRUPT) && opening->params->create &&
            !opening->is_read_only && is_half_made(opening)) {
        opening->is_new = true; /* SQLite rolls it back to nothing, and it is made again */
        return ENG_OK;
    }
    if (status == ENG_CORRUPT)
        status = eng_failf(eng, ENG_CORRUPT, "The message store's file is cut off or damaged.");
    return status;
}

/* --- making and opening --------------------------------------------------------------------- */

/* WAL mode, which an earlier creation may not have reached. Others may be in the way for a moment,
 * and SQLite does not wait for them here. */
static enum eng_status set_wal(struct eng *eng)
{
    uint64_t since = msp_time_monotonic_ns();

    for (;;) {
        enum eng_status status = exec(eng, "PRAGMA journal_mode=WAL");

        if (status != ENG_BUSY ||
                msp_time_monotonic_ns() - since >= (uint64_t)eng->busy_ms * UINT64_C(1000000))
            return status;
        msp_thread_sleep_ms(1);
    }
}

/* Makes the tables, unless somebody else was faster. */
static enum eng_status create_store(struct eng *eng)
{
    uint8_t uid[16];
    int64_t objects = 0;
    enum eng_status status;

    if (!msp_random_guid(uid))
        return eng_failf(eng, ENG_IO, "The system has no random numbers.");
    status = exec(eng, "PRAGMA page_size=16384;PRAGMA synchronous=FULL;BEGIN EXCLUSIVE");
    if (status != ENG_OK)
        return status;
    status = pragma_number(eng, "SELECT count(*) FROM sqlite_master", &objects);
    if (status == ENG_OK && objects == 0)
        status = schema_create(eng, uid);
    if (status == ENG_OK)
        status = exec(eng, "COMMIT");
    if (status != ENG_OK && !sqlite3_get_autocommit(eng->db)) {
        struct eng_error error = eng->error;

        stmts_finalize(eng);
        (void)exec(eng, "ROLLBACK");
        eng->error = error;
    }
    return status;
}

static enum eng_status settle(struct opening *opening)
{
    struct eng *eng = opening->eng;
    int64_t pages = 0;
    enum eng_status status = exec(eng, "PRAGMA trusted_schema=OFF;PRAGMA cell_size_check=ON;"
                                       "PRAGMA temp_store=MEMORY");

    /* A creation that was cut short goes back to nothing as soon as the file is read. */
    if (status == ENG_OK && !opening->is_new && opening->params->create && !eng->is_read_only) {
        status = pragma_number(eng, "PRAGMA page_count", &pages);
        opening->is_new = status == ENG_OK && pages == 0;
    }
    if (status == ENG_OK && opening->is_new)
        status = create_store(eng);
    if (status == ENG_OK && !eng->is_read_only && !opening->is_memory)
        status = set_wal(eng);
    if (status == ENG_OK)
        status = exec(eng, "PRAGMA synchronous=FULL;PRAGMA wal_autocheckpoint=1000");
    if (status == ENG_OK)
        eng->sync = SYNC_FULL;
    return status;
}

/* Reads what every connection must know. */
static enum eng_status load(struct opening *opening)
{
    struct eng *eng = opening->eng;
    struct eng_query query;
    int64_t application_id = 0;
    int64_t format = 0;
    enum eng_status status = schema_upgrade(eng);

    /* One snapshot: somebody else may be about to upgrade the file. */
    if (status == ENG_OK)
        status = exec(eng, "BEGIN");
    if (status == ENG_OK)
        status = pragma_number(eng, "PRAGMA application_id", &application_id);
    if (status == ENG_OK)
        status = pragma_number(eng, "PRAGMA user_version", &format);
    if (status == ENG_OK)
        status = judge_head(opening, application_id, format);
    /* Only now that SQLite has seen the page size: before, it counts in pages of 4 KiB. */
    if (status == ENG_OK)
        status = exec(eng, CACHE_USUAL);
    if (status == ENG_OK)
        status = schema_check(eng);
    if (status == ENG_OK)
        status = exec(eng, "COMMIT");
    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_META_GET);
    query_u64(&query, META_STORE_UID);
    if (query_row(&query)) {
        struct eng_text uid = query_col_text(&query, 0);

        if (uid.size == sizeof(eng->store_uid))
            memcpy(eng->store_uid, uid.data, sizeof(eng->store_uid));
        else if (query.status == ENG_OK)
            query.status = eng_fail(eng, ENG_CORRUPT);
    } else if (query.status == ENG_OK) {
        query.status = eng_fail(eng, ENG_CORRUPT);
    }
    return query_end(&query);
}

/* Opens the file for good. */
static enum eng_status open_store(struct opening *opening)
{
    struct eng *eng = opening->eng;
    int flags = SQLITE_OPEN_READONLY;
    enum eng_status status;

    if (!opening->is_read_only)
        flags = SQLITE_OPEN_READWRITE | (opening->is_new ? SQLITE_OPEN_CREATE : 0);
    status = open_db(opening, opening->params->path, flags);
    if (status != ENG_OK)
        return status;
    eng->is_read_only = opening->is_read_only || sqlite3_db_readonly(eng->db, "main") == 1;
    if (eng->is_read_only && opening->is_new)
        return eng_fail(eng, ENG_PATH_DENIED);
    if (opening->is_read_only && eng->path == NULL) {
        eng->path = msp_strdup(opening->params->path);
        if (eng->path == NULL)
            return eng_fail(eng, ENG_NO_MEMORY);
    }
    status = settle(opening);
    return status == ENG_OK ? load(opening) : status;
}

/* Whether a file that belongs to the store is there and not empty. */
static bool has_companion(const char *path, const char *suffix)
{
    struct msp_buf name = MSP_BUF_INIT;
    uint64_t size = 0;
    bool has = true;

    (void)msp_buf_append_str(&name, path);
    (void)msp_buf_append_str(&name, suffix);
    if (msp_buf_cstr(&name) != NULL)
        has = msp_file_size(msp_buf_cstr(&name), &size) == MSP_IO_OK && size > 0;
    msp_buf_free(&name);
    return has;
}

/* Whether somebody has the store open, or its last changes wait in a log to be played in. */
static bool has_companions(const struct opening *opening)
{
    const char *path = opening->params->path;

    return has_companion(path, "-wal") || has_companion(path, "-shm") ||
           has_companion(path, "-journal");
}

/* A file that is not to be written, or lies where no log can be made beside it: nobody changes it,
 * so it may be read as it is, without locks and companions. */
static enum eng_status open_immutable(struct opening *opening)
{
    struct eng *eng = opening->eng;
    enum eng_status status = open_db(
            opening, (const char *)opening->uri.data, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);

    opening->is_read_only = true;
    eng->is_read_only = true;
    if (status == ENG_OK)
        status = settle(opening);
    return status == ENG_OK ? load(opening) : status;
}

/* --- values that nobody owns ---------------------------------------------------------------- */

/* Marks as dead what connections that are gone have left behind. Only who is alone on the file
 * knows that they are gone: a connection in exclusive mode takes its lock before anything else,
 * and gives up at once when there is any other. It holds the file for one small commit only. */
static void bury_orphans(struct opening *opening)
{
    struct eng *eng = opening->eng;
    uint32_t busy_ms = eng->busy_ms;
    enum eng_status status;

    eng->busy_ms = 0;
    status = open_db(opening, opening->params->path, SQLITE_OPEN_READWRITE);
    if (status == ENG_OK)
        status = exec(eng, "PRAGMA locking_mode=EXCLUSIVE;BEGIN EXCLUSIVE");
    if (status == ENG_OK)
        status = query_do1(eng, STMT_VALUE_BURY_ALL, 0);
    if (status == ENG_OK)
        (void)exec(eng, "COMMIT");
    close_db(eng);
    eng->busy_ms = busy_ms;
}

/* Whether a failure to open looks like a place where nothing can be written. */
static bool is_unwritable(const struct opening *opening, enum eng_status status)
{
    return (status == ENG_PATH_DENIED || status == ENG_READ_ONLY) && opening->eng->db != NULL &&
           !opening->is_new && !has_companions(opening);
}

static enum eng_status open_and_tidy(struct opening *opening)
{
    struct eng *eng = opening->eng;
    uint64_t ignored;
    enum eng_status status;

    if (!opening->is_new && msp_file_is_read_only(opening->params->path) &&
            !has_companions(opening))
        return open_immutable(opening);
    status = open_store(opening);
    if (is_unwritable(opening, status)) { /* or a moment's trouble: once more */
        close_db(eng);
        status = open_store(opening);
    }
    if (is_unwritable(opening, status)) {
        struct eng_error error = eng->error;

        close_db(eng);
        if (open_immutable(opening) == ENG_OK)
            return ENG_OK;
        eng->error = error; /* the first one says more */
        return status;
    }
    if (status != ENG_OK || eng->is_read_only || opening->is_memory || opening->is_new)
        return status;
    if (query_number(eng, STMT_VALUE_FOREIGN, 0, &ignored) == ENG_OK) {
        close_db(eng);
        bury_orphans(opening);
        status = open_store(opening);
    }
    if (status == ENG_OK) {
        eng->has_dead_values = true;
        (void)values_reap(eng, ENG_REAP_LIMIT);
    }
    return status;
}

/* --- open, close ---------------------------------------------------------------------------- */

static enum eng_status open_all(struct opening *opening)
{
    struct eng *eng = opening->eng;
    enum eng_status status = ENG_OK;

    if (!sqlite_load())
        return eng_fail(eng, ENG_NO_SQLITE);
    if (!msp_random_bytes(&eng->token, sizeof(eng->token)))
        return eng_failf(eng, ENG_IO, "The system has no random numbers.");
    eng->token = (eng->token & INT64_MAX) | 1;
    if (opening->params->path[0] == '\0')
        return eng_failf(eng, ENG_PATH_NOT_FOUND, "The path of the message store is not valid.");
    if (opening->is_memory)
        return open_and_tidy(opening);
    status = look_at_path(opening);
    if (status == ENG_OK && !opening->is_new)
        status = look_at_file(opening);
    return status == ENG_OK ? open_and_tidy(opening) : status;
}

static void free_eng(struct eng *eng)
{
    msp_mutex_done(&eng->interrupt_lock);
    msp_array_free(&eng->deltas);
    msp_array_free(&eng->save_deltas);
    msp_array_free(&eng->group_values);
    msp_array_free(&eng->lost_values);
    msp_array_free(&eng->events);
    msp_free(eng->path);
    msp_free(eng->value.data);
    names_free(eng);
    columns_free(eng);
    spill_close(eng);
    msp_buf_free(&eng->scratch);
    msp_buf_free(&eng->redo);
    msp_free(eng);
}

enum eng_status eng_open(
        const struct eng_open_params *params, struct eng **out, struct eng_error *error)
{
    struct opening opening = { .params = params };
    enum eng_status status;
    struct eng *eng;

    *out = NULL;
    if (error != NULL)
        error_set(error, ENG_OK, 0, "");
    eng = msp_calloc(1, sizeof(*eng));
    if (eng == NULL) {
        if (error != NULL)
            error_set(error, ENG_NO_MEMORY, 0, error_sentence(ENG_NO_MEMORY));
        return ENG_NO_MEMORY;
    }
    msp_array_init(&eng->deltas, sizeof(struct count_delta));
    msp_array_init(&eng->group_values, sizeof(uint64_t));
    msp_array_init(&eng->lost_values, sizeof(uint64_t));
    msp_array_init(&eng->save_deltas, sizeof(struct count_delta));
    msp_array_init(&eng->events, sizeof(struct eng_event));
    atomic_init(&eng->interrupted, 0);
    atomic_init(&eng->stopped, 0);
    msp_mutex_init(&eng->interrupt_lock);
    eng->busy_ms = params->busy_ms != 0 ? params->busy_ms : DEFAULT_BUSY_MS;
    opening.eng = eng;
    opening.is_memory = strcmp(params->path, ":memory:") == 0;
    opening.is_new = opening.is_memory;
    status = open_all(&opening);
    msp_buf_free(&opening.uri);
    if (status != ENG_OK) {
        if (error != NULL)
            *error = eng->error;
        close_db(eng);
        free_eng(eng);
        return status;
    }
    *out = eng;
    return ENG_OK;
}

/* A reading connection that is the last one leaves the log's index behind; a writing one takes both
 * away. */
static void remove_companions(struct eng *eng)
{
    sqlite3 *db = NULL;

    if (sqlite3_open_v2(eng->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
            SQLITE_OK)
        (void)sqlite3_exec(db, "SELECT 1 FROM sqlite_master", NULL, NULL, NULL);
    (void)sqlite3_close(db);
}

void eng_close(struct eng *eng)
{
    if (eng == NULL)
        return;
    atomic_store(&eng->stopped, 0); /* what is left to do is little, and must be done */
    txn_abandon(eng);
    eng->busy_ms = eng->busy_ms < CLOSE_BUSY_MS ? eng->busy_ms : CLOSE_BUSY_MS;
    if (!eng->is_read_only) {
        if (eng->is_bulk)
            (void)eng_bulk(eng, false);
        value_give_up(eng);
        outgoing_close(eng);
        if (eng->made_values)

            (void)values_bury_token(eng);
        (void)values_reap(eng, ENG_REAP_LIMIT);
    }
    close_db(eng);
    if (eng->path != NULL)
        remove_companions(eng);
    free_eng(eng);
}
