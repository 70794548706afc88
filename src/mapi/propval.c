/* SPDX-License-Identifier: MIT */
/*
 * propval.c - SPropValue: checked, turned into stored bytes, copied. The way back is in
 * propval_cell.c.
 *
 * All machines that run this are little-endian, so arrays of fixed-width elements are copied whole.
 * All multivalues have the layout { ULONG cValues; pointer }, so one member of the union stands for
 * the others where only count and address matter.
 */
#include "mapi/propval.h"

#include <string.h>

#include "mapi/mapitext.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/bytes.h"
#include "util/utf.h"

size_t propval_width(ULONG type)
{
    switch (type) {
    case PT_BOOLEAN:
        return 1;
    case PT_I2:
        return 2;
    case PT_LONG:
    case PT_R4:
        return 4;
    case PT_DOUBLE:
    case PT_CURRENCY:
    case PT_APPTIME:
    case PT_I8:
    case PT_SYSTIME:
        return 8;
    case PT_CLSID:
        return 16;
    default:
        return 0;
    }
}

bool propval_is_type(ULONG type)
{
    switch (type & ~(ULONG)MV_FLAG) {
    case PT_BOOLEAN: /* MAPI has no multivalued one */
        return type == PT_BOOLEAN;
    case PT_I2:
    case PT_LONG:
    case PT_R4:
    case PT_DOUBLE:
    case PT_CURRENCY:
    case PT_APPTIME:
    case PT_I8:
    case PT_SYSTIME:
    case PT_CLSID:
    case PT_UNICODE:
    case PT_STRING8:
    case PT_BINARY:
        return true;
    default:
        return false;
    }
}

bool propval_is_storable(ULONG tag)
{
    return PROP_ID(tag) != PROP_ID_NULL && PROP_ID(tag) != PROP_ID_INVALID;
}

bool propval_is_skipped(const SPropValue *value)
{
    return value->ulPropTag == PR_NULL || PROP_TYPE(value->ulPropTag) == PT_ERROR;
}

static bool is_binary_ok(const SBinary *bin)
{
    return bin->cb == 0 || (bin->lpb != NULL && bin->cb <= PROPVAL_MAX_SIZE);
}

static bool is_wide_ok(const WCHAR *text)
{
    return text != NULL && propval_is_aligned(text, sizeof(*text));
}

/* Elements of fixed size are copied from wherever they lie. */
static bool is_array_ok(const SPropValue *value)
{
    ULONG type = PROP_TYPE(value->ulPropTag) & ~(ULONG)MV_FLAG;

    if (value->Value.MVbin.lpbin == NULL)
        return false;
    return propval_width(type) > 0 || propval_is_aligned(value->Value.MVbin.lpbin, sizeof(void *));
}

static HRESULT check_many(const SPropValue *value)
{
    ULONG count = value->Value.MVbin.cValues;
    uint64_t size = 0;
    ULONG i;

    if (count == 0 || count > PROPVAL_MAX_COUNT || !is_array_ok(value))
        return MAPI_E_INVALID_PARAMETER;
    switch (PROP_TYPE(value->ulPropTag)) {
    case PT_MV_UNICODE:
        for (i = 0; i < count; i++) {
            if (!is_wide_ok(value->Value.MVszW.lppszW[i]))
                return MAPI_E_INVALID_PARAMETER;
        }
        return S_OK;
    case PT_MV_STRING8:
        for (i = 0; i < count; i++) {
            if (value->Value.MVszA.lppszA[i] == NULL)
                return MAPI_E_INVALID_PARAMETER;
        }
        return S_OK;
    case PT_MV_BINARY:
        for (i = 0; i < count; i++) {
            size += value->Value.MVbin.lpbin[i].cb;
            if (!is_binary_ok(&value->Value.MVbin.lpbin[i]) || size > PROPVAL_MAX_SIZE)
                return MAPI_E_INVALID_PARAMETER;
        }
        return S_OK;
    default:
        return S_OK;
    }
}

HRESULT propval_check(const SPropValue *value)
{
    ULONG type;
    bool ok;

    if (value == NULL || !propval_is_aligned(value, sizeof(void *)))
        return MAPI_E_INVALID_PARAMETER;
    type = PROP_TYPE(value->ulPropTag);
    if (propval_is_skipped(value))
        return S_OK;
    if (type == PT_OBJECT)
        return MAPI_E_INVALID_PARAMETER;
    if (!propval_is_type(type))
        return MAPI_E_INVALID_TYPE;
    if ((type & MV_FLAG) != 0)
        return check_many(value);
    switch (type) {
    case PT_UNICODE:
        ok = is_wide_ok(value->Value.lpszW);
        break;
    case PT_STRING8:
        ok = value->Value.lpszA != NULL;
        break;
    case PT_CLSID:
        ok = value->Value.lpguid != NULL;
        break;
    case PT_BINARY:
        ok = is_binary_ok(&value->Value.bin);
        break;
    default:
        ok = true;
        break;
    }
    return ok ? S_OK : MAPI_E_INVALID_PARAMETER;
}

ULONG propval_stored_tag(ULONG tag)
{
    if ((PROP_TYPE(tag) & ~(ULONG)MV_FLAG) == PT_STRING8)
        return CHANGE_PROP_TYPE(tag, PT_UNICODE | (PROP_TYPE(tag) & MV_FLAG));
    return tag;
}

/* The index-th element of a multivalue of text or bytes. */
static bool encode_element(const SPropValue *value, ULONG index, struct msp_buf *out)
{
    switch (PROP_TYPE(value->ulPropTag)) {
    case PT_MV_UNICODE: {
        const WCHAR *text = value->Value.MVszW.lppszW[index];

        return utf16_append_utf8(out, text, utf16_len(text));
    }
    case PT_MV_STRING8: {
        const char *text = value->Value.MVszA.lppszA[index];

        return mapitext_append_ansi(out, text, strlen(text));
    }
    default: {
        const SBinary *bin = &value->Value.MVbin.lpbin[index];

        return msp_buf_append(out, bin->lpb, bin->cb);
    }
    }
}

static HRESULT encode_many(const SPropValue *value, struct msp_buf *out)
{
    ULONG count = value->Value.MVbin.cValues;
    size_t width = propval_width(PROP_TYPE(value->ulPropTag) & ~(ULONG)MV_FLAG);
    size_t ends, start;
    ULONG i;

    if (!msp_buf_append_u32(out, count))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (width > 0) {
        if (!msp_buf_append(out, value->Value.MVbin.lpbin, width * count))
            return MAPI_E_NOT_ENOUGH_MEMORY;
        return S_OK;
    }
    ends = out->size;
    if (!msp_buf_append_zeros(out, (size_t)count * 4))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    start = out->size;
    for (i = 0; i < count; i++) {
        if (!encode_element(value, i, out) || out->size - start > UINT32_MAX)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        put_u32le(out->data + ends + (size_t)i * 4, (uint32_t)(out->size - start));
    }
    return S_OK;
}

static bool encode_one(const SPropValue *value, struct msp_buf *out)
{
    const union _PV *pv = &value->Value;
    ULONG type = PROP_TYPE(value->ulPropTag);

    switch (type) {
    case PT_BOOLEAN:
        return msp_buf_append_u8(out, pv->b != 0);
    case PT_UNICODE:
        return utf16_append_utf8(out, pv->lpszW, utf16_len(pv->lpszW));
    case PT_STRING8:
        return mapitext_append_ansi(out, pv->lpszA, strlen(pv->lpszA));
    case PT_BINARY:
        return msp_buf_append(out, pv->bin.lpb, pv->bin.cb);
    case PT_CLSID:
        return msp_buf_append(out, pv->lpguid, 16);
    default:
        return msp_buf_append(out, pv, propval_width(type));
    }
}

HRESULT propval_encode(const SPropValue *value, struct msp_buf *out)
{
    if ((PROP_TYPE(value->ulPropTag) & MV_FLAG) != 0)
        return encode_many(value, out);
    return encode_one(value, out) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

void propval_error(ULONG tag, SCODE code, SPropValue *out)
{
    memset(out, 0, sizeof(*out));
    out->ulPropTag = CHANGE_PROP_TYPE(tag, PT_ERROR);
    out->Value.err = code;
}

/* Bytes of the array of a multivalue: fixed elements, or pointers and sizes. */
static size_t array_size(ULONG type, size_t count)
{
    switch (type) {
    case PT_MV_UNICODE:
    case PT_MV_STRING8:
        return count * sizeof(char *);
    case PT_MV_BINARY:
        return count * sizeof(SBinary);
    default:
        return count * propval_width(type & ~(ULONG)MV_FLAG);
    }
}

static size_t wide_size(const WCHAR *text)
{
    return (utf16_len(text) + 1) * sizeof(WCHAR);
}

static size_t many_size(const SPropValue *value)
{
    ULONG type = PROP_TYPE(value->ulPropTag);
    ULONG count = value->Value.MVbin.cValues;
    size_t size = mapi_arena_round(array_size(type, count));
    ULONG i;

    for (i = 0; i < count; i++) {
        if (type == PT_MV_UNICODE)
            size += mapi_arena_round(wide_size(value->Value.MVszW.lppszW[i]));
        else if (type == PT_MV_STRING8)
            size += mapi_arena_round(strlen(value->Value.MVszA.lppszA[i]) + 1);
        else if (type == PT_MV_BINARY)
            size += mapi_arena_round(value->Value.MVbin.lpbin[i].cb);
        else
            break;
    }
    return size;
}

size_t propval_copy_size(const SPropValue *value)
{
    ULONG type = PROP_TYPE(value->ulPropTag);

    if ((type & MV_FLAG) != 0)
        return many_size(value);
    switch (type) {
    case PT_UNICODE:
        return mapi_arena_round(wide_size(value->Value.lpszW));
    case PT_STRING8:
        return mapi_arena_round(strlen(value->Value.lpszA) + 1);
    case PT_BINARY:
        return mapi_arena_round(value->Value.bin.cb);
    case PT_CLSID:
        return 16;
    default:
        return 0;
    }
}

static void *take_copy(struct mapi_arena *arena, const void *data, size_t size)
{
    void *copy = mapi_arena_take(arena, size);

    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

static void copy_many(const SPropValue *value, struct mapi_arena *arena, SPropValue *out)
{
    ULONG type = PROP_TYPE(value->ulPropTag);
    ULONG count = value->Value.MVbin.cValues;
    ULONG i;

    out->Value.MVbin.lpbin = take_copy(arena, value->Value.MVbin.lpbin, array_size(type, count));
    for (i = 0; i < count; i++) {
        if (type == PT_MV_UNICODE) {
            const WCHAR *text = value->Value.MVszW.lppszW[i];

            out->Value.MVszW.lppszW[i] = take_copy(arena, text, wide_size(text));
        } else if (type == PT_MV_STRING8) {
            const char *text = value->Value.MVszA.lppszA[i];

            out->Value.MVszA.lppszA[i] = take_copy(arena, text, strlen(text) + 1);
        } else if (type == PT_MV_BINARY) {
            const SBinary *bin = &value->Value.MVbin.lpbin[i];

            out->Value.MVbin.lpbin[i].lpb = take_copy(arena, bin->lpb, bin->cb);
        } else {
            break;
        }
    }
}

void propval_copy(const SPropValue *value, struct mapi_arena *arena, SPropValue *out)
{
    const union _PV *pv = &value->Value;
    ULONG type = PROP_TYPE(value->ulPropTag);

    *out = *value;
    out->dwAlignPad = 0;
    if ((type & MV_FLAG) != 0)
        copy_many(value, arena, out);
    else if (type == PT_UNICODE)
        out->Value.lpszW = take_copy(arena, pv->lpszW, wide_size(pv->lpszW));
    else if (type == PT_STRING8)
        out->Value.lpszA = take_copy(arena, pv->lpszA, strlen(pv->lpszA) + 1);
    else if (type == PT_BINARY)
        out->Value.bin.lpb = take_copy(arena, pv->bin.lpb, pv->bin.cb);
    else if (type == PT_CLSID)
        out->Value.lpguid = take_copy(arena, pv->lpguid, 16);
}
