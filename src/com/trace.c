/* SPDX-License-Identifier: MIT */
/*
 * trace.c - lines for developers: logons, logoffs, what was left open and by how many references.
 *
 * Owns:  the trace file, opened anew for each line: nothing stays open, and tracing works in any
 *        number of processes.
 * Locks: none of its own; a line is one write in append mode.
 */
#include "com/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "com/logon.h"
#include "com/object.h"
#include "platform/env.h"
#include "platform/time.h"

enum { LINE_MAX_SIZE = 512, TARGET_MAX_SIZE = 1024 };

/* The file to write to; false: tracing is off. */
static bool trace_target(char out[TARGET_MAX_SIZE])
{
    size_t size = msp_env_get("MAILKEEP_TRACE", out, TARGET_MAX_SIZE);

    return size > 0 && size < TARGET_MAX_SIZE;
}

static void write_line(const char *target, const char *line)
{
    bool to_stderr = strcmp(target, "stderr") == 0;
    FILE *file = to_stderr ? stderr : fopen(target, "ab");

    if (file == NULL)
        return;
    (void)fprintf(file, "mailkeep: %s\n", line);
    if (!to_stderr)
        (void)fclose(file);
}

void trace_line(const char *format, ...)
{
    char line[LINE_MAX_SIZE];
    char target[TARGET_MAX_SIZE];
    va_list args;

    if (!trace_target(target))
        return;
    va_start(args, format);
    (void)vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    write_line(target, line);
}

void trace_logoff_begin(struct trace_logoff *trace, const struct logon *logon)
{
    char target[TARGET_MAX_SIZE];

    trace->started = 0;
    trace->objects = 0;
    trace->shells = 0;
    if (msp_object_is_live(&logon->object) && trace_target(target))
        trace->started = msp_time_monotonic_ns();
}

void trace_logoff_tree(struct trace_logoff *trace, const struct msp_object *root)
{
    const struct msp_object *node = root->first_child;

    if (trace->started == 0)
        return;
    while (node != NULL) {
        const struct msp_object *up = node;

        trace->objects++;
        trace_line("open at logoff: %s, %u references, opened %.3f s ago", node->class->name,
                atomic_load(&node->refs), (double)(msp_time_now_filetime() - node->opened) / 1e7);
        if (node->first_child != NULL) {
            node = node->first_child;
            continue;
        }
        while (up != root && up->next_sibling == NULL)
            up = up->parent;
        node = up == root ? NULL : up->next_sibling;
    }
}

void trace_logoff_end(const struct trace_logoff *trace)
{
    if (trace->started == 0)
        return;
    trace_line("logoff: %zu objects open, took %.3f ms", trace->objects,
            (double)(msp_time_monotonic_ns() - trace->started) / 1e6);
}
