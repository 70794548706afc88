/* SPDX-License-Identifier: MIT */
/*
 * test_store_props.c - properties of the store object: what is there, what can be written, the
 * folders it names, and that PR_STORE_SUPPORT_MASK promises nothing the store does not do.
 */
#include "raw_logon.h"

static bool same_bytes(const SPropValue *a, const SPropValue *b)
{
    return a->Value.bin.cb == b->Value.bin.cb &&
           memcmp(a->Value.bin.lpb, b->Value.bin.lpb, a->Value.bin.cb) == 0;
}

static LONG support_mask(const struct fixture *fx)
{
    return prop_long(fx->store, PR_STORE_SUPPORT_MASK);
}

/* --- required -----------------------------------------------------------------------------------
 */

/* StoreProp.Required.1 StoreProp.Required.2 StoreProp.Required.3 StoreProp.Required.12
 * StoreProp.Required.13 */
static void get__required_properties__are_all_there(void **state)
{
    static const SizedSPropTagArray(10, tags) = { 10,
        { PR_DISPLAY_NAME_W, PR_ENTRYID, PR_OBJECT_TYPE, PR_RECORD_KEY, PR_STORE_ENTRYID,
                PR_STORE_RECORD_KEY, PR_MDB_PROVIDER, PR_STORE_SUPPORT_MASK, PR_ACCESS_LEVEL,
                PR_MAPPING_SIGNATURE } };
    struct fixture *fx = *state;

    union {
        const void *given;
        LPSPropTagArray taken;
    } array = { .given = &tags };

    SPropValue *values = NULL;
    ULONG count = 0;

    assert_ok(fx->store->lpVtbl->GetProps(fx->store, array.taken, MAPI_UNICODE, &count, &values));

    assert_int_equal(count, 10);
    for (ULONG i = 0; i < count; i++)
        assert_int_equal(values[i].ulPropTag, tags.aulPropTag[i]);
    assert_int_equal(values[2].Value.l, MAPI_STORE);
    assert_int_equal(values[8].Value.l, MAPI_MODIFY);
    mapi_free(values);
}

/* StoreProp.Required.7 StoreProp.Required.8 StoreProp.Required.9 StoreProp.Required.10 */
static void get__keys__agree_with_each_other_and_the_store_table(void **state)
{
    static const MAPIUID provider = MAILKEEP_PROVIDER_UID;
    static const ULONG tags[] = { PR_MDB_PROVIDER, PR_RECORD_KEY, PR_STORE_RECORD_KEY, PR_ENTRYID };
    struct fixture *fx = *state;
    SPropValue *key = prop_get(fx->store, PR_RECORD_KEY);
    SPropValue *store_key = prop_get(fx->store, PR_STORE_RECORD_KEY);
    SPropValue *mdb = prop_get(fx->store, PR_MDB_PROVIDER);

    assert_true(same_bytes(key, store_key));
    assert_int_equal(mdb->Value.bin.cb, 16);
    assert_memory_equal(mdb->Value.bin.lpb, &provider, 16);
    assert_int_equal(key->Value.bin.cb, 32);
    assert_memory_equal(key->Value.bin.lpb, &provider, 16);
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        const SPropValue *row = host_bag_get(&raw_section(fx)->props, tags[i]);
        SPropValue *own = prop_get(fx->store, tags[i]);

        assert_non_null(row);
        assert_true(same_bytes(row, own));
        mapi_free(own);
    }
    mapi_free(key);
    mapi_free(store_key);
    mapi_free(mdb);
}

/* StoreProp.Required.11 */
static void get__display_name__is_the_files_or_the_given_one(void **state)
{
    struct fixture *fx = *state;
    const char *base = strrchr(fx->path, '/') ? strrchr(fx->path, '/') : strrchr(fx->path, '\\');
    char expected[1024];

    snprintf(expected, sizeof(expected), "%s", base ? base + 1 : fx->path);
    *strrchr(expected, '.') = 0;

    prop_assert_text(fx->store, PR_DISPLAY_NAME_W, expected);
}

/* StoreProp.Required.4 */
static void set__display_name__is_kept(void **state)
{
    struct fixture *fx = *state;

    prop_set_text(fx->store, PR_DISPLAY_NAME_W, "Tante Käthe's Post \xE2\x82\xAC");
    prop_assert_text(fx->store, PR_DISPLAY_NAME_W, "Tante Käthe's Post \xE2\x82\xAC");

    fixture_reopen(fx);

    prop_assert_text(fx->store, PR_DISPLAY_NAME_W, "Tante Käthe's Post \xE2\x82\xAC");
}

/* StoreProp.Required.5 StoreProp.Required.6 StoreProp.State.1 */
static void set__computed_properties__are_problems_and_unchanged(void **state)
{
    static const ULONG tags[] = { PR_STORE_SUPPORT_MASK, PR_ENTRYID, PR_RECORD_KEY, PR_OBJECT_TYPE,
        PR_MDB_PROVIDER, PR_STORE_ENTRYID, PR_STORE_RECORD_KEY, PR_STORE_STATE,
        PR_STORE_UNICODE_MASK, PR_ACCESS_LEVEL };
    struct fixture *fx = *state;

    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        unsigned char bytes[4] = { 1, 2, 3, 4 };
        SPropValue *before = prop_get(fx->store, tags[i]);
        LPSPropProblemArray problems = POISON;
        SPropValue value = { .ulPropTag = tags[i] };
        SPropValue *after;

        if (PROP_TYPE(tags[i]) == PT_LONG) {
            value.Value.l = 0x77;
        } else {
            value.Value.bin.cb = sizeof(bytes);
            value.Value.bin.lpb = bytes;
        }
        assert_ok(fx->store->lpVtbl->SetProps(fx->store, 1, &value, &problems));
        assert_non_null(problems);
        assert_int_equal(problems->cProblem, 1);
        assert_int_equal(problems->aProblem[0].ulIndex, 0);
        assert_int_equal(problems->aProblem[0].ulPropTag, tags[i]);
        assert_hr(problems->aProblem[0].scode, MAPI_E_COMPUTED);
        after = prop_get(fx->store, tags[i]);
        assert_true(host_prop_same(before, after));
        mapi_free(problems);
        mapi_free(before);
        mapi_free(after);
    }
}

/* --- folders ------------------------------------------------------------------------------------
 */

static const struct {
    ULONG tag;
    LONG bit;
    bool in_subtree;
} special[] = {
    { PR_IPM_SUBTREE_ENTRYID, FOLDER_IPM_SUBTREE_VALID, false },
    { PR_IPM_WASTEBASKET_ENTRYID, FOLDER_IPM_WASTEBASKET_VALID, true },
    { PR_FINDER_ENTRYID, FOLDER_FINDER_VALID, false },
    { PR_IPM_OUTBOX_ENTRYID, FOLDER_IPM_OUTBOX_VALID, true },
    { PR_IPM_SENTMAIL_ENTRYID, FOLDER_IPM_SENTMAIL_VALID, true },
    { PR_VIEWS_ENTRYID, FOLDER_VIEWS_VALID, false },
    { PR_COMMON_VIEWS_ENTRYID, FOLDER_COMMON_VIEWS_VALID, false },
};

#define SPECIAL_COUNT (sizeof(special) / sizeof(special[0]))

/* StoreProp.Folders.1 StoreProp.Folders.2 StoreProp.Folders.6 StoreProp.Folders.7 */
static void folders__named_by_the_store__are_where_they_belong(void **state)
{
    struct fixture *fx = *state;
    SPropValue *subtree = prop_get(fx->store, PR_IPM_SUBTREE_ENTRYID);
    SPropValue *inbox_parent = prop_get(fx->inbox, PR_PARENT_ENTRYID);
    LPUNKNOWN root = NULL;
    SPropValue *root_id;
    ULONG type = 0;

    assert_ok(fx->store->lpVtbl->OpenEntry(fx->store, 0, NULL, NULL, 0, &type, &root));
    root_id = prop_get(root, PR_ENTRYID);
    for (size_t i = 0; i < SPECIAL_COUNT; i++) {
        IMAPIFolder *folder = folder_by_prop(fx->store, fx->store, special[i].tag);
        SPropValue *parent = prop_get(folder, PR_PARENT_ENTRYID);

        assert_int_equal(prop_long(folder, PR_OBJECT_TYPE), MAPI_FOLDER);
        assert_true(same_bytes(parent, special[i].in_subtree ? subtree : root_id));
        mapi_free(parent);
        release_last(folder);
    }
    assert_true(same_bytes(inbox_parent, subtree));
    release_last(root);
    mapi_free(root_id);
    mapi_free(subtree);
    mapi_free(inbox_parent);
}

/* StoreProp.Folders.3 StoreProp.Folders.5 */
static void folders__client_sets_another__is_kept(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *mine = folder_make(fx->inbox, "my own outbox");
    SPropValue *id = prop_get(mine, PR_ENTRYID);
    SizedSPropTagArray(1, tags) = { 1, { PR_IPM_SENTMAIL_ENTRYID } };
    SPropValue *values = NULL;
    SPropValue *now;
    ULONG count = 0;
    LONG mask = prop_long(fx->store, PR_VALID_FOLDER_MASK);

    prop_set_binary(fx->store, PR_IPM_OUTBOX_ENTRYID, id->Value.bin.lpb, id->Value.bin.cb);
    prop_set_long(fx->store, PR_VALID_FOLDER_MASK, mask & ~FOLDER_IPM_SENTMAIL_VALID);
    assert_ok(fx->store->lpVtbl->DeleteProps(fx->store, (LPSPropTagArray)&tags, NULL));
    release_last(mine);
    fixture_reopen(fx);

    now = prop_get(fx->store, PR_IPM_OUTBOX_ENTRYID);
    assert_true(same_bytes(now, id));
    assert_int_equal(prop_long(fx->store, PR_VALID_FOLDER_MASK), mask & ~FOLDER_IPM_SENTMAIL_VALID);
    assert_hr(fx->store->lpVtbl->GetProps(fx->store, (LPSPropTagArray)&tags, 0, &count, &values),
            MAPI_W_ERRORS_RETURNED);
    assert_int_equal(values[0].ulPropTag, CHANGE_PROP_TYPE(PR_IPM_SENTMAIL_ENTRYID, PT_ERROR));
    assert_hr(values[0].Value.err, MAPI_E_NOT_FOUND);
    mapi_free(values);
    mapi_free(now);
    mapi_free(id);
}

/* StoreProp.Folders.8 */
static void folders__inbox__no_property_names_it(void **state)
{
    struct fixture *fx = *state;
    SPropValue *inbox = prop_get(fx->inbox, PR_ENTRYID);
    LPSPropTagArray tags = NULL;
    SPropValue *values = NULL;
    ULONG count = 0;

    assert_ok(fx->store->lpVtbl->GetPropList(fx->store, MAPI_UNICODE, &tags));
    assert_true(
            SUCCEEDED(fx->store->lpVtbl->GetProps(fx->store, tags, MAPI_UNICODE, &count, &values)));
    for (ULONG i = 0; i < count; i++) {
        if (PROP_TYPE(values[i].ulPropTag) == PT_BINARY)
            assert_false(same_bytes(&values[i], inbox));
    }
    mapi_free(values);
    mapi_free(tags);
    mapi_free(inbox);
}

/* StoreProp.ValidMask.1 StoreProp.ValidMask.2 */
static void valid_mask__new_store__has_a_bit_for_each_folder(void **state)
{
    struct fixture *fx = *state;
    LONG mask = prop_long(fx->store, PR_VALID_FOLDER_MASK);
    LONG expected = 2; /* the Inbox */

    for (size_t i = 0; i < SPECIAL_COUNT; i++) {
        SPropValue *id = prop_get(fx->store, special[i].tag);

        assert_non_null(id);
        expected |= special[i].bit;
        mapi_free(id);
    }
    assert_int_equal(mask, expected);
    assert_int_equal(mask, 0xFF);
}

/* StoreProp.ValidMask.3 StoreProp.ValidMask.1 */
static void valid_mask__folder_gone__its_bit_is_cleared(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *mine = folder_make(fx->inbox, "views of my own");
    SPropValue *id = prop_get(mine, PR_ENTRYID);

    release_last(mine);
    prop_set_binary(fx->store, PR_VIEWS_ENTRYID, id->Value.bin.lpb, id->Value.bin.cb);
    assert_int_equal(prop_long(fx->store, PR_VALID_FOLDER_MASK), 0xFF);
    prop_set_binary(
            fx->store, PR_VIEWS_ENTRYID, "nothing", 7); /* and one that names no folder at all */
    assert_int_equal(prop_long(fx->store, PR_VALID_FOLDER_MASK), 0xFF & ~FOLDER_VIEWS_VALID);

    fixture_reopen(fx);

    assert_int_equal(prop_long(fx->store, PR_VALID_FOLDER_MASK), 0xFF & ~FOLDER_VIEWS_VALID);
    mapi_free(id);
}

/* --- receive folder settings --------------------------------------------------------------------
 */

/* StoreProp.ReceiveSettings.1 */
static void receive_settings__opened__same_rows_as_the_method(void **state)
{
    static const ULONG tags[] = { PR_MESSAGE_CLASS_W, PR_ENTRYID };
    struct fixture *fx = *state;
    LPUNKNOWN object = POISON;
    IMAPITable *table = NULL;
    LPSRowSet one;
    LPSRowSet two;

    assert_ok(fx->store->lpVtbl->OpenProperty(
            fx->store, PR_RECEIVE_FOLDER_SETTINGS, &IID_IMAPITable, MAPI_UNICODE, 0, &object));
    assert_ok(fx->store->lpVtbl->GetReceiveFolderTable(fx->store, MAPI_UNICODE, &table));
    one = table_rows((IMAPITable *)(void *)object, tags, 2);
    two = table_rows(table, tags, 2);

    assert_true(one->cRows > 0);
    assert_int_equal(one->cRows, two->cRows);
    for (ULONG row = 0; row < one->cRows; row++) {
        assert_true(host_prop_same(&one->aRow[row].lpProps[0], &two->aRow[row].lpProps[0]));
        assert_true(host_prop_same(&one->aRow[row].lpProps[1], &two->aRow[row].lpProps[1]));
    }
    mapi_free_rows(one);
    mapi_free_rows(two);
    release_last(object);
    release_last(table);
}

/* StoreProp.ReceiveSettings.2 StoreProp.ReceiveSettings.3 */
static void receive_settings__listed__but_never_a_value(void **state)
{
    struct fixture *fx = *state;
    SizedSPropTagArray(1, wanted) = { 1, { PR_RECEIVE_FOLDER_SETTINGS } };
    LPSPropTagArray tags = NULL;
    SPropValue *values = NULL;
    ULONG count = 0;
    bool listed = false;

    assert_hr(fx->store->lpVtbl->GetProps(fx->store, (LPSPropTagArray)&wanted, 0, &count, &values),
            MAPI_W_ERRORS_RETURNED);
    assert_int_equal(PROP_TYPE(values[0].ulPropTag), PT_ERROR);
    assert_ok(fx->store->lpVtbl->GetPropList(fx->store, 0, &tags));
    for (ULONG i = 0; i < tags->cValues; i++)
        listed = listed || tags->aulPropTag[i] == PR_RECEIVE_FOLDER_SETTINGS;

    assert_true(listed);
    mapi_free(tags);
    mapi_free(values);
}

/* --- the support mask keeps its word ------------------------------------------------------------
 */

/* StoreProp.SupportMask.1 StoreProp.SupportMask.23 StoreProp.SupportMask.24
   StoreProp.SupportMask.25 StoreProp.SupportMask.3 */
static void support_mask__writable_store__constant_and_private(void **state)
{
    struct fixture *fx = *state;
    LONG mask = support_mask(fx);

    assert_int_equal(mask & STORE_READONLY, 0);
    assert_int_equal(
            mask & (STORE_PUBLIC_FOLDERS | STORE_LOCALSTORE | STORE_ITEMPROC | 0x10000000), 0);
    mapi_free(message_make(fx->inbox, "a change"));
    assert_int_equal(support_mask(fx), mask);
    fixture_reopen(fx);
    assert_int_equal(support_mask(fx), mask);
}

/* StoreProp.SupportMask.4 StoreProp.SupportMask.5 StoreProp.SupportMask.7 */
static void support_mask__create_modify_attach__work_as_said(void **state)
{
    struct fixture *fx = *state;
    LONG mask = support_mask(fx);
    SPropValue *id = message_make(fx->inbox, "created");
    IMessage *message = message_open(fx->store, id);
    IAttach *attach = NULL;
    ULONG number = 0;

    assert_int_equal(mask & (STORE_CREATE_OK | STORE_MODIFY_OK | STORE_ATTACH_OK),
            STORE_CREATE_OK | STORE_MODIFY_OK | STORE_ATTACH_OK);
    prop_set_text(message, PR_SUBJECT_W, "modified");
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
    mapi_free(id);
}

/* StoreProp.SupportMask.6 */
static void support_mask__search_folders__as_said(void **state)
{
    struct fixture *fx = *state;
    WCHAR name[] = { 's', 0 };
    IMAPIFolder *finder = folder_by_prop(fx->store, fx->store, PR_FINDER_ENTRYID);
    IMAPIFolder *folder = POISON;
    HRESULT hr = finder->lpVtbl->CreateFolder(
            finder, FOLDER_SEARCH, (LPTSTR)(void *)name, NULL, NULL, MAPI_UNICODE, &folder);

    if (SUCCEEDED(hr)) {
        SRestriction exists = { .rt = RES_EXIST };
        SBinary binary = { 0 };
        ENTRYLIST list = { 1, &binary };
        SPropValue *inbox = prop_get(fx->inbox, PR_ENTRYID);

        exists.res.resExist.ulPropTag = PR_SUBJECT_W;
        binary = inbox->Value.bin;
        hr = folder->lpVtbl->SetSearchCriteria(folder, &exists, &list, 0);
        mapi_free(inbox);
        release_last(folder);
    } else {
        assert_null(folder);
    }
    assert_int_equal(SUCCEEDED(hr), (support_mask(fx) & STORE_SEARCH_OK) != 0);
    release_last(finder);
}

/* StoreProp.SupportMask.8 */
static void support_mask__ole_attachments__as_said(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "one");
    IMessage *message = message_open(fx->store, id);
    IAttach *attach = NULL;
    LPUNKNOWN storage = POISON;
    ULONG number = 0;
    HRESULT hr;

    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    prop_set_long(attach, PR_ATTACH_METHOD, ATTACH_OLE);
    hr = attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IStorage, 0, MAPI_CREATE | MAPI_MODIFY, &storage);
    if ((support_mask(fx) & STORE_OLE_OK) != 0)
        assert_ok(hr);
    if (SUCCEEDED(hr))
        release_last(storage);
    else
        assert_null(storage);
    release_last(attach);
    release_last(message);
    mapi_free(id);
}

/* StoreProp.SupportMask.11 */
static void support_mask__multiple_values__keep_their_order(void **state)
{
    struct fixture *fx = *state;
    LONG numbers[] = { 30, 10, 20, 10 };
    ULONG tag = PROP_TAG(PT_MV_LONG, 0x6750);
    SPropValue value = { .ulPropTag = tag };
    IMessage *message = NULL;
    SPropValue *id;
    SPropValue *back;

    assert_int_equal(support_mask(fx) & STORE_MV_PROPS_OK, STORE_MV_PROPS_OK);
    value.Value.MVl.cValues = 4;
    value.Value.MVl.lpl = numbers;
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    assert_ok(message->lpVtbl->SetProps(message, 1, &value, NULL));
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    fixture_reopen(fx);

    message = message_open(fx->store, id);
    back = prop_get(message, tag);

    assert_non_null(back);
    assert_int_equal(back->Value.MVl.cValues, 4);
    assert_memory_equal(back->Value.MVl.lpl, numbers, sizeof(numbers));
    mapi_free(back);
    mapi_free(id);
    release_last(message);
}

static IMAPITable *contents(const struct fixture *fx)
{
    IMAPITable *table = NULL;

    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, MAPI_UNICODE, &table));
    return table;
}

/* StoreProp.SupportMask.12 */
static void support_mask__multiple_values__are_rows_of_their_own(void **state)
{
    struct fixture *fx = *state;
    LONG numbers[] = { 30, 10, 20 };
    ULONG tag = PROP_TAG(PT_MV_LONG, 0x6750);
    SizedSPropTagArray(1, columns) = { 1, { CHANGE_PROP_TYPE(tag, PT_MV_LONG | MV_INSTANCE) } };
    SizedSSortOrderSet(1, order) = { 1, 0, 0,
        { { CHANGE_PROP_TYPE(tag, PT_MV_LONG | MV_INSTANCE), TABLE_SORT_ASCEND } } };
    SPropValue value = { .ulPropTag = tag };
    IMAPITable *table = contents(fx);
    IMessage *message = NULL;
    LPSRowSet rows = NULL;

    value.Value.MVl.cValues = 3;
    value.Value.MVl.lpl = numbers;
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    assert_ok(message->lpVtbl->SetProps(message, 1, &value, NULL));
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY));
    release_last(message);

    assert_ok(table->lpVtbl->SetColumns(table, (LPSPropTagArray)&columns, 0));
    assert_ok(table->lpVtbl->SortTable(table, (LPSSortOrderSet)&order, 0));
    assert_ok(table->lpVtbl->QueryRows(table, 10, 0, &rows));

    assert_int_equal(rows->cRows, 3);
    for (ULONG i = 0; i < 3; i++)
        assert_int_equal(rows->aRow[i].lpProps[0].Value.l, 10 + 10 * (LONG)i);
    mapi_free_rows(rows);
    release_last(table);
}

/* StoreProp.SupportMask.13 StoreProp.SupportMask.14 StoreProp.SupportMask.15 */
static void support_mask__tables__sort_restrict_and_categorize(void **state)
{
    struct fixture *fx = *state;
    SizedSSortOrderSet(1, plain) = { 1, 0, 0, { { PR_SUBJECT_W, TABLE_SORT_ASCEND } } };
    SizedSSortOrderSet(1, grouped) = { 1, 1, 1, { { PR_SUBJECT_W, TABLE_SORT_ASCEND } } };
    SRestriction exists = { .rt = RES_EXIST };
    IMAPITable *table = contents(fx);
    ULONG rows = 0;
    LONG mask = support_mask(fx);

    assert_int_equal(
            mask & (STORE_SORT_OK | STORE_RESTRICTION_OK), STORE_SORT_OK | STORE_RESTRICTION_OK);
    exists.res.resExist.ulPropTag = PR_SUBJECT_W;
    mapi_free(message_make(fx->inbox, "b"));
    mapi_free(message_make(fx->inbox, "a"));
    assert_ok(table->lpVtbl->SortTable(table, (LPSSortOrderSet)&plain, 0));
    assert_ok(table->lpVtbl->Restrict(table, &exists, 0));
    assert_ok(table->lpVtbl->FindRow(table, &exists, BOOKMARK_BEGINNING, 0));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &rows));
    assert_int_equal(rows, 2);
    if ((mask & STORE_CATEGORIZE_OK) != 0)
        assert_ok(table->lpVtbl->SortTable(table, (LPSSortOrderSet)&grouped, 0));
    release_last(table);
}

/* StoreProp.SupportMask.20 StoreProp.SupportMask.21
 * StoreProp.SupportMask.22 */
static void support_mask__texts_and_bodies__come_back_as_written(void **state)
{
    static const unsigned char rtf[] = "\x10\x00\x00\x00\x04\x00\x00\x00MELA\x00\x00\x00\x00{\\r}";
    static const char html[] = "<p>\xC3\xA4</p>";
    struct fixture *fx = *state;
    IMessage *message = NULL;
    SPropValue *id;
    SPropValue *back;

    assert_int_equal(support_mask(fx) & STORE_UNICODE_OK, STORE_UNICODE_OK);
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    prop_set_text(message, PR_SUBJECT_W, "\xD0\x96 \xE6\xBC\xA2 \xF0\x9F\x93\xAC");
    prop_set_binary(message, PR_RTF_COMPRESSED, rtf, sizeof(rtf) - 1);
    prop_set_binary(message, CHANGE_PROP_TYPE(PR_BODY_HTML, PT_BINARY), html, sizeof(html) - 1);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    fixture_reopen(fx);

    message = message_open(fx->store, id);

    prop_assert_text(message, PR_SUBJECT_W, "\xD0\x96 \xE6\xBC\xA2 \xF0\x9F\x93\xAC");
    back = prop_get(message, PR_RTF_COMPRESSED);
    assert_non_null(back);
    assert_int_equal(back->Value.bin.cb, sizeof(rtf) - 1);
    assert_memory_equal(back->Value.bin.lpb, rtf, sizeof(rtf) - 1);
    mapi_free(back);
    back = prop_get(message, CHANGE_PROP_TYPE(PR_BODY_HTML, PT_BINARY));
    assert_int_equal(support_mask(fx) & STORE_HTML_OK, STORE_HTML_OK);
    assert_non_null(back);
    mapi_free(back);
    mapi_free(id);
    release_last(message);
}

/* What the mask leaves out has to be left out. StoreProp.SupportMask.19 */
static void support_mask__uncompressed_rtf__is_not_asked_for(void **state)
{
    struct fixture *fx = *state;

    assert_int_equal(support_mask(fx) & STORE_UNCOMPRESSED_RTF, 0);
}

/* --- OpenProperty -------------------------------------------------------------------------------
 */

static void open_property__something_the_store_has_not__is_refused(void **state)
{
    struct fixture *fx = *state;
    LPUNKNOWN object = POISON;

    assert_hr(fx->store->lpVtbl->OpenProperty(
                      fx->store, PROP_TAG(PT_OBJECT, 0x3610), &IID_IMAPITable, 0, 0, &object),
            MAPI_E_NOT_FOUND);
    assert_null(object);
    object = POISON;
    assert_hr(fx->store->lpVtbl->OpenProperty(
                      fx->store, PR_RECEIVE_FOLDER_SETTINGS, &IID_IMessage, 0, 0, &object),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_null(object);
}

#define STORE(test) cmocka_unit_test_setup_teardown(test, fixture_store_setup, fixture_teardown)
#define INBOX(test) cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE(get__required_properties__are_all_there),
        STORE(get__keys__agree_with_each_other_and_the_store_table),
        STORE(get__display_name__is_the_files_or_the_given_one),
        STORE(set__display_name__is_kept),
        STORE(set__computed_properties__are_problems_and_unchanged),
        INBOX(folders__named_by_the_store__are_where_they_belong),
        INBOX(folders__client_sets_another__is_kept),
        INBOX(folders__inbox__no_property_names_it),
        STORE(valid_mask__new_store__has_a_bit_for_each_folder),
        INBOX(valid_mask__folder_gone__its_bit_is_cleared),
        STORE(receive_settings__opened__same_rows_as_the_method),
        STORE(receive_settings__listed__but_never_a_value),
        INBOX(support_mask__writable_store__constant_and_private),
        INBOX(support_mask__create_modify_attach__work_as_said),
        INBOX(support_mask__search_folders__as_said),
        INBOX(support_mask__ole_attachments__as_said),
        INBOX(support_mask__multiple_values__keep_their_order),
        INBOX(support_mask__multiple_values__are_rows_of_their_own),
        INBOX(support_mask__tables__sort_restrict_and_categorize),
        INBOX(support_mask__texts_and_bodies__come_back_as_written),
        STORE(support_mask__uncompressed_rtf__is_not_asked_for),
        STORE(open_property__something_the_store_has_not__is_refused),
    };

    return cmocka_run_group_tests_name("store_props", tests, NULL, NULL);
}
