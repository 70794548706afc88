/* SPDX-License-Identifier: MIT */
/*
 * test_recipients.c - the recipient list: ModifyRecipients, its table, and what messages say about
 * it.
 */
#include "support/support.h"

enum { MAX_PROPS = 8 };

static IMessage *create(struct fixture *fx)
{
    IMessage *message = NULL;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    return message;
}

/* An entry with a name (ASCII, kept by the caller) and a type. */
static void fill(SPropValue *values, char *name, LONG type)
{
    values[0].ulPropTag = PR_DISPLAY_NAME_A;
    values[0].Value.lpszA = name;
    values[1].ulPropTag = PR_RECIPIENT_TYPE;
    values[1].Value.l = type;
}

static HRESULT modify(
        IMessage *message, ULONG flags, ULONG count, SPropValue *values, ULONG value_count)
{
    SizedADRLIST(4, list);

    memset(&list, 0, sizeof(list));
    list.cEntries = count;
    for (ULONG i = 0; i < count; i++) {
        list.aEntries[i].cValues = value_count;
        list.aEntries[i].rgPropVals = value_count > 0 ? values + (size_t)i * MAX_PROPS : NULL;
    }
    return message->lpVtbl->ModifyRecipients(message, flags, (LPADRLIST)&list);
}

static void add(IMessage *message, const char *name, LONG type)
{
    SPropValue values[MAX_PROPS] = { 0 };
    char copy[64];

    snprintf(copy, sizeof(copy), "%s", name);
    fill(values, copy, type);
    assert_ok(modify(message, MODRECIP_ADD, 1, values, 2));
}

static LPSRowSet rows_of(IMessage *message, const ULONG *tags, ULONG count)
{
    LPMAPITABLE table = NULL;
    LPSRowSet rows;

    assert_ok(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table));
    rows = table_rows(table, tags, count);
    release_last(table);
    return rows;
}

/* "name/type/rowid ..." of the table, for short comparisons; type in hex. */
static void assert_list(IMessage *message, const char *expected)
{
    static const ULONG tags[] = { PR_DISPLAY_NAME_A, PR_RECIPIENT_TYPE, PR_ROWID };
    LPSRowSet rows = rows_of(message, tags, 3);
    char text[1024] = "";
    size_t at = 0;

    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *cells = rows->aRow[i].lpProps;

        assert_int_equal(cells[2].ulPropTag, PR_ROWID);
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s/%lx", i > 0 ? " " : "",
                cells[0].ulPropTag == PR_DISPLAY_NAME_A ? cells[0].Value.lpszA : "?",
                (unsigned long)(uint32_t)cells[1].Value.l);
    }
    assert_string_equal(text, expected);
    mapi_free_rows(rows);
}

static LONG row_id(IMessage *message, ULONG index)
{
    static const ULONG tags[] = { PR_ROWID };
    LPSRowSet rows = rows_of(message, tags, 1);
    LONG id;

    assert_true(index < rows->cRows);
    id = rows->aRow[index].lpProps[0].Value.l;
    mapi_free_rows(rows);
    return id;
}

/* --- ModifyRecipients ------------------------------------------------------------------------- */

/* IMessage.GetRecipientTable.3 */
static void table__no_recipients__empty(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);

    assert_list(message, "");
    release_last(message);
}

/* IMessage.ModifyRecipients.1 IMessage.ModifyRecipients.2 IMessage.GetRecipientTable.1
 * IMessage.GetRecipientTable.2 IMessage.ModifyRecipients.11 */
static void modify__add_and_replace__list_follows(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue values[2 * MAX_PROPS] = { 0 };
    char x[] = "x", y[] = "y";

    add(message, "anna", MAPI_TO);
    add(message, "bert", MAPI_CC);
    assert_list(message, "anna/1 bert/2");
    assert_int_not_equal(row_id(message, 0), row_id(message, 1));
    fill(values, x, MAPI_TO);
    fill(values + MAX_PROPS, y, MAPI_BCC);
    assert_ok(modify(message, 0, 2, values, 2));
    assert_list(message, "x/1 y/3");
    assert_ok(modify(message, 0, 0, NULL, 0));
    assert_list(message, "");
    release_last(message);
}

/* IMessage.ModifyRecipients.3 IMessage.ModifyRecipients.4 recipient.PR_ROWID.1 recipient.PR_ROWID.3
 */
static void modify__by_row__that_row_only(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue values[MAX_PROPS] = { 0 };
    static const ULONG tags[] = { PR_EMAIL_ADDRESS_W };
    char name[] = "new";
    LPSRowSet rows;
    LONG first, second, third;

    add(message, "a", MAPI_TO);
    fill(values, name, MAPI_CC);
    values[2].ulPropTag = PR_EMAIL_ADDRESS_A;
    values[2].Value.lpszA = name;
    assert_ok(modify(message, MODRECIP_ADD, 1, values, 3));
    add(message, "c", MAPI_TO);
    first = row_id(message, 0);
    second = row_id(message, 1);
    third = row_id(message, 2);

    values[2].ulPropTag = PR_ROWID;
    values[2].Value.l = second;
    assert_ok(modify(message, MODRECIP_MODIFY, 1, values, 3));
    assert_list(message, "a/1 new/2 c/1");
    rows = rows_of(message, tags, 1);
    assert_int_equal(
            PROP_TYPE(rows->aRow[1].lpProps[0].ulPropTag), PT_ERROR); /* it was not given again */
    mapi_free_rows(rows);

    values[2].Value.l = first;
    assert_ok(modify(message, MODRECIP_REMOVE, 1, values + 2, 1));
    assert_list(message, "new/2 c/1");
    assert_int_equal(row_id(message, 0), second);
    assert_int_equal(row_id(message, 1), third);
    assert_hr(modify(message, MODRECIP_REMOVE, 1, values + 2, 1), MAPI_E_NOT_FOUND);
    release_last(message);
}

/* recipient.PR_ROWID.1: also of those that come to a list that was read from the store. */
static void modify__reopened_and_more_added__no_row_twice(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue values[3 * MAX_PROPS] = { 0 };
    SPropValue *id;
    LONG ids[4];

    add(message, "a", MAPI_TO);
    add(message, "b", MAPI_TO);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    message = message_open(fx->store, id);
    mapi_free(id);
    add(message, "c", MAPI_TO);
    add(message, "d", MAPI_TO);
    assert_list(message, "a/1 b/1 c/1 d/1");
    for (ULONG i = 0; i < 4; i++) {
        ids[i] = row_id(message, i);
        for (ULONG j = 0; j < i; j++)
            assert_int_not_equal(ids[i], ids[j]);
    }

    /* one row is named twice: the others are removed all the same */
    for (ULONG i = 0; i < 3; i++) {
        values[i * MAX_PROPS].ulPropTag = PR_ROWID;
        values[i * MAX_PROPS].Value.l = ids[i / 2 + 1];
    }
    assert_ok(modify(message, MODRECIP_REMOVE, 3, values, 1));
    assert_list(message, "a/1 d/1");

    values[0].ulPropTag = CHANGE_PROP_TYPE(PR_ROWID, PT_SHORT); /* that is none */
    assert_hr(modify(message, MODRECIP_REMOVE, 1, values, 1), MAPI_E_INVALID_PARAMETER);
    assert_list(message, "a/1 d/1");
    release_last(message);
}

/* IMessage.ModifyRecipients.5 IMessage.ModifyRecipients.6 IMessage.ModifyRecipients.7 */
static void modify__bad_arguments__nothing_changes(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue values[2 * MAX_PROPS] = { 0 };
    char name[] = "n";
    LONG id;

    add(message, "a", MAPI_TO);
    id = row_id(message, 0);
    fill(values, name, MAPI_TO);
    fill(values + MAX_PROPS, name, MAPI_TO);
    assert_hr(modify(message, MODRECIP_MODIFY, 1, values, 2), MAPI_E_INVALID_PARAMETER);
    assert_hr(modify(message, MODRECIP_REMOVE, 1, values, 2), MAPI_E_INVALID_PARAMETER);
    assert_hr(modify(message, MODRECIP_ADD | MODRECIP_MODIFY, 1, values, 2),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(modify(message, 1, 1, values, 2), MAPI_E_UNKNOWN_FLAGS);
    assert_hr(message->lpVtbl->ModifyRecipients(message, 0, NULL), MAPI_E_INVALID_PARAMETER);
    assert_list(message, "a/1");

    values[2].ulPropTag = PR_ROWID;
    values[2].Value.l = id;
    assert_ok(modify(message, MODRECIP_ADD, 1, values, 3));
    assert_list(message, "a/1 n/1");
    assert_int_not_equal(row_id(message, 1), id);
    release_last(message);
}

/* IMessage.ModifyRecipients.8 IMessage.ModifyRecipients.9 IMessage.ModifyRecipients.10 */
static void modify__null_and_error_values__fail_or_skipped(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue values[2 * MAX_PROPS] = { 0 };
    char name[] = "n";

    fill(values, name, MAPI_TO);
    fill(values + MAX_PROPS, name, MAPI_TO);
    values[MAX_PROPS + 2].ulPropTag = PROP_TAG(PT_NULL, PROP_ID(PR_EMAIL_ADDRESS));
    values[2].ulPropTag = PR_RESPONSIBILITY;
    assert_true(FAILED(modify(message, MODRECIP_ADD, 2, values, 3)));
    assert_list(message, "");
    values[MAX_PROPS + 2].ulPropTag = PROP_TAG(PT_ERROR, PROP_ID(PR_EMAIL_ADDRESS));
    values[MAX_PROPS + 2].Value.err = MAPI_E_NOT_FOUND;
    assert_ok(modify(message, MODRECIP_ADD, 2, values, 3));
    assert_list(message, "n/1 n/1");
    assert_ok(modify(message, MODRECIP_ADD, 1, values, 0));
    assert_list(message, "n/1 n/1");
    release_last(message);
}

/* IMessage.ModifyRecipients.12 IMessage.ModifyRecipients.13 */
static void modify__rows_read_from_the_table__accepted(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPMAPITABLE table = NULL;
    LPSRowSet rows = NULL;

    union {
        LPSRowSet rows;
        LPADRLIST list;
    } both;

    add(message, "anna", MAPI_TO);
    add(message, "bert", MAPI_CC);
    assert_ok(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table));
    assert_ok(table->lpVtbl->QueryRows(table, 10, 0, &rows));
    assert_int_equal(rows->cRows, 2);
    both.rows = rows;
    assert_ok(message->lpVtbl->ModifyRecipients(message, MODRECIP_MODIFY, both.list));
    assert_ok(message->lpVtbl->ModifyRecipients(message, MODRECIP_ADD, both.list));
    assert_list(message, "anna/1 bert/2 anna/1 bert/2");
    mapi_free_rows(rows);
    release_last(table);
    release_last(message);
}

/* IMessage.ModifyRecipients.14 IMessage.ModifyRecipients.15 IMAPIProp.OpenProperty.13 */
static void modify__saved_or_not__permanent_or_gone(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue values[MAX_PROPS] = { 0 };
    char name[] = "n";
    LPMAPITABLE table = NULL;
    ULONG count = 0;
    SPropValue *id;

    add(message, "anna", MAPI_TO);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    id = prop_get(message, PR_ENTRYID);
    add(message, "bert", MAPI_TO);
    release_last(message);
    message = message_open(fx->store, id);
    assert_list(message, "anna/1");
    assert_ok(message->lpVtbl->OpenProperty(
            message, PR_MESSAGE_RECIPIENTS, &IID_IMAPITable, MAPI_UNICODE, 0, (LPUNKNOWN *)&table));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    assert_int_equal(count, 1);
    release_last(table);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY));
    fill(values, name, MAPI_TO);
    assert_hr(modify(message, MODRECIP_ADD, 1, values, 2), MAPI_E_NO_ACCESS);
    release_last(message);
    mapi_free(id);
}

/* IMAPIProp.DeleteProps.7 */
static void delete_props__recipients__all_gone(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropTagArray tags = { 1, { PR_MESSAGE_RECIPIENTS } };

    add(message, "anna", MAPI_TO);
    assert_ok(message->lpVtbl->DeleteProps(message, &tags, NULL));
    assert_list(message, "");
    release_last(message);
}

/* --- properties of recipients ----------------------------------------------------------------- */

/* recipient.PR_RECIPIENT_TYPE.1 recipient.PR_RECIPIENT_TYPE.2 recipient.PR_RECIPIENT_TYPE.3 */
static void recipient_type__any__as_supplied(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue values[MAX_PROPS] = { 0 };
    char name[] = "none";

    add(message, "p1", MAPI_P1);
    add(message, "sub", (LONG)(MAPI_SUBMITTED | MAPI_CC));
    assert_list(message, "p1/10000000 sub/80000002");
    fill(values, name, MAPI_TO);
    assert_ok(modify(message, MODRECIP_ADD, 1, values, 1));
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    prop_assert_text(message, PR_DISPLAY_TO_W, "none");
    release_last(message);
}

/* recipient.PR_DISPLAY_NAME.1 recipient.PR_ENTRYID.1 recipient.PR_ADDRTYPE.1
 * recipient.PR_OBJECT_TYPE.1 recipient.PR_SEARCH_KEY.1 recipient.PR_RESPONSIBILITY.1
 * recipient.PR_SEND_RICH_INFO.1 recipient.PR_RECIPIENT_FLAGS.1 table-columns.Recipient.1
 * table-columns.Recipient.3 table-columns.Recipient.6 */
static void properties__supplied__columns_of_the_reopened_message(void **state)
{
    static const ULONG tags[] = { PR_DISPLAY_NAME_W, PR_ENTRYID, PR_ADDRTYPE_W, PR_EMAIL_ADDRESS_W,
        PR_OBJECT_TYPE, PR_SEARCH_KEY, PR_RESPONSIBILITY, PR_SEND_RICH_INFO,
        PROP_TAG(PT_LONG, 0x5FFD), PROP_TAG(PT_UNICODE, 0x8123) };
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue values[10] = { 0 };

    struct {
        ULONG cEntries;
        ADRENTRY aEntries[1];
    } list = { 1, { { 0, 10, values } } };

    static WCHAR name[] = MSP_W("Zo\u00eb \u4e2d");
    static BYTE entry_id[] = { 0, 0, 0, 0, 9, 8, 7 };
    SPropValue *id;
    LPSRowSet rows;

    for (size_t i = 0; i < 10; i++)
        values[i].ulPropTag = tags[i];
    values[0].Value.lpszW = name;
    values[1].Value.bin.cb = sizeof(entry_id);
    values[1].Value.bin.lpb = entry_id;
    values[2].Value.lpszW = name;
    values[3].Value.lpszW = name;
    values[4].Value.l = MAPI_MAILUSER;
    values[5].Value.bin.cb = 3;
    values[5].Value.bin.lpb = entry_id;
    values[6].Value.b = TRUE;
    values[7].Value.b = TRUE;
    values[8].Value.l = 77;
    values[9].Value.lpszW = name;
    assert_ok(message->lpVtbl->ModifyRecipients(message, MODRECIP_ADD, (LPADRLIST)(void *)&list));
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    message = message_open(fx->store, id);
    rows = rows_of(message, tags, 10);
    assert_int_equal(rows->cRows, 1);
    for (size_t i = 0; i < 10; i++)
        assert_true(host_prop_same(&rows->aRow[0].lpProps[i], &values[i]));
    mapi_free_rows(rows);
    release_last(message);
    mapi_free(id);
}

/* --- what the message says -------------------------------------------------------------------- */

/* message.PR_DISPLAY_TO.1 message.PR_DISPLAY_TO.2 message.PR_DISPLAY_TO.3 message.PR_DISPLAY_TO.4
 * message.PR_DISPLAY_TO.5 message.PR_DISPLAY_CC.1 */
static void display_names__saved__by_type(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    SPropValue value = { .ulPropTag = PR_DISPLAY_TO_A };
    LPSPropProblemArray problems = NULL;
    char junk[] = "junk";

    prop_assert_text(message, PR_DISPLAY_TO_W, "");
    add(message, "anna", MAPI_TO);
    add(message, "carl", MAPI_CC);
    add(message, "bert", (LONG)(MAPI_SUBMITTED | MAPI_TO));
    add(message, "paul", MAPI_P1);
    add(message, "pete", MAPI_P1 | MAPI_TO);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    prop_assert_text(message, PR_DISPLAY_TO_W, "anna; bert");
    prop_assert_text(message, PR_DISPLAY_CC_W, "carl");
    prop_assert_text(message, PR_DISPLAY_BCC_W, "");
    value.Value.lpszA = junk;
    assert_ok(message->lpVtbl->SetProps(message, 1, &value, &problems));
    assert_non_null(problems);
    assert_hr(problems->aProblem[0].scode, MAPI_E_COMPUTED);
    mapi_free(problems);
    add(message, "dora", MAPI_BCC);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    prop_assert_text(message, PR_DISPLAY_TO_W, "anna; bert");
    prop_assert_text(message, PR_DISPLAY_BCC_W, "dora");
    release_last(message);
}

/* A mail to ten thousand: added one by one, listed, saved, read again. */
static void many__ten_thousand__all_kept(void **state)
{
    static const ULONG tags[] = { PR_DISPLAY_NAME_A, PR_ROWID };
    struct fixture *fx = *state;
    IMessage *message = create(fx);
    LPSRowSet rows;
    SPropValue *id;
    char name[64];

    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof(name), "recipient number %d", i);
        add(message, name, MAPI_TO);
    }
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    message = message_open(fx->store, id);
    rows = rows_of(message, tags, 2);
    assert_int_equal(rows->cRows, 10000);
    assert_string_equal(rows->aRow[9999].lpProps[0].Value.lpszA, "recipient number 9999");
    mapi_free_rows(rows);
    release_last(message);
    mapi_free(id);
}

#define INBOX_TEST(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX_TEST(table__no_recipients__empty),
        INBOX_TEST(modify__add_and_replace__list_follows),
        INBOX_TEST(modify__by_row__that_row_only),
        INBOX_TEST(modify__reopened_and_more_added__no_row_twice),
        INBOX_TEST(modify__bad_arguments__nothing_changes),
        INBOX_TEST(modify__null_and_error_values__fail_or_skipped),
        INBOX_TEST(modify__rows_read_from_the_table__accepted),
        INBOX_TEST(modify__saved_or_not__permanent_or_gone),
        INBOX_TEST(delete_props__recipients__all_gone),
        INBOX_TEST(recipient_type__any__as_supplied),
        INBOX_TEST(properties__supplied__columns_of_the_reopened_message),
        INBOX_TEST(display_names__saved__by_type),
        INBOX_TEST(many__ten_thousand__all_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
