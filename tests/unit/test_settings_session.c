/* SPDX-License-Identifier: MIT */
/*
 * test_settings_session.c - the settings dialog in a session: a Logon whose store has moved, and
 * IMAPIStatus::SettingsDialog. A function of the test stands in for the window.
 */
#include "linked_fixture.h"

#include "../com/raw_logon.h"
#include "fake_dialog.h"

#include "dll/inf.h" /* the whole library is linked for it */

/* Of the test in progress, for the user's scripts. */
static struct fixture *now;
static char typed[1100];
static char moved[1100];

static void start(struct fixture *fx, ULONG flags)
{
    const struct host_mem_trio *trio = host_mem_trio(0);
    struct host_session *session = &fx->session;

    assert_ok(MSProviderInit(NULL, &session->heap.IMalloc_iface, trio->allocate, trio->more,
            trio->release, flags, session->mapi_version, &session->provider_version,
            &session->provider));
}

static int session_setup(void **out)
{
    memset(&user, 0, sizeof(user));
    user.is_away = true;
    setup(out);
    now = ((struct state *)*out)->fx;
    assert_ok(configure(now));
    host_temp_path(".mkeep", moved, sizeof(moved));
    user.is_away = false;
    return 0;
}

/* As setup() wants it: nothing of ours is left once the session has ended. */
static int session_teardown(void **out)
{
    struct state *state = *out;

    host_session_logoff(&state->fx->session);
    assert_int_equal(msp_object_count(), 0);
    assert_int_equal(msp_alloc_count_live(), state->live);
    if (host_file_exists(moved))
        assert_true(host_file_remove(moved));
    return teardown(out);
}

static void move_store(void)
{
    assert_true(host_file_replace(now->path, moved));
    snprintf(typed, sizeof(typed), "%s", moved);
}

static void assert_in_section(ULONG tag, const char *expected)
{
    char *text = host_bag_text(&raw_section(now)->props, tag);

    assert_string_equal(text ? text : "", expected);
    free(text);
}

static void end_raw(struct raw_logon *raw)
{
    raw_drop_support(raw);
    raw_close(raw);
}

static enum msp_answer types_and_presses_ok(struct msp_settings *settings)
{
    return fake_ok(settings, typed, NULL) ? MSP_ANSWER_OK : MSP_ANSWER_CANCEL;
}

/* --- Logon ------------------------------------------------------------------------------------ */

static void logon__store_has_moved__user_says_where_it_is(void **state)
{
    struct raw_logon raw = { .flags = MDB_WRITE };
    unsigned char old_id[2048];
    size_t size;

    (void)state;
    start(now, 0);
    assert_ok(raw_logon(now, &raw));
    size = raw_copy_id(now, old_id);
    end_raw(&raw);
    move_store();
    user.edit = types_and_presses_ok;
    raw = (struct raw_logon){ .flags = MDB_WRITE };

    assert_ok(raw_logon(now, &raw));

    assert_int_equal(user.windows, 1);
    assert_string_equal(user.seen.path, now->path);
    assert_true(strlen(user.seen.reason) > 15);
    assert_true(user.seen.must_exist);
    assert_null(raw.error);
    end_raw(&raw);
    assert_in_section(PR_MKEEP_PATH_W, moved);
    assert_false(host_file_exists(now->path));

    /* From now on nobody is asked, also with the identifier from before. */
    for (int i = 0; i < 2; i++) {
        raw = (struct raw_logon){ .flags = MDB_WRITE };
        raw.entry_id = i ? old_id : NULL;
        raw.entry_id_size = i ? size : 0;
        assert_ok(raw_logon(now, &raw));
        end_raw(&raw);
    }
    assert_int_equal(user.windows, 1);
    assert_in_section(PR_MKEEP_PATH_W, moved);
}

static void logon__by_entry_id_of_a_moved_store__user_says_where_it_is(void **state)
{
    struct raw_logon raw = { .flags = MDB_WRITE };
    unsigned char id[2048];
    size_t size;

    (void)state;
    start(now, 0);
    assert_ok(raw_logon(now, &raw));
    size = raw_copy_id(now, id);
    end_raw(&raw);
    move_store();
    user.edit = types_and_presses_ok;
    raw = (struct raw_logon){ .flags = MDB_WRITE, .entry_id = id, .entry_id_size = size };

    assert_ok(raw_logon(now, &raw));

    assert_int_equal(user.windows, 1);
    end_raw(&raw);
    assert_in_section(PR_MKEEP_PATH_W, moved);
}

static void refuse_uid(struct host_support *support)
{
    host_support_fail(support, HOST_SetProviderUID, MAPI_E_NO_ACCESS, 1);
}

/* What is told of a later failure is about that one. */
static void logon__fails_after_the_user_has_helped__says_the_new_reason(void **state)
{
    struct raw_logon raw = { .flags = MDB_WRITE, .script = refuse_uid };

    (void)state;
    start(now, 0);
    move_store();
    user.edit = types_and_presses_ok;

    assert_hr(raw_logon(now, &raw), MAPI_E_LOGON_FAILED);

    assert_non_null(strstr((const char *)(const void *)raw.error->lpszError, "identifier"));
    mapi_free(raw.error);
    raw_drop_support(&raw);
}

/* IMSProvider.Logon.UI.5 IMSProvider.Logon.Errors.8 */
static void logon__user_cancels__user_cancel_and_nothing_changes(void **state)
{
    struct raw_logon raw = { .flags = MDB_WRITE };

    (void)state;
    start(now, 0);
    move_store();

    assert_hr(raw_logon(now, &raw), MAPI_E_USER_CANCEL);

    assert_int_equal(user.windows, 1);
    mapi_free(raw.error);
    raw_drop_support(&raw);
    assert_in_section(PR_MKEEP_PATH_W, now->path);
    assert_false(host_file_exists(now->path));
}

/* IMSProvider.Logon.UI.1 IMSProvider.Logon.UI.2 IMSProvider.SpoolerLogon.7 MSProviderInit.Params.5
 */
static void logon__nobody_may_be_asked__fails_without_a_window(void **state)
{
    (void)state;
    move_store();
    user.edit = types_and_presses_ok;
    for (int i = 0; i < 3; i++) {
        struct raw_logon raw = { .flags = MDB_WRITE | (i == 0 ? MDB_NO_DIALOG : 0),
            .spooler = i == 1 };

        start(now, i == 2 ? MAPI_NT_SERVICE : 0);
        assert_hr(raw_logon(now, &raw), MAPI_E_LOGON_FAILED);
        mapi_free(raw.error);
        raw_drop_support(&raw);
        host_session_logoff(&now->session);
    }
    assert_int_equal(user.windows, 0);
}

/* First files that are not this store, each with a sentence, and nothing is made. */
static enum msp_answer shows_others_first(struct msp_settings *settings)
{
    char other[1100], none[1200];
    struct eng_open_params params = { .path = other, .create = true };
    struct eng *eng = NULL;

    host_temp_path(".mkeep", other, sizeof(other));
    assert_int_equal(eng_open(&params, &eng, NULL), ENG_OK);
    eng_close(eng);
    assert_false(fake_ok(settings, other, NULL));
    assert_true(strlen(user.refused) > 15);
    assert_true(host_file_is_free(other));
    assert_true(host_file_remove(other));

    snprintf(none, sizeof(none), "%s.none", moved);
    assert_false(fake_ok(settings, none, NULL));
    assert_true(strlen(user.refused) > 15);
    assert_false(host_file_exists(none));
    return types_and_presses_ok(settings);
}

static void logon__user_shows_another_store__only_the_right_one_will_do(void **state)
{
    struct raw_logon raw = { .flags = MDB_WRITE };
    unsigned char id[2048];
    size_t size;

    (void)state;
    start(now, 0);
    assert_ok(raw_logon(now, &raw));
    size = raw_copy_id(now, id);
    end_raw(&raw);
    move_store();
    user.edit = shows_others_first;
    raw = (struct raw_logon){ .flags = MDB_WRITE, .entry_id = id, .entry_id_size = size };

    assert_ok(raw_logon(now, &raw));

    assert_string_equal(user.refused, "");
    end_raw(&raw);
    assert_in_section(PR_MKEEP_PATH_W, moved);
}

/* What the section names by now is another store: the identifier is not for that one. */
static void logon__section_names_another_store__old_identifier_does_not_open_it(void **state)
{
    struct raw_logon raw = { .flags = MDB_WRITE };
    unsigned char id[2048];
    size_t size;

    (void)state;
    start(now, 0);
    assert_ok(raw_logon(now, &raw));
    size = raw_copy_id(now, id);
    end_raw(&raw);
    assert_true(host_file_remove(now->path));
    assert_ok(configure(now));                        /* a new store in the same section... */
    assert_true(host_file_replace(now->path, moved)); /* ... and elsewhere */
    assert_int_equal(host_bag_set_text(&raw_section(now)->props, PR_MKEEP_PATH_W, moved), S_OK);
    raw = (struct raw_logon){
        .flags = MDB_WRITE | MDB_NO_DIALOG, .entry_id = id, .entry_id_size = size
    };

    assert_hr(raw_logon(now, &raw), MAPI_E_LOGON_FAILED);

    mapi_free(raw.error);
    raw_drop_support(&raw);
    assert_true(host_file_is_free(moved));
    assert_in_section(PR_MKEEP_PATH_W, moved);
}

static void logon__nth_allocation_fails__nothing_is_lost(void **state)
{
    struct state *own = *state;

    start(now, 0);
    move_store();
    user.edit = types_and_presses_ok;
    for (unsigned nth = 1;; nth++) {
        struct raw_logon raw = { .flags = MDB_WRITE };
        size_t before = msp_alloc_count_live();
        bool failed;

        assert_int_equal(
                host_bag_set_text(&raw_section(now)->props, PR_MKEEP_PATH_W, now->path), S_OK);
        msp_alloc_fail_at(nth);
        (void)raw_logon(now, &raw);
        failed = msp_alloc_fail_disarm();
        end_raw(&raw);
        assert_int_equal(msp_alloc_count_live(), before);
        if (!failed) {
            assert_ok(raw.hr);
            break;
        }
        if (FAILED(raw.hr) && raw.hr != MAPI_E_USER_CANCEL)
            assert_hr(raw.hr, MAPI_E_NOT_ENOUGH_MEMORY);
    }
    (void)own;
}

/* --- SettingsDialog --------------------------------------------------------------------------- */

static IMAPIStatus *open_status(void)
{
    struct host_logon params = { .flags = MDB_WRITE | MDB_NO_DIALOG };
    IMAPIStatus *status = NULL;

    assert_ok(host_session_logon(&now->session, &params, &now->store, &now->support));
    assert_ok(host_session_open_status(&now->session, now->support, 0, &status));
    return status;
}

static void close_status(IMAPIStatus *status)
{
    release_last(status);
    release_last(now->store);
}

static enum msp_answer renames(struct msp_settings *settings)
{
    return fake_ok(settings, NULL, "Another name") ? MSP_ANSWER_OK : MSP_ANSWER_CANCEL;
}

/* IMAPIStatus.SettingsDialog.1 IMAPIStatus.Object.7 IMAPIStatus.Object.6 */
static void settings__ok__are_in_the_profile_and_hold_from_the_next_logon(void **state)
{
    ULONG_PTR owner = (ULONG_PTR)UINT64_C(0x7654321089ABCDE0);
    IMAPIStatus *status;
    const SPropValue *row;
    long refs;

    (void)state;
    start(now, 0);
    status = open_status();
    refs = host_support_refs(now->support);
    row = host_bag_get(
            host_world_status_row(&now->session.world, now->support), PR_RESOURCE_METHODS);
    assert_true((prop_long(status, PR_RESOURCE_METHODS) & STATUS_SETTINGS_DIALOG) != 0);
    assert_int_equal(row->Value.l, prop_long(status, PR_RESOURCE_METHODS));
    user.edit = renames;

    assert_ok(status->lpVtbl->SettingsDialog(status, owner, 0));

    assert_int_equal(user.windows, 1);
    assert_true(user.owner == owner);
    assert_string_equal(user.seen.path, now->path);
    assert_false(user.seen.must_exist);
    assert_in_section(PR_DISPLAY_NAME_W, "Another name");
    {
        struct host_section *service = host_profile_find(now->profile, HOST_SECTION_SERVICE, NULL);
        char *name = host_bag_text(&service->props, PR_DISPLAY_NAME_W);

        assert_string_equal(name, "Another name"); /* ServiceEntry.Profile.1 */
        free(name);
    }
    assert_int_equal(host_support_refs(now->support), refs);
    close_status(status);
    status = open_status();
    prop_assert_text(now->store, PR_DISPLAY_NAME_W, "Another name");
    close_status(status);
}

/* IMAPIStatus.SettingsDialog.5 */
static void settings__cancelled__user_cancel_and_profile_unchanged(void **state)
{
    IMAPIStatus *status;
    size_t count;

    (void)state;
    start(now, 0);
    status = open_status();
    count = raw_section(now)->props.count;

    assert_hr(status->lpVtbl->SettingsDialog(status, 0, 0), MAPI_E_USER_CANCEL);

    assert_int_equal(user.windows, 1);
    assert_int_equal(raw_section(now)->props.count, count);
    assert_in_section(PR_MKEEP_PATH_W, now->path);
    close_status(status);
}

/* IMAPIStatus.SettingsDialog.3 */
static void settings__read_only__are_shown_and_do_not_change(void **state)
{
    IMAPIStatus *status;

    (void)state;
    start(now, 0);
    status = open_status();
    user.edit = renames;

    assert_ok(status->lpVtbl->SettingsDialog(status, 0, UI_READONLY));

    assert_true(user.seen.read_only);
    assert_string_equal(user.seen.path, now->path);
    prop_assert_text(now->store, PR_DISPLAY_NAME_W, user.seen.name);
    assert_in_section(PR_DISPLAY_NAME_W, user.seen.name);
    assert_hr(status->lpVtbl->SettingsDialog(status, 0, 0x80), MAPI_E_UNKNOWN_FLAGS);
    assert_int_equal(user.windows, 1);
    close_status(status);
}

/* IMAPIStatus.SettingsDialog.2 MSProviderInit.Params.5 IMAPIStatus.Object.7 */
static void settings__nobody_to_show_them_to__no_support(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        IMAPIStatus *status;

        user.is_away = i == 0;
        start(now, i == 0 ? 0 : MAPI_NT_SERVICE);
        status = open_status();
        assert_true((prop_long(status, PR_RESOURCE_METHODS) & STATUS_SETTINGS_DIALOG) == 0);
        assert_hr(status->lpVtbl->SettingsDialog(status, 0, 0), MAPI_E_NO_SUPPORT);
        assert_int_equal(user.windows, 0);
        close_status(status);
        host_session_logoff(&now->session);
    }
}

/* While the window is open its own loop runs what the client does: here it logs off. */
static enum msp_answer logs_off_and_presses_ok(struct msp_settings *settings)
{
    host_session_logoff(&now->session);
    assert_true(host_file_is_free(now->path)); /* the dialog keeps nothing of the session */
    return renames(settings);
}

static void settings__session_ends_meanwhile__invalid_object_and_nothing_changes(void **state)
{
    IMAPIStatus *status;

    (void)state;
    start(now, 0);
    status = open_status();
    user.edit = logs_off_and_presses_ok;

    assert_hr(status->lpVtbl->SettingsDialog(status, 0, 0), MAPI_E_INVALID_OBJECT);

    assert_true(host_file_is_free(now->path));
    {
        char *name = host_bag_text(&raw_section(now)->props, PR_DISPLAY_NAME_W);

        assert_string_not_equal(name, "Another name");
        free(name);
    }
    close_status(status);
}

static void settings__section_cannot_be_written__says_so(void **state)
{
    IMAPIStatus *status;

    (void)state;
    start(now, 0);
    status = open_status();
    user.edit = renames;
    host_support_fail(now->support, HOST_OpenProfileSection, MAPI_E_NO_ACCESS, 2);

    assert_hr(status->lpVtbl->SettingsDialog(status, 0, 0), MAPI_E_NO_ACCESS);

    {
        LPMAPIERROR error = NULL;

        assert_ok(status->lpVtbl->GetLastError(status, MAPI_E_NO_ACCESS, 0, &error));
        assert_non_null(error);
        mapi_free(error);
    }
    close_status(status);
}

#define IN_SESSION(test) cmocka_unit_test_setup_teardown(test, session_setup, session_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SESSION(logon__store_has_moved__user_says_where_it_is),
        IN_SESSION(logon__by_entry_id_of_a_moved_store__user_says_where_it_is),
        IN_SESSION(logon__fails_after_the_user_has_helped__says_the_new_reason),
        IN_SESSION(logon__user_cancels__user_cancel_and_nothing_changes),
        IN_SESSION(logon__nobody_may_be_asked__fails_without_a_window),
        IN_SESSION(logon__user_shows_another_store__only_the_right_one_will_do),
        IN_SESSION(logon__section_names_another_store__old_identifier_does_not_open_it),
        IN_SESSION(logon__nth_allocation_fails__nothing_is_lost),
        IN_SESSION(settings__ok__are_in_the_profile_and_hold_from_the_next_logon),
        IN_SESSION(settings__cancelled__user_cancel_and_profile_unchanged),
        IN_SESSION(settings__read_only__are_shown_and_do_not_change),
        IN_SESSION(settings__nobody_to_show_them_to__no_support),
        IN_SESSION(settings__session_ends_meanwhile__invalid_object_and_nothing_changes),
        IN_SESSION(settings__section_cannot_be_written__says_so),
    };

    return cmocka_run_group_tests_name("settings_session", tests, NULL, NULL);
}
