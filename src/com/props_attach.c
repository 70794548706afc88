/* SPDX-License-Identifier: MIT */
/*
 * props_attach.c - the properties of attachments: rules of the object, and the cells that table
 * rows share with them.
 *
 * PR_ATTACH_DATA_BIN and PR_ATTACH_DATA_OBJ have one id. The bag keeps bytes under the first tag,
 * or under the second the bytes of a structured storage, which are never none, or an empty mark
 * that stands for an embedded message; so any one replaces the others, and DeleteProps removes all.
 *
 * Owns:  nothing.
 * Locks: everything here runs under the domain lock.
 */
#include "com/logon.h"
#include "com/message_impl.h"
#include "util/bytes.h"

static HRESULT made(bool ok)
{
    return ok ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

HRESULT attach_computed_cell(struct logon *logon, uint64_t message, uint32_t number, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    uint8_t key[RECORD_KEY_SIZE + 4];

    switch (PROP_ID(tag)) {
    case PROP_ID(PR_ATTACH_NUM):
        return made(prop_scratch_long(scratch, PR_ATTACH_NUM, number, out));
    case PROP_ID(PR_OBJECT_TYPE):
        return made(prop_scratch_long(scratch, PR_OBJECT_TYPE, MAPI_ATTACH, out));
    case PROP_ID(PR_MAPPING_SIGNATURE):
        cell_bytes(PR_MAPPING_SIGNATURE, logon->store_uid, sizeof(logon->store_uid), out);
        return S_OK;
    case PROP_ID(PR_RECORD_KEY):
        record_key_put(logon->store_uid, message, key);
        put_u32le(key + RECORD_KEY_SIZE, number);
        return made(prop_scratch_bytes(scratch, PR_RECORD_KEY, key, sizeof(key), out));
    default:
        return MAPI_E_NOT_FOUND;
    }
}

HRESULT attach_default_cell(ULONG tag, struct prop_scratch *scratch, struct bag_value *out)
{
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_ATTACH_METHOD):
        return made(prop_scratch_long(scratch, PR_ATTACH_METHOD, NO_ATTACHMENT, out));
    case PROP_ID(PR_RENDERING_POSITION):
        return made(prop_scratch_long(scratch, PR_RENDERING_POSITION, 0xFFFFFFFF, out));
    default:
        return MAPI_E_NOT_FOUND;
    }
}

static HRESULT get_computed(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    const struct attach *attach = attach_from_prop(prop);

    MSP_UNUSED(call);
    return attach_computed_cell(
            prop->logon, attach->message->row.id, attach->number, tag, scratch, out);
}

static HRESULT get_or_default(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    MSP_UNUSED(call);
    if (bag_get(&prop->bag, tag, out))
        return S_OK;
    return attach_default_cell(tag, scratch, out);
}

static HRESULT get_access_level(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    MSP_UNUSED(call);
    MSP_UNUSED(tag); /* it has whatever type was asked for */
    return made(
            prop_scratch_long(scratch, PR_ACCESS_LEVEL, prop->can_write ? MAPI_MODIFY : 0, out));
}

/* clang-format off */
static const struct prop_rule attach_rules[] = {
    /* tag                      access         get                set */
    { PR_ATTACH_SIZE,           PROP_COMPUTED, NULL,              NULL },
    { PR_ATTACH_NUM,            PROP_COMPUTED, get_computed,      NULL },
    { PR_ACCESS_LEVEL,          PROP_COMPUTED, get_access_level,  NULL },
    { PR_MAPPING_SIGNATURE,     PROP_COMPUTED, get_computed,      NULL },
    { PR_RECORD_KEY,            PROP_COMPUTED, get_computed,      NULL },
    { PR_OBJECT_TYPE,           PROP_COMPUTED, get_computed,      NULL },
    { PR_ATTACH_METHOD,         PROP_WRITE,    get_or_default,    NULL },
    { PR_RENDERING_POSITION,    PROP_WRITE,    get_or_default,    NULL },
};
/* clang-format on */

const struct prop_class attach_props = {
    .rules = attach_rules,
    .rule_count = MSP_COUNT_OF(attach_rules),
    .save = attach_save,
    .open = attach_open_object,
};
