/* SPDX-License-Identifier: MIT */
/*
 * test_copy_folder.c - IMAPIFolder::CopyFolder within one store.
 */
#include "copy_world.h"

static HRESULT copy_folder(
        IMAPIFolder *parent, IMAPIFolder *folder, IMAPIFolder *to, const char *name, ULONG flags)
{
    SPropValue *id = prop_get(folder, PR_ENTRYID);
    uint16_t *wide = name ? host_text_to_utf16(name) : NULL;
    HRESULT hr;

    hr = parent->lpVtbl->CopyFolder(parent, id->Value.bin.cb, copy_id(id), NULL, to,
            (LPTSTR)(void *)wide, 0, NULL, flags | MAPI_UNICODE);
    free(wide);
    mapi_free(id);
    return hr;
}

/* The subfolder of a name, for writing; NULL when there is none. */
static IMAPIFolder *child(IMAPIFolder *parent, const char *name)
{
    static const ULONG tags[] = { PR_ENTRYID, PR_DISPLAY_NAME_W };
    IMAPIFolder *found = NULL;
    IMAPITable *table = NULL;
    LPSRowSet rows;

    assert_ok(parent->lpVtbl->GetHierarchyTable(parent, 0, &table));
    rows = table_rows(table, tags, 2);
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *values = rows->aRow[i].lpProps;
        char *text =
                host_text_to_utf8((const uint16_t *)(const void *)values[1].Value.lpszW, SIZE_MAX);
        LPUNKNOWN object = NULL;
        ULONG type = 0;

        if (strcmp(text, name) == 0) {
            assert_null(found);
            assert_ok(parent->lpVtbl->OpenEntry(parent, values[0].Value.bin.cb,
                    raw_id(values[0].Value.bin.lpb), NULL, MAPI_MODIFY, &type, &object));
            found = (IMAPIFolder *)(void *)object;
        }
        free(text);
    }
    mapi_free_rows(rows);
    release_last(table);
    return found;
}

static ULONG children(IMAPIFolder *folder)
{
    IMAPITable *table = NULL;
    ULONG count = 0;

    assert_ok(folder->lpVtbl->GetHierarchyTable(folder, CONVENIENT_DEPTH, &table));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    release_last(table);
    return count;
}

struct tree {
    IMAPIFolder *from;    /* two messages, one associated; a comment */
    IMAPIFolder *below;   /* one message */
    IMAPIFolder *deepest; /* one message */
    IMAPIFolder *to;
};

static struct tree tree_make(IMAPIFolder *parent)
{
    struct tree tree;
    IMessage *message = NULL;

    tree.from = folder_make(parent, "From");
    tree.below = folder_make(tree.from, "Below");
    tree.deepest = folder_make(tree.below, "Deepest");
    tree.to = folder_make(parent, "To");
    prop_set_text(tree.from, PR_COMMENT_W, "a comment");
    mapi_free(message_make(tree.from, "a"));
    mapi_free(message_make(tree.from, "b"));
    assert_ok(tree.from->lpVtbl->CreateMessage(tree.from, NULL, MAPI_ASSOCIATED, &message));
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
    mapi_free(message_make(tree.below, "c"));
    mapi_free(message_make(tree.deepest, "d"));
    return tree;
}

static void tree_close(struct tree *tree)
{
    release_last(tree->deepest);
    release_last(tree->below);
    release_last(tree->from);
    release_last(tree->to);
}

/* IMAPIFolder.CopyFolder.1 IMAPIFolder.CopyFolder.4 */
static void copy__without_subfolders__folder_and_messages_alone(void **state)
{
    struct fixture *fx = *state;
    struct tree tree = tree_make(fx->inbox);
    IMAPIFolder *copy;

    assert_ok(copy_folder(fx->inbox, tree.from, tree.to, NULL, 0));
    copy = child(tree.to, "From");
    assert_non_null(copy);
    assert_int_equal(children(tree.to), 1);
    assert_int_equal(children(copy), 0);
    assert_int_equal(copy_rows(copy, 0), 2);
    assert_int_equal(copy_rows(copy, MAPI_ASSOCIATED), 1);
    assert_int_equal(prop_long(copy, PR_CONTENT_COUNT), 2);
    assert_int_equal(prop_long(copy, PR_CONTENT_UNREAD), 2);
    prop_assert_text(copy, PR_COMMENT_W, "a comment");
    assert_int_equal(copy_rows(tree.from, 0), 2);
    release_last(copy);
    tree_close(&tree);
}

/* IMAPIFolder.CopyFolder.2 IMAPIFolder.CopyFolder.4 */
static void copy__with_subfolders__the_whole_tree_under_a_new_name(void **state)
{
    struct fixture *fx = *state;
    struct tree tree = tree_make(fx->inbox);
    IMAPIFolder *copy;
    IMAPIFolder *below;
    IMAPIFolder *deepest;

    assert_ok(copy_folder(fx->inbox, tree.from, tree.to, "Copy", COPY_SUBFOLDERS));
    copy = child(tree.to, "Copy");
    assert_non_null(copy);
    assert_null(child(tree.to, "From"));
    below = child(copy, "Below");
    assert_non_null(below);
    deepest = child(below, "Deepest");
    assert_non_null(deepest);
    assert_int_equal(copy_rows(copy, 0), 2);
    assert_int_equal(copy_rows(below, 0), 1);
    assert_int_equal(copy_rows(deepest, 0), 1);
    assert_int_equal(children(tree.from), 2);
    release_last(deepest);
    release_last(below);
    release_last(copy);
    tree_close(&tree);
    fixture_reopen(fx);
}

/* IMAPIFolder.CopyFolder.3 */
static void move__with_or_without_the_flag__the_whole_tree(void **state)
{
    struct fixture *fx = *state;

    for (ULONG flags = 0; flags <= COPY_SUBFOLDERS; flags += COPY_SUBFOLDERS) {
        IMAPIFolder *place = folder_make(fx->inbox, flags ? "1" : "0");
        struct tree tree = tree_make(place);
        SPropValue *id = prop_get(tree.from, PR_ENTRYID);
        SPropValue *after;
        IMAPIFolder *moved;

        assert_ok(copy_folder(place, tree.from, tree.to, NULL, FOLDER_MOVE | flags));
        assert_null(child(place, "From"));
        moved = child(tree.to, "From");
        assert_non_null(moved);
        after = prop_get(moved, PR_ENTRYID);
        assert_true(copy_same_id(id, after));
        assert_int_equal(children(tree.to), 3);
        assert_int_equal(copy_rows(moved, 0), 2);
        assert_int_equal(copy_rows(tree.deepest, 0), 1);
        mapi_free(after);
        mapi_free(id);
        tree_close(&tree);
        release_last(moved);
        release_last(place);
    }
}

/* IMAPIFolder.CopyFolder.5 */
static void copy_or_move__name_is_taken__collision(void **state)
{
    struct fixture *fx = *state;
    struct tree tree = tree_make(fx->inbox);
    IMAPIFolder *taken = folder_make(tree.to, "FROM");

    for (ULONG flags = 0; flags <= FOLDER_MOVE; flags += FOLDER_MOVE) {
        assert_hr(copy_folder(fx->inbox, tree.from, tree.to, NULL, flags | COPY_SUBFOLDERS),
                MAPI_E_COLLISION);
        assert_hr(copy_folder(fx->inbox, tree.from, fx->inbox, "to", flags | COPY_SUBFOLDERS),
                MAPI_E_COLLISION);
    }
    assert_hr(copy_folder(fx->inbox, tree.from, fx->inbox, NULL, 0), MAPI_E_COLLISION);
    assert_int_equal(children(fx->inbox), 5);
    release_last(taken);
    tree_close(&tree);
}

/* IMAPIFolder.CopyFolder.6 */
static void copy_or_move__below_itself__cycle(void **state)
{
    struct fixture *fx = *state;
    struct tree tree = tree_make(fx->inbox);

    for (ULONG flags = 0; flags <= FOLDER_MOVE; flags += FOLDER_MOVE) {
        assert_hr(copy_folder(fx->inbox, tree.from, tree.from, "x", flags | COPY_SUBFOLDERS),
                MAPI_E_FOLDER_CYCLE);
        assert_hr(copy_folder(fx->inbox, tree.from, tree.deepest, "x", flags | COPY_SUBFOLDERS),
                MAPI_E_FOLDER_CYCLE);
        assert_hr(copy_folder(fx->inbox, tree.from, tree.below, NULL, flags), MAPI_E_FOLDER_CYCLE);
    }
    assert_int_equal(children(fx->inbox), 4);
    assert_int_equal(copy_rows(tree.from, 0), 2);
    tree_close(&tree);
}

/* IMAPIFolder.CopyFolder.7 */
static void copy__no_such_subfolder__not_found(void **state)
{
    struct fixture *fx = *state;
    struct tree tree = tree_make(fx->inbox);
    SPropValue *id = prop_get(tree.deepest, PR_ENTRYID);

    /* a subfolder of another folder, and one that is gone */
    assert_hr(copy_folder(fx->inbox, tree.below, tree.to, NULL, 0), MAPI_E_NOT_FOUND);
    assert_ok(tree.below->lpVtbl->DeleteFolder(
            tree.below, id->Value.bin.cb, copy_id(id), 0, NULL, DEL_MESSAGES));
    assert_hr(tree.below->lpVtbl->CopyFolder(tree.below, id->Value.bin.cb, copy_id(id), NULL,
                      tree.to, NULL, 0, NULL, FOLDER_MOVE),
            MAPI_E_NOT_FOUND);
    assert_int_equal(children(tree.to), 0);
    mapi_free(id);
    tree_close(&tree);
}

static void make_search_folder(IMAPIFolder *parent, const char *name)
{
    uint16_t *wide = host_text_to_utf16(name);
    IMAPIFolder *search = NULL;

    assert_ok(parent->lpVtbl->CreateFolder(
            parent, FOLDER_SEARCH, (LPTSTR)(void *)wide, NULL, NULL, MAPI_UNICODE, &search));
    release_last(search);
    free(wide);
}

/* IMAPIFolder.CopyFolder.8 IMAPIFolder.CopyFolder.11 */
static void copy__search_folder__left_out_of_a_tree_and_refused_alone(void **state)
{
    struct fixture *fx = *state;
    struct tree tree = tree_make(fx->inbox);
    IMAPIFolder *search;
    IMAPIFolder *copy;

    make_search_folder(tree.from, "Search");
    search = child(tree.from, "Search");
    assert_hr(copy_folder(tree.from, search, tree.to, NULL, 0), MAPI_E_NO_SUPPORT);
    assert_hr(copy_folder(tree.from, search, tree.to, NULL, FOLDER_MOVE), MAPI_E_NO_SUPPORT);
    assert_hr(copy_folder(fx->inbox, tree.from, search, NULL, FOLDER_MOVE), MAPI_E_NO_ACCESS);
    assert_int_equal(children(tree.to), 0);

    assert_hr(copy_folder(fx->inbox, tree.from, tree.to, NULL, COPY_SUBFOLDERS),
            MAPI_W_PARTIAL_COMPLETION);
    copy = child(tree.to, "From");
    assert_int_equal(children(copy), 2);
    assert_null(child(copy, "Search"));
    assert_int_equal(copy_rows(copy, 0), 2);
    release_last(copy);
    release_last(search);
    tree_close(&tree);
}

/* IMAPIFolder.CopyFolder.9 */
static void copy__name_in_either_width__is_the_display_name(void **state)
{
    struct fixture *fx = *state;
    struct tree tree = tree_make(fx->inbox);
    SPropValue *id = prop_get(tree.from, PR_ENTRYID);
    char narrow[] = "Narrow";
    IMAPIFolder *copy;

    assert_ok(fx->inbox->lpVtbl->CopyFolder(fx->inbox, id->Value.bin.cb, copy_id(id), NULL, tree.to,
            (LPTSTR)(void *)narrow, 0, NULL, 0));
    copy = child(tree.to, "Narrow");
    assert_non_null(copy);
    release_last(copy);
    assert_ok(copy_folder(fx->inbox, tree.from, tree.to, "W\xC3\xA4", 0));
    copy = child(tree.to, "W\xC3\xA4");
    assert_non_null(copy);
    release_last(copy);
    assert_hr(copy_folder(fx->inbox, tree.from, tree.to, "", 0), MAPI_E_INVALID_PARAMETER);
    assert_int_equal(children(tree.to), 2);
    mapi_free(id);
    tree_close(&tree);
}

/* IMAPIFolder.CopyFolder.10 */
static void copy_or_move__root_or_a_special_folder__refused(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *to = folder_make(fx->inbox, "To");
    IMAPIFolder *subtree = folder_by_prop(fx->store, fx->store, PR_IPM_SUBTREE_ENTRYID);
    SPropValue *parent_id = prop_get(fx->inbox, PR_PARENT_ENTRYID);
    IMAPIFolder *parent = folder_open(fx->store, parent_id);
    LPUNKNOWN root = NULL;
    ULONG type = 0;
    IMAPIFolder *folder;

    assert_ok(fx->store->lpVtbl->OpenEntry(fx->store, 0, NULL, NULL, 0, &type, &root));
    folder = (IMAPIFolder *)(void *)root;
    for (ULONG flags = 0; flags <= FOLDER_MOVE; flags += FOLDER_MOVE) {
        assert_hr(copy_folder(folder, folder, to, "x", flags), MAPI_E_NO_ACCESS);
        assert_hr(copy_folder(fx->inbox, folder, to, "x", flags), MAPI_E_NO_ACCESS);
    }
    assert_hr(copy_folder(parent, fx->inbox, subtree, "x", FOLDER_MOVE), MAPI_E_NO_ACCESS);
    assert_int_equal(children(to), 0);
    release_last(root);
    release_last(parent);
    release_last(subtree);
    release_last(to);
    mapi_free(parent_id);
}

/* IMAPIFolder.CopyFolder.12 */
static void move__to_where_it_is_under_a_new_name__renamed(void **state)
{
    struct fixture *fx = *state;
    struct tree tree = tree_make(fx->inbox);

    assert_ok(copy_folder(fx->inbox, tree.from, fx->inbox, "Renamed", FOLDER_MOVE));
    prop_assert_text(tree.from, PR_DISPLAY_NAME_W, "Renamed");
    assert_int_equal(children(fx->inbox), 4);
    assert_ok(copy_folder(fx->inbox, tree.from, fx->inbox, "RENAMED", FOLDER_MOVE));
    prop_assert_text(tree.from, PR_DISPLAY_NAME_W, "RENAMED");
    tree_close(&tree);
}

/* Notify.Moved.1 Notify.Copied.1 Notify.Copied.2 */
static void copy_and_move__sinks__told_of_the_folder(void **state)
{
    struct fixture *fx = *state;
    struct tree tree = tree_make(fx->inbox);
    SPropValue *id = prop_get(tree.from, PR_ENTRYID);
    struct host_sink all;
    struct host_sink one;
    struct host_event event = { 0 };
    ULONG_PTR connections[2];
    size_t folders = 0;

    host_sink_init(&all);
    host_sink_init(&one);
    assert_ok(fx->store->lpVtbl->Advise(fx->store, 0, NULL,
            fnevObjectCopied | fnevObjectCreated | fnevObjectMoved, &all.IMAPIAdviseSink_iface,
            &connections[0]));
    assert_ok(fx->store->lpVtbl->Advise(fx->store, id->Value.bin.cb, copy_id(id), fnevObjectMoved,
            &one.IMAPIAdviseSink_iface, &connections[1]));
    assert_ok(copy_folder(fx->inbox, tree.from, tree.to, NULL, COPY_SUBFOLDERS));
    assert_int_equal(host_sink_count(&all, fnevObjectCreated), 0);
    assert_int_equal(host_sink_count(&all, fnevObjectMoved), 0);
    assert_int_equal(host_sink_count(&one, fnevObjectMoved), 0);
    for (size_t i = 0; host_sink_event(&all, i, &event); i++)
        folders += event.object_type == MAPI_FOLDER;
    assert_int_equal(folders, 3);
    assert_true(host_sink_event(&all, 0, &event));
    assert_memory_equal(event.old_id, id->Value.bin.lpb, id->Value.bin.cb);

    assert_ok(copy_folder(fx->inbox, tree.from, tree.to, "Moved", FOLDER_MOVE));
    assert_int_equal(host_sink_count(&all, fnevObjectMoved), 1);
    assert_int_equal(host_sink_count(&one, fnevObjectMoved), 1);
    for (int i = 0; i < 2; i++)
        assert_ok(fx->store->lpVtbl->Unadvise(fx->store, connections[i]));
    host_sink_done(&all);
    host_sink_done(&one);
    mapi_free(id);
    tree_close(&tree);
}

static void copy__bad_arguments__refused(void **state)
{
    struct fixture *fx = *state;
    struct tree tree = tree_make(fx->inbox);
    SPropValue *id = prop_get(tree.from, PR_ENTRYID);
    ULONG size = id->Value.bin.cb;
    IMAPIFolder *inbox = fx->inbox;

    assert_hr(inbox->lpVtbl->CopyFolder(inbox, size, NULL, NULL, tree.to, NULL, 0, NULL, 0),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(inbox->lpVtbl->CopyFolder(inbox, size, copy_id(id), NULL, NULL, NULL, 0, NULL, 0),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(inbox->lpVtbl->CopyFolder(
                      inbox, size, copy_id(id), NULL, tree.to, NULL, 0, NULL, 0x100),
            MAPI_E_UNKNOWN_FLAGS);
    assert_hr(inbox->lpVtbl->CopyFolder(
                      inbox, size, copy_id(id), &IID_IMessage, tree.to, NULL, 0, NULL, 0),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_int_equal(children(tree.to), 0);
    mapi_free(id);
    tree_close(&tree);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(copy__without_subfolders__folder_and_messages_alone),
        TEST(copy__with_subfolders__the_whole_tree_under_a_new_name),
        TEST(move__with_or_without_the_flag__the_whole_tree),
        TEST(copy_or_move__name_is_taken__collision),
        TEST(copy_or_move__below_itself__cycle),
        TEST(copy__no_such_subfolder__not_found),
        TEST(copy__search_folder__left_out_of_a_tree_and_refused_alone),
        TEST(copy__name_in_either_width__is_the_display_name),
        TEST(copy_or_move__root_or_a_special_folder__refused),
        TEST(move__to_where_it_is_under_a_new_name__renamed),
        TEST(copy_and_move__sinks__told_of_the_folder),
        TEST(copy__bad_arguments__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
