/* SPDX-License-Identifier: MIT */
/*
 * test_mailhost.c - the reference host as a command: what its user is told about logons.
 */
#include "support/process.h"
#include "support/support.h"
#include "support/system.h"

struct command_fixture {
    char store[1024], profile[1024], inf[1024], output[1024];
    char text[65536]; /* what the last run has said */
};

static int command_setup(void **state)
{
    struct command_fixture *cx = calloc(1, sizeof(*cx));

    assert_non_null(cx);
    host_temp_path(".mkeep", cx->store, sizeof(cx->store));
    host_temp_path(".profile", cx->profile, sizeof(cx->profile));
    host_temp_path(".inf", cx->inf, sizeof(cx->inf));
    host_temp_path(".out", cx->output, sizeof(cx->output));
    *state = cx;
    return 0;
}

static int command_teardown(void **state)
{
    struct command_fixture *cx = *state;

    host_file_remove(cx->store);
    host_file_remove(cx->profile);
    host_file_remove(cx->inf);
    host_file_remove(cx->output);
    free(cx);
    return 0;
}

/* mailhost --profile P and what follows it; its exit status. */
static int run(struct command_fixture *cx, const char *const *arguments)
{
    const char *all[16] = { ON_WINDOWS ? "mailhost.exe" : "./mailhost", "--profile", cx->profile };
    struct process *process;
    size_t size;
    FILE *file;
    int status;

    for (size_t i = 0; arguments[i]; i++)
        all[3 + i] = arguments[i];
    process = process_start(all, cx->output);
    assert_non_null(process);
    status = process_wait(process);
    file = host_fopen(cx->output, "rb");
    assert_non_null(file);
    size = fread(cx->text, 1, sizeof(cx->text) - 1, file);
    cx->text[size] = 0;
    fclose(file);
    return status;
}

static void run_ok(struct command_fixture *cx, const char *const *arguments)
{
    int status = run(cx, arguments);

    if (status != 0)
        fail_msg("status %d: %s", status, cx->text);
}

static void make_store(struct command_fixture *cx)
{
    const char *const arguments[] = { "register", "--dll", fixture_dll(), "--store", cx->store,
        "--inf", cx->inf, NULL };

    run_ok(cx, arguments);
}

static void has(struct command_fixture *cx, const char *what)
{
    if (!strstr(cx->text, what))
        fail_msg("\"%s\" is not in: %s", what, cx->text);
}

static void each_ending__at_exit__says_what_the_logoff_found(void **state)
{
    struct command_fixture *cx = *state;
    const char *const by_store[] = { "ls", "--shutdown", "store-release", NULL };
    const char *const by_session[] = { "ls", "--shutdown", "session", NULL };
    const char *const fast[] = { "ls", "--shutdown", "fast", NULL };

    make_store(cx);
    run_ok(cx, by_store);
    has(cx, "mailhost: logon 1: ");
    has(cx, "mailhost: logoff 1: 0 objects left open, took ");
    run_ok(cx, by_session);
    has(cx, "mailhost: logoff 1: left open: store, 1 reference, since ");
    has(cx, "mailhost: logoff 1: 1 object left open, took ");
    run_ok(cx, fast);
    has(cx, "mailhost: fast shutdown: 1 logon, took ");
}

static void quiet__at_exit__says_nothing(void **state)
{
    struct command_fixture *cx = *state;
    const char *const arguments[] = { "ls", "--quiet", NULL };

    make_store(cx);
    run_ok(cx, arguments);
    assert_null(strstr(cx->text, "mailhost:"));
}

static void objects_held__endings__each_is_named_in_each_ending(void **state)
{
    static const char *const kinds[] = { "stream", "attachment", "message", "table", "folder",
        "status" };
    const char *const arguments[] = { "endings", NULL };
    struct command_fixture *cx = *state;
    char line[100];

    make_store(cx);
    run_ok(cx, arguments);
    for (unsigned n = 1; n <= 3; n++) {
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
            snprintf(line, sizeof(line), "logoff %u: left open: %s, 1 reference, ", n, kinds[i]);
            has(cx, line);
        }
        snprintf(line, sizeof(line), "logoff %u: left advised: 1 connection", n);
        has(cx, line);
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
