/* SPDX-License-Identifier: MIT */
/*
 * process.c - processes of POSIX; the time of their start is Linux's.
 */
#include "platform/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The 22nd field of /proc/<id>/stat; the name in the second may hold anything, brackets too. */
static uint64_t start_of(uint32_t id)
{
    char path[64];
    char text[1024];
    const char *at;
    FILE *file;
    size_t size;

    (void)snprintf(path, sizeof(path), "/proc/%lu/stat", (unsigned long)id);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    size = fread(text, 1, sizeof(text) - 1, file);
    (void)fclose(file);
    text[size] = '\0';
    at = strrchr(text, ')');
    for (int field = 2; at != NULL && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at != NULL ? strtoull(at + 1, NULL, 10) : 0;
}

void msp_process_self(struct msp_process *out)
{
    out->id = (uint32_t)getpid();
    out->started = start_of(out->id);
}

bool msp_process_is_running(const struct msp_process *process)
{
    uint64_t started;

    if (process->id == 0 || process->id > INT32_MAX)
        return false;
    if (kill((pid_t)process->id, 0) != 0 && errno == ESRCH)
        return false;
    started = start_of(process->id);
    return started == 0 || process->started == 0 || started == process->started;
}
