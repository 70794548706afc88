/* SPDX-License-Identifier: MIT */
/*
 * bench.c - the clock, the mails, SQLite on its own.
 */
#include "bench.h"

#include <time.h>

#include "host/host_os.h"

double bench_seconds(void)
{
    struct timespec now;

    (void)timespec_get(&now, TIME_UTC);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Words of two to nine letters; the same text as UTF-16 and as 8-bit. */
static size_t words(uint32_t *seed, char16_t *out, char *out8, size_t count)
{
    size_t left = 2 + next(seed) % 8;

    for (size_t i = 0; i < count; i++) {
        char c = left == 0 ? ' ' : (char)('a' + next(seed) % 26);

        left = left == 0 ? 2 + next(seed) % 8 : left - 1;
        out[i] = (char16_t)c;
        if (out8 != NULL)
            out8[i] = c;
    }
    out[count] = 0;
    if (out8 != NULL)
        out8[count] = '\0';
    return count;
}

static SPropValue *text_prop(SPropValue *at, ULONG tag, char16_t *text)
{
    at->ulPropTag = tag;
    at->Value.lpszW = text;
    return at + 1;
}

void bench_mail_make(struct bench_mail *mail, unsigned n)
{
    uint32_t seed = n * 2654435761u + 12345;
    SPropValue *at = mail->props;

    mail->content = words(&seed, mail->subject, mail->subject8, 40);
    mail->content += words(&seed, mail->sender, mail->sender8, 24);
    mail->content += words(&seed, mail->body, mail->packed, BENCH_BODY);
    mail->delivered = 132000000000000000u + (uint64_t)next(&seed) * 10000000u;
    at = text_prop(at, PR_SUBJECT_W, mail->subject);
    at = text_prop(at, PR_SENDER_NAME_W, mail->sender);
    at = text_prop(at, PR_BODY_W, mail->body);
    at->ulPropTag = PR_MESSAGE_DELIVERY_TIME;
    at->Value.ft.dwLowDateTime = (DWORD)mail->delivered;
    at->Value.ft.dwHighDateTime = (DWORD)(mail->delivered >> 32);
    at++;
    for (int i = 0; i < 6; i++) {
        mail->content += words(&seed, mail->texts[i], NULL, 20);
        at = text_prop(at, PROP_TAG(PT_UNICODE, 0x6800 + i), mail->texts[i]);
    }
    for (int i = 0; i < 8; i++) {
        for (int j = 0; j < 24; j++)
            mail->binaries[i][j] = (BYTE)next(&seed);
        at->ulPropTag = PROP_TAG(PT_BINARY, 0x6810 + i);
        at->Value.bin.cb = 24;
        at->Value.bin.lpb = mail->binaries[i];
        mail->content += 24;
        at++;
    }
    for (int i = 0; at < mail->props + BENCH_PROPS; i++, at++) {
        at->ulPropTag = PROP_TAG(PT_LONG, 0x6820 + i);
        at->Value.l = (LONG)next(&seed);
        mail->content += 4;
    }
    mail->content += 8;
}

/* --- SQLite
 * ---------------------------------------------------------------------------------------- */

static void need(struct raw *raw, int code, int expected)
{
    if (code == expected)
        return;
    fprintf(stderr, "SQLite: %s\n", sqlite3_errmsg(raw->db));
    exit(1);
}

void raw_exec(struct raw *raw, const char *sql)
{
    need(raw, sqlite3_exec(raw->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

void raw_open(struct raw *raw)
{
    host_temp_path(".db", raw->path, sizeof(raw->path));
    if (sqlite3_open(raw->path, &raw->db) != SQLITE_OK)
        exit(1);
    raw_exec(raw, "PRAGMA page_size=16384;PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
                  "PRAGMA cache_size=-65536;PRAGMA wal_autocheckpoint=1024;"
                  "CREATE TABLE msg(id INTEGER PRIMARY KEY,folder INTEGER,delivered INTEGER,"
                  "subject TEXT,sender TEXT,packed BLOB);"
                  "CREATE INDEX msg_order ON msg(folder,delivered)");
    need(raw,
            sqlite3_prepare_v2(
                    raw->db, "INSERT INTO msg VALUES(?,1,?,?,?,?)", -1, &raw->insert, NULL),
            SQLITE_OK);
    need(raw,
            sqlite3_prepare_v2(raw->db, "SELECT packed FROM msg WHERE id=?", -1, &raw->read, NULL),
            SQLITE_OK);
}

void raw_insert(struct raw *raw, const struct bench_mail *mail, unsigned n)
{
    sqlite3_bind_int64(raw->insert, 1, (sqlite3_int64)n + 1);
    sqlite3_bind_int64(raw->insert, 2, (sqlite3_int64)mail->delivered);
    sqlite3_bind_text(raw->insert, 3, mail->subject8, -1, SQLITE_STATIC);
    sqlite3_bind_text(raw->insert, 4, mail->sender8, -1, SQLITE_STATIC);
    sqlite3_bind_blob(raw->insert, 5, mail->packed, (int)mail->content, SQLITE_STATIC);
    need(raw, sqlite3_step(raw->insert), SQLITE_DONE);
    sqlite3_reset(raw->insert);
}

unsigned raw_query(struct raw *raw, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    unsigned rows = 0;

    need(raw, sqlite3_prepare_v2(raw->db, sql, -1, &stmt, NULL), SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(stmt); i++)
            (void)sqlite3_column_bytes(stmt, i);
        rows++;
    }
    sqlite3_finalize(stmt);
    return rows;
}

void raw_close(struct raw *raw)
{
    sqlite3_finalize(raw->insert);
    sqlite3_finalize(raw->read);
    sqlite3_close(raw->db);
    host_file_remove(raw->path);
}

void bench_line(const char *what, const char *unit, double ours, double raw, const char *aim)
{
    bool is_rate = unit[strlen(unit) - 2] == '/' && unit[strlen(unit) - 1] == 's';
    double quotient = is_rate ? ours / raw : raw / ours;

    printf("%-44s %12.3f %12.3f %-7s %7.2f   %s\n", what, ours, raw, unit, quotient, aim);
    fflush(stdout);
}
