/* SPDX-License-Identifier: MIT */
/*
 * test_propval.c - property values: checked, stored, read back, copied, compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mapi/propval.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/bytes.h"
#include "util/utf.h"

#define ID 0x6801

static const ULONG single_types[] = { PT_I2, PT_LONG, PT_R4, PT_DOUBLE, PT_CURRENCY, PT_APPTIME,
    PT_BOOLEAN, PT_I8, PT_STRING8, PT_UNICODE, PT_SYSTIME, PT_CLSID, PT_BINARY };
static const ULONG many_types[] = { PT_MV_I2, PT_MV_LONG, PT_MV_R4, PT_MV_DOUBLE, PT_MV_CURRENCY,
    PT_MV_APPTIME, PT_MV_I8, PT_MV_STRING8, PT_MV_UNICODE, PT_MV_SYSTIME, PT_MV_CLSID,
    PT_MV_BINARY };

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

/* -- Made-up values --------------------------------------------------------------------------- */

static uint32_t seed;
static _Alignas(16) uint8_t pool[1 << 16]; /* what made-up values point to */
static size_t pool_used;

static uint32_t any(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)seed * below) >> 32);
}

static void *take(size_t size)
{
    void *out = pool + pool_used;

    pool_used += (size + 15) & ~(size_t)15;
    assert_true(pool_used <= sizeof(pool));
    return out;
}

static void fill(void *data, size_t size)
{
    uint8_t *bytes = data;
    size_t i;

    for (i = 0; i < size; i++)
        bytes[i] = (uint8_t)any(256);
}

/* Every unit but 0, among them lone surrogates and pairs. */
static LPWSTR any_wide(void)
{
    size_t count = any(3) == 0 ? 0 : any(70);
    WCHAR *text = take((count + 1) * sizeof(*text));
    bool ascii = any(2) == 0;
    size_t i;

    for (i = 0; i < count; i++)
        text[i] = (WCHAR)(1 + any(ascii ? 0x7E : any(4) == 0 ? 0xFFFF : 0xFFF));
    if (count > 2 && any(4) == 0) {
        text[0] = 0xD83D;
        text[1] = 0xDE00;
    }
    text[count] = 0;
    return text;
}

/* 8-bit text that every code page has. */
static LPSTR any_narrow(void)
{
    size_t count = any(3) == 0 ? 0 : any(70);
    char *text = take(count + 1);
    size_t i;

    for (i = 0; i < count; i++)
        text[i] = (char)(1 + any(0x7E));
    text[count] = 0;
    return text;
}

static SBinary any_binary(void)
{
    SBinary bin;

    bin.cb = any(3) == 0 ? 0 : any(50);
    bin.lpb = take(bin.cb);
    fill(bin.lpb, bin.cb);
    return bin;
}

static void any_many(ULONG type, union _PV *out)
{
    ULONG count = 1 + any(6);
    size_t width = propval_width(type & ~(ULONG)MV_FLAG);
    ULONG i;

    out->MVbin.cValues = count;
    if (width > 0) {
        out->MVbin.lpbin = take(width * count);
        fill(out->MVbin.lpbin, width * count);
        return;
    }
    out->MVbin.lpbin = take(sizeof(SBinary) * count);
    for (i = 0; i < count; i++) {
        if (type == PT_MV_UNICODE)
            out->MVszW.lppszW[i] = any_wide();
        else if (type == PT_MV_STRING8)
            out->MVszA.lppszA[i] = any_narrow();
        else
            out->MVbin.lpbin[i] = any_binary();
    }
}

static SPropValue any_value(ULONG type)
{
    SPropValue value;

    memset(&value, 0, sizeof(value));
    value.ulPropTag = PROP_TAG(type, ID);
    if ((type & MV_FLAG) != 0) {
        any_many(type, &value.Value);
    } else if (type == PT_UNICODE) {
        value.Value.lpszW = any_wide();
    } else if (type == PT_STRING8) {
        value.Value.lpszA = any_narrow();
    } else if (type == PT_BINARY) {
        value.Value.bin = any_binary();
    } else if (type == PT_CLSID) {
        value.Value.lpguid = take(16);
        fill(value.Value.lpguid, 16);
    } else if (type == PT_BOOLEAN) {
        value.Value.b = (unsigned short)any(2);
    } else {
        fill(&value.Value, propval_width(type));
    }
    return value;
}

/* -- Equality, written apart from the code under test --------------------------------------------
 */

static void assert_same_text(ULONG type, const void *a, const void *b)
{
    if (type == PT_UNICODE)
        assert_memory_equal(a, b, (utf16_len(b) + 1) * sizeof(WCHAR));
    else
        assert_string_equal(a, b);
}

static void assert_same_binary(const SBinary *a, const SBinary *b)
{
    assert_int_equal(a->cb, b->cb);
    if (a->cb > 0)
        assert_memory_equal(a->lpb, b->lpb, a->cb);
}

static void assert_same(const SPropValue *a, const SPropValue *b)
{
    ULONG type = PROP_TYPE(b->ulPropTag);
    ULONG single = type & ~(ULONG)MV_FLAG;
    ULONG i;

    assert_int_equal(a->ulPropTag, b->ulPropTag);
    assert_int_equal(a->dwAlignPad, 0);
    if (type != single) {
        assert_int_equal(a->Value.MVbin.cValues, b->Value.MVbin.cValues);
        for (i = 0; i < b->Value.MVbin.cValues; i++) {
            if (single == PT_UNICODE)
                assert_same_text(single, a->Value.MVszW.lppszW[i], b->Value.MVszW.lppszW[i]);
            else if (single == PT_STRING8)
                assert_same_text(single, a->Value.MVszA.lppszA[i], b->Value.MVszA.lppszA[i]);
            else if (single == PT_BINARY)
                assert_same_binary(&a->Value.MVbin.lpbin[i], &b->Value.MVbin.lpbin[i]);
        }
        if (propval_width(single) > 0)
            assert_memory_equal(a->Value.MVbin.lpbin, b->Value.MVbin.lpbin,
                    propval_width(single) * b->Value.MVbin.cValues);
    } else if (single == PT_UNICODE || single == PT_STRING8) {
        assert_same_text(single, a->Value.lpszA, b->Value.lpszA);
    } else if (single == PT_BINARY) {
        assert_same_binary(&a->Value.bin, &b->Value.bin);
    } else if (single == PT_CLSID) {
        assert_memory_equal(a->Value.lpguid, b->Value.lpguid, 16);
    } else if (single == PT_BOOLEAN) {
        assert_int_equal(a->Value.b, b->Value.b);
    } else {
        assert_memory_equal(&a->Value, &b->Value, propval_width(single));
    }
}

/* -- Tools ------------------------------------------------------------------------------------- */

static struct bag_value encode(const SPropValue *value, struct msp_buf *buf)
{
    struct bag_value cell;

    msp_buf_clear(buf);
    assert_int_equal(propval_check(value), S_OK);
    assert_int_equal(propval_encode(value, buf), S_OK);
    cell.tag = propval_stored_tag(value->ulPropTag);
    cell.flags = 0;
    cell.data = buf->data;
    cell.size = buf->size;
    assert_true(propval_cell_ok(&cell));
    return cell;
}

/* Decodes into a block of exactly the planned size, to be freed. */
static void *decode(const struct bag_value *cell, ULONG type, SPropValue *out)
{
    size_t size = propval_decode_size(cell, type);
    struct mapi_arena arena;
    void *block;

    assert_true(size != SIZE_MAX);
    block = malloc(size > 0 ? size : 1);
    assert_non_null(block);
    arena.next = block;
    arena.left = size;
    memset(out, 0xA5, sizeof(*out));
    propval_decode(cell, type, &arena, out);
    return block;
}

static void round_trip(ULONG type)
{
    struct msp_buf buf = MSP_BUF_INIT;
    SPropValue value = any_value(type);
    struct bag_value cell = encode(&value, &buf);
    ULONG wanted = propval_resolve(type, cell.tag, true);
    SPropValue out;
    void *block;

    assert_int_equal(wanted, type);
    block = decode(&cell, wanted, &out);
    assert_same(&out, &value);
    free(block);
    msp_buf_free(&buf);
}

/* -- Round trips ------------------------------------------------------------------------------- */

/* named-property.Types.1 named-property.Types.4 named-property.Types.5 named-property.Types.6 */
static void round_trip__every_single_type__value_unchanged(void **state)
{
    size_t i, j;

    (void)state;
    for (i = 0; i < COUNT_OF(single_types); i++) {
        for (j = 0; j < 500; j++) {
            pool_used = 0;
            round_trip(single_types[i]);
        }
    }
}

/* named-property.Types.2 */
static void round_trip__every_multivalue_type__values_and_order_unchanged(void **state)
{
    size_t i, j;

    (void)state;
    for (i = 0; i < COUNT_OF(many_types); i++) {
        for (j = 0; j < 500; j++) {
            pool_used = 0;
            round_trip(many_types[i]);
        }
    }
}

/* named-property.Types.5: every unit, also a surrogate without its partner. */
static void round_trip__every_unit__unchanged(void **state)
{
    struct msp_buf buf = MSP_BUF_INIT;
    WCHAR text[4] = { 0 };
    SPropValue value = { PROP_TAG(PT_UNICODE, ID), 0, { 0 } };
    SPropValue out;
    ULONG unit;

    (void)state;
    value.Value.lpszW = text;
    for (unit = 1; unit <= 0xFFFF; unit++) {
        struct bag_value cell;
        void *block;

        text[0] = (WCHAR)unit;
        text[1] = (unit & 1) != 0 ? 'x' : (WCHAR)unit;
        cell = encode(&value, &buf);
        block = decode(&cell, PT_UNICODE, &out);
        assert_same(&out, &value);
        free(block);
    }
    msp_buf_free(&buf);
}

/* IMAPIProp.SetProps.19: set as PT_STRING8, asked for as PT_UNICODE, and the reverse. */
static void decode__text_of_the_other_width__is_converted(void **state)
{
    struct msp_buf buf = MSP_BUF_INIT;
    char narrow[] = "caf\xE9";
    static const WCHAR wide[] = { 'c', 'a', 'f', 0xE9, 0 };
    SPropValue value = { PROP_TAG(PT_STRING8, ID), 0, { 0 } };
    SPropValue out;
    struct bag_value cell;
    void *block;

    (void)state;
    value.Value.lpszA = narrow;
    cell = encode(&value, &buf);
    assert_int_equal(cell.tag, PROP_TAG(PT_UNICODE, ID));

    block = decode(&cell, PT_UNICODE, &out);
    assert_int_equal(out.ulPropTag, PROP_TAG(PT_UNICODE, ID));
    assert_memory_equal(out.Value.lpszW, wide, sizeof(wide));
    free(block);
    block = decode(&cell, PT_STRING8, &out);
    assert_int_equal(out.ulPropTag, PROP_TAG(PT_STRING8, ID));
    assert_string_equal(out.Value.lpszA, narrow);
    free(block);
    msp_buf_free(&buf);
}

static void decode__long_text_as_string8__keeps_every_character(void **state)
{
    enum { LENGTH = 3000 };
    struct msp_buf buf = MSP_BUF_INIT;
    char *narrow = calloc(1, LENGTH + 1);
    SPropValue value = { PROP_TAG(PT_STRING8, ID), 0, { 0 } };
    SPropValue out;
    struct bag_value cell;
    void *block;
    size_t i;

    (void)state;
    assert_non_null(narrow);
    for (i = 0; i < LENGTH; i++)
        narrow[i] = i % 3 == 0 ? 'a' : i % 7 == 0 ? (char)0x80 : (char)0xE9;
    value.Value.lpszA = narrow;
    cell = encode(&value, &buf);

    block = decode(&cell, PT_STRING8, &out);

    assert_string_equal(out.Value.lpszA, narrow);
    free(block);
    free(narrow);
    msp_buf_free(&buf);
}

/* -- Check ------------------------------------------------------------------------------------- */

/* IMAPIProp.SetProps.2 */
static void check__pr_null_or_error__is_fine_and_skipped(void **state)
{
    SPropValue value = { PR_NULL, 0, { 0 } };

    (void)state;
    assert_int_equal(propval_check(&value), S_OK);
    assert_true(propval_is_skipped(&value));
    value.ulPropTag = PROP_TAG(PT_ERROR, ID);
    assert_int_equal(propval_check(&value), S_OK);
    assert_true(propval_is_skipped(&value));
    value.ulPropTag = PROP_TAG(PT_LONG, ID);
    assert_false(propval_is_skipped(&value));
}

/* IMAPIProp.SetProps.3 attachment.PR_ATTACH_DATA_OBJ.1 */
static void check__object__is_an_invalid_parameter(void **state)
{
    SPropValue value = { PROP_TAG(PT_OBJECT, 0x3701), 0, { 0 } };

    (void)state;
    assert_int_equal(propval_check(&value), MAPI_E_INVALID_PARAMETER);
    assert_int_equal(propval_check(NULL), MAPI_E_INVALID_PARAMETER);
}

/* IMAPIProp.SetProps.13 named-property.Types.3 */
static void check__every_type_there_can_be__only_defined_ones_pass(void **state)
{
    ULONG type;

    (void)state;
    for (type = 0; type <= 0xFFFF; type++) {
        SPropValue value;
        bool known = false;
        size_t i;

        for (i = 0; i < COUNT_OF(single_types); i++)
            known = known || single_types[i] == type;
        for (i = 0; i < COUNT_OF(many_types); i++)
            known = known || many_types[i] == type;
        assert_int_equal(propval_is_type(type), known);
        if (type == PT_ERROR || type == PT_OBJECT)
            continue;
        pool_used = 0;
        if (known)
            value = any_value(type);
        else
            memset(&value, 0, sizeof(value));
        value.ulPropTag = PROP_TAG(type, ID);
        assert_int_equal(propval_check(&value), known ? S_OK : MAPI_E_INVALID_TYPE);
    }
}

/* IMAPIProp.SetProps.4 */
static void check__multivalue_of_none__is_an_invalid_parameter(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(many_types); i++) {
        SPropValue value;

        pool_used = 0;
        value = any_value(many_types[i]);
        value.Value.MVbin.cValues = 0;
        assert_int_equal(propval_check(&value), MAPI_E_INVALID_PARAMETER);
        value.Value.MVbin.cValues = UINT32_MAX;
        assert_int_equal(propval_check(&value), MAPI_E_INVALID_PARAMETER);
        value.Value.MVbin.cValues = 1;
        value.Value.MVbin.lpbin = NULL;
        assert_int_equal(propval_check(&value), MAPI_E_INVALID_PARAMETER);
    }
}

static void check__null_pointer__is_an_invalid_parameter(void **state)
{
    static const ULONG pointers[] = { PT_STRING8, PT_UNICODE, PT_CLSID };
    SPropValue value;
    void *none[2] = { NULL, NULL };
    SBinary bin = { 1, NULL };
    size_t i;

    (void)state;
    memset(&value, 0, sizeof(value));
    for (i = 0; i < COUNT_OF(pointers); i++) {
        value.ulPropTag = PROP_TAG(pointers[i], ID);
        assert_int_equal(propval_check(&value), MAPI_E_INVALID_PARAMETER);
    }
    value.ulPropTag = PROP_TAG(PT_BINARY, ID);
    assert_int_equal(propval_check(&value), S_OK); /* no bytes need no address */
    value.Value.bin.cb = 1;
    assert_int_equal(propval_check(&value), MAPI_E_INVALID_PARAMETER);
    value.ulPropTag = PROP_TAG(PT_MV_UNICODE, ID);
    value.Value.MVszW.cValues = 2;
    value.Value.MVszW.lppszW = (LPWSTR *)(void *)none;
    assert_int_equal(propval_check(&value), MAPI_E_INVALID_PARAMETER);
    value.ulPropTag = PROP_TAG(PT_MV_STRING8, ID);
    assert_int_equal(propval_check(&value), MAPI_E_INVALID_PARAMETER);
    value.ulPropTag = PROP_TAG(PT_MV_BINARY, ID);
    value.Value.MVbin.cValues = 1;
    value.Value.MVbin.lpbin = &bin;
    assert_int_equal(propval_check(&value), MAPI_E_INVALID_PARAMETER);
}

static void encode__any_nonzero_boolean__is_stored_as_1(void **state)
{
    struct msp_buf buf = MSP_BUF_INIT;
    SPropValue value = { PROP_TAG(PT_BOOLEAN, ID), 0, { 0 } };
    struct bag_value cell;

    (void)state;
    value.Value.b = 0xFF00;
    cell = encode(&value, &buf);
    assert_int_equal(cell.size, 1);
    assert_int_equal(cell.data[0], 1);
    msp_buf_free(&buf);
}

/* Memory.Failure.2 */
static void encode__nth_allocation_fails__says_so_and_leaks_nothing(void **state)
{
    static const ULONG types[] = { PT_UNICODE, PT_STRING8, PT_BINARY, PT_LONG, PT_MV_UNICODE,
        PT_MV_STRING8, PT_MV_BINARY, PT_MV_I8 };
    char narrow[] = "\xE9\xE8\xE7 long enough for more than one block of the buffer, or so we hope";
    LPSTR list[1] = { narrow };
    size_t live = msp_alloc_count_live();
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(types); i++) {
        unsigned long nth;

        for (nth = 1;; nth++) {
            struct msp_buf buf = MSP_BUF_INIT;
            SPropValue value;
            HRESULT hr;

            pool_used = 0;
            value = any_value(types[i]);
            if (types[i] == PT_STRING8)
                value.Value.lpszA = narrow;
            if (types[i] == PT_MV_STRING8) {
                value.Value.MVszA.cValues = 1;
                value.Value.MVszA.lppszA = list;
            }
            msp_alloc_fail_at(nth);
            hr = propval_encode(&value, &buf);
            msp_buf_free(&buf);
            if (!msp_alloc_fail_disarm()) {
                assert_int_equal(hr, S_OK);
                break;
            }
            assert_int_equal(hr, MAPI_E_NOT_ENOUGH_MEMORY);
        }
    }
    assert_int_equal(msp_alloc_count_live(), live);
}

/* -- Types asked for ------------------------------------------------------------------------------
 */

/* Unicode.Rules.3 IMAPIProp.GetProps.6 IMAPIProp.GetProps.7 IMAPIProp.GetProps.8 */
static void resolve__type_asked_for__is_the_real_one_or_the_other_text(void **state)
{
    ULONG text = PROP_TAG(PT_UNICODE, ID);
    ULONG texts = PROP_TAG(PT_MV_UNICODE, ID);
    ULONG number = PROP_TAG(PT_LONG, ID);

    (void)state;
    assert_int_equal(propval_resolve(PT_UNSPECIFIED, text, true), PT_UNICODE);
    assert_int_equal(propval_resolve(PT_UNSPECIFIED, text, false), PT_STRING8);
    assert_int_equal(propval_resolve(PT_UNSPECIFIED, texts, true), PT_MV_UNICODE);
    assert_int_equal(propval_resolve(PT_UNSPECIFIED, texts, false), PT_MV_STRING8);
    assert_int_equal(propval_resolve(PT_UNSPECIFIED, number, false), PT_LONG);
    assert_int_equal(propval_resolve(text, text, false), PT_UNICODE);
    assert_int_equal(propval_resolve(PT_STRING8, text, true), PT_STRING8);
    assert_int_equal(propval_resolve(PT_MV_STRING8, texts, true), PT_MV_STRING8);
    assert_int_equal(propval_resolve(number, number, true), PT_LONG);
    assert_int_equal(propval_resolve(PT_I8, number, true), PT_ERROR);
    assert_int_equal(propval_resolve(PT_LONG, PROP_TAG(PT_I8, ID), true), PT_ERROR);
    assert_int_equal(propval_resolve(PT_MV_UNICODE, text, true), PT_ERROR);
    assert_int_equal(propval_resolve(PT_STRING8, texts, true), PT_ERROR);
    assert_int_equal(propval_resolve(PT_OBJECT, number, true), PT_ERROR);
    assert_int_equal(propval_resolve(PT_UNSPECIFIED, PROP_TAG(PT_OBJECT, ID), true), PT_ERROR);
}

static void decode__type_that_does_not_fit__is_not_found(void **state)
{
    uint8_t scratch[16];
    struct bag_value cell;
    SPropValue out;
    void *block;

    (void)state;
    cell_long(PROP_TAG(PT_LONG, ID), 1, scratch, &cell);
    block = decode(&cell, PT_UNICODE, &out);

    assert_int_equal(out.ulPropTag, PROP_TAG(PT_ERROR, ID));
    assert_int_equal(out.Value.err, MAPI_E_NOT_FOUND);
    free(block);
}

/* IMAPIProp.SetProps.17, the reading side: a large value is not handed out inline. */
static void decode__large_cell__is_not_enough_memory(void **state)
{
    static const struct bag_large large = { 1, 1 << 20 };
    uint8_t reference[16];
    struct bag_value cell = { PROP_TAG(PT_BINARY, ID), BAG_LARGE, reference, sizeof(reference) };
    SPropValue out;
    void *block;

    (void)state;
    bag_large_put(&large, reference);
    assert_true(propval_cell_ok(&cell));
    block = decode(&cell, PT_BINARY, &out);

    assert_int_equal(out.ulPropTag, PROP_TAG(PT_ERROR, ID));
    assert_int_equal(out.Value.err, MAPI_E_NOT_ENOUGH_MEMORY);
    free(block);
}

/* -- Bytes from a damaged file --------------------------------------------------------------------
 */

/* Errors.Codes.5: every cut and every flipped byte of every type: no read or write out of bounds,
 * and whatever propval_cell_ok() accepts decodes to a value. */
static void decode__damaged_cells__are_corrupt_data_or_some_value(void **state)
{
    struct msp_buf buf = MSP_BUF_INIT;
    size_t i, cut, round;

    (void)state;
    for (i = 0; i < COUNT_OF(single_types) + COUNT_OF(many_types); i++) {
        ULONG type = i < COUNT_OF(single_types) ? single_types[i]
                                                : many_types[i - COUNT_OF(single_types)];
        for (round = 0; round < 40; round++) {
            SPropValue value;
            struct bag_value cell;
            size_t size;

            pool_used = 0;
            value = any_value(type);
            cell = encode(&value, &buf);
            size = cell.size;
            if (size > 0 && round % 2 == 0)
                buf.data[any((uint32_t)size)] ^= (uint8_t)(1 + any(255));
            for (cut = 0; cut <= size; cut++) {
                uint8_t *copy = malloc(cut + 1); /* exact, for the sanitizer */
                struct bag_value damaged = { cell.tag, 0, copy, cut };
                size_t need;
                struct mapi_arena arena;
                SPropValue out;
                uint8_t *block = NULL;

                assert_non_null(copy);
                memcpy(copy, buf.data, cut);
                need = propval_decode_size(&damaged, type);
                arena.left = need == SIZE_MAX ? 0 : need;
                arena.next = block = malloc(arena.left + 1);
                assert_non_null(block);
                propval_decode(&damaged, type, &arena, &out);
                if (need == SIZE_MAX) {
                    assert_int_equal(out.ulPropTag, PROP_TAG(PT_ERROR, ID));
                    assert_int_equal(out.Value.err, MAPI_E_CORRUPT_DATA);
                    assert_false(propval_cell_ok(&damaged));
                } else {
                    assert_int_equal(out.ulPropTag, PROP_TAG(type, ID));
                }
                assert_true(propval_compare(&damaged, &cell) == -propval_compare(&cell, &damaged) ||
                            (propval_compare(&damaged, &cell) < 0) ==
                                    (propval_compare(&cell, &damaged) > 0));
                free(block);
                free(copy);
            }
        }
    }
    msp_buf_free(&buf);
}

/* A tag of a type that does not exist, in a file, and nobody who asked propval_resolve(). */
static void decode__unknown_stored_type__is_corrupt_data(void **state)
{
    static const ULONG types[] = { PT_UNSPECIFIED, PT_NULL, PT_OBJECT, PT_ERROR, 0x99, 0x1099,
        MV_FLAG | PT_BOOLEAN, MV_FLAG | PT_NULL, MVI_FLAG | PT_LONG, MVI_FLAG | PT_UNICODE };
    static const uint8_t bytes[] = "\1\0\0\0\1\0\0\0x";
    size_t i, size;

    (void)state;
    for (i = 0; i < COUNT_OF(types); i++) {
        for (size = 0; size < sizeof(bytes); size++) {
            struct bag_value cell = { PROP_TAG(types[i], ID), 0, bytes, size };
            struct mapi_arena arena;
            SPropValue out;
            size_t need = propval_decode_size(&cell, types[i]);
            void *block;

            arena.left = need == SIZE_MAX ? 0 : need;
            arena.next = block = malloc(arena.left + 1);
            assert_non_null(block);
            propval_decode(&cell, types[i], &arena, &out);
            assert_int_equal(out.ulPropTag, PROP_TAG(PT_ERROR, ID));
            assert_int_equal(out.Value.err, MAPI_E_CORRUPT_DATA);
            free(block);
        }
    }
}

static void cell_ok__bad_cells__are_told(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        ULONG type;
        bool ok;
    } cases[] = {
        { "\1\2\3\4", 4, PT_LONG, true },
        { "\1\2\3", 3, PT_LONG, false },
        { "\1", 1, PT_BOOLEAN, true },
        { "\2", 1, PT_BOOLEAN, false },
        { NULL, 0, PT_UNICODE, true },
        { "\xC3\xA9", 2, PT_UNICODE, true },
        { "a\0b", 3, PT_UNICODE, true },
        { "\xC3", 1, PT_UNICODE, false },
        { NULL, 0, PT_BINARY, true },
        { "a", 1, PT_STRING8, false },
        { NULL, 0, PT_NULL, false },
        { NULL, 0, PT_UNSPECIFIED, false },
        { NULL, 0, PT_OBJECT, false },
        { "\0\0\0\0", 4, PT_ERROR, false },
        { "\1\0\0\0\7\0", 6, PT_MV_I2, true },
        { "\0\0\0\0", 4, PT_MV_I2, false },         /* none */
        { "\1\0\0\0\7\0\7\0", 8, PT_MV_I2, false }, /* too long */
        { "\1\0\0\0\1\0\0\0x", 9, PT_MV_BINARY, true },
        { "\1\0\0\0\1\0\0\0xy", 10, PT_MV_BINARY, false },         /* bytes left over */
        { "\1\0\0\0\2\0\0\0x", 9, PT_MV_BINARY, false },           /* end behind the end */
        { "\2\0\0\0\2\0\0\0\1\0\0\0xy", 14, PT_MV_BINARY, false }, /* ends go back */
        { "\xFF\xFF\xFF\xFF\0\0\0\0", 8, PT_MV_BINARY, false },    /* count too big */
        { "\1\0\0\0\1\0\0\0\xFF", 9, PT_MV_UNICODE, false },       /* no UTF-8 */
        { "\1\0\0", 3, PT_MV_BINARY, false },
    };

    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(cases); i++) {
        struct bag_value cell = { PROP_TAG(cases[i].type, ID), 0, (const uint8_t *)cases[i].bytes,
            cases[i].size };

        assert_int_equal(propval_cell_ok(&cell), cases[i].ok);
    }
}

/* -- Copies ------------------------------------------------------------------------------------ */

/* Memory.Ownership.3: nothing of the copy points into the original. */
static void copy__every_type__is_deep(void **state)
{
    size_t i, round;

    (void)state;
    for (i = 0; i < COUNT_OF(single_types) + COUNT_OF(many_types); i++) {
        ULONG type = i < COUNT_OF(single_types) ? single_types[i]
                                                : many_types[i - COUNT_OF(single_types)];
        for (round = 0; round < 50; round++) {
            SPropValue value, again, copy;
            struct mapi_arena arena;
            uint32_t start = seed;
            void *block;

            pool_used = 0;
            value = any_value(type);
            arena.left = propval_copy_size(&value);
            arena.next = block = malloc(arena.left + 1);
            assert_non_null(block);

            propval_copy(&value, &arena, &copy);

            assert_int_equal(arena.left, 0);
            memset(pool, 0xEE, pool_used);
            seed = start;
            pool_used = 0;
            again = any_value(type); /* the same value once more */
            assert_same(&copy, &again);
            free(block);
        }
    }
}

static void copy__error_and_object__stay_as_they_are(void **state)
{
    struct mapi_arena arena = { NULL, 0 };
    SPropValue value = { PROP_TAG(PT_ERROR, ID), 7, { 0 } };
    SPropValue copy;

    (void)state;
    value.Value.err = MAPI_E_NOT_FOUND;
    assert_int_equal(propval_copy_size(&value), 0);
    propval_copy(&value, &arena, &copy);
    assert_int_equal(copy.ulPropTag, value.ulPropTag);
    assert_int_equal(copy.Value.err, MAPI_E_NOT_FOUND);
    value.ulPropTag = PROP_TAG(PT_OBJECT, ID);
    assert_int_equal(propval_copy_size(&value), 0);
    propval_copy(&value, &arena, &copy);
    assert_int_equal(copy.ulPropTag, value.ulPropTag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip__every_single_type__value_unchanged),
        cmocka_unit_test(round_trip__every_multivalue_type__values_and_order_unchanged),
        cmocka_unit_test(round_trip__every_unit__unchanged),
        cmocka_unit_test(decode__text_of_the_other_width__is_converted),
        cmocka_unit_test(decode__long_text_as_string8__keeps_every_character),
        cmocka_unit_test(check__pr_null_or_error__is_fine_and_skipped),
        cmocka_unit_test(check__object__is_an_invalid_parameter),
        cmocka_unit_test(check__every_type_there_can_be__only_defined_ones_pass),
        cmocka_unit_test(check__multivalue_of_none__is_an_invalid_parameter),
        cmocka_unit_test(check__null_pointer__is_an_invalid_parameter),
        cmocka_unit_test(encode__any_nonzero_boolean__is_stored_as_1),
        cmocka_unit_test(encode__nth_allocation_fails__says_so_and_leaks_nothing),
        cmocka_unit_test(resolve__type_asked_for__is_the_real_one_or_the_other_text),
        cmocka_unit_test(decode__type_that_does_not_fit__is_not_found),
        cmocka_unit_test(decode__large_cell__is_not_enough_memory),
        cmocka_unit_test(decode__damaged_cells__are_corrupt_data_or_some_value),
        cmocka_unit_test(decode__unknown_stored_type__is_corrupt_data),
        cmocka_unit_test(cell_ok__bad_cells__are_told),
        cmocka_unit_test(copy__every_type__is_deep),
        cmocka_unit_test(copy__error_and_object__stay_as_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
