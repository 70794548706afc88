/* SPDX-License-Identifier: MIT */
/*
 * stream_data.c - the bytes behind a property stream and its clones.
 *
 * Owns:  memory, block and, while `is_ours`, the engine's value.
 * Locks: everything here runs under the domain lock.
 */
#include "com/stream_data.h"

#include <assert.h>
#include <string.h>

#include "com/prop.h"
#include "util/alloc.h"
#include "util/bytes.h"

enum place {
    IN_MEMORY,
    IN_VALUE,
    IN_TEXT /* a large stored text, converted on reading */
};

#define NO_BLOCK UINT64_MAX

struct stream_data {
    unsigned refs;
    struct eng *eng;
    enum stream_form form;
    bool spills;
    bool changed;
    enum place place;

    struct msp_buf memory; /* IN_MEMORY */

    /* IN_VALUE. The block holds a piece of the value at a multiple of STREAM_BLOCK, zeros behind
     * the end. */
    uint64_t value;
    bool is_ours;  /* no one else knows the value: it may be written */
    bool has_tail; /* the value goes on behind `size`: what a write that failed has left */
    uint64_t size;
    uint8_t *block;
    uint64_t block_start; /* NO_BLOCK: nothing is in it */
    bool block_dirty;

    struct text_view text; /* IN_TEXT */
};

struct stream_data *stream_data_new(struct eng *eng, enum stream_form form, bool spills)
{
    struct stream_data *data = msp_calloc(1, sizeof(*data));

    if (data == NULL)
        return NULL;
    data->refs = 1;
    data->eng = eng;
    data->form = form;
    data->spills = spills;
    data->block_start = NO_BLOCK;
    text_view_init(&data->text, eng, 0, form);
    return data;
}

struct stream_data *stream_data_ref(struct stream_data *data)
{
    data->refs++;
    return data;
}

static void give_up_value(struct stream_data *data)
{
    if (data->is_ours)
        (void)eng_value_free(
                data->eng, data->value); /* else the next opening of the file finds it */
    data->is_ours = false;
    data->has_tail = false;
    data->value = 0;
}

void stream_data_release(struct stream_data *data, bool closing)
{
    if (data == NULL || --data->refs > 0)
        return;
    if (!closing)
        give_up_value(data);
    text_view_done(&data->text);
    msp_buf_free(&data->memory);
    msp_free(data->block);
    msp_free(data);
}

bool stream_data_is_changed(const struct stream_data *data)
{
    return data->changed;
}

void stream_data_set_changed(struct stream_data *data, bool changed)
{
    data->changed = changed;
}

enum eng_status stream_data_load(struct stream_data *data, const struct bag_value *cell)
{
    struct bag_large large;

    assert(data->place == IN_MEMORY && data->memory.size == 0);
    if ((cell->flags & BAG_LARGE) == 0)
        return text_to_stream(data->form, cell->data, cell->size, &data->memory) ? ENG_OK
                                                                                 : ENG_NO_MEMORY;
    if (!bag_large_get(cell, &large))
        return ENG_CORRUPT;
    if (data->form == STREAM_BYTES) {
        data->place = IN_VALUE;
        data->value = large.id;
        return eng_value_size(data->eng, large.id, &data->size);
    }
    data->place = IN_TEXT;
    text_view_done(&data->text);
    text_view_init(&data->text, data->eng, large.id, data->form);
    return eng_value_size(data->eng, large.id, &large.size); /* is it still there? */
}

/* --- the block of a value --------------------------------------------------------------------- */

static enum eng_status flush_block(struct stream_data *data)
{
    enum eng_status status = ENG_OK;

    if (!data->block_dirty)
        return ENG_OK;
    if (data->size > data->block_start)
        status = eng_value_write(data->eng, data->value, data->block_start, data->block,
                (size_t)(data->size - data->block_start < STREAM_BLOCK
                                 ? data->size - data->block_start
                                 : STREAM_BLOCK));
    data->block_dirty = status != ENG_OK;
    return status;
}

/* Brings the block with a place of the value; what lies behind the end reads as zeros. */
static enum eng_status load_block(struct stream_data *data, uint64_t offset)
{
    uint64_t start = offset - offset % STREAM_BLOCK;
    size_t size = 0;
    enum eng_status status;

    if (data->block_start == start)
        return ENG_OK;
    status = flush_block(data);
    if (status != ENG_OK)
        return status;
    if (data->block == NULL)
        data->block = msp_alloc(STREAM_BLOCK);
    if (data->block == NULL)
        return ENG_NO_MEMORY;
    data->block_start = NO_BLOCK;
    if (start < data->size) {
        size_t wanted =
                (size_t)(data->size - start < STREAM_BLOCK ? data->size - start : STREAM_BLOCK);

        status = eng_value_read(data->eng, data->value, start, data->block, wanted, &size);
        if (status != ENG_OK)
            return status;
    }
    memset(data->block + size, 0, STREAM_BLOCK - size);
    data->block_start = start;
    return ENG_OK;
}

/* A whole block that is not kept goes straight to the caller. */
static enum eng_status read_block(struct stream_data *data, uint64_t offset, uint8_t *to)
{
    size_t size = 0;
    enum eng_status status;

    status = eng_value_read(data->eng, data->value, offset, to, STREAM_BLOCK, &size);
    if (status == ENG_OK && size < STREAM_BLOCK)
        memset(to + size, 0, STREAM_BLOCK - size);
    return status;
}

/* What lies before the end. */
static enum eng_status read_value(
        struct stream_data *data, uint64_t offset, uint8_t *to, size_t size)
{
    while (size > 0) {
        size_t at = (size_t)(offset % STREAM_BLOCK);
        size_t part = msp_min(STREAM_BLOCK - at, size);
        bool direct = part == STREAM_BLOCK && data->block_start != offset;
        enum eng_status status = direct ? read_block(data, offset, to) : load_block(data, offset);

        if (status != ENG_OK)
            return status;
        if (!direct)
            memcpy(to, data->block + at, part);
        offset += part;
        to += part;
        size -= part;
    }
    return ENG_OK;
}

static enum eng_status cut_tail(struct stream_data *data)
{
    enum eng_status status = ENG_OK;

    if (data->has_tail)
        status = eng_value_resize(data->eng, data->value, data->size);
    data->has_tail = data->has_tail && status != ENG_OK;
    return status;
}

/* Nobody is told how far a write came that failed: the value ends where it did. */
static void forget_growth(struct stream_data *data, uint64_t size)
{
    data->has_tail = true;
    data->size = size;
    if (data->block_start == NO_BLOCK || size >= data->block_start + STREAM_BLOCK)
        return;
    size = size > data->block_start ? size - data->block_start : 0;
    memset(data->block + size, 0, STREAM_BLOCK - (size_t)size);
}

static enum eng_status write_parts(
        struct stream_data *data, uint64_t offset, const uint8_t *from, size_t size)
{
    while (size > 0) {
        size_t at = (size_t)(offset % STREAM_BLOCK);
        size_t part = msp_min(STREAM_BLOCK - at, size);
        bool direct = part == STREAM_BLOCK && data->block_start != offset;
        enum eng_status status =
                direct ? eng_value_write(data->eng, data->value, offset, from, part)
                       : load_block(data, offset);

        if (status != ENG_OK)
            return status;
        if (!direct) {
            memcpy(data->block + at, from, part);
            data->block_dirty = true;
        }
        offset += part;
        if (offset > data->size)
            data->size = offset;
        from += part;
        size -= part;
    }
    return ENG_OK;
}

static enum eng_status write_value(
        struct stream_data *data, uint64_t offset, const uint8_t *from, size_t size)
{
    uint64_t before = data->size;
    enum eng_status status = write_parts(data, offset, from, size);

    if (status != ENG_OK && offset + size > before)
        forget_growth(data, before);
    return status;
}

static enum eng_status resize_value(struct stream_data *data, uint64_t size)
{
    enum eng_status status;

    status = flush_block(data);
    if (status == ENG_OK)
        status = eng_value_resize(data->eng, data->value, size);
    if (status != ENG_OK)
        return status;
    data->block_start = NO_BLOCK;
    data->size = size;
    return ENG_OK;
}

/* --- from one place to another ---------------------------------------------------------------- */

static enum eng_status memory_to_value(struct stream_data *data)
{
    uint64_t value = 0;
    enum eng_status status;

    status = eng_value_new(data->eng, &value);
    if (status == ENG_OK && data->memory.size > 0)
        status = eng_value_write(data->eng, value, 0, data->memory.data, data->memory.size);
    if (status != ENG_OK) {
        if (value != 0)
            (void)eng_value_free(data->eng, value);
        return status;
    }
    data->place = IN_VALUE;
    data->value = value;
    data->is_ours = true;
    data->size = data->memory.size;
    msp_buf_free(&data->memory);
    return ENG_OK;
}

/* Fills a fresh value with the stream bytes of a stored text. */
static enum eng_status copy_text(struct stream_data *data, uint64_t value)
{
    uint8_t *piece = msp_alloc(STREAM_BLOCK);
    uint64_t offset = 0;
    size_t size = 0;
    enum eng_status status = ENG_OK;

    if (piece == NULL)
        return ENG_NO_MEMORY;
    do {
        status = text_view_read(&data->text, offset, piece, STREAM_BLOCK, &size);
        if (status == ENG_OK && size > 0)
            status = eng_value_write(data->eng, value, offset, piece, size);
        offset += size;
    } while (status == ENG_OK && size > 0);
    msp_free(piece);
    return status;
}

static enum eng_status text_to_value(struct stream_data *data)
{
    uint64_t value = 0;
    uint64_t size = 0;
    enum eng_status status;

    status = eng_value_new(data->eng, &value);
    if (status == ENG_OK)
        status = copy_text(data, value);
    if (status == ENG_OK)
        status = text_view_size(&data->text, &size);
    if (status != ENG_OK) {
        if (value != 0)
            (void)eng_value_free(data->eng, value);
        return status;
    }
    data->place = IN_VALUE;
    data->value = value;
    data->is_ours = true;
    data->size = size;
    return ENG_OK;
}

/* Before a change: the content must be ours, and have room for `size` bytes. */
static enum eng_status make_writable(struct stream_data *data, uint64_t size)
{
    uint64_t copy = 0;
    enum eng_status status;

    if (size > STREAM_SIZE_MAX)
        return ENG_FULL;
    switch (data->place) {
    case IN_MEMORY:
        if (!data->spills)
            return size <= STREAM_MEMORY_ONLY_MAX ? ENG_OK : ENG_FULL;
        return size <= STREAM_MEMORY_MAX ? ENG_OK : memory_to_value(data);
    case IN_TEXT:
        return text_to_value(data);
    case IN_VALUE:
        break;
    }
    if (data->is_ours)
        return cut_tail(data);
    status = eng_value_copy(data->eng, data->value, &copy);
    if (status == ENG_OK) {
        data->value = copy;
        data->is_ours = true;
    }
    return status;
}

/* --- the content ------------------------------------------------------------------------------ */

enum eng_status stream_data_size(struct stream_data *data, uint64_t *out)
{
    if (data->place == IN_TEXT)
        return text_view_size(&data->text, out);
    *out = data->place == IN_MEMORY ? data->memory.size : data->size;
    return ENG_OK;
}

enum eng_status stream_data_read(
        struct stream_data *data, uint64_t offset, void *to, size_t size, size_t *out_read)
{
    uint64_t end = data->place == IN_MEMORY ? data->memory.size : data->size;
    enum eng_status status = ENG_OK;

    *out_read = 0;
    if (data->place == IN_TEXT)
        return text_view_read(&data->text, offset, to, size, out_read);
    if (offset >= end || size == 0)
        return ENG_OK;
    if (size > end - offset)
        size = (size_t)(end - offset);
    if (data->place == IN_MEMORY)
        memcpy(to, data->memory.data + offset, size);
    else
        status = read_value(data, offset, to, size);
    if (status == ENG_OK)
        *out_read = size;
    return status;
}

enum eng_status stream_data_write(
        struct stream_data *data, uint64_t offset, const void *from, size_t size)
{
    enum eng_status status;

    if (size == 0)
        return ENG_OK;
    if (offset > STREAM_SIZE_MAX || size > STREAM_SIZE_MAX - offset)
        return ENG_FULL;
    status = make_writable(data, offset + size);
    if (status != ENG_OK)
        return status;
    data->changed = true;
    if (data->place == IN_VALUE)
        return write_value(data, offset, from, size);
    if (offset + size > data->memory.size &&
            !msp_buf_append_zeros(&data->memory, (size_t)(offset + size) - data->memory.size)) {
        data->memory.failed = false; /* what was there is whole */
        return ENG_NO_MEMORY;
    }
    memcpy(data->memory.data + offset, from, size);
    return ENG_OK;
}

/* Without copying anything first. */
static void empty(struct stream_data *data)
{
    give_up_value(data);
    text_view_done(&data->text);
    text_view_init(&data->text, data->eng, 0, data->form);
    msp_buf_free(&data->memory);
    data->place = IN_MEMORY;
    data->size = 0;
    data->block_start = NO_BLOCK;
    data->block_dirty = false;
}

void stream_data_forget(struct stream_data *data)
{
    empty(data);
    data->changed = false;
}

enum eng_status stream_data_resize(struct stream_data *data, uint64_t size)
{
    enum eng_status status;

    if (size == 0 && data->place != IN_MEMORY) {
        empty(data);
        data->changed = true;
        return ENG_OK;
    }
    status = make_writable(data, size);
    if (status != ENG_OK)
        return status;
    if (data->place == IN_VALUE) {
        status = resize_value(data, size);
    } else if (size < data->memory.size) {
        msp_buf_truncate(&data->memory, (size_t)size);
    } else if (!msp_buf_append_zeros(&data->memory, (size_t)size - data->memory.size)) {
        data->memory.failed = false; /* what was there is whole */
        status = ENG_NO_MEMORY;
    }
    if (status == ENG_OK)
        data->changed = true;
    return status;
}

/* --- into stored form ------------------------------------------------------------------------- */

/* Stored text on its way out: in memory first, in a value when it grows. */
struct writer {
    struct eng *eng;
    struct msp_buf buf;
    uint64_t value; /* 0: none yet */
    uint64_t written;
};

static enum eng_status writer_spill(struct writer *writer)
{
    enum eng_status status = ENG_OK;

    if (writer->value == 0)
        status = eng_value_new(writer->eng, &writer->value);
    if (status == ENG_OK && writer->buf.size > 0)
        status = eng_value_write(
                writer->eng, writer->value, writer->written, writer->buf.data, writer->buf.size);
    if (status != ENG_OK)
        return status;
    writer->written += writer->buf.size;
    msp_buf_clear(&writer->buf);
    return ENG_OK;
}

/* Converts a whole value of stream bytes, piece by piece. */
static enum eng_status convert_value(struct stream_data *data, struct writer *writer)
{
    uint8_t *piece = msp_alloc(STREAM_BLOCK);
    uint64_t offset = 0;
    enum eng_status status = ENG_OK;

    if (piece == NULL)
        return ENG_NO_MEMORY;
    while (status == ENG_OK && offset < data->size) {
        size_t size =
                (size_t)(data->size - offset < STREAM_BLOCK ? data->size - offset : STREAM_BLOCK);
        bool is_last = data->size - offset <= STREAM_BLOCK;

        status = read_value(data, offset, piece, size);
        if (status != ENG_OK)
            break;
        if (!is_last)
            size = text_cut_stream(data->form, piece, size);
        if (!text_from_stream(data->form, piece, size, &writer->buf))
            status = ENG_NO_MEMORY;
        else if (writer->buf.size >= STREAM_BLOCK)
            status = writer_spill(writer);
        offset += size;
    }
    msp_free(piece);
    return status;
}

static enum eng_status store_text(struct stream_data *data, struct msp_buf *out, bool *out_large)
{
    struct writer writer = { data->eng, MSP_BUF_INIT, 0, 0 };
    enum eng_status status;

    status = convert_value(data, &writer);
    if (status == ENG_OK && (writer.value != 0 || writer.buf.size > PROP_INLINE_MAX))
        status = writer_spill(&writer);
    if (status == ENG_OK && writer.value != 0) {
        struct bag_large large = { writer.value, writer.written };
        unsigned char *room = msp_buf_extend(out, 16);

        if (room != NULL)
            bag_large_put(&large, room);
        *out_large = room != NULL;
    } else if (status == ENG_OK) {
        (void)msp_buf_append(out, writer.buf.data, writer.buf.size);
    }
    if (status == ENG_OK && out->failed)
        status = ENG_NO_MEMORY;
    if (status != ENG_OK && writer.value != 0)
        (void)eng_value_free(data->eng, writer.value);
    msp_buf_free(&writer.buf);
    return status;
}

/* A value that shrank comes back into the record. */
static enum eng_status store_small(struct stream_data *data, struct msp_buf *out)
{
    unsigned char *room = msp_buf_extend(out, (size_t)data->size);

    return room != NULL ? read_value(data, 0, room, (size_t)data->size) : ENG_NO_MEMORY;
}

static enum eng_status store_bytes(struct stream_data *data, struct msp_buf *out, bool *out_large)
{
    struct bag_large large = { data->value, data->size };
    unsigned char *room;
    enum eng_status status;

    if (data->size <= PROP_INLINE_MAX)
        return store_small(data, out);
    status = cut_tail(data);
    if (status == ENG_OK)
        status = flush_block(data);
    if (status != ENG_OK)
        return status;
    room = msp_buf_extend(out, 16);
    if (room == NULL)
        return ENG_NO_MEMORY;
    bag_large_put(&large, room);
    *out_large = true;
    data->is_ours = false;
    return ENG_OK;
}

enum eng_status stream_data_store(struct stream_data *data, struct msp_buf *out, bool *out_large)
{
    *out_large = false;
    assert(data->place != IN_TEXT); /* that is never changed */
    if (data->place == IN_MEMORY)
        return text_from_stream(data->form, data->memory.data, data->memory.size, out)
                       ? ENG_OK
                       : ENG_NO_MEMORY;
    return data->form == STREAM_BYTES ? store_bytes(data, out, out_large)
                                      : store_text(data, out, out_large);
}
