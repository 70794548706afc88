/* SPDX-License-Identifier: MIT */
/*
 * service.c - the message service: what happens when it is added to a profile, configured or
 * removed.
 *
 * Owns:  a struct service_call for the length of one call; no reference on any of the host's
 *        objects survives it.
 * Locks: none; MSProviderInit may never have been called in this process.
 */
#include "com/service.h"

#include <stdio.h>
#include <string.h>

#include "com/call.h"
#include "com/profile.h"
#include "com/store.h"
#include "mailkeep.h"
#include "mapi/mapitext.h"
#include "platform/file.h"

/* A configuration on its way. */
struct service_call {
    LPMAPISUP support;
    LPPROVIDERADMIN admin;
    struct mapi_alloc alloc;
    LPPROFSECT section;
    struct msp_buf path;         /* UTF-8 */
    struct msp_buf display_name; /* UTF-8 */
    struct eng *eng;
    LPENTRYID wrapped; /* the host's memory */
    ULONG wrapped_size;
    char reason[256]; /* a sentence for people */
    ULONG low;
};

static HRESULT fail(struct service_call *service, HRESULT hr, const char *reason)
{
    if (service->reason[0] == '\0')
        (void)snprintf(service->reason, sizeof(service->reason), "%s", reason);
    return hr;
}

/* What the caller gives, in either width; other properties are not ours to look at. */
static HRESULT read_values(struct service_call *service, ULONG count, const SPropValue *values)
{
    for (ULONG i = 0; i < count; i++) {
        ULONG type = PROP_TYPE(values[i].ulPropTag);
        ULONG id = PROP_ID(values[i].ulPropTag);
        struct msp_buf *out = NULL;

        if (id == PROP_ID(PR_MKEEP_PATH_W))
            out = &service->path;
        else if (id == PROP_ID(PR_DISPLAY_NAME_W))
            out = &service->display_name;
        if (out == NULL || (type != PT_UNICODE && type != PT_STRING8) ||
                values[i].Value.lpszW == NULL)
            continue;
        msp_buf_clear(out);
        if (!mapitext_append_tstr(out, values[i].Value.lpszW, type == PT_UNICODE))
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    return S_OK;
}

/* What is not given comes from the section, as an earlier configuration left it. */
static HRESULT read_section(struct service_call *service)
{
    struct msp_buf path = MSP_BUF_INIT;
    struct msp_buf display_name = MSP_BUF_INIT;
    HRESULT hr;

    hr = service->admin->lpVtbl->OpenProfileSection(
            service->admin, NULL, NULL, MAPI_MODIFY, &service->section);
    if (FAILED(hr)) {
        service->section = NULL;
        return fail(service, hr, "The profile section of the store cannot be opened.");
    }
    hr = profile_read(service->section, &service->alloc, &path, &display_name);
    if (SUCCEEDED(hr) && service->path.size == 0 &&
            !msp_buf_append(&service->path, path.data, path.size))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (SUCCEEDED(hr) && service->display_name.size == 0 &&
            !msp_buf_append(&service->display_name, display_name.data, display_name.size))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    msp_buf_free(&path);
    msp_buf_free(&display_name);
    return hr;
}

/* What the profile keeps must mean the same in every process. */
static HRESULT make_path_full(struct service_call *service)
{
    const char *path = msp_buf_cstr(&service->path);
    struct msp_buf full = MSP_BUF_INIT;
    size_t size;
    uint8_t *room;
    HRESULT hr = S_OK;

    if (path == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (msp_path_is_full(path))
        return S_OK;
    size = msp_path_full(path, NULL, 0);
    if (size == 0)
        return fail(service, MAPI_E_INVALID_PARAMETER, "The path of the store file is not valid.");
    room = msp_buf_extend(&full, size);
    if (room == NULL || msp_path_full(path, (char *)room, size) != size)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    msp_buf_clear(&service->path);
    if (SUCCEEDED(hr) && !msp_buf_append(&service->path, full.data, size - 1))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    msp_buf_free(&full);
    return hr;
}

static HRESULT make_file(struct service_call *service)
{
    struct eng_open_params params = { .path = msp_buf_cstr(&service->path), .create = true };
    struct eng_error error = { 0 };
    enum eng_status status;

    if (params.path == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    status = eng_open(&params, &service->eng, &error);
    if (status == ENG_OK) {
        status = store_template_apply(service->eng);
        if (status != ENG_OK)
            eng_last_error(service->eng, &error);
    }
    if (status == ENG_OK)
        return S_OK;
    service->low = (ULONG)error.sqlite_code;
    return fail(service, msp_engine_hresult(status),
            error.text[0] != '\0' ? error.text : msp_engine_sentence(status));
}

/* The service's own section, if there is one beside the one being configured, shows the same name.
 */
static void write_service_name(struct service_call *service, const char *display_name)
{
    LPPROFSECT section = NULL;
    MAPIUID uid;

    if (!profile_service_uid(service->section, &service->alloc, &uid) ||
            FAILED(service->admin->lpVtbl->OpenProfileSection(
                    service->admin, &uid, NULL, MAPI_MODIFY, &section)) ||
            section == NULL)
        return;
    (void)profile_write_name(section, display_name);
    section->lpVtbl->Release(section);
}

static HRESULT write_section(struct service_call *service)
{
    struct profile_store store = { .path = msp_buf_cstr(&service->path) };
    struct eng_info info;
    HRESULT hr;

    eng_info(service->eng, &info);
    memcpy(store.store_uid, info.store_uid, sizeof(store.store_uid));
    if (service->display_name.size == 0 &&
            !profile_default_name(store.path, &service->display_name))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    store.display_name = msp_buf_cstr(&service->display_name);
    if (store.display_name == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = profile_wrap_entryid(service->support, info.store_uid, store.path, &service->wrapped_size,
            &service->wrapped);
    if (hr == MAPI_E_NOT_ENOUGH_MEMORY)
        return hr;
    /* A support object for configuration need not wrap identifiers; then the first Logon writes
     * PR_ENTRYID. */
    store.wrapped = service->wrapped;
    store.wrapped_size = service->wrapped_size;
    hr = profile_write(service->section, &store);
    if (SUCCEEDED(hr))
        write_service_name(service, store.display_name);
    return FAILED(hr) ? fail(service, hr, "The profile section of the store cannot be written.")
                      : hr;
}

/* MSG_SERVICE_CONFIGURE without a window: this version has no dialog. */
static HRESULT configure(
        struct service_call *service, ULONG flags, ULONG count, const SPropValue *values)
{
    HRESULT hr;

    if ((flags & MSG_SERVICE_UI_READ_ONLY) != 0)
        return S_OK;
    hr = read_values(service, count, values);
    if (SUCCEEDED(hr))
        hr = read_section(service);
    if (SUCCEEDED(hr) && service->path.size == 0)
        hr = fail(
                service, MAPI_E_UNCONFIGURED, "The profile does not say which store file to open.");
    if (SUCCEEDED(hr))
        hr = make_path_full(service);
    if (SUCCEEDED(hr))
        hr = make_file(service);
    if (SUCCEEDED(hr))
        hr = write_section(service);
    return hr;
}

static void service_done(struct service_call *service)
{
    if (service->section != NULL)
        service->section->lpVtbl->Release(service->section);
    mapibuf_free(&service->alloc, service->wrapped);
    eng_close(service->eng);
    msp_buf_free(&service->path);
    msp_buf_free(&service->display_name);
}

static HRESULT run(struct service_call *service, ULONG flags, ULONG context, ULONG count,
        const SPropValue *values)
{
    switch (context) {
    case MSG_SERVICE_INSTALL:
    case MSG_SERVICE_UNINSTALL:
    case MSG_SERVICE_DELETE:
        return S_OK; /* the store file stays: it is the user's */
    case MSG_SERVICE_CREATE:
        /* With values it is configured at once, without them later by MSG_SERVICE_CONFIGURE. */
        return count > 0 ? configure(service, flags, count, values) : S_OK;
    case MSG_SERVICE_CONFIGURE:
        return configure(service, flags, count, values);
    default:
        return MAPI_E_NO_SUPPORT;
    }
}

HRESULT service_run(LPMAPISUP support, ULONG flags, ULONG context, ULONG count, LPSPropValue values,
        LPPROVIDERADMIN admin, LPMAPIERROR *out_error)
{
    struct service_call service = { .support = support, .admin = admin };
    HRESULT hr;

    MSP_CLEAR(out_error);
    MSP_NEED(support != NULL && admin != NULL && (count == 0 || values != NULL));

    hr = support->lpVtbl->GetMemAllocRoutines(
            support, &service.alloc.allocate, &service.alloc.allocate_more, &service.alloc.free);
    if (FAILED(hr))
        return hr;
    hr = run(&service, flags, context, count, values);
    if (FAILED(hr) && out_error != NULL && service.reason[0] != '\0')
        (void)msp_error_make(&service.alloc, hr, flags, service.reason, service.low, out_error);
    service_done(&service);
    return hr;
}
