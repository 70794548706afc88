/* SPDX-License-Identifier: MIT */
/*
 * copy_store.c - messages go into another store of ours: their records are read under one lock and
 * written under the other, many in one transaction.
 *
 * A batch is read into memory, but for its large values, which go over piece by piece. Named ids
 * change on the way to those that the other store has for the names.
 *
 * Owns:  the batch; values written there in advance, until the batch is.
 * Locks: that of the source, or that of the other store; never both.
 */
#include <string.h>

#include "com/copy_store.h"
#include "com/folder_int.h"
#include "util/alloc.h"
#include "util/bag.h"

enum {
    FIRST_NAMED_ID = 0x8000,
    NAMED_IDS = 0x8000,
    PIECE = 256 * 1024, /* of a large value */
    MAX_EMBEDDED = 65536
};

/* A packed record of the batch. */
struct record {
    size_t offset; /* in bytes */
    size_t size;
    uint32_t number;
    uint32_t embedded; /* attachment: index of the message in it, or 0 */
};

/* A message of the batch; those embedded in it come somewhere behind it. */
struct item {
    struct eng_msg row; /* texts are in `bytes`, from text_offset on */
    size_t text_offset;
    struct record props;
    size_t first_recipient;
    size_t recipient_count;
    size_t first_attachment;
    size_t attachment_count;
    uint64_t new_id; /* once it is written */
};

/* A name on its way from one store to the other. */
struct name {
    uint16_t id;          /* here */
    uint16_t there;       /* 0: not known yet */
    struct eng_name name; /* the text is in `names` */
    size_t text_offset;
};

struct copy_batch {
    struct copy_job *job;
    struct folder *target;        /* of the other store */
    struct msp_array items;       /* struct item */
    struct msp_array recipients;  /* struct record */
    struct msp_array attachments; /* struct record */
    struct msp_array values;      /* struct eng_value_pair */
    struct msp_buf bytes;
    struct msp_array names; /* struct name; stay from batch to batch */
    struct msp_buf name_texts;
    uint16_t *name_index; /* of an id - FIRST_NAMED_ID: its name's index + 1 */
    size_t first;         /* item of the message that is being read */
    enum eng_status status;
    struct msp_buf packed; /* rewritten records */
};

/* --- life ------------------------------------------------------------------------------------- */

struct copy_batch *copy_batch_new(struct copy_job *job, const struct copy_place *place)
{
    struct copy_batch *batch = msp_calloc(1, sizeof(*batch));

    if (batch == NULL)
        return NULL;
    batch->job = job;
    batch->target = folder_from_client((LPUNKNOWN)place->foreign);
    msp_array_init(&batch->items, sizeof(struct item));
    msp_array_init(&batch->recipients, sizeof(struct record));
    msp_array_init(&batch->attachments, sizeof(struct record));
    msp_array_init(&batch->values, sizeof(struct eng_value_pair));
    msp_array_init(&batch->names, sizeof(struct name));
    batch->name_index = msp_calloc(NAMED_IDS, sizeof(uint16_t));
    if (batch->name_index == NULL) {
        copy_batch_free(batch);
        return NULL;
    }
    return batch;
}

void copy_batch_free(struct copy_batch *batch)
{
    if (batch == NULL)
        return;
    msp_array_free(&batch->items);
    msp_array_free(&batch->recipients);
    msp_array_free(&batch->attachments);
    msp_array_free(&batch->values);
    msp_array_free(&batch->names);
    msp_buf_free(&batch->bytes);
    msp_buf_free(&batch->name_texts);
    msp_buf_free(&batch->packed);
    msp_free(batch->name_index);
    msp_free(batch);
}

void copy_batch_clear(struct copy_batch *batch)
{
    msp_array_truncate(&batch->items, 0);
    msp_array_truncate(&batch->recipients, 0);
    msp_array_truncate(&batch->attachments, 0);
    msp_array_truncate(&batch->values, 0);
    msp_buf_clear(&batch->bytes);
}

static struct item *item_at(const struct copy_batch *batch, size_t index)
{
    return MSP_ARRAY_AT(struct item, &batch->items, index);
}

/* --- reading, under the lock of the source ---------------------------------------------------- */

/* Remembers what an id means here. One without a name means nothing anywhere else. */
static enum eng_status note_name(struct copy_batch *batch, uint16_t id)
{
    struct eng *eng = batch->job->logon->eng;
    struct name name = { .id = id };
    enum eng_status status;

    if (batch->name_index[id - FIRST_NAMED_ID] != 0)
        return ENG_OK;
    status = eng_id_to_name(eng, id, &name.name);
    if (status != ENG_OK)
        return status == ENG_NOT_FOUND ? ENG_OK : status;
    name.text_offset = batch->name_texts.size;
    if ((name.name.is_string &&
                !msp_buf_append(&batch->name_texts, name.name.text, name.name.text_size)) ||
            msp_array_push(&batch->names, &name) == NULL)
        return ENG_NO_MEMORY;
    batch->name_index[id - FIRST_NAMED_ID] = (uint16_t)batch->names.count;
    return ENG_OK;
}

static enum eng_status note_value(struct copy_batch *batch, const struct bag_value *value)
{
    struct eng_value_pair pair = { 0 };
    struct bag_large large;
    enum eng_status status;

    if (!bag_large_get(value, &large))
        return ENG_CORRUPT;
    pair.from = large.id;
    status = eng_value_size(batch->job->logon->eng, large.id, &pair.size);
    if (status == ENG_NOT_FOUND)
        return ENG_CORRUPT;
    if (status == ENG_OK && msp_array_push(&batch->values, &pair) == NULL)
        return ENG_NO_MEMORY;
    return status;
}

/* Keeps a record, with the names and the large values that it needs. */
static enum eng_status keep_record(
        struct copy_batch *batch, const void *packed, size_t packed_size, struct record *out)
{
    size_t count;
    enum eng_status status = ENG_OK;

    if (!packed_check(packed, packed_size))
        return ENG_CORRUPT;
    count = packed_count(packed, packed_size);
    for (size_t i = 0; i < count && status == ENG_OK; i++) {
        struct bag_value value;

        packed_at(packed, packed_size, i, &value);
        if (copy_is_named(value.tag))
            status = note_name(batch, (uint16_t)PROP_ID(value.tag));
        if (status == ENG_OK && (value.flags & BAG_LARGE) != 0)
            status = note_value(batch, &value);
    }
    if (status != ENG_OK)
        return status;
    out->offset = batch->bytes.size;
    out->size = packed_size;
    return msp_buf_append(&batch->bytes, packed, packed_size) ? ENG_OK : ENG_NO_MEMORY;
}

static bool keep_recipient(void *context, const struct eng_part *part)
{
    struct copy_batch *batch = context;
    struct record record = { .number = part->number };

    batch->status = keep_record(batch, part->packed, part->packed_size, &record);
    if (batch->status == ENG_OK && msp_array_push(&batch->recipients, &record) == NULL)
        batch->status = ENG_NO_MEMORY;
    return batch->status == ENG_OK;
}

/* Is the message a part of itself? Only in a damaged file. */
static bool is_in(const struct copy_batch *batch, uint64_t id)
{
    for (size_t i = batch->first; i < batch->items.count; i++) {
        if (item_at(batch, i)->row.id == id)
            return true;
    }
    return false;
}

/* An embedded message is read later: its id waits in the place of a new one. */
static bool keep_attachment(void *context, const struct eng_part *part)
{
    struct copy_batch *batch = context;
    struct record record = { .number = part->number };

    batch->status = keep_record(batch, part->packed, part->packed_size, &record);
    if (batch->status == ENG_OK && part->embedded != 0) {
        struct item inner = { .row = { .id = part->embedded } };

        record.embedded = (uint32_t)batch->items.count;
        if (batch->items.count - batch->first > MAX_EMBEDDED || is_in(batch, part->embedded))
            batch->status = ENG_CORRUPT;
        else if (msp_array_push(&batch->items, &inner) == NULL)
            batch->status = ENG_NO_MEMORY;
    }
    if (batch->status == ENG_OK && msp_array_push(&batch->attachments, &record) == NULL)
        batch->status = ENG_NO_MEMORY;
    return batch->status == ENG_OK;
}

/* The narrow row and its properties. */
static enum eng_status read_row(struct copy_batch *batch, struct item *item)
{
    struct msp_buf packed = MSP_BUF_INIT;
    struct msp_buf texts = MSP_BUF_INIT;
    enum eng_status status;

    status = eng_msg_get(batch->job->logon->eng, item->row.id, &item->row, &texts, &packed);
    if (status == ENG_OK)
        status = keep_record(batch, packed.data, packed.size, &item->props);
    if (status == ENG_OK) {
        const char *base = (const char *)texts.data;
        struct eng_text *all[] = { &item->row.message_class, &item->row.subject, &item->row.sender,
            &item->row.display_to };

        /* as offsets, until all of the batch is in its place */
        for (size_t i = 0; i < MSP_COUNT_OF(all); i++)
            all[i]->data = all[i]->data != NULL ? (const char *)(uintptr_t)(all[i]->data - base + 1)
                                                : NULL;
        item->text_offset = batch->bytes.size;
        if (!msp_buf_append(&batch->bytes, texts.data, texts.size))
            status = ENG_NO_MEMORY;
    }
    msp_buf_free(&packed);
    msp_buf_free(&texts);
    return status;
}

static enum eng_status read_item(struct copy_batch *batch, size_t index)
{
    struct eng *eng = batch->job->logon->eng;
    struct item item = *item_at(batch, index);
    enum eng_status status = read_row(batch, &item);

    if (index > batch->first && (status == ENG_NOT_FOUND || item.row.folder != 0))
        return ENG_CORRUPT;
    item.first_recipient = batch->recipients.count;
    item.first_attachment = batch->attachments.count;
    batch->status = ENG_OK;
    if (status == ENG_OK)
        status = eng_recipients_get(eng, item.row.id, keep_recipient, batch);
    if (status == ENG_OK && batch->status == ENG_OK)
        status = eng_attachments_get(eng, item.row.id, keep_attachment, batch);
    if (status == ENG_OK)
        status = batch->status;
    item.recipient_count = batch->recipients.count - item.first_recipient;
    item.attachment_count = batch->attachments.count - item.first_attachment;
    *item_at(batch, index) = item;
    return status;
}

HRESULT copy_batch_read(struct copy_batch *batch, uint64_t id)
{
    struct copy_job *job = batch->job;
    struct item first = { .row = { .id = id } };
    size_t items = batch->items.count;
    size_t recipients = batch->recipients.count;
    size_t attachments = batch->attachments.count;
    size_t values = batch->values.count;
    size_t bytes = batch->bytes.size;
    enum eng_status status;

    batch->first = items;
    if (msp_array_push(&batch->items, &first) == NULL)
        return msp_from_engine(job->call, NULL, ENG_NO_MEMORY);
    status = eng_begin(job->logon->eng, false);
    if (status == ENG_OK) {
        for (size_t i = items; i < batch->items.count && status == ENG_OK; i++)
            status = read_item(batch, i);
        (void)eng_commit(job->logon->eng); /* nothing was written */
    }
    if (status == ENG_OK)
        return S_OK;
    /* as if it had not been asked for */
    msp_array_truncate(&batch->items, items);
    msp_array_truncate(&batch->recipients, recipients);
    msp_array_truncate(&batch->attachments, attachments);
    msp_array_truncate(&batch->values, values);
    if (batch->bytes.failed)
        return msp_from_engine(job->call, NULL, ENG_NO_MEMORY);
    msp_buf_truncate(&batch->bytes, bytes);
    if (status == ENG_CORRUPT) /* this message, not the store */
        return MAPI_E_CORRUPT_DATA;
    return msp_from_engine(job->call, job->logon->eng, status);
}

uint64_t copy_batch_size(const struct copy_batch *batch)
{
    uint64_t size = batch->bytes.size;

    for (size_t i = 0; i < batch->values.count; i++)
        size += MSP_ARRAY_AT(struct eng_value_pair, &batch->values, i)->size;
    return size;
}

/* --- large values, from lock to lock ---------------------------------------------------------- */

/* Under the lock of the other store. */
static HRESULT put_piece(struct copy_batch *batch, struct eng_value_pair *pair, uint64_t at,
        const uint8_t *piece, size_t size)
{
    struct msp_call call;
    struct eng *eng;
    enum eng_status status = ENG_OK;
    HRESULT hr;

    hr = msp_call_begin(&call, &batch->target->prop.object);
    if (FAILED(hr))
        return hr;
    eng = batch->target->prop.logon->eng;
    if (pair->to == 0)
        status = eng_value_new(eng, &pair->to);
    if (status == ENG_OK && size > 0)
        status = eng_value_write(eng, pair->to, at, piece, size);
    return msp_call_end(&call, msp_from_engine(&call, eng, status));
}

static HRESULT copy_value(struct copy_batch *batch, struct eng_value_pair *pair, uint8_t *piece)
{
    struct msp_call *call = batch->job->call;
    uint64_t at = 0;
    HRESULT hr = S_OK;

    do {
        struct eng *eng = batch->job->logon->eng;
        size_t size = 0;
        HRESULT alive;

        hr = msp_from_engine(call, eng, eng_value_read(eng, pair->from, at, piece, PIECE, &size));
        if (SUCCEEDED(hr) && size == 0 && at < pair->size)
            hr = MAPI_E_CORRUPT_DATA;
        if (FAILED(hr))
            return hr;
        msp_call_pause(call);
        hr = put_piece(batch, pair, at, piece, size);
        alive = msp_call_resume(call);
        if (SUCCEEDED(alive) && msp_domain_is_stopping(call->domain))
            alive = MAPI_E_INVALID_OBJECT;
        if (FAILED(alive))
            return alive;
        at += size;
    } while (SUCCEEDED(hr) && at < pair->size);
    return hr;
}

static HRESULT copy_values(struct copy_batch *batch)
{
    uint8_t *piece;
    HRESULT hr = S_OK;

    if (batch->values.count == 0)
        return S_OK;
    piece = msp_alloc(PIECE);
    if (piece == NULL)
        return msp_from_engine(batch->job->call, NULL, ENG_NO_MEMORY);
    for (size_t i = 0; i < batch->values.count && SUCCEEDED(hr); i++)
        hr = copy_value(batch, MSP_ARRAY_AT(struct eng_value_pair, &batch->values, i), piece);
    msp_free(piece);
    return hr;
}

/* What no message has taken over. No lock held. */
static void give_up_values(struct copy_batch *batch)
{
    struct msp_call call;

    if (batch->values.count == 0 || FAILED(msp_call_begin(&call, &batch->target->prop.object)))
        return; /* a store that is closed has seen to it */
    for (size_t i = 0; i < batch->values.count; i++) {
        const struct eng_value_pair *pair = MSP_ARRAY_AT(struct eng_value_pair, &batch->values, i);

        if (pair->to != 0 && !atomic_load(&call.domain->closing))
            (void)eng_value_free(batch->target->prop.logon->eng, pair->to);
    }
    (void)msp_call_end(&call, S_OK);
}

/* --- writing, under the lock of the other store ----------------------------------------------- */

static enum eng_status map_names(struct copy_batch *batch, struct eng *eng)
{
    enum eng_status status = ENG_OK;

    for (size_t i = 0; i < batch->names.count && status == ENG_OK; i++) {
        struct name *name = MSP_ARRAY_AT(struct name, &batch->names, i);

        if (name->there != 0)
            continue;
        name->name.text = name->name.is_string
                                  ? (const char *)batch->name_texts.data + name->text_offset
                                  : NULL;
        status = eng_name_to_id(eng, &name->name, true, &name->there);
    }
    return status;
}

static const struct eng_value_pair *find_value(const struct copy_batch *batch, uint64_t from)
{
    for (size_t i = 0; i < batch->values.count; i++) {
        const struct eng_value_pair *pair = MSP_ARRAY_AT(struct eng_value_pair, &batch->values, i);

        if (pair->from == from)
            return pair;
    }
    return NULL;
}

/* The tag there; 0: it has no name to be known by. */
static uint32_t map_tag(const struct copy_batch *batch, uint32_t tag)
{
    uint16_t index;

    if (!copy_is_named(tag))
        return tag;
    index = batch->name_index[PROP_ID(tag) - FIRST_NAMED_ID];
    if (index == 0)
        return 0;
    return PROP_TAG(
            PROP_TYPE(tag), (uint32_t)MSP_ARRAY_AT(struct name, &batch->names, index - 1u)->there);
}

static bool needs_change(const uint8_t *packed, size_t packed_size)
{
    size_t count = packed_count(packed, packed_size);

    for (size_t i = 0; i < count; i++) {
        struct bag_value value;

        packed_at(packed, packed_size, i, &value);
        if (copy_is_named(value.tag) || (value.flags & BAG_LARGE) != 0)
            return true;
    }
    return false;
}

static enum eng_status put_value(
        const struct copy_batch *batch, struct bag *bag, const struct bag_value *value)
{
    uint32_t tag = map_tag(batch, value->tag);
    const struct eng_value_pair *pair;
    uint8_t reference[16];
    struct bag_large large;

    if (tag == 0)
        return ENG_OK;
    if ((value->flags & BAG_LARGE) == 0)
        return bag_set(bag, tag, 0, value->data, value->size) ? ENG_OK : ENG_NO_MEMORY;
    pair = bag_large_get(value, &large) ? find_value(batch, large.id) : NULL;
    if (pair == NULL)
        return ENG_CORRUPT;
    large.id = pair->to;
    bag_large_put(&large, reference);
    return bag_set(bag, tag, BAG_LARGE, reference, sizeof(reference)) ? ENG_OK : ENG_NO_MEMORY;
}

/* Appends the record with ids and values of the other store to batch->packed, which may move. */
static enum eng_status rewrite(struct copy_batch *batch, const struct record *record)
{
    const uint8_t *packed = batch->bytes.data + record->offset;
    size_t count = packed_count(packed, record->size);
    enum eng_status status = ENG_OK;
    struct bag bag;

    if (!needs_change(packed, record->size))
        return msp_buf_append(&batch->packed, packed, record->size) ? ENG_OK : ENG_NO_MEMORY;
    bag_init(&bag);
    for (size_t i = 0; i < count && status == ENG_OK; i++) {
        struct bag_value value;

        packed_at(packed, record->size, i, &value);
        status = put_value(batch, &bag, &value);
    }
    if (status == ENG_OK && !bag_pack(&bag, &batch->packed))
        status = ENG_NO_MEMORY;
    bag_done(&bag);
    return status;
}

/* One record alone in batch->packed. */
static enum eng_status rewrite_alone(struct copy_batch *batch, const struct record *record)
{
    msp_buf_clear(&batch->packed);
    return rewrite(batch, record);
}

static void place_texts(const struct copy_batch *batch, struct item *item, struct eng_msg *out)
{
    const char *base = (const char *)batch->bytes.data + item->text_offset;
    struct eng_text *all[] = { &out->message_class, &out->subject, &out->sender, &out->display_to };

    *out = item->row;
    for (size_t i = 0; i < MSP_COUNT_OF(all); i++) {
        if (all[i]->data != NULL)
            all[i]->data = base + ((uintptr_t)all[i]->data - 1);
    }
}

static enum eng_status write_row(struct copy_batch *batch, struct eng *eng, struct item *item)
{
    struct eng_msg row;
    uint64_t change;
    enum eng_status status = eng_id_new(eng, &item->new_id);

    if (status == ENG_OK)
        status = rewrite_alone(batch, &item->props);
    if (status != ENG_OK)
        return status;
    place_texts(batch, item, &row);
    row.id = item->new_id;
    row.folder = item->row.folder != 0 ? batch->target->row.id : 0;
    row.status = 0;
    row.flags &= ~(uint32_t)COPY_DROPPED_FLAGS;
    return eng_msg_put(eng, &row, ENG_PUT_NEW, batch->packed.data, batch->packed.size, &change);
}

static enum eng_status write_recipients(
        struct copy_batch *batch, struct eng *eng, const struct item *item)
{
    struct eng_part *parts;
    size_t at = 0;
    enum eng_status status = ENG_OK;

    if (item->recipient_count == 0)
        return ENG_OK;
    parts = msp_calloc(item->recipient_count, sizeof(*parts));
    if (parts == NULL)
        return ENG_NO_MEMORY;
    msp_buf_clear(&batch->packed);
    for (size_t i = 0; i < item->recipient_count && status == ENG_OK; i++) {
        const struct record *record =
                MSP_ARRAY_AT(struct record, &batch->recipients, item->first_recipient + i);
        size_t before = batch->packed.size;

        status = rewrite(batch, record);
        parts[i].number = record->number;
        parts[i].packed_size = batch->packed.size - before;
    }
    for (size_t i = 0; i < item->recipient_count && status == ENG_OK; i++) {
        parts[i].packed = batch->packed.data + at;
        at += parts[i].packed_size;
    }
    if (status == ENG_OK)
        status = eng_recipients_put(eng, item->new_id, parts, item->recipient_count);
    msp_free(parts);
    return status;
}

static enum eng_status write_attachments(
        struct copy_batch *batch, struct eng *eng, const struct item *item)
{
    enum eng_status status = ENG_OK;

    for (size_t i = 0; i < item->attachment_count && status == ENG_OK; i++) {
        const struct record *record =
                MSP_ARRAY_AT(struct record, &batch->attachments, item->first_attachment + i);
        struct eng_part part = { .number = record->number };

        status = rewrite_alone(batch, record);
        part.packed = batch->packed.data;
        part.packed_size = batch->packed.size;
        if (record->embedded != 0)
            part.embedded = item_at(batch, record->embedded)->new_id;
        if (status == ENG_OK)
            status = eng_attachment_put(eng, item->new_id, &part);
    }
    return status;
}

/* All rows first, so that nothing refers to one that is not there. */
static enum eng_status write_items(struct copy_batch *batch, struct eng *eng)
{
    enum eng_status status = ENG_OK;

    for (size_t i = 0; i < batch->items.count && status == ENG_OK; i++)
        status = write_row(batch, eng, item_at(batch, i));
    for (size_t i = 0; i < batch->items.count && status == ENG_OK; i++) {
        status = write_recipients(batch, eng, item_at(batch, i));
        if (status == ENG_OK)
            status = write_attachments(batch, eng, item_at(batch, i));
    }
    return status;
}

/* No lock held. */
static HRESULT write_all(struct copy_batch *batch)
{
    struct msp_call call;
    struct eng *eng;
    enum eng_status status;
    HRESULT hr;

    hr = msp_call_begin(&call, &batch->target->prop.object);
    if (FAILED(hr))
        return hr;
    eng = batch->target->prop.logon->eng;
    status = map_names(batch, eng);
    if (status == ENG_OK)
        status = eng_begin(eng, true);
    if (status == ENG_OK) {
        status = write_items(batch, eng);
        if (status != ENG_OK)
            eng_rollback(eng);
        else
            status = eng_commit(eng);
    }
    return msp_call_end(&call, msp_from_engine(&call, eng, status));
}

HRESULT copy_batch_write(struct copy_batch *batch)
{
    struct msp_call *call = batch->job->call;
    HRESULT alive;
    HRESULT hr;

    if (batch->items.count == 0)
        return S_OK;
    hr = copy_values(batch);
    msp_call_pause(call);
    if (SUCCEEDED(hr))
        hr = write_all(batch);
    if (FAILED(hr))
        give_up_values(batch);
    alive = msp_call_resume(call);
    return FAILED(alive) ? alive : hr;
}
