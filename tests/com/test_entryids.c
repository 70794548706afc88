/* SPDX-License-Identifier: MIT */
/*
 * test_entryids.c - entry identifiers as a client sees them: their layout, how long they last, and
 * that none is given twice.
 */
#include "raw_logon.h"

enum { AT_UID = 4, AT_VERSION = 20, AT_KIND = 21 };

static LPENTRYID id_of(const SPropValue *value)
{
    return raw_id(value->Value.bin.lpb);
}

static bool same_id(const SPropValue *a, const SPropValue *b)
{
    return a->Value.bin.cb == b->Value.bin.cb &&
           memcmp(a->Value.bin.lpb, b->Value.bin.lpb, a->Value.bin.cb) == 0;
}

/* The id is of an object of this kind that can be opened. */
static void assert_opens(IMsgStore *store, const SPropValue *id, ULONG expected)
{
    LPUNKNOWN object = NULL;
    SPropValue *own;
    ULONG type = 0;

    assert_ok(
            store->lpVtbl->OpenEntry(store, id->Value.bin.cb, id_of(id), NULL, 0, &type, &object));
    assert_int_equal(type, expected);
    own = prop_get(object, PR_ENTRYID);
    assert_true(same_id(own, id));
    mapi_free(own);
    release_last(object);
}

static void delete_message(IMAPIFolder *folder, const SPropValue *id)
{
    SBinary binary = { id->Value.bin.cb, id->Value.bin.lpb };
    ENTRYLIST list = { 1, &binary };

    assert_ok(folder->lpVtbl->DeleteMessages(folder, &list, 0, NULL, 0));
}

/* The UID that the store's logon has registered. */
static MAPIUID registered_uid(const struct fixture *fx)
{
    struct host_call call;

    assert_true(host_support_call(fx->support, HOST_SetProviderUID, 0, &call));
    return call.uid;
}

/* --- layout -------------------------------------------------------------------------------------
 */

/* EntryID.Layout.1 EntryID.Layout.2 EntryID.Layout.4 EntryID.LongTerm.1 */
static void layout__folders_and_messages__long_term_with_our_uid(void **state)
{
    struct fixture *fx = *state;
    MAPIUID uid = registered_uid(fx);
    SPropValue *message = message_make(fx->inbox, "one");
    SPropValue *folder = prop_get(fx->inbox, PR_ENTRYID);

    for (int i = 0; i < 2; i++) {
        const SPropValue *id = i == 0 ? message : folder;

        assert_true(id->Value.bin.cb > AT_KIND);
        assert_memory_equal(id->Value.bin.lpb, "\0\0\0\0", 4);
        assert_memory_equal(id->Value.bin.lpb + AT_UID, &uid, sizeof(uid));
    }
    assert_int_equal(message->Value.bin.lpb[AT_VERSION], folder->Value.bin.lpb[AT_VERSION]);
    assert_int_not_equal(message->Value.bin.lpb[AT_KIND], folder->Value.bin.lpb[AT_KIND]);
    mapi_free(message);
    mapi_free(folder);
}

/* EntryID.Layout.5 */
static void layout__any_alignment__opens_the_same_object(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "one");
    ULONG size = id->Value.bin.cb;

    for (size_t offset = 0; offset < 8; offset++) {
        unsigned char *copy = malloc(size + offset);
        LPUNKNOWN object = NULL;
        ULONG type = 0;
        ULONG equal = 0;

        memcpy(copy + offset, id->Value.bin.lpb, size);
        assert_ok(fx->store->lpVtbl->OpenEntry(
                fx->store, size, raw_id(copy + offset), NULL, 0, &type, &object));
        prop_assert_text(object, PR_SUBJECT_W, "one");
        assert_ok(fx->store->lpVtbl->CompareEntryIDs(
                fx->store, size, raw_id(copy + offset), size, id_of(id), 0, &equal));
        assert_int_equal(equal, TRUE);
        release_last(object);
        free(copy);
    }
    mapi_free(id);
}

/* EntryID.LongTerm.7: the number of the format and the provider's UID are part of what stores hold.
 */
static void layout__store_id__has_the_uid_of_every_version(void **state)
{
    static const MAPIUID provider = MAILKEEP_PROVIDER_UID;
    struct fixture *fx = *state;
    const ENTRYID *id;
    ULONG size = 0;

    id = raw_section_id(fx, &size);

    assert_true(size > 24);
    assert_memory_equal(id->abFlags, "\0\0\0\0", 4);
    assert_memory_equal(id->ab, &provider, sizeof(provider));
    assert_int_equal(((const unsigned char *)id)[AT_VERSION], 1);
}

/* --- how long they last -------------------------------------------------------------------------
 */

/* EntryID.LongTerm.2 EntryID.Layout.6 EntryID.RecordKey.1 EntryID.LongTerm.8 */
static void long_term__next_session__opens_the_same_object(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "still here");
    SPropValue *folder = prop_get(fx->inbox, PR_ENTRYID);
    SPropValue *folder_key = prop_get(fx->inbox, PR_RECORD_KEY);
    SPropValue *store_key = prop_get(fx->store, PR_RECORD_KEY);
    IMessage *message = message_open(fx->store, id);
    SPropValue *message_key = prop_get(message, PR_RECORD_KEY);
    SPropValue *again;

    release_last(message);
    fixture_reopen(fx);

    assert_opens(fx->store, id, MAPI_MESSAGE);
    assert_opens(fx->store, folder, MAPI_FOLDER);
    message = message_open(fx->store, id);
    prop_assert_text(message, PR_SUBJECT_W, "still here");
    again = prop_get(message, PR_RECORD_KEY);
    assert_true(same_id(again, message_key));
    mapi_free(again);
    again = prop_get(fx->inbox, PR_RECORD_KEY);
    assert_true(same_id(again, folder_key));
    mapi_free(again);
    again = prop_get(fx->store, PR_RECORD_KEY);
    assert_true(same_id(again, store_key));
    mapi_free(again);
    release_last(message);
    mapi_free(id);
    mapi_free(folder);
    mapi_free(folder_key);
    mapi_free(store_key);
    mapi_free(message_key);
}

/* EntryID.LongTerm.6 */
static void long_term__folder_renamed__same_id(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *folder = folder_make(fx->inbox, "before");
    SPropValue *before = prop_get(folder, PR_ENTRYID);
    SPropValue *after;

    prop_set_text(folder, PR_DISPLAY_NAME_W, "after");

    after = prop_get(folder, PR_ENTRYID);
    assert_true(same_id(before, after));
    assert_opens(fx->store, before, MAPI_FOLDER);
    mapi_free(before);
    mapi_free(after);
    release_last(folder);
}

/* EntryID.LongTerm.5 */
static void long_term__folder_and_message_moved__same_ids(void **state)
{
    struct fixture *fx = *state;
    char16_t from_name[] = u"from", to_name[] = u"to", moved_name[] = u"moved";
    IMAPIFolder *from = NULL, *to = NULL, *moved = NULL;
    SPropValue *message_id, *folder_id, *now;
    ENTRYLIST list;

    assert_ok(fx->inbox->lpVtbl->CreateFolder(
            fx->inbox, FOLDER_GENERIC, (LPTSTR)from_name, NULL, NULL, MAPI_UNICODE, &from));
    assert_ok(fx->inbox->lpVtbl->CreateFolder(
            fx->inbox, FOLDER_GENERIC, (LPTSTR)to_name, NULL, NULL, MAPI_UNICODE, &to));
    assert_ok(from->lpVtbl->CreateFolder(
            from, FOLDER_GENERIC, (LPTSTR)moved_name, NULL, NULL, MAPI_UNICODE, &moved));
    message_id = message_make(from, "moved");
    folder_id = prop_get(moved, PR_ENTRYID);
    release_last(moved);
    list.cValues = 1;
    list.lpbin = &message_id->Value.bin;

    assert_ok(from->lpVtbl->CopyMessages(from, &list, NULL, to, 0, NULL, MESSAGE_MOVE));
    assert_ok(from->lpVtbl->CopyFolder(from, folder_id->Value.bin.cb,
            (LPENTRYID)folder_id->Value.bin.lpb, NULL, to, NULL, 0, NULL, FOLDER_MOVE));

    assert_opens(fx->store, message_id, MAPI_MESSAGE);
    assert_opens(fx->store, folder_id, MAPI_FOLDER);
    now = prop_get(to, PR_SUBFOLDERS);
    assert_true(now->Value.b != 0);
    mapi_free(now);
    assert_int_equal(prop_long(to, PR_CONTENT_COUNT), 1);
    assert_int_equal(prop_long(from, PR_CONTENT_COUNT), 0);
    assert_int_equal(prop_bool(from, PR_SUBFOLDERS), false);
    mapi_free(message_id);
    mapi_free(folder_id);
    release_last(from);
    release_last(to);
}

/* EntryID.LongTerm.3 StoreProp.Required.8 */
static void long_term__two_stores__share_no_id(void **state)
{
    struct fixture *fx = *state;
    SPropValue *first_id = prop_get(fx->inbox, PR_ENTRYID);
    SPropValue *first_key = prop_get(fx->store, PR_RECORD_KEY);
    SPropValue *second_id;
    SPropValue *second_key;
    SPropValue *equal;
    struct raw_logon raw;
    char path[1024];

    host_temp_path(".mkeep", path, sizeof(path));
    assert_ok(host_session_configure(&fx->session, path));
    raw_open(fx, &raw, MDB_WRITE);
    assert_ptr_not_equal(raw.store, fx->store);
    second_id = prop_get(raw.store, PR_IPM_OUTBOX_ENTRYID);
    second_key = prop_get(raw.store, PR_RECORD_KEY);

    assert_memory_not_equal(
            first_id->Value.bin.lpb + AT_UID, second_id->Value.bin.lpb + AT_UID, 16);
    assert_false(same_id(first_key, second_key));
    equal = prop_get(
            fx->store, PR_IPM_OUTBOX_ENTRYID); /* the same place in both, made by the same steps */
    assert_false(same_id(equal, second_id));
    mapi_free(equal);
    mapi_free(first_id);
    mapi_free(first_key);
    mapi_free(second_id);
    mapi_free(second_key);
    raw_close(&raw);
    assert_true(host_file_remove(path));
}

/* --- never twice --------------------------------------------------------------------------------
 */

/* EntryID.Reuse.1 EntryID.Reuse.2 EntryID.Reuse.3 StoreProp.SupportMask.1 */
static void reuse__objects_deleted_and_made_again__always_fresh_ids(void **state)
{
    enum { ROUNDS = 6, EACH = 8 };
    struct fixture *fx = *state;
    SPropValue *seen[ROUNDS * EACH];
    size_t count = 0;

    assert_int_equal(prop_long(fx->store, PR_STORE_SUPPORT_MASK) & STORE_ENTRYID_UNIQUE,
            STORE_ENTRYID_UNIQUE);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < EACH; i++) {
            SPropValue *id;

            if (i % 4 == 3) {
                IMAPIFolder *folder = folder_make(fx->inbox, "f");

                id = prop_get(folder, PR_ENTRYID);
                release_last(folder);
                assert_ok(fx->inbox->lpVtbl->DeleteFolder(
                        fx->inbox, id->Value.bin.cb, id_of(id), 0, NULL, 0));
            } else {
                id = message_make(fx->inbox, "m");
                delete_message(fx->inbox, id);
            }
            for (size_t k = 0; k < count; k++)
                assert_false(same_id(seen[k], id));
            seen[count++] = id;
        }
        fixture_reopen(fx);
    }
    while (count > 0)
        mapi_free(seen[--count]);
}

/* EntryID.LongTerm.4 */
static void long_term__message_copied__copy_has_an_id_of_its_own(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "original");
    IMessage *original = message_open(fx->store, id);
    IMessage *copy = NULL;
    SPropValue *copy_id;
    HRESULT hr;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &copy));
    hr = original->lpVtbl->CopyTo(original, 0, NULL, NULL, 0, NULL, &IID_IMessage, copy, 0, NULL);
    if (hr == MAPI_E_NO_SUPPORT) { /* said so, until copying is there */
        release_last(copy);
        release_last(original);
        mapi_free(id);
        skip();
    }
    assert_ok(hr);
    assert_ok(copy->lpVtbl->SaveChanges(copy, KEEP_OPEN_READONLY));

    copy_id = prop_get(copy, PR_ENTRYID);

    assert_false(same_id(copy_id, id));
    mapi_free(copy_id);
    mapi_free(id);
    release_last(copy);
    release_last(original);
}

/* EntryID.Reuse.4 */
static void reuse__id_of_a_message_never_saved__names_nothing_later(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = NULL;
    SPropValue *lost;
    SPropValue *kept;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    lost = prop_get(message, PR_ENTRYID);
    release_last(message);
    fixture_reopen(fx);
    kept = message_make(fx->inbox, "kept");

    if (lost) { /* a store may give the id only with the first save */
        LPUNKNOWN object = POISON;
        ULONG type = 0;

        assert_false(same_id(lost, kept));
        assert_hr(fx->store->lpVtbl->OpenEntry(
                          fx->store, lost->Value.bin.cb, id_of(lost), NULL, 0, &type, &object),
                MAPI_E_NOT_FOUND);
        mapi_free(lost);
    }
    assert_opens(fx->store, kept, MAPI_MESSAGE);
    mapi_free(kept);
}

/* --- the store's own ----------------------------------------------------------------------------
 */

/* EntryID.Store.1 EntryID.Store.2 */
static void store_id__wrapped__opens_the_same_store(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = prop_get(fx->store, PR_ENTRYID);
    SPropValue *store_id = prop_get(fx->store, PR_STORE_ENTRYID);
    SPropValue *key = prop_get(fx->store, PR_RECORD_KEY);
    struct host_logon params = { .flags = MDB_WRITE };
    SPropValue *key_again;
    const ENTRYID *inner;
    const char *dll;
    ULONG size = 0;

    assert_true(same_id(id, store_id));
    assert_true(host_unwrap_entry_id(id->Value.bin.cb, id_of(id), &size, &inner, &dll));
    release_last(fx->store);
    params.entry_id = id_of(id);
    params.entry_id_size = id->Value.bin.cb;
    assert_ok(host_session_logon(&fx->session, &params, &fx->store, &fx->support));

    key_again = prop_get(fx->store, PR_RECORD_KEY);

    assert_true(same_id(key, key_again));
    mapi_free(key_again);
    mapi_free(key);
    mapi_free(id);
    mapi_free(store_id);
}

#define STORE(test) cmocka_unit_test_setup_teardown(test, fixture_store_setup, fixture_teardown)
#define INBOX(test) cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX(layout__folders_and_messages__long_term_with_our_uid),
        INBOX(layout__any_alignment__opens_the_same_object),
        STORE(layout__store_id__has_the_uid_of_every_version),
        INBOX(long_term__next_session__opens_the_same_object),
        INBOX(long_term__folder_renamed__same_id),
        INBOX(long_term__folder_and_message_moved__same_ids),
        INBOX(long_term__two_stores__share_no_id),
        INBOX(reuse__objects_deleted_and_made_again__always_fresh_ids),
        INBOX(long_term__message_copied__copy_has_an_id_of_its_own),
        INBOX(reuse__id_of_a_message_never_saved__names_nothing_later),
        STORE(store_id__wrapped__opens_the_same_store),
    };

    return cmocka_run_group_tests_name("entryids", tests, NULL, NULL);
}
