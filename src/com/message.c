/* SPDX-License-Identifier: MIT */
/*
 * message.c - IMessage: opening and making messages, their attachments and recipients.
 *
 * Owns:  the snapshot in struct message, dropped in message_dispose().
 * Locks: the methods take the domain lock; every snake_case function here runs under it.
 */
#include "com/message.h"

#include <stdlib.h>
#include <string.h>

#include "com/logon.h"
#include "com/message_impl.h"
#include "com/props_message.h"
#include "com/slots.h"
#include "com/store.h"
#include "com/submit.h"
#include "com/table.h"
#include "platform/random.h"
#include "platform/time.h"
#include "util/buf.h"

static struct message *message_from_iface(IMessage *iface)
{
    return CONTAINING_RECORD(iface, struct message, IMessage_iface);
}

void message_note_value(struct prop_object *prop, uint64_t value)
{
    struct message *message;

    if (prop->props == &attach_props)
        message = attach_from_prop(prop)->message;
    else if (prop->props == &message_props)
        message = message_from_prop(prop);
    else
        return;
    while (message->holder != NULL)
        message = message->holder->message;
    (void)msp_array_push(&message->noted,
            &value); /* no memory: the engine gives it up when the file is closed */
}

/* What was saved meanwhile has an owner, and the engine leaves it alone. */
static void give_up_values(struct message *message)
{
    bool closing = message->prop.object.domain == NULL ||
                   atomic_load(&message->prop.object.domain->closing);

    for (size_t i = 0; i < message->noted.count && !closing; i++)
        (void)eng_value_free(message->prop.logon->eng, *MSP_ARRAY_AT(uint64_t, &message->noted, i));
    msp_array_free(&message->noted);
}

static void message_dispose(struct msp_object *object)
{
    struct message *message = message_from_prop(prop_from_object(object));

    if (message->is_gone != NULL)
        *message->is_gone = true;
    message->is_gone = NULL;
    message_idle_end(message);
    give_up_values(message);
    bag_done(&message->prop.bag);
    recipients_done(&message->recipients);
    attach_list_done(&message->attachments);
    message->holder = NULL;
}

static const struct msp_iface message_ifaces[] = {
    { &IID_IUnknown, offsetof(struct message, IMessage_iface) },
    { &IID_IMAPIProp, offsetof(struct message, IMessage_iface) },
    { &IID_IMessage, offsetof(struct message, IMessage_iface) },
    { NULL, 0 },
};

static const struct msp_class message_class = {
    .name = "message",
    .size = sizeof(struct message),
    .object_offset = offsetof(struct message, prop.object),
    .ifaces = message_ifaces,
    .wake = message_wake,
    .dispose = message_dispose,
};

/* --- making objects --------------------------------------------------------------------------- */

static const IMessageVtbl message_vtbl;

static struct message *message_alloc(struct logon *logon, bool can_write)
{
    struct message *message = msp_object_alloc(&message_class);

    if (message == NULL)
        return NULL;
    message->IMessage_iface.lpVtbl = &message_vtbl;
    message->prop.props = &message_props;
    message->prop.logon = logon;
    message->prop.can_write = can_write;
    recipients_init(&message->recipients);
    attach_list_init(&message->attachments);
    msp_list_init(&message->idle);
    msp_array_init(&message->noted, sizeof(uint64_t));
    return message;
}

static HRESULT no_memory(struct msp_call *call)
{
    return msp_from_engine(call, NULL, ENG_NO_MEMORY);
}

static HRESULT check_iid(struct msp_call *call, LPCIID iid)
{
    if (iid == NULL || IsEqualGUID(iid, &IID_IMessage) || IsEqualGUID(iid, &IID_IMAPIProp) ||
            IsEqualGUID(iid, &IID_IUnknown))
        return S_OK;
    return msp_fail(
            call, MAPI_E_INTERFACE_NOT_SUPPORTED, 0, "A message does not have that interface.");
}

/* Row and properties from the store. */
static HRESULT load(struct msp_call *call, struct message *message, uint64_t id)
{
    struct eng *eng = message->prop.logon->eng;
    struct msp_buf texts = MSP_BUF_INIT;
    struct msp_buf packed = MSP_BUF_INIT;
    enum eng_status status;

    message->folder_stamp = eng_change_stamp_last(eng);
    status = eng_msg_get(eng, id, &message->row, &texts, &packed);
    if (status == ENG_OK) {
        enum bag_status bag = bag_load(&message->prop.bag, packed.data, packed.size);

        if (bag != BAG_OK)
            status = bag == BAG_CORRUPT ? ENG_CORRUPT : ENG_NO_MEMORY;
    }
    msp_buf_free(&texts);
    msp_buf_free(&packed);
    memset(&message->row.message_class, 0, sizeof(message->row.message_class));
    memset(&message->row.subject, 0, sizeof(message->row.subject));
    memset(&message->row.sender, 0, sizeof(message->row.sender));
    memset(&message->row.display_to, 0, sizeof(message->row.display_to));
    return msp_from_engine(call, eng, status);
}

/* A new message: identity, search key and times from the start. */
static HRESULT fill_new(
        struct msp_call *call, struct message *message, uint64_t folder, bool associated)
{
    uint8_t key[16];
    enum eng_status status;

    status = eng_id_new(message->prop.logon->eng, &message->row.id);
    if (status != ENG_OK)
        return msp_from_engine(call, message->prop.logon->eng, status);
    if (!msp_random_bytes(key, sizeof(key)))
        return msp_fail(call, MAPI_E_CALL_FAILED, 0, "The system's random generator failed.");
    if (!bag_set(&message->prop.bag, PR_SEARCH_KEY, 0, key, sizeof(key)))
        return no_memory(call);
    message->is_new = true;
    message->recipients_loaded = true;
    message->attachments_loaded = true;
    message->row.folder = folder;
    message->row.flags = MSGFLAG_UNSENT | MSGFLAG_UNMODIFIED;
    if (associated)
        message->row.flags |= MSGFLAG_ASSOCIATED;
    message->row.created = msp_time_now_filetime();
    message->row.modified = message->row.created;
    return S_OK;
}

static struct msp_object *parent_of(struct logon *logon)
{
    return logon->store != NULL ? store_object(logon->store) : &logon->object;
}

HRESULT message_open(struct msp_call *call, struct logon *logon, uint64_t id, LPCIID iid,
        ULONG flags, LPUNKNOWN *out)
{
    struct message *message = NULL;
    HRESULT hr;

    hr = check_iid(call, iid);
    if (FAILED(hr))
        return hr;
    if ((flags & MAPI_MODIFY) != 0 && !logon->can_write)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The store is open for reading only.");
    message = message_alloc(
            logon, logon->can_write && (flags & (MAPI_MODIFY | MAPI_BEST_ACCESS)) != 0);
    if (message == NULL)
        return no_memory(call);
    message->is_writer = (flags & MAPI_MODIFY) != 0 && (flags & MAPI_BEST_ACCESS) == 0;
    hr = load(call, message, id);
    if (SUCCEEDED(hr) && message->row.folder == 0)
        hr = msp_fail(call, MAPI_E_NOT_FOUND, 0, "The message lies inside another message.");
    if (SUCCEEDED(hr))
        hr = submit_check_open(call, message, flags);
    if (FAILED(hr)) {
        msp_object_abandon(&message->prop.object);
        return hr;
    }
    msp_object_start(&message->prop.object, call->domain, parent_of(logon));
    message_idle_begin(message);
    *out = (LPUNKNOWN)&message->IMessage_iface;
    return S_OK;
}

HRESULT message_create(struct msp_call *call, struct logon *logon, uint64_t folder_id,
        bool associated, LPCIID iid, LPUNKNOWN *out)
{
    struct message *message = NULL;
    HRESULT hr;

    hr = check_iid(call, iid);
    if (FAILED(hr))
        return hr;
    if (!logon->can_write)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The store is open for reading only.");
    message = message_alloc(logon, true);
    if (message == NULL)
        return no_memory(call);
    message->is_writer = true;
    hr = fill_new(call, message, folder_id, associated);
    if (FAILED(hr)) {
        msp_object_abandon(&message->prop.object);
        return hr;
    }
    msp_object_start(&message->prop.object, call->domain, parent_of(logon));
    *out = (LPUNKNOWN)&message->IMessage_iface;
    return S_OK;
}

static int compare_ids(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a;
    uint64_t second = *(const uint64_t *)b;

    return first < second ? -1 : first > second;
}

bool message_writers(struct logon *logon, struct msp_buf *out)
{
    struct msp_object *child = parent_of(logon)->first_child;

    for (; child != NULL; child = child->next_sibling) {
        const struct message *message;

        if (child->class != &message_class || !msp_object_is_live(child))
            continue;
        message = message_from_prop(prop_from_object(child));
        if (message->is_writer && message->prop.can_write && message->row.change != 0)
            (void)msp_buf_append(out, &message->row.id, sizeof(message->row.id));
    }
    if (out->failed)
        return false;
    if (out->size > 0)
        qsort(out->data, out->size / sizeof(uint64_t), sizeof(uint64_t), compare_ids);
    return true;
}

/* From a document that the store does not have yet. */
static HRESULT load_doc(struct msp_call *call, struct message *message, const struct msg_doc *doc)
{
    message->row = doc->row;
    if (bag_load(&message->prop.bag, doc->props.packed, doc->props.packed_size) != BAG_OK)
        return no_memory(call);
    if (doc->has_recipients) {
        if (!recipients_copy(&doc->recipients, &message->recipients))
            return no_memory(call);
        message->recipients_loaded = true;
        message->recipients_changed = true;
    }
    if (doc->has_attachments) {
        if (!attach_list_copy(&doc->attachments, &message->attachments))
            return no_memory(call);
        message->attachments_loaded = true;
    }
    return S_OK;
}

HRESULT message_new_embedded(
        struct msp_call *call, struct attach *holder, ULONG flags, struct message **out)
{
    struct message *message = NULL;
    unsigned limit = DOC_MAX_DEPTH;
    HRESULT hr = S_OK;

    if ((flags & MAPI_CREATE) != 0)
        hr = store_max_depth(call, holder->prop.logon, &limit);
    if (FAILED(hr))
        return hr;
    if (holder->message->depth + 1 >= limit)
        return msp_fail(call, MAPI_E_TOO_COMPLEX, 0, "Messages are nested too deeply.");
    message = message_alloc(holder->prop.logon, (flags & (MAPI_MODIFY | MAPI_CREATE)) != 0);
    if (message == NULL)
        return no_memory(call);
    message->holder = holder;
    message->depth = holder->message->depth + 1;
    if ((flags & MAPI_CREATE) != 0)
        hr = fill_new(call, message, 0, false);
    else if (attach_content(holder) != ATTACH_MESSAGE)
        hr = msp_fail(call, MAPI_E_NOT_FOUND, 0, "The attachment has no message in it.");
    else if (holder->inner != NULL)
        hr = load_doc(call, message, holder->inner);
    else
        hr = load(call, message, holder->embedded);
    if (FAILED(hr)) {
        msp_object_abandon(&message->prop.object);
        return hr;
    }
    *out = message;
    return S_OK;
}

HRESULT message_open_embedded(
        struct msp_call *call, struct attach *holder, ULONG flags, LPUNKNOWN *out)
{
    struct message *message = NULL;
    HRESULT hr = message_new_embedded(call, holder, flags, &message);

    if (FAILED(hr))
        return hr;
    msp_object_start(&message->prop.object, call->domain, &holder->prop.object);
    *out = (LPUNKNOWN)&message->IMessage_iface;
    return S_OK;
}

/* --- what is read when it is first needed ----------------------------------------------------- */

static enum eng_status read_row(struct eng *eng, uint64_t id, struct eng_msg *out)
{
    struct msp_buf texts = MSP_BUF_INIT;
    enum eng_status status = eng_msg_get(eng, id, out, &texts, NULL);

    msp_buf_free(&texts);
    return status;
}

/* Is the stored message the one that was read? Recipients and attachments that are read now would
 * else be those of another one, or of none. One in another message is only told to be gone: its
 * number of changes moves with the outer one's saves, too. ENG_CHANGED, ENG_DELETED. */
static enum eng_status check_same(const struct message *message)
{
    struct eng_msg now;
    enum eng_status status;

    if (message->row.change == 0)
        return ENG_OK; /* the store has never had it */
    status = read_row(message->prop.logon->eng, message->row.id, &now);
    if (status == ENG_NOT_FOUND)
        return ENG_DELETED;
    if (status == ENG_OK && message->holder == NULL && now.change != message->row.change)
        return ENG_CHANGED;
    return status;
}

static enum eng_status read_recipients(struct message *message)
{
    return recipients_load(message->prop.logon->eng, message->row.id, &message->recipients);
}

static enum eng_status read_attachments(struct message *message)
{
    return attach_list_load(message->prop.logon->eng, message->row.id, &message->attachments);
}

static HRESULT load_same(struct msp_call *call, struct message *message,
        enum eng_status (*read)(struct message *message), bool *loaded)
{
    struct eng *eng = message->prop.logon->eng;
    enum eng_status status;

    if (*loaded)
        return S_OK;
    status = eng_begin(eng, false);
    if (status != ENG_OK)
        return msp_from_engine(call, eng, status);
    status = check_same(message);
    if (status == ENG_OK)
        status = read(message);
    (void)eng_commit(eng); /* it has only read */
    *loaded = status == ENG_OK;
    return msp_from_engine(call, eng, status);
}

HRESULT message_load_recipients(struct msp_call *call, struct message *message)
{
    return load_same(call, message, read_recipients, &message->recipients_loaded);
}

HRESULT message_load_attachments(struct msp_call *call, struct message *message)
{
    return load_same(call, message, read_attachments, &message->attachments_loaded);
}

HRESULT message_hold_parts(struct msp_call *call, struct message *message)
{
    struct eng *eng = message->prop.logon->eng;
    HRESULT hr = msp_from_engine(call, eng, eng_begin(eng, false));

    if (FAILED(hr))
        return hr;
    hr = message_load_recipients(call, message);
    if (SUCCEEDED(hr))
        hr = message_load_attachments(call, message);
    (void)eng_commit(eng); /* it has only read */
    return hr;
}

HRESULT message_load_parts(struct msp_call *call, struct message *message)
{
    enum eng_status status = ENG_OK;

    if (!message->recipients_loaded) {
        status = read_recipients(message);
        message->recipients_loaded = status == ENG_OK;
    }
    if (status == ENG_OK && !message->attachments_loaded) {
        status = read_attachments(message);
        message->attachments_loaded = status == ENG_OK;
    }
    return msp_from_engine(call, message->prop.logon->eng, status);
}

void message_forget_parts(struct message *message, bool recipients, bool attachments)
{
    if (recipients) {
        recipients_done(&message->recipients);
        recipients_init(&message->recipients);
        message->recipients_loaded = false;
    }
    if (attachments) {
        attach_list_done(&message->attachments);
        attach_list_init(&message->attachments);
        message->attachments_loaded = false;
    }
}

static HRESULT check_writable(struct msp_call *call, const struct message *message)
{
    if (message->prop.can_write)
        return S_OK;
    return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The message is open for reading only.");
}

/* --- attachments ------------------------------------------------------------------------------ */

static HRESULT get_attachment_table(
        struct msp_call *call, struct message *message, ULONG flags, LPMAPITABLE *out)
{
    struct table_source *source = NULL;
    HRESULT hr;

    hr = message_load_attachments(call, message);
    if (SUCCEEDED(hr))
        hr = source_attachments_new(call, message, &source);
    if (FAILED(hr))
        return hr;
    return table_new(call, message->prop.logon, &message->prop.object, source, flags, out);
}

static HRESULT STDMETHODCALLTYPE message_GetAttachmentTable(
        IMessage *iface, ULONG flags, LPMAPITABLE *out)
{
    struct message *message = message_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out);
    MSP_NEED(out != NULL);
    MSP_NEED_FLAGS(flags, MAPI_UNICODE | MAPI_DEFERRED_ERRORS);

    hr = msp_call_begin(&call, &message->prop.object);
    if (FAILED(hr))
        return hr;
    hr = get_attachment_table(&call, message, flags, out);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE message_OpenAttach(
        IMessage *iface, ULONG number, LPCIID iid, ULONG flags, LPATTACH *out)
{
    struct message *message = message_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out);
    MSP_NEED(out != NULL);
    MSP_NEED_FLAGS(flags, MAPI_MODIFY | MAPI_BEST_ACCESS | MAPI_DEFERRED_ERRORS);

    hr = msp_call_begin(&call, &message->prop.object);
    if (FAILED(hr))
        return hr;
    hr = attach_open(&call, message, number, iid, flags, out);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE message_CreateAttach(
        IMessage *iface, LPCIID iid, ULONG flags, ULONG *out_number, LPATTACH *out)
{
    struct message *message = message_from_iface(iface);
    struct msp_call call;
    uint32_t number = 0;
    HRESULT hr;

    MSP_CLEAR(out_number);
    MSP_CLEAR(out);
    MSP_NEED(out_number != NULL && out != NULL);
    MSP_NEED_FLAGS(flags, MAPI_DEFERRED_ERRORS);

    hr = msp_call_begin(&call, &message->prop.object);
    if (FAILED(hr))
        return hr;
    hr = check_writable(&call, message);
    if (SUCCEEDED(hr))
        hr = attach_create(&call, message, iid, &number, out);
    if (SUCCEEDED(hr))
        *out_number = number;
    return msp_call_end(&call, hr);
}

static HRESULT delete_attach(struct msp_call *call, struct message *message, uint32_t number)
{
    const struct attach_item *item;
    HRESULT hr;

    hr = check_writable(call, message);
    if (SUCCEEDED(hr))
        hr = message_load_attachments(call, message);
    if (FAILED(hr))
        return hr;
    item = attach_list_find(&message->attachments, number);
    if (item == NULL || item->doc == NULL)
        return msp_fail(
                call, MAPI_E_NOT_FOUND, 0, "The message has no attachment %u.", (unsigned)number);
    (void)attach_list_put(&message->attachments, number, NULL); /* it has its place already */
    message_attachments_moved(message);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE message_DeleteAttach(
        IMessage *iface, ULONG number, ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags)
{
    struct message *message = message_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_UNUSED(ui);
    MSP_UNUSED(progress); /* one attachment takes no time worth showing */
    MSP_NEED_FLAGS(flags, ATTACH_DIALOG);

    hr = msp_call_begin(&call, &message->prop.object);
    if (FAILED(hr))
        return hr;
    hr = delete_attach(&call, message, number);
    return msp_call_end(&call, hr);
}

/* --- recipients ------------------------------------------------------------------------------- */

static HRESULT get_recipient_table(
        struct msp_call *call, struct message *message, ULONG flags, LPMAPITABLE *out)
{
    struct table_source *source = NULL;
    HRESULT hr;

    hr = message_load_recipients(call, message);
    if (SUCCEEDED(hr))
        hr = source_recipients_new(call, message, &source);
    if (FAILED(hr))
        return hr;
    return table_new(call, message->prop.logon, &message->prop.object, source, flags, out);
}

static HRESULT STDMETHODCALLTYPE message_GetRecipientTable(
        IMessage *iface, ULONG flags, LPMAPITABLE *out)
{
    struct message *message = message_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out);
    MSP_NEED(out != NULL);
    MSP_NEED_FLAGS(flags, MAPI_UNICODE | MAPI_DEFERRED_ERRORS);

    hr = msp_call_begin(&call, &message->prop.object);
    if (FAILED(hr))
        return hr;
    hr = get_recipient_table(&call, message, flags, out);
    return msp_call_end(&call, hr);
}

static HRESULT modify_recipients(
        struct msp_call *call, struct message *message, ULONG flags, const ADRLIST *mods)
{
    HRESULT hr;

    hr = check_writable(call, message);
    if (SUCCEEDED(hr))
        hr = message_load_recipients(call, message);
    if (SUCCEEDED(hr))
        hr = recipients_modify(call, &message->recipients, flags, mods);
    if (SUCCEEDED(hr)) {
        message_recipients_moved(message);
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE message_ModifyRecipients(
        IMessage *iface, ULONG flags, LPADRLIST mods)
{
    struct message *message = message_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_NEED(mods != NULL && propval_is_aligned(mods, sizeof(void *)));
    MSP_NEED_FLAGS(flags, MODRECIP_ADD | MODRECIP_MODIFY | MODRECIP_REMOVE);
    MSP_NEED((flags & (flags - 1)) == 0); /* one of them at most */

    hr = msp_call_begin(&call, &message->prop.object);
    if (FAILED(hr))
        return hr;
    hr = modify_recipients(&call, message, flags, mods);
    return msp_call_end(&call, hr);
}

/* --- subobjects as properties ----------------------------------------------------------------- */

HRESULT message_open_object(struct msp_call *call, struct prop_object *prop, ULONG tag, LPCIID iid,
        ULONG options, ULONG flags, LPUNKNOWN *out)
{
    struct message *message = message_from_prop(prop);
    LPMAPITABLE table = NULL;
    HRESULT hr;

    MSP_UNUSED(flags);
    if (!IsEqualGUID(iid, &IID_IMAPITable))
        return msp_fail(call, MAPI_E_INTERFACE_NOT_SUPPORTED, 0, "This property opens as a table.");
    if ((options & ~(ULONG)MAPI_UNICODE) != 0)
        return MAPI_E_UNKNOWN_FLAGS;
    if (PROP_ID(tag) == PROP_ID(PR_MESSAGE_RECIPIENTS))
        hr = get_recipient_table(call, message, options, &table);
    else if (PROP_ID(tag) == PROP_ID(PR_MESSAGE_ATTACHMENTS))
        hr = get_attachment_table(call, message, options, &table);
    else
        hr = msp_fail(call, MAPI_E_NOT_FOUND, 0, "The message has no such object.");
    if (SUCCEEDED(hr))
        *out = (LPUNKNOWN)table;
    return hr;
}

HRESULT message_remove_object(struct msp_call *call, struct prop_object *prop, ULONG tag)
{
    struct message *message = message_from_prop(prop);
    HRESULT hr;

    if (PROP_ID(tag) == PROP_ID(PR_MESSAGE_RECIPIENTS)) {
        hr = message_load_recipients(call, message);
        if (FAILED(hr))
            return hr;
        recipients_clear(&message->recipients);
        message_recipients_moved(message);
        return S_OK;
    }
    hr = message_load_attachments(call, message);
    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < message->attachments.items.count; i++) {
        struct attach_item *item = MSP_ARRAY_AT(struct attach_item, &message->attachments.items, i);

        attach_doc_release(item->doc);
        item->doc = NULL;
    }
    message_attachments_moved(message);
    return S_OK;
}

/* --- submission, read state ------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE message_SubmitMessage(IMessage *iface, ULONG flags)
{
    struct message *message = message_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_NEED_FLAGS(flags, FORCE_SUBMIT);

    hr = msp_call_begin(&call, &message->prop.object);
    if (FAILED(hr))
        return hr;
    hr = submit_message(&call, message);
    return msp_call_end(&call, hr);
}

static HRESULT set_read_flag(struct msp_call *call, struct message *message, ULONG flags)
{
    HRESULT hr;

    if (message->holder == NULL && !message->is_new)
        return message_set_stored_read_flag(call, message, flags);
    hr = message_fold(call, message);
    if (SUCCEEDED(hr))
        hr = message_set_pending_read_flag(call, message, flags);
    return hr;
}

static HRESULT STDMETHODCALLTYPE message_SetReadFlag(IMessage *iface, ULONG flags)
{
    struct message *message = message_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    hr = message_check_read_flags(flags);
    if (FAILED(hr))
        return hr;

    hr = msp_call_begin(&call, &message->prop.object);
    if (FAILED(hr))
        return hr;
    hr = set_read_flag(&call, message, flags);
    return msp_call_end(&call, hr);
}

MSP_PROP_METHODS(message, IMessage, prop)

struct message *message_from_client(LPMESSAGE iface)
{
    return iface != NULL && iface->lpVtbl == &message_vtbl ? message_from_iface(iface) : NULL;
}

static const IMessageVtbl message_vtbl = {
    MSP_PROP_SLOTS(message),
    .GetAttachmentTable = message_GetAttachmentTable,
    .OpenAttach = message_OpenAttach,
    .CreateAttach = message_CreateAttach,
    .DeleteAttach = message_DeleteAttach,
    .GetRecipientTable = message_GetRecipientTable,
    .ModifyRecipients = message_ModifyRecipients,
    .SubmitMessage = message_SubmitMessage,
    .SetReadFlag = message_SetReadFlag,
};
