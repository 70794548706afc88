/* SPDX-License-Identifier: MIT */
/*
 * message.h - IMessage: a snapshot of a message in memory, written as a whole by SaveChanges.
 */
#ifndef MSP_COM_MESSAGE_H
#define MSP_COM_MESSAGE_H

#include "com/prop.h"
#include "engine/eng.h"

struct logon;
struct msp_buf;

/* Opens a stored message as a child of the store object. flags: MAPI_MODIFY, MAPI_BEST_ACCESS,
 * MAPI_DEFERRED_ERRORS. NULL iid: IMessage. MAPI_E_NOT_FOUND (gone, or embedded), MAPI_E_NO_ACCESS
 * (MAPI_MODIFY in a store that is read-only), MAPI_E_INTERFACE_NOT_SUPPORTED. *out has a reference.
 */
HRESULT message_open(struct msp_call *call, struct logon *logon, uint64_t id, LPCIID iid,
        ULONG flags, LPUNKNOWN *out);

/* A new message in a folder, open for writing; nothing is stored before its SaveChanges. */
HRESULT message_create(struct msp_call *call, struct logon *logon, uint64_t folder_id,
        bool associated, LPCIID iid, LPUNKNOWN *out);

/* IMessage::SetReadFlag on a stored message, in the engine's open transaction or one of its own.
 * Flags are checked here: MAPI_E_UNKNOWN_FLAGS, MAPI_E_INVALID_PARAMETER. MAPI_E_NOT_FOUND.
 * *out_report: once the transaction is through, report_send() is due. */
HRESULT message_set_read_flag(
        struct msp_call *call, struct logon *logon, uint64_t id, ULONG flags, bool *out_report);

/* Appends the ids (uint64_t, in order) of stored messages that clients of this logon have open
 * because they asked for write access. False: no memory. */
bool message_writers(struct logon *logon, struct msp_buf *out);

/* The flags of SetReadFlag(s) alone: S_OK, MAPI_E_UNKNOWN_FLAGS, MAPI_E_INVALID_PARAMETER. */
HRESULT message_check_read_flags(ULONG flags);

/* Remembers a large value that nobody owns yet, written for a message or attachment: when no save
 * has taken it by the time the outermost message is gone, it is given up. */
void message_note_value(struct prop_object *prop, uint64_t value);

#endif
