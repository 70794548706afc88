/* SPDX-License-Identifier: MIT */
/*
 * test_export.c - mailhost export and import: mail that moves from store to store as JSON is the
 * same mail.
 */
#include "two_stores.h"

static const GUID guid = { 0x12345678, 0x9ABC, 0xDEF0, { 1, 2, 3, 4, 5, 6, 7, 8 } };

/* Of the named properties of recipients. */
#define RECIPIENT_NAME u"of a recipient"

enum { RECIPIENT_ID = 5, RECIPIENT_LARGE = 10000 };

static ULONG named_tag(void *object, ULONG type, const char16_t *text, LONG id)
{
    IMAPIProp *prop = object;
    GUID of = guid;
    MAPINAMEID name = { .lpguid = &of, .ulKind = text != NULL ? MNID_STRING : MNID_ID };
    LPMAPINAMEID names[1] = { &name };
    LPSPropTagArray tags = NULL;
    ULONG tag;

    union {
        const char16_t *given;
        LPWSTR taken;
    } in = { .given = text };

    if (text != NULL)
        name.Kind.lpwstrName = in.taken;
    else
        name.Kind.lID = id;
    assert_ok(prop->lpVtbl->GetIDsFromNames(prop, 1, names, MAPI_CREATE, &tags));
    tag = CHANGE_PROP_TYPE(tags->aulPropTag[0], type);
    mapi_free(tags);
    return tag;
}

static void set(void *object, SPropValue value)
{
    IMAPIProp *prop = object;
    LPSPropProblemArray problems = NULL;

    assert_ok(prop->lpVtbl->SetProps(prop, 1, &value, &problems));
    assert_null(problems);
}

/* Values of every type that is written in a way of its own. */
static void set_types(IMessage *message)
{
    static const char16_t odd[] = { 'a', 0xD83D, 0xDE00, 0xD800, '"', '\\', 1, 0x7F, 0 };
    char16_t text[sizeof(odd) / sizeof(odd[0])];
    unsigned char bytes[] = { 0, 255, 16 };
    SBinary binaries[2] = { { 3, bytes }, { 0, bytes } };
    LPWSTR texts[2] = { (LPWSTR)text, (LPWSTR)text };
    LONG longs[3] = { -1, 0, 0x7FFFFFFF };
    LARGE_INTEGER wide[1] = { { .QuadPart = INT64_MIN } };
    GUID of = guid;

    memcpy(text, odd, sizeof(odd));
    set(message, (SPropValue){ .ulPropTag = PR_SUBJECT_W, .Value.lpszW = (LPWSTR)text });
    set(message, (SPropValue){ .ulPropTag = PROP_TAG(PT_I2, 0x6700), .Value.i = -2 });
    set(message, (SPropValue){ .ulPropTag = PROP_TAG(PT_LONG, 0x6701), .Value.l = INT32_MIN });
    set(message, (SPropValue){ .ulPropTag = PROP_TAG(PT_R4, 0x6702), .Value.flt = 0.1f });
    set(message, (SPropValue){ .ulPropTag = PROP_TAG(PT_DOUBLE, 0x6703), .Value.dbl = -1e300 });
    set(message, (SPropValue){ .ulPropTag = PROP_TAG(PT_BOOLEAN, 0x6704), .Value.b = TRUE });
    set(message,
            (SPropValue){ .ulPropTag = PROP_TAG(PT_I8, 0x6705), .Value.li.QuadPart = INT64_MAX });
    set(message, (SPropValue){ .ulPropTag = PROP_TAG(PT_CLSID, 0x6706), .Value.lpguid = &of });
    set(message,
            (SPropValue){ .ulPropTag = PROP_TAG(PT_BINARY, 0x6707), .Value.bin = { 3, bytes } });
    set(message, (SPropValue){ .ulPropTag = PROP_TAG(PT_MV_BINARY, 0x6708),
                         .Value.MVbin = { 2, binaries } });
    set(message, (SPropValue){ .ulPropTag = PROP_TAG(PT_MV_UNICODE, 0x6709),
                         .Value.MVszW = { 2, texts } });
    set(message,
            (SPropValue){ .ulPropTag = PROP_TAG(PT_MV_LONG, 0x670A), .Value.MVl = { 3, longs } });
    set(message,
            (SPropValue){ .ulPropTag = PROP_TAG(PT_MV_I8, 0x670B), .Value.MVli = { 1, wide } });
    prop_set_text(message, named_tag(message, PT_UNICODE, u"by name \u00e4", 0), "named");
    prop_set_long(message, named_tag(message, PT_LONG, NULL, 77), 78);
}

static void add_recipient(IMessage *message, const char16_t *name, LONG type)
{
    static char large[RECIPIENT_LARGE + 1];
    char16_t copy[32];
    SPropValue values[5] = { { .ulPropTag = PR_DISPLAY_NAME_W },
        { .ulPropTag = PR_RECIPIENT_TYPE } };
    SizedADRLIST(1, list) = { 1, { { 0, 5, values } } };
    size_t i = 0;

    do
        copy[i] = name[i];
    while (name[i++] != 0);
    memset(large, 'l', RECIPIENT_LARGE);
    values[0].Value.lpszW = (LPWSTR)copy;
    values[1].Value.l = type;
    values[2].ulPropTag = named_tag(message, PT_UNICODE, RECIPIENT_NAME, 0);
    values[2].Value.lpszW = (LPWSTR)copy;
    values[3].ulPropTag = named_tag(message, PT_LONG, NULL, RECIPIENT_ID);
    values[3].Value.l = type + 40;
    values[4].ulPropTag = PR_COMMENT_A;
    values[4].Value.lpszA = large;
    assert_ok(message->lpVtbl->ModifyRecipients(message, MODRECIP_ADD, (LPADRLIST)&list));
}

static IAttach *add_attachment(IMessage *message, LONG method)
{
    IAttach *attach = NULL;
    ULONG number = 0;

    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    prop_set_long(attach, PR_ATTACH_METHOD, method);
    return attach;
}

static void fill(IMessage *message, unsigned depth)
{
    static char large[100000];
    IMessage *inner = NULL;
    IAttach *attach;

    memset(large, 'L', sizeof(large) - 1);
    set_types(message);
    prop_set_text(message, PR_BODY_W, large);
    add_recipient(message, u"To \u4e16", MAPI_TO);
    add_recipient(message, u"Copy", MAPI_CC);
    attach = add_attachment(message, ATTACH_BY_VALUE);
    release_last(attach); /* never saved: its number is not used again */
    attach = add_attachment(message, ATTACH_BY_VALUE);
    prop_set_text(attach, PR_ATTACH_LONG_FILENAME_W, "../\xC3\xA4 report.pdf");
    prop_set_binary(attach, PR_ATTACH_DATA_BIN, "%PDF", 4);
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
    if (depth == 0)
        return;
    attach = add_attachment(message, ATTACH_EMBEDDED_MSG);
    assert_ok(attach->lpVtbl->OpenProperty(attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0,
            MAPI_CREATE | MAPI_MODIFY, (LPUNKNOWN *)&inner));
    fill(inner, depth - 1);
    assert_ok(inner->lpVtbl->SaveChanges(inner, 0));
    release_last(inner);
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
}

static void add_message(IMAPIFolder *folder, ULONG flags, unsigned depth)
{
    IMessage *message = NULL;

    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, flags, &message));
    fill(message, depth);
    prop_set_long(message, PR_MESSAGE_FLAGS, MSGFLAG_READ);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

static void export__folder_with_everything__import_is_the_same(void **state)
{
    struct two_stores *world = *state;
    char16_t name[] = u"Sub / \"folder\"";
    IMAPIFolder *sub = NULL;
    char before[65], after[65];
    char *said;

    add_message(world->from->inbox, 0, 3);
    add_message(world->from->inbox, MAPI_ASSOCIATED, 0);
    assert_ok(world->from->inbox->lpVtbl->CreateFolder(
            world->from->inbox, FOLDER_GENERIC, (LPTSTR)name, NULL, NULL, MAPI_UNICODE, &sub));
    prop_set_text(sub, PR_CONTAINER_CLASS_W, "IPF.Journal");
    add_message(sub, 0, 1);
    release_last(sub);
    digest_of(world, 1, after);
    digest_of(world, 0, before);
    assert_string_not_equal(before, after);

    said = mailhost(world, 0, 0, "export", "Inbox", world->dir);
    assert_non_null(strstr(said, "exported 3 messages, 14 files"));
    free(said);
    said = mailhost(world, 1, 0, "import", world->dir, NULL);
    assert_non_null(strstr(said, "imported 3 messages"));
    free(said);
    digest_of(world, 1, after);

    assert_string_equal(after, before);
    said = mailhost(world, 1, 0, "import", world->dir, NULL);
    free(said);
    digest_of(world, 1, after);
    assert_string_not_equal(after, before);
}

static IMessage *only_message(struct fixture *fx)
{
    static const ULONG tags[] = { PR_ENTRYID };
    IMAPITable *table = NULL;
    IMessage *message;
    LPSRowSet rows;

    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, 0, &table));
    rows = table_rows(table, tags, 1);
    assert_int_equal(rows->cRows, 1);
    message = message_open(fx->store, &rows->aRow[0].lpProps[0]);
    mapi_free_rows(rows);
    release_last(table);
    return message;
}

/* The first recipient of the only message, as the store it was imported into shows it. */
static void assert_named_recipient(struct fixture *fx)
{
    ULONG tags[] = { named_tag(fx->inbox, PT_UNICODE, RECIPIENT_NAME, 0),
        named_tag(fx->inbox, PT_LONG, NULL, RECIPIENT_ID), PR_COMMENT_A };
    IMessage *message = only_message(fx);
    IMAPITable *table = NULL;
    LPSRowSet rows;

    assert_ok(message->lpVtbl->GetRecipientTable(message, 0, &table));
    rows = table_rows(table, tags, 3);
    assert_int_equal(rows->cRows, 2);
    assert_int_equal(rows->aRow[0].lpProps[0].ulPropTag, tags[0]);
    assert_memory_equal(rows->aRow[0].lpProps[0].Value.lpszW, u"To \u4e16", 5 * sizeof(char16_t));
    assert_int_equal(rows->aRow[0].lpProps[1].ulPropTag, tags[1]);
    assert_int_equal(rows->aRow[0].lpProps[1].Value.l, MAPI_TO + 40);
    assert_int_equal(rows->aRow[0].lpProps[2].ulPropTag, tags[2]);
    assert_int_equal(strlen(rows->aRow[0].lpProps[2].Value.lpszA), RECIPIENT_LARGE);
    mapi_free_rows(rows);
    release_last(table);
    release_last(message);
}

/* The ids of the names mean other names in the store that the mail comes to, and have another
 * order. named-property.Copy.1 */
static void export__named_properties_of_recipients__names_kept(void **state)
{
    struct two_stores *world = *state;
    char before[65], after[65];

    (void)named_tag(world->to->inbox, PT_LONG, u"a name of its own", 0);
    (void)named_tag(world->to->inbox, PT_LONG, NULL, RECIPIENT_ID);
    add_message(world->from->inbox, 0, 1);
    {
        IMessage *message = only_message(world->from);

        prop_set_long(message, PROP_TAG(PT_LONG, 0xF123), 1); /* an id that has no name */
        assert_ok(message->lpVtbl->SaveChanges(message, FORCE_SAVE));
        release_last(message);
    }
    digest_of(world, 0, before);

    free(mailhost(world, 0, 0, "export", "Inbox", world->dir));
    free(mailhost(world, 1, 0, "import", world->dir, NULL));

    assert_named_recipient(world->to);
    digest_of(world, 1, after);
    assert_string_equal(after, before);
}

/* As clients put things on folders: named ones, large ones, arrays. */
static void set_on_folder(IMAPIFolder *folder)
{
    unsigned char *bytes = calloc(1, 100000);
    LONG longs[3] = { 3, 1, 2 };

    assert_non_null(bytes);
    memset(bytes, 0xA5, 100000);
    prop_set_text(folder, PR_COMMENT_W, "a comment");
    prop_set_text(folder, named_tag(folder, PT_UNICODE, u"a view", 0), "named");
    prop_set_long(folder, named_tag(folder, PT_LONG, NULL, 9), 99);
    prop_set_binary(folder, named_tag(folder, PT_BINARY, u"a large one", 0), bytes, 100000);
    prop_set_binary(folder, PR_EXTENDED_FOLDER_FLAGS, "flags", 5);
    set(folder,
            (SPropValue){ .ulPropTag = PROP_TAG(PT_MV_LONG, 0x6700), .Value.MVl = { 3, longs } });
    free(bytes);
}

static void assert_on_folder(IMAPIFolder *folder)
{
    ULONG tag = named_tag(folder, PT_BINARY, u"a large one", 0);
    IStream *stream = NULL;
    STATSTG stat;

    prop_assert_text(folder, PR_COMMENT_W, "a comment");
    prop_assert_text(folder, named_tag(folder, PT_UNICODE, u"a view", 0), "named");
    assert_int_equal(prop_long(folder, named_tag(folder, PT_LONG, NULL, 9)), 99);
    assert_ok(folder->lpVtbl->OpenProperty(
            folder, tag, &IID_IStream, 0, 0, (LPUNKNOWN *)(void *)&stream));
    assert_ok(stream->lpVtbl->Stat(stream, &stat, STATFLAG_NONAME));
    assert_int_equal(stat.cbSize.QuadPart, 100000);
    release_last(stream);
}

/* Into a store where the ids are taken by other names: all that is set on a folder comes along, and
 * the folder that it all goes into keeps what it has. */
static void export__properties_of_folders__kept_by_name(void **state)
{
    struct two_stores *world = *state;
    IMAPIFolder *from = folder_make(world->from->inbox, "Sub");
    IMAPIFolder *to = NULL;
    char16_t name[] = u"Sub";
    char before[65], after[65];

    (void)named_tag(world->to->inbox, PT_LONG, u"a name of its own", 0);
    (void)named_tag(world->to->inbox, PT_LONG, NULL, 9);
    set_on_folder(from);
    prop_set_text(world->from->inbox, named_tag(world->from->inbox, PT_UNICODE, u"top", 0), "new");
    digest_of(world, 0, before);
    digest_of(world, 1, after);
    assert_string_not_equal(before, after);

    free(mailhost(world, 0, 0, "export", "Inbox", world->dir));
    free(mailhost(world, 1, 0, "import", world->dir, NULL));

    digest_of(world, 1, after);
    assert_string_equal(after, before);
    assert_ok(world->to->inbox->lpVtbl->CreateFolder(world->to->inbox, FOLDER_GENERIC, (LPTSTR)name,
            NULL, NULL, MAPI_UNICODE | OPEN_IF_EXISTS, &to));
    assert_on_folder(to);
    prop_assert_text(world->to->inbox, named_tag(world->to->inbox, PT_UNICODE, u"top", 0), "new");
    prop_set_text(world->from->inbox, PR_CONTAINER_CLASS_W, "IPF.Other");
    host_dir_remove(world->dir);
    free(mailhost(world, 0, 0, "export", "Inbox", world->dir));
    free(mailhost(world, 1, 0, "import", world->dir, NULL));
    prop_assert_text(world->to->inbox, PR_CONTAINER_CLASS_W, "IPF.Note");
    release_last(to);
    release_last(from);
}

/* The whole store: what says where Calendar is goes on saying where it is there. */
static void export__root_of_a_store__the_other_finds_its_own_folders(void **state)
{
    struct two_stores *world = *state;
    IMAPIFolder *root = NULL;
    IMAPIFolder *calendar;
    SPropValue *before;
    SPropValue *after;
    ULONG type = 0;

    assert_ok(world->to->store->lpVtbl->OpenEntry(
            world->to->store, 0, NULL, NULL, MAPI_MODIFY, &type, (LPUNKNOWN *)(void *)&root));
    before = prop_get(root, PR_IPM_APPOINTMENT_ENTRYID);
    free(mailhost(world, 0, 0, "export", "/", world->dir));
    free(mailhost(world, 1, 0, "import", world->dir, NULL));
    after = prop_get(root, PR_IPM_APPOINTMENT_ENTRYID);
    assert_true(host_prop_same(before, after));
    calendar = folder_open(world->to->store, after);
    prop_assert_text(calendar, PR_CONTAINER_CLASS_W, "IPF.Appointment");
    release_last(calendar);
    release_last(root);
    mapi_free(before);
    mapi_free(after);
}

static void digest__property_of_a_folder_differs__is_another(void **state)
{
    struct two_stores *world = *state;
    char before[65], after[65];

    assert_true(host_dir_make(world->dir));
    digest_of(world, 0, before);
    prop_set_long(world->from->inbox, named_tag(world->from->inbox, PT_LONG, u"view", 0), 1);
    digest_of(world, 0, after);
    assert_string_not_equal(before, after);
    prop_set_long(world->from->inbox, named_tag(world->from->inbox, PT_LONG, u"view", 0), 2);
    digest_of(world, 0, before);
    assert_string_not_equal(before, after);
}

/* Into a new or an open storage of the attachment; it is saved. */
static void put_storage(IAttach *attach, ULONG flags, const char *text)
{
    WCHAR name[] = u"CONTENTS";
    IStorage *storage = NULL;
    IStream *stream = NULL;
    ULONG done = 0;

    assert_ok(attach->lpVtbl->OpenProperty(attach, PR_ATTACH_DATA_OBJ, &IID_IStorage, 0,
            flags | MAPI_MODIFY, (LPUNKNOWN *)(void *)&storage));
    assert_ok(storage->lpVtbl->CreateStream(
            storage, name, STGM_CREATE | STGM_READWRITE | STGM_SHARE_EXCLUSIVE, 0, 0, &stream));
    assert_ok(stream->lpVtbl->Write(stream, text, (ULONG)strlen(text), &done));
    stream->lpVtbl->Release(stream);
    assert_ok(storage->lpVtbl->Commit(storage, STGC_DEFAULT));
    release_last(storage);
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
}

static void assert_storage(IMessage *message, const char *text)
{
    WCHAR name[] = u"CONTENTS";
    char room[100] = "";
    IAttach *attach = NULL;
    IStorage *storage = NULL;
    IStream *stream = NULL;
    ULONG done = 0;

    assert_ok(message->lpVtbl->OpenAttach(message, 0, NULL, 0, &attach));
    assert_ok(attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IStorage, 0, 0, (LPUNKNOWN *)(void *)&storage));
    assert_ok(storage->lpVtbl->OpenStream(
            storage, name, NULL, STGM_READ | STGM_SHARE_EXCLUSIVE, 0, &stream));
    (void)stream->lpVtbl->Read(stream, room, sizeof(room) - 1, &done);
    assert_string_equal(room, text);
    stream->lpVtbl->Release(stream);
    release_last(storage);
    release_last(attach);
}

/* A message that has a storage, and one in a message in it; open, and saved. */
static IMessage *make_with_storages(IMAPIFolder *folder)
{
    IMessage *message = NULL;
    IMessage *inner = NULL;
    IAttach *attach;

    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    attach = add_attachment(message, ATTACH_OLE);
    put_storage(attach, MAPI_CREATE, "outer");
    release_last(attach);
    attach = add_attachment(message, ATTACH_EMBEDDED_MSG);
    assert_ok(attach->lpVtbl->OpenProperty(attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0,
            MAPI_CREATE | MAPI_MODIFY, (LPUNKNOWN *)(void *)&inner));
    {
        IAttach *within = add_attachment(inner, ATTACH_OLE);

        put_storage(within, MAPI_CREATE, "inner");
        release_last(within);
    }
    assert_ok(inner->lpVtbl->SaveChanges(inner, 0));
    release_last(inner);
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    return message;
}

/* IAttach.Data.5 */
static void export__structured_storages__import_is_the_same(void **state)
{
    struct two_stores *world = *state;
    char before[65], after[65];
    IMessage *message;
    char *said;

    message = make_with_storages(world->from->inbox);
    release_last(message);
    digest_of(world, 0, before);

    said = mailhost(world, 0, 0, "export", "Inbox", world->dir);
    assert_non_null(strstr(said, "exported 1 messages, 2 files"));
    free(said);
    free(mailhost(world, 1, 0, "import", world->dir, NULL));

    message = only_message(world->to);
    assert_storage(message, "outer");
    release_last(message);
    digest_of(world, 1, after);
    assert_string_equal(after, before);
}

static void copy__structured_storages__digest_is_equal(void **state)
{
    struct two_stores *world = *state;
    char before[65], after[65];
    IMessage *message = make_with_storages(world->from->inbox);

    release_last(message);
    digest_of(world, 0, before);
    free(mailhost(world, 1, 0, "copy", world->from->path, "/"));

    message = only_message(world->to);
    assert_storage(message, "outer");
    release_last(message);
    digest_of(world, 1, after);
    assert_string_equal(after, before);
}

/* Once for what a second save changes at a message, and once for the storage alone. */
static void digest__bytes_of_a_storage_change__is_another(void **state)
{
    static const char *const texts[] = { "Outer", "OUTER" };
    struct two_stores *world = *state;
    IMessage *message = make_with_storages(world->from->inbox);
    char digests[2][65];

    for (int i = 0; i < 2; i++) {
        IAttach *attach = NULL;

        assert_ok(message->lpVtbl->OpenAttach(message, 0, NULL, MAPI_MODIFY, &attach));
        put_storage(attach, 0, texts[i]);
        release_last(attach);
        assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
        digest_of(world, 0, digests[i]);
    }
    release_last(message);

    assert_string_not_equal(digests[0], digests[1]);
}

/* What the store would make up by itself, had the client not set it. */
struct own {
    const char *search_key; /* 16 characters, as are conversation indexes here */
    int64_t modified, attachment_created, attachment_modified;
};

static void set_time(void *object, ULONG tag, int64_t time)
{
    SPropValue value = { .ulPropTag = tag };

    value.Value.li.QuadPart = time;
    set(object, value);
}

static void assert_time(void *object, ULONG tag, int64_t time)
{
    SPropValue *value = prop_get(object, tag);

    assert_non_null(value);
    assert_int_equal(value->Value.li.QuadPart, time);
    mapi_free(value);
}

static void make_own(IMAPIFolder *folder, const struct own *own)
{
    IMessage *message = NULL;
    IAttach *attach;

    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    prop_set_binary(message, PR_SEARCH_KEY, own->search_key, 16);
    prop_set_binary(message, PR_CONVERSATION_INDEX, "has the key in it", 16);
    set_time(message, PR_LAST_MODIFICATION_TIME, own->modified);
    attach = add_attachment(message, ATTACH_BY_VALUE);
    set_time(attach, PR_CREATION_TIME, own->attachment_created);
    set_time(attach, PR_LAST_MODIFICATION_TIME, own->attachment_modified);
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

/* message.PR_SEARCH_KEY.2 attachment.PR_CREATION_TIME.1 */
static void export__search_key_and_times_of_the_client__kept(void **state)
{
    static const struct own own = { "the client's key", 1000, 2000, 3000 };
    struct two_stores *world = *state;
    IAttach *attach = NULL;
    IMessage *message;
    SPropValue *key;

    make_own(world->from->inbox, &own);
    free(mailhost(world, 0, 0, "export", "Inbox", world->dir));
    free(mailhost(world, 1, 0, "import", world->dir, NULL));

    message = only_message(world->to);
    key = prop_get(message, PR_SEARCH_KEY);
    assert_int_equal(key->Value.bin.cb, 16);
    assert_memory_equal(key->Value.bin.lpb, own.search_key, 16);
    mapi_free(key);
    assert_time(message, PR_LAST_MODIFICATION_TIME, own.modified);
    assert_ok(message->lpVtbl->OpenAttach(message, 0, NULL, 0, &attach));
    assert_time(attach, PR_CREATION_TIME, own.attachment_created);
    assert_time(attach, PR_LAST_MODIFICATION_TIME, own.attachment_modified);
    release_last(attach);
    release_last(message);
}

static void digest__search_key_or_a_time_differs__is_another(void **state)
{
    static const struct own own = { "the client's key", 1000, 2000, 3000 };
    static const struct own others[] = { { "the client's key", 1000, 2000, 3000 }, /* equal */
        { "another one here", 1000, 2000, 3000 }, { "the client's key", 1001, 2000, 3000 },
        { "the client's key", 1000, 2001, 3000 }, { "the client's key", 1000, 2000, 3001 } };
    struct two_stores *world = *state;

    make_own(world->from->inbox, &own);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        IMAPIFolder *inbox = world->to->inbox;
        char one[65], other[65];

        make_own(inbox, &others[i]);
        digest_of(world, 0, one);
        digest_of(world, 1, other);
        if ((strcmp(one, other) == 0) != (i == 0))
            fail_msg("case %zu: %s, %s", i, one, other);
        assert_ok(inbox->lpVtbl->EmptyFolder(inbox, 0, NULL, 0));
    }
}

static void write_lines(struct two_stores *world, const char *lines)
{
    char path[1100];
    FILE *file;

    assert_true(host_dir_make(world->dir));
    snprintf(path, sizeof(path), "%s/mail.jsonl", world->dir);
    file = host_fopen(path, "wb");
    assert_non_null(file);
    fputs(lines, file);
    assert_int_equal(fclose(file), 0);
}

/* Not JSON, not ours, files elsewhere: said with the line, and what came before is there. */
static void import__damaged_lines__stops_there(void **state)
{
    static const char *const bad[] = {
        "{",
        "{\"properties\":[{\"tag\":\"0037001f\",\"value\":\"\\u12\"}]}",
        "{\"properties\":[{\"tag\":\"0037001f\",\"value\":7}]}",
        "{\"properties\":[{\"tag\":\"67010003\",\"value\":\"7\"}]}",
        "{\"properties\":[{\"tag\":\"67011102\",\"value\":[\"0\"]}]}",
        "{\"properties\":[{\"tag\":\"37010102\",\"file\":\"../mail.jsonl\"}]}",
        "{\"properties\":[{\"tag\":\"80010003\",\"guid\":\"00\",\"id\":1,\"value\":1}]}",
        "{\"properties\":[],\"attachments\":[{\"number\":0,\"properties\":[],"
        "\"storage\":\"mail.jsonl\"}]}",
        "{\"properties\":[],\"attachments\":[{\"number\":0,\"properties\":[],"
        "\"storage\":\"no such file\"}]}",
        "{\"folder\":[1]}",
        "{\"nothing\":1}",
        "[]",
    };
    struct two_stores *world = *state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char lines[400];
        char *said;

        snprintf(lines, sizeof(lines), "{\"properties\":[]}\n%s\n{\"properties\":[]}\n", bad[i]);
        write_lines(world, lines);
        said = mailhost(world, 1, 1, "import", world->dir, NULL);
        if (strstr(said, "Line 2") == NULL || strstr(said, "imported 1 messages") == NULL)
            fail_msg("%s: %s", bad[i], said);
        free(said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(export__folder_with_everything__import_is_the_same,
                two_stores_setup, two_stores_teardown),
        cmocka_unit_test_setup_teardown(export__named_properties_of_recipients__names_kept,
                two_stores_setup, two_stores_teardown),
        cmocka_unit_test_setup_teardown(
                export__properties_of_folders__kept_by_name, two_stores_setup, two_stores_teardown),
        cmocka_unit_test_setup_teardown(export__root_of_a_store__the_other_finds_its_own_folders,
                two_stores_setup, two_stores_teardown),
        cmocka_unit_test_setup_teardown(digest__property_of_a_folder_differs__is_another,
                two_stores_setup, two_stores_teardown),
        cmocka_unit_test_setup_teardown(export__structured_storages__import_is_the_same,
                two_stores_setup, two_stores_teardown),
        cmocka_unit_test_setup_teardown(
                copy__structured_storages__digest_is_equal, two_stores_setup, two_stores_teardown),
        cmocka_unit_test_setup_teardown(digest__bytes_of_a_storage_change__is_another,
                two_stores_setup, two_stores_teardown),
        cmocka_unit_test_setup_teardown(export__search_key_and_times_of_the_client__kept,
                two_stores_setup, two_stores_teardown),
        cmocka_unit_test_setup_teardown(digest__search_key_or_a_time_differs__is_another,
                two_stores_setup, two_stores_teardown),
        cmocka_unit_test_setup_teardown(
                import__damaged_lines__stops_there, two_stores_setup, two_stores_teardown),
    };

    return cmocka_run_group_tests_name("export", tests, NULL, NULL);
}
