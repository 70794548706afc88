/* SPDX-License-Identifier: MIT */
/*
 * test_bad_input_table.c - tables and arguments that no client should send: counts that no array
 * has, distances beyond every end, columns of types that do not exist. A refusal has one code, and
 * the table is as it was.
 */
#include "com/with_table.h"

enum { WIDEST = 0x7FFFFFFF };

static const struct sort_order backward = { 1, 0, 0, { { PR_SUBJECT_W, TABLE_SORT_DESCEND } } };

/* Four of five messages, by subject. */
static int setup(void **state)
{
    static const char *const subjects[] = { "b", "e", "a", "d", "c" };
    struct with_table *with = with_table_new();
    SPropValue bound = text_value(PR_SUBJECT_W, u"b");
    SRestriction restriction = compare_with(RELOP_GE, &bound);

    for (size_t i = 0; i < COUNT_OF(subjects); i++)
        add_mail(with->fx->inbox, subjects[i], "anna", i == 0);
    sort(with->table, &backward);
    assert_ok(with->table->lpVtbl->Restrict(with->table, &restriction, 0));
    seek(with->table, BOOKMARK_BEGINNING, 2);
    *state = with;
    return 0;
}

/* Columns, order, filter and cursor are those of setup(). */
static void assert_unchanged(IMAPITable *table)
{
    LPSPropTagArray columns = POISON;
    LPSSortOrderSet order = POISON;

    assert_int_equal(cursor_row(table), 2);
    assert_ok(table->lpVtbl->QueryColumns(table, 0, &columns));
    assert_int_equal(columns->cValues, LINE_COLUMNS);
    assert_int_equal(columns->aulPropTag[LINE_SUBJECT], PR_SUBJECT_W);
    assert_int_equal(columns->aulPropTag[LINE_UNREAD], PR_CONTENT_UNREAD);
    mapi_free(columns);
    assert_ok(table->lpVtbl->QuerySortOrder(table, &order));
    assert_int_equal(order->cSorts, 1);
    assert_int_equal(order->cCategories, 0);
    assert_int_equal(order->aSort[0].ulPropTag, PR_SUBJECT_W);
    assert_int_equal(order->aSort[0].ulOrder, TABLE_SORT_DESCEND);
    mapi_free(order);
    assert_string_equal(table_line(table), "e d c b");
    seek(table, BOOKMARK_BEGINNING, 2);
}

static void assert_no_filter(IMAPITable *table, SRestriction *restriction, HRESULT why)
{
    assert_hr(table->lpVtbl->Restrict(table, restriction, 0), why);
    assert_hr(table->lpVtbl->Restrict(table, restriction, TBL_BATCH), why);
    assert_hr(table->lpVtbl->FindRow(table, restriction, BOOKMARK_BEGINNING, 0), why);
}

/* Errors.Codes.2 restriction.General.4 IMAPITable.SetColumns.2 IMAPITable.SortTable.22
 * IMAPITable.Restrict.4 */
static void counts__that_no_array_has__one_code_each_and_nothing_changed(void **state)
{
    static const ULONG huge[] = { 0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 0x40000000, 0x20000001 };
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    SPropTagArray tags = { 1, { PR_SENDER_NAME_W } };
    SSortOrderSet order = { 1, 0, 0, { { PR_SENDER_NAME_W, 0 } } };
    SRestriction part = { .rt = RES_EXIST };
    SRestriction many = { .rt = RES_AND };

    for (size_t i = 0; i < COUNT_OF(huge); i++) {
        tags.cValues = huge[i];
        assert_hr(table->lpVtbl->SetColumns(table, &tags, 0), MAPI_E_INVALID_PARAMETER);
        assert_hr(table->lpVtbl->SetColumns(table, &tags, TBL_BATCH), MAPI_E_INVALID_PARAMETER);
        order.cSorts = huge[i];
        assert_hr(table->lpVtbl->SortTable(table, &order, 0), MAPI_E_TOO_COMPLEX);
        assert_hr(table->lpVtbl->SortTable(table, &order, TBL_BATCH), MAPI_E_TOO_COMPLEX);
        order.cSorts = 1;
        order.cCategories = huge[i];
        assert_hr(table->lpVtbl->SortTable(table, &order, 0), MAPI_E_INVALID_PARAMETER);
        order.cCategories = 0;
        order.cExpanded = huge[i];
        assert_hr(table->lpVtbl->SortTable(table, &order, 0), MAPI_E_INVALID_PARAMETER);
        order.cExpanded = 0;
        many.res.resAnd.cRes = huge[i];
        many.res.resAnd.lpRes = NULL;
        assert_no_filter(table, &many, MAPI_E_INVALID_PARAMETER);
        many.res.resAnd.lpRes = &part;
        assert_no_filter(table, &many, MAPI_E_TOO_COMPLEX);
        assert_unchanged(table);
    }
}

/* IMAPITable.SeekRow.3 IMAPITable.SeekRow.4 */
static void seek_row__beyond_every_end__stops_there(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    LONG sought;

    for (LONG from = 0; from <= 4; from++) {
        static const LONG distances[] = { WIDEST, WIDEST - 1, -WIDEST - 1, -WIDEST };

        for (size_t i = 0; i < COUNT_OF(distances); i++) {
            sought = POISON_LONG;
            seek(table, BOOKMARK_BEGINNING, from);
            assert_ok(table->lpVtbl->SeekRow(table, BOOKMARK_CURRENT, distances[i], &sought));
            assert_int_equal(sought, distances[i] > 0 ? 4 - from : -from);
            assert_int_equal(cursor_row(table), distances[i] > 0 ? 4 : 0);
        }
    }
    sought = POISON_LONG;
    assert_ok(table->lpVtbl->SeekRow(table, BOOKMARK_END, WIDEST, &sought));
    assert_int_equal(sought, 0);
    assert_int_equal(cursor_row(table), 4);
}

/* IMAPITable.QueryRows.3 IMAPITable.QueryRows.6 */
static void query_rows__more_than_there_can_be__what_is_left(void **state)
{
    static const char *const ahead[] = { "e d c b", "d c b", "c b", "b", "" };
    static const char *const behind[] = { "", "e", "e d", "e d c", "e d c b" };
    struct with_table *with = *state;
    IMAPITable *table = with->table;

    for (LONG from = 0; from <= 4; from++) {
        seek(table, BOOKMARK_BEGINNING, from);
        assert_string_equal(rows_line(query(table, WIDEST, TBL_NOADVANCE)), ahead[from]);
        assert_int_equal(cursor_row(table), from);
        assert_string_equal(next_rows(table, WIDEST), ahead[from]);
        assert_int_equal(cursor_row(table), 4);
        seek(table, BOOKMARK_BEGINNING, from);
        assert_string_equal(next_rows(table, -WIDEST), behind[from]);
        assert_int_equal(cursor_row(table), 0);
        seek(table, BOOKMARK_BEGINNING, from);
        assert_string_equal(next_rows(table, -WIDEST - 1), behind[from]);
        assert_int_equal(cursor_row(table), 0);
    }
}

/* No method passes over a flag that it does not know, and none of them is done then. Calls that
 * take a row by its key are made without one that is there: a known flag gets as far as that.
 * Errors.Codes.2 Memory.Failure.1 */
static void flags__every_bit_of_every_method__taken_or_refused(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    SPropTagArray tags = { 1, { PR_SENDER_NAME_W } };
    SSortOrderSet order = { 1, 0, 0, { { PR_SENDER_NAME_W, 0 } } };
    SRestriction none = { .rt = RES_OR };
    BYTE key[12] = { 0 };

    for (ULONG bit = 0; bit < 32; bit++) {
        ULONG flags = 1u << bit;
        ULONG number = POISON_LONG, status = POISON_LONG;
        LPSPropTagArray columns = POISON;
        LPSRowSet rows = POISON;
        LPBYTE saved = POISON;
        BOOKMARK made = POISON_CONN;

        if ((flags & (TBL_ASYNC | TBL_BATCH)) == 0) {
            assert_hr(table->lpVtbl->SetColumns(table, &tags, flags), MAPI_E_UNKNOWN_FLAGS);
            assert_hr(table->lpVtbl->SortTable(table, &order, flags), MAPI_E_UNKNOWN_FLAGS);
            assert_hr(table->lpVtbl->Restrict(table, &none, flags), MAPI_E_UNKNOWN_FLAGS);
        }
        if (flags != TBL_ALL_COLUMNS)
            assert_hr(table->lpVtbl->QueryColumns(table, flags, &columns), MAPI_E_UNKNOWN_FLAGS);
        if (flags != TBL_NOADVANCE)
            assert_hr(table->lpVtbl->QueryRows(table, 1, flags, &rows), MAPI_E_UNKNOWN_FLAGS);
        assert_hr(table->lpVtbl->FindRow(table, &none, BOOKMARK_BEGINNING, flags),
                flags == DIR_BACKWARD ? MAPI_E_NOT_FOUND : MAPI_E_UNKNOWN_FLAGS);
        assert_hr(table->lpVtbl->GetRowCount(table, flags, &number), MAPI_E_UNKNOWN_FLAGS);
        assert_int_equal(number, 0);
        number = POISON_LONG;
        assert_hr(table->lpVtbl->ExpandRow(table, sizeof(key), key, 0, flags, NULL, &number),
                MAPI_E_UNKNOWN_FLAGS);
        assert_int_equal(number, 0);
        assert_hr(table->lpVtbl->CollapseRow(table, sizeof(key), key, flags, &number),
                MAPI_E_UNKNOWN_FLAGS);
        assert_hr(table->lpVtbl->GetCollapseState(table, flags, sizeof(key), key, &number, &saved),
                MAPI_E_UNKNOWN_FLAGS);
        assert_null(saved);
        assert_hr(table->lpVtbl->SetCollapseState(table, flags, sizeof(key), key, &made),
                MAPI_E_UNKNOWN_FLAGS);
        assert_int_equal(made, 0);
        assert_hr(table->lpVtbl->WaitForCompletion(table, flags, 0, &status), MAPI_E_UNKNOWN_FLAGS);
        assert_int_equal(status, 0);
        if (flags != TBL_ALL_COLUMNS)
            assert_null(columns);
        if (flags != TBL_NOADVANCE)
            assert_null(rows);
    }
    assert_unchanged(table);
}

/* All rows of a heading are wanted, and more than there can be.
 * IMAPITable.ExpandRow.2 IMAPITable.ExpandRow.3 */
static void expand_row__more_than_there_can_be__what_is_there(void **state)
{
    static const ULONG wanted[] = { 0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 4 };
    struct with_table *with = *state;
    IMAPITable *table = with->table;

    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        struct row_key key;
        LPSRowSet rows = POISON;
        ULONG more = POISON_LONG;

        sort(table, &(struct sort_order){ 2, 1, 0,
                            { { PR_SENDER_NAME_W, 0 }, { PR_SUBJECT_W, TABLE_SORT_DESCEND } } });
        key = key_of(table, "anna");
        assert_ok(table->lpVtbl->ExpandRow(table, key.size, key.bytes, wanted[i], 0, &rows, &more));
        assert_int_equal(more, 4);
        assert_string_equal(rows_line(rows), "e d c b");
        assert_int_equal(cursor_row(table), 5);
    }
}

/* What GetIDsFromNames gives for an unknown name is such a column.
 * IMAPITable.SetColumns.3 IMAPITable.QueryRows.9 */
static void columns__of_error_and_unknown_types__taken_and_not_found(void **state)
{
    static const ULONG tags[] = { PROP_TAG(PT_ERROR, 0), PROP_TAG(PT_ERROR, PROP_ID(PR_SUBJECT)),
        PROP_TAG(0x00FF, PROP_ID(PR_SUBJECT)), PROP_TAG(0x0FFF, 0x6777),
        PROP_TAG(PT_NULL, PROP_ID(PR_SUBJECT)), PROP_TAG(MVI_FLAG | 0x00FF, 0x6777),
        PROP_TAG(MVI_FLAG | PT_ERROR, 0x6777), PR_SUBJECT_W };
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    LPSPropTagArray columns = POISON;
    LPSRowSet rows;

    set_columns(table, tags, COUNT_OF(tags));

    assert_ok(table->lpVtbl->QueryColumns(table, 0, &columns));
    assert_int_equal(columns->cValues, COUNT_OF(tags));
    assert_memory_equal(columns->aulPropTag, tags, sizeof(tags));
    mapi_free(columns);
    assert_int_equal(cursor_row(table), 2);
    rows = query(table, WIDEST, 0);
    assert_int_equal(rows->cRows, 2);
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *values = values_of(rows, i);

        assert_int_equal(rows->aRow[i].cValues, COUNT_OF(tags));
        for (size_t k = 0; k + 1 < COUNT_OF(tags); k++) {
            assert_int_equal(values[k].ulPropTag, PROP_TAG(PT_ERROR, PROP_ID(tags[k])));
            assert_int_equal(values[k].Value.err, MAPI_E_NOT_FOUND);
        }
        assert_int_equal(values[COUNT_OF(tags) - 1].ulPropTag, PR_SUBJECT_W);
    }
    mapi_free_rows(rows);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, with_table_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(counts__that_no_array_has__one_code_each_and_nothing_changed),
        TEST(seek_row__beyond_every_end__stops_there),
        TEST(query_rows__more_than_there_can_be__what_is_left),
        TEST(flags__every_bit_of_every_method__taken_or_refused),
        TEST(expand_row__more_than_there_can_be__what_is_there),
        TEST(columns__of_error_and_unknown_types__taken_and_not_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
