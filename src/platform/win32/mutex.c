/* SPDX-License-Identifier: MIT */
/*
 * mutex.c - locks and condition variables over slim reader/writer locks.
 */
#include "platform/mutex.h"

#include <windows.h>

#include "platform/base.h"
#include "platform/thread.h"

/* The header shows both as one pointer, so that it needs no windows.h. */
static_assert(sizeof(SRWLOCK) == sizeof(void *), "SRWLOCK is one pointer");
static_assert(sizeof(CONDITION_VARIABLE) == sizeof(void *), "CONDITION_VARIABLE is one pointer");

static SRWLOCK *srw_of(struct msp_mutex *mutex)
{
    return (SRWLOCK *)(void *)&mutex->srw;
}

static CONDITION_VARIABLE *cond_of(struct msp_cond *cond)
{
    return (CONDITION_VARIABLE *)(void *)&cond->cond;
}

/* The owner needs no ordering: a thread can find its own id there only when it wrote it. */
static void set_owner(struct msp_mutex *mutex, uintptr_t owner)
{
    atomic_store_explicit(&mutex->owner, owner, memory_order_relaxed);
}

void msp_mutex_init(struct msp_mutex *mutex)
{
    InitializeSRWLock(srw_of(mutex));
    atomic_init(&mutex->owner, 0);
}

void msp_mutex_done(struct msp_mutex *mutex)
{
    assert(mutex->srw == NULL);
    MSP_UNUSED(mutex);
}

void msp_mutex_lock(struct msp_mutex *mutex)
{
    msp_mutex_assert_not_held(mutex);
    AcquireSRWLockExclusive(srw_of(mutex));
    set_owner(mutex, msp_thread_id());
}

bool msp_mutex_try_lock(struct msp_mutex *mutex)
{
    msp_mutex_assert_not_held(mutex);
    if (!TryAcquireSRWLockExclusive(srw_of(mutex)))
        return false;
    set_owner(mutex, msp_thread_id());
    return true;
}

void msp_mutex_unlock(struct msp_mutex *mutex)
{
    msp_mutex_assert_held(mutex);
    set_owner(mutex, 0);
    ReleaseSRWLockExclusive(srw_of(mutex));
}

bool msp_mutex_is_held(struct msp_mutex *mutex)
{
    return atomic_load_explicit(&mutex->owner, memory_order_relaxed) == msp_thread_id();
}

void msp_cond_init(struct msp_cond *cond)
{
    InitializeConditionVariable(cond_of(cond));
}

void msp_cond_done(struct msp_cond *cond)
{
    MSP_UNUSED(cond);
}

bool msp_cond_wait(struct msp_cond *cond, struct msp_mutex *mutex, uint32_t timeout_ms)
{
    BOOL woken;

    static_assert(MSP_WAIT_FOREVER == INFINITE, "the two forevers agree");
    msp_mutex_assert_held(mutex);
    set_owner(mutex, 0);
    woken = SleepConditionVariableSRW(cond_of(cond), srw_of(mutex), timeout_ms, 0);
    set_owner(mutex, msp_thread_id());
    return woken != 0;
}

void msp_cond_wake_one(struct msp_cond *cond)
{
    WakeConditionVariable(cond_of(cond));
}

void msp_cond_wake_all(struct msp_cond *cond)
{
    WakeAllConditionVariable(cond_of(cond));
}
