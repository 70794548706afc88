/* SPDX-License-Identifier: MIT */
/*
 * eng_column.c - the columns of a place, as a transaction sees them.
 *
 * Owns:  eng->columns, freed by columns_free().
 * Locks: none of its own; see eng.h.
 */
#include <string.h>

#include "engine/eng_column.h"
#include "util/alloc.h"

struct column_cache {
    struct column_set lent; /* what the last call has handed out */
};

void columns_txn_end(struct eng *eng)
{
    if (eng->columns != NULL)
        column_set_free(&eng->columns->lent);
}

void columns_free(struct eng *eng)
{
    columns_txn_end(eng);
    msp_free(eng->columns);
    eng->columns = NULL;
}

enum eng_status eng_columns_get(
        struct eng *eng, uint64_t folder, bool associated, uint32_t wanted, struct eng_columns *out)
{
    enum eng_status status = op_peek(eng);

    memset(out, 0, sizeof(*out));
    if (status != ENG_OK)
        return status;
    if (eng->depth == 0)
        return eng_failf(eng, ENG_INVALID, "No transaction is open.");
    if (!id_is_good(folder))
        return eng_fail(eng, ENG_NOT_FOUND);
    if (eng->columns == NULL)
        eng->columns = msp_calloc(1, sizeof(*eng->columns));
    if (eng->columns == NULL)
        return eng_fail(eng, ENG_NO_MEMORY);
    column_set_free(&eng->columns->lent);
    status = columns_read(eng, folder << 1 | associated, wanted, &eng->columns->lent);
    if (status == ENG_OK)
        column_set_publish(&eng->columns->lent, wanted, out);
    return status;
}
