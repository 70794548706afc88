/* SPDX-License-Identifier: MIT */
/*
 * host_support.h - IMAPISupport as MAPI gives it to a provider, with a log and scripted failures.
 *
 * A fake, not a mock: every method does what MAPI does as far as a store provider can see. Tests
 * read the log, let the nth call of a method fail, and may run code inside a call.
 *
 * References: host_support_new returns one, the host's. After IMSProvider::Logon the host gives its
 * own back (host_support_release); a Logon that did not AddRef loses the object there. The last
 * Release does what MAPI does: it takes the provider's UIDs and status row away, calls
 * IMSLogon::Logoff and releases the logon object, on the caller's stack. The structure itself stays
 * readable until host_world_done, and any later call through it is a breach.
 *
 * Locks: `lock` guards the log and the script, a leaf.
 */
#ifndef HOST_SUPPORT_H
#define HOST_SUPPORT_H

#include "host_world.h"

enum host_method {
    HOST_QueryInterface,
    HOST_AddRef,
    HOST_Release,
    HOST_GetLastError,
    HOST_GetMemAllocRoutines,
    HOST_Subscribe,
    HOST_Unsubscribe,
    HOST_Notify,
    HOST_ModifyStatusRow,
    HOST_OpenProfileSection,
    HOST_RegisterPreprocessor,
    HOST_NewUID,
    HOST_MakeInvalid,
    HOST_SpoolerYield,
    HOST_SpoolerNotify,
    HOST_CreateOneOff,
    HOST_SetProviderUID,
    HOST_CompareEntryIDs,
    HOST_OpenTemplateID,
    HOST_OpenEntry,
    HOST_GetOneOffTable,
    HOST_Address,
    HOST_Details,
    HOST_NewEntry,
    HOST_DoConfigPropsheet,
    HOST_CopyMessages,
    HOST_CopyFolder,
    HOST_DoCopyTo,
    HOST_DoCopyProps,
    HOST_DoProgressDialog,
    HOST_ReadReceipt,
    HOST_PrepareSubmit,
    HOST_ExpandRecips,
    HOST_UpdatePAB,
    HOST_DoSentMail,
    HOST_OpenAddressBook,
    HOST_Preprocess,
    HOST_CompleteMsg,
    HOST_StoreLogoffTransports,
    HOST_StatusRecips,
    HOST_WrapStoreEntryID,
    HOST_ModifyProfile,
    HOST_IStorageFromStream,
    HOST_GetSvcConfigSupportObj,
    /* what the host itself did to the provider, in the same log */
    HOST_did_Logoff,
    HOST_did_release_logon,
    HOST_METHOD_COUNT
};

enum host_support_kind {
    HOST_SUPPORT_STORE,   /* for IMSProvider::Logon and SpoolerLogon */
    HOST_SUPPORT_SERVICE, /* for a service entry: valid only until it returns */
};

/* One call, as it was made and answered. */
struct host_call {
    enum host_method method;
    HRESULT hr;
    ULONG flags;     /* the flags argument as it came in */
    ULONG flags_out; /* ... as it went out, for in-out flags; Release: the new count */
    uintptr_t arg;   /* a count, connection number or pointer, see host_support.c */
    uintptr_t thread;
    MAPIUID uid; /* SetProviderUID, OpenProfileSection */
};

struct host_script {
    HRESULT hr;
    unsigned nth; /* calls to go; 0: not armed */
};

#define HOST_UID_MAX 8

struct host_support {
    IMAPISupport IMAPISupport_iface;
    struct host_support *next;
    struct host_world *world;
    enum host_support_kind kind;
    MAPIUID section; /* the provider's own profile section */
    _Atomic long refs;
    _Atomic bool dead; /* the last Release has been */
    bool is_spooler;
    struct host_lock lock;
    IMSLogon *logon;  /* one reference; NULL when not bound or given back */
    IMsgStore *store; /* no reference: the store of this logon, NULL when unknown */
    MAPIUID uids[HOST_UID_MAX];
    unsigned uid_count;
    struct host_call *calls;
    size_t call_count, call_room;
    struct host_script script[HOST_METHOD_COUNT];
    /* Called at the start of each method, outside locks; may do anything, also call back in. */
    void (*on_call)(struct host_support *support, enum host_method method, void *context);
    void *on_call_context;
    ULONG logoff_result;  /* what StoreLogoffTransports reports; LOGOFF_COMPLETE */
    ULONG expand_result;  /* what ExpandRecips reports */
    bool keep_transports; /* other processes hold the store: the call is ignored */
};

struct host_support *host_support_new(
        struct host_world *world, enum host_support_kind kind, const MAPIUID *section);
IMAPISupport *host_support_iface(struct host_support *support);
/* Takes over the reference of the logon object that Logon returned, and remembers the store. */
void host_support_bind(struct host_support *support, IMSLogon *logon, IMsgStore *store);
/* Takes the logon away again, for a session logoff, which calls Logoff itself. NULL: there is none.
 */
IMSLogon *host_support_unbind(struct host_support *support);
/* A reference of the bound logon for the length of a call; NULL: there is none. */
IMSLogon *host_support_logon(struct host_support *support);
long host_support_refs(struct host_support *support);
/* The host's own reference; not logged. Returns the new count. */
long host_support_release(struct host_support *support);

/* ---- Log ---- */

size_t host_support_calls(struct host_support *support, enum host_method method);
/* A copy of the nth call (from 0) of the method; false when there were fewer. */
bool host_support_call(
        struct host_support *support, enum host_method method, size_t nth, struct host_call *out);
/* Position in the log of the nth call, for order; SIZE_MAX when there were fewer. */
size_t host_support_position(struct host_support *support, enum host_method method, size_t nth);
size_t host_support_log_size(struct host_support *support);
void host_support_log_clear(struct host_support *support);
void host_support_log_print(struct host_support *support, FILE *out);
const char *host_method_name(enum host_method method);

/* ---- Script ---- */

/* The nth call from now (1: the next) of the method does nothing and returns hr, once. */
void host_support_fail(
        struct host_support *support, enum host_method method, HRESULT hr, unsigned nth);

/* ---- Used between the parts of the support object ---- */

struct host_support *host_support_from_iface(IMAPISupport *iface);
/* Starts a call: log entry, breach when dead, hook, script. False: *out_hr is the answer. */
bool host_support_enter(struct host_support *support, struct host_call *call, HRESULT *out_hr);
/* Ends it: puts it in the log. Returns hr. */
HRESULT host_support_leave(struct host_support *support, struct host_call *call, HRESULT hr);
/* Frees everything; only host_world_done calls it. */
void host_support_free(struct host_support *support);
void host_status_row_drop(struct host_support *support);

/* ---- Wrapped store entry ids (wrapstoreentryid) ---- */

/* Flags, MUIDSTOREWRAP, two zero bytes, DLL name with terminator, padding to four, the store's id.
 * The block is the arena's. */
HRESULT host_wrap_entry_id(unsigned arena, const char *dll_name, ULONG size,
        const ENTRYID *entry_id, ULONG *out_size, LPENTRYID *out);
/* Where the inner id starts and the name's place in the wrapped one; false: not a wrapped id. */
bool host_unwrap_entry_id(ULONG size, const ENTRYID *wrapped, ULONG *out_size,
        const ENTRYID **out_inner, const char **out_dll_name);

/* ---- Routing by provider UID ---- */

/* The first registered support object whose UID the id holds; NULL when there is none. */
struct host_support *host_world_route(
        struct host_world *world, ULONG size, const ENTRYID *entry_id);

/* Its logon with a reference for the length of a call; NULL: nobody is responsible. */
IMSLogon *host_world_logon(struct host_world *world, ULONG size, const ENTRYID *entry_id);

/* OpenEntry and CompareEntryIDs of a session: what no open store is responsible for is
 * MAPI_E_UNKNOWN_ENTRYID; ids of two stores are different. */
HRESULT host_world_open_entry(struct host_world *world, ULONG size, LPENTRYID entry_id, LPCIID iid,
        ULONG flags, ULONG *out_type, LPUNKNOWN *out);
HRESULT host_world_compare(struct host_world *world, ULONG size1, LPENTRYID entry_id1, ULONG size2,
        LPENTRYID entry_id2, ULONG *out_equal);

/* The table of methods, filled in host_support_vtbl.c. */
extern const IMAPISupportVtbl host_support_vtbl;

#endif
