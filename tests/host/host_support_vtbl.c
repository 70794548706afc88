/* SPDX-License-Identifier: MIT */
/*
 * host_support_vtbl.c - IMAPISupport's methods about memory, events, status, profile and entry ids,
 * the refused ones, and the table.
 */
#include <stdlib.h>
#include <string.h>

#include "host_storage.h"
#include "host_support_slots.h"
#include "host_text.h"

HRESULT host_support_bad_argument(
        struct host_support *support, struct host_call *call, const char *what)
{
    host_world_breach(support->world, "%s: %s", host_method_name(call->method), what);
    return host_support_leave(support, call, MAPI_E_INVALID_PARAMETER);
}

static HRESULT bad_flags(struct host_support *support, struct host_call *call)
{
    host_world_breach(support->world, "%s: unknown flags 0x%lx", host_method_name(call->method),
            (unsigned long)call->flags);
    return host_support_leave(support, call, MAPI_E_UNKNOWN_FLAGS);
}

/* Support objects for a service entry offer only a few methods (IMAPISupport.Object.5). */
static bool not_for_service(struct host_support *support, struct host_call *call, HRESULT *out_hr)
{
    if (support->kind != HOST_SUPPORT_SERVICE)
        return false;
    *out_hr = host_support_leave(support, call, MAPI_E_NO_SUPPORT);
    return true;
}

/* ---- IUnknown ---- */

static HRESULT STDMETHODCALLTYPE support_QueryInterface(
        IMAPISupport *iface, REFIID iid, LPVOID *out)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_QueryInterface };
    HRESULT hr;

    if (!host_support_enter(support, &call, &hr))
        return hr;
    if (!out || !iid)
        return host_support_bad_argument(support, &call, "no interface id or place for the result");
    *out = NULL;
    if (!IsEqualGUID(iid, &IID_IUnknown) && !IsEqualGUID(iid, &IID_IMAPISup))
        return host_support_leave(support, &call, MAPI_E_INTERFACE_NOT_SUPPORTED);
    call.arg = (uintptr_t)++support->refs;
    *out = iface;
    return host_support_leave(support, &call, S_OK);
}

static ULONG STDMETHODCALLTYPE support_AddRef(IMAPISupport *iface)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_AddRef };
    HRESULT hr;
    long refs;

    if (!host_support_enter(support, &call, &hr))
        return 0;
    if (support->kind == HOST_SUPPORT_SERVICE)
        host_world_breach(support->world, "a service entry called AddRef on its support object");
    refs = ++support->refs;
    call.arg = (uintptr_t)refs;
    host_support_leave(support, &call, S_OK);
    return (ULONG)refs;
}

static ULONG STDMETHODCALLTYPE support_Release(IMAPISupport *iface)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_Release };
    HRESULT hr;
    long refs;

    if (!host_support_enter(support, &call, &hr)) {
        host_world_breach(support->world, "Release was called on a dead support object");
        return 0;
    }
    /* the log says "released" before what the release brings about */
    call.arg = (uintptr_t)(support->refs - 1);
    host_support_leave(support, &call, S_OK);
    refs = host_support_release(support);
    return (ULONG)refs;
}

/* ---- Errors and memory ---- */

static HRESULT STDMETHODCALLTYPE support_GetLastError(
        IMAPISupport *iface, HRESULT of, ULONG flags, LPMAPIERROR *out)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = {
        .method = HOST_GetLastError, .flags = flags, .arg = (uintptr_t)(ULONG)of
    };
    HRESULT hr;

    if (!host_support_enter(support, &call, &hr))
        return hr;
    if (!out)
        return host_support_bad_argument(support, &call, "no place for the result");
    *out = NULL;
    if (flags & ~MAPI_UNICODE)
        return bad_flags(support, &call);
    return host_support_leave(support, &call, S_OK);
}

static HRESULT STDMETHODCALLTYPE support_GetMemAllocRoutines(IMAPISupport *iface,
        LPALLOCATEBUFFER *out_buffer, LPALLOCATEMORE *out_more, LPFREEBUFFER *out_free)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_GetMemAllocRoutines };
    const struct host_mem_trio *trio = host_mem_trio(support->world->arena);
    HRESULT hr;

    if (!host_support_enter(support, &call, &hr))
        return hr;
    if (!out_buffer || !out_more || !out_free)
        return host_support_bad_argument(support, &call, "no place for a function");
    *out_buffer = trio->allocate;
    *out_more = trio->more;
    *out_free = trio->release;
    return host_support_leave(support, &call, S_OK);
}

/* ---- Events ---- */

static HRESULT STDMETHODCALLTYPE support_Subscribe(IMAPISupport *iface, LPNOTIFKEY key, ULONG mask,
        ULONG flags, LPMAPIADVISESINK sink, ULONG_PTR *out)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_Subscribe, .flags = flags, .arg = (uintptr_t)sink };
    HRESULT hr;

    if (!host_support_enter(support, &call, &hr) || not_for_service(support, &call, &hr))
        return hr;
    if (!key || key->cb == 0 || !sink || !out)
        return host_support_bad_argument(
                support, &call, "no key, no sink or no place for the number");
    *out = 0;
    if (flags & ~NOTIFY_SYNC)
        return bad_flags(support, &call);
    hr = host_notify_subscribe(support->world, support, key, mask, flags, sink, out);
    return host_support_leave(support, &call, hr);
}

static HRESULT STDMETHODCALLTYPE support_Unsubscribe(IMAPISupport *iface, ULONG_PTR connection)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_Unsubscribe, .arg = connection };
    HRESULT hr;

    if (!host_support_enter(support, &call, &hr) || not_for_service(support, &call, &hr))
        return hr;
    hr = host_notify_unsubscribe(support->world, connection);
    return host_support_leave(support, &call, hr);
}

static HRESULT STDMETHODCALLTYPE support_Notify(
        IMAPISupport *iface, LPNOTIFKEY key, ULONG count, LPNOTIFICATION events, ULONG *flags)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_Notify, .arg = count };
    HRESULT hr;

    if (flags)
        call.flags = *flags;
    if (!host_support_enter(support, &call, &hr) || not_for_service(support, &call, &hr))
        return hr;
    if (!key || !events || count == 0 || !flags)
        return host_support_bad_argument(support, &call, "no key, no events or no flags");
    if (*flags & ~MAPI_UNICODE)
        return bad_flags(support, &call);
    hr = host_notify_post(support->world, key, count, events, flags);
    call.flags_out = *flags;
    return host_support_leave(support, &call, hr);
}

/* ---- Status table ---- */

void host_status_row_drop(struct host_support *support)
{
    struct host_world *world = support->world;
    struct host_status_row **at, *row = NULL;

    host_lock_enter(&world->lock);
    for (at = &world->rows; *at; at = &(*at)->next) {
        if ((*at)->owner == support) {
            row = *at;
            *at = row->next;
            break;
        }
    }
    host_lock_leave(&world->lock);
    if (!row)
        return;
    host_bag_free(&row->props);
    free(row);
}

/* The columns that MAPI itself supplies (status-tables). */
static void add_host_columns(struct host_support *support, struct host_status_row *row)
{
    static const ULONG from_profile[] = { PR_PROVIDER_DLL_NAME_W, PR_RESOURCE_FLAGS,
        PR_RESOURCE_TYPE, PR_PROVIDER_DISPLAY_W };
    const struct host_section *section =
            host_profile_by_uid(support->world->profile, &support->section);
    unsigned char entry_id[24] = { 0 };
    size_t i;

    for (i = 0; section && i < sizeof(from_profile) / sizeof(from_profile[0]); i++) {
        const SPropValue *value = host_bag_get(&section->props, from_profile[i]);

        if (value)
            host_bag_set(&row->props, value);
    }
    memcpy(entry_id + 4, &support->section, sizeof(MAPIUID));
    memcpy(entry_id + 20, &row->id, 4);
    host_bag_set_binary(&row->props, PR_ENTRYID, entry_id, sizeof(entry_id));
    host_bag_set_binary(&row->props, PR_INSTANCE_KEY, &row->id, sizeof(row->id));
    host_bag_set_long(&row->props, PR_ROWID, (LONG)row->id);
    host_bag_set_long(&row->props, PR_OBJECT_TYPE, MAPI_STATUS);
}

static bool has_column(ULONG count, const SPropValue *columns, ULONG tag)
{
    ULONG i;

    for (i = 0; i < count; i++) {
        if (PROP_ID(columns[i].ulPropTag) == PROP_ID(tag))
            return true;
    }
    return false;
}

static HRESULT new_status_row(struct host_support *support, struct host_call *call, ULONG count,
        const SPropValue *columns)
{
    struct host_status_row *row = calloc(1, sizeof(*row));
    ULONG i;

    if (!row)
        return host_support_leave(support, call, MAPI_E_NOT_ENOUGH_MEMORY);
    for (i = 0; i < count; i++)
        host_bag_set(&row->props, &columns[i]);
    row->owner = support;
    host_lock_enter(&support->world->lock);
    row->id = ++support->world->next_row;
    host_lock_leave(&support->world->lock);
    add_host_columns(support, row);
    host_lock_enter(&support->world->lock);
    row->next = support->world->rows;
    support->world->rows = row;
    host_lock_leave(&support->world->lock);
    return host_support_leave(support, call, S_OK);
}

static HRESULT STDMETHODCALLTYPE support_ModifyStatusRow(
        IMAPISupport *iface, ULONG count, LPSPropValue columns, ULONG flags)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_ModifyStatusRow, .flags = flags, .arg = count };
    struct host_status_row *row;
    HRESULT hr;
    ULONG i;

    if (!host_support_enter(support, &call, &hr) || not_for_service(support, &call, &hr))
        return hr;
    if (!columns || count == 0)
        return host_support_bad_argument(support, &call, "no columns");
    if (flags & ~STATUSROW_UPDATE)
        return bad_flags(support, &call);
    host_lock_enter(&support->world->lock);
    row = support->world->rows;
    while (row && row->owner != support)
        row = row->next;
    if (row && flags) {
        for (i = 0; i < count; i++)
            host_bag_set(&row->props, &columns[i]);
    }
    host_lock_leave(&support->world->lock);
    if (row && flags)
        return host_support_leave(support, &call, S_OK);
    if (row)
        return host_support_bad_argument(
                support, &call, "a second row instead of STATUSROW_UPDATE");
    if (flags)
        return host_support_bad_argument(support, &call, "STATUSROW_UPDATE without a row");
    if (!has_column(count, columns, PR_DISPLAY_NAME_W) ||
            !has_column(count, columns, PR_STATUS_CODE) ||
            !has_column(count, columns, PR_RESOURCE_METHODS))
        return host_support_bad_argument(support, &call,
                "PR_DISPLAY_NAME, PR_STATUS_CODE or "
                "PR_RESOURCE_METHODS is missing");
    return new_status_row(support, &call, count, columns);
}

/* ---- Profile ---- */

static HRESULT STDMETHODCALLTYPE support_OpenProfileSection(
        IMAPISupport *iface, LPMAPIUID uid, ULONG flags, LPPROFSECT *out)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_OpenProfileSection, .flags = flags };
    HRESULT hr;

    call.uid = uid ? *uid : support->section;
    call.arg = uid ? 1 : 0;
    if (!host_support_enter(support, &call, &hr))
        return hr;
    if (!out)
        return host_support_bad_argument(support, &call, "no place for the section");
    *out = NULL;
    hr = host_profile_open(
            support->world->profile, support->world->arena, &call.uid, NULL, flags, out);
    return host_support_leave(support, &call, hr);
}

static HRESULT STDMETHODCALLTYPE support_ModifyProfile(IMAPISupport *iface, ULONG flags)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_ModifyProfile, .flags = flags };
    struct host_section *section;
    HRESULT hr;

    if (!host_support_enter(support, &call, &hr) || not_for_service(support, &call, &hr))
        return hr;
    if (flags & ~(ULONG)MDB_TEMPORARY)
        return bad_flags(support, &call);
    section = host_profile_by_uid(support->world->profile, &support->section);
    if (section && !(flags & MDB_TEMPORARY))
        section->temporary = false;
    return host_support_leave(support, &call, S_OK);
}

static HRESULT STDMETHODCALLTYPE support_NewUID(IMAPISupport *iface, LPMAPIUID out)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_NewUID };
    HRESULT hr;

    if (!host_support_enter(support, &call, &hr))
        return hr;
    if (!out)
        return host_support_bad_argument(support, &call, "no place for the result");
    host_random(out, sizeof(*out));
    return host_support_leave(support, &call, S_OK);
}

static HRESULT STDMETHODCALLTYPE support_SetProviderUID(
        IMAPISupport *iface, LPMAPIUID uid, ULONG flags)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_SetProviderUID, .flags = flags };
    bool fits = true, known = false;
    HRESULT hr;
    unsigned i;

    if (uid)
        call.uid = *uid;
    if (!host_support_enter(support, &call, &hr) || not_for_service(support, &call, &hr))
        return hr;
    if (!uid)
        return host_support_bad_argument(support, &call, "no UID");
    if (flags)
        return bad_flags(support, &call);
    host_lock_enter(&support->world->lock);
    for (i = 0; i < support->uid_count; i++)
        known = known || memcmp(&support->uids[i], uid, sizeof(*uid)) == 0;
    fits = known || support->uid_count < HOST_UID_MAX;
    if (!known && fits)
        support->uids[support->uid_count++] = *uid;
    host_lock_leave(&support->world->lock);
    return host_support_leave(support, &call, fits ? S_OK : MAPI_E_TOO_BIG);
}

/* ---- Entry ids ---- */

static HRESULT STDMETHODCALLTYPE support_OpenEntry(IMAPISupport *iface, ULONG size,
        LPENTRYID entry_id, LPCIID iid, ULONG flags, ULONG *out_type, LPUNKNOWN *out)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_OpenEntry, .flags = flags, .arg = size };
    HRESULT hr;

    if (!host_support_enter(support, &call, &hr) || not_for_service(support, &call, &hr))
        return hr;
    if (!out_type || !out || !entry_id || size == 0)
        return host_support_bad_argument(support, &call, "no entry id or no place for the object");
    hr = host_world_open_entry(support->world, size, entry_id, iid, flags, out_type, out);
    return host_support_leave(support, &call, hr);
}

static HRESULT STDMETHODCALLTYPE support_CompareEntryIDs(IMAPISupport *iface, ULONG size1,
        LPENTRYID entry_id1, ULONG size2, LPENTRYID entry_id2, ULONG flags, ULONG *out_equal)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_CompareEntryIDs, .flags = flags };
    HRESULT hr;

    if (!host_support_enter(support, &call, &hr) || not_for_service(support, &call, &hr))
        return hr;
    if (!entry_id1 || !entry_id2 || !out_equal)
        return host_support_bad_argument(support, &call, "no entry id or no place for the result");
    *out_equal = FALSE;
    if (flags)
        return bad_flags(support, &call);
    hr = host_world_compare(support->world, size1, entry_id1, size2, entry_id2, out_equal);
    return host_support_leave(support, &call, hr);
}

static HRESULT STDMETHODCALLTYPE support_WrapStoreEntryID(
        IMAPISupport *iface, ULONG size, LPENTRYID entry_id, ULONG *out_size, LPENTRYID *out)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_WrapStoreEntryID, .arg = size };
    const struct host_section *section;
    const ENTRYID *inner;
    const char *name;
    ULONG inner_size;
    char *dll;
    HRESULT hr;

    if (!host_support_enter(support, &call, &hr) || not_for_service(support, &call, &hr))
        return hr;
    if (!entry_id || size == 0 || !out_size || !out)
        return host_support_bad_argument(support, &call, "no entry id or no place for the result");
    *out_size = 0;
    *out = NULL;
    if (host_unwrap_entry_id(size, entry_id, &inner_size, &inner, &name))
        return host_support_bad_argument(support, &call, "the id is already wrapped");
    section = host_profile_by_uid(support->world->profile, &support->section);
    dll = section ? host_bag_text(&section->props, PR_PROVIDER_DLL_NAME_W) : NULL;
    if (!dll)
        return host_support_leave(support, &call, MAPI_E_NOT_FOUND);
    hr = host_wrap_entry_id(support->world->arena, dll, size, entry_id, out_size, out);
    free(dll);
    return host_support_leave(support, &call, hr);
}

static HRESULT STDMETHODCALLTYPE support_CreateOneOff(IMAPISupport *iface, LPTSTR name,
        LPTSTR addr_type, LPTSTR address, ULONG flags, ULONG *out_size, LPENTRYID *out)
{
    static const unsigned char one_off_uid[16] = { 0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19,
        0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02 };
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = HOST_CreateOneOff, .flags = flags };
    const void *texts[3] = { name, addr_type, address };
    size_t sizes[3] = { 0 }, size = 24, unit = flags & MAPI_UNICODE ? 2 : 1, i;
    LPVOID block = NULL;
    unsigned char *at;
    HRESULT hr;

    if (!host_support_enter(support, &call, &hr) || not_for_service(support, &call, &hr))
        return hr;
    if (!addr_type || !address || !out_size || !out)
        return host_support_bad_argument(
                support, &call, "no address type, address or place for the id");
    *out_size = 0;
    *out = NULL;
    if (flags & ~(ULONG)(MAPI_UNICODE | MAPI_SEND_NO_RICH_INFO))
        return bad_flags(support, &call);
    for (i = 0; i < 3; i++) {
        if (texts[i])
            sizes[i] = unit == 2 ? host_text_utf16_length(texts[i]) * 2 : strlen(texts[i]);
        size += sizes[i] + unit;
    }
    hr = host_mem_trio(support->world->arena)->allocate((ULONG)size, &block);
    if (FAILED(hr))
        return host_support_leave(support, &call, hr);
    memset(block, 0, size);
    at = block;
    memcpy(at + 4, one_off_uid, 16);
    at[22] = flags & MAPI_SEND_NO_RICH_INFO ? 1 : 0;
    at[23] = flags & MAPI_UNICODE ? 0x80 : 0;
    for (at += 24, i = 0; i < 3; at += sizes[i] + unit, i++) {
        if (sizes[i] > 0)
            memcpy(at, texts[i], sizes[i]);
    }
    *out_size = (ULONG)size;
    *out = block;
    return host_support_leave(support, &call, S_OK);
}

/* ---- Refused: nothing of a store provider's business (IMAPISupport.Object.2) ---- */

static HRESULT refuse(IMAPISupport *iface, enum host_method method, ULONG flags)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = { .method = method, .flags = flags };
    HRESULT hr;

    if (!host_support_enter(support, &call, &hr))
        return hr;
    return host_support_leave(support, &call, MAPI_E_NO_SUPPORT);
}

static HRESULT STDMETHODCALLTYPE support_RegisterPreprocessor(IMAPISupport *iface, LPMAPIUID uid,
        LPTSTR addr_type, LPTSTR dll_name, LPSTR preprocess, LPSTR remove_preprocess_info,
        ULONG flags)
{
    (void)uid;
    (void)addr_type;
    (void)dll_name;
    (void)preprocess;
    (void)remove_preprocess_info;
    return refuse(iface, HOST_RegisterPreprocessor, flags);
}

static HRESULT STDMETHODCALLTYPE support_SpoolerYield(IMAPISupport *iface, ULONG flags)
{
    return refuse(iface, HOST_SpoolerYield, flags);
}

static HRESULT STDMETHODCALLTYPE support_OpenTemplateID(IMAPISupport *iface, ULONG size,
        LPENTRYID template_id, ULONG flags, LPMAPIPROP data, LPCIID iid, LPMAPIPROP *out,
        LPMAPIPROP sibling)
{
    (void)size;
    (void)template_id;
    (void)data;
    (void)iid;
    (void)sibling;
    if (out)
        *out = NULL;
    return refuse(iface, HOST_OpenTemplateID, flags);
}

static HRESULT STDMETHODCALLTYPE support_GetOneOffTable(
        IMAPISupport *iface, ULONG flags, LPMAPITABLE *out)
{
    if (out)
        *out = NULL;
    return refuse(iface, HOST_GetOneOffTable, flags);
}

static HRESULT STDMETHODCALLTYPE support_Address(
        IMAPISupport *iface, ULONG_PTR *ui, LPADRPARM params, LPADRLIST *out)
{
    (void)ui;
    (void)params;
    if (out)
        *out = NULL;
    return refuse(iface, HOST_Address, 0);
}

static HRESULT STDMETHODCALLTYPE support_Details(IMAPISupport *iface, ULONG_PTR *ui,
        LPFNDISMISS dismiss, LPVOID dismiss_context, ULONG size, LPENTRYID entry_id,
        LPFNBUTTON button, LPVOID button_context, LPTSTR button_text, ULONG flags)
{
    (void)ui;
    (void)dismiss;
    (void)dismiss_context;
    (void)size;
    (void)entry_id;
    (void)button;
    (void)button_context;
    (void)button_text;
    return refuse(iface, HOST_Details, flags);
}

static HRESULT STDMETHODCALLTYPE support_NewEntry(IMAPISupport *iface, ULONG_PTR ui, ULONG flags,
        ULONG container_size, LPENTRYID container, ULONG template_size, LPENTRYID template_id,
        ULONG *out_size, LPENTRYID *out)
{
    (void)ui;
    (void)container_size;
    (void)container;
    (void)template_size;
    (void)template_id;
    if (out_size)
        *out_size = 0;
    if (out)
        *out = NULL;
    return refuse(iface, HOST_NewEntry, flags);
}

/* No user sits here. */
static HRESULT STDMETHODCALLTYPE support_DoConfigPropsheet(IMAPISupport *iface, ULONG_PTR ui,
        ULONG flags, LPTSTR title, LPMAPITABLE display_table, LPMAPIPROP config, ULONG top_page)
{
    (void)ui;
    (void)title;
    (void)display_table;
    (void)config;
    (void)top_page;
    return refuse(iface, HOST_DoConfigPropsheet, flags);
}

static HRESULT STDMETHODCALLTYPE support_OpenAddressBook(
        IMAPISupport *iface, LPCIID iid, ULONG flags, LPADRBOOK *out)
{
    (void)iid;
    if (out)
        *out = NULL;
    return refuse(iface, HOST_OpenAddressBook, flags);
}

static HRESULT STDMETHODCALLTYPE support_StatusRecips(
        IMAPISupport *iface, LPMESSAGE message, LPADRLIST recipients)
{
    (void)message;
    (void)recipients;
    return refuse(iface, HOST_StatusRecips, 0);
}

/* Over an IStream only; nobody here hands over an ILockBytes. */
static HRESULT STDMETHODCALLTYPE support_IStorageFromStream(
        IMAPISupport *iface, LPUNKNOWN stream, LPCIID iid, ULONG flags, LPSTORAGE *out)
{
    struct host_support *support = host_support_from_iface(iface);
    struct host_call call = {
        .method = HOST_IStorageFromStream, .flags = flags, .arg = (uintptr_t)stream
    };
    HRESULT hr;

    if (out)
        *out = NULL;
    if (!host_support_enter(support, &call, &hr))
        return hr;
    if (not_for_service(support, &call, &hr))
        return hr;
    if (!stream || !out)
        return host_support_bad_argument(support, &call, "no stream or no place for the result");
    if (flags & ~(STGSTRM_CREATE | STGSTRM_CURRENT | STGSTRM_MODIFY))
        return bad_flags(support, &call);
    if (iid && !IsEqualGUID(iid, &IID_IStream))
        return host_support_leave(support, &call, MAPI_E_INTERFACE_NOT_SUPPORTED);
    return host_support_leave(support, &call, host_storage_new(stream, flags, out));
}

static HRESULT STDMETHODCALLTYPE support_GetSvcConfigSupportObj(
        IMAPISupport *iface, ULONG flags, LPMAPISUP *out)
{
    if (out)
        *out = NULL;
    return refuse(iface, HOST_GetSvcConfigSupportObj, flags);
}

const IMAPISupportVtbl host_support_vtbl = {
    .QueryInterface = support_QueryInterface,
    .AddRef = support_AddRef,
    .Release = support_Release,
    .GetLastError = support_GetLastError,
    .GetMemAllocRoutines = support_GetMemAllocRoutines,
    .Subscribe = support_Subscribe,
    .Unsubscribe = support_Unsubscribe,
    .Notify = support_Notify,
    .ModifyStatusRow = support_ModifyStatusRow,
    .OpenProfileSection = support_OpenProfileSection,
    .RegisterPreprocessor = support_RegisterPreprocessor,
    .NewUID = support_NewUID,
    .MakeInvalid = support_MakeInvalid,
    .SpoolerYield = support_SpoolerYield,
    .SpoolerNotify = support_SpoolerNotify,
    .CreateOneOff = support_CreateOneOff,
    .SetProviderUID = support_SetProviderUID,
    .CompareEntryIDs = support_CompareEntryIDs,
    .OpenTemplateID = support_OpenTemplateID,
    .OpenEntry = support_OpenEntry,
    .GetOneOffTable = support_GetOneOffTable,
    .Address = support_Address,
    .Details = support_Details,
    .NewEntry = support_NewEntry,
    .DoConfigPropsheet = support_DoConfigPropsheet,
    .CopyMessages = support_CopyMessages,
    .CopyFolder = support_CopyFolder,
    .DoCopyTo = support_DoCopyTo,
    .DoCopyProps = support_DoCopyProps,
    .DoProgressDialog = support_DoProgressDialog,
    .ReadReceipt = support_ReadReceipt,
    .PrepareSubmit = support_PrepareSubmit,
    .ExpandRecips = support_ExpandRecips,
    .UpdatePAB = support_UpdatePAB,
    .DoSentMail = support_DoSentMail,
    .OpenAddressBook = support_OpenAddressBook,
    .Preprocess = support_Preprocess,
    .CompleteMsg = support_CompleteMsg,
    .StoreLogoffTransports = support_StoreLogoffTransports,
    .StatusRecips = support_StatusRecips,
    .WrapStoreEntryID = support_WrapStoreEntryID,
    .ModifyProfile = support_ModifyProfile,
    .IStorageFromStream = support_IStorageFromStream,
    .GetSvcConfigSupportObj = support_GetSvcConfigSupportObj,
};
