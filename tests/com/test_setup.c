/* SPDX-License-Identifier: MIT */
/*
 * test_setup.c - setting up on a machine: which MAPISVC.INF is the mail client's, the system's
 * search, and where the library takes its own dependencies from. The registry is this process's
 * own; what needs files in the system's folder is done under Wine only.
 */
#include "mailkeep.h"
#include "support/process.h"
#include "support/support.h"
#include "support/system.h"

typedef void(WINAPI *rundll_function)(HWND window, HINSTANCE instance, LPSTR arguments, int show);

#define CLIENTS "Software\\Clients\\Mail"
#define PREFERENCES "Software\\Microsoft\\Windows\\Windows Search\\Preferences"
#define POLICIES "Software\\Policies\\Microsoft\\Windows\\Windows Search"
#define PROVIDER "{998e1f31-e866-4cb7-863d-3eb143c174b5}" /* as in include/mailkeep.h */
#define COMPONENT "{FF1D0740-D227-11D1-A4B0-006008AF820E}"

enum { PATH_SIZE = 1024 };

/* --- files ------------------------------------------------------------------------------------ */

static void copy_file(const char *from, const char *to)
{
    char block[65536];
    FILE *in = host_fopen(from, "rb");
    FILE *out = host_fopen(to, "wb");
    size_t size;

    assert_non_null(in);
    assert_non_null(out);
    while ((size = fread(block, 1, sizeof(block), in)) > 0)
        assert_int_equal(fwrite(block, 1, size, out), size);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

static void beside_library(const char *name, char out[PATH_SIZE])
{
    const char *dll = fixture_dll();
    const char *end = strrchr(dll, '\\');

    assert_non_null(end);
    snprintf(out, PATH_SIZE, "%.*s\\%s", (int)(end - dll), dll, name);
}

static void in_system_folder(const char *name, char out[PATH_SIZE])
{
    char root[512];

    assert_true(host_env("SystemRoot", root, sizeof(root)));
    snprintf(out, PATH_SIZE, "%s\\system32\\%s", root, name);
}

/* The system's own file goes aside, and comes back; also when a test before was killed. */
static void put_back(const char *name)
{
    char path[PATH_SIZE], aside[PATH_SIZE + 16];

    in_system_folder(name, path);
    snprintf(aside, sizeof(aside), "%s.aside", path);
    if (host_file_exists(aside))
        assert_true(host_file_replace(aside, path));
}

static void replace_in_system(const char *name, const char *by)
{
    char path[PATH_SIZE], aside[PATH_SIZE + 16], from[PATH_SIZE];

    put_back(name);
    in_system_folder(name, path);
    snprintf(aside, sizeof(aside), "%s.aside", path);
    beside_library(by, from);
    assert_true(host_file_replace(path, aside));
    copy_file(from, path);
}

/* --- the fixture ------------------------------------------------------------------------------ */

struct machine {
    char folder[PATH_SIZE]; /* of the mail client, with nothing in it */
    char inf[PATH_SIZE + 16];
    char dll[PATH_SIZE + 16]; /* the client's MAPI; need not exist */
    bool has_registry;
};

static int setup(void **state)
{
    struct machine *machine = test_calloc(1, sizeof(*machine));

    *state = machine;
    machine->has_registry = process_registry_begin();
    host_temp_path("", machine->folder, sizeof(machine->folder));
    assert_true(host_dir_make(machine->folder));
    snprintf(machine->inf, sizeof(machine->inf), "%s\\MAPISVC.INF", machine->folder);
    snprintf(machine->dll, sizeof(machine->dll), "%s\\msmapi32.dll", machine->folder);
    host_env_set("FAKE_MAPI_ASKED", "");
    host_env_set("FAKE_MAPI_1033", "");
    host_env_set("FAKE_MAPI_1031", "");
    return 0;
}

static int teardown(void **state)
{
    struct machine *machine = *state;

    if (system_is_wine()) {
        put_back("mapi32.dll");
        put_back("mapistub.dll");
    }
    if (machine->has_registry)
        process_registry_end();
    if (host_file_exists(machine->inf))
        assert_true(host_file_remove(machine->inf));
    assert_true(host_dir_remove(machine->folder));
    test_free(machine);
    return 0;
}

static void need_wine(void)
{
    if (!system_is_wine())
        skip();
}

static void run(const char *name, const char *arguments)
{
    char why[256], line[PATH_SIZE] = "";
    struct host_lib *lib = host_lib_open(fixture_dll(), why, sizeof(why));
    rundll_function function;

    if (!lib)
        fail_msg("%s", why);
    function = (rundll_function)host_lib_symbol(lib, name);
    assert_non_null(function);
    assert_true(host_to_ansi(arguments, line, sizeof(line)));
    function(NULL, (HINSTANCE)host_lib_handle(lib), line, 0);
    host_lib_close(lib);
}

static void client_is(const char *name)
{
    process_registry_set_machine(CLIENTS, NULL, name);
}

static void client_says(const char *client, const char *name, const char *value)
{
    char key[256];

    snprintf(key, sizeof(key), CLIENTS "\\%s", client);
    process_registry_set_machine(key, name, value);
}

/* A client that Windows Installer has put there, in two languages. */
static void client_is_a_component(void)
{
    client_is("Test Mail");
    client_says("Test Mail", "MSIComponentID", COMPONENT);
    client_says("Test Mail", "MSIApplicationLCID", "1031");
    client_says("Test Mail", "MSIOfficeLCID", "1033");
}

static void assert_asked(const char *expected)
{
    char asked[1024] = "";

    (void)host_env("FAKE_MAPI_ASKED", asked, sizeof(asked));
    assert_string_equal(asked, expected);
}

/* --- which MAPISVC.INF ------------------------------------------------------------------------ */

/* Registration.Setup.1 Registration.Setup.2 */
static void merge__client_is_a_component__its_folder_by_the_applications_language(void **state)
{
    struct machine *machine = *state;

    need_wine();
    client_is_a_component();
    client_says("Test Mail", "DLLPathEx", "C:\\elsewhere\\mapi.dll"); /* the identifiers go first */
    host_env_set("FAKE_MAPI_1031", machine->dll);
    replace_in_system("mapi32.dll", "fake_mapi.dll");

    run("MergeWithMAPISVC", "");

    assert_true(host_file_exists(machine->inf));
    assert_asked(COMPONENT ",1031;");
}

/* Registration.Setup.2 */
static void merge__no_such_language_of_the_application__then_offices(void **state)
{
    struct machine *machine = *state;

    need_wine();
    client_is_a_component();
    host_env_set("FAKE_MAPI_1033", machine->dll);
    replace_in_system("mapi32.dll", "fake_mapi.dll");

    run("MergeWithMAPISVC", "");

    assert_true(host_file_exists(machine->inf));
    assert_asked(COMPONENT ",1031;" COMPONENT ",1033;");
}

/* Registration.Setup.2: a mapi32.dll that does not have the function leaves it to the other. */
static void merge__stub_without_the_function__mapistub_has_it(void **state)
{
    struct machine *machine = *state;

    need_wine();
    client_is_a_component();
    host_env_set("FAKE_MAPI_1031", machine->dll);
    replace_in_system("mapi32.dll", "winsqlite3.dll");
    replace_in_system("mapistub.dll", "fake_mapi.dll");

    run("MergeWithMAPISVC", "");

    assert_true(host_file_exists(machine->inf));
    assert_asked(COMPONENT ",1031;");
}

/* Registration.Setup.3 */
static void merge__client_without_component__folder_of_dllpathex(void **state)
{
    struct machine *machine = *state;

    need_wine();
    client_is("Test Mail");
    client_says("Test Mail", "DLLPathEx", machine->dll);
    replace_in_system("mapi32.dll", "fake_mapi.dll");

    run("MergeWithMAPISVC", "");

    assert_true(host_file_exists(machine->inf));
    assert_asked("");
    run("RemoveFromMAPISVC", "");
    {
        struct host_inf inf;
        char why[256];

        assert_true(host_inf_read(machine->inf, &inf, why, sizeof(why)));
        assert_null(host_inf_section(&inf, "MAILKEEP"));
        host_inf_free(&inf);
    }
}

/* Registration.Setup.1: a default client that has no Extended MAPI is not the one. */
static void merge__default_client_has_no_mapi__outlooks_folder(void **state)
{
    struct machine *machine = *state;

    need_wine();
    client_is("Simple Mail");
    client_says("Simple Mail", "DLLPath", "C:\\simple\\mapi.dll");
    client_says("Microsoft Outlook", "DLLPathEx", machine->dll);

    run("MergeWithMAPISVC", "");

    assert_true(host_file_exists(machine->inf));
}

/* Registration.Setup.1: without any client, the system's folder. */
static void merge__no_client__the_systems_folder(void **state)
{
    char path[PATH_SIZE];
    bool was_there;

    (void)state;
    need_wine();
    in_system_folder("MAPISVC.INF", path);
    was_there = host_file_exists(path);

    run("MergeWithMAPISVC", "  ");

    {
        struct host_inf inf;
        char why[256];

        assert_true(host_inf_read(path, &inf, why, sizeof(why)));
        assert_non_null(host_inf_section(&inf, "MAILKEEP"));
        host_inf_free(&inf);
    }
    run("RemoveFromMAPISVC", "");
    if (!was_there)
        assert_true(host_file_remove(path));
}

/* --- the system's search ---------------------------------------------------------------------- */

/* Registration.Setup.8 */
static void merge_and_remove__search__knows_the_provider_and_forgets_it(void **state)
{
    struct machine *machine = *state;
    unsigned value = 7;

    if (!machine->has_registry)
        skip();
    for (int i = 0; i < 2; i++) { /* again changes nothing */
        run("MergeWithMAPISVC", machine->inf);
        assert_true(process_registry_get_machine(PREFERENCES, PROVIDER, &value));
        assert_int_equal(value, 1);
        assert_false(process_registry_get_machine(POLICIES, PROVIDER, &value));
    }
    for (int i = 0; i < 2; i++) {
        run("RemoveFromMAPISVC", machine->inf);
        assert_false(process_registry_get_machine(PREFERENCES, PROVIDER, &value));
    }
}

/* Registration.Setup.8: under one of the keys only. */
static void merge__policy_says_it_already__is_left_to_it(void **state)
{
    struct machine *machine = *state;
    unsigned value = 7;

    if (!machine->has_registry)
        skip();
    process_registry_set_machine(POLICIES, PROVIDER, "somebody's decision");

    run("MergeWithMAPISVC", machine->inf);

    assert_false(process_registry_get_machine(PREFERENCES, PROVIDER, &value));
}

static void merge__file_cannot_be_written__search_is_not_told(void **state)
{
    struct machine *machine = *state;
    char path[PATH_SIZE + 64];
    unsigned value = 7;

    if (!machine->has_registry)
        skip();
    snprintf(path, sizeof(path), "%s\\none\\mapisvc.inf", machine->folder);

    run("MergeWithMAPISVC", path);

    assert_false(process_registry_get_machine(PREFERENCES, PROVIDER, &value));
}

/* --- dependencies ----------------------------------------------------------------------------- */

static char own_program[PATH_SIZE];

/* In the other process: PATH, the current folder and the program's own have another library of the
 * name. Says which one was loaded. */
static int dependency_child(void)
{
    struct fixture *fx = fixture_new();
    char expected[PATH_SIZE];
    bool right;

    assert_ok(host_session_load(&fx->session));
    assert_ok(host_session_configure(&fx->session, fx->path));
    beside_library("winsqlite3.dll", expected);
    right = host_lib_is_loaded(expected);
    fixture_check_and_free(fx);
    return right ? 0 : 3;
}

/* Registration.DllName.6 */
static void dependencies__another_of_the_name_on_path__are_not_taken_from_there(void **state)
{
    struct machine *machine = *state;
    char program[PATH_SIZE + 32], decoy[PATH_SIZE + 32], real[PATH_SIZE], path[2048];
    const char *const arguments[] = { program, "dependency", NULL };
    int status;

    need_wine();
    snprintf(program, sizeof(program), "%s\\other.exe", machine->folder);
    snprintf(decoy, sizeof(decoy), "%s\\winsqlite3.dll", machine->folder);
    beside_library("winsqlite3.dll", real);
    copy_file(own_program, program);
    copy_file(real, decoy);
    assert_true(host_env("PATH", path, sizeof(path)));
    host_env_set("PATH", machine->folder);

    status = process_wait(process_start(arguments, NULL));

    host_env_set("PATH", path);
    assert_true(host_file_remove(program));
    assert_true(host_file_remove(decoy));
    assert_int_equal(status, 0);
}

#define ON_MACHINE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        ON_MACHINE(merge__client_is_a_component__its_folder_by_the_applications_language),
        ON_MACHINE(merge__no_such_language_of_the_application__then_offices),
        ON_MACHINE(merge__stub_without_the_function__mapistub_has_it),
        ON_MACHINE(merge__client_without_component__folder_of_dllpathex),
        ON_MACHINE(merge__default_client_has_no_mapi__outlooks_folder),
        ON_MACHINE(merge__no_client__the_systems_folder),
        ON_MACHINE(merge_and_remove__search__knows_the_provider_and_forgets_it),
        ON_MACHINE(merge__policy_says_it_already__is_left_to_it),
        ON_MACHINE(merge__file_cannot_be_written__search_is_not_told),
        ON_MACHINE(dependencies__another_of_the_name_on_path__are_not_taken_from_there),
    };

    if (argc > 1 && strcmp(argv[1], "dependency") == 0)
        return dependency_child();
    snprintf(own_program, sizeof(own_program), "%s", argv[0]);
    return cmocka_run_group_tests_name("setup", tests, NULL, NULL);
}
