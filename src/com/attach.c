/* SPDX-License-Identifier: MIT */
/*
 * attach.c - IAttach: one attachment, a snapshot that its SaveChanges hands to its message.
 *
 * Owns:  the snapshot in struct attach, dropped in attach_dispose().
 * Locks: every snake_case function here runs under the domain lock.
 */
#include <string.h>

#include "com/logon.h"
#include "com/message_impl.h"
#include "com/slots.h"
#include "com/stream.h"
#include "com/submit.h"
#include "platform/time.h"
#include "util/buf.h"

static struct attach *attach_from_iface(IAttach *iface)
{
    return CONTAINING_RECORD(iface, struct attach, IAttach_iface);
}

static void attach_dispose(struct msp_object *object)
{
    struct attach *attach = attach_from_prop(prop_from_object(object));

    bag_done(&attach->prop.bag);
    msg_doc_release(attach->inner);
    attach->inner = NULL;
}

static const struct msp_iface attach_ifaces[] = {
    { &IID_IUnknown, offsetof(struct attach, IAttach_iface) },
    { &IID_IMAPIProp, offsetof(struct attach, IAttach_iface) },
    { &IID_IAttachment, offsetof(struct attach, IAttach_iface) },
    { NULL, 0 },
};

static const struct msp_class attach_class = {
    .name = "attachment",
    .size = sizeof(struct attach),
    .object_offset = offsetof(struct attach, prop.object),
    .ifaces = attach_ifaces,
    .dispose = attach_dispose,
};

static const IAttachVtbl attach_vtbl;

static HRESULT no_memory(struct msp_call *call)
{
    (void)msp_from_engine(call, NULL, ENG_NO_MEMORY);
    return MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT check_iid(struct msp_call *call, LPCIID iid)
{
    if (iid == NULL || IsEqualGUID(iid, &IID_IAttachment) || IsEqualGUID(iid, &IID_IMAPIProp) ||
            IsEqualGUID(iid, &IID_IUnknown))
        return S_OK;
    return msp_fail(
            call, MAPI_E_INTERFACE_NOT_SUPPORTED, 0, "An attachment does not have that interface.");
}

static struct attach *attach_alloc(struct message *message, uint32_t number, bool can_write)
{
    struct attach *attach = msp_object_alloc(&attach_class);

    if (attach == NULL)
        return NULL;
    attach->IAttach_iface.lpVtbl = &attach_vtbl;
    attach->prop.props = &attach_props;
    attach->prop.logon = message->prop.logon;
    attach->prop.can_write = can_write;
    attach->message = message;
    attach->number = number;
    return attach;
}

HRESULT attach_new_open(struct msp_call *call, struct message *message, uint32_t number,
        bool can_write, struct attach **out)
{
    const struct attach_item *item;
    struct attach *attach;
    HRESULT hr;

    hr = message_load_attachments(call, message);
    if (FAILED(hr))
        return hr;
    item = attach_list_find(&message->attachments, number);
    if (item == NULL || item->doc == NULL)
        return msp_fail(
                call, MAPI_E_NOT_FOUND, 0, "The message has no attachment %u.", (unsigned)number);
    attach = attach_alloc(message, number, can_write);
    if (attach == NULL)
        return no_memory(call);
    if (bag_load(&attach->prop.bag, item->doc->props.packed, item->doc->props.packed_size) !=
            BAG_OK) {
        msp_object_abandon(&attach->prop.object);
        return no_memory(call);
    }
    attach->embedded = item->doc->embedded;
    attach->inner = msg_doc_ref(item->doc->inner);
    *out = attach;
    return S_OK;
}

HRESULT attach_open(struct msp_call *call, struct message *message, uint32_t number, LPCIID iid,
        ULONG flags, LPATTACH *out)
{
    bool can_write = message->prop.can_write && (flags & (MAPI_MODIFY | MAPI_BEST_ACCESS)) != 0;
    struct attach *attach = NULL;
    HRESULT hr;

    hr = check_iid(call, iid);
    if (SUCCEEDED(hr) && (flags & MAPI_MODIFY) != 0 && !message->prop.can_write)
        hr = msp_fail(call, MAPI_E_NO_ACCESS, 0, "The message is open for reading only.");
    if (SUCCEEDED(hr))
        hr = attach_new_open(call, message, number, can_write, &attach);
    if (FAILED(hr))
        return hr;
    msp_object_start(&attach->prop.object, call->domain, &message->prop.object);
    *out = &attach->IAttach_iface;
    return S_OK;
}

HRESULT attach_new(struct msp_call *call, struct message *message, struct attach **out)
{
    struct attach *attach;
    struct bag_value cell;
    uint8_t room[16];
    HRESULT hr;

    hr = message_load_attachments(call, message);
    if (FAILED(hr))
        return hr;
    attach = attach_alloc(message, message->attachments.next_number, true);
    if (attach == NULL)
        return no_memory(call);
    attach->is_new = true;
    cell_i8(PR_CREATION_TIME, msp_time_now_filetime(), room, &cell);
    if (!bag_set(&attach->prop.bag, PR_CREATION_TIME, 0, cell.data, cell.size) ||
            !bag_set(&attach->prop.bag, PR_LAST_MODIFICATION_TIME, 0, cell.data, cell.size)) {
        msp_object_abandon(&attach->prop.object);
        return no_memory(call);
    }
    message->attachments.next_number++;
    *out = attach;
    return S_OK;
}

HRESULT attach_create(struct msp_call *call, struct message *message, LPCIID iid,
        uint32_t *out_number, LPATTACH *out)
{
    struct attach *attach = NULL;
    HRESULT hr;

    hr = check_iid(call, iid);
    if (SUCCEEDED(hr))
        hr = attach_new(call, message, &attach);
    if (FAILED(hr))
        return hr;
    msp_object_start(&attach->prop.object, call->domain, &message->prop.object);
    *out_number = attach->number;
    *out = &attach->IAttach_iface;
    return S_OK;
}

/* --- SaveChanges ------------------------------------------------------------------------------ */

enum attach_content attach_content(const struct attach *attach)
{
    struct bag_value cell;

    if (!bag_get(&attach->prop.bag, PR_ATTACH_DATA_OBJ, &cell))
        return ATTACH_EMPTY;
    if (cell.tag != PR_ATTACH_DATA_OBJ)
        return ATTACH_BYTES;
    return cell.size == 0 ? ATTACH_MESSAGE : ATTACH_STORAGE;
}

static bool has_embedded(const struct attach *attach)
{
    return attach_content(attach) == ATTACH_MESSAGE;
}

/* Bytes of the embedded message, as its own save counted them. */
static HRESULT embedded_size(struct msp_call *call, const struct attach *attach, uint64_t *out)
{
    struct eng *eng = attach->prop.logon->eng;
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg row = { 0 };
    enum eng_status status = ENG_OK;

    if (attach->inner != NULL)
        row.size = attach->inner->row.size;
    else
        status = eng_msg_get(eng, attach->embedded, &row, &texts, NULL);
    msp_buf_free(&texts);
    *out = row.size;
    return msp_from_engine(call, eng, status);
}

static HRESULT make_doc(struct msp_call *call, struct attach *attach, struct attach_doc **out)
{
    struct msp_buf packed = MSP_BUF_INIT;
    struct attach_doc *doc = NULL;
    const struct message *outermost = attach->message;
    struct bag_value cell;
    uint8_t room[16];
    uint64_t size = 0;
    HRESULT hr = S_OK;

    while (outermost->holder != NULL)
        outermost = outermost->holder->message;
    if (has_embedded(attach) && attach->inner != NULL)
        hr = doc_check_there(call, attach->prop.logon->eng, &outermost->row, attach->inner);
    if (SUCCEEDED(hr) && has_embedded(attach))
        hr = embedded_size(call, attach, &size);
    /* The size counts its own property, so that it is the same whenever it is taken. */
    cell_long(PR_ATTACH_SIZE, 0, room, &cell);
    if (SUCCEEDED(hr) && bag_set(&attach->prop.bag, PR_ATTACH_SIZE, 0, cell.data, cell.size) &&
            bag_pack(&attach->prop.bag, &packed)) {
        size += doc_packed_size(packed.data, packed.size);
        cell_long(PR_ATTACH_SIZE, size < 0x7FFFFFFF ? (uint32_t)size : 0x7FFFFFFF, room, &cell);
        msp_buf_clear(&packed);
        if (bag_set(&attach->prop.bag, PR_ATTACH_SIZE, 0, cell.data, cell.size) &&
                bag_pack(&attach->prop.bag, &packed))
            doc = attach_doc_new(packed.data, packed.size);
    }
    msp_buf_free(&packed);
    if (FAILED(hr))
        return hr;
    if (doc == NULL)
        return no_memory(call);
    doc->number = attach->number;
    doc->size = size;
    if (has_embedded(attach)) {
        doc->embedded = attach->embedded;
        doc->inner = msg_doc_ref(attach->inner);
    }
    *out = doc;
    return S_OK;
}

HRESULT attach_save(struct msp_call *call, struct prop_object *prop, ULONG flags)
{
    struct attach *attach = attach_from_prop(prop);
    struct message *message = attach->message;
    const struct attach_item *item = attach_list_find(&message->attachments, attach->number);
    struct attach_doc *doc = NULL;
    HRESULT hr;

    if (!prop->can_write)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The attachment is open for reading only.");
    if (!attach->is_new && (item == NULL || item->doc == NULL))
        return msp_fail(
                call, MAPI_E_OBJECT_DELETED, 0, "The attachment was deleted from its message.");
    hr = stream_flush_all(call, prop);
    if (SUCCEEDED(hr))
        hr = make_doc(call, attach, &doc);
    if (FAILED(hr))
        return hr;
    if (!attach_list_put(&message->attachments, attach->number, doc)) {
        attach_doc_release(doc);
        return no_memory(call);
    }
    attach->is_new = false;
    message_attachments_moved(message);
    if ((flags & KEEP_OPEN_READONLY) != 0 && (flags & KEEP_OPEN_READWRITE) == 0)
        prop->can_write = false;
    return S_OK;
}

/* --- PR_ATTACH_DATA_OBJ ----------------------------------------------------------------------- */

struct storage_work {
    IStream *stream;
    ULONG flags;
    LPSTORAGE storage;
};

static HRESULT make_storage(LPMAPISUP support, void *context)
{
    struct storage_work *work = context;

    return support->lpVtbl->IStorageFromStream(
            support, (LPUNKNOWN)work->stream, NULL, work->flags, &work->storage);
}

/* Has the host lay a storage over the stream, whose reference is given up: the storage holds its
 * own. Steps out of the lock. */
static HRESULT lay_storage(
        struct msp_call *call, struct logon *logon, IStream *stream, ULONG flags, LPSTORAGE *out)
{
    struct storage_work work = { stream, flags, NULL };
    HRESULT hr = support_ask(call, logon, make_storage, &work);
    HRESULT alive = msp_call_release(call, stream);

    if (SUCCEEDED(hr) && SUCCEEDED(alive) && work.storage == NULL)
        hr = MAPI_E_CALL_FAILED;
    if ((FAILED(hr) || FAILED(alive)) && work.storage != NULL)
        alive = msp_call_release(call, work.storage);
    if (FAILED(alive))
        return alive;
    if (SUCCEEDED(hr))
        *out = work.storage;
    return hr;
}

/* What was made as a storage is opened as one, and nothing else is (the page of
 * IStorageFromStream). MAPI_CREATE gives up what was there, once the new storage has written. */
static HRESULT open_storage(
        struct msp_call *call, struct attach *attach, ULONG flags, LPUNKNOWN *out)
{
    enum attach_content content = attach_content(attach);
    ULONG how = STGSTRM_RESET;
    LPSTORAGE storage = NULL;
    IStream *stream = NULL;
    HRESULT hr;

    if ((flags & MAPI_CREATE) != 0)
        how |= STGSTRM_CREATE;
    else if (content == ATTACH_EMPTY)
        return msp_fail(call, MAPI_E_NOT_FOUND, 0, "The attachment has no storage in it.");
    else if (content != ATTACH_STORAGE)
        return msp_fail(call, MAPI_E_INTERFACE_NOT_SUPPORTED, 0,
                "The data of the attachment is not a structured storage.");
    if ((flags & (MAPI_CREATE | MAPI_MODIFY)) != 0)
        how |= STGSTRM_MODIFY;
    hr = stream_open_storage(call, &attach->prop, PR_ATTACH_DATA_OBJ, flags, &stream);
    if (FAILED(hr))
        return hr;
    hr = lay_storage(call, attach->prop.logon, stream, how, &storage);
    if (hr == MAPI_E_NO_SUPPORT)
        return msp_fail(call, MAPI_E_INTERFACE_NOT_SUPPORTED, 0,
                "The MAPI system of this session makes no structured storages.");
    if (hr == MAPI_E_INVALID_OBJECT)
        return hr;
    if (FAILED(hr))
        return msp_fail(call, hr, 0, "The MAPI system could not open the structured storage.");
    *out = (LPUNKNOWN)storage;
    return S_OK;
}

HRESULT attach_open_object(struct msp_call *call, struct prop_object *prop, ULONG tag, LPCIID iid,
        ULONG options, ULONG flags, LPUNKNOWN *out)
{
    struct attach *attach = attach_from_prop(prop);

    MSP_UNUSED(options);
    if (PROP_ID(tag) != PROP_ID(PR_ATTACH_DATA_OBJ))
        return msp_fail(call, MAPI_E_NOT_FOUND, 0, "The attachment has no such object.");
    if (IsEqualGUID(iid, &IID_IMessage))
        return message_open_embedded(call, attach, flags, out);
    if (IsEqualGUID(iid, &IID_IStorage))
        return open_storage(call, attach, flags, out);
    if (IsEqualGUID(iid, &IID_IStreamDocfile))
        return msp_fail(call, MAPI_E_INTERFACE_NOT_SUPPORTED, 0,
                "This store gives structured storages as IStorage only.");
    return msp_fail(call, MAPI_E_INTERFACE_NOT_SUPPORTED, 0,
            "The data of an attachment does not have that interface.");
}

MSP_PROP_METHODS(attach, IAttach, prop)

struct attach *attach_from_client(LPATTACH iface)
{
    return iface != NULL && iface->lpVtbl == &attach_vtbl ? attach_from_iface(iface) : NULL;
}

static const IAttachVtbl attach_vtbl = {
    MSP_PROP_SLOTS(attach),
};
