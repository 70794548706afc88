/* SPDX-License-Identifier: MIT */
/*
 * test_view_locate.c - one row found among very many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "com/view_follow.h"
#include "util/alloc.h"
#include "util/bytes.h"

#define NUMBER PROP_TAG(PT_LONG, 0x6802)
#define BUCKET PROP_TAG(PT_LONG, 0x6803)

enum {
    ROWS = 70000, /* ids from 1 on */
    BUCKETS = 50,
    HALVING = 64 /* more reads than halving takes, and far less than rows */
};

/* Rows that follow from their ids. */
struct fake {
    struct table_source source;
    unsigned reads;
    uint64_t changed; /* ids below it have other numbers */
    bool is_wrong;    /* rows do not say where they are */
};

static uint32_t number_of(uint64_t id)
{
    return (uint32_t)(id * 7919 % 100003);
}

static uint64_t fake_stamp(struct table_source *source)
{
    MSP_UNUSED(source);
    return 1;
}

static HRESULT fake_scan(struct msp_call *call, struct table_source *source, bool with_props,
        table_row_fn fn, void *context)
{
    struct table_row row = { .id = 1 };

    MSP_UNUSED(call);
    MSP_UNUSED(source);
    MSP_UNUSED(with_props);
    while (row.id <= ROWS && fn(context, &row))
        row.id++;
    return S_OK;
}

static HRESULT fake_read(struct msp_call *call, struct table_source *source, uint64_t id,
        bool with_props, struct table_row *out)
{
    struct fake *fake = (struct fake *)source;

    MSP_UNUSED(call);
    MSP_UNUSED(with_props);
    fake->reads++;
    *out = (struct table_row){ .id = id };
    return id >= 1 && id <= ROWS ? S_OK : MAPI_E_NOT_FOUND;
}

static bool fake_needs_props(const struct table_source *source, ULONG tag)
{
    MSP_UNUSED(source);
    MSP_UNUSED(tag);
    return false;
}

static HRESULT fake_cell(struct table_source *source, const struct table_row *row, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    const struct fake *fake = (const struct fake *)source;
    uint32_t number = number_of(row->id + (fake->is_wrong || row->id < fake->changed));

    if (tag != NUMBER && tag != BUCKET)
        return MAPI_E_NOT_FOUND;
    return prop_scratch_long(scratch, tag, tag == NUMBER ? number : number % BUCKETS, out)
                   ? S_OK
                   : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT fake_belongs(
        struct msp_call *call, struct table_source *source, const struct table_row *row, bool *out)
{
    MSP_UNUSED(call);
    MSP_UNUSED(source);
    MSP_UNUSED(row);
    *out = true;
    return S_OK;
}

static bool fake_order_key(
        const struct table_source *source, const struct table_row *row, struct msp_buf *out)
{
    uint8_t key[8];

    MSP_UNUSED(source);
    put_u64be(key, row->id);
    return msp_buf_append(out, key, sizeof(key));
}

static const struct table_source_ops fake_ops = {
    .can_sort = true,
    .can_categorize = true,
    .stamp = fake_stamp,
    .scan = fake_scan,
    .read = fake_read,
    .needs_props = fake_needs_props,
    .cell = fake_cell,
    .belongs = fake_belongs,
    .order_key = fake_order_key,
};

struct fixture {
    struct fake fake;
    struct view view;
    struct msp_domain *domain;
    struct msp_call call;
};

static int setup(void **state)
{
    struct fixture *fx = test_calloc(1, sizeof(*fx));

    fx->fake.source.ops = &fake_ops;
    fx->domain = msp_domain_new();
    fx->call.domain = fx->domain;
    view_init(&fx->view, &fx->fake.source);
    *state = fx;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fx = *state;

    view_done(&fx->view);
    msp_domain_release(fx->domain);
    test_free(fx);
    return 0;
}

/* By number, or by bucket and number under a heading for each bucket. */
static void evaluate(struct fixture *fx, ULONG order, ULONG categories, ULONG expanded)
{
    SizedSSortOrderSet(2, set) = { 0, categories, expanded, { { BUCKET, order } } };

    set.aSort[categories].ulPropTag = NUMBER;
    set.aSort[categories].ulOrder = order;
    set.cSorts = categories + 1;
    assert_int_equal(view_set_sort(&fx->call, &fx->view, (SSortOrderSet *)(void *)&set), S_OK);
    assert_int_equal(view_sync(&fx->call, &fx->view), S_OK);
    fx->fake.reads = 0;
}

static size_t located(struct fixture *fx, uint64_t id)
{
    struct view_id view_id = { id, 0 };
    size_t found = 0;

    fx->fake.reads = 0;
    assert_int_equal(view_locate(&fx->call, &fx->view, view_id, &found), S_OK);
    assert_true(found == view_find(&fx->view, view_id));
    assert_in_range(fx->fake.reads, 1, HALVING);
    return found;
}

static void locate__each_order__is_where_it_is_by_a_few_reads(void **state)
{
    static const ULONG orders[] = { TABLE_SORT_ASCEND, TABLE_SORT_DESCEND };
    struct fixture *fx = *state;

    for (size_t i = 0; i < 2; i++) {
        evaluate(fx, orders[i], 0, 0);
        for (uint64_t id = 1; id <= ROWS; id += 997)
            assert_true(view_id_at(&fx->view, located(fx, id)).id == id);
        assert_true(located(fx, ROWS + 1) == SIZE_MAX);
    }
}

static void locate__under_headings__is_where_it_is_or_hidden(void **state)
{
    struct fixture *fx = *state;

    evaluate(fx, TABLE_SORT_ASCEND, 1, 1);
    assert_int_equal(view_count(&fx->view), ROWS + BUCKETS);
    for (uint64_t id = 1; id <= ROWS; id += 997)
        assert_true(view_id_at(&fx->view, located(fx, id)).id == id);
    evaluate(fx, TABLE_SORT_ASCEND, 1, 0);
    assert_int_equal(view_count(&fx->view), BUCKETS);
    for (uint64_t id = 1; id <= ROWS; id += 997)
        assert_true(located(fx, id) == SIZE_MAX);
}

/* Headings are found by their numbers. */
static void find__headings__are_where_they_are(void **state)
{
    struct fixture *fx = *state;

    evaluate(fx, TABLE_SORT_DESCEND, 1, 1);
    for (size_t i = 0; i < view_count(&fx->view); i += 77) {
        struct view_id id = view_id_at(&fx->view, i);
        struct view_id none = { id.id + 1000000, VIEW_HEADING };

        assert_true(view_find(&fx->view, id) == i);
        assert_true(view_find(&fx->view, none) == SIZE_MAX);
    }
    assert_true(view_find(&fx->view, view_id_at(&fx->view, 0)) == 0);
}

/* Whatever their values say, rows are found that are there. */
static void locate__rows_are_not_where_they_say__are_found(void **state)
{
    struct fixture *fx = *state;

    evaluate(fx, TABLE_SORT_ASCEND, 0, 0);
    fx->fake.is_wrong = true;
    for (uint64_t id = 1; id <= ROWS; id += 4999)
        assert_true(view_id_at(&fx->view, located(fx, id)).id == id);
}

/* Rows that move among very many, each of which is found by its id afterwards. */
static void follow__very_many_rows__are_as_evaluated(void **state)
{
    struct fixture *fx = *state;
    struct view_changes changes = { .is_complete = true, .is_row = true };
    struct view_rows rows = { 0 };
    bool done = false;

    msp_array_init(&changes.ids, sizeof(uint64_t));
    for (uint64_t id = 1; id < 20; id++)
        assert_non_null(msp_array_push(&changes.ids, &id));
    evaluate(fx, TABLE_SORT_ASCEND, 1, 1);
    for (uint64_t changed = 2; changed < 20; changed++) {
        fx->fake.changed = changed;
        assert_int_equal(view_follow(&fx->call, &fx->view, &changes, &done), S_OK);
        assert_true(done);
    }
    assert_int_equal(view_load(&fx->call, &fx->view, &rows), S_OK);
    assert_memory_equal(fx->view.rows.ids, rows.ids, ROWS * sizeof(*rows.ids));
    assert_memory_equal(
            fx->view.rows.visible, rows.visible, rows.visible_count * sizeof(*rows.visible));
    for (size_t leaf = 0; leaf < ROWS; leaf += 7)
        assert_true(view_rows_leaf(&fx->view.rows, 0, rows.ids[leaf]) == leaf);
    assert_true(view_rows_leaf(&fx->view.rows, 0, ROWS + 1) == ROWS);
    view_rows_free(&rows);
    view_changes_free(&changes);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                locate__each_order__is_where_it_is_by_a_few_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(
                locate__under_headings__is_where_it_is_or_hidden, setup, teardown),
        cmocka_unit_test_setup_teardown(find__headings__are_where_they_are, setup, teardown),
        cmocka_unit_test_setup_teardown(
                locate__rows_are_not_where_they_say__are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(follow__very_many_rows__are_as_evaluated, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
