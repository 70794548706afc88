/* SPDX-License-Identifier: MIT */
/*
 * test_view_category.c - views with headings: grouping, order, opening and closing, saved states.
 */
#include "com/view.h"
#include "unit/view_fixture.h"
#include "util/hash.h"

/* --- categories ------------------------------------------------------------------------------- */

/* IMAPITable.SortTable.11 IMAPITable.SortTable.12 IMAPITable.SortTable.13 IMAPITable.SortTable.14
 * IMAPITable.SortTable.15 */
static void categories__expanded_count__says_what_is_visible(void **state)
{
    struct fixture *fx = *state;
    struct order order = { 3, 2, 0, { { GROUP, 0 }, { NAME, TABLE_SORT_DESCEND }, { NUMBER, 0 } } };

    add_groups(fx);
    add(fx, 7, "d", "x");
    sort(fx, &order);
    assert_string_equal(told(fx), "-X(4,4) -y(2,0) -?(1,0)");
    order.cExpanded = 1;
    sort(fx, &order);
    assert_string_equal(
            told(fx), "+X(4,4) -e(1,1) -d(2,2) -b(1,1) +y(2,0) -c(1,0) -a(1,0) +?(1,0) -f(1,0)");
    order.cExpanded = 2;
    sort(fx, &order);
    assert_string_equal(told(fx), "+X(4,4) +e(1,1) 5 +d(2,2) 1 7 +b(1,1) 3 "
                                  "+y(2,0) +c(1,0) 2 +a(1,0) 4 +?(1,0) +f(1,0) 6");
}

/* IMAPITable.SortTable.18 */
static void categories__depth__grows_by_one_per_level(void **state)
{
    struct fixture *fx = *state;
    static const uint32_t expected[] = { 0, 1, 2, 0, 1, 2 };

    add(fx, 1, "a", "x");
    add(fx, 2, "b", "y");
    sort(fx, &(struct order){ 2, 2, 2, { { GROUP, 0 }, { NAME, 0 } } });
    assert_string_equal(told(fx), "+x(1,1) +a(1,1) 1 +y(1,0) +b(1,0) 2");
    for (size_t i = 0; i < 6; i++) {
        struct table_row room = { 0 };
        struct view_row row = { &fx->view, NULL, &room, 0 };
        struct prop_scratch scratch;
        struct bag_value cell;
        size_t leaf;

        row.category = view_at(&fx->view, i, &leaf);
        prop_scratch_init(&scratch);
        assert_int_equal(view_row_cell(&row, PR_DEPTH, &scratch, &cell), S_OK);
        assert_int_equal(cell_get_long(&cell, 99), expected[i]);
        prop_scratch_done(&scratch);
    }
}

/* IMAPITable.SortTable.19 */
static void categories__combined__one_heading_for_each_pair(void **state)
{
    struct fixture *fx = *state;

    add(fx, 1, "a", "x");
    add(fx, 2, "b", "x");
    add(fx, 3, "a", "x");
    add(fx, 4, "a", "y");
    sort(fx, &(struct order){ 2, 2, 2, { { GROUP, 0 }, { NAME, TABLE_SORT_COMBINE } } });
    assert_string_equal(told(fx), "+a(2,2) 1 3 +b(1,0) 2 +a(1,0) 4");
    sort(fx, &(struct order){ 2, 2, 1, { { GROUP, 0 }, { NAME, TABLE_SORT_COMBINE } } });
    assert_string_equal(told(fx), "-a(2,2) -b(1,0) -a(1,0)");
    /* named by its first key alone, the category still takes the combined one along */
    sort(fx, &(struct order){ 2, 1, 0, { { GROUP, 0 }, { NAME, TABLE_SORT_COMBINE } } });
    assert_string_equal(told(fx), "-a(2,2) -b(1,0) -a(1,0)");
}

/* IMAPITable.SortTable.21 */
static void categories__with_aggregate__order_by_largest_or_smallest(void **state)
{
    struct fixture *fx = *state;

    add(fx, 1, "a", "x");
    add(fx, 2, "b", "x");
    add(fx, 3, "c", "y");
    add(fx, 4, "d", "z");
    add(fx, 5, "e", "w");
    set_number(fx, 1, NUMBER, 10);
    set_number(fx, 2, NUMBER, 50);
    set_number(fx, 3, NUMBER, 30);
    set_number(fx, 4, NUMBER, 20);
    sort(fx, &(struct order){
                     3, 1, 0, { { GROUP, 0 }, { NUMBER, TABLE_SORT_CATEG_MAX }, { NAME, 0 } } });
    assert_string_equal(told(fx), "-z(1,0) -y(1,1) -x(2,1) -w(1,1)");
    sort(fx, &(struct order){ 3, 1, 0,
                     { { GROUP, TABLE_SORT_DESCEND }, { NUMBER, TABLE_SORT_CATEG_MAX },
                             { NAME, 0 } } });
    assert_string_equal(told(fx), "-x(2,1) -y(1,1) -z(1,0) -w(1,1)");
    sort(fx, &(struct order){ 3, 2, 2,
                     { { GROUP, 0 }, { NUMBER, TABLE_SORT_CATEG_MIN },
                             { NAME, TABLE_SORT_DESCEND } } });
    assert_string_equal(told(fx), "+x(2,1) 2 1 +z(1,0) 4 +y(1,1) 3 +w(1,1) 5");
}

/* An aggregate of the inner level orders headings within their outer one. */
static void categories__aggregate_of_inner_level__keeps_outer_order(void **state)
{
    struct fixture *fx = *state;

    add(fx, 1, "a", "x");
    add(fx, 2, "b", "x");
    add(fx, 3, "a", "y");
    add(fx, 4, "b", "y");
    set_number(fx, 1, NUMBER, 2);
    set_number(fx, 2, NUMBER, 1);
    set_number(fx, 3, NUMBER, 3);
    set_number(fx, 4, NUMBER, 4);
    sort(fx, &(struct order){
                     3, 3, 3, { { GROUP, 0 }, { NAME, 0 }, { NUMBER, TABLE_SORT_CATEG_MIN } } });
    assert_string_equal(told(fx), "+x(2,1) +b(1,0) 2 +a(1,1) 1 +y(2,1) +a(1,1) 3 +b(1,0) 4");
}

/* IMAPITable.SortTable.17 */
static void categories__last_leaf_gone__heading_is_gone(void **state)
{
    struct fixture *fx = *state;

    add_groups(fx);
    sort(fx, &by_group);
    assert_string_equal(told(fx), "+x(3,3) 3 1 5 +y(2,0) 4 2 +?(1,0) 6");
    take_away(fx, 4);
    take_away(fx, 2);
    assert_string_equal(told(fx), "+x(3,3) 3 1 5 +?(1,0) 6");
}

/* IMAPITable.ExpandRow.1 IMAPITable.CollapseRow.1 IMAPITable.ExpandRow.6 */
static void expand__and_collapse__count_the_rows(void **state)
{
    struct fixture *fx = *state;

    add_groups(fx);
    sort(fx, &by_group);
    assert_int_equal(toggle(fx, "x", true), 0);
    assert_int_equal(toggle(fx, "x", false), 3);
    assert_string_equal(told(fx), "-x(3,3) +y(2,0) 4 2 +?(1,0) 6");
    assert_int_equal(toggle(fx, "x", false), 0);
    assert_int_equal(toggle(fx, "x", true), 3);
    assert_string_equal(told(fx), "+x(3,3) 3 1 5 +y(2,0) 4 2 +?(1,0) 6");
    /* the inner headings keep their state under a closed outer one */
    sort(fx, &(struct order){ 2, 2, 2, { { GROUP, 0 }, { NAME, 0 } } });
    (void)told(fx);
    assert_int_equal(toggle(fx, "b", false), 1);
    assert_int_equal(toggle(fx, "x", false), 5);
    assert_int_equal(toggle(fx, "x", true), 5);
    assert_string_equal(told(fx), "+x(3,3) -b(1,1) +d(1,1) 1 +e(1,1) 5 "
                                  "+y(2,0) +a(1,0) 4 +c(1,0) 2 +?(1,0) +f(1,0) 6");
}

/* table-columns.InstanceKey.1 table-columns.InstanceKey.2 */
static void headings__evaluated_again__keep_key_and_state(void **state)
{
    struct fixture *fx = *state;
    struct view_id x, y, again;

    add_groups(fx);
    sort(fx, &by_group);
    (void)told(fx);
    x = view_id_at(&fx->view, position_of_heading(fx, "x"));
    y = view_id_at(&fx->view, position_of_heading(fx, "y"));
    (void)toggle(fx, "y", false);
    add(fx, 7, "a", "w");
    take_away(fx, 1);
    assert_string_equal(told(fx), "+w(1,1) 7 +x(2,2) 3 5 -y(2,0) +?(1,0) 6");
    again = view_id_at(&fx->view, position_of_heading(fx, "x"));
    assert_true(again.id == x.id && again.instance == x.instance);
    again = view_id_at(&fx->view, position_of_heading(fx, "y"));
    assert_true(again.id == y.id);
    take_away(fx, 2);
    take_away(fx, 4);
    (void)told(fx);
    add(fx, 8, "a", "y");
    assert_string_equal(told(fx), "+w(1,1) 7 +x(2,2) 3 5 +y(1,0) 8 +?(1,0) 6");
    again = view_id_at(&fx->view, position_of_heading(fx, "y"));
    assert_true(again.id != y.id); /* another heading: the first one had died */
}

/* IMAPITable.CollapseRow.3 IMAPITable.SeekRow.8 */
static void collapse__over_bookmarks__moves_them_to_the_next_visible_row(void **state)
{
    struct fixture *fx = *state;
    BOOKMARK inside, behind, before;
    size_t position;

    add_groups(fx);
    sort(fx, &by_group);
    assert_string_equal(told(fx), "+x(3,3) 3 1 5 +y(2,0) 4 2 +?(1,0) 6");
    assert_int_equal(view_bookmark_new(&fx->view, 2, &inside), S_OK);
    assert_int_equal(view_bookmark_new(&fx->view, 5, &behind), S_OK);
    assert_int_equal(view_bookmark_new(&fx->view, 0, &before), S_OK);
    fx->view.cursor = 3;
    assert_int_equal(toggle(fx, "x", false), 3);
    assert_string_equal(told(fx), "-x(3,3) +y(2,0) 4 2 +?(1,0) 6");
    assert_int_equal(fx->view.cursor, 1);
    assert_int_equal(view_bookmark_position(&fx->view, inside, &position), MAPI_W_POSITION_CHANGED);
    assert_int_equal(position, 1);
    assert_int_equal(view_bookmark_position(&fx->view, behind, &position), S_OK);
    assert_int_equal(position, 2);
    assert_int_equal(view_bookmark_position(&fx->view, before, &position), S_OK);
    assert_int_equal(position, 0);
    assert_int_equal(toggle(fx, "x", true), 3);
    assert_int_equal(view_bookmark_position(&fx->view, behind, &position), S_OK);
    assert_int_equal(position, 5);
}

/* --- saved states ----------------------------------------------------------------------------- */

/* IMAPITable.GetCollapseState.3 IMAPITable.SetCollapseState.1 IMAPITable.SetCollapseState.2 */
static void state__saved__comes_back_in_another_view(void **state)
{
    struct fixture *fx = *state;
    struct msp_buf leaf_state = MSP_BUF_INIT, heading_state = MSP_BUF_INIT;
    struct view other;
    size_t position = 99;

    add_groups(fx);
    sort(fx, &by_group);
    (void)told(fx);
    (void)toggle(fx, "x", false);
    assert_string_equal(told(fx), "-x(3,3) +y(2,0) 4 2 +?(1,0) 6");
    assert_int_equal(view_state_get(&fx->view, 3, &leaf_state), S_OK);
    assert_int_equal(view_state_get(&fx->view, 4, &heading_state), S_OK);

    view_done(&fx->view);
    view_init(&other, &fx->fake.source);
    fx->view = other;
    sort(fx, &by_group);
    (void)told(fx);
    (void)toggle(fx, "y", false);
    assert_int_equal(view_state_set(&fx->view, leaf_state.data, leaf_state.size, &position), S_OK);
    assert_string_equal(told(fx), "-x(3,3) +y(2,0) 4 2 +?(1,0) 6");
    assert_int_equal(position, 3);
    assert_int_equal(
            view_state_set(&fx->view, heading_state.data, heading_state.size, &position), S_OK);
    assert_int_equal(position, 4);
    msp_buf_free(&leaf_state);
    msp_buf_free(&heading_state);
}

/* IMAPITable.SetCollapseState.3 */
static void state__of_another_order_or_damaged__is_refused(void **state)
{
    struct fixture *fx = *state;
    struct msp_buf saved = MSP_BUF_INIT;
    size_t position;

    add_groups(fx);
    sort(fx, &by_group);
    (void)told(fx);
    (void)toggle(fx, "x", false);
    assert_int_equal(view_state_get(&fx->view, 0, &saved), S_OK);
    (void)toggle(fx, "x", true);
    for (size_t i = 0; i < saved.size; i++) {
        saved.data[i] ^= 0x40;
        assert_int_equal(view_state_set(&fx->view, saved.data, saved.size, &position),
                MAPI_E_UNABLE_TO_COMPLETE);
        saved.data[i] ^= 0x40;
        assert_int_equal(
                view_state_set(&fx->view, saved.data, i, &position), MAPI_E_UNABLE_TO_COMPLETE);
    }
    assert_string_equal(told(fx), "+x(3,3) 3 1 5 +y(2,0) 4 2 +?(1,0) 6");
    sort(fx, &(struct order){ 2, 1, 1, { { GROUP, TABLE_SORT_DESCEND }, { NAME, 0 } } });
    (void)told(fx);
    assert_int_equal(view_state_set(&fx->view, saved.data, saved.size, &position),
            MAPI_E_UNABLE_TO_COMPLETE);
    msp_buf_free(&saved);
}

/* Headings of the same names and order, but other ones. */
static void state__of_another_source__is_refused(void **state)
{
    struct fixture *fx = *state;
    struct msp_buf saved = MSP_BUF_INIT;
    size_t position;

    add_groups(fx);
    sort(fx, &by_group);
    (void)told(fx);
    (void)toggle(fx, "x", false);
    assert_int_equal(view_state_get(&fx->view, 0, &saved), S_OK);
    (void)toggle(fx, "x", true);
    fx->fake.identity++;
    assert_int_equal(view_state_set(&fx->view, saved.data, saved.size, &position),
            MAPI_E_UNABLE_TO_COMPLETE);
    assert_string_equal(told(fx), "+x(3,3) 3 1 5 +y(2,0) 4 2 +?(1,0) 6");
    fx->fake.identity--;
    assert_int_equal(view_state_set(&fx->view, saved.data, saved.size, &position), S_OK);
    assert_string_equal(told(fx), "-x(3,3) +y(2,0) 4 2 +?(1,0) 6");
    msp_buf_free(&saved);
}

/* States come from outside: whatever they hold, the view stays whole. */
static void state__of_any_bytes__is_taken_or_refused(void **state)
{
    struct fixture *fx = *state;
    struct msp_buf saved = MSP_BUF_INIT;
    uint64_t seed = 1;
    unsigned taken = 0;

    add_groups(fx);
    sort(fx, &by_group);
    (void)told(fx);
    assert_int_equal(view_state_get(&fx->view, 1, &saved), S_OK);
    for (unsigned round = 0; round < 20000; round++) {
        unsigned char *copy = msp_memdup(saved.data, saved.size);
        size_t size = saved.size;
        size_t position = 0;
        HRESULT hr;

        assert_non_null(copy);
        for (unsigned i = 0; i < 3; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            copy[(seed >> 33) % (size - 4)] = (unsigned char)(seed >> 20);
            if ((seed >> 40) % 7 == 0)
                size = 8 + (seed >> 44) % (size - 7);
        }
        put_u32le(copy + size - 4, msp_crc32(copy, size - 4));
        hr = view_state_set(&fx->view, copy, size, &position);
        if (hr != S_OK)
            assert_int_equal(hr, MAPI_E_UNABLE_TO_COMPLETE);
        else
            assert_true(++taken > 0 && position < view_count(&fx->view));
        msp_free(copy);
    }
    assert_true(taken > 0);
    msp_buf_free(&saved);
    assert_int_equal(fx->view.rows.leaf_count, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(categories__expanded_count__says_what_is_visible),
        TEST(categories__depth__grows_by_one_per_level),
        TEST(categories__combined__one_heading_for_each_pair),
        TEST(categories__with_aggregate__order_by_largest_or_smallest),
        TEST(categories__aggregate_of_inner_level__keeps_outer_order),
        TEST(categories__last_leaf_gone__heading_is_gone),
        TEST(expand__and_collapse__count_the_rows),
        TEST(headings__evaluated_again__keep_key_and_state),
        TEST(collapse__over_bookmarks__moves_them_to_the_next_visible_row),
        TEST(state__saved__comes_back_in_another_view),
        TEST(state__of_another_order_or_damaged__is_refused),
        TEST(state__of_another_source__is_refused),
        TEST(state__of_any_bytes__is_taken_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
