/* SPDX-License-Identifier: MIT */
/*
 * test_eng_open.c - opening, creating, closing: each kind of file has its status, and none that is
 * not ours is touched.
 *
 * Locks: none; each test runs alone.
 */
#include "column_fixture.h"
#include "engine/eng_int.h"

/* Opens and expects a failure with a sentence; nothing may be left of it. */
static void assert_refused(const char *path, bool create, bool read_only, enum eng_status expected)
{
    struct eng_open_params params = { path, create, read_only, 50 };
    struct eng *eng = (struct eng *)(uintptr_t)0x5A5A;
    struct eng_error error;
    size_t live = msp_alloc_count_live();

    memset(&error, 0x5A, sizeof(error));
    assert_int_equal(eng_open(&params, &eng, &error), expected);
    assert_null(eng);
    assert_int_equal(error.status, expected);
    assert_true(strlen(error.text) > 10 && error.text[strlen(error.text) - 1] == '.');
    assert_null(strstr(error.text, "sqlite"));
    assert_int_equal(msp_alloc_count_live(), live);
}

static void file_write(const char *path, const void *data, size_t size)
{
    struct msp_file file;

    assert_int_equal(msp_file_open(path, MSP_OPEN_REPLACE, &file), MSP_IO_OK);
    assert_int_equal(msp_file_write(&file, data, size), MSP_IO_OK);
    msp_file_close(&file);
}

static struct msp_buf file_read(const char *path)
{
    struct msp_buf content = MSP_BUF_INIT;
    struct msp_file file;
    uint64_t size = 0;
    size_t got = 0;

    assert_int_equal(msp_file_size(path, &size), MSP_IO_OK);
    assert_int_equal(msp_file_open(path, MSP_OPEN_READ, &file), MSP_IO_OK);
    if (size > 0)
        assert_int_equal(
                msp_file_read(&file, msp_buf_extend(&content, (size_t)size), (size_t)size, &got),
                MSP_IO_OK);
    assert_int_equal(got, size);
    msp_file_close(&file);
    return content;
}

/* Runs SQL on a file, as some other program would. */
static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;

    assert_true(sqlite_load());
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
            SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int setup_path(void **state)
{
    (void)setup(state);
    eng_close(((struct fixture *)*state)->eng);
    ((struct fixture *)*state)->eng = NULL;
    return 0;
}

static void open__new_file__makes_an_empty_store(void **state)
{
    struct fixture *fx = *state;
    struct eng_info info;
    struct eng_info again;

    eng_info(fx->eng, &info);
    assert_false(info.read_only);
    assert_int_equal(info.format, ENG_FORMAT_MAJOR << 16 | ENG_FORMAT_MINOR);
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 0, 0, 0, 0);
    assert_whole(fx->eng);

    reopen(fx);

    eng_info(fx->eng, &again);
    assert_memory_equal(info.store_uid, again.store_uid, 16);
}

static void open__two_new_files__have_different_uids(void **state)
{
    struct fixture *fx = *state;
    struct eng_open_params params = { ":memory:", false, false, 0 };
    struct eng *memory = NULL;
    struct eng_info info;
    struct eng_info other;

    assert_ok(eng_open(&params, &memory, NULL));

    eng_info(fx->eng, &info);
    eng_info(memory, &other);
    assert_memory_not_equal(info.store_uid, other.store_uid, 16);
    assert_counts(memory, ENG_ROOT_FOLDER, 0, 0, 0, 0);
    (void)new_msg(memory, new_folder(memory, ENG_ROOT_FOLDER, "x"), "y");
    eng_close(memory);
}

static void open__every_statement__compiles(void **state)
{
    struct fixture *fx = *state;

    assert_ok(eng_stmts_prepare(fx->eng));
}

/* A statement that walks a whole table, or sorts, is fast in a test and slow in a mailbox. */
static void open__every_statement__finds_its_rows_by_an_index(void **state)
{
    static const struct {
        const char *name;
        const char *sql;
    } statements[] = {

#define ENG_STMT(name, sql) { #name, "EXPLAIN QUERY PLAN " sql },
#include "engine/statements.list.h"
#undef ENG_STMT
    };
    /* Small tables, wanted as a whole; the journal's last row; most rows of a large table. */
    static const char fine[] = " JOURNAL_LAST FOLDER_TOTAL COLUMN_TABLE COLUMN_TABLE_ALL NAMED_ALL "
                               "RECEIVE_ALL RECEIVE_FOLDER_GONE "
                               "OUTGOING_ALL OUTGOING_ADD OUTGOING_UNLOCK_ALL ";

    struct fixture *fx = *state;

    for (size_t i = 0; i < MSP_COUNT_OF(statements); i++) {
        sqlite3_stmt *stmt = NULL;
        char name[60];

        (void)snprintf(name, sizeof(name), " %s ", statements[i].name);
        if (strstr("SIUD", (char[]){ statements[i].sql[19], '\0' }) == NULL ||
                strstr(fine, name) != NULL)
            continue;
        if (sqlite3_prepare_v2(fx->eng->db, statements[i].sql, -1, &stmt, NULL) != SQLITE_OK)
            continue; /* SAVEPOINT */
        while (sqlite3_step(stmt) == SQLITE_ROW) {
            const char *detail = (const char *)sqlite3_column_text(stmt, 3);

            if (strncmp(detail, "SCAN", 4) == 0 && strstr(detail, "SUBQUERY") == NULL)
                fail_msg("%s: %s", statements[i].name, detail);
        }
        (void)sqlite3_finalize(stmt);
    }
}

static void open__missing_file_without_create__is_not_found(void **state)
{
    struct fixture *fx = *state;

    assert_int_equal(msp_file_delete(fx->path), MSP_IO_OK);

    assert_refused(fx->path, false, false, ENG_PATH_NOT_FOUND);
    assert_refused(fx->path, true, true, ENG_PATH_NOT_FOUND);
    assert_refused("", true, false, ENG_PATH_NOT_FOUND);
    assert_int_equal(msp_file_kind(fx->path), MSP_FILE_MISSING);
}

static void open__missing_folder__is_not_found(void **state)
{
    struct fixture *fx = *state;
    char path[800];

    (void)snprintf(path, sizeof(path), "%s.no%cstore.mkeep", fx->path, MSP_PATH_SEPARATOR);

    assert_refused(path, true, false, ENG_PATH_NOT_FOUND);
    assert_refused(path, false, false, ENG_PATH_NOT_FOUND);
}

static void open__folder__is_refused(void **state)
{
    struct fixture *fx = *state;
    char folder[600];

    (void)fx;
    assert_true(msp_path_temp_folder(folder, sizeof(folder)) > 0);

    assert_refused(folder, true, false, ENG_PATH_IS_FOLDER);
}

/* Only Windows can tell by the name alone. */
static void open__unc_name__is_a_network_path(void **state)
{
    (void)state;
    if (MSP_PATH_SEPARATOR != '\\')
        skip();

    assert_refused("\\\\server\\share\\mail.mkeep", true, false, ENG_PATH_NETWORK);
    assert_refused("//server/share/mail.mkeep", false, true, ENG_PATH_NETWORK);
}

static void open__empty_file__becomes_a_store_only_with_create(void **state)
{
    struct fixture *fx = *state;

    file_write(fx->path, "", 0);

    assert_refused(fx->path, false, false, ENG_NOT_A_STORE);
    fx->eng = open_again(fx);
    assert_whole(fx->eng);
}

/* Each of these files stays byte for byte what it is, and nothing appears beside it. */
static void open__foreign_file__is_refused_untouched(void **state)
{
    static const char *const texts[] = { "x", "From someone\n\nhello\n", "SQLite format 3" };
    struct fixture *fx = *state;
    char page[5000];

    memset(page, 'x', sizeof(page));
    for (size_t i = 0; i <= MSP_COUNT_OF(texts); i++) {
        const char *data = i < MSP_COUNT_OF(texts) ? texts[i] : page;
        size_t size = i < MSP_COUNT_OF(texts) ? strlen(data) : sizeof(page);
        struct msp_buf after;

        file_write(fx->path, data, size);
        assert_refused(fx->path, true, false, ENG_NOT_A_STORE);
        after = file_read(fx->path);
        assert_int_equal(after.size, size);
        assert_memory_equal(after.data, data, size);
        msp_buf_free(&after);
    }
}

static void open__foreign_database__is_refused_untouched(void **state)
{
    struct fixture *fx = *state;
    struct msp_buf before;
    struct msp_buf after;

    assert_int_equal(msp_file_delete(fx->path), MSP_IO_OK);
    run_sql(fx->path, "PRAGMA journal_mode=WAL;CREATE TABLE t(x);INSERT INTO t VALUES(1)");
    before = file_read(fx->path);

    assert_refused(fx->path, true, false, ENG_NOT_A_STORE);

    after = file_read(fx->path);
    assert_int_equal(before.size, after.size);
    assert_memory_equal(before.data, after.data, before.size);
    msp_buf_free(&before);
    msp_buf_free(&after);
}

/* A journal that lies beside a foreign file waits for its own program: we do not play it in. */
static void open__foreign_database_with_log__leaves_the_log(void **state)
{
    struct fixture *fx = *state;
    sqlite3 *db = NULL;
    struct msp_buf before;
    struct msp_buf after;

    assert_int_equal(msp_file_delete(fx->path), MSP_IO_OK);
    assert_int_equal(
            sqlite3_open_v2(fx->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
            SQLITE_OK);
    assert_int_equal(
            sqlite3_exec(db, "PRAGMA journal_mode=WAL;CREATE TABLE t(x)", NULL, NULL, NULL),
            SQLITE_OK);
    before = file_read(beside(fx, "-wal"));
    assert_true(before.size > 0);

    assert_refused(fx->path, true, false, ENG_NOT_A_STORE);

    after = file_read(beside(fx, "-wal"));
    assert_int_equal(before.size, after.size);
    assert_memory_equal(before.data, after.data, before.size);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    msp_buf_free(&before);
    msp_buf_free(&after);
}

static void open__newer_major_format__is_too_new(void **state)
{
    struct fixture *fx = *state;

    run_sql(fx->path, "PRAGMA user_version=131072");

    assert_refused(fx->path, true, false, ENG_TOO_NEW);
}

static void open__newer_minor_format__is_read_only(void **state)
{
    struct fixture *fx = *state;
    struct eng_info info;
    uint64_t id = 7;

    run_sql(fx->path, "PRAGMA user_version=65791;CREATE TABLE later(x)");

    fx->eng = open_again(fx);
    eng_info(fx->eng, &info);
    assert_true(info.read_only);
    assert_int_equal(eng_id_new(fx->eng, &id), ENG_READ_ONLY);
    assert_int_equal(id, 0);
}

/* The format before columns were stored: 1.0. */
static void make_old(const struct fixture *fx)
{
    struct eng *eng = open_again(fx);

    fill(eng, ENG_ROOT_FOLDER, 10);
    eng_close(eng);
    run_sql(fx->path, "DROP TABLE viewhead;DROP TABLE viewcol;PRAGMA user_version=65536");
}

static void open__older_minor_format__is_upgraded(void **state)
{
    struct fixture *fx = *state;
    struct eng_info info;
    struct eng *other;

    make_old(fx);

    fx->eng = open_again(fx);
    other = open_again(fx);
    eng_info(fx->eng, &info);
    assert_false(info.read_only);
    assert_int_equal(info.format, ENG_FORMAT_MAJOR << 16 | ENG_FORMAT_MINOR);
    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 10);
    assert_ok(eng_folder_delete(fx->eng, new_folder(other, ENG_ROOT_FOLDER, "f"), 0));
    eng_close(other);
    reopen(fx);
    assert_whole(fx->eng);
}

static void open__older_minor_format_for_reading__works_as_it_is(void **state)
{
    struct fixture *fx = *state;
    struct eng_open_params params = { fx->path, false, true, 50 };
    struct eng_info info;

    make_old(fx);

    assert_ok(eng_open(&params, &fx->eng, NULL));
    store_always(fx->eng);
    eng_info(fx->eng, &info);
    assert_true(info.read_only);
    assert_int_equal(info.format, 0x10000);
    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 10);
    assert_whole(fx->eng);
}

/* Another program writes all the time: the store is opened, and works without what is new. */
static void open__older_minor_format_in_use__works_as_it_is(void **state)
{
    struct fixture *fx = *state;
    struct eng_info info;
    sqlite3 *db = NULL;

    make_old(fx);
    assert_int_equal(sqlite3_open_v2(fx->path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);

    fx->eng = open_again(fx);
    assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    eng_info(fx->eng, &info);
    assert_int_equal(info.format, 0x10000);
    store_always(fx->eng);
    (void)new_any_msg(fx->eng, ENG_ROOT_FOLDER, 5);
    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 11);
    assert_ok(eng_folder_delete(fx->eng, new_folder(fx->eng, ENG_ROOT_FOLDER, "f"), 0));
    assert_whole(fx->eng);
    reopen(fx);
    eng_info(fx->eng, &info);
    assert_int_equal(info.format, ENG_FORMAT_MAJOR << 16 | ENG_FORMAT_MINOR);
}

static void open__older_minor_format_with_newer_table__is_corrupt(void **state)
{
    struct fixture *fx = *state;

    make_old(fx);
    run_sql(fx->path, "CREATE TABLE viewcol(id INTEGER PRIMARY KEY,place INTEGER NOT NULL,"
                      "data BLOB NOT NULL)");

    assert_refused(fx->path, true, false, ENG_CORRUPT);
}

static void open__foreign_trigger__is_corrupt(void **state)
{
    struct fixture *fx = *state;

    run_sql(fx->path, "CREATE TRIGGER t AFTER INSERT ON msg BEGIN DELETE FROM msg; END");

    assert_refused(fx->path, true, false, ENG_CORRUPT);
}

static void open__table_missing_or_changed__is_corrupt(void **state)
{
    struct fixture *fx = *state;

    run_sql(fx->path, "DROP INDEX msg_order");
    assert_refused(fx->path, true, false, ENG_CORRUPT);
    run_sql(fx->path, "CREATE INDEX msg_order ON msg(delivered)");
    assert_refused(fx->path, true, false, ENG_CORRUPT);
    run_sql(fx->path, "DROP INDEX msg_order;CREATE INDEX msg_order ON msg(place,delivered) "
                      "WHERE place IS NOT NULL");
    fx->eng = open_again(fx);
    assert_whole(fx->eng);
}

/* Cut off anywhere, the file is refused or, where only free space is missing, whole. */
static void open__truncated_file__is_refused(void **state)
{
    struct fixture *fx = *state;
    struct msp_buf content = file_read(fx->path);
    static const size_t sizes[] = { 1, 15, 16, 50, 99, 100, 511, 512, 4096, 16383, 16384, 20000,
        32768, 100000 };

    assert_true(content.size > 100000);
    for (size_t i = 0; i < MSP_COUNT_OF(sizes); i++) {
        struct eng_open_params params = { fx->path, true, false, 50 };
        struct eng_error error;
        struct eng *eng = NULL;
        enum eng_status status;

        file_write(fx->path, content.data, sizes[i]);
        status = eng_open(&params, &eng, &error);
        if (sizes[i] < 68) /* not even the application id is there */
            assert_int_equal(status, ENG_NOT_A_STORE);
        else
            assert_true(status == ENG_CORRUPT || status == ENG_NOT_A_STORE);
        assert_null(eng);
    }
    file_write(fx->path, content.data, content.size);
    msp_buf_free(&content);
    (void)msp_file_delete(beside(fx, "-wal"));
    (void)msp_file_delete(beside(fx, "-shm"));
    fx->eng = open_again(fx);
    assert_whole(fx->eng);
}

static void open__read_only_asked__refuses_every_change(void **state)
{
    struct fixture *fx = *state;
    struct eng_open_params params = { fx->path, false, true, 50 };
    uint64_t id = 5;

    assert_ok(eng_open(&params, &fx->eng, NULL));

    assert_int_equal(eng_begin(fx->eng, true), ENG_READ_ONLY);
    assert_int_equal(eng_folder_create(fx->eng, 1, 1, "a", 1, NULL, 0, &id), ENG_READ_ONLY);
    assert_int_equal(id, 0);
    assert_int_equal(eng_value_new(fx->eng, &id), ENG_READ_ONLY);
    assert_int_equal(eng_bulk(fx->eng, true), ENG_READ_ONLY);
    assert_int_equal(eng_msg_delete(fx->eng, 1), ENG_READ_ONLY);
    assert_ok(eng_flush(fx->eng));
    assert_whole(fx->eng);
}

static void open__read_only_file__opens_for_reading(void **state)
{
    struct fixture *fx = *state;
    struct eng_info info;

    assert_int_equal(msp_file_set_read_only(fx->path, true), MSP_IO_OK);
    if (!msp_file_is_read_only(fx->path)) {
        assert_int_equal(msp_file_set_read_only(fx->path, false), MSP_IO_OK);
        skip(); /* nothing is read-only for this user */
    }

    fx->eng = open_again(fx);

    eng_info(fx->eng, &info);
    assert_true(info.read_only);
    assert_whole(fx->eng);
    eng_close(fx->eng);
    fx->eng = NULL;
    assert_int_equal(msp_file_set_read_only(fx->path, false), MSP_IO_OK);
}

static void open__locked_by_another__is_busy_after_the_wait(void **state)
{
    struct fixture *fx = *state;
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open_v2(fx->path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(
            sqlite3_exec(db, "PRAGMA locking_mode=EXCLUSIVE;BEGIN EXCLUSIVE", NULL, NULL, NULL),
            SQLITE_OK);

    assert_refused(fx->path, true, false, ENG_BUSY);

    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    fx->eng = open_again(fx);
}

static void open__unusual_characters_in_the_name__work(void **state)
{
    struct fixture *fx = *state;
    struct fixture other = { .eng = NULL };

    (void)snprintf(other.path, sizeof(other.path), "%.500s 100%% #1 \xC3\xA4&=%%41", fx->path);
    other.eng = open_again(&other);
    reopen(&other);
    (void)new_folder(other.eng, ENG_ROOT_FOLDER, "a");
    eng_close(other.eng);

    assert_int_equal(msp_file_kind(other.path), MSP_FILE_FILE);
    assert_int_equal(msp_file_delete(other.path), MSP_IO_OK);
}

static void open__store_props__persist(void **state)
{
    struct fixture *fx = *state;
    struct msp_buf packed = record_of(0x3001001F, "My mail", 7);
    struct msp_buf read = MSP_BUF_INIT;

    assert_ok(eng_store_props_set(fx->eng, packed.data, packed.size));
    assert_int_equal(eng_store_props_set(fx->eng, "\x07nonsense", 9), ENG_INVALID);
    reopen(fx);

    assert_ok(eng_store_props_get(fx->eng, &read));
    assert_int_equal(read.size, packed.size);
    assert_memory_equal(read.data, packed.data, packed.size);
    msp_buf_free(&packed);
    msp_buf_free(&read);
}

static void close__null__is_fine(void **state)
{
    (void)state;
    eng_close(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(open__new_file__makes_an_empty_store, setup, teardown),
        cmocka_unit_test_setup_teardown(open__two_new_files__have_different_uids, setup, teardown),
        cmocka_unit_test_setup_teardown(open__every_statement__compiles, setup, teardown),
        cmocka_unit_test_setup_teardown(
                open__every_statement__finds_its_rows_by_an_index, setup, teardown),
        cmocka_unit_test_setup_teardown(
                open__missing_file_without_create__is_not_found, setup_path, teardown),
        cmocka_unit_test_setup_teardown(open__missing_folder__is_not_found, setup_path, teardown),
        cmocka_unit_test_setup_teardown(open__folder__is_refused, setup_path, teardown),
        cmocka_unit_test(open__unc_name__is_a_network_path),
        cmocka_unit_test_setup_teardown(
                open__empty_file__becomes_a_store_only_with_create, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                open__foreign_file__is_refused_untouched, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                open__foreign_database__is_refused_untouched, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                open__foreign_database_with_log__leaves_the_log, setup_path, teardown),
        cmocka_unit_test_setup_teardown(open__newer_major_format__is_too_new, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                open__newer_minor_format__is_read_only, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                open__older_minor_format__is_upgraded, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                open__older_minor_format_for_reading__works_as_it_is, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                open__older_minor_format_in_use__works_as_it_is, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                open__older_minor_format_with_newer_table__is_corrupt, setup_path, teardown),
        cmocka_unit_test_setup_teardown(open__foreign_trigger__is_corrupt, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                open__table_missing_or_changed__is_corrupt, setup_path, teardown),
        cmocka_unit_test_setup_teardown(open__truncated_file__is_refused, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                open__read_only_asked__refuses_every_change, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                open__read_only_file__opens_for_reading, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                open__locked_by_another__is_busy_after_the_wait, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                open__unusual_characters_in_the_name__work, setup, teardown),
        cmocka_unit_test_setup_teardown(open__store_props__persist, setup, teardown),
        cmocka_unit_test(close__null__is_fine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
