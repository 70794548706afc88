/* SPDX-License-Identifier: MIT */
/*
 * test_logon_open.c - IMSProvider::Logon where it succeeds: what it gives, what it tells the host,
 * and the second Logon to a store that is open.
 */
#include "raw_logon.h"

/* The library loaded and a store configured, nobody logged on. */
static bool has_interface(void *object, const IID *iid)
{
    IUnknown *unknown = object;
    void *out = NULL;

    if (unknown->lpVtbl->QueryInterface(unknown, iid, &out) != S_OK)
        return false;
    unknown->lpVtbl->Release(out);
    return true;
}

/* --- the first Logon ----------------------------------------------------------------------------
 */

/* IMSProvider.Logon.Success.1 IMSProvider.Logon.Interface.1 IMSProvider.Logon.SpoolSecurity.3
   IMSProvider.Logon.Errors.4 IMSProvider.Logon.EntryID.2 */
static void logon__configured__gives_logon_and_store(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw = { .flags = MDB_WRITE | MDB_NO_DIALOG };

    assert_ok(raw_logon(fx, &raw));

    assert_non_null(raw.logon);
    assert_true(has_interface(raw.store, &IID_IMsgStore));
    assert_true(has_interface(raw.logon, &IID_IMSLogon));
    assert_null(raw.error);
    assert_null(raw.security);
    assert_int_equal(raw.security_size, 0);
    raw_drop_support(&raw);
    raw_close(&raw);
}

/* IMSProvider.Logon.Success.2 */
static void logon__success__adds_one_reference_to_the_support_object(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw = { .flags = MDB_WRITE };

    assert_ok(raw_logon(fx, &raw));

    assert_int_equal(host_support_refs(raw.support), 2);
    assert_int_equal(host_support_calls(raw.support, HOST_AddRef), 1);
    raw_drop_support(&raw);
    raw_close(&raw);
    assert_true(raw.support->dead);
}

/* IMSProvider.Logon.Success.4 EntryID.Layout.2 EntryID.Layout.1 */
static void logon__success__registers_the_uid_of_its_entry_ids(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw = { .flags = MDB_WRITE };
    struct host_call call;
    SPropValue *subtree;

    assert_ok(raw_logon(fx, &raw));

    assert_int_equal(host_support_calls(raw.support, HOST_SetProviderUID), 1);
    assert_true(host_support_call(raw.support, HOST_SetProviderUID, 0, &call));
    assert_int_equal(call.flags, 0);
    raw_drop_support(&raw);
    subtree = prop_get(raw.store, PR_IPM_SUBTREE_ENTRYID);
    assert_non_null(subtree);
    assert_true(subtree->Value.bin.cb >= 20);
    assert_memory_equal(subtree->Value.bin.lpb, "\0\0\0\0", 4);
    assert_memory_equal(subtree->Value.bin.lpb + 4, &call.uid, sizeof(MAPIUID));
    mapi_free(subtree);
    raw_close(&raw);
}

/* IMSProvider.Logon.Success.5 */
static void logon__success__makes_a_status_row(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw = { .flags = MDB_WRITE };
    struct host_call call;

    assert_ok(raw_logon(fx, &raw));

    assert_int_equal(host_support_calls(raw.support, HOST_ModifyStatusRow), 1);
    assert_true(host_support_call(raw.support, HOST_ModifyStatusRow, 0, &call));
    assert_int_equal(call.flags, 0);
    assert_non_null(host_world_status_row(&fx->session.world, raw.support));
    raw_drop_support(&raw);
    raw_close(&raw);
}

/* IMSProvider.Logon.Success.6 IMSProvider.Logon.Success.7 IMSProvider.Logon.Success.8 */
static void logon__success__fills_its_profile_section(void **state)
{
    static const ULONG tags[] = { PR_DISPLAY_NAME_W, PR_ENTRYID, PR_PROVIDER_DISPLAY_W,
        PR_RECORD_KEY, PR_STORE_RECORD_KEY, PR_MDB_PROVIDER };
    struct fixture *fx = *state;
    struct raw_logon raw = { .flags = MDB_WRITE };
    struct host_call call;
    const ENTRYID *inner;
    const char *dll;
    ULONG size;

    assert_ok(raw_logon(fx, &raw));

    assert_true(host_support_call(raw.support, HOST_OpenProfileSection, 0, &call));
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        const SPropValue *value = host_bag_get(&raw_section(fx)->props, tags[i]);

        if (!value)
            fail_msg("0x%08lx is not in the section", (unsigned long)tags[i]);
        if (tags[i] == PR_ENTRYID)
            assert_true(host_unwrap_entry_id(
                    value->Value.bin.cb, raw_id(value->Value.bin.lpb), &size, &inner, &dll));
    }
    assert_string_equal(fx->profile->fault, "");
    assert_int_equal(fx->profile->objects, 0);
    raw_drop_support(&raw);
    raw_close(&raw);
}

/* IMSProvider.Logon.Success.9 IMSProvider.Logon.Flags.6 IMSProvider.Logon.Flags.5 */
static void logon__success__never_speaks_to_the_spooler(void **state)
{
    static const ULONG flags[] = { MDB_WRITE, MDB_WRITE | MDB_NO_MAIL, MDB_WRITE | MDB_TEMPORARY };
    struct fixture *fx = *state;

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        struct raw_logon raw;

        raw_open(fx, &raw, flags[i]);
        assert_int_equal(host_support_calls(raw.support, HOST_SpoolerNotify), 0);
        assert_int_equal(host_support_calls(raw.support, HOST_PrepareSubmit), 0);
        assert_int_equal(host_support_calls(raw.support, HOST_ModifyProfile), 0);
        raw_close(&raw);
        assert_int_equal(host_support_calls(raw.support, HOST_SpoolerNotify), 0);
    }
}

/* Another store, with a section of its own beside the first's. */
static void other_store(struct fixture *fx, char *path, size_t path_size)
{
    host_temp_path(".mkeep", path, path_size);
    assert_ok(host_session_configure(&fx->session, path));
}

static void remove_store(const char *path)
{
    assert_true(host_file_is_free(path));
    assert_true(host_file_remove(path));
}

/* IMSProvider.Logon.Success.3 */
static void logon__two_stores__each_uses_its_own_support_object(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon one;
    struct raw_logon two;
    char path[1024];
    size_t calls;

    raw_open(fx, &one, MDB_WRITE);
    other_store(fx, path, sizeof(path));
    raw_open(fx, &two, MDB_WRITE);
    assert_ptr_not_equal(one.store, two.store);
    calls = host_support_log_size(one.support);

    raw_close(&two);

    assert_true(two.support->dead);
    assert_int_equal(host_support_calls(two.support, HOST_StoreLogoffTransports), 1);
    assert_int_equal(host_support_log_size(one.support), calls);
    raw_close(&one);
    assert_true(one.support->dead);
    remove_store(path);
}

/* --- which store --------------------------------------------------------------------------------
 */

/* IMSProvider.Logon.EntryID.1 */
static void logon__entry_id_of_another_store__opens_exactly_that(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;
    unsigned char id[2048];
    SPropValue *first;
    SPropValue *again;
    char path[1024];
    size_t size;

    raw_open(fx, &raw, MDB_WRITE);
    first = prop_get(raw.store, PR_RECORD_KEY);
    raw_close(&raw);
    size = raw_copy_id(fx, id);
    other_store(fx, path, sizeof(path)); /* the section speaks of this one now */

    raw = (struct raw_logon){
        .flags = MDB_WRITE | MDB_NO_DIALOG, .entry_id = id, .entry_id_size = size
    };
    assert_ok(raw_logon(fx, &raw));
    raw_drop_support(&raw);

    again = prop_get(raw.store, PR_RECORD_KEY);
    assert_int_equal(first->Value.bin.cb, again->Value.bin.cb);
    assert_memory_equal(first->Value.bin.lpb, again->Value.bin.lpb, first->Value.bin.cb);
    mapi_free(first);
    mapi_free(again);
    raw_close(&raw);
    remove_store(path);
}

/* The path is not in the section any more, or the section cannot be had at all. */
static void break_section(struct host_support *support)
{
    host_support_fail(support, HOST_OpenProfileSection, MAPI_E_NOT_FOUND, 1);
}

/* IMSProvider.Logon.EntryID.4 IMSProvider.Logon.EntryID.1 EntryID.Store.2 */
static void logon__entry_id_alone__is_enough(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;
    unsigned char id[2048];
    size_t size;

    raw_open(fx, &raw, MDB_WRITE);
    raw_close(&raw);
    size = raw_copy_id(fx, id);
    host_bag_remove(&raw_section(fx)->props, PR_MKEEP_PATH_W);

    raw = (struct raw_logon){ .flags = MDB_WRITE, .entry_id = id, .entry_id_size = size };
    assert_ok(raw_logon(fx, &raw));
    raw_drop_support(&raw);
    raw_close(&raw);

    raw = (struct raw_logon){
        .flags = MDB_WRITE, .entry_id = id, .entry_id_size = size, .script = break_section
    };
    assert_ok(raw_logon(fx, &raw));
    raw_drop_support(&raw);
    raw_close(&raw);
}

/* IMSProvider.Logon.EntryID.1 */
static void logon__file_is_another_store_now__fails_for_this_one(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;
    unsigned char id[2048];
    size_t size;

    raw_open(fx, &raw, MDB_WRITE);
    raw_close(&raw);
    size = raw_copy_id(fx, id);
    assert_true(host_file_remove(fx->path));
    assert_ok(host_session_configure(&fx->session, fx->path)); /* a new file of that name */

    raw = (struct raw_logon){ .flags = MDB_WRITE, .entry_id = id, .entry_id_size = size };
    assert_hr(raw_logon(fx, &raw), MAPI_E_FAILONEPROVIDER);

    assert_non_null(raw.error);
    mapi_free(raw.error);
    raw_drop_support(&raw);
}

/* IMSProvider.Logon.EntryID.5 IMSProvider.Logon.Errors.7 */
static void logon__bad_entry_id__fails_for_this_one(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;
    unsigned char good[2048];
    unsigned char id[2048];
    size_t size;

    raw_open(fx, &raw, MDB_WRITE);
    raw_close(&raw);
    size = raw_copy_id(fx, good);
    for (size_t i = 0; i < 5; i++) {
        size_t cut = size;

        memcpy(id, good, size);
        if (i == 0)
            cut = 20;
        else if (i == 1)
            cut = size - 1; /* no end to the path */
        else if (i == 2)
            id[4] ^= 1; /* another provider's */
        else if (i == 3)
            id[21] = 9; /* another kind */
        else
            memset(id, 0xEE, size);
        raw = (struct raw_logon){ .flags = MDB_WRITE, .entry_id = id, .entry_id_size = cut };
        assert_hr(raw_logon(fx, &raw), MAPI_E_FAILONEPROVIDER);
        assert_non_null(raw.error);
        mapi_free(raw.error);
        raw_drop_support(&raw);
    }
}

/* --- interfaces ---------------------------------------------------------------------------------
 */

/* IMSProvider.Logon.Interface.1 IMSProvider.Logon.Interface.2 IMSProvider.Logon.Interface.3 */
static void logon__store_interfaces__are_all_usable(void **state)
{
    const IID *iids[] = { &IID_IMsgStore, &IID_IUnknown, &IID_IMAPIProp };
    struct fixture *fx = *state;

    for (size_t i = 0; i < 3; i++) {
        struct raw_logon raw = { .flags = MDB_WRITE, .iid = iids[i] };
        void *store = NULL;
        IUnknown *unknown;

        assert_ok(raw_logon(fx, &raw));
        raw_drop_support(&raw);

        unknown = (IUnknown *)(void *)raw.store;
        assert_ok(unknown->lpVtbl->QueryInterface(unknown, &IID_IMsgStore, &store));
        assert_int_equal(prop_long(store, PR_OBJECT_TYPE), MAPI_STORE);
        if (IsEqualGUID(iids[i], &IID_IMAPIProp))
            assert_int_equal(prop_long(raw.store, PR_OBJECT_TYPE), MAPI_STORE);
        unknown->lpVtbl->Release(store);
        raw_close(&raw);
    }
}

/* IMSProvider.Logon.Interface.4 IMSProvider.Logon.Errors.4 */
static void logon__unknown_interface__is_refused_without_a_trace(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw = { .flags = MDB_WRITE, .iid = &IID_IMAPIFolder };

    assert_hr(raw_logon(fx, &raw), MAPI_E_INTERFACE_NOT_SUPPORTED);

    assert_int_equal(host_support_log_size(raw.support), 0);
    assert_null(raw.error);
    raw_drop_support(&raw);
}

/* --- again --------------------------------------------------------------------------------------
 */

static void again(
        struct fixture *fx, const struct raw_logon *first, struct raw_logon *out, LPCIID iid)
{
    ULONG size = 0;
    const ENTRYID *id = raw_section_id(fx, &size);

    assert_non_null(first->store);
    *out = (struct raw_logon){
        .flags = MDB_WRITE, .iid = iid, .entry_id = id, .entry_id_size = size
    };
    raw_logon(fx, out);
}

/* IMSProvider.Logon.Again.1 IMSProvider.Logon.Again.4 IMSProvider.Logon.Again.5
   IMSProvider.Logon.Again.6 IMSProvider.Logon.Again.7 */
static void logon__store_open_already__gives_the_same_store(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon first;
    struct raw_logon second;

    raw_open(fx, &first, MDB_WRITE);

    again(fx, &first, &second, NULL);

    assert_ok(second.hr);
    assert_null(second.logon);
    assert_ptr_equal(second.store, first.store);
    assert_int_equal(host_support_log_size(second.support), 0);
    assert_int_equal(host_support_refs(second.support), 1);
    assert_null(second.security);
    assert_int_equal(second.security_size, 0);
    assert_null(second.error);
    raw_drop_support(&second);
    assert_true(second.support->dead);
    assert_int_equal(second.store->lpVtbl->Release(second.store), 1);
    assert_int_equal(prop_long(first.store, PR_OBJECT_TYPE), MAPI_STORE);
    raw_close(&first);
}

/* IMSProvider.Logon.Again.1 */
static void logon__open_already_and_named_by_the_profile__gives_the_same_store(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon first;
    struct raw_logon second = { .flags = MDB_WRITE };

    raw_open(fx, &first, MDB_WRITE);

    assert_ok(raw_logon(fx, &second));

    assert_null(second.logon);
    assert_ptr_equal(second.store, first.store);
    raw_drop_support(&second);
    assert_int_equal(second.store->lpVtbl->Release(second.store), 1);
    raw_close(&first);
}

/* The file under a name with a detour in it. IMSProvider.Logon.Again.1 */
static void logon__open_already_under_another_name__gives_the_same_store(void **state)
{
    struct fixture *fx = *state;
    const char *base = strrchr(fx->path, '/') ? strrchr(fx->path, '/') : strrchr(fx->path, '\\');
    struct raw_logon first;
    struct raw_logon second = { .flags = MDB_WRITE };
    char name[1100];

    assert_non_null(base);
    raw_open(fx, &first, MDB_WRITE);
    snprintf(name, sizeof(name), "%.*s/.%s", (int)(base - fx->path), fx->path, base);
    assert_int_equal(host_bag_set_text(&raw_section(fx)->props, PR_MKEEP_PATH_W, name), S_OK);

    assert_ok(raw_logon(fx, &second));

    assert_null(second.logon);
    assert_ptr_equal(second.store, first.store);
    assert_int_equal(host_support_calls(second.support, HOST_SetProviderUID), 0);
    raw_drop_support(&second);
    assert_int_equal(second.store->lpVtbl->Release(second.store), 1);
    raw_close(&first);
}

/* IMSProvider.Logon.Again.2 IMSProvider.Logon.Again.3 */
static void logon__store_open_already__answers_its_interfaces_only(void **state)
{
    const IID *iids[] = { &IID_IUnknown, &IID_IMAPIProp, &IID_IMsgStore };
    struct fixture *fx = *state;
    struct raw_logon first;
    struct raw_logon second;

    raw_open(fx, &first, MDB_WRITE);
    for (size_t i = 0; i < 3; i++) {
        again(fx, &first, &second, iids[i]);
        assert_ok(second.hr);
        raw_drop_support(&second);
        assert_int_equal(prop_long(second.store, PR_OBJECT_TYPE), MAPI_STORE);
        assert_int_equal(second.store->lpVtbl->Release(second.store), 1);
    }

    again(fx, &first, &second, &IID_IMAPITable);

    assert_hr(second.hr, MAPI_E_INTERFACE_NOT_SUPPORTED);
    raw_drop_support(&second);
    raw_close(&first);
}

/* IMSProvider.Logon.Again.8 */
static void logon__last_reference_gone__is_a_first_logon_again(void **state)
{
    struct fixture *fx = *state;

    for (int i = 0; i < 3; i++) {
        struct raw_logon first;
        struct raw_logon second;

        raw_open(fx, &first, MDB_WRITE);
        assert_non_null(first.logon);
        again(fx, &first, &second, NULL);
        raw_drop_support(&second);
        assert_int_equal(first.store->lpVtbl->Release(first.store), 1);
        assert_false(first.support->dead);
        release_last(second.store);
        assert_true(first.support->dead);
    }
}

#define CONFIGURED(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, fixture_configured_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONFIGURED(logon__configured__gives_logon_and_store),
        CONFIGURED(logon__success__adds_one_reference_to_the_support_object),
        CONFIGURED(logon__success__registers_the_uid_of_its_entry_ids),
        CONFIGURED(logon__success__makes_a_status_row),
        CONFIGURED(logon__success__fills_its_profile_section),
        CONFIGURED(logon__success__never_speaks_to_the_spooler),
        CONFIGURED(logon__two_stores__each_uses_its_own_support_object),
        CONFIGURED(logon__entry_id_of_another_store__opens_exactly_that),
        CONFIGURED(logon__entry_id_alone__is_enough),
        CONFIGURED(logon__file_is_another_store_now__fails_for_this_one),
        CONFIGURED(logon__bad_entry_id__fails_for_this_one),
        CONFIGURED(logon__store_interfaces__are_all_usable),
        CONFIGURED(logon__unknown_interface__is_refused_without_a_trace),
        CONFIGURED(logon__store_open_already__gives_the_same_store),
        CONFIGURED(logon__open_already_and_named_by_the_profile__gives_the_same_store),
        CONFIGURED(logon__open_already_under_another_name__gives_the_same_store),
        CONFIGURED(logon__store_open_already__answers_its_interfaces_only),
        CONFIGURED(logon__last_reference_gone__is_a_first_logon_again),
    };

    return cmocka_run_group_tests_name("logon_open", tests, NULL, NULL);
}
