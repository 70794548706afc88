/* SPDX-License-Identifier: MIT */
/*
 * eng_search.c - searches: what a search folder looks for, and what a stopped one had found.
 *
 * Results are not removed with their message: ids are never used again, so a result without its
 * message is not seen, and goes with the next list of results.
 *
 * Locks: none of its own; see eng.h.
 */
#include "engine/eng_int.h"

enum { ID_SIZE = 8 };

/* Appends the ids of a record. */
static enum eng_status scope_read(
        struct eng *eng, const struct eng_text *record, struct msp_buf *out)
{
    struct msp_reader reader;

    if (record->size % ID_SIZE != 0)
        return eng_failf(eng, ENG_CORRUPT, "The search is damaged.");
    msp_reader_init(&reader, record->data, record->size);
    while (msp_reader_left(&reader) > 0) {
        uint64_t id = msp_reader_u64(&reader);

        if (!msp_buf_append(out, &id, sizeof(id)))
            return eng_fail(eng, ENG_NO_MEMORY);
    }
    return ENG_OK;
}

enum eng_status eng_search_get(struct eng *eng, uint64_t folder, struct eng_search *out,
        struct msp_buf *criteria, struct msp_buf *scope)
{
    struct eng_search none = { 0, 0 };
    struct eng_query query;
    enum eng_status status = op_peek(eng);

    *out = none;
    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_SEARCH_GET);
    query_u64(&query, folder);
    if (query_row(&query)) {
        struct eng_text record = query_col_text(&query, 2);

        if (query.status == ENG_OK && criteria != NULL &&
                !msp_buf_append(criteria, record.data, record.size))
            query.status = eng_fail(eng, ENG_NO_MEMORY);
        if (query.status == ENG_OK && scope != NULL) {
            record = query_col_text(&query, 3);
            if (query.status == ENG_OK)
                query.status = scope_read(eng, &record, scope);
        }
        if (query.status == ENG_OK) {
            out->state = (uint32_t)query_col(&query, 0);
            out->change = query_col(&query, 1);
        }
    } else if (query.status == ENG_OK) {
        query.status = eng_failf(eng, ENG_NOT_FOUND, "The folder was never searched.");
    }
    return query_end(&query);
}

static enum eng_status must_be_search_folder(struct eng *eng, uint64_t id)
{
    struct eng_folder folder;
    enum eng_status status = eng_folder_get(eng, id, &folder, NULL, NULL);

    if (status == ENG_OK && folder.type != ENG_FOLDER_SEARCH)
        status = eng_failf(eng, ENG_INVALID, "The folder is no search folder.");
    return status;
}

/* Writes the row; `scope` as it is stored. */
static enum eng_status set(struct eng *eng, uint64_t folder, const struct eng_search *search,
        const struct eng_text *criteria, const struct msp_buf *scope)
{
    struct eng_query query;

    query_begin(&query, eng, STMT_SEARCH_SET);
    query_u64(&query, folder);
    query_u64(&query, search->state);
    query_u64(&query, search->change);
    query_blob(&query, criteria->data, criteria->size);
    query_blob(&query, scope->data, scope->size);
    return query_run(&query);
}

enum eng_status eng_search_set(struct eng *eng, uint64_t folder, uint32_t state,
        const void *criteria, size_t criteria_size, const uint64_t *scope, size_t scope_count,
        bool completed, uint64_t *out_change)
{
    struct eng_text record = { criteria, criteria_size };
    struct msp_buf ids = MSP_BUF_INIT;
    struct eng_search search = { 0, 0 };
    enum eng_status status;

    *out_change = 0;
    if (criteria_size > ENG_MAX_RECORD || scope_count > ENG_MAX_RECORD / ID_SIZE)
        return eng_fail(eng, ENG_INVALID);
    for (size_t i = 0; i < scope_count; i++)
        (void)msp_buf_append_u64(&ids, scope[i]);
    status = ids.failed ? eng_fail(eng, ENG_NO_MEMORY) : op_write(eng);
    if (status != ENG_OK) {
        msp_buf_free(&ids);
        return status;
    }
    status = must_be_search_folder(eng, folder);
    if (status == ENG_OK) {
        status = eng_search_get(eng, folder, &search, NULL, NULL);
        if (status == ENG_NOT_FOUND)
            status = ENG_OK;
    }
    if (status == ENG_OK) {
        search.state = state;
        search.change++;
        status = set(eng, folder, &search, &record, &ids);
    }
    if (status == ENG_OK && completed)
        status = event_add(eng, ENG_EVENT_SEARCHED, true, folder, 0, 0);
    status = op_end(eng, status);
    msp_buf_free(&ids);
    if (status == ENG_OK)
        *out_change = search.change;
    return status;
}

static enum eng_status add_hits(
        struct eng *eng, uint64_t folder, const struct eng_hit *hits, size_t hit_count)
{
    struct eng_search search;
    enum eng_status status = eng_search_get(eng, folder, &search, NULL, NULL);

    if (status == ENG_OK)
        status = query_do1(eng, STMT_SEARCH_HITS_DELETE, folder);
    for (size_t i = 0; status == ENG_OK && i < hit_count; i++)
        status = query_do2(eng, STMT_SEARCH_HIT_ADD, folder, hits[i].id);
    return status;
}

enum eng_status eng_search_hits_set(
        struct eng *eng, uint64_t folder, const struct eng_hit *hits, size_t hit_count)
{
    enum eng_status status = op_write(eng);

    return status == ENG_OK ? op_end(eng, add_hits(eng, folder, hits, hit_count)) : status;
}

enum eng_status eng_search_hits(struct eng *eng, uint64_t folder, eng_hit_fn fn, void *context)
{
    struct eng_query query;
    enum eng_status status = op_peek(eng);

    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_SEARCH_HITS);
    query_u64(&query, folder);
    while (query_row(&query)) {
        struct eng_hit hit = { query_col(&query, 0), query_col(&query, 1) >> 1,
            query_col(&query, 2), (uint32_t)query_col(&query, 3) };

        if (!fn(context, &hit))
            break;
    }
    return query_end(&query);
}

enum eng_status search_remove(struct eng *eng, uint64_t folder)
{
    enum eng_status status = query_do1(eng, STMT_SEARCH_DELETE, folder);

    return status == ENG_OK ? query_do1(eng, STMT_SEARCH_HITS_DELETE, folder) : status;
}
