/* SPDX-License-Identifier: MIT */
/*
 * doc_write.c - a tree of documents becomes rows of the store, in one transaction.
 *
 * All message rows first, then what hangs on them, so that nothing ever refers to a row that is not
 * there. The tree is walked by a list, not by recursion.
 *
 * Owns:  nothing beyond one call; doc_props.moved until doc_written().
 * Locks: everything here runs under the domain lock, in the caller's engine transaction.
 */
#include <assert.h>
#include <string.h>

#include "com/call.h"
#include "com/doc.h"
#include "com/prop.h"
#include "com/props_message.h"
#include "mapi/propval.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/bytes.h"

/* --- large values ----------------------------------------------------------------------------- */

static bool belongs_outside(const struct bag_value *value)
{
    if ((value->flags & BAG_LARGE) != 0 || value->size <= PROP_INLINE_MAX)
        return false;
    /* Multivalues have no stream, so they stay where GetProps finds them. */
    return PROP_TYPE(value->tag) == PT_BINARY || PROP_TYPE(value->tag) == PT_UNICODE;
}

static enum eng_status move_value(struct eng *eng, struct bag *bag, const struct bag_value *value)
{
    struct bag_large large = { 0, value->size };
    uint8_t reference[16];
    enum eng_status status;

    status = eng_value_new(eng, &large.id);
    if (status == ENG_OK)
        status = eng_value_write(eng, large.id, 0, value->data, value->size);
    if (status != ENG_OK)
        return status;
    bag_large_put(&large, reference);
    return bag_set(bag, value->tag, BAG_LARGE, reference, sizeof(reference)) ? ENG_OK
                                                                             : ENG_NO_MEMORY;
}

/* The record as the store has it now: of a message, or of one of its attachments. */
struct place {
    uint64_t message;
    bool is_attachment;
    uint32_t number;
};

static enum eng_status read_place(struct eng *eng, const struct place *place, struct msp_buf *out)
{
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg row;
    uint64_t embedded;
    enum eng_status status;

    if (place->is_attachment)
        status = eng_attachment_get(eng, place->message, place->number, &embedded, out);
    else
        status = eng_msg_get(eng, place->message, &row, &texts, out);
    msp_buf_free(&texts);
    return status == ENG_NOT_FOUND ? ENG_DELETED : status;
}

/* A large value that somebody else's save has replaced since this record was read. */
static enum eng_status is_lost(struct eng *eng, const struct bag_value *value, bool *out)
{
    struct bag_large large;
    uint64_t size;
    enum eng_status status;

    *out = false;
    if (!bag_large_get(value, &large))
        return ENG_OK;
    status = eng_value_size(eng, large.id, &size);
    *out = status == ENG_NOT_FOUND;
    return *out ? ENG_OK : status;
}

/* The lost value cannot come back: a save that goes through all the same keeps the one that took
 * its place, or none, as the other save has it. */
static enum eng_status mend_value(
        struct eng *eng, const struct place *place, struct bag *bag, const struct bag_value *value)
{
    struct msp_buf packed = MSP_BUF_INIT;
    struct bag_value now;
    enum eng_status status = read_place(eng, place, &packed);

    if (status == ENG_OK) {
        bool ok = packed_find(packed.data, packed.size, value->tag, &now)
                          ? bag_set(bag, now.tag, now.flags, now.data, now.size)
                          : bag_remove(bag, value->tag);

        status = ok ? ENG_OK : ENG_NO_MEMORY;
    }
    msp_buf_free(&packed);
    return status;
}

static enum eng_status settle_value(
        struct eng *eng, const struct place *place, struct bag *bag, const struct bag_value *value)
{
    bool lost = false;
    enum eng_status status;

    if (belongs_outside(value))
        return move_value(eng, bag, value);
    status = is_lost(eng, value, &lost);
    return status == ENG_OK && lost ? mend_value(eng, place, bag, value) : status;
}

static enum eng_status settle_values(
        struct eng *eng, const struct place *place, struct doc_props *props, size_t count)
{
    struct msp_buf packed = MSP_BUF_INIT;
    enum eng_status status = ENG_OK;
    struct bag bag;

    bag_init(&bag);
    switch (bag_load(&bag, props->packed, props->packed_size)) {
    case BAG_OK:
        break;
    case BAG_NO_MEMORY:
        return ENG_NO_MEMORY;
    case BAG_CORRUPT:
        return ENG_CORRUPT;
    }
    for (size_t i = 0; i < count && status == ENG_OK; i++) {
        struct bag_value value;

        packed_at(props->packed, props->packed_size, i, &value);
        status = settle_value(eng, place, &bag, &value);
    }
    if (status == ENG_OK && !bag_pack(&bag, &packed))
        status = ENG_NO_MEMORY;
    if (status == ENG_OK)
        props->moved = msp_buf_steal(&packed, &props->moved_size);
    msp_buf_free(&packed);
    bag_done(&bag);
    return status;
}

/* Large inline values get rows of their own, references to lost ones are mended; props->moved is
 * the record that says so, when there is anything to say. */
static enum eng_status settle(struct eng *eng, const struct place *place, struct doc_props *props)
{
    size_t count = packed_count(props->packed, props->packed_size);

    assert(props->moved == NULL);
    for (size_t i = 0; i < count; i++) {
        struct bag_value value;
        bool lost = false;
        enum eng_status status;

        packed_at(props->packed, props->packed_size, i, &value);
        status = is_lost(eng, &value, &lost);
        if (status != ENG_OK)
            return status;
        if (lost || belongs_outside(&value))
            return settle_values(eng, place, props, count);
    }
    return ENG_OK;
}

static const uint8_t *written_data(const struct doc_props *props)
{
    return props->moved != NULL ? props->moved : props->packed;
}

static size_t written_size(const struct doc_props *props)
{
    return props->moved != NULL ? props->moved_size : props->packed_size;
}

static bool find_written(const struct doc_props *props, ULONG tag, struct bag_value *out)
{
    return packed_find(written_data(props), written_size(props), tag, out);
}

/* --- the narrow row --------------------------------------------------------------------------- */

enum { ROW_CLASS, ROW_SUBJECT, ROW_SENDER, ROW_DISPLAY_TO, ROW_TEXTS };

struct row_texts {
    char large[ROW_TEXTS][MESSAGE_NARROW_TEXT_MAX];
};

/* The beginning of a text, cut between characters. */
static enum eng_status row_text(
        struct eng *eng, const struct doc_props *props, ULONG tag, char *room, struct eng_text *out)
{
    struct bag_value value;
    struct bag_large large;
    size_t size;

    out->data = NULL;
    out->size = 0;
    if (!find_written(props, tag, &value) || value.tag != tag)
        return ENG_OK;
    out->data = value.size > 0 ? (const char *)value.data : "";
    size = value.size;
    if (bag_large_get(&value, &large)) {
        enum eng_status status =
                eng_value_read(eng, large.id, 0, room, MESSAGE_NARROW_TEXT_MAX, &size);

        if (status != ENG_OK)
            return status;
        out->data = room;
        size = size < MESSAGE_NARROW_TEXT_MAX ? size : MESSAGE_NARROW_TEXT_MAX + 1;
    }
    if (size > MESSAGE_NARROW_TEXT_MAX) {
        size = MESSAGE_NARROW_TEXT_MAX - 1;
        while (size > MESSAGE_NARROW_TEXT_MAX - 4 &&
                ((unsigned char)out->data[size] & 0xC0) == 0x80)
            size--;
    }
    out->size = size;
    return ENG_OK;
}

static uint64_t time_of(const struct doc_props *props, ULONG tag)
{
    struct bag_value value;

    if (!find_written(props, tag, &value) || value.tag != tag)
        return 0;
    return cell_get_i8(&value, 0);
}

static enum eng_status fill_row(struct eng *eng, struct msg_doc *doc, struct row_texts *texts)
{
    const struct doc_props *props = &doc->props;
    struct bag_value value;
    enum eng_status status;

    doc->row.importance = IMPORTANCE_NORMAL;
    if (find_written(props, PR_IMPORTANCE, &value))
        doc->row.importance = cell_get_long(&value, IMPORTANCE_NORMAL);
    doc->row.delivered = time_of(props, PR_MESSAGE_DELIVERY_TIME);
    doc->row.submitted = time_of(props, PR_CLIENT_SUBMIT_TIME);
    status = row_text(
            eng, props, PR_MESSAGE_CLASS_W, texts->large[ROW_CLASS], &doc->row.message_class);
    if (status == ENG_OK)
        status = row_text(eng, props, PR_SUBJECT_W, texts->large[ROW_SUBJECT], &doc->row.subject);
    if (status == ENG_OK)
        status = row_text(eng, props, PR_SENDER_NAME_W, texts->large[ROW_SENDER], &doc->row.sender);
    if (status == ENG_OK)
        status = row_text(
                eng, props, PR_DISPLAY_TO_W, texts->large[ROW_DISPLAY_TO], &doc->row.display_to);
    return status;
}

/* --- the tree --------------------------------------------------------------------------------- */

/* Appends every document below (and with) `doc` that the store does not have yet. */
static bool collect(struct msg_doc *doc, struct msp_array *out)
{
    if (msp_array_push(out, &doc) == NULL)
        return false;
    for (size_t next = 0; next < out->count; next++) {
        struct msg_doc *at = *MSP_ARRAY_AT(struct msg_doc *, out, next);

        for (size_t i = 0; i < at->attachments.items.count; i++) {
            struct attach_doc *part =
                    MSP_ARRAY_AT(struct attach_item, &at->attachments.items, i)->doc;

            if (part != NULL && part->inner != NULL && !part->inner->stored &&
                    msp_array_push(out, &part->inner) == NULL)
                return false;
        }
    }
    return true;
}

static enum eng_status write_row(
        struct eng *eng, struct msg_doc *doc, uint32_t flags, uint64_t *out_change)
{
    const struct place place = { doc->row.id, false, 0 };
    struct row_texts *texts = msp_alloc(sizeof(*texts));
    enum eng_status status;

    if (texts == NULL)
        return ENG_NO_MEMORY;
    status = settle(eng, &place, &doc->props);
    if (status == ENG_OK)
        status = fill_row(eng, doc, texts);
    if (status == ENG_OK)
        status = eng_msg_put(eng, &doc->row, flags, written_data(&doc->props),
                written_size(&doc->props), out_change);
    msp_free(texts);
    return status;
}

/* Of a new embedded message, an earlier document may have been written since this one was made. Who
 * changes an embedded message changes the outermost one too, whose check is the one that counts. */
static enum eng_status write_inner_row(struct eng *eng, struct msg_doc *doc)
{
    struct msp_buf texts = MSP_BUF_INIT;
    enum eng_status status = ENG_OK;
    struct eng_msg there;
    uint64_t change;

    if (doc->insert)
        status = eng_msg_get(eng, doc->row.id, &there, &texts, NULL);
    msp_buf_free(&texts);
    if (status == ENG_NOT_FOUND)
        return write_row(eng, doc, ENG_PUT_NEW, &change);
    return status == ENG_OK ? write_row(eng, doc, ENG_PUT_FORCE, &change) : status;
}

static enum eng_status write_attachment(
        struct eng *eng, uint64_t message, const struct attach_item *item)
{
    const struct place place = { message, true, item->number };
    struct eng_part part = { 0 };
    enum eng_status status;

    if (item->doc == NULL) {
        status = eng_attachment_delete(eng, message, item->number);
        return status == ENG_NOT_FOUND ? ENG_OK : status; /* it never got there */
    }
    if (item->doc->stored)
        return ENG_OK;
    status = settle(eng, &place, &item->doc->props);
    if (status != ENG_OK)
        return status;
    part.number = item->number;
    part.embedded = item->doc->embedded;
    part.packed = written_data(&item->doc->props);
    part.packed_size = written_size(&item->doc->props);
    return eng_attachment_put(eng, message, &part);
}

static enum eng_status write_parts(struct eng *eng, const struct msg_doc *doc)
{
    enum eng_status status = ENG_OK;

    if (doc->has_recipients)
        status = recipients_write(eng, doc->row.id, &doc->recipients);
    for (size_t i = 0; doc->has_attachments && i < doc->attachments.items.count && status == ENG_OK;
            i++)
        status = write_attachment(
                eng, doc->row.id, MSP_ARRAY_AT(struct attach_item, &doc->attachments.items, i));
    return status;
}

HRESULT doc_write(struct msp_call *call, struct eng *eng, struct msg_doc *doc, uint32_t flags,
        uint64_t *out_change)
{
    struct msp_array all = MSP_ARRAY_INIT(struct msg_doc *);
    enum eng_status status = ENG_OK;

    if (!collect(doc, &all))
        status = ENG_NO_MEMORY;
    for (size_t i = 0; i < all.count && status == ENG_OK; i++) {
        struct msg_doc *at = *MSP_ARRAY_AT(struct msg_doc *, &all, i);

        if (i == 0)
            status = write_row(eng, at, flags | (at->insert ? ENG_PUT_NEW : 0), out_change);
        else
            status = write_inner_row(eng, at);
    }
    for (size_t i = 0; i < all.count && status == ENG_OK; i++)
        status = write_parts(eng, *MSP_ARRAY_AT(struct msg_doc *, &all, i));
    msp_array_free(&all);
    return msp_from_engine(call, eng, status);
}

/* --- before that, of embedded messages ---------------------------------------------------------
 */

/* Does the store have something of it that doc_write() would not write again? */
static bool leans_on_store(const struct msg_doc *doc)
{
    bool leans = doc->stored || !doc->insert;

    for (size_t i = 0; i < doc->attachments.items.count && !leans; i++) {
        const struct attach_doc *part =
                MSP_ARRAY_AT(struct attach_item, &doc->attachments.items, i)->doc;

        leans = part != NULL && part->stored;
    }
    return leans;
}

static HRESULT check_row(struct msp_call *call, struct eng *eng, const struct msg_doc *doc)
{
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg row;
    enum eng_status status = eng_msg_get(eng, doc->row.id, &row, &texts, NULL);

    msp_buf_free(&texts);
    if (status == ENG_NOT_FOUND)
        return msp_fail(call, MAPI_E_OBJECT_DELETED, 0,
                "The message was replaced or deleted in its attachment.");
    return msp_from_engine(call, eng, status);
}

/* Recursion as deep as messages are nested: DOC_MAX_DEPTH. */
static HRESULT check_tree(struct msp_call *call, struct eng *eng, const struct msg_doc *doc)
{
    HRESULT hr = leans_on_store(doc) ? check_row(call, eng, doc) : S_OK;

    for (size_t i = 0; SUCCEEDED(hr) && !doc->stored && i < doc->attachments.items.count; i++) {
        const struct attach_doc *part =
                MSP_ARRAY_AT(struct attach_item, &doc->attachments.items, i)->doc;

        if (part != NULL && !part->stored && part->inner != NULL)
            hr = check_tree(call, eng, part->inner);
    }
    return hr;
}

HRESULT doc_check_there(struct msp_call *call, struct eng *eng, const struct eng_msg *outermost,
        const struct msg_doc *doc)
{
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg row = { 0 };
    enum eng_status status = eng_msg_get(eng, outermost->id, &row, &texts, NULL);

    msp_buf_free(&texts);
    if (status == ENG_NOT_FOUND || (status == ENG_OK && row.change != outermost->change))
        return S_OK;
    return status == ENG_OK ? check_tree(call, eng, doc) : msp_from_engine(call, eng, status);
}

/* --- afterwards ------------------------------------------------------------------------------- */

static void props_written(struct doc_props *props, bool committed)
{
    if (committed && props->moved != NULL) {
        msp_free(props->packed);
        props->packed = props->moved;
        props->packed_size = props->moved_size;
    } else {
        msp_free(props->moved);
    }
    props->moved = NULL;
    props->moved_size = 0;
}

/* Recursion as deep as messages are nested: DOC_MAX_DEPTH. */
void doc_written(struct msg_doc *doc, bool committed)
{
    if (doc->stored)
        return;
    for (size_t i = 0; i < doc->attachments.items.count; i++) {
        struct attach_doc *part = MSP_ARRAY_AT(struct attach_item, &doc->attachments.items, i)->doc;

        if (part == NULL)
            continue;
        if (part->inner != NULL)
            doc_written(part->inner, committed);
        props_written(&part->props, committed);
        part->stored = part->stored || committed;
    }
    props_written(&doc->props, committed);
    doc->stored = committed;
}
