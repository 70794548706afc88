/* SPDX-License-Identifier: MIT */
/*
 * walk_world.h - an open object of every class, and what its calls are made with.
 *
 * Belongs to one fixture. Every reference in `object` is the world's own; a message with
 * recipients, an attachment with data and a message inside of it are in the inbox, and two more.
 */
#ifndef WALK_WORLD_H
#define WALK_WORLD_H

#include "mail_world.h"
#include "walk_calls.h"
#include "walk_digest.h"

#define WALK_DATA PROP_TAG(PT_BINARY, 0x6701)

/* clang-format off */
enum walk_object {
    WALK_O_LOGON, WALK_O_STORE, WALK_O_FOLDER, WALK_O_SEARCH, WALK_O_MESSAGE, WALK_O_NEW_MESSAGE, WALK_O_EMBEDDED,
    WALK_O_ATTACH, WALK_O_CONTENTS, WALK_O_ASSOCIATED, WALK_O_HIERARCHY, WALK_O_RESULTS, WALK_O_RECIPIENTS,
    WALK_O_ATTACHMENTS, WALK_O_RECEIVE, WALK_O_OUTGOING, WALK_O_STREAM, WALK_O_READER, WALK_O_CLONE,
    WALK_O_ATTACH_STREAM, WALK_O_STATUS, WALK_O_COUNT
};

static const struct walk_class walk_classes[WALK_O_COUNT] = {
    { "logon", SLOTS(IMSLogonVtbl), { walk_logon_calls }, { &IID_IMSLogon } },
    { "store", SLOTS(IMsgStoreVtbl), { walk_prop_calls, walk_store_calls },
            { &IID_IMsgStore, &IID_IMAPIProp } },
    { "folder", SLOTS(IMAPIFolderVtbl), { walk_prop_calls, walk_folder_calls },
            { &IID_IMAPIFolder, &IID_IMAPIContainer, &IID_IMAPIProp } },
    { "search folder", SLOTS(IMAPIFolderVtbl), { walk_prop_calls, walk_folder_calls },
            { &IID_IMAPIFolder, &IID_IMAPIContainer, &IID_IMAPIProp } },
    { "message", SLOTS(IMessageVtbl), { walk_prop_calls, walk_message_calls, walk_message_more },
            { &IID_IMessage, &IID_IMAPIProp } },
    { "new message", SLOTS(IMessageVtbl), { walk_prop_calls, walk_message_calls, walk_message_more },
            { &IID_IMessage, &IID_IMAPIProp } },
    { "message in a message", SLOTS(IMessageVtbl), { walk_prop_calls, walk_message_calls, walk_message_more },
            { &IID_IMessage, &IID_IMAPIProp } },
    { "attachment", SLOTS(IAttachVtbl), { walk_prop_calls, NULL, walk_attach_more },
            { &IID_IAttachment, &IID_IMAPIProp } },
    { "contents", SLOTS(IMAPITableVtbl), { walk_table_calls }, { &IID_IMAPITable } },
    { "associated contents", SLOTS(IMAPITableVtbl), { walk_table_calls }, { &IID_IMAPITable } },
    { "hierarchy", SLOTS(IMAPITableVtbl), { walk_table_calls }, { &IID_IMAPITable } },
    { "search results", SLOTS(IMAPITableVtbl), { walk_table_calls }, { &IID_IMAPITable } },
    { "recipients", SLOTS(IMAPITableVtbl), { walk_table_calls }, { &IID_IMAPITable } },
    { "attachments", SLOTS(IMAPITableVtbl), { walk_table_calls }, { &IID_IMAPITable } },
    { "receive folders", SLOTS(IMAPITableVtbl), { walk_table_calls }, { &IID_IMAPITable } },
    { "outgoing queue", SLOTS(IMAPITableVtbl), { walk_table_calls }, { &IID_IMAPITable } },
    { "stream", SLOTS(IStreamVtbl), { walk_stream_calls, NULL, walk_stream_more },
            { &IID_IStream } },
    { "stream for reading", SLOTS(IStreamVtbl), { walk_stream_calls, NULL, walk_stream_more },
            { &IID_IStream } },
    { "clone", SLOTS(IStreamVtbl), { walk_stream_calls, NULL, walk_stream_more },
            { &IID_IStream } },
    { "attachment's stream", SLOTS(IStreamVtbl), { walk_stream_calls, NULL, walk_stream_more },
            { &IID_IStream } },
    { "status", SLOTS(IMAPIStatusVtbl), { walk_prop_calls, walk_status_calls },
            { &IID_IMAPIStatus, &IID_IMAPIProp } },
};

/* clang-format on */

struct walk_world {
    struct fixture *fx;
    void *object[WALK_O_COUNT]; /* one reference each, or NULL */
    IMsgStore *spooler;         /* of a logon of its own: whose the outgoing queue is */
    struct host_support *spooler_support;
    struct walk_inputs in;
    SPropValue *ids[3]; /* what `in` points into */
};

static inline bool walk_is_stream(enum walk_object which)
{
    return which >= WALK_O_STREAM && which <= WALK_O_ATTACH_STREAM;
}

static inline IStream *walk_open_stream(void *object, ULONG tag, ULONG flags)
{
    IMAPIProp *prop = object;
    LPUNKNOWN stream = NULL;

    assert_ok(prop->lpVtbl->OpenProperty(prop, tag, &IID_IStream, 0, flags, &stream));
    return (IStream *)(void *)stream;
}

static inline void walk_add_recipient(IMessage *message)
{
    static WCHAR name[] = { 'a', 'n', 'n', 'a', 0 };
    SPropValue values[2] = { { .ulPropTag = PR_DISPLAY_NAME_W },
        { .ulPropTag = PR_RECIPIENT_TYPE } };
    ADRLIST list = { .cEntries = 1 };

    values[0].Value.lpszW = name;
    values[1].Value.l = MAPI_TO;
    list.aEntries[0].cValues = 2;
    list.aEntries[0].rgPropVals = values;
    assert_ok(message->lpVtbl->ModifyRecipients(message, MODRECIP_ADD, &list));
}

/* Attachment 0 with some bytes; attachment 1 with a message. */
static inline void walk_add_attachments(IMessage *message)
{
    LPATTACH attach = NULL;
    IMessage *inner = NULL;
    LPUNKNOWN object = NULL;
    ULONG number = POISON_LONG;

    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    prop_set_long(attach, PR_ATTACH_METHOD, ATTACH_BY_VALUE);
    prop_set_binary(attach, PR_ATTACH_DATA_BIN, "attached bytes", 14);
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    prop_set_long(attach, PR_ATTACH_METHOD, ATTACH_EMBEDDED_MSG);
    assert_ok(attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, MAPI_CREATE | MAPI_MODIFY, &object));
    inner = (IMessage *)(void *)object;
    prop_set_text(inner, PR_SUBJECT_W, "inner");
    assert_ok(inner->lpVtbl->SaveChanges(inner, 0));
    release_last(inner);
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
}

/* Plain ones, until the message has the one nobody holds. */
static inline void walk_add_spares(IMessage *message)
{
    ULONG number = 0;

    do {
        LPATTACH attach = NULL;

        assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
        prop_set_binary(attach, PR_ATTACH_DATA_BIN, walk_bytes, WALK_LARGE);
        assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
        release_last(attach);
    } while (number < WALK_SPARE);
}

/* Rows 0 and up, with a name that only this store knows, and more than a row shows. */
static inline void walk_fill_recipients(struct walk_world *w)
{
    static WCHAR name[] = { 'b', 'e', 'r', 't', 0 };
    MAPINAMEID named = { 0 };
    LPMAPINAMEID names[] = { &named };
    LPSPropTagArray tags = NULL;
    struct walk_inputs *in = &w->in;
    GUID set = { 0x4711, 7, 7, { 1, 2, 3, 4, 5, 6, 7, 8 } };

    named.lpguid = &set;
    named.ulKind = MNID_ID;
    assert_ok(w->fx->inbox->lpVtbl->GetIDsFromNames(w->fx->inbox, 1, names, MAPI_CREATE, &tags));
    in->recipients.cEntries = WALK_RECIPIENTS;
    for (ULONG i = 0; i < WALK_RECIPIENTS; i++) {
        SPropValue *values = in->recipient[i];

        values[0].ulPropTag = PR_ROWID;
        values[0].Value.l = (LONG)i;
        values[1].ulPropTag = PR_RECIPIENT_TYPE;
        values[1].Value.l = (LONG)(MAPI_TO + i);
        values[2].ulPropTag = PR_DISPLAY_NAME_W;
        values[2].Value.lpszW = name;
        values[3].ulPropTag = PROP_TAG(PT_LONG, PROP_ID(tags->aulPropTag[0]));
        values[3].Value.l = (LONG)i;
        values[4].ulPropTag = PROP_TAG(PT_BINARY, 0x6703);
        values[4].Value.bin.cb = 20000;
        values[4].Value.bin.lpb = walk_bytes;
        in->recipients.aEntries[i] = (ADRENTRY){ 0, 5, values };
    }
    mapi_free(tags);
}

static inline void walk_fill_inputs(struct walk_world *w)
{
    struct walk_inputs *in = &w->in;
    IMAPIFolder *folder = folder_make(w->fx->inbox, "below");

    w->ids[0] = message_make(w->fx->inbox, "goes");
    w->ids[1] = message_make(w->fx->inbox, "stays");
    w->ids[2] = prop_get(folder, PR_ENTRYID);
    release_last(folder);
    in->message = w->ids[0]->Value.bin;
    in->other = w->ids[1]->Value.bin;
    in->folder = w->ids[2]->Value.bin;
    in->messages.cValues = 1;
    in->messages.lpbin = &in->message;
    in->tags.cValues = 1;
    in->tags.aulPropTag[0] = PR_SUBJECT_W;
    in->value.ulPropTag = PROP_TAG(PT_LONG, 0x6702);
    in->value.Value.l = 5;
    in->restriction.rt = RES_EXIST;
    in->restriction.res.resExist.ulPropTag = PR_SUBJECT_W;
    in->order.cSorts = 1;
    in->order.aSort[0].ulPropTag = PR_SUBJECT_W;
    in->name.ulKind = MNID_ID;
    in->name.Kind.lID = 0x8501;
    in->event.ulEventType = fnevNewMail;
    host_sink_init(&in->sink);
    in->target = host_stream_new("", 0);
    assert_non_null(in->target);
    for (size_t i = 0; i < WALK_LARGE; i++)
        walk_bytes[i] = (unsigned char)(i * 7 + i / 251);
    in->large.ulPropTag = PROP_TAG(PT_BINARY, 0x6704);
    in->large.Value.bin.cb = WALK_LARGE;
    in->large.Value.bin.lpb = walk_bytes;
    walk_fill_recipients(w);
}

/* What every message of the walk has. */
static inline void walk_fill_message(struct walk_world *w, IMessage *message, const char *subject)
{
    char *body = calloc(1, 20001);

    assert_non_null(body);
    memset(body, 'b', 20000);
    prop_set_text(message, PR_SUBJECT_W, subject);
    prop_set_text(message, PR_BODY_W, body);
    free(body);
    assert_ok(message->lpVtbl->ModifyRecipients(
            message, MODRECIP_ADD, (LPADRLIST)(void *)&w->in.recipients));
}

static inline void walk_open_parts(struct walk_world *w)
{
    IMessage *message = w->object[WALK_O_MESSAGE];
    IMessage *fresh = w->object[WALK_O_NEW_MESSAGE];
    LPATTACH attach = NULL, holder = NULL;
    LPUNKNOWN inner = NULL;
    IStream *clone = NULL;

    assert_ok(message->lpVtbl->OpenAttach(message, 0, NULL, MAPI_MODIFY, &attach));
    assert_ok(message->lpVtbl->OpenAttach(message, 1, NULL, MAPI_MODIFY, &holder));
    assert_ok(holder->lpVtbl->OpenProperty(
            holder, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, MAPI_MODIFY, &inner));
    release_last(holder); /* stays for the inner one */
    walk_fill_message(w, (IMessage *)(void *)inner, "inner");
    walk_add_spares((IMessage *)(void *)inner);
    w->object[WALK_O_ATTACH] = attach;
    w->object[WALK_O_EMBEDDED] = inner;
    w->object[WALK_O_STREAM] = walk_open_stream(fresh, WALK_DATA, MAPI_CREATE | MAPI_MODIFY);
    /* the property is there, empty: a save does not bring it about */
    assert_ok(((IStream *)w->object[WALK_O_STREAM])->lpVtbl->Commit(w->object[WALK_O_STREAM], 0));
    w->object[WALK_O_READER] = walk_open_stream(message, WALK_DATA, 0);
    assert_ok(
            ((IStream *)w->object[WALK_O_READER])->lpVtbl->Clone(w->object[WALK_O_READER], &clone));
    w->object[WALK_O_CLONE] = clone;
    w->object[WALK_O_ATTACH_STREAM] = walk_open_stream(attach, PR_ATTACH_DATA_BIN, MAPI_MODIFY);
}

static inline void walk_open_tables(struct walk_world *w)
{
    IMAPIFolder *folder = w->object[WALK_O_FOLDER];
    IMessage *message = w->object[WALK_O_MESSAGE];
    IMAPIFolder *search = w->object[WALK_O_SEARCH];
    LPMAPITABLE table[8];

    assert_ok(folder->lpVtbl->GetContentsTable(folder, 0, &table[0]));
    assert_ok(folder->lpVtbl->GetContentsTable(folder, MAPI_ASSOCIATED, &table[1]));
    assert_ok(folder->lpVtbl->GetHierarchyTable(folder, 0, &table[2]));
    assert_ok(search->lpVtbl->GetContentsTable(search, 0, &table[3]));
    assert_ok(message->lpVtbl->GetRecipientTable(message, 0, &table[4]));
    assert_ok(message->lpVtbl->GetAttachmentTable(message, 0, &table[5]));
    assert_ok(w->fx->store->lpVtbl->GetReceiveFolderTable(w->fx->store, 0, &table[6]));
    assert_ok(w->spooler->lpVtbl->GetOutgoingQueue(w->spooler, 0, &table[7]));
    for (size_t i = 0; i < 8; i++)
        w->object[WALK_O_CONTENTS + i] = table[i];
}

/* The spooler, beside the client; and a message that waits for it. */
static inline void walk_open_spooler(struct walk_world *w)
{
    struct host_logon params = { .flags = MDB_WRITE | MDB_NO_DIALOG, .spooler = true };

    mapi_free(mail_submit(w->fx->inbox, "leaves"));
    assert_ok(host_session_logon(&w->fx->session, &params, &w->spooler, &w->spooler_support));
}

/* A search over the inbox that has run. */
static inline IMAPIFolder *walk_open_search(struct walk_world *w)
{
    static char name[] = "walk";
    SPropValue *inbox = prop_get(w->fx->inbox, PR_ENTRYID);
    ENTRYLIST scope = { 1, &inbox->Value.bin };
    IMAPIFolder *parent = folder_by_prop(w->fx->store, w->fx->store, PR_FINDER_ENTRYID);
    IMAPIFolder *search = NULL;

    assert_ok(parent->lpVtbl->CreateFolder(
            parent, FOLDER_SEARCH, (LPTSTR)(void *)name, NULL, NULL, 0, &search));
    assert_ok(search->lpVtbl->SetSearchCriteria(search, &w->in.restriction, &scope, 0));
    release_last(parent);
    mapi_free(inbox);
    return search;
}

/* Opens one of each. The fixture gives its inbox away; it keeps its store. */
static inline void walk_open(struct walk_world *w, struct fixture *fx)
{
    IMSLogon *logon = fx->support->logon;
    LPVOID status = NULL;
    IMessage *message = NULL;
    ULONG type;

    memset(w, 0, sizeof(*w));
    w->fx = fx;
    walk_fill_inputs(w);
    walk_open_spooler(w);
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    walk_fill_message(w, message, "walk");
    prop_set_binary(message, WALK_DATA, walk_bytes, WALK_LARGE);
    walk_add_attachments(message);
    walk_add_spares(message);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    w->object[WALK_O_MESSAGE] = message;
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    walk_fill_message(w, message, "new");
    walk_add_spares(message);
    w->object[WALK_O_NEW_MESSAGE] = message;
    w->object[WALK_O_SEARCH] = walk_open_search(w);
    w->object[WALK_O_FOLDER] = fx->inbox;
    fx->inbox = NULL;
    logon->lpVtbl->AddRef(logon);
    w->object[WALK_O_LOGON] = logon;
    fx->store->lpVtbl->AddRef(fx->store);
    w->object[WALK_O_STORE] = fx->store;
    assert_ok(logon->lpVtbl->OpenStatusEntry(logon, NULL, 0, &type, &status));
    w->object[WALK_O_STATUS] = status;
    walk_open_parts(w);
    walk_open_tables(w);
}

/* Gives one object back; the count that Release returned. */
static inline ULONG walk_drop(struct walk_world *w, enum walk_object which)
{
    IUnknown *object = w->object[which];

    w->object[which] = NULL;
    return object ? object->lpVtbl->Release(object) : 0;
}

/* Nothing kept, WALK_O_COUNT: the spooler's store goes, too. */
static inline void walk_drop_all_but(struct walk_world *w, enum walk_object kept)
{
    for (unsigned i = 0; i < WALK_O_COUNT; i++) {
        if (i != kept)
            (void)walk_drop(w, i);
    }
    if (kept == WALK_O_COUNT && w->spooler) {
        release_last(w->spooler);
        w->spooler = NULL;
    }
}

/* Gives everything back and ends the fixture. */
static inline void walk_close(struct walk_world *w)
{
    walk_drop_all_but(w, WALK_O_COUNT);
    for (size_t i = 0; i < 3; i++)
        mapi_free(w->ids[i]);
    release_last(w->in.target);
    fixture_check_and_free(w->fx);
    assert_int_equal(w->in.sink.refs, 1); /* nobody kept it */
    host_sink_done(&w->in.sink);
}

static inline int walk_setup(void **state)
{
    struct walk_world *w = malloc(sizeof(*w));
    void *fx = NULL;

    assert_non_null(w);
    fixture_inbox_setup(&fx);
    walk_open(w, fx);
    *state = w;
    return 0;
}

static inline int walk_teardown(void **state)
{
    walk_close(*state);
    free(*state);
    return 0;
}

static inline uint64_t walk_digest_stream(IStream *stream, uint64_t hash)
{
    ULARGE_INTEGER at;
    STATSTG stat;

    assert_ok(stream->lpVtbl->Seek(stream, walk_move(), STREAM_SEEK_CUR, &at));
    assert_ok(stream->lpVtbl->Stat(stream, &stat, STATFLAG_NONAME));
    hash = walk_mix(hash, &at.QuadPart, 8);
    return walk_mix(hash, &stat.cbSize.QuadPart, 8);
}

/* All that the open objects show. */
static inline uint64_t walk_digest(struct walk_world *w)
{
    uint64_t hash = WALK_DIGEST_SEED;

    for (unsigned i = WALK_O_STORE; i < WALK_O_COUNT; i++) {
        if (walk_is_stream(i))
            hash = walk_digest_stream(w->object[i], hash);
        else if (walk_classes[i].calls[0] == walk_table_calls)
            hash = walk_digest_table(w->object[i], hash);
        else
            hash = walk_digest_props(w->object[i], hash);
    }
    return hash;
}

/* ---- Calls ---- */

/* Ready for one call. */
static inline void walk_prepare(struct walk_world *w, struct walk_args *a)
{
    memset(a, 0, sizeof(*a));
    a->in = &w->in;
    a->tags_in = &w->in.tags;
    a->names_in[0] = &w->in.name;
    a->logoff = LOGOFF_ORDERLY;
    memcpy(a->name, "walked", 7);
    if (!w->in.name.lpguid) {
        union {
            const IID *given;
            LPGUID taken;
        } guid = { .given = &IID_IMessage }; /* any will do */

        w->in.name.lpguid = guid.taken;
    }
}

/* Every out that the call had is zero. */
static inline bool walk_outs_are_null(const struct walk_args *a)
{
    for (unsigned i = 0; i < a->out_count; i++) {
        const unsigned char *bytes = a->outs[i].at;

        for (size_t k = 0; k < a->outs[i].size; k++) {
            if (bytes[k] != 0)
                return false;
        }
    }
    return true;
}

/* Gives back what a call that succeeded handed out. */
static inline void walk_free_outs(struct walk_args *a)
{
    for (unsigned i = 0; i < a->out_count; i++) {
        void *out = NULL;

        if (a->outs[i].kind == WALK_NUMBER)
            continue;
        memcpy(&out, a->outs[i].at, sizeof(out));
        if (!out)
            continue;
        if (a->outs[i].kind == WALK_BUFFER)
            mapi_free(out);
        else if (a->outs[i].kind == WALK_ROWS)
            mapi_free_rows(out);
        else
            ((IUnknown *)out)->lpVtbl->Release(out);
    }
}

/* Runs `visit` for every method of every object that is held. The last list comes first: a message
 * that was submitted can no longer be changed. */
static inline void walk_each(struct walk_world *w,
        void (*visit)(struct walk_world *w, enum walk_object which, const struct walk_call *call))
{
    for (unsigned i = 0; i < WALK_O_COUNT; i++) {
        for (size_t list = 0; list < WALK_LISTS && w->object[i]; list++) {
            const struct walk_call *call =
                    walk_classes[i].calls[(list + WALK_LISTS - 1) % WALK_LISTS];

            for (; call && call->name; call++)
                visit(w, i, call);
        }
    }
}

#endif
