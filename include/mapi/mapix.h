/* SPDX-License-Identifier: MIT */
/*
 * mapix.h - the session, as far as a host of store providers offers it.
 */
#ifndef MAPIX_H
#define MAPIX_H

#include "mapi/mapicode.h"
#include "mapi/mapidefs.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */

/* ---- Flags ------------------------------------------------------------------------------------- */

/* MAPILogonEx. */
#define MAPI_LOGON_UI           0x00000001
#define MAPI_NEW_SESSION        0x00000002
#define MAPI_APP_PROFILE        0x00000004
#define MAPI_ALLOW_OTHERS       0x00000008
#define MAPI_EXPLICIT_PROFILE   0x00000010
#define MAPI_EXTENDED           0x00000020
#define MAPI_FORCE_DOWNLOAD     0x00001000
#define MAPI_SERVICE_UI_ALWAYS  0x00002000
#define MAPI_NO_MAIL            0x00008000
#ifndef MAPI_PASSWORD_UI
#define MAPI_PASSWORD_UI        0x00020000
#endif
#define MAPI_TIMEOUT_SHORT      0x00100000

#define MAPI_INIT_VERSION              0
#define MAPI_MULTITHREAD_NOTIFICATIONS 0x00000001

/* IMAPISession: Logoff, SetDefaultStore, ShowForm. */
#define MAPI_LOGOFF_SHARED          0x00000001
#define MAPI_LOGOFF_UI              0x00000002
#define MAPI_DEFAULT_STORE          0x00000001
#define MAPI_SIMPLE_STORE_TEMPORARY 0x00000002
#define MAPI_SIMPLE_STORE_PERMANENT 0x00000003
#define MAPI_PRIMARY_STORE          0x00000004
#define MAPI_SECONDARY_STORE        0x00000005
#define MAPI_POST_MESSAGE           0x00000001
#define MAPI_NEW_MESSAGE            0x00000002

/* Profiles and services: CreateProfile, PR_RESOURCE_FLAGS of a service. */
#define MAPI_DEFAULT_SERVICES       0x00000001
#define SERVICE_DEFAULT_STORE       0x00000001
#define SERVICE_SINGLE_COPY         0x00000002
#define SERVICE_CREATE_WITH_STORE   0x00000004
#define SERVICE_PRIMARY_IDENTITY    0x00000008
#define SERVICE_NO_PRIMARY_IDENTITY 0x00000020

/* ---- Types ------------------------------------------------------------------------------------- */

typedef struct IMAPISession     IMAPISession,     *LPMAPISESSION;
typedef struct IMsgServiceAdmin IMsgServiceAdmin, *LPSERVICEADMIN;
typedef struct IProfAdmin       IProfAdmin,       *LPPROFADMIN;

typedef ULONG FLAGS;

typedef struct {
    ULONG ulVersion;
    ULONG ulFlags;
} MAPIINIT_0, *LPMAPIINIT_0;

typedef MAPIINIT_0 MAPIINIT;
typedef MAPIINIT  *LPMAPIINIT;

/* ---- IMAPISession ------------------------------------------------------------------------------ */

#define MAPI_IMAPISESSION_METHODS(I)                                                               \
    MAPI_GETLASTERROR_METHOD(I)                                                                    \
    HRESULT (STDMETHODCALLTYPE *GetMsgStoresTable)(I *This, ULONG flags, LPMAPITABLE *out);        \
    HRESULT (STDMETHODCALLTYPE *OpenMsgStore)(I *This, ULONG_PTR ui, ULONG entry_id_size,          \
            LPENTRYID entry_id, LPCIID iid, ULONG flags, LPMDB *out);                              \
    HRESULT (STDMETHODCALLTYPE *OpenAddressBook)(I *This, ULONG_PTR ui, LPCIID iid, ULONG flags,   \
            LPADRBOOK *out);                                                                       \
    MAPI_OPENPROFILESECTION_METHOD(I)                                                              \
    HRESULT (STDMETHODCALLTYPE *GetStatusTable)(I *This, ULONG flags, LPMAPITABLE *out);           \
    MAPI_OPENENTRY_METHOD(I)                                                                       \
    MAPI_COMPAREENTRYIDS_METHOD(I, CompareEntryIDs)                                                \
    MAPI_ENTRY_ADVISE_METHODS(I)                                                                   \
    HRESULT (STDMETHODCALLTYPE *MessageOptions)(I *This, ULONG_PTR ui, ULONG flags,                \
            LPTSTR addr_type, LPMESSAGE message);                                                  \
    HRESULT (STDMETHODCALLTYPE *QueryDefaultMessageOpt)(I *This, LPTSTR addr_type, ULONG flags,    \
            ULONG *out_count, LPSPropValue *out_options);                                          \
    HRESULT (STDMETHODCALLTYPE *EnumAdrTypes)(I *This, ULONG flags, ULONG *out_count,              \
            LPTSTR **out_types);                                                                   \
    HRESULT (STDMETHODCALLTYPE *QueryIdentity)(I *This, ULONG *out_entry_id_size,                  \
            LPENTRYID *out_entry_id);                                                              \
    HRESULT (STDMETHODCALLTYPE *Logoff)(I *This, ULONG_PTR ui, ULONG flags, ULONG reserved);       \
    HRESULT (STDMETHODCALLTYPE *SetDefaultStore)(I *This, ULONG flags, ULONG entry_id_size,        \
            LPENTRYID entry_id);                                                                   \
    HRESULT (STDMETHODCALLTYPE *AdminServices)(I *This, ULONG flags, LPSERVICEADMIN *out);         \
    HRESULT (STDMETHODCALLTYPE *ShowForm)(I *This, ULONG_PTR ui, LPMDB store,                      \
            LPMAPIFOLDER parent, LPCIID iid, ULONG_PTR message_token, LPMESSAGE sent,              \
            ULONG flags, ULONG message_status, ULONG message_flags, ULONG access,                  \
            LPSTR message_class);                                                                  \
    HRESULT (STDMETHODCALLTYPE *PrepareForm)(I *This, LPCIID iid, LPMESSAGE message,               \
            ULONG_PTR *out_token);

typedef struct IMAPISessionVtbl {
    MAPI_IUNKNOWN_METHODS(IMAPISession)
    MAPI_IMAPISESSION_METHODS(IMAPISession)
} IMAPISessionVtbl;

struct IMAPISession { const IMAPISessionVtbl *lpVtbl; };

/* clang-format on */

#ifdef __cplusplus
}
#endif

#endif /* MAPIX_H */
