/* SPDX-License-Identifier: MIT */
/*
 * test_logon.c - IMSLogon: identities, opening and comparing by entry id, errors, and what a forced
 * logoff does.
 */
#include "raw_logon.h"

static IMSLogon *logon_of(struct fixture *fx)
{
    assert_non_null(fx->support->logon);
    return fx->support->logon;
}

static LPENTRYID id_of(const SPropValue *value)
{
    return raw_id(value->Value.bin.lpb);
}

/* --- identities ---------------------------------------------------------------------------------
 */

/* IMSLogon.IUnknown.1 Memory.COM.1 */
static void query__identities__same_object_one_reference_more(void **state)
{
    const IID *iids[] = { &IID_IUnknown, &IID_IMSLogon };
    IMSLogon *logon = logon_of(*state);

    for (size_t i = 0; i < 2; i++) {
        void *out = POISON;

        assert_ok(logon->lpVtbl->QueryInterface(logon, iids[i], &out));
        assert_ptr_equal(out, logon);
        assert_int_equal(logon->lpVtbl->Release(logon), 1);
    }
}

static void query__something_else__no_interface_and_null(void **state)
{
    IMSLogon *logon = logon_of(*state);
    void *out = POISON;

    assert_hr(logon->lpVtbl->QueryInterface(logon, &IID_IMsgStore, &out), E_NOINTERFACE);
    assert_null(out);
}

/* IMSLogon.IUnknown.3 Teardown.StoreClose.5 */
static void store__last_release__is_not_held_up_by_the_logon(void **state)
{
    struct fixture *fx = *state;
    IMSLogon *logon = logon_of(fx);

    logon->lpVtbl->AddRef(logon);

    release_last(fx->store);

    assert_true(fx->support->dead);
    release_last(logon);
}

/* --- GetLastError -------------------------------------------------------------------------------
 */

/* IMSLogon.GetLastError.1 */
static void last_error__nothing_known__succeeds_with_null(void **state)
{
    static const HRESULT asked[] = { S_OK, MAPI_E_NOT_FOUND, MAPI_E_NO_SUPPORT,
        MAPI_W_ERRORS_RETURNED };
    IMSLogon *logon = logon_of(*state);

    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        LPMAPIERROR error = POISON;

        assert_ok(logon->lpVtbl->GetLastError(logon, asked[i], MAPI_UNICODE, &error));
        assert_null(error);
    }
}

static HRESULT provoke(IMSLogon *logon)
{
    unsigned char id[32] = { 0 };
    LPUNKNOWN object = POISON;
    ULONG type = POISON_LONG;
    HRESULT hr = logon->lpVtbl->OpenEntry(logon, sizeof(id), raw_id(id), NULL, 0, &type, &object);

    assert_null(object);
    assert_int_equal(type, 0);
    return hr;
}

/* IMSLogon.GetLastError.2 IMSLogon.GetLastError.3 Errors.GetLastError.1 Errors.GetLastError.2
 * Memory.Ownership.1 */
static void last_error__call_failed__one_block_in_either_width(void **state)
{
    IMSLogon *logon = logon_of(*state);
    LPMAPIERROR error = POISON;
    HRESULT failed = provoke(logon);
    const char *narrow;
    char *wide;

    assert_hr(failed, MAPI_E_UNKNOWN_ENTRYID);

    assert_ok(logon->lpVtbl->GetLastError(logon, failed, 0, &error));
    assert_true(host_mem_is_root(error));
    assert_int_equal(error->ulVersion, MAPI_ERROR_VERSION);
    narrow = (const char *)(const void *)error->lpszError;
    assert_true(host_mem_belongs(error, narrow, strlen(narrow) + 1));
    assert_true(strlen((const char *)(const void *)error->lpszComponent) <= 30);
    {
        LPMAPIERROR second = POISON;

        assert_ok(logon->lpVtbl->GetLastError(logon, failed, MAPI_UNICODE, &second));
        wide = host_text_to_utf8((const uint16_t *)(const void *)second->lpszError, SIZE_MAX);
        assert_string_equal(wide, narrow);
        free(wide);
        mapi_free(second);
    }
    mapi_free(error);
}

/* IMSLogon.GetLastError.5 */
static void last_error__bad_arguments__are_refused(void **state)
{
    IMSLogon *logon = logon_of(*state);
    LPMAPIERROR error = POISON;

    assert_hr(logon->lpVtbl->GetLastError(logon, MAPI_E_NOT_FOUND, 0, NULL),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(logon->lpVtbl->GetLastError(logon, MAPI_E_NOT_FOUND, 0x10, &error),
            MAPI_E_UNKNOWN_FLAGS);
    assert_null(error);
}

/* --- OpenEntry ----------------------------------------------------------------------------------
 */

/* IMSLogon.OpenEntry.1 IMSLogon.OpenEntry.2 */
static void open_entry__folder_and_message__as_the_store_would(void **state)
{
    struct fixture *fx = *state;
    IMSLogon *logon = logon_of(fx);
    SPropValue *ids[] = { message_make(fx->inbox, "one"),
        prop_get(fx->store, PR_IPM_SUBTREE_ENTRYID) };
    const ULONG types[] = { MAPI_MESSAGE, MAPI_FOLDER };

    for (size_t i = 0; i < 2; i++) {
        for (ULONG flags = 0; flags <= MAPI_MODIFY; flags += MAPI_MODIFY) {
            LPUNKNOWN mine = POISON;
            LPUNKNOWN theirs = POISON;
            ULONG my_type = POISON_LONG;
            ULONG their_type = POISON_LONG;

            assert_ok(logon->lpVtbl->OpenEntry(
                    logon, ids[i]->Value.bin.cb, id_of(ids[i]), NULL, flags, &my_type, &mine));
            assert_ok(fx->store->lpVtbl->OpenEntry(fx->store, ids[i]->Value.bin.cb, id_of(ids[i]),
                    NULL, flags, &their_type, &theirs));
            assert_int_equal(my_type, types[i]);
            assert_int_equal(their_type, types[i]);
            assert_int_equal(prop_long(mine, PR_ACCESS_LEVEL), prop_long(theirs, PR_ACCESS_LEVEL));
            assert_int_equal(prop_long(mine, PR_OBJECT_TYPE), types[i]);
            release_last(mine);
            release_last(theirs);
        }
        mapi_free(ids[i]);
    }
}

/* IMSLogon.OpenEntry.2 */
static void open_entry__no_id__the_root_folder(void **state)
{
    struct fixture *fx = *state;
    IMSLogon *logon = logon_of(fx);
    LPUNKNOWN object = POISON;
    ULONG type = POISON_LONG;

    assert_ok(logon->lpVtbl->OpenEntry(logon, 0, NULL, NULL, 0, &type, &object));

    assert_int_equal(type, MAPI_FOLDER);
    assert_int_equal(prop_long(object, PR_FOLDER_TYPE), FOLDER_ROOT);
    release_last(object);
}

/* IMSLogon.OpenEntry.2 */
static void open_entry__bad_arguments__same_codes_as_the_store(void **state)
{
    struct fixture *fx = *state;
    IMSLogon *logon = logon_of(fx);
    SPropValue *id = prop_get(fx->store, PR_IPM_SUBTREE_ENTRYID);
    unsigned char bad[64];

    for (int i = 0; i < 8; i++) {
        ULONG size = id->Value.bin.cb;
        LPENTRYID entry_id = raw_id(bad);
        LPCIID iid = NULL;
        ULONG flags = 0;
        LPUNKNOWN mine = POISON;
        LPUNKNOWN theirs = POISON;
        ULONG my_type = POISON_LONG;
        ULONG their_type = POISON_LONG;
        HRESULT hr;

        memcpy(bad, id->Value.bin.lpb, size);
        if (i == 0)
            size--;
        else if (i == 1)
            bad[4] ^= 1;
        else if (i == 2)
            bad[21] = 7;
        else if (i == 3)
            bad[31] = 0x40; /* an object that never was */
        else if (i == 4)
            entry_id = NULL;
        else if (i == 5)
            iid = &IID_IMessage;
        else if (i == 6)
            flags = 0x40000000;
        else
            iid = &IID_IMAPITable;
        hr = logon->lpVtbl->OpenEntry(logon, size, entry_id, iid, flags, &my_type, &mine);
        assert_true(FAILED(hr));
        assert_hr(fx->store->lpVtbl->OpenEntry(
                          fx->store, size, entry_id, iid, flags, &their_type, &theirs),
                hr);
        assert_null(mine);
        assert_null(theirs);
        assert_int_equal(my_type, 0);
        assert_int_equal(their_type, 0);
    }
    mapi_free(id);
}

static void open_entry__no_place_for_results__invalid_parameter(void **state)
{
    IMSLogon *logon = logon_of(*state);
    LPUNKNOWN object = POISON;
    ULONG type = POISON_LONG;

    assert_hr(logon->lpVtbl->OpenEntry(logon, 0, NULL, NULL, 0, NULL, &object),
            MAPI_E_INVALID_PARAMETER);
    assert_null(object);
    assert_hr(logon->lpVtbl->OpenEntry(logon, 0, NULL, NULL, 0, &type, NULL),
            MAPI_E_INVALID_PARAMETER);
    assert_int_equal(type, 0);
}

/* IMSLogon.OpenEntry.3 IMSLogon.IUnknown.2 */
static void open_entry__store_released__objects_and_logon_are_of_no_use(void **state)
{
    struct fixture *fx = *state;
    IMSLogon *logon = logon_of(fx);
    SizedSPropTagArray(1, tags) = { 1, { PR_DISPLAY_NAME_W } };
    SPropValue *values = POISON;
    LPUNKNOWN object = NULL;
    LPUNKNOWN again = POISON;
    ULONG count = POISON_LONG;
    ULONG type = 0;
    IMAPIFolder *folder;

    logon->lpVtbl->AddRef(logon);
    assert_ok(logon->lpVtbl->OpenEntry(logon, 0, NULL, NULL, 0, &type, &object));
    folder = (IMAPIFolder *)(void *)object;
    release_last(fx->store);

    assert_hr(folder->lpVtbl->GetProps(folder, (LPSPropTagArray)&tags, 0, &count, &values),
            MAPI_E_INVALID_OBJECT);
    assert_null(values);
    assert_hr(logon->lpVtbl->OpenEntry(logon, 0, NULL, NULL, 0, &type, &again),
            MAPI_E_INVALID_OBJECT);
    assert_null(again);
    release_last(folder);
    release_last(logon);
}

/* --- CompareEntryIDs ----------------------------------------------------------------------------
 */

/* IMSLogon.CompareEntryIDs.1 IMSLogon.CompareEntryIDs.2 IMSLogon.CompareEntryIDs.3
   IMsgStore.CompareEntryIDs.1 IMsgStore.CompareEntryIDs.2 */
static void compare__same_and_other_objects__tells_them_apart(void **state)
{
    struct fixture *fx = *state;
    IMSLogon *logon = logon_of(fx);
    SPropValue *one = message_make(fx->inbox, "one");
    SPropValue *two = message_make(fx->inbox, "two");
    unsigned char later[64];
    ULONG equal = POISON_LONG;

    assert_ok(logon->lpVtbl->CompareEntryIDs(
            logon, one->Value.bin.cb, id_of(one), one->Value.bin.cb, id_of(one), 0, &equal));
    assert_int_equal(equal, TRUE);
    assert_ok(logon->lpVtbl->CompareEntryIDs(
            logon, one->Value.bin.cb, id_of(one), two->Value.bin.cb, id_of(two), 0, &equal));
    assert_int_equal(equal, FALSE);
    assert_ok(fx->store->lpVtbl->CompareEntryIDs(
            fx->store, two->Value.bin.cb, id_of(two), two->Value.bin.cb, id_of(two), 0, &equal));
    assert_int_equal(equal, TRUE);
    assert_ok(fx->store->lpVtbl->CompareEntryIDs(
            fx->store, one->Value.bin.cb, id_of(one), two->Value.bin.cb, id_of(two), 0, &equal));
    assert_int_equal(equal, FALSE);

    memcpy(later, one->Value.bin.lpb,
            one->Value.bin.cb); /* as a later version of ours might write it */
    later[20]++;
    later[one->Value.bin.cb] = 0x55;
    assert_ok(logon->lpVtbl->CompareEntryIDs(
            logon, one->Value.bin.cb, id_of(one), one->Value.bin.cb + 1, raw_id(later), 0, &equal));
    assert_int_equal(equal, TRUE);
    mapi_free(one);
    mapi_free(two);
}

/* IMsgStore.CompareEntryIDs.3 IMsgStore.CompareEntryIDs.4 Errors.Codes.1 */
static void compare__bad_arguments__are_refused(void **state)
{
    struct fixture *fx = *state;
    IMSLogon *logon = logon_of(fx);
    IMsgStore *store = fx->store;
    SPropValue *id = prop_get(store, PR_IPM_SUBTREE_ENTRYID);
    ULONG size = id->Value.bin.cb;
    unsigned char bad[64];
    ULONG equal;

    memcpy(bad, id->Value.bin.lpb, size);
    bad[10] ^= 1;
    for (int i = 0; i < 5; i++) {
        LPENTRYID second = i == 0 || i == 1 ? raw_id(bad) : i == 2 ? NULL : id_of(id);
        ULONG second_size = i == 1 ? 7 : size;
        ULONG flags = i == 3 ? 1 : 0;
        ULONG *out = i == 4 ? NULL : &equal;
        HRESULT expected = i < 2    ? MAPI_E_UNKNOWN_ENTRYID
                           : i == 3 ? MAPI_E_UNKNOWN_FLAGS
                                    : MAPI_E_INVALID_PARAMETER;

        equal = POISON_LONG;
        assert_hr(logon->lpVtbl->CompareEntryIDs(
                          logon, size, id_of(id), second_size, second, flags, out),
                expected);
        if (out)
            assert_int_equal(equal, 0);
        equal = POISON_LONG;
        assert_hr(store->lpVtbl->CompareEntryIDs(
                          store, second_size, second, size, id_of(id), flags, out),
                expected);
        if (out)
            assert_int_equal(equal, 0);
    }
    mapi_free(id);
}

/* --- Logoff -------------------------------------------------------------------------------------
 */

/* Logs off as a session does, with the logon object still in hand. */
static IMSLogon *take_logon(struct fixture *fx)
{
    IMSLogon *logon = host_support_unbind(fx->support);

    assert_non_null(logon);
    return logon;
}

/* IMSLogon.Logoff.1 IMSLogon.Logoff.2 IMSLogon.Logoff.4 Teardown.SessionLogoff.1 Teardown.Data.2 */
static void logoff__store_held__lets_go_of_support_and_file(void **state)
{
    struct fixture *fx = *state;
    IMSLogon *logon = take_logon(fx);
    ULONG flags = 0;
    size_t calls;

    assert_ok(logon->lpVtbl->Logoff(logon, &flags));

    assert_true(fx->support->dead);
    assert_true(host_file_is_free(fx->path));
    calls = host_support_log_size(fx->support);
    release_last(fx->inbox);
    release_last(fx->store);
    assert_int_equal(host_support_log_size(fx->support), calls);
    release_last(logon);
    assert_int_equal(host_support_log_size(fx->support), calls);
}

/* IMSLogon.Logoff.7 IMSLogon.Logoff.8 */
static void logoff__again_and_without_flags__succeeds(void **state)
{
    struct fixture *fx = *state;
    IMSLogon *logon = take_logon(fx);
    ULONG flags = 0;
    size_t releases;

    assert_ok(logon->lpVtbl->Logoff(logon, NULL));
    releases = host_support_calls(fx->support, HOST_Release);
    assert_ok(logon->lpVtbl->Logoff(logon, &flags));
    assert_ok(logon->lpVtbl->Logoff(logon, NULL));

    assert_int_equal(host_support_calls(fx->support, HOST_Release), releases);
    release_last(logon);
}

/* IMSLogon.Logoff.9 */
static void logoff__file_gone_under_us__succeeds(void **state)
{
    struct fixture *fx = *state;
    IMSLogon *logon = take_logon(fx);
    FILE *file;
    ULONG flags = 0;

    mapi_free(message_make(fx->inbox, "soon gone"));
    file = host_fopen(
            fx->path, "r+b"); /* overwrites the head of the file, where the system lets us */
    if (file) {
        (void)fwrite("not a store any more", 1, 20, file);
        fclose(file);
    }

    assert_ok(logon->lpVtbl->Logoff(logon, &flags));

    release_last(logon);
}

/* IMSLogon.Logoff.5 IMSProvider.Logon.Again.8 */
static void logoff__store_held__a_new_logon_is_a_first_one(void **state)
{
    struct fixture *fx = *state;
    IMSLogon *logon = take_logon(fx);
    struct raw_logon raw;
    ULONG flags = 0;

    assert_ok(logon->lpVtbl->Logoff(logon, &flags));

    raw_open(fx, &raw, MDB_WRITE);
    assert_non_null(raw.logon);
    assert_ptr_not_equal(raw.store, fx->store);
    raw_close(&raw);
    release_last(logon);
}

#define STORE(test) cmocka_unit_test_setup_teardown(test, fixture_store_setup, fixture_teardown)
#define INBOX(test) cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE(query__identities__same_object_one_reference_more),
        STORE(query__something_else__no_interface_and_null),
        STORE(store__last_release__is_not_held_up_by_the_logon),
        STORE(last_error__nothing_known__succeeds_with_null),
        STORE(last_error__call_failed__one_block_in_either_width),
        STORE(last_error__bad_arguments__are_refused),
        INBOX(open_entry__folder_and_message__as_the_store_would),
        STORE(open_entry__no_id__the_root_folder),
        STORE(open_entry__bad_arguments__same_codes_as_the_store),
        STORE(open_entry__no_place_for_results__invalid_parameter),
        STORE(open_entry__store_released__objects_and_logon_are_of_no_use),
        INBOX(compare__same_and_other_objects__tells_them_apart),
        STORE(compare__bad_arguments__are_refused),
        INBOX(logoff__store_held__lets_go_of_support_and_file),
        INBOX(logoff__again_and_without_flags__succeeds),
        INBOX(logoff__file_gone_under_us__succeeds),
        INBOX(logoff__store_held__a_new_logon_is_a_first_one),
    };

    return cmocka_run_group_tests_name("logon", tests, NULL, NULL);
}
