/* SPDX-License-Identifier: MIT */
/*
 * test_copy_messages.c - IMAPIFolder::CopyMessages within one store: copies, moves, what is left
 * out, and notifications.
 */
#include "copy_world.h"

struct two {
    IMAPIFolder *from; /* the inbox */
    IMAPIFolder *to;
};

static struct two two_open(struct fixture *fx)
{
    struct two two = { fx->inbox, folder_make(fx->inbox, "To") };

    return two;
}

static void two_close(struct two *two)
{
    release_last(two->to);
}

static void assert_gone(IMsgStore *store, const SPropValue *id)
{
    LPUNKNOWN object = POISON;
    ULONG type = POISON_LONG;

    assert_hr(
            store->lpVtbl->OpenEntry(store, id->Value.bin.cb, copy_id(id), NULL, 0, &type, &object),
            MAPI_E_NOT_FOUND);
    assert_null(object);
}

/* IMAPIFolder.CopyMessages.1 IMAPIFolder.CopyMessages.14 */
static void copy__everything_in_it__an_equal_one_beside_the_original(void **state)
{
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    SPropValue *id = copy_make_rich(two.from, "rich");
    struct copy_print before = copy_print_id(fx->store, id);
    SPropValue *copy;
    IMessage *message;

    assert_true(before.properties > 20 && before.parts == 11);
    message = message_open(fx->store, id);
    assert_ok(message->lpVtbl->SetReadFlag(message, SUPPRESS_RECEIPT));
    release_last(message);
    assert_ok(copy_call(two.from, &id, 1, two.to, 0));

    assert_int_equal(copy_rows(two.from, 0), 1);
    assert_int_equal(copy_rows(two.to, 0), 1);
    assert_int_equal(prop_long(two.to, PR_CONTENT_COUNT), 1);
    assert_int_equal(prop_long(two.to, PR_CONTENT_UNREAD), 0);
    copy = copy_nth(two.to, 0, 0);
    assert_false(copy_same_id(id, copy));
    copy_assert_equal(copy_print_id(fx->store, copy), before);
    message = message_open(fx->store, copy);
    assert_true((prop_long(message, PR_MESSAGE_FLAGS) & MSGFLAG_READ) != 0);
    assert_true((prop_long(message, PR_MESSAGE_FLAGS) & MSGFLAG_HASATTACH) != 0);
    prop_set_text(message, PR_SUBJECT_W, "changed");
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
    copy_assert_equal(copy_print_id(fx->store, id), before);
    mapi_free(copy);
    mapi_free(id);
    two_close(&two);
    fixture_reopen(fx);
}

/* IMAPIFolder.CopyMessages.2 IMAPIFolder.CopyMessages.7 IMAPIFolder.CopyMessages.14 */
static void move__everything_in_it__elsewhere_under_the_same_id(void **state)
{
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    SPropValue *id = copy_make_rich(two.from, "rich");
    SPropValue *after;
    SPropValue *parent;
    SPropValue *folder;
    IMessage *message;
    struct copy_print before = copy_print_id(fx->store, id);

    assert_ok(copy_call(two.from, &id, 1, two.to, MESSAGE_MOVE));
    assert_int_equal(copy_rows(two.from, 0), 0);
    assert_int_equal(copy_rows(two.to, 0), 1);
    after = copy_nth(two.to, 0, 0);
    assert_true(copy_same_id(id, after));
    copy_assert_equal(copy_print_id(fx->store, id), before);
    message = message_open(fx->store, id);
    parent = prop_get(message, PR_PARENT_ENTRYID);
    folder = prop_get(two.to, PR_ENTRYID);
    assert_true(copy_same_id(parent, folder));
    assert_int_equal(prop_long(two.from, PR_CONTENT_COUNT), 0);
    assert_int_equal(prop_long(two.to, PR_CONTENT_UNREAD), 1);
    release_last(message);
    mapi_free(parent);
    mapi_free(folder);
    mapi_free(after);
    mapi_free(id);
    two_close(&two);
}

/* IMAPIFolder.CopyMessages.3 */
static void copy__some_are_no_messages_of_the_folder__the_rest_is_done(void **state)
{
    for (ULONG flags = 0; flags <= MESSAGE_MOVE; flags += MESSAGE_MOVE) {
        struct fixture *fx = *state;
        struct two two = two_open(fx);
        SPropValue *ids[5];
        SPropValue *folder = prop_get(two.to, PR_ENTRYID);
        SBinary bin;
        ENTRYLIST list;
        SPropValue *there;

        ids[0] = message_make(two.from, "deleted");
        ids[1] = message_make(two.from, "good 1");
        ids[2] = folder;
        ids[3] = message_make(two.to, "elsewhere");
        ids[4] = message_make(two.from, "good 2");
        list = copy_list(&bin, ids, 1);
        assert_ok(two.from->lpVtbl->DeleteMessages(two.from, &list, 0, NULL, 0));

        assert_hr(copy_call(two.from, ids, 5, two.to, flags), MAPI_W_PARTIAL_COMPLETION);
        assert_int_equal(copy_rows(two.to, 0), 3);
        assert_int_equal(copy_rows(two.from, 0), flags == 0 ? 2 : 0);
        there = copy_nth(two.to, 0, 1);
        assert_int_equal(copy_same_id(there, ids[1]), flags != 0);
        mapi_free(there);
        for (int i = 0; i < 5; i++)
            mapi_free(ids[i]);
        assert_ok(two.from->lpVtbl->EmptyFolder(two.from, 0, NULL, 0));
        two_close(&two);
    }
}

/* IMAPIFolder.CopyMessages.4 */
static void copy__interface_of_the_destination__checked(void **state)
{
    static const IID *const taken[] = { NULL, &IID_IUnknown, &IID_IMAPIProp, &IID_IMAPIContainer,
        &IID_IMAPIFolder };
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    SPropValue *id = message_make(two.from, "x");
    SBinary bin;
    ENTRYLIST list = copy_list(&bin, &id, 1);
    IMessage *message = message_open(fx->store, id);

    for (ULONG i = 0; i < 5; i++) {
        assert_ok(two.from->lpVtbl->CopyMessages(two.from, &list, taken[i], two.to, 0, NULL, 0));
        assert_int_equal(copy_rows(two.to, 0), i + 1);
    }
    assert_hr(two.from->lpVtbl->CopyMessages(two.from, &list, &IID_IMessage, two.to, 0, NULL, 0),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_hr(two.from->lpVtbl->CopyMessages(two.from, &list, NULL, message, 0, NULL, 0),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_hr(two.from->lpVtbl->CopyMessages(two.from, &list, NULL, NULL, 0, NULL, 0),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(two.from->lpVtbl->CopyMessages(two.from, NULL, NULL, two.to, 0, NULL, 0),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(two.from->lpVtbl->CopyMessages(two.from, &list, NULL, two.to, 0, NULL, 0x40),
            MAPI_E_UNKNOWN_FLAGS);
    assert_int_equal(copy_rows(two.to, 0), 5);
    release_last(message);
    mapi_free(id);
    two_close(&two);
}

/* IMAPIProp.General.5 IMAPISupport.Copy.8 */
static void copy__decline_ok__done_here_without_the_support_object(void **state)
{
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    SPropValue *id = message_make(two.from, "x");

    assert_ok(copy_call(two.from, &id, 1, two.to, MAPI_DECLINE_OK));
    assert_int_equal(copy_rows(two.to, 0), 1);
    assert_int_equal(host_support_calls(fx->support, HOST_CopyMessages), 0);
    assert_int_equal(host_support_calls(fx->support, HOST_DoCopyTo), 0);
    assert_int_equal(host_support_calls(fx->support, HOST_DoProgressDialog), 0);
    mapi_free(id);
    two_close(&two);
}

/* IMAPIFolder.CopyMessages.5 */
static void copy__message_with_a_status__the_copy_has_none(void **state)
{
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    SPropValue *id = message_make(two.from, "x");
    SPropValue *copy;
    ULONG status = 0;

    assert_ok(two.from->lpVtbl->SetMessageStatus(two.from, id->Value.bin.cb, copy_id(id),
            MSGSTATUS_HIGHLIGHTED, MSGSTATUS_HIGHLIGHTED, &status));
    assert_ok(copy_call(two.from, &id, 1, two.to, 0));
    copy = copy_nth(two.to, 0, 0);
    status = POISON_LONG;
    assert_ok(two.to->lpVtbl->GetMessageStatus(
            two.to, copy->Value.bin.cb, copy_id(copy), 0, &status));
    assert_int_equal(status, 0);
    assert_ok(two.from->lpVtbl->GetMessageStatus(
            two.from, id->Value.bin.cb, copy_id(id), 0, &status));
    assert_int_equal(status, MSGSTATUS_HIGHLIGHTED);
    mapi_free(copy);
    mapi_free(id);
    two_close(&two);
}

/* IMAPIFolder.CopyMessages.6 */
static void copy__into_a_search_folder__refused(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *search = NULL;
    IMAPIFolder *root = folder_by_prop(fx->store, fx->store, PR_FINDER_ENTRYID);
    SPropValue *id = message_make(fx->inbox, "x");
    WCHAR name[] = { 'S', 0 };

    assert_ok(root->lpVtbl->CreateFolder(
            root, FOLDER_SEARCH, (LPTSTR)(void *)name, NULL, NULL, MAPI_UNICODE, &search));
    assert_hr(copy_call(fx->inbox, &id, 1, search, 0), MAPI_E_NO_ACCESS);
    assert_hr(copy_call(fx->inbox, &id, 1, search, MESSAGE_MOVE), MAPI_E_NO_ACCESS);
    assert_int_equal(copy_rows(search, 0), 0);
    assert_int_equal(copy_rows(fx->inbox, 0), 1);
    release_last(search);
    release_last(root);
    mapi_free(id);
}

/* IMAPIFolder.CopyMessages.10 */
static void copy__report_is_due__not_from_the_copy(void **state)
{
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    IMessage *message = NULL;
    SPropValue *id;
    SPropValue *copy;

    assert_ok(two.from->lpVtbl->CreateMessage(two.from, NULL, 0, &message));
    prop_set_long(message, PR_MESSAGE_FLAGS, MSGFLAG_UNMODIFIED);
    prop_set_bool(message, PR_READ_RECEIPT_REQUESTED, true);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    assert_true((prop_long(message, PR_MESSAGE_FLAGS) & MSGFLAG_RN_PENDING) != 0);
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    assert_ok(copy_call(two.from, &id, 1, two.to, 0));
    copy = copy_nth(two.to, 0, 0);
    message = message_open(fx->store, copy);
    assert_int_equal(prop_long(message, PR_MESSAGE_FLAGS) &
                             (MSGFLAG_RN_PENDING | MSGFLAG_NRN_PENDING | MSGFLAG_READ),
            0);
    assert_ok(message->lpVtbl->SetReadFlag(message, 0));
    assert_int_equal(host_support_calls(fx->support, HOST_ReadReceipt), 0);
    release_last(message);
    mapi_free(copy);
    mapi_free(id);
    two_close(&two);
}

/* IMAPIFolder.CopyMessages.11 IMAPIFolder.CopyMessages.12 */
static void move__open_for_writing_elsewhere__moved_and_never_brought_back(void **state)
{
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    SPropValue *id = message_make(two.from, "before");
    IMessage *message = message_open(fx->store, id);
    HRESULT hr;

    prop_set_text(message, PR_SUBJECT_W, "after");
    assert_ok(copy_call(two.from, &id, 1, two.to, 0));
    assert_ok(copy_call(two.from, &id, 1, two.to, MESSAGE_MOVE));
    hr = message->lpVtbl->SaveChanges(message, 0);
    assert_true(hr == S_OK || hr == MAPI_E_OBJECT_CHANGED);
    release_last(message);
    assert_int_equal(copy_rows(two.from, 0), 0);
    assert_int_equal(copy_rows(two.to, 0), 2);
    mapi_free(id);
    two_close(&two);
}

static void copy__associated__stays_associated(void **state)
{
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    IMessage *message = NULL;
    SPropValue *id;

    assert_ok(two.from->lpVtbl->CreateMessage(two.from, NULL, MAPI_ASSOCIATED, &message));
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    assert_ok(copy_call(two.from, &id, 1, two.to, 0));
    assert_ok(copy_call(two.from, &id, 1, two.to, MESSAGE_MOVE));
    assert_int_equal(copy_rows(two.to, 0), 0);
    assert_int_equal(copy_rows(two.to, MAPI_ASSOCIATED), 2);
    assert_int_equal(copy_rows(two.from, MAPI_ASSOCIATED), 0);
    assert_int_equal(prop_long(two.to, PR_ASSOC_CONTENT_COUNT), 2);
    mapi_free(id);
    two_close(&two);
}

static void copy__into_its_own_folder__doubles_and_a_move_does_nothing(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "x");

    assert_ok(copy_call(fx->inbox, &id, 1, fx->inbox, 0));
    assert_int_equal(copy_rows(fx->inbox, 0), 2);
    assert_ok(copy_call(fx->inbox, &id, 1, fx->inbox, MESSAGE_MOVE));
    assert_int_equal(copy_rows(fx->inbox, 0), 2);
    mapi_free(id);
}

static void copy__store_open_for_reading__nothing_moves(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon reader;
    SPropValue *id = message_make(fx->inbox, "x");
    SPropValue *folder_id = prop_get(fx->inbox, PR_ENTRYID);
    LPUNKNOWN object = NULL;
    IMAPIFolder *folder;
    ULONG type = 0;

    release_last(fx->inbox);
    release_last(fx->store);
    raw_open(fx, &reader, 0);
    assert_ok(reader.store->lpVtbl->OpenEntry(
            reader.store, folder_id->Value.bin.cb, copy_id(folder_id), NULL, 0, &type, &object));
    folder = (IMAPIFolder *)(void *)object;
    assert_hr(copy_call(folder, &id, 1, folder, 0), MAPI_E_NO_ACCESS);
    assert_hr(copy_call(folder, &id, 1, folder, MESSAGE_MOVE), MAPI_E_NO_ACCESS);
    assert_int_equal(copy_rows(folder, 0), 1);
    release_last(folder);
    raw_close(&reader);
    mapi_free(folder_id);
    mapi_free(id);
}

/* --- notifications ---------------------------------------------------------------------------- */

static ULONG_PTR advise(struct fixture *fx, struct host_sink *sink, const SPropValue *id)
{
    ULONG_PTR connection = 0;

    host_sink_init(sink);
    assert_ok(fx->store->lpVtbl->Advise(fx->store, id ? id->Value.bin.cb : 0,
            id ? copy_id(id) : NULL, fnevObjectCopied | fnevObjectMoved | fnevObjectCreated,
            &sink->IMAPIAdviseSink_iface, &connection));
    return connection;
}

static void unadvise(struct fixture *fx, struct host_sink *sink, ULONG_PTR connection)
{
    assert_ok(fx->store->lpVtbl->Unadvise(fx->store, connection));
    host_sink_done(sink);
}

static void assert_event(const struct host_event *event, ULONG type, const SPropValue *id,
        const SPropValue *parent, const SPropValue *old, const SPropValue *old_parent)
{
    assert_int_equal(event->type, type);
    assert_int_equal(event->id_size, id->Value.bin.cb);
    assert_memory_equal(event->id, id->Value.bin.lpb, event->id_size);
    assert_memory_equal(event->parent, parent->Value.bin.lpb, event->parent_size);
    assert_int_equal(event->old_id_size, old->Value.bin.cb);
    assert_memory_equal(event->old_id, old->Value.bin.lpb, event->old_id_size);
    assert_int_equal(event->old_parent_size, old_parent->Value.bin.cb);
    assert_memory_equal(event->old_parent, old_parent->Value.bin.lpb, event->old_parent_size);
}

/* Notify.Moved.1 Notify.Moved.2 Notify.Copied.1 Notify.Copied.2 Notify.Copied.3 */
static void copy_and_move__sinks__told_once_with_old_and_new(void **state)
{
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    SPropValue *id = message_make(two.from, "x");
    SPropValue *from = prop_get(two.from, PR_ENTRYID);
    SPropValue *to = prop_get(two.to, PR_ENTRYID);
    struct host_sink all;
    struct host_sink one;
    struct host_event event;
    ULONG_PTR all_connection = advise(fx, &all, NULL);
    ULONG_PTR one_connection = advise(fx, &one, id);
    SPropValue *copy;

    assert_ok(copy_call(two.from, &id, 1, two.to, 0));
    copy = copy_nth(two.to, 0, 0);
    assert_int_equal(host_sink_count(&all, fnevObjectCreated), 0);
    assert_int_equal(host_sink_count(&all, fnevObjectCopied), 1);
    assert_true(host_sink_event(&all, 0, &event));
    assert_event(&event, fnevObjectCopied, copy, to, id, from);
    assert_int_equal(event.object_type, MAPI_MESSAGE);

    host_sink_clear(&all);
    host_sink_clear(&one);
    assert_ok(copy_call(two.from, &id, 1, two.to, MESSAGE_MOVE));
    assert_int_equal(host_sink_count(&all, fnevObjectMoved), 1);
    assert_int_equal(host_sink_count(&one, fnevObjectMoved), 1);
    assert_true(host_sink_event(&one, 0, &event));
    assert_event(&event, fnevObjectMoved, id, to, id, from);
    assert_true(host_sink_event(&all, 0, &event));
    assert_event(&event, fnevObjectMoved, id, to, id, from);

    unadvise(fx, &all, all_connection);
    unadvise(fx, &one, one_connection);
    mapi_free(copy);
    mapi_free(from);
    mapi_free(to);
    mapi_free(id);
    two_close(&two);
}

/* --- size ------------------------------------------------------------------------------------- */

static IStream *open_stream(IMessage *message, ULONG flags)
{
    IStream *stream = NULL;

    assert_ok(message->lpVtbl->OpenProperty(message, PROP_TAG(PT_BINARY, 0x6800), &IID_IStream, 0,
            flags, (LPUNKNOWN *)(void *)&stream));
    return stream;
}

static void copy__value_over_one_transaction__copied_in_pieces(void **state)
{
    enum { PIECE = 1024 * 1024, PIECES = 18 };
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    unsigned char *bytes = copy_bytes(PIECE, 5);
    unsigned char *back = copy_bytes(PIECE, 6);
    SPropValue *ids[3];
    SPropValue *copy;
    IMessage *message = NULL;
    IStream *stream;
    ULONG got;

    ids[0] = message_make(two.from, "a");
    assert_ok(two.from->lpVtbl->CreateMessage(two.from, NULL, 0, &message));
    prop_set_text(message, PR_SUBJECT_W, "b");
    stream = open_stream(message, MAPI_CREATE | MAPI_MODIFY);
    for (int i = 0; i < PIECES; i++) {
        bytes[0] = (unsigned char)i;
        assert_ok(stream->lpVtbl->Write(stream, bytes, PIECE, &got));
    }
    assert_ok(stream->lpVtbl->Commit(stream, 0));
    release_last(stream);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY));
    ids[1] = prop_get(message, PR_ENTRYID);
    release_last(message);
    ids[2] = message_make(two.from, "c");

    assert_ok(copy_call(two.from, ids, 3, two.to, 0));
    assert_int_equal(copy_rows(two.to, 0), 3);
    copy = copy_nth(two.to, 0, 1);
    message = message_open(fx->store, copy);
    stream = open_stream(message, 0);
    for (int i = 0; i < PIECES; i++) {
        bytes[0] = (unsigned char)i;
        assert_ok(stream->lpVtbl->Read(stream, back, PIECE, &got));
        assert_int_equal(got, PIECE);
        assert_memory_equal(back, bytes, PIECE);
    }
    release_last(stream);
    release_last(message);
    mapi_free(copy);
    for (int i = 0; i < 3; i++)
        mapi_free(ids[i]);
    free(bytes);
    free(back);
    two_close(&two);
}

static void move__from_a_search_folder__out_of_their_folders(void **state)
{
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    IMAPIFolder *root = folder_by_prop(fx->store, fx->store, PR_FINDER_ENTRYID);
    IMAPIFolder *search = NULL;
    SPropValue *id = message_make(two.from, "found");
    SPropValue *folder_id = prop_get(two.from, PR_ENTRYID);
    WCHAR name[] = { 'S', 0 };
    SRestriction exists = { .rt = RES_EXIST };
    SBinary bin = folder_id->Value.bin;
    ENTRYLIST scope = { 1, &bin };

    exists.res.resExist.ulPropTag = PR_SUBJECT_W;
    assert_ok(root->lpVtbl->CreateFolder(
            root, FOLDER_SEARCH, (LPTSTR)(void *)name, NULL, NULL, MAPI_UNICODE, &search));
    assert_ok(search->lpVtbl->SetSearchCriteria(search, &exists, &scope, SHALLOW_SEARCH));
    assert_int_equal(copy_rows(search, 0), 1);
    assert_ok(copy_call(search, &id, 1, two.to, 0));
    assert_ok(copy_call(search, &id, 1, two.to, MESSAGE_MOVE));
    assert_int_equal(copy_rows(search, 0), 0);
    assert_int_equal(copy_rows(two.from, 0), 0);
    assert_int_equal(copy_rows(two.to, 0), 2);
    release_last(search);
    release_last(root);
    mapi_free(folder_id);
    mapi_free(id);
    two_close(&two);
}

/* A deleted original takes nothing of its copy along. */
static void copy__original_is_deleted__the_copy_stays_whole(void **state)
{
    struct fixture *fx = *state;
    struct two two = two_open(fx);
    SPropValue *id = copy_make_rich(two.from, "rich");
    struct copy_print before = copy_print_id(fx->store, id);
    SBinary bin;
    ENTRYLIST list = copy_list(&bin, &id, 1);
    SPropValue *copy;

    assert_ok(copy_call(two.from, &id, 1, two.to, 0));
    assert_ok(two.from->lpVtbl->DeleteMessages(two.from, &list, 0, NULL, 0));
    assert_gone(fx->store, id);
    copy = copy_nth(two.to, 0, 0);
    copy_assert_equal(copy_print_id(fx->store, copy), before);
    mapi_free(copy);
    mapi_free(id);
    two_close(&two);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(copy__everything_in_it__an_equal_one_beside_the_original),
        TEST(move__everything_in_it__elsewhere_under_the_same_id),
        TEST(copy__some_are_no_messages_of_the_folder__the_rest_is_done),
        TEST(copy__interface_of_the_destination__checked),
        TEST(copy__decline_ok__done_here_without_the_support_object),
        TEST(copy__message_with_a_status__the_copy_has_none),
        TEST(copy__into_a_search_folder__refused),
        TEST(copy__report_is_due__not_from_the_copy),
        TEST(move__open_for_writing_elsewhere__moved_and_never_brought_back),
        TEST(copy__associated__stays_associated),
        TEST(copy__into_its_own_folder__doubles_and_a_move_does_nothing),
        TEST(copy__store_open_for_reading__nothing_moves),
        TEST(copy_and_move__sinks__told_once_with_old_and_new),
        TEST(copy__value_over_one_transaction__copied_in_pieces),
        TEST(move__from_a_search_folder__out_of_their_folders),
        TEST(copy__original_is_deleted__the_copy_stays_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
