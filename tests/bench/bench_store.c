/* SPDX-License-Identifier: MIT */
/*
 * bench_store.c - the store through its interfaces, beside the same work done directly in SQLite,
 * in one run.
 *
 *   bench_store [MESSAGES [MEGABYTES OF STREAM]]       default 20,000 and 256
 *
 * MAILKEEP_DLL names the library. The last column but one is the quotient of the two speeds: above
 * 1, ours is faster.
 */
#include <unistd.h>

#include "bench.h"
#include "mailkeep.h"

struct bench {
    struct fixture *fx;
    struct raw raw;
    unsigned count;
    unsigned megabytes;
    struct bench_mail mail;
};

static void store_one(struct bench *bench, unsigned n)
{
    IMAPIFolder *inbox = bench->fx->inbox;
    IMessage *message = NULL;

    bench_mail_make(&bench->mail, n);
    assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &message));
    assert_ok(message->lpVtbl->SetProps(message, BENCH_PROPS, bench->mail.props, NULL));
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    message->lpVtbl->Release(message);
}

/* Appends and fsyncs of a plain file: what one durable write costs at least, this minute. */
static double fsync_rate(const struct bench *bench, unsigned rounds)
{
    char path[1100];
    double start;
    FILE *file;

    snprintf(path, sizeof(path), "%s.sync", bench->raw.path);
    file = fopen(path, "wb");
    if (file == NULL)
        exit(1);
    setvbuf(file, NULL, _IONBF, 0);
    start = bench_seconds();
    for (unsigned i = 0; i < rounds; i++) {
        if (fwrite(bench->mail.packed, 8192, 1, file) != 1 || fdatasync(fileno(file)) != 0)
            exit(1);
    }
    start = bench_seconds() - start;
    fclose(file);
    host_file_remove(path);
    return rounds / start;
}

/* In rounds, side by side, because the disk's speed changes from one moment to the next. */
static unsigned durable_saves(struct bench *bench)
{
    enum { ROUNDS = 10, EACH = 50 };

    double ours = 0;
    double raw = 0;
    double sync = 0;
    unsigned n = 0;

    for (int round = 0; round < ROUNDS; round++) {
        double start;

        sync += EACH / fsync_rate(bench, EACH);
        start = bench_seconds();
        for (unsigned i = 0; i < EACH; i++)
            store_one(bench, n + i);
        ours += bench_seconds() - start;
        start = bench_seconds();
        for (unsigned i = 0; i < EACH; i++) {
            bench_mail_make(&bench->mail, n + i);
            raw_insert(&bench->raw, &bench->mail, n + i);
        }
        raw += bench_seconds() - start;
        n += EACH;
    }
    bench_line("durable save", "msg/s", n / ours, n / raw, "");
    bench_line("durable save, against append and fsync", "msg/s", n / ours, n / sync, "aim 0.8");
    return n;
}

static void bulk_import(struct bench *bench, unsigned from)
{
    double ours;
    double raw;
    double make;

    make = bench_seconds();
    for (unsigned n = from; n < bench->count; n++)
        bench_mail_make(&bench->mail, n);
    make = bench_seconds() - make;
    ours = bench_seconds();
    prop_set_bool(bench->fx->store, PR_MKEEP_BULK, true);
    for (unsigned n = from; n < bench->count; n++)
        store_one(bench, n);
    prop_set_bool(bench->fx->store, PR_MKEEP_BULK, false);
    ours = bench_seconds() - ours - make;
    raw = bench_seconds();
    for (unsigned n = from; n < bench->count; n++) {
        if ((n - from) % 1000 == 0)
            raw_exec(&bench->raw, n == from ? "BEGIN" : "COMMIT;BEGIN");
        bench_mail_make(&bench->mail, n);
        raw_insert(&bench->raw, &bench->mail, n);
    }
    raw_exec(&bench->raw, "COMMIT");
    raw = bench_seconds() - raw - make;
    bench_line("bulk import, 40 properties, 7 KB body", "msg/s", (bench->count - from) / ours,
            (bench->count - from) / raw, "aim 25,000 msg/s");
}

/* --- tables
 * ---------------------------------------------------------------------------------------- */

static const ULONG columns[] = { PR_ENTRYID, PR_SUBJECT_W, PR_SENDER_NAME_W,
    PR_MESSAGE_DELIVERY_TIME, PR_MESSAGE_SIZE, PR_MESSAGE_FLAGS, PR_IMPORTANCE, PR_MESSAGE_CLASS_W,
    PR_HASATTACH, PR_INSTANCE_KEY };

static IMAPITable *open_table(struct bench *bench, ULONG sort_tag)
{
    struct {
        ULONG count;
        ULONG tags[10];
    } tags = { 10, { 0 } };

    SizedSSortOrderSet(1, order) = { 1, 0, 0, { { sort_tag, TABLE_SORT_ASCEND } } };
    IMAPITable *table = NULL;

    memcpy(tags.tags, columns, sizeof(columns));
    assert_ok(bench->fx->inbox->lpVtbl->GetContentsTable(bench->fx->inbox, MAPI_UNICODE, &table));
    assert_ok(table->lpVtbl->SetColumns(table, (LPSPropTagArray)(void *)&tags, 0));
    if (sort_tag != 0)
        assert_ok(table->lpVtbl->SortTable(table, (LPSSortOrderSet)(void *)&order, 0));
    return table;
}

static void read_rows(IMAPITable *table, LONG count)
{
    LPSRowSet rows = NULL;

    assert_ok(table->lpVtbl->QueryRows(table, count, 0, &rows));
    mapi_free_rows(rows);
}

static void tables(struct bench *bench)
{
    SPropValue word = { .ulPropTag = PR_SUBJECT_W };
    char16_t needle[] = u"zanthops";
    SRestriction restriction = { .rt = RES_CONTENT };
    IMAPITable *table;
    double ours;
    double raw;

    ours = bench_seconds();
    table = open_table(bench, PR_MESSAGE_DELIVERY_TIME);
    read_rows(table, 50);
    ours = bench_seconds() - ours;
    raw = bench_seconds();
    raw_query(&bench->raw, "SELECT id,subject,sender,delivered FROM msg WHERE folder=1 ORDER BY "
                           "delivered LIMIT 50");
    raw = bench_seconds() - raw;
    bench_line("open by date, first 50 rows", "ms", ours * 1e3, raw * 1e3, "");

    ours = bench_seconds();
    read_rows(table, 1000);
    ours = bench_seconds() - ours;
    raw = bench_seconds();
    raw_query(&bench->raw, "SELECT id,subject,sender,delivered FROM msg WHERE folder=1 ORDER BY "
                           "delivered LIMIT 1000 OFFSET 50");
    raw = bench_seconds() - raw;
    bench_line("window of 1,000 rows, 10 columns", "ms", ours * 1e3, raw * 1e3, "");
    release_last(table);

    ours = bench_seconds();
    table = open_table(bench, PR_SUBJECT_W);
    read_rows(table, 50);
    ours = bench_seconds() - ours;
    raw = bench_seconds();
    raw_query(&bench->raw, "SELECT id FROM msg WHERE folder=1 ORDER BY subject COLLATE NOCASE");
    raw = bench_seconds() - raw;
    bench_line("all rows by subject", "ms", ours * 1e3, raw * 1e3, "");

    word.Value.lpszW = needle;
    restriction.res.resContent.ulFuzzyLevel = FL_SUBSTRING | FL_IGNORECASE;
    restriction.res.resContent.ulPropTag = PR_SUBJECT_W;
    restriction.res.resContent.lpProp = &word;
    ours = bench_seconds();
    assert_ok(table->lpVtbl->Restrict(table, &restriction, 0));
    read_rows(table, 50);
    ours = bench_seconds() - ours;
    raw = bench_seconds();
    raw_query(&bench->raw, "SELECT id FROM msg WHERE folder=1 AND subject LIKE '%zanthops%'");
    raw = bench_seconds() - raw;
    bench_line("subject contains a word", "ms", ours * 1e3, raw * 1e3, "");
    release_last(table);
}

/* --- one message
 * ----------------------------------------------------------------------------------- */

static void read_messages(struct bench *bench)
{
    enum { ROUNDS = 2000 };

    static const ULONG only_id[] = { PR_ENTRYID };
    IMAPITable *table = NULL;
    LPSRowSet rows;
    double ours;
    double raw;

    assert_ok(bench->fx->inbox->lpVtbl->GetContentsTable(bench->fx->inbox, MAPI_UNICODE, &table));
    rows = table_rows(table, only_id, 1);
    ours = bench_seconds();
    for (unsigned i = 0; i < ROUNDS; i++) {
        const SBinary *id = &rows->aRow[i * 7919u % rows->cRows].lpProps[0].Value.bin;
        IMessage *message = NULL;
        LPSPropValue values = NULL;
        ULONG count = 0;
        ULONG type = 0;

        assert_ok(bench->fx->store->lpVtbl->OpenEntry(bench->fx->store, id->cb,
                (LPENTRYID)(void *)id->lpb, NULL, 0, &type, (LPUNKNOWN *)(void *)&message));
        assert_ok(message->lpVtbl->GetProps(message, NULL, MAPI_UNICODE, &count, &values));
        mapi_free(values);
        message->lpVtbl->Release(message);
    }
    ours = bench_seconds() - ours;
    raw = bench_seconds();
    for (unsigned i = 0; i < ROUNDS; i++) {
        sqlite3_bind_int64(bench->raw.read, 1, (sqlite3_int64)(i * 7919u % rows->cRows) + 1);
        if (sqlite3_step(bench->raw.read) == SQLITE_ROW)
            memcpy(bench->mail.packed, sqlite3_column_blob(bench->raw.read, 0),
                    (size_t)sqlite3_column_bytes(bench->raw.read, 0));
        sqlite3_reset(bench->raw.read);
    }
    raw = bench_seconds() - raw;
    bench_line("open a message, read all properties", "us", ours / ROUNDS * 1e6, raw / ROUNDS * 1e6,
            "aim 10 us");
    mapi_free_rows(rows);
    release_last(table);
}

static IStream *open_stream(IMAPIProp *object, ULONG flags)
{
    IStream *stream = NULL;

    assert_ok(object->lpVtbl->OpenProperty(
            object, PR_ATTACH_DATA_BIN, &IID_IStream, 0, flags, (LPUNKNOWN *)(void *)&stream));
    return stream;
}

static void raw_stream(
        struct bench *bench, const void *chunk, size_t size, double *out_write, double *out_read)
{
    unsigned chunks = (unsigned)(((size_t)bench->megabytes << 20) / size);
    sqlite3_stmt *stmt = NULL;

    raw_exec(&bench->raw, "CREATE TABLE chunk(id INTEGER PRIMARY KEY,data BLOB);BEGIN");
    sqlite3_prepare_v2(bench->raw.db, "INSERT INTO chunk VALUES(?,?)", -1, &stmt, NULL);
    *out_write = bench_seconds();
    for (unsigned i = 0; i < chunks; i++) {
        sqlite3_bind_int(stmt, 1, (int)i);
        sqlite3_bind_blob(stmt, 2, chunk, (int)size, SQLITE_STATIC);
        sqlite3_step(stmt);
        sqlite3_reset(stmt);
    }
    raw_exec(&bench->raw, "COMMIT");
    *out_write = bench_seconds() - *out_write;
    sqlite3_finalize(stmt);
    *out_read = bench_seconds();
    raw_query(&bench->raw, "SELECT data FROM chunk ORDER BY id");
    *out_read = bench_seconds() - *out_read;
}

static void stream(struct bench *bench)
{
    enum { CHUNK = 256 * 1024 };

    unsigned chunks = bench->megabytes << 2;
    char *chunk = malloc(CHUNK);
    double written, read_back, raw_written, raw_read, peak;
    IMessage *message = NULL;
    IAttach *attach = NULL;
    ULONG number = 0;
    IStream *data;
    ULONG done = 0;

    assert_non_null(chunk);
    for (int i = 0; i < CHUNK; i++)
        chunk[i] = (char)(i * 31 + i / 251);
    assert_ok(bench->fx->inbox->lpVtbl->CreateMessage(bench->fx->inbox, NULL, 0, &message));
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    peak = (double)host_memory_peak();
    written = bench_seconds();
    data = open_stream((IMAPIProp *)(void *)attach, MAPI_CREATE | MAPI_MODIFY);
    for (unsigned i = 0; i < chunks; i++)
        assert_ok(data->lpVtbl->Write(data, chunk, CHUNK, &done));
    assert_ok(data->lpVtbl->Commit(data, 0));
    data->lpVtbl->Release(data);
    assert_ok(attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE));
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    written = bench_seconds() - written;
    read_back = bench_seconds();
    data = open_stream((IMAPIProp *)(void *)attach, 0);
    for (unsigned i = 0; i < chunks; i++)
        assert_ok(data->lpVtbl->Read(data, chunk, CHUNK, &done));
    data->lpVtbl->Release(data);
    read_back = bench_seconds() - read_back;
    attach->lpVtbl->Release(attach);
    message->lpVtbl->Release(message);
    peak = (double)host_memory_peak() - peak;
    raw_stream(bench, chunk, CHUNK, &raw_written, &raw_read);
    bench_line("large attachment, in", "MB/s", bench->megabytes / written,
            bench->megabytes / raw_written, "aim 400 MB/s");
    bench_line("large attachment, out", "MB/s", bench->megabytes / read_back,
            bench->megabytes / raw_read, "aim 3,500 MB/s");
    bench_line("large attachment, more memory than before", "MB", peak / 1048576.0, 0, "aim 16 MB");
    free(chunk);
}

/* --- size, logoff
 * ---------------------------------------------------------------------------------- */

static void bytes_per_message(struct bench *bench, double content)
{
    FILE *file;
    double ours, raw;

    fixture_reopen(bench->fx);
    raw_exec(&bench->raw, "PRAGMA wal_checkpoint(TRUNCATE)");
    file = fopen(bench->fx->path, "rb");
    if (file == NULL)
        exit(1);
    fseek(file, 0, SEEK_END);
    ours = (double)ftell(file);
    fclose(file);
    file = fopen(bench->raw.path, "rb");
    if (file == NULL)
        exit(1);
    fseek(file, 0, SEEK_END);
    raw = (double)ftell(file);
    fclose(file);
    bench_line("bytes per message over its content", "bytes", (ours - content) / bench->count,
            (raw - content) / bench->count, "aim 250");
}

static void logoff(struct bench *bench, unsigned open_objects)
{
    IMAPIFolder **held = calloc(open_objects, sizeof(*held));
    SPropValue *id = prop_get(bench->fx->inbox, PR_ENTRYID);
    struct host_session *session = &bench->fx->session;
    char what[64];
    double took;

    assert_non_null(held);
    for (unsigned i = 0; i < open_objects; i++) {
        ULONG type;

        assert_ok(bench->fx->store->lpVtbl->OpenEntry(bench->fx->store, id->Value.bin.cb,
                (LPENTRYID)(void *)id->Value.bin.lpb, NULL, 0, &type,
                (LPUNKNOWN *)(void *)&held[i]));
    }
    mapi_free(id);
    took = bench_seconds();
    host_session_logoff(session);
    took = bench_seconds() - took;
    for (unsigned i = 0; i < open_objects; i++)
        held[i]->lpVtbl->Release(held[i]);
    bench->fx->inbox->lpVtbl->Release(bench->fx->inbox);
    bench->fx->store->lpVtbl->Release(bench->fx->store);
    bench->fx->inbox = NULL;
    bench->fx->store = NULL;
    bench->fx->support = NULL;
    free(held);
    snprintf(what, sizeof(what), "logoff with %u open folders", open_objects);
    printf("%-44s %12.3f %12s %-7s %7s   %s\n", what, took * 1e3, "-", "ms", "-",
            "aim 5 ms at 100,000");
    fixture_logon(bench->fx);
    fixture_open_inbox(bench->fx);
}

int main(int argc, char **argv)
{
    struct bench bench = { .count = argc > 1 ? (unsigned)atoi(argv[1]) : 20000,
        .megabytes = argc > 2 ? (unsigned)atoi(argv[2]) : 256 };
    void *state = NULL;
    double content = 0;
    unsigned done;

    if (bench.count < 2000)
        bench.count = 2000;
    fixture_inbox_setup(&state);
    bench.fx = state;
    raw_open(&bench.raw);
    printf("%-44s %12s %12s %-7s %7s   %s\n", "", "Mailkeep", "SQLite", "", "ratio", "");
    done = durable_saves(&bench);
    bulk_import(&bench, done);
    for (unsigned n = 0; n < bench.count; n++) {
        bench_mail_make(&bench.mail, n);
        content += (double)bench.mail.content;
    }
    bytes_per_message(&bench, content);
    tables(&bench);
    read_messages(&bench);
    stream(&bench);
    logoff(&bench, 1000);
    logoff(&bench, 10000);
    logoff(&bench, 100000);
    raw_close(&bench.raw);
    fixture_teardown(&state);
    return 0;
}
