/* SPDX-License-Identifier: MIT */
/*
 * host_session.c - a MAPI session around one provider library: load, configure, log on, log off.
 */
#include "host_session.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "host_admin.h"
#include "host_text.h"

typedef MSPROVIDERINIT *init_function;

static HRESULT fail(struct host_session *session, HRESULT hr, const char *format, ...)
        MSP_PRINTF(3, 4);

static HRESULT fail(struct host_session *session, HRESULT hr, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(session->error, sizeof(session->error), format, args);
    va_end(args);
    return hr;
}

void host_session_init(struct host_session *session, struct host_profile *profile, unsigned arena)
{
    memset(session, 0, sizeof(*session));
    host_world_init(&session->world, profile, arena);
    host_malloc_init(&session->heap);
    session->world.heap = &session->heap;
    session->profile = profile;
    session->mapi_version = CURRENT_SPI_VERSION;
}

/* The spooler's copy of the security bytes; MAPI frees them (IMSProvider.Logon.SpoolSecurity.4). */
static void drop_security(struct host_session *session)
{
    if (session->security)
        host_mem_trio(session->world.arena)->release(session->security);
    session->security = NULL;
    session->security_size = 0;
}

unsigned host_session_done(struct host_session *session)
{
    struct host_world *world = &session->world;

    drop_security(session);
    if (session->provider)
        host_session_logoff(session);
    host_world_done(world);
    if (session->heap.refs != 1)
        host_world_breach(world, "IMalloc has %lu references too many",
                (unsigned long)session->heap.refs - 1);
    if (session->heap.live != 0)
        host_world_breach(
                world, "%lu blocks of IMalloc are left", (unsigned long)session->heap.live);
    if (session->profile->objects != 0)
        host_world_breach(world, "%u profile sections are still open", session->profile->objects);
    if (session->profile->fault[0])
        host_world_breach(world, "%s", session->profile->fault);
    return world->breaches;
}

/* ---- The library ---- */

/* The provider section a logon uses. */
static struct host_section *provider_section(struct host_session *session, const MAPIUID *uid)
{
    if (uid)
        return host_profile_by_uid(session->profile, uid);
    return host_profile_find(session->profile, HOST_SECTION_PROVIDER, NULL);
}

static struct host_lib *open_library(struct host_session *session,
        const struct host_section *section, ULONG name_tag, char *path, size_t path_size)
{
    char *registered = section ? host_bag_text(&section->props, name_tag) : NULL;
    struct host_lib *lib = NULL;

    if (!registered)
        fail(session, 0, "The profile does not say which library to load.");
    else if (!host_lib_registered_path(registered, path, path_size))
        fail(session, 0, "The registered name of the library is too long.");
    else
        lib = host_lib_open(path, session->error, sizeof(session->error));
    free(registered);
    return lib;
}

HRESULT host_session_load(struct host_session *session)
{
    const struct host_mem_trio *trio = host_mem_trio(session->world.arena);
    struct host_section *section = provider_section(session, NULL);
    init_function init;
    HRESULT hr;

    if (session->provider)
        return S_OK;
    session->lib = open_library(
            session, section, PR_PROVIDER_DLL_NAME_W, session->dll_path, sizeof(session->dll_path));
    if (!session->lib)
        return MAPI_E_NOT_FOUND;
    init = (init_function)host_lib_symbol(session->lib, "MSProviderInit");
    if (!init) {
        host_lib_close(session->lib);
        session->lib = NULL;
        return fail(session, MAPI_E_NOT_FOUND, "The library %s has no MSProviderInit.",
                session->dll_path);
    }
    hr = init(host_lib_handle(session->lib), &session->heap.IMalloc_iface, trio->allocate,
            trio->more, trio->release, session->init_flags, session->mapi_version,
            &session->provider_version, &session->provider);
    if (SUCCEEDED(hr) && session->provider)
        return hr;
    if (SUCCEEDED(hr))
        host_world_breach(&session->world, "MSProviderInit succeeded without a provider object");
    host_lib_close(session->lib);
    session->lib = NULL;
    session->provider = NULL;
    return fail(session, FAILED(hr) ? hr : MAPI_E_CALL_FAILED, "The provider does not start: %s",
            host_hr_sentence(hr));
}

static void unload(struct host_session *session)
{
    ULONG left = session->provider->lpVtbl->Release(session->provider);

    if (left != 0)
        host_world_breach(&session->world,
                "the provider object has %lu references after the host's "
                "last Release",
                (unsigned long)left);
    session->provider = NULL;
    host_lib_close(session->lib);
    session->lib = NULL;
}

/* ---- The service entry ---- */

static HRESULT call_entry(struct host_session *session, struct host_lib *lib, const char *name,
        const struct host_section *provider, ULONG context, ULONG flags, ULONG count,
        SPropValue *values)
{
    LPMSGSERVICEENTRY entry = (LPMSGSERVICEENTRY)host_lib_symbol(lib, name);
    struct host_support *support;
    struct host_admin admin;
    LPMAPIERROR error = NULL;
    HRESULT hr;

    if (!entry)
        return fail(session, MAPI_E_NOT_FOUND, "The library has no service entry %s.", name);
    support = host_support_new(&session->world, HOST_SUPPORT_SERVICE, &provider->uid);
    if (!support)
        return fail(session, MAPI_E_NOT_ENOUGH_MEMORY, "Out of memory.");
    host_admin_init(&admin, &session->world, &provider->uid);
    hr = entry(host_lib_handle(lib), &session->heap.IMalloc_iface, host_support_iface(support), 0,
            flags | MAPI_UNICODE, context, count, values, &admin.IProviderAdmin_iface, &error);
    if (FAILED(hr))
        host_error_text(error, hr, session->error, sizeof(session->error));
    if (error)
        host_mem_trio(session->world.arena)->release(error);
    if (admin.refs != 1)
        host_world_breach(&session->world, "the service entry kept its IProviderAdmin");
    if (host_support_refs(support) != 1)
        host_world_breach(&session->world, "the service entry kept its support object");
    if (session->profile->objects != 0)
        host_world_breach(&session->world, "the service entry left a profile section open");
    host_support_release(support);
    return hr;
}

HRESULT host_session_service(
        struct host_session *session, ULONG context, ULONG flags, ULONG count, SPropValue *values)
{
    struct host_section *service = host_profile_find(session->profile, HOST_SECTION_SERVICE, NULL);
    struct host_section *provider = provider_section(session, NULL);
    char path[1024], *name;
    struct host_lib *lib;
    HRESULT hr;

    if (!service || !provider)
        return fail(session, MAPI_E_NOT_FOUND, "The profile has no message service.");
    lib = open_library(session, service, PR_SERVICE_DLL_NAME_W, path, sizeof(path));
    if (!lib)
        return MAPI_E_NOT_FOUND;
    name = host_bag_text(&service->props, PR_SERVICE_ENTRY_NAME);
    hr = call_entry(
            session, lib, name ? name : "ServiceEntry", provider, context, flags, count, values);
    free(name);
    host_lib_close(lib);
    return hr;
}

HRESULT host_session_configure(struct host_session *session, const char *store_path)
{
    uint16_t *path = host_text_to_utf16(store_path);
    SPropValue value = { .ulPropTag = HOST_PR_STORE_PATH };
    HRESULT hr;

    if (!path)
        return fail(session, MAPI_E_NOT_ENOUGH_MEMORY, "Out of memory.");
    value.Value.lpszW = (LPWSTR)path;
    hr = host_session_service(session, MSG_SERVICE_CONFIGURE, 0, 1, &value);
    free(path);
    return hr;
}

HRESULT host_session_delete_service(struct host_session *session)
{
    struct host_section *service = host_profile_find(session->profile, HOST_SECTION_SERVICE, NULL);
    char name[128];
    HRESULT hr;

    if (!service)
        return fail(session, MAPI_E_NOT_FOUND, "The profile has no message service.");
    snprintf(name, sizeof(name), "%s", service->service);
    hr = host_session_service(session, MSG_SERVICE_DELETE, 0, 0, NULL);
    if (SUCCEEDED(hr))
        host_profile_remove_service(session->profile, name);
    return hr;
}

/* ---- Logon ---- */

/* Whether a section's stored id is the store of `id`; the provider only sees inner ids. */
static bool is_store_of(struct host_session *session, const struct host_section *section,
        ULONG size, const ENTRYID *id)
{
    const SPropValue *value = host_bag_get(&section->props, PR_ENTRYID);
    const ENTRYID *inner;
    const char *dll;
    ULONG inner_size, equal = FALSE;

    union {
        const void *given;
        ENTRYID *taken;
    } one, two;

    if (!value || PROP_TYPE(value->ulPropTag) != PT_BINARY)
        return false;
    one.given = value->Value.bin.lpb;
    if (!host_unwrap_entry_id(value->Value.bin.cb, one.given, &inner_size, &inner, &dll))
        return false;
    one.given = inner;
    two.given = id;
    return session->provider->lpVtbl->CompareStoreIDs(
                   session->provider, inner_size, one.taken, size, two.taken, 0, &equal) == S_OK &&
           equal;
}

/* The section of the store that a wrapped id names (IMAPISession::OpenMsgStore); NULL: none. */
static struct host_section *section_of_id(
        struct host_session *session, ULONG size, const ENTRYID *entry_id)
{
    struct host_section *section;
    const ENTRYID *inner;
    const char *dll;
    ULONG inner_size;

    if (!host_unwrap_entry_id(size, entry_id, &inner_size, &inner, &dll))
        return NULL;
    for (section = session->profile->sections; section; section = section->next) {
        if (section->kind == HOST_SECTION_PROVIDER &&
                is_store_of(session, section, inner_size, inner))
            return section;
    }
    return NULL;
}

struct attempt {
    struct host_support *support;
    IMSLogon *logon;
    IMsgStore *store;
    LPMAPIERROR error;
};

/* One call of Logon or SpoolerLogon with a fresh support object. */
static HRESULT try_logon(struct host_session *session, const struct host_logon *params,
        const struct host_section *section, struct attempt *attempt)
{
    ULONG flags = params->flags | MAPI_UNICODE, id_size = params->entry_id_size, inner_size;
    const ENTRYID *id = params->entry_id, *inner;
    uint16_t *profile = host_text_to_utf16(session->profile->name);
    const char *dll;

    union {
        const ENTRYID *given;
        ENTRYID *taken;
    } pointer;

    union {
        uint16_t *given;
        LPTSTR taken;
    } name = { .given = profile };

    HRESULT hr;

    memset(attempt, 0, sizeof(*attempt));
    /* the provider never sees a wrapped id (IMAPISupport.WrapStoreEntryID.1) */
    if (id && host_unwrap_entry_id(id_size, id, &inner_size, &inner, &dll)) {
        id = inner;
        id_size = inner_size;
    }
    pointer.given = id;
    attempt->support = host_support_new(&session->world, HOST_SUPPORT_STORE, &section->uid);
    if (!attempt->support || !profile) {
        free(profile);
        return fail(session, MAPI_E_NOT_ENOUGH_MEMORY, "Out of memory.");
    }
    attempt->support->is_spooler = params->spooler;
    session->last_logon_flags = flags;
    if (params->spooler) {
        hr = session->provider->lpVtbl->SpoolerLogon(session->provider,
                host_support_iface(attempt->support), 0, name.taken, id_size, pointer.taken, flags,
                params->iid, session->security_size, session->security, &attempt->error,
                &attempt->logon, &attempt->store);
    } else {
        drop_security(session);
        hr = session->provider->lpVtbl->Logon(session->provider,
                host_support_iface(attempt->support), 0, name.taken, id_size, pointer.taken, flags,
                params->iid, &session->security_size, &session->security, &attempt->error,
                &attempt->logon, &attempt->store);
    }
    free(profile);
    return hr;
}

/* Out parameters after a Logon must fit its result. */
static void check_outs(struct host_session *session, HRESULT hr, const struct attempt *attempt)
{
    if (SUCCEEDED(hr) && !attempt->store)
        host_world_breach(&session->world, "Logon succeeded without a store");
    if (FAILED(hr) && (attempt->store || attempt->logon))
        host_world_breach(&session->world, "Logon failed and returned an object");
    if (FAILED(hr) && host_support_refs(attempt->support) != 1)
        host_world_breach(&session->world,
                "Logon failed and kept %ld references of the support object",
                host_support_refs(attempt->support) - 1);
    if (attempt->error && !host_mem_is_root(attempt->error))
        host_world_breach(
                &session->world, "the MAPIERROR of Logon is no buffer of MAPIAllocateBuffer");
    if (session->security && !host_mem_is_root(session->security))
        host_world_breach(&session->world, "the security data is no buffer of MAPIAllocateBuffer");
}

/* Ends an attempt: the error text, the host's own reference. */
static void finish_attempt(struct host_session *session, HRESULT hr, struct attempt *attempt)
{
    check_outs(session, hr, attempt);
    if (FAILED(hr))
        host_error_text(attempt->error, hr, session->error, sizeof(session->error));
    if (attempt->error)
        host_mem_trio(session->world.arena)->release(attempt->error);
    if (SUCCEEDED(hr) && attempt->logon)
        host_support_bind(attempt->support, attempt->logon, attempt->store);
    /* not AddRef'ed by Logon, it dies here (IMAPISupport.Object.3) */
    host_support_release(attempt->support);
    if (!attempt->logon)
        attempt->support = NULL;
}

HRESULT host_session_logon(struct host_session *session, const struct host_logon *params,
        IMsgStore **out_store, struct host_support **out_support)
{
    struct host_section *section = provider_section(session, params->section);
    struct attempt attempt;
    HRESULT hr;

    *out_store = NULL;
    if (out_support)
        *out_support = NULL;
    if (!section)
        return fail(session, MAPI_E_NOT_FOUND, "The profile has no message store.");
    if (session->service_disabled)
        return fail(session, MAPI_E_FAILONEPROVIDER,
                "The service is disabled for this session "
                "because a logon failed.");
    hr = host_session_load(session);
    if (FAILED(hr))
        return hr;
    if (!params->section && params->entry_id) {
        struct host_section *named =
                section_of_id(session, params->entry_id_size, params->entry_id);

        section = named ? named : section;
    }
    hr = try_logon(session, params, section, &attempt);
    if (!attempt.support)
        return hr;
    finish_attempt(session, hr, &attempt);
    if (hr == MAPI_E_UNCONFIGURED && !params->no_configure) {
        session->configured_again++;
        if (SUCCEEDED(host_session_service(session, MSG_SERVICE_CONFIGURE, 0, 0, NULL))) {
            hr = try_logon(session, params, section, &attempt);
            if (!attempt.support)
                return hr;
            finish_attempt(session, hr, &attempt);
        }
    }
    if (FAILED(hr)) {
        if (hr != MAPI_E_FAILONEPROVIDER && hr != MAPI_E_UNCONFIGURED)
            session->service_disabled = true;
        return hr;
    }
    *out_store = attempt.store;
    if (out_support)
        *out_support = attempt.support;
    return hr;
}

HRESULT host_session_open(struct host_session *session, IMsgStore **out_store)
{
    struct host_logon params = { .flags = MDB_WRITE | MDB_NO_DIALOG };
    HRESULT hr = host_session_logon(session, &params, out_store, NULL);
    unsigned made;

    if (SUCCEEDED(hr)) {
        hr = host_session_make_folders(session, *out_store, &made);
        if (FAILED(hr)) {
            fail(session, hr, "The store has not all special folders: %s", host_hr_sentence(hr));
            (*out_store)->lpVtbl->Release(*out_store);
            *out_store = NULL;
        }
    }
    return hr;
}

/* ---- What IMAPISession passes on ---- */

HRESULT host_session_open_entry(struct host_session *session, ULONG size, LPENTRYID entry_id,
        LPCIID iid, ULONG flags, ULONG *out_type, LPUNKNOWN *out)
{
    return host_world_open_entry(&session->world, size, entry_id, iid, flags, out_type, out);
}

HRESULT host_session_compare(struct host_session *session, ULONG size1, LPENTRYID entry_id1,
        ULONG size2, LPENTRYID entry_id2, ULONG *out_equal)
{
    return host_world_compare(&session->world, size1, entry_id1, size2, entry_id2, out_equal);
}

HRESULT host_session_open_status(
        struct host_session *session, struct host_support *support, ULONG flags, IMAPIStatus **out)
{
    IMSLogon *logon = host_support_logon(support);
    LPVOID object = NULL;
    ULONG type = 0;
    HRESULT hr;

    (void)session;
    *out = NULL;
    if (!logon)
        return MAPI_E_NOT_FOUND;
    hr = logon->lpVtbl->OpenStatusEntry(logon, &IID_IMAPIStatus, flags, &type, &object);
    logon->lpVtbl->Release(logon);
    if (SUCCEEDED(hr))
        *out = object;
    return hr;
}

/* ---- The ends ---- */

/* Logs off every logon that is still there, in the order in which they came. */
static void log_off_all(struct host_session *session)
{
    struct host_support *support;

    for (support = session->world.supports; support; support = support->next) {
        IMSLogon *logon = support->dead ? NULL : host_support_unbind(support);
        ULONG flags = 0, left;
        HRESULT hr;

        if (!logon)
            continue;
        hr = logon->lpVtbl->Logoff(logon, &flags);
        if (hr != S_OK)
            host_world_breach(&session->world, "IMSLogon::Logoff returned %s", host_hr_name(hr));
        if (!support->dead)
            host_world_breach(&session->world,
                    "the provider holds %ld references of the support "
                    "object after Logoff",
                    host_support_refs(support));
        left = logon->lpVtbl->Release(logon);
        if (left != 0)
            host_world_breach(&session->world,
                    "the logon object has %lu references after the host's "
                    "last Release",
                    (unsigned long)left);
    }
}

void host_session_logoff(struct host_session *session)
{
    ULONG flags = 0;
    HRESULT hr;

    log_off_all(session);
    if (!session->provider)
        return;
    hr = session->provider->lpVtbl->Shutdown(session->provider, &flags);
    if (hr != S_OK)
        host_world_breach(&session->world, "IMSProvider::Shutdown returned %s", host_hr_name(hr));
    unload(session);
}

void host_session_forget(struct host_session *session)
{
    log_off_all(session);
    if (session->provider)
        unload(session);
}

HRESULT host_session_fast_shutdown(struct host_session *session)
{
    IMAPIProviderShutdown *shutdown;
    LPVOID object = NULL;
    HRESULT hr;

    if (!session->provider)
        return S_OK;
    hr = session->provider->lpVtbl->QueryInterface(
            session->provider, &IID_IMAPIProviderShutdown, &object);
    if (FAILED(hr))
        return fail(session, hr, "The provider has no fast shutdown.");
    shutdown = object;
    hr = shutdown->lpVtbl->QueryFastShutdown(shutdown);
    if (SUCCEEDED(hr))
        hr = shutdown->lpVtbl->NotifyProcessShutdown(shutdown);
    if (SUCCEEDED(hr))
        hr = shutdown->lpVtbl->DoFastShutdown(shutdown);
    shutdown->lpVtbl->Release(shutdown);
    if (FAILED(hr))
        return fail(session, hr, "Fast shutdown failed: %s", host_hr_sentence(hr));
    return hr;
}

void host_session_abandon(struct host_session *session)
{
    struct host_support *support;

    for (support = session->world.supports; support; support = support->next) {
        host_support_unbind(support);
        support->dead = true;
    }
    session->provider = NULL;
    session->lib = NULL;
}
