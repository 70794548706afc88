/* SPDX-License-Identifier: MIT */
/*
 * test_threads_dying.c - fast shutdown while other threads save, sort and read: what was
 * acknowledged before it is found by the next process.
 *
 * A process has one end, so each round is a child. It writes down what was acknowledged when the
 * shutdown began and dies in the middle of its threads' work; the parent looks at the store.
 *
 * Locks: none; what threads share is atomic.
 */
#include <stdatomic.h>

#include "mailkeep.h"
#include "support/process.h"
#include "support/support.h"

enum { SAVERS = 4, OTHERS = 2, THREADS = SAVERS + OTHERS, KEPT = 4000, ID_MOST = 64, ROUNDS = 6 };

struct id {
    ULONG size;
    BYTE bytes[ID_MOST];
};

struct worker {
    void *object;        /* one reference */
    atomic_uint saved;   /* of a saver: ids that were acknowledged */
    struct id ids[KEPT]; /* constant up to `saved` */
};

static struct worker workers[THREADS];
/* Nobody saves any more: nothing but the shutdown makes durable what is not. */
static atomic_bool is_quiet;

/* ---- The child's threads: they never end. What the shutdown stops, they begin anew. ---- */

static void save_on(void *arg)
{
    struct worker *w = arg;
    IMAPIFolder *inbox = w->object;

    for (unsigned i = 0; i < KEPT;) {
        IMessage *message = NULL;
        SPropValue *id;

        if (FAILED(inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &message)))
            continue;
        id = prop_get(message, PR_ENTRYID);
        w->ids[i].size = id->Value.bin.cb;
        memcpy(w->ids[i].bytes, id->Value.bin.lpb, id->Value.bin.cb);
        mapi_free(id);
        if (!atomic_load(&is_quiet) &&
                message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE) == S_OK)
            atomic_store(&w->saved, ++i);
        (void)message->lpVtbl->Release(message);
    }
}

static void sort_on(void *arg)
{
    SizedSSortOrderSet(1, order) = { 1, 0, 0, { { PR_ENTRYID, TABLE_SORT_ASCEND } } };
    struct worker *w = arg;
    IMAPITable *table = w->object;
    LPSRowSet rows = NULL;

    for (unsigned i = 0; i < 1000000; i++) {
        order.aSort[0].ulOrder = i % 2 ? TABLE_SORT_ASCEND : TABLE_SORT_DESCEND;
        if (SUCCEEDED(table->lpVtbl->SortTable(table, (LPSSortOrderSet)(void *)&order, 0)) &&
                SUCCEEDED(table->lpVtbl->QueryRows(table, 5, 0, &rows)))
            mapi_free_rows(rows);
    }
}

static void fast_shutdown(void *arg)
{
    struct fixture *fx = arg;

    assert_ok(host_session_fast_shutdown(&fx->session));
}

/* ---- The child ---- */

/* Lines of the book: an acknowledged id each. */
static void write_ids(FILE *book, const struct worker *w, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        for (ULONG k = 0; k < w->ids[i].size; k++)
            fprintf(book, "%02x", w->ids[i].bytes[k]);
        fputc('\n', book);
    }
}

static void start(struct fixture *fx)
{
    for (unsigned i = 0; i < THREADS; i++) {
        struct worker *w = &workers[i];
        IMAPITable *table = NULL;

        w->object = fx->inbox;
        fx->inbox->lpVtbl->AddRef(fx->inbox);
        if (i >= SAVERS) {
            assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, 0, &table));
            w->object = table;
        }
        assert_non_null(host_thread_start(i < SAVERS ? save_on : sort_on, w));
    }
}

/* Dies with its threads at work. */
static void run_child(const char *path, const char *book_path, unsigned round)
{
    FILE *book = host_fopen(book_path, "wb");
    struct fixture *fx = fixture_new();
    unsigned known[SAVERS];
    struct host_thread *other;

    assert_non_null(book);
    assert_ok(host_session_configure(&fx->session, path));
    fixture_logon(fx);
    fixture_open_inbox(fx);
    prop_set_bool(fx->store, PR_MKEEP_BULK, true);
    start(fx);
    for (unsigned i = 0; i < SAVERS; i++) {
        while (atomic_load(&workers[i].saved) < 1 + 5 * round)
            host_sleep_ms(0);
    }
    atomic_store(&is_quiet, round % 3 == 0);
    for (unsigned i = 0; i < SAVERS; i++)
        known[i] = atomic_load(&workers[i].saved);
    other = round % 2 == 0 ? NULL : host_thread_start(fast_shutdown, fx);
    fast_shutdown(fx); /* two at once, every other time */
    for (unsigned i = 0; i < SAVERS; i++)
        write_ids(book, &workers[i], known[i]);
    if (other)
        host_thread_join(other);
    fast_shutdown(fx);
    fprintf(book, "end\n");
    fclose(book);
    host_die(0);
}

/* ---- The parent ---- */

static unsigned hex_digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Every id of the book can be opened. */
static unsigned check_book(struct fixture *fx, const char *book_path)
{
    FILE *book = host_fopen(book_path, "rb");
    char line[2 * ID_MOST + 8];
    bool is_whole = false;
    unsigned count = 0;

    assert_non_null(book);
    while (fgets(line, sizeof(line), book)) {
        BYTE id[ID_MOST];
        ULONG size = (ULONG)(strlen(line) / 2);
        LPUNKNOWN object = NULL;
        ULONG type = 0;

        is_whole = strcmp(line, "end\n") == 0;
        if (is_whole)
            break;
        for (ULONG i = 0; i < size; i++)
            id[i] = (BYTE)(hex_digit(line[2 * i]) << 4 | hex_digit(line[2 * i + 1]));
        assert_ok(fx->store->lpVtbl->OpenEntry(
                fx->store, size, (LPENTRYID)(void *)id, NULL, 0, &type, &object));
        release_last(object);
        count++;
    }
    fclose(book);
    assert_true(is_whole);
    return count;
}

/* IMSProvider.FastShutdown.2 IMSProvider.FastShutdown.3 Teardown.Data.4 Threads.Rules.1 */
static void threads_at_work__fast_shutdown__what_was_acknowledged_is_found(void **state)
{
    struct fixture *fx = *state;
    char book[1100];
    char output[1100];
    unsigned total = 0;

    snprintf(book, sizeof(book), "%s.book", fx->path);
    snprintf(output, sizeof(output), "%s.out", fx->path);
    for (unsigned round = 0; round < ROUNDS; round++) {
        char number[8];
        const char *arguments[] = { NULL, "--dying", fx->path, book, number, NULL };
        struct process *process;

        snprintf(number, sizeof(number), "%u", round);
        release_last(fx->store);
        host_session_logoff(&fx->session);
        process = process_start(arguments, output);
        assert_non_null(process);
        assert_int_equal(process_wait(process), 0);
        assert_int_equal(host_session_done(&fx->session), 0);
        host_session_init(&fx->session, fx->profile, 0);
        fixture_logon(fx);
        total += check_book(fx, book);
    }
    (void)host_file_remove(book);
    (void)host_file_remove(output);
    print_message("%u messages\n", total);
    assert_true(total >= ROUNDS * SAVERS);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                threads_at_work__fast_shutdown__what_was_acknowledged_is_found, fixture_store_setup,
                fixture_teardown),
    };

    argv = host_args(argc, argv, &argc);
    if (argc == 5 && strcmp(argv[1], "--dying") == 0)
        run_child(argv[2], argv[3], (unsigned)strtoul(argv[4], NULL, 10));
    return cmocka_run_group_tests_name("threads_dying", tests, NULL, NULL);
}
