/* SPDX-License-Identifier: MIT */
/*
 * host_support_mail.c - IMAPISupport's methods about messages: copying, sending, receipts, logoff
 * of transports.
 *
 * Properties are copied as MAPI copies them (host_copy.c), for a provider that asks for it.
 * Messages and folders are not: that is offered with MAPI's argument checks and then refused.
 */
#include <string.h>

#include "host_copy.h"
#include "host_report.h"
#include "host_sink.h"
#include "host_spooler.h"
#include "host_support_slots.h"

/* Starts a call that only a store's support object answers. */
static bool enter_store(struct host_support *support, struct host_call *call, HRESULT *out_hr)
{
    if (!host_support_enter(support, call, out_hr))
        return false;
    if (support->kind == HOST_SUPPORT_STORE)
        return true;
    *out_hr = host_support_leave(support, call, MAPI_E_NO_SUPPORT);
    return false;
}

/* ---- Copying ---- */

HRESULT STDMETHODCALLTYPE support_CopyMessages(IMAPISupport *iface, LPCIID src_iid, LPVOID src,
        LPENTRYLIST messages, LPCIID dest_iid, LPVOID dest, ULONG_PTR ui, LPMAPIPROGRESS progress,
        ULONG flags)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_CopyMessages, .flags = flags };
    HRESULT hr;

    (void)src_iid;
    (void)dest_iid;
    (void)ui;
    (void)progress;
    if (!enter_store(support, &call, &hr))
        return hr;
    if (!src || !messages || !dest)
        return host_support_bad_argument(support, &call, "no folder or no messages");
    return host_support_leave(support, &call, MAPI_E_NO_SUPPORT);
}

HRESULT STDMETHODCALLTYPE support_CopyFolder(IMAPISupport *iface, LPCIID src_iid, LPVOID src,
        ULONG entry_id_size, LPENTRYID entry_id, LPCIID dest_iid, LPVOID dest, LPTSTR new_name,
        ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_CopyFolder, .flags = flags };
    HRESULT hr;

    (void)src_iid;
    (void)dest_iid;
    (void)new_name;
    (void)ui;
    (void)progress;
    if (!enter_store(support, &call, &hr))
        return hr;
    if (!src || !entry_id || entry_id_size == 0 || !dest)
        return host_support_bad_argument(support, &call, "no folder or no entry id");
    return host_support_leave(support, &call, MAPI_E_NO_SUPPORT);
}

/* What both copies of properties check (imapisupport-docopyto, imapisupport-docopyprops). */
static HRESULT check_copy(LPCIID src_iid, const void *src, const SPropTagArray *tags,
        bool tags_needed, LPCIID dest_iid, const void *dest)
{
    if (!src_iid || !src || !dest_iid || !dest || (tags_needed && !tags) ||
            (tags && tags->cValues == 0))
        return MAPI_E_INVALID_PARAMETER;
    return src == dest ? MAPI_E_NO_ACCESS : S_OK;
}

/* The destination through the interface that it is given with. */
static HRESULT copy_props(const struct host_copy *how, void *src, LPCIID dest_iid, void *dest,
        LPSPropProblemArray *out_problems)
{
    LPUNKNOWN unknown = dest;
    IMAPIProp *target = NULL;
    HRESULT hr = unknown->lpVtbl->QueryInterface(unknown, dest_iid, (void **)(void *)&target);

    if (FAILED(hr))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    hr = host_copy_object(how, src, target, out_problems);
    target->lpVtbl->Release(target);
    return hr;
}

HRESULT STDMETHODCALLTYPE support_DoCopyTo(IMAPISupport *iface, LPCIID src_iid, LPVOID src,
        ULONG exclude_iid_count, LPCIID exclude_iids, LPSPropTagArray exclude_tags, ULONG_PTR ui,
        LPMAPIPROGRESS progress, LPCIID dest_iid, LPVOID dest, ULONG flags,
        LPSPropProblemArray *out_problems)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_DoCopyTo, .flags = flags };
    struct host_copy how = { .flags = flags, .tags = exclude_tags };
    HRESULT hr;

    (void)exclude_iid_count;
    (void)exclude_iids;
    (void)ui;
    (void)progress;
    if (out_problems)
        *out_problems = NULL;
    if (!enter_store(support, &call, &hr))
        return hr;
    how.trio = host_mem_trio(support->world->arena);
    hr = check_copy(src_iid, src, exclude_tags, false, dest_iid, dest);
    if (SUCCEEDED(hr))
        hr = copy_props(&how, src, dest_iid, dest, out_problems);
    return host_support_leave(support, &call, hr);
}

HRESULT STDMETHODCALLTYPE support_DoCopyProps(IMAPISupport *iface, LPCIID src_iid, LPVOID src,
        LPSPropTagArray tags, ULONG_PTR ui, LPMAPIPROGRESS progress, LPCIID dest_iid, LPVOID dest,
        ULONG flags, LPSPropProblemArray *out_problems)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_DoCopyProps, .flags = flags };
    struct host_copy how = { .flags = flags, .tags = tags, .only_listed = true };
    HRESULT hr;

    (void)ui;
    (void)progress;
    if (out_problems)
        *out_problems = NULL;
    if (!enter_store(support, &call, &hr))
        return hr;
    how.trio = host_mem_trio(support->world->arena);
    hr = check_copy(src_iid, src, tags, true, dest_iid, dest);
    if (SUCCEEDED(hr))
        hr = copy_props(&how, src, dest_iid, dest, out_problems);
    return host_support_leave(support, &call, hr);
}

HRESULT STDMETHODCALLTYPE support_DoProgressDialog(
        IMAPISupport *iface, ULONG_PTR ui, ULONG flags, LPMAPIPROGRESS *out)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_DoProgressDialog, .flags = flags };
    struct host_progress *progress;
    HRESULT hr;

    (void)ui;
    if (!enter_store(support, &call, &hr))
        return hr;
    if (!out)
        return host_support_bad_argument(support, &call, "no place for the progress object");
    *out = NULL;
    progress = host_progress_new();
    if (!progress)
        return host_support_leave(support, &call, MAPI_E_NOT_ENOUGH_MEMORY);
    *out = &progress->IMAPIProgress_iface;
    return host_support_leave(support, &call, S_OK);
}

/* ---- Sending ---- */

HRESULT STDMETHODCALLTYPE support_SpoolerNotify(IMAPISupport *iface, ULONG flags, LPVOID data)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = {
        .method = HOST_SpoolerNotify, .flags = flags, .arg = (uintptr_t)data
    };
    NOTIFICATION event = { .ulEventType = fnevNewMail };
    HRESULT hr;

    if (!enter_store(support, &call, &hr))
        return hr;
    if (flags == NOTIFY_READYTOSEND && !data)
        return host_support_leave(support, &call, S_OK);
    if (flags != NOTIFY_NEWMAIL_RECEIVED || !data)
        return host_support_bad_argument(support, &call,
                "a store says READYTOSEND with no data or "
                "NEWMAIL_RECEIVED with a notification");
    if (support->store) {
        memcpy(&event.info.newmail, data, sizeof(event.info.newmail));
        hr = support->store->lpVtbl->NotifyNewMail(support->store, &event);
    }
    return host_support_leave(support, &call, hr);
}

/* Makes the report of the empty message that the provider created. */
HRESULT STDMETHODCALLTYPE support_ReadReceipt(
        IMAPISupport *iface, ULONG flags, LPMESSAGE message, LPMESSAGE *receipt)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = {
        .method = HOST_ReadReceipt, .flags = flags, .arg = (uintptr_t)message
    };
    HRESULT hr;

    if (!enter_store(support, &call, &hr))
        return hr;
    if (!message || !receipt || !*receipt || (flags & ~MAPI_NON_READ))
        return host_support_bad_argument(support, &call, "no message or no empty message");
    hr = host_report_make(
            host_mem_trio(support->world->arena), message, *receipt, (flags & MAPI_NON_READ) != 0);
    return host_support_leave(support, &call, hr);
}

HRESULT STDMETHODCALLTYPE support_PrepareSubmit(
        IMAPISupport *iface, LPMESSAGE message, ULONG *flags)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_PrepareSubmit, .arg = (uintptr_t)message };
    HRESULT hr;

    if (flags)
        call.flags = *flags;
    if (!enter_store(support, &call, &hr))
        return hr;
    if (!message || !flags || *flags != 0)
        return host_support_bad_argument(support, &call, "no message, or flags that are not zero");
    return host_support_leave(
            support, &call, host_prepare_submit(host_mem_trio(support->world->arena), message));
}

HRESULT STDMETHODCALLTYPE support_ExpandRecips(
        IMAPISupport *iface, LPMESSAGE message, ULONG *out_flags)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_ExpandRecips, .arg = (uintptr_t)message };
    HRESULT hr;

    if (!enter_store(support, &call, &hr))
        return hr;
    if (!message || !out_flags)
        return host_support_bad_argument(support, &call, "no message or no place for flags");
    *out_flags = call.flags_out = support->expand_result;
    return host_support_leave(support, &call, S_OK);
}

HRESULT STDMETHODCALLTYPE support_UpdatePAB(IMAPISupport *iface, ULONG flags, LPMESSAGE message)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_UpdatePAB, .flags = flags, .arg = (uintptr_t)message };
    HRESULT hr;

    if (!enter_store(support, &call, &hr))
        return hr;
    return host_support_leave(support, &call, MAPI_E_NO_SUPPORT);
}

/* The folder of an entry id property of the message, opened for changes; NULL: none is named, or it
 * is gone. Another failure goes to *hr. */
static IMAPIFolder *open_folder_of(
        struct host_support *support, const SPropValue *id, HRESULT *out_hr)
{
    union {
        BYTE *bytes;
        ENTRYID *entry_id;
    } at;

    IMSLogon *logon;
    LPUNKNOWN object = NULL;
    ULONG type = 0;
    HRESULT hr;

    if (PROP_TYPE(id->ulPropTag) != PT_BINARY)
        return NULL;
    logon = host_support_logon(support);
    if (!logon)
        return NULL;
    at.bytes = id->Value.bin.lpb;
    hr = logon->lpVtbl->OpenEntry(
            logon, id->Value.bin.cb, at.entry_id, &IID_IMAPIFolder, MAPI_MODIFY, &type, &object);
    logon->lpVtbl->Release(logon);
    if (SUCCEEDED(hr) && type == MAPI_FOLDER)
        return (IMAPIFolder *)(void *)object;
    if (SUCCEEDED(hr))
        object->lpVtbl->Release(object);
    else if (hr != MAPI_E_NOT_FOUND && hr != MAPI_E_UNKNOWN_ENTRYID)
        *out_hr = hr;
    return NULL;
}

/* Deletes or moves a sent message as its properties say (imapisupport-dosentmail). */
static HRESULT put_sent_away(struct host_support *support, LPMESSAGE message)
{
    static SizedSPropTagArray(4, tags) = { 4,
        { PR_DELETE_AFTER_SUBMIT, PR_SENTMAIL_ENTRYID, PR_PARENT_ENTRYID, PR_ENTRYID } };
    const struct host_mem_trio *trio = host_mem_trio(support->world->arena);
    IMAPIFolder *parent = NULL, *sent = NULL;
    SPropValue *values = NULL;
    ULONG count = 0;
    SBinaryArray list = { 1, NULL };
    bool remove;
    HRESULT hr;

    hr = message->lpVtbl->GetProps(message, (LPSPropTagArray)&tags, MAPI_UNICODE, &count, &values);
    if (FAILED(hr))
        return hr;
    if (PROP_TYPE(values[3].ulPropTag) != PT_BINARY) {
        trio->release(values);
        return MAPI_E_NOT_FOUND;
    }
    list.lpbin = &values[3].Value.bin;
    remove = PROP_TYPE(values[0].ulPropTag) == PT_BOOLEAN && values[0].Value.b;
    hr = S_OK;
    parent = open_folder_of(support, &values[2], &hr);
    if (!remove && SUCCEEDED(hr))
        sent = open_folder_of(support, &values[1], &hr);
    message->lpVtbl->Release(message);
    if (SUCCEEDED(hr) && parent && remove)
        hr = parent->lpVtbl->DeleteMessages(parent, &list, 0, NULL, 0);
    else if (SUCCEEDED(hr) && parent && sent)
        hr = parent->lpVtbl->CopyMessages(
                parent, &list, &IID_IMAPIFolder, sent, 0, NULL, MESSAGE_MOVE);
    if (parent)
        parent->lpVtbl->Release(parent);
    if (sent)
        sent->lpVtbl->Release(sent);
    trio->release(values);
    return SUCCEEDED(hr) ? S_OK : hr; /* the message is released either way */
}

HRESULT STDMETHODCALLTYPE support_DoSentMail(IMAPISupport *iface, ULONG flags, LPMESSAGE message)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = {
        .method = HOST_DoSentMail, .flags = flags, .arg = (uintptr_t)message
    };
    HRESULT hr;

    if (!enter_store(support, &call, &hr))
        return hr;
    if (!message || flags)
        return host_support_bad_argument(support, &call, "no message, or flags");
    return host_support_leave(support, &call, put_sent_away(support, message));
}

HRESULT STDMETHODCALLTYPE support_Preprocess(
        IMAPISupport *iface, ULONG flags, ULONG entry_id_size, LPENTRYID entry_id)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_Preprocess, .flags = flags };
    HRESULT hr;

    if (!enter_store(support, &call, &hr))
        return hr;
    if (!entry_id || entry_id_size == 0)
        return host_support_bad_argument(support, &call, "no entry id");
    return host_support_leave(support, &call, S_OK);
}

HRESULT STDMETHODCALLTYPE support_CompleteMsg(
        IMAPISupport *iface, ULONG flags, ULONG entry_id_size, LPENTRYID entry_id)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_CompleteMsg, .flags = flags };
    HRESULT hr;

    if (!enter_store(support, &call, &hr))
        return hr;
    if (!entry_id || entry_id_size == 0)
        return host_support_bad_argument(support, &call, "no entry id");
    return host_support_leave(support, &call, S_OK);
}

/* ---- Transports ---- */

HRESULT STDMETHODCALLTYPE support_StoreLogoffTransports(IMAPISupport *iface, ULONG *flags)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_StoreLogoffTransports };
    ULONG in;
    HRESULT hr;

    if (flags)
        call.flags = *flags;
    if (!enter_store(support, &call, &hr))
        return hr;
    if (!flags)
        return host_support_bad_argument(support, &call, "no flags");
    in = *flags;
    if (in != LOGOFF_ABORT && in != LOGOFF_NO_WAIT && in != LOGOFF_ORDERLY && in != LOGOFF_PURGE &&
            in != LOGOFF_QUIET)
        return host_support_bad_argument(
                support, &call, "exactly one way to log off must be asked for");
    *flags = call.flags_out = support->keep_transports ? LOGOFF_COMPLETE : support->logoff_result;
    return host_support_leave(support, &call, S_OK);
}
