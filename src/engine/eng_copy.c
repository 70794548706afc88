/* SPDX-License-Identifier: MIT */
/*
 * eng_copy.c - copies of messages: row, properties, recipients, attachments, and what is embedded.
 *
 * Records are copied as they are, but for the large values they name. Embedded messages are worked
 * off a list, so nesting costs no stack.
 *
 * Locks: none of its own; see eng.h.
 */
#include <string.h>

#include "engine/eng_int.h"
#include "util/bag.h"

enum { MAX_EMBEDDED = 65536 /* in one message; beyond it, the file is damaged */ };

/* --- looking at a message as a whole ---------------------------------------------------------- */

struct look {
    struct eng *eng;
    struct msp_array messages; /* uint64_t: the message and those embedded, as they are found */
    struct msp_array *pairs;
    uint64_t size;
    enum eng_status status;
};

static enum eng_status damaged(struct eng *eng)
{
    return eng_failf(eng, ENG_CORRUPT, "The message is damaged.");
}

static enum eng_status look_at_record(struct look *look, const void *packed, size_t packed_size)
{
    size_t count;

    if (packed == NULL || !packed_check(packed, packed_size))
        return damaged(look->eng);
    count = packed_count(packed, packed_size);
    for (size_t i = 0; i < count; i++) {
        struct eng_value_pair pair = { 0 };
        struct bag_value value;
        struct bag_large large;
        enum eng_status status;

        packed_at(packed, packed_size, i, &value);
        if ((value.flags & BAG_LARGE) == 0)
            continue;
        if (!bag_large_get(&value, &large) || !id_is_good(large.id))
            return damaged(look->eng);
        pair.from = large.id;
        status = eng_value_size(look->eng, large.id, &pair.size);
        if (status == ENG_NOT_FOUND)
            return damaged(look->eng);
        if (status == ENG_OK && msp_array_push(look->pairs, &pair) == NULL)
            status = eng_fail(look->eng, ENG_NO_MEMORY);
        if (status != ENG_OK)
            return status;
        look->size += pair.size;
    }
    return ENG_OK;
}

static bool is_listed(const struct msp_array *messages, uint64_t id)
{
    const uint64_t *ids = MSP_ARRAY_ITEMS(const uint64_t, messages);

    for (size_t i = 0; i < messages->count; i++) {
        if (ids[i] == id)
            return true;
    }
    return false;
}

static bool look_at_part(void *context, const struct eng_part *part)
{
    struct look *look = context;

    look->status = look_at_record(look, part->packed, part->packed_size);
    if (look->status != ENG_OK || part->embedded == 0)
        return look->status == ENG_OK;
    if (look->messages.count > MAX_EMBEDDED || !id_is_good(part->embedded) ||
            is_listed(&look->messages, part->embedded))
        look->status = damaged(look->eng);
    else if (msp_array_push(&look->messages, &part->embedded) == NULL)
        look->status = eng_fail(look->eng, ENG_NO_MEMORY);
    return look->status == ENG_OK;
}

static enum eng_status look_at_recipients(struct look *look, uint64_t id)
{
    struct eng_query query;

    query_begin(&query, look->eng, STMT_RECIPIENT_GET);
    query_u64(&query, id);
    if (query_row(&query)) {
        struct eng_text list = query_col_text(&query, 0);
        struct msp_reader reader;

        msp_reader_init(&reader, list.data, list.size);
        if (query.status == ENG_OK && !recipients_check(&reader))
            query.status = damaged(look->eng);
    }
    return query_end(&query);
}

static enum eng_status look_at_one(struct look *look, uint64_t id)
{
    struct eng_query query;
    enum eng_status status;

    query_begin(&query, look->eng, STMT_PROP_GET);
    query_u64(&query, id);
    if (query_row(&query)) {
        struct eng_text packed = query_col_text(&query, 0);

        if (query.status == ENG_OK)
            query.status = look_at_record(look, packed.data, packed.size);
    } else if (query.status == ENG_OK) {
        query.status = damaged(look->eng);
    }
    status = query_end(&query);
    if (status == ENG_OK)
        status = look_at_recipients(look, id);
    if (status == ENG_OK)
        status = eng_attachments_get(look->eng, id, look_at_part, look);
    return status == ENG_OK ? look->status : status;
}

/* Where a message is: ENG_NOT_FOUND; *out_place 0 for an embedded one. */
static enum eng_status where_is(
        struct eng *eng, uint64_t id, uint64_t *out_place, uint32_t *out_flags)
{
    struct eng_query query;

    *out_place = 0;
    *out_flags = 0;
    query_begin(&query, eng, STMT_MSG_STATE);
    query_u64(&query, id);
    if (query_row(&query)) {
        *out_place = query_col(&query, 0);
        *out_flags = (uint32_t)query_col(&query, 1);
    } else if (query.status == ENG_OK) {
        query.status = eng_fail(eng, ENG_NOT_FOUND);
    }
    return query_end(&query);
}

static enum eng_status look_at_all(struct look *look)
{
    enum eng_status status = ENG_OK;

    for (size_t i = 0; i < look->messages.count && status == ENG_OK; i++) {
        uint64_t id = *MSP_ARRAY_AT(uint64_t, &look->messages, i);
        uint64_t place;
        uint32_t flags;

        status = where_is(look->eng, id, &place, &flags);
        if (i > 0 && (status == ENG_NOT_FOUND || (status == ENG_OK && place != 0)))
            status = damaged(look->eng);
        if (status == ENG_OK)
            status = look_at_one(look, id);
    }
    return status;
}

enum eng_status eng_msg_values(
        struct eng *eng, uint64_t id, struct msp_array *pairs, uint64_t *out_size)
{
    struct look look = { eng, MSP_ARRAY_INIT(uint64_t), pairs, 0, ENG_OK };
    enum eng_status status = op_read(eng);

    *out_size = 0;
    if (status != ENG_OK)
        return status;
    if (!id_is_good(id))
        status = eng_fail(eng, ENG_NOT_FOUND);
    else if (msp_array_push(&look.messages, &id) == NULL)
        status = eng_fail(eng, ENG_NO_MEMORY);
    else
        status = look_at_all(&look);
    msp_array_free(&look.messages);
    status = op_end(eng, status);
    if (status == ENG_OK)
        *out_size = look.size;
    return status;
}

/* --- copying ---------------------------------------------------------------------------------- */

/* A message to copy, and the id its copy gets. */
struct twin {
    uint64_t from;
    uint64_t to;
};

struct copier {
    struct eng *eng;
    const struct eng_value_pair *pairs;
    size_t pair_count;
    uint32_t drop_flags;
    struct msp_array twins; /* struct twin; grows while attachments are copied */
};

static enum eng_status add_twin(struct copier *copier, uint64_t from, uint64_t *out_to)
{
    struct twin twin = { from, 0 };
    enum eng_status status = eng_id_new(copier->eng, &twin.to);

    if (status == ENG_OK && copier->twins.count > MAX_EMBEDDED)
        status = damaged(copier->eng);
    if (status == ENG_OK && msp_array_push(&copier->twins, &twin) == NULL)
        status = eng_fail(copier->eng, ENG_NO_MEMORY);
    *out_to = twin.to;
    return status;
}

static enum eng_status copy_value(struct copier *copier, uint64_t from, uint64_t *out_to)
{
    for (size_t i = 0; i < copier->pair_count; i++) {
        if (copier->pairs[i].from == from && copier->pairs[i].to != 0) {
            *out_to = copier->pairs[i].to;
            return ENG_OK;
        }
    }
    return eng_value_copy(copier->eng, from, out_to);
}

/* Gives every large value of the bag a copy. */
static enum eng_status copy_values(struct copier *copier, struct bag *bag)
{
    size_t count = packed_count(bag->base, bag->base_size);
    enum eng_status status = ENG_OK;

    for (size_t i = 0; i < count && status == ENG_OK; i++) {
        struct bag_value value;
        struct bag_large large;
        uint8_t reference[16];

        packed_at(bag->base, bag->base_size, i, &value);
        if ((value.flags & BAG_LARGE) == 0)
            continue;
        if (!bag_large_get(&value, &large))
            return damaged(copier->eng);
        status = copy_value(copier, large.id, &large.id);
        bag_large_put(&large, reference);
        if (status == ENG_OK && !bag_set(bag, value.tag, BAG_LARGE, reference, sizeof(reference)))
            status = eng_fail(copier->eng, ENG_NO_MEMORY);
    }
    return status;
}

static bool has_large(const struct eng_text *packed)
{
    size_t count = packed_count(packed->data, packed->size);

    for (size_t i = 0; i < count; i++) {
        struct bag_value value;

        packed_at(packed->data, packed->size, i, &value);
        if ((value.flags & BAG_LARGE) != 0)
            return true;
    }
    return false;
}

/* The record for the copy: `packed` itself, or one made in `room`. */
static enum eng_status copy_record(struct copier *copier, const struct eng_text *packed,
        struct msp_buf *room, struct eng_text *out)
{
    enum eng_status status;
    struct bag bag;

    *out = *packed;
    if (packed->data == NULL || !packed_check(packed->data, packed->size))
        return damaged(copier->eng);
    if (!has_large(packed))
        return ENG_OK;
    bag_init(&bag);
    if (bag_load(&bag, packed->data, packed->size) != BAG_OK)
        return eng_fail(copier->eng, ENG_NO_MEMORY);
    status = copy_values(copier, &bag);
    msp_buf_clear(room);
    if (status == ENG_OK && !bag_pack(&bag, room))
        status = eng_fail(copier->eng, ENG_NO_MEMORY);
    bag_done(&bag);
    out->data = (const char *)room->data;
    out->size = room->size;
    return status;
}

static enum eng_status copy_row(struct copier *copier, const struct twin *twin, uint64_t place)
{
    struct eng_query query;
    enum eng_status status;

    query_begin(&query, copier->eng, STMT_MSG_COPY);
    query_u64(&query, twin->to);
    if (place != 0)
        query_u64(&query, place);
    else
        query_null(&query);
    query_u64(&query, ~(uint64_t)copier->drop_flags & UINT32_MAX);
    query_u64(&query, twin->from);
    status = query_run(&query);
    if (status == ENG_OK && query_changes(copier->eng) != 1)
        status = eng_fail(copier->eng, ENG_NOT_FOUND);
    return status;
}

static enum eng_status copy_props(struct copier *copier, const struct twin *twin)
{
    struct msp_buf room = MSP_BUF_INIT;
    struct eng_text record = { NULL, 0 };
    struct eng_query read;
    struct eng_query write;
    enum eng_status status;

    query_begin(&read, copier->eng, STMT_PROP_GET);
    query_u64(&read, twin->from);
    if (query_row(&read)) {
        struct eng_text packed = query_col_text(&read, 0);

        if (read.status == ENG_OK)
            read.status = copy_record(copier, &packed, &room, &record);
        if (read.status == ENG_OK) {
            query_begin(&write, copier->eng, STMT_PROP_INSERT);
            query_u64(&write, twin->to);
            query_blob(&write, record.data, record.size);
            copier->eng->op_bytes += record.size;
            read.status = query_run(&write);
        }
        if (read.status == ENG_OK)
            read.status = values_change(copier->eng, twin->to, NULL, 0, record.data, record.size);
    } else if (read.status == ENG_OK) {
        read.status = damaged(copier->eng);
    }
    status = query_end(&read);
    msp_buf_free(&room);
    return status;
}

static enum eng_status copy_attachment(struct copier *copier, const struct twin *twin,
        uint32_t number, uint64_t embedded, const struct eng_text *packed)
{
    struct msp_buf room = MSP_BUF_INIT;
    struct eng_text record = { NULL, 0 };
    struct eng_query query;
    enum eng_status status = ENG_OK;

    if (embedded != 0)
        status = add_twin(copier, embedded, &embedded);
    if (status == ENG_OK)
        status = copy_record(copier, packed, &room, &record);
    if (status == ENG_OK) {
        query_begin(&query, copier->eng, STMT_ATTACHMENT_SET);
        query_u64(&query, key_make(twin->to, number));
        query_u64(&query, embedded);
        query_blob(&query, record.data, record.size);
        copier->eng->op_bytes += record.size;
        status = query_run(&query);
    }
    if (status == ENG_OK)
        status = values_change(copier->eng, twin->to, NULL, 0, record.data, record.size);
    msp_buf_free(&room);
    return status;
}

/* The copy's id is higher, so the rows that are added never come up here. */
static enum eng_status copy_attachments(struct copier *copier, const struct twin *twin)
{
    struct eng_query query;

    query_begin(&query, copier->eng, STMT_ATTACHMENT_LIST);
    query_u64(&query, key_make(twin->from, 0));
    query_u64(&query, key_make(twin->from + 1, 0));
    while (query_row(&query)) {
        uint32_t number = (uint32_t)query_col(&query, 0) & ENG_MAX_NUMBER;
        uint64_t embedded = query_col(&query, 1);
        struct eng_text packed = query_col_text(&query, 2);

        if (query.status == ENG_OK)
            query.status = copy_attachment(copier, twin, number, embedded, &packed);
        if (query.status != ENG_OK)
            break;
    }
    return query_end(&query);
}

static enum eng_status copy_one(struct copier *copier, const struct twin *twin, uint64_t place)
{
    enum eng_status status = copy_row(copier, twin, place);

    if (status == ENG_OK)
        status = copy_props(copier, twin);
    if (status == ENG_OK)
        status = query_do2(copier->eng, STMT_RECIPIENT_COPY, twin->to, twin->from);
    if (status == ENG_OK)
        status = copy_attachments(copier, twin);
    return status == ENG_OK ? op_check(copier->eng) : status;
}

static enum eng_status count_copy(struct eng *eng, uint64_t place, uint32_t flags)
{
    struct count_delta delta = { .folder = place >> 1 };

    if ((place & 1) != 0) {
        delta.assoc = 1;
    } else {
        delta.content = 1;
        delta.unread = (flags & MSG_READ) == 0;
    }
    return delta_add(eng, &delta);
}

static enum eng_status copy_msg(
        struct copier *copier, uint64_t id, uint64_t new_folder, uint64_t *out_id)
{
    uint64_t old_place = 0;
    uint64_t place = 0;
    uint32_t flags = 0;
    enum eng_status status = where_is(copier->eng, id, &old_place, &flags);

    if (status == ENG_OK && old_place == 0)
        status = eng_failf(copier->eng, ENG_INVALID, "An embedded message cannot be copied alone.");
    if (status == ENG_OK)
        status = folder_must_exist(copier->eng, new_folder);
    if (status == ENG_OK)
        status = add_twin(copier, id, out_id);
    place = new_folder << 1 | (old_place & 1);
    for (size_t i = 0; status == ENG_OK && i < copier->twins.count; i++) {
        struct twin twin = *MSP_ARRAY_AT(struct twin, &copier->twins, i);

        status = copy_one(copier, &twin, i == 0 ? place : 0);
    }
    if (status == ENG_OK)
        status = count_copy(copier->eng, place, flags & ~copier->drop_flags);
    if (status == ENG_OK)
        status = event_add_copy(copier->eng, false, *out_id, new_folder, id, old_place >> 1);
    return status;
}

enum eng_status eng_msg_copy(struct eng *eng, uint64_t id, uint64_t new_folder, uint32_t drop_flags,
        const struct eng_value_pair *pairs, size_t pair_count, uint64_t *out_id)
{
    struct copier copier = { eng, pairs, pair_count, drop_flags, MSP_ARRAY_INIT(struct twin) };
    uint64_t copy = 0;
    enum eng_status status;

    *out_id = 0;
    if (!id_is_good(id) || !id_is_good(new_folder))
        return eng_fail(eng, ENG_NOT_FOUND);
    if ((drop_flags & MSG_ASSOCIATED) != 0)
        return eng_failf(eng, ENG_INVALID, "A message cannot become an associated one.");
    status = op_write(eng);
    if (status != ENG_OK)
        return status;
    status = op_end(eng, copy_msg(&copier, id, new_folder, &copy));
    msp_array_free(&copier.twins);
    if (status == ENG_OK)
        *out_id = copy;
    return status;
}

/* --- values alone ----------------------------------------------------------------------------- */

static enum eng_status copy_in_turn(
        struct eng *eng, struct eng_value_pair *pairs, size_t count, size_t *out_done)
{
    uint64_t bytes = 0;
    enum eng_status status = ENG_OK;

    for (size_t i = 0; status == ENG_OK && i < count; i++) {
        uint64_t size = 0;

        pairs[i].to = 0;
        status = eng_value_size(eng, pairs[i].from, &size);
        if (status == ENG_OK && size > ENG_COPY_PART - bytes)
            break;
        bytes += size;
        if (status == ENG_OK)
            status = eng_value_copy(eng, pairs[i].from, &pairs[i].to);
        if (status == ENG_NOT_FOUND)
            status = ENG_OK;
        *out_done = i + 1;
    }
    return status;
}

enum eng_status eng_values_copy(
        struct eng *eng, struct eng_value_pair *pairs, size_t count, size_t *out_done)
{
    enum eng_status status;

    *out_done = 0;
    status = op_write_soft(eng);
    if (status != ENG_OK)
        return status;
    status = op_end(eng, copy_in_turn(eng, pairs, count, out_done));
    if (status == ENG_OK)
        return ENG_OK;
    for (size_t i = 0; i < count; i++)
        pairs[i].to = 0;
    *out_done = 0;
    return status;
}
