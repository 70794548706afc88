/* SPDX-License-Identifier: MIT */
/*
 * watch.h - the one thread a logon may have: it looks for what others commit, and does what clients
 * want done in the background.
 *
 * It is there while the logon has sinks or work waiting, and ends by itself afterwards; the next
 * need begins another one. Logons of this process tell each other of their commits; those of other
 * processes ring a bell (platform/bell.h). Where that cannot be heard, the file is asked now and
 * then.
 *
 * The end: watch_close(), under the lock, tells the thread to stop. watch_join(), without it, waits
 * for it: it stops at the next chunk of what it does. A thread that is in foreign code then, an
 * OnNotify, gets a moment; after that, or when it is the one that logs off, it is let go of,
 * touches nothing of the logon any more, and keeps the module loaded.
 */
#ifndef MSP_COM_WATCH_H
#define MSP_COM_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct logon;
struct table;
struct provider_core;

enum {
    WATCH_LOOK_MS = 1000, /* with a bell, which another user's programs cannot ring */
    WATCH_POLL_MS = 200   /* without one */
};

/* Under the lock: there is something to look for. No thread (the system refuses): changes of others
 * are told when this logon itself does something. */
void watch_need(struct logon *logon);
/* Under the lock: has table_work_run() called soon. False: there is no thread for it. */
bool watch_queue(struct logon *logon, struct table *table);
/* Under the lock, from the table's dispose. */
void watch_unqueue(struct logon *logon, struct table *table);
/* Under the lock: the logon's thread, 0: none. */
uintptr_t watch_thread_id(const struct logon *logon);

/* Under the lock: the logon has committed something; other logons on the same store look sooner. */
void watch_tell_others(struct logon *logon);

/* Under the lock, at the end of the logon. */
void watch_close(struct logon *logon);
/* Without any lock, by somebody who keeps the logon in memory: after it the thread is gone. Any
 * number of times. */
void watch_join(struct logon *logon);
/* Fast shutdown: no thread of the provider's logons begins any more, and those that run are waited
 * for; one whose logon is busy until `give_up` (msp_time_monotonic_ns()) ends by itself. No lock
 * held. */
void watch_halt_all(struct provider_core *core, uint64_t give_up);

#endif
