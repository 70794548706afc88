/* SPDX-License-Identifier: MIT */
/*
 * test_view.c - views over rows in memory: order, categories, instances, places that are kept.
 *
 * A view is told as one line: leaves as their row ids (with .n for later instances of a row),
 * headings as +text(count,unread) when open and -text(count,unread) when closed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "com/view.h"
#include "util/alloc.h"
#include "util/bytes.h"

#define NAME PROP_TAG(PT_UNICODE, 0x6800)
#define GROUP PROP_TAG(PT_UNICODE, 0x6801)
#define NUMBER PROP_TAG(PT_LONG, 0x6802)
#define WORDS PROP_TAG(PT_MV_UNICODE, 0x6803)
#define NUMBERS PROP_TAG(PT_MV_LONG, 0x6804)
#define WORDS_EACH PROP_TAG(PT_MV_UNICODE | MV_INSTANCE, 0x6803)
#define NUMBERS_EACH PROP_TAG(PT_MV_LONG | MV_INSTANCE, 0x6804)

/* --- a source in memory ----------------------------------------------------------------------- */

enum { MAX_ROWS = 64 };

struct fake_row {
    uint64_t id;
    struct bag bag;
};

struct fake {
    struct table_source source;
    struct fake_row rows[MAX_ROWS];
    size_t row_count;
    uint64_t stamp;
    unsigned scans;
};

static struct fake *fake_from_source(struct table_source *source)
{
    return CONTAINING_RECORD(source, struct fake, source);
}

static uint64_t fake_stamp(struct table_source *source)
{
    return fake_from_source(source)->stamp;
}

static HRESULT fake_scan(struct msp_call *call, struct table_source *source, bool with_props,
        table_row_fn fn, void *context)
{
    struct fake *fake = fake_from_source(source);

    MSP_UNUSED(call);
    MSP_UNUSED(with_props);
    fake->scans++;
    for (size_t i = 0; i < fake->row_count; i++) {
        struct table_row row = { .id = fake->rows[i].id, .narrow = &fake->rows[i] };

        if (!fn(context, &row))
            break;
    }
    return S_OK;
}

static HRESULT fake_read(struct msp_call *call, struct table_source *source, uint64_t id,
        bool with_props, struct table_row *out)
{
    struct fake *fake = fake_from_source(source);

    MSP_UNUSED(call);
    MSP_UNUSED(with_props);
    for (size_t i = 0; i < fake->row_count; i++) {
        if (fake->rows[i].id == id) {
            *out = (struct table_row){ .id = id, .narrow = &fake->rows[i] };
            return S_OK;
        }
    }
    return MAPI_E_NOT_FOUND;
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
    const struct fake_row *fake_row = row->narrow;

    MSP_UNUSED(source);
    MSP_UNUSED(scratch);
    return bag_get(&fake_row->bag, tag, out) ? S_OK : MAPI_E_NOT_FOUND;
}

static void fake_free(struct table_source *source)
{
    struct fake *fake = fake_from_source(source);

    for (size_t i = 0; i < fake->row_count; i++)
        bag_done(&fake->rows[i].bag);
}

static const struct table_source_ops fake_ops = {
    .can_sort = true,
    .can_categorize = true,
    .can_bookmark = true,
    .stamp = fake_stamp,
    .scan = fake_scan,
    .read = fake_read,
    .needs_props = fake_needs_props,
    .cell = fake_cell,
    .free = fake_free,
};

/* --- fixture ---------------------------------------------------------------------------------- */

struct fixture {
    struct fake fake;
    struct view view;
    struct msp_domain *domain;
    struct msp_call call;
    char text[2048];
    size_t live_before;
};

static int setup(void **state)
{
    struct fixture *fx = test_calloc(1, sizeof(*fx));

    fx->live_before = msp_alloc_count_live();
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
    fake_free(&fx->fake.source);
    msp_domain_release(fx->domain);
    assert_int_equal(msp_alloc_count_live(), fx->live_before);
    test_free(fx);
    return 0;
}

static struct bag *bag_of(struct fixture *fx, uint64_t id)
{
    for (size_t i = 0; i < fx->fake.row_count; i++) {
        if (fx->fake.rows[i].id == id)
            return &fx->fake.rows[i].bag;
    }
    fail_msg("no row %u", (unsigned)id);
    return NULL;
}

static void set_text(struct fixture *fx, uint64_t id, ULONG tag, const char *text)
{
    assert_true(bag_set(bag_of(fx, id), tag, 0, text, strlen(text)));
    fx->fake.stamp++;
}

static void set_number(struct fixture *fx, uint64_t id, ULONG tag, uint32_t number)
{
    uint8_t bytes[4];

    put_u32le(bytes, number);
    assert_true(bag_set(bag_of(fx, id), tag, 0, bytes, sizeof(bytes)));
    fx->fake.stamp++;
}

/* A multivalue of letters, one value each. */
static void set_words(struct fixture *fx, uint64_t id, const char *letters)
{
    struct msp_buf packed = MSP_BUF_INIT;

    msp_buf_append_u32(&packed, (uint32_t)strlen(letters));
    for (uint32_t i = 1; i <= strlen(letters); i++)
        msp_buf_append_u32(&packed, i);
    msp_buf_append_str(&packed, letters);
    assert_true(bag_set(bag_of(fx, id), WORDS, 0, packed.data, packed.size));
    msp_buf_free(&packed);
    fx->fake.stamp++;
}

static void set_numbers(struct fixture *fx, uint64_t id, const uint32_t *numbers, size_t count)
{
    struct msp_buf packed = MSP_BUF_INIT;

    msp_buf_append_u32(&packed, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        msp_buf_append_u32(&packed, numbers[i]);
    assert_true(bag_set(bag_of(fx, id), NUMBERS, 0, packed.data, packed.size));
    msp_buf_free(&packed);
    fx->fake.stamp++;
}

/* A row with a name and a group (NULL: without), behind the others. */
static void add(struct fixture *fx, uint64_t id, const char *name, const char *group)
{
    struct fake_row *row = &fx->fake.rows[fx->fake.row_count++];

    row->id = id;
    bag_init(&row->bag);
    if (name != NULL)
        set_text(fx, id, NAME, name);
    if (group != NULL)
        set_text(fx, id, GROUP, group);
    set_number(fx, id, PR_MESSAGE_FLAGS, id % 2 == 0 ? MSGFLAG_READ : 0);
}

static void take_away(struct fixture *fx, uint64_t id)
{
    struct fake *fake = &fx->fake;

    for (size_t i = 0; i < fake->row_count; i++) {
        if (fake->rows[i].id != id)
            continue;
        bag_done(&fake->rows[i].bag);
        memmove(&fake->rows[i], &fake->rows[i + 1],
                (fake->row_count - i - 1) * sizeof(fake->rows[0]));
        fake->row_count--;
        fake->stamp++;
        return;
    }
}

/* --- a view as a line ------------------------------------------------------------------------- */

static void put_heading(
        struct fixture *fx, const struct view_category *category, char *out, size_t size)
{
    struct table_row room;
    struct view_row row = { &fx->view, category, &room,
        fx->view.rows.instances != NULL ? fx->view.rows.instances[category->leaf_first] : 0 };
    size_t key = fx->view.order.levels[category->level].end_key - 1;
    struct prop_scratch scratch;
    struct bag_value cell, count, unread, type;
    char name[64] = "?";

    assert_int_equal(fake_read(&fx->call, &fx->fake.source, fx->view.rows.ids[category->leaf_first],
                             true, &room),
            S_OK);
    prop_scratch_init(&scratch);
    if (SUCCEEDED(view_row_cell(&row, fx->view.order.keys[key].tag, &scratch, &cell))) {
        if (PROP_TYPE(cell.tag) == PT_LONG)
            snprintf(name, sizeof(name), "%d", (int)cell_get_long(&cell, 0));
        else
            snprintf(name, sizeof(name), "%.*s", (int)cell.size, (const char *)cell.data);
    }
    assert_int_equal(view_row_cell(&row, PR_CONTENT_COUNT, &scratch, &count), S_OK);
    assert_int_equal(view_row_cell(&row, PR_CONTENT_UNREAD, &scratch, &unread), S_OK);
    assert_int_equal(view_row_cell(&row, PR_ROW_TYPE, &scratch, &type), S_OK);
    snprintf(out, size, "%s%s(%u,%u)", cell_get_long(&type, 0) == TBL_EXPANDED_CATEGORY ? "+" : "-",
            name, (unsigned)cell_get_long(&count, 99), (unsigned)cell_get_long(&unread, 99));
    prop_scratch_done(&scratch);
}

/* What is visible now; the cursor is shown as a bar. */
static const char *told(struct fixture *fx)
{
    size_t used = 0;

    assert_int_equal(view_sync(&fx->call, &fx->view), S_OK);
    fx->text[0] = '\0';
    for (size_t i = 0; i < view_count(&fx->view); i++) {
        size_t leaf;
        const struct view_category *category = view_at(&fx->view, i, &leaf);
        struct view_id id = view_id_at(&fx->view, i);
        char one[96];

        if (category != NULL)
            put_heading(fx, category, one, sizeof(one));
        else if (id.instance > 0)
            snprintf(one, sizeof(one), "%u.%u", (unsigned)id.id, (unsigned)id.instance);
        else
            snprintf(one, sizeof(one), "%u", (unsigned)id.id);
        used += (size_t)snprintf(
                fx->text + used, sizeof(fx->text) - used, "%s%s", used > 0 ? " " : "", one);
    }
    return fx->text;
}

#define SORT_MAX 8

struct order {
    ULONG cSorts;
    ULONG cCategories;
    ULONG cExpanded;
    SSortOrder aSort[SORT_MAX];
};

static HRESULT try_sort(struct fixture *fx, const struct order *order)
{
    SSortOrderSet *set = test_calloc(1, sizeof(*order) + sizeof(*set));
    HRESULT hr;

    set->cSorts = order->cSorts;
    set->cCategories = order->cCategories;
    set->cExpanded = order->cExpanded;
    memcpy(set->aSort, order->aSort, sizeof(order->aSort));
    fx->call.has_detail = false;
    hr = view_set_sort(&fx->call, &fx->view, set);
    test_free(set);
    return hr;
}

static void sort(struct fixture *fx, const struct order *order)
{
    assert_int_equal(try_sort(fx, order), S_OK);
}

static size_t position_of_heading(struct fixture *fx, const char *name)
{
    for (size_t i = 0; i < view_count(&fx->view); i++) {
        size_t leaf;
        const struct view_category *category = view_at(&fx->view, i, &leaf);
        char one[96];

        if (category == NULL)
            continue;
        put_heading(fx, category, one, sizeof(one));
        if (strncmp(one + 1, name, strlen(name)) == 0 && one[1 + strlen(name)] == '(')
            return i;
    }
    fail_msg("no heading %s", name);
    return 0;
}

static size_t toggle(struct fixture *fx, const char *name, bool expand)
{
    size_t count;

    assert_int_equal(view_sync(&fx->call, &fx->view), S_OK);
    assert_int_equal(view_expand(&fx->view, position_of_heading(fx, name), expand, &count), S_OK);
    return count;
}

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
        { { 1, 0, 0, { { NAME, 3 } } }, MAPI_E_TOO_COMPLEX },
        { { 1, 0, 0, { { PROP_TAG(PT_OBJECT, 0x6800), 0 } } }, MAPI_E_TOO_COMPLEX },
        { { 1, 0, 0, { { PROP_TAG(PT_LONG | MV_INSTANCE, 0x6800), 0 } } }, MAPI_E_TOO_COMPLEX },
        { { 1, 1, 0, { { NAME, TABLE_SORT_COMBINE } } }, MAPI_E_INVALID_PARAMETER },
        { { 1, 1, 0, { { NAME, TABLE_SORT_CATEG_MAX } } }, MAPI_E_INVALID_PARAMETER },
        { { 2, 0, 0, { { NAME, 0 }, { GROUP, TABLE_SORT_COMBINE } } }, MAPI_E_TOO_COMPLEX },
        { { 3, 1, 0, { { NAME, 0 }, { GROUP, 0 }, { NUMBER, TABLE_SORT_CATEG_MIN } } },
                MAPI_E_TOO_COMPLEX },
        { { 3, 1, 0,
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
        assert_int_equal(fx->view.order.sort_count, 1);
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
        uint8_t key[VIEW_INSTANCE_KEY_SIZE];
        struct view_id id;

        view_instance_key_put(view_id_at(&fx->view, i), key);
        assert_true(view_instance_key_get(key, sizeof(key), &id));
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

/* --- categories ------------------------------------------------------------------------------- */

static const struct order by_group = { 2, 1, 1, { { GROUP, 0 }, { NAME, 0 } } };

static void add_groups(struct fixture *fx)
{
    add(fx, 1, "d", "x");
    add(fx, 2, "c", "y");
    add(fx, 3, "b", "x");
    add(fx, 4, "a", "y");
    add(fx, 5, "e", "X");
    add(fx, 6, "f", NULL);
}

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
        TEST(categories__expanded_count__says_what_is_visible),
        TEST(categories__depth__grows_by_one_per_level),
        TEST(categories__combined__one_heading_for_each_pair),
        TEST(categories__with_aggregate__order_by_largest_or_smallest),
        TEST(categories__aggregate_of_inner_level__keeps_outer_order),
        TEST(categories__last_leaf_gone__heading_is_gone),
        TEST(expand__and_collapse__count_the_rows),
        TEST(headings__evaluated_again__keep_key_and_state),
        TEST(bookmark__rows_come_and_go__stays_on_its_row),
        TEST(cursor__at_the_beginning__stays_there),
        TEST(cursor__at_the_end__new_rows_behind_it_are_next),
        TEST(collapse__over_bookmarks__moves_them_to_the_next_visible_row),
        TEST(bookmarks__limit_and_free),
        TEST(state__saved__comes_back_in_another_view),
        TEST(state__of_another_order_or_damaged__is_refused),
        TEST(sync__nth_allocation_fails__changes_nothing),
        TEST(sync__logon_closing__gives_up),
        TEST(sync__nothing_moved__does_not_scan_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
