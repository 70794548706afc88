/* SPDX-License-Identifier: MIT */
/*
 * status_settings.c - IMAPIStatus::SettingsDialog: the dialog of the service entry, for a store
 * that is open.
 *
 * Owns:  a struct settings for the length of one call.
 * Locks: none. The support object is borrowed to read and to write, not while the user thinks: the
 *        logon may end meanwhile.
 */
#include "com/status.h"

#include "com/logon.h"
#include "com/provider.h"
#include "com/settings.h"
#include "platform/dialog.h"

bool status_has_settings(const struct logon *logon)
{
    return !logon->core->is_service && msp_dialog_is_possible();
}

/* What the section does not say is as the store was opened. */
static HRESULT load(struct settings *settings, struct logon *logon)
{
    HRESULT hr;

    settings->support = logon_await_support(logon);
    if (settings->support == NULL)
        return MAPI_E_BUSY;
    hr = settings_load(settings);
    logon_return_support(logon, settings->support);
    if (hr == MAPI_E_NOT_ENOUGH_MEMORY)
        return hr;
    if (settings->path.size == 0 &&
            !msp_buf_append(&settings->path, logon->path.data, logon->path.size))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (settings->display_name.size == 0 &&
            !msp_buf_append(
                    &settings->display_name, logon->display_name.data, logon->display_name.size))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    settings->reason[0] = '\0';
    return S_OK;
}

static HRESULT save(struct settings *settings, struct logon *logon)
{
    HRESULT hr;

    settings->support = logon_await_support(logon);
    if (settings->support == NULL)
        return MAPI_E_BUSY;
    hr = settings_save(settings);
    logon_return_support(logon, settings->support);
    return hr;
}

HRESULT status_show_settings(struct msp_call *call, struct logon *logon, ULONG_PTR ui, ULONG flags)
{
    struct settings settings = { .alloc = logon->alloc };
    bool read_only = (flags & UI_READONLY) != 0;
    HRESULT alive;
    HRESULT hr;

    msp_call_pause(call);
    hr = load(&settings, logon);
    if (SUCCEEDED(hr))
        hr = settings_ask(&settings, ui, read_only,
                read_only ? "" : "What is changed here is so from the next logon on.");
    if (SUCCEEDED(hr) && !read_only)
        hr = save(&settings, logon);
    settings_done(&settings);
    alive = msp_call_resume(call);
    if (hr == MAPI_E_BUSY && FAILED(alive))
        return alive; /* it is not somebody else who has the support object: there is none */
    if (FAILED(hr) && settings.reason[0] != '\0')
        return msp_fail(call, hr, settings.low, "%s", settings.reason);
    return hr;
}
