/* SPDX-License-Identifier: MIT */
/*
 * test_forced_end.c - processes that are killed, at random moments of an import and before every
 * step of every ending: what was acknowledged is there, what was not leaves no trace.
 *
 * The steps of an ending are the provider's calls of the support object and of sinks, and its
 * SQLite's calls towards the disk. It runs through the provider's library, natively and under Wine.
 *
 *   MAILKEEP_FORCED_ROUNDS=<n>   kills of each kind (default: ROUNDS)
 */
#include "forced_child.h"

#include "engine/eng.h"

enum {
    ROUNDS = 50,
    ROUNDS_PER_STORE = 10,
    HANG_SECONDS = 120, /* a child that has said nothing for so long has failed */
    MOST_KNOWN = 40000,
    ID_TEXT = 140
};

/* What is known of one message from the books. */
struct known {
    char id[ID_TEXT];
    long value;     /* acknowledged; 0: nothing is */
    long in_flight; /* about to be saved when the book ends; 0: nothing */
    bool may_be_gone;
    bool is_gone;
};

struct forced_fixture {
    struct fixture *fx;
    char book[1024];
    struct known *known;
    size_t count;
    size_t place[1u << 16]; /* by hash: index + 1 */
    long ended;             /* of the last book: its P line; -1: none */
    bool was_killed;        /* ... it has a K line */
    size_t acknowledged;    /* saves, in all books */
};

static unsigned long rounds(void)
{
    unsigned long number = forced_number("MAILKEEP_FORCED_ROUNDS");

    return number ? number : ROUNDS;
}

/* A store in memory, where there is such a folder: a kill does not hurt what was written. */
static void choose_path(struct fixture *fx)
{
    const char *name = strrchr(fx->path, '/');
    char path[sizeof(fx->path)];

    if (!name || !host_file_exists("/dev/shm"))
        return;
    snprintf(path, sizeof(path), "/dev/shm%s", name);
    memcpy(fx->path, path, sizeof(path));
}

static int forced_setup(void **state)
{
    struct forced_fixture *xx = calloc(1, sizeof(*xx));

    assert_non_null(xx);
    xx->known = calloc(MOST_KNOWN, sizeof(*xx->known));
    assert_non_null(xx->known);
    xx->fx = fixture_new();
    choose_path(xx->fx);
    host_temp_path(".book", xx->book, sizeof(xx->book));
    assert_ok(host_session_configure(&xx->fx->session, xx->fx->path));
    host_env_set("MAILKEEP_FORCED_STORE", xx->fx->path);
    host_env_set("MAILKEEP_FORCED_BOOK", xx->book);
    *state = xx;
    return 0;
}

static int forced_teardown(void **state)
{
    struct forced_fixture *xx = *state;

    fixture_check_and_free(xx->fx);
    host_file_remove(xx->book);
    free(xx->known);
    free(xx);
    return 0;
}

/* ---- Books ---- */

static struct known *find(struct forced_fixture *xx, const char *id)
{
    uint32_t hash = 2166136261u;
    struct known *known;

    for (const char *at = id; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619u;
    for (hash &= 0xFFFF; xx->place[hash]; hash = (hash + 1) & 0xFFFF) {
        known = &xx->known[xx->place[hash] - 1];
        if (strcmp(known->id, id) == 0)
            return known;
    }
    assert_true(xx->count < MOST_KNOWN);
    xx->place[hash] = ++xx->count;
    known = &xx->known[xx->count - 1];
    snprintf(known->id, sizeof(known->id), "%s", id);
    return known;
}

static void learn(struct forced_fixture *xx, char what, long value, const char *id)
{
    struct known *known;

    if (what == 'K')
        xx->was_killed = true;
    if (what == 'P')
        xx->ended = value;
    if (!strchr("sSdD", what))
        return;
    known = find(xx, id);
    if (what == 's') {
        known->in_flight = value;
    } else if (what == 'S') {
        known->value = value;
        known->in_flight = 0;
        xx->acknowledged++;
    } else {
        known->may_be_gone = true;
        known->is_gone = known->is_gone || what == 'D';
    }
}

/* Whole lines only: the last one may have been cut off. */
static void read_book(struct forced_fixture *xx)
{
    FILE *file = host_fopen(xx->book, "rb");
    char line[400], id[200], what;
    long value;

    xx->ended = -1;
    xx->was_killed = false;
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        if (strchr(line, '\n') && sscanf(line, "%c %ld %199s", &what, &value, id) == 3)
            learn(xx, what, value, id);
    }
    fclose(file);
}

static unsigned long lines_of_book(struct forced_fixture *xx)
{
    FILE *file = host_fopen(xx->book, "rb");
    unsigned long lines = 0;
    int c;

    while (file && (c = getc(file)) != EOF)
        lines += c == '\n';
    if (file)
        fclose(file);
    return lines;
}

/* ---- Looking ---- */

static void to_text(const SBinary *id, char out[ID_TEXT])
{
    assert_true(id->cb * 2 < ID_TEXT);
    for (ULONG i = 0; i < id->cb; i++)
        snprintf(out + 2 * i, 3, "%02x", id->lpb[i]);
}

/* A message is whole: subject, body and attachment are those of its value. */
static void check_message(IMessage *message, long value)
{
    char expected[64], *body;
    LPATTACH attach = NULL;
    SPropValue *data;

    snprintf(expected, sizeof(expected), "value %ld", value);
    prop_assert_text(message, PR_SUBJECT_W, expected);
    body = prop_text(message, PR_BODY_W);
    assert_int_equal(strlen(body), BODY);
    for (size_t i = 0; i < BODY; i++)
        assert_int_equal(body[i], 'a' + value % 26);
    free(body);
    assert_int_equal(prop_bool(message, PR_HASATTACH), value % 4 == 0);
    if (value % 4 != 0)
        return;
    assert_ok(message->lpVtbl->OpenAttach(message, 0, NULL, 0, &attach));
    data = prop_get(attach, PR_ATTACH_SIZE);
    assert_non_null(data);
    assert_true(data->Value.l >= ATTACHED);
    mapi_free(data);
    release_last(attach);
}

/* Everything in the inbox is known, and has a value that it may have. */
static size_t check_rows(struct forced_fixture *xx, bool *is_there)
{
    static const ULONG tags[] = { PR_ENTRYID };
    struct fixture *fx = xx->fx;
    LPMAPITABLE table = NULL;
    LPSRowSet rows;
    size_t count;

    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, 0, &table));
    rows = table_rows(table, tags, 1);
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *id = &rows->aRow[i].lpProps[0];
        IMessage *message = message_open(fx->store, id);
        long value = prop_long(message, VALUE_TAG);
        struct known *known;
        char text[ID_TEXT];

        to_text(&id->Value.bin, text);
        known = find(xx, text);
        if (value == 0 || (value != known->value && value != known->in_flight))
            fail_msg("message %s: %ld, acknowledged %ld, in flight %ld", text, value, known->value,
                    known->in_flight);
        if (known->is_gone)
            fail_msg("message %s was deleted and is there", text);
        known->value = value; /* what was in flight has arrived, or has not */
        known->in_flight = 0;
        is_there[known - xx->known] = true;
        check_message(message, value);
        release_last(message);
    }
    count = rows->cRows;
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), count);
    mapi_free_rows(rows);
    release_last(table);
    return count;
}

static void print_line(void *context, const char *line)
{
    (void)context;
    print_error("%s\n", line);
}

/* The engine's own look at everything it can compute in two ways. */
static void check_file(const char *path)
{
    struct eng_open_params params = { .path = path };
    struct eng *eng = NULL;
    uint64_t found = 1;

    assert_int_equal(eng_open(&params, &eng, NULL), ENG_OK);
    assert_int_equal(eng_check(eng, false, print_line, NULL, &found), ENG_OK);
    assert_int_equal(found, 0);
    eng_close(eng);
}

/* A new session finds what was acknowledged, and nothing that was not. */
static void check_store(struct forced_fixture *xx)
{
    struct fixture *fx = xx->fx;
    bool *is_there = calloc(MOST_KNOWN, sizeof(*is_there));

    assert_non_null(is_there);
    host_session_logoff(&fx->session);
    assert_int_equal(host_session_done(&fx->session), 0);
    host_session_init(&fx->session, fx->profile, 0);
    fixture_logon(fx);
    fixture_open_inbox(fx);
    (void)check_rows(xx, is_there);
    for (size_t i = 0; i < xx->count; i++) {
        struct known *known = &xx->known[i];

        if (known->value != 0 && !known->may_be_gone && !is_there[i])
            fail_msg(
                    "message %s, value %ld, was acknowledged and is lost", known->id, known->value);
        known->is_gone = !is_there[i]; /* ids are never used again */
        known->may_be_gone = known->may_be_gone && known->is_gone;
        if (known->is_gone)
            known->may_be_gone = true;
        known->in_flight = 0;
    }
    release_last(fx->inbox);
    release_last(fx->store);
    host_session_logoff(&fx->session);
    check_file(fx->path);
    free(is_there);
}

/* ---- Children ---- */

static void set_number(const char *name, unsigned long number)
{
    char text[32];

    snprintf(text, sizeof(text), "%lu", number);
    host_env_set(name, text);
}

static struct process *start(
        struct forced_fixture *xx, unsigned long job, unsigned long at, unsigned long seed)
{
    struct process *process;

    host_file_remove(xx->book);
    set_number("MAILKEEP_FORCED_JOB", job);
    set_number("MAILKEEP_FORCED_AT", at);
    set_number("MAILKEEP_FORCED_SEED", seed);
    process = process_start_self(NULL);
    host_env_set("MAILKEEP_FORCED_JOB", NULL);
    assert_non_null(process);
    return process;
}

/* An import that is killed when so many lines are in its book, and some moments later. */
static void kill_import(struct forced_fixture *xx, unsigned long round)
{
    unsigned long wanted = 3 + round * 37 % 160;
    uint64_t until = host_ticks_ms() + HANG_SECONDS * 1000;
    struct process *process = start(xx, 1, 0, round);

    while (lines_of_book(xx) < wanted) {
        if (!process_is_running(process) || host_ticks_ms() > until)
            break;
        host_sleep_ms(1);
    }
    for (volatile unsigned spin = 0; spin < round * 7919 % 100000; spin++)
        ;
    process_kill(process);
    if (process_wait(process) != PROCESS_KILLED)
        fail_msg("the import of round %lu ended by itself", round);
    assert_true(lines_of_book(xx) >= wanted);
    read_book(xx);
    check_store(xx);
}

/* Teardown.Data.4 Teardown.Data.1 */
static void import__killed_at_any_moment__nothing_acknowledged_is_lost(void **state)
{
    unsigned long acknowledged = 0;

    (void)state;
    for (unsigned long round = 0; round < rounds();) {
        void *made = NULL;
        struct forced_fixture *xx;

        forced_setup(&made);
        xx = made;
        do
            kill_import(xx, round++);
        while (round % ROUNDS_PER_STORE != 0 && round < rounds());
        acknowledged += xx->acknowledged;
        forced_teardown(&made);
    }
    print_message("%lu kills, %lu acknowledged saves\n", rounds(), acknowledged);
    assert_true(acknowledged > rounds());
}

/* The number of the ending's steps. */
static unsigned long run_ending(struct forced_fixture *xx, enum forced_ending ending)
{
    int status = process_wait(start(xx, 2 + (unsigned long)ending, 0, (unsigned long)ending));

    if (status != 0)
        fail_msg("%s: the child ended with %d", forced_names[ending], status);
    read_book(xx);
    check_store(xx);
    assert_true(xx->ended > 0);
    return (unsigned long)xx->ended;
}

/* The child is killed before the step; false: with what is in the store now the ending had fewer.
 */
static bool kill_ending(
        struct forced_fixture *xx, enum forced_ending ending, unsigned long at, unsigned long seed)
{
    int status = process_wait(start(xx, 2 + (unsigned long)ending, at, seed));

    read_book(xx);
    check_store(xx);
    if (status == 0 && xx->ended > 0 && (unsigned long)xx->ended < at)
        return false;
    if (status != PROCESS_KILLED || !xx->was_killed)
        fail_msg("%s, step %lu: the child ended with %d", forced_names[ending], at, status);
    return true;
}

/* Each of its steps, or as many as there are rounds for each ending, spread over all of them.
 * Teardown.Data.4 Teardown.Data.1 Teardown.Data.3 */
static void ending__killed_before_each_step__nothing_acknowledged_is_lost(void **state)
{
    unsigned long share = (rounds() + FORCED_ENDINGS - 1) / FORCED_ENDINGS, kills = 0;

    (void)state;
    for (unsigned i = 0; i < FORCED_ENDINGS; i++) {
        unsigned long total, seed = 100;
        void *made = NULL;

        forced_setup(&made);
        total = run_ending(made, i);
        for (unsigned long k = 0; k < share && k < total; k++) {
            unsigned long at = share >= total ? k + 1 : (k * 2 + 1) * total / (share * 2) + 1;

            kills += kill_ending(made, i, at, seed++);
        }
        print_message("%s: %lu steps\n", forced_names[i], total);
        forced_teardown(&made);
    }
    print_message("%lu kills\n", kills);
    assert_true(kills >= FORCED_ENDINGS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(import__killed_at_any_moment__nothing_acknowledged_is_lost),
        cmocka_unit_test(ending__killed_before_each_step__nothing_acknowledged_is_lost),
    };

    forced_child();
    return cmocka_run_group_tests_name("forced_end", tests, NULL, NULL);
}
