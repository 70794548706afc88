/* SPDX-License-Identifier: MIT */
/*
 * test_search_live.c - what tables show of searches follows what is not in their rows: the names of
 * folders, and messages that search folders count.
 */
#include "search_world.h"
#include "table_model.h"

/* Two folders, one in the other, with mail in both, and a search for it. */
struct scene {
    IMAPIFolder *outer;
    IMAPIFolder *inner;
    IMAPIFolder *search;
};

static struct scene scene_make(struct fixture *fx)
{
    struct scene scene;

    scene.outer = folder_make(fx->inbox, "outer");
    scene.inner = folder_make(scene.outer, "inner");
    scene.search = search_folder_make(fx->inbox, u"results");
    assert_ok(search_set(scene.search, u"mail", scene.outer, RECURSIVE_SEARCH));
    return scene;
}

static void scene_done(struct scene *scene)
{
    release_last(scene->search);
    release_last(scene->inner);
    release_last(scene->outer);
}

/* The names that rows are sorted and filtered by change under an open table, one that is told of
 * changes or not. table-columns.SearchContents.2 IMAPITable.GetStatus.4
 * table-notification.CHANGED.2 */
static void folder__renamed__rows_by_its_name_follow(void **state)
{
    static const struct sort_order by_parent = { 2, 0, 0,
        { { PR_PARENT_DISPLAY_W, TABLE_SORT_ASCEND }, { PR_SUBJECT_W, TABLE_SORT_ASCEND } } };
    struct fixture *fx = *state;
    struct scene scene = scene_make(fx);
    SPropValue name = text_value(PR_PARENT_DISPLAY_W, u"m");
    SRestriction behind = compare_with(RELOP_GE, &name);
    IMAPITable *sorted = contents_table(scene.search);
    IMAPITable *filtered = contents_table(scene.search);
    struct host_sink sink;
    ULONG_PTR connection = 0;

    add_mail(scene.inner, "mail 1", NULL, false);
    add_mail(scene.outer, "mail 2", NULL, false);
    add_mail(scene.inner, "mail 3", NULL, false);
    sort(sorted, &by_parent);
    assert_ok(filtered->lpVtbl->Restrict(filtered, &behind, 0));
    host_sink_init(&sink);
    for (int live = 0; live < 2; live++) {
        prop_set_text(scene.outer, PR_DISPLAY_NAME_W, "outer");
        assert_string_equal(table_line(sorted), "mail 1 mail 3 mail 2");
        assert_string_equal(table_line(filtered), "mail 2");
        if (live)
            assert_ok(sorted->lpVtbl->Advise(
                    sorted, fnevTableModified, &sink.IMAPIAdviseSink_iface, &connection));
        prop_set_text(scene.outer, PR_DISPLAY_NAME_W, "a name before");
        assert_string_equal(table_line(sorted), "mail 2 mail 1 mail 3");
        assert_string_equal(table_line(filtered), "");
        prop_set_text(scene.inner, PR_DISPLAY_NAME_W, "z");
        assert_string_equal(table_line(filtered), "mail 1 mail 3");
        prop_set_text(scene.inner, PR_DISPLAY_NAME_W, "inner"); /* there and back */
        assert_string_equal(table_line(filtered), "");
    }
    assert_true(host_sink_count(&sink, fnevTableModified) >= 1);
    assert_ok(sorted->lpVtbl->Unadvise(sorted, connection));
    host_sink_done(&sink);
    release_last(sorted);
    release_last(filtered);
    scene_done(&scene);
}

/* --- counts in hierarchy tables --------------------------------------------------------------- */

/* Names and counts of the rows: "a(1,0) b(2,1)". */
static const char *counts_line(IMAPITable *table)
{
    static char line[512];
    LPSRowSet rows = table_rows(
            table, (const ULONG[]){ PR_DISPLAY_NAME_W, PR_CONTENT_COUNT, PR_CONTENT_UNREAD }, 3);

    line[0] = '\0';
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *values = values_of(rows, i);

        if (i > 0)
            strcat(line, " ");
        put_text(line, sizeof(line), &values[0]);
        snprintf(line + strlen(line), sizeof(line) - strlen(line), "(%d,%d)",
                (int)values[1].Value.l, (int)values[2].Value.l);
    }
    mapi_free_rows(rows);
    return line;
}

static IMAPITable *hierarchy_table(IMAPIFolder *folder)
{
    IMAPITable *table = NULL;

    assert_ok(folder->lpVtbl->GetHierarchyTable(folder, MAPI_UNICODE, &table));
    return table;
}

/* Rows of search folders are where their counts say, which no event tells of.
 * IMAPITable.SortTable.1 IMAPITable.Restrict.1 IMAPITable.GetStatus.4 search-folder.Limits.3 */
static void hierarchy__by_the_counts_of_searches__follows_messages(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *parent = folder_make(fx->inbox, "parent");
    IMAPIFolder *first = search_folder_make(parent, u"x");
    IMAPIFolder *second = search_folder_make(parent, u"y");
    SPropValue two = long_value(PR_CONTENT_COUNT, 2);
    SRestriction many = compare_with(RELOP_GE, &two);
    IMAPITable *sorted = hierarchy_table(parent);
    IMAPITable *filtered = hierarchy_table(parent);

    assert_ok(search_set(first, u"x", fx->inbox, 0));
    assert_ok(search_set(second, u"y", fx->inbox, 0));
    sort(sorted, &(struct sort_order){ 1, 0, 0, { { PR_CONTENT_COUNT, TABLE_SORT_DESCEND } } });
    assert_ok(filtered->lpVtbl->Restrict(filtered, &many, 0));
    add_mail(fx->inbox, "x", NULL, true);
    assert_string_equal(counts_line(sorted), "x(1,0) y(0,0)");
    assert_string_equal(counts_line(filtered), "");
    add_mail(fx->inbox, "y", NULL, true);
    add_mail(fx->inbox, "y", NULL, false);
    assert_string_equal(counts_line(sorted), "y(2,1) x(1,0)");
    assert_string_equal(counts_line(filtered), "y(2,1)");
    release_last(sorted);
    release_last(filtered);
    release_last(first);
    release_last(second);
    release_last(parent);
}

/* Whoever has seen the counts of a search folder is told when they are others, and of no other
 * change of messages.
 * table-notification.ROW_MODIFIED.1 Notify.Modified.2 */
static void hierarchy__advised__is_told_of_the_counts_of_searches(void **state)
{
    static const ULONG tags[] = { PR_INSTANCE_KEY, PR_DISPLAY_NAME_W, PR_CONTENT_COUNT,
        PR_CONTENT_UNREAD };
    struct fixture *fx = *state;
    IMAPIFolder *parent = folder_make(fx->inbox, "parent");
    IMAPIFolder *search = search_folder_make(parent, u"search");
    IMAPIFolder *beside = folder_make(parent, "beside");
    IMAPITable *table = hierarchy_table(parent);
    SPropValue *id = message_make(fx->inbox, "mail 0");
    IMessage *message;
    struct model model;

    assert_ok(search_set(search, u"mail", fx->inbox, 0));
    set_columns(table, tags, COUNT_OF(tags));
    model_begin(&model, table, COUNT_OF(tags)); /* and reads the counts */
    assert_string_equal(model.rows[1].text, "search|1|1|");
    model_forget_counts(&model);
    add_mail(fx->inbox, "mail 1", NULL, true);
    assert_int_equal(model.modified, 1);
    model_check(&model);
    assert_string_equal(model.rows[1].text, "search|2|1|");
    message = message_open(fx->store, id);
    assert_ok(message->lpVtbl->SetReadFlag(message, SUPPRESS_RECEIPT));
    release_last(message);
    assert_int_equal(model.modified, 2);
    model_check(&model);
    add_mail(fx->inbox, "other", NULL, true); /* not found */
    assert_int_equal(model.modified, 2);
    assert_ok(search_set(search, u"other", NULL, RESTART_SEARCH));
    model_check(&model);
    assert_string_equal(model.rows[1].text, "search|1|0|");
    add_mail(beside, "other", NULL, true); /* a folder's own counts as ever */
    model_check(&model);
    assert_string_equal(model.rows[0].text, "beside|1|0|");
    assert_int_equal(model.changed, 0);
    model_end(&model);
    mapi_free(id);
    release_last(table);
    release_last(beside);
    release_last(search);
    release_last(parent);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(folder__renamed__rows_by_its_name_follow),
        TEST(hierarchy__by_the_counts_of_searches__follows_messages),
        TEST(hierarchy__advised__is_told_of_the_counts_of_searches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
