/* SPDX-License-Identifier: MIT */
/*
 * send_world.h - a client's logon and a spooler's on one store file, with the layers linked in, so
 * that allocator and disk can be told to fail.
 */
#ifndef SEND_WORLD_H
#define SEND_WORLD_H

#include "com/mail_world.h"
#include "com/object.h"
#include "com/provider.h"
#include "com/service.h"
#include "engine/eng.h"
#include "engine/sqlite_api.h"
#include "host/host_admin.h"
#include "mailkeep.h"
#include "support/support.h"
#include "util/alloc.h"

struct half {
    struct host_support *support;
    IMsgStore *store;
};

struct world {
    struct host_profile *profile;
    struct host_section *section;
    struct host_world host;
    struct host_malloc heap;
    IMSProvider *provider;
    struct half client, spooler;
    IMAPIFolder *folder; /* of the client */
    char path[1024];
    IMessage *message;
    SPropValue *id;
};

/* --- a client and a spooler on one file ---------------------------------------------------------
 */

static inline void configure(struct world *world)
{
    struct host_support *support =
            host_support_new(&world->host, HOST_SUPPORT_SERVICE, &world->section->uid);
    uint16_t *text = host_text_to_utf16(world->path);
    SPropValue value = { .ulPropTag = PR_MKEEP_PATH_W };
    LPMAPIERROR error = NULL;
    struct host_admin admin;

    host_admin_init(&admin, &world->host, &world->section->uid);
    value.Value.lpszW = (LPWSTR)text;
    assert_ok(service_run(host_support_iface(support), 0, MAPI_UNICODE, MSG_SERVICE_CONFIGURE, 1,
            &value, &admin.IProviderAdmin_iface, &error));
    host_support_release(support);
    free(text);
}

static inline struct half log_on(struct world *world, bool is_spooler)
{
    IMSProvider *provider = world->provider;
    struct half half = { host_support_new(&world->host, HOST_SUPPORT_STORE, &world->section->uid),
        NULL };
    LPMAPIERROR error = NULL;
    IMSLogon *logon = NULL;

    half.support->is_spooler = is_spooler;
    if (is_spooler)
        assert_ok(provider->lpVtbl->SpoolerLogon(provider, host_support_iface(half.support), 0,
                NULL, 0, NULL, MDB_WRITE, NULL, 0, NULL, &error, &logon, &half.store));
    else
        assert_ok(provider->lpVtbl->Logon(provider, host_support_iface(half.support), 0, NULL, 0,
                NULL, MDB_WRITE, NULL, NULL, NULL, &error, &logon, &half.store));
    host_support_bind(half.support, logon, half.store);
    host_support_release(half.support);
    return half;
}

static inline int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    const struct host_mem_trio *trio = host_mem_trio(0);
    const struct mapi_alloc alloc = { trio->allocate, trio->more, trio->release };

    assert_non_null(world);
    world->profile = host_profile_new("test");
    world->section = host_profile_add_plain(world->profile, "x.dll", NULL);
    host_world_init(&world->host, world->profile, 0);
    host_malloc_init(&world->heap);
    host_temp_path(".mkeep", world->path, sizeof(world->path));
    configure(world);
    assert_ok(provider_new(&world->heap.IMalloc_iface, &alloc, false, &world->provider));
    world->client = log_on(world, false);
    world->spooler = log_on(world, true);
    world->folder = folder_by_prop(world->client.store, world->client.store, PR_IPM_OUTBOX_ENTRYID);
    *state = world;
    return 0;
}

static inline void log_off(struct half *half)
{
    if (half->store)
        release_last(half->store);
}

static inline void assert_whole(const struct world *world)
{
    struct eng_open_params params = { .path = world->path };
    struct eng *eng = NULL;
    uint64_t found = 1;

    assert_int_equal(eng_open(&params, &eng, NULL), ENG_OK);
    assert_int_equal(eng_check(eng, false, NULL, NULL, &found), ENG_OK);
    eng_close(eng);
    assert_int_equal(found, 0);
}

static inline int teardown(void **state)
{
    struct world *world = *state;

    release_last(world->folder);
    log_off(&world->client);
    log_off(&world->spooler);
    release_last(world->provider);
    assert_whole(world);
    assert_int_equal(msp_object_count(), 0);
    assert_int_equal(world->heap.refs, 1);
    assert_int_equal(host_world_done(&world->host), 0);
    (void)host_file_remove(world->path);
    host_profile_free(world->profile);
    free(world);
    return 0;
}

#endif
