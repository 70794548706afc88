/* SPDX-License-Identifier: MIT */
/*
 * recipients.h - the recipient list of a message: read, changed by ModifyRecipients, summed up in
 * the display properties.
 *
 * Locks: the domain's.
 */
#ifndef MSP_COM_RECIPIENTS_H
#define MSP_COM_RECIPIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/eng.h"
#include "platform/sdk/mapi_sdk.h"
#include "util/array.h"
#include "util/bag.h"

struct msp_buf;
struct msp_call;

/* One recipient; never changes, shared by counting. */
struct recipient {
    unsigned refs;
    uint32_t number; /* PR_ROWID */
    size_t packed_size;
    uint8_t packed[]; /* its properties without PR_ROWID */
};

/* All zero is not a good list: recipients_init(). */
struct recipient_list {
    struct msp_array items; /* struct recipient *, each counted */
    uint32_t next_number;
};

void recipients_init(struct recipient_list *list);
void recipients_done(struct recipient_list *list);
/* A copy that shares the entries; `out` is empty. False: no memory. */
bool recipients_copy(const struct recipient_list *list, struct recipient_list *out);

/* A copy that shares nothing; `out` is empty. False: no memory, and `out` may be half full. */
bool recipients_clone(const struct recipient_list *list, struct recipient_list *out);
/* The list has what `from`, a clone, has, under row numbers that it never had before; `from` has
 * what was there. */
void recipients_replace(struct recipient_list *list, struct recipient_list *from);

static inline size_t recipients_count(const struct recipient_list *list)
{
    return list->items.count;
}

static inline const struct recipient *recipients_at(const struct recipient_list *list, size_t index)
{
    return *MSP_ARRAY_AT(struct recipient *, &list->items, index);
}

/* The recipient of a row number, or NULL. */
const struct recipient *recipients_find(const struct recipient_list *list, uint32_t number);

/* All recipients of a stored message into an empty list; on failure it is empty again. */
enum eng_status recipients_load(struct eng *eng, uint64_t message, struct recipient_list *list);
/* Writes the whole list in the transaction that is open. */
enum eng_status recipients_write(
        struct eng *eng, uint64_t message, const struct recipient_list *list);

/* ModifyRecipients: flags are 0 (replace all), MODRECIP_ADD, MODRECIP_MODIFY or MODRECIP_REMOVE. On
 * failure the list is as before. MAPI_E_INVALID_PARAMETER, MAPI_E_INVALID_TYPE, MAPI_E_NOT_FOUND
 * (no such row), MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT recipients_modify(
        struct msp_call *call, struct recipient_list *list, ULONG flags, const ADRLIST *mods);
void recipients_clear(struct recipient_list *list);

/* Gives a property to every recipient that lacks it, or with `replace` to every one. False: no
 * memory, and nothing has changed. */
bool recipients_fill(
        struct recipient_list *list, const struct bag_value *cell, bool replace, bool *out_changed);

/* Properties get other ids: that of from[i] becomes that of to[i]; PR_NULL: the property goes. None
 * of the list's entries may be shared. False: no memory, and some may have changed. */
bool recipients_rename(
        struct recipient_list *list, const uint32_t *from, const uint32_t *to, size_t count);

/* Appends the names of all recipients of a type (MAPI_TO, ...), separated by "; ". False: no
 * memory. */
bool recipients_names(const struct recipient_list *list, ULONG type, struct msp_buf *out);
/* Bytes of all their properties. */
uint64_t recipients_size(const struct recipient_list *list);

#endif
