/* SPDX-License-Identifier: MIT */
/*
 * test_table_columns.c - what the columns of contents and hierarchy tables hold.
 */
#include "com/table_line.h"

#define WORDS PROP_TAG(PT_MV_UNICODE, 0x6803)
#define WORDS_EACH MVI_PROP(PROP_TAG(PT_UNICODE, 0x6803))
#define NUMBERS PROP_TAG(PT_MV_LONG, 0x6804)
#define NUMBERS_EACH MVI_PROP(PROP_TAG(PT_LONG, 0x6804))

static bool has_column(LPSPropTagArray tags, ULONG tag)
{
    for (ULONG i = 0; i < tags->cValues; i++) {
        if (tags->aulPropTag[i] == tag)
            return true;
    }
    return false;
}

static LPSPropTagArray columns_of(IMAPITable *table, ULONG flags)
{
    LPSPropTagArray tags = POISON;

    assert_ok(table->lpVtbl->QueryColumns(table, flags, &tags));
    assert_non_null(tags);
    assert_true(tags->cValues > 0);
    return tags;
}

static void assert_has_columns(IMAPITable *table, const ULONG *tags, size_t count)
{
    LPSPropTagArray now = columns_of(table, 0);
    LPSPropTagArray all = columns_of(table, TBL_ALL_COLUMNS);

    for (size_t i = 0; i < count; i++) {
        if (!has_column(now, tags[i]) || !has_column(all, tags[i]))
            fail_msg("column 0x%08lx", (unsigned long)tags[i]);
    }
    mapi_free(now);
    mapi_free(all);
}

static IMAPITable *open_contents(struct fixture *fx, ULONG flags)
{
    IMAPITable *table = POISON;

    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, flags, &table));
    return table;
}

static IMessage *create(struct fixture *fx, ULONG flags)
{
    IMessage *message = POISON;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, flags, &message));
    return message;
}

static void save_and_release(IMessage *message)
{
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

/* A multi-value of one-letter texts, and one of numbers. */
static void set_values(
        IMessage *message, const char16_t *letters, const LONG *numbers, ULONG number_count)
{
    WCHAR texts[8][2] = { { 0 } };
    LPWSTR list[8];
    SPropValue values[2] = { { .ulPropTag = WORDS }, { .ulPropTag = NUMBERS } };
    LONG copy[8];
    ULONG count = 0;

    for (; letters[count] != 0; count++) {
        texts[count][0] = letters[count];
        list[count] = texts[count];
    }
    for (ULONG i = 0; i < number_count; i++)
        copy[i] = numbers[i];
    values[0].Value.MVszW.cValues = count;
    values[0].Value.MVszW.lppszW = list;
    values[1].Value.MVl.cValues = number_count;
    values[1].Value.MVl.lpl = copy;
    assert_ok(message->lpVtbl->SetProps(message, number_count > 0 ? 2 : 1, values, NULL));
}

/* --- contents tables -------------------------------------------------------------------------- */

/* table-columns.Contents.1 table-columns.Contents.2 table-columns.Contents.3
 * IMAPITable.QueryColumns.1 IMAPITable.QueryColumns.2 IMAPITable.QueryColumns.3
 * table-columns.Associated.1 */
static void contents__default_columns__are_the_required_ones(void **state)
{
    static const ULONG required[] = { PR_ENTRYID, PR_INSTANCE_KEY, PR_RECORD_KEY, PR_OBJECT_TYPE,
        PR_PARENT_ENTRYID, PR_STORE_ENTRYID, PR_STORE_RECORD_KEY, PR_MAPPING_SIGNATURE,
        PR_MESSAGE_CLASS_W, PR_MESSAGE_FLAGS, PR_MESSAGE_SIZE, PR_MSG_STATUS, PR_HASATTACH,
        PR_LAST_MODIFICATION_TIME, PR_DISPLAY_TO_W, PR_DISPLAY_CC_W };
    struct fixture *fx = *state;
    IMAPITable *table = open_contents(fx, MAPI_UNICODE);

    assert_has_columns(table, required, COUNT_OF(required));
    release_last(table);
    table = open_contents(fx, MAPI_UNICODE | MAPI_ASSOCIATED);
    assert_has_columns(table, required, COUNT_OF(required));
    release_last(table);
}

/* IMAPITable.QueryColumns.1 IMAPITable.SetColumns.1 IMAPITable.QueryRows.8 */
static void columns__set__are_told_and_delivered_in_order(void **state)
{
    static const ULONG tags[] = { PR_IMPORTANCE, PR_SUBJECT_W, PR_IMPORTANCE };
    struct fixture *fx = *state;
    IMAPITable *table = open_contents(fx, MAPI_UNICODE);
    LPSPropTagArray now;
    LPSRowSet rows;

    add_mail(fx->inbox, "x", NULL, true);
    add_mail(fx->inbox, "y", NULL, true);
    set_columns(table, tags, 3);
    now = columns_of(table, 0);
    assert_int_equal(now->cValues, 3);
    assert_memory_equal(now->aulPropTag, tags, sizeof(tags));
    mapi_free(now);
    rows = query(table, 9, 0);
    assert_int_equal(rows->cRows, 2);
    for (ULONG i = 0; i < rows->cRows; i++) {
        assert_int_equal(rows->aRow[i].cValues, 3);
        for (ULONG k = 0; k < 3; k++)
            assert_int_equal(values_of(rows, i)[k].ulPropTag, tags[k]);
    }
    mapi_free_rows(rows);
    release_last(table);
}

/* IMAPITable.SetColumns.2 */
static void set_columns__none__refused_and_old_ones_stay(void **state)
{
    struct fixture *fx = *state;
    IMAPITable *table = open_contents(fx, 0);
    SPropTagArray one = { 1, { PR_SUBJECT_W } };
    LPSPropTagArray now;

    assert_ok(table->lpVtbl->SetColumns(table, &one, TBL_BATCH));
    assert_hr(table->lpVtbl->SetColumns(table, NULL, 0), MAPI_E_INVALID_PARAMETER);
    one.cValues = 0;
    assert_hr(table->lpVtbl->SetColumns(table, &one, 0), MAPI_E_INVALID_PARAMETER);
    one.cValues = 0xFFFFFFFF;
    assert_hr(table->lpVtbl->SetColumns(table, &one, 0), MAPI_E_INVALID_PARAMETER);
    one.cValues = 1;
    assert_hr(table->lpVtbl->SetColumns(table, &one, 0x40), MAPI_E_UNKNOWN_FLAGS);
    now = columns_of(table, 0);
    assert_int_equal(now->cValues, 1);
    assert_int_equal(now->aulPropTag[0], PR_SUBJECT_W);
    mapi_free(now);
    assert_hr(table->lpVtbl->QueryColumns(table, 0, NULL), MAPI_E_INVALID_PARAMETER);
    release_last(table);
}

/* IMAPITable.SetColumns.3 IMAPITable.SetColumns.4 IMAPITable.SetColumns.5 IMAPITable.SetColumns.6
 * IMAPITable.QueryRows.9 IMAPITable.QueryRows.15 */
static void columns__of_every_kind__hold_value_error_or_null(void **state)
{
    static const ULONG tags[] = { PR_NULL, PR_SUBJECT_W, PR_SUBJECT_A,
        PROP_TAG(PT_UNSPECIFIED, PROP_ID(PR_SUBJECT)), PROP_TAG(PT_LONG, PROP_ID(PR_SUBJECT)),
        PROP_TAG(PT_UNSPECIFIED, PROP_ID(PR_IMPORTANCE)), PROP_TAG(PT_LONG, 0x6777),
        PR_MESSAGE_RECIPIENTS, PR_NULL };
    struct fixture *fx = *state;
    SPropTagArray *array = malloc(sizeof(*array) + sizeof(tags));

    add_mail(fx->inbox, "x", NULL, true);
    for (int unicode = 0; unicode < 2; unicode++) {
        IMAPITable *table = open_contents(fx, unicode ? MAPI_UNICODE : 0);
        LPSRowSet rows;
        const SPropValue *values;

        array->cValues = COUNT_OF(tags);
        memcpy(array->aulPropTag, tags, sizeof(tags));
        assert_ok(table->lpVtbl->SetColumns(table, array, TBL_ASYNC));
        assert_ok(table->lpVtbl->WaitForCompletion(table, 0, 0xFFFFFFFF, NULL));
        rows = query(table, 1, 0);
        assert_int_equal(rows->aRow[0].cValues, COUNT_OF(tags));
        values = values_of(rows, 0);
        assert_int_equal(values[0].ulPropTag, PR_NULL);
        assert_int_equal(values[1].ulPropTag, PR_SUBJECT_W);
        assert_int_equal(values[1].Value.lpszW[0], 'x');
        assert_int_equal(values[2].ulPropTag, PR_SUBJECT_A);
        assert_string_equal(values[2].Value.lpszA, "x");
        assert_int_equal(values[3].ulPropTag, unicode ? PR_SUBJECT_W : PR_SUBJECT_A);
        assert_int_equal(values[4].ulPropTag, PROP_TAG(PT_ERROR, PROP_ID(PR_SUBJECT)));
        assert_int_equal(values[4].Value.err, MAPI_E_NOT_FOUND);
        assert_int_equal(values[5].ulPropTag, PR_IMPORTANCE);
        assert_int_equal(values[6].ulPropTag, PROP_TAG(PT_ERROR, 0x6777));
        assert_int_equal(values[6].Value.err, MAPI_E_NOT_FOUND);
        assert_int_equal(values[7].ulPropTag, PROP_TAG(PT_ERROR, PROP_ID(PR_MESSAGE_RECIPIENTS)));
        assert_int_equal(values[8].ulPropTag, PR_NULL);
        mapi_free_rows(rows);
        release_last(table);
    }
    free(array);
}

/* IMAPIContainer.GetContentsTable.4 IMAPIContainer.GetHierarchyTable.5 */
static void default_text_columns__have_the_width_asked_for(void **state)
{
    struct fixture *fx = *state;
    IMAPITable *tables[4];

    tables[0] = open_contents(fx, MAPI_UNICODE);
    tables[1] = open_contents(fx, 0);
    assert_ok(fx->inbox->lpVtbl->GetHierarchyTable(fx->inbox, MAPI_UNICODE, &tables[2]));
    assert_ok(fx->inbox->lpVtbl->GetHierarchyTable(fx->inbox, 0, &tables[3]));
    for (int i = 0; i < 4; i++) {
        LPSPropTagArray tags = columns_of(tables[i], 0);
        ULONG expected = i % 2 == 0 ? PT_UNICODE : PT_STRING8;
        ULONG texts = 0;

        for (ULONG k = 0; k < tags->cValues; k++) {
            ULONG type = PROP_TYPE(tags->aulPropTag[k]);

            if (type != PT_UNICODE && type != PT_STRING8)
                continue;
            assert_int_equal(type, expected);
            texts++;
        }
        assert_true(texts >= 2);
        mapi_free(tags);
        release_last(tables[i]);
    }
}

/* IMAPIContainer.GetContentsTable.6 IMAPIContainer.GetHierarchyTable.8 */
static void soft_deletes__there_are_none__not_supported(void **state)
{
    struct fixture *fx = *state;
    IMAPITable *table = POISON;

    assert_hr(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, SHOW_SOFT_DELETES, &table),
            MAPI_E_NO_SUPPORT);
    assert_null(table);
    table = POISON;
    assert_hr(fx->inbox->lpVtbl->GetHierarchyTable(fx->inbox, SHOW_SOFT_DELETES, &table),
            MAPI_E_NO_SUPPORT);
    assert_null(table);
}

/* Each flag alone and with those that are known; none that is unknown is passed over.
 * Errors.Codes.2 IMAPIContainer.GetContentsTable.6 IMAPIContainer.GetHierarchyTable.8 */
static void flags__every_bit__taken_or_refused(void **state)
{
    const ULONG known[2] = { MAPI_UNICODE | MAPI_DEFERRED_ERRORS | MAPI_ASSOCIATED,
        MAPI_UNICODE | MAPI_DEFERRED_ERRORS | CONVENIENT_DEPTH };
    struct fixture *fx = *state;

    for (ULONG i = 0; i < 32 * 2 * 2; i++) {
        bool is_hierarchy = i % 2 != 0;
        ULONG bit = 1u << i / 4;
        ULONG flags = bit | (i / 2 % 2 ? known[is_hierarchy] : 0);
        HRESULT expected = MAPI_E_UNKNOWN_FLAGS;
        IMAPITable *table = POISON;
        HRESULT hr;

        if ((bit & known[is_hierarchy]) != 0)
            expected = S_OK;
        else if (bit == SHOW_SOFT_DELETES)
            expected = MAPI_E_NO_SUPPORT;
        hr = is_hierarchy ? fx->inbox->lpVtbl->GetHierarchyTable(fx->inbox, flags, &table)
                          : fx->inbox->lpVtbl->GetContentsTable(fx->inbox, flags, &table);
        assert_hr(hr, expected);
        if (SUCCEEDED(hr))
            release_last(table);
        assert_null(table);
    }
    assert_hr(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, 0, NULL), MAPI_E_INVALID_PARAMETER);
    assert_hr(fx->inbox->lpVtbl->GetHierarchyTable(fx->inbox, 0, NULL), MAPI_E_INVALID_PARAMETER);
}

/* IMAPIContainer.GetContentsTable.1 IMAPIContainer.GetContentsTable.2 table-columns.Associated.1 */
static void associated_messages__have_their_own_table(void **state)
{
    struct fixture *fx = *state;
    IMessage *message;
    IMAPITable *table;
    LPSRowSet rows;

    add_mail(fx->inbox, "normal", NULL, true);
    message = create(fx, MAPI_ASSOCIATED);
    prop_set_text(message, PR_SUBJECT_W, "hidden");
    save_and_release(message);
    message = create(fx, 0); /* never saved */

    table = open_contents(fx, MAPI_UNICODE);
    set_line_columns(table);
    assert_string_equal(table_line(table), "normal");
    assert_int_equal(row_count(table), 1);
    release_last(table);
    table = open_contents(fx, MAPI_UNICODE | MAPI_ASSOCIATED);
    assert_int_equal(row_count(table), 1);
    set_line_columns(table);
    assert_string_equal(table_line(table), "hidden");
    rows = table_rows(table, (const ULONG[]){ PR_MESSAGE_FLAGS }, 1);
    assert_true((values_of(rows, 0)[0].Value.l & MSGFLAG_ASSOCIATED) != 0);
    mapi_free_rows(rows);
    release_last(table);
    release_last(message);
}

/* Bytes of a value that can be compared; what is behind pointers included. */
static void assert_same_value(const SPropValue *a, const SPropValue *b)
{
    assert_int_equal(a->ulPropTag, b->ulPropTag);
    switch (PROP_TYPE(a->ulPropTag)) {
    case PT_UNICODE:
        assert_int_equal(host_text_utf16_length((const uint16_t *)a->Value.lpszW),
                host_text_utf16_length((const uint16_t *)b->Value.lpszW));
        assert_memory_equal(a->Value.lpszW, b->Value.lpszW,
                2 * host_text_utf16_length((const uint16_t *)a->Value.lpszW));
        break;
    case PT_BINARY:
        assert_int_equal(a->Value.bin.cb, b->Value.bin.cb);
        assert_memory_equal(a->Value.bin.lpb, b->Value.bin.lpb, a->Value.bin.cb);
        break;
    case PT_BOOLEAN:
        assert_int_equal(a->Value.b, b->Value.b);
        break;
    case PT_SYSTIME:
        assert_memory_equal(&a->Value.ft, &b->Value.ft, sizeof(a->Value.ft));
        break;
    default:
        assert_int_equal(a->Value.l, b->Value.l);
        break;
    }
}

/* table-columns.Contents.4 table-columns.Contents.5 table-columns.Contents.6
 * table-columns.Contents.7 table-columns.Contents.8 table-columns.Contents.9
 * table-columns.EntryId.3 IMAPITable.SetColumns.13 */
static void contents__columns__hold_what_the_message_says(void **state)
{
    struct fixture *fx = *state;
    MAPINAMEID name = { .ulKind = MNID_ID };
    GUID guid = { 0x12345678, 1, 2, { 3 } };
    LPMAPINAMEID names = &name;
    LPSPropTagArray named = POISON;
    IMessage *message = create(fx, 0);
    SPropValue *id, *cells;
    ULONG cell_count;
    ULONG tags[32] = { PR_ENTRYID, PR_RECORD_KEY, PR_OBJECT_TYPE, PR_PARENT_ENTRYID,
        PR_STORE_ENTRYID, PR_STORE_RECORD_KEY, PR_MAPPING_SIGNATURE, PR_MESSAGE_CLASS_W,
        PR_MESSAGE_FLAGS, PR_MESSAGE_SIZE, PR_HASATTACH, PR_LAST_MODIFICATION_TIME, PR_DISPLAY_TO_W,
        PR_DISPLAY_CC_W, PR_SUBJECT_W, PR_NORMALIZED_SUBJECT_W, PR_SENDER_NAME_W, PR_IMPORTANCE,
        PR_PRIORITY, PR_SENSITIVITY, PR_MESSAGE_DELIVERY_TIME, PR_CLIENT_SUBMIT_TIME,
        PR_CREATION_TIME, PR_CONVERSATION_TOPIC_W, PROP_TAG(PT_UNICODE, 0x6700) };
    ULONG count = 25;
    IMAPITable *table;
    LPSRowSet rows;
    SPropTagArray *array;

    name.lpguid = &guid;
    name.Kind.lID = 77;
    assert_ok(message->lpVtbl->GetIDsFromNames(message, 1, &names, MAPI_CREATE, &named));
    tags[count++] = CHANGE_PROP_TYPE(named->aulPropTag[0], PT_LONG);
    mapi_free(named);
    prop_set_text(message, PR_MESSAGE_CLASS_W, "IPM.Note.Odd");
    prop_set_text(message, PR_SUBJECT_W, "Re: \xC3\xBC\xE2\x82\xAC");
    prop_set_text(message, PR_SENDER_NAME_W, "Someone");
    prop_set_time(message, PR_MESSAGE_DELIVERY_TIME, 131000000000000000u);
    prop_set_time(message, PR_CLIENT_SUBMIT_TIME, 130000000000000000u);
    prop_set_text(message, PROP_TAG(PT_UNICODE, 0x6700), "free");
    prop_set_long(message, tags[25], 4711);
    save_and_release(message);

    table = open_contents(fx, MAPI_UNICODE);
    array = malloc(sizeof(*array) + sizeof(tags));
    array->cValues = count;
    memcpy(array->aulPropTag, tags, count * sizeof(*tags));
    assert_ok(table->lpVtbl->SetColumns(table, array, 0));
    rows = query(table, 1, 0);
    id = &values_of(rows, 0)[0];
    message = message_open(fx->store, id);
    assert_true(SUCCEEDED(
            message->lpVtbl->GetProps(message, array, MAPI_UNICODE, &cell_count, &cells)));
    for (ULONG i = 0; i < count; i++) {
        if (PROP_TYPE(cells[i].ulPropTag) == PT_ERROR && tags[i] != PR_CONVERSATION_TOPIC_W)
            fail_msg("the message has no 0x%08lx", (unsigned long)tags[i]);
        assert_same_value(&values_of(rows, 0)[i], &cells[i]);
    }
    assert_int_equal(values_of(rows, 0)[2].Value.l, MAPI_MESSAGE);
    assert_int_equal(values_of(rows, 0)[25].Value.l, 4711);
    mapi_free_rows(rows);
    mapi_free(cells);
    release_last(message);

    rows = table_rows(table,
            (const ULONG[]){
                    PR_ENTRYID, PR_LONGTERM_ENTRYID_FROM_TABLE, PR_ACCESS, PR_SENSITIVITY },
            4);
    assert_int_equal(values_of(rows, 0)[1].ulPropTag, PR_LONGTERM_ENTRYID_FROM_TABLE);
    message = message_open(fx->store, &values_of(rows, 0)[1]);
    release_last(message);
    assert_int_equal(values_of(rows, 0)[2].ulPropTag, PR_ACCESS);
    assert_int_equal(values_of(rows, 0)[2].Value.l &
                             ~(MAPI_ACCESS_MODIFY | MAPI_ACCESS_READ | MAPI_ACCESS_DELETE),
            0);
    assert_int_equal(values_of(rows, 0)[3].ulPropTag, PR_SENSITIVITY);
    assert_int_equal(values_of(rows, 0)[3].Value.l, 0);
    mapi_free_rows(rows);
    free(array);
    release_last(table);
}

/* IMAPITable.SetColumns.8 IMAPITable.SetColumns.9 IMAPITable.SetColumns.10 IMAPITable.SetColumns.12
 * IMAPITable.SetColumns.11 */
static void mvi_columns__m_and_n_values__m_times_n_rows(void **state)
{
    static const ULONG tags[] = { PR_SUBJECT_W, WORDS_EACH, NUMBERS_EACH, PR_INSTANCE_KEY };
    static const LONG numbers[] = { 7, 8 };
    struct fixture *fx = *state;
    IMessage *message = create(fx, 0);
    IMAPITable *table;
    LPSRowSet rows;
    BOOKMARK made;

    prop_set_text(message, PR_SUBJECT_W, "many");
    set_values(message, u"xyz", numbers, 2);
    save_and_release(message);
    add_mail(fx->inbox, "none", NULL, true);
    table = open_contents(fx, MAPI_UNICODE);
    assert_int_equal(row_count(table), 2);
    seek(table, BOOKMARK_BEGINNING, 1);
    made = bookmark(table);
    set_columns(table, tags, 4);
    assert_hr(table->lpVtbl->SeekRow(table, made, 0, NULL), MAPI_E_INVALID_BOOKMARK);
    assert_int_equal(row_count(table), 7);
    seek(table, BOOKMARK_BEGINNING, 0);
    rows = query(table, 99, 0);
    assert_int_equal(rows->cRows, 7);
    for (ULONG i = 0; i < 6; i++) {
        const SPropValue *values = values_of(rows, i);

        assert_int_equal(values[0].Value.lpszW[0], 'm');
        assert_int_equal(values[1].ulPropTag, PROP_TAG(PT_UNICODE, 0x6803));
        assert_int_equal(values[1].Value.lpszW[0], "xyz"[i / 2]);
        assert_int_equal(values[2].ulPropTag, PROP_TAG(PT_LONG, 0x6804));
        assert_int_equal(values[2].Value.l, numbers[i % 2]);
        for (ULONG k = 0; k < i; k++)
            assert_memory_not_equal(values[3].Value.bin.lpb, values_of(rows, k)[3].Value.bin.lpb,
                    values[3].Value.bin.cb);
    }
    assert_int_equal(values_of(rows, 6)[1].ulPropTag, PROP_TAG(PT_ERROR, 0x6803));
    assert_int_equal(values_of(rows, 6)[1].Value.err, MAPI_E_NOT_FOUND);
    mapi_free_rows(rows);
    set_line_columns(table);
    assert_string_equal(table_line(table), "many none");
    release_last(table);
}

/* IMAPITable.SortTable.8 IMAPITable.SortTable.9 */
static void multi_values__as_sort_keys__whole_or_each(void **state)
{
    struct fixture *fx = *state;
    IMAPITable *table;

    static const struct {
        const char *subject;
        const char16_t *letters;
    } mails[] = { { "p", u"ba" }, { "q", u"ab" }, { "r", u"a" }, { "s", u"ac" } };

    for (size_t i = 0; i < COUNT_OF(mails); i++) {
        IMessage *message = create(fx, 0);

        prop_set_text(message, PR_SUBJECT_W, mails[i].subject);
        set_values(message, mails[i].letters, NULL, 0);
        save_and_release(message);
    }
    table = contents_table(fx->inbox);
    sort(table, &(struct sort_order){ 1, 0, 0, { { WORDS, 0 } } });
    assert_string_equal(table_line(table), "q s r p"); /* null behind b and c */
    sort(table, &(struct sort_order){ 1, 0, 0, { { WORDS_EACH, 0 } } });
    assert_string_equal(table_line(table), "p q r s p q s");
    release_last(table);
}

/* restriction.SUBRESTRICTION.1 restriction.SUBRESTRICTION.2 restriction.SUBRESTRICTION.3
 * restriction.SUBRESTRICTION.4 */
static void subobject_restrictions__look_at_recipients_and_attachments(void **state)
{
    struct fixture *fx = *state;
    SPropValue name = text_value(PR_DISPLAY_NAME_W, u"Anna");
    SPropValue file = text_value(PR_ATTACH_FILENAME_W, u"a.txt");
    SRestriction is_name = compare_with(RELOP_EQ, &name);
    SRestriction is_file = compare_with(RELOP_EQ, &file);
    SRestriction not_name = { .rt = RES_NOT };
    SRestriction sub = { .rt = RES_SUBRESTRICTION };
    SPropValue recipient[2];
    ADRLIST list = { 1, { { 0, 2, recipient } } };
    IMessage *message = create(fx, 0);
    IAttach *attach = NULL;
    IMAPITable *table;
    ULONG number;

    prop_set_text(message, PR_SUBJECT_W, "to-anna");
    recipient[0] = long_value(PR_RECIPIENT_TYPE, MAPI_TO);
    recipient[1] = name;
    assert_ok(message->lpVtbl->ModifyRecipients(message, 0, &list));
    save_and_release(message);
    message = create(fx, 0);
    prop_set_text(message, PR_SUBJECT_W, "with-file");
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    prop_set_text(attach, PR_ATTACH_FILENAME_W, "a.txt");
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
    save_and_release(message);
    add_mail(fx->inbox, "bare", NULL, true);

    table = contents_table(fx->inbox);
    sub.res.resSub.ulSubObject = PR_MESSAGE_RECIPIENTS;
    sub.res.resSub.lpRes = &is_name;
    assert_ok(table->lpVtbl->Restrict(table, &sub, 0));
    assert_string_equal(table_line(table), "to-anna");
    sub.res.resSub.ulSubObject = PR_MESSAGE_ATTACHMENTS;
    sub.res.resSub.lpRes = &is_file;
    assert_ok(table->lpVtbl->Restrict(table, &sub, 0));
    assert_string_equal(table_line(table), "with-file");
    /* no recipients, no match, whatever the child says */
    not_name.res.resNot.lpRes = &is_file;
    sub.res.resSub.ulSubObject = PR_MESSAGE_RECIPIENTS;
    sub.res.resSub.lpRes = &not_name;
    assert_ok(table->lpVtbl->Restrict(table, &sub, 0));
    assert_string_equal(table_line(table), "to-anna");
    release_last(table);
    assert_ok(fx->inbox->lpVtbl->GetHierarchyTable(fx->inbox, 0, &table));
    assert_hr(table->lpVtbl->Restrict(table, &sub, 0), MAPI_E_TOO_COMPLEX);
    release_last(table);
}

/* --- hierarchy tables ------------------------------------------------------------------------- */

/* table-columns.Hierarchy.1 table-columns.Hierarchy.2 IMAPITable.QueryColumns.3 */
static void hierarchy__default_columns__are_the_required_ones(void **state)
{
    static const ULONG required[] = { PR_DISPLAY_NAME_W, PR_COMMENT_W, PR_ENTRYID, PR_INSTANCE_KEY,
        PR_OBJECT_TYPE, PR_DISPLAY_TYPE, PR_STATUS, PR_DEPTH, PR_FOLDER_TYPE, PR_SUBFOLDERS,
        PR_CONTENT_COUNT, PR_CONTENT_UNREAD };
    struct fixture *fx = *state;
    IMAPITable *table = POISON;

    assert_ok(fx->inbox->lpVtbl->GetHierarchyTable(fx->inbox, MAPI_UNICODE, &table));
    assert_has_columns(table, required, COUNT_OF(required));
    release_last(table);
}

/* The rows of a hierarchy table as "name/depth ...". */
static const char *tree_line(IMAPITable *table)
{
    static char line[1024];
    LPSRowSet rows =
            table_rows(table, (const ULONG[]){ PR_DISPLAY_NAME_W, PR_DEPTH, PR_OBJECT_TYPE }, 3);

    line[0] = '\0';
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *values = values_of(rows, i);

        if (i > 0)
            strcat(line, " ");
        put_text(line, sizeof(line), &values[0]);
        assert_int_equal(values[1].ulPropTag, PR_DEPTH);
        snprintf(line + strlen(line), sizeof(line) - strlen(line), "/%d", (int)values[1].Value.l);
        assert_int_equal(values[2].Value.l, MAPI_FOLDER);
    }
    mapi_free_rows(rows);
    return line;
}

/* IMAPIContainer.GetHierarchyTable.1 IMAPIContainer.GetHierarchyTable.2
 * IMAPIContainer.GetHierarchyTable.3 IMAPIContainer.GetHierarchyTable.4
 * IMAPIContainer.GetHierarchyTable.7 IMAPITable.GetStatus.4 table-columns.Hierarchy.3 */
static void hierarchy__flat_and_deep(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *b, *inner, *other;
    IMAPITable *flat = POISON, *deep = POISON;

    assert_ok(fx->inbox->lpVtbl->GetHierarchyTable(fx->inbox, MAPI_UNICODE, &flat));
    assert_ok(fx->inbox->lpVtbl->GetHierarchyTable(
            fx->inbox, MAPI_UNICODE | CONVENIENT_DEPTH, &deep));
    assert_string_equal(tree_line(flat), "");
    assert_string_equal(tree_line(deep), "");
    b = folder_make(fx->inbox, "b");
    inner = folder_make(b, "inner");
    other = folder_make(inner, "leaf");
    release_last(other);
    other = folder_make(b, "aside");
    release_last(other);
    other = folder_make(fx->inbox, "a");
    release_last(other);
    assert_string_equal(tree_line(flat), "a/0 b/0");
    assert_string_equal(tree_line(deep), "a/0 b/0 aside/1 inner/1 leaf/2");
    sort(deep, &(struct sort_order){ 1, 0, 0, { { PR_DISPLAY_NAME_W, TABLE_SORT_DESCEND } } });
    assert_string_equal(tree_line(deep), "leaf/2 inner/1 b/0 aside/1 a/0");
    release_last(flat);
    release_last(deep);
    release_last(inner);
    release_last(b);
}

/* table-columns.Hierarchy.4 table-columns.EntryId.2 table-columns.Hierarchy.2 */
static void hierarchy__columns__hold_what_the_folder_says(void **state)
{
    static const ULONG tags[] = { PR_ENTRYID, PR_DISPLAY_TYPE, PR_CONTENT_COUNT, PR_CONTENT_UNREAD,
        PR_SUBFOLDERS, PR_FOLDER_TYPE, PR_STATUS, PR_DISPLAY_NAME_W };
    struct fixture *fx = *state;
    IMAPIFolder *sub = folder_make(fx->inbox, "sub");
    IMAPIFolder *again, *below;
    IMAPITable *table = POISON;
    LPSRowSet rows;
    const SPropValue *values;

    add_mail(sub, "x", NULL, true);
    add_mail(sub, "y", NULL, false);
    below = folder_make(sub, "below");
    assert_ok(fx->inbox->lpVtbl->GetHierarchyTable(fx->inbox, 0, &table));
    rows = table_rows(table, tags, COUNT_OF(tags));
    assert_int_equal(rows->cRows, 1);
    values = values_of(rows, 0);
    for (ULONG i = 0; i < COUNT_OF(tags); i++)
        assert_int_equal(values[i].ulPropTag, tags[i]);
    assert_int_equal(values[1].Value.l, DT_FOLDER);
    assert_int_equal(values[2].Value.l, 2);
    assert_int_equal(values[3].Value.l, 1);
    assert_true(values[4].Value.b);
    assert_int_equal(values[5].Value.l, FOLDER_GENERIC);
    again = folder_open(fx->store, &values[0]);
    prop_assert_text(again, PR_DISPLAY_NAME_W, "sub");
    assert_int_equal(prop_long(again, PR_CONTENT_COUNT), 2);
    mapi_free_rows(rows);
    release_last(table);
    release_last(again);
    release_last(below);
    release_last(sub);
}

/* IMAPITable.FindRow.8 IMAPITable.CreateBookmark.1 */
static void hierarchy__find_and_bookmark(void **state)
{
    struct fixture *fx = *state;
    SPropValue name = text_value(PR_DISPLAY_NAME_W, u"c");
    SRestriction is_c = compare_with(RELOP_EQ, &name);
    IMAPIFolder *folder;
    IMAPITable *table = POISON;
    BOOKMARK made;

    for (const char *const *at = (const char *const[]){ "d", "c", "b", NULL }; *at != NULL; at++) {
        folder = folder_make(fx->inbox, *at);
        release_last(folder);
    }
    assert_ok(fx->inbox->lpVtbl->GetHierarchyTable(fx->inbox, 0, &table));
    assert_ok(table->lpVtbl->FindRow(table, &is_c, BOOKMARK_BEGINNING, 0));
    assert_int_equal(cursor_row(table), 1);
    made = bookmark(table);
    folder = folder_make(fx->inbox, "a");
    release_last(folder);
    seek(table, made, 0);
    assert_int_equal(cursor_row(table), 2);
    assert_ok(table->lpVtbl->Restrict(table, &is_c, 0));
    assert_string_equal(tree_line(table), "c/0");
    release_last(table);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(contents__default_columns__are_the_required_ones),
        TEST(columns__set__are_told_and_delivered_in_order),
        TEST(set_columns__none__refused_and_old_ones_stay),
        TEST(columns__of_every_kind__hold_value_error_or_null),
        TEST(default_text_columns__have_the_width_asked_for),
        TEST(soft_deletes__there_are_none__not_supported),
        TEST(flags__every_bit__taken_or_refused),
        TEST(associated_messages__have_their_own_table),
        TEST(contents__columns__hold_what_the_message_says),
        TEST(mvi_columns__m_and_n_values__m_times_n_rows),
        TEST(multi_values__as_sort_keys__whole_or_each),
        TEST(subobject_restrictions__look_at_recipients_and_attachments),
        TEST(hierarchy__default_columns__are_the_required_ones),
        TEST(hierarchy__flat_and_deep),
        TEST(hierarchy__columns__hold_what_the_folder_says),
        TEST(hierarchy__find_and_bookmark),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
