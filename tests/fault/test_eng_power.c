/* SPDX-License-Identifier: MIT */
/*
 * test_eng_power.c - the power goes at any moment: what was acknowledged is there afterwards.
 *
 * While the engine works, copies of the disk are taken before writes and syncs, each with none,
 * some or all of what was not synced, torn at sector borders. Every copy must open, be whole, and
 * hold what had been acknowledged at its moment; no id is given out again.
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
#include "platform/env.h"

enum { PENDING_MAX = 512 };

struct cut {
    char path[700];
    struct model model; /* at the moment of the cut */
};

/* What the events of the disk work on. */
struct scene {
    const char *path;
    const struct model *model;
    struct cut *pending[PENDING_MAX];
    size_t pending_count;
    unsigned long events;
    unsigned every; /* a copy before each so many events */
    unsigned long verified;
    uint32_t seed;
};

static void take_copy(void *context)
{
    struct scene *scene = context;
    struct cut *cut;

    scene->seed = scene->seed * 1103515245u + 12345u;
    scene->events++;
    if ((scene->seed >> 16) % scene->every != 0 || scene->pending_count == PENDING_MAX)
        return;
    cut = malloc(sizeof(*cut));
    (void)snprintf(cut->path, sizeof(cut->path), "%s-cut%zu", scene->path, scene->pending_count);
    cut->model = *scene->model;
    disk_image(scene->path, cut->path, (enum disk_luck)((scene->seed >> 10) % 3), &scene->seed);
    scene->pending[scene->pending_count++] = cut;
}

/* The machine starts again. */
static void verify_cut(const struct cut *cut)
{
    struct fixture fx = { .eng = NULL };

    memcpy(fx.path, cut->path, sizeof(fx.path));
    fx.eng = open_again(&fx);
    model_verify(fx.eng, &cut->model, true);
    assert_true(new_id(fx.eng) > cut->model.highest_id);
    eng_close(fx.eng);
    assert_int_equal(msp_file_delete(fx.path), MSP_IO_OK);
    assert_int_equal(msp_file_kind(beside(&fx, "-wal")), MSP_FILE_MISSING);
    assert_int_equal(msp_file_kind(beside(&fx, "-journal")), MSP_FILE_MISSING);
}

/* Called between the steps: recording pauses, so that opening a copy is not recorded. */
static void verify_pending(struct scene *scene)
{
    disk.is_recording = false;
    for (size_t i = 0; i < scene->pending_count; i++) {
        verify_cut(scene->pending[i]);
        free(scene->pending[i]);
    }
    scene->verified += scene->pending_count;
    scene->pending_count = 0;
    disk.is_recording = true;
}

/* Small files so that checkpoints, which are what is most dangerous, come often. */
static void small_log(struct eng *eng)
{
    assert_int_equal(
            sqlite3_exec(eng->db, "PRAGMA wal_autocheckpoint=40", NULL, NULL, NULL), SQLITE_OK);
}

static void work(struct fixture *fx, struct model *model, struct scene *scene)
{
    for (int round = 0; round < 3; round++) {
        fx->eng = open_again(fx);
        small_log(fx->eng);
        if (model->folder == 0)
            model->folder = new_folder(fx->eng, ENG_ROOT_FOLDER, "f");
        for (int i = 0; i < 12; i++) {
            assert_ok(model_put(fx->eng, model, i % 4 == 1));
            assert_ok(model_flag(fx->eng, model, model->count / 2));
            if (i % 3 == 2)
                assert_ok(model_delete(fx->eng, model, model->count - 2));
            verify_pending(scene);
            assert_ok(model_columns(fx->eng, model));
            verify_pending(scene);
        }
        assert_ok(model_bulk(fx->eng, model, true));
        for (int i = 0; i < 20; i++)
            assert_ok(model_put(fx->eng, model, i == 5));
        assert_ok(model_bulk(fx->eng, model, false));
        verify_pending(scene);
        assert_ok(model_put(fx->eng, model, false));
        model_verify(fx->eng, model, false);
        eng_close(fx->eng);
        fx->eng = NULL;
        verify_pending(scene);
    }
}

static void power_cut__at_any_moment__nothing_acknowledged_is_lost(void **state)
{
    struct fixture *fx = *state;
    static struct scene scene;
    static struct model model;
    char soak[20];
    bool is_soak = msp_env_get("MAILKEEP_SOAK", soak, sizeof(soak)) > 1;

    for (uint32_t run = 0; run < (is_soak ? 20 : 1); run++) {
        memset(&scene, 0, sizeof(scene));
        model_init(&model);
        scene.path = fx->path;
        scene.model = &model;
        scene.every = is_soak ? 2 : 12;
        scene.seed = 4711 + run;
        disk_record(true);
        disk.on_event = take_copy;
        disk.context = &scene;
        work(fx, &model, &scene);
        disk_record(false);
        disk.on_event = NULL;
        assert_int_equal(msp_file_delete(fx->path), MSP_IO_OK);
        print_message("%lu moments of %lu\n", scene.verified, scene.events);
        assert_true(scene.verified > 50);
    }
}

/* The test of the test: a disk that forgets what it had synced is noticed. */
static void power_cut__syncs_that_lie__are_noticed(void **state)
{
    struct fixture *fx = *state;
    struct fixture copy = { .eng = NULL };
    static struct model model;
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg row;
    uint32_t seed = 1;

    model_init(&model);
    disk_record(true);
    fx->eng = open_again(fx);
    model.folder = new_folder(fx->eng, ENG_ROOT_FOLDER, "f");
    assert_ok(model_put(fx->eng, &model, false));
    assert_ok(eng_bulk(fx->eng, true));
    assert_ok(model_put(fx->eng, &model, false));
    (void)snprintf(copy.path, sizeof(copy.path), "%.500s-copy", fx->path);
    disk_image(fx->path, copy.path, LUCK_NONE, &seed);
    assert_ok(eng_bulk(fx->eng, false));
    eng_close(fx->eng);
    fx->eng = NULL;
    disk_record(false);

    copy.eng = open_again(&copy);
    assert_ok(eng_msg_get(copy.eng, model.msgs[0].id, &row, &texts, NULL));
    assert_int_equal(eng_msg_get(copy.eng, model.msgs[1].id, &row, &texts, NULL), ENG_NOT_FOUND);
    eng_close(copy.eng);
    assert_int_equal(msp_file_delete(copy.path), MSP_IO_OK);
    msp_buf_free(&texts);
}

static int setup_disk(void **state)
{
    struct fixture *fx;

    (void)setup(state);
    fx = *state;
    eng_close(fx->eng);
    fx->eng = NULL;
    return msp_file_delete(fx->path) == MSP_IO_OK ? 0 : -1;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                power_cut__at_any_moment__nothing_acknowledged_is_lost, setup_disk, teardown),
        cmocka_unit_test_setup_teardown(
                power_cut__syncs_that_lie__are_noticed, setup_disk, teardown),
    };

    disk_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
