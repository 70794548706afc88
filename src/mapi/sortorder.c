/* SPDX-License-Identifier: MIT */
/*
 * sortorder.c - SSortOrderSet: checked and copied.
 */
#include "mapi/sortorder.h"

#include <string.h>

#include "mapi/propval.h"
#include "util/alloc.h"

#define SORT_BITS                                                                                  \
    (TABLE_SORT_DESCEND | TABLE_SORT_COMBINE | TABLE_SORT_CATEG_MAX | TABLE_SORT_CATEG_MIN)

static HRESULT check_type(ULONG type)
{
    if (type == PT_OBJECT)
        return MAPI_E_TOO_COMPLEX;
    if ((type & MVI_FLAG) == MVI_FLAG)
        type &= ~(ULONG)MV_INSTANCE;
    if (type == PT_UNSPECIFIED) /* a column can be of it, and columns can be keys */
        return S_OK;
    return propval_is_type(type) ? S_OK : MAPI_E_INVALID_PARAMETER;
}

/* The bits beside ascending and descending: at most one, and only behind a category key. */
static HRESULT check_order(const SSortOrderSet *set, ULONG index)
{
    ULONG order = set->aSort[index].ulOrder;
    ULONG special = order & ~(ULONG)TABLE_SORT_DESCEND;

    if ((order & ~(ULONG)SORT_BITS) != 0 || (special & (special - 1)) != 0)
        return MAPI_E_INVALID_PARAMETER;
    if (special != 0 && (index == 0 || index - 1 >= set->cCategories))
        return MAPI_E_INVALID_PARAMETER;
    return S_OK;
}

/* The headings of one category are in the order of one property at most. */
static HRESULT check_extremes(const SSortOrderSet *set)
{
    bool has_extreme = false;

    for (ULONG i = 0; i < set->cSorts; i++) {
        ULONG order = set->aSort[i].ulOrder;
        bool is_extreme = (order & (TABLE_SORT_CATEG_MAX | TABLE_SORT_CATEG_MIN)) != 0;

        if (is_extreme && has_extreme)
            return MAPI_E_TOO_COMPLEX;
        if (is_extreme)
            has_extreme = true;
        else if ((order & TABLE_SORT_COMBINE) == 0)
            has_extreme = false; /* the next category */
    }
    return S_OK;
}

HRESULT sortorder_check(const SSortOrderSet *set)
{
    ULONG instance = PR_NULL;
    ULONG i;
    HRESULT hr = S_OK;

    if (set == NULL || set->cCategories > set->cSorts || set->cExpanded > set->cCategories)
        return MAPI_E_INVALID_PARAMETER;
    if (set->cSorts > SORTORDER_MAX)
        return MAPI_E_TOO_COMPLEX;
    for (i = 0; i < set->cSorts && SUCCEEDED(hr); i++) {
        ULONG tag = set->aSort[i].ulPropTag;

        if (i < set->cCategories && PROP_ID(tag) == PROP_ID(PR_CONTENT_UNREAD))
            return MAPI_E_INVALID_PARAMETER;
        hr = check_type(PROP_TYPE(tag));
        if (SUCCEEDED(hr))
            hr = check_order(set, i);
        if (SUCCEEDED(hr) && (PROP_TYPE(tag) & MV_INSTANCE) != 0) {
            if (instance != PR_NULL && PROP_ID(instance) != PROP_ID(tag))
                hr = MAPI_E_TOO_COMPLEX; /* a row for every pair of values */
            instance = tag;
        }
    }
    return SUCCEEDED(hr) ? check_extremes(set) : hr;
}

HRESULT sortorder_copy(const SSortOrderSet *set, SSortOrderSet **out)
{
    *out = msp_memdup(set, CbNewSSortOrderSet(set->cSorts));
    return *out != NULL ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

HRESULT sortorder_give(
        const struct mapi_alloc *alloc, const SSortOrderSet *set, SSortOrderSet **out)
{
    size_t size = CbNewSSortOrderSet(set != NULL ? set->cSorts : 0);
    void *block;
    HRESULT hr;

    *out = NULL;
    hr = mapibuf_new(alloc, size, &block);
    if (FAILED(hr))
        return hr;
    if (set != NULL)
        memcpy(block, set, size);
    *out = block;
    return S_OK;
}
