/* SPDX-License-Identifier: MIT */
/*
 * eng_value.c - large values: rows of 256 KiB, written and read piece by piece.
 *
 * One chunk of one value is kept in memory. Writes gather in it, so a stream written in small
 * pieces costs one row write per chunk; it goes to its row when another chunk is needed, when a
 * transaction begins (so that a rollback cannot reach it), and before a commit. Those rows are
 * written in transactions of their own without fsync; eng_txn.c says why the save makes them
 * durable.
 *
 * A value that nobody wants any more is first marked as dead (token 0), which is one small row;
 * its chunks are removed afterwards, a bounded number at a time.
 *
 * Owns:  eng->value.data, freed by eng_close().
 * Locks: none of its own; see eng.h.
 */
#include <assert.h>
#include <string.h>

#include "engine/eng_int.h"
#include "util/alloc.h"
#include "util/bag.h"
#include "util/bytes.h"

enum {
    COPY_CHUNKS = 64,           /* of one transaction */
    DELETE_DIRECTLY_CHUNKS = 4, /* larger ones are marked as dead */
    REAP_SOME = 16,
    SMALL_READ = 64 * 1024 /* below it, the chunk is read as a whole and kept */
};

struct value_row {
    uint64_t size;
    uint64_t owner; /* 0: none */
    bool has_token;
    uint64_t token;
};

static enum eng_status row_get(struct eng *eng, uint64_t id, struct value_row *out)
{
    struct eng_query query;

    memset(out, 0, sizeof(*out));
    query_begin(&query, eng, STMT_VALUE_GET);
    query_u64(&query, id);
    if (query_row(&query)) {
        out->size = query_col(&query, 0);
        out->owner = query_col(&query, 1);
        out->has_token = !query_col_is_null(&query, 2);
        out->token = query_col(&query, 2);
        if (out->size > ENG_MAX_VALUE_SIZE)
            query.status = eng_fail(eng, ENG_CORRUPT);
        else if (out->has_token && out->token == 0)
            query.status = eng_fail(eng, ENG_NOT_FOUND);
    } else if (query.status == ENG_OK) {
        query.status = eng_fail(eng, ENG_NOT_FOUND);
    }
    return query_end(&query);
}

/* --- the kept chunk ------------------------------------------------------------------------- */

static bool value_is_dirty(const struct eng *eng)
{
    return eng->value.chunk_is_dirty || eng->value.size_is_dirty;
}

enum eng_status value_flush(struct eng *eng)
{
    struct value_cache *value = &eng->value;
    struct eng_query query;
    enum eng_status status;

    if (eng->is_bulk && value_is_dirty(eng) && !values_group_note(eng, value->id))
        return eng_fail(eng, ENG_NO_MEMORY);
    if (value->chunk_is_dirty) {
        query_begin(&query, eng, STMT_STREAM_SET);
        query_u64(&query, key_make(value->id, value->number));
        query_blob(&query, value->data, value->used);
        status = query_run(&query);
        if (status != ENG_OK)
            return status;
        value->chunk_is_dirty = false;
        eng->op_bytes += value->used;
    }
    if (value->size_is_dirty) {
        status = query_do2(eng, STMT_VALUE_SIZE, value->size, value->id);
        if (status != ENG_OK)
            return status;
        value->size_is_dirty = false;
    }
    return ENG_OK;
}

enum eng_status value_flush_alone(struct eng *eng)
{
    struct value_cache *value = &eng->value;
    bool chunk_is_dirty = value->chunk_is_dirty;
    bool size_is_dirty = value->size_is_dirty;
    enum eng_status status;

    if (!value_is_dirty(eng))
        return ENG_OK;
    value->is_pinned = true;
    status = op_write_soft(eng);
    if (status == ENG_OK)
        status = op_end(eng, value_flush(eng));
    value->is_pinned = false;
    if (status != ENG_OK) {
        value->chunk_is_dirty = chunk_is_dirty;
        value->size_is_dirty = size_is_dirty;
    }
    return status;
}

void value_forget(struct eng *eng)
{
    struct value_cache *value = &eng->value;

    if (value->is_pinned)
        return;
    if (value->at_risk != 0)
        value->damaged = value->at_risk;
    value->at_risk = 0;
    value->id = 0;
    value->has_chunk = false;
    value->chunk_is_dirty = false;
    value->size_is_dirty = false;
}

void value_note_upgrade(struct eng *eng)
{
    if (value_is_dirty(eng))
        eng->value.at_risk = eng->value.id;
}

/* Writes what is kept, so that another chunk or value can take its place. */
static enum eng_status make_room(struct eng *eng)
{
    enum eng_status status;

    if (!value_is_dirty(eng))
        return ENG_OK;
    if (eng->depth == 0)
        return value_flush_alone(eng);
    status = op_write_soft(eng);
    return status == ENG_OK ? op_end(eng, value_flush(eng)) : status;
}

/* Makes a value the kept one. */
static enum eng_status keep_value(struct eng *eng, uint64_t id)
{
    struct value_cache *value = &eng->value;
    struct value_row row;
    enum eng_status status;

    if (value->id == id && id != 0)
        return ENG_OK;
    status = make_room(eng);
    if (status == ENG_OK)
        status = row_get(eng, id, &row);
    if (status != ENG_OK)
        return status;
    value->id = id;
    value->size = row.size;
    value->is_writable = row.has_token && row.token == eng->token;
    value->has_chunk = false;
    return ENG_OK;
}

/* A chunk without a row is all zeros, unless somebody has deleted the value. */
static enum eng_status chunk_is_missing(struct eng *eng, uint64_t key)
{
    struct eng_query query;
    struct value_row row;
    enum eng_status status;

    query_begin(&query, eng, STMT_STREAM_HAS);
    query_u64(&query, key);
    if (query_row(&query))
        query.status = eng_fail(eng, ENG_CORRUPT);
    status = query_end(&query);
    return status == ENG_OK ? row_get(eng, key >> ENG_KEY_BITS, &row) : status;
}

/* Reads part of a row's bytes, zeros where it has none; *out_used: bytes the row has. */
static enum eng_status chunk_read(
        struct eng *eng, uint64_t key, size_t offset, uint8_t *data, size_t size, size_t *out_used)
{
    sqlite3_blob *blob = NULL;
    size_t used = 0;
    size_t some;
    int code = sqlite3_blob_open(eng->db, "main", "stream", "data", (sqlite3_int64)key, 0, &blob);

    if (code == SQLITE_OK) {
        used = (size_t)sqlite3_blob_bytes(blob);
        some = used > offset ? msp_min(used - offset, size) : 0;
        if (some > 0)
            code = sqlite3_blob_read(blob, data, (int)some, (int)offset);
        memset(data + some, 0, size - some);
    }
    (void)sqlite3_blob_close(blob);
    if (code == SQLITE_ERROR) {
        memset(data, 0, size);
        *out_used = 0;
        return chunk_is_missing(eng, key);
    }
    if (code != SQLITE_OK)
        return eng_fail_sqlite(eng, code);
    *out_used = used;
    return ENG_OK;
}

/* Makes a chunk of the kept value the kept one; `fresh`: its old bytes do not matter. */
static enum eng_status keep_chunk(struct eng *eng, uint32_t number, bool fresh)
{
    struct value_cache *value = &eng->value;
    size_t used = 0;
    enum eng_status status;

    if (value->has_chunk && value->number == number)
        return ENG_OK;
    status = make_room(eng);
    if (status != ENG_OK)
        return status;
    if (value->data == NULL) {
        value->data = msp_alloc(ENG_CHUNK_SIZE);
        if (value->data == NULL)
            return eng_fail(eng, ENG_NO_MEMORY);
    }
    value->has_chunk = false;
    if (!fresh) {
        status =
                chunk_read(eng, key_make(value->id, number), 0, value->data, ENG_CHUNK_SIZE, &used);
        if (status == ENG_OK && used > ENG_CHUNK_SIZE)
            status = eng_fail(eng, ENG_CORRUPT);
        if (status != ENG_OK)
            return status;
    }
    value->has_chunk = true;
    value->number = number;
    value->used = used;
    return ENG_OK;
}

/* --- new, read, write ----------------------------------------------------------------------- */

enum eng_status eng_value_new(struct eng *eng, uint64_t *out_id)
{
    uint64_t id = 0;
    enum eng_status status;

    *out_id = 0;
    status = eng_id_new(eng, &id);
    if (status != ENG_OK)
        return status;
    status = op_write_soft(eng);
    if (status != ENG_OK)
        return status;
    status = op_end(eng, query_do2(eng, STMT_VALUE_INSERT, id, eng->token));
    if (status != ENG_OK)
        return status;
    eng->made_values = true;
    *out_id = id;
    if (eng->has_dead_values && eng->depth == 0)
        (void)values_reap(eng, REAP_SOME);
    return ENG_OK;
}

/* One piece, within one chunk. */
static enum eng_status read_piece(
        struct eng *eng, uint64_t id, uint64_t offset, uint8_t *data, size_t size)
{
    struct value_cache *value = &eng->value;
    uint32_t number = (uint32_t)(offset / ENG_CHUNK_SIZE);
    size_t start = (size_t)(offset % ENG_CHUNK_SIZE);
    size_t used;
    enum eng_status status;

    if (value->id == id && size < SMALL_READ && !value_is_dirty(eng)) {
        status = keep_chunk(eng, number, false);
        if (status != ENG_OK)
            return status;
    }
    if (value->id == id && value->has_chunk && value->number == number) {
        size_t some = value->used > start ? msp_min(value->used - start, size) : 0;

        if (some > 0)
            memcpy(data, value->data + start, some);
        memset(data + some, 0, size - some);
        return ENG_OK;
    }
    return chunk_read(eng, key_make(id, number), start, data, size, &used);
}

static enum eng_status read_pieces(
        struct eng *eng, uint64_t id, uint64_t offset, uint8_t *data, size_t size, size_t *out_read)
{
    struct value_cache *value = &eng->value;
    struct value_row row = { .size = value->size };
    enum eng_status status = ENG_OK;
    size_t done = 0;

    if (value->id != id) {
        /* A reader does not write: what is kept of another value and dirty stays. */
        status = value_is_dirty(eng) ? row_get(eng, id, &row) : keep_value(eng, id);
        if (status != ENG_OK)
            return status;
        if (value->id == id)
            row.size = value->size;
    }
    if (offset >= row.size)
        return ENG_OK;
    if (size > row.size - offset)
        size = (size_t)(row.size - offset);
    while (status == ENG_OK && done < size) {
        size_t some = ENG_CHUNK_SIZE - (size_t)((offset + done) % ENG_CHUNK_SIZE);

        some = msp_min(some, size - done);
        status = read_piece(eng, id, offset + done, data + done, some);
        if (status == ENG_OK)
            status = op_check(eng);
        done += some;
    }
    if (status == ENG_OK)
        *out_read = done;
    return status;
}

enum eng_status eng_value_read(
        struct eng *eng, uint64_t id, uint64_t offset, void *data, size_t size, size_t *out_read)
{
    enum eng_status status;

    *out_read = 0;
    if (!id_is_good(id))
        return eng_fail(eng, ENG_NOT_FOUND);
    /* A value with an owner never changes, so what is kept of it needs no snapshot. */
    if (eng->value.id == id && eng->value.has_chunk && size < SMALL_READ) {
        status = op_peek(eng);
        return status == ENG_OK ? read_pieces(eng, id, offset, data, size, out_read) : status;
    }
    status = op_read(eng);
    if (status != ENG_OK)
        return status;
    return op_end(eng, read_pieces(eng, id, offset, data, size, out_read));
}

/* Loads a value for writing. */
static enum eng_status keep_for_write(struct eng *eng, uint64_t id)
{
    enum eng_status status;

    if (eng->is_read_only)
        return eng_fail(eng, ENG_READ_ONLY);
    if (!id_is_good(id))
        return eng_fail(eng, ENG_NOT_FOUND);
    status = keep_value(eng, id);
    if (status == ENG_OK && !eng->value.is_writable)
        status = eng_failf(eng, ENG_DENIED, "A saved value cannot be changed.");
    return status;
}

static enum eng_status write_piece(
        struct eng *eng, uint64_t offset, const uint8_t *data, size_t size)
{
    struct value_cache *value = &eng->value;
    size_t start = (size_t)(offset % ENG_CHUNK_SIZE);
    uint64_t chunk_begin = offset - start;
    bool fresh = start == 0 && (size == ENG_CHUNK_SIZE || chunk_begin + size >= value->size);
    enum eng_status status;

    /* A chunk that begins at or beyond the end has no row: eng_value_resize() sees to that. */
    status = keep_chunk(
            eng, (uint32_t)(offset / ENG_CHUNK_SIZE), fresh || chunk_begin >= value->size);
    if (status != ENG_OK)
        return status;
    if (start > value->used)
        memset(value->data + value->used, 0, start - value->used);
    memcpy(value->data + start, data, size);
    value->used = msp_max(value->used, start + size);
    value->chunk_is_dirty = true;
    if (offset + size > value->size) {
        value->size = offset + size;
        value->size_is_dirty = true;
    }
    return ENG_OK;
}

enum eng_status eng_value_write(
        struct eng *eng, uint64_t id, uint64_t offset, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    enum eng_status status = op_peek(eng);

    if (status != ENG_OK)
        return status;
    if (offset > ENG_MAX_VALUE_SIZE || size > ENG_MAX_VALUE_SIZE - offset)
        return eng_failf(eng, ENG_FULL, "The value is too large for a message store.");
    status = keep_for_write(eng, id);
    while (status == ENG_OK && size > 0) {
        size_t some = msp_min(size, ENG_CHUNK_SIZE - (size_t)(offset % ENG_CHUNK_SIZE));

        status = write_piece(eng, offset, bytes, some);
        offset += some;
        bytes += some;
        size -= some;
    }
    return status;
}

/* Cuts the kept value: chunks beyond the end go, the last one loses its tail. */
static enum eng_status cut(struct eng *eng, uint64_t size)
{
    struct value_cache *value = &eng->value;
    size_t tail = (size_t)(size % ENG_CHUNK_SIZE);
    uint32_t number = (uint32_t)(size / ENG_CHUNK_SIZE);
    enum eng_status status = make_room(eng);

    if (status == ENG_OK && tail > 0)
        status = keep_chunk(eng, number, false);
    if (status != ENG_OK)
        return status;
    if (tail > 0) {
        if (value->used > tail) {
            value->used = tail;
            value->chunk_is_dirty = true;
        }
        number++;
    } else {
        value->has_chunk = false;
    }
    status = op_write_soft(eng);
    if (status != ENG_OK)
        return status;
    status = query_do2(
            eng, STMT_STREAM_DELETE, key_make(value->id, number), key_make(value->id + 1, 0));
    if (status == ENG_OK) {
        value->size = size;
        value->size_is_dirty = true;
        status = value_flush(eng);
    }
    return op_end(eng, status);
}

enum eng_status eng_value_resize(struct eng *eng, uint64_t id, uint64_t size)
{
    struct value_cache *value = &eng->value;
    enum eng_status status = op_peek(eng);

    if (status != ENG_OK)
        return status;
    if (size > ENG_MAX_VALUE_SIZE)
        return eng_failf(eng, ENG_FULL, "The value is too large for a message store.");
    status = keep_for_write(eng, id);
    if (status != ENG_OK || size == value->size)
        return status;
    if (size < value->size)
        return cut(eng, size);
    value->size = size; /* what is missing reads as zeros */
    value->size_is_dirty = true;
    return ENG_OK;
}

enum eng_status eng_value_size(struct eng *eng, uint64_t id, uint64_t *out_size)
{
    struct value_row row;
    enum eng_status status = op_peek(eng);

    *out_size = 0;
    if (status != ENG_OK)
        return status;
    if (eng->value.id == id && id != 0) {
        *out_size = eng->value.size;
        return ENG_OK;
    }
    status = row_get(eng, id, &row);
    if (status == ENG_OK)
        *out_size = row.size;
    return status;
}

/* --- copy, free, removal -------------------------------------------------------------------- */

/* Copies the rows of some chunks in one transaction. */
static enum eng_status copy_chunks(
        struct eng *eng, uint64_t from, uint64_t to, uint32_t first, uint32_t end)
{
    enum eng_status status = op_write_soft(eng);

    if (status != ENG_OK)
        return status;
    for (uint32_t number = first; status == ENG_OK && number < end; number++) {
        status = query_do2(eng, STMT_STREAM_COPY, key_make(to, number), key_make(from, number));
        eng->op_bytes += ENG_CHUNK_SIZE;
    }
    return op_end(eng, status);
}

enum eng_status eng_value_copy(struct eng *eng, uint64_t id, uint64_t *out_id)
{
    uint64_t size = 0;
    uint64_t copy = 0;
    struct value_row row;
    uint32_t chunks;
    enum eng_status status = op_peek(eng);

    *out_id = 0;
    if (status == ENG_OK)
        status = make_room(eng);
    if (status == ENG_OK)
        status = eng_value_size(eng, id, &size);
    if (status == ENG_OK)
        status = eng_value_new(eng, &copy);
    if (status != ENG_OK)
        return status;
    chunks = (uint32_t)((size + ENG_CHUNK_SIZE - 1) / ENG_CHUNK_SIZE);
    for (uint32_t first = 0; status == ENG_OK && first < chunks; first += COPY_CHUNKS) {
        uint32_t end = chunks - first < COPY_CHUNKS ? chunks : first + COPY_CHUNKS;

        status = copy_chunks(eng, id, copy, first, end);
    }
    if (status == ENG_OK)
        status = eng_value_resize(eng, copy, size);
    if (status == ENG_OK) /* a value deleted on the way would have left zeros */
        status = row_get(eng, id, &row);
    if (status == ENG_OK) {
        *out_id = copy;
    } else {
        struct eng_error error = eng->error;

        (void)eng_value_free(eng, copy);
        eng->error = error;
    }
    return status;
}

enum eng_status eng_value_copy_part(struct eng *eng, uint64_t from, uint64_t to, uint64_t offset)
{
    uint32_t first = (uint32_t)(offset / ENG_CHUNK_SIZE);
    uint64_t size = 0;
    uint64_t end;
    struct value_row row;
    enum eng_status status = op_peek(eng);

    if (status == ENG_OK)
        status = make_room(eng);
    if (status == ENG_OK)
        status = row_get(eng, from, &row);
    if (status == ENG_OK)
        size = row.size;
    if (status == ENG_OK && (offset % ENG_COPY_PART != 0 || offset > size))
        status = eng_fail(eng, ENG_INVALID);
    if (status == ENG_OK)
        status = keep_for_write(eng, to);
    if (status != ENG_OK)
        return status;
    end = size - offset > ENG_COPY_PART ? offset + ENG_COPY_PART : size;
    status = copy_chunks(
            eng, from, to, first, (uint32_t)((end + ENG_CHUNK_SIZE - 1) / ENG_CHUNK_SIZE));
    if (status == ENG_OK)
        status = eng_value_resize(eng, to, end);
    if (status == ENG_OK)
        status = op_check(eng);
    if (status == ENG_OK) /* a value deleted on the way would have left zeros */
        status = row_get(eng, from, &row);
    return status;
}

/* The kept value is about to go; what is dirty of it need not be written. */
static void unkeep(struct eng *eng, uint64_t id)
{
    struct value_cache *value = &eng->value;

    if (value->id != id)
        return;
    value->id = 0;
    value->has_chunk = false;
    value->chunk_is_dirty = false;
    value->size_is_dirty = false;
}

/* Removes a value: at once, or later when it is large. */
static enum eng_status drop(struct eng *eng, uint64_t id, uint64_t size)
{
    enum eng_status status;

    unkeep(eng, id);
    if (!id_is_good(id)) /* only in a damaged file: no key can be made of it */
        return query_do1(eng, STMT_VALUE_DELETE, id);
    if (size > (uint64_t)DELETE_DIRECTLY_CHUNKS * ENG_CHUNK_SIZE) {
        eng->has_dead_values = true;
        return query_do1(eng, STMT_VALUE_BURY, id);
    }
    status = query_do2(eng, STMT_STREAM_DELETE, key_make(id, 0), key_make(id + 1, 0));
    return status == ENG_OK ? query_do1(eng, STMT_VALUE_DELETE, id) : status;
}

void value_give_up(struct eng *eng)
{
    if (eng->value.is_writable)
        unkeep(eng, eng->value.id);
}

enum eng_status eng_value_free(struct eng *eng, uint64_t id)
{
    struct value_row row;
    enum eng_status status;

    if (eng->value.id == id)
        unkeep(eng, id);
    status = op_write_soft(eng);
    if (status != ENG_OK)
        return status;
    status = row_get(eng, id, &row);
    if (status == ENG_OK && (!row.has_token || row.token != eng->token))
        status = eng_failf(eng, ENG_DENIED, "A saved value cannot be given up.");
    if (status == ENG_OK)
        status = drop(eng, id, row.size);
    status = op_end(eng, status);
    if (status == ENG_OK && eng->has_dead_values && eng->depth == 0)
        (void)values_reap(eng, REAP_SOME);
    return status;
}

/* Removes some chunks of one dead value, and the value when that was the rest; adds up chunks. */
static enum eng_status reap_one(struct eng *eng, unsigned *chunks)
{
    struct eng_query query;
    uint64_t id = 0;
    unsigned gone;
    enum eng_status status;

    query_begin(&query, eng, STMT_VALUE_DEAD);
    if (query_row(&query))
        id = query_col(&query, 0);
    status = query_end(&query);
    if (status != ENG_OK || id == 0) {
        if (status == ENG_OK)
            eng->has_dead_values = false;
        return status;
    }
    query_begin(&query, eng, STMT_STREAM_DELETE_SOME);
    query_u64(&query, key_make(id, 0));
    query_u64(&query, key_make(id + 1, 0));
    query_u64(&query, COPY_CHUNKS);
    status = query_run(&query);
    if (status != ENG_OK)
        return status;
    gone = (unsigned)query_changes(eng);
    *chunks += gone + 1;
    if (gone < COPY_CHUNKS)
        status = query_do1(eng, STMT_VALUE_DELETE, id);
    return status;
}

enum eng_status values_reap(struct eng *eng, unsigned chunks)
{
    enum eng_status status = ENG_OK;
    unsigned done = 0;

    while (status == ENG_OK && eng->has_dead_values && done < chunks) {
        status = op_write_soft(eng);
        if (status == ENG_OK)
            status = op_end(eng, reap_one(eng, &done));
    }
    return status;
}

enum eng_status values_bury_token(struct eng *eng)
{
    enum eng_status status = op_write_soft(eng);

    if (status != ENG_OK)
        return status;
    status = op_end(eng, query_do1(eng, STMT_VALUE_BURY_TOKEN, eng->token));
    if (status == ENG_OK)
        eng->has_dead_values = true;
    return status;
}

/* --- ownership ------------------------------------------------------------------------------ */

/* Whether a record names a value. */
static bool names_value(const void *packed, size_t packed_size, uint64_t id)
{
    size_t count = packed_count(packed, packed_size);

    for (size_t i = 0; i < count; i++) {
        struct bag_value item;
        struct bag_large large;

        packed_at(packed, packed_size, i, &item);
        if ((item.flags & BAG_LARGE) != 0 && bag_large_get(&item, &large) && large.id == id)
            return true;
    }
    return false;
}

static enum eng_status adopt(struct eng *eng, uint64_t owner, uint64_t id)
{
    struct eng_query query;
    enum eng_status status;

    if (eng->value.damaged == id || values_group_has_lost(eng, id))
        return eng_failf(eng, ENG_IO, "A large value was lost before it could be saved.");
    if (eng->value.id == id) {
        status = value_flush(eng);
        if (status != ENG_OK)
            return status;
    }
    query_begin(&query, eng, STMT_VALUE_ADOPT);
    query_u64(&query, owner);
    query_u64(&query, id);
    query_u64(&query, eng->token);
    status = query_run(&query);
    if (status == ENG_OK && query_changes(eng) != 1)
        status = eng_failf(eng, ENG_INVALID, "A large value does not exist or is owned already.");
    if (status == ENG_OK && eng->value.id == id)
        eng->value.is_writable = false;
    return status;
}

static enum eng_status disown(struct eng *eng, uint64_t owner, uint64_t id)
{
    struct value_row row;
    enum eng_status status = row_get(eng, id, &row);

    if (status == ENG_NOT_FOUND || (status == ENG_OK && row.owner != owner))
        return ENG_OK; /* a damaged record names what is not its own */
    return status == ENG_OK ? drop(eng, id, row.size) : status;
}

enum eng_status values_change(struct eng *eng, uint64_t owner, const void *before,
        size_t before_size, const void *now, size_t now_size)
{
    size_t count = packed_count(now, now_size);
    enum eng_status status = ENG_OK;
    struct bag_value item;
    struct bag_large large;

    for (size_t i = 0; status == ENG_OK && i < count; i++) {
        packed_at(now, now_size, i, &item);
        if ((item.flags & BAG_LARGE) == 0)
            continue;
        if (!bag_large_get(&item, &large))
            return eng_fail(eng, ENG_INVALID);
        if (!names_value(before, before_size, large.id))
            status = adopt(eng, owner, large.id);
    }
    count = packed_count(before, before_size);
    for (size_t i = 0; status == ENG_OK && i < count; i++) {
        packed_at(before, before_size, i, &item);
        if ((item.flags & BAG_LARGE) != 0 && bag_large_get(&item, &large) &&
                !names_value(now, now_size, large.id))
            status = disown(eng, owner, large.id);
    }
    return status;
}

enum eng_status values_drop_owner(struct eng *eng, uint64_t owner)
{
    enum eng_status status = ENG_OK;

    while (status == ENG_OK) {
        struct eng_query query;
        uint64_t id = 0;
        uint64_t size = 0;

        query_begin(&query, eng, STMT_VALUE_OF_OWNER);
        query_u64(&query, owner);
        if (query_row(&query)) {
            id = query_col(&query, 0);
            size = query_col(&query, 1);
        }
        status = query_end(&query);
        if (status != ENG_OK || id == 0)
            break;
        status = drop(eng, id, size);
    }
    return status;
}
