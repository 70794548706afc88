/* SPDX-License-Identifier: MIT */
/*
 * test_power_submit.c - the power is cut, or the process killed, at every moment of sending: each
 * message waits to be sent or does not, as was acknowledged last or is just being decided, and
 * nothing between.
 */
#include "fault/send_world.h"

#if MAILKEEP_SQLITE_DYNAMIC

int main(void)
{
    return 0; /* SQLite's disk can be replaced only where it is linked in */
}

#else

#include "com/provider.h" /* the layers to link */
#include "fault/fault_vfs.h"
#include "mapi/entryid.h"
#include "platform/file.h"

enum { MESSAGES = 6, CUTS = 4000 };

/* What may be found of a message. */
enum { DRAFT = 1, QUEUED = 2, SENT = 4, GONE = 8 };

struct model {
    uint64_t ids[MESSAGES];
    unsigned may_be[MESSAGES];
    size_t count;
};

struct cut {
    char path[700];
    struct model model;
};

struct scene {
    struct world *world;
    struct model model;
    struct cut *cuts;
    size_t count;
    size_t first; /* not looked at yet */
    uint32_t seed;
};

static void take_copy(void *context)
{
    struct scene *scene = context;
    struct cut *cut;

    assert_true(scene->count < CUTS);
    scene->seed = scene->seed * 1103515245u + 12345u;
    cut = &scene->cuts[scene->count];
    snprintf(cut->path, sizeof(cut->path), "%.600s-cut%u", scene->world->path,
            (unsigned)scene->count);
    cut->model = scene->model;
    disk_image(
            scene->world->path, cut->path, (enum disk_luck)((scene->seed >> 10) % 3), &scene->seed);
    scene->count++;
}

static unsigned state_of(struct eng *eng, uint64_t id)
{
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_outgoing entry;
    struct eng_msg row;
    enum eng_status status = eng_msg_get(eng, id, &row, &texts, NULL);
    bool queued = eng_outgoing_get(eng, id, &entry) == ENG_OK;

    msp_buf_free(&texts);
    if (status == ENG_NOT_FOUND)
        return queued ? 0 : GONE;
    assert_int_equal(status, ENG_OK);
    assert_int_equal((row.flags & MSGFLAG_SUBMIT) != 0, queued);
    if (queued)
        return (row.flags & MSGFLAG_UNSENT) != 0 && row.submitted != 0 ? QUEUED : 0;
    return (row.flags & MSGFLAG_UNSENT) != 0 ? DRAFT : SENT;
}

/* The machine starts again. */
static void verify(const struct cut *cut)
{
    static const char *const beside[] = { "", "-wal", "-shm", "-journal" };
    struct eng_open_params params = { .path = cut->path };
    struct eng *eng = NULL;
    uint64_t found = 1;

    if (cut->model.count > 0) {
        assert_int_equal(eng_open(&params, &eng, NULL), ENG_OK);
        assert_int_equal(eng_check(eng, false, NULL, NULL, &found), ENG_OK);
        assert_int_equal(found, 0);
        for (size_t i = 0; i < cut->model.count; i++) {
            unsigned state = state_of(eng, cut->model.ids[i]);

            if ((state & cut->model.may_be[i]) == 0)
                fail_msg("message %u is %u, and may be %u", (unsigned)i, state,
                        cut->model.may_be[i]);
        }
        eng_close(eng);
    }
    for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
        char path[800];

        snprintf(path, sizeof(path), "%s%s", cut->path, beside[i]);
        (void)msp_file_delete(path);
    }
}

/* Recording pauses, so that opening a copy is not recorded. */
static void verify_all(struct scene *scene)
{
    disk.is_recording = false;
    for (; scene->first < scene->count; scene->first++)
        verify(&scene->cuts[scene->first]);
    disk.is_recording = true;
}

static void is_going_to(struct scene *scene, unsigned state)
{
    scene->model.may_be[scene->model.count - 1] |= state;
}

static void has_become(struct scene *scene, unsigned state)
{
    scene->model.may_be[scene->model.count - 1] = state;
    verify_all(scene);
}

static void lock_and_finish(struct scene *scene, const SPropValue *id)
{
    IMsgStore *spooler = scene->world->spooler.store;
    IMessage *message = NULL;

    assert_ok(mail_open(spooler, id, MAPI_MODIFY, &message));
    assert_ok(spooler->lpVtbl->SetLockState(spooler, message, MSG_LOCKED));
    release_last(message);
    assert_ok(
            spooler->lpVtbl->FinishedMsg(spooler, 0, id->Value.bin.cb, raw_id(id->Value.bin.lpb)));
}

static void send_one(struct scene *scene, size_t number)
{
    IMsgStore *store = scene->world->client.store;
    IMessage *message = mail_new(scene->world->folder, "hello");
    SPropValue *id = prop_get(message, PR_ENTRYID);
    struct entryid entryid;

    prop_set_bool(message, PR_DELETE_AFTER_SUBMIT, number % 3 == 1);
    assert_true(entryid_get(id->Value.bin.cb, id->Value.bin.lpb, &entryid));
    scene->model.ids[scene->model.count] = entryid.id;
    scene->model.may_be[scene->model.count++] = GONE | DRAFT;
    if (number % 2 == 0) {
        assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
        has_become(scene, DRAFT);
    }
    is_going_to(scene, QUEUED);
    assert_ok(message->lpVtbl->SubmitMessage(message, 0));
    has_become(scene, QUEUED);
    release_last(message);
    if (number % 3 == 0) {
        is_going_to(scene, DRAFT);
        assert_ok(
                store->lpVtbl->AbortSubmit(store, id->Value.bin.cb, raw_id(id->Value.bin.lpb), 0));
        has_become(scene, DRAFT);
    } else {
        is_going_to(scene, number % 3 == 1 ? SENT | GONE : SENT);
        lock_and_finish(scene, id);
        has_become(scene, number % 3 == 1 ? GONE : SENT);
    }
    mapi_free(id);
}

static void sending__power_cut_at_every_write__queued_or_not(void **state)
{
    struct scene scene = { .world = *state, .seed = 4711 };

    scene.cuts = calloc(CUTS, sizeof(*scene.cuts));
    assert_non_null(scene.cuts);
    disk.context = &scene;
    disk.on_event = take_copy;
    for (size_t i = 0; i < MESSAGES; i++)
        send_one(&scene, i);
    disk.on_event = NULL;
    verify_all(&scene);
    print_message("%u moments\n", (unsigned)scene.count);
    assert_true(scene.count > 100);
    free(scene.cuts);
}

static int recorded_setup(void **state)
{
    disk_install();
    disk_record(true);
    return setup(state);
}

static int recorded_teardown(void **state)
{
    int result = teardown(state);

    disk_record(false);
    return result;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sending__power_cut_at_every_write__queued_or_not,
                recorded_setup, recorded_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
