/* SPDX-License-Identifier: MIT */
/*
 * restrict_naive.h - restrictions, evaluated on property values as plainly as can be: what the
 * contract says, value by value, on what a client sees.
 *
 * Texts are characters here: a surrogate without its partner is one of its own. The letters below
 * are those that are not ASCII and have another case, or lie under a mark; tests use no others of
 * that kind.
 */
#ifndef RESTRICT_NAIVE_H
#define RESTRICT_NAIVE_H

#include <math.h>

#include "support/support.h"

#define RESTRICT_COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

struct naive_letter {
    uint32_t code;
    uint32_t folded; /* without case */
    uint32_t bare;   /* without marks; 0: it is nothing but a mark */
};

static const struct naive_letter naive_letters[] = {
    { 0x00E9, 0x00E9, 'e' },       /* e with acute */
    { 0x00C9, 0x00E9, 'E' },       /* its capital */
    { 0x01D8, 0x01D8, 'u' },       /* u with two marks */
    { 0x0301, 0x0301, 0 },         /* the acute alone */
    { 0x00DF, 0x00DF, 0x00DF },    /* sharp s */
    { 0x1E9E, 0x00DF, 0x1E9E },    /* its capital */
    { 0x017F, 's', 0x017F },       /* long s */
    { 0x0130, 0x0130, 'I' },       /* I with dot above, which folds to itself */
    { 0x03A3, 0x03C3, 0x03A3 },    /* the three sigmas */
    { 0x03C3, 0x03C3, 0x03C3 },    /* */
    { 0x03C2, 0x03C3, 0x03C2 },    /* */
    { 0x10400, 0x10428, 0x10400 }, /* a capital beyond 16 bits */
    { 0x10428, 0x10428, 0x10428 }, /* its small one */
    { 0x4E2D, 0x4E2D, 0x4E2D },    /* Han */
    { 0x1F600, 0x1F600, 0x1F600 }, /* beyond 16 bits, without case */
    { 0xFFFD, 0xFFFD, 0xFFFD },    /* what stands for what is none */
    { 0xD800, 0xD800, 0xD800 },    /* halves of pairs */
    { 0xDFFF, 0xDFFF, 0xDFFF },    /* */
};

/* A row: properties, of which up to two show one value of many. */
struct naive_row {
    const SPropValue *props;
    ULONG count;
    const SPropValue *single; /* of the properties that the row has one value of */
    ULONG single_count;
    const struct naive_row *recipients;
    size_t recipient_count;
    const struct naive_row *attachments;
    size_t attachment_count;
};

/* --- values ----------------------------------------------------------------------------------- */

static inline ULONG naive_type(ULONG tag)
{
    ULONG type = PROP_TYPE(tag) & ~(ULONG)MV_INSTANCE;

    if (type == PT_STRING8)
        return PT_UNICODE;
    return type == PT_MV_STRING8 ? PT_MV_UNICODE : type;
}

static inline SPropValue naive_element(const SPropValue *many, ULONG i)
{
    SPropValue one = { .ulPropTag = CHANGE_PROP_TYPE(
                               many->ulPropTag, PROP_TYPE(many->ulPropTag) & ~(ULONG)MV_FLAG) };

    switch (PROP_TYPE(one.ulPropTag)) {
    case PT_I2:
        one.Value.i = many->Value.MVi.lpi[i];
        break;
    case PT_LONG:
        one.Value.l = many->Value.MVl.lpl[i];
        break;
    case PT_R4:
        one.Value.flt = many->Value.MVflt.lpflt[i];
        break;
    case PT_DOUBLE:
    case PT_APPTIME:
        one.Value.dbl = many->Value.MVdbl.lpdbl[i];
        break;
    case PT_CLSID:
        one.Value.lpguid = &many->Value.MVguid.lpguid[i];
        break;
    case PT_UNICODE:
        one.Value.lpszW = many->Value.MVszW.lppszW[i];
        break;
    case PT_STRING8:
        one.Value.lpszA = many->Value.MVszA.lppszA[i];
        break;
    case PT_BINARY:
        one.Value.bin = many->Value.MVbin.lpbin[i];
        break;
    default:
        one.Value.li = many->Value.MVli.lpli[i];
        break;
    }
    return one;
}

/* The characters of a text, or the bytes of bytes, one number each. */
struct naive_codes {
    uint32_t *at;
    size_t count;
};

static inline const struct naive_letter *naive_letter(uint32_t code)
{
    for (size_t i = 0; i < RESTRICT_COUNT_OF(naive_letters); i++) {
        if (naive_letters[i].code == code)
            return &naive_letters[i];
    }
    return NULL;
}

static inline uint32_t naive_fold(uint32_t code)
{
    const struct naive_letter *letter = naive_letter(code);

    if (letter != NULL)
        return letter->folded;
    return code >= 'A' && code <= 'Z' ? code + 'a' - 'A' : code;
}

static inline void naive_put(struct naive_codes *codes, uint32_t code, bool fold, bool bare)
{
    const struct naive_letter *letter = naive_letter(code);

    if (bare && letter != NULL)
        code = letter->bare;
    if (!bare || code != 0)
        codes->at[codes->count++] = fold ? naive_fold(code) : code;
}

static inline void naive_put_wide(
        struct naive_codes *codes, const WCHAR *text, bool fold, bool bare)
{
    for (size_t i = 0; text[i] != 0; i++) {
        uint32_t code = (uint16_t)text[i];

        if (code >= 0xD800 && code < 0xDC00 && (uint16_t)text[i + 1] >= 0xDC00 &&
                (uint16_t)text[i + 1] < 0xE000)
            code = 0x10000 + ((code - 0xD800) << 10) + ((uint16_t)text[++i] - 0xDC00);
        naive_put(codes, code, fold, bare);
    }
}

/* To be freed. */
static inline struct naive_codes naive_codes_of(const SPropValue *value, bool fold, bool bare)
{
    struct naive_codes codes = { NULL, 0 };
    size_t size = 0;

    switch (PROP_TYPE(value->ulPropTag)) {
    case PT_UNICODE:
        while (value->Value.lpszW[size] != 0)
            size++;
        codes.at = malloc((size + 1) * sizeof(*codes.at));
        naive_put_wide(&codes, value->Value.lpszW, fold, bare);
        break;
    case PT_STRING8: /* of ASCII and Latin-1 */
        size = strlen(value->Value.lpszA);
        codes.at = malloc((size + 1) * sizeof(*codes.at));
        for (size_t i = 0; i < size; i++)
            naive_put(&codes, (BYTE)value->Value.lpszA[i], fold, bare);
        break;
    default:
        codes.at = malloc((value->Value.bin.cb + 1) * sizeof(*codes.at));
        for (codes.count = 0; codes.count < value->Value.bin.cb; codes.count++)
            codes.at[codes.count] = value->Value.bin.lpb[codes.count];
        break;
    }
    return codes;
}

/* --- order ------------------------------------------------------------------------------------ */

#define NAIVE_ORDER(a, b) (((a) > (b)) - ((a) < (b)))

static inline int naive_order_codes(const SPropValue *a, const SPropValue *b)
{
    struct naive_codes x = naive_codes_of(a, PROP_TYPE(a->ulPropTag) != PT_BINARY, false);
    struct naive_codes y = naive_codes_of(b, PROP_TYPE(b->ulPropTag) != PT_BINARY, false);
    int order = 0;

    for (size_t i = 0; order == 0 && i < x.count && i < y.count; i++)
        order = NAIVE_ORDER(x.at[i], y.at[i]);
    if (order == 0)
        order = NAIVE_ORDER(x.count, y.count);
    free(x.at);
    free(y.at);
    return order;
}

/* What is no number is below all numbers. */
static inline int naive_order_floats(double a, double b)
{
    if (isnan(a) || isnan(b))
        return (isnan(b) != 0) - (isnan(a) != 0);
    return NAIVE_ORDER(a, b);
}

static inline uint64_t naive_time(const SPropValue *value)
{
    return (uint64_t)value->Value.ft.dwHighDateTime << 32 | value->Value.ft.dwLowDateTime;
}

static inline int naive_order(const SPropValue *a, const SPropValue *b)
{
    ULONG type = PROP_TYPE(a->ulPropTag);
    int order = 0;

    if ((type & MV_FLAG) != 0) {
        ULONG x = a->Value.MVl.cValues, y = b->Value.MVl.cValues;

        for (ULONG i = 0; order == 0 && i < x && i < y; i++) {
            SPropValue left = naive_element(a, i), right = naive_element(b, i);

            order = naive_order(&left, &right);
        }
        return order != 0 ? order : NAIVE_ORDER(x, y);
    }
    switch (type) {
    case PT_BOOLEAN:
        return (a->Value.b != 0) - (b->Value.b != 0);
    case PT_I2:
        return NAIVE_ORDER(a->Value.i, b->Value.i);
    case PT_LONG:
        return NAIVE_ORDER(a->Value.l, b->Value.l);
    case PT_R4:
        return naive_order_floats(a->Value.flt, b->Value.flt);
    case PT_DOUBLE:
    case PT_APPTIME:
        return naive_order_floats(a->Value.dbl, b->Value.dbl);
    case PT_I8:
    case PT_CURRENCY:
        return NAIVE_ORDER(a->Value.li.QuadPart, b->Value.li.QuadPart);
    case PT_SYSTIME:
        return NAIVE_ORDER(naive_time(a), naive_time(b));
    case PT_CLSID:
        return memcmp(a->Value.lpguid, b->Value.lpguid, sizeof(GUID));
    default:
        return naive_order_codes(a, b);
    }
}

static inline bool naive_relates(int order, ULONG relop)
{
    static const bool below[] = { true, true, false, false, false, true }; /* RELOP_LT... */
    static const bool equal[] = { false, true, false, true, true, false };
    static const bool above[] = { false, false, true, true, false, true }; /* ...to RELOP_NE */

    return order < 0 ? below[relop] : order > 0 ? above[relop] : equal[relop];
}

/* --- sizes ------------------------------------------------------------------------------------ */

static inline size_t naive_size(const SPropValue *value, bool narrow)
{
    size_t size = 0;

    if ((PROP_TYPE(value->ulPropTag) & MV_FLAG) != 0) {
        for (ULONG i = 0; i < value->Value.MVl.cValues; i++) {
            SPropValue one = naive_element(value, i);

            size += naive_size(&one, narrow);
        }
        return size;
    }
    switch (PROP_TYPE(value->ulPropTag)) {
    case PT_BOOLEAN:
    case PT_I2:
        return 2;
    case PT_LONG:
    case PT_R4:
        return 4;
    case PT_CLSID:
        return 16;
    case PT_BINARY:
        return value->Value.bin.cb;
    case PT_UNICODE:
        while (value->Value.lpszW[size] != 0)
            size++;
        return (size + 1) * (narrow ? 1 : sizeof(WCHAR)); /* 8-bit text: a byte for each unit */
    default:
        return 8;
    }
}

/* --- restrictions ----------------------------------------------------------------------------- */

/* The property, whatever its type; NULL: the row has none. */
static inline const SPropValue *naive_any(const struct naive_row *row, ULONG tag)
{
    for (ULONG i = 0; i < row->count; i++) {
        if (PROP_ID(row->props[i].ulPropTag) == PROP_ID(tag) &&
                PROP_TYPE(row->props[i].ulPropTag) != PT_ERROR)
            return &row->props[i];
    }
    return NULL;
}

/* The property as the tag asks for it: of its type, or the one value that this row has of many.
 * Where a message has a single value, that is the one of its row. */
static inline const SPropValue *naive_cell(const struct naive_row *row, ULONG tag)
{
    const SPropValue *value = naive_any(row, tag);
    ULONG type = naive_type(tag);
    bool is_instance = (PROP_TYPE(tag) & MV_INSTANCE) != 0;
    bool is_many = value != NULL && (PROP_TYPE(value->ulPropTag) & MV_FLAG) != 0;

    for (ULONG i = 0; is_many && i < row->single_count; i++) {
        if (PROP_ID(row->single[i].ulPropTag) == PROP_ID(tag) &&
                (is_instance || ((type & MV_FLAG) == 0 && type != PT_UNSPECIFIED)))
            value = &row->single[i];
    }
    if (value == NULL || type == PT_UNSPECIFIED || naive_type(value->ulPropTag) == type)
        return value;
    return is_instance && (naive_type(value->ulPropTag) | MV_FLAG) == type ? value : NULL;
}

static inline bool naive_contains(const SContentRestriction *content, const SPropValue *value)
{
    ULONG where = content->ulFuzzyLevel & 0xFFFF;
    bool is_text = PROP_TYPE(value->ulPropTag) != PT_BINARY;
    bool fold = is_text && ((content->ulFuzzyLevel & (FL_IGNORECASE | FL_LOOSE)) != 0 ||
                                   PROP_ID(content->ulPropTag) == PROP_ID(PR_MESSAGE_CLASS_W));
    bool bare = is_text && (content->ulFuzzyLevel & (FL_IGNORENONSPACE | FL_LOOSE)) != 0;
    struct naive_codes text = naive_codes_of(value, fold, bare);
    struct naive_codes what = naive_codes_of(content->lpProp, fold, bare);
    bool found = false;

    for (size_t at = 0; !found && at + what.count <= text.count; at++) {
        found = what.count == 0 ||
                memcmp(text.at + at, what.at, what.count * sizeof(*what.at)) == 0;
        if (where != FL_SUBSTRING)
            break;
    }
    found = found && (where != FL_FULLSTRING || text.count == what.count);
    free(text.at);
    free(what.at);
    return found;
}

/* One value, or any of many. */
static inline bool naive_test(const SRestriction *restriction, const SPropValue *value)
{
    const SPropertyRestriction *property = &restriction->res.resProperty;
    ULONG constant_type = naive_type(restriction->rt == RES_CONTENT
                                             ? restriction->res.resContent.lpProp->ulPropTag
                                             : property->lpProp->ulPropTag);

    if ((PROP_TYPE(value->ulPropTag) & MV_FLAG) != 0 && (constant_type & MV_FLAG) == 0) {
        for (ULONG i = 0; i < value->Value.MVl.cValues; i++) {
            SPropValue one = naive_element(value, i);

            if (naive_test(restriction, &one))
                return true;
        }
        return false;
    }
    if (restriction->rt == RES_CONTENT)
        return naive_contains(&restriction->res.resContent, value);
    return naive_relates(naive_order(value, property->lpProp), property->relop);
}

static inline bool naive_compares(
        const SComparePropsRestriction *compare, const struct naive_row *row)
{
    const SPropValue *a = naive_cell(row, compare->ulPropTag1);
    const SPropValue *b = naive_cell(row, compare->ulPropTag2);

    return a != NULL && b != NULL && naive_type(a->ulPropTag) == naive_type(b->ulPropTag) &&
           naive_relates(naive_order(a, b), compare->relop);
}

static inline bool naive_is_size(const SSizeRestriction *size, const struct naive_row *row)
{
    const SPropValue *value = naive_cell(row, size->ulPropTag);
    ULONG type = PROP_TYPE(size->ulPropTag) & ~(ULONG)MVI_FLAG;
    size_t is = value != NULL ? naive_size(value, type == PT_STRING8) : 0;

    return value != NULL && naive_relates(NAIVE_ORDER(is, size->cb), size->relop);
}

static inline bool naive_matches(const SRestriction *restriction, const struct naive_row *row);

static inline bool naive_has_sub(const SSubRestriction *sub, const struct naive_row *row)
{
    bool is_recipient = sub->ulSubObject == PR_MESSAGE_RECIPIENTS;
    const struct naive_row *rows = is_recipient ? row->recipients : row->attachments;
    size_t count = is_recipient ? row->recipient_count : row->attachment_count;

    for (size_t i = 0; i < count; i++) {
        if (naive_matches(sub->lpRes, &rows[i]))
            return true;
    }
    return false;
}

/* Children of RES_AND and RES_OR, which lie in the same place. */
static inline ULONG naive_count(const SRestriction *restriction, const struct naive_row *row)
{
    ULONG count = 0;

    for (ULONG i = 0; i < restriction->res.resAnd.cRes; i++)
        count += naive_matches(&restriction->res.resAnd.lpRes[i], row);
    return count;
}

static inline bool naive_matches(const SRestriction *restriction, const struct naive_row *row)
{
    const SBitMaskRestriction *mask = &restriction->res.resBitMask;
    const SPropValue *value;

    switch (restriction->rt) {
    case RES_AND:
        return naive_count(restriction, row) == restriction->res.resAnd.cRes;
    case RES_OR:
        return naive_count(restriction, row) > 0;
    case RES_NOT:
        return !naive_matches(restriction->res.resNot.lpRes, row);
    case RES_CONTENT:
        value = naive_cell(row, restriction->res.resContent.ulPropTag);
        return value != NULL && naive_test(restriction, value);
    case RES_PROPERTY:
        value = naive_cell(row, restriction->res.resProperty.ulPropTag);
        return value != NULL && naive_test(restriction, value);
    case RES_COMPAREPROPS:
        return naive_compares(&restriction->res.resCompareProps, row);
    case RES_BITMASK:
        value = naive_cell(row, mask->ulPropTag);
        return value != NULL &&
               (((ULONG)value->Value.l & mask->ulMask) == 0) == (mask->relBMR == BMR_EQZ);
    case RES_SIZE:
        return naive_is_size(&restriction->res.resSize, row);
    case RES_EXIST:
        return naive_any(row, restriction->res.resExist.ulPropTag) != NULL;
    case RES_SUBRESTRICTION:
        return naive_has_sub(&restriction->res.resSub, row);
    default: /* RES_COMMENT */
        return restriction->res.resComment.lpRes == NULL ||
               naive_matches(restriction->res.resComment.lpRes, row);
    }
}

#endif
