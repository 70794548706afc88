/* SPDX-License-Identifier: MIT */
/*
 * doc.h - messages and attachments as data: what a SaveChanges hands up to the object above, and
 * what is written at last.
 *
 * A document never changes once it is made, but for being written; objects, lists and other
 * documents share it by counting. An attachment's SaveChanges makes one for its message's list, an
 * embedded message's one for its attachment; the save of the outermost message writes the whole
 * tree in one transaction. Nesting is bounded by DOC_MAX_DEPTH, so that freeing may recurse.
 *
 * Locks: the domain's.
 */
#ifndef MSP_COM_DOC_H
#define MSP_COM_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "com/recipients.h"
#include "engine/eng.h"
#include "util/array.h"
#include "util/bag.h"

struct msp_call;

enum {
    DOC_MAX_DEPTH = 256 /* messages inside messages; see PR_MKEEP_MAX_DEPTH, too */
};

/* A packed record, and what became of it when its large values moved out while it was written. */
struct doc_props {
    uint8_t *packed; /* NULL when empty */
    size_t packed_size;
    uint8_t *moved; /* the record as written, until the transaction has ended */
    size_t moved_size;
};

struct attach_doc {
    unsigned refs;
    bool stored; /* the store has exactly this under its number */
    uint32_t number;
    uint64_t embedded;     /* id of the embedded message, or 0 */
    struct msg_doc *inner; /* counted: that message where it differs from the store, or NULL */
    uint64_t size;         /* PR_ATTACH_SIZE */
    struct doc_props props;
};

/* The attachments of a message in order of their numbers; one that is NULL was removed. */
struct attach_item {
    uint32_t number;
    struct attach_doc *doc; /* counted */
};

struct attach_list {
    struct msp_array items; /* struct attach_item */
    uint32_t next_number;
};

struct msg_doc {
    unsigned refs;
    bool stored;        /* written, and nothing newer since */
    bool insert;        /* the store does not have this message yet */
    struct eng_msg row; /* texts are filled while it is written */
    struct doc_props props;
    bool has_recipients; /* else as stored */
    struct recipient_list recipients;
    bool has_attachments; /* else as stored */
    struct attach_list attachments;
};

/* Bytes of a packed record with the large values it names. */
uint64_t doc_packed_size(const void *packed, size_t packed_size);

/* A document with one reference and a copy of the record; the rest is the caller's to fill. NULL:
 * no memory. */
struct attach_doc *attach_doc_new(const void *packed, size_t packed_size);
struct attach_doc *attach_doc_ref(struct attach_doc *doc);
void attach_doc_release(struct attach_doc *doc);
struct msg_doc *msg_doc_new(const struct bag *bag);
struct msg_doc *msg_doc_ref(struct msg_doc *doc);
void msg_doc_release(struct msg_doc *doc);

void attach_list_init(struct attach_list *list);
void attach_list_done(struct attach_list *list);
/* A copy that shares the documents; `out` is empty. False: no memory. */
bool attach_list_copy(const struct attach_list *list, struct attach_list *out);
/* All attachments of a stored message into an empty list; on failure it is empty again. */
enum eng_status attach_list_load(struct eng *eng, uint64_t message, struct attach_list *list);
/* The item of a number, or NULL. */
struct attach_item *attach_list_find(const struct attach_list *list, uint32_t number);
/* Puts a document in its place (NULL: marks the number as removed); takes over the caller's
 * reference. False: no memory. */
bool attach_list_put(struct attach_list *list, uint32_t number, struct attach_doc *doc);
/* What counts as stored in the list becomes what the store has now: `now`, just loaded. Documents
 * that are pending, and removals, stay. False: no memory, and the list may be half done. */
bool attach_list_adopt(struct attach_list *list, const struct attach_list *now);
/* Attachments that are there, and the sum of their sizes. */
size_t attach_list_count(const struct attach_list *list, uint64_t *out_size);

/* Writes a message and every changed document below it, in the transaction that is open. `flags`:
 * ENG_PUT_FORCE or 0, for the outermost message; row.change of that one is what was read. On
 * success *out_change has its new value; nothing counts as stored before doc_written(). */
HRESULT doc_write(struct msp_call *call, struct eng *eng, struct msg_doc *doc, uint32_t flags,
        uint64_t *out_change);
/* Of a message that goes into an attachment of `outermost`: whether the store still has what it is
 * based on, and what is based on that. Who has saved the outermost message meanwhile is told by its
 * own save; nothing is said here. MAPI_E_OBJECT_DELETED: the attachment was saved with other
 * content, or deleted, while the message was open; written again it would keep the outermost
 * message from ever being saved. */
HRESULT doc_check_there(struct msp_call *call, struct eng *eng, const struct eng_msg *outermost,
        const struct msg_doc *doc);
/* The transaction of doc_write() was committed (or not): notes it in all documents. */
void doc_written(struct msg_doc *doc, bool committed);

#endif
