/* SPDX-License-Identifier: MIT */
/*
 * eng_column_store.c - columns in the file: read in a tenth of the time that their rows take.
 *
 * Saves never touch them. They are right up to a number of the journal, which tells what has
 * changed since, and are written anew by a reader when that has become much. A part whose bytes are
 * in the file already is not written again: where segments end depends on the rows in them, so what
 * has not changed is the same bytes.
 *
 * Writing happens between transactions of the caller, in some of its own (a long one would keep
 * other writers waiting), never waits for anybody, and nobody is told when it fails. The directory
 * comes last: parts without one are nothing. What is read is not trusted: with any doubt the rows
 * are read instead.
 *
 * Locks: none of its own; see eng.h.
 */
#include <string.h>

#include "engine/eng_column.h"
#include "util/alloc.h"

enum {
    SLICE_BYTES = 8 * 1024 * 1024, /* written in one transaction, about */
    MAX_STALE = 200000,            /* rows that the journal can account for, generously */
    MAX_TEXTS = 64 * 1024 * 1024,  /* bytes of a part; a place with longer ones is not stored */
    MANY_BYTES = 8 * 1024 * 1024   /* of all parts: they do not go through the usual cache */
};

#define CACHE_SMALL "PRAGMA cache_size=-1024"

static bool has_tables(const struct eng *eng)
{
    return (eng->format & 0xFFFF) >= 1;
}

/* --- reading -------------------------------------------------------------------------------- */

/* Damage of what is derived is no failure: *out_found is false then. */
static enum eng_status judge(struct eng *eng, enum eng_status status, bool *out_found)
{
    *out_found = status == ENG_OK;
    if (status == ENG_OK || status == ENG_CORRUPT || status == ENG_INVALID ||
            status == ENG_NOT_FOUND)
        return ENG_OK;
    return status == eng->error.status ? status : eng_fail(eng, status);
}

/* Reads the directory of a place; ENG_NOT_FOUND, ENG_CORRUPT. */
static enum eng_status head_read(struct eng *eng, uint64_t place, struct column_head *head)
{
    enum eng_status status = ENG_NOT_FOUND;
    struct eng_query query;

    query_begin(&query, eng, STMT_VIEW_HEAD);
    query_u64(&query, place);
    if (query_row(&query)) {
        struct eng_text directory = query_col_text(&query, 2);

        head->state.number = query_col(&query, 0);
        head->state.repaired = query_col(&query, 1);
        status = directory.data != NULL
                         ? column_head_unpack(head, place, directory.data, directory.size)
                         : ENG_CORRUPT;
    }
    if (query_end(&query) != ENG_OK)
        return query.status;
    return status;
}

/* Reads parts through one handle into one buffer. */
struct part_reader {
    struct eng *eng;
    sqlite3_blob *blob; /* NULL until the first part */
    struct msp_buf bytes;
};

static enum eng_status part_open(struct part_reader *reader, uint64_t id)
{
    struct eng *eng = reader->eng;
    int code;

    if (reader->blob != NULL)
        code = sqlite3_blob_reopen(reader->blob, (sqlite3_int64)id);
    else
        code = sqlite3_blob_open(
                eng->db, "main", "viewcol", "data", (sqlite3_int64)id, 0, &reader->blob);
    if (code == SQLITE_ERROR)
        return ENG_NOT_FOUND;
    return code == SQLITE_OK ? ENG_OK : eng_fail_sqlite(eng, sqlite3_extended_errcode(eng->db));
}

static enum eng_status part_read(struct part_reader *reader, uint64_t place,
        const struct column_segment *segment, int part, struct column_set *set)
{
    const struct column_part *wanted = &segment->parts[part];
    enum eng_status status = op_check(reader->eng);
    uint8_t *bytes;

    if (status == ENG_OK)
        status = part_open(reader, wanted->id);
    if (status != ENG_OK)
        return status;
    if ((uint32_t)sqlite3_blob_bytes(reader->blob) != wanted->size)
        return ENG_CORRUPT;
    msp_buf_clear(&reader->bytes);
    bytes = msp_buf_extend(&reader->bytes, wanted->size);
    if (bytes == NULL)
        return ENG_NO_MEMORY;
    if (sqlite3_blob_read(reader->blob, bytes, (int)wanted->size, 0) != SQLITE_OK)
        return eng_fail_sqlite(reader->eng, sqlite3_extended_errcode(reader->eng->db));
    if (column_sum(bytes, wanted->size, place) != wanted->sum)
        return ENG_CORRUPT;
    return column_part_unpack(set, segment->rows, part, bytes, wanted->size);
}

/* How many bytes are about to be read. */
static uint64_t parts_size(const struct column_head *head, uint32_t has)
{
    uint64_t size = 0;

    for (size_t i = 0; i < head->segments.count; i++) {
        const struct column_segment *segment =
                MSP_ARRAY_AT(struct column_segment, &head->segments, i);

        for (int part = 0; part < COLUMN_PARTS; part++)
            size += (has >> part & 1) != 0 ? segment->parts[part].size : 0;
    }
    return size;
}

/* Parts are read once. In the usual cache they would take the place of what is read again, and half
 * of the time would go into memory that is new; in a small one a few pages go round. Not while
 * something is written: changed pages have to stay. */
static void shrink_cache(struct eng *eng)
{
    if (!eng->is_writing && !eng->is_bulk)
        eng->has_small_cache = sqlite3_exec(eng->db, CACHE_SMALL, NULL, NULL, NULL) == SQLITE_OK;
}

void columns_restore_cache(struct eng *eng)
{
    if (eng->has_small_cache && sqlite3_exec(eng->db, CACHE_USUAL, NULL, NULL, NULL) == SQLITE_OK)
        eng->has_small_cache = false;
}

/* Reads some segments into a new set. */
static enum eng_status some_segments_read(struct eng *eng, uint64_t place,
        const struct column_segment *segments, size_t count, struct column_set *set)
{
    struct part_reader reader = { .eng = eng };
    enum eng_status status;
    size_t rows = 0;

    for (size_t i = 0; i < count; i++)
        rows += segments[i].rows;
    status = column_set_reserve(set, rows);
    for (size_t i = 0; status == ENG_OK && i < count; i++) {
        const struct column_segment *segment = &segments[i];

        for (int part = 0; status == ENG_OK && part < COLUMN_PARTS; part++) {
            if ((set->has >> part & 1) != 0)
                status = part_read(&reader, place, segment, part, set);
        }
        if (status == ENG_OK)
            set->count += segment->rows;
    }
    if (reader.blob != NULL)
        (void)sqlite3_blob_close(reader.blob);
    msp_buf_free(&reader.bytes);
    if (status == ENG_OK && !column_set_is_sorted(set))
        status = ENG_CORRUPT;
    return status;
}

static enum eng_status segments_read(
        struct eng *eng, uint64_t place, const struct column_head *head, struct column_set *set)
{
    enum eng_status status;

    if (parts_size(head, set->has) >= MANY_BYTES)
        shrink_cache(eng);
    status = some_segments_read(eng, place, MSP_ARRAY_ITEMS(struct column_segment, &head->segments),
            head->segments.count, set);
    columns_restore_cache(eng);
    return status;
}

enum eng_status columns_segments_read(struct eng *eng, uint64_t place,
        const struct column_head *head, size_t first, size_t count, struct column_set *set,
        bool *out_good)
{
    enum eng_status status = judge(eng,
            some_segments_read(eng, place,
                    MSP_ARRAY_AT(struct column_segment, &head->segments, first), count, set),
            out_good);

    if (!*out_good)
        column_set_free(set);
    return status;
}

enum eng_status columns_head_state(
        struct eng *eng, uint64_t place, struct column_state *out, bool *out_found)
{
    struct eng_query query;

    *out_found = false;
    if (!has_tables(eng))
        return ENG_OK;
    query_begin(&query, eng, STMT_VIEW_HEAD);
    query_u64(&query, place);
    if (query_row(&query)) {
        out->number = query_col(&query, 0);
        out->repaired = query_col(&query, 1);
        *out_found = true;
    }
    return query_end(&query);
}

enum eng_status columns_head_read(
        struct eng *eng, uint64_t place, struct column_head *head, bool *out_good)
{
    return judge(eng, head_read(eng, place, head), out_good);
}

/* Whether a directory can be of use; `rows` is what the place has now. */
static bool is_usable(const struct column_head *head, const struct column_state *state,
        uint32_t wanted, uint64_t rows)
{
    return (wanted & ~head->has) == 0 && head->state.repaired == state->repaired &&
           head->state.number <= state->number && head->rows <= rows + MAX_STALE;
}

enum eng_status columns_stored_read(struct eng *eng, uint64_t place, uint32_t wanted, uint64_t old,
        const struct column_state *state, struct column_stored *out, struct column_set *set)
{
    struct column_head head;
    bool found = false;
    uint64_t rows = 0;
    enum eng_status status;

    memset(out, 0, sizeof(*out));
    column_set_init(set, wanted);
    if (!has_tables(eng))
        return ENG_OK;
    column_head_init(&head);
    status = judge(eng, head_read(eng, place, &head), &found);
    if (status == ENG_OK && found)
        status = columns_count(eng, place, &rows);
    if (status == ENG_OK && found && is_usable(&head, state, set->has, rows)) {
        if (state->number - head.state.number >= old)
            set->has |= head.has & ENG_COLUMN_ALL;
        status = judge(eng, segments_read(eng, place, &head, set), &out->is_there);
        if (out->is_there)
            out->number = head.state.number;
        out->has = head.has;
    }
    column_head_free(&head);
    if (status == ENG_OK && out->is_there && out->number != state->number)
        status = columns_patch(eng, place, out->number, set, &out->is_right);
    else
        out->is_right = out->is_there;
    if (status == ENG_OK && out->is_right && set->count != rows)
        out->is_there = out->is_right = false;
    if (status != ENG_OK || !out->is_right)
        column_set_free(set);
    return status;
}

/* --- writing -------------------------------------------------------------------------------- */

/* What is being written. */
struct storing {
    struct eng *eng;
    uint64_t place;
    const struct column_set *set;
    size_t segment_rows;
    struct column_head old;  /* what is there already */
    struct column_head head; /* what will be */
    struct msp_buf bytes;
    uint64_t next_id; /* of a part; 0: not known in this transaction */
    size_t written;   /* bytes in this transaction */
};

/* A transaction of our own, which gives up at once when somebody else writes. It is no harm when a
 * power cut takes it along, so it need not be durable. */
static enum eng_status store_begin(struct storing *storing)
{
    struct eng *eng = storing->eng;
    uint32_t busy_ms = eng->busy_ms;
    enum eng_status status = txn_set_sync(eng, SYNC_NORMAL);

    storing->next_id = 0;
    storing->written = 0;
    if (status != ENG_OK)
        return status;
    eng->busy_ms = 0;
    status = txn_begin(eng, STMT_BEGIN_WRITE);
    eng->busy_ms = busy_ms;
    return status;
}

static enum eng_status store_end(struct storing *storing, enum eng_status status)
{
    struct eng *eng = storing->eng;

    if (!eng->has_sql_txn)
        return status;
    if (status == ENG_OK)
        status = txn_control(eng, STMT_COMMIT);
    if (!sqlite3_get_autocommit(eng->db))
        (void)txn_control(eng, STMT_ROLLBACK);
    eng->has_sql_txn = false;
    return status;
}

/* Whether a part is in the file already. */
static uint64_t find_part(
        const struct storing *storing, const struct column_segment *segment, int part)
{
    const struct column_part *wanted = &segment->parts[part];

    for (size_t i = 0; i < storing->old.segments.count; i++) {
        const struct column_segment *old =
                MSP_ARRAY_AT(struct column_segment, &storing->old.segments, i);

        if (old->parts[part].sum == wanted->sum && old->parts[part].size == wanted->size &&
                old->rows == segment->rows)
            return old->parts[part].id;
    }
    return 0;
}

static enum eng_status add_part(struct storing *storing, uint64_t *out_id)
{
    struct eng *eng = storing->eng;
    struct eng_query query;

    if (storing->next_id == 0) {
        query_begin(&query, eng, STMT_VIEW_PART_LAST);
        if (query_row(&query))
            storing->next_id = query_col(&query, 0) + 1;
        if (query_end(&query) != ENG_OK)
            return query.status;
    }
    query_begin(&query, eng, STMT_VIEW_PART_ADD);
    query_u64(&query, storing->next_id);
    query_u64(&query, storing->place);
    query_blob(&query, storing->bytes.data, storing->bytes.size);
    *out_id = storing->next_id++;
    storing->written += storing->bytes.size;
    return query_run(&query);
}

static size_t text_size(const struct column_set *set, size_t first, size_t rows, int part)
{
    const struct column_text *text = &set->texts[part - COLUMN_NUMBERS];

    return column_text_begin(text, first + rows) - column_text_begin(text, first);
}

static enum eng_status store_segment(struct storing *storing, size_t first, size_t rows)
{
    struct column_segment segment = { .rows = (uint32_t)rows };
    enum eng_status status = op_check(storing->eng);

    for (int i = 0; status == ENG_OK && i < COLUMN_PARTS; i++) {
        struct column_part *part = &segment.parts[i];

        if ((storing->set->has >> i & 1) == 0)
            continue;
        if (i >= COLUMN_NUMBERS && text_size(storing->set, first, rows, i) > MAX_TEXTS)
            return ENG_INVALID;
        msp_buf_clear(&storing->bytes);
        column_part_pack(storing->set, first, rows, i, &storing->bytes);
        if (storing->bytes.failed)
            return ENG_NO_MEMORY;
        part->size = (uint32_t)storing->bytes.size;
        part->sum = column_sum(storing->bytes.data, storing->bytes.size, storing->place);
        part->id = find_part(storing, &segment, i);
        if (part->id == 0)
            status = add_part(storing, &part->id);
    }
    if (status == ENG_OK && msp_array_push(&storing->head.segments, &segment) == NULL)
        status = ENG_NO_MEMORY;
    return status;
}

/* All segments, in as many transactions as they take; the last one stays open. */
static enum eng_status store_segments(struct storing *storing)
{
    enum eng_status status = ENG_OK;
    size_t first = 0;

    while (status == ENG_OK && first < storing->set->count) {
        size_t end = column_segment_end(storing->set, first, storing->segment_rows);

        if (storing->written >= SLICE_BYTES) {
            status = store_end(storing, ENG_OK);
            if (status == ENG_OK)
                status = store_begin(storing);
        }
        if (status == ENG_OK)
            status = store_segment(storing, first, end - first);
        first = end;
    }
    return status;
}

/* The ids of all parts that the new directory names, in order. Segments may share one. */
static bool named_ids(const struct storing *storing, struct msp_array *ids)
{
    for (size_t i = 0; i < storing->head.segments.count; i++) {
        const struct column_segment *segment =
                MSP_ARRAY_AT(struct column_segment, &storing->head.segments, i);

        for (int part = 0; part < COLUMN_PARTS; part++) {
            if (segment->parts[part].id != 0 &&
                    msp_array_push(ids, &segment->parts[part].id) == NULL)
                return false;
        }
    }
    column_sort_ids(ids);
    return true;
}

/* The ids of all parts of the place that are in the file, in order. */
static enum eng_status stored_ids(const struct storing *storing, struct msp_array *ids)
{
    enum eng_status status = ENG_OK;
    struct eng_query query;

    query_begin(&query, storing->eng, STMT_VIEW_PART_IDS);
    query_u64(&query, storing->place);
    while (status == ENG_OK && query_row(&query)) {
        uint64_t id = query_col(&query, 0);

        if (msp_array_push(ids, &id) == NULL)
            status = ENG_NO_MEMORY;
    }
    return query_end(&query) != ENG_OK ? query.status : status;
}

/* Removes parts that nobody names; those that are named must be there, or somebody else has written
 * this place in between. */
static enum eng_status remove_others(const struct storing *storing)
{
    struct msp_array named = MSP_ARRAY_INIT(uint64_t);
    struct msp_array stored = MSP_ARRAY_INIT(uint64_t);
    enum eng_status status = ENG_NO_MEMORY;
    size_t met = 0;

    if (named_ids(storing, &named))
        status = stored_ids(storing, &stored);
    for (size_t i = 0; status == ENG_OK && i < stored.count; i++) {
        uint64_t id = *MSP_ARRAY_AT(uint64_t, &stored, i);

        if (met < named.count && *MSP_ARRAY_AT(uint64_t, &named, met) == id)
            met++;
        else
            status = query_do1(storing->eng, STMT_VIEW_PART_DELETE, id);
    }
    if (status == ENG_OK && met != named.count)
        status = ENG_BUSY;
    msp_array_free(&named);
    msp_array_free(&stored);
    return status;
}

static enum eng_status store_head(struct storing *storing)
{
    struct eng_query query;

    column_head_pack(&storing->head, storing->place, &storing->bytes);
    if (storing->bytes.failed)
        return ENG_NO_MEMORY;
    query_begin(&query, storing->eng, STMT_VIEW_HEAD_SET);
    query_u64(&query, storing->place);
    query_u64(&query, storing->head.state.number);
    query_u64(&query, storing->head.state.repaired);
    query_blob(&query, storing->bytes.data, storing->bytes.size);
    return query_run(&query);
}

enum eng_status columns_store(struct eng *eng, uint64_t place, const struct column_set *set,
        const struct column_state *state, bool reuse, size_t segment_rows)
{
    struct storing storing = { .eng = eng, .place = place, .set = set };
    enum eng_status status;
    bool found;

    if (!has_tables(eng))
        return ENG_READ_ONLY;
    storing.segment_rows = segment_rows;
    column_head_init(&storing.old);
    column_head_init(&storing.head);
    storing.head.state = *state;
    storing.head.has = set->has;
    status = store_begin(&storing);
    if (status == ENG_OK && reuse) {
        status = judge(eng, head_read(eng, place, &storing.old), &found);
        if (!found)
            column_head_free(&storing.old);
    }
    if (status == ENG_OK)
        status = store_segments(&storing);
    if (status == ENG_OK)
        status = remove_others(&storing);
    if (status == ENG_OK)
        status = store_head(&storing);
    status = store_end(&storing, status);
    column_head_free(&storing.old);
    column_head_free(&storing.head);
    msp_buf_free(&storing.bytes);
    return status;
}

/* --- removing and checking ------------------------------------------------------------------ */

static enum eng_status remove_place(struct eng *eng, uint64_t place)
{
    enum eng_status status = query_do1(eng, STMT_VIEW_HEAD_DELETE, place);

    return status == ENG_OK ? query_do1(eng, STMT_VIEW_PLACE_DELETE, place) : status;
}

enum eng_status columns_remove(struct eng *eng, uint64_t folder)
{
    enum eng_status status;

    if (!has_tables(eng))
        return ENG_OK;
    status = remove_place(eng, folder << 1);
    return status == ENG_OK ? remove_place(eng, folder << 1 | 1) : status;
}

static bool same_text(const struct column_text *a, const struct column_text *b, size_t count)
{
    size_t size = column_text_begin(a, count);

    if (size != column_text_begin(b, count) || memcmp(a->bytes, b->bytes, size) != 0 ||
            memcmp(a->ends, b->ends, count * sizeof(*a->ends)) != 0)
        return false;
    for (size_t row = 0; row < count; row++) {
        if (column_is_absent(a, row) != column_is_absent(b, row))
            return false;
    }
    return true;
}

static bool same_rows(const struct column_set *a, const struct column_set *b)
{
    if (a->count != b->count)
        return false;
    for (int i = 0; i < COLUMN_NUMBERS; i++) {
        if (a->numbers[i] != NULL && memcmp(a->numbers[i], b->numbers[i],
                                             a->count * column_width((enum column_kind)i)) != 0)
            return false;
    }
    for (int i = 0; i < COLUMN_TEXTS; i++) {
        if ((a->has & column_text_bit(i)) != 0 && !same_text(&a->texts[i], &b->texts[i], a->count))
            return false;
    }
    return true;
}

/* Compares what is stored of a place with its rows. What is out of date is not damaged. */
static enum eng_status check_place(
        struct eng *eng, uint64_t place, const struct column_state *state, bool *out_good)
{
    struct column_set stored;
    struct column_set rows;
    struct column_head head;
    bool is_current = false;
    enum eng_status status;

    column_head_init(&head);
    column_set_init(&rows, 0);
    status = judge(eng, head_read(eng, place, &head), out_good);
    column_set_init(&stored, head.has & ENG_COLUMN_ALL);
    if (status == ENG_OK && *out_good)
        status = judge(eng, segments_read(eng, place, &head, &stored), out_good);
    if (status == ENG_OK && *out_good && is_usable(&head, state, stored.has, UINT32_MAX))
        status = columns_patch(eng, place, head.state.number, &stored, &is_current);
    if (status == ENG_OK && is_current) {
        status = columns_read(eng, place, stored.has, &rows);
        *out_good = status == ENG_OK && same_rows(&stored, &rows);
    }
    column_head_free(&head);
    column_set_free(&stored);
    column_set_free(&rows);
    return status;
}

enum eng_status columns_check(struct eng *eng, bool repair, uint64_t *out_damaged)
{
    struct column_state state;
    uint64_t place = 0;
    enum eng_status status;

    *out_damaged = 0;
    if (!has_tables(eng))
        return ENG_OK;
    status = columns_state(eng, &state);
    while (status == ENG_OK) {
        bool is_good = false;

        status = query_number(eng, STMT_VIEW_NEXT, place, &place);
        if (status != ENG_OK)
            break;
        status = check_place(eng, place, &state, &is_good);
        if (status == ENG_OK && !is_good) {
            ++*out_damaged;
            status = repair ? remove_place(eng, place) : ENG_OK;
        }
        place++;
    }
    return status == ENG_NOT_FOUND ? ENG_OK : status;
}
