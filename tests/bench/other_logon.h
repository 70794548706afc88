/* SPDX-License-Identifier: MIT */
/*
 * other_logon.h - changes made through another logon of the same store file.
 */
#ifndef OTHER_LOGON_H
#define OTHER_LOGON_H

#include "bench.h"

/* Makes `count` changes of a message in a second session, one after the other, and stores how long
 * the table's sink waited for each after the change had returned: milliseconds on the wall,
 * ascending. */
void other_logon_waits(struct fixture *fx, IMAPITable *table, const SPropValue *entry_id,
        double *out, size_t count);

#endif
