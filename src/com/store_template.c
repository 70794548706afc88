/* SPDX-License-Identifier: MIT */
/*
 * store_template.c - the folders of a new store, made in one transaction.
 *
 * Owns:  nothing.
 * Locks: the caller is the only user of the engine.
 */
#include <string.h>

#include "com/store.h"
#include "engine/eng.h"
#include "mapi/entryid.h"
#include "mapi/propval.h"
#include "util/buf.h"

/* Where a folder's entry id is kept. */
enum on_objects {
    ON_STORE = 1,
    ON_ROOT = 2, /* on the root and the Inbox alike, where clients look for it */
    IN_SUBTREE = 4
};

/* clang-format off */
static const struct template_folder {
    const char *name;
    const char *container_class; /* NULL: none */
    ULONG entryid_tag;           /* 0: none */
    ULONG valid_bit;
    unsigned where;
} template_folders[] = {
    { "Top of Outlook data file", NULL,              PR_IPM_SUBTREE_ENTRYID,     FOLDER_IPM_SUBTREE_VALID,     ON_STORE },
    { "Inbox",                    "IPF.Note",        0,                          FOLDER_IPM_INBOX_VALID,       IN_SUBTREE },
    { "Outbox",                   "IPF.Note",        PR_IPM_OUTBOX_ENTRYID,      FOLDER_IPM_OUTBOX_VALID,      ON_STORE | IN_SUBTREE },
    { "Sent Items",               "IPF.Note",        PR_IPM_SENTMAIL_ENTRYID,    FOLDER_IPM_SENTMAIL_VALID,    ON_STORE | IN_SUBTREE },
    { "Deleted Items",            "IPF.Note",        PR_IPM_WASTEBASKET_ENTRYID, FOLDER_IPM_WASTEBASKET_VALID, ON_STORE | IN_SUBTREE },
    { "Search Root",              NULL,              PR_FINDER_ENTRYID,          FOLDER_FINDER_VALID,          ON_STORE },
    { "Views",                    NULL,              PR_VIEWS_ENTRYID,           FOLDER_VIEWS_VALID,           ON_STORE },
    { "Common Views",             NULL,              PR_COMMON_VIEWS_ENTRYID,    FOLDER_COMMON_VIEWS_VALID,    ON_STORE },
    { "Calendar",                 "IPF.Appointment", PR_IPM_APPOINTMENT_ENTRYID, 0,                            ON_ROOT | IN_SUBTREE },
    { "Contacts",                 "IPF.Contact",     PR_IPM_CONTACT_ENTRYID,     0,                            ON_ROOT | IN_SUBTREE },
    { "Tasks",                    "IPF.Task",        PR_IPM_TASK_ENTRYID,        0,                            ON_ROOT | IN_SUBTREE },
    { "Notes",                    "IPF.StickyNote",  PR_IPM_NOTE_ENTRYID,        0,                            ON_ROOT | IN_SUBTREE },
    { "Journal",                  "IPF.Journal",     PR_IPM_JOURNAL_ENTRYID,     0,                            ON_ROOT | IN_SUBTREE },
    { "Drafts",                   "IPF.Note",        PR_IPM_DRAFTS_ENTRYID,      0,                            ON_ROOT | IN_SUBTREE },
    { "Junk Email",               "IPF.Note",        PR_ADDITIONAL_REN_ENTRYIDS, 0,                            ON_ROOT | IN_SUBTREE },
};

/* clang-format on */

enum {
    SUBTREE = 0, /* its place in template_folders */
    INBOX = 1,
    JUNK_SLOT = 4 /* PR_ADDITIONAL_REN_ENTRYIDS: conflicts, sync issues, local and server failures,
                     junk */
};

struct template_maker {
    struct eng *eng;
    uint8_t store_uid[16];
    uint64_t subtree;
    uint64_t inbox;
    ULONG valid_mask;
    struct bag store;
    struct bag root;
};

/* The junk folder's id goes into the fifth place of a list; the others are there, but empty. */
static bool set_junk(struct bag *bag, const uint8_t entry_id[ENTRYID_SIZE])
{
    struct msp_buf list = MSP_BUF_INIT;
    bool ok;

    msp_buf_append_u32(&list, JUNK_SLOT + 1);
    for (int i = 0; i < JUNK_SLOT; i++)
        msp_buf_append_u32(&list, 0);
    msp_buf_append_u32(&list, ENTRYID_SIZE);
    ok = msp_buf_append(&list, entry_id, ENTRYID_SIZE) &&
         bag_set(bag, PR_ADDITIONAL_REN_ENTRYIDS, 0, list.data, list.size);
    msp_buf_free(&list);
    return ok;
}

static bool keep_entryid(
        struct template_maker *maker, const struct template_folder *folder, uint64_t id)
{
    struct entryid entryid = { .kind = ENTRYID_FOLDER, .id = id };
    struct bag *bag = (folder->where & ON_STORE) != 0 ? &maker->store : &maker->root;
    uint8_t bytes[ENTRYID_SIZE];

    if (folder->entryid_tag == 0)
        return true;
    memcpy(entryid.store_uid, maker->store_uid, sizeof(entryid.store_uid));
    entryid_put(&entryid, bytes);
    if (folder->entryid_tag == PR_ADDITIONAL_REN_ENTRYIDS)
        return set_junk(bag, bytes);
    return bag_set(bag, folder->entryid_tag, 0, bytes, sizeof(bytes));
}

static enum eng_status make_folder(struct template_maker *maker, size_t index)
{
    const struct template_folder *folder = &template_folders[index];
    uint64_t parent = (folder->where & IN_SUBTREE) != 0 ? maker->subtree : ENG_ROOT_FOLDER;
    struct msp_buf packed = MSP_BUF_INIT;
    enum eng_status status = ENG_NO_MEMORY;
    struct bag bag;
    uint64_t id = 0;

    bag_init(&bag);
    if (folder->container_class != NULL &&
            !bag_set(&bag, PR_CONTAINER_CLASS_W, 0, folder->container_class,
                    strlen(folder->container_class)))
        goto out;
    if (!bag_pack(&bag, &packed))
        goto out;
    status = eng_folder_create(maker->eng, parent, ENG_FOLDER_GENERIC, folder->name,
            strlen(folder->name), packed.data, packed.size, &id);
    if (status == ENG_OK && !keep_entryid(maker, folder, id))
        status = ENG_NO_MEMORY;
    if (index == SUBTREE)
        maker->subtree = id;
    if (index == INBOX)
        maker->inbox = id;
    maker->valid_mask |= folder->valid_bit;
out:
    msp_buf_free(&packed);
    bag_done(&bag);
    return status;
}

/* Adds the entry ids to what a folder has already. */
static enum eng_status extend_folder(struct template_maker *maker, uint64_t id)
{
    struct msp_buf packed = MSP_BUF_INIT;
    struct bag_iter iter = { 0 };
    struct bag_value value;
    struct eng_folder row;
    struct bag bag;
    enum eng_status status;
    bool ok;

    bag_init(&bag);
    status = eng_folder_get(maker->eng, id, &row, NULL, &packed);
    if (status != ENG_OK)
        goto out;
    ok = bag_load(&bag, packed.data, packed.size) == BAG_OK;
    while (ok && bag_next(&maker->root, &iter, &value))
        ok = bag_set(&bag, value.tag, value.flags, value.data, value.size);
    msp_buf_clear(&packed);
    if (!ok || !bag_pack(&bag, &packed))
        status = ENG_NO_MEMORY;
    else
        status = eng_folder_set(maker->eng, id, NULL, 0, packed.data, packed.size);
out:
    msp_buf_free(&packed);
    bag_done(&bag);
    return status;
}

static enum eng_status make_receive_folders(struct template_maker *maker)
{
    const struct {
        const char *message_class;
        uint64_t folder;
    } receives[] = {
        { "", maker->inbox },
        { "IPM", maker->inbox },
        { "REPORT", maker->inbox },
        { "IPC", ENG_ROOT_FOLDER },
    };
    enum eng_status status = ENG_OK;

    for (size_t i = 0; i < MSP_COUNT_OF(receives) && status == ENG_OK; i++)
        status = eng_receive_set(maker->eng, receives[i].message_class,
                strlen(receives[i].message_class), receives[i].folder);
    return status;
}

static enum eng_status make_all(struct template_maker *maker)
{
    struct msp_buf packed = MSP_BUF_INIT;
    enum eng_status status = ENG_OK;
    struct bag_value mask;
    uint8_t scratch[16];

    for (size_t i = 0; i < MSP_COUNT_OF(template_folders) && status == ENG_OK; i++)
        status = make_folder(maker, i);
    if (status == ENG_OK)
        status = extend_folder(maker, ENG_ROOT_FOLDER);
    if (status == ENG_OK)
        status = extend_folder(maker, maker->inbox);
    if (status == ENG_OK)
        status = make_receive_folders(maker);
    if (status != ENG_OK)
        return status;
    cell_long(PR_VALID_FOLDER_MASK, maker->valid_mask, scratch, &mask);
    if (!bag_set(&maker->store, mask.tag, 0, mask.data, mask.size) ||
            !bag_pack(&maker->store, &packed))
        status = ENG_NO_MEMORY;
    else
        status = eng_store_props_set(maker->eng, packed.data, packed.size);
    msp_buf_free(&packed);
    return status;
}

enum eng_status store_template_apply(struct eng *eng)
{
    struct template_maker maker = { .eng = eng };
    struct msp_buf props = MSP_BUF_INIT;
    struct eng_info info;
    enum eng_status status;

    status = eng_store_props_get(eng, &props);
    if (status != ENG_OK || props.size > 0)
        goto out; /* a store that has properties has had its folders */
    eng_info(eng, &info);
    if (info.read_only)
        goto out;
    memcpy(maker.store_uid, info.store_uid, sizeof(maker.store_uid));
    status = eng_begin(eng, true);
    if (status != ENG_OK)
        goto out;
    msp_buf_clear(&props); /* again, now that nobody else can write */
    status = eng_store_props_get(eng, &props);
    if (status == ENG_OK && props.size == 0)
        status = make_all(&maker);
    if (status == ENG_OK)
        status = eng_commit(eng);
    else
        eng_rollback(eng);
out:
    bag_done(&maker.store);
    bag_done(&maker.root);
    msp_buf_free(&props);
    return status;
}
