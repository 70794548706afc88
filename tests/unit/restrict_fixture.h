/* SPDX-License-Identifier: MIT */
/*
 * restrict_fixture.h - a row of property values, and restrictions to look at it: for the tests of
 * compiling (test_restrict.c) and of matching (test_restrict_match.c).
 */
#ifndef UNIT_RESTRICT_FIXTURE_H
#define UNIT_RESTRICT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mapi/restrict.h"
#include "util/alloc.h"
#include "util/bag.h"
#include "util/buf.h"

#define TAG_TEXT PROP_TAG(PT_UNICODE, 0x6800)
#define TAG_TEXT_A PROP_TAG(PT_STRING8, 0x6800)
#define TAG_TEXTS PROP_TAG(PT_MV_UNICODE, 0x6801)
#define TAG_NUMBER PROP_TAG(PT_LONG, 0x6802)
#define TAG_NUMBER_2 PROP_TAG(PT_LONG, 0x6803)
#define TAG_NUMBERS PROP_TAG(PT_MV_LONG, 0x6804)
#define TAG_BYTES PROP_TAG(PT_BINARY, 0x6805)
#define TAG_FLAG PROP_TAG(PT_BOOLEAN, 0x6806)
#define TAG_LONGLONG PROP_TAG(PT_I8, 0x6807)
#define TAG_SHORT PROP_TAG(PT_I2, 0x6808)
#define TAG_TIME PROP_TAG(PT_SYSTIME, 0x6809)
#define TAG_DOUBLE PROP_TAG(PT_DOUBLE, 0x680A)
#define TAG_GUID PROP_TAG(PT_CLSID, 0x680B)
#define TAG_ABSENT PROP_TAG(PT_LONG, 0x6810)
#define TAG_ABSENT_TEXT PROP_TAG(PT_UNICODE, 0x6811)
#define TAG_LARGE_TEXT PROP_TAG(PT_UNICODE, 0x6812)
#define TAG_LARGE_BYTES PROP_TAG(PT_BINARY, 0x6813)

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

/* -- A row ------------------------------------------------------------------------------------- */

struct fixture {
    struct bag bag;
    struct bag subobjects[2]; /* of the recipient table */
    size_t subobject_count;
    ULONG asked_subobject;
    bool can_load;
    struct restrict_row row;
};

static inline bool bag_row_get(void *context, ULONG tag, struct bag_value *out)
{
    return bag_get(context, tag, out);
}

static inline bool row_get(void *context, ULONG tag, struct bag_value *out)
{
    struct fixture *fx = context;

    return bag_get(&fx->bag, tag, out);
}

static inline bool row_load(void *context, struct bag_value *cell)
{
    struct fixture *fx = context;

    cell->flags = 0;
    cell->data = (const uint8_t *)"A large value";
    cell->size = 13;
    return fx->can_load;
}

static inline bool row_any(
        void *context, ULONG subobject, const struct restrict_program *program, size_t node)
{
    struct fixture *fx = context;
    size_t i;

    fx->asked_subobject = subobject;
    for (i = 0; i < fx->subobject_count; i++) {
        struct restrict_row row = { &fx->subobjects[i], bag_row_get, NULL, NULL };

        if (restrict_match_node(program, node, &row))
            return true;
    }
    return false;
}

static inline SPropValue number(ULONG tag, LONG value)
{
    SPropValue out = { tag, 0, { 0 } };

    out.Value.l = value;
    return out;
}

static inline SPropValue text(ULONG tag, const WCHAR *value)
{
    SPropValue out = { tag, 0, { 0 } };

    memcpy(&out.Value.lpszW, &value, sizeof(value));
    return out;
}

static inline SPropValue text_a(ULONG tag, const char *value)
{
    SPropValue out = { tag, 0, { 0 } };

    memcpy(&out.Value.lpszA, &value, sizeof(value));
    return out;
}

static inline SPropValue bytes(ULONG tag, const char *value, ULONG size)
{
    SPropValue out = { tag, 0, { 0 } };

    out.Value.bin.cb = size;
    memcpy(&out.Value.bin.lpb, &value, sizeof(value));
    return out;
}

static inline void put(struct bag *bag, SPropValue value)
{
    struct msp_buf buf = MSP_BUF_INIT;

    assert_int_equal(propval_check(&value), S_OK);
    assert_int_equal(propval_encode(&value, &buf), S_OK);
    assert_true(bag_set(bag, propval_stored_tag(value.ulPropTag), 0, buf.data, buf.size));
    msp_buf_free(&buf);
}

static inline int set_up(void **state)
{
    static const struct bag_large large = { 1, 5000 };
    struct fixture *fx = calloc(1, sizeof(*fx));
    static LONG longs[] = { 3, -7, 40 };
    static LPWSTR strings[2];
    static WCHAR red[] = MSP_W("Red"), green[] = MSP_W("Green apple");
    static GUID guid = { 1, 2, 3, { 4, 5, 6, 7, 8, 9, 10, 11 } };
    uint8_t reference[16];
    SPropValue value;

    assert_non_null(fx);
    fx->row.context = fx;
    fx->row.get = row_get;
    fx->row.any = row_any;
    fx->row.load = row_load;
    fx->can_load = true;
    put(&fx->bag, text(TAG_TEXT, MSP_W("Hello W\u00F6rld")));
    put(&fx->bag, number(TAG_NUMBER, -5));
    put(&fx->bag, number(TAG_NUMBER_2, 7));
    put(&fx->bag, bytes(TAG_BYTES, "ab\0cd", 5));
    value = number(TAG_FLAG, 0);
    value.Value.b = 1;
    put(&fx->bag, value);
    value.ulPropTag = TAG_LONGLONG;
    value.Value.li.QuadPart = -5000000000;
    put(&fx->bag, value);
    value.ulPropTag = TAG_SHORT;
    value.Value.i = -2;
    put(&fx->bag, value);
    value.ulPropTag = TAG_TIME;
    value.Value.ft.dwLowDateTime = 9;
    value.Value.ft.dwHighDateTime = 0x01D00000;
    put(&fx->bag, value);
    value.ulPropTag = TAG_DOUBLE;
    value.Value.dbl = 0.5;
    put(&fx->bag, value);
    value.ulPropTag = TAG_GUID;
    value.Value.lpguid = &guid;
    put(&fx->bag, value);
    value.ulPropTag = TAG_NUMBERS;
    value.Value.MVl.cValues = 3;
    value.Value.MVl.lpl = longs;
    put(&fx->bag, value);
    strings[0] = red;
    strings[1] = green;
    value.ulPropTag = TAG_TEXTS;
    value.Value.MVszW.cValues = 2;
    value.Value.MVszW.lppszW = strings;
    put(&fx->bag, value);
    bag_large_put(&large, reference);
    assert_true(bag_set(&fx->bag, TAG_LARGE_TEXT, BAG_LARGE, reference, 16));
    assert_true(bag_set(&fx->bag, TAG_LARGE_BYTES, BAG_LARGE, reference, 16));
    *state = fx;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *fx = *state;

    bag_done(&fx->bag);
    bag_done(&fx->subobjects[0]);
    bag_done(&fx->subobjects[1]);
    free(fx);
    assert_int_equal(msp_alloc_count_live(), 0);
    return 0;
}

/* -- Restrictions
 * ---------------------------------------------------------------------------------- */

static inline SRestriction res_list(ULONG type, ULONG count, SRestriction *list)
{
    SRestriction out;

    memset(&out, 0, sizeof(out));
    out.rt = type;
    out.res.resAnd.cRes = count;
    out.res.resAnd.lpRes = list;
    return out;
}

static inline SRestriction res_not(SRestriction *child)
{
    SRestriction out;

    memset(&out, 0, sizeof(out));
    out.rt = RES_NOT;
    out.res.resNot.lpRes = child;
    return out;
}

static inline SRestriction res_exist(ULONG tag)
{
    SRestriction out;

    memset(&out, 0, sizeof(out));
    out.rt = RES_EXIST;
    out.res.resExist.ulPropTag = tag;
    return out;
}

static inline SRestriction res_property(ULONG relop, ULONG tag, SPropValue *value)
{
    SRestriction out;

    memset(&out, 0, sizeof(out));
    out.rt = RES_PROPERTY;
    out.res.resProperty.relop = relop;
    out.res.resProperty.ulPropTag = tag;
    out.res.resProperty.lpProp = value;
    return out;
}

static inline SRestriction res_content(ULONG level, ULONG tag, SPropValue *value)
{
    SRestriction out;

    memset(&out, 0, sizeof(out));
    out.rt = RES_CONTENT;
    out.res.resContent.ulFuzzyLevel = level;
    out.res.resContent.ulPropTag = tag;
    out.res.resContent.lpProp = value;
    return out;
}

static inline SRestriction res_three(ULONG type, ULONG first, ULONG second, ULONG third)
{
    SRestriction out;

    memset(&out, 0, sizeof(out));
    out.rt = type; /* RES_COMPAREPROPS, RES_BITMASK and RES_SIZE have one layout */
    out.res.resCompareProps.relop = first;
    out.res.resCompareProps.ulPropTag1 = second;
    out.res.resCompareProps.ulPropTag2 = third;
    return out;
}

static inline SRestriction res_sub(ULONG subobject, SRestriction *child)
{
    SRestriction out;

    memset(&out, 0, sizeof(out));
    out.rt = RES_SUBRESTRICTION;
    out.res.resSub.ulSubObject = subobject;
    out.res.resSub.lpRes = child;
    return out;
}

static inline HRESULT compile_only(const SRestriction *restriction)
{
    struct restrict_program *program = (void *)&program;
    HRESULT hr = restrict_compile(restriction, &program);

    if (FAILED(hr))
        assert_null(program);
    else
        restrict_free(program);
    return hr;
}

static inline bool matches(struct fixture *fx, SRestriction restriction)
{
    struct restrict_program *program;
    bool found;

    assert_int_equal(restrict_compile(&restriction, &program), S_OK);
    found = restrict_match(program, &fx->row);
    restrict_free(program);
    return found;
}

static inline bool relates(struct fixture *fx, ULONG tag, ULONG relop, SPropValue value)
{
    return matches(fx, res_property(relop, tag, &value));
}

static inline bool contains(struct fixture *fx, ULONG tag, ULONG level, SPropValue value)
{
    return matches(fx, res_content(level, tag, &value));
}

static inline HRESULT refuses_property(ULONG tag, ULONG relop, SPropValue value)
{
    SRestriction restriction = res_property(relop, tag, &value);

    return compile_only(&restriction);
}

static inline HRESULT refuses_content(ULONG tag, ULONG level, SPropValue value)
{
    SRestriction restriction = res_content(level, tag, &value);

    return compile_only(&restriction);
}

#endif
