/* SPDX-License-Identifier: MIT */
/*
 * process.c - processes of Windows.
 */
#include "platform/process.h"

#include <windows.h>

static uint64_t start_of(HANDLE process)
{
    FILETIME created;
    FILETIME ended;
    FILETIME kernel;
    FILETIME user;

    if (!GetProcessTimes(process, &created, &ended, &kernel, &user))
        return 0;
    return (uint64_t)created.dwHighDateTime << 32 | created.dwLowDateTime;
}

void msp_process_self(struct msp_process *out)
{
    out->id = GetCurrentProcessId();
    out->started = start_of(GetCurrentProcess());
}

bool msp_process_is_running(const struct msp_process *process)
{
    HANDLE handle;
    DWORD code = STILL_ACTIVE;
    uint64_t started;

    handle = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, process->id);
    if (handle == NULL)
        return GetLastError() != ERROR_INVALID_PARAMETER;
    started = start_of(handle);
    (void)GetExitCodeProcess(handle, &code);
    CloseHandle(handle);
    if (code != STILL_ACTIVE)
        return false;
    return started == 0 || process->started == 0 || started == process->started;
}
