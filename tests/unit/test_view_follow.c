/* SPDX-License-Identifier: MIT */
/*
 * test_view_follow.c - rows that are followed one by one, against evaluating all of them.
 *
 * Each round has rows in memory, a random order with instances, headings, combined keys and
 * aggregates, and a restriction. Rows come, go and change, a few at a time; the view is told which.
 * What it then has, and what it tells, must be what evaluating everything and comparing gives, to
 * the last event and the last number of a heading. By variables:
 *
 *   MAILKEEP_ROUNDS=<n>    how many, instead of ROUNDS
 *   MAILKEEP_SEED=<n>      of the first round (default: SEED)
 */
#include <stdlib.h>

#include "unit/view_both.h"
#include "unit/view_fixture.h"

enum { ROUNDS = 2500, STEPS = 30, SEED = 1, MOST = 60 };

/* --- a source whose rows say where they belong ------------------------------------------------ */

static HRESULT ordered_scan(struct msp_call *call, struct table_source *source, bool with_props,
        table_row_fn fn, void *context)
{
    struct fake *fake = fake_from_source(source);
    uint64_t last = 0;

    MSP_UNUSED(call);
    MSP_UNUSED(with_props);
    for (;;) {
        const struct fake_row *next = NULL;
        struct table_row row;

        for (size_t i = 0; i < fake->row_count; i++) {
            const struct fake_row *at = &fake->rows[i];

            if (at->id > last && (next == NULL || at->id < next->id))
                next = at;
        }
        if (next == NULL)
            return S_OK;
        row = (struct table_row){ .id = next->id, .narrow = next };
        last = next->id;
        if (!fn(context, &row))
            return S_OK;
    }
}

static HRESULT belongs(
        struct msp_call *call, struct table_source *source, const struct table_row *row, bool *out)
{
    MSP_UNUSED(call);
    MSP_UNUSED(source);
    MSP_UNUSED(row);
    *out = true;
    return S_OK;
}

static bool order_key(
        const struct table_source *source, const struct table_row *row, struct msp_buf *out)
{
    uint8_t key[8];

    MSP_UNUSED(source);
    put_u64be(key, row->id);
    return msp_buf_append(out, key, sizeof(key));
}

/* --- chance ----------------------------------------------------------------------------------- */

static void set_random(struct fixture *fx, uint64_t id)
{
    static const char *const texts[] = { "", "a", "A", "b", "B", "ab", "c" };
    static const char *const words[] = { "a", "b", "ab", "ba", "abc", "bb", "" };
    uint32_t numbers[3] = { any(4), any(4), any(4) };

    (void)bag_remove(bag_of(fx, id), GROUP);
    (void)bag_remove(bag_of(fx, id), NUMBER);
    (void)bag_remove(bag_of(fx, id), WORDS);
    (void)bag_remove(bag_of(fx, id), NUMBERS);
    set_text(fx, id, NAME, texts[any(7)]);
    if (any(5) > 0)
        set_text(fx, id, GROUP, texts[any(7)]);
    if (any(5) > 0)
        set_number(fx, id, NUMBER, any(6));
    if (any(5) > 0)
        set_words(fx, id, words[any(7)]);
    if (any(5) > 0)
        set_numbers(fx, id, numbers, any(4));
    set_number(fx, id, PR_MESSAGE_FLAGS, any(2) ? MSGFLAG_READ : 0);
}

/* Headings of texts, numbers or single values, some ordered by another value. */
static struct order random_order(void)
{
    static const ULONG tags[] = { GROUP, NUMBER, NAME, WORDS_EACH, NUMBERS_EACH };
    struct order order = { 0, 0, 0, { { 0, 0 } } };
    ULONG levels = any(4);
    unsigned first = any(5);
    ULONG used = 0;

    for (ULONG i = 0; i < levels && order.cSorts < SORT_MAX - 3; i++) {
        order.aSort[order.cSorts].ulPropTag = tags[(first + used++) % 5];
        order.aSort[order.cSorts++].ulOrder = any(2) ? TABLE_SORT_DESCEND : TABLE_SORT_ASCEND;
        if (any(4) == 0) {
            order.aSort[order.cSorts].ulPropTag = tags[(first + used++) % 5];
            order.aSort[order.cSorts++].ulOrder = TABLE_SORT_COMBINE;
        }
        if (any(2) == 0) {
            order.aSort[order.cSorts].ulPropTag = tags[any(5)];
            order.aSort[order.cSorts++].ulOrder =
                    (any(2) ? TABLE_SORT_CATEG_MAX : TABLE_SORT_CATEG_MIN) |
                    (any(2) ? TABLE_SORT_DESCEND : 0);
        }
    }
    order.cCategories = order.cSorts;
    order.cExpanded = any(order.cCategories + 1);
    if (any(3) > 0) {
        order.aSort[order.cSorts].ulPropTag = tags[(first + used) % 5];
        order.aSort[order.cSorts++].ulOrder = any(2) ? TABLE_SORT_DESCEND : TABLE_SORT_ASCEND;
    }
    return order;
}

/* None, a value of the row, or one of each instance. */
static struct restrict_program *random_restriction(void)
{
    static WCHAR letter[] = { 'b', 0 };
    struct restrict_program *program = NULL;
    SPropValue value = { .ulPropTag = NUMBER };
    SRestriction restriction = { .rt = RES_PROPERTY };

    if (any(3) > 0)
        return NULL;
    value.Value.l = 3;
    if (any(2) == 0) {
        value.ulPropTag = PROP_TAG(PT_UNICODE, PROP_ID(WORDS));
        value.Value.lpszW = letter;
    }
    restriction.res.resProperty.relop = any(2) ? RELOP_GE : RELOP_LT;
    restriction.res.resProperty.ulPropTag = value.ulPropTag == NUMBER ? NUMBER : (ULONG)WORDS_EACH;
    restriction.res.resProperty.lpProp = &value;
    if (FAILED(restrict_compile(&restriction, &program)))
        return NULL;
    return program;
}

/* --- a round ---------------------------------------------------------------------------------- */

/* A few rows come, go and change. */
static void change(struct fixture *fx, uint64_t *next_id, struct view_changes *changes)
{
    unsigned count = 1 + any(3);
    uint64_t used[8];

    for (unsigned i = 0; i < count; i++) {
        uint64_t id = *next_id;

        if (fx->fake.row_count < 4 || (any(3) == 0 && fx->fake.row_count < MOST)) {
            if (any(2) == 0)
                id = 100 + any(1000); /* between the others */
            for (size_t k = 0; k < fx->fake.row_count; k++) {
                if (fx->fake.rows[k].id == id)
                    id = *next_id;
            }
            *next_id = id >= *next_id ? id + 1 : *next_id;
            add(fx, id, "a", NULL);
            set_random(fx, id);
        } else {
            id = fx->fake.rows[any((unsigned)fx->fake.row_count)].id;
            switch (any(4)) {
            case 0:
                take_away(fx, id);
                break;
            case 1:
                set_number(fx, id, PR_MESSAGE_FLAGS, any(2) ? MSGFLAG_READ : 0);
                break;
            case 2:
                set_number(fx, id, NUMBER, any(6));
                break;
            default:
                set_random(fx, id);
            }
        }
        used[i] = id;
    }
    qsort(used, count, sizeof(*used), both_compare_ids);
    for (unsigned i = 0; i < count; i++) {
        if (i == 0 || used[i] != used[i - 1])
            assert_non_null(msp_array_push(&changes->ids, &used[i]));
    }
}

/* Others are only said to have other places: half of those that have not changed. */
static void place(struct fixture *fx, struct view_changes *changes)
{
    for (uint64_t id = 1; id < 4000; id++) {
        bool is_there = false;

        for (size_t i = 0; i < fx->fake.row_count; i++)
            is_there |= fx->fake.rows[i].id == id;
        for (size_t i = 0; i < changes->ids.count; i++)
            is_there &= *MSP_ARRAY_AT(uint64_t, &changes->ids, i) != id;
        if (is_there && any(2) && changes->placed.count < 10)
            assert_non_null(msp_array_push(&changes->placed, &id));
    }
}

static void round_of(struct fixture *fx, struct counts *counts)
{
    static struct told told_of;
    uint64_t next_id = 2000;
    struct order order = random_order();

    memset(&told_of, 0, sizeof(told_of));
    told_of.watch.changed = changed;
    for (unsigned i = any(30); i > 0; i--) {
        add(fx, next_id, "a", NULL);
        set_random(fx, next_id++);
    }
    if (order.cSorts > 0 && FAILED(try_sort(fx, &order)))
        return;
    if (any(4) == 0) {
        ULONG tag = WORDS_EACH;

        assert_int_equal(view_set_columns(&fx->call, &fx->view, &tag, 1), S_OK);
    }
    view_set_restriction(&fx->view, random_restriction());
    assert_int_equal(view_sync(&fx->call, &fx->view), S_OK);
    fx->view.watch = &told_of.watch;
    assert_int_equal(view_sync(&fx->call, &fx->view), S_OK);
    for (int step = 0; step < STEPS; step++) {
        struct view_changes changes = { .is_complete = true, .is_row = true };
        size_t count = view_count(&fx->view);

        msp_array_init(&changes.ids, sizeof(uint64_t));
        msp_array_init(&changes.placed, sizeof(uint64_t));
        if (count > 0 && any(4) == 0) {
            size_t at = any((unsigned)count);
            struct view_change opened;
            size_t leaf;

            if (view_at(&fx->view, at, &leaf) != NULL) {
                assert_int_equal(view_expand(&fx->view, at, any(2) != 0, &opened), S_OK);
                if (opened.category != NULL)
                    view_change_keep(&opened);
            }
        }
        fx->view.cursor = any((unsigned)view_count(&fx->view) + 1);
        change(fx, &next_id, &changes);
        if (any(8) == 0)
            place(fx, &changes);
        follow_both(&fx->call, &fx->view, &told_of, &changes, counts);
        view_changes_free(&changes);
    }
}

static void begin(struct fixture *fx, struct table_source_ops *ops)
{
    *ops = fake_ops;
    ops->scan = ordered_scan;
    ops->belongs = belongs;
    ops->order_key = order_key;
    fx->fake.source.ops = ops;
}

/* table-notification.ROW_ADDED.2 table-notification.ROW_DELETED.1 table-notification.ROW_MODIFIED.2
 */
static void follow__random_rows_and_orders__is_what_evaluating_all_gives(void **state)
{
    unsigned rounds = number_from("MAILKEEP_ROUNDS", ROUNDS);
    unsigned first = number_from("MAILKEEP_SEED", SEED);
    static struct table_source_ops ops;
    struct counts counts = { 0 };

    MSP_UNUSED(state);
    for (unsigned round = 0; round < rounds; round++) {
        void *made = NULL;
        struct fixture *fx;

        assert_int_equal(setup(&made), 0);
        fx = made;
        begin(fx, &ops);
        both_seed = first + round;
        (void)any(2);
        print_message("seed %u\n", first + round);
        round_of(fx, &counts);
        assert_int_equal(teardown(&made), 0);
    }
    print_message(
            "followed %u (instances %u, aggregates %u, headings moved %u, placed %u), not %u; "
            "events %u\n",
            counts.followed, counts.instances, counts.aggregates, counts.moved, counts.placed,
            counts.not_followed, counts.events);
    if (rounds < ROUNDS)
        return; /* some of them are not all that can happen */
    /* Nothing is proven of what was evaluated as a whole. */
    assert_true(counts.followed > 20 * counts.not_followed);
    assert_true(counts.instances > counts.followed / 8);
    assert_true(counts.aggregates > counts.followed / 8);
    assert_true(counts.moved > counts.followed / 50);
    assert_true(counts.placed > counts.followed / 50);
    assert_true(counts.events > counts.followed);
}

/* Leaves of one row that only their instances part are where they were. */
static void stay__instances_side_by_side__have_not_moved(void **state)
{
    static struct table_source_ops ops;
    struct fixture *fx = *state;
    struct view_changes changes = { .is_complete = true, .is_row = true };
    ULONG tag = WORDS_EACH;
    uint64_t id = 2;
    bool done = false;

    begin(fx, &ops);
    msp_array_init(&changes.ids, sizeof(uint64_t));
    assert_non_null(msp_array_push(&changes.ids, &id));
    add_groups(fx);
    set_words(fx, 2, "abc");
    set_words(fx, 3, "ab");
    assert_int_equal(view_set_columns(&fx->call, &fx->view, &tag, 1), S_OK);
    sort(fx, &by_group);
    assert_int_equal(view_sync(&fx->call, &fx->view), S_OK);
    set_number(fx, 2, NUMBER, 7);
    assert_int_equal(view_stay(&fx->call, &fx->view, &changes, false, &done), S_OK);
    assert_true(done);
    set_words(fx, 2, "ab");
    assert_int_equal(view_stay(&fx->call, &fx->view, &changes, false, &done), S_OK);
    assert_false(done);
    view_changes_free(&changes);
}

/* One change, with failing allocations. False: there is no nth one. */
static bool follow_failing(struct fixture *fx, unsigned long nth)
{
    struct view_changes changes = { .is_complete = true, .is_row = true };
    struct view *view = &fx->view;
    struct view_rows old, rows = { 0 };
    struct order order = random_order();
    uint64_t next_id = 2000;
    bool done = false;
    bool has_failed;
    HRESULT hr;

    msp_array_init(&changes.ids, sizeof(uint64_t));
    for (int i = 0; i < 20; i++) {
        add(fx, next_id, "a", NULL);
        set_random(fx, next_id++);
    }
    (void)try_sort(fx, &order);
    assert_int_equal(view_sync(&fx->call, view), S_OK);
    copy_rows(&view->rows, &old);
    change(fx, &next_id, &changes);
    msp_alloc_fail_at(nth);
    hr = view_follow(&fx->call, view, &changes, &done);
    has_failed = msp_alloc_fail_disarm();
    if (FAILED(hr)) {
        assert_int_equal(hr, MAPI_E_NOT_ENOUGH_MEMORY);
        assert_int_equal(view->rows.leaf_count, old.leaf_count);
        assert_memory_equal(view->rows.ids, old.ids, old.leaf_count * sizeof(*old.ids));
        assert_int_equal(view->rows.visible_count, old.visible_count);
        for (size_t i = 0; i < old.visible_count; i++)
            assert_true(view_rows_id(&view->rows, i).id == view_rows_id(&old, i).id);
        assert_int_equal(view_follow(&fx->call, view, &changes, &done), S_OK);
    }
    assert_true(done);
    assert_int_equal(view_load(&fx->call, view, &rows), S_OK);
    check_rows(&view->rows, &rows);
    view_rows_free(&rows);
    view_rows_free(&old);
    view_changes_free(&changes);
    return has_failed;
}

static void follow__nth_allocation_fails__changes_nothing(void **state)
{
    static struct table_source_ops ops;
    unsigned failures = 0;

    MSP_UNUSED(state);
    for (unsigned round = 0; round < 100; round++) {
        bool more = true;

        for (unsigned long nth = 1; more; nth++) {
            void *made = NULL;

            assert_int_equal(setup(&made), 0);
            begin(made, &ops);
            both_seed = round;
            more = follow_failing(made, nth);
            failures += more;
            assert_int_equal(teardown(&made), 0);
        }
    }
    assert_true(failures > 500);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(stay__instances_side_by_side__have_not_moved),
        cmocka_unit_test(follow__nth_allocation_fails__changes_nothing),
        cmocka_unit_test(follow__random_rows_and_orders__is_what_evaluating_all_gives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
