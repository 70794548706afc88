/* SPDX-License-Identifier: MIT */
/*
 * send.c - mail on its way out and in: submits a message, sends what waits, takes in mail files.
 */
#include <stdlib.h>
#include <string.h>

#include "../host_spooler.h"
#include "cmd.h"
#include "mailfile.h"

/* The spooler's own logon to the client's store. */
static int spooler_open(struct client *client, IMsgStore **out)
{
    struct host_logon params = { .flags = MDB_NO_DIALOG | MDB_WRITE, .spooler = true };
    HRESULT hr = host_session_logon(&client->session, &params, out, NULL);

    if (FAILED(hr))
        return complain("The spooler cannot log on: %s", client->session.error);
    return 0;
}

static int submit(struct client *client, const char *hex)
{
    unsigned char bytes[512];
    LPUNKNOWN object = NULL;
    LPMESSAGE message;
    size_t size = 0;
    ULONG type = 0;
    SBinary id;
    int status = 0;
    HRESULT hr;

    if (!host_hex_read(hex, strlen(hex), bytes, sizeof(bytes), &size))
        return complain("An entry id is an even number of hex digits, at most 1024.") + 1;
    id.cb = (ULONG)size;
    id.lpb = bytes;
    hr = client->store->lpVtbl->OpenEntry(
            client->store, id.cb, id_of(&id), &IID_IMessage, MAPI_MODIFY, &type, &object);
    if (FAILED(hr))
        return complain_hr(client->store, hr, "The message cannot be opened");
    message = (LPMESSAGE)(void *)object;
    hr = message->lpVtbl->SubmitMessage(message, 0);
    if (FAILED(hr))
        status = complain_hr(message, hr, "The message cannot be submitted");
    message->lpVtbl->Release(message);
    return status;
}

/* One line per message that waits: submit flags, recipients, subject. */
static int list_queue(IMsgStore *spooler)
{
    static SizedSPropTagArray(3, tags) = { 3, { PR_SUBMIT_FLAGS, PR_DISPLAY_TO_W, PR_SUBJECT_W } };
    IMAPITable *table = NULL;
    LPSRowSet rows = NULL;
    HRESULT hr;

    hr = spooler->lpVtbl->GetOutgoingQueue(spooler, 0, &table);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->SetColumns(table, (LPSPropTagArray)&tags, 0);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->QueryRows(table, 100000, 0, &rows);
    for (ULONG i = 0; SUCCEEDED(hr) && i < rows->cRows; i++) {
        for (ULONG j = 0; j < 3; j++) {
            host_prop_print(&rows->aRow[i].lpProps[j], stdout);
            fputs(j < 2 ? "  " : "\n", stdout);
        }
    }
    give_back_rows(rows);
    if (table)
        table->lpVtbl->Release(table);
    return FAILED(hr) ? complain_hr(spooler, hr, "The outgoing queue cannot be read") : 0;
}

static int send_queue(IMsgStore *spooler)
{
    struct host_loopback loop = { host_mem_trio(0), spooler, 0 };
    struct host_transport transport = { host_loopback_send, &loop };
    unsigned sent = 0;
    HRESULT hr;

    hr = host_spooler_run(host_mem_trio(0), spooler, &transport, &sent);
    printf("sent %u, delivered %u\n", sent, loop.delivered);
    return FAILED(hr) ? complain_hr(spooler, hr, "The queue is not sent") : 0;
}

int verb_send(const struct cmd *cmd)
{
    struct client client;
    IMsgStore *spooler = NULL;
    int status = client_open(&client, cmd, true);

    if (status == 0 && cmd->arg_count > 0)
        status = submit(&client, cmd->args[0]);
    if (status == 0)
        status = spooler_open(&client, &spooler);
    if (status == 0)
        status = cmd->list ? list_queue(spooler) : send_queue(spooler);
    if (spooler)
        spooler->lpVtbl->Release(spooler);
    return client_close(&client, status);
}

/* ---- deliver ---- */

/* 0: it has come in; 1: refused, said why. */
static int deliver_mail(IMsgStore *spooler, IMAPIFolder *inbox, const struct mail *mail)
{
    LPMESSAGE message = NULL;
    char what[300];
    int status = 0;
    HRESULT hr;

    hr = inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &message);
    if (FAILED(hr))
        return complain_hr(inbox, hr, "A message cannot be created");
    hr = mail_write(message, mail);
    if (SUCCEEDED(hr))
        hr = host_deliver(host_mem_trio(0), spooler, message);
    if (FAILED(hr)) {
        snprintf(what, sizeof(what), "The mail %s is not delivered", mail->name);
        status = complain_hr(message, hr, what);
    }
    message->lpVtbl->Release(message);
    return status;
}

static int deliver_file(const struct cmd *cmd, IMsgStore *spooler, IMAPIFolder *inbox,
        const char *path, unsigned long *done)
{
    char why[300];
    struct mailfile *file = mailfile_open(path, why, sizeof(why));
    unsigned long seen = 0, total;
    struct mail mail;
    int more, status = 0;

    if (!file)
        return complain("%s", why);
    total = mailfile_count(file);
    while (status == 0 && (more = mailfile_next(file, &mail, why, sizeof(why))) != 0) {
        if (more < 0) {
            status = complain("%s", why);
            break;
        }
        status = deliver_mail(spooler, inbox, &mail);
        *done += status == 0;
        mail_free(&mail);
        progress(cmd, "delivering", ++seen, total);
    }
    mailfile_close(file);
    return status;
}

int verb_deliver(const struct cmd *cmd)
{
    struct client client;
    IMsgStore *spooler = NULL;
    IMAPIFolder *inbox = NULL;
    unsigned long done = 0;
    int status = client_open(&client, cmd, true);
    HRESULT hr;

    if (status == 0)
        status = spooler_open(&client, &spooler);
    if (status == 0) {
        hr = host_receive_folder(host_mem_trio(0), spooler, &inbox);
        if (FAILED(hr))
            status = complain_hr(spooler, hr, "The receive folder cannot be opened");
    }
    for (int i = 0; status == 0 && i < cmd->arg_count; i++)
        status = deliver_file(cmd, spooler, inbox, cmd->args[i], &done);
    if (inbox) {
        printf("delivered %lu\n", done);
        inbox->lpVtbl->Release(inbox);
    }
    if (spooler)
        spooler->lpVtbl->Release(spooler);
    return client_close(&client, status);
}
