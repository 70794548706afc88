/* SPDX-License-Identifier: MIT */
/*
 * bench_props.c - properties through the interfaces, beside the same work done directly in SQLite,
 * in one run.
 *
 *   bench_props [MESSAGES [ROUNDS]]       default 2,000 and 20,000
 *
 * MAILKEEP_DLL names the library. The last column but one is the quotient of the two speeds: above
 * 1, ours is faster.
 */
#include <malloc.h>

#include "bench.h"
#include "mailkeep.h"

enum { WIDE = 60, NAMES = 1000 };

struct bench {
    struct fixture *fx;
    struct raw raw;
    unsigned count, rounds;
    struct bench_mail mail;
    LPSRowSet rows; /* the entry ids */
};

static IMessage *open_nth(struct bench *bench, unsigned n, ULONG flags)
{
    const SBinary *id = &bench->rows->aRow[n * 7919u % bench->rows->cRows].lpProps[0].Value.bin;
    IMessage *message = NULL;
    ULONG type = 0;

    assert_ok(bench->fx->store->lpVtbl->OpenEntry(bench->fx->store, id->cb,
            (LPENTRYID)(void *)id->lpb, NULL, flags, &type, (LPUNKNOWN *)(void *)&message));
    return message;
}

/* Mails without the long body, so that the work on properties is what is seen. */
static void fill(struct bench *bench)
{
    IMAPIFolder *inbox = bench->fx->inbox;
    IMAPITable *table = NULL;

    static const ULONG only_id[] = { PR_ENTRYID };

    prop_set_bool(bench->fx->store, PR_MKEEP_BULK, true);
    raw_exec(&bench->raw, "BEGIN");
    for (unsigned n = 0; n < bench->count; n++) {
        IMessage *message = NULL;

        bench_mail_make(&bench->mail, n);
        bench->mail.body[200] = 0;
        bench->mail.content -= BENCH_BODY - 200;
        raw_insert(&bench->raw, &bench->mail, n);
        assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &message));
        assert_ok(message->lpVtbl->SetProps(message, BENCH_PROPS, bench->mail.props, NULL));
        for (ULONG i = BENCH_PROPS; i < WIDE; i++)
            prop_set_long(message, PROP_TAG(PT_LONG, 0x6900 + i), (LONG)i);
        assert_ok(message->lpVtbl->SaveChanges(message, 0));
        message->lpVtbl->Release(message);
    }
    raw_exec(&bench->raw, "COMMIT");
    prop_set_bool(bench->fx->store, PR_MKEEP_BULK, false);
    assert_ok(inbox->lpVtbl->GetContentsTable(inbox, MAPI_UNICODE, &table));
    bench->rows = table_rows(table, only_id, 1);
    release_last(table);
}

static double raw_reads(struct bench *bench)
{
    double start = bench_seconds();

    for (unsigned i = 0; i < bench->rounds; i++) {
        sqlite3_bind_int64(bench->raw.read, 1, (sqlite3_int64)(i * 7919u % bench->count) + 1);
        if (sqlite3_step(bench->raw.read) == SQLITE_ROW)
            memcpy(bench->mail.packed, sqlite3_column_blob(bench->raw.read, 0),
                    (size_t)sqlite3_column_bytes(bench->raw.read, 0));
        sqlite3_reset(bench->raw.read);
    }
    return (bench_seconds() - start) / bench->rounds;
}

/* Opens and reads; `wanted` NULL: all that the message has. */
static void read_opened(struct bench *bench, const char *what, LPSPropTagArray wanted, double raw)
{
    double start = bench_seconds();

    for (unsigned i = 0; i < bench->rounds; i++) {
        IMessage *message = open_nth(bench, i, 0);
        LPSPropValue values = NULL;
        ULONG count = 0;

        assert_ok(message->lpVtbl->GetProps(message, wanted, MAPI_UNICODE, &count, &values));
        mapi_free(values);
        message->lpVtbl->Release(message);
    }
    bench_line(what, "us", (bench_seconds() - start) / bench->rounds * 1e6, raw * 1e6, "aim 10 us");
}

/* An open message has read its record already; SQLite on its own reads it each time. */
static void read_held(struct bench *bench, const char *what, LPSPropTagArray wanted, double raw)
{
    IMessage *message = open_nth(bench, 0, 0);
    double start = bench_seconds();

    for (unsigned i = 0; i < bench->rounds; i++) {
        LPSPropValue values = NULL;
        ULONG count = 0;

        assert_ok(message->lpVtbl->GetProps(message, wanted, MAPI_UNICODE, &count, &values));
        mapi_free(values);
    }
    bench_line(what, "us", (bench_seconds() - start) / bench->rounds * 1e6, raw * 1e6, "");
    release_last(message);
}

static void reading(struct bench *bench)
{
    SizedSPropTagArray(10, ten) = { 10,
        { PR_ENTRYID, PR_SUBJECT_W, PR_SENDER_NAME_W, PR_MESSAGE_DELIVERY_TIME, PR_MESSAGE_SIZE,
                PR_MESSAGE_FLAGS, PR_IMPORTANCE, PR_MESSAGE_CLASS_W, PR_HASATTACH,
                PROP_TAG(PT_LONG, 0x6821) } };
    double raw = raw_reads(bench);

    read_opened(bench, "open a message, read 10 properties", (LPSPropTagArray)&ten, raw);
    read_opened(bench, "open a message, read all of them", NULL, raw);
    read_held(bench, "read 10 properties of an open message", (LPSPropTagArray)&ten, raw);
    read_held(bench, "read all of an open message", NULL, raw);
}

static void saving(struct bench *bench)
{
    unsigned rounds = bench->rounds / 200 + 1;
    double ours;
    double raw;
    double start = bench_seconds();

    for (unsigned i = 0; i < rounds; i++) {
        IMessage *message = open_nth(bench, i, MAPI_MODIFY);

        prop_set_long(message, PROP_TAG(PT_LONG, 0x6821), (LONG)i);
        assert_ok(message->lpVtbl->SaveChanges(message, 0));
        message->lpVtbl->Release(message);
    }
    ours = bench_seconds() - start;
    start = bench_seconds();
    for (unsigned i = 0; i < rounds; i++)
        raw_exec(&bench->raw, "UPDATE msg SET packed=substr(packed,2)||'x',delivered=delivered+1 "
                              "WHERE id=(SELECT 1+abs(random()%1000))");
    raw = bench_seconds() - start;
    bench_line("SetProps and SaveChanges, durable", "/s", rounds / ours, rounds / raw, "");
}

/* As Outlook asks: the same two dozen names again and again, and now and then others. */
static void names(struct bench *bench)
{
    static const GUID set = { 0x00062008, 0, 0, { 0xC0, 0, 0, 0, 0, 0, 0, 0x46 } };
    MAPINAMEID *all = calloc(NAMES, sizeof(*all));
    LPMAPINAMEID list[24];
    LPSPropTagArray tags = NULL;
    sqlite3_stmt *stmt = NULL;
    double ours;
    double start;

    assert_non_null(all);
    for (LONG i = 0; i < NAMES; i++) {
        LPMAPINAMEID one = &all[i];

        all[i].lpguid = (LPGUID)(uintptr_t)&set;
        all[i].ulKind = MNID_ID;
        all[i].Kind.lID = 0x8500 + i;
        assert_ok(bench->fx->store->lpVtbl->GetIDsFromNames(
                bench->fx->store, 1, &one, MAPI_CREATE, &tags));
        mapi_free(tags);
    }
    start = bench_seconds();
    for (unsigned i = 0; i < bench->rounds; i++) {
        for (unsigned j = 0; j < 24; j++)
            list[j] = &all[(i / 16 * 24 + j) % NAMES];
        assert_ok(bench->fx->store->lpVtbl->GetIDsFromNames(bench->fx->store, 24, list, 0, &tags));
        mapi_free(tags);
    }
    ours = bench_seconds() - start;
    raw_exec(&bench->raw, "CREATE TABLE named(id INTEGER PRIMARY KEY,guid BLOB,number INTEGER);"
                          "CREATE UNIQUE INDEX named_key ON named(guid,number);"
                          "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n LIMIT 1000)"
                          "INSERT INTO named SELECT i,x'00062008',i FROM n");
    (void)sqlite3_prepare_v2(bench->raw.db,
            "SELECT id FROM named WHERE guid=x'00062008' AND number=?", -1, &stmt, NULL);
    start = bench_seconds();
    for (unsigned i = 0; i < bench->rounds; i++) {
        sqlite3_bind_int(stmt, 1, (int)(i % NAMES));
        (void)sqlite3_step(stmt);
        sqlite3_reset(stmt);
    }
    start = bench_seconds() - start;
    sqlite3_finalize(stmt);
    bench_line("names looked up, 24 at a time", "/s", 24 * bench->rounds / ours,
            bench->rounds / start, "");
    free(all);
}

/* The messages have their long bodies now. */
static void fill_bodies(struct bench *bench)
{
    prop_set_bool(bench->fx->store, PR_MKEEP_BULK, true);
    for (unsigned i = 0; i < bench->count; i++) {
        IMessage *message = open_nth(bench, i, MAPI_MODIFY);

        bench_mail_make(&bench->mail, i);
        assert_ok(message->lpVtbl->SetProps(message, BENCH_PROPS, bench->mail.props, NULL));
        assert_ok(message->lpVtbl->SaveChanges(message, 0));
        message->lpVtbl->Release(message);
    }
    prop_set_bool(bench->fx->store, PR_MKEEP_BULK, false);
}

static double look_at(IMessage **open, unsigned count)
{
    double start = bench_seconds();

    for (unsigned i = 0; i < count; i++)
        free(prop_text(open[i], PR_SUBJECT_W));
    return (bench_seconds() - start) / count * 1e6;
}

/* What messages cost that were only opened, very many of them, and then looked at; beside it, what
 * the content of one takes. */
static void memory(struct bench *bench)
{
    IMessage **open = calloc(bench->count, sizeof(*open));
    size_t before;
    double start;

    assert_non_null(open);
    fill_bodies(bench);
    before = mallinfo2().uordblks;
    start = bench_seconds();
    for (unsigned i = 0; i < bench->count; i++)
        open[i] = open_nth(bench, i, 0);
    start = (bench_seconds() - start) / bench->count * 1e6;
    bench_line("memory of an open message, not looked at", "bytes",
            (double)(mallinfo2().uordblks - before) / bench->count, (double)bench->mail.content,
            "aim 2,048 bytes");
    printf("%-44s %12.3f %12s us\n", "  opening it", start, "");
    printf("%-44s %12.3f %12s us\n", "  the first look at it", look_at(open, bench->count), "");
    bench_line("memory of an open message, looked at", "bytes",
            (double)(mallinfo2().uordblks - before) / bench->count, (double)bench->mail.content,
            "");
    for (unsigned i = 0; i < bench->count; i++)
        open[i]->lpVtbl->Release(open[i]);
    free(open);
}

int main(int argc, char **argv)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    void *state = NULL;

    if (bench == NULL)
        return 1;
    bench->count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 2000;
    bench->rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 20000;
    if (bench->count == 0 || bench->rounds == 0) {
        fprintf(stderr, "usage: bench_props [MESSAGES [ROUNDS]]\n");
        return 2;
    }
    fixture_inbox_setup(&state);
    bench->fx = state;
    raw_open(&bench->raw);
    printf("%-46s %12s %12s %-7s %5s\n", "", "Mailkeep", "SQLite", "", "ratio");
    fill(bench);
    reading(bench);
    saving(bench);
    names(bench);
    memory(bench);
    mapi_free_rows(bench->rows);
    raw_close(&bench->raw);
    fixture_teardown(&state);
    free(bench);
    return 0;
}
