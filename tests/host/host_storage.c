/* SPDX-License-Identifier: MIT */
/*
 * host_storage.c - IStorage over a stream, as MAPI's IStorageFromStream lays one.
 *
 * A fake in transacted mode: it reads all of the stream when it is made and writes all of it in
 * Commit, in a form of its own. It has streams and no storages in it. The streams it gives out are
 * its own, one per name; a client that releases one leaves it in the storage.
 *
 *   "HSTG"  u32 count  count times { u32 units, name, u32 size, bytes }     (little-endian)
 */
#include "host_storage.h"

#include <stdlib.h>
#include <string.h>

#include "host_sink.h"

enum {
    NAME_MAX_UNITS = 31, /* of an element in a compound file */
    ELEMENT_MAX = 16
};

struct element {
    OLECHAR name[NAME_MAX_UNITS + 1];
    IStream *stream; /* counted */
};

struct storage {
    IStorage IStorage_iface;
    _Atomic unsigned long refs;
    IStream *under; /* counted */
    unsigned long long start;
    bool writable;
    struct element elements[ELEMENT_MAX];
    unsigned count;
};

static const IStorageVtbl storage_vtbl;

static struct storage *storage_from_iface(IStorage *iface)
{
    return CONTAINING_RECORD(iface, struct storage, IStorage_iface);
}

static size_t name_units(const OLECHAR *name)
{
    size_t units = 0;

    while (units <= NAME_MAX_UNITS && name[units] != 0)
        units++;
    return units;
}

/* ---- The form in the stream ---- */

static HRESULT seek_to(IStream *stream, unsigned long long at)
{
    LARGE_INTEGER move;

    move.QuadPart = (long long)at;
    return stream->lpVtbl->Seek(stream, move, STREAM_SEEK_SET, NULL);
}

static HRESULT read_all(IStream *stream, void *to, ULONG size)
{
    ULONG got = 0;
    HRESULT hr = size > 0 ? stream->lpVtbl->Read(stream, to, size, &got) : S_OK;

    if (FAILED(hr))
        return hr;
    return got == size ? S_OK : STG_E_READFAULT;
}

static HRESULT read_u32(IStream *stream, ULONG *out)
{
    unsigned char bytes[4] = { 0 };
    HRESULT hr = read_all(stream, bytes, sizeof(bytes));

    *out = bytes[0] | (ULONG)bytes[1] << 8 | (ULONG)bytes[2] << 16 | (ULONG)bytes[3] << 24;
    return hr;
}

static HRESULT write_all(IStream *stream, const void *from, ULONG size)
{
    ULONG done = 0;
    HRESULT hr = size > 0 ? stream->lpVtbl->Write(stream, from, size, &done) : S_OK;

    if (FAILED(hr))
        return hr;
    return done == size ? S_OK : STG_E_WRITEFAULT;
}

static HRESULT write_u32(IStream *stream, ULONG value)
{
    const unsigned char bytes[4] = { (unsigned char)value, (unsigned char)(value >> 8),
        (unsigned char)(value >> 16), (unsigned char)(value >> 24) };

    return write_all(stream, bytes, sizeof(bytes));
}

/* Reads one element behind those that are there. */
static HRESULT read_element(struct storage *storage)
{
    struct element *element = &storage->elements[storage->count];
    ULONG units = 0, size = 0;
    void *bytes = NULL;
    HRESULT hr = read_u32(storage->under, &units);

    if (SUCCEEDED(hr) && (units == 0 || units > NAME_MAX_UNITS))
        hr = STG_E_READFAULT;
    if (SUCCEEDED(hr))
        hr = read_all(storage->under, element->name, (ULONG)(units * sizeof(OLECHAR)));
    if (SUCCEEDED(hr))
        hr = read_u32(storage->under, &size);
    if (FAILED(hr))
        return hr;
    bytes = malloc(size > 0 ? size : 1);
    hr = bytes ? read_all(storage->under, bytes, size) : STG_E_INSUFFICIENTMEMORY;
    if (SUCCEEDED(hr)) {
        element->stream = host_stream_new(bytes, size);
        if (element->stream)
            storage->count++;
        else
            hr = STG_E_INSUFFICIENTMEMORY;
    }
    free(bytes);
    return hr;
}

static HRESULT read_storage(struct storage *storage)
{
    char magic[4] = { 0 };
    ULONG count = 0;
    HRESULT hr = read_all(storage->under, magic, sizeof(magic));

    if (SUCCEEDED(hr))
        hr = memcmp(magic, "HSTG", 4) == 0 ? read_u32(storage->under, &count) : STG_E_READFAULT;
    if (SUCCEEDED(hr) && count > ELEMENT_MAX)
        hr = STG_E_READFAULT;
    while (SUCCEEDED(hr) && storage->count < count)
        hr = read_element(storage);
    return hr;
}

static HRESULT write_storage(struct storage *storage)
{
    IStream *under = storage->under;
    ULARGE_INTEGER end;
    HRESULT hr;

    end.QuadPart = storage->start;
    hr = under->lpVtbl->SetSize(under, end);
    if (SUCCEEDED(hr))
        hr = seek_to(under, storage->start);
    if (SUCCEEDED(hr))
        hr = write_all(under, "HSTG", 4);
    if (SUCCEEDED(hr))
        hr = write_u32(under, storage->count);
    for (unsigned i = 0; i < storage->count && SUCCEEDED(hr); i++) {
        const struct element *element = &storage->elements[i];
        size_t units = name_units(element->name), size = 0;
        const void *bytes = host_stream_bytes(element->stream, &size);

        hr = write_u32(under, (ULONG)units);
        if (SUCCEEDED(hr))
            hr = write_all(under, element->name, (ULONG)(units * sizeof(OLECHAR)));
        if (SUCCEEDED(hr))
            hr = write_u32(under, (ULONG)size);
        if (SUCCEEDED(hr))
            hr = write_all(under, bytes, (ULONG)size);
    }
    return SUCCEEDED(hr) ? under->lpVtbl->Commit(under, STGC_DEFAULT) : hr;
}

/* ---- IUnknown ---- */

static HRESULT STDMETHODCALLTYPE storage_QueryInterface(IStorage *iface, REFIID iid, void **out)
{
    if (!out)
        return STG_E_INVALIDPOINTER;
    *out = NULL;
    if (!IsEqualGUID(iid, &IID_IUnknown) && !IsEqualGUID(iid, &IID_IStorage))
        return E_NOINTERFACE;
    iface->lpVtbl->AddRef(iface);
    *out = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE storage_AddRef(IStorage *iface)
{
    return (ULONG)++storage_from_iface(iface)->refs;
}

static ULONG STDMETHODCALLTYPE storage_Release(IStorage *iface)
{
    struct storage *storage = storage_from_iface(iface);
    unsigned long refs = --storage->refs;

    if (refs > 0)
        return (ULONG)refs;
    for (unsigned i = 0; i < storage->count; i++)
        storage->elements[i].stream->lpVtbl->Release(storage->elements[i].stream);
    storage->under->lpVtbl->Release(storage->under);
    free(storage);
    return 0;
}

/* ---- Streams ---- */

static struct element *find(struct storage *storage, const OLECHAR *name)
{
    size_t size = (name_units(name) + 1) * sizeof(OLECHAR);

    for (unsigned i = 0; i < storage->count; i++) {
        if (memcmp(storage->elements[i].name, name, size) == 0)
            return &storage->elements[i];
    }
    return NULL;
}

static HRESULT give_out(IStream *stream, IStream **out)
{
    stream->lpVtbl->AddRef(stream);
    *out = stream;
    return seek_to(stream, 0);
}

static HRESULT STDMETHODCALLTYPE storage_CreateStream(IStorage *iface, const OLECHAR *name,
        DWORD mode, DWORD reserved1, DWORD reserved2, IStream **out)
{
    struct storage *storage = storage_from_iface(iface);
    struct element *element;
    IStream *stream;

    if (!out || !name)
        return STG_E_INVALIDPOINTER;
    *out = NULL;
    if (reserved1 != 0 || reserved2 != 0)
        return STG_E_INVALIDPARAMETER;
    if (name[0] == 0 || name_units(name) > NAME_MAX_UNITS)
        return STG_E_INVALIDNAME;
    if (!storage->writable)
        return STG_E_ACCESSDENIED;
    element = find(storage, name);
    if (element && !(mode & STGM_CREATE))
        return STG_E_FILEALREADYEXISTS;
    if (!element && storage->count == ELEMENT_MAX)
        return STG_E_MEDIUMFULL;
    stream = host_stream_new(NULL, 0);
    if (!stream)
        return STG_E_INSUFFICIENTMEMORY;
    if (element) {
        element->stream->lpVtbl->Release(element->stream);
    } else {
        element = &storage->elements[storage->count++];
        memcpy(element->name, name, (name_units(name) + 1) * sizeof(OLECHAR));
    }
    element->stream = stream;
    return give_out(stream, out);
}

static HRESULT STDMETHODCALLTYPE storage_OpenStream(IStorage *iface, const OLECHAR *name,
        void *reserved1, DWORD mode, DWORD reserved2, IStream **out)
{
    struct storage *storage = storage_from_iface(iface);
    struct element *element;

    if (!out || !name)
        return STG_E_INVALIDPOINTER;
    *out = NULL;
    if (reserved1 || reserved2 != 0)
        return STG_E_INVALIDPARAMETER;
    if (!storage->writable && (mode & (STGM_WRITE | STGM_READWRITE)))
        return STG_E_ACCESSDENIED;
    element = name_units(name) <= NAME_MAX_UNITS ? find(storage, name) : NULL;
    return element ? give_out(element->stream, out) : STG_E_FILENOTFOUND;
}

/* ---- The storage ---- */

static HRESULT STDMETHODCALLTYPE storage_Commit(IStorage *iface, DWORD flags)
{
    struct storage *storage = storage_from_iface(iface);

    (void)flags;
    return storage->writable ? write_storage(storage) : S_OK;
}

static HRESULT STDMETHODCALLTYPE storage_Stat(IStorage *iface, STATSTG *out, DWORD flags)
{
    struct storage *storage = storage_from_iface(iface);

    (void)flags; /* no name, whatever they ask for */
    if (!out)
        return STG_E_INVALIDPOINTER;
    memset(out, 0, sizeof(*out));
    out->type = STGTY_STORAGE;
    out->grfMode = STGM_TRANSACTED | (storage->writable ? STGM_READWRITE : STGM_READ);
    return S_OK;
}

/* ---- What the fake does not do ---- */

static HRESULT STDMETHODCALLTYPE storage_CreateStorage(IStorage *iface, const OLECHAR *name,
        DWORD mode, DWORD reserved1, DWORD reserved2, IStorage **out)
{
    (void)iface;
    (void)name;
    (void)mode;
    (void)reserved1;
    (void)reserved2;
    if (out)
        *out = NULL;
    return STG_E_UNIMPLEMENTEDFUNCTION;
}

static HRESULT STDMETHODCALLTYPE storage_OpenStorage(IStorage *iface, const OLECHAR *name,
        IStorage *priority, DWORD mode, SNB exclude, DWORD reserved, IStorage **out)
{
    (void)iface;
    (void)name;
    (void)priority;
    (void)mode;
    (void)exclude;
    (void)reserved;
    if (out)
        *out = NULL;
    return STG_E_UNIMPLEMENTEDFUNCTION;
}

static HRESULT copy_element(const struct element *element, IStorage *target)
{
    size_t size = 0;
    const void *bytes = host_stream_bytes(element->stream, &size);
    IStream *stream = NULL;
    HRESULT hr;

    hr = target->lpVtbl->CreateStream(target, element->name,
            STGM_READWRITE | STGM_SHARE_EXCLUSIVE | STGM_CREATE, 0, 0, &stream);
    if (FAILED(hr))
        return hr;
    hr = write_all(stream, bytes, (ULONG)size);
    stream->lpVtbl->Release(stream);
    return hr;
}

static HRESULT STDMETHODCALLTYPE storage_CopyTo(IStorage *iface, DWORD exclude_count,
        const IID *exclude, SNB exclude_names, IStorage *target)
{
    struct storage *storage = storage_from_iface(iface);
    HRESULT hr = S_OK;

    (void)exclude;
    if (!target)
        return STG_E_INVALIDPOINTER;
    if (exclude_count != 0 || exclude_names)
        return STG_E_UNIMPLEMENTEDFUNCTION;
    for (unsigned i = 0; i < storage->count && SUCCEEDED(hr); i++)
        hr = copy_element(&storage->elements[i], target);
    return hr;
}

static HRESULT STDMETHODCALLTYPE storage_MoveElementTo(IStorage *iface, const OLECHAR *name,
        IStorage *target, const OLECHAR *new_name, DWORD flags)
{
    (void)iface;
    (void)name;
    (void)target;
    (void)new_name;
    (void)flags;
    return STG_E_UNIMPLEMENTEDFUNCTION;
}

static HRESULT STDMETHODCALLTYPE storage_Revert(IStorage *iface)
{
    (void)iface;
    return STG_E_UNIMPLEMENTEDFUNCTION;
}

static HRESULT STDMETHODCALLTYPE storage_EnumElements(
        IStorage *iface, DWORD reserved1, void *reserved2, DWORD reserved3, IEnumSTATSTG **out)
{
    (void)iface;
    (void)reserved1;
    (void)reserved2;
    (void)reserved3;
    if (out)
        *out = NULL;
    return STG_E_UNIMPLEMENTEDFUNCTION;
}

static HRESULT STDMETHODCALLTYPE storage_DestroyElement(IStorage *iface, const OLECHAR *name)
{
    (void)iface;
    (void)name;
    return STG_E_UNIMPLEMENTEDFUNCTION;
}

static HRESULT STDMETHODCALLTYPE storage_RenameElement(
        IStorage *iface, const OLECHAR *old_name, const OLECHAR *new_name)
{
    (void)iface;
    (void)old_name;
    (void)new_name;
    return STG_E_UNIMPLEMENTEDFUNCTION;
}

static HRESULT STDMETHODCALLTYPE storage_SetElementTimes(IStorage *iface, const OLECHAR *name,
        const FILETIME *created, const FILETIME *accessed, const FILETIME *modified)
{
    (void)iface;
    (void)name;
    (void)created;
    (void)accessed;
    (void)modified;
    return STG_E_UNIMPLEMENTEDFUNCTION;
}

static HRESULT STDMETHODCALLTYPE storage_SetClass(IStorage *iface, const CLSID *clsid)
{
    (void)iface;
    (void)clsid;
    return STG_E_UNIMPLEMENTEDFUNCTION;
}

static HRESULT STDMETHODCALLTYPE storage_SetStateBits(IStorage *iface, DWORD bits, DWORD mask)
{
    (void)iface;
    (void)bits;
    (void)mask;
    return STG_E_UNIMPLEMENTEDFUNCTION;
}

static const IStorageVtbl storage_vtbl = {
    .QueryInterface = storage_QueryInterface,
    .AddRef = storage_AddRef,
    .Release = storage_Release,
    .CreateStream = storage_CreateStream,
    .OpenStream = storage_OpenStream,
    .CreateStorage = storage_CreateStorage,
    .OpenStorage = storage_OpenStorage,
    .CopyTo = storage_CopyTo,
    .MoveElementTo = storage_MoveElementTo,
    .Commit = storage_Commit,
    .Revert = storage_Revert,
    .EnumElements = storage_EnumElements,
    .DestroyElement = storage_DestroyElement,
    .RenameElement = storage_RenameElement,
    .SetElementTimes = storage_SetElementTimes,
    .SetClass = storage_SetClass,
    .SetStateBits = storage_SetStateBits,
    .Stat = storage_Stat,
};

/* Where the storage starts, and the stream's position there. */
static HRESULT place(struct storage *storage, ULONG flags)
{
    LARGE_INTEGER none;
    ULARGE_INTEGER at;
    HRESULT hr;

    if (!(flags & STGSTRM_CURRENT))
        return seek_to(storage->under, 0);
    none.QuadPart = 0;
    at.QuadPart = 0;
    hr = storage->under->lpVtbl->Seek(storage->under, none, STREAM_SEEK_CUR, &at);
    storage->start = at.QuadPart;
    return hr;
}

HRESULT host_storage_new(IUnknown *stream, ULONG flags, IStorage **out)
{
    struct storage *storage = calloc(1, sizeof(*storage));
    void *under = NULL;
    HRESULT hr;

    *out = NULL;
    if (!storage)
        return STG_E_INSUFFICIENTMEMORY;
    hr = stream->lpVtbl->QueryInterface(stream, &IID_IStream, &under);
    if (FAILED(hr)) {
        free(storage);
        return hr;
    }
    storage->IStorage_iface.lpVtbl = &storage_vtbl;
    storage->refs = 1;
    storage->under = under;
    storage->writable = (flags & STGSTRM_MODIFY) != 0;
    hr = place(storage, flags);
    if (SUCCEEDED(hr) && !(flags & STGSTRM_CREATE))
        hr = read_storage(storage);
    if (FAILED(hr)) {
        storage_Release(&storage->IStorage_iface);
        return hr;
    }
    *out = &storage->IStorage_iface;
    return S_OK;
}
