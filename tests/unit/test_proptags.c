/* SPDX-License-Identifier: MIT */
/*
 * test_proptags.c - arrays of property tags as clients give them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mapi/proptags.h"
#include "util/alloc.h"

static HRESULT check_one(ULONG type, unsigned allow)
{
    SPropTagArray tags = { 1, { PROP_TAG(type, 0x6800) } };

    return proptags_check(&tags, allow);
}

/* IMAPIProp.GetProps.3 IMAPIProp.DeleteProps.1 IMAPIProp.CopyTo.2 IMAPIProp.GetNamesFromIDs.6 */
static void check__null_or_empty__is_an_invalid_parameter_unless_allowed(void **state)
{
    SPropTagArray tags = { 0, { 0 } };

    (void)state;
    assert_int_equal(proptags_check(NULL, PROPTAGS_ANY_TYPE), MAPI_E_INVALID_PARAMETER);
    assert_int_equal(proptags_check(&tags, PROPTAGS_ANY_TYPE), MAPI_E_INVALID_PARAMETER);
    assert_int_equal(proptags_check(&tags, PROPTAGS_EMPTY), S_OK);
}

static void check__wild_count__is_refused_unread(void **state)
{
    SPropTagArray *tags = calloc(1, CbNewSPropTagArray(PROPTAGS_MAX));

    (void)state;
    assert_non_null(tags);
    tags->cValues = PROPTAGS_MAX;
    assert_int_equal(proptags_check(tags, PROPTAGS_UNSPECIFIED), S_OK);
    tags->cValues = PROPTAGS_MAX + 1;
    assert_int_equal(proptags_check(tags, PROPTAGS_ANY_TYPE), MAPI_E_INVALID_PARAMETER);
    tags->cValues = 0xFFFFFFFF;
    assert_int_equal(proptags_check(tags, PROPTAGS_ANY_TYPE), MAPI_E_INVALID_PARAMETER);
    free(tags);
}

static void check__special_types__pass_only_when_allowed(void **state)
{
    static const struct {
        ULONG type;
        unsigned allow;
    } cases[] = {
        { PT_UNSPECIFIED, PROPTAGS_UNSPECIFIED },
        { PT_OBJECT, PROPTAGS_OBJECT },
        { PT_NULL, PROPTAGS_NULL },
        { MVI_FLAG | PT_LONG, PROPTAGS_INSTANCE },
        { PT_ERROR, PROPTAGS_ANY_TYPE },
        { 0x99, PROPTAGS_ANY_TYPE },
        { MV_INSTANCE | PT_LONG, PROPTAGS_ANY_TYPE },
    };

    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned bit;

        for (bit = 1; bit <= PROPTAGS_ANY_TYPE; bit *= 2) {
            bool ok = bit == cases[i].allow || bit == PROPTAGS_ANY_TYPE;

            assert_int_equal(check_one(cases[i].type, bit), ok ? S_OK : MAPI_E_INVALID_PARAMETER);
        }
        assert_int_equal(check_one(cases[i].type, PROPTAGS_COLUMNS),
                cases[i].allow != PROPTAGS_ANY_TYPE ? S_OK : MAPI_E_INVALID_PARAMETER);
    }
    assert_int_equal(check_one(PT_LONG, 0), S_OK);
    assert_int_equal(check_one(PT_STRING8, 0), S_OK);
    assert_int_equal(check_one(PT_MV_UNICODE, 0), S_OK);
}

static void check__one_bad_among_good__is_found(void **state)
{
    SizedSPropTagArray(3, three) = { 3,
        { PROP_TAG(PT_LONG, 1), PROP_TAG(PT_LONG, 2), PROP_TAG(PT_OBJECT, 3) } };
    const SPropTagArray *tags = (const SPropTagArray *)(const void *)&three;

    (void)state;
    assert_int_equal(proptags_check(tags, PROPTAGS_OBJECT), S_OK);
    assert_int_equal(proptags_check(tags, 0), MAPI_E_INVALID_PARAMETER);
}

/* named-property.Ranges.1 */
static void is_storable__first_and_last_id__are_not(void **state)
{
    (void)state;
    assert_false(proptags_is_storable(PROP_TAG(PT_LONG, 0)));
    assert_false(proptags_is_storable(PROP_TAG(PT_LONG, 0xFFFF)));
    assert_true(proptags_is_storable(PROP_TAG(PT_LONG, 1)));
    assert_true(proptags_is_storable(PROP_TAG(PT_LONG, 0xFFFE)));
}

static void has__by_id__whatever_the_type(void **state)
{
    SPropTagArray tags = { 1, { PROP_TAG(PT_UNICODE, 0x37) } };

    (void)state;
    assert_true(proptags_has(&tags, PROP_TAG(PT_STRING8, 0x37)));
    assert_false(proptags_has(&tags, PROP_TAG(PT_UNICODE, 0x38)));
}

static bool host_fails;

static SCODE STDMETHODCALLTYPE host_allocate(ULONG size, LPVOID *out)
{
    *out = host_fails ? NULL : malloc(size);
    return *out != NULL ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static ULONG STDAPICALLTYPE host_free(LPVOID block)
{
    free(block);
    return 0;
}

static const struct mapi_alloc host = { host_allocate, NULL, host_free };

/* Memory.Failure.2 Memory.Failure.1 */
static void copy__tags__are_the_same_and_failures_leave_nothing(void **state)
{
    static const ULONG tags[] = { 1, 2, 3 };
    SPropTagArray *copy = (void *)&host_fails;
    size_t live = msp_alloc_count_live();

    (void)state;
    msp_alloc_fail_at(1);
    assert_int_equal(proptags_copy(tags, 3, &copy), MAPI_E_NOT_ENOUGH_MEMORY);
    assert_true(msp_alloc_fail_disarm());
    assert_null(copy);
    assert_int_equal(proptags_copy(tags, 3, &copy), S_OK);
    assert_int_equal(copy->cValues, 3);
    assert_memory_equal(copy->aulPropTag, tags, sizeof(tags));
    msp_free(copy);
    assert_int_equal(msp_alloc_count_live(), live);

    host_fails = true;
    assert_int_equal(proptags_give(&host, tags, 3, &copy), MAPI_E_NOT_ENOUGH_MEMORY);
    assert_null(copy);
    host_fails = false;
    assert_int_equal(proptags_give(&host, tags, 3, &copy), S_OK);
    assert_int_equal(copy->cValues, 3);
    assert_memory_equal(copy->aulPropTag, tags, sizeof(tags));
    mapibuf_free(&host, copy);
    assert_int_equal(proptags_give(&host, NULL, 0, &copy), S_OK);
    assert_int_equal(copy->cValues, 0);
    mapibuf_free(&host, copy);
    assert_int_equal(proptags_give(&host, tags, SIZE_MAX, &copy), MAPI_E_NOT_ENOUGH_MEMORY);
    assert_int_equal(proptags_copy(tags, SIZE_MAX, &copy), MAPI_E_NOT_ENOUGH_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check__null_or_empty__is_an_invalid_parameter_unless_allowed),
        cmocka_unit_test(check__wild_count__is_refused_unread),
        cmocka_unit_test(check__special_types__pass_only_when_allowed),
        cmocka_unit_test(check__one_bad_among_good__is_found),
        cmocka_unit_test(is_storable__first_and_last_id__are_not),
        cmocka_unit_test(has__by_id__whatever_the_type),
        cmocka_unit_test(copy__tags__are_the_same_and_failures_leave_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
