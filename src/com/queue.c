/* SPDX-License-Identifier: MIT */
/*
 * queue.c - IMsgStore's methods for the MAPI spooler: the outgoing queue, locks, messages that have
 * been sent, new mail.
 *
 * Owns:  nothing.
 * Locks: everything here runs under the domain lock; DoSentMail is called without it.
 */
#include "com/queue.h"

#include "com/logon.h"
#include "com/message_impl.h"
#include "com/store.h"
#include "com/submit.h"
#include "com/table.h"

static HRESULT check_spooler(struct msp_call *call, const struct logon *logon)
{
    if (logon->is_spooler)
        return S_OK;
    return msp_fail(call, MAPI_E_NO_SUPPORT, 0, "Only the MAPI spooler may ask for this.");
}

HRESULT queue_table(struct msp_call *call, struct logon *logon, LPMAPITABLE *out)
{
    struct table_source *source = NULL;
    HRESULT hr = check_spooler(call, logon);

    if (SUCCEEDED(hr))
        hr = source_outgoing_new(call, logon, &source);
    if (SUCCEEDED(hr))
        hr = table_new(call, logon, store_object(logon->store), source, 0, out);
    return hr;
}

/* --- SetLockState ----------------------------------------------------------------------------- */

static HRESULT lock_stored(struct msp_call *call, struct eng *eng, uint64_t id, bool locked)
{
    enum eng_status status = eng_outgoing_lock(eng, id, locked);

    if (status == ENG_NOT_FOUND)
        return msp_fail(call, MAPI_E_NOT_IN_QUEUE, 0, "The message is not waiting to be sent.");
    return msp_from_engine(call, eng, status);
}

/* A lock comes before the save and goes after it, so that nobody else gets hold of the message in
 * between. */
static HRESULT set_lock(struct msp_call *call, struct message *message, bool locked)
{
    struct eng *eng = message->prop.logon->eng;
    struct eng_outgoing before;
    HRESULT hr;

    if (eng_outgoing_get(eng, message->row.id, &before) != ENG_OK)
        before.flags = 0;
    hr = lock_stored(call, eng, message->row.id, true);
    if (FAILED(hr))
        return hr;
    if (message->prop.can_write)
        hr = message_save_pending(call, message);
    if (SUCCEEDED(hr) && locked)
        return S_OK;
    if (SUCCEEDED(hr))
        return lock_stored(call, eng, message->row.id, false);
    if ((before.flags & ENG_OUTGOING_MINE) == 0)
        (void)eng_outgoing_lock(eng, message->row.id, false);
    return hr;
}

HRESULT queue_set_lock(struct msp_call *call, struct logon *logon, LPMESSAGE message, bool locked)
{
    struct message *ours = message_from_client(message);
    HRESULT hr = check_spooler(call, logon);

    if (FAILED(hr))
        return hr;
    if (ours == NULL || ours->prop.object.domain != call->domain ||
            !msp_object_is_live(&ours->prop.object))
        return msp_fail(call, MAPI_E_INVALID_PARAMETER, 0, "That is no message of this store.");
    if (ours->holder != NULL || ours->row.change == 0)
        return msp_fail(call, MAPI_E_NOT_IN_QUEUE, 0, "The message is not waiting to be sent.");
    return set_lock(call, ours, locked);
}

/* --- FinishedMsg ------------------------------------------------------------------------------ */

struct sent {
    LPMESSAGE message;
    bool is_gone; /* under the lock */
};

static HRESULT do_sent_mail(LPMAPISUP support, void *context)
{
    struct sent *sent = context;

    return support->lpVtbl->DoSentMail(support, 0, sent->message);
}

/* It is sent: from here on nobody sends it again, whatever becomes of it. */
static HRESULT take_out(struct msp_call *call, struct message *message)
{
    struct eng *eng = message->prop.logon->eng;
    enum eng_status status = eng_outgoing_remove(eng, message->row.id, MSGFLAG_UNSENT);

    if (status == ENG_NOT_FOUND)
        return msp_fail(call, MAPI_E_NOT_IN_QUEUE, 0, "The message is not waiting to be sent.");
    if (status == ENG_OK)
        message->row.flags &= ~(uint32_t)(MSGFLAG_SUBMIT | MSGFLAG_UNSENT);
    return msp_from_engine(call, eng, status);
}

/* DoSentMail releases the message when it succeeds. When it fails nobody says who does; so we look
 * whether it is still there. */
static HRESULT hand_over(struct msp_call *call, struct logon *logon, struct message *message)
{
    struct sent sent = { &message->IMessage_iface, false };
    HRESULT alive = S_OK;
    HRESULT hr;

    message->is_gone = &sent.is_gone;
    hr = support_ask(call, logon, do_sent_mail, &sent);
    if (!sent.is_gone)
        message->is_gone = NULL;
    if (FAILED(hr) && !sent.is_gone)
        alive = msp_call_release(call, sent.message);
    return FAILED(alive) ? alive : hr;
}

static HRESULT read_id(struct msp_call *call, const struct logon *logon, ULONG size,
        const void *bytes, uint64_t *out)
{
    struct entryid entryid;
    HRESULT hr = MAPI_E_INVALID_PARAMETER;

    if (bytes != NULL && entryid_get(size, bytes, &entryid) && entryid.kind == ENTRYID_MESSAGE)
        hr = logon_read_entryid(logon, size, bytes, &entryid);
    if (FAILED(hr))
        return msp_fail(call, hr, 0, "The identifier does not name a message of this store.");
    *out = entryid.id;
    return S_OK;
}

HRESULT queue_finish(
        struct msp_call *call, struct logon *logon, ULONG entry_id_size, LPENTRYID entry_id)
{
    LPUNKNOWN opened = NULL;
    struct message *message;
    uint64_t id = 0;
    HRESULT alive;
    HRESULT hr;

    hr = check_spooler(call, logon);
    if (SUCCEEDED(hr))
        hr = read_id(call, logon, entry_id_size, entry_id, &id);
    if (SUCCEEDED(hr))
        hr = message_open(call, logon, id, NULL, MAPI_MODIFY, &opened);
    if (FAILED(hr))
        return hr;
    message = message_from_client((LPMESSAGE)opened);
    hr = take_out(call, message);
    if (SUCCEEDED(hr))
        return hand_over(call, logon, message);
    alive = msp_call_release(call, opened);
    return FAILED(alive) ? alive : hr;
}

/* --- StoreLogoff ------------------------------------------------------------------------------ */

static bool note_activity(void *context, const struct eng_outgoing *entry)
{
    ULONG *flags = context;

    *flags |= (entry->flags & ENG_OUTGOING_LOCKED) != 0 ? LOGOFF_OUTBOUND : LOGOFF_OUTBOUND_QUEUE;
    return *flags != (LOGOFF_OUTBOUND | LOGOFF_OUTBOUND_QUEUE);
}

ULONG queue_activity(struct logon *logon)
{
    ULONG flags = 0;

    (void)eng_outgoing_scan(logon->eng, note_activity, &flags);
    return flags;
}

/* --- NotifyNewMail ---------------------------------------------------------------------------- */

HRESULT queue_new_mail(struct msp_call *call, struct logon *logon, const NOTIFICATION *event)
{
    const NEWMAIL_NOTIFICATION *mail = &event->info.newmail;
    uint64_t id = 0;
    HRESULT hr;

    hr = check_spooler(call, logon);
    if (SUCCEEDED(hr))
        hr = read_id(call, logon, mail->cbEntryID, mail->lpEntryID, &id);
    if (SUCCEEDED(hr))
        hr = msp_from_engine(call, logon->eng, eng_new_mail(logon->eng, id));
    return hr;
}
