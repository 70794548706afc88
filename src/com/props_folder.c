/* SPDX-License-Identifier: MIT */
/*
 * props_folder.c - the rules of a folder's properties.
 *
 * Owns:  nothing.
 * Locks: everything here runs under the domain lock.
 */
#include "com/props_folder.h"

#include <string.h>

#include "com/folder_int.h"
#include "com/logon.h"
#include "com/search.h"

static ULONG folder_access(const struct logon *logon, const struct eng_folder *row)
{
    ULONG access = MAPI_ACCESS_READ;

    if (!logon->can_write)
        return access;
    access |= MAPI_ACCESS_MODIFY;
    if (row->id != ENG_ROOT_FOLDER)
        access |= MAPI_ACCESS_DELETE;
    if (row->type != ENG_FOLDER_SEARCH)
        access |= MAPI_ACCESS_CREATE_HIERARCHY | MAPI_ACCESS_CREATE_CONTENTS |
                  MAPI_ACCESS_CREATE_ASSOCIATED;
    return access;
}

static bool key_cell(struct logon *logon, ULONG tag, uint64_t id, struct prop_scratch *scratch,
        struct bag_value *out)
{
    uint8_t bytes[ENTRYID_SIZE];

    if (PROP_ID(tag) == PROP_ID(PR_RECORD_KEY)) {
        record_key_put(logon->store_uid, id, bytes);
        return prop_scratch_bytes(scratch, PR_RECORD_KEY, bytes, RECORD_KEY_SIZE, out);
    }
    logon_entryid(logon, ENTRYID_FOLDER, id, bytes);
    return prop_scratch_bytes(scratch, PROP_TAG(PT_BINARY, PROP_ID(tag)), bytes, ENTRYID_SIZE, out);
}

/* 1: made, 0: no memory, -1: not one of these. */
static int counted_cell(const struct eng_folder *row, ULONG tag, struct prop_scratch *scratch,
        struct bag_value *out)
{
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_FOLDER_TYPE):
        return prop_scratch_long(scratch, PR_FOLDER_TYPE, row->type, out);
    case PROP_ID(PR_CONTENT_COUNT):
        return prop_scratch_long(scratch, PR_CONTENT_COUNT, row->content_count, out);
    case PROP_ID(PR_CONTENT_UNREAD):
        return prop_scratch_long(scratch, PR_CONTENT_UNREAD, row->unread_count, out);
    case PROP_ID(PR_ASSOC_CONTENT_COUNT):
        return prop_scratch_long(scratch, PR_ASSOC_CONTENT_COUNT, row->assoc_count, out);
    case PROP_ID(PR_FOLDER_CHILD_COUNT):
        return prop_scratch_long(scratch, PR_FOLDER_CHILD_COUNT, row->child_count, out);
    case PROP_ID(PR_SUBFOLDERS):
        return prop_scratch_bool(scratch, PR_SUBFOLDERS, row->child_count > 0, out);
    case PROP_ID(PR_CREATION_TIME):
        return prop_scratch_i8(scratch, PR_CREATION_TIME, row->created, out);
    case PROP_ID(PR_LAST_MODIFICATION_TIME):
        return prop_scratch_i8(scratch, PR_LAST_MODIFICATION_TIME, row->modified, out);
    default:
        return -1;
    }
}

static int identity_cell(struct logon *logon, const struct eng_folder *row, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    uint8_t store_key[32];

    switch (PROP_ID(tag)) {
    case PROP_ID(PR_ENTRYID):
    case PROP_ID(PR_RECORD_KEY):
        return key_cell(logon, tag, row->id, scratch, out);
    case PROP_ID(PR_PARENT_ENTRYID):
        return key_cell(logon, tag, row->parent != 0 ? row->parent : row->id, scratch, out);
    case PROP_ID(PR_STORE_ENTRYID):
        cell_bytes(PR_STORE_ENTRYID, logon->store_entryid.data, logon->store_entryid.size, out);
        return 1;
    case PROP_ID(PR_STORE_RECORD_KEY):
        profile_record_key(logon->store_uid, store_key);
        return prop_scratch_bytes(scratch, PR_STORE_RECORD_KEY, store_key, sizeof(store_key), out);
    case PROP_ID(PR_MAPPING_SIGNATURE):
        return prop_scratch_bytes(
                scratch, PR_MAPPING_SIGNATURE, logon->store_uid, sizeof(logon->store_uid), out);
    case PROP_ID(PR_OBJECT_TYPE):
        return prop_scratch_long(scratch, PR_OBJECT_TYPE, MAPI_FOLDER, out);
    case PROP_ID(PR_ACCESS):
        return prop_scratch_long(scratch, PR_ACCESS, folder_access(logon, row), out);
    case PROP_ID(PR_STORE_SUPPORT_MASK):
        return prop_scratch_long(
                scratch, PR_STORE_SUPPORT_MASK, store_support_mask(logon->can_write), out);
    default:
        return -1;
    }
}

/* A search folder counts its results. */
static HRESULT search_count_cell(struct logon *logon, const struct eng_folder *row, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    uint32_t content = 0;
    uint32_t unread = 0;
    HRESULT hr;

    hr = search_count(logon, row->id, &content, &unread);
    if (FAILED(hr))
        return hr;
    if (PROP_ID(tag) == PROP_ID(PR_CONTENT_UNREAD))
        content = unread;
    return prop_scratch_long(scratch, PROP_TAG(PT_LONG, PROP_ID(tag)), content, out)
                   ? S_OK
                   : MAPI_E_NOT_ENOUGH_MEMORY;
}

HRESULT folder_row_cell(struct logon *logon, const struct eng_folder *row, const char *name,
        size_t name_size, const void *packed, size_t packed_size, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    int made;

    if (PROP_ID(tag) == PROP_ID(PR_DISPLAY_NAME_W)) {
        cell_bytes(PR_DISPLAY_NAME_W, name, name_size, out);
        return S_OK;
    }
    if (row->type == ENG_FOLDER_SEARCH && (PROP_ID(tag) == PROP_ID(PR_CONTENT_COUNT) ||
                                                  PROP_ID(tag) == PROP_ID(PR_CONTENT_UNREAD)))
        return search_count_cell(logon, row, tag, scratch, out);
    made = identity_cell(logon, row, tag, scratch, out);
    if (made < 0)
        made = counted_cell(row, tag, scratch, out);
    if (made >= 0)
        return made ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    if (packed_find(packed, packed_size, tag, out))
        return S_OK;
    if (PROP_ID(tag) == PROP_ID(PR_STATUS))
        return prop_scratch_long(scratch, PR_STATUS, 0, out) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    return MAPI_E_NOT_FOUND;
}

/* --- rules
 * ---------------------------------------------------------------------------------------------- */

static HRESULT get_value(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    const struct folder *folder = folder_from_prop(prop);

    MSP_UNUSED(call);
    if (PROP_ID(tag) == PROP_ID(PR_DISPLAY_NAME_W) || PROP_ID(tag) == PROP_ID(PR_STATUS)) {
        if (bag_get(&prop->bag, tag, out))
            return S_OK;
    }
    if (PROP_ID(tag) == PROP_ID(PR_ACCESS_LEVEL))
        return prop_scratch_long(scratch, PR_ACCESS_LEVEL, prop->can_write ? MAPI_MODIFY : 0, out)
                       ? S_OK
                       : MAPI_E_NOT_ENOUGH_MEMORY;
    return folder_row_cell(prop->logon, &folder->row, (const char *)folder->name.data,
            folder->name.size, NULL, 0, tag, scratch, out);
}

/* Kept with the folder's properties, but the store's own. */
static HRESULT hide_value(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    MSP_UNUSED(call);
    MSP_UNUSED(prop);
    MSP_UNUSED(tag);
    MSP_UNUSED(scratch);
    MSP_UNUSED(out);
    return MAPI_E_NOT_FOUND;
}

static HRESULT judge_name(
        struct msp_call *call, struct prop_object *prop, ULONG tag, const struct bag_value *cell)
{
    MSP_UNUSED(tag);
    if (folder_from_prop(prop)->row.id == ENG_ROOT_FOLDER)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The root folder cannot be renamed.");
    if (cell == NULL)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "A folder cannot be without a name.");
    if (cell->size == 0)
        return msp_fail(call, MAPI_E_INVALID_PARAMETER, 0, "A folder's name cannot be empty.");
    return S_OK;
}

/* clang-format off */
static const struct prop_rule folder_rules[] = {
    { PR_PARENT_ENTRYID,              PROP_COMPUTED,               get_value, NULL },
    { PR_ACCESS,                      PROP_COMPUTED,               get_value, NULL },
    { PR_ACCESS_LEVEL,                PROP_COMPUTED,               get_value, NULL },
    { PR_MAPPING_SIGNATURE,           PROP_COMPUTED,               get_value, NULL },
    { PR_RECORD_KEY,                  PROP_COMPUTED,               get_value, NULL },
    { PR_STORE_RECORD_KEY,            PROP_COMPUTED,               get_value, NULL },
    { PR_STORE_ENTRYID,               PROP_COMPUTED,               get_value, NULL },
    { PR_OBJECT_TYPE,                 PROP_COMPUTED,               get_value, NULL },
    { PR_ENTRYID,                     PROP_COMPUTED,               get_value, NULL },
    { PR_DISPLAY_NAME_W,              PROP_WRITE,                  get_value, judge_name },
    { PR_CREATION_TIME,               PROP_COMPUTED,               get_value, NULL },
    { PR_LAST_MODIFICATION_TIME,      PROP_COMPUTED,               get_value, NULL },
    { PR_STORE_SUPPORT_MASK,          PROP_COMPUTED | PROP_HIDDEN, get_value, NULL },
    { PR_FOLDER_TYPE,                 PROP_COMPUTED,               get_value, NULL },
    { PR_CONTENT_COUNT,               PROP_COMPUTED,               get_value, NULL },
    { PR_CONTENT_UNREAD,              PROP_COMPUTED,               get_value, NULL },
    { PR_SUBFOLDERS,                  PROP_COMPUTED,               get_value, NULL },
    { PR_STATUS,                      PROP_WRITE,                  get_value, NULL },
    { PR_CONTAINER_HIERARCHY,         PROP_OBJECT,                 NULL,      NULL },
    { PR_CONTAINER_CONTENTS,          PROP_OBJECT,                 NULL,      NULL },
    { PR_FOLDER_ASSOCIATED_CONTENTS,  PROP_OBJECT,                 NULL,      NULL },
    { PR_ASSOC_CONTENT_COUNT,         PROP_COMPUTED,               get_value, NULL },
    { PR_FOLDER_CHILD_COUNT,          PROP_COMPUTED | PROP_HIDDEN, get_value, NULL },
    { FOLDER_SORT_TAG,                PROP_COMPUTED | PROP_HIDDEN, hide_value, NULL },
};
/* clang-format on */

const struct prop_class folder_props = {
    .rules = folder_rules,
    .rule_count = MSP_COUNT_OF(folder_rules),
    .refresh = folder_refresh,
    .commit = folder_commit,
    .open = folder_open_object,
};
