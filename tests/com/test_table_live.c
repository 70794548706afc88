/* SPDX-License-Identifier: MIT */
/*
 * test_table_live.c - IMAPITable::Advise and Unadvise, and what table notifications say.
 *
 * Changes of this logon are told before the call that makes them returns.
 */
#include "live_world.h"

/* --- registrations ------------------------------------------------------------------------------
 */

/* IMAPITable.Advise.1 IMAPITable.Advise.2 IMAPITable.Advise.3 IMAPITable.Advise.5
 * IMAPITable.Advise.7 table-notification.General.10 */
static void advise__two_sinks__each_hears_once_until_unadvised(void **state)
{
    struct live *live = *state;
    IMAPITable *table = live->table;
    struct host_sink sink;
    ULONG_PTR connection = POISON_CONN;

    host_sink_init(&sink);
    assert_hr(table->lpVtbl->Advise(
                      table, fnevObjectCreated, &sink.IMAPIAdviseSink_iface, &connection),
            MAPI_E_NO_SUPPORT);
    assert_int_equal(connection, 0);
    connection = POISON_CONN;
    assert_hr(table->lpVtbl->Advise(table, fnevTableModified, NULL, &connection),
            MAPI_E_INVALID_PARAMETER);
    assert_int_equal(connection, 0);
    assert_hr(table->lpVtbl->Advise(table, fnevTableModified, &sink.IMAPIAdviseSink_iface, NULL),
            MAPI_E_INVALID_PARAMETER);
    assert_int_equal(sink.refs, 1);

    assert_ok(table->lpVtbl->Advise(
            table, fnevTableModified, &sink.IMAPIAdviseSink_iface, &connection));
    assert_true(connection != 0 && connection != live->model.connection);
    assert_int_equal(sink.refs, 2);
    add_mail(live->fx->inbox, "b", NULL, true);
    assert_int_equal(host_sink_count(&sink, fnevTableModified), 1);
    assert_int_equal(host_sink_count(&live->model.sink, fnevTableModified), 1);

    assert_hr(table->lpVtbl->Unadvise(table, connection + 4711), MAPI_E_NOT_FOUND);
    add_mail(live->fx->inbox, "d", NULL, true);
    assert_int_equal(host_sink_count(&sink, fnevTableModified), 2);
    assert_ok(table->lpVtbl->Unadvise(table, connection));
    assert_int_equal(sink.refs, 1);
    assert_hr(table->lpVtbl->Unadvise(table, connection), MAPI_E_NOT_FOUND);
    add_mail(live->fx->inbox, "e", NULL, true);
    assert_int_equal(host_sink_count(&sink, fnevTableModified), 2);
    assert_int_equal(host_sink_count(&live->model.sink, fnevTableModified), 3);
    host_sink_done(&sink);
}

/* IMAPITable.Advise.6 */
static void release__with_sinks__gives_them_back(void **state)
{
    struct live *live = *state;
    IMAPITable *table = contents_table(live->fx->inbox);
    struct host_sink sinks[3];

    for (int i = 0; i < 3; i++) {
        ULONG_PTR connection;

        host_sink_init(&sinks[i]);
        assert_ok(table->lpVtbl->Advise(
                table, fnevTableModified, &sinks[i].IMAPIAdviseSink_iface, &connection));
    }
    release_last(table);
    add_mail(live->fx->inbox, "b", NULL, true);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(sinks[i].refs, 1);
        assert_int_equal(host_sink_count(&sinks[i], fnevTableModified), 0);
        host_sink_done(&sinks[i]);
    }
    assert_counts(live, 1, 0, 0);
}

/* What a sink may do inside OnNotify. */
struct inside {
    struct live *live;
    IMAPITable *table; /* to be released; NULL: not */
    ULONG_PTR connection;
    bool change; /* changes something, once */
    ULONG rows;  /* that it has seen */
};

static ULONG act_inside(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    struct inside *inside = context;

    (void)sink;
    (void)event;
    if (inside->change) {
        inside->change = false;
        add_mail(inside->live->fx->inbox, "from inside", NULL, true);
    }
    if (inside->table != NULL) {
        inside->rows = row_count(inside->table);
        if (inside->connection != 0)
            assert_ok(inside->table->lpVtbl->Unadvise(inside->table, inside->connection));
        inside->table->lpVtbl->Release(inside->table);
        inside->table = NULL;
    }
    return 0;
}

/* Notify.Sink.3 IMAPITable.Advise.4 */
static void on_notify__changes_the_folder__is_told_of_that_too(void **state)
{
    struct live *live = *state;
    struct inside inside = { .live = live, .change = true };
    struct host_sink sink;
    ULONG_PTR connection;

    host_sink_init(&sink);
    sink.on_event = act_inside;
    sink.context = &inside;
    assert_ok(live->table->lpVtbl->Advise(
            live->table, fnevTableModified, &sink.IMAPIAdviseSink_iface, &connection));
    add_mail(live->fx->inbox, "b", NULL, true);
    assert_int_equal(host_sink_count(&sink, fnevTableModified), 2);
    assert_counts(live, 2, 0, 0);
    assert_ok(live->table->lpVtbl->Unadvise(live->table, connection));
    assert_int_equal(sink.refs, 1);
    host_sink_done(&sink);
}

static void release_inside(struct live *live, bool unadvise)
{
    struct inside inside = { .live = live };
    struct host_sink sink;
    ULONG_PTR connection;

    inside.table = contents_table(live->fx->inbox);
    host_sink_init(&sink);
    sink.on_event = act_inside;
    sink.context = &inside;
    assert_ok(inside.table->lpVtbl->Advise(
            inside.table, fnevTableModified, &sink.IMAPIAdviseSink_iface, &connection));
    inside.connection = unadvise ? connection : 0;
    add_mail(live->fx->inbox, "b", NULL, true);
    assert_null(inside.table);
    assert_true(inside.rows >= 3);
    add_mail(live->fx->inbox, "d", NULL, true);
    assert_int_equal(host_sink_count(&sink, fnevTableModified), 1);
    assert_int_equal(sink.refs, 1);
    host_sink_done(&sink);
}

/* Notify.Sink.3 IMAPITable.Advise.5 IMAPITable.Advise.6 */
static void on_notify__unadvises_or_releases_the_table__is_fine(void **state)
{
    struct live *live = *state;

    release_inside(live, false);
    release_inside(live, true);
    model_check(&live->model);
}

/* --- single rows --------------------------------------------------------------------------------
 */

/* table-notification.General.1 table-notification.General.2 table-notification.General.3
 * table-notification.ROW_ADDED.1 table-notification.ROW_ADDED.2 table-notification.ROW_ADDED.3
 * table-notification.General.9 IMAPITable.Advise.4 */
static void added__behind_its_predecessor_with_all_columns(void **state)
{
    struct live *live = *state;
    IMessage *message = NULL;

    assert_ok(live->fx->inbox->lpVtbl->CreateMessage(live->fx->inbox, NULL, 0, &message));
    prop_set_text(message, PR_SUBJECT_W, "b");
    assert_int_equal(model_events(&live->model), 0);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
    assert_counts(live, 1, 0, 0);
    assert_event(live, 0, TABLE_ROW_ADDED, "b", "a");

    add_mail(live->fx->inbox, "A first one", NULL, true);
    assert_string_equal(table_line(live->table), "a A first one b c");
    add_mail(live->fx->inbox, "0", NULL, true);
    assert_event(live, 2, TABLE_ROW_ADDED, "0", "");
    assert_counts(live, 3, 0, 0);
}

/* table-notification.ROW_DELETED.1 table-notification.General.4 */
static void deleted__names_the_row_and_nothing_else(void **state)
{
    struct live *live = *state;
    struct row_key key = key_of(live->table, "c");
    struct host_event event;

    delete_mail(live, "c");

    assert_counts(live, 0, 1, 0); /* the model has looked at row and predecessor */
    assert_true(host_sink_event(&live->model.sink, 0, &event));
    assert_int_equal(event.table_event, TABLE_ROW_DELETED);
    assert_int_equal(event.index_size, key.size);
    assert_memory_equal(event.index, key.bytes, key.size);
    assert_int_equal(event.row_columns, 0);
}

/* table-notification.ROW_MODIFIED.1 table-notification.ROW_MODIFIED.2
 * table-notification.ROW_MODIFIED.4 */
static void modified__in_place_or_moved__once_with_the_predecessor(void **state)
{
    struct live *live = *state;

    rename_mail(live, "c", "d");
    assert_counts(live, 0, 0, 1);
    assert_event(live, 0, TABLE_ROW_MODIFIED, "d", "a");

    model_forget_counts(&live->model);
    rename_mail(live, "d", "0");
    assert_counts(live, 0, 0, 1);
    assert_event(live, 0, TABLE_ROW_MODIFIED, "0", "");

    model_forget_counts(&live->model);
    rename_mail(live, "0", "z");
    assert_counts(live, 0, 0, 1);
    assert_event(live, 0, TABLE_ROW_MODIFIED, "z", "a");
}

/* table-notification.ROW_MODIFIED.3 Notify.Sink.6 Notify.Sink.7 */
static void modified__several_at_once__in_the_order_of_the_view(void **state)
{
    struct live *live = *state;

    add_mail(live->fx->inbox, "b", NULL, true);
    model_forget_counts(&live->model);
    assert_ok(
            live->fx->inbox->lpVtbl->SetReadFlags(live->fx->inbox, NULL, 0, NULL, CLEAR_READ_FLAG));

    assert_counts(live, 0, 0, 3);
    assert_event(live, 0, TABLE_ROW_MODIFIED, "a", "");
    assert_event(live, 1, TABLE_ROW_MODIFIED, "b", "a");
    assert_event(live, 2, TABLE_ROW_MODIFIED, "c", "b");
}

/* table-notification.General.7 table-notification.General.3 */
static void set_columns__later_rows_have_them(void **state)
{
    static const ULONG tags[] = { PR_INSTANCE_KEY, PR_SUBJECT_W };
    struct live *live = *state;

    set_columns(live->table, tags, 2);
    live->model.columns = 2;
    model_read(&live->model);
    add_mail(live->fx->inbox, "b", NULL, true);

    assert_counts(live, 1, 0, 0);
    assert_string_equal(live->model.rows[1].text, "b|");
}

/* --- what is not visible ------------------------------------------------------------------------
 */

static void restrict_from(struct live *live, const char16_t *subject)
{
    SPropValue value = text_value(PR_SUBJECT_W, subject);
    SRestriction restriction = compare_with(RELOP_GE, &value);

    assert_ok(live->table->lpVtbl->Restrict(live->table, &restriction, 0));
    model_read(&live->model);
}

/* table-notification.General.5 table-notification.General.8 table-notification.ROW_ADDED.4
 * table-columns.InstanceKey.2 */
static void restriction__rows_outside__are_told_of_when_they_enter_or_leave(void **state)
{
    struct live *live = *state;

    restrict_from(live, u"b");
    add_mail(live->fx->inbox, "aa", NULL, true);
    rename_mail(live, "aa", "ab");
    delete_mail(live, "a");
    assert_int_equal(model_events(&live->model), 0);

    rename_mail(live, "ab", "b");
    assert_counts(live, 1, 0, 0);
    model_forget_counts(&live->model);
    rename_mail(live, "c", "0");
    assert_counts(live, 0, 1, 0);
    model_forget_counts(&live->model);
    rename_mail(live, "0", "c"); /* with a key that was never used: the model has looked */
    assert_counts(live, 1, 0, 0);
    assert_event(live, 0, TABLE_ROW_ADDED, "c", "b");
    model_forget_counts(&live->model);
    rename_mail(live, "c", "d"); /* and keeps it */
    assert_counts(live, 0, 0, 1);
}

static void categorize(struct live *live, ULONG expanded)
{
    struct sort_order order = { 2, 1, expanded,
        { { PR_SENDER_NAME_W, TABLE_SORT_ASCEND }, { PR_SUBJECT_W, TABLE_SORT_ASCEND } } };

    sort(live->table, &order);
    model_read(&live->model);
}

/* table-notification.General.6 */
static void categories__collapsed__only_headings_are_told_of(void **state)
{
    struct live *live = *state;
    struct row_key key;
    ULONG count = 0;

    categorize(live, 0);
    add_mail(live->fx->inbox, "b", "anna", false);
    assert_counts(live, 0, 0, 1); /* its counts */
    assert_string_equal(table_line(live->table), "-anna(2,1) -carl(1,0)");
    model_forget_counts(&live->model);
    add_mail(live->fx->inbox, "b", "bob", true);
    assert_counts(live, 1, 0, 0);
    assert_event(live, 0, TABLE_ROW_ADDED, "bob", "anna");
    model_forget_counts(&live->model);
    delete_mail(live, "c");
    assert_counts(live, 0, 1, 0); /* a heading goes with its last row */

    model_forget_counts(&live->model);
    key = key_of(live->table, "anna");
    assert_ok(live->table->lpVtbl->ExpandRow(live->table, key.size, key.bytes, 0, 0, NULL, &count));
    assert_int_equal(model_events(&live->model), 0);
    model_read(&live->model);
    rename_mail(live, "a", "z");
    assert_counts(live, 0, 0, 1); /* another first row, which spells the heading as it was */
    assert_event(live, 0, TABLE_ROW_MODIFIED, "z", "b");
    assert_ok(live->table->lpVtbl->CollapseRow(live->table, key.size, key.bytes, 0, &count));
    assert_int_equal(model_events(&live->model), 1);
    model_read(&live->model);
    model_forget_counts(&live->model);
    rename_mail(live, "z", "y");
    assert_int_equal(model_events(&live->model), 0);
}

static void respell_mail(struct live *live, const char *subject, const char *sender)
{
    IMessage *message = open_by_subject(live, subject);

    prop_set_text(message, PR_SENDER_NAME_W, sender);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

/* table-notification.ROW_MODIFIED.1: a heading shows the spelling of its first row, also when that
 * row stays where it is, or when another one is first. */
static void categories__first_row_respelled__heading_is_told_of(void **state)
{
    struct live *live = *state;

    categorize(live, 0);
    respell_mail(live, "a", "Anna");
    assert_counts(live, 0, 0, 1);
    assert_event(live, 0, TABLE_ROW_MODIFIED, "Anna", "");
    assert_string_equal(table_line(live->table), "-Anna(1,0) -carl(1,0)");
    add_mail(live->fx->inbox, "b", "ANNA", true);
    model_forget_counts(&live->model);
    rename_mail(live, "a", "z"); /* behind the other one */
    assert_counts(live, 0, 0, 1);
    assert_event(live, 0, TABLE_ROW_MODIFIED, "ANNA", "");
    model_check(&live->model);
}

static void set_importance(struct live *live, const char *subject, LONG importance)
{
    IMessage *message = open_by_subject(live, subject);

    prop_set_long(message, PR_IMPORTANCE, importance);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

/* table-notification.ROW_MODIFIED.1: what the heading shows has not changed. */
static void categories__first_row_changes_otherwise__heading_is_not_told_of(void **state)
{
    struct live *live = *state;

    categorize(live, 0);
    set_importance(live, "a", 2);
    assert_counts(live, 0, 0, 0);
    respell_mail(live, "a", "Anna");
    set_importance(live, "a", 0);
    assert_counts(live, 0, 0, 1);
    add_mail(live->fx->inbox, "0", "Anna", true); /* first, of two */
    assert_counts(live, 0, 0, 2);
    rename_mail(live, "0", "z");
    assert_counts(live, 0, 0, 2);
    respell_mail(live, "z", "anna"); /* not the first */
    assert_counts(live, 0, 0, 2);
    categorize(live, 1);
    model_forget_counts(&live->model);
    set_importance(live, "a", 2);
    assert_counts(live, 0, 0, 1);
    assert_event(live, 0, TABLE_ROW_MODIFIED, "a", "Anna");
}

/* table-notification.ROW_ADDED.2 SortTable.17: headings that come and go live. */
static void categories__expanded__rows_come_below_their_headings(void **state)
{
    struct live *live = *state;

    categorize(live, 1);
    add_mail(live->fx->inbox, "b", "bob", true);
    assert_counts(live, 2, 0, 0);
    assert_event(live, 0, TABLE_ROW_ADDED, "bob", "a");
    assert_event(live, 1, TABLE_ROW_ADDED, "b", "bob");
    assert_string_equal(table_line(live->table), "+anna(1,0) a +bob(1,0) b +carl(1,0) c");
    model_forget_counts(&live->model);
    delete_mail(live, "b");
    assert_counts(live, 0, 2, 0);
}

/* --- many rows ----------------------------------------------------------------------------------
 */

enum { MANY = 300 };

/* table-notification.CHANGED.1 table-notification.CHANGED.2 */
static void changed__more_rows_than_a_batch__places_and_keys_stay(void **state)
{
    struct live *live = *state;
    struct row_key before;
    struct row_key after;
    LPSRowSet rows;
    BOOKMARK mark;

    for (int i = 0; i < MANY; i++)
        add_mail(live->fx->inbox, "m", NULL, true);
    model_forget_counts(&live->model);
    before = key_of(live->table, "c");
    seek(live->table, BOOKMARK_BEGINNING, 1); /* on c */
    mark = bookmark(live->table);
    seek(live->table, BOOKMARK_BEGINNING, 2);

    assert_ok(
            live->fx->inbox->lpVtbl->SetReadFlags(live->fx->inbox, NULL, 0, NULL, CLEAR_READ_FLAG));

    assert_int_equal(model_events(&live->model), 1);
    assert_int_equal(live->model.changed, 1);
    assert_int_equal(cursor_row(live->table), 2);
    seek(live->table, mark, 0);
    rows = query(live->table, 1, 0);
    assert_string_equal(rows_line(rows), "c");
    after = key_of(live->table, "c");
    assert_int_equal(after.size, before.size);
    assert_memory_equal(after.bytes, before.bytes, before.size);
    model_check(&live->model);
    add_mail(live->fx->inbox, "b", NULL, true); /* and then singly again */
    assert_int_equal(live->model.added, 1);
    model_check(&live->model);
}

/* IMAPITable.CreateBookmark.1 IMAPITable.SeekRow.7 */
static void bookmarks_and_cursor__follow_their_rows(void **state)
{
    struct live *live = *state;
    BOOKMARK on_a, on_c;
    LONG sought = 0;

    seek(live->table, BOOKMARK_BEGINNING, 0);
    on_a = bookmark(live->table);
    seek(live->table, BOOKMARK_BEGINNING, 1);
    on_c = bookmark(live->table);
    add_mail(live->fx->inbox, "0", NULL, true);
    add_mail(live->fx->inbox, "b", NULL, true);
    assert_int_equal(cursor_row(live->table), 3); /* still on c */
    seek(live->table, on_a, 0);
    assert_string_equal(next_rows(live->table, 1), "a");
    rename_mail(live, "c", "00");
    seek(live->table, on_c, 0);
    assert_string_equal(next_rows(live->table, 1), "00");
    delete_mail(live, "a");
    assert_hr(live->table->lpVtbl->SeekRow(live->table, on_a, 0, &sought), MAPI_W_POSITION_CHANGED);
    assert_string_equal(next_rows(live->table, 1), "b");
    assert_ok(live->table->lpVtbl->SeekRow(live->table, on_a, 0, &sought));
    model_check(&live->model);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, live_setup, live_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(advise__two_sinks__each_hears_once_until_unadvised),
        TEST(release__with_sinks__gives_them_back),
        TEST(on_notify__changes_the_folder__is_told_of_that_too),
        TEST(on_notify__unadvises_or_releases_the_table__is_fine),
        TEST(added__behind_its_predecessor_with_all_columns),
        TEST(deleted__names_the_row_and_nothing_else),
        TEST(modified__in_place_or_moved__once_with_the_predecessor),
        TEST(modified__several_at_once__in_the_order_of_the_view),
        TEST(set_columns__later_rows_have_them),
        TEST(restriction__rows_outside__are_told_of_when_they_enter_or_leave),
        TEST(categories__collapsed__only_headings_are_told_of),
        TEST(categories__first_row_respelled__heading_is_told_of),
        TEST(categories__first_row_changes_otherwise__heading_is_not_told_of),
        TEST(categories__expanded__rows_come_below_their_headings),
        TEST(changed__more_rows_than_a_batch__places_and_keys_stay),
        TEST(bookmarks_and_cursor__follow_their_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
