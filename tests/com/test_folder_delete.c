/* SPDX-License-Identifier: MIT */
/*
 * test_folder_delete.c - DeleteFolder, and EmptyFolder's way of deleting for good.
 */
#include "folder_world.h"

static HRESULT delete_folder(IMAPIFolder *parent, struct key *key, ULONG flags)
{
    return parent->lpVtbl->DeleteFolder(parent, key->size, key_id(key), 0, NULL, flags);
}

/* IMAPIFolder.DeleteFolder.1 IMAPIContainer.OpenEntry.11 IMAPIFolder.DeleteFolder.8 */
static void delete_folder__empty__gone_and_not_found(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *folder = create_ok(fx->inbox, FOLDER_GENERIC, u"gone");
    struct key key = key_of(folder, PR_ENTRYID);
    void *out;
    ULONG type;

    release_last(folder);
    assert_ok(delete_folder(fx->inbox, &key, 0));
    assert_int_equal(hierarchy_count(fx->inbox, 0), 0);
    assert_hr(open_by_key(fx->inbox, &key, NULL, 0, &type, &out), MAPI_E_NOT_FOUND);
    assert_null(out);
    assert_int_equal(type, 0);
    assert_hr(delete_folder(fx->inbox, &key, 0), MAPI_E_NOT_FOUND);
}

/* IMAPIFolder.DeleteFolder.2 IMAPIFolder.DeleteFolder.3 IMAPIFolder.DeleteFolder.4 */
static void delete_folder__not_empty__only_with_the_flags(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *folder = create_ok(fx->inbox, FOLDER_GENERIC, u"full");
    IMAPIFolder *child = create_ok(folder, FOLDER_GENERIC, u"child");
    struct key key = key_of(folder, PR_ENTRYID);
    struct key child_key = key_of(child, PR_ENTRYID);
    SPropValue *message = message_make(folder, "kept");
    SPropValue *inner = message_make(child, "deeper");
    void *out;
    ULONG type;

    assert_hr(delete_folder(fx->inbox, &key, DEL_FOLDERS), MAPI_E_HAS_MESSAGES);
    assert_hr(delete_folder(fx->inbox, &key, DEL_MESSAGES), MAPI_E_HAS_FOLDERS);
    assert_int_equal(prop_long(folder, PR_CONTENT_COUNT), 1);
    assert_true(prop_bool(folder, PR_SUBFOLDERS));
    release_last(child);
    release_last(folder);
    assert_ok(delete_folder(fx->inbox, &key, DEL_FOLDERS | DEL_MESSAGES));
    assert_hr(open_by_key(fx->inbox, &child_key, NULL, 0, &type, &out), MAPI_E_NOT_FOUND);
    assert_null(out);

    mapi_free(message);
    mapi_free(inner);
}

/* IMAPIFolder.DeleteFolder.9 IMAPIFolder.DeleteFolder.10 */
static void delete_folder__root_or_special__refused(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *subtree = folder_by_prop(fx->store, fx->store, PR_IPM_SUBTREE_ENTRYID);
    struct key inbox = key_of(fx->inbox, PR_ENTRYID);
    struct key root = key_of(subtree, PR_PARENT_ENTRYID);

    assert_hr(delete_folder(subtree, &inbox, DEL_FOLDERS | DEL_MESSAGES), MAPI_E_NO_ACCESS);
    assert_hr(delete_folder(subtree, &root, DEL_FOLDERS | DEL_MESSAGES), MAPI_E_NO_ACCESS);
    assert_int_equal(prop_long(fx->inbox, PR_FOLDER_TYPE), FOLDER_GENERIC);

    release_last(subtree);
}

static void assert_gone(struct fixture *fx, struct key *key)
{
    static const ULONG flags[] = { 0, SHOW_SOFT_DELETES };

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        void *out;
        ULONG type;

        assert_hr(open_by_key(fx->inbox, key, NULL, flags[i], &type, &out), MAPI_E_NOT_FOUND);
        assert_null(out);
    }
}

/* IMAPIFolder.DeleteFolder.11 IMAPIFolder.EmptyFolder.7 */
static void hard_delete__with_or_without__nothing_can_be_recovered(void **state)
{
    static const ULONG flags[] = { 0, DELETE_HARD_DELETE };
    struct fixture *fx = *state;

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        IMAPIFolder *folder = create_ok(fx->inbox, FOLDER_GENERIC, u"gone");
        IMAPIFolder *child = create_ok(folder, FOLDER_GENERIC, u"child");
        struct key key = key_of(folder, PR_ENTRYID);
        struct key child_key = key_of(child, PR_ENTRYID);
        SPropValue *message = message_make(folder, "a");
        struct key message_key = { message->Value.bin.cb, { 0 } };
        IMAPITable *table = POISON;

        memcpy(message_key.bytes, message->Value.bin.lpb, message_key.size);
        release_last(child);
        assert_ok(folder->lpVtbl->EmptyFolder(folder, 0, NULL, flags[i]));
        assert_gone(fx, &message_key);
        assert_gone(fx, &child_key);
        assert_hr(folder->lpVtbl->GetContentsTable(folder, SHOW_SOFT_DELETES, &table),
                MAPI_E_NO_SUPPORT);
        assert_null(table);
        release_last(folder);
        assert_ok(delete_folder(fx->inbox, &key, flags[i]));
        assert_gone(fx, &key);
        mapi_free(message);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(delete_folder__empty__gone_and_not_found),
        TEST(delete_folder__not_empty__only_with_the_flags),
        TEST(delete_folder__root_or_special__refused),
        TEST(hard_delete__with_or_without__nothing_can_be_recovered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
