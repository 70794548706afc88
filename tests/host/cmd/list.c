/* SPDX-License-Identifier: MIT */
/*
 * list.c - mailhost ls, show, find: what a client shows of a store.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

/* clang-format off */
static SizedSPropTagArray(6, columns) = { 6, { PR_ENTRYID, PR_MESSAGE_DELIVERY_TIME, PR_SENDER_NAME_W,
    PR_SUBJECT_W, PR_MESSAGE_SIZE, PR_HASATTACH } };

static const struct sort_key {
    const char *name;
    ULONG tag;
} sort_keys[] = {
    { "date",    PR_MESSAGE_DELIVERY_TIME },
    { "subject", PR_SUBJECT_W },
    { "from",    PR_SENDER_NAME_W },
    { "size",    PR_MESSAGE_SIZE },
};

/* clang-format on */

static void print_value(const SPropValue *value)
{
    if (PROP_TYPE(value->ulPropTag) == PT_ERROR)
        fputs("-", stdout);
    else
        host_prop_print(value, stdout);
}

static void print_row(const SPropValue *row)
{
    ULONG i;

    print_value(&row[1]);
    fputs("  ", stdout);
    print_value(&row[2]);
    fputs("  ", stdout);
    print_value(&row[3]);
    fputs("  ", stdout);
    print_value(&row[4]);
    if (row[5].ulPropTag == PR_HASATTACH && row[5].Value.b)
        fputs(" +", stdout);
    fputs("  ", stdout);
    for (i = 0; row[0].ulPropTag == PR_ENTRYID && i < row[0].Value.bin.cb; i++)
        printf("%02x", row[0].Value.bin.lpb[i]);
    fputc('\n', stdout);
}

static int print_folder(
        struct client *client, IMAPIFolder *folder, const char *path, unsigned depth, void *context)
{
    static SizedSPropTagArray(
            3, tags) = { 3, { PR_CONTENT_COUNT, PR_CONTENT_UNREAD, PR_CONTAINER_CLASS_W } };
    const char *last = strrchr(path, '/');
    SPropValue *values = NULL;
    ULONG count = 0;
    HRESULT hr;

    (void)client;
    (void)context;
    hr = folder->lpVtbl->GetProps(folder, (LPSPropTagArray)&tags, MAPI_UNICODE, &count, &values);
    if (FAILED(hr))
        return complain_hr(folder, hr, "A folder cannot be read");
    printf("%*s%s  ", (int)(2 * depth), "", depth == 0 ? "(root)" : last ? last + 1 : path);
    print_value(&values[0]);
    fputs(" messages, ", stdout);
    print_value(&values[1]);
    fputs(" unread  ", stdout);
    print_value(&values[2]);
    fputc('\n', stdout);
    give_back(values);
    return 0;
}

static HRESULT sort_table(const struct cmd *cmd, IMAPITable *table)
{
    SizedSSortOrderSet(1, order) = { 1, 0, 0, { { 0, TABLE_SORT_ASCEND } } };
    size_t i;

    for (i = 0; i < sizeof(sort_keys) / sizeof(sort_keys[0]); i++) {
        if (strcmp(cmd->sort ? cmd->sort : "date", sort_keys[i].name) == 0)
            order.aSort[0].ulPropTag = sort_keys[i].tag;
    }
    if (order.aSort[0].ulPropTag == 0)
        return MAPI_E_INVALID_PARAMETER;
    if (cmd->desc || !cmd->sort)
        order.aSort[0].ulOrder = TABLE_SORT_DESCEND;
    return table->lpVtbl->SortTable(table, (LPSSortOrderSet)&order, 0);
}

static HRESULT print_rows(IMAPITable *table, unsigned long wanted)
{
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && wanted > 0) {
        LPSRowSet rows = NULL;
        ULONG i, n;

        hr = table->lpVtbl->QueryRows(table, wanted < 500 ? (LONG)wanted : 500, 0, &rows);
        if (FAILED(hr))
            break;
        n = rows->cRows;
        for (i = 0; i < n; i++)
            print_row(rows->aRow[i].lpProps);
        give_back_rows(rows);
        if (n == 0)
            break;
        wanted -= n < wanted ? n : wanted;
    }
    return hr;
}

/* The contents table of a folder with our columns; NULL after a complaint. */
static IMAPITable *contents(IMAPIFolder *folder)
{
    IMAPITable *table = NULL;
    HRESULT hr = folder->lpVtbl->GetContentsTable(folder, MAPI_UNICODE, &table);

    if (SUCCEEDED(hr)) {
        hr = table->lpVtbl->SetColumns(table, (LPSPropTagArray)&columns, 0);
        if (SUCCEEDED(hr))
            return table;
        table->lpVtbl->Release(table);
    }
    complain_hr(folder, hr, "The folder cannot be listed");
    return NULL;
}

static int list_messages(struct client *client, const char *name)
{
    const struct cmd *cmd = client->cmd;
    IMAPIFolder *folder = client_folder(client, name, false);
    IMAPITable *table = folder ? contents(folder) : NULL;
    ULONG count = 0;
    LONG moved = 0;
    HRESULT hr = MAPI_E_NOT_FOUND;

    if (table) {
        hr = sort_table(cmd, table);
        if (SUCCEEDED(hr))
            hr = table->lpVtbl->GetRowCount(table, 0, &count);
        if (SUCCEEDED(hr))
            hr = table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, (LONG)cmd->from, &moved);
        if (SUCCEEDED(hr))
            hr = print_rows(table, cmd->rows);
        if (SUCCEEDED(hr))
            printf("%lu messages\n", (unsigned long)count);
        else
            complain_hr(table, hr, "The folder cannot be listed");
        table->lpVtbl->Release(table);
    }
    if (folder)
        folder->lpVtbl->Release(folder);
    return SUCCEEDED(hr) ? 0 : 1;
}

int verb_ls(const struct cmd *cmd)
{
    struct client client;
    int status = client_open(&client, cmd, false);

    if (status == 0 && cmd->arg_count == 0)
        status = walk_folders(&client, print_folder, NULL);
    else if (status == 0)
        status = list_messages(&client, cmd->args[0]);
    return client_close(&client, status);
}

/* ---- One message ---- */

static void print_props(IMAPIProp *object, unsigned indent)
{
    SPropValue *values = NULL;
    ULONG count = 0, i;
    HRESULT hr = object->lpVtbl->GetProps(object, NULL, MAPI_UNICODE, &count, &values);

    if (FAILED(hr)) {
        complain_hr(object, hr, "The properties cannot be read");
        return;
    }
    for (i = 0; i < count; i++) {
        printf("%*s%08lx  ", (int)indent, "", (unsigned long)values[i].ulPropTag);
        print_value(&values[i]);
        fputc('\n', stdout);
    }
    give_back(values);
}

static void print_recipients(IMessage *message)
{
    static SizedSPropTagArray(
            3, tags) = { 3, { PR_RECIPIENT_TYPE, PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W } };
    IMAPITable *table = NULL;
    LPSRowSet rows = NULL;
    ULONG i;

    if (FAILED(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table)))
        return;
    if (SUCCEEDED(table->lpVtbl->SetColumns(table, (LPSPropTagArray)&tags, 0)) &&
            SUCCEEDED(table->lpVtbl->QueryRows(table, 100, 0, &rows))) {
        for (i = 0; i < rows->cRows; i++) {
            const SPropValue *row = rows->aRow[i].lpProps;

            printf("recipient %lu: ", (unsigned long)i);
            print_value(&row[1]);
            fputs(" <", stdout);
            print_value(&row[2]);
            printf("> type %ld\n", (long)row[0].Value.l);
        }
        give_back_rows(rows);
    }
    table->lpVtbl->Release(table);
}

static void print_attachments(IMessage *message)
{
    static SizedSPropTagArray(1, tags) = { 1, { PR_ATTACH_NUM } };
    IMAPITable *table = NULL;
    LPSRowSet rows = NULL;
    ULONG i;

    if (FAILED(message->lpVtbl->GetAttachmentTable(message, MAPI_UNICODE, &table)))
        return;
    if (SUCCEEDED(table->lpVtbl->SetColumns(table, (LPSPropTagArray)&tags, 0)) &&
            SUCCEEDED(table->lpVtbl->QueryRows(table, 1000, 0, &rows))) {
        for (i = 0; i < rows->cRows; i++) {
            IAttach *attach = NULL;

            printf("attachment %ld:\n", (long)rows->aRow[i].lpProps[0].Value.l);
            if (FAILED(message->lpVtbl->OpenAttach(
                        message, (ULONG)rows->aRow[i].lpProps[0].Value.l, NULL, 0, &attach)))
                continue;
            print_props((IMAPIProp *)attach, 2);
            attach->lpVtbl->Release(attach);
        }
        give_back_rows(rows);
    }
    table->lpVtbl->Release(table);
}

int verb_show(const struct cmd *cmd)
{
    struct client client;
    unsigned char bytes[512];
    IMessage *message;
    size_t size = 0;
    SBinary id;
    HRESULT hr;
    int status;

    if (!host_hex_read(cmd->args[0], strlen(cmd->args[0]), bytes, sizeof(bytes), &size))
        return complain("An entry id is an even number of hex digits, at most 1024.") + 1;
    status = client_open(&client, cmd, false);
    if (status == 0) {
        id.cb = (ULONG)size;
        id.lpb = bytes;
        message = open_message(&client, &id, &hr);
        if (message) {
            print_props((IMAPIProp *)message, 0);
            print_recipients(message);
            print_attachments(message);
            message->lpVtbl->Release(message);
        } else {
            status = complain_hr(client.store, hr, "The message cannot be opened");
        }
    }
    return client_close(&client, status);
}

/* ---- Searching ---- */

/* Rows that FindRow meets from the first to the last. */
static HRESULT count_found(IMAPITable *table, LPSRestriction restriction, unsigned long *out)
{
    HRESULT hr = table->lpVtbl->FindRow(table, restriction, BOOKMARK_BEGINNING, 0);
    LONG moved;

    *out = 0;
    while (hr == S_OK) {
        ++*out;
        hr = table->lpVtbl->SeekRow(table, BOOKMARK_CURRENT, 1, &moved);
        if (SUCCEEDED(hr))
            hr = table->lpVtbl->FindRow(table, restriction, BOOKMARK_CURRENT, 0);
    }
    return hr == MAPI_E_NOT_FOUND ? S_OK : hr;
}

static HRESULT find_rows(const struct cmd *cmd, IMAPITable *table, uint16_t *words,
        unsigned long *out_found, ULONG *out_restricted)
{
    SPropValue value = { .ulPropTag = PR_SUBJECT_W };
    SRestriction restriction = { .rt = RES_CONTENT };
    HRESULT hr;

    value.Value.lpszW = (LPWSTR)words;
    restriction.res.resContent.ulFuzzyLevel = FL_SUBSTRING | FL_IGNORECASE;
    restriction.res.resContent.ulPropTag = PR_SUBJECT_W;
    restriction.res.resContent.lpProp = &value;
    hr = count_found(table, &restriction, out_found);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->Restrict(table, &restriction, 0);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->GetRowCount(table, 0, out_restricted);
    if (SUCCEEDED(hr))
        hr = print_rows(table, cmd->rows);
    return hr;
}

/* The arguments as one text; the caller frees. */
static uint16_t *join_words(const struct cmd *cmd)
{
    size_t size = 1;
    uint16_t *wide;
    char *text;
    int i;

    for (i = 0; i < cmd->arg_count; i++)
        size += strlen(cmd->args[i]) + 1;
    text = calloc(1, size);
    if (!text)
        return NULL;
    for (i = 0; i < cmd->arg_count; i++)
        snprintf(text + strlen(text), size - strlen(text), "%s%s", i > 0 ? " " : "", cmd->args[i]);
    wide = host_text_to_utf16(text);
    free(text);
    return wide;
}

int verb_find(const struct cmd *cmd)
{
    struct client client;
    uint16_t *words = join_words(cmd);
    IMAPIFolder *folder = NULL;
    IMAPITable *table = NULL;
    unsigned long found = 0;
    ULONG restricted = 0;
    int status = client_open(&client, cmd, false);
    HRESULT hr;

    if (status == 0)
        folder = client_folder(&client, cmd->folder, false);
    if (folder)
        table = contents(folder);
    if (table && words) {
        hr = find_rows(cmd, table, words, &found, &restricted);
        if (FAILED(hr))
            status = complain_hr(table, hr, "The search failed");
        else if (found != restricted)
            status = complain("A restriction finds %lu messages, FindRow %lu.",
                    (unsigned long)restricted, found);
        else
            printf("%lu found\n", found);
    } else if (status == 0) {
        status = 1;
    }
    if (table)
        table->lpVtbl->Release(table);
    if (folder)
        folder->lpVtbl->Release(folder);
    free(words);
    return client_close(&client, status);
}
