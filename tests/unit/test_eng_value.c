/* SPDX-License-Identifier: MIT */
/*
 * test_eng_value.c - large values: bytes, ownership, what becomes of those nobody wants.
 *
 * Locks: none; each test runs alone.
 */
#include <stdlib.h>

#include "engine/eng_int.h"
#include "test_eng_fixture.h"

enum { CHUNK = 256 * 1024 };

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void fill(uint8_t *data, size_t size, uint32_t seed)
{
    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t)(next_random(&seed) >> 3);
}

static uint64_t new_value(struct eng *eng, const void *data, size_t size)
{
    uint64_t id = 0;

    assert_ok(eng_value_new(eng, &id));
    assert_ok(eng_value_write(eng, id, 0, data, size));
    return id;
}

static void assert_value(struct eng *eng, uint64_t id, const uint8_t *expected, size_t size)
{
    uint8_t *data = malloc(size + 1);
    uint64_t said = 0;
    size_t got = 0;

    assert_ok(eng_value_size(eng, id, &said));
    assert_int_equal(said, size);
    assert_ok(eng_value_read(eng, id, 0, data, size + 1, &got));
    assert_int_equal(got, size);
    if (size > 0)
        assert_memory_equal(data, expected, size);
    free(data);
}

/* A message that owns some values. */
static uint64_t save_with(struct eng *eng, const uint64_t *ids, size_t count)
{
    struct msp_buf packed = record_of_values(ids, count);
    struct eng_msg msg = msg_of(new_id(eng), ENG_ROOT_FOLDER, "owner");
    uint64_t change;

    assert_ok(eng_msg_put(eng, &msg, ENG_PUT_NEW, packed.data, packed.size, &change));
    msp_buf_free(&packed);
    return msg.id;
}

static int64_t count_rows(struct eng *eng, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int64_t count;

    assert_int_equal(sqlite3_prepare_v2(eng->db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    count = sqlite3_column_int64(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return count;
}

static void assert_no_value(struct eng *eng, uint64_t id)
{
    uint64_t size = 9;
    uint8_t byte;
    size_t got = 9;

    assert_int_equal(eng_value_size(eng, id, &size), ENG_NOT_FOUND);
    assert_int_equal(size, 0);
    assert_int_equal(eng_value_read(eng, id, 0, &byte, 1, &got), ENG_NOT_FOUND);
    assert_int_equal(got, 0);
}

static void value__saved__is_there_after_reopen(void **state)
{
    static uint8_t data[3 * CHUNK + 77];
    struct fixture *fx = *state;
    uint64_t id;

    fill(data, sizeof(data), 1);
    id = new_value(fx->eng, data, sizeof(data));
    (void)save_with(fx->eng, &id, 1);
    assert_value(fx->eng, id, data, sizeof(data));
    reopen(fx);

    assert_value(fx->eng, id, data, sizeof(data));
    assert_whole(fx->eng);
}

static void value__not_saved__is_gone_after_close(void **state)
{
    static uint8_t data[2 * CHUNK];
    struct fixture *fx = *state;
    uint64_t id = new_value(fx->eng, data, sizeof(data));

    reopen(fx);

    assert_no_value(fx->eng, id);
    assert_int_equal(count_rows(fx->eng, "SELECT count(*) FROM stream"), 0);
    assert_int_equal(count_rows(fx->eng, "SELECT count(*) FROM value"), 0);
    assert_whole(fx->eng);
}

static void value__owned__cannot_be_written_or_freed(void **state)
{
    struct fixture *fx = *state;
    uint64_t id = new_value(fx->eng, "abc", 3);

    (void)save_with(fx->eng, &id, 1);

    assert_int_equal(eng_value_write(fx->eng, id, 0, "x", 1), ENG_DENIED);
    assert_int_equal(eng_value_resize(fx->eng, id, 1), ENG_DENIED);
    assert_int_equal(eng_value_free(fx->eng, id), ENG_DENIED);
    assert_value(fx->eng, id, (const uint8_t *)"abc", 3);
    assert_int_equal(eng_value_write(fx->eng, 4711, 0, "x", 1), ENG_NOT_FOUND);
    assert_int_equal(eng_value_write(fx->eng, 0, 0, "x", 1), ENG_NOT_FOUND);
    assert_no_value(fx->eng, UINT64_MAX);
}

static void value__owned_by_one__cannot_be_owned_by_another(void **state)
{
    struct fixture *fx = *state;
    uint64_t id = new_value(fx->eng, "abc", 3);
    struct msp_buf packed = record_of_values(&id, 1);
    struct eng_msg msg = msg_of(new_id(fx->eng), ENG_ROOT_FOLDER, "thief");
    uint64_t change;

    (void)save_with(fx->eng, &id, 1);

    assert_int_equal(eng_msg_put(fx->eng, &msg, ENG_PUT_NEW, packed.data, packed.size, &change),
            ENG_INVALID);
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 1, 1, 0, 0);
    assert_whole(fx->eng);
    msp_buf_free(&packed);
}

static void put__value_no_longer_named__is_freed(void **state)
{
    struct fixture *fx = *state;
    uint64_t ids[3] = { new_value(fx->eng, "a", 1), new_value(fx->eng, "b", 1), 0 };
    uint64_t owner = save_with(fx->eng, ids, 2);
    struct eng_msg msg = msg_of(owner, ENG_ROOT_FOLDER, "owner");
    uint64_t now[2] = { ids[1], new_value(fx->eng, "c", 1) };
    struct msp_buf packed = record_of_values(now, 2);
    uint64_t change;

    msg.change = 1;
    assert_ok(eng_msg_put(fx->eng, &msg, 0, packed.data, packed.size, &change));

    assert_no_value(fx->eng, ids[0]);
    assert_value(fx->eng, now[0], (const uint8_t *)"b", 1);
    assert_value(fx->eng, now[1], (const uint8_t *)"c", 1);
    assert_whole(fx->eng);
    assert_ok(eng_msg_delete(fx->eng, owner));
    assert_no_value(fx->eng, now[0]);
    assert_whole(fx->eng);
    msp_buf_free(&packed);
}

static void owners__of_every_kind__free_their_values(void **state)
{
    struct fixture *fx = *state;
    uint64_t ids[4];
    struct msp_buf packed[4];
    struct eng_part part;
    uint64_t folder;
    uint64_t msg = new_msg(fx->eng, ENG_ROOT_FOLDER, "m");

    for (size_t i = 0; i < 4; i++) {
        ids[i] = new_value(fx->eng, "abc", 3);
        packed[i] = record_of_values(&ids[i], 1);
    }
    part = (struct eng_part){ 1, 0, packed[0].data, packed[0].size };
    assert_ok(eng_attachment_put(fx->eng, msg, &part));
    assert_ok(eng_folder_create(fx->eng, 1, 1, "f", 1, packed[1].data, packed[1].size, &folder));
    assert_ok(eng_store_props_set(fx->eng, packed[2].data, packed[2].size));
    part.packed = packed[3].data;
    assert_int_equal(eng_recipients_put(fx->eng, msg, &part, 1), ENG_INVALID);
    assert_whole(fx->eng);

    assert_ok(eng_attachment_delete(fx->eng, msg, 1));
    assert_ok(eng_folder_set(fx->eng, folder, NULL, 0, "", 0));
    assert_ok(eng_store_props_set(fx->eng, NULL, 0));
    assert_ok(eng_value_free(fx->eng, ids[3]));

    for (size_t i = 0; i < 4; i++) {
        assert_no_value(fx->eng, ids[i]);
        msp_buf_free(&packed[i]);
    }
    assert_int_equal(count_rows(fx->eng, "SELECT count(*) FROM stream"), 0);
    assert_whole(fx->eng);
}

static void delete__large_value__is_removed_in_time(void **state)
{
    static uint8_t data[20 * CHUNK];
    struct fixture *fx = *state;
    uint64_t id = new_value(fx->eng, data, sizeof(data));
    uint64_t owner = save_with(fx->eng, &id, 1);

    assert_ok(eng_begin(fx->eng, true));
    assert_ok(eng_msg_delete(fx->eng, owner));
    assert_no_value(fx->eng, id);
    assert_int_equal(count_rows(fx->eng, "SELECT count(*) FROM stream"), 20);
    assert_ok(eng_commit(fx->eng));
    assert_whole(fx->eng);
    reopen(fx);

    assert_int_equal(count_rows(fx->eng, "SELECT count(*) FROM stream"), 0);
    assert_whole(fx->eng);
}

static void resize__smaller_and_larger__the_gap_is_zeros(void **state)
{
    static uint8_t data[2 * CHUNK + 100];
    static uint8_t expected[2 * CHUNK + 100];
    struct fixture *fx = *state;
    uint64_t id;

    fill(data, sizeof(data), 5);
    id = new_value(fx->eng, data, sizeof(data));
    memcpy(expected, data, CHUNK + 10);
    assert_ok(eng_value_resize(fx->eng, id, CHUNK + 10));
    assert_value(fx->eng, id, expected, CHUNK + 10);
    assert_ok(eng_value_resize(fx->eng, id, sizeof(data)));
    assert_value(fx->eng, id, expected, sizeof(data));
    assert_ok(eng_value_resize(fx->eng, id, 0));
    assert_value(fx->eng, id, expected, 0);
    assert_ok(eng_value_write(fx->eng, id, CHUNK + 3, "x", 1));
    memset(expected, 0, sizeof(expected));
    expected[CHUNK + 3] = 'x';
    assert_value(fx->eng, id, expected, CHUNK + 4);
    assert_int_equal(eng_value_resize(fx->eng, id, UINT64_C(1) << 60), ENG_FULL);
    assert_int_equal(eng_value_write(fx->eng, id, UINT64_MAX, "x", 1), ENG_FULL);
}

static void copy__is_a_value_of_its_own(void **state)
{
    static uint8_t data[70 * CHUNK + 5];
    struct fixture *fx = *state;
    uint64_t id;
    uint64_t copy = 0;

    fill(data, sizeof(data), 9);
    id = new_value(fx->eng, data, sizeof(data));
    assert_ok(eng_value_copy(fx->eng, id, &copy));
    assert_ok(eng_value_write(fx->eng, id, 0, "changed", 7));

    assert_true(copy != id && copy != 0);
    assert_value(fx->eng, copy, data, sizeof(data));
    assert_int_equal(eng_value_copy(fx->eng, 4711, &copy), ENG_NOT_FOUND);
    assert_int_equal(copy, 0);
}

/* Random work on three values at once, compared with plain memory after each step. */
struct shadow {
    uint64_t id;
    uint8_t *data;
    size_t size;
};

enum { SHADOW_MAX = 3 * CHUNK };

static void shadow_step(struct eng *eng, struct shadow *shadow, uint32_t *seed)
{
    static uint8_t bytes[CHUNK + 5000];
    size_t offset = next_random(seed) % SHADOW_MAX;
    size_t size = next_random(seed) % (next_random(seed) % 4 == 0 ? sizeof(bytes) : 3000);
    size_t got = 0;
    size_t expected;

    if (next_random(seed) % 3 == 0) /* often at borders */
        offset = (size_t)(next_random(seed) % 3) * CHUNK + next_random(seed) % 3;
    if (offset + size > SHADOW_MAX)
        size = SHADOW_MAX - offset;
    switch (next_random(seed) % 8) {
    case 0:
        assert_ok(eng_value_resize(eng, shadow->id, offset));
        if (offset > shadow->size)
            memset(shadow->data + shadow->size, 0, offset - shadow->size);
        shadow->size = offset;
        break;
    case 1:
    case 2:
    case 3:
        fill(bytes, size, *seed);
        assert_ok(eng_value_write(eng, shadow->id, offset, bytes, size));
        if (size > 0) {
            if (offset > shadow->size)
                memset(shadow->data + shadow->size, 0, offset - shadow->size);
            memcpy(shadow->data + offset, bytes, size);
            if (offset + size > shadow->size)
                shadow->size = offset + size;
        }
        break;
    default:
        assert_ok(eng_value_read(eng, shadow->id, offset, bytes, size, &got));
        expected = offset < shadow->size ? msp_min(size, shadow->size - offset) : 0;
        assert_int_equal(got, expected);
        assert_memory_equal(bytes, shadow->data + offset, got);
    }
}

static void random_work__equals_memory(void **state)
{
    struct fixture *fx = *state;
    struct shadow shadows[3];
    uint32_t seed = 4711;
    bool inside = false;

    for (size_t i = 0; i < 3; i++) {
        shadows[i].data = calloc(1, SHADOW_MAX);
        shadows[i].size = 0;
        assert_ok(eng_value_new(fx->eng, &shadows[i].id));
    }
    for (int step = 0; step < 1500; step++) {
        if (next_random(&seed) % 16 == 0) {
            assert_ok(
                    inside ? eng_commit(fx->eng) : eng_begin(fx->eng, next_random(&seed) % 2 == 0));
            inside = !inside;
        }
        shadow_step(fx->eng, &shadows[next_random(&seed) % 3], &seed);
    }
    if (inside)
        assert_ok(eng_commit(fx->eng));
    for (size_t i = 0; i < 3; i++) {
        assert_value(fx->eng, shadows[i].id, shadows[i].data, shadows[i].size);
        (void)save_with(fx->eng, &shadows[i].id, 1);
    }
    reopen(fx);
    for (size_t i = 0; i < 3; i++) {
        assert_value(fx->eng, shadows[i].id, shadows[i].data, shadows[i].size);
        free(shadows[i].data);
    }
    assert_whole(fx->eng);
}

static void rollback__writes_inside__are_undone_those_before_are_not(void **state)
{
    struct fixture *fx = *state;
    uint64_t id = new_value(fx->eng, "before", 6);
    uint64_t inside = 0;

    assert_ok(eng_begin(fx->eng, true));
    assert_ok(eng_value_write(fx->eng, id, 0, "INSIDE AND LONGER", 17));
    assert_ok(eng_value_new(fx->eng, &inside));
    eng_rollback(fx->eng);

    assert_value(fx->eng, id, (const uint8_t *)"before", 6);
    assert_no_value(fx->eng, inside);
    (void)save_with(fx->eng, &id, 1);
    assert_value(fx->eng, id, (const uint8_t *)"before", 6);
}

/* A failing save must not take along what was written before it. */
static void failed_save__value__can_be_saved_later(void **state)
{
    struct fixture *fx = *state;
    uint64_t id = new_value(fx->eng, "keep me", 7);
    struct msp_buf packed = record_of_values(&id, 1);
    struct eng_msg msg = msg_of(new_id(fx->eng), 4711, "no folder");
    uint64_t change;

    assert_int_equal(eng_msg_put(fx->eng, &msg, ENG_PUT_NEW, packed.data, packed.size, &change),
            ENG_NOT_FOUND);

    (void)save_with(fx->eng, &id, 1);
    assert_value(fx->eng, id, (const uint8_t *)"keep me", 7);
    assert_whole(fx->eng);
    msp_buf_free(&packed);
}

static void assert_refused(struct fixture *fx, uint64_t id)
{
    struct msp_buf packed = record_of_values(&id, 1);
    struct eng_msg msg = msg_of(new_id(fx->eng), ENG_ROOT_FOLDER, "x");
    uint64_t change;

    assert_int_equal(
            eng_msg_put(fx->eng, &msg, ENG_PUT_NEW, packed.data, packed.size, &change), ENG_IO);
    msp_buf_free(&packed);
}

/* What was written into a value in a group goes with the group, where the disk fails: a save that
 * names it later would be one of zeros. */
static void bulk__group_lost__values_of_it_are_refused(void **state)
{
    static uint8_t data[2 * CHUNK + 10];
    struct fixture *fx = *state;
    uint64_t before = new_value(fx->eng, "before", 6);
    uint64_t kept = new_value(fx->eng, "kept", 4);
    uint64_t after;

    assert_ok(eng_value_write(fx->eng, kept, CHUNK, data, 5));
    assert_ok(eng_bulk(fx->eng, true));
    (void)save_with(fx->eng, NULL, 0);
    assert_ok(eng_value_write(fx->eng, before, 0, data, sizeof(data)));
    assert_ok(eng_value_write(fx->eng, kept, 4, "!", 1)); /* not on its way to its row yet */
    txn_rollback(fx->eng);

    assert_refused(fx, before);
    after = new_value(fx->eng, "after", 5);
    assert_ok(eng_value_write(fx->eng, after, CHUNK, data, CHUNK));
    (void)save_with(fx->eng, &after, 1);
    assert_refused(fx, before);
    (void)eng_bulk(fx->eng, false); /* says that a group was lost, or not */
    (void)save_with(fx->eng, NULL, 0);
    assert_refused(fx, before);
}

/* Those of a group that ends are as good as any; so are those of a save that fails alone. */
static void bulk__group_ends__values_are_good(void **state)
{
    static uint8_t data[2 * CHUNK + 10];
    struct fixture *fx = *state;
    struct eng_msg msg = msg_of(new_id(fx->eng), 4711, "no folder");
    uint64_t ids[2];
    uint64_t change;

    assert_ok(eng_bulk(fx->eng, true));
    (void)save_with(fx->eng, NULL, 0);
    ids[0] = new_value(fx->eng, "first", 5);
    assert_ok(eng_value_write(fx->eng, ids[0], 5, data, sizeof(data)));
    assert_int_equal(eng_msg_put(fx->eng, &msg, ENG_PUT_NEW, NULL, 0, &change), ENG_NOT_FOUND);
    assert_ok(eng_flush(fx->eng));
    ids[1] = new_value(fx->eng, "second", 6);
    assert_ok(eng_value_write(fx->eng, ids[1], CHUNK, data, 10));
    txn_rollback(fx->eng); /* of another group, before anything of it counts */
    (void)save_with(fx->eng, ids, 1);
    assert_ok(eng_bulk(fx->eng, false));
    assert_whole(fx->eng);
}

/* In a reading transaction a rollback can reach what was written before: then nobody may own it. */
static void rollback__of_a_reader_that_wrote__damaged_value_is_refused(void **state)
{
    static uint8_t data[CHUNK + 10];
    struct fixture *fx = *state;
    uint64_t id = new_value(fx->eng, data, 10);
    struct msp_buf packed = record_of_values(&id, 1);
    struct eng_msg msg = msg_of(new_id(fx->eng), ENG_ROOT_FOLDER, "x");
    uint64_t change;

    assert_ok(eng_begin(fx->eng, false));
    assert_ok(eng_value_write(fx->eng, id, CHUNK, data, 10));
    eng_rollback(fx->eng);

    assert_int_equal(
            eng_msg_put(fx->eng, &msg, ENG_PUT_NEW, packed.data, packed.size, &change), ENG_IO);
    assert_whole(fx->eng);
    msp_buf_free(&packed);
}

/* Orphans of a connection that was never closed, as after a crash: the file as it is now. */
static void open__orphans_of_a_crash__are_removed(void **state)
{
    static uint8_t data[3 * CHUNK];
    struct fixture *fx = *state;
    uint64_t id = new_value(fx->eng, data, sizeof(data));

    assert_ok(eng_flush(fx->eng));
    assert_int_equal(
            sqlite3_exec(fx->eng->db, "UPDATE value SET token=12345", NULL, NULL, NULL), SQLITE_OK);
    reopen(fx);

    assert_no_value(fx->eng, id);
    assert_int_equal(count_rows(fx->eng, "SELECT count(*) FROM stream"), 0);
    assert_whole(fx->eng);
}

static void open__second_connection__leaves_the_values_of_the_first(void **state)
{
    static uint8_t data[2 * CHUNK + 3];
    struct fixture *fx = *state;
    struct eng *other;
    uint64_t id;

    fill(data, sizeof(data), 3);
    id = new_value(fx->eng, data, sizeof(data));
    other = open_again(fx);
    assert_int_equal(eng_value_write(other, id, 0, "x", 1), ENG_DENIED);
    eng_close(other);

    assert_value(fx->eng, id, data, sizeof(data));
    (void)save_with(fx->eng, &id, 1);
    assert_value(fx->eng, id, data, sizeof(data));
    assert_whole(fx->eng);
}

static void read__deleted_by_another__is_not_zeros(void **state)
{
    static uint8_t data[6 * CHUNK];
    struct fixture *fx = *state;
    struct eng *other = open_again(fx);
    uint64_t id = new_value(fx->eng, data, sizeof(data));
    uint64_t owner = save_with(fx->eng, &id, 1);
    uint64_t copy = 9;
    size_t got = 9;

    assert_ok(eng_value_read(fx->eng, id, 0, data, 10, &got));
    assert_ok(eng_msg_delete(other, owner));

    assert_int_equal(
            eng_value_read(fx->eng, id, UINT64_C(3) * CHUNK, data, 10, &got), ENG_NOT_FOUND);
    assert_int_equal(got, 0);
    assert_int_equal(eng_value_copy(fx->eng, id, &copy), ENG_NOT_FOUND);
    assert_int_equal(copy, 0);
    eng_close(other);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(value__saved__is_there_after_reopen, setup, teardown),
        cmocka_unit_test_setup_teardown(value__not_saved__is_gone_after_close, setup, teardown),
        cmocka_unit_test_setup_teardown(value__owned__cannot_be_written_or_freed, setup, teardown),
        cmocka_unit_test_setup_teardown(
                value__owned_by_one__cannot_be_owned_by_another, setup, teardown),
        cmocka_unit_test_setup_teardown(put__value_no_longer_named__is_freed, setup, teardown),
        cmocka_unit_test_setup_teardown(owners__of_every_kind__free_their_values, setup, teardown),
        cmocka_unit_test_setup_teardown(delete__large_value__is_removed_in_time, setup, teardown),
        cmocka_unit_test_setup_teardown(
                resize__smaller_and_larger__the_gap_is_zeros, setup, teardown),
        cmocka_unit_test_setup_teardown(copy__is_a_value_of_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(random_work__equals_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(
                rollback__writes_inside__are_undone_those_before_are_not, setup, teardown),
        cmocka_unit_test_setup_teardown(failed_save__value__can_be_saved_later, setup, teardown),
        cmocka_unit_test_setup_teardown(
                bulk__group_lost__values_of_it_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(bulk__group_ends__values_are_good, setup, teardown),
        cmocka_unit_test_setup_teardown(
                rollback__of_a_reader_that_wrote__damaged_value_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(open__orphans_of_a_crash__are_removed, setup, teardown),
        cmocka_unit_test_setup_teardown(
                open__second_connection__leaves_the_values_of_the_first, setup, teardown),
        cmocka_unit_test_setup_teardown(read__deleted_by_another__is_not_zeros, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
