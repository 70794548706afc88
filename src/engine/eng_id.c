/* SPDX-License-Identifier: MIT */
/*
 * eng_id.c - ids, which are never given out twice.
 *
 * They come in blocks. A block is reserved in the file, durably, before its first id is given out.
 * Inside a transaction that cannot be: a block reserved there is as sure as the transaction. So
 * that this is rare, a writing transaction begins with ID_LOW ids in hand; and when it is rolled
 * back, what it gave out is secured right afterwards.
 *
 * Locks: none of its own; see eng.h.
 */
#include "engine/eng_int.h"

enum { ID_BLOCK = 1024, ID_BLOCK_BULK = 16384, ID_LOW = 128 };

/* Moves the mark in the file beyond what is given out next. */
static enum eng_status extend(struct eng *eng, uint64_t count)
{
    uint64_t next = 0;
    enum eng_status status = query_number(eng, STMT_META_GET, META_NEXT_ID, &next);

    if (status == ENG_NOT_FOUND || (status == ENG_OK && next == 0))
        return eng_fail(eng, ENG_CORRUPT);
    if (status != ENG_OK)
        return status;
    if (next < eng->id_next)
        next = eng->id_next; /* given out before a rollback */
    if (next > ENG_MAX_ID - count)
        return eng_failf(eng, ENG_FULL, "The message store has used up its numbers.");
    status = query_do2(eng, STMT_META_SET, META_NEXT_ID, next + count);
    if (status != ENG_OK)
        return status;
    if (next != eng->id_end)
        eng->id_next = next; /* another connection has taken blocks in between */
    eng->id_end = next + count;
    return ENG_OK;
}

static enum eng_status reserve(struct eng *eng)
{
    uint64_t next = eng->id_next;
    uint64_t end = eng->id_end;
    enum eng_status status = txn_begin_small(eng);

    if (status != ENG_OK)
        return status;
    status = txn_end_small(eng, extend(eng, eng->is_bulk ? ID_BLOCK_BULK : ID_BLOCK));
    if (status != ENG_OK) {
        eng->id_next = next;
        eng->id_end = end;
    }
    return status;
}

bool ids_are_low(const struct eng *eng)
{
    return eng->id_end - eng->id_next < ID_LOW;
}

enum eng_status ids_refill(struct eng *eng)
{
    return ids_are_low(eng) ? reserve(eng) : ENG_OK;
}

void ids_rolled_back(struct eng *eng)
{
    if (!eng->ids_are_tentative)
        return;
    eng->id_end = eng->id_next;
    if (eng->has_sql_txn)
        return; /* a group goes on: its next save begins with a new block */
    eng->ids_are_tentative = false;
    (void)reserve(eng); /* should it fail, this connection still gives none out again */
}

static enum eng_status extend_inside(struct eng *eng)
{
    enum eng_status status = op_write(eng);

    if (status != ENG_OK)
        return status;
    eng->ids_are_tentative = true;
    return op_end(eng, extend(eng, ID_BLOCK));
}

static enum eng_status extend_outside(struct eng *eng)
{
    enum eng_status status = op_peek(eng);

    if (status == ENG_OK)
        status = group_commit(eng);
    return status == ENG_OK ? reserve(eng) : status;
}

enum eng_status eng_id_new(struct eng *eng, uint64_t *out)
{
    enum eng_status status = ENG_OK;

    *out = 0;
    if (eng->is_read_only)
        return eng_fail(eng, ENG_READ_ONLY);
    if (eng->id_next == eng->id_end)
        status = eng->depth > 0 ? extend_inside(eng) : extend_outside(eng);
    if (status == ENG_OK)
        *out = eng->id_next++;
    return status;
}
