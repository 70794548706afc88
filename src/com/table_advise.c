/* SPDX-License-Identifier: MIT */
/*
 * table_advise.c - IMAPITable::Advise and Unadvise.
 *
 * Owns:  nothing; com/table_live.h keeps the registrations.
 * Locks: the methods take the domain lock; every snake_case function here runs under it.
 */
#include "com/logon.h"
#include "com/table_impl.h"
#include "com/table_live.h"
#include "com/watch.h"

static HRESULT advise(struct msp_call *call, struct table *table, struct advise *advise)
{
    struct notify_center *center = &table->logon->notify;
    HRESULT hr = table_live_need(call, table);

    if (FAILED(hr))
        return hr;
    if (!advise_list_add(&table->live->advises, advise, center->last_connection + 1)) {
        table_live_rest(table);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    center->last_connection++;
    watch_need(table->logon);
    return S_OK;
}

HRESULT STDMETHODCALLTYPE table_Advise(
        IMAPITable *iface, ULONG event_mask, LPMAPIADVISESINK sink, ULONG_PTR *out_connection)
{
    struct table *table = table_from_iface(iface);
    struct advise *made;
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_connection);
    MSP_NEED(sink != NULL && out_connection != NULL && event_mask != 0);
    if ((event_mask & fnevTableModified) == 0)
        return MAPI_E_NO_SUPPORT; /* a table has no other events */

    made = advise_new(sink, fnevTableModified);
    if (made == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = msp_call_begin(&call, &table->object);
    if (SUCCEEDED(hr)) {
        hr = advise(&call, table, made);
        if (SUCCEEDED(hr))
            *out_connection = made->connection;
        hr = msp_call_end(&call, hr);
    }
    if (FAILED(hr))
        advise_release(made);
    return hr;
}

static struct advise *unadvise(struct table *table, ULONG_PTR connection)
{
    struct advise *found = NULL;

    if (table->live != NULL)
        found = advise_list_take(&table->live->advises, connection);
    if (found == NULL)
        return NULL;
    table_live_rest(table);
    msp_object_ref_locked(&table->logon->object); /* for notify_end_advise() */
    return found;
}

HRESULT STDMETHODCALLTYPE table_Unadvise(IMAPITable *iface, ULONG_PTR connection)
{
    struct table *table = table_from_iface(iface);
    struct logon *logon = NULL;
    struct advise *found;
    struct msp_call call;
    HRESULT hr;

    hr = msp_call_begin(&call, &table->object);
    if (FAILED(hr))
        return hr;
    found = unadvise(table, connection);
    if (found != NULL)
        logon = table->logon;
    else
        hr = msp_fail(&call, MAPI_E_NOT_FOUND, 0, "There is no such connection.");
    hr = msp_call_end(&call, hr);
    if (found != NULL) {
        notify_end_advise(logon, found);
        msp_object_release(&logon->object);
    }
    return hr;
}
