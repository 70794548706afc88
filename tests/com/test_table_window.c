/* SPDX-License-Identifier: MIT */
/*
 * test_table_window.c - many rows in one QueryRows are those that it gives one by one.
 *
 * Many rows may come from columns, which are in memory once a table has been put in order; single
 * ones are read. So the same rows are asked for in both ways, after what puts the columns there.
 */
#include "com/table_line.h"
#include "mailkeep.h"

enum { MESSAGES = 400 };

/* What columns have, and what is made of nothing but them. */
static const ULONG columns[] = { PR_SUBJECT_W, PR_INSTANCE_KEY, PR_ENTRYID,
    PR_MESSAGE_DELIVERY_TIME, PR_MESSAGE_SIZE, PR_MESSAGE_FLAGS, PR_HASATTACH, PR_IMPORTANCE,
    PR_ROW_TYPE, PR_DEPTH, PR_PARENT_ENTRYID, PR_MSG_STATUS, PR_CREATION_TIME, PR_SUBJECT_A,
    PR_CLIENT_SUBMIT_TIME, PR_MESSAGE_SIZE_EXTENDED };

static void add(IMAPIFolder *inbox, unsigned n)
{
    static const char16_t *const texts[] = { u"", u"plain", u"\u00DCber", u"\U0001F600 smile" };
    SPropValue values[4] = { { .ulPropTag = PR_SUBJECT_W }, { .ulPropTag = PR_IMPORTANCE },
        { .ulPropTag = PR_MESSAGE_FLAGS }, { .ulPropTag = PR_MESSAGE_DELIVERY_TIME } };
    uint64_t delivered = UINT64_C(132000000000000000) + n * UINT64_C(7919) % 97 * 10000000;
    char16_t subject[64];
    IMessage *message = NULL;
    size_t size = 0;

    for (const char16_t *from = texts[n % 4]; *from != 0; from++)
        subject[size++] = *from;
    for (unsigned rest = n % 50; rest > 0; rest /= 3)
        subject[size++] = (char16_t)(u'a' + rest % 3);
    subject[size] = 0;
    values[0].Value.lpszW = (LPWSTR)subject;
    values[1].Value.l = (LONG)(n % 3);
    values[2].Value.l = n % 2 == 0 ? MSGFLAG_READ : 0;
    values[3].Value.ft.dwLowDateTime = (DWORD)delivered;
    values[3].Value.ft.dwHighDateTime = (DWORD)(delivered >> 32);
    assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &message));
    assert_ok(message->lpVtbl->SetProps(message, n % 19 == 0 ? 3 : 4, values, NULL));
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

static int setup_many(void **state)
{
    struct fixture *fx;

    fixture_inbox_setup(state);
    fx = *state;
    prop_set_bool(fx->store, PR_MKEEP_BULK, true);
    for (unsigned n = 0; n < MESSAGES; n++)
        add(fx->inbox, n);
    prop_set_bool(fx->store, PR_MKEEP_BULK, false);
    return 0;
}

static void sort_by(IMAPITable *table, ULONG tag, ULONG order, ULONG categories)
{
    SizedSSortOrderSet(1, set) = { 1, categories, categories, { { tag, order } } };

    assert_ok(table->lpVtbl->SortTable(table, (LPSSortOrderSet)(void *)&set, TBL_BATCH));
}

/* With all columns in memory: an order by the only text among them has put them there. */
static IMAPITable *open_table(struct fixture *fx)
{
    IMAPITable *table = contents_table(fx->inbox);

    set_columns(table, columns, COUNT_OF(columns));
    sort_by(table, PR_SUBJECT_W, TABLE_SORT_ASCEND, 0);
    mapi_free_rows(query(table, 1, 0));
    assert_ok(table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 0, NULL));
    return table;
}

static void assert_same_row(const SRow *a, const SRow *b, ULONG row)
{
    assert_int_equal(a->cValues, b->cValues);
    for (ULONG i = 0; i < a->cValues; i++) {
        if (!host_prop_same(&a->lpProps[i], &b->lpProps[i]))
            fail_msg("row %u, column %u", (unsigned)row, (unsigned)i);
    }
}

/* All rows at once, and one by one. */
static void assert_windows(IMAPITable *table, ULONG first)
{
    LPSRowSet all;
    ULONG count = 0;

    assert_ok(table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, (LONG)first, NULL));
    all = query(table, ALL_ROWS, 0);
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    assert_int_equal(all->cRows, count - first);
    assert_ok(table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, (LONG)first, NULL));
    for (ULONG i = 0; i < all->cRows; i++) {
        LPSRowSet one = query(table, 1, 0);

        assert_int_equal(one->cRows, 1);
        assert_same_row(&all->aRow[i], &one->aRow[0], first + i);
        mapi_free_rows(one);
    }
    mapi_free_rows(all);
}

/* IMAPITable.QueryRows.1 */
static void query_rows__many_by_date__are_the_single_ones(void **state)
{
    struct fixture *fx = *state;
    IMAPITable *table = open_table(fx);

    sort_by(table, PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_ASCEND, 0);
    assert_windows(table, 0);
    assert_windows(table, 123);
    sort_by(table, PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND, 0);
    assert_windows(table, 0);
    assert_windows(table, 200);
    release_last(table);
}

/* IMAPITable.QueryRows.1 */
static void query_rows__many_in_other_orders__are_the_single_ones(void **state)
{
    struct fixture *fx = *state;
    IMAPITable *table = open_table(fx);

    assert_windows(table, 0);
    sort_by(table, PR_IMPORTANCE, TABLE_SORT_DESCEND, 0);
    assert_windows(table, 0);
    sort_by(table, PR_MESSAGE_SIZE, TABLE_SORT_ASCEND, 0);
    assert_windows(table, 7);
    release_last(table);
}

/* IMAPITable.QueryRows.1 */
static void query_rows__many_with_headings__are_the_single_ones(void **state)
{
    struct fixture *fx = *state;
    IMAPITable *table = open_table(fx);

    sort_by(table, PR_IMPORTANCE, TABLE_SORT_ASCEND, 1);
    assert_windows(table, 0);
    sort_by(table, PR_SUBJECT_W, TABLE_SORT_DESCEND, 1);
    assert_windows(table, 1);
    release_last(table);
}

/* IMAPITable.QueryRows.1 */
static void query_rows__many_of_a_restriction__are_the_single_ones(void **state)
{
    struct fixture *fx = *state;
    IMAPITable *table = open_table(fx);
    SRestriction restriction = { .rt = RES_BITMASK };

    restriction.res.resBitMask.relBMR = BMR_EQZ;
    restriction.res.resBitMask.ulPropTag = PR_MESSAGE_FLAGS;
    restriction.res.resBitMask.ulMask = MSGFLAG_READ;
    assert_ok(table->lpVtbl->Restrict(table, &restriction, 0));
    sort_by(table, PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND, 0);
    assert_windows(table, 0);
    restriction.rt = RES_PROPERTY;
    restriction.res.resProperty.relop = RELOP_EQ;
    restriction.res.resProperty.ulPropTag = PR_IMPORTANCE;
    restriction.res.resProperty.lpProp = &(SPropValue){ .ulPropTag = PR_IMPORTANCE, .Value.l = 1 };
    assert_ok(table->lpVtbl->Restrict(table, &restriction, 0));
    assert_windows(table, 0);
    release_last(table);
}

/* What is in memory is not told when it is not so any more. IMAPITable.QueryRows.1 */
static void query_rows__rows_have_changed__many_are_the_single_ones(void **state)
{
    struct fixture *fx = *state;
    IMAPITable *table = open_table(fx);
    SPropValue *entry_id;
    IMessage *message;
    LPSRowSet rows;

    sort_by(table, PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND, 0);
    assert_windows(table, 0);
    rows = query(table, -1, 0);
    mapi_free_rows(rows);
    assert_ok(table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 77, NULL));
    rows = query(table, 1, 0);
    entry_id = &values_of(rows, 0)[2];
    message = message_open(fx->store, entry_id);
    prop_set_text(message, PR_SUBJECT_W, "another one");
    prop_set_long(message, PR_IMPORTANCE, 2);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    assert_windows(table, 0);
    prop_set_time(message, PR_MESSAGE_DELIVERY_TIME, UINT64_C(131000000000000000));
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    assert_windows(table, 0);
    add(fx->inbox, MESSAGES);
    assert_windows(table, 0);
    mapi_free_rows(rows);
    release_last(message);
    release_last(table);
}

/* Memory.Failure.1 Memory.Failure.2 */
static void query_rows__nth_allocation_of_the_client_fails__nothing_is_left(void **state)
{
    struct fixture *fx = *state;
    IMAPITable *table = open_table(fx);
    size_t live = host_mem_live(0);

    sort_by(table, PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND, 0);
    for (size_t nth = 1; nth < 200; nth += 37) {
        LPSRowSet rows = POISON;

        host_mem_fail_at(nth);
        assert_hr(table->lpVtbl->QueryRows(table, 200, TBL_NOADVANCE, &rows),
                MAPI_E_NOT_ENOUGH_MEMORY);
        assert_true(host_mem_fail_done());
        host_mem_fail_at(0);
        assert_null(rows);
        assert_int_equal(host_mem_live(0), live);
    }
    release_last(table);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                query_rows__many_by_date__are_the_single_ones, setup_many, fixture_teardown),
        cmocka_unit_test_setup_teardown(query_rows__many_in_other_orders__are_the_single_ones,
                setup_many, fixture_teardown),
        cmocka_unit_test_setup_teardown(
                query_rows__many_with_headings__are_the_single_ones, setup_many, fixture_teardown),
        cmocka_unit_test_setup_teardown(query_rows__many_of_a_restriction__are_the_single_ones,
                setup_many, fixture_teardown),
        cmocka_unit_test_setup_teardown(query_rows__rows_have_changed__many_are_the_single_ones,
                setup_many, fixture_teardown),
        cmocka_unit_test_setup_teardown(
                query_rows__nth_allocation_of_the_client_fails__nothing_is_left, setup_many,
                fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
