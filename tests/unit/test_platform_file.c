/* SPDX-License-Identifier: MIT */
/*
 * test_platform_file.c - files, their names, and libraries.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "platform/file.h"
#include "platform/library.h"
#include "platform/random.h"

/* A folder of its own for each test; the name is not ASCII. */
struct fixture {
    char folder[600];
    char path[700]; /* the last one made by at() */
};

static const char *at(struct fixture *fx, const char *name)
{
    int length =
            snprintf(fx->path, sizeof(fx->path), "%s%c%s", fx->folder, MSP_PATH_SEPARATOR, name);

    assert_true(length > 0 && (size_t)length < sizeof(fx->path));
    return fx->path;
}

static int setup(void **state)
{
    struct fixture *fx = calloc(1, sizeof(*fx));
    char temp[500];
    unsigned char random[4];
    size_t size = msp_path_temp_folder(temp, sizeof(temp));

    if (!fx || size == 0 || size > sizeof(temp) || !msp_random_bytes(random, sizeof(random)))
        return 1;
    snprintf(fx->folder, sizeof(fx->folder), "%s%cmk-\xC3\xA4\xE2\x82\xAC-%02x%02x%02x%02x", temp,
            MSP_PATH_SEPARATOR, random[0], random[1], random[2], random[3]);
    *state = fx;
    return msp_folder_create(fx->folder) != MSP_IO_OK;
}

static int teardown(void **state)
{
    static const char *const names[] = { "file", "other", "read-only" };
    struct fixture *fx = *state;
    enum msp_io io;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        msp_file_set_read_only(at(fx, names[i]), false);
        msp_file_delete(at(fx, names[i]));
    }
    msp_folder_delete(at(fx, "folder"));
    io = msp_folder_delete(fx->folder);
    free(fx);
    return io != MSP_IO_OK; /* fails when a test left something else behind, or open */
}

static void write_file(const char *path, const char *text)
{
    struct msp_file file;

    assert_int_equal(msp_file_open(path, MSP_OPEN_REPLACE, &file), MSP_IO_OK);
    assert_int_equal(msp_file_write(&file, text, strlen(text)), MSP_IO_OK);
    assert_int_equal(msp_file_flush(&file), MSP_IO_OK);
    msp_file_close(&file);
    msp_file_close(&file);
}

static void assert_file(const char *path, const char *text)
{
    char read[100];
    struct msp_file file;
    uint64_t size;
    size_t got;

    assert_int_equal(msp_file_open(path, MSP_OPEN_READ, &file), MSP_IO_OK);
    assert_int_equal(msp_file_read(&file, read, sizeof(read), &got), MSP_IO_OK);
    assert_int_equal(got, strlen(text));
    assert_memory_equal(read, text, got);
    assert_int_equal(msp_file_read(&file, read, 1, &got), MSP_IO_OK);
    assert_int_equal(got, 0);
    msp_file_close(&file);
    assert_int_equal(msp_file_size(path, &size), MSP_IO_OK);
    assert_int_equal(size, strlen(text));
}

static void kind__each_kind__is_told_apart(void **state)
{
    struct fixture *fx = *state;

    write_file(at(fx, "file"), "x");
    assert_int_equal(msp_file_kind(at(fx, "file")), MSP_FILE_FILE);
    assert_int_equal(msp_file_kind(fx->folder), MSP_FILE_FOLDER);
    assert_int_equal(msp_file_kind(at(fx, "none")), MSP_FILE_MISSING);
    assert_int_equal(msp_file_kind(at(fx, "none/below")), MSP_FILE_MISSING);
    assert_int_equal(msp_file_kind(at(fx, "file/below")), MSP_FILE_MISSING);
    assert_int_equal(msp_file_kind(""), MSP_FILE_BAD_PATH);
}

static void kind__name_too_long__is_no_file(void **state)
{
    struct fixture *fx = *state;
    char name[400];
    enum msp_file_kind kind;

    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    snprintf(fx->path, sizeof(fx->path), "%.200s/%s", fx->folder, name);
    kind = msp_file_kind(fx->path);
    assert_true(kind == MSP_FILE_BAD_PATH || kind == MSP_FILE_MISSING);
}

static void open__modes__keep_their_promises(void **state)
{
    struct fixture *fx = *state;
    struct msp_file file;

    assert_int_equal(msp_file_open(at(fx, "file"), MSP_OPEN_READ, &file), MSP_IO_MISSING);
    msp_file_close(&file);
    assert_int_equal(msp_file_open(at(fx, "none/file"), MSP_OPEN_CREATE, &file), MSP_IO_MISSING);
    assert_int_equal(msp_file_open("", MSP_OPEN_CREATE, &file), MSP_IO_BAD_PATH);
    assert_int_equal(msp_file_open(fx->folder, MSP_OPEN_READ, &file), MSP_IO_DENIED);
    assert_int_equal(msp_file_open(fx->folder, MSP_OPEN_REPLACE, &file), MSP_IO_DENIED);
    assert_int_equal(msp_file_open(at(fx, "file"), MSP_OPEN_CREATE, &file), MSP_IO_OK);
    assert_int_equal(msp_file_write(&file, "one", 3), MSP_IO_OK);
    assert_int_equal(msp_file_write(&file, NULL, 0), MSP_IO_OK);
    msp_file_close(&file);
    assert_file(at(fx, "file"), "one");
    assert_int_equal(msp_file_open(at(fx, "file"), MSP_OPEN_CREATE, &file), MSP_IO_EXISTS);
    assert_file(at(fx, "file"), "one");
    write_file(at(fx, "file"), "2");
    assert_file(at(fx, "file"), "2");
}

/* Two that write to one file: neither writes over what the other has written. */
static void append__opened_twice__each_write_goes_to_the_end(void **state)
{
    struct fixture *fx = *state;
    struct msp_file first, second;

    assert_int_equal(msp_file_open(at(fx, "file"), MSP_OPEN_APPEND, &first), MSP_IO_OK);
    assert_int_equal(msp_file_write(&first, "one ", 4), MSP_IO_OK);
    assert_int_equal(msp_file_open(at(fx, "file"), MSP_OPEN_APPEND, &second), MSP_IO_OK);
    assert_int_equal(msp_file_write(&second, "two ", 4), MSP_IO_OK);
    assert_int_equal(msp_file_write(&first, "three", 5), MSP_IO_OK);
    msp_file_close(&first);
    msp_file_close(&second);
    assert_file(at(fx, "file"), "one two three");
}

/* Linux has a device that is always full; elsewhere nothing is tested. */
static void write__no_space_left__says_full(void **state)
{
    struct msp_file file;

    (void)state;
    if (MSP_PATH_SEPARATOR != '/' || msp_file_kind("/dev/full") != MSP_FILE_OTHER)
        skip();
    assert_int_equal(msp_file_open("/dev/full", MSP_OPEN_REPLACE, &file), MSP_IO_OK);
    assert_int_equal(msp_file_write(&file, "x", 1), MSP_IO_FULL);
    msp_file_close(&file);
}

static void size__of_what_is_no_file__fails_with_zero(void **state)
{
    struct fixture *fx = *state;
    uint64_t size = 99;

    assert_int_equal(msp_file_size(at(fx, "none"), &size), MSP_IO_MISSING);
    assert_int_equal(size, 0);
    size = 99;
    assert_int_equal(msp_file_size(fx->folder, &size), MSP_IO_ERROR);
    assert_int_equal(size, 0);
}

static void read_only__set_and_cleared__is_seen(void **state)
{
    struct fixture *fx = *state;

    assert_false(msp_file_is_read_only(at(fx, "read-only")));
    assert_int_equal(msp_file_set_read_only(at(fx, "read-only"), true), MSP_IO_MISSING);
    write_file(at(fx, "read-only"), "x");
    assert_false(msp_file_is_read_only(at(fx, "read-only")));
    assert_int_equal(msp_file_set_read_only(at(fx, "read-only"), true), MSP_IO_OK);
    assert_true(msp_file_is_read_only(at(fx, "read-only")));
    assert_int_equal(msp_file_set_read_only(at(fx, "read-only"), false), MSP_IO_OK);
    assert_false(msp_file_is_read_only(at(fx, "read-only")));
}

static void delete_and_replace__files_and_folders__as_promised(void **state)
{
    struct fixture *fx = *state;
    char other[700];

    snprintf(other, sizeof(other), "%s", at(fx, "other"));
    assert_int_equal(msp_file_delete(other), MSP_IO_MISSING);
    write_file(at(fx, "file"), "new");
    write_file(other, "old");
    assert_int_equal(msp_file_replace(at(fx, "file"), other), MSP_IO_OK);
    assert_file(other, "new");
    assert_int_equal(msp_file_kind(at(fx, "file")), MSP_FILE_MISSING);
    assert_int_equal(msp_file_replace(at(fx, "file"), other), MSP_IO_MISSING);
    assert_file(other, "new");
    assert_int_equal(msp_file_delete(other), MSP_IO_OK);
    assert_int_equal(msp_file_kind(other), MSP_FILE_MISSING);

    assert_int_equal(msp_folder_create(at(fx, "folder")), MSP_IO_OK);
    assert_int_equal(msp_folder_create(at(fx, "folder")), MSP_IO_EXISTS);
    assert_int_equal(msp_folder_delete(at(fx, "folder")), MSP_IO_OK);
    assert_int_equal(msp_folder_delete(at(fx, "folder")), MSP_IO_MISSING);
}

static void path_full__dots__are_taken_out(void **state)
{
    struct fixture *fx = *state;
    char full[700], expected[700];
    size_t size = msp_path_full(at(fx, "file"), expected, sizeof(expected));

    assert_int_equal(size, strlen(expected) + 1);
    assert_string_equal(msp_path_base(expected), "file");
    assert_true(msp_path_is_full(expected));
    assert_int_equal(msp_path_full(at(fx, "./file"), full, sizeof(full)), size);
    assert_string_equal(full, expected);
    write_file(at(fx, "file"), "x");
    assert_int_equal(msp_path_full(at(fx, "file"), full, sizeof(full)), size);
    assert_string_equal(full, expected);
    snprintf(fx->path, sizeof(fx->path), "%s/../%s/file", fx->folder, msp_path_base(fx->folder));
    assert_int_equal(msp_path_full(fx->path, full, sizeof(full)), size);
    assert_string_equal(full, expected);
    assert_int_equal(msp_path_full(expected, full, size - 1), size);
    assert_string_equal(full, "");
    assert_int_equal(msp_path_full(expected, NULL, 0), size);
    assert_int_equal(msp_path_full("", full, sizeof(full)), 0);
    assert_true(msp_path_full("relative", full, sizeof(full)) > strlen("relative") + 1);
    assert_string_equal(msp_path_base(full), "relative");
}

static void path__parts__are_found(void **state)
{
    (void)state;
    assert_string_equal(msp_path_base("file"), "file");
    assert_string_equal(msp_path_base("/a/b/file"), "file");
    assert_string_equal(msp_path_base("/a/b/"), "");
    assert_string_equal(msp_path_base(""), "");
    assert_false(msp_path_is_full(""));
    assert_false(msp_path_is_full("file"));
    assert_false(msp_path_is_full("./file"));
}

static void is_network__local_disk__is_not(void **state)
{
    struct fixture *fx = *state;

    assert_false(msp_path_is_network(fx->folder));
    assert_false(msp_path_is_network(at(fx, "none")));
    assert_false(msp_path_is_network(""));
}

/* Only Windows has names that say it; natively these are odd local names. */
static void is_network__names_of_shares__are(void **state)
{
    bool expected = MSP_PATH_SEPARATOR == '\\';

    (void)state;
    assert_int_equal(msp_path_is_network("\\\\server\\share\\mail.mkeep"), expected);
    assert_int_equal(msp_path_is_network("\\\\?\\UNC\\server\\share\\mail.mkeep"), expected);
    assert_int_equal(msp_path_is_network("\\\\?\\C:\\mail.mkeep"), false);
}

static void module_path__of_the_test__is_this_program(void **state)
{
    char path[2000], small[3] = "xx";
    size_t size = msp_module_path(path, sizeof(path));

    (void)state;
    assert_int_equal(size, strlen(path) + 1);
    assert_non_null(strstr(msp_path_base(path), "test_platform_file"));
    assert_int_equal(msp_file_kind(path), MSP_FILE_FILE);
    assert_int_equal(msp_module_path(small, sizeof(small)), size);
    assert_string_equal(small, "");
}

static void module_pin__pin_and_unpin__code_stays(void **state)
{
    (void)state;
    assert_true(msp_module_pin());
    assert_true(msp_module_pin());
    msp_module_unpin();
    msp_module_unpin();
    assert_true(msp_module_pin());
    msp_module_unpin();
}

static void library_open__bad_names__are_refused(void **state)
{
    static const char *const names[] = { "", "no-such-library", "./libc.so.6", "sub/libc.so.6",
        "../kernel32.dll", "sub\\kernel32.dll", "c:kernel32.dll", "/no/such/library.so",
        "C:\\no\\such\\library.dll" };
    struct msp_library library;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        library.handle = &library;
        assert_false(msp_library_open(&library, names[i]));
        assert_null(library.handle);
        assert_null(msp_library_symbol(&library, "malloc"));
        msp_library_close(&library);
    }
}

static void library_open__of_the_system__has_symbols(void **state)
{
    bool is_windows = MSP_PATH_SEPARATOR == '\\';
    struct msp_library library;

    (void)state;
    assert_true(msp_library_open(&library, is_windows ? "version.dll" : "libm.so.6"));
    assert_non_null(msp_library_symbol(&library, is_windows ? "VerQueryValueW" : "cos"));
    assert_null(msp_library_symbol(&library, "no_such_function"));
    msp_library_close(&library);
    assert_null(library.handle);
}

static void process__alive__is_not_dying_until_told(void **state)
{
    (void)state;
    assert_false(msp_process_is_dying());
    msp_process_set_dying();
    assert_true(msp_process_is_dying());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kind__each_kind__is_told_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(kind__name_too_long__is_no_file, setup, teardown),
        cmocka_unit_test_setup_teardown(open__modes__keep_their_promises, setup, teardown),
        cmocka_unit_test_setup_teardown(
                append__opened_twice__each_write_goes_to_the_end, setup, teardown),
        cmocka_unit_test(write__no_space_left__says_full),
        cmocka_unit_test_setup_teardown(size__of_what_is_no_file__fails_with_zero, setup, teardown),
        cmocka_unit_test_setup_teardown(read_only__set_and_cleared__is_seen, setup, teardown),
        cmocka_unit_test_setup_teardown(
                delete_and_replace__files_and_folders__as_promised, setup, teardown),
        cmocka_unit_test_setup_teardown(path_full__dots__are_taken_out, setup, teardown),
        cmocka_unit_test(path__parts__are_found),
        cmocka_unit_test_setup_teardown(is_network__local_disk__is_not, setup, teardown),
        cmocka_unit_test(is_network__names_of_shares__are),
        cmocka_unit_test(module_path__of_the_test__is_this_program),
        cmocka_unit_test(module_pin__pin_and_unpin__code_stays),
        cmocka_unit_test(library_open__bad_names__are_refused),
        cmocka_unit_test(library_open__of_the_system__has_symbols),
        cmocka_unit_test(process__alive__is_not_dying_until_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
