/* SPDX-License-Identifier: MIT */
/*
 * eng_txn.c - transactions, durability, bulk import, ids.
 *
 * Levels nest; SQLite sees only the outermost. A level that fails after it has written dooms the
 * rest, so nothing half-done can be committed. In bulk, the outermost level is a savepoint inside
 * a longer transaction, the group.
 *
 * Durability. In WAL mode a commit appends pages to the log; with synchronous=FULL it ends with an
 * fsync of the log file, with NORMAL it does not (pager.c passes no sync flags for commits then;
 * checkpoints still sync log and database in the right order, so the file stays consistent). An
 * fsync covers the whole file, so one FULL commit makes every earlier NORMAL commit durable too,
 * of this and any other connection: they are older frames of the same log, or were checkpointed,
 * with a sync, out of it. That is why chunks of large values are committed with NORMAL and the save
 * that names them with FULL, and why eng_flush() needs one small FULL commit, and no checkpoint.
 *
 * Locks: none of its own; see eng.h.
 */
#include <assert.h>

#include "engine/eng_int.h"
#include "platform/time.h"

enum {
    ID_BLOCK = 1024,
    ID_BLOCK_BULK = 16384,
    ID_LOW = 128, /* a writing transaction begins with at least so many in hand */
    GROUP_SAVES = 1000,
    GROUP_BYTES = 16 * 1024 * 1024
};

#define GROUP_NS UINT64_C(1000000000)

/* Runs COMMIT and its like: not to be stopped by eng_interrupt(). */
static enum eng_status control(struct eng *eng, enum eng_stmt_id id)
{
    struct eng_query query;

    query_begin(&query, eng, id);
    query.is_deaf = true;
    while (query_row(&query))
        continue;
    return query_end(&query);
}

/* Not inside a transaction; the pragma acts when it is compiled, so it cannot be kept prepared. */
static enum eng_status set_sync(struct eng *eng, enum eng_sync sync)
{
    int code;

    if (eng->sync == sync)
        return ENG_OK;
    eng->sync = SYNC_UNKNOWN;
    code = sqlite3_exec(eng->db,
            sync == SYNC_FULL ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", NULL, NULL,
            NULL);
    if (code != SQLITE_OK)
        return eng_fail_sqlite(eng, sqlite3_extended_errcode(eng->db));
    eng->sync = sync;
    return ENG_OK;
}

static enum eng_status sql_begin(struct eng *eng, enum eng_stmt_id id)
{
    enum eng_status status;

    assert(!eng->has_sql_txn);
    eng->known_folder = 0;
    status = control(eng, id);
    if (status == ENG_OK)
        eng->has_sql_txn = true;
    return status;
}

/* Whatever has happened: no transaction is open afterwards. The error of before is kept. */
static void sql_rollback(struct eng *eng)
{
    struct eng_error error = eng->error;

    /* Some failures make SQLite roll back by itself. A failed ROLLBACK has still rolled back. */
    if (!sqlite3_get_autocommit(eng->db))
        (void)control(eng, STMT_ROLLBACK);
    eng->error = error;
    eng->has_sql_txn = false;
    eng->has_savepoint = false;
    eng->group_saves = 0;
    eng->group_bytes = 0;
    eng->known_folder = 0;
    events_drop(eng);
    value_forget(eng);
}

/* Gives the names made inside a transaction that is gone a transaction of their own, and secures
 * the ids that were given out there: both have left the engine. Should that fail, the ids are
 * still not given out again by this connection. */
static void after_rollback(struct eng *eng)
{
    struct eng_error error = eng->error;

    if (eng->ids_are_tentative) {
        eng->id_end = eng->id_next;
        if (!eng->has_sql_txn) { /* else: in bulk, the next save sees to it */
            eng->ids_are_tentative = false;
            (void)ids_reserve(eng, ID_BLOCK);
        }
    }
    names_rolled_back(eng);
    eng->error = error;
}

static enum eng_status sql_commit(struct eng *eng)
{
    bool full = eng->sync == SYNC_FULL;
    enum eng_status status = value_flush(eng);

    if (status == ENG_OK)
        status = events_write(eng);
    if (status == ENG_OK)
        status = control(eng, STMT_COMMIT);
    if (status != ENG_OK) {
        sql_rollback(eng);
        after_rollback(eng);
        return status;
    }
    eng->has_sql_txn = false;
    eng->ids_are_tentative = false;
    eng->is_volatile = !full;
    eng->group_saves = 0;
    eng->group_bytes = 0;
    eng->stamp++;
    names_committed(eng);
    events_publish(eng);
    return ENG_OK;
}

/* Commits the group that is open. */
static enum eng_status group_commit(struct eng *eng)
{
    assert(!eng->has_savepoint);
    return eng->has_sql_txn ? sql_commit(eng) : ENG_OK;
}

/* --- ids ------------------------------------------------------------------------------------ */

/* Moves the mark on disk beyond what is given out next. Outside of a transaction the commit makes
 * it durable; inside, the ids are only as sure as the transaction, see after_rollback(). */
static enum eng_status ids_extend(struct eng *eng, uint64_t count)
{
    uint64_t next = 0;
    enum eng_status status = query_number(eng, STMT_META_GET, META_NEXT_ID, &next);

    if (status == ENG_NOT_FOUND || (status == ENG_OK && next == 0))
        return eng_fail(eng, ENG_CORRUPT);
    if (status != ENG_OK)
        return status;
    if (next < eng->id_next)
        next = eng->id_next; /* given out before a rollback */
    if (next > ENG_MAX_ID - count)
        return eng_failf(eng, ENG_FULL, "The message store has used up its numbers.");
    status = query_do2(eng, STMT_META_SET, META_NEXT_ID, next + count);
    if (status != ENG_OK)
        return status;
    if (next != eng->id_end)
        eng->id_next = next; /* another connection has taken blocks in between */
    eng->id_end = next + count;
    return ENG_OK;
}

enum eng_status ids_reserve(struct eng *eng, uint64_t count)
{
    uint64_t next = eng->id_next;
    uint64_t end = eng->id_end;
    enum eng_status status = set_sync(eng, SYNC_FULL);

    if (status == ENG_OK)
        status = sql_begin(eng, STMT_BEGIN_WRITE);
    if (status != ENG_OK)
        return status;
    status = ids_extend(eng, count);
    if (status == ENG_OK)
        status = control(eng, STMT_COMMIT);
    if (status != ENG_OK) {
        sql_rollback(eng);
        eng->id_next = next > eng->id_next ? next : eng->id_next;
        eng->id_end = end;
        if (eng->id_next > eng->id_end)
            eng->id_end = eng->id_next;
        return status;
    }
    eng->has_sql_txn = false;
    eng->is_volatile = false;
    return ENG_OK;
}

/* A small commit with fsync, which takes along what came before. The page must really change:
 * SQLite writes nothing for a row that stays as it is. */
static enum eng_status make_durable(struct eng *eng)
{
    enum eng_status status = set_sync(eng, SYNC_FULL);

    if (status == ENG_OK)
        status = sql_begin(eng, STMT_BEGIN_WRITE);
    if (status != ENG_OK)
        return status;
    status = query_do1(eng, STMT_META_BUMP, META_FLUSHES);
    if (status == ENG_OK)
        status = control(eng, STMT_COMMIT);
    if (status != ENG_OK) {
        sql_rollback(eng);
        return status;
    }
    eng->has_sql_txn = false;
    eng->is_volatile = false;
    return ENG_OK;
}

static enum eng_status ids_refill(struct eng *eng)
{
    if (eng->id_end - eng->id_next >= ID_LOW)
        return ENG_OK;
    return ids_reserve(eng, eng->is_bulk ? ID_BLOCK_BULK : ID_BLOCK);
}

static enum eng_status ids_extend_inside(struct eng *eng)
{
    enum eng_status status = op_write(eng);

    if (status != ENG_OK)
        return status;
    eng->ids_are_tentative = true;
    return op_end(eng, ids_extend(eng, ID_BLOCK));
}

static enum eng_status ids_extend_outside(struct eng *eng)
{
    enum eng_status status = op_peek(eng);

    if (status == ENG_OK)
        status = group_commit(eng);
    if (status == ENG_OK)
        status = ids_reserve(eng, eng->is_bulk ? ID_BLOCK_BULK : ID_BLOCK);
    return status;
}

enum eng_status eng_id_new(struct eng *eng, uint64_t *out)
{
    enum eng_status status = ENG_OK;

    *out = 0;
    if (eng->is_read_only)
        return eng_fail(eng, ENG_READ_ONLY);
    if (eng->id_next == eng->id_end)
        status = eng->depth > 0 ? ids_extend_inside(eng) : ids_extend_outside(eng);
    if (status == ENG_OK)
        *out = eng->id_next++;
    return status;
}

/* --- levels --------------------------------------------------------------------------------- */

static void push_level(struct eng *eng)
{
    eng->marks[eng->depth++] = eng->write_count;
}

static enum eng_status save_begin(struct eng *eng)
{
    enum eng_status status = value_flush(eng);

    if (status == ENG_OK)
        status = control(eng, STMT_SAVE_BEGIN);
    if (status != ENG_OK)
        return status;
    eng->has_savepoint = true;
    eng->save_events = eng->events.count;
    eng->op_bytes = 0;
    return ENG_OK;
}

/* After a failure: has SQLite rolled back the group, with saves that had succeeded? */
static void group_check(struct eng *eng)
{
    if (!eng->has_sql_txn || !sqlite3_get_autocommit(eng->db))
        return;
    eng->group_is_lost = eng->group_is_lost || eng->group_saves > 0;
    sql_rollback(eng);
}

/* Begins the outermost level for writing. */
static enum eng_status begin_writing(struct eng *eng, bool soft)
{
    enum eng_status status = ENG_OK;

    if (eng->is_bulk && eng->has_sql_txn) {
        if (eng->id_end - eng->id_next < ID_LOW)
            status = group_commit(eng);
        if (status == ENG_OK && eng->has_sql_txn)
            status = save_begin(eng);
        if (status != ENG_OK)
            group_check(eng);
        if (status != ENG_OK || eng->has_sql_txn)
            return status;
    }
    if (!soft)
        status = ids_refill(eng);
    /* What was written into a value before this transaction stays when it is rolled back. */
    if (status == ENG_OK && !soft)
        status = value_flush_alone(eng);
    if (status == ENG_OK)
        status = set_sync(eng, soft || eng->is_bulk ? SYNC_NORMAL : SYNC_FULL);
    if (status == ENG_OK)
        status = sql_begin(eng, STMT_BEGIN_WRITE);
    if (status == ENG_OK && eng->is_bulk) {
        eng->group_since = msp_time_monotonic_ns();
        status = save_begin(eng);
        if (status != ENG_OK)
            sql_rollback(eng);
    }
    return status;
}

static enum eng_status begin_level(struct eng *eng, bool write, bool soft)
{
    enum eng_status status = ENG_OK;

    if (eng->depth == 0) {
        eng->error.status = ENG_OK;
        eng->error.sqlite_code = 0;
        eng->error.text[0] = '\0';
        atomic_store(&eng->interrupted, 0);
    }
    if (eng->doom != ENG_OK)
        return eng_fail(eng, eng->doom);
    if (eng->depth == ENG_MAX_DEPTH)
        return eng_failf(eng, ENG_INVALID, "Too many transactions are open.");
    if (write && eng->is_read_only)
        return eng_fail(eng, ENG_READ_ONLY);
    if (eng->depth == 0) {
        if (write)
            status = begin_writing(eng, soft);
        else if (!eng->has_sql_txn) /* else: in bulk, reads see the open group */
            status = sql_begin(eng, STMT_BEGIN_READ);
        if (status == ENG_OK) {
            eng->is_writing = write;
            eng->is_soft = soft;
        }
    } else if (write && !eng->is_writing) {
        /* The write lock now: a later statement could not wait for it. */
        if (eng->is_bulk && eng->group_saves > 0)
            status = save_begin(eng);
        else
            status = query_do1(eng, STMT_META_BUMP, 0);
        if (status == ENG_OK) {
            eng->is_writing = true;
            eng->is_soft = false;
            value_note_upgrade(eng);
        }
    }
    if (status == ENG_OK)
        push_level(eng);
    return status;
}

static enum eng_status save_commit(struct eng *eng)
{
    enum eng_status status = value_flush(eng);

    if (status == ENG_OK)
        status = delta_merge(eng);
    if (status == ENG_OK)
        status = control(eng, STMT_SAVE_COMMIT);
    if (status != ENG_OK)
        return status;
    eng->has_savepoint = false;
    eng->group_saves++;
    eng->group_bytes += eng->op_bytes;
    if (eng->group_saves < GROUP_SAVES && eng->group_bytes < GROUP_BYTES
            && msp_time_monotonic_ns() - eng->group_since < GROUP_NS)
        return ENG_OK;
    return group_commit(eng);
}

/* Undoes the level inside the group; the group itself when that is not possible. */
static void save_rollback(struct eng *eng, bool wrote)
{
    struct eng_error error = eng->error;
    enum eng_status status = ENG_OK;

    if (sqlite3_get_autocommit(eng->db)) {
        status = ENG_IO; /* SQLite has dropped the whole group */
    } else if (wrote) {
        status = control(eng, STMT_SAVE_ROLLBACK);
        value_forget(eng);
    }
    if (status == ENG_OK)
        status = control(eng, STMT_SAVE_COMMIT);
    if (status == ENG_OK) {
        msp_array_truncate(&eng->save_deltas, 0);
        msp_array_truncate(&eng->events, eng->save_events);
        eng->has_savepoint = false;
        eng->known_folder = 0;
    } else {
        sql_rollback(eng);
    }
    eng->error = error;
}

/* Ends the outermost level by undoing it. */
static void undo(struct eng *eng, bool wrote)
{
    eng->doom = ENG_OK;
    if (eng->has_savepoint) {
        bool lost = eng->group_saves > 0;

        save_rollback(eng, wrote);
        if (eng->has_sql_txn && eng->group_saves == 0)
            sql_rollback(eng); /* nothing else in the group: do not keep the write lock */
        else if (!eng->has_sql_txn && lost)
            eng->group_is_lost = true;
    } else {
        sql_rollback(eng);
    }
    if (wrote)
        after_rollback(eng);
}

/* Ends the outermost level by keeping it. */
static enum eng_status keep(struct eng *eng)
{
    enum eng_status status;

    if (eng->is_writing && eng->has_savepoint) {
        status = save_commit(eng);
        if (status != ENG_OK && eng->has_savepoint)
            undo(eng, true);
        return status;
    }
    if (eng->is_writing) {
        status = sql_commit(eng);
        /* A reading transaction that came to write did not begin with FULL. */
        if (status == ENG_OK && eng->is_volatile && !eng->is_soft && !eng->is_bulk)
            status = make_durable(eng);
        return status;
    }
    if (eng->is_bulk && eng->group_saves > 0)
        return ENG_OK; /* it was only a look at the open group */
    status = control(eng, STMT_COMMIT);
    eng->has_sql_txn = false;
    if (status != ENG_OK)
        sql_rollback(eng);
    return status;
}

static enum eng_status pop_level(struct eng *eng, enum eng_status status)
{
    bool wrote;

    assert(eng->depth > 0);
    eng->depth--;
    wrote = eng->write_count != eng->marks[eng->depth];
    /* A failure that made SQLite roll back has undone the outer levels' work too. */
    if (status != ENG_OK && (wrote || (eng->has_sql_txn && sqlite3_get_autocommit(eng->db)))) {
        wrote = true;
        if (eng->doom == ENG_OK)
            eng->doom = status;
    }
    if (eng->depth > 0)
        return status != ENG_OK ? status : eng->doom;
    if (status == ENG_OK && eng->doom != ENG_OK)
        status = eng_fail(eng, eng->doom);
    if (status != ENG_OK) {
        if (eng->is_writing || wrote)
            undo(eng, wrote || eng->doom != ENG_OK);
        else
            (void)keep(eng);
    } else {
        status = keep(eng);
    }
    eng->doom = ENG_OK;
    eng->is_writing = false;
    return status;
}

enum eng_status op_read(struct eng *eng)
{
    return begin_level(eng, false, false);
}

enum eng_status op_write(struct eng *eng)
{
    return begin_level(eng, true, false);
}

enum eng_status op_write_soft(struct eng *eng)
{
    return begin_level(eng, true, true);
}

enum eng_status op_end(struct eng *eng, enum eng_status status)
{
    return pop_level(eng, status);
}

enum eng_status op_peek(struct eng *eng)
{
    if (eng->depth > 0)
        return eng->doom != ENG_OK ? eng_fail(eng, eng->doom) : ENG_OK;
    eng->error.status = ENG_OK;
    eng->error.sqlite_code = 0;
    eng->error.text[0] = '\0';
    atomic_store(&eng->interrupted, 0);
    return ENG_OK;
}

enum eng_status op_check(struct eng *eng)
{
    return atomic_load(&eng->interrupted) ? eng_fail(eng, ENG_INTERRUPTED) : ENG_OK;
}

enum eng_status eng_begin(struct eng *eng, bool write)
{
    return begin_level(eng, write, false);
}

enum eng_status eng_commit(struct eng *eng)
{
    if (eng->depth == 0)
        return eng_failf(eng, ENG_INVALID, "No transaction is open.");
    return pop_level(eng, ENG_OK);
}

void eng_rollback(struct eng *eng)
{
    struct eng_error error = eng->error;

    if (eng->depth > 0)
        (void)pop_level(eng, error.status != ENG_OK ? error.status : ENG_INTERRUPTED);
    eng->error = error;
}

/* --- bulk import ---------------------------------------------------------------------------- */

enum eng_status eng_flush(struct eng *eng)
{
    enum eng_status status = op_peek(eng);

    if (status != ENG_OK)
        return status;
    if (eng->depth > 0)
        return eng_failf(eng, ENG_INVALID, "A transaction is open.");
    if (eng->is_read_only)
        return ENG_OK;
    status = group_commit(eng);
    if (status == ENG_OK)
        status = value_flush_alone(eng);
    if (status == ENG_OK)
        status = group_commit(eng);
    if (status == ENG_OK && eng->group_is_lost) {
        eng->group_is_lost = false;
        status = eng_failf(eng, ENG_IO, "The last messages of the import could not be written.");
    }
    if (status != ENG_OK || !eng->is_volatile)
        return status;
    return make_durable(eng);
}

enum eng_status eng_bulk(struct eng *eng, bool on)
{
    enum eng_status status;

    if (eng->depth > 0)
        return eng_failf(eng, ENG_INVALID, "A transaction is open.");
    if (on) {
        if (eng->is_read_only)
            return eng_fail(eng, ENG_READ_ONLY);
        eng->is_bulk = true;
        return ENG_OK;
    }
    status = eng_flush(eng);
    eng->is_bulk = false;
    return status;
}

void txn_abandon(struct eng *eng)
{
    while (eng->depth > 0)
        eng_rollback(eng);
}

void eng_interrupt(struct eng *eng)
{
    atomic_store(&eng->interrupted, 1);
    sqlite3_interrupt(eng->db);
}

uint64_t eng_change_stamp(struct eng *eng)
{
    struct eng_query query;

    query_begin(&query, eng, STMT_DATA_VERSION);
    query.is_deaf = true;
    if (query_row(&query)) {
        uint64_t version = query_col(&query, 0);

        if (version != eng->data_version)
            eng->stamp++;
        eng->data_version = version;
    }
    (void)query_end(&query);
    return eng->stamp;
}
