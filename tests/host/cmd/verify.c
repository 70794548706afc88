/* SPDX-License-Identifier: MIT */
/*
 * verify.c - mailhost verify: reads everything back and compares it with the mail files.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "index.h"

#define DIFFERENCES_SHOWN 20

struct verify {
    struct client client;
    struct mail_index stored, acknowledged;
    unsigned long found, verified, lost, shown;
    const char *name; /* of the mail being compared */
};

static bool differs(struct verify *verify, const char *format, ...) MSP_PRINTF(2, 3);

/* Says what differs, up to DIFFERENCES_SHOWN times. Always false. */
static bool differs(struct verify *verify, const char *format, ...)
{
    char text[200];
    va_list args;

    if (verify->shown++ < DIFFERENCES_SHOWN) {
        va_start(args, format);
        vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        complain("%s: %s", verify->name, text);
    }
    return false;
}

/* What the store may change in a value: it owns most bits of PR_MESSAGE_FLAGS. */
static bool same_flags(const SPropValue *wanted, const unsigned char *bytes, size_t size)
{
    LONG flags;

    if (size != sizeof(flags))
        return false;
    memcpy(&flags, bytes, sizeof(flags));
    return ((flags ^ wanted->Value.l) & (MSGFLAG_READ | MSGFLAG_UNSENT)) == 0;
}

static bool same_value(struct verify *verify, IMAPIProp *object, const SPropValue *wanted)
{
    const void *bytes;
    unsigned char *got = NULL;
    size_t size, got_size;
    HRESULT hr;
    bool same;

    hr = read_value(object, wanted->ulPropTag, &got, &got_size);
    if (FAILED(hr))
        return differs(verify, "property 0x%08lx cannot be read: %s",
                (unsigned long)wanted->ulPropTag, host_hr_name(hr));
    bytes = host_prop_bytes(wanted, &size);
    if (wanted->ulPropTag == PR_MESSAGE_FLAGS)
        same = same_flags(wanted, got, got_size);
    else
        same = size == got_size && (size == 0 || memcmp(bytes, got, size) == 0);
    free(got);
    return same || differs(verify, "property 0x%08lx differs (%lu bytes wanted)",
                           (unsigned long)wanted->ulPropTag, (unsigned long)size);
}

static bool same_props(struct verify *verify, IMAPIProp *object, const struct mail_props *wanted)
{
    bool same = true;
    ULONG i;

    for (i = 0; i < wanted->count; i++)
        same = same_value(verify, object, &wanted->values[i]) && same;
    return same;
}

/* ---- Recipients ---- */

static bool same_row(struct verify *verify, const SRow *row, const struct mail_props *wanted,
        unsigned long number)
{
    ULONG i, j;

    for (i = 0; i < wanted->count; i++) {
        const SPropValue *value = NULL;

        for (j = 0; j < row->cValues && !value; j++) {
            if (row->lpProps[j].ulPropTag == wanted->values[i].ulPropTag)
                value = &row->lpProps[j];
        }
        if (!value || !host_prop_same(value, &wanted->values[i]))
            return differs(verify, "recipient %lu: property 0x%08lx differs", number,
                    (unsigned long)wanted->values[i].ulPropTag);
    }
    return true;
}

static bool same_recipients(
        struct verify *verify, IMessage *message, const struct mail_message *mail)
{
    static SizedSPropTagArray(
            6, columns) = { 6, { PR_RECIPIENT_TYPE, PR_DISPLAY_NAME_W, PR_ADDRTYPE_W,
                                       PR_EMAIL_ADDRESS_W, PR_ENTRYID, PR_SEARCH_KEY } };
    IMAPITable *table = NULL;
    ULONG at = 0, i;
    bool same = true, end = false;
    HRESULT hr;

    hr = message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table);
    if (FAILED(hr))
        return differs(verify, "the recipients cannot be listed: %s", host_hr_name(hr));
    hr = table->lpVtbl->SetColumns(table, (LPSPropTagArray)&columns, 0);
    while (SUCCEEDED(hr) && !end) {
        LPSRowSet rows = NULL;

        hr = table->lpVtbl->QueryRows(table, 1000, 0, &rows);
        if (FAILED(hr))
            break;
        end = rows->cRows == 0;
        for (i = 0; i < rows->cRows; i++, at++) {
            if (at < mail->recipient_count)
                same = same_row(verify, &rows->aRow[i], &mail->recipients[at], at) && same;
        }
        give_back_rows(rows);
    }
    table->lpVtbl->Release(table);
    if (FAILED(hr))
        return differs(verify, "the recipients cannot be read: %s", host_hr_name(hr));
    if (at != mail->recipient_count)
        return differs(verify, "%lu recipients are stored, not %lu", (unsigned long)at,
                (unsigned long)mail->recipient_count);
    return same;
}

/* ---- Attachments and messages ---- */

static bool same_message(struct verify *verify, IMessage *message, const struct mail_message *mail);

static bool same_nested(struct verify *verify, IAttach *attach, const struct mail_message *mail)
{
    LPUNKNOWN opened = NULL;
    IMessage *message;
    HRESULT hr;
    bool same;

    hr = attach->lpVtbl->OpenProperty(attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0, &opened);
    if (FAILED(hr))
        return differs(verify, "a message in an attachment cannot be opened: %s", host_hr_name(hr));
    message = (IMessage *)(void *)opened;
    same = same_message(verify, message, mail);
    message->lpVtbl->Release(message);
    return same;
}

static bool same_attachment(
        struct verify *verify, IMessage *message, ULONG number, const struct mail_attachment *mail)
{
    IAttach *attach = NULL;
    HRESULT hr;
    bool same;

    hr = message->lpVtbl->OpenAttach(message, number, NULL, 0, &attach);
    if (FAILED(hr))
        return differs(verify, "attachment %lu cannot be opened: %s", (unsigned long)number,
                host_hr_name(hr));
    same = same_props(verify, (IMAPIProp *)attach, &mail->props);
    if (mail->nested)
        same = same_nested(verify, attach, mail->nested) && same;
    attach->lpVtbl->Release(attach);
    return same;
}

/* The numbers of the attachments in table order; the caller gives the rows back. */
static HRESULT attachment_rows(IMessage *message, LPSRowSet *out)
{
    static SizedSPropTagArray(1, columns) = { 1, { PR_ATTACH_NUM } };
    static SizedSSortOrderSet(1, order) = { 1, 0, 0, { { PR_ATTACH_NUM, TABLE_SORT_ASCEND } } };
    IMAPITable *table = NULL;
    HRESULT hr;

    hr = message->lpVtbl->GetAttachmentTable(message, MAPI_UNICODE, &table);
    if (FAILED(hr))
        return hr;
    hr = table->lpVtbl->SetColumns(table, (LPSPropTagArray)&columns, 0);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->SortTable(table, (LPSSortOrderSet)&order, 0);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->QueryRows(table, 100000, 0, out);
    table->lpVtbl->Release(table);
    return hr;
}

static bool same_message(struct verify *verify, IMessage *message, const struct mail_message *mail)
{
    LPSRowSet rows = NULL;
    bool same = same_props(verify, (IMAPIProp *)message, &mail->props);
    HRESULT hr;
    ULONG i;

    same = same_recipients(verify, message, mail) && same;
    hr = attachment_rows(message, &rows);
    if (FAILED(hr))
        return differs(verify, "the attachments cannot be listed: %s", host_hr_name(hr));
    if (rows->cRows != mail->attachment_count)
        same = differs(verify, "%lu attachments are stored, not %lu", (unsigned long)rows->cRows,
                (unsigned long)mail->attachment_count);
    for (i = 0; i < rows->cRows && i < mail->attachment_count; i++)
        same = same_attachment(verify, message, (ULONG)rows->aRow[i].lpProps[0].Value.l,
                       &mail->attachments[i]) &&
               same;
    give_back_rows(rows);
    return same;
}

/* ---- The run ---- */

static void verify_mail(struct verify *verify, const struct mail *mail)
{
    bool must = true, same = false;
    struct indexed *item, *promised = NULL;
    IMessage *message;
    HRESULT hr;

    verify->name = mail->name;
    if (verify->client.cmd->journal) {
        must = mail_index_find(&verify->acknowledged, mail, &promised);
        if (must)
            promised->taken = true;
    }
    if (!mail_index_find(&verify->stored, mail, &item)) {
        if (must) {
            verify->lost++;
            differs(verify, "is not in the store");
        }
        return;
    }
    item->taken = true;
    verify->found++;
    message = open_message(&verify->client, promised ? &promised->entry_id : &item->entry_id, &hr);
    if (message) {
        same = same_message(verify, message, &mail->message);
        message->lpVtbl->Release(message);
    } else {
        differs(verify, "cannot be opened: %s", host_hr_name(hr));
    }
    if (same)
        verify->verified++;
    else
        verify->lost++;
}

static int verify_file(struct verify *verify, const char *path)
{
    char why[300];
    struct mailfile *file = mailfile_open(path, why, sizeof(why));
    unsigned long seen = 0;
    struct mail mail;
    int more;

    if (!file)
        return complain("%s", why);
    while ((more = mailfile_next(file, &mail, why, sizeof(why))) == 1) {
        verify_mail(verify, &mail);
        mail_free(&mail);
        progress(verify->client.cmd, "verifying", ++seen, mailfile_count(file));
    }
    mailfile_close(file);
    return more < 0 ? complain("%s", why) : 0;
}

int verb_verify(const struct cmd *cmd)
{
    struct verify verify = { .name = "" };
    IMAPIFolder *folder = NULL;
    int status = client_open(&verify.client, cmd, false), i;

    if (status == 0) {
        folder = client_folder(&verify.client, cmd->folder, false);
        status = folder ? 0 : 1;
    }
    if (status == 0)
        status = mail_index_fill(&verify.stored, &verify.client, folder);
    if (folder)
        folder->lpVtbl->Release(folder);
    if (status == 0 && cmd->journal)
        status = mail_index_journal(&verify.acknowledged, cmd->journal);
    for (i = 0; status == 0 && i < cmd->arg_count; i++)
        status = verify_file(&verify, cmd->args[i]);
    if (status == 0) {
        printf("verify: %lu stored, %lu verified, %lu lost\n", verify.stored.rows, verify.verified,
                verify.lost);
        status = verify.lost > 0;
    }
    mail_index_free(&verify.stored);
    mail_index_free(&verify.acknowledged);
    return client_close(&verify.client, status);
}
