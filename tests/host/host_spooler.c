/* SPDX-License-Identifier: MIT */
/*
 * host_spooler.c - what MAPI and its spooler do with a message on its way out, and on its way in.
 */
#include "host_spooler.h"

#include <stdlib.h>
#include <string.h>

#include "platform/time.h"

static void free_rows(const struct host_mem_trio *trio, LPSRowSet rows)
{
    for (ULONG i = 0; rows && i < rows->cRows; i++)
        trio->release(rows->aRow[i].lpProps);
    if (rows)
        trio->release(rows);
}

/* The whole table with these columns (all it has when NULL). */
static HRESULT read_table(
        const struct host_mem_trio *trio, IMAPITable *table, LPSPropTagArray tags, LPSRowSet *out)
{
    LPSPropTagArray all = NULL;
    HRESULT hr = S_OK;

    *out = NULL;
    if (!tags)
        hr = table->lpVtbl->QueryColumns(table, TBL_ALL_COLUMNS, &all);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->SetColumns(table, tags ? tags : all, 0);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->QueryRows(table, 100000, 0, out);
    if (all)
        trio->release(all);
    return hr;
}

static SPropValue *find(SPropValue *values, ULONG count, ULONG tag)
{
    for (ULONG i = 0; i < count; i++) {
        if (values[i].ulPropTag == tag)
            return &values[i];
    }
    return NULL;
}

/* The value of a tag, added to the row when it has none: there is room for one more. */
static SPropValue *need(SPropValue *values, ULONG *count, ULONG tag)
{
    SPropValue *value = find(values, *count, tag);

    if (!value) {
        value = &values[(*count)++];
        memset(value, 0, sizeof(*value));
        value->ulPropTag = tag;
    }
    return value;
}

/* Changes a row of recipients, which has room for one more value. */
typedef void (*recipient_fn)(SPropValue *values, ULONG *count);

static HRESULT change_one(LPMESSAGE message, const SRow *row, recipient_fn change)
{
    SPropValue *values = calloc(row->cValues + 1, sizeof(*values));
    SizedADRLIST(1, list) = { 1, { { 0, row->cValues, values } } };
    HRESULT hr;

    if (!values)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memcpy(values, row->lpProps, row->cValues * sizeof(*values));
    change(values, &list.aEntries[0].cValues);
    hr = message->lpVtbl->ModifyRecipients(message, MODRECIP_MODIFY, (LPADRLIST)&list);
    free(values);
    return hr;
}

static HRESULT change_recipients(
        const struct host_mem_trio *trio, LPMESSAGE message, recipient_fn change)
{
    IMAPITable *table = NULL;
    LPSRowSet rows = NULL;
    HRESULT hr;

    hr = message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table);
    if (FAILED(hr))
        return hr;
    hr = read_table(trio, table, NULL, &rows);
    table->lpVtbl->Release(table);
    for (ULONG i = 0; SUCCEEDED(hr) && i < rows->cRows; i++)
        hr = change_one(message, &rows->aRow[i], change);
    free_rows(trio, rows);
    return hr;
}

static void prepare_again(SPropValue *values, ULONG *count)
{
    SPropValue *type = need(values, count, PR_RECIPIENT_TYPE);
    bool missed = ((ULONG)type->Value.l & MAPI_SUBMITTED) != 0;

    type->Value.l = missed ? (LONG)((ULONG)type->Value.l & ~(ULONG)MAPI_SUBMITTED) : MAPI_P1;
    need(values, count, PR_RESPONSIBILITY)->Value.b = !missed;
}

HRESULT host_prepare_submit(const struct host_mem_trio *trio, LPMESSAGE message)
{
    static SizedSPropTagArray(1, flags_tag) = { 1, { PR_MESSAGE_FLAGS } };
    SPropValue *flags = NULL;
    ULONG count = 0;
    HRESULT hr;
    bool resend;

    hr = message->lpVtbl->GetProps(message, (LPSPropTagArray)&flags_tag, 0, &count, &flags);
    if (FAILED(hr))
        return hr;
    resend = flags->ulPropTag == PR_MESSAGE_FLAGS && (flags->Value.l & MSGFLAG_RESEND) != 0;
    trio->release(flags);
    return resend ? change_recipients(trio, message, prepare_again) : S_OK;
}

/* ---- The queue ---- */

static HRESULT open_queued(IMsgStore *spooler, const SBinary *id, LPMESSAGE *out)
{
    union {
        BYTE *bytes;
        ENTRYID *entry_id;
    } at = { id->lpb };

    LPUNKNOWN object = NULL;
    ULONG type = 0;
    HRESULT hr;

    hr = spooler->lpVtbl->OpenEntry(
            spooler, id->cb, at.entry_id, NULL, MAPI_MODIFY, &type, &object);
    *out = (LPMESSAGE)(void *)object;
    return hr;
}

/* Locked, preprocessed, sent: then the message may be finished. */
static HRESULT send_locked(IMsgStore *spooler, LPMESSAGE message, LONG submit_flags,
        const struct host_transport *transport)
{
    HRESULT hr = S_OK;

    if ((submit_flags & SUBMITFLAG_PREPROCESS) != 0)
        hr = message->lpVtbl->SubmitMessage(message, 0);
    if (SUCCEEDED(hr))
        hr = transport->send(transport->context, message);
    if (FAILED(hr))
        (void)spooler->lpVtbl->SetLockState(spooler, message, MSG_UNLOCKED);
    return hr;
}

static HRESULT send_one(IMsgStore *spooler, const SBinary *id, LONG submit_flags,
        const struct host_transport *transport, unsigned *sent)
{
    union {
        BYTE *bytes;
        ENTRYID *entry_id;
    } at = { id->lpb };

    LPMESSAGE message = NULL;
    bool done;
    HRESULT hr;

    hr = open_queued(spooler, id, &message);
    if (hr == MAPI_E_NO_ACCESS || hr == MAPI_E_NOT_FOUND)
        return S_OK; /* somebody else's, or given up meanwhile */
    if (FAILED(hr))
        return hr;
    hr = spooler->lpVtbl->SetLockState(spooler, message, MSG_LOCKED);
    if (FAILED(hr)) {
        message->lpVtbl->Release(message);
        return hr == MAPI_E_NO_ACCESS || hr == MAPI_E_NOT_IN_QUEUE || hr == MAPI_E_OBJECT_DELETED
                       ? S_OK
                       : hr;
    }
    done = SUCCEEDED(send_locked(spooler, message, submit_flags, transport));
    message->lpVtbl->Release(message);
    if (!done)
        return S_OK;
    ++*sent;
    return spooler->lpVtbl->FinishedMsg(spooler, 0, id->cb, at.entry_id);
}

HRESULT host_spooler_run(const struct host_mem_trio *trio, IMsgStore *spooler,
        const struct host_transport *transport, unsigned *out_sent)
{
    static SizedSPropTagArray(2, tags) = { 2, { PR_ENTRYID, PR_SUBMIT_FLAGS } };
    IMAPITable *table = NULL;
    LPSRowSet rows = NULL;
    HRESULT hr;

    *out_sent = 0;
    hr = spooler->lpVtbl->GetOutgoingQueue(spooler, 0, &table);
    if (FAILED(hr))
        return hr;
    hr = read_table(trio, table, (LPSPropTagArray)&tags, &rows);
    table->lpVtbl->Release(table);
    for (ULONG i = 0; SUCCEEDED(hr) && i < rows->cRows; i++) {
        const SPropValue *row = rows->aRow[i].lpProps;

        hr = send_one(spooler, &row[0].Value.bin, row[1].Value.l, transport, out_sent);
    }
    free_rows(trio, rows);
    return SUCCEEDED(hr) ? S_OK : hr;
}

/* ---- Delivery, and a wire that leads back ---- */

HRESULT host_deliver(const struct host_mem_trio *trio, IMsgStore *spooler, LPMESSAGE message)
{
    static SizedSPropTagArray(4, tags) = { 4,
        { PR_ENTRYID, PR_PARENT_ENTRYID, PR_MESSAGE_CLASS_W, PR_MESSAGE_FLAGS } };
    SPropValue stamps[2] = { { .ulPropTag = PR_MESSAGE_FLAGS },
        { .ulPropTag = PR_MESSAGE_DELIVERY_TIME } };
    NOTIFICATION event = { .ulEventType = fnevNewMail };
    NEWMAIL_NOTIFICATION *mail = &event.info.newmail;
    uint64_t now = msp_time_now_filetime();
    SPropValue *values = NULL;
    ULONG count = 0;
    HRESULT hr;

    stamps[1].Value.ft.dwLowDateTime = (DWORD)now;
    stamps[1].Value.ft.dwHighDateTime = (DWORD)(now >> 32);
    hr = message->lpVtbl->SetProps(message, 2, stamps, NULL);
    if (SUCCEEDED(hr))
        hr = message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY);
    if (SUCCEEDED(hr))
        hr = message->lpVtbl->GetProps(
                message, (LPSPropTagArray)&tags, MAPI_UNICODE, &count, &values);
    if (hr == S_OK) {
        mail->cbEntryID = values[0].Value.bin.cb;
        mail->lpEntryID = (LPENTRYID)(void *)values[0].Value.bin.lpb;
        mail->cbParentID = values[1].Value.bin.cb;
        mail->lpParentID = (LPENTRYID)(void *)values[1].Value.bin.lpb;
        mail->ulFlags = MAPI_UNICODE;
        mail->lpszMessageClass = (LPTSTR)(void *)values[2].Value.lpszW;
        mail->ulMessageFlags = (ULONG)values[3].Value.l;
        hr = spooler->lpVtbl->NotifyNewMail(spooler, &event);
    }
    trio->release(values);
    return hr;
}

HRESULT host_receive_folder(const struct host_mem_trio *trio, IMsgStore *spooler, IMAPIFolder **out)
{
    LPENTRYID id = NULL;
    ULONG size = 0, type = 0;
    LPUNKNOWN object = NULL;
    HRESULT hr;

    *out = NULL;
    hr = spooler->lpVtbl->GetReceiveFolder(spooler, NULL, 0, &size, &id, NULL);
    if (SUCCEEDED(hr))
        hr = spooler->lpVtbl->OpenEntry(spooler, size, id, NULL, MAPI_MODIFY, &type, &object);
    trio->release(id);
    *out = (IMAPIFolder *)(void *)object;
    return hr;
}

static void take_on(SPropValue *values, ULONG *count)
{
    need(values, count, PR_RESPONSIBILITY)->Value.b = TRUE;
}

/* A new message in the folder with everything that travels. */
static HRESULT receive_copy(struct host_loopback *loop, IMAPIFolder *inbox, LPMESSAGE message)
{
    static SizedSPropTagArray(
            5, stays) = { 5, { PR_MESSAGE_FLAGS, PR_SENTMAIL_ENTRYID, PR_DELETE_AFTER_SUBMIT,
                                     PR_SUBMIT_FLAGS, PR_LAST_MODIFICATION_TIME } };
    LPMESSAGE incoming = NULL;
    HRESULT hr;

    hr = inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &incoming);
    if (FAILED(hr))
        return hr;
    hr = message->lpVtbl->CopyTo(
            message, 0, NULL, (LPSPropTagArray)&stays, 0, NULL, &IID_IMessage, incoming, 0, NULL);
    if (SUCCEEDED(hr))
        hr = host_deliver(loop->trio, loop->spooler, incoming);
    incoming->lpVtbl->Release(incoming);
    return hr;
}

HRESULT host_loopback_send(void *context, LPMESSAGE message)
{
    struct host_loopback *loop = context;
    IMAPIFolder *inbox = NULL;
    HRESULT hr;

    hr = host_receive_folder(loop->trio, loop->spooler, &inbox);
    if (SUCCEEDED(hr))
        hr = receive_copy(loop, inbox, message);
    if (inbox)
        inbox->lpVtbl->Release(inbox);
    if (FAILED(hr))
        return hr;
    loop->delivered++;
    hr = change_recipients(loop->trio, message, take_on);
    return SUCCEEDED(hr) ? message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE) : hr;
}
