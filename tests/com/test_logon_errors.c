/* SPDX-License-Identifier: MIT */
/*
 * test_logon_errors.c - IMSProvider::Logon where it fails, its flags, and SpoolerLogon.
 */
#include "raw_logon.h"

/* A MAPIERROR as the contract wants it, with something to say; freed. */
static void check_error(LPMAPIERROR error, bool unicode)
{
    char *text;
    size_t size;

    assert_non_null(error);
    assert_true(host_mem_is_root(error));
    assert_int_equal(error->ulVersion, MAPI_ERROR_VERSION);
    assert_non_null(error->lpszError);
    assert_non_null(error->lpszComponent);
    if (unicode) {
        const uint16_t *wide = (const uint16_t *)(const void *)error->lpszError;

        size = (host_text_utf16_length(wide) + 1) * 2;
        text = host_text_to_utf8(wide, SIZE_MAX);
    } else {
        const char *narrow = (const char *)(const void *)error->lpszError;

        size = strlen(narrow) + 1;
        text = strdup(narrow);
    }
    assert_non_null(text);
    assert_true(host_mem_belongs(error, error->lpszError, size));
    assert_true(host_mem_belongs(error, error->lpszComponent, 2));
    assert_true(strlen(text) > 15); /* a sentence */
    assert_int_equal(text[strlen(text) - 1], '.');
    assert_null(strstr(text, "SELECT"));
    free(text);
    mapi_free(error);
}

/* --- failures -----------------------------------------------------------------------------------
 */

/* IMSProvider.Logon.EntryID.3 IMSProvider.Logon.UI.3 IMSProvider.Logon.UI.6
 * IMSProvider.SpoolerLogon.6 */
static void logon__profile_without_path__unconfigured(void **state)
{
    static const ULONG flags[] = { MDB_WRITE, MDB_WRITE | MDB_NO_DIALOG,
        MAPI_BEST_ACCESS | MAPI_UNICODE };
    struct fixture *fx = *state;

    for (size_t i = 0; i < 6; i++) {
        struct raw_logon raw = { .flags = flags[i % 3], .spooler = i >= 3 };

        assert_hr(raw_logon(fx, &raw), MAPI_E_UNCONFIGURED);
        check_error(raw.error, (raw.flags & MAPI_UNICODE) != 0);
        raw_drop_support(&raw);
    }
    assert_false(host_file_exists(fx->path));
}

/* A profile in which somebody has been at work. IMSProvider.Logon.EntryID.3 */
static void logon__path_of_another_type_or_empty__unconfigured(void **state)
{
    struct fixture *fx = *state;
    struct host_bag *section = &raw_section(fx)->props;

    for (int i = 0; i < 3; i++) {
        struct raw_logon raw = { .flags = MDB_WRITE };

        if (i == 0)
            assert_int_equal(host_bag_set_text(section, PR_MKEEP_PATH_W, ""), S_OK);
        else if (i == 1)
            assert_int_equal(
                    host_bag_set_long(section, CHANGE_PROP_TYPE(PR_MKEEP_PATH_W, PT_LONG), 7),
                    S_OK);
        else
            assert_int_equal(host_bag_set_binary(
                                     section, CHANGE_PROP_TYPE(PR_MKEEP_PATH_W, PT_BINARY), "x", 2),
                    S_OK);
        assert_hr(raw_logon(fx, &raw), MAPI_E_UNCONFIGURED);
        check_error(raw.error, false);
        raw_drop_support(&raw);
    }
}

/* IMSProvider.Logon.UI.2 IMSProvider.SpoolerLogon.7 IMSProvider.Logon.Errors.3 */
static void logon__file_gone_and_no_dialog__logon_failed(void **state)
{
    struct fixture *fx = *state;

    assert_true(host_file_remove(fx->path));
    for (int spooler = 0; spooler < 2; spooler++) {
        struct raw_logon raw = { .flags = MDB_WRITE | MDB_NO_DIALOG, .spooler = spooler == 1 };

        assert_hr(raw_logon(fx, &raw), MAPI_E_LOGON_FAILED);
        check_error(raw.error, false);
        raw_drop_support(&raw);
        assert_false(host_file_exists(fx->path));
    }
}

/* IMSProvider.Logon.Errors.1 IMSProvider.Logon.Errors.2 Unicode.Rules.1 Errors.GetLastError.1
 * Errors.GetLastError.2 */
static void logon__fails__error_text_in_the_width_asked_for(void **state)
{
    struct fixture *fx = *state;

    assert_true(host_file_remove(fx->path));
    for (int unicode = 0; unicode < 2; unicode++) {
        struct raw_logon raw = { .flags = MDB_WRITE | (unicode ? MAPI_UNICODE : 0) };

        assert_hr(raw_logon(fx, &raw), MAPI_E_LOGON_FAILED);
        if (!unicode)
            assert_true(strlen((const char *)(const void *)raw.error->lpszComponent) <= 30);
        check_error(raw.error, unicode);
        raw_drop_support(&raw);
    }
}

/* IMSProvider.Logon.Errors.9 */
static void logon__required_argument_missing__invalid_parameter(void **state)
{
    struct fixture *fx = *state;
    IMSProvider *provider = fx->session.provider;
    struct host_support *support =
            host_support_new(&fx->session.world, HOST_SUPPORT_STORE, &raw_section(fx)->uid);
    IMAPISupport *sup = host_support_iface(support);

    for (int missing = 0; missing < 4; missing++) {
        IMSLogon *logon = POISON;
        IMsgStore *store = POISON;
        LPMAPIERROR error = POISON;

        assert_hr(provider->lpVtbl->Logon(provider, missing == 0 ? NULL : sup, 0, NULL,
                          missing == 3 ? 60 : 0, NULL, MDB_WRITE, NULL, NULL, NULL, &error,
                          missing == 1 ? NULL : &logon, missing == 2 ? NULL : &store),
                MAPI_E_INVALID_PARAMETER);
        assert_null(error);
        if (missing != 1)
            assert_null(logon);
        if (missing != 2)
            assert_null(store);
    }
    assert_int_equal(host_support_log_size(support), 0);
    host_support_release(support);
}

static void logon__no_place_for_the_optional_outs__succeeds(void **state)
{
    struct fixture *fx = *state;
    IMSProvider *provider = fx->session.provider;
    struct host_support *support =
            host_support_new(&fx->session.world, HOST_SUPPORT_STORE, &raw_section(fx)->uid);
    IMSLogon *logon = POISON;
    IMsgStore *store = POISON;

    assert_ok(provider->lpVtbl->Logon(provider, host_support_iface(support), 0, NULL, 0, NULL,
            MDB_WRITE, NULL, NULL, NULL, NULL, &logon, &store));

    host_support_bind(support, logon, store);
    host_support_release(support);
    release_last(store);
}

static void logon__undefined_flag__unknown_flags(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw = { .flags = MDB_WRITE | 0x00800000 };

    assert_hr(raw_logon(fx, &raw), MAPI_E_UNKNOWN_FLAGS);

    assert_null(raw.error);
    assert_int_equal(host_support_log_size(raw.support), 0);
    raw_drop_support(&raw);
}

static enum host_method failing;

static void script_failure(struct host_support *support)
{
    host_support_fail(support, failing, MAPI_E_NOT_ENOUGH_MEMORY, 1);
}

/* IMSProvider.Logon.Errors.8 Memory.Failure.1 */
static void logon__host_refuses_a_step__fails_and_leaves_no_trace(void **state)
{
    static const enum host_method steps[] = { HOST_OpenProfileSection, HOST_WrapStoreEntryID,
        HOST_SetProviderUID, HOST_ModifyStatusRow };
    struct fixture *fx = *state;
    struct raw_logon raw;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        failing = steps[i];
        raw = (struct raw_logon){ .flags = MDB_WRITE, .script = script_failure };
        assert_true(FAILED(raw_logon(fx, &raw)));
        check_error(raw.error, false);
        assert_int_equal(fx->profile->objects, 0);
        raw_drop_support(&raw);
        assert_true(raw.support->dead);
        assert_true(host_file_is_free(fx->path));
    }
    raw_open(fx, &raw, MDB_WRITE); /* not the store of a failed Logon once more */
    assert_non_null(raw.logon);
    raw_close(&raw);
}

/* Memory.Failure.2 IMSProvider.Logon.Errors.8 */
static void logon__hosts_nth_allocation_fails__succeeds_or_leaves_no_trace(void **state)
{
    struct fixture *fx = *state;
    unsigned failures = 0;

    for (size_t nth = 1;; nth++) {
        struct raw_logon raw = { .flags = MDB_WRITE };
        size_t live = host_mem_live(0);
        bool happened;

        host_mem_fail_at(nth);
        raw_logon(fx, &raw);
        happened = host_mem_fail_done();
        if (!happened) {
            assert_ok(raw.hr);
            raw_drop_support(&raw);
            raw_close(&raw);
            break;
        }
        if (FAILED(raw.hr)) {
            failures++;
            assert_true(raw.hr == MAPI_E_NOT_ENOUGH_MEMORY || raw.hr == MAPI_E_UNCONFIGURED);
        }
        mapi_free(raw.error);
        raw.error = NULL;
        raw_drop_support(&raw);
        if (raw.store)
            release_last(raw.store);
        if (FAILED(raw.hr) && nth > 30)
            assert_int_equal(host_mem_live(0), live); /* by now the section has all its values */
        assert_true(host_file_is_free(fx->path));
    }
    assert_true(failures >= 2);
}

/* --- flags --------------------------------------------------------------------------------------
 */

static IMAPIFolder *open_subtree(IMsgStore *store, ULONG flags)
{
    SPropValue *id = prop_get(store, PR_IPM_SUBTREE_ENTRYID);
    LPUNKNOWN folder = NULL;
    ULONG type = 0;

    assert_non_null(id);
    assert_ok(store->lpVtbl->OpenEntry(
            store, id->Value.bin.cb, raw_id(id->Value.bin.lpb), NULL, flags, &type, &folder));
    mapi_free(id);
    return (IMAPIFolder *)(void *)folder;
}

/* IMSProvider.Logon.Flags.1 StoreProp.SupportMask.3 StoreProp.SupportMask.4 StoreProp.SupportMask.5
 */
static void logon__without_write__support_mask_says_so(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;
    LONG mask;

    raw_open(fx, &raw, 0);
    mask = prop_long(raw.store, PR_STORE_SUPPORT_MASK);
    assert_int_equal(mask & (STORE_MODIFY_OK | STORE_CREATE_OK | STORE_SUBMIT_OK), 0);
    assert_int_equal(mask & STORE_READONLY, STORE_READONLY);
    assert_int_equal(prop_long(raw.store, PR_ACCESS_LEVEL), 0);
    raw_close(&raw);

    raw_open(fx, &raw, MDB_WRITE);
    mask = prop_long(raw.store, PR_STORE_SUPPORT_MASK);
    assert_int_equal(mask & (STORE_MODIFY_OK | STORE_CREATE_OK), STORE_MODIFY_OK | STORE_CREATE_OK);
    assert_int_equal(mask & STORE_READONLY, 0);
    assert_int_equal(prop_long(raw.store, PR_ACCESS_LEVEL), MAPI_MODIFY);
    raw_close(&raw);
}

#define assert_no_access(call) assert_hr(call, MAPI_E_NO_ACCESS)

/* Nothing of a store that is open for reading can be changed. */
static void check_read_only(IMsgStore *store)
{
    IMAPIFolder *folder = open_subtree(store, MAPI_BEST_ACCESS);
    SizedSPropTagArray(1, tags) = { 1, { PR_COMMENT_W } };
    WCHAR text[] = { 'x', 0 };
    SPropValue value = { .ulPropTag = PR_COMMENT_W, .Value.lpszW = text };
    SBinary binary = { 0 };
    ENTRYLIST list = { 1, &binary };
    IMAPIFolder *made = POISON;
    IMessage *message = POISON;
    SPropValue *inbox_id = NULL;
    ULONG old = 0;
    ULONG size = 0;
    LPENTRYID id = NULL;

    assert_int_equal(prop_long(folder, PR_ACCESS_LEVEL), 0);
    assert_no_access(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    assert_null(message);
    assert_no_access(folder->lpVtbl->CreateFolder(
            folder, FOLDER_GENERIC, (LPTSTR)(void *)text, NULL, NULL, MAPI_UNICODE, &made));
    assert_null(made);
    assert_no_access(folder->lpVtbl->SetProps(folder, 1, &value, NULL));
    assert_no_access(folder->lpVtbl->DeleteProps(folder, (LPSPropTagArray)&tags, NULL));
    assert_no_access(store->lpVtbl->SetProps(store, 1, &value, NULL));
    assert_no_access(store->lpVtbl->DeleteProps(store, (LPSPropTagArray)&tags, NULL));
    assert_ok(store->lpVtbl->GetReceiveFolder(store, NULL, 0, &size, &id, NULL));
    assert_no_access(folder->lpVtbl->DeleteFolder(folder, size, id, 0, NULL, 0));
    inbox_id = prop_get(folder, PR_ENTRYID);
    binary.cb = inbox_id->Value.bin.cb;
    binary.lpb = inbox_id->Value.bin.lpb;
    assert_no_access(folder->lpVtbl->DeleteMessages(folder, &list, 0, NULL, 0));
    assert_no_access(folder->lpVtbl->SetMessageStatus(
            folder, binary.cb, raw_id(binary.lpb), MSGSTATUS_HIDDEN, MSGSTATUS_HIDDEN, &old));
    assert_no_access(store->lpVtbl->SetReceiveFolder(store, NULL, 0, size, id));
    mapi_free(id);
    mapi_free(inbox_id);
    release_last(folder);
}

/* IMSProvider.Logon.Flags.2 StoreProp.SupportMask.2 IMsgStore.SetReceiveFolder.15
   IMsgStore.OpenEntry.5 StoreProp.Required.12 */
static void logon__without_write__nothing_can_be_changed(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;
    LPUNKNOWN object = POISON;
    ULONG type = POISON_LONG;

    raw_open(fx, &raw, 0);

    check_read_only(raw.store);

    /* IMsgStore.OpenEntry.4 */
    assert_hr(raw.store->lpVtbl->OpenEntry(raw.store, 0, NULL, NULL, MAPI_MODIFY, &type, &object),
            MAPI_E_NO_ACCESS);
    assert_null(object);
    assert_int_equal(type, 0);
    raw_close(&raw);
}

/* IMSProvider.Logon.Flags.4 */
static void logon__best_access__writes_where_it_can(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;

    raw_open(fx, &raw, MAPI_BEST_ACCESS);

    assert_int_equal(prop_long(raw.store, PR_ACCESS_LEVEL), MAPI_MODIFY);
    prop_set_text(raw.store, PR_COMMENT_W, "written");
    raw_close(&raw);
}

/* IMSProvider.Logon.Flags.7 IMSProvider.Logon.Flags.8 IMSProvider.Logon.Flags.5 */
static void logon__flags_that_mean_nothing_here__are_ignored(void **state)
{
    static const ULONG flags[] = { MAPI_DEFERRED_ERRORS, MDB_ONLINE, MDB_TEMPORARY, MDB_NO_MAIL,
        MDB_NO_DIALOG, MAPI_UNICODE };
    struct fixture *fx = *state;

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        struct raw_logon raw;

        raw_open(fx, &raw, MDB_WRITE | flags[i]);
        raw_close(&raw);
    }
}

/* --- SpoolerLogon -------------------------------------------------------------------------------
 */

/* IMSProvider.SpoolerLogon.1 IMSProvider.SpoolerLogon.3 IMSProvider.SpoolerLogon.4
   IMSProvider.SpoolerLogon.9 IMSProvider.SpoolerLogon.10 */
static void spooler_logon__configured__gives_a_pair_of_its_own(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw = { .flags = MDB_WRITE | MDB_NO_DIALOG, .spooler = true };

    assert_ok(raw_logon(fx, &raw));

    assert_non_null(raw.logon);
    assert_int_equal(host_support_refs(raw.support), 2);
    assert_int_equal(host_support_calls(raw.support, HOST_SetProviderUID), 1);
    raw_drop_support(&raw);
    assert_int_equal(prop_long(raw.store, PR_OBJECT_TYPE), MAPI_STORE);
    raw_close(&raw);
    assert_true(raw.support->dead);
}

/* IMSProvider.SpoolerLogon.5 */
static void spooler_logon__data_that_is_not_ours__logon_failed(void **state)
{
    static const unsigned char data[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    struct fixture *fx = *state;

    for (size_t size = 0; size <= sizeof(data); size++) {
        struct raw_logon raw = {
            .flags = MDB_WRITE, .spooler = true, .spool_security = data, .spool_security_size = size
        };

        assert_hr(raw_logon(fx, &raw), MAPI_E_LOGON_FAILED);
        check_error(raw.error, false);
        raw_drop_support(&raw);
    }
}

/* IMSProvider.SpoolerLogon.8 */
static void spooler_logon__interfaces__as_logon(void **state)
{
    const IID *iids[] = { NULL, &IID_IMsgStore, &IID_IUnknown, &IID_IMAPIProp, &IID_IMessage };
    struct fixture *fx = *state;

    for (size_t i = 0; i < 5; i++) {
        struct raw_logon raw = { .flags = MDB_WRITE, .spooler = true, .iid = iids[i] };

        raw_logon(fx, &raw);
        assert_hr(raw.hr, i < 4 ? S_OK : MAPI_E_INTERFACE_NOT_SUPPORTED);
        raw_drop_support(&raw);
        if (raw.store) {
            assert_int_equal(prop_long(raw.store, PR_OBJECT_TYPE), MAPI_STORE);
            raw_close(&raw);
        }
    }
}

/* IMSProvider.SpoolerLogon.11 Teardown.Data.3 */
static void spooler_logon__beside_a_client__the_two_end_on_their_own(void **state)
{
    struct fixture *fx = *state;

    for (int client_first = 0; client_first < 2; client_first++) {
        struct raw_logon client;
        struct raw_logon spooler = { .flags = MDB_WRITE, .spooler = true };
        struct raw_logon *first = client_first ? &client : &spooler;
        struct raw_logon *last = client_first ? &spooler : &client;

        raw_open(fx, &client, MDB_WRITE);
        assert_ok(raw_logon(fx, &spooler));
        raw_drop_support(&spooler);
        assert_non_null(spooler.logon);
        assert_ptr_not_equal(spooler.store, client.store);

        raw_close(first);

        assert_true(first->support->dead);
        assert_false(last->support->dead);
        prop_set_text(last->store, PR_COMMENT_W, client_first ? "spooler" : "client");
        prop_assert_text(last->store, PR_COMMENT_W, client_first ? "spooler" : "client");
        raw_close(last);
    }
}

#define LOADED(test) cmocka_unit_test_setup_teardown(test, fixture_session_setup, fixture_teardown)
#define CONFIGURED(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, fixture_configured_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOADED(logon__profile_without_path__unconfigured),
        LOADED(logon__path_of_another_type_or_empty__unconfigured),
        CONFIGURED(logon__file_gone_and_no_dialog__logon_failed),
        CONFIGURED(logon__fails__error_text_in_the_width_asked_for),
        CONFIGURED(logon__required_argument_missing__invalid_parameter),
        CONFIGURED(logon__no_place_for_the_optional_outs__succeeds),
        CONFIGURED(logon__undefined_flag__unknown_flags),
        CONFIGURED(logon__host_refuses_a_step__fails_and_leaves_no_trace),
        CONFIGURED(logon__hosts_nth_allocation_fails__succeeds_or_leaves_no_trace),
        CONFIGURED(logon__without_write__support_mask_says_so),
        CONFIGURED(logon__without_write__nothing_can_be_changed),
        CONFIGURED(logon__best_access__writes_where_it_can),
        CONFIGURED(logon__flags_that_mean_nothing_here__are_ignored),
        CONFIGURED(spooler_logon__configured__gives_a_pair_of_its_own),
        CONFIGURED(spooler_logon__data_that_is_not_ours__logon_failed),
        CONFIGURED(spooler_logon__interfaces__as_logon),
        CONFIGURED(spooler_logon__beside_a_client__the_two_end_on_their_own),
    };

    return cmocka_run_group_tests_name("logon_errors", tests, NULL, NULL);
}
