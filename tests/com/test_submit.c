/* SPDX-License-Identifier: MIT */
/*
 * test_submit.c - SubmitMessage and AbortSubmit as a client sees them, and what nobody but the
 * spooler may do to a message that waits to be sent.
 */
#include "mail_world.h"

static size_t calls(struct fixture *fx, enum host_method method)
{
    return host_support_calls(fx->support, method);
}

static HRESULT abort_submit(struct fixture *fx, const SPropValue *id)
{
    return fx->store->lpVtbl->AbortSubmit(
            fx->store, id->Value.bin.cb, raw_id(id->Value.bin.lpb), 0);
}

/* "type/responsible " of every recipient, type in hex, in the order they were added. */
static void assert_recipients(IMessage *message, const char *expected)
{
    static const ULONG tags[] = { PR_RECIPIENT_TYPE, PR_RESPONSIBILITY };
    LPMAPITABLE table = NULL;
    LPSRowSet rows;
    char text[200] = "";
    size_t at = 0;

    assert_ok(message->lpVtbl->GetRecipientTable(message, 0, &table));
    rows = table_rows(table, tags, 2);
    release_last(table);
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *cells = rows->aRow[i].lpProps;

        at += (size_t)snprintf(text + at, sizeof(text) - at, "%lx/%s ",
                (unsigned long)cells[0].Value.l,
                cells[1].ulPropTag != PR_RESPONSIBILITY ? "?"
                : cells[1].Value.b                      ? "yes"
                                                        : "no");
    }
    mapi_free_rows(rows);
    assert_string_equal(text, expected);
}

/* --- SubmitMessage ------------------------------------------------------------------------------
 */

/* IMessage.SubmitMessage.2 IMessage.SubmitMessage.3 message.PR_MESSAGE_FLAGS.7
 * Submit.Preprocess.2 Submit.Preprocess.4 Submit.Queue.2 IMAPISupport.Sending.2
 * IMAPISupport.Sending.3 IMAPISupport.SpoolerNotify.1 StoreProp.SupportMask.9 */
static void submit__not_saved_before__saved_and_queued(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = mail_new(fx->inbox, "hello");
    struct spooler spooler = spooler_logon(fx);
    struct host_call call;
    SPropValue *value;
    SPropValue *id;

    assert_ok(message->lpVtbl->SubmitMessage(message, FORCE_SUBMIT));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);

    queue_assert(spooler.store, "hello ");
    assert_int_equal(calls(fx, HOST_ExpandRecips), 1);
    assert_int_equal(calls(fx, HOST_PrepareSubmit), 0);
    assert_int_equal(calls(fx, HOST_CompleteMsg), 0);
    assert_true(host_support_call(fx->support, HOST_SpoolerNotify, 0, &call));
    assert_int_equal(call.flags, NOTIFY_READYTOSEND);
    assert_int_equal(call.arg, 0);
    assert_ok(mail_open(spooler.store, id, 0, &message));
    assert_int_equal(prop_long(message, PR_MESSAGE_FLAGS) & (MSGFLAG_SUBMIT | MSGFLAG_UNSENT),
            MSGFLAG_SUBMIT | MSGFLAG_UNSENT);
    assert_int_equal(prop_long(message, PR_SUBMIT_FLAGS), 0);
    assert_null(prop_get(message, PR_PREPROCESS));
    prop_assert_text(message, PR_DISPLAY_TO_W, "ann@example.org");
    assert_recipients(message, "1/no ");
    value = prop_get(message, PR_CLIENT_SUBMIT_TIME);
    assert_non_null(value);
    mapi_free(value);
    release_last(message);
    release_last(spooler.store);
    mapi_free(id);
}

/* A message that a client says it has sent already is submitted as unsent. */
static void submit__not_unsent_before__unsent(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = mail_new(fx->inbox, "hello");
    SPropValue *id;

    prop_set_long(message, PR_MESSAGE_FLAGS, MSGFLAG_READ);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    id = prop_get(message, PR_ENTRYID);
    assert_int_equal(mail_flags(fx->store, id) & MSGFLAG_UNSENT, 0);
    assert_ok(message->lpVtbl->SubmitMessage(message, 0));
    release_last(message);

    assert_int_equal(mail_flags(fx->store, id) & (MSGFLAG_SUBMIT | MSGFLAG_UNSENT | MSGFLAG_READ),
            MSGFLAG_SUBMIT | MSGFLAG_UNSENT | MSGFLAG_READ);
    mapi_free(id);
}

/* IMessage.SubmitMessage.1 */
static void submit__no_recipients_left__says_so_and_stays_open(void **state)
{
    struct fixture *fx = *state;
    SizedADRLIST(1, none) = { 0, { { 0, 0, NULL } } };
    IMessage *message = mail_new(fx->inbox, "hello");
    SPropValue *id;

    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    id = prop_get(message, PR_ENTRYID);
    assert_ok(message->lpVtbl->ModifyRecipients(message, 0, (LPADRLIST)&none));
    assert_hr(message->lpVtbl->SubmitMessage(message, 0), MAPI_E_NO_RECIPIENTS);
    mail_to(message, "ann@example.org", MAPI_TO);
    assert_ok(message->lpVtbl->SubmitMessage(message, 0));

    release_last(message);
    assert_int_equal(mail_flags(fx->store, id) & MSGFLAG_SUBMIT, MSGFLAG_SUBMIT);
    mapi_free(id);
}

/* Submit.Resend.1 IMAPISupport.Sending.1 IMAPISupport.SpoolerNotify.2 */
static void submit__resend__recipients_as_mapi_prepared_them(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = mail_new(fx->inbox, "again");
    struct host_call call;

    mail_to(message, "bob@example.org", (LONG)(MAPI_CC | MAPI_SUBMITTED));
    prop_set_long(message, PR_MESSAGE_FLAGS, MSGFLAG_UNSENT | MSGFLAG_RESEND);

    assert_ok(message->lpVtbl->SubmitMessage(message, 0));

    assert_recipients(message, "10000000/yes 2/no ");
    assert_true(host_support_call(fx->support, HOST_PrepareSubmit, 0, &call));
    assert_int_equal(call.flags, 0);
    assert_true(host_support_position(fx->support, HOST_SpoolerNotify, 0) <
                host_support_position(fx->support, HOST_PrepareSubmit, 0));
    assert_true(host_support_position(fx->support, HOST_PrepareSubmit, 0) <
                host_support_position(fx->support, HOST_ExpandRecips, 0));
    release_last(message);
    message = mail_new(fx->inbox, "third");
    prop_set_long(message, PR_MESSAGE_FLAGS, MSGFLAG_UNSENT | MSGFLAG_RESEND);
    assert_ok(message->lpVtbl->SubmitMessage(message, 0));
    assert_int_equal(calls(fx, HOST_PrepareSubmit), 2);
    assert_int_equal(calls(fx, HOST_SpoolerNotify), 1);
    release_last(message);
}

/* Recipients whom an earlier sending had taken on are to be sent to like the others. */
static void submit__responsibility_of_old__taken_back(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = mail_new(fx->inbox, "copy of a sent one");
    SPropValue values[3] = { { .ulPropTag = PR_RECIPIENT_TYPE, .Value.l = MAPI_CC },
        { .ulPropTag = PR_RESPONSIBILITY, .Value.b = TRUE }, { .ulPropTag = PR_DISPLAY_NAME_A } };
    SizedADRLIST(1, list) = { 1, { { 0, 3, values } } };
    char name[] = "bob";

    values[2].Value.lpszA = name;
    assert_ok(message->lpVtbl->ModifyRecipients(message, MODRECIP_ADD, (LPADRLIST)&list));
    assert_ok(message->lpVtbl->SubmitMessage(message, 0));

    assert_recipients(message, "1/no 2/no ");
    release_last(message);
}

/* Submit.Client.1 */
static void submit__mapi_refuses__not_queued_and_open(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = mail_new(fx->inbox, "hello");
    struct spooler spooler = spooler_logon(fx);
    SPropValue *id;

    prop_set_long(message, PR_MESSAGE_FLAGS, MSGFLAG_UNSENT | MSGFLAG_RESEND);
    host_support_fail(fx->support, HOST_PrepareSubmit, MAPI_E_NOT_FOUND, 1);
    assert_hr(message->lpVtbl->SubmitMessage(message, 0), MAPI_E_NOT_FOUND);
    host_support_fail(fx->support, HOST_ExpandRecips, MAPI_E_AMBIGUOUS_RECIP, 1);
    assert_hr(message->lpVtbl->SubmitMessage(message, 0), MAPI_E_AMBIGUOUS_RECIP);
    id = prop_get(message, PR_ENTRYID);
    assert_non_null(id);
    assert_int_equal(mail_flags(fx->store, id) & MSGFLAG_SUBMIT, 0);
    assert_int_equal(prop_long(message, PR_MESSAGE_FLAGS) & MSGFLAG_SUBMIT, 0);
    queue_assert(spooler.store, "");
    /* It is still open for changes, and can be sent. */
    prop_set_text(message, PR_SUBJECT_W, "hello again");
    assert_ok(message->lpVtbl->SubmitMessage(message, 0));
    queue_assert(spooler.store, "hello again ");
    release_last(message);
    release_last(spooler.store);
    mapi_free(id);
}

/* The spooler may not be there yet: that is not the client's affair. */
static void submit__spooler_notify_fails__told_next_time(void **state)
{
    struct fixture *fx = *state;

    host_support_fail(fx->support, HOST_SpoolerNotify, MAPI_E_CALL_FAILED, 1);
    mapi_free(mail_submit(fx->inbox, "one"));
    mapi_free(mail_submit(fx->inbox, "two"));
    mapi_free(mail_submit(fx->inbox, "three"));

    assert_int_equal(calls(fx, HOST_SpoolerNotify), 2);
    assert_int_equal(calls(fx, HOST_ExpandRecips), 3);
}

static void drop_recipients(struct host_support *support, enum host_method method, void *context)
{
    SizedADRLIST(1, none) = { 0, { { 0, 0, NULL } } };
    IMessage *message = context;

    (void)support;
    if (method == HOST_ExpandRecips)
        assert_ok(message->lpVtbl->ModifyRecipients(message, 0, (LPADRLIST)&none));
}

/* An empty distribution list. */
static void submit__nobody_left_after_expansion__no_recipients(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = mail_new(fx->inbox, "hello");

    fx->support->on_call_context = message;
    fx->support->on_call = drop_recipients;
    assert_hr(message->lpVtbl->SubmitMessage(message, 0), MAPI_E_NO_RECIPIENTS);
    fx->support->on_call = NULL;

    assert_int_equal(prop_long(message, PR_MESSAGE_FLAGS) & MSGFLAG_SUBMIT, 0);
    release_last(message);
}

struct rival {
    IMsgStore *store;
    const SPropValue *id;
};

static void submit_inside(struct host_support *support, enum host_method method, void *context)
{
    const struct rival *rival = context;
    IMessage *message = NULL;

    if (method != HOST_ExpandRecips)
        return;
    support->on_call = NULL;
    assert_ok(mail_open(rival->store, rival->id, MAPI_MODIFY, &message));
    assert_ok(message->lpVtbl->SubmitMessage(message, 0));
    release_last(message);
}

/* While one client is in ExpandRecips another may submit the same message: it goes once. */
static void submit__twice_at_once__queued_once(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "hello");
    struct spooler spooler = spooler_logon(fx);
    struct rival rivals[2] = { { fx->store, id }, { spooler.store, id } };

    for (int i = 0; i < 2; i++) { /* of the same logon, of another one */
        IMessage *message = message_open(fx->store, id);

        mail_to(message, "ann@example.org", MAPI_TO);
        fx->support->on_call_context = &rivals[i];
        fx->support->on_call = submit_inside;
        assert_hr(message->lpVtbl->SubmitMessage(message, 0), MAPI_E_SUBMITTED);
        queue_assert(spooler.store, "hello ");
        release_last(message);
        assert_ok(abort_submit(fx, id));
    }
    release_last(spooler.store);
    mapi_free(id);
}

static void log_off_inside(struct host_support *support, enum host_method method, void *context)
{
    IMSLogon *logon;

    (void)context;
    if (method != HOST_ExpandRecips)
        return;
    support->on_call = NULL;
    logon = host_support_logon(support);
    assert_ok(logon->lpVtbl->Logoff(logon, NULL));
    logon->lpVtbl->Release(logon);
}

/* The session ends while MAPI expands the recipients: a draft is left, nothing is queued. */
static void submit__session_ends_inside__a_draft_is_left(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = mail_new(fx->inbox, "hello");
    struct spooler spooler;
    SPropValue *id;

    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    id = prop_get(message, PR_ENTRYID);
    fx->support->on_call = log_off_inside;
    assert_hr(message->lpVtbl->SubmitMessage(message, 0), MAPI_E_INVALID_OBJECT);
    release_last(message);
    fixture_reopen(fx);

    spooler = spooler_logon(fx);
    queue_assert(spooler.store, "");
    assert_int_equal(mail_flags(fx->store, id) & (MSGFLAG_SUBMIT | MSGFLAG_UNSENT), MSGFLAG_UNSENT);
    release_last(spooler.store);
    mapi_free(id);
}

/* Submit.Client.2 Submit.Queue.1 */
static void submit__several__in_that_order_also_after_reopening(void **state)
{
    struct fixture *fx = *state;
    IMessage *messages[3];
    struct spooler spooler;

    for (int i = 0; i < 3; i++) {
        char subject[2] = { (char)('a' + i), 0 };

        messages[i] = mail_new(fx->inbox, subject);
        assert_ok(messages[i]->lpVtbl->SaveChanges(messages[i], KEEP_OPEN_READWRITE));
    }
    for (int i = 2; i >= 0; i--) {
        assert_ok(messages[i]->lpVtbl->SubmitMessage(messages[i], 0));
        release_last(messages[i]);
    }
    fixture_reopen(fx);

    spooler = spooler_logon(fx);
    queue_assert(spooler.store, "c b a ");
    release_last(spooler.store);
}

/* Submit.Queue.3 */
static void submit__from_the_outbox__shown_there(void **state)
{
    static const ULONG tags[] = { PR_SUBJECT_A, PR_MESSAGE_FLAGS };
    struct fixture *fx = *state;
    IMAPIFolder *outbox = folder_by_prop(fx->store, fx->store, PR_IPM_OUTBOX_ENTRYID);
    LPMAPITABLE table = NULL;
    LPSRowSet rows;

    mapi_free(mail_submit(outbox, "hello"));

    assert_ok(outbox->lpVtbl->GetContentsTable(outbox, 0, &table));
    rows = table_rows(table, tags, 2);
    assert_int_equal(rows->cRows, 1);
    assert_string_equal(rows->aRow[0].lpProps[0].Value.lpszA, "hello");
    assert_int_equal(rows->aRow[0].lpProps[1].Value.l & MSGFLAG_SUBMIT, MSGFLAG_SUBMIT);
    mapi_free_rows(rows);
    release_last(table);
    release_last(outbox);
}

/* Submit.Client.3 */
static void submit__store_without_submission__no_support(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "hello");
    struct host_logon params = { .flags = MDB_NO_DIALOG };
    IMsgStore *reader = NULL;
    IMessage *message = NULL;

    release_last(fx->inbox);
    release_last(fx->store);
    assert_ok(host_session_logon(&fx->session, &params, &reader, &fx->support));
    assert_int_equal(prop_long(reader, PR_STORE_SUPPORT_MASK) & STORE_SUBMIT_OK, 0);
    assert_ok(mail_open(reader, id, 0, &message));
    assert_hr(message->lpVtbl->SubmitMessage(message, 0), MAPI_E_NO_SUPPORT);
    assert_hr(reader->lpVtbl->AbortSubmit(reader, id->Value.bin.cb, raw_id(id->Value.bin.lpb), 0),
            MAPI_E_NO_ACCESS);

    release_last(message);
    release_last(reader);
    mapi_free(id);
}

static void submit__read_only_or_associated__refused(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "hello");
    IMessage *message = NULL;

    assert_ok(mail_open(fx->store, id, 0, &message));
    assert_hr(message->lpVtbl->SubmitMessage(message, 0), MAPI_E_NO_ACCESS);
    assert_hr(message->lpVtbl->SubmitMessage(message, 2), MAPI_E_UNKNOWN_FLAGS);
    release_last(message);
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, MAPI_ASSOCIATED, &message));
    mail_to(message, "ann@example.org", MAPI_TO);
    assert_hr(message->lpVtbl->SubmitMessage(message, 0), MAPI_E_NO_SUPPORT);
    release_last(message);
    mapi_free(id);
}

/* --- while it waits -----------------------------------------------------------------------------
 */

/* Submit.Client.4 */
static void submit__queued_already__submitted(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = mail_new(fx->inbox, "hello");
    IMessage *other = NULL;
    SPropValue *id;

    assert_ok(message->lpVtbl->SubmitMessage(message, 0));
    id = prop_get(message, PR_ENTRYID);
    assert_hr(message->lpVtbl->SubmitMessage(message, 0), MAPI_E_SUBMITTED);
    assert_ok(mail_open(fx->store, id, 0, &other));
    assert_hr(other->lpVtbl->SubmitMessage(other, 0), MAPI_E_SUBMITTED);
    assert_int_equal(calls(fx, HOST_ExpandRecips), 1);

    release_last(other);
    release_last(message);
    mapi_free(id);
}

/* IMsgStore.OpenEntry.16 IMsgStore.OpenEntry.17 IMAPIContainer.OpenEntry.14 */
static void open_entry__queued__for_reading_only(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = mail_submit(fx->inbox, "hello");
    SPropValue subject = { .ulPropTag = PR_SUBJECT_A };
    char text[] = "changed";
    ULONG type = POISON_LONG;
    LPUNKNOWN object = POISON;
    IMessage *message = NULL;

    subject.Value.lpszA = text;
    assert_hr(mail_open(fx->store, id, MAPI_MODIFY, &message), MAPI_E_SUBMITTED);
    assert_hr(fx->inbox->lpVtbl->OpenEntry(fx->inbox, id->Value.bin.cb, raw_id(id->Value.bin.lpb),
                      NULL, MAPI_MODIFY, &type, &object),
            MAPI_E_SUBMITTED);
    assert_null(object);
    assert_ok(mail_open(fx->store, id, MAPI_BEST_ACCESS, &message));
    assert_int_equal(prop_long(message, PR_ACCESS_LEVEL), 0);
    assert_hr(message->lpVtbl->SetProps(message, 1, &subject, NULL), MAPI_E_NO_ACCESS);
    assert_hr(message->lpVtbl->SaveChanges(message, FORCE_SAVE), MAPI_E_NO_ACCESS);
    release_last(message);
    assert_ok(mail_open(fx->store, id, 0, &message));
    release_last(message);
    mapi_free(id);
}

/* Who had it open for writing before it was submitted. */
static void save__submitted_meanwhile__refused_also_by_force(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = mail_new(fx->inbox, "hello");
    IMessage *writer = NULL;
    SPropValue *id;

    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    id = prop_get(message, PR_ENTRYID);
    assert_ok(mail_open(fx->store, id, MAPI_MODIFY, &writer));
    assert_ok(message->lpVtbl->SubmitMessage(message, 0));
    release_last(message);

    prop_set_text(writer, PR_SUBJECT_W, "not any more");
    assert_hr(writer->lpVtbl->SaveChanges(writer, 0), MAPI_E_SUBMITTED);
    assert_hr(writer->lpVtbl->SaveChanges(writer, FORCE_SAVE), MAPI_E_SUBMITTED);
    assert_hr(writer->lpVtbl->SetReadFlag(writer, 0), MAPI_E_SUBMITTED);
    assert_int_equal(mail_flags(fx->store, id) & MSGFLAG_READ, 0);
    release_last(writer);
    mapi_free(id);
}

/* IMAPIFolder.DeleteMessages.3 IMAPIFolder.EmptyFolder.5 IMAPIFolder.EmptyFolder.6
 * IMAPIFolder.SetReadFlags.15 IMAPIFolder.CopyMessages.15 */
static void folder__submitted_messages__left_alone(void **state)
{
    struct fixture *fx = *state;
    SPropValue *ids[2] = { mail_submit(fx->inbox, "waits"), message_make(fx->inbox, "other") };
    IMAPIFolder *sent = folder_by_prop(fx->store, fx->store, PR_IPM_SENTMAIL_ENTRYID);
    struct spooler spooler = spooler_logon(fx);
    SBinary bin = ids[0]->Value.bin;
    ENTRYLIST list = { 1, &bin };
    IMAPIFolder *inbox = fx->inbox;

    assert_hr(inbox->lpVtbl->SetReadFlags(inbox, NULL, 0, NULL, 0), MAPI_W_PARTIAL_COMPLETION);
    assert_int_equal(mail_flags(fx->store, ids[0]) & MSGFLAG_READ, 0);
    assert_int_equal(mail_flags(fx->store, ids[1]) & MSGFLAG_READ, MSGFLAG_READ);
    assert_hr(inbox->lpVtbl->DeleteMessages(inbox, &list, 0, NULL, 0), MAPI_W_PARTIAL_COMPLETION);
    assert_hr(inbox->lpVtbl->CopyMessages(
                      inbox, &list, &IID_IMAPIFolder, sent, 0, NULL, MESSAGE_MOVE),
            MAPI_W_PARTIAL_COMPLETION);
    assert_hr(inbox->lpVtbl->EmptyFolder(inbox, 0, NULL, 0), MAPI_W_PARTIAL_COMPLETION);
    assert_int_equal(prop_long(inbox, PR_CONTENT_COUNT), 1);
    assert_int_equal(prop_long(sent, PR_CONTENT_COUNT), 0);
    queue_assert(spooler.store, "waits ");
    assert_ok(abort_submit(fx, ids[0]));
    assert_ok(inbox->lpVtbl->CopyMessages(
            inbox, &list, &IID_IMAPIFolder, sent, 0, NULL, MESSAGE_MOVE));
    assert_int_equal(prop_long(sent, PR_CONTENT_COUNT), 1);

    release_last(spooler.store);
    release_last(sent);
    mapi_free(ids[0]);
    mapi_free(ids[1]);
}

static LONG count_in(IMAPIFolder *folder)
{
    return prop_long(folder, PR_CONTENT_COUNT);
}

static HRESULT delete_folder(IMAPIFolder *parent, const SPropValue *id, ULONG flags)
{
    return parent->lpVtbl->DeleteFolder(
            parent, id->Value.bin.cb, raw_id(id->Value.bin.lpb), 0, NULL, flags);
}

/* IMAPIFolder.DeleteFolder.5 IMAPIFolder.EmptyFolder.5 IMAPIFolder.EmptyFolder.6 */
static void delete_folder__submitted_message_below__all_else_goes(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *top = folder_make(fx->inbox, "top");
    IMAPIFolder *way = folder_make(top, "way");
    IMAPIFolder *end = folder_make(way, "end");
    IMAPIFolder *side = folder_make(top, "side");
    SPropValue *top_id = prop_get(top, PR_ENTRYID);
    SPropValue *id = mail_submit(end, "waits");
    struct spooler spooler = spooler_logon(fx);

    mapi_free(message_make(top, "a"));
    mapi_free(message_make(way, "b"));
    mapi_free(message_make(end, "c"));
    mapi_free(message_make(side, "d"));
    assert_hr(delete_folder(fx->inbox, top_id, DEL_MESSAGES), MAPI_E_HAS_FOLDERS);
    assert_hr(delete_folder(fx->inbox, top_id, DEL_FOLDERS), MAPI_E_HAS_MESSAGES);
    assert_int_equal(count_in(top), 1);

    assert_hr(delete_folder(fx->inbox, top_id, DEL_FOLDERS | DEL_MESSAGES),
            MAPI_W_PARTIAL_COMPLETION);

    assert_int_equal(count_in(top), 0);
    assert_int_equal(count_in(way), 0);
    assert_int_equal(count_in(end), 1);
    release_last(side);
    side = folder_make(top, "side"); /* the other one is gone */
    queue_assert(spooler.store, "waits ");
    assert_hr(fx->inbox->lpVtbl->EmptyFolder(fx->inbox, 0, NULL, 0), MAPI_W_PARTIAL_COMPLETION);
    assert_int_equal(count_in(end), 1);
    assert_ok(abort_submit(fx, id));
    assert_ok(delete_folder(fx->inbox, top_id, DEL_FOLDERS | DEL_MESSAGES));
    release_last(top);
    release_last(way);
    release_last(end);
    release_last(side);
    release_last(spooler.store);
    mapi_free(top_id);
    mapi_free(id);
}

/* IMsgStore.StoreLogoff.4 */
static void store_logoff__messages_wait_or_leave__said(void **state)
{
    struct fixture *fx = *state;
    struct spooler spooler = spooler_logon(fx);
    IMsgStore *store = fx->store;
    ULONG flags = LOGOFF_ORDERLY;
    IMessage *message = NULL;
    SPropValue *ids[2];

    assert_ok(store->lpVtbl->StoreLogoff(store, &flags));
    assert_int_equal(flags, 0);
    ids[0] = mail_submit(fx->inbox, "one");
    flags = LOGOFF_ORDERLY;
    assert_ok(store->lpVtbl->StoreLogoff(store, &flags));
    assert_int_equal(flags, LOGOFF_OUTBOUND_QUEUE);
    assert_ok(mail_open(spooler.store, ids[0], MAPI_MODIFY, &message));
    assert_ok(spooler.store->lpVtbl->SetLockState(spooler.store, message, MSG_LOCKED));
    flags = LOGOFF_NO_WAIT;
    assert_ok(store->lpVtbl->StoreLogoff(store, &flags));
    assert_int_equal(flags, LOGOFF_OUTBOUND);
    ids[1] = mail_submit(fx->inbox, "two");
    flags = LOGOFF_PURGE;
    assert_ok(store->lpVtbl->StoreLogoff(store, &flags));
    assert_int_equal(flags, LOGOFF_OUTBOUND | LOGOFF_OUTBOUND_QUEUE);
    release_last(message);
    release_last(spooler.store);
    mapi_free(ids[0]);
    mapi_free(ids[1]);
}

/* A copy is a draft like the original before. */
static void copy__of_a_queued_message__not_queued(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = mail_submit(fx->inbox, "waits");
    IMAPIFolder *sent = folder_by_prop(fx->store, fx->store, PR_IPM_SENTMAIL_ENTRYID);
    struct spooler spooler = spooler_logon(fx);
    static const ULONG tags[] = { PR_MESSAGE_FLAGS };
    SBinary bin = id->Value.bin;
    ENTRYLIST list = { 1, &bin };
    LPMAPITABLE table = NULL;
    LPSRowSet rows;

    assert_ok(
            fx->inbox->lpVtbl->CopyMessages(fx->inbox, &list, &IID_IMAPIFolder, sent, 0, NULL, 0));
    assert_ok(sent->lpVtbl->GetContentsTable(sent, 0, &table));
    rows = table_rows(table, tags, 1);
    assert_int_equal(rows->cRows, 1);
    assert_int_equal(
            rows->aRow[0].lpProps[0].Value.l & (MSGFLAG_SUBMIT | MSGFLAG_UNSENT), MSGFLAG_UNSENT);
    queue_assert(spooler.store, "waits ");

    mapi_free_rows(rows);
    release_last(table);
    release_last(spooler.store);
    release_last(sent);
    mapi_free(id);
}

/* --- AbortSubmit --------------------------------------------------------------------------------
 */

/* IMsgStore.AbortSubmit.1 IMsgStore.AbortSubmit.2 IMsgStore.AbortSubmit.4 IMsgStore.AbortSubmit.5
 * IMsgStore.AbortSubmit.6 IMsgStore.AbortSubmit.7 */
static void abort__queued__a_draft_again(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = mail_submit(fx->inbox, "hello"); /* the id from before SubmitMessage */
    struct spooler spooler = spooler_logon(fx);
    IMessage *message = NULL;

    assert_ok(abort_submit(fx, id));

    queue_assert(spooler.store, "");
    assert_int_equal(mail_flags(fx->store, id) & (MSGFLAG_SUBMIT | MSGFLAG_UNSENT), MSGFLAG_UNSENT);
    assert_hr(abort_submit(fx, id), MAPI_E_NOT_IN_QUEUE);
    assert_ok(mail_open(fx->store, id, MAPI_MODIFY, &message));
    prop_set_text(message, PR_SUBJECT_W, "better");
    assert_ok(message->lpVtbl->SubmitMessage(message, 0));
    release_last(message);
    queue_assert(spooler.store, "better ");
    release_last(spooler.store);
    mapi_free(id);
}

/* IMsgStore.AbortSubmit.2 */
static void abort__never_submitted_or_no_message__refused(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "hello");
    SPropValue *folder = prop_get(fx->inbox, PR_ENTRYID);
    SPropValue *store = prop_get(fx->store, PR_ENTRYID);

    assert_hr(abort_submit(fx, id), MAPI_E_NOT_IN_QUEUE);
    assert_hr(abort_submit(fx, folder), MAPI_E_INVALID_ENTRYID);
    assert_hr(abort_submit(fx, store), MAPI_E_UNKNOWN_ENTRYID);
    assert_int_equal(mail_flags(fx->store, id) & MSGFLAG_UNSENT, MSGFLAG_UNSENT);
    mapi_free(store);
    mapi_free(folder);
    mapi_free(id);
}

/* --- a store that may be the default one
 * ----------------------------------------------------------
 */

/* Deliver.DefaultStore.1 Deliver.DefaultStore.2 Deliver.DefaultStore.3 Deliver.DefaultStore.4 */
static void default_store__what_it_must_do__it_does(void **state)
{
    static const LONG needed = STORE_SUBMIT_OK | STORE_CREATE_OK | STORE_MODIFY_OK;
    static const char *const classes[] = { "IPM.Note", "IPC.Strange.Class", "REPORT.IPM.Note.NDR",
        "x" };
    struct fixture *fx = *state;
    IMessage *message = NULL;
    LPMAPITABLE table = NULL;
    IMAPIFolder *parent = NULL;
    IMAPIFolder *search = NULL;

    assert_int_equal(prop_long(fx->store, PR_STORE_SUPPORT_MASK) & needed, needed);
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        SPropValue *id;

        assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
        prop_set_text(message, PR_MESSAGE_CLASS_W, classes[i]);
        assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY));
        id = prop_get(message, PR_ENTRYID);
        release_last(message);
        message = message_open(fx->store, id);
        prop_assert_text(message, PR_MESSAGE_CLASS_W, classes[i]);
        release_last(message);
        mapi_free(id);
    }
    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, MAPI_ASSOCIATED, &table));
    release_last(table);
    parent = folder_by_prop(fx->store, fx->store, PR_FINDER_ENTRYID);
    assert_ok(parent->lpVtbl->CreateFolder(
            parent, FOLDER_SEARCH, (LPTSTR)(void *)u"found", NULL, NULL, MAPI_UNICODE, &search));
    release_last(search);
    release_last(parent);
}

#define INBOX_TEST(name)                                                                           \
    cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX_TEST(submit__not_saved_before__saved_and_queued),
        INBOX_TEST(submit__not_unsent_before__unsent),
        INBOX_TEST(submit__no_recipients_left__says_so_and_stays_open),
        INBOX_TEST(submit__resend__recipients_as_mapi_prepared_them),
        INBOX_TEST(submit__responsibility_of_old__taken_back),
        INBOX_TEST(submit__mapi_refuses__not_queued_and_open),
        INBOX_TEST(submit__spooler_notify_fails__told_next_time),
        INBOX_TEST(submit__nobody_left_after_expansion__no_recipients),
        INBOX_TEST(submit__twice_at_once__queued_once),
        INBOX_TEST(submit__session_ends_inside__a_draft_is_left),
        INBOX_TEST(submit__several__in_that_order_also_after_reopening),
        INBOX_TEST(submit__from_the_outbox__shown_there),
        INBOX_TEST(submit__store_without_submission__no_support),
        INBOX_TEST(submit__read_only_or_associated__refused),
        INBOX_TEST(submit__queued_already__submitted),
        INBOX_TEST(open_entry__queued__for_reading_only),
        INBOX_TEST(save__submitted_meanwhile__refused_also_by_force),
        INBOX_TEST(folder__submitted_messages__left_alone),
        INBOX_TEST(delete_folder__submitted_message_below__all_else_goes),
        INBOX_TEST(store_logoff__messages_wait_or_leave__said),
        INBOX_TEST(copy__of_a_queued_message__not_queued),
        INBOX_TEST(abort__queued__a_draft_again),
        INBOX_TEST(abort__never_submitted_or_no_message__refused),
        INBOX_TEST(default_store__what_it_must_do__it_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
