/* SPDX-License-Identifier: MIT */
/*
 * host_admin.c - IProviderAdmin as a service entry gets it: the sections of its providers.
 *
 * Creating and deleting providers is what MAPI asks a service to do with the contexts
 * MSG_SERVICE_PROVIDER_CREATE and _DELETE, which a service of one store refuses.
 */
#include "host_admin.h"

static struct host_admin *admin_from_iface(IProviderAdmin *iface)
{
    return CONTAINING_RECORD(iface, struct host_admin, IProviderAdmin_iface);
}

static HRESULT STDMETHODCALLTYPE admin_QueryInterface(
        IProviderAdmin *iface, REFIID iid, LPVOID *out)
{
    if (!out)
        return MAPI_E_INVALID_PARAMETER;
    *out = NULL;
    if (!IsEqualGUID(iid, &IID_IUnknown) && !IsEqualGUID(iid, &IID_IProviderAdmin))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    iface->lpVtbl->AddRef(iface);
    *out = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE admin_AddRef(IProviderAdmin *iface)
{
    return (ULONG)++admin_from_iface(iface)->refs;
}

static ULONG STDMETHODCALLTYPE admin_Release(IProviderAdmin *iface)
{
    return (ULONG)--admin_from_iface(iface)->refs;
}

static HRESULT STDMETHODCALLTYPE admin_GetLastError(
        IProviderAdmin *iface, HRESULT hr, ULONG flags, LPMAPIERROR *out)
{
    (void)iface;
    (void)hr;
    if (!out)
        return MAPI_E_INVALID_PARAMETER;
    *out = NULL;
    return flags & ~MAPI_UNICODE ? MAPI_E_UNKNOWN_FLAGS : S_OK;
}

static HRESULT STDMETHODCALLTYPE admin_GetProviderTable(
        IProviderAdmin *iface, ULONG flags, LPMAPITABLE *out)
{
    (void)iface;
    (void)flags;
    if (out)
        *out = NULL;
    return MAPI_E_NO_SUPPORT;
}

static HRESULT STDMETHODCALLTYPE admin_CreateProvider(IProviderAdmin *iface, LPTSTR provider,
        ULONG count, LPSPropValue values, ULONG_PTR ui, ULONG flags, MAPIUID *out_uid)
{
    (void)provider;
    (void)count;
    (void)values;
    (void)ui;
    (void)flags;
    (void)out_uid;
    host_world_breach(admin_from_iface(iface)->world, "the service entry called CreateProvider");
    return MAPI_E_NO_SUPPORT;
}

static HRESULT STDMETHODCALLTYPE admin_DeleteProvider(IProviderAdmin *iface, LPMAPIUID uid)
{
    (void)uid;
    host_world_breach(admin_from_iface(iface)->world, "the service entry called DeleteProvider");
    return MAPI_E_NO_SUPPORT;
}

static HRESULT STDMETHODCALLTYPE admin_OpenProfileSection(
        IProviderAdmin *iface, LPMAPIUID uid, LPCIID iid, ULONG flags, LPPROFSECT *out)
{
    struct host_admin *admin = admin_from_iface(iface);

    if (!out)
        return MAPI_E_INVALID_PARAMETER;
    return host_profile_open(admin->world->profile, admin->world->arena,
            uid ? uid : &admin->section, iid, flags, out);
}

static const IProviderAdminVtbl admin_vtbl = {
    .QueryInterface = admin_QueryInterface,
    .AddRef = admin_AddRef,
    .Release = admin_Release,
    .GetLastError = admin_GetLastError,
    .GetProviderTable = admin_GetProviderTable,
    .CreateProvider = admin_CreateProvider,
    .DeleteProvider = admin_DeleteProvider,
    .OpenProfileSection = admin_OpenProfileSection,
};

void host_admin_init(struct host_admin *admin, struct host_world *world, const MAPIUID *section)
{
    admin->IProviderAdmin_iface.lpVtbl = &admin_vtbl;
    admin->refs = 1;
    admin->world = world;
    admin->section = *section;
}
