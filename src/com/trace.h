/* SPDX-License-Identifier: MIT */
/*
 * trace.h - what a developer can switch on to see logons, logoffs and what was left open.
 *
 * MAILKEEP_TRACE in the environment names a file, or "stderr". One line per event. Without it
 * nothing is done.
 */
#ifndef MSP_COM_TRACE_H
#define MSP_COM_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "platform/base.h"

struct logon;
struct msp_object;

struct trace_logoff {
    uint64_t started; /* monotonic, ns; 0: tracing is off */
    size_t objects;   /* that were open below the logon */
    size_t shells;    /* of these, how many somebody still refers to */
};

void trace_logoff_begin(struct trace_logoff *trace, const struct logon *logon);
/* Under the lock: one line for each object below root that is still open. */
void trace_logoff_tree(struct trace_logoff *trace, const struct msp_object *root);
void trace_logoff_end(const struct trace_logoff *trace);

/* One line, printf-like, when tracing is on. */
void trace_line(const char *format, ...) MSP_PRINTF(1, 2);

#endif
