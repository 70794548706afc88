/* SPDX-License-Identifier: MIT */
/*
 * watch_folder.c - mailhost watch: the rows of a folder as they change.
 *
 * Keeps the rows as a client does, only from what the table tells; prints one line per change.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

/* clang-format off */
static SizedSPropTagArray(4, columns) = { 4, { PR_INSTANCE_KEY, PR_SENDER_NAME_W, PR_SUBJECT_W,
    PR_MESSAGE_FLAGS } };

/* clang-format on */

/* What a row was when it was told last: a deleted one is told by its key alone. */
struct known {
    unsigned char key[32];
    size_t key_size;
    char *text;
    struct known *next;
};

struct watching {
    struct host_sink sink;
    struct host_lock lock;
    struct known *rows; /* under the lock */
    atomic_ulong told;
};

static char *row_text(const SRow *row)
{
    const SPropValue *sender = &row->lpProps[1];
    const SPropValue *subject = &row->lpProps[2];
    bool has_sender = PROP_TYPE(sender->ulPropTag) == PT_UNICODE;
    bool has_subject = PROP_TYPE(subject->ulPropTag) == PT_UNICODE;
    char *from =
            has_sender ? host_text_to_utf8((const uint16_t *)sender->Value.lpszW, SIZE_MAX) : NULL;
    char *what = has_subject ? host_text_to_utf8((const uint16_t *)subject->Value.lpszW, SIZE_MAX)
                             : NULL;
    size_t size = (from ? strlen(from) : 1) + (what ? strlen(what) : 1) + 16;
    char *text = malloc(size);
    const SPropValue *flags = &row->lpProps[3];
    bool read = flags->ulPropTag == PR_MESSAGE_FLAGS && (flags->Value.l & MSGFLAG_READ) != 0;

    if (text)
        snprintf(text, size, "%s  %s%s", from ? from : "-", what ? what : "-",
                read ? "" : "  (unread)");
    free(from);
    free(what);
    return text;
}

static struct known **find(struct watching *watching, const SPropValue *key)
{
    struct known **link = &watching->rows;

    while (*link && ((*link)->key_size != key->Value.bin.cb ||
                            memcmp((*link)->key, key->Value.bin.lpb, (*link)->key_size) != 0))
        link = &(*link)->next;
    return link;
}

static const char *known_text(struct watching *watching, const SPropValue *key)
{
    struct known *known;

    if (key->ulPropTag != PR_INSTANCE_KEY)
        return NULL;
    known = *find(watching, key);
    return known && known->text ? known->text : "?";
}

static void remember(struct watching *watching, const SPropValue *key, const SRow *row)
{
    struct known **link = find(watching, key);

    if (!*link) {
        *link = calloc(1, sizeof(**link));
        if (!*link)
            return;
        (*link)->key_size =
                key->Value.bin.cb < sizeof((*link)->key) ? key->Value.bin.cb : sizeof((*link)->key);
        memcpy((*link)->key, key->Value.bin.lpb, (*link)->key_size);
    }
    free((*link)->text);
    (*link)->text = row_text(row);
}

static void forget(struct known **link)
{
    struct known *known = *link;

    if (!known)
        return;
    *link = known->next;
    free(known->text);
    free(known);
}

static void print_row(struct watching *watching, char mark, const TABLE_NOTIFICATION *tab)
{
    const char *prior;

    remember(watching, &tab->propIndex, &tab->row);
    printf("%c %s", mark, known_text(watching, &tab->propIndex));
    prior = known_text(watching, &tab->propPrior);
    if (prior)
        printf("  [after: %s]\n", prior);
    else
        puts("  [first]");
}

static ULONG on_event(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    struct watching *watching = context;
    const TABLE_NOTIFICATION *tab = &event->info.tab;

    (void)sink;
    host_lock_enter(&watching->lock);
    switch (tab->ulTableEvent) {
    case TABLE_ROW_ADDED:
        print_row(watching, '+', tab);
        break;
    case TABLE_ROW_MODIFIED:
        print_row(watching, '*', tab);
        break;
    case TABLE_ROW_DELETED:
        printf("- %s\n", known_text(watching, &tab->propIndex));
        forget(find(watching, &tab->propIndex));
        break;
    case TABLE_CHANGED:
        puts("! many rows have changed");
        break;
    default:
        printf("! event %lu\n", (unsigned long)tab->ulTableEvent);
        break;
    }
    fflush(stdout);
    host_lock_leave(&watching->lock);
    atomic_fetch_add(&watching->told, 1);
    return 0;
}

/* The rows there are. */
static HRESULT read_rows(struct watching *watching, IMAPITable *table)
{
    for (;;) {
        LPSRowSet rows = NULL;
        HRESULT hr = table->lpVtbl->QueryRows(table, 100, 0, &rows);
        ULONG count, i;

        if (FAILED(hr))
            return hr;
        count = rows->cRows;
        host_lock_enter(&watching->lock);
        for (i = 0; i < count; i++)
            remember(watching, &rows->aRow[i].lpProps[0], &rows->aRow[i]);
        host_lock_leave(&watching->lock);
        give_back_rows(rows);
        if (count == 0)
            return S_OK;
    }
}

static int watch_table(const struct cmd *cmd, IMAPITable *table)
{
    struct watching watching = { .rows = NULL };
    ULONG_PTR connection = 0;
    HRESULT hr;

    host_sink_init(&watching.sink);
    watching.sink.on_event = on_event;
    watching.sink.context = &watching;
    hr = table->lpVtbl->SetColumns(table, (LPSPropTagArray)&columns, 0);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->Advise(
                table, fnevTableModified, &watching.sink.IMAPIAdviseSink_iface, &connection);
    if (SUCCEEDED(hr))
        hr = read_rows(&watching, table);
    if (SUCCEEDED(hr) && !cmd->quiet)
        fputs("watching\n", stderr);
    while (SUCCEEDED(hr) && (cmd->rows == 0 || atomic_load(&watching.told) < cmd->rows))
        host_sleep_ms(20);
    if (connection != 0)
        table->lpVtbl->Unadvise(table, connection);
    while (watching.rows)
        forget(&watching.rows);
    host_sink_done(&watching.sink);
    return FAILED(hr) ? complain_hr(table, hr, "The folder cannot be watched") : 0;
}

static int watch(const struct cmd *cmd, struct client *client)
{
    IMAPIFolder *folder = client_folder(client, cmd->arg_count > 0 ? cmd->args[0] : NULL, false);
    IMAPITable *table = NULL;
    int status;
    HRESULT hr;

    if (!folder)
        return 1;
    hr = folder->lpVtbl->GetContentsTable(folder, MAPI_UNICODE, &table);
    if (FAILED(hr)) {
        status = complain_hr(folder, hr, "The folder cannot be listed");
    } else {
        status = watch_table(cmd, table);
        table->lpVtbl->Release(table);
    }
    folder->lpVtbl->Release(folder);
    return status;
}

int verb_watch(const struct cmd *cmd)
{
    struct client client;
    int status = client_open(&client, cmd, false);

    if (status == 0)
        status = watch(cmd, &client);
    return client_close(&client, status);
}
