/* SPDX-License-Identifier: MIT */
/*
 * test_bad_input.c - arguments that no honest client would give, and mail of odd shape: each gets
 * its code and, where an object can say it, a sentence; what is stored stays as it is.
 */
#include "support/system.h"

#include "walk_digest.h"

#define DATA PROP_TAG(PT_BINARY, 0x6703)

enum {
    MANY = 10000, /* recipients */
    DEEP = 200,   /* messages inside one another */
    HUGE_COUNT = 0x7FFFFFFF
};

static LPENTRYID as_id(const void *bytes)
{
    union {
        const void *given;
        LPENTRYID taken;
    } id = { .given = bytes };

    return id.taken;
}

static LPWSTR as_wide(const char16_t *text)
{
    union {
        const char16_t *given;
        LPWSTR taken;
    } wide = { .given = text };

    return wide.taken;
}

static IMessage *create(IMAPIFolder *folder)
{
    IMessage *message = POISON;

    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    return message;
}

static void save(IMessage *message)
{
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
}

/* The object's sentence for the failure, which it must have. */
static void assert_sentence(void *object, HRESULT hr)
{
    IMAPIProp *prop = object;
    LPMAPIERROR error = POISON;
    char *text;

    assert_ok(prop->lpVtbl->GetLastError(prop, hr, MAPI_UNICODE, &error));
    if (!error)
        fail_msg("no sentence for %s", host_hr_name(hr));
    text = host_text_to_utf8((const uint16_t *)(const void *)error->lpszError, SIZE_MAX);
    assert_non_null(text);
    if (strlen(text) < 10 || text[strlen(text) - 1] != '.')
        fail_msg("'%s' is no sentence", text);
    free(text);
    mapi_free(error);
}

/* ---- Entry ids ---- */

struct id {
    ULONG size;
    BYTE bytes[256];
};

static struct id id_of(const SPropValue *value)
{
    struct id id = { value->Value.bin.cb, { 0 } };

    assert_true(id.size > 20 && id.size + 8 <= sizeof(id.bytes));
    memcpy(id.bytes, value->Value.bin.lpb, id.size);
    return id;
}

static struct id folder_id(IMAPIFolder *folder)
{
    SPropValue *value = prop_get(folder, PR_ENTRYID);
    struct id id = id_of(value);

    mapi_free(value);
    return id;
}

static struct id message_id(IMAPIFolder *folder)
{
    SPropValue *value = message_make(folder, "one");
    struct id id = id_of(value);

    mapi_free(value);
    return id;
}

enum { BAD_IDS = 9 };

/* Ids of no object of this store: cut, longer, of another store, of no kind, never used. */
static void make_bad_ids(const struct id *good, struct id bad[BAD_IDS])
{
    for (size_t i = 0; i < BAD_IDS; i++)
        bad[i] = *good;
    bad[0].size = 1;
    bad[1].size = 4;
    bad[2].size = 20;
    bad[3].size = good->size - 1;
    bad[4].size = good->size + 1;
    bad[5].bytes[4] ^= 0xFF;
    bad[6].bytes[19] ^= 1;
    memset(bad[7].bytes + 20, 0xEE, good->size - 20);
    memset(bad[8].bytes, 0, sizeof(bad[8].bytes));
}

static void assert_is_refusal(HRESULT hr, const char *what, size_t which)
{
    if (hr != MAPI_E_UNKNOWN_ENTRYID && hr != MAPI_E_INVALID_ENTRYID && hr != MAPI_E_NOT_FOUND &&
            hr != MAPI_E_INVALID_PARAMETER && hr != MAPI_E_NO_SUPPORT)
        fail_msg("%s, id %u: %s", what, (unsigned)which, host_hr_name(hr));
}

static void open_bad_id(struct fixture *fx, const struct id *bad, size_t which)
{
    IMSLogon *logon = fx->support->logon;
    LPUNKNOWN object = POISON;
    ULONG type = POISON_LONG;
    HRESULT hr;

    hr = fx->store->lpVtbl->OpenEntry(
            fx->store, bad->size, as_id(bad->bytes), NULL, MAPI_MODIFY, &type, &object);
    assert_is_refusal(hr, "IMsgStore::OpenEntry", which);
    assert_null(object);
    assert_int_equal(type, 0);
    assert_sentence(fx->store, hr);
    object = POISON;
    hr = fx->inbox->lpVtbl->OpenEntry(
            fx->inbox, bad->size, as_id(bad->bytes), NULL, 0, &type, &object);
    assert_is_refusal(hr, "IMAPIFolder::OpenEntry", which);
    assert_null(object);
    assert_sentence(fx->inbox, hr);
    object = POISON;
    hr = logon->lpVtbl->OpenEntry(logon, bad->size, as_id(bad->bytes), NULL, 0, &type, &object);
    assert_is_refusal(hr, "IMSLogon::OpenEntry", which);
    assert_null(object);
}

static void use_bad_id(struct fixture *fx, const struct id *bad, size_t which)
{
    IMAPIFolder *inbox = fx->inbox;
    ULONG status = POISON_LONG;
    HRESULT hr;

    hr = inbox->lpVtbl->DeleteFolder(
            inbox, bad->size, as_id(bad->bytes), 0, NULL, DEL_FOLDERS | DEL_MESSAGES);
    assert_is_refusal(hr, "DeleteFolder", which);
    hr = inbox->lpVtbl->CopyFolder(
            inbox, bad->size, as_id(bad->bytes), NULL, inbox, NULL, 0, NULL, FOLDER_MOVE);
    assert_is_refusal(hr, "CopyFolder", which);
    hr = inbox->lpVtbl->GetMessageStatus(inbox, bad->size, as_id(bad->bytes), 0, &status);
    assert_is_refusal(hr, "GetMessageStatus", which);
    assert_int_equal(status, 0);
    status = POISON_LONG;
    hr = inbox->lpVtbl->SetMessageStatus(inbox, bad->size, as_id(bad->bytes), 1, 1, &status);
    assert_is_refusal(hr, "SetMessageStatus", which);
    assert_int_equal(status, 0);
    hr = fx->store->lpVtbl->SetReceiveFolder(
            fx->store, NULL, MAPI_UNICODE, bad->size, as_id(bad->bytes));
    assert_is_refusal(hr, "SetReceiveFolder", which);
    hr = fx->store->lpVtbl->AbortSubmit(fx->store, bad->size, as_id(bad->bytes), 0);
    assert_is_refusal(hr, "AbortSubmit", which);
}

/* Errors.Codes.2 Memory.Failure.1 */
static void entry_ids__not_of_this_store__refused_with_a_sentence(void **state)
{
    struct fixture *fx = *state;
    struct id good[2] = { message_id(fx->inbox), folder_id(fx->inbox) };
    uint64_t before = walk_digest_folder(fx->inbox);

    for (size_t kind = 0; kind < 2; kind++) {
        struct id bad[BAD_IDS];

        make_bad_ids(&good[kind], bad);
        for (size_t i = 0; i < BAD_IDS; i++) {
            open_bad_id(fx, &bad[i], i);
            use_bad_id(fx, &bad[i], i);
        }
    }

    assert_true(walk_digest_folder(fx->inbox) == before);
}

/* In a list, what is wrong is left out, and the rest is done or nothing is. */
static void entry_ids__bad_ones_in_a_list__never_a_plain_success(void **state)
{
    struct fixture *fx = *state;
    struct id good = message_id(fx->inbox);
    uint64_t before = walk_digest_folder(fx->inbox);
    struct id bad[BAD_IDS];

    make_bad_ids(&good, bad);
    for (size_t i = 0; i < BAD_IDS; i++) {
        SBinary entry = { bad[i].size, bad[i].bytes };
        ENTRYLIST list = { 1, &entry };

        assert_true(fx->inbox->lpVtbl->DeleteMessages(fx->inbox, &list, 0, NULL, 0) != S_OK);
        assert_true(fx->inbox->lpVtbl->SetReadFlags(fx->inbox, &list, 0, NULL, SUPPRESS_RECEIPT) !=
                    S_OK);
    }

    assert_true(walk_digest_folder(fx->inbox) == before);
}

/* A message where a folder belongs, and the other way round. */
static void entry_ids__of_the_wrong_kind__refused(void **state)
{
    struct fixture *fx = *state;
    struct id message = message_id(fx->inbox);
    IMAPIFolder *below = folder_make(fx->inbox, "below");
    struct id folder = folder_id(below);
    SBinary entry = { folder.size, folder.bytes };
    ENTRYLIST list = { 1, &entry };
    uint64_t before = walk_digest_folder(fx->inbox);
    LPUNKNOWN object = POISON;
    ULONG out = POISON_LONG;

    assert_is_refusal(fx->inbox->lpVtbl->DeleteFolder(
                              fx->inbox, message.size, as_id(message.bytes), 0, NULL, DEL_MESSAGES),
            "DeleteFolder", 0);
    assert_is_refusal(fx->store->lpVtbl->SetReceiveFolder(
                              fx->store, NULL, MAPI_UNICODE, message.size, as_id(message.bytes)),
            "SetReceiveFolder", 0);
    assert_is_refusal(fx->inbox->lpVtbl->GetMessageStatus(
                              fx->inbox, folder.size, as_id(folder.bytes), 0, &out),
            "GetMessageStatus", 0);
    assert_true(fx->inbox->lpVtbl->DeleteMessages(fx->inbox, &list, 0, NULL, 0) != S_OK);
    assert_hr(fx->store->lpVtbl->OpenEntry(fx->store, message.size, as_id(message.bytes),
                      &IID_IMAPIFolder, 0, &out, &object),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_null(object);
    assert_hr(fx->store->lpVtbl->OpenEntry(
                      fx->store, folder.size, as_id(folder.bytes), &IID_IMessage, 0, &out, &object),
            MAPI_E_INTERFACE_NOT_SUPPORTED);

    assert_true(walk_digest_folder(fx->inbox) == before);
    release_last(below);
}

/* ---- Mail of odd shape ---- */

static void add_recipients(IMessage *message, ULONG count)
{
    LPADRLIST list = calloc(1, CbNewADRLIST(count));
    SPropValue *values = calloc(count, 2 * sizeof(*values));
    char(*names)[32] = calloc(count, sizeof(*names));

    assert_true(list && values && names);
    list->cEntries = count;
    for (ULONG i = 0; i < count; i++) {
        snprintf(names[i], sizeof(names[i]), "recipient %u", (unsigned)i);
        values[2 * i].ulPropTag = PR_DISPLAY_NAME_A;
        values[2 * i].Value.lpszA = names[i];
        values[2 * i + 1].ulPropTag = PR_RECIPIENT_TYPE;
        values[2 * i + 1].Value.l = MAPI_TO;
        list->aEntries[i].cValues = 2;
        list->aEntries[i].rgPropVals = &values[2 * i];
    }
    assert_ok(message->lpVtbl->ModifyRecipients(message, MODRECIP_ADD, list));
    free(names);
    free(values);
    free(list);
}

/* IMessage.ModifyRecipients.2 */
static void message__ten_thousand_recipients__all_kept(void **state)
{
    static const ULONG tags[] = { PR_ROWID, PR_DISPLAY_NAME_W };
    struct fixture *fx = *state;
    IMessage *message = create(fx->inbox);
    IMAPITable *table = POISON;
    SPropValue *id;
    LPSRowSet rows;
    char *text;

    add_recipients(message, MANY);
    save(message);
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    fixture_reopen(fx);
    message = message_open(fx->store, id);

    assert_ok(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table));
    rows = table_rows(table, tags, 2);
    assert_int_equal(rows->cRows, MANY);
    text = host_text_to_utf8(
            (const uint16_t *)rows->aRow[MANY - 1].lpProps[1].Value.lpszW, SIZE_MAX);
    assert_string_equal(text, "recipient 9999");
    free(text);
    mapi_free_rows(rows);
    release_last(table);
    mapi_free(id);
    release_last(message);
}

/* A message in an attachment of a message, and so on: `levels` of them. */
static void put_inside(IMessage *outer, int levels)
{
    LPATTACH attach = NULL;
    LPUNKNOWN object = NULL;
    IMessage *inner;
    char subject[32];
    ULONG number;

    assert_ok(outer->lpVtbl->CreateAttach(outer, NULL, 0, &number, &attach));
    prop_set_long(attach, PR_ATTACH_METHOD, ATTACH_EMBEDDED_MSG);
    assert_ok(attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, MAPI_CREATE | MAPI_MODIFY, &object));
    inner = (IMessage *)(void *)object;
    snprintf(subject, sizeof(subject), "level %d", levels);
    prop_set_text(inner, PR_SUBJECT_W, subject);
    if (levels > 1)
        put_inside(inner, levels - 1);
    assert_ok(inner->lpVtbl->SaveChanges(inner, 0));
    release_last(inner);
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
}

/* The innermost message, each one above it released once it has been passed. */
static IMessage *go_inside(IMessage *message, int levels)
{
    for (int i = 0; i < levels; i++) {
        LPATTACH attach = NULL;
        LPUNKNOWN object = NULL;

        assert_ok(message->lpVtbl->OpenAttach(message, 0, NULL, 0, &attach));
        assert_ok(attach->lpVtbl->OpenProperty(
                attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0, &object));
        release_last(message);
        release_last(attach);
        message = (IMessage *)(void *)object;
    }
    return message;
}

static void message__two_hundred_deep__saved_read_and_deleted(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx->inbox);
    SPropValue *id;
    ENTRYLIST list = { 1, NULL };

    prop_set_text(message, PR_SUBJECT_W, "the outermost");
    put_inside(message, DEEP);
    save(message);
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    fixture_reopen(fx);

    message = go_inside(message_open(fx->store, id), DEEP);
    prop_assert_text(message, PR_SUBJECT_W, "level 1");
    release_last(message);

    list.lpbin = &id->Value.bin;
    assert_ok(fx->inbox->lpVtbl->DeleteMessages(fx->inbox, &list, 0, NULL, DELETE_HARD_DELETE));
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), 0);
    mapi_free(id);
}

/* ---- Texts ---- */

/* What a reader of the subject sees, after a save and in a new session. */
static void assert_subject(struct fixture *fx, IMessage *message, const char *expected)
{
    SPropValue *id;

    save(message);
    prop_assert_text(message, PR_SUBJECT_W, expected);
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    fixture_reopen(fx);
    message = message_open(fx->store, id);
    prop_assert_text(message, PR_SUBJECT_W, expected);
    mapi_free(id);
    release_last(message);
}

static void subject__nul_in_a_stream__text_ends_there_for_readers(void **state)
{
    static const char16_t text[] = u"before\0after";
    struct fixture *fx = *state;
    IMessage *message = create(fx->inbox);
    LPUNKNOWN object = NULL;
    IStream *stream;

    assert_ok(message->lpVtbl->OpenProperty(
            message, PR_SUBJECT_W, &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY, &object));
    stream = (IStream *)(void *)object;
    assert_ok(stream->lpVtbl->Write(stream, text, sizeof(text) - sizeof(text[0]), NULL));
    assert_ok(stream->lpVtbl->Commit(stream, 0));
    release_last(stream);

    assert_subject(fx, message, "before");
}

static void subject__nul_in_set_props__text_ends_there(void **state)
{
    static const char16_t text[] = u"before\0after";
    struct fixture *fx = *state;
    IMessage *message = create(fx->inbox);
    SPropValue value = { .ulPropTag = PR_SUBJECT_W };

    value.Value.lpszW = as_wide(text);
    assert_ok(message->lpVtbl->SetProps(message, 1, &value, NULL));

    assert_subject(fx, message, "before");
}

/* Half a pair is no character: who makes UTF-8 of the subject, as this test does, replaces it, and
 * nothing around it is lost. */
static void subject__lone_surrogates__nothing_around_is_lost(void **state)
{
    static const char16_t high[] = { 'a', 0xD800, 'b', 0 };
    static const char16_t low[] = { 'a', 0xDC00, 'b', 0 };
    static const char16_t last[] = { 'a', 0xD83D, 0 };
    static const char16_t turned[] = { 0xDC00, 0xD800, 0 };
    static const char16_t *const texts[] = { high, low, last, turned };
    static const char *const expected[] = { "a\xEF\xBF\xBD"
                                            "b",
        "a\xEF\xBF\xBD"
        "b",
        "a\xEF\xBF\xBD", "\xEF\xBF\xBD\xEF\xBF\xBD" };
    struct fixture *fx = *state;

    for (size_t i = 0; i < 4; i++) {
        IMessage *message = create(fx->inbox);
        SPropValue value = { .ulPropTag = PR_SUBJECT_W };

        value.Value.lpszW = as_wide(texts[i]);
        assert_ok(message->lpVtbl->SetProps(message, 1, &value, NULL));
        assert_subject(fx, message, expected[i]);
    }
}

/* Texts of a million characters in places where people write a line. */
static void texts__overlong__kept_or_refused_with_a_sentence(void **state)
{
    static const ULONG tags[] = { PR_SUBJECT_W, PR_MESSAGE_CLASS_W, PR_SENDER_NAME_W,
        PR_DISPLAY_NAME_W, PR_BODY_W };

    enum { LENGTH = 1000000 };
    struct fixture *fx = *state;
    char16_t *text = malloc((LENGTH + 1) * sizeof(*text));
    IMessage *message = create(fx->inbox);
    IMAPIFolder *folder = POISON;
    IMAPITable *table = POISON;
    LPSRowSet rows;
    HRESULT hr;

    for (size_t i = 0; i < LENGTH; i++)
        text[i] = (char16_t)('a' + i % 26);
    text[LENGTH] = 0;
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        SPropValue value = { .ulPropTag = tags[i] };
        LPSPropProblemArray problems = POISON;

        value.Value.lpszW = as_wide(text);
        hr = message->lpVtbl->SetProps(message, 1, &value, &problems);
        assert_true(hr == S_OK || hr == MAPI_E_TOO_BIG || hr == MAPI_E_INVALID_PARAMETER);
        mapi_free(problems);
    }
    save(message);
    release_last(message);
    hr = fx->inbox->lpVtbl->CreateFolder(fx->inbox, FOLDER_GENERIC, (LPTSTR)(void *)as_wide(text),
            NULL, NULL, MAPI_UNICODE, &folder);
    if (SUCCEEDED(hr))
        release_last(folder);
    else
        assert_null(folder);
    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, MAPI_UNICODE, &table));
    rows = table_rows(table, tags, 3);
    mapi_free_rows(rows);
    release_last(table);
    free(text);
}

/* ---- Counts and sizes ---- */

static void assert_invalid(HRESULT hr, const char *what)
{
    if (hr != MAPI_E_INVALID_PARAMETER && hr != MAPI_E_TOO_BIG && hr != MAPI_E_TOO_COMPLEX &&
            hr != MAPI_E_NOT_ENOUGH_MEMORY)
        fail_msg("%s: %s", what, host_hr_name(hr));
}

static const ULONG huge[] = { 0xFFFFFFFF, 0x80000000, HUGE_COUNT, 0x40000000, 0x20000001 };

static void check_huge_tags(IMessage *message, ULONG count)
{
    SPropTagArray tags = { count, { PR_SUBJECT_W } };
    SPropTagArray *list = &tags;
    SPropValue *values = POISON;
    LPSPropProblemArray problems = POISON;
    LPMAPINAMEID *names = POISON;
    LPSPropTagArray ids = POISON;
    MAPINAMEID name = { 0 };
    LPMAPINAMEID name_list = &name;
    ULONG n = POISON_LONG;

    assert_invalid(message->lpVtbl->GetProps(message, list, 0, &n, &values), "GetProps");
    assert_null(values);
    assert_invalid(message->lpVtbl->DeleteProps(message, list, &problems), "DeleteProps");
    assert_null(problems);
    assert_invalid(message->lpVtbl->GetNamesFromIDs(message, &list, NULL, 0, &n, &names),
            "GetNamesFromIDs");
    assert_null(names);
    assert_invalid(message->lpVtbl->GetIDsFromNames(message, count, &name_list, 0, &ids),
            "GetIDsFromNames");
    assert_null(ids);
}

static void check_huge_lists(struct fixture *fx, IMessage *message, ULONG count)
{
    struct id id = folder_id(fx->inbox);
    SBinary entry = { id.size, id.bytes };
    ENTRYLIST list = { count, &entry };
    SPropValue value = { .ulPropTag = PR_IMPORTANCE };
    ADRLIST recipients = { .cEntries = count };
    IMAPIFolder *inbox = fx->inbox;

    assert_invalid(message->lpVtbl->SetProps(message, count, &value, NULL), "SetProps");
    recipients.aEntries[0].cValues = 0;
    assert_invalid(message->lpVtbl->ModifyRecipients(message, MODRECIP_ADD, &recipients),
            "ModifyRecipients");
    recipients.cEntries = 1;
    recipients.aEntries[0].cValues = count;
    recipients.aEntries[0].rgPropVals = &value;
    assert_invalid(message->lpVtbl->ModifyRecipients(message, MODRECIP_ADD, &recipients),
            "ModifyRecipients of one");
    assert_invalid(inbox->lpVtbl->DeleteMessages(inbox, &list, 0, NULL, 0), "DeleteMessages");
    assert_invalid(
            inbox->lpVtbl->SetReadFlags(inbox, &list, 0, NULL, SUPPRESS_RECEIPT), "SetReadFlags");
}

/* Errors.Codes.2 */
static void counts__that_no_array_has__refused_and_nothing_changed(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx->inbox);
    uint64_t before;

    prop_set_text(message, PR_SUBJECT_W, "stays");
    before = walk_digest_props(message, WALK_DIGEST_SEED);

    for (size_t i = 0; i < sizeof(huge) / sizeof(huge[0]); i++) {
        check_huge_tags(message, huge[i]);
        check_huge_lists(fx, message, huge[i]);
    }

    assert_true(walk_digest_props(message, WALK_DIGEST_SEED) == before);
    release_last(message);
}

/* A value that says it is larger than memory, or has no memory at all. */
static void values__of_wild_sizes__refused_and_nothing_changed(void **state)
{
    static const ULONG types[] = { PT_MV_LONG, PT_MV_UNICODE, PT_MV_BINARY, PT_MV_STRING8, PT_MV_I8,
        PT_MV_CLSID };
    struct fixture *fx = *state;
    IMessage *message = create(fx->inbox);
    uint64_t before = walk_digest_props(message, WALK_DIGEST_SEED);
    BYTE few[16] = { 0 };
    SPropValue value = { .ulPropTag = DATA };

    for (size_t i = 0; i < 3; i++) {
        value.ulPropTag = DATA;
        value.Value.bin.cb = huge[i];
        value.Value.bin.lpb = NULL;
        assert_invalid(message->lpVtbl->SetProps(message, 1, &value, NULL), "PT_BINARY, NULL");
        for (size_t k = 0; k < sizeof(types) / sizeof(types[0]); k++) {
            value.ulPropTag = PROP_TAG(types[k], 0x6704);
            value.Value.MVbin.cValues = huge[i];
            value.Value.MVbin.lpbin = (SBinary *)(void *)few;
            assert_invalid(message->lpVtbl->SetProps(message, 1, &value, NULL), "multivalue");
        }
    }
    value.ulPropTag = DATA;
    value.Value.bin.cb = 0xFFFFFFFF;
    value.Value.bin.lpb = few;
    assert_invalid(message->lpVtbl->SetProps(message, 1, &value, NULL), "PT_BINARY of 4 GiB");

    assert_true(walk_digest_props(message, WALK_DIGEST_SEED) == before);
    release_last(message);
}

/* ---- The disk is full ---- */

static size_t file_size(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 ? (size_t)info.st_size : 0;
}

enum { MAIL = 200000 };

static HRESULT import_one(IMAPIFolder *inbox, unsigned number, IMessage **out)
{
    BYTE *bytes = malloc(MAIL);
    SPropValue value = { .ulPropTag = DATA };
    char subject[32];
    HRESULT hr;

    for (size_t i = 0; i < MAIL; i++)
        bytes[i] = (BYTE)(i * number + (i >> 7));
    *out = create(inbox);
    snprintf(subject, sizeof(subject), "mail %u", number);
    prop_set_text(*out, PR_SUBJECT_W, subject);
    value.Value.bin.cb = MAIL;
    value.Value.bin.lpb = bytes;
    hr = (*out)->lpVtbl->SetProps(*out, 1, &value, NULL);
    if (SUCCEEDED(hr))
        hr = (*out)->lpVtbl->SaveChanges(*out, KEEP_OPEN_READWRITE);
    free(bytes);
    return hr;
}

/* Errors.Codes.3 Errors.Codes.4 Teardown.Data.1 */
static void import__disk_full_in_the_middle__says_so_and_keeps_what_was_saved(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = NULL;
    unsigned saved = 0;
    uint64_t before;
    char wal[1100];
    HRESULT hr;

    snprintf(wal, sizeof(wal), "%s-wal", fx->path);
    if (!system_limit_files(file_size(fx->path) + file_size(wal) + 10 * MAIL))
        skip();
    for (;;) {
        hr = import_one(fx->inbox, saved, &message);
        if (FAILED(hr))
            break;
        release_last(message);
        assert_true(++saved < 1000);
    }
    assert_true(saved > 2);
    assert_true(hr == MAPI_E_NOT_ENOUGH_DISK || hr == MAPI_E_DISK_ERROR);
    assert_sentence(message, hr);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), saved);
    before = walk_digest_folder(fx->inbox);

    assert_true(system_limit_files(0));

    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE)); /* there is room again */
    release_last(message);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), saved + 1);
    assert_true(walk_digest_folder(fx->inbox) != before);
    fixture_reopen(fx);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), saved + 1);
    mapi_free(message_make(fx->inbox, "after it all"));
}

/* ---- Two processes ---- */

enum { OTHERS_MAILS = 40 };

static const char *own_path;

/* What the second process does. */
static int be_the_other(const char *path)
{
    struct fixture *fx = fixture_new();
    unsigned breaches;

    snprintf(fx->path, sizeof(fx->path), "%s", path);
    if (FAILED(host_session_configure(&fx->session, path)))
        return 2;
    fixture_logon(fx);
    fixture_open_inbox(fx);
    for (unsigned i = 0; i < OTHERS_MAILS; i++)
        mapi_free(message_make(fx->inbox, "from the other"));
    release_last(fx->inbox);
    release_last(fx->store);
    host_session_logoff(&fx->session);
    breaches = host_session_done(&fx->session);
    host_profile_free(fx->profile);
    free(fx);
    return breaches == 0 ? 0 : 3;
}

struct other {
    struct fixture *fx;
    int status;
};

static void run_the_other(void *arg)
{
    struct other *other = arg;
    const char *path = other->fx->path;
    char command[3000];

    snprintf(command, sizeof(command), COMMAND_FORMAT, own_path, "--other", path);
    other->status = system(command); /* NOLINT(cert-env33-c,concurrency-mt-unsafe): our own name */
}

static void store__two_processes_write__both_see_all(void **state)
{
    struct fixture *fx = *state;
    struct other other = { fx, -1 };
    struct host_thread *thread = host_thread_start(run_the_other, &other);

    for (unsigned i = 0; i < OTHERS_MAILS; i++)
        mapi_free(message_make(fx->inbox, "from this one"));
    host_thread_join(thread);

    assert_int_equal(other.status, 0);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), 2 * OTHERS_MAILS);
    fixture_reopen(fx);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), 2 * OTHERS_MAILS);
}

#define INBOX(test) cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        INBOX(entry_ids__not_of_this_store__refused_with_a_sentence),
        INBOX(entry_ids__bad_ones_in_a_list__never_a_plain_success),
        INBOX(entry_ids__of_the_wrong_kind__refused),
        INBOX(message__ten_thousand_recipients__all_kept),
        INBOX(message__two_hundred_deep__saved_read_and_deleted),
        INBOX(subject__nul_in_a_stream__text_ends_there_for_readers),
        INBOX(subject__nul_in_set_props__text_ends_there),
        INBOX(subject__lone_surrogates__nothing_around_is_lost),
        INBOX(texts__overlong__kept_or_refused_with_a_sentence),
        INBOX(counts__that_no_array_has__refused_and_nothing_changed),
        INBOX(values__of_wild_sizes__refused_and_nothing_changed),
        INBOX(import__disk_full_in_the_middle__says_so_and_keeps_what_was_saved),
        INBOX(store__two_processes_write__both_see_all),
    };

    own_path = argv[0];
    if (argc == 3 && strcmp(argv[1], "--other") == 0)
        return be_the_other(argv[2]);
    return cmocka_run_group_tests_name("bad_input", tests, NULL, NULL);
}
