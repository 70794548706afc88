/* SPDX-License-Identifier: MIT */
/*
 * message_columns.h - the engine's columns of messages as properties, and as rows.
 *
 * Cells are those of message_row_cell() on the same messages, as long as they are made of the
 * narrow row.
 *
 * Locks: none of its own; columns are borrowed from the engine.
 */
#ifndef MSP_COM_MESSAGE_COLUMNS_H
#define MSP_COM_MESSAGE_COLUMNS_H

#include "engine/eng.h"
#include "mapi/propcolumn.h"

/* Adds what the property's cells are made of (ENG_COLUMN_ bits); false: of no column. */
bool message_column_needs(ULONG tag, uint32_t *wanted);
/* The property's column, if it is one; its values were wanted. */
bool message_column_get(const struct eng_columns *columns, ULONG tag, struct propcolumn *out);
/* A row with the values that were wanted; `folder` and `change` are left 0. Borrows the texts. */
void message_column_row(const struct eng_columns *columns, size_t index, struct eng_msg *out);

#endif
