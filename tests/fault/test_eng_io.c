/* SPDX-License-Identifier: MIT */
/*
 * test_eng_io.c - the engine on a disk that fails: the nth call fails, once or for good, for every
 * n. Each failure has a status, what was acknowledged stays, what failed has changed nothing.
 *
 * Locks: none; each test runs alone.
 */
#include "engine/eng_int.h"

#if MAILKEEP_SQLITE_DYNAMIC

int main(void)
{
    return 0; /* SQLite's disk can be replaced only where it is linked in */
}

#else

#include "fault/eng_model.h"
#include "fault/fault_vfs.h"

static bool is_io_status(enum eng_status status)
{
    return status == ENG_IO || status == ENG_FULL || status == ENG_PATH_DENIED ||
           status == ENG_BUSY || status == ENG_CORRUPT || status == ENG_NO_MEMORY;
}

static void note(enum eng_status status, unsigned long nth)
{
    if (status != ENG_OK && !is_io_status(status))
        fail_msg("status %d at call %lu", (int)status, nth);
}

/* All kinds of work, on when a step has failed. */
static void work(struct eng *eng, struct model *model, unsigned long nth)
{
    uint64_t id;

    if (model->folder == 0) {
        note(eng_folder_create(eng, 1, ENG_FOLDER_GENERIC, "f", 1, NULL, 0, &id), nth);
        model->folder = id;
    }
    if (model->folder == 0)
        return;
    note(model_put(eng, model, false), nth);
    note(model_put(eng, model, true), nth);
    note(model_flag(eng, model, 0), nth);
    note(model_columns(eng, model), nth);
    note(model_put(eng, model, true), nth);
    note(model_delete(eng, model, 1), nth);
    note(model_columns(eng, model), nth);
    note(model_bulk(eng, model, true), nth);
    note(model_put(eng, model, false), nth);
    note(model_flag(eng, model, 2), nth);
    note(model_bulk(eng, model, false), nth);
    note(model_bulk(eng, model, true), nth);
    note(model_put(eng, model, false), nth);
    note(model_bulk(eng, model, false), nth);
    note(model_put(eng, model, false), nth);
    eng_interrupt(eng);
    note(model_delete(eng, model, 3), nth);
    (void)eng_change_stamp(eng);
}

/* A message that has the value. */
static void own_value(struct eng *eng, uint64_t value)
{
    struct msp_buf packed = record_of_values(&value, 1);
    struct eng_msg msg = msg_of(new_id(eng), ENG_ROOT_FOLDER, "owner");
    uint64_t change;

    assert_ok(eng_msg_put(eng, &msg, ENG_PUT_NEW, packed.data, packed.size, &change));
    msp_buf_free(&packed);
}

/* One life of a store on a disk whose nth call fails. True: there was no nth call. */
static bool live_once(struct fixture *fx, unsigned long nth, bool forever, int code, bool existing)
{
    struct eng_open_params params = { fx->path, true, false, 20 };
    struct model model;
    struct eng_error error;
    enum eng_status status;
    bool failed;

    (void)msp_file_delete(fx->path);
    (void)msp_file_delete(beside(fx, "-wal"));
    (void)msp_file_delete(beside(fx, "-shm"));
    (void)msp_file_delete(beside(fx, "-journal"));
    model_init(&model);
    if (existing) {
        fx->eng = open_again(fx);
        work(fx->eng, &model, 0);
        eng_close(fx->eng);
    }
    disk_arm(nth, forever, code);
    status = eng_open(&params, &fx->eng, &error);
    if (status == ENG_OK)
        work(fx->eng, &model, nth);
    else if (!is_io_status(status) && status != ENG_PATH_NOT_FOUND && status != ENG_NOT_A_STORE)
        fail_msg("open: status %d at call %lu", (int)status, nth);
    if (!forever && fx->eng != NULL) { /* the same connection is still good */
        failed = disk_disarm();
        model_verify(fx->eng, &model, false);
        work(fx->eng, &model, nth);
    } else {
        failed = disk.has_failed;
    }
    eng_close(fx->eng);
    fx->eng = NULL;
    (void)disk_disarm();

    fx->eng = open_again(fx);
    /* The disk that fails for good may lose a bulk that was not flushed, and may, as with a power
       cut, keep a save whose last sync has failed. */
    if (!forever)
        model_verify(fx->eng, &model, false);
    else
        assert_whole(fx->eng);
    eng_close(fx->eng);
    fx->eng = NULL;
    return !failed;
}

static void walk(struct fixture *fx, bool forever, int code, bool existing)
{
    unsigned long nth = 1;

    while (!live_once(fx, nth, forever, code, existing))
        nth += nth < 60 ? 1 : 7;
    assert_true(nth > 100);
}

static void one_call_fails__new_store__nothing_is_lost(void **state)
{
    walk(*state, false, SQLITE_IOERR_WRITE, false);
}

static void one_call_fails__disk_full__nothing_is_lost(void **state)
{
    walk(*state, false, SQLITE_FULL, true);
}

static void all_calls_fail__the_file_stays_whole(void **state)
{
    walk(*state, true, SQLITE_IOERR_WRITE, true);
}

/* What is gathered for one value and not written yet is no business of somebody who reads another,
 * whatever becomes of that. */
static void read_fails__value_being_written__keeps_its_bytes(void **state)
{
    static uint8_t data[300000];
    static uint8_t room[300000];
    struct fixture *fx = *state;
    uint64_t saved = 0;
    bool failed = true;

    memset(data, 7, sizeof(data));
    fx->eng = open_again(fx);
    assert_ok(eng_value_new(fx->eng, &saved));
    assert_ok(eng_value_write(fx->eng, saved, 0, data, sizeof(data)));
    own_value(fx->eng, saved);
    eng_close(fx->eng);
    for (unsigned long nth = 1; failed; nth++) {
        uint64_t fresh = 0;
        uint64_t size = 0;
        size_t got = 0;

        fx->eng = open_again(fx); /* nothing is in its cache */
        assert_ok(eng_value_new(fx->eng, &fresh));
        assert_ok(eng_value_write(fx->eng, fresh, 0, data, 10));
        disk_arm(nth, false, SQLITE_IOERR_READ);
        (void)eng_value_read(fx->eng, saved, 0, room, sizeof(room), &got);
        failed = disk_disarm();

        assert_ok(eng_value_size(fx->eng, fresh, &size));
        assert_int_equal(size, 10);
        assert_ok(eng_value_read(fx->eng, fresh, 0, room, sizeof(room), &got));
        assert_int_equal(got, 10);
        assert_memory_equal(room, data, 10);
        own_value(fx->eng, fresh);
        assert_whole(fx->eng);
        eng_close(fx->eng);
    }
    fx->eng = NULL;
}

/* As on a CD, or in a folder of somebody else: no log can be made beside the store. */
static void medium_that_takes_no_file__store_opens_for_reading(void **state)
{
    struct fixture *fx = *state;
    struct eng_info info;
    uint64_t id;

    fx->eng = open_again(fx);
    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "f");
    eng_close(fx->eng);
    disk.takes_no_new_file = true;
    fx->eng = open_again(fx);

    eng_info(fx->eng, &info);
    assert_true(info.read_only);
    assert_counts(fx->eng, ENG_ROOT_FOLDER, 0, 0, 0, 1);
    assert_int_equal(eng_id_new(fx->eng, &id), ENG_READ_ONLY);
    assert_whole(fx->eng);
    eng_close(fx->eng);
    fx->eng = NULL;
    disk.takes_no_new_file = false;
}

/* The log of a crash lies there and cannot be played in: better nothing than old data. */
static void medium_that_takes_no_file__log_waits__store_is_refused(void **state)
{
    struct fixture *fx = *state;
    struct eng_open_params params = { fx->path, true, false, 20 };
    struct eng_error error;
    struct eng *other = NULL;

    fx->eng = open_again(fx);
    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "only in the log");
    disk.takes_no_new_file = true;

    assert_int_equal(eng_open(&params, &other, &error), ENG_PATH_DENIED);
    assert_null(other);
    disk.takes_no_new_file = false;
}

static int setup_disk(void **state)
{
    struct fixture *fx;

    (void)setup(state);
    fx = *state;
    eng_close(fx->eng);
    fx->eng = NULL;
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                one_call_fails__new_store__nothing_is_lost, setup_disk, teardown),
        cmocka_unit_test_setup_teardown(
                one_call_fails__disk_full__nothing_is_lost, setup_disk, teardown),
        cmocka_unit_test_setup_teardown(all_calls_fail__the_file_stays_whole, setup_disk, teardown),
        cmocka_unit_test_setup_teardown(
                read_fails__value_being_written__keeps_its_bytes, setup_disk, teardown),
        cmocka_unit_test_setup_teardown(
                medium_that_takes_no_file__store_opens_for_reading, setup_disk, teardown),
        cmocka_unit_test_setup_teardown(
                medium_that_takes_no_file__log_waits__store_is_refused, setup_disk, teardown),
    };

    disk_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
