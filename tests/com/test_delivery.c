/* SPDX-License-Identifier: MIT */
/*
 * test_delivery.c - mail that comes in through the spooler's store, who is told of it, and the
 * outgoing queue's table as it changes.
 */
#include "host/host_spooler.h"
#include "mail_world.h"

struct world {
    struct fixture *fx;
    struct spooler spooler;
    struct host_sink sink;
    /* Of the last fnevNewMail, under the sink's lock. */
    ULONG flags;
    WCHAR message_class[40];
    BYTE message[64]; /* entry ids */
    BYTE parent[64];
    bool opened; /* the message could be opened when it was told */
};

static int setup(void **state)
{
    static struct world world;

    memset(&world, 0, sizeof(world));
    fixture_inbox_setup(state);
    world.fx = *state;
    world.spooler = spooler_logon(world.fx);
    host_sink_init(&world.sink);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    int result;

    release_last(world->spooler.store);
    *state = world->fx;
    result = fixture_teardown(state);
    assert_int_equal(world->sink.refs, 1);
    host_sink_done(&world->sink);
    return result;
}

/* Events of another logon come on a thread of their own. */
static void wait_for(struct host_sink *sink, ULONG type, size_t count)
{
    for (int tries = 0; tries < 20000 && host_sink_count(sink, type) < count; tries++)
        host_sleep_ms(1);
    assert_int_equal(host_sink_count(sink, type), count);
}

static IMAPIFolder *spooler_inbox(struct world *world)
{
    IMsgStore *store = world->spooler.store;
    IMAPIFolder *inbox = NULL;
    LPENTRYID id = NULL;
    ULONG size = 0;
    ULONG type = 0;

    assert_ok(store->lpVtbl->GetReceiveFolder(store, NULL, 0, &size, &id, NULL));
    assert_ok(store->lpVtbl->OpenEntry(
            store, size, id, NULL, MAPI_MODIFY, &type, (LPUNKNOWN *)(void *)&inbox));
    mapi_free(id);
    return inbox;
}

/* What a transport does with a message that has come in; its entry id. */
static SPropValue *deliver(struct world *world, LONG flags)
{
    IMAPIFolder *inbox = spooler_inbox(world);
    IMessage *message = NULL;
    SPropValue *id;

    assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &message));
    prop_set_text(message, PR_SUBJECT_W, "incoming");
    prop_set_text(message, PR_MESSAGE_CLASS_W, "IPM.Note.Test");
    prop_set_long(message, PR_MESSAGE_FLAGS, flags);
    prop_set_time(message, PR_MESSAGE_DELIVERY_TIME, 133000000000000000u);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    release_last(inbox);
    return id;
}

static void new_mail_of(
        struct world *world, const SPropValue *id, const SPropValue *folder, NOTIFICATION *event)
{
    static char message_class[] = "IPM.Note.Test";
    NEWMAIL_NOTIFICATION *mail = &event->info.newmail;

    (void)world;
    memset(event, 0, sizeof(*event));
    event->ulEventType = fnevNewMail;
    mail->cbEntryID = id->Value.bin.cb;
    mail->lpEntryID = raw_id(id->Value.bin.lpb);
    mail->cbParentID = folder->Value.bin.cb;
    mail->lpParentID = raw_id(folder->Value.bin.lpb);
    mail->lpszMessageClass = (LPTSTR)(void *)message_class;
    mail->ulMessageFlags = MSGFLAG_UNMODIFIED;
}

static ULONG take_mail(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    struct world *world = context;
    const NEWMAIL_NOTIFICATION *mail = &event->info.newmail;
    IMsgStore *store = world->fx->store;
    LPUNKNOWN object = NULL;
    ULONG type = 0;

    if (event->ulEventType != fnevNewMail)
        return 0;
    host_lock_enter(&sink->lock);
    world->flags = mail->ulMessageFlags;
    if (mail->ulFlags == MAPI_UNICODE)
        memcpy(world->message_class, mail->lpszMessageClass, 14 * sizeof(WCHAR));
    if (mail->cbEntryID <= sizeof(world->message) && mail->cbParentID <= sizeof(world->parent)) {
        memcpy(world->message, mail->lpEntryID, mail->cbEntryID);
        memcpy(world->parent, mail->lpParentID, mail->cbParentID);
    }
    host_lock_leave(&sink->lock);
    if (SUCCEEDED(store->lpVtbl->OpenEntry(
                store, mail->cbEntryID, mail->lpEntryID, NULL, 0, &type, &object))) {
        world->opened = true;
        object->lpVtbl->Release(object);
    }
    return 0;
}

/* The sender did, and is none of this machine's users. */
static void assert_nobody_made_it(IMsgStore *store, const SPropValue *id)
{
    IMessage *message = message_open(store, id);

    assert_null(prop_get(message, PR_CREATOR_NAME_W));
    assert_null(prop_get(message, PR_LAST_MODIFIER_NAME_W));
    release_last(message);
}

/* Deliver.Incoming.1 Deliver.Incoming.2 Deliver.Incoming.3 */
static void deliver__through_the_spooler__new_for_clients(void **state)
{
    static const LONG set[] = { 0, MSGFLAG_UNMODIFIED, MSGFLAG_READ | MSGFLAG_FROMME };
    struct world *world = *state;

    for (size_t i = 0; i < 3; i++) {
        SPropValue *id = deliver(world, set[i]);
        LONG flags = mail_flags(world->fx->store, id);

        assert_int_equal(
                flags & (MSGFLAG_UNMODIFIED | MSGFLAG_READ | MSGFLAG_UNSENT), MSGFLAG_UNMODIFIED);
        assert_int_equal(flags & MSGFLAG_FROMME, set[i] & MSGFLAG_FROMME);
        assert_nobody_made_it(world->fx->store, id);
        assert_int_equal(prop_long(world->fx->inbox, PR_CONTENT_COUNT), (LONG)i + 1);
        assert_int_equal(prop_long(world->fx->inbox, PR_CONTENT_UNREAD), (LONG)i + 1);
        mapi_free(id);
    }
}

/* IMsgStore.NotifyNewMail.1 IMsgStore.NotifyNewMail.2 IMsgStore.NotifyNewMail.3
 * IMsgStore.NotifyNewMail.4 Deliver.Incoming.4 IMAPISupport.SpoolerNotify.3 Notify.NewMail.1
 * Notify.NewMail.2 */
static void new_mail__sinks_on_store_and_folder__all_are_told(void **state)
{
    struct world *world = *state;
    IMsgStore *client = world->fx->store;
    IMsgStore *spooler = world->spooler.store;
    SPropValue *folder = prop_get(world->fx->inbox, PR_ENTRYID);
    SPropValue *other = prop_get(client, PR_IPM_OUTBOX_ENTRYID);
    ULONG_PTR connections[5] = { 0 };
    LPMAPIADVISESINK sink = (LPMAPIADVISESINK)&world->sink.IMAPIAdviseSink_iface;
    NOTIFICATION event;
    NOTIFICATION copy;
    struct host_event told;
    SPropValue *id;

    world->sink.context = world;
    world->sink.on_event = take_mail;
    assert_ok(client->lpVtbl->Advise(client, 0, NULL, fnevNewMail, sink, &connections[0]));
    assert_ok(spooler->lpVtbl->Advise(
            spooler, 0, NULL, fnevNewMail | fnevExtended, sink, &connections[1]));
    assert_ok(client->lpVtbl->Advise(client, folder->Value.bin.cb, raw_id(folder->Value.bin.lpb),
            fnevNewMail, sink, &connections[2]));
    /* Those who asked for other events, or about another folder, hear nothing. */
    assert_ok(client->lpVtbl->Advise(client, 0, NULL, fnevSearchComplete, sink, &connections[3]));
    assert_ok(client->lpVtbl->Advise(client, other->Value.bin.cb, raw_id(other->Value.bin.lpb),
            fnevNewMail, sink, &connections[4]));
    id = deliver(world, 0);
    new_mail_of(world, id, folder, &event);
    copy = event;

    assert_ok(spooler->lpVtbl->NotifyNewMail(spooler, &event));

    assert_memory_equal(&event, &copy, sizeof(event));
    assert_int_equal(host_support_calls(world->spooler.support, HOST_SpoolerNotify), 0);
    assert_int_equal(host_support_calls(world->fx->support, HOST_SpoolerNotify), 0);
    memset(&event, 0xEE, sizeof(event)); /* nobody needs it any more */
    wait_for(&world->sink, fnevNewMail, 3);
    assert_true(world->opened);
    assert_int_equal(world->flags, MSGFLAG_UNMODIFIED);
    assert_memory_equal(world->message_class, u"IPM.Note.Test", 14 * sizeof(WCHAR));
    assert_memory_equal(world->message, id->Value.bin.lpb, id->Value.bin.cb);
    assert_memory_equal(world->parent, folder->Value.bin.lpb, folder->Value.bin.cb);
    for (size_t i = 0; i < 5; i++) {
        IMsgStore *store = i == 1 ? spooler : client;

        assert_ok(store->lpVtbl->Unadvise(store, connections[i]));
    }
    assert_int_equal(host_sink_count(&world->sink, fnevNewMail), 3);
    assert_false(host_sink_event(&world->sink, 3, &told));
    mapi_free(other);
    mapi_free(folder);
    mapi_free(id);
}

/* IMsgStore.NotifyNewMail.5 IMsgStore.NotifyNewMail.7 */
static void new_mail__nobody_or_nothing__said(void **state)
{
    struct world *world = *state;
    IMsgStore *spooler = world->spooler.store;
    SPropValue *folder = prop_get(world->fx->inbox, PR_ENTRYID);
    SPropValue *store = prop_get(world->fx->store, PR_ENTRYID);
    SPropValue *id = deliver(world, 0);
    SBinary bin = id->Value.bin;
    ENTRYLIST list = { 1, &bin };
    NOTIFICATION event;

    new_mail_of(world, id, folder, &event);
    assert_ok(spooler->lpVtbl->NotifyNewMail(spooler, &event));
    new_mail_of(world, folder, folder, &event);
    assert_hr(spooler->lpVtbl->NotifyNewMail(spooler, &event), MAPI_E_INVALID_PARAMETER);
    new_mail_of(world, store, folder, &event);
    assert_hr(spooler->lpVtbl->NotifyNewMail(spooler, &event), MAPI_E_INVALID_PARAMETER);
    event.info.newmail.lpEntryID = NULL;
    assert_hr(spooler->lpVtbl->NotifyNewMail(spooler, &event), MAPI_E_INVALID_PARAMETER);
    assert_hr(spooler->lpVtbl->NotifyNewMail(spooler, NULL), MAPI_E_INVALID_PARAMETER);
    event.ulEventType = fnevObjectCreated;
    assert_hr(spooler->lpVtbl->NotifyNewMail(spooler, &event), MAPI_E_INVALID_PARAMETER);
    assert_ok(world->fx->inbox->lpVtbl->DeleteMessages(world->fx->inbox, &list, 0, NULL, 0));
    new_mail_of(world, id, folder, &event);
    assert_hr(spooler->lpVtbl->NotifyNewMail(spooler, &event), MAPI_E_NOT_FOUND);
    mapi_free(folder);
    mapi_free(store);
    mapi_free(id);
}

static size_t table_events(struct host_sink *sink, ULONG kind)
{
    struct host_event event;
    size_t found = 0;

    for (size_t n = 0; host_sink_event(sink, n, &event); n++)
        found += event.type == fnevTableModified && event.table_event == kind;
    return found;
}

static void wait_for_rows(struct host_sink *sink, ULONG kind, size_t count)
{
    for (int tries = 0; tries < 20000 && table_events(sink, kind) < count; tries++)
        host_sleep_ms(1);
    assert_int_equal(table_events(sink, kind), count);
}

/* IMsgStore.AbortSubmit.9 Notify.Tables.1 */
static void queue_table__advised__rows_come_change_and_go(void **state)
{
    struct world *world = *state;
    IMsgStore *spooler = world->spooler.store;
    IMsgStore *client = world->fx->store;
    LPMAPIADVISESINK sink = (LPMAPIADVISESINK)&world->sink.IMAPIAdviseSink_iface;
    struct host_sink on_store;
    ULONG_PTR store_connection = 0;
    ULONG_PTR connection = 0;
    LPMAPITABLE table = NULL;
    IMessage *message = NULL;
    SPropValue *ids[2];

    host_sink_init(&on_store);
    assert_ok(spooler->lpVtbl->Advise(spooler, 0, NULL, fnevTableModified | fnevNewMail,
            (LPMAPIADVISESINK)&on_store.IMAPIAdviseSink_iface, &store_connection));
    assert_ok(spooler->lpVtbl->GetOutgoingQueue(spooler, 0, &table));
    assert_ok(table->lpVtbl->Advise(table, fnevTableModified, sink, &connection));
    ids[0] = mail_submit(world->fx->inbox, "one");
    wait_for_rows(&world->sink, TABLE_ROW_ADDED, 1);
    ids[1] = mail_submit(world->fx->inbox, "two");
    wait_for_rows(&world->sink, TABLE_ROW_ADDED, 2);
    assert_ok(mail_open(spooler, ids[1], MAPI_MODIFY, &message));
    assert_ok(spooler->lpVtbl->SetLockState(spooler, message, MSG_LOCKED));
    release_last(message);
    for (int tries = 0; tries < 20000 && table_events(&world->sink, TABLE_ROW_MODIFIED) == 0;
            tries++)
        host_sleep_ms(1);
    assert_true(table_events(&world->sink, TABLE_ROW_MODIFIED) > 0);
    assert_ok(client->lpVtbl->AbortSubmit(
            client, ids[0]->Value.bin.cb, raw_id(ids[0]->Value.bin.lpb), 0));
    wait_for_rows(&world->sink, TABLE_ROW_DELETED, 1);
    assert_ok(spooler->lpVtbl->FinishedMsg(
            spooler, 0, ids[1]->Value.bin.cb, raw_id(ids[1]->Value.bin.lpb)));
    wait_for_rows(&world->sink, TABLE_ROW_DELETED, 2);
    assert_int_equal(table_events(&world->sink, TABLE_ROW_ADDED), 2);
    assert_ok(table->lpVtbl->Unadvise(table, connection));
    assert_ok(spooler->lpVtbl->Unadvise(spooler, store_connection));
    assert_int_equal(host_sink_count(&on_store, fnevTableModified), 0);
    release_last(table);
    assert_int_equal(on_store.refs, 1);
    host_sink_done(&on_store);
    mapi_free(ids[0]);
    mapi_free(ids[1]);
}

/* From the Outbox through the spooler and back: the whole way. Submit.Spooler.1 Deliver.Incoming.1
 * recipient.PR_RESPONSIBILITY.1 */
static void loopback__sent_to_oneself__arrives_as_new_mail(void **state)
{
    static const ULONG tags[] = { PR_RESPONSIBILITY };
    struct world *world = *state;
    struct host_loopback loop = { host_mem_trio(0), world->spooler.store, 0 };
    struct host_transport transport = { host_loopback_send, &loop };
    IMsgStore *client = world->fx->store;
    IMAPIFolder *outbox = folder_by_prop(client, client, PR_IPM_OUTBOX_ENTRYID);
    LPMAPIADVISESINK sink = (LPMAPIADVISESINK)&world->sink.IMAPIAdviseSink_iface;
    SPropValue *id = mail_submit(outbox, "to myself");
    ULONG_PTR connection = 0;
    LPMAPITABLE table = NULL;
    IMessage *message;
    LPSRowSet rows;
    unsigned sent = 0;

    assert_ok(client->lpVtbl->Advise(client, 0, NULL, fnevNewMail, sink, &connection));

    assert_ok(host_spooler_run(host_mem_trio(0), world->spooler.store, &transport, &sent));

    assert_int_equal(sent, 1);
    assert_int_equal(loop.delivered, 1);
    wait_for(&world->sink, fnevNewMail, 1);
    assert_ok(client->lpVtbl->Unadvise(client, connection));
    assert_int_equal(prop_long(world->fx->inbox, PR_CONTENT_UNREAD), 1);
    assert_int_equal(mail_flags(client, id) & (MSGFLAG_SUBMIT | MSGFLAG_UNSENT), 0);
    message = message_open(client, id);
    assert_ok(message->lpVtbl->GetRecipientTable(message, 0, &table));
    rows = table_rows(table, tags, 1);
    assert_int_equal(rows->cRows, 1);
    assert_int_equal(rows->aRow[0].lpProps[0].ulPropTag, PR_RESPONSIBILITY);
    assert_true(rows->aRow[0].lpProps[0].Value.b);
    mapi_free_rows(rows);
    release_last(table);
    release_last(message);
    release_last(outbox);
    mapi_free(id);
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(deliver__through_the_spooler__new_for_clients),
        WORLD_TEST(new_mail__sinks_on_store_and_folder__all_are_told),
        WORLD_TEST(new_mail__nobody_or_nothing__said),
        WORLD_TEST(queue_table__advised__rows_come_change_and_go),
        WORLD_TEST(loopback__sent_to_oneself__arrives_as_new_mail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
