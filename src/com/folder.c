/* SPDX-License-Identifier: MIT */
/*
 * folder.c - IMAPIFolder: the folder object, its hierarchy and its tables. What happens to messages
 * is in folder_items.c, searches are in search.c.
 *
 * Owns:  the folder's name and properties as last read.
 * Locks: the methods take the domain lock; every snake_case function here runs under it.
 */
#include <assert.h>
#include <string.h>

#include "com/folder_int.h"
#include "com/search.h"
#include "com/slots.h"
#include "com/table.h"
#include "mapi/mapitext.h"
#include "util/alloc.h"

/* --- reading and changing the folder's own properties
 * ------------------------------------------------- */

HRESULT folder_refresh(struct msp_call *call, struct prop_object *prop)
{
    struct folder *folder = folder_from_prop(prop);
    struct msp_buf packed = MSP_BUF_INIT;
    struct msp_buf name = MSP_BUF_INIT;
    struct eng *eng = prop->logon->eng;
    uint64_t stamp = eng_change_stamp(eng);
    struct eng_folder row;
    HRESULT hr;

    if (folder->stamp == stamp && stamp != 0)
        return S_OK;
    hr = msp_from_engine(call, eng, eng_folder_get(eng, folder->row.id, &row, &name, &packed));
    if (SUCCEEDED(hr))
        hr = msp_from_bag(call, bag_load(&prop->bag, packed.data, packed.size));
    if (SUCCEEDED(hr)) {
        folder->row = row;
        msp_buf_free(&folder->name);
        folder->name = name;
        msp_buf_init(&name);
        folder->stamp = stamp;
    }
    msp_buf_free(&packed);
    msp_buf_free(&name);
    return hr;
}

/* The name is set like any property and then lives in the folder's row, not in its bag. */
HRESULT folder_commit(struct msp_call *call, struct prop_object *prop)
{
    struct folder *folder = folder_from_prop(prop);
    struct msp_buf packed = MSP_BUF_INIT;
    struct msp_buf name = MSP_BUF_INIT;
    struct eng *eng = prop->logon->eng;
    struct bag_value cell;
    bool has_name = bag_get(&prop->bag, PR_DISPLAY_NAME_W, &cell);
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    folder->stamp = 0;
    if ((has_name && (!msp_buf_append(&name, cell.data, cell.size) ||
                             !bag_remove(&prop->bag, PR_DISPLAY_NAME_W))) ||
            !bag_pack(&prop->bag, &packed))
        goto out;
    hr = msp_from_engine(call, eng,
            eng_folder_set(eng, folder->row.id, has_name ? (const char *)name.data : NULL,
                    name.size, packed.data != NULL ? (const void *)packed.data : (const void *)"",
                    packed.size));
out:
    msp_buf_free(&packed);
    msp_buf_free(&name);
    return hr;
}

HRESULT folder_for_change(struct msp_call *call, struct folder *folder)
{
    if (!folder->prop.logon->can_write)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The store is open for reading only.");
    return folder_refresh(call, &folder->prop);
}

/* --- tables
 * ------------------------------------------------------------------------------------------- */

static HRESULT contents_table(struct msp_call *call, struct folder *folder, bool associated,
        ULONG flags, LPMAPITABLE *out)
{
    struct table_source *source = NULL;
    SSortOrderSet *order = NULL;
    HRESULT hr;

    hr = folder_refresh(call, &folder->prop);
    if (SUCCEEDED(hr) && !associated)
        hr = folder_saved_sort(call, folder, &order);
    if (SUCCEEDED(hr) && folder->row.type == ENG_FOLDER_SEARCH && !associated)
        hr = source_search_new(call, folder->prop.logon, folder->row.id, &source);
    else if (SUCCEEDED(hr))
        hr = source_contents_new(call, folder->prop.logon, folder->row.id, associated, &source);
    if (SUCCEEDED(hr))
        hr = table_new_sorted(
                call, folder->prop.logon, &folder->prop.object, source, flags, order, out);
    msp_free(order);
    return hr;
}

static HRESULT hierarchy_table(
        struct msp_call *call, struct folder *folder, ULONG flags, LPMAPITABLE *out)
{
    struct table_source *source = NULL;
    HRESULT hr;

    hr = folder_refresh(call, &folder->prop);
    if (SUCCEEDED(hr))
        hr = source_hierarchy_new(
                call, folder->prop.logon, folder->row.id, (flags & CONVENIENT_DEPTH) != 0, &source);
    if (SUCCEEDED(hr))
        hr = table_new(call, folder->prop.logon, &folder->prop.object, source, flags, out);
    return hr;
}

HRESULT folder_open_object(struct msp_call *call, struct prop_object *prop, ULONG tag, LPCIID iid,
        ULONG options, ULONG flags, LPUNKNOWN *out)
{
    struct folder *folder = folder_from_prop(prop);
    LPMAPITABLE table = NULL;
    HRESULT hr;

    MSP_UNUSED(flags);
    if (!IsEqualGUID(iid, &IID_IMAPITable))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_CONTAINER_CONTENTS):
        hr = contents_table(call, folder, false, options & MAPI_UNICODE, &table);
        break;
    case PROP_ID(PR_FOLDER_ASSOCIATED_CONTENTS):
        hr = contents_table(call, folder, true, options & MAPI_UNICODE, &table);
        break;
    case PROP_ID(PR_CONTAINER_HIERARCHY):
        hr = hierarchy_table(call, folder, options & MAPI_UNICODE, &table);
        break;
    default:
        return msp_fail(call, MAPI_E_NOT_FOUND, 0, "The folder has no such property.");
    }
    *out = (LPUNKNOWN)table;
    return hr;
}

static HRESULT load_folder(
        struct msp_call *call, struct logon *logon, uint64_t id, ULONG flags, struct folder **out);
static void start_folder(struct folder *folder);

/* --- subfolders
 * --------------------------------------------------------------------------------------- */

static bool is_folder_iid(LPCIID iid)
{
    return iid == NULL || IsEqualGUID(iid, &IID_IMAPIFolder) ||
           IsEqualGUID(iid, &IID_IMAPIContainer) || IsEqualGUID(iid, &IID_IMAPIProp) ||
           IsEqualGUID(iid, &IID_IUnknown);
}

/* An existing folder of that name, when the caller takes one. */
static HRESULT open_existing(struct msp_call *call, struct folder *folder, ULONG type,
        const struct msp_buf *name, ULONG flags, uint64_t *out_id)
{
    struct eng *eng = folder->prop.logon->eng;
    struct eng_folder row;
    enum eng_status status;

    *out_id = 0;
    status = eng_folder_find(eng, folder->row.id, (const char *)name->data, name->size, out_id);
    if (status == ENG_NOT_FOUND)
        return S_OK;
    if (status == ENG_OK)
        status = eng_folder_get(eng, *out_id, &row, NULL, NULL);
    if (status != ENG_OK)
        return msp_from_engine(call, eng, status);
    if ((flags & OPEN_IF_EXISTS) == 0)
        return msp_fail(call, MAPI_E_COLLISION, 0, "A folder with that name already exists here.");
    if (row.type != type)
        return msp_fail(
                call, MAPI_E_COLLISION, 0, "A folder of another kind has that name already.");
    return S_OK;
}

static HRESULT make_folder(struct msp_call *call, struct folder *folder, ULONG type,
        const struct msp_buf *name, const struct msp_buf *comment, bool has_comment,
        uint64_t *out_id)
{
    struct eng *eng = folder->prop.logon->eng;
    struct msp_buf packed = MSP_BUF_INIT;
    struct bag bag;
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    bag_init(&bag);
    if (has_comment && !bag_set(&bag, PR_COMMENT_W, 0, comment->data, comment->size))
        goto out;
    if (!bag_pack(&bag, &packed))
        goto out;
    hr = msp_from_engine(call, eng,
            eng_folder_create(eng, folder->row.id, type, (const char *)name->data, name->size,
                    packed.data, packed.size, out_id));
out:
    msp_buf_free(&packed);
    bag_done(&bag);
    return hr;
}

/* In one transaction: a folder that cannot be handed out is not made. */
static HRESULT make_and_load(struct msp_call *call, struct folder *folder, ULONG type,
        const struct msp_buf *name, const struct msp_buf *comment, bool has_comment, ULONG flags,
        struct folder **out)
{
    struct logon *logon = folder->prop.logon;
    uint64_t id = 0;
    HRESULT hr;

    hr = msp_from_engine(call, logon->eng, eng_begin(logon->eng, true));
    if (FAILED(hr))
        return hr;
    hr = open_existing(call, folder, type, name, flags, &id);
    if (SUCCEEDED(hr) && id == 0)
        hr = make_folder(call, folder, type, name, comment, has_comment, &id);
    if (SUCCEEDED(hr))
        hr = load_folder(call, logon, id, MAPI_MODIFY, out);
    if (FAILED(hr)) {
        eng_rollback(logon->eng);
        return hr;
    }
    hr = msp_from_engine(call, logon->eng, eng_commit(logon->eng));
    if (FAILED(hr)) {
        msp_object_abandon(&(*out)->prop.object);
        *out = NULL;
    }
    return hr;
}

static HRESULT create_folder(struct msp_call *call, struct folder *folder, ULONG type, LPTSTR name,
        LPTSTR comment, ULONG flags, LPMAPIFOLDER *out)
{
    bool unicode = (flags & MAPI_UNICODE) != 0;
    struct msp_buf utf8_comment = MSP_BUF_INIT;
    struct msp_buf utf8_name = MSP_BUF_INIT;
    struct folder *made = NULL;
    HRESULT hr;

    hr = folder_for_change(call, folder);
    if (FAILED(hr))
        return hr;
    if (folder->row.type == ENG_FOLDER_SEARCH)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "A search folder cannot have subfolders.");
    if (!mapitext_append_tstr(&utf8_name, name, unicode) ||
            (comment != NULL && !mapitext_append_tstr(&utf8_comment, comment, unicode))) {
        hr = msp_from_engine(call, NULL, ENG_NO_MEMORY);
        goto out;
    }
    if (utf8_name.size == 0) {
        hr = msp_fail(call, MAPI_E_INVALID_PARAMETER, 0, "A folder needs a name.");
        goto out;
    }
    hr = make_and_load(
            call, folder, type, &utf8_name, &utf8_comment, comment != NULL, flags, &made);
    if (FAILED(hr))
        goto out;
    start_folder(made);
    *out = &made->IMAPIFolder_iface;
out:
    msp_buf_free(&utf8_name);
    msp_buf_free(&utf8_comment);
    return hr;
}

static HRESULT delete_folder(struct msp_call *call, struct folder *folder, ULONG entry_id_size,
        LPENTRYID entry_id, ULONG flags)
{
    struct logon *logon = folder->prop.logon;
    struct eng_folder row;
    uint32_t how = ((flags & DEL_FOLDERS) != 0 ? ENG_DELETE_FOLDERS : 0) |
                   ((flags & DEL_MESSAGES) != 0 ? ENG_DELETE_MESSAGES : 0);
    size_t left_out = 0;
    HRESULT hr;

    hr = folder_for_change(call, folder);
    if (FAILED(hr))
        return hr;
    hr = logon_read_folder(call, logon, entry_id_size, entry_id, &row);
    if (FAILED(hr))
        return hr;
    if (row.id == ENG_ROOT_FOLDER)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The root folder of a store cannot be deleted.");
    if (row.parent != folder->row.id)
        return msp_fail(
                call, MAPI_E_NOT_FOUND, 0, "The folder to delete is not a subfolder of this one.");
    if (store_is_special_folder(logon, row.id))
        return msp_fail(call, MAPI_E_NO_ACCESS, 0,
                "This folder is needed by the store and cannot be deleted.");
    hr = folder_delete_tree(call, logon->eng, row.id, how, &left_out);
    return SUCCEEDED(hr) && left_out > 0 ? MAPI_W_PARTIAL_COMPLETION : hr;
}

/* --- IMAPIFolder, IMAPIContainer
 * ------------------------------------------------------------------------ */

MSP_PROP_METHODS(folder, IMAPIFolder, prop)

static HRESULT STDMETHODCALLTYPE folder_GetContentsTable(
        IMAPIFolder *iface, ULONG flags, LPMAPITABLE *out)
{
    struct folder *folder = folder_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out);
    MSP_NEED(out != NULL);
    MSP_NEED_FLAGS(
            flags, MAPI_UNICODE | MAPI_DEFERRED_ERRORS | MAPI_ASSOCIATED | SHOW_SOFT_DELETES);
    if ((flags & SHOW_SOFT_DELETES) != 0)
        return MAPI_E_NO_SUPPORT; /* nothing is kept of what is deleted */

    hr = msp_call_begin(&call, &folder->prop.object);
    if (FAILED(hr))
        return hr;
    hr = contents_table(&call, folder, (flags & MAPI_ASSOCIATED) != 0, flags & MAPI_UNICODE, out);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE folder_GetHierarchyTable(
        IMAPIFolder *iface, ULONG flags, LPMAPITABLE *out)
{
    struct folder *folder = folder_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out);
    MSP_NEED(out != NULL);
    MSP_NEED_FLAGS(
            flags, MAPI_UNICODE | MAPI_DEFERRED_ERRORS | CONVENIENT_DEPTH | SHOW_SOFT_DELETES);
    if ((flags & SHOW_SOFT_DELETES) != 0)
        return MAPI_E_NO_SUPPORT; /* nothing is kept of what is deleted */

    hr = msp_call_begin(&call, &folder->prop.object);
    if (FAILED(hr))
        return hr;
    hr = hierarchy_table(&call, folder, flags & (MAPI_UNICODE | CONVENIENT_DEPTH), out);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE folder_OpenEntry(IMAPIFolder *iface, ULONG entry_id_size,
        LPENTRYID entry_id, LPCIID iid, ULONG flags, ULONG *out_type, LPUNKNOWN *out)
{
    struct folder *folder = folder_from_iface(iface);

    return logon_open_entry(&folder->prop.object, folder->prop.logon, entry_id_size, entry_id, iid,
            flags, out_type, out);
}

static HRESULT STDMETHODCALLTYPE folder_CreateFolder(IMAPIFolder *iface, ULONG type, LPTSTR name,
        LPTSTR comment, LPCIID iid, ULONG flags, LPMAPIFOLDER *out)
{
    struct folder *folder = folder_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out);
    MSP_NEED(out != NULL && name != NULL && (type == FOLDER_GENERIC || type == FOLDER_SEARCH));
    MSP_NEED_FLAGS(flags, MAPI_UNICODE | MAPI_DEFERRED_ERRORS | OPEN_IF_EXISTS);
    if (!is_folder_iid(iid))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;

    hr = msp_call_begin(&call, &folder->prop.object);
    if (FAILED(hr))
        return hr;
    hr = create_folder(&call, folder, type, name, comment, flags, out);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE folder_DeleteFolder(IMAPIFolder *iface, ULONG entry_id_size,
        LPENTRYID entry_id, ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags)
{
    struct folder *folder = folder_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_UNUSED(ui);
    MSP_UNUSED(progress);
    MSP_NEED(entry_id != NULL);
    MSP_NEED_FLAGS(flags, DEL_FOLDERS | DEL_MESSAGES | FOLDER_DIALOG | DELETE_HARD_DELETE);

    hr = msp_call_begin(&call, &folder->prop.object);
    if (FAILED(hr))
        return hr;
    hr = delete_folder(&call, folder, entry_id_size, entry_id, flags);
    return msp_call_end(&call, hr);
}

static const struct IMAPIFolderVtbl folder_vtbl = {
    MSP_PROP_SLOTS(folder),
    .GetContentsTable = folder_GetContentsTable,
    .GetHierarchyTable = folder_GetHierarchyTable,
    .OpenEntry = folder_OpenEntry,
    .SetSearchCriteria = folder_SetSearchCriteria,
    .GetSearchCriteria = folder_GetSearchCriteria,
    .CreateMessage = folder_CreateMessage,
    .CopyMessages = folder_CopyMessages,
    .DeleteMessages = folder_DeleteMessages,
    .CreateFolder = folder_CreateFolder,
    .CopyFolder = folder_CopyFolder,
    .DeleteFolder = folder_DeleteFolder,
    .SetReadFlags = folder_SetReadFlags,
    .GetMessageStatus = folder_GetMessageStatus,
    .SetMessageStatus = folder_SetMessageStatus,
    .SaveContentsSort = folder_SaveContentsSort,
    .EmptyFolder = folder_EmptyFolder,
};

struct folder *folder_from_client(LPUNKNOWN object)
{
    IMAPIFolder *iface = (IMAPIFolder *)object;

    return iface->lpVtbl == &folder_vtbl ? folder_from_iface(iface) : NULL;
}

/* --- life
 * ------------------------------------------------------------------------------------------------
 */

static void folder_finalize(struct msp_object *object)
{
    struct folder *folder = folder_from_prop(prop_from_object(object));

    bag_done(&folder->prop.bag);
    msp_buf_free(&folder->name);
}

static const struct msp_iface folder_ifaces[] = {
    { &IID_IUnknown, offsetof(struct folder, IMAPIFolder_iface) },
    { &IID_IMAPIProp, offsetof(struct folder, IMAPIFolder_iface) },
    { &IID_IMAPIContainer, offsetof(struct folder, IMAPIFolder_iface) },
    { &IID_IMAPIFolder, offsetof(struct folder, IMAPIFolder_iface) },
    { NULL, 0 },
};

static const struct msp_class folder_class = {
    .name = "folder",
    .size = sizeof(struct folder),
    .object_offset = offsetof(struct folder, prop.object),
    .ifaces = folder_ifaces,
    .finalize = folder_finalize,
};

/* A folder object that nobody has yet. */
static HRESULT load_folder(
        struct msp_call *call, struct logon *logon, uint64_t id, ULONG flags, struct folder **out)
{
    struct folder *folder = msp_object_alloc(&folder_class);
    HRESULT hr;

    if (folder == NULL)
        return msp_from_engine(call, NULL, ENG_NO_MEMORY);
    folder->IMAPIFolder_iface.lpVtbl = &folder_vtbl;
    folder->prop.props = &folder_props;
    folder->prop.logon = logon;
    folder->prop.can_write = logon->can_write && (flags & (MAPI_MODIFY | MAPI_BEST_ACCESS)) != 0;
    folder->row.id = id;
    bag_init(&folder->prop.bag);
    hr = folder_refresh(call, &folder->prop);
    if (FAILED(hr)) {
        msp_object_abandon(&folder->prop.object);
        return hr;
    }
    *out = folder;
    return S_OK;
}

static void start_folder(struct folder *folder)
{
    struct logon *logon;

    assert(folder != NULL);
    logon = folder->prop.logon;
    msp_object_start(&folder->prop.object, logon->object.domain, store_object(logon->store));
}

HRESULT folder_open(struct msp_call *call, struct logon *logon, uint64_t id, LPCIID iid,
        ULONG flags, LPUNKNOWN *out)
{
    struct folder *folder = NULL;
    HRESULT hr;

    if (!is_folder_iid(iid))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    if ((flags & MAPI_MODIFY) != 0 && !logon->can_write)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The store is open for reading only.");
    hr = load_folder(call, logon, id, flags, &folder);
    if (FAILED(hr))
        return hr;
    start_folder(folder);
    *out = (LPUNKNOWN)&folder->IMAPIFolder_iface;
    return S_OK;
}
