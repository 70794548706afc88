/* SPDX-License-Identifier: MIT */
/*
 * host_sink.h - what a client hands to a store: an advise sink, a progress object, streams.
 *
 * All are counted. A sink and a progress object made by the test on its stack (host_..._init) start
 * with one reference, which is the test's; those of host_..._new are freed by their last Release.
 */
#ifndef HOST_SINK_H
#define HOST_SINK_H

#include <stdbool.h>
#include <stddef.h>

#include "host_os.h"
#include "platform/sdk/mapi_sdk.h"

/* ---- Advise sink ---- */

/* What was told, without pointers into the notification. */
struct host_event {
    ULONG type;        /* fnev... */
    ULONG table_event; /* TABLE_... of fnevTableModified */
    ULONG object_type; /* of object events */
    uintptr_t thread;
    size_t id_size, parent_size, old_id_size, old_parent_size;
    unsigned char id[128], parent[128], old_id[128], old_parent[128];
    unsigned char index[64], prior[64]; /* instance keys of table events */
    size_t index_size, prior_size;
    ULONG row_columns;
};

struct host_sink {
    IMAPIAdviseSink IMAPIAdviseSink_iface;
    _Atomic long refs;
    struct host_lock lock;
    struct host_event *events; /* under the lock */
    size_t count, room;
    /* Called for each event, outside the lock, before it is logged; its result is OnNotify's. */
    ULONG (*on_event)(struct host_sink *sink, const NOTIFICATION *event, void *context);
    void *context;
};

void host_sink_init(struct host_sink *sink);
/* Frees the log. */
void host_sink_done(struct host_sink *sink);
size_t host_sink_count(struct host_sink *sink, ULONG type);
/* A copy of event n; false when there are fewer. */
bool host_sink_event(struct host_sink *sink, size_t n, struct host_event *out);
void host_sink_clear(struct host_sink *sink);

/* ---- Progress ---- */

struct host_progress {
    IMAPIProgress IMAPIProgress_iface;
    _Atomic long refs;
    bool owned; /* freed by the last Release */
    ULONG min, max, flags;
    ULONG value, done, total; /* of the last Progress call */
    unsigned calls;
    bool went_back;     /* a value was lower than the one before, or out of [min, max] */
    unsigned cancel_at; /* answer MAPI_E_USER_CANCEL from this call on; 0: never */
    void (*on_progress)(struct host_progress *progress, void *context);
    void *context;
};

void host_progress_init(struct host_progress *progress);
struct host_progress *host_progress_new(void);

/* ---- Streams ---- */

/* A stream over memory that grows; freed by its last Release. NULL: no memory. */
IStream *host_stream_new(const void *bytes, size_t size);
/* A stream over a file, read-only or written from its start. */
IStream *host_stream_file(const char *path, bool write);
/* The content of a memory stream; valid until it changes. */
const void *host_stream_bytes(IStream *stream, size_t *out_size);
/* Read and Write of a stream of this file answer hr after `bytes` more bytes; S_OK: never. */
void host_stream_fail(IStream *stream, size_t bytes, HRESULT hr);

#endif
