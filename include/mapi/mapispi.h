/* SPDX-License-Identifier: MIT */
/*
 * mapispi.h - between MAPI and a message store provider: support object, provider, logon, services.
 */
#ifndef MAPISPI_H
#define MAPISPI_H

#include "mapi/mapicode.h"
#include "mapi/mapidefs.h"
#include "mapi/mapiguid.h"
#include "mapi/mapitags.h"

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */

/* ---- Versions of the provider interface -------------------------------------------------------- */

#define PDK1_SPI_VERSION    0x00010000L
#define PDK2_SPI_VERSION    0x00010008L
#define PDK3_SPI_VERSION    0x00010010L
#define CURRENT_SPI_VERSION 0x00010010L

/* ---- Flags ------------------------------------------------------------------------------------- */

/* MSProviderInit: the process is a service; no user interface. */
#define MAPI_NT_SERVICE          ((ULONG)0x00010000)

/* IMAPISupport: Subscribe, Notify, and the answer of a synchronous callback. */
#define NOTIFY_SYNC              ((ULONG)0x40000000)
#define NOTIFY_CANCELED          ((ULONG)0x80000000)
#define CALLBACK_DISCONTINUE     ((ULONG)0x80000000)

/* IMAPISupport::SpoolerNotify. */
#define NOTIFY_NEWMAIL           ((ULONG)0x00000001)
#define NOTIFY_READYTOSEND       ((ULONG)0x00000002)
#define NOTIFY_SENTDEFERRED      ((ULONG)0x00000004)
#define NOTIFY_CRITSEC           ((ULONG)0x00001000)
#define NOTIFY_NONCRIT           ((ULONG)0x00002000)
#define NOTIFY_CONFIG_CHANGE     ((ULONG)0x00004000)
#define NOTIFY_CRITICAL_ERROR    ((ULONG)0x10000000)
#define NOTIFY_NEWMAIL_RECEIVED  ((ULONG)0x20000000)

/* IMAPISupport: ModifyStatusRow, ReadReceipt, IStorageFromStream. */
#define STATUSROW_UPDATE         ((ULONG)0x10000000)
#define MAPI_NON_READ            ((ULONG)0x00000001)
#define STGSTRM_RESET            ((ULONG)0x00000000)
#define STGSTRM_MODIFY           ((ULONG)0x00000002)
#define STGSTRM_CREATE           ((ULONG)0x00001000)
#define STGSTRM_CURRENT          ((ULONG)0x10000000)

/* IMAPISupport: ExpandRecips and PrepareSubmit. */
#define NEEDS_PREPROCESSING      ((ULONG)0x00000001)
#define NEEDS_SPOOLER            ((ULONG)0x00000002)
#define CHECK_SENDER             ((ULONG)0x00000001)
#define NON_STANDARD             ((ULONG)0x00010000)

/* Credentials at logon. */
#define LOGON_SP_TRANSPORT       ((ULONG)0x00000001)
#define LOGON_SP_PROMPT          ((ULONG)0x00000002)
#define LOGON_SP_NEWPW           ((ULONG)0x00000004)
#define LOGON_CHANGED            ((ULONG)0x00000008)

/* What a dialog on a long operation is about. */
#define DIALOG_FOLDER            ((ULONG)0x00000001)
#define DIALOG_MESSAGE           ((ULONG)0x00000002)
#define DIALOG_PROP              ((ULONG)0x00000004)
#define DIALOG_ATTACH            ((ULONG)0x00000008)
#define DIALOG_MOVE              ((ULONG)0x00000010)
#define DIALOG_COPY              ((ULONG)0x00000020)
#define DIALOG_DELETE            ((ULONG)0x00000040)
#define DIALOG_ALLOW_CANCEL      ((ULONG)0x00000080)
#define DIALOG_CONFIRM_CANCEL    ((ULONG)0x00000100)

/* OPTIONDATA: whose options. */
#define OPTION_TYPE_RECIPIENT    ((ULONG)0x00000001)
#define OPTION_TYPE_MESSAGE      ((ULONG)0x00000002)

/* Service entry: flags and contexts. */
#define MSG_SERVICE_UI_READ_ONLY 0x00000008
#define SERVICE_LOGON_FAILED     0x00000020

#define MSG_SERVICE_INSTALL         0x00000001
#define MSG_SERVICE_CREATE          0x00000002
#define MSG_SERVICE_CONFIGURE       0x00000003
#define MSG_SERVICE_DELETE          0x00000004
#define MSG_SERVICE_UNINSTALL       0x00000005
#define MSG_SERVICE_PROVIDER_CREATE 0x00000006
#define MSG_SERVICE_PROVIDER_DELETE 0x00000007

/* ---- Types ------------------------------------------------------------------------------------- */

typedef struct IMAPISupport IMAPISupport, *LPMAPISUP;
typedef struct IMSLogon     IMSLogon,     *LPMSLOGON;
typedef struct IMSProvider  IMSProvider,  *LPMSPROVIDER;

/* The key that Subscribe and Notify meet at. */
typedef struct {
    ULONG cb;
    BYTE  ab[MAPI_DIM];
} NOTIFKEY, *LPNOTIFKEY;

#define CbNewNOTIFKEY(size) (offsetof(NOTIFKEY, ab) + (size))
#define CbNOTIFKEY(key)     (offsetof(NOTIFKEY, ab) + (key)->cb)
#define SizedNOTIFKEY(size, name) \
    struct _NOTIFKEY_##name { ULONG cb; BYTE ab[size]; } name

typedef struct _OPTIONDATA {
    ULONG        ulFlags;
    LPGUID       lpRecipGUID;
    LPTSTR       lpszAdrType;
    LPTSTR       lpszDLLName;
    ULONG        ulOrdinal;
    ULONG        cbOptionsData;
    LPBYTE       lpbOptionsData;
    ULONG        cOptionsProps;
    LPSPropValue lpOptionsProps;
} OPTIONDATA, *LPOPTIONDATA;

typedef HRESULT (STDMETHODCALLTYPE PREPROCESSMESSAGE)(LPVOID session, LPMESSAGE message,
        LPADRBOOK address_book, LPMAPIFOLDER folder, LPALLOCATEBUFFER allocate_buffer,
        LPALLOCATEMORE allocate_more, LPFREEBUFFER free_buffer, ULONG *out_count,
        LPMESSAGE **out_messages, LPADRLIST *out_recipients);
typedef HRESULT (STDMETHODCALLTYPE REMOVEPREPROCESSINFO)(LPMESSAGE message);

/* ---- IMAPISupport ------------------------------------------------------------------------------ */

/* For every provider: memory, notifications, status, profile. */
#define MAPI_IMAPISUPPORT_METHODS1(I)                                                              \
    MAPI_GETLASTERROR_METHOD(I)                                                                    \
    HRESULT (STDMETHODCALLTYPE *GetMemAllocRoutines)(I *This, LPALLOCATEBUFFER *out_buffer,        \
            LPALLOCATEMORE *out_more, LPFREEBUFFER *out_free);                                     \
    HRESULT (STDMETHODCALLTYPE *Subscribe)(I *This, LPNOTIFKEY key, ULONG event_mask, ULONG flags, \
            LPMAPIADVISESINK sink, ULONG_PTR *out_connection);                                     \
    HRESULT (STDMETHODCALLTYPE *Unsubscribe)(I *This, ULONG_PTR connection);                       \
    HRESULT (STDMETHODCALLTYPE *Notify)(I *This, LPNOTIFKEY key, ULONG count,                      \
            LPNOTIFICATION events, ULONG *flags);                                                  \
    HRESULT (STDMETHODCALLTYPE *ModifyStatusRow)(I *This, ULONG count, LPSPropValue columns,       \
            ULONG flags);                                                                          \
    HRESULT (STDMETHODCALLTYPE *OpenProfileSection)(I *This, LPMAPIUID uid, ULONG flags,           \
            LPPROFSECT *out);                                                                      \
    HRESULT (STDMETHODCALLTYPE *RegisterPreprocessor)(I *This, LPMAPIUID uid, LPTSTR addr_type,    \
            LPTSTR dll_name, LPSTR preprocess, LPSTR remove_preprocess_info, ULONG flags);         \
    HRESULT (STDMETHODCALLTYPE *NewUID)(I *This, LPMAPIUID out);                                   \
    HRESULT (STDMETHODCALLTYPE *MakeInvalid)(I *This, ULONG flags, LPVOID object, ULONG refs,      \
            ULONG method_count);

/* Spooler, address book, dialogs, copying of messages and folders. */
#define MAPI_IMAPISUPPORT_METHODS2(I)                                                              \
    HRESULT (STDMETHODCALLTYPE *SpoolerYield)(I *This, ULONG flags);                               \
    HRESULT (STDMETHODCALLTYPE *SpoolerNotify)(I *This, ULONG flags, LPVOID data);                 \
    HRESULT (STDMETHODCALLTYPE *CreateOneOff)(I *This, LPTSTR name, LPTSTR addr_type,              \
            LPTSTR address, ULONG flags, ULONG *out_entry_id_size, LPENTRYID *out_entry_id);       \
    HRESULT (STDMETHODCALLTYPE *SetProviderUID)(I *This, LPMAPIUID uid, ULONG flags);              \
    MAPI_COMPAREENTRYIDS_METHOD(I, CompareEntryIDs)                                                \
    HRESULT (STDMETHODCALLTYPE *OpenTemplateID)(I *This, ULONG template_size,                      \
            LPENTRYID template_id, ULONG flags, LPMAPIPROP data, LPCIID iid, LPMAPIPROP *out,      \
            LPMAPIPROP sibling);                                                                   \
    MAPI_OPENENTRY_METHOD(I)                                                                       \
    HRESULT (STDMETHODCALLTYPE *GetOneOffTable)(I *This, ULONG flags, LPMAPITABLE *out);           \
    HRESULT (STDMETHODCALLTYPE *Address)(I *This, ULONG_PTR *ui, LPADRPARM params,                 \
            LPADRLIST *out);                                                                       \
    HRESULT (STDMETHODCALLTYPE *Details)(I *This, ULONG_PTR *ui, LPFNDISMISS dismiss,              \
            LPVOID dismiss_context, ULONG entry_id_size, LPENTRYID entry_id, LPFNBUTTON button,    \
            LPVOID button_context, LPTSTR button_text, ULONG flags);                               \
    HRESULT (STDMETHODCALLTYPE *NewEntry)(I *This, ULONG_PTR ui, ULONG flags,                      \
            ULONG container_size, LPENTRYID container, ULONG template_size, LPENTRYID template_id, \
            ULONG *out_entry_id_size, LPENTRYID *out_entry_id);                                    \
    HRESULT (STDMETHODCALLTYPE *DoConfigPropsheet)(I *This, ULONG_PTR ui, ULONG flags,             \
            LPTSTR title, LPMAPITABLE display_table, LPMAPIPROP config, ULONG top_page);           \
    HRESULT (STDMETHODCALLTYPE *CopyMessages)(I *This, LPCIID src_iid, LPVOID src,                 \
            LPENTRYLIST messages, LPCIID dest_iid, LPVOID dest, ULONG_PTR ui,                      \
            LPMAPIPROGRESS progress, ULONG flags);                                                 \
    HRESULT (STDMETHODCALLTYPE *CopyFolder)(I *This, LPCIID src_iid, LPVOID src,                   \
            ULONG entry_id_size, LPENTRYID entry_id, LPCIID dest_iid, LPVOID dest,                 \
            LPTSTR new_name, ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags);

/* Copying of properties, submission, service configuration. */
#define MAPI_IMAPISUPPORT_METHODS3(I)                                                              \
    HRESULT (STDMETHODCALLTYPE *DoCopyTo)(I *This, LPCIID src_iid, LPVOID src,                     \
            ULONG exclude_iid_count, LPCIID exclude_iids, LPSPropTagArray exclude_tags,            \
            ULONG_PTR ui, LPMAPIPROGRESS progress, LPCIID dest_iid, LPVOID dest, ULONG flags,      \
            LPSPropProblemArray *out_problems);                                                    \
    HRESULT (STDMETHODCALLTYPE *DoCopyProps)(I *This, LPCIID src_iid, LPVOID src,                  \
            LPSPropTagArray tags, ULONG_PTR ui, LPMAPIPROGRESS progress, LPCIID dest_iid,          \
            LPVOID dest, ULONG flags, LPSPropProblemArray *out_problems);                          \
    HRESULT (STDMETHODCALLTYPE *DoProgressDialog)(I *This, ULONG_PTR ui, ULONG flags,              \
            LPMAPIPROGRESS *out);                                                                  \
    HRESULT (STDMETHODCALLTYPE *ReadReceipt)(I *This, ULONG flags, LPMESSAGE message,              \
            LPMESSAGE *receipt);                                                                   \
    HRESULT (STDMETHODCALLTYPE *PrepareSubmit)(I *This, LPMESSAGE message, ULONG *flags);          \
    HRESULT (STDMETHODCALLTYPE *ExpandRecips)(I *This, LPMESSAGE message, ULONG *out_flags);       \
    HRESULT (STDMETHODCALLTYPE *UpdatePAB)(I *This, ULONG flags, LPMESSAGE message);               \
    HRESULT (STDMETHODCALLTYPE *DoSentMail)(I *This, ULONG flags, LPMESSAGE message);              \
    HRESULT (STDMETHODCALLTYPE *OpenAddressBook)(I *This, LPCIID iid, ULONG flags,                 \
            LPADRBOOK *out);                                                                       \
    HRESULT (STDMETHODCALLTYPE *Preprocess)(I *This, ULONG flags, ULONG entry_id_size,             \
            LPENTRYID entry_id);                                                                   \
    HRESULT (STDMETHODCALLTYPE *CompleteMsg)(I *This, ULONG flags, ULONG entry_id_size,            \
            LPENTRYID entry_id);                                                                   \
    HRESULT (STDMETHODCALLTYPE *StoreLogoffTransports)(I *This, ULONG *flags);                     \
    HRESULT (STDMETHODCALLTYPE *StatusRecips)(I *This, LPMESSAGE message, LPADRLIST recipients);   \
    HRESULT (STDMETHODCALLTYPE *WrapStoreEntryID)(I *This, ULONG entry_id_size,                    \
            LPENTRYID entry_id, ULONG *out_size, LPENTRYID *out_wrapped);                          \
    HRESULT (STDMETHODCALLTYPE *ModifyProfile)(I *This, ULONG flags);                              \
    HRESULT (STDMETHODCALLTYPE *IStorageFromStream)(I *This, LPUNKNOWN stream, LPCIID iid,         \
            ULONG flags, LPSTORAGE *out);                                                          \
    HRESULT (STDMETHODCALLTYPE *GetSvcConfigSupportObj)(I *This, ULONG flags, LPMAPISUP *out);

typedef struct IMAPISupportVtbl {
    MAPI_IUNKNOWN_METHODS(IMAPISupport)
    MAPI_IMAPISUPPORT_METHODS1(IMAPISupport)
    MAPI_IMAPISUPPORT_METHODS2(IMAPISupport)
    MAPI_IMAPISUPPORT_METHODS3(IMAPISupport)
} IMAPISupportVtbl;

/* ---- IMSProvider, IMSLogon --------------------------------------------------------------------- */

#define MAPI_IMSPROVIDER_METHODS(I)                                                                \
    HRESULT (STDMETHODCALLTYPE *Shutdown)(I *This, ULONG *flags);                                  \
    HRESULT (STDMETHODCALLTYPE *Logon)(I *This, LPMAPISUP support, ULONG_PTR ui, LPTSTR profile,   \
            ULONG entry_id_size, LPENTRYID entry_id, ULONG flags, LPCIID iid,                      \
            ULONG *out_security_size, LPBYTE *out_security, LPMAPIERROR *out_error,                \
            LPMSLOGON *out_logon, LPMDB *out_store);                                               \
    HRESULT (STDMETHODCALLTYPE *SpoolerLogon)(I *This, LPMAPISUP support, ULONG_PTR ui,            \
            LPTSTR profile, ULONG entry_id_size, LPENTRYID entry_id, ULONG flags, LPCIID iid,      \
            ULONG security_size, LPBYTE security, LPMAPIERROR *out_error, LPMSLOGON *out_logon,    \
            LPMDB *out_store);                                                                     \
    MAPI_COMPAREENTRYIDS_METHOD(I, CompareStoreIDs)

#define MAPI_IMSLOGON_METHODS(I)                                                                   \
    MAPI_GETLASTERROR_METHOD(I)                                                                    \
    HRESULT (STDMETHODCALLTYPE *Logoff)(I *This, ULONG *flags);                                    \
    MAPI_OPENENTRY_METHOD(I)                                                                       \
    MAPI_COMPAREENTRYIDS_METHOD(I, CompareEntryIDs)                                                \
    MAPI_ENTRY_ADVISE_METHODS(I)                                                                   \
    HRESULT (STDMETHODCALLTYPE *OpenStatusEntry)(I *This, LPCIID iid, ULONG flags,                 \
            ULONG *out_type, LPVOID *out);

typedef struct IMSProviderVtbl {
    MAPI_IUNKNOWN_METHODS(IMSProvider)
    MAPI_IMSPROVIDER_METHODS(IMSProvider)
} IMSProviderVtbl;

typedef struct IMSLogonVtbl {
    MAPI_IUNKNOWN_METHODS(IMSLogon)
    MAPI_IMSLOGON_METHODS(IMSLogon)
} IMSLogonVtbl;

struct IMAPISupport { const IMAPISupportVtbl *lpVtbl; };
struct IMSProvider  { const IMSProviderVtbl  *lpVtbl; };
struct IMSLogon     { const IMSLogonVtbl     *lpVtbl; };

/* ---- Entry points of the provider -------------------------------------------------------------- */

/* C's convention, also on x86. */
typedef HRESULT (STDMAPIINITCALLTYPE MSPROVIDERINIT)(HINSTANCE instance, LPMALLOC malloc_object,
        LPALLOCATEBUFFER allocate_buffer, LPALLOCATEMORE allocate_more, LPFREEBUFFER free_buffer,
        ULONG flags, ULONG mapi_version, ULONG *out_provider_version, LPMSPROVIDER *out_provider);

/* stdcall on x86, unlike the one above. */
typedef HRESULT (STDAPICALLTYPE MSGSERVICEENTRY)(HINSTANCE instance, LPMALLOC malloc_object,
        LPMAPISUP support, ULONG_PTR ui, ULONG flags, ULONG context, ULONG count,
        LPSPropValue values, LPPROVIDERADMIN admin, LPMAPIERROR *out_error);
typedef MSGSERVICEENTRY *LPMSGSERVICEENTRY;

MSPROVIDERINIT MSProviderInit;

/* clang-format on */

#ifdef __cplusplus
}
#endif

#endif /* MAPISPI_H */
