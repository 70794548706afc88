/* SPDX-License-Identifier: MIT */
/*
 * test_settings.c - configuring with a dialog, which a function of the test stands in for: when it
 * is shown, what it shows, and what comes of OK and Cancel. tests/com/test_dialog.c has the window.
 */
#include "linked_fixture.h"

#include "fake_dialog.h"

#include "mailkeep.h"

#include "dll/inf.h" /* the whole library is linked for it */

enum { UI_LAST = 3 };

static const ULONG ui_flags[UI_LAST] = { SERVICE_UI_ALLOWED, SERVICE_UI_ALWAYS,
    SERVICE_UI_ALLOWED | SERVICE_UI_ALWAYS };

/* The state of the test in progress, for the user's scripts. */
static struct fixture *now;
static char typed[1100];

static int user_setup(void **out)
{
    memset(&user, 0, sizeof(user));
    setup(out);
    now = ((struct state *)*out)->fx;
    snprintf(typed, sizeof(typed), "%s", now->path);
    return 0;
}

static struct host_section *own_section(void)
{
    return host_profile_find(now->profile, HOST_SECTION_PROVIDER, NULL);
}

/* A property of the section, "" when it is not there; in a buffer that the next call reuses. */
static const char *in_section(ULONG tag)
{
    static char text[1100];
    char *value = host_bag_text(&own_section()->props, tag);

    snprintf(text, sizeof(text), "%s", value ? value : "");
    free(value);
    return text;
}

static HRESULT service(ULONG context, ULONG flags, ULONG_PTR owner, const char *path)
{
    struct host_session *session = &now->session;
    struct host_support *support =
            host_support_new(&session->world, HOST_SUPPORT_SERVICE, &own_section()->uid);
    uint16_t *text = host_text_to_utf16(path ? path : "");
    SPropValue value = { .ulPropTag = HOST_PR_STORE_PATH };
    LPMAPIERROR error = NULL;
    struct host_admin admin;
    HRESULT hr;

    value.Value.lpszW = (LPWSTR)text;
    host_admin_init(&admin, &session->world, &own_section()->uid);
    hr = MSGServiceEntry(NULL, &session->heap.IMalloc_iface, host_support_iface(support), owner,
            flags | MAPI_UNICODE, context, path ? 1 : 0, path ? &value : NULL,
            &admin.IProviderAdmin_iface, &error);
    if (hr == MAPI_E_USER_CANCEL)
        assert_null(error); /* he knows */
    mapi_free(error);
    assert_int_equal(admin.refs, 1);
    assert_int_equal(host_support_refs(support), 1);
    assert_int_equal(session->profile->objects, 0);
    host_support_release(support);
    free(text);
    return hr;
}

static HRESULT configure_ui(ULONG flags, const char *path)
{
    return service(MSG_SERVICE_CONFIGURE, flags, 0, path);
}

/* Nothing of the store is in the section, and there is no file. */
static void assert_untouched(size_t count)
{
    assert_int_equal(own_section()->props.count, count);
    assert_string_equal(in_section(PR_MKEEP_PATH_W), "");
    assert_false(host_file_exists(now->path));
}

static enum msp_answer types_and_presses_ok(struct msp_settings *settings)
{
    return fake_ok(settings, typed, "My mail") ? MSP_ANSWER_OK : MSP_ANSWER_CANCEL;
}

static enum msp_answer presses_ok(struct msp_settings *settings)
{
    return fake_ok(settings, NULL, NULL) ? MSP_ANSWER_OK : MSP_ANSWER_CANCEL;
}

/* --- when it is shown ------------------------------------------------------------------------- */

/* ServiceEntry.Create.1 ServiceEntry.Call.8 */
static void create__window_allowed__asks_and_keeps_what_was_typed(void **state)
{
    (void)state;
    user.edit = types_and_presses_ok;
    for (size_t i = 0; i < UI_LAST; i++) {
        assert_ok(service(MSG_SERVICE_CREATE, ui_flags[i], 0, NULL));

        assert_int_equal(user.windows, i + 1);
        assert_string_equal(in_section(PR_MKEEP_PATH_W), now->path);
        assert_string_equal(in_section(PR_DISPLAY_NAME_W), "My mail");
        assert_true(host_file_exists(now->path));
    }
}

/* ServiceEntry.Call.8 */
static void any_context__no_window_allowed__shows_none(void **state)
{
    static const ULONG contexts[] = { MSG_SERVICE_INSTALL, MSG_SERVICE_CREATE,
        MSG_SERVICE_CONFIGURE, MSG_SERVICE_DELETE, MSG_SERVICE_UNINSTALL };
    static const ULONG flags[] = { 0, SERVICE_LOGON_FAILED, MSG_SERVICE_UI_READ_ONLY,
        UI_CURRENT_PROVIDER_FIRST };

    (void)state;
    user.edit = types_and_presses_ok;
    user.removal = MSP_ANSWER_CANCEL;
    for (size_t i = 0; i < 20; i++)
        (void)service(contexts[i % 5], flags[i / 5], 0, NULL);

    assert_int_equal(user.windows, 0);
    assert_false(host_file_exists(now->path));
}

/* ServiceEntry.Configure.3 */
static void configure__allowed_and_incomplete__asks_and_says_what_is_wrong(void **state)
{
    char bad[1200];

    (void)state;
    user.edit = types_and_presses_ok;
    assert_ok(configure_ui(SERVICE_UI_ALLOWED, NULL));
    assert_int_equal(user.windows, 1);
    assert_string_equal(user.seen.path, "");
    assert_string_equal(user.seen.reason, "");
    assert_string_equal(in_section(PR_MKEEP_PATH_W), now->path);

    snprintf(bad, sizeof(bad), "%s.none/x.mkeep", now->path);
    assert_ok(configure_ui(SERVICE_UI_ALLOWED, bad));
    assert_int_equal(user.windows, 2);
    assert_string_equal(user.seen.path, bad);
    assert_true(strlen(user.seen.reason) > 15);
    assert_string_equal(in_section(PR_MKEEP_PATH_W), now->path);
}

/* ServiceEntry.Configure.2 */
static void configure__allowed_and_complete__does_not_ask(void **state)
{
    (void)state;
    assert_ok(configure_ui(SERVICE_UI_ALLOWED, now->path));
    assert_ok(configure_ui(SERVICE_UI_ALLOWED, NULL));

    assert_int_equal(user.windows, 0);
}

/* ServiceEntry.Configure.4 */
static void configure__always__asks_with_what_there_is(void **state)
{
    (void)state;
    assert_ok(configure_ui(0, now->path));
    user.edit = presses_ok;

    assert_ok(configure_ui(SERVICE_UI_ALWAYS, NULL));

    assert_int_equal(user.windows, 1);
    assert_string_equal(user.seen.path, now->path);
    assert_string_equal(user.seen.name, in_section(PR_DISPLAY_NAME_W));
    assert_false(user.seen.read_only);
    assert_string_equal(in_section(PR_MKEEP_PATH_W), now->path);
    assert_ok(configure_ui(SERVICE_UI_ALWAYS, now->path)); /* with valid values, too */
    assert_int_equal(user.windows, 2);
}

/* ServiceEntry.Configure.10 */
static void configure__logon_failed__asks_although_complete(void **state)
{
    (void)state;
    assert_ok(configure_ui(0, now->path));
    user.edit = presses_ok;
    for (size_t i = 0; i < UI_LAST; i++) {
        assert_ok(configure_ui(SERVICE_LOGON_FAILED | ui_flags[i], now->path));

        assert_int_equal(user.windows, i + 1);
        assert_true(strlen(user.seen.reason) > 15);
    }
    assert_ok(configure_ui(SERVICE_LOGON_FAILED, now->path));
    assert_int_equal(user.windows, UI_LAST);
}

static void windows__cannot_be_shown__goes_on_as_if_not_allowed(void **state)
{
    size_t before = own_section()->props.count;

    (void)state;
    user.is_away = true;
    for (size_t i = 0; i < UI_LAST; i++) {
        assert_ok(service(MSG_SERVICE_CREATE, ui_flags[i], 0, NULL));
        assert_ok(service(MSG_SERVICE_UNINSTALL, ui_flags[i], 0, NULL));
        assert_hr(configure_ui(ui_flags[i], NULL), MAPI_E_UNCONFIGURED);
        assert_ok(configure_ui(ui_flags[i] | MSG_SERVICE_UI_READ_ONLY, NULL));
        assert_untouched(before);
    }
    assert_ok(configure_ui(SERVICE_UI_ALWAYS, now->path));
    assert_string_equal(in_section(PR_MKEEP_PATH_W), now->path);
}

/* Registration.Setup.7: the owner arrives as wide as a pointer. */
static void owner__more_than_32_bits__arrives_unchanged(void **state)
{
    ULONG_PTR owner = (ULONG_PTR)UINT64_C(0x7654321089ABCDE0);

    (void)state;
    assert_hr(service(MSG_SERVICE_CREATE, SERVICE_UI_ALWAYS, owner, NULL), MAPI_E_USER_CANCEL);
    assert_true(user.owner == owner);
    user.owner = 0;
    user.removal = MSP_ANSWER_CANCEL;
    assert_hr(service(MSG_SERVICE_UNINSTALL, SERVICE_UI_ALWAYS, owner, NULL), MAPI_E_USER_CANCEL);
    assert_true(user.owner == owner);
}

/* --- what comes of it ------------------------------------------------------------------------- */

/* ServiceEntry.Create.3 */
static void dialog__cancelled__user_cancel_and_profile_unchanged(void **state)
{
    size_t before = own_section()->props.count;

    (void)state;
    for (size_t i = 0; i < UI_LAST; i++) {
        assert_hr(service(MSG_SERVICE_CREATE, ui_flags[i], 0, NULL), MAPI_E_USER_CANCEL);
        assert_hr(configure_ui(ui_flags[i], NULL), MAPI_E_USER_CANCEL);
        assert_untouched(before);
    }
    assert_int_equal(user.windows, 6);
    assert_ok(configure_ui(0, now->path));
    before = own_section()->props.count;
    assert_hr(configure_ui(SERVICE_UI_ALWAYS, NULL), MAPI_E_USER_CANCEL);
    assert_int_equal(own_section()->props.count, before);
    assert_string_equal(in_section(PR_MKEEP_PATH_W), now->path);
}

static char other[1100];

/* Presses OK with another store; the section is as it was until the dialog has ended. */
static enum msp_answer edits_a_copy(struct msp_settings *settings)
{
    assert_true(fake_ok(settings, other, "Another"));
    assert_string_equal(in_section(PR_MKEEP_PATH_W), now->path);
    assert_string_not_equal(in_section(PR_DISPLAY_NAME_W), "Another");
    return MSP_ANSWER_OK;
}

/* ServiceEntry.Configure.9 */
static void edits__until_ok__do_not_reach_the_section(void **state)
{
    (void)state;
    assert_ok(configure_ui(0, now->path));
    host_temp_path(".mkeep", other, sizeof(other));
    user.edit = edits_a_copy;

    assert_ok(configure_ui(SERVICE_UI_ALWAYS, NULL));

    assert_string_equal(in_section(PR_MKEEP_PATH_W), other);
    assert_string_equal(in_section(PR_DISPLAY_NAME_W), "Another");
    assert_true(host_file_remove(other));
}

/* ServiceEntry.Configure.6 */
static void read_only__window_allowed__shows_and_changes_nothing(void **state)
{
    size_t before;

    (void)state;
    assert_ok(configure_ui(0, now->path));
    before = own_section()->props.count;
    snprintf(typed, sizeof(typed), "%s.other.mkeep", now->path);
    user.edit = types_and_presses_ok;
    for (size_t i = 0; i < UI_LAST; i++) {
        assert_ok(configure_ui(MSG_SERVICE_UI_READ_ONLY | ui_flags[i], NULL));

        assert_int_equal(user.windows, i + 1);
        assert_true(user.seen.read_only);
        assert_string_equal(user.seen.path, now->path);
    }
    assert_int_equal(own_section()->props.count, before);
    assert_string_equal(in_section(PR_MKEEP_PATH_W), now->path);
    assert_false(host_file_exists(typed));
}

/* First what cannot be, each with a sentence of its own, then what can. */
static enum msp_answer errs_and_corrects(struct msp_settings *settings)
{
    char bad[1200];
    char before[256] = "";

    snprintf(bad, sizeof(bad), "%s.none/x.mkeep", now->path);
    for (int i = 0; i < 3; i++) {
        assert_false(fake_ok(settings, i == 0 ? "" : i == 1 ? "mail.mkeep" : bad, NULL));
        assert_true(strlen(user.refused) > 15);
        assert_int_equal(user.refused[strlen(user.refused) - 1], '.');
        assert_string_not_equal(user.refused, before);
        strcpy(before, user.refused);
    }
    return types_and_presses_ok(settings);
}

static void ok__no_such_store__says_so_and_lets_him_correct_it(void **state)
{
    (void)state;
    user.edit = errs_and_corrects;

    assert_ok(service(MSG_SERVICE_CREATE, SERVICE_UI_ALLOWED, 0, NULL));

    assert_int_equal(user.windows, 1);
    assert_string_equal(user.refused, "");
    assert_string_equal(in_section(PR_MKEEP_PATH_W), now->path);
}

static void ok__blanks_and_quotes_around_the_path__are_not_meant(void **state)
{
    (void)state;
    snprintf(typed, sizeof(typed), " \"%s\" ", now->path);
    user.edit = types_and_presses_ok;

    assert_ok(configure_ui(SERVICE_UI_ALWAYS, NULL));

    assert_string_equal(in_section(PR_MKEEP_PATH_W), now->path);
}

static enum msp_answer erases_the_name(struct msp_settings *settings)
{
    return fake_ok(settings, NULL, "") ? MSP_ANSWER_OK : MSP_ANSWER_CANCEL;
}

static void ok__no_name__it_is_called_after_its_file(void **state)
{
    (void)state;
    user.edit = types_and_presses_ok;
    assert_ok(configure_ui(SERVICE_UI_ALWAYS, NULL));
    user.edit = erases_the_name;

    assert_ok(configure_ui(SERVICE_UI_ALWAYS, NULL));

    assert_string_not_equal(in_section(PR_DISPLAY_NAME_W), "My mail");
    assert_non_null(strstr(now->path, in_section(PR_DISPLAY_NAME_W)));
    assert_true(strlen(in_section(PR_DISPLAY_NAME_W)) > 0);
}

static void path__too_long_for_the_field__is_not_shown_cut_off(void **state)
{
    char path[5000];

    (void)state;
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    path[0] = '/';
    assert_hr(configure_ui(SERVICE_UI_ALWAYS, path), MAPI_E_USER_CANCEL);

    assert_int_equal(user.windows, 1);
    assert_string_equal(user.seen.path, "");
}

/* ServiceEntry.Install.3 */
static void uninstall__refused__user_cancel_and_nothing_removed(void **state)
{
    size_t before;

    (void)state;
    assert_ok(configure_ui(0, now->path));
    before = own_section()->props.count;
    user.removal = MSP_ANSWER_CANCEL;
    assert_hr(service(MSG_SERVICE_UNINSTALL, SERVICE_UI_ALLOWED, 0, NULL), MAPI_E_USER_CANCEL);
    assert_int_equal(user.windows, 1);
    assert_int_equal(own_section()->props.count, before);
    assert_true(host_file_exists(now->path));

    user.removal = MSP_ANSWER_OK;
    assert_ok(service(MSG_SERVICE_UNINSTALL, SERVICE_UI_ALLOWED, 0, NULL));
    assert_int_equal(user.windows, 2);
    assert_true(host_file_exists(now->path));
}

/* --- failures --------------------------------------------------------------------------------- */

static void dialog__nth_allocation_fails__nothing_is_lost(void **state)
{
    struct state *own = *state;

    user.edit = types_and_presses_ok;
    for (unsigned nth = 1;; nth++) {
        size_t before = own_section()->props.count;
        HRESULT hr;

        msp_alloc_fail_at(nth);
        hr = service(MSG_SERVICE_CREATE, SERVICE_UI_ALWAYS, 0, NULL);
        if (!msp_alloc_fail_disarm()) {
            assert_ok(hr);
            break;
        }
        /* A failure while OK was being tried is told in the dialog, and this user gives up then. */
        if (FAILED(hr) && hr != MAPI_E_USER_CANCEL)
            assert_hr(hr, MAPI_E_NOT_ENOUGH_MEMORY);
        if (hr == MAPI_E_USER_CANCEL) {
            assert_true(strlen(user.refused) > 15);
            assert_int_equal(own_section()->props.count, before);
        }
        assert_int_equal(msp_alloc_count_live(), own->live);
        assert_true(host_file_is_free(now->path) || !host_file_exists(now->path));
    }
}

#define WITH_USER(test) cmocka_unit_test_setup_teardown(test, user_setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_USER(create__window_allowed__asks_and_keeps_what_was_typed),
        WITH_USER(any_context__no_window_allowed__shows_none),
        WITH_USER(configure__allowed_and_incomplete__asks_and_says_what_is_wrong),
        WITH_USER(configure__allowed_and_complete__does_not_ask),
        WITH_USER(configure__always__asks_with_what_there_is),
        WITH_USER(configure__logon_failed__asks_although_complete),
        WITH_USER(windows__cannot_be_shown__goes_on_as_if_not_allowed),
        WITH_USER(owner__more_than_32_bits__arrives_unchanged),
        WITH_USER(dialog__cancelled__user_cancel_and_profile_unchanged),
        WITH_USER(edits__until_ok__do_not_reach_the_section),
        WITH_USER(read_only__window_allowed__shows_and_changes_nothing),
        WITH_USER(ok__no_such_store__says_so_and_lets_him_correct_it),
        WITH_USER(ok__blanks_and_quotes_around_the_path__are_not_meant),
        WITH_USER(ok__no_name__it_is_called_after_its_file),
        WITH_USER(path__too_long_for_the_field__is_not_shown_cut_off),
        WITH_USER(uninstall__refused__user_cancel_and_nothing_removed),
        WITH_USER(dialog__nth_allocation_fails__nothing_is_lost),
    };

    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
