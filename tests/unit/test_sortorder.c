/* SPDX-License-Identifier: MIT */
/*
 * test_sortorder.c - sort orders as clients give them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mapi/sortorder.h"
#include "util/alloc.h"

#define TAG_TEXT PROP_TAG(PT_UNICODE, 0x6800)
#define TAG_NUMBER PROP_TAG(PT_LONG, 0x6801)
#define TAG_NUMBERS PROP_TAG(PT_MV_LONG, 0x6802)
#define TAG_TEXTS PROP_TAG(PT_MV_UNICODE, 0x6803)

typedef SizedSSortOrderSet(SORTORDER_MAX + 1, big_set);

static struct _SSortOrderSet_big_set sorts(ULONG sorts_count, ULONG categories, ULONG expanded)
{
    struct _SSortOrderSet_big_set set;
    ULONG i;

    memset(&set, 0, sizeof(set));
    set.cSorts = sorts_count;
    set.cCategories = categories;
    set.cExpanded = expanded;
    for (i = 0; i <= SORTORDER_MAX; i++)
        set.aSort[i].ulPropTag = PROP_TAG(PT_LONG, 0x6900 + i);
    return set;
}

static HRESULT check(const struct _SSortOrderSet_big_set *set)
{
    return sortorder_check((const SSortOrderSet *)(const void *)set);
}

static HRESULT check_key(ULONG tag, ULONG order)
{
    struct _SSortOrderSet_big_set set = sorts(1, 0, 0);

    set.aSort[0].ulPropTag = tag;
    set.aSort[0].ulOrder = order;
    return check(&set);
}

/* IMAPITable.SortTable.6 */
static void check__no_keys__is_fine(void **state)
{
    struct _SSortOrderSet_big_set set = sorts(0, 0, 0);

    (void)state;
    assert_int_equal(check(&set), S_OK);
    assert_int_equal(sortorder_check(NULL), MAPI_E_INVALID_PARAMETER);
}

/* IMAPITable.SortTable.22 */
static void check__counts_out_of_order__are_an_invalid_parameter(void **state)
{
    ULONG categories, expanded;

    (void)state;
    for (categories = 0; categories <= 5; categories++) {
        for (expanded = 0; expanded <= 5; expanded++) {
            struct _SSortOrderSet_big_set set = sorts(3, categories, expanded);
            bool ok = categories <= 3 && expanded <= categories;

            assert_int_equal(check(&set), ok ? S_OK : MAPI_E_INVALID_PARAMETER);
        }
    }
}

/* IMAPITable.SortTable.5 */
static void check__too_many_keys__are_too_complex_and_unread(void **state)
{
    struct _SSortOrderSet_big_set set = sorts(SORTORDER_MAX, 0, 0);
    SSortOrderSet *wild = calloc(1, sizeof(*wild));

    (void)state;
    assert_non_null(wild);
    set.aSort[SORTORDER_MAX].ulPropTag = PR_NULL; /* behind the last one */
    assert_int_equal(check(&set), S_OK);
    set.cSorts++;
    assert_int_equal(check(&set), MAPI_E_TOO_COMPLEX);
    wild->cSorts = 0xFFFFFFFF;
    assert_int_equal(sortorder_check(wild), MAPI_E_TOO_COMPLEX);
    free(wild);
}

/* IMAPITable.SortTable.20 */
static void check__combine_first__is_an_invalid_parameter(void **state)
{
    struct _SSortOrderSet_big_set set = sorts(3, 2, 0);

    (void)state;
    set.aSort[0].ulOrder = TABLE_SORT_COMBINE;
    assert_int_equal(check(&set), MAPI_E_INVALID_PARAMETER);
    set.aSort[0].ulOrder = TABLE_SORT_ASCEND;
    set.aSort[1].ulOrder = TABLE_SORT_COMBINE;
    assert_int_equal(check(&set), S_OK);
    set.cCategories = 0; /* nothing to combine with */
    assert_int_equal(check(&set), MAPI_E_INVALID_PARAMETER);
}

/* IMAPITable.SortTable.21, the part that can be told from the set alone */
static void check__order_by_extreme__needs_a_category_before_it(void **state)
{
    static const ULONG orders[] = { TABLE_SORT_CATEG_MAX, TABLE_SORT_CATEG_MIN,
        TABLE_SORT_CATEG_MAX | TABLE_SORT_DESCEND };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        struct _SSortOrderSet_big_set set = sorts(2, 1, 0);

        set.aSort[1].ulOrder = orders[i];
        assert_int_equal(check(&set), S_OK);
        set.cCategories = 0;
        assert_int_equal(check(&set), MAPI_E_INVALID_PARAMETER);
        assert_int_equal(check_key(TAG_NUMBER, orders[i]), MAPI_E_INVALID_PARAMETER);
    }
}

/* IMAPITable.SortTable.5 IMAPITable.SortTable.21 */
static void check__two_extremes_of_one_category__are_too_complex(void **state)
{
    struct _SSortOrderSet_big_set set = sorts(5, 5, 0);

    (void)state;
    set.aSort[1].ulOrder = TABLE_SORT_CATEG_MAX;
    set.aSort[3].ulOrder = TABLE_SORT_CATEG_MIN;
    assert_int_equal(check(&set), S_OK);
    set.aSort[2].ulOrder = TABLE_SORT_COMBINE | TABLE_SORT_DESCEND; /* still the first category */
    assert_int_equal(check(&set), MAPI_E_TOO_COMPLEX);
    set.aSort[3].ulOrder = TABLE_SORT_ASCEND;
    assert_int_equal(check(&set), S_OK);
    set.aSort[4].ulOrder = TABLE_SORT_CATEG_MAX | TABLE_SORT_DESCEND;
    assert_int_equal(check(&set), S_OK);
    set.cCategories = 1;
    set.aSort[2].ulOrder = TABLE_SORT_CATEG_MAX; /* not counted among the categories: nothing's */
    set.aSort[3].ulOrder = set.aSort[4].ulOrder = TABLE_SORT_ASCEND;
    assert_int_equal(check(&set), MAPI_E_INVALID_PARAMETER);
}

static void check__order_bits__one_meaning_at_a_time(void **state)
{
    struct _SSortOrderSet_big_set set = sorts(2, 1, 0);

    (void)state;
    assert_int_equal(check_key(TAG_NUMBER, TABLE_SORT_ASCEND), S_OK);
    assert_int_equal(check_key(TAG_NUMBER, TABLE_SORT_DESCEND), S_OK);
    assert_int_equal(check_key(TAG_NUMBER, 0x10), MAPI_E_INVALID_PARAMETER);
    assert_int_equal(check_key(TAG_NUMBER, 0x80000000), MAPI_E_INVALID_PARAMETER);
    set.aSort[1].ulOrder = TABLE_SORT_CATEG_MAX | TABLE_SORT_CATEG_MIN;
    assert_int_equal(check(&set), MAPI_E_INVALID_PARAMETER);
    set.aSort[1].ulOrder = TABLE_SORT_COMBINE | TABLE_SORT_CATEG_MIN;
    assert_int_equal(check(&set), MAPI_E_INVALID_PARAMETER);
}

/* IMAPITable.SortTable.23 */
static void check__unread_count_as_category__is_an_invalid_parameter(void **state)
{
    struct _SSortOrderSet_big_set set = sorts(2, 1, 0);

    (void)state;
    set.aSort[1].ulPropTag = PR_CONTENT_UNREAD;
    assert_int_equal(check(&set), S_OK);
    set.cCategories = 2;
    assert_int_equal(check(&set), MAPI_E_INVALID_PARAMETER);
}

/* IMAPITable.SortTable.5 */
static void check__types_of_keys__what_has_no_order_is_refused(void **state)
{
    (void)state;
    assert_int_equal(check_key(TAG_TEXT, 0), S_OK);
    assert_int_equal(check_key(PROP_TAG(PT_STRING8, 0x6800), 0), S_OK);
    assert_int_equal(check_key(PROP_TAG(PT_UNSPECIFIED, 0x6800), 0), S_OK);
    assert_int_equal(check_key(TAG_NUMBERS, 0), S_OK);
    assert_int_equal(check_key(MVI_PROP(TAG_NUMBERS), 0), S_OK);
    assert_int_equal(check_key(PROP_TAG(PT_OBJECT, 0x6800), 0), MAPI_E_TOO_COMPLEX);
    assert_int_equal(check_key(PROP_TAG(PT_ERROR, 0x6800), 0), MAPI_E_INVALID_PARAMETER);
    assert_int_equal(check_key(PR_NULL, 0), MAPI_E_INVALID_PARAMETER);
    assert_int_equal(check_key(PROP_TAG(0x99, 0x6800), 0), MAPI_E_INVALID_PARAMETER);
    assert_int_equal(
            check_key(PROP_TAG(MV_INSTANCE | PT_LONG, 0x6800), 0), MAPI_E_INVALID_PARAMETER);
}

/* IMAPITable.SortTable.9 */
static void check__two_expanded_properties__are_too_complex(void **state)
{
    struct _SSortOrderSet_big_set set = sorts(2, 0, 0);

    (void)state;
    set.aSort[0].ulPropTag = MVI_PROP(TAG_NUMBERS);
    set.aSort[1].ulPropTag = MVI_PROP(TAG_NUMBERS);
    assert_int_equal(check(&set), S_OK);
    set.aSort[1].ulPropTag = MVI_PROP(TAG_TEXTS);
    assert_int_equal(check(&set), MAPI_E_TOO_COMPLEX);
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

/* Memory.Failure.2 */
static void copy__any_set__is_the_same_and_failures_leave_nothing(void **state)
{
    struct _SSortOrderSet_big_set set = sorts(3, 2, 1);
    const SSortOrderSet *from = (const SSortOrderSet *)(const void *)&set;
    SSortOrderSet *copy = (void *)&set;
    size_t live = msp_alloc_count_live();

    (void)state;
    msp_alloc_fail_at(1);
    assert_int_equal(sortorder_copy(from, &copy), MAPI_E_NOT_ENOUGH_MEMORY);
    assert_true(msp_alloc_fail_disarm());
    assert_null(copy);
    assert_int_equal(sortorder_copy(from, &copy), S_OK);
    assert_memory_equal(copy, &set, CbNewSSortOrderSet(3));
    msp_free(copy);
    assert_int_equal(msp_alloc_count_live(), live);

    host_fails = true;
    assert_int_equal(sortorder_give(&host, from, &copy), MAPI_E_NOT_ENOUGH_MEMORY);
    assert_null(copy);
    host_fails = false;
    assert_int_equal(sortorder_give(&host, from, &copy), S_OK);
    assert_memory_equal(copy, &set, CbNewSSortOrderSet(3));
    mapibuf_free(&host, copy);
}

/* IMAPITable.QuerySortOrder.2 */
static void give__no_set__is_one_without_keys(void **state)
{
    SSortOrderSet *out = NULL;

    (void)state;
    assert_int_equal(sortorder_give(&host, NULL, &out), S_OK);
    assert_non_null(out);
    assert_int_equal(out->cSorts, 0);
    assert_int_equal(out->cCategories, 0);
    assert_int_equal(out->cExpanded, 0);
    mapibuf_free(&host, out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check__no_keys__is_fine),
        cmocka_unit_test(check__counts_out_of_order__are_an_invalid_parameter),
        cmocka_unit_test(check__too_many_keys__are_too_complex_and_unread),
        cmocka_unit_test(check__combine_first__is_an_invalid_parameter),
        cmocka_unit_test(check__order_by_extreme__needs_a_category_before_it),
        cmocka_unit_test(check__two_extremes_of_one_category__are_too_complex),
        cmocka_unit_test(check__order_bits__one_meaning_at_a_time),
        cmocka_unit_test(check__unread_count_as_category__is_an_invalid_parameter),
        cmocka_unit_test(check__types_of_keys__what_has_no_order_is_refused),
        cmocka_unit_test(check__two_expanded_properties__are_too_complex),
        cmocka_unit_test(copy__any_set__is_the_same_and_failures_leave_nothing),
        cmocka_unit_test(give__no_set__is_one_without_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
