/* SPDX-License-Identifier: MIT */
/*
 * test_restrict_match.c - restrictions run on a row: every kind, by its clauses. On every type of
 * values: test_restrict_types.c.
 */
#include "unit/restrict_fixture.h"

/* -- AND, OR, NOT, EXIST, COMMENT
 * -------------------------------------------------------------------- */

static void compile__no_restriction__matches_everything(void **state)
{
    struct fixture *fx = *state;
    struct restrict_program *program = (void *)fx;

    assert_int_equal(restrict_compile(NULL, &program), S_OK);
    assert_null(program);
    assert_true(restrict_match(program, &fx->row));
    restrict_free(program);
}

/* restriction.AND.1 restriction.AND.2 restriction.OR.1 restriction.OR.2 restriction.NOT.1 */
static void logic__all_tables_of_truth__hold(void **state)
{
    struct fixture *fx = *state;
    SRestriction yes = res_exist(TAG_NUMBER), no = res_exist(TAG_ABSENT);
    unsigned bits;

    assert_true(matches(fx, res_list(RES_AND, 0, NULL)));
    assert_false(matches(fx, res_list(RES_OR, 0, NULL)));
    assert_true(matches(fx, res_not(&no)));
    assert_false(matches(fx, res_not(&yes)));
    for (bits = 0; bits < 8; bits++) {
        SRestriction list[3], inner[2], nested;
        size_t i;

        for (i = 0; i < 3; i++)
            list[i] = (bits >> i & 1) != 0 ? yes : no;
        assert_int_equal(matches(fx, res_list(RES_AND, 3, list)), bits == 7);
        assert_int_equal(matches(fx, res_list(RES_OR, 3, list)), bits != 0);
        /* (0 AND 1) OR NOT 2: what follows a subtree is found again */
        inner[0] = res_list(RES_AND, 2, list);
        inner[1] = res_not(&list[2]);
        nested = res_list(RES_OR, 2, inner);
        assert_int_equal(matches(fx, nested), (bits & 3) == 3 || (bits & 4) == 0);
        nested = res_list(RES_AND, 2, inner);
        assert_int_equal(matches(fx, nested), (bits & 3) == 3 && (bits & 4) == 0);
    }
}

/* restriction.EXIST.1 restriction.EXIST.3 */
static void exist__any_type_given__the_identifier_decides(void **state)
{
    struct fixture *fx = *state;

    assert_true(matches(fx, res_exist(TAG_TEXT)));
    assert_true(matches(fx, res_exist(TAG_TEXT_A)));
    assert_true(matches(fx, res_exist(PROP_TAG(PT_UNSPECIFIED, PROP_ID(TAG_TEXT)))));
    assert_true(matches(fx, res_exist(TAG_LARGE_TEXT)));
    assert_false(matches(fx, res_exist(TAG_ABSENT)));
}

/* restriction.EXIST.2 */
static void exist__object__is_too_complex(void **state)
{
    SRestriction res = res_exist(PROP_TAG(PT_OBJECT, 0x0E12));

    (void)state;
    assert_int_equal(compile_only(&res), MAPI_E_TOO_COMPLEX);
}

/* restriction.COMMENT.1 restriction.COMMENT.2 */
static void comment__with_and_without_child__is_its_child_or_true(void **state)
{
    struct fixture *fx = *state;
    SRestriction yes = res_exist(TAG_NUMBER), no = res_exist(TAG_ABSENT), res;

    memset(&res, 0, sizeof(res));
    res.rt = RES_COMMENT;
    assert_true(matches(fx, res));
    res.res.resComment.lpRes = &yes;
    res.res.resComment.cValues = 1000000; /* and no values: nobody looks */
    assert_true(matches(fx, res));
    res.res.resComment.lpRes = &no;
    assert_false(matches(fx, res));
    assert_true(matches(fx, res_not(&res)));
}

/* -- PROPERTY ------------------------------------------------------------------------------------
 */

static void property__boolean__any_nonzero_constant_is_true(void **state)
{
    struct fixture *fx = *state;
    SPropValue value = { TAG_FLAG, 0, { 0 } };

    value.Value.b = 0x0100;
    assert_true(relates(fx, TAG_FLAG, RELOP_EQ, value));
    value.Value.b = 0;
    assert_true(relates(fx, TAG_FLAG, RELOP_NE, value));
    assert_true(relates(fx, TAG_FLAG, RELOP_GT, value));
}

/* restriction.PROPERTY.8 */
static void property__absent__is_false_for_every_operator(void **state)
{
    struct fixture *fx = *state;
    ULONG relop;

    for (relop = RELOP_LT; relop <= RELOP_NE; relop++) {
        assert_false(relates(fx, TAG_ABSENT, relop, number(TAG_ABSENT, 0)));
        assert_false(relates(fx, TAG_ABSENT_TEXT, relop, text(TAG_ABSENT_TEXT, MSP_W(""))));
        /* stored with another type: no value of this property */
        assert_false(relates(
                fx, PROP_TAG(PT_I2, PROP_ID(TAG_NUMBER)), relop, number(PROP_TAG(PT_I2, 1), 0)));
        assert_false(relates(
                fx, PROP_TAG(PT_MV_LONG, PROP_ID(TAG_NUMBER)), relop, number(TAG_NUMBER, -5)));
        assert_false(
                relates(fx, PROP_TAG(PT_LONG, PROP_ID(TAG_NUMBERS)), relop, number(TAG_NUMBER, 3)));
    }
}

static void property__malformed_value__is_false_for_every_operator(void **state)
{
    struct fixture *fx = *state;
    ULONG relop;

    assert_true(bag_set(&fx->bag, TAG_NUMBER, 0, "\1\2\3", 3));
    assert_true(bag_set(&fx->bag, TAG_NUMBERS, 0, "\1\2\3", 3));
    for (relop = RELOP_LT; relop <= RELOP_NE; relop++) {
        assert_false(relates(fx, TAG_NUMBER, relop, number(TAG_NUMBER, 0)));
        assert_false(relates(fx, TAG_NUMBERS, relop, number(TAG_NUMBER, 0)));
        assert_false(matches(fx, res_three(RES_COMPAREPROPS, relop, TAG_NUMBER, TAG_NUMBER)));
        assert_false(matches(fx, res_three(RES_SIZE, relop, TAG_NUMBER, 4)));
        /* the second of two texts ends before it begins */
        assert_true(bag_set(&fx->bag, TAG_TEXTS, 0, "\2\0\0\0\2\0\0\0\1\0\0\0ab", 14));
        assert_false(matches(fx, res_three(RES_SIZE, relop, TAG_TEXTS, 4)));
        assert_true(bag_set(&fx->bag, TAG_TEXTS, 0, "\1\0\0\0\2\0\0\0a", 9));
        assert_false(relates(fx, TAG_TEXTS, relop, text(TAG_TEXT, MSP_W(""))));
    }
    assert_false(contains(fx, TAG_TEXTS, FL_SUBSTRING, text(TAG_TEXT, MSP_W(""))));
    assert_false(matches(fx, res_three(RES_BITMASK, BMR_EQZ, TAG_NUMBER, 0)));
    assert_false(matches(fx, res_three(RES_BITMASK, BMR_NEZ, TAG_NUMBER, 1)));
}

/* restriction.PROPERTY.4 */
static void property__types_differ__is_too_complex(void **state)
{
    (void)state;
    assert_int_equal(refuses_property(TAG_NUMBER, RELOP_EQ, number(PROP_TAG(PT_I2, 1), 0)),
            MAPI_E_TOO_COMPLEX);
    assert_int_equal(
            refuses_property(TAG_TEXT, RELOP_EQ, text_a(TAG_TEXT_A, "x")), MAPI_E_TOO_COMPLEX);
    assert_int_equal(
            refuses_property(TAG_NUMBERS, RELOP_EQ, number(TAG_SHORT, 0)), MAPI_E_TOO_COMPLEX);
    assert_int_equal(
            refuses_property(PROP_TAG(PT_UNSPECIFIED, 0x6802), RELOP_EQ, number(TAG_NUMBER, 0)),
            MAPI_E_TOO_COMPLEX);
    /* the id of the constant is nobody's business */
    assert_int_equal(refuses_property(TAG_NUMBER, RELOP_EQ, number(PROP_TAG(PT_LONG, 0), 0)), S_OK);
}

/* restriction.PROPERTY.5 */
static void property__multivalue_and_single_constant__any_element(void **state)
{
    struct fixture *fx = *state;

    assert_true(relates(fx, TAG_NUMBERS, RELOP_EQ, number(TAG_NUMBER, -7)));
    assert_true(relates(fx, TAG_NUMBERS, RELOP_GT, number(TAG_NUMBER, 39)));
    assert_false(relates(fx, TAG_NUMBERS, RELOP_GT, number(TAG_NUMBER, 40)));
    assert_true(relates(fx, TAG_NUMBERS, RELOP_NE, number(TAG_NUMBER, 3)));
    assert_true(relates(fx, TAG_TEXTS, RELOP_EQ, text(TAG_TEXT, MSP_W("RED"))));
    assert_false(relates(fx, TAG_TEXTS, RELOP_EQ, text(TAG_TEXT, MSP_W("Blue"))));
}

/* restriction.PROPERTY.6: here tuples are supported, and compared as such. */
static void property__multivalued_constant__compares_tuples(void **state)
{
    struct fixture *fx = *state;
    LONG same[] = { 3, -7, 40 }, less[] = { 3, -7 }, other[] = { 3, -8, 99 };
    SPropValue value = { TAG_NUMBERS, 0, { 0 } };

    value.Value.MVl.cValues = 3;
    value.Value.MVl.lpl = same;
    assert_true(relates(fx, TAG_NUMBERS, RELOP_EQ, value));
    value.Value.MVl.lpl = other;
    assert_true(relates(fx, TAG_NUMBERS, RELOP_GT, value));
    value.Value.MVl.cValues = 2;
    value.Value.MVl.lpl = less;
    assert_true(relates(fx, TAG_NUMBERS, RELOP_GT, value));
    assert_false(relates(fx, TAG_NUMBERS, RELOP_EQ, value));
    assert_int_equal(refuses_property(TAG_NUMBER, RELOP_EQ, value), MAPI_E_TOO_COMPLEX);
    assert_int_equal(refuses_property(MVI_PROP(TAG_NUMBERS), RELOP_EQ, value), MAPI_E_TOO_COMPLEX);
    value = text(TAG_TEXTS, NULL);
    assert_int_equal(refuses_content(TAG_TEXTS, FL_SUBSTRING, value), MAPI_E_INVALID_PARAMETER);
}

/* restriction.PROPERTY.7: the row gives its own value for the column. */
static void property__instance_column__tests_the_rows_own_value(void **state)
{
    struct fixture *fx = *state;
    ULONG column = MVI_PROP(TAG_NUMBERS);

    put(&fx->bag, number(PROP_TAG(PT_LONG, PROP_ID(TAG_NUMBERS)), -7));
    assert_true(relates(fx, column, RELOP_EQ, number(TAG_NUMBER, -7)));
    assert_false(relates(fx, column, RELOP_EQ, number(TAG_NUMBER, 40)));
}

/* restriction.PROPERTY.9 */
static void relop__unsupported_or_unknown__is_refused(void **state)
{
    SRestriction res;

    (void)state;
    assert_int_equal(
            refuses_property(TAG_TEXT, RELOP_RE, text(TAG_TEXT, MSP_W("x"))), MAPI_E_TOO_COMPLEX);
    assert_int_equal(
            refuses_property(TAG_NUMBER, 7, number(TAG_NUMBER, 1)), MAPI_E_INVALID_PARAMETER);
    res = res_three(RES_COMPAREPROPS, RELOP_RE, TAG_TEXT, TAG_TEXT);
    assert_int_equal(compile_only(&res), MAPI_E_TOO_COMPLEX);
    res = res_three(RES_COMPAREPROPS, 0xFFFFFFFF, TAG_TEXT, TAG_TEXT);
    assert_int_equal(compile_only(&res), MAPI_E_INVALID_PARAMETER);
    res = res_three(RES_SIZE, RELOP_RE, TAG_TEXT, 0);
    assert_int_equal(compile_only(&res), MAPI_E_TOO_COMPLEX);
    res = res_three(RES_SIZE, 7, TAG_TEXT, 0);
    assert_int_equal(compile_only(&res), MAPI_E_INVALID_PARAMETER);
    res = res_three(RES_BITMASK, 2, TAG_NUMBER, 0);
    assert_int_equal(compile_only(&res), MAPI_E_INVALID_PARAMETER);
}

/* restriction.PROPERTY.10 */
static void message_class__any_case__is_the_same_class(void **state)
{
    struct fixture *fx = *state;
    SPropValue upper = text(PR_MESSAGE_CLASS_W, MSP_W("IPM.NOTE"));

    put(&fx->bag, text(PR_MESSAGE_CLASS_W, MSP_W("IPM.Note.Foo")));
    assert_true(relates(
            fx, PR_MESSAGE_CLASS_W, RELOP_EQ, text(PR_MESSAGE_CLASS_W, MSP_W("ipm.note.FOO"))));
    assert_true(contains(fx, PR_MESSAGE_CLASS_W, FL_PREFIX, upper));
    upper.ulPropTag = PR_MESSAGE_CLASS_A;
    assert_true(
            contains(fx, PR_MESSAGE_CLASS_A, FL_PREFIX, text_a(PR_MESSAGE_CLASS_A, "IPM.NOTE")));
}

/* restriction.PROPERTY.12 */
static void constants__of_both_widths__select_the_same(void **state)
{
    struct fixture *fx = *state;

    assert_true(relates(fx, TAG_TEXT, RELOP_EQ, text(TAG_TEXT, MSP_W("Hello W\u00F6rld"))));
    assert_true(relates(fx, TAG_TEXT_A, RELOP_EQ, text_a(TAG_TEXT_A, "Hello W\xF6rld")));
    assert_true(contains(fx, TAG_TEXT, FL_SUBSTRING, text(TAG_TEXT, MSP_W("\u00F6r"))));
    assert_true(contains(fx, TAG_TEXT_A, FL_SUBSTRING, text_a(TAG_TEXT_A, "\xF6r")));
    assert_false(contains(fx, TAG_TEXT_A, FL_SUBSTRING, text_a(TAG_TEXT_A, "or")));
}

/* -- CONTENT -------------------------------------------------------------------------------------
 */

/* restriction.CONTENT.1 restriction.CONTENT.2 restriction.CONTENT.3 restriction.CONTENT.5 */
static void content__each_level__as_its_name_says(void **state)
{
    struct fixture *fx = *state;
    SPropValue whole = text(TAG_TEXT, MSP_W("Hello W\u00F6rld")),
               start = text(TAG_TEXT, MSP_W("Hell"));
    SPropValue middle = text(TAG_TEXT, MSP_W("lo W")),
               lower = text(TAG_TEXT, MSP_W("hello w\u00F6RLD"));

    assert_true(contains(fx, TAG_TEXT, FL_FULLSTRING, whole));
    assert_false(contains(fx, TAG_TEXT, FL_FULLSTRING, start));
    assert_false(contains(fx, TAG_TEXT, FL_FULLSTRING, lower));
    assert_true(contains(fx, TAG_TEXT, FL_FULLSTRING | FL_IGNORECASE, lower));
    assert_true(contains(fx, TAG_TEXT, FL_PREFIX, start));
    assert_false(contains(fx, TAG_TEXT, FL_PREFIX, middle));
    assert_true(contains(fx, TAG_TEXT, FL_SUBSTRING, middle));
    assert_false(contains(fx, TAG_TEXT, FL_SUBSTRING, text(TAG_TEXT, MSP_W("LO w"))));
    assert_true(
            contains(fx, TAG_TEXT, FL_SUBSTRING | FL_IGNORECASE, text(TAG_TEXT, MSP_W("LO w"))));
    assert_true(contains(fx, TAG_TEXT, FL_SUBSTRING, text(TAG_TEXT, MSP_W(""))));
}

/* restriction.CONTENT.4 restriction.CONTENT.6 */
static void content__fuzzy_flags__combine_and_unknown_ones_do_no_harm(void **state)
{
    struct fixture *fx = *state;
    SPropValue plain = text(TAG_TEXT, MSP_W("World")), other = text(TAG_TEXT, MSP_W("wORLD"));
    ULONG flags;

    for (flags = 0; flags < 0x100; flags++)
        assert_true(
                contains(fx, TAG_TEXT, FL_PREFIX | flags << 16, text(TAG_TEXT, MSP_W("Hello "))));
    assert_false(contains(fx, TAG_TEXT, FL_SUBSTRING, plain));
    assert_false(contains(fx, TAG_TEXT, FL_SUBSTRING | FL_IGNORECASE, plain));
    assert_true(contains(fx, TAG_TEXT, FL_SUBSTRING | FL_IGNORENONSPACE, plain));
    assert_false(contains(fx, TAG_TEXT, FL_SUBSTRING | FL_IGNORENONSPACE, other));
    assert_true(contains(fx, TAG_TEXT, FL_SUBSTRING | FL_IGNORENONSPACE | FL_IGNORECASE, other));
    assert_true(contains(fx, TAG_TEXT, FL_SUBSTRING | FL_LOOSE, other));
}

/* restriction.CONTENT.7 */
static void content__of_bytes__upper_half_of_the_level_is_ignored(void **state)
{
    struct fixture *fx = *state;

    assert_true(contains(fx, TAG_BYTES, FL_FULLSTRING, bytes(TAG_BYTES, "ab\0cd", 5)));
    assert_true(contains(fx, TAG_BYTES, FL_PREFIX, bytes(TAG_BYTES, "ab\0", 3)));
    assert_true(contains(fx, TAG_BYTES, FL_SUBSTRING, bytes(TAG_BYTES, "\0c", 2)));
    assert_false(contains(fx, TAG_BYTES, FL_SUBSTRING, bytes(TAG_BYTES, "\0d", 2)));
    assert_false(contains(fx, TAG_BYTES, FL_SUBSTRING | FL_IGNORECASE, bytes(TAG_BYTES, "AB", 2)));
    assert_false(contains(fx, TAG_BYTES, FL_SUBSTRING | FL_LOOSE, bytes(TAG_BYTES, "CD", 2)));
    assert_true(contains(fx, TAG_BYTES, FL_SUBSTRING, bytes(TAG_BYTES, NULL, 0)));
}

/* restriction.CONTENT.8 restriction.CONTENT.9 */
static void content__type_or_level_that_does_not_go__is_too_complex(void **state)
{
    ULONG level;

    (void)state;
    assert_int_equal(
            refuses_content(TAG_TEXT, FL_SUBSTRING, text_a(TAG_TEXT_A, "x")), MAPI_E_TOO_COMPLEX);
    assert_int_equal(refuses_content(TAG_BYTES, FL_SUBSTRING, text(TAG_TEXT, MSP_W("x"))),
            MAPI_E_TOO_COMPLEX);
    assert_int_equal(
            refuses_content(TAG_NUMBER, FL_FULLSTRING, number(TAG_NUMBER, 1)), MAPI_E_TOO_COMPLEX);
    for (level = 3; level <= 0xFFFF; level = level * 2 + 1) {
        assert_int_equal(
                refuses_content(TAG_TEXT, level, text(TAG_TEXT, MSP_W("x"))), MAPI_E_TOO_COMPLEX);
    }
}

/* restriction.CONTENT.10 */
static void content__absent__is_false(void **state)
{
    struct fixture *fx = *state;

    assert_false(contains(fx, TAG_ABSENT_TEXT, FL_SUBSTRING, text(TAG_TEXT, MSP_W(""))));
    assert_false(contains(
            fx, PROP_TAG(PT_UNICODE, PROP_ID(TAG_BYTES)), FL_SUBSTRING, text(TAG_TEXT, MSP_W(""))));
}

/* restriction.CONTENT.11 */
static void content__multivalue__any_element(void **state)
{
    struct fixture *fx = *state;

    assert_true(contains(fx, TAG_TEXTS, FL_PREFIX, text(TAG_TEXT, MSP_W("Green"))));
    assert_true(contains(fx, TAG_TEXTS, FL_FULLSTRING, text(TAG_TEXT, MSP_W("Red"))));
    assert_false(contains(fx, TAG_TEXTS, FL_FULLSTRING, text(TAG_TEXT, MSP_W("RedGreen apple"))));
    assert_true(contains(fx, PROP_TAG(PT_MV_STRING8, PROP_ID(TAG_TEXTS)), FL_SUBSTRING,
            text_a(TAG_TEXT_A, "app")));
}

/* restriction.CONTENT.12 restriction.General.5: the value itself, wherever it is stored. */
static void content__large_value__is_read(void **state)
{
    struct fixture *fx = *state;

    assert_true(contains(fx, TAG_LARGE_TEXT, FL_SUBSTRING, text(TAG_TEXT, MSP_W("large"))));
    assert_true(relates(fx, TAG_LARGE_TEXT, RELOP_EQ, text(TAG_TEXT, MSP_W("a LARGE value"))));
    fx->can_load = false;
    assert_false(contains(fx, TAG_LARGE_TEXT, FL_SUBSTRING, text(TAG_TEXT, MSP_W(""))));
    fx->row.load = NULL;
    assert_false(contains(fx, TAG_LARGE_TEXT, FL_SUBSTRING, text(TAG_TEXT, MSP_W(""))));
}

/* -- COMPAREPROPS, BITMASK, SIZE, SUBRESTRICTION
 * ---------------------------------------------------- */

/* restriction.COMPAREPROPS.1 restriction.COMPAREPROPS.3 */
static void compareprops__two_of_a_row__in_the_given_order(void **state)
{
    struct fixture *fx = *state;
    ULONG relop;

    assert_true(matches(fx, res_three(RES_COMPAREPROPS, RELOP_LT, TAG_NUMBER, TAG_NUMBER_2)));
    assert_false(matches(fx, res_three(RES_COMPAREPROPS, RELOP_LT, TAG_NUMBER_2, TAG_NUMBER)));
    assert_true(matches(fx, res_three(RES_COMPAREPROPS, RELOP_EQ, TAG_TEXT, TAG_TEXT)));
    assert_true(matches(fx, res_three(RES_COMPAREPROPS, RELOP_EQ, TAG_NUMBERS, TAG_NUMBERS)));
    for (relop = RELOP_LT; relop <= RELOP_NE; relop++) {
        assert_false(matches(fx, res_three(RES_COMPAREPROPS, relop, TAG_NUMBER, TAG_ABSENT)));
        assert_false(matches(fx, res_three(RES_COMPAREPROPS, relop, TAG_ABSENT, TAG_NUMBER)));
        /* stored with another type */
        assert_false(matches(
                fx, res_three(RES_COMPAREPROPS, relop, TAG_NUMBER, PROP_TAG(PT_LONG, 0x6800))));
    }
}

/* restriction.COMPAREPROPS.2 */
static void compareprops__types_differ__is_too_complex(void **state)
{
    SRestriction res = res_three(RES_COMPAREPROPS, RELOP_EQ, TAG_NUMBER, TAG_LONGLONG);

    (void)state;
    assert_int_equal(compile_only(&res), MAPI_E_TOO_COMPLEX);
    res = res_three(RES_COMPAREPROPS, RELOP_EQ, TAG_TEXT, TAG_TEXT_A);
    assert_int_equal(compile_only(&res), MAPI_E_TOO_COMPLEX);
}

/* restriction.BITMASK.1 restriction.BITMASK.3 */
static void bitmask__zero_and_nonzero__as_masked(void **state)
{
    struct fixture *fx = *state;

    assert_true(matches(fx, res_three(RES_BITMASK, BMR_EQZ, TAG_NUMBER_2, 8)));
    assert_false(matches(fx, res_three(RES_BITMASK, BMR_NEZ, TAG_NUMBER_2, 8)));
    assert_true(matches(fx, res_three(RES_BITMASK, BMR_NEZ, TAG_NUMBER_2, 12)));
    assert_false(matches(fx, res_three(RES_BITMASK, BMR_EQZ, TAG_NUMBER_2, 12)));
    assert_true(matches(fx, res_three(RES_BITMASK, BMR_NEZ, TAG_NUMBER, 0x80000000)));
    assert_false(matches(fx, res_three(RES_BITMASK, BMR_EQZ, TAG_ABSENT, 1)));
    assert_false(matches(fx, res_three(RES_BITMASK, BMR_NEZ, TAG_ABSENT, 1)));
}

/* restriction.BITMASK.2 */
static void bitmask__not_a_long__is_too_complex(void **state)
{
    SRestriction res = res_three(RES_BITMASK, BMR_EQZ, TAG_SHORT, 1);

    (void)state;
    assert_int_equal(compile_only(&res), MAPI_E_TOO_COMPLEX);
    res = res_three(RES_BITMASK, BMR_EQZ, TAG_NUMBERS, 1);
    assert_int_equal(compile_only(&res), MAPI_E_TOO_COMPLEX);
}

static void assert_size(struct fixture *fx, ULONG tag, ULONG size)
{
    assert_true(matches(fx, res_three(RES_SIZE, RELOP_EQ, tag, size)));
    assert_false(matches(fx, res_three(RES_SIZE, RELOP_NE, tag, size)));
    assert_true(matches(fx, res_three(RES_SIZE, RELOP_LT, tag, size + 1)));
    assert_true(matches(fx, res_three(RES_SIZE, RELOP_GT, tag, size - 1)));
    assert_false(matches(fx, res_three(RES_SIZE, RELOP_GE, tag, size + 1)));
}

/* restriction.SIZE.1 restriction.SIZE.2 */
static void size__every_kind__counts_bytes_as_the_client_has_them(void **state)
{
    struct fixture *fx = *state;

    assert_size(fx, TAG_TEXT, 2 * 12);
    assert_size(fx, TAG_TEXT_A, 12);
    assert_size(fx, TAG_BYTES, 5);
    assert_size(fx, TAG_NUMBER, 4);
    assert_size(fx, TAG_SHORT, 2);
    assert_size(fx, TAG_FLAG, 2);
    assert_size(fx, TAG_LONGLONG, 8);
    assert_size(fx, TAG_GUID, 16);
    assert_size(fx, TAG_NUMBERS, 12);
    assert_size(fx, TAG_TEXTS, 2 * (4 + 12));
    assert_size(fx, PROP_TAG(PT_MV_STRING8, PROP_ID(TAG_TEXTS)), 4 + 12);
    assert_size(fx, PROP_TAG(PT_UNSPECIFIED, PROP_ID(TAG_BYTES)), 5);
    assert_size(fx, TAG_LARGE_BYTES, 5000); /* without being read */
    assert_size(fx, TAG_LARGE_TEXT, 2 * 14);
    assert_false(matches(fx, res_three(RES_SIZE, RELOP_GE, TAG_ABSENT, 0)));
    fx->can_load = false;
    assert_false(matches(fx, res_three(RES_SIZE, RELOP_GE, TAG_LARGE_TEXT, 0)));
}

/* restriction.SUBRESTRICTION.1 restriction.SUBRESTRICTION.2 restriction.SUBRESTRICTION.4 */
static void subrestriction__any_row_of_the_subobject__satisfies_it(void **state)
{
    struct fixture *fx = *state;
    SPropValue value = number(TAG_NUMBER, 2);
    SRestriction child = res_property(RELOP_EQ, TAG_NUMBER, &value);
    SRestriction list[2], negated = res_not(&child);

    assert_false(matches(fx, res_sub(PR_MESSAGE_RECIPIENTS, &child)));
    assert_int_equal(fx->asked_subobject, PR_MESSAGE_RECIPIENTS);
    assert_false(matches(fx, res_sub(PR_MESSAGE_ATTACHMENTS, &negated)));
    assert_int_equal(fx->asked_subobject, PR_MESSAGE_ATTACHMENTS);
    fx->subobject_count = 2;
    put(&fx->subobjects[0], number(TAG_NUMBER, 1));
    put(&fx->subobjects[1], number(TAG_NUMBER, 2));
    assert_true(matches(fx, res_sub(PR_MESSAGE_RECIPIENTS, &child)));
    assert_true(matches(fx, res_sub(PR_MESSAGE_RECIPIENTS, &negated)));
    /* and the rest of the tree is again about the row itself */
    list[0] = res_sub(PR_MESSAGE_RECIPIENTS, &child);
    list[1] = res_exist(TAG_TEXT);
    assert_true(matches(fx, res_list(RES_AND, 2, list)));
    value.Value.l = 3;
    assert_false(matches(fx, res_sub(PR_MESSAGE_RECIPIENTS, &child)));
    fx->row.any = NULL;
    assert_false(matches(fx, res_sub(PR_MESSAGE_RECIPIENTS, &negated)));
}

/* restriction.SUBRESTRICTION.3: what a table asks before it takes a program. */
static void subrestriction__tables_without_subobjects__can_tell(void **state)
{
    SRestriction child = res_exist(TAG_TEXT), sub = res_sub(PR_MESSAGE_RECIPIENTS, &child);
    SRestriction other = res_sub(PROP_TAG(PT_OBJECT, 0x360F), &child), negated = res_not(&sub);
    struct restrict_program *program;

    (void)state;
    assert_int_equal(compile_only(&other), MAPI_E_TOO_COMPLEX);
    assert_int_equal(restrict_compile(&negated, &program), S_OK);
    assert_true(restrict_has_subobjects(program));
    restrict_free(program);
    assert_int_equal(restrict_compile(&child, &program), S_OK);
    assert_false(restrict_has_subobjects(program));
    restrict_free(program);
    assert_false(restrict_has_subobjects(NULL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(compile__no_restriction__matches_everything),
        TEST(logic__all_tables_of_truth__hold),
        TEST(exist__any_type_given__the_identifier_decides),
        TEST(exist__object__is_too_complex),
        TEST(comment__with_and_without_child__is_its_child_or_true),
        TEST(property__boolean__any_nonzero_constant_is_true),
        TEST(property__absent__is_false_for_every_operator),
        TEST(property__malformed_value__is_false_for_every_operator),
        TEST(property__types_differ__is_too_complex),
        TEST(property__multivalue_and_single_constant__any_element),
        TEST(property__multivalued_constant__compares_tuples),
        TEST(property__instance_column__tests_the_rows_own_value),
        TEST(relop__unsupported_or_unknown__is_refused),
        TEST(message_class__any_case__is_the_same_class),
        TEST(constants__of_both_widths__select_the_same),
        TEST(content__each_level__as_its_name_says),
        TEST(content__fuzzy_flags__combine_and_unknown_ones_do_no_harm),
        TEST(content__of_bytes__upper_half_of_the_level_is_ignored),
        TEST(content__type_or_level_that_does_not_go__is_too_complex),
        TEST(content__absent__is_false),
        TEST(content__multivalue__any_element),
        TEST(content__large_value__is_read),
        TEST(compareprops__two_of_a_row__in_the_given_order),
        TEST(compareprops__types_differ__is_too_complex),
        TEST(bitmask__zero_and_nonzero__as_masked),
        TEST(bitmask__not_a_long__is_too_complex),
        TEST(size__every_kind__counts_bytes_as_the_client_has_them),
        TEST(subrestriction__any_row_of_the_subobject__satisfies_it),
        TEST(subrestriction__tables_without_subobjects__can_tell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
