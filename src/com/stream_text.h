/* SPDX-License-Identifier: MIT */
/*
 * stream_text.h - text between its stored form (UTF-8) and the bytes of a stream (UTF-16LE, or the
 * ANSI code page).
 *
 * A text_view reads a large stored text at any place without converting the whole: it walks the
 * value once, as far as it is asked to, and remembers where each block begins on both sides.
 *
 * Locks: the domain's.
 */
#ifndef MSP_COM_STREAM_TEXT_H
#define MSP_COM_STREAM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/eng.h"
#include "util/array.h"
#include "util/buf.h"

enum stream_form { STREAM_BYTES, STREAM_UTF16, STREAM_ANSI };

/* Appends stream bytes for stored text, or stored text for stream bytes. Both take whole
 * characters: see text_cut_*. An odd last byte of UTF-16 is dropped. False: no memory. */
bool text_to_stream(enum stream_form form, const void *utf8, size_t size, struct msp_buf *out);
bool text_from_stream(enum stream_form form, const void *data, size_t size, struct msp_buf *out);

/* The longest beginning of a piece that surely ends between two characters; at least half of a
 * piece of more than 8 bytes. */
size_t text_cut_utf8(const uint8_t *data, size_t size);
size_t text_cut_stream(enum stream_form form, const uint8_t *data, size_t size);

struct text_view {
    struct eng *eng;
    uint64_t value;
    enum stream_form form;
    struct msp_array marks; /* struct text_mark: where blocks begin */
    uint64_t stored_end;    /* how far the marks reach, in the value ... */
    uint64_t stream_end;    /* ... and in the stream */
    bool complete;          /* the marks reach the end */
    struct msp_buf block;   /* stream bytes of one block */
    uint64_t block_start;   /* where it begins in the stream; UINT64_MAX: no block is here */
};

/* Cannot fail; nothing is read yet. */
void text_view_init(struct text_view *view, struct eng *eng, uint64_t value, enum stream_form form);
void text_view_done(struct text_view *view);
/* Up to `size` bytes at `offset`; less only at the end. */
enum eng_status text_view_read(
        struct text_view *view, uint64_t offset, void *data, size_t size, size_t *out_read);
/* Bytes of the whole; reads all of the value the first time. */
enum eng_status text_view_size(struct text_view *view, uint64_t *out);

#endif
