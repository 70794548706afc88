/* SPDX-License-Identifier: MIT */
/*
 * thread.c - threads of Windows.
 */
#include "platform/thread.h"

#include <assert.h>
#include <windows.h>

#include "platform/base.h"

static DWORD WINAPI run(void *arg)
{
    struct msp_thread *thread = arg;

    thread->entry(thread->arg);
    return 0;
}

bool msp_thread_create(struct msp_thread *thread, void (*entry)(void *arg), void *arg)
{
    thread->entry = entry;
    thread->arg = arg;
    thread->handle = (uintptr_t)CreateThread(NULL, 0, run, thread, 0, NULL);
    return thread->handle != 0;
}

void msp_thread_join(struct msp_thread *thread)
{
    HANDLE handle = (HANDLE)thread->handle;
    DWORD rc;

    assert(handle != NULL);
    rc = WaitForSingleObject(handle, INFINITE);
    assert(rc == WAIT_OBJECT_0);
    MSP_UNUSED(rc);
    CloseHandle(handle);
    thread->handle = 0;
}

void msp_thread_detach(struct msp_thread *thread)
{
    assert(thread->handle != 0);
    CloseHandle((HANDLE)thread->handle);
    thread->handle = 0;
}

uintptr_t msp_thread_id(void)
{
    return GetCurrentThreadId();
}

void msp_thread_yield(void)
{
    SwitchToThread();
}

void msp_thread_sleep_ms(uint32_t ms)
{
    /* INFINITE would never come back. */
    Sleep(ms == INFINITE ? INFINITE - 1 : ms);
}
