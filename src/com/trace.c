/* SPDX-License-Identifier: MIT */
/*
 * trace.c - lines for developers: logons, logoffs, what was left open and by how many references.
 *
 * Owns:  each logon's struct trace_logon, from trace_logon() to trace_logon_done(). The trace file
 *        is opened anew for each write: nothing stays open, and processes may share it.
 * Locks: what is left open is noted under the domain's lock and written without any. After the
 *        logon has died nothing is noted any more.
 */
#include "com/trace.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "com/logon.h"
#include "com/object.h"
#include "platform/env.h"
#include "platform/file.h"
#include "platform/library.h"
#include "platform/setting.h"
#include "platform/time.h"
#include "util/alloc.h"
#include "util/array.h"
#include "util/buf.h"

enum {
    TARGET_MAX_SIZE = 1024,
    LEFT_MAX = 1000 /* objects that get a line of their own */
};

struct left_open {
    const char *class_name;
    unsigned refs;
    uint64_t opened; /* FILETIME */
};

struct trace_logon {
    unsigned number;
    struct msp_array left; /* under lock: struct left_open, the first LEFT_MAX */
    size_t left_count;     /* under lock */
    size_t advised_count;  /* under lock */
    bool is_written;       /* the thread that ends the logon only */
    char target[];
};

static atomic_uint logon_count;

/* The file to write to; false: tracing is off. */
static bool trace_target(char out[TARGET_MAX_SIZE])
{
    size_t size = msp_env_get("MAILKEEP_TRACE", out, TARGET_MAX_SIZE);

    if (size == 0)
        size = msp_setting_get("Trace", out, TARGET_MAX_SIZE);
    return size > 1 && size <= TARGET_MAX_SIZE;
}

static void put_time(struct msp_buf *out, uint64_t filetime)
{
    uint64_t ms = filetime / 10000;
    uint64_t days = ms / 86400000;
    unsigned in_day = (unsigned)(ms % 86400000);
    unsigned year = 1601;
    unsigned month = 0;
    static const unsigned char lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    for (;;) {
        bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        unsigned length = lengths[month] + (month == 1 && is_leap);

        if (days < length)
            break;
        days -= length;
        month = (month + 1) % 12;
        year += month == 0;
    }
    (void)msp_buf_printf(out, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", year, month + 1,
            (unsigned)days + 1, in_day / 3600000, in_day / 60000 % 60, in_day / 1000 % 60,
            in_day % 1000);
}

/* Every line starts so. */
static void put_head(struct msp_buf *out)
{
    (void)msp_buf_append_str(out, "mailkeep: ");
    put_time(out, msp_time_now_filetime());
    (void)msp_buf_printf(out, " %lu: ", msp_process_id());
}

/* Writes and frees what was collected. A trace that cannot be written is no reason to fail. */
static void write_lines(const char *target, struct msp_buf *lines)
{
    if (strcmp(target, "stderr") == 0) {
        (void)fwrite(lines->data, 1, lines->size, stderr);
        (void)fflush(stderr);
    } else {
        struct msp_file file;

        if (msp_file_open(target, MSP_OPEN_APPEND, &file) == MSP_IO_OK) {
            (void)msp_file_write(&file, lines->data, lines->size);
            msp_file_close(&file);
        }
    }
    msp_buf_free(lines);
}

void trace_line(const char *format, ...)
{
    struct msp_buf line = MSP_BUF_INIT;
    char target[TARGET_MAX_SIZE];
    va_list args;

    if (!trace_target(target))
        return;
    put_head(&line);
    va_start(args, format);
    (void)msp_buf_vprintf(&line, format, args);
    va_end(args);
    (void)msp_buf_append_str(&line, "\n");
    write_lines(target, &line);
}

/* --- a logon ---------------------------------------------------------------------------------- */

/* Under the lock. Without memory the object is counted, and gets no line. */
static void note_left_open(void *context, const struct msp_object *object, unsigned refs)
{
    struct logon *logon = context;
    struct trace_logon *trace = atomic_load(&logon->trace);
    struct left_open left = { object->class->name, refs, object->opened };

    if (object == &logon->object)
        return; /* the host's, who is just ending it */
    trace->left_count++;
    if (trace->left.count < LEFT_MAX)
        (void)msp_array_push(&trace->left, &left);
}

void trace_logon(struct logon *logon)
{
    struct msp_domain *domain = logon->object.domain;
    struct msp_buf line = MSP_BUF_INIT;
    char target[TARGET_MAX_SIZE];
    struct trace_logon *trace;

    if (!trace_target(target))
        return;
    trace = msp_calloc(1, sizeof(*trace) + strlen(target) + 1);
    if (trace == NULL)
        return;
    memcpy(trace->target, target, strlen(target) + 1);
    trace->number = atomic_fetch_add(&logon_count, 1) + 1;
    msp_array_init(&trace->left, sizeof(struct left_open));
    put_head(&line);
    (void)msp_buf_printf(&line, "logon %u: %.*s%s%s\n", trace->number, (int)logon->path.size,
            (const char *)logon->path.data, logon->is_spooler ? ", spooler" : "",
            logon->can_write ? "" : ", read-only");
    write_lines(target, &line);

    msp_domain_lock(domain);
    atomic_store(&logon->trace, trace);
    domain->on_left_open_context = logon;
    domain->on_left_open = note_left_open;
    msp_domain_unlock(domain);
}

static void put_left_open(struct msp_buf *out, const struct trace_logon *trace)
{
    uint64_t now = msp_time_now_filetime();

    for (size_t i = 0; i < trace->left.count; i++) {
        const struct left_open *left = MSP_ARRAY_AT(const struct left_open, &trace->left, i);
        uint64_t age = now > left->opened ? now - left->opened : 0;

        put_head(out);
        (void)msp_buf_printf(out, "logoff %u: left open: %s, %u reference%s, since ", trace->number,
                left->class_name, left->refs, left->refs == 1 ? "" : "s");
        put_time(out, left->opened);
        (void)msp_buf_printf(out, " (%.3f s)\n", (double)age / 1e7);
    }
    if (trace->left.count < trace->left_count) {
        put_head(out);
        (void)msp_buf_printf(out, "logoff %u: left open: %zu more\n", trace->number,
                trace->left_count - trace->left.count);
    }
    if (trace->advised_count > 0) {
        put_head(out);
        (void)msp_buf_printf(out, "logoff %u: left advised: %zu connection%s\n", trace->number,
                trace->advised_count, trace->advised_count == 1 ? "" : "s");
    }
}

/* Without the lock, on a dead logon. */
static void write_logoff(struct trace_logon *trace, uint64_t took_ns)
{
    struct msp_buf lines = MSP_BUF_INIT;

    trace->is_written = true;
    put_left_open(&lines, trace);
    put_head(&lines);
    (void)msp_buf_printf(&lines, "logoff %u: %zu object%s left open, took %.3f ms\n", trace->number,
            trace->left_count, trace->left_count == 1 ? "" : "s", (double)took_ns / 1e6);
    write_lines(trace->target, &lines);
}

void trace_logoff_begin(struct trace_logoff *trace, struct logon *logon)
{
    trace->logon = logon;
    trace->started = atomic_load(&logon->trace) != NULL ? msp_time_monotonic_ns() : 0;
    trace->is_first = false;
}

void trace_logoff_locked(struct trace_logoff *trace, const struct logon *logon)
{
    trace->is_first = trace->started != 0 && msp_object_is_live(&logon->object);
}

void trace_logoff_end(const struct trace_logoff *trace)
{
    if (trace->is_first)
        write_logoff(atomic_load(&trace->logon->trace), msp_time_monotonic_ns() - trace->started);
}

void trace_left_advised(struct logon *logon, size_t count)
{
    struct trace_logon *trace = atomic_load(&logon->trace);

    if (trace != NULL)
        trace->advised_count = count;
}

void trace_logon_done(struct logon *logon)
{
    struct trace_logon *trace = atomic_exchange(&logon->trace, NULL);

    if (trace == NULL)
        return;
    if (!trace->is_written)
        write_logoff(trace, 0);
    msp_array_free(&trace->left);
    msp_free(trace);
}
