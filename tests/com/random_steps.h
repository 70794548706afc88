/* SPDX-License-Identifier: MIT */
/*
 * random_steps.h - what a step of a random walk does to the objects of random_world.h.
 *
 * Every step knows from the model what each call must answer. A step that has nothing to work on
 * does nothing. Steps marked so may be made in callbacks, too: inside OnNotify and inside calls of
 * the support object.
 */
#ifndef RANDOM_STEPS_H
#define RANDOM_STEPS_H

#include "random_world.h"

/* ---- Opening ---- */

static inline void rw_open_entry(struct random_world *w, unsigned seat, unsigned folder)
{
    struct rw_item *store = rw_pick(w, RW_KIND(WALK_O_STORE), RW_ANY, seat);
    LPUNKNOWN object = POISON;
    ULONG type = POISON_LONG;
    HRESULT expected, hr;

    if (!store)
        return;
    expected = rw_state(store);
    rw_say(w, "open folder %u through the store of seat %u", folder, store->seat);
    hr = ((IMsgStore *)store->object)
                 ->lpVtbl->OpenEntry(store->object, w->folders[folder].size,
                         rw_id(w->folders[folder].id), NULL, MAPI_MODIFY, &type, &object);
    rw_expect(w, hr, expected, "OpenEntry of a folder");
    if (FAILED(hr)) {
        if (object || type)
            rw_wrong(w, "OpenEntry of a folder failed and left an out");
        return;
    }
    if (type != MAPI_FOLDER)
        rw_wrong(w, "OpenEntry of a folder says it is of type %lu", (unsigned long)type);
    rw_take(w, store->seat, folder == RW_FOLDERS ? WALK_O_SEARCH : WALK_O_FOLDER, object)->folder =
            folder;
}

static inline void rw_step_open_folder(struct random_world *w, uint32_t a, uint32_t b)
{
    if (rw_has_room(w))
        rw_open_entry(w, a, b % (RW_FOLDERS + 1));
}

static inline void rw_step_create_message(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_item *folder = rw_pick(w, RW_KIND(WALK_O_FOLDER), RW_ANY, a), *item;
    IMessage *message = POISON;
    int number = rw_new_message(w);
    HRESULT expected, hr;

    (void)b;
    if (!folder || folder->folder == RW_FOLDERS || number < 0 || !rw_has_room(w))
        return;
    expected = rw_state(folder);
    rw_say(w, "create message %d in item %u", number, rw_number(w, folder));
    hr = ((IMAPIFolder *)folder->object)->lpVtbl->CreateMessage(folder->object, NULL, 0, &message);
    rw_expect(w, hr, expected, "CreateMessage");
    if (FAILED(hr)) {
        if (message)
            rw_wrong(w, "CreateMessage failed and left an out");
        return;
    }
    item = rw_take(w, folder->seat, WALK_O_NEW_MESSAGE, message);
    item->message = number;
    item->can_write = true;
    item->knows_attachments = true;
    w->messages[number].is_used = true;
    w->messages[number].folder = folder->folder;
    w->messages[number].knows_attachments = true;
}

/* Opens a message of the model; NULL: it is gone, as it should be, or the seat is dead. */
static inline IMessage *rw_open(
        struct random_world *w, const struct rw_item *store, struct rw_message *message)
{
    LPUNKNOWN object = POISON;
    ULONG type = POISON_LONG;
    HRESULT expected = rw_state(store), hr;

    if (store->is_alive && message->is_gone)
        expected = MAPI_E_NOT_FOUND;
    hr = ((IMsgStore *)store->object)
                 ->lpVtbl->OpenEntry(store->object, message->id_size, rw_id(message->id), NULL,
                         MAPI_MODIFY, &type, &object);
    if (message->is_unsure && hr == MAPI_E_NOT_FOUND)
        return NULL;
    rw_expect(w, hr, expected, "OpenEntry of a message");
    if (SUCCEEDED(hr))
        return (IMessage *)(void *)object;
    if (object || type)
        rw_wrong(w, "OpenEntry of a message failed and left an out");
    return NULL;
}

static inline void rw_step_open_message(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_item *store = rw_pick(w, RW_KIND(WALK_O_STORE), RW_ANY, a), *item;
    struct rw_message *message = rw_pick_message(w, b);
    IMessage *object;

    if (!store || !message || message->is_unsure || !rw_has_room(w))
        return;
    rw_say(w, "open message %d through the store of seat %u", (int)(message - w->messages),
            store->seat);
    object = rw_open(w, store, message);
    if (!object)
        return;
    item = rw_take(w, store->seat, WALK_O_MESSAGE, object);
    item->message = (int)(message - w->messages);
    item->can_write = true;
    item->base = message->version;
    item->value = message->value;
    item->attachments = message->attachments;
    item->knows_attachments = message->knows_attachments;
}

/* Recipients and attachments that are read for the first time when the stored message is another
 * one by now, or gone. Which have been read before, the model does not know. */
static inline HRESULT rw_parts_result(
        const struct random_world *w, const struct rw_item *item, HRESULT expected, HRESULT hr)
{
    const struct rw_message *message = item->message >= 0 ? &w->messages[item->message] : NULL;

    if (message == NULL || expected != S_OK)
        return expected;
    if (message->is_gone && hr == MAPI_E_OBJECT_DELETED)
        return hr;
    return message->version != item->base && hr == MAPI_E_OBJECT_CHANGED ? hr : expected;
}

static inline void rw_step_table(struct random_world *w, uint32_t a, uint32_t b)
{
    static const enum walk_object kinds[] = { WALK_O_CONTENTS, WALK_O_ASSOCIATED, WALK_O_HIERARCHY,
        WALK_O_RECIPIENTS, WALK_O_ATTACHMENTS, WALK_O_RECEIVE, WALK_O_RESULTS };
    enum walk_object kind = kinds[b % 7];
    uint32_t of = kind == WALK_O_RECEIVE   ? RW_KIND(WALK_O_STORE)
                  : kind == WALK_O_RESULTS ? RW_KIND(WALK_O_SEARCH)
                  : kind == WALK_O_RECIPIENTS || kind == WALK_O_ATTACHMENTS
                          ? RW_MESSAGE_KINDS
                          : RW_KIND(WALK_O_FOLDER);
    struct rw_item *item = rw_pick(w, of, RW_ANY, a);
    LPMAPITABLE table = POISON;
    HRESULT expected, hr;

    if (!item || !rw_has_room(w))
        return;
    expected = rw_state(item);
    rw_say(w, "open table %s of item %u", walk_classes[kind].name, rw_number(w, item));
    if (kind == WALK_O_RECEIVE)
        hr = ((IMsgStore *)item->object)
                     ->lpVtbl->GetReceiveFolderTable(item->object, MAPI_UNICODE, &table);
    else if (kind == WALK_O_RECIPIENTS)
        hr = ((IMessage *)item->object)->lpVtbl->GetRecipientTable(item->object, 0, &table);
    else if (kind == WALK_O_ATTACHMENTS)
        hr = ((IMessage *)item->object)->lpVtbl->GetAttachmentTable(item->object, 0, &table);
    else if (kind == WALK_O_HIERARCHY)
        hr = ((IMAPIFolder *)item->object)->lpVtbl->GetHierarchyTable(item->object, 0, &table);
    else
        hr = ((IMAPIFolder *)item->object)
                     ->lpVtbl->GetContentsTable(
                             item->object, kind == WALK_O_ASSOCIATED ? MAPI_ASSOCIATED : 0, &table);
    if (kind == WALK_O_RECIPIENTS || kind == WALK_O_ATTACHMENTS)
        expected = rw_parts_result(w, item, expected, hr);
    rw_expect(w, hr, expected, "opening a table");
    if (SUCCEEDED(hr))
        rw_take(w, item->seat, kind, table);
    else if (table)
        rw_wrong(w, "opening a table failed and left an out");
}

static inline void rw_step_status(struct random_world *w, uint32_t a, uint32_t b)
{
    unsigned number = a % RW_SEATS;
    struct rw_seat *seat = &w->seats[number];
    IMAPIStatus *status = NULL;

    (void)b;
    if (!seat->is_in || !rw_has_room(w))
        return;
    rw_say(w, "open the status object of seat %u", number);
    rw_expect(w,
            host_session_open_status(&w->fx[seat->session]->session, seat->support, 0, &status),
            S_OK, "OpenStatusEntry");
    rw_take(w, number, WALK_O_STATUS, status);
}

/* A stream for writing on a property of a message; what becomes of it is not in the model. */
static inline void rw_step_stream(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_item *item = rw_pick(w, RW_MESSAGE_KINDS, RW_ANY, a);
    LPUNKNOWN stream = POISON;
    HRESULT hr;

    if (!item || !rw_has_room(w) || (item->is_alive && !item->can_write))
        return;
    rw_say(w, "open a stream of item %u", rw_number(w, item));
    hr = ((IMAPIProp *)item->object)
                 ->lpVtbl->OpenProperty(item->object, WALK_DATA, &IID_IStream, 0,
                         MAPI_CREATE | MAPI_MODIFY, &stream);
    rw_expect(w, hr, rw_state(item), "OpenProperty for a stream");
    if (FAILED(hr)) {
        if (stream)
            rw_wrong(w, "OpenProperty failed and left an out");
        return;
    }
    rw_take(w, item->seat, WALK_O_STREAM, stream);
    if (b % 2 == 0)
        rw_expect(w,
                ((IStream *)(void *)stream)
                        ->lpVtbl->Write((IStream *)(void *)stream, "random", 6, NULL),
                S_OK, "Write");
}

/* ---- Changing ---- */

static inline HRESULT rw_put_value(void *object, LONG value)
{
    SPropValue values[2] = { { .ulPropTag = PROP_TAG(PT_LONG, 0x6702) },
        { .ulPropTag = PR_SUBJECT_W } };
    WCHAR text[12] = { 's', 0 };
    unsigned size = 1;

    for (LONG rest = value; rest > 0; rest /= 10)
        text[size++] = (WCHAR)('0' + rest % 10);
    text[size] = 0;
    values[0].Value.l = value;
    values[1].Value.lpszW = text;
    return ((IMAPIProp *)object)->lpVtbl->SetProps(object, 2, values, NULL);
}

static inline void rw_step_set(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_item *item = rw_pick(w, RW_MESSAGE_KINDS, RW_ANY, a);
    LONG value = (LONG)(b % 100000);
    HRESULT expected;

    if (!item)
        return;
    expected = item->is_alive && !item->can_write ? MAPI_E_NO_ACCESS : rw_state(item);
    rw_say(w, "set %ld in item %u, message %d", (long)value, rw_number(w, item), item->message);
    rw_expect(w, rw_put_value(item->object, value), expected, "SetProps");
    if (expected == S_OK)
        item->value = value;
}

static inline void rw_step_attach(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_item *item = rw_pick(w, RW_MESSAGE_KINDS, RW_ANY, a);
    SPropValue value = { .ulPropTag = PR_ATTACH_METHOD };
    LPATTACH attach = POISON;
    ULONG number = POISON_LONG;
    HRESULT expected, hr;

    if (!item || !rw_has_room(w))
        return;
    expected = item->is_alive && !item->can_write ? MAPI_E_NO_ACCESS : rw_state(item);
    rw_say(w, "attach to item %u, message %d", rw_number(w, item), item->message);
    hr = ((IMessage *)item->object)->lpVtbl->CreateAttach(item->object, NULL, 0, &number, &attach);
    rw_expect(w, hr, rw_parts_result(w, item, expected, hr), "CreateAttach");
    if (FAILED(hr)) {
        if (attach || number)
            rw_wrong(w, "CreateAttach failed and left an out");
        return;
    }
    rw_take(w, item->seat, WALK_O_ATTACH, attach);
    value.Value.l = ATTACH_BY_VALUE;
    rw_expect(w, attach->lpVtbl->SetProps(attach, 1, &value, NULL), S_OK,
            "SetProps of an attachment");
    if (b % 3 == 0)
        return;          /* never saved */
    item->attachments++; /* callbacks see what is already true */
    item->is_busy = true;
    rw_expect(w, attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE), S_OK,
            "SaveChanges of an attachment");
    item->is_busy = false;
}

/* The sinks that are to hear of a new message of the seat, and how much they have heard. */
static inline unsigned rw_listeners(struct random_world *w, unsigned seat, size_t counts[RW_SINKS])
{
    unsigned heard = 0;

    for (unsigned i = 0; i < RW_SINKS; i++) {
        if (!w->sinks[i].is_used || !w->sinks[i].is_advised || w->sinks[i].seat != seat ||
                w->sinks[i].table)
            continue;
        counts[i] = host_sink_count(&w->sinks[i].sink, fnevObjectCreated);
        heard |= 1u << i;
    }
    return heard;
}

static inline void rw_check_heard(
        struct random_world *w, unsigned heard, const size_t counts[RW_SINKS])
{
    for (unsigned i = 0; i < RW_SINKS; i++) {
        if (!(heard >> i & 1))
            continue;
        for (unsigned k = 0; k < 3000; k++) {
            if (host_sink_count(&w->sinks[i].sink, fnevObjectCreated) > counts[i])
                break;
            host_sleep_ms(1);
        }
        if (host_sink_count(&w->sinks[i].sink, fnevObjectCreated) == counts[i])
            rw_wrong(w, "sink %u was not told of a new message", i);
    }
}

static inline HRESULT rw_save_result(
        const struct rw_item *item, const struct rw_message *message, ULONG flags)
{
    if (!item->is_alive)
        return MAPI_E_INVALID_OBJECT;
    if (!item->can_write)
        return MAPI_E_NO_ACCESS;
    if (message->is_gone)
        return MAPI_E_OBJECT_DELETED;
    if (message->version != item->base && !(flags & FORCE_SAVE))
        return MAPI_E_OBJECT_CHANGED;
    return S_OK;
}

/* The model takes over what an acknowledged save has made true. */
static inline void rw_saved(
        struct random_world *w, struct rw_item *item, struct rw_message *message, ULONG flags)
{
    message->knows_attachments = item->knows_attachments && item->base == message->version;
    item->knows_attachments = message->knows_attachments;
    message->attachments = item->attachments;
    message->version = ++w->versions;
    message->value = item->value;
    item->base = message->version;
    item->can_write = (flags & KEEP_OPEN_READONLY) == 0;
}

/* Before the first save, so that what is acknowledged can be looked up. */
static inline void rw_learn_id(
        struct random_world *w, const struct rw_item *item, struct rw_message *message)
{
    SPropValue *id;

    if (!item->is_alive || message->id_size != 0)
        return;
    id = prop_get(item->object, PR_ENTRYID);
    if (!id || id->Value.bin.cb > RW_ID_SIZE)
        rw_wrong(w, "a new message has no entry id");
    message->id_size = id->Value.bin.cb;
    memcpy(message->id, id->Value.bin.lpb, message->id_size);
    mapi_free(id);
}

static inline void rw_step_save(struct random_world *w, uint32_t a, uint32_t b)
{
    static const ULONG choice[] = { KEEP_OPEN_READWRITE, KEEP_OPEN_READWRITE,
        KEEP_OPEN_READWRITE | FORCE_SAVE, KEEP_OPEN_READONLY };
    struct rw_item *item = rw_pick(w, RW_MESSAGE_KINDS, RW_ANY, a);
    ULONG flags = choice[b % 4];
    struct rw_message *message;
    size_t counts[RW_SINKS];
    unsigned nested = w->nested, heard;
    bool is_first;
    HRESULT expected;

    if (!item || item->is_busy)
        return;
    message = &w->messages[item->message];
    if (message->is_unsure)
        return;
    rw_learn_id(w, item, message);
    expected = rw_save_result(item, message, flags);
    is_first = message->version == 0;
    heard = rw_listeners(w, item->seat, counts);
    rw_say(w, "save item %u, message %d%s%s", rw_number(w, item), item->message,
            flags & FORCE_SAVE ? ", by force" : "",
            flags & KEEP_OPEN_READONLY ? ", read-only then" : "");
    item->is_busy = true;
    if (expected == S_OK) /* callbacks see what is already true */
        rw_saved(w, item, message, flags);
    rw_expect(w, ((IMessage *)item->object)->lpVtbl->SaveChanges(item->object, flags), expected,
            "SaveChanges");
    item->is_busy = false;
    if (expected == S_OK && is_first && w->nested == nested && w->depth == 1)
        rw_check_heard(w, heard, counts);
}

static inline void rw_step_delete(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_message *message = rw_pick_message(w, b);
    struct rw_item *folder = NULL;
    HRESULT expected, hr;
    SBinary id;
    ENTRYLIST list = { 1, &id };

    for (unsigned i = 0; message && i < RW_ITEMS && !folder; i++) {
        struct rw_item *item = &w->items[(i + a) % RW_ITEMS];

        if (item->object && item->kind == WALK_O_FOLDER && item->folder == message->folder &&
                !item->is_busy && !w->seats[item->seat].is_undecided)
            folder = item;
    }
    if (!folder || message->is_gone || message->is_unsure)
        return;
    expected = rw_state(folder);
    rw_say(w, "delete message %d through item %u", (int)(message - w->messages),
            rw_number(w, folder));
    id.cb = message->id_size;
    id.lpb = message->id;
    folder->is_busy = true;
    if (expected == S_OK)
        message->is_gone = true;
    hr = ((IMAPIFolder *)folder->object)->lpVtbl->DeleteMessages(folder->object, &list, 0, NULL, 0);
    folder->is_busy = false;
    if (expected == S_OK && !folder->is_alive && hr == MAPI_E_INVALID_OBJECT)
        message->is_unsure = true; /* an ending in a callback has cut it off */
    else
        rw_expect(w, hr, expected, "DeleteMessages");
}

static inline void rw_step_folder(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_item *parent = rw_pick(w, RW_KIND(WALK_O_FOLDER), RW_ANY, a);
    char name[16];
    LPMAPIFOLDER folder = POISON;
    HRESULT expected, hr;

    if (!parent || parent->is_busy || !rw_has_room(w))
        return;
    expected = rw_state(parent);
    snprintf(name, sizeof(name), "random %u", (unsigned)b % 5);
    rw_say(w, "create folder %s in item %u", name, rw_number(w, parent));
    parent->is_busy = true;
    hr = ((IMAPIFolder *)parent->object)
                 ->lpVtbl->CreateFolder(parent->object, FOLDER_GENERIC, (LPTSTR)(void *)name, NULL,
                         NULL, OPEN_IF_EXISTS, &folder);
    parent->is_busy = false;
    if (expected == S_OK && !parent->is_alive && hr == MAPI_E_INVALID_OBJECT)
        return;
    rw_expect(w, hr, expected, "CreateFolder");
    if (SUCCEEDED(hr))
        rw_take(w, parent->seat, WALK_O_FOLDER, folder);
    else if (folder)
        rw_wrong(w, "CreateFolder failed and left an out");
}

/* ---- Looking ---- */

/* What is in the store of a message, against what is in the model. */
static inline void rw_verify(
        struct random_world *w, const struct rw_item *store, struct rw_message *message)
{
    int number = (int)(message - w->messages);
    IMessage *object = rw_open(w, store, message);
    SPropValue *value;
    LONG is;

    if (!object)
        return;
    value = prop_get(object, PROP_TAG(PT_LONG, 0x6702));
    is = value ? value->Value.l : 0;
    mapi_free(value);
    if (is != message->value)
        rw_wrong(w, "message %d holds %ld, not %ld", number, (long)is, (long)message->value);
    if (message->knows_attachments) {
        LPMAPITABLE table = NULL;
        ULONG count = POISON_LONG;

        assert_ok(object->lpVtbl->GetAttachmentTable(object, 0, &table));
        assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
        if (count != message->attachments)
            rw_wrong(w, "message %d has %lu attachments, not %u", number, (unsigned long)count,
                    message->attachments);
        release_last(table);
    }
    release_last(object);
}

static inline void rw_step_verify(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_item *store = rw_pick(w, RW_KIND(WALK_O_STORE), RW_LIVE, a);
    struct rw_message *message = rw_pick_message(w, b);

    if (!store || !message || message->is_unsure)
        return;
    rw_say(w, "verify message %d through seat %u", (int)(message - w->messages), store->seat);
    rw_verify(w, store, message);
}

static inline void rw_count(struct random_world *w, const struct rw_item *folder)
{
    LPMAPITABLE table = NULL;
    ULONG count = POISON_LONG;
    unsigned expected;
    bool is_sure;

    expected = rw_count_messages(w, folder->folder, &is_sure);
    assert_ok(((IMAPIFolder *)folder->object)->lpVtbl->GetContentsTable(folder->object, 0, &table));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    if (is_sure && count != expected)
        rw_wrong(w, "folder %u has %lu messages, not %u", folder->folder, (unsigned long)count,
                expected);
    release_last(table);
}

static inline void rw_step_count(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_item *folder = rw_pick(w, RW_KIND(WALK_O_FOLDER), RW_LIVE, a);

    (void)b;
    if (!folder || folder->folder == RW_FOLDERS)
        return;
    rw_say(w, "count the messages of item %u, folder %u", rw_number(w, folder), folder->folder);
    rw_count(w, folder);
}

static inline void rw_step_audit(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_item *store = rw_pick(w, RW_KIND(WALK_O_STORE), RW_LIVE, a);

    (void)b;
    if (!store)
        return;
    rw_say(w, "verify every message through seat %u", store->seat);
    for (unsigned i = 0; i < RW_MESSAGES; i++) {
        if (w->messages[i].is_used && w->messages[i].version > 0 && !w->messages[i].is_unsure)
            rw_verify(w, store, &w->messages[i]);
    }
}

/* Whether the method changes nothing that the model knows of. */
static inline bool rw_is_harmless(const char *name)
{
    static const char *const names[] = { "GetLastError", "GetProps", "GetPropList",
        "GetIDsFromNames", "GetNamesFromIDs", "CompareEntryIDs", "GetStatus", "SetColumns",
        "QueryColumns", "GetRowCount", "SeekRow", "QueryPosition", "FindRow", "Restrict",
        "CreateBookmark", "SortTable", "QuerySortOrder", "QueryRows", "Abort", "GetReceiveFolder",
        "GetMessageStatus", "GetSearchCriteria", "ValidateState", "Read", "Seek", "Stat", "Clone",
        "Revert", "SettingsDialog", "FlushQueues" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

/* The method that chance gives an item's class. */
static inline const struct walk_call *rw_method(const struct rw_item *item, uint32_t chance)
{
    const struct walk_class *class = &walk_classes[item->kind];
    uint32_t left = chance % (uint32_t)(walk_count(class) - 3);

    for (size_t list = 0; list < WALK_LISTS - 1; list++) {
        for (const struct walk_call *call = class->calls[list]; call && call->name; call++) {
            if (left-- == 0)
                return call;
        }
    }
    return NULL;
}

static inline void rw_step_method(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_item *item = rw_pick(w, RW_ALL, a % 3 ? RW_DEAD : RW_ANY, a);
    const struct walk_call *call = item ? rw_method(item, b) : NULL;
    struct walk_args args;
    HRESULT hr;

    if (!call || (item->is_alive && !rw_is_harmless(call->name)))
        return;
    rw_say(w, "call %s of item %u, a %s %s", call->name, rw_number(w, item),
            item->is_alive ? "living" : "dead", rw_kind(item));
    walk_prepare(&w->inputs, &args);
    hr = call->run(&args, item->object);
    if (item->is_alive) {
        if (hr == MAPI_E_INVALID_OBJECT)
            rw_wrong(w, "%s of a living %s says that it is dead", call->name, rw_kind(item));
        if (SUCCEEDED(hr))
            walk_free_outs(&args);
        return;
    }
    rw_expect(w, hr, MAPI_E_INVALID_OBJECT, call->name);
    if (!walk_outs_are_null(&args))
        rw_wrong(w, "%s of a dead %s left an out", call->name, rw_kind(item));
}

static inline void rw_step_query(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_item *item = rw_pick(w, RW_ALL, RW_ANY, a);
    const IID *iid;
    IUnknown *object;
    void *out = POISON;
    HRESULT hr;

    if (!item)
        return;
    iid = b % 3 ? &IID_IUnknown : walk_classes[item->kind].iids[0];
    object = item->object;
    rw_say(w, "query item %u, a %s %s", rw_number(w, item), item->is_alive ? "living" : "dead",
            rw_kind(item));
    hr = object->lpVtbl->QueryInterface(object, iid, &out);
    if (hr == S_OK) {
        if (out != item->object || (!item->is_alive && iid != &IID_IUnknown))
            rw_wrong(w, "QueryInterface gave what it should not");
        if (!rw_counts(item, object->lpVtbl->Release(object), item->refs))
            rw_wrong(w, "QueryInterface counts wrongly");
        return;
    }
    if (item->is_alive || iid == &IID_IUnknown || out)
        rw_wrong(w, "QueryInterface of a %s: %s", rw_kind(item), host_hr_name(hr));
}

#endif
