/* SPDX-License-Identifier: MIT */
/*
 * test_table_category.c - IMAPITable with headings: ExpandRow, CollapseRow, their states.
 */
#include "com/copy_world.h"
#include "com/with_table.h"

static int setup(void **state)
{
    struct with_table *with = with_table_new();

    add_mail(with->fx->inbox, "d", "anna", true);
    add_mail(with->fx->inbox, "c", "bob", false);
    add_mail(with->fx->inbox, "b", "anna", false);
    add_mail(with->fx->inbox, "a", "bob", true);
    add_mail(with->fx->inbox, "e", "Anna", false);
    add_mail(with->fx->inbox, "f", "carl", true);
    *state = with;
    return 0;
}

static struct sort_order by_sender(ULONG expanded)
{
    struct sort_order order = { 2, 1, expanded, { { PR_SENDER_NAME_W, 0 }, { PR_SUBJECT_W, 0 } } };

    return order;
}

static void sort_by_sender(IMAPITable *table, ULONG expanded)
{
    struct sort_order order = by_sender(expanded);

    sort(table, &order);
}

/* IMAPITable.SortTable.11 IMAPITable.SortTable.12 IMAPITable.SortTable.13 IMAPITable.SortTable.14
 * IMAPITable.SortTable.15 IMAPITable.SortTable.16 IMAPITable.QueryRows.14 IMAPITable.GetRowCount.1
 */
static void sort__by_category__headings_and_leaves(void **state)
{
    struct with_table *with = *state;

    sort_by_sender(with->table, 0);
    assert_string_equal(table_line(with->table), "-anna(3,2) -bob(2,1) -carl(1,0)");
    assert_int_equal(row_count(with->table), 3);
    sort_by_sender(with->table, 1);
    assert_string_equal(table_line(with->table), "+anna(3,2) b d e +bob(2,1) a c +carl(1,0) f");
    assert_int_equal(row_count(with->table), 9);
    sort(with->table, &(struct sort_order){ 2, 2, 1,
                              { { PR_SENDER_NAME_W, TABLE_SORT_DESCEND }, { PR_SUBJECT_W, 0 } } });
    assert_int_equal(row_count(with->table), 9); /* every heading, no leaf */
}

/* Few rows are scanned, more are evaluated over columns: both alike. */
static void sort__by_largest_value__headings_in_its_order(void **state)
{
    struct with_table *with = *state;
    struct sort_order order = { 2, 2, 0,
        { { PR_SENDER_NAME_W, 0 }, { PR_SUBJECT_W, TABLE_SORT_CATEG_MAX } } };

    sort(with->table, &order);
    assert_string_equal(table_line(with->table), "-bob(2,1) -anna(3,2) -carl(1,0)");
    for (int i = 0; i < 30; i++)
        add_mail(with->fx->inbox, i == 17 ? "dz" : "ba", "dora", i % 2 == 0);
    assert_string_equal(table_line(with->table), "-bob(2,1) -dora(30,15) -anna(3,2) -carl(1,0)");
    order.aSort[1].ulOrder = TABLE_SORT_CATEG_MIN;
    sort(with->table, &order);
    assert_string_equal(table_line(with->table), "-bob(2,1) -anna(3,2) -dora(30,15) -carl(1,0)");
}

/* IMAPITable.SortTable.18 IMAPITable.SortTable.15 table-columns.InstanceKey.3 */
static void headings__columns__theirs_and_no_others(void **state)
{
    struct with_table *with = *state;
    LPSRowSet rows;

    sort_by_sender(with->table, 1);
    rows = query(with->table, 2, 0);
    assert_int_equal(values_of(rows, 0)[LINE_DEPTH].Value.l, 0);
    assert_int_equal(values_of(rows, 1)[LINE_DEPTH].Value.l, 1);
    assert_int_equal(
            values_of(rows, 0)[LINE_SUBJECT].ulPropTag, PROP_TAG(PT_ERROR, PROP_ID(PR_SUBJECT)));
    assert_int_equal(values_of(rows, 0)[LINE_SUBJECT].Value.err, MAPI_E_NOT_FOUND);
    assert_int_equal(values_of(rows, 0)[LINE_KEY].ulPropTag, PR_INSTANCE_KEY);
    assert_int_equal(values_of(rows, 0)[LINE_COUNT].ulPropTag, PR_CONTENT_COUNT);
    assert_int_equal(values_of(rows, 0)[LINE_UNREAD].ulPropTag, PR_CONTENT_UNREAD);
    mapi_free_rows(rows);
}

/* IMAPITable.SortTable.17 */
static void headings__last_leaf_deleted__are_gone(void **state)
{
    struct with_table *with = *state;
    LPSRowSet rows = table_rows(with->table, (const ULONG[]){ PR_ENTRYID }, 1);
    SBinary id = values_of(rows, 5)[0].Value.bin; /* of "f" */
    ENTRYLIST list = { 1, &id };

    set_line_columns(with->table);
    sort_by_sender(with->table, 0);
    assert_string_equal(table_line(with->table), "-anna(3,2) -bob(2,1) -carl(1,0)");
    assert_ok(with->fx->inbox->lpVtbl->DeleteMessages(with->fx->inbox, &list, 0, NULL, 0));
    assert_string_equal(table_line(with->table), "-anna(3,2) -bob(2,1)");
    mapi_free_rows(rows);
}

/* IMAPITable.ExpandRow.1 IMAPITable.ExpandRow.2 IMAPITable.ExpandRow.3 */
static void expand_row__some_rows_wanted__cursor_behind_them(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    struct row_key key;
    LPSRowSet rows = POISON;
    ULONG more = POISON_LONG;

    sort_by_sender(table, 0);
    key = key_of(table, "anna");
    assert_ok(table->lpVtbl->ExpandRow(table, key.size, key.bytes, 2, 0, &rows, &more));
    assert_int_equal(more, 3);
    assert_string_equal(rows_line(rows), "b d");
    assert_string_equal(next_rows(table, 2), "e -bob(2,1)");
    assert_string_equal(table_line(table), "+anna(3,2) b d e -bob(2,1) -carl(1,0)");
}

/* IMAPITable.ExpandRow.2 IMAPITable.ExpandRow.4 IMAPITable.ExpandRow.6 */
static void expand_row__no_rows_wanted_or_none_there__cursor_behind_heading(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    struct row_key key;
    LPSRowSet rows = POISON;
    ULONG more = POISON_LONG;

    sort_by_sender(table, 0);
    key = key_of(table, "bob");
    assert_ok(table->lpVtbl->ExpandRow(table, key.size, key.bytes, 0, 0, NULL, &more));
    assert_int_equal(more, 2);
    assert_string_equal(next_rows(table, 9), "a c -carl(1,0)");
    assert_ok(table->lpVtbl->ExpandRow(table, key.size, key.bytes, 9, 0, &rows, &more));
    assert_int_equal(more, 0);
    assert_string_equal(rows_line(rows), "");
    assert_string_equal(next_rows(table, 1), "a");
}

/* IMAPITable.ExpandRow.5 IMAPITable.CollapseRow.2 */
static void expand_row__no_such_heading__not_found(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    BYTE wild[16] = { 1, 2, 3 };
    struct row_key leaf;
    LPSRowSet rows = POISON;
    ULONG more = POISON_LONG;

    sort_by_sender(table, 1);
    leaf = key_of(table, "d");
    seek(table, BOOKMARK_BEGINNING, 2);
    assert_hr(table->lpVtbl->ExpandRow(table, 12, wild, 1, 0, &rows, &more), MAPI_E_NOT_FOUND);
    assert_null(rows);
    assert_int_equal(more, 0);
    assert_hr(table->lpVtbl->ExpandRow(table, 3, wild, 0, 0, NULL, &more), MAPI_E_NOT_FOUND);
    assert_hr(table->lpVtbl->ExpandRow(table, leaf.size, leaf.bytes, 0, 0, NULL, &more),
            MAPI_E_NOT_FOUND);
    assert_hr(
            table->lpVtbl->ExpandRow(table, 0, NULL, 0, 0, NULL, &more), MAPI_E_INVALID_PARAMETER);
    assert_hr(
            table->lpVtbl->ExpandRow(table, 12, wild, 1, 0, NULL, &more), MAPI_E_INVALID_PARAMETER);
    assert_hr(table->lpVtbl->ExpandRow(table, 12, wild, 0, 1, NULL, &more), MAPI_E_UNKNOWN_FLAGS);
    assert_hr(table->lpVtbl->CollapseRow(table, 12, wild, 0, &more), MAPI_E_NOT_FOUND);
    assert_int_equal(cursor_row(table), 2);
}

/* Memory.Failure.2 */
static void expand_row__nth_allocation_fails__stays_closed(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    struct row_key key;

    sort_by_sender(table, 0);
    key = key_of(table, "anna");
    seek(table, BOOKMARK_BEGINNING, 2);
    for (size_t nth = 1;; nth++) {
        LPSRowSet rows = POISON;
        ULONG more = POISON_LONG;
        HRESULT hr;

        host_mem_fail_at(nth);
        hr = table->lpVtbl->ExpandRow(table, key.size, key.bytes, 9, 0, &rows, &more);
        if (!host_mem_fail_done()) {
            assert_ok(hr);
            mapi_free_rows(rows);
            assert_int_equal(nth, 5); /* the set and three rows before */
            break;
        }
        assert_hr(hr, MAPI_E_NOT_ENOUGH_MEMORY);
        assert_null(rows);
        assert_int_equal(more, 0);
        assert_int_equal(cursor_row(table), 2);
        assert_int_equal(row_count(table), 3);
    }
}

/* IMAPITable.CollapseRow.1 IMAPITable.CollapseRow.3 IMAPITable.SeekRow.8 */
static void collapse_row__over_a_bookmark__next_visible_row(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    struct row_key key;
    BOOKMARK inside;
    ULONG gone = POISON_LONG;

    sort_by_sender(table, 1);
    key = key_of(table, "anna");
    seek(table, BOOKMARK_BEGINNING, 2);
    inside = bookmark(table);
    assert_ok(table->lpVtbl->CollapseRow(table, key.size, key.bytes, 0, &gone));
    assert_int_equal(gone, 3);
    assert_hr(table->lpVtbl->SeekRow(table, inside, 0, NULL), MAPI_W_POSITION_CHANGED);
    assert_string_equal(next_rows(table, 1), "+bob(2,1)");
    assert_string_equal(table_line(table), "-anna(3,2) +bob(2,1) a c +carl(1,0) f");
    assert_ok(table->lpVtbl->CollapseRow(table, key.size, key.bytes, 0, &gone));
    assert_int_equal(gone, 0);
}

/* IMAPITable.FindRow.8 */
static void find_row__by_instance_key__finds_headings_too(void **state)
{
    struct with_table *with = *state;
    LPSRowSet rows;

    sort_by_sender(with->table, 1);
    rows = query(with->table, ALL_ROWS, 0);
    for (ULONG i = 0; i < rows->cRows; i++) {
        SRestriction is_key = compare_with(RELOP_EQ, &values_of(rows, i)[LINE_KEY]);

        assert_ok(with->table->lpVtbl->FindRow(with->table, &is_key, BOOKMARK_BEGINNING, 0));
        assert_int_equal(cursor_row(with->table), i);
    }
    mapi_free_rows(rows);
}

/* table-columns.InstanceKey.1 table-columns.InstanceKey.2 */
static void instance_keys__through_all_changes__are_constant_and_unique(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    SPropValue value = text_value(PR_SENDER_NAME_W, u"bob");
    SRestriction is_bob = compare_with(RELOP_EQ, &value);
    struct row_key before, after, leaf_before, leaf_after;
    LPSRowSet rows;

    leaf_before = key_of(table, "a");
    sort_by_sender(table, 1);
    before = key_of(table, "bob");
    assert_ok(table->lpVtbl->Restrict(table, &is_bob, 0));
    add_mail(with->fx->inbox, "g", "bob", true);
    after = key_of(table, "bob");
    leaf_after = key_of(table, "a");
    assert_memory_equal(&before, &after, sizeof(before));
    assert_memory_equal(&leaf_before, &leaf_after, sizeof(before));
    assert_ok(table->lpVtbl->Restrict(table, NULL, 0));
    rows = query(table, ALL_ROWS, 0);
    for (ULONG i = 0; i < rows->cRows; i++) {
        for (ULONG k = 0; k < i; k++) {
            SBinary a = values_of(rows, i)[LINE_KEY].Value.bin;
            SBinary b = values_of(rows, k)[LINE_KEY].Value.bin;

            assert_true(a.cb != b.cb || memcmp(a.lpb, b.lpb, a.cb) != 0);
        }
    }
    mapi_free_rows(rows);
}

/* --- states ----------------------------------------------------------------------------------- */

/* IMAPITable.GetCollapseState.1 IMAPITable.GetCollapseState.3 IMAPITable.SetCollapseState.1
 * IMAPITable.SetCollapseState.2 */
static void collapse_state__in_a_new_table__comes_back(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    struct row_key key, place;
    ULONG size = POISON_LONG, gone;
    LPBYTE saved = POISON;
    BOOKMARK made = POISON_CONN;

    sort_by_sender(table, 1);
    key = key_of(table, "anna");
    place = key_of(table, "c");
    assert_ok(table->lpVtbl->CollapseRow(table, key.size, key.bytes, 0, &gone));
    assert_ok(table->lpVtbl->GetCollapseState(table, 0, place.size, place.bytes, &size, &saved));
    assert_true(size > 0);
    assert_true(host_mem_is_root(saved));
    release_last(with->table);

    with->table = table = contents_table(with->fx->inbox);
    sort_by_sender(table, 1);
    key = key_of(table, "carl");
    assert_ok(table->lpVtbl->CollapseRow(table, key.size, key.bytes, 0, &gone));
    assert_ok(table->lpVtbl->SetCollapseState(table, 0, size, saved, &made));
    seek(table, made, 0);
    assert_string_equal(next_rows(table, 1), "c");
    assert_string_equal(table_line(table), "-anna(3,2) +bob(2,1) a c +carl(1,0) f");
    mapi_free(saved);
}

/* IMAPITable.SetCollapseState.3 */
static void collapse_state__not_ours_or_other_order__refused(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    struct row_key key;
    ULONG size;
    LPBYTE saved;
    BOOKMARK made = POISON_CONN;
    BYTE wild[40] = { 0 };

    sort_by_sender(table, 0);
    key = key_of(table, "anna");
    assert_ok(table->lpVtbl->GetCollapseState(table, 0, key.size, key.bytes, &size, &saved));
    sort(table, &(struct sort_order){ 1, 1, 1, { { PR_SENDER_NAME_W, TABLE_SORT_DESCEND } } });
    assert_hr(table->lpVtbl->SetCollapseState(table, 0, size, saved, &made),
            MAPI_E_UNABLE_TO_COMPLETE);
    assert_int_equal(made, 0);
    assert_hr(table->lpVtbl->SetCollapseState(table, 0, sizeof(wild), wild, &made),
            MAPI_E_UNABLE_TO_COMPLETE);
    assert_hr(
            table->lpVtbl->SetCollapseState(table, 0, size, NULL, &made), MAPI_E_INVALID_PARAMETER);
    assert_string_equal(table_line(table), "+carl(1,0) f +bob(2,1) c a +anna(3,2) d b e");
    mapi_free(saved);
    saved = POISON;
    assert_hr(table->lpVtbl->GetCollapseState(table, 0, sizeof(wild), wild, &size, &saved),
            MAPI_E_NOT_FOUND);
    assert_int_equal(size, 0);
    assert_null(saved);
    assert_hr(table->lpVtbl->GetCollapseState(table, 0, 0, NULL, &size, &saved),
            MAPI_E_INVALID_PARAMETER);
}

/* A state that a client keeps: of arena 0, to be given back with mapi_free. */
struct kept_state {
    ULONG size;
    LPBYTE bytes;
};

/* Of the table by sender with anna closed; the place is c. */
static struct kept_state keep_state(IMAPITable *table)
{
    struct kept_state kept = { POISON_LONG, POISON };
    struct row_key key, place;
    ULONG gone;

    sort_by_sender(table, 1);
    key = key_of(table, "anna");
    place = key_of(table, "c");
    assert_ok(table->lpVtbl->CollapseRow(table, key.size, key.bytes, 0, &gone));
    assert_ok(table->lpVtbl->GetCollapseState(
            table, 0, place.size, place.bytes, &kept.size, &kept.bytes));
    return kept;
}

static void assert_state_taken(IMAPITable *table, const struct kept_state *kept)
{
    BOOKMARK made = POISON_CONN;

    sort_by_sender(table, 1);
    assert_string_equal(table_line(table), "+anna(3,2) b d e +bob(2,1) a c +carl(1,0) f");
    assert_ok(table->lpVtbl->SetCollapseState(table, 0, kept->size, kept->bytes, &made));
    seek(table, made, 0);
    assert_string_equal(next_rows(table, 1), "c");
    assert_string_equal(table_line(table), "-anna(3,2) +bob(2,1) a c +carl(1,0) f");
}

/* The table is one of all senders, too, with the same order. */
static void assert_state_refused(IMAPITable *table, const struct kept_state *kept)
{
    BOOKMARK made = POISON_CONN;
    BOOKMARK own;
    char *before;

    sort_by_sender(table, 1);
    before = strdup(table_line(table));
    seek(table, BOOKMARK_BEGINNING, 1);
    own = bookmark(table);
    seek(table, BOOKMARK_BEGINNING, 3);
    assert_hr(table->lpVtbl->SetCollapseState(table, 0, kept->size, kept->bytes, &made),
            MAPI_E_UNABLE_TO_COMPLETE);
    assert_int_equal(made, 0);
    assert_int_equal(cursor_row(table), 3);
    seek(table, own, 0);
    assert_int_equal(cursor_row(table), 1);
    assert_string_equal(table_line(table), before);
    free(before);
}

/* IMAPITable.GetCollapseState.3 IMAPITable.SetCollapseState.1 IMAPITable.SetCollapseState.2 */
static void collapse_state__in_a_later_session__comes_back(void **state)
{
    struct with_table *with = *state;
    struct fixture *fx = with->fx;
    struct kept_state kept = keep_state(with->table);
    BYTE *bytes = malloc(kept.size);
    struct kept_state later = { kept.size, bytes };

    memcpy(bytes, kept.bytes, kept.size);
    mapi_free(kept.bytes);
    release_last(with->table);
    fixture_reopen(fx);
    with->table = contents_table(fx->inbox);

    assert_state_taken(with->table, &later);
    free(bytes);
}

/* IMAPITable.SetCollapseState.3 */
static void collapse_state__of_another_folder__refused_and_nothing_changed(void **state)
{
    struct with_table *with = *state;
    struct kept_state kept = keep_state(with->table);
    IMAPIFolder *inbox = with->fx->inbox;
    IMAPIFolder *folder = POISON;
    IMAPITable *table = POISON;
    BOOKMARK made = POISON_CONN;
    char16_t name[] = u"beside";

    assert_ok(inbox->lpVtbl->CreateFolder(
            inbox, FOLDER_GENERIC, (LPTSTR)(void *)name, NULL, NULL, MAPI_UNICODE, &folder));
    add_mail(folder, "c", "anna", false);
    add_mail(folder, "g", "anna", false);
    add_mail(folder, "h", "bob", false);
    table = contents_table(folder);
    assert_state_refused(table, &kept);
    release_last(table);
    assert_ok(inbox->lpVtbl->GetContentsTable(inbox, MAPI_UNICODE | MAPI_ASSOCIATED, &table));
    set_line_columns(table);
    sort_by_sender(table, 1);
    assert_hr(table->lpVtbl->SetCollapseState(table, 0, kept.size, kept.bytes, &made),
            MAPI_E_UNABLE_TO_COMPLETE);
    release_last(table);
    release_last(folder);
    mapi_free(kept.bytes);
}

/* Cut at every byte, or with any of its bits turned.
 * IMAPITable.SetCollapseState.3 */
static void collapse_state__cut_or_flipped_anywhere__refused_and_nothing_changed(void **state)
{
    struct with_table *with = *state;
    IMAPITable *table = with->table;
    struct kept_state kept = keep_state(table);
    BYTE *bytes = malloc(kept.size);
    BOOKMARK own;

    sort_by_sender(table, 1);
    seek(table, BOOKMARK_BEGINNING, 2);
    own = bookmark(table);
    for (ULONG i = 0; i < kept.size * 9; i++) {
        ULONG at = i / 9;
        bool is_cut = i % 9 == 8;
        BOOKMARK made = POISON_CONN;

        memcpy(bytes, kept.bytes, kept.size);
        if (!is_cut)
            bytes[at] ^= (BYTE)(1u << i % 9);
        assert_hr(table->lpVtbl->SetCollapseState(table, 0, is_cut ? at : kept.size, bytes, &made),
                MAPI_E_UNABLE_TO_COMPLETE);
        assert_int_equal(made, 0);
        assert_int_equal(cursor_row(table), 2);
    }
    seek(table, own, 0);
    assert_int_equal(cursor_row(table), 2);
    assert_state_taken(table, &kept);
    free(bytes);
    mapi_free(kept.bytes);
}

/* A new store, in which the inbox has the same number.
 * IMAPITable.SetCollapseState.3 */
static void collapse_state__of_another_store__refused_and_nothing_changed(void **state)
{
    struct with_table *with = *state;
    struct kept_state kept = keep_state(with->table);
    struct copy_store other;
    IMAPIFolder *inbox;
    IMAPITable *table;
    LPENTRYID id = NULL;
    ULONG id_size = 0, type = 0;
    LPUNKNOWN object = NULL;

    copy_store_open(with->fx, &other);
    assert_ok(other.raw.store->lpVtbl->GetReceiveFolder(
            other.raw.store, NULL, MAPI_UNICODE, &id_size, &id, NULL));
    assert_ok(other.raw.store->lpVtbl->OpenEntry(
            other.raw.store, id_size, id, NULL, MAPI_MODIFY, &type, &object));
    inbox = (IMAPIFolder *)(void *)object;
    add_mail(inbox, "c", "anna", false);
    add_mail(inbox, "g", "anna", false);
    add_mail(inbox, "h", "bob", false);
    table = contents_table(inbox);
    assert_state_refused(table, &kept);
    release_last(table);
    release_last(inbox);
    mapi_free(id);
    copy_store_close(&other);
    assert_state_taken(with->table, &kept);
    mapi_free(kept.bytes);
}

/* --- the place of a row that is one of several of its message --------------------------------- */

#define WORDS PROP_TAG(PT_MV_UNICODE, 0x6803)
#define WORDS_EACH MVI_PROP(PROP_TAG(PT_UNICODE, 0x6803))

/* Gives a message these words, of one letter each, and saves it. */
static void set_words(IMessage *message, const char16_t *letters)
{
    WCHAR texts[4][2] = { { 0 } };
    LPWSTR list[4];
    SPropValue value = { .ulPropTag = WORDS };

    for (; letters[value.Value.MVszW.cValues] != 0; value.Value.MVszW.cValues++) {
        texts[value.Value.MVszW.cValues][0] = letters[value.Value.MVszW.cValues];
        list[value.Value.MVszW.cValues] = texts[value.Value.MVszW.cValues];
    }
    value.Value.MVszW.lppszW = list;
    assert_ok(message->lpVtbl->SetProps(message, 1, &value, NULL));
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
}

/* A new message with words, open. */
static IMessage *add_words(IMAPIFolder *folder, const char *subject, const char16_t *letters)
{
    IMessage *message = NULL;

    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    prop_set_text(message, PR_SUBJECT_W, subject);
    set_words(message, letters);
    return message;
}

/* A table of one heading for each word, all closed. */
static IMAPITable *words_table(IMAPIFolder *folder)
{
    static const ULONG tags[] = { PR_SUBJECT_W, WORDS_EACH, PR_INSTANCE_KEY, PR_ROW_TYPE, PR_DEPTH,
        PR_CONTENT_COUNT, PR_CONTENT_UNREAD };
    IMAPITable *table = contents_table(folder);

    set_columns(table, tags, LINE_COLUMNS); /* the word is where senders are told */
    sort(table, &(struct sort_order){ 1, 1, 0, { { WORDS_EACH, 0 } } });
    return table;
}

/* Where a state leads in a new table, and what is shown then. */
static void assert_state_leads(
        IMAPIFolder *folder, const struct kept_state *kept, const char *row, const char *all)
{
    IMAPITable *table = words_table(folder);
    BOOKMARK made = POISON_CONN;

    assert_ok(table->lpVtbl->SetCollapseState(table, 0, kept->size, kept->bytes, &made));
    seek(table, made, 0);
    assert_string_equal(next_rows(table, 1), row);
    assert_string_equal(table_line(table), all);
    release_last(table);
}

/* The saved row is one word's of its message. Later that word is another one, under a heading that
 * is closed; or gone, and the message's other row is where the state leads; or all of it is gone.
 * IMAPITable.SetCollapseState.1 IMAPITable.SetCollapseState.2 */
static void collapse_state__place_of_one_word__found_again_or_its_heading(void **state)
{
    struct with_table *with = *state;
    IMAPIFolder *folder = folder_make(with->fx->inbox, "words");
    IMessage *message = add_words(folder, "m", u"ab");
    IMessage *other = add_words(folder, "n", u"a");
    IMAPITable *table = words_table(folder);
    struct kept_state kept = { 0, NULL };
    struct row_key key = key_of(table, "b");
    SPropValue *id = prop_get(message, PR_ENTRYID);
    ENTRYLIST list = { 1, &id->Value.bin };
    ULONG more = 0;

    assert_ok(table->lpVtbl->ExpandRow(table, key.size, key.bytes, 0, 0, NULL, &more));
    assert_string_equal(table_line(table), "-a(2,2) +b(1,1) m");
    key = key_of(table, "m");
    assert_ok(table->lpVtbl->GetCollapseState(
            table, 0, key.size, key.bytes, &kept.size, &kept.bytes));
    release_last(table);

    assert_state_leads(folder, &kept, "m", "-a(2,2) +b(1,1) m");
    set_words(message, u"ac");
    assert_state_leads(folder, &kept, "-c(1,1)", "-a(2,2) -c(1,1)");
    set_words(message, u"cb"); /* found by its number, not by its word */
    assert_state_leads(folder, &kept, "m", "-a(1,1) +b(1,1) m -c(1,1)");
    set_words(message, u"c");
    assert_state_leads(folder, &kept, "-c(1,1)", "-a(1,1) -c(1,1)");
    set_words(message, u"b");
    assert_state_leads(folder, &kept, "+b(1,1)", "-a(1,1) +b(1,1) m");
    release_last(message);
    assert_ok(folder->lpVtbl->DeleteMessages(folder, &list, 0, NULL, 0));
    assert_state_leads(folder, &kept, "-a(1,1)", "-a(1,1)");
    mapi_free(kept.bytes);
    mapi_free(id);
    release_last(other);
    release_last(folder);
}

/* IMAPITable.GetCollapseState.2 IMAPITable.SortTable.5 */
static void hierarchy_table__categories__are_not_supported(void **state)
{
    struct with_table *with = *state;
    struct sort_order order = { 1, 1, 1, { { PR_DISPLAY_NAME_W, 0 } } };
    BYTE key[12] = { 0 };
    IMAPITable *table = POISON;
    ULONG size = POISON_LONG;
    LPBYTE saved = POISON;
    BOOKMARK made = POISON_CONN;

    assert_ok(with->fx->inbox->lpVtbl->GetHierarchyTable(with->fx->inbox, 0, &table));
    assert_hr(try_sort(table, &order), MAPI_E_NO_SUPPORT);
    assert_hr(table->lpVtbl->GetCollapseState(table, 0, 12, key, &size, &saved), MAPI_E_NO_SUPPORT);
    assert_null(saved);
    assert_hr(table->lpVtbl->SetCollapseState(table, 0, 12, key, &made), MAPI_E_NO_SUPPORT);
    assert_int_equal(made, 0);
    release_last(table);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, with_table_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sort__by_category__headings_and_leaves),
        TEST(sort__by_largest_value__headings_in_its_order),
        TEST(headings__columns__theirs_and_no_others),
        TEST(headings__last_leaf_deleted__are_gone),
        TEST(expand_row__some_rows_wanted__cursor_behind_them),
        TEST(expand_row__no_rows_wanted_or_none_there__cursor_behind_heading),
        TEST(expand_row__no_such_heading__not_found),
        TEST(expand_row__nth_allocation_fails__stays_closed),
        TEST(collapse_row__over_a_bookmark__next_visible_row),
        TEST(find_row__by_instance_key__finds_headings_too),
        TEST(instance_keys__through_all_changes__are_constant_and_unique),
        TEST(collapse_state__in_a_new_table__comes_back),
        TEST(collapse_state__not_ours_or_other_order__refused),
        TEST(collapse_state__in_a_later_session__comes_back),
        TEST(collapse_state__of_another_folder__refused_and_nothing_changed),
        TEST(collapse_state__of_another_store__refused_and_nothing_changed),
        TEST(collapse_state__place_of_one_word__found_again_or_its_heading),
        TEST(collapse_state__cut_or_flipped_anywhere__refused_and_nothing_changed),
        TEST(hierarchy_table__categories__are_not_supported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
