/* SPDX-License-Identifier: MIT */
/*
 * copy_veil.h - an IMessage or IAttach that hands every call on to one of ours: to the store it is
 * a foreign object, which it knows by its interface alone.
 */
#ifndef COPY_VEIL_H
#define COPY_VEIL_H

#include "support/support.h"

/* On the test's stack; the message inside is borrowed. The methods of IMAPIProp are the same in
 * both interfaces, slot by slot. */
struct veil {
    IMessage IMessage_iface;
    IMessage *inner;
    const IID *iid;
    ULONG refs;
};

static inline struct veil *veil_from_iface(IMessage *iface)
{
    return CONTAINING_RECORD(iface, struct veil, IMessage_iface);
}

static inline HRESULT STDMETHODCALLTYPE veil_QueryInterface(IMessage *iface, REFIID iid, void **out)
{
    struct veil *veil = veil_from_iface(iface);

    *out = NULL;
    if (!IsEqualGUID(iid, &IID_IUnknown) && !IsEqualGUID(iid, &IID_IMAPIProp) &&
            !IsEqualGUID(iid, veil->iid))
        return E_NOINTERFACE;
    veil->refs++;
    *out = iface;
    return S_OK;
}

static inline ULONG STDMETHODCALLTYPE veil_AddRef(IMessage *iface)
{
    return ++veil_from_iface(iface)->refs;
}

static inline ULONG STDMETHODCALLTYPE veil_Release(IMessage *iface)
{
    return --veil_from_iface(iface)->refs;
}

#define VEIL(iface) veil_from_iface(iface)->inner

static inline HRESULT STDMETHODCALLTYPE veil_GetLastError(
        IMessage *iface, HRESULT hr, ULONG flags, LPMAPIERROR *out)
{
    return VEIL(iface)->lpVtbl->GetLastError(VEIL(iface), hr, flags, out);
}

static inline HRESULT STDMETHODCALLTYPE veil_SaveChanges(IMessage *iface, ULONG flags)
{
    return VEIL(iface)->lpVtbl->SaveChanges(VEIL(iface), flags);
}

static inline HRESULT STDMETHODCALLTYPE veil_GetProps(
        IMessage *iface, LPSPropTagArray tags, ULONG flags, ULONG *count, LPSPropValue *values)
{
    return VEIL(iface)->lpVtbl->GetProps(VEIL(iface), tags, flags, count, values);
}

static inline HRESULT STDMETHODCALLTYPE veil_GetPropList(
        IMessage *iface, ULONG flags, LPSPropTagArray *out)
{
    return VEIL(iface)->lpVtbl->GetPropList(VEIL(iface), flags, out);
}

static inline HRESULT STDMETHODCALLTYPE veil_OpenProperty(
        IMessage *iface, ULONG tag, LPCIID iid, ULONG options, ULONG flags, LPUNKNOWN *out)
{
    return VEIL(iface)->lpVtbl->OpenProperty(VEIL(iface), tag, iid, options, flags, out);
}

static inline HRESULT STDMETHODCALLTYPE veil_SetProps(
        IMessage *iface, ULONG count, LPSPropValue values, LPSPropProblemArray *problems)
{
    return VEIL(iface)->lpVtbl->SetProps(VEIL(iface), count, values, problems);
}

static inline HRESULT STDMETHODCALLTYPE veil_DeleteProps(
        IMessage *iface, LPSPropTagArray tags, LPSPropProblemArray *problems)
{
    return VEIL(iface)->lpVtbl->DeleteProps(VEIL(iface), tags, problems);
}

static inline HRESULT STDMETHODCALLTYPE veil_GetNamesFromIDs(IMessage *iface, LPSPropTagArray *tags,
        LPGUID set, ULONG flags, ULONG *count, LPMAPINAMEID **out)
{
    return VEIL(iface)->lpVtbl->GetNamesFromIDs(VEIL(iface), tags, set, flags, count, out);
}

static inline HRESULT STDMETHODCALLTYPE veil_GetIDsFromNames(
        IMessage *iface, ULONG count, LPMAPINAMEID *names, ULONG flags, LPSPropTagArray *out)
{
    return VEIL(iface)->lpVtbl->GetIDsFromNames(VEIL(iface), count, names, flags, out);
}

static inline HRESULT STDMETHODCALLTYPE veil_GetAttachmentTable(
        IMessage *iface, ULONG flags, LPMAPITABLE *out)
{
    return VEIL(iface)->lpVtbl->GetAttachmentTable(VEIL(iface), flags, out);
}

static inline HRESULT STDMETHODCALLTYPE veil_OpenAttach(
        IMessage *iface, ULONG number, LPCIID iid, ULONG flags, LPATTACH *out)
{
    return VEIL(iface)->lpVtbl->OpenAttach(VEIL(iface), number, iid, flags, out);
}

static inline HRESULT STDMETHODCALLTYPE veil_CreateAttach(
        IMessage *iface, LPCIID iid, ULONG flags, ULONG *number, LPATTACH *out)
{
    return VEIL(iface)->lpVtbl->CreateAttach(VEIL(iface), iid, flags, number, out);
}

static inline HRESULT STDMETHODCALLTYPE veil_DeleteAttach(
        IMessage *iface, ULONG number, ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags)
{
    return VEIL(iface)->lpVtbl->DeleteAttach(VEIL(iface), number, ui, progress, flags);
}

static inline HRESULT STDMETHODCALLTYPE veil_GetRecipientTable(
        IMessage *iface, ULONG flags, LPMAPITABLE *out)
{
    return VEIL(iface)->lpVtbl->GetRecipientTable(VEIL(iface), flags, out);
}

static inline HRESULT STDMETHODCALLTYPE veil_ModifyRecipients(
        IMessage *iface, ULONG flags, LPADRLIST list)
{
    return VEIL(iface)->lpVtbl->ModifyRecipients(VEIL(iface), flags, list);
}

static const IMessageVtbl veil_vtbl = {
    .QueryInterface = veil_QueryInterface,
    .AddRef = veil_AddRef,
    .Release = veil_Release,
    .GetLastError = veil_GetLastError,
    .SaveChanges = veil_SaveChanges,
    .GetProps = veil_GetProps,
    .GetPropList = veil_GetPropList,
    .OpenProperty = veil_OpenProperty,
    .SetProps = veil_SetProps,
    .DeleteProps = veil_DeleteProps,
    .GetNamesFromIDs = veil_GetNamesFromIDs,
    .GetIDsFromNames = veil_GetIDsFromNames,
    .GetAttachmentTable = veil_GetAttachmentTable,
    .OpenAttach = veil_OpenAttach,
    .CreateAttach = veil_CreateAttach,
    .DeleteAttach = veil_DeleteAttach,
    .GetRecipientTable = veil_GetRecipientTable,
    .ModifyRecipients = veil_ModifyRecipients,
};

/* `inner` is an IMessage or an IAttach, as the iid says. */
static inline void *veil_over(struct veil *veil, void *inner, const IID *iid)
{
    *veil = (struct veil){ { &veil_vtbl }, inner, iid, 1 };
    return &veil->IMessage_iface;
}

#endif
