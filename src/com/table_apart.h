/* SPDX-License-Identifier: MIT */
/*
 * table_apart.h - an asynchronous operation on a large table without the logon's lock.
 */
#ifndef MSP_COM_TABLE_APART_H
#define MSP_COM_TABLE_APART_H

#include "com/view.h"

struct table;
struct table_apart;

/* Under the lock: what the wish needs to be fulfilled apart. It stays the caller's, unchanged until
 * table_apart_free(). NULL: it is to be done in place. */
struct table_apart *table_apart_new(
        struct msp_call *call, struct table *table, const struct view_wish *wish);
/* Without the lock. On failure it may be done in place after all. The connection is closed when it
 * returns. */
HRESULT table_apart_evaluate(struct table_apart *apart);
/* Under the lock, after S_OK, while the table lives: the wish is fulfilled, or nothing has changed.
 */
HRESULT table_apart_install(struct msp_call *call, struct table_apart *apart);
/* Under the lock: the table has ended, after the evaluation and before it could be told. */
void table_apart_orphan(struct table_apart *apart);
bool table_apart_is_orphan(const struct table_apart *apart);
void table_apart_free(struct table_apart *apart); /* no lock needed */

#endif
