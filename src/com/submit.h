/* SPDX-License-Identifier: MIT */
/*
 * submit.h - the way of a message into the outgoing queue and out of it again, as clients go it;
 * and calls to the support object on that way.
 */
#ifndef MSP_COM_SUBMIT_H
#define MSP_COM_SUBMIT_H

#include "com/call.h"

struct logon;
struct message;

/* IMessage::SubmitMessage, under the lock, which it steps out of. MAPI_E_NO_RECIPIENTS,
 * MAPI_E_SUBMITTED (queued already), MAPI_E_NO_SUPPORT (embedded, associated, or a
 * store without STORE_SUBMIT_OK), MAPI_E_NO_ACCESS (not open for writing), what PrepareSubmit or
 * ExpandRecips answer, what a save fails with: nothing is queued then, and the message stays open.
 * On success a client's object is good for reading only. From the spooler, on a message that waits
 * to be preprocessed: it is, now.
 */
HRESULT submit_message(struct msp_call *call, struct message *message);

/* IMsgStore::AbortSubmit, under the lock. */
HRESULT submit_abort(
        struct msp_call *call, struct logon *logon, ULONG entry_id_size, LPENTRYID entry_id);

/* May a message that was just read be opened with these flags of OpenEntry? Takes its write access
 * away when it may only be read. MAPI_E_NO_ACCESS (locked), MAPI_E_SUBMITTED. */
HRESULT submit_check_open(struct msp_call *call, struct message *message, ULONG flags);

/* PR_SUBMIT_FLAGS of a message in the queue. */
static inline ULONG submit_flags(const struct eng_outgoing *entry)
{
    return ((entry->flags & ENG_OUTGOING_LOCKED) != 0 ? SUBMITFLAG_LOCKED : 0) |
           ((entry->flags & ENG_OUTGOING_PREPROCESS) != 0 ? SUBMITFLAG_PREPROCESS : 0);
}

/* Steps out of the lock to do something with the support object, waiting a moment for it when
 * another thread uses it (MAPI_E_BUSY). MAPI_E_INVALID_OBJECT: the call's object died meanwhile,
 * whatever fn answered. */
typedef HRESULT (*support_fn)(LPMAPISUP support, void *context);
HRESULT support_ask(struct msp_call *call, struct logon *logon, support_fn fn, void *context);

#endif
