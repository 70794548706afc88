/* SPDX-License-Identifier: MIT */
/*
 * report.c - read and nonread reports.
 *
 * A report goes out from the Outbox and is deleted when it has been sent.
 *
 * Owns:  nothing beyond one call.
 * Locks: everything here runs under the domain lock; the support object and the report itself are
 *        called without it.
 */
#include "com/report.h"

#include "com/logon.h"
#include "com/message.h"
#include "com/submit.h"
#include "util/buf.h"

enum { PENDING = MSGFLAG_RN_PENDING | MSGFLAG_NRN_PENDING };

bool report_is_due(uint32_t flags, const void *packed, size_t packed_size, ULONG kind)
{
    uint32_t pending = kind == MAPI_NON_READ ? MSGFLAG_NRN_PENDING : MSGFLAG_RN_PENDING;
    struct bag_value cell;

    return (flags & pending) != 0 && packed_check(packed, packed_size) &&
           packed_find(packed, packed_size, PR_READ_RECEIPT_REQUESTED, &cell) &&
           cell_get_bool(&cell, false);
}

/* The Outbox; a store without one has its root. */
static uint64_t outbox_of(struct logon *logon)
{
    struct msp_buf packed = MSP_BUF_INIT;
    uint64_t id = ENG_ROOT_FOLDER;
    struct eng_folder row;
    struct bag_value cell;
    struct entryid entryid;

    if (eng_store_props_get(logon->eng, &packed) == ENG_OK &&
            packed_check(packed.data, packed.size) &&
            packed_find(packed.data, packed.size, PR_IPM_OUTBOX_ENTRYID, &cell) &&
            cell.size == ENTRYID_SIZE &&
            SUCCEEDED(logon_read_entryid(logon, (ULONG)cell.size, cell.data, &entryid)) &&
            entryid.kind == ENTRYID_FOLDER &&
            eng_folder_get(logon->eng, entryid.id, &row, NULL, NULL) == ENG_OK)
        id = entryid.id;
    msp_buf_free(&packed);
    return id;
}

struct making {
    ULONG kind;
    LPMESSAGE about;
    LPMESSAGE report; /* the empty message, and then what MAPI has made of it */
};

static HRESULT make(LPMAPISUP support, void *context)
{
    struct making *work = context;
    LPMESSAGE report = work->report;
    HRESULT hr = support->lpVtbl->ReadReceipt(support, work->kind, work->about, &report);

    if (SUCCEEDED(hr))
        work->report = report;
    return hr;
}

/* Without the lock. A report that cannot be submitted is lost: it may be asked for only once. */
static void submit(LPMESSAGE report)
{
    SPropValue remove = { .ulPropTag = PR_DELETE_AFTER_SUBMIT, .Value.b = TRUE };

    (void)report->lpVtbl->SetProps(report, 1, &remove, NULL);
    (void)report->lpVtbl->SubmitMessage(report, 0);
}

/* Both messages are there. */
static HRESULT make_and_submit(
        struct msp_call *call, struct logon *logon, struct making *work, bool about_is_ours)
{
    HRESULT made = support_ask(call, logon, make, work);
    HRESULT alive;

    msp_call_pause(call);
    if (SUCCEEDED(made) && work->report != NULL)
        submit(work->report);
    if (work->report != NULL)
        work->report->lpVtbl->Release(work->report);
    if (about_is_ours)
        work->about->lpVtbl->Release(work->about);
    alive = msp_call_resume(call);
    return FAILED(alive) ? alive : made;
}

static HRESULT open_and_make(
        struct msp_call *call, struct logon *logon, uint64_t id, struct making *work)
{
    bool about_is_ours = work->about == NULL;
    LPUNKNOWN opened = NULL;
    HRESULT hr = S_OK;

    if (about_is_ours)
        hr = message_open(call, logon, id, NULL, 0, &opened);
    if (FAILED(hr))
        return hr;
    if (about_is_ours)
        work->about = (LPMESSAGE)opened;
    hr = message_create(call, logon, outbox_of(logon), false, NULL, &opened);
    if (SUCCEEDED(hr)) {
        work->report = (LPMESSAGE)opened;
        return make_and_submit(call, logon, work, about_is_ours);
    }
    if (about_is_ours) {
        HRESULT alive;

        alive = msp_call_release(call, work->about);
        hr = FAILED(alive) ? alive : hr;
    }
    return hr;
}

HRESULT report_send(
        struct msp_call *call, struct logon *logon, uint64_t id, LPMESSAGE message, ULONG kind)
{
    struct making work = { kind, message, NULL };
    HRESULT hr = open_and_make(call, logon, id, &work);

    if (FAILED(hr) && hr != MAPI_E_INVALID_OBJECT)
        (void)eng_msg_set_flags(logon->eng, id, PENDING, PENDING, NULL);
    return hr;
}
