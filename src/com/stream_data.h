/* SPDX-License-Identifier: MIT */
/*
 * stream_data.h - the bytes behind a property stream and its clones.
 *
 * Small values lie in memory. Large ones are read and written in the engine's values through one
 * block of buffer, so that a value of any size takes constant memory. A value that something else
 * may know is never written: the first change makes a copy. Large stored texts are converted while
 * they are read (com/stream_text.h); the first change makes them raw bytes.
 *
 * Locks: the domain's.
 */
#ifndef MSP_COM_STREAM_DATA_H
#define MSP_COM_STREAM_DATA_H

#include "com/stream_text.h"
#include "engine/eng.h"
#include "util/bag.h"
#include "util/buf.h"

enum {
    STREAM_BLOCK = 256 * 1024,
    STREAM_MEMORY_MAX = 64 * 1024,            /* kept in memory when values may be used ... */
    STREAM_MEMORY_ONLY_MAX = 16 * 1024 * 1024 /* ... and when they may not: more is ENG_FULL */
};

#define STREAM_SIZE_MAX ((uint64_t)1 << 46)

struct stream_data;

/* Empty bytes. `spills`: may be kept in engine values. NULL: no memory. */
struct stream_data *stream_data_new(struct eng *eng, enum stream_form form, bool spills);
struct stream_data *stream_data_ref(struct stream_data *data);
/* Gives up values that nobody else knows, unless the store is closing. NULL is fine. */
void stream_data_release(struct stream_data *data, bool closing);

/* Takes a stored value as content. */
enum eng_status stream_data_load(struct stream_data *data, const struct bag_value *cell);

enum eng_status stream_data_size(struct stream_data *data, uint64_t *out);
enum eng_status stream_data_read(
        struct stream_data *data, uint64_t offset, void *to, size_t size, size_t *out_read);
/* ENG_FULL: too large. */
enum eng_status stream_data_write(
        struct stream_data *data, uint64_t offset, const void *from, size_t size);
enum eng_status stream_data_resize(struct stream_data *data, uint64_t size);
/* Empty and unchanged, as after stream_data_new(): what was written since the last
 * stream_data_store() is given up. */
void stream_data_forget(struct stream_data *data);

/* Differs from what stream_data_store() last gave out, or was loaded? */
bool stream_data_is_changed(const struct stream_data *data);
void stream_data_set_changed(struct stream_data *data, bool changed);

/* The content in stored form: bytes appended to `out`, or with *out_large set the 16 bytes of a
 * reference to a value that nobody owns yet and that this stream will not write any more. */
enum eng_status stream_data_store(struct stream_data *data, struct msp_buf *out, bool *out_large);

#endif
