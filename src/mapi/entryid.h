/* SPDX-License-Identifier: MIT */
/*
 * entryid.h - entry identifiers: made, read, compared. Pure bytes; nothing is opened.
 *
 * Folder or message, 32 bytes:
 *   u8 flags[4] = 0, u8 store_uid[16], u8 version = 1, u8 kind, u16 zero, u64 id (little-endian)
 * Store (unwrapped), variable:
 *   u8 flags[4] = 0, u8 provider_uid[16], u8 version = 1, u8 kind = 1, u16 zero, u8 store_uid[16],
 *   path as UTF-8, u8 zero
 *
 * The store_uid is what the logon registers with SetProviderUID, so MAPI finds the logon by the
 * first 20 bytes. Ids may lie at any alignment. A larger version with the same kind and at least
 * these bytes is read alike.
 */
#ifndef MSP_MAPI_ENTRYID_H
#define MSP_MAPI_ENTRYID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/sdk/mapi_sdk.h"

struct msp_buf;

enum entryid_kind {
    ENTRYID_STORE = 1,
    ENTRYID_FOLDER = 2,
    ENTRYID_MESSAGE = 3,
};

enum {
    ENTRYID_SIZE = 32,
    RECORD_KEY_SIZE = 24,
};

/* The provider's UID (PR_MDB_PROVIDER), as bytes. */
extern const uint8_t entryid_provider_uid[16];

struct entryid {
    uint8_t store_uid[16];
    enum entryid_kind kind; /* folder or message */
    uint64_t id;
};

void entryid_put(const struct entryid *entryid, uint8_t out[ENTRYID_SIZE]);
/* False, with *out zeroed: not one of ours (MAPI_E_UNKNOWN_ENTRYID). Whose store it is, the caller
 * asks. */
bool entryid_get(ULONG size, const void *bytes, struct entryid *out);

/* PR_RECORD_KEY of a folder or message: store_uid, id. */
void record_key_put(const uint8_t store_uid[16], uint64_t id, uint8_t out[RECORD_KEY_SIZE]);
/* The id in one, whosever store it is of. */
uint64_t record_key_id(const uint8_t key[RECORD_KEY_SIZE]);

struct store_entryid {
    uint8_t store_uid[16]; /* all zero: made before the file was (a configured path only) */
    const char *path;      /* UTF-8, terminated, within the given bytes */
    size_t path_size;
};

/* Appends. False: no memory. */
bool store_entryid_put(const uint8_t store_uid[16], const char *path, struct msp_buf *out);
/* False, with *out zeroed: not one of ours. */
bool store_entryid_get(ULONG size, const void *bytes, struct store_entryid *out);
/* Same store? By uid, or by path when one of them has no uid. */
bool store_entryid_same(const struct store_entryid *a, const struct store_entryid *b);

#endif
