/* SPDX-License-Identifier: MIT */
/*
 * status_settings.c - IMAPIStatus::SettingsDialog: the dialog of the service entry, for a store
 * that is open.
 *
 * Owns:  a struct settings for the length of one call.
 * Locks: what runs without the domain lock says so. The support object is borrowed to read and to
 *        write, not while the user thinks: the logon may end meanwhile.
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

/* Under the lock, which is left meanwhile: reads or writes the profile. */
static HRESULT with_support(struct msp_call *call, struct logon *logon, struct settings *settings,
        HRESULT (*work)(struct settings *settings))
{
    HRESULT alive;
    HRESULT hr = MAPI_E_BUSY;

    msp_object_ref_locked(&logon->object);
    msp_call_pause(call);
    settings->support = logon_await_support(logon);
    if (settings->support != NULL) {
        hr = work(settings);
        logon_return_support(logon, settings->support);
    }
    msp_object_release(&logon->object);
    alive = msp_call_resume(call);
    return FAILED(alive) ? alive : hr;
}

/* What the section does not say is as the store was opened. */
static HRESULT load(struct msp_call *call, struct logon *logon, struct settings *settings)
{
    HRESULT hr;

    hr = with_support(call, logon, settings, settings_load);
    if (hr == MAPI_E_NOT_ENOUGH_MEMORY || hr == MAPI_E_INVALID_OBJECT)
        return hr;
    settings->reason[0] = '\0';
    if (settings->path.size == 0 &&
            !msp_buf_append(&settings->path, logon->path.data, logon->path.size))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (settings->display_name.size == 0 &&
            !msp_buf_append(
                    &settings->display_name, logon->display_name.data, logon->display_name.size))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    return S_OK;
}

/* The logon is not kept for it: it may end as if there were no dialog. */
static HRESULT ask(struct msp_call *call, struct settings *settings, ULONG_PTR ui, bool read_only)
{
    HRESULT alive;
    HRESULT hr;

    msp_call_pause(call);
    hr = settings_ask(settings, ui, read_only,
            read_only ? "" : "What is changed here is so from the next logon on.");
    alive = msp_call_resume(call);
    return FAILED(alive) ? alive : hr;
}

HRESULT status_show_settings(struct msp_call *call, struct logon *logon, ULONG_PTR ui, ULONG flags)
{
    struct settings settings = { .alloc = logon->alloc };
    bool read_only = (flags & UI_READONLY) != 0;
    HRESULT hr;

    hr = load(call, logon, &settings);
    if (SUCCEEDED(hr))
        hr = ask(call, &settings, ui, read_only);
    if (SUCCEEDED(hr) && !read_only)
        hr = with_support(call, logon, &settings, settings_save);
    settings_done(&settings);
    if (FAILED(hr) && settings.reason[0] != '\0')
        return msp_fail(call, hr, settings.low, "%s", settings.reason);
    return hr;
}
