/* SPDX-License-Identifier: MIT */
/*
 * forced_child.h - a process that works on a store through the provider's library until it is
 * killed, and writes down each thing that was acknowledged, the moment it was.
 *
 * Lines of its book, each flushed:
 *
 *   s <value> <id>   is about to be saved (again) with this value
 *   S <value> <id>   SaveChanges has returned S_OK
 *   d 0 <id>         is about to be deleted;  D 0 <id>  DeleteMessages has returned S_OK
 *   E 0 -            the ending begins: from here on steps are counted
 *   K <n> <step>     is killed now, before the nth step
 *   P <n> -          the ending is over, and had n steps
 */
#ifndef FORCED_CHILD_H
#define FORCED_CHILD_H

#include "disk_steps.h"
#include "mailkeep.h"
#include "support/process.h"
#include "support/support.h"

#define VALUE_TAG PROP_TAG(PT_LONG, 0x6702)

enum { ATTACHED = 40000, BODY = 3000, IMPORT_MOST = 20000 };

/* How the child ends what it has begun. */
enum forced_ending {
    BY_STORE,
    BY_STORE_LOGOFF,
    BY_LOGOFF,
    BY_SESSION,
    BY_SHUTDOWN,
    BY_PROVIDER,
    BY_FAST_SHUTDOWN,
    BY_STORE_BESIDE_SPOOLER,
    FORCED_ENDINGS
};

static const char *const forced_names[FORCED_ENDINGS] = { "last Release of the store",
    "StoreLogoff and Release", "Logoff", "the session's end", "Shutdown without Logoff",
    "Release of the provider", "fast shutdown", "Release of the store beside the spooler's" };

struct forced {
    struct fixture *fx;
    FILE *book;
    uint32_t random;
    LONG value; /* the last one given */
    unsigned long steps;
    unsigned long kill_at; /* 0: never */
    bool is_counting;
};

static void forced_write(struct forced *f, char what, long value, const SBinary *id)
{
    fprintf(f->book, "%c %ld ", what, value);
    for (ULONG i = 0; id && i < id->cb; i++)
        fprintf(f->book, "%02x", id->lpb[i]);
    fprintf(f->book, "%s\n", id ? "" : "-");
    fflush(f->book);
}

static uint32_t forced_random(struct forced *f)
{
    f->random = f->random * 1664525u + 1013904223u;
    return f->random >> 8;
}

/* ---- Work ---- */

static void forced_put(struct forced *f, IMessage *message, LONG value)
{
    char text[BODY + 1];

    (void)f;
    snprintf(text, sizeof(text), "value %ld", (long)value);
    prop_set_text(message, PR_SUBJECT_W, text);
    prop_set_long(message, VALUE_TAG, value);
    memset(text, 'a' + (int)(value % 26), BODY);
    text[BODY] = 0;
    prop_set_text(message, PR_BODY_W, text);
}

/* A large value of its own: it goes into other rows than the message. */
static void forced_attach(IMessage *message, LONG value)
{
    BYTE bytes[ATTACHED];
    LPATTACH attach = NULL;
    LPUNKNOWN object = NULL;
    IStream *stream;
    ULONG number;

    memset(bytes, (int)(value % 251), sizeof(bytes));
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    prop_set_long(attach, PR_ATTACH_METHOD, ATTACH_BY_VALUE);
    assert_ok(attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY, &object));
    stream = (IStream *)(void *)object;
    assert_ok(stream->lpVtbl->Write(stream, bytes, sizeof(bytes), NULL));
    assert_ok(stream->lpVtbl->Commit(stream, 0));
    release_last(stream);
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
}

/* A new message, saved; every fourth with an attachment. Its id is to be freed. */
static SPropValue *forced_message(struct forced *f, bool is_said)
{
    IMAPIFolder *inbox = f->fx->inbox;
    IMessage *message = NULL;
    LONG value = ++f->value;
    SPropValue *id;

    assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &message));
    forced_put(f, message, value);
    if (value % 4 == 0)
        forced_attach(message, value);
    id = prop_get(message, PR_ENTRYID);
    assert_non_null(id);
    forced_write(f, 's', value, &id->Value.bin);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    if (is_said)
        forced_write(f, 'S', value, &id->Value.bin);
    release_last(message);
    return id;
}

/* Values of a message keep their remainder, so that it is known whether it has an attachment. */
static void forced_change(struct forced *f, const SPropValue *id)
{
    IMessage *message = message_open(f->fx->store, id);
    LONG before = prop_long(message, VALUE_TAG), value;

    do
        value = ++f->value;
    while (value % 4 != before % 4);
    forced_put(f, message, value);
    forced_write(f, 's', value, &id->Value.bin);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    forced_write(f, 'S', value, &id->Value.bin);
    release_last(message);
}

static void forced_delete(struct forced *f, SPropValue *id)
{
    IMAPIFolder *inbox = f->fx->inbox;
    ENTRYLIST list = { 1, &id->Value.bin };

    forced_write(f, 'd', 0, &id->Value.bin);
    assert_ok(inbox->lpVtbl->DeleteMessages(inbox, &list, 0, NULL, 0));
    forced_write(f, 'D', 0, &id->Value.bin);
}

/* Grouped saves are acknowledged as a whole. */
static void forced_bulk(struct forced *f)
{
    SPropValue *ids[40];
    LONG first = f->value + 1;

    prop_set_bool(f->fx->store, PR_MKEEP_BULK, true);
    for (unsigned i = 0; i < 40; i++)
        ids[i] = forced_message(f, false);
    prop_set_bool(f->fx->store, PR_MKEEP_BULK, false);
    for (unsigned i = 0; i < 40; i++) {
        forced_write(f, 'S', first + (LONG)i, &ids[i]->Value.bin);
        mapi_free(ids[i]);
    }
}

static void forced_import(struct forced *f)
{
    SPropValue *ids[64] = { NULL };

    for (unsigned i = 0; i < IMPORT_MOST; i++) {
        unsigned at = forced_random(f) % 64;

        if (i % 100 == 10)
            forced_bulk(f);
        if (ids[at] && forced_random(f) % 3 == 0) {
            forced_delete(f, ids[at]);
            mapi_free(ids[at]);
            ids[at] = NULL;
        } else if (ids[at]) {
            forced_change(f, ids[at]);
        }
        if (!ids[at])
            ids[at] = forced_message(f, true);
    }
}

/* ---- Steps of an ending ---- */

static void forced_step(void *context, const char *step)
{
    struct forced *f = context;

    if (!f->is_counting || ++f->steps != f->kill_at)
        return;
    fprintf(f->book, "K %lu %s\n", f->steps, step);
    fflush(f->book);
    process_kill_self();
}

static void forced_on_call(struct host_support *support, enum host_method method, void *context)
{
    (void)support;
    forced_step(context, host_method_name(method));
}

static ULONG forced_on_event(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    (void)sink;
    (void)event;
    forced_step(context, "OnNotify");
    return S_OK;
}

/* What a client may hold when the end comes; nothing of it is ever given back. */
static void forced_hold(struct forced *f, const SPropValue *changed)
{
    static struct host_sink sink;
    struct fixture *fx = f->fx;
    IMessage *message = message_open(fx->store, changed);
    IMessage *unsaved = NULL;
    LPMAPITABLE table = NULL;
    LPUNKNOWN stream = NULL;
    ULONG_PTR connection;

    prop_set_text(message, PR_SUBJECT_W, "never saved");
    prop_set_long(message, VALUE_TAG, -1);
    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &unsaved));
    prop_set_long(unsaved, VALUE_TAG, -1);
    forced_attach(unsaved, 3);
    assert_ok(unsaved->lpVtbl->OpenProperty(unsaved, PROP_TAG(PT_BINARY, 0x6701), &IID_IStream, 0,
            MAPI_CREATE | MAPI_MODIFY, &stream));
    assert_ok(((IStream *)(void *)stream)
                      ->lpVtbl->Write((IStream *)(void *)stream, "never saved", 11, NULL));
    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, 0, &table));
    host_sink_init(&sink);
    sink.on_event = forced_on_event;
    sink.context = f;
    assert_ok(fx->store->lpVtbl->Advise(
            fx->store, 0, NULL, fnevObjectModified, &sink.IMAPIAdviseSink_iface, &connection));
}

static void forced_log_off(struct fixture *fx)
{
    IMSLogon *logon = host_support_logon(fx->support);
    ULONG flags = 0;

    assert_ok(logon->lpVtbl->Logoff(logon, &flags));
    (void)logon->lpVtbl->Release(logon);
}

static void forced_end(struct forced *f, enum forced_ending ending)
{
    struct fixture *fx = f->fx;
    IMSProvider *provider = fx->session.provider;
    ULONG flags = LOGOFF_ORDERLY;

    switch (ending) {
    case BY_STORE_LOGOFF:
        assert_ok(fx->store->lpVtbl->StoreLogoff(fx->store, &flags));
        release_last(fx->store);
        break;
    case BY_LOGOFF:
        forced_log_off(fx);
        break;
    case BY_SESSION:
        host_session_logoff(&fx->session);
        break;
    case BY_SHUTDOWN:
        flags = 0;
        assert_ok(provider->lpVtbl->Shutdown(provider, &flags));
        break;
    case BY_PROVIDER:
        assert_int_equal(provider->lpVtbl->Release(provider), 0);
        break;
    case BY_FAST_SHUTDOWN:
        assert_ok(host_session_fast_shutdown(&fx->session));
        break;
    default:
        release_last(fx->store);
        break;
    }
}

/* Saves, holds, ends; then the process goes without another word. What was saved in bulk mode is
 * acknowledged when the ending has come back. */
static void forced_ending(struct forced *f, enum forced_ending ending)
{
    SPropValue *ids[8], *grouped[3];
    LONG first;

    if (ending == BY_STORE_BESIDE_SPOOLER) {
        struct host_logon params = { .flags = MDB_WRITE | MDB_NO_DIALOG, .spooler = true };
        IMsgStore *spooler = NULL;

        assert_ok(host_session_logon(&f->fx->session, &params, &spooler, NULL));
    }
    for (unsigned i = 0; i < 8; i++)
        ids[i] = forced_message(f, true);
    forced_change(f, ids[2]);
    forced_delete(f, ids[5]);
    forced_hold(f, ids[0]);
    prop_set_bool(f->fx->store, PR_MKEEP_BULK, true);
    first = f->value + 1;
    for (unsigned i = 0; i < 3; i++)
        grouped[i] = forced_message(f, false);
    f->fx->support->on_call = forced_on_call;
    f->fx->support->on_call_context = f;
    forced_write(f, 'E', 0, NULL);
    f->is_counting = true;
    forced_end(f, ending);
    f->is_counting = false;
    for (unsigned i = 0; i < 3; i++)
        forced_write(f, 'S', first + (LONG)i, &grouped[i]->Value.bin);
    forced_write(f, 'P', (long)f->steps, NULL);
}

/* ---- The process ---- */

static unsigned long forced_number(const char *name)
{
    char text[32];

    return host_env(name, text, sizeof(text)) ? strtoul(text, NULL, 10) : 0;
}

/* In a child: does what the environment says, and does not come back. In the parent: nothing. */
static void forced_child(void)
{
    struct forced f = { .random = (uint32_t)forced_number("MAILKEEP_FORCED_SEED") + 1 };
    unsigned long job = forced_number("MAILKEEP_FORCED_JOB");
    char book[1024];

    if (job == 0)
        return;
    f.value = (LONG)f.random % 1000 * 100000;
    f.kill_at = forced_number("MAILKEEP_FORCED_AT");
    disk_steps.before = forced_step;
    disk_steps.context = &f;
    if (!disk_steps_install() || !host_env("MAILKEEP_FORCED_BOOK", book, sizeof(book)))
        host_die(2);
    f.book = host_fopen(book, "wb");
    f.fx = fixture_new();
    if (!f.book || !host_env("MAILKEEP_FORCED_STORE", f.fx->path, sizeof(f.fx->path)))
        host_die(2);
    assert_ok(host_session_configure(&f.fx->session, f.fx->path));
    fixture_logon(f.fx);
    fixture_open_inbox(f.fx);
    if (job == 1)
        forced_import(&f);
    else
        forced_ending(&f, (enum forced_ending)(job - 2));
    host_die(0);
}

#endif
