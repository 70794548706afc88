/* SPDX-License-Identifier: MIT */
/*
 * message_save.c - IMessage::SaveChanges: what is computed when a message is saved, and where the
 * save goes.
 *
 * Owns:  nothing beyond one call.
 * Locks: everything here runs under the domain lock.
 */
#include <string.h>

#include "com/body.h"
#include "com/logon.h"
#include "com/message_impl.h"
#include "com/props_message.h"
#include "com/stream.h"
#include "platform/time.h"
#include "util/buf.h"

enum {
    /* Flags that change outside of saves: what the store says now counts. */
    FLAGS_OF_STORE = MSGFLAG_READ | MSGFLAG_SUBMIT | MSGFLAG_RN_PENDING | MSGFLAG_NRN_PENDING,
    /* Flags that a client decides before the first save. */
    FLAGS_OF_CLIENT = MSGFLAG_READ | MSGFLAG_UNSENT | MSGFLAG_UNMODIFIED | MSGFLAG_FROMME |
                      MSGFLAG_RESEND | MSGFLAG_ORIGIN_X400 | MSGFLAG_ORIGIN_INTERNET |
                      MSGFLAG_ORIGIN_MISC_EXT
};

static HRESULT no_memory(struct msp_call *call)
{
    (void)msp_from_engine(call, NULL, ENG_NO_MEMORY);
    return MAPI_E_NOT_ENOUGH_MEMORY;
}

uint32_t message_first_flags(uint32_t now, uint32_t wanted)
{
    return (now & ~(uint32_t)FLAGS_OF_CLIENT) | (wanted & (uint32_t)FLAGS_OF_CLIENT);
}

HRESULT message_fold(struct msp_call *call, struct message *message)
{
    struct bag *bag = &message->prop.bag;
    struct bag_value cell;

    if (bag_get(bag, PR_MESSAGE_FLAGS, &cell)) {
        if (message->is_new)
            message->row.flags = message_first_flags(
                    message->row.flags, cell_get_long(&cell, message->row.flags));
        if (!bag_remove(bag, PR_MESSAGE_FLAGS))
            return no_memory(call);
    }
    if (bag_get(bag, PR_LAST_MODIFICATION_TIME, &cell)) {
        if (message->is_new) {
            message->row.modified = cell_get_i8(&cell, message->row.modified);
            message->has_modified = true;
        }
        if (!bag_remove(bag, PR_LAST_MODIFICATION_TIME))
            return no_memory(call);
    }
    return S_OK;
}

/* --- computed when saved ---------------------------------------------------------------------- */

static bool settle_class(struct bag *bag)
{
    struct bag_value cell;

    if (bag_get(bag, PR_MESSAGE_CLASS_W, &cell) && cell.size > 0)
        return true;
    return bag_set(bag, PR_MESSAGE_CLASS_W, 0, "IPM", 3);
}

/* "PR_SUBJECT_PREFIX": what the subject begins with, be it the client's choice or ours. */
static bool settle_prefix(struct bag *bag)
{
    struct bag_value subject = { 0 };
    struct bag_value prefix = { 0 };
    bool has_prefix = bag_get(bag, PR_SUBJECT_PREFIX_W, &prefix);
    size_t size = 0;

    if (bag_get(bag, PR_SUBJECT_W, &subject))
        size = message_subject_prefix(&subject, &prefix);
    if (size == 0)
        return !has_prefix || bag_remove(bag, PR_SUBJECT_PREFIX_W);
    if (has_prefix && prefix.size == size && memcmp(prefix.data, subject.data, size) == 0)
        return true;
    return bag_set(bag, PR_SUBJECT_PREFIX_W, 0, subject.data, size);
}

static bool settle_author(struct bag *bag, ULONG name_tag, ULONG id_tag, const struct msp_buf *name)
{
    struct bag_value cell;

    if (bag_get(bag, name_tag, &cell) && cell.size == name->size &&
            memcmp(cell.data, name->data, name->size) == 0)
        return true;
    return bag_remove(bag, id_tag) && bag_set(bag, name_tag, 0, name->data, name->size);
}

static bool names_author(const struct bag *bag, ULONG name_tag, ULONG id_tag)
{
    struct bag_value cell;

    return bag_get(bag, name_tag, &cell) || bag_get(bag, id_tag, &cell);
}

/* Who made the message, unless its client has said so before the first save, and who saves it now.
 * What the spooler brings in was made by somebody else. */
static bool settle_authors(struct message *message)
{
    const struct msp_buf *name = &message->prop.logon->user_name;
    struct bag *bag = &message->prop.bag;
    bool ok = true;

    if (name->size == 0 || message->prop.logon->is_spooler)
        return true;
    if (message->is_new && !names_author(bag, PR_CREATOR_NAME_W, PR_CREATOR_ENTRYID))
        ok = settle_author(bag, PR_CREATOR_NAME_W, PR_CREATOR_ENTRYID, name);
    if (ok && !(message->is_new &&
                      names_author(bag, PR_LAST_MODIFIER_NAME_W, PR_LAST_MODIFIER_ENTRYID)))
        ok = settle_author(bag, PR_LAST_MODIFIER_NAME_W, PR_LAST_MODIFIER_ENTRYID, name);
    return ok;
}

static bool settle_names(struct bag *bag, const struct recipient_list *list, ULONG type, ULONG tag)
{
    struct msp_buf names = MSP_BUF_INIT;
    bool ok = recipients_names(list, type, &names);

    if (ok)
        ok = names.size > 0 ? bag_set(bag, tag, 0, names.data, names.size) : bag_remove(bag, tag);
    msp_buf_free(&names);
    return ok;
}

/* `all`: the names of recipients, too, that nobody has changed here. */
static HRESULT settle_props(struct msp_call *call, struct message *message, bool all)
{
    struct bag *bag = &message->prop.bag;
    const struct recipient_list *list = &message->recipients;
    HRESULT hr;

    hr = message_fold(call, message);
    if (FAILED(hr))
        return hr;
    if (!settle_class(bag) || !settle_prefix(bag) || !settle_authors(message))
        return no_memory(call);
    hr = body_settle(call, message->prop.logon, bag);
    if (FAILED(hr))
        return hr;
    if (!message->recipients_changed && !all)
        return S_OK;
    if (!settle_names(bag, list, MAPI_TO, PR_DISPLAY_TO_W) ||
            !settle_names(bag, list, MAPI_CC, PR_DISPLAY_CC_W) ||
            !settle_names(bag, list, MAPI_BCC, PR_DISPLAY_BCC_W))
        return no_memory(call);
    return S_OK;
}

/* Somebody's message that has come in, and whose sender wants to know what becomes of it. */
static bool asks_for_report(const struct bag *bag, const struct msg_doc *doc)
{
    struct bag_value cell;

    return (doc->row.flags & (MSGFLAG_UNSENT | MSGFLAG_READ | MSGFLAG_ASSOCIATED)) == 0 &&
           bag_get(bag, PR_READ_RECEIPT_REQUESTED, &cell) && cell_get_bool(&cell, false);
}

/* What the spooler puts into a store has come in just now, whatever the transport says. */
static bool is_delivery(const struct message *message)
{
    return message->prop.logon->is_spooler &&
           (message->row.flags & (MSGFLAG_UNSENT | MSGFLAG_ASSOCIATED)) == 0;
}

/* What follows from the attachments. */
static void sum_up(struct msg_doc *doc, const struct message *message)
{
    uint64_t attached = 0;
    size_t count = attach_list_count(&doc->attachments, &attached);

    doc->row.flags &= ~(uint32_t)MSGFLAG_HASATTACH;
    if (count > 0)
        doc->row.flags |= MSGFLAG_HASATTACH;
    doc->row.size = doc_packed_size(doc->props.packed, doc->props.packed_size) +
                    recipients_size(&message->recipients) + attached;
}

/* The document of the message as it is now; `all`: its recipients, too, that nobody has changed
 * here. */
static HRESULT make_doc(
        struct msp_call *call, struct message *message, bool all, struct msg_doc **out)
{
    struct msg_doc *doc = msg_doc_new(&message->prop.bag);

    if (doc == NULL)
        return no_memory(call);
    doc->row = message->row;
    doc->insert = message->row.change == 0;
    doc->has_recipients = message->recipients_changed || all;
    doc->has_attachments = true;
    if ((doc->has_recipients && !recipients_copy(&message->recipients, &doc->recipients)) ||
            !attach_list_copy(&message->attachments, &doc->attachments)) {
        msg_doc_release(doc);
        return no_memory(call);
    }
    if (message->is_new && message->holder == NULL && is_delivery(message)) {
        doc->row.flags |= MSGFLAG_UNMODIFIED;
        doc->row.flags &= ~(uint32_t)MSGFLAG_READ;
    }
    if (message->is_new && message->holder == NULL && asks_for_report(&message->prop.bag, doc))
        doc->row.flags |= MSGFLAG_RN_PENDING | MSGFLAG_NRN_PENDING;
    if (!message->is_new) {
        doc->row.flags &= ~(uint32_t)MSGFLAG_UNMODIFIED;
        doc->row.modified = msp_time_now_filetime();
    } else if (!message->has_modified) {
        doc->row.modified = doc->row.created;
    }
    sum_up(doc, message);
    *out = doc;
    return S_OK;
}

/* --- where it goes ---------------------------------------------------------------------------- */

/* How a save goes to the store. */
struct store_save {
    bool force;
    bool is_spooler;
    const uint32_t *queue_flags; /* NULL: only a save; else it goes into the outgoing queue, too */
};

/* Read state and the like change without a save; a save must not turn them back. *out_moved: the
 * message has been saved since it was read here. */
static enum eng_status adopt_store_flags(struct eng *eng, struct msg_doc *doc, bool *out_moved)
{
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg now;
    enum eng_status status;

    status = eng_msg_get(eng, doc->row.id, &now, &texts, NULL);
    msp_buf_free(&texts);
    if (status == ENG_NOT_FOUND)
        return ENG_DELETED;
    if (status != ENG_OK)
        return status;
    doc->row.flags =
            (doc->row.flags & ~(uint32_t)FLAGS_OF_STORE) | (now.flags & (uint32_t)FLAGS_OF_STORE);
    doc->row.status = now.status;
    doc->row.folder = now.folder;
    *out_moved = now.change != doc->row.change;
    return ENG_OK;
}

/* Over somebody else's save: attachments that nobody has changed here are what the other made of
 * them. `out` is empty, and has the whole list then. */
static enum eng_status adopt_attachments(struct eng *eng, const struct message *message,
        struct msg_doc *doc, struct attach_list *out)
{
    struct attach_list now;
    enum eng_status status;

    attach_list_init(&now);
    status = attach_list_load(eng, doc->row.id, &now);
    if (status == ENG_OK && (!attach_list_adopt(&doc->attachments, &now) ||
                                    !attach_list_copy(&doc->attachments, out)))
        status = ENG_NO_MEMORY;
    if (status == ENG_OK)
        sum_up(doc, message);
    attach_list_done(&now);
    return status;
}

/* What was submitted belongs to the spooler until it has been sent or its submission aborted. */
static HRESULT check_submitted(
        struct msp_call *call, struct eng *eng, const struct msg_doc *doc, bool is_spooler)
{
    struct eng_outgoing entry;
    enum eng_status status;

    if ((doc->row.flags & MSGFLAG_SUBMIT) == 0)
        return S_OK;
    if (!is_spooler)
        return msp_fail(call, MAPI_E_SUBMITTED, 0, "The message is waiting to be sent.");
    status = eng_outgoing_get(eng, doc->row.id, &entry);
    if (status != ENG_OK)
        return msp_from_engine(call, eng, status);
    if ((entry.flags & (ENG_OUTGOING_LOCKED | ENG_OUTGOING_MINE)) == ENG_OUTGOING_LOCKED)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "Another spooler is sending the message.");
    return S_OK;
}

/* *out_moved: `out_attachments` has what is attached now. */
static HRESULT write_in_transaction(struct msp_call *call, const struct message *message,
        struct msg_doc *doc, const struct store_save *how, uint64_t *out_change, bool *out_moved,
        struct attach_list *out_attachments)
{
    struct eng *eng = message->prop.logon->eng;
    enum eng_status status = ENG_OK;
    HRESULT hr;

    if (!doc->insert)
        status = adopt_store_flags(eng, doc, out_moved);
    *out_moved = *out_moved && how->force;
    if (status == ENG_OK && *out_moved)
        status = adopt_attachments(eng, message, doc, out_attachments);
    hr = msp_from_engine(call, eng, status);
    if (SUCCEEDED(hr))
        hr = check_submitted(call, eng, doc, how->is_spooler);
    if (SUCCEEDED(hr) && how->queue_flags != NULL)
        doc->row.flags |= MSGFLAG_UNSENT;
    if (SUCCEEDED(hr))
        hr = doc_write(call, eng, doc, how->force ? ENG_PUT_FORCE : 0, out_change);
    if (SUCCEEDED(hr) && how->queue_flags != NULL) {
        hr = msp_from_engine(call, eng, eng_outgoing_put(eng, doc->row.id, *how->queue_flags));
        doc->row.flags |= MSGFLAG_SUBMIT;
    }
    if (FAILED(hr)) {
        eng_rollback(eng);
        return hr;
    }
    return msp_from_engine(call, eng, eng_commit(eng));
}

/* After a save to the store, inline values that went into rows of their own are known here by their
 * references. */
static HRESULT save_to_store(struct msp_call *call, struct message *message, struct msg_doc *doc,
        const struct store_save *how)
{
    struct eng *eng = message->prop.logon->eng;
    struct attach_list attachments;
    uint64_t change = 0;
    bool moved = false;
    enum eng_status status;
    HRESULT hr;

    status = eng_begin(eng, true);
    if (status != ENG_OK)
        return msp_from_engine(call, eng, status);
    attach_list_init(&attachments);
    hr = write_in_transaction(call, message, doc, how, &change, &moved, &attachments);
    doc_written(doc, SUCCEEDED(hr));
    if (SUCCEEDED(hr)) {
        doc->row.change = change;
        if (moved) {
            attach_list_done(&message->attachments);
            message->attachments = attachments;
            attach_list_init(&attachments);
            message_attachments_moved(message);
        }
    }
    attach_list_done(&attachments);
    return hr;
}

static HRESULT save_to_holder(struct msp_call *call, struct attach *holder, struct msg_doc *doc)
{
    const struct message *outermost = holder->message;
    HRESULT hr;

    while (outermost->holder != NULL)
        outermost = outermost->holder->message;
    hr = doc_check_there(call, holder->prop.logon->eng, &outermost->row, doc);
    if (FAILED(hr))
        return hr;
    if (!bag_set(&holder->prop.bag, PR_ATTACH_DATA_OBJ, 0, NULL, 0))
        return no_memory(call);
    msg_doc_release(holder->inner);
    holder->inner = msg_doc_ref(doc);
    holder->embedded = doc->row.id;
    return S_OK;
}

/* The store has it all: forget what was removed. */
static void after_store(struct message *message)
{
    struct msp_array *items = &message->attachments.items;

    for (size_t i = items->count; i > 0; i--) {
        if (MSP_ARRAY_AT(struct attach_item, items, i - 1)->doc == NULL)
            msp_array_remove(items, i - 1, 1);
    }
    message->recipients_changed = false;
}

/* What was saved is the snapshot from now on; large values are known by their references. */
static void rebase(struct message *message, const struct msg_doc *doc)
{
    struct bag stored;

    bag_init(&stored);
    if (bag_load(&stored, doc->props.packed, doc->props.packed_size) != BAG_OK)
        return; /* no memory: the bag as it is says the same */
    bag_done(&message->prop.bag);
    message->prop.bag = stored;
}

static void forget_texts(struct eng_msg *row)
{
    memset(&row->message_class, 0, sizeof(row->message_class));
    memset(&row->subject, 0, sizeof(row->subject));
    memset(&row->sender, 0, sizeof(row->sender));
    memset(&row->display_to, 0, sizeof(row->display_to));
}

static HRESULT save_loaded(
        struct msp_call *call, struct prop_object *prop, const struct store_save *how)
{
    struct message *message = message_from_prop(prop);
    struct msg_doc *doc = NULL;
    HRESULT hr = stream_flush_all(call, prop);

    if (SUCCEEDED(hr))
        hr = settle_props(call, message, how->force);
    if (SUCCEEDED(hr) && how->queue_flags != NULL)
        hr = message_settle_conversation(call, prop);
    if (SUCCEEDED(hr))
        hr = make_doc(call, message, how->force, &doc);
    if (FAILED(hr))
        return hr;
    if (message->holder != NULL)
        hr = save_to_holder(call, message->holder, doc);
    else
        hr = save_to_store(call, message, doc, how);
    forget_texts(&doc->row);
    if (SUCCEEDED(hr)) {
        message->row = doc->row;
        message->is_new = false;
        if (message->holder == NULL)
            after_store(message);
        rebase(message, doc);
    }
    msg_doc_release(doc);
    return hr;
}

static HRESULT save(struct msp_call *call, struct prop_object *prop, const struct store_save *how)
{
    struct message *message = message_from_prop(prop);
    bool had_recipients = message->recipients_loaded;
    bool had_attachments = message->attachments_loaded;
    HRESULT hr;

    if (!prop->can_write)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The message is open for reading only.");
    hr = msp_call_wake(call, &prop->object); /* on whatever road: a bag put away is not stored */
    if (SUCCEEDED(hr))
        hr = message_load_parts(call, message);
    if (SUCCEEDED(hr))
        hr = save_loaded(call, prop, how);
    if (FAILED(hr))
        message_forget_parts(message, !had_recipients, !had_attachments);
    return hr;
}

HRESULT message_save(struct msp_call *call, struct prop_object *prop, ULONG flags)
{
    const struct store_save how = { (flags & FORCE_SAVE) != 0, prop->logon->is_spooler, NULL };
    HRESULT hr = save(call, prop, &how);

    if (SUCCEEDED(hr) && (flags & KEEP_OPEN_READONLY) != 0 && (flags & KEEP_OPEN_READWRITE) == 0)
        prop->can_write = false;
    return hr;
}

static bool has_pending_parts(const struct message *message)
{
    const struct msp_array *items = &message->attachments.items;

    if (message->recipients_changed)
        return true;
    for (size_t i = 0; i < items->count; i++) {
        const struct attach_doc *doc = MSP_ARRAY_AT(struct attach_item, items, i)->doc;

        if (doc == NULL || !doc->stored)
            return true;
    }
    return false;
}

HRESULT message_save_pending(struct msp_call *call, struct message *message)
{
    HRESULT hr = stream_flush_all(call, &message->prop);

    if (FAILED(hr) || (!bag_is_changed(&message->prop.bag) && !has_pending_parts(message)))
        return hr;
    return message_save(call, &message->prop, KEEP_OPEN_READWRITE);
}

HRESULT message_save_outgoing(struct msp_call *call, struct message *message, uint32_t queue_flags)
{
    const struct store_save how = { false, message->prop.logon->is_spooler, &queue_flags };

    return save(call, &message->prop, &how);
}
