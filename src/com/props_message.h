/* SPDX-License-Identifier: MIT */
/*
 * props_message.h - the properties of messages, for message objects and for rows of contents tables
 * alike.
 */
#ifndef MSP_COM_PROPS_MESSAGE_H
#define MSP_COM_PROPS_MESSAGE_H

#include "com/prop.h"
#include "engine/eng.h"

enum {
    /* The texts of an eng_msg are cut here; a longer one is whole in the packed properties only. */
    MESSAGE_NARROW_TEXT_MAX = 1024
};

/* The cell of any message property. `packed` may be NULL for properties that are narrow. S_OK with
 * a cell (borrowed from the row, the packed record or the scratch; it may be BAG_LARGE),
 * MAPI_E_NOT_FOUND, MAPI_E_NOT_ENOUGH_MEMORY. What belongs to a table (PR_INSTANCE_KEY,
 * PR_ROW_TYPE) is not known here. */
HRESULT message_row_cell(struct logon *logon, const struct eng_msg *row, const void *packed,
        size_t packed_size, ULONG tag, struct prop_scratch *scratch, struct bag_value *out);
/* Can it be answered from the eng_msg alone? */
bool message_row_is_narrow(ULONG tag);
/* What message_row_cell() makes up or takes from the row, whatever is stored; ends with 0. For
 * TBL_ALL_COLUMNS. */
extern const ULONG message_row_tags[];

/* Bytes of the prefix at the start of a subject: `set` is what a client chose (may be NULL),
 * counted when the subject starts with it (any length); else one to three letters, colon and space;
 * else 0, as of a subject of over PROP_INLINE_MAX bytes. */
size_t message_subject_prefix(const struct bag_value *subject, const struct bag_value *set);

/* PR_MESSAGE_FLAGS of a message that has never been saved: `now` with those bits of `wanted` that
 * its client decides. */
uint32_t message_first_flags(uint32_t now, uint32_t wanted);

extern const struct prop_class message_props;

#endif
