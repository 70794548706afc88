/* SPDX-License-Identifier: MIT */
/*
 * test_kind_columns.c - the columns of every kind of table: those that are there from the start,
 * all there are, odd ones, and that they hold what the object says that a row is about.
 */
#include "com/table_kinds.h"

#define ABSENT PROP_TAG(PT_LONG, 0x6777)

static LPSPropTagArray columns_of(IMAPITable *table, ULONG flags)
{
    LPSPropTagArray tags = POISON;

    assert_ok(table->lpVtbl->QueryColumns(table, flags, &tags));
    assert_non_null(tags);
    return tags;
}

static size_t count_tag(LPSPropTagArray tags, ULONG tag)
{
    size_t count = 0;

    for (ULONG i = 0; i < tags->cValues; i++)
        count += tags->aulPropTag[i] == tag;
    return count;
}

/* Whatever a row answers, the table says that it can provide. */
static void check_all_columns(struct filled *filled)
{
    /* clang-format off */
    static const ULONG some[] = {
        PR_ENTRYID, PR_RECORD_KEY, PR_INSTANCE_KEY, PR_ROW_TYPE, PR_DEPTH, PR_OBJECT_TYPE,
        PR_MAPPING_SIGNATURE, PR_STORE_ENTRYID, PR_STORE_RECORD_KEY, PR_PARENT_ENTRYID,
        PR_DISPLAY_NAME_W, PR_SUBJECT_W, PR_NORMALIZED_SUBJECT_W, PR_MESSAGE_CLASS_W,
        PR_MESSAGE_FLAGS, PR_MESSAGE_SIZE, PR_MSG_STATUS, PR_HASATTACH, PR_IMPORTANCE, PR_PRIORITY,
        PR_SENSITIVITY, PR_SENDER_NAME_W, PR_DISPLAY_TO_W, PR_DISPLAY_CC_W, PR_DISPLAY_BCC_W,
        PR_CREATION_TIME, PR_LAST_MODIFICATION_TIME, PR_CLIENT_SUBMIT_TIME, PR_SUBMIT_FLAGS,
        PR_LONGTERM_ENTRYID_FROM_TABLE, PR_SEARCH_KEY, PR_ACCESS, PR_PARENT_DISPLAY_W,
        PR_FOLDER_TYPE, PR_SUBFOLDERS, PR_CONTENT_COUNT, PR_CONTENT_UNREAD, PR_DISPLAY_TYPE,
        PR_STATUS, PR_COMMENT_W, PR_CONTAINER_CLASS_W, PR_ROWID, PR_RECIPIENT_TYPE, PR_ADDRTYPE_W,
        PR_EMAIL_ADDRESS_W, PR_RESPONSIBILITY, PR_ATTACH_NUM, PR_ATTACH_METHOD, PR_ATTACH_SIZE,
        PR_RENDERING_POSITION, PR_ATTACH_FILENAME_W, PR_ATTACH_TAG,
    };
    /* clang-format on */
    LPSPropTagArray defaults = columns_of(filled->table, 0);
    LPSPropTagArray all = columns_of(filled->table, TBL_ALL_COLUMNS);
    LPSPropTagArray later;
    LPSRowSet rows;
    unsigned missing = 0;

    for (ULONG i = 0; i < defaults->cValues; i++) {
        if (count_tag(all, defaults->aulPropTag[i]) != 1)
            fail_msg("default column %08lX", (unsigned long)defaults->aulPropTag[i]);
    }
    for (ULONG i = 0; i < all->cValues; i++)
        assert_int_equal(count_tag(all, all->aulPropTag[i]), 1);
    set_columns(filled->table, some, COUNT_OF(some));
    rows = query(filled->table, 1, 0);
    for (size_t i = 0; i < COUNT_OF(some); i++) {
        ULONG tag = some[i];

        if (!filled->world.kind->has_widths && PROP_TYPE(tag) == PT_UNICODE)
            tag = CHANGE_PROP_TYPE(tag, PT_STRING8);
        if (values_of(rows, 0)[i].ulPropTag == some[i] && count_tag(all, tag) == 0) {
            print_error("column %08lX is there and not said to be\n", (unsigned long)tag);
            missing++;
        }
    }
    assert_int_equal(missing, 0);
    mapi_free_rows(rows);
    later = columns_of(filled->table, TBL_ALL_COLUMNS);
    assert_int_equal(later->cValues, all->cValues);
    assert_memory_equal(later->aulPropTag, all->aulPropTag, all->cValues * sizeof(ULONG));
    assert_ok(filled->table->lpVtbl->SetColumns(filled->table, all, TBL_BATCH));
    rows = query(filled->table, 1, 0);
    assert_int_equal(rows->aRow[0].cValues, all->cValues);
    mapi_free_rows(rows);
    mapi_free(later);
    mapi_free(all);
    mapi_free(defaults);
}

/* IMAPITable.QueryColumns.1 IMAPITable.QueryColumns.2 IMAPITable.QueryColumns.3
 * IMAPITable.SetColumns.5 */
static void columns__that_rows_answer__are_among_all_columns(void **state)
{
    for_every_kind(*state, check_all_columns);
}

/* clang-format off */
#define REQUIRED_OF_CONTENTS                                                                       \
    PR_ENTRYID, PR_INSTANCE_KEY, PR_RECORD_KEY, PR_OBJECT_TYPE, PR_PARENT_ENTRYID,                 \
    PR_STORE_ENTRYID, PR_STORE_RECORD_KEY, PR_MAPPING_SIGNATURE, PR_MESSAGE_CLASS_W,               \
    PR_MESSAGE_FLAGS, PR_MESSAGE_SIZE, PR_MSG_STATUS, PR_HASATTACH, PR_LAST_MODIFICATION_TIME,     \
    PR_DISPLAY_TO_W, PR_DISPLAY_CC_W
#define REQUIRED_OF_HIERARCHY                                                                      \
    PR_DISPLAY_NAME_W, PR_COMMENT_W, PR_ENTRYID, PR_INSTANCE_KEY, PR_OBJECT_TYPE, PR_DISPLAY_TYPE, \
    PR_STATUS, PR_DEPTH, PR_FOLDER_TYPE, PR_SUBFOLDERS, PR_CONTENT_COUNT, PR_CONTENT_UNREAD

static const ULONG required[KINDS][18] = {
    { REQUIRED_OF_CONTENTS },
    { REQUIRED_OF_CONTENTS },
    { REQUIRED_OF_CONTENTS, PR_PARENT_DISPLAY_W },
    { REQUIRED_OF_HIERARCHY },
    { REQUIRED_OF_HIERARCHY },
    { PR_DISPLAY_NAME_W, PR_RECIPIENT_TYPE, PR_ROWID, PR_ADDRTYPE_W, PR_RESPONSIBILITY },
    { PR_ATTACH_NUM, PR_INSTANCE_KEY, PR_RECORD_KEY, PR_RENDERING_POSITION },
    { PR_ENTRYID, PR_MESSAGE_CLASS_W, PR_RECORD_KEY },
    { PR_ENTRYID, PR_CLIENT_SUBMIT_TIME, PR_SUBMIT_FLAGS, PR_MESSAGE_FLAGS, PR_MESSAGE_SIZE,
            PR_PRIORITY, PR_SENDER_NAME_A, PR_SUBJECT_A, PR_DISPLAY_TO_A, PR_DISPLAY_CC_A,
            PR_DISPLAY_BCC_A },
};

/* clang-format on */

static void check_required(struct filled *filled)
{
    LPSPropTagArray defaults = columns_of(filled->table, 0);
    const ULONG *tags = required[filled->world.kind - table_kinds];
    bool is_search = filled->world.kind == &table_kinds[2];
    static const ULONG parent = PR_PARENT_DISPLAY_W;
    LPSRowSet rows;

    for (size_t i = 0; tags[i] != 0; i++) {
        if (count_tag(defaults, tags[i]) != 1)
            fail_msg("%s: no default column %08lX", filled->world.kind->name,
                    (unsigned long)tags[i]);
    }
    mapi_free(defaults);
    rows = table_rows(filled->table, &parent, 1); /* nobody else has it */
    assert_int_equal(values_of(rows, 0)->ulPropTag == parent, is_search);
    mapi_free_rows(rows);
}

/* IMAPITable.QueryColumns.3 table-columns.Contents.1 table-columns.Contents.2
 * table-columns.Contents.3 table-columns.Associated.1 table-columns.SearchContents.1
 * table-columns.SearchContents.2 table-columns.Hierarchy.1 table-columns.Hierarchy.2
 * table-columns.Recipient.1 table-columns.Recipient.2 table-columns.Attachment.1
 * table-columns.ReceiveFolder.1 table-columns.OutgoingQueue.1 */
static void columns__required__are_there_before_any_are_set(void **state)
{
    for_every_kind(*state, check_required);
}

/* The object that a row is about, opened; NULL: none. */
static IMAPIProp *open_row(struct filled *filled, const SPropValue *values)
{
    LPUNKNOWN object = NULL;
    LPATTACH attach = NULL;
    ULONG type = 0;

    if (values[0].ulPropTag == PR_ATTACH_NUM) {
        assert_ok(filled->world.message->lpVtbl->OpenAttach(
                filled->world.message, (ULONG)values[0].Value.l, NULL, 0, &attach));
        return (IMAPIProp *)(void *)attach;
    }
    assert_ok(filled->world.fx->store->lpVtbl->OpenEntry(filled->world.fx->store,
            values[0].Value.bin.cb, raw_id(values[0].Value.bin.lpb), NULL, 0, &type, &object));
    return (IMAPIProp *)(void *)object;
}

/* What the table adds, or knows by itself: the object has other things to say of these. */
static bool is_of_the_table(ULONG tag)
{
    static const ULONG tags[] = { PR_INSTANCE_KEY, PR_ROW_TYPE, PR_DEPTH, PR_SUBMIT_FLAGS,
        PR_PARENT_DISPLAY_W, PR_LONGTERM_ENTRYID_FROM_TABLE, PR_DISPLAY_TYPE, PR_ACCESS_LEVEL };

    for (size_t i = 0; i < COUNT_OF(tags); i++) {
        if (PROP_ID(tags[i]) == PROP_ID(tag))
            return true;
    }
    return false;
}

static bool is_same_value(const SPropValue *a, const SPropValue *b)
{
    if (a->ulPropTag != b->ulPropTag)
        return false;
    switch (PROP_TYPE(a->ulPropTag)) {
    case PT_UNICODE:
        return host_text_utf16_length((const uint16_t *)a->Value.lpszW) ==
                       host_text_utf16_length((const uint16_t *)b->Value.lpszW) &&
               memcmp(a->Value.lpszW, b->Value.lpszW,
                       host_text_utf16_length((const uint16_t *)a->Value.lpszW) * sizeof(WCHAR)) ==
                       0;
    case PT_STRING8:
        return strcmp(a->Value.lpszA, b->Value.lpszA) == 0;
    case PT_BINARY:
        return a->Value.bin.cb == b->Value.bin.cb &&
               memcmp(a->Value.bin.lpb, b->Value.bin.lpb, a->Value.bin.cb) == 0;
    case PT_BOOLEAN:
        return a->Value.b == b->Value.b;
    case PT_LONG:
    case PT_ERROR:
        return a->Value.l == b->Value.l;
    default:
        return memcmp(&a->Value.li, &b->Value.li, sizeof(a->Value.li)) == 0;
    }
}

static unsigned compare_row(struct filled *filled, const SRow *row, LPSPropTagArray tags)
{
    IMAPIProp *object = open_row(filled, row->lpProps);
    LPSPropValue said = NULL;
    ULONG count = 0;
    unsigned wrong = 0;
    HRESULT hr = object->lpVtbl->GetProps(object, tags, MAPI_UNICODE, &count, &said);

    assert_true(SUCCEEDED(hr));
    assert_int_equal(count, row->cValues);
    for (ULONG i = 0; i < count; i++) {
        if (is_of_the_table(tags->aulPropTag[i]) || is_same_value(&row->lpProps[i], &said[i]))
            continue;
        print_error("%s: column %08lX is %08lX, the object's %08lX\n", filled->world.kind->name,
                (unsigned long)tags->aulPropTag[i], (unsigned long)row->lpProps[i].ulPropTag,
                (unsigned long)said[i].ulPropTag);
        wrong++;
    }
    mapi_free(said);
    release_last(object);
    return wrong;
}

static void check_objects(struct filled *filled)
{
    LPSPropTagArray all;
    LPSRowSet rows;
    unsigned wrong = 0;

    if (filled->world.kind->is_known || filled->world.kind->open == kind_open_recipients)
        return; /* rows that no object is behind */
    all = columns_of(filled->table, TBL_ALL_COLUMNS);
    for (ULONG i = 0; i < all->cValues; i++) { /* the name of the object first */
        ULONG tag = all->aulPropTag[i];

        if (tag != (filled->world.kind->open == kind_open_attachments ? PR_ATTACH_NUM : PR_ENTRYID))
            continue;
        all->aulPropTag[i] = all->aulPropTag[0];
        all->aulPropTag[0] = tag;
    }
    assert_ok(filled->table->lpVtbl->SetColumns(filled->table, all, 0));
    rows = query(filled->table, ALL_ROWS, 0);
    assert_int_equal(rows->cRows, FILLED);
    for (ULONG i = 0; i < FILLED; i++)
        wrong += compare_row(filled, &rows->aRow[i], all);
    assert_int_equal(wrong, 0);
    mapi_free_rows(rows);
    mapi_free(all);
}

/* table-columns.Contents.7 table-columns.Contents.6 table-columns.Hierarchy.3
 * table-columns.Attachment.2 table-columns.SearchContents.3 */
static void columns__are_what_the_objects_say(void **state)
{
    for_every_kind(*state, check_objects);
}

static void check_odd_columns(struct filled *filled)
{
    ULONG name = filled->world.kind->name_tag;
    const ULONG tags[] = { PR_NULL, name, PR_NULL, name, PROP_TAG(PT_STRING8, PROP_ID(name)),
        PROP_TAG(PT_UNSPECIFIED, PROP_ID(name)), PROP_TAG(PT_LONG, PROP_ID(name)),
        PROP_TAG(PT_ERROR, PROP_ID(name)), PROP_TAG(PT_OBJECT, PROP_ID(name)), ABSENT,
        PROP_TAG(PT_ERROR, 0), MVI_PROP(PROP_TAG(PT_LONG, 0x6776)),
        MVI_PROP(PROP_TAG(PT_UNICODE, PROP_ID(name))), PROP_TAG(PT_UNSPECIFIED, 0x6778),
        PROP_TAG(PT_UNICODE, PROP_ID(PR_INSTANCE_KEY)) };
    LPSPropTagArray now;
    LPSRowSet rows;

    set_columns(filled->table, tags, COUNT_OF(tags));
    now = columns_of(filled->table, 0);
    assert_int_equal(now->cValues, COUNT_OF(tags));
    assert_memory_equal(now->aulPropTag, tags, sizeof(tags));
    mapi_free(now);
    assert_int_equal(row_count(filled->table), FILLED);
    rows = query(filled->table, ALL_ROWS, 0);
    assert_int_equal(rows->cRows, FILLED);
    for (ULONG i = 0; i < FILLED; i++) {
        const SPropValue *values = values_of(rows, i);

        assert_int_equal(rows->aRow[i].cValues, COUNT_OF(tags));
        assert_int_equal(values[0].ulPropTag, PR_NULL);
        assert_int_equal(values[1].ulPropTag, name);
        assert_int_equal(values[2].ulPropTag, PR_NULL);
        assert_int_equal(values[3].ulPropTag, name);
        assert_ptr_not_equal(values[1].Value.lpszW, values[3].Value.lpszW);
        assert_int_equal(values[4].ulPropTag, tags[4]);
        assert_int_equal(strlen(values[4].Value.lpszA), 2);
        assert_int_equal(PROP_ID(values[5].ulPropTag), PROP_ID(name));
        assert_int_equal(PROP_TYPE(values[5].ulPropTag),
                filled->world.kind->has_widths ? PT_UNICODE : PT_STRING8);
        for (size_t k = 6; k < COUNT_OF(tags); k++) {
            if (k == 12) /* one text is one row */
                continue;
            assert_int_equal(values[k].ulPropTag, PROP_TAG(PT_ERROR, PROP_ID(tags[k])));
            assert_int_equal(values[k].Value.err, MAPI_E_NOT_FOUND);
        }
    }
    mapi_free_rows(rows);
}

/* IMAPITable.SetColumns.1 IMAPITable.SetColumns.3 IMAPITable.SetColumns.4 IMAPITable.SetColumns.12
 * IMAPITable.QueryRows.8 IMAPITable.QueryRows.9 IMAPITable.QueryRows.15 */
static void columns__odd_ones__are_taken_and_answered(void **state)
{
    for_every_kind(*state, check_odd_columns);
}

static void check_widths(struct filled *filled)
{
    for (int unicode = 0; unicode < 2; unicode++) {
        IMAPITable *table = filled->world.kind->open(&filled->world, unicode ? MAPI_UNICODE : 0);
        ULONG type = unicode && filled->world.kind->has_widths ? PT_UNICODE : PT_STRING8;

        for (ULONG flags = 0; flags <= TBL_ALL_COLUMNS; flags += TBL_ALL_COLUMNS) {
            LPSPropTagArray tags = columns_of(table, flags);

            for (ULONG i = 0; i < tags->cValues; i++) {
                ULONG is = PROP_TYPE(tags->aulPropTag[i]);

                assert_true((is != PT_UNICODE && is != PT_STRING8) || is == type);
            }
            assert_int_equal(
                    count_tag(tags, CHANGE_PROP_TYPE(filled->world.kind->name_tag, type)), 1);
            mapi_free(tags);
        }
        release_last(table);
    }
}

/* IMAPIContainer.GetContentsTable.4 IMAPIContainer.GetHierarchyTable.5 */
static void columns__of_texts__have_the_width_asked_for(void **state)
{
    for_every_kind(*state, check_widths);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(columns__that_rows_answer__are_among_all_columns),
        TEST(columns__required__are_there_before_any_are_set),
        TEST(columns__are_what_the_objects_say),
        TEST(columns__odd_ones__are_taken_and_answered),
        TEST(columns__of_texts__have_the_width_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
