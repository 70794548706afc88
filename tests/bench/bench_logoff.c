/* SPDX-License-Identifier: MIT */
/*
 * bench_logoff.c - how long Logoff takes for how many open objects of each class, and what the
 * frame of every method costs.
 *
 *   bench_logoff [OBJECTS [MEGABYTES [CLASS]]]     default 1,000,000 and 2,400; every class
 *
 * MAILKEEP_DLL names the library. OBJECTS is the most of one class; a class whose objects would
 * need more memory than MEGABYTES stops earlier and says where. A line is the best of three logoffs
 * up to 10,000 objects and one logoff above: by the clock, and for each object in processor time.
 * What clients hold is released afterwards, from dead objects; the last column is the memory of one
 * object while it was open.
 */
#include "bench.h"

#include <time.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

enum { FEW = 10000, ROUNDS = 3, PROP_DATA = PROP_TAG(PT_BINARY, 0x6701) };

struct world {
    struct fixture *fx;
    IMSLogon *logon;
    IMAPIFolder *search; /* has found something */
    IMAPIFolder *drafts; /* a folder for messages that are never saved */
    IMessage *message;   /* with recipients, attachment 0 with data, attachment 1 with a message */
    IAttach *attach;
    IAttach *holder;
    SPropValue *message_id;
    SPropValue *folder_id;
    SPropValue *search_id;
    SPropValue *associated_id;
    IMsgStore *spooler; /* while a class of the spooler's is measured: its logon ends then */
    struct host_sink sink;
    size_t limit;
    size_t room; /* bytes for the objects of one class */
};

/* --- opening one of each class -----------------------------------------------------------------
 */

static void *open_entry(struct world *world, const SPropValue *id)
{
    IMsgStore *store = world->fx->store;
    LPUNKNOWN object = NULL;
    ULONG type = 0;

    assert_ok(store->lpVtbl->OpenEntry(store, id->Value.bin.cb,
            (LPENTRYID)(void *)id->Value.bin.lpb, NULL, 0, &type, &object));
    return object;
}

static void *open_folder(struct world *world)
{
    return open_entry(world, world->folder_id);
}

static void *open_search(struct world *world)
{
    return open_entry(world, world->search_id);
}

static void *open_message(struct world *world)
{
    return open_entry(world, world->message_id);
}

static void *open_associated(struct world *world)
{
    return open_entry(world, world->associated_id);
}

static void *open_unsaved(struct world *world)
{
    IMessage *message = NULL;

    assert_ok(world->drafts->lpVtbl->CreateMessage(world->drafts, NULL, 0, &message));
    prop_set_text(message, PR_SUBJECT_W, "never saved");
    return message;
}

static void *open_attach(struct world *world)
{
    LPATTACH attach = NULL;

    assert_ok(world->message->lpVtbl->OpenAttach(world->message, 0, NULL, 0, &attach));
    return attach;
}

static void *open_embedded(struct world *world)
{
    LPUNKNOWN object = NULL;

    assert_ok(world->holder->lpVtbl->OpenProperty(
            world->holder, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0, &object));
    return object;
}

static void *open_stream(struct world *world)
{
    LPUNKNOWN object = NULL;

    assert_ok(world->message->lpVtbl->OpenProperty(
            world->message, PROP_DATA, &IID_IStream, 0, 0, &object));
    return object;
}

/* Of a stream that goes at once. */
static void *open_clone(struct world *world)
{
    IStream *stream = open_stream(world);
    IStream *clone = NULL;

    assert_ok(stream->lpVtbl->Clone(stream, &clone));
    release_last(stream);
    return clone;
}

static void *open_attach_stream(struct world *world)
{
    LPUNKNOWN object = NULL;

    assert_ok(world->attach->lpVtbl->OpenProperty(
            world->attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0, 0, &object));
    return object;
}

static void *open_contents(struct world *world)
{
    LPMAPITABLE table = NULL;

    assert_ok(world->fx->inbox->lpVtbl->GetContentsTable(world->fx->inbox, 0, &table));
    return table;
}

static void *open_associated_contents(struct world *world)
{
    IMAPIFolder *inbox = world->fx->inbox;
    LPMAPITABLE table = NULL;

    assert_ok(inbox->lpVtbl->GetContentsTable(inbox, MAPI_ASSOCIATED, &table));
    return table;
}

/* Of a search that has run. */
static void *open_results(struct world *world)
{
    LPMAPITABLE table = NULL;

    assert_ok(world->search->lpVtbl->GetContentsTable(world->search, 0, &table));
    return table;
}

static void *open_receive(struct world *world)
{
    IMsgStore *store = world->fx->store;
    LPMAPITABLE table = NULL;

    assert_ok(store->lpVtbl->GetReceiveFolderTable(store, 0, &table));
    return table;
}

static void *open_outgoing(struct world *world)
{
    LPMAPITABLE table = NULL;

    assert_ok(world->spooler->lpVtbl->GetOutgoingQueue(world->spooler, 0, &table));
    return table;
}

static void *open_hierarchy(struct world *world)
{
    LPMAPITABLE table = NULL;

    assert_ok(world->fx->inbox->lpVtbl->GetHierarchyTable(world->fx->inbox, 0, &table));
    return table;
}

static void *open_attachments(struct world *world)
{
    LPMAPITABLE table = NULL;

    assert_ok(world->message->lpVtbl->GetAttachmentTable(world->message, 0, &table));
    return table;
}

static void *open_recipients(struct world *world)
{
    LPMAPITABLE table = NULL;

    assert_ok(world->message->lpVtbl->GetRecipientTable(world->message, 0, &table));
    return table;
}

static void *open_status(struct world *world)
{
    LPVOID status = NULL;
    ULONG type = 0;

    assert_ok(world->logon->lpVtbl->OpenStatusEntry(world->logon, NULL, 0, &type, &status));
    return status;
}

static void *open_advise(struct world *world)
{
    IMsgStore *store = world->fx->store;
    ULONG_PTR connection = 0;

    assert_ok(store->lpVtbl->Advise(
            store, 0, NULL, fnevObjectDeleted, &world->sink.IMAPIAdviseSink_iface, &connection));
    return NULL; /* nothing to release: Logoff gives the sink back */
}

static const struct class
{
    const char *name;
    void *(*open)(struct world *world);
    bool is_single;   /* every opening gives the same object */
    bool is_spoolers; /* it is the spooler's logon that ends */
} classes[] = {
    { "folder", open_folder, false, false },
    { "search folder", open_search, false, false },
    { "message", open_message, false, false },
    { "associated message", open_associated, false, false },
    { "unsaved message", open_unsaved, false, false },
    { "attachment", open_attach, false, false },
    { "embedded message", open_embedded, false, false },
    { "stream of a message", open_stream, false, false },
    { "cloned stream", open_clone, false, false },
    { "stream of an attachment", open_attach_stream, false, false },
    { "contents table", open_contents, false, false },
    { "associated contents", open_associated_contents, false, false },
    { "search results", open_results, false, false },
    { "hierarchy table", open_hierarchy, false, false },
    { "attachment table", open_attachments, false, false },
    { "recipient table", open_recipients, false, false },
    { "receive folders", open_receive, false, false },
    { "outgoing queue", open_outgoing, false, true },
    { "status", open_status, true, false },
    { "advise connection", open_advise, false, false },
};

/* --- a store to open them in -------------------------------------------------------------------
 */

static void add_recipient(IMessage *message)
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

static void add_attachments(IMessage *message)
{
    LPATTACH attach = NULL;
    LPUNKNOWN object = NULL;
    IMessage *inner;
    ULONG number = 0;

    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
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

/* A saved message with everything in it; its entry id. */
static SPropValue *make_message(IMAPIFolder *inbox, ULONG flags)
{
    IMessage *message = NULL;
    SPropValue *id;

    assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, flags, &message));
    prop_set_text(message, PR_SUBJECT_W, "held");
    prop_set_binary(message, PROP_DATA, "some bytes", 10);
    add_recipient(message);
    add_attachments(message);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    return id;
}

/* Over the inbox; it has run when this returns. */
static SPropValue *make_search(struct world *world)
{
    static char name[] = "found";
    SRestriction exists = { .rt = RES_EXIST };
    SPropValue *inbox = prop_get(world->fx->inbox, PR_ENTRYID);
    ENTRYLIST scope = { 1, &inbox->Value.bin };
    IMAPIFolder *parent = folder_by_prop(world->fx->store, world->fx->store, PR_FINDER_ENTRYID);
    IMAPIFolder *search = NULL;
    SPropValue *id;

    exists.res.resExist.ulPropTag = PR_SUBJECT_W;
    assert_ok(parent->lpVtbl->CreateFolder(
            parent, FOLDER_SEARCH, (LPTSTR)(void *)name, NULL, NULL, 0, &search));
    assert_ok(search->lpVtbl->SetSearchCriteria(search, &exists, &scope, 0));
    id = prop_get(search, PR_ENTRYID);
    release_last(search);
    release_last(parent);
    mapi_free(inbox);
    return id;
}

static void world_fill(struct world *world)
{
    IMAPIFolder *inbox = world->fx->inbox;
    IMessage *sent = NULL;

    world->message_id = make_message(inbox, 0);
    world->associated_id = make_message(inbox, MAPI_ASSOCIATED);
    world->drafts = folder_make(inbox, "drafts");
    world->folder_id = prop_get(world->drafts, PR_ENTRYID);
    release_last(world->drafts);
    world->search_id = make_search(world);
    assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &sent));
    add_recipient(sent);
    assert_ok(sent->lpVtbl->SubmitMessage(sent, 0));
    release_last(sent);
}

static void world_open(struct world *world)
{
    world->logon = world->fx->support->logon;
    world->message = message_open(world->fx->store, world->message_id);
    world->drafts = folder_open(world->fx->store, world->folder_id);
    world->search = folder_open(world->fx->store, world->search_id);
    assert_ok(world->message->lpVtbl->OpenAttach(world->message, 0, NULL, 0, &world->attach));
    assert_ok(world->message->lpVtbl->OpenAttach(world->message, 1, NULL, 0, &world->holder));
}

/* After Logoff: what world_open() has opened, and the session; then a new one. */
static void world_again(struct world *world)
{
    struct fixture *fx = world->fx;

    release_last(world->attach);
    release_last(world->holder);
    release_last(world->message);
    release_last(world->drafts);
    release_last(world->search);
    release_last(fx->inbox);
    release_last(fx->store);
    host_session_logoff(&fx->session);
    fx->support = NULL;
    fixture_logon(fx);
    fixture_open_inbox(fx);
    world_open(world);
}

/* --- measuring ---------------------------------------------------------------------------------
 */

/* Bytes that are allocated; 0: not known on this system. */
static size_t allocated(void)
{
#if defined(__GLIBC__)
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
#else
    return 0;
#endif
}

/* Processor time: other programs on the machine do not count. */
static double cpu_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

struct result {
    size_t count;
    size_t bytes;  /* of one object; 0: not known */
    double logoff; /* seconds by the clock, all */
    double cpu;    /* the same of the processor */
    double release;
};

/* The logon that ends: the client's, or the spooler's, which begins here. */
static struct host_support *support_of(struct world *world, bool is_spooler)
{
    struct host_logon params = { .flags = MDB_WRITE | MDB_NO_DIALOG, .spooler = true };
    struct host_support *support = NULL;

    if (!is_spooler)
        return world->fx->support;
    assert_ok(host_session_logon(&world->fx->session, &params, &world->spooler, &support));
    return support;
}

static void run_once(struct world *world, const struct class *class, struct result *result)
{
    struct host_support *support = support_of(world, class->is_spoolers);
    void **held = calloc(result->count, sizeof(*held));
    size_t before;
    ULONG flags = 0;
    double start;
    IMSLogon *logon;

    assert_non_null(held);
    before = allocated();
    for (size_t i = 0; i < result->count; i++)
        held[i] = class->open(world);
    result->bytes = (allocated() - before) / result->count;
    logon = host_support_unbind(support);
    start = bench_seconds();
    result->cpu = cpu_seconds();
    assert_ok(logon->lpVtbl->Logoff(logon, &flags));
    result->cpu = cpu_seconds() - result->cpu;
    result->logoff = bench_seconds() - start;
    logon->lpVtbl->Release(logon);
    start = cpu_seconds();
    for (size_t i = 0; i < result->count; i++) {
        IUnknown *object = held[i];

        if (object != NULL)
            object->lpVtbl->Release(object);
    }
    result->release = cpu_seconds() - start;
    free(held);
    if (class->is_spoolers)
        release_last(world->spooler);
    world_again(world);
}

static struct result measure(struct world *world, const struct class *class, size_t count)
{
    struct result best = { .cpu = 1e9 };
    size_t rounds = count > FEW ? 1 : ROUNDS;

    for (size_t i = 0; i < rounds; i++) {
        struct result result = { .count = count };

        run_once(world, class, &result);
        if (result.cpu < best.cpu)
            best = result;
    }
    return best;
}

static void print_result(const struct class *class, const struct result *result, double base)
{
    double n = (double)result->count;

    printf("%-24s %9zu %11.3f %9.0f %9.0f %9zu\n", class->name, result->count, result->logoff * 1e3,
            (result->cpu - base) / n * 1e9, result->release / n * 1e9, result->bytes);
    fflush(stdout);
}

/* `base`: processor seconds of a Logoff with nothing of the class open. */
static void run_class(struct world *world, const struct class *class, double base)
{
    struct result result = { .count = 1, .bytes = 0 };

    if (class->is_single) {
        result = measure(world, class, 1);
        print_result(class, &result, base);
        printf("%-24s           there is one for each logon\n", "");
        return;
    }
    for (size_t count = 10; count <= world->limit; count *= 10) {
        if (count > FEW && result.bytes != 0 && count > world->room / result.bytes) {
            printf("%-24s %9zu needs more than %zu MB\n", class->name, count, world->room >> 20);
            return;
        }
        result = measure(world, class, count);
        print_result(class, &result, base);
    }
}

static double run_base(struct world *world, bool is_spooler)
{
    double least = 1e9;

    for (int i = 0; i < 9; i++) {
        IMSLogon *logon = host_support_unbind(support_of(world, is_spooler));
        ULONG flags = 0;
        double start = cpu_seconds();

        assert_ok(logon->lpVtbl->Logoff(logon, &flags));
        start = cpu_seconds() - start;
        if (start < least)
            least = start;
        logon->lpVtbl->Release(logon);
        if (is_spooler)
            release_last(world->spooler);
        world_again(world);
    }
    return least;
}

/* --- the frame of a method ---------------------------------------------------------------------
 */

static HRESULT STDMETHODCALLTYPE nothing_Seek(
        IStream *iface, LARGE_INTEGER move, DWORD origin, ULARGE_INTEGER *out)
{
    (void)iface;
    (void)move;
    (void)origin;
    if (out != NULL)
        out->QuadPart = 0;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE nothing_count(IStream *iface)
{
    (void)iface;
    return 1;
}

/* A provider that does nothing: what the call through a vtable costs. */
static const IStreamVtbl nothing_vtbl = {
    .AddRef = nothing_count,
    .Release = nothing_count,
    .Seek = nothing_Seek,
};

static double seek_ns(IStream *stream, unsigned calls)
{
    LARGE_INTEGER none = { .QuadPart = 0 };
    ULARGE_INTEGER at;
    double best = 1e9;

    for (int round = 0; round < 5; round++) {
        double start = cpu_seconds();

        for (unsigned i = 0; i < calls; i++)
            (void)stream->lpVtbl->Seek(stream, none, STREAM_SEEK_CUR, &at);
        start = (cpu_seconds() - start) / calls * 1e9;
        if (start < best)
            best = start;
    }
    return best;
}

static double count_ns(IStream *stream, unsigned calls)
{
    double best = 1e9;

    for (int round = 0; round < 5; round++) {
        double start = cpu_seconds();

        for (unsigned i = 0; i < calls; i++) {
            stream->lpVtbl->AddRef(stream);
            stream->lpVtbl->Release(stream);
        }
        start = (cpu_seconds() - start) / calls * 1e9;
        if (start < best)
            best = start;
    }
    return best;
}

static void print_frame(const char *what, double ns, double nothing)
{
    printf("%-44s %9.1f %9.1f\n", what, ns, ns - nothing);
}

/* IStream::Seek by nothing: a method that has as little to do as any. */
static void run_frame(struct world *world)
{
    enum { CALLS = 1000000 };

    IStream nothing = { .lpVtbl = (IStreamVtbl *)(uintptr_t)&nothing_vtbl };
    IStream *volatile blind = &nothing; /* the compiler is not to look through it */
    IStream *stream = open_stream(world);
    double base = seek_ns(blind, CALLS);
    double base_count = count_ns(blind, CALLS);
    IMSLogon *logon;
    ULONG flags = 0;

    printf("\n%-44s %9s %9s\n", "a method that has nothing to do", "ns", "over none");
    print_frame("a provider that does nothing", base, base);
    print_frame("msp_call_begin(), Seek, msp_call_end()", seek_ns(stream, CALLS), base);
    print_frame("AddRef and Release", count_ns(stream, CALLS), base_count);
    logon = host_support_unbind(world->fx->support);
    assert_ok(logon->lpVtbl->Logoff(logon, &flags));
    print_frame("Seek of a dead object", seek_ns(stream, CALLS), base);
    print_frame("AddRef and Release of a dead object", count_ns(stream, CALLS), base_count);
    logon->lpVtbl->Release(logon);
    stream->lpVtbl->Release(stream);
    world_again(world);
}

int main(int argc, char **argv)
{
    struct world world = { .limit = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000,
        .room = (argc > 2 ? strtoul(argv[2], NULL, 10) : 2400) << 20 };
    const char *only = argc > 3 ? argv[3] : NULL;
    void *state = NULL;
    double base[2]; /* the client's, the spooler's */

    fixture_inbox_setup(&state);
    world.fx = state;
    host_sink_init(&world.sink);
    world_fill(&world);
    world_open(&world);
    base[0] = run_base(&world, false);
    base[1] = run_base(&world, true);
    printf("Logoff with nothing of these open: %.3f ms, of the spooler %.3f ms; taken off from ns "
           "each\n\n",
            base[0] * 1e3, base[1] * 1e3);
    printf("%-24s %9s %11s %9s %9s %9s\n", "class", "open", "logoff ms", "ns each", "Release",
            "bytes");
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (only == NULL || strcmp(only, classes[i].name) == 0)
            run_class(&world, &classes[i], base[classes[i].is_spoolers]);
    }
    run_frame(&world);
    release_last(world.attach);
    release_last(world.holder);
    release_last(world.message);
    release_last(world.drafts);
    release_last(world.search);
    mapi_free(world.message_id);
    mapi_free(world.folder_id);
    mapi_free(world.search_id);
    mapi_free(world.associated_id);
    fixture_teardown(&state);
    host_sink_done(&world.sink);
    return 0;
}
