/* SPDX-License-Identifier: MIT */
/*
 * test_view.c - views over rows in memory: order, instances, places that are kept, failures.
 */
#include "com/view.h"
#include "unit/view_fixture.h"

/* --- order ------------------------------------------------------------------------------------ */

static void view__nothing_wanted__is_the_default_order(void **state)
{
    struct fixture *fx = *state;

    assert_string_equal(told(fx), "");
    add(fx, 3, "c", NULL);
    add(fx, 1, "a", NULL);
    add(fx, 2, "b", NULL);
    assert_string_equal(told(fx), "3 1 2");
}

/* IMAPITable.SortTable.1 IMAPITable.SortTable.2 IMAPITable.SortTable.24 IMAPITable.SortTable.25 */
static void sort__several_keys__first_counts_most_missing_last_ties_stay(void **state)
{
    struct fixture *fx = *state;

    add(fx, 1, "b", "x");
    add(fx, 2, NULL, "x");
    add(fx, 3, "B", "y");
    add(fx, 4, "a", "x");
    add(fx, 5, "a", NULL);
    add(fx, 6, "b", "x");
    sort(fx, &(struct order){ 1, 0, 0, { { NAME, TABLE_SORT_ASCEND } } });
    assert_string_equal(told(fx), "4 5 1 3 6 2");
    sort(fx, &(struct order){ 1, 0, 0, { { NAME, TABLE_SORT_DESCEND } } });
    assert_string_equal(told(fx), "1 3 6 4 5 2");
    sort(fx, &(struct order){
                     2, 0, 0, { { GROUP, TABLE_SORT_DESCEND }, { NAME, TABLE_SORT_ASCEND } } });
    assert_string_equal(told(fx), "3 4 1 6 2 5");
    /* IMAPITable.SortTable.6 */
    sort(fx, &(struct order){ 0 });
    assert_string_equal(told(fx), "1 2 3 4 5 6");
}

/* IMAPITable.SortTable.4 IMAPITable.SortTable.5 IMAPITable.SortTable.20 IMAPITable.SortTable.22
 * IMAPITable.SortTable.23 */
static void sort__what_cannot_be__is_refused_and_the_old_order_stays(void **state)
{
    static const struct {
        struct order order;
        HRESULT hr;
    } cases[] = {
        { { 1, 2, 0, { { NAME, 0 } } }, MAPI_E_INVALID_PARAMETER },
        { { 1, 1, 2, { { NAME, 0 } } }, MAPI_E_INVALID_PARAMETER },
        { { 0, 1, 0, { { 0, 0 } } }, MAPI_E_INVALID_PARAMETER },
        { { 33, 0, 0, { { NAME, 0 } } }, MAPI_E_TOO_COMPLEX },
        { { 1, 0, 0, { { NAME, 0x10 } } }, MAPI_E_INVALID_PARAMETER },
        { { 1, 0, 0, { { PROP_TAG(PT_OBJECT, 0x6800), 0 } } }, MAPI_E_TOO_COMPLEX },
        { { 1, 0, 0, { { PROP_TAG(PT_LONG | MV_INSTANCE, 0x6800), 0 } } },
                MAPI_E_INVALID_PARAMETER },
        { { 1, 1, 0, { { NAME, TABLE_SORT_COMBINE } } }, MAPI_E_INVALID_PARAMETER },
        { { 1, 1, 0, { { NAME, TABLE_SORT_CATEG_MAX } } }, MAPI_E_INVALID_PARAMETER },
        { { 2, 0, 0, { { NAME, 0 }, { GROUP, TABLE_SORT_COMBINE } } }, MAPI_E_INVALID_PARAMETER },
        { { 3, 1, 0, { { NAME, 0 }, { GROUP, 0 }, { NUMBER, TABLE_SORT_CATEG_MIN } } },
                MAPI_E_INVALID_PARAMETER },
        { { 3, 2, 0,
                  { { NAME, 0 }, { GROUP, TABLE_SORT_CATEG_MAX },
                          { NUMBER, TABLE_SORT_CATEG_MIN } } },
                MAPI_E_TOO_COMPLEX },
        { { 1, 1, 0, { { PR_CONTENT_UNREAD, 0 } } }, MAPI_E_INVALID_PARAMETER },
    };
    struct fixture *fx = *state;

    add(fx, 1, "b", NULL);
    add(fx, 2, "a", NULL);
    sort(fx, &(struct order){ 1, 0, 0, { { NAME, 0 } } });
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(try_sort(fx, &cases[i].order), cases[i].hr);
        assert_string_equal(told(fx), "2 1");
        assert_int_equal(fx->view.sort->cSorts, 1);
    }
}

/* --- instances -------------------------------------------------------------------------------- */

/* IMAPITable.SetColumns.8 IMAPITable.SetColumns.9 IMAPITable.SetColumns.12 */
static void mvi_columns__two_of_them__give_every_pair_of_values(void **state)
{
    static const ULONG columns[] = { NAME, WORDS_EACH, NUMBERS_EACH };
    static const uint32_t numbers[] = { 7, 8 };
    struct fixture *fx = *state;
    struct table_row room;
    struct view_row row = { &fx->view, NULL, &room, 0 };
    struct prop_scratch scratch;
    struct bag_value cell;
    char seen[128] = "";

    add(fx, 1, "a", NULL);
    add(fx, 2, "b", NULL);
    set_words(fx, 1, "xyz");
    set_numbers(fx, 1, numbers, 2);
    assert_int_equal(view_set_columns(&fx->call, &fx->view, columns, 3), S_OK);
    assert_string_equal(told(fx), "1 1.1 1.2 1.3 1.4 1.5 2");

    prop_scratch_init(&scratch);
    for (size_t i = 0; i < 7; i++) {
        struct view_id id = view_id_at(&fx->view, i);
        struct bag_value word, number;

        assert_int_equal(fake_read(&fx->call, &fx->fake.source, id.id, true, &room), S_OK);
        row.instance = id.instance;
        if (id.id == 2) {
            assert_int_equal(view_row_cell(&row, WORDS_EACH, &scratch, &word), MAPI_E_NOT_FOUND);
            continue;
        }
        assert_int_equal(view_row_cell(&row, WORDS_EACH, &scratch, &word), S_OK);
        assert_int_equal(view_row_cell(&row, NUMBERS_EACH, &scratch, &number), S_OK);
        assert_int_equal(PROP_TYPE(word.tag), PT_UNICODE);
        assert_int_equal(PROP_TYPE(number.tag), PT_LONG);
        snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%.*s%u ", (int)word.size,
                (const char *)word.data, (unsigned)cell_get_long(&number, 0));
    }
    assert_string_equal(seen, "x7 x8 y7 y8 z7 z8 ");
    /* asked for as a whole, it is whole in every row */
    row.instance = 3;
    assert_int_equal(fake_read(&fx->call, &fx->fake.source, 1, true, &room), S_OK);
    assert_int_equal(view_row_cell(&row, WORDS, &scratch, &cell), S_OK);
    assert_int_equal(propval_count(&cell), 3);
    prop_scratch_done(&scratch);
}

/* IMAPITable.SetColumns.10 */
static void mvi_columns__each_row__has_a_key_of_its_own(void **state)
{
    static const ULONG columns[] = { WORDS_EACH };
    struct fixture *fx = *state;

    add(fx, 1, "a", NULL);
    add(fx, 2, "b", NULL);
    set_words(fx, 1, "xyz");
    set_words(fx, 2, "pq");
    assert_int_equal(view_set_columns(&fx->call, &fx->view, columns, 1), S_OK);
    assert_string_equal(told(fx), "1 1.1 1.2 2 2.1");
    for (size_t i = 0; i < 5; i++) {
        uint8_t key[VIEW_INSTANCE_KEY_MAX];
        struct view_id id;
        size_t size = view_instance_key_put(&fx->view, view_id_at(&fx->view, i), key);

        assert_true(view_instance_key_get(&fx->view, key, size, &id));
        assert_int_equal(view_find(&fx->view, id), i);
    }
}

/* IMAPITable.SortTable.9 */
static void mvi_sort__rows__order_by_their_own_values(void **state)
{
    struct fixture *fx = *state;

    add(fx, 1, "a", NULL);
    add(fx, 2, "b", NULL);
    add(fx, 3, "c", NULL);
    set_words(fx, 1, "yab");
    set_words(fx, 2, "xc");
    sort(fx, &(struct order){ 1, 0, 0, { { WORDS_EACH, 0 } } });
    assert_string_equal(told(fx), "1.1 1.2 2.1 2 1 3");
    sort(fx, &(struct order){ 1, 1, 1, { { WORDS_EACH, 0 } } });
    assert_string_equal(
            told(fx), "+a(1,1) 1.1 +b(1,1) 1.2 +c(1,0) 2.1 +x(1,0) 2 +y(1,1) 1 +?(1,1) 3");
}

/* IMAPITable.SetColumns.11 */
static void mvi_columns__set_or_gone__drop_the_bookmarks(void **state)
{
    static const ULONG plain[] = { NAME, WORDS };
    static const ULONG each[] = { NAME, WORDS_EACH };
    struct fixture *fx = *state;
    BOOKMARK bookmark;
    size_t position;

    add(fx, 1, "a", NULL);
    add(fx, 2, "b", NULL);
    set_words(fx, 1, "xy");
    (void)told(fx);
    fx->view.cursor = 1;
    assert_int_equal(view_bookmark_new(&fx->view, 1, &bookmark), S_OK);
    assert_int_equal(view_set_columns(&fx->call, &fx->view, plain, 2), S_OK);
    assert_int_equal(view_bookmark_position(&fx->view, bookmark, &position), S_OK);
    assert_int_equal(view_set_columns(&fx->call, &fx->view, each, 2), S_OK);
    assert_int_equal(
            view_bookmark_position(&fx->view, bookmark, &position), MAPI_E_INVALID_BOOKMARK);
    assert_string_equal(told(fx), "1 1.1 2");
    assert_int_equal(fx->view.cursor, 2); /* still before row 2 */
}

static void mvi_columns__too_many_pairs__is_too_complex(void **state)
{
    static const ULONG columns[] = { WORDS_EACH, NUMBERS_EACH };
    static uint32_t numbers[2000];
    static char letters[1001];
    struct fixture *fx = *state;

    memset(letters, 'x', 1000);
    add(fx, 1, "a", NULL);
    set_words(fx, 1, letters);
    set_numbers(fx, 1, numbers, 2000);
    assert_int_equal(view_set_columns(&fx->call, &fx->view, columns, 2), S_OK);
    assert_int_equal(view_sync(&fx->call, &fx->view), MAPI_E_TOO_COMPLEX);
    assert_int_equal(view_set_columns(&fx->call, &fx->view, columns, 1), S_OK);
    assert_int_equal(view_sync(&fx->call, &fx->view), S_OK);
    assert_int_equal(view_count(&fx->view), 1000);
}

/* restriction.PROPERTY.7 */
static void mvi_columns__restricted__rows_are_tested_one_by_one(void **state)
{
    static const ULONG columns[] = { WORDS_EACH };
    SPropValue value = { .ulPropTag = PROP_TAG(PT_UNICODE, 0x6803) };
    SRestriction restriction = { .rt = RES_PROPERTY };
    struct restrict_program *program;
    struct fixture *fx = *state;
    WCHAR text[] = { 'x', 0 };

    value.Value.lpszW = text;
    restriction.res.resProperty.relop = RELOP_EQ;
    restriction.res.resProperty.ulPropTag = WORDS_EACH;
    restriction.res.resProperty.lpProp = &value;
    add(fx, 1, "a", NULL);
    add(fx, 2, "b", NULL);
    add(fx, 3, "c", NULL);
    set_words(fx, 1, "yxz");
    set_words(fx, 2, "x");
    set_words(fx, 3, "y");
    assert_int_equal(restrict_compile(&restriction, &program), S_OK);
    view_set_restriction(&fx->view, program);
    assert_string_equal(told(fx), "1 2"); /* adds no rows by itself */
    assert_int_equal(view_set_columns(&fx->call, &fx->view, columns, 1), S_OK);
    assert_string_equal(told(fx), "1.1 2");
}

/* --- places ----------------------------------------------------------------------------------- */

/* IMAPITable.CreateBookmark.1 IMAPITable.SeekRow.7 */
static void bookmark__rows_come_and_go__stays_on_its_row(void **state)
{
    struct fixture *fx = *state;
    BOOKMARK two, four, end;
    size_t position;

    for (uint64_t id = 1; id <= 5; id++)
        add(fx, id, "x", NULL);
    (void)told(fx);
    assert_int_equal(view_bookmark_new(&fx->view, 1, &two), S_OK);
    assert_int_equal(view_bookmark_new(&fx->view, 3, &four), S_OK);
    assert_int_equal(view_bookmark_new(&fx->view, 5, &end), S_OK);
    fx->view.cursor = 3;

    take_away(fx, 1);
    add(fx, 6, "x", NULL);
    assert_string_equal(told(fx), "2 3 4 5 6");
    assert_int_equal(fx->view.cursor, 2);
    assert_int_equal(view_bookmark_position(&fx->view, two, &position), S_OK);
    assert_int_equal(position, 0);
    assert_int_equal(view_bookmark_position(&fx->view, end, &position), S_OK);
    assert_int_equal(position, 4); /* still behind row 5 */

    take_away(fx, 4);
    take_away(fx, 5);
    assert_string_equal(told(fx), "2 3 6");
    assert_int_equal(view_bookmark_position(&fx->view, four, &position), MAPI_W_POSITION_CHANGED);
    assert_int_equal(position, 2);
    assert_int_equal(view_bookmark_position(&fx->view, four, &position), S_OK); /* told once */

    take_away(fx, 6);
    assert_string_equal(told(fx), "2 3");
    assert_int_equal(view_bookmark_position(&fx->view, four, &position), MAPI_W_POSITION_CHANGED);
    assert_int_equal(position, 2); /* no next row: the end */
    take_away(fx, 2);
    take_away(fx, 3);
    assert_string_equal(told(fx), "");
    assert_int_equal(view_bookmark_position(&fx->view, four, &position), S_OK);
    assert_int_equal(position, 0);
    assert_int_equal(fx->view.cursor, 0);
}

static void cursor__at_the_beginning__stays_there(void **state)
{
    struct fixture *fx = *state;

    add(fx, 1, "b", NULL);
    sort(fx, &(struct order){ 1, 0, 0, { { NAME, 0 } } });
    (void)told(fx);
    add(fx, 2, "a", NULL);
    assert_string_equal(told(fx), "2 1");
    assert_int_equal(fx->view.cursor, 0);
}

static void cursor__at_the_end__new_rows_behind_it_are_next(void **state)
{
    struct fixture *fx = *state;

    add(fx, 1, "b", NULL);
    add(fx, 2, "b", NULL);
    (void)told(fx);
    fx->view.cursor = 2;
    add(fx, 3, "c", NULL);
    assert_string_equal(told(fx), "1 2 3");
    assert_int_equal(fx->view.cursor, 2);
    take_away(fx, 2);
    take_away(fx, 3);
    assert_string_equal(told(fx), "1");
    assert_int_equal(fx->view.cursor, 1);
}

/* IMAPITable.CreateBookmark.2 IMAPITable.CreateBookmark.4 IMAPITable.FreeBookmark.1
 * IMAPITable.FreeBookmark.2 IMAPITable.FreeBookmark.3 */
static void bookmarks__limit_and_free(void **state)
{
    struct fixture *fx = *state;
    BOOKMARK first = 0, more = 0;
    size_t position;

    (void)told(fx);
    assert_int_equal(view_bookmark_new(&fx->view, 0, &first), S_OK);
    assert_true(first > BOOKMARK_END);
    for (unsigned i = 1; i < VIEW_MAX_BOOKMARKS; i++)
        assert_int_equal(view_bookmark_new(&fx->view, 0, &more), S_OK);
    assert_int_equal(view_bookmark_new(&fx->view, 0, &more), MAPI_E_UNABLE_TO_COMPLETE);
    assert_int_equal(view_bookmark_free(&fx->view, first), S_OK);
    assert_int_equal(view_bookmark_free(&fx->view, first), MAPI_E_INVALID_BOOKMARK);
    assert_int_equal(view_bookmark_position(&fx->view, first, &position), MAPI_E_INVALID_BOOKMARK);
    assert_int_equal(view_bookmark_new(&fx->view, 0, &more), S_OK);
    assert_true(more != first);
    assert_int_equal(view_bookmark_free(&fx->view, BOOKMARK_BEGINNING), S_OK);
    assert_int_equal(view_bookmark_free(&fx->view, BOOKMARK_CURRENT), S_OK);
    assert_int_equal(view_bookmark_free(&fx->view, BOOKMARK_END), S_OK);
}

/* --- failures --------------------------------------------------------------------------------- */

static void sync__nth_allocation_fails__changes_nothing(void **state)
{
    static const ULONG columns[] = { WORDS_EACH };
    struct fixture *fx = *state;
    struct order order = { 3, 2, 2,
        { { GROUP, 0 }, { NUMBER, TABLE_SORT_CATEG_MAX }, { WORDS_EACH, 0 } } };

    add_groups(fx);
    set_words(fx, 1, "ab");
    assert_int_equal(view_set_columns(&fx->call, &fx->view, columns, 1), S_OK);
    sort(fx, &order);
    assert_string_equal(told(fx), "+x(4,4) 1 1.1 3 5 +y(2,0) 2 4 +?(1,0) 6");
    fx->view.cursor = 3;
    take_away(fx, 5);
    for (unsigned long nth = 1;; nth++) {
        HRESULT hr;

        msp_alloc_fail_at(nth);
        hr = view_sync(&fx->call, &fx->view);
        if (!msp_alloc_fail_disarm()) {
            assert_int_equal(hr, S_OK);
            break;
        }
        assert_int_equal(hr, MAPI_E_NOT_ENOUGH_MEMORY);
        assert_int_equal(view_count(&fx->view), 10);
        assert_int_equal(fx->view.cursor, 3);
    }
    assert_string_equal(told(fx), "+x(3,3) 1 1.1 3 +y(2,0) 2 4 +?(1,0) 6");
    assert_int_equal(fx->view.cursor, 3);
}

static void sync__logon_closing__gives_up(void **state)
{
    struct fixture *fx = *state;

    for (uint64_t id = 1; id <= MAX_ROWS; id++)
        add(fx, id, "x", "g");
    sort(fx, &by_group);
    atomic_store(&fx->domain->closing, true);
    assert_int_equal(view_sync(&fx->call, &fx->view), MAPI_E_INVALID_OBJECT);
    atomic_store(&fx->domain->closing, false);
    assert_int_equal(view_sync(&fx->call, &fx->view), S_OK);
}

static void sync__nothing_moved__does_not_scan_again(void **state)
{
    struct fixture *fx = *state;

    add(fx, 1, "a", NULL);
    assert_int_equal(fx->fake.scans, 0); /* made, but not read */
    (void)told(fx);
    (void)told(fx);
    assert_int_equal(fx->fake.scans, 1);
    add(fx, 2, "b", NULL);
    (void)told(fx);
    assert_int_equal(fx->fake.scans, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(view__nothing_wanted__is_the_default_order),
        TEST(sort__several_keys__first_counts_most_missing_last_ties_stay),
        TEST(sort__what_cannot_be__is_refused_and_the_old_order_stays),
        TEST(mvi_columns__two_of_them__give_every_pair_of_values),
        TEST(mvi_columns__each_row__has_a_key_of_its_own),
        TEST(mvi_sort__rows__order_by_their_own_values),
        TEST(mvi_columns__set_or_gone__drop_the_bookmarks),
        TEST(mvi_columns__too_many_pairs__is_too_complex),
        TEST(mvi_columns__restricted__rows_are_tested_one_by_one),
        TEST(bookmark__rows_come_and_go__stays_on_its_row),
        TEST(cursor__at_the_beginning__stays_there),
        TEST(cursor__at_the_end__new_rows_behind_it_are_next),
        TEST(bookmarks__limit_and_free),
        TEST(sync__nth_allocation_fails__changes_nothing),
        TEST(sync__logon_closing__gives_up),
        TEST(sync__nothing_moved__does_not_scan_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
