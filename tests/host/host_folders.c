/* SPDX-License-Identifier: MIT */
/*
 * host_folders.c - the folders that every store for mail has: what MAPI makes of a store that lacks
 * some (validating-and-initializing-a-message-store).
 */
#include "host_session.h"

#include <stdlib.h>

#include "host_text.h"

/* clang-format off */
static const struct special {
    ULONG bit, tag;
    bool in_subtree;            /* else below the root */
    const char *name;
} specials[] = {
    { FOLDER_IPM_SUBTREE_VALID,     PR_IPM_SUBTREE_ENTRYID,     false, "Top of Personal Folders" },
    { FOLDER_VIEWS_VALID,           PR_VIEWS_ENTRYID,           false, "Views" },
    { FOLDER_COMMON_VIEWS_VALID,    PR_COMMON_VIEWS_ENTRYID,    false, "Common Views" },
    { FOLDER_FINDER_VALID,          PR_FINDER_ENTRYID,          false, "Search Root" },
    { FOLDER_IPM_OUTBOX_VALID,      PR_IPM_OUTBOX_ENTRYID,      true,  "Outbox" },
    { FOLDER_IPM_WASTEBASKET_VALID, PR_IPM_WASTEBASKET_ENTRYID, true,  "Deleted Items" },
    { FOLDER_IPM_SENTMAIL_VALID,    PR_IPM_SENTMAIL_ENTRYID,    true,  "Sent Items" },
};

/* clang-format on */

/* One property of an object in a block of the arena; an error of its own counts as failure. */
static HRESULT get_one(struct host_session *session, IMAPIProp *object, ULONG tag, SPropValue **out)
{
    SizedSPropTagArray(1, tags) = { 1, { tag } };
    ULONG count = 0;
    HRESULT hr;

    *out = NULL;
    hr = object->lpVtbl->GetProps(object, (LPSPropTagArray)&tags, 0, &count, out);
    if (SUCCEEDED(hr) && PROP_TYPE((*out)->ulPropTag) != PROP_TYPE(tag)) {
        host_mem_trio(session->world.arena)->release(*out);
        *out = NULL;
        return MAPI_E_NOT_FOUND;
    }
    return hr;
}

/* The root, or the folder that a property of the store names. */
static HRESULT open_parent(
        struct host_session *session, IMsgStore *store, bool in_subtree, IMAPIFolder **out)
{
    union {
        BYTE *bytes;
        ENTRYID *id;
    } at = { .bytes = NULL };

    SPropValue *value = NULL;
    LPUNKNOWN object = NULL;
    ULONG type = 0, size = 0;
    HRESULT hr = S_OK;

    if (in_subtree) {
        hr = get_one(session, (IMAPIProp *)store, PR_IPM_SUBTREE_ENTRYID, &value);
        if (FAILED(hr))
            return hr;
        at.bytes = value->Value.bin.lpb;
        size = value->Value.bin.cb;
    }
    hr = store->lpVtbl->OpenEntry(
            store, size, at.id, &IID_IMAPIFolder, MAPI_MODIFY, &type, &object);
    host_mem_trio(session->world.arena)->release(value);
    if (SUCCEEDED(hr))
        *out = (IMAPIFolder *)(void *)object;
    return hr;
}

/* Makes (or finds, by its name) one folder and writes its id down in the store. */
static HRESULT make_folder(
        struct host_session *session, IMsgStore *store, const struct special *special)
{
    union {
        uint16_t *text;
        LPTSTR taken;
    } name = { .text = host_text_to_utf16(special->name) };

    IMAPIFolder *parent = NULL, *folder = NULL;
    SPropValue *id = NULL;
    HRESULT hr;

    if (!name.text)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = open_parent(session, store, special->in_subtree, &parent);
    if (SUCCEEDED(hr)) {
        hr = parent->lpVtbl->CreateFolder(parent, FOLDER_GENERIC, name.taken, NULL, NULL,
                MAPI_UNICODE | OPEN_IF_EXISTS, &folder);
        parent->lpVtbl->Release(parent);
    }
    free(name.text);
    if (FAILED(hr))
        return hr;
    hr = get_one(session, (IMAPIProp *)folder, PR_ENTRYID, &id);
    folder->lpVtbl->Release(folder);
    if (FAILED(hr))
        return hr;
    id->ulPropTag = special->tag;
    hr = store->lpVtbl->SetProps(store, 1, id, NULL);
    host_mem_trio(session->world.arena)->release(id);
    return hr;
}

HRESULT host_session_make_folders(
        struct host_session *session, IMsgStore *store, unsigned *out_made)
{
    SPropValue *value = NULL, mask = { .ulPropTag = PR_VALID_FOLDER_MASK };
    HRESULT hr;
    size_t i;

    *out_made = 0;
    hr = get_one(session, (IMAPIProp *)store, PR_VALID_FOLDER_MASK, &value);
    if (SUCCEEDED(hr))
        mask.Value.l = value->Value.l;
    else if (hr != MAPI_E_NOT_FOUND)
        return hr;
    host_mem_trio(session->world.arena)->release(value);
    hr = S_OK;
    for (i = 0; SUCCEEDED(hr) && i < sizeof(specials) / sizeof(specials[0]); i++) {
        if ((ULONG)mask.Value.l & specials[i].bit)
            continue;
        hr = make_folder(session, store, &specials[i]);
        if (SUCCEEDED(hr)) {
            mask.Value.l |= (LONG)specials[i].bit;
            ++*out_made;
        }
    }
    if (SUCCEEDED(hr) && *out_made > 0)
        hr = store->lpVtbl->SetProps(store, 1, &mask, NULL);
    return hr;
}
