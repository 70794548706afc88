/* SPDX-License-Identifier: MIT */
/*
 * test_attach.c - attachments: what they have, when they are saved, their table.
 */
#include "attach_world.h"

/* --- the object ------------------------------------------------------------------------------- */

/* IAttach.General.1 IAttach.General.2 IAttach.General.3 IAttach.Method.1 IAttach.Position.1
 * attachment.PR_MAPPING_SIGNATURE.1 IMessage.CreateAttach.1 IMessage.CreateAttach.3
 * attachment.PR_CREATION_TIME.1 */
static void create_attach__new__has_what_it_needs(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    ULONG first = POISON_LONG, second = POISON_LONG;
    LPATTACH a = create_attach(message, &first);
    LPATTACH b = create_attach(message, &second);
    SPropValue *mine = prop_get(a, PR_MAPPING_SIGNATURE);
    SPropValue *its = prop_get(message, PR_MAPPING_SIGNATURE);
    SPropValue *time = prop_get(a, PR_CREATION_TIME);
    void *same = NULL;

    assert_int_not_equal(first, second);
    assert_int_equal(prop_long(a, PR_ATTACH_NUM), first);
    assert_int_equal(prop_long(b, PR_ATTACH_NUM), second);
    assert_int_equal(prop_long(a, PR_OBJECT_TYPE), MAPI_ATTACH);
    assert_int_equal(prop_long(a, PR_ATTACH_METHOD), NO_ATTACHMENT);
    assert_int_equal((uint32_t)prop_long(a, PR_RENDERING_POSITION), 0xFFFFFFFF);
    assert_int_equal(prop_long(a, PR_ACCESS_LEVEL), MAPI_MODIFY);
    assert_null(prop_get(a, PR_ENTRYID));
    assert_non_null(time);
    assert_memory_equal(mine->Value.bin.lpb, its->Value.bin.lpb, 16);
    assert_ok(a->lpVtbl->QueryInterface(a, &IID_IAttachment, &same));
    assert_ptr_equal(same, a);
    a->lpVtbl->Release(a);
    assert_ok(a->lpVtbl->QueryInterface(a, &IID_IMAPIProp, &same));
    a->lpVtbl->Release(a);
    release_last(message);
    assert_int_equal(prop_long(a, PR_ATTACH_NUM), first);
    release_last(a);
    release_last(b);
    mapi_free(mine);
    mapi_free(its);
    mapi_free(time);
}

/* attachment.PR_ATTACH_NUM.1 attachment.PR_RECORD_KEY.1 attachment.PR_ATTACH_SIZE.1 */
static void computed__client_sets_it__problem(void **state)
{
    static const ULONG tags[] = { PR_ATTACH_NUM, PR_ATTACH_SIZE, PR_OBJECT_TYPE };
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    ULONG number;
    LPATTACH attach = create_attach(message, &number);
    SPropValue *key = prop_get(attach, PR_RECORD_KEY);
    SPropValue *again;

    for (size_t i = 0; i < 3; i++) {
        SPropValue value = { .ulPropTag = tags[i] };
        LPSPropProblemArray problems = NULL;

        value.Value.l = 4711;
        assert_ok(attach->lpVtbl->SetProps(attach, 1, &value, &problems));
        assert_non_null(problems);
        assert_hr(problems->aProblem[0].scode, MAPI_E_COMPUTED);
        mapi_free(problems);
    }
    assert_int_equal(prop_long(attach, PR_ATTACH_NUM), number);
    save_attach(attach);
    release_last(attach);
    save(message);
    message = reopen(fx, message);
    attach = open_attach(message, number, 0);
    again = prop_get(attach, PR_RECORD_KEY);
    assert_int_equal(key->Value.bin.cb, again->Value.bin.cb);
    assert_memory_equal(key->Value.bin.lpb, again->Value.bin.lpb, key->Value.bin.cb);
    release_last(attach);
    release_last(message);
    mapi_free(key);
    mapi_free(again);
}

/* IAttach.Method.2 IAttach.Method.3 IAttach.Method.4 IAttach.Method.5 attachment.PR_ATTACH_METHOD.1
 * attachment.PR_RENDERING_POSITION.1 attachment.PR_ATTACH_DATA_BIN.1
 * attachment.PR_ATTACH_FILENAME.1 attachment.PR_ATTACH_PATHNAME.1 attachment.PR_ATTACH_RENDERING.1
 * attachment.PR_ATTACH_ENCODING.1 attachment.PR_ATTACH_MIME_TAG.1 attachment.PR_ATTACH_FLAGS.1
 * attachment.PR_ATTACHMENT_HIDDEN.1 attachment.PR_DISPLAY_NAME.1 attachment.PR_ATTACH_EXTENSION.1
 */
static void properties__saved_and_reopened__as_set(void **state)
{
    static const ULONG texts[] = { PR_ATTACH_FILENAME_W, PR_ATTACH_LONG_FILENAME_W,
        PR_ATTACH_PATHNAME_W, PR_ATTACH_LONG_PATHNAME_W, PR_ATTACH_MIME_TAG_W,
        PR_ATTACH_CONTENT_ID_W, PR_ATTACH_CONTENT_LOCATION_W, PR_DISPLAY_NAME_W };
    static const ULONG binaries[] = { PR_ATTACH_RENDERING, PR_ATTACH_ENCODING, PR_ATTACH_TAG };
    struct fixture *fx = *state;

    for (LONG method = 0; method <= 7; method++) {
        IMessage *message = create(fx);
        ULONG number;
        LPATTACH attach = create_attach(message, &number);
        char text[64];
        SPropValue *value;

        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
            snprintf(text, sizeof(text), "https://example.org/%u", (unsigned)i);
            prop_set_text(attach, texts[i], text);
        }
        for (size_t i = 0; i < 3; i++)
            prop_set_binary(attach, binaries[i], &i, sizeof(i));
        prop_set_long(attach, PR_ATTACH_METHOD, method);
        prop_set_long(attach, PR_RENDERING_POSITION, 17);
        prop_set_long(attach, PR_ATTACH_FLAGS, 3);
        prop_set_bool(attach, PR_ATTACHMENT_HIDDEN, true);
        if (method == ATTACH_BY_VALUE)
            prop_set_binary(attach, PR_ATTACH_DATA_BIN, "the bytes", 9);
        save_attach(attach);
        release_last(attach);
        save(message);
        message = reopen(fx, message);
        attach = open_attach(message, number, 0);
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
            snprintf(text, sizeof(text), "https://example.org/%u", (unsigned)i);
            prop_assert_text(attach, texts[i], text);
        }
        for (size_t i = 0; i < 3; i++) {
            value = prop_get(attach, binaries[i]);
            assert_int_equal(value->Value.bin.cb, sizeof(i));
            assert_memory_equal(value->Value.bin.lpb, &i, sizeof(i));
            mapi_free(value);
        }
        assert_int_equal(prop_long(attach, PR_ATTACH_METHOD), method);
        assert_int_equal(prop_long(attach, PR_RENDERING_POSITION), 17);
        assert_int_equal(prop_long(attach, PR_ATTACH_FLAGS), 3);
        assert_true(prop_bool(attach, PR_ATTACHMENT_HIDDEN));
        assert_null(prop_get(attach, PR_ATTACH_EXTENSION_W));
        value = prop_get(attach, PR_ATTACH_DATA_BIN);
        if (method == ATTACH_BY_VALUE) {
            assert_int_equal(value->Value.bin.cb, 9);
            assert_memory_equal(value->Value.bin.lpb, "the bytes", 9);
            assert_true(prop_long(attach, PR_ATTACH_SIZE) >= 9);
        } else {
            assert_null(value);
        }
        mapi_free(value);
        release_last(attach);
        release_last(message);
    }
}

/* attachment.PR_ATTACH_DATA_OBJ.1 IAttach.Data.8 */
static void data_obj__set_props__invalid(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    ULONG number;
    LPATTACH attach = create_attach(message, &number);
    SPropValue value = { .ulPropTag = PR_ATTACH_DATA_OBJ };
    LPSPropProblemArray problems = POISON;
    LPUNKNOWN object = POISON;

    assert_hr(attach->lpVtbl->SetProps(attach, 1, &value, &problems), MAPI_E_INVALID_PARAMETER);
    assert_null(problems);
    assert_null(prop_get(attach, PR_ATTACH_DATA_OBJ));
    assert_hr(
            attach->lpVtbl->OpenProperty(attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0, &object),
            MAPI_E_NOT_FOUND);
    assert_null(object);
    object = POISON;
    assert_hr(attach->lpVtbl->OpenProperty(
                      attach, PR_ATTACH_DATA_OBJ, &IID_IMAPITable, 0, 0, &object),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_null(object);
    release_last(attach);
    release_last(message);
}

/* --- transactions ----------------------------------------------------------------------------- */

/* IMessage.CreateAttach.2 IMAPIProp.Transaction.3 IMAPIProp.SaveChanges.18
 * IMessage.GetAttachmentTable.2 */
static void save__one_of_two_missing__nothing_stored(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    ULONG number;
    LPATTACH attach;

    save(message);
    attach = create_attach(message, &number);
    save(message); /* the attachment itself was not saved */
    release_last(attach);
    message = reopen(fx, message);
    assert_int_equal(count_attachments(message), 0);

    add_named(message, "lost");
    message = reopen(fx, message); /* the message was not saved */
    assert_int_equal(count_attachments(message), 0);

    number = add_named(message, "kept");
    save(message);
    message = reopen(fx, message);
    assert_int_equal(count_attachments(message), 1);
    attach = open_attach(message, number, MAPI_MODIFY);
    prop_set_text(attach, PR_ATTACH_LONG_FILENAME_W, "changed");
    save_attach(attach);
    release_last(attach);
    message = reopen(fx, message);
    attach = open_attach(message, number, 0);
    prop_assert_text(attach, PR_ATTACH_LONG_FILENAME_W, "kept");
    release_last(attach);
    release_last(message);
}

/* IMessage.OpenAttach.1 IMessage.OpenAttach.2 IMessage.OpenAttach.3 IMessage.OpenAttach.4
 * IMessage.OpenAttach.5 IMessage.OpenAttach.6 IMessage.OpenAttach.7 IMessage.CreateAttach.4
 * IMessage.DeleteAttach.3 */
static void open_attach__access__as_the_message_allows(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    ULONG number = add_named(message, "x");
    SPropValue value = { .ulPropTag = PR_ATTACH_METHOD };
    LPATTACH attach;
    LPATTACH none = POISON;

    save(message);
    attach = open_attach(message, number, 0);
    assert_hr(attach->lpVtbl->SetProps(attach, 1, &value, NULL), MAPI_E_NO_ACCESS);
    assert_int_equal(prop_long(attach, PR_ACCESS_LEVEL), 0);
    release_last(attach);
    attach = open_attach(message, number, MAPI_BEST_ACCESS);
    assert_ok(attach->lpVtbl->SetProps(attach, 1, &value, NULL));
    release_last(attach);
    assert_hr(message->lpVtbl->OpenAttach(message, number + 1, NULL, 0, &none), MAPI_E_NOT_FOUND);
    assert_null(none);
    none = POISON;
    assert_hr(message->lpVtbl->OpenAttach(message, number, &IID_IMessage, 0, &none),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_null(none);
    none = POISON;
    assert_hr(
            message->lpVtbl->OpenAttach(message, number, NULL, 0x100, &none), MAPI_E_UNKNOWN_FLAGS);
    assert_null(none);

    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY));
    none = POISON;
    assert_hr(message->lpVtbl->OpenAttach(message, number, NULL, MAPI_MODIFY, &none),
            MAPI_E_NO_ACCESS);
    assert_null(none);
    attach = open_attach(message, number, MAPI_BEST_ACCESS);
    assert_hr(attach->lpVtbl->SetProps(attach, 1, &value, NULL), MAPI_E_NO_ACCESS);
    release_last(attach);
    none = POISON;
    assert_hr(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &none), MAPI_E_NO_ACCESS);
    assert_null(none);
    assert_int_equal(number, 0);
    assert_hr(message->lpVtbl->DeleteAttach(message, 0, 0, NULL, 0), MAPI_E_NO_ACCESS);
    release_last(message);
}

/* IMessage.DeleteAttach.1 IMessage.DeleteAttach.2 IMessage.DeleteAttach.4 IAttach.Number.1
 * IAttach.Number.2 */
static void delete_attach__saved_or_not__gone_or_back(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    ULONG first = add_named(message, "first");
    ULONG second = add_named(message, "second");
    LPATTACH attach;

    save(message);
    assert_ok(message->lpVtbl->DeleteAttach(message, first, 0x1234, POISON, 0));
    assert_hr(message->lpVtbl->DeleteAttach(message, first, 0, NULL, 0), MAPI_E_NOT_FOUND);
    assert_hr(message->lpVtbl->DeleteAttach(message, 99, 0, NULL, 0), MAPI_E_NOT_FOUND);
    attach = open_attach(message, second, 0);
    prop_assert_text(attach, PR_ATTACH_LONG_FILENAME_W, "second");
    release_last(attach);
    message = reopen(fx, message);
    assert_int_equal(count_attachments(message), 2);

    attach = open_attach(message, first, MAPI_MODIFY);
    assert_ok(message->lpVtbl->DeleteAttach(message, first, 0, NULL, 0));
    assert_hr(attach->lpVtbl->SaveChanges(attach, 0), MAPI_E_OBJECT_DELETED);
    save(message);
    release_last(attach);
    message = reopen(fx, message);
    assert_int_equal(count_attachments(message), 1);
    attach = open_attach(message, second, 0);
    prop_assert_text(attach, PR_ATTACH_LONG_FILENAME_W, "second");
    release_last(attach);
    release_last(message);
}

/* One that comes and goes between two saves of its message. */
static void delete_attach__never_stored__the_message_is_saved(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    ULONG number;

    number = add_named(message, "first");
    assert_ok(message->lpVtbl->DeleteAttach(message, number, 0, NULL, 0));
    save(message);
    number = add_named(message, "second");
    assert_ok(message->lpVtbl->DeleteAttach(message, number, 0, NULL, 0));
    (void)add_named(message, "third");
    save(message);
    message = reopen(fx, message);
    assert_int_equal(count_attachments(message), 1);
    release_last(message);
}

/* IMessage.GetAttachmentTable.1 IMessage.GetAttachmentTable.3 IMessage.GetAttachmentTable.4
 * IMessage.GetAttachmentTable.6 IAttach.Method.7 IMAPIProp.OpenProperty.14 IMAPIProp.DeleteProps.7
 * table-columns.Attachment.1 */
static void attachment_table__open__follows_changes(void **state)
{
    static const ULONG tags[] = { PR_ATTACH_NUM, PR_ATTACH_LONG_FILENAME_A, PR_ATTACH_METHOD,
        PR_RENDERING_POSITION, PR_RECORD_KEY, PR_INSTANCE_KEY };
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropTagArray all = { 1, { PR_MESSAGE_ATTACHMENTS } };
    LPMAPITABLE table = NULL;
    LPSRowSet rows;
    ULONG number;

    assert_int_equal(count_attachments(message), 0);
    assert_ok(message->lpVtbl->OpenProperty(message, PR_MESSAGE_ATTACHMENTS, &IID_IMAPITable,
            MAPI_UNICODE, 0, (LPUNKNOWN *)&table));
    add_named(message, "a");
    number = add_named(message, "b");
    save(message);
    rows = table_rows(table, tags, 6);
    assert_int_equal(rows->cRows, 2);
    assert_int_equal(rows->aRow[1].lpProps[0].Value.l, number);
    assert_string_equal(rows->aRow[0].lpProps[1].Value.lpszA, "a");
    assert_int_equal(rows->aRow[0].lpProps[2].Value.l, NO_ATTACHMENT);
    assert_int_equal(rows->aRow[0].lpProps[3].Value.l, -1);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(rows->aRow[0].lpProps[i].ulPropTag, tags[i]);
    mapi_free_rows(rows);
    assert_ok(message->lpVtbl->DeleteAttach(message, number, 0, NULL, 0));
    save(message);
    rows = table_rows(table, tags, 6);
    assert_int_equal(rows->cRows, 1);
    mapi_free_rows(rows);
    assert_ok(message->lpVtbl->DeleteProps(message, &all, NULL));
    save(message);
    rows = table_rows(table, tags, 6);
    assert_int_equal(rows->cRows, 0);
    mapi_free_rows(rows);
    release_last(table);
    release_last(message);
}

/* IMessage.GetAttachmentTable.5 IMAPIProp.OpenProperty.15 */
static void tables__with_and_without_unicode__width_of_texts(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    add_named(message, "a");
    for (unsigned wide = 0; wide < 2; wide++) {
        ULONG flags = wide ? MAPI_UNICODE : 0;
        ULONG type = wide ? PT_UNICODE : PT_STRING8;
        LPMAPITABLE tables[4] = { NULL };
        unsigned texts = 0;

        assert_ok(message->lpVtbl->GetAttachmentTable(message, flags, &tables[0]));
        assert_ok(message->lpVtbl->GetRecipientTable(message, flags, &tables[1]));
        assert_ok(message->lpVtbl->OpenProperty(message, PR_MESSAGE_ATTACHMENTS, &IID_IMAPITable,
                flags, 0, (LPUNKNOWN *)&tables[2]));
        assert_ok(message->lpVtbl->OpenProperty(message, PR_MESSAGE_RECIPIENTS, &IID_IMAPITable,
                flags, 0, (LPUNKNOWN *)&tables[3]));
        for (size_t i = 0; i < 4; i++) {
            LPSPropTagArray columns = NULL;

            assert_ok(tables[i]->lpVtbl->QueryColumns(tables[i], 0, &columns));
            for (ULONG j = 0; j < columns->cValues; j++) {
                if (PROP_ID(columns->aulPropTag[j]) == PROP_ID(PR_DISPLAY_NAME)) {
                    assert_int_equal(PROP_TYPE(columns->aulPropTag[j]), type);
                    texts++;
                }
            }
            mapi_free(columns);
            release_last(tables[i]);
        }
        assert_int_equal(texts, 4);
    }
    release_last(message);
}

/* attachment.PR_ATTACH_SIZE.1 message.PR_MESSAGE_SIZE.1 */
static void sizes__saved_again_unchanged__as_before(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    ULONG number = add_named(message, "a.txt");
    LPATTACH attach;
    LONG message_size;
    LONG size;

    save(message);
    message_size = prop_long(message, PR_MESSAGE_SIZE);
    attach = open_attach(message, number, MAPI_MODIFY);
    size = prop_long(attach, PR_ATTACH_SIZE);
    for (unsigned i = 0; i < 3; i++) {
        prop_set_text(attach, PR_ATTACH_LONG_FILENAME_W, "b.txt");
        save_attach(attach);
        release_last(attach);
        save(message);
        message = reopen(fx, message);
        assert_int_equal(prop_long(message, PR_MESSAGE_SIZE), message_size);
        attach = open_attach(message, number, MAPI_MODIFY);
        assert_int_equal(prop_long(attach, PR_ATTACH_SIZE), size);
    }
    release_last(attach);
    release_last(message);
}

#define INBOX_TEST(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX_TEST(create_attach__new__has_what_it_needs),
        INBOX_TEST(computed__client_sets_it__problem),
        INBOX_TEST(properties__saved_and_reopened__as_set),
        INBOX_TEST(data_obj__set_props__invalid),
        INBOX_TEST(save__one_of_two_missing__nothing_stored),
        INBOX_TEST(open_attach__access__as_the_message_allows),
        INBOX_TEST(delete_attach__saved_or_not__gone_or_back),
        INBOX_TEST(delete_attach__never_stored__the_message_is_saved),
        INBOX_TEST(attachment_table__open__follows_changes),
        INBOX_TEST(tables__with_and_without_unicode__width_of_texts),
        INBOX_TEST(sizes__saved_again_unchanged__as_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
