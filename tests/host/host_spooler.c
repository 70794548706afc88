/* SPDX-License-Identifier: MIT */
/*
 * host_spooler.c - what MAPI and its spooler do with a message on its way out.
 */
#include "host_spooler.h"

#include <stdlib.h>
#include <string.h>

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

/* One recipient of a message that is sent again. `values` has room for one more. */
static HRESULT prepare_one(LPMESSAGE message, SPropValue *values, ULONG count)
{
    SPropValue *type = find(values, count, PR_RECIPIENT_TYPE);
    SPropValue *taken = find(values, count, PR_RESPONSIBILITY);
    SizedADRLIST(1, list) = { 1, { { 0, count, values } } };
    bool missed = type && ((ULONG)type->Value.l & MAPI_SUBMITTED) != 0;

    if (!type)
        return S_OK;
    if (!taken) {
        taken = &values[list.aEntries[0].cValues++];
        memset(taken, 0, sizeof(*taken));
        taken->ulPropTag = PR_RESPONSIBILITY;
    }
    type->Value.l = missed ? (LONG)((ULONG)type->Value.l & ~(ULONG)MAPI_SUBMITTED) : MAPI_P1;
    taken->Value.b = !missed;
    return message->lpVtbl->ModifyRecipients(message, MODRECIP_MODIFY, (LPADRLIST)&list);
}

HRESULT host_prepare_submit(const struct host_mem_trio *trio, LPMESSAGE message)
{
    static SizedSPropTagArray(1, flags_tag) = { 1, { PR_MESSAGE_FLAGS } };
    SPropValue *flags = NULL;
    IMAPITable *table = NULL;
    LPSRowSet rows = NULL;
    ULONG count = 0;
    HRESULT hr;
    bool resend;

    hr = message->lpVtbl->GetProps(message, (LPSPropTagArray)&flags_tag, 0, &count, &flags);
    if (FAILED(hr))
        return hr;
    resend = flags->ulPropTag == PR_MESSAGE_FLAGS && (flags->Value.l & MSGFLAG_RESEND) != 0;
    trio->release(flags);
    if (!resend)
        return S_OK;
    hr = message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table);
    if (FAILED(hr))
        return hr;
    hr = read_table(trio, table, NULL, &rows);
    table->lpVtbl->Release(table);
    for (ULONG i = 0; SUCCEEDED(hr) && i < rows->cRows; i++) {
        SRow *row = &rows->aRow[i];
        SPropValue *values = calloc(row->cValues + 1, sizeof(*values));

        if (!values)
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
        else
            memcpy(values, row->lpProps, row->cValues * sizeof(*values));
        if (values)
            hr = prepare_one(message, values, row->cValues);
        free(values);
    }
    free_rows(trio, rows);
    return hr;
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
