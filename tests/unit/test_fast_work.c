/* SPDX-License-Identifier: MIT */
/*
 * test_fast_work.c - fast shutdown while other threads are at work: it stops them, or leaves them
 * alone, but never waits for the end of what they do.
 *
 * The layers are linked in: the work is this test's own, so that it lasts until it is stopped.
 */
#include "linked_fixture.h"

#include "com/logon.h"
#include "com/provider.h"
#include "com/store.h"
#include "dll/inf.h" /* the whole library is linked for it */
#include "engine/eng_int.h"
#include "platform/time.h"

#define BULK PROP_TAG(PT_BOOLEAN, 0x6601)

static struct logon *logon_of(struct fixture *fx)
{
    return CONTAINING_RECORD(fx->store, struct store, IMsgStore_iface)->prop.logon;
}

static void begin(struct state *state)
{
    struct fixture *fx = state->fx;

    assert_ok(load(fx));
    assert_ok(configure(fx));
    assert_ok(log_on(fx));
    fixture_open_inbox(fx);
}

static HRESULT notify_process_shutdown(struct fixture *fx)
{
    IMAPIProviderShutdown *shutdown = raw_shutdown(fx);
    HRESULT hr = shutdown->lpVtbl->NotifyProcessShutdown(shutdown);

    shutdown->lpVtbl->Release(shutdown);
    return hr;
}

/* After the last look at what is inside. */
static void end_all(struct state *state)
{
    end(state);
    fixture_check_and_free(state->fx);
    state->fx = NULL;
}

/* --- work ------------------------------------------------------------------------------------- */

struct work {
    struct logon *logon;
    atomic_bool has_begun;
    atomic_bool is_over; /* told so, or stopped */
};

/* Holds the lock, as a method does, until it is told to end. */
static void work_until_told(void *arg)
{
    struct work *work = arg;
    struct msp_domain *domain = work->logon->object.domain;

    msp_domain_lock(domain);
    atomic_store(&work->has_begun, true);
    while (!atomic_load(&work->is_over))
        host_sleep_ms(0);
    msp_domain_unlock(domain);
}

/* The same until it is stopped, the engine's part and its own. */
static void work_until_stopped(void *arg)
{
    struct work *work = arg;
    struct msp_domain *domain = work->logon->object.domain;
    struct eng *eng = work->logon->eng;

    msp_domain_lock(domain);
    atomic_store(&work->has_begun, true);
    while (!msp_domain_is_stopping(domain) || !eng_is_interrupted(eng))
        host_sleep_ms(0);
    atomic_store(&work->is_over, true);
    msp_domain_unlock(domain);
}

static struct host_thread *work_begin(struct work *work, void (*run)(void *arg))
{
    struct host_thread *thread = host_thread_start(run, work);

    while (!atomic_load(&work->has_begun))
        host_sleep_ms(0);
    return thread;
}

/* So many seconds from now. */
static uint64_t soon(unsigned seconds)
{
    return msp_time_monotonic_ns() + seconds * UINT64_C(1000000000);
}

/* --- tests ------------------------------------------------------------------------------------ */

/* IMSProvider.FastShutdown.2 */
static void notify_process_shutdown__a_call_goes_on__does_not_wait_for_it(void **out)
{
    struct state *state = *out;
    struct work work = { 0 };
    struct host_thread *thread;

    begin(state);
    work.logon = logon_of(state->fx);
    prop_set_bool(state->fx->store, BULK, true);
    mapi_free(message_make(state->fx->inbox, "m"));
    thread = work_begin(&work, work_until_told);

    assert_ok(notify_process_shutdown(state->fx));
    assert_false(msp_domain_is_stopping(work.logon->object.domain));
    assert_int_equal(work.logon->eng->group_saves, 1); /* for DoFastShutdown to do */

    atomic_store(&work.is_over, true);
    host_thread_join(thread);
    assert_ok(notify_process_shutdown(state->fx));
    assert_int_equal(work.logon->eng->group_saves, 0);
    end_all(state);
}

/* IMSProvider.FastShutdown.3 Teardown.Data.4 */
static void flush_all__a_call_goes_on__is_stopped_and_all_is_on_disk(void **out)
{
    struct state *state = *out;
    struct work work = { 0 };
    struct host_thread *thread;
    unsigned count = 0;

    begin(state);
    work.logon = logon_of(state->fx);
    prop_set_bool(state->fx->store, BULK, true);
    mapi_free(message_make(state->fx->inbox, "m"));
    thread = work_begin(&work, work_until_stopped);

    assert_ok(logon_flush_all(work.logon->core, soon(60), &count));
    assert_true(atomic_load(&work.is_over));
    host_thread_join(thread);
    assert_int_equal(count, 1);
    assert_int_equal(work.logon->eng->group_saves, 0);
    assert_false(work.logon->eng->is_volatile);

    assert_false(msp_domain_is_stopping(work.logon->object.domain)); /* the session goes on */
    mapi_free(message_make(state->fx->inbox, "later"));
    end_all(state);
}

/* IMSProvider.FastShutdown.3: a failure, and the session goes on. */
static void flush_all__a_call_does_not_stop__fails_and_the_call_goes_on(void **out)
{
    struct state *state = *out;
    struct work work = { 0 };
    struct host_thread *thread;
    unsigned count = 0;

    begin(state);
    work.logon = logon_of(state->fx);
    thread = work_begin(&work, work_until_told);

    assert_hr(logon_flush_all(work.logon->core, soon(0), &count), MAPI_E_DISK_ERROR);
    assert_false(msp_domain_is_stopping(work.logon->object.domain));
    assert_int_equal(atomic_load(&work.logon->eng->stopped), 0); /* only what ran then was */

    atomic_store(&work.is_over, true);
    host_thread_join(thread);
    mapi_free(message_make(state->fx->inbox, "later"));
    end_all(state);
}

/* Teardown.Data.4: who waits for the lock to log off has told the engine to stop already. */
static void flush_all__logoff_waits__the_engine_stays_stopped_for_it(void **out)
{
    struct state *state = *out;
    struct logon *logon;
    unsigned count = 0;

    begin(state);
    logon = logon_of(state->fx);
    prop_set_bool(state->fx->store, BULK, true);
    mapi_free(message_make(state->fx->inbox, "m"));
    atomic_store(&logon->object.domain->closing, true);
    eng_stop(logon->eng);

    assert_ok(logon_flush_all(logon->core, soon(60), &count));
    assert_int_equal(logon->eng->group_saves, 0);
    assert_true(eng_is_interrupted(logon->eng));

    atomic_store(&logon->object.domain->closing, false);
    assert_ok(logon_flush_all(logon->core, soon(60), &count));
    assert_false(eng_is_interrupted(logon->eng));
    end_all(state);
}

/* --- another session holds the file ----------------------------------------------------------- */

struct saver {
    IMessage *message;
    HRESULT hr;
};

static void save(void *arg)
{
    struct saver *saver = arg;

    saver->hr = saver->message->lpVtbl->SaveChanges(saver->message, KEEP_OPEN_READWRITE);
}

/* The save waits for the other's group, and fast shutdown for the save, which has the lock. */
static void flush_all__a_save_waits_for_the_file__is_stopped(void **out)
{
    struct state *state = *out;
    struct fixture *fx = state->fx;
    struct eng_open_params params = { .path = fx->path };
    struct saver saver = { NULL, S_OK };
    struct host_thread *thread;
    struct logon *logon;
    struct eng *other = NULL;
    unsigned count = 0;

    begin(state);
    logon = logon_of(fx);
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &saver.message));
    assert_int_equal(eng_open(&params, &other, NULL), ENG_OK);
    assert_int_equal(eng_begin(other, true), ENG_OK);
    thread = host_thread_start(save, &saver);
    while (atomic_load(&logon->object.domain->lock.owner) == 0)
        host_sleep_ms(0);

    assert_ok(logon_flush_all(logon->core, soon(60), &count));
    host_thread_join(thread);
    assert_hr(saver.hr, MAPI_E_INVALID_OBJECT);

    eng_rollback(other);
    eng_close(other);
    save(&saver);
    assert_ok(saver.hr);
    release_last(saver.message);
    end_all(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(notify_process_shutdown__a_call_goes_on__does_not_wait_for_it),
        TEST(flush_all__a_call_goes_on__is_stopped_and_all_is_on_disk),
        TEST(flush_all__a_call_does_not_stop__fails_and_the_call_goes_on),
        TEST(flush_all__logoff_waits__the_engine_stays_stopped_for_it),
        TEST(flush_all__a_save_waits_for_the_file__is_stopped),
    };

    return cmocka_run_group_tests_name("fast_work", tests, NULL, NULL);
}
