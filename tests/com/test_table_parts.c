/* SPDX-License-Identifier: MIT */
/*
 * test_table_parts.c - IMAPITable over the recipients and attachments of a message.
 */
#include "com/mail_world.h"
#include "com/table_line.h"

static IMessage *create(struct fixture *fx)
{
    IMessage *message = POISON;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    return message;
}

static void add_recipient(
        IMessage *message, const char16_t *name, LONG type, const char16_t *address)
{
    SPropValue values[4] = { long_value(PR_RECIPIENT_TYPE, type),
        text_value(PR_DISPLAY_NAME_W, name), text_value(PR_ADDRTYPE_W, u"SMTP"),
        text_value(PR_EMAIL_ADDRESS_W, address) };
    ADRLIST list = { 1, { { 0, 4, values } } };

    assert_ok(message->lpVtbl->ModifyRecipients(message, MODRECIP_ADD, &list));
}

static void add_attachment(IMessage *message, const char *name, LONG position)
{
    IAttach *attach = NULL;
    ULONG number;

    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    prop_set_text(attach, PR_ATTACH_FILENAME_W, name);
    prop_set_long(attach, PR_RENDERING_POSITION, position);
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
}

/* One text column of all rows, separated by spaces. */
static const char *column_line(IMAPITable *table, ULONG tag)
{
    static char line[512];
    LPSRowSet rows = table_rows(table, &tag, 1);

    line[0] = '\0';
    for (ULONG i = 0; i < rows->cRows; i++) {
        if (i > 0)
            strcat(line, " ");
        put_text(line, sizeof(line), values_of(rows, i));
    }
    mapi_free_rows(rows);
    return line;
}

static HRESULT restrict_to(IMAPITable *table, ULONG relop, SPropValue value)
{
    SRestriction restriction = compare_with(relop, &value);

    return table->lpVtbl->Restrict(table, &restriction, 0);
}

/* table-columns.Recipient.2 */
static void recipients__of_a_submitted_message__say_who_is_responsible(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = mail_submit(fx->inbox, "sent");
    IMessage *message = NULL;
    IMAPITable *table = NULL;
    LPSPropTagArray columns = NULL;
    unsigned found = 0;

    assert_ok(mail_open(fx->store, id, 0, &message));
    assert_ok(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table));
    assert_ok(table->lpVtbl->QueryColumns(table, 0, &columns));
    for (ULONG i = 0; i < columns->cValues; i++)
        found += columns->aulPropTag[i] == PR_ADDRTYPE_W ||
                 columns->aulPropTag[i] == PR_RESPONSIBILITY;
    assert_int_equal(found, 2);
    mapi_free(columns);
    mapi_free(id);
    release_last(table);
    release_last(message);
}

/* table-columns.Attachment.4 table-columns.Attachment.6 table-columns.Attachment.2 */
static void attachments__filtered_and_sorted_by_position(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IMAPITable *table = POISON;

    add_attachment(message, "a", 5);
    add_attachment(message, "b", -1);
    add_attachment(message, "c", 2);
    add_attachment(message, "d", 5);
    assert_ok(message->lpVtbl->GetAttachmentTable(message, MAPI_UNICODE, &table));
    assert_ok(restrict_to(table, RELOP_NE, long_value(PR_RENDERING_POSITION, -1)));
    sort(table, &(struct sort_order){ 1, 0, 0, { { PR_RENDERING_POSITION, 0 } } });
    assert_string_equal(column_line(table, PR_ATTACH_FILENAME_W), "c a d");
    assert_ok(table->lpVtbl->Restrict(table, NULL, 0));
    assert_string_equal(column_line(table, PR_ATTACH_FILENAME_W), "b c a d");
    release_last(table);
    release_last(message);
}

/* table-columns.Recipient.4 table-columns.Recipient.5 table-columns.Recipient.6 */
static void recipients__restrictions__of_the_spooler(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IMAPITable *table = POISON;
    SPropValue smtp = text_value(PR_ADDRTYPE_W, u"SMTP");
    SPropValue cc = long_value(PR_RECIPIENT_TYPE, MAPI_CC);
    SRestriction both[2] = { compare_with(RELOP_EQ, &smtp), compare_with(RELOP_NE, &cc) };
    SRestriction all = { .rt = RES_AND }, any = { .rt = RES_OR }, exist = { .rt = RES_EXIST };

    add_recipient(message, u"anna", MAPI_TO, u"anna@x");
    add_recipient(message, u"bob", MAPI_CC, u"bob@x");
    add_recipient(message, u"carl", MAPI_BCC, u"carl@x");
    assert_ok(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table));
    all.res.resAnd.cRes = any.res.resOr.cRes = 2;
    all.res.resAnd.lpRes = any.res.resOr.lpRes = both;
    assert_ok(table->lpVtbl->Restrict(table, &all, 0));
    assert_string_equal(column_line(table, PR_DISPLAY_NAME_W), "anna carl");
    assert_ok(table->lpVtbl->Restrict(table, &any, 0));
    assert_string_equal(column_line(table, PR_DISPLAY_NAME_W), "anna bob carl");
    assert_ok(restrict_to(table, RELOP_EQ, text_value(PR_EMAIL_ADDRESS_W, u"bob@x")));
    assert_string_equal(column_line(table, PR_DISPLAY_NAME_W), "bob");
    exist.res.resExist.ulPropTag = PR_SPOOLER_STATUS;
    assert_ok(table->lpVtbl->Restrict(table, &exist, 0));
    assert_string_equal(column_line(table, PR_DISPLAY_NAME_W), "");
    release_last(table);
    release_last(message);
}

/* IMAPITable.GetStatus.4: what is changed on the open message shows at once. */
static void parts__changed__tables_follow(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IMAPITable *recipients = POISON, *attachments = POISON;

    assert_ok(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &recipients));
    assert_ok(message->lpVtbl->GetAttachmentTable(message, MAPI_UNICODE, &attachments));
    assert_int_equal(row_count(recipients), 0);
    assert_int_equal(row_count(attachments), 0);
    add_recipient(message, u"anna", MAPI_TO, u"anna@x");
    add_attachment(message, "a", -1);
    add_attachment(message, "b", -1);
    assert_string_equal(column_line(recipients, PR_DISPLAY_NAME_W), "anna");
    assert_string_equal(column_line(attachments, PR_ATTACH_FILENAME_W), "a b");
    assert_ok(message->lpVtbl->DeleteAttach(message, 0, 0, NULL, 0));
    assert_string_equal(column_line(attachments, PR_ATTACH_FILENAME_W), "b");
    release_last(recipients);
    release_last(attachments);
    release_last(message);
}

/* IMAPITable.General.2 */
static void parts__message_released__tables_live_on(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    IMAPITable *table = POISON;

    add_recipient(message, u"anna", MAPI_TO, u"anna@x");
    assert_ok(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table));
    release_last(message);
    assert_string_equal(column_line(table, PR_DISPLAY_NAME_W), "anna");
    release_last(table);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(recipients__of_a_submitted_message__say_who_is_responsible),
        TEST(attachments__filtered_and_sorted_by_position),
        TEST(recipients__restrictions__of_the_spooler),
        TEST(parts__changed__tables_follow),
        TEST(parts__message_released__tables_live_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
