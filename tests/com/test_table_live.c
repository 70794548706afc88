/* SPDX-License-Identifier: MIT */
/*
 * test_table_live.c - IMAPITable::Advise and Unadvise, and what table notifications say.
 *
 * Changes of this logon are told before the call that makes them returns.
 */
#include "raw_logon.h"
#include "table_model.h"

struct live {
    struct fixture *fx;
    IMAPITable *table;
    struct model model;
};

/* The inbox by subject, with a and c in it. */
static int live_setup(void **state)
{
    static const struct sort_order by_subject = { 1, 0, 0,
        { { PR_SUBJECT_W, TABLE_SORT_ASCEND } } };
    struct live *live = calloc(1, sizeof(*live));
    void *fx = NULL;

    fixture_inbox_setup(&fx);
    live->fx = fx;
    add_mail(live->fx->inbox, "a", "anna", true);
    add_mail(live->fx->inbox, "c", "carl", true);
    live->table = contents_table(live->fx->inbox);
    sort(live->table, &by_subject);
    model_begin(&live->model, live->table, LINE_COLUMNS);
    *state = live;
    return 0;
}

static int live_teardown(void **state)
{
    struct live *live = *state;
    void *fx = live->fx;

    model_end(&live->model);
    release_last(live->table);
    free(live);
    return fixture_teardown(&fx);
}

static IMessage *open_by_subject(struct live *live, const char *subject)
{
    static const ULONG tags[] = { PR_SUBJECT_W, PR_ENTRYID };
    IMAPITable *table = contents_table(live->fx->inbox);
    IMessage *message = NULL;
    LPSRowSet rows;

    set_columns(table, tags, 2);
    rows = query(table, ALL_ROWS, 0);
    for (ULONG i = 0; i < rows->cRows && message == NULL; i++) {
        char text[64] = "";

        put_text(text, sizeof(text), &rows->aRow[i].lpProps[0]);
        if (strcmp(text, subject) == 0)
            message = message_open(live->fx->store, &rows->aRow[i].lpProps[1]);
    }
    mapi_free_rows(rows);
    release_last(table);
    assert_non_null(message);
    return message;
}

static void rename_mail(struct live *live, const char *from, const char *to)
{
    IMessage *message = open_by_subject(live, from);
    size_t before = model_events(&live->model);

    prop_set_text(message, PR_SUBJECT_W, to);
    assert_int_equal(model_events(&live->model), before); /* not while it is pending */
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

static void delete_mail(struct live *live, const char *subject)
{
    IMessage *message = open_by_subject(live, subject);
    SPropValue *id = prop_get(message, PR_ENTRYID);
    ENTRYLIST list = { 1, &id->Value.bin };

    release_last(message);
    assert_ok(live->fx->inbox->lpVtbl->DeleteMessages(live->fx->inbox, &list, 0, NULL, 0));
    mapi_free(id);
}

static void assert_counts(struct live *live, size_t added, size_t deleted, size_t modified)
{
    assert_int_equal(live->model.added, added);
    assert_int_equal(live->model.deleted, deleted);
    assert_int_equal(live->model.modified, modified);
    assert_int_equal(live->model.changed, 0);
    assert_int_equal(live->model.other, 0);
    model_check(&live->model);
}

/* The n-th event, of a kind, of a row and behind another one ("": none, or the first). */
static void assert_event(
        struct live *live, size_t n, ULONG kind, const char *row, const char *prior)
{
    struct host_event event;
    struct row_key key;

    assert_true(host_sink_event(&live->model.sink, n, &event));
    assert_int_equal(event.type, fnevTableModified);
    assert_int_equal(event.table_event, kind);
    if (row[0] != '\0') {
        key = key_of(live->table, row);
        assert_int_equal(event.index_size, key.size);
        assert_memory_equal(event.index, key.bytes, key.size);
    }
    if (prior[0] == '\0') {
        assert_int_equal(event.prior_size, 0);
        return;
    }
    key = key_of(live->table, prior);
    assert_int_equal(event.prior_size, key.size);
    assert_memory_equal(event.prior, key.bytes, key.size);
}

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

/* --- other tables -------------------------------------------------------------------------------
 */

static IMAPITable *watch_table(struct model *model, IMAPITable *table, ULONG name_tag)
{
    ULONG tags[2] = { PR_INSTANCE_KEY, name_tag };

    set_columns(table, tags, 2);
    model_begin(model, table, 2);
    return table;
}

static void watch_done(struct model *model)
{
    IMAPITable *table = model->table;

    model_check(model);
    model_end(model);
    release_last(table);
}

/* Notify.Tables.1 */
static void hierarchy__flat_and_deep__follow_the_folders(void **state)
{
    struct live *live = *state;
    IMAPIFolder *inbox = live->fx->inbox;
    struct model flat, deep;
    IMAPITable *table = NULL;
    IMAPIFolder *one, *two, *below;
    SPropValue *id;

    assert_ok(inbox->lpVtbl->GetHierarchyTable(inbox, MAPI_UNICODE, &table));
    watch_table(&flat, table, PR_DISPLAY_NAME_W);
    assert_ok(inbox->lpVtbl->GetHierarchyTable(inbox, MAPI_UNICODE | CONVENIENT_DEPTH, &table));
    watch_table(&deep, table, PR_DISPLAY_NAME_W);

    one = folder_make(inbox, "one");
    two = folder_make(inbox, "two");
    assert_int_equal(flat.added, 2);
    assert_int_equal(deep.added, 2);
    below = folder_make(one, "below");
    assert_int_equal(flat.added, 2);
    assert_int_equal(deep.added, 3);
    model_check(&flat);
    model_check(&deep);
    prop_set_text(two, PR_DISPLAY_NAME_W, "a first one");
    assert_string_equal(flat.rows[0].text, "a first one|");
    model_check(&deep);

    id = prop_get(one, PR_ENTRYID);
    release_last(below);
    release_last(one);
    assert_ok(inbox->lpVtbl->DeleteFolder(
            inbox, id->Value.bin.cb, raw_id(id->Value.bin.lpb), 0, NULL, DEL_FOLDERS));
    mapi_free(id);
    assert_int_equal(flat.deleted, 1);
    assert_int_equal(deep.deleted, 2);
    release_last(two);
    watch_done(&flat);
    watch_done(&deep);
}

static void associated__follow_their_messages_only(void **state)
{
    struct live *live = *state;
    IMAPIFolder *inbox = live->fx->inbox;
    struct model model;
    IMAPITable *table = NULL;
    IMessage *message = NULL;

    assert_ok(inbox->lpVtbl->GetContentsTable(inbox, MAPI_UNICODE | MAPI_ASSOCIATED, &table));
    watch_table(&model, table, PR_SUBJECT_W);
    assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, MAPI_ASSOCIATED, &message));
    prop_set_text(message, PR_SUBJECT_W, "hidden");
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
    add_mail(inbox, "b", NULL, true);
    assert_int_equal(model.added, 1);
    assert_int_equal(model_events(&model), 1);
    assert_counts(live, 1, 0, 0);
    watch_done(&model);
}

static void modify_recipients(IMessage *message, ULONG flags, LONG row_id, const char16_t *name)
{
    SPropValue values[3] = { long_value(PR_ROWID, row_id), long_value(PR_RECIPIENT_TYPE, MAPI_TO),
        text_value(PR_DISPLAY_NAME_W, name) };
    SizedADRLIST(1, list) = { 1, { { 0, 3, values } } };

    if (flags == MODRECIP_ADD) { /* the row id is the store's to give */
        list.aEntries[0].cValues = 2;
        list.aEntries[0].rgPropVals = values + 1;
    }
    assert_ok(message->lpVtbl->ModifyRecipients(message, flags, (LPADRLIST)(void *)&list));
}

static void recipients_and_attachments__follow_the_open_message(void **state)
{
    struct live *live = *state;
    IMessage *message = open_by_subject(live, "a");
    struct model recipients, attachments;
    IMAPITable *table = NULL;
    IAttach *attach = NULL;
    ULONG number = 0;

    assert_ok(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table));
    watch_table(&recipients, table, PR_DISPLAY_NAME_W);
    table = NULL;
    assert_ok(message->lpVtbl->GetAttachmentTable(message, MAPI_UNICODE, &table));
    watch_table(&attachments, table, PR_DISPLAY_NAME_W);

    modify_recipients(message, MODRECIP_ADD, 0, u"anna");
    modify_recipients(message, MODRECIP_ADD, 0, u"bob");
    assert_int_equal(recipients.added, 2);
    model_check(&recipients);
    modify_recipients(message, MODRECIP_MODIFY, 1, u"berta");
    assert_int_equal(recipients.modified, 1);
    modify_recipients(message, MODRECIP_REMOVE, 0, u"");
    assert_int_equal(recipients.deleted, 1);
    assert_int_equal(model_events(&attachments), 0);

    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    prop_set_text(attach, PR_DISPLAY_NAME_W, "file");
    assert_int_equal(attachments.added, 0);
    assert_ok(attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE));
    assert_int_equal(attachments.added, 1);
    prop_set_text(attach, PR_DISPLAY_NAME_W, "other");
    assert_ok(attach->lpVtbl->SaveChanges(attach, 0));
    release_last(attach);
    assert_int_equal(attachments.modified, 1);
    model_check(&attachments);
    assert_ok(message->lpVtbl->DeleteAttach(message, number, 0, NULL, 0));
    assert_int_equal(attachments.deleted, 1);
    watch_done(&recipients);
    watch_done(&attachments);
    release_last(message);
}

/* Notify.Tables.1 */
static void receive_folders__follow_the_mappings(void **state)
{
    struct live *live = *state;
    IMsgStore *store = live->fx->store;
    SPropValue *inbox = prop_get(live->fx->inbox, PR_ENTRYID);
    SPropValue class = text_value(PR_NULL, u"IPM.Note.Live");
    struct model model;
    IMAPITable *table = NULL;

    assert_ok(store->lpVtbl->GetReceiveFolderTable(store, MAPI_UNICODE, &table));
    watch_table(&model, table, PR_MESSAGE_CLASS_W);
    assert_ok(store->lpVtbl->SetReceiveFolder(store, (LPTSTR)(void *)class.Value.lpszW,
            MAPI_UNICODE, inbox->Value.bin.cb, raw_id(inbox->Value.bin.lpb)));
    assert_int_equal(model.added, 1);
    model_check(&model);
    assert_ok(store->lpVtbl->SetReceiveFolder(
            store, (LPTSTR)(void *)class.Value.lpszW, MAPI_UNICODE, 0, NULL));
    assert_int_equal(model.deleted, 1);
    watch_done(&model);
    mapi_free(inbox);
}

static IMAPIFolder *make_search(struct live *live, const char16_t *from)
{
    SPropValue value = text_value(PR_SUBJECT_W, from);
    SRestriction restriction = compare_with(RELOP_GE, &value);
    IMAPIFolder *parent = folder_by_prop(live->fx->store, live->fx->store, PR_FINDER_ENTRYID);
    SPropValue *inbox = prop_get(live->fx->inbox, PR_ENTRYID);
    ENTRYLIST where = { 1, &inbox->Value.bin };
    IMAPIFolder *search = NULL;
    char16_t name[] = u"found";

    assert_ok(parent->lpVtbl->CreateFolder(
            parent, FOLDER_SEARCH, (LPTSTR)(void *)name, NULL, NULL, MAPI_UNICODE, &search));
    assert_ok(search->lpVtbl->SetSearchCriteria(search, &restriction, &where, 0));
    mapi_free(inbox);
    release_last(parent);
    return search;
}

static void search_results__follow_what_is_found(void **state)
{
    struct live *live = *state;
    IMAPIFolder *search = make_search(live, u"b");
    struct model model;
    IMAPITable *table = NULL;
    SPropValue value = text_value(PR_SUBJECT_W, u"a");
    SRestriction restriction = compare_with(RELOP_GE, &value);

    assert_ok(search->lpVtbl->GetContentsTable(search, MAPI_UNICODE, &table));
    watch_table(&model, table, PR_SUBJECT_W);
    assert_int_equal(model.count, 1);
    add_mail(live->fx->inbox, "b", NULL, true);
    assert_int_equal(model.added, 1);
    add_mail(live->fx->inbox, "aa", NULL, true);
    assert_int_equal(model.added, 1);
    rename_mail(live, "b", "bb");
    assert_int_equal(model.modified, 1);
    model_forget_counts(&live->model);
    rename_mail(live, "bb", "ab");
    assert_int_equal(model.deleted, 1);
    model_check(&model);
    assert_ok(search->lpVtbl->SetSearchCriteria(search, &restriction, NULL, RESTART_SEARCH));
    assert_int_equal(model.added, 4); /* a, aa, ab */
    watch_done(&model);
    release_last(search);
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
        TEST(hierarchy__flat_and_deep__follow_the_folders),
        TEST(associated__follow_their_messages_only),
        TEST(recipients_and_attachments__follow_the_open_message),
        TEST(receive_folders__follow_the_mappings),
        TEST(search_results__follow_what_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
