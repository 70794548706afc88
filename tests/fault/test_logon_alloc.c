/* SPDX-License-Identifier: MIT */
/*
 * test_logon_alloc.c - provider, configuration, Logon and Logoff while every single allocation of
 * ours fails once: nothing is left behind, and the same call works when it is made again.
 *
 * White box: the layers are linked in, so that their allocator can be told to fail.
 */
#include "com/object.h"
#include "com/provider.h"
#include "com/service.h"
#include "host/host_admin.h"
#include "mailkeep.h"
#include "support/support.h"
#include "util/alloc.h"

enum {
    MANY = 2000 /* more allocations than any of these calls makes */
};

struct world {
    struct host_profile *profile;
    struct host_section *section;
    struct host_world host;
    struct host_malloc heap;
    char path[1024];
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    world->profile = host_profile_new("test");
    world->section = host_profile_add_plain(world->profile, "x.dll", NULL);
    host_world_init(&world->host, world->profile, 0);
    host_malloc_init(&world->heap);
    host_temp_path(".mkeep", world->path, sizeof(world->path));
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;

    assert_int_equal(msp_object_count(), 0);
    assert_int_equal(world->heap.refs, 1);
    assert_int_equal(host_world_done(&world->host), 0);
    (void)host_file_remove(world->path);
    host_profile_free(world->profile);
    free(world);
    return 0;
}

static IMSProvider *make_provider(struct world *world, HRESULT *out_hr)
{
    const struct host_mem_trio *trio = host_mem_trio(0);
    const struct mapi_alloc alloc = { trio->allocate, trio->more, trio->release };
    IMSProvider *provider = POISON;

    *out_hr = provider_new(&world->heap.IMalloc_iface, &alloc, false, &provider);
    return provider;
}

static HRESULT configure(struct world *world)
{
    struct host_support *support =
            host_support_new(&world->host, HOST_SUPPORT_SERVICE, &world->section->uid);
    uint16_t *text = host_text_to_utf16(world->path);
    SPropValue value = { .ulPropTag = PR_MKEEP_PATH_W };
    LPMAPIERROR error = POISON;
    struct host_admin admin;
    HRESULT hr;

    host_admin_init(&admin, &world->host, &world->section->uid);
    value.Value.lpszW = (LPWSTR)text;
    hr = service_run(host_support_iface(support), 0, MAPI_UNICODE, MSG_SERVICE_CONFIGURE, 1, &value,
            &admin.IProviderAdmin_iface, &error);
    assert_ptr_not_equal(error, POISON);
    mapi_free(error);
    assert_int_equal(admin.refs, 1);
    assert_int_equal(world->profile->objects, 0);
    host_support_release(support);
    free(text);
    return hr;
}

/* MSProviderInit.Params.6 */
static void provider__nth_allocation_fails__no_memory_and_no_leak(void **state)
{
    struct world *world = *state;
    unsigned long nth;

    for (nth = 1; nth < MANY; nth++) {
        size_t live = msp_alloc_count_live();
        IMSProvider *provider;
        HRESULT hr;

        msp_alloc_fail_at(nth);
        provider = make_provider(world, &hr);
        if (!msp_alloc_fail_disarm()) {
            assert_ok(hr);
            release_last(provider);
            break;
        }
        assert_hr(hr, MAPI_E_NOT_ENOUGH_MEMORY);
        assert_null(provider);
        assert_int_equal(world->heap.refs, 1);
        assert_int_equal(msp_alloc_count_live(), live);
    }
    assert_true(nth > 3 && nth < MANY);
}

/* Memory.Failure.2 */
static void configure__nth_allocation_fails__no_leak_and_works_again(void **state)
{
    struct world *world = *state;
    unsigned long nth;

    for (nth = 1; nth < MANY; nth++) {
        size_t live = msp_alloc_count_live();
        HRESULT hr;

        msp_alloc_fail_at(nth);
        hr = configure(world);
        if (!msp_alloc_fail_disarm()) {
            assert_ok(hr);
            break;
        }
        if (FAILED(hr))
            assert_hr(hr, MAPI_E_NOT_ENOUGH_MEMORY);
        assert_int_equal(msp_alloc_count_live(), live);
        assert_true(!host_file_exists(world->path) || host_file_is_free(world->path));
        if (nth % 2 == 0)
            (void)host_file_remove(world->path); /* by turns: a store to make, a store to open */
    }
    assert_true(nth > 5 && nth < MANY);
}

/* One Logon, and the end of the session by Logoff; what it says. */
static HRESULT log_on_and_off(struct world *world, IMSProvider *provider, bool by_release)
{
    struct host_support *support =
            host_support_new(&world->host, HOST_SUPPORT_STORE, &world->section->uid);
    LPMAPIERROR error = POISON;
    IMSLogon *logon = POISON;
    IMsgStore *store = POISON;
    ULONG flags = 0;
    HRESULT hr;

    hr = provider->lpVtbl->Logon(provider, host_support_iface(support), 0, NULL, 0, NULL, MDB_WRITE,
            NULL, NULL, NULL, &error, &logon, &store);
    mapi_free(error);
    assert_int_equal(world->profile->objects, 0);
    if (FAILED(hr)) {
        assert_null(logon);
        assert_null(store);
        assert_int_equal(host_support_refs(support), 1);
        host_support_release(support);
        return hr;
    }
    assert_non_null(logon);
    if (by_release)
        host_support_bind(support, logon, store);
    host_support_release(support);
    if (by_release) {
        release_last(store);
    } else {
        assert_ok(logon->lpVtbl->Logoff(logon, &flags));
        release_last(logon);
        release_last(store);
    }
    assert_true(support->dead);
    return hr;
}

/* Memory.Failure.2 IMSProvider.Logon.Errors.8 IMSLogon.Logoff.9 Teardown.Data.2 */
static void logon_and_logoff__nth_allocation_fails__no_trace(void **state)
{
    struct world *world = *state;
    IMSProvider *provider;
    unsigned long nth;
    HRESULT hr;

    assert_ok(configure(world));
    provider = make_provider(world, &hr);
    assert_ok(hr);
    assert_ok(log_on_and_off(world, provider, true)); /* the profile has its values now */
    for (nth = 1; nth < MANY; nth++) {
        size_t live = msp_alloc_count_live();
        size_t mapi_live = host_mem_live(0);

        msp_alloc_fail_at(nth);
        hr = log_on_and_off(world, provider, nth % 2 == 0);
        if (!msp_alloc_fail_disarm()) {
            assert_ok(hr);
            break;
        }
        if (FAILED(hr))
            assert_hr(hr, MAPI_E_NOT_ENOUGH_MEMORY);
        assert_int_equal(msp_alloc_count_live(), live);
        assert_int_equal(host_mem_live(0), mapi_live);
        assert_true(host_file_is_free(world->path));
    }
    assert_true(nth > 10 && nth < MANY);
    assert_ok(log_on_and_off(world, provider, false));
    release_last(provider);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(provider__nth_allocation_fails__no_memory_and_no_leak),
        TEST(configure__nth_allocation_fails__no_leak_and_works_again),
        TEST(logon_and_logoff__nth_allocation_fails__no_trace),
    };

    return cmocka_run_group_tests_name("logon_alloc", tests, NULL, NULL);
}
