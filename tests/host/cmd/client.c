/* SPDX-License-Identifier: MIT */
/*
 * client.c - a logged-on client of one store: opening, folders, large values, and the ends.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

const char *const ending_names[END_COUNT] = { "session", "store-release", "store-logoff", "fast",
    "kill" };

int complain(const char *format, ...)
{
    va_list args;

    fputs("mailhost: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return 1;
}

int complain_hr(void *object, HRESULT hr, const char *what)
{
    char text[400];

    host_prop_error(object, hr, host_mem_trio(0)->release, text, sizeof(text));
    return complain("%s: %s", what, text);
}

void progress(const struct cmd *cmd, const char *what, unsigned long done, unsigned long total)
{
    static uint64_t shown;
    uint64_t now = host_ticks_ms();

    if (cmd->quiet || (done < total && now - shown < 500))
        return;
    shown = now;
    if (total > 0)
        fprintf(stderr, "\r%s %lu of %lu", what, done, total);
    else
        fprintf(stderr, "\r%s %lu", what, done);
    if (done >= total)
        fputc('\n', stderr);
    fflush(stderr);
}

void give_back(void *buffer)
{
    host_mem_trio(0)->release(buffer);
}

void give_back_rows(LPSRowSet rows)
{
    ULONG i;

    if (!rows)
        return;
    for (i = 0; i < rows->cRows; i++)
        give_back(rows->aRow[i].lpProps);
    give_back(rows);
}

ENTRYID *id_of(const SBinary *id)
{
    union {
        BYTE *bytes;
        ENTRYID *entry_id;
    } at = { .bytes = id->lpb };

    return at.entry_id;
}

int client_open(struct client *client, const struct cmd *cmd, bool writable)
{
    struct host_logon params = { .flags = MDB_NO_DIALOG | (writable ? MDB_WRITE : 0) };
    char why[300];
    HRESULT hr;

    memset(client, 0, sizeof(*client));
    client->cmd = cmd;
    client->profile = host_profile_new("mailhost");
    if (!client->profile)
        return complain("Out of memory.");
    host_session_init(&client->session, client->profile, 0);
    if (!host_profile_load(client->profile, cmd->profile_path, why, sizeof(why)))
        return complain("%s (Has the service been registered?)", why);
    trace_begin(client);
    hr = host_session_logon(&client->session, &params, &client->store, &client->support);
    if (FAILED(hr))
        return complain("%s", client->session.error);
    return 0;
}

static void end_store_logoff(struct client *client)
{
    ULONG flags = LOGOFF_ORDERLY;
    HRESULT hr = client->store->lpVtbl->StoreLogoff(client->store, &flags);

    if (FAILED(hr))
        host_world_breach(&client->session.world, "StoreLogoff returned %s", host_hr_name(hr));
}

static void last_store_release(struct client *client)
{
    ULONG left = client->store->lpVtbl->Release(client->store);

    client->store = NULL;
    if (left != 0)
        host_world_breach(&client->session.world,
                "the store has %lu references after the client's "
                "last Release",
                (unsigned long)left);
}

int client_close(struct client *client, int status)
{
    enum ending ending = client->cmd->ending;
    unsigned breaches;

    if (!client->profile)
        return status;
    fflush(stdout);
    if (ending == END_KILL)
        host_die(status);
    if (ending == END_FAST && client->store) {
        HRESULT hr = host_session_fast_shutdown(&client->session);

        if (FAILED(hr))
            status = complain("%s", client->session.error);
        trace_show(client);
        host_die(status);
    }
    if (client->store && ending == END_STORE_LOGOFF)
        end_store_logoff(client);
    if (client->store && ending != END_SESSION)
        last_store_release(client);
    host_session_logoff(&client->session);
    if (client->store)
        last_store_release(client);
    trace_show(client);
    breaches = host_session_done(&client->session);
    host_profile_free(client->profile);
    client->profile = NULL;
    host_mem_check();
    if (host_mem_live(0) != 0) {
        host_mem_report(0, stderr);
        breaches++;
    }
    if (breaches + host_mem_faults() > 0)
        return complain("The provider broke %lu rules of MAPI, named above.",
                (unsigned long)(breaches + host_mem_faults()));
    return status;
}

/* ---- Folders and messages ---- */

IMAPIFolder *open_folder(struct client *client, const SBinary *id, ULONG flags)
{
    LPUNKNOWN object = NULL;
    ULONG type = 0;
    HRESULT hr;

    hr = client->store->lpVtbl->OpenEntry(client->store, id ? id->cb : 0, id ? id_of(id) : NULL,
            &IID_IMAPIFolder, flags, &type, &object);
    if (SUCCEEDED(hr) && type == MAPI_FOLDER)
        return (IMAPIFolder *)(void *)object;
    if (SUCCEEDED(hr))
        object->lpVtbl->Release(object);
    complain_hr(client->store, hr, "A folder cannot be opened");
    return NULL;
}

IMessage *open_message(struct client *client, const SBinary *id, HRESULT *out_hr)
{
    LPUNKNOWN object = NULL;
    ULONG type = 0;

    *out_hr = client->store->lpVtbl->OpenEntry(
            client->store, id->cb, id_of(id), &IID_IMessage, 0, &type, &object);
    return SUCCEEDED(*out_hr) ? (IMessage *)(void *)object : NULL;
}

struct walk {
    int (*visit)(struct client *client, IMAPIFolder *folder, const char *path, unsigned depth,
            void *context);
    void *context;
};

static int by_name(const void *a, const void *b)
{
    const WCHAR *x = ((const SRow *)a)->lpProps[1].Value.lpszW;
    const WCHAR *y = ((const SRow *)b)->lpProps[1].Value.lpszW;

    while (*x && *x == *y) {
        x++;
        y++;
    }
    return (int)*x - (int)*y;
}

/* Subfolders by name with their ids; in this order whatever the store's own collation is. */
static LPSRowSet subfolders(IMAPIFolder *folder)
{
    static SizedSPropTagArray(2, columns) = { 2, { PR_ENTRYID, PR_DISPLAY_NAME_W } };
    IMAPITable *table = NULL;
    LPSRowSet rows = NULL;
    HRESULT hr;

    hr = folder->lpVtbl->GetHierarchyTable(folder, MAPI_UNICODE, &table);
    if (FAILED(hr)) {
        complain_hr(folder, hr, "The subfolders cannot be listed");
        return NULL;
    }
    hr = table->lpVtbl->SetColumns(table, (LPSPropTagArray)&columns, 0);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->QueryRows(table, 100000, 0, &rows);
    if (SUCCEEDED(hr))
        qsort(rows->aRow, rows->cRows, sizeof(rows->aRow[0]), by_name);
    else
        complain("The subfolders cannot be listed: %s", host_hr_sentence(hr));
    table->lpVtbl->Release(table);
    return rows;
}

static int walk_below(struct client *client, IMAPIFolder *folder, const char *path, unsigned depth,
        const struct walk *walk)
{
    int answer = walk->visit(client, folder, path, depth, walk->context);
    LPSRowSet rows;
    ULONG i;

    if (answer != 0)
        return answer;
    rows = subfolders(folder);
    if (!rows)
        return 1;
    for (i = 0; answer == 0 && i < rows->cRows; i++) {
        const SPropValue *row = rows->aRow[i].lpProps;
        char *name = host_text_to_utf8((const uint16_t *)row[1].Value.lpszW, SIZE_MAX);
        char *below = name ? malloc(strlen(path) + strlen(name) + 2) : NULL;
        IMAPIFolder *sub = below ? open_folder(client, &row[0].Value.bin, 0) : NULL;

        answer = 1;
        if (sub) {
            snprintf(
                    below, strlen(path) + strlen(name) + 2, "%s%s%s", path, *path ? "/" : "", name);
            answer = walk_below(client, sub, below, depth + 1, walk);
            sub->lpVtbl->Release(sub);
        }
        free(below);
        free(name);
    }
    give_back_rows(rows);
    return answer;
}

int walk_folders(struct client *client,
        int (*visit)(struct client *client, IMAPIFolder *folder, const char *path, unsigned depth,
                void *context),
        void *context)
{
    struct walk walk = { visit, context };
    IMAPIFolder *root = open_folder(client, NULL, 0);
    int answer;

    if (!root)
        return 1;
    answer = walk_below(client, root, "", 0, &walk);
    root->lpVtbl->Release(root);
    return answer;
}

struct wanted {
    const char *name;
    SPropValue *id;
};

static int match_folder(
        struct client *client, IMAPIFolder *folder, const char *path, unsigned depth, void *context)
{
    static SizedSPropTagArray(1, tags) = { 1, { PR_ENTRYID } };
    struct wanted *wanted = context;
    const char *last = strrchr(path, '/');
    ULONG count = 0;

    (void)client;
    (void)depth;
    if (!host_text_same_nocase(path, wanted->name) &&
            !host_text_same_nocase(last ? last + 1 : path, wanted->name))
        return 0;
    folder->lpVtbl->GetProps(folder, (LPSPropTagArray)&tags, 0, &count, &wanted->id);
    return 2;
}

IMAPIFolder *client_folder(struct client *client, const char *name, bool writable)
{
    struct wanted wanted = { .name = name };
    IMAPIFolder *folder = NULL;
    ULONG flags = writable ? MAPI_MODIFY : 0;
    HRESULT hr;

    if (name) {
        if (walk_folders(client, match_folder, &wanted) == 2 && wanted.id)
            folder = open_folder(client, &wanted.id->Value.bin, flags);
        else
            complain("There is no folder named %s.", name);
        give_back(wanted.id);
    } else {
        SBinary id = { 0, NULL };
        LPENTRYID entry_id = NULL;

        hr = client->store->lpVtbl->GetReceiveFolder(
                client->store, NULL, MAPI_UNICODE, &id.cb, &entry_id, NULL);
        if (FAILED(hr)) {
            complain_hr(client->store, hr, "The store has no receive folder");
            return NULL;
        }
        id.lpb = (LPBYTE)entry_id;
        folder = open_folder(client, &id, flags);
        give_back(entry_id);
    }
    return folder;
}

/* ---- Values ---- */

static HRESULT read_stream(IMAPIProp *object, ULONG tag, unsigned char **out, size_t *out_size)
{
    size_t room = 1u << 20, size = 0;
    unsigned char *bytes = malloc(room);
    LPUNKNOWN opened = NULL;
    IStream *stream;
    HRESULT hr;

    if (!bytes)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = object->lpVtbl->OpenProperty(object, tag, &IID_IStream, STGM_READ, 0, &opened);
    if (FAILED(hr)) {
        free(bytes);
        return hr;
    }
    stream = (IStream *)(void *)opened;
    for (;;) {
        ULONG got = 0;

        if (room - size < 65536) {
            unsigned char *more = realloc(bytes, room * 2);

            if (!more) {
                hr = MAPI_E_NOT_ENOUGH_MEMORY;
                break;
            }
            bytes = more;
            room *= 2;
        }
        hr = stream->lpVtbl->Read(stream, bytes + size, 65536, &got);
        size += got;
        if (FAILED(hr) || got == 0)
            break;
    }
    stream->lpVtbl->Release(stream);
    if (FAILED(hr)) {
        free(bytes);
        return hr;
    }
    *out = bytes;
    *out_size = size;
    return S_OK;
}

HRESULT read_value(IMAPIProp *object, ULONG tag, unsigned char **out, size_t *out_size)
{
    SizedSPropTagArray(1, tags) = { 1, { tag } };
    SPropValue *values = NULL;
    const void *bytes;
    ULONG count = 0;
    size_t size;
    HRESULT hr;

    *out = NULL;
    *out_size = 0;
    hr = object->lpVtbl->GetProps(object, (LPSPropTagArray)&tags, 0, &count, &values);
    if (FAILED(hr))
        return hr;
    hr = S_OK;
    if (PROP_TYPE(values->ulPropTag) == PT_ERROR && PROP_TYPE(tag) != PT_ERROR) {
        hr = values->Value.err;
        if (hr == MAPI_E_NOT_ENOUGH_MEMORY)
            hr = read_stream(object, tag, out, out_size);
    } else {
        bytes = host_prop_bytes(values, &size);
        *out = malloc(size + 1);
        if (!*out) {
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
        } else {
            if (size > 0)
                memcpy(*out, bytes, size);
            *out_size = size;
        }
    }
    give_back(values);
    return hr;
}

bool is_nameless(IMAPIProp *object, ULONG tag)
{
    SizedSPropTagArray(1, tags) = { 1, { tag } };
    LPSPropTagArray array = (LPSPropTagArray)&tags;
    LPMAPINAMEID *names = NULL;
    ULONG count = 0;
    bool nameless;

    if (PROP_ID(tag) < 0x8000)
        return false;
    nameless = FAILED(object->lpVtbl->GetNamesFromIDs(object, &array, NULL, 0, &count, &names)) ||
               count != 1 || !names[0];
    give_back(names);
    return nameless;
}
