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

#include "com/call.h"
#include "com/settings.h"
#include "platform/dialog.h"

enum { SERVICE_UI = SERVICE_UI_ALLOWED | SERVICE_UI_ALWAYS };

/* A call on its way. */
struct service_call {
    ULONG_PTR ui;
    ULONG flags;
    ULONG count;
    const SPropValue *values;
    struct settings settings;
};

/* Without a window: with what the caller gave and the section had. Where a window is allowed, it
 * comes when that is not enough. */
static HRESULT configure_quietly(struct service_call *service)
{
    struct settings *settings = &service->settings;
    bool is_empty = settings->path.size == 0;
    HRESULT asked;
    HRESULT hr;

    hr = settings_open(settings);
    if (SUCCEEDED(hr) || hr == MAPI_E_NOT_ENOUGH_MEMORY || (service->flags & SERVICE_UI) == 0)
        return hr;
    asked = settings_ask(settings, service->ui, false, is_empty ? "" : settings->reason);
    return asked == MAPI_E_NO_SUPPORT ? hr : asked;
}

static HRESULT configure_with_window(struct service_call *service)
{
    HRESULT hr;

    hr = settings_ask(&service->settings, service->ui, false,
            (service->flags & SERVICE_LOGON_FAILED) != 0
                    ? "The store could not be opened. Is this still its file?"
                    : "");
    return hr == MAPI_E_NO_SUPPORT ? configure_quietly(service) : hr;
}

/* Nothing changes; where no window is allowed, or none can be, there is nothing to do. */
static HRESULT show_only(struct service_call *service)
{
    HRESULT hr = S_OK;

    if ((service->flags & SERVICE_UI) != 0)
        hr = settings_ask(&service->settings, service->ui, true, "");
    return hr == MAPI_E_NO_SUPPORT ? S_OK : hr;
}

static HRESULT configure(struct service_call *service, bool must_show)
{
    struct settings *settings = &service->settings;
    HRESULT hr;

    hr = settings_read_values(settings, service->count, service->values);
    if (SUCCEEDED(hr))
        hr = settings_load(settings);
    if (FAILED(hr))
        return hr;
    if ((service->flags & MSG_SERVICE_UI_READ_ONLY) != 0)
        return show_only(service);
    hr = must_show ? configure_with_window(service) : configure_quietly(service);
    return FAILED(hr) ? hr : settings_save(settings);
}

/* The service comes into a profile. With values it is configured at once, with a window by the
 * user, without both later by MSG_SERVICE_CONFIGURE. */
static HRESULT create(struct service_call *service)
{
    bool may_show = (service->flags & SERVICE_UI) != 0 && msp_dialog_is_possible();

    return may_show || service->count > 0 ? configure(service, may_show) : S_OK;
}

/* The store file stays: it is the user's. */
static HRESULT uninstall(struct service_call *service)
{
    if ((service->flags & SERVICE_UI) != 0 &&
            msp_dialog_confirm(service->ui, "Remove the Mailkeep message store from this computer? "
                                            "The store files stay.") == MSP_ANSWER_CANCEL)
        return MAPI_E_USER_CANCEL;
    return S_OK;
}

static HRESULT run(struct service_call *service, ULONG context)
{
    ULONG flags = service->flags;

    switch (context) {
    case MSG_SERVICE_INSTALL:
    case MSG_SERVICE_DELETE:
        return S_OK;
    case MSG_SERVICE_UNINSTALL:
        return uninstall(service);
    case MSG_SERVICE_CREATE:
        return create(service);
    case MSG_SERVICE_CONFIGURE:
        return configure(service,
                (flags & SERVICE_UI_ALWAYS) != 0 ||
                        ((flags & SERVICE_UI) != 0 && (flags & SERVICE_LOGON_FAILED) != 0));
    default:
        return MAPI_E_NO_SUPPORT;
    }
}

HRESULT service_run(LPMAPISUP support, ULONG_PTR ui, ULONG flags, ULONG context, ULONG count,
        LPSPropValue values, LPPROVIDERADMIN admin, LPMAPIERROR *out_error)
{
    struct service_call service = { .ui = ui,
        .flags = flags,
        .count = count,
        .values = values,
        .settings = { .support = support, .admin = admin } };
    struct settings *settings = &service.settings;
    struct mapi_alloc *alloc = &settings->alloc;
    HRESULT hr;

    MSP_CLEAR(out_error);
    MSP_NEED(support != NULL && admin != NULL && (count == 0 || values != NULL));

    hr = support->lpVtbl->GetMemAllocRoutines(
            support, &alloc->allocate, &alloc->allocate_more, &alloc->free);
    if (FAILED(hr))
        return hr;
    hr = run(&service, context);
    if (FAILED(hr) && out_error != NULL && settings->reason[0] != '\0')
        (void)msp_error_make(alloc, hr, flags, settings->reason, settings->low, out_error);
    settings_done(settings);
    return hr;
}
