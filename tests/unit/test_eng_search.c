/* SPDX-License-Identifier: MIT */
/*
 * test_eng_search.c - what the engine keeps of searches.
 *
 * Locks: none; each test runs alone.
 */
#include "engine/eng_int.h"
#include "test_eng_fixture.h"

static uint64_t new_search(struct eng *eng, const char *name)
{
    uint64_t id = 0;

    assert_ok(eng_folder_create(
            eng, ENG_ROOT_FOLDER, ENG_FOLDER_SEARCH, name, strlen(name), NULL, 0, &id));
    return id;
}

static uint64_t set(struct eng *eng, uint64_t folder, uint32_t state, const char *criteria,
        const uint64_t *scope, size_t scope_count)
{
    uint64_t change = 0;

    assert_ok(eng_search_set(
            eng, folder, state, criteria, strlen(criteria), scope, scope_count, false, &change));
    return change;
}

static void assert_search(struct eng *eng, uint64_t folder, uint32_t state, const char *criteria,
        const uint64_t *scope, size_t scope_count)
{
    struct msp_buf bytes = MSP_BUF_INIT;
    struct msp_buf ids = MSP_BUF_INIT;
    struct eng_search search;

    assert_ok(eng_search_get(eng, folder, &search, &bytes, &ids));
    assert_int_equal(search.state, state);
    assert_int_equal(bytes.size, strlen(criteria));
    if (bytes.size > 0)
        assert_memory_equal(bytes.data, criteria, bytes.size);
    assert_int_equal(ids.size, scope_count * sizeof(*scope));
    if (ids.size > 0)
        assert_memory_equal(ids.data, scope, ids.size);
    msp_buf_free(&bytes);
    msp_buf_free(&ids);
}

static bool note_hit(void *context, const struct eng_hit *hit)
{
    struct msp_buf *line = context;

    (void)msp_buf_printf(line, "%d/%d/%d ", (int)hit->id, (int)hit->folder, (int)hit->flags);
    return true;
}

static void assert_hits(struct eng *eng, uint64_t folder, const char *expected)
{
    struct msp_buf line = MSP_BUF_INIT;

    assert_ok(eng_search_hits(eng, folder, note_hit, &line));
    assert_string_equal(msp_buf_cstr(&line), expected);
    msp_buf_free(&line);
}

static void get__never_set__not_found(void **state)
{
    struct fixture *fx = *state;
    struct eng_search search = { 9, 9 };
    uint64_t folder = new_search(fx->eng, "s");

    assert_int_equal(eng_search_get(fx->eng, folder, &search, NULL, NULL), ENG_NOT_FOUND);
    assert_int_equal(search.state, 0);
    assert_int_equal(search.change, 0);
    assert_int_equal(eng_search_hits_set(fx->eng, folder, NULL, 0), ENG_NOT_FOUND);
    assert_hits(fx->eng, folder, "");
}

/* search-folder.Run.3 */
static void set__reopened__is_what_was_set(void **state)
{
    struct fixture *fx = *state;
    static const uint64_t scope[] = { 7, ENG_ROOT_FOLDER, UINT64_C(0x123456789A) };
    uint64_t folder = new_search(fx->eng, "s");

    assert_int_equal(set(fx->eng, folder, 5, "criteria", scope, 3), 1);
    reopen(fx);
    assert_search(fx->eng, folder, 5, "criteria", scope, 3);
    assert_int_equal(set(fx->eng, folder, 0, "", NULL, 0), 2);
    assert_search(fx->eng, folder, 0, "", NULL, 0);
    assert_whole(fx->eng);
}

static void set__no_search_folder__refused(void **state)
{
    struct fixture *fx = *state;
    uint64_t folder = new_folder(fx->eng, ENG_ROOT_FOLDER, "plain");
    uint64_t change = 7;

    assert_int_equal(
            eng_search_set(fx->eng, folder, 1, "x", 1, NULL, 0, true, &change), ENG_INVALID);
    assert_int_equal(change, 0);
    assert_int_equal(
            eng_search_set(fx->eng, 4711, 1, "x", 1, NULL, 0, true, &change), ENG_NOT_FOUND);
}

static void hits__in_order_of_delivery__without_those_that_are_gone(void **state)
{
    struct fixture *fx = *state;
    uint64_t folder = new_search(fx->eng, "s");
    uint64_t a = new_folder(fx->eng, ENG_ROOT_FOLDER, "a");
    uint64_t b = new_folder(fx->eng, ENG_ROOT_FOLDER, "b");
    struct eng_hit hits[3] = { { .id = 0 } };
    char expected[200];

    hits[0].id = new_msg(fx->eng, a, "one");
    hits[1].id = new_msg(fx->eng, b, "two");
    hits[2].id = new_msg(fx->eng, a, "three");
    (void)set(fx->eng, folder, 0, "", NULL, 0);
    assert_ok(eng_search_hits_set(fx->eng, folder, &hits[2], 1));
    assert_ok(eng_search_hits_set(fx->eng, folder, hits, 3));
    (void)snprintf(expected, sizeof(expected), "%d/%d/0 %d/%d/0 %d/%d/0 ", (int)hits[0].id, (int)a,
            (int)hits[1].id, (int)b, (int)hits[2].id, (int)a);
    assert_hits(fx->eng, folder, expected);

    assert_ok(eng_msg_delete(fx->eng, hits[0].id));
    assert_ok(eng_msg_move(fx->eng, hits[1].id, a));
    assert_ok(eng_msg_set_flags(fx->eng, hits[2].id, 1, 1, NULL));
    (void)snprintf(expected, sizeof(expected), "%d/%d/0 %d/%d/1 ", (int)hits[1].id, (int)a,
            (int)hits[2].id, (int)a);
    assert_hits(fx->eng, folder, expected);
    assert_whole(fx->eng);
    reopen(fx);
    assert_hits(fx->eng, folder, expected);
}

/* IMAPIFolder.DeleteFolder.6 */
static void folder_delete__search_goes_along_and_messages_stay(void **state)
{
    struct fixture *fx = *state;
    uint64_t folder = new_search(fx->eng, "s");
    struct eng_hit hit = { .id = new_msg(fx->eng, ENG_ROOT_FOLDER, "stays") };
    struct eng_search search;

    (void)set(fx->eng, folder, 1, "x", NULL, 0);
    assert_ok(eng_search_hits_set(fx->eng, folder, &hit, 1));
    assert_ok(eng_folder_delete(fx->eng, folder, 0));

    assert_int_equal(eng_search_get(fx->eng, folder, &search, NULL, NULL), ENG_NOT_FOUND);
    assert_hits(fx->eng, folder, "");
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 1, 1, 0, 0);
    assert_whole(fx->eng);
}

static void count_events(void *context, const struct eng_event *events, size_t event_count)
{
    for (size_t i = 0; i < event_count; i++) {
        if (events[i].kind == ENG_EVENT_SEARCHED && events[i].is_folder)
            *(uint64_t *)context = events[i].object;
    }
}

static bool find_event(void *context, uint64_t number, const struct eng_event *event)
{
    (void)number;
    count_events(context, event, 1);
    return true;
}

static void set__completed__everybody_is_told(void **state)
{
    struct fixture *fx = *state;
    uint64_t folder = new_search(fx->eng, "s");
    uint64_t told = 0;
    uint64_t kept = 0;
    uint64_t change = 0;
    bool complete = false;

    eng_on_events(fx->eng, count_events, &told);
    (void)set(fx->eng, folder, 1, "", NULL, 0);
    assert_int_equal(told, 0);
    assert_ok(eng_search_set(fx->eng, folder, 1, "", 0, NULL, 0, true, &change));
    assert_int_equal(told, folder);
    assert_ok(eng_journal_read(fx->eng, 1, find_event, &kept, &complete));
    assert_int_equal(kept, folder);
}

static void damage(struct fixture *fx, const char *sql)
{
    assert_int_equal(sqlite3_exec(fx->eng->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void check__orphans_of_searches__found_and_removed(void **state)
{
    struct fixture *fx = *state;
    uint64_t found = 0;

    damage(fx, "INSERT INTO search(folder,state,change,criteria,scope) VALUES(1,0,1,x'',x'')");
    damage(fx, "INSERT INTO search_hit(folder,msg) VALUES(77,78)");
    assert_ok(eng_check(fx->eng, true, print_line, NULL, &found));
    assert_int_equal(found, 2);
    assert_whole(fx->eng);
}

static void get__damaged_list_of_folders__corrupt(void **state)
{
    struct fixture *fx = *state;
    uint64_t folder = new_search(fx->eng, "s");
    struct msp_buf scope = MSP_BUF_INIT;
    struct eng_search search = { 9, 9 };

    (void)set(fx->eng, folder, 1, "", NULL, 0);
    damage(fx, "UPDATE search SET scope=x'0102030405'");
    assert_int_equal(eng_search_get(fx->eng, folder, &search, NULL, &scope), ENG_CORRUPT);
    assert_int_equal(search.state, 0);
    msp_buf_free(&scope);
}

static void walk__nth_allocation_fails__nothing_has_changed(void **state)
{
    struct fixture *fx = *state;
    static const uint64_t scope[] = { ENG_ROOT_FOLDER, 5 };
    uint64_t folder = new_search(fx->eng, "s");
    enum eng_status status = ENG_NO_MEMORY;

    (void)set(fx->eng, folder, 1, "before", scope, 1);
    for (size_t nth = 1; status != ENG_OK; nth++) {
        uint64_t change = 9;

        msp_alloc_fail_at(nth);
        status = eng_search_set(fx->eng, folder, 4, "after", 5, scope, 2, true, &change);
        msp_alloc_fail_at(0);
        if (status == ENG_OK)
            break;
        assert_int_equal(status, ENG_NO_MEMORY);
        assert_int_equal(change, 0);
        assert_search(fx->eng, folder, 1, "before", scope, 1);
    }
    assert_search(fx->eng, folder, 4, "after", scope, 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(get__never_set__not_found, setup, teardown),
        cmocka_unit_test_setup_teardown(set__reopened__is_what_was_set, setup, teardown),
        cmocka_unit_test_setup_teardown(set__no_search_folder__refused, setup, teardown),
        cmocka_unit_test_setup_teardown(
                hits__in_order_of_delivery__without_those_that_are_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(
                folder_delete__search_goes_along_and_messages_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(set__completed__everybody_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(
                check__orphans_of_searches__found_and_removed, setup, teardown),
        cmocka_unit_test_setup_teardown(get__damaged_list_of_folders__corrupt, setup, teardown),
        cmocka_unit_test_setup_teardown(
                walk__nth_allocation_fails__nothing_has_changed, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
