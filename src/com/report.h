/* SPDX-License-Identifier: MIT */
/*
 * report.h - read and nonread reports: MAPI writes one into a new message of ours, which is then
 * submitted like any other.
 */
#ifndef MSP_COM_REPORT_H
#define MSP_COM_REPORT_H

#include "com/call.h"

struct logon;

/* Has MAPI make the report about a stored message (kind 0: it was read, MAPI_NON_READ: it was not)
 * and submits it. `message` is open, or NULL: it is opened for the purpose. Steps out of the lock,
 * no transaction may be open. Whoever calls this has cleared the message's pending bits before, so
 * that there is never a second report; when none was made, which is what a failure says, they are
 * set again. MAPI_E_INVALID_OBJECT: the call's object died meanwhile. */
HRESULT report_send(
        struct msp_call *call, struct logon *logon, uint64_t id, LPMESSAGE message, ULONG kind);

/* Does a message with these flags and properties wait for a report of the kind? */
bool report_is_due(uint32_t flags, const void *packed, size_t packed_size, ULONG kind);

#endif
