/* SPDX-License-Identifier: MIT */
/*
 * test_util_list.c - the ring of links.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/list.h"

struct item {
    char name;
    struct msp_list link;
};

static struct item *item_of(struct msp_list *link)
{
    return MSP_CONTAINER(link, struct item, link);
}

/* The names in order, forwards and backwards. */
static void assert_names(struct msp_list *head, const char *expected)
{
    struct msp_list *cur;
    size_t length = 0;

    MSP_LIST_FOR_EACH(cur, head)
    {
        assert_true(expected[length] != '\0');
        assert_int_equal(item_of(cur)->name, expected[length]);
        length++;
    }
    assert_int_equal(length, strlen(expected));
    for (cur = head->prev; cur != head; cur = cur->prev)
        assert_int_equal(item_of(cur)->name, expected[--length]);
    assert_int_equal(length, 0);
    assert_int_equal(msp_list_is_empty(head), expected[0] == '\0');
}

static void add__both_ends_and_between__keeps_order(void **state)
{
    struct msp_list head = MSP_LIST_INIT(head);
    struct item a = { .name = 'a' }, b = { .name = 'b' }, c = { .name = 'c' }, d = { .name = 'd' };

    (void)state;
    assert_names(&head, "");
    assert_null(msp_list_first(&head));
    assert_null(msp_list_last(&head));
    msp_list_add_tail(&head, &b.link);
    msp_list_add_tail(&head, &d.link);
    msp_list_add_head(&head, &a.link);
    msp_list_add_after(&b.link, &c.link);

    assert_names(&head, "abcd");
    assert_ptr_equal(item_of(msp_list_first(&head)), &a);
    assert_ptr_equal(item_of(msp_list_last(&head)), &d);
}

static void remove__anywhere_and_twice__leaves_the_rest(void **state)
{
    struct msp_list head = MSP_LIST_INIT(head);
    struct item a = { .name = 'a' }, b = { .name = 'b' }, c = { .name = 'c' };

    (void)state;
    msp_list_add_tail(&head, &a.link);
    msp_list_add_tail(&head, &b.link);
    msp_list_add_tail(&head, &c.link);

    msp_list_remove(&b.link);
    assert_names(&head, "ac");
    assert_true(msp_list_is_empty(&b.link));
    msp_list_remove(&b.link);
    assert_names(&head, "ac");
    msp_list_remove(&c.link);
    msp_list_remove(&a.link);
    assert_names(&head, "");
    msp_list_add_tail(&head, &b.link);
    assert_names(&head, "b");
}

static void for_each_safe__items_freed_on_the_way__visits_all(void **state)
{
    struct msp_list head, *cur, *following;
    int seen = 0;

    (void)state;
    msp_list_init(&head);
    for (int i = 0; i < 10; i++) {
        struct item *item = malloc(sizeof(*item));

        assert_non_null(item);
        msp_list_add_tail(&head, &item->link);
    }
    MSP_LIST_FOR_EACH_SAFE(cur, following, &head)
    {
        msp_list_remove(cur);
        free(item_of(cur));
        seen++;
    }

    assert_int_equal(seen, 10);
    assert_true(msp_list_is_empty(&head));
}

static void move_all__empty_or_not__joins(void **state)
{
    struct msp_list to = MSP_LIST_INIT(to), from = MSP_LIST_INIT(from);
    struct item a = { .name = 'a' }, b = { .name = 'b' }, c = { .name = 'c' };

    (void)state;
    msp_list_move_all(&to, &from);
    assert_names(&to, "");
    msp_list_add_tail(&from, &a.link);
    msp_list_add_tail(&from, &b.link);
    msp_list_move_all(&to, &from);
    assert_names(&to, "ab");
    assert_names(&from, "");
    msp_list_add_tail(&from, &c.link);
    msp_list_move_all(&to, &from);
    assert_names(&to, "abc");
    msp_list_move_all(&to, &from);
    assert_names(&to, "abc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add__both_ends_and_between__keeps_order),
        cmocka_unit_test(remove__anywhere_and_twice__leaves_the_rest),
        cmocka_unit_test(for_each_safe__items_freed_on_the_way__visits_all),
        cmocka_unit_test(move_all__empty_or_not__joins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
