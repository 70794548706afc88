/* SPDX-License-Identifier: MIT */
/*
 * props_message.c - the properties of messages: rules of the object, cells of table rows.
 *
 * Owns:  nothing.
 * Locks: everything here runs under the domain lock.
 */
#include "com/props_message.h"

#include <string.h>

#include "com/body.h"
#include "com/logon.h"
#include "com/message_impl.h"
#include "com/profile.h"
#include "com/submit.h"
#include "util/buf.h"
#include "util/bytes.h"
#include "util/utf.h"

enum {
    CLASS_MAX = 255, /* characters of PR_MESSAGE_CLASS */
    /* The header of PR_CONVERSATION_INDEX: one byte, the upper bytes of a time, a GUID. */
    CONVERSATION_TIME = 6,
    CONVERSATION_GUID = 16
};

/* --- subject ---------------------------------------------------------------------------------- */

/* Is this a letter? Beyond ASCII everything counts but punctuation, spaces and digits that prefixes
 * never have. */
static bool is_letter(uint32_t code)
{
    if (code < 0x80)
        return (code >= 'A' && code <= 'Z') || (code >= 'a' && code <= 'z');
    return code >= 0xAA && code != 0xAB && code != 0xBB && code != 0xD7 && code != 0xF7 &&
           !(code >= 0x2000 && code <= 0x206F) && !(code >= 0x3000 && code <= 0x3004) &&
           code != 0xFFFD;
}

/* One to three letters, colon, space. */
static size_t common_prefix(const char *subject, size_t subject_size)
{
    size_t at = 0;
    unsigned letters = 0;

    while (at < subject_size && letters < 4) {
        uint32_t code;
        size_t size = utf8_next(subject + at, subject_size - at, &code);

        if (!is_letter(code))
            break;
        at += size;
        letters++;
    }
    if (letters < 1 || letters > 3 || subject_size - at < 2 || subject[at] != ':' ||
            subject[at + 1] != ' ')
        return 0;
    return at + 2;
}

size_t message_subject_prefix(const struct bag_value *subject, const struct bag_value *set)
{
    /* What is to be read as a stream has no parts: prefix and rest could not be told apart in it.
     */
    if ((subject->flags & BAG_LARGE) != 0 || subject->size > PROP_INLINE_MAX)
        return 0;
    if (set != NULL && set->size > 0 && (set->flags & BAG_LARGE) == 0 &&
            set->size <= subject->size && memcmp(subject->data, set->data, set->size) == 0)
        return set->size;
    return common_prefix((const char *)subject->data, subject->size);
}

/* The prefix or the rest of a subject. */
static HRESULT subject_part(const struct bag_value *subject, const struct bag_value *prefix,
        ULONG tag, struct bag_value *out)
{
    size_t size;

    size = message_subject_prefix(subject, prefix);
    if (PROP_ID(tag) == PROP_ID(PR_NORMALIZED_SUBJECT)) {
        *out = *subject;
        out->tag = PR_NORMALIZED_SUBJECT_W;
        out->data += size;
        out->size -= size;
        return S_OK;
    }
    if (size == 0)
        return MAPI_E_NOT_FOUND;
    cell_bytes(PR_SUBJECT_PREFIX_W, subject->data, size, out);
    return S_OK;
}

/* --- conversation ----------------------------------------------------------------------------- */

/* What a client did not set is made of what does not change while the message stays itself
 * ("Tracking Conversations"): who answers it twice answers in one conversation. */
static HRESULT conversation_index(uint64_t created, const struct bag_value *search_key,
        struct prop_scratch *scratch, struct bag_value *out)
{
    uint8_t bytes[CONVERSATION_TIME + CONVERSATION_GUID];

    if (search_key->tag != PR_SEARCH_KEY || search_key->size != CONVERSATION_GUID ||
            (search_key->flags & BAG_LARGE) != 0)
        return MAPI_E_NOT_FOUND;
    for (unsigned i = 0; i < CONVERSATION_TIME; i++)
        bytes[i] = (uint8_t)(created >> (56 - 8 * i));
    bytes[0] = 1;
    memcpy(bytes + CONVERSATION_TIME, search_key->data, CONVERSATION_GUID);
    return prop_scratch_bytes(scratch, PR_CONVERSATION_INDEX, bytes, sizeof(bytes), out)
                   ? S_OK
                   : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* --- rows ------------------------------------------------------------------------------------- */

const ULONG message_row_tags[] = {
    PR_IMPORTANCE,
    PR_PRIORITY,
    PR_SENSITIVITY,
    PR_DISPLAY_BCC_W,
    PR_DISPLAY_CC_W,
    PR_DISPLAY_TO_W,
    PR_MESSAGE_FLAGS,
    PR_MESSAGE_SIZE,
    PR_PARENT_ENTRYID,
    PR_MSG_STATUS,
    PR_HASATTACH,
    PR_NORMALIZED_SUBJECT_W,
    PR_ACCESS,
    PR_ACCESS_LEVEL,
    PR_MAPPING_SIGNATURE,
    PR_RECORD_KEY,
    PR_STORE_RECORD_KEY,
    PR_STORE_ENTRYID,
    PR_OBJECT_TYPE,
    PR_ENTRYID,
    PR_CREATION_TIME,
    PR_LAST_MODIFICATION_TIME,
    0,
};

bool message_row_is_narrow(ULONG tag)
{
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_IMPORTANCE):
    case PROP_ID(PR_MESSAGE_CLASS):
    case PROP_ID(PR_SUBJECT):
    case PROP_ID(PR_SENDER_NAME):
    case PROP_ID(PR_DISPLAY_TO):
    case PROP_ID(PR_MESSAGE_DELIVERY_TIME):
    case PROP_ID(PR_CLIENT_SUBMIT_TIME):
    case PROP_ID(PR_MESSAGE_FLAGS):
    case PROP_ID(PR_MESSAGE_SIZE):
    case PROP_ID(PR_PARENT_ENTRYID):
    case PROP_ID(PR_MSG_STATUS):
    case PROP_ID(PR_HASATTACH):
    case PROP_ID(PR_ACCESS):
    case PROP_ID(PR_ACCESS_LEVEL):
    case PROP_ID(PR_MAPPING_SIGNATURE):
    case PROP_ID(PR_RECORD_KEY):
    case PROP_ID(PR_STORE_RECORD_KEY):
    case PROP_ID(PR_STORE_ENTRYID):
    case PROP_ID(PR_OBJECT_TYPE):
    case PROP_ID(PR_ENTRYID):
    case PROP_ID(PR_CREATION_TIME):
    case PROP_ID(PR_LAST_MODIFICATION_TIME):
        return true;
    default:
        return false;
    }
}

static HRESULT made(bool ok)
{
    return ok ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT entryid_cell(struct logon *logon, enum entryid_kind kind, uint64_t id, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    uint8_t bytes[ENTRYID_SIZE];

    if (id == 0)
        return MAPI_E_NOT_FOUND;
    logon_entryid(logon, kind, id, bytes);
    return made(prop_scratch_bytes(scratch, tag, bytes, sizeof(bytes), out));
}

/* PR_MESSAGE_SIZE and PR_MESSAGE_SIZE_EXTENDED share an id. */
static HRESULT size_cell(
        uint64_t size, ULONG tag, struct prop_scratch *scratch, struct bag_value *out)
{
    if (PROP_TYPE(tag) == PT_I8)
        return made(prop_scratch_i8(scratch, PR_MESSAGE_SIZE_EXTENDED, size, out));
    return made(prop_scratch_long(
            scratch, PR_MESSAGE_SIZE, size < 0x7FFFFFFF ? (uint32_t)size : 0x7FFFFFFF, out));
}

/* Another one after every save: the record key, and how often it was saved. */
static HRESULT change_key(struct logon *logon, const struct eng_msg *row,
        struct prop_scratch *scratch, struct bag_value *out)
{
    uint8_t key[RECORD_KEY_SIZE + 8];

    if (row->change == 0)
        return MAPI_E_NOT_FOUND;
    record_key_put(logon->store_uid, row->id, key);
    put_u64le(key + RECORD_KEY_SIZE, row->change);
    return made(prop_scratch_bytes(scratch, PR_CHANGE_KEY, key, sizeof(key), out));
}

/* What every message has whatever is stored in it. */
static HRESULT row_identity(struct logon *logon, const struct eng_msg *row, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    uint8_t key[RECORD_KEY_SIZE];
    uint8_t store_key[32];

    switch (PROP_ID(tag)) {
    case PROP_ID(PR_ENTRYID):
        if (row->folder == 0)
            return MAPI_E_NOT_FOUND; /* embedded: nobody can open it by an entry id */
        return entryid_cell(logon, ENTRYID_MESSAGE, row->id, PR_ENTRYID, scratch, out);
    case PROP_ID(PR_PARENT_ENTRYID):
        return entryid_cell(logon, ENTRYID_FOLDER, row->folder, PR_PARENT_ENTRYID, scratch, out);
    case PROP_ID(PR_RECORD_KEY):
        record_key_put(logon->store_uid, row->id, key);
        return made(prop_scratch_bytes(scratch, PR_RECORD_KEY, key, sizeof(key), out));
    case PROP_ID(PR_CHANGE_KEY):
        return change_key(logon, row, scratch, out);
    case PROP_ID(PR_STORE_RECORD_KEY):
        profile_record_key(logon->store_uid, store_key);
        return made(prop_scratch_bytes(
                scratch, PR_STORE_RECORD_KEY, store_key, sizeof(store_key), out));
    case PROP_ID(PR_MAPPING_SIGNATURE):
        cell_bytes(PR_MAPPING_SIGNATURE, logon->store_uid, sizeof(logon->store_uid), out);
        return S_OK;
    case PROP_ID(PR_STORE_ENTRYID):
        cell_bytes(PR_STORE_ENTRYID, logon->store_entryid.data, logon->store_entryid.size, out);
        return S_OK;
    case PROP_ID(PR_OBJECT_TYPE):
        return made(prop_scratch_long(scratch, PR_OBJECT_TYPE, MAPI_MESSAGE, out));
    case PROP_ID(PR_ACCESS):
        return made(prop_scratch_long(scratch, PR_ACCESS,
                logon->can_write ? MAPI_ACCESS_READ | MAPI_ACCESS_MODIFY | MAPI_ACCESS_DELETE
                                 : MAPI_ACCESS_READ,
                out));
    case PROP_ID(PR_ACCESS_LEVEL):
        return made(prop_scratch_long(
                scratch, PR_ACCESS_LEVEL, logon->can_write ? MAPI_MODIFY : 0, out));
    default:
        return S_FALSE;
    }
}

static HRESULT row_state(
        const struct eng_msg *row, ULONG tag, struct prop_scratch *scratch, struct bag_value *out)
{
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_MESSAGE_FLAGS):
        return made(prop_scratch_long(scratch, PR_MESSAGE_FLAGS, row->flags, out));
    case PROP_ID(PR_MSG_STATUS):
        return made(prop_scratch_long(scratch, PR_MSG_STATUS, row->status, out));
    case PROP_ID(PR_HASATTACH):
        return made(prop_scratch_bool(
                scratch, PR_HASATTACH, (row->flags & MSGFLAG_HASATTACH) != 0, out));
    case PROP_ID(PR_MESSAGE_SIZE):
        return size_cell(row->size, tag, scratch, out);
    case PROP_ID(PR_CREATION_TIME):
        return made(prop_scratch_i8(scratch, PR_CREATION_TIME, row->created, out));
    case PROP_ID(PR_LAST_MODIFICATION_TIME):
        return made(prop_scratch_i8(scratch, PR_LAST_MODIFICATION_TIME, row->modified, out));
    case PROP_ID(PR_IMPORTANCE):
        return made(prop_scratch_long(scratch, PR_IMPORTANCE, row->importance, out));
    default:
        return S_FALSE;
    }
}

static HRESULT row_time(
        uint64_t time, ULONG tag, struct prop_scratch *scratch, struct bag_value *out)
{
    if (time == 0)
        return MAPI_E_NOT_FOUND;
    return made(prop_scratch_i8(scratch, tag, time, out));
}

/* A text of the row, unless it may have been cut and the whole is at hand. */
static HRESULT row_text(const struct eng_text *text, const void *packed, size_t packed_size,
        ULONG tag, struct bag_value *out)
{
    if (text->data == NULL)
        return MAPI_E_NOT_FOUND;
    if (text->size + 4 >= MESSAGE_NARROW_TEXT_MAX && packed != NULL &&
            packed_find(packed, packed_size, tag, out) && (out->flags & BAG_LARGE) == 0)
        return S_OK;
    cell_bytes(tag, text->data, text->size, out);
    return S_OK;
}

/* The copies of stored properties that the row has. */
static HRESULT row_copy(const struct eng_msg *row, const void *packed, size_t packed_size,
        ULONG tag, struct prop_scratch *scratch, struct bag_value *out)
{
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_MESSAGE_CLASS):
        return row_text(&row->message_class, packed, packed_size, PR_MESSAGE_CLASS_W, out);
    case PROP_ID(PR_SUBJECT):
        return row_text(&row->subject, packed, packed_size, PR_SUBJECT_W, out);
    case PROP_ID(PR_SENDER_NAME):
        return row_text(&row->sender, packed, packed_size, PR_SENDER_NAME_W, out);
    case PROP_ID(PR_DISPLAY_TO):
        if (row->display_to.data != NULL)
            return row_text(&row->display_to, packed, packed_size, PR_DISPLAY_TO_W, out);
        cell_bytes(PR_DISPLAY_TO_W, "", 0, out);
        return S_OK;
    case PROP_ID(PR_MESSAGE_DELIVERY_TIME):
        return row_time(row->delivered, PR_MESSAGE_DELIVERY_TIME, scratch, out);
    case PROP_ID(PR_CLIENT_SUBMIT_TIME):
        return row_time(row->submitted, PR_CLIENT_SUBMIT_TIME, scratch, out);
    default:
        return S_FALSE;
    }
}

/* A stored property is absent: what is said instead. */
static HRESULT absent_cell(ULONG tag, struct prop_scratch *scratch, struct bag_value *out)
{
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_DISPLAY_TO):
    case PROP_ID(PR_DISPLAY_CC):
    case PROP_ID(PR_DISPLAY_BCC):
        cell_bytes(PROP_TAG(PT_UNICODE, PROP_ID(tag)), "", 0, out);
        return S_OK;
    case PROP_ID(PR_IMPORTANCE):
        return made(prop_scratch_long(scratch, PR_IMPORTANCE, IMPORTANCE_NORMAL, out));
    case PROP_ID(PR_PRIORITY):
        return made(prop_scratch_long(scratch, PR_PRIORITY, PRIO_NORMAL, out));
    case PROP_ID(PR_SENSITIVITY):
        return made(prop_scratch_long(scratch, PR_SENSITIVITY, SENSITIVITY_NONE, out));
    default:
        return MAPI_E_NOT_FOUND;
    }
}

static HRESULT row_subject_part(const struct eng_msg *row, const void *packed, size_t packed_size,
        ULONG tag, struct prop_scratch *scratch, struct bag_value *out)
{
    struct bag_value subject;
    struct bag_value prefix = { 0 };
    HRESULT hr;

    hr = row_copy(row, packed, packed_size, PR_SUBJECT_W, scratch, &subject);
    if (hr != S_OK)
        return hr;
    if (packed != NULL)
        (void)packed_find(packed, packed_size, PR_SUBJECT_PREFIX_W, &prefix);
    return subject_part(&subject, &prefix, tag, out);
}

static HRESULT row_conversation(const struct eng_msg *row, const void *packed, size_t packed_size,
        ULONG tag, struct prop_scratch *scratch, struct bag_value *out)
{
    struct bag_value key = { 0 };
    HRESULT hr;

    if (packed != NULL && packed_find(packed, packed_size, tag, out))
        return S_OK;
    if (PROP_ID(tag) == PROP_ID(PR_CONVERSATION_INDEX)) {
        if (packed != NULL)
            (void)packed_find(packed, packed_size, PR_SEARCH_KEY, &key);
        return conversation_index(row->created, &key, scratch, out);
    }
    hr = row_subject_part(row, packed, packed_size, PR_NORMALIZED_SUBJECT_W, scratch, out);
    if (hr == S_OK)
        out->tag = PR_CONVERSATION_TOPIC_W;
    return hr;
}

HRESULT message_row_cell(struct logon *logon, const struct eng_msg *row, const void *packed,
        size_t packed_size, ULONG tag, struct prop_scratch *scratch, struct bag_value *out)
{
    HRESULT hr;

    hr = row_identity(logon, row, tag, scratch, out);
    if (hr == S_FALSE)
        hr = row_state(row, tag, scratch, out);
    if (hr == S_FALSE)
        hr = row_copy(row, packed, packed_size, tag, scratch, out);
    if (hr != S_FALSE)
        return hr;
    if (PROP_ID(tag) == PROP_ID(PR_SUBJECT_PREFIX) ||
            PROP_ID(tag) == PROP_ID(PR_NORMALIZED_SUBJECT))
        return row_subject_part(row, packed, packed_size, tag, scratch, out);
    if (PROP_ID(tag) == PROP_ID(PR_CONVERSATION_TOPIC) ||
            PROP_ID(tag) == PROP_ID(PR_CONVERSATION_INDEX))
        return row_conversation(row, packed, packed_size, tag, scratch, out);
    if (body_has(tag)) {
        const struct body body = { .logon = logon, .packed = packed, .packed_size = packed_size };

        return body_cell(&body, tag, scratch, out);
    }
    if (packed != NULL && packed_find(packed, packed_size, tag, out))
        return S_OK;
    return absent_cell(tag, scratch, out);
}

/* --- the object ------------------------------------------------------------------------------- */

static HRESULT get_identity(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    MSP_UNUSED(call);
    return row_identity(prop->logon, &message_from_prop(prop)->row, tag, scratch, out);
}

static HRESULT get_state(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    MSP_UNUSED(call);
    return row_state(&message_from_prop(prop)->row, tag, scratch, out);
}

/* The folder it lies in now: a message can be moved while it is open. */
static void look_up_folder(struct message *message)
{
    struct eng *eng = message->prop.logon->eng;
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg now;
    uint64_t stamp;

    if (message->holder != NULL || message->row.change == 0)
        return;
    stamp = eng_change_stamp(eng);
    if (stamp == message->folder_stamp)
        return;
    if (eng_msg_get(eng, message->row.id, &now, &texts, NULL) == ENG_OK) {
        message->row.folder = now.folder;
        message->folder_stamp = stamp;
    }
    msp_buf_free(&texts);
}

static HRESULT get_parent(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    look_up_folder(message_from_prop(prop));
    return get_identity(call, prop, tag, scratch, out);
}

static HRESULT get_access_level(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    MSP_UNUSED(call);
    MSP_UNUSED(tag); /* it has whatever type was asked for */
    return made(
            prop_scratch_long(scratch, PR_ACCESS_LEVEL, prop->can_write ? MAPI_MODIFY : 0, out));
}

static HRESULT get_or_default(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    MSP_UNUSED(call);
    if (bag_get(&prop->bag, tag, out))
        return S_OK;
    return absent_cell(tag, scratch, out);
}

static HRESULT get_subject_part(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    struct bag_value subject;
    struct bag_value prefix = { 0 };

    MSP_UNUSED(call);
    MSP_UNUSED(scratch);
    (void)bag_get(&prop->bag, PR_SUBJECT_PREFIX_W, &prefix);
    if (!bag_get(&prop->bag, PR_SUBJECT_W, &subject)) {
        if (PROP_ID(tag) != PROP_ID(PR_SUBJECT_PREFIX) || prefix.tag == 0)
            return MAPI_E_NOT_FOUND;
        *out = prefix; /* set, and its subject still to come */
        return S_OK;
    }
    return subject_part(&subject, &prefix, tag, out);
}

static HRESULT get_conversation(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    struct bag_value key = { 0 };
    HRESULT hr;

    if (bag_get(&prop->bag, tag, out))
        return S_OK;
    if (PROP_ID(tag) == PROP_ID(PR_CONVERSATION_INDEX)) {
        (void)bag_get(&prop->bag, PR_SEARCH_KEY, &key);
        return conversation_index(message_from_prop(prop)->row.created, &key, scratch, out);
    }
    hr = get_subject_part(call, prop, PR_NORMALIZED_SUBJECT_W, scratch, out);
    if (hr == S_OK)
        out->tag = PR_CONVERSATION_TOPIC_W;
    return hr;
}

/* One property as its getter makes it, when nothing is stored. */
static HRESULT settle_made(struct msp_call *call, struct prop_object *prop, ULONG tag)
{
    struct prop_scratch scratch;
    struct bag_value cell;
    HRESULT hr;

    if (bag_get(&prop->bag, tag, &cell))
        return S_OK;
    prop_scratch_init(&scratch);
    hr = get_conversation(call, prop, tag, &scratch, &cell);
    if (hr == S_OK && (cell.flags & BAG_LARGE) == 0)
        hr = prop_put(call, prop, &cell);
    prop_scratch_done(&scratch);
    return hr == MAPI_E_NOT_FOUND ? S_OK : hr;
}

HRESULT message_settle_conversation(struct msp_call *call, struct prop_object *prop)
{
    HRESULT hr = settle_made(call, prop, PR_CONVERSATION_TOPIC_W);

    return FAILED(hr) ? hr : settle_made(call, prop, PR_CONVERSATION_INDEX);
}

static HRESULT get_flags(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    const struct message *message = message_from_prop(prop);
    uint32_t flags = message->row.flags;
    struct bag_value cell;

    MSP_UNUSED(call);
    MSP_UNUSED(tag);
    if (message->is_new && bag_get(&prop->bag, PR_MESSAGE_FLAGS, &cell))
        flags = message_first_flags(flags, cell_get_long(&cell, flags));
    return made(prop_scratch_long(scratch, PR_MESSAGE_FLAGS, flags, out));
}

static HRESULT get_modified(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    if (bag_get(&prop->bag, PR_LAST_MODIFICATION_TIME, out))
        return S_OK;
    return get_state(call, prop, tag, scratch, out);
}

/* There only while the message waits to be sent. */
static HRESULT get_submit_flags(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    const struct message *message = message_from_prop(prop);
    struct eng *eng = prop->logon->eng;
    struct eng_outgoing entry;
    enum eng_status status;

    MSP_UNUSED(tag);
    if ((message->row.flags & MSGFLAG_SUBMIT) == 0)
        return MAPI_E_NOT_FOUND;
    status = eng_outgoing_get(eng, message->row.id, &entry);
    if (status == ENG_NOT_FOUND)
        return MAPI_E_NOT_FOUND;
    if (status != ENG_OK)
        return msp_from_engine(call, eng, status);
    return made(prop_scratch_long(scratch, PR_SUBMIT_FLAGS, submit_flags(&entry), out));
}

/* Before the first save the client decides, afterwards the store. */
static HRESULT set_while_new(
        struct msp_call *call, struct prop_object *prop, ULONG tag, const struct bag_value *cell)
{
    MSP_UNUSED(call);
    MSP_UNUSED(tag);
    return message_from_prop(prop)->is_new && cell != NULL ? S_OK : MAPI_E_COMPUTED;
}

static HRESULT set_class(
        struct msp_call *call, struct prop_object *prop, ULONG tag, const struct bag_value *cell)
{
    MSP_UNUSED(prop);
    MSP_UNUSED(tag);
    if (cell == NULL)
        return S_OK;
    if (utf8_to_utf16((const char *)cell->data, cell->size, NULL, 0) <= CLASS_MAX)
        return S_OK;
    return msp_fail(call, MAPI_E_INVALID_PARAMETER, 0, "A message class has at most %d characters.",
            CLASS_MAX);
}

/* clang-format off */
static const struct prop_rule message_rules[] = {
    /* tag                      access         get                set */
    { PR_IMPORTANCE,            PROP_WRITE,    get_or_default,    NULL },
    { PR_MESSAGE_CLASS_W,       PROP_WRITE,    NULL,              set_class },
    { PR_PRIORITY,              PROP_WRITE,    get_or_default,    NULL },
    { PR_SENSITIVITY,           PROP_WRITE,    get_or_default,    NULL },
    { PR_SUBJECT_W,             PROP_WRITE,    NULL,              NULL },
    { PR_SUBJECT_PREFIX_W,      PROP_WRITE,    get_subject_part,  NULL },
    { PR_CONVERSATION_TOPIC_W, PROP_WRITE | PROP_MADE, get_conversation, NULL },
    { PR_CONVERSATION_INDEX,    PROP_WRITE | PROP_MADE, get_conversation, NULL },
    { PR_DISPLAY_BCC_W,         PROP_COMPUTED, get_or_default,    NULL },
    { PR_DISPLAY_CC_W,          PROP_COMPUTED, get_or_default,    NULL },
    { PR_DISPLAY_TO_W,          PROP_COMPUTED, get_or_default,    NULL },
    { PR_MESSAGE_FLAGS,         PROP_WRITE,    get_flags,         set_while_new },
    { PR_MESSAGE_SIZE,          PROP_COMPUTED, get_state,         NULL },
    { PR_PARENT_ENTRYID,        PROP_COMPUTED, get_parent,        NULL },
    { PR_MESSAGE_RECIPIENTS,    PROP_OBJECT,   NULL,              NULL },
    { PR_MESSAGE_ATTACHMENTS,   PROP_OBJECT,   NULL,              NULL },
    { PR_SUBMIT_FLAGS,          PROP_COMPUTED, get_submit_flags,  NULL },
    { PR_MSG_STATUS,            PROP_COMPUTED, get_state,         NULL },
    { PR_HASATTACH,             PROP_COMPUTED, get_state,         NULL },
    { PR_NORMALIZED_SUBJECT_W,  PROP_COMPUTED, get_subject_part,  NULL },
    { PR_RTF_IN_SYNC, PROP_WRITE | PROP_MADE, body_get, NULL },
    { PR_ACCESS,                PROP_COMPUTED, get_identity,      NULL },
    { PR_ACCESS_LEVEL,          PROP_COMPUTED, get_access_level,  NULL },
    { PR_MAPPING_SIGNATURE,     PROP_COMPUTED, get_identity,      NULL },
    { PR_RECORD_KEY,            PROP_COMPUTED, get_identity,      NULL },
    { PR_STORE_RECORD_KEY,      PROP_COMPUTED, get_identity,      NULL },
    { PR_STORE_ENTRYID,         PROP_COMPUTED, get_identity,      NULL },
    { PR_OBJECT_TYPE,           PROP_COMPUTED, get_identity,      NULL },
    { PR_ENTRYID,               PROP_COMPUTED, get_identity,      NULL },
    { PR_BODY_W, PROP_WRITE | PROP_MADE, body_get, NULL },
    { PR_RTF_COMPRESSED, PROP_WRITE | PROP_MADE, body_get, NULL },
    { CHANGE_PROP_TYPE(PR_HTML, PT_UNSPECIFIED), PROP_WRITE | PROP_MADE, body_get, NULL },
    { PR_NATIVE_BODY_INFO, PROP_WRITE | PROP_MADE, body_get, NULL },
    { PR_CREATION_TIME,         PROP_COMPUTED, get_state,         NULL },
    { PR_LAST_MODIFICATION_TIME, PROP_WRITE,   get_modified,      set_while_new },
    { PR_CREATOR_NAME_W,        PROP_WRITE,    NULL,              set_while_new },
    { PR_CREATOR_ENTRYID,       PROP_WRITE,    NULL,              set_while_new },
    { PR_LAST_MODIFIER_NAME_W,  PROP_WRITE,    NULL,              set_while_new },
    { PR_LAST_MODIFIER_ENTRYID, PROP_WRITE,    NULL,              set_while_new },
    { PR_CHANGE_KEY,            PROP_COMPUTED | PROP_HIDDEN, get_identity, NULL },
};
/* clang-format on */

const struct prop_class message_props = {
    .rules = message_rules,
    .rule_count = MSP_COUNT_OF(message_rules),
    .save = message_save,
    .open = message_open_object,
    .remove_object = message_remove_object,
};
