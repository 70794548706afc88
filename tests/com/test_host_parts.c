/* SPDX-License-Identifier: MIT */
/*
 * test_host_parts.c - the reference host's allocators, registration text and profile files.
 */
#include "support/support.h"

/* ---- Memory ---- */

static void free_buffer__block_with_parts__all_gone(void **state)
{
    const struct host_mem_trio *trio = host_mem_trio(1);
    void *root = NULL, *part = NULL;

    (void)state;
    assert_int_equal(trio->allocate(100, &root), S_OK);
    assert_int_equal(trio->more(50, root, &part), S_OK);
    assert_int_equal(host_mem_live(1), 2);
    assert_true(host_mem_belongs(root, part, 50));
    assert_false(host_mem_belongs(root, part, 51));

    assert_int_equal(trio->release(root), S_OK);

    assert_int_equal(host_mem_live(1), 0);
    assert_int_equal(host_mem_faults(), 0);
}

/* Memory.Ownership.4 */
static void free_buffer__wrong_pointers__are_faults(void **state)
{
    const struct host_mem_trio *trio = host_mem_trio(1), *other = host_mem_trio(2);
    void *root = NULL, *part = NULL, *none = NULL;

    (void)state;
    assert_int_equal(trio->allocate(100, &root), S_OK);
    assert_int_equal(trio->more(50, root, &part), S_OK);

    trio->release(part);
    trio->release((char *)root + 8);
    other->release(root);
    trio->more(10, part, &none);
    assert_int_equal(host_mem_faults(), 4);
    assert_int_equal(host_mem_live(1), 2);
    trio->release(root);
    trio->release(root);

    assert_int_equal(host_mem_faults(), 5);
    host_mem_faults_clear();
}

static void write_past_end__free__is_a_fault(void **state)
{
    const struct host_mem_trio *trio = host_mem_trio(1);
    void *root = NULL;

    (void)state;
    assert_int_equal(trio->allocate(10, &root), S_OK);
    ((volatile char *)root)[10] = 1;
    host_mem_check();
    assert_int_equal(host_mem_faults(), 1);

    trio->release(root);

    assert_int_equal(host_mem_faults(), 2);
    host_mem_faults_clear();
}

static void fail_at__nth_allocation__fails_once(void **state)
{
    const struct host_mem_trio *trio = host_mem_trio(1);
    void *root = NULL, *part = NULL;

    (void)state;
    host_mem_fail_at(2);
    assert_int_equal(trio->allocate(10, &root), S_OK);
    assert_int_equal(trio->more(10, root, &part), MAPI_E_NOT_ENOUGH_MEMORY);
    assert_int_equal(trio->more(10, root, &part), S_OK);
    assert_true(host_mem_fail_done());
    assert_false(host_mem_fail_done());
    trio->release(root);
}

/* ---- Registration text ---- */

static const char good_inf[] =
        "; comment\r\n"
        "[Services]\r\nMAILKEEP=Mailkeep\r\n\r\n"
        "[MAILKEEP]\r\nPR_DISPLAY_NAME=Mailkeep\r\nSections=x\r\nProviders=MAILKEEP_STORE\r\n"
        "PR_SERVICE_DLL_NAME=C:\\m\\mailkeep.dll\r\nPR_SERVICE_ENTRY_NAME=MSGServiceEntry\r\n"
        "PR_RESOURCE_FLAGS=SERVICE_NO_PRIMARY_IDENTITY\r\n"
        "[MAILKEEP_STORE]\r\nPR_DISPLAY_NAME=Mailkeep\r\nPR_PROVIDER_DISPLAY=Mailkeep\r\n"
        "PR_PROVIDER_DLL_NAME=C:\\m\\mailkeep.dll\r\nPR_RESOURCE_TYPE=MAPI_STORE_PROVIDER\r\n"
        "PR_RESOURCE_FLAGS=STATUS_NO_PRIMARY_IDENTITY|STATUS_DEFAULT_STORE\r\n"
        "PR_MDB_PROVIDER=311F8E9966E8B74C863D3EB143C174B5\r\n66090003=06000000\r\n";

/* Registration.HostProfile.1 */
static void add_service__from_inf__every_line_in_sections(void **state)
{
    struct host_profile *profile = host_profile_new("p");
    struct host_section *service, *provider;
    struct host_inf inf;
    char why[200], *text;

    (void)state;
    assert_true(host_inf_parse(good_inf, sizeof(good_inf) - 1, &inf, why, sizeof(why)));
    assert_true(host_profile_add_service(profile, &inf, "mailkeep", why, sizeof(why)));

    service = host_profile_find(profile, HOST_SECTION_SERVICE, "MAILKEEP");
    provider = host_profile_find(profile, HOST_SECTION_PROVIDER, "MAILKEEP");
    assert_non_null(service);
    assert_non_null(provider);
    text = host_bag_text(&provider->props, PR_PROVIDER_DLL_NAME_W);
    assert_string_equal(text, "C:\\m\\mailkeep.dll");
    free(text);
    text = host_bag_text(&service->props, PR_SERVICE_ENTRY_NAME);
    assert_string_equal(text, "MSGServiceEntry");
    free(text);
    assert_int_equal(host_bag_long(&provider->props, PR_RESOURCE_FLAGS, 0),
            STATUS_NO_PRIMARY_IDENTITY | STATUS_DEFAULT_STORE);
    assert_int_equal(host_bag_long(&provider->props, PROP_TAG(PT_LONG, 0x6609), 0), 6);
    assert_int_equal(host_bag_get(&provider->props, PR_MDB_PROVIDER)->Value.bin.cb, 16);
    host_inf_free(&inf);
    host_profile_free(profile);
}

static void inf__broken_text__sentence(void **state)
{
    static const char *const broken[] = {
        "PR_X=1\n",
        "[Services\nA=b\n",
        "[]\n",
        "[Services]\nnothing here\n",
        "[Services]\n=x\n",
        "[Services]\nMAILKEEP=x\n[MAILKEEP]\nProviders=\n",
        "[Services]\nMAILKEEP=x\n[MAILKEEP]\nProviders=NONE\n",
        "[Services]\nMAILKEEP=x\n[MAILKEEP]\nProviders=P\nPR_WHAT=1\n[P]\n",
        "[Services]\nMAILKEEP=x\n[MAILKEEP]\nProviders=P\nPR_RESOURCE_FLAGS=NO_SUCH_FLAG\n[P]\n",
        "[Services]\nMAILKEEP=x\n[MAILKEEP]\nProviders=P\n66060003=12\n[P]\n",
        "[Services]\nMAILKEEP=x\n[MAILKEEP]\nProviders=P\n[P]\nPR_RESOURCE_TYPE=33\n",
        "[Services]\n",
        "",
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct host_profile *profile = host_profile_new("p");
        struct host_inf inf;
        char why[200] = "";

        if (host_inf_parse(broken[i], strlen(broken[i]), &inf, why, sizeof(why)))
            assert_false(host_profile_add_service(profile, &inf, "MAILKEEP", why, sizeof(why)));
        assert_true(strlen(why) > 10);
        assert_null(profile->sections);
        host_inf_free(&inf);
        host_profile_free(profile);
    }
}

static void profile__saved_and_loaded__same(void **state)
{
    struct host_profile *written = host_profile_new("p"), *profile = host_profile_new("p");
    struct host_section *first, *section;
    char path[1024], why[200];
    const SPropValue *value;
    FILE *file;
    size_t i;

    (void)state;
    first = host_profile_add_plain(written, "x.dll", "/a/b");
    assert_non_null(first);
    host_bag_set_binary(&first->props, PR_RECORD_KEY, "\1\2\0\3", 4);
    host_temp_path(".profile", path, sizeof(path));
    assert_true(host_profile_save(written, path, why, sizeof(why)));
    assert_true(host_profile_load(profile, path, why, sizeof(why)));

    section = host_profile_by_uid(profile, &first->uid);
    assert_non_null(section);
    assert_int_equal(section->props.count, first->props.count);
    for (i = 0; i < section->props.count; i++) {
        value = host_bag_get(&first->props, section->props.items[i]->ulPropTag);
        assert_true(host_prop_same(value, section->props.items[i]));
    }
    host_profile_free(profile);

    file = host_fopen(path, "ab");
    fputs("30010003=zz\n", file);
    fclose(file);
    profile = host_profile_new("p");
    assert_false(host_profile_load(profile, path, why, sizeof(why)));
    assert_non_null(strstr(why, "Line "));
    assert_null(profile->sections);
    host_profile_free(profile);
    host_profile_free(written);
    host_file_remove(path);
}

static void registered_path__base_name__gets_suffix(void **state)
{
    char path[64];

    (void)state;
    assert_true(host_lib_registered_path("C:\\m\\abc.dll", path, sizeof(path)));
    assert_string_equal(path, "C:\\m\\abc32.dll");
    assert_true(host_lib_registered_path("/m/libabc.so", path, sizeof(path)));
    assert_string_equal(path, "/m/libabc.so");
    assert_false(host_lib_registered_path("/m/libabc.so", path, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(free_buffer__block_with_parts__all_gone),
        cmocka_unit_test(free_buffer__wrong_pointers__are_faults),
        cmocka_unit_test(write_past_end__free__is_a_fault),
        cmocka_unit_test(fail_at__nth_allocation__fails_once),
        cmocka_unit_test(add_service__from_inf__every_line_in_sections),
        cmocka_unit_test(inf__broken_text__sentence),
        cmocka_unit_test(profile__saved_and_loaded__same),
        cmocka_unit_test(registered_path__base_name__gets_suffix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
