/* SPDX-License-Identifier: MIT */
/*
 * linked_fixture.h - a fixture whose library is linked into the test, not loaded, so that its
 * allocator and its disk can be told to fail; all else goes through the vtables, as in tests/com.
 */
#ifndef LINKED_FIXTURE_H
#define LINKED_FIXTURE_H

#include "../com/walk_world.h"

#include "com/object.h"
#include "engine/eng.h"
#include "host/host_admin.h"
#include "util/alloc.h"

MSGSERVICEENTRY MSGServiceEntry;

/* MSProviderInit, and MSGServiceEntry to configure. */
static inline HRESULT load(struct fixture *fx)
{
    const struct host_mem_trio *trio = host_mem_trio(0);
    struct host_session *session = &fx->session;

    return MSProviderInit(NULL, &session->heap.IMalloc_iface, trio->allocate, trio->more,
            trio->release, 0, session->mapi_version, &session->provider_version,
            &session->provider);
}

static inline HRESULT configure(struct fixture *fx)
{
    struct host_session *session = &fx->session;
    struct host_section *section = host_profile_find(session->profile, HOST_SECTION_PROVIDER, NULL);
    struct host_support *support =
            host_support_new(&session->world, HOST_SUPPORT_SERVICE, &section->uid);
    uint16_t *path = host_text_to_utf16(fx->path);
    SPropValue value = { .ulPropTag = HOST_PR_STORE_PATH };
    LPMAPIERROR error = NULL;
    struct host_admin admin;
    HRESULT hr;

    value.Value.lpszW = (LPWSTR)path;
    host_admin_init(&admin, &session->world, &section->uid);
    hr = MSGServiceEntry(NULL, &session->heap.IMalloc_iface, host_support_iface(support), 0,
            MAPI_UNICODE, MSG_SERVICE_CONFIGURE, 1, &value, &admin.IProviderAdmin_iface, &error);
    mapi_free(error);
    assert_int_equal(admin.refs, 1);
    assert_int_equal(host_support_refs(support), 1);
    assert_int_equal(session->profile->objects, 0);
    host_support_release(support);
    free(path);
    return hr;
}

struct state {
    struct fixture *fx;
    struct walk_world *w;
    size_t live;
};

static inline HRESULT log_on(struct fixture *fx)
{
    struct host_logon params = { .flags = MDB_WRITE | MDB_NO_DIALOG };
    HRESULT hr = host_session_logon(&fx->session, &params, &fx->store, &fx->support);

    fx->session.service_disabled = false;
    return hr;
}

static inline void report(void *context, const char *line)
{
    (void)context;
    print_error("check: %s\n", line);
}

static inline void check_file(const char *path)
{
    struct eng_open_params params = { .path = path };
    struct eng *eng = NULL;
    uint64_t found = 1;

    assert_int_equal(eng_open(&params, &eng, NULL), ENG_OK);
    assert_int_equal(eng_check(eng, false, report, NULL, &found), ENG_OK);
    assert_int_equal(found, 0);
    eng_close(eng);
}

static inline int setup(void **out)
{
    struct state *state = calloc(1, sizeof(*state));

    assert_non_null(state);
    assert_int_equal(msp_object_count(), 0);
    state->live = msp_alloc_count_live();
    state->fx = fixture_new();
    *out = state;
    return 0;
}

/* Ends the session; the store's check finds nothing; nothing of ours is left. */
static inline void end(struct state *state)
{
    struct fixture *fx = state->fx;

    if (fx->inbox)
        release_last(fx->inbox);
    if (fx->store)
        release_last(fx->store);
    host_session_logoff(&fx->session);
    assert_int_equal(msp_object_count(), 0);
    assert_int_equal(msp_shell_count(), 0);
    assert_int_equal(msp_alloc_count_live(), state->live);
    check_file(fx->path);
}

static inline int teardown(void **out)
{
    struct state *state = *out;

    if (state->fx)
        fixture_check_and_free(state->fx);
    assert_int_equal(msp_alloc_count_live(), state->live);
    free(state);
    return 0;
}

#endif
