/* SPDX-License-Identifier: MIT */
/*
 * store.c - IMsgStore: the store object and its properties.
 *
 * Owns:  nothing; logon->store points to it and is cleared by store_dispose(), which sets the end
 *        of the logon going.
 * Locks: the methods take the domain lock; every snake_case function here runs under it.
 */
#include "com/store.h"

#include <string.h>

#include "com/doc.h"
#include "com/folder.h"
#include "com/logon.h"
#include "com/profile.h"
#include "com/queue.h"
#include "com/receive.h"
#include "com/slots.h"
#include "com/submit.h"
#include "mailkeep.h"

struct store *store_from_iface(IMsgStore *iface)
{
    return CONTAINING_RECORD(iface, struct store, IMsgStore_iface);
}

struct msp_object *store_object(struct store *store)
{
    return &store->prop.object;
}

static struct store *store_from_prop(struct prop_object *prop)
{
    return CONTAINING_RECORD(prop, struct store, prop);
}

/* --- properties ------------------------------------------------------------------------------- */

enum {
    /* What this store does; a bit is here only when all of it works (see StoreProp.SupportMask). */
    SUPPORT_MASK = STORE_ENTRYID_UNIQUE | STORE_ATTACH_OK | STORE_NOTIFY_OK | STORE_MV_PROPS_OK |
                   STORE_CATEGORIZE_OK | STORE_RESTRICTION_OK | STORE_SORT_OK | STORE_UNICODE_OK |
                   STORE_ANSI_OK | STORE_OLE_OK | STORE_RTF_OK | STORE_HTML_OK,
    SUPPORT_WRITE = STORE_MODIFY_OK | STORE_CREATE_OK | STORE_SEARCH_OK | STORE_SUBMIT_OK
};

/* The bits of PR_VALID_FOLDER_MASK and the property that names each folder. The Inbox's bit goes by
 * its receive folder. */
static const struct {
    ULONG bit;
    ULONG tag;
} valid_folders[] = {
    { FOLDER_IPM_SUBTREE_VALID, PR_IPM_SUBTREE_ENTRYID },
    { FOLDER_IPM_OUTBOX_VALID, PR_IPM_OUTBOX_ENTRYID },
    { FOLDER_IPM_WASTEBASKET_VALID, PR_IPM_WASTEBASKET_ENTRYID },
    { FOLDER_IPM_SENTMAIL_VALID, PR_IPM_SENTMAIL_ENTRYID },
    { FOLDER_VIEWS_VALID, PR_VIEWS_ENTRYID },
    { FOLDER_COMMON_VIEWS_VALID, PR_COMMON_VIEWS_ENTRYID },
    { FOLDER_FINDER_VALID, PR_FINDER_ENTRYID },
};

ULONG store_support_mask(bool can_write)
{
    return SUPPORT_MASK | (can_write ? (ULONG)SUPPORT_WRITE : (ULONG)STORE_READONLY);
}

static bool folder_exists(const struct logon *logon, const struct bag_value *cell)
{
    struct eng_folder row;
    struct entryid entryid;

    return cell->size <= UINT32_MAX &&
           SUCCEEDED(logon_read_entryid(logon, (ULONG)cell->size, cell->data, &entryid)) &&
           entryid.kind == ENTRYID_FOLDER &&
           eng_folder_get(logon->eng, entryid.id, &row, NULL, NULL) == ENG_OK;
}

/* The stored mask less what is not there any more. */
static ULONG valid_folder_mask(const struct prop_object *prop)
{
    struct bag_value cell;
    ULONG mask;

    if (!bag_get(&prop->bag, PR_VALID_FOLDER_MASK, &cell))
        return 0;
    mask = cell_get_long(&cell, 0);
    for (size_t i = 0; i < MSP_COUNT_OF(valid_folders); i++) {
        if ((mask & valid_folders[i].bit) != 0 &&
                (!bag_get(&prop->bag, valid_folders[i].tag, &cell) ||
                        !folder_exists(prop->logon, &cell)))
            mask &= ~valid_folders[i].bit;
    }
    return mask;
}

static HRESULT get_value(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    static const MAPIUID provider_uid = MAILKEEP_PROVIDER_UID;
    const struct logon *logon = prop->logon;
    uint8_t record_key[32];
    bool ok = false;

    MSP_UNUSED(call);
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_ACCESS):
        ok = prop_scratch_long(scratch, PR_ACCESS,
                MAPI_ACCESS_READ | (prop->can_write ? MAPI_ACCESS_MODIFY : 0), out);
        break;
    case PROP_ID(PR_ACCESS_LEVEL):
        ok = prop_scratch_long(scratch, PR_ACCESS_LEVEL, prop->can_write ? MAPI_MODIFY : 0, out);
        break;
    case PROP_ID(PR_MAPPING_SIGNATURE):
        ok = prop_scratch_bytes(
                scratch, PR_MAPPING_SIGNATURE, logon->store_uid, sizeof(logon->store_uid), out);
        break;
    case PROP_ID(PR_RECORD_KEY):
    case PROP_ID(PR_STORE_RECORD_KEY):
        profile_record_key(logon->store_uid, record_key);
        ok = prop_scratch_bytes(
                scratch, PROP_TAG(PT_BINARY, PROP_ID(tag)), record_key, sizeof(record_key), out);
        break;
    case PROP_ID(PR_ENTRYID):
    case PROP_ID(PR_STORE_ENTRYID):
        cell_bytes(PROP_TAG(PT_BINARY, PROP_ID(tag)), logon->store_entryid.data,
                logon->store_entryid.size, out);
        return S_OK;
    case PROP_ID(PR_OBJECT_TYPE):
        ok = prop_scratch_long(scratch, PR_OBJECT_TYPE, MAPI_STORE, out);
        break;
    case PROP_ID(PR_DISPLAY_NAME_W):
        if (!bag_get(&prop->bag, PR_DISPLAY_NAME_W, out))
            cell_bytes(PR_DISPLAY_NAME_W, logon->display_name.data, logon->display_name.size, out);
        return S_OK;
    case PROP_ID(PR_STORE_SUPPORT_MASK):
    case PROP_ID(PR_STORE_UNICODE_MASK):
        ok = prop_scratch_long(
                scratch, PROP_TAG(PT_LONG, PROP_ID(tag)), store_support_mask(prop->can_write), out);
        break;
    case PROP_ID(PR_STORE_STATE):
        ok = prop_scratch_long(scratch, PR_STORE_STATE, 0, out);
        break;
    case PROP_ID(PR_MDB_PROVIDER):
        ok = prop_scratch_bytes(scratch, PR_MDB_PROVIDER, &provider_uid, sizeof(provider_uid), out);
        break;
    case PROP_ID(PR_VALID_FOLDER_MASK):
        ok = prop_scratch_long(scratch, PR_VALID_FOLDER_MASK, valid_folder_mask(prop), out);
        break;
    case PROP_ID(PR_MKEEP_BULK):
        ok = prop_scratch_bool(scratch, PR_MKEEP_BULK, store_from_prop(prop)->is_bulk, out);
        break;
    default:
        return MAPI_E_NOT_FOUND;
    }
    return ok ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT has_receive_settings(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    MSP_UNUSED(call);
    MSP_UNUSED(tag);
    MSP_UNUSED(scratch);
    cell_bytes(PR_RECEIVE_FOLDER_SETTINGS, NULL, 0, out);
    return receive_any(prop->logon) ? S_OK : MAPI_E_NOT_FOUND;
}

/* A switch, not a value: it acts when it is judged, and nothing is stored. */
static HRESULT set_bulk(
        struct msp_call *call, struct prop_object *prop, ULONG tag, const struct bag_value *cell)
{
    bool on = cell != NULL && cell_get_bool(cell, false);
    HRESULT hr;

    MSP_UNUSED(tag);
    hr = msp_from_engine(call, prop->logon->eng, eng_bulk(prop->logon->eng, on));
    if (FAILED(hr))
        return hr;
    store_from_prop(prop)->is_bulk = on;
    return S_FALSE;
}

static HRESULT get_max_depth(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    MSP_UNUSED(call);
    if (bag_get(&prop->bag, tag, out))
        return S_OK;
    return prop_scratch_long(scratch, PR_MKEEP_MAX_DEPTH, DOC_MAX_DEPTH, out)
                   ? S_OK
                   : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT set_max_depth(
        struct msp_call *call, struct prop_object *prop, ULONG tag, const struct bag_value *cell)
{
    uint32_t depth = cell != NULL ? cell_get_long(cell, 0) : DOC_MAX_DEPTH;

    MSP_UNUSED(prop);
    MSP_UNUSED(tag);
    if (depth >= 1 && depth <= DOC_MAX_DEPTH)
        return S_OK;
    return msp_fail(call, MAPI_E_INVALID_PARAMETER, 0,
            "Messages may lie up to %d deep inside one another, and one at least.", DOC_MAX_DEPTH);
}

/* clang-format off */
static const struct prop_rule store_rules[] = {
    { PR_ACCESS,                   PROP_COMPUTED,              get_value,            NULL },
    { PR_ACCESS_LEVEL,             PROP_COMPUTED,              get_value,            NULL },
    { PR_MAPPING_SIGNATURE,        PROP_COMPUTED,              get_value,            NULL },
    { PR_RECORD_KEY,               PROP_COMPUTED,              get_value,            NULL },
    { PR_STORE_RECORD_KEY,         PROP_COMPUTED,              get_value,            NULL },
    { PR_STORE_ENTRYID,            PROP_COMPUTED,              get_value,            NULL },
    { PR_OBJECT_TYPE,              PROP_COMPUTED,              get_value,            NULL },
    { PR_ENTRYID,                  PROP_COMPUTED,              get_value,            NULL },
    { PR_DISPLAY_NAME_W,           PROP_WRITE,                 get_value,            NULL },
    { PR_STORE_SUPPORT_MASK,       PROP_COMPUTED,              get_value,            NULL },
    { PR_STORE_STATE,              PROP_COMPUTED,              get_value,            NULL },
    { PR_STORE_UNICODE_MASK,       PROP_COMPUTED,              get_value,            NULL },
    { PR_MDB_PROVIDER,             PROP_COMPUTED,              get_value,            NULL },
    { PR_RECEIVE_FOLDER_SETTINGS,  PROP_OBJECT,                has_receive_settings, NULL },
    { PR_VALID_FOLDER_MASK,        PROP_WRITE,                 get_value,            NULL },
    { PR_MKEEP_BULK,               PROP_WRITE | PROP_HIDDEN,   get_value,            set_bulk },
    { PR_MKEEP_MAX_DEPTH,          PROP_WRITE | PROP_MADE,     get_max_depth,        set_max_depth },
};

/* clang-format on */

static HRESULT store_refresh(struct msp_call *call, struct prop_object *prop)
{
    struct store *store = store_from_prop(prop);
    struct msp_buf packed = MSP_BUF_INIT;
    struct eng *eng = prop->logon->eng;
    uint64_t stamp = eng_change_stamp(eng);
    HRESULT hr;

    if (store->stamp == stamp && stamp != 0)
        return S_OK;
    hr = msp_from_engine(call, eng, eng_store_props_get(eng, &packed));
    if (SUCCEEDED(hr))
        hr = msp_from_bag(call, bag_load(&prop->bag, packed.data, packed.size));
    if (SUCCEEDED(hr))
        store->stamp = stamp;
    msp_buf_free(&packed);
    return hr;
}

HRESULT store_max_depth(struct msp_call *call, struct logon *logon, unsigned *out)
{
    struct bag_value cell;
    HRESULT hr;

    *out = DOC_MAX_DEPTH;
    if (logon->store == NULL)
        return S_OK;
    hr = store_refresh(call, &logon->store->prop);
    if (SUCCEEDED(hr) && bag_get(&logon->store->prop.bag, PR_MKEEP_MAX_DEPTH, &cell) &&
            cell_get_long(&cell, DOC_MAX_DEPTH) < DOC_MAX_DEPTH)
        *out = cell_get_long(&cell, DOC_MAX_DEPTH);
    return hr;
}

static HRESULT store_commit(struct msp_call *call, struct prop_object *prop)
{
    struct msp_buf packed = MSP_BUF_INIT;
    struct eng *eng = prop->logon->eng;
    HRESULT hr;

    hr = bag_pack(&prop->bag, &packed) ? S_OK : msp_from_engine(call, NULL, ENG_NO_MEMORY);
    if (SUCCEEDED(hr))
        hr = msp_from_engine(call, eng, eng_store_props_set(eng, packed.data, packed.size));
    store_from_prop(prop)->stamp = 0;
    msp_buf_free(&packed);
    return hr;
}

static HRESULT store_open_object(struct msp_call *call, struct prop_object *prop, ULONG tag,
        LPCIID iid, ULONG options, ULONG flags, LPUNKNOWN *out)
{
    LPMAPITABLE table = NULL;
    HRESULT hr;

    MSP_UNUSED(flags);
    if (PROP_ID(tag) != PROP_ID(PR_RECEIVE_FOLDER_SETTINGS))
        return msp_fail(call, MAPI_E_NOT_FOUND, 0, "The store has no such property.");
    if (!IsEqualGUID(iid, &IID_IMAPITable))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    hr = receive_table(call, prop->logon, options & MAPI_UNICODE, &table);
    *out = (LPUNKNOWN)table;
    return hr;
}

static const struct prop_class store_props = {
    .rules = store_rules,
    .rule_count = MSP_COUNT_OF(store_rules),
    .refresh = store_refresh,
    .commit = store_commit,
    .open = store_open_object,
};

struct folder_search {
    uint64_t id;
    bool found;
};

static bool is_receive_folder(
        void *context, const char *name, size_t size, uint64_t folder, uint64_t modified)
{
    struct folder_search *search = context;

    MSP_UNUSED(name);
    MSP_UNUSED(size);
    MSP_UNUSED(modified);
    search->found = folder == search->id;
    return !search->found;
}

bool store_is_special_folder(struct logon *logon, uint64_t folder_id)
{
    struct folder_search search = { .id = folder_id };
    struct msp_buf packed = MSP_BUF_INIT;

    if (folder_id == ENG_ROOT_FOLDER)
        return true;
    (void)eng_receives(logon->eng, is_receive_folder, &search);
    if (!search.found && eng_store_props_get(logon->eng, &packed) == ENG_OK &&
            packed_check(packed.data, packed.size)) {
        for (size_t i = 0; i < MSP_COUNT_OF(valid_folders) && !search.found; i++) {
            struct entryid entryid;
            struct bag_value cell;

            search.found = packed_find(packed.data, packed.size, valid_folders[i].tag, &cell) &&
                           cell.size == ENTRYID_SIZE &&
                           entryid_get(ENTRYID_SIZE, cell.data, &entryid) &&
                           entryid.id == folder_id;
        }
    }
    msp_buf_free(&packed);
    return search.found;
}

/* --- life ------------------------------------------------------------------------------------- */

static void store_dispose(struct msp_object *object)
{
    struct prop_object *prop = prop_from_object(object);

    if (object->domain != NULL) /* it was started */
        logon_store_gone(prop->logon);
}

static void store_finalize(struct msp_object *object)
{
    bag_done(&prop_from_object(object)->bag);
}

static const struct msp_iface store_ifaces[] = {
    { &IID_IUnknown, offsetof(struct store, IMsgStore_iface) },
    { &IID_IMAPIProp, offsetof(struct store, IMsgStore_iface) },
    { &IID_IMsgStore, offsetof(struct store, IMsgStore_iface) },
    { NULL, 0 },
};

static const struct msp_class store_class = {
    .name = "store",
    .size = sizeof(struct store),
    .object_offset = offsetof(struct store, prop.object),
    .ifaces = store_ifaces,
    .owns_children = true,
    .dispose = store_dispose,
    .finalize = store_finalize,
};

/* --- IMsgStore -------------------------------------------------------------------------------- */

MSP_PROP_METHODS(store, IMsgStore, prop)

static HRESULT STDMETHODCALLTYPE store_Advise(IMsgStore *iface, ULONG entry_id_size,
        LPENTRYID entry_id, ULONG event_mask, LPMAPIADVISESINK sink, ULONG_PTR *out_connection)
{
    struct store *store = store_from_iface(iface);

    return notify_Advise(store->prop.logon, &store->prop.object, entry_id_size, entry_id,
            event_mask, sink, out_connection);
}

static HRESULT STDMETHODCALLTYPE store_Unadvise(IMsgStore *iface, ULONG_PTR connection)
{
    struct store *store = store_from_iface(iface);

    return notify_Unadvise(store->prop.logon, &store->prop.object, connection);
}

static HRESULT STDMETHODCALLTYPE store_CompareEntryIDs(IMsgStore *iface, ULONG size1,
        LPENTRYID entry_id1, ULONG size2, LPENTRYID entry_id2, ULONG flags, ULONG *out_equal)
{
    struct store *store = store_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_equal);
    hr = msp_call_begin(&call, &store->prop.object);
    if (FAILED(hr))
        return hr;
    hr = logon_compare_entryids(
            store->prop.logon, size1, entry_id1, size2, entry_id2, flags, out_equal);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE store_OpenEntry(IMsgStore *iface, ULONG entry_id_size,
        LPENTRYID entry_id, LPCIID iid, ULONG flags, ULONG *out_type, LPUNKNOWN *out)
{
    struct store *store = store_from_iface(iface);

    return logon_open_entry(&store->prop.object, store->prop.logon, entry_id_size, entry_id, iid,
            flags, out_type, out);
}

static HRESULT STDMETHODCALLTYPE store_SetReceiveFolder(IMsgStore *iface, LPTSTR message_class,
        ULONG flags, ULONG entry_id_size, LPENTRYID entry_id)
{
    struct store *store = store_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_NEED(entry_id_size == 0 || entry_id != NULL);
    MSP_NEED_FLAGS(flags, MAPI_UNICODE);

    hr = msp_call_begin(&call, &store->prop.object);
    if (FAILED(hr))
        return hr;
    hr = receive_set(&call, store->prop.logon, message_class, flags, entry_id_size, entry_id);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE store_GetReceiveFolder(IMsgStore *iface, LPTSTR message_class,
        ULONG flags, ULONG *out_size, LPENTRYID *out_entry_id, LPTSTR *out_explicit_class)
{
    struct store *store = store_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_size);
    MSP_CLEAR(out_entry_id);
    MSP_CLEAR(out_explicit_class);
    MSP_NEED(out_size != NULL && out_entry_id != NULL);
    MSP_NEED_FLAGS(flags, MAPI_UNICODE);

    hr = msp_call_begin(&call, &store->prop.object);
    if (FAILED(hr))
        return hr;
    hr = receive_get(&call, store->prop.logon, message_class, flags, out_size, out_entry_id,
            out_explicit_class);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE store_GetReceiveFolderTable(
        IMsgStore *iface, ULONG flags, LPMAPITABLE *out)
{
    struct store *store = store_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out);
    MSP_NEED(out != NULL);
    MSP_NEED_FLAGS(flags, MAPI_UNICODE | MAPI_DEFERRED_ERRORS);

    hr = msp_call_begin(&call, &store->prop.object);
    if (FAILED(hr))
        return hr;
    hr = receive_table(&call, store->prop.logon, flags, out);
    return msp_call_end(&call, hr);
}

/* Only says how the transports are to be told; nothing happens before the last Release
 * (imsgstore-storelogoff). */
static HRESULT STDMETHODCALLTYPE store_StoreLogoff(IMsgStore *iface, ULONG *flags)
{
    struct store *store = store_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_NEED(flags != NULL);
    MSP_NEED_FLAGS(
            *flags, LOGOFF_NO_WAIT | LOGOFF_ORDERLY | LOGOFF_PURGE | LOGOFF_ABORT | LOGOFF_QUIET);
    MSP_NEED(*flags != 0 && (*flags & (*flags - 1)) == 0); /* exactly one */

    hr = msp_call_begin(&call, &store->prop.object);
    if (FAILED(hr))
        return hr;
    store->prop.logon->logoff_flags = *flags;
    *flags = queue_activity(store->prop.logon);
    return msp_call_end(&call, S_OK);
}

static HRESULT STDMETHODCALLTYPE store_AbortSubmit(
        IMsgStore *iface, ULONG entry_id_size, LPENTRYID entry_id, ULONG flags)
{
    struct store *store = store_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_NEED(entry_id_size != 0 && entry_id != NULL);
    MSP_NEED_FLAGS(flags, 0);

    hr = msp_call_begin(&call, &store->prop.object);
    if (FAILED(hr))
        return hr;
    hr = submit_abort(&call, store->prop.logon, entry_id_size, entry_id);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE store_GetOutgoingQueue(
        IMsgStore *iface, ULONG flags, LPMAPITABLE *out)
{
    struct store *store = store_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out);
    MSP_NEED(out != NULL);
    MSP_NEED_FLAGS(flags, 0);

    hr = msp_call_begin(&call, &store->prop.object);
    if (FAILED(hr))
        return hr;
    hr = queue_table(&call, store->prop.logon, out);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE store_SetLockState(
        IMsgStore *iface, LPMESSAGE message, ULONG lock_state)
{
    struct store *store = store_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_NEED(message != NULL && (lock_state == MSG_LOCKED || lock_state == MSG_UNLOCKED));

    hr = msp_call_begin(&call, &store->prop.object);
    if (FAILED(hr))
        return hr;
    hr = queue_set_lock(&call, store->prop.logon, message, lock_state == MSG_LOCKED);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE store_FinishedMsg(
        IMsgStore *iface, ULONG flags, ULONG entry_id_size, LPENTRYID entry_id)
{
    struct store *store = store_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_NEED(entry_id_size != 0 && entry_id != NULL);
    MSP_NEED_FLAGS(flags, 0);

    hr = msp_call_begin(&call, &store->prop.object);
    if (FAILED(hr))
        return hr;
    hr = queue_finish(&call, store->prop.logon, entry_id_size, entry_id);
    return msp_call_end(&call, hr);
}

static HRESULT STDMETHODCALLTYPE store_NotifyNewMail(IMsgStore *iface, LPNOTIFICATION event)
{
    struct store *store = store_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_NEED(event != NULL && event->ulEventType == fnevNewMail);

    hr = msp_call_begin(&call, &store->prop.object);
    if (FAILED(hr))
        return hr;
    hr = queue_new_mail(&call, store->prop.logon, event);
    return msp_call_end(&call, hr);
}

static const struct IMsgStoreVtbl store_vtbl = {
    MSP_PROP_SLOTS(store),
    .Advise = store_Advise,
    .Unadvise = store_Unadvise,
    .CompareEntryIDs = store_CompareEntryIDs,
    .OpenEntry = store_OpenEntry,
    .SetReceiveFolder = store_SetReceiveFolder,
    .GetReceiveFolder = store_GetReceiveFolder,
    .GetReceiveFolderTable = store_GetReceiveFolderTable,
    .StoreLogoff = store_StoreLogoff,
    .AbortSubmit = store_AbortSubmit,
    .GetOutgoingQueue = store_GetOutgoingQueue,
    .SetLockState = store_SetLockState,
    .FinishedMsg = store_FinishedMsg,
    .NotifyNewMail = store_NotifyNewMail,
};

struct store *store_alloc(struct logon *logon)
{
    struct store *store = msp_object_alloc(&store_class);

    if (store == NULL)
        return NULL;
    store->IMsgStore_iface.lpVtbl = &store_vtbl;
    store->prop.props = &store_props;
    store->prop.logon = logon;
    bag_init(&store->prop.bag);
    return store;
}
