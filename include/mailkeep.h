/* SPDX-License-Identifier: MIT */
/*
 * mailkeep.h - what programs outside need to know of Mailkeep: its names and its own properties.
 *
 * Include MAPI's headers (the Windows ones or ours, "mapi/mapi.h") first; PROP_TAG and the PT_
 * types come from there.
 */
#ifndef MAILKEEP_H
#define MAILKEEP_H

/* The message service, as MAPISVC.INF and CreateMsgService call it. */
#define MAILKEEP_SERVICE_NAME "MAILKEEP"

/* The provider's DLL. MAPI's naming rule wants the "32" on every width. */
#define MAILKEEP_DLL_NAME "mailkeep32.dll"

/* Stores are single files; this is what their names end with. */
#define MAILKEEP_FILE_EXTENSION ".mkeep"

/*
 * PR_MDB_PROVIDER of every Mailkeep store, and the provider's part of its entry ids:
 * {998e1f31-e866-4cb7-863d-3eb143c174b5}. Initializer of a MAPIUID, that is, of 16 bytes.
 */
/* clang-format off */
#define MAILKEEP_PROVIDER_UID                                \
    { { 0x31, 0x1F, 0x8E, 0x99, 0x66, 0xE8, 0xB7, 0x4C,      \
        0x86, 0x3D, 0x3E, 0xB1, 0x43, 0xC1, 0x74, 0xB5 } }
/* clang-format on */

/*
 * Full path of the store's file. In the properties given to MSG_SERVICE_CONFIGURE, kept in the
 * provider's section of the profile. The file is created when it is not there.
 */
#define PR_MKEEP_PATH_W PROP_TAG(PT_UNICODE, 0x6600)

/*
 * Bulk import, set on an open store object. While TRUE, SaveChanges is grouped with others into
 * one transaction; what was saved becomes durable, at the latest, when it is set to FALSE again.
 */
#define PR_MKEEP_BULK PROP_TAG(PT_BOOLEAN, 0x6601)

/*
 * How many messages may lie inside one another, the outermost counted: 1 to 256, and 256 when it
 * was never set. Set on an open store object and kept in the store; what lies deeper already stays
 * readable, and no new message is made there (MAPI_E_TOO_COMPLEX).
 */
#define PR_MKEEP_MAX_DEPTH PROP_TAG(PT_LONG, 0x6602)

#endif /* MAILKEEP_H */
