/* SPDX-License-Identifier: MIT */
/*
 * test_message.c - messages as transactions: open, save, conflict, read state.
 */
#include "support/support.h"

/* A saved message of the inbox, as its entry id, and open for writing. */
static SPropValue *make(struct fixture *fx, const char *subject)
{
    return message_make(fx->inbox, subject);
}

static IMessage *create(struct fixture *fx)
{
    IMessage *message = NULL;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    return message;
}

static HRESULT open_with(
        struct fixture *fx, const SPropValue *id, LPCIID iid, ULONG flags, IMessage **out)
{
    union {
        BYTE *bytes;
        ENTRYID *id;
    } at = { .bytes = id->Value.bin.lpb };

    LPUNKNOWN object = POISON;
    ULONG type = 0;
    HRESULT hr = fx->store->lpVtbl->OpenEntry(
            fx->store, id->Value.bin.cb, at.id, iid, flags, &type, &object);

    if (FAILED(hr))
        assert_null(object);
    else
        assert_int_equal(type, MAPI_MESSAGE);
    *out = (IMessage *)(void *)object;
    return hr;
}

static void save(IMessage *message, ULONG flags)
{
    assert_ok(message->lpVtbl->SaveChanges(message, flags));
}

static HRESULT delete_message(struct fixture *fx, const SPropValue *id)
{
    ENTRYLIST list = { 1, NULL };
    SBinary bin = id->Value.bin;

    list.lpbin = &bin;
    return fx->inbox->lpVtbl->DeleteMessages(fx->inbox, &list, 0, NULL, 0);
}

/* --- opening ---------------------------------------------------------------------------------- */

/* IMAPIProp.General.1 IMAPIProp.General.2 Memory.COM.1 */
static void query__message__its_interfaces_only(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    void *same = POISON;
    void *other = POISON;

    assert_ok(message->lpVtbl->QueryInterface(message, &IID_IMAPIProp, &same));
    assert_ptr_equal(same, message);
    message->lpVtbl->Release(message);
    assert_ok(message->lpVtbl->QueryInterface(message, &IID_IMessage, &same));
    message->lpVtbl->Release(message);
    assert_ok(message->lpVtbl->QueryInterface(message, &IID_IUnknown, &same));
    assert_ptr_equal(same, message);
    message->lpVtbl->Release(message);
    assert_hr(message->lpVtbl->QueryInterface(message, &IID_IMAPIFolder, &other), E_NOINTERFACE);
    assert_null(other);
    release_last(message);
}

/* IMAPIProp.SetProps.12 IMAPIProp.DeleteProps.5 IMAPIProp.SaveChanges.7 IMAPIProp.SaveChanges.11 */
static void open__without_modify__reads_only(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = make(fx, "before");
    SPropTagArray tags = { 1, { PR_SUBJECT_W } };
    SPropValue value = { .ulPropTag = PR_IMPORTANCE };
    LPSPropProblemArray problems = POISON;
    IMessage *message;

    assert_ok(open_with(fx, id, NULL, 0, &message));
    assert_int_equal(prop_long(message, PR_ACCESS_LEVEL), 0);
    assert_hr(message->lpVtbl->SetProps(message, 1, &value, &problems), MAPI_E_NO_ACCESS);
    assert_null(problems);
    assert_hr(message->lpVtbl->DeleteProps(message, &tags, NULL), MAPI_E_NO_ACCESS);
    assert_hr(message->lpVtbl->SaveChanges(message, 0), MAPI_E_NO_ACCESS);
    assert_hr(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE), MAPI_E_NO_ACCESS);
    assert_hr(message->lpVtbl->SaveChanges(message, FORCE_SAVE), MAPI_E_NO_ACCESS);
    prop_assert_text(message, PR_SUBJECT_W, "before");
    release_last(message);
    mapi_free(id);
}

static void open__best_access__writes(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = make(fx, "x");
    IMessage *message;

    assert_ok(open_with(fx, id, &IID_IMessage, MAPI_BEST_ACCESS, &message));
    assert_int_equal(prop_long(message, PR_ACCESS_LEVEL), MAPI_MODIFY);
    prop_set_text(message, PR_SUBJECT_W, "y");
    save(message, 0);
    release_last(message);
    assert_hr(open_with(fx, id, &IID_IMAPITable, 0, &message), MAPI_E_INTERFACE_NOT_SUPPORTED);
    mapi_free(id);
}

static void open__deleted__not_found(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = make(fx, "x");
    IMessage *message;

    assert_ok(delete_message(fx, id));
    assert_hr(open_with(fx, id, NULL, MAPI_MODIFY, &message), MAPI_E_NOT_FOUND);
    mapi_free(id);
}

/* --- SaveChanges ------------------------------------------------------------------------------ */

/* IMAPIProp.Transaction.1 IMAPIProp.Transaction.6 IMAPIProp.Transaction.7 */
static void set_props__not_saved__seen_here_only(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = make(fx, "old");
    IMessage *a = message_open(fx->store, id);
    IMessage *b = message_open(fx->store, id);
    IMessage *c;

    prop_set_text(a, PR_SUBJECT_W, "new");
    prop_assert_text(a, PR_SUBJECT_W, "new");
    prop_assert_text(b, PR_SUBJECT_W, "old");
    c = message_open(fx->store, id);
    prop_assert_text(c, PR_SUBJECT_W, "old");
    release_last(c);

    save(a, KEEP_OPEN_READWRITE);
    prop_assert_text(b, PR_SUBJECT_W, "old");
    c = message_open(fx->store, id);
    prop_assert_text(c, PR_SUBJECT_W, "new");

    release_last(a);
    release_last(b);
    release_last(c);
    mapi_free(id);
}

/* IMAPIProp.Transaction.2 */
static void release__not_saved__changes_gone(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = make(fx, "old");
    IMessage *message = message_open(fx->store, id);

    prop_set_text(message, PR_SUBJECT_W, "new");
    release_last(message);
    message = message_open(fx->store, id);
    prop_assert_text(message, PR_SUBJECT_W, "old");
    release_last(message);
    mapi_free(id);
}

static void release__never_saved__leaves_no_trace(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    prop_set_text(message, PR_SUBJECT_W, "nothing");
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), 0);
    release_last(message);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), 0);
}

/* IMAPIProp.SaveChanges.2 IMAPIProp.SaveChanges.3 IMAPIProp.SaveChanges.4 IMAPIProp.SaveChanges.8
 */
static void save__other_saved_first__changed_until_forced(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = make(fx, "old");
    IMessage *a = message_open(fx->store, id);
    IMessage *b = message_open(fx->store, id);
    IMessage *c;

    prop_set_text(a, PR_SUBJECT_W, "from a");
    prop_set_text(b, PR_SUBJECT_W, "from b");
    save(a, KEEP_OPEN_READWRITE);
    assert_hr(b->lpVtbl->SaveChanges(b, KEEP_OPEN_READWRITE), MAPI_E_OBJECT_CHANGED);
    c = message_open(fx->store, id);
    prop_assert_text(c, PR_SUBJECT_W, "from a");
    release_last(c);
    prop_assert_text(b, PR_SUBJECT_W, "from b");

    save(b, FORCE_SAVE | KEEP_OPEN_READWRITE);
    c = message_open(fx->store, id);
    prop_assert_text(c, PR_SUBJECT_W, "from b");

    release_last(a);
    release_last(b);
    release_last(c);
    mapi_free(id);
}

/* IMAPIProp.SaveChanges.5 IMAPIProp.SaveChanges.6 */
static void save__deleted_meanwhile__object_deleted(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = make(fx, "x");
    IMessage *message = message_open(fx->store, id);
    IMessage *other;

    prop_set_text(message, PR_SUBJECT_W, "y");
    assert_ok(delete_message(fx, id));
    assert_hr(message->lpVtbl->SaveChanges(message, 0), MAPI_E_OBJECT_DELETED);
    assert_hr(message->lpVtbl->SaveChanges(message, FORCE_SAVE), MAPI_E_OBJECT_DELETED);
    prop_assert_text(message, PR_SUBJECT_W, "y");
    assert_hr(open_with(fx, id, NULL, 0, &other), MAPI_E_NOT_FOUND);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), 0);
    release_last(message);
    mapi_free(id);
}

/* Everything that stores something, tried on a message that is not there any more. */
static void try_all_ways_back(IMessage *message, IAttach *attach, IMessage *inner)
{
    static const ULONG flags[] = { 0, KEEP_OPEN_READONLY, KEEP_OPEN_READWRITE, FORCE_SAVE,
        FORCE_SAVE | KEEP_OPEN_READWRITE, MAPI_DEFERRED_ERRORS };

    prop_set_text(inner, PR_SUBJECT_W, "inner again");
    (void)inner->lpVtbl->SaveChanges(inner, KEEP_OPEN_READWRITE);
    (void)attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE);
    for (size_t i = 0; i < MSP_COUNT_OF(flags); i++)
        assert_hr(message->lpVtbl->SaveChanges(message, flags[i]), MAPI_E_OBJECT_DELETED);
    assert_hr(message->lpVtbl->SubmitMessage(message, 0), MAPI_E_OBJECT_DELETED);
    assert_hr(message->lpVtbl->SubmitMessage(message, FORCE_SUBMIT), MAPI_E_OBJECT_DELETED);
    assert_hr(message->lpVtbl->SetReadFlag(message, 0), MAPI_E_OBJECT_DELETED);
    assert_hr(message->lpVtbl->SetReadFlag(message, CLEAR_READ_FLAG), MAPI_E_OBJECT_DELETED);
}

/* IMAPIProp.SaveChanges.5 IMAPIProp.SaveChanges.6 */
static void save__deleted_meanwhile__no_way_back(void **state)
{
    static char name[] = "anna";
    struct fixture *fx = *state;
    SPropValue recipient[] = { { .ulPropTag = PR_DISPLAY_NAME_A },
        { .ulPropTag = PR_RECIPIENT_TYPE } };
    SizedADRLIST(1, list) = { 1, { { 0, 2, recipient } } };
    BYTE *bytes = calloc(1, 100000);
    SPropValue *id = make(fx, "x");
    IMessage *message = message_open(fx->store, id);
    LPATTACH attach = NULL;
    LPUNKNOWN inner = NULL;
    IMessage *other;
    ULONG number = 0;

    recipient[0].Value.lpszA = name;
    recipient[1].Value.l = MAPI_TO;
    assert_ok(message->lpVtbl->ModifyRecipients(message, MODRECIP_ADD, (LPADRLIST)(void *)&list));
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    assert_ok(attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, MAPI_CREATE | MAPI_MODIFY, &inner));
    assert_ok(((IMessage *)(void *)inner)
                      ->lpVtbl->SaveChanges((IMessage *)(void *)inner, KEEP_OPEN_READWRITE));
    assert_ok(attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE));
    save(message, KEEP_OPEN_READWRITE);
    prop_set_binary(message, PROP_TAG(PT_BINARY, 0x6700), bytes, 100000);

    assert_ok(delete_message(fx, id));
    try_all_ways_back(message, attach, (IMessage *)(void *)inner);

    release_last(inner);
    release_last(attach);
    release_last(message);
    fixture_reopen(fx);
    assert_hr(open_with(fx, id, NULL, 0, &other), MAPI_E_NOT_FOUND);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), 0);
    mapi_free(id);
    free(bytes);
}

/* IMAPIProp.SaveChanges.9 IMAPIProp.SaveChanges.10 IMAPIProp.SaveChanges.13
 * IMAPIProp.SaveChanges.14 */
static void save__keep_open__as_asked(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue value = { .ulPropTag = PR_IMPORTANCE };

    prop_set_text(message, PR_SUBJECT_W, "one");
    save(message, KEEP_OPEN_READWRITE);
    prop_set_text(message, PR_SUBJECT_W, "two");
    save(message, KEEP_OPEN_READONLY);
    prop_assert_text(message, PR_SUBJECT_W, "two");
    assert_hr(message->lpVtbl->SetProps(message, 1, &value, NULL), MAPI_E_NO_ACCESS);
    release_last(message);
}

/* IMAPIProp.SaveChanges.19 IMAPIProp.General.3 IMAPIProp.SaveChanges.16 */
static void save__other_flags__ignored_or_unknown(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    assert_hr(message->lpVtbl->SaveChanges(message, 0x4000), MAPI_E_UNKNOWN_FLAGS);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), 0);
    save(message, NON_EMS_XP_SAVE | SPAMFILTER_ONSAVE | MAPI_DEFERRED_ERRORS);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), 1);
    release_last(message);
}

/* EntryID.LongTerm.2 EntryID.RecordKey.1 IMAPIProp.SaveChanges.17 IMAPIProp.GetProps.22 */
static void save__new_session__all_there(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = make(fx, "kept \xE2\x82\xAC");
    IMessage *message = message_open(fx->store, id);
    SPropValue *key = prop_get(message, PR_RECORD_KEY);
    SPropValue *again;

    assert_non_null(key);
    release_last(message);
    fixture_reopen(fx);
    message = message_open(fx->store, id);
    prop_assert_text(message, PR_SUBJECT_W, "kept \xE2\x82\xAC");
    again = prop_get(message, PR_RECORD_KEY);
    assert_int_equal(again->Value.bin.cb, key->Value.bin.cb);
    assert_memory_equal(again->Value.bin.lpb, key->Value.bin.lpb, key->Value.bin.cb);
    release_last(message);
    mapi_free(id);
    mapi_free(key);
    mapi_free(again);
}

/* IMAPIProp.SetProps.18 */
static void set_props__caller_overwrites_its_array__value_stays(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    char bytes[] = "abc";
    SPropValue *value;

    prop_set_binary(message, PROP_TAG(PT_BINARY, 0x6700), bytes, 3);
    memset(bytes, 'z', 3);
    value = prop_get(message, PROP_TAG(PT_BINARY, 0x6700));
    assert_int_equal(value->Value.bin.cb, 3);
    assert_memory_equal(value->Value.bin.lpb, "abc", 3);
    mapi_free(value);
    release_last(message);
}

/* IMAPIProp.GetProps.15 IMAPIProp.GetProps.17 IMAPIProp.GetProps.14: large values move out of the
 * record and come back whole. */
static void set_props__large_value__inline_until_saved(void **state)
{
    struct fixture *fx = *state;
    ULONG tag = PROP_TAG(PT_BINARY, 0x6700);
    ULONG small = PROP_TAG(PT_BINARY, 0x6701);
    size_t size = 3000000;
    BYTE *bytes = malloc(size);
    BYTE *room = malloc(size);
    IMessage *message = create(fx);
    SPropValue *id;
    SPropValue *value;
    IStream *stream = NULL;
    ULONG done = 0;

    for (size_t i = 0; i < size; i++)
        bytes[i] = (BYTE)(i * 31 + (i >> 9));
    prop_set_binary(message, tag, bytes, size);
    prop_set_binary(message, small, bytes, 4095);
    save(message, KEEP_OPEN_READWRITE);
    save(message, KEEP_OPEN_READWRITE);
    id = prop_get(message, PR_ENTRYID);
    release_last(message);

    message = message_open(fx->store, id);
    assert_null(prop_get(message, tag));
    value = prop_get(message, small);
    assert_int_equal(value->Value.bin.cb, 4095);
    mapi_free(value);
    assert_ok(
            message->lpVtbl->OpenProperty(message, tag, &IID_IStream, 0, 0, (LPUNKNOWN *)&stream));
    assert_ok(stream->lpVtbl->Read(stream, room, (ULONG)size, &done));
    assert_int_equal(done, size);
    assert_memory_equal(room, bytes, size);
    assert_true((size_t)prop_long(message, PR_MESSAGE_SIZE) >= size);
    release_last(stream);
    release_last(message);
    mapi_free(id);
    free(bytes);
    free(room);
}

/* IMAPIProp.SaveChanges.4: what the other save replaced is gone; the forced save keeps its
 * successor. */
static void save__forced_over_new_large_values__goes_through(void **state)
{
    struct fixture *fx = *state;
    ULONG tag = PROP_TAG(PT_BINARY, 0x6700);
    SPropValue *id = make(fx, "old");
    BYTE *bytes = calloc(1, 200000);
    IMessage *a = message_open(fx->store, id);
    LPATTACH attach = NULL, ours = NULL;
    IMessage *b;
    LPUNKNOWN gone = POISON;
    IStream *stream = NULL;
    ULONG number;
    STATSTG stat;

    prop_set_binary(a, tag, bytes, 100000);
    assert_ok(a->lpVtbl->CreateAttach(a, NULL, 0, &number, &attach));
    prop_set_binary(attach, PR_ATTACH_DATA_BIN, bytes, 100000);
    assert_ok(attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE));
    save(a, KEEP_OPEN_READWRITE);
    b = message_open(fx->store, id);
    assert_ok(b->lpVtbl->OpenAttach(b, number, NULL, MAPI_MODIFY, &ours));

    prop_set_binary(a, tag, bytes, 200000);
    prop_set_binary(attach, PR_ATTACH_DATA_BIN, bytes, 150000);
    assert_ok(attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE));
    save(a, KEEP_OPEN_READWRITE);

    assert_hr(b->lpVtbl->OpenProperty(b, tag, &IID_IStream, 0, 0, &gone), MAPI_E_OBJECT_CHANGED);
    assert_null(gone);
    prop_set_text(b, PR_SUBJECT_W, "from b");
    prop_set_text(ours, PR_ATTACH_LONG_FILENAME_W, "from b");
    assert_ok(ours->lpVtbl->SaveChanges(ours, KEEP_OPEN_READWRITE));
    assert_hr(b->lpVtbl->SaveChanges(b, KEEP_OPEN_READWRITE), MAPI_E_OBJECT_CHANGED);
    save(b, FORCE_SAVE | KEEP_OPEN_READWRITE);
    assert_ok(b->lpVtbl->OpenProperty(b, tag, &IID_IStream, 0, 0, (LPUNKNOWN *)&stream));
    assert_ok(stream->lpVtbl->Stat(stream, &stat, STATFLAG_NONAME));
    assert_int_equal(stat.cbSize.QuadPart, 200000);
    release_last(stream);
    release_last(ours);
    release_last(b);
    release_last(attach);
    release_last(a);

    b = message_open(fx->store, id);
    prop_assert_text(b, PR_SUBJECT_W, "from b");
    assert_ok(b->lpVtbl->OpenAttach(b, number, NULL, 0, &ours));
    prop_assert_text(ours, PR_ATTACH_LONG_FILENAME_W, "from b");
    assert_ok(ours->lpVtbl->OpenProperty(
            ours, PR_ATTACH_DATA_BIN, &IID_IStream, 0, 0, (LPUNKNOWN *)&stream));
    assert_ok(stream->lpVtbl->Stat(stream, &stat, STATFLAG_NONAME));
    assert_int_equal(stat.cbSize.QuadPart, 150000);
    release_last(stream);
    release_last(ours);
    release_last(b);
    mapi_free(id);
    free(bytes);
}

/* --- read state ------------------------------------------------------------------------------- */

static HRESULT set_read(IMessage *message, ULONG flags)
{
    return message->lpVtbl->SetReadFlag(message, flags);
}

static LONG stored_flags(struct fixture *fx, const SPropValue *id)
{
    IMessage *message = message_open(fx->store, id);
    LONG flags = prop_long(message, PR_MESSAGE_FLAGS);

    release_last(message);
    return flags;
}

/* IMessage.SetReadFlag.1 IMessage.SetReadFlag.2 IMessage.SetReadFlag.4 IMessage.SetReadFlag.9
 * IMessage.SetReadFlag.10 */
static void set_read_flag__read_only_message__stored_at_once(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = make(fx, "x");
    IMessage *message;

    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_UNREAD), 1);
    assert_ok(open_with(fx, id, NULL, 0, &message));
    assert_ok(set_read(message, 0));
    assert_true(prop_long(message, PR_MESSAGE_FLAGS) & MSGFLAG_READ);
    assert_true(stored_flags(fx, id) & MSGFLAG_READ);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_UNREAD), 0);
    assert_ok(set_read(message, 0));
    assert_ok(set_read(message, SUPPRESS_RECEIPT));
    assert_true(stored_flags(fx, id) & MSGFLAG_READ);
    assert_ok(set_read(message, CLEAR_READ_FLAG));
    assert_false(stored_flags(fx, id) & MSGFLAG_READ);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_UNREAD), 1);
    assert_ok(set_read(message, SUPPRESS_RECEIPT));
    assert_true(stored_flags(fx, id) & MSGFLAG_READ);
    release_last(message);
    mapi_free(id);
}

/* IMessage.SetReadFlag.3 IMessage.SetReadFlag.5 IMessage.SetReadFlag.6 */
static void set_read_flag__pending_only__read_flag_stays(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = make(fx, "x");
    IMessage *message = message_open(fx->store, id);

    assert_ok(set_read(message, CLEAR_RN_PENDING));
    assert_ok(set_read(message, CLEAR_NRN_PENDING | CLEAR_RN_PENDING));
    assert_ok(set_read(message, GENERATE_RECEIPT_ONLY));
    assert_false(stored_flags(fx, id) & MSGFLAG_READ);
    release_last(message);
    mapi_free(id);
}

/* IMessage.SetReadFlag.7 */
static void set_read_flag__suppress_and_only_report__request_withdrawn(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = make(fx, "x");
    IMessage *message = message_open(fx->store, id);

    prop_set_bool(message, PR_READ_RECEIPT_REQUESTED, true);
    save(message, KEEP_OPEN_READWRITE);
    assert_ok(set_read(message, SUPPRESS_RECEIPT | GENERATE_RECEIPT_ONLY));
    assert_false(prop_bool(message, PR_READ_RECEIPT_REQUESTED));
    assert_false(prop_long(message, PR_MESSAGE_FLAGS) & MSGFLAG_READ);
    prop_set_text(message, PR_SUBJECT_W, "still mine");
    save(message, 0);
    release_last(message);
    message = message_open(fx->store, id);
    assert_false(prop_bool(message, PR_READ_RECEIPT_REQUESTED));
    prop_assert_text(message, PR_SUBJECT_W, "still mine");
    release_last(message);
    mapi_free(id);
}

/* IMessage.SetReadFlag.8 */
static void set_read_flag__contradictions__invalid(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = make(fx, "x");
    IMessage *message = message_open(fx->store, id);

    assert_hr(set_read(message, SUPPRESS_RECEIPT | CLEAR_READ_FLAG), MAPI_E_INVALID_PARAMETER);
    assert_hr(set_read(message, SUPPRESS_RECEIPT | CLEAR_READ_FLAG | GENERATE_RECEIPT_ONLY),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(set_read(message, CLEAR_READ_FLAG | GENERATE_RECEIPT_ONLY), MAPI_E_INVALID_PARAMETER);
    assert_hr(set_read(message, 0x800), MAPI_E_UNKNOWN_FLAGS);
    assert_false(stored_flags(fx, id) & MSGFLAG_READ);
    release_last(message);
    mapi_free(id);
}

/* IMessage.SetReadFlag.11 */
static void set_read_flag__associated__ignored(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = NULL;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, MAPI_ASSOCIATED, &message));
    save(message, KEEP_OPEN_READWRITE);
    assert_ok(set_read(message, 0));
    assert_false(prop_long(message, PR_MESSAGE_FLAGS) & MSGFLAG_READ);
    assert_true(prop_long(message, PR_MESSAGE_FLAGS) & MSGFLAG_ASSOCIATED);
    release_last(message);
}

/* message.PR_MESSAGE_FLAGS.3: a save does not turn back what SetReadFlag of another instance did.
 */
static void save__read_elsewhere_meanwhile__stays_read(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = make(fx, "x");
    IMessage *a = message_open(fx->store, id);
    IMessage *b = message_open(fx->store, id);

    assert_ok(set_read(b, 0));
    prop_set_text(a, PR_SUBJECT_W, "y");
    save(a, KEEP_OPEN_READWRITE);
    assert_true(prop_long(a, PR_MESSAGE_FLAGS) & MSGFLAG_READ);
    assert_true(stored_flags(fx, id) & MSGFLAG_READ);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_UNREAD), 0);
    release_last(a);
    release_last(b);
    mapi_free(id);
}

/* What others do to a message without saving it is not undone by a save: it stays in the folder
 * that it was moved to, and has the status that it was given. */
static void save__moved_and_marked_meanwhile__stays_so(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = make(fx, "x");
    IMessage *message = message_open(fx->store, id);
    IMAPIFolder *there = folder_make(fx->inbox, "There");
    SPropValue *parent = prop_get(there, PR_ENTRYID);
    ENTRYLIST list = { 1, &id->Value.bin };
    SPropValue *now;

    assert_ok(fx->inbox->lpVtbl->SetMessageStatus(fx->inbox, id->Value.bin.cb,
            (LPENTRYID)(void *)id->Value.bin.lpb, MSGSTATUS_HIGHLIGHTED, MSGSTATUS_HIGHLIGHTED,
            NULL));
    assert_ok(
            fx->inbox->lpVtbl->CopyMessages(fx->inbox, &list, NULL, there, 0, NULL, MESSAGE_MOVE));
    prop_set_text(message, PR_SUBJECT_W, "y");
    save(message, KEEP_OPEN_READWRITE);

    assert_int_equal(prop_long(message, PR_MSG_STATUS), MSGSTATUS_HIGHLIGHTED);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), 0);
    assert_int_equal(prop_long(there, PR_CONTENT_COUNT), 1);
    release_last(message);
    message = message_open(fx->store, id);
    prop_assert_text(message, PR_SUBJECT_W, "y");
    now = prop_get(message, PR_PARENT_ENTRYID);
    assert_int_equal(now->Value.bin.cb, parent->Value.bin.cb);
    assert_memory_equal(now->Value.bin.lpb, parent->Value.bin.lpb, parent->Value.bin.cb);
    assert_int_equal(prop_long(message, PR_MSG_STATUS), MSGSTATUS_HIGHLIGHTED);
    mapi_free(now);
    mapi_free(parent);
    release_last(there);
    release_last(message);
    mapi_free(id);
}

/* --- SubmitMessage, last error ---------------------------------------------------------------- */

/* IMessage.SubmitMessage.1 IMessage.SubmitMessage.2 IMAPIProp.GetLastError.2 Errors.GetLastError.1
 * Errors.GetLastError.2 */
static void submit__no_recipients__says_so(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPMAPIERROR error = NULL;

    assert_hr(message->lpVtbl->SubmitMessage(message, FORCE_SUBMIT), MAPI_E_NO_RECIPIENTS);
    assert_false(prop_long(message, PR_MESSAGE_FLAGS) & MSGFLAG_SUBMIT);
    assert_ok(message->lpVtbl->GetLastError(message, MAPI_E_NO_RECIPIENTS, 0, &error));
    assert_non_null(error);
    assert_int_equal(error->ulVersion, MAPI_ERROR_VERSION);
    assert_true(strlen((const char *)error->lpszComponent) <= 30);
    assert_string_equal((const char *)error->lpszError, "The message has no recipients.");
    mapi_free(error);
    release_last(message);
}

/* --- teardown --------------------------------------------------------------------------------- */

static void logoff__message_open__dead_but_safe(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPMAPITABLE table = POISON;
    LPATTACH attach = POISON;
    ULONG number = POISON_LONG;
    SPropValue *values = POISON;
    ULONG count = POISON_LONG;

    prop_set_text(message, PR_SUBJECT_W, "x");
    fixture_reopen(fx);
    assert_hr(message->lpVtbl->GetProps(message, NULL, 0, &count, &values), MAPI_E_INVALID_OBJECT);
    assert_null(values);
    assert_int_equal(count, 0);
    assert_hr(message->lpVtbl->SaveChanges(message, 0), MAPI_E_INVALID_OBJECT);
    assert_hr(message->lpVtbl->GetRecipientTable(message, 0, &table), MAPI_E_INVALID_OBJECT);
    assert_null(table);
    assert_hr(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach),
            MAPI_E_INVALID_OBJECT);
    assert_null(attach);
    assert_int_equal(number, 0);
    assert_hr(message->lpVtbl->SetReadFlag(message, 0), MAPI_E_INVALID_OBJECT);
    release_last(message);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), 0);
}

/* Memory.Failure.2: when the client's allocator fails, nothing is lost. */
static void get_props__nth_allocation_fails__object_unchanged(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = make(fx, "x");
    IMessage *message = message_open(fx->store, id);

    for (size_t nth = 1; nth < 100; nth++) {
        SPropValue *values = POISON;
        ULONG count = POISON_LONG;
        HRESULT hr;

        host_mem_fail_at(nth);
        hr = message->lpVtbl->GetProps(message, NULL, MAPI_UNICODE, &count, &values);
        if (!host_mem_fail_done()) {
            mapi_free(values);
            break;
        }
        assert_hr(hr, MAPI_E_NOT_ENOUGH_MEMORY);
        assert_null(values);
        assert_int_equal(count, 0);
    }
    prop_assert_text(message, PR_SUBJECT_W, "x");
    release_last(message);
    mapi_free(id);
}

#define INBOX_TEST(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX_TEST(query__message__its_interfaces_only),
        INBOX_TEST(open__without_modify__reads_only),
        INBOX_TEST(open__best_access__writes),
        INBOX_TEST(open__deleted__not_found),
        INBOX_TEST(set_props__not_saved__seen_here_only),
        INBOX_TEST(release__not_saved__changes_gone),
        INBOX_TEST(release__never_saved__leaves_no_trace),
        INBOX_TEST(save__other_saved_first__changed_until_forced),
        INBOX_TEST(save__deleted_meanwhile__object_deleted),
        INBOX_TEST(save__deleted_meanwhile__no_way_back),
        INBOX_TEST(save__keep_open__as_asked),
        INBOX_TEST(save__other_flags__ignored_or_unknown),
        INBOX_TEST(save__new_session__all_there),
        INBOX_TEST(set_props__caller_overwrites_its_array__value_stays),
        INBOX_TEST(set_props__large_value__inline_until_saved),
        INBOX_TEST(save__forced_over_new_large_values__goes_through),
        INBOX_TEST(set_read_flag__read_only_message__stored_at_once),
        INBOX_TEST(set_read_flag__pending_only__read_flag_stays),
        INBOX_TEST(set_read_flag__suppress_and_only_report__request_withdrawn),
        INBOX_TEST(set_read_flag__contradictions__invalid),
        INBOX_TEST(set_read_flag__associated__ignored),
        INBOX_TEST(save__read_elsewhere_meanwhile__stays_read),
        INBOX_TEST(save__moved_and_marked_meanwhile__stays_so),
        INBOX_TEST(submit__no_recipients__says_so),
        INBOX_TEST(logoff__message_open__dead_but_safe),
        INBOX_TEST(get_props__nth_allocation_fails__object_unchanged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
