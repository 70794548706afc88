/* SPDX-License-Identifier: MIT */
/*
 * restrict_columns.c - a compiled restriction, run on many rows at once.
 *
 * Each node of the program narrows a set of rows. Recursion is as deep as the tree was, which
 * restrict_compile() has bounded.
 */
#include "mapi/restrict_columns.h"

#include <string.h>

#include "mapi/restrict_program.h"
#include "util/alloc.h"
#include "util/bytes.h"

enum {
    CHUNK_WORDS = 64,   /* words of the set between two looks at whether to go on */
    FEW = 8,            /* less than one row of so many in question: they are looked at singly */
    SEARCH_ROWS = 32768 /* rows searched between two looks */
};

struct run {
    const struct restrict_program *program;
    const struct restrict_rows *rows;
    bool is_stopped;
};

static bool narrow(struct run *run, size_t index, uint64_t *bits);

static bool go_on(struct run *run)
{
    if (!run->is_stopped && !run->rows->go_on(run->rows->context))
        run->is_stopped = true;
    return !run->is_stopped;
}

static size_t lowest_bit(uint64_t word)
{
    size_t at = 0;

    for (; (word & 0xFF) == 0; word >>= 8)
        at += 8;
    for (; (word & 1) == 0; word >>= 1)
        at++;
    return at;
}

/* --- row by row ------------------------------------------------------------------------------- */

typedef bool (*row_fn)(void *context, size_t row);

/* Clears the bits of rows that the function says no to. */
static void keep_rows(struct run *run, uint64_t *bits, row_fn fn, void *context)
{
    size_t words = restrict_bits_words(run->rows->count);

    for (size_t i = 0; i < words; i++) {
        if (i % CHUNK_WORDS == 0 && !go_on(run))
            return;
        for (uint64_t left = bits[i]; left != 0; left &= left - 1) {
            size_t bit = lowest_bit(left);

            if (!fn(context, i * 64 + bit))
                bits[i] &= ~((uint64_t)1 << bit);
        }
    }
}

struct asking {
    const struct run *run;
    size_t node;
};

static bool ask_row(void *context, size_t row)
{
    const struct asking *asking = context;
    const struct restrict_rows *rows = asking->run->rows;

    return rows->match(rows->context, asking->run->program, asking->node, row);
}

/* A row that is its one or two columns. */
struct reading {
    const struct restrict_program *program;
    size_t node;
    struct propcolumn columns[2];
    size_t column_count;
    ULONG tags[2];
    uint8_t scratch[2][16];
    size_t row;
};

static bool reading_get(void *context, ULONG tag, struct bag_value *out)
{
    struct reading *reading = context;
    size_t i = reading->column_count > 1 && tag == reading->tags[1];

    return propcolumn_cell(&reading->columns[i], reading->row, reading->scratch[i], out);
}

static bool read_row(void *context, size_t row)
{
    struct reading *reading = context;
    const struct restrict_row reader = { reading, reading_get, NULL, NULL };

    reading->row = row;
    return restrict_match_node(reading->program, reading->node, &reader);
}

/* --- one search through all texts ------------------------------------------------------------- */

/* Can one search through the bytes of all rows find every row that may match? */
static bool is_searched(const struct textmatch *match, const struct propcolumn *column)
{
    return match->where == TEXTMATCH_ANYWHERE && match->count > 0 &&
           column->kind == PROPCOLUMN_TEXT;
}

static bool has_bit(const uint64_t *bits, size_t row)
{
    return (bits[row / 64] >> row % 64 & 1) != 0;
}

/* Sets the bits of the rows [first, end) in question that contain the search text. An absent text
 * has no bytes to find anything in. */
static void search_rows(const struct textmatch *match, const struct propcolumn *column,
        size_t first, size_t end, const uint64_t *bits, uint64_t *found)
{
    size_t at = propcolumn_begin(column, first);
    size_t stop = propcolumn_begin(column, end);
    size_t row = first;

    while (at < stop) {
        size_t place = textmatch_candidate(match, column->bytes + at, stop - at);
        const uint8_t *text;
        size_t size;

        if (place == SIZE_MAX)
            return;
        at += place;
        while (column->ends[row] <= at)
            row++;
        text = propcolumn_text(column, row, &size);
        if (has_bit(bits, row) && textmatch_test(match, text, size))
            found[row / 64] |= (uint64_t)1 << row % 64;
        at = column->ends[row];
    }
}

static bool search(struct run *run, const struct textmatch *match, const struct propcolumn *column,
        uint64_t *bits)
{
    size_t words = restrict_bits_words(run->rows->count);
    uint64_t *found = msp_calloc(words, sizeof(*found));

    if (found == NULL)
        return false;
    for (size_t first = 0; first < run->rows->count && go_on(run); first += SEARCH_ROWS)
        search_rows(
                match, column, first, msp_min(run->rows->count, first + SEARCH_ROWS), bits, found);
    memcpy(bits, found, words * sizeof(*bits));
    msp_free(found);
    return true;
}

/* --- nodes ------------------------------------------------------------------------------------ */

/* Are there so few rows in question that each is looked at? */
static bool is_few(const struct run *run, const uint64_t *bits)
{
    size_t words = restrict_bits_words(run->rows->count);
    size_t most = run->rows->count / FEW;
    size_t count = 0;

    for (size_t i = 0; i < words && count < most; i++) {
        for (uint64_t left = bits[i]; left != 0; left &= left - 1)
            count++;
    }
    return count < most;
}

/* The columns of a node that looks at properties; false: they are not all columns. */
static bool get_columns(const struct run *run, size_t index, struct reading *out)
{
    const struct restrict_node *node = &run->program->nodes[index];

    out->program = run->program;
    out->node = index;
    out->tags[0] = node->tag;
    out->tags[1] = node->number;
    out->column_count = node->op == OP_COMPARE ? 2 : 1;
    for (size_t i = 0; i < out->column_count; i++) {
        if (!run->rows->column(run->rows->context, out->tags[i], &out->columns[i]))
            return false;
    }
    return true;
}

static bool narrow_leaf(struct run *run, size_t index, uint64_t *bits)
{
    const struct restrict_node *node = &run->program->nodes[index];
    struct reading reading = { 0 };
    struct asking asking = { run, index };

    if (node->op == OP_TRUE)
        return true;
    if (node->op == OP_SUBOBJECT || !get_columns(run, index, &reading)) {
        keep_rows(run, bits, ask_row, &asking);
        return true;
    }
    if (node->op == OP_CONTENT && node->type == PT_UNICODE && !is_few(run, bits) &&
            is_searched(&run->program->matches[node->number], &reading.columns[0]) &&
            restrict_is_of_tag(reading.columns[0].tag, node->tag))
        return search(run, &run->program->matches[node->number], &reading.columns[0], bits);
    keep_rows(run, bits, read_row, &reading);
    return true;
}

static bool narrow_all(struct run *run, size_t index, uint64_t *bits)
{
    size_t end = run->program->nodes[index].end;

    for (size_t child = index + 1; child < end; child = run->program->nodes[child].end) {
        if (!narrow(run, child, bits))
            return false;
    }
    return true;
}

/* Rows that no child has taken yet go to the next one; OP_NOT is what its child does not take. */
static bool narrow_any(struct run *run, size_t index, uint64_t *bits)
{
    size_t words = restrict_bits_words(run->rows->count);
    uint64_t *part = msp_alloc_array(words, sizeof(*part));
    uint64_t *left = msp_memdup(bits, words * sizeof(*bits));
    size_t end = run->program->nodes[index].end;
    bool ok = part != NULL && left != NULL;

    for (size_t child = index + 1; child < end && ok; child = run->program->nodes[child].end) {
        memcpy(part, left, words * sizeof(*part));
        ok = narrow(run, child, part);
        for (size_t i = 0; i < words; i++)
            left[i] &= ~part[i];
    }
    for (size_t i = 0; i < words && ok; i++)
        bits[i] = run->program->nodes[index].op == OP_NOT ? left[i] : bits[i] & ~left[i];
    msp_free(part);
    msp_free(left);
    return ok;
}

static bool narrow(struct run *run, size_t index, uint64_t *bits)
{
    switch (run->program->nodes[index].op) {
    case OP_AND:
        return narrow_all(run, index, bits);
    case OP_OR:
    case OP_NOT:
        return narrow_any(run, index, bits);
    default:
        return narrow_leaf(run, index, bits);
    }
}

bool restrict_match_rows(
        const struct restrict_program *program, const struct restrict_rows *rows, uint64_t *bits)
{
    struct run run = { program, rows, false };

    return program == NULL || rows->count == 0 || narrow(&run, 0, bits);
}
