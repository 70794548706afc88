/* SPDX-License-Identifier: MIT */
/*
 * test_register.c - MergeWithMAPISVC and RemoveFromMAPISVC of the loaded library, called as
 * rundll32 calls them, on a file of the test.
 */
#include "mailkeep.h"
#include "support/process.h"
#include "support/support.h"

typedef void(WINAPI *rundll_function)(HWND window, HINSTANCE instance, LPSTR arguments, int show);

static const char others[] = "[Services]\r\n"
                             "MSPST MS=Outlook Data File\r\n"
                             "\r\n"
                             "[MSPST MS]\r\n"
                             "Providers=MSPST MSP\r\n"
                             "[MSPST MSP]\r\n"
                             "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER\r\n";

struct file {
    char path[1024];
    char text[8192];
    size_t size;
};

static int setup(void **state)
{
    struct file *file = test_calloc(1, sizeof(*file));

    host_temp_path(" mapi svc.inf", file->path, sizeof(file->path));
    *state = file;
    return 0;
}

static int teardown(void **state)
{
    struct file *file = *state;
    char beside[1100];

    snprintf(beside, sizeof(beside), "%s.new", file->path);
    assert_false(host_file_exists(beside)); /* nothing is left lying about */
    if (host_file_exists(file->path))
        assert_true(host_file_remove(file->path));
    test_free(file);
    return 0;
}

static void put(struct file *file, const void *text, size_t size)
{
    FILE *out = host_fopen(file->path, "wb");

    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
}

static const char *get(struct file *file)
{
    FILE *in = host_fopen(file->path, "rb");

    assert_non_null(in);
    file->size = fread(file->text, 1, sizeof(file->text) - 1, in);
    file->text[file->size] = '\0';
    fclose(in);
    return file->text;
}

/* `arguments` in UTF-8; NULL for none at all. */
static void call(const char *name, const char *arguments)
{
    char why[256], line[1100];
    struct host_lib *lib = host_lib_open(fixture_dll(), why, sizeof(why));
    rundll_function run;

    if (!lib)
        fail_msg("%s", why);
    run = (rundll_function)host_lib_symbol(lib, name);
    assert_non_null(run);
    if (arguments)
        assert_true(host_to_ansi(arguments, line, sizeof(line)));
    run(NULL, (HINSTANCE)host_lib_handle(lib), arguments ? line : NULL, 0);
    host_lib_close(lib);
}

static void merge(struct file *file)
{
    call("MergeWithMAPISVC", file->path);
}

static void take_out(struct file *file)
{
    call("RemoveFromMAPISVC", file->path);
}

/* The registered library of a file; to be freed with free(). */
static char *registered(struct file *file, const char *section, const char *key)
{
    struct host_inf inf;
    char why[256];
    char *copy;

    if (!host_inf_read(file->path, &inf, why, sizeof(why)))
        fail_msg("%s", why);
    assert_non_null(host_inf_section(&inf, section));
    assert_non_null(host_inf_value(host_inf_section(&inf, section), key));
    copy = strdup(host_inf_value(host_inf_section(&inf, section), key));
    host_inf_free(&inf);
    return copy;
}

/* --- the file -----------------------------------------------------------------------------------
 */

/* Registration.DllName.7 Registration.Setup.4-5 */
static void merge_and_remove__a_file_of_others__is_as_before(void **state)
{
    struct file *file = *state;
    char once[sizeof(file->text)];

    put(file, others, sizeof(others) - 1);
    merge(file);
    strcpy(once, get(file));
    assert_non_null(strstr(once, "\r\n[MAILKEEP]\r\n"));
    assert_non_null(strstr(once, strstr(others, "MSPST MS")));
    merge(file);
    assert_string_equal(get(file), once);

    take_out(file);

    assert_string_equal(get(file), others);
    take_out(file);
    assert_string_equal(get(file), others);
}

/* Registration.DllName.2: the text is this one, whatever the width. */
static void merge__no_file__makes_it(void **state)
{
    struct file *file = *state;
    char expected[4096];
    char *dll;

    merge(file);

    dll = registered(file, "MAILKEEP", "PR_SERVICE_DLL_NAME");
    snprintf(expected, sizeof(expected),
            "[Services]\r\n"
            "MAILKEEP=Mailkeep message store\r\n"
            "[MAILKEEP]\r\n"
            "PR_DISPLAY_NAME=Mailkeep message store\r\n"
            "Providers=MAILKEEP_Store\r\n"
            "PR_SERVICE_DLL_NAME=%s\r\n"
            "PR_SERVICE_ENTRY_NAME=MSGServiceEntry\r\n"
            "PR_RESOURCE_FLAGS=SERVICE_NO_PRIMARY_IDENTITY\r\n"
            "[MAILKEEP_Store]\r\n"
            "PR_DISPLAY_NAME=Mailkeep message store\r\n"
            "PR_PROVIDER_DISPLAY=Mailkeep message store\r\n"
            "PR_PROVIDER_DLL_NAME=%s\r\n"
            "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER\r\n"
            "PR_RESOURCE_FLAGS=STATUS_NO_PRIMARY_IDENTITY|STATUS_DEFAULT_STORE\r\n"
            "34140102=311f8e9966e8b74c863d3eb143c174b5\r\n",
            dll, dll);
    assert_string_equal(get(file), expected);
    free(dll);
}

static void remove__no_file__makes_none(void **state)
{
    struct file *file = *state;

    take_out(file);

    assert_false(host_file_exists(file->path));
}

static void merge__a_folder_or_a_place_that_is_not_there__does_no_harm(void **state)
{
    struct file *file = *state;
    char path[1100];

    snprintf(path, sizeof(path), "%s/none/mapisvc.inf", file->path);
    call("MergeWithMAPISVC", path);
    call("RemoveFromMAPISVC", path);
    call("MergeWithMAPISVC", ".");
    call("RemoveFromMAPISVC", ".");
    assert_false(host_file_exists(path));
}

/* Half a two-byte character in it would ruin the file. */
static void merge__utf16_file__stays_as_it_is(void **state)
{
    static const char text[] = "\xFF\xFE[\0S\0e\0r\0v\0i\0c\0e\0s\0]\0\r\0\n";
    struct file *file = *state;

    put(file, text, sizeof(text));

    merge(file);

    get(file);
    assert_int_equal(file->size, sizeof(text));
    assert_memory_equal(file->text, text, sizeof(text));
}

static void merge__registered_under_another_name_before__names_this_one(void **state)
{
    static const char old[] = "[Services]\r\n"
                              "mailkeep=old\r\n"
                              "[mailkeep]\r\n"
                              "PR_SERVICE_DLL_NAME=D:\\old\\mailkeep.dll\r\n"
                              "[X]\r\n"
                              "y=z\r\n";
    struct file *file = *state;
    char *dll, *again;

    merge(file);
    dll = registered(file, "MAILKEEP", "PR_SERVICE_DLL_NAME");
    take_out(file);
    put(file, old, sizeof(old) - 1);

    merge(file);

    again = registered(file, "MAILKEEP", "PR_SERVICE_DLL_NAME");
    assert_string_equal(again, dll);
    assert_null(strstr(get(file), "old"));
    assert_non_null(strstr(file->text, "[X]\r\ny=z\r\n"));
    free(again);
    free(dll);
}

/* --- the command line ---------------------------------------------------------------------------
 */

static void merge__path_in_quotes_and_spaces__is_the_file(void **state)
{
    static const struct {
        const char *before, *after;
    } forms[] = { { "\"", "\"" }, { "  \"", "\"  " }, { "\t", " " }, { "\"", "" } };
    struct file *file = *state;

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        char arguments[1100];

        put(file, others, sizeof(others) - 1);
        snprintf(arguments, sizeof(arguments), "%s%s%s", forms[i].before, file->path,
                forms[i].after);
        call("MergeWithMAPISVC", arguments);
        assert_non_null(strstr(get(file), "[MAILKEEP]"));
        call("RemoveFromMAPISVC", arguments);
        assert_string_equal(get(file), others);
    }
}

static void merge__path_far_too_long__does_nothing(void **state)
{
    char why[256];
    struct host_lib *lib = host_lib_open(fixture_dll(), why, sizeof(why));
    char *line = test_malloc(100001);
    rundll_function run;

    (void)state;
    assert_non_null(lib);
    run = (rundll_function)host_lib_symbol(lib, "MergeWithMAPISVC");
    memset(line, 'x', 100000);
    line[100000] = '\0';
    run(NULL, (HINSTANCE)host_lib_handle(lib), line, 0);
    assert_int_equal(strspn(line, "x"), 100000);
    test_free(line);
    host_lib_close(lib);
}

/* --- what comes of it ---------------------------------------------------------------------------
 */

/* Registration.DllName.1 Registration.DllName.3 Registration.DllName.5: the name is this library's
   file, as the host looks for it. */
static void merge__library_named__is_this_file(void **state)
{
    struct file *file = *state;
    char expected[1024], found[1024];
    char *service, *provider;

    merge(file);

    service = registered(file, "MAILKEEP", "PR_SERVICE_DLL_NAME");
    provider = registered(file, "MAILKEEP_Store", "PR_PROVIDER_DLL_NAME");
    assert_string_equal(service, provider);
    assert_true(host_full_path(fixture_dll(), expected, sizeof(expected)));
    assert_true(host_lib_registered_path(service, found, sizeof(found)));
    if (strchr(found, '/') || strchr(found, '\\')) {
        if (strcmp(service, found) != 0) /* it is a .dll: MAPI puts the 32 in */
            assert_ptr_equal(strchr(service, '.'), strrchr(service, '.'));
        assert_true(host_text_same_nocase(found, expected));
    } else {
        assert_non_null(strstr(expected, found)); /* the path has another period */
    }
    free(service);
    free(provider);
}

/* Registration.ResourceFlags.2 Registration.ResourceFlags.5 Registration.DllName.7 */
static void merge__service_made_of_it__opens_a_store_and_keeps_its_flags(void **state)
{
    struct file *file = *state;
    struct fixture *fx = fixture_new();
    struct host_section *section;
    struct host_inf inf;
    char why[256];
    char *dll;
    LONG flags;

    merge(file);
    dll = registered(file, "MAILKEEP", "PR_SERVICE_DLL_NAME");
    if (!strchr(dll, '/') && !strchr(dll, '\\')) {
        free(dll);
        fixture_check_and_free(fx);
        skip(); /* only a system folder would do */
    }
    free(dll);
    host_profile_remove_service(fx->profile, "MAILKEEP");
    assert_true(host_inf_read(file->path, &inf, why, sizeof(why)));
    if (!host_profile_add_service(fx->profile, &inf, "MAILKEEP", why, sizeof(why)))
        fail_msg("%s", why);
    host_inf_free(&inf);
    section = host_profile_find(fx->profile, HOST_SECTION_PROVIDER, "MAILKEEP");
    assert_non_null(section);
    flags = host_bag_long(&section->props, PR_RESOURCE_FLAGS, 0);
    assert_int_equal(flags, STATUS_NO_PRIMARY_IDENTITY | STATUS_DEFAULT_STORE);

    assert_ok(host_session_service(&fx->session, MSG_SERVICE_CREATE, 0, 0, NULL));
    assert_ok(host_session_configure(&fx->session, fx->path));
    fixture_logon(fx);
    fixture_open_inbox(fx);
    mapi_free(message_make(fx->inbox, "kept"));
    fixture_reopen(fx);

    section = host_profile_find(fx->profile, HOST_SECTION_PROVIDER, "MAILKEEP");
    assert_int_equal(host_bag_long(&section->props, PR_RESOURCE_FLAGS, 0), flags);
    assert_string_equal(fx->profile->fault, "");
    fixture_check_and_free(fx);
}

#define ON_FILE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_FILE(merge_and_remove__a_file_of_others__is_as_before),
        ON_FILE(merge__no_file__makes_it),
        ON_FILE(remove__no_file__makes_none),
        ON_FILE(merge__a_folder_or_a_place_that_is_not_there__does_no_harm),
        ON_FILE(merge__utf16_file__stays_as_it_is),
        ON_FILE(merge__registered_under_another_name_before__names_this_one),
        ON_FILE(merge__path_in_quotes_and_spaces__is_the_file),
        ON_FILE(merge__path_far_too_long__does_nothing),
        ON_FILE(merge__library_named__is_this_file),
        ON_FILE(merge__service_made_of_it__opens_a_store_and_keeps_its_flags),
    };

    bool has_registry = process_registry_begin(); /* what is told to the search stays here */
    int failed = cmocka_run_group_tests_name("register", tests, NULL, NULL);

    if (has_registry)
        process_registry_end();
    return failed;
}
