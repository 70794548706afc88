/* SPDX-License-Identifier: MIT */
/*
 * propcolumn.h - the values of one property in many rows, side by side.
 *
 * Locks: none; a column borrows its arrays.
 */
#ifndef MSP_MAPI_PROPCOLUMN_H
#define MSP_MAPI_PROPCOLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapi/propval.h"

enum propcolumn_kind {
    PROPCOLUMN_TEXT, /* PT_UNICODE: texts, one after the other */
    PROPCOLUMN_LONG, /* PT_LONG: 32-bit numbers */
    PROPCOLUMN_TIME, /* PT_SYSTIME: 64-bit numbers, 0 where it is absent unless is_always */
    PROPCOLUMN_SIZE, /* PT_LONG: 64-bit numbers, cut to what a LONG holds */
};

struct propcolumn {
    enum propcolumn_kind kind;
    ULONG tag;      /* of the cells */
    bool is_always; /* every row has a value; a text that is absent is an empty one */
    /* PROPCOLUMN_TEXT: row i is bytes[ends[i - 1] .. ends[i]), from 0 for the first. */
    const uint8_t *bytes;
    const uint32_t *ends;
    const uint8_t *absent; /* a bit per row, the lowest of a byte first; NULL: none is */
    const uint32_t *longs;
    const uint64_t *numbers;
};

static inline size_t propcolumn_begin(const struct propcolumn *column, size_t row)
{
    return row > 0 ? column->ends[row - 1] : 0;
}

static inline const uint8_t *propcolumn_text(
        const struct propcolumn *column, size_t row, size_t *out_size)
{
    size_t begin = propcolumn_begin(column, row);

    *out_size = column->ends[row] - begin;
    return column->bytes + begin;
}

static inline bool propcolumn_has(const struct propcolumn *column, size_t row)
{
    if (column->is_always)
        return true;
    if (column->kind == PROPCOLUMN_TEXT)
        return column->absent == NULL || (column->absent[row / 8] >> row % 8 & 1) == 0;
    return column->kind != PROPCOLUMN_TIME || column->numbers[row] != 0;
}

/* The value of a column that is none of texts. */
static inline uint64_t propcolumn_number(const struct propcolumn *column, size_t row)
{
    if (column->kind == PROPCOLUMN_LONG)
        return column->longs[row];
    if (column->kind == PROPCOLUMN_SIZE && column->numbers[row] > 0x7FFFFFFF)
        return 0x7FFFFFFF;
    return column->numbers[row];
}

/* The cell of a row; false: absent. Borrows from the column or from `scratch`. */
static inline bool propcolumn_cell(
        const struct propcolumn *column, size_t row, uint8_t scratch[16], struct bag_value *out)
{
    const uint8_t *text;
    size_t size;

    if (!propcolumn_has(column, row))
        return false;
    switch (column->kind) {
    case PROPCOLUMN_TEXT:
        text = propcolumn_text(column, row, &size);
        cell_bytes(column->tag, text, size, out);
        return true;
    case PROPCOLUMN_TIME:
        cell_i8(column->tag, propcolumn_number(column, row), scratch, out);
        return true;
    default:
        cell_long(column->tag, (uint32_t)propcolumn_number(column, row), scratch, out);
        return true;
    }
}

#endif
