/* SPDX-License-Identifier: MIT */
/*
 * bell.h - what wakes a thread that waits for others, in this process or in any other one.
 *
 * A bell has a name, which stands for something that is shared, and a number. Whoever changes what
 * is shared rings all bells of its name. They are gone with the process that has opened them.
 * Ringing may fail unseen (another user's bell, more listeners than numbers): who waits looks by
 * itself from time to time.
 */
#ifndef MSP_PLATFORM_BELL_H
#define MSP_PLATFORM_BELL_H

#include <stdbool.h>
#include <stdint.h>

enum {
    MSP_BELL_COUNT = 8, /* numbers of one name */
    MSP_BELL_NAME_SIZE = 16
};

struct msp_bell {
    uintptr_t handle;
    unsigned number; /* below MSP_BELL_COUNT; nobody else has it at the same time */
};

/* False: the system refuses, or all numbers are taken. */
bool msp_bell_open(struct msp_bell *out, const uint8_t name[MSP_BELL_NAME_SIZE]);
/* Nobody waits for it any more. */
void msp_bell_close(struct msp_bell *bell);

/* Waits until it is rung; at once when it was since the last wait. False: not in that time. One
 * thread at a time. */
bool msp_bell_wait(struct msp_bell *bell, uint32_t timeout_ms);
/* Any thread. */
void msp_bell_ring(const struct msp_bell *bell);
/* Rings all bells of a name but those whose bit (1 << number) is in `except`. False: there were
 * none; finding that out costs some microseconds. */
bool msp_bell_ring_all(const uint8_t name[MSP_BELL_NAME_SIZE], uint32_t except);

#endif
