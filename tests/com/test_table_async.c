/* SPDX-License-Identifier: MIT */
/*
 * test_table_async.c - TBL_ASYNC: SortTable, Restrict and SetColumns in the background, and what
 * asks for them, waits for them and stops them.
 *
 * The work of a logon is done by one thread, which also tells sinks of its end. A sink that waits
 * in OnNotify keeps the next operation waiting: that is how tests hold one in progress.
 */
#include "gated_sink.h"
#include "table_model.h"

enum { FOREVER = -1, MONSTROUS = 1100 };

static const struct sort_order by_subject = { 1, 0, 0, { { PR_SUBJECT_W, TABLE_SORT_ASCEND } } };
static const struct sort_order back = { 1, 0, 0, { { PR_SUBJECT_W, TABLE_SORT_DESCEND } } };

struct async {
    struct fixture *fx;
    IMAPITable *table;
    struct gated_sink gated;
    ULONG_PTR connection;
};

static HRESULT sort_soon(IMAPITable *table, const struct sort_order *order)
{
    union {
        struct sort_order order;
        SSortOrderSet set;
    } both = { .order = *order };

    return table->lpVtbl->SortTable(table, &both.set, TBL_ASYNC);
}

static HRESULT wait_for(IMAPITable *table, ULONG timeout)
{
    ULONG status = POISON_LONG;

    return table->lpVtbl->WaitForCompletion(table, 0, timeout, &status);
}

static ULONG status_of(IMAPITable *table)
{
    ULONG status = POISON_LONG, type = POISON_LONG;

    assert_ok(table->lpVtbl->GetStatus(table, &status, &type));
    assert_int_equal(type, TBLTYPE_DYNAMIC);
    return status;
}

static int async_setup(void **state)
{
    struct async *async = calloc(1, sizeof(*async));
    void *fx = NULL;

    fixture_inbox_setup(&fx);
    async->fx = fx;
    add_mail(async->fx->inbox, "b", NULL, true);
    add_mail(async->fx->inbox, "a", NULL, true);
    add_mail(async->fx->inbox, "c", NULL, true);
    async->table = contents_table(async->fx->inbox);
    gated_init(&async->gated, false);
    assert_ok(async->table->lpVtbl->Advise(async->table, fnevTableModified,
            &async->gated.sink.IMAPIAdviseSink_iface, &async->connection));
    *state = async;
    return 0;
}

static int async_teardown(void **state)
{
    struct async *async = *state;
    void *fx = async->fx;

    gated_open(&async->gated);
    if (async->table != NULL)
        release_last(async->table);
    gated_done(&async->gated);
    free(async);
    return fixture_teardown(&fx);
}

/* The logon's thread is in the sink, and what is begun next has to wait. */
static void hold_thread(struct async *async)
{
    atomic_store(&async->gated.closed, true);
    assert_ok(sort_soon(async->table, &by_subject));
    wait_until(atomic_load(&async->gated.inside) == 1);
    assert_ok(wait_for(async->table, (ULONG)FOREVER));
    assert_string_equal(table_line(async->table), "a b c");
}

static void assert_last_event(struct async *async, size_t count, ULONG kind)
{
    struct host_event event;

    wait_until(host_sink_count(&async->gated.sink, fnevTableModified) == count);
    assert_true(host_sink_event(&async->gated.sink, count - 1, &event));
    assert_int_equal(event.table_event, kind);
    assert_int_equal(event.index_size, 0);
    assert_int_equal(event.row_columns, 0);
    assert_true(event.thread != host_thread_id());
}

/* table-notification.DONE.1 table-notification.DONE.2 table-notification.General.4 */
static void every_operation__ends__is_told(void **state)
{
    static const struct {
        ULONG cValues;
        ULONG tags[1];
    } columns = { 1, { PR_SUBJECT_W } };

    struct async *async = *state;
    IMAPITable *table = async->table;
    SPropValue value = text_value(PR_SUBJECT_W, u"b");
    SRestriction restriction = compare_with(RELOP_GE, &value);

    union {
        const void *from;
        LPSPropTagArray to;
    } tags = { &columns };

    LPSRowSet rows;

    assert_ok(sort_soon(table, &by_subject));
    assert_ok(wait_for(table, (ULONG)FOREVER));
    assert_string_equal(table_line(table), "a b c");
    assert_last_event(async, 1, TABLE_SORT_DONE);

    assert_ok(table->lpVtbl->Restrict(table, &restriction, TBL_ASYNC));
    assert_ok(wait_for(table, (ULONG)FOREVER));
    assert_string_equal(table_line(table), "b c");
    assert_last_event(async, 2, TABLE_RESTRICT_DONE);

    assert_ok(table->lpVtbl->SetColumns(table, tags.to, TBL_ASYNC));
    assert_ok(wait_for(table, (ULONG)FOREVER));
    assert_ok(table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 0, NULL));
    rows = query(table, 1, 0);
    assert_int_equal(rows->aRow[0].cValues, 1);
    mapi_free_rows(rows);
    assert_last_event(async, 3, TABLE_SETCOL_DONE);
    assert_int_equal(status_of(table), TBLSTAT_COMPLETE);
}

/* IMAPITable.General.1 IMAPITable.WaitForCompletion.2 IMAPITable.SetColumns.7
 * IMAPITable.GetStatus.1 */
static void in_progress__others_are_busy__until_it_is_over(void **state)
{
    struct async *async = *state;
    IMAPITable *table = async->table;
    SizedSPropTagArray(1, columns) = { 1, { PR_SUBJECT_W } };
    LPSRowSet rows = POISON;
    ULONG count = POISON_LONG;
    BOOKMARK mark = POISON_CONN;

    hold_thread(async);
    assert_ok(sort_soon(table, &back));
    assert_int_equal(status_of(table), TBLSTAT_SORTING);
    assert_hr(wait_for(table, 0), MAPI_E_TIMEOUT);
    assert_hr(wait_for(table, 20), MAPI_E_TIMEOUT);
    assert_hr(table->lpVtbl->QueryRows(table, 1, 0, &rows), MAPI_E_BUSY);
    assert_null(rows);
    assert_hr(table->lpVtbl->GetRowCount(table, 0, &count), MAPI_E_BUSY);
    assert_int_equal(count, 0);
    assert_hr(table->lpVtbl->CreateBookmark(table, &mark), MAPI_E_BUSY);
    assert_hr(table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 0, NULL), MAPI_E_BUSY);
    assert_hr(table->lpVtbl->SetColumns(table, (LPSPropTagArray)(void *)&columns, TBL_ASYNC),
            MAPI_E_BUSY);
    assert_hr(table->lpVtbl->Restrict(table, NULL, 0), MAPI_E_BUSY);
    assert_hr(sort_soon(table, &by_subject), MAPI_E_BUSY);

    gated_open(&async->gated);
    assert_ok(wait_for(table, (ULONG)FOREVER));
    assert_string_equal(table_line(table), "c b a");
    assert_int_equal(status_of(table), TBLSTAT_COMPLETE);
}

/* What only reads, and what changes something, with every out poisoned. */
static void assert_all_busy(IMAPITable *table, BOOKMARK mark, struct row_key *key)
{
    SRestriction all = { .rt = RES_AND };
    SizedSPropTagArray(1, columns) = { 1, { PR_SUBJECT_W } };
    LPSPropTagArray tags = POISON;
    LPSSortOrderSet order = POISON;
    LPSRowSet rows = POISON;
    LPBYTE saved = POISON;
    BYTE bytes[8] = { 0 };
    BOOKMARK made = POISON_CONN;
    ULONG a = POISON_LONG, b = POISON_LONG, c = POISON_LONG;
    LONG moved = (LONG)POISON_LONG;

    assert_hr(table->lpVtbl->SetColumns(table, (LPSPropTagArray)(void *)&columns, TBL_BATCH),
            MAPI_E_BUSY);
    assert_hr(table->lpVtbl->QueryColumns(table, 0, &tags), MAPI_E_BUSY);
    assert_null(tags);
    tags = POISON;
    assert_hr(table->lpVtbl->QueryColumns(table, TBL_ALL_COLUMNS, &tags), MAPI_E_BUSY);
    assert_null(tags);
    assert_hr(table->lpVtbl->SeekRow(table, mark, 1, &moved), MAPI_E_BUSY);
    assert_int_equal(moved, 0);
    assert_hr(table->lpVtbl->SeekRowApprox(table, 0, 1), MAPI_E_BUSY);
    assert_hr(table->lpVtbl->QueryPosition(table, &a, &b, &c), MAPI_E_BUSY);
    assert_true(a == 0 && b == 0 && c == 0);
    assert_hr(table->lpVtbl->FindRow(table, &all, BOOKMARK_BEGINNING, 0), MAPI_E_BUSY);
    assert_hr(table->lpVtbl->Restrict(table, &all, TBL_ASYNC), MAPI_E_BUSY);
    assert_hr(table->lpVtbl->FreeBookmark(table, mark), MAPI_E_BUSY);
    assert_hr(table->lpVtbl->FreeBookmark(table, BOOKMARK_END), MAPI_E_BUSY);
    assert_hr(try_sort(table, &by_subject), MAPI_E_BUSY);
    assert_hr(table->lpVtbl->QuerySortOrder(table, &order), MAPI_E_BUSY);
    assert_null(order);
    a = POISON_LONG;
    assert_hr(table->lpVtbl->ExpandRow(table, key->size, key->bytes, 1, 0, &rows, &a), MAPI_E_BUSY);
    assert_null(rows);
    assert_int_equal(a, 0);
    a = POISON_LONG;
    assert_hr(table->lpVtbl->CollapseRow(table, key->size, key->bytes, 0, &a), MAPI_E_BUSY);
    assert_int_equal(a, 0);
    a = POISON_LONG;
    assert_hr(table->lpVtbl->GetCollapseState(table, 0, key->size, key->bytes, &a, &saved),
            MAPI_E_BUSY);
    assert_int_equal(a, 0);
    assert_null(saved);
    assert_hr(table->lpVtbl->SetCollapseState(table, 0, sizeof(bytes), bytes, &made), MAPI_E_BUSY);
    assert_int_equal(made, 0);
}

/* IMAPITable.General.1 IMAPITable.SetColumns.7 */
static void in_progress__every_other_method__busy_and_nothing_changed(void **state)
{
    struct async *async = *state;
    IMAPITable *table = async->table;
    SizedSPropTagArray(1, columns) = { 1, { PR_ENTRYID } };
    LPMAPIERROR error = POISON;
    struct row_key key;
    BOOKMARK mark;

    hold_thread(async);
    key = key_of(table, "b");
    seek(table, BOOKMARK_BEGINNING, 1);
    mark = bookmark(table);
    seek(table, BOOKMARK_BEGINNING, 2);
    assert_ok(table->lpVtbl->SetColumns(table, (LPSPropTagArray)(void *)&columns, TBL_ASYNC));
    assert_int_equal(status_of(table), TBLSTAT_SETTING_COLS);
    assert_all_busy(table, mark, &key);
    assert_ok(table->lpVtbl->GetLastError(table, MAPI_E_BUSY, 0, &error));
    assert_non_null(error);
    mapi_free(error);
    assert_ok(table->lpVtbl->Abort(table));

    assert_int_equal(cursor_row(table), 2);
    assert_string_equal(next_rows(table, 1), "c");
    seek(table, mark, 0);
    assert_string_equal(next_rows(table, 1), "b");
    assert_string_equal(table_line(table), "a b c");
}

/* What is to be done is copied: the caller's memory may be another's before it is begun.
 * IMAPITable.Restrict.6 Memory.Ownership.3 */
static void restrict__memory_overwritten_at_once__done_all_the_same(void **state)
{
    struct async *async = *state;
    IMAPITable *table = async->table;
    WCHAR text[] = { 'b', 0 };
    SPropValue value = { .ulPropTag = PR_SUBJECT_W };
    SRestriction restriction = compare_with(RELOP_GE, &value);

    value.Value.lpszW = text;
    hold_thread(async);
    assert_ok(table->lpVtbl->Restrict(table, &restriction, TBL_ASYNC));
    memset(text, 0xDD, sizeof(text));
    memset(&value, 0xDD, sizeof(value));
    memset(&restriction, 0xDD, sizeof(restriction));
    gated_open(&async->gated);
    assert_ok(wait_for(table, (ULONG)FOREVER));
    assert_string_equal(table_line(table), "b c");
}

/* IMAPITable.SortTable.1 Memory.Ownership.3 */
static void sort_table__memory_overwritten_at_once__done_all_the_same(void **state)
{
    struct async *async = *state;
    IMAPITable *table = async->table;
    SizedSSortOrderSet(1, order) = { 1, 0, 0, { { PR_SUBJECT_W, TABLE_SORT_DESCEND } } };

    hold_thread(async);
    assert_ok(table->lpVtbl->SortTable(table, (LPSSortOrderSet)(void *)&order, TBL_ASYNC));
    memset(&order, 0xDD, sizeof(order));
    gated_open(&async->gated);
    assert_ok(wait_for(table, (ULONG)FOREVER));
    assert_string_equal(table_line(table), "c b a");
}

/* IMAPITable.SetColumns.1 Memory.Ownership.3 */
static void set_columns__memory_overwritten_at_once__done_all_the_same(void **state)
{
    struct async *async = *state;
    IMAPITable *table = async->table;
    SizedSPropTagArray(1, columns) = { 1, { PR_SUBJECT_W } };
    LPSRowSet rows;

    hold_thread(async);
    assert_ok(table->lpVtbl->SetColumns(table, (LPSPropTagArray)(void *)&columns, TBL_ASYNC));
    memset(&columns, 0xDD, sizeof(columns));
    gated_open(&async->gated);
    assert_ok(wait_for(table, (ULONG)FOREVER));
    seek(table, BOOKMARK_BEGINNING, 0);
    rows = query(table, 1, 0);
    assert_int_equal(rows->aRow[0].cValues, 1);
    assert_int_equal(rows->aRow[0].lpProps[0].ulPropTag, PR_SUBJECT_W);
    mapi_free_rows(rows);
}

/* IMAPITable.Abort.2 IMAPITable.Abort.1 */
static void abort__waiting__order_and_filter_as_before(void **state)
{
    struct async *async = *state;
    IMAPITable *table = async->table;
    SPropValue value = text_value(PR_SUBJECT_W, u"b");
    SRestriction restriction = compare_with(RELOP_GE, &value);

    hold_thread(async);
    assert_ok(sort_soon(table, &back));
    assert_ok(table->lpVtbl->Abort(table));
    assert_int_equal(status_of(table), TBLSTAT_COMPLETE);
    assert_string_equal(table_line(table), "a b c");
    assert_hr(table->lpVtbl->Abort(table), MAPI_E_UNABLE_TO_ABORT);

    assert_ok(table->lpVtbl->Restrict(table, &restriction, TBL_ASYNC));
    assert_int_equal(status_of(table), TBLSTAT_RESTRICTING);
    assert_ok(table->lpVtbl->Abort(table));
    assert_string_equal(table_line(table), "a b c");
    assert_ok(sort_soon(table, &back)); /* in the place of what was stopped */
    gated_open(&async->gated);
    assert_ok(wait_for(table, (ULONG)FOREVER));
    assert_string_equal(table_line(table), "c b a");
    assert_last_event(async, 2, TABLE_SORT_DONE); /* nothing of what was stopped */
}

/* IMAPITable.Abort.1 IMAPITable.Abort.2: whichever comes first. */
static void abort__at_any_moment__says_what_has_happened(void **state)
{
    struct async *async = *state;
    IMAPITable *table = async->table;

    for (int i = 0; i < 200; i++)
        add_mail(async->fx->inbox, "m", NULL, true);
    for (int round = 0; round < 50; round++) {
        HRESULT hr;

        sort(table, &by_subject);
        assert_ok(sort_soon(table, &back));
        for (volatile int spin = 0; spin < round * 2000; spin++)
            continue;
        hr = table->lpVtbl->Abort(table);
        assert_ok(wait_for(table, (ULONG)FOREVER));
        assert_ok(table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 0, NULL));
        if (hr == S_OK) {
            assert_string_equal(next_rows(table, 1), "a");
        } else {
            assert_hr(hr, MAPI_E_UNABLE_TO_ABORT);
            assert_string_equal(next_rows(table, 1), "m");
        }
    }
}

/* A message whose multi-values multiply to more rows than a table has. */
static void add_monster(IMAPIFolder *folder)
{
    static LONG numbers[MONSTROUS];
    SPropValue values[2] = { { .ulPropTag = PROP_TAG(PT_MV_LONG, 0x6801) },
        { .ulPropTag = PROP_TAG(PT_MV_LONG, 0x6802) } };
    IMessage *message = NULL;

    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    for (int i = 0; i < 2; i++) {
        values[i].Value.MVl.cValues = MONSTROUS;
        values[i].Value.MVl.lpl = numbers;
    }
    assert_ok(message->lpVtbl->SetProps(message, 2, values, NULL));
    prop_set_text(message, PR_SUBJECT_W, "m");
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

/* table-notification.ERROR.1 IMAPITable.GetStatus.1 IMAPITable.GetStatus.5 IMAPITable.SortTable.4
 */
static void failure__is_told__and_the_table_stays_as_it_was(void **state)
{
    static const ULONG columns[] = { PROP_TAG(PT_MV_LONG | MVI_FLAG, 0x6801), PR_SUBJECT_W };
    static const struct sort_order monstrous = { 1, 0, 0,
        { { PROP_TAG(PT_MV_LONG | MVI_FLAG, 0x6802), TABLE_SORT_ASCEND } } };
    SPropValue value = text_value(PR_SUBJECT_W, u"c");
    SRestriction restriction = compare_with(RELOP_LE, &value);
    struct async *async = *state;
    IMAPITable *table = async->table;
    struct model model;

    sort(table, &by_subject);
    assert_ok(table->lpVtbl->Restrict(table, &restriction, 0)); /* keeps the monster out of sight */
    add_monster(async->fx->inbox);
    model_begin(&model, table, LINE_COLUMNS);
    set_columns(table, columns, 2);
    model.columns = 2;
    model_read(&model);
    assert_ok(table->lpVtbl->Restrict(table, NULL, 0));
    model_read(&model);
    assert_int_equal(model.count, MONSTROUS + 3);

    assert_ok(sort_soon(table, &monstrous));
    assert_ok(wait_for(table, (ULONG)FOREVER));
    assert_int_equal(status_of(table), TBLSTAT_SORT_ERROR);
    wait_until(host_sink_count(&model.sink, fnevTableModified) == 1);
    assert_int_equal(model.last_event, TABLE_ERROR);
    assert_hr(model.last_result, MAPI_E_TOO_COMPLEX);
    model_check(&model);
    assert_hr(try_sort(table, &monstrous), MAPI_E_TOO_COMPLEX); /* live: at once, too */
    assert_int_equal(status_of(table), TBLSTAT_SORT_ERROR);
    model_check(&model);
    sort(table, &by_subject); /* what failed before is of no account any more */
    assert_int_equal(status_of(table), TBLSTAT_COMPLETE);
    model_read(&model);
    assert_ok(sort_soon(table, &back));
    assert_ok(wait_for(table, (ULONG)FOREVER));
    assert_int_equal(status_of(table), TBLSTAT_COMPLETE);
    model_end(&model);
}

static void assert_failed(struct model *model, ULONG status, size_t count)
{
    assert_ok(wait_for(model->table, (ULONG)FOREVER));
    assert_int_equal(status_of(model->table), status);
    wait_until(host_sink_count(&model->sink, fnevTableModified) == count);
    assert_int_equal(model->last_event, TABLE_ERROR);
    assert_hr(model->last_result, MAPI_E_TOO_COMPLEX);
    model_check(model);
}

/* The other two operations.
 * table-notification.ERROR.1 IMAPITable.GetStatus.5 IMAPITable.Restrict.5 */
static void failure__of_columns_and_filter__is_told_as_such(void **state)
{
    static const struct {
        ULONG cValues;
        ULONG tags[2];
    } columns = { 2,
        { PROP_TAG(PT_MV_LONG | MVI_FLAG, 0x6801), PROP_TAG(PT_MV_LONG | MVI_FLAG, 0x6802) } };

    SPropValue value = text_value(PR_SUBJECT_W, u"c");
    SRestriction restriction = compare_with(RELOP_LE, &value);
    struct async *async = *state;
    IMAPITable *table = async->table;
    struct model model;

    union {
        const void *from;
        LPSPropTagArray to;
    } tags = { &columns };

    add_monster(async->fx->inbox);
    model_begin(&model, table, LINE_COLUMNS);
    assert_ok(table->lpVtbl->SetColumns(table, tags.to, TBL_ASYNC));
    assert_failed(&model, TBLSTAT_SETCOL_ERROR, 1);

    assert_ok(table->lpVtbl->Restrict(table, &restriction, 0)); /* keeps the monster out of sight */
    assert_ok(table->lpVtbl->SetColumns(table, tags.to, 0));
    model.columns = 2;
    model_read(&model);
    assert_int_equal(model.count, 3);
    assert_int_equal(status_of(table), TBLSTAT_COMPLETE);
    assert_ok(table->lpVtbl->Restrict(table, NULL, TBL_ASYNC));
    assert_failed(&model, TBLSTAT_RESTRICT_ERROR, 2);
    assert_int_equal(row_count(table), 3);
    model_end(&model);
}

/* IMAPITable.WaitForCompletion.1: without sinks too. */
static void no_sinks__operations_run_all_the_same(void **state)
{
    struct async *async = *state;
    IMAPITable *table = async->table;

    assert_ok(table->lpVtbl->Unadvise(table, async->connection));
    for (int i = 0; i < 20; i++) {
        assert_ok(sort_soon(table, i % 2 ? &back : &by_subject));
        assert_ok(wait_for(table, (ULONG)FOREVER));
        assert_string_equal(table_line(table), i % 2 ? "c b a" : "a b c");
    }
}

/* --- a sink on the thread that does the work ----------------------------------------------------
 */

static void sort_and_wait(void *context)
{
    struct async *async = context;

    async->gated.act = NULL;
    assert_ok(sort_soon(async->table, &back));
    assert_ok(wait_for(async->table, (ULONG)FOREVER));
    assert_string_equal(table_line(async->table), "c b a");
}

static void on_notify__begins_another_one_and_waits__it_is_done(void **state)
{
    struct async *async = *state;

    async->gated.context = async;
    async->gated.act = sort_and_wait;
    assert_ok(sort_soon(async->table, &by_subject));
    wait_until(host_sink_count(&async->gated.sink, fnevTableModified) == 2);
    assert_string_equal(table_line(async->table), "c b a");
}

/* --- ends ---------------------------------------------------------------------------------------
 */

static void release__work_waiting__is_fine(void **state)
{
    struct async *async = *state;

    hold_thread(async);
    assert_ok(sort_soon(async->table, &back));
    async->table->lpVtbl->Release(async->table);
    async->table = NULL;
    gated_open(&async->gated);
}

struct waiter {
    IMAPITable *table;
    HRESULT hr;
};

static void wait_on_thread(void *arg)
{
    struct waiter *waiter = arg;

    waiter->hr = wait_for(waiter->table, (ULONG)FOREVER);
}

static void open_soon(void *arg)
{
    struct gated_sink *gated = arg;

    host_sleep_ms(30);
    gated_open(gated);
}

/* Teardown: Logoff with work waiting and somebody waiting for it. */
static void logoff__work_waiting__waiters_come_back(void **state)
{
    struct async *async = *state;
    struct waiter waiter = { async->table, S_OK };
    struct host_thread *waiting, *opener;
    IMSLogon *logon = host_support_unbind(async->fx->support);
    ULONG flags = 0;

    hold_thread(async);
    assert_ok(sort_soon(async->table, &back));
    waiting = host_thread_start(wait_on_thread, &waiter);
    opener = host_thread_start(open_soon, &async->gated);
    assert_ok(logon->lpVtbl->Logoff(logon, &flags));
    host_thread_join(waiting);
    host_thread_join(opener);
    assert_true(waiter.hr == MAPI_E_INVALID_OBJECT || waiter.hr == S_OK);
    assert_hr(wait_for(async->table, (ULONG)FOREVER), MAPI_E_INVALID_OBJECT);
    assert_hr(async->table->lpVtbl->Abort(async->table), MAPI_E_INVALID_OBJECT);
    assert_hr(sort_soon(async->table, &back), MAPI_E_INVALID_OBJECT);
    release_last(async->table);
    release_last(async->fx->inbox);
    release_last(async->fx->store);
    release_last(logon);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, async_setup, async_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_operation__ends__is_told),
        TEST(in_progress__others_are_busy__until_it_is_over),
        TEST(in_progress__every_other_method__busy_and_nothing_changed),
        TEST(restrict__memory_overwritten_at_once__done_all_the_same),
        TEST(sort_table__memory_overwritten_at_once__done_all_the_same),
        TEST(set_columns__memory_overwritten_at_once__done_all_the_same),
        TEST(abort__waiting__order_and_filter_as_before),
        TEST(abort__at_any_moment__says_what_has_happened),
        TEST(failure__is_told__and_the_table_stays_as_it_was),
        TEST(failure__of_columns_and_filter__is_told_as_such),
        TEST(no_sinks__operations_run_all_the_same),
        TEST(on_notify__begins_another_one_and_waits__it_is_done),
        TEST(release__work_waiting__is_fine),
        TEST(logoff__work_waiting__waiters_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
