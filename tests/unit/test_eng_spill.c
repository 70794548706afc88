/* SPDX-License-Identifier: MIT */
/*
 * test_eng_spill.c - records outside of memory: they come back as they were, whatever happens to
 * the store's transactions, and their places are used again.
 */
#include "test_eng_fixture.h"

#include "engine/eng_int.h"

static uint64_t put(struct fixture *fx, const void *data, size_t size)
{
    uint64_t id = 0;

    assert_ok(eng_spill_put(fx->eng, data, size, &id));
    assert_int_not_equal(id, 0);
    return id;
}

static void assert_has(struct fixture *fx, uint64_t id, const void *data, size_t size)
{
    struct msp_buf out = MSP_BUF_INIT;

    assert_true(msp_buf_append_str(&out, "before"));
    assert_ok(eng_spill_get(fx->eng, id, &out));
    assert_int_equal(out.size, 6 + size);
    assert_memory_equal(out.data, "before", 6);
    assert_memory_equal(out.data + 6, data, size);
    msp_buf_free(&out);
}

static void put__any_bytes__come_back(void **state)
{
    struct fixture *fx = *state;
    static const uint8_t large[100000] = { 1, 0, 2 };
    uint64_t a = put(fx, "a\0b", 3);
    uint64_t b = put(fx, large, sizeof(large));
    uint64_t c = put(fx, "", 0);

    assert_has(fx, b, large, sizeof(large));
    assert_has(fx, a, "a\0b", 3);
    assert_has(fx, c, "", 0);
    assert_has(fx, a, "a\0b", 3); /* reading takes nothing away */
}

static void get__never_put__not_found(void **state)
{
    struct fixture *fx = *state;
    struct msp_buf out = MSP_BUF_INIT;

    assert_int_equal(eng_spill_get(fx->eng, 1, &out), ENG_NOT_FOUND);
    (void)put(fx, "a", 1);
    assert_int_equal(eng_spill_get(fx->eng, 1000, &out), ENG_NOT_FOUND);
    assert_int_equal(out.size, 0);
}

static void drop__place_used_again(void **state)
{
    struct fixture *fx = *state;
    uint64_t a, b;

    eng_spill_drop(fx->eng, 7); /* nothing was ever put */
    a = put(fx, "first", 5);
    b = put(fx, "second", 6);
    eng_spill_drop(fx->eng, a);
    assert_int_equal(put(fx, "third", 5), a);
    assert_has(fx, a, "third", 5);
    assert_has(fx, b, "second", 6);
    assert_int_not_equal(put(fx, "fourth", 6), b);
}

static void put__in_a_transaction_rolled_back__stays(void **state)
{
    struct fixture *fx = *state;
    uint64_t id;

    assert_ok(eng_begin(fx->eng, true));
    id = put(fx, "kept", 4);
    eng_rollback(fx->eng);
    assert_has(fx, id, "kept", 4);
}

/* Whoever waits for the engine to stop does not lose what rests there. */
static void get__interrupted__comes_all_the_same(void **state)
{
    struct fixture *fx = *state;
    uint64_t id = put(fx, "kept", 4);

    eng_interrupt(fx->eng);
    assert_has(fx, id, "kept", 4);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(put__any_bytes__come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(get__never_put__not_found, setup, teardown),
        cmocka_unit_test_setup_teardown(drop__place_used_again, setup, teardown),
        cmocka_unit_test_setup_teardown(put__in_a_transaction_rolled_back__stays, setup, teardown),
        cmocka_unit_test_setup_teardown(get__interrupted__comes_all_the_same, setup, teardown),
    };

    return cmocka_run_group_tests_name("eng_spill", tests, NULL, NULL);
}
