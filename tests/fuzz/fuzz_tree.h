/* SPDX-License-Identifier: MIT */
/*
 * fuzz_tree.h - restrictions made of an input's bytes: trees that may be deep, wide, cyclic and
 * full of NULL.
 */
#ifndef FUZZ_TREE_H
#define FUZZ_TREE_H

#include <stdint.h>
#include <string.h>

#include "mapi/propval.h"
#include "platform/base.h"

enum {
    NODES = 512,
    VALUES = 64,
    DEPTH = 80 /* deeper than what is accepted */
};

static const ULONG types[] = { PT_UNICODE, PT_STRING8, PT_BINARY, PT_LONG, PT_I2, PT_BOOLEAN, PT_I8,
    PT_DOUBLE, PT_SYSTIME, PT_CLSID, PT_MV_UNICODE, PT_MV_BINARY, PT_MV_LONG, PT_MV_STRING8,
    MVI_FLAG | PT_UNICODE, MVI_FLAG | PT_LONG, PT_UNSPECIFIED, PT_OBJECT, PT_ERROR, PT_R4,
    PT_CURRENCY, PT_APPTIME, PT_NULL, 0x1099 };

/* What the input still has, and what was made of it. */
struct maker {
    const uint8_t *data;
    size_t size;
    const ULONG *tags; /* that most nodes ask for; NULL: any */
    size_t tag_count;
    SRestriction nodes[NODES];
    size_t node_count;
    SPropValue values[VALUES];
    size_t value_count;
    SBinary bins[4];
    LPWSTR wides[4];
    LPSTR narrows[4];
    WCHAR wide[32];
    char narrow[32];
    GUID guid;
};

static inline uint8_t next_byte(struct maker *maker)
{
    if (maker->size == 0)
        return 0;
    maker->size--;
    return *maker->data++;
}

static inline ULONG next_tag(struct maker *maker)
{
    uint8_t which = next_byte(maker);
    ULONG type = types[which % MSP_COUNT_OF(types)];
    uint8_t id;

    if (maker->tags != NULL && which < 0xC0)
        return maker->tags[which % maker->tag_count];
    id = next_byte(maker);
    return PROP_TAG(type, id < 128 ? 0x6800 + id % 4 : id % 2 == 0 ? 0x0E12 : 0x001A);
}

static inline void fill_texts(struct maker *maker)
{
    size_t count = next_byte(maker) % 31;
    size_t i;

    for (i = 0; i < count; i++) {
        uint8_t byte = next_byte(maker);

        maker->narrow[i] = (char)(byte != 0 ? byte : 1);
        maker->wide[i] = (WCHAR)(byte < 0xC0 ? byte + 1 : (byte << 8) | byte);
    }
    maker->narrow[count] = 0;
    maker->wide[count] = 0;
    for (i = 0; i < 4; i++) {
        maker->bins[i].cb = (ULONG)(count - count % (i + 1));
        maker->bins[i].lpb = (LPBYTE)(void *)maker->narrow;
        maker->wides[i] = maker->wide + count % (i + 1);
        maker->narrows[i] = maker->narrow + count % (i + 1);
    }
}

/* A value of some type; all texts are the same one. */
static inline SPropValue *next_value(struct maker *maker)
{
    SPropValue *value;
    uint8_t how = next_byte(maker);
    ULONG many = how % 5;

    if (how == 0xFF || maker->value_count == VALUES)
        return NULL;
    value = &maker->values[maker->value_count++];
    memset(value, 0, sizeof(*value));
    value->ulPropTag = next_tag(maker);
    if (how == 0xFE) /* all pointers NULL, counts 0 */
        return value;
    switch (PROP_TYPE(value->ulPropTag)) {
    case PT_UNICODE:
        value->Value.lpszW = maker->wide;
        break;
    case PT_STRING8:
        value->Value.lpszA = maker->narrow;
        break;
    case PT_BINARY:
        value->Value.bin = maker->bins[how % 4];
        break;
    case PT_CLSID:
        value->Value.lpguid = &maker->guid;
        break;
    case PT_MV_UNICODE:
        value->Value.MVszW.cValues = many;
        value->Value.MVszW.lppszW = maker->wides;
        break;
    case PT_MV_STRING8:
        value->Value.MVszA.cValues = many;
        value->Value.MVszA.lppszA = maker->narrows;
        break;
    case PT_MV_BINARY:
        value->Value.MVbin.cValues = many;
        value->Value.MVbin.lpbin = maker->bins;
        break;
    case PT_MV_LONG:
        value->Value.MVl.cValues = many;
        value->Value.MVl.lpl = (LONG *)(void *)maker->bins;
        break;
    default:
        value->Value.l = (LONG)(how * 0x01010101u);
        break;
    }
    return value;
}

static inline void make_node(struct maker *maker, SRestriction *out, unsigned depth);

/* Children of a node: new ones, none, or, for a tree that contains itself, old ones. */
static inline SRestriction *make_children(struct maker *maker, size_t count, unsigned depth)
{
    SRestriction *children = maker->nodes + maker->node_count;
    uint8_t how = next_byte(maker);
    size_t i;

    if (how == 0xFF)
        return NULL;
    if (how == 0xFE && maker->node_count > 1)
        return &maker->nodes[how % maker->node_count];
    if (depth >= DEPTH || count > NODES - maker->node_count)
        return NULL;
    maker->node_count += count;
    for (i = 0; i < count; i++)
        make_node(maker, &children[i], depth + 1);
    return children;
}

static inline void make_leaf(struct maker *maker, SRestriction *out, ULONG type)
{
    out->rt = type;
    out->res.resCompareProps.relop = next_byte(maker) % 9;
    out->res.resCompareProps.ulPropTag1 = next_tag(maker);
    if (type == RES_COMPAREPROPS)
        out->res.resCompareProps.ulPropTag2 = next_tag(maker);
    else if (type == RES_CONTENT || type == RES_PROPERTY)
        out->res.resProperty.lpProp = next_value(maker);
    else
        out->res.resBitMask.ulMask = next_byte(maker);
    if (type == RES_CONTENT)
        out->res.resContent.ulFuzzyLevel =
                (next_byte(maker) & 0xFu) << 16 | (out->res.resContent.ulFuzzyLevel & 3);
}

static inline void make_node(struct maker *maker, SRestriction *out, unsigned depth)
{
    uint8_t type = next_byte(maker);
    ULONG count = type / 16 % 4;

    memset(out, 0, sizeof(*out));
    out->rt = type % 16;
    switch (out->rt) {
    case RES_AND:
    case RES_OR:
        out->res.resAnd.cRes = type == 0xF0 ? 0xFFFFFFFF : count;
        out->res.resAnd.lpRes = make_children(maker, count, depth);
        break;
    case RES_NOT:
        out->res.resNot.lpRes = make_children(maker, 1, depth);
        break;
    case RES_SUBRESTRICTION:
        out->res.resSub.ulSubObject = count == 0 ? next_tag(maker) : PR_MESSAGE_RECIPIENTS;
        out->res.resSub.lpRes = make_children(maker, 1, depth);
        break;
    case RES_COMMENT:
        out->res.resComment.lpRes = make_children(maker, 1, depth);
        break;
    default:
        make_leaf(maker, out, out->rt);
        break;
    }
}

/* The tree that the input says; it lies in the maker. */
static inline SRestriction *make_tree(struct maker *maker, const uint8_t *data, size_t size)
{
    maker->data = data;
    maker->size = size;
    fill_texts(maker);
    maker->node_count = 1;
    make_node(maker, &maker->nodes[0], 1);
    return &maker->nodes[0];
}

#endif
