/* SPDX-License-Identifier: MIT */
/*
 * eng_receive.c - receive folders: which message class arrives where.
 *
 * Locks: none of its own; see eng.h.
 */
#include "engine/eng_int.h"
#include "util/utf.h"

static enum eng_status fold_class(struct eng *eng, const char *message_class, size_t size)
{
    if (size > ENG_MAX_RECORD)
        return eng_fail(eng, ENG_INVALID);
    msp_buf_clear(&eng->scratch);
    if (!utf8_fold(message_class, size, &eng->scratch))
        return eng_fail(eng, ENG_NO_MEMORY);
    return ENG_OK;
}

static enum eng_status set(struct eng *eng, const char *message_class, size_t size, uint64_t folder)
{
    struct eng_query query;
    enum eng_status status = folder_must_exist(eng, folder);

    if (status == ENG_OK)
        status = fold_class(eng, message_class, size);
    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_RECEIVE_SET);
    query_blob(&query, eng->scratch.data, eng->scratch.size);
    query_text(&query, message_class != NULL ? message_class : "", size);
    query_u64(&query, folder);
    query_u64(&query, eng_now());
    return query_run(&query);
}

enum eng_status eng_receive_set(
        struct eng *eng, const char *message_class, size_t size, uint64_t folder)
{
    enum eng_status status = op_write(eng);

    return status == ENG_OK ? op_end(eng, set(eng, message_class, size, folder)) : status;
}

static enum eng_status forget(struct eng *eng, const char *message_class, size_t size)
{
    struct eng_query query;
    enum eng_status status = fold_class(eng, message_class, size);

    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_RECEIVE_DELETE);
    query_blob(&query, eng->scratch.data, eng->scratch.size);
    status = query_run(&query);
    if (status == ENG_OK && query_changes(eng) == 0)
        status = eng_failf(eng, ENG_NOT_FOUND, "The message class has no folder of its own.");
    return status;
}

enum eng_status eng_receive_delete(struct eng *eng, const char *message_class, size_t size)
{
    enum eng_status status = op_write(eng);

    return status == ENG_OK ? op_end(eng, forget(eng, message_class, size)) : status;
}

enum eng_status eng_receives(struct eng *eng, eng_receive_fn fn, void *context)
{
    struct eng_query query;
    enum eng_status status = op_peek(eng);

    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_RECEIVE_ALL);
    while (query_row(&query)) {
        struct eng_text text = query_col_text(&query, 0);

        if (query.status != ENG_OK ||
                !fn(context, text.data, text.size, query_col(&query, 1), query_col(&query, 2)))
            break;
    }
    return query_end(&query);
}
