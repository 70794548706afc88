/* SPDX-License-Identifier: MIT */
/*
 * eng_column_pack.c - columns as bytes: how a store file keeps them.
 *
 * Rows are cut into segments of about SEGMENT_ROWS; a segment is one part with its numbers and one
 * for each text. Numbers are little-endian:
 *
 *     numbers  for each column: u8 1 when relative to the delivery time, u8 width, u64 base, and
 *              for each row `width` bytes to be added to the base
 *     text     u8 1, u32 size, bytes: all rows have this text; or
 *              u8 0, u8 width, u8 1 when some are absent, u32 size, for each row its size in
 * `width` bytes, one bit per row (1: absent) when some are, bytes
 *
 * What is read is not trusted: every size is checked, and nothing is done but copying.
 *
 * Locks: none of its own; see eng.h.
 */
#include <assert.h>
#include <string.h>

#include "engine/eng_column.h"
#include "util/bytes.h"
#include "util/hash.h"

enum {
    HEAD_VERSION = 1,
    HEAD_SIZE = 12,
    PART_SIZE = 20,
    SEGMENT_SIZE = 4 + COLUMN_PARTS * PART_SIZE,
    SUM_BLOCK = 32 /* eight bytes for each of four lanes */
};

#define SUM_PRIME UINT64_C(0x9E3779B185EBCA87)

/* --- checksums ------------------------------------------------------------------------------ */

static uint64_t sum_word(uint64_t lane, uint64_t word)
{
    lane = (lane ^ word) * SUM_PRIME;
    return lane << 31 | lane >> 33;
}

uint64_t column_sum(const void *data, size_t size, uint64_t place)
{
    const uint8_t *bytes = data;
    uint64_t lane0 = place; /* by name, so that they stay in registers */
    uint64_t lane1 = 1;
    uint64_t lane2 = 2;
    uint64_t lane3 = size;
    uint8_t tail[8] = { 0 };

    for (; size >= SUM_BLOCK; size -= SUM_BLOCK, bytes += SUM_BLOCK) {
        lane0 = sum_word(lane0, get_u64le(bytes));
        lane1 = sum_word(lane1, get_u64le(bytes + 8));
        lane2 = sum_word(lane2, get_u64le(bytes + 16));
        lane3 = sum_word(lane3, get_u64le(bytes + 24));
    }
    for (; size >= 8; size -= 8, bytes += 8)
        lane0 = sum_word(lane0, get_u64le(bytes));
    if (size > 0) {
        memcpy(tail, bytes, size);
        lane1 = sum_word(lane1, get_u64le(tail));
    }
    lane0 = sum_word(msp_hash_u64(lane0), lane1);
    lane0 = sum_word(msp_hash_u64(lane0), lane2);
    lane0 = sum_word(msp_hash_u64(lane0), lane3);
    return msp_hash_u64(lane0);
}

/* --- the directory -------------------------------------------------------------------------- */

void column_head_init(struct column_head *head)
{
    memset(head, 0, sizeof(*head));
    msp_array_init(&head->segments, sizeof(struct column_segment));
}

void column_head_free(struct column_head *head)
{
    msp_array_free(&head->segments);
    column_head_init(head);
}

uint64_t column_head_sum(
        const struct column_head *head, uint64_t place, const void *data, size_t size)
{
    uint64_t seed = msp_hash_u64(place ^ msp_hash_u64(head->state.number));

    return column_sum(data, size, seed ^ head->state.repaired);
}

void column_head_pack(const struct column_head *head, uint64_t place, struct msp_buf *out)
{
    msp_buf_clear(out);
    (void)msp_buf_append_u32(out, HEAD_VERSION);
    (void)msp_buf_append_u32(out, head->has);
    (void)msp_buf_append_u32(out, (uint32_t)head->segments.count);
    for (size_t i = 0; i < head->segments.count; i++) {
        const struct column_segment *segment =
                MSP_ARRAY_AT(struct column_segment, &head->segments, i);

        (void)msp_buf_append_u32(out, segment->rows);
        for (int part = 0; part < COLUMN_PARTS; part++) {
            (void)msp_buf_append_u64(out, segment->parts[part].id);
            (void)msp_buf_append_u64(out, segment->parts[part].sum);
            (void)msp_buf_append_u32(out, segment->parts[part].size);
        }
    }
    if (!out->failed)
        (void)msp_buf_append_u64(out, column_head_sum(head, place, out->data, out->size));
}

static void segment_unpack(struct msp_reader *reader, struct column_segment *out)
{
    out->rows = msp_reader_u32(reader);
    for (int part = 0; part < COLUMN_PARTS; part++) {
        out->parts[part].id = msp_reader_u64(reader);
        out->parts[part].sum = msp_reader_u64(reader);
        out->parts[part].size = msp_reader_u32(reader);
    }
}

enum eng_status column_head_unpack(
        struct column_head *head, uint64_t place, const void *data, size_t size)
{
    struct msp_reader reader;
    uint32_t count;

    if (size < HEAD_SIZE + sizeof(uint64_t))
        return ENG_CORRUPT;
    size -= sizeof(uint64_t);
    if (get_u64le((const uint8_t *)data + size) != column_head_sum(head, place, data, size))
        return ENG_CORRUPT;
    msp_reader_init(&reader, data, size);
    if (msp_reader_u32(&reader) != HEAD_VERSION)
        return ENG_CORRUPT;
    head->has = msp_reader_u32(&reader);
    count = msp_reader_u32(&reader);
    if (msp_reader_left(&reader) != (uint64_t)count * SEGMENT_SIZE)
        return ENG_CORRUPT;
    if (!msp_array_reserve(&head->segments, count))
        return ENG_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        struct column_segment segment;

        segment_unpack(&reader, &segment);
        if (segment.rows == 0 || segment.rows > SEGMENT_MAX)
            return ENG_CORRUPT;
        head->rows += segment.rows;
        if (msp_array_push(&head->segments, &segment) == NULL)
            return ENG_NO_MEMORY;
    }
    return head->rows <= COLUMN_MAX_ROWS ? ENG_OK : ENG_CORRUPT;
}

size_t column_segment_end(const struct column_set *set, size_t first, size_t segment_rows)
{
    const uint64_t *ids = column_u64(set, COLUMN_ID);
    size_t least = first + segment_rows / 2;
    size_t most = msp_min(set->count, first + segment_rows * 2);

    for (size_t row = least; row < most; row++) {
        if ((msp_hash_u64(ids[row]) & (segment_rows / 2 - 1)) == 0)
            return row;
    }
    return most;
}

/* --- numbers -------------------------------------------------------------------------------- */

/* Times are near the delivery time, as a rule. */
static bool may_be_relative(int kind)
{
    return kind == COLUMN_SUBMITTED || kind == COLUMN_CREATED || kind == COLUMN_MODIFIED;
}

static uint64_t number_at(const struct column_set *set, int kind, size_t row, bool is_relative)
{
    if (column_width((enum column_kind)kind) == sizeof(uint32_t))
        return column_u32(set, (enum column_kind)kind)[row];
    return column_u64(set, (enum column_kind)kind)[row] -
           (is_relative ? column_u64(set, COLUMN_DELIVERED)[row] : 0);
}

/* The smallest number, and how many bytes the distance of the largest takes. */
static unsigned range_of(const struct column_set *set, int kind, size_t first, size_t rows,
        bool is_relative, uint64_t *out_base)
{
    int64_t least = INT64_MAX;
    int64_t most = INT64_MIN;
    unsigned width = 0;

    for (size_t row = first; row < first + rows; row++) {
        int64_t number = (int64_t)number_at(set, kind, row, is_relative);

        least = number < least ? number : least;
        most = number > most ? number : most;
    }
    *out_base = (uint64_t)least;
    for (uint64_t rest = (uint64_t)most - (uint64_t)least; rest != 0; rest >>= 8)
        width++;
    return width;
}

static void pack_column(
        const struct column_set *set, int kind, size_t first, size_t rows, struct msp_buf *out)
{
    uint64_t base = 0;
    uint64_t near_base = 0;
    unsigned width = range_of(set, kind, first, rows, false, &base);
    bool is_relative = false;
    uint8_t *to;

    if (may_be_relative(kind)) {
        unsigned near_width = range_of(set, kind, first, rows, true, &near_base);

        if (near_width < width) {
            is_relative = true;
            width = near_width;
            base = near_base;
        }
    }
    (void)msp_buf_append_u8(out, is_relative);
    (void)msp_buf_append_u8(out, (uint8_t)width);
    (void)msp_buf_append_u64(out, base);
    to = msp_buf_extend(out, rows * width);
    if (to == NULL)
        return;
    for (size_t row = first; row < first + rows; row++) {
        uint64_t number = number_at(set, kind, row, is_relative) - base;

        for (unsigned i = 0; i < width; i++, number >>= 8)
            *to++ = (uint8_t)number;
    }
}

/* How many rows can be read as eight bytes each, without a byte behind `size`. */
static size_t wide_rows(size_t size, unsigned width)
{
    return width > 0 && size >= sizeof(uint64_t) ? (size - sizeof(uint64_t)) / width + 1 : 0;
}

static uint64_t wide_mask(unsigned width)
{
    return width > 0 ? UINT64_MAX >> (64 - 8 * width) : 0;
}

/* The number of a row near the end, byte by byte. */
static uint64_t number_from(const uint8_t *data, size_t row, unsigned width)
{
    uint64_t number = 0;

    for (unsigned i = width; i-- > 0;)
        number = number << 8 | data[row * width + i];
    return number;
}

static void unpack_u32(
        const uint8_t *data, size_t rows, unsigned width, uint64_t base, uint32_t *to)
{
    size_t wide = wide_rows(rows * width, width);
    uint64_t mask = wide_mask(width);
    size_t row = 0;

    for (; row < wide; row++)
        to[row] = (uint32_t)(base + (get_u64le(data + row * width) & mask));
    for (; row < rows; row++)
        to[row] = (uint32_t)(base + number_from(data, row, width));
}

static void unpack_u64(
        const uint8_t *data, size_t rows, unsigned width, uint64_t base, uint64_t *to)
{
    size_t wide = wide_rows(rows * width, width);
    uint64_t mask = wide_mask(width);
    size_t row = 0;

    for (; row < wide; row++)
        to[row] = base + (get_u64le(data + row * width) & mask);
    for (; row < rows; row++)
        to[row] = base + number_from(data, row, width);
}

static bool unpack_column(struct column_set *set, int kind, size_t rows, struct msp_reader *reader)
{
    bool is_relative = msp_reader_u8(reader) == 1;
    unsigned width = msp_reader_u8(reader);
    uint64_t base = msp_reader_u64(reader);
    size_t size = rows * width;
    const uint8_t *data = width <= sizeof(uint64_t) ? msp_reader_bytes(reader, size) : NULL;

    if (data == NULL || (is_relative && !may_be_relative(kind)))
        return false;
    if (column_width((enum column_kind)kind) == sizeof(uint32_t)) {
        unpack_u32(data, rows, width, base, column_u32(set, (enum column_kind)kind) + set->count);
    } else {
        const uint64_t *near = column_u64(set, COLUMN_DELIVERED) + set->count;
        uint64_t *to = column_u64(set, (enum column_kind)kind) + set->count;

        unpack_u64(data, rows, width, base, to);
        for (size_t row = 0; is_relative && row < rows; row++)
            to[row] += near[row];
    }
    return true;
}

static enum eng_status unpack_numbers(
        struct column_set *set, int kind, size_t rows, struct msp_reader *reader)
{
    const uint64_t *ids = column_u64(set, COLUMN_ID);

    if (!unpack_column(set, kind, rows, reader))
        return ENG_CORRUPT;
    for (size_t row = set->count; kind == COLUMN_ID && row < set->count + rows; row++)
        set->max_id = ids[row] > set->max_id ? ids[row] : set->max_id;
    return ENG_OK;
}

/* --- texts ---------------------------------------------------------------------------------- */

/* Whether all rows have the text of the first; none is absent then. */
static bool is_uniform(const struct column_text *text, size_t first, size_t rows)
{
    size_t begin = column_text_begin(text, first);
    size_t size = text->ends[first] - begin;

    for (size_t row = first; row < first + rows; row++) {
        size_t at = column_text_begin(text, row);

        if (column_is_absent(text, row) || text->ends[row] - at != size ||
                memcmp(text->bytes + at, text->bytes + begin, size) != 0)
            return false;
    }
    return true;
}

static void pack_absent(
        const struct column_text *text, size_t first, size_t rows, struct msp_buf *out)
{
    uint8_t *bits = msp_buf_extend(out, (rows + 7) / 8);

    if (bits == NULL)
        return;
    memset(bits, 0, (rows + 7) / 8);
    for (size_t row = 0; row < rows; row++) {
        if (column_is_absent(text, first + row))
            bits[row / 8] |= (uint8_t)(1U << row % 8);
    }
}

static void pack_text(
        const struct column_text *text, size_t first, size_t rows, struct msp_buf *out)
{
    size_t begin = column_text_begin(text, first);
    size_t size = text->ends[first + rows - 1] - begin;
    bool some_absent = false;
    size_t longest = 0;
    unsigned width = 1;

    if (is_uniform(text, first, rows)) {
        (void)msp_buf_append_u8(out, 1);
        (void)msp_buf_append_u32(out, text->ends[first] - (uint32_t)begin);
        (void)msp_buf_append(out, text->bytes + begin, text->ends[first] - begin);
        return;
    }
    for (size_t row = first; row < first + rows; row++) {
        longest = msp_max(longest, text->ends[row] - column_text_begin(text, row));
        some_absent = some_absent || column_is_absent(text, row);
    }
    if (longest > UINT8_MAX)
        width = longest > UINT16_MAX ? 4 : 2;
    (void)msp_buf_append_u8(out, 0);
    (void)msp_buf_append_u8(out, (uint8_t)width);
    (void)msp_buf_append_u8(out, some_absent);
    (void)msp_buf_append_u32(out, (uint32_t)size);
    for (size_t row = first; row < first + rows; row++) {
        uint32_t length = text->ends[row] - (uint32_t)column_text_begin(text, row);
        uint8_t bytes[4];

        put_u32le(bytes, length);
        (void)msp_buf_append(out, bytes, width);
    }
    if (some_absent)
        pack_absent(text, first, rows, out);
    (void)msp_buf_append(out, text->bytes + begin, size);
}

static enum eng_status unpack_uniform(
        struct column_set *set, int index, size_t rows, struct msp_reader *reader)
{
    struct column_text *text = &set->texts[index];
    size_t size = msp_reader_u32(reader);
    const uint8_t *bytes = msp_reader_bytes(reader, size);
    size_t used = column_text_begin(text, set->count);
    enum eng_status status;

    if (bytes == NULL || size > UINT32_MAX / SEGMENT_MAX)
        return ENG_CORRUPT;
    status = column_set_grow_text(set, index, size * rows);
    if (status != ENG_OK)
        return status;
    for (size_t row = set->count; row < set->count + rows; row++) {
        memcpy(text->bytes + used, bytes, size);
        used += size;
        text->ends[row] = (uint32_t)used;
        if (text->absent != NULL)
            column_absent_set(text, row, false);
    }
    return ENG_OK;
}

/* Turns sizes into ends; they must add up. */
static bool unpack_ends(const struct column_set *set, struct column_text *text, size_t rows,
        const uint8_t *sizes, unsigned width, size_t size)
{
    uint64_t begin = column_text_begin(text, set->count);
    uint32_t *ends = text->ends + set->count;
    uint64_t end = begin;

    unpack_u32(sizes, rows, width, 0, ends);
    for (size_t row = 0; row < rows; row++) {
        end += ends[row];
        ends[row] = (uint32_t)end;
    }
    return end == begin + size;
}

static enum eng_status unpack_absent(
        struct column_set *set, int index, size_t rows, const uint8_t *bits)
{
    struct column_text *text = &set->texts[index];

    if (bits != NULL && !column_set_need_absent(set, index))
        return ENG_NO_MEMORY;
    for (size_t row = 0; text->absent != NULL && row < rows; row++)
        column_absent_set(
                text, set->count + row, bits != NULL && (bits[row / 8] >> row % 8 & 1) != 0);
    return ENG_OK;
}

static enum eng_status unpack_text(
        struct column_set *set, int index, size_t rows, struct msp_reader *reader)
{
    struct column_text *text = &set->texts[index];
    bool is_same = msp_reader_u8(reader) == 1;
    const uint8_t *bits = NULL;
    const uint8_t *sizes;
    const uint8_t *bytes;
    enum eng_status status;
    bool some_absent;
    unsigned width;
    size_t size;

    if (is_same)
        return unpack_uniform(set, index, rows, reader);
    width = msp_reader_u8(reader);
    some_absent = msp_reader_u8(reader) == 1;
    size = msp_reader_u32(reader);
    if (width == 0 || width > sizeof(uint32_t))
        return ENG_CORRUPT;
    sizes = msp_reader_bytes(reader, rows * width);
    if (some_absent)
        bits = msp_reader_bytes(reader, (rows + 7) / 8);
    bytes = msp_reader_bytes(reader, size);
    if (sizes == NULL || bytes == NULL)
        return ENG_CORRUPT;
    status = column_set_grow_text(set, index, size);
    if (status != ENG_OK)
        return status;
    memcpy(text->bytes + column_text_begin(text, set->count), bytes, size);
    if (!unpack_ends(set, text, rows, sizes, width, size))
        return ENG_CORRUPT;
    return unpack_absent(set, index, rows, bits);
}

/* --- parts ---------------------------------------------------------------------------------- */

void column_part_pack(
        const struct column_set *set, size_t first, size_t rows, int part, struct msp_buf *out)
{
    if (part < COLUMN_NUMBERS)
        pack_column(set, part, first, rows, out);
    else
        pack_text(&set->texts[part - COLUMN_NUMBERS], first, rows, out);
}

enum eng_status column_part_unpack(
        struct column_set *set, size_t rows, int part, const void *data, size_t size)
{
    struct msp_reader reader;
    enum eng_status status;

    assert(rows <= set->cap - set->count);
    msp_reader_init(&reader, data, size);
    if (part < COLUMN_NUMBERS)
        status = unpack_numbers(set, part, rows, &reader);
    else
        status = unpack_text(set, part - COLUMN_NUMBERS, rows, &reader);
    if (status == ENG_OK && !msp_reader_is_done(&reader))
        status = ENG_CORRUPT;
    return status;
}
