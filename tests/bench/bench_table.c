/* SPDX-License-Identifier: MIT */
/*
 * bench_table.c - contents tables of growing folders: through the interfaces, beside the same
 * question put to SQLite with its best index, and beside a table that reads all rows into memory,
 * sorts them with qsort and filters them one by one. All in one run.
 *
 *   bench_table [MESSAGES]     default 1,000,000: folders of 1,000, 100,000 and 1,000,000 up to it
 *
 * MAILKEEP_DLL names the library. Times are processor time, so that other programs do not count.
 * "first" is measured in a new session, whose caches are empty (the system's cache of the file is
 * not); the rest are the best of a few, but for windows, which are the worst of some places. A
 * change is one of many, less what it takes when nobody is told; what another logon changes is
 * measured by the clock on the wall. Memory of a table is what releasing it gives back; the logon
 * keeps more, which has a line of its own.
 */
#include <malloc.h>
#include <time.h>

#include "bench.h"
#include "host/host_os.h"
#include "mailkeep.h"
#include "other_logon.h"
#include "plain_table.h"
#include "small_mail.h"

enum { MAX_SIZES = 3, MAX_LINES = 48, ROUNDS = 7, CHANGES = 51 };

/* --- what is measured ------------------------------------------------------------------------- */

struct line {
    char what[64];
    const char *unit;
    const char *aim;
    double ours[MAX_SIZES];
    double raw[MAX_SIZES];   /* below 0: there is no such thing */
    double plain[MAX_SIZES]; /* the table that reads everything */
};

static struct line lines[MAX_LINES];
static size_t line_count;
static size_t size_index; /* of the folder's size now */

static void result(
        const char *what, const char *unit, const char *aim, double ours, double raw, double plain)
{
    struct line *line = lines;

    while (line < lines + line_count && strcmp(line->what, what) != 0)
        line++;
    if (line == lines + line_count)
        line_count++;
    assert_true(line_count <= MAX_LINES);
    snprintf(line->what, sizeof(line->what), "%s", what);
    line->unit = unit;
    line->aim = aim;
    line->ours[size_index] = ours;
    line->raw[size_index] = raw;
    line->plain[size_index] = plain;
}

static void put_number(double value)
{
    if (value < 0)
        printf(" %11s", "-");
    else
        printf(" %11.3f", value);
}

static void print_size(unsigned count)
{
    printf("\n%u messages %*s %11s %11s %11s\n", count, 35, "", "ours", "SQLite", "read all");
    for (size_t i = 0; i < line_count; i++) {
        printf("%-44s", lines[i].what);
        put_number(lines[i].ours[size_index]);
        put_number(lines[i].raw[size_index]);
        put_number(lines[i].plain[size_index]);
        printf(" %-6s %s\n", lines[i].unit, lines[i].aim);
    }
    fflush(stdout);
}

static void print_growth(const unsigned *sizes, size_t size_count)
{
    printf("\n%-44s", "growth of ours");
    for (size_t i = 0; i < size_count; i++)
        printf(" %11u", sizes[i]);
    printf("\n");
    for (size_t i = 0; i < line_count; i++) {
        printf("%-44s", lines[i].what);
        for (size_t k = 0; k < size_count; k++)
            put_number(lines[i].ours[k]);
        printf(" %s\n", lines[i].unit);
    }
}

/* Processor time of this thread, in seconds: what else the machine has to do does not count. */
static double now(void)
{
    struct timespec spent;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return (double)spent.tv_sec + (double)spent.tv_nsec / 1e9;
}

static double ms_since(double start)
{
    return (now() - start) * 1e3;
}

static double in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return (double)info.uordblks + (double)info.hblkhd;
}

/* --- the folder ------------------------------------------------------------------------------- */

struct world {
    struct fixture *fx;
    struct raw raw;
    unsigned count;
    SPropValue *entry_id; /* of the message that changes */
    struct plain plain;
    double opened; /* how long reading everything took */
};

static void add(struct world *world, const struct small_mail *mail)
{
    IMAPIFolder *inbox = world->fx->inbox;
    char16_t subject[96], sender[32];
    SPropValue values[4] = { { .ulPropTag = PR_SUBJECT_W }, { .ulPropTag = PR_SENDER_NAME_W },
        { .ulPropTag = PR_MESSAGE_DELIVERY_TIME }, { .ulPropTag = PR_IMPORTANCE } };
    IMessage *message = NULL;

    for (size_t i = 0; i < sizeof(mail->subject); i++)
        subject[i] = (char16_t)mail->subject[i];
    for (size_t i = 0; i < sizeof(mail->sender); i++)
        sender[i] = (char16_t)mail->sender[i];
    values[0].Value.lpszW = (LPWSTR)subject;
    values[1].Value.lpszW = (LPWSTR)sender;
    values[2].Value.ft.dwLowDateTime = (DWORD)mail->delivered;
    values[2].Value.ft.dwHighDateTime = (DWORD)(mail->delivered >> 32);
    values[3].Value.l = (LONG)mail->importance;
    assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &message));
    assert_ok(message->lpVtbl->SetProps(message, 4, values, NULL));
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    if (world->entry_id == NULL)
        world->entry_id = prop_get(message, PR_ENTRYID);
    message->lpVtbl->Release(message);
}

static void raw_add(sqlite3_stmt *insert, const struct small_mail *mail, unsigned n)
{
    sqlite3_bind_int64(insert, 1, (sqlite3_int64)n + 1);
    sqlite3_bind_int64(insert, 2, (sqlite3_int64)mail->delivered);
    sqlite3_bind_text(insert, 3, mail->subject, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 4, mail->sender, -1, SQLITE_STATIC);
    sqlite3_bind_int(insert, 5, (int)mail->importance);
    sqlite3_step(insert);
    sqlite3_reset(insert);
}

static void fill(struct world *world, unsigned count)
{
    double begun = now();
    sqlite3_stmt *insert = NULL;

    raw_exec(&world->raw,
            "DROP INDEX IF EXISTS plain_by_date;DROP INDEX IF EXISTS plain_by_subject;"
            "DROP INDEX IF EXISTS plain_by_sender;BEGIN");
    sqlite3_prepare_v2(world->raw.db,
            "INSERT INTO msg(id,folder,delivered,subject,sender,importance,size,flags,class) "
            "VALUES(?,1,?,?,?,?,700,1,'IPM.Note')",
            -1, &insert, NULL);
    prop_set_bool(world->fx->store, PR_MKEEP_BULK, true);
    for (; world->count < count; world->count++) {
        struct small_mail mail;

        small_mail_make(world->count, &mail);
        add(world, &mail);
        raw_add(insert, &mail, world->count);
    }
    prop_set_bool(world->fx->store, PR_MKEEP_BULK, false);
    sqlite3_finalize(insert);
    raw_exec(&world->raw,
            "CREATE INDEX plain_by_date ON msg(folder,delivered);"
            "CREATE INDEX plain_by_subject ON msg(folder,subject COLLATE NOCASE);"
            "CREATE INDEX plain_by_sender ON msg(folder,sender COLLATE NOCASE);COMMIT");
    printf("%u messages are there after %.1f s\n", count, now() - begun);
}

/* Empty caches on both sides. */
static void reopen(struct world *world)
{
    fixture_reopen(world->fx);
    sqlite3_finalize(world->raw.insert);
    sqlite3_finalize(world->raw.read);
    world->raw.insert = world->raw.read = NULL;
    sqlite3_close(world->raw.db);
    assert_int_equal(sqlite3_open(world->raw.path, &world->raw.db), SQLITE_OK);
    raw_exec(&world->raw, "PRAGMA cache_size=-65536");
}

static double raw_ms(struct world *world, const char *sql)
{
    double start = now();

    (void)raw_query(&world->raw, sql);
    return ms_since(start);
}

/* --- calls of the table ----------------------------------------------------------------------- */

#define NO_ORDER 0

static void sort_by(IMAPITable *table, ULONG tag, ULONG direction, ULONG categories)
{
    SizedSSortOrderSet(1, order) = { 1, categories, 0, { { tag, direction } } };

    assert_ok(table->lpVtbl->SortTable(table, (LPSSortOrderSet)(void *)&order, 0));
}

static IMAPITable *open_table(struct world *world, ULONG sort_tag, ULONG direction)
{
    static const ULONG columns[] = { PR_ENTRYID, PR_SUBJECT_W, PR_SENDER_NAME_W,
        PR_MESSAGE_DELIVERY_TIME, PR_MESSAGE_SIZE, PR_MESSAGE_FLAGS, PR_IMPORTANCE,
        PR_MESSAGE_CLASS_W, PR_HASATTACH, PR_INSTANCE_KEY };
    SizedSPropTagArray(10, tags) = { 10, { 0 } };
    IMAPITable *table = NULL;
    IMAPIFolder *inbox = world->fx->inbox;

    memcpy(tags.aulPropTag, columns, sizeof(columns));
    assert_ok(inbox->lpVtbl->GetContentsTable(inbox, MAPI_UNICODE, &table));
    assert_ok(table->lpVtbl->SetColumns(table, (LPSPropTagArray)(void *)&tags, 0));
    if (sort_tag != NO_ORDER)
        sort_by(table, sort_tag, direction, 0);
    return table;
}

static void read_rows(IMAPITable *table, LONG count)
{
    LPSRowSet rows = NULL;

    assert_ok(table->lpVtbl->QueryRows(table, count, 0, &rows));
    mapi_free_rows(rows);
}

static void seek(IMAPITable *table, ULONG numerator, ULONG denominator)
{
    assert_ok(table->lpVtbl->SeekRowApprox(table, numerator, denominator));
}

/* --- opening, windows, positions -------------------------------------------------------------- */

static double open_once(struct world *world)
{
    double start = now();
    IMAPITable *table = open_table(world, PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND);
    double took;

    read_rows(table, 50);
    took = ms_since(start);
    release_last(table);
    return took;
}

static void measure_open(struct world *world)
{
    const char *sql = "SELECT id,subject,sender,delivered,size,flags,importance,class FROM msg "
                      "WHERE folder=1 ORDER BY delivered DESC LIMIT 50";
    double first, raw_first, best = 1e9, raw_best = 1e9;

    reopen(world);
    first = open_once(world);
    raw_first = raw_ms(world, sql);
    for (int i = 0; i < ROUNDS; i++) {
        double took = open_once(world);
        double raw = raw_ms(world, sql);

        best = took < best ? took : best;
        raw_best = raw < raw_best ? raw : raw_best;
    }
    result("open by date, read 50 rows, first", "ms", "1", first, raw_first, world->opened);
    result("open by date, read 50 rows", "ms", "0.2", best, raw_best, world->opened);
}

/* As a client gets rows from a table that has them: copied. */
static double plain_window(const struct plain *plain, size_t at)
{
    double start = now();
    void *copies[1000][3];
    size_t count = plain->count - at < 1000 ? plain->count - at : 1000;

    for (size_t i = 0; i < count; i++) {
        const struct plain_row *row = plain->order[at + i];

        copies[i][0] = strdup(row->subject);
        copies[i][1] = strdup(row->sender);
        copies[i][2] = strdup(row->message_class);
    }
    start = ms_since(start);
    for (size_t i = 0; i < count; i++) {
        free(copies[i][0]);
        free(copies[i][1]);
        free(copies[i][2]);
    }
    return start;
}

/* The worst of some places, each the better of two. */
static void measure_window(struct world *world)
{
    IMAPITable *table = open_table(world, PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND);
    double worst = 0, raw_worst = 0, plain_worst = 0;

    for (ULONG i = 0; i < ROUNDS; i++) {
        double best = 1e9, start, took;
        char sql[256];

        seek(table, i, ROUNDS + 1);
        for (int again = 0; again < 2; again++) {
            start = now();
            seek(table, i, ROUNDS + 1);
            read_rows(table, 1000);
            took = ms_since(start);
            best = took < best ? took : best;
        }
        worst = best > worst ? best : worst;
        snprintf(sql, sizeof(sql),
                "SELECT id,subject,sender,delivered,size,flags,importance,class FROM msg "
                "WHERE folder=1 ORDER BY delivered DESC LIMIT 1000 OFFSET %u",
                world->count / (ROUNDS + 1) * i);
        took = raw_ms(world, sql);
        raw_worst = took > raw_worst ? took : raw_worst;
        took = plain_window(&world->plain, world->plain.count / (ROUNDS + 1) * i);
        plain_worst = took > plain_worst ? took : plain_worst;
    }
    result("window of 1,000 rows, 10 columns, worst", "ms", "1.2", worst, raw_worst, plain_worst);
    release_last(table);
}

/* The worst of some places in another order, each the better of two. */
static double other_windows(IMAPITable *table)
{
    double worst = 0;

    for (ULONG i = 0; i < ROUNDS; i++) {
        double best = 1e9;

        for (int again = 0; again < 2; again++) {
            double start = now(), took;

            seek(table, i, ROUNDS + 1);
            read_rows(table, 1000);
            took = ms_since(start);
            best = took < best ? took : best;
        }
        worst = best > worst ? best : worst;
    }
    return worst;
}

/* Rows of another order are read singly, until that has cost as much as reading all columns, which
 * one of the windows does. */
static void measure_other_window(struct world *world)
{
    IMAPITable *table;
    double first, last = 0, raw, worst = 0;

    reopen(world);
    table = open_table(world, PR_SUBJECT_W, TABLE_SORT_ASCEND);
    seek(table, 1, 2);
    first = now();
    read_rows(table, 1000);
    first = ms_since(first);
    for (ULONG i = 0; i < 3 * ROUNDS; i++) {
        seek(table, i, 3 * ROUNDS + 1);
        last = now();
        read_rows(table, 1000);
        last = ms_since(last);
        worst = last > worst ? last : worst;
    }
    last = other_windows(table);
    raw = raw_ms(world, "SELECT id,subject,sender,delivered,size,flags,importance,class FROM msg "
                        "WHERE folder=1 ORDER BY subject COLLATE NOCASE LIMIT 1000 OFFSET 500");
    result("window by subject, first", "ms", "", first, raw, -1);
    result("window by subject, worst of many", "ms", "", worst, raw, -1);
    result("window by subject, after some, worst", "ms", "1.2", last, raw,
            plain_window(&world->plain, 0));
    sort_by(table, PR_SENDER_NAME_W, TABLE_SORT_ASCEND, 0);
    seek(table, 1, 2);
    result("window by sender, after some, worst", "ms", "1.2", other_windows(table), -1, -1);
    release_last(table);
}

static double count_once(struct world *world, IMAPITable *table)
{
    double start = now();
    ULONG count = 0, row = 0, numerator = 0, denominator = 0;

    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    seek(table, 1, 2);
    assert_ok(table->lpVtbl->QueryPosition(table, &row, &numerator, &denominator));
    start = ms_since(start);
    assert_int_equal(count, world->count);
    assert_int_equal(row, count / 2);
    assert_int_equal(denominator, count);
    return start;
}

static void measure_position(struct world *world)
{
    IMAPITable *table;
    double first, again, raw, raw_again;

    reopen(world);
    table = open_table(world, PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND);
    first = count_once(world, table);
    again = count_once(world, table);
    raw = raw_ms(world, "SELECT count(*) FROM msg WHERE folder=1");
    raw_again = raw_ms(world, "SELECT count(*) FROM msg WHERE folder=1");
    result("count, seek to the middle, position, first", "ms", "10", first, raw, world->opened);
    result("count, seek to the middle, position", "ms", "0.1", again, raw_again, 0);
    release_last(table);
}

/* --- orders ----------------------------------------------------------------------------------- */

static double sort_once(IMAPITable *table, ULONG tag, ULONG categories)
{
    double start = now();

    sort_by(table, tag, tag == PR_MESSAGE_DELIVERY_TIME ? TABLE_SORT_DESCEND : TABLE_SORT_ASCEND,
            categories);
    seek(table, 1, 2);
    read_rows(table, 50);
    return ms_since(start);
}

static double plain_sorted(struct world *world, int (*order)(const void *a, const void *b))
{
    double start = now();

    plain_sort(&world->plain, order);
    return ms_since(start);
}

static void measure_sort(struct world *world)
{
    IMAPITable *table;
    double to_subject, back, again, raw, plain;
    const char *sql = "SELECT id FROM msg WHERE folder=1 ORDER BY subject COLLATE NOCASE";

    reopen(world);
    table = open_table(world, PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND);
    seek(table, 1, 2);
    read_rows(table, 50);
    to_subject = sort_once(table, PR_SUBJECT_W, 0);
    back = sort_once(table, PR_MESSAGE_DELIVERY_TIME, 0);
    again = sort_once(table, PR_SUBJECT_W, 0);
    raw = raw_ms(world, sql);
    plain = plain_sorted(world, plain_by_subject);
    result("subject order, first", "ms", "300", to_subject, raw, plain);
    result("back to date", "ms", "1", back,
            raw_ms(world, "SELECT id FROM msg WHERE folder=1 ORDER BY delivered DESC"),
            plain_sorted(world, plain_by_date));
    result("subject order again", "ms", "1", again, raw_ms(world, sql), plain);
    release_last(table);
}

/* Columns that are made now are stored with the folder: later sessions find them. */
static void measure_first_ever(struct world *world)
{
    IMAPITable *table;
    double ever;

    reopen(world);
    table = open_table(world, NO_ORDER, 0);
    ever = sort_once(table, PR_SUBJECT_W, 0);
    result("subject order, first ever", "ms", "", ever, -1, world->opened);
    (void)sort_once(table, PR_SENDER_NAME_W, 1);
    (void)sort_once(table, PR_MESSAGE_DELIVERY_TIME, 0);
    release_last(table);
}

static LPSRestriction contains(SRestriction *restriction, SPropValue *value, const char16_t *word)
{
    union {
        const char16_t *from;
        LPWSTR to;
    } text = { word };

    value->ulPropTag = PR_SUBJECT_W;
    value->Value.lpszW = text.to;
    restriction->rt = RES_CONTENT;
    restriction->res.resContent.ulFuzzyLevel = FL_SUBSTRING | FL_IGNORECASE;
    restriction->res.resContent.ulPropTag = PR_SUBJECT_W;
    restriction->res.resContent.lpProp = value;
    return restriction;
}

static double restrict_once(struct world *world, IMAPITable *table, const char16_t *word)
{
    double start = now();
    SRestriction restriction;
    SPropValue value;
    ULONG count = 0;

    assert_ok(table->lpVtbl->Restrict(table, contains(&restriction, &value, word), 0));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    read_rows(table, 50);
    start = ms_since(start);
    assert_int_equal(count, world->count / 1000);
    return start;
}

static void measure_restriction(struct world *world)
{
    IMAPITable *table;
    double first, again, raw, raw_again, plain;

    reopen(world);
    table = open_table(world, PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND);
    read_rows(table, 50);
    first = restrict_once(world, table, u"" RARE_WORD);
    again = restrict_once(world, table, u"" OTHER_WORD);
    raw = raw_ms(world, "SELECT id FROM msg WHERE folder=1 AND subject LIKE '%" RARE_WORD "%'");
    raw_again =
            raw_ms(world, "SELECT id FROM msg WHERE folder=1 AND subject LIKE '%" OTHER_WORD "%'");
    plain = now();
    assert_int_equal(plain_filter(&world->plain, RARE_WORD), world->count / 1000);
    plain = ms_since(plain);
    result("subject contains a word, first", "ms", "30", first, raw, plain);
    result("subject contains another word", "ms", "6", again, raw_again, plain);
    release_last(table);
}

/* As a client does it that is typed to: the first row that is not less, or the first one with the
 * prefix, in either order. */
static void measure_find(struct world *world, const char *what, ULONG type, ULONG direction)
{
    IMAPITable *table = open_table(world, PR_SUBJECT_W, direction);
    double best = 1e9, raw_best = 1e9, plain_best = 1e9;

    seek(table, 1, 2);
    (void)plain_sorted(world, plain_by_subject);
    for (int i = 0; i < ROUNDS; i++) {
        char16_t prefix[3] = { (char16_t)"bdglnpt"[i], 'e', 0 };
        char narrow[3] = { (char)prefix[0], 'e', '\0' };
        SPropValue value;
        SRestriction restriction;
        double start, took;
        char sql[160];

        (void)contains(&restriction, &value, prefix);
        restriction.res.resContent.ulFuzzyLevel = FL_PREFIX | FL_IGNORECASE;
        if (type == RES_PROPERTY) {
            restriction.rt = RES_PROPERTY;
            restriction.res.resProperty.relop = RELOP_GE;
            restriction.res.resProperty.ulPropTag = PR_SUBJECT_W;
            restriction.res.resProperty.lpProp = &value;
        }
        start = now();
        assert_ok(table->lpVtbl->FindRow(table, &restriction, BOOKMARK_BEGINNING, 0));
        took = ms_since(start);
        best = took < best ? took : best;
        snprintf(sql, sizeof(sql),
                "SELECT id FROM msg WHERE folder=1 AND subject>='%s' COLLATE NOCASE "
                "AND subject<'%s{' COLLATE NOCASE ORDER BY subject COLLATE NOCASE %s LIMIT 1",
                narrow, type == RES_PROPERTY ? "" : narrow,
                direction == TABLE_SORT_DESCEND ? "DESC" : "");
        took = raw_ms(world, sql);
        raw_best = took < raw_best ? took : raw_best;
        start = now();
        assert_true(plain_find(&world->plain, narrow) <= world->count);
        took = ms_since(start);
        plain_best = took < plain_best ? took : plain_best;
    }
    result(what, "ms", "0.1", best, raw_best, plain_best);
    release_last(table);
}

static double group_once(IMAPITable *table)
{
    double start = now();

    sort_by(table, PR_SENDER_NAME_W, TABLE_SORT_ASCEND, 1);
    read_rows(table, 50);
    return ms_since(start);
}

static void measure_categories(struct world *world)
{
    IMAPITable *table;
    double first, again, raw, raw_again, plain;
    const char *sql = "SELECT sender,count(*),sum(flags&1) FROM msg WHERE folder=1 "
                      "GROUP BY sender COLLATE NOCASE ORDER BY sender COLLATE NOCASE";

    reopen(world);
    table = open_table(world, PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND);
    read_rows(table, 50);
    first = group_once(table);
    (void)sort_once(table, PR_MESSAGE_DELIVERY_TIME, 0);
    again = group_once(table);
    raw = raw_ms(world, sql);
    raw_again = raw_ms(world, sql);
    plain = now();
    plain_sort(&world->plain, plain_by_sender);
    assert_true(plain_group(&world->plain) > 1);
    plain = ms_since(plain);
    result("categories by sender, collapsed, first", "ms", "350", first, raw, plain);
    result("categories by sender again", "ms", "20", again, raw_again, plain);
    release_last(table);
}

static void measure_search(struct world *world)
{
    IMAPITable *table = open_table(world, PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND);
    SRestriction restriction;
    SPropValue value;
    double plain = now();
    double start;

    assert_int_equal(plain_filter(&world->plain, "nowhere"), 0);
    plain = ms_since(plain);
    seek(table, 1, 2);
    start = now();
    assert_hr(table->lpVtbl->FindRow(
                      table, contains(&restriction, &value, u"nowhere"), BOOKMARK_BEGINNING, 0),
            MAPI_E_NOT_FOUND);
    start = ms_since(start);
    result("FindRow of a word that is nowhere", "ms", "", start,
            raw_ms(world, "SELECT id FROM msg WHERE folder=1 AND subject LIKE '%nowhere%'"), plain);
    release_last(table);
}

/* --- changes ---------------------------------------------------------------------------------- */

/* Processor time of one change, in milliseconds. */
static double change(IMessage *message)
{
    clock_t begun = clock();

    for (int i = 0; i < CHANGES; i++)
        assert_ok(
                message->lpVtbl->SetReadFlag(message, i % 2 ? CLEAR_READ_FLAG : SUPPRESS_RECEIPT));
    return (double)(clock() - begun) * 1e3 / CLOCKS_PER_SEC / CHANGES;
}

/* The same of one that gives the message another place, back and forth. */
static double change_place(IMessage *message)
{
    clock_t begun = clock();

    for (int i = 0; i < CHANGES; i++) {
        prop_set_text(message, PR_SUBJECT_W, i % 2 ? "tomorrow" : "goodbye");
        prop_set_text(message, PR_SENDER_NAME_W, i % 2 ? "Taro" : "Gina");
        assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    }
    return (double)(clock() - begun) * 1e3 / CLOCKS_PER_SEC / CHANGES;
}

static double reread(struct world *world, int (*order)(const void *a, const void *b))
{
    double start = now();

    plain_close(&world->plain);
    plain_open(&world->plain, &world->raw, world->count);
    if (order != plain_by_date)
        plain_sort(&world->plain, order);
    return ms_since(start);
}

static const struct live_order {
    const char *name;
    const char *changed;
    const char *moved;
    ULONG tag;
    ULONG categories;
    int (*plain)(const void *a, const void *b);
} live_orders[] = {
    { "Advise, by date", "one change, by date", "one move, by date", PR_MESSAGE_DELIVERY_TIME, 0,
            plain_by_date },
    { "Advise, by subject", "one change, by subject", "one move, by subject", PR_SUBJECT_W, 0,
            plain_by_subject },
    { "Advise, categories", "one change, categories", "one move, categories", PR_SENDER_NAME_W, 1,
            plain_by_sender },
};

static void measure_live(struct world *world, const struct live_order *order)
{
    IMessage *message = message_open(world->fx->store, world->entry_id);
    IMAPITable *table = open_table(world, NO_ORDER, 0);
    double advised, quiet, told, quiet_moves, moves, plain;
    struct host_sink sink;
    ULONG_PTR connection = 0;

    host_sink_init(&sink);
    quiet = change(message);
    quiet_moves = change_place(message);
    plain = reread(world, order->plain);
    advised = now();
    sort_by(table, order->tag, TABLE_SORT_ASCEND, order->categories);
    assert_ok(table->lpVtbl->Advise(
            table, fnevTableModified, &sink.IMAPIAdviseSink_iface, &connection));
    advised = ms_since(advised);
    host_sink_clear(&sink);
    told = change(message);
    moves = change_place(message);
    assert_true(host_sink_count(&sink, fnevTableModified) > 0);
    result(order->name, "ms", "", advised, -1, plain);
    result(order->changed, "ms", "1", told > quiet ? told - quiet : 0, -1, plain);
    result(order->moved, "ms", "1", moves > quiet_moves ? moves - quiet_moves : 0, -1, plain);
    release_last(table);
    release_last(message);
    host_sink_done(&sink);
}

/* By date, with a change made through another logon: from its return until the client is told. */
static void measure_elsewhere(struct world *world)
{
    IMAPITable *table = open_table(world, PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND);
    double waits[CHANGES];

    seek(table, 1, 2);
    other_logon_waits(world->fx, table, world->entry_id, waits, CHANGES);
    result("another logon's change until told, median", "ms", "", waits[CHANGES / 2], -1, -1);
    result("another logon's change until told, worst", "ms", "", waits[CHANGES - 1], -1, -1);
    release_last(table);
}

/* --- memory ----------------------------------------------------------------------------------- */

/* What a table gives back, in bytes a row. */
static double held(struct world *world, IMAPITable *table)
{
    double before = in_use();

    release_last(table);
    return (before - in_use()) / world->count;
}

static void measure_memory(struct world *world)
{
    IMAPITable *table = open_table(world, PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND);
    double plain = in_use();

    plain_close(&world->plain);
    plain = (plain - in_use()) / world->count;
    plain_open(&world->plain, &world->raw, world->count);
    read_rows(table, 50);
    result("memory of a table, first rows only", "bytes", "0", held(world, table), -1, plain);
    table = open_table(world, PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND);
    seek(table, 1, 2);
    result("memory of a table, by date", "bytes", "24", held(world, table), -1, plain);
    table = open_table(world, PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND);
    seek(table, 1, 2);
    (void)sort_once(table, PR_SUBJECT_W, 0);
    (void)group_once(table);
    result("memory of a table, three orders later", "bytes", "24", held(world, table), -1, plain);
}

/* What stays with the logon when its tables are gone: the columns they were made of, for the next
 * ones, and pages of SQLite's. */
static void measure_kept(struct world *world)
{
    IMAPITable *table;
    double before;

    reopen(world);
    before = in_use();
    table = open_table(world, PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND);
    (void)sort_once(table, PR_SUBJECT_W, 0);
    (void)group_once(table);
    release_last(table);
    result("memory kept by the logon: columns, pages", "bytes", "",
            (in_use() - before) / world->count, -1, -1);
}

/* --- all of it -------------------------------------------------------------------------------- */

static void measure(struct world *world)
{
    double start = now();

    plain_open(&world->plain, &world->raw, world->count);
    world->opened = ms_since(start);
    measure_first_ever(world);
    measure_open(world);
    measure_window(world);
    measure_other_window(world);
    measure_position(world);
    measure_sort(world);
    measure_restriction(world);
    measure_find(world, "FindRow not less, by subject", RES_PROPERTY, TABLE_SORT_ASCEND);
    measure_find(world, "FindRow of a prefix, by subject", RES_CONTENT, TABLE_SORT_ASCEND);
    measure_find(world, "FindRow of a prefix, descending", RES_CONTENT, TABLE_SORT_DESCEND);
    measure_search(world);
    measure_categories(world);
    for (size_t i = 0; i < sizeof(live_orders) / sizeof(live_orders[0]); i++)
        measure_live(world, &live_orders[i]);
    measure_elsewhere(world);
    measure_memory(world);
    measure_kept(world);
    plain_close(&world->plain);
}

int main(int argc, char **argv)
{
    static const unsigned sizes[MAX_SIZES] = { 1000, 100000, 1000000 };
    unsigned most = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : sizes[MAX_SIZES - 1];
    struct world world = { .count = 0 };
    void *state = NULL;

    fixture_inbox_setup(&state);
    world.fx = state;
    raw_open(&world.raw);
    raw_exec(&world.raw, "ALTER TABLE msg ADD size INTEGER;ALTER TABLE msg ADD flags INTEGER;"
                         "ALTER TABLE msg ADD importance INTEGER;ALTER TABLE msg ADD class TEXT;"
                         "DROP INDEX msg_order");
    for (size_index = 0; size_index < MAX_SIZES && sizes[size_index] <= most; size_index++) {
        fill(&world, sizes[size_index]);
        measure(&world);
        print_size(sizes[size_index]);
    }
    print_growth(sizes, size_index);
    mapi_free(world.entry_id);
    raw_close(&world.raw);
    fixture_teardown(&state);
    return 0;
}
