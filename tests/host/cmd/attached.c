/* SPDX-License-Identifier: MIT */
/*
 * attached.c - the objects of attachments.
 *
 * A storage shows no bytes, only elements. Its own CopyTo brings them into one of the host's, whose
 * bytes are at hand.
 */
#include "attached.h"

#include "../host_sink.h"
#include "../host_storage.h"
#include "cmd.h"

static HRESULT has_object(IAttach *attach, bool *out)
{
    LPSPropTagArray tags = NULL;
    HRESULT hr = attach->lpVtbl->GetPropList(attach, MAPI_UNICODE, &tags);

    *out = false;
    for (ULONG i = 0; SUCCEEDED(hr) && i < tags->cValues; i++)
        *out = *out || tags->aulPropTag[i] == PR_ATTACH_DATA_OBJ;
    give_back(tags);
    return hr;
}

HRESULT attached_open(IAttach *attach, IMessage **out_message, IStorage **out_storage)
{
    LPUNKNOWN opened = NULL;
    bool has;
    HRESULT hr = has_object(attach, &has);

    *out_message = NULL;
    *out_storage = NULL;
    if (FAILED(hr) || !has)
        return hr;
    hr = attach->lpVtbl->OpenProperty(attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0, &opened);
    if (SUCCEEDED(hr)) {
        *out_message = (IMessage *)(void *)opened;
        return hr;
    }
    if (hr != MAPI_E_NOT_FOUND) /* it is a message */
        return hr;
    hr = attach->lpVtbl->OpenProperty(attach, PR_ATTACH_DATA_OBJ, &IID_IStorage, 0, 0, &opened);
    if (SUCCEEDED(hr))
        *out_storage = (IStorage *)(void *)opened;
    return hr;
}

static HRESULT copy_storage(IStorage *from, IStorage *to)
{
    HRESULT hr = from->lpVtbl->CopyTo(from, 0, NULL, NULL, to);

    return SUCCEEDED(hr) ? to->lpVtbl->Commit(to, STGC_DEFAULT) : hr;
}

HRESULT attached_storage_read(IStorage *storage, IStream **out)
{
    LARGE_INTEGER start = { .QuadPart = 0 };
    IStream *bytes = host_stream_new(NULL, 0);
    IStorage *copy = NULL;
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    *out = NULL;
    if (bytes)
        hr = host_storage_new((IUnknown *)(void *)bytes, STGSTRM_CREATE | STGSTRM_MODIFY, &copy);
    if (SUCCEEDED(hr)) {
        hr = copy_storage(storage, copy);
        copy->lpVtbl->Release(copy);
    }
    if (SUCCEEDED(hr))
        hr = bytes->lpVtbl->Seek(bytes, start, STREAM_SEEK_SET, NULL);
    if (SUCCEEDED(hr))
        *out = bytes;
    else if (bytes)
        bytes->lpVtbl->Release(bytes);
    return hr;
}

HRESULT attached_storage_write(IAttach *attach, IStream *bytes)
{
    IStorage *from = NULL;
    LPUNKNOWN opened = NULL;
    HRESULT hr = host_storage_new((IUnknown *)(void *)bytes, 0, &from);

    if (FAILED(hr))
        return hr;
    hr = attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IStorage, 0, MAPI_CREATE | MAPI_MODIFY, &opened);
    if (SUCCEEDED(hr)) {
        hr = copy_storage(from, (IStorage *)(void *)opened);
        opened->lpVtbl->Release(opened);
    }
    from->lpVtbl->Release(from);
    return hr;
}
