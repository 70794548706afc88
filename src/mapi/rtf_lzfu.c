/* SPDX-License-Identifier: MIT */
/*
 * rtf_lzfu.c - LZFu: runs of eight tokens, each a byte or a reference into the last 4,096 bytes.
 *
 * A reference has two bytes, high first: 12 bits of place in the window, 4 bits of length less two.
 * One to the place that is written next ends the stream.
 *
 * Owns:  nothing beyond one call, but for the compressor's tables.
 */
#include "mapi/rtf_lzfu.h"

#include <string.h>

#include "util/alloc.h"
#include "util/buf.h"
#include "util/bytes.h"
#include "util/hash.h"

enum {
    TYPE_AT = 8,
    CRC_AT = 12,
    SIZE_REST = 12, /* bytes of the header that the first size counts */
    LENGTH_MIN = 2,
    CHAIN_MAX = 64, /* places that are looked at for one reference */
    PAIRS = 0x10000
};

/* What the window holds at the start. */
static const char preset[] =
        "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss "
        "\\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier"
        "{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

enum { PRESET = sizeof(preset) - 1 };

_Static_assert(PRESET == 207, "the published text has 207 bytes");

/* --- reading ---------------------------------------------------------------------------------- */

void rtf_lzfu_read_init(struct rtf_lzfu_reader *reader, rtf_lzfu_sink sink, void *context)
{
    memset(reader, 0, sizeof(*reader));
    reader->sink = sink;
    reader->context = context;
    memcpy(reader->window, preset, PRESET);
    reader->write = PRESET;
    reader->flushed = PRESET;
}

static enum rtf_lzfu_status take_header(struct rtf_lzfu_reader *reader)
{
    uint32_t size = get_u32le(reader->header);

    reader->type = get_u32le(reader->header + TYPE_AT);
    if (size < SIZE_REST ||
            (reader->type != RTF_LZFU_COMPRESSED && reader->type != RTF_LZFU_UNCOMPRESSED))
        return RTF_LZFU_CORRUPT;
    reader->left = size - SIZE_REST;
    return RTF_LZFU_OK;
}

static bool flush(struct rtf_lzfu_reader *reader)
{
    size_t from = reader->flushed;

    reader->flushed = reader->write;
    return reader->write == from ||
           reader->sink(reader->context, reader->window + from, reader->write - from);
}

/* One byte of output. False: the sink wants no more. */
static bool put(struct rtf_lzfu_reader *reader, uint8_t byte)
{
    bool more = true;

    reader->window[reader->write++] = byte;
    if (reader->write == RTF_LZFU_WINDOW) {
        more = flush(reader);
        reader->write = 0;
        reader->flushed = 0;
    }
    return more;
}

static bool put_reference(struct rtf_lzfu_reader *reader, unsigned reference)
{
    size_t from = reference >> 4;
    unsigned length = (reference & 15) + LENGTH_MIN;

    if (from == reader->write) {
        reader->ended = true;
        return true;
    }
    while (length-- > 0) {
        if (!put(reader, reader->window[from]))
            return false;
        from = (from + 1) % RTF_LZFU_WINDOW;
    }
    return true;
}

static bool take_byte(struct rtf_lzfu_reader *reader, uint8_t byte)
{
    if (reader->control_count == 0) {
        reader->control = byte;
        reader->control_count = 8;
        return true;
    }
    if ((reader->control & 1) != 0 && !reader->has_half) {
        reader->has_half = true;
        reader->half = byte;
        return true;
    }
    reader->control_count--;
    reader->control >>= 1;
    if (!reader->has_half)
        return put(reader, byte);
    reader->has_half = false;
    return put_reference(reader, (unsigned)reader->half << 8 | byte);
}

static enum rtf_lzfu_status take_contents(
        struct rtf_lzfu_reader *reader, const uint8_t *data, size_t size)
{
    reader->left -= size;
    if (reader->type == RTF_LZFU_UNCOMPRESSED)
        return size == 0 || reader->sink(reader->context, data, size) ? RTF_LZFU_OK
                                                                      : RTF_LZFU_STOPPED;
    reader->crc = msp_crc32_update(reader->crc, data, size);
    for (size_t i = 0; i < size && !reader->ended; i++) {
        if (!take_byte(reader, data[i]))
            return RTF_LZFU_STOPPED;
    }
    return flush(reader) ? RTF_LZFU_OK : RTF_LZFU_STOPPED;
}

enum rtf_lzfu_status rtf_lzfu_read(struct rtf_lzfu_reader *reader, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    size_t head = msp_min(size, RTF_LZFU_HEADER - reader->header_size);

    if (head > 0) {
        memcpy(reader->header + reader->header_size, bytes, head);
        reader->header_size += head;
        if (reader->header_size < RTF_LZFU_HEADER)
            return RTF_LZFU_OK;
        if (take_header(reader) != RTF_LZFU_OK)
            return RTF_LZFU_CORRUPT;
        bytes += head;
        size -= head;
    }
    return take_contents(reader, bytes, size < reader->left ? size : (size_t)reader->left);
}

enum rtf_lzfu_status rtf_lzfu_read_end(const struct rtf_lzfu_reader *reader)
{
    if (reader->header_size < RTF_LZFU_HEADER || reader->left > 0)
        return RTF_LZFU_CORRUPT;
    if (reader->type == RTF_LZFU_UNCOMPRESSED)
        return RTF_LZFU_OK;
    if (!reader->ended || reader->crc != get_u32le(reader->header + CRC_AT))
        return RTF_LZFU_CORRUPT;
    return RTF_LZFU_OK;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Places are counted from the preset text on. Those that begin with the same two bytes are chained,
 * the latest first. */
struct packer {
    const uint8_t *rtf;
    size_t size; /* with the preset text */
    struct msp_buf *out;
    size_t control_at; /* of the run of tokens that is being written */
    unsigned token_count;
    uint32_t latest[PAIRS]; /* place + 1; 0: none */
    uint32_t before[RTF_LZFU_WINDOW];
};

static uint8_t byte_at(const struct packer *packer, size_t place)
{
    return place < PRESET ? (uint8_t)preset[place] : packer->rtf[place - PRESET];
}

static void enter(struct packer *packer, size_t place)
{
    unsigned pair;

    if (place + 1 >= packer->size)
        return;
    pair = (unsigned)byte_at(packer, place) << 8 | byte_at(packer, place + 1);
    packer->before[place % RTF_LZFU_WINDOW] = packer->latest[pair];
    packer->latest[pair] = (uint32_t)place + 1;
}

static unsigned match_length(const struct packer *packer, size_t from, size_t place)
{
    unsigned length = 0;

    while (length < RTF_LZFU_REFERENCE_MAX && place + length < packer->size &&
            byte_at(packer, from + length) == byte_at(packer, place + length))
        length++;
    return length;
}

/* The longest piece before a place that is found there again; of equals the oldest that is looked
 * at. 0: there is none. */
static unsigned find(const struct packer *packer, size_t place, size_t *out_from)
{
    unsigned best = 0;
    uint32_t next;

    if (place + 1 >= packer->size)
        return 0;
    next = packer->latest[(unsigned)byte_at(packer, place) << 8 | byte_at(packer, place + 1)];
    for (unsigned i = 0; i < CHAIN_MAX && next != 0; i++) {
        size_t from = next - 1;
        unsigned length;

        /* At the window's size lies the place that is written next, which would be the end. */
        if (place - from >= RTF_LZFU_WINDOW)
            break;
        length = match_length(packer, from, place);
        if (length >= best) {
            best = length;
            *out_from = from;
        }
        if (best == RTF_LZFU_REFERENCE_MAX)
            break;
        next = packer->before[from % RTF_LZFU_WINDOW];
        if (next > from)
            break; /* what was chained there is out of the window */
    }
    return best;
}

/* Makes place for a token, a reference or a byte. */
static bool begin_token(struct packer *packer, bool is_reference)
{
    unsigned char *control;

    if (packer->token_count == 8 || packer->control_at == 0) {
        packer->control_at = packer->out->size;
        packer->token_count = 0;
        if (!msp_buf_append_u8(packer->out, 0))
            return false;
    }
    control = packer->out->data + packer->control_at;
    if (is_reference)
        *control |= (unsigned char)(1u << packer->token_count);
    packer->token_count++;
    return true;
}

static bool put_pair(struct packer *packer, size_t from, unsigned length)
{
    unsigned reference =
            (unsigned)(from % RTF_LZFU_WINDOW) << 4 | (length > 0 ? length - LENGTH_MIN : 0);

    return begin_token(packer, true) && msp_buf_append_u8(packer->out, (uint8_t)(reference >> 8)) &&
           msp_buf_append_u8(packer->out, (uint8_t)reference);
}

static bool pack(struct packer *packer)
{
    size_t place = 0;

    while (place < PRESET)
        enter(packer, place++);
    while (place < packer->size) {
        size_t from = 0;
        unsigned length = find(packer, place, &from);

        if (length >= LENGTH_MIN) {
            if (!put_pair(packer, from, length))
                return false;
        } else {
            length = 1;
            if (!begin_token(packer, false) ||
                    !msp_buf_append_u8(packer->out, byte_at(packer, place)))
                return false;
        }
        while (length-- > 0)
            enter(packer, place++);
    }
    return put_pair(packer, place, 0);
}

static void put_header(uint8_t *header, uint32_t type, size_t contents, size_t size)
{
    bool is_packed = type == RTF_LZFU_COMPRESSED;

    put_u32le(header, (uint32_t)(contents + SIZE_REST));
    put_u32le(header + 4, (uint32_t)size);
    put_u32le(header + TYPE_AT, type);
    put_u32le(header + CRC_AT,
            is_packed ? msp_crc32_update(0, header + RTF_LZFU_HEADER, contents) : 0);
}

bool rtf_lzfu_compress(const void *rtf, size_t size, struct msp_buf *out)
{
    size_t start = out->size;
    struct packer *packer;
    unsigned char *header;
    size_t contents;
    bool ok;

    if (size > UINT32_MAX / 4 * 3 || !msp_buf_append_zeros(out, RTF_LZFU_HEADER))
        return false;
    packer = msp_calloc(1, sizeof(*packer));
    if (packer == NULL) {
        msp_buf_truncate(out, start);
        return false;
    }
    packer->rtf = rtf;
    packer->size = PRESET + size;
    packer->out = out;
    ok = pack(packer);
    msp_free(packer);
    if (!ok)
        return false;
    contents = out->size - start - RTF_LZFU_HEADER;
    header = out->data + start;
    if (contents <= size) {
        put_header(header, RTF_LZFU_COMPRESSED, contents, size);
        return true;
    }
    if (size > 0)
        memcpy(header + RTF_LZFU_HEADER, rtf, size);
    msp_buf_truncate(out, start + RTF_LZFU_HEADER + size);
    put_header(header, RTF_LZFU_UNCOMPRESSED, size, size);
    return true;
}
