/* SPDX-License-Identifier: MIT */
/*
 * copy.h - copying and moving messages and folders: what the files of it share.
 *
 * A job is one call of CopyMessages or CopyFolder, or the part of a CopyTo that copies the content
 * of a folder. It goes in chunks. Between two of them the lock is left, so that a Logoff, another
 * call and the notifications get their turn; a job whose logon is going away ends there with
 * MAPI_E_INVALID_OBJECT. Each message is copied whole or not at all.
 *
 * Where copies go decides how: into the same file (the engine copies, 1,000 messages or 16 MiB in a
 * transaction), into another store of ours (copy_store.c: read under one lock, written under the
 * other), or into anything else (copy_out.c: through its interfaces, without any lock).
 *
 * Locks: the domain of the source is locked for everything here, unless it says otherwise.
 */
#ifndef MSP_COM_COPY_H
#define MSP_COM_COPY_H

#include "com/call.h"
#include "engine/eng.h"
#include "platform/sdk/mapi_sdk.h"
#include "util/array.h"
#include "util/buf.h"

struct folder;
struct logon;

enum {
    COPY_CHUNK = 1000,          /* messages in one transaction */
    COPY_CHUNK_SHOWN = 16,      /* the same while somebody watches and may cancel */
    COPY_BYTES = ENG_COPY_PART, /* in one transaction, about */
    /* Reports are the business of the original; a copy lies there and waits for nothing. */
    COPY_DROPPED_FLAGS = MSGFLAG_RN_PENDING | MSGFLAG_NRN_PENDING | MSGFLAG_SUBMIT
};

/* --- copy_progress.c -------------------------------------------------------------------------- */

/* How far an operation is, on a progress object (MAPI Progress Indicators). */
struct copy_progress {
    LPMAPIPROGRESS object; /* NULL: nobody is told */
    bool owned;            /* got from the support object */
    bool is_top;           /* MAPI_TOP_LEVEL */
    bool is_nested;        /* its items are part of one item of the level above */
    ULONG min;
    ULONG max;
    size_t total; /* items of this level */
    size_t done;
};

/* Leaves the lock when somebody is to be told. MAPI_E_USER_CANCEL, MAPI_E_INVALID_OBJECT; anything
 * else that fails only means that nobody is told. */
HRESULT copy_progress_begin(struct msp_call *call, struct logon *logon, bool wanted,
        LPMAPIPROGRESS client, ULONG_PTR ui, size_t total, struct copy_progress *out);
/* So many more items are done. Without the lock. MAPI_E_USER_CANCEL. */
HRESULT copy_progress_add(struct copy_progress *progress, size_t items);
/* The next item of this level has `total` items of its own, which share its part of the scale; and
 * back. Without the lock. */
HRESULT copy_progress_nest(
        struct copy_progress *progress, size_t total, struct copy_progress *out_inner);
/* Leaves the lock when there is something to release. */
void copy_progress_end(struct msp_call *call, struct copy_progress *progress);

/* --- copy.c ----------------------------------------------------------------------------------- */

enum copy_kind {
    COPY_IN_FILE, /* maybe another logon's folder, but of the same file */
    COPY_TO_STORE,
    COPY_TO_FOREIGN
};

/* A folder that receives copies. Another store's is filled through its interface, like a foreign
 * one. */
struct copy_place {
    uint64_t id;          /* COPY_IN_FILE */
    IMAPIFolder *foreign; /* else; counted by whoever made the place */
};

struct copy_job {
    struct msp_call *call;
    struct logon *logon; /* of the source */
    enum copy_kind kind;
    bool move;
    struct folder *target; /* the client's object; NULL for a foreign one */
    struct copy_place place;
    struct copy_progress progress;
    size_t left_out; /* messages and folders that could not be copied */
};

/* Finds out what the client's destination is. No lock held: it may be one of another logon, or
 * foreign. On success copy_job_close() must follow. MAPI_E_INTERFACE_NOT_SUPPORTED,
 * MAPI_E_NO_ACCESS (a search folder, or one of a store that is open for reading only),
 * MAPI_E_INVALID_OBJECT. */
HRESULT copy_job_open(struct copy_job *job, struct msp_object *source, LPUNKNOWN dest);
/* No lock held. */
void copy_job_close(struct copy_job *job);
/* Leaves the lock for others, tells of `items` that are done, takes it again.
 * MAPI_E_INVALID_OBJECT, MAPI_E_USER_CANCEL. */
HRESULT copy_step(struct copy_job *job, struct copy_progress *progress, size_t items);

/* A store's file, to be compared when its logon's lock is no longer held. A copied file has the
 * same identity, so the path must be the same too. */
struct copy_file {
    uint8_t store_uid[16];
    struct msp_buf path;
};

/* Under the lock of the logon. False: no memory. */
bool copy_file_note(const struct logon *logon, struct copy_file *out);
/* Under the lock of the logon: has it that file open? */
bool copy_file_is(const struct copy_file *file, const struct logon *logon);
/* A failure that ends the job, rather than leaving out one message. */
bool copy_is_fatal(HRESULT hr);

/* Does the property's id stand for a name? It means another one, or none, in another file. */
static inline bool copy_is_named(ULONG tag)
{
    return PROP_ID(tag) >= 0x8000 && PROP_ID(tag) < 0xFFFF;
}

/* --- copy_items.c ----------------------------------------------------------------------------- */

/* The messages of one call, and where it is. */
struct copy_run {
    struct copy_job *job;
    uint64_t source;
    bool source_is_search;
    const struct copy_place *place;
    const uint64_t *ids;
    size_t count;
    size_t next;
    uint64_t bytes;         /* of the open transaction, about */
    struct msp_array pairs; /* struct eng_value_pair, of the message at hand */
};

/* May the message be copied, or moved, from there? */
HRESULT copy_find(struct copy_run *run, uint64_t id, struct eng_msg *out);
/* Copies or moves messages (uint64_t ids) that lie in a folder into a place. What is not there is
 * left out. `source` may be a search folder's id: then the messages are among its results. */
HRESULT copy_messages(struct copy_job *job, uint64_t source, bool source_is_search,
        const struct msp_buf *ids, const struct copy_place *place, struct copy_progress *progress);

/* --- copy_out.c ------------------------------------------------------------------------------- */

/* The same into another store, or something foreign. */
HRESULT copy_messages_out(struct copy_run *run, struct copy_progress *progress);
/* A folder like this one below a place of another store, without what is in it. name as in
 * copy_tree(). */
HRESULT copy_folder_out(struct copy_job *job, uint64_t id, const struct copy_place *parent,
        const struct msp_buf *name, struct copy_place *out);

/* --- copy_tree.c ------------------------------------------------------------------------------ */

/* Copies a folder with its messages, and with its subfolders when `deep`, below a place. `name` is
 * UTF-8; NULL: the same. */
HRESULT copy_tree(struct copy_job *job, uint64_t id, const struct copy_place *place,
        const struct msp_buf *name, bool deep);
/* Appends the ids of a folder's messages. */
HRESULT copy_ids(struct copy_job *job, uint64_t folder, bool associated, struct msp_buf *ids);

#endif
