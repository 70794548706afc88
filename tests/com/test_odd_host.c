/* SPDX-License-Identifier: MIT */
/*
 * test_odd_host.c - Logoff in every odd way, and hosts whose support object does not do what MAPI's
 * does when it is released or when transports are to be logged off.
 *
 * Locks: none.
 */
#include "raw_logon.h"

#include "support/process.h"

static IMSLogon *take_logon(struct fixture *fx)
{
    IMSLogon *logon = host_support_unbind(fx->support);

    assert_non_null(logon);
    return logon;
}

static void assert_dead(void *object)
{
    IMAPIProp *prop = object;
    SPropValue *values = POISON;
    ULONG count = POISON_LONG;

    assert_hr(prop->lpVtbl->GetProps(prop, NULL, 0, &count, &values), MAPI_E_INVALID_OBJECT);
    assert_null(values);
    assert_int_equal(count, 0);
}

/* --- Logoff -------------------------------------------------------------------------------------
 */

/* IMSLogon.Logoff.2 IMSLogon.Logoff.4 IMSLogon.Logoff.9 */
static void logoff__flags_that_are_not_zero__succeeds_all_the_same(void **state)
{
    static const ULONG odd[] = { 1, LOGOFF_ABORT, LOGOFF_OUTBOUND, 0x80000000, 0xFFFFFFFF };

    (void)state;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        struct fixture *fx;
        IMSLogon *logon;
        void *made = NULL;
        ULONG flags = odd[i];

        fixture_inbox_setup(&made);
        fx = made;
        logon = take_logon(fx);

        assert_ok(logon->lpVtbl->Logoff(logon, &flags));

        assert_true(fx->support->dead);
        assert_true(host_file_is_free(fx->path));
        assert_dead(fx->inbox);
        release_last(logon);
        fixture_teardown(&made);
    }
}

/* Nobody has opened anything yet, not even looked at the store. IMSLogon.Logoff.1-2 */
static void logoff__before_any_open__succeeds(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;
    IMSLogon *logon;
    ULONG flags = 0;

    raw_open(fx, &raw, MDB_WRITE);
    logon = host_support_unbind(raw.support);

    assert_ok(logon->lpVtbl->Logoff(logon, &flags));

    assert_true(raw.support->dead);
    assert_true(host_file_is_free(fx->path));
    assert_dead(raw.store);
    release_last(raw.store);
    release_last(logon);
}

/* Before the host has given back its own reference on the support object: Logon has only just
 * returned. IMSLogon.Logoff.4 */
static void logoff__host_still_has_its_support_object__ours_is_given_back(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw = { .flags = MDB_WRITE };
    IMSLogon *logon;
    ULONG flags = 0;

    assert_ok(raw_logon(fx, &raw));
    logon = host_support_unbind(raw.support);
    assert_int_equal(host_support_refs(raw.support), 2);

    assert_ok(logon->lpVtbl->Logoff(logon, &flags));

    assert_int_equal(host_support_refs(raw.support), 1);
    assert_true(host_file_is_free(fx->path));
    release_last(raw.store);
    release_last(logon);
    raw_drop_support(&raw);
}

/* IMSLogon.Logoff.7 IMSLogon.IUnknown.2 */
static void logoff__after_the_stores_last_release__has_nothing_to_do(void **state)
{
    struct fixture *fx = *state;
    IMSLogon *logon = fx->support->logon;
    ULONG flags = 0;
    size_t calls;

    logon->lpVtbl->AddRef(logon);
    release_last(fx->inbox);
    release_last(fx->store);
    calls = host_support_log_size(fx->support);

    assert_ok(logon->lpVtbl->Logoff(logon, &flags));
    assert_ok(logon->lpVtbl->Logoff(logon, NULL));

    assert_int_equal(host_support_log_size(fx->support), calls);
    release_last(logon);
}

struct elsewhere {
    IMSLogon *logon;
    HRESULT hr;
    ULONG left;
};

static void log_off_elsewhere(void *arg)
{
    struct elsewhere *elsewhere = arg;
    ULONG flags = 0;

    elsewhere->hr = elsewhere->logon->lpVtbl->Logoff(elsewhere->logon, &flags);
    elsewhere->left = elsewhere->logon->lpVtbl->Release(elsewhere->logon);
}

/* IMSLogon.Logoff.2 Threads.Rules.1 */
static void logoff__from_a_thread_that_never_called__succeeds(void **state)
{
    struct fixture *fx = *state;
    struct elsewhere elsewhere = { take_logon(fx), E_FAIL, 77 };

    host_thread_join(host_thread_start(log_off_elsewhere, &elsewhere));

    assert_ok(elsewhere.hr);
    assert_int_equal(elsewhere.left, 0);
    assert_true(fx->support->dead);
    assert_true(host_file_is_free(fx->path));
    assert_dead(fx->inbox);
    assert_dead(fx->store);
}

/* --- a support object that is released in its own way -------------------------------------------
 */

/* The fixture's support object with another Release; everything else is the host's. */
struct odd_release {
    IMAPISupportVtbl vtbl;
    IMSLogon *logon;
    IMsgStore *store;
    IUnknown *orphan; /* dead, and without references */
    unsigned releases;
    HRESULT hr[2];
};

static struct odd_release odd;

static void make_odd(
        struct host_support *support, ULONG(STDMETHODCALLTYPE *release)(IMAPISupport *iface))
{
    odd = (struct odd_release){ .vtbl = *support->IMAPISupport_iface.lpVtbl };
    odd.vtbl.Release = release;
    odd.store = support->store;
    odd.logon = host_support_unbind(support);
    support->IMAPISupport_iface.lpVtbl = &odd.vtbl;
}

static void make_ordinary(struct host_support *support)
{
    support->IMAPISupport_iface.lpVtbl = &host_support_vtbl;
    host_support_iface(support)->lpVtbl->Release(host_support_iface(support));
}

static ULONG STDMETHODCALLTYPE release_does_nothing(IMAPISupport *iface)
{
    (void)iface;
    odd.releases++;
    return 0;
}

/* Teardown.StoreClose.1 Teardown.Data.2 IMSLogon.Logoff.4 */
static void support__release_does_nothing__store_closes_all_the_same(void **state)
{
    struct fixture *fx = *state;
    struct host_support *support = fx->support;
    ULONG flags = 0;
    size_t calls;

    make_odd(support, release_does_nothing);

    release_last(fx->store);

    assert_int_equal(odd.releases, 1);
    assert_int_equal(host_support_calls(support, HOST_StoreLogoffTransports), 1);
    assert_true(host_file_is_free(fx->path));
    assert_dead(fx->inbox);
    calls = host_support_log_size(support);
    release_last(fx->inbox);
    assert_ok(odd.logon->lpVtbl->Logoff(odd.logon, &flags));
    release_last(odd.logon);
    assert_int_equal(host_support_log_size(support), calls);
    assert_int_equal(odd.releases, 1);
    make_ordinary(support);
}

static ULONG STDMETHODCALLTYPE release_logs_off_twice(IMAPISupport *iface)
{
    ULONG flags = 0;

    (void)iface;
    odd.releases++;
    odd.hr[0] = odd.logon->lpVtbl->Logoff(odd.logon, &flags);
    odd.hr[1] = odd.logon->lpVtbl->Logoff(odd.logon, &flags);
    odd.logon->lpVtbl->Release(odd.logon);
    return 0;
}

/* IMSLogon.Logoff.7 Teardown.StoreClose.5 Teardown.SessionLogoff.3 */
static void support__release_logs_off_twice__released_once(void **state)
{
    struct fixture *fx = *state;
    struct host_support *support = fx->support;

    make_odd(support, release_logs_off_twice);

    release_last(fx->store);

    assert_ok(odd.hr[0]);
    assert_ok(odd.hr[1]);
    assert_int_equal(odd.releases, 1);
    assert_int_equal(host_support_calls(support, HOST_StoreLogoffTransports), 1);
    assert_true(host_file_is_free(fx->path));
    assert_dead(fx->inbox);
    release_last(fx->inbox);
    make_ordinary(support);
}

static ULONG STDMETHODCALLTYPE release_drops_the_logon(IMAPISupport *iface)
{
    (void)iface;
    odd.releases++;
    odd.logon->lpVtbl->Release(odd.logon); /* Logoff may be on the stack */
    return 0;
}

/* Teardown.StoreClose.7 IMSLogon.Logoff.4 */
static void support__logon_released_before_logoff_returns__memory_lasts(void **state)
{
    struct fixture *fx = *state;
    struct host_support *support = fx->support;
    ULONG flags = 0;

    make_odd(support, release_drops_the_logon);

    assert_ok(odd.logon->lpVtbl->Logoff(odd.logon, &flags));

    assert_int_equal(odd.releases, 1);
    assert_true(host_file_is_free(fx->path));
    assert_dead(fx->inbox);
    assert_dead(fx->store);
    release_last(fx->inbox);
    release_last(fx->store);
    make_ordinary(support);
}

/* The host never calls Logoff, it only lets the logon go. Teardown.StoreClose.7 */
static void support__logon_released_without_logoff__store_closes(void **state)
{
    struct fixture *fx = *state;
    struct host_support *support = fx->support;

    make_odd(support, release_drops_the_logon);

    release_last(fx->store);

    assert_int_equal(odd.releases, 1);
    assert_true(host_file_is_free(fx->path));
    assert_dead(fx->inbox);
    release_last(fx->inbox);
    make_ordinary(support);
}

static ULONG STDMETHODCALLTYPE release_touches_the_store(IMAPISupport *iface)
{
    (void)iface;
    odd.releases++;
    odd.store->lpVtbl->AddRef(odd.store);
    assert_dead(odd.store);
    odd.store->lpVtbl->Release(odd.store);
    odd.logon->lpVtbl->Release(odd.logon);
    return 0;
}

/* References that come and go in there are no last ones. Teardown.StoreClose.6 */
static void support__release_takes_and_drops_the_store__freed_once(void **state)
{
    struct fixture *fx = *state;
    struct host_support *support = fx->support;

    make_odd(support, release_touches_the_store);

    release_last(fx->store);

    assert_int_equal(odd.releases, 1);
    assert_true(host_file_is_free(fx->path));
    release_last(fx->inbox);
    make_ordinary(support);
}

static ULONG STDMETHODCALLTYPE release_keeps_the_store(IMAPISupport *iface)
{
    (void)iface;
    odd.releases++;
    odd.store->lpVtbl->AddRef(odd.store);
    odd.logon->lpVtbl->Release(odd.logon);
    return 0;
}

/* A host that takes a reference in there and keeps it has an invalid object. Teardown.Invalid.1-2
 */
static void support__release_keeps_the_store__invalid_until_released(void **state)
{
    struct fixture *fx = *state;
    struct host_support *support = fx->support;

    make_odd(support, release_keeps_the_store);

    (void)fx->store->lpVtbl->Release(fx->store);

    fx->store = NULL;
    assert_int_equal(odd.releases, 1);
    assert_true(host_file_is_free(fx->path));
    assert_dead(odd.store);
    release_last(odd.store);
    release_last(fx->inbox);
    make_ordinary(support);
}

/* --- StoreLogoffTransports ----------------------------------------------------------------------
 */

/* Teardown.StoreClose.1 IMAPISupport.StoreLogoffTransports.2 */
static void transports__any_answer__store_closes(void **state)
{
    static const ULONG answers[] = { LOGOFF_COMPLETE, LOGOFF_INBOUND, LOGOFF_OUTBOUND,
        LOGOFF_OUTBOUND_QUEUE, LOGOFF_OUTBOUND | LOGOFF_OUTBOUND_QUEUE, 0, 0xFFFFFFFF };
    static const HRESULT results[] = { S_OK, MAPI_E_CALL_FAILED, MAPI_E_NOT_ENOUGH_MEMORY,
        MAPI_E_INVALID_PARAMETER };

    (void)state;
    for (size_t i = 0; i < 7 * 4; i++) {
        struct fixture *fx;
        void *made = NULL;
        ULONG flags = LOGOFF_ORDERLY;
        struct host_call call;

        fixture_store_setup(&made);
        fx = made;
        fx->support->logoff_result = answers[i % 7];
        if (i >= 7)
            host_support_fail(fx->support, HOST_StoreLogoffTransports, results[i / 7], 1);
        assert_ok(fx->store->lpVtbl->StoreLogoff(fx->store, &flags));

        release_last(fx->store);

        assert_int_equal(host_support_calls(fx->support, HOST_StoreLogoffTransports), 1);
        assert_true(host_support_call(fx->support, HOST_StoreLogoffTransports, 0, &call));
        assert_int_equal(call.flags, LOGOFF_ORDERLY);
        assert_true(fx->support->dead);
        assert_true(host_file_is_free(fx->path));
        fixture_teardown(&made);
        i += i >= 7 ? 6 : 0; /* a failure has no answer beside it */
    }
}

struct caller_back {
    IMsgStore *store;
    IMAPIFolder *inbox;
    unsigned calls;
};

static void call_back(struct host_support *support, enum host_method method, void *context)
{
    struct caller_back *back = context;
    IMSLogon *logon = support->logon;
    LPUNKNOWN object = POISON;
    ULONG_PTR connection = POISON_CONN;
    ULONG flags = LOGOFF_PURGE;
    ULONG type = POISON_LONG;
    struct host_sink sink;

    if (method != HOST_StoreLogoffTransports)
        return;
    back->calls++;
    assert_hr(back->store->lpVtbl->StoreLogoff(back->store, &flags), MAPI_E_INVALID_OBJECT);
    assert_hr(back->store->lpVtbl->OpenEntry(back->store, 0, NULL, NULL, 0, &type, &object),
            MAPI_E_INVALID_OBJECT);
    assert_null(object);
    assert_dead(back->store);
    assert_dead(back->inbox);
    back->store->lpVtbl->AddRef(back->store);
    back->store->lpVtbl->Release(back->store);
    assert_hr(logon->lpVtbl->OpenEntry(logon, 0, NULL, NULL, 0, &type, &object),
            MAPI_E_INVALID_OBJECT);
    assert_null(object);
    host_sink_init(&sink);
    (void)logon->lpVtbl->Advise(
            logon, 0, NULL, fnevNewMail, &sink.IMAPIAdviseSink_iface, &connection);
    if (connection != 0)
        assert_ok(logon->lpVtbl->Unadvise(logon, connection));
    assert_int_equal(sink.refs, 1);
    host_sink_done(&sink);
}

/* Teardown.StoreClose.5 Teardown.StoreClose.6 Teardown.StoreClose.8 */
static void transports__call_back_into_the_store__it_is_an_invalid_object(void **state)
{
    struct fixture *fx = *state;
    struct caller_back back = { fx->store, fx->inbox, 0 };

    fx->support->on_call = call_back;
    fx->support->on_call_context = &back;

    release_last(fx->store);

    assert_int_equal(back.calls, 1);
    assert_true(fx->support->dead);
    assert_true(host_file_is_free(fx->path));
    assert_dead(fx->inbox);
}

static void log_on_again(struct host_support *support, enum host_method method, void *context)
{
    struct fixture *fx = context;
    struct raw_logon raw = { .flags = MDB_WRITE };

    (void)support;
    if (method != HOST_StoreLogoffTransports)
        return;
    assert_ok(raw_logon(fx, &raw));
    raw_drop_support(&raw);
    assert_non_null(raw.logon); /* a first logon: what ends is not handed out again */
    raw_close(&raw);
}

/* IMSProvider.Logon.Again.8 */
static void transports__same_store_logged_on_meanwhile__is_a_first_logon(void **state)
{
    struct fixture *fx = *state;

    fx->support->on_call = log_on_again;
    fx->support->on_call_context = fx;

    release_last(fx->store);

    assert_true(fx->support->dead);
}

/* --- Release once too often ---------------------------------------------------------------------
 */

/* A message that only its attachment keeps in memory: in a child, since a debug build stops there.
 */
static void child__parent_released_twice__attachment_works(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = NULL;
    LPATTACH attach = NULL;
    ULONG number = 0;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    assert_int_equal(message->lpVtbl->Release(message), 0);

    assert_int_equal(message->lpVtbl->Release(message), 0);

    assert_int_equal(prop_long(attach, PR_ATTACH_NUM), (LONG)number);
    assert_ok(attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE));
    release_last(attach);
    puts("still here");
}

static ULONG STDMETHODCALLTYPE release_releases_the_store(IMAPISupport *iface)
{
    (void)iface;
    odd.releases++;
    odd.store->lpVtbl->Release(odd.store);
    odd.logon->lpVtbl->Release(odd.logon);
    return 0;
}

/* A dead object without references: its memory lasts until the host has come back, and not longer.
 */
static void child__dead_store_released_twice__closes(void **state)
{
    struct fixture *fx = *state;
    struct host_support *support = fx->support;

    make_odd(support, release_releases_the_store);

    release_last(fx->store);

    assert_int_equal(odd.releases, 1);
    assert_true(host_file_is_free(fx->path));
    assert_dead(fx->inbox);
    release_last(fx->inbox);
    make_ordinary(support);
    puts("still here");
}

static ULONG STDMETHODCALLTYPE release_releases_the_orphan(IMAPISupport *iface)
{
    (void)iface;
    odd.releases++;
    odd.orphan->lpVtbl->Release(odd.orphan);
    return 0;
}

/* Logoff makes an object dead that only its child has kept. */
static void child__dead_orphan_released_twice__logs_off(void **state)
{
    struct fixture *fx = *state;
    struct host_support *support = fx->support;
    IMessage *message = NULL;
    LPATTACH attach = NULL;
    ULONG number = 0;
    ULONG flags = 0;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    assert_int_equal(message->lpVtbl->Release(message), 0);
    make_odd(support, release_releases_the_orphan);
    odd.orphan = (IUnknown *)(void *)message;

    assert_ok(odd.logon->lpVtbl->Logoff(odd.logon, &flags));

    assert_int_equal(odd.releases, 1);
    assert_true(host_file_is_free(fx->path));
    assert_dead(attach);
    release_last(attach);
    release_last(fx->inbox);
    release_last(fx->store);
    release_last(odd.logon);
    make_ordinary(support);
    puts("still here");
}

enum { CHILDREN = 3 };

#define INBOX(test) cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

static int run_child(const char *number)
{
    static const struct CMUnitTest tests[CHILDREN] = {
        INBOX(child__parent_released_twice__attachment_works),
        INBOX(child__dead_store_released_twice__closes),
        INBOX(child__dead_orphan_released_twice__logs_off),
    };
    struct CMUnitTest one[] = { tests[strtoul(number, NULL, 10) % CHILDREN] };

    return cmocka_run_group_tests_name("released twice", one, NULL, NULL);
}

static bool has_line(const char *path, const char *word)
{
    FILE *file = host_fopen(path, "rb");
    char line[400];
    bool found = false;

    while (file && !found && fgets(line, sizeof(line), file))
        found = strstr(line, word) != NULL;
    if (file)
        fclose(file);
    return found;
}

/* Ignored by a build without assertions, found by one with them; no third thing happens. */
static void release__once_too_often__found_or_ignored(void **state)
{
    struct fixture *fx = *state;
    char output[1100];
    unsigned ignored = 0;

    snprintf(output, sizeof(output), "%s.out", fx->path);
    for (unsigned i = 0; i < CHILDREN; i++) {
        char number[4];
        const char *arguments[] = { NULL, "--twice", number, NULL };
        struct process *process;

        snprintf(number, sizeof(number), "%u", i);
        process = process_start(arguments, output);
        assert_non_null(process);
        if (process_wait(process) != 0) {
            assert_true(has_line(output, "refs > 0"));
            continue;
        }
        assert_true(has_line(output, "still here"));
        ignored++;
    }
    assert_true(ignored == 0 || ignored == CHILDREN); /* one build does one thing */
    (void)host_file_remove(output);
}

#define CONFIGURED(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, fixture_configured_setup, fixture_teardown)
#define STORE(test) cmocka_unit_test_setup_teardown(test, fixture_store_setup, fixture_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logoff__flags_that_are_not_zero__succeeds_all_the_same),
        CONFIGURED(logoff__before_any_open__succeeds),
        CONFIGURED(logoff__host_still_has_its_support_object__ours_is_given_back),
        INBOX(logoff__after_the_stores_last_release__has_nothing_to_do),
        INBOX(logoff__from_a_thread_that_never_called__succeeds),
        INBOX(support__release_does_nothing__store_closes_all_the_same),
        INBOX(support__release_logs_off_twice__released_once),
        INBOX(support__logon_released_before_logoff_returns__memory_lasts),
        INBOX(support__logon_released_without_logoff__store_closes),
        INBOX(support__release_takes_and_drops_the_store__freed_once),
        INBOX(support__release_keeps_the_store__invalid_until_released),
        cmocka_unit_test(transports__any_answer__store_closes),
        INBOX(transports__call_back_into_the_store__it_is_an_invalid_object),
        STORE(transports__same_store_logged_on_meanwhile__is_a_first_logon),
        CONFIGURED(release__once_too_often__found_or_ignored),
    };

    if (argc == 3 && strcmp(argv[1], "--twice") == 0)
        return run_child(argv[2]);
    return cmocka_run_group_tests_name("odd_host", tests, NULL, NULL);
}
