/* SPDX-License-Identifier: MIT */
/*
 * copy_world.h - what tests of copying share: messages with everything in them, what can be seen of
 * a message as text, and a second store.
 */
#ifndef COPY_WORLD_H
#define COPY_WORLD_H

#include "raw_logon.h"

#define COPY_LARGE ((size_t)300000)

static inline LPENTRYID copy_id(const SPropValue *value)
{
    return raw_id(value->Value.bin.lpb);
}

static inline bool copy_same_id(const SPropValue *one, const SPropValue *other)
{
    return one->Value.bin.cb == other->Value.bin.cb &&
           memcmp(one->Value.bin.lpb, other->Value.bin.lpb, one->Value.bin.cb) == 0;
}

/* Ids as the list that CopyMessages takes; `bins` has room for all. */
static inline ENTRYLIST copy_list(SBinary *bins, SPropValue *const *ids, ULONG count)
{
    ENTRYLIST list = { count, bins };

    for (ULONG i = 0; i < count; i++)
        bins[i] = ids[i]->Value.bin;
    return list;
}

static inline HRESULT copy_call(
        IMAPIFolder *from, SPropValue *const *ids, ULONG count, IMAPIFolder *to, ULONG flags)
{
    SBinary bins[64];
    ENTRYLIST list = copy_list(bins, ids, count);

    assert_true(count <= 64);
    return from->lpVtbl->CopyMessages(from, &list, NULL, to, 0, NULL, flags);
}

static inline ULONG copy_rows(IMAPIFolder *folder, ULONG flags)
{
    IMAPITable *table = NULL;
    ULONG count = POISON_LONG;

    assert_ok(folder->lpVtbl->GetContentsTable(folder, flags, &table));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    release_last(table);
    return count;
}

/* The id of the nth message of a folder, by subject; mapi_free. */
static inline SPropValue *copy_nth(IMAPIFolder *folder, ULONG flags, ULONG n)
{
    static const ULONG tags[] = { PR_ENTRYID, PR_SUBJECT_W };
    IMAPITable *table = NULL;
    SizedSSortOrderSet(1, order) = { 1, 0, 0, { { PR_SUBJECT_W, TABLE_SORT_ASCEND } } };
    SPropValue *copy = NULL;
    LPSRowSet rows;

    assert_ok(folder->lpVtbl->GetContentsTable(folder, flags, &table));
    assert_ok(table->lpVtbl->SortTable(table, (LPSSortOrderSet)(void *)&order, 0));
    rows = table_rows(table, tags, 2);
    assert_true(n < rows->cRows);
    {
        IMAPIProp *any = (IMAPIProp *)folder;
        LPUNKNOWN object = NULL;
        SBinary bin = rows->aRow[n].lpProps[0].Value.bin;
        ULONG type = 0;

        assert_ok(folder->lpVtbl->OpenEntry(
                folder, bin.cb, raw_id(bin.lpb), NULL, 0, &type, &object));
        any = (IMAPIProp *)(void *)object;
        copy = prop_get(any, PR_ENTRYID);
        release_last(object);
    }
    mapi_free_rows(rows);
    release_last(table);
    return copy;
}

/* --- a message with everything ---------------------------------------------------------------- */

static inline ULONG copy_named(IMAPIProp *object, LONG number)
{
    GUID set = { 0x4711, 1, 2, { 3, 4, 5, 6, 7, 8, 9, 10 } };
    MAPINAMEID name = { 0 };
    LPMAPINAMEID names[] = { &name };
    LPSPropTagArray tags = NULL;
    ULONG tag;

    name.lpguid = &set;
    name.ulKind = MNID_ID;
    name.Kind.lID = number;
    assert_ok(object->lpVtbl->GetIDsFromNames(object, 1, names, MAPI_CREATE, &tags));
    tag = PROP_TAG(PT_LONG, PROP_ID(tags->aulPropTag[0]));
    mapi_free(tags);
    return tag;
}

static inline unsigned char *copy_bytes(size_t size, unsigned salt)
{
    unsigned char *bytes = malloc(size);

    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(i * 7 + i / 251 + salt);
    return bytes;
}

static inline void copy_add_recipients(IMessage *message)
{
    WCHAR name[] = { 'A', 'n', 'n', 0 };
    SPropValue props[2][3] = { 0 };
    SizedADRLIST(2, list) = { 2, { { 0, 3, NULL }, { 0, 3, NULL } } };

    for (int i = 0; i < 2; i++) {
        props[i][0].ulPropTag = PR_DISPLAY_NAME_W;
        props[i][0].Value.lpszW = name;
        props[i][1].ulPropTag = PR_RECIPIENT_TYPE;
        props[i][1].Value.l = i == 0 ? MAPI_TO : MAPI_CC;
        props[i][2].ulPropTag = copy_named((IMAPIProp *)message, 3);
        props[i][2].Value.l = 33 + i;
        list.aEntries[i].rgPropVals = props[i];
    }
    assert_ok(message->lpVtbl->ModifyRecipients(message, MODRECIP_ADD, (LPADRLIST)(void *)&list));
}

static inline void copy_fill(IMessage *message, const char *subject, unsigned depth)
{
    unsigned char *bytes = copy_bytes(COPY_LARGE, depth);
    IAttach *attach = NULL;
    ULONG number = 0;

    prop_set_text(message, PR_SUBJECT_W, subject);
    prop_set_text(message, PR_BODY_W, "the body");
    prop_set_binary(message, PROP_TAG(PT_BINARY, 0x6800), bytes, COPY_LARGE);
    prop_set_long(message, copy_named((IMAPIProp *)message, 1), 11);
    copy_add_recipients(message);
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    prop_set_long(attach, PR_ATTACH_METHOD, ATTACH_BY_VALUE);
    prop_set_text(attach, PR_ATTACH_LONG_FILENAME_W, "file.bin");
    prop_set_binary(attach, PR_ATTACH_DATA_BIN, bytes, COPY_LARGE);
    prop_set_long(attach, copy_named((IMAPIProp *)attach, 2), 22);
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
    if (depth > 0) {
        LPUNKNOWN inner = NULL;

        assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
        prop_set_long(attach, PR_ATTACH_METHOD, ATTACH_EMBEDDED_MSG);
        assert_ok(attach->lpVtbl->OpenProperty(
                attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, MAPI_CREATE | MAPI_MODIFY, &inner));
        copy_fill((IMessage *)(void *)inner, "inner", depth - 1);
        assert_ok(((IMessage *)(void *)inner)->lpVtbl->SaveChanges((IMessage *)(void *)inner, 0));
        release_last(inner);
        assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
        release_last(attach);
    }
    free(bytes);
}

/* Saved, released; its id. */
static inline SPropValue *copy_make_rich(IMAPIFolder *folder, const char *subject)
{
    IMessage *message = NULL;
    SPropValue *id;

    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    copy_fill(message, subject, 2);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    return id;
}

/* --- what can be seen of a message ------------------------------------------------------------ */

/* A hash that depends on no identifier and no order of ids: names in place of named ids. */
struct copy_print {
    uint64_t hash;
    size_t properties;
    size_t parts;
};

static inline void copy_mix(struct copy_print *print, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < size; i++)
        print->hash = (print->hash ^ at[i]) * 1099511628211u;
}

static inline bool copy_is_own(ULONG tag)
{
    static const ULONG own[] = { PR_ENTRYID, PR_PARENT_ENTRYID, PR_RECORD_KEY, PR_STORE_ENTRYID,
        PR_STORE_RECORD_KEY, PR_MAPPING_SIGNATURE, PR_INSTANCE_KEY, PR_ACCESS, PR_ACCESS_LEVEL,
        PR_MSG_STATUS, PR_CREATION_TIME, PR_LAST_MODIFICATION_TIME, PR_SEARCH_KEY, PR_MESSAGE_FLAGS,
        PR_MESSAGE_SIZE, PR_ATTACH_SIZE, PR_ROWID };

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (PROP_ID(own[i]) == PROP_ID(tag))
            return true;
    }
    return PROP_TYPE(tag) == PT_OBJECT;
}

static inline uint64_t copy_hash_stream(IMAPIProp *object, ULONG tag)
{
    struct copy_print print = { 14695981039346656037u, 0, 0 };
    unsigned char room[8192];
    IStream *stream = NULL;
    ULONG got = 1;

    assert_ok(object->lpVtbl->OpenProperty(
            object, tag, &IID_IStream, 0, 0, (LPUNKNOWN *)(void *)&stream));
    while (got > 0) {
        assert_ok(stream->lpVtbl->Read(stream, room, sizeof(room), &got));
        copy_mix(&print, room, got);
    }
    release_last(stream);
    return print.hash;
}

static inline uint64_t copy_hash_value(IMAPIProp *object, const SPropValue *value, ULONG tag)
{
    struct copy_print print = { 14695981039346656037u, 0, 0 };
    ULONG type = PROP_TYPE(value->ulPropTag);
    size_t units = 0;

    if (type == PT_ERROR) {
        assert_hr(value->Value.err, MAPI_E_NOT_ENOUGH_MEMORY);
        return copy_hash_stream(object, tag) ^ PROP_TYPE(tag);
    }
    copy_mix(&print, &type, sizeof(type));
    switch (type) {
    case PT_UNICODE:
        while (value->Value.lpszW[units])
            units++;
        copy_mix(&print, value->Value.lpszW, units * sizeof(WCHAR));
        break;
    case PT_BINARY:
        copy_mix(&print, value->Value.bin.lpb, value->Value.bin.cb);
        break;
    case PT_BOOLEAN:
        copy_mix(&print, &value->Value.b, 1);
        break;
    case PT_I8:
    case PT_SYSTIME:
    case PT_DOUBLE:
        copy_mix(&print, &value->Value, 8);
        break;
    default:
        copy_mix(&print, &value->Value, 4);
        break;
    }
    return print.hash;
}

/* The name's number when the tag is a named one, else the id. */
static inline ULONG copy_key(IMAPIProp *object, ULONG tag)
{
    SizedSPropTagArray(1, tags) = { 1, { tag } };
    LPSPropTagArray array = (LPSPropTagArray)(void *)&tags;
    LPMAPINAMEID *names = NULL;
    ULONG count = 0;
    ULONG key = PROP_ID(tag);

    if (key < 0x8000)
        return key;
    assert_ok(object->lpVtbl->GetNamesFromIDs(object, &array, NULL, 0, &count, &names));
    if (names[0]->ulKind == MNID_ID)
        key = 0x10000 + (ULONG)names[0]->Kind.lID;
    else
        key = 0x20000 + (ULONG)names[0]->Kind.lpwstrName[0];
    mapi_free(names);
    return key;
}

static inline void copy_print_props(IMAPIProp *object, struct copy_print *print)
{
    LPSPropTagArray tags = NULL;
    SPropValue *values = NULL;
    uint64_t sum = 0;
    ULONG count = 0;
    HRESULT hr;

    assert_ok(object->lpVtbl->GetPropList(object, MAPI_UNICODE, &tags));
    hr = object->lpVtbl->GetProps(object, tags, MAPI_UNICODE, &count, &values);
    assert_true(SUCCEEDED(hr));
    for (ULONG i = 0; i < count; i++) {
        struct copy_print one = { 14695981039346656037u, 0, 0 };
        uint64_t hash;
        ULONG key;

        if (copy_is_own(tags->aulPropTag[i]))
            continue;
        hash = copy_hash_value(object, &values[i], tags->aulPropTag[i]);
        key = copy_key(object, tags->aulPropTag[i]);
        copy_mix(&one, &key, sizeof(key));
        copy_mix(&one, &hash, sizeof(hash));
        sum += one.hash;
        print->properties++;
    }
    copy_mix(print, &sum, sizeof(sum));
    mapi_free(values);
    mapi_free(tags);
}

static inline void copy_print_recipients(IMessage *message, struct copy_print *print)
{
    IMAPITable *table = NULL;
    LPSPropTagArray all = NULL;
    LPSRowSet rows;

    assert_ok(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table));
    assert_ok(table->lpVtbl->QueryColumns(table, TBL_ALL_COLUMNS, &all));
    rows = table_rows(table, all->aulPropTag, all->cValues);
    for (ULONG i = 0; i < rows->cRows; i++) {
        uint64_t sum = 0;

        for (ULONG j = 0; j < all->cValues; j++) {
            const SPropValue *value = &rows->aRow[i].lpProps[j];
            struct copy_print one = { 14695981039346656037u, 0, 0 };
            uint64_t hash;
            ULONG key;

            if (PROP_TYPE(value->ulPropTag) == PT_ERROR || copy_is_own(all->aulPropTag[j]))
                continue;
            hash = copy_hash_value(NULL, value, all->aulPropTag[j]);
            key = copy_key((IMAPIProp *)message, all->aulPropTag[j]);
            copy_mix(&one, &key, sizeof(key));
            copy_mix(&one, &hash, sizeof(hash));
            sum += one.hash;
            print->properties++;
        }
        copy_mix(print, &sum, sizeof(sum));
        print->parts++;
    }
    mapi_free_rows(rows);
    mapi_free(all);
    release_last(table);
}

static inline void copy_print_message(IMessage *message, struct copy_print *print);

static inline void copy_print_attachment(IMessage *message, ULONG number, struct copy_print *print)
{
    IAttach *attach = NULL;
    LPUNKNOWN inner = NULL;

    assert_ok(message->lpVtbl->OpenAttach(message, number, NULL, 0, &attach));
    copy_print_props((IMAPIProp *)attach, print);
    print->parts++;
    if (prop_long(attach, PR_ATTACH_METHOD) == ATTACH_EMBEDDED_MSG) {
        assert_ok(attach->lpVtbl->OpenProperty(
                attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0, &inner));
        copy_print_message((IMessage *)(void *)inner, print);
        release_last(inner);
    }
    release_last(attach);
}

static inline void copy_print_message(IMessage *message, struct copy_print *print)
{
    static const ULONG tags[] = { PR_ATTACH_NUM };
    IMAPITable *table = NULL;
    LPSRowSet rows;

    copy_print_props((IMAPIProp *)message, print);
    copy_print_recipients(message, print);
    assert_ok(message->lpVtbl->GetAttachmentTable(message, 0, &table));
    rows = table_rows(table, tags, 1);
    for (ULONG i = 0; i < rows->cRows; i++)
        copy_print_attachment(message, (ULONG)rows->aRow[i].lpProps[0].Value.l, print);
    mapi_free_rows(rows);
    release_last(table);
}

static inline struct copy_print copy_print_of(IMessage *message)
{
    struct copy_print print = { 14695981039346656037u, 0, 0 };

    copy_print_message(message, &print);
    return print;
}

static inline struct copy_print copy_print_id(IMsgStore *store, const SPropValue *id)
{
    IMessage *message = message_open(store, id);
    struct copy_print print = copy_print_of(message);

    release_last(message);
    return print;
}

static inline void copy_assert_equal(struct copy_print one, struct copy_print other)
{
    assert_int_equal(one.properties, other.properties);
    assert_int_equal(one.parts, other.parts);
    assert_true(one.hash == other.hash);
}

/* --- a second store --------------------------------------------------------------------------- */

struct copy_store {
    struct raw_logon raw;
    IMAPIFolder *root; /* for writing */
    char path[1024];
};

static inline void copy_store_open(struct fixture *fx, struct copy_store *other)
{
    LPUNKNOWN root = NULL;
    ULONG type = 0;

    host_temp_path(".mkeep", other->path, sizeof(other->path));
    assert_ok(host_session_configure(&fx->session, other->path));
    raw_open(fx, &other->raw, MDB_WRITE);
    assert_ok(host_session_configure(&fx->session, fx->path)); /* what fixture_reopen() opens */
    assert_ok(other->raw.store->lpVtbl->OpenEntry(
            other->raw.store, 0, NULL, NULL, MAPI_MODIFY, &type, &root));
    other->root = (IMAPIFolder *)(void *)root;
}

static inline void copy_store_close(struct copy_store *other)
{
    if (other->root != NULL)
        release_last(other->root);
    raw_close(&other->raw);
    assert_true(host_file_is_free(other->path));
    assert_true(host_file_remove(other->path));
}

/* A folder of another store, in whose mapping the ids of copy_named() mean other names. */
struct pair {
    struct copy_store other;
    IMAPIFolder *to;
};

static inline void pair_open(struct fixture *fx, struct pair *pair)
{
    copy_store_open(fx, &pair->other);
    pair->to = folder_make(pair->other.root, "To");
    copy_named((IMAPIProp *)pair->to, 77);
    copy_named((IMAPIProp *)pair->to, 2);
}

static inline void pair_close(struct pair *pair)
{
    release_last(pair->to);
    copy_store_close(&pair->other);
}

#endif
