/* SPDX-License-Identifier: MIT */
/*
 * test_mailhost.c - the reference host as a command: what its user is told about logons.
 */
#include "support/command.h"

static void each_ending__at_exit__says_what_the_logoff_found(void **state)
{
    struct command_fixture *cx = *state;
    const char *const by_store[] = { "ls", "--shutdown", "store-release", NULL };
    const char *const by_session[] = { "ls", "--shutdown", "session", NULL };
    const char *const fast[] = { "ls", "--shutdown", "fast", NULL };

    command_make_store(cx);
    command_run_ok(cx, by_store);
    command_has(cx, "mailhost: logon 1: ");
    command_has(cx, "mailhost: logoff 1: 0 objects left open, took ");
    command_run_ok(cx, by_session);
    command_has(cx, "mailhost: logoff 1: left open: store, 1 reference, since ");
    command_has(cx, "mailhost: logoff 1: 1 object left open, took ");
    command_run_ok(cx, fast);
    command_has(cx, "mailhost: fast shutdown: 1 logon, took ");
}

static void quiet__at_exit__says_nothing(void **state)
{
    struct command_fixture *cx = *state;
    const char *const arguments[] = { "ls", "--quiet", NULL };

    command_make_store(cx);
    command_run_ok(cx, arguments);
    assert_null(strstr(cx->text, "mailhost:"));
}

static void objects_held__endings__each_is_named_in_each_ending(void **state)
{
    static const char *const kinds[] = { "stream", "attachment", "message", "table", "folder",
        "status" };
    const char *const arguments[] = { "endings", NULL };
    struct command_fixture *cx = *state;
    char line[100];

    command_make_store(cx);
    command_run_ok(cx, arguments);
    for (unsigned n = 1; n <= 3; n++) {
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
            snprintf(line, sizeof(line), "logoff %u: left open: %s, 1 reference, ", n, kinds[i]);
            command_has(cx, line);
        }
        snprintf(line, sizeof(line), "logoff %u: left advised: 1 connection", n);
        command_has(cx, line);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, command_setup, command_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_ending__at_exit__says_what_the_logoff_found),
        TEST(quiet__at_exit__says_nothing),
        TEST(objects_held__endings__each_is_named_in_each_ending),
    };

    return cmocka_run_group_tests_name("mailhost", tests, NULL, NULL);
}
