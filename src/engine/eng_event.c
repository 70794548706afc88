/* SPDX-License-Identifier: MIT */
/*
 * eng_event.c - what a transaction does to counts and to the journal, and who is told.
 *
 * Counts of folders are gathered in memory and written once, before COMMIT: a thousand messages put
 * into one folder change its row once. The journal gets one row per commit (at most
 * JOURNAL_ROW_EVENTS events each), numbered by its first event, and is cut in batches.
 *
 * Owns:  eng->events, eng->deltas, eng->save_deltas.
 * Locks: none of its own; see eng.h.
 */
#include <assert.h>

#include "engine/eng_int.h"

enum {
    EVENT_SIZE = 34, /* kind, is_folder, four ids */
    JOURNAL_ROW_EVENTS = 1000,
    JOURNAL_KEEP = 65536, /* events */
    JOURNAL_TRIM_EVERY = 4096
};

enum eng_status event_add(struct eng *eng, enum eng_event_kind kind, bool is_folder,
        uint64_t object, uint64_t parent, uint64_t old_parent)
{
    struct eng_event event = { kind, is_folder, object, parent, old_parent, 0 };

    if (msp_array_push(&eng->events, &event) == NULL)
        return eng_fail(eng, ENG_NO_MEMORY);
    return ENG_OK;
}

enum eng_status event_add_copy(struct eng *eng, bool is_folder, uint64_t object, uint64_t parent,
        uint64_t original, uint64_t old_parent)
{
    struct eng_event event = { ENG_EVENT_COPIED, is_folder, object, parent, old_parent, original };

    if (msp_array_push(&eng->events, &event) == NULL)
        return eng_fail(eng, ENG_NO_MEMORY);
    return ENG_OK;
}

/* Index of the first entry that is not below the folder. */
static size_t delta_index(const struct msp_array *deltas, uint64_t folder)
{
    const struct count_delta *items = MSP_ARRAY_ITEMS(struct count_delta, deltas);
    size_t low = 0;
    size_t high = deltas->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (items[mid].folder < folder)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static struct count_delta *delta_find(const struct msp_array *deltas, uint64_t folder)
{
    size_t index = delta_index(deltas, folder);
    struct count_delta *item;

    if (index == deltas->count)
        return NULL;
    item = MSP_ARRAY_AT(struct count_delta, deltas, index);
    return item->folder == folder ? item : NULL;
}

static enum eng_status delta_add_to(
        struct eng *eng, struct msp_array *deltas, const struct count_delta *delta)
{
    size_t index = delta_index(deltas, delta->folder);
    struct count_delta *item;

    if (index < deltas->count) {
        item = MSP_ARRAY_AT(struct count_delta, deltas, index);
        if (item->folder == delta->folder) {
            item->content += delta->content;
            item->unread += delta->unread;
            item->assoc += delta->assoc;
            item->children += delta->children;
            return ENG_OK;
        }
    }
    if (msp_array_insert(deltas, index, delta) == NULL)
        return eng_fail(eng, ENG_NO_MEMORY);
    return ENG_OK;
}

enum eng_status delta_add(struct eng *eng, const struct count_delta *delta)
{
    eng->write_count++; /* a failure later in this operation must undo it */
    return delta_add_to(eng, eng->in_save ? &eng->save_deltas : &eng->deltas, delta);
}

static uint32_t count_apply(uint32_t count, int64_t change)
{
    int64_t sum = (int64_t)count + change;

    if (sum < 0)
        return 0; /* only in a damaged file */
    return sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
}

void delta_apply(const struct eng *eng, struct eng_folder *folder)
{
    const struct msp_array *lists[] = { &eng->deltas, &eng->save_deltas };

    for (size_t i = 0; i < MSP_COUNT_OF(lists); i++) {
        const struct count_delta *delta = delta_find(lists[i], folder->id);

        if (delta == NULL)
            continue;
        folder->content_count = count_apply(folder->content_count, delta->content);
        folder->unread_count = count_apply(folder->unread_count, delta->unread);
        folder->assoc_count = count_apply(folder->assoc_count, delta->assoc);
        folder->child_count = count_apply(folder->child_count, delta->children);
    }
}

enum eng_status delta_merge(struct eng *eng)
{
    /* Room first: from here on nothing can fail, so a delta is never merged twice. */
    if (!msp_array_reserve(&eng->deltas, eng->save_deltas.count))
        return eng_fail(eng, ENG_NO_MEMORY);
    for (size_t i = 0; i < eng->save_deltas.count; i++) {
        enum eng_status status = delta_add_to(
                eng, &eng->deltas, MSP_ARRAY_AT(struct count_delta, &eng->save_deltas, i));

        assert(status == ENG_OK);
        MSP_UNUSED(status);
    }
    msp_array_truncate(&eng->save_deltas, 0);
    return ENG_OK;
}

/* A folder whose counts have changed is a changed folder; one that is gone has been told of. */
static enum eng_status counts_event(struct eng *eng, uint64_t folder)
{
    uint64_t parent = 0;
    enum eng_status status = query_number(eng, STMT_FOLDER_PARENT, folder, &parent);

    if (status == ENG_NOT_FOUND)
        return ENG_OK;
    return status == ENG_OK ? event_add(eng, ENG_EVENT_MODIFIED, true, folder, parent, 0) : status;
}

static enum eng_status deltas_write(struct eng *eng)
{
    for (size_t i = 0; i < eng->deltas.count; i++) {
        const struct count_delta *delta = MSP_ARRAY_AT(struct count_delta, &eng->deltas, i);
        struct eng_query query;
        enum eng_status status;

        if (delta->content == 0 && delta->unread == 0 && delta->assoc == 0 && delta->children == 0)
            continue;
        query_begin(&query, eng, STMT_FOLDER_COUNT);
        query_i64(&query, delta->content);
        query_i64(&query, delta->unread);
        query_i64(&query, delta->assoc);
        query_i64(&query, delta->children);
        query_u64(&query, delta->folder);
        status = query_run(&query);
        if (status == ENG_OK)
            status = counts_event(eng, delta->folder);
        if (status != ENG_OK)
            return status;
    }
    return ENG_OK;
}

static enum eng_status journal_row(struct eng *eng, uint64_t seq, size_t first, size_t count)
{
    struct eng_query query;

    msp_buf_clear(&eng->scratch);
    (void)msp_buf_reserve(&eng->scratch, count * EVENT_SIZE);
    for (size_t i = first; i < first + count; i++) {
        const struct eng_event *event = MSP_ARRAY_AT(struct eng_event, &eng->events, i);

        (void)msp_buf_append_u8(&eng->scratch, (uint8_t)event->kind);
        (void)msp_buf_append_u8(&eng->scratch, event->is_folder);
        (void)msp_buf_append_u64(&eng->scratch, event->object);
        (void)msp_buf_append_u64(&eng->scratch, event->parent);
        (void)msp_buf_append_u64(&eng->scratch, event->old_parent);
        (void)msp_buf_append_u64(&eng->scratch, event->original);
    }
    if (eng->scratch.failed)
        return eng_fail(eng, ENG_NO_MEMORY);
    query_begin(&query, eng, STMT_JOURNAL_ADD);
    query_u64(&query, seq);
    query_blob(&query, eng->scratch.data, eng->scratch.size);
    return query_run(&query);
}

/* Number of the next event, as the file has it. */
static enum eng_status journal_end(struct eng *eng, uint64_t *out)
{
    struct eng_query query;

    *out = 1;
    query_begin(&query, eng, STMT_JOURNAL_LAST);
    if (query_row(&query))
        *out = query_col(&query, 0) + query_col(&query, 1) / EVENT_SIZE;
    return query_end(&query);
}

enum eng_status events_write(struct eng *eng)
{
    enum eng_status status = deltas_write(eng);
    size_t count = eng->events.count;
    uint64_t seq;

    if (status != ENG_OK || count == 0)
        return status;
    status = journal_end(eng, &seq);
    if (status == ENG_OK && (seq == 0 || seq > (uint64_t)INT64_MAX - count))
        status = eng_fail(eng, ENG_CORRUPT);
    for (size_t first = 0; status == ENG_OK && first < count; first += JOURNAL_ROW_EVENTS) {
        size_t some = count - first;

        if (some > JOURNAL_ROW_EVENTS)
            some = JOURNAL_ROW_EVENTS;
        status = journal_row(eng, seq + first, first, some);
    }
    if (status == ENG_OK && seq / JOURNAL_TRIM_EVERY != (seq + count) / JOURNAL_TRIM_EVERY &&
            seq + count > JOURNAL_KEEP)
        status = query_do1(eng, STMT_JOURNAL_TRIM, seq + count - JOURNAL_KEEP);
    return status;
}

void events_publish(struct eng *eng)
{
    struct msp_array events = eng->events;

    msp_array_truncate(&eng->deltas, 0);
    if (events.count == 0)
        return;
    /* Taken out first: the callback may begin the next transaction. */
    msp_array_init(&eng->events, sizeof(struct eng_event));
    eng->save_events = 0;
    if (eng->on_events != NULL)
        eng->on_events(eng->on_events_context, events.items, events.count);
    if (eng->events.items == NULL) {
        msp_array_truncate(&events, 0);
        eng->events = events;
    } else {
        msp_array_free(&events);
    }
}

void events_drop(struct eng *eng)
{
    msp_array_truncate(&eng->events, 0);
    msp_array_truncate(&eng->deltas, 0);
    msp_array_truncate(&eng->save_deltas, 0);
    eng->save_events = 0;
}

void eng_on_events(struct eng *eng, eng_event_fn fn, void *context)
{
    eng->on_events = fn;
    eng->on_events_context = context;
}

/* --- reading the journal -------------------------------------------------------------------- */

enum eng_status eng_journal_end(struct eng *eng, uint64_t *out)
{
    enum eng_status status = op_peek(eng);

    *out = 0;
    return status == ENG_OK ? journal_end(eng, out) : status;
}

/* Passes the events of one row from number `from` on; false: the callback wants no more. */
static bool pass_row(struct eng_query *query, uint64_t from, eng_journal_fn fn, void *context)
{
    uint64_t seq = query_col(query, 0);
    struct eng_text data = query_col_text(query, 1);
    struct msp_reader reader;

    msp_reader_init(&reader, data.data, data.size);
    for (; msp_reader_left(&reader) >= EVENT_SIZE; seq++) {
        uint8_t kind = msp_reader_u8(&reader);
        struct eng_event event = { ENG_EVENT_MODIFIED, false, 0, 0, 0, 0 };

        if (kind <= ENG_EVENT_NEW_MAIL)
            event.kind = (enum eng_event_kind)kind;
        event.is_folder = msp_reader_u8(&reader) != 0;
        event.object = msp_reader_u64(&reader);
        event.parent = msp_reader_u64(&reader);
        event.old_parent = msp_reader_u64(&reader);
        event.original = msp_reader_u64(&reader);
        if (seq >= from && !fn(context, seq, &event))
            return false;
    }
    return true;
}

enum eng_status eng_journal_read(
        struct eng *eng, uint64_t from, eng_journal_fn fn, void *context, bool *out_complete)
{
    struct eng_query query;
    enum eng_status status = op_peek(eng);
    bool first = true;

    *out_complete = true;
    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_JOURNAL_SINCE);
    query_u64(&query, from > JOURNAL_ROW_EVENTS ? from - JOURNAL_ROW_EVENTS + 1 : 1);
    while (query_row(&query)) {
        if (first && query_col(&query, 0) > from)
            *out_complete = false;
        first = false;
        if (!pass_row(&query, from, fn, context))
            break;
    }
    return query_end(&query);
}
