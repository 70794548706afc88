/* SPDX-License-Identifier: MIT */
/*
 * test_trace.c - what a developer reads in the trace: logons, logoffs, and what was left open.
 */
#include "raw_logon.h"
#include "support/process.h"

struct trace_fixture {
    struct fixture *fx;
    char path[1024]; /* of the trace */
    char *text;      /* lines of this process, without their heads */
};

static int trace_setup(void **state)
{
    struct trace_fixture *tx = calloc(1, sizeof(*tx));
    void *inner = NULL;

    assert_non_null(tx);
    fixture_session_setup(&inner);
    tx->fx = inner;
    assert_ok(host_session_configure(&tx->fx->session, tx->fx->path));
    host_temp_path(".trace", tx->path, sizeof(tx->path));
    host_env_set("MAILKEEP_TRACE", tx->path);
    *state = tx;
    return 0;
}

static int trace_teardown(void **state)
{
    struct trace_fixture *tx = *state;

    host_env_set("MAILKEEP_TRACE", NULL);
    fixture_check_and_free(tx->fx);
    host_file_remove(tx->path);
    free(tx->text);
    free(tx);
    return 0;
}

static bool is_time(const char *text)
{
    static const char form[] = "0000-00-00T00:00:00.000Z";

    for (size_t i = 0; form[i]; i++) {
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    }
    return true;
}

/* Reads the trace; each line must start as it should, and its head goes. */
static const char *read_trace(struct trace_fixture *tx)
{
    FILE *file = host_fopen(tx->path, "rb");
    char line[2048];
    char process[32];
    size_t size = 0;

    free(tx->text);
    tx->text = calloc(1, 1u << 18);
    assert_non_null(tx->text);
    if (!file)
        return tx->text;
    snprintf(process, sizeof(process), " %lu: ", host_process_id());
    while (fgets(line, sizeof(line), file)) {
        const char *at = line;

        assert_memory_equal(at, "mailkeep: ", 10);
        assert_true(is_time(at + 10));
        at += 10 + 24;
        assert_memory_equal(at, process, strlen(process));
        at += strlen(process);
        assert_true(size + strlen(at) < (1u << 18));
        memcpy(tx->text + size, at, strlen(at) + 1);
        size += strlen(at);
    }
    fclose(file);
    return tx->text;
}

static unsigned count_of(const char *text, const char *what)
{
    unsigned count = 0;

    for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
        count++;
    return count;
}

static void assert_has(const char *text, const char *what, unsigned count)
{
    if (count_of(text, what) != count)
        fail_msg("%u times \"%s\" instead of %u in:\n%s", count_of(text, what), what, count, text);
}

/* The number that the logon has in the lines; it counts on in a process. */
static unsigned last_number(const char *text, const char *word)
{
    const char *found = NULL;
    unsigned number = 0;

    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
        found = at;
    assert_non_null(found);
    assert_int_equal(sscanf(found + strlen(word), "%u", &number), 1);
    return number;
}

static void nothing_left__logon_and_logoff__one_line_each(void **state)
{
    struct trace_fixture *tx = *state;
    struct raw_logon raw;
    char line[1200];
    const char *text;
    double took = -1;

    raw_open(tx->fx, &raw, MDB_WRITE);
    text = read_trace(tx);
    snprintf(line, sizeof(line), "logon %u: %s\n", last_number(text, "logon "), tx->fx->path);
    assert_string_equal(text, line);

    raw_close(&raw);

    text = read_trace(tx);
    assert_int_equal(count_of(text, "\n"), 2);
    assert_int_equal(last_number(text, "logon "), last_number(text, "logoff "));
    assert_has(text, ": 0 objects left open, took ", 1);
    assert_int_equal(sscanf(strstr(text, "took "), "took %lf ms", &took), 1);
    assert_true(took >= 0 && took < 60000);
}

static void read_only_and_spooler__logon__are_in_the_line(void **state)
{
    struct trace_fixture *tx = *state;
    struct raw_logon raw;

    raw_open(tx->fx, &raw, 0);
    assert_has(read_trace(tx), ".mkeep, read-only\n", 1);
    raw_close(&raw);
    raw = (struct raw_logon){ .flags = MDB_WRITE, .spooler = true };
    assert_ok(raw_logon(tx->fx, &raw));
    raw_drop_support(&raw);
    assert_has(read_trace(tx), ".mkeep, spooler\n", 1);
    raw_close(&raw);
    assert_has(read_trace(tx), ": 0 objects left open", 2);
}

static void open_all(struct trace_fixture *tx, struct raw_logon *raw, IMessage **out_message,
        IMAPITable **out_table)
{
    raw_open(tx->fx, raw, MDB_WRITE);
    tx->fx->store = raw->store;
    fixture_open_inbox(tx->fx);
    tx->fx->store = NULL;
    assert_ok(tx->fx->inbox->lpVtbl->CreateMessage(tx->fx->inbox, NULL, 0, out_message));
    (*out_message)->lpVtbl->AddRef(*out_message);
    assert_ok(tx->fx->inbox->lpVtbl->GetContentsTable(tx->fx->inbox, 0, out_table));
}

static void release_all(struct trace_fixture *tx, IMessage *message, IMAPITable *table)
{
    message->lpVtbl->Release(message);
    release_last(message);
    release_last(table);
    release_last(tx->fx->inbox);
}

static void things_left__logoff__a_line_for_each(void **state)
{
    struct trace_fixture *tx = *state;
    struct raw_logon raw;
    IMessage *message;
    IMAPITable *table;
    const char *text;
    char *before;
    struct host_sink sink;
    ULONG_PTR connection;

    open_all(tx, &raw, &message, &table);
    host_sink_init(&sink);
    assert_ok(raw.store->lpVtbl->Advise(
            raw.store, 0, NULL, fnevObjectCreated, &sink.IMAPIAdviseSink_iface, &connection));

    host_session_logoff(&tx->fx->session);

    text = read_trace(tx);
    assert_has(text, ": left open: message, 2 references, since 2", 1);
    assert_has(text, ": left open: table, 1 reference, since 2", 1);
    assert_has(text, ": left open: folder, 1 reference, since 2", 1);
    assert_has(text, ": left open: store, 1 reference, since 2", 1);
    assert_has(text, ": left open: ", 4);
    assert_has(text, ": left advised: 1 connection\n", 1);
    assert_has(text, ": 4 objects left open, took ", 1);
    before = malloc(strlen(text) + 1);
    assert_non_null(before);
    strcpy(before, text);
    release_all(tx, message, table);
    release_last(raw.store);
    host_sink_done(&sink);
    assert_string_equal(before, read_trace(tx));
    free(before);
}

/* The objects die with the store, before the host calls Logoff. */
static void things_left__last_release_of_the_store__a_line_for_each(void **state)
{
    struct trace_fixture *tx = *state;
    struct raw_logon raw;
    IMessage *message;
    IMAPITable *table;
    const char *text;

    open_all(tx, &raw, &message, &table);

    raw_close(&raw);

    text = read_trace(tx);
    assert_has(text, ": left open: message, 2 references, since 2", 1);
    assert_has(text, ": left open: ", 3);
    assert_has(text, ": 3 objects left open, took ", 1);
    release_all(tx, message, table);
}

enum { MANY = 1200, LINES = 1000 };

static void very_many_left__logoff__the_first_thousand_have_lines(void **state)
{
    struct trace_fixture *tx = *state;
    struct raw_logon raw;
    IMAPITable *tables[MANY];
    const char *text;

    raw_open(tx->fx, &raw, MDB_WRITE);
    for (unsigned i = 0; i < MANY; i++)
        assert_ok(raw.store->lpVtbl->GetReceiveFolderTable(raw.store, 0, &tables[i]));

    raw_close(&raw);

    text = read_trace(tx);
    assert_has(text, ": left open: table, 1 reference, since ", LINES);
    assert_has(text, ": left open: 200 more\n", 1);
    assert_has(text, ": 1200 objects left open, took ", 1);
    for (unsigned i = 0; i < MANY; i++)
        release_last(tables[i]);
}

static void bad_store__logon__the_line_has_the_reason(void **state)
{
    struct trace_fixture *tx = *state;
    struct raw_logon raw = { .flags = MDB_WRITE };
    FILE *file = host_fopen(tx->fx->path, "wb");
    const char *text;

    assert_non_null(file);
    assert_true(fputs("This is no store, and it is long enough to be looked at.", file) >= 0);
    fclose(file);

    assert_true(FAILED(raw_logon(tx->fx, &raw)));

    text = read_trace(tx);
    assert_memory_equal(text, "logon failed: 0x80", 18);
    assert_true(strlen(text) > 40);
    assert_has(text, "\n", 1);
    raw_drop_support(&raw);
    mapi_free(raw.error);
}

static void switched_off__logon_and_logoff__nothing_is_written(void **state)
{
    struct trace_fixture *tx = *state;
    struct raw_logon raw;

    host_env_set("MAILKEEP_TRACE", NULL);
    raw_open(tx->fx, &raw, MDB_WRITE);
    host_env_set("MAILKEEP_TRACE", tx->path);
    raw_close(&raw);
    assert_string_equal(read_trace(tx), ""); /* what a logon began without, it ends without */

    host_env_set("MAILKEEP_TRACE", "");
    raw_open(tx->fx, &raw, MDB_WRITE);
    raw_close(&raw);
    assert_false(host_file_exists(tx->path));
}

static void a_folder_that_is_not_there__logon_and_logoff__go_on_without(void **state)
{
    struct trace_fixture *tx = *state;
    struct raw_logon raw;
    char path[1100];

    snprintf(path, sizeof(path), "%s/none/trace", tx->path);
    host_env_set("MAILKEEP_TRACE", path);

    raw_open(tx->fx, &raw, MDB_WRITE);
    raw_close(&raw);

    assert_false(host_file_exists(path));
}

/* Where there is no registry, the setting cannot be made and nothing is written. */
static void registry__names_a_file__is_used_unless_the_environment_says_otherwise(void **state)
{
    struct trace_fixture *tx = *state;
    bool there_is_one = process_registry_begin();
    struct raw_logon raw;

    host_env_set("MAILKEEP_TRACE", NULL);
    process_registry_set("Software\\Mailkeep", "Trace", tx->path);
    raw_open(tx->fx, &raw, MDB_WRITE);
    raw_close(&raw);
    assert_has(read_trace(tx), "\n", there_is_one ? 2 : 0);

    host_env_set("MAILKEEP_TRACE", "");
    raw_open(tx->fx, &raw, MDB_WRITE);
    raw_close(&raw);
    assert_has(read_trace(tx), "\n", there_is_one ? 2 : 0);
    if (there_is_one)
        process_registry_end();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, trace_setup, trace_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_left__logon_and_logoff__one_line_each),
        TEST(read_only_and_spooler__logon__are_in_the_line),
        TEST(things_left__logoff__a_line_for_each),
        TEST(things_left__last_release_of_the_store__a_line_for_each),
        TEST(very_many_left__logoff__the_first_thousand_have_lines),
        TEST(bad_store__logon__the_line_has_the_reason),
        TEST(switched_off__logon_and_logoff__nothing_is_written),
        TEST(a_folder_that_is_not_there__logon_and_logoff__go_on_without),
        TEST(registry__names_a_file__is_used_unless_the_environment_says_otherwise),
    };

    return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
