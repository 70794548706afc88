/* SPDX-License-Identifier: MIT */
/*
 * test_eng_column_store.c - columns in the file: used after the next opening, and never believed.
 *
 * That they are used is seen by a row that was changed behind the engine's back: what the journal
 * does not tell is not noticed.
 *
 * Locks: none; each test runs alone.
 */
#include "column_fixture.h"
#include "engine/eng_int.h"

static void run_sql(struct eng *eng, const char *sql)
{
    assert_int_equal(sqlite3_exec(eng->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static int64_t number_of(struct eng *eng, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int64_t number;

    assert_int_equal(sqlite3_prepare_v2(eng->db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    number = sqlite3_column_int64(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return number;
}

static int64_t heads(struct eng *eng)
{
    return number_of(eng, "SELECT count(*) FROM viewhead");
}

static void reopen_storing(struct fixture *fx)
{
    reopen(fx);
    store_always(fx->eng);
}

/* The sum of a column that changes behind our back tell apart. */
static uint64_t total_size(struct eng *eng, uint64_t folder)
{
    struct eng_columns columns;
    uint64_t total = 0;

    assert_ok(eng_begin(eng, false));
    assert_ok(eng_columns_get(eng, folder, false, ENG_COLUMN_ALL, &columns));
    for (size_t i = 0; i < columns.count; i++)
        total += columns.size[i];
    assert_ok(eng_commit(eng));
    return total;
}

/* A folder of some segments that is stored. */
static int setup_stored(void **state)
{
    struct fixture *fx;

    (void)setup(state);
    fx = *state;
    fill(fx->eng, ENG_ROOT_FOLDER, 150);
    store_always(fx->eng);
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
    return 0;
}

static void assert_is_used(struct fixture *fx, bool used)
{
    uint64_t before = (uint64_t)number_of(fx->eng, "SELECT sum(size) FROM msg");
    uint64_t seen;

    reopen_storing(fx);
    run_sql(fx->eng, "UPDATE msg SET size=size+1");
    seen = total_size(fx->eng, ENG_ROOT_FOLDER);
    run_sql(fx->eng, "UPDATE msg SET size=size-1");
    if (used)
        assert_in_range(seen, before, before + 10); /* some rows may have changed since */
    else
        assert_int_equal(seen, before + 150);
    run_sql(fx->eng, "DELETE FROM viewhead"); /* what was stored just now is wrong */
    reopen_storing(fx);
    assert_int_equal(total_size(fx->eng, ENG_ROOT_FOLDER), before);
}

static void stored__opened_again__is_used(void **state)
{
    struct fixture *fx = *state;

    assert_int_equal(heads(fx->eng), 1);
    assert_true(number_of(fx->eng, "SELECT count(DISTINCT id) FROM viewcol") > 13 * 4);
    assert_is_used(fx, true);
    reopen_storing(fx);
    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 150);
    assert_whole(fx->eng);
}

static void stored__each_column_alone__is_right(void **state)
{
    struct fixture *fx = *state;

    uint64_t id = (uint64_t)number_of(fx->eng, "SELECT max(id) FROM msg");

    for (uint32_t bit = ENG_COLUMN_ID; bit < ENG_COLUMN_ALL; bit <<= 1) {
        reopen_storing(fx);
        assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, bit), 150);
        assert_ok(eng_msg_set_flags(fx->eng, id, 0x8, bit % 7 == 1 ? 0x8 : 0, NULL));
        assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, bit), 150);
        assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 150);
    }
    assert_int_equal(heads(fx->eng), 1);
}

/* Who asks for other columns later finds them, too. */
static void stored__some_were_wanted__all_are_there(void **state)
{
    struct fixture *fx = *state;

    run_sql(fx->eng, "DELETE FROM viewhead;DELETE FROM viewcol");
    reopen_storing(fx);
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_SUBJECT);
    assert_int_equal(heads(fx->eng), 1);

    assert_is_used(fx, true);
}

/* A large place is read past SQLite's usual memory of pages, which is there again afterwards. */
static void stored__large_place__leaves_the_cache_as_it_was(void **state)
{
    enum { LONG_TEXT = 400000, LONG_ROWS = 24 };

    struct fixture *fx = *state;
    int64_t usual = number_of(fx->eng, "PRAGMA cache_size");
    char sql[200];

    (void)snprintf(sql, sizeof(sql),
            "UPDATE msg SET subject=replace(hex(zeroblob(%d)),'00','ab') WHERE id IN "
            "(SELECT id FROM msg ORDER BY id LIMIT %d)",
            LONG_TEXT / 2, LONG_ROWS);
    run_sql(fx->eng, sql);
    run_sql(fx->eng, "DELETE FROM viewhead;DELETE FROM viewcol");
    reopen_storing(fx);
    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 150);
    assert_int_equal(heads(fx->eng), 1);
    reopen(fx);

    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 150);
    assert_int_equal(number_of(fx->eng, "PRAGMA cache_size"), usual);
}

/* What has changed in between is in the journal. */
static void stored__changed_since__is_brought_up_to_date(void **state)
{
    struct fixture *fx = *state;
    struct eng_columns columns;
    uint64_t ids[2];

    reopen(fx);
    assert_ok(eng_begin(fx->eng, false));
    assert_ok(eng_columns_get(fx->eng, ENG_ROOT_FOLDER, false, 0, &columns));
    ids[0] = columns.ids[20];
    ids[1] = columns.ids[140];
    assert_ok(eng_commit(fx->eng));
    (void)new_any_msg(fx->eng, ENG_ROOT_FOLDER, 77);
    assert_ok(eng_msg_delete(fx->eng, ids[0]));
    assert_ok(eng_msg_set_flags(fx->eng, ids[1], 0x8, 0x8, NULL));

    assert_is_used(fx, true);
    reopen_storing(fx);
    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 150);
    assert_whole(fx->eng);
}

/* Only what has changed is written again. */
static void stored__one_flag_changed__other_parts_stay(void **state)
{
    struct fixture *fx = *state;
    int64_t parts = number_of(fx->eng, "SELECT count(*) FROM viewcol");
    int64_t last = number_of(fx->eng, "SELECT max(id) FROM viewcol");
    int64_t head = number_of(fx->eng, "SELECT number FROM viewhead");

    assert_ok(eng_msg_set_flags(
            fx->eng, (uint64_t)number_of(fx->eng, "SELECT max(id) FROM msg"), 0x8, 0x8, NULL));
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);

    assert_true(number_of(fx->eng, "SELECT number FROM viewhead") > head);
    assert_true(number_of(fx->eng, "SELECT count(*) FROM viewcol") <= parts);
    assert_in_range(number_of(fx->eng, "SELECT max(id) FROM viewcol"), last, last + 1);
    assert_is_used(fx, true);
}

/* A row that goes from the front leaves the segments behind it as they are. */
static void stored__first_row_deleted__most_parts_stay(void **state)
{
    struct fixture *fx = *state;
    int64_t last = number_of(fx->eng, "SELECT max(id) FROM viewcol");
    int64_t parts = number_of(fx->eng, "SELECT count(*) FROM viewcol");

    assert_ok(eng_msg_delete(fx->eng,
            (uint64_t)number_of(fx->eng, "SELECT id FROM msg ORDER BY delivered,id LIMIT 1")));
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);

    assert_true(number_of(fx->eng, "SELECT count(*) FROM viewcol WHERE id>(SELECT max(id)-1000 "
                                   "FROM viewcol)") <= parts);
    assert_true(number_of(fx->eng, "SELECT max(id) FROM viewcol") <= last + 4 * 13);
    assert_whole(fx->eng);
}

/* Who needs few columns does not take the others away... */
static void stored__fewer_columns_asked_for__the_others_stay(void **state)
{
    const struct column_policy policy = { SIZE_MAX, 1, 5, 16 };
    struct fixture *fx = *state;
    uint64_t id = (uint64_t)number_of(fx->eng, "SELECT max(id) FROM msg");
    int64_t number = number_of(fx->eng, "SELECT number FROM viewhead");

    reopen(fx);
    assert_true(columns_policy(fx->eng, &policy));
    for (int i = 0; i < 4; i++)
        assert_ok(eng_msg_set_flags(fx->eng, id, 0x8, i % 2 == 0 ? 0x8 : 0, NULL));
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_SUBJECT);

    assert_int_equal(number_of(fx->eng, "SELECT number FROM viewhead"), number);
    assert_is_used(fx, true);
}

/* ...and does not leave to all who come later what has changed. */
static void stored__fewer_columns_of_what_is_old__all_are_stored_anew(void **state)
{
    const struct column_policy policy = { SIZE_MAX, 1, 5, 16 };
    struct fixture *fx = *state;
    uint64_t id = (uint64_t)number_of(fx->eng, "SELECT max(id) FROM msg");
    int64_t number = number_of(fx->eng, "SELECT number FROM viewhead");

    reopen(fx);
    assert_true(columns_policy(fx->eng, &policy));
    for (int i = 0; i < 5; i++)
        assert_ok(eng_msg_set_flags(fx->eng, id, 0x8, i % 2 == 0 ? 0x8 : 0, NULL));
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_SUBJECT);

    assert_true(number_of(fx->eng, "SELECT number FROM viewhead") >= number + 5);
    assert_is_used(fx, true);
    assert_whole(fx->eng);
}

/* Those in memory stay where they are: what is known of their places is, too. */
static void stored__more_columns_asked_for__are_added(void **state)
{
    struct fixture *fx = *state;
    struct eng_columns columns;

    reopen(fx);
    assert_ok(eng_begin(fx->eng, false));
    assert_ok(eng_columns_get(
            fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_SUBJECT | ENG_COLUMN_BY_ID, &columns));
    assert_int_equal(assert_columns_in(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 150);
    assert_ok(eng_columns_by_id(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL, 0, &columns));
    assert_non_null(columns.ids);
    assert_int_equal(columns.count, 150);
    assert_ok(eng_commit(fx->eng));
    (void)new_any_msg(fx->eng, ENG_ROOT_FOLDER, 200);

    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 151);
}

/* --- damage ---------------------------------------------------------------------------------- */

/* Each damage is seen, the rows are read instead, a check tells it, and what is stored next is
 * good.
 */
static void stored__damaged__rows_are_read(void **state)
{
    static const char *const damages[] = {
        "UPDATE viewcol SET data=substr(data,1,length(data)-1)||x'FF' WHERE id=(SELECT min(id) "
        "FROM viewcol)",
        "UPDATE viewcol SET data=substr(data,1,length(data)-1) WHERE id=(SELECT max(id) "
        "FROM viewcol)",
        "UPDATE viewcol SET data=data||data",
        "UPDATE viewcol SET data=x''",
        "UPDATE viewcol SET data='text' WHERE id=(SELECT max(id) FROM viewcol)",
        "UPDATE viewcol SET data=17 WHERE id=(SELECT max(id) FROM viewcol)",
        "UPDATE viewcol SET data=zeroblob(length(data)) WHERE id%7=0",
        "DELETE FROM viewcol WHERE id=(SELECT max(id) FROM viewcol)",
        "DELETE FROM viewcol",
        "UPDATE viewhead SET directory=x''",
        "UPDATE viewhead SET directory=substr(directory,1,length(directory)-1)",
        "UPDATE viewhead SET directory=zeroblob(length(directory))",
        "UPDATE viewhead SET directory=substr(directory,1,40)||x'01'||substr(directory,42)",
        "UPDATE viewhead SET directory='x'",
        "UPDATE viewhead SET number=number-1",
    };
    struct fixture *fx = *state;

    for (size_t i = 0; i < MSP_COUNT_OF(damages); i++) {
        uint64_t found = 0;

        run_sql(fx->eng, damages[i]);
        if (sqlite3_changes(fx->eng->db) == 0)
            fail_msg("nothing done: %s", damages[i]);
        reopen(fx);
        assert_ok(eng_check(fx->eng, false, NULL, NULL, &found));
        if (found != 1)
            fail_msg("not found: %s", damages[i]);
        store_always(fx->eng);
        assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 150);
        assert_whole(fx->eng); /* stored anew */
        assert_is_used(fx, true);
        run_sql(fx->eng, damages[i]);
        assert_is_used(fx, false);
    }
}

static void stored__damaged__repair_removes_it(void **state)
{
    struct fixture *fx = *state;
    uint64_t found = 0;

    run_sql(fx->eng, "UPDATE viewcol SET data=zeroblob(length(data)) WHERE id%7=0");
    reopen(fx);

    assert_ok(eng_check(fx->eng, true, NULL, NULL, &found));

    assert_int_equal(found, 1);
    assert_int_equal(heads(fx->eng), 0);
    assert_int_equal(number_of(fx->eng, "SELECT count(*) FROM viewcol"), 0);
    assert_whole(fx->eng);
}

/* Good bytes that do not say what the rows say. */
static void stored__row_changed_behind_our_back__check_finds_it(void **state)
{
    struct fixture *fx = *state;
    uint64_t found = 0;

    run_sql(fx->eng, "UPDATE msg SET subject='other' WHERE id=(SELECT max(id) FROM msg)");
    reopen(fx);

    assert_ok(eng_check(fx->eng, true, NULL, NULL, &found));

    assert_int_equal(found, 1);
    assert_int_equal(heads(fx->eng), 0);
}

/* Rows that came or went without a word are seen by their number. */
static void stored__row_added_behind_our_back__rows_are_read(void **state)
{
    struct fixture *fx = *state;

    run_sql(fx->eng, "UPDATE folder SET content=content+1 WHERE id=1;"
                     "INSERT INTO msg SELECT 99999,place,flags,status,change,importance,size,"
                     "delivered,submitted,created,modified,class,subject,sender,display_to "
                     "FROM msg WHERE id=(SELECT max(id) FROM msg)");
    reopen_storing(fx);

    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 151);
}

static void stored__journal_is_cut__rows_are_read(void **state)
{
    struct fixture *fx = *state;

    (void)new_any_msg(fx->eng, ENG_ROOT_FOLDER, 1);
    (void)new_any_msg(fx->eng, ENG_ROOT_FOLDER, 2);
    run_sql(fx->eng, "DELETE FROM journal WHERE seq<(SELECT max(seq) FROM journal);"
                     "UPDATE msg SET size=77");
    reopen_storing(fx);

    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 152);
}

static void stored__repaired_since__rows_are_read(void **state)
{
    struct fixture *fx = *state;
    uint64_t found = 0;

    run_sql(fx->eng, "UPDATE folder SET unread=unread+1 WHERE id=1");
    assert_ok(eng_check(fx->eng, true, NULL, NULL, &found));
    assert_int_equal(heads(fx->eng), 1);
    assert_true(found > 0);
    run_sql(fx->eng, "UPDATE msg SET size=77");
    reopen_storing(fx);

    assert_int_equal(assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL), 150);
}

/* --- when not to store ------------------------------------------------------------------------ */

static void store__small_folder__is_not_worth_it(void **state)
{
    struct fixture *fx = *state;

    fill(fx->eng, ENG_ROOT_FOLDER, 100);

    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);

    assert_int_equal(heads(fx->eng), 0);
}

static void store__inside_a_transaction__not_before_its_end(void **state)
{
    struct fixture *fx = *state;

    fill(fx->eng, ENG_ROOT_FOLDER, 100);
    store_always(fx->eng);
    assert_ok(eng_begin(fx->eng, false));
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
    assert_int_equal(heads(fx->eng), 0);
    eng_rollback(fx->eng);
    assert_int_equal(heads(fx->eng), 0);

    assert_ok(eng_begin(fx->eng, true));
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
    assert_ok(eng_commit(fx->eng));
    assert_int_equal(heads(fx->eng), 0);

    assert_ok(eng_bulk(fx->eng, true));
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
    assert_ok(eng_bulk(fx->eng, false));
    assert_int_equal(heads(fx->eng), 0);

    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
    assert_int_equal(heads(fx->eng), 1);
}

/* Were it to wait, this would take an hour. */
static void store__another_writes__gives_way_and_tries_later(void **state)
{
    struct fixture *fx = *state;
    struct eng_open_params params = { fx->path, true, false, 3600 * 1000 };
    struct eng *other = open_again(fx);

    fill(fx->eng, ENG_ROOT_FOLDER, 100);
    eng_close(fx->eng);
    assert_ok(eng_open(&params, &fx->eng, NULL));
    store_always(fx->eng);
    assert_ok(eng_begin(other, true));
    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
    assert_int_equal(heads(fx->eng), 0);
    assert_ok(eng_commit(other));

    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);

    assert_int_equal(heads(fx->eng), 1);
    eng_close(other);
}

static void store__interrupted__tries_later(void **state)
{
    struct fixture *fx = *state;

    fill(fx->eng, ENG_ROOT_FOLDER, 100);
    store_always(fx->eng);
    assert_ok(eng_begin(fx->eng, false));
    (void)assert_columns_in(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
    eng_interrupt(fx->eng);
    assert_ok(eng_commit(fx->eng));
    assert_int_equal(heads(fx->eng), 0);
    assert_int_equal(number_of(fx->eng, "SELECT count(*) FROM viewcol"), 0);

    (void)assert_columns(fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
    assert_int_equal(heads(fx->eng), 1);
}

static void store__read_only__does_not(void **state)
{
    struct fixture *fx = *state;
    struct eng_open_params params = { fx->path, false, true, 50 };
    struct eng *reader = NULL;

    fill(fx->eng, ENG_ROOT_FOLDER, 100);
    assert_ok(eng_open(&params, &reader, NULL));
    store_always(reader);
    (void)assert_columns(reader, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
    eng_close(reader);

    assert_int_equal(heads(fx->eng), 0);
}

/* Two connections store the same place, one after the other, each from what it has in memory. */
static void store__by_two_connections__stays_whole(void **state)
{
    struct fixture *fx = *state;
    struct eng *other = open_again(fx);

    store_always(other);
    for (unsigned i = 0; i < 20; i++) {
        struct eng *writer = i % 3 == 0 ? other : fx->eng;

        (void)new_any_msg(writer, ENG_ROOT_FOLDER, i * 5);
        (void)assert_columns(i % 2 == 0 ? other : fx->eng, ENG_ROOT_FOLDER, false, ENG_COLUMN_ALL);
        assert_whole(fx->eng);
        assert_int_equal(heads(fx->eng), 1);
    }
    eng_close(other);
    assert_is_used(fx, true);
}

static void folder_delete__what_is_stored_goes_along(void **state)
{
    struct fixture *fx = *state;
    uint64_t folder = new_folder(fx->eng, ENG_ROOT_FOLDER, "f");
    struct eng_msg msg = any_msg_of(fx->eng, folder, 1);
    int64_t parts = number_of(fx->eng, "SELECT count(*) FROM viewcol");

    msg.flags |= MSG_ASSOCIATED;
    (void)put_msg(fx->eng, msg, ENG_PUT_NEW);
    fill(fx->eng, folder, 20);
    (void)assert_columns(fx->eng, folder, false, ENG_COLUMN_ALL);
    (void)assert_columns(fx->eng, folder, true, ENG_COLUMN_ALL);
    assert_int_equal(heads(fx->eng), 3);

    assert_ok(eng_folder_delete(fx->eng, folder, ENG_DELETE_MESSAGES));

    assert_int_equal(heads(fx->eng), 1);
    assert_int_equal(number_of(fx->eng, "SELECT count(*) FROM viewcol"), parts);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(stored__opened_again__is_used, setup_stored, teardown),
        cmocka_unit_test_setup_teardown(
                stored__some_were_wanted__all_are_there, setup_stored, teardown),
        cmocka_unit_test_setup_teardown(
                stored__large_place__leaves_the_cache_as_it_was, setup_stored, teardown),
        cmocka_unit_test_setup_teardown(
                stored__each_column_alone__is_right, setup_stored, teardown),
        cmocka_unit_test_setup_teardown(
                stored__changed_since__is_brought_up_to_date, setup_stored, teardown),
        cmocka_unit_test_setup_teardown(
                stored__one_flag_changed__other_parts_stay, setup_stored, teardown),
        cmocka_unit_test_setup_teardown(
                stored__first_row_deleted__most_parts_stay, setup_stored, teardown),
        cmocka_unit_test_setup_teardown(
                stored__fewer_columns_asked_for__the_others_stay, setup_stored, teardown),
        cmocka_unit_test_setup_teardown(
                stored__fewer_columns_of_what_is_old__all_are_stored_anew, setup_stored, teardown),
        cmocka_unit_test_setup_teardown(
                stored__more_columns_asked_for__are_added, setup_stored, teardown),
        cmocka_unit_test_setup_teardown(stored__damaged__rows_are_read, setup_stored, teardown),
        cmocka_unit_test_setup_teardown(stored__damaged__repair_removes_it, setup_stored, teardown),
        cmocka_unit_test_setup_teardown(
                stored__row_changed_behind_our_back__check_finds_it, setup_stored, teardown),
        cmocka_unit_test_setup_teardown(
                stored__row_added_behind_our_back__rows_are_read, setup_stored, teardown),
        cmocka_unit_test_setup_teardown(
                stored__journal_is_cut__rows_are_read, setup_stored, teardown),
        cmocka_unit_test_setup_teardown(
                stored__repaired_since__rows_are_read, setup_stored, teardown),
        cmocka_unit_test_setup_teardown(store__small_folder__is_not_worth_it, setup, teardown),
        cmocka_unit_test_setup_teardown(
                store__inside_a_transaction__not_before_its_end, setup, teardown),
        cmocka_unit_test_setup_teardown(
                store__another_writes__gives_way_and_tries_later, setup, teardown),
        cmocka_unit_test_setup_teardown(store__interrupted__tries_later, setup, teardown),
        cmocka_unit_test_setup_teardown(store__read_only__does_not, setup, teardown),
        cmocka_unit_test_setup_teardown(
                store__by_two_connections__stays_whole, setup_stored, teardown),
        cmocka_unit_test_setup_teardown(
                folder_delete__what_is_stored_goes_along, setup_stored, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
