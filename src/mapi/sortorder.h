/* SPDX-License-Identifier: MIT */
/*
 * sortorder.h - SSortOrderSet: checked and copied.
 *
 * Locks: none. A count beyond SORTORDER_MAX is refused before any entry is read.
 */
#ifndef MSP_MAPI_SORTORDER_H
#define MSP_MAPI_SORTORDER_H

#include <stddef.h>

#include "mapi/mapibuf.h"

enum { SORTORDER_MAX = 32 };

/*
 * S_OK (also for cSorts 0: the default order);
 * MAPI_E_INVALID_PARAMETER: NULL, cCategories > cSorts, cExpanded > cCategories, unknown ulOrder
 * bits, TABLE_SORT_COMBINE, _CATEG_MAX or _CATEG_MIN without a category key before it,
 * PR_CONTENT_UNREAD as category, PT_ERROR, PT_NULL or types that do not exist;
 * MAPI_E_TOO_COMPLEX: more than SORTORDER_MAX keys, PT_OBJECT keys, two MVI_FLAG properties,
 * two of TABLE_SORT_CATEG_MAX and _CATEG_MIN about one category.
 */
HRESULT sortorder_check(const SSortOrderSet *set);

/* A copy of a checked set, to be freed with msp_free(). MAPI_E_NOT_ENOUGH_MEMORY, *out NULL. */
HRESULT sortorder_copy(const SSortOrderSet *set, SSortOrderSet **out);
/* The same for the client: one root block. A NULL set gives one without keys. */
HRESULT sortorder_give(
        const struct mapi_alloc *alloc, const SSortOrderSet *set, SSortOrderSet **out);

#endif
