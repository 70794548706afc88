/* SPDX-License-Identifier: MIT */
/*
 * trace.h - what a developer can switch on to see logons, logoffs and what was left open.
 *
 * The environment variable MAILKEEP_TRACE, or else the registry value Trace (REG_SZ) of
 * HKEY_CURRENT_USER\Software\Mailkeep, names a file to append to, or "stderr". The variable set to
 * nothing switches off what the registry says. Each line is
 *
 *   mailkeep: <UTC> <process>: <what>
 *
 * with <what> one of
 *
 *   logon <n>: <path>[, spooler][, read-only]
 *   logon failed: <code> <sentence>
 *   logoff <n>: left open: <class>, <r> references, since <UTC> (<s> s)
 *   logoff <n>: left advised: <a> connections
 *   logoff <n>: <o> objects left open, took <ms> ms
 *   fast shutdown: <l> logons, took <ms> ms
 *   MergeWithMAPISVC: ..., RemoveFromMAPISVC: ...
 *
 * <n> counts the logons of a process. An object that a client still holds when its logon ends is
 * left open: a reference that somebody forgot. Without tracing a logoff asks one pointer.
 */
#ifndef MSP_COM_TRACE_H
#define MSP_COM_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base.h"

struct logon;

struct trace_logoff {
    struct logon *logon;
    uint64_t started; /* monotonic, ns; 0: nobody wants to know */
    bool is_first;    /* this call is the one that ends the logon */
};

/* No lock held: a new logon; from here on it is known what is left open at its end. */
void trace_logon(struct logon *logon);

/* The three moments of logon_end(): without the lock, under it before the objects die, and without
 * it again, where the lines of the logoff are written. */
void trace_logoff_begin(struct trace_logoff *trace, struct logon *logon);
void trace_logoff_locked(struct trace_logoff *trace, const struct logon *logon);
void trace_logoff_end(const struct trace_logoff *trace);

/* Under the lock, at the end of a logon: sinks that nobody has unadvised. */
void trace_left_advised(struct logon *logon, size_t count);

/* The logon's memory goes: writes the lines of an end that was no Logoff. No lock held. */
void trace_logon_done(struct logon *logon);

/* One line, printf-like, when tracing is on. No lock held. */
void trace_line(const char *format, ...) MSP_PRINTF(1, 2);

#endif
