/* SPDX-License-Identifier: MIT */
/*
 * eng_bulk.c - bulk import: many saves in one transaction, the group.
 *
 * A save that fails must be undone without the saves before it. A savepoint for each would cost as
 * much as the save (SQLite copies every page it touches), so there is one at the beginning of the
 * group, and a log in memory of the statements that the saves of the group have run. To undo a
 * save, the group goes back to its beginning and the log is run again up to that save; the write
 * lock is held all the time. The log is bounded by the size of a group: a save that makes it too
 * long is the last of its group, and need not be in it.
 *
 * Owns:  eng->redo.
 * Locks: none of its own; see eng.h.
 */
#include <assert.h>

#include "engine/eng_int.h"
#include "platform/time.h"

enum { GROUP_SAVES = 1000, GROUP_BYTES = 16 * 1024 * 1024 };

#define GROUP_NS UINT64_C(1000000000)

/* A record: statement, then one of these for each parameter. */
enum redo_kind { REDO_END, REDO_I64, REDO_NULL, REDO_BLOB, REDO_TEXT };

/* --- the log -------------------------------------------------------------------------------- */

/* Not enough memory, or too much of it: this save must end the group. */
static void cut_log(struct eng *eng)
{
    msp_buf_truncate(&eng->redo, eng->redo_mark);
    eng->redo.failed = false;
    eng->redo_is_cut = true;
}

size_t redo_begin(struct eng *eng, enum eng_stmt_id id)
{
    size_t start = eng->redo.size;

    if (!eng->redo_is_cut)
        (void)msp_buf_append_u16(&eng->redo, (uint16_t)id);
    return start;
}

void redo_i64(struct eng *eng, int64_t value)
{
    if (eng->redo_is_cut)
        return;
    (void)msp_buf_append_u8(&eng->redo, REDO_I64);
    (void)msp_buf_append_u64(&eng->redo, (uint64_t)value);
}

void redo_null(struct eng *eng)
{
    if (!eng->redo_is_cut)
        (void)msp_buf_append_u8(&eng->redo, REDO_NULL);
}

void redo_bytes(struct eng *eng, bool is_text, const void *data, size_t size)
{
    if (size > GROUP_BYTES || eng->redo.size - eng->redo_mark > GROUP_BYTES)
        cut_log(eng);
    if (eng->redo_is_cut)
        return;
    (void)msp_buf_append_u8(&eng->redo, is_text ? REDO_TEXT : REDO_BLOB);
    (void)msp_buf_append_u64(&eng->redo, size);
    (void)msp_buf_append(&eng->redo, data, size);
}

void redo_end(struct eng *eng, size_t start, bool keep)
{
    if (eng->redo_is_cut)
        return;
    (void)msp_buf_append_u8(&eng->redo, REDO_END);
    if (eng->redo.failed)
        cut_log(eng);
    else if (!keep)
        msp_buf_truncate(&eng->redo, start);
}

static enum eng_status replay_one(struct eng *eng, struct msp_reader *log)
{
    struct eng_query query;

    query_begin(&query, eng, (enum eng_stmt_id)msp_reader_u16(log));
    for (;;) {
        enum redo_kind kind = (enum redo_kind)msp_reader_u8(log);
        size_t size;

        if (kind == REDO_END)
            return query_run(&query);
        if (kind == REDO_I64) {
            query_u64(&query, msp_reader_u64(log));
        } else if (kind == REDO_NULL) {
            query_null(&query);
        } else {
            size = (size_t)msp_reader_u64(log);
            if (kind == REDO_TEXT)
                query_text(&query, (const char *)msp_reader_bytes(log, size), size);
            else
                query_blob(&query, msp_reader_bytes(log, size), size);
        }
    }
}

/* Runs what the finished saves of the group have run. */
static enum eng_status replay(struct eng *eng)
{
    struct msp_reader log;
    enum eng_status status = ENG_OK;

    msp_reader_init(&log, eng->redo.data, eng->redo_mark);
    while (status == ENG_OK && msp_reader_left(&log) > 0)
        status = replay_one(eng, &log);
    return status;
}

/* --- the group ------------------------------------------------------------------------------ */

/* What another connection has committed would be seen by a group that begins anew. */
static enum eng_status read_version(struct eng *eng, uint64_t *out)
{
    struct eng_query query;

    *out = 0;
    query_begin(&query, eng, STMT_DATA_VERSION);
    if (query_row(&query))
        *out = query_col(&query, 0);
    return query_end(&query);
}

static enum eng_status group_begin(struct eng *eng)
{
    enum eng_status status = txn_set_sync(eng, SYNC_NORMAL);

    if (status == ENG_OK)
        status = txn_begin(eng, STMT_BEGIN_WRITE);
    if (status == ENG_OK)
        status = txn_control(eng, STMT_GROUP_BEGIN);
    return status;
}

/* --- large values in a group ---------------------------------------------------------------- */

bool values_group_note(struct eng *eng, uint64_t id)
{
    struct msp_array *values = &eng->group_values;

    if (values->count > 0 && *MSP_ARRAY_AT(uint64_t, values, values->count - 1) == id)
        return true;
    return msp_array_reserve(&eng->lost_values, values->count + 1) &&
           msp_array_push(values, &id) != NULL;
}

void values_group_keep(struct eng *eng)
{
    eng->group_values_kept = eng->group_values.count;
}

void values_group_undo(struct eng *eng)
{
    msp_array_truncate(&eng->group_values, eng->group_values_kept);
}

void values_group_end(struct eng *eng)
{
    msp_array_truncate(&eng->group_values, 0);
    eng->group_values_kept = 0;
}

void values_group_lose(struct eng *eng)
{
    for (size_t i = 0; i < eng->group_values_kept; i++)
        (void)msp_array_push(
                &eng->lost_values, msp_array_at(&eng->group_values, i)); /* there is room */
    values_group_end(eng);
}

bool values_group_has_lost(const struct eng *eng, uint64_t id)
{
    const uint64_t *lost = MSP_ARRAY_ITEMS(const uint64_t, &eng->lost_values);

    for (size_t i = 0; i < eng->lost_values.count; i++) {
        if (lost[i] == id)
            return true;
    }
    return false;
}

/* --- saves and groups ----------------------------------------------------------------------- */

/* After a failure: SQLite may have rolled back the group, or it cannot go on. */
static void group_lose(struct eng *eng)
{
    eng->group_is_lost = eng->group_is_lost || eng->group_saves > 0;
    txn_rollback(eng);
}

enum eng_status group_commit(struct eng *eng)
{
    bool has_saves = eng->group_saves > 0;
    enum eng_status status;

    assert(!eng->in_save);
    if (!eng->has_sql_txn)
        return ENG_OK;
    status = txn_commit(eng);
    if (status != ENG_OK && has_saves)
        eng->group_is_lost = true;
    return status;
}

bool eng_has_group(const struct eng *eng)
{
    return eng->group_saves > 0;
}

void save_mark(struct eng *eng, bool in_save)
{
    msp_mutex_lock(&eng->interrupt_lock);
    eng->in_save = in_save;
    msp_mutex_unlock(&eng->interrupt_lock);
}

enum eng_status save_begin(struct eng *eng)
{
    enum eng_status status;

    if (!eng->has_sql_txn) {
        msp_buf_clear(&eng->redo);
        status = group_begin(eng);
        if (status == ENG_OK)
            status = read_version(eng, &eng->group_version);
        if (status != ENG_OK) {
            group_lose(eng);
            return status;
        }
        eng->group_since = msp_time_monotonic_ns();
    }
    save_mark(eng, true);
    eng->redo_mark = eng->redo.size;
    eng->redo_is_cut = false;
    eng->save_events = eng->events.count;
    eng->op_bytes = 0;
    return ENG_OK;
}

enum eng_status save_commit(struct eng *eng)
{
    enum eng_status status = value_flush(eng);

    if (status == ENG_OK)
        status = delta_merge(eng);
    if (status != ENG_OK)
        return status;
    save_mark(eng, false);
    values_group_keep(eng);
    eng->redo_mark = eng->redo.size;
    eng->group_saves++;
    eng->group_bytes += eng->op_bytes;
    if (!eng->redo_is_cut && eng->group_saves < GROUP_SAVES && eng->group_bytes < GROUP_BYTES &&
            msp_time_monotonic_ns() - eng->group_since < GROUP_NS)
        return ENG_OK;
    return group_commit(eng);
}

/* Back to the beginning of the group, without letting go of the write lock if it is still ours. */
static enum eng_status group_restart(struct eng *eng)
{
    uint64_t version = 0;
    enum eng_status status;

    if (!sqlite3_get_autocommit(eng->db))
        return txn_control(eng, STMT_GROUP_ROLLBACK);
    eng->has_sql_txn = false;
    status = group_begin(eng);
    if (status == ENG_OK)
        status = read_version(eng, &version);
    if (status == ENG_OK && version != eng->group_version)
        status = eng_fail(eng, ENG_BUSY);
    return status;
}

void save_rollback(struct eng *eng, bool wrote)
{
    struct eng_error error = eng->error;
    enum eng_status status;

    save_mark(eng, false);
    if (eng->group_saves == 0) {
        txn_rollback(eng);
        return;
    }
    if (!wrote && !sqlite3_get_autocommit(eng->db))
        return;
    msp_buf_truncate(&eng->redo, eng->redo_mark);
    msp_array_truncate(&eng->save_deltas, 0);
    msp_array_truncate(&eng->events, eng->save_events);
    eng->known_folder = 0;
    value_forget(eng);
    values_group_undo(eng);
    status = group_restart(eng);
    if (status == ENG_OK)
        status = replay(eng);
    eng->group_saves = GROUP_SAVES; /* the next one is the last: not all this again and again */
    if (status != ENG_OK)
        group_lose(eng);
    eng->error = error;
}

/* --- the public side ------------------------------------------------------------------------ */

static enum eng_status flush(struct eng *eng)
{
    enum eng_status status = group_commit(eng);

    if (status == ENG_OK)
        status = value_flush_alone(eng);
    if (status == ENG_OK)
        status = group_commit(eng);
    if (status == ENG_OK && eng->is_volatile)
        status = txn_make_durable(eng);
    return status;
}

enum eng_status eng_flush(struct eng *eng)
{
    enum eng_status status = op_peek(eng);

    if (status != ENG_OK)
        return status;
    if (eng->depth > 0)
        return eng_failf(eng, ENG_INVALID, "A transaction is open.");
    if (eng->is_read_only)
        return ENG_OK;
    shield_raise(eng); /* who stops it would find less on disk, and do it again */
    status = flush(eng);
    shield_lower(eng);
    if (eng->group_is_lost) {
        eng->group_is_lost = false;
        if (status == ENG_OK)
            status =
                    eng_failf(eng, ENG_IO, "The last messages of the import could not be written.");
    }
    return status;
}

enum eng_status eng_bulk(struct eng *eng, bool on)
{
    enum eng_status status = op_peek(eng);

    if (status != ENG_OK)
        return status;
    if (eng->depth > 0)
        return eng_failf(eng, ENG_INVALID, "A transaction is open.");
    if (eng->is_read_only)
        return eng_fail(eng, ENG_READ_ONLY);
    if (on) {
        eng->is_bulk = true;
        return ENG_OK;
    }
    status = eng_flush(eng);
    eng->is_bulk = false;
    msp_buf_free(&eng->redo);
    return status;
}
