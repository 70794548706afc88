/* SPDX-License-Identifier: MIT */
/*
 * test_eng_kill.c - processes that are killed in the middle of their work, alone and beside others
 * on the same file: what they had acknowledged is there, what they had not leaves no trace.
 *
 * A child says through a pipe what it has saved, after each save.
 *
 * Locks: none; each test runs alone.
 */
#include "engine/eng_int.h"

#if MAILKEEP_SQLITE_DYNAMIC

int main(void)
{
    return 0; /* made of fork and kill */
}

#else

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault/eng_model.h"
#include "platform/env.h"
#include "platform/thread.h"

/* What a child says. */
struct said {
    char what; /* 'S' saved, 'd' to be deleted, 'D' deleted, 'I' id handed out */
    uint64_t id;
    uint64_t value;
};

struct child {
    pid_t pid;
    int pipe;
};

static void say(int pipe_end, char what, uint64_t id, uint64_t value)
{
    struct said said;

    memset(&said, 0, sizeof(said));
    said.what = what;
    said.id = id;
    said.value = value;
    if (write(pipe_end, &said, sizeof(said)) != (ssize_t)sizeof(said))
        _exit(3);
}

/* A child that fails ends with the line as its code. */
static void must(bool good, int line)
{
    if (!good)
        _exit(line % 250 + 1);
}

static void child_import(struct eng *eng, struct model *model, int pipe_end)
{
    size_t first = model->count;

    must(eng_bulk(eng, true) == ENG_OK, __LINE__);
    for (int i = 0; i < 34; i++)
        must(model_put(eng, model, false) == ENG_OK, __LINE__);
    must(eng_bulk(eng, false) == ENG_OK, __LINE__);
    for (size_t i = first; i < model->count; i++)
        say(pipe_end, 'S', model->msgs[i].id, 0);
}

/* The life of a child: works until it is killed. */
static void child_work(const char *path, int pipe_end)
{
    struct eng_open_params params = { path, true, false, 20000 };
    struct model model;
    struct eng *eng = NULL;

    must(eng_open(&params, &eng, NULL) == ENG_OK, __LINE__);
    for (unsigned round = 0;; round++) {
        uint64_t last = 0;

        model_init(&model);
        model.folder = ENG_ROOT_FOLDER;
        for (int i = 0; i < 6; i++) {
            must(model_put(eng, &model, i == 3) == ENG_OK, __LINE__);
            say(pipe_end, 'S', model.msgs[i].id, model.msgs[i].value);
        }
        say(pipe_end, 'd', model.msgs[1].id, 0); /* about to be deleted */
        must(model_delete(eng, &model, 1) == ENG_OK, __LINE__);
        say(pipe_end, 'D', model.msgs[1].id, 0);
        must(model_columns(eng, &model) == ENG_OK, __LINE__);
        must(eng_id_new(eng, &last) == ENG_OK, __LINE__);
        say(pipe_end, 'I', last, 0);
        if (round % 2 == 1)
            child_import(eng, &model, pipe_end);
    }
}

static struct child child_start(const char *path)
{
    struct child child;
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    child.pid = fork();
    assert_true(child.pid >= 0);
    if (child.pid == 0) {
        (void)close(ends[0]);
        child_work(path, ends[1]);
    }
    (void)close(ends[1]);
    child.pipe = ends[0];
    return child;
}

enum { MAX_ID = 2000000 };

static uint8_t fate[MAX_ID]; /* by id: 0, 'S', 'D', 'd', 'I' */
static uint64_t value_of[MAX_ID];
static uint64_t highest;

/* Takes in what a child has said so far, or until its end. */
static size_t listen(const struct child *child, size_t at_most)
{
    struct said said;
    size_t count = 0;

    while (count < at_most && read(child->pipe, &said, sizeof(said)) == (ssize_t)sizeof(said)) {
        assert_in_range(said.id, 2, MAX_ID - 1);
        if (said.what == 'S' || said.what == 'I')
            assert_int_equal(fate[said.id], 0); /* nobody had this id before */
        fate[said.id] = (uint8_t)said.what;
        if (said.what == 'S')
            value_of[said.id] = said.value;
        if (said.id > highest)
            highest = said.id;
        count++;
    }
    return count;
}

static void child_kill(const struct child *child)
{
    int status = 0;

    assert_int_equal(kill(child->pid, SIGKILL), 0);
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    if (!WIFSIGNALED(status))
        fail_msg("child ended by itself: %d", WEXITSTATUS(status));
    (void)listen(child, SIZE_MAX);
    (void)close(child->pipe);
}

static size_t verify_fates(struct eng *eng)
{
    struct msp_buf texts = MSP_BUF_INIT;
    struct msp_buf packed = MSP_BUF_INIT;
    size_t saved = 0;

    assert_ok(eng_begin(eng, false));
    for (uint64_t id = 2; id <= highest; id++) {
        struct eng_msg row;
        enum eng_status status;

        if (fate[id] == 0)
            continue;
        msp_buf_clear(&packed);
        status = eng_msg_get(eng, id, &row, &texts, &packed);
        if (fate[id] == 'S') {
            if (status != ENG_OK)
                fail_msg("message %llu is lost: %d", (unsigned long long)id, (int)status);
            if (value_of[id] != 0)
                model_verify_value(eng, value_of[id]);
            saved++;
        } else if (fate[id] != 'd') {
            assert_int_equal(status, ENG_NOT_FOUND);
        }
    }
    assert_ok(eng_commit(eng));
    msp_buf_free(&texts);
    msp_buf_free(&packed);
    return saved;
}

static void run(struct fixture *fx, int children, int rounds)
{
    struct child running[4];
    size_t saved = 0;

    memset(fate, 0, sizeof(fate));
    memset(value_of, 0, sizeof(value_of));
    highest = 0;
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < children; i++)
            running[i] = child_start(fx->path);
        for (int i = 0; i < children; i++)
            (void)listen(&running[i], 10 + (size_t)(round * 7 + i * 3) % 40);
        for (int i = 0; i < children; i++)
            child_kill(&running[i]);
        fx->eng = open_again(fx);
        saved = verify_fates(fx->eng);
        assert_whole(fx->eng);
        assert_true(new_id(fx->eng) > highest);
        highest++;
        eng_close(fx->eng);
        fx->eng = NULL;
    }
    assert_true(saved > (size_t)(rounds * children * 8));
}

static int rounds_of(int normal)
{
    char soak[20];

    return msp_env_get("MAILKEEP_SOAK", soak, sizeof(soak)) > 1 ? normal * 20 : normal;
}

static void killed__alone__nothing_acknowledged_is_lost(void **state)
{
    run(*state, 1, rounds_of(6));
}

static void killed__three_on_one_file__nothing_acknowledged_is_lost(void **state)
{
    run(*state, 3, rounds_of(3));
}

/* While others work and are killed, this process reads on: it never waits, and never sees half. */
static void killed__beside_a_reader__the_reader_goes_on(void **state)
{
    struct fixture *fx = *state;
    struct child child = child_start(fx->path);

    memset(fate, 0, sizeof(fate));
    highest = 0;
    (void)listen(&child, 5);
    fx->eng = open_again(fx);
    for (int i = 0; i < 30; i++) {
        struct msp_buf ids = MSP_BUF_INIT;
        struct eng_folder folder;

        assert_ok(eng_begin(fx->eng, false));
        assert_ok(eng_folder_get(fx->eng, ENG_ROOT_FOLDER, &folder, NULL, NULL));
        assert_ok(eng_msg_ids(fx->eng, ENG_ROOT_FOLDER, false, &ids));
        assert_int_equal(folder.content_count, ids.size / sizeof(uint64_t));
        assert_ok(eng_commit(fx->eng));
        msp_buf_free(&ids);
        (void)listen(&child, 2);
    }
    child_kill(&child);
    (void)verify_fates(fx->eng);
    (void)new_folder(fx->eng, ENG_ROOT_FOLDER, "and writes");
    assert_whole(fx->eng);
}

static int setup_path(void **state)
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
                killed__alone__nothing_acknowledged_is_lost, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                killed__three_on_one_file__nothing_acknowledged_is_lost, setup_path, teardown),
        cmocka_unit_test_setup_teardown(
                killed__beside_a_reader__the_reader_goes_on, setup_path, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
