/* SPDX-License-Identifier: MIT */
/*
 * test_report.c - read and nonread reports: when they are made, that there is never a second one,
 * and what holds the read flag back.
 */
#include "mail_world.h"

/* A message that has come in, and whose sender asks for a report. */
static SPropValue *receive(struct fixture *fx, const char *subject)
{
    IMessage *message = NULL;
    SPropValue *id;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    prop_set_text(message, PR_SUBJECT_W, subject);
    prop_set_text(message, PR_SENDER_NAME_W, "Zoe");
    prop_set_long(message, PR_MESSAGE_FLAGS, MSGFLAG_UNMODIFIED);
    prop_set_bool(message, PR_READ_RECEIPT_REQUESTED, true);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    id = prop_get(message, PR_ENTRYID);
    assert_int_equal(prop_long(message, PR_MESSAGE_FLAGS),
            MSGFLAG_UNMODIFIED | MSGFLAG_RN_PENDING | MSGFLAG_NRN_PENDING);
    release_last(message);
    return id;
}

static ENTRYLIST list_of(SBinary *bin, const SPropValue *id)
{
    ENTRYLIST list = { 1, bin };

    *bin = id->Value.bin;
    return list;
}

static HRESULT read_flags(struct fixture *fx, const SPropValue *id, ULONG flags)
{
    SBinary bin;
    ENTRYLIST list = list_of(&bin, id);

    return fx->inbox->lpVtbl->SetReadFlags(fx->inbox, &list, 0, NULL, flags);
}

static HRESULT delete_one(struct fixture *fx, const SPropValue *id)
{
    SBinary bin;
    ENTRYLIST list = list_of(&bin, id);

    return fx->inbox->lpVtbl->DeleteMessages(fx->inbox, &list, 0, NULL, 0);
}

static size_t made(struct fixture *fx)
{
    return host_support_calls(fx->support, HOST_ReadReceipt);
}

/* IMAPIFolder.SetReadFlags.2 IMAPIFolder.SetReadFlags.17 IMAPISupport.Receipts.1
 * IMAPISupport.Receipts.2 IMAPISupport.Receipts.3 */
static void set_read_flags__report_requested__made_once_and_submitted(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = receive(fx, "hello");
    struct spooler spooler = spooler_logon(fx);
    struct host_call call;

    assert_ok(read_flags(fx, id, 0));

    assert_int_equal(mail_flags(fx->store, id), MSGFLAG_UNMODIFIED | MSGFLAG_READ);
    assert_int_equal(made(fx), 1);
    assert_true(host_support_call(fx->support, HOST_ReadReceipt, 0, &call));
    assert_int_equal(call.flags, 0);
    queue_assert(spooler.store, "Read: hello ");
    /* Nothing brings a second one. */
    assert_ok(read_flags(fx, id, 0));
    assert_ok(read_flags(fx, id, CLEAR_READ_FLAG));
    assert_ok(read_flags(fx, id, 0));
    assert_ok(read_flags(fx, id, GENERATE_RECEIPT_ONLY));
    assert_ok(read_flags(fx, id, CLEAR_READ_FLAG));
    assert_ok(delete_one(fx, id));
    assert_int_equal(made(fx), 1);
    queue_assert(spooler.store, "Read: hello ");
    release_last(spooler.store);
    mapi_free(id);
}

/* IMAPIFolder.SetReadFlags.8 IMessage.SetReadFlag.5 */
static void set_read_flags__only_the_report__read_flag_stays(void **state)
{
    struct fixture *fx = *state;
    SPropValue *ids[2] = { receive(fx, "a"), receive(fx, "b") };
    IMessage *message = NULL;

    assert_ok(read_flags(fx, ids[0], GENERATE_RECEIPT_ONLY));
    assert_int_equal(made(fx), 1);
    assert_int_equal(mail_flags(fx->store, ids[0]), MSGFLAG_UNMODIFIED);
    assert_ok(mail_open(fx->store, ids[1], 0, &message));
    assert_ok(message->lpVtbl->SetReadFlag(message, GENERATE_RECEIPT_ONLY));
    assert_int_equal(made(fx), 2);
    assert_int_equal(prop_long(message, PR_MESSAGE_FLAGS), MSGFLAG_UNMODIFIED);
    release_last(message);
    assert_int_equal(mail_flags(fx->store, ids[1]), MSGFLAG_UNMODIFIED);
    mapi_free(ids[0]);
    mapi_free(ids[1]);
}

/* IMessage.SetReadFlag.1 IMAPISupport.Receipts.1 */
static void set_read_flag__report_requested__made_once(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = receive(fx, "hello");
    IMessage *message = NULL;

    assert_ok(mail_open(fx->store, id, 0, &message));
    assert_ok(message->lpVtbl->SetReadFlag(message, 0));
    assert_ok(message->lpVtbl->SetReadFlag(message, CLEAR_READ_FLAG));
    assert_ok(message->lpVtbl->SetReadFlag(message, 0));
    release_last(message);

    assert_int_equal(made(fx), 1);
    assert_int_equal(mail_flags(fx->store, id), MSGFLAG_UNMODIFIED | MSGFLAG_READ);
    mapi_free(id);
}

/* IMAPIFolder.SetReadFlags.4 IMAPIFolder.SetReadFlags.7 IMAPIFolder.SetReadFlags.9
 * IMAPIFolder.SetReadFlags.10 IMAPIFolder.SetReadFlags.11 IMessage.SetReadFlag.3
 * IMessage.SetReadFlag.6 IMessage.SetReadFlag.7 */
static void set_read_flags__suppressed_cleared_or_withdrawn__no_report(void **state)
{
    struct fixture *fx = *state;
    const LONG pending = MSGFLAG_RN_PENDING | MSGFLAG_NRN_PENDING;

    const struct {
        ULONG flags;
        LONG expected;
    } steps[] = {
        { SUPPRESS_RECEIPT, MSGFLAG_READ },
        { CLEAR_READ_FLAG, pending },
        { CLEAR_RN_PENDING, MSGFLAG_NRN_PENDING },
        { CLEAR_NRN_PENDING, MSGFLAG_RN_PENDING },
        { CLEAR_RN_PENDING | CLEAR_NRN_PENDING, 0 },
        { SUPPRESS_RECEIPT | GENERATE_RECEIPT_ONLY, 0 },
    };

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        for (int through_message = 0; through_message < 2; through_message++) {
            SPropValue *id = receive(fx, "hello");
            IMessage *message = NULL;

            assert_ok(mail_open(fx->store, id, 0, &message));
            if (through_message)
                assert_ok(message->lpVtbl->SetReadFlag(message, steps[i].flags));
            else
                assert_ok(read_flags(fx, id, steps[i].flags));
            release_last(message);
            assert_int_equal(
                    mail_flags(fx->store, id) & (pending | MSGFLAG_READ), steps[i].expected);
            if (steps[i].flags == (SUPPRESS_RECEIPT | GENERATE_RECEIPT_ONLY))
                assert_ok(read_flags(fx, id, 0)); /* withdrawn for good */
            mapi_free(id);
        }
    }
    assert_int_equal(made(fx), 0);
}

/* A message of one's own, or one that nobody asked a report for. */
static void set_read_flags__nothing_pending__no_report(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "mine");
    IMessage *message = message_open(fx->store, id);

    prop_set_bool(message, PR_READ_RECEIPT_REQUESTED, true);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);

    assert_ok(read_flags(fx, id, 0));
    assert_ok(read_flags(fx, id, GENERATE_RECEIPT_ONLY));

    assert_int_equal(made(fx), 0);
    mapi_free(id);
}

/* IMAPISupport.Receipts.4 */
static void read_receipt__fails__released_and_made_later(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = receive(fx, "hello");
    IMAPIFolder *outbox = folder_by_prop(fx->store, fx->store, PR_IPM_OUTBOX_ENTRYID);
    IMessage *message = NULL;

    host_support_fail(fx->support, HOST_ReadReceipt, MAPI_E_CALL_FAILED, 1);
    assert_ok(read_flags(fx, id, 0));
    assert_int_equal(mail_flags(fx->store, id),
            MSGFLAG_UNMODIFIED | MSGFLAG_READ | MSGFLAG_RN_PENDING | MSGFLAG_NRN_PENDING);
    assert_int_equal(prop_long(outbox, PR_CONTENT_COUNT), 0);
    host_support_fail(fx->support, HOST_ReadReceipt, MAPI_E_CALL_FAILED, 1);
    assert_hr(read_flags(fx, id, GENERATE_RECEIPT_ONLY), MAPI_W_PARTIAL_COMPLETION);
    assert_ok(mail_open(fx->store, id, 0, &message));
    host_support_fail(fx->support, HOST_ReadReceipt, MAPI_E_CALL_FAILED, 1);
    assert_hr(message->lpVtbl->SetReadFlag(message, GENERATE_RECEIPT_ONLY), MAPI_E_CALL_FAILED);
    assert_ok(message->lpVtbl->SetReadFlag(message, GENERATE_RECEIPT_ONLY));
    release_last(message);

    assert_int_equal(made(fx), 4);
    assert_int_equal(prop_long(outbox, PR_CONTENT_COUNT), 1);
    assert_int_equal(mail_flags(fx->store, id), MSGFLAG_UNMODIFIED | MSGFLAG_READ);
    release_last(outbox);
    mapi_free(id);
}

/* IMAPISupport.Receipts.2 */
static void delete__unread__nonread_report(void **state)
{
    struct fixture *fx = *state;
    SPropValue *ids[3] = { receive(fx, "deleted"), receive(fx, "emptied"), receive(fx, "read") };
    struct spooler spooler = spooler_logon(fx);
    struct host_call call;

    assert_ok(read_flags(fx, ids[2], SUPPRESS_RECEIPT));
    assert_ok(delete_one(fx, ids[0]));
    assert_ok(fx->inbox->lpVtbl->EmptyFolder(fx->inbox, 0, NULL, 0));

    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), 0);
    assert_int_equal(made(fx), 2);
    for (size_t i = 0; i < 2; i++) {
        assert_true(host_support_call(fx->support, HOST_ReadReceipt, i, &call));
        assert_int_equal(call.flags, MAPI_NON_READ);
    }
    queue_assert(spooler.store, "Not read: deleted Not read: emptied ");
    release_last(spooler.store);
    for (int i = 0; i < 3; i++)
        mapi_free(ids[i]);
}

/* The message goes, whatever becomes of the report. */
static void delete__report_fails__deleted_all_the_same(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = receive(fx, "hello");

    host_support_fail(fx->support, HOST_ReadReceipt, MAPI_E_CALL_FAILED, 1);
    assert_ok(delete_one(fx, id));

    assert_int_equal(made(fx), 1);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), 0);
    mapi_free(id);
}

/* IMAPIFolder.SetReadFlags.16 IMAPIFolder.SetReadFlags.14 */
static void set_read_flags__held_open_for_writing__not_changed(void **state)
{
    struct fixture *fx = *state;
    SPropValue *ids[2] = { message_make(fx->inbox, "held"), message_make(fx->inbox, "free") };
    IMessage *writer = NULL;
    IMessage *reader = NULL;

    assert_ok(mail_open(fx->store, ids[0], MAPI_MODIFY, &writer));
    assert_ok(mail_open(fx->store, ids[1], MAPI_BEST_ACCESS, &reader));

    assert_hr(fx->inbox->lpVtbl->SetReadFlags(fx->inbox, NULL, 0, NULL, 0),
            MAPI_W_PARTIAL_COMPLETION);

    assert_int_equal(mail_flags(fx->store, ids[0]) & MSGFLAG_READ, 0);
    assert_int_equal(mail_flags(fx->store, ids[1]) & MSGFLAG_READ, MSGFLAG_READ);
    release_last(writer);
    assert_ok(fx->inbox->lpVtbl->SetReadFlags(fx->inbox, NULL, 0, NULL, 0));
    assert_int_equal(mail_flags(fx->store, ids[0]) & MSGFLAG_READ, MSGFLAG_READ);
    release_last(reader);
    mapi_free(ids[0]);
    mapi_free(ids[1]);
}

/* The session ends while MAPI makes the report. */
static void log_off_inside(struct host_support *support, enum host_method method, void *context)
{
    IMSLogon *logon;

    (void)context;
    if (method != HOST_ReadReceipt)
        return;
    support->on_call = NULL;
    logon = host_support_logon(support);
    assert_ok(logon->lpVtbl->Logoff(logon, NULL));
    logon->lpVtbl->Release(logon);
}

static void read_receipt__session_ends_inside__dead_and_clean(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = receive(fx, "hello");

    fx->support->on_call = log_off_inside;
    assert_hr(read_flags(fx, id, 0), MAPI_E_INVALID_OBJECT);

    mapi_free(id);
}

#define INBOX_TEST(name)                                                                           \
    cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX_TEST(set_read_flags__report_requested__made_once_and_submitted),
        INBOX_TEST(set_read_flags__only_the_report__read_flag_stays),
        INBOX_TEST(set_read_flag__report_requested__made_once),
        INBOX_TEST(set_read_flags__suppressed_cleared_or_withdrawn__no_report),
        INBOX_TEST(set_read_flags__nothing_pending__no_report),
        INBOX_TEST(read_receipt__fails__released_and_made_later),
        INBOX_TEST(delete__unread__nonread_report),
        INBOX_TEST(delete__report_fails__deleted_all_the_same),
        INBOX_TEST(set_read_flags__held_open_for_writing__not_changed),
        INBOX_TEST(read_receipt__session_ends_inside__dead_and_clean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
