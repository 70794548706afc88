/* SPDX-License-Identifier: MIT */
/*
 * status.c - IMAPIStatus: one read-only object per logon, and its row in the status table.
 *
 * Owns:  nothing; the logon's `status` points to it and is cleared by status_dispose().
 * Locks: the methods take the domain lock; status_make_row() runs without any.
 */
#include "com/status.h"

#include <string.h>

#include "com/logon.h"
#include "com/slots.h"
#include "platform/file.h"
#include "util/alloc.h"
#include "util/utf.h"

struct status {
    IMAPIStatus IMAPIStatus_iface;
    struct prop_object prop;
};

static struct status *status_from_iface(IMAPIStatus *iface)
{
    return CONTAINING_RECORD(iface, struct status, IMAPIStatus_iface);
}

enum { STATUS_FLAGS = STATUS_NO_PRIMARY_IDENTITY };

static const char provider_display[] = "Mailkeep message store";

/* What works: the rest answers MAPI_E_NO_SUPPORT. */
static LONG methods(const struct logon *logon)
{
    return STATUS_VALIDATE_STATE | (status_has_settings(logon) ? STATUS_SETTINGS_DIALOG : 0);
}

/* --- properties ------------------------------------------------------------------------------- */

static HRESULT get_value(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    const struct logon *logon = prop->logon;
    uint8_t entry_id[ENTRYID_SIZE];
    bool ok = false;

    MSP_UNUSED(call);
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_ENTRYID):
        /* An id of the store's kind with no object: no folder's or message's is like it. */
        logon_entryid(logon, ENTRYID_STORE, 0, entry_id);
        ok = prop_scratch_bytes(scratch, PR_ENTRYID, entry_id, sizeof(entry_id), out);
        break;
    case PROP_ID(PR_OBJECT_TYPE):
        ok = prop_scratch_long(scratch, PR_OBJECT_TYPE, MAPI_STATUS, out);
        break;
    case PROP_ID(PR_DISPLAY_NAME_W):
        ok = prop_scratch_bytes(scratch, PR_DISPLAY_NAME_W, logon->display_name.data,
                logon->display_name.size, out);
        break;
    case PROP_ID(PR_PROVIDER_DISPLAY_W):
        ok = prop_scratch_bytes(
                scratch, PR_PROVIDER_DISPLAY_W, provider_display, strlen(provider_display), out);
        break;
    case PROP_ID(PR_PROVIDER_DLL_NAME_W):
        ok = prop_scratch_bytes(
                scratch, PR_PROVIDER_DLL_NAME_W, "mailkeep.dll", strlen("mailkeep.dll"), out);
        break;
    case PROP_ID(PR_RESOURCE_TYPE):
        ok = prop_scratch_long(scratch, PR_RESOURCE_TYPE, MAPI_STORE_PROVIDER, out);
        break;
    case PROP_ID(PR_RESOURCE_METHODS):
        ok = prop_scratch_long(scratch, PR_RESOURCE_METHODS, methods(logon), out);
        break;
    case PROP_ID(PR_RESOURCE_FLAGS):
        ok = prop_scratch_long(scratch, PR_RESOURCE_FLAGS, STATUS_FLAGS, out);
        break;
    case PROP_ID(PR_STATUS_CODE):
        ok = prop_scratch_long(scratch, PR_STATUS_CODE, logon->status_code, out);
        break;
    default:
        return MAPI_E_NOT_FOUND;
    }
    return ok ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* clang-format off */
static const struct prop_rule status_rules[] = {
    { PR_OBJECT_TYPE,          PROP_COMPUTED, get_value, NULL },
    { PR_ENTRYID,              PROP_COMPUTED, get_value, NULL },
    { PR_DISPLAY_NAME_W,       PROP_COMPUTED, get_value, NULL },
    { PR_PROVIDER_DISPLAY_W,   PROP_COMPUTED, get_value, NULL },
    { PR_RESOURCE_FLAGS,       PROP_COMPUTED, get_value, NULL },
    { PR_PROVIDER_DLL_NAME_W,  PROP_COMPUTED, get_value, NULL },
    { PR_RESOURCE_METHODS,     PROP_COMPUTED, get_value, NULL },
    { PR_RESOURCE_TYPE,        PROP_COMPUTED, get_value, NULL },
    { PR_STATUS_CODE,          PROP_COMPUTED, get_value, NULL },
};
/* clang-format on */

static const struct prop_class status_props = {
    .rules = status_rules,
    .rule_count = MSP_COUNT_OF(status_rules),
};

static HRESULT write_row(const struct logon *logon, LPMAPISUP support, ULONG code, ULONG flags)
{
    static WCHAR provider_name[] = u"Mailkeep message store";
    size_t count = utf8_to_utf16(
            (const char *)logon->display_name.data, logon->display_name.size, NULL, 0);
    WCHAR *name = msp_alloc_array(count + 1, sizeof(WCHAR));
    SPropValue columns[4] = { 0 };
    HRESULT hr;

    if (name == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    (void)utf8_to_utf16(
            (const char *)logon->display_name.data, logon->display_name.size, name, count);
    name[count] = 0;
    columns[0].ulPropTag = PR_DISPLAY_NAME_W;
    columns[0].Value.lpszW = name;
    columns[1].ulPropTag = PR_PROVIDER_DISPLAY_W;
    columns[1].Value.lpszW = provider_name;
    columns[2].ulPropTag = PR_RESOURCE_METHODS;
    columns[2].Value.l = methods(logon);
    columns[3].ulPropTag = PR_STATUS_CODE;
    columns[3].Value.l = (LONG)code;
    hr = support->lpVtbl->ModifyStatusRow(support, MSP_COUNT_OF(columns), columns, flags);
    msp_free(name);
    return hr;
}

HRESULT status_make_row(const struct logon *logon, LPMAPISUP support)
{
    return write_row(logon, support, STATUS_AVAILABLE, 0);
}

/* --- the store behind it ---------------------------------------------------------------------- */

/* Is the file still there, and can it be read? */
static ULONG look_at_store(struct logon *logon)
{
    const char *path = msp_buf_cstr(&logon->path);
    struct msp_buf packed = MSP_BUF_INIT;
    enum eng_status status;

    if (path != NULL && msp_file_kind(path) != MSP_FILE_FILE)
        return STATUS_FAILURE;
    status = eng_store_props_get(logon->eng, &packed);
    msp_buf_free(&packed);
    return status == ENG_IO || status == ENG_CORRUPT || status == ENG_NOT_A_STORE
                   ? STATUS_FAILURE
                   : STATUS_AVAILABLE;
}

/* Steps out to tell MAPI what the status table is to show now. The caller has a reference on the
 * logon. */
static HRESULT update_row(struct msp_call *call, struct logon *logon)
{
    LPMAPISUP support = logon_borrow_support(logon);
    ULONG code = logon->status_code;

    if (support == NULL)
        return S_OK;
    msp_call_pause(call);
    (void)write_row(logon, support, code, STATUSROW_UPDATE);
    logon_return_support(logon, support);
    return msp_call_resume(call);
}

static HRESULT validate(struct msp_call *call, struct logon *logon)
{
    ULONG code = look_at_store(logon);
    HRESULT hr = S_OK;

    if (code != logon->status_code) {
        logon->status_code = code;
        hr = update_row(call, logon);
    }
    if (SUCCEEDED(hr) && code == STATUS_FAILURE)
        hr = msp_fail(call, MAPI_E_DISK_ERROR, 0, "The file of the store is gone or damaged.");
    return hr;
}

/* --- IMAPIStatus ------------------------------------------------------------------------------ */

static void status_dispose(struct msp_object *object)
{
    struct prop_object *prop = prop_from_object(object);

    if (prop->logon->status == CONTAINING_RECORD(prop, struct status, prop))
        prop->logon->status = NULL;
}

static const struct msp_iface status_ifaces[] = {
    { &IID_IUnknown, offsetof(struct status, IMAPIStatus_iface) },
    { &IID_IMAPIProp, offsetof(struct status, IMAPIStatus_iface) },
    { &IID_IMAPIStatus, offsetof(struct status, IMAPIStatus_iface) },
    { NULL, 0 },
};

static const struct msp_class status_class = {
    .name = "status",
    .size = sizeof(struct status),
    .object_offset = offsetof(struct status, prop.object),
    .ifaces = status_ifaces,
    .dispose = status_dispose,
};

MSP_PROP_METHODS(status, IMAPIStatus, prop)

static HRESULT STDMETHODCALLTYPE status_ValidateState(IMAPIStatus *iface, ULONG_PTR ui, ULONG flags)
{
    struct status *status = status_from_iface(iface);
    struct logon *logon;
    struct msp_call call;
    HRESULT hr;

    MSP_UNUSED(ui);
    MSP_NEED_FLAGS(flags, SUPPRESS_UI | REFRESH_XP_HEADER_CACHE | PROCESS_XP_HEADER_CACHE |
                                  FORCE_XP_CONNECT | FORCE_XP_DISCONNECT | CONFIG_CHANGED |
                                  ABORT_XP_HEADER_OPERATION | SHOW_XP_SESSION_UI);

    hr = msp_call_begin(&call, &status->prop.object);
    if (FAILED(hr))
        return hr;
    logon = status->prop.logon;
    msp_object_ref_locked(&logon->object);
    hr = msp_call_end(&call, validate(&call, logon));
    msp_object_release(&logon->object);
    return hr;
}

static HRESULT refuse(IMAPIStatus *iface, const char *reason)
{
    struct msp_call call;
    HRESULT hr;

    hr = msp_call_begin(&call, &status_from_iface(iface)->prop.object);
    if (FAILED(hr))
        return hr;
    return msp_call_end(&call, msp_fail(&call, MAPI_E_NO_SUPPORT, 0, "%s", reason));
}

static HRESULT show_settings(struct msp_call *call, struct logon *logon, ULONG_PTR ui, ULONG flags)
{
    if (!status_has_settings(logon))
        return msp_fail(call, MAPI_E_NO_SUPPORT, 0, "There is no window to show the settings in.");
    return status_show_settings(call, logon, ui, flags);
}

static HRESULT STDMETHODCALLTYPE status_SettingsDialog(
        IMAPIStatus *iface, ULONG_PTR ui, ULONG flags)
{
    struct status *status = status_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_NEED_FLAGS(flags, UI_READONLY);

    hr = msp_call_begin(&call, &status->prop.object);
    if (FAILED(hr))
        return hr;
    return msp_call_end(&call, show_settings(&call, status->prop.logon, ui, flags));
}

static HRESULT STDMETHODCALLTYPE status_ChangePassword(
        IMAPIStatus *iface, LPTSTR old_password, LPTSTR new_password, ULONG flags)
{
    MSP_UNUSED(old_password);
    MSP_UNUSED(new_password);
    MSP_UNUSED(flags);
    return refuse(iface, "This store has no password.");
}

static HRESULT STDMETHODCALLTYPE status_FlushQueues(
        IMAPIStatus *iface, ULONG_PTR ui, ULONG transport_size, LPENTRYID transport, ULONG flags)
{
    MSP_UNUSED(ui);
    MSP_UNUSED(transport_size);
    MSP_UNUSED(transport);
    MSP_UNUSED(flags);
    return refuse(iface, "A message store has no queues to flush; transports do.");
}

static const struct IMAPIStatusVtbl status_vtbl = {
    MSP_PROP_SLOTS(status),
    .ValidateState = status_ValidateState,
    .SettingsDialog = status_SettingsDialog,
    .ChangePassword = status_ChangePassword,
    .FlushQueues = status_FlushQueues,
};

HRESULT status_open(struct msp_call *call, struct logon *logon, LPCIID iid, LPVOID *out)
{
    struct status *status = logon->status;

    if (iid != NULL && !IsEqualGUID(iid, &IID_IMAPIStatus) && !IsEqualGUID(iid, &IID_IMAPIProp) &&
            !IsEqualGUID(iid, &IID_IUnknown))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    if (status != NULL) {
        msp_object_ref_locked(&status->prop.object);
    } else {
        status = msp_object_alloc(&status_class);
        if (status == NULL)
            return msp_from_engine(call, NULL, ENG_NO_MEMORY);
        status->IMAPIStatus_iface.lpVtbl = &status_vtbl;
        status->prop.props = &status_props;
        status->prop.logon = logon;
        msp_object_start(&status->prop.object, logon->object.domain, &logon->object);
        logon->status = status;
    }
    *out = &status->IMAPIStatus_iface;
    return S_OK;
}
