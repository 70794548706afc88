/* SPDX-License-Identifier: MIT */
/*
 * matrix_classes.h - the classes of the teardown matrix: how one is opened so that nothing else is
 * held, what can be opened from it, what it keeps back until a save, and a call of it that goes out
 * to the host and can be held up there.
 */
#ifndef MATRIX_CLASSES_H
#define MATRIX_CLASSES_H

#include "matrix.h"

/* When the call that is held up goes on. */
enum matrix_gate_kind {
    GATE_LATE,   /* when the ending is over */
    GATE_CANARY, /* when the ending has gone so far that it lets go of the sinks */
    GATE_START   /* when the ending is on its way: it needs the lock, or the support object, that
                    the call has */
};

enum matrix_role { ROLE_OBJECT, ROLE_STORE, ROLE_LOGON, ROLE_ADVISE };

struct matrix_class {
    const char *name;
    enum matrix_role role;
    enum walk_object walk; /* its calls */
    void *(*open)(struct matrix_side *side);
    void *(*child)(void *object);                            /* NULL: it has none */
    void (*change)(void *object);                            /* NULL: it keeps nothing back */
    HRESULT (*call)(struct matrix_side *side, void *object); /* on a thread of its own */
    enum matrix_gate_kind gate;
    unsigned told; /* of what the sink hears when the call waits in OnNotify: an enum matrix_id, or
                      0 for the class's trigger */
    bool is_spoolers; /* only the spooler's logon has it */
};

struct matrix_cell {
    struct matrix_book *book;
    const struct matrix_class *class;
    const struct matrix_ending *ending;
    unsigned state;
    struct matrix_side side[2]; /* the first is the one that ends */
    unsigned side_count;
    struct matrix_gate gate;
    enum matrix_gate_kind gate_kind; /* the class's, or what the ending makes of it */
    struct host_thread *thread;      /* makes the class's call; NULL: none */
    IUnknown *thread_object;         /* with a reference of the thread's own */
    HRESULT call_hr;
    uintptr_t thread_id; /* the test's own */
    atomic_bool has_ended;
    struct matrix_cell *first; /* of those that end with the process; NULL: this one is alone */
    struct matrix_cell *next;
    char name[200];
};

/* ---- Call-outs that wait ---- */

/* The thread whose next allocation, or whose next write to a stream of ours, waits in the gate. */
static _Thread_local struct matrix_gate *matrix_waits_here;

static inline void matrix_wait_once(void)
{
    struct matrix_gate *gate = matrix_waits_here;

    matrix_waits_here = NULL;
    if (gate)
        matrix_gate_pass(gate);
}

static HRESULT STDMETHODCALLTYPE matrix_stream_Write(
        IStream *iface, const void *bytes, ULONG size, ULONG *out_written)
{
    (void)iface;
    (void)bytes;
    matrix_wait_once();
    if (out_written)
        *out_written = size;
    return S_OK;
}

static inline void matrix_sink_waits(struct matrix_sink *sink)
{
    struct matrix_side *side = sink->context;

    matrix_gate_pass(&side->cell->gate);
}

static inline void matrix_support_waits(
        struct host_support *support, enum host_method method, void *context)
{
    struct matrix_cell *cell = context;

    (void)support;
    if (method == HOST_IStorageFromStream)
        matrix_gate_pass(&cell->gate);
}

/* ---- Opening ---- */

static inline void *open_store(struct matrix_side *side)
{
    side->raw.store->lpVtbl->AddRef(side->raw.store);
    return side->raw.store;
}

static inline void *open_logon(struct matrix_side *side)
{
    side->raw.logon->lpVtbl->AddRef(side->raw.logon);
    return side->raw.logon;
}

static inline void *open_folder(struct matrix_side *side)
{
    return matrix_open(side, MATRIX_FOLDER);
}

static inline unsigned trigger_of(const struct matrix_cell *cell);

/* The folder whose changes are events of this cell alone. */
static inline void *open_trigger(struct matrix_side *side)
{
    return matrix_open(side, trigger_of(side->cell));
}

static inline void *open_search(struct matrix_side *side)
{
    return matrix_open(side, MATRIX_SEARCH);
}

static inline void *open_associated(struct matrix_side *side)
{
    return matrix_open(side, MATRIX_ASSOCIATED);
}

static inline void *open_message(struct matrix_side *side)
{
    return matrix_open(side, MATRIX_MESSAGE);
}

static inline void *open_new_message(struct matrix_side *side)
{
    IMAPIFolder *drafts = matrix_open(side, MATRIX_DRAFTS);
    IMessage *message = NULL;

    assert_ok(drafts->lpVtbl->CreateMessage(drafts, NULL, 0, &message));
    prop_set_text(message, PR_SUBJECT_W, "new");
    release_last(drafts);
    return message;
}

static inline void *open_attach_number(struct matrix_side *side, ULONG number)
{
    IMessage *message = matrix_open(side, MATRIX_MESSAGE);
    LPATTACH attach = NULL;

    assert_ok(message->lpVtbl->OpenAttach(message, number, NULL, MAPI_MODIFY, &attach));
    release_last(message); /* stays for the attachment */
    return attach;
}

static inline void *open_attach(struct matrix_side *side)
{
    return open_attach_number(side, 0);
}

static inline void *open_embedded(struct matrix_side *side)
{
    LPATTACH attach = open_attach_number(side, 1);
    LPUNKNOWN inner = NULL;

    assert_ok(attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, MAPI_MODIFY, &inner));
    release_last(attach);
    return inner;
}

static inline void *open_stream_of(void *object, ULONG tag, ULONG flags)
{
    IStream *stream = walk_open_stream(object, tag, flags);

    matrix_release(object, "the stream's owner");
    return stream;
}

static inline void *open_stream(struct matrix_side *side)
{
    return open_stream_of(open_message(side), WALK_DATA, MAPI_MODIFY);
}

static inline void *open_reader(struct matrix_side *side)
{
    return open_stream_of(open_message(side), WALK_DATA, 0);
}

static inline void *open_clone(struct matrix_side *side)
{
    IStream *stream = open_reader(side);
    IStream *clone = NULL;

    assert_ok(stream->lpVtbl->Clone(stream, &clone));
    release_last(stream);
    return clone;
}

static inline void *open_attach_stream(struct matrix_side *side)
{
    return open_stream_of(open_attach(side), PR_ATTACH_DATA_BIN, MAPI_MODIFY);
}

static inline void *folder_table(void *object, bool hierarchy, ULONG flags)
{
    IMAPIFolder *folder = object;
    IMAPITable *table = NULL;

    if (hierarchy)
        assert_ok(folder->lpVtbl->GetHierarchyTable(folder, flags, &table));
    else
        assert_ok(folder->lpVtbl->GetContentsTable(folder, flags, &table));
    return table;
}

static inline void *message_table(void *object, bool recipients)
{
    IMessage *message = object;
    IMAPITable *table = NULL;

    if (recipients)
        assert_ok(message->lpVtbl->GetRecipientTable(message, 0, &table));
    else
        assert_ok(message->lpVtbl->GetAttachmentTable(message, 0, &table));
    return table;
}

static inline void *alone(void *owner, void *table)
{
    matrix_release(owner, "the table's owner");
    return table;
}

static inline void *open_contents(struct matrix_side *side)
{
    void *folder = open_folder(side);

    return alone(folder, folder_table(folder, false, 0));
}

static inline void *open_advised_table(struct matrix_side *side)
{
    void *folder = open_trigger(side);
    IMAPITable *table = folder_table(folder, false, 0);
    ULONG_PTR connection = 0;

    assert_ok(table->lpVtbl->Advise(
            table, fnevTableModified, &side->sink.IMAPIAdviseSink_iface, &connection));
    assert_int_not_equal(connection, 0);
    return alone(folder, table);
}

static inline void *open_associated_contents(struct matrix_side *side)
{
    void *folder = matrix_open(side, MATRIX_INBOX);

    return alone(folder, folder_table(folder, false, MAPI_ASSOCIATED));
}

static inline void *open_hierarchy(struct matrix_side *side)
{
    void *folder = open_folder(side);

    return alone(folder, folder_table(folder, true, 0));
}

static inline void *open_results(struct matrix_side *side)
{
    void *folder = open_search(side);

    return alone(folder, folder_table(folder, false, 0));
}

static inline void *open_recipients(struct matrix_side *side)
{
    void *message = open_message(side);

    return alone(message, message_table(message, true));
}

static inline void *open_attachments(struct matrix_side *side)
{
    void *message = open_message(side);

    return alone(message, message_table(message, false));
}

static inline void *open_receive(struct matrix_side *side)
{
    IMAPITable *table = NULL;

    assert_ok(side->raw.store->lpVtbl->GetReceiveFolderTable(side->raw.store, 0, &table));
    return table;
}

/* Beside the spooler, a client has none. */
static inline void *open_outgoing(struct matrix_side *side)
{
    IMAPITable *table = NULL;

    if (!side->raw.spooler)
        return NULL;
    assert_ok(side->raw.store->lpVtbl->GetOutgoingQueue(side->raw.store, 0, &table));
    return table;
}

static inline void *open_status(struct matrix_side *side)
{
    LPVOID status = NULL;
    ULONG type = 0;

    assert_ok(side->raw.logon->lpVtbl->OpenStatusEntry(side->raw.logon, NULL, 0, &type, &status));
    return status;
}

static inline void advise_of(struct matrix_side *side, unsigned which)
{
    assert_ok(side->raw.store->lpVtbl->Advise(side->raw.store, side->book->id[which].size,
            raw_id(side->book->id[which].bytes), fnevObjectModified,
            &side->sink.IMAPIAdviseSink_iface, &side->connection));
}

static inline void *open_advise(struct matrix_side *side)
{
    advise_of(side, trigger_of(side->cell));
    return NULL;
}

static inline void *open_session_advise(struct matrix_side *side)
{
    unsigned which = trigger_of(side->cell);

    assert_ok(side->raw.logon->lpVtbl->Advise(side->raw.logon, side->book->id[which].size,
            raw_id(side->book->id[which].bytes), fnevObjectModified,
            &side->sink.IMAPIAdviseSink_iface, &side->connection));
    return NULL;
}

/* ---- Children ---- */

static inline void *child_of_store(void *object)
{
    IMsgStore *store = object;
    LPUNKNOWN root = NULL;
    ULONG type = 0;

    assert_ok(store->lpVtbl->OpenEntry(store, 0, NULL, NULL, 0, &type, &root));
    return root;
}

static inline void *child_of_logon(void *object)
{
    IMSLogon *logon = object;
    LPUNKNOWN root = NULL;
    ULONG type = 0;

    assert_ok(logon->lpVtbl->OpenEntry(logon, 0, NULL, NULL, 0, &type, &root));
    return root;
}

static inline void *child_of_folder(void *object)
{
    return folder_table(object, false, 0);
}

static inline void *child_of_message(void *object)
{
    IMessage *message = object;
    LPATTACH attach = NULL;
    ULONG number = 0;

    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    return attach;
}

static inline void *child_of_attach(void *object)
{
    return walk_open_stream(object, PR_ATTACH_DATA_BIN, MAPI_MODIFY);
}

/* ---- Unsaved changes ---- */

static inline void change_message(void *object)
{
    IMessage *message = object;
    LPATTACH attach = child_of_message(message);

    prop_set_long(message, MATRIX_MARK, 1);
    prop_set_text(message, PR_SUBJECT_W, "never saved");
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0)); /* as far as the message, no further */
    release_last(attach);
}

static inline void change_attach(void *object)
{
    LPATTACH attach = object;

    prop_set_long(attach, MATRIX_MARK, 1);
    prop_set_binary(attach, PR_ATTACH_DATA_BIN, "never saved", 11);
    assert_ok(attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE));
}

static inline void change_embedded(void *object)
{
    IMessage *message = object;

    prop_set_long(message, MATRIX_MARK, 1);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
}

static inline void change_stream(void *object)
{
    IStream *stream = object;
    ULONG done = 0;

    assert_ok(stream->lpVtbl->Write(stream, "never saved", 11, &done));
    assert_int_equal(done, 11);
}

/* ---- Calls that go out ---- */

/* Waits before it has the lock: the host's AddRef. */
static inline HRESULT call_store(struct matrix_side *side, void *object)
{
    IMsgStore *store = object;
    ULONG_PTR connection = POISON_CONN;
    HRESULT hr;

    side->sink.on_addref = matrix_sink_waits;
    hr = store->lpVtbl->Advise(
            store, 0, NULL, fnevNewMail, &side->sink.IMAPIAdviseSink_iface, &connection);
    side->sink.on_addref = NULL;
    if (FAILED(hr))
        assert_int_equal(connection, 0);
    else
        assert_ok(store->lpVtbl->Unadvise(store, connection));
    return hr;
}

static inline HRESULT call_logon(struct matrix_side *side, void *object)
{
    IMSLogon *logon = object;
    ULONG_PTR connection = POISON_CONN;
    HRESULT hr;

    side->sink.on_addref = matrix_sink_waits;
    hr = logon->lpVtbl->Advise(
            logon, 0, NULL, fnevNewMail, &side->sink.IMAPIAdviseSink_iface, &connection);
    side->sink.on_addref = NULL;
    if (FAILED(hr))
        assert_int_equal(connection, 0);
    else
        assert_ok(logon->lpVtbl->Unadvise(logon, connection));
    return hr;
}

static inline HRESULT set_counter(void *object, LONG counter)
{
    SPropValue value = { .ulPropTag = MATRIX_COUNTER };
    IMAPIProp *prop = object;

    value.Value.l = counter;
    return prop->lpVtbl->SetProps(prop, 1, &value, NULL);
}

/* Waits in OnNotify, after the commit. */
static inline HRESULT change_folder(struct matrix_side *side, void *object, unsigned which)
{
    HRESULT hr;

    side->book->counter[which]++;
    hr = set_counter(object, side->book->counter[which]);
    if (FAILED(hr))
        side->book->counter[which]--;
    return hr;
}

static inline HRESULT call_folder(struct matrix_side *side, void *object)
{
    return change_folder(side, object, trigger_of(side->cell));
}

static inline HRESULT call_search(struct matrix_side *side, void *object)
{
    (void)side;
    return set_counter(object, 1);
}

static inline HRESULT call_save(struct matrix_side *side, void *object)
{
    IMessage *message = object;
    HRESULT hr =
            set_counter(message, 1 + side->book->counter[MATRIX_FOLDER] % 2); /* its size stays */

    assert_ok(hr);
    return message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE);
}

static inline HRESULT call_save_new(struct matrix_side *side, void *object)
{
    HRESULT hr;

    side->book->drafts_high++;
    hr = call_save(side, object);
    if (SUCCEEDED(hr))
        side->book->drafts_low++;
    return hr;
}

/* Advised is the connection itself; the call is a folder's. */
static inline HRESULT call_advise(struct matrix_side *side, void *object)
{
    (void)object;
    return call_folder(side, side->trigger);
}

/* Waits in the support object. */
static inline HRESULT call_attach(struct matrix_side *side, void *object)
{
    LPATTACH attach = object;
    LPUNKNOWN storage = POISON;
    HRESULT hr;

    side->raw.support->on_call = matrix_support_waits;
    side->raw.support->on_call_context = side->cell;
    hr = attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IStorage, 0, MAPI_CREATE | MAPI_MODIFY, &storage);
    if (FAILED(hr))
        assert_null(storage);
    else
        release_last(storage);
    return hr;
}

/* Waits in the host's allocator, with the lock. */
static inline HRESULT call_props(struct matrix_side *side, void *object)
{
    IMAPIProp *prop = object;
    SPropValue *values = POISON;
    ULONG count = POISON_LONG;
    HRESULT hr;

    matrix_waits_here = &side->cell->gate;
    hr = prop->lpVtbl->GetProps(prop, NULL, MAPI_UNICODE, &count, &values);
    if (FAILED(hr))
        assert_null(values);
    else
        mapi_free(values);
    return hr;
}

static inline HRESULT call_table(struct matrix_side *side, void *object)
{
    IMAPITable *table = object;
    LPSRowSet rows = POISON;
    HRESULT hr;

    matrix_waits_here = &side->cell->gate;
    hr = table->lpVtbl->QueryRows(table, 10, 0, &rows);
    if (FAILED(hr))
        assert_null(rows);
    else
        mapi_free_rows(rows);
    return hr;
}

/* Waits in the client's stream. */
static inline HRESULT call_stream(struct matrix_side *side, void *object)
{
    IStream *stream = object;
    IStream *target = host_stream_new("", 0);
    IStreamVtbl vtbl;
    HRESULT hr;

    assert_non_null(target);
    vtbl = *target->lpVtbl;
    vtbl.Write = matrix_stream_Write;
    target->lpVtbl = &vtbl;
    matrix_waits_here = &side->cell->gate;
    hr = stream->lpVtbl->CopyTo(stream, target, walk_size(10), NULL, NULL);
    release_last(target);
    return hr;
}

/* clang-format off */
static const struct matrix_class matrix_classes[] = {
    /* name                   role         calls                 open                      child            change           call           gate, told, is_spoolers */
    { "store",                ROLE_STORE,  WALK_O_STORE,         open_store,               child_of_store,  NULL,            call_store,    GATE_LATE, 0, false },
    { "logon",                ROLE_LOGON,  WALK_O_LOGON,         open_logon,               child_of_logon,  NULL,            call_logon,    GATE_LATE, 0, false },
    { "folder",               ROLE_OBJECT, WALK_O_FOLDER,        open_trigger,             child_of_folder, NULL,            call_folder,   GATE_CANARY, 0, false },
    { "search folder",        ROLE_OBJECT, WALK_O_SEARCH,        open_search,              child_of_folder, NULL,            call_search,   GATE_CANARY, MATRIX_SEARCH, false },
    { "associated message",   ROLE_OBJECT, WALK_O_MESSAGE,       open_associated,          child_of_message, change_message, call_save,     GATE_CANARY, MATRIX_ASSOCIATED, false },
    { "message",              ROLE_OBJECT, WALK_O_MESSAGE,       open_message,             child_of_message, change_message, call_save,     GATE_CANARY, MATRIX_MESSAGE, false },
    { "new message",          ROLE_OBJECT, WALK_O_NEW_MESSAGE,   open_new_message,         child_of_message, change_message, call_save_new, GATE_CANARY, MATRIX_DRAFTS, false },
    { "attachment",           ROLE_OBJECT, WALK_O_ATTACH,        open_attach,              child_of_attach, change_attach,   call_attach,   GATE_CANARY, 0, false },
    { "message in a message", ROLE_OBJECT, WALK_O_EMBEDDED,      open_embedded,            child_of_message, change_embedded, call_props,   GATE_START, 0, false },
    { "stream",               ROLE_OBJECT, WALK_O_STREAM,        open_stream,              NULL,            change_stream,   call_stream,   GATE_LATE, 0, false },
    { "stream for reading",   ROLE_OBJECT, WALK_O_READER,        open_reader,              NULL,            NULL,            call_stream,   GATE_LATE, 0, false },
    { "clone",                ROLE_OBJECT, WALK_O_CLONE,         open_clone,               NULL,            NULL,            call_stream,   GATE_LATE, 0, false },
    { "attachment's stream",  ROLE_OBJECT, WALK_O_ATTACH_STREAM, open_attach_stream,       NULL,            change_stream,   call_stream,   GATE_LATE, 0, false },
    { "contents",             ROLE_OBJECT, WALK_O_CONTENTS,      open_contents,            NULL,            NULL,            call_table,    GATE_START, 0, false },
    { "contents with a sink", ROLE_OBJECT, WALK_O_CONTENTS,      open_advised_table,       NULL,            NULL,            call_table,    GATE_START, 0, false },
    { "associated contents",  ROLE_OBJECT, WALK_O_ASSOCIATED,    open_associated_contents, NULL,            NULL,            call_table,    GATE_START, 0, false },
    { "hierarchy",            ROLE_OBJECT, WALK_O_HIERARCHY,     open_hierarchy,           NULL,            NULL,            call_table,    GATE_START, 0, false },
    { "search results",       ROLE_OBJECT, WALK_O_RESULTS,       open_results,             NULL,            NULL,            call_table,    GATE_START, 0, false },
    { "recipients",           ROLE_OBJECT, WALK_O_RECIPIENTS,    open_recipients,          NULL,            NULL,            call_table,    GATE_START, 0, false },
    { "attachments",          ROLE_OBJECT, WALK_O_ATTACHMENTS,   open_attachments,         NULL,            NULL,            call_table,    GATE_START, 0, false },
    { "receive folders",      ROLE_OBJECT, WALK_O_RECEIVE,       open_receive,             NULL,            NULL,            call_table,    GATE_START, 0, false },
    { "outgoing queue",       ROLE_OBJECT, WALK_O_OUTGOING,      open_outgoing,            NULL,            NULL,            call_table,    GATE_START, 0, true },
    { "status",               ROLE_OBJECT, WALK_O_STATUS,        open_status,              NULL,            NULL,            call_props,    GATE_START, 0, false },
    { "advise connection",    ROLE_ADVISE, WALK_O_COUNT,         open_advise,              NULL,            NULL,            call_advise,   GATE_CANARY, 0, false },
    { "session's connection", ROLE_ADVISE, WALK_O_COUNT,         open_session_advise,      NULL,            NULL,            call_advise,   GATE_CANARY, 0, false },
};

/* clang-format on */

enum { MATRIX_CLASSES = sizeof(matrix_classes) / sizeof(matrix_classes[0]) };

_Static_assert(MATRIX_TRIGGER + MATRIX_CLASSES <= MATRIX_ID_COUNT, "a trigger for each class");

static inline unsigned trigger_of(const struct matrix_cell *cell)
{
    return MATRIX_TRIGGER + (unsigned)(cell->class - matrix_classes);
}

#endif
