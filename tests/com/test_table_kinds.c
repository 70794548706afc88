/* SPDX-License-Identifier: MIT */
/*
 * test_table_kinds.c - what holds for tables holds for every kind of them: without rows, with odd
 * columns, refused calls, headings, and work in the background.
 */
#include "com/table_kinds.h"

#define ABSENT PROP_TAG(PT_LONG, 0x6777)

enum { FILLED = 5, WIDEST = 0x7FFFFFFF };

static const char *const names[FILLED] = { "b2", "D4", "a1", "E5", "c3" };

struct filled {
    struct kinds_world world;
    struct kind_row rows[FILLED];
    IMAPITable *table;
};

static void fill(struct filled *filled, struct fixture *fx, const struct table_kind *kind)
{
    kinds_begin(&filled->world, fx, kind);
    for (size_t i = 0; i < FILLED; i++)
        kinds_add(&filled->world, &filled->rows[i], names[i]);
    filled->table = kind->open(&filled->world, MAPI_UNICODE);
}

static void empty(struct filled *filled)
{
    for (size_t i = 0; i < FILLED; i++) {
        filled->world.kind->remove(&filled->world, &filled->rows[i]);
        kind_row_done(&filled->rows[i]);
    }
    assert_int_equal(row_count(filled->table), 0);
    release_last(filled->table);
    kinds_end(&filled->world);
}

static void for_every_kind(struct fixture *fx, void (*test)(struct filled *filled))
{
    for (size_t i = 0; i < KINDS; i++) {
        struct filled filled;

        print_message("%s\n", table_kinds[i].name);
        fill(&filled, fx, &table_kinds[i]);
        test(&filled);
        empty(&filled);
    }
}

/* The names of the rows that QueryRows gives, separated by spaces. */
static const char *names_of(struct filled *filled, IMAPITable *table)
{
    static char line[256];
    LPSRowSet rows = table_rows(table, &filled->world.kind->name_tag, 1);

    line[0] = '\0';
    for (ULONG i = 0; i < rows->cRows; i++) {
        if (i > 0)
            strcat(line, " ");
        put_text(line, sizeof(line), values_of(rows, i));
    }
    mapi_free_rows(rows);
    return line;
}

static HRESULT sort_by(IMAPITable *table, ULONG tag, ULONG order, ULONG flags)
{
    union {
        struct sort_order order;
        SSortOrderSet set;
    } both = { .order = { 1, 0, 0, { { tag, order } } } };

    return table->lpVtbl->SortTable(table, &both.set, flags);
}

/* --- without rows ----------------------------------------------------------------------------- */

static void look_at_nothing(IMAPITable *table, SRestriction *restriction)
{
    static const LONG distances[] = { 0, 1, -1, WIDEST, -WIDEST - 1 };
    ULONG row = POISON_LONG, numerator = POISON_LONG, denominator = 0;
    LPSRowSet rows;
    LONG moved;

    assert_int_equal(row_count(table), 0);
    for (BOOKMARK origin = BOOKMARK_BEGINNING; origin <= BOOKMARK_END; origin++) {
        for (size_t i = 0; i < COUNT_OF(distances); i++) {
            moved = (LONG)POISON_LONG;
            assert_ok(table->lpVtbl->SeekRow(table, origin, distances[i], &moved));
            assert_int_equal(moved, 0);
            if (distances[i] == 0)
                continue;
            rows = query(table, distances[i], i % 2 ? TBL_NOADVANCE : 0);
            assert_int_equal(rows->cRows, 0);
            mapi_free(rows);
        }
        assert_hr(table->lpVtbl->FindRow(table, restriction, origin, 0), MAPI_E_NOT_FOUND);
        assert_hr(
                table->lpVtbl->FindRow(table, restriction, origin, DIR_BACKWARD), MAPI_E_NOT_FOUND);
    }
    assert_ok(table->lpVtbl->SeekRowApprox(table, 0, 0xFFFFFFFF));
    assert_ok(table->lpVtbl->SeekRowApprox(table, 0xFFFFFFFF, 1));
    assert_ok(table->lpVtbl->SeekRowApprox(table, 1, 2));
    assert_ok(table->lpVtbl->QueryPosition(table, &row, &numerator, &denominator));
    assert_int_equal(row, 0);
    assert_true(denominator != 0);
    assert_int_equal(numerator, denominator);
}

/* IMAPITable.QueryRows.6 IMAPITable.QueryRows.11 IMAPITable.SeekRow.4 IMAPITable.QueryPosition.2
 * IMAPITable.FindRow.3 IMAPITable.FindRow.5 IMAPITable.SeekRowApprox.1
 * IMAPITable.SeekRowApprox.2 IMAPITable.CreateBookmark.1 */
static void no_rows__every_place__is_the_beginning_and_the_end(void **state)
{
    for (size_t i = 0; i < KINDS; i++) {
        const struct table_kind *kind = &table_kinds[i];
        SRestriction all = { .rt = RES_AND };
        struct kinds_world world;
        struct kind_row row;
        IMAPITable *table;
        BOOKMARK made;

        print_message("%s\n", kind->name);
        kinds_begin(&world, *state, kind);
        table = kind->open(&world, MAPI_UNICODE);
        look_at_nothing(table, &all);
        made = bookmark(table);
        assert_ok(sort_by(table, kind->name_tag, TABLE_SORT_DESCEND, 0));
        assert_hr(table->lpVtbl->SeekRow(table, made, 0, NULL), MAPI_E_INVALID_BOOKMARK);
        look_at_nothing(table, &all);
        made = bookmark(table);
        assert_ok(
                table->lpVtbl->FindRow(table, &all, made, 0) == MAPI_E_NOT_FOUND ? S_OK : S_FALSE);
        kinds_add(&world, &row, "a1");
        assert_ok(table->lpVtbl->SeekRow(table, made, 0, NULL));
        assert_int_equal(cursor_row(table), 0);
        assert_ok(table->lpVtbl->FindRow(table, &all, BOOKMARK_END, DIR_BACKWARD));
        assert_int_equal(cursor_row(table), 0);
        kind->remove(&world, &row);
        kind_row_done(&row);
        look_at_nothing(table, &all);
        release_last(table);
        kinds_end(&world);
    }
}

/* --- columns ---------------------------------------------------------------------------------- */

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

/* --- what is refused -------------------------------------------------------------------------- */

/* There is a sentence about the failure. */
static void assert_told(IMAPITable *table, HRESULT hr, HRESULT expected)
{
    LPMAPIERROR error = POISON;

    assert_hr(hr, expected);
    assert_ok(table->lpVtbl->GetLastError(table, hr, 0, &error));
    assert_non_null(error);
    assert_true(strlen((const char *)error->lpszError) > 10);
    mapi_free(error);
}

static void refuse_orders(struct filled *filled)
{
    IMAPITable *table = filled->table;
    struct sort_order order = { 1, 1, 1, { { filled->world.kind->name_tag, 0 } } };

    if (!filled->world.kind->can_categorize)
        assert_told(table, try_sort(table, &order), MAPI_E_NO_SUPPORT);
    order.cCategories = 2;
    assert_told(table, try_sort(table, &order), MAPI_E_INVALID_PARAMETER);
    order.cCategories = order.cExpanded = 0;
    order.aSort[0].ulPropTag = PROP_TAG(PT_OBJECT, 0x6700);
    assert_told(table, try_sort(table, &order), MAPI_E_TOO_COMPLEX);
    order.aSort[0].ulPropTag = PR_NULL;
    assert_told(table, try_sort(table, &order), MAPI_E_INVALID_PARAMETER);
    order.cSorts = 33;
    assert_told(table, try_sort(table, &order), MAPI_E_TOO_COMPLEX);
}

static void refuse_filters(struct filled *filled)
{
    IMAPITable *table = filled->table;
    SRestriction circle = { .rt = RES_COMMENT }, wrong = { .rt = RES_NOT };
    SRestriction sub = { .rt = RES_SUBRESTRICTION }, all = { .rt = RES_AND };

    circle.res.resComment.lpRes = &circle;
    assert_told(table, table->lpVtbl->Restrict(table, &circle, 0), MAPI_E_TOO_COMPLEX);
    assert_told(
            table, table->lpVtbl->FindRow(table, &circle, BOOKMARK_CURRENT, 0), MAPI_E_TOO_COMPLEX);
    assert_told(table, table->lpVtbl->Restrict(table, &wrong, TBL_BATCH), MAPI_E_INVALID_PARAMETER);
    assert_told(table, table->lpVtbl->Restrict(table, &wrong, TBL_ASYNC), MAPI_E_INVALID_PARAMETER);
    assert_told(table, table->lpVtbl->FindRow(table, &wrong, BOOKMARK_END, DIR_BACKWARD),
            MAPI_E_INVALID_PARAMETER);
    sub.res.resSub.ulSubObject = PR_MESSAGE_RECIPIENTS;
    sub.res.resSub.lpRes = &all;
    if (filled->world.kind->name_tag != PR_SUBJECT_W) /* rows that are no messages */
        assert_told(table, table->lpVtbl->Restrict(table, &sub, 0), MAPI_E_TOO_COMPLEX);
}

static void refuse_places(struct filled *filled, BOOKMARK freed)
{
    IMAPITable *table = filled->table;
    SRestriction all = { .rt = RES_AND };

    assert_told(table, table->lpVtbl->SeekRow(table, freed, 1, NULL), MAPI_E_INVALID_BOOKMARK);
    assert_told(table, table->lpVtbl->FindRow(table, &all, freed, 0), MAPI_E_INVALID_BOOKMARK);
    assert_told(table, table->lpVtbl->FreeBookmark(table, freed), MAPI_E_INVALID_BOOKMARK);
}

static void refuse_headings(struct filled *filled)
{
    static const ULONG tag = PR_INSTANCE_KEY;
    IMAPITable *table = filled->table;
    IMAPITable *other = filled->world.kind->open(&filled->world, MAPI_UNICODE);
    HRESULT expected =
            filled->world.kind->can_categorize ? MAPI_E_UNABLE_TO_COMPLETE : MAPI_E_NO_SUPPORT;
    LPSRowSet rows = table_rows(other, &tag, 1);
    SBinary key = values_of(rows, 0)->Value.bin;
    LPSRowSet none = POISON;
    ULONG count = POISON_LONG;
    LPBYTE saved = POISON;
    BOOKMARK made = POISON_CONN;
    BYTE wild[40] = { 1 };

    assert_told(table, table->lpVtbl->ExpandRow(table, key.cb, key.lpb, 1, 0, &none, &count),
            MAPI_E_NOT_FOUND);
    assert_null(none);
    assert_int_equal(count, 0);
    count = POISON_LONG;
    assert_told(
            table, table->lpVtbl->CollapseRow(table, key.cb, key.lpb, 0, &count), MAPI_E_NOT_FOUND);
    assert_int_equal(count, 0);
    count = POISON_LONG;
    assert_told(
            table, table->lpVtbl->SetCollapseState(table, 0, sizeof(wild), wild, &made), expected);
    assert_int_equal(made, 0);
    if (expected == MAPI_E_NO_SUPPORT) {
        assert_told(table,
                table->lpVtbl->GetCollapseState(table, 0, key.cb, key.lpb, &count, &saved),
                MAPI_E_NO_SUPPORT);
        assert_int_equal(count, 0);
        assert_null(saved);
    }
    mapi_free_rows(rows);
    release_last(other);
}

/* The order is descending, a is filtered out, the cursor is at 2, on the bookmark. */
static void assert_unchanged(struct filled *filled, BOOKMARK mark)
{
    IMAPITable *table = filled->table;
    LPSPropTagArray columns = columns_of(table, 0);
    LPSSortOrderSet order = POISON;

    assert_int_equal(columns->cValues, 1);
    assert_int_equal(columns->aulPropTag[0], filled->world.kind->name_tag);
    assert_ok(table->lpVtbl->QuerySortOrder(table, &order));
    assert_int_equal(order->cSorts, 1);
    assert_int_equal(order->cCategories, 0);
    assert_int_equal(order->aSort[0].ulOrder, TABLE_SORT_DESCEND);
    assert_int_equal(cursor_row(table), 2);
    assert_int_equal(row_count(table), FILLED - 1);
    seek(table, mark, 0);
    assert_int_equal(cursor_row(table), 2);
    assert_string_equal(names_of(filled, table), "E5 D4 c3 b2");
    seek(table, BOOKMARK_BEGINNING, 2);
    mapi_free(columns);
    mapi_free(order);
}

static void check_refusals(struct filled *filled)
{
    IMAPITable *table = filled->table;
    SPropValue bound = text_value(filled->world.kind->name_tag, u"B");
    SRestriction above = compare_with(RELOP_GE, &bound);
    SPropTagArray tags = { 0, { PR_NULL } };
    BOOKMARK mark, freed;

    set_columns(table, &filled->world.kind->name_tag, 1);
    assert_ok(sort_by(table, filled->world.kind->name_tag, TABLE_SORT_DESCEND, TBL_BATCH));
    assert_ok(table->lpVtbl->Restrict(table, &above, TBL_BATCH));
    seek(table, BOOKMARK_BEGINNING, 2);
    mark = bookmark(table);
    freed = bookmark(table);
    assert_ok(table->lpVtbl->FreeBookmark(table, freed));
    assert_unchanged(filled, mark);

    refuse_orders(filled);
    assert_unchanged(filled, mark);
    refuse_filters(filled);
    assert_unchanged(filled, mark);
    refuse_places(filled, freed);
    assert_unchanged(filled, mark);
    refuse_headings(filled);
    assert_unchanged(filled, mark);
    assert_hr(table->lpVtbl->SetColumns(table, &tags, 0), MAPI_E_INVALID_PARAMETER);
    tags.cValues = 0x10001;
    assert_hr(table->lpVtbl->SetColumns(table, &tags, TBL_ASYNC), MAPI_E_INVALID_PARAMETER);
    assert_hr(table->lpVtbl->SeekRowApprox(table, 1, 0), MAPI_E_INVALID_PARAMETER);
    assert_told(table, table->lpVtbl->Abort(table), MAPI_E_UNABLE_TO_ABORT);
    assert_told(table, table->lpVtbl->Unadvise(table, 4711), MAPI_E_NOT_FOUND);
    assert_unchanged(filled, mark);
}

/* IMAPITable.SortTable.4 IMAPITable.SortTable.5 IMAPITable.SortTable.22 IMAPITable.Restrict.4
 * IMAPITable.Restrict.5 IMAPITable.SeekRow.6 IMAPITable.FindRow.6 IMAPITable.FreeBookmark.3
 * IMAPITable.SetColumns.2 IMAPITable.ExpandRow.5 IMAPITable.CollapseRow.2
 * IMAPITable.GetCollapseState.2 IMAPITable.SetCollapseState.3 IMAPITable.SeekRowApprox.3
 * IMAPITable.Abort.1 IMAPITable.Advise.7 restriction.General.3 restriction.SUBRESTRICTION.3
 * Errors.GetLastError.1 */
static void refusals__of_every_call__have_a_sentence_and_change_nothing(void **state)
{
    for_every_kind(*state, check_refusals);
}

static void check_bookmark_limit(struct filled *filled)
{
    IMAPITable *table = filled->table;
    BOOKMARK made = 0, first = bookmark(table);
    HRESULT hr = S_OK;

    for (unsigned i = 0; i < 100000 && SUCCEEDED(hr); i++) {
        made = POISON_CONN;
        hr = table->lpVtbl->CreateBookmark(table, &made);
    }
    assert_told(table, hr, MAPI_E_UNABLE_TO_COMPLETE);
    assert_int_equal(made, 0);
    assert_ok(table->lpVtbl->FreeBookmark(table, first));
    (void)bookmark(table);
}

/* IMAPITable.CreateBookmark.2 IMAPITable.FreeBookmark.1 */
static void bookmarks__too_many__one_freed_makes_room(void **state)
{
    for_every_kind(*state, check_bookmark_limit);
}

/* --- in the background ------------------------------------------------------------------------ */

static void wait_for(IMAPITable *table)
{
    ULONG status = POISON_LONG;

    assert_ok(table->lpVtbl->WaitForCompletion(table, 0, 0xFFFFFFFF, &status));
    assert_int_equal(status, TBLSTAT_COMPLETE);
}

static void check_async(struct filled *filled)
{
    IMAPITable *table = filled->table;
    ULONG name = filled->world.kind->name_tag;
    SPropValue bound = text_value(name, u"c3");
    SRestriction below = compare_with(RELOP_LE, &bound);
    SPropTagArray tags = { 1, { name } };
    LPSRowSet rows;
    BOOKMARK mark;

    seek(table, BOOKMARK_BEGINNING, 3);
    mark = bookmark(table);
    assert_ok(table->lpVtbl->SetColumns(table, &tags, TBL_ASYNC | TBL_BATCH));
    wait_for(table);
    assert_int_equal(cursor_row(table), 3);
    seek(table, mark, 0);
    rows = query(table, 1, 0);
    assert_int_equal(rows->aRow[0].cValues, 1);
    mapi_free_rows(rows);
    assert_ok(sort_by(table, name, TABLE_SORT_ASCEND, TBL_ASYNC));
    wait_for(table);
    assert_int_equal(cursor_row(table), 0);
    assert_hr(table->lpVtbl->SeekRow(table, mark, 0, NULL), MAPI_E_INVALID_BOOKMARK);
    assert_string_equal(names_of(filled, table), "a1 b2 c3 D4 E5");
    assert_ok(table->lpVtbl->Restrict(table, &below, TBL_ASYNC | TBL_BATCH));
    wait_for(table);
    assert_int_equal(cursor_row(table), 0);
    assert_string_equal(names_of(filled, table), "a1 b2 c3");
    assert_ok(table->lpVtbl->Restrict(table, NULL, TBL_ASYNC));
    wait_for(table);
    assert_ok(sort_by(table, name, TABLE_SORT_DESCEND, TBL_ASYNC));
    wait_for(table);
    assert_string_equal(names_of(filled, table), "E5 D4 c3 b2 a1");
}

/* IMAPITable.SortTable.1 IMAPITable.SortTable.3 IMAPITable.Restrict.1 IMAPITable.Restrict.2
 * IMAPITable.Restrict.3 IMAPITable.SetColumns.1 IMAPITable.WaitForCompletion.1 */
static void in_the_background__every_kind__as_at_once(void **state)
{
    for_every_kind(*state, check_async);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_rows__every_place__is_the_beginning_and_the_end),
        TEST(columns__that_rows_answer__are_among_all_columns),
        TEST(columns__odd_ones__are_taken_and_answered),
        TEST(columns__of_texts__have_the_width_asked_for),
        TEST(refusals__of_every_call__have_a_sentence_and_change_nothing),
        TEST(bookmarks__too_many__one_freed_makes_room),
        TEST(in_the_background__every_kind__as_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
