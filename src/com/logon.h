/* SPDX-License-Identifier: MIT */
/*
 * logon.h - IMSLogon: one open store of one session, and what all its objects share.
 */
#ifndef MSP_COM_LOGON_H
#define MSP_COM_LOGON_H

#include "com/object.h"
#include "engine/eng.h"
#include "mapi/entryid.h"
#include "mapi/mapibuf.h"
#include "util/buf.h"

struct provider;
struct store;

struct logon {
    IMSLogon IMSLogon_iface;
    struct msp_object object;      /* root of its domain */
    struct provider *provider;     /* counted reference through its domain; see provider.c */
    struct mapi_alloc alloc;
    uint8_t store_uid[16];
    bool can_write;                /* the store was opened with MDB_WRITE and the medium allows it */
    bool is_spooler;
    struct eng *eng;               /* NULL once logged off */
    struct store *store;           /* NULL once the store object is gone */
    LPMAPISUP support;             /* counted; NULL once given back */
    struct msp_buf store_entryid;  /* wrapped: PR_STORE_ENTRYID of everything */
};

/* Opens an object of this store by entry id for a folder, the store or the logon itself. NULL id: the root folder. */
HRESULT logon_open_entry(struct msp_call *call, struct logon *logon, ULONG entry_id_size, LPENTRYID entry_id, LPCIID iid,
        ULONG flags, ULONG *out_type, LPUNKNOWN *out);
/* A folder's or message's entry id and record key as cells' bytes. */
void logon_entryid(const struct logon *logon, enum entryid_kind kind, uint64_t id, uint8_t out[ENTRYID_SIZE]);

#endif
