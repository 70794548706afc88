/* SPDX-License-Identifier: MIT */
/*
 * test_threads.c - sixteen threads on two logons of one file do what clients do, each with objects
 * of its own and with some that all share, while one of the logons ends: every call succeeds or
 * says why, everything that was acknowledged is there afterwards, nothing is left. Made for TSan
 * and ASan; under Wine it is the real DLL.
 *
 * Threads of this test do not assert: they note the first thing that was wrong, and the main thread
 * fails.
 *
 *   MAILKEEP_STRESS_ROUNDS=<n>    rounds (default: ROUNDS)
 *   MAILKEEP_STRESS_SECONDS=<n>   after which no round is begun (default: SECONDS; 0: no end)
 */
#include <stdatomic.h>

#include "support/support.h"

enum {
    THREADS = 16, /* every second one on the second logon */
    STEPS = 8,    /* of a thread, in one round */
    KEPT = 64,    /* messages that a thread remembers */
    ROUNDS = 300,
    ROUNDS_PER_STORE = 20,
    SECONDS = 15
};

/* How the first logon ends while the threads work. */
enum ending {
    NO_ENDING,
    LOGOFF,
    STORE_GONE,
    SESSION_GONE,
    SHUTDOWN,    /* IMSProvider::Shutdown, nobody calls Logoff */
    FORGOTTEN,   /* the provider's last Release, nobody calls anything */
    TWO_LOGOFFS, /* at once, on two threads */
    IN_CALLBACK, /* Logoff inside OnNotify, on whichever thread is delivering */
    ENDINGS
};

struct kept {
    ULONG size;
    BYTE id[64];
    bool may_be_gone; /* a delete was tried */
    bool is_gone;     /* ... and acknowledged */
};

struct worker {
    struct host_thread *thread;
    IMsgStore *store;    /* a reference of its own, or NULL in rounds in which the last one goes */
    IMAPIFolder *folder; /* its own */
    IMAPIFolder *other;  /* the inbox as the other logon has it: a reference of its own */
    IMessage *message;   /* the logon's, shared by its threads: a reference of its own */
    IMAPITable *table;   /* the same */
    bool one_ends;       /* one of the logons ends under the threads */
    bool may_end;        /* ... and it is this one */
    uint32_t random;
    struct kept kept[KEPT];
    unsigned kept_count;
    unsigned long done; /* calls that succeeded */
    unsigned long dead; /* calls on an object that is no more */
    char wrong[200];    /* the first thing that was wrong, or "" */
};

static uint32_t next_random(struct worker *w)
{
    w->random = w->random * 1664525u + 1013904223u;
    return w->random >> 8;
}

static void note(struct worker *w, const char *what, HRESULT hr)
{
    if (!w->wrong[0])
        snprintf(w->wrong, sizeof(w->wrong), "%s: %s", what, host_hr_name(hr));
}

/* Whether the call worked. What may go wrong here: the logon has ended. */
static bool worked(struct worker *w, const char *what, HRESULT hr)
{
    if (SUCCEEDED(hr)) {
        w->done++;
        return true;
    }
    w->dead++;
    if (hr != MAPI_E_INVALID_OBJECT || !w->may_end)
        note(w, what, hr);
    return false;
}

static void drop(void *object)
{
    IUnknown *unknown = object;

    if (unknown)
        (void)unknown->lpVtbl->Release(unknown);
}

/* ---- Steps ---- */

static bool set_subject(struct worker *w, IMessage *message)
{
    static WCHAR text[] = { 'R', 'E', ':', ' ', 't', 'h', 'r', 'e', 'a', 'd', 's', 0 };
    SPropValue values[2] = { { .ulPropTag = PR_SUBJECT_W }, { .ulPropTag = PR_IMPORTANCE } };

    values[0].Value.lpszW = text;
    values[1].Value.l = (LONG)(next_random(w) % 3);
    return worked(w, "SetProps", message->lpVtbl->SetProps(message, 2, values, NULL));
}

static void attach_bytes(struct worker *w, IMessage *message)
{
    static const BYTE bytes[40000];
    LPATTACH attach = NULL;
    LPUNKNOWN stream = NULL;
    ULONG number;

    if (worked(w, "CreateAttach",
                message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach)) &&
            worked(w, "OpenProperty",
                    attach->lpVtbl->OpenProperty(attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0,
                            MAPI_CREATE | MAPI_MODIFY, &stream))) {
        IStream *out = (IStream *)(void *)stream;

        (void)(worked(w, "Write", out->lpVtbl->Write(out, bytes, sizeof(bytes), NULL)) &&
                worked(w, "Commit", out->lpVtbl->Commit(out, 0)) &&
                worked(w, "SaveChanges of an attachment",
                        attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE)));
    }
    drop(stream);
    drop(attach);
}

/* The id of a message; false when it cannot be read. */
static bool read_id(struct worker *w, IMessage *message, struct kept *out)
{
    SizedSPropTagArray(1, tags) = { 1, { PR_ENTRYID } };

    union {
        void *given;
        LPSPropTagArray taken;
    } array = { .given = &tags };

    SPropValue *value = NULL;
    ULONG count = 0;
    bool ok;

    ok = worked(w, "GetProps of an id",
            message->lpVtbl->GetProps(message, array.taken, 0, &count, &value));
    ok = ok && value->ulPropTag == PR_ENTRYID && value->Value.bin.cb <= sizeof(out->id);
    if (ok) {
        memset(out, 0, sizeof(*out));
        out->size = value->Value.bin.cb;
        memcpy(out->id, value->Value.bin.lpb, out->size);
    }
    mapi_free(value);
    return ok;
}

static void step_create(struct worker *w)
{
    IMessage *message = NULL;
    struct kept kept;

    if (w->kept_count == KEPT ||
            !worked(w, "CreateMessage",
                    w->folder->lpVtbl->CreateMessage(w->folder, NULL, 0, &message)))
        return;
    if (!set_subject(w, message))
        goto out;
    if (next_random(w) % 2 == 0)
        attach_bytes(w, message);
    /* the id is known before the save, so that an acknowledged save can be looked up */
    if (read_id(w, message, &kept) &&
            worked(w, "SaveChanges", message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE)))
        w->kept[w->kept_count++] = kept;
out:
    drop(message);
}

static LPENTRYID id_of(struct kept *kept)
{
    union {
        BYTE *bytes;
        LPENTRYID id;
    } pointer = { .bytes = kept->id };

    return pointer.id;
}

static struct kept *pick(struct worker *w)
{
    struct kept *kept;

    if (w->kept_count == 0)
        return NULL;
    kept = &w->kept[next_random(w) % w->kept_count];
    return kept->may_be_gone ? NULL : kept;
}

static void step_open(struct worker *w)
{
    struct kept *kept = pick(w);
    LPUNKNOWN object = NULL;
    IMessage *message;
    SPropValue *values = NULL;
    ULONG type, count = 0;

    if (!kept || !worked(w, "OpenEntry",
                         w->folder->lpVtbl->OpenEntry(w->folder, kept->size, id_of(kept), NULL,
                                 MAPI_MODIFY, &type, &object)))
        return;
    message = (IMessage *)(void *)object;
    if (worked(w, "GetProps",
                message->lpVtbl->GetProps(message, NULL, MAPI_UNICODE, &count, &values)) &&
            count < 10)
        note(w, "GetProps gave too little", S_OK);
    mapi_free(values);
    (void)(worked(w, "SetReadFlag", message->lpVtbl->SetReadFlag(message, SUPPRESS_RECEIPT)) &&
            set_subject(w, message) &&
            worked(w, "SaveChanges again", message->lpVtbl->SaveChanges(message, 0)));
    drop(message);
}

static void step_table(struct worker *w)
{
    SSortOrderSet order = { .cSorts = 1 };
    LPMAPITABLE table = NULL;
    LPSRowSet rows = NULL;
    ULONG count = 0;

    if (!worked(w, "GetContentsTable",
                w->folder->lpVtbl->GetContentsTable(w->folder, MAPI_UNICODE, &table)))
        return;
    order.aSort[0].ulPropTag = PR_SUBJECT_W;
    (void)(worked(w, "SortTable", table->lpVtbl->SortTable(table, &order, 0)) &&
            worked(w, "GetRowCount", table->lpVtbl->GetRowCount(table, 0, &count)) &&
            worked(w, "QueryRows", table->lpVtbl->QueryRows(table, 20, 0, &rows)));
    mapi_free_rows(rows);
    drop(table);
}

static void step_delete(struct worker *w)
{
    struct kept *kept = pick(w);
    SBinary entry;
    ENTRYLIST list = { 1, &entry };

    if (!kept)
        return;
    entry.cb = kept->size;
    entry.lpb = kept->id;
    kept->may_be_gone = true;
    kept->is_gone = worked(
            w, "DeleteMessages", w->folder->lpVtbl->DeleteMessages(w->folder, &list, 0, NULL, 0));
}

/* A delivery of another thread may still be under way. */
static void wait_for_sink(struct worker *w, struct host_sink *sink)
{
    for (unsigned i = 0; sink->refs > 1 && i < 5000; i++)
        host_sleep_ms(1);
    if (sink->refs != 1)
        note(w, "the sink is kept", S_OK);
    host_sink_done(sink);
}

static void step_advise(struct worker *w)
{
    struct host_sink sink;
    ULONG_PTR connection = 0;

    if (!w->store)
        return;
    host_sink_init(&sink);
    if (worked(w, "Advise",
                w->store->lpVtbl->Advise(w->store, 0, NULL, fnevObjectCreated | fnevObjectModified,
                        &sink.IMAPIAdviseSink_iface, &connection))) {
        step_create(w);
        (void)worked(w, "Unadvise", w->store->lpVtbl->Unadvise(w->store, connection));
    }
    wait_for_sink(w, &sink);
}

/* Up and down through bytes that are not committed yet, with a clone that outlives the stream. */
static void use_stream(struct worker *w, IStream *stream)
{
    static const char bytes[3000] = "stream";
    LARGE_INTEGER move = { .QuadPart = (LONGLONG)(next_random(w) % 200000) };
    ULARGE_INTEGER size = { .QuadPart = next_random(w) % 300000 };
    IStream *clone = NULL;
    char back[3000];
    ULONG got = 0;

    if (!worked(w, "Write", stream->lpVtbl->Write(stream, bytes, sizeof(bytes), NULL)) ||
            !worked(w, "SetSize", stream->lpVtbl->SetSize(stream, size)) ||
            !worked(w, "Seek", stream->lpVtbl->Seek(stream, move, STREAM_SEEK_SET, NULL)) ||
            !worked(w, "Clone", stream->lpVtbl->Clone(stream, &clone)))
        return;
    if (worked(w, "Write further", stream->lpVtbl->Write(stream, bytes, sizeof(bytes), NULL)) &&
            worked(w, "Read", clone->lpVtbl->Read(clone, back, sizeof(back), &got)) &&
            got != sizeof(back))
        note(w, "Read gave too little", S_OK);
    drop(clone);
}

static void step_stream(struct worker *w)
{
    LPUNKNOWN stream = NULL;
    IMessage *message = NULL;

    if (!worked(w, "CreateMessage", w->folder->lpVtbl->CreateMessage(w->folder, NULL, 0, &message)))
        return;
    if (worked(w, "OpenProperty of a stream",
                message->lpVtbl->OpenProperty(message, PROP_TAG(PT_BINARY, 0x6701), &IID_IStream, 0,
                        MAPI_CREATE | MAPI_MODIFY, &stream)))
        use_stream(w, (IStream *)(void *)stream);
    if (next_random(w) % 2 == 0) {
        drop(message); /* the stream keeps it */
        message = NULL;
    }
    drop(stream);
    drop(message);
}

/* All threads of a logon on one message and on one table. */
static void step_shared(struct worker *w)
{
    SPropValue *values = NULL;
    LPSRowSet rows = NULL;
    ULONG count = 0;
    LONG moved;

    w->message->lpVtbl->AddRef(w->message);
    (void)worked(w, "GetProps of the shared message",
            w->message->lpVtbl->GetProps(w->message, NULL, 0, &count, &values));
    mapi_free(values);
    if (set_subject(w, w->message))
        (void)worked(w, "SaveChanges of the shared message",
                w->message->lpVtbl->SaveChanges(w->message, KEEP_OPEN_READWRITE | FORCE_SAVE));
    drop(w->message);
    (void)(worked(w, "SeekRow of the shared table",
                   w->table->lpVtbl->SeekRow(w->table, BOOKMARK_BEGINNING, 0, &moved)) &&
            worked(w, "QueryRows of the shared table",
                    w->table->lpVtbl->QueryRows(w->table, 3, 0, &rows)));
    mapi_free_rows(rows);
}

/* A copy from the thread's folder to the other logon's and back; a call of one logon that steps
 * into another, which may be ending. */
static void step_copy(struct worker *w)
{
    struct kept *kept = pick(w);
    struct host_progress progress;
    SBinary entry;
    ENTRYLIST list = { 1, &entry };
    HRESULT hr;

    if (!kept)
        return;
    entry.cb = kept->size;
    entry.lpb = kept->id;
    host_progress_init(&progress);
    hr = w->folder->lpVtbl->CopyMessages(w->folder, &list, NULL,
            next_random(w) % 2 ? w->other : w->folder, 0, &progress.IMAPIProgress_iface, 0);
    if (w->one_ends && (hr == MAPI_E_INVALID_OBJECT || hr == MAPI_W_PARTIAL_COMPLETION))
        w->dead++; /* the other logon may be the one that ends */
    else if (hr == S_OK)
        w->done++;
    else
        note(w, "CopyMessages", hr);
    if (progress.refs != 1)
        note(w, "the progress object is kept", S_OK);
}

/* Live rows: a sink on a table of the thread's own folder, while it changes. */
static void step_watch(struct worker *w)
{
    LPMAPITABLE table = NULL;
    struct host_sink sink;
    ULONG_PTR connection = 0;

    if (!worked(w, "GetContentsTable to watch",
                w->folder->lpVtbl->GetContentsTable(w->folder, 0, &table)))
        return;
    host_sink_init(&sink);
    if (worked(w, "Advise on a table",
                table->lpVtbl->Advise(
                        table, fnevTableModified, &sink.IMAPIAdviseSink_iface, &connection))) {
        step_create(w);
        if (next_random(w) % 2 == 0)
            (void)worked(w, "Unadvise on a table", table->lpVtbl->Unadvise(table, connection));
    }
    drop(table);
    wait_for_sink(w, &sink);
}

static void step_folder(struct worker *w)
{
    char name[32];
    LPMAPIFOLDER folder = NULL;
    LPMAPITABLE table = NULL;
    LPSRowSet rows = NULL;

    snprintf(name, sizeof(name), "f%u", (unsigned)next_random(w));
    if (!worked(w, "CreateFolder",
                w->folder->lpVtbl->CreateFolder(w->folder, FOLDER_GENERIC, (LPTSTR)(void *)name,
                        NULL, NULL, OPEN_IF_EXISTS, &folder)))
        return;
    (void)(worked(w, "GetHierarchyTable",
                   w->folder->lpVtbl->GetHierarchyTable(w->folder, 0, &table)) &&
            worked(w, "QueryRows of folders", table->lpVtbl->QueryRows(table, 5, 0, &rows)));
    mapi_free_rows(rows);
    drop(table);
    drop(folder);
}

static void work(void *arg)
{
    static void (*const steps[])(struct worker * w) = { step_create, step_create, step_open,
        step_open, step_table, step_delete, step_advise, step_folder, step_stream, step_copy,
        step_watch, step_shared, step_shared };
    struct worker *w = arg;

    for (unsigned i = 0; i < STEPS; i++)
        steps[next_random(w) % (sizeof(steps) / sizeof(steps[0]))](w);
}

/* ---- A round ---- */

/* What all threads of one logon share, and what ends it. */
struct team {
    struct fixture *fx;
    IMessage *message;
    IMAPITable *table;
    struct host_sink sink; /* its OnNotify may log off */
    IMSLogon *logon;       /* what it logs off; NULL: nothing */
    atomic_bool is_armed;
};

/* The second logon: another session, with a provider object of its own, on the same file. */
static struct fixture *second_session(struct fixture *fx)
{
    struct fixture *second = fixture_new();

    snprintf(second->path, sizeof(second->path), "%s", fx->path);
    assert_ok(host_session_configure(&second->session, fx->path));
    return second;
}

static void second_done(struct fixture *second)
{
    assert_int_equal(host_session_done(&second->session), 0);
    host_profile_free(second->profile);
    free(second);
}

static ULONG log_off_inside(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    struct team *team = context;
    ULONG flags = 0;

    (void)sink;
    (void)event;
    if (atomic_exchange(&team->is_armed, false))
        (void)team->logon->lpVtbl->Logoff(team->logon, &flags);
    return S_OK;
}

static void team_begin(struct team *team, struct fixture *fx, enum ending ending)
{
    ULONG_PTR connection;

    memset(team, 0, sizeof(*team));
    team->fx = fx;
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &team->message));
    assert_ok(team->message->lpVtbl->SaveChanges(team->message, KEEP_OPEN_READWRITE));
    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, 0, &team->table));
    host_sink_init(&team->sink);
    if (ending != IN_CALLBACK)
        return;
    team->logon = host_support_logon(fx->support);
    team->sink.on_event = log_off_inside;
    team->sink.context = team;
    assert_ok(fx->store->lpVtbl->Advise(
            fx->store, 0, NULL, fnevObjectCreated, &team->sink.IMAPIAdviseSink_iface, &connection));
}

static void team_end(struct team *team)
{
    drop(team->message);
    drop(team->table);
    assert_int_equal(team->sink.refs, 1);
    host_sink_done(&team->sink);
}

static void start_worker(
        struct worker *w, struct team *teams, unsigned number, unsigned round, enum ending ending)
{
    struct team *team = &teams[number % 2];
    char name[32];

    memset(w, 0, sizeof(*w));
    w->other = teams[1 - number % 2].fx->inbox;
    w->other->lpVtbl->AddRef(w->other);
    w->random = number * 7919 + round * 104729 + 1;
    w->one_ends = ending != NO_ENDING;
    w->may_end = number % 2 == 0 && w->one_ends;
    snprintf(name, sizeof(name), "r%u w%u", round, number);
    w->folder = folder_make(team->fx->inbox, name);
    w->message = team->message;
    w->message->lpVtbl->AddRef(w->message);
    w->table = team->table;
    w->table->lpVtbl->AddRef(w->table);
    if (number % 2 != 0 || ending != STORE_GONE) {
        w->store = team->fx->store;
        w->store->lpVtbl->AddRef(w->store);
    }
}

static void log_off(void *arg)
{
    IMSLogon *logon = arg;
    ULONG flags = 0;

    (void)logon->lpVtbl->Logoff(logon, &flags);
}

/* Other threads may still be on their way out of the logon: its count is not looked at. */
static void end_session(struct fixture *fx)
{
    IMSLogon *logon = host_support_unbind(fx->support);
    ULONG flags = 0;

    if (logon) {
        assert_ok(logon->lpVtbl->Logoff(logon, &flags));
        (void)logon->lpVtbl->Release(logon);
    }
    host_session_logoff(&fx->session);
}

static void forget(struct host_session *session)
{
    assert_int_equal(session->provider->lpVtbl->Release(session->provider), 0);
    session->provider = NULL;
    host_lib_close(session->lib);
    session->lib = NULL;
}

/* What comes with some chance in the middle of the threads' work. */
static void end_first(struct team *team, enum ending ending, unsigned round)
{
    struct fixture *fx = team->fx;
    IMSLogon *logon = host_support_logon(fx->support);
    IMSProvider *provider = fx->session.provider;
    struct host_thread *other;
    ULONG flags = 0;

    host_sleep_ms(round / ENDINGS % 7);
    if (ending == TWO_LOGOFFS) {
        other = host_thread_start(log_off, logon);
        log_off(logon);
        host_thread_join(other);
    }
    if (ending == LOGOFF)
        assert_ok(logon->lpVtbl->Logoff(logon, &flags));
    if (logon) /* a callback may have been faster */
        (void)logon->lpVtbl->Release(logon);
    if (ending == STORE_GONE)
        release_last(fx->store);
    if (ending == SESSION_GONE)
        end_session(fx);
    if (ending == SHUTDOWN)
        assert_ok(provider->lpVtbl->Shutdown(provider, &flags));
    if (ending == FORGOTTEN)
        forget(&fx->session);
}

/* The threads have ended; so has the logon, if nobody has made an event so far. */
static void end_last(struct team *team)
{
    if (!team->logon)
        return;
    log_off(team->logon);
    (void)team->logon->lpVtbl->Release(team->logon);
}

static void check_kept(struct fixture *fx, struct worker *w)
{
    for (unsigned i = 0; i < w->kept_count; i++) {
        struct kept *kept = &w->kept[i];
        LPUNKNOWN object = NULL;
        ULONG type = 0;
        HRESULT hr = fx->store->lpVtbl->OpenEntry(
                fx->store, kept->size, id_of(kept), NULL, 0, &type, &object);

        if (!kept->may_be_gone)
            assert_ok(hr);
        if (kept->is_gone)
            assert_hr(hr, MAPI_E_NOT_FOUND);
        drop(object);
    }
}

static unsigned long calls; /* of all rounds, that succeeded */
static unsigned long ended; /* ... that met the end of their logon */

static void join_all(struct worker *workers, unsigned round)
{
    for (unsigned i = 0; i < THREADS; i++) {
        host_thread_join(workers[i].thread);
        if (workers[i].wrong[0])
            fail_msg("round %u, thread %u: %s", round, i, workers[i].wrong);
        calls += workers[i].done;
        ended += workers[i].dead;
        drop(workers[i].folder);
        drop(workers[i].other);
        drop(workers[i].message);
        drop(workers[i].table);
        drop(workers[i].store);
    }
}

static void run_round(struct fixture *fx, unsigned round)
{
    enum ending ending = (enum ending)(round % ENDINGS);
    struct worker *workers = calloc(THREADS, sizeof(*workers));
    struct fixture *second = second_session(fx);
    struct team teams[2];

    assert_non_null(workers);
    fixture_logon(second);
    fixture_open_inbox(second);
    team_begin(&teams[0], fx, ending);
    team_begin(&teams[1], second, NO_ENDING);
    for (unsigned i = 0; i < THREADS; i++)
        start_worker(&workers[i], teams, i, round, ending);
    atomic_store(&teams[0].is_armed, teams[0].logon != NULL);
    for (unsigned i = 0; i < THREADS; i++)
        workers[i].thread = host_thread_start(work, &workers[i]);
    end_first(&teams[0], ending, round);
    join_all(workers, round);
    end_last(&teams[0]);
    team_end(&teams[0]);
    for (unsigned i = 0; i < THREADS; i++)
        check_kept(second, &workers[i]);
    team_end(&teams[1]);
    release_last(second->inbox);
    release_last(second->store);
    host_session_logoff(&second->session);
    second_done(second);
    if (fx->inbox)
        release_last(fx->inbox);
    fixture_reopen(fx);
    for (unsigned i = 0; i < THREADS; i++)
        check_kept(fx, &workers[i]);
    free(workers);
}

/* A store in memory, where there is such a folder: threads are to race, not to wait for the disk.
 */
static struct fixture *new_store(void)
{
    struct fixture *fx = fixture_new();
    const char *name = strrchr(fx->path, '/');

    if (name && host_file_exists("/dev/shm")) {
        char path[sizeof(fx->path)];

        snprintf(path, sizeof(path), "/dev/shm%s", name);
        memcpy(fx->path, path, sizeof(path));
    }
    assert_ok(host_session_configure(&fx->session, fx->path));
    fixture_logon(fx);
    fixture_open_inbox(fx);
    return fx;
}

static unsigned long number_of(const char *name, unsigned long otherwise)
{
    char text[32];

    return host_env(name, text, sizeof(text)) ? strtoul(text, NULL, 10) : otherwise;
}

/* Threads.Rules.1 Teardown.Invalid.5 Teardown.Data.1 Notify.Sink.2 */
static void sixteen_threads__two_logons_one_ends__nothing_lost_nothing_left(void **state)
{
    unsigned long rounds = number_of("MAILKEEP_STRESS_ROUNDS", ROUNDS);
    unsigned long seconds = number_of("MAILKEEP_STRESS_SECONDS", SECONDS);
    uint64_t until = seconds ? host_ticks_ms() + seconds * 1000 : UINT64_MAX;
    unsigned round = 0;

    (void)state;
    while (round < rounds && (round < ENDINGS || host_ticks_ms() < until)) {
        struct fixture *fx = new_store();

        do {
            run_round(fx, round++);
            if (!fx->inbox)
                fixture_open_inbox(fx);
        } while (round % ROUNDS_PER_STORE != 0 && round < rounds &&
                 (round < ENDINGS || host_ticks_ms() < until));
        fixture_check_and_free(fx);
    }

    print_message("%u rounds, %lu calls, %lu after the end\n", round, calls, ended);
    assert_true(round >= ENDINGS);
    assert_true(calls > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixteen_threads__two_logons_one_ends__nothing_lost_nothing_left),
    };

    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
