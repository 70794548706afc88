/* SPDX-License-Identifier: MIT */
/*
 * process.h - which process this is, and whether another one still runs.
 */
#ifndef MSP_PLATFORM_PROCESS_H
#define MSP_PLATFORM_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/* A process of this machine. The system gives an id out again once its process has ended; the time
 * of its start tells the two apart. */
struct msp_process {
    uint32_t id;
    uint64_t started; /* on a clock of the system's own; 0: unknown */
};

void msp_process_self(struct msp_process *out);

/* Whether that very process still runs. In doubt it does. */
bool msp_process_is_running(const struct msp_process *process);

#endif
