/* SPDX-License-Identifier: MIT */
/*
 * host_session.h - a MAPI session around one provider library: load, configure, log on, log off.
 *
 * A session has its own provider object (MSProviderInit), its own world of support objects, and one
 * arena of memory. Stores handed out belong to the caller, who releases them whenever he likes,
 * also after host_session_logoff.
 */
#ifndef HOST_SESSION_H
#define HOST_SESSION_H

#include "host_error.h"
#include "host_support.h"

/* The property of Mailkeep's profile section that names the store file. */
#define HOST_PR_STORE_PATH PROP_TAG(PT_UNICODE, 0x6600)

struct host_session {
    struct host_world world;
    struct host_malloc heap;
    struct host_profile *profile; /* not owned */
    struct host_lib *lib;
    char dll_path[1024]; /* the file that was loaded */
    IMSProvider *provider;
    ULONG provider_version;
    ULONG init_flags;          /* for MSProviderInit: 0 or MAPI_NT_SERVICE */
    ULONG mapi_version;        /* CURRENT_SPI_VERSION */
    ULONG last_logon_flags;    /* of the last Logon or SpoolerLogon call */
    bool service_disabled;     /* a Logon failed with more than MAPI_E_FAILONEPROVIDER */
    unsigned configured_again; /* MSG_SERVICE_CONFIGURE calls after MAPI_E_UNCONFIGURED */
    char error[512];           /* the last failure as a sentence */
    LPBYTE security;           /* what the last Logon gave for the spooler; ours */
    ULONG security_size;
};

struct host_logon {
    const MAPIUID *section;  /* NULL: the first store provider's section of the profile */
    ULONG flags;             /* MDB_WRITE, MDB_NO_DIALOG, ... MAPI_UNICODE is added */
    const ENTRYID *entry_id; /* wrapped or not; NULL: the profile decides */
    ULONG entry_id_size;
    LPCIID iid;
    bool spooler;      /* SpoolerLogon, with the security bytes of the last Logon */
    bool no_configure; /* do not call the service entry on MAPI_E_UNCONFIGURED */
};

void host_session_init(struct host_session *session, struct host_profile *profile, unsigned arena);
/* Gives back what the session still holds and counts breaches: leaked memory of the arena, IMalloc
 * references, support objects. Sentences on stderr. Returns the number of breaches. */
unsigned host_session_done(struct host_session *session);

/* Loads the library that the profile registers, and calls MSProviderInit. Does nothing when loaded.
 */
HRESULT host_session_load(struct host_session *session);
/* Calls the service entry (PR_SERVICE_ENTRY_NAME) of the registered library, loading it for the
 * time of the call. `values` only for MSG_SERVICE_CONFIGURE. */
HRESULT host_session_service(
        struct host_session *session, ULONG context, ULONG flags, ULONG count, SPropValue *values);
/* MSG_SERVICE_CONFIGURE with a store path, without a dialog. */
HRESULT host_session_configure(struct host_session *session, const char *store_path);

/* MSG_SERVICE_DELETE, and then the service's sections go (IMsgServiceAdmin::DeleteMsgService). They
 * stay when the entry refuses. */
HRESULT host_session_delete_service(struct host_session *session);

/* IMAPISession::OpenMsgStore. `out_support` may be NULL; it is the support object of a new logon,
 * NULL for a store that was open already. Follows the documented sequence: unwraps the id, retries
 * once after MAPI_E_UNCONFIGURED, disables the service for this session on most errors. */
HRESULT host_session_logon(struct host_session *session, const struct host_logon *params,
        IMsgStore **out_store, struct host_support **out_support);
/* Open for mail and for writing, no dialogs; missing special folders are made. */
HRESULT host_session_open(struct host_session *session, IMsgStore **out_store);

/* Makes the special folders that PR_VALID_FOLDER_MASK misses, as MAPI does after opening a store
 * for mail (not with MDB_NO_MAIL). */
HRESULT host_session_make_folders(
        struct host_session *session, IMsgStore *store, unsigned *out_made);

/* IMAPISession::OpenEntry, CompareEntryIDs and Advise: to the logon whose UID the id holds. */
HRESULT host_session_open_entry(struct host_session *session, ULONG size, LPENTRYID entry_id,
        LPCIID iid, ULONG flags, ULONG *out_type, LPUNKNOWN *out);
HRESULT host_session_compare(struct host_session *session, ULONG size1, LPENTRYID entry_id1,
        ULONG size2, LPENTRYID entry_id2, ULONG *out_equal);
/* The status object of a logon, by its support object. */
HRESULT host_session_open_status(
        struct host_session *session, struct host_support *support, ULONG flags, IMAPIStatus **out);

/* Logs off every logon (Logoff, then Release of the logon), Shutdown, provider Release,
 * FreeLibrary, while clients may hold anything. A failing step is a breach. */
void host_session_logoff(struct host_session *session);
/* The other end: provider Release without Shutdown, then FreeLibrary. Logons that are still there
 * are logged off first, as in host_session_logoff. */
void host_session_forget(struct host_session *session);
/* QueryFastShutdown, NotifyProcessShutdown, DoFastShutdown. After S_OK the process must end; in
 * tests the session may only be abandoned with host_session_abandon. */
HRESULT host_session_fast_shutdown(struct host_session *session);
/* What is left of a session after fast shutdown or a "kill": nothing is called any more. */
void host_session_abandon(struct host_session *session);

#endif
