/* SPDX-License-Identifier: MIT */
/*
 * buf.h - a byte buffer that grows, and a reader that never leaves its bytes.
 *
 * Both keep a sticky error, so that a run of calls needs one test at its end. Numbers are
 * little-endian.
 */
#ifndef MSP_UTIL_BUF_H
#define MSP_UTIL_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base.h"

/* All zero is a good empty buffer. Read the fields; change them through the functions only. */
struct msp_buf {
    unsigned char *data; /* size bytes; NULL while nothing was ever stored */
    size_t size;
    size_t cap;
    bool failed; /* out of memory at some time: what is in here is incomplete */
};

#define MSP_BUF_INIT                                                                               \
    {                                                                                              \
        NULL, 0, 0, false                                                                          \
    }

/* Makes an empty buffer out of raw memory. Cannot fail. */
void msp_buf_init(struct msp_buf *buf);

/* Frees what the buffer holds and makes it empty and good again. */
void msp_buf_free(struct msp_buf *buf);

/* Makes the buffer empty and good again, keeping its memory for reuse. */
void msp_buf_clear(struct msp_buf *buf);

/* Cuts the buffer to its first size bytes (size not above buf->size). */
void msp_buf_truncate(struct msp_buf *buf, size_t size);

/*
 * All of the following return false when the buffer has failed, now or before; size is unchanged
 * then.
 */

/* Makes room for so many more bytes, so that appending them cannot fail. */
bool msp_buf_reserve(struct msp_buf *buf, size_t extra);

/* Appends bytes; data may lie inside the buffer itself. NULL is fine for size 0. */
bool msp_buf_append(struct msp_buf *buf, const void *data, size_t size);

/* Appends so many zero bytes. */
bool msp_buf_append_zeros(struct msp_buf *buf, size_t size);

/* Appends a string without its NUL. */
bool msp_buf_append_str(struct msp_buf *buf, const char *text);

bool msp_buf_append_u8(struct msp_buf *buf, uint8_t value);
bool msp_buf_append_u16(struct msp_buf *buf, uint16_t value);
bool msp_buf_append_u32(struct msp_buf *buf, uint32_t value);
bool msp_buf_append_u64(struct msp_buf *buf, uint64_t value);

/* Appends formatted text without a NUL. */
bool msp_buf_printf(struct msp_buf *buf, const char *format, ...) MSP_PRINTF(2, 3);
bool msp_buf_vprintf(struct msp_buf *buf, const char *format, va_list args) MSP_PRINTF(2, 0);

/*
 * Appends size raw bytes and returns where they are, for the caller to fill before the next call;
 * NULL on failure.
 */
unsigned char *msp_buf_extend(struct msp_buf *buf, size_t size);

/* The content with a NUL behind it that does not count; NULL when the buffer has failed. */
const char *msp_buf_cstr(struct msp_buf *buf);

/*
 * Hands the bytes over, to be freed with msp_free, and leaves the buffer empty. NULL when it has
 * failed (it is freed then). An empty buffer gives a block of size 0. out_size may be NULL.
 */
void *msp_buf_steal(struct msp_buf *buf, size_t *out_size);

/* Reads bytes that belong to somebody else and stay where they are. */
struct msp_reader {
    const unsigned char *data;
    size_t size;
    size_t pos;
    bool failed; /* asked for more than there was; stays at the place of the failure */
};

/* Starts at the first byte. data may be NULL for size 0. */
void msp_reader_init(struct msp_reader *reader, const void *data, size_t size);

/* The next number; 0 on failure. */
uint8_t msp_reader_u8(struct msp_reader *reader);
uint16_t msp_reader_u16(struct msp_reader *reader);
uint32_t msp_reader_u32(struct msp_reader *reader);
uint64_t msp_reader_u64(struct msp_reader *reader);

/* The next size bytes, in place; NULL on failure, never NULL otherwise, even for size 0. */
const unsigned char *msp_reader_bytes(struct msp_reader *reader, size_t size);

/* Copies the next size bytes to out; on failure out is zeroed. */
bool msp_reader_copy(struct msp_reader *reader, void *out, size_t size);

/* Passes over so many bytes. */
bool msp_reader_skip(struct msp_reader *reader, size_t size);

/* How many bytes are left; 0 after a failure. */
size_t msp_reader_left(const struct msp_reader *reader);

/* Whether everything was read and nothing failed. */
bool msp_reader_is_done(const struct msp_reader *reader);

#endif
