/* SPDX-License-Identifier: MIT */
/*
 * test_send.c - mailhost send: spoolers in other processes send what a client of this one has
 * written, and what comes in is told here.
 */
#include "mail_world.h"
#include "support/command.h"

enum { MESSAGES = 20 };

struct world {
    struct fixture *fx;
    char profile[1024];
    char said[2][1024];
};

static int setup(void **state)
{
    static struct world world;
    char why[300];

    fixture_inbox_setup(state);
    world.fx = *state;
    host_temp_path(".profile", world.profile, sizeof(world.profile));
    host_temp_path(".said", world.said[0], sizeof(world.said[0]));
    host_temp_path(".said", world.said[1], sizeof(world.said[1]));
    assert_true(host_profile_save(world.fx->profile, world.profile, why, sizeof(why)));
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;

    host_file_remove(world->profile);
    host_file_remove(world->said[0]);
    host_file_remove(world->said[1]);
    *state = world->fx;
    return fixture_teardown(state);
}

/* mailhost send, with or without an entry id. */
static struct process *start_send(struct world *world, const char *id, unsigned number)
{
    const char *const arguments[] = { command_name(), "--quiet", "--profile", world->profile,
        "send", id, NULL };
    struct process *process = process_start(arguments, world->said[number]);

    assert_non_null(process);
    return process;
}

/* How many it has sent; as many have been delivered. */
static unsigned end_send(struct world *world, struct process *process, unsigned number)
{
    int status = process_wait(process);
    char *text = command_read_file(world->said[number]).data;
    unsigned delivered = 1;
    unsigned sent = 0;

    if (status != 0 || sscanf(text, "sent %u, delivered %u", &sent, &delivered) != 2)
        fail_msg("mailhost send: %d, %s", status, text);
    assert_int_equal(sent, delivered);
    free(text);
    return sent;
}

/* Submit.Spooler.1 Deliver.Incoming.1 IMsgStore.FinishedMsg.6 IMsgStore.NotifyNewMail.1 */
static void send__by_another_process__sent_and_come_in(void **state)
{
    struct world *world = *state;
    IMsgStore *store = world->fx->store;
    IMAPIFolder *outbox = folder_by_prop(store, store, PR_IPM_OUTBOX_ENTRYID);
    IMAPIFolder *sent = folder_by_prop(store, store, PR_IPM_SENTMAIL_ENTRYID);
    SPropValue *sent_id = prop_get(store, PR_IPM_SENTMAIL_ENTRYID);
    IMessage *message = mail_new(outbox, "hello");
    ULONG_PTR connection = 0;
    struct host_sink sink;
    SPropValue *id;
    char hex[200];

    host_sink_init(&sink);
    assert_ok(store->lpVtbl->Advise(store, 0, NULL, fnevNewMail,
            (LPMAPIADVISESINK)&sink.IMAPIAdviseSink_iface, &connection));
    prop_set_binary(message, PR_SENTMAIL_ENTRYID, sent_id->Value.bin.lpb, sent_id->Value.bin.cb);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    host_hex_write(id->Value.bin.lpb, id->Value.bin.cb, hex);

    assert_int_equal(end_send(world, start_send(world, hex, 0), 0), 1);

    for (int tries = 0; tries < 20000 && host_sink_count(&sink, fnevNewMail) == 0; tries++)
        host_sleep_ms(1);
    assert_int_equal(host_sink_count(&sink, fnevNewMail), 1);
    assert_ok(store->lpVtbl->Unadvise(store, connection));
    assert_int_equal(prop_long(outbox, PR_CONTENT_COUNT), 0);
    assert_int_equal(prop_long(sent, PR_CONTENT_COUNT), 1);
    assert_int_equal(prop_long(world->fx->inbox, PR_CONTENT_UNREAD), 1);
    assert_int_equal(mail_flags(store, id) & (MSGFLAG_SUBMIT | MSGFLAG_UNSENT), 0);
    host_sink_done(&sink);
    release_last(outbox);
    release_last(sent);
    mapi_free(sent_id);
    mapi_free(id);
}

static void send__two_processes_at_once__each_message_once(void **state)
{
    struct world *world = *state;
    IMsgStore *store = world->fx->store;
    IMAPIFolder *outbox = folder_by_prop(store, store, PR_IPM_OUTBOX_ENTRYID);
    struct process *processes[2];
    unsigned sent;

    for (int i = 0; i < MESSAGES; i++)
        mapi_free(mail_submit(outbox, "hello"));

    for (unsigned i = 0; i < 2; i++)
        processes[i] = start_send(world, NULL, i);
    sent = end_send(world, processes[0], 0);
    sent += end_send(world, processes[1], 1);

    assert_int_equal(sent, MESSAGES);
    assert_int_equal(prop_long(world->fx->inbox, PR_CONTENT_COUNT), MESSAGES);
    release_last(outbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                send__by_another_process__sent_and_come_in, setup, teardown),
        cmocka_unit_test_setup_teardown(
                send__two_processes_at_once__each_message_once, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
