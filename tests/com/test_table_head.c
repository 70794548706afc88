/* SPDX-License-Identifier: MIT */
/*
 * test_table_head.c - tables that have read only their first rows are like those that have read
 * all.
 */
#include "com/table_line.h"
#include "mailkeep.h"

enum {
    MANY = 900 /* more than a table reads at first */
};

/* Runs of equal times, of all sizes, and some messages without a time. */
static void fill(struct fixture *fx, bool absent)
{
    static const unsigned runs[] = { 1, 2, 7, 250, 3, 1, 1, 300 };
    unsigned made = 0;

    prop_set_bool(fx->store, PR_MKEEP_BULK, true);
    for (unsigned run = 0; made < MANY; run++) {
        for (unsigned i = 0; i < runs[run % COUNT_OF(runs)] && made < MANY; i++, made++) {
            IMessage *message = NULL;
            char subject[16];

            assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
            snprintf(subject, sizeof(subject), "m%u", made);
            prop_set_text(message, PR_SUBJECT_W, subject);
            if (!absent || run != 2)
                prop_set_time(message, PR_MESSAGE_DELIVERY_TIME,
                        130000000000000000u + (run * 7919 % 100) * 10000000u);
            assert_ok(message->lpVtbl->SaveChanges(message, 0));
            release_last(message);
        }
    }
    prop_set_bool(fx->store, PR_MKEEP_BULK, false);
}

/* A table that has evaluated all its rows. */
static IMAPITable *whole_table(struct fixture *fx, const struct sort_order *order)
{
    IMAPITable *table = contents_table(fx->inbox);

    sort(table, order);
    (void)bookmark(table);
    return table;
}

static char *dup_line(const char *line)
{
    char *copy = malloc(strlen(line) + 1);

    assert_non_null(copy);
    return strcpy(copy, line);
}

/* Reads both in pages of this size, to the end. */
static void compare_pages(struct fixture *fx, const struct sort_order *order, LONG page)
{
    IMAPITable *whole = whole_table(fx, order);
    IMAPITable *table = contents_table(fx->inbox);
    ULONG read = 0;

    sort(table, order);
    while (read < MANY) {
        char *expected = dup_line(next_rows(whole, page));
        ULONG row, numerator, denominator;

        assert_string_equal(next_rows(table, page), expected);
        free(expected);
        read += (ULONG)page;
        assert_ok(table->lpVtbl->QueryPosition(table, &row, &numerator, &denominator));
        assert_int_equal(row, read < MANY ? read : MANY);
        assert_int_equal(denominator, MANY);
        assert_int_equal(row_count(table), MANY);
    }
    assert_string_equal(next_rows(table, 1), "");
    assert_string_equal(next_rows(table, -3), next_rows(whole, -3));
    release_last(table);
    release_last(whole);
}

static const struct sort_order orders[] = {
    { 0, 0, 0, { { 0, 0 } } },
    { 1, 0, 0, { { PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_ASCEND } } },
    { 1, 0, 0, { { PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND } } },
};

/* IMAPITable.SortTable.1 IMAPITable.SortTable.2 IMAPITable.SortTable.24 */
static void pages__of_any_size__are_those_of_the_whole_table(void **state)
{
    fill(*state, false);
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        compare_pages(*state, &orders[i], 50);
        compare_pages(*state, &orders[i], 300);
        compare_pages(*state, &orders[i], 2000);
    }
}

static void pages__some_without_a_time__are_those_of_the_whole_table(void **state)
{
    fill(*state, true);
    for (size_t i = 0; i < COUNT_OF(orders); i++)
        compare_pages(*state, &orders[i], 70);
}

/* IMAPITable.SeekRow.3 IMAPITable.SeekRow.4 IMAPITable.QueryPosition.1 */
static void seek__among_the_first_rows_and_behind__is_exact(void **state)
{
    static const struct {
        BOOKMARK origin;
        LONG rows;
        ULONG cursor;
    } seeks[] = { { BOOKMARK_BEGINNING, 10, 10 }, { BOOKMARK_CURRENT, 20, 30 },
        { BOOKMARK_CURRENT, -5, 25 }, { BOOKMARK_CURRENT, 400, 425 }, { BOOKMARK_CURRENT, -425, 0 },
        { BOOKMARK_END, -1, MANY - 1 } };
    struct fixture *fx = *state;
    IMAPITable *table;

    fill(fx, false);
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        IMAPITable *whole = whole_table(fx, &orders[i]);

        table = contents_table(fx->inbox);
        sort(table, &orders[i]);
        for (size_t k = 0; k < COUNT_OF(seeks); k++) {
            char *expected;

            assert_ok(table->lpVtbl->SeekRow(table, seeks[k].origin, seeks[k].rows, NULL));
            assert_int_equal(cursor_row(table), seeks[k].cursor);
            seek(whole, BOOKMARK_BEGINNING, (LONG)seeks[k].cursor);
            expected = dup_line(rows_line(query(whole, 3, TBL_NOADVANCE)));
            assert_string_equal(rows_line(query(table, 3, TBL_NOADVANCE)), expected);
            free(expected);
        }
        release_last(table);
        release_last(whole);
    }
}

/* IMAPITable.GetStatus.4 IMAPITable.CreateBookmark.1 */
static void change__between_two_pages__keeps_the_place(void **state)
{
    struct fixture *fx = *state;
    IMAPITable *table, *other;
    char *expected;

    fill(fx, false);
    table = contents_table(fx->inbox);
    sort(table, &orders[2]);
    mapi_free_rows(query(table, 40, 0));
    other = whole_table(fx, &orders[2]);
    seek(other, BOOKMARK_BEGINNING, 40);
    expected = dup_line(next_rows(other, 5));
    release_last(other);
    add_mail(fx->inbox, "without a time", NULL, true); /* behind */
    assert_int_equal(cursor_row(table), 40);
    assert_string_equal(next_rows(table, 5), expected);
    free(expected);
    assert_int_equal(row_count(table), MANY + 1);
    assert_string_equal((seek(table, BOOKMARK_END, -1), next_rows(table, 1)), "without a time");
    release_last(table);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pages__of_any_size__are_those_of_the_whole_table),
        TEST(pages__some_without_a_time__are_those_of_the_whole_table),
        TEST(seek__among_the_first_rows_and_behind__is_exact),
        TEST(change__between_two_pages__keeps_the_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
