/* SPDX-License-Identifier: MIT */
/*
 * propval_compare.c - the order of stored values, and plain values in and out of cells.
 */
#include "mapi/propval.h"

#include <string.h>

#include "util/bytes.h"
#include "util/utf.h"

/* -1, 0 or 1 for two numbers of one type. */
#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

static int compare_bytes(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
    size_t common = msp_min(a_size, b_size);
    int order = common > 0 ? memcmp(a, b, common) : 0;

    return order != 0 ? order : ORDER(a_size, b_size);
}

/* Not a number is below all numbers and equal to itself: an order needs a place for everything. */
static int compare_double(double a, double b)
{
    if (a != a || b != b)
        return ORDER(a == a, b == b);
    return ORDER(a, b);
}

static double get_double(const uint8_t *data)
{
    uint64_t bits = get_u64le(data);
    double value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

static double get_float(const uint8_t *data)
{
    uint32_t bits = get_u32le(data);
    float value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

static uint8_t fold_ascii(uint8_t byte)
{
    return (uint8_t)(byte - 'A') < 26 ? (uint8_t)(byte + 32) : byte;
}

/* As utf8_compare_fold(), quick where both begin with ASCII. */
static int compare_folded(const struct bag_value *a, const struct bag_value *b)
{
    size_t common = msp_min(a->size, b->size);
    size_t i = 0;

    while (i < common && a->data[i] < 0x80 && b->data[i] < 0x80) {
        uint8_t a_byte = fold_ascii(a->data[i]);
        uint8_t b_byte = fold_ascii(b->data[i]);

        if (a_byte != b_byte)
            return ORDER(a_byte, b_byte);
        i++;
    }
    return utf8_compare_fold(
            (const char *)a->data + i, a->size - i, (const char *)b->data + i, b->size - i);
}

static int compare_text(const struct bag_value *a, const struct bag_value *b, bool fold_only)
{
    int order = compare_folded(a, b);

    return order != 0 || fold_only ? order : compare_bytes(a->data, a->size, b->data, b->size);
}

static bool is_single_whole(const struct bag_value *cell)
{
    size_t width = propval_width(PROP_TYPE(cell->tag));

    return (cell->flags & BAG_LARGE) == 0 && (width == 0 || cell->size == width);
}

static int compare_single(const struct bag_value *a, const struct bag_value *b, bool fold_only)
{
    bool a_whole = is_single_whole(a);
    bool b_whole = is_single_whole(b);

    if (!a_whole || !b_whole)
        return ORDER(a_whole, b_whole);
    switch (PROP_TYPE(a->tag)) {
    case PT_BOOLEAN:
        return ORDER(a->data[0] != 0, b->data[0] != 0);
    case PT_I2:
        return ORDER((int16_t)get_u16le(a->data), (int16_t)get_u16le(b->data));
    case PT_LONG:
        return ORDER((int32_t)get_u32le(a->data), (int32_t)get_u32le(b->data));
    case PT_I8:
    case PT_CURRENCY:
        return ORDER((int64_t)get_u64le(a->data), (int64_t)get_u64le(b->data));
    case PT_SYSTIME: /* FILETIME is unsigned */
        return ORDER(get_u64le(a->data), get_u64le(b->data));
    case PT_R4:
        return compare_double(get_float(a->data), get_float(b->data));
    case PT_DOUBLE:
    case PT_APPTIME:
        return compare_double(get_double(a->data), get_double(b->data));
    case PT_UNICODE:
        return compare_text(a, b, fold_only);
    default:
        return compare_bytes(a->data, a->size, b->data, b->size);
    }
}

/* Tuples: the first difference decides, then the shorter comes first. */
static int compare_many(const struct bag_value *a, const struct bag_value *b, bool fold_only)
{
    size_t a_count = propval_count(a);
    size_t b_count = propval_count(b);
    size_t i;

    for (i = 0; i < a_count && i < b_count; i++) {
        struct bag_value a_value, b_value;
        bool a_whole = propval_element(a, i, &a_value);
        bool b_whole = propval_element(b, i, &b_value);
        int order;

        if (!a_whole || !b_whole)
            order = ORDER(a_whole, b_whole);
        else
            order = compare_single(&a_value, &b_value, fold_only);
        if (order != 0)
            return order;
    }
    return ORDER(a_count, b_count);
}

static int compare(const struct bag_value *a, const struct bag_value *b, bool fold_only)
{
    if (PROP_TYPE(a->tag) != PROP_TYPE(b->tag))
        return ORDER(PROP_TYPE(a->tag), PROP_TYPE(b->tag));
    if ((a->tag & MV_FLAG) != 0)
        return compare_many(a, b, fold_only);
    return compare_single(a, b, fold_only);
}

int propval_compare(const struct bag_value *a, const struct bag_value *b)
{
    return compare(a, b, false);
}

int propval_compare_fold(const struct bag_value *a, const struct bag_value *b)
{
    return compare(a, b, true);
}

static void cell_set(ULONG tag, const void *data, size_t size, struct bag_value *out)
{
    out->tag = tag;
    out->flags = 0;
    out->data = data;
    out->size = size;
}

void cell_long(ULONG tag, uint32_t value, uint8_t scratch[16], struct bag_value *out)
{
    put_u32le(scratch, value);
    cell_set(tag, scratch, 4, out);
}

void cell_i8(ULONG tag, uint64_t value, uint8_t scratch[16], struct bag_value *out)
{
    put_u64le(scratch, value);
    cell_set(tag, scratch, 8, out);
}

void cell_bool(ULONG tag, bool value, uint8_t scratch[16], struct bag_value *out)
{
    scratch[0] = value;
    cell_set(tag, scratch, 1, out);
}

void cell_bytes(ULONG tag, const void *data, size_t size, struct bag_value *out)
{
    cell_set(tag, data, size, out);
}

/* Is this a whole value of that type? */
static bool is_whole_of(const struct bag_value *cell, ULONG type)
{
    return PROP_TYPE(cell->tag) == type && is_single_whole(cell);
}

uint32_t cell_get_long(const struct bag_value *cell, uint32_t fallback)
{
    return is_whole_of(cell, PT_LONG) ? get_u32le(cell->data) : fallback;
}

uint64_t cell_get_i8(const struct bag_value *cell, uint64_t fallback)
{
    if (is_whole_of(cell, PT_I8) || is_whole_of(cell, PT_SYSTIME) || is_whole_of(cell, PT_CURRENCY))
        return get_u64le(cell->data);
    return fallback;
}

bool cell_get_bool(const struct bag_value *cell, bool fallback)
{
    return is_whole_of(cell, PT_BOOLEAN) ? cell->data[0] != 0 : fallback;
}
