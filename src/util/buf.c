/* SPDX-License-Identifier: MIT */
/*
 * buf.c - a byte buffer that grows, and a reader that never leaves its bytes.
 */
#include "util/buf.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "util/alloc.h"
#include "util/bytes.h"

#define SMALLEST_CAP 64

void msp_buf_init(struct msp_buf *buf)
{
    buf->data = NULL;
    buf->size = 0;
    buf->cap = 0;
    buf->failed = false;
}

void msp_buf_free(struct msp_buf *buf)
{
    msp_free(buf->data);
    msp_buf_init(buf);
}

void msp_buf_clear(struct msp_buf *buf)
{
    buf->size = 0;
    buf->failed = false;
}

void msp_buf_truncate(struct msp_buf *buf, size_t size)
{
    assert(size <= buf->size);
    buf->size = size;
}

bool msp_buf_reserve(struct msp_buf *buf, size_t extra)
{
    size_t need, cap;
    unsigned char *data;

    if (buf->failed)
        return false;
    if (extra <= buf->cap - buf->size)
        return true;
    if (!msp_add_ok(buf->size, extra, &need)) {
        buf->failed = true;
        return false;
    }
    cap = msp_max(need, SMALLEST_CAP);
    if (buf->cap <= SIZE_MAX / 2)
        cap = msp_max(cap, buf->cap * 2);
    data = msp_realloc(buf->data, cap);
    if (!data) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

unsigned char *msp_buf_extend(struct msp_buf *buf, size_t size)
{
    /* One byte at least, so that success is never NULL. */
    if (!msp_buf_reserve(buf, msp_max(size, 1)))
        return NULL;
    buf->size += size;
    return buf->data + (buf->size - size);
}

bool msp_buf_append(struct msp_buf *buf, const void *data, size_t size)
{
    uintptr_t start = (uintptr_t)buf->data;
    uintptr_t from = (uintptr_t)data;
    bool is_own = buf->data && from >= start && from - start < buf->size;
    unsigned char *to;

    if (size == 0)
        return !buf->failed;
    to = msp_buf_extend(buf, size);
    if (!to)
        return false;
    /* Growing may have moved our own bytes. */
    memcpy(to, is_own ? buf->data + (from - start) : data, size);
    return true;
}

bool msp_buf_append_zeros(struct msp_buf *buf, size_t size)
{
    unsigned char *to = msp_buf_extend(buf, size);

    if (!to)
        return false;
    memset(to, 0, size);
    return true;
}

bool msp_buf_append_str(struct msp_buf *buf, const char *text)
{
    return msp_buf_append(buf, text, strlen(text));
}

bool msp_buf_append_u8(struct msp_buf *buf, uint8_t value)
{
    return msp_buf_append(buf, &value, sizeof(value));
}

bool msp_buf_append_u16(struct msp_buf *buf, uint16_t value)
{
    unsigned char bytes[2];

    put_u16le(bytes, value);
    return msp_buf_append(buf, bytes, sizeof(bytes));
}

bool msp_buf_append_u32(struct msp_buf *buf, uint32_t value)
{
    unsigned char bytes[4];

    put_u32le(bytes, value);
    return msp_buf_append(buf, bytes, sizeof(bytes));
}

bool msp_buf_append_u64(struct msp_buf *buf, uint64_t value)
{
    unsigned char bytes[8];

    put_u64le(bytes, value);
    return msp_buf_append(buf, bytes, sizeof(bytes));
}

bool msp_buf_vprintf(struct msp_buf *buf, const char *format, va_list args)
{
    va_list again;
    int size;
    bool ok = false;

    if (buf->failed)
        return false;
    va_copy(again, args);
    size = vsnprintf(NULL, 0, format, args);
    if (size < 0) {
        buf->failed = true;
    } else if (msp_buf_reserve(buf, (size_t)size + 1)) {
        vsnprintf((char *)buf->data + buf->size, (size_t)size + 1, format, again);
        buf->size += (size_t)size;
        ok = true;
    }
    va_end(again);
    return ok;
}

bool msp_buf_printf(struct msp_buf *buf, const char *format, ...)
{
    va_list args;
    bool ok;

    va_start(args, format);
    ok = msp_buf_vprintf(buf, format, args);
    va_end(args);
    return ok;
}

const char *msp_buf_cstr(struct msp_buf *buf)
{
    if (!msp_buf_reserve(buf, 1))
        return NULL;
    buf->data[buf->size] = '\0';
    return (const char *)buf->data;
}

void *msp_buf_steal(struct msp_buf *buf, size_t *out_size)
{
    void *data = NULL;
    size_t size = buf->size;

    if (msp_buf_reserve(buf, 0)) {
        data = buf->data ? buf->data : msp_alloc(0);
        buf->data = NULL;
    }
    msp_buf_free(buf);
    if (out_size)
        *out_size = data ? size : 0;
    return data;
}

void msp_reader_init(struct msp_reader *reader, const void *data, size_t size)
{
    /* A place to point at, so that reading nothing is not mistaken for failure. */
    static const unsigned char nothing[1] = { 0 };

    assert(data || size == 0);
    reader->data = data ? data : nothing;
    reader->size = size;
    reader->pos = 0;
    reader->failed = false;
}

const unsigned char *msp_reader_bytes(struct msp_reader *reader, size_t size)
{
    const unsigned char *bytes;

    if (reader->failed || size > reader->size - reader->pos) {
        reader->failed = true;
        return NULL;
    }
    bytes = reader->data + reader->pos;
    reader->pos += size;
    return bytes;
}

uint8_t msp_reader_u8(struct msp_reader *reader)
{
    const unsigned char *bytes = msp_reader_bytes(reader, 1);

    return bytes ? bytes[0] : 0;
}

uint16_t msp_reader_u16(struct msp_reader *reader)
{
    const unsigned char *bytes = msp_reader_bytes(reader, 2);

    return bytes ? get_u16le(bytes) : 0;
}

uint32_t msp_reader_u32(struct msp_reader *reader)
{
    const unsigned char *bytes = msp_reader_bytes(reader, 4);

    return bytes ? get_u32le(bytes) : 0;
}

uint64_t msp_reader_u64(struct msp_reader *reader)
{
    const unsigned char *bytes = msp_reader_bytes(reader, 8);

    return bytes ? get_u64le(bytes) : 0;
}

bool msp_reader_copy(struct msp_reader *reader, void *out, size_t size)
{
    const unsigned char *bytes = msp_reader_bytes(reader, size);

    if (size == 0)
        return bytes != NULL;
    if (!bytes) {
        memset(out, 0, size);
        return false;
    }
    memcpy(out, bytes, size);
    return true;
}

bool msp_reader_skip(struct msp_reader *reader, size_t size)
{
    return msp_reader_bytes(reader, size) != NULL;
}

size_t msp_reader_left(const struct msp_reader *reader)
{
    return reader->failed ? 0 : reader->size - reader->pos;
}

bool msp_reader_is_done(const struct msp_reader *reader)
{
    return !reader->failed && reader->pos == reader->size;
}
