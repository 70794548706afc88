/* SPDX-License-Identifier: MIT */
/*
 * view_fixture.h - a view over rows in memory, for the tests of views.
 *
 * A view is told as one line: leaves as their row ids (with .n for later instances of a row),
 * headings as +text(count,unread) when open and -text(count,unread) when closed.
 */
#ifndef VIEW_FIXTURE_H
#define VIEW_FIXTURE_H

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
    uint64_t identity;
    uint64_t stamp;
    unsigned scans;
};

static inline struct fake *fake_from_source(struct table_source *source)
{
    return CONTAINING_RECORD(source, struct fake, source);
}

static inline void fake_identity(const struct table_source *source, struct msp_buf *out)
{
    msp_buf_append_u64(out, ((const struct fake *)source)->identity);
}

static inline uint64_t fake_stamp(struct table_source *source)
{
    return fake_from_source(source)->stamp;
}

static inline HRESULT fake_scan(struct msp_call *call, struct table_source *source, bool with_props,
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

static inline HRESULT fake_read(struct msp_call *call, struct table_source *source, uint64_t id,
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

static inline bool fake_needs_props(const struct table_source *source, ULONG tag)
{
    MSP_UNUSED(source);
    MSP_UNUSED(tag);
    return false;
}

static inline HRESULT fake_cell(struct table_source *source, const struct table_row *row, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    const struct fake_row *fake_row = row->narrow;

    MSP_UNUSED(source);
    MSP_UNUSED(scratch);
    return bag_get(&fake_row->bag, tag, out) ? S_OK : MAPI_E_NOT_FOUND;
}

static inline void fake_free(struct table_source *source)
{
    struct fake *fake = fake_from_source(source);

    for (size_t i = 0; i < fake->row_count; i++)
        bag_done(&fake->rows[i].bag);
}

static const struct table_source_ops fake_ops = {
    .can_sort = true,
    .can_categorize = true,
    .can_bookmark = true,
    .identity = fake_identity,
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

static inline int setup(void **state)
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

static inline int teardown(void **state)
{
    struct fixture *fx = *state;

    view_done(&fx->view);
    fake_free(&fx->fake.source);
    msp_domain_release(fx->domain);
    assert_int_equal(msp_alloc_count_live(), fx->live_before);
    test_free(fx);
    return 0;
}

static inline struct bag *bag_of(struct fixture *fx, uint64_t id)
{
    for (size_t i = 0; i < fx->fake.row_count; i++) {
        if (fx->fake.rows[i].id == id)
            return &fx->fake.rows[i].bag;
    }
    fail_msg("no row %u", (unsigned)id);
    return NULL;
}

static inline void set_text(struct fixture *fx, uint64_t id, ULONG tag, const char *text)
{
    assert_true(bag_set(bag_of(fx, id), tag, 0, text, strlen(text)));
    fx->fake.stamp++;
}

static inline void set_number(struct fixture *fx, uint64_t id, ULONG tag, uint32_t number)
{
    uint8_t bytes[4];

    put_u32le(bytes, number);
    assert_true(bag_set(bag_of(fx, id), tag, 0, bytes, sizeof(bytes)));
    fx->fake.stamp++;
}

/* A multivalue of letters, one value each. */
static inline void set_words(struct fixture *fx, uint64_t id, const char *letters)
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

static inline void set_numbers(
        struct fixture *fx, uint64_t id, const uint32_t *numbers, size_t count)
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
static inline void add(struct fixture *fx, uint64_t id, const char *name, const char *group)
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

static inline void take_away(struct fixture *fx, uint64_t id)
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

static inline void put_heading(
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
static inline const char *told(struct fixture *fx)
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

static inline HRESULT try_sort(struct fixture *fx, const struct order *order)
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

static inline void sort(struct fixture *fx, const struct order *order)
{
    assert_int_equal(try_sort(fx, order), S_OK);
}

static inline size_t position_of_heading(struct fixture *fx, const char *name)
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

static inline size_t toggle(struct fixture *fx, const char *name, bool expand)
{
    struct view_change change;

    assert_int_equal(view_sync(&fx->call, &fx->view), S_OK);
    assert_int_equal(view_expand(&fx->view, position_of_heading(fx, name), expand, &change), S_OK);
    view_change_keep(&change);
    return change.count;
}

/* Six rows in two groups and one row without. */
static const struct order by_group = { 2, 1, 1, { { GROUP, 0 }, { NAME, 0 } } };

static inline void add_groups(struct fixture *fx)
{
    add(fx, 1, "d", "x");
    add(fx, 2, "c", "y");
    add(fx, 3, "b", "x");
    add(fx, 4, "a", "y");
    add(fx, 5, "e", "X");
    add(fx, 6, "f", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
