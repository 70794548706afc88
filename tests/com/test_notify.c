/* SPDX-License-Identifier: MIT */
/*
 * test_notify.c - Advise and Unadvise on store and logon, and which sink hears of what.
 */
#include "raw_logon.h"

enum {
    ALL_EVENTS = fnevCriticalError | fnevNewMail | fnevObjectCreated | fnevObjectDeleted |
                 fnevObjectModified | fnevObjectMoved | fnevObjectCopied | fnevSearchComplete |
                 fnevExtended
};

static LPENTRYID id_of(const SPropValue *value)
{
    return raw_id(value->Value.bin.lpb);
}

/* Registers; NULL id: the whole store. */
static ULONG_PTR advise(
        struct fixture *fx, struct host_sink *sink, const SPropValue *id, ULONG mask)
{
    ULONG_PTR connection = POISON_CONN;

    assert_ok(fx->store->lpVtbl->Advise(fx->store, id ? id->Value.bin.cb : 0, id ? id_of(id) : NULL,
            mask, &sink->IMAPIAdviseSink_iface, &connection));
    assert_true(connection != 0);
    return connection;
}

static void unadvise(struct fixture *fx, ULONG_PTR connection)
{
    assert_ok(fx->store->lpVtbl->Unadvise(fx->store, connection));
}

static void sink_done(struct host_sink *sink)
{
    assert_int_equal(sink->refs, 1);
    host_sink_done(sink);
}

static void delete_message(IMAPIFolder *folder, const SPropValue *id)
{
    SBinary binary = { id->Value.bin.cb, id->Value.bin.lpb };
    ENTRYLIST list = { 1, &binary };

    assert_ok(folder->lpVtbl->DeleteMessages(folder, &list, 0, NULL, 0));
}

static void modify_message(struct fixture *fx, const SPropValue *id, const char *subject)
{
    IMessage *message = message_open(fx->store, id);

    prop_set_text(message, PR_SUBJECT_W, subject);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

/* How many events of a type the sink has heard of the object. */
static size_t heard(struct host_sink *sink, ULONG type, const SPropValue *id)
{
    struct host_event event;
    size_t count = 0;

    for (size_t n = 0; host_sink_event(sink, n, &event); n++) {
        if (event.type == type && event.id_size == id->Value.bin.cb &&
                memcmp(event.id, id->Value.bin.lpb, event.id_size) == 0)
            count++;
    }
    return count;
}

/* --- registrations ------------------------------------------------------------------------------
 */

/* IMsgStore.Advise.1 IMSLogon.Advise.1 StoreProp.SupportMask.10 */
static void advise__whole_store__hears_of_every_object(void **state)
{
    struct fixture *fx = *state;
    struct host_sink sink;
    SPropValue *message;
    SPropValue *folder_id;
    IMAPIFolder *folder;
    ULONG_PTR connection;

    assert_int_equal(
            prop_long(fx->store, PR_STORE_SUPPORT_MASK) & STORE_NOTIFY_OK, STORE_NOTIFY_OK);
    host_sink_init(&sink);
    connection = advise(fx, &sink, NULL, ALL_EVENTS);

    message = message_make(fx->inbox, "one");
    modify_message(fx, message, "two");
    folder = folder_make(fx->inbox, "new");
    folder_id = prop_get(folder, PR_ENTRYID);
    release_last(folder);
    delete_message(fx->inbox, message);

    assert_int_equal(heard(&sink, fnevObjectCreated, message), 1);
    assert_int_equal(heard(&sink, fnevObjectModified, message), 1);
    assert_int_equal(heard(&sink, fnevObjectDeleted, message), 1);
    assert_int_equal(heard(&sink, fnevObjectCreated, folder_id), 1);
    unadvise(fx, connection);
    sink_done(&sink);
    mapi_free(message);
    mapi_free(folder_id);
}

/* IMsgStore.Advise.2 */
static void advise__one_object__hears_of_that_only(void **state)
{
    struct fixture *fx = *state;
    SPropValue *mine = message_make(fx->inbox, "mine");
    SPropValue *other = message_make(fx->inbox, "other");
    struct host_sink sink;
    struct host_event event;
    ULONG_PTR connection;

    host_sink_init(&sink);
    connection = advise(fx, &sink, mine, ALL_EVENTS);

    modify_message(fx, other, "not for you");
    modify_message(fx, mine, "for you");

    assert_int_equal(heard(&sink, fnevObjectModified, mine), 1);
    for (size_t n = 0; host_sink_event(&sink, n, &event); n++)
        assert_memory_equal(event.id, mine->Value.bin.lpb, mine->Value.bin.cb);
    unadvise(fx, connection);
    sink_done(&sink);
    mapi_free(mine);
    mapi_free(other);
}

/* IMsgStore.Advise.12 */
static void advise__stores_own_id__means_the_whole_store(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = prop_get(fx->store, PR_ENTRYID);
    struct host_sink sink;
    SPropValue *message;
    ULONG_PTR connection;

    host_sink_init(&sink);
    connection = advise(fx, &sink, id, fnevObjectCreated);

    message = message_make(fx->inbox, "one");

    assert_int_equal(heard(&sink, fnevObjectCreated, message), 1);
    unadvise(fx, connection);
    sink_done(&sink);
    mapi_free(message);
    mapi_free(id);
}

/* IMsgStore.Advise.3 IMSLogon.Advise.2 IMSLogon.Advise.4 IMSLogon.Advise.5 */
static void advise__store_and_logon__numbers_are_never_the_same(void **state)
{
    struct fixture *fx = *state;
    IMSLogon *logon = fx->support->logon;
    struct host_sink sink;
    ULONG_PTR connections[8];
    SPropValue *message;

    host_sink_init(&sink);
    for (size_t i = 0; i < 8; i++) {
        memset(&connections[i], 0xEE, sizeof(connections[i]));
        if (i % 2 == 0)
            assert_ok(fx->store->lpVtbl->Advise(fx->store, 0, NULL, fnevObjectCreated,
                    &sink.IMAPIAdviseSink_iface, &connections[i]));
        else
            assert_ok(logon->lpVtbl->Advise(logon, 0, NULL, fnevObjectCreated,
                    &sink.IMAPIAdviseSink_iface, &connections[i]));
        assert_true(connections[i] != 0);
        if (sizeof(ULONG_PTR) == 8) /* all of it was written */
            assert_true((connections[i] >> 16 >> 16) != 0xEEEEEEEE);
        for (size_t k = 0; k < i; k++)
            assert_true(connections[k] != connections[i]);
    }

    message = message_make(fx->inbox, "one");

    assert_int_equal(heard(&sink, fnevObjectCreated, message), 8);
    for (size_t i = 0; i < 8; i++) { /* each taken back where it was not made */
        if (i % 2 == 0)
            assert_ok(logon->lpVtbl->Unadvise(logon, connections[i]));
        else
            assert_ok(fx->store->lpVtbl->Unadvise(fx->store, connections[i]));
    }
    sink_done(&sink);
    mapi_free(message);
}

/* IMsgStore.Advise.5 IMsgStore.Advise.7 */
static void advise__each_event_bit__is_accepted(void **state)
{
    struct fixture *fx = *state;
    struct host_sink sink;

    host_sink_init(&sink);
    for (ULONG bit = 1; bit <= 0x80000000u && bit != 0; bit <<= 1) {
        if ((bit & ALL_EVENTS) != 0)
            unadvise(fx, advise(fx, &sink, NULL, bit));
        unadvise(fx, advise(fx, &sink, NULL, bit | fnevObjectModified));
    }
    sink_done(&sink);
}

/* IMsgStore.Advise.6 IMsgStore.Advise.8 IMsgStore.Advise.9 IMsgStore.Advise.10 IMsgStore.Advise.11
 */
static void advise__bad_arguments__no_registration(void **state)
{
    struct fixture *fx = *state;
    IMsgStore *store = fx->store;
    SPropValue *id = prop_get(fx->inbox, PR_ENTRYID);
    ULONG size = id->Value.bin.cb;
    unsigned char foreign[64];
    struct host_sink sink;
    IMAPIAdviseSink *iface = &sink.IMAPIAdviseSink_iface;

    const struct {
        ULONG size;
        LPENTRYID id;
        ULONG mask;
        IMAPIAdviseSink *sink;
        HRESULT expected;
    } cases[] = {
        { 0, NULL, fnevTableModified, iface, MAPI_E_NO_SUPPORT },
        { 0, NULL, fnevStatusObjectModified, iface, MAPI_E_NO_SUPPORT },
        { 0, NULL, 0, iface, MAPI_E_INVALID_PARAMETER },
        { 0, NULL, fnevObjectCreated, NULL, MAPI_E_INVALID_PARAMETER },
        { size, NULL, fnevObjectCreated, iface, MAPI_E_INVALID_PARAMETER },
        { size, raw_id(foreign), fnevObjectCreated, iface, MAPI_E_UNKNOWN_ENTRYID },
        { 9, raw_id(foreign), fnevObjectCreated, iface, MAPI_E_INVALID_ENTRYID },
    };

    host_sink_init(&sink);
    memcpy(foreign, id->Value.bin.lpb, size);
    foreign[5] ^= 0x55;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ULONG_PTR connection = POISON_CONN;

        assert_hr(store->lpVtbl->Advise(store, cases[i].size, cases[i].id, cases[i].mask,
                          cases[i].sink, &connection),
                cases[i].expected);
        assert_true(connection == 0);
    }
    assert_hr(store->lpVtbl->Advise(store, 0, NULL, fnevObjectCreated, iface, NULL),
            MAPI_E_INVALID_PARAMETER);
    mapi_free(message_make(fx->inbox, "nobody listens"));
    assert_int_equal(host_sink_count(&sink, fnevObjectCreated), 0);
    sink_done(&sink);
    mapi_free(id);
}

/* --- references ---------------------------------------------------------------------------------
 */

/* IMsgStore.Advise.14 IMsgStore.Advise.15 IMSLogon.Advise.3 IMSLogon.Unadvise.1
   IMsgStore.Unadvise.1 IMsgStore.Unadvise.2 */
static void advise__until_unadvise__holds_one_reference(void **state)
{
    struct fixture *fx = *state;
    struct host_sink sink;
    ULONG_PTR one;
    ULONG_PTR two;

    host_sink_init(&sink);
    one = advise(fx, &sink, NULL, ALL_EVENTS);
    assert_int_equal(sink.refs, 2);
    two = advise(fx, &sink, NULL, ALL_EVENTS);
    assert_int_equal(sink.refs, 3);
    assert_int_equal(host_support_calls(fx->support, HOST_Subscribe), 0);
    mapi_free(message_make(fx->inbox, "one"));
    assert_int_equal(sink.refs, 3);
    assert_int_equal(host_sink_count(&sink, fnevObjectCreated), 2);

    unadvise(fx, one);
    assert_int_equal(sink.refs, 2);
    host_sink_clear(&sink);
    mapi_free(message_make(fx->inbox, "two"));
    assert_int_equal(host_sink_count(&sink, fnevObjectCreated), 1);
    assert_ok(fx->support->logon->lpVtbl->Unadvise(fx->support->logon, two));
    assert_int_equal(sink.refs, 1);
    host_sink_clear(&sink);
    mapi_free(message_make(fx->inbox, "three"));
    assert_int_equal(host_sink_count(&sink, fnevObjectCreated), 0);
    sink_done(&sink);
}

/* IMsgStore.Unadvise.3 */
static void unadvise__number_not_in_use__not_found(void **state)
{
    struct fixture *fx = *state;
    struct host_sink sink;
    ULONG_PTR connection;

    host_sink_init(&sink);
    connection = advise(fx, &sink, NULL, fnevObjectCreated);
    assert_hr(fx->store->lpVtbl->Unadvise(fx->store, 0), MAPI_E_NOT_FOUND);
    assert_hr(fx->store->lpVtbl->Unadvise(fx->store, connection + 1), MAPI_E_NOT_FOUND);
    assert_int_equal(sink.refs, 2);
    unadvise(fx, connection);

    assert_hr(fx->store->lpVtbl->Unadvise(fx->store, connection), MAPI_E_NOT_FOUND);

    sink_done(&sink);
}

/* --- from inside OnNotify -----------------------------------------------------------------------
 */

struct inside {
    struct fixture *fx;
    ULONG_PTR connection;
    IMSLogon *logon;
    unsigned calls;
};

static ULONG unadvise_inside(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    struct inside *inside = context;

    (void)sink;
    (void)event;
    if (inside->calls++ == 0)
        assert_ok(inside->fx->store->lpVtbl->Unadvise(inside->fx->store, inside->connection));
    return 0;
}

/* IMSLogon.Unadvise.2 IMsgStore.Unadvise.1 */
static void unadvise__inside_its_own_on_notify__ends_it(void **state)
{
    struct fixture *fx = *state;
    struct inside inside = { .fx = fx };
    struct host_sink sink;

    host_sink_init(&sink);
    sink.on_event = unadvise_inside;
    sink.context = &inside;
    inside.connection = advise(fx, &sink, NULL, fnevObjectCreated);

    mapi_free(message_make(fx->inbox, "one"));
    mapi_free(message_make(fx->inbox, "two"));

    assert_int_equal(inside.calls, 1);
    sink_done(&sink);
}

static ULONG change_inside(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    struct inside *inside = context;

    (void)event;
    if (inside->calls++ < 5)
        mapi_free(message_make(inside->fx->inbox, "chain"));
    assert_int_equal(sink->refs > 1, true);
    return 0;
}

static void on_notify__changes_the_store__events_come_in_order(void **state)
{
    struct fixture *fx = *state;
    struct inside inside = { .fx = fx };
    struct host_sink sink;
    ULONG_PTR connection;

    host_sink_init(&sink);
    sink.on_event = change_inside;
    sink.context = &inside;
    connection = advise(fx, &sink, NULL, fnevObjectCreated);

    mapi_free(message_make(fx->inbox, "first"));

    assert_int_equal(inside.calls, 6);
    assert_int_equal(host_sink_count(&sink, fnevObjectCreated), 6);
    sink.on_event = NULL;
    unadvise(fx, connection);
    sink_done(&sink);
}

static ULONG logoff_inside(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    struct inside *inside = context;
    ULONG flags = 0;

    (void)event;
    if (inside->calls++ == 0) {
        assert_ok(inside->logon->lpVtbl->Logoff(inside->logon, &flags));
        assert_true(sink->refs >= 1);
    }
    return 0;
}

/* IMSLogon.Logoff.6 Teardown.SessionLogoff.1 */
static void on_notify__logs_off__nothing_is_told_any_more(void **state)
{
    struct fixture *fx = *state;
    struct inside inside = { .fx = fx };
    struct host_sink sink;
    IMessage *message = NULL;

    host_sink_init(&sink);
    sink.on_event = logoff_inside;
    sink.context = &inside;
    inside.logon = host_support_unbind(fx->support);
    advise(fx, &sink, NULL, ALL_EVENTS);
    advise(fx, &sink, NULL, ALL_EVENTS);

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    prop_set_text(message, PR_SUBJECT_W, "one");
    assert_ok(message->lpVtbl->SaveChanges(
            message, KEEP_OPEN_READWRITE)); /* done before anybody was told */
    assert_hr(message->lpVtbl->SaveChanges(message, 0), MAPI_E_INVALID_OBJECT);
    release_last(message);

    assert_int_equal(inside.calls, 1);
    assert_int_equal(sink.refs, 1);
    assert_true(fx->support->dead);
    release_last(inside.logon);
    sink_done(&sink);
}

/* IMSLogon.Logoff.6 */
static void logoff__sinks_registered__gives_them_back(void **state)
{
    struct fixture *fx = *state;
    struct host_sink sink;

    host_sink_init(&sink);
    for (int i = 0; i < 20; i++)
        advise(fx, &sink, NULL, ALL_EVENTS);
    assert_int_equal(sink.refs, 21);

    host_session_logoff(&fx->session);

    sink_done(&sink);
}

static void store_release__sinks_registered__gives_them_back(void **state)
{
    struct fixture *fx = *state;
    struct host_sink sink;

    host_sink_init(&sink);
    advise(fx, &sink, NULL, ALL_EVENTS);
    release_last(fx->inbox);

    release_last(fx->store);

    sink_done(&sink);
}

/* None is lost, none comes twice. */
static void on_notify__many_events__each_exactly_once(void **state)
{
    enum { COUNT = 300 };
    struct fixture *fx = *state;
    struct host_sink sink;
    ULONG_PTR connection;
    unsigned char last[128] = { 0 };
    struct host_event event;
    size_t n;

    host_sink_init(&sink);
    connection = advise(fx, &sink, NULL, fnevObjectCreated);
    prop_set_bool(fx->store, PR_MKEEP_BULK, true);
    for (int i = 0; i < COUNT; i++)
        mapi_free(message_make(fx->inbox, "many"));
    prop_set_bool(fx->store, PR_MKEEP_BULK, false);

    for (n = 0; host_sink_event(&sink, n, &event); n++) {
        assert_int_equal(event.type, fnevObjectCreated);
        assert_memory_not_equal(event.id, last, event.id_size);
        memcpy(last, event.id, event.id_size);
    }
    assert_int_equal(n, COUNT);
    unadvise(fx, connection);
    sink_done(&sink);
}

#define INBOX(test) cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX(advise__whole_store__hears_of_every_object),
        INBOX(advise__one_object__hears_of_that_only),
        INBOX(advise__stores_own_id__means_the_whole_store),
        INBOX(advise__store_and_logon__numbers_are_never_the_same),
        INBOX(advise__each_event_bit__is_accepted),
        INBOX(advise__bad_arguments__no_registration),
        INBOX(advise__until_unadvise__holds_one_reference),
        INBOX(unadvise__number_not_in_use__not_found),
        INBOX(unadvise__inside_its_own_on_notify__ends_it),
        INBOX(on_notify__changes_the_store__events_come_in_order),
        INBOX(on_notify__logs_off__nothing_is_told_any_more),
        INBOX(logoff__sinks_registered__gives_them_back),
        INBOX(store_release__sinks_registered__gives_them_back),
        INBOX(on_notify__many_events__each_exactly_once),
    };

    return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
