/* SPDX-License-Identifier: MIT */
/*
 * test_copy_stores.c - copies and moves between two stores, between two logons to one file, and
 * into a folder that is not ours.
 */
#include "copy_recorder.h"
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

        if (strcmp(text, name) == 0 && !found) {
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

/* --- two stores ------------------------------------------------------------------------------- */

/* IMAPIFolder.CopyMessages.1 IMAPIFolder.CopyMessages.14 named-property.Copy.1 */
static void copy__to_another_store__equal_there_with_names_kept(void **state)
{
    struct fixture *fx = *state;
    SPropValue *ids[3];
    struct pair pair;
    SPropValue *copy;
    IMessage *message;
    IMessage *original;
    SPropValue *times[2];

    ids[0] = copy_make_rich(fx->inbox, "a");
    ids[1] = message_make(fx->inbox, "b");
    ids[2] = copy_make_rich(fx->inbox, "c");
    original = message_open(fx->store, ids[1]);
    assert_ok(original->lpVtbl->SetReadFlag(original, SUPPRESS_RECEIPT));
    release_last(original);
    pair_open(fx, &pair);
    assert_ok(copy_call(fx->inbox, ids, 3, pair.to, 0));
    assert_int_equal(copy_rows(fx->inbox, 0), 3);
    assert_int_equal(copy_rows(pair.to, 0), 3);
    assert_int_equal(prop_long(pair.to, PR_CONTENT_UNREAD), 2);
    for (ULONG i = 0; i < 3; i++) {
        copy = copy_nth(pair.to, 0, i);
        copy_assert_equal(
                copy_print_id(pair.other.raw.store, copy), copy_print_id(fx->store, ids[i]));
        message = message_open(pair.other.raw.store, copy);
        original = message_open(fx->store, ids[i]);
        if (i != 1)
            assert_int_not_equal(
                    copy_named((IMAPIProp *)message, 2), copy_named((IMAPIProp *)original, 2));
        assert_int_equal(
                prop_long(message, PR_MESSAGE_FLAGS), prop_long(original, PR_MESSAGE_FLAGS));
        assert_int_equal(prop_long(message, PR_MESSAGE_SIZE), prop_long(original, PR_MESSAGE_SIZE));
        for (int j = 0; j < 2; j++) {
            ULONG tag = j == 0 ? PR_LAST_MODIFICATION_TIME : PR_CREATION_TIME;

            times[0] = prop_get(message, tag);
            times[1] = prop_get(original, tag);
            assert_memory_equal(&times[0]->Value.ft, &times[1]->Value.ft, 8);
            mapi_free(times[0]);
            mapi_free(times[1]);
        }
        release_last(original);
        release_last(message);
        mapi_free(copy);
        mapi_free(ids[i]);
    }
    pair_close(&pair);
}

/* IMAPIFolder.CopyMessages.2 IMAPIFolder.CopyMessages.3 */
static void move__to_another_store__gone_here_and_what_is_no_message_left_out(void **state)
{
    struct fixture *fx = *state;
    SPropValue *ids[3];
    struct copy_print before;
    struct pair pair;
    SPropValue *copy;

    ids[0] = copy_make_rich(fx->inbox, "a");
    ids[1] = prop_get(fx->inbox, PR_ENTRYID);
    ids[2] = message_make(fx->inbox, "b");
    before = copy_print_id(fx->store, ids[0]);
    pair_open(fx, &pair);
    assert_hr(copy_call(fx->inbox, ids, 3, pair.to, MESSAGE_MOVE), MAPI_W_PARTIAL_COMPLETION);
    assert_int_equal(copy_rows(fx->inbox, 0), 0);
    assert_int_equal(copy_rows(pair.to, 0), 2);
    copy = copy_nth(pair.to, 0, 0);
    copy_assert_equal(copy_print_id(pair.other.raw.store, copy), before);
    mapi_free(copy);
    for (int i = 0; i < 3; i++)
        mapi_free(ids[i]);
    pair_close(&pair);
    fixture_reopen(fx);
    assert_int_equal(copy_rows(fx->inbox, 0), 0);
}

/* IMAPIFolder.CopyFolder.2 IMAPIFolder.CopyFolder.4 */
static void copy_folder__to_another_store__the_tree(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *from = folder_make(fx->inbox, "From");
    IMAPIFolder *below = folder_make(from, "Below");
    IMAPIFolder *copy;
    IMAPIFolder *copy_below;
    IMessage *message = NULL;
    struct pair pair;

    prop_set_text(from, PR_COMMENT_W, "a comment");
    mapi_free(copy_make_rich(from, "rich"));
    mapi_free(message_make(below, "b"));
    assert_ok(from->lpVtbl->CreateMessage(from, NULL, MAPI_ASSOCIATED, &message));
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
    pair_open(fx, &pair);

    assert_ok(copy_folder(fx->inbox, from, pair.to, NULL, COPY_SUBFOLDERS));
    copy = child(pair.to, "From");
    assert_non_null(copy);
    copy_below = child(copy, "Below");
    assert_non_null(copy_below);
    prop_assert_text(copy, PR_COMMENT_W, "a comment");
    assert_int_equal(copy_rows(copy, 0), 1);
    assert_int_equal(copy_rows(copy, MAPI_ASSOCIATED), 1);
    assert_int_equal(copy_rows(copy_below, 0), 1);
    release_last(copy_below);
    release_last(copy);
    assert_hr(copy_folder(fx->inbox, from, pair.to, NULL, 0), MAPI_E_COLLISION);
    assert_ok(copy_folder(fx->inbox, from, pair.to, "Other name", 0));
    copy = child(pair.to, "Other name");
    assert_null(child(copy, "Below"));
    release_last(copy);
    release_last(below);
    release_last(from);
    pair_close(&pair);
}

/* IMAPIFolder.CopyFolder.3 */
static void move_folder__to_another_store__the_tree_is_gone_here(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *from = folder_make(fx->inbox, "From");
    IMAPIFolder *below = folder_make(from, "Below");
    IMAPIFolder *copy;
    struct pair pair;
    HRESULT hr;

    mapi_free(copy_make_rich(from, "rich"));
    mapi_free(copy_make_rich(below, "rich"));
    pair_open(fx, &pair);
    hr = copy_folder(fx->inbox, from, pair.to, NULL, FOLDER_MOVE);
    assert_ok(hr);
    assert_null(child(fx->inbox, "From"));
    copy = child(pair.to, "From");
    assert_int_equal(copy_rows(copy, 0), 1);
    release_last(below);
    below = child(copy, "Below");
    assert_int_equal(copy_rows(below, 0), 1);
    release_last(copy);
    release_last(below);
    release_last(from);
    pair_close(&pair);
}

/* --- the same file through another session ---------------------------------------------------- */

static void copy__another_logon_to_the_file__within_the_file(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    struct copy_print before = copy_print_id(fx->store, id);
    IMAPIFolder *folder = folder_make(fx->inbox, "To");
    SPropValue *folder_id = prop_get(folder, PR_ENTRYID);
    struct host_session session;
    IMsgStore *store = NULL;
    IMAPIFolder *to;
    LPUNKNOWN object = NULL;
    SPropValue *copy;
    ULONG type = 0;

    host_session_init(&session, fx->profile, 1);
    assert_ok(host_session_open(&session, &store));
    assert_ok(store->lpVtbl->OpenEntry(
            store, folder_id->Value.bin.cb, copy_id(folder_id), NULL, MAPI_MODIFY, &type, &object));
    to = (IMAPIFolder *)(void *)object;
    assert_ok(copy_call(fx->inbox, &id, 1, to, 0));
    assert_ok(copy_call(fx->inbox, &id, 1, to, MESSAGE_MOVE));
    assert_int_equal(copy_rows(fx->inbox, 0), 0);
    assert_int_equal(copy_rows(folder, 0), 2);
    copy_assert_equal(copy_print_id(fx->store, id), before); /* it kept its id */
    copy = copy_nth(folder, 0, 0);
    copy_assert_equal(copy_print_id(fx->store, copy), before);
    assert_hr(copy_folder(fx->inbox, folder, to, "x", 0), MAPI_E_FOLDER_CYCLE);
    mapi_free(copy);
    release_last(to);
    release_last(store);
    host_session_logoff(&session);
    assert_int_equal(host_session_done(&session), 0);
    release_last(folder);
    mapi_free(folder_id);
    mapi_free(id);
}

/* The source was opened for reading, the destination for writing. */
static void copy__reader_of_the_file_to_a_writer__written_there(void **state)
{
    struct fixture *fx = *state;
    struct host_logon params = { .flags = MDB_NO_DIALOG };
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    struct copy_print before = copy_print_id(fx->store, id);
    SPropValue *inbox_id = prop_get(fx->inbox, PR_ENTRYID);
    IMAPIFolder *to = folder_make(fx->inbox, "To");
    struct host_session session;
    struct host_support *support = NULL;
    IMsgStore *store = NULL;
    IMAPIFolder *from;
    LPUNKNOWN object = NULL;
    SPropValue *copy;
    ULONG type = 0;

    host_session_init(&session, fx->profile, 1);
    assert_ok(host_session_logon(&session, &params, &store, &support));
    assert_ok(store->lpVtbl->OpenEntry(
            store, inbox_id->Value.bin.cb, copy_id(inbox_id), NULL, 0, &type, &object));
    from = (IMAPIFolder *)(void *)object;
    assert_ok(copy_call(from, &id, 1, to, 0));
    assert_hr(copy_call(from, &id, 1, to, MESSAGE_MOVE), MAPI_E_NO_ACCESS);
    copy = copy_nth(to, 0, 0);
    copy_assert_equal(copy_print_id(fx->store, copy), before);
    assert_int_equal(copy_rows(to, 0), 1);
    assert_int_equal(copy_rows(fx->inbox, 0), 1);
    release_last(from);
    release_last(store);
    host_session_logoff(&session);
    assert_int_equal(host_session_done(&session), 0);
    mapi_free(copy);
    release_last(to);
    mapi_free(inbox_id);
    mapi_free(id);
}

/* --- a folder that is not ours ---------------------------------------------------------------- */

/* Somebody else's folder: it makes messages in a folder of the other store, and refuses the nth. */
struct foreign {
    IMAPIFolder IMAPIFolder_iface;
    IMAPIFolder *inner;
    unsigned refs;
    unsigned made;
    unsigned refuse; /* the nth message; 0: none */
    HRESULT answer;
    IMessage *changed; /* saved again in each CreateMessage; NULL: none */
};

static struct foreign *foreign_from_iface(IMAPIFolder *iface)
{
    return CONTAINING_RECORD(iface, struct foreign, IMAPIFolder_iface);
}

static ULONG STDMETHODCALLTYPE foreign_AddRef(IMAPIFolder *iface)
{
    return ++foreign_from_iface(iface)->refs;
}

static ULONG STDMETHODCALLTYPE foreign_Release(IMAPIFolder *iface)
{
    return --foreign_from_iface(iface)->refs;
}

static HRESULT STDMETHODCALLTYPE foreign_QueryInterface(IMAPIFolder *iface, REFIID iid, void **out)
{
    if (!IsEqualGUID(iid, &IID_IUnknown) && !IsEqualGUID(iid, &IID_IMAPIFolder) &&
            !IsEqualGUID(iid, &IID_IMAPIProp)) {
        *out = NULL;
        return E_NOINTERFACE;
    }
    foreign_AddRef(iface);
    *out = iface;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE foreign_CreateMessage(
        IMAPIFolder *iface, LPCIID iid, ULONG flags, LPMESSAGE *out)
{
    struct foreign *foreign = foreign_from_iface(iface);

    *out = NULL;
    if (foreign->changed) {
        prop_set_text(foreign->changed, PR_SUBJECT_W, "newer");
        assert_ok(foreign->changed->lpVtbl->SaveChanges(foreign->changed, KEEP_OPEN_READWRITE));
    }
    if (++foreign->made == foreign->refuse)
        return foreign->answer;
    return foreign->inner->lpVtbl->CreateMessage(foreign->inner, iid, flags, out);
}

static HRESULT STDMETHODCALLTYPE foreign_CreateFolder(IMAPIFolder *iface, ULONG type, LPTSTR name,
        LPTSTR comment, LPCIID iid, ULONG flags, LPMAPIFOLDER *out)
{
    IMAPIFolder *inner = foreign_from_iface(iface)->inner;

    return inner->lpVtbl->CreateFolder(inner, type, name, comment, iid, flags, out);
}

static const IMAPIFolderVtbl foreign_vtbl = {
    .QueryInterface = foreign_QueryInterface,
    .AddRef = foreign_AddRef,
    .Release = foreign_Release,
    .CreateMessage = foreign_CreateMessage,
    .CreateFolder = foreign_CreateFolder,
};

static void copy__foreign_folder__through_its_interfaces(void **state)
{
    struct fixture *fx = *state;
    SPropValue *ids[3];
    struct pair pair;
    struct foreign foreign;
    IMAPIFolder *from = folder_make(fx->inbox, "From");
    IMAPIFolder *copy;
    SPropValue *there;

    ids[0] = copy_make_rich(fx->inbox, "a");
    ids[1] = message_make(fx->inbox, "b");
    ids[2] = copy_make_rich(fx->inbox, "c");
    mapi_free(message_make(from, "x"));
    pair_open(fx, &pair);
    foreign = (struct foreign){ { &foreign_vtbl }, pair.to, 1, 0, 2, MAPI_E_CALL_FAILED, NULL };

    assert_hr(copy_call(fx->inbox, ids, 3, &foreign.IMAPIFolder_iface, MESSAGE_MOVE),
            MAPI_W_PARTIAL_COMPLETION);
    assert_int_equal(foreign.refs, 1);
    assert_int_equal(copy_rows(pair.to, 0), 2);
    assert_int_equal(copy_rows(fx->inbox, 0), 1);
    there = copy_nth(fx->inbox, 0, 0);
    assert_true(copy_same_id(there, ids[1]));
    mapi_free(there);
    assert_ok(copy_call(fx->inbox, &ids[1], 1, &foreign.IMAPIFolder_iface, 0));
    assert_int_equal(copy_rows(pair.to, 0), 3);

    assert_ok(copy_folder(fx->inbox, from, &foreign.IMAPIFolder_iface, "Copy", COPY_SUBFOLDERS));
    copy = child(pair.to, "Copy");
    assert_int_equal(copy_rows(copy, 0), 1);
    release_last(copy);

    foreign.made = 0;
    foreign.refuse = 1;
    foreign.answer = MAPI_E_NOT_ENOUGH_DISK;
    assert_hr(copy_call(fx->inbox, &ids[1], 1, &foreign.IMAPIFolder_iface, MESSAGE_MOVE),
            MAPI_E_NOT_ENOUGH_DISK);
    assert_int_equal(copy_rows(fx->inbox, 0), 1);
    assert_int_equal(foreign.refs, 1);
    for (int i = 0; i < 3; i++)
        mapi_free(ids[i]);
    release_last(from);
    pair_close(&pair);
}

/* Somebody saves the message while it is copied, when its recipients and attachments have not been
 * read yet: it stays, and no message of two states is made of it. */
static void move__changed_meanwhile__stays(void **state)
{
    struct fixture *fx = *state;
    SPropValue *ids[2];
    struct pair pair;
    struct foreign foreign;
    SPropValue *left;

    ids[0] = message_make(fx->inbox, "a");
    ids[1] = message_make(fx->inbox, "b");
    pair_open(fx, &pair);
    foreign = (struct foreign){ { &foreign_vtbl }, pair.to, 1, 0, 0, S_OK,
        message_open(fx->store, ids[0]) };
    assert_hr(copy_call(fx->inbox, ids, 2, &foreign.IMAPIFolder_iface, MESSAGE_MOVE),
            MAPI_W_PARTIAL_COMPLETION);
    assert_int_equal(copy_rows(fx->inbox, 0), 1);
    left = copy_nth(fx->inbox, 0, 0);
    assert_true(copy_same_id(left, ids[0]));
    assert_int_equal(copy_rows(pair.to, 0), 1);
    release_last(foreign.changed);
    mapi_free(left);
    mapi_free(ids[0]);
    mapi_free(ids[1]);
    pair_close(&pair);
}

/* --- reports ---------------------------------------------------------------------------------- */

static IMessage *make_due(IMAPIFolder *folder)
{
    WCHAR text[] = { 'A', 0 };
    BYTE entry_id[] = "entry id";
    IMessage *message = NULL;
    SPropValue values[4] = { 0 };

    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    prop_set_long(message, PR_MESSAGE_FLAGS, MSGFLAG_UNMODIFIED);
    prop_set_bool(message, PR_READ_RECEIPT_REQUESTED, true);
    values[0].ulPropTag = PR_SENDER_NAME_W;
    values[0].Value.lpszW = text;
    values[1].ulPropTag = PR_REPORT_NAME_W;
    values[1].Value.lpszW = text;
    values[2].ulPropTag = PR_SENDER_ENTRYID;
    values[2].Value.bin.cb = sizeof(entry_id);
    values[2].Value.bin.lpb = entry_id;
    values[3].ulPropTag = PR_REPORT_ENTRYID;
    values[3].Value.bin.cb = sizeof(entry_id);
    values[3].Value.bin.lpb = entry_id;
    assert_ok(message->lpVtbl->SetProps(message, 4, values, NULL));
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    return message;
}

/* IMAPIFolder.CopyMessages.8 IMAPIFolder.CopyMessages.9 IMAPIFolder.CopyMessages.10
 * IMAPISupport.Copy.8 */
static void copy__reports_are_due__sent_by_this_store_even_if_the_copy_fails(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = make_due(fx->inbox);
    SPropValue *ids[2];
    struct foreign foreign;
    struct pair pair;
    SPropValue *copy;

    ids[0] = prop_get(message, PR_ENTRYID);
    release_last(message);
    message = make_due(fx->inbox);
    ids[1] = prop_get(message, PR_ENTRYID);
    release_last(message);
    pair_open(fx, &pair);
    assert_ok(copy_call(fx->inbox, ids, 1, pair.to, 0));
    assert_int_equal(host_support_calls(fx->support, HOST_ReadReceipt), 1);
    assert_int_equal(host_support_calls(fx->support, HOST_CopyMessages), 0);
    copy = copy_nth(pair.to, 0, 0);
    message = message_open(pair.other.raw.store, copy);
    assert_int_equal(
            prop_long(message, PR_MESSAGE_FLAGS) & (MSGFLAG_RN_PENDING | MSGFLAG_NRN_PENDING), 0);
    assert_ok(message->lpVtbl->SetReadFlag(message, 0));
    assert_int_equal(host_support_calls(pair.other.raw.support, HOST_ReadReceipt), 0);
    release_last(message);
    mapi_free(copy);

    foreign = (struct foreign){ { &foreign_vtbl }, pair.to, 1, 0, 1, MAPI_E_CALL_FAILED, NULL };
    assert_hr(copy_call(fx->inbox, &ids[1], 1, &foreign.IMAPIFolder_iface, 0),
            MAPI_W_PARTIAL_COMPLETION);
    assert_int_equal(host_support_calls(fx->support, HOST_ReadReceipt), 2);
    mapi_free(ids[0]);
    mapi_free(ids[1]);
    pair_close(&pair);
}

/* --- Logoff ----------------------------------------------------------------------------------- */

struct ending {
    struct host_support *support;
    IMSLogon *logon;
};

static void end_on_progress(struct recorder *recorder)
{
    struct ending *ending = recorder->context;
    ULONG flags = 0;

    if (!ending->logon)
        return;
    assert_ok(ending->logon->lpVtbl->Logoff(ending->logon, &flags));
    release_last(ending->logon);
}

/* Either end goes: what has arrived is there, what has not is still here. */
static void move_and_end(struct fixture *fx, bool other_ends)
{
    enum { MANY = 40 };

    SPropValue *ids[MANY];
    SBinary bins[MANY];
    ENTRYLIST list;
    struct pair pair;
    struct recorder recorder;
    IMAPIProgress *progress = recorder_init(&recorder, MAPI_TOP_LEVEL);
    struct ending ending;
    ULONG arrived = 0;
    ULONG left = 0;
    struct host_session session;
    IMsgStore *store = NULL;
    LPUNKNOWN object = NULL;
    SPropValue *to_id;
    ULONG type = 0;

    for (int i = 0; i < MANY; i++)
        ids[i] = message_make(fx->inbox, "m");
    list = copy_list(bins, ids, MANY);
    pair_open(fx, &pair);
    to_id = prop_get(pair.to, PR_ENTRYID);
    ending.support = other_ends ? pair.other.raw.support : fx->support;
    ending.logon = host_support_unbind(ending.support);
    recorder.on_progress = end_on_progress;
    recorder.context = &ending;
    assert_hr(fx->inbox->lpVtbl->CopyMessages(
                      fx->inbox, &list, NULL, pair.to, 0, progress, MESSAGE_DIALOG | MESSAGE_MOVE),
            MAPI_E_INVALID_OBJECT);

    if (other_ends) {
        left = copy_rows(fx->inbox, 0);
    } else {
        arrived = copy_rows(pair.to, 0);
    }
    release_last(pair.to);
    release_last(pair.other.root);
    raw_close(&pair.other.raw);
    if (other_ends) {
        assert_ok(host_session_configure(&fx->session, pair.other.path));
        host_session_init(&session, fx->profile, 1);
        assert_ok(host_session_open(&session, &store));
        assert_ok(store->lpVtbl->OpenEntry(
                store, to_id->Value.bin.cb, copy_id(to_id), NULL, 0, &type, &object));
        arrived = copy_rows((IMAPIFolder *)(void *)object, 0);
        release_last(object);
        release_last(store);
        host_session_logoff(&session);
        assert_int_equal(host_session_done(&session), 0);
    } else {
        fixture_reopen(fx);
        left = copy_rows(fx->inbox, 0);
    }
    assert_true(arrived >= 1 && arrived < MANY);
    assert_int_equal(arrived + left, MANY);
    assert_true(host_file_remove(pair.other.path));
    mapi_free(to_id);
    for (int i = 0; i < MANY; i++)
        mapi_free(ids[i]);
}

static void move__logoff_here_meanwhile__each_message_in_one_store(void **state)
{
    move_and_end(*state, false);
}

static void move__logoff_there_meanwhile__each_message_in_one_store(void **state)
{
    move_and_end(*state, true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(copy__to_another_store__equal_there_with_names_kept),
        TEST(move__to_another_store__gone_here_and_what_is_no_message_left_out),
        TEST(copy_folder__to_another_store__the_tree),
        TEST(move_folder__to_another_store__the_tree_is_gone_here),
        TEST(copy__reports_are_due__sent_by_this_store_even_if_the_copy_fails),
        TEST(copy__another_logon_to_the_file__within_the_file),
        TEST(copy__reader_of_the_file_to_a_writer__written_there),
        TEST(copy__foreign_folder__through_its_interfaces),
        TEST(move__changed_meanwhile__stays),
        TEST(move__logoff_here_meanwhile__each_message_in_one_store),
        TEST(move__logoff_there_meanwhile__each_message_in_one_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
