/* SPDX-License-Identifier: MIT */
/*
 * test_fault_body.c - bodies are made and kept in step while every single allocation fails once:
 * of one that is made it is said, nothing changes, and made again it works; a save does without the
 * comparison and drops what is old. A store that is closing interrupts both.
 *
 * White box: a bag on a store in memory, below a root object of this file in place of a logon.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "com/body.h"
#include "com/logon.h"
#include "util/alloc.h"
#include "util/buf.h"

#define assert_hr(actual, expected) assert_int_equal((uint32_t)(actual), (uint32_t)(expected))

static const char rtf[] =
        "\x90\0\0\0\x84\0\0\0MELA\0\0\0\0{\\rtf1\\ansi\\fromhtml1 {\\fonttbl{\\f0\\fcharset204 A;}}"
        "{\\*\\htmltag64 <p>}\\f0 \\'ef\\u8364?{\\*\\htmltag72 </p>}\\htmlrtf\\par\\htmlrtf0       "
        "  "
        "                         }";

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
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct eng_open_params params = { .path = ":memory:", .create = true };

    assert_non_null(world);
    assert_int_equal(eng_open(&params, &world->eng, NULL), ENG_OK);
    world->domain = msp_domain_new();
    world->logon = msp_object_alloc(&root_class);
    assert_non_null(world->domain);
    assert_non_null(world->logon);
    world->logon->eng = world->eng;
    msp_list_init(&world->logon->idle.newest);
    msp_object_start(&world->logon->object, world->domain, NULL);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;

    assert_int_equal(msp_object_release(&world->logon->object), 0);
    msp_domain_release(world->domain);
    eng_close(world->eng);
    assert_int_equal(msp_object_count(), 0);
    free(world);
    return 0;
}

static void set(struct bag *bag, ULONG tag, const void *data, size_t size)
{
    assert_true(bag_set(bag, tag, 0, data, size));
}

/* HTML that lies in a value of its own. */
static void set_large_html(struct world *world, struct bag *bag)
{
    static char html[200000];
    struct bag_large large = { 0, sizeof(html) };
    uint8_t reference[16];

    memset(html, 'x', sizeof(html));
    memcpy(html, "<p>a\xE4&euro;</p>", 15);
    assert_int_equal(eng_value_new(world->eng, &large.id), ENG_OK);
    assert_int_equal(eng_value_write(world->eng, large.id, 0, html, sizeof(html)), ENG_OK);
    bag_large_put(&large, reference);
    assert_true(bag_set(bag, PR_HTML, BAG_LARGE, reference, sizeof(reference)));
}

/* The value under failing allocations, and it is the same whenever it is there. */
static void walk_cell(struct world *world, const struct bag *bag, ULONG tag)
{
    const struct body body = { .logon = world->logon, .bag = bag };
    struct msp_buf expected = MSP_BUF_INIT;
    unsigned long nth;
    bool failed = true;

    for (nth = 0; failed; nth++) {
        struct prop_scratch scratch;
        struct bag_value cell;
        HRESULT hr;

        prop_scratch_init(&scratch);
        if (nth > 0)
            msp_alloc_fail_at(nth);
        hr = body_cell(&body, tag, &scratch, &cell);
        if (nth > 0)
            failed = msp_alloc_fail_disarm();
        if (nth == 0 || !failed)
            assert_hr(hr, S_OK);
        if (FAILED(hr))
            assert_hr(hr, MAPI_E_NOT_ENOUGH_MEMORY);
        else if (nth == 0)
            assert_true(msp_buf_append(&expected, cell.data, cell.size));
        else if (cell.size != expected.size || memcmp(cell.data, expected.data, cell.size) != 0)
            fail_msg("allocation %lu: another value of 0x%lx", nth, (unsigned long)tag);
        prop_scratch_done(&scratch);
    }
    assert_true(nth > 2);
    msp_buf_free(&expected);
}

static void made__every_allocation_fails_once__says_so(void **state)
{
    struct world *world = *state;
    struct bag bag;

    bag_init(&bag);
    set(&bag, PR_RTF_COMPRESSED, rtf, sizeof(rtf) - 1);
    walk_cell(world, &bag, PR_BODY_W);
    walk_cell(world, &bag, PR_HTML);
    walk_cell(world, &bag, PR_BODY_HTML_W);
    walk_cell(world, &bag, PR_NATIVE_BODY_INFO);
    bag_done(&bag);
    set_large_html(world, &bag);
    walk_cell(world, &bag, PR_BODY_W);
    walk_cell(world, &bag, PR_BODY_HTML_W);
    walk_cell(world, &bag, PR_RTF_COMPRESSED);
    bag_done(&bag);
    set(&bag, PR_BODY_W, "text", 4);
    walk_cell(world, &bag, PR_RTF_COMPRESSED);
    bag_done(&bag);
}

static bool has(const struct bag *bag, ULONG tag)
{
    struct bag_value cell;

    return bag_get(bag, tag, &cell);
}

/* A saved message with all three, whose text is new. */
static void change_text(struct world *world, struct bag *bag)
{
    struct msp_buf packed = MSP_BUF_INIT;

    bag_init(bag);
    set(bag, PR_BODY_W, "old", 3);
    set(bag, PR_RTF_COMPRESSED, rtf, sizeof(rtf) - 1);
    set(bag, PR_RTF_IN_SYNC, "\1", 1);
    set_large_html(world, bag);
    assert_true(bag_pack(bag, &packed));
    assert_int_equal(bag_load(bag, packed.data, packed.size), BAG_OK);
    msp_buf_free(&packed);
    set(bag, PR_BODY_W, "new", 3);
}

static HRESULT settle(struct world *world, struct bag *bag)
{
    struct msp_call call;
    HRESULT hr;

    assert_hr(msp_call_begin(&call, &world->logon->object), S_OK);
    hr = body_settle(&call, world->logon, bag);
    return msp_call_end(&call, hr);
}

/* What there is no memory to compare is dropped: no comparison fails a save, and nothing old is
 * left to be taken for current. Only room for the removals is needed, before anything else. */
static void settled__every_allocation_fails_once__old_ones_go(void **state)
{
    struct world *world = *state;
    bool failed = true;
    unsigned refused = 0;

    for (unsigned long nth = 1; failed; nth++) {
        struct bag bag;
        HRESULT hr;

        change_text(world, &bag);
        msp_alloc_fail_at(nth);
        hr = settle(world, &bag);
        failed = msp_alloc_fail_disarm();
        if (FAILED(hr)) {
            refused++;
            assert_hr(hr, MAPI_E_NOT_ENOUGH_MEMORY);
            assert_true(has(&bag, PR_HTML) && has(&bag, PR_RTF_COMPRESSED));
            assert_true(has(&bag, PR_RTF_IN_SYNC));
            hr = settle(world, &bag);
        }
        assert_hr(hr, S_OK);
        assert_true(has(&bag, PR_BODY_W));
        assert_false(has(&bag, PR_HTML) || has(&bag, PR_RTF_COMPRESSED));
        assert_false(has(&bag, PR_RTF_IN_SYNC));
        bag_done(&bag);
    }
    assert_true(refused <= 1);
}

static void settled__store_is_closing__interrupted(void **state)
{
    struct world *world = *state;
    struct bag bag;

    change_text(world, &bag);
    set(&bag, PR_BODY_W, "old", 3); /* what it is compared with is in the store */
    set_large_html(world, &bag);
    atomic_store(&world->domain->closing, true);
    assert_hr(settle(world, &bag), MAPI_E_INVALID_OBJECT);
    atomic_store(&world->domain->closing, false);
    assert_true(has(&bag, PR_RTF_COMPRESSED) && has(&bag, PR_RTF_IN_SYNC));
    bag_done(&bag);
}

static void made__store_is_closing__interrupted(void **state)
{
    struct world *world = *state;
    struct bag bag;
    const struct body body = { .logon = world->logon, .bag = &bag };
    struct prop_scratch scratch;
    struct bag_value cell;

    bag_init(&bag);
    prop_scratch_init(&scratch);
    set_large_html(world, &bag);
    atomic_store(&world->domain->closing, true);
    assert_hr(body_cell(&body, PR_BODY_W, &scratch, &cell), MAPI_E_INVALID_OBJECT);
    atomic_store(&world->domain->closing, false);
    assert_hr(body_cell(&body, PR_BODY_W, &scratch, &cell), S_OK);
    prop_scratch_done(&scratch);
    bag_done(&bag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                made__every_allocation_fails_once__says_so, setup, teardown),
        cmocka_unit_test_setup_teardown(
                settled__every_allocation_fails_once__old_ones_go, setup, teardown),
        cmocka_unit_test_setup_teardown(settled__store_is_closing__interrupted, setup, teardown),
        cmocka_unit_test_setup_teardown(made__store_is_closing__interrupted, setup, teardown),
    };

    return cmocka_run_group_tests_name("fault_body", tests, NULL, NULL);
}
