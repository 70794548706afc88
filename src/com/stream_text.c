/* SPDX-License-Identifier: MIT */
/*
 * stream_text.c - text between its stored form and the bytes of a stream.
 *
 * Owns:  the marks and one decoded block of each view.
 * Locks: everything here runs under the domain lock.
 */
#include "com/stream_text.h"

#include <assert.h>
#include <string.h>

#include "platform/ansi.h"
#include "util/alloc.h"
#include "util/bytes.h"
#include "util/utf.h"

enum {
    BLOCK = 32 * 1024 /* bytes of the stored text in one block, at most */
};

struct text_mark {
    uint64_t stored;
    uint64_t stream;
};

/* --- conversion ------------------------------------------------------------------------------- */

static bool to_utf16(const void *utf8, size_t size, struct msp_buf *out)
{
    size_t count = utf8_to_utf16(utf8, size, NULL, 0);
    unsigned char *room;

    if (count > SIZE_MAX / 2)
        return false;
    room = msp_buf_extend(out, count * 2);
    if (room == NULL)
        return false;
    /* Streams of text begin at even places of their buffers, which are aligned for anything. */
    assert(((uintptr_t)room & 1) == 0);
    utf8_to_utf16(utf8, size, (char16_t *)(void *)room, count);
    return true;
}

static bool to_ansi(const void *utf8, size_t size, struct msp_buf *out)
{
    size_t count = 0;
    char16_t *wide = utf8_dup_utf16(utf8, size, &count);
    unsigned char *room = NULL;
    size_t needed;

    if (wide == NULL)
        return false;
    needed = msp_utf16_to_ansi(wide, count, NULL, 0, NULL);
    if (needed != MSP_ANSI_TOO_LONG)
        room = msp_buf_extend(out, needed);
    if (room != NULL)
        msp_utf16_to_ansi(wide, count, (char *)room, needed, NULL);
    msp_free(wide);
    return room != NULL;
}

bool text_to_stream(enum stream_form form, const void *utf8, size_t size, struct msp_buf *out)
{
    if (size == 0)
        return !out->failed;
    switch (form) {
    case STREAM_UTF16:
        return to_utf16(utf8, size, out);
    case STREAM_ANSI:
        return to_ansi(utf8, size, out);
    case STREAM_BYTES:
        break;
    }
    return msp_buf_append(out, utf8, size);
}

static bool from_ansi(const void *data, size_t size, struct msp_buf *out)
{
    size_t count = msp_ansi_to_utf16(data, size, NULL, 0);
    char16_t *wide;
    bool ok;

    if (count == MSP_ANSI_TOO_LONG)
        return false;
    wide = msp_alloc_array(count, sizeof(*wide));
    if (wide == NULL)
        return false;
    msp_ansi_to_utf16(data, size, wide, count);
    ok = utf16_append_utf8(out, wide, count);
    msp_free(wide);
    return ok;
}

bool text_from_stream(enum stream_form form, const void *data, size_t size, struct msp_buf *out)
{
    if (size == 0)
        return !out->failed;
    switch (form) {
    case STREAM_UTF16:
        assert(((uintptr_t)data & 1) == 0);
        return utf16_append_utf8(out, (const char16_t *)data, size / 2);
    case STREAM_ANSI:
        return from_ansi(data, size, out);
    case STREAM_BYTES:
        break;
    }
    return msp_buf_append(out, data, size);
}

/* --- cutting ---------------------------------------------------------------------------------- */

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

/* Where the last character begins: the text before it is whole whatever follows. */
size_t text_cut_utf8(const uint8_t *data, size_t size)
{
    size_t cut = size;

    for (unsigned back = 0; back < 4 && cut > 0; back++) {
        cut--;
        if (!is_continuation(data[cut]))
            return cut > 0 ? cut : size;
    }
    return size; /* no text: any place is as good */
}

static size_t cut_utf16(const uint8_t *data, size_t size)
{
    size_t even = size & ~(size_t)1;

    if (even >= 4 && (data[even - 1] & 0xFC) == 0xD8)
        return even - 2; /* the first half of a pair */
    return even;
}

/* A byte below 0x30 is a character of its own in every code page that Windows takes for ANSI (trail
 * bytes begin there), so the place behind it is between characters. Text without one in half a
 * piece is not worth more care. */
static size_t cut_ansi(const uint8_t *data, size_t size)
{
    size_t cut = size;

    while (cut > size / 2) {
        if (data[cut - 1] < 0x30)
            return cut;
        cut--;
    }
    return size;
}

size_t text_cut_stream(enum stream_form form, const uint8_t *data, size_t size)
{
    switch (form) {
    case STREAM_UTF16:
        return cut_utf16(data, size);
    case STREAM_ANSI:
        return cut_ansi(data, size);
    case STREAM_BYTES:
        break;
    }
    return size;
}

/* --- views ------------------------------------------------------------------------------------ */

void text_view_init(struct text_view *view, struct eng *eng, uint64_t value, enum stream_form form)
{
    view->eng = eng;
    view->value = value;
    view->form = form;
    msp_array_init(&view->marks, sizeof(struct text_mark));
    view->stored_end = 0;
    view->stream_end = 0;
    view->complete = false;
    msp_buf_init(&view->block);
    view->block_start = UINT64_MAX;
}

void text_view_done(struct text_view *view)
{
    msp_array_free(&view->marks);
    msp_buf_free(&view->block);
}

/* Converts the block that begins at a place of the value; *out_taken: its stored bytes, 0 at the
 * end. */
static enum eng_status load_block(
        struct text_view *view, uint64_t stored, uint64_t stream, size_t *out_taken)
{
    uint8_t *raw = msp_alloc(BLOCK);
    size_t size = 0;
    enum eng_status status;

    if (raw == NULL)
        return ENG_NO_MEMORY;
    view->block_start = UINT64_MAX;
    msp_buf_clear(&view->block);
    status = eng_value_read(view->eng, view->value, stored, raw, BLOCK, &size);
    if (status == ENG_OK) {
        if (size == BLOCK)
            size = text_cut_utf8(raw, size);
        if (text_to_stream(view->form, raw, size, &view->block))
            view->block_start = stream;
        else
            status = ENG_NO_MEMORY;
    }
    msp_free(raw);
    *out_taken = size;
    return status;
}

/* One block further. */
static enum eng_status extend(struct text_view *view)
{
    struct text_mark mark = { view->stored_end, view->stream_end };
    size_t taken = 0;
    enum eng_status status;

    status = load_block(view, mark.stored, mark.stream, &taken);
    if (status != ENG_OK)
        return status;
    if (taken == 0) {
        view->complete = true;
        return ENG_OK;
    }
    if (msp_array_push(&view->marks, &mark) == NULL)
        return ENG_NO_MEMORY;
    view->stored_end += taken;
    view->stream_end += view->block.size;
    return ENG_OK;
}

/* The last block that begins at or before a place of the stream. */
static const struct text_mark *mark_of(const struct text_view *view, uint64_t offset)
{
    const struct text_mark *marks = MSP_ARRAY_ITEMS(struct text_mark, &view->marks);
    size_t low = 0;
    size_t high = view->marks.count;

    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;

        if (marks[mid].stream <= offset)
            low = mid;
        else
            high = mid;
    }
    return &marks[low];
}

/* Makes view->block the one with a place of the stream; past the end the block does not reach it.
 */
static enum eng_status seek_block(struct text_view *view, uint64_t offset)
{
    const struct text_mark *mark;
    size_t taken;

    while (!view->complete && view->stream_end <= offset) {
        enum eng_status status = extend(view);

        if (status != ENG_OK)
            return status;
    }
    if (view->marks.count == 0 || offset >= view->stream_end)
        return ENG_OK;
    mark = mark_of(view, offset);
    if (view->block_start == mark->stream)
        return ENG_OK;
    return load_block(view, mark->stored, mark->stream, &taken);
}

enum eng_status text_view_read(
        struct text_view *view, uint64_t offset, void *data, size_t size, size_t *out_read)
{
    uint8_t *to = data;
    size_t done = 0;

    *out_read = 0;
    while (done < size) {
        enum eng_status status = seek_block(view, offset + done);
        size_t at;
        size_t part;

        if (status != ENG_OK)
            return status;
        if (offset + done >= view->stream_end)
            break;
        at = (size_t)(offset + done - view->block_start);
        part = msp_min(view->block.size - at, size - done);
        memcpy(to + done, view->block.data + at, part);
        done += part;
    }
    *out_read = done;
    return ENG_OK;
}

enum eng_status text_view_size(struct text_view *view, uint64_t *out)
{
    while (!view->complete) {
        enum eng_status status = extend(view);

        if (status != ENG_OK)
            return status;
    }
    *out = view->stream_end;
    return ENG_OK;
}
