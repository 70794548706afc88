/* SPDX-License-Identifier: MIT */
/*
 * mutex.c - locks and condition variables over POSIX threads.
 */
#include "platform/mutex.h"

#include <errno.h>
#include <time.h>

#include "platform/base.h"
#include "platform/thread.h"

/* The owner needs no ordering: a thread can find its own id there only when it wrote it. */
static void set_owner(struct msp_mutex *mutex, uintptr_t owner)
{
    atomic_store_explicit(&mutex->owner, owner, memory_order_relaxed);
}

void msp_mutex_init(struct msp_mutex *mutex)
{
    /* With default attributes it cannot fail on the systems we build for. */
    int rc = pthread_mutex_init(&mutex->mutex, NULL);

    assert(rc == 0);
    MSP_UNUSED(rc);
    atomic_init(&mutex->owner, 0);
}

void msp_mutex_done(struct msp_mutex *mutex)
{
    int rc = pthread_mutex_destroy(&mutex->mutex);

    assert(rc == 0);
    MSP_UNUSED(rc);
}

void msp_mutex_lock(struct msp_mutex *mutex)
{
    int rc;

    msp_mutex_assert_not_held(mutex);
    rc = pthread_mutex_lock(&mutex->mutex);
    assert(rc == 0);
    MSP_UNUSED(rc);
    set_owner(mutex, msp_thread_id());
}

bool msp_mutex_try_lock(struct msp_mutex *mutex)
{
    msp_mutex_assert_not_held(mutex);
    if (pthread_mutex_trylock(&mutex->mutex) != 0)
        return false;
    set_owner(mutex, msp_thread_id());
    return true;
}

void msp_mutex_unlock(struct msp_mutex *mutex)
{
    int rc;

    msp_mutex_assert_held(mutex);
    set_owner(mutex, 0);
    rc = pthread_mutex_unlock(&mutex->mutex);
    assert(rc == 0);
    MSP_UNUSED(rc);
}

bool msp_mutex_is_held(struct msp_mutex *mutex)
{
    return atomic_load_explicit(&mutex->owner, memory_order_relaxed) == msp_thread_id();
}

void msp_cond_init(struct msp_cond *cond)
{
    int rc = pthread_cond_init(&cond->cond, NULL);

    assert(rc == 0);
    MSP_UNUSED(rc);
}

void msp_cond_done(struct msp_cond *cond)
{
    int rc = pthread_cond_destroy(&cond->cond);

    assert(rc == 0);
    MSP_UNUSED(rc);
}

bool msp_cond_wait(struct msp_cond *cond, struct msp_mutex *mutex, uint32_t timeout_ms)
{
    struct timespec end;
    int rc;

    msp_mutex_assert_held(mutex);
    set_owner(mutex, 0);
    if (timeout_ms == MSP_WAIT_FOREVER) {
        rc = pthread_cond_wait(&cond->cond, &mutex->mutex);
    } else {
        clock_gettime(CLOCK_MONOTONIC, &end);
        end.tv_sec += (time_t)(timeout_ms / 1000);
        end.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
        if (end.tv_nsec >= 1000000000) {
            end.tv_nsec -= 1000000000;
            end.tv_sec++;
        }
        rc = pthread_cond_clockwait(&cond->cond, &mutex->mutex, CLOCK_MONOTONIC, &end);
    }
    assert(rc == 0 || rc == ETIMEDOUT);
    set_owner(mutex, msp_thread_id());
    return rc == 0;
}

void msp_cond_wake_one(struct msp_cond *cond)
{
    pthread_cond_signal(&cond->cond);
}

void msp_cond_wake_all(struct msp_cond *cond)
{
    pthread_cond_broadcast(&cond->cond);
}
