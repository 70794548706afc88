/* SPDX-License-Identifier: MIT */
/*
 * propval_cell.c - stored bytes: checked, turned into SPropValue, compared.
 *
 * Cells come from a file. Every read here is bounded by the cell's own size, whether somebody
 * called propval_cell_ok() or not.
 */
#include "mapi/propval.h"

#include <string.h>

#include "mapi/mapitext.h"
#include "util/bytes.h"
#include "util/utf.h"

enum {
    MAX_CELL = SIZE_MAX >> 5 > INT32_MAX ? INT32_MAX : SIZE_MAX >> 5 /* no sum of sizes overflows */
};

static ULONG single_type(ULONG tag)
{
    return PROP_TYPE(tag) & ~(ULONG)MV_FLAG;
}

static bool is_many(const struct bag_value *cell)
{
    return (cell->tag & MV_FLAG) != 0;
}

/* Is the tag's type one that values are stored as? */
static bool is_stored_type(ULONG tag)
{
    return single_type(tag) != PT_STRING8 && propval_is_type(PROP_TYPE(tag));
}

size_t propval_count(const struct bag_value *cell)
{
    size_t count, width, data;

    if (!is_many(cell))
        return 1;
    if ((cell->flags & BAG_LARGE) != 0 || cell->size < 4 || cell->size > MAX_CELL)
        return 0;
    count = get_u32le(cell->data);
    width = propval_width(single_type(cell->tag));
    data = cell->size - 4;
    if (width > 0)
        return data % width == 0 && data / width == count ? count : 0;
    return data / 4 >= count ? count : 0;
}

/* As propval_element() for a cell whose count is known. */
static bool element_at(
        const struct bag_value *cell, size_t count, size_t index, struct bag_value *out)
{
    size_t width = propval_width(single_type(cell->tag));
    size_t begin, end, size;

    if (index >= count)
        return false;
    out->tag = CHANGE_PROP_TYPE(cell->tag, single_type(cell->tag));
    out->flags = 0;
    if (width > 0) {
        out->data = cell->data + 4 + index * width;
        out->size = width;
        return true;
    }
    size = cell->size - 4 - count * 4;
    end = get_u32le(cell->data + 4 + index * 4);
    begin = index > 0 ? get_u32le(cell->data + index * 4) : 0;
    if (begin > end || end > size)
        return false;
    out->data = cell->data + 4 + count * 4 + begin;
    out->size = end - begin;
    return true;
}

bool propval_element(const struct bag_value *cell, size_t index, struct bag_value *out)
{
    memset(out, 0, sizeof(*out));
    return is_many(cell) && element_at(cell, propval_count(cell), index, out);
}

static bool is_single_ok(const struct bag_value *cell)
{
    ULONG type = PROP_TYPE(cell->tag);

    if (type == PT_UNICODE)
        return utf8_is_valid((const char *)cell->data, cell->size);
    if (type == PT_BINARY)
        return true;
    if (type == PT_BOOLEAN)
        return cell->size == 1 && cell->data[0] <= 1;
    return cell->size == propval_width(type);
}

bool propval_cell_ok(const struct bag_value *cell)
{
    struct bag_value element;
    size_t count, i;

    if (!is_stored_type(cell->tag))
        return false;
    if ((cell->flags & BAG_LARGE) != 0)
        return true;
    if (cell->size > MAX_CELL)
        return false;
    if (!is_many(cell))
        return is_single_ok(cell);
    count = propval_count(cell);
    for (i = 0; i < count; i++) {
        if (!element_at(cell, count, i, &element) || !is_single_ok(&element))
            return false;
    }
    /* The last value ends where the cell ends. */
    return count > 0 && element.data + element.size == cell->data + cell->size;
}

ULONG propval_resolve(ULONG wanted, ULONG stored_tag, bool unicode)
{
    ULONG type = PROP_TYPE(wanted);
    ULONG stored = PROP_TYPE(stored_tag);
    ULONG many = stored & MV_FLAG;

    if (!is_stored_type(stored))
        return PT_ERROR;
    if (type == PT_UNSPECIFIED)
        return stored == (PT_UNICODE | many) && !unicode ? PT_STRING8 | many : stored;
    if (type == stored || (type == (PT_STRING8 | many) && stored == (PT_UNICODE | many)))
        return type;
    return PT_ERROR;
}

/* Can the cell be given out as this type? Unknown types agree with themselves only. */
static bool fits(const struct bag_value *cell, ULONG type)
{
    ULONG stored = PROP_TYPE(cell->tag);

    return type == stored || (type == PT_STRING8 && stored == PT_UNICODE) ||
           (type == PT_MV_STRING8 && stored == PT_MV_UNICODE);
}

/* Bytes that one value takes outside of SPropValue, at most. */
static size_t single_size(ULONG type, size_t size)
{
    switch (type) {
    case PT_UNICODE:
        return mapi_arena_round((size + 1) * sizeof(WCHAR));
    case PT_STRING8:
        return mapi_arena_round(size + 1);
    case PT_BINARY:
        return mapi_arena_round(size);
    case PT_CLSID:
        return 16;
    default:
        return 0;
    }
}

size_t propval_decode_size(const struct bag_value *cell, ULONG type)
{
    ULONG single = single_type(type);
    size_t count, total, i;
    struct bag_value element;

    if ((cell->flags & BAG_LARGE) != 0 || !fits(cell, type))
        return 0;
    if (cell->size > MAX_CELL)
        return SIZE_MAX;
    if ((type & MV_FLAG) == 0) {
        size_t width = propval_width(type);

        return width > 0 && cell->size != width ? SIZE_MAX : single_size(type, cell->size);
    }
    count = propval_is_type(type) ? propval_count(cell) : 0;
    if (count == 0)
        return SIZE_MAX;
    if (propval_width(single) > 0)
        return mapi_arena_round(cell->size - 4);
    total = mapi_arena_round(count * (single == PT_BINARY ? sizeof(SBinary) : sizeof(char *)));
    for (i = 0; i < count; i++) {
        if (!element_at(cell, count, i, &element))
            return SIZE_MAX;
        total += single_size(single, element.size);
    }
    return total;
}

static LPWSTR take_wide(const struct bag_value *cell, struct mapi_arena *arena)
{
    WCHAR *text = mapi_arena_take(arena, (cell->size + 1) * sizeof(*text));

    text[mapitext_to_wide((const char *)cell->data, cell->size, text)] = 0;
    return text;
}

static LPSTR take_narrow(const struct bag_value *cell, struct mapi_arena *arena)
{
    char *text = mapi_arena_take(arena, cell->size + 1);
    size_t count = cell->size;

    if (mapitext_is_ascii(cell->data, cell->size)) {
        if (count > 0)
            memcpy(text, cell->data, count);
    } else {
        count = mapitext_to_ansi((const char *)cell->data, count, text, count);
    }
    text[count] = 0;
    return text;
}

static LPBYTE take_bytes(const struct bag_value *cell, struct mapi_arena *arena)
{
    LPBYTE bytes = mapi_arena_take(arena, cell->size);

    if (cell->size > 0)
        memcpy(bytes, cell->data, cell->size);
    return bytes;
}

static bool decode_many(
        const struct bag_value *cell, ULONG type, struct mapi_arena *arena, union _PV *out)
{
    size_t count = propval_count(cell);
    struct bag_value element;
    size_t i;

    /* The size is asked again: it says whether every element is within its cell. */
    if (propval_decode_size(cell, type) == SIZE_MAX)
        return false;
    out->MVbin.cValues = (ULONG)count;
    switch (type) {
    case PT_MV_UNICODE:
        out->MVszW.lppszW = mapi_arena_take(arena, count * sizeof(LPWSTR));
        for (i = 0; i < count && element_at(cell, count, i, &element); i++)
            out->MVszW.lppszW[i] = take_wide(&element, arena);
        break;
    case PT_MV_STRING8:
        out->MVszA.lppszA = mapi_arena_take(arena, count * sizeof(LPSTR));
        for (i = 0; i < count && element_at(cell, count, i, &element); i++)
            out->MVszA.lppszA[i] = take_narrow(&element, arena);
        break;
    case PT_MV_BINARY:
        out->MVbin.lpbin = mapi_arena_take(arena, count * sizeof(SBinary));
        for (i = 0; i < count && element_at(cell, count, i, &element); i++) {
            out->MVbin.lpbin[i].cb = (ULONG)element.size;
            out->MVbin.lpbin[i].lpb = take_bytes(&element, arena);
        }
        break;
    default:
        out->MVbin.lpbin = mapi_arena_take(arena, cell->size - 4);
        memcpy(out->MVbin.lpbin, cell->data + 4, cell->size - 4);
        break;
    }
    return true;
}

static bool decode_one(
        const struct bag_value *cell, ULONG type, struct mapi_arena *arena, union _PV *out)
{
    if (cell->size > MAX_CELL)
        return false;
    switch (type) {
    case PT_UNICODE:
        out->lpszW = take_wide(cell, arena);
        return true;
    case PT_STRING8:
        out->lpszA = take_narrow(cell, arena);
        return true;
    case PT_BINARY:
        out->bin.cb = (ULONG)cell->size;
        out->bin.lpb = take_bytes(cell, arena);
        return true;
    default:
        break;
    }
    if (cell->size == 0 || cell->size != propval_width(type))
        return false;
    if (type == PT_BOOLEAN)
        out->b = cell->data[0] != 0;
    else if (type == PT_CLSID)
        out->lpguid = (LPGUID)(void *)take_bytes(cell, arena);
    else
        memcpy(out, cell->data, cell->size);
    return true;
}

void propval_decode(
        const struct bag_value *cell, ULONG type, struct mapi_arena *arena, SPropValue *out)
{
    bool ok;

    out->ulPropTag = CHANGE_PROP_TYPE(cell->tag, type);
    out->dwAlignPad = 0;
    memset(&out->Value, 0, sizeof(out->Value));
    if (!fits(cell, type)) {
        propval_error(cell->tag, MAPI_E_NOT_FOUND, out);
        return;
    }
    if ((cell->flags & BAG_LARGE) != 0) {
        propval_error(cell->tag, MAPI_E_NOT_ENOUGH_MEMORY, out);
        return;
    }
    if ((type & MV_FLAG) != 0)
        ok = decode_many(cell, type, arena, &out->Value);
    else
        ok = decode_one(cell, type, arena, &out->Value);
    if (!ok)
        propval_error(cell->tag, MAPI_E_CORRUPT_DATA, out);
}
