/* SPDX-License-Identifier: MIT */
/*
 * service.h - the message service's entry point, less its export.
 */
#ifndef MSP_COM_SERVICE_H
#define MSP_COM_SERVICE_H

#include "platform/sdk/mapi_sdk.h"

/*
 * One call of the service entry (docs page msgserviceentry). Nothing of support and admin is kept.
 * values may hold PR_MKEEP_PATH_W and PR_DISPLAY_NAME; the store file is made when it is not there.
 * Windows, owned by `ui`, open only where flags allow them; where none can be, it goes on as if
 * they were not allowed. *out_error: one block of the support object's allocator, or NULL. Errors:
 * MAPI_E_UNCONFIGURED, MAPI_E_USER_CANCEL, MAPI_E_NO_SUPPORT, and what opening the file can give.
 * Any thread.
 */
HRESULT service_run(LPMAPISUP support, ULONG_PTR ui, ULONG flags, ULONG context, ULONG count,
        LPSPropValue values, LPPROVIDERADMIN admin, LPMAPIERROR *out_error);

#endif
