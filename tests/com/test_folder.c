/* SPDX-License-Identifier: MIT */
/*
 * test_folder.c - folders: their properties, subfolders, opening by entry id.
 */
#include "folder_world.h"

static void release_any(void **object)
{
    IUnknown *unknown = *object;

    release_last(unknown);
    *object = NULL;
}

/* Logs on again without MDB_WRITE. */
static void reopen_read_only(struct fixture *fx)
{
    struct host_logon params = { .flags = MDB_NO_DIALOG };

    release_last(fx->inbox);
    release_last(fx->store);
    fx->support = NULL;
    assert_ok(host_session_logon(&fx->session, &params, &fx->store, &fx->support));
}

static HRESULT set_one(void *object, SPropValue *value, SCODE *out_problem)
{
    IMAPIProp *prop = object;
    LPSPropProblemArray problems = POISON;
    HRESULT hr = prop->lpVtbl->SetProps(prop, 1, value, &problems);

    *out_problem = S_OK;
    if (SUCCEEDED(hr) && problems != NULL) {
        assert_int_equal(problems->cProblem, 1);
        assert_int_equal(problems->aProblem[0].ulIndex, 0);
        assert_int_equal(problems->aProblem[0].ulPropTag, value->ulPropTag);
        *out_problem = problems->aProblem[0].scode;
        mapi_free(problems);
    }
    if (FAILED(hr))
        assert_null(problems);
    return hr;
}

/* --- CreateFolder -------------------------------------------------------------------------------
 */

/* IMAPIFolder.CreateFolder.1 IMAPIFolder.CreateFolder.13 IMAPIFolder.CreateFolder.14 */
static void create_folder__generic__in_the_table_at_once_and_opens_by_id(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *folder = create_ok(fx->inbox, FOLDER_GENERIC, u"Projects");
    struct key key = key_of(folder, PR_ENTRYID);
    void *again;
    ULONG type;

    prop_assert_text(folder, PR_DISPLAY_NAME_W, "Projects");
    assert_int_equal(prop_long(folder, PR_FOLDER_TYPE), FOLDER_GENERIC);
    assert_int_equal(hierarchy_count(fx->inbox, 0), 1);
    assert_ok(open_by_key(fx->inbox, &key, NULL, 0, &type, &again));
    assert_int_equal(type, MAPI_FOLDER);

    release_any(&again);
    release_last(folder);
}

/* IMAPIFolder.CreateFolder.2 IMAPIFolder.CreateFolder.12 IMAPIFolder.CreateMessage.8
 * folder.PR_ACCESS.3 */
static void create_folder__search__has_its_type_and_holds_nothing_of_its_own(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *search = create_ok(fx->inbox, FOLDER_SEARCH, u"Unread");
    IMAPIFolder *child;
    IMessage *message = POISON;

    assert_int_equal(prop_long(search, PR_FOLDER_TYPE), FOLDER_SEARCH);
    assert_hr(create(search, FOLDER_GENERIC, u"x", 0, &child), MAPI_E_NO_ACCESS);
    assert_null(child);
    assert_hr(search->lpVtbl->CreateMessage(search, NULL, 0, &message), MAPI_E_NO_ACCESS);
    assert_null(message);
    assert_int_equal(prop_long(search, PR_ACCESS) &
                             (MAPI_ACCESS_CREATE_HIERARCHY | MAPI_ACCESS_CREATE_CONTENTS |
                                     MAPI_ACCESS_CREATE_ASSOCIATED),
            0);

    release_last(search);
}

/* IMAPIFolder.CreateFolder.3 folder.PR_COMMENT.1 */
static void create_folder__comment__becomes_property_and_none_is_none(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *with = NULL;
    IMAPIFolder *without = create_ok(fx->inbox, FOLDER_GENERIC, u"without");
    SizedSPropTagArray(1, tags) = { 1, { PR_COMMENT_W } };

    assert_ok(fx->inbox->lpVtbl->CreateFolder(fx->inbox, FOLDER_GENERIC, wide(u"with"),
            wide(u"a comment"), NULL, MAPI_UNICODE, &with));
    prop_assert_text(with, PR_COMMENT_W, "a comment");
    assert_null(prop_get(without, PR_COMMENT_W));
    prop_set_text(without, PR_COMMENT_W, "later");
    prop_assert_text(without, PR_COMMENT_W, "later");
    assert_ok(without->lpVtbl->DeleteProps(without, (LPSPropTagArray)&tags, NULL));
    assert_null(prop_get(without, PR_COMMENT_W));

    release_last(with);
    release_last(without);
}

/* IMAPIFolder.CreateFolder.4 IMAPIFolder.CreateFolder.7 */
static void create_folder__name_taken_in_other_case__collision(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *first = create_ok(fx->inbox, FOLDER_GENERIC, u"\u00c4rger");
    IMAPIFolder *second;
    LPMAPIERROR error = NULL;

    assert_hr(create(fx->inbox, FOLDER_GENERIC, u"\u00e4RGER", 0, &second), MAPI_E_COLLISION);
    assert_null(second);
    assert_int_equal(hierarchy_count(fx->inbox, 0), 1);
    assert_ok(fx->inbox->lpVtbl->GetLastError(fx->inbox, MAPI_E_COLLISION, 0, &error));
    assert_non_null(error);
    assert_non_null(strstr((const char *)error->lpszError, "already exists"));
    mapi_free(error);

    release_last(first);
}

/* IMAPIFolder.CreateFolder.5 IMAPIFolder.CreateFolder.6 IMAPIFolder.CreateFolder.8 */
static void create_folder__open_if_exists__same_folder_unchanged(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *first = NULL;
    IMAPIFolder *again = NULL;
    IMAPIFolder *other;
    struct key key;
    struct key key_again;

    assert_ok(fx->inbox->lpVtbl->CreateFolder(
            fx->inbox, FOLDER_GENERIC, wide(u"One"), wide(u"comment"), NULL, MAPI_UNICODE, &first));
    assert_ok(fx->inbox->lpVtbl->CreateFolder(fx->inbox, FOLDER_GENERIC, wide(u"ONE"),
            wide(u"another"), NULL, MAPI_UNICODE | OPEN_IF_EXISTS, &again));
    key = key_of(first, PR_ENTRYID);
    key_again = key_of(again, PR_ENTRYID);
    assert_same_key(&key, &key_again);
    prop_assert_text(again, PR_COMMENT_W, "comment");
    assert_hr(create(fx->inbox, FOLDER_SEARCH, u"One", OPEN_IF_EXISTS, &other), MAPI_E_COLLISION);
    assert_null(other);

    release_last(first);
    release_last(again);
}

/* IMAPIFolder.CreateFolder.9 Unicode.Rules.1 */
static void create_folder__ansi__name_is_the_same_text(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *folder = NULL;
    char name[] = "Caf\xe9"; /* code page 1252 */

    assert_ok(fx->inbox->lpVtbl->CreateFolder(
            fx->inbox, FOLDER_GENERIC, (LPTSTR)(void *)name, NULL, NULL, 0, &folder));
    prop_assert_text(folder, PR_DISPLAY_NAME_W, "Caf\xc3\xa9");

    release_last(folder);
}

/* IMAPIFolder.CreateFolder.10 IMAPIFolder.CreateFolder.11 IMAPIProp.General.3 IMAPIProp.General.4
 * Errors.Codes.2 */
static void create_folder__bad_arguments__refused_and_nothing_made(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *folder;

    assert_hr(create(fx->inbox, FOLDER_GENERIC, NULL, 0, &folder), MAPI_E_INVALID_PARAMETER);
    assert_null(folder);
    assert_hr(create(fx->inbox, FOLDER_GENERIC, u"", 0, &folder), MAPI_E_INVALID_PARAMETER);
    assert_null(folder);
    assert_hr(create(fx->inbox, FOLDER_ROOT, u"x", 0, &folder), MAPI_E_INVALID_PARAMETER);
    assert_null(folder);
    assert_hr(create(fx->inbox, 3, u"x", 0, &folder), MAPI_E_INVALID_PARAMETER);
    assert_null(folder);
    assert_hr(create(fx->inbox, FOLDER_GENERIC, u"x", 0x40000000, &folder), MAPI_E_UNKNOWN_FLAGS);
    assert_null(folder);
    folder = POISON;
    assert_hr(fx->inbox->lpVtbl->CreateFolder(fx->inbox, FOLDER_GENERIC, wide(u"x"), NULL,
                      &IID_IMessage, MAPI_UNICODE, &folder),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_null(folder);
    assert_hr(fx->inbox->lpVtbl->CreateFolder(
                      fx->inbox, FOLDER_GENERIC, wide(u"x"), NULL, NULL, MAPI_UNICODE, NULL),
            MAPI_E_INVALID_PARAMETER);
    assert_int_equal(hierarchy_count(fx->inbox, 0), 0);
}

/* --- OpenEntry ----------------------------------------------------------------------------------
 */

/* IMAPIContainer.OpenEntry.1 folder.PR_FOLDER_TYPE.1 folder.PR_PARENT_ENTRYID.1 */
static void open_entry__no_id__root_folder(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *root = NULL;
    struct key own;
    struct key parent;
    ULONG type = 0;

    assert_ok(fx->inbox->lpVtbl->OpenEntry(
            fx->inbox, 0, NULL, NULL, MAPI_MODIFY, &type, (LPUNKNOWN *)(void *)&root));
    assert_int_equal(type, MAPI_FOLDER);
    assert_int_equal(prop_long(root, PR_FOLDER_TYPE), FOLDER_ROOT);
    own = key_of(root, PR_ENTRYID);
    parent = key_of(root, PR_PARENT_ENTRYID);
    assert_same_key(&own, &parent);

    release_last(root);
}

/* IMAPIContainer.OpenEntry.2 IMAPIContainer.OpenEntry.3 IMAPIContainer.OpenEntry.5
 * IMAPIContainer.OpenEntry.13 IMsgStore.OpenEntry.9 */
static void open_entry__interfaces__by_what_the_object_is(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *other = create_ok(fx->inbox, FOLDER_GENERIC, u"other");
    SPropValue *id = message_make(fx->inbox, "here");
    struct key message = { .size = id->Value.bin.cb };
    struct key folder = key_of(fx->inbox, PR_ENTRYID);
    void *out;
    ULONG type;

    memcpy(message.bytes, id->Value.bin.lpb, message.size);
    mapi_free(id);
    assert_ok(open_by_key(other, &message, NULL, 0, &type, &out));
    assert_int_equal(type, MAPI_MESSAGE);
    assert_int_equal(prop_long(out, PR_OBJECT_TYPE), MAPI_MESSAGE);
    release_any(&out);
    assert_hr(open_by_key(other, &message, &IID_IMAPIFolder, 0, &type, &out),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_null(out);
    assert_hr(open_by_key(other, &folder, &IID_IMessage, 0, &type, &out),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_null(out);
    assert_ok(open_by_key(other, &folder, &IID_IMAPIContainer, 0, &type, &out));
    assert_int_equal(type, MAPI_FOLDER);
    release_any(&out);

    release_last(other);
}

/* IMAPIContainer.OpenEntry.10 EntryID.Layout.5 */
static void open_entry__damaged_or_odd_ids__unknown_or_the_same_object(void **state)
{
    struct fixture *fx = *state;
    struct key key = key_of(fx->inbox, PR_ENTRYID);
    BYTE odd[KEY_SIZE + 1];
    void *out;
    ULONG type;

    memcpy(odd + 1, key.bytes, key.size);
    out = POISON;
    assert_ok(fx->inbox->lpVtbl->OpenEntry(
            fx->inbox, key.size, (LPENTRYID)(void *)(odd + 1), NULL, 0, &type, (LPUNKNOWN *)&out));
    release_any(&out);
    for (ULONG size = 1; size < key.size; size++) {
        struct key cut = key;

        cut.size = size;
        assert_hr(open_by_key(fx->inbox, &cut, NULL, 0, &type, &out), MAPI_E_UNKNOWN_ENTRYID);
        assert_null(out);
    }
    for (ULONG at = 0; at < 22; at++) { /* flags, UID, version, kind */
        struct key damaged = key;

        if (at == 20) /* a later version with the same fields is read alike */
            continue;
        damaged.bytes[at] ^= 0x5A;
        assert_true(FAILED(open_by_key(fx->inbox, &damaged, NULL, 0, &type, &out)));
        assert_null(out);
    }
}

/* IMAPIContainer.OpenEntry.6 IMAPIContainer.OpenEntry.9 */
static void open_entry__no_flags__reads_only(void **state)
{
    struct fixture *fx = *state;
    struct key key = key_of(fx->inbox, PR_ENTRYID);
    char16_t text[] = u"no";
    SPropValue value = { .ulPropTag = PR_COMMENT_W, .Value.lpszW = text };
    SCODE problem;
    void *folder;
    ULONG type;

    assert_ok(open_by_key(fx->inbox, &key, NULL, 0, &type, &folder));
    assert_int_equal(prop_long(folder, PR_ACCESS_LEVEL), 0);
    assert_hr(set_one(folder, &value, &problem), MAPI_E_NO_ACCESS);
    assert_null(prop_get(fx->inbox, PR_COMMENT_W));
    assert_int_equal(prop_long(fx->inbox, PR_ACCESS_LEVEL), MAPI_MODIFY);

    release_any(&folder);
}

/* IMAPIContainer.OpenEntry.7 IMAPIContainer.OpenEntry.8 IMAPIFolder.CreateMessage.10
 * IMsgStore.OpenEntry.4 IMsgStore.OpenEntry.5 */
static void open_entry__store_is_read_only__modify_refused_best_access_reads(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "here");
    struct key folder_key = key_of(fx->inbox, PR_ENTRYID);
    struct key message_key = { .size = id->Value.bin.cb };
    IMAPIFolder *inbox = NULL;
    IMessage *message = POISON;
    struct key *keys[2] = { &folder_key, &message_key };
    ULONG type;

    memcpy(message_key.bytes, id->Value.bin.lpb, message_key.size);
    mapi_free(id);
    reopen_read_only(fx);
    assert_ok(fx->store->lpVtbl->OpenEntry(fx->store, folder_key.size, key_id(&folder_key), NULL, 0,
            &type, (LPUNKNOWN *)(void *)&inbox));
    for (int i = 0; i < 2; i++) {
        void *out;

        assert_hr(open_by_key(inbox, keys[i], NULL, MAPI_MODIFY, &type, &out), MAPI_E_NO_ACCESS);
        assert_null(out);
        assert_ok(open_by_key(inbox, keys[i], NULL, MAPI_BEST_ACCESS, &type, &out));
        assert_int_equal(prop_long(out, PR_ACCESS_LEVEL), 0);
        release_any(&out);
    }
    assert_hr(inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &message), MAPI_E_NO_ACCESS);
    assert_null(message);

    release_last(inbox);
}

/* IMAPIContainer.OpenEntry.12 */
static void open_entry__id_from_the_folders_own_table__opens(void **state)
{
    static const ULONG column[] = { PR_ENTRYID };
    struct fixture *fx = *state;
    IMAPITable *table = NULL;
    LPSRowSet rows;
    struct key key = { 0 };
    void *out;
    ULONG type;

    mapi_free(message_make(fx->inbox, "here"));
    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, 0, &table));
    rows = table_rows(table, column, 1);
    assert_int_equal(rows->cRows, 1);
    key.size = rows->aRow[0].lpProps[0].Value.bin.cb;
    memcpy(key.bytes, rows->aRow[0].lpProps[0].Value.bin.lpb, key.size);
    mapi_free_rows(rows);
    release_last(table);
    assert_ok(open_by_key(fx->inbox, &key, NULL, 0, &type, &out));
    assert_int_equal(type, MAPI_MESSAGE);
    release_any(&out);
}

/* --- properties ---------------------------------------------------------------------------------
 */

/* folder.PR_DISPLAY_NAME.1 IMAPIProp.Transaction.4 EntryID.LongTerm.6 IMAPIProp.SaveChanges.1 */
static void set_name__another_instance__sees_it_at_once_under_the_same_id(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *folder = create_ok(fx->inbox, FOLDER_GENERIC, u"before");
    struct key key = key_of(folder, PR_ENTRYID);
    void *other;
    ULONG type;

    assert_ok(open_by_key(fx->inbox, &key, NULL, 0, &type, &other));
    prop_set_text(folder, PR_DISPLAY_NAME_W, "after");
    prop_assert_text(other, PR_DISPLAY_NAME_W, "after");
    assert_ok(folder->lpVtbl->SaveChanges(folder, 0));
    prop_assert_text(other, PR_DISPLAY_NAME_W, "after");

    release_any(&other);
    release_last(folder);
}

/* folder.PR_DISPLAY_NAME.2 folder.PR_DISPLAY_NAME.3 */
static void set_name__taken_or_root__refused_and_unchanged(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *one = create_ok(fx->inbox, FOLDER_GENERIC, u"one");
    IMAPIFolder *two = create_ok(fx->inbox, FOLDER_GENERIC, u"two");
    IMAPIFolder *root = NULL;
    char16_t text[] = u"ONE";
    SPropValue value = { .ulPropTag = PR_DISPLAY_NAME_W, .Value.lpszW = text };
    SCODE problem;
    ULONG type;

    assert_hr(set_one(two, &value, &problem), MAPI_E_COLLISION);
    prop_assert_text(two, PR_DISPLAY_NAME_W, "two");
    assert_ok(fx->store->lpVtbl->OpenEntry(
            fx->store, 0, NULL, NULL, MAPI_MODIFY, &type, (LPUNKNOWN *)(void *)&root));
    assert_ok(set_one(root, &value, &problem));
    assert_hr(problem, MAPI_E_NO_ACCESS);

    release_last(root);
    release_last(one);
    release_last(two);
}

/* folder.PR_ENTRYID.1 folder.PR_FOLDER_TYPE.2 folder.PR_OBJECT_TYPE.1 folder.PR_CONTENT_COUNT.1
 * folder.PR_CONTENT_UNREAD.1 IMAPIProp.SetProps.6 IMAPIProp.SetProps.7 IMAPIProp.SetProps.8
 * IMAPIProp.DeleteProps.9 */
static void set_props__computed__problem_and_unchanged(void **state)
{
    static const ULONG tags[] = { PR_ENTRYID, PR_RECORD_KEY, PR_FOLDER_TYPE, PR_OBJECT_TYPE,
        PR_PARENT_ENTRYID, PR_CONTENT_COUNT, PR_CONTENT_UNREAD, PR_ASSOC_CONTENT_COUNT,
        PR_STORE_ENTRYID, PR_STORE_RECORD_KEY, PR_ACCESS, PR_MAPPING_SIGNATURE };
    struct fixture *fx = *state;
    BYTE bytes[4] = { 1, 2, 3, 4 };

    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        SPropValue *before = prop_get(fx->inbox, tags[i]);
        SPropValue *after;
        SPropValue value = { .ulPropTag = tags[i] };
        SizedSPropTagArray(1, list) = { 1, { tags[i] } };
        LPSPropProblemArray problems = NULL;
        SCODE problem;

        if (PROP_TYPE(tags[i]) == PT_BINARY) {
            value.Value.bin.cb = sizeof(bytes);
            value.Value.bin.lpb = bytes;
        } else {
            value.Value.l = 77;
        }
        assert_non_null(before);
        assert_ok(set_one(fx->inbox, &value, &problem));
        assert_hr(problem, MAPI_E_COMPUTED);
        assert_ok(fx->inbox->lpVtbl->DeleteProps(fx->inbox, (LPSPropTagArray)&list, &problems));
        assert_non_null(problems);
        assert_hr(problems->aProblem[0].scode, MAPI_E_COMPUTED);
        mapi_free(problems);
        after = prop_get(fx->inbox, tags[i]);
        assert_non_null(after);
        if (PROP_TYPE(tags[i]) == PT_LONG)
            assert_int_equal(after->Value.l, before->Value.l);
        else
            assert_memory_equal(after->Value.bin.lpb, before->Value.bin.lpb, before->Value.bin.cb);
        mapi_free(before);
        mapi_free(after);
    }
}

/* folder.PR_CONTENT_COUNT.1 folder.PR_CONTENT_UNREAD.1 folder.PR_ASSOC_CONTENT_COUNT.1
 * folder.PR_SUBFOLDERS.1 */
static void counts__messages_come_and_go__follow(void **state)
{
    struct fixture *fx = *state;
    SPropValue *first = message_make(fx->inbox, "1");
    SPropValue *second = message_make(fx->inbox, "2");
    IMessage *associated = NULL;
    IMAPIFolder *child;
    ENTRYLIST list = { 1, &first->Value.bin };

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, MAPI_ASSOCIATED, &associated));
    assert_ok(associated->lpVtbl->SaveChanges(associated, 0));
    release_last(associated);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), 2);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_UNREAD), 2);
    assert_int_equal(prop_long(fx->inbox, PR_ASSOC_CONTENT_COUNT), 1);
    assert_false(prop_bool(fx->inbox, PR_SUBFOLDERS));
    assert_ok(fx->inbox->lpVtbl->SetReadFlags(fx->inbox, &list, 0, NULL, 0));
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_UNREAD), 1);
    assert_ok(fx->inbox->lpVtbl->DeleteMessages(fx->inbox, &list, 0, NULL, 0));
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), 1);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_UNREAD), 1);
    child = create_ok(fx->inbox, FOLDER_GENERIC, u"child");
    assert_true(prop_bool(fx->inbox, PR_SUBFOLDERS));

    release_last(child);
    mapi_free(first);
    mapi_free(second);
}

/* folder.PR_CONTAINER_CONTENTS.1 folder.PR_FOLDER_ASSOCIATED_CONTENTS.1 IMAPIProp.GetPropList.1
 * IMAPIProp.GetPropList.3 IMAPIProp.GetPropList.4 IMAPIProp.GetPropList.5 */
static void get_prop_list__folder__tables_listed_and_texts_by_width(void **state)
{
    struct fixture *fx = *state;
    LPSPropTagArray unicode = NULL;
    LPSPropTagArray ansi = NULL;
    LPSPropValue values = NULL;
    ULONG count = 0;
    size_t objects = 0;

    prop_set_text(fx->inbox, PROP_TAG(PT_UNICODE, 0x6805), "free");
    assert_ok(fx->inbox->lpVtbl->GetPropList(fx->inbox, MAPI_UNICODE, &unicode));
    assert_ok(fx->inbox->lpVtbl->GetPropList(fx->inbox, 0, &ansi));
    assert_ok(fx->inbox->lpVtbl->GetProps(fx->inbox, NULL, MAPI_UNICODE, &count, &values));
    assert_int_equal(unicode->cValues, ansi->cValues);
    for (ULONG i = 0, at = 0; i < unicode->cValues; i++) {
        ULONG type = PROP_TYPE(unicode->aulPropTag[i]);

        assert_int_not_equal(type, PT_STRING8);
        assert_int_not_equal(PROP_TYPE(ansi->aulPropTag[i]), PT_UNICODE);
        assert_int_equal(PROP_ID(unicode->aulPropTag[i]), PROP_ID(ansi->aulPropTag[i]));
        if (type == PT_OBJECT) {
            objects++;
            continue;
        }
        assert_true(at < count);
        assert_int_equal(values[at++].ulPropTag, unicode->aulPropTag[i]);
    }
    assert_int_equal(objects, 3);
    mapi_free(unicode);
    mapi_free(ansi);
    mapi_free(values);
}

/* folder.PR_STATUS.1 folder.PR_CONTAINER_CLASS.1 folder.PR_DEFAULT_VIEW_ENTRYID.1
 * folder.PR_DEF_POST_MSGCLASS.1 */
static void set_props__clients_own__kept_as_they_come(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *folder = create_ok(fx->inbox, FOLDER_GENERIC, u"own");
    struct key key = key_of(folder, PR_ENTRYID);
    BYTE view[] = { 9, 8, 7 };
    struct key got;
    void *again;
    ULONG type;

    assert_int_equal(prop_long(folder, PR_STATUS), 0);
    prop_set_long(folder, PR_STATUS, (LONG)0x7FFF0003);
    prop_set_text(folder, PR_CONTAINER_CLASS_W, "IPF.Appointment");
    prop_set_text(folder, PR_DEF_POST_MSGCLASS_W, "IPM.Post.Test");
    prop_set_binary(folder, PR_DEFAULT_VIEW_ENTRYID, view, sizeof(view));
    release_last(folder);
    fixture_reopen(fx);
    assert_ok(fx->store->lpVtbl->OpenEntry(
            fx->store, key.size, key_id(&key), NULL, 0, &type, (LPUNKNOWN *)&again));
    assert_int_equal(prop_long(again, PR_STATUS), 0x7FFF0003);
    prop_assert_text(again, PR_CONTAINER_CLASS_W, "IPF.Appointment");
    prop_assert_text(again, PR_DEF_POST_MSGCLASS_W, "IPM.Post.Test");
    got = key_of(again, PR_DEFAULT_VIEW_ENTRYID);
    assert_int_equal(got.size, sizeof(view));
    assert_memory_equal(got.bytes, view, sizeof(view));

    release_any(&again);
}

/* folder.PR_RECORD_KEY.1 folder.PR_STORE_ENTRYID.1 folder.PR_STORE_RECORD_KEY.1
 * folder.PR_MAPPING_SIGNATURE.1 folder.PR_ACCESS.1 folder.PR_ACCESS.2 folder.PR_CREATION_TIME.1
 * EntryID.RecordKey.1 */
static void identity__folder__agrees_with_the_store_and_stays(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *subtree = folder_by_prop(fx->store, fx->store, PR_IPM_SUBTREE_ENTRYID);
    struct key record = key_of(subtree, PR_RECORD_KEY);
    struct key inbox = key_of(fx->inbox, PR_RECORD_KEY);
    struct key mine = key_of(subtree, PR_STORE_RECORD_KEY);
    struct key stores = key_of(fx->store, PR_RECORD_KEY);
    struct key signature = key_of(subtree, PR_MAPPING_SIGNATURE);
    struct key stores_signature = key_of(fx->store, PR_MAPPING_SIGNATURE);
    struct key again;
    SPropValue *time;
    ULONG access = (ULONG)prop_long(subtree, PR_ACCESS);

    assert_int_equal(record.size, inbox.size);
    assert_memory_not_equal(record.bytes, inbox.bytes, record.size);
    assert_same_key(&mine, &stores);
    assert_same_key(&signature, &stores_signature);
    assert_int_equal(
            access & (MAPI_ACCESS_READ | MAPI_ACCESS_MODIFY | MAPI_ACCESS_CREATE_HIERARCHY |
                             MAPI_ACCESS_CREATE_CONTENTS | MAPI_ACCESS_CREATE_ASSOCIATED),
            MAPI_ACCESS_READ | MAPI_ACCESS_MODIFY | MAPI_ACCESS_CREATE_HIERARCHY |
                    MAPI_ACCESS_CREATE_CONTENTS | MAPI_ACCESS_CREATE_ASSOCIATED);
    time = prop_get(subtree, PR_CREATION_TIME);
    assert_non_null(time);
    mapi_free(time);
    time = prop_get(subtree, PR_LAST_MODIFICATION_TIME);
    assert_non_null(time);
    mapi_free(time);
    release_last(subtree);
    fixture_reopen(fx);
    subtree = folder_by_prop(fx->store, fx->store, PR_IPM_SUBTREE_ENTRYID);
    again = key_of(subtree, PR_RECORD_KEY);
    assert_same_key(&record, &again);

    release_last(subtree);
}

/* IMAPIProp.OpenProperty.10 IMAPIProp.OpenProperty.11 IMAPIProp.OpenProperty.12
 * IMAPIProp.OpenProperty.15 IMAPIProp.OpenProperty.8 */
static void open_property__tables__same_rows_as_the_methods(void **state)
{
    static const ULONG tags[] = { PR_CONTAINER_CONTENTS, PR_FOLDER_ASSOCIATED_CONTENTS,
        PR_CONTAINER_HIERARCHY };
    static const ULONG expected[] = { 2, 1, 1 };
    struct fixture *fx = *state;
    SPropValue *first = message_make(fx->inbox, "1");
    SPropValue *second = message_make(fx->inbox, "2");
    IMAPIFolder *child = create_ok(fx->inbox, FOLDER_GENERIC, u"child");
    IMessage *associated = NULL;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, MAPI_ASSOCIATED, &associated));
    assert_ok(associated->lpVtbl->SaveChanges(associated, 0));
    release_last(associated);
    for (size_t i = 0; i < 3; i++) {
        for (ULONG options = 0;; options = MAPI_UNICODE) {
            IMAPITable *table = POISON;
            LPSPropTagArray columns = NULL;
            ULONG count = 0;

            assert_ok(fx->inbox->lpVtbl->OpenProperty(
                    fx->inbox, tags[i], &IID_IMAPITable, options, 0, (LPUNKNOWN *)(void *)&table));
            assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
            assert_int_equal(count, expected[i]);
            assert_ok(table->lpVtbl->QueryColumns(table, 0, &columns));
            for (ULONG c = 0; c < columns->cValues; c++)
                assert_int_not_equal(
                        PROP_TYPE(columns->aulPropTag[c]), options == 0 ? PT_UNICODE : PT_STRING8);
            mapi_free(columns);
            release_last(table);
            if (options != 0)
                break;
        }
        {
            LPUNKNOWN none = POISON;

            assert_hr(
                    fx->inbox->lpVtbl->OpenProperty(fx->inbox, tags[i], &IID_IStorage, 0, 0, &none),
                    MAPI_E_INTERFACE_NOT_SUPPORTED);
            assert_null(none);
        }
    }

    release_last(child);
    mapi_free(first);
    mapi_free(second);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(create_folder__generic__in_the_table_at_once_and_opens_by_id),
        TEST(create_folder__search__has_its_type_and_holds_nothing_of_its_own),
        TEST(create_folder__comment__becomes_property_and_none_is_none),
        TEST(create_folder__name_taken_in_other_case__collision),
        TEST(create_folder__open_if_exists__same_folder_unchanged),
        TEST(create_folder__ansi__name_is_the_same_text),
        TEST(create_folder__bad_arguments__refused_and_nothing_made),
        TEST(open_entry__no_id__root_folder),
        TEST(open_entry__interfaces__by_what_the_object_is),
        TEST(open_entry__damaged_or_odd_ids__unknown_or_the_same_object),
        TEST(open_entry__no_flags__reads_only),
        TEST(open_entry__store_is_read_only__modify_refused_best_access_reads),
        TEST(open_entry__id_from_the_folders_own_table__opens),
        TEST(set_name__another_instance__sees_it_at_once_under_the_same_id),
        TEST(set_name__taken_or_root__refused_and_unchanged),
        TEST(set_props__computed__problem_and_unchanged),
        TEST(counts__messages_come_and_go__follow),
        TEST(get_prop_list__folder__tables_listed_and_texts_by_width),
        TEST(set_props__clients_own__kept_as_they_come),
        TEST(identity__folder__agrees_with_the_store_and_stays),
        TEST(open_property__tables__same_rows_as_the_methods),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
