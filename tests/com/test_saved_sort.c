/* SPDX-License-Identifier: MIT */
/*
 * test_saved_sort.c - SaveContentsSort beside tables that are open and told of changes, in this
 * session and another one: they keep their order, later ones have the saved one.
 */
#include "search_world.h"
#include "second_session.h"
#include "table_model.h"

/* clang-format off */
static const struct sort_order by_subject = { 1, 0, 0, { { PR_SUBJECT_W, TABLE_SORT_DESCEND } } };
static const struct sort_order by_sender = { 2, 1, 1,
        { { PR_SENDER_NAME_W, TABLE_SORT_ASCEND }, { PR_SUBJECT_W, TABLE_SORT_DESCEND } } };
static const struct sort_order none = { 0, 0, 0, { { 0, 0 } } };

/* clang-format on */

static HRESULT save_sort(IMAPIFolder *folder, const struct sort_order *order)
{
    union {
        struct sort_order order;
        SSortOrderSet set;
    } both = { .order = *order };

    return folder->lpVtbl->SaveContentsSort(folder, &both.set, 0);
}

static void assert_order(IMAPITable *table, const struct sort_order *expected)
{
    LPSSortOrderSet order = POISON;

    assert_ok(table->lpVtbl->QuerySortOrder(table, &order));
    assert_int_equal(order->cSorts, expected->cSorts);
    assert_int_equal(order->cCategories, expected->cCategories);
    assert_int_equal(order->cExpanded, expected->cExpanded);
    assert_memory_equal(
            order->aSort, expected->aSort, expected->cSorts * sizeof(expected->aSort[0]));
    mapi_free(order);
}

static void add_three(IMAPIFolder *folder)
{
    add_mail(folder, "b", "bob", true);
    add_mail(folder, "c", "anna", true);
    add_mail(folder, "a", "anna", true);
}

/* A table that begins with the folder's saved order, and is told of changes. */
static void open_live(struct model *model, IMAPIFolder *folder)
{
    model_begin(model, contents_table(folder), LINE_COLUMNS);
}

static void close_live(struct model *model)
{
    IMAPITable *table = model->table;

    model_check(model);
    model_end(model);
    release_last(table);
}

/* IMAPIFolder.SaveContentsSort.1 IMAPIContainer.GetContentsTable.8 IMAPITable.QuerySortOrder.1
 * IMAPITable.SortTable.6 table-notification.ROW_ADDED.2 */
static void saved_in_another_session__live_tables__keep_their_own_order(void **state)
{
    struct fixture *fx = *state;
    struct model before, after;
    struct second second;

    second_open(fx, &second);
    add_three(fx->inbox);
    open_live(&before, fx->inbox);
    assert_ok(save_sort(second.inbox, &by_sender));

    assert_string_equal(table_line(before.table), "b c a");
    assert_order(before.table, &none);
    open_live(&after, fx->inbox);
    assert_order(after.table, &by_sender);
    assert_string_equal(table_line(after.table), "+anna(2,0) c a +bob(1,0) b");
    add_mail(second.inbox, "bb", "anna", false);
    model_check(&before);
    model_check(&after);
    assert_string_equal(table_line(before.table), "b c a bb");
    assert_string_equal(table_line(after.table), "+anna(3,1) c bb a +bob(1,0) b");
    assert_int_equal(before.changed + after.changed, 0);

    assert_ok(save_sort(fx->inbox, &by_subject)); /* and this session's own */
    add_mail(fx->inbox, "cc", "carl", true);
    model_check(&before);
    model_check(&after);
    assert_order(after.table, &by_sender);
    assert_string_equal(table_line(after.table), "+anna(3,1) c bb a +bob(1,0) b +carl(1,0) cc");
    close_live(&after);
    open_live(&after, fx->inbox);
    assert_string_equal(table_line(after.table), "cc c bb b a");
    sort(after.table, &none);
    model_read(&after);
    assert_int_equal(after.count, before.count);
    for (size_t i = 0; i < before.count; i++)
        assert_string_equal(after.rows[i].text, before.rows[i].text);
    close_live(&after);
    close_live(&before);
    second_close(&second);
}

/* IMAPIFolder.SaveContentsSort.1 IMAPIContainer.GetContentsTable.8 */
static void taken_away_in_another_session__later_tables__are_in_default_order(void **state)
{
    struct fixture *fx = *state;
    struct second second;
    struct model sorted;
    IMAPITable *table;

    second_open(fx, &second);
    add_three(fx->inbox);
    assert_ok(save_sort(fx->inbox, &by_subject));
    open_live(&sorted, fx->inbox);
    assert_ok(save_sort(second.inbox, &none));

    table = contents_table(fx->inbox);
    assert_order(table, &none);
    assert_string_equal(table_line(table), "b c a");
    add_mail(second.inbox, "bb", NULL, true);
    model_check(&sorted);
    assert_string_equal(table_line(sorted.table), "c bb b a");
    assert_string_equal(table_line(table), "b c a bb");
    release_last(table);
    close_live(&sorted);
    second_close(&second);
}

/* Each folder has its own; associated messages have none, search results have the search folder's.
 * IMAPIContainer.GetContentsTable.8 */
static void saved__of_a_search_folder_and_a_folder__each_for_its_own_tables(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *search = search_folder_make(fx->inbox, u"search");
    IMAPITable *table = NULL;

    add_three(fx->inbox);
    assert_ok(search_set(search, u"", fx->inbox, 0));
    assert_ok(save_sort(search, &by_sender));
    assert_string_equal(found(search), "+anna(2,0) c a +bob(1,0) b");
    assert_string_equal(found(fx->inbox), "b c a");
    assert_ok(save_sort(fx->inbox, &by_subject));
    assert_string_equal(found(search), "+anna(2,0) c a +bob(1,0) b");
    assert_string_equal(found(fx->inbox), "c b a");
    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, MAPI_ASSOCIATED, &table));
    assert_order(table, &none);
    release_last(table);
    release_last(search);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(saved_in_another_session__live_tables__keep_their_own_order),
        TEST(taken_away_in_another_session__later_tables__are_in_default_order),
        TEST(saved__of_a_search_folder_and_a_folder__each_for_its_own_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
