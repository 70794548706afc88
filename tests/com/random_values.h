/* SPDX-License-Identifier: MIT */
/*
 * random_values.h - property values of every type, made from a seed, and compared bit by bit.
 *
 * A value is one block of memory with all it points to, freed with value_free().
 */
#ifndef RANDOM_VALUES_H
#define RANDOM_VALUES_H

#include "support/support.h"

struct random {
    uint32_t state;
};

static inline uint32_t any(struct random *random, uint32_t below)
{
    random->state = random->state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)random->state * below) >> 32);
}

static const ULONG value_types[] = { PT_I2, PT_LONG, PT_R4, PT_DOUBLE, PT_CURRENCY, PT_APPTIME,
    PT_BOOLEAN, PT_I8, PT_SYSTIME, PT_CLSID, PT_STRING8, PT_UNICODE, PT_BINARY, PT_MV_I2,
    PT_MV_LONG, PT_MV_R4, PT_MV_DOUBLE, PT_MV_CURRENCY, PT_MV_APPTIME, PT_MV_I8, PT_MV_SYSTIME,
    PT_MV_CLSID, PT_MV_STRING8, PT_MV_UNICODE, PT_MV_BINARY };

#define VALUE_TYPES (sizeof(value_types) / sizeof(value_types[0]))

static inline void *value_room(size_t size)
{
    void *room = calloc(1, size + 1);

    assert_non_null(room);
    return room;
}

/* Bytes of one value of a type of fixed size, as SPropValue has it; 0 for the others. */
static inline size_t value_width(ULONG type)
{
    switch (type & ~(ULONG)MV_FLAG) {
    case PT_I2:
    case PT_BOOLEAN:
        return 2;
    case PT_LONG:
    case PT_R4:
        return 4;
    case PT_CLSID:
        return 16;
    case PT_UNICODE:
    case PT_STRING8:
    case PT_BINARY:
        return 0;
    default:
        return 8;
    }
}

/* Any bits: negative amounts, times before 1601, numbers that are none. */
static inline void value_fill(struct random *random, void *to, size_t size)
{
    static const BYTE extremes[] = { 0x00, 0xFF, 0x80, 0x7F };
    BYTE *bytes = to;
    uint32_t how = any(random, 6);

    for (size_t i = 0; i < size; i++)
        bytes[i] = how < 4 ? extremes[how] : (BYTE)any(random, 256);
    if (how == 4 && size > 0)
        bytes[size - 1] |= 0x80;
}

/* Now and then so long that a message keeps it outside of its record. */
static inline size_t value_length(struct random *random, bool may_be_long)
{
    switch (any(random, may_be_long ? 12 : 10)) {
    case 0:
        return 0;
    case 10:
        return 32700 + any(random, 200);
    case 11:
        return any(random, 150000);
    default:
        return any(random, 200);
    }
}

/* Any units but NUL: what Unicode calls characters, and halves of pairs. */
static inline WCHAR *value_wide(struct random *random, size_t length)
{
    WCHAR *text = value_room((length + 1) * sizeof(*text));
    uint32_t how = any(random, 4);

    for (size_t i = 0; i < length; i++) {
        if (how == 0)
            text[i] = (WCHAR)(1 + any(random, 0xFFFF));
        else if (how == 1)
            text[i] = (WCHAR)(0xD700 + any(random, 0xA00)); /* mostly surrogates */
        else
            text[i] = (WCHAR)(0x20 + any(random, 0x200));
    }
    return text;
}

/* Any bytes but NUL: those of Windows-1252, and those that it leaves undefined. */
static inline char *value_narrow(struct random *random, size_t length)
{
    char *text = value_room(length + 1);
    uint32_t how = any(random, 3);

    for (size_t i = 0; i < length; i++) {
        if (how == 0)
            text[i] = (char)(1 + any(random, 0xFF));
        else if (how == 1)
            text[i] = (char)(0x7E + any(random, 0x24)); /* mostly what is not Latin-1 */
        else
            text[i] = (char)(0x20 + any(random, 0x5F));
    }
    return text;
}

/* 8-bit text as 16-bit units: Windows-1252, its undefined bytes being control characters. */
static inline WCHAR *value_widened(const char *text)
{
    static const WCHAR upper_controls[32] = { 0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020,
        0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019,
        0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,
        0x017E, 0x0178 };
    size_t length = strlen(text);
    WCHAR *wide = value_room((length + 1) * sizeof(*wide));

    for (size_t i = 0; i < length; i++) {
        BYTE byte = (BYTE)text[i];

        wide[i] = byte >= 0x80 && byte < 0xA0 ? upper_controls[byte - 0x80] : byte;
    }
    return wide;
}

static inline void value_random_many(struct random *random, SPropValue *value, ULONG count)
{
    ULONG type = PROP_TYPE(value->ulPropTag);
    size_t width = value_width(type);

    value->Value.MVbin.cValues = count;
    if (width > 0) {
        value->Value.MVl.lpl = value_room(count * width);
        for (ULONG i = 0; i < count; i++)
            value_fill(random, (BYTE *)value->Value.MVl.lpl + i * width, width);
        return;
    }
    value->Value.MVbin.lpbin = value_room(count * sizeof(SBinary));
    for (ULONG i = 0; i < count; i++) {
        size_t length = value_length(random, false);

        if (type == PT_MV_UNICODE) {
            value->Value.MVszW.lppszW[i] = value_wide(random, length);
        } else if (type == PT_MV_STRING8) {
            value->Value.MVszA.lppszA[i] = value_narrow(random, length);
        } else {
            value->Value.MVbin.lpbin[i].cb = (ULONG)length;
            value->Value.MVbin.lpbin[i].lpb = value_room(length);
            value_fill(random, value->Value.MVbin.lpbin[i].lpb, length);
        }
    }
}

/* `may_be_long`: single texts and bytes of more than 32 KiB, too. */
static inline void value_random(
        struct random *random, ULONG tag, bool may_be_long, SPropValue *value)
{
    size_t length = value_length(random, may_be_long);

    memset(value, 0, sizeof(*value));
    value->ulPropTag = tag;
    switch (PROP_TYPE(tag)) {
    case PT_BOOLEAN:
        value->Value.b = (unsigned short)any(random, 2);
        break;
    case PT_CLSID:
        value->Value.lpguid = value_room(sizeof(GUID));
        value_fill(random, value->Value.lpguid, sizeof(GUID));
        break;
    case PT_STRING8:
        value->Value.lpszA = value_narrow(random, length);
        break;
    case PT_UNICODE:
        value->Value.lpszW = value_wide(random, length);
        break;
    case PT_BINARY:
        value->Value.bin.cb = (ULONG)length;
        value->Value.bin.lpb = value_room(length);
        value_fill(random, value->Value.bin.lpb, length);
        break;
    default:
        if ((PROP_TYPE(tag) & MV_FLAG) != 0)
            value_random_many(random, value, 1 + any(random, 9));
        else
            value_fill(random, &value->Value, value_width(PROP_TYPE(tag)));
        break;
    }
}

static inline void value_free(SPropValue *value)
{
    ULONG type = PROP_TYPE(value->ulPropTag);

    if (type == PT_MV_UNICODE || type == PT_MV_STRING8) {
        for (ULONG i = 0; i < value->Value.MVszA.cValues; i++)
            free(value->Value.MVszA.lppszA[i]);
    } else if (type == PT_MV_BINARY) {
        for (ULONG i = 0; i < value->Value.MVbin.cValues; i++)
            free(value->Value.MVbin.lpbin[i].lpb);
    }
    if ((type & MV_FLAG) != 0)
        free(value->Value.MVl.lpl);
    else if (type == PT_CLSID)
        free(value->Value.lpguid);
    else if (type == PT_UNICODE || type == PT_STRING8)
        free(value->Value.lpszA);
    else if (type == PT_BINARY)
        free(value->Value.bin.lpb);
    memset(value, 0, sizeof(*value));
}

static inline size_t value_units(const WCHAR *text)
{
    size_t units = 0;

    while (text[units] != 0)
        units++;
    return units;
}

/* The bytes a stream on the property has. */
static inline const void *value_bytes(const SPropValue *value, size_t *out_size)
{
    switch (PROP_TYPE(value->ulPropTag)) {
    case PT_UNICODE:
        *out_size = value_units(value->Value.lpszW) * sizeof(WCHAR);
        return value->Value.lpszW;
    case PT_STRING8:
        *out_size = strlen(value->Value.lpszA);
        return value->Value.lpszA;
    default:
        *out_size = value->Value.bin.cb;
        return value->Value.bin.lpb;
    }
}

static inline bool value_has_stream(const SPropValue *value)
{
    ULONG type = PROP_TYPE(value->ulPropTag);

    return type == PT_UNICODE || type == PT_STRING8 || type == PT_BINARY;
}

static inline bool value_same_bytes(const void *a, size_t a_size, const void *b, size_t b_size)
{
    return a_size == b_size && (a_size == 0 || memcmp(a, b, a_size) == 0);
}

static inline bool value_same_element(const SPropValue *a, const SPropValue *b, ULONG i)
{
    switch (PROP_TYPE(a->ulPropTag)) {
    case PT_MV_UNICODE: {
        const WCHAR *x = a->Value.MVszW.lppszW[i];
        const WCHAR *y = b->Value.MVszW.lppszW[i];

        return value_same_bytes(x, value_units(x) * 2, y, value_units(y) * 2);
    }
    case PT_MV_STRING8:
        return strcmp(a->Value.MVszA.lppszA[i], b->Value.MVszA.lppszA[i]) == 0;
    default: {
        const SBinary *x = &a->Value.MVbin.lpbin[i];
        const SBinary *y = &b->Value.MVbin.lpbin[i];

        return value_same_bytes(x->lpb, x->cb, y->lpb, y->cb);
    }
    }
}

/* Same tag, and the same bits. */
static inline bool value_same(const SPropValue *a, const SPropValue *b)
{
    ULONG type = PROP_TYPE(a->ulPropTag);
    size_t width = value_width(type);
    size_t a_size, b_size;

    if (a->ulPropTag != b->ulPropTag)
        return false;
    if (type == PT_CLSID)
        return memcmp(a->Value.lpguid, b->Value.lpguid, sizeof(GUID)) == 0;
    if ((type & MV_FLAG) == 0) {
        const void *a_bytes, *b_bytes;

        if (width > 0)
            return memcmp(&a->Value, &b->Value, width) == 0;
        a_bytes = value_bytes(a, &a_size);
        b_bytes = value_bytes(b, &b_size);
        return value_same_bytes(a_bytes, a_size, b_bytes, b_size);
    }
    if (a->Value.MVbin.cValues != b->Value.MVbin.cValues)
        return false;
    if (width > 0)
        return memcmp(a->Value.MVl.lpl, b->Value.MVl.lpl, a->Value.MVl.cValues * width) == 0;
    for (ULONG i = 0; i < a->Value.MVbin.cValues; i++) {
        if (!value_same_element(a, b, i))
            return false;
    }
    return true;
}

#endif
