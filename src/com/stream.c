/* SPDX-License-Identifier: MIT */
/*
 * stream.c - IStream on a property: in direct mode, so that what was written counts from Commit or
 * Release on. Until then Revert takes it back.
 *
 * A stream is a child of its object. It takes the property as it is when opened and gives it back
 * as a whole; in between, clones share its bytes (com/stream_data.h) and have their own places in
 * them.
 *
 * Owns:  a counted share of the bytes, dropped in stream_dispose().
 * Locks: the methods take the domain lock; every snake_case function here runs under it.
 */
#include "com/stream.h"

#include <string.h>

#include "com/logon.h"
#include "com/message.h"
#include "com/slots.h"
#include "com/stream_data.h"
#include "util/alloc.h"

enum {
    COPY_BLOCK = 64 * 1024 /* bytes that IStream::CopyTo hands over at a time */
};

struct stream {
    IStream IStream_iface;
    struct msp_object object;
    struct prop_object *owner; /* the parent; never looked at once dead */
    ULONG tag;                 /* as it was asked for: PT_STRING8 or PT_UNICODE says the form */
    bool can_write;
    uint64_t position;
    struct stream_data *data; /* NULL once dead */
};

static struct stream *stream_from_iface(IStream *iface)
{
    return CONTAINING_RECORD(iface, struct stream, IStream_iface);
}

static struct stream *stream_from_object(struct msp_object *object)
{
    return CONTAINING_RECORD(object, struct stream, object);
}

static void stream_dispose(struct msp_object *object)
{
    struct stream *stream = stream_from_object(object);
    bool closing = object->domain == NULL || atomic_load(&object->domain->closing);

    stream_data_release(stream->data, closing);
    stream->data = NULL;
}

static const struct msp_iface stream_ifaces[] = {
    { &IID_IUnknown, offsetof(struct stream, IStream_iface) },
    { &IID_ISequentialStream, offsetof(struct stream, IStream_iface) },
    { &IID_IStream, offsetof(struct stream, IStream_iface) },
    { NULL, 0 },
};

static const struct msp_class stream_class = {
    .name = "stream",
    .size = sizeof(struct stream),
    .object_offset = offsetof(struct stream, object),
    .ifaces = stream_ifaces,
    .dispose = stream_dispose,
};

static const IStreamVtbl stream_vtbl;

/* IStream belongs to OLE: its failures are OLE's codes. The sentence is kept all the same. */
static HRESULT from_engine(
        struct msp_call *call, const struct stream *stream, enum eng_status status)
{
    HRESULT code = STG_E_UNKNOWN;

    switch (status) {
    case ENG_OK:
        return S_OK;
    case ENG_NO_MEMORY:
        code = E_OUTOFMEMORY;
        break;
    case ENG_FULL:
        code = STG_E_MEDIUMFULL;
        break;
    case ENG_READ_ONLY:
        code = STG_E_ACCESSDENIED;
        break;
    case ENG_BUSY:
        code = STG_E_LOCKVIOLATION;
        break;
    case ENG_INTERRUPTED:
        code = MAPI_E_INVALID_OBJECT; /* Logoff has come while it ran */
        break;
    case ENG_NOT_FOUND:
        code = STG_E_REVERTED; /* saved by someone else, and this value is gone */
        break;
    default:
        code = STG_E_READFAULT;
        break;
    }
    (void)msp_from_engine(call, stream->owner->logon->eng, status);
    call->detail_hr = code;
    return code;
}

/* --- opening ---------------------------------------------------------------------------------- */

static enum stream_form form_of(ULONG tag)
{
    switch (PROP_TYPE(tag)) {
    case PT_UNICODE:
        return STREAM_UTF16;
    case PT_STRING8:
        return STREAM_ANSI;
    default:
        return STREAM_BYTES;
    }
}

static struct stream *stream_alloc(
        struct prop_object *owner, ULONG tag, bool can_write, struct stream_data *data)
{
    struct stream *stream = msp_object_alloc(&stream_class);

    if (stream == NULL)
        return NULL;
    stream->IStream_iface.lpVtbl = &stream_vtbl;
    stream->owner = owner;
    stream->tag = tag;
    stream->can_write = can_write;
    stream->data = stream_data_ref(data);
    return stream;
}

/* Is it the stream below a structured storage? */
static bool is_storage(ULONG tag)
{
    return PROP_TYPE(tag) == PT_OBJECT;
}

/* The present value as content; MAPI_CREATE starts without it. */
static HRESULT load_value(struct msp_call *call, struct prop_object *prop, ULONG tag, ULONG flags,
        struct stream_data *data)
{
    struct prop_scratch scratch;
    struct bag_value cell;
    enum eng_status status = ENG_OK;
    HRESULT hr;

    if ((flags & MAPI_CREATE) != 0) {
        stream_data_set_changed(data, true); /* the property exists from now on, empty */
        return S_OK;
    }
    prop_scratch_init(&scratch);
    hr = prop_cell(call, prop, tag, &scratch, &cell);
    if (SUCCEEDED(hr) && cell.tag != propval_stored_tag(tag))
        hr = MAPI_E_NOT_FOUND;
    if (SUCCEEDED(hr))
        status = stream_data_load(data, &cell);
    prop_scratch_done(&scratch);
    if (hr == MAPI_E_NOT_FOUND)
        return msp_fail(call, hr, 0, "The item does not have that property.");
    if (status == ENG_NOT_FOUND) /* the value went with somebody else's save */
        status = ENG_CHANGED;
    return FAILED(hr) ? hr : msp_from_engine(call, prop->logon->eng, status);
}

/* To be written: the rest is the caller's to judge. */
static HRESULT check_property(struct msp_call *call, const struct prop_object *prop, ULONG tag)
{
    const struct prop_rule *rule = prop_rule_find(prop->props, tag);

    if (!propval_is_storable(tag))
        return msp_fail(call, MAPI_E_INVALID_PARAMETER, 0, "No property has that identifier.");
    if (rule != NULL && !prop_rule_takes(rule, propval_stored_tag(tag)))
        return msp_fail(call, MAPI_E_UNEXPECTED_TYPE, 0, "The property is of another type.");
    return S_OK;
}

/* All but the checks. */
static HRESULT make_stream(struct msp_call *call, struct prop_object *prop, ULONG tag, bool append,
        ULONG flags, IStream **out)
{
    bool can_write = (flags & (MAPI_MODIFY | MAPI_CREATE)) != 0;
    struct stream_data *data = NULL;
    struct stream *stream = NULL;
    HRESULT hr;

    /* What is committed at once (folders, the store) is small and goes as a whole. */
    data = stream_data_new(prop->logon->eng, form_of(tag), prop->props->commit == NULL);
    if (data == NULL)
        return msp_from_engine(call, NULL, ENG_NO_MEMORY);
    hr = load_value(call, prop, tag, flags, data);
    if (FAILED(hr))
        goto out;
    stream = stream_alloc(prop, tag, can_write, data);
    if (stream == NULL) {
        hr = msp_from_engine(call, NULL, ENG_NO_MEMORY);
        goto out;
    }
    if (append && can_write) {
        hr = msp_from_engine(call, prop->logon->eng, stream_data_size(data, &stream->position));
        if (FAILED(hr)) {
            msp_object_abandon(&stream->object);
            goto out;
        }
    }
    msp_object_start(&stream->object, call->domain, &prop->object);
    *out = &stream->IStream_iface;
out:
    stream_data_release(data, false);
    return hr;
}

HRESULT stream_open(struct msp_call *call, struct prop_object *prop, ULONG tag, ULONG options,
        ULONG flags, LPUNKNOWN *out)
{
    IStream *stream = NULL;
    HRESULT hr = S_OK;

    if ((flags & MAPI_MODIFY) != 0)
        hr = check_property(call, prop, tag);
    if (SUCCEEDED(hr))
        hr = make_stream(call, prop, tag, ((flags | options) & STREAM_APPEND) != 0, flags, &stream);
    if (SUCCEEDED(hr))
        *out = (LPUNKNOWN)stream;
    return hr;
}

HRESULT stream_open_storage(
        struct msp_call *call, struct prop_object *prop, ULONG tag, ULONG flags, IStream **out)
{
    return make_stream(call, prop, tag, false, flags, out);
}

/* --- what was written becomes the property's value -------------------------------------------- */

static HRESULT put_value(struct msp_call *call, struct stream *stream, const struct bag_value *cell)
{
    struct prop_object *owner = stream->owner;
    const struct prop_rule *rule = prop_rule_find(owner->props, stream->tag);
    HRESULT hr = S_OK;

    if (owner->props->refresh != NULL)
        hr = owner->props->refresh(call, owner);
    if (hr == S_OK && rule != NULL && rule->set != NULL)
        hr = (cell->flags & BAG_LARGE) != 0 ? msp_fail(call, MAPI_E_TOO_BIG, 0,
                                                      "The value is too large for this property.")
                                            : rule->set(call, owner, stream->tag, cell);
    if (hr == S_OK)
        hr = prop_put(call, owner, cell);
    if (hr == S_OK && owner->props->commit != NULL)
        hr = owner->props->commit(call, owner);
    return FAILED(hr) ? hr : S_OK;
}

static HRESULT flush(struct msp_call *call, struct stream *stream)
{
    struct msp_buf bytes = MSP_BUF_INIT;
    struct bag_value cell = { 0 };
    struct bag_large large;
    bool is_large = false;
    HRESULT hr;

    if (!stream_data_is_changed(stream->data))
        return S_OK;
    hr = msp_from_engine(
            call, stream->owner->logon->eng, stream_data_store(stream->data, &bytes, &is_large));
    /* A storage exists only from what it writes: without bytes it would be a message. */
    if (SUCCEEDED(hr) && (bytes.size > 0 || !is_storage(stream->tag))) {
        cell_bytes(propval_stored_tag(stream->tag), bytes.data, bytes.size, &cell);
        cell.flags = is_large ? BAG_LARGE : 0;
        hr = put_value(call, stream, &cell);
    }
    if (SUCCEEDED(hr)) {
        stream_data_set_changed(stream->data, false);
        if (bag_large_get(&cell, &large))
            message_note_value(stream->owner, large.id);
    }
    msp_buf_free(&bytes);
    return hr;
}

HRESULT stream_flush_all(struct msp_call *call, struct prop_object *prop)
{
    for (struct msp_object *child = prop->object.first_child; child != NULL;
            child = child->next_sibling) {
        HRESULT hr;

        if (child->class != &stream_class)
            continue;
        hr = flush(call, stream_from_object(child));
        if (FAILED(hr))
            return hr;
    }
    return S_OK;
}

/* --- IUnknown --------------------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE stream_QueryInterface(IStream *iface, REFIID iid, void **out)
{
    return msp_object_query(&stream_from_iface(iface)->object, iid, out);
}

static ULONG STDMETHODCALLTYPE stream_AddRef(IStream *iface)
{
    return msp_object_addref(&stream_from_iface(iface)->object);
}

/* Whichever Release is the last, what was written is handed over before it. */
static ULONG STDMETHODCALLTYPE stream_Release(IStream *iface)
{
    struct stream *stream = stream_from_iface(iface);
    struct msp_call call;

    if (stream->can_write && SUCCEEDED(msp_call_begin(&call, &stream->object)))
        (void)msp_call_end(&call, flush(&call, stream));
    return msp_object_release(&stream->object);
}

/* --- reading and writing ---------------------------------------------------------------------- */

static HRESULT read_bytes(
        struct msp_call *call, struct stream *stream, void *to, size_t size, size_t *out_read)
{
    HRESULT hr;

    hr = from_engine(
            call, stream, stream_data_read(stream->data, stream->position, to, size, out_read));
    if (SUCCEEDED(hr))
        stream->position += *out_read;
    return hr;
}

static HRESULT STDMETHODCALLTYPE stream_Read(IStream *iface, void *to, ULONG size, ULONG *out_read)
{
    struct stream *stream = stream_from_iface(iface);
    struct msp_call call;
    size_t done = 0;
    HRESULT hr;

    MSP_CLEAR(out_read);
    if (to == NULL && size > 0)
        return STG_E_INVALIDPOINTER;

    hr = msp_call_begin(&call, &stream->object);
    if (FAILED(hr))
        return hr;
    hr = read_bytes(&call, stream, to, size, &done);
    if (SUCCEEDED(hr) && out_read != NULL)
        *out_read = (ULONG)done;
    return msp_call_end(&call, hr);
}

/* The object may have been saved for reading since. */
static bool is_writable(const struct stream *stream)
{
    return stream->can_write && stream->owner->can_write;
}

static HRESULT check_writable(struct msp_call *call, const struct stream *stream)
{
    if (is_writable(stream))
        return S_OK;
    return msp_fail(call, STG_E_ACCESSDENIED, 0, "The stream is open for reading only.");
}

static HRESULT write_bytes(
        struct msp_call *call, struct stream *stream, const void *from, size_t size)
{
    HRESULT hr;

    hr = check_writable(call, stream);
    if (SUCCEEDED(hr))
        hr = from_engine(
                call, stream, stream_data_write(stream->data, stream->position, from, size));
    if (SUCCEEDED(hr))
        stream->position += size;
    return hr;
}

static HRESULT STDMETHODCALLTYPE stream_Write(
        IStream *iface, const void *from, ULONG size, ULONG *out_written)
{
    struct stream *stream = stream_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_written);
    if (from == NULL && size > 0)
        return STG_E_INVALIDPOINTER;

    hr = msp_call_begin(&call, &stream->object);
    if (FAILED(hr))
        return hr;
    hr = write_bytes(&call, stream, from, size);
    if (SUCCEEDED(hr) && out_written != NULL)
        *out_written = size;
    return msp_call_end(&call, hr);
}

static HRESULT seek(struct msp_call *call, struct stream *stream, int64_t move, DWORD origin)
{
    uint64_t from = 0;
    HRESULT hr = S_OK;

    if (origin == STREAM_SEEK_CUR)
        from = stream->position;
    else if (origin == STREAM_SEEK_END)
        hr = from_engine(call, stream, stream_data_size(stream->data, &from));
    else if (origin != STREAM_SEEK_SET)
        return STG_E_INVALIDFUNCTION;
    if (FAILED(hr))
        return hr;
    if (move < 0 && (uint64_t) - (move + 1) >= from)
        return STG_E_INVALIDFUNCTION; /* before the beginning */
    if (move > 0 && (uint64_t)move > (uint64_t)INT64_MAX - from)
        return STG_E_INVALIDFUNCTION;
    stream->position = from + (uint64_t)move;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_Seek(
        IStream *iface, LARGE_INTEGER move, DWORD origin, ULARGE_INTEGER *out_position)
{
    struct stream *stream = stream_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    if (out_position != NULL)
        out_position->QuadPart = 0;

    hr = msp_call_begin(&call, &stream->object);
    if (FAILED(hr))
        return hr;
    hr = seek(&call, stream, move.QuadPart, origin);
    if (SUCCEEDED(hr) && out_position != NULL)
        out_position->QuadPart = stream->position;
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE stream_SetSize(IStream *iface, ULARGE_INTEGER size)
{
    struct stream *stream = stream_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    hr = msp_call_begin(&call, &stream->object);
    if (FAILED(hr))
        return hr;
    hr = check_writable(&call, stream);
    if (SUCCEEDED(hr))
        hr = from_engine(&call, stream, stream_data_resize(stream->data, size.QuadPart));
    return msp_call_end(&call, hr);
}

/* --- CopyTo ----------------------------------------------------------------------------------- */

/* Hands bytes to a stream that is not ours to know: outside of the lock. */
static HRESULT write_target(
        struct msp_call *call, IStream *target, const void *from, size_t size, uint64_t *written)
{
    ULONG done = 0;
    HRESULT hr;
    HRESULT alive;

    msp_call_pause(call);
    hr = target->lpVtbl->Write(target, from, (ULONG)size, &done);
    alive = msp_call_resume(call);
    *written += done;
    if (FAILED(hr))
        return hr;
    if (done < size)
        return STG_E_MEDIUMFULL;
    return alive;
}

/* A target that may be a clone, or the stream itself, gets no more than what is there now: what it
 * writes could be read again without end. */
static HRESULT limit_copy(
        struct msp_call *call, struct stream *stream, const IStream *target, uint64_t *wanted)
{
    uint64_t size = 0;
    uint64_t left;
    HRESULT hr;

    if (target->lpVtbl != &stream_vtbl)
        return S_OK;
    hr = from_engine(call, stream, stream_data_size(stream->data, &size));
    left = size > stream->position ? size - stream->position : 0;
    if (*wanted > left)
        *wanted = left;
    return hr;
}

static HRESULT copy_to(struct msp_call *call, struct stream *stream, IStream *target,
        uint64_t wanted, uint64_t *out_read, uint64_t *out_written)
{
    HRESULT hr = limit_copy(call, stream, target, &wanted);
    uint8_t *piece;

    if (FAILED(hr))
        return hr;
    piece = msp_alloc(COPY_BLOCK);
    if (piece == NULL)
        return E_OUTOFMEMORY;
    while (SUCCEEDED(hr) && wanted > 0) {
        size_t done = 0;

        hr = read_bytes(
                call, stream, piece, wanted < COPY_BLOCK ? (size_t)wanted : COPY_BLOCK, &done);
        if (FAILED(hr) || done == 0)
            break;
        wanted -= done;
        *out_read += done;
        hr = write_target(call, target, piece, done, out_written);
    }
    msp_free(piece);
    return hr;
}

static HRESULT STDMETHODCALLTYPE stream_CopyTo(IStream *iface, IStream *target, ULARGE_INTEGER size,
        ULARGE_INTEGER *out_read, ULARGE_INTEGER *out_written)
{
    struct stream *stream = stream_from_iface(iface);
    uint64_t bytes_read = 0;
    uint64_t bytes_written = 0;
    struct msp_call call;
    HRESULT hr;

    if (out_read != NULL)
        out_read->QuadPart = 0;
    if (out_written != NULL)
        out_written->QuadPart = 0;
    if (target == NULL)
        return STG_E_INVALIDPOINTER;

    hr = msp_call_begin(&call, &stream->object);
    if (FAILED(hr))
        return hr;
    hr = copy_to(&call, stream, target, size.QuadPart, &bytes_read, &bytes_written);
    if (out_read != NULL)
        out_read->QuadPart = bytes_read;
    if (out_written != NULL)
        out_written->QuadPart = bytes_written;
    return msp_call_end(&call, hr);
}

/* --- the rest --------------------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE stream_Commit(IStream *iface, DWORD flags)
{
    struct stream *stream = stream_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_UNUSED(flags); /* they speak of storages shared with others */

    hr = msp_call_begin(&call, &stream->object);
    if (FAILED(hr))
        return hr;
    hr = flush(&call, stream);
    return msp_call_end(&call, hr);
}

/* The stream is what the property is, and the property keeps that when the stream is released. */
static HRESULT revert(struct msp_call *call, struct stream *stream)
{
    struct prop_object *owner = stream->owner;
    HRESULT hr = S_OK;

    if (!stream_data_is_changed(stream->data))
        return S_OK;
    stream_data_forget(stream->data);
    if (owner->props->refresh != NULL)
        hr = owner->props->refresh(call, owner);
    if (SUCCEEDED(hr))
        hr = load_value(call, owner, stream->tag, 0, stream->data);
    if (SUCCEEDED(hr))
        return S_OK;
    stream_data_forget(stream->data);
    return hr == MAPI_E_NOT_FOUND ? S_OK : hr;
}

/* COM lets direct mode do without; here nothing counts before Commit or Release, so that a value
 * that came half can be taken back. */
static HRESULT STDMETHODCALLTYPE stream_Revert(IStream *iface)
{
    struct stream *stream = stream_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    hr = msp_call_begin(&call, &stream->object);
    if (FAILED(hr))
        return hr;
    hr = revert(&call, stream);
    return msp_call_end(&call, hr);
}

/* Nobody else can reach the bytes of an open item, so there is nothing to lock. */
static HRESULT refuse_lock(IStream *iface)
{
    struct msp_call call;
    HRESULT hr;

    hr = msp_call_begin(&call, &stream_from_iface(iface)->object);
    if (FAILED(hr))
        return hr;
    return msp_call_end(&call, STG_E_INVALIDFUNCTION);
}

static HRESULT STDMETHODCALLTYPE stream_LockRegion(
        IStream *iface, ULARGE_INTEGER offset, ULARGE_INTEGER size, DWORD type)
{
    MSP_UNUSED(offset);
    MSP_UNUSED(size);
    MSP_UNUSED(type);
    return refuse_lock(iface);
}

static HRESULT STDMETHODCALLTYPE stream_UnlockRegion(
        IStream *iface, ULARGE_INTEGER offset, ULARGE_INTEGER size, DWORD type)
{
    MSP_UNUSED(offset);
    MSP_UNUSED(size);
    MSP_UNUSED(type);
    return refuse_lock(iface);
}

static HRESULT STDMETHODCALLTYPE stream_Stat(IStream *iface, STATSTG *out, DWORD flags)
{
    struct stream *stream = stream_from_iface(iface);
    struct msp_call call;
    uint64_t size = 0;
    HRESULT hr;

    MSP_UNUSED(flags); /* a property's stream has no name to leave out */
    if (out == NULL)
        return STG_E_INVALIDPOINTER;
    memset(out, 0, sizeof(*out));

    hr = msp_call_begin(&call, &stream->object);
    if (FAILED(hr))
        return hr;
    hr = from_engine(&call, stream, stream_data_size(stream->data, &size));
    if (SUCCEEDED(hr)) {
        out->type = STGTY_STREAM;
        out->cbSize.QuadPart = size;
        out->grfMode = is_writable(stream) ? STGM_READWRITE : STGM_READ;
    }
    return msp_call_end(&call, hr);
}

static HRESULT make_clone(struct msp_call *call, struct stream *stream, IStream **out)
{
    struct stream *copy = stream_alloc(stream->owner, stream->tag, stream->can_write, stream->data);

    if (copy == NULL)
        return E_OUTOFMEMORY;
    copy->position = stream->position;
    msp_object_start(&copy->object, call->domain, &stream->owner->object);
    *out = &copy->IStream_iface;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_Clone(IStream *iface, IStream **out)
{
    struct stream *stream = stream_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out);
    if (out == NULL)
        return STG_E_INVALIDPOINTER;

    hr = msp_call_begin(&call, &stream->object);
    if (FAILED(hr))
        return hr;
    hr = make_clone(&call, stream, out);
    return msp_call_end(&call, hr);
}

static const IStreamVtbl stream_vtbl = {
    MSP_UNKNOWN_SLOTS(stream),
    .Read = stream_Read,
    .Write = stream_Write,
    .Seek = stream_Seek,
    .SetSize = stream_SetSize,
    .CopyTo = stream_CopyTo,
    .Commit = stream_Commit,
    .Revert = stream_Revert,
    .LockRegion = stream_LockRegion,
    .UnlockRegion = stream_UnlockRegion,
    .Stat = stream_Stat,
    .Clone = stream_Clone,
};
