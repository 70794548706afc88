/* SPDX-License-Identifier: MIT */
/*
 * thread.h - threads that are always joined.
 */
#ifndef MSP_PLATFORM_THREAD_H
#define MSP_PLATFORM_THREAD_H

#include <stdbool.h>
#include <stdint.h>

/* One thread, in memory of the caller that stays where it is until msp_thread_join returns. */
struct msp_thread {
    void (*entry)(void *arg);
    void *arg;
    uintptr_t handle;
};

/*
 * Starts a thread that runs entry(arg). False when the system refuses; then there is nothing to
 * join.
 */
bool msp_thread_create(struct msp_thread *thread, void (*entry)(void *arg), void *arg);

/*
 * Waits until the thread has ended and drops it. Every created thread is joined exactly once, by
 * another thread, and never from DllMain or from a library destructor (the loader lock is held
 * there, and the thread needs it to end).
 */
void msp_thread_join(struct msp_thread *thread);

/*
 * Lets go of the thread instead of joining it: it ends by itself. Its memory may go at once, but
 * its code must stay loaded (msp_module_pin).
 */
void msp_thread_detach(struct msp_thread *thread);

/* A number, never 0, that no other living thread of this process has. */
uintptr_t msp_thread_id(void);

/* Lets another thread run. */
void msp_thread_yield(void);

/* Sleeps for at least so many milliseconds. */
void msp_thread_sleep_ms(uint32_t ms);

#endif
