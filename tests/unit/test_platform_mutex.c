/* SPDX-License-Identifier: MIT */
/*
 * test_platform_mutex.c - locks, condition variables, threads and clocks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "platform/mutex.h"
#include "platform/thread.h"
#include "platform/time.h"

#define THREADS 4
#define ROUNDS 20000

static struct msp_mutex static_mutex = MSP_MUTEX_INIT;
static struct msp_cond static_cond = MSP_COND_INIT;

struct counter {
    struct msp_mutex mutex;
    struct msp_cond cond;
    unsigned long count; /* guarded by mutex */
    int turn;            /* guarded by mutex */
    bool is_held;        /* as seen by the other thread */
    bool was_taken;
};

static void count_up(void *arg)
{
    struct counter *counter = arg;

    for (int i = 0; i < ROUNDS; i++) {
        msp_mutex_lock(&counter->mutex);
        counter->count++;
        msp_mutex_unlock(&counter->mutex);
    }
}

static void lock__many_threads__counts_exactly(void **state)
{
    struct msp_thread threads[THREADS];
    struct counter counter = { .count = 0 };

    (void)state;
    msp_mutex_init(&counter.mutex);
    for (int i = 0; i < THREADS; i++)
        assert_true(msp_thread_create(&threads[i], count_up, &counter));
    for (int i = 0; i < THREADS; i++)
        msp_thread_join(&threads[i]);

    assert_int_equal(counter.count, THREADS * ROUNDS);
    msp_mutex_done(&counter.mutex);
}

static void look(void *arg)
{
    struct counter *counter = arg;

    counter->is_held = msp_mutex_is_held(&counter->mutex);
    counter->was_taken = msp_mutex_try_lock(&counter->mutex);
    if (counter->was_taken)
        msp_mutex_unlock(&counter->mutex);
}

static void is_held__owner_and_another_thread__only_the_owner(void **state)
{
    struct counter counter = { .is_held = true, .was_taken = true };
    struct msp_thread thread;

    (void)state;
    msp_mutex_init(&counter.mutex);
    assert_false(msp_mutex_is_held(&counter.mutex));
    msp_mutex_lock(&counter.mutex);
    assert_true(msp_mutex_is_held(&counter.mutex));

    assert_true(msp_thread_create(&thread, look, &counter));
    msp_thread_join(&thread);

    assert_false(counter.is_held);
    assert_false(counter.was_taken);
    msp_mutex_unlock(&counter.mutex);
    assert_false(msp_mutex_is_held(&counter.mutex));
    assert_true(msp_thread_create(&thread, look, &counter));
    msp_thread_join(&thread);
    assert_true(counter.was_taken);
    msp_mutex_done(&counter.mutex);
}

static void static_init__without_a_call__works(void **state)
{
    (void)state;
    assert_true(msp_mutex_try_lock(&static_mutex));
    msp_mutex_assert_held(&static_mutex);
    msp_cond_wake_all(&static_cond);
    msp_mutex_unlock(&static_mutex);
    msp_mutex_assert_not_held(&static_mutex);
}

/* Takes every odd turn. */
static void play(void *arg)
{
    struct counter *counter = arg;

    msp_mutex_lock(&counter->mutex);
    while (counter->turn < 1000) {
        if (counter->turn % 2 == 1) {
            counter->turn++;
            msp_cond_wake_one(&counter->cond);
        } else {
            msp_cond_wait(&counter->cond, &counter->mutex, MSP_WAIT_FOREVER);
            msp_mutex_assert_held(&counter->mutex);
        }
    }
    msp_mutex_unlock(&counter->mutex);
}

static void cond__two_threads__take_turns(void **state)
{
    struct counter counter = { .turn = 0 };
    struct msp_thread thread;

    (void)state;
    msp_mutex_init(&counter.mutex);
    msp_cond_init(&counter.cond);
    assert_true(msp_thread_create(&thread, play, &counter));
    msp_mutex_lock(&counter.mutex);
    while (counter.turn < 1000) {
        if (counter.turn % 2 == 0) {
            counter.turn++;
            msp_cond_wake_one(&counter.cond);
        } else {
            assert_true(msp_cond_wait(&counter.cond, &counter.mutex, 60000));
        }
    }
    counter.turn++;
    msp_cond_wake_all(&counter.cond);
    msp_mutex_unlock(&counter.mutex);
    msp_thread_join(&thread);
    msp_cond_done(&counter.cond);
    msp_mutex_done(&counter.mutex);
}

static void cond_wait__nobody_wakes__times_out_with_the_lock(void **state)
{
    uint64_t start, waited;
    bool woken = true;

    (void)state;
    msp_mutex_lock(&static_mutex);
    start = msp_time_monotonic_ns();
    while (woken) /* wakes without cause are allowed */
        woken = msp_cond_wait(&static_cond, &static_mutex, 30);
    waited = msp_time_monotonic_ns() - start;
    assert_true(msp_mutex_is_held(&static_mutex));
    msp_mutex_unlock(&static_mutex);

    assert_in_range(waited / 1000000, 25, 30000);
}

static void cond_wait__zero__returns_at_once(void **state)
{
    (void)state;
    msp_mutex_lock(&static_mutex);
    while (msp_cond_wait(&static_cond, &static_mutex, 0))
        ;
    assert_true(msp_mutex_is_held(&static_mutex));
    msp_mutex_unlock(&static_mutex);
}

static void keep_id(void *arg)
{
    uintptr_t *id = arg;

    *id = msp_thread_id();
    msp_thread_yield();
}

static void thread_id__each_thread__has_its_own(void **state)
{
    struct msp_thread thread;
    uintptr_t other = 0;

    (void)state;
    assert_true(msp_thread_create(&thread, keep_id, &other));
    msp_thread_join(&thread);

    assert_true(msp_thread_id() != 0);
    assert_true(msp_thread_id() == msp_thread_id());
    assert_true(other != 0);
    assert_true(other != msp_thread_id());
    assert_true(thread.handle == 0);
}

static void sleep__some_ms__takes_as_long(void **state)
{
    uint64_t start = msp_time_monotonic_ns();

    (void)state;
    msp_thread_sleep_ms(20);
    assert_in_range((msp_time_monotonic_ns() - start) / 1000000, 15, 30000);
}

static void now__against_the_c_library__agrees(void **state)
{
    uint64_t seconds = msp_time_now_filetime() / 10000000 - UINT64_C(11644473600);
    uint64_t expected = (uint64_t)time(NULL);

    (void)state;
    assert_in_range(seconds, expected - 2, expected + 2);
}

static void monotonic__many_readings__never_go_back(void **state)
{
    uint64_t before = msp_time_monotonic_ns(), first = before;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        uint64_t now = msp_time_monotonic_ns();

        assert_true(now >= before);
        before = now;
    }
    assert_true(before > first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lock__many_threads__counts_exactly),
        cmocka_unit_test(is_held__owner_and_another_thread__only_the_owner),
        cmocka_unit_test(static_init__without_a_call__works),
        cmocka_unit_test(cond__two_threads__take_turns),
        cmocka_unit_test(cond_wait__nobody_wakes__times_out_with_the_lock),
        cmocka_unit_test(cond_wait__zero__returns_at_once),
        cmocka_unit_test(thread_id__each_thread__has_its_own),
        cmocka_unit_test(sleep__some_ms__takes_as_long),
        cmocka_unit_test(now__against_the_c_library__agrees),
        cmocka_unit_test(monotonic__many_readings__never_go_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
