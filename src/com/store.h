/* SPDX-License-Identifier: MIT */
/*
 * store.h - IMsgStore.
 */
#ifndef MSP_COM_STORE_H
#define MSP_COM_STORE_H

#include "com/prop.h"

struct logon;

struct store {
    IMsgStore IMsgStore_iface;
    struct prop_object prop;
    uint64_t stamp; /* eng_change_stamp() when the bag was read; 0: never */
    bool is_bulk;   /* PR_MKEEP_BULK */
};

struct store *store_from_iface(IMsgStore *iface);

/* A store object in state MSP_NEW; the caller starts it as a child of the logon. */
struct store *store_alloc(struct logon *logon);
/* Parent of every folder and message. */
struct msp_object *store_object(struct store *store);

/* PR_MKEEP_MAX_DEPTH, at most DOC_MAX_DEPTH. Under the lock. */
HRESULT store_max_depth(struct msp_call *call, struct logon *logon, unsigned *out);
/* PR_STORE_SUPPORT_MASK. */
ULONG store_support_mask(bool can_write);
/* Is this one of the folders that a store cannot do without: root, subtree, Inbox, Outbox, Sent
 * Items, Deleted Items, search root, views? Under the lock. */
bool store_is_special_folder(struct logon *logon, uint64_t folder_id);

/* Folders and properties that every store has: made once, in one transaction, when the file has
 * none. */
enum eng_status store_template_apply(struct eng *eng);

#endif
