/* SPDX-License-Identifier: MIT */
/*
 * profile.h - what the profile section of a store says and must say.
 */
#ifndef MSP_COM_PROFILE_H
#define MSP_COM_PROFILE_H

#include "mapi/mapibuf.h"
#include "util/buf.h"

/* Reads the configured path and the name that somebody gave the store (UTF-8; empty when absent).
 * The section is the provider's own or the one being configured. */
HRESULT profile_read(LPPROFSECT section, const struct mapi_alloc *alloc, struct msp_buf *path,
        struct msp_buf *display_name);

struct profile_store {
    const char *path;         /* UTF-8 */
    const char *display_name; /* UTF-8 */
    uint8_t store_uid[16];
    const void *wrapped; /* wrapped store entry id; no bytes: PR_ENTRYID goes */
    size_t wrapped_size;
};

/* The section of the message service that a provider's section belongs to. False: it names none. */
bool profile_service_uid(LPPROFSECT section, const struct mapi_alloc *alloc, MAPIUID *out);
/* The store's name alone, which the service's section has too (docs page mapi-profiles). */
HRESULT profile_write_name(LPPROFSECT section, const char *display_name);

/* Writes what the message store table shows of a store: PR_DISPLAY_NAME, PR_PROVIDER_DISPLAY,
 * PR_ENTRYID, PR_RECORD_KEY, PR_STORE_RECORD_KEY, PR_MDB_PROVIDER and the path; saves the section.
 */
HRESULT profile_write(LPPROFSECT section, const struct profile_store *store);
/* Does the section hold all that already? False when in doubt. */
bool profile_is_current(
        LPPROFSECT section, const struct mapi_alloc *alloc, const struct profile_store *store);

/* The name a store has when nobody gave it one: the file's name without folder and extension. */
bool profile_default_name(const char *path, struct msp_buf *out);

/* PR_RECORD_KEY of a store: provider UID, store UID. */
void profile_record_key(const uint8_t store_uid[16], uint8_t out[32]);

/* Wraps a store's entry id through the support object; *out in the host's memory. */
HRESULT profile_wrap_entryid(LPMAPISUP support, const uint8_t store_uid[16], const char *path,
        ULONG *out_size, LPENTRYID *out);

#endif
