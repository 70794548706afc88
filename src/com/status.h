/* SPDX-License-Identifier: MIT */
/*
 * status.h - IMAPIStatus of a logon, and the row it has in MAPI's status table.
 */
#ifndef MSP_COM_STATUS_H
#define MSP_COM_STATUS_H

#include "com/call.h"

struct logon;

/* Makes the status row through the support object (imapisupport-modifystatusrow); no lock held. */
HRESULT status_make_row(const struct logon *logon, LPMAPISUP support);

/* The logon's one status object, read-only; the same with one more reference each time.
 * MAPI_E_INTERFACE_NOT_SUPPORTED. */
HRESULT status_open(struct msp_call *call, struct logon *logon, LPCIID iid, LPVOID *out);

/* Can the logon's settings be shown? Not in a service, nor where there are no windows. */
bool status_has_settings(const struct logon *logon);
/* Under the lock, which is left meanwhile. Errors: MAPI_E_INVALID_OBJECT, MAPI_E_USER_CANCEL,
 * MAPI_E_NO_SUPPORT (no window can be shown), what writing a section gives. */
HRESULT status_show_settings(struct msp_call *call, struct logon *logon, ULONG_PTR ui, ULONG flags);

#endif
