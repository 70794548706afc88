/* SPDX-License-Identifier: MIT */
/*
 * test_table_live_kinds.c - what tables of every other kind than contents tell of their changes.
 */
#include "live_world.h"

static IMAPITable *watch_table(struct model *model, IMAPITable *table, ULONG name_tag)
{
    ULONG tags[2] = { PR_INSTANCE_KEY, name_tag };

    set_columns(table, tags, 2);
    model_begin(model, table, 2);
    return table;
}

static void watch_done(struct model *model)
{
    IMAPITable *table = model->table;

    model_check(model);
    model_end(model);
    release_last(table);
}

/* Notify.Tables.1 */
static void hierarchy__flat_and_deep__follow_the_folders(void **state)
{
    struct live *live = *state;
    IMAPIFolder *inbox = live->fx->inbox;
    struct model flat, deep;
    IMAPITable *table = NULL;
    IMAPIFolder *one, *two, *below;
    SPropValue *id;

    assert_ok(inbox->lpVtbl->GetHierarchyTable(inbox, MAPI_UNICODE, &table));
    watch_table(&flat, table, PR_DISPLAY_NAME_W);
    assert_ok(inbox->lpVtbl->GetHierarchyTable(inbox, MAPI_UNICODE | CONVENIENT_DEPTH, &table));
    watch_table(&deep, table, PR_DISPLAY_NAME_W);

    one = folder_make(inbox, "one");
    two = folder_make(inbox, "two");
    assert_int_equal(flat.added, 2);
    assert_int_equal(deep.added, 2);
    below = folder_make(one, "below");
    assert_int_equal(flat.added, 2);
    assert_int_equal(deep.added, 3);
    model_check(&flat);
    model_check(&deep);
    prop_set_text(two, PR_DISPLAY_NAME_W, "a first one");
    assert_string_equal(flat.rows[0].text, "a first one|");
    model_check(&deep);

    id = prop_get(one, PR_ENTRYID);
    release_last(below);
    release_last(one);
    assert_ok(inbox->lpVtbl->DeleteFolder(
            inbox, id->Value.bin.cb, raw_id(id->Value.bin.lpb), 0, NULL, DEL_FOLDERS));
    mapi_free(id);
    assert_int_equal(flat.deleted, 1);
    assert_int_equal(deep.deleted, 2);
    release_last(two);
    watch_done(&flat);
    watch_done(&deep);
}

static void associated__follow_their_messages_only(void **state)
{
    struct live *live = *state;
    IMAPIFolder *inbox = live->fx->inbox;
    struct model model;
    IMAPITable *table = NULL;
    IMessage *message = NULL;

    assert_ok(inbox->lpVtbl->GetContentsTable(inbox, MAPI_UNICODE | MAPI_ASSOCIATED, &table));
    watch_table(&model, table, PR_SUBJECT_W);
    assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, MAPI_ASSOCIATED, &message));
    prop_set_text(message, PR_SUBJECT_W, "hidden");
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
    add_mail(inbox, "b", NULL, true);
    assert_int_equal(model.added, 1);
    assert_int_equal(model_events(&model), 1);
    assert_counts(live, 1, 0, 0);
    watch_done(&model);
}

static void modify_recipients(IMessage *message, ULONG flags, LONG row_id, const char16_t *name)
{
    SPropValue values[3] = { long_value(PR_ROWID, row_id), long_value(PR_RECIPIENT_TYPE, MAPI_TO),
        text_value(PR_DISPLAY_NAME_W, name) };
    SizedADRLIST(1, list) = { 1, { { 0, 3, values } } };

    if (flags == MODRECIP_ADD) { /* the row id is the store's to give */
        list.aEntries[0].cValues = 2;
        list.aEntries[0].rgPropVals = values + 1;
    }
    assert_ok(message->lpVtbl->ModifyRecipients(message, flags, (LPADRLIST)(void *)&list));
}

static void recipients_and_attachments__follow_the_open_message(void **state)
{
    struct live *live = *state;
    IMessage *message = open_by_subject(live, "a");
    struct model recipients, attachments;
    IMAPITable *table = NULL;
    IAttach *attach = NULL;
    ULONG number = 0;

    assert_ok(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table));
    watch_table(&recipients, table, PR_DISPLAY_NAME_W);
    table = NULL;
    assert_ok(message->lpVtbl->GetAttachmentTable(message, MAPI_UNICODE, &table));
    watch_table(&attachments, table, PR_DISPLAY_NAME_W);

    modify_recipients(message, MODRECIP_ADD, 0, u"anna");
    modify_recipients(message, MODRECIP_ADD, 0, u"bob");
    assert_int_equal(recipients.added, 2);
    model_check(&recipients);
    modify_recipients(message, MODRECIP_MODIFY, 1, u"berta");
    assert_int_equal(recipients.modified, 1);
    modify_recipients(message, MODRECIP_REMOVE, 0, u"");
    assert_int_equal(recipients.deleted, 1);
    assert_int_equal(model_events(&attachments), 0);

    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    prop_set_text(attach, PR_DISPLAY_NAME_W, "file");
    assert_int_equal(attachments.added, 0);
    assert_ok(attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE));
    assert_int_equal(attachments.added, 1);
    prop_set_text(attach, PR_DISPLAY_NAME_W, "other");
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
    assert_int_equal(attachments.modified, 1);
    model_check(&attachments);
    assert_ok(message->lpVtbl->DeleteAttach(message, number, 0, NULL, 0));
    assert_int_equal(attachments.deleted, 1);
    watch_done(&recipients);
    watch_done(&attachments);
    release_last(message);
}

/* Notify.Tables.1 */
static void receive_folders__follow_the_mappings(void **state)
{
    struct live *live = *state;
    IMsgStore *store = live->fx->store;
    SPropValue *inbox = prop_get(live->fx->inbox, PR_ENTRYID);
    SPropValue class = text_value(PR_NULL, u"IPM.Note.Live");
    struct model model;
    IMAPITable *table = NULL;

    assert_ok(store->lpVtbl->GetReceiveFolderTable(store, MAPI_UNICODE, &table));
    watch_table(&model, table, PR_MESSAGE_CLASS_W);
    assert_ok(store->lpVtbl->SetReceiveFolder(store, (LPTSTR)(void *)class.Value.lpszW,
            MAPI_UNICODE, inbox->Value.bin.cb, raw_id(inbox->Value.bin.lpb)));
    assert_int_equal(model.added, 1);
    model_check(&model);
    assert_ok(store->lpVtbl->SetReceiveFolder(
            store, (LPTSTR)(void *)class.Value.lpszW, MAPI_UNICODE, 0, NULL));
    assert_int_equal(model.deleted, 1);
    watch_done(&model);
    mapi_free(inbox);
}

static IMAPIFolder *make_search(struct live *live, const char16_t *from)
{
    SPropValue value = text_value(PR_SUBJECT_W, from);
    SRestriction restriction = compare_with(RELOP_GE, &value);
    IMAPIFolder *parent = folder_by_prop(live->fx->store, live->fx->store, PR_FINDER_ENTRYID);
    SPropValue *inbox = prop_get(live->fx->inbox, PR_ENTRYID);
    ENTRYLIST where = { 1, &inbox->Value.bin };
    IMAPIFolder *search = NULL;
    char16_t name[] = u"found";

    assert_ok(parent->lpVtbl->CreateFolder(
            parent, FOLDER_SEARCH, (LPTSTR)(void *)name, NULL, NULL, MAPI_UNICODE, &search));
    assert_ok(search->lpVtbl->SetSearchCriteria(search, &restriction, &where, 0));
    mapi_free(inbox);
    release_last(parent);
    return search;
}

static void search_results__follow_what_is_found(void **state)
{
    struct live *live = *state;
    IMAPIFolder *search = make_search(live, u"b");
    struct model model;
    IMAPITable *table = NULL;
    SPropValue value = text_value(PR_SUBJECT_W, u"a");
    SRestriction restriction = compare_with(RELOP_GE, &value);

    assert_ok(search->lpVtbl->GetContentsTable(search, MAPI_UNICODE, &table));
    watch_table(&model, table, PR_SUBJECT_W);
    assert_int_equal(model.count, 1);
    add_mail(live->fx->inbox, "b", NULL, true);
    assert_int_equal(model.added, 1);
    add_mail(live->fx->inbox, "aa", NULL, true);
    assert_int_equal(model.added, 1);
    rename_mail(live, "b", "bb");
    assert_int_equal(model.modified, 1);
    model_forget_counts(&live->model);
    rename_mail(live, "bb", "ab");
    assert_int_equal(model.deleted, 1);
    model_check(&model);
    assert_ok(search->lpVtbl->SetSearchCriteria(search, &restriction, NULL, RESTART_SEARCH));
    assert_int_equal(model.added, 4); /* a, aa, ab */
    watch_done(&model);
    release_last(search);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, live_setup, live_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hierarchy__flat_and_deep__follow_the_folders),
        TEST(associated__follow_their_messages_only),
        TEST(recipients_and_attachments__follow_the_open_message),
        TEST(receive_folders__follow_the_mappings),
        TEST(search_results__follow_what_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
