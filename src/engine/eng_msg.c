/* SPDX-License-Identifier: MIT */
/*
 * eng_msg.c - messages: the narrow row and the packed properties.
 *
 * Locks: none of its own; see eng.h.
 */
#include <string.h>

#include "engine/eng_int.h"
#include "util/bag.h"

/* What the row says before a change. */
struct msg_state {
    bool is_embedded;
    uint64_t place;
    uint32_t flags;
    uint32_t status;
    uint64_t change;
    uint64_t delivered;
};

static uint64_t place_make(uint64_t folder, uint32_t flags)
{
    return folder << 1 | ((flags & MSG_ASSOCIATED) != 0);
}

static uint64_t place_folder(uint64_t place)
{
    return place >> 1;
}

enum eng_status packed_accept(struct eng *eng, const void *packed, size_t packed_size)
{
    if (packed_size > ENG_MAX_RECORD || !packed_check(packed, packed_size))
        return eng_failf(eng, ENG_INVALID, "The properties of an object are not valid.");
    return ENG_OK;
}

/* A record as the file has it: damage concerns this object only. */
static enum eng_status record_check(struct eng *eng, const struct eng_text *packed)
{
    if (packed->data == NULL || !packed_check(packed->data, packed->size))
        return eng_failf(eng, ENG_CORRUPT, "The message is damaged.");
    return ENG_OK;
}

static enum eng_status state_get(struct eng *eng, uint64_t id, struct msg_state *out)
{
    struct eng_query query;

    memset(out, 0, sizeof(*out));
    query_begin(&query, eng, STMT_MSG_STATE);
    query_u64(&query, id);
    if (query_row(&query)) {
        out->is_embedded = query_col_is_null(&query, 0);
        out->place = query_col(&query, 0);
        out->flags = (uint32_t)query_col(&query, 1);
        out->status = (uint32_t)query_col(&query, 2);
        out->change = query_col(&query, 3);
        out->delivered = query_col(&query, 4);
    } else if (query.status == ENG_OK) {
        query.status = eng_fail(eng, ENG_NOT_FOUND);
    }
    return query_end(&query);
}

/* Counts a message in (sign 1) or out (-1) of its folder. */
static enum eng_status count_msg(struct eng *eng, uint64_t place, uint32_t flags, int sign)
{
    struct count_delta delta = { .folder = place_folder(place) };

    if ((place & 1) != 0) {
        delta.assoc = sign;
    } else {
        delta.content = sign;
        delta.unread = (flags & MSG_READ) == 0 ? sign : 0;
    }
    return delta_add(eng, &delta);
}

static void bind_text(struct eng_query *query, const struct eng_text *text)
{
    query_text(query, text->data, text->size);
}

/* --- saving --------------------------------------------------------------------------------- */

static enum eng_status prop_set(
        struct eng *eng, uint64_t id, const void *packed, size_t packed_size)
{
    struct eng_query query;

    query_begin(&query, eng, STMT_PROP_INSERT);
    query_u64(&query, id);
    query_blob(&query, packed, packed_size);
    return query_run(&query);
}

static enum eng_status row_insert(struct eng *eng, const struct eng_msg *msg)
{
    struct eng_query query;

    query_begin(&query, eng, STMT_MSG_INSERT);
    query_u64(&query, msg->id);
    if (msg->folder != 0)
        query_u64(&query, place_make(msg->folder, msg->flags));
    else
        query_null(&query);
    query_u64(&query, msg->flags);
    query_u64(&query, msg->status);
    query_u64(&query, 1);
    query_u64(&query, msg->importance);
    query_u64(&query, msg->size);
    query_u64(&query, msg->delivered);
    query_u64(&query, msg->submitted);
    query_u64(&query, msg->created);
    query_u64(&query, msg->modified);
    bind_text(&query, &msg->message_class);
    bind_text(&query, &msg->subject);
    bind_text(&query, &msg->sender);
    bind_text(&query, &msg->display_to);
    return query_run(&query);
}

static enum eng_status insert(
        struct eng *eng, const struct eng_msg *msg, const void *packed, size_t packed_size)
{
    struct eng_msg row = *msg;
    enum eng_status status = ENG_OK;

    row.flags &= ~(uint32_t)MSG_SUBMITTED;
    if (msg->folder != 0)
        status = folder_must_exist(eng, msg->folder);
    if (status == ENG_OK)
        status = row_insert(eng, &row);

    if (status == ENG_OK)
        status = prop_set(eng, msg->id, packed, packed_size);
    if (status == ENG_OK)
        status = values_change(eng, msg->id, NULL, 0, packed, packed_size);
    if (status != ENG_OK || msg->folder == 0)
        return status;
    status = count_msg(eng, place_make(msg->folder, msg->flags), msg->flags, 1);
    if (status != ENG_OK)
        return status;
    return event_add(eng, ENG_EVENT_CREATED, false, msg->id, msg->folder, 0);
}

static enum eng_status row_update(struct eng *eng, const struct eng_msg *msg, uint64_t change)
{
    struct eng_query query;

    query_begin(&query, eng, STMT_MSG_UPDATE);
    query_u64(&query, msg->flags);
    query_u64(&query, change);
    query_u64(&query, msg->importance);
    query_u64(&query, msg->size);
    query_u64(&query, msg->submitted);
    query_u64(&query, msg->created);
    query_u64(&query, msg->modified);
    bind_text(&query, &msg->message_class);
    bind_text(&query, &msg->subject);
    bind_text(&query, &msg->sender);
    bind_text(&query, &msg->display_to);
    query_u64(&query, msg->id);
    return query_run(&query);
}

/* Gives the new properties the large values that they name, and frees those of the old ones. */
static enum eng_status props_replace(
        struct eng *eng, uint64_t id, const void *packed, size_t packed_size)
{
    struct eng_query query;
    enum eng_status status;

    query_begin(&query, eng, STMT_PROP_GET);
    query_u64(&query, id);
    if (query_row(&query)) {
        struct eng_text old = query_col_text(&query, 0);

        if (query.status == ENG_OK && !packed_check(old.data, old.size))
            old.size = 0; /* damaged: this save repairs it; eng_check() finds what it owned */
        if (query.status == ENG_OK)
            query.status = values_change(eng, id, old.data, old.size, packed, packed_size);
    } else if (query.status == ENG_OK) {
        query.status = values_change(eng, id, NULL, 0, packed, packed_size);
    }
    status = query_end(&query);
    return status == ENG_OK ? prop_set(eng, id, packed, packed_size) : status;
}

/* The row's place in its folder and the folder's counts, when the save changes them. */
static enum eng_status update_place(
        struct eng *eng, const struct eng_msg *msg, const struct msg_state *state)
{
    uint64_t place = place_make(place_folder(state->place), msg->flags);
    enum eng_status status = ENG_OK;

    if (place != state->place || msg->delivered != state->delivered) {
        struct eng_query query;

        query_begin(&query, eng, STMT_MSG_ORDER);
        if (state->is_embedded)
            query_null(&query);
        else
            query_u64(&query, place);
        query_u64(&query, msg->delivered);
        query_u64(&query, msg->id);
        status = query_run(&query);
    }
    if (status != ENG_OK || state->is_embedded)
        return status;
    if (((msg->flags ^ state->flags) & ENG_SIGNIFICANT_MSG_FLAGS) != 0) {
        status = count_msg(eng, state->place, state->flags, -1);
        if (status == ENG_OK)
            status = count_msg(eng, place, msg->flags, 1);
    }
    if (status != ENG_OK)
        return status;
    return event_add(eng, ENG_EVENT_MODIFIED, false, msg->id, place_folder(place), 0);
}

static enum eng_status update(struct eng *eng, const struct eng_msg *msg, uint32_t put_flags,
        const void *packed, size_t packed_size, uint64_t *out_change)
{
    struct eng_msg row = *msg;
    struct msg_state state;
    enum eng_status status = state_get(eng, msg->id, &state);

    if (status == ENG_NOT_FOUND)
        return eng_fail(eng, ENG_DELETED);
    if (status != ENG_OK)
        return status;
    if ((put_flags & ENG_PUT_FORCE) == 0 && msg->change != state.change)
        return eng_fail(eng, ENG_CHANGED);
    *out_change = state.change + 1;
    row.flags = (row.flags & ~(uint32_t)MSG_SUBMITTED) | (state.flags & MSG_SUBMITTED);
    status = row_update(eng, &row, *out_change);
    if (status == ENG_OK)
        status = props_replace(eng, msg->id, packed, packed_size);
    return status == ENG_OK ? update_place(eng, &row, &state) : status;
}

enum eng_status eng_msg_put(struct eng *eng, const struct eng_msg *msg, uint32_t put_flags,
        const void *packed, size_t packed_size, uint64_t *out_change)
{
    uint64_t change = 1;
    enum eng_status status;

    *out_change = 0;
    if (!id_is_good(msg->id) || msg->folder > ENG_MAX_ID)
        return eng_fail(eng, ENG_INVALID);
    status = packed_accept(eng, packed, packed_size);
    if (status == ENG_OK)
        status = op_write(eng);
    if (status != ENG_OK)
        return status;
    eng->op_bytes += packed_size + msg->subject.size + msg->sender.size + msg->display_to.size;
    if ((put_flags & ENG_PUT_NEW) != 0)
        status = insert(eng, msg, packed, packed_size);
    else
        status = update(eng, msg, put_flags, packed, packed_size, &change);
    status = op_end(eng, status);
    if (status == ENG_OK)
        *out_change = change;
    return status;
}

/* --- reading -------------------------------------------------------------------------------- */

void msg_from_row(struct eng_query *query, struct eng_msg *out)
{
    out->id = query_col(query, 0);
    out->folder = place_folder(query_col(query, 1));
    out->flags = (uint32_t)query_col(query, 2);
    out->status = (uint32_t)query_col(query, 3);
    out->change = query_col(query, 4);
    out->importance = (uint32_t)query_col(query, 5);
    out->size = query_col(query, 6);
    out->delivered = query_col(query, 7);
    out->submitted = query_col(query, 8);
    out->created = query_col(query, 9);
    out->modified = query_col(query, 10);
    out->message_class = query_col_text(query, 11);
    out->subject = query_col_text(query, 12);
    out->sender = query_col_text(query, 13);
    out->display_to = query_col_text(query, 14);
}

/* Moves the texts of a row into memory of the caller, which has room for them. */
static void text_copy(struct msp_buf *texts, struct eng_text *text)
{
    const unsigned char *copy = texts->data + texts->size;

    if (text->data == NULL)
        return;
    (void)msp_buf_append(texts, text->data, text->size);
    text->data = (const char *)copy;
}

static enum eng_status texts_copy(struct eng *eng, struct msp_buf *texts, struct eng_msg *row)
{
    size_t size =
            row->message_class.size + row->subject.size + row->sender.size + row->display_to.size;

    msp_buf_clear(texts);
    if (!msp_buf_reserve(texts, size + 1)) /* never NULL, even for empty texts */
        return eng_fail(eng, ENG_NO_MEMORY);
    text_copy(texts, &row->message_class);
    text_copy(texts, &row->subject);
    text_copy(texts, &row->sender);
    text_copy(texts, &row->display_to);
    return ENG_OK;
}

enum eng_status eng_msg_get(struct eng *eng, uint64_t id, struct eng_msg *row,
        struct msp_buf *texts, struct msp_buf *packed)
{
    struct eng_query query;
    enum eng_status status = op_peek(eng);

    memset(row, 0, sizeof(*row));
    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, packed != NULL ? STMT_MSG_GET : STMT_MSG_ROW);
    query_u64(&query, id);
    if (query_row(&query)) {
        struct eng_msg found;

        msg_from_row(&query, &found);
        if (query.status == ENG_OK)
            query.status = texts_copy(eng, texts, &found);
        if (query.status == ENG_OK && packed != NULL) {
            struct eng_text record = query_col_text(&query, 15);

            if (query.status == ENG_OK)
                query.status = record_check(eng, &record);
            if (query.status == ENG_OK && !msp_buf_append(packed, record.data, record.size))
                query.status = eng_fail(eng, ENG_NO_MEMORY);
        }
        if (query.status == ENG_OK)
            *row = found;
    } else if (query.status == ENG_OK) {
        query.status = eng_fail(eng, ENG_NOT_FOUND);
    }
    return query_end(&query);
}

enum eng_status eng_msg_scan(
        struct eng *eng, uint64_t folder, uint32_t scan, eng_msg_fn fn, void *context)
{
    bool with_props = (scan & ENG_SCAN_PROPS) != 0;
    struct eng_query query;
    enum eng_status status = op_peek(eng);

    if (status != ENG_OK)
        return status;
    if (!id_is_good(folder))
        return eng_fail(eng, ENG_NOT_FOUND);
    query_begin(&query, eng, with_props ? STMT_MSG_SCAN_PROPS : STMT_MSG_SCAN);
    query_u64(&query, place_make(folder, (scan & ENG_SCAN_ASSOC) != 0 ? MSG_ASSOCIATED : 0));
    while (query_row(&query)) {
        struct eng_text record = { NULL, 0 };
        struct eng_msg row;

        msg_from_row(&query, &row);
        if (with_props) {
            record = query_col_text(&query, 15);
            if (record.data == NULL || !packed_check(record.data, record.size)) {
                record.data = ""; /* damaged: no properties; eng_msg_get() says so */
                record.size = 0;
            }
        }
        if (query.status != ENG_OK || !fn(context, &row, record.data, record.size))
            break;
    }
    return query_end(&query);
}

enum eng_status eng_msg_keys(struct eng *eng, uint64_t folder, bool associated, bool backward,
        eng_key_fn fn, void *context)
{
    struct eng_query query;
    enum eng_status status = op_peek(eng);

    if (status != ENG_OK)
        return status;
    if (!id_is_good(folder))
        return eng_fail(eng, ENG_NOT_FOUND);
    query_begin(&query, eng, backward ? STMT_MSG_KEYS_BACK : STMT_MSG_KEYS);
    query_u64(&query, place_make(folder, associated ? MSG_ASSOCIATED : 0));
    while (query_row(&query)) {
        if (!fn(context, query_col(&query, 0), query_col(&query, 1)))
            break;
    }
    return query_end(&query);
}

enum eng_status eng_msg_ids(struct eng *eng, uint64_t folder, bool associated, struct msp_buf *out)
{
    size_t before = out->size;
    struct eng_query query;
    enum eng_status status = op_peek(eng);

    if (status != ENG_OK)
        return status;
    if (!id_is_good(folder))
        return eng_fail(eng, ENG_NOT_FOUND);
    query_begin(&query, eng, STMT_MSG_IDS);
    query_u64(&query, place_make(folder, associated ? MSG_ASSOCIATED : 0));
    while (query_row(&query)) {
        uint64_t id = query_col(&query, 0);

        if (!msp_buf_append(out, &id, sizeof(id)))
            query.status = eng_fail(eng, ENG_NO_MEMORY);
    }
    status = query_end(&query);
    if (status != ENG_OK && !out->failed)
        msp_buf_truncate(out, before);
    return status;
}

/* --- flags, place --------------------------------------------------------------------------- */

static enum eng_status set_flags(
        struct eng *eng, uint64_t id, uint32_t mask, uint32_t value, uint32_t *out_old)
{
    struct msg_state state;
    uint32_t flags;
    enum eng_status status = state_get(eng, id, &state);

    if (status != ENG_OK)
        return status;
    *out_old = state.flags;
    flags = (state.flags & ~mask) | (value & mask);
    if (flags == state.flags)
        return ENG_OK;
    status = query_do2(eng, STMT_MSG_FLAGS, flags, id);
    if (status != ENG_OK || state.is_embedded)
        return status;
    if (((flags ^ state.flags) & MSG_READ) != 0 && (state.place & 1) == 0) {
        struct count_delta delta = { .folder = place_folder(state.place) };

        delta.unread = (flags & MSG_READ) == 0 ? 1 : -1;
        status = delta_add(eng, &delta);
        if (status != ENG_OK)
            return status;
    }
    return event_add(eng, ENG_EVENT_MODIFIED, false, id, place_folder(state.place), 0);
}

enum eng_status eng_msg_set_flags(
        struct eng *eng, uint64_t id, uint32_t mask, uint32_t value, uint32_t *out_old)
{
    uint32_t old = 0;
    enum eng_status status;

    if (out_old != NULL)
        *out_old = 0;
    if ((mask & MSG_ASSOCIATED) != 0)
        return eng_failf(eng, ENG_INVALID, "A message cannot become an associated one.");
    status = op_write(eng);
    if (status != ENG_OK)
        return status;
    status = op_end(eng, set_flags(eng, id, mask, value, &old));
    if (status == ENG_OK && out_old != NULL)
        *out_old = old;
    return status;
}

static enum eng_status set_status(
        struct eng *eng, uint64_t id, uint32_t mask, uint32_t value, uint32_t *out_old)
{
    struct msg_state state;
    uint32_t now;
    enum eng_status status = state_get(eng, id, &state);

    if (status != ENG_OK)
        return status;
    *out_old = state.status;
    now = (state.status & ~mask) | (value & mask);
    if (now == state.status)
        return ENG_OK;
    status = query_do2(eng, STMT_MSG_STATUS, now, id);
    if (status != ENG_OK || state.is_embedded)
        return status;
    return event_add(eng, ENG_EVENT_MODIFIED, false, id, place_folder(state.place), 0);
}

enum eng_status eng_msg_set_status(
        struct eng *eng, uint64_t id, uint32_t mask, uint32_t value, uint32_t *out_old)
{
    uint32_t old = 0;
    enum eng_status status;

    if (out_old != NULL)
        *out_old = 0;
    status = op_write(eng);
    if (status != ENG_OK)
        return status;
    status = op_end(eng, set_status(eng, id, mask, value, &old));
    if (status == ENG_OK && out_old != NULL)
        *out_old = old;
    return status;
}

static enum eng_status move(struct eng *eng, uint64_t id, uint64_t new_folder)
{
    struct msg_state state;
    uint64_t place;
    enum eng_status status = state_get(eng, id, &state);

    if (status == ENG_OK && state.is_embedded)
        status = eng_failf(eng, ENG_INVALID, "An embedded message cannot be moved.");
    if (status == ENG_OK)
        status = folder_must_exist(eng, new_folder);
    if (status != ENG_OK || place_folder(state.place) == new_folder)
        return status;
    place = new_folder << 1 | (state.place & 1);
    status = query_do2(eng, STMT_MSG_PLACE, place, id);
    if (status == ENG_OK)
        status = count_msg(eng, state.place, state.flags, -1);
    if (status == ENG_OK)
        status = count_msg(eng, place, state.flags, 1);
    if (status != ENG_OK)
        return status;
    return event_add(eng, ENG_EVENT_MOVED, false, id, new_folder, place_folder(state.place));
}

enum eng_status eng_msg_move(struct eng *eng, uint64_t id, uint64_t new_folder)
{
    enum eng_status status = op_write(eng);

    return status == ENG_OK ? op_end(eng, move(eng, id, new_folder)) : status;
}

/* --- deleting ------------------------------------------------------------------------------- */

/* Deletes one message, without those embedded in it: their ids are added to `embedded`. */
static enum eng_status remove_one(
        struct eng *eng, uint64_t id, const struct msg_state *state, struct msp_array *embedded)
{
    enum eng_status status = parts_remove(eng, id, embedded);

    if (status == ENG_OK && (state->flags & MSG_SUBMITTED) != 0)
        status = query_do1(eng, STMT_OUTGOING_DELETE, id);
    if (status == ENG_OK)
        status = values_drop_owner(eng, id);

    if (status == ENG_OK)
        status = query_do1(eng, STMT_PROP_DELETE, id);
    if (status == ENG_OK)
        status = query_do1(eng, STMT_MSG_DELETE, id);
    if (status == ENG_OK && !state->is_embedded)
        status = count_msg(eng, state->place, state->flags, -1);
    return status;
}

/* Works off a list of embedded messages, which grows on the way: nesting costs no stack. A record
 * that names a message of a folder is damaged; that message stays. */
static enum eng_status remove_embedded(struct eng *eng, struct msp_array *embedded)
{
    enum eng_status status = ENG_OK;

    while (status == ENG_OK && embedded->count > 0) {
        uint64_t id = *MSP_ARRAY_AT(uint64_t, embedded, embedded->count - 1);
        struct msg_state state;

        msp_array_truncate(embedded, embedded->count - 1);
        status = op_check(eng);
        if (status == ENG_OK)
            status = state_get(eng, id, &state);
        if (status == ENG_NOT_FOUND)
            status = ENG_OK;
        else if (status == ENG_OK && state.is_embedded)
            status = remove_one(eng, id, &state, embedded);
    }
    return status;
}

enum eng_status msg_remove(struct eng *eng, uint64_t id, bool embedded_only)
{
    struct msp_array embedded = MSP_ARRAY_INIT(uint64_t);
    struct msg_state state;
    enum eng_status status = state_get(eng, id, &state);

    if (embedded_only && (status == ENG_NOT_FOUND || (status == ENG_OK && !state.is_embedded)))
        return ENG_OK;
    if (status == ENG_OK)
        status = remove_one(eng, id, &state, &embedded);
    if (status == ENG_OK)
        status = remove_embedded(eng, &embedded);
    msp_array_free(&embedded);
    if (status != ENG_OK || state.is_embedded)
        return status;
    return event_add(eng, ENG_EVENT_DELETED, false, id, place_folder(state.place), 0);
}

enum eng_status eng_msg_delete(struct eng *eng, uint64_t id)
{
    enum eng_status status = op_write(eng);

    if (status != ENG_OK)
        return status;
    status = op_end(eng, msg_remove(eng, id, false));
    if (status == ENG_OK && eng->has_dead_values && eng->depth == 0)
        (void)values_reap(eng, ENG_REAP_CHUNKS);
    return status;
}

static enum eng_status remove_place(struct eng *eng, uint64_t folder, bool associated)
{
    struct msp_buf ids = MSP_BUF_INIT;
    enum eng_status status = eng_msg_ids(eng, folder, associated, &ids);

    for (size_t i = 0; status == ENG_OK && i < ids.size / sizeof(uint64_t); i++) {
        uint64_t id;

        memcpy(&id, ids.data + i * sizeof(id), sizeof(id));
        status = msg_remove(eng, id, false);
    }
    msp_buf_free(&ids);
    return status;
}

enum eng_status msgs_remove_all(struct eng *eng, uint64_t folder)
{
    enum eng_status status = remove_place(eng, folder, false);

    return status == ENG_OK ? remove_place(eng, folder, true) : status;
}
