/* SPDX-License-Identifier: MIT */
/*
 * copy_store.h - batches of messages on their way into another store of ours.
 */
#ifndef MSP_COM_COPY_STORE_H
#define MSP_COM_COPY_STORE_H

#include "com/copy.h"

struct copy_batch;

/* Under the lock of the source, like everything here. The place is a folder of another store of
 * ours. NULL: no memory. */
struct copy_batch *copy_batch_new(struct copy_job *job, const struct copy_place *place);
void copy_batch_free(struct copy_batch *batch);
/* Empties it for the next messages. */
void copy_batch_clear(struct copy_batch *batch);

/* Reads a message with all it owns, but for large values. On failure it is not part of the batch:
 * MAPI_E_NOT_FOUND, MAPI_E_CORRUPT_DATA, or what stops everything. */
HRESULT copy_batch_read(struct copy_batch *batch, uint64_t id);
/* Bytes of what was read, with the large values. */
uint64_t copy_batch_size(const struct copy_batch *batch);
/* Writes the batch into the other store in one transaction, durable when it returns S_OK; nothing
 * of it otherwise. Leaves the lock. */
HRESULT copy_batch_write(struct copy_batch *batch);

#endif
