/* SPDX-License-Identifier: MIT */
/*
 * eng.h - the store engine: one file, one connection, no COM.
 *
 * A `struct eng` is one open store as one logon sees it. It is not thread-safe: its owner calls it
 * under one lock; only eng_interrupt() and eng_stop() may come from any thread. Every function
 * returns an eng_status; eng_last_error() then has the SQLite code and a sentence for people. On
 * failure nothing has changed: a function that changes data runs in the open transaction, or in one
 * of its own when none is open.
 *
 * Ids are 64-bit, start at 1 and are never used twice in the life of a file, not even across a
 * crash. Folders, messages (embedded ones too) and large values draw from one counter. Times are
 * FILETIME values (100 ns since 1601-01-01 UTC). Text is UTF-8 with a size, not terminated (lone
 * surrogates are kept as in util/utf.h). Properties are packed records of util/bag.h; the engine
 * looks into them only to find the large values they own.
 *
 * A failure after something was written dooms the open transaction: what it has done so far cannot
 * be committed any more. A request that is refused (ENG_NOT_FOUND, ENG_EXISTS, ENG_CHANGED,
 * ENG_INVALID and their like) has written nothing and dooms nothing. Callbacks get borrowed data;
 * they may call reading functions, of the same kind too, and nothing else.
 */
#ifndef MSP_ENGINE_ENG_H
#define MSP_ENGINE_ENG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct msp_array;
struct msp_buf;
struct eng;
struct column_cache;

enum eng_status {
    ENG_OK,
    ENG_NOT_FOUND,    /* no such object */
    ENG_EXISTS,       /* a sibling of that name exists */
    ENG_CHANGED,      /* the message was saved by someone else since it was read */
    ENG_DELETED,      /* the message was deleted since it was read */
    ENG_HAS_FOLDERS,  /* the folder to delete has subfolders */
    ENG_HAS_MESSAGES, /* the folder to delete has messages */
    ENG_CYCLE,        /* a folder cannot move below itself */
    ENG_DENIED,       /* that object may not be changed (root folder) */
    ENG_INVALID,      /* argument out of range */
    ENG_NO_MEMORY,
    ENG_INTERRUPTED,    /* eng_interrupt() was called */
    ENG_BUSY,           /* another process holds the file too long */
    ENG_FULL,           /* the disk, or the file's size limit */
    ENG_READ_ONLY,      /* the store is open for reading only */
    ENG_IO,             /* the disk failed */
    ENG_CORRUPT,        /* the file's structure is damaged */
    ENG_PATH_NOT_FOUND, /* the folder of the path does not exist, or the file does not and may not
                           be created */
    ENG_PATH_IS_FOLDER, /* the path names a folder */
    ENG_PATH_DENIED,    /* the operating system refuses access */
    ENG_PATH_NETWORK,   /* the path is on a network share */
    ENG_NOT_A_STORE,    /* some other file */
    ENG_TOO_NEW,        /* written by a newer version that this one may not read */
    ENG_NO_SQLITE,      /* the system's SQLite is missing or older than 3.12 */
    ENG_STATUS_COUNT
};

enum {
    ENG_ROOT_FOLDER = 1 /* id of the root folder in every store */
};

struct eng_error {
    enum eng_status status;
    int sqlite_code; /* extended result code, 0 when SQLite was not asked */
    char text[256];  /* one sentence, UTF-8, no SQL, no pointers; "" when there is none */
};

struct eng_open_params {
    const char *path; /* UTF-8 file path, or ":memory:" */
    bool create;      /* make the file when it is not there */
    bool read_only;
    uint32_t busy_ms; /* how long to wait for another writer; 0: 5 seconds */
};

/* Opens or creates a store. `error` may be NULL; it is filled on failure. A file that cannot be
 * written is opened read-only when params->read_only is false but the medium forbids writing
 * (eng_info.read_only tells). */
enum eng_status eng_open(
        const struct eng_open_params *params, struct eng **out, struct eng_error *error);
/* Closes the file: rolls back what is open, gives up values never owned, leaves no handle. NULL is
 * fine. Never fails. */
void eng_close(struct eng *eng);
/* Makes the running call, if any, return ENG_INTERRUPTED soon. Any thread. */
void eng_interrupt(struct eng *eng);
/* The same for every call from now on, until eng_go_on() or eng_close(): the logon is going away,
 * or the process. Any thread. */
void eng_stop(struct eng *eng);
void eng_go_on(struct eng *eng);
void eng_last_error(const struct eng *eng, struct eng_error *out);

struct eng_info {
    uint8_t store_uid[16]; /* made when the file was */
    bool read_only;
    uint32_t format;
};

void eng_info(const struct eng *eng, struct eng_info *out);

/* Transactions nest, up to 64 deep: only the outermost commit or rollback acts. An inner rollback
 * that has something to undo dooms the outer commit, which then rolls back and returns the status
 * of the failure (ENG_INTERRUPTED when there was none). A read transaction gives one snapshot;
 * writing inside it works unless somebody else has written since it began (ENG_BUSY, at once). A
 * write transaction waits for other writers now, so nothing in it has to. */
enum eng_status eng_begin(struct eng *eng, bool write);
enum eng_status eng_commit(struct eng *eng);
void eng_rollback(struct eng *eng);

/* Bulk import: while on, commits are grouped (1,000 top-level saves, 16 MiB or a second) and not
 * durable one by one; turning it off makes all of them durable before it returns. Other writers
 * wait for the group. A save that fails is undone alone; when the disk fails, the whole group may
 * be lost, which eng_flush() and turning bulk off report, if nothing else has. */
enum eng_status eng_bulk(struct eng *eng, bool on);
/* Has this connection saved something in bulk that no other one sees yet? */
bool eng_has_group(const struct eng *eng);
/* Makes everything committed durable (also inside bulk). Not inside a transaction. */
enum eng_status eng_flush(struct eng *eng);

/* A fresh id (taken in blocks, so that most calls touch no file). */
enum eng_status eng_id_new(struct eng *eng, uint64_t *out);

/* Counts committed changes of any connection to this file; cheap; a view is stale when it moved. */
uint64_t eng_change_stamp(struct eng *eng);
/* The last answer, without a look at the file: what is read afterwards is at least as new. */
uint64_t eng_change_stamp_last(const struct eng *eng);

/* --- the store object --------------------------------------------------------------------- */

/* The store's own properties; replaced as a whole. */
enum eng_status eng_store_props_get(struct eng *eng, struct msp_buf *out_packed);
enum eng_status eng_store_props_set(struct eng *eng, const void *packed, size_t packed_size);

/* --- folders ------------------------------------------------------------------------------ */

enum { ENG_FOLDER_ROOT = 0, ENG_FOLDER_GENERIC = 1, ENG_FOLDER_SEARCH = 2 };

struct eng_folder {
    uint64_t id;
    uint64_t parent; /* 0 for the root */
    uint32_t type;
    uint32_t content_count;
    uint32_t unread_count;
    uint32_t assoc_count;
    uint32_t child_count;
    uint64_t created;
    uint64_t modified;
    uint64_t change;
};

/* `name` and `packed` may be NULL; both are appended to. */
enum eng_status eng_folder_get(struct eng *eng, uint64_t id, struct eng_folder *out,
        struct msp_buf *name, struct msp_buf *packed);
/* Names are unique among siblings without regard to case (util/utf.h folding): ENG_EXISTS. */
enum eng_status eng_folder_create(struct eng *eng, uint64_t parent, uint32_t type, const char *name,
        size_t name_size, const void *packed, size_t packed_size, uint64_t *out_id);
/* New name (NULL keeps it) and new properties (packed NULL keeps them). */
enum eng_status eng_folder_set(struct eng *eng, uint64_t id, const char *name, size_t name_size,
        const void *packed, size_t packed_size);
enum eng_status eng_folder_find(
        struct eng *eng, uint64_t parent, const char *name, size_t name_size, uint64_t *out_id);
/* Moves a folder below another and/or renames it; ENG_CYCLE, ENG_EXISTS. */
enum eng_status eng_folder_move(
        struct eng *eng, uint64_t id, uint64_t new_parent, const char *name, size_t name_size);

enum {
    ENG_DELETE_FOLDERS = 1, /* with subfolders */
    ENG_DELETE_MESSAGES = 2 /* with messages */
};
/* Makes a folder like this one, without its messages and subfolders, below a parent; name NULL: the
 * same name. ENG_CYCLE: the parent is the folder or lies below it; ENG_EXISTS. */
enum eng_status eng_folder_copy(struct eng *eng, uint64_t id, uint64_t parent, const char *name,
        size_t name_size, uint64_t *out_id);
enum eng_status eng_folder_delete(struct eng *eng, uint64_t id, uint32_t flags);

/* Called once per row; return false to stop. Everything passed is borrowed for the call. */
typedef bool (*eng_folder_fn)(void *context, const struct eng_folder *folder, const char *name,
        size_t name_size, const void *packed, size_t packed_size);
/* Direct children in order of folded name. */
enum eng_status eng_folder_children(
        struct eng *eng, uint64_t parent, eng_folder_fn fn, void *context);

/* --- messages ----------------------------------------------------------------------------- */

struct eng_text {
    const char *data; /* UTF-8; NULL when the property is absent */
    size_t size;
};

/* A large value, and the unowned copy that was made of it in advance. */
struct eng_value_pair {
    uint64_t from;
    uint64_t size;
    uint64_t to; /* 0: none yet */
};

/* The narrow row: what is not in the packed properties, and copies of what tables sort and show. */
struct eng_msg {
    uint64_t id;
    uint64_t folder; /* 0: embedded */
    uint64_t change; /* grows with every save */
    uint32_t flags;  /* MSGFLAG_ bits as the caller gives them; bit 0x1 (read) and 0x40 (associated)
                        drive the counts, bit 0x4 (submitted) is the engine's: eng_outgoing_put() */

    uint32_t status; /* MSGSTATUS_ bits */
    uint32_t importance;
    uint64_t size; /* bytes of properties, recipients, attachments, as the caller adds them up */
    uint64_t delivered; /* 0: absent */
    uint64_t submitted; /* 0: absent */
    uint64_t created;
    uint64_t modified;
    struct eng_text message_class;
    struct eng_text subject; /* whole subject */
    struct eng_text sender;
    struct eng_text display_to;
};

enum {
    ENG_PUT_NEW = 1,  /* insert; else update */
    ENG_PUT_FORCE = 2 /* ignore ENG_CHANGED (never ENG_DELETED) */
};

/* Inserts or replaces a message's row and properties. For an update, msg->change is what the caller
 * read: ENG_CHANGED when the row has moved on, ENG_DELETED when it is gone; folder, status and bit
 * 0x4 of the flags are kept from the row. *out_change: the new value. Large values named in the old
 * properties and not in the new are freed; those named are owned by the message from now. */
enum eng_status eng_msg_put(struct eng *eng, const struct eng_msg *msg, uint32_t put_flags,
        const void *packed, size_t packed_size, uint64_t *out_change);
/* One row; `row` texts point into `texts` (cleared first); `packed` may be NULL (appended
 * otherwise). */
enum eng_status eng_msg_get(struct eng *eng, uint64_t id, struct eng_msg *row,
        struct msp_buf *texts, struct msp_buf *packed);
/* Deletes a message with everything it owns: recipients, attachments, embedded messages, large
 * values. */
enum eng_status eng_msg_delete(struct eng *eng, uint64_t id);
/* Changes flag and status bits at once, outside of saves: new = (old & ~mask) | (value & mask);
 * does not touch `change`. outs may be NULL. */
enum eng_status eng_msg_set_flags(
        struct eng *eng, uint64_t id, uint32_t mask, uint32_t value, uint32_t *out_old);
enum eng_status eng_msg_set_status(
        struct eng *eng, uint64_t id, uint32_t mask, uint32_t value, uint32_t *out_old);
enum eng_status eng_msg_move(struct eng *eng, uint64_t id, uint64_t new_folder);

/* Appends the large values of a message and of all messages embedded in it as struct
 * eng_value_pair, and adds up their sizes. */
enum eng_status eng_msg_values(
        struct eng *eng, uint64_t id, struct msp_array *pairs, uint64_t *out_size);
/* Copies a message of a folder, with all it owns, into a folder (maybe the same): a new id, no
 * status, without the flags in `drop_flags`, times and everything else alike. Values in `pairs` are
 * taken from there (and belong to the copy then), the others are copied in the same transaction.
 * ENG_CORRUPT: this message is damaged. */
enum eng_status eng_msg_copy(struct eng *eng, uint64_t id, uint64_t new_folder, uint32_t drop_flags,
        const struct eng_value_pair *pairs, size_t pair_count, uint64_t *out_id);

enum eng_scan {
    ENG_SCAN_ROWS = 0,  /* narrow rows only: packed is NULL in the callback */
    ENG_SCAN_PROPS = 1, /* with packed properties */
    ENG_SCAN_ASSOC = 2  /* associated messages instead of normal ones */
};

typedef bool (*eng_msg_fn)(
        void *context, const struct eng_msg *row, const void *packed, size_t packed_size);
/* All messages of a folder in default order: delivery time, newest last, then id (served by an
 * index). */
enum eng_status eng_msg_scan(
        struct eng *eng, uint64_t folder, uint32_t scan, eng_msg_fn fn, void *context);
/* Only what the order is made of, which is in the index: no row is read. `backward`: the last one
 * first. The function says false to stop. */
typedef bool (*eng_key_fn)(void *context, uint64_t delivered, uint64_t id);
enum eng_status eng_msg_keys(struct eng *eng, uint64_t folder, bool associated, bool backward,
        eng_key_fn fn, void *context);
/* Only the ids, in the same order, appended as uint64_t to `out`. */
enum eng_status eng_msg_ids(struct eng *eng, uint64_t folder, bool associated, struct msp_buf *out);

/* --- columns: the hot values of all messages of a folder, side by side ----------------------- */

/* Texts of many rows, one after the other. Row i is bytes[ends[i-1] .. ends[i]) (from 0 for i = 0).
 * An absent text is empty, too; `absent` has one bit per row for it, the lowest of a byte first
 * (NULL: none is absent). */
struct eng_column_text {
    const uint8_t *bytes;
    const uint32_t *ends;
    const uint8_t *absent;
};

enum {
    ENG_COLUMN_ID = 0x1, /* always there */
    ENG_COLUMN_DELIVERED = 0x2,
    ENG_COLUMN_SUBMITTED = 0x4,
    ENG_COLUMN_CREATED = 0x8,
    ENG_COLUMN_MODIFIED = 0x10,
    ENG_COLUMN_SIZE = 0x20,
    ENG_COLUMN_FLAGS = 0x40,
    ENG_COLUMN_STATUS = 0x80,
    ENG_COLUMN_IMPORTANCE = 0x100,
    ENG_COLUMN_CLASS = 0x200,
    ENG_COLUMN_SUBJECT = 0x400,
    ENG_COLUMN_SENDER = 0x800,
    ENG_COLUMN_DISPLAY_TO = 0x1000,
    ENG_COLUMN_ALL = 0x1FFF,
    ENG_COLUMN_BY_ID = 0x2000 /* no column: eng_columns_by_id() will be asked for these rows */
};

/* Rows in default order, as eng_msg_scan() has them. What is not wanted is NULL; what is wanted is
 * not, even when there are no rows. Values mean what they do in struct eng_msg. */
struct eng_columns {
    size_t count;
    const uint64_t *ids;
    const uint64_t *delivered;
    const uint64_t *submitted;
    const uint64_t *created;
    const uint64_t *modified;
    const uint64_t *size;
    const uint32_t *flags;
    const uint32_t *status;
    const uint32_t *importance;
    struct eng_column_text message_class;
    struct eng_column_text subject;
    struct eng_column_text sender;
    struct eng_column_text display_to;
};

static inline const uint8_t *eng_column_text_at(
        const struct eng_column_text *text, size_t row, size_t *out_size)
{
    uint32_t begin = row > 0 ? text->ends[row - 1] : 0;

    *out_size = text->ends[row] - begin;
    return text->bytes + begin;
}

static inline bool eng_column_text_is_absent(const struct eng_column_text *text, size_t row)
{
    return text->absent != NULL && (text->absent[row / 8] >> row % 8 & 1) != 0;
}

/* The columns `wanted` (ENG_COLUMN_ bits) of all messages of a folder, as the open transaction sees
 * them; ENG_INVALID when none is open. Borrowed until that transaction has ended, or the next call
 * of this function or of one that changes data. Columns are kept for the next time: it costs little
 * to ask again when little has changed. ENG_INVALID, too, when the texts of a column pass 4 GiB,
 * and ENG_NO_MEMORY when there is no room for all at once: then eng_msg_scan() still works. */
enum eng_status eng_columns_get(struct eng *eng, uint64_t folder, bool associated, uint32_t wanted,
        struct eng_columns *out);

/* What a connection has of columns in memory, for another one to the same file: it begins anew. No
 * transaction is open. NULL: nothing. */
struct column_cache *eng_columns_detach(struct eng *eng);
/* Takes what this connection has not itself, or not as new, and frees the rest. NULL is fine. */
void eng_columns_attach(struct eng *eng, struct column_cache *from);
void eng_columns_free(struct column_cache *cache);

/* Rows [first, end) of columns; there are others in them, too. */
struct eng_columns_part {
    struct eng_columns columns;
    size_t first;
    size_t end;
};

/* The rows of a folder from one message to another, as eng_msg_get() gave them, in default order
 * whichever of the two is the first, where they are in memory or cheap to read. Not all of them may
 * be there: columns.ids tells which are. None are (and it is no failure) when there may be more
 * than `most`, or this does not pay; eng_msg_get() reads single ones. Borrowed as what
 * eng_columns_get() gives. */
enum eng_status eng_columns_near(struct eng *eng, bool associated, uint32_t wanted,
        const struct eng_msg *a, const struct eng_msg *b, size_t most,
        struct eng_columns_part *out);

/* The columns of a folder, where they are in memory and rows of them can be found by their ids,
 * which eng_columns_row() does; else nothing, which is no failure (out->ids is NULL), and the
 * caller reads `reads` rows singly. When that has cost as much as reading the columns would have,
 * they are read. Borrowed as what eng_columns_get() gives. */
enum eng_status eng_columns_by_id(struct eng *eng, uint64_t folder, bool associated,
        uint32_t wanted, size_t reads, struct eng_columns *out);
/* Where a row is in what the last call of eng_columns_by_id() gave. False: it has changed since
 * they were read, or is not there; eng_msg_get() tells. */
bool eng_columns_row(
        const struct eng *eng, uint64_t folder, bool associated, uint64_t id, size_t *out);

/* --- recipients and attachments ----------------------------------------------------------- */

struct eng_part {
    uint32_t number;   /* PR_ROWID (any), or PR_ATTACH_NUM (up to 1,048,575) */
    uint64_t embedded; /* attachment: id of its embedded message, or 0 */
    const void *packed;
    size_t packed_size;
};

typedef bool (*eng_part_fn)(void *context, const struct eng_part *part);

/* Replaces the whole list. No property of a recipient may be a large value (ENG_INVALID). */
enum eng_status eng_recipients_put(
        struct eng *eng, uint64_t msg, const struct eng_part *parts, size_t part_count);
enum eng_status eng_recipients_get(struct eng *eng, uint64_t msg, eng_part_fn fn, void *context);

/* Inserts or replaces one attachment. Large values in `packed` become the message's. When the
 * number had another embedded message before, that one is deleted with all it owns. */
enum eng_status eng_attachment_put(struct eng *eng, uint64_t msg, const struct eng_part *part);
enum eng_status eng_attachment_delete(struct eng *eng, uint64_t msg, uint32_t number);
enum eng_status eng_attachments_get(struct eng *eng, uint64_t msg, eng_part_fn fn, void *context);
enum eng_status eng_attachment_get(struct eng *eng, uint64_t msg, uint32_t number,
        uint64_t *out_embedded, struct msp_buf *out_packed);

/* --- large values ------------------------------------------------------------------------- */

/* A value is written before its message is saved: it belongs to this connection until some
 * eng_msg_put() or eng_attachment_put() names it; eng_close() and a later open after a crash give
 * up values that nobody owns. Writes are not durable by themselves; the save that names the value
 * makes them so. A value once owned is never written again. */
enum eng_status eng_value_new(struct eng *eng, uint64_t *out_id);
/* Reads up to `size` bytes at `offset`; *out_read 0 at the end. */
enum eng_status eng_value_read(
        struct eng *eng, uint64_t id, uint64_t offset, void *data, size_t size, size_t *out_read);
/* Writes, growing the value as needed; a gap reads as zeros. */
enum eng_status eng_value_write(
        struct eng *eng, uint64_t id, uint64_t offset, const void *data, size_t size);
enum eng_status eng_value_resize(struct eng *eng, uint64_t id, uint64_t size);
enum eng_status eng_value_size(struct eng *eng, uint64_t id, uint64_t *out_size);
/* A new unowned value with the same bytes. */
enum eng_status eng_value_copy(struct eng *eng, uint64_t id, uint64_t *out_id);

enum { ENG_COPY_PART = 16 * 1024 * 1024 };
/* The same for very large ones, piece by piece: bytes [offset, offset + ENG_COPY_PART) into a value
 * that was made for them, which grows to their end. `offset` is a multiple of ENG_COPY_PART. */
enum eng_status eng_value_copy_part(struct eng *eng, uint64_t from, uint64_t to, uint64_t offset);
/* The same for many, in order, in one transaction that is not waited for: as many as have
 * ENG_COPY_PART bytes together. *out_done: how many of them are through; 0: the first alone has
 * more. pairs[].to is 0 where the value is gone. */
enum eng_status eng_values_copy(
        struct eng *eng, struct eng_value_pair *pairs, size_t count, size_t *out_done);
/* Gives up an unowned value. */
enum eng_status eng_value_free(struct eng *eng, uint64_t id);

/* --- records outside of memory (eng_spill.c) ---------------------------------------------- */

/* Keeps bytes in a temporary file of this connection, outside of every transaction, until
 * eng_close(). They are gone with the process, and on failure nothing is kept. */
enum eng_status eng_spill_put(struct eng *eng, const void *data, size_t size, uint64_t *out_id);
/* Appends them to `out`; they stay. */
enum eng_status eng_spill_get(struct eng *eng, uint64_t id, struct msp_buf *out);
void eng_spill_drop(struct eng *eng, uint64_t id);

/* --- named properties, receive folders ---------------------------------------------------- */

struct eng_name {
    uint8_t guid[16];
    bool is_string;
    uint32_t number;
    const char *text; /* UTF-8 when is_string */
    size_t text_size;
};
/* Id of a name (0x8000-0xFFFE); ENG_NOT_FOUND when unknown and !create; ENG_FULL when the range is
 * used up. Persistent at once, also inside an outer transaction that is rolled back (own
 * transaction when none is open). */
enum eng_status eng_name_to_id(
        struct eng *eng, const struct eng_name *name, bool create, uint16_t *out_id);
/* `out->text` points into the engine's cache: valid until the next eng_ call. */
enum eng_status eng_id_to_name(struct eng *eng, uint16_t id, struct eng_name *out);
typedef bool (*eng_name_fn)(void *context, uint16_t id, const struct eng_name *name);
enum eng_status eng_names(struct eng *eng, eng_name_fn fn, void *context);

/* Receive folders: message class (compared without regard to case; "" is the default) to folder. */
enum eng_status eng_receive_set(
        struct eng *eng, const char *message_class, size_t size, uint64_t folder);
enum eng_status eng_receive_delete(struct eng *eng, const char *message_class, size_t size);
typedef bool (*eng_receive_fn)(
        void *context, const char *message_class, size_t size, uint64_t folder, uint64_t modified);
enum eng_status eng_receives(struct eng *eng, eng_receive_fn fn, void *context);

/* --- messages that wait to be sent ------------------------------------------------------------ */

enum {
    ENG_OUTGOING_LOCKED = 1,     /* somebody is sending it */
    ENG_OUTGOING_PREPROCESS = 2, /* as the caller gives it */
    ENG_OUTGOING_MINE = 4        /* this connection has locked it */
};

struct eng_outgoing {
    uint64_t msg;
    uint32_t flags; /* ENG_OUTGOING_ bits */
    uint64_t place; /* grows from the front of the queue to its end */
};

/* Puts a message at the end of the queue and sets bit 0x4 of its flags; one that is in the queue
 * keeps its place and gets new flags (ENG_OUTGOING_PREPROCESS or 0). */
enum eng_status eng_outgoing_put(struct eng *eng, uint64_t msg, uint32_t flags);
/* ENG_NOT_FOUND: not in the queue. */
enum eng_status eng_outgoing_get(struct eng *eng, uint64_t msg, struct eng_outgoing *out);
/* Locks a message for this connection, or unlocks it. A lock ends with its connection. ENG_DENIED:
 * another connection has locked it; ENG_NOT_FOUND. */
enum eng_status eng_outgoing_lock(struct eng *eng, uint64_t msg, bool locked);
/* Takes a message out of the queue and clears bit 0x4 and `flags` of its flags. ENG_DENIED,
 * ENG_NOT_FOUND as above. A message that is deleted leaves the queue as well. */
enum eng_status eng_outgoing_remove(struct eng *eng, uint64_t msg, uint32_t flags);
/* Tells everybody that a message is new mail (ENG_EVENT_NEW_MAIL); ENG_NOT_FOUND. */
enum eng_status eng_new_mail(struct eng *eng, uint64_t msg);
typedef bool (*eng_outgoing_fn)(void *context, const struct eng_outgoing *entry);
/* Called once per message in the order they were put; return false to stop. */
enum eng_status eng_outgoing_scan(struct eng *eng, eng_outgoing_fn fn, void *context);

/* --- searches ----------------------------------------------------------------------------- */

/* What a search folder looks for is the caller's affair: the engine keeps it, and what was found.
 */
struct eng_search {
    uint32_t state;  /* bits as the caller gives them */
    uint64_t change; /* grows with every eng_search_set() */
};
/* ENG_NOT_FOUND: nothing was ever set. `criteria` (the caller's bytes) and `scope` (uint64_t folder
 * ids) may be NULL; they are appended to. */
enum eng_status eng_search_get(struct eng *eng, uint64_t folder, struct eng_search *out,
        struct msp_buf *criteria, struct msp_buf *scope);
/* Replaces search->state, criteria and scope of a search folder (ENG_INVALID for others). With
 * `completed` everybody is told that the search has ended (ENG_EVENT_SEARCHED). *out_change: the
 * new value. */
enum eng_status eng_search_set(struct eng *eng, uint64_t folder, uint32_t state,
        const void *criteria, size_t criteria_size, const uint64_t *scope, size_t scope_count,
        bool completed, uint64_t *out_change);

/* A message as one of the results of a search. */
struct eng_hit {
    uint64_t id;
    uint64_t folder;    /* where it lies now */
    uint64_t delivered; /* 0: absent */
    uint32_t flags;
};
/* Replaces the results that are kept for a search folder; ENG_NOT_FOUND: nothing was ever set. */
enum eng_status eng_search_hits_set(
        struct eng *eng, uint64_t folder, const struct eng_hit *hits, size_t hit_count);
typedef bool (*eng_hit_fn)(void *context, const struct eng_hit *hit);
/* Those that still exist, by delivery time, then id. Called once per result; return false to stop.
 */
enum eng_status eng_search_hits(struct eng *eng, uint64_t folder, eng_hit_fn fn, void *context);

/* --- events and checking ------------------------------------------------------------------ */

enum eng_event_kind {
    ENG_EVENT_CREATED,
    ENG_EVENT_MODIFIED,
    ENG_EVENT_DELETED,
    ENG_EVENT_MOVED,
    ENG_EVENT_COPIED,
    ENG_EVENT_SEARCHED, /* the search of a folder has run to its end */
    ENG_EVENT_NEW_MAIL  /* somebody has said that a message is new mail */
};

struct eng_event {
    enum eng_event_kind kind;
    bool is_folder;
    uint64_t object;
    uint64_t parent;     /* folder it is in now (or was, when deleted) */
    uint64_t old_parent; /* moved: where it was; copied: where the original is; a folder that has
                          * another name there: its parent; else 0 */
    uint64_t original;   /* copied: what this is a copy of; else 0 */
};

typedef void (*eng_event_fn)(void *context, const struct eng_event *events, size_t event_count);
/* Called after every commit with what it changed, in order, on the committing thread. NULL turns it
 * off. */
void eng_on_events(struct eng *eng, eng_event_fn fn, void *context);

/* The journal: the last 65,536 events or so of all connections, numbered without gaps. What others
 * have done is what lies between two looks at eng_journal_end(), the number the next one gets. */
enum eng_status eng_journal_end(struct eng *eng, uint64_t *out);
/* Called once per event in order; return false to stop. */
typedef bool (*eng_journal_fn)(void *context, uint64_t number, const struct eng_event *event);
/* Events from number `from` on; *out_complete is false when some of them are no longer kept. */
enum eng_status eng_journal_read(
        struct eng *eng, uint64_t from, eng_journal_fn fn, void *context, bool *out_complete);

typedef void (*eng_report_fn)(void *context, const char *line);
/* Recomputes what is derived (counts, sizes of values, ownership), checks what is not, says what it
 * found, one line each; with `repair` also puts it right in one transaction. *out_found: number of
 * findings. */
enum eng_status eng_check(
        struct eng *eng, bool repair, eng_report_fn fn, void *context, uint64_t *out_found);

#endif
