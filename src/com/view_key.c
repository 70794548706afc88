/* SPDX-License-Identifier: MIT */
/*
 * view_key.c - sort keys as bytes. view_sort.c sorts them.
 *
 * A key is one part per sort order: a byte that says present or absent (absent is last in both
 * directions), then the value so that memcmp() gives its order, inverted when descending. Numbers
 * are big-endian with the sign turned, texts are folded, bytes end with 0 (0 and 1 are escaped), so
 * a part is never the beginning of another one. A multivalue is its elements, each as a part, and
 * an absent one: the shorter list is absent where the longer one still has a value.
 *
 * Owns:  nothing.
 * Locks: everything runs under the domain lock.
 */
#include "com/view.h"

#include <string.h>

#include "util/alloc.h"
#include "util/bytes.h"
#include "util/utf.h"

enum { PRESENT = 1, ABSENT = 2 };

/* --- encoding --------------------------------------------------------------------------------- */

static size_t count_escapes(const uint8_t *data, size_t size)
{
    size_t count = 0;

    for (size_t i = 0; i < size; i++)
        count += data[i] <= 1;
    return count;
}

static bool put_bytes(const uint8_t *data, size_t size, struct msp_buf *out)
{
    size_t escapes = count_escapes(data, size);
    uint8_t *to = msp_buf_extend(out, size + escapes + 1);
    size_t at = 0;

    if (to == NULL)
        return false;
    if (escapes == 0 && size > 0)
        memcpy(to, data, size);
    for (size_t i = 0; i < size && escapes > 0; i++) {
        if (data[i] <= 1)
            to[at++] = 1;
        to[at++] = data[i] <= 1 ? (uint8_t)(data[i] + 1) : data[i];
    }
    to[size + escapes] = 0;
    return true;
}

/* Folded where it stays, unless it holds bytes that need escapes. */
static bool put_text(const struct bag_value *cell, size_t size, struct msp_buf *out)
{
    size_t begin = out->size;
    uint8_t *folded;
    size_t folded_size;
    bool ok;

    if (!utf8_fold((const char *)cell->data, size, out))
        return false;
    folded_size = out->size - begin;
    if (folded_size == 0 || count_escapes(out->data + begin, folded_size) == 0)
        return msp_buf_append_u8(out, 0);
    folded = msp_memdup(out->data + begin, folded_size);
    msp_buf_truncate(out, begin);
    ok = folded != NULL && put_bytes(folded, folded_size, out);
    msp_free(folded);
    return ok;
}

static bool put_be(uint64_t value, size_t width, struct msp_buf *out)
{
    uint8_t bytes[8];

    put_u64be(bytes, value << (64 - 8 * width));
    return msp_buf_append(out, bytes, width);
}

/* The order of IEEE numbers as unsigned ones; not a number first, both zeros alike. */
static uint64_t order_of_double(uint64_t bits)
{
    const uint64_t sign = (uint64_t)1 << 63;
    const uint64_t infinity = (uint64_t)0x7FF << 52;

    if ((bits & ~sign) > infinity)
        return 0;
    if ((bits & ~sign) == 0)
        return sign;
    return (bits & sign) != 0 ? ~bits : bits | sign;
}

static uint64_t bits_of_float(const uint8_t *data)
{
    uint32_t bits = get_u32le(data);
    float narrow;
    double wide;
    uint64_t wide_bits;

    memcpy(&narrow, &bits, sizeof(narrow));
    wide = narrow;
    memcpy(&wide_bits, &wide, sizeof(wide_bits));
    return wide_bits;
}

static bool put_value(const struct bag_value *cell, struct msp_buf *out)
{
    const uint64_t sign = (uint64_t)1 << 63;
    size_t size = msp_min(cell->size, VIEW_KEY_MAX);

    switch (PROP_TYPE(cell->tag)) {
    case PT_I2:
        return put_be((uint64_t)(get_u16le(cell->data) ^ 0x8000u), 2, out);
    case PT_LONG:
        return put_be(get_u32le(cell->data) ^ 0x80000000u, 4, out);
    case PT_I8:
    case PT_CURRENCY:
        return put_be(get_u64le(cell->data) ^ sign, 8, out);
    case PT_SYSTIME: /* FILETIME is unsigned */
        return put_be(get_u64le(cell->data), 8, out);
    case PT_R4:
        return put_be(order_of_double(bits_of_float(cell->data)), 8, out);
    case PT_DOUBLE:
    case PT_APPTIME:
        return put_be(order_of_double(get_u64le(cell->data)), 8, out);
    case PT_BOOLEAN:
        return put_be(cell->data[0] != 0, 1, out);
    case PT_UNICODE:
        return put_text(cell, size, out);
    case PT_CLSID:
        return msp_buf_append(out, cell->data, 16);
    default:
        return put_bytes(cell->data, size, out);
    }
}

static void invert(uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)~bytes[i];
}

static bool put_part(const struct bag_value *cell, bool descending, struct msp_buf *out)
{
    size_t begin;

    if (!msp_buf_append_u8(out, PRESENT))
        return false;
    begin = out->size;
    if (!put_value(cell, out))
        return false;
    if (descending)
        invert(out->data + begin, out->size - begin);
    return true;
}

static bool fits(const struct bag_value *cell, ULONG tag)
{
    ULONG type =
            PROP_TYPE(propval_stored_tag(CHANGE_PROP_TYPE(tag, PROP_TYPE(tag) & ~MV_INSTANCE)));

    if (PROP_TYPE(tag) == PT_UNSPECIFIED)
        return true;
    if ((PROP_TYPE(tag) & MV_INSTANCE) != 0)
        type &= ~(ULONG)MV_FLAG;
    return PROP_TYPE(cell->tag) == type;
}

bool view_key_put(const struct bag_value *cell, const struct view_key *key, struct msp_buf *out)
{
    struct bag_value element;

    if (cell == NULL || (cell->flags & BAG_LARGE) != 0 || !fits(cell, key->tag) ||
            !propval_cell_ok(cell))
        return msp_buf_append_u8(out, ABSENT);
    if (PROP_TYPE(key->tag) == PT_UNSPECIFIED &&
            (!msp_buf_append_u8(out, PRESENT) || !put_be(PROP_TYPE(cell->tag), 2, out)))
        return false;
    if ((cell->tag & MV_FLAG) == 0)
        return put_part(cell, key->descending, out);
    for (size_t i = 0; propval_element(cell, i, &element); i++) {
        if (!put_part(&element, key->descending, out))
            return false;
    }
    return msp_buf_append_u8(out, ABSENT);
}

/* --- of columns ------------------------------------------------------------------------------- */

bool view_key_fits_column(const struct propcolumn *column, const struct view_key *key)
{
    return PROP_TYPE(propval_stored_tag(key->tag)) == PROP_TYPE(column->tag);
}

enum {
    CHUNK = 16 /* bytes that are folded together */
};

/* Folds ASCII. Returns bit 7 when there was something else, or a byte that needs an escape. */
static uint8_t fold_chunk(const uint8_t *from, uint8_t *to, size_t size)
{
    uint8_t seen = 0;

    for (size_t i = 0; i < size; i++) {
        uint8_t byte = from[i];

        seen |= (uint8_t)(byte | (byte < 2 ? 0x80 : 0));
        to[i] = (uint8_t)(byte + ((uint8_t)(byte - 'A') < 26 ? 'a' - 'A' : 0));
    }
    return seen;
}

/* Nearly all texts: put_text() for ASCII without bytes that need escapes; false: it is none. */
static bool put_plain_text(const uint8_t *text, size_t size, struct msp_buf *out)
{
    uint8_t *to = msp_buf_extend(out, size + 2);
    uint8_t seen = 0;
    size_t at = 0;

    if (to == NULL)
        return false;
    to[0] = PRESENT;
    for (; size - at >= CHUNK; at += CHUNK) /* compilers make a few instructions of each */
        seen |= fold_chunk(text + at, to + 1 + at, CHUNK);
    seen |= fold_chunk(text + at, to + 1 + at, size - at);
    to[size + 1] = 0;
    if (seen < 0x80)
        return true;
    msp_buf_truncate(out, out->size - size - 2);
    return false;
}

static bool put_plain(
        const struct propcolumn *column, size_t row, bool descending, struct msp_buf *out)
{
    size_t begin = out->size + 1;
    size_t size;
    const uint8_t *text = propcolumn_text(column, row, &size);

    if (!put_plain_text(text, msp_min(size, (size_t)VIEW_KEY_MAX), out))
        return false;
    if (descending)
        invert(out->data + begin, out->size - begin);
    return true;
}

bool view_key_put_column(const struct propcolumn *column, size_t row, const struct view_key *key,
        struct msp_buf *out)
{
    uint8_t scratch[16];
    struct bag_value cell;

    if (column->kind == PROPCOLUMN_TEXT && propcolumn_has(column, row) &&
            put_plain(column, row, key->descending, out))
        return true;
    if (!propcolumn_cell(column, row, scratch, &cell))
        return msp_buf_append_u8(out, ABSENT);
    return view_key_put(&cell, key, out);
}

/* --- parts of a key --------------------------------------------------------------------------- */

bool view_key_is_absent(const uint8_t *bytes)
{
    return bytes[0] == ABSENT;
}

/* Size of the value behind PRESENT. */
static size_t value_size(const uint8_t *value, ULONG type, bool descending)
{
    switch (type) {
    case PT_I2:
        return 2;
    case PT_LONG:
        return 4;
    case PT_BOOLEAN:
        return 1;
    case PT_CLSID:
        return 16;
    case PT_UNICODE:
    case PT_STRING8:
    case PT_BINARY:
        for (size_t i = 0;; i++) {
            if (value[i] == (descending ? 0xFF : 0))
                return i + 1;
        }
    default:
        return 8;
    }
}

size_t view_key_part_size(const uint8_t *bytes, const struct view_key *key)
{
    ULONG type = PROP_TYPE(key->tag);
    size_t size = 0;

    if (bytes[0] == ABSENT)
        return 1;
    if (type == PT_UNSPECIFIED) {
        type = get_u16be(bytes + 1);
        size = 3;
    }
    if ((type & MVI_FLAG) != MV_FLAG) {
        type &= ~(ULONG)MVI_FLAG;
        return size + 1 + value_size(bytes + size + 1, type, key->descending);
    }
    type &= ~(ULONG)MV_FLAG;
    while (bytes[size] == PRESENT)
        size += 1 + value_size(bytes + size + 1, type, key->descending);
    return size + 1;
}
