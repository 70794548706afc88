/* SPDX-License-Identifier: MIT */
/*
 * mapiface.h - MAPI's object interfaces: properties, containers, messages, tables, sinks.
 *
 * The methods of each interface are listed once, in slot order, as a macro over the type of
 * `This`; a derived interface lists its bases in front. Part of mapidefs.h.
 */
#ifndef MAILKEEP_MAPIFACE_H
#define MAILKEEP_MAPIFACE_H

#include "mapi/mapidefs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */

#define MAPI_IUNKNOWN_METHODS(I)                                                                   \
    HRESULT (STDMETHODCALLTYPE *QueryInterface)(I *This, REFIID iid, LPVOID *out);                 \
    ULONG (STDMETHODCALLTYPE *AddRef)(I *This);                                                    \
    ULONG (STDMETHODCALLTYPE *Release)(I *This);

#define MAPI_GETLASTERROR_METHOD(I)                                                                \
    HRESULT (STDMETHODCALLTYPE *GetLastError)(I *This, HRESULT hr, ULONG flags, LPMAPIERROR *out);

/* ---- IMAPIAdviseSink, IMAPIProgress, shutdown, IMAPIControl ------------------------------------ */

#define MAPI_IMAPIADVISESINK_METHODS(I)                                                            \
    ULONG (STDMETHODCALLTYPE *OnNotify)(I *This, ULONG count, LPNOTIFICATION events);

#define MAPI_IMAPIPROGRESS_METHODS(I)                                                              \
    HRESULT (STDMETHODCALLTYPE *Progress)(I *This, ULONG value, ULONG count, ULONG total);         \
    HRESULT (STDMETHODCALLTYPE *GetFlags)(I *This, ULONG *out_flags);                              \
    HRESULT (STDMETHODCALLTYPE *GetMax)(I *This, ULONG *out_max);                                  \
    HRESULT (STDMETHODCALLTYPE *GetMin)(I *This, ULONG *out_min);                                  \
    HRESULT (STDMETHODCALLTYPE *SetLimits)(I *This, LPULONG min, LPULONG max, LPULONG flags);

#define MAPI_IMAPICLIENTSHUTDOWN_METHODS(I)                                                        \
    HRESULT (STDMETHODCALLTYPE *QueryFastShutdown)(I *This);                                       \
    HRESULT (STDMETHODCALLTYPE *NotifyProcessShutdown)(I *This);                                   \
    HRESULT (STDMETHODCALLTYPE *DoFastShutdown)(I *This);

#define MAPI_IMAPIPROVIDERSHUTDOWN_METHODS(I) MAPI_IMAPICLIENTSHUTDOWN_METHODS(I)

#define MAPI_IMAPICONTROL_METHODS(I)                                                               \
    MAPI_GETLASTERROR_METHOD(I)                                                                    \
    HRESULT (STDMETHODCALLTYPE *Activate)(I *This, ULONG flags, ULONG_PTR ui);                     \
    HRESULT (STDMETHODCALLTYPE *GetState)(I *This, ULONG flags, ULONG *out_state);

/* ---- IMAPIProp --------------------------------------------------------------------------------- */

#define MAPI_IMAPIPROP_METHODS(I)                                                                  \
    MAPI_GETLASTERROR_METHOD(I)                                                                    \
    HRESULT (STDMETHODCALLTYPE *SaveChanges)(I *This, ULONG flags);                                \
    HRESULT (STDMETHODCALLTYPE *GetProps)(I *This, LPSPropTagArray tags, ULONG flags,              \
            ULONG *out_count, LPSPropValue *out_values);                                           \
    HRESULT (STDMETHODCALLTYPE *GetPropList)(I *This, ULONG flags, LPSPropTagArray *out_tags);     \
    HRESULT (STDMETHODCALLTYPE *OpenProperty)(I *This, ULONG tag, LPCIID iid,                      \
            ULONG iface_options, ULONG flags, LPUNKNOWN *out);                                     \
    HRESULT (STDMETHODCALLTYPE *SetProps)(I *This, ULONG count, LPSPropValue values,               \
            LPSPropProblemArray *out_problems);                                                    \
    HRESULT (STDMETHODCALLTYPE *DeleteProps)(I *This, LPSPropTagArray tags,                        \
            LPSPropProblemArray *out_problems);                                                    \
    HRESULT (STDMETHODCALLTYPE *CopyTo)(I *This, ULONG exclude_iid_count, LPCIID exclude_iids,     \
            LPSPropTagArray exclude_tags, ULONG_PTR ui, LPMAPIPROGRESS progress, LPCIID iid,       \
            LPVOID dest, ULONG flags, LPSPropProblemArray *out_problems);                          \
    HRESULT (STDMETHODCALLTYPE *CopyProps)(I *This, LPSPropTagArray tags, ULONG_PTR ui,            \
            LPMAPIPROGRESS progress, LPCIID iid, LPVOID dest, ULONG flags,                         \
            LPSPropProblemArray *out_problems);                                                    \
    HRESULT (STDMETHODCALLTYPE *GetNamesFromIDs)(I *This, LPSPropTagArray *tags, LPGUID prop_set,  \
            ULONG flags, ULONG *out_count, LPMAPINAMEID **out_names);                              \
    HRESULT (STDMETHODCALLTYPE *GetIDsFromNames)(I *This, ULONG count, LPMAPINAMEID *names,        \
            ULONG flags, LPSPropTagArray *out_tags);

/* ---- IMAPITable -------------------------------------------------------------------------------- */

#define MAPI_IMAPITABLE_METHODS(I)                                                                 \
    MAPI_GETLASTERROR_METHOD(I)                                                                    \
    HRESULT (STDMETHODCALLTYPE *Advise)(I *This, ULONG event_mask, LPMAPIADVISESINK sink,          \
            ULONG_PTR *out_connection);                                                            \
    HRESULT (STDMETHODCALLTYPE *Unadvise)(I *This, ULONG_PTR connection);                          \
    HRESULT (STDMETHODCALLTYPE *GetStatus)(I *This, ULONG *out_status, ULONG *out_type);           \
    HRESULT (STDMETHODCALLTYPE *SetColumns)(I *This, LPSPropTagArray tags, ULONG flags);           \
    HRESULT (STDMETHODCALLTYPE *QueryColumns)(I *This, ULONG flags, LPSPropTagArray *out_tags);    \
    HRESULT (STDMETHODCALLTYPE *GetRowCount)(I *This, ULONG flags, ULONG *out_count);              \
    HRESULT (STDMETHODCALLTYPE *SeekRow)(I *This, BOOKMARK origin, LONG rows,                      \
            LONG *out_rows_sought);                                                                \
    HRESULT (STDMETHODCALLTYPE *SeekRowApprox)(I *This, ULONG numerator, ULONG denominator);       \
    HRESULT (STDMETHODCALLTYPE *QueryPosition)(I *This, ULONG *out_row, ULONG *out_numerator,      \
            ULONG *out_denominator);                                                               \
    HRESULT (STDMETHODCALLTYPE *FindRow)(I *This, LPSRestriction restriction, BOOKMARK origin,     \
            ULONG flags);                                                                          \
    HRESULT (STDMETHODCALLTYPE *Restrict)(I *This, LPSRestriction restriction, ULONG flags);       \
    HRESULT (STDMETHODCALLTYPE *CreateBookmark)(I *This, BOOKMARK *out);                           \
    HRESULT (STDMETHODCALLTYPE *FreeBookmark)(I *This, BOOKMARK bookmark);                         \
    HRESULT (STDMETHODCALLTYPE *SortTable)(I *This, LPSSortOrderSet order, ULONG flags);           \
    HRESULT (STDMETHODCALLTYPE *QuerySortOrder)(I *This, LPSSortOrderSet *out);                    \
    HRESULT (STDMETHODCALLTYPE *QueryRows)(I *This, LONG count, ULONG flags, LPSRowSet *out_rows); \
    HRESULT (STDMETHODCALLTYPE *Abort)(I *This);                                                   \
    HRESULT (STDMETHODCALLTYPE *ExpandRow)(I *This, ULONG key_size, LPBYTE key, ULONG count,       \
            ULONG flags, LPSRowSet *out_rows, ULONG *out_more);                                    \
    HRESULT (STDMETHODCALLTYPE *CollapseRow)(I *This, ULONG key_size, LPBYTE key, ULONG flags,     \
            ULONG *out_count);                                                                     \
    HRESULT (STDMETHODCALLTYPE *WaitForCompletion)(I *This, ULONG flags, ULONG timeout,            \
            ULONG *out_status);                                                                    \
    HRESULT (STDMETHODCALLTYPE *GetCollapseState)(I *This, ULONG flags, ULONG key_size,            \
            LPBYTE key, ULONG *out_size, LPBYTE *out_state);                                       \
    HRESULT (STDMETHODCALLTYPE *SetCollapseState)(I *This, ULONG flags, ULONG size, LPBYTE state,  \
            BOOKMARK *out);

/* ---- IMAPIStatus ------------------------------------------------------------------------------- */

#define MAPI_IMAPISTATUS_METHODS(I)                                                                \
    HRESULT (STDMETHODCALLTYPE *ValidateState)(I *This, ULONG_PTR ui, ULONG flags);                \
    HRESULT (STDMETHODCALLTYPE *SettingsDialog)(I *This, ULONG_PTR ui, ULONG flags);               \
    HRESULT (STDMETHODCALLTYPE *ChangePassword)(I *This, LPTSTR old_pass, LPTSTR new_pass,         \
            ULONG flags);                                                                          \
    HRESULT (STDMETHODCALLTYPE *FlushQueues)(I *This, ULONG_PTR ui, ULONG transport_size,          \
            LPENTRYID transport, ULONG flags);

/* ---- IMAPIContainer, IMAPIFolder --------------------------------------------------------------- */

#define MAPI_OPENENTRY_METHOD(I)                                                                   \
    HRESULT (STDMETHODCALLTYPE *OpenEntry)(I *This, ULONG entry_id_size, LPENTRYID entry_id,       \
            LPCIID iid, ULONG flags, ULONG *out_type, LPUNKNOWN *out);

#define MAPI_IMAPICONTAINER_METHODS(I)                                                             \
    HRESULT (STDMETHODCALLTYPE *GetContentsTable)(I *This, ULONG flags, LPMAPITABLE *out);         \
    HRESULT (STDMETHODCALLTYPE *GetHierarchyTable)(I *This, ULONG flags, LPMAPITABLE *out);        \
    MAPI_OPENENTRY_METHOD(I)                                                                       \
    HRESULT (STDMETHODCALLTYPE *SetSearchCriteria)(I *This, LPSRestriction restriction,            \
            LPENTRYLIST containers, ULONG flags);                                                  \
    HRESULT (STDMETHODCALLTYPE *GetSearchCriteria)(I *This, ULONG flags,                           \
            LPSRestriction *out_restriction, LPENTRYLIST *out_containers, ULONG *out_state);

#define MAPI_IMAPIFOLDER_METHODS(I)                                                                \
    HRESULT (STDMETHODCALLTYPE *CreateMessage)(I *This, LPCIID iid, ULONG flags, LPMESSAGE *out);  \
    HRESULT (STDMETHODCALLTYPE *CopyMessages)(I *This, LPENTRYLIST messages, LPCIID iid,           \
            LPVOID dest, ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags);                      \
    HRESULT (STDMETHODCALLTYPE *DeleteMessages)(I *This, LPENTRYLIST messages, ULONG_PTR ui,       \
            LPMAPIPROGRESS progress, ULONG flags);                                                 \
    HRESULT (STDMETHODCALLTYPE *CreateFolder)(I *This, ULONG type, LPTSTR name, LPTSTR comment,    \
            LPCIID iid, ULONG flags, LPMAPIFOLDER *out);                                           \
    HRESULT (STDMETHODCALLTYPE *CopyFolder)(I *This, ULONG entry_id_size, LPENTRYID entry_id,      \
            LPCIID iid, LPVOID dest, LPTSTR new_name, ULONG_PTR ui, LPMAPIPROGRESS progress,       \
            ULONG flags);                                                                          \
    HRESULT (STDMETHODCALLTYPE *DeleteFolder)(I *This, ULONG entry_id_size, LPENTRYID entry_id,    \
            ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags);                                   \
    HRESULT (STDMETHODCALLTYPE *SetReadFlags)(I *This, LPENTRYLIST messages, ULONG_PTR ui,         \
            LPMAPIPROGRESS progress, ULONG flags);                                                 \
    HRESULT (STDMETHODCALLTYPE *GetMessageStatus)(I *This, ULONG entry_id_size,                    \
            LPENTRYID entry_id, ULONG flags, ULONG *out_status);                                   \
    HRESULT (STDMETHODCALLTYPE *SetMessageStatus)(I *This, ULONG entry_id_size,                    \
            LPENTRYID entry_id, ULONG status, ULONG mask, ULONG *out_old);                         \
    HRESULT (STDMETHODCALLTYPE *SaveContentsSort)(I *This, LPSSortOrderSet order, ULONG flags);    \
    HRESULT (STDMETHODCALLTYPE *EmptyFolder)(I *This, ULONG_PTR ui, LPMAPIPROGRESS progress,       \
            ULONG flags);

/* ---- IMsgStore --------------------------------------------------------------------------------- */

#define MAPI_COMPAREENTRYIDS_METHOD(I, name)                                                       \
    HRESULT (STDMETHODCALLTYPE *name)(I *This, ULONG size1, LPENTRYID entry_id1, ULONG size2,      \
            LPENTRYID entry_id2, ULONG flags, ULONG *out_equal);

#define MAPI_ENTRY_ADVISE_METHODS(I)                                                               \
    HRESULT (STDMETHODCALLTYPE *Advise)(I *This, ULONG entry_id_size, LPENTRYID entry_id,          \
            ULONG event_mask, LPMAPIADVISESINK sink, ULONG_PTR *out_connection);                   \
    HRESULT (STDMETHODCALLTYPE *Unadvise)(I *This, ULONG_PTR connection);

#define MAPI_IMSGSTORE_METHODS(I)                                                                  \
    MAPI_ENTRY_ADVISE_METHODS(I)                                                                   \
    MAPI_COMPAREENTRYIDS_METHOD(I, CompareEntryIDs)                                                \
    MAPI_OPENENTRY_METHOD(I)                                                                       \
    HRESULT (STDMETHODCALLTYPE *SetReceiveFolder)(I *This, LPTSTR message_class, ULONG flags,      \
            ULONG entry_id_size, LPENTRYID entry_id);                                              \
    HRESULT (STDMETHODCALLTYPE *GetReceiveFolder)(I *This, LPTSTR message_class, ULONG flags,      \
            ULONG *out_entry_id_size, LPENTRYID *out_entry_id, LPTSTR *out_explicit_class);        \
    HRESULT (STDMETHODCALLTYPE *GetReceiveFolderTable)(I *This, ULONG flags, LPMAPITABLE *out);    \
    HRESULT (STDMETHODCALLTYPE *StoreLogoff)(I *This, ULONG *flags);                               \
    HRESULT (STDMETHODCALLTYPE *AbortSubmit)(I *This, ULONG entry_id_size, LPENTRYID entry_id,     \
            ULONG flags);                                                                          \
    HRESULT (STDMETHODCALLTYPE *GetOutgoingQueue)(I *This, ULONG flags, LPMAPITABLE *out);         \
    HRESULT (STDMETHODCALLTYPE *SetLockState)(I *This, LPMESSAGE message, ULONG lock_state);       \
    HRESULT (STDMETHODCALLTYPE *FinishedMsg)(I *This, ULONG flags, ULONG entry_id_size,            \
            LPENTRYID entry_id);                                                                   \
    HRESULT (STDMETHODCALLTYPE *NotifyNewMail)(I *This, LPNOTIFICATION event);

/* ---- IMessage ---------------------------------------------------------------------------------- */

#define MAPI_IMESSAGE_METHODS(I)                                                                   \
    HRESULT (STDMETHODCALLTYPE *GetAttachmentTable)(I *This, ULONG flags, LPMAPITABLE *out);       \
    HRESULT (STDMETHODCALLTYPE *OpenAttach)(I *This, ULONG number, LPCIID iid, ULONG flags,        \
            LPATTACH *out);                                                                        \
    HRESULT (STDMETHODCALLTYPE *CreateAttach)(I *This, LPCIID iid, ULONG flags,                    \
            ULONG *out_number, LPATTACH *out);                                                     \
    HRESULT (STDMETHODCALLTYPE *DeleteAttach)(I *This, ULONG number, ULONG_PTR ui,                 \
            LPMAPIPROGRESS progress, ULONG flags);                                                 \
    HRESULT (STDMETHODCALLTYPE *GetRecipientTable)(I *This, ULONG flags, LPMAPITABLE *out);        \
    HRESULT (STDMETHODCALLTYPE *ModifyRecipients)(I *This, ULONG flags, LPADRLIST mods);           \
    HRESULT (STDMETHODCALLTYPE *SubmitMessage)(I *This, ULONG flags);                              \
    HRESULT (STDMETHODCALLTYPE *SetReadFlag)(I *This, ULONG flags);

/* ---- IProviderAdmin ---------------------------------------------------------------------------- */

#define MAPI_OPENPROFILESECTION_METHOD(I)                                                          \
    HRESULT (STDMETHODCALLTYPE *OpenProfileSection)(I *This, LPMAPIUID uid, LPCIID iid,            \
            ULONG flags, LPPROFSECT *out);

#define MAPI_IPROVIDERADMIN_METHODS(I)                                                             \
    MAPI_GETLASTERROR_METHOD(I)                                                                    \
    HRESULT (STDMETHODCALLTYPE *GetProviderTable)(I *This, ULONG flags, LPMAPITABLE *out);         \
    HRESULT (STDMETHODCALLTYPE *CreateProvider)(I *This, LPTSTR provider, ULONG count,             \
            LPSPropValue values, ULONG_PTR ui, ULONG flags, MAPIUID *out_uid);                     \
    HRESULT (STDMETHODCALLTYPE *DeleteProvider)(I *This, LPMAPIUID uid);                           \
    MAPI_OPENPROFILESECTION_METHOD(I)

/* ---- The tables -------------------------------------------------------------------------------- */

typedef struct IMAPIAdviseSinkVtbl {
    MAPI_IUNKNOWN_METHODS(IMAPIAdviseSink)
    MAPI_IMAPIADVISESINK_METHODS(IMAPIAdviseSink)
} IMAPIAdviseSinkVtbl;

typedef struct IMAPIProgressVtbl {
    MAPI_IUNKNOWN_METHODS(IMAPIProgress)
    MAPI_IMAPIPROGRESS_METHODS(IMAPIProgress)
} IMAPIProgressVtbl;

typedef struct IMAPIClientShutdownVtbl {
    MAPI_IUNKNOWN_METHODS(IMAPIClientShutdown)
    MAPI_IMAPICLIENTSHUTDOWN_METHODS(IMAPIClientShutdown)
} IMAPIClientShutdownVtbl;

typedef struct IMAPIProviderShutdownVtbl {
    MAPI_IUNKNOWN_METHODS(IMAPIProviderShutdown)
    MAPI_IMAPIPROVIDERSHUTDOWN_METHODS(IMAPIProviderShutdown)
} IMAPIProviderShutdownVtbl;

typedef struct IMAPIControlVtbl {
    MAPI_IUNKNOWN_METHODS(IMAPIControl)
    MAPI_IMAPICONTROL_METHODS(IMAPIControl)
} IMAPIControlVtbl;

typedef struct IMAPIPropVtbl {
    MAPI_IUNKNOWN_METHODS(IMAPIProp)
    MAPI_IMAPIPROP_METHODS(IMAPIProp)
} IMAPIPropVtbl;

typedef struct IProfSectVtbl {
    MAPI_IUNKNOWN_METHODS(IProfSect)
    MAPI_IMAPIPROP_METHODS(IProfSect)
} IProfSectVtbl;

typedef struct IMAPITableVtbl {
    MAPI_IUNKNOWN_METHODS(IMAPITable)
    MAPI_IMAPITABLE_METHODS(IMAPITable)
} IMAPITableVtbl;

typedef struct IMAPIStatusVtbl {
    MAPI_IUNKNOWN_METHODS(IMAPIStatus)
    MAPI_IMAPIPROP_METHODS(IMAPIStatus)
    MAPI_IMAPISTATUS_METHODS(IMAPIStatus)
} IMAPIStatusVtbl;

typedef struct IMAPIContainerVtbl {
    MAPI_IUNKNOWN_METHODS(IMAPIContainer)
    MAPI_IMAPIPROP_METHODS(IMAPIContainer)
    MAPI_IMAPICONTAINER_METHODS(IMAPIContainer)
} IMAPIContainerVtbl;

typedef struct IMAPIFolderVtbl {
    MAPI_IUNKNOWN_METHODS(IMAPIFolder)
    MAPI_IMAPIPROP_METHODS(IMAPIFolder)
    MAPI_IMAPICONTAINER_METHODS(IMAPIFolder)
    MAPI_IMAPIFOLDER_METHODS(IMAPIFolder)
} IMAPIFolderVtbl;

typedef struct IMsgStoreVtbl {
    MAPI_IUNKNOWN_METHODS(IMsgStore)
    MAPI_IMAPIPROP_METHODS(IMsgStore)
    MAPI_IMSGSTORE_METHODS(IMsgStore)
} IMsgStoreVtbl;

typedef struct IMessageVtbl {
    MAPI_IUNKNOWN_METHODS(IMessage)
    MAPI_IMAPIPROP_METHODS(IMessage)
    MAPI_IMESSAGE_METHODS(IMessage)
} IMessageVtbl;

typedef struct IAttachVtbl {
    MAPI_IUNKNOWN_METHODS(IAttach)
    MAPI_IMAPIPROP_METHODS(IAttach)
} IAttachVtbl;

typedef struct IProviderAdminVtbl {
    MAPI_IUNKNOWN_METHODS(IProviderAdmin)
    MAPI_IPROVIDERADMIN_METHODS(IProviderAdmin)
} IProviderAdminVtbl;

struct IMAPIAdviseSink       { const IMAPIAdviseSinkVtbl       *lpVtbl; };
struct IMAPIProgress         { const IMAPIProgressVtbl         *lpVtbl; };
struct IMAPIClientShutdown   { const IMAPIClientShutdownVtbl   *lpVtbl; };
struct IMAPIProviderShutdown { const IMAPIProviderShutdownVtbl *lpVtbl; };
struct IMAPIControl          { const IMAPIControlVtbl          *lpVtbl; };
struct IMAPIProp             { const IMAPIPropVtbl             *lpVtbl; };
struct IProfSect             { const IProfSectVtbl             *lpVtbl; };
struct IMAPITable            { const IMAPITableVtbl            *lpVtbl; };
struct IMAPIStatus           { const IMAPIStatusVtbl           *lpVtbl; };
struct IMAPIContainer        { const IMAPIContainerVtbl        *lpVtbl; };
struct IMAPIFolder           { const IMAPIFolderVtbl           *lpVtbl; };
struct IMsgStore             { const IMsgStoreVtbl             *lpVtbl; };
struct IMessage              { const IMessageVtbl              *lpVtbl; };
struct IAttach               { const IAttachVtbl               *lpVtbl; };
struct IProviderAdmin        { const IProviderAdminVtbl        *lpVtbl; };

/* clang-format on */

#ifdef __cplusplus
}
#endif

#endif /* MAILKEEP_MAPIFACE_H */
