/* SPDX-License-Identifier: MIT */
/*
 * eng_part.c - recipients and attachments of a message.
 *
 * Recipients are one record per message: { u32 number, u32 size, packed } for each, because they
 * are always read and replaced together. Attachments have a row each.
 *
 * Locks: none of its own; see eng.h.
 */
#include <string.h>

#include "engine/eng_int.h"
#include "util/bag.h"
#include "util/bytes.h"

/* The message that parts are put into: any, embedded ones too. */
static enum eng_status msg_must_exist(struct eng *eng, uint64_t msg)
{
    uint64_t ignored;

    if (!id_is_good(msg))
        return eng_fail(eng, ENG_NOT_FOUND);
    return query_number(eng, STMT_MSG_STATE, msg, &ignored);
}

/* --- recipients ----------------------------------------------------------------------------- */

/* Reads the next recipient of a list; false at its end, and where it is damaged. */
static bool next_recipient(struct msp_reader *list, struct eng_part *out)
{
    if (msp_reader_left(list) == 0)
        return false;
    out->number = msp_reader_u32(list);
    out->packed_size = msp_reader_u32(list);
    out->packed = msp_reader_bytes(list, out->packed_size);
    out->embedded = 0;
    if (!list->failed && !packed_check(out->packed, out->packed_size))
        list->failed = true;
    return !list->failed;
}

bool recipients_check(struct msp_reader *list)
{
    struct eng_part part;

    while (next_recipient(list, &part))
        continue;
    return !list->failed;
}

/* Packs the list into eng->scratch. */
static enum eng_status pack_list(struct eng *eng, const struct eng_part *parts, size_t part_count)
{
    struct msp_buf *list = &eng->scratch;

    msp_buf_clear(list);
    for (size_t i = 0; i < part_count; i++) {
        enum eng_status status = packed_accept(eng, parts[i].packed, parts[i].packed_size);

        if (status != ENG_OK)
            return status;
        for (size_t j = 0; j < packed_count(parts[i].packed, parts[i].packed_size); j++) {
            struct bag_value value;

            packed_at(parts[i].packed, parts[i].packed_size, j, &value);
            if ((value.flags & BAG_LARGE) != 0)
                return eng_failf(eng, ENG_INVALID, "A property of a recipient is too large.");
        }
        (void)msp_buf_append_u32(list, parts[i].number);
        (void)msp_buf_append_u32(list, (uint32_t)parts[i].packed_size);
        (void)msp_buf_append(list, parts[i].packed, parts[i].packed_size);
    }
    if (list->failed)
        return eng_fail(eng, ENG_NO_MEMORY);
    if (list->size > ENG_MAX_RECORD)
        return eng_failf(eng, ENG_FULL, "The message has too many recipients.");
    return ENG_OK;
}

static enum eng_status put_list(struct eng *eng, uint64_t msg)
{
    struct eng_query query;
    enum eng_status status = msg_must_exist(eng, msg);

    if (status != ENG_OK)
        return status;
    if (eng->scratch.size == 0)
        return query_do1(eng, STMT_RECIPIENT_DELETE, msg);
    query_begin(&query, eng, STMT_RECIPIENT_SET);
    query_u64(&query, msg);
    query_blob(&query, eng->scratch.data, eng->scratch.size);
    eng->op_bytes += eng->scratch.size;
    return query_run(&query);
}

enum eng_status eng_recipients_put(
        struct eng *eng, uint64_t msg, const struct eng_part *parts, size_t part_count)
{
    enum eng_status status = op_write(eng);

    if (status != ENG_OK)
        return status;
    status = pack_list(eng, parts, part_count);
    if (status == ENG_OK)
        status = put_list(eng, msg);
    return op_end(eng, status);
}

enum eng_status eng_recipients_get(struct eng *eng, uint64_t msg, eng_part_fn fn, void *context)
{
    struct eng_query query;
    enum eng_status status = op_peek(eng);

    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_RECIPIENT_GET);
    query_u64(&query, msg);
    if (query_row(&query)) {
        struct eng_text list = query_col_text(&query, 0);
        struct msp_reader reader;
        struct eng_part part;

        msp_reader_init(&reader, list.data, list.size);
        while (next_recipient(&reader, &part) && fn(context, &part))
            continue;
        if (query.status == ENG_OK && reader.failed)
            query.status = eng_failf(eng, ENG_CORRUPT, "The recipients of a message are damaged.");
    }
    return query_end(&query);
}

/* --- attachments ---------------------------------------------------------------------------- */

/* Replaces the row; *out_embedded: the embedded message that was there before, or 0. */
static enum eng_status put_row(
        struct eng *eng, uint64_t msg, const struct eng_part *part, uint64_t *out_embedded)
{
    uint64_t key = key_make(msg, part->number);
    struct eng_text old = { NULL, 0 };
    struct eng_query query;
    enum eng_status status;

    *out_embedded = 0;
    query_begin(&query, eng, STMT_ATTACHMENT_GET);
    query_u64(&query, key);
    if (query_row(&query)) {
        *out_embedded = query_col(&query, 0);
        old = query_col_text(&query, 1);
        if (!packed_check(old.data, old.size))
            old.size = 0;
    }
    if (query.status == ENG_OK)
        query.status = values_change(eng, msg, old.data, old.size, part->packed, part->packed_size);
    status = query_end(&query);
    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_ATTACHMENT_SET);
    query_u64(&query, key);
    query_u64(&query, part->embedded);
    query_blob(&query, part->packed, part->packed_size);
    eng->op_bytes += part->packed_size;
    return query_run(&query);
}

enum eng_status eng_attachment_put(struct eng *eng, uint64_t msg, const struct eng_part *part)
{
    uint64_t before = 0;
    enum eng_status status;

    if (part->number > ENG_MAX_NUMBER || part->embedded > ENG_MAX_ID || part->embedded == msg)
        return eng_fail(eng, ENG_INVALID);
    status = packed_accept(eng, part->packed, part->packed_size);
    if (status == ENG_OK)
        status = op_write(eng);
    if (status != ENG_OK)
        return status;
    status = msg_must_exist(eng, msg);
    if (status == ENG_OK)
        status = put_row(eng, msg, part, &before);
    if (status == ENG_OK && before != 0 && before != part->embedded)
        status = msg_remove(eng, before, true);
    return op_end(eng, status);
}

static enum eng_status delete_row(struct eng *eng, uint64_t msg, uint32_t number)
{
    uint64_t key = key_make(msg, number);
    uint64_t embedded = 0;
    struct eng_query query;
    enum eng_status status;

    query_begin(&query, eng, STMT_ATTACHMENT_GET);
    query_u64(&query, key);
    if (query_row(&query)) {
        struct eng_text old = query_col_text(&query, 1);

        embedded = query_col(&query, 0);
        if (query.status == ENG_OK && packed_check(old.data, old.size))
            query.status = values_change(eng, msg, old.data, old.size, NULL, 0);
    } else if (query.status == ENG_OK) {
        query.status = eng_fail(eng, ENG_NOT_FOUND);
    }
    status = query_end(&query);
    if (status == ENG_OK)
        status = query_do2(eng, STMT_ATTACHMENT_DELETE, key, key + 1);
    if (status == ENG_OK && embedded != 0)
        status = msg_remove(eng, embedded, true);
    return status;
}

enum eng_status eng_attachment_delete(struct eng *eng, uint64_t msg, uint32_t number)
{
    enum eng_status status = op_write(eng);

    if (status != ENG_OK)
        return status;
    if (!id_is_good(msg) || number > ENG_MAX_NUMBER)
        status = eng_fail(eng, ENG_NOT_FOUND);
    else
        status = delete_row(eng, msg, number);
    return op_end(eng, status);
}

enum eng_status eng_attachments_get(struct eng *eng, uint64_t msg, eng_part_fn fn, void *context)
{
    struct eng_query query;
    enum eng_status status = op_peek(eng);

    if (status != ENG_OK)
        return status;
    if (!id_is_good(msg))
        return ENG_OK;
    query_begin(&query, eng, STMT_ATTACHMENT_LIST);
    query_u64(&query, key_make(msg, 0));
    query_u64(&query, key_make(msg + 1, 0));
    while (query_row(&query)) {
        struct eng_part part;
        struct eng_text packed = query_col_text(&query, 2);

        if (query.status == ENG_OK && !packed_check(packed.data, packed.size))
            query.status = eng_failf(eng, ENG_CORRUPT, "An attachment is damaged.");
        if (query.status != ENG_OK)
            break;
        part.number = (uint32_t)query_col(&query, 0) & ENG_MAX_NUMBER;
        part.embedded = query_col(&query, 1);
        part.packed = packed.data;
        part.packed_size = packed.size;
        if (!fn(context, &part))
            break;
    }
    return query_end(&query);
}

enum eng_status eng_attachment_get(struct eng *eng, uint64_t msg, uint32_t number,
        uint64_t *out_embedded, struct msp_buf *out_packed)
{
    struct eng_query query;
    enum eng_status status = op_peek(eng);

    *out_embedded = 0;
    if (status != ENG_OK)
        return status;
    if (!id_is_good(msg) || number > ENG_MAX_NUMBER)
        return eng_fail(eng, ENG_NOT_FOUND);
    query_begin(&query, eng, STMT_ATTACHMENT_GET);
    query_u64(&query, key_make(msg, number));
    if (query_row(&query)) {
        struct eng_text packed = query_col_text(&query, 1);

        if (query.status == ENG_OK && !packed_check(packed.data, packed.size))
            query.status = eng_failf(eng, ENG_CORRUPT, "An attachment is damaged.");
        if (query.status == ENG_OK && !msp_buf_append(out_packed, packed.data, packed.size))
            query.status = eng_fail(eng, ENG_NO_MEMORY);
        if (query.status == ENG_OK)
            *out_embedded = query_col(&query, 0);
    } else if (query.status == ENG_OK) {
        query.status = eng_fail(eng, ENG_NOT_FOUND);
    }
    return query_end(&query);
}

enum eng_status parts_remove(struct eng *eng, uint64_t msg, struct msp_array *embedded)
{
    uint64_t first = key_make(msg, 0);
    uint64_t end = key_make(msg + 1, 0);
    struct eng_query query;
    enum eng_status status;

    if (!id_is_good(msg))
        return ENG_OK;
    query_begin(&query, eng, STMT_ATTACHMENT_EMBEDDED);
    query_u64(&query, first);
    query_u64(&query, end);
    while (query_row(&query)) {
        uint64_t id = query_col(&query, 0);

        if (msp_array_push(embedded, &id) == NULL)
            query.status = eng_fail(eng, ENG_NO_MEMORY);
    }
    status = query_end(&query);
    if (status == ENG_OK)
        status = query_do2(eng, STMT_ATTACHMENT_DELETE, first, end);
    return status == ENG_OK ? query_do1(eng, STMT_RECIPIENT_DELETE, msg) : status;
}
