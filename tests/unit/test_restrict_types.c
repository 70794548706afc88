/* SPDX-License-Identifier: MIT */
/*
 * test_restrict_types.c - every kind of restriction on values of every property type, from one
 * table of three values of each, ascending.
 */
#include "unit/restrict_fixture.h"

enum {
    ID_LOW = 0x6840, /* of the row's three values of a type */
    ID_SAME,
    ID_HIGH,
    ID_MANY, /* low and same */
    ID_NONE,
    MANY_SIZE = 64
};

struct kind {
    ULONG type;
    ULONG sizes[3]; /* as the client has the values */
    SPropValue values[3];
};

/* An array of two values at most, as a multivalue points to it. */
struct many {
    union {
        double aligned;
        unsigned char bytes[MANY_SIZE];
    } room;
};

/* --- values ----------------------------------------------------------------------------------- */

static SPropValue of_bits(ULONG type, uint64_t bits)
{
    SPropValue value = { PROP_TAG(type, 0), 0, { 0 } };

    value.Value.li.QuadPart = (LONGLONG)bits;
    return value;
}

static SPropValue of_number(ULONG type, LONGLONG number)
{
    SPropValue value = of_bits(type, (uint64_t)number);

    if (type == PT_I2)
        value.Value.i = (short)number;
    else if (type == PT_LONG)
        value.Value.l = (LONG)number;
    return value;
}

static SPropValue of_real(ULONG type, double real)
{
    SPropValue value = of_bits(type, 0);

    if (type == PT_R4)
        value.Value.flt = (float)real;
    else
        value.Value.dbl = real;
    return value;
}

static SPropValue of_flag(bool flag)
{
    SPropValue value = of_bits(PT_BOOLEAN, 0);

    value.Value.b = flag;
    return value;
}

static SPropValue of_guid(GUID *guid)
{
    SPropValue value = of_bits(PT_CLSID, 0);

    value.Value.lpguid = guid;
    return value;
}

enum { KINDS = 13 };

/* Values whose order would be another one if they were taken for other types: negative ones, times
 * with the highest bit set, texts whose cases differ. */
static void make_kinds(struct kind *kinds)
{
    static GUID guids[] = { { 0, 2, 3, { 4, 5, 6, 7, 8, 9, 10, 11 } },
        { 1, 2, 3, { 4, 5, 6, 7, 8, 9, 10, 11 } }, { 1, 2, 3, { 4, 5, 6, 7, 8, 9, 10, 12 } } };

    const struct kind list[KINDS] = {
        { PT_I2, { 2, 2, 2 },
                { of_number(PT_I2, -3), of_number(PT_I2, -2), of_number(PT_I2, 300) } },
        { PT_LONG, { 4, 4, 4 },
                { of_number(PT_LONG, -6), of_number(PT_LONG, -5), of_number(PT_LONG, 70000) } },
        { PT_R4, { 4, 4, 4 },
                { of_real(PT_R4, -300.25), of_real(PT_R4, -2.5), of_real(PT_R4, 1) } },
        { PT_DOUBLE, { 8, 8, 8 },
                { of_real(PT_DOUBLE, -300.25), of_real(PT_DOUBLE, -2.5),
                        of_real(PT_DOUBLE, 1e300) } },
        { PT_CURRENCY, { 8, 8, 8 },
                { of_number(PT_CURRENCY, -5000000001), of_number(PT_CURRENCY, -5000000000),
                        of_number(PT_CURRENCY, 1) } },
        { PT_APPTIME, { 8, 8, 8 },
                { of_real(PT_APPTIME, -300.25), of_real(PT_APPTIME, -2.5),
                        of_real(PT_APPTIME, 36526.5) } },
        { PT_BOOLEAN, { 2, 2, 2 }, { of_flag(false), of_flag(true), of_flag(true) } },
        { PT_I8, { 8, 8, 8 },
                { of_number(PT_I8, -5000000001), of_number(PT_I8, -5000000000),
                        of_number(PT_I8, 1) } },
        { PT_SYSTIME, { 8, 8, 8 },
                { of_bits(PT_SYSTIME, 9), of_bits(PT_SYSTIME, 0x01D0000000000000u),
                        of_bits(PT_SYSTIME, 0x8000000000000000u) } },
        { PT_CLSID, { 16, 16, 16 },
                { of_guid(&guids[0]), of_guid(&guids[1]), of_guid(&guids[2]) } },
        { PT_UNICODE, { 12, 16, 10 },
                { text(PT_UNICODE, MSP_W("Hello")), text(PT_UNICODE, MSP_W("hello \u00D6")),
                        text(PT_UNICODE, MSP_W("Hel\u00E9")) } },
        { PT_STRING8, { 6, 8, 5 },
                { text_a(PT_STRING8, "Hello"), text_a(PT_STRING8, "hello \xD6"),
                        text_a(PT_STRING8, "Hel\xE9") } },
        { PT_BINARY, { 2, 5, 2 },
                { bytes(PT_BINARY, "ab", 2), bytes(PT_BINARY, "ab\0cd", 5),
                        bytes(PT_BINARY, "b\1", 2) } },
    };

    memcpy(kinds, list, sizeof(list));
}

static size_t client_width(ULONG type)
{
    switch (type) {
    case PT_UNICODE:
    case PT_STRING8:
        return sizeof(void *);
    case PT_BINARY:
        return sizeof(SBinary);
    default:
        return propval_width(type);
    }
}

static SPropValue make_many(const SPropValue *first, const SPropValue *second, struct many *many)
{
    ULONG type = PROP_TYPE(first->ulPropTag);
    const SPropValue *values[] = { first, second };
    SPropValue out = { PROP_TAG(MV_FLAG | type, 0), 0, { 0 } };
    size_t width = client_width(type);

    for (size_t i = 0; i < COUNT_OF(values) && values[i] != NULL; i++) {
        const void *from = type == PT_CLSID ? (const void *)values[i]->Value.lpguid
                                            : (const void *)&values[i]->Value;

        memcpy(many->room.bytes + i * width, from, width);
        out.Value.MVbin.cValues++;
    }
    out.Value.MVbin.lpbin = (SBinary *)(void *)many->room.bytes;
    return out;
}

static void put_as(struct fixture *fx, ULONG id, SPropValue value)
{
    value.ulPropTag = PROP_TAG(PROP_TYPE(value.ulPropTag), id);
    put(&fx->bag, value);
}

/* Runs a check for each type, on a row with its values. */
static void for_each_kind(
        struct fixture *fx, void (*check)(struct fixture *fx, const struct kind *kind))
{
    struct kind kinds[KINDS];

    make_kinds(kinds);
    for (size_t i = 0; i < KINDS; i++) {
        const SPropValue *values = kinds[i].values;
        struct many many;

        put_as(fx, ID_LOW, values[0]);
        put_as(fx, ID_SAME, values[1]);
        put_as(fx, ID_HIGH, values[2]);
        if (kinds[i].type != PT_BOOLEAN) /* there is no multivalued one */
            put_as(fx, ID_MANY, make_many(&values[0], &values[1], &many));
        check(fx, &kinds[i]);
    }
}

static bool is_in_order(int order, ULONG relop)
{
    const bool table[][3] = { { true, false, false }, { true, true, false }, { false, false, true },
        { false, true, true }, { false, true, false }, { true, false, true } }; /* from RELOP_LT */

    return table[relop][order + 1];
}

/* The order of the i-th and the k-th value of a kind. */
static int order_of(const struct kind *kind, int i, int k)
{
    if (kind->type == PT_BOOLEAN) { /* the second and third are the same */
        i = i > 1 ? 1 : i;
        k = k > 1 ? 1 : k;
    }
    return (i > k) - (i < k);
}

/* --- PROPERTY, COMPAREPROPS, SIZE ------------------------------------------------------------- */

static void check_property(struct fixture *fx, const struct kind *kind)
{
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 3; k++) {
            for (ULONG relop = RELOP_LT; relop <= RELOP_NE; relop++)
                assert_int_equal(
                        relates(fx, PROP_TAG(kind->type, ID_LOW + i), relop, kind->values[k]),
                        is_in_order(order_of(kind, i, k), relop));
        }
    }
}

/* restriction.PROPERTY.1 restriction.PROPERTY.2 restriction.PROPERTY.3 restriction.PROPERTY.11 */
static void property__every_type__value_operator_constant(void **state)
{
    for_each_kind(*state, check_property);
}

static void check_any_element(struct fixture *fx, const struct kind *kind)
{
    ULONG tag = PROP_TAG(MV_FLAG | kind->type, ID_MANY);

    for (int k = 0; k < 3 && kind->type != PT_BOOLEAN; k++) {
        for (ULONG relop = RELOP_LT; relop <= RELOP_NE; relop++)
            assert_int_equal(relates(fx, tag, relop, kind->values[k]),
                    is_in_order(order_of(kind, 0, k), relop) ||
                            is_in_order(order_of(kind, 1, k), relop));
    }
}

/* restriction.PROPERTY.5 */
static void property__every_multivalue_type__any_element(void **state)
{
    for_each_kind(*state, check_any_element);
}

static void check_tuple(struct fixture *fx, const struct kind *kind)
{
    const SPropValue *values = kind->values;
    ULONG tag = PROP_TAG(MV_FLAG | kind->type, ID_MANY);

    const struct {
        const SPropValue *first;
        const SPropValue *second;
        int order; /* of the row's values and these */
    } cases[] = { { &values[0], &values[1], 0 }, { &values[0], NULL, 1 },
        { &values[0], &values[2], -1 }, { &values[0], &values[0], 1 }, { &values[1], NULL, -1 } };

    for (size_t i = 0; i < COUNT_OF(cases) && kind->type != PT_BOOLEAN; i++) {
        struct many many;
        SPropValue constant = make_many(cases[i].first, cases[i].second, &many);

        for (ULONG relop = RELOP_LT; relop <= RELOP_NE; relop++)
            assert_int_equal(relates(fx, tag, relop, constant), is_in_order(cases[i].order, relop));
    }
}

/* restriction.PROPERTY.6: tuples are supported, and compared as such. */
static void property__every_multivalue_type__tuples(void **state)
{
    for_each_kind(*state, check_tuple);
}

static void check_compare(struct fixture *fx, const struct kind *kind)
{
    ULONG many = PROP_TAG(MV_FLAG | kind->type, ID_MANY);

    for (ULONG relop = RELOP_LT; relop <= RELOP_NE; relop++) {
        for (int i = 0; i < 3; i++) {
            ULONG tag = PROP_TAG(kind->type, ID_LOW + i);

            for (int k = 0; k < 3; k++)
                assert_int_equal(matches(fx, res_three(RES_COMPAREPROPS, relop, tag,
                                                     PROP_TAG(kind->type, ID_LOW + k))),
                        is_in_order(order_of(kind, i, k), relop));
            assert_false(matches(
                    fx, res_three(RES_COMPAREPROPS, relop, tag, PROP_TAG(kind->type, ID_NONE))));
            assert_false(matches(
                    fx, res_three(RES_COMPAREPROPS, relop, PROP_TAG(kind->type, ID_NONE), tag)));
        }
        if (kind->type != PT_BOOLEAN)
            assert_int_equal(matches(fx, res_three(RES_COMPAREPROPS, relop, many, many)),
                    is_in_order(0, relop));
    }
}

/* restriction.COMPAREPROPS.1 restriction.COMPAREPROPS.3 */
static void compareprops__every_type__two_of_a_row(void **state)
{
    for_each_kind(*state, check_compare);
}

static void assert_size(struct fixture *fx, ULONG tag, ULONG size)
{
    for (ULONG relop = RELOP_LT; relop <= RELOP_NE; relop++) {
        assert_int_equal(
                matches(fx, res_three(RES_SIZE, relop, tag, size + 1)), is_in_order(-1, relop));
        assert_int_equal(matches(fx, res_three(RES_SIZE, relop, tag, size)), is_in_order(0, relop));
        assert_int_equal(
                matches(fx, res_three(RES_SIZE, relop, tag, size - 1)), is_in_order(1, relop));
    }
}

static void check_size(struct fixture *fx, const struct kind *kind)
{
    for (ULONG i = 0; i < 3; i++)
        assert_size(fx, PROP_TAG(kind->type, ID_LOW + i), kind->sizes[i]);
    if (kind->type != PT_BOOLEAN)
        assert_size(fx, PROP_TAG(MV_FLAG | kind->type, ID_MANY), kind->sizes[0] + kind->sizes[1]);
    for (ULONG relop = RELOP_LT; relop <= RELOP_NE; relop++)
        assert_false(matches(fx, res_three(RES_SIZE, relop, PROP_TAG(kind->type, ID_NONE), 0)));
}

/* restriction.SIZE.1 restriction.SIZE.2 */
static void size__every_type__counts_bytes_as_the_client_has_them(void **state)
{
    for_each_kind(*state, check_size);
}

/* --- CONTENT, BITMASK, EXIST, SUBRESTRICTION -------------------------------------------------- */

static void check_content(struct fixture *fx, const struct kind *kind)
{
    ULONG tag = PROP_TAG(kind->type, ID_SAME), many = PROP_TAG(MV_FLAG | kind->type, ID_MANY);
    bool has_content =
            kind->type == PT_UNICODE || kind->type == PT_STRING8 || kind->type == PT_BINARY;
    bool folds = kind->type != PT_BINARY;

    for (ULONG level = FL_FULLSTRING; level <= FL_PREFIX; level++) {
        if (!has_content) {
            assert_int_equal(refuses_content(tag, level, kind->values[1]), MAPI_E_TOO_COMPLEX);
            continue;
        }
        assert_true(contains(fx, tag, level, kind->values[1]));
        assert_false(contains(fx, tag, level | FL_IGNORECASE, kind->values[2]));
        /* "Hello" begins "hello \u00D6", regardless of case; "ab" begins "ab\0cd" anyhow */
        assert_int_equal(
                contains(fx, tag, level | FL_IGNORECASE, kind->values[0]), level != FL_FULLSTRING);
        assert_int_equal(
                contains(fx, tag, level, kind->values[0]), level != FL_FULLSTRING && !folds);
        assert_true(contains(fx, many, level, kind->values[0]));
        assert_true(contains(fx, many, level, kind->values[1]));
        assert_false(contains(fx, many, level, kind->values[2]));
        assert_false(contains(fx, PROP_TAG(kind->type, ID_NONE), level, kind->values[0]));
    }
}

/* restriction.CONTENT.1 restriction.CONTENT.2 restriction.CONTENT.3 restriction.CONTENT.9
 * restriction.CONTENT.11 */
static void content__every_type__is_for_text_and_bytes(void **state)
{
    for_each_kind(*state, check_content);
}

static void check_bitmask(struct fixture *fx, const struct kind *kind)
{
    ULONG tag = PROP_TAG(kind->type, ID_SAME);
    SRestriction restriction = res_three(RES_BITMASK, BMR_NEZ, tag, 1);

    if (kind->type == PT_LONG) { /* -5 */
        assert_true(matches(fx, restriction));
        assert_true(matches(fx, res_three(RES_BITMASK, BMR_EQZ, tag, 4)));
    } else {
        assert_int_equal(compile_only(&restriction), MAPI_E_TOO_COMPLEX);
    }
    restriction.res.resBitMask.ulPropTag = PROP_TAG(MV_FLAG | kind->type, ID_MANY);
    assert_int_equal(compile_only(&restriction), MAPI_E_TOO_COMPLEX);
}

/* restriction.BITMASK.1 restriction.BITMASK.2 */
static void bitmask__every_type__is_for_long(void **state)
{
    for_each_kind(*state, check_bitmask);
}

static void check_exist(struct fixture *fx, const struct kind *kind)
{
    SRestriction exist = res_exist(PROP_TAG(kind->type, ID_SAME));
    SRestriction none = res_exist(PROP_TAG(kind->type, ID_NONE));

    assert_true(matches(fx, exist));
    assert_false(matches(fx, none));
    assert_true(matches(fx, res_not(&none)));
    if (kind->type != PT_BOOLEAN)
        assert_true(matches(fx, res_exist(PROP_TAG(MV_FLAG | kind->type, ID_MANY))));
}

/* restriction.EXIST.1 restriction.NOT.1 */
static void exist__every_type__says_whether_it_is_there(void **state)
{
    for_each_kind(*state, check_exist);
}

static void check_subobject(struct fixture *fx, const struct kind *kind)
{
    SPropValue value = kind->values[1], low = kind->values[0], high = kind->values[2];
    ULONG tag = PROP_TAG(kind->type, ID_SAME);
    SRestriction same = res_property(RELOP_EQ, tag, &value);
    SRestriction below = res_property(RELOP_LT, tag, &low);
    SRestriction above = res_property(RELOP_GT, tag, &high);
    SRestriction list[2];

    fx->subobject_count = 1;
    value.ulPropTag = tag;
    put(&fx->subobjects[0], value);
    assert_true(matches(fx, res_sub(PR_MESSAGE_RECIPIENTS, &same)));
    assert_false(matches(fx, res_sub(PR_MESSAGE_ATTACHMENTS, &below)));
    list[0] = same;
    list[1] = above;
    same = res_list(RES_OR, 2, list);
    assert_true(matches(fx, res_sub(PR_MESSAGE_ATTACHMENTS, &same)));
    same.rt = RES_AND;
    assert_false(matches(fx, res_sub(PR_MESSAGE_ATTACHMENTS, &same)));
}

/* restriction.SUBRESTRICTION.1 restriction.AND.1 restriction.OR.1 */
static void subrestriction__every_type__looks_at_the_subobject(void **state)
{
    for_each_kind(*state, check_subobject);
}

/* --- two types -------------------------------------------------------------------------------- */

/* restriction.PROPERTY.4 restriction.COMPAREPROPS.2 restriction.CONTENT.8 */
static void every_pair_of_types__that_differ__is_too_complex(void **state)
{
    struct kind kinds[KINDS];

    (void)state;
    make_kinds(kinds);
    for (size_t i = 0; i < KINDS * KINDS; i++) {
        ULONG tag = PROP_TAG(kinds[i / KINDS].type, ID_SAME);
        const struct kind *other = &kinds[i % KINDS];
        SRestriction compare =
                res_three(RES_COMPAREPROPS, RELOP_EQ, tag, PROP_TAG(other->type, ID_LOW));
        HRESULT expected = i / KINDS == i % KINDS ? S_OK : MAPI_E_TOO_COMPLEX;

        assert_int_equal(refuses_property(tag, RELOP_EQ, other->values[0]), expected);
        assert_int_equal(compile_only(&compare), expected);
        if (expected != S_OK)
            assert_int_equal(refuses_content(tag, FL_SUBSTRING, other->values[0]), expected);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(property__every_type__value_operator_constant),
        TEST(property__every_multivalue_type__any_element),
        TEST(property__every_multivalue_type__tuples),
        TEST(compareprops__every_type__two_of_a_row),
        TEST(size__every_type__counts_bytes_as_the_client_has_them),
        TEST(content__every_type__is_for_text_and_bytes),
        TEST(bitmask__every_type__is_for_long),
        TEST(exist__every_type__says_whether_it_is_there),
        TEST(subrestriction__every_type__looks_at_the_subobject),
        TEST(every_pair_of_types__that_differ__is_too_complex),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
