/* SPDX-License-Identifier: MIT */
/*
 * endings.c - mailhost endings: logs on, opens one object of each class, and ends along each path.
 *
 * After an end every held object must answer MAPI_E_INVALID_OBJECT and give its memory back with
 * its last Release, which comes after the library has been unloaded by the host.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

/* One object of each class, as a client may hold them. */
struct held {
    IMAPIFolder *root, *folder;
    IMAPITable *hierarchy, *contents, *recipients, *attachments;
    IMessage *message; /* with changes that were never saved */
    IAttach *attach;
    IStream *stream;
    IMAPIStatus *status;
    struct host_sink sink;
    ULONG_PTR connection;
};

struct round {
    struct client client;
    struct held held;
    unsigned wrong;
};

static void need(struct round *round, HRESULT hr, const char *what)
{
    if (SUCCEEDED(hr))
        return;
    complain("%s: %s (%s)", what, host_hr_sentence(hr), host_hr_name(hr));
    round->wrong++;
}

static void open_message_parts(struct round *round)
{
    struct held *held = &round->held;
    static WCHAR subject[] = MSP_W("Never saved");
    SPropValue value = { .ulPropTag = PR_SUBJECT_W };
    LPUNKNOWN stream = NULL;
    ULONG number = 0;

    value.Value.lpszW = subject;
    need(round, held->message->lpVtbl->SetProps(held->message, 1, &value, NULL), "SetProps");
    need(round, held->message->lpVtbl->GetRecipientTable(held->message, 0, &held->recipients),
            "GetRecipientTable");
    need(round, held->message->lpVtbl->GetAttachmentTable(held->message, 0, &held->attachments),
            "GetAttachmentTable");
    need(round, held->message->lpVtbl->CreateAttach(held->message, NULL, 0, &number, &held->attach),
            "CreateAttach");
    if (!held->attach)
        return;
    need(round,
            held->attach->lpVtbl->OpenProperty(held->attach, PR_ATTACH_DATA_BIN, &IID_IStream,
                    STGM_READWRITE, MAPI_CREATE | MAPI_MODIFY, &stream),
            "OpenProperty");
    held->stream = (IStream *)(void *)stream;
    if (held->stream)
        need(round, held->stream->lpVtbl->Write(held->stream, "bytes", 5, NULL), "Write");
}

static void open_objects(struct round *round)
{
    struct client *client = &round->client;
    struct held *held = &round->held;

    host_sink_init(&held->sink);
    need(round,
            client->store->lpVtbl->Advise(client->store, 0, NULL,
                    fnevObjectCreated | fnevObjectModified, &held->sink.IMAPIAdviseSink_iface,
                    &held->connection),
            "Advise");
    held->root = open_folder(client, NULL, MAPI_MODIFY);
    held->folder = client_folder(client, NULL, true);
    need(round, host_session_open_status(&client->session, client->support, 0, &held->status),
            "OpenStatusEntry");
    if (!held->root || !held->folder) {
        round->wrong++;
        return;
    }
    need(round, held->root->lpVtbl->GetHierarchyTable(held->root, 0, &held->hierarchy),
            "GetHierarchyTable");
    need(round, held->folder->lpVtbl->GetContentsTable(held->folder, 0, &held->contents),
            "GetContentsTable");
    need(round, held->folder->lpVtbl->CreateMessage(held->folder, NULL, 0, &held->message),
            "CreateMessage");
    if (held->message)
        open_message_parts(round);
}

/* ---- After the end ---- */

static void must_be_dead(struct round *round, HRESULT hr, const char *what)
{
    if (hr == MAPI_E_INVALID_OBJECT || hr == STG_E_REVERTED)
        return;
    complain("%s on a dead object returned %s.", what, host_hr_name(hr));
    round->wrong++;
}

static void dead_table(struct round *round, IMAPITable *table, const char *what)
{
    LPSRowSet rows = NULL;

    if (!table)
        return;
    must_be_dead(round, table->lpVtbl->QueryRows(table, 1, 0, &rows), what);
    if (rows) {
        complain("%s: rows of a dead table", what);
        round->wrong++;
    }
}

static void dead_prop(struct round *round, void *object, const char *what)
{
    IMAPIProp *prop = object;
    SPropValue *values = NULL;
    ULONG count = 0;

    if (prop)
        must_be_dead(round, prop->lpVtbl->GetProps(prop, NULL, 0, &count, &values), what);
}

static void call_everything(struct round *round)
{
    struct held *held = &round->held;
    char bytes[8];

    dead_prop(round, round->client.store, "IMsgStore::GetProps");
    dead_prop(round, held->root, "IMAPIFolder::GetProps");
    dead_prop(round, held->folder, "IMAPIFolder::GetProps");
    dead_prop(round, held->message, "IMessage::GetProps");
    dead_prop(round, held->attach, "IAttach::GetProps");
    dead_prop(round, held->status, "IMAPIStatus::GetProps");
    dead_table(round, held->hierarchy, "IMAPITable::QueryRows (hierarchy)");
    dead_table(round, held->contents, "IMAPITable::QueryRows (contents)");
    dead_table(round, held->recipients, "IMAPITable::QueryRows (recipients)");
    dead_table(round, held->attachments, "IMAPITable::QueryRows (attachments)");
    if (held->stream)
        must_be_dead(round, held->stream->lpVtbl->Read(held->stream, bytes, sizeof(bytes), NULL),
                "IStream::Read");
}

static void drop(struct round *round, void *object, const char *what)
{
    LPUNKNOWN unknown = object;
    ULONG left = unknown ? unknown->lpVtbl->Release(unknown) : 0;

    if (left == 0)
        return;
    complain("%s has %lu references after the last Release.", what, (unsigned long)left);
    round->wrong++;
}

static void drop_everything(struct round *round)
{
    struct held *held = &round->held;

    /* parents first: the opposite of what is polite */
    drop(round, round->client.store, "The store");
    drop(round, held->root, "The root folder");
    drop(round, held->folder, "The folder");
    drop(round, held->message, "The message");
    drop(round, held->status, "The status object");
    drop(round, held->hierarchy, "The hierarchy table");
    drop(round, held->contents, "The contents table");
    drop(round, held->attach, "The attachment");
    drop(round, held->recipients, "The recipient table");
    drop(round, held->attachments, "The attachment table");
    drop(round, held->stream, "The stream");
    round->client.store = NULL;
    if (held->sink.refs != 1) {
        complain("The sink has %ld references left.", (long)held->sink.refs - 1);
        round->wrong++;
    }
    host_sink_done(&held->sink);
}

static void end_store(struct round *round, bool logoff)
{
    IMsgStore *store = round->client.store;
    ULONG flags = LOGOFF_ORDERLY;

    if (logoff)
        need(round, store->lpVtbl->StoreLogoff(store, &flags), "StoreLogoff");
    drop(round, store, "The store");
    round->client.store = NULL;
}

/* What the log of the support object must say at the end (shutting-down-a-message-store-provider).
 */
static void check_log(struct round *round, enum ending ending)
{
    struct host_support *support = round->client.support;
    size_t transports = host_support_calls(support, HOST_StoreLogoffTransports);
    struct host_call call;

    if (!support->dead) {
        complain("The support object is still referenced.");
        round->wrong++;
    }
    if (transports > 1 || (ending != END_SESSION && transports != 1)) {
        complain("StoreLogoffTransports was called %lu times.", (unsigned long)transports);
        round->wrong++;
    }
    if (ending != END_SESSION && host_support_call(support, HOST_StoreLogoffTransports, 0, &call) &&
            call.flags != (ending == END_STORE_LOGOFF ? LOGOFF_ORDERLY : LOGOFF_ABORT)) {
        complain("StoreLogoffTransports was called with 0x%lx.", (unsigned long)call.flags);
        round->wrong++;
    }
}

static void store_file_is_free(struct round *round)
{
    struct host_section *section =
            host_profile_find(round->client.profile, HOST_SECTION_PROVIDER, NULL);
    char *path = section ? host_bag_text(&section->props, HOST_PR_STORE_PATH) : NULL;

    if (!path || !host_file_is_free(path)) {
        complain("The store file is still in use after the end.");
        round->wrong++;
    }
    free(path);
}

static int play(const struct cmd *cmd, enum ending ending)
{
    struct round round = { .wrong = 0 };
    unsigned breaches;

    if (client_open(&round.client, cmd, true) != 0) {
        host_session_done(&round.client.session);
        host_profile_free(round.client.profile);
        return 1;
    }
    open_objects(&round);
    if (ending == END_FAST) {
        need(&round, host_session_fast_shutdown(&round.client.session), "fast shutdown");
        printf("ending %s: %s\n", ending_names[ending], round.wrong ? "wrong" : "ok");
        fflush(stdout);
        trace_show(&round.client);
        host_die(round.wrong > 0);
    }
    if (ending != END_SESSION)
        end_store(&round, ending == END_STORE_LOGOFF);
    else
        host_session_logoff(&round.client.session);
    check_log(&round, ending);
    call_everything(&round);
    store_file_is_free(&round);
    host_session_logoff(&round.client.session);
    call_everything(&round);
    drop_everything(&round);
    trace_show(&round.client);
    breaches = host_session_done(&round.client.session);
    host_profile_free(round.client.profile);
    host_mem_check();
    if (host_mem_live(0) > 0)
        round.wrong += (unsigned)host_mem_report(0, stderr);
    round.wrong += breaches + (unsigned)host_mem_faults();
    host_mem_faults_clear();
    printf("ending %s: %s\n", ending_names[ending], round.wrong ? "wrong" : "ok");
    return round.wrong > 0;
}

int verb_endings(const struct cmd *cmd)
{
    static const enum ending paths[] = { END_STORE_RELEASE, END_STORE_LOGOFF, END_SESSION };

    unsigned long round;
    int status = 0;
    size_t i;

    for (round = 0; status == 0 && round < cmd->rounds; round++) {
        for (i = 0; status == 0 && i < sizeof(paths) / sizeof(paths[0]); i++)
            status = play(cmd, paths[i]);
    }
    return status != 0 ? status : play(cmd, END_FAST); /* the process ends in it */
}
