/* SPDX-License-Identifier: MIT */
/*
 * test_table.c - IMAPITable over a folder's messages: rows, cursor, order, filter.
 */
#include "com/with_table.h"
#include "mailkeep.h"

/* --- rows and cursor -------------------------------------------------------------------------- */

/* IMAPIContainer.GetContentsTable.1 IMAPIContainer.GetContentsTable.9 IMAPITable.QueryRows.2
 * IMAPITable.QueryRows.6 IMAPITable.QueryRows.11 */
static void query_rows__forward__reads_to_the_end_then_nothing(void **state)
{
    struct with_table *with = *state;
    LPSRowSet rows;

    assert_string_equal(next_rows(with->table, 2), "delta alpha");
    assert_int_equal(cursor_row(with->table), 2);
    assert_string_equal(next_rows(with->table, 99), "echo bravo Charlie");
    assert_int_equal(cursor_row(with->table), 5);
    rows = query(with->table, 1, 0);
    assert_int_equal(rows->cRows, 0);
    mapi_free(rows);
}

/* IMAPITable.QueryRows.3 IMAPITable.QueryRows.5 IMAPITable.QueryRows.6 */
static void query_rows__backward__pages_back_in_forward_order(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;

    seek(table, BOOKMARK_END, 0);
    assert_string_equal(next_rows(table, -2), "bravo Charlie");
    assert_int_equal(cursor_row(table), 3);
    assert_string_equal(next_rows(table, -2), "alpha echo");
    assert_string_equal(next_rows(table, -2), "delta");
    assert_int_equal(cursor_row(table), 0);
    assert_string_equal(next_rows(table, -2), "");
    seek(table, BOOKMARK_END, 0);
    assert_string_equal(next_rows(table, (LONG)0x80000000), "delta alpha echo bravo Charlie");
}

/* IMAPITable.QueryRows.4 */
static void query_rows__no_advance__cursor_is_at_the_first_row_returned(void **state)
{
    struct with_table *with = *state;

    seek(with->table, BOOKMARK_BEGINNING, 1);
    assert_string_equal(rows_line(query(with->table, 2, TBL_NOADVANCE)), "alpha echo");
    assert_int_equal(cursor_row(with->table), 1);
    seek(with->table, BOOKMARK_END, 0);
    assert_string_equal(rows_line(query(with->table, -2, TBL_NOADVANCE)), "bravo Charlie");
    assert_int_equal(cursor_row(with->table), 3);
}

/* IMAPITable.QueryRows.1 Memory.Failure.1 */
static void query_rows__bad_arguments__are_refused(void **state)
{
    struct with_table *with = *state;
    LPSRowSet rows = POISON;

    assert_hr(with->table->lpVtbl->QueryRows(with->table, 0, 0, &rows), MAPI_E_INVALID_PARAMETER);
    assert_null(rows);
    assert_hr(with->table->lpVtbl->QueryRows(with->table, 1, 0, NULL), MAPI_E_INVALID_PARAMETER);
    rows = POISON;
    assert_hr(with->table->lpVtbl->QueryRows(with->table, 1, 0x80, &rows), MAPI_E_UNKNOWN_FLAGS);
    assert_null(rows);
    assert_int_equal(cursor_row(with->table), 0);
}

/* IMAPITable.QueryRows.10 Memory.Ownership.2 */
static void query_rows__row_kept__outlives_its_set(void **state)
{
    struct with_table *with = *state;
    LPSRowSet rows = query(with->table, 2, 0);
    SPropValue *kept = values_of(rows, 0);
    char text[64] = "";

    assert_true(host_mem_is_root(rows));
    assert_true(host_mem_is_root(kept));
    assert_true(host_mem_is_root(values_of(rows, 1)));
    assert_true(host_mem_belongs(kept, kept[LINE_SUBJECT].Value.lpszW, 12));
    rows->aRow[0].lpProps = NULL;
    mapi_free_rows(rows);
    put_text(text, sizeof(text), &kept[LINE_SUBJECT]);
    assert_string_equal(text, "delta");
    mapi_free(kept);
}

/* Memory.Failure.2 */
static void query_rows__nth_allocation_fails__cursor_stays(void **state)
{
    struct with_table *with = *state;
    size_t live = host_mem_live(0);

    seek(with->table, BOOKMARK_BEGINNING, 1);
    for (size_t nth = 1;; nth++) {
        LPSRowSet rows = POISON;
        HRESULT hr;

        host_mem_fail_at(nth);
        hr = with->table->lpVtbl->QueryRows(with->table, 3, 0, &rows);
        if (!host_mem_fail_done()) {
            assert_ok(hr);
            assert_string_equal(rows_line(rows), "alpha echo bravo");
            assert_true(nth > 4); /* the set and each row */
            break;
        }
        assert_hr(hr, MAPI_E_NOT_ENOUGH_MEMORY);
        assert_null(rows);
        assert_int_equal(host_mem_live(0), live);
        assert_int_equal(cursor_row(with->table), 1);
    }
}

/* IMAPITable.SeekRow.1 IMAPITable.SeekRow.2 IMAPITable.SeekRow.3 IMAPITable.SeekRow.4
 * IMAPITable.SeekRow.5 */
static void seek_row__any_distance__stops_at_the_ends(void **state)
{
    static const struct {
        BOOKMARK origin;
        LONG rows;
        LONG moved;
        ULONG cursor;
    } cases[] = {
        { BOOKMARK_BEGINNING, 0, 0, 0 },
        { BOOKMARK_BEGINNING, 3, 3, 3 },
        { BOOKMARK_CURRENT, -2, -2, 1 },
        { BOOKMARK_CURRENT, 99, 4, 5 },
        { BOOKMARK_CURRENT, (LONG)0x80000000, -5, 0 },
        { BOOKMARK_END, 0, 0, 5 },
        { BOOKMARK_END, -1, -1, 4 },
        { BOOKMARK_END, ALL_ROWS, 0, 5 },
        { BOOKMARK_BEGINNING, -1, 0, 0 },
    };
    struct with_table *with = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        LONG moved = (LONG)POISON_LONG;

        assert_ok(
                with->table->lpVtbl->SeekRow(with->table, cases[i].origin, cases[i].rows, &moved));
        assert_int_equal(moved, cases[i].moved);
        assert_int_equal(cursor_row(with->table), cases[i].cursor);
    }
    assert_ok(with->table->lpVtbl->SeekRow(with->table, BOOKMARK_END, -2, NULL));
    assert_string_equal(next_rows(with->table, 1), "bravo");
}

/* IMAPITable.SeekRowApprox.1 IMAPITable.SeekRowApprox.2 IMAPITable.SeekRowApprox.3
 * IMAPITable.SeekRowApprox.4 IMAPITable.QueryPosition.1 IMAPITable.QueryPosition.4 */
static void seek_row_approx__fractions__position_and_read_back(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    ULONG row, numerator, denominator;

    assert_ok(table->lpVtbl->SeekRowApprox(table, 7, 7));
    assert_ok(table->lpVtbl->QueryPosition(table, &row, &numerator, &denominator));
    assert_int_equal(row, 5);
    assert_int_equal(numerator, denominator);
    assert_string_equal(next_rows(table, 1), "");
    assert_ok(table->lpVtbl->SeekRowApprox(table, 0, 3));
    assert_int_equal(cursor_row(table), 0);
    assert_ok(table->lpVtbl->SeekRowApprox(table, 2, 5));
    assert_int_equal(cursor_row(table), 2);
    assert_ok(table->lpVtbl->SeekRowApprox(table, 0x7FFFFFFF, 0xFFFFFFFF));
    assert_int_equal(cursor_row(table), 2);
    assert_ok(table->lpVtbl->SeekRowApprox(table, 9, 3));
    assert_int_equal(cursor_row(table), 5);
    assert_hr(table->lpVtbl->SeekRowApprox(table, 0, 0), MAPI_E_INVALID_PARAMETER);
    assert_int_equal(cursor_row(table), 5);
}

/* IMAPITable.QueryPosition.2 IMAPIContainer.GetContentsTable.10 */
static void empty_folder__table__has_no_rows_and_positions(void **state)
{
    struct with_table *with = *state;
    IMAPIFolder *empty = folder_make(with->fx->inbox, "empty");
    IMAPITable *table = contents_table(empty);
    ULONG row = 9, numerator = 9, denominator = 0;

    assert_int_equal(row_count(table), 0);
    assert_string_equal(table_line(table), "");
    assert_ok(table->lpVtbl->QueryPosition(table, &row, &numerator, &denominator));
    assert_int_equal(row, 0);
    assert_true(denominator != 0);
    assert_int_equal(numerator, denominator); /* its beginning is its end */
    release_last(table);
    release_last(empty);
}

/* IMAPITable.GetRowCount.1 */
static void get_row_count__filtered__counts_what_is_left(void **state)
{
    struct with_table *with = *state;
    SPropValue value = text_value(PR_SENDER_NAME_W, u"anna");
    SRestriction restriction = compare_with(RELOP_EQ, &value);
    ULONG count = POISON_LONG;

    assert_int_equal(row_count(with->table), 5);
    assert_ok(with->table->lpVtbl->Restrict(with->table, &restriction, 0));
    assert_int_equal(row_count(with->table), 3);
    assert_hr(with->table->lpVtbl->GetRowCount(with->table, 8, &count), MAPI_E_UNKNOWN_FLAGS);
    assert_int_equal(count, 0);
}

/* IMAPIContainer.GetContentsTable.7 */
static void two_tables__on_one_folder__have_their_own_cursors(void **state)
{
    struct with_table *with = *state;
    IMAPITable *other = contents_table(with->fx->inbox);
    SPropValue value = text_value(PR_SUBJECT_W, u"echo");
    SRestriction restriction = compare_with(RELOP_EQ, &value);

    assert_string_equal(next_rows(with->table, 2), "delta alpha");
    assert_ok(other->lpVtbl->Restrict(other, &restriction, 0));
    assert_string_equal(next_rows(other, 9), "echo");
    assert_string_equal(next_rows(with->table, 1), "echo");
    assert_int_equal(row_count(with->table), 5);
    release_last(other);
}

/* --- order ------------------------------------------------------------------------------------ */

/* IMAPITable.SortTable.1 IMAPITable.SortTable.6 IMAPITable.SortTable.7 IMAPITable.SortTable.25 */
static void sort_table__by_subject__and_back(void **state)
{
    struct with_table *with = *state;

    sort(with->table, &by_subject);
    assert_string_equal(table_line(with->table), "alpha bravo Charlie delta echo");
    sort(with->table, &(struct sort_order){ 2, 0, 0,
                              { { PR_SENDER_NAME_W, TABLE_SORT_DESCEND },
                                      { PR_SUBJECT_W, TABLE_SORT_DESCEND } } });
    assert_string_equal(table_line(with->table), "bravo alpha echo delta Charlie");
    sort(with->table, &(struct sort_order){ 0 });
    assert_string_equal(table_line(with->table), "delta alpha echo bravo Charlie");
}

/* IMAPITable.SortTable.3 */
static void sort_table__bookmarks_and_cursor__start_anew(void **state)
{
    struct with_table *with = *state;
    BOOKMARK made;

    seek(with->table, BOOKMARK_BEGINNING, 2);
    made = bookmark(with->table);
    sort(with->table, &by_subject);
    assert_int_equal(cursor_row(with->table), 0);
    assert_hr(with->table->lpVtbl->SeekRow(with->table, made, 0, NULL), MAPI_E_INVALID_BOOKMARK);
}

/* IMAPITable.SortTable.4 IMAPITable.SortTable.5 */
static void sort_table__refused__old_order_stays(void **state)
{
    struct with_table *with = *state;
    struct sort_order bad = { 1, 0, 0, { { PR_MESSAGE_RECIPIENTS, 0 } } };
    BOOKMARK made;

    sort(with->table, &by_subject);
    seek(with->table, BOOKMARK_BEGINNING, 2);
    made = bookmark(with->table);
    assert_hr(try_sort(with->table, &bad), MAPI_E_TOO_COMPLEX);
    assert_int_equal(cursor_row(with->table), 2);
    seek(with->table, made, 0);
    assert_string_equal(table_line(with->table), "alpha bravo Charlie delta echo");
    assert_hr(with->table->lpVtbl->SortTable(with->table, NULL, 0), MAPI_E_INVALID_PARAMETER);
    bad = by_subject;
    assert_hr(with->table->lpVtbl->SortTable(with->table, (SSortOrderSet *)&bad, 0x100),
            MAPI_E_UNKNOWN_FLAGS);
}

/* IMAPITable.QuerySortOrder.1 IMAPITable.QuerySortOrder.2 */
static void query_sort_order__before_and_after__is_what_was_set(void **state)
{
    struct with_table *with = *state;
    LPSSortOrderSet set = POISON;

    assert_ok(with->table->lpVtbl->QuerySortOrder(with->table, &set));
    assert_non_null(set);
    assert_int_equal(set->cSorts, 0);
    mapi_free(set);
    sort(with->table, &(struct sort_order){ 2, 1, 1,
                              { { PR_SENDER_NAME_W, TABLE_SORT_DESCEND },
                                      { PR_SUBJECT_W, TABLE_SORT_ASCEND } } });
    assert_ok(with->table->lpVtbl->QuerySortOrder(with->table, &set));
    assert_int_equal(set->cSorts, 2);
    assert_int_equal(set->cCategories, 1);
    assert_int_equal(set->cExpanded, 1);
    assert_int_equal(set->aSort[0].ulPropTag, PR_SENDER_NAME_W);
    assert_int_equal(set->aSort[0].ulOrder, TABLE_SORT_DESCEND);
    assert_int_equal(set->aSort[1].ulPropTag, PR_SUBJECT_W);
    mapi_free(set);
    assert_hr(with->table->lpVtbl->QuerySortOrder(with->table, NULL), MAPI_E_INVALID_PARAMETER);
    host_mem_fail_at(1);
    set = POISON;
    assert_hr(with->table->lpVtbl->QuerySortOrder(with->table, &set), MAPI_E_NOT_ENOUGH_MEMORY);
    assert_null(set);
    assert_true(host_mem_fail_done());
}

/* IMAPITable.SortTable.10 */
static void sort_table__numbers__are_signed(void **state)
{
    static const LONG numbers[] = { 5, -1, 0x7FFFFFFF, (LONG)0x80000000, 0 };
    struct with_table *with = *state;
    LPSRowSet rows = table_rows(with->table, (const ULONG[]){ PR_ENTRYID }, 1);

    for (ULONG i = 0; i < rows->cRows; i++) {
        IMessage *message = message_open(with->fx->store, &values_of(rows, i)[0]);

        prop_set_long(message, PR_ICON_INDEX, numbers[i]);
        assert_ok(message->lpVtbl->SaveChanges(message, 0));
        release_last(message);
    }
    mapi_free_rows(rows);
    set_line_columns(with->table);
    sort(with->table, &(struct sort_order){ 1, 0, 0, { { PR_ICON_INDEX, 0 } } });
    assert_string_equal(table_line(with->table), "bravo alpha Charlie delta echo");
}

/* --- filter ----------------------------------------------------------------------------------- */

/* IMAPITable.Restrict.1 IMAPITable.Restrict.2 IMAPITable.Restrict.3 IMAPITable.Restrict.8 */
static void restrict__then_another_then_none(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    SPropValue anna = text_value(PR_SENDER_NAME_W, u"ANNA");
    SPropValue bob = text_value(PR_SENDER_NAME_W, u"bob");
    SRestriction is_anna = compare_with(RELOP_EQ, &anna);
    SRestriction is_bob = compare_with(RELOP_EQ, &bob);
    BOOKMARK made;

    seek(table, BOOKMARK_BEGINNING, 3);
    made = bookmark(table);
    assert_ok(table->lpVtbl->Restrict(table, &is_anna, 0));
    assert_int_equal(cursor_row(table), 0);
    assert_hr(table->lpVtbl->SeekRow(table, made, 0, NULL), MAPI_E_INVALID_BOOKMARK);
    assert_string_equal(table_line(table), "delta echo Charlie");
    assert_ok(table->lpVtbl->Restrict(table, &is_bob, TBL_BATCH));
    assert_string_equal(table_line(table), "alpha bravo");
    sort(table, &by_subject);
    assert_ok(table->lpVtbl->Restrict(table, NULL, 0));
    assert_string_equal(table_line(table), "alpha bravo Charlie delta echo");
}

/* IMAPITable.Restrict.4 IMAPITable.Restrict.5 restriction.General.2 restriction.General.3 */
static void restrict__refused__old_filter_stays(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    SPropValue anna = text_value(PR_SENDER_NAME_W, u"anna");
    SRestriction is_anna = compare_with(RELOP_EQ, &anna);
    SRestriction unknown = { .rt = 0x4711 };
    SRestriction no_child = { .rt = RES_NOT };

    assert_ok(table->lpVtbl->Restrict(table, &is_anna, 0));
    seek(table, BOOKMARK_BEGINNING, 2);
    assert_hr(table->lpVtbl->Restrict(table, &unknown, 0), MAPI_E_TOO_COMPLEX);
    assert_hr(table->lpVtbl->Restrict(table, &no_child, 0), MAPI_E_INVALID_PARAMETER);
    assert_hr(table->lpVtbl->Restrict(table, &is_anna, 0x100), MAPI_E_UNKNOWN_FLAGS);
    assert_int_equal(cursor_row(table), 2);
    assert_string_equal(table_line(table), "delta echo Charlie");
}

/* IMAPITable.Restrict.6 IMAPITable.Restrict.7 Memory.Ownership.3 */
static void restrict__batched_and_freed__is_a_copy(void **state)
{
    struct with_table *with = *state;
    SRestriction *restriction = malloc(sizeof(*restriction));
    SPropValue *value = malloc(sizeof(*value));
    WCHAR *text = malloc(5 * sizeof(*text));

    memcpy(text, u"echo", 5 * sizeof(*text));
    *value = text_value(PR_SUBJECT_W, text);
    *restriction = compare_with(RELOP_EQ, value);
    assert_ok(with->table->lpVtbl->Restrict(with->table, restriction, TBL_BATCH));
    memset(text, 0xDD, 5 * sizeof(*text));
    memset(value, 0xDD, sizeof(*value));
    memset(restriction, 0xDD, sizeof(*restriction));
    free(text);
    free(value);
    free(restriction);
    assert_string_equal(table_line(with->table), "echo");
}

/* IMAPITable.FindRow.1 IMAPITable.FindRow.2 IMAPITable.FindRow.3 IMAPITable.FindRow.4
 * IMAPITable.FindRow.5 IMAPITable.FindRow.10 restriction.General.1 */
static void find_row__both_directions(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    SPropValue anna = text_value(PR_SENDER_NAME_W, u"anna");
    SPropValue nobody = text_value(PR_SENDER_NAME_W, u"nobody");
    SPropValue unknown;
    SRestriction is_anna = compare_with(RELOP_EQ, &anna);
    SRestriction is_nobody = compare_with(RELOP_EQ, &nobody);

    assert_ok(table->lpVtbl->FindRow(table, &is_anna, BOOKMARK_BEGINNING, 0));
    assert_int_equal(cursor_row(table), 0); /* the row at the bookmark first */
    seek(table, BOOKMARK_BEGINNING, 1);
    assert_ok(table->lpVtbl->FindRow(table, &is_anna, BOOKMARK_CURRENT, 0));
    assert_int_equal(cursor_row(table), 2);
    assert_ok(table->lpVtbl->FindRow(table, &is_anna, BOOKMARK_CURRENT, DIR_BACKWARD));
    assert_int_equal(cursor_row(table), 0); /* the row before the bookmark first */
    assert_ok(table->lpVtbl->FindRow(table, &is_anna, BOOKMARK_END, DIR_BACKWARD));
    assert_int_equal(cursor_row(table), 4);
    seek(table, BOOKMARK_BEGINNING, 3);
    assert_hr(table->lpVtbl->FindRow(table, &is_nobody, BOOKMARK_BEGINNING, 0), MAPI_E_NOT_FOUND);
    assert_hr(table->lpVtbl->FindRow(table, &is_nobody, BOOKMARK_END, DIR_BACKWARD),
            MAPI_E_NOT_FOUND);
    assert_int_equal(cursor_row(table), 3);
    assert_hr(table->lpVtbl->FindRow(table, &is_anna, 4711, 0), MAPI_E_INVALID_BOOKMARK);
    assert_hr(table->lpVtbl->FindRow(table, NULL, BOOKMARK_BEGINNING, 0), MAPI_E_INVALID_PARAMETER);
    assert_int_equal(cursor_row(table), 3);
    /* IMAPITable.FindRow.11 */
    unknown = long_value(PROP_TAG(PT_LONG, 0x6777), 0);
    is_nobody = compare_with(RELOP_NE, &unknown);
    assert_hr(table->lpVtbl->FindRow(table, &is_nobody, BOOKMARK_BEGINNING, 0), MAPI_E_NOT_FOUND);
    assert_int_equal(row_count(table), 5);
}

/* IMAPITable.FindRow.8 table-columns.InstanceKey.3 */
static void find_row__by_instance_key__finds_every_row(void **state)
{
    struct with_table *with = *state;
    LPSRowSet rows;

    sort(with->table, &by_subject);
    rows = query(with->table, ALL_ROWS, 0);
    for (ULONG i = 0; i < rows->cRows; i++) {
        SPropValue *key = &values_of(rows, i)[LINE_KEY];
        SRestriction is_key = compare_with(RELOP_EQ, key);

        assert_int_equal(key->ulPropTag, PR_INSTANCE_KEY);
        assert_ok(with->table->lpVtbl->FindRow(with->table, &is_key, BOOKMARK_BEGINNING, 0));
        assert_int_equal(cursor_row(with->table), i);
    }
    mapi_free_rows(rows);
}

/* IMAPITable.FindRow.9 */
static void find_row__typed_ahead__finds_the_first_not_less(void **state)
{
    struct with_table *with = *state;

    static const struct {
        const char16_t *typed;
        ULONG row;
    } cases[] = { { u"a", 0 }, { u"B", 1 }, { u"ch", 2 }, { u"CHARLIE", 2 }, { u"charliex", 3 } };

    sort(with->table, &by_subject);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SPropValue value = text_value(PR_SUBJECT_W, cases[i].typed);
        SRestriction not_less = compare_with(RELOP_GE, &value);

        assert_ok(with->table->lpVtbl->FindRow(with->table, &not_less, BOOKMARK_BEGINNING, 0));
        assert_int_equal(cursor_row(with->table), cases[i].row);
    }
}

/* Many rows are not read one by one: the result is the same. */
static void find_row__far_away__both_directions(void **state)
{
    enum { MANY = 500 };
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    SPropValue value = text_value(PR_SENDER_NAME_W, u"far");
    SRestriction is_far = compare_with(RELOP_EQ, &value);
    SPropValue nobody = text_value(PR_SENDER_NAME_W, u"nobody");
    SRestriction is_nobody = compare_with(RELOP_EQ, &nobody);

    prop_set_bool(with->fx->store, PR_MKEEP_BULK, true);
    for (int i = 0; i < MANY; i++) {
        char subject[16];

        snprintf(subject, sizeof(subject), "m%03d", i);
        add_mail(with->fx->inbox, subject, i == 440 || i == 450 || i == 20 ? "far" : NULL, true);
    }
    prop_set_bool(with->fx->store, PR_MKEEP_BULK, false);
    sort(table, &by_subject);
    seek(table, BOOKMARK_BEGINNING, 100);
    assert_ok(table->lpVtbl->FindRow(table, &is_far, BOOKMARK_CURRENT, 0));
    assert_string_equal(next_rows(table, 1), "m440");
    assert_ok(table->lpVtbl->FindRow(table, &is_far, BOOKMARK_CURRENT, 0));
    assert_string_equal(next_rows(table, 1), "m450");
    assert_hr(table->lpVtbl->FindRow(table, &is_far, BOOKMARK_CURRENT, 0), MAPI_E_NOT_FOUND);
    seek(table, BOOKMARK_BEGINNING, 440);
    assert_ok(table->lpVtbl->FindRow(table, &is_far, BOOKMARK_CURRENT, DIR_BACKWARD));
    assert_string_equal(next_rows(table, 1), "m020");
    assert_hr(table->lpVtbl->FindRow(table, &is_nobody, BOOKMARK_END, DIR_BACKWARD),
            MAPI_E_NOT_FOUND);
    sort(table, &(struct sort_order){ 2, 1, 1,
                        { { PR_SENDER_NAME_W, TABLE_SORT_DESCEND }, { PR_SUBJECT_W, 0 } } });
    assert_ok(table->lpVtbl->FindRow(table, &is_far, BOOKMARK_BEGINNING, 0));
    assert_string_equal(next_rows(table, 2), "+far(3,0) m020"); /* the heading has it first */
    assert_ok(table->lpVtbl->FindRow(table, &is_far, BOOKMARK_END, DIR_BACKWARD));
    assert_string_equal(next_rows(table, 1), "m450");
}

/* --- the rest --------------------------------------------------------------------------------- */

/* IMAPITable.GetStatus.1 IMAPITable.GetStatus.6 IMAPITable.WaitForCompletion.1 IMAPITable.Abort.1
 */
static void status__nothing_in_progress(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    ULONG status = POISON_LONG, type = POISON_LONG;

    sort(table, &by_subject);
    assert_ok(table->lpVtbl->GetStatus(table, &status, &type));
    assert_int_equal(status, TBLSTAT_COMPLETE);
    assert_int_equal(type, TBLTYPE_DYNAMIC);
    assert_hr(table->lpVtbl->GetStatus(table, NULL, &type), MAPI_E_INVALID_PARAMETER);
    status = POISON_LONG;
    assert_ok(table->lpVtbl->WaitForCompletion(table, 0, 0, &status));
    assert_int_equal(status, TBLSTAT_COMPLETE);
    assert_ok(table->lpVtbl->WaitForCompletion(table, 0, 0xFFFFFFFF, NULL));
    assert_hr(table->lpVtbl->Abort(table), MAPI_E_UNABLE_TO_ABORT);
}

/* IMAPITable.GetLastError.1 Errors.GetLastError.1 Errors.GetLastError.2 */
static void get_last_error__after_a_refusal__is_a_sentence(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    LPMAPIERROR error = POISON;
    HRESULT hr = table->lpVtbl->SeekRow(table, 4711, 0, NULL);

    assert_hr(hr, MAPI_E_INVALID_BOOKMARK);
    assert_ok(table->lpVtbl->GetLastError(table, hr, 0, &error));
    assert_non_null(error);
    assert_int_equal(error->ulVersion, MAPI_ERROR_VERSION);
    assert_true(strlen((const char *)error->lpszError) > 0);
    assert_true(strlen((const char *)error->lpszComponent) <= 30);
    mapi_free(error);
    error = POISON;
    assert_ok(table->lpVtbl->GetLastError(table, MAPI_E_NOT_FOUND, 0, &error));
    assert_null(error);
}

/* IMAPITable.General.2 IMAPIContainer.GetContentsTable.11 */
static void release__folder_first__table_and_message_live_on(void **state)
{
    struct with_table *with = *state;
    LPSRowSet rows = table_rows(with->table, (const ULONG[]){ PR_ENTRYID }, 1);
    IMessage *message = message_open(with->fx->store, &values_of(rows, 0)[0]);

    mapi_free_rows(rows);
    set_line_columns(with->table);
    release_last(with->fx->inbox);
    assert_string_equal(table_line(with->table), "delta alpha echo bravo Charlie");
    release_last(with->table);
    prop_assert_text(message, PR_SUBJECT_W, "delta");
    release_last(message);
}

/* IMAPITable.GetStatus.4 */
static void folder_deleted__table__is_empty(void **state)
{
    struct with_table *with = *state;
    IMAPIFolder *folder = folder_make(with->fx->inbox, "doomed");
    SPropValue *id = prop_get(folder, PR_ENTRYID);
    IMAPITable *table = contents_table(folder);

    union {
        BYTE *bytes;
        ENTRYID *id;
    } at = { .bytes = id->Value.bin.lpb };

    add_mail(folder, "x", NULL, true);
    add_mail(folder, "y", NULL, true);
    assert_string_equal(next_rows(table, 1), "x");
    assert_ok(with->fx->inbox->lpVtbl->DeleteFolder(
            with->fx->inbox, id->Value.bin.cb, at.id, 0, NULL, DEL_MESSAGES));
    assert_int_equal(row_count(table), 0);
    assert_string_equal(next_rows(table, 9), "");
    assert_string_equal(table_line(table), "");
    mapi_free(id);
    release_last(table);
    release_last(folder);
}

static void query_interface__table__its_interfaces_only(void **state)
{
    struct with_table *with = *state;
    void *same = POISON;
    void *other = POISON;

    assert_ok(with->table->lpVtbl->QueryInterface(with->table, &IID_IMAPITable, &same));
    assert_ptr_equal(same, with->table);
    with->table->lpVtbl->Release(with->table);
    assert_hr(
            with->table->lpVtbl->QueryInterface(with->table, &IID_IMessage, &other), E_NOINTERFACE);
    assert_null(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, with_five_setup, with_table_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(query_rows__forward__reads_to_the_end_then_nothing),
        TEST(query_rows__backward__pages_back_in_forward_order),
        TEST(query_rows__no_advance__cursor_is_at_the_first_row_returned),
        TEST(query_rows__bad_arguments__are_refused),
        TEST(query_rows__row_kept__outlives_its_set),
        TEST(query_rows__nth_allocation_fails__cursor_stays),
        TEST(seek_row__any_distance__stops_at_the_ends),
        TEST(seek_row_approx__fractions__position_and_read_back),
        TEST(empty_folder__table__has_no_rows_and_positions),
        TEST(get_row_count__filtered__counts_what_is_left),
        TEST(two_tables__on_one_folder__have_their_own_cursors),
        TEST(sort_table__by_subject__and_back),
        TEST(sort_table__bookmarks_and_cursor__start_anew),
        TEST(sort_table__refused__old_order_stays),
        TEST(query_sort_order__before_and_after__is_what_was_set),
        TEST(sort_table__numbers__are_signed),
        TEST(restrict__then_another_then_none),
        TEST(restrict__refused__old_filter_stays),
        TEST(restrict__batched_and_freed__is_a_copy),
        TEST(find_row__both_directions),
        TEST(find_row__by_instance_key__finds_every_row),
        TEST(find_row__typed_ahead__finds_the_first_not_less),
        TEST(find_row__far_away__both_directions),
        TEST(status__nothing_in_progress),
        TEST(get_last_error__after_a_refusal__is_a_sentence),
        TEST(release__folder_first__table_and_message_live_on),
        TEST(folder_deleted__table__is_empty),
        TEST(query_interface__table__its_interfaces_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
