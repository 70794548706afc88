/* SPDX-License-Identifier: MIT */
/*
 * test_store_template.c - the folders of a new store: what each is for, and who names it.
 */
#include "support/support.h"

/* Clients find the folders of a store by these classes and properties, never by name; the names
 * tell here which folder is meant. */
static const struct expected {
    const char *name;
    const char *container_class; /* NULL: none */
    ULONG named_by_store;        /* the store's property with its entry id; 0: none */
    ULONG named_by_root;         /* the same on the root and on the Inbox */
} folders[] = {
    { "Top of Outlook data file", NULL, PR_IPM_SUBTREE_ENTRYID, 0 }, { "Inbox", "IPF.Note", 0, 0 },
    { "Outbox", "IPF.Note", PR_IPM_OUTBOX_ENTRYID, 0 },
    { "Sent Items", "IPF.Note", PR_IPM_SENTMAIL_ENTRYID, 0 },
    { "Deleted Items", "IPF.Note", PR_IPM_WASTEBASKET_ENTRYID, 0 },
    { "Search Root", NULL, PR_FINDER_ENTRYID, 0 }, { "Views", NULL, PR_VIEWS_ENTRYID, 0 },
    { "Common Views", NULL, PR_COMMON_VIEWS_ENTRYID, 0 },
    { "Calendar", "IPF.Appointment", 0, PR_IPM_APPOINTMENT_ENTRYID },
    { "Contacts", "IPF.Contact", 0, PR_IPM_CONTACT_ENTRYID },
    { "Tasks", "IPF.Task", 0, PR_IPM_TASK_ENTRYID },
    { "Notes", "IPF.StickyNote", 0, PR_IPM_NOTE_ENTRYID },
    { "Journal", "IPF.Journal", 0, PR_IPM_JOURNAL_ENTRYID },
    { "Drafts", "IPF.Note", 0, PR_IPM_DRAFTS_ENTRYID },
    { "Junk Email", "IPF.Note", 0, 0 }, /* PR_ADDITIONAL_REN_ENTRYIDS, below */
};

#define FOLDER_COUNT (sizeof(folders) / sizeof(folders[0]))

enum {
    JUNK_PLACE = 4 /* in PR_ADDITIONAL_REN_ENTRYIDS */
};

static IMAPIFolder *root_open(const struct fixture *fx)
{
    ULONG type = 0;
    LPUNKNOWN root = NULL;

    assert_ok(fx->store->lpVtbl->OpenEntry(fx->store, 0, NULL, NULL, MAPI_MODIFY, &type, &root));
    assert_int_equal(type, MAPI_FOLDER);
    return (IMAPIFolder *)(void *)root;
}

static void assert_named(
        const struct fixture *fx, void *by, ULONG tag, const char *name, const char *whose)
{
    SPropValue *id = prop_get(by, tag);
    IMAPIFolder *folder;

    if (id == NULL)
        fail_msg("%s names no folder by 0x%08lx, %s", whose, (unsigned long)tag, name);
    folder = folder_open(fx->store, id);
    prop_assert_text(folder, PR_DISPLAY_NAME_W, name);
    release_last(folder);
    mapi_free(id);
}

/* folder.PR_CONTAINER_CLASS.1 */
static void new_store__each_folder__has_its_container_class(void **state)
{
    static const ULONG tags[] = { PR_DISPLAY_NAME_W, PR_CONTAINER_CLASS_W };
    struct fixture *fx = *state;
    IMAPIFolder *root = root_open(fx);
    IMAPITable *table = NULL;
    size_t seen = 0;
    LPSRowSet rows;

    assert_ok(root->lpVtbl->GetHierarchyTable(root, CONVENIENT_DEPTH | MAPI_UNICODE, &table));
    rows = table_rows(table, tags, 2);
    for (ULONG row = 0; row < rows->cRows; row++) {
        const SPropValue *props = rows->aRow[row].lpProps;
        char *name = host_text_to_utf8((const uint16_t *)props[0].Value.lpszW, SIZE_MAX);
        const struct expected *folder = NULL;
        char *class;

        for (size_t i = 0; i < FOLDER_COUNT; i++)
            folder = strcmp(folders[i].name, name) == 0 ? &folders[i] : folder;
        if (folder == NULL)
            fail_msg("a folder that nobody asked for: %s", name);
        seen++;
        free(name);
        if (folder->container_class == NULL) {
            assert_int_equal(PROP_TYPE(props[1].ulPropTag), PT_ERROR);
            continue;
        }
        assert_int_equal(props[1].ulPropTag, PR_CONTAINER_CLASS_W);
        class = host_text_to_utf8((const uint16_t *)props[1].Value.lpszW, SIZE_MAX);
        assert_string_equal(class, folder->container_class);
        free(class);
    }
    assert_int_equal(seen, FOLDER_COUNT);
    mapi_free_rows(rows);
    release_last(table);
    release_last(root);
}

/* search-folder.Special.2 */
static void new_store__properties_of_the_store__name_the_right_folders(void **state)
{
    struct fixture *fx = *state;

    for (size_t i = 0; i < FOLDER_COUNT; i++) {
        if (folders[i].named_by_store != 0)
            assert_named(fx, fx->store, folders[i].named_by_store, folders[i].name, "the store");
    }
    prop_assert_text(fx->inbox, PR_DISPLAY_NAME_W, "Inbox");
}

/* search-folder.Special.3 */
static void new_store__properties_of_root_and_inbox__name_the_right_folders(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *root = root_open(fx);

    for (size_t i = 0; i < FOLDER_COUNT; i++) {
        if (folders[i].named_by_root == 0)
            continue;
        assert_named(fx, root, folders[i].named_by_root, folders[i].name, "the root");
        assert_named(fx, fx->inbox, folders[i].named_by_root, folders[i].name, "the Inbox");
    }
    release_last(root);
}

/* search-folder.Special.3 */
static void new_store__list_of_more_folders__has_junk_in_the_fifth_place(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *root = root_open(fx);
    IMAPIFolder *owners[] = { root, fx->inbox };

    for (size_t i = 0; i < 2; i++) {
        SPropValue *list = prop_get(owners[i], PR_ADDITIONAL_REN_ENTRYIDS);
        SPropValue id = { .ulPropTag = PR_ENTRYID };
        IMAPIFolder *junk;

        assert_non_null(list);
        assert_int_equal(list->Value.MVbin.cValues, JUNK_PLACE + 1);
        for (ULONG place = 0; place < JUNK_PLACE; place++)
            assert_int_equal(list->Value.MVbin.lpbin[place].cb, 0);
        id.Value.bin = list->Value.MVbin.lpbin[JUNK_PLACE];
        junk = folder_open(fx->store, &id);
        prop_assert_text(junk, PR_DISPLAY_NAME_W, "Junk Email");
        release_last(junk);
        mapi_free(list);
    }
    release_last(root);
}

/* search-folder.Special.3 */
static void new_store__client_names_another_folder__is_kept(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *mine = folder_make(fx->inbox, "drafts of my own");
    IMAPIFolder *root = root_open(fx);
    SPropValue *id = prop_get(mine, PR_ENTRYID);

    prop_set_binary(root, PR_IPM_DRAFTS_ENTRYID, id->Value.bin.lpb, id->Value.bin.cb);
    prop_set_binary(fx->inbox, PR_IPM_DRAFTS_ENTRYID, id->Value.bin.lpb, id->Value.bin.cb);
    release_last(root);
    release_last(mine);
    mapi_free(id);

    fixture_reopen(fx);

    root = root_open(fx);
    assert_named(fx, root, PR_IPM_DRAFTS_ENTRYID, "drafts of my own", "the root");
    assert_named(fx, fx->inbox, PR_IPM_DRAFTS_ENTRYID, "drafts of my own", "the Inbox");
    assert_named(fx, root, PR_IPM_TASK_ENTRYID, "Tasks", "the root");
    release_last(root);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(new_store__each_folder__has_its_container_class),
        TEST(new_store__properties_of_the_store__name_the_right_folders),
        TEST(new_store__properties_of_root_and_inbox__name_the_right_folders),
        TEST(new_store__list_of_more_folders__has_junk_in_the_fifth_place),
        TEST(new_store__client_names_another_folder__is_kept),
    };

    return cmocka_run_group_tests_name("store_template", tests, NULL, NULL);
}
