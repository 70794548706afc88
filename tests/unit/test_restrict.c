/* SPDX-License-Identifier: MIT */
/*
 * test_restrict.c - restrictions as clients build them: what compiles and what is refused.
 */
#include "unit/restrict_fixture.h"

/* -- Hostile trees -------------------------------------------------------------------------------
 */

/* restriction.General.2 restriction.COUNT.1 restriction.ANNOTATION.1 */
static void compile__unknown_type__is_too_complex(void **state)
{
    SRestriction child = res_exist(TAG_TEXT), res;
    ULONG type;

    (void)state;
    for (type = RES_COUNT; type < 64; type++) {
        memset(&res, 0, sizeof(res));
        res.rt = type;
        res.res.resCount.lpRes = &child;
        assert_int_equal(compile_only(&res), MAPI_E_TOO_COMPLEX);
    }
    res.rt = 0xFFFFFFFF;
    assert_int_equal(compile_only(&res), MAPI_E_TOO_COMPLEX);
}

/* restriction.General.3 */
static void compile__null_parts__are_an_invalid_parameter(void **state)
{
    SRestriction cases[] = {
        res_list(RES_AND, 1, NULL),
        res_list(RES_OR, 0xFFFFFFFF, NULL),
        res_not(NULL),
        res_sub(PR_MESSAGE_RECIPIENTS, NULL),
        res_property(RELOP_EQ, TAG_NUMBER, NULL),
        res_content(FL_SUBSTRING, TAG_TEXT, NULL),
    };
    SPropValue null_text = text(TAG_TEXT, NULL), null_texts = text(TAG_TEXTS, NULL);
    SPropValue null_bytes = bytes(TAG_BYTES, NULL, 1);
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(compile_only(&cases[i]), MAPI_E_INVALID_PARAMETER);
    assert_int_equal(refuses_content(TAG_TEXT, FL_SUBSTRING, null_text), MAPI_E_INVALID_PARAMETER);
    assert_int_equal(refuses_property(TAG_TEXT, RELOP_EQ, null_text), MAPI_E_INVALID_PARAMETER);
    null_texts.Value.MVszW.cValues = 1;
    assert_int_equal(refuses_property(TAG_TEXTS, RELOP_EQ, null_texts), MAPI_E_INVALID_PARAMETER);
    assert_int_equal(refuses_property(TAG_BYTES, RELOP_EQ, null_bytes), MAPI_E_INVALID_PARAMETER);
}

static void compile__types_without_values__are_an_invalid_parameter(void **state)
{
    static const ULONG types[] = { PT_OBJECT, PT_ERROR, PT_NULL, PT_UNSPECIFIED, PT_PTR, 0x0099,
        MV_INSTANCE | PT_LONG };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(types); i++) {
        ULONG tag = PROP_TAG(types[i], 0x6802);
        SRestriction res = res_three(RES_COMPAREPROPS, RELOP_EQ, tag, tag);

        assert_int_equal(compile_only(&res), MAPI_E_INVALID_PARAMETER);
        res = res_three(RES_SIZE, RELOP_EQ, tag, 1);
        assert_int_equal(
                compile_only(&res), types[i] == PT_UNSPECIFIED ? S_OK : MAPI_E_INVALID_PARAMETER);
        if (types[i] == (MV_INSTANCE | PT_LONG)) {
            assert_int_equal(refuses_property(tag, RELOP_EQ, number(TAG_NUMBER, 1)),
                    MAPI_E_INVALID_PARAMETER);
            continue;
        }
        assert_int_equal(refuses_property(tag, RELOP_EQ, number(tag, 1)), MAPI_E_INVALID_PARAMETER);
    }
}

static void compile__depth__is_bounded(void **state)
{
    SRestriction chain[RESTRICT_MAX_DEPTH + 1];
    size_t i;

    (void)state;
    chain[RESTRICT_MAX_DEPTH] = res_exist(TAG_TEXT);
    for (i = RESTRICT_MAX_DEPTH; i-- > 0;)
        chain[i] = i % 2 == 0 ? res_not(&chain[i + 1]) : res_list(RES_AND, 1, &chain[i + 1]);
    assert_int_equal(compile_only(&chain[0]), MAPI_E_TOO_COMPLEX);
    assert_int_equal(compile_only(&chain[1]), S_OK);
    /* comments leave no node but count all the same */
    for (i = 0; i < RESTRICT_MAX_DEPTH; i++) {
        memset(&chain[i], 0, sizeof(chain[i]));
        chain[i].rt = RES_COMMENT;
        chain[i].res.resComment.lpRes = &chain[i + 1];
    }
    assert_int_equal(compile_only(&chain[0]), MAPI_E_TOO_COMPLEX);
    assert_int_equal(compile_only(&chain[1]), S_OK);
}

static void compile__tree_that_contains_itself__is_too_complex(void **state)
{
    SRestriction self, twins[2];

    (void)state;
    self = res_not(&self);
    assert_int_equal(compile_only(&self), MAPI_E_TOO_COMPLEX);
    twins[0] = twins[1] = res_list(RES_OR, 2, twins);
    assert_int_equal(compile_only(&twins[0]), MAPI_E_TOO_COMPLEX);
    memset(&self, 0, sizeof(self));
    self.rt = RES_COMMENT;
    self.res.resComment.lpRes = &self;
    assert_int_equal(compile_only(&self), MAPI_E_TOO_COMPLEX);
}

static void compile__wild_counts__are_refused_unread(void **state)
{
    SRestriction leaf = res_exist(TAG_TEXT), res;
    static SRestriction many[RESTRICT_MAX_NODES + 1];
    size_t i;

    (void)state;
    res = res_list(RES_AND, 0xFFFFFFFF, &leaf);
    assert_int_equal(compile_only(&res), MAPI_E_TOO_COMPLEX);
    for (i = 0; i < COUNT_OF(many); i++)
        many[i] = leaf;
    res = res_list(RES_OR, RESTRICT_MAX_NODES - 1, many);
    assert_int_equal(compile_only(&res), S_OK);
    res = res_list(RES_OR, RESTRICT_MAX_NODES, many);
    assert_int_equal(compile_only(&res), MAPI_E_TOO_COMPLEX);
}

/* Memory.Ownership.3: the client's tree may go as soon as the program is there. */
static void match__tree_overwritten_after_compiling__still_works(void **state)
{
    struct fixture *fx = *state;
    WCHAR pattern[4] = { 'e', 'l', 'l', 0 };
    SPropValue value = text(TAG_TEXT, pattern);
    SRestriction res = res_content(FL_SUBSTRING, TAG_TEXT, &value);
    struct restrict_program *program;

    assert_int_equal(restrict_compile(&res, &program), S_OK);
    memset(pattern, 'x', sizeof(pattern));
    memset(&value, 'x', sizeof(value));
    memset(&res, 'x', sizeof(res));

    assert_true(restrict_match(program, &fx->row));
    restrict_free(program);
}

/* -- The rest ------------------------------------------------------------------------------------
 */

static ULONG seen[16];
static size_t seen_count;

static void see(void *context, ULONG tag)
{
    assert_ptr_equal(context, seen);
    seen[seen_count++] = tag;
}

static void tags__all_kinds__those_of_the_row_itself(void **state)
{
    SPropValue value = number(TAG_NUMBER, 1), pattern = text(TAG_TEXT, MSP_W("x"));
    SRestriction child = res_exist(TAG_BYTES);
    SRestriction list[6];
    SRestriction all = res_list(RES_AND, 6, list);
    struct restrict_program *program;
    static const ULONG expected[] = { TAG_TEXT, TAG_NUMBER, TAG_SHORT, TAG_LONGLONG, TAG_TIME,
        TAG_FLAG };

    (void)state;
    list[0] = res_content(FL_PREFIX, TAG_TEXT, &pattern);
    list[1] = res_property(RELOP_EQ, TAG_NUMBER, &value);
    list[2] = res_sub(PR_MESSAGE_RECIPIENTS, &child);
    list[3] = res_three(RES_SIZE, RELOP_EQ, TAG_SHORT, 1);
    list[4] =
            res_three(RES_COMPAREPROPS, RELOP_EQ, TAG_LONGLONG, PROP_TAG(PT_I8, PROP_ID(TAG_TIME)));
    list[5] = res_exist(TAG_FLAG);
    assert_int_equal(restrict_compile(&all, &program), S_OK);
    seen_count = 0;

    restrict_tags(program, see, seen);

    assert_int_equal(seen_count, COUNT_OF(expected));
    for (size_t i = 0; i < seen_count; i++)
        assert_int_equal(PROP_ID(seen[i]), PROP_ID(expected[i]));
    restrict_tags(NULL, see, seen);
    assert_int_equal(seen_count, COUNT_OF(expected));
    restrict_free(program);
}

/* Memory.Failure.2 */
static void compile__nth_allocation_fails__says_so_and_leaks_nothing(void **state)
{
    size_t live = msp_alloc_count_live();
    SPropValue value = number(TAG_NUMBER, 1), wide = text(TAG_TEXT, MSP_W("p\u00E4ttern"));
    SPropValue narrow = text_a(TAG_TEXT_A, "p\xE4ttern");
    SRestriction list[40];
    SRestriction all = res_list(RES_AND, COUNT_OF(list), list);
    unsigned long nth;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(list); i++) {
        list[i] = i % 3 == 0   ? res_content(FL_SUBSTRING | FL_LOOSE, TAG_TEXT, &wide)
                  : i % 3 == 1 ? res_content(FL_SUBSTRING | FL_IGNORECASE, TAG_TEXT_A, &narrow)
                               : res_property(RELOP_EQ, TAG_NUMBER, &value);
    }
    for (nth = 1;; nth++) {
        struct restrict_program *program = (void *)&program;
        HRESULT hr;

        msp_alloc_fail_at(nth);
        hr = restrict_compile(&all, &program);
        if (!msp_alloc_fail_disarm()) {
            assert_int_equal(hr, S_OK);
            restrict_free(program);
            break;
        }
        assert_int_equal(hr, MAPI_E_NOT_ENOUGH_MEMORY);
        assert_null(program);
        assert_int_equal(msp_alloc_count_live(), live);
    }
    assert_true(nth > 50);
    assert_int_equal(msp_alloc_count_live(), live);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(compile__unknown_type__is_too_complex),
        TEST(compile__null_parts__are_an_invalid_parameter),
        TEST(compile__types_without_values__are_an_invalid_parameter),
        TEST(compile__depth__is_bounded),
        TEST(compile__tree_that_contains_itself__is_too_complex),
        TEST(compile__wild_counts__are_refused_unread),
        TEST(match__tree_overwritten_after_compiling__still_works),
        TEST(tags__all_kinds__those_of_the_row_itself),
        TEST(compile__nth_allocation_fails__says_so_and_leaks_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
