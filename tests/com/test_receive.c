/* SPDX-License-Identifier: MIT */
/*
 * test_receive.c - receive folders: setting, looking up by class, their table.
 */
#include "raw_logon.h"

static LPENTRYID id_of(const SPropValue *value)
{
    return raw_id(value->Value.bin.lpb);
}

static LPTSTR tstr(const void *text)
{
    union {
        const void *given;
        LPTSTR taken;
    } pointer = { .given = text };

    return pointer.taken;
}

/* Sets in the ANSI width; NULL id: takes the mapping away. */
static HRESULT set_folder(struct fixture *fx, const char *message_class, const SPropValue *id)
{
    return fx->store->lpVtbl->SetReceiveFolder(
            fx->store, tstr(message_class), 0, id ? id->Value.bin.cb : 0, id ? id_of(id) : NULL);
}

/* The folder for the class is the one with this id, and the explicit class is this one. */
static void assert_folder(struct fixture *fx, const char *message_class, const SPropValue *id,
        const char *explicit_class)
{
    ULONG size = POISON_LONG;
    LPENTRYID found = POISON;
    LPTSTR name = POISON;

    assert_ok(fx->store->lpVtbl->GetReceiveFolder(
            fx->store, tstr(message_class), 0, &size, &found, &name));
    assert_int_equal(size, id->Value.bin.cb);
    assert_memory_equal(found, id->Value.bin.lpb, size);
    assert_string_equal((const char *)(const void *)name, explicit_class);
    mapi_free(found);
    mapi_free(name);
}

static SPropValue *new_folder(struct fixture *fx, const char *name)
{
    IMAPIFolder *folder = folder_make(fx->inbox, name);
    SPropValue *id = prop_get(folder, PR_ENTRYID);

    release_last(folder);
    return id;
}

/* --- set, get -----------------------------------------------------------------------------------
 */

/* IMsgStore.SetReceiveFolder.1 IMsgStore.SetReceiveFolder.2 IMsgStore.GetReceiveFolder.2 */
static void set__class_and_folder__lookups_give_them(void **state)
{
    struct fixture *fx = *state;
    SPropValue *mine = new_folder(fx, "mine");

    assert_ok(set_folder(fx, "IPM.Note.Mine", mine));
    assert_ok(set_folder(fx, "IPM.Task", mine));

    assert_folder(fx, "IPM.Note.Mine", mine, "IPM.Note.Mine");
    assert_folder(fx, "IPM.Task", mine, "IPM.Task");
    mapi_free(mine);
}

/* IMsgStore.SetReceiveFolder.3 IMsgStore.GetReceiveFolder.1 */
static void set__no_class__becomes_the_default(void **state)
{
    static const char *const none[] = { NULL, "" };
    struct fixture *fx = *state;

    for (size_t i = 0; i < 2; i++) {
        SPropValue *mine = new_folder(fx, i == 0 ? "first" : "second");

        assert_ok(set_folder(fx, none[i], mine));
        assert_folder(fx, NULL, mine, "");
        assert_folder(fx, "", mine, "");
        assert_folder(fx, "Something.Else", mine, "");
        mapi_free(mine);
    }
}

/* IMsgStore.SetReceiveFolder.4 IMsgStore.SetReceiveFolder.5 IMsgStore.GetReceiveFolder.3 */
static void set__no_folder__falls_back_to_the_longest_prefix(void **state)
{
    struct fixture *fx = *state;
    SPropValue *inbox = prop_get(fx->inbox, PR_ENTRYID);
    SPropValue *note = new_folder(fx, "note");
    SPropValue *phone = new_folder(fx, "phone");

    assert_ok(set_folder(fx, "IPM.Note", note));
    assert_ok(set_folder(fx, "IPM.Note.Phone", phone));
    assert_folder(fx, "IPM.Note.Phone.Home", phone, "IPM.Note.Phone");
    assert_ok(set_folder(fx, "IPM.Note.Phone", NULL));
    assert_folder(fx, "IPM.Note.Phone.Home", note, "IPM.Note");
    assert_folder(fx, "IPM.Note.Phone", note, "IPM.Note");
    assert_ok(set_folder(fx, "IPM.Note", NULL));
    assert_folder(fx, "IPM.Note.Phone", inbox, "IPM");

    assert_ok(set_folder(fx, "Never.Was", NULL));

    assert_folder(fx, "Never.Was", inbox, "");
    mapi_free(inbox);
    mapi_free(note);
    mapi_free(phone);
}

/* IMsgStore.SetReceiveFolder.7 */
static void set__nothing_at_all__default_lookups_still_work(void **state)
{
    struct fixture *fx = *state;
    ULONG size = 0;
    LPENTRYID id = NULL;
    LPUNKNOWN folder = NULL;
    ULONG type = 0;

    assert_ok(set_folder(fx, NULL, NULL));

    assert_ok(fx->store->lpVtbl->GetReceiveFolder(fx->store, NULL, 0, &size, &id, NULL));
    assert_ok(fx->store->lpVtbl->OpenEntry(fx->store, size, id, NULL, 0, &type, &folder));
    assert_int_equal(type, MAPI_FOLDER);
    release_last(folder);
    mapi_free(id);
}

/* IMsgStore.GetReceiveFolder.4 IMsgStore.GetReceiveFolder.5 */
static void get__class_lookup__whole_components_any_case(void **state)
{
    struct fixture *fx = *state;
    SPropValue *inbox = prop_get(fx->inbox, PR_ENTRYID);
    SPropValue *note = new_folder(fx, "note");

    assert_ok(set_folder(fx, "IPM.Note", note));

    assert_folder(fx, "IPM.Notebook", inbox, "IPM");
    assert_folder(fx, "ipm.nOTE.sub", note, "IPM.Note");
    assert_folder(fx, "ipm.note", note, "IPM.Note");
    mapi_free(inbox);
    mapi_free(note);
}

/* IMsgStore.GetReceiveFolder.6 IMsgStore.SetReceiveFolder.8 Unicode.Rules.1 */
static void get__either_width__class_comes_back_in_it(void **state)
{
    static const WCHAR wide[] = { 'I', 'P', 'M', '.', 'W', 0 };
    struct fixture *fx = *state;
    SPropValue *mine = new_folder(fx, "mine");
    ULONG size = 0;
    LPENTRYID id = NULL;
    LPTSTR name = NULL;

    assert_ok(fx->store->lpVtbl->SetReceiveFolder(
            fx->store, tstr(wide), MAPI_UNICODE, mine->Value.bin.cb, id_of(mine)));
    assert_folder(fx, "IPM.W", mine, "IPM.W");
    assert_ok(fx->store->lpVtbl->GetReceiveFolder(
            fx->store, tstr(wide), MAPI_UNICODE, &size, &id, &name));
    assert_memory_equal(name, wide, sizeof(wide));
    mapi_free(id);
    mapi_free(name);
    assert_ok(
            fx->store->lpVtbl->GetReceiveFolder(fx->store, NULL, MAPI_UNICODE, &size, &id, &name));
    assert_int_equal(*(const WCHAR *)(const void *)name, 0);
    mapi_free(id);
    mapi_free(name);
    mapi_free(mine);
}

/* IMsgStore.GetReceiveFolder.7 IMsgStore.GetReceiveFolder.8 Memory.Ownership.1. The allocators
   refuse a part or an inner pointer in the place of a block, and the fixture asserts at its end
   that they never had to: Memory.Ownership.4 */
static void get__outs__are_two_blocks_and_the_id_opens(void **state)
{
    struct fixture *fx = *state;
    ULONG size = 0;
    LPENTRYID id = NULL;
    LPTSTR name = NULL;
    LPUNKNOWN folder = NULL;
    ULONG type = 0;

    assert_ok(
            fx->store->lpVtbl->GetReceiveFolder(fx->store, tstr("IPM.Note"), 0, &size, &id, &name));

    assert_true(host_mem_is_root(id));
    assert_true(host_mem_is_root(name));
    assert_true(host_mem_belongs(id, id, size));
    assert_false(host_mem_belongs(id, id, size + 1));
    assert_ok(fx->store->lpVtbl->OpenEntry(fx->store, size, id, NULL, 0, &type, &folder));
    assert_int_equal(type, MAPI_FOLDER);
    release_last(folder);
    mapi_free(id);
    mapi_free(name);
}

/* IMsgStore.GetReceiveFolder.9 IMsgStore.GetReceiveFolder.10 */
static void get__outs_missing__only_the_class_may_be(void **state)
{
    struct fixture *fx = *state;
    ULONG size = POISON_LONG;
    LPENTRYID id = POISON;
    LPTSTR name = POISON;

    assert_hr(fx->store->lpVtbl->GetReceiveFolder(fx->store, NULL, 0, NULL, &id, &name),
            MAPI_E_INVALID_PARAMETER);
    assert_null(id);
    assert_null(name);
    assert_hr(fx->store->lpVtbl->GetReceiveFolder(fx->store, NULL, 0, &size, NULL, NULL),
            MAPI_E_INVALID_PARAMETER);
    assert_int_equal(size, 0);
    id = POISON;
    assert_hr(fx->store->lpVtbl->GetReceiveFolder(fx->store, NULL, 2, &size, &id, &name),
            MAPI_E_UNKNOWN_FLAGS);
    assert_null(id);
    assert_ok(fx->store->lpVtbl->GetReceiveFolder(fx->store, NULL, 0, &size, &id, NULL));
    mapi_free(id);
}

/* Memory.Failure.2 Memory.Failure.1 */
static void get__hosts_nth_allocation_fails__outs_are_null(void **state)
{
    struct fixture *fx = *state;

    for (size_t nth = 1;; nth++) {
        ULONG size = POISON_LONG;
        LPENTRYID id = POISON;
        LPTSTR name = POISON;
        HRESULT hr;

        host_mem_fail_at(nth);
        hr = fx->store->lpVtbl->GetReceiveFolder(fx->store, NULL, 0, &size, &id, &name);
        if (!host_mem_fail_done()) {
            assert_ok(hr);
            assert_true(nth > 2);
            mapi_free(id);
            mapi_free(name);
            break;
        }
        assert_hr(hr, MAPI_E_NOT_ENOUGH_MEMORY);
        assert_null(id);
        assert_null(name);
        assert_int_equal(size, 0);
    }
}

/* --- failures -----------------------------------------------------------------------------------
 */

static void make_long(char *text, size_t length)
{
    memset(text, 'x', length);
    memcpy(text, "IPM.", 4);
    text[length] = 0;
}

/* IMsgStore.SetReceiveFolder.13 IMsgStore.SetReceiveFolder.14 */
static void set__class_not_valid__invalid_parameter(void **state)
{
    struct fixture *fx = *state;
    SPropValue *mine = new_folder(fx, "mine");
    static const WCHAR wide[] = { 'I', 'P', 'M', '.', 0x17D, 0 };
    char longest[300];

    make_long(longest, 255);
    assert_ok(set_folder(fx, longest, mine));
    assert_folder(fx, longest, mine, longest);
    make_long(longest, 256);
    assert_hr(set_folder(fx, longest, mine), MAPI_E_INVALID_PARAMETER);
    assert_hr(set_folder(fx, "IPM.Note.", mine), MAPI_E_INVALID_PARAMETER);
    assert_hr(set_folder(fx, ".", mine), MAPI_E_INVALID_PARAMETER);
    assert_hr(set_folder(fx, "IPM.\x1F", mine), MAPI_E_INVALID_PARAMETER);
    assert_hr(set_folder(fx, "IPM.\xE4", mine), MAPI_E_INVALID_PARAMETER);
    assert_hr(fx->store->lpVtbl->SetReceiveFolder(
                      fx->store, tstr(wide), MAPI_UNICODE, mine->Value.bin.cb, id_of(mine)),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(fx->store->lpVtbl->SetReceiveFolder(
                      fx->store, NULL, 0x10, mine->Value.bin.cb, id_of(mine)),
            MAPI_E_UNKNOWN_FLAGS);
    mapi_free(mine);
}

/* IMsgStore.SetReceiveFolder.6 IMsgStore.SetReceiveFolder.10 IMsgStore.SetReceiveFolder.11
   IMsgStore.SetReceiveFolder.12 Errors.Codes.2 */
static void set__folder_not_usable__fails_and_keeps_the_old(void **state)
{
    struct fixture *fx = *state;
    SPropValue *mine = new_folder(fx, "mine");
    SPropValue *gone = new_folder(fx, "gone");
    SPropValue *message = message_make(fx->inbox, "no folder");
    unsigned char foreign[64];
    unsigned char cut[8] = { 0 };
    ULONG size = mine->Value.bin.cb;

    assert_ok(set_folder(fx, "IPM.Note", mine));
    assert_ok(fx->inbox->lpVtbl->DeleteFolder(
            fx->inbox, gone->Value.bin.cb, id_of(gone), 0, NULL, 0));
    memcpy(foreign, mine->Value.bin.lpb, size);
    foreign[6] ^= 0xFF;

    assert_hr(set_folder(fx, "IPM.Note", message), MAPI_E_INVALID_ENTRYID);
    assert_hr(set_folder(fx, "IPM.Note", gone), MAPI_E_NOT_FOUND);
    assert_hr(fx->store->lpVtbl->SetReceiveFolder(
                      fx->store, tstr("IPM.Note"), 0, size, raw_id(foreign)),
            MAPI_E_UNKNOWN_ENTRYID);
    assert_hr(fx->store->lpVtbl->SetReceiveFolder(
                      fx->store, tstr("IPM.Note"), 0, sizeof(cut), raw_id(cut)),
            MAPI_E_UNKNOWN_ENTRYID);
    assert_hr(fx->store->lpVtbl->SetReceiveFolder(fx->store, tstr("IPM.Note"), 0, size, NULL),
            MAPI_E_INVALID_PARAMETER);

    assert_folder(fx, "IPM.Note", mine, "IPM.Note");
    mapi_free(mine);
    mapi_free(gone);
    mapi_free(message);
}

/* --- fresh, and after reopening -----------------------------------------------------------------
 */

/* IMsgStore.GetReceiveFolder.12 IMsgStore.GetReceiveFolder.13 */
static void get__new_store__mail_to_the_inbox_and_the_rest_to_the_root(void **state)
{
    struct fixture *fx = *state;
    SPropValue *inbox = prop_get(fx->inbox, PR_ENTRYID);
    LPUNKNOWN root = NULL;
    SPropValue *root_id;
    ULONG type = 0;

    assert_ok(fx->store->lpVtbl->OpenEntry(fx->store, 0, NULL, NULL, 0, &type, &root));
    root_id = prop_get(root, PR_ENTRYID);

    prop_assert_text(fx->inbox, PR_DISPLAY_NAME_W, "Inbox");
    assert_folder(fx, "IPM", inbox, "IPM");
    assert_folder(fx, "IPM.Note", inbox, "IPM");
    assert_folder(fx, "report", inbox, "REPORT");
    assert_folder(fx, "Report.IPM.Note.NDR", inbox, "REPORT");
    assert_folder(fx, "", inbox, "");
    assert_folder(fx, "IPC", root_id, "IPC");
    assert_folder(fx, "IPC.Anything", root_id, "IPC");
    mapi_free(inbox);
    mapi_free(root_id);
    release_last(root);
}

/* IMsgStore.SetReceiveFolder.16 */
static void set__reopened__still_there(void **state)
{
    struct fixture *fx = *state;
    SPropValue *mine = new_folder(fx, "mine");

    assert_ok(set_folder(fx, "IPM.Note", mine));
    assert_ok(set_folder(fx, "IPC", NULL));

    fixture_reopen(fx);

    assert_folder(fx, "IPM.Note", mine, "IPM.Note");
    assert_ok(set_folder(fx, "IPM.Note", NULL));
    mapi_free(mine);
}

/* --- the table ----------------------------------------------------------------------------------
 */

/* IMsgStore.GetReceiveFolderTable.1 */
static void table__explicit_mappings__one_row_each(void **state)
{
    static const ULONG tags[] = { PR_MESSAGE_CLASS_W, PR_ENTRYID, PR_RECORD_KEY };
    struct fixture *fx = *state;
    SPropValue *mine = new_folder(fx, "mine");
    IMAPITable *table = NULL;
    LPSRowSet rows;
    unsigned empty = 0;
    unsigned own = 0;

    assert_ok(set_folder(fx, "IPM.Note.Mine", mine));
    assert_ok(fx->store->lpVtbl->GetReceiveFolderTable(fx->store, MAPI_UNICODE, &table));
    rows = table_rows(table, tags, 3);

    assert_int_equal(rows->cRows, 5); /* "", IPM, REPORT, IPC and ours */
    for (ULONG i = 0; i < rows->cRows; i++) {
        char *name =
                host_text_to_utf8((const uint16_t *)rows->aRow[i].lpProps[0].Value.lpszW, SIZE_MAX);

        empty += name[0] == 0;
        if (strcmp(name, "IPM.Note.Mine") == 0) {
            own++;
            assert_int_equal(rows->aRow[i].lpProps[1].Value.bin.cb, mine->Value.bin.cb);
            assert_memory_equal(rows->aRow[i].lpProps[1].Value.bin.lpb, mine->Value.bin.lpb,
                    mine->Value.bin.cb);
        }
        assert_int_equal(rows->aRow[i].lpProps[2].ulPropTag, PR_RECORD_KEY);
        free(name);
    }
    assert_int_equal(empty, 1);
    assert_int_equal(own, 1);
    mapi_free_rows(rows);
    release_last(table);
    mapi_free(mine);
}

/* IMsgStore.GetReceiveFolderTable.2 table-columns.ReceiveFolder.1 */
static void table__either_width__columns_rows_and_sort_order_agree(void **state)
{
    struct fixture *fx = *state;

    for (int unicode = 0; unicode < 2; unicode++) {
        ULONG tag = unicode ? PR_MESSAGE_CLASS_W : PR_MESSAGE_CLASS_A;
        LPSPropTagArray columns = NULL;
        LPSSortOrderSet order = NULL;
        LPSRowSet rows = NULL;
        IMAPITable *table = NULL;
        bool found = false;
        unsigned required = 0;

        assert_ok(fx->store->lpVtbl->GetReceiveFolderTable(
                fx->store, unicode ? MAPI_UNICODE : 0, &table));
        assert_ok(table->lpVtbl->QueryColumns(table, 0, &columns));
        for (ULONG i = 0; i < columns->cValues; i++) {
            required += columns->aulPropTag[i] == PR_ENTRYID ||
                        columns->aulPropTag[i] == PR_RECORD_KEY || columns->aulPropTag[i] == tag;
            if (PROP_ID(columns->aulPropTag[i]) == PROP_ID(PR_MESSAGE_CLASS))
                found = columns->aulPropTag[i] == tag;
        }
        assert_true(found);
        assert_int_equal(required, 3);
        assert_ok(table->lpVtbl->QueryRows(table, 100, 0, &rows));
        assert_true(rows->cRows > 0);
        found = false;
        for (ULONG i = 0; i < rows->aRow[0].cValues; i++)
            found = found || rows->aRow[0].lpProps[i].ulPropTag == tag;
        assert_true(found);
        assert_ok(table->lpVtbl->QuerySortOrder(table, &order));
        for (ULONG i = 0; i < order->cSorts; i++) {
            if (PROP_ID(order->aSort[i].ulPropTag) == PROP_ID(PR_MESSAGE_CLASS))
                assert_int_equal(order->aSort[i].ulPropTag, tag);
        }
        mapi_free_rows(rows);
        mapi_free(columns);
        mapi_free(order);
        release_last(table);
    }
}

/* IMsgStore.GetReceiveFolderTable.3 */
static void table__bad_arguments__are_refused(void **state)
{
    struct fixture *fx = *state;
    IMAPITable *table = POISON;

    assert_hr(
            fx->store->lpVtbl->GetReceiveFolderTable(fx->store, 0, NULL), MAPI_E_INVALID_PARAMETER);
    assert_hr(fx->store->lpVtbl->GetReceiveFolderTable(fx->store, 0x20, &table),
            MAPI_E_UNKNOWN_FLAGS);
    assert_null(table);
}

#define INBOX(test) cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX(set__class_and_folder__lookups_give_them),
        INBOX(set__no_class__becomes_the_default),
        INBOX(set__no_folder__falls_back_to_the_longest_prefix),
        INBOX(set__nothing_at_all__default_lookups_still_work),
        INBOX(get__class_lookup__whole_components_any_case),
        INBOX(get__either_width__class_comes_back_in_it),
        INBOX(get__outs__are_two_blocks_and_the_id_opens),
        INBOX(get__outs_missing__only_the_class_may_be),
        INBOX(get__hosts_nth_allocation_fails__outs_are_null),
        INBOX(set__class_not_valid__invalid_parameter),
        INBOX(set__folder_not_usable__fails_and_keeps_the_old),
        INBOX(get__new_store__mail_to_the_inbox_and_the_rest_to_the_root),
        INBOX(set__reopened__still_there),
        INBOX(table__explicit_mappings__one_row_each),
        INBOX(table__either_width__columns_rows_and_sort_order_agree),
        INBOX(table__bad_arguments__are_refused),
    };

    return cmocka_run_group_tests_name("receive", tests, NULL, NULL);
}
