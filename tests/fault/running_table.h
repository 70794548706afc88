/* SPDX-License-Identifier: MIT */
/*
 * running_table.h - a table of a folder whose asynchronous operation is held in the middle until
 * the test lets it go.
 *
 * The layers are linked in. The operation is held at a call of SQLite on its own thread. Nothing
 * depends on time. Included by one source of a test.
 */
#ifndef RUNNING_TABLE_H
#define RUNNING_TABLE_H

#include "../unit/linked_fixture.h"

#include "com/logon.h"
#include "com/table_impl.h"
#include "com/table_line.h"
#include "dll/inf.h" /* the whole library is linked for it */
#include "fault/fault_sqlite.h"
#include "platform/thread.h"

#define NUMBER PROP_TAG(PT_LONG, 0x6802)
#define NUMBERS_EACH PROP_TAG(PT_MV_LONG | MVI_FLAG, 0x6803)

enum { FOREVER = -1 };

/* --- holding ---------------------------------------------------------------------------------- */

static struct {
    struct table *_Atomic table; /* whose operation is held; NULL: none */
    atomic_bool is_held;
    atomic_uint steps;             /* calls that it may make while it is held */
    struct table *_Atomic counted; /* whose calls under the logon's lock are counted; NULL: none */
    atomic_uint calls;
    bool apart_only; /* not where it has the logon's lock */
} hold;

static inline bool is_running(struct table *table)
{
    bool is;

    msp_mutex_lock(&table->work.lock);
    is = table->work.state == TABLE_WORK_RUNNING;
    msp_mutex_unlock(&table->work.lock);
    return is;
}

/* On this very thread, which does nothing else then. */
static inline bool is_running_here(struct table *table)
{
    bool is;

    msp_mutex_lock(&table->work.lock);
    is = table->work.state == TABLE_WORK_RUNNING && table->work.runner == msp_thread_id() &&
         (table->work.is_apart || !hold.apart_only);
    msp_mutex_unlock(&table->work.lock);
    return is;
}

static inline void wait_here(void)
{
    struct table *table = atomic_load(&hold.counted);

    if (table != NULL && is_running(table) && !table_work_is_apart(&table->work))
        atomic_fetch_add(&hold.calls, 1);
    table = atomic_load(&hold.table);
    if (table == NULL || !is_running_here(table))
        return;
    atomic_store(&hold.is_held, true);
    while (atomic_load(&hold.table) != NULL && atomic_load(&hold.steps) == 0)
        host_sleep_ms(1);
    if (atomic_load(&hold.steps) > 0)
        atomic_fetch_sub(&hold.steps, 1);
    atomic_store(&hold.is_held, false);
}

static inline void let_go(void)
{
    atomic_store(&hold.table, NULL);
}

#define wait_until(condition)                                                                      \
    do {                                                                                           \
        for (int tries_ = 0; tries_ < 30000 && !(condition); tries_++)                             \
            host_sleep_ms(1);                                                                      \
        assert_true(condition);                                                                    \
    } while (0)

/* --- a folder and a table of it --------------------------------------------------------------- */

struct running {
    struct state *state;
    struct fixture *fx;
    LONG many; /* rows */
    IMAPITable *iface;
    struct table *table;
    struct host_sink sink;
    ULONG_PTR connection;
};

static const struct sort_order by_number = { 1, 0, 0, { { NUMBER, TABLE_SORT_ASCEND } } };

static inline void add_many(struct fixture *fx, LONG many)
{
    LONG numbers[2] = { 1, 2 };
    SPropValue each = { .ulPropTag = PROP_TAG(PT_MV_LONG, 0x6803) };

    each.Value.MVl.cValues = 2;
    each.Value.MVl.lpl = numbers;
    prop_set_bool(fx->store, PROP_TAG(PT_BOOLEAN, 0x6601), true); /* in bulk */
    for (LONG i = 0; i < many; i++) {
        IMessage *message = NULL;

        assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
        prop_set_text(message, PR_SUBJECT_W, "m");
        prop_set_long(message, NUMBER, many - i);
        assert_ok(message->lpVtbl->SetProps(message, 1, &each, NULL));
        assert_ok(message->lpVtbl->SaveChanges(message, 0));
        release_last(message);
    }
    prop_set_bool(fx->store, PROP_TAG(PT_BOOLEAN, 0x6601), false);
}

static inline int running_begin(void **out, LONG many)
{
    static const ULONG columns[] = { NUMBER };
    static bool is_installed;
    struct running *running = calloc(1, sizeof(*running));
    void *state = NULL;

    assert_non_null(running);
    setup(&state);
    running->state = state;
    running->fx = running->state->fx;
    assert_ok(load(running->fx));
    assert_ok(configure(running->fx));
    if (!is_installed)
        assert_true(sqlite_fault_install());
    is_installed = true;
    assert_ok(log_on(running->fx));
    fixture_open_inbox(running->fx);
    running->many = many;
    add_many(running->fx, many);
    assert_ok(running->fx->inbox->lpVtbl->GetContentsTable(
            running->fx->inbox, MAPI_UNICODE, &running->iface));
    set_columns(running->iface, columns, 1);
    running->table = table_from_iface(running->iface);
    host_sink_init(&running->sink);
    assert_ok(running->iface->lpVtbl->Advise(running->iface, fnevTableModified,
            &running->sink.IMAPIAdviseSink_iface, &running->connection));
    sqlite_fault.before = wait_here;
    *out = running;
    return 0;
}

static inline int running_finish(void **out)
{
    struct running *running = *out;
    void *state = running->state;

    let_go();
    sqlite_fault.before = NULL;
    if (running->iface != NULL)
        release_last(running->iface);
    end(running->state);
    assert_int_equal(running->sink.refs, 1);
    host_sink_done(&running->sink);
    free(running);
    return teardown(&state);
}

/* What a table can be told to do; flags: TBL_ASYNC or 0. */
static inline HRESULT ask_table(IMAPITable *table, LONG many, ULONG status, ULONG flags)
{
    SPropValue value = long_value(NUMBER, many / 2);
    SRestriction restriction = compare_with(RELOP_GE, &value);
    SPropTagArray each = { 1, { NUMBERS_EACH } };

    union {
        struct sort_order order;
        SSortOrderSet set;
    } both = { .order = by_number };

    switch (status) {
    case TBLSTAT_SORTING:
        return table->lpVtbl->SortTable(table, &both.set, flags);
    case TBLSTAT_RESTRICTING:
        return table->lpVtbl->Restrict(table, &restriction, flags);
    default:
        return table->lpVtbl->SetColumns(table, &each, flags);
    }
}

static inline HRESULT ask(struct running *running, ULONG status)
{
    return ask_table(running->iface, running->many, status, TBL_ASYNC);
}

/* Begins an operation; when this returns it runs, and is in the middle of it. */
static inline void begin_held(struct running *running, ULONG status)
{
    atomic_store(&hold.table, running->table);
    assert_ok(ask(running, status));
    wait_until(atomic_load(&hold.is_held));
    assert_true(is_running(running->table));
}

static inline HRESULT wait_for(IMAPITable *table, ULONG timeout, ULONG *out_status)
{
    *out_status = POISON_LONG;
    return table->lpVtbl->WaitForCompletion(table, 0, timeout, out_status);
}

static inline ULONG status_of(IMAPITable *table)
{
    ULONG status = POISON_LONG, type = POISON_LONG;

    assert_ok(table->lpVtbl->GetStatus(table, &status, &type));
    return status;
}

/* The first number and how many rows: as it was before anything was asked. */
static inline void assert_untouched(const struct running *running)
{
    IMAPITable *table = running->iface;
    LPSRowSet rows;

    assert_int_equal(row_count(table), running->many);
    seek(table, BOOKMARK_BEGINNING, 0);
    rows = query(table, 1, 0);
    assert_int_equal(rows->aRow[0].lpProps[0].ulPropTag, NUMBER);
    assert_int_equal(rows->aRow[0].lpProps[0].Value.l, running->many);
    mapi_free_rows(rows);
}

struct caller {
    IMAPITable *table;
    HRESULT hr;
    ULONG status;
};

static inline void abort_there(void *arg)
{
    struct caller *caller = arg;

    caller->hr = caller->table->lpVtbl->Abort(caller->table);
}

static inline void wait_there(void *arg)
{
    struct caller *caller = arg;

    caller->hr = wait_for(caller->table, (ULONG)FOREVER, &caller->status);
}

static inline void release_there(void *arg)
{
    struct caller *caller = arg;

    caller->status = caller->table->lpVtbl->Release(caller->table);
}

struct leaver {
    IMSLogon *logon;
    HRESULT hr;
};

static inline void log_off_there(void *arg)
{
    struct leaver *leaver = arg;
    ULONG flags = 0;

    leaver->hr = leaver->logon->lpVtbl->Logoff(leaver->logon, &flags);
}

#endif
