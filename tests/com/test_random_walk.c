/* SPDX-License-Identifier: MIT */
/*
 * test_random_walk.c - long random sequences of opens, calls, saves, releases, advises and endings
 * against a plain model of who is alive; what fails is made short.
 *
 * The walks are made in a child process, so that a crash is a result, too. When one fails, its
 * steps are taken out as long as it still fails, and the shortest sequence is printed as a list of
 * steps, to be played again with
 *
 *   MAILKEEP_WALK=<seed>:<steps>      for example 7:0-12,17,31
 *   MAILKEEP_WALK_STEPS=<n>           steps in all (default: STEPS)
 *   MAILKEEP_WALK_SEED=<n>            of the first walk (default: 1)
 *   MAILKEEP_WALK_SECONDS=<n>         after which no walk is begun (default: SECONDS; 0: no end)
 */
#include "random_ends.h"
#include "support/process.h"

enum {
    STEPS = 24000,
    SECONDS = 12,
    WALK_STEPS = 200,  /* of one walk */
    HANG_SECONDS = 60, /* a sequence that takes longer has failed */
    TRIES = 400,       /* sequences that are played to find a shorter one */
    FAST = 12          /* processes that end by fast shutdown */
};

/* ---- One walk ---- */

static void learn_folder(struct random_world *w, unsigned number, void *folder)
{
    SPropValue *id = prop_get(folder, PR_ENTRYID);

    assert_non_null(id);
    assert_true(id->Value.bin.cb <= RW_ID_SIZE);
    w->folders[number].size = id->Value.bin.cb;
    memcpy(w->folders[number].id, id->Value.bin.lpb, id->Value.bin.cb);
    mapi_free(id);
}

static void make_folders(struct random_world *w)
{
    struct fixture *fx = w->fx[0];
    struct walk_world search;
    char name[8];

    fixture_logon(fx);
    fixture_open_inbox(fx);
    learn_folder(w, 0, fx->inbox);
    for (unsigned i = 1; i < RW_FOLDERS; i++) {
        IMAPIFolder *folder;

        snprintf(name, sizeof(name), "f%u", i);
        folder = folder_make(fx->inbox, name);
        learn_folder(w, i, folder);
        release_last(folder);
    }
    memset(&search, 0, sizeof(search));
    search.fx = fx;
    search.in = w->inputs.in;
    {
        IMAPIFolder *folder = walk_open_search(&search);

        learn_folder(w, RW_FOLDERS, folder);
        release_last(folder);
    }
    release_last(fx->inbox);
    release_last(fx->store);
    host_session_logoff(&fx->session);
    w->is_over[0] = true;
}

/* What calls of any method are made with: the ids of two messages, the names are not those of the
 * model's. */
static void make_inputs(struct random_world *w)
{
    struct walk_inputs *in = &w->inputs.in;

    in->tags.cValues = 1;
    in->tags.aulPropTag[0] = PR_SUBJECT_W;
    in->value.ulPropTag = PROP_TAG(PT_LONG, 0x6703);
    in->restriction.rt = RES_EXIST;
    in->restriction.res.resExist.ulPropTag = PR_SUBJECT_W;
    in->order.cSorts = 1;
    in->order.aSort[0].ulPropTag = PR_SUBJECT_W;
    in->name.ulKind = MNID_ID;
    in->name.Kind.lID = 0x8501;
    in->event.ulEventType = fnevNewMail;
    host_sink_init(&in->sink);
    in->target = host_stream_new("", 0);
    assert_non_null(in->target);
    in->messages.cValues = 1;
    in->messages.lpbin = &in->message;
}

/* A store in memory, where there is such a folder: a walk is not to wait for the disk. */
static void in_memory(char *path, size_t path_size)
{
    const char *name = strrchr(path, '/');
    char other[1024];

    if (!name || !host_file_exists("/dev/shm"))
        return;
    snprintf(other, sizeof(other), "/dev/shm%s", name);
    snprintf(path, path_size, "%s", other);
}

/* The parent says where a child's store is, to take it away after a crash. */
static void choose_path(struct fixture *fx)
{
    if (!host_env("MAILKEEP_WALK_STORE", fx->path, sizeof(fx->path)))
        in_memory(fx->path, sizeof(fx->path));
}

static struct random_world *world_new(uint32_t seed, bool is_told)
{
    static const unsigned sessions[RW_SEATS] = { 0, 0, 1 };
    struct random_world *w = calloc(1, sizeof(*w));
    struct walk_inputs *in;

    assert_non_null(w);
    in = &w->inputs.in;
    w->seed = seed;
    w->is_told = is_told;
    w->thread = host_thread_id();
    w->in_callback = rw_in_callback;
    for (unsigned i = 0; i < RW_SEATS; i++) {
        w->seats[i].session = sessions[i];
        w->seats[i].is_spooler = i == 1;
    }
    make_inputs(w);
    for (unsigned i = 0; i < RW_SESSIONS; i++) {
        w->fx[i] = fixture_new();
        if (i == 0)
            choose_path(w->fx[0]);
        else
            snprintf(w->fx[i]->path, sizeof(w->fx[i]->path), "%s", w->fx[0]->path);
        assert_ok(host_session_configure(&w->fx[i]->session, w->fx[i]->path));
    }
    make_folders(w);
    in->message.cb = in->other.cb = in->folder.cb = w->folders[0].size;
    in->message.lpb = in->other.lpb = in->folder.lpb = w->folders[0].id;
    return w;
}

/* Every seat is left in one of the ways, everything is given back, and nothing is left. */
static void world_end(struct random_world *w, unsigned step)
{
    struct fixture *second = w->fx[1];
    char dll[1024];

    w->step = step;
    w->depth = 1;
    for (unsigned i = 0; i < RW_SESSIONS; i++)
        rw_end_session(w, i, rw_random(w, 500 + i) % 4);
    rw_check(w);
    for (unsigned i = 0; i < RW_ITEMS; i++) {
        for (ULONG refs = w->items[i].object ? w->items[i].refs : 0; refs > 0; refs--)
            rw_release(w, &w->items[i]);
    }
    for (unsigned i = 0; i < RW_SINKS; i++) {
        if (w->sinks[i].is_used)
            host_sink_done(&w->sinks[i].sink);
    }
    for (unsigned i = 0; i < RW_SESSIONS; i++)
        rw_session_renew(w, i);
    /* a module that clients have kept lets go of itself in the next session */
    assert_ok(host_session_load(&second->session));
    snprintf(dll, sizeof(dll), "%s", second->session.dll_path);
    host_session_logoff(&second->session);
    if (host_lib_is_loaded(dll))
        rw_wrong(w, "nobody uses the module, and it stays loaded");
    if (host_session_done(&second->session) != 0)
        rw_wrong(w, "%s", second->session.world.last_breach);
    host_profile_free(second->profile);
    free(second);
    release_last(w->inputs.in.target);
    host_sink_done(&w->inputs.in.sink);
    fixture_check_and_free(w->fx[0]);
    free(w);
}

/* The process ends by fast shutdown, whatever is held; until it is gone, clients may still release
 * and call. */
static MSP_NORETURN void world_dies(struct random_world *w)
{
    bool any = false;

    w->depth = 3; /* callbacks do nothing any more */
    for (unsigned i = 0; i < RW_SESSIONS; i++) {
        if (!w->fx[i]->session.provider)
            continue;
        rw_say(w, "session %u ends by fast shutdown", i);
        any = true;
        rw_expect(w, host_session_fast_shutdown(&w->fx[i]->session), S_OK, "fast shutdown");
    }
    for (unsigned i = 0; any && i < RW_ITEMS; i++) {
        IUnknown *object = w->items[i].object;

        for (ULONG refs = object ? w->items[i].refs : 0; refs > 0; refs--)
            (void)object->lpVtbl->Release(object);
    }
    for (unsigned i = 0; i < RW_SEATS; i++) {
        if (w->seats[i].is_in && w->seats[i].support->dead)
            rw_wrong(w, "seat %u: called after fast shutdown", i);
    }
    host_die(0);
}

/* ---- Sequences ---- */

struct sequence {
    uint32_t seed;
    unsigned count;
    unsigned steps[WALK_STEPS];
};

static void play(const struct sequence *sequence, bool is_told)
{
    struct random_world *w = world_new(sequence->seed, is_told);

    for (unsigned i = 0; i < sequence->count; i++) {
        w->step = sequence->steps[i];
        rw_run_step(w, 0, false);
        rw_check(w);
    }
    world_end(w, WALK_STEPS);
}

/* Some steps of a walk, and then the process ends in the middle of it. */
static MSP_NORETURN void play_and_die(uint32_t seed)
{
    struct random_world *w = world_new(seed, false);

    for (unsigned i = 0; i < 20 + seed % 100; i++) {
        w->step = i;
        rw_run_step(w, 0, false);
        rw_check(w);
    }
    world_dies(w);
}

static void whole(struct sequence *out, uint32_t seed)
{
    out->seed = seed;
    out->count = WALK_STEPS;
    for (unsigned i = 0; i < WALK_STEPS; i++)
        out->steps[i] = i;
}

/* "<seed>:<step>,<from>-<to>,..."; without steps: all of them. */
static bool parse(const char *text, struct sequence *out)
{
    char *end;

    whole(out, (uint32_t)strtoul(text, &end, 10));
    if (*end == 0)
        return true;
    out->count = 0;
    while (*end == ':' || *end == ',') {
        unsigned long from = strtoul(end + 1, &end, 10), to = from;

        if (*end == '-')
            to = strtoul(end + 1, &end, 10);
        for (; from <= to && from < WALK_STEPS && out->count < WALK_STEPS; from++)
            out->steps[out->count++] = (unsigned)from;
    }
    return *end == 0;
}

static void print(const struct sequence *sequence, char *out, size_t out_size)
{
    size_t size = (size_t)snprintf(out, out_size, "%lu:", (unsigned long)sequence->seed);

    for (unsigned i = 0; i < sequence->count; i++) {
        unsigned from = i;

        while (i + 1 < sequence->count && sequence->steps[i + 1] == sequence->steps[i] + 1)
            i++;
        size += (size_t)snprintf(
                out + size, out_size - size, "%s%u", from ? "," : "", sequence->steps[from]);
        if (i > from)
            size += (size_t)snprintf(out + size, out_size - size, "-%u", sequence->steps[i]);
    }
}

/* ---- Children ---- */

static char output_path[1024], store_path[1024];

static void paths_begin(void)
{
    host_temp_path(".walk", output_path, sizeof(output_path));
    host_temp_path(".mkeep", store_path, sizeof(store_path));
    in_memory(store_path, sizeof(store_path));
    host_env_set("MAILKEEP_WALK_STORE", store_path);
}

static void remove_store(void)
{
    static const char *const beside[] = { "", "-wal", "-shm", "-journal" };
    char path[1100];

    for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
        snprintf(path, sizeof(path), "%s%s", store_path, beside[i]);
        host_file_remove(path);
    }
}

/* This program again, with a variable; false: it has failed or hangs. */
static bool run_child(const char *name, const char *value, unsigned seconds)
{
    uint64_t until = host_ticks_ms() + seconds * 1000u;
    struct process *process;
    int status;

    host_env_set(name, value);
    process = process_start_self(output_path);
    host_env_set(name, NULL);
    assert_non_null(process);
    while (process_is_running(process)) {
        if (seconds && host_ticks_ms() > until)
            process_kill(process);
        host_sleep_ms(seconds ? 2 : 50);
    }
    status = process_wait(process);
    remove_store();
    return status == 0;
}

static bool holds(const struct sequence *sequence)
{
    char text[8 * WALK_STEPS];

    print(sequence, text, sizeof(text));
    return run_child("MAILKEEP_WALK", text, HANG_SECONDS);
}

/* Shows what the last child has said. */
static void show_output(void)
{
    char line[1000];
    FILE *file = host_fopen(output_path, "rb");

    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, "walk ", 5) != 0)
            print_message("%s", line);
    }
    if (file)
        fclose(file);
}

/* The number behind the last line of the output that starts so; -1: there is none. */
static long last_number(const char *start)
{
    char line[1000];
    FILE *file = host_fopen(output_path, "rb");
    long number = -1;

    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, start, strlen(start)) == 0)
            number = strtol(line + strlen(start), NULL, 10);
    }
    if (file)
        fclose(file);
    return number;
}

static void without(
        const struct sequence *from, unsigned first, unsigned count, struct sequence *out)
{
    out->seed = from->seed;
    out->count = 0;
    for (unsigned i = 0; i < from->count; i++) {
        if (i < first || i >= first + count)
            out->steps[out->count++] = from->steps[i];
    }
}

/* Takes out steps, many at a time and then fewer, as long as what is left fails. */
static void shrink(struct sequence *sequence)
{
    unsigned tries = 0;
    long last;

    (void)holds(sequence);
    last = last_number("  ");
    for (unsigned i = 0; last >= 0 && i < sequence->count; i++) {
        if (sequence->steps[i] == (unsigned)last) {
            struct sequence cut = *sequence;

            cut.count = i + 1;
            if (!holds(&cut))
                *sequence = cut;
            break;
        }
    }
    for (unsigned size = sequence->count / 2; size > 0;) {
        bool is_shorter = false;

        for (unsigned at = 0; at < sequence->count && tries < TRIES;) {
            struct sequence shorter;

            without(sequence, at, size, &shorter);
            tries++;
            if (!holds(&shorter)) {
                *sequence = shorter;
                is_shorter = true;
            } else {
                at += size;
            }
        }
        if (!is_shorter || size > sequence->count)
            size = size == 1 ? 0 : size / 2;
    }
}

static unsigned long number_of(const char *name, unsigned long otherwise)
{
    char text[32];

    return host_env(name, text, sizeof(text)) ? strtoul(text, NULL, 10) : otherwise;
}

/* A child: walks until the steps are made or the time is over. */
static int walk_on(unsigned long steps, unsigned long first)
{
    unsigned long seconds = number_of("MAILKEEP_WALK_SECONDS", SECONDS);
    uint64_t begin = host_ticks_ms();
    unsigned long done = 0;

    for (unsigned long seed = first; done < steps; seed++, done += WALK_STEPS) {
        struct sequence sequence;

        if (seconds && seed > first && host_ticks_ms() - begin > seconds * 1000)
            break;
        printf("walk %lu\n", seed);
        fflush(stdout);
        whole(&sequence, (uint32_t)seed);
        play(&sequence, false);
    }
    printf("steps %lu\n", done);
    return 0;
}

static void report(uint32_t seed)
{
    struct sequence sequence;
    char text[8 * WALK_STEPS];

    show_output();
    whole(&sequence, seed);
    if (holds(&sequence))
        fail_msg("walk %lu fails after others, and not alone", (unsigned long)seed);
    shrink(&sequence);
    print(&sequence, text, sizeof(text));
    (void)holds(&sequence);
    print_message("%u steps are left; MAILKEEP_WALK=%s\n", sequence.count, text);
    show_output();
    host_file_remove(output_path);
    fail_msg("walk %lu", (unsigned long)seed);
}

/* Teardown.StoreClose.1 Teardown.StoreClose.2 Teardown.StoreClose.5 Teardown.StoreClose.8
   Teardown.StoreClose.9 Teardown.SessionLogoff.1 Teardown.SessionLogoff.2
   Teardown.SessionLogoff.3 Teardown.Invalid.1 Teardown.Invalid.2 Teardown.Invalid.3
   Teardown.Data.1 Teardown.Data.2 Teardown.Data.3 */
static void any_sequence__walked__is_as_the_model_says(void **state)
{
    char steps[32];
    long walked;

    (void)state;
    snprintf(steps, sizeof(steps), "%lu", number_of("MAILKEEP_WALK_STEPS", STEPS));
    paths_begin();
    if (!run_child("MAILKEEP_WALK_CHILD", steps, 0))
        report((uint32_t)last_number("walk "));
    walked = last_number("steps ");
    host_file_remove(output_path);
    print_message("%ld steps\n", walked);
    assert_true(walked >= WALK_STEPS);
}

/* IMAPIProviderShutdown, with whatever a walk has open. Teardown.Data.4 */
static void any_sequence__fast_shutdown__the_process_ends(void **state)
{
    (void)state;
    paths_begin();
    for (unsigned seed = 1; seed <= FAST; seed++) {
        char text[16];

        snprintf(text, sizeof(text), "%u", seed * 7);
        if (!run_child("MAILKEEP_WALK_FAST", text, HANG_SECONDS)) {
            show_output();
            fail_msg("fast shutdown after the walk MAILKEEP_WALK_FAST=%s", text);
        }
    }
    host_file_remove(output_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_sequence__walked__is_as_the_model_says),
        cmocka_unit_test(any_sequence__fast_shutdown__the_process_ends),
    };
    char text[8 * WALK_STEPS];
    struct sequence sequence;

    if (host_env("MAILKEEP_WALK", text, sizeof(text))) {
        if (!parse(text, &sequence))
            return 2;
        play(&sequence, true);
        return 0;
    }
    if (number_of("MAILKEEP_WALK_FAST", 0) > 0)
        play_and_die((uint32_t)number_of("MAILKEEP_WALK_FAST", 0));
    if (number_of("MAILKEEP_WALK_CHILD", 0) > 0)
        return walk_on(number_of("MAILKEEP_WALK_CHILD", 0), number_of("MAILKEEP_WALK_SEED", 1));
    return cmocka_run_group_tests_name("random_walk", tests, NULL, NULL);
}
