/* SPDX-License-Identifier: MIT */
/*
 * copy.c - mailhost copy: messages and folders from another store into this one, by the store's own
 * CopyMessages, CopyFolder and CopyTo.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

struct copier {
    struct client *to;
    struct client from; /* the same session, the other store */
    struct host_progress progress;
    unsigned long done;
};

static void on_progress(struct host_progress *shown, void *context)
{
    struct copier *copier = context;

    progress(copier->to->cmd, "copied", shown->done, shown->total);
}

static LPMAPIPROGRESS fresh_progress(struct copier *copier)
{
    host_progress_init(&copier->progress);
    copier->progress.on_progress = on_progress;
    copier->progress.context = copier;
    return &copier->progress.IMAPIProgress_iface;
}

/* What was left out is a failure: a copy is complete or it says so. */
static int judge(struct copier *copier, void *object, HRESULT hr, const char *what)
{
    if (hr == MAPI_W_PARTIAL_COMPLETION)
        return complain("%s: not everything could be copied.", what);
    if (FAILED(hr))
        return complain_hr(object, hr, what);
    copier->done++;
    return 0;
}

static SPropValue *get_binary(void *object, ULONG tag)
{
    IMAPIProp *prop = object;
    SizedSPropTagArray(1, tags) = { 1, { tag } };
    SPropValue *value = NULL;
    ULONG count = 0;

    if (prop->lpVtbl->GetProps(prop, (LPSPropTagArray)&tags, 0, &count, &value) == S_OK)
        return value;
    give_back(value);
    return NULL;
}

/* The folder of the other store that an object lies in. */
static IMAPIFolder *open_parent(struct copier *copier, void *object)
{
    SPropValue *id = get_binary(object, PR_PARENT_ENTRYID);
    IMAPIFolder *parent = id ? open_folder(&copier->from, &id->Value.bin, 0) : NULL;

    if (!id)
        complain("An item says of no folder that it lies in it.");
    give_back(id);
    return parent;
}

static int copy_message(struct copier *copier, IMAPIFolder *parent, const SBinary *id,
        IMAPIFolder *target, const char *what)
{
    SBinary entry = *id;
    ENTRYLIST list = { 1, &entry };

    return judge(copier, parent,
            parent->lpVtbl->CopyMessages(parent, &list, NULL, target, 0, NULL, 0), what);
}

static int copy_folder(struct copier *copier, IMAPIFolder *parent, const SBinary *id,
        IMAPIFolder *target, const char *what)
{
    HRESULT hr = parent->lpVtbl->CopyFolder(parent, id->cb, id_of(id), NULL, target, NULL, 0,
            fresh_progress(copier), COPY_SUBFOLDERS | FOLDER_DIALOG);

    return judge(copier, parent, hr, what);
}

/* ---- A whole store ---- */

/* The subfolder of a name, for writing; NULL when there is none. */
static IMAPIFolder *find_child(struct client *client, IMAPIFolder *parent, const WCHAR *name)
{
    static SizedSPropTagArray(2, columns) = { 2, { PR_ENTRYID, PR_DISPLAY_NAME_W } };
    IMAPITable *table = NULL;
    LPSRowSet rows = NULL;
    IMAPIFolder *found = NULL;
    SRestriction same = { .rt = RES_PROPERTY };
    SPropValue value = { .ulPropTag = PR_DISPLAY_NAME_W };
    HRESULT hr = parent->lpVtbl->GetHierarchyTable(parent, MAPI_UNICODE, &table);

    if (FAILED(hr))
        return NULL;
    value.Value.lpszW = (LPWSTR)(uintptr_t)name;
    same.res.resProperty.relop = RELOP_EQ;
    same.res.resProperty.ulPropTag = PR_DISPLAY_NAME_W;
    same.res.resProperty.lpProp = &value;
    hr = table->lpVtbl->SetColumns(table, (LPSPropTagArray)&columns, 0);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->Restrict(table, &same, 0);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->QueryRows(table, 1, 0, &rows);
    if (SUCCEEDED(hr) && rows->cRows == 1)
        found = open_folder(client, &rows->aRow[0].lpProps[0].Value.bin, MAPI_MODIFY);
    give_back_rows(rows);
    table->lpVtbl->Release(table);
    return found;
}

/* Properties and messages, without the name and the subfolders. */
static int copy_content(struct copier *copier, IMAPIFolder *from, IMAPIFolder *to)
{
    static SizedSPropTagArray(2, excluded) = { 2, { PR_DISPLAY_NAME_W, PR_CONTAINER_HIERARCHY } };
    HRESULT hr = from->lpVtbl->CopyTo(from, 0, NULL, (LPSPropTagArray)&excluded, 0,
            fresh_progress(copier), &IID_IMAPIFolder, to, MAPI_DIALOG, NULL);

    return judge(copier, from, hr, "The content of a folder");
}

static int merge_folder(struct copier *copier, IMAPIFolder *from, IMAPIFolder *to);

static int merge_child(
        struct copier *copier, IMAPIFolder *from, const SPropValue *row, IMAPIFolder *to)
{
    IMAPIFolder *there = find_child(copier->to, to, row[1].Value.lpszW);
    IMAPIFolder *child;
    int status = 1;

    if (!there)
        return row[2].Value.l == FOLDER_SEARCH
                       ? 0 /* what it finds is found in the copies, too */
                       : copy_folder(copier, from, &row[0].Value.bin, to, "A folder");
    child = open_folder(&copier->from, &row[0].Value.bin, 0);
    if (child) {
        status = row[2].Value.l == FOLDER_SEARCH ? 0 : merge_folder(copier, child, there);
        child->lpVtbl->Release(child);
    }
    there->lpVtbl->Release(there);
    return status;
}

/* Folders that are there already (every store has some) take the content of their like. */
static int merge_folder(struct copier *copier, IMAPIFolder *from, IMAPIFolder *to)
{
    static SizedSPropTagArray(
            3, columns) = { 3, { PR_ENTRYID, PR_DISPLAY_NAME_W, PR_FOLDER_TYPE } };
    IMAPITable *table = NULL;
    LPSRowSet rows = NULL;
    int status = copy_content(copier, from, to);
    HRESULT hr;

    if (status != 0)
        return status;
    hr = from->lpVtbl->GetHierarchyTable(from, MAPI_UNICODE, &table);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->SetColumns(table, (LPSPropTagArray)&columns, 0);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->QueryRows(table, 100000, 0, &rows);
    if (FAILED(hr))
        status = complain_hr(from, hr, "The subfolders cannot be listed");
    for (ULONG i = 0; status == 0 && i < rows->cRows; i++)
        status = merge_child(copier, from, rows->aRow[i].lpProps, to);
    give_back_rows(rows);
    if (table)
        table->lpVtbl->Release(table);
    return status;
}

static int copy_all(struct copier *copier)
{
    IMAPIFolder *from = open_folder(&copier->from, NULL, 0);
    IMAPIFolder *to = open_folder(copier->to, NULL, MAPI_MODIFY);
    int status = from && to ? merge_folder(copier, from, to) : 1;

    if (from)
        from->lpVtbl->Release(from);
    if (to)
        to->lpVtbl->Release(to);
    return status;
}

/* ---- One argument ---- */

/* An object of the other store by its id, message or folder. */
static int copy_by_id(
        struct copier *copier, const SBinary *id, IMAPIFolder *target, const char *what)
{
    IMsgStore *store = copier->from.store;
    IMAPIFolder *parent;
    LPUNKNOWN object = NULL;
    ULONG type = 0;
    HRESULT hr;
    int status;

    hr = store->lpVtbl->OpenEntry(store, id->cb, id_of(id), NULL, 0, &type, &object);
    if (FAILED(hr))
        return complain_hr(store, hr, what);
    parent = open_parent(copier, object);
    if (!parent)
        status = 1;
    else if (type == MAPI_MESSAGE)
        status = copy_message(copier, parent, id, target, what);
    else
        status = copy_folder(copier, parent, id, target, what);
    if (parent)
        parent->lpVtbl->Release(parent);
    object->lpVtbl->Release(object);
    return status;
}

static int copy_by_name(struct copier *copier, const char *name, IMAPIFolder *target)
{
    IMAPIFolder *folder = client_folder(&copier->from, name, false);
    SPropValue *id;
    int status;

    if (!folder)
        return 1;
    id = get_binary(folder, PR_ENTRYID);
    status = id ? copy_by_id(copier, &id->Value.bin, target, name) : 1;
    give_back(id);
    folder->lpVtbl->Release(folder);
    return status;
}

static int copy_argument(struct copier *copier, const char *what, IMAPIFolder *target)
{
    unsigned char bytes[256];
    SBinary id = { 0, bytes };
    size_t size = 0;

    if (host_hex_read(what, strlen(what), bytes, sizeof(bytes), &size) && size >= 32) {
        id.cb = (ULONG)size;
        return copy_by_id(copier, &id, target, what);
    }
    return copy_by_name(copier, what, target);
}

/* The other store, in the session of this one. */
static int open_source(struct copier *copier, const char *path)
{
    struct host_logon params = { .flags = MDB_NO_DIALOG };
    struct host_support *support = NULL;
    char full[1024];
    HRESULT hr;

    copier->from = *copier->to;
    copier->from.store = NULL;
    if (!host_full_path(path, full, sizeof(full)) || !host_file_exists(full))
        return complain("There is no store %s.", path);
    hr = host_session_configure(&copier->to->session, full);
    if (SUCCEEDED(hr))
        hr = host_session_logon(&copier->to->session, &params, &copier->from.store, &support);
    if (FAILED(hr))
        return complain("%s: %s", path, copier->to->session.error);
    return 0;
}

static int run(struct copier *copier)
{
    const struct cmd *cmd = copier->to->cmd;
    IMAPIFolder *target = NULL;
    int status = open_source(copier, cmd->args[0]);

    for (int i = 1; status == 0 && i < cmd->arg_count; i++) {
        if (strcmp(cmd->args[i], "/") == 0) {
            status = copy_all(copier);
            continue;
        }
        if (!target)
            target = client_folder(copier->to, cmd->folder, true);
        status = target ? copy_argument(copier, cmd->args[i], target) : 1;
    }
    if (target)
        target->lpVtbl->Release(target);
    if (copier->from.store)
        copier->from.store->lpVtbl->Release(copier->from.store);
    if (status == 0)
        printf("copied %d of %d\n", cmd->arg_count - 1, cmd->arg_count - 1);
    return status;
}

int verb_copy(const struct cmd *cmd)
{
    struct client client;
    struct copier copier = { .to = &client };
    int status = client_open(&client, cmd, true);

    if (status == 0)
        status = run(&copier);
    return client_close(&client, status);
}
