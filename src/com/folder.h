/* SPDX-License-Identifier: MIT */
/*
 * folder.h - IMAPIFolder.
 */
#ifndef MSP_COM_FOLDER_H
#define MSP_COM_FOLDER_H

#include "com/prop.h"

struct logon;

/* Opens a folder as a child of the store. flags: MAPI_MODIFY, MAPI_BEST_ACCESS,
 * MAPI_DEFERRED_ERRORS. NULL iid: IMAPIFolder. MAPI_E_NOT_FOUND, MAPI_E_NO_ACCESS,
 * MAPI_E_INTERFACE_NOT_SUPPORTED. */
HRESULT folder_open(struct msp_call *call, struct logon *logon, uint64_t id, LPCIID iid,
        ULONG flags, LPUNKNOWN *out);

#endif
