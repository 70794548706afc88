/* SPDX-License-Identifier: MIT */
/*
 * logon_open.h - from IMSProvider::Logon's arguments to an open store.
 */
#ifndef MSP_COM_LOGON_OPEN_H
#define MSP_COM_LOGON_OPEN_H

#include <stdbool.h>

#include "platform/sdk/mapi_sdk.h"

struct provider_core;

struct logon_request {
    struct provider_core *core;
    LPMAPISUP support;
    ULONG_PTR ui; /* owns what the user is asked with */
    ULONG entry_id_size;
    LPENTRYID entry_id; /* unwrapped; NULL: the profile section says which store */
    ULONG flags;
    LPCIID iid;
    bool is_spooler;
    bool has_bad_security; /* SpoolerLogon got security data that no Logon of ours made */
};

/* Logon and SpoolerLogon (docs page imsprovider-logon). A store that is open already is handed out
 * again with *out_logon NULL. Where flags do not forbid it, the user is asked for a store file that
 * cannot be opened: MAPI_E_USER_CANCEL. On failure the outs are NULL, the support object is as
 * before, and *out_error (may be NULL) says why, in one block of the host's allocator. */
HRESULT logon_open(const struct logon_request *request, LPMAPIERROR *out_error,
        LPMSLOGON *out_logon, LPMDB *out_store);

#endif
