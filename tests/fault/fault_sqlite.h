/* SPDX-License-Identifier: MIT */
/*
 * fault_sqlite.h - SQLite's functions, each of which fails when told.
 *
 * Where SQLite is linked in, the linker sends the engine's calls here (--wrap: tests/CMakeLists.txt
 * reads the names below); where it is a DLL, the functions here take their places in the engine's
 * table. Every call counts; the nth fails, once or from then on, without having done anything, but
 * for those that only report (reset, finalize, close), which do their work and then say otherwise.
 *
 * Included by one source of a test. Locks: none; any thread may call.
 */
#ifndef MSP_TEST_FAULT_SQLITE_H
#define MSP_TEST_FAULT_SQLITE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "engine/sqlite_api.h"

struct sqlite_fault {
    atomic_ulong count;   /* calls so far */
    atomic_ulong fail_at; /* 0: never */
    atomic_bool fail_forever;
    atomic_int code;
    atomic_bool has_failed;
    atomic_int last; /* what extended_errcode() says of a call that was not made; 0: ask SQLite */
    void (*_Atomic before)(void); /* each call; NULL: nothing */
};

static struct sqlite_fault sqlite_fault;

static inline bool sqlite_fault_hits(void)
{
    unsigned long count = atomic_fetch_add(&sqlite_fault.count, 1) + 1;
    unsigned long fail_at = sqlite_fault.fail_at;
    void (*before)(void) = sqlite_fault.before;
    bool hits =
            fail_at != 0 && (count == fail_at || (count > fail_at && sqlite_fault.fail_forever));

    if (before != NULL)
        before();
    sqlite_fault.last = hits ? sqlite_fault.code : 0;
    if (hits)
        sqlite_fault.has_failed = true;
    return hits;
}

static inline void sqlite_fault_arm(unsigned long nth, bool forever, int code)
{
    sqlite_fault.count = 0;
    sqlite_fault.fail_forever = forever;
    sqlite_fault.code = code;
    sqlite_fault.has_failed = false;
    sqlite_fault.fail_at = nth;
}

/* Has a call failed since it was armed? */
static inline bool sqlite_fault_disarm(void)
{
    sqlite_fault.fail_at = 0;
    sqlite_fault.last = 0;
    return sqlite_fault.has_failed;
}

#define SQLITE_DESTROY void(SQLITE_CALL * destroy)(void *)
#define SQLITE_ROW_FN int(SQLITE_CALL * row)(void *, int, char **, char **)

/* clang-format off */
/* name, arguments, their names, does its work all the same */
#define SQLITE_FAULT_LIST(X)                                                                      \
    X(step, (sqlite3_stmt *stmt), (stmt), false)                                                  \
    X(reset, (sqlite3_stmt *stmt), (stmt), true)                                                  \
    X(finalize, (sqlite3_stmt *stmt), (stmt), true)                                               \
    X(close, (sqlite3 *db), (db), true)                                                           \
    X(exec, (sqlite3 *db, const char *sql, SQLITE_ROW_FN, void *context, char **error),           \
            (db, sql, row, context, error), false)                                                \
    X(prepare_v2, (sqlite3 *db, const char *sql, int size, sqlite3_stmt **out, const char **tail), \
            (db, sql, size, out, tail), false)                                                    \
    X(bind_int64, (sqlite3_stmt *stmt, int index, sqlite3_int64 value),                           \
            (stmt, index, value), false)                                                          \
    X(bind_null, (sqlite3_stmt *stmt, int index), (stmt, index), false)                           \
    X(bind_blob64, (sqlite3_stmt *stmt, int index, const void *data, sqlite3_uint64 size,         \
            SQLITE_DESTROY), (stmt, index, data, size, destroy), false)                           \
    X(bind_text64, (sqlite3_stmt *stmt, int index, const char *data, sqlite3_uint64 size,         \
            SQLITE_DESTROY, unsigned char encoding),                                              \
            (stmt, index, data, size, destroy, encoding), false)
/* clang-format on */

#if MAILKEEP_SQLITE_DYNAMIC

static struct sqlite_api sqlite_fault_real;

#define SQLITE_FAULT_NAME(name) sqlite_fault_##name
#define SQLITE_FAULT_REAL(name) sqlite_fault_real.name
#define SQLITE_FAULT_DECLARE(name, args)

#else

#define SQLITE_FAULT_NAME(name) __wrap_sqlite3_##name
#define SQLITE_FAULT_REAL(name) __real_sqlite3_##name
#define SQLITE_FAULT_DECLARE(name, args) int SQLITE_FAULT_REAL(name) args;

#endif

#define SQLITE_FAULT_DEFINE(name, args, values, works)                                             \
    SQLITE_FAULT_DECLARE(name, args)                                                               \
    int SQLITE_CALL SQLITE_FAULT_NAME(name) args;                                                  \
    int SQLITE_CALL SQLITE_FAULT_NAME(name) args                                                   \
    {                                                                                              \
        bool fails = sqlite_fault_hits();                                                          \
        int code = works || !fails ? SQLITE_FAULT_REAL(name) values : SQLITE_OK;                   \
                                                                                                   \
        return fails ? sqlite_fault.code : code;                                                   \
    }

SQLITE_FAULT_LIST(SQLITE_FAULT_DEFINE)

SQLITE_FAULT_DECLARE(extended_errcode, (sqlite3 * db))
int SQLITE_CALL SQLITE_FAULT_NAME(extended_errcode)(sqlite3 *db);

int SQLITE_CALL SQLITE_FAULT_NAME(extended_errcode)(sqlite3 *db)
{
    int last = sqlite_fault.last;

    return last != 0 ? last : SQLITE_FAULT_REAL(extended_errcode)(db);
}

/* Once, before the first store is opened. False: there is no SQLite. */
static inline bool sqlite_fault_install(void)
{
    if (!sqlite_load())
        return false;
#if MAILKEEP_SQLITE_DYNAMIC
    sqlite_fault_real = sqlite_api;
#define SQLITE_FAULT_SET(name, args, values, works) sqlite_api.name = SQLITE_FAULT_NAME(name);
    SQLITE_FAULT_LIST(SQLITE_FAULT_SET)
#undef SQLITE_FAULT_SET
    sqlite_api.extended_errcode = SQLITE_FAULT_NAME(extended_errcode);
#endif
    return true;
}

#endif
