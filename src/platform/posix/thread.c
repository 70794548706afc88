/* SPDX-License-Identifier: MIT */
/*
 * thread.c - threads over POSIX threads.
 */
#include "platform/thread.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "platform/base.h"

static void *run(void *arg)
{
    struct msp_thread *thread = arg;

    thread->entry(thread->arg);
    return NULL;
}

bool msp_thread_create(struct msp_thread *thread, void (*entry)(void *arg), void *arg)
{
    pthread_t handle;

    thread->entry = entry;
    thread->arg = arg;
    thread->handle = 0;
    if (pthread_create(&handle, NULL, run, thread) != 0)
        return false;
    thread->handle = (uintptr_t)handle;
    return true;
}

void msp_thread_join(struct msp_thread *thread)
{
    int rc;

    assert(thread->handle != 0);
    rc = pthread_join((pthread_t)thread->handle, NULL);
    assert(rc == 0);
    MSP_UNUSED(rc);
    thread->handle = 0;
}

void msp_thread_detach(struct msp_thread *thread)
{
    assert(thread->handle != 0);
    (void)pthread_detach((pthread_t)thread->handle);
    thread->handle = 0;
}

uintptr_t msp_thread_id(void)
{
    return (uintptr_t)pthread_self();
}

void msp_thread_yield(void)
{
    sched_yield();
}

void msp_thread_sleep_ms(uint32_t ms)
{
    struct timespec left = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}
