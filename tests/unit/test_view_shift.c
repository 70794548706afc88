/* SPDX-License-Identifier: MIT */
/*
 * test_view_shift.c - rows that go and come among others that stay, against the slowest way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "com/view_follow.h"
#include "util/alloc.h"

enum { MOST = 40, ROUNDS = 20000, GAP = 255 };

static uint32_t seed = 7;

static uint32_t any(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)seed * below) >> 32);
}

/* Which go, which come and where from; and what comes out of the numbers 0 to old_count - 1. */
struct plan {
    size_t old_count;
    size_t gone[MOST];
    size_t gone_count;
    struct view_come come[MOST];
    size_t come_count;
    uint8_t expected[2 * MOST]; /* GAP: one that comes */
    size_t count;
};

static void make_plan(struct plan *plan)
{
    uint32_t often = 1 + any(6);
    size_t moved;

    memset(plan, 0, sizeof(*plan));
    plan->old_count = any(MOST);
    for (size_t i = 0; i <= plan->old_count; i++) {
        while (any(often + 3) == 0 && plan->come_count < MOST) {
            plan->come[plan->come_count].position = plan->count;
            plan->come[plan->come_count++].old = SIZE_MAX;
            plan->expected[plan->count++] = GAP;
        }
        if (i < plan->old_count && any(often) == 0)
            plan->gone[plan->gone_count++] = i;
        else if (i < plan->old_count)
            plan->expected[plan->count++] = (uint8_t)i;
    }
    moved = plan->gone_count < plan->come_count ? plan->gone_count : plan->come_count;
    for (size_t i = 0; i < moved; i++) /* the first are only elsewhere */
        plan->come[moved - 1 - i].old = plan->gone[i];
}

static struct view_shift shift_of(const struct plan *plan)
{
    struct view_shift shift = { plan->old_count, plan->gone, plan->gone_count, plan->come,
        plan->come_count };

    return shift;
}

static void shift_items__random__all_others_are_in_their_places(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct plan plan;
        struct view_shift shift;
        uint8_t *bytes;
        uint64_t *numbers;
        size_t room;

        make_plan(&plan);
        shift = shift_of(&plan);
        room = plan.old_count > plan.count ? plan.old_count : plan.count;
        bytes = malloc(room + 1); /* no more than is needed, for the sanitizer */
        numbers = malloc((room + 1) * sizeof(*numbers));
        assert_non_null(bytes);
        assert_non_null(numbers);
        for (size_t i = 0; i < plan.old_count; i++) {
            bytes[i] = (uint8_t)i;
            numbers[i] = i;
        }
        view_shift_items(bytes, sizeof(*bytes), &shift);
        view_shift_items(numbers, sizeof(*numbers), &shift);
        for (size_t i = 0; i < plan.count; i++) {
            if (plan.expected[i] == GAP)
                continue;
            assert_int_equal(bytes[i], plan.expected[i]);
            assert_int_equal(numbers[i], plan.expected[i]);
        }
        free(bytes);
        free(numbers);
    }
}

/* Where the row with a number is now; SIZE_MAX: nowhere. */
static size_t find(const struct plan *plan, size_t old)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->expected[i] == old)
            return i;
    }
    for (size_t i = 0; i < plan->come_count; i++) {
        if (plan->come[i].old == old)
            return plan->come[i].position;
    }
    return SIZE_MAX;
}

static size_t expected_place(const struct plan *plan, size_t place, bool *moved)
{
    for (size_t i = place; i < plan->old_count; i++) {
        if (find(plan, i) != SIZE_MAX) {
            *moved = i != place;
            return find(plan, i);
        }
    }
    *moved = place < plan->old_count;
    for (size_t i = place; i-- > 0;) {
        if (find(plan, i) != SIZE_MAX)
            return find(plan, i) + 1;
    }
    return 0;
}

static void shift_places__random__stay_on_their_rows(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct view view;
        struct plan plan;
        struct view_shift shift;
        struct view_bookmark bookmark = { .handle = 9 };
        struct view_bookmark *now;
        bool moved = false;
        size_t cursor;
        size_t place;

        make_plan(&plan);
        shift = shift_of(&plan);
        view_init(&view, NULL);
        bookmark.position = any((uint32_t)plan.old_count + 1);
        view.cursor = any((uint32_t)plan.old_count + 1);
        assert_non_null(msp_array_push(&view.bookmarks, &bookmark));
        cursor = view.cursor > 0 ? expected_place(&plan, view.cursor, &moved) : 0;
        place = expected_place(&plan, bookmark.position, &moved);

        view_shift_places(&view, &shift);
        now = MSP_ARRAY_AT(struct view_bookmark, &view.bookmarks, 0);
        assert_int_equal(view.cursor, cursor);
        assert_int_equal(now->position, place);
        assert_int_equal(now->moved, moved);
        view_done(&view);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(shift_items__random__all_others_are_in_their_places),
        cmocka_unit_test(shift_places__random__stay_on_their_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
