/* SPDX-License-Identifier: MIT */
/*
 * test_folder_items.c - IMAPIFolder's methods on messages: create, delete, read flags, status,
 * empty.
 */
#include "support/support.h"

static IMessage *create(IMAPIFolder *folder, ULONG flags)
{
    IMessage *message = POISON;

    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, flags, &message));
    return message;
}

static ULONG rows(IMAPIFolder *folder, ULONG flags)
{
    IMAPITable *table = NULL;
    ULONG count = POISON_LONG;

    assert_ok(folder->lpVtbl->GetContentsTable(folder, flags, &table));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    release_last(table);
    return count;
}

static ENTRYLIST list_of(SBinary *bins, SPropValue *const *ids, ULONG count)
{
    ENTRYLIST list = { count, bins };

    for (ULONG i = 0; i < count; i++)
        bins[i] = ids[i]->Value.bin;
    return list;
}

static LPENTRYID id_of(const SPropValue *value)
{
    return (LPENTRYID)(void *)value->Value.bin.lpb;
}

static HRESULT open_message(IMsgStore *store, const SPropValue *id, IMessage **out)
{
    ULONG type = 0;

    *out = POISON;
    return store->lpVtbl->OpenEntry(
            store, id->Value.bin.cb, id_of(id), NULL, 0, &type, (LPUNKNOWN *)(void *)out);
}

static LONG message_flags(IMsgStore *store, const SPropValue *id)
{
    IMessage *message;
    LONG flags;

    assert_ok(open_message(store, id, &message));
    flags = prop_long(message, PR_MESSAGE_FLAGS);
    release_last(message);
    return flags;
}

/* --- CreateMessage ------------------------------------------------------------------------------
 */

/* IMAPIFolder.CreateMessage.1 IMAPIFolder.CreateMessage.2 IMAPIFolder.CreateMessage.4
 * IMAPIFolder.CreateMessage.6 */
static void create_message__saved_or_not__in_the_table_or_no_trace(void **state)
{
    struct fixture *fx = *state;
    IMessage *kept = create(fx->inbox, 0);
    IMessage *dropped = create(fx->inbox, 0);
    IAttach *attach = NULL;
    ULONG number = 0;

    prop_set_text(kept, PR_SUBJECT_W, "kept");
    prop_set_text(dropped, PR_SUBJECT_W, "dropped");
    assert_ok(dropped->lpVtbl->CreateAttach(dropped, NULL, 0, &number, &attach));
    release_last(attach);
    assert_int_equal(rows(fx->inbox, 0), 0);
    assert_ok(kept->lpVtbl->SaveChanges(kept, 0));
    release_last(kept);
    release_last(dropped);
    assert_int_equal(rows(fx->inbox, 0), 1);
    fixture_reopen(fx);
    assert_int_equal(rows(fx->inbox, 0), 1);
}

/* IMAPIFolder.CreateMessage.3 IMAPIContainer.GetContentsTable.2 */
static void create_message__associated__in_its_own_table_only(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx->inbox, MAPI_ASSOCIATED);

    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    assert_true((prop_long(message, PR_MESSAGE_FLAGS) & MSGFLAG_ASSOCIATED) != 0);
    release_last(message);
    assert_int_equal(rows(fx->inbox, 0), 0);
    assert_int_equal(rows(fx->inbox, MAPI_ASSOCIATED), 1);
}

/* IMAPIFolder.CreateMessage.5 IMAPIFolder.CreateMessage.9 IMAPIProp.General.3 */
static void create_message__interfaces_and_flags__taken_or_refused(void **state)
{
    static const IID *const taken[] = { &IID_IUnknown, &IID_IMAPIProp, &IID_IMessage };
    static const IID *const refused[] = { &IID_IMAPIFolder, &IID_IMAPITable, &IID_IMsgStore };
    struct fixture *fx = *state;
    IMessage *message;

    for (size_t i = 0; i < 3; i++) {
        message = POISON;
        assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, taken[i], 0x800, &message));
        release_last(message);
        message = POISON;
        assert_hr(fx->inbox->lpVtbl->CreateMessage(fx->inbox, refused[i], 0, &message),
                MAPI_E_INTERFACE_NOT_SUPPORTED);
        assert_null(message);
    }
    message = POISON;
    assert_hr(
            fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0x2, &message), MAPI_E_UNKNOWN_FLAGS);
    assert_null(message);
}

/* IMAPIFolder.CreateMessage.7 EntryID.Reuse.1 EntryID.Reuse.2 */
static void create_message__after_deletions__ids_are_never_used_again(void **state)
{
    enum { ROUNDS = 40 };
    struct fixture *fx = *state;
    SPropValue *ids[ROUNDS];

    for (int i = 0; i < ROUNDS; i++) {
        SBinary bin;
        ENTRYLIST list;

        ids[i] = message_make(fx->inbox, "round");
        list = list_of(&bin, &ids[i], 1);
        assert_ok(fx->inbox->lpVtbl->DeleteMessages(fx->inbox, &list, 0, NULL, 0));
        if (i % 8 == 7)
            fixture_reopen(fx);
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(
                    ids[i]->Value.bin.lpb, ids[j]->Value.bin.lpb, ids[i]->Value.bin.cb);
    }
    for (int i = 0; i < ROUNDS; i++)
        mapi_free(ids[i]);
}

/* --- DeleteMessages -----------------------------------------------------------------------------
 */

/* IMAPIFolder.DeleteMessages.1 IMAPIFolder.DeleteMessages.5 */
static void delete_messages__listed__gone_and_not_found(void **state)
{
    struct fixture *fx = *state;
    SPropValue *ids[3] = { message_make(fx->inbox, "a"), message_make(fx->inbox, "b"),
        message_make(fx->inbox, "c") };
    SBinary bins[2];
    ENTRYLIST list = list_of(bins, ids, 2);
    IMessage *message;

    assert_ok(fx->inbox->lpVtbl->DeleteMessages(fx->inbox, &list, 0, NULL, DELETE_HARD_DELETE));
    assert_int_equal(rows(fx->inbox, 0), 1);
    for (int i = 0; i < 2; i++) {
        assert_hr(open_message(fx->store, ids[i], &message), MAPI_E_NOT_FOUND);
        assert_null(message);
    }
    assert_ok(open_message(fx->store, ids[2], &message));
    release_last(message);
    for (int i = 0; i < 3; i++)
        mapi_free(ids[i]);
}

/* IMAPIFolder.DeleteMessages.2 */
static void delete_messages__some_cannot_be__the_others_are(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *elsewhere = folder_make(fx->inbox, "elsewhere");
    SPropValue *folder_id = prop_get(elsewhere, PR_ENTRYID);
    BYTE junk[7] = { 1, 2, 3 };
    SPropValue garbage = { .Value.bin = { sizeof(junk), junk } };
    SPropValue *ids[4] = { message_make(fx->inbox, "a"), message_make(elsewhere, "b"), folder_id,
        &garbage };
    SBinary bins[4];
    ENTRYLIST list = list_of(bins, ids, 4);

    assert_hr(fx->inbox->lpVtbl->DeleteMessages(fx->inbox, &list, 0, NULL, 0),
            MAPI_W_PARTIAL_COMPLETION);
    assert_int_equal(rows(fx->inbox, 0), 0);
    assert_int_equal(rows(elsewhere, 0), 1);
    assert_int_equal(prop_long(elsewhere, PR_FOLDER_TYPE), FOLDER_GENERIC);

    release_last(elsewhere);
    for (int i = 0; i < 3; i++)
        mapi_free(ids[i]);
}

/* IMAPIFolder.DeleteMessages.4 */
static void delete_messages__open_for_writing__later_save_says_deleted(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "open");
    IMessage *message = message_open(fx->store, id);
    SBinary bin;
    ENTRYLIST list = list_of(&bin, &id, 1);

    prop_set_text(message, PR_SUBJECT_W, "changed");
    assert_ok(fx->inbox->lpVtbl->DeleteMessages(fx->inbox, &list, 0, NULL, 0));
    assert_hr(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE), MAPI_E_OBJECT_DELETED);
    assert_hr(message->lpVtbl->SaveChanges(message, FORCE_SAVE), MAPI_E_OBJECT_DELETED);
    assert_int_equal(rows(fx->inbox, 0), 0);

    release_last(message);
    mapi_free(id);
}

/* IMAPIFolder.DeleteMessages.6 */
static void delete_messages__associated__through_the_same_call(void **state)
{
    struct fixture *fx = *state;
    IMessage *message = create(fx->inbox, MAPI_ASSOCIATED);
    SPropValue *id;
    SBinary bin;
    ENTRYLIST list;

    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY));
    id = prop_get(message, PR_ENTRYID);
    assert_non_null(id);
    release_last(message);
    list = list_of(&bin, &id, 1);
    assert_ok(fx->inbox->lpVtbl->DeleteMessages(fx->inbox, &list, 0, NULL, 0));
    assert_int_equal(rows(fx->inbox, MAPI_ASSOCIATED), 0);
    mapi_free(id);
}

static void delete_messages__bad_arguments__nothing_deleted(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "stays");
    SBinary bin;
    ENTRYLIST list = list_of(&bin, &id, 1);
    ENTRYLIST holed = { 1, NULL };

    assert_hr(fx->inbox->lpVtbl->DeleteMessages(fx->inbox, NULL, 0, NULL, 0),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(fx->inbox->lpVtbl->DeleteMessages(fx->inbox, &holed, 0, NULL, 0),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(fx->inbox->lpVtbl->DeleteMessages(fx->inbox, &list, 0, NULL, 0x8000),
            MAPI_E_UNKNOWN_FLAGS);
    assert_int_equal(rows(fx->inbox, 0), 1);
    mapi_free(id);
}

/* --- SetReadFlags -------------------------------------------------------------------------------
 */

static void make_pending(IMsgStore *store, const SPropValue *id)
{
    IMessage *message = message_open(store, id);

    prop_set_bool(message, PR_READ_RECEIPT_REQUESTED, true);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

/* IMAPIFolder.SetReadFlags.1 IMAPIFolder.SetReadFlags.3 IMAPIFolder.SetReadFlags.7
 * IMAPIFolder.SetReadFlags.18 */
static void set_read_flags__no_list__every_message_and_the_count_follows(void **state)
{
    struct fixture *fx = *state;
    SPropValue *ids[3] = { message_make(fx->inbox, "a"), message_make(fx->inbox, "b"),
        message_make(fx->inbox, "c") };

    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_UNREAD), 3);
    for (int again = 0; again < 2; again++) {
        assert_ok(fx->inbox->lpVtbl->SetReadFlags(fx->inbox, NULL, 0, NULL, 0));
        assert_int_equal(prop_long(fx->inbox, PR_CONTENT_UNREAD), 0);
    }
    assert_ok(fx->inbox->lpVtbl->SetReadFlags(fx->inbox, NULL, 0, NULL, CLEAR_READ_FLAG));
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_UNREAD), 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(message_flags(fx->store, ids[i]) & MSGFLAG_READ, 0);
        mapi_free(ids[i]);
    }
}

/* IMAPIFolder.SetReadFlags.4 IMAPIFolder.SetReadFlags.5 */
static void set_read_flags__suppress__read_without_a_report(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "a");
    SBinary bin;
    ENTRYLIST list = list_of(&bin, &id, 1);
    LONG flags;

    make_pending(fx->store, id);
    assert_ok(fx->inbox->lpVtbl->SetReadFlags(fx->inbox, &list, 0, NULL, SUPPRESS_RECEIPT));
    flags = message_flags(fx->store, id);
    assert_true((flags & MSGFLAG_READ) != 0);
    assert_int_equal(flags & MSGFLAG_RN_PENDING, 0);
    assert_ok(fx->inbox->lpVtbl->SetReadFlags(fx->inbox, &list, 0, NULL, SUPPRESS_RECEIPT));
    assert_int_equal(message_flags(fx->store, id), flags);
    mapi_free(id);
}

/* IMAPIFolder.SetReadFlags.10 IMAPIFolder.SetReadFlags.11 */
static void set_read_flags__clear_pending__only_those_bits(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "a");
    SBinary bin;
    ENTRYLIST list = list_of(&bin, &id, 1);

    assert_ok(fx->inbox->lpVtbl->SetReadFlags(
            fx->inbox, &list, 0, NULL, CLEAR_RN_PENDING | CLEAR_NRN_PENDING));
    assert_int_equal(message_flags(fx->store, id) &
                             (MSGFLAG_READ | MSGFLAG_RN_PENDING | MSGFLAG_NRN_PENDING),
            0);
    mapi_free(id);
}

/* IMAPIFolder.SetReadFlags.9 */
static void set_read_flags__suppress_and_generate__request_is_withdrawn(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "a");
    SBinary bin;
    ENTRYLIST list = list_of(&bin, &id, 1);
    IMessage *message;

    make_pending(fx->store, id);
    assert_ok(fx->inbox->lpVtbl->SetReadFlags(
            fx->inbox, &list, 0, NULL, SUPPRESS_RECEIPT | GENERATE_RECEIPT_ONLY));
    assert_ok(open_message(fx->store, id, &message));
    assert_false(prop_bool(message, PR_READ_RECEIPT_REQUESTED));
    assert_int_equal(prop_long(message, PR_MESSAGE_FLAGS) & MSGFLAG_READ, 0);
    release_last(message);
    mapi_free(id);
}

/* IMAPIFolder.SetReadFlags.12 IMAPIFolder.SetReadFlags.13 */
static void set_read_flags__flags_that_contradict__refused(void **state)
{
    static const ULONG bad[] = { SUPPRESS_RECEIPT | CLEAR_READ_FLAG,
        SUPPRESS_RECEIPT | CLEAR_READ_FLAG | GENERATE_RECEIPT_ONLY,
        CLEAR_READ_FLAG | GENERATE_RECEIPT_ONLY };
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "a");

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_hr(fx->inbox->lpVtbl->SetReadFlags(fx->inbox, NULL, 0, NULL, bad[i]),
                MAPI_E_INVALID_PARAMETER);
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_UNREAD), 1);
    mapi_free(id);
}

/* IMAPIFolder.SetReadFlags.14 */
static void set_read_flags__some_are_gone__the_others_are_done(void **state)
{
    struct fixture *fx = *state;
    SPropValue *ids[2] = { message_make(fx->inbox, "a"), message_make(fx->inbox, "b") };
    SBinary bins[2];
    ENTRYLIST list = list_of(bins, ids, 1);

    assert_ok(fx->inbox->lpVtbl->DeleteMessages(fx->inbox, &list, 0, NULL, 0));
    list = list_of(bins, ids, 2);
    assert_hr(fx->inbox->lpVtbl->SetReadFlags(fx->inbox, &list, 0, NULL, 0),
            MAPI_W_PARTIAL_COMPLETION);
    assert_true((message_flags(fx->store, ids[1]) & MSGFLAG_READ) != 0);
    mapi_free(ids[0]);
    mapi_free(ids[1]);
}

/* --- status
 * --------------------------------------------------------------------------------------- */

/* IMAPIFolder.GetMessageStatus.1 IMAPIFolder.SetMessageStatus.1 IMAPIFolder.SetMessageStatus.2
 * IMAPIFolder.SetMessageStatus.3 IMAPIFolder.SetMessageStatus.4 IMAPIFolder.SetMessageStatus.5 */
static void set_message_status__masked__old_returned_and_column_follows(void **state)
{
    static const ULONG column[] = { PR_MSG_STATUS };
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "a");
    ULONG status = POISON_LONG;
    ULONG old = POISON_LONG;
    IMAPITable *table = NULL;
    LPSRowSet found;

    assert_ok(fx->inbox->lpVtbl->GetMessageStatus(
            fx->inbox, id->Value.bin.cb, id_of(id), 0, &status));
    assert_int_equal(status, 0);
    assert_ok(fx->inbox->lpVtbl->SetMessageStatus(
            fx->inbox, id->Value.bin.cb, id_of(id), 0xFFFF003F, 0xFFFF003F, &old));
    assert_int_equal(old, 0);
    assert_ok(fx->inbox->lpVtbl->SetMessageStatus(
            fx->inbox, id->Value.bin.cb, id_of(id), MSGSTATUS_HIGHLIGHTED, 0xFFFF0000, NULL));
    assert_ok(fx->inbox->lpVtbl->SetMessageStatus(
            fx->inbox, id->Value.bin.cb, id_of(id), MSGSTATUS_HIDDEN, 0, &old));
    assert_int_equal(old, 0x3F);
    assert_ok(fx->inbox->lpVtbl->GetMessageStatus(
            fx->inbox, id->Value.bin.cb, id_of(id), 0, &status));
    assert_int_equal(status, 0x3F);
    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, 0, &table));
    found = table_rows(table, column, 1);
    assert_int_equal(found->cRows, 1);
    assert_int_equal(found->aRow[0].lpProps[0].ulPropTag, PR_MSG_STATUS);
    assert_int_equal(found->aRow[0].lpProps[0].Value.l, 0x3F);

    mapi_free_rows(found);
    release_last(table);
    mapi_free(id);
}

/* IMAPIFolder.GetMessageStatus.2 IMAPIFolder.GetMessageStatus.3 */
static void message_status__no_message_here__not_found_and_outs_zero(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *elsewhere = folder_make(fx->inbox, "elsewhere");
    SPropValue *id = message_make(elsewhere, "there");
    ULONG out = POISON_LONG;

    assert_hr(fx->inbox->lpVtbl->GetMessageStatus(fx->inbox, id->Value.bin.cb, id_of(id), 0, &out),
            MAPI_E_NOT_FOUND);
    assert_int_equal(out, 0);
    out = POISON_LONG;
    assert_hr(
            fx->inbox->lpVtbl->SetMessageStatus(fx->inbox, id->Value.bin.cb, id_of(id), 1, 1, &out),
            MAPI_E_NOT_FOUND);
    assert_int_equal(out, 0);
    out = POISON_LONG;
    assert_hr(elsewhere->lpVtbl->GetMessageStatus(elsewhere, id->Value.bin.cb, id_of(id), 1, &out),
            MAPI_E_UNKNOWN_FLAGS);
    assert_int_equal(out, 0);

    release_last(elsewhere);
    mapi_free(id);
}

/* IMAPIFolder.SetMessageStatus.6 */
static void set_props__message_status__computed(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = message_make(fx->inbox, "a");
    IMessage *message = message_open(fx->store, id);
    SPropValue value = { .ulPropTag = PR_MSG_STATUS, .Value.l = 4 };
    LPSPropProblemArray problems = NULL;
    ULONG status = POISON_LONG;

    assert_ok(message->lpVtbl->SetProps(message, 1, &value, &problems));
    assert_non_null(problems);
    assert_hr(problems->aProblem[0].scode, MAPI_E_COMPUTED);
    mapi_free(problems);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
    assert_ok(fx->inbox->lpVtbl->GetMessageStatus(
            fx->inbox, id->Value.bin.cb, id_of(id), 0, &status));
    assert_int_equal(status, 0);
    mapi_free(id);
}

/* --- EmptyFolder
 * ---------------------------------------------------------------------------------- */

/* IMAPIFolder.EmptyFolder.1 IMAPIFolder.EmptyFolder.2 IMAPIFolder.EmptyFolder.3
 * IMAPIFolder.EmptyFolder.4 */
static void empty_folder__everything_goes__associated_only_when_asked(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *folder = folder_make(fx->inbox, "full");
    IMAPIFolder *child = folder_make(folder, "child");
    SPropValue *id = message_make(folder, "a");
    SPropValue *deep = message_make(child, "b");
    IMessage *associated = create(folder, MAPI_ASSOCIATED);
    IMessage *deep_associated = create(child, MAPI_ASSOCIATED);

    assert_ok(associated->lpVtbl->SaveChanges(associated, 0));
    assert_ok(deep_associated->lpVtbl->SaveChanges(deep_associated, 0));
    release_last(associated);
    release_last(deep_associated);
    release_last(child);
    assert_ok(folder->lpVtbl->EmptyFolder(folder, 0, NULL, 0));
    assert_int_equal(rows(folder, 0), 0);
    assert_int_equal(rows(folder, MAPI_ASSOCIATED), 1);
    assert_false(prop_bool(folder, PR_SUBFOLDERS));
    assert_ok(folder->lpVtbl->EmptyFolder(folder, 0, NULL, DEL_ASSOCIATED));
    assert_int_equal(rows(folder, MAPI_ASSOCIATED), 0);

    release_last(folder);
    mapi_free(id);
    mapi_free(deep);
}

/* --- SaveContentsSort
 * ----------------------------------------------------------------------------- */

static void first_subjects(IMAPIFolder *folder, char *out, size_t count)
{
    static const ULONG column[] = { PR_SUBJECT_W };
    IMAPITable *table = NULL;
    LPSRowSet found;

    assert_ok(folder->lpVtbl->GetContentsTable(folder, MAPI_UNICODE, &table));
    found = table_rows(table, column, 1);
    assert_int_equal(found->cRows, count);
    for (size_t i = 0; i < count; i++)
        out[i] = (char)found->aRow[i].lpProps[0].Value.lpszW[0];
    mapi_free_rows(found);
    release_last(table);
}

/* IMAPIFolder.SaveContentsSort.1 IMAPIFolder.SaveContentsSort.2 IMAPIContainer.GetContentsTable.8
 */
static void save_contents_sort__recursive__new_tables_start_with_it_for_good(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *child = folder_make(fx->inbox, "child");
    SPropValue *child_id = prop_get(child, PR_ENTRYID);
    SizedSSortOrderSet(1, order) = { 1, 0, 0, { { PR_SUBJECT_W, TABLE_SORT_DESCEND } } };
    SizedSSortOrderSet(1, none) = { 0, 0, 0, { { 0, 0 } } };
    static const char *const subjects[] = { "b", "c", "a" };
    char found[3];

    for (int i = 0; i < 3; i++) {
        mapi_free(message_make(fx->inbox, subjects[i]));
        mapi_free(message_make(child, subjects[i]));
    }
    assert_ok(fx->inbox->lpVtbl->SaveContentsSort(
            fx->inbox, (LPSSortOrderSet)(void *)&order, RECURSIVE_SORT));
    first_subjects(fx->inbox, found, 3);
    assert_memory_equal(found, "cba", 3);
    first_subjects(child, found, 3);
    assert_memory_equal(found, "cba", 3);
    assert_null(prop_get(fx->inbox, PROP_TAG(PT_BINARY, 0x6702)));
    release_last(child);
    fixture_reopen(fx);
    child = folder_open(fx->store, child_id);
    first_subjects(child, found, 3);
    assert_memory_equal(found, "cba", 3);
    assert_ok(child->lpVtbl->SaveContentsSort(child, (LPSSortOrderSet)(void *)&none, 0));
    first_subjects(child, found, 3);
    assert_memory_equal(found, "bca", 3);
    first_subjects(fx->inbox, found, 3);
    assert_memory_equal(found, "cba", 3);

    release_last(child);
    mapi_free(child_id);
}

static void save_contents_sort__bad_order__refused_and_unchanged(void **state)
{
    struct fixture *fx = *state;
    SizedSSortOrderSet(1, order) = { 1, 2, 0, { { PR_SUBJECT_W, TABLE_SORT_DESCEND } } };
    char found[2];

    mapi_free(message_make(fx->inbox, "a"));
    mapi_free(message_make(fx->inbox, "b"));
    assert_hr(fx->inbox->lpVtbl->SaveContentsSort(fx->inbox, NULL, 0), MAPI_E_INVALID_PARAMETER);
    assert_hr(fx->inbox->lpVtbl->SaveContentsSort(fx->inbox, (LPSSortOrderSet)(void *)&order, 0),
            MAPI_E_INVALID_PARAMETER);
    order.cCategories = 0;
    assert_hr(fx->inbox->lpVtbl->SaveContentsSort(fx->inbox, (LPSSortOrderSet)(void *)&order, 0x10),
            MAPI_E_UNKNOWN_FLAGS);
    first_subjects(fx->inbox, found, 2);
    assert_memory_equal(found, "ab", 2);
}

/* What no table can be in the order of would keep every later table of the folder from being
 * opened. IMAPIFolder.SaveContentsSort.1 IMAPIContainer.GetContentsTable.8 */
static void save_contents_sort__order_that_tables_refuse__refused_too(void **state)
{
    struct fixture *fx = *state;
    SizedSSortOrderSet(3, order) = { 3, 3, 0,
        { { PR_SENDER_NAME_W, TABLE_SORT_ASCEND }, { PR_SUBJECT_W, TABLE_SORT_CATEG_MAX },
                { PR_IMPORTANCE, TABLE_SORT_CATEG_MIN } } };
    LPSSortOrderSet refused = (LPSSortOrderSet)(void *)&order;
    IMAPITable *table = NULL;
    char found[2];

    mapi_free(message_make(fx->inbox, "a"));
    mapi_free(message_make(fx->inbox, "b"));
    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, MAPI_UNICODE, &table));
    assert_hr(table->lpVtbl->SortTable(table, refused, 0), MAPI_E_TOO_COMPLEX);
    assert_hr(fx->inbox->lpVtbl->SaveContentsSort(fx->inbox, refused, 0), MAPI_E_TOO_COMPLEX);
    first_subjects(fx->inbox, found, 2);
    assert_memory_equal(found, "ab", 2);
    release_last(table);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(create_message__saved_or_not__in_the_table_or_no_trace),
        TEST(create_message__associated__in_its_own_table_only),
        TEST(create_message__interfaces_and_flags__taken_or_refused),
        TEST(create_message__after_deletions__ids_are_never_used_again),
        TEST(delete_messages__listed__gone_and_not_found),
        TEST(delete_messages__some_cannot_be__the_others_are),
        TEST(delete_messages__open_for_writing__later_save_says_deleted),
        TEST(delete_messages__associated__through_the_same_call),
        TEST(delete_messages__bad_arguments__nothing_deleted),
        TEST(set_read_flags__no_list__every_message_and_the_count_follows),
        TEST(set_read_flags__suppress__read_without_a_report),
        TEST(set_read_flags__clear_pending__only_those_bits),
        TEST(set_read_flags__suppress_and_generate__request_is_withdrawn),
        TEST(set_read_flags__flags_that_contradict__refused),
        TEST(set_read_flags__some_are_gone__the_others_are_done),
        TEST(set_message_status__masked__old_returned_and_column_follows),
        TEST(message_status__no_message_here__not_found_and_outs_zero),
        TEST(set_props__message_status__computed),
        TEST(empty_folder__everything_goes__associated_only_when_asked),
        TEST(save_contents_sort__recursive__new_tables_start_with_it_for_good),
        TEST(save_contents_sort__bad_order__refused_and_unchanged),
        TEST(save_contents_sort__order_that_tables_refuse__refused_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
