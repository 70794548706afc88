/* SPDX-License-Identifier: MIT */
/*
 * test_mapibuf.c - memory that the client frees, and the arena inside it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mapi/mapibuf.h"

/* A host whose blocks are dirty and that can refuse in each way hosts do. */
static ULONG asked;
static void *freed;
static SCODE answer;
static bool give_nothing;

static SCODE STDMETHODCALLTYPE host_allocate(ULONG size, LPVOID *out)
{
    asked = size;
    *out = NULL;
    if (FAILED(answer) || give_nothing)
        return answer;
    *out = malloc(size);
    memset(*out, 0xA5, size);
    return answer;
}

static void *more_root;

static SCODE STDMETHODCALLTYPE host_allocate_more(ULONG size, LPVOID root, LPVOID *out)
{
    more_root = root;
    return host_allocate(size, out);
}

static ULONG STDAPICALLTYPE host_free(LPVOID block)
{
    freed = block;
    free(block);
    return 0;
}

static const struct mapi_alloc host = { host_allocate, host_allocate_more, host_free };

static int reset(void **state)
{
    (void)state;
    asked = 0;
    freed = more_root = NULL;
    answer = S_OK;
    give_nothing = false;
    return 0;
}

static void mapibuf_new__any_size__gives_a_zeroed_block(void **state)
{
    static const uint8_t zeros[100];
    void *block;

    (void)state;
    assert_int_equal(mapibuf_new(&host, 100, &block), S_OK);

    assert_int_equal(asked, 100);
    assert_memory_equal(block, zeros, 100);
    mapibuf_free(&host, block);
    assert_ptr_equal(freed, block);
}

static void mapibuf_new__size_0__asks_for_one_byte(void **state)
{
    void *block;

    (void)state;
    assert_int_equal(mapibuf_new(&host, 0, &block), S_OK);

    assert_int_equal(asked, 1);
    assert_non_null(block);
    mapibuf_free(&host, block);
}

/* Memory.Failure.1 Memory.Failure.2 */
static void mapibuf_new__host_refuses__is_not_enough_memory_and_null(void **state)
{
    void *block = &asked;

    (void)state;
    answer = E_FAIL;
    assert_int_equal(mapibuf_new(&host, 8, &block), MAPI_E_NOT_ENOUGH_MEMORY);
    assert_null(block);
    block = &asked;
    assert_int_equal(mapibuf_more(&host, &asked, 8, &block), MAPI_E_NOT_ENOUGH_MEMORY);
    assert_null(block);

    answer = S_OK;
    give_nothing = true;
    block = &asked;
    assert_int_equal(mapibuf_new(&host, 8, &block), MAPI_E_NOT_ENOUGH_MEMORY);
    assert_null(block);
    block = &asked;
    assert_int_equal(mapibuf_more(&host, &asked, 8, &block), MAPI_E_NOT_ENOUGH_MEMORY);
    assert_null(block);
}

static void mapibuf_new__more_than_32_bits__does_not_ask_for_less(void **state)
{
    void *block = &asked;

    (void)state;
#if SIZE_MAX > UINT32_MAX
    assert_int_equal(mapibuf_new(&host, (size_t)UINT32_MAX + 9, &block), MAPI_E_NOT_ENOUGH_MEMORY);
    assert_null(block);
    block = &asked;
    assert_int_equal(
            mapibuf_more(&host, &asked, (size_t)UINT32_MAX + 9, &block), MAPI_E_NOT_ENOUGH_MEMORY);
    assert_null(block);
#else
    (void)block;
#endif
    assert_int_equal(asked, 0);
}

/* Memory.Ownership.1: parts are chained to their root. */
static void mapibuf_more__root_given__chains_to_it(void **state)
{
    void *root, *part;

    (void)state;
    assert_int_equal(mapibuf_new(&host, 4, &root), S_OK);
    assert_int_equal(mapibuf_more(&host, root, 7, &part), S_OK);

    assert_ptr_equal(more_root, root);
    assert_int_equal(asked, 7);
    free(part);
    mapibuf_free(&host, root);
}

static void mapibuf_free__null__does_not_reach_the_host(void **state)
{
    (void)state;
    freed = &asked;
    mapibuf_free(&host, NULL);
    assert_ptr_equal(freed, &asked);
}

static void mapi_arena_take__odd_sizes__stay_aligned_and_within_the_plan(void **state)
{
    uint64_t room[8];
    struct mapi_arena arena = { (uint8_t *)room, sizeof(room) };
    uint8_t *a, *b, *c, *d;

    (void)state;
    a = mapi_arena_take(&arena, 1);
    b = mapi_arena_take(&arena, 0);
    c = mapi_arena_take(&arena, 9);
    d = mapi_arena_take(&arena, 40);

    assert_ptr_equal(a, room);
    assert_ptr_equal(b, (uint8_t *)room + 8);
    assert_ptr_equal(c, (uint8_t *)room + 8);
    assert_ptr_equal(d, (uint8_t *)room + 24);
    assert_int_equal(arena.left, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(mapibuf_new__any_size__gives_a_zeroed_block, reset),
        cmocka_unit_test_setup(mapibuf_new__size_0__asks_for_one_byte, reset),
        cmocka_unit_test_setup(mapibuf_new__host_refuses__is_not_enough_memory_and_null, reset),
        cmocka_unit_test_setup(mapibuf_new__more_than_32_bits__does_not_ask_for_less, reset),
        cmocka_unit_test_setup(mapibuf_more__root_given__chains_to_it, reset),
        cmocka_unit_test_setup(mapibuf_free__null__does_not_reach_the_host, reset),
        cmocka_unit_test_setup(mapi_arena_take__odd_sizes__stay_aligned_and_within_the_plan, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
