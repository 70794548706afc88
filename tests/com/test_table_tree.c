/* SPDX-License-Identifier: MIT */
/*
 * test_table_tree.c - live tables of all folders below one: what goes along with a folder that
 * moves or has another name, and counts that change by themselves.
 */
#include "search_world.h"
#include "table_model.h"

struct tree {
    struct fixture *fx;
    IMAPIFolder *a, *b, *c; /* a has b, b has c */
    IMAPIFolder *d;
    struct model model;
};

static void watch(struct tree *tree, ULONG tag, ULONG direction)
{
    static const ULONG columns[] = { PR_DISPLAY_NAME_W, PR_DEPTH, PR_INSTANCE_KEY };
    struct sort_order order = { 1, 0, 0, { { tag, direction } } };
    IMAPIFolder *inbox = tree->fx->inbox;
    IMAPITable *table = NULL;

    assert_ok(inbox->lpVtbl->GetHierarchyTable(inbox, MAPI_UNICODE | CONVENIENT_DEPTH, &table));
    set_columns(table, columns, 3);
    if (tag != 0)
        sort(table, &order);
    model_begin(&tree->model, table, 3);
}

static int tree_setup(void **state)
{
    struct tree *tree = calloc(1, sizeof(*tree));
    void *fx = NULL;

    fixture_inbox_setup(&fx);
    tree->fx = fx;
    tree->a = folder_make(tree->fx->inbox, "a");
    tree->b = folder_make(tree->a, "b");
    tree->c = folder_make(tree->b, "c");
    tree->d = folder_make(tree->fx->inbox, "d");
    *state = tree;
    return 0;
}

static int tree_teardown(void **state)
{
    struct tree *tree = *state;
    void *fx = tree->fx;

    model_check(&tree->model);
    model_end(&tree->model);
    release_last(tree->model.table);
    release_last(tree->c);
    release_last(tree->b);
    release_last(tree->a);
    release_last(tree->d);
    free(tree);
    return fixture_teardown(&fx);
}

static const char *told(const struct tree *tree)
{
    static char line[1024];

    line[0] = '\0';
    for (size_t i = 0; i < tree->model.count; i++)
        snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s%s", i > 0 ? " " : "",
                tree->model.rows[i].text);
    return line;
}

static void move_folder(IMAPIFolder *from, IMAPIFolder *folder, IMAPIFolder *to)
{
    SPropValue *id = prop_get(folder, PR_ENTRYID);

    assert_ok(from->lpVtbl->CopyFolder(from, id->Value.bin.cb, (LPENTRYID)(void *)id->Value.bin.lpb,
            NULL, to, NULL, 0, NULL, FOLDER_MOVE));
    mapi_free(id);
}

/* table-notification.ROW_MODIFIED.1: the folders below it have another depth, too. */
static void tree__folder_is_moved__depth_of_those_below_is_told(void **state)
{
    struct tree *tree = *state;

    watch(tree, 0, 0);
    assert_string_equal(told(tree), "a|0| b|1| c|2| d|0|");
    move_folder(tree->a, tree->b, tree->fx->inbox);
    assert_string_equal(told(tree), "a|0| b|0| c|1| d|0|");
    move_folder(tree->fx->inbox, tree->b, tree->d);
    assert_string_equal(told(tree), "a|0| d|0| b|1| c|2|");
}

/* table-notification.ROW_MODIFIED.2: they keep their place below it; those that only made way are
 * not told of. */
static void tree__folder_is_renamed__those_below_go_along(void **state)
{
    struct tree *tree = *state;
    size_t before;

    watch(tree, 0, 0);
    before = model_events(&tree->model);
    prop_set_text(tree->a, PR_DISPLAY_NAME_W, "aa"); /* stays where it is */
    assert_int_equal(model_events(&tree->model), before + 1);
    prop_set_text(tree->a, PR_DISPLAY_NAME_W, "e");
    assert_string_equal(told(tree), "d|0| e|0| b|1| c|2|");
    assert_int_equal(tree->model.added + tree->model.deleted, 0);
}

/* IMAPITable.SortTable.1: what a search finds changes its count without a change of its folder. */
static void tree__search_finds_more__order_by_count_is_right(void **state)
{
    struct tree *tree = *state;
    IMAPIFolder *search = search_folder_make(tree->d, u"found");
    IMAPITable *fresh = NULL;

    assert_ok(search_set(search, u"x", tree->a, 0));
    add_mail(tree->b, "y", NULL, true);
    add_mail(tree->c, "y", NULL, true);
    add_mail(tree->c, "y", NULL, true);
    watch(tree, PR_CONTENT_COUNT, TABLE_SORT_ASCEND);
    for (int i = 0; i < 5; i++)
        add_mail(tree->a, "x", NULL, true);
    add_mail(tree->b, "y", NULL, true);
    assert_ok(tree->fx->inbox->lpVtbl->GetHierarchyTable(
            tree->fx->inbox, MAPI_UNICODE | CONVENIENT_DEPTH, &fresh));
    model_check_fresh(&tree->model, fresh, NULL);
    release_last(fresh);
    release_last(search);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_setup, tree_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tree__folder_is_moved__depth_of_those_below_is_told),
        TEST(tree__folder_is_renamed__those_below_go_along),
        TEST(tree__search_finds_more__order_by_count_is_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
