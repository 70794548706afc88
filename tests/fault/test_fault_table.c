/* SPDX-License-Identifier: MIT */
/*
 * test_fault_table.c - every method of a table while every single allocation fails once: the call
 * says so, leaves nothing in its outs, and the table is as it was.
 *
 * White box: the table stands on a store in memory, below a root object of this file in place of a
 * logon.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "com/logon.h"
#include "com/table.h"
#include "host/host_mem.h"
#include "util/alloc.h"
#include "util/bytes.h"

#define NUMBER PROP_TAG(PT_LONG, 0x6802)
#define WORDS PROP_TAG(PT_MV_LONG, 0x6804)
#define WORDS_EACH MVI_PROP(PROP_TAG(PT_LONG, 0x6804))
#define POISON ((void *)(uintptr_t)0xDEADBEEF)

enum {
    MAILS = 260 /* more than FindRow reads singly */
};

#define assert_hr(actual, expected) assert_int_equal((uint32_t)(actual), (uint32_t)(expected))
#define assert_ok(actual) assert_hr(actual, S_OK)

static void mapi_free(void *block)
{
    host_mem_trio(0)->release(block);
}

static void rows_free(LPSRowSet rows)
{
    for (ULONG i = 0; rows != NULL && i < rows->cRows; i++)
        mapi_free(rows->aRow[i].lpProps);
    mapi_free(rows);
}

/* --- a root with a folder full of messages ---------------------------------------------------- */

static const struct msp_iface root_ifaces[] = {
    { &IID_IUnknown, offsetof(struct logon, IMSLogon_iface) },
    { NULL, 0 },
};

static const struct msp_class root_class = {
    .name = "root",
    .size = sizeof(struct logon),
    .object_offset = offsetof(struct logon, object),
    .ifaces = root_ifaces,
    .owns_children = true,
};

struct world {
    struct logon *logon;
    struct msp_domain *domain;
    struct eng *eng;
    uint64_t folder;
    uint64_t some; /* a message of it */
    uint32_t status;
    IMAPITable *table;
    BYTE key[32]; /* of the heading that is opened and closed */
    ULONG key_size;
    BYTE *state;
    ULONG state_size;
};

static void put_mail(struct world *world, uint32_t number)
{
    struct eng_msg msg = { .folder = world->folder, .flags = number % 2 };
    struct msp_buf packed = MSP_BUF_INIT;
    struct bag bag = { 0 };
    uint8_t bytes[12];
    char subject[16];
    char sender[2] = { (char)('a' + number % 3), 0 };

    snprintf(subject, sizeof(subject), "m%03u", (unsigned)(number * 7 % MAILS));
    msg.subject = (struct eng_text){ subject, strlen(subject) };
    msg.sender = (struct eng_text){ sender, 1 };
    put_u32le(bytes, number % 50);
    assert_true(bag_set(&bag, NUMBER, 0, bytes, 4));
    put_u32le(bytes, 2);
    put_u32le(bytes + 4, 9);
    put_u32le(bytes + 8, 8);
    if (number < 3)
        assert_true(bag_set(&bag, WORDS, 0, bytes, 12));
    assert_true(bag_set(&bag, PR_SUBJECT_W, 0, subject, strlen(subject)));
    assert_true(bag_set(&bag, PR_SENDER_NAME_W, 0, sender, 1));
    assert_true(bag_pack(&bag, &packed));
    assert_int_equal(eng_id_new(world->eng, &msg.id), ENG_OK);
    assert_int_equal(
            eng_msg_put(world->eng, &msg, ENG_PUT_NEW, packed.data, packed.size, &msg.change),
            ENG_OK);
    world->some = msg.id;
    bag_done(&bag);
    msp_buf_free(&packed);
}

static HRESULT open_table(struct world *world, IMAPITable **out)
{
    struct table_source *source = NULL;
    struct msp_call call;
    HRESULT hr;

    *out = NULL;
    assert_ok(msp_call_begin(&call, &world->logon->object));
    hr = source_contents_new(&call, world->logon, world->folder, false, &source);
    if (SUCCEEDED(hr))
        hr = table_new(&call, world->logon, &world->logon->object, source, MAPI_UNICODE, out);
    return msp_call_end(&call, hr);
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct eng_open_params params = { .path = ":memory:", .create = true };
    const struct host_mem_trio *trio = host_mem_trio(0);

    assert_non_null(world);
    assert_int_equal(eng_open(&params, &world->eng, NULL), ENG_OK);
    world->domain = msp_domain_new();
    world->logon = msp_object_alloc(&root_class);
    assert_non_null(world->domain);
    assert_non_null(world->logon);
    world->logon->eng = world->eng;
    msp_list_init(&world->logon->idle.newest);
    world->logon->alloc.allocate = trio->allocate;
    world->logon->alloc.allocate_more = trio->more;
    world->logon->alloc.free = trio->release;
    msp_object_start(&world->logon->object, world->domain, NULL);
    assert_int_equal(eng_folder_create(world->eng, ENG_ROOT_FOLDER, ENG_FOLDER_GENERIC, "f", 1,
                             NULL, 0, &world->folder),
            ENG_OK);
    assert_int_equal(eng_begin(world->eng, true), ENG_OK);
    for (uint32_t i = 0; i < MAILS; i++)
        put_mail(world, i);
    assert_int_equal(eng_commit(world->eng), ENG_OK);
    assert_ok(open_table(world, &world->table));
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;

    mapi_free(world->state);
    assert_int_equal(world->table->lpVtbl->Release(world->table), 0);
    assert_int_equal(msp_object_release(&world->logon->object), 0);
    msp_domain_release(world->domain);
    eng_close(world->eng);
    assert_int_equal(msp_object_count(), 0);
    free(world);
    return 0;
}

/* --- what a table is like, as a text ---------------------------------------------------------- */

static void tell(IMAPITable *table, char *out, size_t size)
{
    LPSPropTagArray columns = NULL;
    LPSSortOrderSet order = NULL;
    LPSRowSet rows = NULL;
    ULONG row, numerator, denominator, count;
    size_t used;

    assert_ok(table->lpVtbl->QueryPosition(table, &row, &numerator, &denominator));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    assert_ok(table->lpVtbl->QueryColumns(table, 0, &columns));
    assert_ok(table->lpVtbl->QuerySortOrder(table, &order));
    assert_ok(table->lpVtbl->QueryRows(table, 5, TBL_NOADVANCE, &rows));
    used = (size_t)snprintf(out, size, "%u of %u, %u columns, sort %u %u %u:", (unsigned)row,
            (unsigned)count, (unsigned)columns->cValues, (unsigned)order->cSorts,
            (unsigned)order->cCategories, (unsigned)order->cExpanded);
    for (ULONG i = 0; i < rows->cRows; i++) {
        for (ULONG k = 0; k < rows->aRow[i].cValues; k++) {
            const SPropValue *value = &rows->aRow[i].lpProps[k];

            if (value->ulPropTag != PR_INSTANCE_KEY)
                continue;
            for (ULONG b = 0; b < value->Value.bin.cb && used < size - 4; b++)
                used += (size_t)snprintf(out + used, size - used, "%02x", value->Value.bin.lpb[b]);
            used += (size_t)snprintf(out + used, size - used, " ");
        }
    }
    rows_free(rows);
    mapi_free(columns);
    mapi_free(order);
}

/* --- the calls -------------------------------------------------------------------------------- */

struct order {
    ULONG cSorts;
    ULONG cCategories;
    ULONG cExpanded;
    SSortOrder aSort[4];
};

static HRESULT do_sort(IMAPITable *table, const struct order *order)
{
    union {
        struct order order;
        SSortOrderSet set;
    } both = { .order = *order };

    return table->lpVtbl->SortTable(table, &both.set, 0);
}

static HRESULT do_columns(IMAPITable *table, const ULONG *tags, ULONG count)
{
    union {
        struct {
            ULONG count;
            ULONG tags[4];
        } given;

        SPropTagArray array;
    } both = { .given = { .count = count } };

    memcpy(both.given.tags, tags, count * sizeof(*tags));
    return table->lpVtbl->SetColumns(table, &both.array, 0);
}

static HRESULT call_open(struct world *world)
{
    IMAPITable *table;
    HRESULT hr = open_table(world, &table);

    if (SUCCEEDED(hr))
        table->lpVtbl->Release(table);
    else
        assert_null(table);
    return hr;
}

static HRESULT call_columns(struct world *world)
{
    static const ULONG tags[] = { PR_INSTANCE_KEY, PR_SUBJECT_W, NUMBER };

    return do_columns(world->table, tags, 3);
}

static HRESULT call_columns_each(struct world *world)
{
    static const ULONG tags[] = { PR_INSTANCE_KEY, PR_SUBJECT_W, WORDS_EACH };

    return do_columns(world->table, tags, 3);
}

static HRESULT call_query_columns(struct world *world)
{
    LPSPropTagArray tags = POISON;
    HRESULT hr = world->table->lpVtbl->QueryColumns(world->table, TBL_ALL_COLUMNS, &tags);

    if (SUCCEEDED(hr))
        mapi_free(tags);
    else
        assert_null(tags);
    return hr;
}

static HRESULT call_query_order(struct world *world)
{
    LPSSortOrderSet set = POISON;
    HRESULT hr = world->table->lpVtbl->QuerySortOrder(world->table, &set);

    if (SUCCEEDED(hr))
        mapi_free(set);
    else
        assert_null(set);
    return hr;
}

static HRESULT call_sort(struct world *world)
{
    static const struct order order = { 2, 0, 0, { { PR_SUBJECT_W, 0 }, { NUMBER, 1 } } };

    return do_sort(world->table, &order);
}

static HRESULT call_sort_each(struct world *world)
{
    static const struct order order = { 3, 2, 1,
        { { PR_SENDER_NAME_W, 1 }, { NUMBER, TABLE_SORT_CATEG_MAX }, { WORDS_EACH, 0 } } };

    return do_sort(world->table, &order);
}

static HRESULT call_sort_categories(struct world *world)
{
    static const struct order order = { 4, 3, 3,
        { { PR_SENDER_NAME_W, 1 }, { NUMBER, TABLE_SORT_CATEG_MAX }, { NUMBER, 0 },
                { PR_SUBJECT_W, 0 } } };

    return do_sort(world->table, &order);
}

static HRESULT call_restrict(struct world *world)
{
    SPropValue value = { .ulPropTag = NUMBER };
    SRestriction restriction = { .rt = RES_PROPERTY };

    value.Value.l = 40;
    restriction.res.resProperty.relop = RELOP_LT;
    restriction.res.resProperty.ulPropTag = NUMBER;
    restriction.res.resProperty.lpProp = &value;
    return world->table->lpVtbl->Restrict(world->table, &restriction, 0);
}

static HRESULT call_count(struct world *world)
{
    ULONG count = 0xDEAD;
    HRESULT hr = world->table->lpVtbl->GetRowCount(world->table, 0, &count);

    if (FAILED(hr))
        assert_int_equal(count, 0);
    return hr;
}

static HRESULT call_seek(struct world *world)
{
    LONG moved = 0xDEAD;
    HRESULT hr = world->table->lpVtbl->SeekRow(world->table, BOOKMARK_BEGINNING, 3, &moved);

    assert_int_equal(moved, FAILED(hr) ? 0 : 3);
    return hr;
}

static HRESULT call_rows(struct world *world)
{
    LPSRowSet rows = POISON;
    HRESULT hr = world->table->lpVtbl->QueryRows(world->table, 4, 0, &rows);

    if (SUCCEEDED(hr))
        rows_free(rows);
    else
        assert_null(rows);
    return hr;
}

static HRESULT call_bookmark(struct world *world)
{
    BOOKMARK made = 0xDEAD;
    HRESULT hr = world->table->lpVtbl->CreateBookmark(world->table, &made);

    if (FAILED(hr))
        assert_int_equal(made, 0);
    return hr;
}

static HRESULT find(struct world *world, ULONG relop, ULONG tag, LPWSTR text)
{
    SPropValue value = { .ulPropTag = tag };
    SRestriction restriction = { .rt = RES_PROPERTY };

    value.Value.lpszW = text;
    restriction.res.resProperty.relop = relop;
    restriction.res.resProperty.ulPropTag = tag;
    restriction.res.resProperty.lpProp = &value;
    return world->table->lpVtbl->FindRow(world->table, &restriction, BOOKMARK_BEGINNING, 0);
}

static HRESULT call_find_halving(struct world *world)
{
    static WCHAR text[] = { 'm', '2', 0 };

    return find(world, RELOP_GE, PR_SUBJECT_W, text);
}

/* The last row in subject order: found in the scan, after the single rows. */
static HRESULT call_find_scan(struct world *world)
{
    static WCHAR text[] = { 'm', '2', '5', '9', 0 };

    return find(world, RELOP_EQ, PR_SUBJECT_W, text);
}

static HRESULT call_get_state(struct world *world)
{
    ULONG size = 0xDEAD;
    LPBYTE saved = POISON;
    HRESULT hr = world->table->lpVtbl->GetCollapseState(
            world->table, 0, world->key_size, world->key, &size, &saved);

    if (FAILED(hr)) {
        assert_int_equal(size, 0);
        assert_null(saved);
        return hr;
    }
    mapi_free(world->state);
    world->state = saved;
    world->state_size = size;
    return hr;
}

static HRESULT call_collapse(struct world *world)
{
    ULONG count = 0xDEAD;
    HRESULT hr =
            world->table->lpVtbl->CollapseRow(world->table, world->key_size, world->key, 0, &count);

    if (FAILED(hr))
        assert_int_equal(count, 0);
    return hr;
}

static HRESULT call_expand(struct world *world)
{
    ULONG more = 0xDEAD;
    LPSRowSet rows = POISON;
    HRESULT hr = world->table->lpVtbl->ExpandRow(
            world->table, world->key_size, world->key, 3, 0, &rows, &more);

    if (SUCCEEDED(hr)) {
        rows_free(rows);
        return hr;
    }
    assert_null(rows);
    assert_int_equal(more, 0);
    return hr;
}

static HRESULT call_set_state(struct world *world)
{
    BOOKMARK made = 0xDEAD;
    HRESULT hr = world->table->lpVtbl->SetCollapseState(
            world->table, 0, world->state_size, world->state, &made);

    if (FAILED(hr))
        assert_int_equal(made, 0);
    return hr;
}

/* Moves the stamp without a change that the table shows: the next call evaluates the view again. */
static void touch(struct world *world)
{
    world->status ^= 1;
    assert_int_equal(eng_msg_set_status(world->eng, world->some, 1, world->status, NULL), ENG_OK);
}

/* Takes the first row's key for the calls that need a heading. */
static void take_key(struct world *world)
{
    LPSRowSet rows = NULL;
    const SPropValue *key;

    assert_ok(world->table->lpVtbl->SeekRow(world->table, BOOKMARK_BEGINNING, 0, NULL));
    assert_ok(world->table->lpVtbl->QueryRows(world->table, 1, TBL_NOADVANCE, &rows));
    key = &rows->aRow[0].lpProps[0];
    assert_int_equal(key->ulPropTag, PR_INSTANCE_KEY);
    assert_true(key->Value.bin.cb <= sizeof(world->key));
    world->key_size = key->Value.bin.cb;
    memcpy(world->key, key->Value.bin.lpb, world->key_size);
    rows_free(rows);
}

/* Every allocation of one call fails once, ours, SQLite's and the client's. What is not needed may
 * fail without harm (SQLite can do without some of its memory). */
static void walk(
        struct world *world, const char *name, HRESULT (*call)(struct world *world), bool stale)
{
    char before[2048], after[2048];
    unsigned failures = 0;

    tell(world->table, before, sizeof(before));
    for (unsigned long nth = 1;; nth++) {
        size_t mapi_live = host_mem_live(0);
        bool failed;
        HRESULT hr;

        if (stale)
            touch(world);
        msp_alloc_fail_at(nth);
        host_mem_fail_at(nth);
        hr = call(world);
        failed = msp_alloc_fail_disarm();
        failed |= host_mem_fail_done();
        if (SUCCEEDED(hr)) {
            if (!failed)
                break;
            tell(world->table, before, sizeof(before));
            continue;
        }
        failures++;
        if (hr != MAPI_E_NOT_ENOUGH_MEMORY)
            fail_msg("%s, allocation %lu: 0x%08lx", name, nth, (unsigned long)hr);
        assert_int_equal(host_mem_live(0), mapi_live);
        tell(world->table, after, sizeof(after));
        if (strcmp(before, after) != 0)
            fail_msg("%s, allocation %lu: %s\nwas %s", name, nth, after, before);
    }
    if (failures == 0)
        fail_msg("%s: nothing failed", name);
}

#define WALK(name) walk(world, #name, call_##name, false)
#define WALK_STALE(name) walk(world, #name, call_##name, true)

/* Memory.Failure.1 Memory.Failure.2 IMAPITable.SortTable.4 IMAPITable.Restrict.5 */
static void table__nth_allocation_fails__says_so_and_stays_as_it_was(void **state)
{
    struct world *world = *state;

    WALK(open);
    WALK(columns);
    WALK(query_columns);
    WALK(rows);
    WALK(sort);
    WALK(query_order);
    WALK_STALE(rows);
    WALK_STALE(seek);
    WALK_STALE(bookmark);
    WALK_STALE(find_halving);
    WALK(find_scan);
    WALK(restrict);
    WALK_STALE(count);
    (void)call_seek(world);
    WALK_STALE(rows);
    WALK(columns_each);
    WALK_STALE(rows);
    WALK(sort_each);
    WALK_STALE(rows);
    WALK(columns);
    WALK(sort_categories);
    WALK_STALE(seek);
    take_key(world);
    WALK_STALE(get_state);
    WALK(collapse);
    WALK(set_state);
    (void)call_collapse(world);
    WALK(expand);
    WALK_STALE(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                table__nth_allocation_fails__says_so_and_stays_as_it_was, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
