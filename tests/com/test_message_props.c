/* SPDX-License-Identifier: MIT */
/*
 * test_message_props.c - the properties of messages, one by one.
 */
#include "mail_world.h"

static IMessage *create(struct fixture *fx)
{
    IMessage *message = NULL;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    return message;
}

static void save(IMessage *message)
{
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
}

/* What SetProps says of one value: S_OK, or the problem. */
static SCODE set_one(IMessage *message, SPropValue *value)
{
    LPSPropProblemArray problems = NULL;
    SCODE scode = S_OK;

    assert_ok(message->lpVtbl->SetProps(message, 1, value, &problems));
    if (problems != NULL) {
        assert_int_equal(problems->cProblem, 1);
        assert_int_equal(problems->aProblem[0].ulIndex, 0);
        assert_int_equal(problems->aProblem[0].ulPropTag, value->ulPropTag);
        scode = problems->aProblem[0].scode;
        mapi_free(problems);
    }
    return scode;
}

static SCODE set_long(IMessage *message, ULONG tag, LONG number)
{
    SPropValue value = { .ulPropTag = tag };

    value.Value.l = number;
    return set_one(message, &value);
}

static SCODE set_bytes(IMessage *message, ULONG tag, BYTE *bytes, ULONG size)
{
    SPropValue value = { .ulPropTag = tag };

    value.Value.bin.cb = size;
    value.Value.bin.lpb = bytes;
    return set_one(message, &value);
}

static uint64_t time_of(void *object, ULONG tag)
{
    SPropValue *value = prop_get(object, tag);
    uint64_t ticks;

    assert_non_null(value);
    ticks = (uint64_t)value->Value.ft.dwHighDateTime << 32 | value->Value.ft.dwLowDateTime;
    mapi_free(value);
    return ticks;
}

static void assert_same_binary(void *a, ULONG tag_a, void *b, ULONG tag_b)
{
    SPropValue *left = prop_get(a, tag_a);
    SPropValue *right = prop_get(b, tag_b);

    assert_non_null(left);
    assert_non_null(right);
    assert_int_equal(left->Value.bin.cb, right->Value.bin.cb);
    assert_memory_equal(left->Value.bin.lpb, right->Value.bin.lpb, left->Value.bin.cb);
    mapi_free(left);
    mapi_free(right);
}

/* --- identity --------------------------------------------------------------------------------- */

/* message.PR_OBJECT_TYPE.1 message.PR_ENTRYID.1 message.PR_RECORD_KEY.1 message.PR_ACCESS.1
 * message.PR_STORE_ENTRYID.1 */
static void identity__client_sets_it__computed(void **state)
{
    static const ULONG tags[] = { PR_ENTRYID, PR_RECORD_KEY, PR_STORE_ENTRYID, PR_STORE_RECORD_KEY,
        PR_PARENT_ENTRYID, PR_MAPPING_SIGNATURE };
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LONG access = prop_long(message, PR_ACCESS);

    save(message);
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        SPropValue *before = prop_get(message, tags[i]);
        SPropValue *after;

        assert_non_null(before);
        assert_hr(set_bytes(message, tags[i], (BYTE *)"junk", 4), MAPI_E_COMPUTED);
        after = prop_get(message, tags[i]);
        assert_int_equal(after->Value.bin.cb, before->Value.bin.cb);
        assert_memory_equal(after->Value.bin.lpb, before->Value.bin.lpb, before->Value.bin.cb);
        mapi_free(before);
        mapi_free(after);
    }
    assert_int_equal(prop_long(message, PR_OBJECT_TYPE), MAPI_MESSAGE);
    assert_hr(set_long(message, PR_OBJECT_TYPE, MAPI_FOLDER), MAPI_E_COMPUTED);
    assert_int_equal(prop_long(message, PR_OBJECT_TYPE), MAPI_MESSAGE);
    assert_true(access & MAPI_ACCESS_MODIFY);
    assert_true(access & MAPI_ACCESS_READ);
    assert_int_equal(access & ~(MAPI_ACCESS_MODIFY | MAPI_ACCESS_READ | MAPI_ACCESS_DELETE), 0);
    assert_same_binary(message, PR_STORE_ENTRYID, fx->store, PR_STORE_ENTRYID);
    assert_same_binary(message, PR_STORE_RECORD_KEY, fx->store, PR_STORE_RECORD_KEY);
    release_last(message);
}

/* message.PR_PARENT_ENTRYID.1 EntryID.Layout.1 EntryID.Layout.2 */
static void parent_entryid__opened__is_the_folder(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue *id = prop_get(message, PR_ENTRYID);
    SPropValue *key = prop_get(fx->store, PR_MAPPING_SIGNATURE);
    IMAPIFolder *parent;

    assert_memory_equal(id->Value.bin.lpb, "\0\0\0\0", 4);
    assert_memory_equal(id->Value.bin.lpb + 4, key->Value.bin.lpb, 16);
    parent = folder_by_prop(fx->store, message, PR_PARENT_ENTRYID);
    assert_same_binary(parent, PR_ENTRYID, fx->inbox, PR_ENTRYID);
    release_last(parent);
    release_last(message);
    mapi_free(id);
    mapi_free(key);
}

/* message.PR_SEARCH_KEY.1 message.PR_SEARCH_KEY.2 */
static void search_key__new_message__there_and_settable(void **state)
{
    struct fixture *fx = *state;
    IMessage *a = create(fx);
    IMessage *b = create(fx);
    SPropValue *key_a = prop_get(a, PR_SEARCH_KEY);
    SPropValue *key_b = prop_get(b, PR_SEARCH_KEY);

    assert_non_null(key_a);
    assert_int_equal(key_a->Value.bin.cb, 16);
    assert_memory_not_equal(key_a->Value.bin.lpb, key_b->Value.bin.lpb, 16);
    assert_hr(set_bytes(b, PR_SEARCH_KEY, key_a->Value.bin.lpb, 16), S_OK);
    assert_same_binary(a, PR_SEARCH_KEY, b, PR_SEARCH_KEY);
    mapi_free(key_a);
    mapi_free(key_b);
    release_last(a);
    release_last(b);
}

/* --- class ------------------------------------------------------------------------------------ */

/* message.PR_MESSAGE_CLASS.1 message.PR_MESSAGE_CLASS.3 */
static void message_class__not_set__ipm(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    save(message);
    prop_assert_text(message, PR_MESSAGE_CLASS_W, "IPM");
    prop_set_text(message, PR_MESSAGE_CLASS_W, "ipm.nOtE.Mine");
    save(message);
    prop_assert_text(message, PR_MESSAGE_CLASS_W, "ipm.nOtE.Mine");
    release_last(message);
}

/* message.PR_MESSAGE_CLASS.2 IMAPIProp.SetProps.5 */
static void message_class__too_long__whole_call_fails(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPSPropProblemArray problems = POISON;
    SPropValue values[2] = { { .ulPropTag = PR_IMPORTANCE }, { .ulPropTag = PR_MESSAGE_CLASS_A } };
    char text[258];

    memset(text, 'x', sizeof(text));
    text[256] = 0;
    values[0].Value.l = IMPORTANCE_HIGH;
    values[1].Value.lpszA = text;
    assert_hr(message->lpVtbl->SetProps(message, 2, values, &problems), MAPI_E_INVALID_PARAMETER);
    assert_null(problems);
    assert_int_equal(prop_long(message, PR_IMPORTANCE), IMPORTANCE_NORMAL);
    text[255] = 0;
    assert_ok(message->lpVtbl->SetProps(message, 2, values, NULL));
    assert_int_equal(prop_long(message, PR_IMPORTANCE), IMPORTANCE_HIGH);
    release_last(message);
}

/* --- flags ------------------------------------------------------------------------------------ */

/* message.PR_MESSAGE_FLAGS.1 message.PR_IMPORTANCE.1 message.PR_MESSAGE_SIZE.2 */
static void flags__new_message__unsent_unmodified(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    assert_int_equal(prop_long(message, PR_MESSAGE_FLAGS), MSGFLAG_UNSENT | MSGFLAG_UNMODIFIED);
    assert_int_equal(prop_long(message, PR_IMPORTANCE), IMPORTANCE_NORMAL);
    assert_int_equal(prop_long(message, PR_PRIORITY), PRIO_NORMAL);
    assert_int_equal(prop_long(message, PR_SENSITIVITY), SENSITIVITY_NONE);
    release_last(message);
}

/* message.PR_MESSAGE_FLAGS.2 message.PR_MESSAGE_FLAGS.3 message.PR_MESSAGE_FLAGS.4
 * message.PR_MESSAGE_FLAGS.8 */
static void flags__set_before_first_save__kept_and_then_fixed(void **state)
{
    LONG chosen = MSGFLAG_READ | MSGFLAG_FROMME | MSGFLAG_RESEND | MSGFLAG_ORIGIN_INTERNET;
    LONG never = MSGFLAG_ASSOCIATED | MSGFLAG_HASATTACH | MSGFLAG_SUBMIT | MSGFLAG_RN_PENDING |
                 MSGFLAG_NRN_PENDING;
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue *id;

    assert_hr(set_long(message, PR_MESSAGE_FLAGS, chosen | never), S_OK);
    assert_int_equal(prop_long(message, PR_MESSAGE_FLAGS), chosen);
    save(message);
    assert_int_equal(prop_long(message, PR_MESSAGE_FLAGS), chosen);
    assert_hr(set_long(message, PR_MESSAGE_FLAGS, 0), MAPI_E_COMPUTED);
    save(message);
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    message = message_open(fx->store, id);
    assert_int_equal(prop_long(message, PR_MESSAGE_FLAGS), chosen);
    release_last(message);
    mapi_free(id);
}

/* message.PR_MESSAGE_FLAGS.5 */
static void unmodified__second_save__cleared(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    save(message);
    assert_true(prop_long(message, PR_MESSAGE_FLAGS) & MSGFLAG_UNMODIFIED);
    prop_set_text(message, PR_SUBJECT_W, "x");
    save(message);
    assert_false(prop_long(message, PR_MESSAGE_FLAGS) & MSGFLAG_UNMODIFIED);
    release_last(message);
}

/* message.PR_HASATTACH.1 message.PR_MESSAGE_FLAGS.6 */
static void hasattach__attachment_saved_and_deleted__follows(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPATTACH attach = NULL;
    SPropValue value = { .ulPropTag = PR_HASATTACH };
    ULONG number = 0;

    value.Value.b = TRUE;
    save(message);
    assert_hr(set_one(message, &value), MAPI_E_COMPUTED);
    assert_false(prop_bool(message, PR_HASATTACH));
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
    save(message);
    assert_true(prop_bool(message, PR_HASATTACH));
    assert_true(prop_long(message, PR_MESSAGE_FLAGS) & MSGFLAG_HASATTACH);
    assert_ok(message->lpVtbl->DeleteAttach(message, number, 0, NULL, 0));
    save(message);
    assert_false(prop_bool(message, PR_HASATTACH));
    assert_false(prop_long(message, PR_MESSAGE_FLAGS) & MSGFLAG_HASATTACH);
    release_last(message);
}

/* --- subject ---------------------------------------------------------------------------------- */

static void assert_subject(IMessage *message, const char *prefix, const char *normalized)
{
    if (prefix != NULL)
        prop_assert_text(message, PR_SUBJECT_PREFIX_W, prefix);
    else
        assert_null(prop_get(message, PR_SUBJECT_PREFIX_W));
    prop_assert_text(message, PR_NORMALIZED_SUBJECT_W, normalized);
}

/* message.PR_SUBJECT.1 message.PR_SUBJECT_PREFIX.1 message.PR_SUBJECT_PREFIX.2
 * message.PR_NORMALIZED_SUBJECT.1 message.PR_NORMALIZED_SUBJECT.2 */
static void subject__saved__prefix_and_rest(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue *id;

    prop_set_text(message, PR_SUBJECT_W, "RE: hello");
    save(message);
    assert_subject(message, "RE: ", "hello");
    prop_set_text(message, PR_SUBJECT_W, "FW: other");
    save(message);
    assert_subject(message, "FW: ", "other");
    prop_set_text(message, PR_SUBJECT_W, "Meet: other");
    save(message);
    assert_subject(message, NULL, "Meet: other");
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    message = message_open(fx->store, id);
    prop_assert_text(message, PR_SUBJECT_W, "Meet: other");
    assert_subject(message, NULL, "Meet: other");
    release_last(message);
    mapi_free(id);
}

/* message.PR_SUBJECT_PREFIX.3 message.PR_SUBJECT_PREFIX.4 */
static void subject_prefix__set_by_client__kept_when_it_fits(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    prop_set_text(message, PR_SUBJECT_PREFIX_W, "Antwort auf: ");
    prop_set_text(message, PR_SUBJECT_W, "Antwort auf: hallo");
    save(message);
    assert_subject(message, "Antwort auf: ", "hallo");
    prop_set_text(message, PR_SUBJECT_PREFIX_W, "XX: ");
    save(message);
    assert_subject(message, NULL, "Antwort auf: hallo");
    prop_set_text(message, PR_SUBJECT_PREFIX_W, "XX: ");
    prop_set_text(message, PR_SUBJECT_W, "WG: hallo");
    save(message);
    assert_subject(message, "WG: ", "hallo");
    release_last(message);
}

/* IMAPIProp.OpenProperty.16. A subject that is too long for the record: kept whole, shown cut in
 * tables, has no prefix. */
static void subject__of_100_kb__read_as_a_stream(void **state)
{
    static const ULONG tags[] = { PR_SUBJECT_A, PR_NORMALIZED_SUBJECT_A };
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    size_t size = 100000;
    char *text = malloc(size + 1);
    char *room = malloc(size + 1);
    IStream *stream = NULL;
    LPMAPITABLE table = NULL;
    LPSRowSet rows;
    ULONG done = 0;
    SPropValue *id;

    memset(text, 'x', size + 1);
    memcpy(text, "RE: ", 4);
    text[size] = 0;
    prop_set_text(message, PR_SUBJECT_W, text);
    save(message);
    save(message);
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    message = message_open(fx->store, id);
    assert_null(prop_get(message, PR_SUBJECT_W));
    assert_null(prop_get(message, PR_SUBJECT_PREFIX_W));
    for (size_t i = 0; i < 2; i++) {
        assert_ok(message->lpVtbl->OpenProperty(
                message, tags[i], &IID_IStream, 0, 0, (LPUNKNOWN *)&stream));
        assert_ok(stream->lpVtbl->Read(stream, room, (ULONG)size + 1, &done));
        assert_int_equal(done, size);
        assert_memory_equal(room, text, size);
        release_last(stream);
    }
    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, 0, &table));
    rows = table_rows(table, tags, 1);
    assert_int_equal(rows->aRow[0].lpProps[0].ulPropTag, PR_SUBJECT_A);
    assert_true(strlen(rows->aRow[0].lpProps[0].Value.lpszA) >= 255);
    assert_memory_equal(rows->aRow[0].lpProps[0].Value.lpszA, text, 255);
    mapi_free_rows(rows);
    release_last(table);
    release_last(message);
    mapi_free(id);
    free(text);
    free(room);
}

/* Multivalues have no stream: whatever their size, GetProps gives them. */
static void multivalue__of_100_kb__inline(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LONG *numbers = calloc(25000, sizeof(*numbers));
    SPropValue value = { .ulPropTag = PROP_TAG(PT_MV_LONG, 0x6702) };
    SPropValue *back;
    SPropValue *id;

    for (LONG i = 0; i < 25000; i++)
        numbers[i] = i;
    value.Value.MVl.cValues = 25000;
    value.Value.MVl.lpl = numbers;
    assert_hr(set_one(message, &value), S_OK);
    save(message);
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    message = message_open(fx->store, id);
    back = prop_get(message, value.ulPropTag);
    assert_non_null(back);
    assert_true(host_prop_same(back, &value));
    mapi_free(back);
    release_last(message);
    mapi_free(id);
    free(numbers);
}

/* --- times and size --------------------------------------------------------------------------- */

/* message.PR_CREATION_TIME.1 message.PR_LAST_MODIFICATION_TIME.1
 * message.PR_LAST_MODIFICATION_TIME.2 */
static void times__saves__follow_the_rules(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue value = { .ulPropTag = PR_CREATION_TIME };
    uint64_t created = time_of(message, PR_CREATION_TIME);
    uint64_t first;

    assert_true(created > 0);
    assert_hr(set_one(message, &value), MAPI_E_COMPUTED);
    save(message);
    assert_true(time_of(message, PR_CREATION_TIME) == created);
    assert_true(time_of(message, PR_LAST_MODIFICATION_TIME) == created);
    value.ulPropTag = PR_LAST_MODIFICATION_TIME;
    assert_hr(set_one(message, &value), MAPI_E_COMPUTED);
    save(message);
    first = time_of(message, PR_LAST_MODIFICATION_TIME);
    assert_true(first > created);
    release_last(message);

    message = create(fx);
    prop_set_time(message, PR_LAST_MODIFICATION_TIME, 123456789000);
    save(message);
    assert_true(time_of(message, PR_LAST_MODIFICATION_TIME) == 123456789000);
    save(message);
    assert_true(time_of(message, PR_LAST_MODIFICATION_TIME) >= first);
    release_last(message);
}

/* message.PR_MESSAGE_SIZE.1 message.PR_MESSAGE_SIZE.3 */
static void size__saved__sum_of_parts(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    char *bytes = calloc(1, 20000);
    LPATTACH attach = NULL;
    SPropValue *large;
    ULONG number;
    LONG before;

    save(message);
    before = prop_long(message, PR_MESSAGE_SIZE);
    prop_set_binary(message, PROP_TAG(PT_BINARY, 0x6700), bytes, 10000);
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    prop_set_binary(attach, PR_ATTACH_DATA_BIN, bytes, 20000);
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
    save(message);
    assert_true(prop_long(message, PR_MESSAGE_SIZE) >= before + 30000);
    assert_true(prop_long(message, PR_MESSAGE_SIZE) <= before + 31000);
    large = prop_get(message, PR_MESSAGE_SIZE_EXTENDED);
    assert_non_null(large);
    assert_int_equal(large->Value.li.QuadPart, prop_long(message, PR_MESSAGE_SIZE));
    assert_hr(set_long(message, PR_MESSAGE_SIZE, 1), MAPI_E_COMPUTED);
    mapi_free(large);
    free(bytes);
    release_last(message);
}

/* --- stored as given -------------------------------------------------------------------------- */

/* message.PR_DELETE_AFTER_SUBMIT.1 message.PR_READ_RECEIPT_REQUESTED.1
 * message.PR_MESSAGE_DELIVERY_TIME.1 message.PR_MESSAGE_TO_ME.1 message.PR_REPORT_TEXT.1
 * message.PR_CONVERSATION_TOPIC.2 message.PR_CONVERSATION_INDEX.1 IMessage.BodySync.6
 * IMessage.BodySync.8 */
static void free_properties__saved_and_reopened__unchanged(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue *id;
    SPropValue *value;

    prop_set_bool(message, PR_DELETE_AFTER_SUBMIT, true);
    prop_set_bool(message, PR_READ_RECEIPT_REQUESTED, true);
    prop_set_time(message, PR_MESSAGE_DELIVERY_TIME, 0x01D9000000000000);
    prop_set_text(message, PR_SENDER_NAME_W, "J\xC3\xBCrgen");
    prop_set_text(message, PR_RECEIVED_BY_NAME_W, "me");
    prop_set_text(message, PR_RCVD_REPRESENTING_NAME_W, "them");
    prop_set_bool(message, PR_MESSAGE_TO_ME, true);
    prop_set_text(message, PR_REPORT_TEXT_W, "report");
    prop_set_text(message, PR_CONVERSATION_TOPIC_W, "a topic of its own");
    prop_set_text(message, PR_SUBJECT_W, "RE: something else");
    prop_set_binary(message, PR_CONVERSATION_INDEX, "\1\2\3", 3);
    prop_set_binary(message, PR_RTF_COMPRESSED, "any bytes", 9);
    prop_set_long(message, PR_RTF_SYNC_BODY_CRC, 42);
    prop_set_bool(message, PR_RTF_IN_SYNC, true);
    save(message);
    id = prop_get(message, PR_ENTRYID);
    release_last(message);

    message = message_open(fx->store, id);
    assert_true(prop_bool(message, PR_DELETE_AFTER_SUBMIT));
    assert_true(prop_bool(message, PR_READ_RECEIPT_REQUESTED));
    assert_true(time_of(message, PR_MESSAGE_DELIVERY_TIME) == 0x01D9000000000000);
    prop_assert_text(message, PR_SENDER_NAME_W, "J\xC3\xBCrgen");
    prop_assert_text(message, PR_RECEIVED_BY_NAME_W, "me");
    prop_assert_text(message, PR_RCVD_REPRESENTING_NAME_W, "them");
    assert_true(prop_bool(message, PR_MESSAGE_TO_ME));
    assert_null(prop_get(message, PR_MESSAGE_CC_ME));
    prop_assert_text(message, PR_REPORT_TEXT_W, "report");
    prop_assert_text(message, PR_CONVERSATION_TOPIC_W, "a topic of its own");
    value = prop_get(message, PR_RTF_COMPRESSED);
    assert_memory_equal(value->Value.bin.lpb, "any bytes", 9);
    mapi_free(value);
    assert_int_equal(prop_long(message, PR_RTF_SYNC_BODY_CRC), 42);
    assert_true(prop_bool(message, PR_RTF_IN_SYNC));
    release_last(message);
    mapi_free(id);
}

/* IMAPIProp.GetPropList.1 IMAPIProp.GetPropList.3 IMAPIProp.GetPropList.4 */
static void prop_list__message__what_it_has(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    bool recipients = false, attachments = false, subject = false, narrow = false, absent = false;

    prop_set_text(message, PR_SUBJECT_W, "x");
    for (unsigned wide = 0; wide < 2; wide++) {
        ULONG flags = wide ? MAPI_UNICODE : 0;
        LPSPropTagArray tags = NULL;

        assert_ok(message->lpVtbl->GetPropList(message, flags, &tags));
        for (ULONG i = 0; i < tags->cValues; i++) {
            recipients = recipients || tags->aulPropTag[i] == PR_MESSAGE_RECIPIENTS;
            attachments = attachments || tags->aulPropTag[i] == PR_MESSAGE_ATTACHMENTS;
            if (tags->aulPropTag[i] == PR_SUBJECT_W && flags != 0)
                subject = true;
            if (tags->aulPropTag[i] == PR_SUBJECT_A && flags == 0)
                narrow = true;
            absent = absent || PROP_ID(tags->aulPropTag[i]) == PROP_ID(PR_BODY);
        }
        mapi_free(tags);
    }
    assert_true(recipients && attachments && subject && narrow);
    assert_false(absent);
    release_last(message);
}

static SPropValue *bytes_of(void *object, ULONG tag)
{
    SPropValue *value = prop_get(object, tag);

    assert_non_null(value);
    return value;
}

static void assert_column(struct fixture *fx, ULONG tag, const SPropValue *expected)
{
    LPMAPITABLE table = NULL;
    LPSRowSet rows;

    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, MAPI_UNICODE, &table));
    rows = table_rows(table, &tag, 1);
    assert_int_equal(rows->cRows, 1);
    assert_int_equal(rows->aRow[0].lpProps->ulPropTag, tag);
    if (PROP_TYPE(tag) == PT_BINARY) {
        assert_int_equal(rows->aRow[0].lpProps->Value.bin.cb, expected->Value.bin.cb);
        assert_memory_equal(rows->aRow[0].lpProps->Value.bin.lpb, expected->Value.bin.lpb,
                expected->Value.bin.cb);
    }
    mapi_free_rows(rows);
    release_last(table);
}

/* message.PR_CONVERSATION_TOPIC.1 message.PR_CONVERSATION_INDEX.1: the header is a one, five bytes
 * of a time, and sixteen that are nobody else's. */
static void conversation__not_set__subject_and_header(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue *index, *again, *created;

    assert_null(prop_get(message, PR_CONVERSATION_TOPIC_W));
    prop_set_text(message, PR_SUBJECT_W, "RE: one subject");
    save(message);
    prop_assert_text(message, PR_CONVERSATION_TOPIC_W, "one subject");
    assert_column(fx, PR_CONVERSATION_TOPIC_W, NULL);
    index = bytes_of(message, PR_CONVERSATION_INDEX);
    created = bytes_of(message, PR_CREATION_TIME);
    assert_int_equal(index->Value.bin.cb, 22);
    assert_int_equal(index->Value.bin.lpb[0], 1);
    assert_int_equal(index->Value.bin.lpb[1], (BYTE)(created->Value.ft.dwHighDateTime >> 16));
    assert_int_equal(index->Value.bin.lpb[5], (BYTE)(created->Value.ft.dwLowDateTime >> 16));
    assert_column(fx, PR_CONVERSATION_INDEX, index);

    prop_set_text(message, PR_SUBJECT_W, "another");
    save(message);

    prop_assert_text(message, PR_CONVERSATION_TOPIC_W, "another");
    again = bytes_of(message, PR_CONVERSATION_INDEX);
    assert_memory_equal(again->Value.bin.lpb, index->Value.bin.lpb, 22);
    mapi_free(index);
    mapi_free(again);
    mapi_free(created);
    release_last(message);
}

/* message.PR_CONVERSATION_TOPIC.2 */
static void conversation__set__never_altered(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue *index;

    prop_set_text(message, PR_SUBJECT_W, "RE: one subject");
    prop_set_text(message, PR_CONVERSATION_TOPIC_W, "a topic");
    prop_set_binary(message, PR_CONVERSATION_INDEX, "\1\2\3", 3);
    save(message);
    prop_set_text(message, PR_SUBJECT_W, "another");
    save(message);

    prop_assert_text(message, PR_CONVERSATION_TOPIC_W, "a topic");
    index = bytes_of(message, PR_CONVERSATION_INDEX);
    assert_int_equal(index->Value.bin.cb, 3);
    assert_column(fx, PR_CONVERSATION_INDEX, index);
    mapi_free(index);
    release_last(message);
}

/* message.PR_CONVERSATION_INDEX.1: what is sent has both for good. */
static void conversation__submitted__stored_from_then_on(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = mail_new(fx->inbox, "RE: one subject");
    bool has_topic = false, has_index = false;
    LPSPropTagArray tags = NULL;
    SPropValue *id;

    assert_ok(message->lpVtbl->SubmitMessage(message, 0));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    assert_ok(mail_open(fx->store, id, 0, &message));
    assert_ok(message->lpVtbl->GetPropList(message, MAPI_UNICODE, &tags));
    for (ULONG i = 0; i < tags->cValues; i++) {
        has_topic = has_topic || tags->aulPropTag[i] == PR_CONVERSATION_TOPIC_W;
        has_index = has_index || tags->aulPropTag[i] == PR_CONVERSATION_INDEX;
    }
    mapi_free(tags);
    mapi_free(id);

    assert_true(has_topic && has_index);
    prop_assert_text(message, PR_CONVERSATION_TOPIC_W, "one subject");
    release_last(message);
}

/* Whoever kept the key of a message sees by it that the message was saved since. */
static void change_key__saved__another_one(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue *first, *same, *second;

    assert_null(prop_get(message, PR_CHANGE_KEY));
    save(message);
    first = bytes_of(message, PR_CHANGE_KEY);
    prop_set_text(message, PR_SUBJECT_W, "unsaved");
    same = bytes_of(message, PR_CHANGE_KEY);
    assert_column(fx, PR_CHANGE_KEY, first);
    save(message);
    second = bytes_of(message, PR_CHANGE_KEY);

    assert_int_equal(same->Value.bin.cb, first->Value.bin.cb);
    assert_memory_equal(same->Value.bin.lpb, first->Value.bin.lpb, first->Value.bin.cb);
    assert_int_equal(second->Value.bin.cb, first->Value.bin.cb);
    assert_memory_not_equal(second->Value.bin.lpb, first->Value.bin.lpb, first->Value.bin.cb);
    assert_int_equal(set_bytes(message, PR_CHANGE_KEY, (BYTE[]){ 1, 2 }, 2), MAPI_E_COMPUTED);
    mapi_free(first);
    mapi_free(same);
    mapi_free(second);
    release_last(message);
}

/* --- who made it ------------------------------------------------------------------------------ */

static SCODE set_text(IMessage *message, ULONG tag, const char *text)
{
    SPropValue value = { .ulPropTag = tag };
    uint16_t *wide = host_text_to_utf16(text);
    SCODE scode;

    value.Value.lpszW = (LPWSTR)wide;
    scode = set_one(message, &value);
    free(wide);
    return scode;
}

static void author__not_told__whoever_runs_this(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    char *creator;

    assert_null(prop_get(message, PR_CREATOR_NAME_W));
    save(message);
    creator = prop_text(message, PR_CREATOR_NAME_W);
    assert_true(strlen(creator) > 0);
    prop_assert_text(message, PR_LAST_MODIFIER_NAME_W, creator);
    assert_int_equal(set_text(message, PR_CREATOR_NAME_W, "Ann"), MAPI_E_COMPUTED);
    assert_int_equal(set_text(message, PR_LAST_MODIFIER_NAME_W, "Ann"), MAPI_E_COMPUTED);
    assert_null(prop_get(message, PR_CREATOR_ENTRYID)); /* no address book knows the account */
    free(creator);
    release_last(message);
}

/* An import brings its authors along; the next save has another modifier. */
static void author__told_before_first_save__kept_until_somebody_saves_again(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    char *modifier;
    SPropValue *id;

    assert_int_equal(set_text(message, PR_CREATOR_NAME_W, "Ann"), S_OK);
    assert_int_equal(set_text(message, PR_LAST_MODIFIER_NAME_W, "Bob"), S_OK);
    assert_int_equal(set_bytes(message, PR_CREATOR_ENTRYID, (BYTE[]){ 1 }, 1), S_OK);
    assert_int_equal(set_bytes(message, PR_LAST_MODIFIER_ENTRYID, (BYTE[]){ 2 }, 1), S_OK);
    save(message);
    prop_assert_text(message, PR_CREATOR_NAME_W, "Ann");
    prop_assert_text(message, PR_LAST_MODIFIER_NAME_W, "Bob");
    id = prop_get(message, PR_LAST_MODIFIER_ENTRYID);
    assert_non_null(id);
    mapi_free(id);
    prop_set_text(message, PR_SUBJECT_W, "changed");
    save(message);
    prop_assert_text(message, PR_CREATOR_NAME_W, "Ann");
    modifier = prop_text(message, PR_LAST_MODIFIER_NAME_W);
    assert_string_not_equal(modifier, "Bob");
    assert_null(prop_get(message, PR_LAST_MODIFIER_ENTRYID)); /* that was Bob's */
    id = prop_get(message, PR_CREATOR_ENTRYID);
    assert_non_null(id);
    mapi_free(id);
    free(modifier);
    release_last(message);
}

/* Who is known by an entry id alone is known. */
static void author__told_by_entryid__nobody_else(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    assert_int_equal(set_bytes(message, PR_CREATOR_ENTRYID, (BYTE[]){ 1 }, 1), S_OK);
    save(message);
    assert_null(prop_get(message, PR_CREATOR_NAME_W));
    release_last(message);
}

#define INBOX_TEST(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX_TEST(identity__client_sets_it__computed),
        INBOX_TEST(parent_entryid__opened__is_the_folder),
        INBOX_TEST(search_key__new_message__there_and_settable),
        INBOX_TEST(message_class__not_set__ipm),
        INBOX_TEST(message_class__too_long__whole_call_fails),
        INBOX_TEST(flags__new_message__unsent_unmodified),
        INBOX_TEST(flags__set_before_first_save__kept_and_then_fixed),
        INBOX_TEST(unmodified__second_save__cleared),
        INBOX_TEST(hasattach__attachment_saved_and_deleted__follows),
        INBOX_TEST(subject__saved__prefix_and_rest),
        INBOX_TEST(subject_prefix__set_by_client__kept_when_it_fits),
        INBOX_TEST(subject__of_100_kb__read_as_a_stream),
        INBOX_TEST(multivalue__of_100_kb__inline),
        INBOX_TEST(times__saves__follow_the_rules),
        INBOX_TEST(size__saved__sum_of_parts),
        INBOX_TEST(free_properties__saved_and_reopened__unchanged),
        INBOX_TEST(prop_list__message__what_it_has),
        INBOX_TEST(conversation__not_set__subject_and_header),
        INBOX_TEST(conversation__set__never_altered),
        INBOX_TEST(conversation__submitted__stored_from_then_on),
        INBOX_TEST(change_key__saved__another_one),
        INBOX_TEST(author__not_told__whoever_runs_this),
        INBOX_TEST(author__told_before_first_save__kept_until_somebody_saves_again),
        INBOX_TEST(author__told_by_entryid__nobody_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
