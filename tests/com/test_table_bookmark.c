/* SPDX-License-Identifier: MIT */
/*
 * test_table_bookmark.c - IMAPITable's bookmarks: made, freed, moved on, and whose they are.
 */
#include "com/with_table.h"

static void delete_row(struct with_table *with, const char *subject)
{
    static const ULONG tags[] = { PR_SUBJECT_W, PR_ENTRYID };
    IMAPITable *table = contents_table(with->fx->inbox);
    LPSRowSet rows = table_rows(table, tags, 2);

    for (ULONG i = 0; i < rows->cRows; i++) {
        char text[64] = "";
        SBinary id = values_of(rows, i)[1].Value.bin;
        ENTRYLIST list = { 1, &id };

        put_text(text, sizeof(text), &values_of(rows, i)[0]);
        if (strcmp(text, subject) == 0)
            assert_ok(with->fx->inbox->lpVtbl->DeleteMessages(with->fx->inbox, &list, 0, NULL, 0));
    }
    mapi_free_rows(rows);
    release_last(table);
}

/* IMAPITable.CreateBookmark.1 IMAPITable.SeekRow.7 IMAPITable.FindRow.7 IMAPITable.GetStatus.4 */
static void bookmark__row_deleted__moves_on_and_says_so(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    SPropValue value = text_value(PR_SUBJECT_W, u"echo");
    SRestriction is_echo = compare_with(RELOP_EQ, &value);
    BOOKMARK bravo, charlie;

    sort(table, &by_subject);
    seek(table, BOOKMARK_BEGINNING, 1);
    bravo = bookmark(table);
    seek(table, BOOKMARK_BEGINNING, 2);
    charlie = bookmark(table);
    add_mail(with->fx->inbox, "aaa", NULL, true);
    seek(table, bravo, 0);
    assert_string_equal(next_rows(table, 2), "bravo Charlie");
    delete_row(with, "bravo");
    assert_hr(table->lpVtbl->SeekRow(table, bravo, 0, NULL), MAPI_W_POSITION_CHANGED);
    assert_string_equal(next_rows(table, 1), "Charlie");
    seek(table, bravo, 0);
    delete_row(with, "Charlie");
    assert_hr(table->lpVtbl->FindRow(table, &is_echo, charlie, 0), MAPI_W_POSITION_CHANGED);
    assert_string_equal(next_rows(table, 1), "echo");
    assert_string_equal(table_line(table), "aaa alpha delta echo");
}

/* IMAPITable.FreeBookmark.1 IMAPITable.FreeBookmark.2 IMAPITable.FreeBookmark.3
 * IMAPITable.SeekRow.6 IMAPITable.FindRow.6 IMAPITable.CreateBookmark.4 */
static void free_bookmark__own_and_fixed_ones(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    SPropValue anna = text_value(PR_SENDER_NAME_W, u"anna");
    SRestriction is_anna = compare_with(RELOP_EQ, &anna);
    BOOKMARK made;

    seek(table, BOOKMARK_BEGINNING, 2);
    made = bookmark(table);
    assert_true(made != BOOKMARK_BEGINNING && made != BOOKMARK_CURRENT && made != BOOKMARK_END);
    assert_ok(table->lpVtbl->FreeBookmark(table, made));
    assert_hr(table->lpVtbl->SeekRow(table, made, 0, NULL), MAPI_E_INVALID_BOOKMARK);
    assert_hr(table->lpVtbl->FindRow(table, &is_anna, made, 0), MAPI_E_INVALID_BOOKMARK);
    assert_hr(table->lpVtbl->FreeBookmark(table, made), MAPI_E_INVALID_BOOKMARK);
    assert_int_equal(cursor_row(table), 2);
    assert_ok(table->lpVtbl->FreeBookmark(table, BOOKMARK_BEGINNING));
    assert_ok(table->lpVtbl->FreeBookmark(table, BOOKMARK_CURRENT));
    assert_ok(table->lpVtbl->FreeBookmark(table, BOOKMARK_END));
    assert_hr(table->lpVtbl->CreateBookmark(table, NULL), MAPI_E_INVALID_PARAMETER);
}

/* Errors.GetLastError.1 */
static void assert_sentence(IMAPITable *table, HRESULT hr)
{
    LPMAPIERROR error = POISON;

    assert_ok(table->lpVtbl->GetLastError(table, hr, 0, &error));
    assert_non_null(error);
    mapi_free(error);
}

static void assert_no_bookmark(IMAPITable *table, BOOKMARK none)
{
    SPropValue anna = text_value(PR_SENDER_NAME_W, u"anna");
    SRestriction is_anna = compare_with(RELOP_EQ, &anna);
    ULONG row = cursor_row(table);
    LONG sought = POISON_LONG;

    assert_hr(table->lpVtbl->SeekRow(table, none, 1, &sought), MAPI_E_INVALID_BOOKMARK);
    assert_int_equal(sought, 0);
    assert_hr(table->lpVtbl->FindRow(table, &is_anna, none, 0), MAPI_E_INVALID_BOOKMARK);
    assert_hr(table->lpVtbl->FindRow(table, &is_anna, none, DIR_BACKWARD), MAPI_E_INVALID_BOOKMARK);
    assert_hr(table->lpVtbl->FreeBookmark(table, none), MAPI_E_INVALID_BOOKMARK);
    assert_sentence(table, MAPI_E_INVALID_BOOKMARK);
    assert_int_equal(cursor_row(table), row);
}

/* IMAPITable.SeekRow.6 IMAPITable.FindRow.6 IMAPITable.FreeBookmark.3 */
static void bookmark__of_another_table_or_invented__invalid_and_nothing_moves(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    IMAPITable *other = contents_table(with->fx->inbox);
    BOOKMARK made, others;

    seek(table, BOOKMARK_BEGINNING, 1);
    made = bookmark(table);
    seek(other, BOOKMARK_BEGINNING, 3);
    others = bookmark(other);
    seek(table, BOOKMARK_BEGINNING, 2);
    seek(other, BOOKMARK_BEGINNING, 2);

    assert_true(made != others);
    assert_no_bookmark(table, others);
    assert_no_bookmark(other, made);
    for (unsigned bit = 0; bit < 8 * sizeof(made); bit++) {
        BOOKMARK invented = made ^ (BOOKMARK)1 << bit;

        if (invented > BOOKMARK_END)
            assert_no_bookmark(table, invented);
    }
    seek(table, made, 0);
    assert_string_equal(next_rows(table, 1), "alpha");
    seek(other, others, 0);
    assert_string_equal(next_rows(other, 1), "bravo");
    release_last(other);
}

/* What an order or a filter has discarded stays so, whatever is made later. */
static void bookmark__discarded_or_freed__is_not_made_again(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    BOOKMARK discarded, freed, made;

    discarded = bookmark(table);
    sort(table, &by_subject);
    freed = bookmark(table);
    assert_ok(table->lpVtbl->FreeBookmark(table, freed));
    made = bookmark(table);

    assert_true(made != discarded && made != freed && discarded != freed);
    assert_no_bookmark(table, discarded);
    assert_no_bookmark(table, freed);
}

/* IMAPITable.CreateBookmark.2 */
static void create_bookmark__too_many__unable_to_complete(void **state)
{
    struct with_table *with = *state;
    static const struct sort_order by_sender = { 1, 1, 1, { { PR_SENDER_NAME_W, 0 } } };
    struct row_key anna;
    BOOKMARK made = 0;
    HRESULT hr = S_OK;
    unsigned count = 0;
    ULONG size = 0, gone = 0;
    LPBYTE saved = NULL;

    sort(with->table, &by_sender);
    anna = key_of(with->table, "anna");
    assert_ok(with->table->lpVtbl->GetCollapseState(
            with->table, 0, anna.size, anna.bytes, &size, &saved));
    while (SUCCEEDED(hr) && count < 100000) {
        made = POISON_CONN;
        hr = with->table->lpVtbl->CreateBookmark(with->table, &made);
        count++;
    }
    assert_hr(hr, MAPI_E_UNABLE_TO_COMPLETE);
    assert_int_equal(made, 0);
    assert_sentence(with->table, hr);
    /* The place of a state that is given back is one, too. */
    assert_ok(with->table->lpVtbl->CollapseRow(with->table, anna.size, anna.bytes, 0, &gone));
    assert_hr(with->table->lpVtbl->SetCollapseState(with->table, 0, size, saved, &made),
            MAPI_E_UNABLE_TO_COMPLETE);
    assert_int_equal(made, 0);
    assert_sentence(with->table, MAPI_E_UNABLE_TO_COMPLETE);
    assert_string_equal(table_line(with->table), "-anna(3,2) +Bob(2,2) alpha bravo");
    mapi_free(saved);
}

/* IMAPITable.SeekRow.7: also when no row is left, whichever way the rows are found again. */
static void bookmark__all_rows_deleted__says_so(void **state)
{
    static const struct sort_order orders[] = { { 0, 0, 0, { { 0, 0 } } },
        { 1, 0, 0, { { PR_SUBJECT_W, TABLE_SORT_ASCEND } } },
        { 2, 1, 1,
                { { PR_SENDER_NAME_W, TABLE_SORT_ASCEND },
                        { PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_CATEG_MAX } } } };
    static const char *const subjects[] = { "delta", "alpha", "echo", "bravo", "Charlie" };
    struct with_table *with = *state;

    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        BOOKMARK made;

        sort(with->table, &orders[i]);
        seek(with->table, BOOKMARK_BEGINNING, 1);
        made = bookmark(with->table);
        for (size_t k = 0; k < COUNT_OF(subjects); k++)
            delete_row(with, subjects[k]);
        assert_hr(
                with->table->lpVtbl->SeekRow(with->table, made, 0, NULL), MAPI_W_POSITION_CHANGED);
        assert_int_equal(cursor_row(with->table), 0);
        for (size_t k = 0; k < COUNT_OF(subjects); k++)
            add_mail(with->fx->inbox, subjects[k], "anna", true);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, with_five_setup, with_table_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bookmark__row_deleted__moves_on_and_says_so),
        TEST(bookmark__all_rows_deleted__says_so),
        TEST(free_bookmark__own_and_fixed_ones),
        TEST(bookmark__of_another_table_or_invented__invalid_and_nothing_moves),
        TEST(bookmark__discarded_or_freed__is_not_made_again),
        TEST(create_bookmark__too_many__unable_to_complete),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
