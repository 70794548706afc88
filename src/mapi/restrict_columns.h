/* SPDX-License-Identifier: MIT */
/*
 * restrict_columns.h - a compiled restriction, run on many rows at once.
 *
 * The result is that of restrict_match() for each row. What is about columns is answered from them,
 * by one search through all texts where it can be; the rest asks for single rows, and only for
 * those that are still in question.
 *
 * Locks: none.
 */
#ifndef MSP_MAPI_RESTRICT_COLUMNS_H
#define MSP_MAPI_RESTRICT_COLUMNS_H

#include "mapi/propcolumn.h"
#include "mapi/restrict.h"

struct restrict_rows {
    void *context;
    size_t count;
    /* The column of a property, as a restriction names it; false: there is none. */
    bool (*column)(void *context, ULONG tag, struct propcolumn *out);
    /* Does a row satisfy the part of the program that starts at `node`? */
    bool (*match)(void *context, const struct restrict_program *program, size_t node, size_t row);
    /* Asked every few thousand rows at the latest; false: leave it. */
    bool (*go_on)(void *context);
};

/* A set of rows: bit i % 64 of word i / 64. */
static inline size_t restrict_bits_words(size_t count)
{
    return count / 64 + (count % 64 != 0);
}

/* Clears the bits of rows that do not match; NULL program: none. False: no memory. What is found
 * when go_on() has said no is not to be used. */
bool restrict_match_rows(
        const struct restrict_program *program, const struct restrict_rows *rows, uint64_t *bits);

#endif
