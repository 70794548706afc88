/* SPDX-License-Identifier: MIT */
/*
 * submit.c - IMessage::SubmitMessage and IMsgStore::AbortSubmit.
 *
 * The message is saved, MAPI prepares it, and it is saved again together with its place in the
 * queue, in one transaction: after a crash it is queued or a draft, never something between. What
 * the spooler does with it afterwards is in queue.c.
 *
 * Owns:  nothing.
 * Locks: everything here runs under the domain lock; the support object is called without it.
 */
#include "com/submit.h"

#include "com/logon.h"
#include "com/message_impl.h"
#include "platform/time.h"

HRESULT support_ask(struct msp_call *call, struct logon *logon, support_fn fn, void *context)
{
    LPMAPISUP support;
    HRESULT hr = MAPI_E_BUSY;
    HRESULT alive;

    msp_object_ref_locked(&logon->object); /* while the lock is left */
    msp_call_pause(call);
    support = logon_await_support(logon);
    if (support != NULL) {
        hr = fn(support, context);
        logon_return_support(logon, support);
    }
    msp_object_release(&logon->object);
    alive = msp_call_resume(call);
    return FAILED(alive) ? alive : hr;
}

/* --- SubmitMessage ---------------------------------------------------------------------------- */

static HRESULT check_recipients(struct msp_call *call, struct message *message)
{
    HRESULT hr = message_load_recipients(call, message);

    if (SUCCEEDED(hr) && recipients_count(&message->recipients) == 0)
        hr = msp_fail(call, MAPI_E_NO_RECIPIENTS, 0, "The message has no recipients.");
    return hr;
}

static HRESULT check_message(struct msp_call *call, struct message *message)
{
    if (message->holder != NULL)
        return msp_fail(
                call, MAPI_E_NO_SUPPORT, 0, "A message inside another message cannot be sent.");
    if ((message->row.flags & MSGFLAG_ASSOCIATED) != 0)
        return msp_fail(call, MAPI_E_NO_SUPPORT, 0, "An associated message cannot be sent.");
    return S_OK;
}

/* Says which recipients nobody has taken on yet: all without a word on it; with `replace` simply
 * all. */
static HRESULT settle_responsibility(struct msp_call *call, struct message *message, bool replace)
{
    uint8_t room[16];
    struct bag_value cell;
    bool changed = false;

    cell_bool(PR_RESPONSIBILITY, false, room, &cell);
    if (!recipients_fill(&message->recipients, &cell, replace, &changed))
        return msp_from_engine(call, NULL, ENG_NO_MEMORY);
    if (changed)
        message_recipients_moved(message);
    return S_OK;
}

struct preparation {
    IMessage *message;
    bool tell;    /* the spooler has not heard from this logon yet */
    bool prepare; /* it is sent again, to those who did not get it */
    ULONG needs;  /* what ExpandRecips said */
};

/* imapisupport-spoolernotify: once before the first PrepareSubmit. The spooler's answer is not the
 * client's affair. */
static HRESULT prepare(LPMAPISUP support, void *context)
{
    struct preparation *work = context;
    ULONG flags = 0;

    if (work->tell && SUCCEEDED(support->lpVtbl->SpoolerNotify(support, NOTIFY_READYTOSEND, NULL)))
        work->tell = false;
    if (!work->prepare)
        return S_OK;
    return support->lpVtbl->PrepareSubmit(support, work->message, &flags);
}

static HRESULT expand(LPMAPISUP support, void *context)
{
    struct preparation *work = context;

    return support->lpVtbl->ExpandRecips(support, work->message, &work->needs);
}

/* What MAPI has to do with a message before it is queued, and what both sides write into it. */
static HRESULT prepare_message(
        struct msp_call *call, struct message *message, uint32_t *out_queue_flags)
{
    struct logon *logon = message->prop.logon;
    bool resend = (message->row.flags & MSGFLAG_RESEND) != 0;
    struct preparation work = { &message->IMessage_iface, !logon->told_spooler, resend, 0 };
    HRESULT hr = S_OK;

    if (work.tell || work.prepare) {
        hr = support_ask(call, logon, prepare, &work);
        if (hr != MAPI_E_INVALID_OBJECT)
            logon->told_spooler = !work.tell;
    }
    if (SUCCEEDED(hr))
        hr = check_recipients(call, message);
    if (SUCCEEDED(hr))
        hr = settle_responsibility(call, message, !resend);
    if (SUCCEEDED(hr))
        hr = support_ask(call, logon, expand, &work);
    if (SUCCEEDED(hr))
        hr = check_recipients(call, message);
    if (SUCCEEDED(hr))
        hr = settle_responsibility(call, message, false);
    *out_queue_flags = (work.needs & NEEDS_PREPROCESSING) != 0 ? ENG_OUTGOING_PREPROCESS : 0;
    return hr;
}

static HRESULT set_submit_time(struct msp_call *call, struct message *message)
{
    uint8_t room[16];
    struct bag_value cell;

    cell_i8(PR_CLIENT_SUBMIT_TIME, msp_time_now_filetime(), room, &cell);
    return prop_put(call, &message->prop, &cell);
}

static HRESULT submit_new(struct msp_call *call, struct message *message)
{
    uint32_t queue_flags = 0;
    HRESULT hr;

    if (!message->prop.logon->can_write)
        return msp_fail(call, MAPI_E_NO_SUPPORT, 0, "The store is open for reading only.");
    if (!message->prop.can_write)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The message is open for reading only.");
    hr = check_recipients(call, message);
    if (SUCCEEDED(hr))
        hr = message_save(call, &message->prop, KEEP_OPEN_READWRITE);
    if (SUCCEEDED(hr))
        hr = prepare_message(call, message, &queue_flags);
    if (SUCCEEDED(hr))
        hr = set_submit_time(call, message);
    if (SUCCEEDED(hr))
        hr = message_save_outgoing(call, message, queue_flags);
    if (SUCCEEDED(hr) && !message->prop.logon->is_spooler)
        message->prop.can_write = false;
    return SUCCEEDED(hr) ? S_OK : hr;
}

/* pidtagsubmitflags: the spooler's SubmitMessage says that a message is preprocessed. */
static HRESULT submit_preprocessed(struct msp_call *call, struct message *message)
{
    struct eng *eng = message->prop.logon->eng;

    if (message->prop.can_write)
        return message_save_outgoing(call, message, 0);
    return msp_from_engine(call, eng, eng_outgoing_put(eng, message->row.id, 0));
}

HRESULT submit_message(struct msp_call *call, struct message *message)
{
    struct logon *logon = message->prop.logon;
    struct eng_outgoing entry;
    enum eng_status status = ENG_NOT_FOUND;
    HRESULT hr;

    hr = check_message(call, message);
    if (FAILED(hr))
        return hr;
    if (message->row.change != 0)
        status = eng_outgoing_get(logon->eng, message->row.id, &entry);
    if (status == ENG_NOT_FOUND)
        return submit_new(call, message);
    if (status != ENG_OK)
        return msp_from_engine(call, logon->eng, status);
    if (!logon->is_spooler || (entry.flags & ENG_OUTGOING_PREPROCESS) == 0)
        return msp_fail(call, MAPI_E_SUBMITTED, 0, "The message is waiting to be sent.");
    return submit_preprocessed(call, message);
}

/* --- AbortSubmit ------------------------------------------------------------------------------ */

static HRESULT abort_queued(struct msp_call *call, struct eng *eng, uint64_t id)
{
    struct eng_outgoing entry;
    enum eng_status status = eng_outgoing_get(eng, id, &entry);

    if (status == ENG_NOT_FOUND)
        return msp_fail(call, MAPI_E_NOT_IN_QUEUE, 0, "The message is not waiting to be sent.");
    if (status == ENG_OK && (entry.flags & ENG_OUTGOING_LOCKED) != 0)
        return msp_fail(call, MAPI_E_UNABLE_TO_ABORT, 0, "The message is being sent.");
    if (status == ENG_OK)
        status = eng_outgoing_remove(eng, id, 0);
    return msp_from_engine(call, eng, status);
}

HRESULT submit_abort(
        struct msp_call *call, struct logon *logon, ULONG entry_id_size, LPENTRYID entry_id)
{
    struct entryid entryid;
    HRESULT hr;

    if (!logon->can_write)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The store is open for reading only.");
    hr = logon_read_entryid(logon, entry_id_size, entry_id, &entryid);
    if (SUCCEEDED(hr) && entryid.kind != ENTRYID_MESSAGE)
        hr = MAPI_E_INVALID_ENTRYID;
    if (FAILED(hr))
        return msp_fail(call, hr, 0, "The identifier does not name a message of this store.");
    hr = msp_from_engine(call, logon->eng, eng_begin(logon->eng, true));
    if (FAILED(hr))
        return hr;
    hr = abort_queued(call, logon->eng, entryid.id);
    if (FAILED(hr)) {
        eng_rollback(logon->eng);
        return hr;
    }
    return msp_from_engine(call, logon->eng, eng_commit(logon->eng));
}

/* --- opening ---------------------------------------------------------------------------------- */

HRESULT submit_check_open(struct msp_call *call, struct message *message, ULONG flags)
{
    const struct logon *logon = message->prop.logon;
    struct eng_outgoing entry;
    enum eng_status status;

    if ((message->row.flags & MSGFLAG_SUBMIT) == 0)
        return S_OK;
    status = eng_outgoing_get(logon->eng, message->row.id, &entry);
    if (status == ENG_NOT_FOUND)
        return S_OK; /* sent or given up this very moment */
    if (status != ENG_OK)
        return msp_from_engine(call, logon->eng, status);
    if ((entry.flags & ENG_OUTGOING_LOCKED) != 0 &&
            !(logon->is_spooler && (entry.flags & ENG_OUTGOING_MINE) != 0))
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The message is being sent.");
    if (logon->is_spooler)
        return S_OK;
    if ((flags & MAPI_MODIFY) != 0 && (flags & MAPI_BEST_ACCESS) == 0)
        return msp_fail(call, MAPI_E_SUBMITTED, 0, "The message is waiting to be sent.");
    message->prop.can_write = false;
    return S_OK;
}
