/* SPDX-License-Identifier: MIT */
/*
 * mutex.h - a non-recursive lock that knows its owner, and a condition variable.
 *
 * Both may live in static storage (MSP_MUTEX_INIT, MSP_COND_INIT) or in an object (_init/_done).
 * Neither may be copied or moved once in use. Locking never fails.
 */
#ifndef MSP_PLATFORM_MUTEX_H
#define MSP_PLATFORM_MUTEX_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "platform/atomic.h"

#ifndef _WIN32
#include <pthread.h>
#endif

struct msp_mutex {
#ifdef _WIN32
    void *srw; /* an SRWLOCK */
#else
    pthread_mutex_t mutex;
#endif
    _Atomic uintptr_t owner; /* id of the thread that holds it, 0 while free */
};

struct msp_cond {
#ifdef _WIN32
    void *cond; /* a CONDITION_VARIABLE */
#else
    pthread_cond_t cond;
#endif
};

#ifdef _WIN32
#define MSP_MUTEX_INIT                                                                             \
    {                                                                                              \
        0, 0                                                                                       \
    }
#define MSP_COND_INIT                                                                              \
    {                                                                                              \
        0                                                                                          \
    }
#else
#define MSP_MUTEX_INIT                                                                             \
    {                                                                                              \
        PTHREAD_MUTEX_INITIALIZER, 0                                                               \
    }
#define MSP_COND_INIT                                                                              \
    {                                                                                              \
        PTHREAD_COND_INITIALIZER                                                                   \
    }
#endif

/* For msp_cond_wait: no limit. */
#define MSP_WAIT_FOREVER UINT32_MAX

/* Makes a free mutex out of raw memory. Cannot fail. */
void msp_mutex_init(struct msp_mutex *mutex);

/* Ends a mutex that nobody holds or waits for. */
void msp_mutex_done(struct msp_mutex *mutex);

/* Waits until the mutex is free and takes it. The caller must not hold it already (asserted). */
void msp_mutex_lock(struct msp_mutex *mutex);

/* Takes the mutex if it is free; true when taken. The caller must not hold it already. */
bool msp_mutex_try_lock(struct msp_mutex *mutex);

/* Gives the mutex back. The caller must hold it (asserted). */
void msp_mutex_unlock(struct msp_mutex *mutex);

/* Whether the calling thread holds the mutex. Exact for the caller, in every build. */
bool msp_mutex_is_held(struct msp_mutex *mutex);

/* States that the calling thread holds the mutex, or does not. Nothing in release builds. */
#define msp_mutex_assert_held(mutex) assert(msp_mutex_is_held(mutex))
#define msp_mutex_assert_not_held(mutex) assert(!msp_mutex_is_held(mutex))

/* Makes a condition variable out of raw memory. Cannot fail. */
void msp_cond_init(struct msp_cond *cond);

/* Ends a condition variable that nobody waits for. */
void msp_cond_done(struct msp_cond *cond);

/*
 * Gives the mutex back, sleeps until woken or for timeout_ms milliseconds (MSP_WAIT_FOREVER: no
 * limit), and takes it again. False when the time ran out. Wakes without a cause, so call it in a
 * loop around the condition. The clock is monotonic. The caller holds the mutex.
 */
bool msp_cond_wait(struct msp_cond *cond, struct msp_mutex *mutex, uint32_t timeout_ms);

/* Wakes one waiter, if there is one. */
void msp_cond_wake_one(struct msp_cond *cond);

/* Wakes every waiter. */
void msp_cond_wake_all(struct msp_cond *cond);

#endif
