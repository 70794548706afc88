/* SPDX-License-Identifier: MIT */
/*
 * test_walk_tables.c - every allocation of the library fails once, in what reads the rows of every
 * kind of table: a call that succeeds all the same gives what it gives with memory, and no row is
 * missing then or later.
 */
#include "linked_fixture.h"

#include "com/table_kinds.h"
#include "dll/inf.h" /* the whole library is linked for it */

enum { ROWS = 20, LEAST_FAILURES = 200 };

/* What is done, and what it gives, told as text; "" when it fails. */
struct operation {
    const char *name;
    HRESULT (*run)(const struct table_kind *kind, IMAPITable *table, char *told, size_t size);
};

static unsigned long failures;

/* --- what is done ----------------------------------------------------------------------------- */

static void tell_names(LPSRowSet rows, char *told, size_t size)
{
    for (ULONG i = 0; i < rows->cRows; i++) {
        put_text(told, size, &rows->aRow[i].lpProps[0]);
        strncat(told, " ", size - strlen(told) - 1);
    }
    mapi_free_rows(rows);
}

static HRESULT read_all(IMAPITable *table, char *told, size_t size)
{
    LPSRowSet rows = POISON;
    HRESULT hr = table->lpVtbl->QueryRows(table, ALL_ROWS, 0, &rows);

    if (SUCCEEDED(hr))
        tell_names(rows, told, size);
    else
        assert_null(rows);
    return hr;
}

static HRESULT do_read(const struct table_kind *kind, IMAPITable *table, char *told, size_t size)
{
    (void)kind;
    return read_all(table, told, size);
}

static HRESULT do_count(const struct table_kind *kind, IMAPITable *table, char *told, size_t size)
{
    ULONG count = POISON_LONG;
    HRESULT hr = table->lpVtbl->GetRowCount(table, 0, &count);

    (void)kind;
    if (SUCCEEDED(hr))
        snprintf(told, size, "%u", (unsigned)count);
    return hr;
}

static HRESULT do_sort(const struct table_kind *kind, IMAPITable *table, char *told, size_t size)
{
    struct sort_order order = { 1, 0, 0, { { kind->name_tag, TABLE_SORT_DESCEND } } };
    HRESULT hr = try_sort(table, &order);

    return SUCCEEDED(hr) ? read_all(table, told, size) : hr;
}

static HRESULT do_filter(const struct table_kind *kind, IMAPITable *table, char *told, size_t size)
{
    SPropValue bound = text_value(kind->name_tag, u"C");
    SRestriction above = compare_with(RELOP_GE, &bound);
    HRESULT hr = table->lpVtbl->Restrict(table, &above, 0);

    return SUCCEEDED(hr) ? read_all(table, told, size) : hr;
}

static HRESULT do_find(const struct table_kind *kind, IMAPITable *table, char *told, size_t size)
{
    SPropValue name = text_value(kind->name_tag, u"c19");
    SRestriction is_name = compare_with(RELOP_EQ, &name);
    HRESULT hr = table->lpVtbl->FindRow(table, &is_name, BOOKMARK_END, DIR_BACKWARD);
    ULONG row, numerator, denominator;

    if (SUCCEEDED(hr))
        hr = table->lpVtbl->QueryPosition(table, &row, &numerator, &denominator);
    if (SUCCEEDED(hr))
        snprintf(told, size, "%u of %u", (unsigned)row, (unsigned)denominator);
    return hr;
}

static HRESULT do_columns(const struct table_kind *kind, IMAPITable *table, char *told, size_t size)
{
    LPSPropTagArray tags = POISON;
    HRESULT hr = table->lpVtbl->QueryColumns(table, TBL_ALL_COLUMNS, &tags);

    (void)kind;
    if (FAILED(hr)) {
        assert_null(tags);
        return hr;
    }
    for (ULONG i = 0; i < tags->cValues; i++)
        snprintf(told + strlen(told), size - strlen(told), "%08lX ",
                (unsigned long)tags->aulPropTag[i]);
    mapi_free(tags);
    return hr;
}

static const struct operation operations[] = {
    { "QueryRows", do_read },
    { "GetRowCount", do_count },
    { "SortTable", do_sort },
    { "Restrict", do_filter },
    { "FindRow", do_find },
    { "QueryColumns", do_columns },
};

/* --- the walk --------------------------------------------------------------------------------- */

/* A table that has read nothing yet. */
static IMAPITable *open_table(struct kinds_world *world)
{
    IMAPITable *table = world->kind->open(world, MAPI_UNICODE);

    set_columns(table, &world->kind->name_tag, 1);
    return table;
}

static void walk(struct kinds_world *world, const struct operation *operation)
{
    char expected[2048] = "";
    bool reached = true;
    IMAPITable *table = open_table(world);

    assert_ok(operation->run(world->kind, table, expected, sizeof(expected)));
    assert_true(expected[0] != '\0');
    release_last(table);
    for (unsigned long nth = 1; reached; nth++) {
        char told[2048] = "";
        HRESULT hr;

        table = open_table(world);
        msp_alloc_fail_at(nth);
        hr = operation->run(world->kind, table, told, sizeof(told));
        reached = msp_alloc_fail_disarm();
        failures += FAILED(hr);
        if (SUCCEEDED(hr) ? strcmp(told, expected) != 0 : hr != MAPI_E_NOT_ENOUGH_MEMORY)
            fail_msg("%s of %s, allocation %lu: %s, %s, not %s", operation->name, world->kind->name,
                    nth, host_hr_name(hr), told, expected);
        told[0] = '\0';
        assert_ok(table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 0, NULL));
        hr = operation->run(world->kind, table, told, sizeof(told));
        if (FAILED(hr) || strcmp(told, expected) != 0)
            fail_msg("%s of %s, after allocation %lu: %s, %s, not %s", operation->name,
                    world->kind->name, nth, host_hr_name(hr), told, expected);
        release_last(table);
    }
}

/* Memory.Failure.2 IMAPITable.QueryRows.7 IMAPITable.GetRowCount.1 */
static void every_kind__every_allocation_fails_once__no_row_is_missing(void **out)
{
    struct state *state = *out;

    assert_ok(load(state->fx));
    assert_ok(configure(state->fx));
    assert_ok(log_on(state->fx));
    fixture_open_inbox(state->fx);
    for (size_t i = 0; i < KINDS; i++) {
        struct kinds_world world;
        struct kind_row rows[ROWS];

        kinds_begin(&world, state->fx, &table_kinds[i]);
        for (unsigned k = 0; k < ROWS; k++) {
            char name[16];

            snprintf(name, sizeof(name), "%c%u", "acBD"[k % 4], k);
            if (k == ROWS - 1)
                name[0] = 'c';
            kinds_add(&world, &rows[k], name);
        }
        for (size_t k = 0; k < COUNT_OF(operations); k++)
            walk(&world, &operations[k]);
        for (unsigned k = 0; k < ROWS; k++) {
            world.kind->remove(&world, &rows[k]);
            kind_row_done(&rows[k]);
        }
        kinds_end(&world);
    }
    print_message("%lu failures\n", failures);
    assert_true(failures > LEAST_FAILURES);
    end(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                every_kind__every_allocation_fails_once__no_row_is_missing, setup, teardown),
    };

    return cmocka_run_group_tests_name("walk_tables", tests, NULL, NULL);
}
