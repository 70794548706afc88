/* SPDX-License-Identifier: MIT */
/*
 * eng_txn.c - transactions and durability.
 *
 * Levels nest; SQLite sees only the outermost. A level that fails after it has written dooms the
 * rest, so nothing half-done can be committed. In bulk the outermost level is one save of a longer
 * transaction: eng_bulk.c.
 *
 * Durability. In WAL mode a commit appends pages to the log; with synchronous=FULL it ends with an
 * fsync of the log file, with NORMAL it does not (checkpoints still sync log and database in the
 * right order, so the file stays consistent). An fsync covers the whole file, so one FULL commit
 * makes every earlier NORMAL commit durable too, of this and any other connection: they are older
 * frames of the same log, or were checkpointed, with a sync, out of it. That is why chunks of large
 * values are committed with NORMAL and the save that names them with FULL, and why eng_flush()
 * needs one small FULL commit, and no checkpoint.
 *
 * Locks: none of its own; see eng.h.
 */
#include <assert.h>

#include "engine/eng_int.h"

void shield_raise(struct eng *eng)
{
    msp_mutex_lock(&eng->interrupt_lock);
    eng->shields++;
    msp_mutex_unlock(&eng->interrupt_lock);
}

void shield_lower(struct eng *eng)
{
    msp_mutex_lock(&eng->interrupt_lock);
    eng->shields--;
    msp_mutex_unlock(&eng->interrupt_lock);
}

enum eng_status txn_control(struct eng *eng, enum eng_stmt_id id)
{
    struct eng_query query;

    shield_raise(eng);
    query_begin(&query, eng, id);
    while (query_row(&query))
        continue;
    shield_lower(eng);
    return query_end(&query);
}

enum eng_status txn_set_sync(struct eng *eng, enum eng_sync sync)
{
    int code;

    if (eng->sync == sync)
        return ENG_OK;
    eng->sync = SYNC_UNKNOWN;
    /* This pragma acts when it is compiled, so it cannot be kept prepared. */
    code = sqlite3_exec(eng->db,
            sync == SYNC_FULL ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", NULL, NULL,
            NULL);
    if (code != SQLITE_OK)
        return eng_fail_sqlite(eng, sqlite3_extended_errcode(eng->db));
    eng->sync = sync;
    return ENG_OK;
}

enum eng_status txn_begin(struct eng *eng, enum eng_stmt_id id)
{
    enum eng_status status;

    assert(!eng->has_sql_txn);
    eng->known_folder = 0;
    status = txn_control(eng, id);
    if (status == ENG_OK)
        eng->has_sql_txn = true;
    return status;
}

void txn_rollback(struct eng *eng)
{
    struct eng_error error = eng->error;

    /* Some failures make SQLite roll back by itself. */
    if (!sqlite3_get_autocommit(eng->db))
        (void)txn_control(eng, STMT_ROLLBACK);
    eng->error = error;
    eng->has_sql_txn = false;
    save_mark(eng, false);
    eng->group_saves = 0;
    eng->group_bytes = 0;
    eng->known_folder = 0;
    events_drop(eng);
    values_group_lose(eng);
    /* A transaction that only read has nothing of a value that is being written. */
    if (eng->is_writing || eng->is_bulk)
        value_forget(eng);
}

/* Names and ids given out inside a transaction that is gone have left the engine: they are written
 * again, in transactions of their own. */
static void after_rollback(struct eng *eng)
{
    struct eng_error error = eng->error;

    ids_rolled_back(eng);
    names_rolled_back(eng);
    eng->error = error;
}

enum eng_status txn_commit(struct eng *eng)
{
    bool full = eng->sync == SYNC_FULL;
    enum eng_status status;

    shield_raise(eng); /* in bulk, many saves would be lost with this one */
    status = value_flush(eng);
    if (status == ENG_OK)
        status = events_write(eng);
    if (status == ENG_OK)
        status = txn_control(eng, STMT_COMMIT);
    shield_lower(eng);
    if (status != ENG_OK) {
        txn_rollback(eng);
        after_rollback(eng);
        return status;
    }
    eng->has_sql_txn = false;
    eng->ids_are_tentative = false;
    eng->is_volatile = !full;
    values_group_end(eng);
    eng->group_saves = 0;
    eng->group_bytes = 0;
    eng->stamp++;
    names_committed(eng);
    events_publish(eng);
    return ENG_OK;
}

enum eng_status txn_begin_small(struct eng *eng)
{
    enum eng_status status = txn_set_sync(eng, SYNC_FULL);

    return status == ENG_OK ? txn_begin(eng, STMT_BEGIN_WRITE) : status;
}

enum eng_status txn_end_small(struct eng *eng, enum eng_status status)
{
    struct eng_error error;

    if (status == ENG_OK)
        status = txn_control(eng, STMT_COMMIT);
    error = eng->error;
    if (!sqlite3_get_autocommit(eng->db))
        (void)txn_control(eng, STMT_ROLLBACK);
    eng->error = error;
    eng->has_sql_txn = false;
    if (status == ENG_OK)
        eng->is_volatile = false;
    return status;
}

enum eng_status txn_make_durable(struct eng *eng)
{
    enum eng_status status = txn_begin_small(eng);

    /* The row must really change: SQLite writes nothing for a page that stays as it is. */
    return status == ENG_OK ? txn_end_small(eng, query_do1(eng, STMT_META_BUMP, META_FLUSHES))
                            : status;
}

/* --- levels --------------------------------------------------------------------------------- */

static void push_level(struct eng *eng)
{
    eng->marks[eng->depth++] = eng->write_count;
}

/* Begins the outermost level for writing. */
static enum eng_status begin_writing(struct eng *eng, bool soft)
{
    enum eng_status status = ENG_OK;

    /* What was written into a value before this transaction stays when it is rolled back. */
    if (!eng->value.is_pinned)
        status = value_flush_alone(eng);
    if (status == ENG_OK && !soft && ids_are_low(eng)) {
        status = group_commit(eng);
        if (status == ENG_OK)
            status = ids_refill(eng);
    }
    if (status != ENG_OK)
        return status;
    if (eng->is_bulk)
        return save_begin(eng);
    status = txn_set_sync(eng, soft ? SYNC_NORMAL : SYNC_FULL);
    return status == ENG_OK ? txn_begin(eng, STMT_BEGIN_WRITE) : status;
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
            status = txn_begin(eng, STMT_BEGIN_READ);
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

/* Ends the outermost level by undoing it. */
static void undo(struct eng *eng, bool wrote)
{
    eng->doom = ENG_OK;
    shield_raise(eng);
    if (eng->in_save)
        save_rollback(eng, wrote);
    else
        txn_rollback(eng);
    if (wrote)
        after_rollback(eng);
    shield_lower(eng);
}

/* Ends the outermost level by keeping it. */
static enum eng_status keep(struct eng *eng)
{
    enum eng_status status;

    if (eng->is_writing && eng->in_save) {
        status = save_commit(eng);
        if (status != ENG_OK && eng->in_save)
            undo(eng, true);
        return status;
    }
    if (eng->is_writing) {
        status = txn_commit(eng);
        /* A reading transaction that came to write did not begin with FULL. */
        if (status == ENG_OK && eng->is_volatile && !eng->is_soft && !eng->is_bulk)
            status = txn_make_durable(eng);
        return status;
    }
    if (eng->is_bulk && eng->group_saves > 0)
        return ENG_OK; /* it was only a look at the open group */
    status = txn_control(eng, STMT_COMMIT);
    eng->has_sql_txn = false;
    if (status != ENG_OK)
        txn_rollback(eng);
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
    return eng_is_interrupted(eng) ? eng_fail(eng, ENG_INTERRUPTED) : ENG_OK;
}

enum eng_status eng_begin(struct eng *eng, bool write)
{
    return begin_level(eng, write, false);
}

enum eng_status eng_commit(struct eng *eng)
{
    bool was_reading = eng->depth == 1 && !eng->is_writing;
    enum eng_status status;

    if (eng->depth == 0)
        return eng_failf(eng, ENG_INVALID, "No transaction is open.");
    status = pop_level(eng, ENG_OK);
    columns_txn_end(eng, status == ENG_OK && was_reading);
    return status;
}

void eng_rollback(struct eng *eng)
{
    struct eng_error error = eng->error;

    if (eng->depth > 0)
        (void)pop_level(eng, error.status != ENG_OK ? error.status : ENG_INTERRUPTED);
    columns_txn_end(eng, false);
    eng->error = error;
}

void txn_abandon(struct eng *eng)
{
    while (eng->depth > 0)
        eng_rollback(eng);
}

void eng_interrupt(struct eng *eng)
{
    msp_mutex_lock(&eng->interrupt_lock);
    atomic_store(&eng->interrupted, 1);
    if (eng->shields == 0 && !(eng->in_save && eng->group_saves > 0))
        sqlite3_interrupt(eng->db);
    msp_mutex_unlock(&eng->interrupt_lock);
}

void eng_stop(struct eng *eng)
{
    atomic_store(&eng->stopped, 1);
    eng_interrupt(eng);
}

void eng_go_on(struct eng *eng)
{
    atomic_store(&eng->stopped, 0);
}

uint64_t eng_change_stamp(struct eng *eng)
{
    struct eng_query query;

    shield_raise(eng);
    query_begin(&query, eng, STMT_DATA_VERSION);
    if (query_row(&query)) {
        uint64_t version = query_col(&query, 0);

        if (version != eng->data_version)
            eng->stamp++;
        eng->data_version = version;
    }
    (void)query_end(&query);
    shield_lower(eng);
    return eng->stamp;
}

uint64_t eng_change_stamp_last(const struct eng *eng)
{
    return eng->stamp;
}
