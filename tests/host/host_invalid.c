/* SPDX-License-Identifier: MIT */
/*
 * host_invalid.c - IMAPISupport::MakeInvalid: an object of a provider becomes one of ours that only
 * counts references.
 *
 * Our provider never asks for it (design: its dead objects are its own). On x86 the methods of the
 * dead object take no arguments but `This`: a callee that pops cannot know how much.
 */
#include "host_support_slots.h"

#define METHODS_MAX 67

/* What lies where the object was; no larger than the smallest object that may be handed over. */
struct invalid {
    const void *lpVtbl;
    _Atomic ULONG refs;
    ULONG arena;
};

_Static_assert(sizeof(struct invalid) <= 16, "imapisupport-makeinvalid: at least 16 bytes");

static HRESULT STDMETHODCALLTYPE invalid_QueryInterface(
        struct invalid *object, REFIID iid, void **out)
{
    if (!out)
        return MAPI_E_INVALID_PARAMETER;
    *out = NULL;
    if (!iid || !IsEqualGUID(iid, &IID_IUnknown))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    object->refs++;
    *out = object;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE invalid_AddRef(struct invalid *object)
{
    return ++object->refs;
}

static ULONG STDMETHODCALLTYPE invalid_Release(struct invalid *object)
{
    ULONG refs = --object->refs;

    if (refs == 0)
        host_mem_trio(object->arena)->release(object);
    return refs;
}

static HRESULT STDMETHODCALLTYPE invalid_method(struct invalid *object)
{
    (void)object;
    return MAPI_E_INVALID_OBJECT;
}

struct invalid_vtbl {
    HRESULT(STDMETHODCALLTYPE *QueryInterface)(struct invalid *object, REFIID iid, void **out);
    ULONG(STDMETHODCALLTYPE *AddRef)(struct invalid *object);
    ULONG(STDMETHODCALLTYPE *Release)(struct invalid *object);
    HRESULT(STDMETHODCALLTYPE *rest[METHODS_MAX - 3])(struct invalid *object);
};

/* clang-format off */
#define FOUR    invalid_method, invalid_method, invalid_method, invalid_method
#define SIXTEEN FOUR, FOUR, FOUR, FOUR

static const struct invalid_vtbl invalid_vtbl = {
    invalid_QueryInterface, invalid_AddRef, invalid_Release, { SIXTEEN, SIXTEEN, SIXTEEN, SIXTEEN },
};

/* clang-format on */

HRESULT STDMETHODCALLTYPE support_MakeInvalid(
        IMAPISupport *iface, ULONG flags, LPVOID object, ULONG refs, ULONG method_count)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = {
        .method = HOST_MakeInvalid, .flags = flags, .arg = (uintptr_t)object
    };
    struct invalid *invalid = object;
    HRESULT hr;

    if (!host_support_enter(support, &call, &hr))
        return hr;
    if (flags != 0 || refs == 0 || method_count < 3 || method_count > METHODS_MAX)
        return host_support_bad_argument(
                support, &call, "flags, no references, or an impossible count of methods");
    if (!host_mem_is_root(object) || !host_mem_belongs(object, object, 16))
        return host_support_bad_argument(
                support, &call, "the object is no buffer of MAPIAllocateBuffer, or too small");
    invalid->refs = refs;
    invalid->arena = support->world->arena;
    invalid->lpVtbl = &invalid_vtbl;
    return host_support_leave(support, &call, S_OK);
}
