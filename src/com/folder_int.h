/* SPDX-License-Identifier: MIT */
/*
 * folder_int.h - struct folder, for the files that make up IMAPIFolder: folder.c, folder_items.c,
 * copy.c, search.c, props_folder.c.
 */
#ifndef MSP_COM_FOLDER_INT_H
#define MSP_COM_FOLDER_INT_H

#include "com/folder.h"
#include "com/logon.h"
#include "com/profile.h"
#include "com/props_folder.h"
#include "com/store.h"

struct folder {
    IMAPIFolder IMAPIFolder_iface;
    struct prop_object prop;
    uint64_t stamp; /* eng_change_stamp() when row, name and bag were read; 0: never */
    struct eng_folder row;
    struct msp_buf name;
};

static inline struct folder *folder_from_iface(IMAPIFolder *iface)
{
    return CONTAINING_RECORD(iface, struct folder, IMAPIFolder_iface);
}

static inline struct folder *folder_from_prop(struct prop_object *prop)
{
    return CONTAINING_RECORD(prop, struct folder, prop);
}

/* The hooks of folder_props. */
HRESULT folder_refresh(struct msp_call *call, struct prop_object *prop);
HRESULT folder_commit(struct msp_call *call, struct prop_object *prop);
HRESULT folder_open_object(struct msp_call *call, struct prop_object *prop, ULONG tag, LPCIID iid,
        ULONG options, ULONG flags, LPUNKNOWN *out);

/* The folder behind a client's pointer; NULL: it is none of this module's. No lock needed. */
struct folder *folder_from_client(LPUNKNOWN object);

/* Refreshes and needs the folder to be writable: MAPI_E_NO_ACCESS. */
HRESULT folder_for_change(struct msp_call *call, struct folder *folder);

/* folder_sort.c: where a folder keeps the order of its contents table. */
#define FOLDER_SORT_TAG PROP_TAG(PT_BINARY, 0x6702)
/* The saved order, to be freed with msp_free(); NULL: none. MAPI_E_NOT_ENOUGH_MEMORY. */
HRESULT folder_saved_sort(struct msp_call *call, const struct folder *folder, SSortOrderSet **out);
HRESULT STDMETHODCALLTYPE folder_SaveContentsSort(
        IMAPIFolder *iface, LPSSortOrderSet order, ULONG flags);

/* copy.c */
HRESULT STDMETHODCALLTYPE folder_CopyMessages(IMAPIFolder *iface, LPENTRYLIST messages, LPCIID iid,
        LPVOID dest, ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags);
HRESULT STDMETHODCALLTYPE folder_CopyFolder(IMAPIFolder *iface, ULONG entry_id_size,
        LPENTRYID entry_id, LPCIID iid, LPVOID dest, LPTSTR new_name, ULONG_PTR ui,
        LPMAPIPROGRESS progress, ULONG flags);

/* folder_delete.c: deletes a folder as `how` allows (ENG_DELETE_ bits), in one transaction.
 * Messages that wait to be sent stay, with the folders they lie in, and are added to *left_out. */
HRESULT folder_delete_tree(
        struct msp_call *call, struct eng *eng, uint64_t id, uint32_t how, size_t *left_out);

/* folder_items.c: the methods on messages in the folder. */
/* A list that a client may mean: its pointers can be followed. */
bool folder_is_list(const ENTRYLIST *messages);
HRESULT STDMETHODCALLTYPE folder_CreateMessage(
        IMAPIFolder *iface, LPCIID iid, ULONG flags, LPMESSAGE *out);
HRESULT STDMETHODCALLTYPE folder_DeleteMessages(IMAPIFolder *iface, LPENTRYLIST messages,
        ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags);
HRESULT STDMETHODCALLTYPE folder_SetReadFlags(IMAPIFolder *iface, LPENTRYLIST messages,
        ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags);
HRESULT STDMETHODCALLTYPE folder_GetMessageStatus(IMAPIFolder *iface, ULONG entry_id_size,
        LPENTRYID entry_id, ULONG flags, ULONG *out_status);
HRESULT STDMETHODCALLTYPE folder_SetMessageStatus(IMAPIFolder *iface, ULONG entry_id_size,
        LPENTRYID entry_id, ULONG status, ULONG mask, ULONG *out_old);
HRESULT STDMETHODCALLTYPE folder_EmptyFolder(
        IMAPIFolder *iface, ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags);

/* search.c: what a search folder looks for. */
HRESULT STDMETHODCALLTYPE folder_SetSearchCriteria(
        IMAPIFolder *iface, LPSRestriction restriction, LPENTRYLIST containers, ULONG flags);
HRESULT STDMETHODCALLTYPE folder_GetSearchCriteria(IMAPIFolder *iface, ULONG flags,
        LPSRestriction *out_restriction, LPENTRYLIST *out_containers, ULONG *out_state);

#endif
