/* SPDX-License-Identifier: MIT */
/*
 * test_service_entry.c - MSGServiceEntry: configuring a store without a window.
 */
#include "host/host_admin.h"
#include "raw_logon.h"

/* A call of the entry with everything in sight. */
struct service {
    ULONG flags;
    ULONG context;
    ULONG count;
    SPropValue *values;
    HRESULT hr;
    LPMAPIERROR error;
};

static LPMSGSERVICEENTRY entry(struct host_lib *lib)
{
    LPMSGSERVICEENTRY function = (LPMSGSERVICEENTRY)host_lib_symbol(lib, "MSGServiceEntry");

    assert_non_null(function);
    return function;
}

static struct host_lib *load(void)
{
    char why[256];
    struct host_lib *lib = host_lib_open(fixture_dll(), why, sizeof(why));

    if (!lib)
        fail_msg("%s", why);
    return lib;
}

/* Calls the entry of a library in which MSProviderInit has never been called. */
static HRESULT call(struct fixture *fx, struct service *service, struct host_support **out_support)
{
    struct host_lib *lib = load();
    struct host_support *support =
            host_support_new(&fx->session.world, HOST_SUPPORT_SERVICE, &raw_section(fx)->uid);
    struct host_admin admin;

    host_admin_init(&admin, &fx->session.world, &raw_section(fx)->uid);
    service->error = POISON;
    service->hr = entry(lib)(host_lib_handle(lib), &fx->session.heap.IMalloc_iface,
            host_support_iface(support), 0, service->flags, service->context, service->count,
            service->values, &admin.IProviderAdmin_iface, &service->error);
    assert_ptr_not_equal(service->error, POISON);
    if (service->error) {
        assert_true(FAILED(service->hr));
        assert_true(host_mem_is_root(service->error));
    }
    assert_int_equal(admin.refs, 1);
    assert_int_equal(host_support_refs(support), 1);
    assert_int_equal(host_support_calls(support, HOST_AddRef), 0);
    assert_int_equal(fx->profile->objects, 0);
    if (out_support)
        *out_support = support;
    host_support_release(support);
    host_lib_close(lib);
    return service->hr;
}

static HRESULT run(struct fixture *fx, ULONG context, ULONG flags, ULONG count, SPropValue *values)
{
    struct service service = {
        .flags = flags, .context = context, .count = count, .values = values
    };
    HRESULT hr = call(fx, &service, NULL);

    mapi_free(service.error);
    return hr;
}

struct text_value {
    SPropValue value;
    uint16_t *text;
};

static struct text_value text_value(ULONG tag, const char *utf8)
{
    struct text_value out = { { .ulPropTag = tag }, host_text_to_utf16(utf8) };

    assert_non_null(out.text);
    out.value.Value.lpszW = (LPWSTR)out.text;
    return out;
}

static HRESULT configure(struct fixture *fx, ULONG context, ULONG flags)
{
    struct text_value path = text_value(PR_MKEEP_PATH_W, fx->path);
    HRESULT hr = run(fx, context, flags, 1, &path.value);

    free(path.text);
    return hr;
}

static int unloaded_setup(void **state)
{
    *state = fixture_new();
    return 0;
}

static HRESULT logon_result(struct fixture *fx)
{
    struct raw_logon raw = { .flags = MDB_WRITE | MDB_NO_DIALOG };
    HRESULT hr;

    if (!fx->session.provider)
        assert_ok(host_session_load(&fx->session));
    hr = raw_logon(fx, &raw);
    raw_drop_support(&raw);
    raw_close(&raw);
    return hr;
}

/* --- configuring --------------------------------------------------------------------------------
 */

/* ServiceEntry.Configure.1 ServiceEntry.Configure.2 ServiceEntry.Configure.7
   ServiceEntry.Configure.8 ServiceEntry.Call.2 ServiceEntry.Call.4 */
static void configure__path_given__makes_the_store_and_keeps_the_path(void **state)
{
    static const ULONG flags[] = { MAPI_UNICODE, MAPI_UNICODE | SERVICE_UI_ALLOWED };
    struct fixture *fx = *state;

    assert_hr(logon_result(fx), MAPI_E_UNCONFIGURED);
    for (size_t i = 0; i < 2; i++) {
        char *kept;

        assert_ok(configure(fx, MSG_SERVICE_CONFIGURE, flags[i]));
        assert_true(host_file_exists(fx->path));
        kept = host_bag_text(&raw_section(fx)->props, PR_MKEEP_PATH_W);
        assert_string_equal(kept, fx->path);
        free(kept);
        assert_ok(logon_result(fx));
    }
}

/* ServiceEntry.Configure.1 Unicode.Rules.1 ServiceEntry.Call.6 */
static void configure__path_in_ansi__is_as_good(void **state)
{
    struct fixture *fx = *state;
    SPropValue value = { .ulPropTag = CHANGE_PROP_TYPE(PR_MKEEP_PATH_W, PT_STRING8),
        .Value.lpszA = fx->path };

    assert_ok(run(fx, MSG_SERVICE_CONFIGURE, 0, 1, &value));

    assert_true(host_file_exists(fx->path));
    assert_ok(logon_result(fx));
}

/* ServiceEntry.Call.3 */
static void configure__fails__error_is_of_the_support_objects_memory(void **state)
{
    struct fixture *fx = *state;
    struct service service = { .context = MSG_SERVICE_CONFIGURE, .flags = MAPI_UNICODE };
    struct host_support *support = NULL;
    char *text;

    assert_hr(call(fx, &service, &support), MAPI_E_UNCONFIGURED);

    assert_non_null(service.error);
    assert_true(host_mem_belongs(service.error, service.error->lpszError, 2));
    text = host_text_to_utf8((const uint16_t *)(const void *)service.error->lpszError, SIZE_MAX);
    assert_true(strlen(text) > 15);
    free(text);
    mapi_free(service.error);
    assert_true(host_support_calls(support, HOST_GetMemAllocRoutines) >= 1);
}

/* ServiceEntry.Configure.5 */
static void configure__nothing_given_and_nothing_there__unconfigured(void **state)
{
    struct fixture *fx = *state;
    struct text_value name = text_value(PR_DISPLAY_NAME_W, "only a name");
    size_t before = raw_section(fx)->props.count;

    assert_hr(run(fx, MSG_SERVICE_CONFIGURE, MAPI_UNICODE, 0, NULL), MAPI_E_UNCONFIGURED);
    assert_hr(run(fx, MSG_SERVICE_CONFIGURE, MAPI_UNICODE, 1, &name.value), MAPI_E_UNCONFIGURED);

    assert_int_equal(raw_section(fx)->props.count, before);
    free(name.text);
}

static void configure__nothing_given_but_configured__stays_so(void **state)
{
    struct fixture *fx = *state;

    assert_ok(configure(fx, MSG_SERVICE_CONFIGURE, MAPI_UNICODE));

    assert_ok(run(fx, MSG_SERVICE_CONFIGURE, MAPI_UNICODE, 0, NULL));

    assert_ok(logon_result(fx));
}

/* ServiceEntry.Profile.1 */
static void configure__name_given__is_in_both_sections_and_on_the_store(void **state)
{
    struct fixture *fx = *state;
    struct text_value path = text_value(PR_MKEEP_PATH_W, fx->path);
    struct text_value name = text_value(PR_DISPLAY_NAME_W, "M\xC3\xBCller's mail");
    SPropValue values[] = { path.value, name.value };
    struct raw_logon raw;

    for (int i = 0; i < 2; i++) { /* the name given, then kept by a configuration that gives none */
        struct host_section *service = host_profile_find(fx->profile, HOST_SECTION_SERVICE, NULL);
        char *there;
        char *here;

        assert_ok(run(fx, MSG_SERVICE_CONFIGURE, MAPI_UNICODE, i == 0 ? 2 : 1, values));
        there = host_bag_text(&service->props, PR_DISPLAY_NAME_W);
        here = host_bag_text(&raw_section(fx)->props, PR_DISPLAY_NAME_W);
        assert_non_null(there);
        assert_string_equal(here, "M\xC3\xBCller's mail");
        assert_string_equal(there, here);
        free(there);
        free(here);
    }
    assert_ok(host_session_load(&fx->session));
    raw_open(fx, &raw, MDB_WRITE);
    prop_assert_text(raw.store, PR_DISPLAY_NAME_W, "M\xC3\xBCller's mail");
    raw_close(&raw);
    free(path.text);
    free(name.text);
}

/* ServiceEntry.Profile.2 */
static void configure__done__store_table_can_show_the_store_unopened(void **state)
{
    static const MAPIUID provider = MAILKEEP_PROVIDER_UID;
    struct fixture *fx = *state;
    const struct host_bag *section = &raw_section(fx)->props;
    struct raw_logon raw;
    unsigned char kept[64];
    SPropValue *key;

    assert_ok(configure(fx, MSG_SERVICE_CONFIGURE, MAPI_UNICODE));
    assert_non_null(host_bag_get(section, PR_RECORD_KEY));
    assert_non_null(host_bag_get(section, PR_STORE_RECORD_KEY));
    assert_non_null(host_bag_get(section, PR_MDB_PROVIDER));
    assert_memory_equal(host_bag_get(section, PR_MDB_PROVIDER)->Value.bin.lpb, &provider, 16);
    memcpy(kept, host_bag_get(section, PR_RECORD_KEY)->Value.bin.lpb, 32);

    assert_ok(host_session_load(&fx->session));
    raw_open(fx, &raw, MDB_WRITE);
    key = prop_get(raw.store, PR_RECORD_KEY);
    assert_int_equal(key->Value.bin.cb, 32);
    assert_memory_equal(key->Value.bin.lpb, kept, 32);
    mapi_free(key);
    raw_close(&raw);
}

/* The identifier of the store before is not to be taken for this one's. */
static void configure__another_store__no_stale_identifier(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;
    struct text_value other;
    const SPropValue *key;
    const ENTRYID *id;
    unsigned char uid[16];
    char path[1024];
    ULONG size = 0;

    assert_ok(configure(fx, MSG_SERVICE_CONFIGURE, MAPI_UNICODE));
    assert_ok(logon_result(fx));
    host_temp_path(".mkeep", path, sizeof(path));
    other = text_value(PR_MKEEP_PATH_W, path);
    assert_ok(run(fx, MSG_SERVICE_CONFIGURE, MAPI_UNICODE, 1, &other.value));
    free(other.text);
    key = host_bag_get(&raw_section(fx)->props, PR_RECORD_KEY);
    assert_non_null(key);
    memcpy(uid, key->Value.bin.lpb + 16, sizeof(uid));

    if (host_bag_get(&raw_section(fx)->props, PR_ENTRYID)) { /* there may be none before a Logon */
        id = raw_section_id(fx, &size);
        assert_memory_equal((const unsigned char *)id + 24, uid, sizeof(uid));
    }
    raw_open(fx, &raw, MDB_WRITE);
    id = raw_section_id(fx, &size);
    assert_memory_equal((const unsigned char *)id + 24, uid, sizeof(uid));
    raw_close(&raw);
    assert_true(host_file_remove(path));
}

/* ServiceEntry.Configure.6 */
static void configure__read_only__changes_nothing(void **state)
{
    struct fixture *fx = *state;
    size_t before = raw_section(fx)->props.count;

    assert_ok(configure(fx, MSG_SERVICE_CONFIGURE, MAPI_UNICODE | MSG_SERVICE_UI_READ_ONLY));

    assert_int_equal(raw_section(fx)->props.count, before);
    assert_false(host_file_exists(fx->path));
}

static void configure__bad_path__documented_code_and_profile_unchanged(void **state)
{
    struct fixture *fx = *state;
    size_t before = raw_section(fx)->props.count;
    char path[1100];
    char folder[1024];
    char *slash;
    struct text_value value;
    FILE *file;

    snprintf(path, sizeof(path), "%s.none/x.mkeep", fx->path);
    value = text_value(PR_MKEEP_PATH_W, path);
    assert_hr(run(fx, MSG_SERVICE_CONFIGURE, MAPI_UNICODE, 1, &value.value), MAPI_E_NOT_FOUND);
    free(value.text);

    snprintf(folder, sizeof(folder), "%s", fx->path);
    slash = strrchr(folder, '/') ? strrchr(folder, '/') : strrchr(folder, '\\');
    *slash = 0;
    value = text_value(PR_MKEEP_PATH_W, folder);
    assert_hr(run(fx, MSG_SERVICE_CONFIGURE, MAPI_UNICODE, 1, &value.value),
            MAPI_E_INVALID_PARAMETER);
    free(value.text);

    file = host_fopen(fx->path, "wb");
    fputs("This is somebody's letter, not a store. It is long enough to look at, and it is to "
          "stay.\n",
            file);
    fclose(file);
    assert_hr(configure(fx, MSG_SERVICE_CONFIGURE, MAPI_UNICODE), MAPI_E_CORRUPT_STORE);

    assert_int_equal(raw_section(fx)->props.count, before);
}

/* What the profile keeps means the same from any folder. */
static void configure__relative_path__is_kept_in_full(void **state)
{
    struct fixture *fx = *state;
    struct text_value value = text_value(PR_MKEEP_PATH_W, "relative-name-for-a-test.mkeep");
    char *kept;

    assert_ok(run(fx, MSG_SERVICE_CONFIGURE, MAPI_UNICODE, 1, &value.value));

    kept = host_bag_text(&raw_section(fx)->props, PR_MKEEP_PATH_W);
    assert_true(strlen(kept) > strlen("relative-name-for-a-test.mkeep") + 1);
    assert_true(host_file_remove(kept));
    free(kept);
    free(value.text);
}

/* --- creating, installing, deleting -------------------------------------------------------------
 */

/* ServiceEntry.Create.2 */
static void create__nothing_given__succeeds_and_leaves_it_unconfigured(void **state)
{
    struct fixture *fx = *state;
    size_t before = raw_section(fx)->props.count;

    assert_ok(run(fx, MSG_SERVICE_CREATE, MAPI_UNICODE, 0, NULL));

    assert_int_equal(raw_section(fx)->props.count, before);
    assert_hr(logon_result(fx), MAPI_E_UNCONFIGURED);
}

static void create__path_given__configures_at_once(void **state)
{
    struct fixture *fx = *state;

    assert_ok(configure(fx, MSG_SERVICE_CREATE, MAPI_UNICODE));

    assert_ok(logon_result(fx));
}

/* ServiceEntry.Install.1 ServiceEntry.Install.2 ServiceEntry.Install.4 */
static void install_and_delete__any_time__succeed_and_leave_the_store(void **state)
{
    static const ULONG contexts[] = { MSG_SERVICE_INSTALL, MSG_SERVICE_DELETE,
        MSG_SERVICE_UNINSTALL };
    struct fixture *fx = *state;

    for (size_t i = 0; i < 3; i++)
        assert_ok(run(fx, contexts[i], MAPI_UNICODE, 0, NULL));
    assert_ok(configure(fx, MSG_SERVICE_CONFIGURE, MAPI_UNICODE));
    for (size_t i = 0; i < 3; i++)
        assert_ok(run(fx, contexts[i], MAPI_UNICODE, 0, NULL));

    assert_true(host_file_exists(fx->path));
    assert_ok(logon_result(fx));
}

/* ServiceEntry.Call.7 ServiceEntry.Provider.1 ServiceEntry.Provider.2 */
static void context__not_ours__no_support_and_profile_untouched(void **state)
{
    static const ULONG contexts[] = { 0, 99, MSG_SERVICE_PROVIDER_CREATE,
        MSG_SERVICE_PROVIDER_DELETE, UINT32_MAX };
    struct fixture *fx = *state;
    size_t before = raw_section(fx)->props.count;

    for (size_t i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++)
        assert_hr(configure(fx, contexts[i], MAPI_UNICODE), MAPI_E_NO_SUPPORT);

    assert_int_equal(raw_section(fx)->props.count, before);
    assert_false(host_file_exists(fx->path));
    assert_int_equal(host_world_breaches(&fx->session.world), 0); /* no CreateProvider */
}

/* --- arguments ----------------------------------------------------------------------------------
 */

/* ServiceEntry.Call.5 */
static void entry__required_argument_missing__invalid_parameter(void **state)
{
    struct fixture *fx = *state;
    struct host_lib *lib = load();
    struct host_support *support =
            host_support_new(&fx->session.world, HOST_SUPPORT_SERVICE, &raw_section(fx)->uid);
    struct host_admin admin;

    host_admin_init(&admin, &fx->session.world, &raw_section(fx)->uid);
    for (int missing = 0; missing < 3; missing++) {
        LPMAPIERROR error = POISON;

        assert_hr(entry(lib)(NULL, NULL, missing == 0 ? NULL : host_support_iface(support), 0,
                          MAPI_UNICODE, MSG_SERVICE_CONFIGURE, missing == 2 ? 3 : 0, NULL,
                          missing == 1 ? NULL : &admin.IProviderAdmin_iface, &error),
                MAPI_E_INVALID_PARAMETER);
        assert_null(error);
    }
    assert_ok(entry(lib)(NULL, NULL, host_support_iface(support), 0, MAPI_UNICODE,
            MSG_SERVICE_INSTALL, 0, NULL, &admin.IProviderAdmin_iface, NULL));
    host_support_release(support);
    host_lib_close(lib);
}

/* Memory.Failure.2 ServiceEntry.Provider.3 */
static void configure__hosts_nth_allocation_fails__nothing_leaks(void **state)
{
    struct fixture *fx = *state;
    struct text_value path = text_value(PR_MKEEP_PATH_W, fx->path);

    assert_ok(run(fx, MSG_SERVICE_CONFIGURE, MAPI_UNICODE, 1,
            &path.value)); /* the section has its values now */
    for (size_t nth = 1;; nth++) {
        struct service service = { .flags = MAPI_UNICODE,
            .context = MSG_SERVICE_CONFIGURE,
            .count = 1,
            .values = &path.value };
        size_t live = host_mem_live(0);

        host_mem_fail_at(nth);
        call(fx, &service, NULL);
        mapi_free(service.error);
        if (!host_mem_fail_done()) {
            assert_ok(service.hr);
            break;
        }
        if (FAILED(service.hr))
            assert_hr(service.hr, MAPI_E_NOT_ENOUGH_MEMORY);
        assert_true(host_mem_live(0) <= live);
        assert_true(host_file_is_free(fx->path));
    }
    free(path.text);
}

#define UNLOADED(test) cmocka_unit_test_setup_teardown(test, unloaded_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNLOADED(configure__path_given__makes_the_store_and_keeps_the_path),
        UNLOADED(configure__path_in_ansi__is_as_good),
        UNLOADED(configure__fails__error_is_of_the_support_objects_memory),
        UNLOADED(configure__nothing_given_and_nothing_there__unconfigured),
        UNLOADED(configure__nothing_given_but_configured__stays_so),
        UNLOADED(configure__name_given__is_in_both_sections_and_on_the_store),
        UNLOADED(configure__done__store_table_can_show_the_store_unopened),
        UNLOADED(configure__another_store__no_stale_identifier),
        UNLOADED(configure__read_only__changes_nothing),
        UNLOADED(configure__bad_path__documented_code_and_profile_unchanged),
        UNLOADED(configure__relative_path__is_kept_in_full),
        UNLOADED(create__nothing_given__succeeds_and_leaves_it_unconfigured),
        UNLOADED(create__path_given__configures_at_once),
        UNLOADED(install_and_delete__any_time__succeed_and_leave_the_store),
        UNLOADED(context__not_ours__no_support_and_profile_untouched),
        UNLOADED(entry__required_argument_missing__invalid_parameter),
        UNLOADED(configure__hosts_nth_allocation_fails__nothing_leaks),
    };

    return cmocka_run_group_tests_name("service_entry", tests, NULL, NULL);
}
