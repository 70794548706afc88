/* SPDX-License-Identifier: MIT */
/*
 * host_profile.h - a MAPI profile: sections of properties, in memory and in a text file.
 *
 * Sections live until the profile is freed. All functions take the profile's lock themselves,
 * except those that hand out a section's bag: changes to a bag go through the section functions.
 */
#ifndef HOST_PROFILE_H
#define HOST_PROFILE_H

#include <stdbool.h>

#include "host_inf.h"
#include "host_os.h"
#include "host_prop.h"

enum host_section_kind {
    HOST_SECTION_OTHER, /* made by OpenProfileSection with MAPI_MODIFY */
    HOST_SECTION_SERVICE,
    HOST_SECTION_PROVIDER,
};

struct host_section {
    struct host_section *next;
    enum host_section_kind kind;
    char *service; /* name of the service it belongs to, "" for none */
    MAPIUID uid;
    struct host_bag props;     /* under the profile's lock */
    bool temporary;            /* not listed as a store and not written to the file */
    unsigned readers, writers; /* open IProfSect objects */
};

struct host_profile {
    struct host_lock lock;
    char *name;
    struct host_section *sections;
    struct host_section *removed; /* deleted while objects on them were open */
    unsigned objects;             /* open IProfSect objects */
    char fault[160];              /* the last forbidden write a provider tried; "" for none */
};

/* Empty profile. NULL: no memory. */
struct host_profile *host_profile_new(const char *name);
void host_profile_free(struct host_profile *profile);

/* A file is read whole or not at all; the sentence says which line is broken. */
bool host_profile_load(struct host_profile *profile, const char *path, char *why, size_t why_size);
/* Written beside and put in place in one step. */
bool host_profile_save(struct host_profile *profile, const char *path, char *why, size_t why_size);

struct host_section *host_profile_add(struct host_profile *profile, enum host_section_kind kind,
        const char *service, const MAPIUID *uid);
struct host_section *host_profile_by_uid(struct host_profile *profile, const MAPIUID *uid);
/* First section of a kind for a service (any service when NULL). */
struct host_section *host_profile_find(
        struct host_profile *profile, enum host_section_kind kind, const char *service);
void host_profile_remove_service(struct host_profile *profile, const char *service);

/* Makes the sections of a service from MAPISVC.INF: one for the service, one per provider, each
 * with every line of its section (IMsgServiceAdmin::CreateMsgService). */
bool host_profile_add_service(struct host_profile *profile, const struct host_inf *inf,
        const char *service, char *why, size_t why_size);
/* The same without a file, for tests: one service MAILKEEP with one store provider. */
struct host_section *host_profile_add_plain(
        struct host_profile *profile, const char *dll, const char *store_path);

/* Writes of PR_RESOURCE_FLAGS and PR_PROVIDER_DLL_NAME are refused and remembered in
 * profile->fault, as they belong to MAPI (IMSProvider.Logon.Success.8). */
HRESULT host_profile_open(struct host_profile *profile, unsigned arena, const MAPIUID *uid,
        LPCIID iid, ULONG flags, LPPROFSECT *out);

#endif
