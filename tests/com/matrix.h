/* SPDX-License-Identifier: MIT */
/*
 * matrix.h - what a cell of the teardown matrix is made of: a store that all cells share, one or
 * two logons to it, a sink, a gate that holds a call-out up, and the question what is on disk.
 *
 * Locks: none; what threads share is atomic. A gate is waited for, never slept for.
 */
#ifndef MATRIX_H
#define MATRIX_H

#include <stdatomic.h>

#include "raw_logon.h"
#include "walk_world.h"

/* What cells write and nothing else does. */
#define MATRIX_COUNTER PROP_TAG(PT_LONG, 0x6710) /* acknowledged, see struct matrix_book */
#define MATRIX_MARK PROP_TAG(PT_LONG, 0x6711)    /* never saved: may never be found */

enum matrix_id {
    MATRIX_INBOX,
    MATRIX_FOLDER,
    MATRIX_SEARCH,
    MATRIX_MESSAGE,
    MATRIX_ASSOCIATED,
    MATRIX_DRAFTS,  /* where new messages are made; not in the digest but by their number */
    MATRIX_TRIGGER, /* one of these folders for each class: a change of it is an event of its own */
    MATRIX_ID_COUNT = MATRIX_TRIGGER + 32
};

/* What is known of the store, in a form that another process can read from a file. */
struct matrix_book {
    struct {
        ULONG size;
        BYTE bytes[64];
    } id[MATRIX_ID_COUNT];

    uint64_t digest;
    LONG counter[MATRIX_ID_COUNT]; /* of folders: the last value whose SetProps returned S_OK */
    LONG drafts_low;               /* messages acknowledged */
    LONG drafts_high;              /* and those that may have been saved or not */
    bool is_shared;                /* cells run side by side */
    bool is_all_due;               /* more than one cell is to be looked at */
    unsigned class_before;         /* whose trigger may have been used */
    unsigned cells;                /* so far */
    char path[1024];               /* of the store */
    char cell_before[200];         /* who is to blame for what is found */
};

/* ---- A gate ---- */

/* A call-out waits in it until the test opens it. */
struct matrix_gate {
    atomic_bool entered;
    atomic_bool is_open;
};

static inline void matrix_gate_pass(struct matrix_gate *gate)
{
    atomic_store(&gate->entered, true);
    while (!atomic_load(&gate->is_open))
        host_sleep_ms(0);
}

static inline void matrix_gate_await(struct matrix_gate *gate)
{
    while (!atomic_load(&gate->entered))
        host_sleep_ms(0);
}

static inline void matrix_gate_open(struct matrix_gate *gate)
{
    atomic_store(&gate->is_open, true);
}

/* ---- A sink ---- */

struct matrix_sink;
typedef void (*matrix_sink_fn)(struct matrix_sink *sink);

/* Counted like the host's, and whatever is done to it can be looked into. */
struct matrix_sink {
    IMAPIAdviseSink IMAPIAdviseSink_iface;
    atomic_long refs; /* one is the test's */
    atomic_uint told; /* OnNotify calls */
    matrix_sink_fn on_addref;
    matrix_sink_fn on_release;
    _Atomic(matrix_sink_fn) on_notify; /* changes while other threads tell */
    void *context;
};

static inline struct matrix_sink *matrix_sink_from(IMAPIAdviseSink *iface)
{
    return CONTAINING_RECORD(iface, struct matrix_sink, IMAPIAdviseSink_iface);
}

static inline HRESULT STDMETHODCALLTYPE matrix_sink_QueryInterface(
        IMAPIAdviseSink *iface, REFIID iid, LPVOID *out)
{
    (void)iid;
    iface->lpVtbl->AddRef(iface);
    *out = iface;
    return S_OK;
}

static inline ULONG STDMETHODCALLTYPE matrix_sink_AddRef(IMAPIAdviseSink *iface)
{
    struct matrix_sink *sink = matrix_sink_from(iface);

    if (sink->on_addref)
        sink->on_addref(sink);
    return (ULONG)atomic_fetch_add(&sink->refs, 1) + 1;
}

static inline ULONG STDMETHODCALLTYPE matrix_sink_Release(IMAPIAdviseSink *iface)
{
    struct matrix_sink *sink = matrix_sink_from(iface);
    long left = atomic_fetch_sub(&sink->refs, 1) - 1;

    if (sink->on_release)
        sink->on_release(sink);
    return (ULONG)left;
}

static inline ULONG STDMETHODCALLTYPE matrix_sink_OnNotify(
        IMAPIAdviseSink *iface, ULONG count, LPNOTIFICATION events)
{
    struct matrix_sink *sink = matrix_sink_from(iface);
    matrix_sink_fn on_notify = sink->on_notify;

    (void)count;
    (void)events;
    atomic_fetch_add(&sink->told, 1);
    if (on_notify)
        on_notify(sink);
    return 0;
}

static const IMAPIAdviseSinkVtbl matrix_sink_vtbl = {
    .QueryInterface = matrix_sink_QueryInterface,
    .AddRef = matrix_sink_AddRef,
    .Release = matrix_sink_Release,
    .OnNotify = matrix_sink_OnNotify,
};

static inline void matrix_sink_init(struct matrix_sink *sink, void *context)
{
    memset(sink, 0, sizeof(*sink));
    sink->IMAPIAdviseSink_iface.lpVtbl = &matrix_sink_vtbl;
    atomic_init(&sink->refs, 1);
    sink->context = context;
}

/* ---- A logon ---- */

struct matrix_cell;

struct matrix_side {
    struct matrix_cell *cell;
    struct matrix_book *book;
    struct fixture *fx; /* its session; own, or the other side's */
    struct fixture own;
    struct raw_logon raw;
    IMSLogon *logon;           /* what the host had, when the ending takes it apart */
    IUnknown *object;          /* of the cell's class, one reference; NULL: given back */
    IUnknown *child;           /* what was opened from it */
    ULONG_PTR connection;      /* of `sink`; 0: none */
    struct matrix_sink sink;   /* told of everything in the store, when the cell needs that */
    struct matrix_sink canary; /* advised, never told: its Release shows that an ending has begun */
    IMAPIFolder *trigger;      /* where an event can be made; NULL unless the cell makes one */
    size_t calls;              /* the support object's log when the ending was over */
    unsigned told;             /* the sink's, likewise */
};

/* Opens an item of the book. */
static inline void *matrix_open(struct matrix_side *side, unsigned which)
{
    IMsgStore *store = side->raw.store;
    LPUNKNOWN object = NULL;
    ULONG type = 0;

    assert_ok(store->lpVtbl->OpenEntry(store, side->book->id[which].size,
            raw_id(side->book->id[which].bytes), NULL, MAPI_MODIFY, &type, &object));
    return object;
}

/* An acknowledged change of the folder: the counter goes up by one. */
static inline void matrix_acknowledge(struct matrix_book *book, IMAPIFolder *folder, unsigned which)
{
    book->counter[which]++; /* before: an event of this change may make another one */
    prop_set_long(folder, MATRIX_COUNTER, book->counter[which]);
}

static inline void matrix_release(void *object, const char *what)
{
    IUnknown *unknown = object;
    ULONG left = unknown->lpVtbl->Release(unknown);

    if (left != 0)
        fail_msg("the last Release of %s returned %lu", what, (unsigned long)left);
}

/* ---- What is on disk ---- */

/* Properties that acknowledged changes move along. */
static inline bool matrix_is_volatile(ULONG tag)
{
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_LAST_MODIFICATION_TIME):
    case PROP_ID(PR_CHANGE_KEY):
    case PROP_ID(PR_PREDECESSOR_CHANGE_LIST):
    case PROP_ID(PR_STORE_ENTRYID):
    case PROP_ID(MATRIX_COUNTER):
        return true;
    default:
        return false;
    }
}

static inline uint64_t matrix_mix(uint64_t hash, const SPropValue *values, ULONG count)
{
    for (ULONG i = 0; i < count; i++) {
        assert_int_not_equal(PROP_ID(values[i].ulPropTag), PROP_ID(MATRIX_MARK));
        if (!matrix_is_volatile(values[i].ulPropTag))
            hash = walk_mix_value(hash, &values[i]);
    }
    return hash;
}

static inline uint64_t matrix_digest_props(void *object, uint64_t hash)
{
    IMAPIProp *prop = object;
    SPropValue *values = NULL;
    ULONG count = 0;

    assert_true(SUCCEEDED(prop->lpVtbl->GetProps(prop, NULL, MAPI_UNICODE, &count, &values)));
    hash = matrix_mix(hash, values, count);
    mapi_free(values);
    return hash;
}

static inline uint64_t matrix_digest_table(IMAPITable *table, uint64_t hash)
{
    LPSRowSet rows = NULL;

    assert_ok(table->lpVtbl->QueryRows(table, 100, 0, &rows));
    hash = walk_mix(hash, &rows->cRows, sizeof(rows->cRows));
    for (ULONG i = 0; i < rows->cRows; i++)
        hash = matrix_mix(hash, rows->aRow[i].lpProps, rows->aRow[i].cValues);
    mapi_free_rows(rows);
    release_last(table);
    return hash;
}

static inline uint64_t matrix_digest_folder(
        struct matrix_side *side, enum matrix_id which, uint64_t hash)
{
    IMAPIFolder *folder = matrix_open(side, which);
    IMAPITable *table = NULL;

    hash = matrix_digest_props(folder, hash);
    assert_ok(folder->lpVtbl->GetContentsTable(folder, MAPI_UNICODE, &table));
    hash = matrix_digest_table(table, hash);
    release_last(folder);
    return hash;
}

static inline uint64_t matrix_digest_message(
        struct matrix_side *side, enum matrix_id which, uint64_t hash)
{
    IMessage *message = matrix_open(side, which);
    IMAPITable *table = NULL;

    hash = matrix_digest_props(message, hash);
    assert_ok(message->lpVtbl->GetAttachmentTable(message, MAPI_UNICODE, &table));
    hash = matrix_digest_table(table, hash);
    assert_ok(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table));
    hash = matrix_digest_table(table, hash);
    for (ULONG i = 0; i < 2; i++) {
        LPATTACH attach = NULL;
        LPUNKNOWN inner = NULL;

        assert_ok(message->lpVtbl->OpenAttach(message, i, NULL, 0, &attach));
        hash = matrix_digest_props(attach, hash);
        if (i == 1) {
            assert_ok(attach->lpVtbl->OpenProperty(
                    attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0, &inner));
            hash = matrix_digest_props(inner, hash);
            release_last(inner);
        }
        release_last(attach);
    }
    release_last(message);
    return hash;
}

/* All that no cell may change. */
static inline uint64_t matrix_digest(struct matrix_side *side)
{
    uint64_t hash = matrix_digest_props(side->raw.store, WALK_DIGEST_SEED);
    IMAPITable *table = NULL;

    assert_ok(side->raw.store->lpVtbl->GetReceiveFolderTable(side->raw.store, 0, &table));
    hash = matrix_digest_table(table, hash);
    hash = matrix_digest_folder(side, MATRIX_INBOX, hash);
    hash = matrix_digest_folder(side, MATRIX_FOLDER, hash);
    hash = matrix_digest_folder(side, MATRIX_SEARCH, hash);
    hash = matrix_digest_message(side, MATRIX_MESSAGE, hash);
    return matrix_digest_message(side, MATRIX_ASSOCIATED, hash);
}

static inline void matrix_check_counter(struct matrix_side *side, unsigned which)
{
    struct matrix_book *book = side->book;
    IMAPIFolder *folder = matrix_open(side, which);
    LONG counter = prop_long(folder, MATRIX_COUNTER);

    release_last(folder);
    if (counter != book->counter[which])
        fail_msg("%s: counter %u is %ld, acknowledged was %ld", book->cell_before, which,
                (long)counter, (long)book->counter[which]);
}

/* What the cell before has left: nothing acknowledged is lost, nothing else has come. */
static inline void matrix_check_store(struct matrix_side *side)
{
    struct matrix_book *book = side->book;
    IMAPIFolder *drafts = matrix_open(side, MATRIX_DRAFTS);
    LONG count = prop_long(drafts, PR_CONTENT_COUNT);

    release_last(drafts);
    matrix_check_counter(side, MATRIX_FOLDER);
    for (unsigned i = MATRIX_TRIGGER; i < MATRIX_ID_COUNT; i++) {
        if (book->is_all_due || i == MATRIX_TRIGGER + book->class_before)
            matrix_check_counter(side, i);
    }
    if (count < book->drafts_low || count > book->drafts_high)
        fail_msg("%s: %ld drafts, not %ld to %ld", book->cell_before, (long)count,
                (long)book->drafts_low, (long)book->drafts_high);
    if (!book->is_shared)
        book->drafts_low = book->drafts_high = count;
    if (matrix_digest(side) != book->digest)
        fail_msg("%s: the store is not as it was", book->cell_before);
}

/* ---- The store ---- */

static inline void matrix_note_id(struct matrix_book *book, unsigned which, void *object)
{
    SPropValue *id = prop_get(object, PR_ENTRYID);

    assert_non_null(id);
    assert_true(id->Value.bin.cb <= sizeof(book->id[which].bytes));
    book->id[which].size = id->Value.bin.cb;
    memcpy(book->id[which].bytes, id->Value.bin.lpb, id->Value.bin.cb);
    mapi_free(id);
}

static inline void matrix_make_message(
        struct matrix_book *book, IMAPIFolder *inbox, enum matrix_id which, ULONG flags)
{
    IMessage *message = NULL;

    assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, flags, &message));
    prop_set_text(message, PR_SUBJECT_W, "matrix");
    prop_set_binary(message, WALK_DATA, "some bytes", 10);
    prop_set_long(message, MATRIX_COUNTER, 0);
    walk_add_recipient(message);
    walk_add_attachments(message);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    matrix_note_id(book, which, message);
    release_last(message);
}

static inline void matrix_make_search(struct matrix_book *book, struct fixture *fx)
{
    static char name[] = "matrix";
    SRestriction exists = { .rt = RES_EXIST };
    SPropValue *inbox = prop_get(fx->inbox, PR_ENTRYID);
    ENTRYLIST scope = { 1, &inbox->Value.bin };
    IMAPIFolder *parent = folder_by_prop(fx->store, fx->store, PR_FINDER_ENTRYID);
    IMAPIFolder *search = NULL;

    exists.res.resExist.ulPropTag = PR_SUBJECT_W;
    assert_ok(parent->lpVtbl->CreateFolder(
            parent, FOLDER_SEARCH, (LPTSTR)(void *)name, NULL, NULL, 0, &search));
    assert_ok(search->lpVtbl->SetSearchCriteria(search, &exists, &scope, 0));
    prop_set_long(search, MATRIX_COUNTER, 0);
    matrix_note_id(book, MATRIX_SEARCH, search);
    release_last(search);
    release_last(parent);
    mapi_free(inbox);
}

static inline void matrix_make_triggers(struct matrix_book *book, IMAPIFolder *parent)
{
    for (unsigned i = MATRIX_TRIGGER; i < MATRIX_ID_COUNT; i++) {
        IMAPIFolder *folder;
        char name[20];

        snprintf(name, sizeof(name), "trigger %u", i);
        folder = folder_make(parent, name);
        prop_set_long(folder, MATRIX_COUNTER, 0);
        matrix_note_id(book, i, folder);
        release_last(folder);
    }
}

/* Fills the store of a fixture with its inbox open; the digest is for the first cell to take. */
static inline void matrix_make_store(struct matrix_book *book, struct fixture *fx)
{
    IMAPIFolder *folder = folder_make(fx->inbox, "folder");
    IMAPIFolder *drafts = folder_by_prop(fx->store, fx->store, PR_IPM_SUBTREE_ENTRYID);
    IMAPIFolder *below = folder_make(folder, "below");

    release_last(below);
    memset(book, 0, sizeof(*book));
    snprintf(book->path, sizeof(book->path), "%s", fx->path);
    snprintf(book->cell_before, sizeof(book->cell_before), "the first logon");
    mapi_free(message_make(folder, "in the folder"));
    prop_set_long(folder, MATRIX_COUNTER, 0);
    matrix_note_id(book, MATRIX_FOLDER, folder);
    release_last(folder);
    folder = folder_make(drafts, "matrix drafts");
    matrix_note_id(book, MATRIX_DRAFTS, folder);
    release_last(folder);
    folder = folder_make(drafts, "matrix outbox");
    mapi_free(mail_submit(folder, "waits for the spooler"));
    release_last(folder);
    matrix_make_triggers(book, drafts);
    release_last(drafts);
    matrix_note_id(book, MATRIX_INBOX, fx->inbox);
    matrix_make_message(book, fx->inbox, MATRIX_MESSAGE, 0);
    matrix_make_message(book, fx->inbox, MATRIX_ASSOCIATED, MAPI_ASSOCIATED);
    matrix_make_search(book, fx);
}

#endif
