/* SPDX-License-Identifier: MIT */
/*
 * test_status.c - IMAPIStatus, IMSLogon::OpenStatusEntry and the row in the status table.
 */
#include "raw_logon.h"

static IMAPIStatus *open_status(struct fixture *fx)
{
    IMAPIStatus *status = NULL;

    assert_ok(host_session_open_status(&fx->session, fx->support, 0, &status));
    assert_non_null(status);
    return status;
}

/* IMSLogon.OpenStatusEntry.1 IMSLogon.OpenStatusEntry.2 */
static void open__interfaces_and_flags__gives_the_status_object(void **state)
{
    struct fixture *fx = *state;
    const IID *iids[] = { NULL, &IID_IMAPIStatus, &IID_IMAPIProp, &IID_IUnknown };
    IMSLogon *logon = fx->support->logon;

    for (size_t i = 0; i < 8; i++) {
        LPVOID object = POISON;
        ULONG type = POISON_LONG;
        IMAPIStatus *status;
        SPropValue value = { .ulPropTag = PR_STATUS_CODE };

        assert_ok(logon->lpVtbl->OpenStatusEntry(
                logon, iids[i % 4], i < 4 ? 0 : MAPI_MODIFY, &type, &object));
        status = object;
        assert_int_equal(type, MAPI_STATUS);
        assert_int_equal(prop_long(status, PR_OBJECT_TYPE), MAPI_STATUS);
        if (i >= 4) { /* it stays read-only whatever was asked for */
            LPSPropProblemArray problems = NULL;
            HRESULT hr = status->lpVtbl->SetProps(status, 1, &value, &problems);

            assert_true(hr == MAPI_E_NO_ACCESS || (hr == S_OK && problems));
            mapi_free(problems);
        }
        release_last(status);
    }
}

/* IMSLogon.OpenStatusEntry.3 */
static void open__twice__the_same_object(void **state)
{
    struct fixture *fx = *state;
    IMAPIStatus *one = open_status(fx);
    IMAPIStatus *two = open_status(fx);

    assert_ptr_equal(one, two);
    assert_int_equal(two->lpVtbl->Release(two), 1);
    release_last(one);
    one = open_status(fx); /* and a new one when it is gone */
    release_last(one);
}

/* IMSLogon.OpenStatusEntry.4 IMSLogon.OpenStatusEntry.5 */
static void open__bad_arguments__are_refused(void **state)
{
    struct fixture *fx = *state;
    IMSLogon *logon = fx->support->logon;
    LPVOID object = POISON;
    ULONG type = POISON_LONG;

    assert_hr(logon->lpVtbl->OpenStatusEntry(logon, &IID_IMAPIFolder, 0, &type, &object),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_null(object);
    assert_int_equal(type, 0);
    assert_hr(
            logon->lpVtbl->OpenStatusEntry(logon, NULL, 0, &type, NULL), MAPI_E_INVALID_PARAMETER);
    assert_hr(logon->lpVtbl->OpenStatusEntry(logon, NULL, 0, NULL, &object),
            MAPI_E_INVALID_PARAMETER);
    object = POISON;
    assert_hr(logon->lpVtbl->OpenStatusEntry(logon, NULL, 0x100, &type, &object),
            MAPI_E_UNKNOWN_FLAGS);
    assert_null(object);
}

/* IMAPIStatus.Object.1 Memory.COM.1 */
static void query__identities__same_object(void **state)
{
    struct fixture *fx = *state;
    const IID *iids[] = { &IID_IUnknown, &IID_IMAPIProp, &IID_IMAPIStatus };
    IMAPIStatus *status = open_status(fx);
    void *out;

    for (size_t i = 0; i < 3; i++) {
        out = POISON;
        assert_ok(status->lpVtbl->QueryInterface(status, iids[i], &out));
        assert_ptr_equal(out, status);
        assert_int_equal(status->lpVtbl->Release(status), 1);
    }
    assert_hr(status->lpVtbl->QueryInterface(status, &IID_IMsgStore, &out), E_NOINTERFACE);
    assert_null(out);
    release_last(status);
}

/* IMAPIStatus.Object.2 IMAPIStatus.Object.3 IMAPIStatus.Object.4 IMAPIStatus.Object.5
 * IMAPIStatus.Object.8 */
static void get__required_properties__are_all_there(void **state)
{
    static const SizedSPropTagArray(
            9, tags) = { 9, { PR_DISPLAY_NAME_W, PR_PROVIDER_DISPLAY_W, PR_PROVIDER_DLL_NAME_W,
                                    PR_RESOURCE_TYPE, PR_RESOURCE_METHODS, PR_RESOURCE_FLAGS,
                                    PR_STATUS_CODE, PR_OBJECT_TYPE, PR_ENTRYID } };

    union {
        const void *given;
        LPSPropTagArray taken;
    } array = { .given = &tags };
    struct fixture *fx = *state;
    IMAPIStatus *status = open_status(fx);
    SPropValue *values = NULL;
    ULONG count = 0;

    assert_ok(status->lpVtbl->GetProps(status, array.taken, MAPI_UNICODE, &count, &values));

    assert_int_equal(count, 9);
    assert_int_equal(values[3].Value.l, 33);
    assert_int_equal(values[6].Value.l, STATUS_AVAILABLE);
    assert_int_equal(values[7].Value.l, MAPI_STATUS);
    assert_true(values[8].Value.bin.cb > 0);
    mapi_free(values);
    release_last(status);
}

/* IMAPIStatus.Object.6 */
static void row__in_the_status_table__agrees_with_the_object(void **state)
{
    static const ULONG tags[] = { PR_DISPLAY_NAME_W, PR_PROVIDER_DISPLAY_W, PR_RESOURCE_METHODS,
        PR_STATUS_CODE };
    struct fixture *fx = *state;
    const struct host_bag *row = host_world_status_row(&fx->session.world, fx->support);
    IMAPIStatus *status = open_status(fx);

    assert_non_null(row);
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        const SPropValue *there = host_bag_get(row, tags[i]);
        SPropValue *here = prop_get(status, tags[i]);

        assert_non_null(there);
        assert_non_null(here);
        assert_true(host_prop_same(there, here));
        mapi_free(here);
    }
    release_last(status);
}

/* IMAPIStatus.Object.7 IMAPIStatus.ValidateState.1 IMAPIStatus.ValidateState.2
   IMAPIStatus.SettingsDialog.2 IMAPIStatus.ChangePassword.2 IMAPIStatus.FlushQueues.1 Memory.COM.3;
   test_dialog has the settings dialog where it can be shown. */
static void methods__resource_methods__says_which_work(void **state)
{
    struct fixture *fx = *state;
    IMAPIStatus *status = open_status(fx);
    LONG methods = prop_long(status, PR_RESOURCE_METHODS);
    WCHAR word[] = { 'x', 0 };

    assert_int_equal(methods & STATUS_VALIDATE_STATE, STATUS_VALIDATE_STATE);
    assert_ok(status->lpVtbl->ValidateState(status, 0, 0));
    assert_int_equal(methods & (STATUS_CHANGE_PASSWORD | STATUS_FLUSH_QUEUES), 0);
    if (!(methods & STATUS_SETTINGS_DIALOG))
        assert_hr(status->lpVtbl->SettingsDialog(status, 0, 0), MAPI_E_NO_SUPPORT);
    assert_hr(status->lpVtbl->ChangePassword(
                      status, (LPTSTR)(void *)word, (LPTSTR)(void *)word, MAPI_UNICODE),
            MAPI_E_NO_SUPPORT);
    assert_hr(status->lpVtbl->FlushQueues(status, 0, 0, NULL, 0), MAPI_E_NO_SUPPORT);
    release_last(status);
}

/* IMAPIStatus.ValidateState.5 IMAPIStatus.ValidateState.6 */
static void validate__flags__only_known_ones(void **state)
{
    static const ULONG known[] = { SUPPRESS_UI, REFRESH_XP_HEADER_CACHE, PROCESS_XP_HEADER_CACHE,
        FORCE_XP_CONNECT, FORCE_XP_DISCONNECT, CONFIG_CHANGED };
    struct fixture *fx = *state;
    IMAPIStatus *status = open_status(fx);

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        assert_ok(status->lpVtbl->ValidateState(status, 0, known[i]));
    assert_hr(status->lpVtbl->ValidateState(status, 0, 0x40000000), MAPI_E_UNKNOWN_FLAGS);
    assert_hr(status->lpVtbl->ValidateState(status, 0, SUPPRESS_UI | 0x08000000),
            MAPI_E_UNKNOWN_FLAGS);
    release_last(status);
}

/* IMAPIStatus.Object.10 */
static void set__its_properties__changes_nothing(void **state)
{
    static const ULONG tags[] = { PR_RESOURCE_METHODS, PR_RESOURCE_TYPE, PR_RESOURCE_FLAGS,
        PR_STATUS_CODE, PR_PROVIDER_DLL_NAME_W };
    struct fixture *fx = *state;
    IMAPIStatus *status = open_status(fx);
    WCHAR text[] = { 'x', 0 };

    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        SPropValue value = { .ulPropTag = tags[i] };
        LPSPropProblemArray problems = NULL;
        SPropValue *before = prop_get(status, tags[i]);
        SPropValue *after;
        HRESULT hr;

        if (PROP_TYPE(tags[i]) == PT_LONG)
            value.Value.l = 0x1234;
        else
            value.Value.lpszW = text;
        hr = status->lpVtbl->SetProps(status, 1, &value, &problems);
        assert_true(hr == MAPI_E_NO_ACCESS || (hr == S_OK && problems && problems->cProblem == 1));
        after = prop_get(status, tags[i]);
        assert_true(host_prop_same(before, after));
        mapi_free(problems);
        mapi_free(before);
        mapi_free(after);
    }
    release_last(status);
}

/* IMAPIStatus.Object.11 */
static void save_changes__nothing_to_save__succeeds(void **state)
{
    struct fixture *fx = *state;
    IMAPIStatus *status = open_status(fx);

    assert_ok(status->lpVtbl->SaveChanges(status, 0));
    assert_ok(status->lpVtbl->SaveChanges(status, KEEP_OPEN_READWRITE));
    assert_int_equal(prop_long(status, PR_STATUS_CODE), STATUS_AVAILABLE);
    release_last(status);
}

/* IMAPIStatus.Object.12 */
static void get__identity__none_of_the_three(void **state)
{
    static const ULONG tags[] = { PR_IDENTITY_DISPLAY_W, PR_IDENTITY_ENTRYID,
        PR_IDENTITY_SEARCH_KEY };
    struct fixture *fx = *state;
    IMAPIStatus *status = open_status(fx);

    for (size_t i = 0; i < 3; i++)
        assert_null(prop_get(status, tags[i]));
    assert_int_equal(prop_long(status, PR_RESOURCE_FLAGS) & STATUS_NO_PRIMARY_IDENTITY,
            STATUS_NO_PRIMARY_IDENTITY);
    release_last(status);
}

static LONG code_in_row(struct fixture *fx)
{
    const struct host_bag *row = host_world_status_row(&fx->session.world, fx->support);

    assert_non_null(row);
    return host_bag_long(row, PR_STATUS_CODE, 0);
}

/* IMAPIStatus.Object.9 Errors.Codes.4 */
static void validate__file_gone__row_and_object_say_so(void **state)
{
    struct fixture *fx = *state;
    IMAPIStatus *status = open_status(fx);
    struct host_call call;
    LPMAPIERROR error = POISON;

    assert_int_equal(code_in_row(fx), STATUS_AVAILABLE);
    if (!host_file_remove(fx->path)) { /* some systems do not let us */
        release_last(status);
        skip();
    }

    assert_hr(status->lpVtbl->ValidateState(status, 0, SUPPRESS_UI), MAPI_E_DISK_ERROR);
    assert_hr(status->lpVtbl->ValidateState(status, 0, SUPPRESS_UI), MAPI_E_DISK_ERROR);

    assert_int_equal(
            host_support_calls(fx->support, HOST_ModifyStatusRow), 2); /* made, updated once */
    assert_true(host_support_call(fx->support, HOST_ModifyStatusRow, 1, &call));
    assert_int_equal(call.flags, STATUSROW_UPDATE);
    assert_int_equal(code_in_row(fx), STATUS_FAILURE);
    assert_int_equal(prop_long(status, PR_STATUS_CODE), STATUS_FAILURE);
    assert_ok(status->lpVtbl->GetLastError(status, MAPI_E_DISK_ERROR, 0, &error));
    assert_non_null(error);
    mapi_free(error);
    release_last(status);
}

static void log_off_in_update(struct host_support *support, enum host_method method, void *context)
{
    IMSLogon *logon = context;
    ULONG flags = 0;

    (void)support;
    if (method == HOST_ModifyStatusRow)
        assert_ok(logon->lpVtbl->Logoff(logon, &flags));
}

/* IMSLogon.Logoff.4 */
static void validate__logoff_inside_the_update__gives_the_support_object_back(void **state)
{
    struct fixture *fx = *state;
    IMAPIStatus *status = open_status(fx);
    IMSLogon *logon = host_support_unbind(fx->support);

    fx->support->on_call = log_off_in_update;
    fx->support->on_call_context = logon;
    if (!host_file_remove(fx->path)) {
        assert_int_equal(logon->lpVtbl->Release(logon), 0);
        release_last(status);
        skip();
    }

    assert_hr(status->lpVtbl->ValidateState(status, 0, 0), MAPI_E_INVALID_OBJECT);

    assert_true(fx->support->dead);
    assert_int_equal(host_support_calls(fx->support, HOST_Release), 1);
    release_last(logon);
    release_last(status);
}

/* IMSLogon.Logoff.3 */
static void logoff__status_object_held__is_invalid_but_safe(void **state)
{
    struct fixture *fx = *state;
    IMAPIStatus *status = open_status(fx);

    host_session_logoff(&fx->session);

    assert_hr(status->lpVtbl->ValidateState(status, 0, 0), MAPI_E_INVALID_OBJECT);
    assert_hr(status->lpVtbl->FlushQueues(status, 0, 0, NULL, 0), MAPI_E_INVALID_OBJECT);
    assert_int_equal(status->lpVtbl->AddRef(status), 2);
    assert_int_equal(status->lpVtbl->Release(status), 1);
    release_last(status);
}

#define STORE(test) cmocka_unit_test_setup_teardown(test, fixture_store_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE(open__interfaces_and_flags__gives_the_status_object),
        STORE(open__twice__the_same_object),
        STORE(open__bad_arguments__are_refused),
        STORE(query__identities__same_object),
        STORE(get__required_properties__are_all_there),
        STORE(row__in_the_status_table__agrees_with_the_object),
        STORE(methods__resource_methods__says_which_work),
        STORE(validate__flags__only_known_ones),
        STORE(set__its_properties__changes_nothing),
        STORE(save_changes__nothing_to_save__succeeds),
        STORE(get__identity__none_of_the_three),
        STORE(validate__file_gone__row_and_object_say_so),
        STORE(validate__logoff_inside_the_update__gives_the_support_object_back),
        STORE(logoff__status_object_held__is_invalid_but_safe),
    };

    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
