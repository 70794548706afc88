/* SPDX-License-Identifier: MIT */
/*
 * bench_copy.c - copies and moves within a store and between stores, beside the same work done
 * directly in SQLite, in one run.
 *
 *   bench_copy [MESSAGES [MEGABYTES]]       default 10,000 and a value of 256
 *
 * MAILKEEP_DLL names the library. SQLite on its own copies rows with INSERT ... SELECT, between
 * stores from an attached file; row by row beside CopyTo, which is one call for each message.
 */
#include "../com/copy_veil.h"
#include "bench.h"
#include "mailkeep.h"

struct bench {
    struct fixture *fx;
    struct raw raw;
    unsigned count;
    unsigned megabytes;
    struct bench_mail mail;
    SBinary *ids;
    LPSRowSet rows;
};

static double timed(double start)
{
    return bench_seconds() - start;
}

static void fill(struct bench *bench)
{
    IMAPIFolder *inbox = bench->fx->inbox;

    prop_set_bool(bench->fx->store, PR_MKEEP_BULK, true);
    raw_exec(&bench->raw, "BEGIN");
    for (unsigned n = 0; n < bench->count; n++) {
        IMessage *message = NULL;

        bench_mail_make(&bench->mail, n);
        assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &message));
        assert_ok(message->lpVtbl->SetProps(message, BENCH_PROPS, bench->mail.props, NULL));
        assert_ok(message->lpVtbl->SaveChanges(message, 0));
        message->lpVtbl->Release(message);
        raw_insert(&bench->raw, &bench->mail, n);
    }
    raw_exec(&bench->raw, "COMMIT");
    prop_set_bool(bench->fx->store, PR_MKEEP_BULK, false);
}

/* The ids of all messages of a folder. */
static ENTRYLIST list_all(struct bench *bench, IMAPIFolder *folder)
{
    static const ULONG tags[] = { PR_ENTRYID };
    IMAPITable *table = NULL;
    ENTRYLIST list = { 0, NULL };

    assert_ok(folder->lpVtbl->GetContentsTable(folder, 0, &table));
    bench->rows = table_rows(table, tags, 1);
    bench->ids = calloc(bench->rows->cRows, sizeof(SBinary));
    assert_non_null(bench->ids);
    list.cValues = bench->rows->cRows;
    list.lpbin = bench->ids;
    for (ULONG i = 0; i < list.cValues; i++)
        bench->ids[i] = bench->rows->aRow[i].lpProps[0].Value.bin;
    release_last(table);
    return list;
}

static void free_list(struct bench *bench)
{
    free(bench->ids);
    mapi_free_rows(bench->rows);
}

/* Everything in transactions of 1,000, as ours does it. */
static double raw_statement(struct bench *bench, const char *head, unsigned base)
{
    double start = bench_seconds();
    char sql[300];

    for (unsigned from = 0; from < bench->count; from += 1000) {
        raw_exec(&bench->raw, "BEGIN");
        snprintf(sql, sizeof(sql), "%s WHERE id>=%u AND id<%u", head, base + from,
                base + from + 1000);
        raw_exec(&bench->raw, sql);
        raw_exec(&bench->raw, "COMMIT");
    }
    return timed(start);
}

static double copy_all(struct bench *bench, IMAPIFolder *from, IMAPIFolder *to, ULONG flags)
{
    ENTRYLIST list = list_all(bench, from);
    double start = bench_seconds();

    assert_int_equal(list.cValues, bench->count);
    assert_ok(from->lpVtbl->CopyMessages(from, &list, NULL, to, 0, NULL, flags));
    start = timed(start);
    free_list(bench);
    return start;
}

static void in_store(struct bench *bench)
{
    IMAPIFolder *to = folder_make(bench->fx->inbox, "To");
    IMAPIFolder *third = folder_make(bench->fx->inbox, "Third");
    double ours = copy_all(bench, bench->fx->inbox, to, 0);
    double raw = raw_statement(bench,
            "INSERT INTO msg SELECT id+1000000,2,delivered,subject,sender,packed FROM msg", 0);

    bench_line("CopyMessages within a store", "msg/s", bench->count / ours, bench->count / raw, "");
    ours = copy_all(bench, to, third, MESSAGE_MOVE);
    raw = raw_statement(bench, "UPDATE msg SET folder=3", 1000000);
    bench_line(
            "CopyMessages with MESSAGE_MOVE", "msg/s", bench->count / ours, bench->count / raw, "");
    release_last(third);
    release_last(to);
}

/* The same session, another file. */
static IMsgStore *open_other(struct bench *bench, const char *path)
{
    struct host_logon params = { .flags = MDB_NO_DIALOG | MDB_WRITE };
    struct host_support *support = NULL;
    IMsgStore *store = NULL;

    assert_ok(host_session_configure(&bench->fx->session, path));
    assert_ok(host_session_logon(&bench->fx->session, &params, &store, &support));
    assert_ok(host_session_configure(&bench->fx->session, bench->fx->path));
    return store;
}

/* Opened, copied, saved, one after the other. */
static double copy_each(
        struct bench *bench, const ENTRYLIST *ids, IMsgStore *store, IMAPIFolder *to, bool veiled)
{
    ENTRYLIST list = *ids;
    double start = bench_seconds();

    prop_set_bool(store, PR_MKEEP_BULK, true);
    for (ULONG i = 0; i < list.cValues; i++) {
        IMsgStore *from = bench->fx->store;
        LPUNKNOWN object = NULL;
        IMessage *target = NULL;
        IMessage *source;
        struct veil veil;
        ULONG type = 0;

        assert_ok(from->lpVtbl->OpenEntry(from, list.lpbin[i].cb,
                (LPENTRYID)(void *)list.lpbin[i].lpb, NULL, 0, &type, &object));
        source = (IMessage *)(void *)object;
        assert_ok(to->lpVtbl->CreateMessage(to, NULL, 0, &target));
        assert_ok(source->lpVtbl->CopyTo(source, 0, NULL, NULL, 0, NULL, &IID_IMessage,
                veiled ? veil_over(&veil, target, &IID_IMessage) : target, 0, NULL));
        assert_ok(target->lpVtbl->SaveChanges(target, 0));
        target->lpVtbl->Release(target);
        source->lpVtbl->Release(source);
    }
    prop_set_bool(store, PR_MKEEP_BULK, false);
    return timed(start);
}

/* Row by row, with ids from `base` on; `packed`: which of its bytes. */
static double raw_each(struct bench *bench, const char *table, unsigned base, const char *packed)
{
    double start = bench_seconds();
    char sql[200];

    raw_exec(&bench->raw, "BEGIN");
    for (unsigned n = 0; n < bench->count; n++) {
        snprintf(sql, sizeof(sql),
                "INSERT INTO %s SELECT %u,2,delivered,subject,sender,%s FROM main.msg "
                "WHERE id=%u",
                table, base + n, packed, n);
        raw_exec(&bench->raw, sql);
    }
    raw_exec(&bench->raw, "COMMIT");
    return timed(start);
}

static void copy_to_each(struct bench *bench, const char *what, IMAPIFolder *from, IMsgStore *store,
        IMAPIFolder *to, double raw)
{
    ENTRYLIST list = list_all(bench, from);

    bench_line(what, "msg/s", list.cValues / copy_each(bench, &list, store, to, false),
            list.cValues / raw, "");
    bench_line("  the same to a foreign object", "msg/s",
            list.cValues / copy_each(bench, &list, store, to, true), list.cValues / raw, "");
    free_list(bench);
}

static void each_in_store(struct bench *bench)
{
    IMAPIFolder *to = folder_make(bench->fx->inbox, "Each");

    copy_to_each(bench, "CopyTo within a store, each message", bench->fx->inbox, bench->fx->store,
            to, raw_each(bench, "main.msg", 3000000, "packed"));
    release_last(to);
}

enum { LARGE_PIECE = 1024 * 1024, LARGE_ROW = 256 * 1024, LARGE_ROWS = 4 /* of a piece */ };

static IMessage *make_large(IMAPIFolder *folder, unsigned megabytes)
{
    unsigned char *bytes = calloc(1, LARGE_PIECE);
    IMessage *message = NULL;
    IStream *stream = NULL;

    assert_non_null(bytes);
    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    assert_ok(message->lpVtbl->OpenProperty(message, PROP_TAG(PT_BINARY, 0x6800), &IID_IStream, 0,
            MAPI_CREATE | MAPI_MODIFY, (LPUNKNOWN *)(void *)&stream));
    for (unsigned i = 0; i < megabytes; i++)
        assert_ok(stream->lpVtbl->Write(stream, bytes, LARGE_PIECE, NULL));
    assert_ok(stream->lpVtbl->Commit(stream, 0));
    release_last(stream);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    free(bytes);
    return message;
}

/* SQLite on its own: rows of the same size, copied in the file or into the attached one. */
static double raw_large(struct bench *bench, const char *table)
{
    double start;
    char sql[200];

    snprintf(sql, sizeof(sql), "CREATE TABLE %s(id INTEGER PRIMARY KEY,data BLOB)", table);
    raw_exec(&bench->raw, sql);
    for (unsigned n = 0; strcmp(table, "main.large") == 0 && n < bench->megabytes * LARGE_ROWS;
            n++) {
        snprintf(sql, sizeof(sql), "INSERT INTO large VALUES(%u,zeroblob(%d))", n, LARGE_ROW);
        raw_exec(&bench->raw, sql);
    }
    start = bench_seconds();
    for (unsigned n = 0; n < bench->megabytes * LARGE_ROWS; n += 64) {
        snprintf(sql, sizeof(sql),
                "INSERT INTO %s SELECT id+1000000,data FROM main.large WHERE id>=%u AND id<%u",
                table, n, n + 64);
        raw_exec(&bench->raw, sql);
    }
    return timed(start);
}

/* `other`: a folder of another store, or NULL. The first of three copies makes the files as large
 * as they need to be, and is not shown. */
static void copy_large(struct bench *bench, const char *what, IMAPIFolder *other, double raw)
{
    const double megabytes = bench->megabytes * (LARGE_PIECE / 1e6);
    IMAPIFolder *folder = folder_make(bench->fx->inbox, what);
    IMAPIFolder *to = other != NULL ? other : folder;

    for (int run = 0; run < 3; run++) {
        bool veiled = run == 2;
        IMessage *source = make_large(folder, bench->megabytes);
        IMessage *target = NULL;
        struct veil veil;
        double start = bench_seconds();

        assert_ok(to->lpVtbl->CreateMessage(to, NULL, 0, &target));
        assert_ok(source->lpVtbl->CopyTo(source, 0, NULL, NULL, 0, NULL, &IID_IMessage,
                veiled ? veil_over(&veil, target, &IID_IMessage) : target, 0, NULL));
        assert_ok(target->lpVtbl->SaveChanges(target, 0));
        start = timed(start);
        if (run > 0)
            bench_line(veiled ? "  the same to a foreign object" : what, "MB/s", megabytes / start,
                    megabytes / raw, "");
        release_last(target);
        release_last(source);
    }
    release_last(folder);
}

enum { RICH = 1000, RICH_NAMES = 20, RICH_RECIPIENTS = 5, RICH_PARTS = 2, RICH_ROWS = 4 };

/* Tags of RICH_NAMES names; mapi_free. */
static LPSPropTagArray rich_names(IMAPIFolder *folder)
{
    static const GUID set = { 0x00062008, 0, 0, { 0xC0, 0, 0, 0, 0, 0, 0, 0x46 } };
    MAPINAMEID names[RICH_NAMES];
    LPMAPINAMEID list[RICH_NAMES];
    LPSPropTagArray tags = NULL;

    for (LONG i = 0; i < RICH_NAMES; i++) {
        names[i] = (MAPINAMEID){ (LPGUID)(uintptr_t)&set, MNID_ID, { .lID = 0x8500 + i } };
        list[i] = &names[i];
    }
    assert_ok(folder->lpVtbl->GetIDsFromNames(folder, RICH_NAMES, list, MAPI_CREATE, &tags));
    return tags;
}

static void add_recipients(IMessage *message)
{
    struct {
        ULONG count;
        ADRENTRY entries[RICH_RECIPIENTS];
    } list = { RICH_RECIPIENTS, { { 0 } } };

    SPropValue values[2] = { { .ulPropTag = PR_RECIPIENT_TYPE },
        { .ulPropTag = PROP_TAG(PT_LONG, 0x6800) } };

    values[0].Value.l = MAPI_TO;
    for (unsigned i = 0; i < RICH_RECIPIENTS; i++)
        list.entries[i] = (ADRENTRY){ 0, 2, values };
    assert_ok(message->lpVtbl->ModifyRecipients(message, 0, (LPADRLIST)(void *)&list));
}

/* Names, recipients and attachments, as mail has them. */
static void fill_rich(IMAPIFolder *folder)
{
    LPSPropTagArray names = rich_names(folder);

    for (unsigned n = 0; n < RICH; n++) {
        IMessage *message = NULL;

        assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
        prop_set_text(message, PR_SUBJECT_W, "a subject");
        for (LONG i = 0; i < RICH_NAMES; i++)
            prop_set_long(message, PROP_TAG(PT_LONG, PROP_ID(names->aulPropTag[i])), i);
        add_recipients(message);
        for (unsigned i = 0; i < RICH_PARTS; i++) {
            static const unsigned char bytes[1000];
            IAttach *attach = NULL;
            ULONG number = 0;

            assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
            prop_set_binary(attach, PR_ATTACH_DATA_BIN, bytes, sizeof(bytes));
            assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
            release_last(attach);
        }
        assert_ok(message->lpVtbl->SaveChanges(message, 0));
        release_last(message);
    }
    mapi_free(names);
}

/* Beside rows of SQLite, 1,000 bytes each: the message, its recipients, its attachments. */
static void rich_between_stores(struct bench *bench, IMsgStore *store, IMAPIFolder *to)
{
    IMAPIFolder *from = folder_make(bench->fx->inbox, "Rich");
    unsigned count = bench->count;
    double raw = 0;

    prop_set_bool(bench->fx->store, PR_MKEEP_BULK, true);
    fill_rich(from);
    prop_set_bool(bench->fx->store, PR_MKEEP_BULK, false);
    bench->count = RICH;
    for (unsigned i = 0; i < RICH_ROWS; i++)
        raw += raw_each(bench, "other.msg", 5000000 + i * RICH, "substr(packed,1,1000)");
    bench->count = count;
    copy_to_each(bench, "CopyTo between stores, with all its parts", from, store, to, raw);
    release_last(from);
}

static void between_stores(struct bench *bench)
{
    IMAPIFolder *to;
    IMAPIFolder *root;
    IMsgStore *store;
    LPUNKNOWN object = NULL;
    char path[1024];
    char sql[1200];
    double ours;
    double raw;
    ULONG type = 0;

    host_temp_path(".mkeep", path, sizeof(path));
    store = open_other(bench, path);
    assert_ok(store->lpVtbl->OpenEntry(store, 0, NULL, NULL, MAPI_MODIFY, &type, &object));
    root = (IMAPIFolder *)(void *)object;
    to = folder_make(root, "To");
    ours = copy_all(bench, bench->fx->inbox, to, 0);
    snprintf(sql, sizeof(sql), "ATTACH '%s.other' AS other", bench->raw.path);
    raw_exec(&bench->raw, sql);
    raw_exec(&bench->raw,
            "CREATE TABLE other.msg(id INTEGER PRIMARY KEY,folder INTEGER,delivered INTEGER,"
            "subject TEXT,sender TEXT,packed BLOB);"
            "CREATE INDEX other.msg_order ON msg(folder,delivered)");
    raw = raw_statement(bench, "INSERT INTO other.msg SELECT * FROM main.msg", 0);
    bench_line("CopyMessages between stores", "msg/s", bench->count / ours, bench->count / raw, "");
    copy_to_each(bench, "CopyTo between stores, each message", bench->fx->inbox, store, to,
            raw_each(bench, "other.msg", 3000000, "packed"));
    rich_between_stores(bench, store, to);
    if (bench->megabytes > 0)
        copy_large(bench, "CopyTo of a large value between stores", to,
                raw_large(bench, "other.large"));
    raw_exec(&bench->raw, "DETACH other");
    release_last(to);
    release_last(root);
    store->lpVtbl->Release(store);
    host_file_remove(path);
    snprintf(sql, sizeof(sql), "%s.other", bench->raw.path);
    host_file_remove(sql);
}

int main(int argc, char **argv)
{
    struct bench bench = { .count = argc > 1 ? (unsigned)atoi(argv[1]) : 10000,
        .megabytes = argc > 2 ? (unsigned)atoi(argv[2]) : 256 };
    void *state = NULL;

    fixture_inbox_setup(&state);
    bench.fx = state;
    raw_open(&bench.raw);
    printf("%-44s %12s %12s %-7s %7s   %s\n", "", "Mailkeep", "SQLite", "", "ratio", "");
    fill(&bench);
    in_store(&bench);
    each_in_store(&bench);
    if (bench.megabytes > 0)
        copy_large(&bench, "CopyTo of a large value", NULL, raw_large(&bench, "main.large"));
    between_stores(&bench);
    raw_close(&bench.raw);
    fixture_teardown(&state);
    return 0;
}
