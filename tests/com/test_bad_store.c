/* SPDX-License-Identifier: MIT */
/*
 * test_bad_store.c - Logon on files that are no store, or that cannot be opened: the documented
 * code, a sentence, and the file stays as it is.
 */
#include "support/system.h"

#include "raw_logon.h"

/* The library loaded, a store configured and closed again: a whole file, and its path in the
 * profile. */
static int closed_store_setup(void **state)
{
    struct fixture *fx;
    struct raw_logon raw;

    fixture_session_setup(state);
    fx = *state;
    assert_ok(host_session_configure(&fx->session, fx->path));
    raw_open(fx, &raw, MDB_WRITE);
    raw_close(&raw);
    return 0;
}

struct file {
    unsigned char *bytes;
    size_t size;
};

static struct file read_file(const char *path)
{
    FILE *in = host_fopen(path, "rb");
    struct file file = { NULL, 0 };
    size_t room = 0;

    assert_non_null(in);
    for (;;) {
        size_t got;

        if (file.size == room) {
            room = room ? 2 * room : 65536;
            file.bytes = realloc(file.bytes, room);
            assert_non_null(file.bytes);
        }
        got = fread(file.bytes + file.size, 1, room - file.size, in);
        file.size += got;
        if (got == 0)
            break;
    }
    fclose(in);
    return file;
}

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *out = host_fopen(path, "wb");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
}

static void set_path(struct fixture *fx, const char *path)
{
    assert_int_equal(host_bag_set_text(&raw_section(fx)->props, PR_MKEEP_PATH_W, path), S_OK);
}

static void check_sentence(const struct raw_logon *raw, const char *needle)
{
    char *text;

    assert_non_null(raw->error);
    assert_true(host_mem_is_root(raw->error));
    text = host_text_to_utf8((const uint16_t *)(const void *)raw->error->lpszError, SIZE_MAX);
    assert_non_null(text);
    if (!strstr(text, needle) || text[strlen(text) - 1] != '.')
        fail_msg("'%s' is no sentence about '%s'", text, needle);
    free(text);
}

/* Logon, for reading and for writing, fails with the code and a sentence that has the words. */
static void check_logon(struct fixture *fx, HRESULT expected, const char *needle)
{
    static const ULONG flags[] = { MDB_WRITE | MAPI_UNICODE, MAPI_UNICODE,
        MAPI_BEST_ACCESS | MAPI_UNICODE };

    for (size_t i = 0; i < 3; i++) {
        struct raw_logon raw = { .flags = flags[i] };

        assert_hr(raw_logon(fx, &raw), expected);
        check_sentence(&raw, needle);
        mapi_free(raw.error);
        raw_drop_support(&raw);
        assert_true(raw.support->dead);
    }
}

/* The same, and the file has the same bytes afterwards, and no company. */
static void check_untouched(struct fixture *fx, HRESULT expected, const char *needle)
{
    static const char *const beside[] = { "-wal", "-shm", "-journal" };
    struct file before = read_file(fx->path);
    struct file after;
    char name[1100];

    check_logon(fx, expected, needle);

    after = read_file(fx->path);
    assert_int_equal(before.size, after.size);
    if (before.size > 0)
        assert_memory_equal(before.bytes, after.bytes, before.size);
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof(name), "%s%s", fx->path, beside[i]);
        assert_false(host_file_exists(name));
    }
    assert_true(host_file_is_free(fx->path));
    free(before.bytes);
    free(after.bytes);
}

/* --- not there ----------------------------------------------------------------------------------
 */

static void logon__file_missing__says_so_and_makes_none(void **state)
{
    struct fixture *fx = *state;

    assert_true(host_file_remove(fx->path));

    check_logon(fx, MAPI_E_LOGON_FAILED, "not found");

    assert_false(host_file_exists(fx->path));
}

static void logon__folder_missing__says_so(void **state)
{
    struct fixture *fx = *state;
    char path[1100];

    snprintf(path, sizeof(path), "%s.no-such-folder/x.mkeep", fx->path);
    set_path(fx, path);

    check_logon(fx, MAPI_E_LOGON_FAILED, "not found");

    assert_false(host_file_exists(path));
}

static void logon__path_is_a_folder__says_so(void **state)
{
    struct fixture *fx = *state;
    char *slash;
    char path[1024];

    snprintf(path, sizeof(path), "%s", fx->path);
    slash = strrchr(path, '/') ? strrchr(path, '/') : strrchr(path, '\\');
    assert_non_null(slash);
    *slash = 0;
    set_path(fx, path);

    check_logon(fx, MAPI_E_LOGON_FAILED, "folder");
}

static void logon__path_on_a_network_share__says_so(void **state)
{
    struct fixture *fx = *state;

    if (!ON_WINDOWS)
        skip(); /* a share cannot be made here; unit tests look at the names of file systems */
    set_path(fx, "\\\\server\\share\\x.mkeep");
    check_logon(fx, MAPI_E_LOGON_FAILED, "network");
}

static void logon__path_of_odd_characters__fails_with_a_sentence(void **state)
{
    static const char *const paths[] = { "", " ", ".", "..", "/", "\\", "?", "a\tb",
        "file:x?mode=memory", ":memory:x" };
    struct fixture *fx = *state;

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct raw_logon raw = { .flags = MDB_WRITE | MAPI_UNICODE };

        set_path(fx, paths[i]);
        raw_logon(fx, &raw);
        assert_hr(raw.hr, i == 0 ? MAPI_E_UNCONFIGURED : MAPI_E_LOGON_FAILED);
        check_sentence(&raw, "");
        mapi_free(raw.error);
        raw_drop_support(&raw);
    }
}

/* The engine's name for a store that is no file is nobody else's business. */
static void logon__path_is_memory__is_no_way_in(void **state)
{
    struct fixture *fx = *state;

    set_path(fx, ":memory:");

    check_logon(fx, MAPI_E_LOGON_FAILED, "");
}

/* --- not a store --------------------------------------------------------------------------------
 */

static void logon__file_empty__says_so(void **state)
{
    struct fixture *fx = *state;

    write_file(fx->path, "", 0);

    check_untouched(fx, MAPI_E_LOGON_FAILED, "empty");
}

static void logon__file_is_text__says_so(void **state)
{
    static const char text[] = "Dear diary,\n";
    struct fixture *fx = *state;
    char *longer = malloc(100000);

    write_file(fx->path, text, sizeof(text) - 1);
    check_untouched(fx, MAPI_E_LOGON_FAILED, "not a");

    memset(longer, 'x', 100000);
    write_file(fx->path, longer, 100000);
    free(longer);
    check_untouched(fx, MAPI_E_LOGON_FAILED, "not a");
}

enum {
    AT_USER_VERSION = 60, /* in the head of an SQLite file, big-endian */
    AT_APPLICATION_ID = 68
};

static void logon__database_of_another_program__says_so(void **state)
{
    struct fixture *fx = *state;
    struct file file = read_file(fx->path);

    memcpy(file.bytes + AT_APPLICATION_ID, "\0\0\0\0", 4);
    write_file(fx->path, file.bytes, file.size);
    free(file.bytes);

    check_untouched(fx, MAPI_E_LOGON_FAILED, "not a");
}

static void logon__newer_format__says_so(void **state)
{
    struct fixture *fx = *state;
    struct file file = read_file(fx->path);

    file.bytes[AT_USER_VERSION + 1]++; /* the major number is in the upper half */
    write_file(fx->path, file.bytes, file.size);
    free(file.bytes);

    check_untouched(fx, MAPI_E_LOGON_FAILED, "newer");
}

/* Errors.Codes.5 */
static void logon__file_cut__fails_with_a_sentence(void **state)
{
    struct fixture *fx = *state;
    struct file file = read_file(fx->path);
    const size_t sizes[] = { 1, 16, 50, 99, 100, 512, 16383, 16384, file.size / 2,
        file.size - 16384 };

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        write_file(fx->path, file.bytes, sizes[i]);
        check_untouched(fx, MAPI_E_LOGON_FAILED, "");
    }
    free(file.bytes);
}

/* Errors.Codes.5 Errors.Codes.3 */
static void logon__pages_overwritten__never_crashes(void **state)
{
    struct fixture *fx = *state;
    struct file file = read_file(fx->path);
    unsigned char saved[512];

    for (size_t at = 100; at + sizeof(saved) < file.size; at += 16384 / 2) {
        struct raw_logon raw = { .flags = MDB_WRITE | MAPI_UNICODE };

        memcpy(saved, file.bytes + at, sizeof(saved));
        memset(file.bytes + at, 0xA5, sizeof(saved));
        write_file(fx->path, file.bytes, file.size);
        memcpy(file.bytes + at, saved, sizeof(saved));
        if (FAILED(raw_logon(fx, &raw))) {
            assert_hr(raw.hr, MAPI_E_LOGON_FAILED);
            check_sentence(&raw, "");
        }
        raw_drop_support(&raw);
        raw_close(&raw);
    }
    free(file.bytes);
}

/* --- not ours at the moment ---------------------------------------------------------------------
 */

static void set_read_only(const char *path, bool on)
{
    assert_int_equal(chmod(path, on ? S_IRUSR : S_IRUSR | S_IWUSR), 0);
}

/* IMSProvider.Logon.Flags.3 StoreProp.SupportMask.2 */
static void logon__file_read_only__opens_for_reading(void **state)
{
    struct fixture *fx = *state;
    struct file before = read_file(fx->path);
    struct file after;
    struct raw_logon raw;
    SPropValue *name;

    set_read_only(fx->path, true);

    raw_open(fx, &raw, MDB_WRITE);

    assert_int_equal(prop_long(raw.store, PR_ACCESS_LEVEL), 0);
    assert_int_equal(prop_long(raw.store, PR_STORE_SUPPORT_MASK) &
                             (STORE_READONLY | STORE_MODIFY_OK | STORE_CREATE_OK),
            STORE_READONLY);
    name = prop_get(raw.store, PR_DISPLAY_NAME_W);
    assert_hr(raw.store->lpVtbl->SetProps(raw.store, 1, name, NULL), MAPI_E_NO_ACCESS);
    mapi_free(name);
    raw_close(&raw);
    set_read_only(fx->path, false);
    after = read_file(fx->path);
    assert_int_equal(before.size, after.size);
    assert_memory_equal(before.bytes, after.bytes, before.size);
    free(before.bytes);
    free(after.bytes);
}

/* SQLite itself, to hold the file as another program would. */
struct holder {
    struct host_lib *lib;
    int(SQLITE_CALL *open)(const char *path, void **out);
    int(SQLITE_CALL *exec)(void *db, const char *sql, void *callback, void *context, char **out);
    int(SQLITE_CALL *close)(void *db);
    void *db;
};

static bool hold(struct holder *holder, const char *path)
{
    char why[256];

    holder->lib = host_lib_open(SQLITE_LIBRARY, why, sizeof(why));
    if (!holder->lib)
        return false;
    holder->open =
            (int(SQLITE_CALL *)(const char *, void **))host_lib_symbol(holder->lib, "sqlite3_open");
    holder->exec = (int(SQLITE_CALL *)(void *, const char *, void *, void *,
            char **))host_lib_symbol(holder->lib, "sqlite3_exec");
    holder->close = (int(SQLITE_CALL *)(void *))host_lib_symbol(holder->lib, "sqlite3_close");
    assert_true(holder->open && holder->exec && holder->close);
    assert_int_equal(holder->open(path, &holder->db), 0);
    assert_int_equal(
            holder->exec(holder->db,
                    "PRAGMA locking_mode=EXCLUSIVE; BEGIN IMMEDIATE; COMMIT; BEGIN EXCLUSIVE", NULL,
                    NULL, NULL),
            0);
    return true;
}

static void let_go(struct holder *holder)
{
    assert_int_equal(holder->exec(holder->db, "ROLLBACK", NULL, NULL, NULL), 0);
    assert_int_equal(holder->close(holder->db), 0);
    host_lib_close(holder->lib);
}

/* IMSProvider.Logon.UI.4 IMSProvider.Logon.Errors.7 */
static void logon__file_locked_by_another__fails_for_this_one_and_works_later(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw = { .flags = MDB_WRITE | MAPI_UNICODE };
    struct holder holder;

    if (!hold(&holder, fx->path))
        skip();

    assert_hr(raw_logon(fx, &raw), MAPI_E_FAILONEPROVIDER);

    check_sentence(&raw, "in use by another program");
    assert_true(raw.error->ulLowLevelError != 0);
    mapi_free(raw.error);
    raw_drop_support(&raw);
    let_go(&holder);
    raw_open(fx, &raw, MDB_WRITE);
    raw_close(&raw);
}

#define CLOSED(test) cmocka_unit_test_setup_teardown(test, closed_store_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLOSED(logon__file_missing__says_so_and_makes_none),
        CLOSED(logon__folder_missing__says_so),
        CLOSED(logon__path_is_a_folder__says_so),
        CLOSED(logon__path_on_a_network_share__says_so),
        CLOSED(logon__path_of_odd_characters__fails_with_a_sentence),
        CLOSED(logon__path_is_memory__is_no_way_in),
        CLOSED(logon__file_empty__says_so),
        CLOSED(logon__file_is_text__says_so),
        CLOSED(logon__database_of_another_program__says_so),
        CLOSED(logon__newer_format__says_so),
        CLOSED(logon__file_cut__fails_with_a_sentence),
        CLOSED(logon__pages_overwritten__never_crashes),
        CLOSED(logon__file_read_only__opens_for_reading),
        CLOSED(logon__file_locked_by_another__fails_for_this_one_and_works_later),
    };

    return cmocka_run_group_tests_name("bad_store", tests, NULL, NULL);
}
