/* SPDX-License-Identifier: MIT */
/*
 * queue.h - the outgoing queue as the MAPI spooler works on it, and what it says of incoming mail.
 *
 * But for queue_activity() all of it is for the spooler's logon only: MAPI_E_NO_SUPPORT for every
 * other. Under the lock.
 */
#ifndef MSP_COM_QUEUE_H
#define MSP_COM_QUEUE_H

#include "com/call.h"

struct logon;
struct table_source;

/* IMsgStore::GetOutgoingQueue: a live table, in the order of submission. */
HRESULT queue_table(struct msp_call *call, struct logon *logon, LPMAPITABLE *out);

/* IMsgStore::SetLockState with any pointer the spooler may give. Pending changes of the message are
 * saved first. MAPI_E_INVALID_PARAMETER: no message of this store; MAPI_E_NOT_IN_QUEUE;
 * MAPI_E_NO_ACCESS: another spooler has locked it. */
HRESULT queue_set_lock(struct msp_call *call, struct logon *logon, LPMESSAGE message, bool locked);

/* IMsgStore::FinishedMsg: takes the message out of the queue and hands it to DoSentMail, whose
 * answer is returned. Steps out of the lock. MAPI_E_INVALID_PARAMETER: not an identifier;
 * MAPI_E_NOT_FOUND, MAPI_E_NOT_IN_QUEUE, MAPI_E_NO_ACCESS as above. */
HRESULT queue_finish(
        struct msp_call *call, struct logon *logon, ULONG entry_id_size, LPENTRYID entry_id);

/* IMsgStore::NotifyNewMail with a notification of that kind. MAPI_E_INVALID_PARAMETER: it names no
 * message; MAPI_E_UNKNOWN_ENTRYID: none of this store; MAPI_E_NOT_FOUND. */
HRESULT queue_new_mail(struct msp_call *call, struct logon *logon, const NOTIFICATION *event);

/* What StoreLogoff says of the queue to anybody: LOGOFF_OUTBOUND, something is being sent;
 * LOGOFF_OUTBOUND_QUEUE, something waits. */
ULONG queue_activity(struct logon *logon);

/* source_outgoing.c: rows for table_new(). */
HRESULT source_outgoing_new(struct msp_call *call, struct logon *logon, struct table_source **out);

#endif
