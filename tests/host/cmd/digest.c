/* SPDX-License-Identifier: MIT */
/*
 * digest.c - mailhost digest: one hash over everything a store holds.
 *
 * What no client can carry from one store into another is left out: ids, record keys, the time at
 * which a store says that it made a message, and sizes, in which it tells whether a value was set
 * or is what every message has. What a client can set counts, search keys and the other times too:
 * two imports of the same mail files differ in what the store had to make up. Messages count
 * whatever their order: the digests of a folder's messages are sorted. Named properties count by
 * their names. Of a folder those properties count that export takes along.
 */
#include <stdlib.h>
#include <string.h>

#include "attached.h"
#include "cmd.h"
#include "exported.h"

/* clang-format off */
static const ULONG left_out[] = {
    PR_ENTRYID, PR_PARENT_ENTRYID, PR_STORE_ENTRYID, PR_RECORD_KEY, PR_STORE_RECORD_KEY,
    PR_INSTANCE_KEY, PR_MAPPING_SIGNATURE, PR_ROWID, PR_LONGTERM_ENTRYID_FROM_TABLE, PR_CHANGE_KEY,
    PR_MESSAGE_SIZE, PR_ATTACH_SIZE,
};

/* clang-format on */

struct digests {
    unsigned char (*items)[32];
    size_t count, room;
};

struct digester {
    struct host_sha256 total;
    unsigned long folders, messages, attachments, recipients;
};

enum owner { OF_FOLDER, OF_MESSAGE, OF_ATTACHMENT };

/* The times of an attachment are the client's to set, those of a folder and the first of a message
 * are not. */
static bool is_left_out(ULONG tag, enum owner owner)
{
    size_t i;

    if (owner != OF_ATTACHMENT && PROP_ID(tag) == PROP_ID(PR_CREATION_TIME))
        return true;
    if (owner == OF_FOLDER &&
            (PROP_ID(tag) == PROP_ID(PR_LAST_MODIFICATION_TIME) || !exported_of_folder(tag)))
        return true;
    for (i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++) {
        if (PROP_ID(left_out[i]) == PROP_ID(tag))
            return true;
    }
    return PROP_TYPE(tag) == PT_OBJECT || PROP_TYPE(tag) == PT_NULL;
}

static void add_bytes(void *context, const void *bytes, size_t size)
{
    host_sha256_add(context, bytes, size);
}

/* The name of a named property in place of its id, which every store gives out anew. */
static bool add_name(IMAPIProp *object, ULONG tag, struct host_sha256 *sha)
{
    SizedSPropTagArray(1, tags) = { 1, { tag } };
    LPSPropTagArray array = (LPSPropTagArray)&tags;
    LPMAPINAMEID *names = NULL;
    ULONG count = 0;
    HRESULT hr;

    hr = object->lpVtbl->GetNamesFromIDs(object, &array, NULL, 0, &count, &names);
    if (hr != S_OK || count != 1 || !names[0]) {
        give_back(names);
        return false;
    }
    if (names[0]->lpguid)
        host_sha256_add(sha, names[0]->lpguid, sizeof(GUID));
    if (names[0]->ulKind == MNID_ID)
        host_sha256_add(sha, &names[0]->Kind.lID, sizeof(LONG));
    else
        host_sha256_add(sha, names[0]->Kind.lpwstrName,
                host_text_utf16_length((const uint16_t *)names[0]->Kind.lpwstrName) * 2);
    give_back(names);
    return true;
}

/* One property; large ones are read as streams. */
static HRESULT value_digest(
        IMAPIProp *object, const SPropValue *value, ULONG tag, unsigned char out[32])
{
    struct host_sha256 sha;
    HRESULT hr = S_OK;
    SPropValue plain = *value;

    host_sha256_init(&sha);
    if (PROP_ID(tag) >= 0x8000 && add_name(object, tag, &sha))
        plain.ulPropTag = CHANGE_PROP_TYPE(0x80000000, PROP_TYPE(value->ulPropTag));
    if (PROP_TYPE(value->ulPropTag) == PT_ERROR) {
        unsigned char *bytes = NULL;
        uint64_t length;
        size_t size;

        hr = read_value(object, tag, &bytes, &size);
        if (SUCCEEDED(hr)) {
            uint32_t head = (uint32_t)CHANGE_PROP_TYPE(plain.ulPropTag, PROP_TYPE(tag));

            length = size;
            host_sha256_add(&sha, &head, sizeof(head));
            host_sha256_add(&sha, &length, sizeof(length));
            host_sha256_add(&sha, bytes, size);
        }
        free(bytes);
    } else {
        host_prop_walk(&plain, add_bytes, &sha);
    }
    host_sha256_done(&sha, out);
    return hr;
}

static bool add_digest(struct digests *list, const unsigned char digest[32])
{
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 64;
        void *more = realloc(list->items, room * sizeof(*list->items));

        if (!more)
            return false;
        list->items = more;
        list->room = room;
    }
    memcpy(list->items[list->count++], digest, 32);
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

/* The sorted digests as one, and the list freed. */
static void close_digests(struct digests *list, struct host_sha256 *into)
{
    uint64_t count = list->count;

    if (list->count > 0)
        qsort(list->items, list->count, 32, by_bytes);
    host_sha256_add(into, &count, sizeof(count));
    host_sha256_add(into, list->items, list->count * 32);
    free(list->items);
    memset(list, 0, sizeof(*list));
}

static HRESULT add_props(IMAPIProp *object, enum owner owner, struct host_sha256 *into)
{
    LPSPropTagArray tags = NULL;
    SPropValue *values = NULL;
    struct digests list = { 0 };
    unsigned char digest[32];
    ULONG count = 0, i;
    HRESULT hr;

    hr = object->lpVtbl->GetPropList(object, MAPI_UNICODE, &tags);
    if (FAILED(hr))
        return hr;
    hr = tags->cValues > 0 ? object->lpVtbl->GetProps(object, tags, MAPI_UNICODE, &count, &values)
                           : S_OK;
    for (i = 0; SUCCEEDED(hr) && i < count; i++) {
        if (is_left_out(tags->aulPropTag[i], owner) || is_nameless(object, tags->aulPropTag[i]))
            continue;
        hr = value_digest(object, &values[i], tags->aulPropTag[i], digest);
        if (SUCCEEDED(hr) && !add_digest(&list, digest))
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    close_digests(&list, into);
    give_back(values);
    give_back(tags);
    return hr;
}

static HRESULT message_digest(struct digester *digester, IMessage *message, unsigned char out[32]);

/* One recipient, whatever the order of its columns: that of named ones is the store's. */
static HRESULT add_recipient(IMessage *message, const SRow *row, struct host_sha256 *into)
{
    struct digests list = { 0 };
    unsigned char digest[32];
    HRESULT hr = S_OK;
    ULONG i;

    for (i = 0; SUCCEEDED(hr) && i < row->cValues; i++) {
        const SPropValue *value = &row->lpProps[i];

        if (PROP_TYPE(value->ulPropTag) == PT_ERROR || PROP_TYPE(value->ulPropTag) == PT_OBJECT ||
                PROP_ID(value->ulPropTag) == PROP_ID(PR_ROWID) ||
                PROP_ID(value->ulPropTag) == PROP_ID(PR_INSTANCE_KEY) ||
                is_nameless((IMAPIProp *)message, value->ulPropTag))
            continue;
        hr = value_digest((IMAPIProp *)message, value, value->ulPropTag, digest);
        if (SUCCEEDED(hr) && !add_digest(&list, digest))
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    close_digests(&list, into);
    return hr;
}

/* Every row of a table with every column it has. */
static HRESULT add_recipients(
        struct digester *digester, IMessage *message, struct host_sha256 *into)
{
    IMAPITable *table = NULL;
    LPSPropTagArray all = NULL;
    ULONG i, n = 1;
    HRESULT hr;

    hr = message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table);
    if (FAILED(hr))
        return hr;
    hr = table->lpVtbl->QueryColumns(table, TBL_ALL_COLUMNS, &all);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->SetColumns(table, all, 0);
    while (SUCCEEDED(hr) && n > 0) {
        LPSRowSet rows = NULL;

        hr = table->lpVtbl->QueryRows(table, 1000, 0, &rows);
        if (FAILED(hr))
            break;
        n = rows->cRows;
        for (i = 0; SUCCEEDED(hr) && i < n; i++) {
            hr = add_recipient(message, &rows->aRow[i], into);
            digester->recipients++;
        }
        give_back_rows(rows);
    }
    give_back(all);
    table->lpVtbl->Release(table);
    return hr;
}

static HRESULT add_storage(IStorage *storage, struct host_sha256 *into)
{
    IStream *stream = NULL;
    HRESULT hr = attached_storage_read(storage, &stream);
    const void *bytes;
    size_t size;

    if (FAILED(hr))
        return hr;
    bytes = host_stream_bytes(stream, &size);
    host_sha256_add(into, bytes, size);
    stream->lpVtbl->Release(stream);
    return hr;
}

/* The message or the structured storage in an attachment. */
static HRESULT add_object(struct digester *digester, IAttach *attach, struct host_sha256 *into)
{
    IMessage *message = NULL;
    IStorage *storage = NULL;
    unsigned char digest[32];
    HRESULT hr = attached_open(attach, &message, &storage);

    if (message) {
        hr = message_digest(digester, message, digest);
        if (SUCCEEDED(hr))
            host_sha256_add(into, digest, 32);
        message->lpVtbl->Release(message);
    }
    if (storage) {
        hr = add_storage(storage, into);
        storage->lpVtbl->Release(storage);
    }
    return hr;
}

static HRESULT add_attachment(
        struct digester *digester, IMessage *message, ULONG number, struct host_sha256 *into)
{
    IAttach *attach = NULL;
    HRESULT hr = message->lpVtbl->OpenAttach(message, number, NULL, 0, &attach);

    if (FAILED(hr))
        return hr;
    digester->attachments++;
    hr = add_props((IMAPIProp *)attach, OF_ATTACHMENT, into);
    if (SUCCEEDED(hr))
        hr = add_object(digester, attach, into);
    attach->lpVtbl->Release(attach);
    return hr;
}

static HRESULT add_attachments(
        struct digester *digester, IMessage *message, struct host_sha256 *into)
{
    static SizedSPropTagArray(1, tags) = { 1, { PR_ATTACH_NUM } };
    IMAPITable *table = NULL;
    LPSRowSet rows = NULL;
    HRESULT hr;
    ULONG i;

    hr = message->lpVtbl->GetAttachmentTable(message, MAPI_UNICODE, &table);
    if (FAILED(hr))
        return hr;
    hr = table->lpVtbl->SetColumns(table, (LPSPropTagArray)&tags, 0);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->QueryRows(table, 100000, 0, &rows);
    for (i = 0; SUCCEEDED(hr) && i < rows->cRows; i++)
        hr = add_attachment(digester, message, (ULONG)rows->aRow[i].lpProps[0].Value.l, into);
    give_back_rows(rows);
    table->lpVtbl->Release(table);
    return hr;
}

static HRESULT message_digest(struct digester *digester, IMessage *message, unsigned char out[32])
{
    struct host_sha256 sha;
    HRESULT hr;

    host_sha256_init(&sha);
    hr = add_props((IMAPIProp *)message, OF_MESSAGE, &sha);
    if (SUCCEEDED(hr))
        hr = add_recipients(digester, message, &sha);
    if (SUCCEEDED(hr))
        hr = add_attachments(digester, message, &sha);
    host_sha256_done(&sha, out);
    return hr;
}

static void print_line(
        const struct cmd *cmd, const char *what, const unsigned char digest[32], const char *name)
{
    char hex[65];

    if (!cmd->list)
        return;
    host_hex_write(digest, 32, hex);
    printf("%s %s %s\n", what, hex, name);
}

/* Every message of one contents table, associated ones with MAPI_ASSOCIATED. */
static HRESULT add_contents(struct digester *digester, struct client *client, IMAPIFolder *folder,
        const char *path, ULONG flags, struct host_sha256 *into)
{
    static SizedSPropTagArray(1, tags) = { 1, { PR_ENTRYID } };
    struct digests list = { 0 };
    IMAPITable *table = NULL;
    ULONG i, n = 1;
    HRESULT hr;

    hr = folder->lpVtbl->GetContentsTable(folder, MAPI_UNICODE | flags, &table);
    if (FAILED(hr))
        return hr;
    hr = table->lpVtbl->SetColumns(table, (LPSPropTagArray)&tags, 0);
    while (SUCCEEDED(hr) && n > 0) {
        LPSRowSet rows = NULL;

        hr = table->lpVtbl->QueryRows(table, 500, 0, &rows);
        if (FAILED(hr))
            break;
        n = rows->cRows;
        for (i = 0; SUCCEEDED(hr) && i < n; i++) {
            unsigned char digest[32];
            IMessage *message = open_message(client, &rows->aRow[i].lpProps[0].Value.bin, &hr);

            if (!message)
                break;
            hr = message_digest(digester, message, digest);
            message->lpVtbl->Release(message);
            if (SUCCEEDED(hr) && !add_digest(&list, digest))
                hr = MAPI_E_NOT_ENOUGH_MEMORY;
            print_line(client->cmd, "message", digest, path);
            progress(client->cmd, "hashing", ++digester->messages, 0);
        }
        give_back_rows(rows);
    }
    close_digests(&list, into);
    table->lpVtbl->Release(table);
    return hr;
}

static int add_folder(
        struct client *client, IMAPIFolder *folder, const char *path, unsigned depth, void *context)
{
    struct digester *digester = context;
    struct host_sha256 sha;
    unsigned char digest[32];
    HRESULT hr;

    (void)depth;
    digester->folders++;
    host_sha256_init(&sha);
    host_sha256_add(&sha, path, strlen(path) + 1);
    hr = add_props((IMAPIProp *)folder, OF_FOLDER, &sha);
    if (SUCCEEDED(hr))
        hr = add_contents(digester, client, folder, path, 0, &sha);
    if (SUCCEEDED(hr))
        hr = add_contents(digester, client, folder, path, MAPI_ASSOCIATED, &sha);
    if (FAILED(hr))
        return complain_hr(folder, hr, "A folder cannot be read");
    host_sha256_done(&sha, digest);
    host_sha256_add(&digester->total, digest, 32);
    print_line(client->cmd, "folder ", digest, path);
    return 0;
}

int verb_digest(const struct cmd *cmd)
{
    struct digester digester = { .folders = 0 };
    struct client client;
    unsigned char digest[32];
    char hex[65];
    int status = client_open(&client, cmd, false);

    if (status == 0) {
        host_sha256_init(&digester.total);
        status = walk_folders(&client, add_folder, &digester);
    }
    if (status == 0) {
        host_sha256_done(&digester.total, digest);
        host_hex_write(digest, 32, hex);
        if (!cmd->quiet)
            fputc('\n', stderr);
        printf("digest %s  %lu folders, %lu messages, %lu recipients, %lu attachments\n", hex,
                digester.folders, digester.messages, digester.recipients, digester.attachments);
    }
    return client_close(&client, status);
}
