/* SPDX-License-Identifier: MIT */
/*
 * restrict_random.h - restrictions of every kind, made from a seed over rows that are there: what
 * is looked for is often what a row has, or nearly.
 *
 * A tree with all that it points to lies in one block; it is gone when the block is used again.
 */
#ifndef RESTRICT_RANDOM_H
#define RESTRICT_RANDOM_H

#include "com/restrict_naive.h"
#include "support/support.h"

enum {
    FOREST_SIZE = 1 << 20,
    RESTRICT_DEPTH = 5,
    TEXT_MAX = 12 /* characters of a made text */
};

/* What restrictions are made of. */
struct forest {
    uint64_t state; /* of chance */
    BYTE *block;
    size_t used;
};

/* The rows, and the properties that they may have; those of their parts. */
struct ground {
    const ULONG *tags;
    size_t tag_count;
    const struct naive_row *rows;
    size_t row_count;
    const struct ground *recipients; /* NULL: these rows have none */
    const struct ground *attachments;
};

static inline void forest_init(struct forest *forest, uint64_t seed)
{
    forest->state = seed;
    forest->block = malloc(FOREST_SIZE);
    forest->used = 0;
    assert_non_null(forest->block);
}

static inline void *forest_take(struct forest *forest, size_t size)
{
    void *at = forest->block + forest->used;

    forest->used += (size + 15) & ~(size_t)15;
    assert_true(forest->used <= FOREST_SIZE);
    memset(at, 0, size);
    return at;
}

static inline unsigned chance(struct forest *forest, size_t below)
{
    forest->state = forest->state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)((forest->state >> 33) % below);
}

/* --- values ----------------------------------------------------------------------------------- */

static inline uint32_t random_code(struct forest *forest)
{
    static const char plain[] = "aAbBeEiIkKsSuUzZ1 ";

    if (chance(forest, 2) == 0)
        return (BYTE)plain[chance(forest, sizeof(plain) - 1)];
    return naive_letters[chance(forest, RESTRICT_COUNT_OF(naive_letters))].code;
}

static inline size_t put_code(WCHAR *text, uint32_t code)
{
    if (code < 0x10000) {
        text[0] = (WCHAR)code;
        return 1;
    }
    text[0] = (WCHAR)(0xD800 + ((code - 0x10000) >> 10));
    text[1] = (WCHAR)(0xDC00 + ((code - 0x10000) & 0x3FF));
    return 2;
}

static inline LPWSTR random_wide(struct forest *forest)
{
    size_t count = chance(forest, 8) == 0 ? 0 : 1 + chance(forest, TEXT_MAX);
    WCHAR *text = forest_take(forest, (2 * count + 1) * sizeof(*text));
    size_t used = 0;

    for (size_t i = 0; i < count; i++)
        used += put_code(text + used, random_code(forest));
    return text;
}

static inline LPSTR random_narrow(struct forest *forest)
{
    static const char plain[] = "aAbBkKsS1 \xE9\xC9\xDF";
    size_t count = chance(forest, 5);
    char *text = forest_take(forest, count + 1);

    for (size_t i = 0; i < count; i++)
        text[i] = plain[chance(forest, sizeof(plain) - 1)];
    return text;
}

/* A text cut out of another one, in which some letters have another case, or other marks. */
static inline LPWSTR random_part(struct forest *forest, const WCHAR *text)
{
    size_t units = 0, used = 0;
    size_t begin, end;
    WCHAR *part;

    while (text[units] != 0)
        units++;
    begin = chance(forest, 2) ? 0 : chance(forest, units + 1);
    end = chance(forest, 3) == 0 ? units : begin + chance(forest, units - begin + 1);
    if (end - begin > 200 && chance(forest, 4) != 0) { /* the end of a long one, or anything */
        begin = chance(forest, 2) ? units - 4 : begin;
        end = begin + 3;
    }
    part = forest_take(forest, (end - begin + 1) * sizeof(*part) * 2);
    for (size_t i = begin; i < end; i++) {
        uint32_t code = (uint16_t)text[i];

        if (chance(forest, 4) == 0 && code < 0x80)
            code ^= (code | 0x20) >= 'a' && (code | 0x20) <= 'z' ? 0x20 : 0;
        else if (chance(forest, 8) == 0 && naive_letter(code) != NULL)
            code = naive_letter(code)->bare != 0 ? naive_letter(code)->bare : 'a';
        used += put_code(part + used, code);
    }
    return part;
}

static inline void random_many(struct forest *forest, SPropValue *value);

/* A value of the tag's type, out of nothing. */
static inline SPropValue random_value(struct forest *forest, ULONG tag)
{
    static const double doubles[] = { -1.5, -0.0, 0.0, 1.0, 2.5, 1e300 };
    static const int64_t longs[] = { -1, 0, 1, 0x7FFFFFFF, 0x100000000, -0x100000001 };
    SPropValue value = { .ulPropTag = tag };
    double number = chance(forest, 8) == 0 ? (double)NAN : doubles[chance(forest, 6)];

    switch (PROP_TYPE(tag)) {
    case PT_BOOLEAN:
        value.Value.b = (unsigned short)chance(forest, 2);
        break;
    case PT_I2:
        value.Value.i = (short)((int)chance(forest, 5) - 2);
        break;
    case PT_LONG:
        value.Value.l = chance(forest, 8) == 0 ? INT32_MIN : (LONG)chance(forest, 5) - 2;
        break;
    case PT_R4:
        value.Value.flt = number > 1e30 ? 3.0F : (float)number;
        break;
    case PT_DOUBLE:
    case PT_APPTIME:
        value.Value.dbl = number;
        break;
    case PT_SYSTIME:
        value.Value.ft.dwHighDateTime = chance(forest, 4) == 0 ? 0xFFFFFFFF : 30000000;
        value.Value.ft.dwLowDateTime = chance(forest, 3);
        break;
    case PT_CLSID:
        value.Value.lpguid = forest_take(forest, sizeof(GUID));
        ((BYTE *)value.Value.lpguid)[chance(forest, 16)] = (BYTE)(chance(forest, 3) * 127);
        break;
    case PT_UNICODE:
        value.Value.lpszW = random_wide(forest);
        break;
    case PT_STRING8:
        value.Value.lpszA = random_narrow(forest);
        break;
    case PT_BINARY:
        value.Value.bin.cb = chance(forest, 6);
        value.Value.bin.lpb = forest_take(forest, value.Value.bin.cb + 1);
        for (ULONG i = 0; i < value.Value.bin.cb; i++)
            value.Value.bin.lpb[i] = (BYTE)(chance(forest, 3) * 128);
        break;
    default:
        if ((PROP_TYPE(tag) & MV_FLAG) != 0)
            random_many(forest, &value);
        else
            value.Value.li.QuadPart = longs[chance(forest, 6)];
        break;
    }
    return value;
}

/* Puts a single value into place i of many. */
static inline void put_element(SPropValue *many, ULONG i, const SPropValue *one)
{
    switch (PROP_TYPE(one->ulPropTag)) {
    case PT_I2:
        many->Value.MVi.lpi[i] = one->Value.i;
        break;
    case PT_LONG:
        many->Value.MVl.lpl[i] = one->Value.l;
        break;
    case PT_R4:
        many->Value.MVflt.lpflt[i] = one->Value.flt;
        break;
    case PT_DOUBLE:
    case PT_APPTIME:
        many->Value.MVdbl.lpdbl[i] = one->Value.dbl;
        break;
    case PT_CLSID:
        many->Value.MVguid.lpguid[i] = *one->Value.lpguid;
        break;
    case PT_UNICODE:
        many->Value.MVszW.lppszW[i] = one->Value.lpszW;
        break;
    case PT_STRING8:
        many->Value.MVszA.lppszA[i] = one->Value.lpszA;
        break;
    case PT_BINARY:
        many->Value.MVbin.lpbin[i] = one->Value.bin;
        break;
    default:
        many->Value.MVli.lpli[i] = one->Value.li;
        break;
    }
}

static inline void random_many(struct forest *forest, SPropValue *value)
{
    ULONG tag = CHANGE_PROP_TYPE(value->ulPropTag, PROP_TYPE(value->ulPropTag) & ~(ULONG)MV_FLAG);
    ULONG count = 1 + chance(forest, 3);

    value->Value.MVl.cValues = count;
    value->Value.MVguid.lpguid = forest_take(forest, count * sizeof(GUID)); /* the largest */
    for (ULONG i = 0; i < count; i++) {
        SPropValue one = random_value(forest, tag);

        put_element(value, i, &one);
    }
}

/* A value of the tag's type, as a row has it, or nearly. */
static inline SPropValue random_near(struct forest *forest, const struct ground *ground, ULONG tag)
{
    const SPropValue *has = NULL;
    SPropValue value;

    if (ground->row_count > 0 && chance(forest, 4) != 0)
        has = naive_any(&ground->rows[chance(forest, ground->row_count)], tag);
    if (has != NULL && (PROP_TYPE(has->ulPropTag) & MV_FLAG) != 0 &&
            (PROP_TYPE(tag) & MV_FLAG) == 0)
        value = naive_element(has, chance(forest, has->Value.MVl.cValues));
    else if (has != NULL)
        value = *has;
    if (has == NULL || PROP_TYPE(value.ulPropTag) != PROP_TYPE(tag))
        return random_value(forest, tag);
    value.ulPropTag = tag;
    if (PROP_TYPE(tag) == PT_UNICODE && chance(forest, 3) != 0)
        value.Value.lpszW = random_part(forest, value.Value.lpszW);
    if (PROP_TYPE(tag) == PT_BINARY && value.Value.bin.cb > 0 && chance(forest, 3) == 0) {
        ULONG skip = chance(forest, value.Value.bin.cb);

        value.Value.bin.lpb += skip;
        value.Value.bin.cb -= skip;
    }
    if (PROP_TYPE(tag) == PT_LONG && chance(forest, 3) == 0)
        value.Value.l += value.Value.l < 100000 ? 1 : -1;
    return value;
}

/* --- leaves ----------------------------------------------------------------------------------- */

static const ULONG random_types[] = { PT_I2, PT_LONG, PT_R4, PT_DOUBLE, PT_CURRENCY, PT_APPTIME,
    PT_BOOLEAN, PT_I8, PT_SYSTIME, PT_CLSID, PT_UNICODE, PT_BINARY, PT_MV_I2, PT_MV_LONG, PT_MV_R4,
    PT_MV_DOUBLE, PT_MV_CURRENCY, PT_MV_APPTIME, PT_MV_I8, PT_MV_SYSTIME, PT_MV_CLSID,
    PT_MV_UNICODE, PT_MV_BINARY };

/* A property of the rows; now and then by another type than it should have. */
static inline ULONG random_tag(struct forest *forest, const struct ground *ground)
{
    ULONG tag = ground->tags[chance(forest, ground->tag_count)];

    if (chance(forest, 12) == 0)
        tag = CHANGE_PROP_TYPE(tag, random_types[chance(forest, RESTRICT_COUNT_OF(random_types))]);
    /* The one id that has two properties, of different types: the plain rows know ids by one. */
    return tag == PR_MESSAGE_SIZE_EXTENDED ? PR_MESSAGE_SIZE : tag;
}

/* The same one by 8-bit text, or by its single values. */
static inline ULONG random_variant(struct forest *forest, ULONG tag)
{
    ULONG type = PROP_TYPE(tag);

    if ((type & ~(ULONG)MV_FLAG) == PT_UNICODE && chance(forest, 4) == 0)
        type = PT_STRING8 | (type & MV_FLAG);
    if ((type & MV_FLAG) != 0 && chance(forest, 2) == 0)
        type |= MV_INSTANCE;
    return CHANGE_PROP_TYPE(tag, type);
}

/* What to compare a tag with: its own type, or that of its single values. */
static inline LPSPropValue random_constant(
        struct forest *forest, const struct ground *ground, ULONG tag, bool may_be_many)
{
    SPropValue *constant = forest_take(forest, sizeof(*constant));
    ULONG type = PROP_TYPE(tag);

    if ((type & MV_FLAG) != 0 && (!may_be_many || (type & MV_INSTANCE) != 0 || chance(forest, 3)))
        type &= ~(ULONG)MVI_FLAG;
    *constant = random_near(forest, ground, CHANGE_PROP_TYPE(tag, type));
    return constant;
}

static inline void random_content(
        struct forest *forest, const struct ground *ground, SRestriction *out)
{
    static const ULONG where[] = { FL_FULLSTRING, FL_SUBSTRING, FL_PREFIX };
    SContentRestriction *content = &out->res.resContent;
    ULONG tag;
    ULONG type;

    do {
        tag = ground->tags[chance(forest, ground->tag_count)];
        type = PROP_TYPE(tag) & ~(ULONG)MV_FLAG;
    } while (type != PT_UNICODE && type != PT_BINARY);
    out->rt = RES_CONTENT;
    content->ulFuzzyLevel = where[chance(forest, 3)] | (ULONG)chance(forest, 8) << 16;
    content->ulPropTag = random_variant(forest, tag);
    content->lpProp = random_constant(forest, ground, content->ulPropTag, false);
}

static inline void random_property(
        struct forest *forest, const struct ground *ground, SRestriction *out)
{
    SPropertyRestriction *property = &out->res.resProperty;

    out->rt = RES_PROPERTY;
    property->relop = chance(forest, RELOP_NE + 1);
    property->ulPropTag = random_variant(forest, random_tag(forest, ground));
    property->lpProp = random_constant(forest, ground, property->ulPropTag, true);
}

static inline void random_compare(
        struct forest *forest, const struct ground *ground, SRestriction *out)
{
    SComparePropsRestriction *compare = &out->res.resCompareProps;
    ULONG other = 0;

    out->rt = RES_COMPAREPROPS;
    compare->relop = chance(forest, RELOP_NE + 1);
    compare->ulPropTag1 = random_tag(forest, ground);
    compare->ulPropTag2 = compare->ulPropTag1;
    for (unsigned tries = 0; tries < 40 && PROP_TYPE(other) != PROP_TYPE(compare->ulPropTag1);
            tries++)
        other = ground->tags[chance(forest, ground->tag_count)];
    if (PROP_TYPE(other) == PROP_TYPE(compare->ulPropTag1))
        compare->ulPropTag2 = other;
    if ((PROP_TYPE(compare->ulPropTag1) & MV_FLAG) != 0 && chance(forest, 2)) {
        compare->ulPropTag1 |= MV_INSTANCE;
        compare->ulPropTag2 |= MV_INSTANCE;
    }
}

static inline void random_size(
        struct forest *forest, const struct ground *ground, SRestriction *out)
{
    SSizeRestriction *size = &out->res.resSize;
    const SPropValue *has = NULL;

    out->rt = RES_SIZE;
    size->relop = chance(forest, RELOP_NE + 1);
    size->ulPropTag = random_variant(forest, random_tag(forest, ground));
    if (chance(forest, 6) == 0)
        size->ulPropTag = CHANGE_PROP_TYPE(size->ulPropTag, PT_UNSPECIFIED);
    size->cb = chance(forest, 24);
    if (ground->row_count > 0)
        has = naive_any(&ground->rows[chance(forest, ground->row_count)], size->ulPropTag);
    if (has != NULL && chance(forest, 4) != 0)
        size->cb = (ULONG)naive_size(has, false) + chance(forest, 3) - 1;
}

static inline void random_leaf(
        struct forest *forest, const struct ground *ground, SRestriction *out)
{
    SBitMaskRestriction *mask = &out->res.resBitMask;
    ULONG tag = random_tag(forest, ground);

    switch (chance(forest, 12)) {
    case 0:
    case 1:
    case 2:
        random_content(forest, ground, out);
        break;
    case 3:
        random_compare(forest, ground, out);
        break;
    case 4:
        random_size(forest, ground, out);
        break;
    case 5:
        out->rt = RES_EXIST;
        out->res.resExist.ulPropTag = random_variant(forest, tag);
        if (chance(forest, 4) == 0)
            out->res.resExist.ulPropTag = CHANGE_PROP_TYPE(tag, PT_UNSPECIFIED);
        break;
    case 6:
        for (unsigned tries = 0; tries < 40 && PROP_TYPE(tag) != PT_LONG; tries++)
            tag = ground->tags[chance(forest, ground->tag_count)];
        out->rt = RES_BITMASK;
        mask->relBMR = chance(forest, 2) ? BMR_EQZ : BMR_NEZ;
        mask->ulPropTag = CHANGE_PROP_TYPE(tag, PT_LONG);
        mask->ulMask = chance(forest, 4) == 0 ? 0x80000000 : 1u << chance(forest, 5);
        break;
    default:
        random_property(forest, ground, out);
        break;
    }
}

/* --- trees ------------------------------------------------------------------------------------ */

static inline void random_tree(
        struct forest *forest, const struct ground *ground, unsigned depth, SRestriction *out);

static inline LPSRestriction random_children(
        struct forest *forest, const struct ground *ground, unsigned depth, ULONG count)
{
    SRestriction *children = forest_take(forest, (count + 1) * sizeof(*children));

    for (ULONG i = 0; i < count; i++)
        random_tree(forest, ground, depth - 1, &children[i]);
    return children;
}

static inline void random_sub(
        struct forest *forest, const struct ground *ground, unsigned depth, SRestriction *out)
{
    bool recipients = chance(forest, 2) != 0;

    out->rt = RES_SUBRESTRICTION;
    out->res.resSub.ulSubObject = recipients ? PR_MESSAGE_RECIPIENTS : PR_MESSAGE_ATTACHMENTS;
    out->res.resSub.lpRes = random_children(
            forest, recipients ? ground->recipients : ground->attachments, depth, 1);
}

/* A tree of at most `depth` levels. */
static inline void random_tree(
        struct forest *forest, const struct ground *ground, unsigned depth, SRestriction *out)
{
    memset(out, 0, sizeof(*out));
    switch (depth > 1 ? chance(forest, 10) : 9) {
    case 0:
    case 1:
        out->rt = RES_AND;
        out->res.resAnd.cRes = chance(forest, 4);
        out->res.resAnd.lpRes = random_children(forest, ground, depth, out->res.resAnd.cRes);
        break;
    case 2:
    case 3:
        out->rt = RES_OR;
        out->res.resOr.cRes = chance(forest, 4);
        out->res.resOr.lpRes = random_children(forest, ground, depth, out->res.resOr.cRes);
        break;
    case 4:
        out->rt = RES_NOT;
        out->res.resNot.lpRes = random_children(forest, ground, depth, 1);
        break;
    case 5:
        out->rt = RES_COMMENT;
        if (chance(forest, 4) != 0)
            out->res.resComment.lpRes = random_children(forest, ground, depth, 1);
        out->res.resComment.cValues = 1;
        out->res.resComment.lpProp = random_constant(forest, ground, ground->tags[0], false);
        break;
    case 6:
        if (ground->recipients != NULL) {
            random_sub(forest, ground, depth, out);
            break;
        }
        random_leaf(forest, ground, out);
        break;
    default:
        random_leaf(forest, ground, out);
        break;
    }
}

/* The next restriction; the one before is gone. */
static inline LPSRestriction random_restriction_of(
        struct forest *forest, const struct ground *ground)
{
    SRestriction *root;

    forest->used = 0;
    root = forest_take(forest, sizeof(*root));
    random_tree(forest, ground, 1 + chance(forest, RESTRICT_DEPTH), root);
    return root;
}

/* --- telling ---------------------------------------------------------------------------------- */

static inline void tell_value(const SPropValue *value, char *out, size_t size)
{
    size_t used = strlen(out);
    struct naive_codes codes;

    if ((PROP_TYPE(value->ulPropTag) & MV_FLAG) != 0) {
        for (ULONG i = 0; i < value->Value.MVl.cValues; i++) {
            SPropValue one = naive_element(value, i);

            tell_value(&one, out, size);
        }
        return;
    }
    switch (PROP_TYPE(value->ulPropTag)) {
    case PT_UNICODE:
    case PT_STRING8:
    case PT_BINARY:
        codes = naive_codes_of(value, false, false);
        used += (size_t)snprintf(out + used, size - used, "'");
        for (size_t i = 0; i < codes.count && i < 20; i++)
            used += (size_t)snprintf(out + used, size - used,
                    codes.at[i] >= ' ' && codes.at[i] < 0x7F ? "%c" : "<%X>",
                    (unsigned)codes.at[i]);
        snprintf(out + used, size - used, "'(%u)", (unsigned)codes.count);
        free(codes.at);
        break;
    case PT_LONG:
        snprintf(out + used, size - used, "%d", (int)value->Value.l);
        break;
    case PT_I2:
        snprintf(out + used, size - used, "%d", (int)value->Value.i);
        break;
    default:
        snprintf(out + used, size - used, "%llX", (long long)value->Value.li.QuadPart);
        break;
    }
}

/* A restriction as text, for people. */
static inline void tell_restriction(const SRestriction *restriction, char *out, size_t size)
{
    static const char *const names[] = { "AND", "OR", "NOT", "CONTENT", "PROPERTY", "COMPARE",
        "BITMASK", "SIZE", "EXIST", "SUB", "COMMENT" };
    const ULONG *numbers = (const ULONG *)(const void *)&restriction->res;
    ULONG count = 0;
    const SRestriction *children = NULL;
    size_t used = strlen(out);

    if (used + 400 > size)
        return;
    used += (size_t)snprintf(out + used, size - used, "%s(%X,%X,%X",
            restriction->rt < RESTRICT_COUNT_OF(names) ? names[restriction->rt] : "?",
            (unsigned)numbers[0], (unsigned)numbers[1], (unsigned)numbers[2]);
    if (restriction->rt == RES_AND || restriction->rt == RES_OR) {
        count = restriction->res.resAnd.cRes;
        children = restriction->res.resAnd.lpRes;
    } else if (restriction->rt == RES_NOT || restriction->rt == RES_SUBRESTRICTION ||
               restriction->rt == RES_COMMENT) {
        children = restriction->res.resNot.lpRes; /* in the same place in all three */
        count = children != NULL;
    } else if (restriction->rt == RES_PROPERTY || restriction->rt == RES_CONTENT) {
        tell_value(restriction->res.resProperty.lpProp, out, size); /* likewise */
    }
    for (ULONG i = 0; i < count; i++) {
        strncat(out, " ", size - strlen(out) - 1);
        tell_restriction(&children[i], out, size);
    }
    strncat(out, ")", size - strlen(out) - 1);
}

#endif
