/* SPDX-License-Identifier: MIT */
/*
 * test_platform_bell.c - bells: who is woken, and when a number is free again.
 */
#include "platform/bell.h"
#include "platform/random.h"
#include "support/process.h"
#include "support/support.h"

enum { SOON = 0, LONG_ENOUGH = 60000 };

static const char name_variable[] = "MAILKEEP_BELL_NAME";

struct names {
    uint8_t name[MSP_BELL_NAME_SIZE];
    uint8_t other[MSP_BELL_NAME_SIZE];
};

static int setup(void **state)
{
    static struct names names;

    *state = &names;
    return msp_random_bytes(names.name, sizeof(names.name)) &&
                           msp_random_bytes(names.other, sizeof(names.other))
                   ? 0
                   : 1;
}

static void ring__before_the_wait__is_heard_once(void **state)
{
    const struct names *names = *state;
    struct msp_bell bell;

    assert_true(msp_bell_open(&bell, names->name));
    assert_false(msp_bell_wait(&bell, SOON));
    msp_bell_ring(&bell);
    msp_bell_ring(&bell);

    assert_true(msp_bell_wait(&bell, LONG_ENOUGH));
    assert_false(msp_bell_wait(&bell, SOON));
    msp_bell_close(&bell);
}

static void ring_all__several_bells__the_excepted_and_others_are_silent(void **state)
{
    const struct names *names = *state;
    struct msp_bell first, second, other;

    assert_true(msp_bell_open(&first, names->name));
    assert_true(msp_bell_open(&second, names->name));
    assert_true(msp_bell_open(&other, names->other));
    assert_int_not_equal(first.number, second.number);

    assert_true(msp_bell_ring_all(names->name, (uint32_t)1 << first.number));

    assert_false(msp_bell_wait(&first, SOON));
    assert_true(msp_bell_wait(&second, LONG_ENOUGH));
    assert_false(msp_bell_wait(&other, SOON));
    assert_false(msp_bell_ring_all(names->other, (uint32_t)1 << other.number));
    msp_bell_close(&first);
    msp_bell_close(&second);
    msp_bell_close(&other);
}

static void open__all_numbers_taken__is_refused_until_one_closes(void **state)
{
    const struct names *names = *state;
    struct msp_bell bells[MSP_BELL_COUNT], more;
    uint32_t seen = 0;

    for (unsigned i = 0; i < MSP_BELL_COUNT; i++) {
        assert_true(msp_bell_open(&bells[i], names->name));
        seen |= (uint32_t)1 << bells[i].number;
    }
    assert_int_equal(seen, (1u << MSP_BELL_COUNT) - 1);
    assert_false(msp_bell_open(&more, names->name));

    msp_bell_close(&bells[3]);
    assert_true(msp_bell_open(&more, names->name));
    assert_int_equal(more.number, bells[3].number);
    bells[3] = more;
    for (unsigned i = 0; i < MSP_BELL_COUNT; i++)
        msp_bell_close(&bells[i]);
}

/* The other process rings, and ends with a bell of its own. */
static int be_the_other(const char *text)
{
    struct names names = { { 0 }, { 0 } };
    struct msp_bell bell;

    for (size_t i = 0; i < sizeof(names.name); i++) {
        char digits[3] = { text[2 * i], text[2 * i + 1], '\0' };

        names.name[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    if (!msp_bell_open(&bell, names.name))
        return 1;
    (void)msp_bell_ring_all(names.name, (uint32_t)1 << bell.number);
    return bell.number == 1 ? 0 : 2;
}

static void ring_all__from_another_process__wakes(void **state)
{
    const struct names *names = *state;
    char text[2 * MSP_BELL_NAME_SIZE + 1];
    struct process *process;
    struct msp_bell bell, next;

    for (size_t i = 0; i < sizeof(names->name); i++)
        snprintf(text + 2 * i, 3, "%02x", names->name[i]);
    assert_true(msp_bell_open(&bell, names->name));
    assert_int_equal(bell.number, 0);
    host_env_set(name_variable, text);
    process = process_start_self(NULL);
    host_env_set(name_variable, NULL);
    assert_non_null(process);

    assert_true(msp_bell_wait(&bell, LONG_ENOUGH));
    assert_int_equal(process_wait(process), 0);
    assert_true(msp_bell_open(&next, names->name)); /* its number went with it */
    assert_int_equal(next.number, 1);
    msp_bell_close(&next);
    msp_bell_close(&bell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(ring__before_the_wait__is_heard_once, setup),
        cmocka_unit_test_setup(ring_all__several_bells__the_excepted_and_others_are_silent, setup),
        cmocka_unit_test_setup(open__all_numbers_taken__is_refused_until_one_closes, setup),
        cmocka_unit_test_setup(ring_all__from_another_process__wakes, setup),
    };
    const char *text = getenv(name_variable);

    if (text)
        return be_the_other(text);
    return cmocka_run_group_tests_name("platform_bell", tests, NULL, NULL);
}
