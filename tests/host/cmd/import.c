/* SPDX-License-Identifier: MIT */
/*
 * import.c - mailhost import: writes mails through the interfaces, in the order a client does it.
 *
 * Values larger than SMALL go through OpenProperty(IStream), the rest in one SetProps.
 */
#include <stdlib.h>
#include <string.h>

#include "index.h"

#define SMALL 16384 /* bytes; what Outlook sends as a property rather than a stream */
#define PART 65536

struct import {
    struct client client;
    IMAPIFolder *folder;
    FILE *journal;
    char *lines; /* journal lines held back until bulk mode ends */
    size_t lines_size, lines_room;
    unsigned long done, refused, had; /* had: left out by --resume */
};

/* ---- Values ---- */

static HRESULT write_stream(IMAPIProp *object, const SPropValue *value)
{
    LPUNKNOWN opened = NULL;
    const unsigned char *bytes;
    IStream *stream;
    size_t size, at = 0;
    HRESULT hr;

    bytes = host_prop_bytes(value, &size);
    hr = object->lpVtbl->OpenProperty(object, value->ulPropTag, &IID_IStream, STGM_READWRITE,
            MAPI_CREATE | MAPI_MODIFY, &opened);
    if (FAILED(hr))
        return hr;
    stream = (IStream *)(void *)opened;
    while (SUCCEEDED(hr) && at < size) {
        ULONG part = size - at < PART ? (ULONG)(size - at) : PART, written = 0;

        hr = stream->lpVtbl->Write(stream, bytes + at, part, &written);
        if (SUCCEEDED(hr) && written != part)
            hr = MAPI_E_NOT_ENOUGH_DISK;
        at += written;
    }
    if (SUCCEEDED(hr))
        hr = stream->lpVtbl->Commit(stream, 0);
    stream->lpVtbl->Release(stream);
    return hr;
}

static bool is_large(const SPropValue *value)
{
    size_t size;

    host_prop_bytes(value, &size);
    return size > SMALL;
}

static HRESULT write_props(IMAPIProp *object, const struct mail_props *props)
{
    SPropValue *small = calloc(props->count + 1, sizeof(*small));
    LPSPropProblemArray problems = NULL;
    ULONG i, n = 0;
    HRESULT hr = S_OK;

    if (!small)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (i = 0; i < props->count; i++) {
        if (!is_large(&props->values[i]))
            small[n++] = props->values[i];
    }
    if (n > 0)
        hr = object->lpVtbl->SetProps(object, n, small, &problems);
    for (i = 0; problems && i < problems->cProblem; i++) {
        complain("Property 0x%08lx was not taken: %s",
                (unsigned long)problems->aProblem[i].ulPropTag,
                host_hr_sentence(problems->aProblem[i].scode));
        hr = problems->aProblem[i].scode;
    }
    give_back(problems);
    free(small);
    for (i = 0; SUCCEEDED(hr) && i < props->count; i++) {
        if (is_large(&props->values[i]))
            hr = write_stream(object, &props->values[i]);
    }
    return hr;
}

/* ---- Messages ---- */

static void free_recipients(LPADRLIST list)
{
    ULONG i;

    for (i = 0; i < list->cEntries; i++)
        give_back(list->aEntries[i].rgPropVals);
    give_back(list);
}

static HRESULT write_recipients(IMessage *message, const struct mail_message *mail)
{
    const struct host_mem_trio *trio = host_mem_trio(0);
    LPVOID block = NULL;
    LPADRLIST list;
    HRESULT hr;
    ULONG i;

    if (mail->recipient_count == 0)
        return S_OK;
    hr = trio->allocate((ULONG)CbNewADRLIST(mail->recipient_count), &block);
    if (FAILED(hr))
        return hr;
    list = block;
    list->cEntries = 0;
    for (i = 0; SUCCEEDED(hr) && i < mail->recipient_count; i++) {
        ADRENTRY *entry = &list->aEntries[i];

        entry->ulReserved1 = 0;
        entry->cValues = mail->recipients[i].count;
        hr = host_props_copy(
                trio, mail->recipients[i].count, mail->recipients[i].values, &entry->rgPropVals);
        if (SUCCEEDED(hr))
            list->cEntries++;
    }
    if (SUCCEEDED(hr))
        hr = message->lpVtbl->ModifyRecipients(message, MODRECIP_ADD, list);
    free_recipients(list);
    return hr;
}

static HRESULT write_message(IMessage *message, const struct mail_message *mail);

static HRESULT write_nested(IAttach *attach, const struct mail_message *mail)
{
    LPUNKNOWN opened = NULL;
    IMessage *message;
    HRESULT hr;

    hr = attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, MAPI_CREATE | MAPI_MODIFY, &opened);
    if (FAILED(hr))
        return hr;
    message = (IMessage *)(void *)opened;
    hr = write_message(message, mail);
    if (SUCCEEDED(hr))
        hr = message->lpVtbl->SaveChanges(message, 0);
    message->lpVtbl->Release(message);
    return hr;
}

static HRESULT write_attachment(IMessage *message, const struct mail_attachment *mail)
{
    IAttach *attach = NULL;
    ULONG number = 0;
    HRESULT hr;

    hr = message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach);
    if (FAILED(hr))
        return hr;
    hr = write_props((IMAPIProp *)attach, &mail->props);
    if (SUCCEEDED(hr) && mail->nested)
        hr = write_nested(attach, mail->nested);
    if (SUCCEEDED(hr))
        hr = attach->lpVtbl->SaveChanges(attach, 0);
    attach->lpVtbl->Release(attach);
    return hr;
}

/* Everything but SaveChanges. */
static HRESULT write_message(IMessage *message, const struct mail_message *mail)
{
    HRESULT hr = write_props((IMAPIProp *)message, &mail->props);
    ULONG i;

    if (SUCCEEDED(hr))
        hr = write_recipients(message, mail);
    for (i = 0; SUCCEEDED(hr) && i < mail->attachment_count; i++)
        hr = write_attachment(message, &mail->attachments[i]);
    return hr;
}

/* ---- Journal ---- */

static bool flush_lines(struct import *import)
{
    bool ok = true;

    if (import->journal && import->lines_size > 0) {
        ok = fwrite(import->lines, 1, import->lines_size, import->journal) == import->lines_size &&
             fflush(import->journal) == 0;
    }
    import->lines_size = 0;
    return ok;
}

/* Adds the line of an acknowledged message; it goes out at once unless in bulk mode. */
static int acknowledge(struct import *import, IMessage *message, const struct mail *mail)
{
    static SizedSPropTagArray(1, tags) = { 1, { PR_ENTRYID } };
    size_t need = strlen(mail->name) + 700;
    SPropValue *values = NULL;
    char id[513], digest[65], *line;
    ULONG count = 0;
    HRESULT hr;

    if (!import->journal)
        return 0;
    hr = message->lpVtbl->GetProps(message, (LPSPropTagArray)&tags, 0, &count, &values);
    if (hr != S_OK || values->Value.bin.cb > 256) {
        give_back(values);
        return complain("A saved message has no entry id.");
    }
    host_hex_write(values->Value.bin.lpb, values->Value.bin.cb, id);
    give_back(values);
    host_hex_write(mail->digest, 32, digest);
    if (import->lines_room - import->lines_size < need) {
        size_t room = 2 * import->lines_room + need;

        line = realloc(import->lines, room);
        if (!line)
            return complain("Out of memory.");
        import->lines = line;
        import->lines_room = room;
    }
    import->lines_size += (size_t)snprintf(
            import->lines + import->lines_size, need, "%s %s %s\n", id, digest, mail->name);
    if (!import->client.cmd->batch && !flush_lines(import))
        return complain("The journal cannot be written.");
    return 0;
}

/* ---- The run ---- */

HRESULT mail_write(IMessage *message, const struct mail *mail)
{
    return write_message(message, &mail->message);
}

static HRESULT set_bulk(struct import *import, bool on)
{
    SPropValue value = { .ulPropTag = PROP_TAG(PT_BOOLEAN, 0x6601) };
    IMsgStore *store = import->client.store;

    value.Value.b = on;
    return store->lpVtbl->SetProps(store, 1, &value, NULL);
}

static HRESULT add_digest(IMessage *message, const struct mail *mail)
{
    SPropValue value = { .ulPropTag = PR_SOURCE_DIGEST };

    union {
        const unsigned char *given;
        BYTE *taken;
    } digest = { .given = mail->digest };

    value.Value.bin.cb = 32;
    value.Value.bin.lpb = digest.taken;
    return message->lpVtbl->SetProps(message, 1, &value, NULL);
}

/* 0: stored; 1: refused, said why; -1: nothing more can be stored. */
static int import_mail(struct import *import, const struct mail *mail)
{
    IMessage *message = NULL;
    int status = 0;
    char what[300];
    HRESULT hr;

    hr = import->folder->lpVtbl->CreateMessage(import->folder, NULL, 0, &message);
    if (FAILED(hr)) {
        complain_hr(import->folder, hr, "A message cannot be created");
        return -1;
    }
    hr = mail_write(message, mail);
    if (SUCCEEDED(hr))
        hr = add_digest(message, mail);
    if (SUCCEEDED(hr))
        hr = message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY);
    if (FAILED(hr)) {
        snprintf(what, sizeof(what), "The mail %s is not stored", mail->name);
        complain_hr(message, hr, what);
        status = hr == MAPI_E_NOT_ENOUGH_DISK || hr == MAPI_E_DISK_ERROR ||
                                 hr == MAPI_E_INVALID_OBJECT
                         ? -1
                         : 1;
    } else if (acknowledge(import, message, mail) != 0) {
        status = -1;
    } else {
        import->done++;
    }
    message->lpVtbl->Release(message);
    return status;
}

static int import_file(struct import *import, const char *path, const struct mail_index *have)
{
    const struct cmd *cmd = import->client.cmd;
    char why[300];
    struct mailfile *file = mailfile_open(path, why, sizeof(why));
    unsigned long seen = 0, total;
    struct mail mail;
    int more, status = 0;

    if (!file)
        return complain("%s", why);
    total = mailfile_count(file);
    while ((more = mailfile_next(file, &mail, why, sizeof(why))) == 1) {
        status = 0;
        if (!mail_index_find(have, &mail, NULL))
            status = import_mail(import, &mail);
        else
            import->had++;
        mail_free(&mail);
        progress(cmd, "importing", ++seen, total);
        if (status > 0)
            import->refused++;
        if (status < 0)
            break;
        if (cmd->kill_after > 0 && import->done >= cmd->kill_after)
            host_die(137);
    }
    mailfile_close(file);
    if (more < 0)
        return complain("%s", why);
    return status < 0 ? 1 : 0;
}

static int run(struct import *import, unsigned long *out_total)
{
    const struct cmd *cmd = import->client.cmd;
    struct mail_index have = { 0 };
    int status = 0, i;
    HRESULT hr;

    *out_total = 0;
    if (cmd->resume && mail_index_fill(&have, &import->client, import->folder) != 0)
        return 1;
    if (cmd->batch && FAILED(set_bulk(import, true)))
        complain("The store has no bulk mode.");
    for (i = 0; status == 0 && i < cmd->arg_count; i++) {
        char why[300];
        struct mailfile *file = mailfile_open(cmd->args[i], why, sizeof(why));

        if (file)
            *out_total += mailfile_count(file);
        mailfile_close(file);
        status = import_file(import, cmd->args[i], &have);
    }
    if (cmd->batch) {
        hr = set_bulk(import, false);
        if (FAILED(hr))
            status = complain_hr(import->client.store, hr, "Bulk mode did not end");
        else if (!flush_lines(import))
            status = complain("The journal cannot be written.");
    }
    *out_total -= import->had;
    mail_index_free(&have);
    return status;
}

int verb_import(const struct cmd *cmd)
{
    struct import import = { .done = 0 };
    unsigned long total = 0;
    int status;

    if (verb_reimport(cmd, &status))
        return status;
    status = client_open(&import.client, cmd, true);

    if (status == 0) {
        import.folder = client_folder(&import.client, cmd->folder, true);
        status = import.folder ? 0 : 1;
    }
    if (status == 0 && cmd->journal) {
        import.journal = host_fopen(cmd->journal, "ab");
        if (!import.journal)
            status = complain("The journal %s cannot be written.", cmd->journal);
    }
    if (status == 0) {
        status = run(&import, &total);
        printf("imported %lu of %lu\n", import.done, total);
        if (import.done != total || import.refused > 0)
            status = 1;
    }
    if (import.journal)
        fclose(import.journal);
    if (import.folder)
        import.folder->lpVtbl->Release(import.folder);
    free(import.lines);
    return client_close(&import.client, status);
}
