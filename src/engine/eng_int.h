/* SPDX-License-Identifier: MIT */
/*
 * eng_int.h - what the files of the engine share.
 *
 * Every public function is one operation: op_read() or op_write(), the work, op_end(). The work
 * asks SQLite through struct eng_query, which keeps the first failure, so that a run of calls
 * needs one test at its end. A failed operation that has written dooms the transaction it runs in
 * (op_end); that is how "on failure nothing has changed" holds without a savepoint per call.
 *
 * Locks: as eng.h says, one caller at a time.
 */
#ifndef MSP_ENGINE_ENG_INT_H
#define MSP_ENGINE_ENG_INT_H

#include "engine/eng.h"
#include "engine/sqlite_api.h"
#include "platform/atomic.h"
#include "platform/base.h"
#include "platform/mutex.h"
#include "util/array.h"
#include "util/buf.h"

enum eng_stmt_id {

#define ENG_STMT(name, sql) STMT_##name,
#include "engine/statements.list.h"
#undef ENG_STMT
    STMT_COUNT
};

enum meta_key {
    META_NEXT_ID = 1,   /* no id from here on was ever given out */
    META_STORE_UID = 2, /* 16 bytes */
    META_PACKED = 3,    /* the store's own properties */
    META_FLUSHES = 4,   /* changes when there is nothing else to change */
    META_REPAIRED = 5 /* when eng_check() last changed something, which the journal does not tell */
};

enum {
    ENG_APPLICATION_ID = 0x4D4B4550,
    ENG_FORMAT_MAJOR = 1, /* another major cannot be read */
    ENG_FORMAT_MINOR = 1, /* a newer minor can be read, not written */
    ENG_PAGE_SIZE = 16384,
    ENG_CHUNK_SIZE = 256 * 1024,
    ENG_KEY_BITS = 20,    /* of the number in key = id << 20 | number */
    ENG_MAX_DEPTH = 64,   /* of nested transactions */
    ENG_REAP_CHUNKS = 64, /* removed after a deletion; the rest on later occasions */
    ENG_REAP_LIMIT = 256, /* removed when a store is opened or closed */
    ENG_SIGNIFICANT_MSG_FLAGS = 0x41
};

#define ENG_MAX_ID ((UINT64_C(1) << (63 - ENG_KEY_BITS)) - 1)
#define ENG_MAX_NUMBER ((UINT32_C(1) << ENG_KEY_BITS) - 1)
#define ENG_MAX_VALUE_SIZE ((uint64_t)ENG_CHUNK_SIZE << ENG_KEY_BITS)
#define ENG_MAX_RECORD ((size_t)0x3FFFFFFF) /* what SQLite stores in one value */

/* SQLite's memory of pages; counts in pages of 4 KiB until the size of ours has been seen. */
#define CACHE_USUAL "PRAGMA cache_size=-65536"

enum { MSG_READ = 0x1, MSG_SUBMITTED = 0x4, MSG_ASSOCIATED = 0x40 };

/* How much must be on disk when a transaction's commit returns. */
enum eng_sync {
    SYNC_UNKNOWN, /* not set yet on this connection */
    SYNC_NORMAL,  /* nothing yet, but the file stays consistent */
    SYNC_FULL     /* all of it */
};

/* What the open transaction adds to the counts of one folder. */
struct count_delta {
    uint64_t folder;
    int64_t content;
    int64_t unread;
    int64_t assoc;
    int64_t children;
};

/* The one chunk that is kept in memory: writes gather here, small reads are served from it. */
struct value_cache {
    uint64_t id;         /* value in here; 0: none */
    uint64_t size;       /* its size now */
    bool size_is_dirty;  /* the row does not say so yet */
    bool is_writable;    /* unowned, and of this connection */
    bool has_chunk;      /* `number`, `used` and `data` say something */
    bool chunk_is_dirty; /* the row does not say so yet */
    uint32_t number;     /* of the chunk */
    size_t used;         /* bytes of it; zeros behind them */
    uint8_t *data;       /* ENG_CHUNK_SIZE bytes, NULL until first needed */
    bool is_pinned;      /* a rollback now leaves all this alone */
    uint64_t at_risk;    /* value that a rollback would damage; 0: none */
    uint64_t damaged;    /* value that a rollback has damaged: nobody may own it */
};

struct name_cache;
struct spill;

struct eng {
    sqlite3 *db;
    sqlite3_stmt *stmts[STMT_COUNT];
    bool stmt_is_busy[STMT_COUNT]; /* in the middle of rows: a nested use gets its own */
    struct eng_error error;
    uint8_t store_uid[16];
    uint32_t format;
    bool is_read_only;
    char *path;     /* only when a close must tidy up behind a reader, see eng_close() */
    uint64_t token; /* marks the unowned values of this connection */

    uint32_t busy_ms;
    uint64_t busy_since;             /* monotonic ns of the first refusal of the current wait */
    atomic_int interrupted;          /* set by eng_interrupt(), cleared when the next call begins */
    atomic_int stopped;              /* set by eng_stop(), cleared by eng_go_on() and eng_close() */
    struct msp_mutex interrupt_lock; /* a leaf: around sqlite3_interrupt(), `shields`, `in_save` */
    unsigned shields;                /* while not 0, a commit or rollback is not to be stopped */

    unsigned depth;                /* of eng_begin() and operations */
    uint64_t marks[ENG_MAX_DEPTH]; /* write_count when each level began */
    uint64_t write_count;          /* statements that changed something, ever */
    bool is_writing;               /* the outermost level may write */
    bool is_soft;                  /* it need not be durable by itself */
    bool has_sql_txn;              /* BEGIN was done */
    bool in_save;         /* in bulk: the outermost level is a save of the group; see save_mark() */
    enum eng_status doom; /* not ENG_OK: the transaction can only be rolled back */
    enum eng_sync sync;
    bool is_volatile;      /* something committed is not on disk yet */
    uint64_t known_folder; /* exists, as seen in this transaction; 0: none */

    bool is_bulk;
    unsigned group_saves;   /* top-level saves in the open group */
    size_t group_bytes;     /* about as much as they wrote */
    uint64_t group_since;   /* monotonic ns of its BEGIN */
    bool group_is_lost;     /* a failure took saves along that had succeeded; eng_flush() tells */
    size_t op_bytes;        /* written by the save that is under way */
    uint64_t group_version; /* data_version when the group began */
    struct msp_array group_values; /* uint64_t: values written in the open group... */
    size_t group_values_kept;      /* ...of which so many in saves that have succeeded */
    struct msp_array lost_values;  /* uint64_t: written in a group that was lost: nobody may own
                                      them; there is room for group_values */
    struct msp_buf redo;           /* statements the saves of the group have run, see eng_bulk.c */
    size_t redo_mark;              /* where those of the save under way begin */
    bool redo_is_cut;              /* they are not all there: the group must end with this save */

    uint64_t id_next;       /* the next one to give out */
    uint64_t id_end;        /* end of the block reserved on disk */
    bool ids_are_tentative; /* the block was reserved inside the open transaction */

    struct msp_array deltas;      /* struct count_delta, sorted by folder */
    struct msp_array save_deltas; /* the same, of the level inside the group */
    struct msp_array events;      /* struct eng_event of the open transaction */
    size_t save_events;           /* how many of them are older than the level in the group */
    eng_event_fn on_events;
    void *on_events_context;
    uint64_t stamp;
    uint64_t data_version;

    struct value_cache value;
    bool has_dead_values; /* some wait for removal: worth a look */
    bool made_values;     /* this connection may have unowned ones */
    bool is_holder;       /* it may have locked outgoing messages, and is on the list of those */
    struct eng *next_holder;
    struct name_cache *names;
    struct column_cache *columns; /* NULL until first needed */
    struct spill *spill;          /* the same */
    bool has_small_cache;         /* SQLite's, while columns are read */
    struct msp_buf scratch;       /* folded names, packed lists; used within one function */
};

/* Has somebody asked to stop? */
static inline bool eng_is_interrupted(struct eng *eng)
{
    return atomic_load_explicit(&eng->interrupted, memory_order_relaxed) != 0 ||
           atomic_load_explicit(&eng->stopped, memory_order_relaxed) != 0;
}

/* --- eng_error.c ---------------------------------------------------------------------------- */

/* Says what went wrong, as sentence and status, and returns the status. The plain form has the
 * usual sentence of the status. */
enum eng_status eng_fail(struct eng *eng, enum eng_status status);
enum eng_status eng_failf(struct eng *eng, enum eng_status status, const char *format, ...)
        MSP_PRINTF(3, 4);
/* The only place that knows SQLite's codes: takes the failure of the last call on the database. */
enum eng_status eng_fail_sqlite(struct eng *eng, int code);
void error_set(struct eng_error *error, enum eng_status status, int code, const char *text);
const char *error_sentence(enum eng_status status);
enum eng_status error_from_sqlite(int code);

/* --- eng_stmt.c ----------------------------------------------------------------------------- */

/* One run of one statement. Bind all parameters in order, then query_row() or query_run(). */
struct eng_query {
    struct eng *eng;
    sqlite3_stmt *stmt;
    enum eng_stmt_id id;
    enum eng_status status; /* first failure */
    int next;               /* parameter to bind next */
    bool is_own;            /* not the shared one, to be finalized */
    bool is_logged;         /* for a bulk import, from log_start in eng->redo on */
    size_t log_start;
};

void query_begin(struct eng_query *query, struct eng *eng, enum eng_stmt_id id);
void query_u64(struct eng_query *query, uint64_t value);
void query_i64(struct eng_query *query, int64_t value);
void query_null(struct eng_query *query);
/* data NULL: SQL's NULL, unless size is 0 for a blob: an empty one. Borrowed until query_end. */
void query_blob(struct eng_query *query, const void *data, size_t size);
void query_text(struct eng_query *query, const char *data, size_t size);
/* Steps to the next row: true when there is one; false at the end and on failure. */
bool query_row(struct eng_query *query);
uint64_t query_col(struct eng_query *query, int column);
/* data NULL only for SQL's NULL; borrowed until the next step. */
struct eng_text query_col_text(struct eng_query *query, int column);
bool query_col_is_null(struct eng_query *query, int column);
/* Ends the run; the first failure, or the one given when that is earlier. */
enum eng_status query_end(struct eng_query *query);
/* Steps a statement without rows to its end, and ends the run. */
enum eng_status query_run(struct eng_query *query);
/* Rows the last query_run() changed. */
int query_changes(const struct eng *eng);
/* A statement without parameters or rows, to be used where a status is all there is. */
enum eng_status query_do(struct eng *eng, enum eng_stmt_id id);
/* One number from a statement with up to one parameter; ENG_NOT_FOUND without a row. */
enum eng_status query_number(struct eng *eng, enum eng_stmt_id id, uint64_t key, uint64_t *out);
/* A statement without rows and with one or two numbers. */
enum eng_status query_do1(struct eng *eng, enum eng_stmt_id id, uint64_t first);
enum eng_status query_do2(struct eng *eng, enum eng_stmt_id id, uint64_t first, uint64_t second);
void stmts_finalize(struct eng *eng);
/* Prepares every statement; for tests. */
enum eng_status eng_stmts_prepare(struct eng *eng);

/* --- eng_txn.c ------------------------------------------------------------------------------ */

/* Begins an operation, inside the open transaction or in one of its own. op_end() ends it when
 * this has returned ENG_OK, commits or rolls back, and returns the status of it all. */
enum eng_status op_read(struct eng *eng);
enum eng_status op_write(struct eng *eng);
/* As op_write(), but durable only together with the next op_write() that commits. */
enum eng_status op_write_soft(struct eng *eng);
enum eng_status op_end(struct eng *eng, enum eng_status status);
/* Begins an operation of one reading statement (or none): no transaction of its own. */
enum eng_status op_peek(struct eng *eng);
/* ENG_INTERRUPTED when asked to stop; for loops. */
enum eng_status op_check(struct eng *eng);
/* Between these, eng_interrupt() stops nothing: not what ends the work, such as COMMIT. */
void shield_raise(struct eng *eng);
void shield_lower(struct eng *eng);
/* Rolls back all levels. */
void txn_abandon(struct eng *eng);

/* Below the levels: SQLite's transaction. txn_control() runs COMMIT and its like, which
 * eng_interrupt() does not stop; txn_rollback() leaves none open, whatever has happened, and keeps
 * eng->error; txn_commit() rolls back when it fails. */
enum eng_status txn_set_sync(struct eng *eng, enum eng_sync sync);
enum eng_status txn_begin(struct eng *eng, enum eng_stmt_id id);
enum eng_status txn_control(struct eng *eng, enum eng_stmt_id id);
enum eng_status txn_commit(struct eng *eng);
void txn_rollback(struct eng *eng);
/* A durable transaction of one statement, outside of all levels. */
enum eng_status txn_begin_small(struct eng *eng);
enum eng_status txn_end_small(struct eng *eng, enum eng_status status);
/* A small commit with fsync, which takes along what came before. */
enum eng_status txn_make_durable(struct eng *eng);

/* --- eng_id.c ------------------------------------------------------------------------------- */

bool ids_are_low(const struct eng *eng);
enum eng_status ids_refill(struct eng *eng);
/* Secures the ids that a transaction gave out which is gone. */
void ids_rolled_back(struct eng *eng);

/* --- eng_bulk.c ----------------------------------------------------------------------------- */

/* Says whether the outermost level is a save of the group. SQLite undoes the whole transaction when
 * it is interrupted in a write, so in a save with others before it eng_interrupt() only asks: it is
 * heard between statements. `group_saves` changes only outside of saves. */
void save_mark(struct eng *eng, bool in_save);
/* The outermost level in bulk. save_rollback() keeps eng->error. */
enum eng_status save_begin(struct eng *eng);
enum eng_status save_commit(struct eng *eng);
void save_rollback(struct eng *eng, bool wrote);
/* Commits the group, if one is open. */
enum eng_status group_commit(struct eng *eng);
/* What saves of a group write into large values is as safe as the group: noted (false: no memory),
 * of a save that has succeeded or is undone alone, ended with the group, or lost with it. */
bool values_group_note(struct eng *eng, uint64_t id);
void values_group_keep(struct eng *eng);
void values_group_undo(struct eng *eng);
void values_group_end(struct eng *eng);
void values_group_lose(struct eng *eng);
/* Nobody may own such a value. */
bool values_group_has_lost(const struct eng *eng, uint64_t id);
/* One record of the log; `keep` false takes it back. They never fail: the group ends instead. */
size_t redo_begin(struct eng *eng, enum eng_stmt_id id);
void redo_i64(struct eng *eng, int64_t value);
void redo_null(struct eng *eng);
void redo_bytes(struct eng *eng, bool is_text, const void *data, size_t size);
void redo_end(struct eng *eng, size_t start, bool keep);

/* --- eng_event.c ---------------------------------------------------------------------------- */

enum eng_status event_add(struct eng *eng, enum eng_event_kind kind, bool is_folder,
        uint64_t object, uint64_t parent, uint64_t old_parent);
enum eng_status event_add_copy(struct eng *eng, bool is_folder, uint64_t object, uint64_t parent,
        uint64_t original, uint64_t old_parent);
enum eng_status delta_add(struct eng *eng, const struct count_delta *delta);
/* Adds what the open transaction has not written yet to the counts of a folder as read. */
void delta_apply(const struct eng *eng, struct eng_folder *folder);
/* Merges the level inside the group into the group. */
enum eng_status delta_merge(struct eng *eng);
/* Writes the counts and the journal; the last work before COMMIT. */
enum eng_status events_write(struct eng *eng);
void events_publish(struct eng *eng);
void events_drop(struct eng *eng);

/* --- eng_schema.c, eng_open.c --------------------------------------------------------------- */

enum eng_status schema_create(struct eng *eng, const uint8_t uid[16]);
/* Brings an older format up to the present one, in one transaction; one that cannot be written
 * stays as it is. */
enum eng_status schema_upgrade(struct eng *eng);
enum eng_status schema_check(struct eng *eng);
uint64_t eng_now(void);

/* --- eng_value.c ---------------------------------------------------------------------------- */

/* Makes the values named in `now` (and not in `before`) property of an object, gives up those named
 * in `before` only. Both records have passed packed_check(). */
enum eng_status values_change(struct eng *eng, uint64_t owner, const void *before,
        size_t before_size, const void *now, size_t now_size);
/* Gives up everything an object owns. */
enum eng_status values_drop_owner(struct eng *eng, uint64_t owner);
/* Writes the kept chunk to its row; inside an operation that writes. */
enum eng_status value_flush(struct eng *eng);
/* The same in a transaction of its own, which is soft; the chunk is kept when that fails. */
enum eng_status value_flush_alone(struct eng *eng);
/* The transaction is rolled back, and what it wrote into values with it. */
void value_forget(struct eng *eng);
/* Forgets what is kept and dirty: its value is about to go. */
void value_give_up(struct eng *eng);
/* A reading transaction begins to write while a chunk of before it is not written yet. */
void value_note_upgrade(struct eng *eng);
/* Removes dead values, up to about so many chunks, in transactions of their own. */
enum eng_status values_reap(struct eng *eng, unsigned chunks);
enum eng_status values_bury_token(struct eng *eng);

/* --- eng_msg.c, eng_part.c ------------------------------------------------------------------ */

/* Reads MSG_COLUMNS; texts are borrowed until the next step. */
void msg_from_row(struct eng_query *query, struct eng_msg *out);
/* Deletes messages with all they own, iteratively; counts, but no events. */
enum eng_status msg_remove(struct eng *eng, uint64_t id, bool embedded_only);
/* Puts the messages of a folder on the way out, with events. */
enum eng_status msgs_remove_all(struct eng *eng, uint64_t folder);
enum eng_status packed_accept(struct eng *eng, const void *packed, size_t packed_size);
/* Whether a list of recipients is well formed to its end. */
bool recipients_check(struct msp_reader *list);
enum eng_status parts_remove(struct eng *eng, uint64_t msg, struct msp_array *embedded);

/* --- eng_outgoing.c ------------------------------------------------------------------------- */

/* The connection is about to close: its locks on outgoing messages end. */
void outgoing_close(struct eng *eng);

/* --- eng_spill.c ---------------------------------------------------------------------------- */

void spill_close(struct eng *eng);

/* --- eng_search.c --------------------------------------------------------------------------- */

/* A folder is on its way out: forgets its search. */
enum eng_status search_remove(struct eng *eng, uint64_t folder);

/* --- eng_column.c --------------------------------------------------------------------------- */

/* A level of the caller's has ended. After the outermost, columns that were only lent are let go,
 * and after one that only read, others are stored for the next time, when that is worth it. */
void columns_txn_end(struct eng *eng, bool may_store);
void columns_free(struct eng *eng);
/* A folder is on its way out: forgets what is stored of it. */
enum eng_status columns_remove(struct eng *eng, uint64_t folder);
/* Compares what is stored with the rows, and removes what is damaged. */
enum eng_status columns_check(struct eng *eng, bool repair, uint64_t *out_damaged);

/* For tests: when columns are kept and stored; and how many places are. */
struct column_policy {
    size_t memory;         /* bytes that may be kept */
    size_t store_rows;     /* a place of fewer is not stored */
    uint64_t store_events; /* so many events after it was stored, a place is stored again */
    size_t segment_rows;   /* about; a power of two, up to SEGMENT_ROWS */
};

bool columns_policy(struct eng *eng, const struct column_policy *policy);
size_t columns_kept(const struct eng *eng);

/* --- eng_folder.c, eng_name.c --------------------------------------------------------------- */

enum eng_status folder_must_exist(struct eng *eng, uint64_t id);
void names_free(struct eng *eng);
void names_rolled_back(struct eng *eng);
void names_committed(struct eng *eng);

static inline uint64_t key_make(uint64_t id, uint32_t number)
{
    return id << ENG_KEY_BITS | number;
}

static inline bool id_is_good(uint64_t id)
{
    return id != 0 && id <= ENG_MAX_ID;
}

#endif
