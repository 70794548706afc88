/* SPDX-License-Identifier: MIT */
/*
 * proptags.c - SPropTagArray: checked, searched, copied.
 */
#include "mapi/proptags.h"

#include <string.h>

#include "mapi/propval.h"
#include "util/alloc.h"

static bool is_allowed(ULONG tag, unsigned allow)
{
    ULONG type = PROP_TYPE(tag);

    if ((allow & PROPTAGS_ANY_TYPE) != 0)
        return true;
    switch (type) {
    case PT_UNSPECIFIED:
        return (allow & PROPTAGS_UNSPECIFIED) != 0;
    case PT_OBJECT:
        return (allow & PROPTAGS_OBJECT) != 0;
    case PT_NULL:
        return (allow & PROPTAGS_NULL) != 0;
    default:
        break;
    }
    if ((type & MVI_FLAG) == MVI_FLAG && (allow & PROPTAGS_INSTANCE) != 0)
        type &= ~(ULONG)MV_INSTANCE;
    return propval_is_type(type);
}

HRESULT proptags_check(const SPropTagArray *tags, unsigned allow)
{
    ULONG i;

    if (tags == NULL || tags->cValues > PROPTAGS_MAX)
        return MAPI_E_INVALID_PARAMETER;
    if (tags->cValues == 0)
        return (allow & PROPTAGS_EMPTY) != 0 ? S_OK : MAPI_E_INVALID_PARAMETER;
    for (i = 0; i < tags->cValues; i++) {
        if (!is_allowed(tags->aulPropTag[i], allow))
            return MAPI_E_INVALID_PARAMETER;
    }
    return S_OK;
}

bool proptags_is_storable(ULONG tag)
{
    return PROP_ID(tag) != PROP_ID_NULL && PROP_ID(tag) != PROP_ID_INVALID;
}

bool proptags_has(const SPropTagArray *tags, ULONG tag)
{
    ULONG i;

    for (i = 0; i < tags->cValues; i++) {
        if (PROP_ID(tags->aulPropTag[i]) == PROP_ID(tag))
            return true;
    }
    return false;
}

static void fill(SPropTagArray *array, const ULONG *tags, size_t count)
{
    array->cValues = (ULONG)count;
    if (count > 0)
        memcpy(array->aulPropTag, tags, count * sizeof(*tags));
}

HRESULT proptags_copy(const ULONG *tags, size_t count, SPropTagArray **out)
{
    *out = NULL;
    if (count > PROPTAGS_MAX)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *out = msp_alloc(CbNewSPropTagArray(count));
    if (*out == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    fill(*out, tags, count);
    return S_OK;
}

HRESULT proptags_give(
        const struct mapi_alloc *alloc, const ULONG *tags, size_t count, SPropTagArray **out)
{
    void *block;
    HRESULT hr;

    *out = NULL;
    if (count > PROPTAGS_MAX)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = mapibuf_new(alloc, CbNewSPropTagArray(count), &block);
    if (FAILED(hr))
        return hr;
    fill(block, tags, count);
    *out = block;
    return S_OK;
}
