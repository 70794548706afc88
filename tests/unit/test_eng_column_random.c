/* SPDX-License-Identifier: MIT */
/*
 * test_eng_column_random.c - two connections change a store at random; after every step the columns
 * of each are what a scan of the rows says, and some of them what single rows say.
 *
 * Locks: none; one thread.
 */
#include <stdlib.h>

#include "column_fixture.h"
#include "engine/eng_int.h"
#include "platform/env.h"

enum { FOLDERS = 3, MOST_MSGS = 400, STEPS = 3000 };

struct world {
    struct eng *engs[2];
    uint64_t folders[FOLDERS];
    uint64_t msgs[MOST_MSGS]; /* those that are surely there */
    size_t msg_count;
    uint64_t random;
    size_t near_rows;  /* that were told without being read singly */
    size_t rows_by_id; /* the same, one by one */
};

static uint32_t draw(struct world *world, uint32_t below)
{
    world->random ^= world->random << 13;
    world->random ^= world->random >> 7;
    world->random ^= world->random << 17;
    return (uint32_t)(world->random >> 32) % below;
}

static struct eng_msg draw_msg(struct world *world, struct eng *eng)
{
    struct eng_msg msg = any_msg_of(eng, world->folders[draw(world, FOLDERS)], draw(world, 1000));

    if (draw(world, 8) == 0)
        msg.flags |= MSG_ASSOCIATED;
    if (draw(world, 20) == 0)
        msg.delivered = draw(world, 2) == 0 ? 0 : UINT64_MAX - draw(world, 3);
    return msg;
}

static void step_new(struct world *world, struct eng *eng)
{
    if (world->msg_count < MOST_MSGS)
        world->msgs[world->msg_count++] = put_msg(eng, draw_msg(world, eng), ENG_PUT_NEW);
}

/* Changes a message that is there, one way or another. */
static void step_change(struct world *world, struct eng *eng)
{
    size_t at = draw(world, (uint32_t)world->msg_count);
    uint64_t id = world->msgs[at];
    struct eng_msg msg;
    uint64_t copy = 0;

    switch (draw(world, 8)) {
    case 0:
        assert_ok(eng_msg_delete(eng, id));
        world->msgs[at] = world->msgs[--world->msg_count];
        break;
    case 1:
    case 2:
        assert_ok(eng_msg_set_flags(eng, id, 0x19, draw(world, 32), NULL));
        break;
    case 3:
        assert_ok(eng_msg_set_status(eng, id, 0xFF, draw(world, 256), NULL));
        break;
    case 4:
        assert_ok(eng_msg_move(eng, id, world->folders[draw(world, FOLDERS)]));
        break;
    case 5:
        if (world->msg_count < MOST_MSGS) {
            assert_ok(
                    eng_msg_copy(eng, id, world->folders[draw(world, FOLDERS)], 1, NULL, 0, &copy));
            world->msgs[world->msg_count++] = copy;
        }
        break;
    default:
        msg = draw_msg(world, eng);
        msg.id = id;
        (void)put_msg(eng, msg, ENG_PUT_FORCE);
        break;
    }
}

static void step_any(struct world *world, struct eng *eng)
{
    if (world->msg_count == 0 || draw(world, 3) == 0)
        step_new(world, eng);
    else
        step_change(world, eng);
}

/* Rows between two of them, as far as they are told, are what reading each of them says. */
static void look_near(struct world *world, struct eng *eng)
{
    uint64_t folder = world->folders[draw(world, FOLDERS)];
    bool associated = draw(world, 4) == 0;
    uint32_t wanted = ENG_COLUMN_ID | draw(world, ENG_COLUMN_ALL + 1);
    struct msp_buf texts[2] = { MSP_BUF_INIT, MSP_BUF_INIT };
    struct msp_buf ids = MSP_BUF_INIT;
    struct eng_columns_part part;
    struct eng_msg ends[2];
    uint32_t count;

    assert_ok(eng_begin(eng, false));
    assert_ok(eng_msg_ids(eng, folder, associated, &ids));
    count = (uint32_t)(ids.size / sizeof(uint64_t));
    for (int i = 0; i < 2 && count > 0; i++)
        assert_ok(eng_msg_get(eng, ((const uint64_t *)(const void *)ids.data)[draw(world, count)],
                &ends[i], &texts[i], NULL));
    if (count > 0) {
        assert_ok(eng_columns_near(
                eng, associated, wanted, &ends[0], &ends[1], draw(world, 2 * MOST_MSGS), &part));
        assert_true(part.first <= part.end && part.end <= part.columns.count);
        for (size_t row = part.first; row < part.end; row++) {
            struct column_walk walk = { &part.columns, wanted, row };
            struct eng_msg msg;

            assert_ok(eng_msg_get(eng, part.columns.ids[row], &msg, &texts[0], NULL));
            assert_int_equal(msg.folder, folder);
            assert_int_equal((msg.flags & MSG_ASSOCIATED) != 0, associated);
            (void)compare_column_row(&walk, &msg, NULL, 0);
            world->near_rows++;
        }
    }
    assert_ok(eng_commit(eng));
    msp_buf_free(&texts[0]);
    msp_buf_free(&texts[1]);
    msp_buf_free(&ids);
}

/* Rows found by their ids, as far as they are, are what reading each of them says. */
static void look_by_id(struct world *world, struct eng *eng)
{
    uint64_t folder = world->folders[draw(world, FOLDERS)];
    bool associated = draw(world, 4) == 0;
    uint32_t wanted = ENG_COLUMN_ID | draw(world, ENG_COLUMN_ALL + 1);
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_columns columns;

    assert_ok(eng_begin(eng, false));
    if (draw(world, 8) == 0)
        assert_ok(eng_columns_get(eng, folder, associated,
                draw(world, ENG_COLUMN_ALL + 1) | ENG_COLUMN_BY_ID, &columns));
    assert_ok(eng_columns_by_id(eng, folder, associated, wanted, draw(world, MOST_MSGS), &columns));
    for (size_t i = 0; i < world->msg_count && columns.ids != NULL; i++) {
        struct column_walk walk = { &columns, wanted, 0 };
        struct eng_msg msg;

        if (!eng_columns_row(eng, folder, associated, world->msgs[i], &walk.row))
            continue;
        assert_true(walk.row < columns.count);
        assert_ok(eng_msg_get(eng, world->msgs[i], &msg, &texts, NULL));
        assert_int_equal(msg.folder, folder);
        assert_int_equal((msg.flags & MSG_ASSOCIATED) != 0, associated);
        (void)compare_column_row(&walk, &msg, NULL, 0);
        world->rows_by_id++;
    }
    assert_ok(eng_commit(eng));
    msp_buf_free(&texts);
}

/* Several in one transaction, which may be undone, with a look in the middle. */
static void step_transaction(struct world *world, struct eng *eng)
{
    size_t count = world->msg_count;
    uint64_t msgs[MOST_MSGS];
    bool keep = draw(world, 2) == 0;

    memcpy(msgs, world->msgs, sizeof(msgs));
    assert_ok(eng_begin(eng, true));
    for (uint32_t i = draw(world, 40); i > 0; i--)
        step_any(world, eng);
    for (int i = 0; i < FOLDERS; i++)
        (void)assert_columns_in(eng, world->folders[i], draw(world, 2) == 0, ENG_COLUMN_ALL);
    look_near(world, eng);
    look_by_id(world, eng);
    if (keep) {
        assert_ok(eng_commit(eng));
    } else {
        eng_rollback(eng);
        memcpy(world->msgs, msgs, sizeof(msgs));
        world->msg_count = count;
    }
}

static void step_bulk(struct world *world, struct eng *eng)
{
    assert_ok(eng_bulk(eng, true));
    for (uint32_t i = draw(world, 60); i > 0; i--)
        step_any(world, eng);
    (void)assert_columns(eng, world->folders[0], false, draw(world, ENG_COLUMN_ALL + 1));
    step_transaction(world, eng);
    (void)assert_columns(eng, world->folders[1], false, draw(world, ENG_COLUMN_ALL + 1));
    assert_ok(eng_bulk(eng, false));
}

static void step_policy(struct world *world, struct eng *eng)
{
    struct column_policy policy = { SIZE_MAX, 1, 1, 16 };

    if (draw(world, 3) == 0)
        policy.memory = 20000;
    policy.store_rows = draw(world, 100);
    policy.store_events = draw(world, 50);
    policy.segment_rows = (size_t)2 << draw(world, 6);
    assert_true(columns_policy(eng, &policy));
}

static void step(struct world *world, const struct fixture *fx)
{
    struct eng **eng = &world->engs[draw(world, 2)];
    uint32_t kind = draw(world, 100);

    if (kind < 80) {
        step_any(world, *eng);
    } else if (kind < 90) {
        step_transaction(world, *eng);
    } else if (kind < 94) {
        step_bulk(world, *eng);
    } else if (kind < 97) {
        eng_close(*eng);
        *eng = open_again(fx);
        if (draw(world, 4) != 0)
            store_always(*eng);
    } else {
        step_policy(world, *eng);
    }
}

/* Sometimes one of them looks only much later. */
static void look(struct world *world, struct eng *eng)
{
    for (int i = 0; i < FOLDERS; i++) {
        uint32_t wanted = draw(world, 2) == 0 ? ENG_COLUMN_ALL : draw(world, ENG_COLUMN_ALL + 1);

        (void)assert_columns(eng, world->folders[i], false, wanted);
        (void)assert_columns(eng, world->folders[i], true, wanted);
    }
}

static void any_changes__by_two_connections__columns_are_the_rows(void **state)
{
    struct fixture *fx = *state;
    struct world world = { .random = UINT64_C(88172645463325252) };
    char soak[8];
    char seed[16];
    int steps = msp_env_get("MAILKEEP_SOAK", soak, sizeof(soak)) > 1 ? STEPS * 10 : STEPS;

    if (msp_env_get("MAILKEEP_SEED", seed, sizeof(seed)) > 1)
        world.random += strtoul(seed, NULL, 10) * UINT64_C(0x9E3779B97F4A7C15);
    world.engs[0] = fx->eng;
    world.engs[1] = open_again(fx);
    world.folders[0] = ENG_ROOT_FOLDER;
    for (int i = 1; i < FOLDERS; i++)
        world.folders[i] =
                new_folder(fx->eng, ENG_ROOT_FOLDER, (const char[]){ (char)('a' + i), 0 });
    for (int i = 0; i < steps; i++) {
        step(&world, fx);
        look_near(&world, world.engs[0]);
        look_by_id(&world, world.engs[0]);
        if (draw(&world, 3) != 0)
            look(&world, world.engs[0]);
        if (draw(&world, 20) == 0)
            look(&world, world.engs[1]);
    }
    assert_true(world.near_rows > 1000);
    assert_true(world.rows_by_id > 1000);
    fx->eng = world.engs[0];
    assert_whole(fx->eng);
    eng_close(world.engs[1]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                any_changes__by_two_connections__columns_are_the_rows, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
