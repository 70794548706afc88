/* SPDX-License-Identifier: MIT */
/*
 * proptags.h - SPropTagArray: checked, searched, copied.
 *
 * Locks: none. The arrays come from clients; a count beyond PROPTAGS_MAX is taken for a wild one
 * and nothing behind it is read.
 */
#ifndef MSP_MAPI_PROPTAGS_H
#define MSP_MAPI_PROPTAGS_H

#include <stdbool.h>
#include <stddef.h>

#include "mapi/mapibuf.h"

enum { PROPTAGS_MAX = 65536 };

/* What a caller lets pass beyond tags of the types that values have (propval.h). */
enum {
    PROPTAGS_EMPTY = 1,                   /* cValues 0 */
    PROPTAGS_UNSPECIFIED = 2,             /* PT_UNSPECIFIED */
    PROPTAGS_OBJECT = 4,                  /* PT_OBJECT */
    PROPTAGS_NULL = 8,                    /* PT_NULL: an empty column */
    PROPTAGS_INSTANCE = 16,               /* MVI_FLAG on multivalued types: one row per value */
    PROPTAGS_ANY_TYPE = 32,               /* all of these, PT_ERROR and types that do not exist */
    PROPTAGS_REQUEST = PROPTAGS_ANY_TYPE, /* GetProps: answered one by one */
    PROPTAGS_COLUMNS = PROPTAGS_UNSPECIFIED | PROPTAGS_OBJECT | PROPTAGS_NULL | PROPTAGS_INSTANCE
};

/* S_OK; MAPI_E_INVALID_PARAMETER: NULL, empty or wild count, a tag that `allow` does not let pass.
 */
HRESULT proptags_check(const SPropTagArray *tags, unsigned allow);
/* Is this the id of a property that can be stored (not 0, not 0xFFFF)? */
bool proptags_is_storable(ULONG tag);
/* Is the property there, by id? */
bool proptags_has(const SPropTagArray *tags, ULONG tag);

/* A copy to be freed with msp_free(). MAPI_E_NOT_ENOUGH_MEMORY, *out NULL. */
HRESULT proptags_copy(const ULONG *tags, size_t count, SPropTagArray **out);
/* The same for the client: one root block. */
HRESULT proptags_give(
        const struct mapi_alloc *alloc, const ULONG *tags, size_t count, SPropTagArray **out);

#endif
