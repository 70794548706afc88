/* SPDX-License-Identifier: MIT */
/*
 * test_dialog.c - the windows of the library, worked with as a user works with them. Where there
 * are no windows the tests are skipped; tests/unit/test_settings.c has the rest.
 */
#include "host/host_admin.h"
#include "platform/win32/dialog_ids.h"
#include "raw_logon.h"
#include "support/system.h"
#include "support/user.h"

enum { BUTTON_OK = 1, BUTTON_CANCEL = 2, BUTTON_YES = 6, BUTTON_NO = 7 };

#define PLAN(...)                                                                                  \
    const struct user_act plan[] = { __VA_ARGS__ };                                                \
    user_plan(plan, sizeof(plan) / sizeof(plan[0]))

static bool has_windows;

static int dialog_setup(void **state)
{
    *state = fixture_new();
    return 0;
}

static void need_windows(void)
{
    if (!has_windows)
        skip();
}

static HRESULT service(
        struct fixture *fx, ULONG context, ULONG flags, ULONG_PTR owner, SPropValue *value)
{
    char why[256];
    struct host_lib *lib = host_lib_open(fixture_dll(), why, sizeof(why));
    struct host_support *support =
            host_support_new(&fx->session.world, HOST_SUPPORT_SERVICE, &raw_section(fx)->uid);
    LPMAPIERROR error = POISON;
    struct host_admin admin;
    LPMSGSERVICEENTRY entry;
    HRESULT hr;

    if (!lib)
        fail_msg("%s", why);
    entry = (LPMSGSERVICEENTRY)host_lib_symbol(lib, "MSGServiceEntry");
    host_admin_init(&admin, &fx->session.world, &raw_section(fx)->uid);
    hr = entry(host_lib_handle(lib), &fx->session.heap.IMalloc_iface, host_support_iface(support),
            owner, flags | MAPI_UNICODE, context, value ? 1 : 0, value, &admin.IProviderAdmin_iface,
            &error);
    if (hr == MAPI_E_USER_CANCEL)
        assert_null(error);
    mapi_free(error);
    assert_int_equal(admin.refs, 1);
    assert_int_equal(fx->profile->objects, 0);
    host_support_release(support);
    host_lib_close(lib);
    return hr;
}

static HRESULT configure(struct fixture *fx, ULONG flags, const char *path)
{
    SPropValue value = { .ulPropTag = PR_MKEEP_PATH_W };
    uint16_t *text = host_text_to_utf16(path);
    HRESULT hr;

    value.Value.lpszW = (LPWSTR)text;
    hr = service(fx, MSG_SERVICE_CONFIGURE, flags, 0, &value);
    free(text);
    return hr;
}

static void assert_section(struct fixture *fx, ULONG tag, const char *expected)
{
    char *text = host_bag_text(&raw_section(fx)->props, tag);

    if (expected)
        assert_string_equal(text ? text : "", expected);
    else
        assert_null(text);
    free(text);
}

/* --- the settings dialog ---------------------------------------------------------------------- */

/* ServiceEntry.Create.1 ServiceEntry.Call.8 */
static void create__user_fills_it_in__store_and_profile_are_made(void **state)
{
    static const ULONG flags[] = { SERVICE_UI_ALLOWED, SERVICE_UI_ALWAYS };
    struct fixture *fx = *state;
    struct raw_logon raw;

    need_windows();
    for (size_t i = 0; i < 2; i++) {
        PLAN(SEES(CONTROL_REASON, ""),
                TYPES(CONTROL_NAME, i ? "Gr\xC3\xBC\xC3\x9F"
                                        "e \xE2\x82\xAC"
                                      : "My mail"),
                TYPES(CONTROL_PATH, fx->path), PRESSES(BUTTON_OK));

        assert_ok(service(fx, MSG_SERVICE_CREATE, flags[i], 0, NULL));
        user_done();
        assert_section(fx, PR_MKEEP_PATH_W, fx->path);
        assert_section(fx, PR_DISPLAY_NAME_W, plan[1].text);
    }
    assert_true(host_file_exists(fx->path));
    assert_ok(host_session_load(&fx->session));
    raw_open(fx, &raw, MDB_WRITE);
    prop_assert_text(raw.store, PR_DISPLAY_NAME_W,
            "Gr\xC3\xBC\xC3\x9F"
            "e \xE2\x82\xAC");
    raw_close(&raw);
}

/* ServiceEntry.Create.3 */
static void cancel_or_escape__user_cancel_and_profile_unchanged(void **state)
{
    struct fixture *fx = *state;
    size_t before = raw_section(fx)->props.count;

    need_windows();
    for (int i = 0; i < 4; i++) {
        PLAN(TYPES(CONTROL_PATH, fx->path),
                { .verb = i % 2 ? USER_ESCAPES : USER_PRESSES, .control = BUTTON_CANCEL });

        assert_hr(service(fx, i < 2 ? MSG_SERVICE_CREATE : MSG_SERVICE_CONFIGURE,
                          SERVICE_UI_ALLOWED, 0, NULL),
                MAPI_E_USER_CANCEL);
        user_done();
        assert_int_equal(raw_section(fx)->props.count, before);
        assert_false(host_file_exists(fx->path));
    }
}

/* ServiceEntry.Configure.4 ServiceEntry.Configure.10 */
static void configure__always_or_logon_failed__shows_what_there_is(void **state)
{
    static const ULONG flags[] = { SERVICE_UI_ALWAYS, SERVICE_UI_ALLOWED | SERVICE_LOGON_FAILED };
    struct fixture *fx = *state;

    need_windows();
    assert_ok(configure(fx, 0, fx->path));
    for (size_t i = 0; i < 2; i++) {
        PLAN(SEES(CONTROL_PATH, fx->path), READS(CONTROL_REASON, i ? "could not be opened" : ""),
                PRESSES(BUTTON_OK));

        assert_ok(service(fx, MSG_SERVICE_CONFIGURE, flags[i], 0, NULL));
        user_done();
        assert_section(fx, PR_MKEEP_PATH_W, fx->path);
    }
}

/* ServiceEntry.Configure.3 */
static void configure__allowed__comes_only_when_something_is_missing(void **state)
{
    struct fixture *fx = *state;
    char bad[1200];

    need_windows();
    snprintf(bad, sizeof(bad), "%s.none\\x.mkeep", fx->path);
    {
        PLAN(SEES(CONTROL_PATH, bad), READS(CONTROL_REASON, "."), TYPES(CONTROL_PATH, fx->path),
                PRESSES(BUTTON_OK));

        assert_ok(configure(fx, SERVICE_UI_ALLOWED, bad));
        user_done();
    }
    assert_section(fx, PR_MKEEP_PATH_W, fx->path);
    user_plan(NULL, 0);
    assert_ok(configure(fx, SERVICE_UI_ALLOWED, fx->path));
    assert_ok(service(fx, MSG_SERVICE_CONFIGURE, SERVICE_UI_ALLOWED, 0, NULL));
    assert_int_equal(user_windows(), 0);
    user_done();
}

struct watch {
    struct fixture *fx;
    char expected[1100];
    uintptr_t owner;
};

static bool section_is_as_before(void *context, uintptr_t dialog)
{
    struct watch *watch = context;
    char *text = host_bag_text(&raw_section(watch->fx)->props, PR_MKEEP_PATH_W);
    bool ok = text && strcmp(text, watch->expected) == 0;

    (void)dialog;
    free(text);
    return ok;
}

/* ServiceEntry.Configure.9: also after an OK that found no store. */
static void edits__until_ok__do_not_reach_the_section(void **state)
{
    struct fixture *fx = *state;
    struct watch watch = { .fx = fx };
    char bad[1200], other[1024];

    need_windows();
    assert_ok(configure(fx, 0, fx->path));
    snprintf(watch.expected, sizeof(watch.expected), "%s", fx->path);
    snprintf(bad, sizeof(bad), "%s.none\\x.mkeep", fx->path);
    host_temp_path(".mkeep", other, sizeof(other));
    {
        PLAN(TYPES(CONTROL_PATH, bad), THINKS(section_is_as_before, &watch), PRESSES(BUTTON_OK),
                READS(CONTROL_REASON, "."), THINKS(section_is_as_before, &watch),
                TYPES(CONTROL_PATH, other), THINKS(section_is_as_before, &watch),
                PRESSES(BUTTON_OK));

        assert_ok(service(fx, MSG_SERVICE_CONFIGURE, SERVICE_UI_ALWAYS, 0, NULL));
        user_done();
    }
    assert_section(fx, PR_MKEEP_PATH_W, other);
    assert_true(host_file_remove(other));
}

static bool cannot_change(void *context, uintptr_t dialog)
{
    (void)context;
    return !user_can_change(dialog, CONTROL_NAME) && !user_can_change(dialog, CONTROL_PATH) &&
           !user_can_change(dialog, CONTROL_BROWSE);
}

/* ServiceEntry.Configure.6 */
static void read_only__whatever_is_typed__changes_nothing(void **state)
{
    struct fixture *fx = *state;

    need_windows();
    assert_ok(configure(fx, 0, fx->path));
    PLAN(SEES(CONTROL_PATH, fx->path), THINKS(cannot_change, NULL),
            TYPES(CONTROL_PATH, "C:\\other.mkeep"), SEES(CONTROL_PATH, fx->path),
            PRESSES(BUTTON_OK));

    assert_ok(service(
            fx, MSG_SERVICE_CONFIGURE, SERVICE_UI_ALWAYS | MSG_SERVICE_UI_READ_ONLY, 0, NULL));
    user_done();
    assert_section(fx, PR_MKEEP_PATH_W, fx->path);
}

static bool has_the_owner(void *context, uintptr_t dialog)
{
    struct watch *watch = context;

    return user_owner_of(dialog) == watch->owner;
}

/* Registration.Setup.7: the window that a client names owns the dialog; one that is gone does not
   keep it from coming. */
static void owner__given__owns_the_dialog(void **state)
{
    struct fixture *fx = *state;
    struct watch watch = { .fx = fx };
    uintptr_t window;

    need_windows();
    window = user_own_window();
    for (int i = 0; i < 2; i++) {
        PLAN(THINKS(has_the_owner, &watch), PRESSES(BUTTON_CANCEL));

        watch.owner = i ? 0 : window;
        assert_hr(service(fx, MSG_SERVICE_CREATE, SERVICE_UI_ALLOWED, window, NULL),
                MAPI_E_USER_CANCEL);
        user_done();
        if (i == 0)
            user_close_window(window);
    }
}

/* --- the question ----------------------------------------------------------------------------- */

/* ServiceEntry.Install.3 */
static void uninstall__user_says_no__user_cancel(void **state)
{
    struct fixture *fx = *state;

    need_windows();
    assert_ok(configure(fx, 0, fx->path));
    for (int i = 0; i < 2; i++) {
        PLAN(PRESSES(i ? BUTTON_YES : BUTTON_NO));

        assert_hr(service(fx, MSG_SERVICE_UNINSTALL, SERVICE_UI_ALLOWED, 0, NULL),
                i ? S_OK : MAPI_E_USER_CANCEL);
        user_done();
        assert_section(fx, PR_MKEEP_PATH_W, fx->path);
        assert_true(host_file_exists(fx->path));
    }
}

/* --- no window -------------------------------------------------------------------------------- */

/* ServiceEntry.Call.8: on a screen that would show one. */
static void service__not_allowed__makes_no_window(void **state)
{
    static const ULONG contexts[] = { MSG_SERVICE_INSTALL, MSG_SERVICE_CREATE,
        MSG_SERVICE_CONFIGURE, MSG_SERVICE_DELETE, MSG_SERVICE_UNINSTALL };
    static const ULONG flags[] = { 0, SERVICE_LOGON_FAILED, MSG_SERVICE_UI_READ_ONLY,
        UI_CURRENT_PROVIDER_FIRST };
    struct fixture *fx = *state;

    need_windows();
    user_plan(NULL, 0);
    for (size_t i = 0; i < 20; i++)
        (void)service(fx, contexts[i % 5], flags[i / 5], 0, NULL);
    assert_hr(configure(fx, 0, "Z:\\no\\such\\folder\\x.mkeep"), MAPI_E_NOT_FOUND);
    assert_int_equal(user_windows(), 0);
    user_done();
}

/* Where nobody is there to answer. */
static void service__environment_wants_no_dialogs__makes_no_window(void **state)
{
    struct fixture *fx = *state;

    need_windows();
    host_env_set("MAILKEEP_NO_DIALOGS", "1");
    user_plan(NULL, 0);
    assert_hr(service(fx, MSG_SERVICE_CONFIGURE, SERVICE_UI_ALWAYS, 0, NULL), MAPI_E_UNCONFIGURED);
    assert_ok(service(fx, MSG_SERVICE_UNINSTALL, SERVICE_UI_ALWAYS, 0, NULL));
    host_env_set("MAILKEEP_NO_DIALOGS", NULL);
    assert_int_equal(user_windows(), 0);
    user_done();
}

/* --- Browse ----------------------------------------------------------------------------------- */

enum { FILE_NAME = 0x47C }; /* cmb13 of dlgs.h */

/* The system's own dialog looks the same on every Wine only. */
static void need_wine(void)
{
    if (!has_windows || !system_is_wine())
        skip();
}

static void browse__file_chosen__is_in_the_field(void **state)
{
    struct fixture *fx = *state;
    char folder[1024], full[1100];

    need_wine();
    assert_true(host_full_path(fx->path, folder, sizeof(folder)));
    snprintf(full, sizeof(full), "%s", folder);
    *strrchr(folder, '\\') = '\0';
    {
        PLAN(TYPES(CONTROL_PATH, folder), PRESSES(CONTROL_BROWSE), TYPES(FILE_NAME, full),
                PRESSES(BUTTON_OK), SEES(CONTROL_PATH, full), PRESSES(BUTTON_OK));

        assert_ok(service(fx, MSG_SERVICE_CREATE, SERVICE_UI_ALLOWED, 0, NULL));
        user_done();
    }
    assert_section(fx, PR_MKEEP_PATH_W, full);
}

static void browse__cancelled__field_is_as_before(void **state)
{
    struct fixture *fx = *state;
    static const char *const before[] = { "", "C:\\x<>|\\not a name" };

    need_wine();
    for (size_t i = 0; i < 2; i++) {
        PLAN(TYPES(CONTROL_PATH, before[i]), PRESSES(CONTROL_BROWSE), TYPES(FILE_NAME, "other"),
                PRESSES(BUTTON_CANCEL), SEES(CONTROL_PATH, before[i]), PRESSES(BUTTON_CANCEL));

        assert_hr(service(fx, MSG_SERVICE_CREATE, SERVICE_UI_ALLOWED, 0, NULL), MAPI_E_USER_CANCEL);
        user_done();
    }
}

/* --- in a session ----------------------------------------------------------------------------- */

static HRESULT log_on(struct fixture *fx, struct raw_logon *raw)
{
    HRESULT hr = raw_logon(fx, raw);

    raw_drop_support(raw);
    raw_close(raw);
    return hr;
}

/* IMSProvider.Logon.UI.5 */
static void logon__store_has_moved__asks_where_it_is(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw = { .flags = MDB_WRITE };
    char moved[1024];

    need_windows();
    assert_ok(configure(fx, 0, fx->path));
    assert_ok(host_session_load(&fx->session));
    host_temp_path(".mkeep", moved, sizeof(moved));
    assert_true(host_file_replace(fx->path, moved));
    {
        PLAN(SEES(CONTROL_PATH, fx->path), READS(CONTROL_REASON, "."), PRESSES(BUTTON_CANCEL));

        assert_hr(log_on(fx, &raw), MAPI_E_USER_CANCEL);
        user_done();
        assert_section(fx, PR_MKEEP_PATH_W, fx->path);
    }
    {
        PLAN(TYPES(CONTROL_PATH, moved), PRESSES(BUTTON_OK));

        raw = (struct raw_logon){ .flags = MDB_WRITE };
        assert_ok(log_on(fx, &raw));
        user_done();
    }
    assert_section(fx, PR_MKEEP_PATH_W, moved);
    host_session_logoff(&fx->session);
    assert_true(host_file_remove(moved));
}

/* IMSProvider.Logon.UI.1 IMSProvider.SpoolerLogon.7 MSProviderInit.Params.5: on a screen that would
   show a window, a store that is not configured, gone, and no store at all. */
static void logon__no_dialog_or_a_service__makes_no_window(void **state)
{
    struct fixture *fx = *state;
    FILE *file;

    need_windows();
    user_plan(NULL, 0);
    for (int how = 0; how < 3; how++) {
        for (int what = 0; what < 3; what++) {
            struct raw_logon raw = { .flags = MDB_WRITE | (how == 0 ? MDB_NO_DIALOG : 0),
                .spooler = how == 1 };

            fx->session.init_flags = how == 2 ? MAPI_NT_SERVICE : 0;
            assert_ok(host_session_load(&fx->session));
            assert_int_equal(host_bag_set_text(&raw_section(fx)->props, PR_MKEEP_PATH_W,
                                     what > 0 ? fx->path : ""),
                    S_OK);
            if (what == 2) {
                file = host_fopen(fx->path, "wb");
                fprintf(file, "Dear diary, this is not a store of anybody's mail, and stays so.\n");
                fclose(file);
            }
            assert_hr(log_on(fx, &raw), what > 0 ? MAPI_E_LOGON_FAILED : MAPI_E_UNCONFIGURED);
            if (host_file_exists(fx->path))
                assert_true(host_file_remove(fx->path));
            host_session_logoff(&fx->session);
        }
    }
    assert_int_equal(user_windows(), 0);
    user_done();
}

static IMAPIStatus *open_status(struct fixture *fx)
{
    IMAPIStatus *status = NULL;

    assert_ok(host_session_open_status(&fx->session, fx->support, 0, &status));
    return status;
}

/* IMAPIStatus.SettingsDialog.1 IMAPIStatus.SettingsDialog.3 IMAPIStatus.SettingsDialog.5 */
static void settings__of_a_status_object__are_the_same_dialog(void **state)
{
    struct fixture *fx = *state;
    IMAPIStatus *status;

    need_windows();
    assert_ok(configure(fx, 0, fx->path));
    fixture_logon(fx);
    status = open_status(fx);
    assert_true((prop_long(status, PR_RESOURCE_METHODS) & STATUS_SETTINGS_DIALOG) != 0);
    {
        PLAN(SEES(CONTROL_PATH, fx->path), TYPES(CONTROL_NAME, "x"), PRESSES(BUTTON_CANCEL));

        assert_hr(status->lpVtbl->SettingsDialog(status, 0, 0), MAPI_E_USER_CANCEL);
        user_done();
    }
    {
        PLAN(THINKS(cannot_change, NULL), PRESSES(BUTTON_OK));

        assert_ok(status->lpVtbl->SettingsDialog(status, 0, UI_READONLY));
        user_done();
    }
    {
        PLAN(TYPES(CONTROL_NAME, "Another name"), PRESSES(BUTTON_OK));

        assert_ok(status->lpVtbl->SettingsDialog(status, 0, 0));
        user_done();
    }
    assert_section(fx, PR_DISPLAY_NAME_W, "Another name");
    release_last(status);
}

/* IMAPIStatus.ValidateState.3 IMAPIStatus.ChangePassword.3 MSProviderInit.Params.5 */
static void status_methods__that_have_no_dialog__make_no_window(void **state)
{
    struct fixture *fx = *state;
    WCHAR word[] = { 'x', 0 };
    IMAPIStatus *status;

    need_windows();
    fx->session.init_flags = MAPI_NT_SERVICE;
    assert_ok(configure(fx, 0, fx->path));
    fixture_logon(fx);
    status = open_status(fx);
    user_plan(NULL, 0);
    assert_ok(status->lpVtbl->ValidateState(status, 0, SUPPRESS_UI));
    assert_ok(status->lpVtbl->ValidateState(status, 0, 0));
    assert_hr(status->lpVtbl->ChangePassword(
                      status, (LPTSTR)(void *)word, (LPTSTR)(void *)word, MAPI_UNICODE),
            MAPI_E_NO_SUPPORT);
    assert_hr(status->lpVtbl->FlushQueues(status, 0, 0, NULL, 0), MAPI_E_NO_SUPPORT);
    assert_hr(status->lpVtbl->SettingsDialog(status, 0, 0), MAPI_E_NO_SUPPORT);
    assert_int_equal(user_windows(), 0);
    user_done();
    release_last(status);
}

#define BEFORE_A_SCREEN(test) cmocka_unit_test_setup_teardown(test, dialog_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BEFORE_A_SCREEN(create__user_fills_it_in__store_and_profile_are_made),
        BEFORE_A_SCREEN(cancel_or_escape__user_cancel_and_profile_unchanged),
        BEFORE_A_SCREEN(configure__always_or_logon_failed__shows_what_there_is),
        BEFORE_A_SCREEN(configure__allowed__comes_only_when_something_is_missing),
        BEFORE_A_SCREEN(edits__until_ok__do_not_reach_the_section),
        BEFORE_A_SCREEN(read_only__whatever_is_typed__changes_nothing),
        BEFORE_A_SCREEN(owner__given__owns_the_dialog),
        BEFORE_A_SCREEN(uninstall__user_says_no__user_cancel),
        BEFORE_A_SCREEN(service__not_allowed__makes_no_window),
        BEFORE_A_SCREEN(service__environment_wants_no_dialogs__makes_no_window),
        BEFORE_A_SCREEN(browse__file_chosen__is_in_the_field),
        BEFORE_A_SCREEN(browse__cancelled__field_is_as_before),
        BEFORE_A_SCREEN(logon__store_has_moved__asks_where_it_is),
        BEFORE_A_SCREEN(logon__no_dialog_or_a_service__makes_no_window),
        BEFORE_A_SCREEN(settings__of_a_status_object__are_the_same_dialog),
        BEFORE_A_SCREEN(status_methods__that_have_no_dialog__make_no_window),
    };

    host_env_set("MAILKEEP_NO_DIALOGS", NULL);
    has_windows = user_begin();
    return cmocka_run_group_tests_name("dialog", tests, NULL, NULL);
}
