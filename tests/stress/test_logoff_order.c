/* SPDX-License-Identifier: MIT */
/*
 * test_logoff_order.c - endings that meet each other at chosen moments: what a thread still owes to
 * foreign code when another one ends the same logon. tests/model/logoff.pml has all moments.
 *
 * The other thread is held in a call-out until the call under test has returned, which would be
 * wrong, or PATIENCE_MS have gone by: a machine that is slow can hide a fault, never make one up.
 */
#include <stdatomic.h>

#include "support/support.h"

enum { PATIENCE_MS = 200 };

struct meeting {
    struct fixture *fx;
    IMSLogon *logon;
    IMsgStore *store;
    struct host_thread *thread;
    atomic_bool is_inside; /* the other thread is in foreign code */
    atomic_bool returned;  /* what is under test has returned */
    atomic_bool was_early; /* ... before the other thread was done */
    atomic_uint calls;
};

static void wait_for(atomic_bool *flag)
{
    for (int i = 0; i < 10000 && !atomic_load(flag); i++)
        host_sleep_ms(1);
    assert_true(atomic_load(flag));
}

/* In foreign code: stays in there until it is clear whether somebody waits for it. */
static void linger(struct meeting *meeting)
{
    atomic_store(&meeting->is_inside, true);
    for (int i = 0; i < PATIENCE_MS && !atomic_load(&meeting->returned); i++)
        host_sleep_ms(1);
    if (atomic_load(&meeting->returned))
        atomic_store(&meeting->was_early, true);
}

static void log_off(void *arg)
{
    struct meeting *meeting = arg;
    ULONG flags = 0;

    assert_ok(meeting->logon->lpVtbl->Logoff(meeting->logon, &flags));
}

/* --- the support object is in use when the store ends ------------------------------------------
 */

static void release_store(struct host_support *support, enum host_method method, void *context)
{
    struct meeting *meeting = context;

    (void)support;
    if (method != HOST_IStorageFromStream || meeting->fx->store == NULL)
        return;
    meeting->fx->inbox->lpVtbl->Release(meeting->fx->inbox);
    meeting->fx->inbox = NULL;
    release_last(meeting->fx->store);
}

/* Teardown.StoreClose.1 Teardown.SessionLogoff.3 */
static void store_release__inside_a_call_of_ours__transports_are_told(void **state)
{
    struct fixture *fx = *state;
    struct meeting meeting = { .fx = fx };
    struct host_support *support = fx->support;
    IMessage *message = NULL;
    LPATTACH attach = NULL;
    LPUNKNOWN storage = POISON;
    ULONG number = 0;
    struct host_call call;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    support->on_call = release_store;
    support->on_call_context = &meeting;

    assert_hr(attach->lpVtbl->OpenProperty(attach, PR_ATTACH_DATA_OBJ, &IID_IStorage, 0,
                      MAPI_CREATE | MAPI_MODIFY, &storage),
            MAPI_E_INVALID_OBJECT);

    assert_null(storage);
    assert_null(fx->store);
    assert_int_equal(host_support_calls(support, HOST_StoreLogoffTransports), 1);
    assert_true(host_support_call(support, HOST_StoreLogoffTransports, 0, &call));
    assert_int_equal(call.flags, LOGOFF_ABORT);
    assert_int_equal(host_support_calls(support, HOST_Release), 1);
    assert_true(host_support_position(support, HOST_StoreLogoffTransports, 0) <
                host_support_position(support, HOST_Release, 0));
    assert_true(support->dead);
    release_last(attach);
    release_last(message);
}

/* --- Shutdown while a logon ends ---------------------------------------------------------------
 */

static void linger_in_release(struct host_support *support, enum host_method method, void *context)
{
    (void)support;
    if (method == HOST_Release)
        linger(context);
}

/* IMSProvider.Shutdown.1 IMSLogon.Logoff.4 */
static void shutdown__logon_ends_on_another_thread__waits_for_it(void **state)
{
    struct fixture *fx = *state;
    struct meeting meeting = { .fx = fx, .logon = host_support_unbind(fx->support) };
    IMSProvider *provider = fx->session.provider;
    ULONG flags = 0;

    fx->support->on_call = linger_in_release;
    fx->support->on_call_context = &meeting;
    meeting.thread = host_thread_start(log_off, &meeting);
    wait_for(&meeting.is_inside);

    assert_ok(provider->lpVtbl->Shutdown(provider, &flags));

    atomic_store(&meeting.returned, true);
    host_thread_join(meeting.thread);
    assert_false(atomic_load(&meeting.was_early));
    fx->support->on_call = NULL;
    release_last(meeting.logon);
}

/* --- sinks on their way back -------------------------------------------------------------------
 */

struct slow_sink {
    IMAPIAdviseSink IMAPIAdviseSink_iface;
    atomic_long refs;
    struct meeting *meeting;
};

static struct slow_sink *slow_sink(IMAPIAdviseSink *iface)
{
    return CONTAINING_RECORD(iface, struct slow_sink, IMAPIAdviseSink_iface);
}

static HRESULT STDMETHODCALLTYPE sink_QueryInterface(IMAPIAdviseSink *iface, REFIID iid, void **out)
{
    (void)iface;
    (void)iid;
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE sink_AddRef(IMAPIAdviseSink *iface)
{
    return (ULONG)atomic_fetch_add(&slow_sink(iface)->refs, 1) + 1;
}

static ULONG STDMETHODCALLTYPE sink_Release(IMAPIAdviseSink *iface)
{
    struct slow_sink *sink = slow_sink(iface);

    linger(sink->meeting);
    return (ULONG)atomic_fetch_sub(&sink->refs, 1) - 1;
}

static ULONG STDMETHODCALLTYPE sink_OnNotify(
        IMAPIAdviseSink *iface, ULONG count, LPNOTIFICATION notifications)
{
    (void)iface;
    (void)count;
    (void)notifications;
    return 0;
}

static const IMAPIAdviseSinkVtbl sink_vtbl = {
    .QueryInterface = sink_QueryInterface,
    .AddRef = sink_AddRef,
    .Release = sink_Release,
    .OnNotify = sink_OnNotify,
};

/* On the thread that releases the store, which has the support object: another thread logs off and
 * is giving the sinks back when this one logs off, too. */
static void log_off_twice(struct host_support *support, enum host_method method, void *context)
{
    struct meeting *meeting = context;

    (void)support;
    if (method != HOST_StoreLogoffTransports)
        return;
    meeting->thread = host_thread_start(log_off, meeting);
    wait_for(&meeting->is_inside);
    log_off(meeting);
    atomic_store(&meeting->returned, true);
}

/* IMSLogon.Logoff.6 */
static void logoff__sinks_given_back_on_another_thread__waits_for_it(void **state)
{
    struct fixture *fx = *state;
    struct meeting meeting = { .fx = fx };
    struct slow_sink sink = { .refs = 1, .meeting = &meeting };
    ULONG_PTR connection = 0;

    sink.IMAPIAdviseSink_iface.lpVtbl = (IMAPIAdviseSinkVtbl *)(uintptr_t)&sink_vtbl;
    assert_ok(fx->store->lpVtbl->Advise(
            fx->store, 0, NULL, fnevObjectCreated, &sink.IMAPIAdviseSink_iface, &connection));
    meeting.logon = host_support_logon(fx->support);
    fx->support->on_call = log_off_twice;
    fx->support->on_call_context = &meeting;

    release_last(fx->store);

    host_thread_join(meeting.thread);
    assert_false(atomic_load(&meeting.was_early));
    assert_int_equal(atomic_load(&sink.refs), 1);
    assert_int_equal(host_support_calls(fx->support, HOST_StoreLogoffTransports), 1);
    assert_int_equal(host_support_calls(fx->support, HOST_Release), 1);
    release_last(meeting.logon);
}

#define STORE(test) cmocka_unit_test_setup_teardown(test, fixture_store_setup, fixture_teardown)
#define INBOX(test) cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX(store_release__inside_a_call_of_ours__transports_are_told),
        STORE(shutdown__logon_ends_on_another_thread__waits_for_it),
        STORE(logoff__sinks_given_back_on_another_thread__waits_for_it),
    };

    return cmocka_run_group_tests_name("logoff_order", tests, NULL, NULL);
}
