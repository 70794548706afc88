/* SPDX-License-Identifier: MIT */
/*
 * host_stream.c - IStream over memory and over a file, as a client may hand one to a store.
 */
#include <stdlib.h>
#include <string.h>

#include "host_sink.h"

struct stream {
    IStream IStream_iface;
    _Atomic unsigned long refs;
    FILE *file; /* NULL: memory */
    bool writable;
    unsigned char *bytes;
    size_t size, room, at;
    size_t fail_after; /* bytes until failure */
    HRESULT fail_hr;
};

static struct stream *stream_from_iface(IStream *iface)
{
    return CONTAINING_RECORD(iface, struct stream, IStream_iface);
}

static HRESULT STDMETHODCALLTYPE stream_QueryInterface(IStream *iface, REFIID iid, void **out)
{
    if (!out)
        return STG_E_INVALIDPOINTER;
    *out = NULL;
    if (!IsEqualGUID(iid, &IID_IUnknown) && !IsEqualGUID(iid, &IID_IStream))
        return E_NOINTERFACE;
    iface->lpVtbl->AddRef(iface);
    *out = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE stream_AddRef(IStream *iface)
{
    return (ULONG)++stream_from_iface(iface)->refs;
}

static ULONG STDMETHODCALLTYPE stream_Release(IStream *iface)
{
    struct stream *stream = stream_from_iface(iface);
    unsigned long refs = --stream->refs;

    if (refs > 0)
        return (ULONG)refs;
    if (stream->file)
        fclose(stream->file);
    free(stream->bytes);
    free(stream);
    return 0;
}

/* Takes `size` from the allowance before the scripted failure. */
static bool fails(struct stream *stream, size_t size)
{
    if (stream->fail_hr == S_OK)
        return false;
    if (size > stream->fail_after)
        return true;
    stream->fail_after -= size;
    return false;
}

static HRESULT STDMETHODCALLTYPE stream_Read(IStream *iface, void *buf, ULONG size, ULONG *out_read)
{
    struct stream *stream = stream_from_iface(iface);
    size_t n = size;

    if (out_read)
        *out_read = 0;
    if (!buf)
        return STG_E_INVALIDPOINTER;
    if (fails(stream, size))
        return stream->fail_hr;
    if (stream->file) {
        n = fread(buf, 1, size, stream->file);
        if (n < size && ferror(stream->file))
            return STG_E_READFAULT;
    } else {
        if (stream->at >= stream->size)
            n = 0;
        else if (n > stream->size - stream->at)
            n = stream->size - stream->at;
        if (n > 0)
            memcpy(buf, stream->bytes + stream->at, n);
        stream->at += n;
    }
    if (out_read)
        *out_read = (ULONG)n;
    return n < size ? S_FALSE : S_OK;
}

/* Makes room for `size` bytes and zeroes what is new. */
static bool grow(struct stream *stream, size_t size)
{
    if (size > stream->room) {
        size_t room = stream->room ? stream->room : 4096;
        unsigned char *more;

        while (room < size)
            room *= 2;
        more = realloc(stream->bytes, room);
        if (!more)
            return false;
        stream->bytes = more;
        stream->room = room;
    }
    if (size > stream->size)
        memset(stream->bytes + stream->size, 0, size - stream->size);
    return true;
}

static HRESULT STDMETHODCALLTYPE stream_Write(
        IStream *iface, const void *buf, ULONG size, ULONG *out_written)
{
    struct stream *stream = stream_from_iface(iface);

    if (out_written)
        *out_written = 0;
    if (!buf)
        return STG_E_INVALIDPOINTER;
    if (!stream->writable)
        return STG_E_ACCESSDENIED;
    if (fails(stream, size))
        return stream->fail_hr;
    if (stream->file) {
        if (fwrite(buf, 1, size, stream->file) < size)
            return STG_E_WRITEFAULT;
    } else if (size > 0) {
        if (!grow(stream, stream->at + size))
            return STG_E_INSUFFICIENTMEMORY;
        memcpy(stream->bytes + stream->at, buf, size);
        stream->at += size;
        if (stream->at > stream->size)
            stream->size = stream->at;
    }
    if (out_written)
        *out_written = size;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_Seek(
        IStream *iface, LARGE_INTEGER move, DWORD origin, ULARGE_INTEGER *out)
{
    struct stream *stream = stream_from_iface(iface);
    long long base = 0, target;

    if (stream->file) {
        static const int how[] = { SEEK_SET, SEEK_CUR, SEEK_END };

        if (origin > STREAM_SEEK_END || fseek(stream->file, (long)move.QuadPart, how[origin]) != 0)
            return STG_E_INVALIDFUNCTION;
        if (out)
            out->QuadPart = (unsigned long long)ftell(stream->file);
        return S_OK;
    }
    if (origin == STREAM_SEEK_CUR)
        base = (long long)stream->at;
    else if (origin == STREAM_SEEK_END)
        base = (long long)stream->size;
    else if (origin != STREAM_SEEK_SET)
        return STG_E_INVALIDFUNCTION;
    target = base + move.QuadPart;
    if (target < 0)
        return STG_E_INVALIDFUNCTION;
    stream->at = (size_t)target;
    if (out)
        out->QuadPart = (unsigned long long)target;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_SetSize(IStream *iface, ULARGE_INTEGER size)
{
    struct stream *stream = stream_from_iface(iface);

    if (!stream->writable)
        return STG_E_ACCESSDENIED;
    if (stream->file)
        return STG_E_INVALIDFUNCTION;
    if (size.QuadPart > SIZE_MAX / 2 || !grow(stream, (size_t)size.QuadPart))
        return STG_E_MEDIUMFULL;
    stream->size = (size_t)size.QuadPart;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_CopyTo(IStream *iface, IStream *target, ULARGE_INTEGER size,
        ULARGE_INTEGER *out_read, ULARGE_INTEGER *out_written)
{
    unsigned long long total = 0;
    HRESULT hr = S_OK;
    char part[4096];

    if (!target)
        return STG_E_INVALIDPOINTER;
    while (SUCCEEDED(hr) && total < size.QuadPart) {
        unsigned long long left = size.QuadPart - total;
        ULONG want = left < sizeof(part) ? (ULONG)left : (ULONG)sizeof(part), got = 0;

        hr = iface->lpVtbl->Read(iface, part, want, &got);
        if (FAILED(hr) || got == 0)
            break;
        hr = target->lpVtbl->Write(target, part, got, NULL);
        total += got;
    }
    if (out_read)
        out_read->QuadPart = total;
    if (out_written)
        out_written->QuadPart = total;
    return FAILED(hr) ? hr : S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_Commit(IStream *iface, DWORD flags)
{
    struct stream *stream = stream_from_iface(iface);

    (void)flags;
    return stream->file && stream->writable && fflush(stream->file) != 0 ? STG_E_WRITEFAULT : S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_Revert(IStream *iface)
{
    (void)iface;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_LockRegion(
        IStream *iface, ULARGE_INTEGER offset, ULARGE_INTEGER size, DWORD type)
{
    (void)iface;
    (void)offset;
    (void)size;
    (void)type;
    return STG_E_INVALIDFUNCTION;
}

static HRESULT STDMETHODCALLTYPE stream_Stat(IStream *iface, STATSTG *out, DWORD flags)
{
    struct stream *stream = stream_from_iface(iface);

    (void)flags;
    if (!out)
        return STG_E_INVALIDPOINTER;
    memset(out, 0, sizeof(*out));
    out->type = STGTY_STREAM;
    out->cbSize.QuadPart = stream->size;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_Clone(IStream *iface, IStream **out)
{
    (void)iface;
    if (out)
        *out = NULL;
    return STG_E_UNIMPLEMENTEDFUNCTION;
}

static const IStreamVtbl stream_vtbl = {
    .QueryInterface = stream_QueryInterface,
    .AddRef = stream_AddRef,
    .Release = stream_Release,
    .Read = stream_Read,
    .Write = stream_Write,
    .Seek = stream_Seek,
    .SetSize = stream_SetSize,
    .CopyTo = stream_CopyTo,
    .Commit = stream_Commit,
    .Revert = stream_Revert,
    .LockRegion = stream_LockRegion,
    .UnlockRegion = stream_LockRegion,
    .Stat = stream_Stat,
    .Clone = stream_Clone,
};

static struct stream *stream_new(void)
{
    struct stream *stream = calloc(1, sizeof(*stream));

    if (!stream)
        return NULL;
    stream->IStream_iface.lpVtbl = &stream_vtbl;
    stream->refs = 1;
    return stream;
}

IStream *host_stream_new(const void *bytes, size_t size)
{
    struct stream *stream = stream_new();

    if (!stream)
        return NULL;
    stream->writable = true;
    if (size > 0) {
        if (!grow(stream, size)) {
            free(stream);
            return NULL;
        }
        memcpy(stream->bytes, bytes, size);
        stream->size = size;
    }
    return &stream->IStream_iface;
}

IStream *host_stream_file(const char *path, bool write)
{
    struct stream *stream = stream_new();

    if (!stream)
        return NULL;
    stream->file = host_fopen(path, write ? "wb" : "rb");
    stream->writable = write;
    if (!stream->file) {
        free(stream);
        return NULL;
    }
    return &stream->IStream_iface;
}

const void *host_stream_bytes(IStream *iface, size_t *out_size)
{
    struct stream *stream = stream_from_iface(iface);

    *out_size = stream->size;
    return stream->bytes;
}

void host_stream_fail(IStream *iface, size_t bytes, HRESULT hr)
{
    struct stream *stream = stream_from_iface(iface);

    stream->fail_after = bytes;
    stream->fail_hr = hr;
}
