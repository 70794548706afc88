/* SPDX-License-Identifier: MIT */
/*
 * bench.h - what the benchmarks share: a clock, a provider with a store, and the same work done
 * directly in SQLite.
 */
#ifndef BENCH_H
#define BENCH_H

#include <sqlite3.h>

#include "support/support.h"

double bench_seconds(void);

/* One message's content, the same for both sides: 40 properties, of these one body of about 7 KB.
 */
enum { BENCH_PROPS = 40, BENCH_BODY = 7000 };

struct bench_mail {
    SPropValue props[BENCH_PROPS];
    char16_t body[BENCH_BODY + 1];
    char16_t subject[64];
    char16_t sender[64];
    char16_t texts[6][32];
    BYTE binaries[8][24];
    size_t content; /* bytes of all values as UTF-8 or as they are */
    uint64_t delivered;
    char packed[BENCH_BODY + 2048]; /* the same bytes for SQLite's side */
    char subject8[64];
    char sender8[64];
};

/* The n-th mail; the same n gives the same mail. */
void bench_mail_make(struct bench_mail *mail, unsigned n);

/* SQLite used directly, with the same settings: one table, one index on (folder, delivered). */
struct raw {
    sqlite3 *db;
    char path[1024];
    sqlite3_stmt *insert;
    sqlite3_stmt *read;
};

void raw_open(struct raw *raw);
void raw_exec(struct raw *raw, const char *sql);
void raw_insert(struct raw *raw, const struct bench_mail *mail, unsigned n);
/* Steps a query to its end; returns the number of rows. */
unsigned raw_query(struct raw *raw, const char *sql);
void raw_close(struct raw *raw);

/* One line: what, ours, SQLite's, the quotient of speeds (above 1: ours is faster), the aim. */
void bench_line(const char *what, const char *unit, double ours, double raw, const char *aim);

#endif
