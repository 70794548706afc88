/* SPDX-License-Identifier: MIT */
/*
 * table_async.c - TBL_ASYNC: SortTable, Restrict and SetColumns in the background, GetStatus, Abort
 * and WaitForCompletion.
 *
 * The operation waits for the logon's thread (com/watch.h) and runs there: on a large table without
 * the domain's lock (com/table_apart.h), else under it, like any call. What is asked and told about
 * it needs only the work's own lock, so GetStatus, Abort and WaitForCompletion answer while it
 * runs. Until it is over, other calls of the table that need it answer MAPI_E_BUSY.
 *
 * Owns:  the copies of what the client wants.
 * Locks: the domain's, then the work's.
 */
#include <string.h>

#include "com/logon.h"
#include "com/table_apart.h"
#include "com/table_impl.h"
#include "com/table_live.h"
#include "com/watch.h"
#include "mapi/sortorder.h"
#include "platform/thread.h"
#include "platform/time.h"
#include "util/alloc.h"

/* What an operation is called at its three moments. */
static const struct operation {
    ULONG running;
    ULONG failed;
    ULONG done; /* TABLE_..._DONE */
} operations[] = {
    { TBLSTAT_SORTING, TBLSTAT_SORT_ERROR, TABLE_SORT_DONE },
    { TBLSTAT_SETTING_COLS, TBLSTAT_SETCOL_ERROR, TABLE_SETCOL_DONE },
    { TBLSTAT_RESTRICTING, TBLSTAT_RESTRICT_ERROR, TABLE_RESTRICT_DONE },
};

static const struct operation *operation_of(const struct view_wish *wish)
{
    if (wish->sort != NULL)
        return &operations[0];
    return &operations[wish->tags != NULL ? 1 : 2];
}

void table_work_init(struct table_work *work)
{
    msp_mutex_init(&work->lock);
    msp_cond_init(&work->changed);
    work->status = TBLSTAT_COMPLETE;
}

void table_work_done(struct table_work *work)
{
    msp_cond_done(&work->changed);
    msp_mutex_done(&work->lock);
}

bool table_work_is_pending(struct table_work *work)
{
    bool is_pending;

    msp_mutex_lock(&work->lock);
    is_pending = work->state != TABLE_WORK_NONE;
    msp_mutex_unlock(&work->lock);
    return is_pending;
}

bool table_work_is_apart(struct table_work *work)
{
    bool is_apart;

    msp_mutex_lock(&work->lock);
    is_apart = work->is_apart;
    msp_mutex_unlock(&work->lock);
    return is_apart;
}

/* --- the operation ---------------------------------------------------------------------------- */

/* The sort order and the columns are const to all but their owner here. */
static void free_wish(struct view_wish *wish)
{
    union {
        const void *in;
        void *out;
    } sort = { wish->sort }, tags = { wish->tags };

    msp_free(sort.out);
    msp_free(tags.out);
    if (wish->is_restriction)
        restrict_free(wish->restriction);
    memset(wish, 0, sizeof(*wish));
}

static HRESULT copy_wish(const struct view_wish *from, struct view_wish *to)
{
    SSortOrderSet *sort = NULL;
    HRESULT hr;

    *to = (struct view_wish){ .is_restriction = from->is_restriction };
    if (from->sort != NULL) {
        hr = sortorder_copy(from->sort, &sort);
        if (FAILED(hr))
            return hr;
        to->sort = sort;
    }
    if (from->tags != NULL) {
        to->tags = msp_memdup(from->tags, from->tag_count * sizeof(*from->tags));
        to->tag_count = from->tag_count;
        if (to->tags == NULL)
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    to->restriction = from->restriction; /* taken over */
    return S_OK;
}

HRESULT table_work_begin(struct msp_call *call, struct table *table, const struct view_wish *wish)
{
    struct table_work *work = &table->work;
    struct view_wish copy;
    HRESULT hr;

    hr = wish->sort != NULL ? view_check_sort(call, &table->view, wish->sort) : S_OK;
    if (SUCCEEDED(hr))
        hr = copy_wish(wish, &copy);
    if (FAILED(hr))
        return hr;
    if (!watch_queue(table->logon, table)) {
        copy.restriction = NULL; /* stays the caller's */
        free_wish(&copy);
        return MAPI_E_NO_SUPPORT;
    }
    free_wish(&work->wish); /* of an operation that was aborted before it ran */
    work->wish = copy;
    msp_mutex_lock(&work->lock);
    work->state = TABLE_WORK_WAITING;
    work->status = operation_of(wish)->running;
    work->was_stopped = false;
    work->runner = watch_thread_id(table->logon);
    atomic_store(&work->stop, false);
    msp_mutex_unlock(&work->lock);
    return S_OK;
}

/* From WAITING to RUNNING; false: it was aborted. */
static bool start(struct table_work *work)
{
    bool go_on;

    msp_mutex_lock(&work->lock);
    go_on = work->state == TABLE_WORK_WAITING;
    if (go_on)
        work->state = TABLE_WORK_RUNNING;
    msp_mutex_unlock(&work->lock);
    return go_on;
}

void table_work_end(struct table *table, HRESULT hr)
{
    struct table_work *work = &table->work;
    const struct operation *operation = operation_of(&work->wish);
    bool was_stopped = FAILED(hr) && atomic_load(&work->stop);

    free_wish(&work->wish);
    msp_mutex_lock(&work->lock);
    work->state = TABLE_WORK_NONE;
    work->status = FAILED(hr) && !was_stopped ? operation->failed : TBLSTAT_COMPLETE;
    work->was_stopped = was_stopped;
    msp_cond_wake_all(&work->changed);
    msp_mutex_unlock(&work->lock);
    if (table->live == NULL || was_stopped)
        return;
    if (SUCCEEDED(hr))
        table_live_tell(table->live, operation->done, S_OK);
    else
        table_live_tell(table->live, TABLE_ERROR, hr);
    notify_poke(&table->logon->notify);
}

void table_work_outdate(struct table_work *work)
{
    msp_mutex_lock(&work->lock);
    work->status = TBLSTAT_COMPLETE;
    msp_mutex_unlock(&work->lock);
}

/* The wish is fulfilled, or has failed. */
static void settle(struct table *table, HRESULT hr)
{
    if (SUCCEEDED(hr))
        table->work.wish.restriction = NULL; /* the view's now */
    table_work_end(table, hr);
}

static void set_apart(struct table_work *work, bool is_apart)
{
    msp_mutex_lock(&work->lock);
    work->is_apart = is_apart;
    msp_cond_wake_all(&work->changed);
    msp_mutex_unlock(&work->lock);
}

/* No reference is held, so that the last Release is the table's end at any time. That waits for
 * is_apart to go, so until then table and logon are there, and says so to what is apart. */
static void run_apart(struct msp_call *call, struct table *table, struct table_apart *apart)
{
    HRESULT hr;

    table->work.running = apart;
    set_apart(&table->work, true);
    /* What was put off is left to who has the lock next: a sink that is called here would wait for
       this very thread. */
    msp_mutex_unlock(&call->domain->lock);
    hr = table_apart_evaluate(apart);
    set_apart(&table->work, false);
    msp_domain_lock(call->domain);
    if (!table_apart_is_orphan(apart)) {
        table->work.running = NULL;
        if (SUCCEEDED(hr))
            hr = table_apart_install(call, apart);
        else if (!msp_call_is_stopped(call)) /* the logon's connection may do better */
            hr = table_set(call, table, &table->work.wish, true);
        settle(table, hr);
    }
    table_apart_free(apart);
}

/* `may_leave`: the lock, for as long as it takes. */
static void run_work(struct table *table, bool may_leave)
{
    struct msp_call call = {
        .object = &table->object, .domain = table->object.domain, .stop = &table->work.stop
    };
    struct table_apart *apart;

    if (!start(&table->work)) {
        free_wish(&table->work.wish);
        return;
    }
    apart = may_leave ? table_apart_new(&call, table, &table->work.wish) : NULL;
    if (apart != NULL)
        run_apart(&call, table, apart);
    else
        settle(table, table_set(&call, table, &table->work.wish, true));
}

void table_work_run(struct table *table)
{
    run_work(table, true);
}

/* Under work->lock: has what runs end at its next chunk. */
static void stop_running(struct table_work *work)
{
    atomic_store(&work->stop, true);
    if (work->apart != NULL)
        eng_stop(work->apart);
}

void table_work_close(struct table *table)
{
    struct table_work *work = &table->work;

    if (work->is_queued)
        watch_unqueue(table->logon, table);
    msp_mutex_lock(&work->lock);
    if (work->is_apart)
        stop_running(work);
    while (work->is_apart)
        (void)msp_cond_wait(&work->changed, &work->lock, MSP_WAIT_FOREVER);
    msp_mutex_unlock(&work->lock);
    if (work->running != NULL)
        table_apart_orphan(work->running);
    work->running = NULL;
    free_wish(&work->wish);
    msp_mutex_lock(&work->lock);
    work->state = TABLE_WORK_NONE;
    msp_cond_wake_all(&work->changed);
    msp_mutex_unlock(&work->lock);
}

/* --- asking about it -------------------------------------------------------------------------- */

/* The domain's lock is not taken: a long operation holds it. */
HRESULT STDMETHODCALLTYPE table_GetStatus(IMAPITable *iface, ULONG *out_status, ULONG *out_type)
{
    struct table *table = table_from_iface(iface);

    MSP_CLEAR(out_status);
    MSP_CLEAR(out_type);
    MSP_NEED(out_status != NULL && out_type != NULL);
    if (!msp_object_is_live(&table->object))
        return MAPI_E_INVALID_OBJECT;

    msp_mutex_lock(&table->work.lock);
    *out_status = table->work.status;
    msp_mutex_unlock(&table->work.lock);
    *out_type = TBLTYPE_DYNAMIC;
    return S_OK;
}

/* Stops what waits, or has what runs stop at its next chunk and waits for that; false: it was over,
 * or came to its end first. */
static bool stop_work(struct table_work *work)
{
    bool is_stopped = false;

    msp_mutex_lock(&work->lock);
    if (work->state == TABLE_WORK_WAITING) {
        work->state = TABLE_WORK_NONE;
        work->status = TBLSTAT_COMPLETE;
        msp_cond_wake_all(&work->changed);
        is_stopped = true;
    } else if (work->state == TABLE_WORK_RUNNING) {
        stop_running(work);
        while (work->state == TABLE_WORK_RUNNING)
            (void)msp_cond_wait(&work->changed, &work->lock, MSP_WAIT_FOREVER);
        is_stopped = work->was_stopped;
    }
    msp_mutex_unlock(&work->lock);
    return is_stopped;
}

HRESULT STDMETHODCALLTYPE table_Abort(IMAPITable *iface)
{
    struct table *table = table_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    if (!msp_object_is_live(&table->object))
        return MAPI_E_INVALID_OBJECT;
    if (stop_work(&table->work))
        return S_OK;

    hr = msp_call_begin(&call, &table->object);
    if (FAILED(hr))
        return hr;
    hr = msp_fail(&call, MAPI_E_UNABLE_TO_ABORT, 0, "No operation is in progress.");
    return msp_call_end(&call, hr);
}

/* False: the time is up. */
static bool wait_for_end(struct table_work *work, ULONG timeout, ULONG *out_status)
{
    uint64_t now = msp_time_monotonic_ns() / 1000000;
    uint64_t give_up = now + timeout;
    bool is_over;

    msp_mutex_lock(&work->lock);
    while (work->state != TABLE_WORK_NONE && (timeout == UINT32_MAX || now < give_up)) {
        (void)msp_cond_wait(&work->changed, &work->lock,
                timeout == UINT32_MAX ? MSP_WAIT_FOREVER : (uint32_t)(give_up - now));
        now = msp_time_monotonic_ns() / 1000000;
    }
    is_over = work->state == TABLE_WORK_NONE;
    *out_status = work->status;
    msp_mutex_unlock(&work->lock);
    return is_over;
}

/* Does the work wait for this very thread? */
static bool is_own_work(struct table_work *work)
{
    bool is_own;

    msp_mutex_lock(&work->lock);
    is_own = work->state == TABLE_WORK_WAITING && work->runner == msp_thread_id();
    msp_mutex_unlock(&work->lock);
    return is_own;
}

/* A sink that waits on the thread that is to do the work has it done now. */
static HRESULT run_own_work(struct table *table)
{
    struct msp_call call;
    HRESULT hr;

    if (!is_own_work(&table->work))
        return S_OK;
    hr = msp_call_begin(&call, &table->object);
    if (FAILED(hr))
        return hr;
    if (table->work.is_queued) {
        watch_unqueue(table->logon, table);
        run_work(table, false);
    }
    return msp_call_end(&call, hr);
}

HRESULT STDMETHODCALLTYPE table_WaitForCompletion(
        IMAPITable *iface, ULONG flags, ULONG timeout, ULONG *out_status)
{
    struct table *table = table_from_iface(iface);
    ULONG status = TBLSTAT_COMPLETE;
    HRESULT hr;

    MSP_CLEAR(out_status);
    MSP_NEED_FLAGS(flags, 0);
    if (!msp_object_is_live(&table->object))
        return MAPI_E_INVALID_OBJECT;

    hr = timeout > 0 ? run_own_work(table) : S_OK;
    if (FAILED(hr))
        return hr;
    if (!wait_for_end(&table->work, timeout, &status))
        return MAPI_E_TIMEOUT;
    if (!msp_object_is_live(&table->object))
        return MAPI_E_INVALID_OBJECT;
    if (out_status != NULL)
        *out_status = status;
    return S_OK;
}
