/* SPDX-License-Identifier: MIT */
/*
 * test_spooler.c - the outgoing queue as the spooler works on it: the table, locks, what becomes of
 * a message that has been sent.
 */
#include "host/host_spooler.h"
#include "mail_world.h"

struct world {
    struct fixture *fx;
    struct spooler spooler;
};

static int setup(void **state)
{
    static struct world world;

    fixture_inbox_setup(state);
    world.fx = *state;
    world.spooler = spooler_logon(world.fx);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;

    if (world->spooler.store)
        release_last(world->spooler.store);
    *state = world->fx;
    return fixture_teardown(state);
}

static HRESULT finished(IMsgStore *store, const SPropValue *id)
{
    return store->lpVtbl->FinishedMsg(store, 0, id->Value.bin.cb, raw_id(id->Value.bin.lpb));
}

static HRESULT abort_submit(struct world *world, const SPropValue *id)
{
    IMsgStore *store = world->fx->store;

    return store->lpVtbl->AbortSubmit(store, id->Value.bin.cb, raw_id(id->Value.bin.lpb), 0);
}

/* Opens a queued message through the spooler's store and locks it. */
static IMessage *lock(IMsgStore *spooler, const SPropValue *id)
{
    IMessage *message = NULL;

    assert_ok(mail_open(spooler, id, MAPI_MODIFY, &message));
    assert_ok(spooler->lpVtbl->SetLockState(spooler, message, MSG_LOCKED));
    return message;
}

/* PR_SUBMIT_FLAGS of the one message in the queue. */
static LONG queued_flags(IMsgStore *spooler)
{
    static const ULONG tags[] = { PR_SUBMIT_FLAGS };
    LPSRowSet rows = queue_rows(spooler, tags, 1);
    LONG flags;

    assert_int_equal(rows->cRows, 1);
    assert_int_equal(rows->aRow[0].lpProps[0].ulPropTag, PR_SUBMIT_FLAGS);
    flags = rows->aRow[0].lpProps[0].Value.l;
    mapi_free_rows(rows);
    return flags;
}

/* --- the table ----------------------------------------------------------------------------------
 */

static uint64_t time_of(const SPropValue *value)
{
    return (uint64_t)value->Value.ft.dwHighDateTime << 32 | value->Value.ft.dwLowDateTime;
}

/* IMsgStore.GetOutgoingQueue.1 table-columns.OutgoingQueue.1 table-columns.OutgoingQueue.2
 * IMSProvider.SpoolerLogon.2 */
static void queue__some_messages__exactly_those(void **state)
{
    static const ULONG needed[] = { PR_ENTRYID, PR_CLIENT_SUBMIT_TIME, PR_SUBMIT_FLAGS,
        PR_MESSAGE_FLAGS, PR_MESSAGE_SIZE, PR_PRIORITY, PR_SENDER_NAME_A, PR_SUBJECT_A,
        PR_DISPLAY_TO_A, PR_DISPLAY_CC_A, PR_DISPLAY_BCC_A };

    enum { COUNT = sizeof(needed) / sizeof(needed[0]) };
    struct world *world = *state;
    IMsgStore *spooler = world->spooler.store;
    SizedSSortOrderSet(1, by_time) = { 1, 0, 0, { { PR_CLIENT_SUBMIT_TIME, TABLE_SORT_DESCEND } } };
    SPropValue *ids[2];
    LPSPropTagArray columns = NULL;
    LPMAPITABLE table = NULL;
    const SRow *all;
    LPSRowSet rows;

    mapi_free(message_make(world->fx->inbox, "not sent"));
    queue_assert(spooler, "");
    ids[0] = mail_submit(world->fx->inbox, "one");
    ids[1] = mail_submit(world->fx->inbox, "two");
    queue_assert(spooler, "one two ");
    assert_ok(spooler->lpVtbl->GetOutgoingQueue(spooler, 0, &table));
    assert_ok(table->lpVtbl->QueryColumns(table, 0, &columns));
    for (size_t i = 0; i < COUNT; i++) {
        ULONG at = 0;

        while (at < columns->cValues && columns->aulPropTag[at] != needed[i])
            at++;
        if (at == columns->cValues)
            fail_msg("no column 0x%08lX", (unsigned long)needed[i]);
    }
    mapi_free(columns);
    rows = table_rows(table, needed, COUNT);
    assert_int_equal(rows->cRows, 2);
    all = rows->aRow;
    for (ULONG i = 0; i < 2; i++) {
        const SPropValue *cells = all[i].lpProps;

        assert_int_equal(cells[0].Value.bin.cb, ids[i]->Value.bin.cb);
        assert_memory_equal(cells[0].Value.bin.lpb, ids[i]->Value.bin.lpb, cells[0].Value.bin.cb);
        assert_int_equal(cells[1].ulPropTag, PR_CLIENT_SUBMIT_TIME);
        assert_int_equal(cells[2].Value.l, 0);
        assert_int_equal(cells[3].Value.l & MSGFLAG_SUBMIT, MSGFLAG_SUBMIT);
        assert_true(cells[4].Value.l > 0);
        assert_int_equal(cells[5].ulPropTag, PR_PRIORITY);
        assert_string_equal(cells[8].Value.lpszA, "ann@example.org");
        assert_string_equal(cells[9].Value.lpszA, "");
    }
    assert_true(time_of(&all[0].lpProps[1]) <= time_of(&all[1].lpProps[1]));
    mapi_free_rows(rows);
    assert_ok(table->lpVtbl->SortTable(table, (LPSSortOrderSet)&by_time, 0));
    release_last(table);
    mapi_free(ids[0]);
    mapi_free(ids[1]);
}

/* IMsgStore.GetOutgoingQueue.2 IMSProvider.SpoolerLogon.11 */
static void queue__client_of_the_same_process__no_support(void **state)
{
    struct world *world = *state;
    IMsgStore *client = world->fx->store;
    SPropValue *id = mail_submit(world->fx->inbox, "one");
    LPMAPITABLE table = POISON;
    IMessage *message = NULL;

    assert_hr(client->lpVtbl->GetOutgoingQueue(client, 0, &table), MAPI_E_NO_SUPPORT);
    assert_null(table);
    assert_ok(mail_open(client, id, 0, &message));
    assert_hr(client->lpVtbl->SetLockState(client, message, MSG_LOCKED), MAPI_E_NO_SUPPORT);
    assert_hr(finished(client, id), MAPI_E_NO_SUPPORT);
    assert_int_equal(queued_flags(world->spooler.store), 0);
    release_last(message);
    mapi_free(id);
}

/* The table follows the queue. */
static void queue__open_table__follows(void **state)
{
    struct world *world = *state;
    IMsgStore *spooler = world->spooler.store;
    SPropValue *id = mail_submit(world->fx->inbox, "one");
    LPMAPITABLE table = NULL;
    ULONG count = 9;

    assert_ok(spooler->lpVtbl->GetOutgoingQueue(spooler, 0, &table));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    assert_int_equal(count, 1);
    mapi_free(mail_submit(world->fx->inbox, "two"));
    assert_ok(abort_submit(world, id));
    mapi_free(mail_submit(world->fx->inbox, "three"));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    assert_int_equal(count, 2);
    release_last(table);
    mapi_free(id);
}

/* --- locks --------------------------------------------------------------------------------------
 */

/* IMsgStore.SetLockState.1 IMsgStore.SetLockState.2 IMsgStore.SetLockState.9
 * IMsgStore.OpenEntry.15 IMAPIContainer.OpenEntry.14 IMsgStore.AbortSubmit.3 Submit.Spooler.2 */
static void lock__set_and_taken_back__clients_are_kept_out_meanwhile(void **state)
{
    struct world *world = *state;
    IMsgStore *spooler = world->spooler.store;
    IMAPIFolder *inbox = world->fx->inbox;
    SPropValue *id = mail_submit(inbox, "one");
    IMessage *message = lock(spooler, id);
    IMessage *client = NULL;

    for (int again = 0; again < 2; again++) {
        static const ULONG flags[] = { 0, MAPI_MODIFY, MAPI_BEST_ACCESS };

        assert_int_equal(queued_flags(spooler), SUBMITFLAG_LOCKED);
        assert_int_equal(prop_long(message, PR_SUBMIT_FLAGS), SUBMITFLAG_LOCKED);
        assert_int_equal(prop_long(message, CHANGE_PROP_TYPE(PR_SUBMIT_FLAGS, PT_UNSPECIFIED)),
                SUBMITFLAG_LOCKED);
        assert_null(prop_get(message, CHANGE_PROP_TYPE(PR_SUBMIT_FLAGS, PT_BINARY)));
        for (size_t i = 0; i < 3; i++) {
            ULONG type = POISON_LONG;
            LPUNKNOWN object = POISON;

            assert_hr(mail_open(world->fx->store, id, flags[i], &client), MAPI_E_NO_ACCESS);
            assert_hr(inbox->lpVtbl->OpenEntry(inbox, id->Value.bin.cb, raw_id(id->Value.bin.lpb),
                              NULL, flags[i], &type, &object),
                    MAPI_E_NO_ACCESS);
            assert_null(object);
        }
        assert_hr(abort_submit(world, id), MAPI_E_UNABLE_TO_ABORT);
        queue_assert(spooler, "one ");
        assert_ok(spooler->lpVtbl->SetLockState(spooler, message, MSG_LOCKED));
    }
    for (int again = 0; again < 2; again++) {
        assert_ok(spooler->lpVtbl->SetLockState(spooler, message, MSG_UNLOCKED));
        assert_int_equal(queued_flags(spooler), 0);
        assert_int_equal(prop_long(message, PR_SUBMIT_FLAGS), 0);
    }
    assert_ok(mail_open(world->fx->store, id, 0, &client));
    release_last(client);
    assert_ok(abort_submit(world, id));
    release_last(message);
    mapi_free(id);
}

/* IMsgStore.SetLockState.3 Submit.Spooler.3 */
static void lock__pending_changes__saved(void **state)
{
    struct world *world = *state;
    IMsgStore *spooler = world->spooler.store;
    SPropValue *id = mail_submit(world->fx->inbox, "one");
    SPropValue taken[2] = { { .ulPropTag = PR_ROWID }, { .ulPropTag = PR_RESPONSIBILITY } };
    static const ULONG tags[] = { PR_RESPONSIBILITY };
    SizedADRLIST(1, list) = { 1, { { 0, 2, taken } } };
    LPMAPITABLE table = NULL;
    IMessage *message = NULL;
    LPSRowSet rows;

    taken[1].Value.b = TRUE;
    assert_ok(mail_open(spooler, id, MAPI_MODIFY, &message));
    prop_set_text(message, PR_SUBJECT_W, "before the lock");
    assert_ok(spooler->lpVtbl->SetLockState(spooler, message, MSG_LOCKED));
    queue_assert(spooler, "before the lock ");
    assert_ok(message->lpVtbl->ModifyRecipients(message, MODRECIP_MODIFY, (LPADRLIST)&list));
    prop_set_text(message, PR_SUBJECT_W, "saved");
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    prop_set_text(message, PR_SUBJECT_W, "before the end of it");
    assert_ok(spooler->lpVtbl->SetLockState(spooler, message, MSG_UNLOCKED));
    queue_assert(spooler, "before the end of it ");
    release_last(message);
    assert_ok(mail_open(world->fx->store, id, 0, &message));
    assert_ok(message->lpVtbl->GetRecipientTable(message, 0, &table));
    rows = table_rows(table, tags, 1);
    assert_int_equal(rows->cRows, 1);
    assert_int_equal(rows->aRow[0].lpProps[0].ulPropTag, PR_RESPONSIBILITY);
    assert_true(rows->aRow[0].lpProps[0].Value.b);
    mapi_free_rows(rows);
    release_last(table);
    release_last(message);
    mapi_free(id);
}

/* A save that fails leaves no lock behind. */
static void lock__save_fails__not_locked(void **state)
{
    struct world *world = *state;
    IMsgStore *spooler = world->spooler.store;
    SPropValue *id = mail_submit(world->fx->inbox, "one");
    IMessage *stale = NULL;
    IMessage *other = NULL;

    assert_ok(mail_open(spooler, id, MAPI_MODIFY, &stale));
    assert_ok(mail_open(spooler, id, MAPI_MODIFY, &other));
    prop_set_text(other, PR_SUBJECT_W, "newer");
    assert_ok(other->lpVtbl->SaveChanges(other, 0));
    prop_set_text(stale, PR_SUBJECT_W, "older");
    assert_hr(spooler->lpVtbl->SetLockState(spooler, stale, MSG_LOCKED), MAPI_E_OBJECT_CHANGED);
    assert_int_equal(queued_flags(spooler), 0);
    queue_assert(spooler, "newer ");
    release_last(stale);
    release_last(other);
    mapi_free(id);
}

/* IMsgStore.SetLockState.4 */
static void lock__not_the_oldest__fine(void **state)
{
    struct world *world = *state;
    IMsgStore *spooler = world->spooler.store;
    SPropValue *ids[2] = { mail_submit(world->fx->inbox, "one"),
        mail_submit(world->fx->inbox, "two") };
    IMessage *message = lock(spooler, ids[1]);

    release_last(message);
    assert_ok(finished(spooler, ids[1]));
    queue_assert(spooler, "one ");
    mapi_free(ids[0]);
    mapi_free(ids[1]);
}

/* IMsgStore.SetLockState.7 IMsgStore.SetLockState.8 IMsgStore.SetLockState.10 */
static void lock__not_queued_or_not_ours__refused(void **state)
{
    struct world *world = *state;
    IMsgStore *spooler = world->spooler.store;
    SPropValue *id = message_make(world->fx->inbox, "never");
    IMessage *message = NULL;
    IMAPIFolder *root = NULL;
    IMessage *fresh = NULL;
    IMessage *client = message_open(world->fx->store, id);
    ULONG type = 0;

    assert_ok(mail_open(spooler, id, MAPI_MODIFY, &message));
    assert_hr(spooler->lpVtbl->SetLockState(spooler, message, MSG_LOCKED), MAPI_E_NOT_IN_QUEUE);
    assert_hr(spooler->lpVtbl->SetLockState(spooler, message, 2), MAPI_E_INVALID_PARAMETER);
    assert_hr(spooler->lpVtbl->SetLockState(spooler, NULL, MSG_LOCKED), MAPI_E_INVALID_PARAMETER);
    /* Of another logon; no message at all; not saved yet. */
    assert_hr(spooler->lpVtbl->SetLockState(spooler, client, MSG_LOCKED), MAPI_E_INVALID_PARAMETER);
    assert_ok(spooler->lpVtbl->OpenEntry(
            spooler, 0, NULL, NULL, MAPI_MODIFY, &type, (LPUNKNOWN *)(void *)&root));
    assert_hr(spooler->lpVtbl->SetLockState(spooler, (LPMESSAGE)(void *)root, MSG_LOCKED),
            MAPI_E_INVALID_PARAMETER);
    assert_ok(root->lpVtbl->CreateMessage(root, NULL, 0, &fresh));
    assert_hr(spooler->lpVtbl->SetLockState(spooler, fresh, MSG_LOCKED), MAPI_E_NOT_IN_QUEUE);
    assert_null(prop_get(message, PR_SUBMIT_FLAGS));
    release_last(fresh);
    release_last(root);
    release_last(message);
    release_last(client);
    mapi_free(id);
}

/* IMsgStore.SetLockState.5 Submit.Spooler.4 Teardown.Data.3 */
static void lock__spooler_gone__the_next_one_sends(void **state)
{
    struct world *world = *state;
    SPropValue *id = mail_submit(world->fx->inbox, "one");
    IMessage *message = lock(world->spooler.store, id);

    assert_hr(abort_submit(world, id), MAPI_E_UNABLE_TO_ABORT);
    release_last(message);
    release_last(world->spooler.store); /* the message stays locked until here */
    assert_ok(mail_open(world->fx->store, id, 0, &message));
    release_last(message);
    world->spooler = spooler_logon(world->fx);
    assert_int_equal(queued_flags(world->spooler.store), 0);
    message = lock(world->spooler.store, id);
    release_last(message);
    assert_ok(finished(world->spooler.store, id));
    queue_assert(world->spooler.store, "");
    mapi_free(id);
}

/* Two spoolers on one file, of two profiles: each message is one's only. */
static void lock__two_spoolers__one_has_it(void **state)
{
    struct world *world = *state;
    SPropValue *id = mail_submit(world->fx->inbox, "one");
    struct host_session session;
    struct spooler other;
    IMessage *theirs = NULL;
    IMessage *stale = NULL;
    IMessage *ours;

    host_session_init(&session, world->fx->profile, 1);
    other = spooler_logon_to(&session);
    assert_ok(mail_open(other.store, id, MAPI_MODIFY, &stale));
    ours = lock(world->spooler.store, id);
    assert_hr(mail_open(other.store, id, MAPI_MODIFY, &theirs), MAPI_E_NO_ACCESS);
    assert_hr(other.store->lpVtbl->SetLockState(other.store, stale, MSG_LOCKED), MAPI_E_NO_ACCESS);
    assert_hr(
            other.store->lpVtbl->SetLockState(other.store, stale, MSG_UNLOCKED), MAPI_E_NO_ACCESS);
    assert_hr(stale->lpVtbl->SaveChanges(stale, FORCE_SAVE), MAPI_E_NO_ACCESS);
    assert_hr(finished(other.store, id), MAPI_E_NO_ACCESS);
    release_last(ours);
    assert_ok(finished(world->spooler.store, id));
    assert_hr(
            other.store->lpVtbl->SetLockState(other.store, stale, MSG_LOCKED), MAPI_E_NOT_IN_QUEUE);
    release_last(stale);
    release_last(other.store);
    host_session_logoff(&session);
    assert_int_equal(host_session_done(&session), 0);
    mapi_free(id);
}

/* --- preprocessing ------------------------------------------------------------------------------
 */

/* Submit.Preprocess.1 Submit.Preprocess.3 Submit.Preprocess.4 Submit.Spooler.1 */
static void preprocess__needed__spooler_finishes_the_submission(void **state)
{
    struct world *world = *state;
    IMsgStore *spooler = world->spooler.store;
    IMessage *message = NULL;
    SPropValue *id;

    world->fx->support->expand_result = NEEDS_PREPROCESSING;
    id = mail_submit(world->fx->inbox, "one");
    world->fx->support->expand_result = 0;
    mapi_free(mail_submit(world->fx->inbox, "two"));
    assert_ok(mail_open(world->fx->store, id, 0, &message));
    assert_int_equal(prop_long(message, PR_SUBMIT_FLAGS), SUBMITFLAG_PREPROCESS);
    assert_hr(message->lpVtbl->SubmitMessage(message, 0), MAPI_E_SUBMITTED);
    release_last(message);

    message = lock(spooler, id);
    assert_int_equal(
            prop_long(message, PR_SUBMIT_FLAGS), SUBMITFLAG_PREPROCESS | SUBMITFLAG_LOCKED);
    prop_set_text(message, PR_SUBJECT_W, "one, preprocessed");
    assert_ok(message->lpVtbl->SubmitMessage(message, 0));

    assert_int_equal(prop_long(message, PR_SUBMIT_FLAGS), SUBMITFLAG_LOCKED);
    assert_null(prop_get(message, PR_PREPROCESS));
    queue_assert(spooler, "one, preprocessed two ");
    assert_hr(message->lpVtbl->SubmitMessage(message, 0), MAPI_E_SUBMITTED);
    assert_int_equal(host_support_calls(world->spooler.support, HOST_ExpandRecips), 0);
    release_last(message);
    assert_ok(finished(spooler, id));
    queue_assert(spooler, "two ");
    mapi_free(id);
}

/* --- FinishedMsg --------------------------------------------------------------------------------
 */

/* Submits with PR_SENTMAIL_ENTRYID and PR_DELETE_AFTER_SUBMIT as told, locks and finishes. */
static SPropValue *send_one(
        struct world *world, const SPropValue *sent, bool remove, HRESULT expected)
{
    IMsgStore *spooler = world->spooler.store;
    IMessage *message = mail_new(world->fx->inbox, "one");
    SPropValue *id;

    if (sent)
        prop_set_binary(message, PR_SENTMAIL_ENTRYID, sent->Value.bin.lpb, sent->Value.bin.cb);
    if (remove)
        prop_set_bool(message, PR_DELETE_AFTER_SUBMIT, true);
    assert_ok(message->lpVtbl->SubmitMessage(message, 0));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    message = lock(spooler, id);
    release_last(message);
    assert_hr(finished(spooler, id), expected);
    return id;
}

/* IMsgStore.FinishedMsg.2 IMsgStore.FinishedMsg.3 IMsgStore.FinishedMsg.5 IMsgStore.FinishedMsg.9
 * IMsgStore.FinishedMsg.10 IMAPISupport.Sending.5 */
static void finished__no_wishes__stays_where_it_was(void **state)
{
    struct world *world = *state;
    SPropValue *id = send_one(world, NULL, false, S_OK);
    struct host_call call;
    IMessage *message;

    assert_int_equal(host_support_calls(world->spooler.support, HOST_DoSentMail), 1);
    assert_true(host_support_call(world->spooler.support, HOST_DoSentMail, 0, &call));
    assert_int_equal(call.flags, 0);
    queue_assert(world->spooler.store, "");
    assert_int_equal(prop_long(world->fx->inbox, PR_CONTENT_COUNT), 1);
    assert_int_equal(mail_flags(world->fx->store, id) & (MSGFLAG_SUBMIT | MSGFLAG_UNSENT), 0);
    message = message_open(world->fx->store, id);
    assert_null(prop_get(message, PR_SUBMIT_FLAGS));
    release_last(message);
    assert_hr(abort_submit(world, id), MAPI_E_NOT_IN_QUEUE);
    assert_hr(finished(world->spooler.store, id), MAPI_E_NOT_IN_QUEUE);
    mapi_free(id);
}

/* IMsgStore.FinishedMsg.6 */
static void finished__sent_items_named__moved_there(void **state)
{
    struct world *world = *state;
    SPropValue *sent = prop_get(world->fx->store, PR_IPM_SENTMAIL_ENTRYID);
    SPropValue *id = send_one(world, sent, false, S_OK);
    IMAPIFolder *folder = folder_open(world->fx->store, sent);

    assert_int_equal(prop_long(world->fx->inbox, PR_CONTENT_COUNT), 0);
    assert_int_equal(prop_long(folder, PR_CONTENT_COUNT), 1);
    queue_assert(world->spooler.store, "");
    release_last(folder);
    mapi_free(sent);
    mapi_free(id);
}

/* IMsgStore.FinishedMsg.7 IMsgStore.FinishedMsg.8 */
static void finished__to_be_deleted__gone(void **state)
{
    struct world *world = *state;
    SPropValue *sent = prop_get(world->fx->store, PR_IPM_SENTMAIL_ENTRYID);
    IMAPIFolder *folder = folder_open(world->fx->store, sent);
    IMessage *message = NULL;

    for (int both = 0; both < 2; both++) {
        SPropValue *id = send_one(world, both ? sent : NULL, true, S_OK);

        assert_int_equal(prop_long(world->fx->inbox, PR_CONTENT_COUNT), 0);
        assert_int_equal(prop_long(folder, PR_CONTENT_COUNT), 0);
        assert_hr(mail_open(world->fx->store, id, 0, &message), MAPI_E_NOT_FOUND);
        mapi_free(id);
    }
    release_last(folder);
    mapi_free(sent);
}

/* Submit.Sent.1 */
static void finished__sent_folder_missing__stays_and_is_sent(void **state)
{
    struct world *world = *state;
    IMAPIFolder *folder = folder_make(world->fx->inbox, "for a while");
    SPropValue *gone = prop_get(folder, PR_ENTRYID);
    SPropValue *id;

    release_last(folder);
    assert_ok(world->fx->inbox->lpVtbl->DeleteFolder(
            world->fx->inbox, gone->Value.bin.cb, raw_id(gone->Value.bin.lpb), 0, NULL, 0));
    id = send_one(world, gone, false, S_OK);
    assert_int_equal(prop_long(world->fx->inbox, PR_CONTENT_COUNT), 1);
    assert_int_equal(mail_flags(world->fx->store, id) & (MSGFLAG_SUBMIT | MSGFLAG_UNSENT), 0);
    mapi_free(gone);
    mapi_free(id);
}

/* No message object of the spooler's logon is left: one that is open for writing would keep its
 * read flag. */
static void assert_nothing_open(struct world *world)
{
    IMsgStore *store = world->spooler.store;
    SPropValue *id = prop_get(world->fx->inbox, PR_ENTRYID);
    IMAPIFolder *inbox = folder_open(store, id);

    assert_true(prop_long(inbox, PR_CONTENT_UNREAD) > 0);
    assert_ok(inbox->lpVtbl->SetReadFlags(inbox, NULL, 0, NULL, 0));
    assert_int_equal(prop_long(inbox, PR_CONTENT_UNREAD), 0);
    release_last(inbox);
    mapi_free(id);
}

struct handed {
    struct world *world;
    unsigned seen;
};

/* What DoSentMail finds: out of the queue, unlocked, and nobody but it has the message. */
static void look_at_handed(struct host_support *support, enum host_method method, void *context)
{
    struct handed *handed = context;

    (void)support;
    if (method != HOST_DoSentMail)
        return;
    handed->seen++;
    queue_assert(handed->world->spooler.store, "");
}

/* IMAPISupport.Sending.4 IMsgStore.FinishedMsg.2 */
static void finished__in_do_sent_mail__unlocked_and_one_reference(void **state)
{
    struct world *world = *state;
    struct handed handed = { world, 0 };
    SPropValue *id;

    world->spooler.support->on_call_context = &handed;
    world->spooler.support->on_call = look_at_handed;
    id = send_one(world, NULL, false, S_OK);
    world->spooler.support->on_call = NULL;
    assert_int_equal(handed.seen, 1);
    assert_nothing_open(world);
    mapi_free(id);
}

/* IMsgStore.FinishedMsg.4 */
static void finished__do_sent_mail_fails__its_error_and_nothing_leaks(void **state)
{
    struct world *world = *state;
    SPropValue *id;

    host_support_fail(world->spooler.support, HOST_DoSentMail, MAPI_E_CALL_FAILED, 1);
    id = send_one(world, NULL, false, MAPI_E_CALL_FAILED);

    assert_int_equal(host_support_calls(world->spooler.support, HOST_DoSentMail), 1);
    assert_int_equal(mail_flags(world->fx->store, id) & (MSGFLAG_SUBMIT | MSGFLAG_UNSENT), 0);
    queue_assert(world->spooler.store, "");
    assert_nothing_open(world);
    mapi_free(id);
}

/* IMsgStore.FinishedMsg.11 IMsgStore.FinishedMsg.12 */
static void finished__no_such_message__refused(void **state)
{
    struct world *world = *state;
    IMsgStore *spooler = world->spooler.store;
    SPropValue *id = message_make(world->fx->inbox, "never submitted");
    SPropValue *folder = prop_get(world->fx->inbox, PR_ENTRYID);
    SBinary bin = id->Value.bin;
    ENTRYLIST list = { 1, &bin };

    assert_hr(finished(spooler, id), MAPI_E_NOT_IN_QUEUE);
    assert_ok(world->fx->inbox->lpVtbl->DeleteMessages(world->fx->inbox, &list, 0, NULL, 0));
    assert_hr(finished(spooler, id), MAPI_E_NOT_FOUND);
    assert_hr(finished(spooler, folder), MAPI_E_INVALID_PARAMETER);
    folder->Value.bin.cb--;
    assert_hr(finished(spooler, folder), MAPI_E_INVALID_PARAMETER);
    assert_int_equal(host_support_calls(world->spooler.support, HOST_DoSentMail), 0);
    mapi_free(folder);
    mapi_free(id);
}

/* Identifiers of any size and bytes, and good ones with some bits turned: refused, and the queue is
 * as it was. Errors.Codes.1 */
static void identifiers__of_all_sorts__refused(void **state)
{
    struct world *world = *state;
    IMsgStore *spooler = world->spooler.store;
    SPropValue *id = mail_submit(world->fx->inbox, "one");
    uint32_t random = 4711;

    for (int round = 0; round < 3000; round++) {
        BYTE bytes[64] = { 0 };
        ULONG size = id->Value.bin.cb;
        NOTIFICATION event = { .ulEventType = fnevNewMail };
        SPropValue bad = { .ulPropTag = PR_ENTRYID };

        memcpy(bytes, id->Value.bin.lpb, size);
        for (int turned = 0; turned < 1 + round % 3; turned++) {
            ULONG at;

            random = random * 1664525u + 1013904223u;
            at = (random >> 8) % 24; /* store and number; the rest leaves room for later */
            bytes[at < 16 ? 4 + at : 8 + at] ^= (BYTE)(1u << (random >> 29));
        }
        if (round % 4 == 0)
            size = (random >> 12) % sizeof(bytes);
        if (size == id->Value.bin.cb && memcmp(bytes, id->Value.bin.lpb, size) == 0)
            continue; /* turned back */
        bad.Value.bin.cb = size;
        bad.Value.bin.lpb = bytes;
        event.info.newmail.cbEntryID = size;
        event.info.newmail.lpEntryID = raw_id(bytes);
        assert_true(FAILED(finished(spooler, &bad)));
        assert_true(FAILED(abort_submit(world, &bad)));
        assert_true(FAILED(spooler->lpVtbl->NotifyNewMail(spooler, &event)));
    }
    queue_assert(spooler, "one ");
    assert_int_equal(queued_flags(spooler), 0);
    mapi_free(id);
}

/* --- all of it ----------------------------------------------------------------------------------
 */

static HRESULT count_sent(void *context, LPMESSAGE message)
{
    unsigned *calls = context;

    (void)message;
    return ++*calls == 2 ? MAPI_E_NETWORK_ERROR : S_OK;
}

/* Submit.Spooler.1 Submit.Client.2 */
static void spooler__whole_queue__sent_in_order_but_for_the_refused(void **state)
{
    struct world *world = *state;
    unsigned calls = 0;
    struct host_transport transport = { count_sent, &calls };
    unsigned sent = 0;

    for (int i = 0; i < 4; i++) {
        char subject[2] = { (char)('a' + i), 0 };

        world->fx->support->expand_result = i == 2 ? NEEDS_PREPROCESSING : 0;
        mapi_free(mail_submit(world->fx->inbox, subject));
    }
    assert_ok(host_spooler_run(host_mem_trio(0), world->spooler.store, &transport, &sent));
    assert_int_equal(calls, 4);
    assert_int_equal(sent, 3);
    queue_assert(world->spooler.store, "b ");
    assert_int_equal(queued_flags(world->spooler.store), 0);
    assert_ok(host_spooler_run(host_mem_trio(0), world->spooler.store, &transport, &sent));
    assert_int_equal(sent, 1);
    queue_assert(world->spooler.store, "");
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(queue__some_messages__exactly_those),
        WORLD_TEST(queue__client_of_the_same_process__no_support),
        WORLD_TEST(queue__open_table__follows),
        WORLD_TEST(lock__set_and_taken_back__clients_are_kept_out_meanwhile),
        WORLD_TEST(lock__pending_changes__saved),
        WORLD_TEST(lock__save_fails__not_locked),
        WORLD_TEST(lock__not_the_oldest__fine),
        WORLD_TEST(lock__not_queued_or_not_ours__refused),
        WORLD_TEST(lock__spooler_gone__the_next_one_sends),
        WORLD_TEST(lock__two_spoolers__one_has_it),
        WORLD_TEST(preprocess__needed__spooler_finishes_the_submission),
        WORLD_TEST(finished__no_wishes__stays_where_it_was),
        WORLD_TEST(finished__sent_items_named__moved_there),
        WORLD_TEST(finished__to_be_deleted__gone),
        WORLD_TEST(finished__sent_folder_missing__stays_and_is_sent),
        WORLD_TEST(finished__in_do_sent_mail__unlocked_and_one_reference),
        WORLD_TEST(finished__do_sent_mail_fails__its_error_and_nothing_leaks),
        WORLD_TEST(finished__no_such_message__refused),
        WORLD_TEST(identifiers__of_all_sorts__refused),
        WORLD_TEST(spooler__whole_queue__sent_in_order_but_for_the_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
