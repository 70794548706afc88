/* SPDX-License-Identifier: MIT */
/*
 * sqlite_api.h - SQLite, as the engine sees it: the only include of sqlite3.h.
 *
 * Linked directly (the system's library, or an amalgamation), or with MAILKEEP_SQLITE_DYNAMIC
 * through a table of functions that sqlite_load() takes from winsqlite3.dll. Everything here exists
 * since SQLite 3.12. On x86 that library's functions and callbacks are __stdcall; its variadic
 * functions are not, and none is used.
 *
 * Locks: sqlite_load() may be called by any thread; the table never changes once it has succeeded.
 */
#ifndef MSP_ENGINE_SQLITE_API_H
#define MSP_ENGINE_SQLITE_API_H

#include <stdbool.h>

#ifndef MAILKEEP_SQLITE_DYNAMIC
#define MAILKEEP_SQLITE_DYNAMIC 0
#endif

#if MAILKEEP_SQLITE_DYNAMIC && __has_include(<winsqlite/winsqlite3.h>)
#include <winsqlite/winsqlite3.h> /* the Windows SDK's name for it */
#else
#include <sqlite3.h>
#endif

#ifndef SQLITE_READONLY_CANTINIT
#define SQLITE_READONLY_CANTINIT (SQLITE_READONLY | (5 << 8)) /* not in the oldest headers */
#endif

enum {
    SQLITE_OLDEST = 3012000 /* what Windows 10 1607 ships */
};

/* Makes the functions callable. False: the library is missing, incomplete, or too old. */
bool sqlite_load(void);

#if MAILKEEP_SQLITE_DYNAMIC

#define SQLITE_CALL __stdcall

/* clang-format off */
/* result type, name, arguments */
#define SQLITE_API_LIST(X)                                                                       \
    X(int, blob_close, (sqlite3_blob *blob))                                                     \
    X(int, blob_open, (sqlite3 *db, const char *base, const char *table, const char *column,     \
            sqlite3_int64 row, int flags, sqlite3_blob **out))                                   \
    X(int, blob_bytes, (sqlite3_blob *blob))                                                     \
    X(int, blob_reopen, (sqlite3_blob *blob, sqlite3_int64 row))                                 \
    X(int, blob_read, (sqlite3_blob *blob, void *data, int size, int offset))                    \
    X(int, bind_blob64, (sqlite3_stmt *stmt, int index, const void *data, sqlite3_uint64 size,   \
            void(SQLITE_CALL *destroy)(void *)))                                                 \
    X(int, bind_int64, (sqlite3_stmt *stmt, int index, sqlite3_int64 value))                     \
    X(int, bind_null, (sqlite3_stmt *stmt, int index))                                           \
    X(int, bind_text64, (sqlite3_stmt *stmt, int index, const char *data, sqlite3_uint64 size,   \
            void(SQLITE_CALL *destroy)(void *), unsigned char encoding))                         \
    X(int, busy_handler, (sqlite3 *db, int(SQLITE_CALL *busy)(void *, int), void *context))      \
    X(int, changes, (sqlite3 *db))                                                               \
    X(int, clear_bindings, (sqlite3_stmt *stmt))                                                 \
    X(int, close, (sqlite3 *db))                                                                 \
    X(const void *, column_blob, (sqlite3_stmt *stmt, int column))                               \
    X(int, column_bytes, (sqlite3_stmt *stmt, int column))                                       \
    X(sqlite3_int64, column_int64, (sqlite3_stmt *stmt, int column))                             \
    X(const unsigned char *, column_text, (sqlite3_stmt *stmt, int column))                      \
    X(int, column_type, (sqlite3_stmt *stmt, int column))                                        \
    X(int, db_readonly, (sqlite3 *db, const char *base))                                         \
    X(int, extended_errcode, (sqlite3 *db))                                                      \
    X(int, extended_result_codes, (sqlite3 *db, int on))                                         \
    X(int, exec, (sqlite3 *db, const char *sql,                                                  \
            int(SQLITE_CALL *row)(void *, int, char **, char **), void *context, char **error))  \
    X(int, finalize, (sqlite3_stmt *stmt))                                                       \
    X(int, get_autocommit, (sqlite3 *db))                                                        \
    X(void, interrupt, (sqlite3 *db))                                                            \
    X(int, libversion_number, (void))                                                            \
    X(int, open_v2, (const char *path, sqlite3 **out, int flags, const char *vfs))               \
    X(int, prepare_v2, (sqlite3 *db, const char *sql, int size, sqlite3_stmt **out,              \
            const char **tail))                                                                  \
    X(int, reset, (sqlite3_stmt *stmt))                                                          \
    X(int, step, (sqlite3_stmt *stmt))                                                           \
    X(int, system_errno, (sqlite3 *db))
/* clang-format on */

#define SQLITE_API_FIELD(type, name, args) type(SQLITE_CALL *name) args;

struct sqlite_api {
    SQLITE_API_LIST(SQLITE_API_FIELD)
};

extern struct sqlite_api sqlite_api;

/* A name missing here is an unresolved symbol at link time; one too many does not compile. */
#define sqlite3_blob_close sqlite_api.blob_close
#define sqlite3_blob_open sqlite_api.blob_open
#define sqlite3_blob_bytes sqlite_api.blob_bytes
#define sqlite3_blob_read sqlite_api.blob_read
#define sqlite3_blob_reopen sqlite_api.blob_reopen
#define sqlite3_bind_blob64 sqlite_api.bind_blob64
#define sqlite3_bind_int64 sqlite_api.bind_int64
#define sqlite3_bind_null sqlite_api.bind_null
#define sqlite3_bind_text64 sqlite_api.bind_text64
#define sqlite3_busy_handler sqlite_api.busy_handler
#define sqlite3_changes sqlite_api.changes
#define sqlite3_clear_bindings sqlite_api.clear_bindings
#define sqlite3_close sqlite_api.close
#define sqlite3_column_blob sqlite_api.column_blob
#define sqlite3_column_bytes sqlite_api.column_bytes
#define sqlite3_column_int64 sqlite_api.column_int64
#define sqlite3_column_text sqlite_api.column_text
#define sqlite3_column_type sqlite_api.column_type
#define sqlite3_db_readonly sqlite_api.db_readonly
#define sqlite3_extended_errcode sqlite_api.extended_errcode
#define sqlite3_extended_result_codes sqlite_api.extended_result_codes
#define sqlite3_exec sqlite_api.exec
#define sqlite3_finalize sqlite_api.finalize
#define sqlite3_get_autocommit sqlite_api.get_autocommit
#define sqlite3_interrupt sqlite_api.interrupt
#define sqlite3_libversion_number sqlite_api.libversion_number
#define sqlite3_open_v2 sqlite_api.open_v2
#define sqlite3_prepare_v2 sqlite_api.prepare_v2
#define sqlite3_reset sqlite_api.reset
#define sqlite3_step sqlite_api.step
#define sqlite3_system_errno sqlite_api.system_errno

#else

#define SQLITE_CALL

#endif

#endif
