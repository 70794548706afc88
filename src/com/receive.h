/* SPDX-License-Identifier: MIT */
/*
 * receive.h - receive folders: which folder incoming messages of a class go to.
 */
#ifndef MSP_COM_RECEIVE_H
#define MSP_COM_RECEIVE_H

#include "com/call.h"

struct logon;

/* IMsgStore::SetReceiveFolder and GetReceiveFolder, under the lock, with arguments checked for NULL
 * and flags. */
HRESULT receive_set(struct msp_call *call, struct logon *logon, LPTSTR message_class, ULONG flags,
        ULONG entry_id_size, LPENTRYID entry_id);
HRESULT receive_get(struct msp_call *call, struct logon *logon, LPTSTR message_class, ULONG flags,
        ULONG *out_size, LPENTRYID *out_entry_id, LPTSTR *out_explicit_class);
/* The receive folder table, a child of the store: one row per explicit class. */
HRESULT receive_table(struct msp_call *call, struct logon *logon, ULONG flags, LPMAPITABLE *out);
/* Is there any mapping? */
bool receive_any(struct logon *logon);

#endif
