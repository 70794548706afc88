/* SPDX-License-Identifier: MIT */
/*
 * test_table_kinds.c - what holds for tables holds for every kind of them: without rows, in refused
 * calls, with many bookmarks, and for work in the background.
 */
#include "com/table_kinds.h"

enum { WIDEST = 0x7FFFFFFF };

static HRESULT sort_by(IMAPITable *table, ULONG tag, ULONG order, ULONG flags)
{
    union {
        struct sort_order order;
        SSortOrderSet set;
    } both = { .order = { 1, 0, 0, { { tag, order } } } };

    return table->lpVtbl->SortTable(table, &both.set, flags);
}

/* --- without rows ----------------------------------------------------------------------------- */

static void look_at_nothing(IMAPITable *table, SRestriction *restriction)
{
    static const LONG distances[] = { 0, 1, -1, WIDEST, -WIDEST - 1 };
    ULONG row = POISON_LONG, numerator = POISON_LONG, denominator = 0;
    LPSRowSet rows;
    LONG moved;

    assert_int_equal(row_count(table), 0);
    for (BOOKMARK origin = BOOKMARK_BEGINNING; origin <= BOOKMARK_END; origin++) {
        for (size_t i = 0; i < COUNT_OF(distances); i++) {
            moved = (LONG)POISON_LONG;
            assert_ok(table->lpVtbl->SeekRow(table, origin, distances[i], &moved));
            assert_int_equal(moved, 0);
            if (distances[i] == 0)
                continue;
            rows = query(table, distances[i], i % 2 ? TBL_NOADVANCE : 0);
            assert_int_equal(rows->cRows, 0);
            mapi_free(rows);
        }
        assert_hr(table->lpVtbl->FindRow(table, restriction, origin, 0), MAPI_E_NOT_FOUND);
        assert_hr(
                table->lpVtbl->FindRow(table, restriction, origin, DIR_BACKWARD), MAPI_E_NOT_FOUND);
    }
    assert_ok(table->lpVtbl->SeekRowApprox(table, 0, 0xFFFFFFFF));
    assert_ok(table->lpVtbl->SeekRowApprox(table, 0xFFFFFFFF, 1));
    assert_ok(table->lpVtbl->SeekRowApprox(table, 1, 2));
    assert_ok(table->lpVtbl->QueryPosition(table, &row, &numerator, &denominator));
    assert_int_equal(row, 0);
    assert_true(denominator != 0);
    assert_int_equal(numerator, denominator);
}

/* IMAPITable.QueryRows.6 IMAPITable.QueryRows.11 IMAPITable.SeekRow.4 IMAPITable.QueryPosition.2
 * IMAPITable.FindRow.3 IMAPITable.FindRow.5 IMAPITable.SeekRowApprox.1
 * IMAPITable.SeekRowApprox.2 IMAPITable.CreateBookmark.1 */
static void no_rows__every_place__is_the_beginning_and_the_end(void **state)
{
    for (size_t i = 0; i < KINDS; i++) {
        const struct table_kind *kind = &table_kinds[i];
        SRestriction all = { .rt = RES_AND };
        struct kinds_world world;
        struct kind_row row;
        IMAPITable *table;
        BOOKMARK made;

        print_message("%s\n", kind->name);
        kinds_begin(&world, *state, kind);
        table = kind->open(&world, MAPI_UNICODE);
        look_at_nothing(table, &all);
        made = bookmark(table);
        assert_ok(sort_by(table, kind->name_tag, TABLE_SORT_DESCEND, 0));
        assert_hr(table->lpVtbl->SeekRow(table, made, 0, NULL), MAPI_E_INVALID_BOOKMARK);
        look_at_nothing(table, &all);
        made = bookmark(table);
        assert_ok(
                table->lpVtbl->FindRow(table, &all, made, 0) == MAPI_E_NOT_FOUND ? S_OK : S_FALSE);
        kinds_add(&world, &row, "a1");
        assert_ok(table->lpVtbl->SeekRow(table, made, 0, NULL));
        assert_int_equal(cursor_row(table), 0);
        assert_ok(table->lpVtbl->FindRow(table, &all, BOOKMARK_END, DIR_BACKWARD));
        assert_int_equal(cursor_row(table), 0);
        kind->remove(&world, &row);
        kind_row_done(&row);
        look_at_nothing(table, &all);
        release_last(table);
        kinds_end(&world);
    }
}

/* --- what is refused -------------------------------------------------------------------------- */

/* There is a sentence about the failure. */
static void assert_told(IMAPITable *table, HRESULT hr, HRESULT expected)
{
    LPMAPIERROR error = POISON;

    assert_hr(hr, expected);
    assert_ok(table->lpVtbl->GetLastError(table, hr, 0, &error));
    assert_non_null(error);
    assert_true(strlen((const char *)error->lpszError) > 10);
    mapi_free(error);
}

static void refuse_orders(struct filled *filled)
{
    IMAPITable *table = filled->table;
    struct sort_order order = { 1, 1, 1, { { filled->world.kind->name_tag, 0 } } };

    if (!filled->world.kind->can_categorize)
        assert_told(table, try_sort(table, &order), MAPI_E_NO_SUPPORT);
    order.cCategories = 2;
    assert_told(table, try_sort(table, &order), MAPI_E_INVALID_PARAMETER);
    order.cCategories = order.cExpanded = 0;
    order.aSort[0].ulPropTag = PROP_TAG(PT_OBJECT, 0x6700);
    assert_told(table, try_sort(table, &order), MAPI_E_TOO_COMPLEX);
    order.aSort[0].ulPropTag = PR_NULL;
    assert_told(table, try_sort(table, &order), MAPI_E_INVALID_PARAMETER);
    order.cSorts = 33;
    assert_told(table, try_sort(table, &order), MAPI_E_TOO_COMPLEX);
}

static void refuse_filters(struct filled *filled)
{
    IMAPITable *table = filled->table;
    SRestriction circle = { .rt = RES_COMMENT }, wrong = { .rt = RES_NOT };
    SRestriction sub = { .rt = RES_SUBRESTRICTION }, all = { .rt = RES_AND };

    circle.res.resComment.lpRes = &circle;
    assert_told(table, table->lpVtbl->Restrict(table, &circle, 0), MAPI_E_TOO_COMPLEX);
    assert_told(
            table, table->lpVtbl->FindRow(table, &circle, BOOKMARK_CURRENT, 0), MAPI_E_TOO_COMPLEX);
    assert_told(table, table->lpVtbl->Restrict(table, &wrong, TBL_BATCH), MAPI_E_INVALID_PARAMETER);
    assert_told(table, table->lpVtbl->Restrict(table, &wrong, TBL_ASYNC), MAPI_E_INVALID_PARAMETER);
    assert_told(table, table->lpVtbl->FindRow(table, &wrong, BOOKMARK_END, DIR_BACKWARD),
            MAPI_E_INVALID_PARAMETER);
    sub.res.resSub.ulSubObject = PR_MESSAGE_RECIPIENTS;
    sub.res.resSub.lpRes = &all;
    if (filled->world.kind->name_tag != PR_SUBJECT_W) /* rows that are no messages */
        assert_told(table, table->lpVtbl->Restrict(table, &sub, 0), MAPI_E_TOO_COMPLEX);
}

static void refuse_places(struct filled *filled, BOOKMARK freed)
{
    IMAPITable *table = filled->table;
    SRestriction all = { .rt = RES_AND };

    assert_told(table, table->lpVtbl->SeekRow(table, freed, 1, NULL), MAPI_E_INVALID_BOOKMARK);
    assert_told(table, table->lpVtbl->FindRow(table, &all, freed, 0), MAPI_E_INVALID_BOOKMARK);
    assert_told(table, table->lpVtbl->FreeBookmark(table, freed), MAPI_E_INVALID_BOOKMARK);
}

static void refuse_headings(struct filled *filled)
{
    static const ULONG tag = PR_INSTANCE_KEY;
    IMAPITable *table = filled->table;
    IMAPITable *other = filled->world.kind->open(&filled->world, MAPI_UNICODE);
    HRESULT expected =
            filled->world.kind->can_categorize ? MAPI_E_UNABLE_TO_COMPLETE : MAPI_E_NO_SUPPORT;
    LPSRowSet rows = table_rows(other, &tag, 1);
    SBinary key = values_of(rows, 0)->Value.bin;
    LPSRowSet none = POISON;
    ULONG count = POISON_LONG;
    LPBYTE saved = POISON;
    BOOKMARK made = POISON_CONN;
    BYTE wild[40] = { 1 };

    assert_told(table, table->lpVtbl->ExpandRow(table, key.cb, key.lpb, 1, 0, &none, &count),
            MAPI_E_NOT_FOUND);
    assert_null(none);
    assert_int_equal(count, 0);
    count = POISON_LONG;
    assert_told(
            table, table->lpVtbl->CollapseRow(table, key.cb, key.lpb, 0, &count), MAPI_E_NOT_FOUND);
    assert_int_equal(count, 0);
    count = POISON_LONG;
    assert_told(
            table, table->lpVtbl->SetCollapseState(table, 0, sizeof(wild), wild, &made), expected);
    assert_int_equal(made, 0);
    if (expected == MAPI_E_NO_SUPPORT) {
        assert_told(table,
                table->lpVtbl->GetCollapseState(table, 0, key.cb, key.lpb, &count, &saved),
                MAPI_E_NO_SUPPORT);
        assert_int_equal(count, 0);
        assert_null(saved);
    }
    mapi_free_rows(rows);
    release_last(other);
}

/* The order is descending, a is filtered out, the cursor is at 2, on the bookmark. */
static void assert_unchanged(struct filled *filled, BOOKMARK mark)
{
    IMAPITable *table = filled->table;
    LPSPropTagArray columns = POISON;
    LPSSortOrderSet order = POISON;

    assert_ok(table->lpVtbl->QueryColumns(table, 0, &columns));
    assert_int_equal(columns->cValues, 1);
    assert_int_equal(columns->aulPropTag[0], filled->world.kind->name_tag);
    assert_ok(table->lpVtbl->QuerySortOrder(table, &order));
    assert_int_equal(order->cSorts, 1);
    assert_int_equal(order->cCategories, 0);
    assert_int_equal(order->aSort[0].ulOrder, TABLE_SORT_DESCEND);
    assert_int_equal(cursor_row(table), 2);
    assert_int_equal(row_count(table), FILLED - 1);
    seek(table, mark, 0);
    assert_int_equal(cursor_row(table), 2);
    assert_string_equal(names_of(filled, table), "E5 D4 c3 b2");
    seek(table, BOOKMARK_BEGINNING, 2);
    mapi_free(columns);
    mapi_free(order);
}

static void check_refusals(struct filled *filled)
{
    IMAPITable *table = filled->table;
    SPropValue bound = text_value(filled->world.kind->name_tag, u"B");
    SRestriction above = compare_with(RELOP_GE, &bound);
    SPropTagArray tags = { 0, { PR_NULL } };
    BOOKMARK mark, freed;

    set_columns(table, &filled->world.kind->name_tag, 1);
    assert_ok(sort_by(table, filled->world.kind->name_tag, TABLE_SORT_DESCEND, TBL_BATCH));
    assert_ok(table->lpVtbl->Restrict(table, &above, TBL_BATCH));
    seek(table, BOOKMARK_BEGINNING, 2);
    mark = bookmark(table);
    freed = bookmark(table);
    assert_ok(table->lpVtbl->FreeBookmark(table, freed));
    assert_unchanged(filled, mark);

    refuse_orders(filled);
    assert_unchanged(filled, mark);
    refuse_filters(filled);
    assert_unchanged(filled, mark);
    refuse_places(filled, freed);
    assert_unchanged(filled, mark);
    refuse_headings(filled);
    assert_unchanged(filled, mark);
    assert_hr(table->lpVtbl->SetColumns(table, &tags, 0), MAPI_E_INVALID_PARAMETER);
    tags.cValues = 0x10001;
    assert_hr(table->lpVtbl->SetColumns(table, &tags, TBL_ASYNC), MAPI_E_INVALID_PARAMETER);
    assert_hr(table->lpVtbl->SeekRowApprox(table, 1, 0), MAPI_E_INVALID_PARAMETER);
    assert_told(table, table->lpVtbl->Abort(table), MAPI_E_UNABLE_TO_ABORT);
    assert_told(table, table->lpVtbl->Unadvise(table, 4711), MAPI_E_NOT_FOUND);
    assert_unchanged(filled, mark);
}

/* IMAPITable.SortTable.4 IMAPITable.SortTable.5 IMAPITable.SortTable.22 IMAPITable.Restrict.4
 * IMAPITable.Restrict.5 IMAPITable.SeekRow.6 IMAPITable.FindRow.6 IMAPITable.FreeBookmark.3
 * IMAPITable.SetColumns.2 IMAPITable.ExpandRow.5 IMAPITable.CollapseRow.2
 * IMAPITable.GetCollapseState.2 IMAPITable.SetCollapseState.3 IMAPITable.SeekRowApprox.3
 * IMAPITable.Abort.1 IMAPITable.Advise.7 restriction.General.3 restriction.SUBRESTRICTION.3
 * Errors.GetLastError.1 */
static void refusals__of_every_call__have_a_sentence_and_change_nothing(void **state)
{
    for_every_kind(*state, check_refusals);
}

static void check_bookmark_limit(struct filled *filled)
{
    IMAPITable *table = filled->table;
    BOOKMARK made = 0, first = bookmark(table);
    HRESULT hr = S_OK;

    for (unsigned i = 0; i < 100000 && SUCCEEDED(hr); i++) {
        made = POISON_CONN;
        hr = table->lpVtbl->CreateBookmark(table, &made);
    }
    assert_told(table, hr, MAPI_E_UNABLE_TO_COMPLETE);
    assert_int_equal(made, 0);
    assert_ok(table->lpVtbl->FreeBookmark(table, first));
    (void)bookmark(table);
}

/* IMAPITable.CreateBookmark.2 IMAPITable.FreeBookmark.1 */
static void bookmarks__too_many__one_freed_makes_room(void **state)
{
    for_every_kind(*state, check_bookmark_limit);
}

/* --- in the background ------------------------------------------------------------------------ */

static void wait_for(IMAPITable *table)
{
    ULONG status = POISON_LONG;

    assert_ok(table->lpVtbl->WaitForCompletion(table, 0, 0xFFFFFFFF, &status));
    assert_int_equal(status, TBLSTAT_COMPLETE);
}

static void check_async(struct filled *filled)
{
    IMAPITable *table = filled->table;
    ULONG name = filled->world.kind->name_tag;
    SPropValue bound = text_value(name, u"c3");
    SRestriction below = compare_with(RELOP_LE, &bound);
    SPropTagArray tags = { 1, { name } };
    LPSRowSet rows;
    BOOKMARK mark;

    seek(table, BOOKMARK_BEGINNING, 3);
    mark = bookmark(table);
    assert_ok(table->lpVtbl->SetColumns(table, &tags, TBL_ASYNC | TBL_BATCH));
    wait_for(table);
    assert_int_equal(cursor_row(table), 3);
    seek(table, mark, 0);
    rows = query(table, 1, 0);
    assert_int_equal(rows->aRow[0].cValues, 1);
    mapi_free_rows(rows);
    assert_ok(sort_by(table, name, TABLE_SORT_ASCEND, TBL_ASYNC));
    wait_for(table);
    assert_int_equal(cursor_row(table), 0);
    assert_hr(table->lpVtbl->SeekRow(table, mark, 0, NULL), MAPI_E_INVALID_BOOKMARK);
    assert_string_equal(names_of(filled, table), "a1 b2 c3 D4 E5");
    assert_ok(table->lpVtbl->Restrict(table, &below, TBL_ASYNC | TBL_BATCH));
    wait_for(table);
    assert_int_equal(cursor_row(table), 0);
    assert_string_equal(names_of(filled, table), "a1 b2 c3");
    assert_ok(table->lpVtbl->Restrict(table, NULL, TBL_ASYNC));
    wait_for(table);
    assert_ok(sort_by(table, name, TABLE_SORT_DESCEND, TBL_ASYNC));
    wait_for(table);
    assert_string_equal(names_of(filled, table), "E5 D4 c3 b2 a1");
}

/* IMAPITable.SortTable.1 IMAPITable.SortTable.3 IMAPITable.Restrict.1 IMAPITable.Restrict.2
 * IMAPITable.Restrict.3 IMAPITable.SetColumns.1 IMAPITable.WaitForCompletion.1 */
static void in_the_background__every_kind__as_at_once(void **state)
{
    for_every_kind(*state, check_async);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_rows__every_place__is_the_beginning_and_the_end),
        TEST(refusals__of_every_call__have_a_sentence_and_change_nothing),
        TEST(bookmarks__too_many__one_freed_makes_room),
        TEST(in_the_background__every_kind__as_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
