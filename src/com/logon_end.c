/* SPDX-License-Identifier: MIT */
/*
 * logon_end.c - how a logon ends, all of it: from the store's last Release, from Logoff, from
 * Shutdown, from the last Release of the logon or of the provider.
 *
 * What it is built on (object.h): one lock for the logon and all that was opened through it;
 * msp_object_kill(), which makes a tree of objects DEAD, leaves first, each through its dispose;
 * msp_domain_later(), which puts a piece of work off until the lock is left. Everything that calls
 * foreign code is put off: the functions named run_...
 *
 * The ways in:
 *
 *   a client's last Release of the store              the host ends the session
 *        |                                                 |
 *   store_dispose                                     logon_Logoff        provider_Shutdown,
 *   logon_store_gone    notes that the transports          |              last Release of the
 *        |              are to be told                     |              provider: logon_end_all
 *   ----- the lock is left -----                           |                   |
 *   run_store_gone      takes the support object           |                   |
 *        |                                                 |                   |
 *   give_back_support   StoreLogoffTransports, Release:    |                   |
 *        |              the host calls Logoff and          |                   |
 *        |              releases the logon on our stack    |                   |
 *        `-----------------------+-------------------------+-------------------'
 *                                |
 *                           logon_end      (and the logon's last Release without Logoff: its kill)
 *                                |
 *                           msp_object_kill   every object DEAD, the store and what is below first
 *                           logon_dispose     no notification any more, background thread told to
 *                                |            stop, file closed, support object taken
 *                           ----- the lock is left -----
 *                           run_closing       the sinks are given back (notify.c)
 *                           run_ending        background thread joined, give_back_support
 *                                |
 *                           wait_until_quiet  for what other threads have begun
 *
 * Any of these may come first, on any thread, inside one another and several times; a logon that is
 * DEAD is left alone and only waited for. (A logon that dies while run_store_gone is still put off
 * leaves it nothing to do: run_ending, perhaps on the same thread behind it, does it all.) What
 * holds:
 *
 * Once. logon->support is taken under the lock and is NULL afterwards: who has taken it, and nobody
 * else, gives it back. A call that is using it just then has taken it (borrowed it) and gives it
 * back in place of returning it. The one who gives it back tells the transports, if the store ended
 * by itself before any Logoff.
 *
 * Nothing afterwards. While a thread is in foreign code for this logon its id is in support_user,
 * notify.deliverer, notify.closer or joining. Logoff waits until no other thread's is there; its
 * own may be, because foreign code may call Logoff. It waits QUIET_WAIT_MS at the most, because
 * foreign code may wait for us. The logon stays in the provider's list until nobody at all is busy
 * for it, so that Shutdown waits in the same way.
 *
 * Memory. Whatever is put off has a reference on the logon, and so has logon_Logoff for its length:
 * the host may release the logon from in there. Dead objects in the hands of clients keep the
 * domain, the lock that is, and nothing else.
 *
 * No end of waiting. A method that holds the lock is told to stop: domain->closing, which long work
 * looks at between chunks, and eng_stop() for what the engine is doing.
 *
 * Fast shutdown (logon_flush_all) ends nothing: it makes durable what is not, and the process dies.
 * It stops long work in the same way, with domain->hurrying in place of closing, because the
 * process lives on when it could not do its part. tests/model/logoff.pml is this file for SPIN,
 * with every order of events.
 *
 * Owns:  nothing beyond what struct logon says.
 * Locks: said at each function; "the lock" is the domain's.
 */
#include "com/logon.h"

#include "com/call.h"
#include "com/provider.h"
#include "com/search.h"
#include "com/store.h"
#include "com/trace.h"
#include "com/watch.h"
#include "platform/library.h"
#include "platform/thread.h"
#include "platform/time.h"

enum {
    /* How long Logoff waits for a call-out of another thread. Foreign code may itself wait for the
       thread that logs off. */
    QUIET_WAIT_MS = 1000
};

/* How long the notice of a fast shutdown waits for locks; nobody stops for it. */
#define NOTICE_NS UINT64_C(1000000000)

/* --- who is busy -------------------------------------------------------------------------------
 */

bool logon_is_over(const struct logon *logon)
{
    return !msp_object_is_live(&logon->object) && logon->support_user == 0 &&
           logon->notify.deliverer == 0 && logon->notify.closer == 0 && logon->watch == NULL &&
           logon->joining == 0;
}

static bool is_other(uintptr_t thread)
{
    return thread != 0 && thread != msp_thread_id();
}

/* Is another thread in foreign code on this logon's behalf? Under the lock. */
static bool is_busy_elsewhere(const struct logon *logon)
{
    return is_other(logon->support_user) || is_other(logon->notify.deliverer) ||
           is_other(logon->notify.closer) || is_other(logon->joining) ||
           is_other(watch_thread_id(logon));
}

/* Does another thread use the support object? Under the lock. */
static bool is_borrowed_elsewhere(const struct logon *logon)
{
    return is_other(logon->support_user);
}

/* Under the lock, which is left meanwhile: what other threads have begun gets a moment to end. */
static void wait_while(struct logon *logon, bool (*is_busy)(const struct logon *logon))
{
    struct msp_domain *domain = logon->object.domain;
    uint64_t give_up = 0;

    while (is_busy(logon)) {
        uint64_t now = msp_time_monotonic_ns() / 1000000;

        if (give_up == 0)
            give_up = now + QUIET_WAIT_MS;
        if (now >= give_up)
            break;
        (void)msp_cond_wait(&logon->quiet, &domain->lock, (uint32_t)(give_up - now));
    }
}

/* Without the lock, on a dead logon: nothing new begins. */
static void wait_until_quiet(struct logon *logon)
{
    msp_domain_lock(logon->object.domain);
    wait_while(logon, is_busy_elsewhere);
    msp_domain_unlock(logon->object.domain);
}

/* --- the support object -------------------------------------------------------------------------
 */

/* Under the lock: the support object is this thread's now, to be used without the lock and given
 * back. NULL: it is gone. */
static LPMAPISUP take_support(struct logon *logon)
{
    LPMAPISUP support = logon->support;

    logon->support = NULL;
    if (support != NULL)
        logon->support_user = msp_thread_id();
    return support;
}

void logon_unlist(struct logon *logon)
{
    struct provider_core *core = logon->core;

    msp_mutex_lock(&core->lock);
    if (logon->is_listed) {
        struct logon **link = &core->logons;

        while (*link != logon)
            link = &(*link)->next_open;
        *link = logon->next_open;
        logon->is_listed = false;
    }
    msp_mutex_unlock(&core->lock);
}

/* Without the lock: the store has ended by itself, and whoever gives the support object back is the
 * last who can say so. */
static void tell_transports(struct logon *logon, LPMAPISUP support)
{
    struct msp_domain *domain = logon->object.domain;
    bool is_due;
    ULONG flags;

    msp_domain_lock(domain);
    is_due = logon->transports_due;
    logon->transports_due = false;
    flags = logon->logoff_flags != 0 ? logon->logoff_flags : LOGOFF_ABORT;
    msp_domain_unlock(domain);
    if (is_due)
        (void)support->lpVtbl->StoreLogoffTransports(support, &flags);
}

/* Without the lock, with a reference on the logon: gives the support object back, unless it is
 * NULL. The host may call Logoff and release the logon from in here. */
static void give_back_support(struct logon *logon, LPMAPISUP support)
{
    struct msp_domain *domain = logon->object.domain;
    bool is_over;

    if (support != NULL) {
        tell_transports(logon, support);
        support->lpVtbl->Release(support);
    }
    msp_domain_lock(domain);
    if (support != NULL) {
        logon->support_user = 0;
        msp_cond_wake_all(&logon->quiet);
    }
    is_over = logon_is_over(logon);
    msp_domain_unlock(domain);
    if (is_over)
        logon_unlist(logon);
}

LPMAPISUP logon_borrow_support(struct logon *logon)
{
    if (logon->loans > 0 && logon->support_user == msp_thread_id()) {
        logon->loans++;
        return logon->loan;
    }
    if (logon->support_user != 0)
        return NULL;
    logon->loan = take_support(logon);
    logon->loans = logon->loan != NULL;
    return logon->loan;
}

void logon_return_support(struct logon *logon, LPMAPISUP support)
{
    struct msp_domain *domain = logon->object.domain;
    bool is_last;
    bool is_live;

    msp_domain_lock(domain);
    is_last = --logon->loans == 0;
    is_live = msp_object_is_live(&logon->object);
    if (is_last)
        logon->loan = NULL;
    if (is_last && is_live) {
        logon->support = support;
        logon->support_user = 0;
        msp_cond_wake_all(&logon->quiet);
    }
    msp_domain_unlock(domain);
    if (is_last && !is_live)
        give_back_support(logon, support);
}

LPMAPISUP logon_await_support(struct logon *logon)
{
    LPMAPISUP support = NULL;

    msp_domain_lock(logon->object.domain);
    wait_while(logon, is_borrowed_elsewhere);
    if (msp_object_is_live(&logon->object))
        support = logon_borrow_support(logon);
    msp_domain_unlock(logon->object.domain);
    return support;
}

/* --- the logon dies -----------------------------------------------------------------------------
 */

/* Without the lock. */
static void run_ending(struct msp_later *later)
{
    struct logon *logon = CONTAINING_RECORD(later, struct logon, ending);
    LPMAPISUP support = logon->ending_support;

    logon->ending_support = NULL;
    watch_join(logon);
    give_back_support(logon, support);
    msp_object_release(&logon->object);
}

/* Under the lock. */
static void close_file(struct logon *logon)
{
    struct eng *eng = logon->eng;

    msp_mutex_lock(&logon->eng_lock);
    logon->eng = NULL;
    msp_mutex_unlock(&logon->eng_lock);
    eng_close(eng);
}

/* Under the lock, after every child: the file is closed here, so nothing of it is left when Logoff
 * returns. */
void logon_dispose(struct msp_object *object)
{
    struct logon *logon = CONTAINING_RECORD(object, struct logon, object);

    trace_left_advised(logon, logon->notify.advises.items.count);
    notify_close(&logon->notify);
    watch_close(logon);
    search_cache_free(logon->searches);
    logon->searches = NULL;
    close_file(logon);
    if (object->domain == NULL)
        return; /* never started */
    logon->died_with_store = atomic_load(&logon->store_gone.queued);
    logon->ending_support = take_support(logon);
    logon->ending.run = run_ending;
    msp_object_ref_locked(object); /* run_ending() drops it */
    msp_domain_later(object->domain, &logon->ending);
}

/* --- Logoff -------------------------------------------------------------------------------------
 */

/* Without the lock: what another thread has the engine do ends now. */
static void stop_engine(struct logon *logon)
{
    msp_mutex_lock(&logon->eng_lock);
    if (logon->eng != NULL)
        eng_stop(logon->eng);
    if (logon->apart != NULL)
        eng_stop(logon->apart);
    msp_mutex_unlock(&logon->eng_lock);
}

/* Takes the lock; a call of another thread that holds it is told to stop. */
static void lock_now(struct logon *logon)
{
    struct msp_domain *domain = logon->object.domain;

    if (msp_mutex_try_lock(&domain->lock))
        return;
    stop_engine(logon);
    msp_domain_lock(domain);
}

void logon_end(struct logon *logon)
{
    struct msp_domain *domain = logon->object.domain;
    struct trace_logoff trace;

    if (msp_process_is_dying())
        return; /* other threads may be gone with locks held, and all that was acknowledged is on
                   disk */
    trace_logoff_begin(&trace, logon);
    atomic_store(&domain->closing, true);
    lock_now(logon);
    trace_logoff_locked(&trace, logon);
    (void)msp_object_kill(&logon->object);
    msp_domain_unlock(domain);
    wait_until_quiet(logon);
    trace_logoff_end(&trace);
}

void logon_give_up(struct logon *logon, struct store *store)
{
    logon_end(logon);
    store->IMsgStore_iface.lpVtbl->Release(&store->IMsgStore_iface);
    logon->IMSLogon_iface.lpVtbl->Release(&logon->IMSLogon_iface);
}

/* --- the store's last Release -------------------------------------------------------------------
 */

/* Without the lock, after the client's last Release of the store. */
static void run_store_gone(struct msp_later *later)
{
    struct logon *logon = CONTAINING_RECORD(later, struct logon, store_gone);
    struct msp_domain *domain = logon->object.domain;
    LPMAPISUP support = NULL;
    bool is_done;

    msp_domain_lock(domain);
    is_done = logon->died_with_store; /* run_ending() is put off on this thread, behind us */
    if (!is_done) {
        wait_while(logon, is_borrowed_elsewhere); /* transports are told while the file is open */
        support = take_support(logon);
    }
    msp_domain_unlock(domain);
    if (!is_done) {
        give_back_support(logon, support); /* the host calls Logoff from in here */
        logon_end(logon);                  /* in case it did not */
    }
    msp_object_release(&logon->object);
}

void logon_store_gone(struct logon *logon)
{
    logon->store = NULL;
    if (atomic_load(&logon->object.domain->closing))
        return;
    logon->transports_due = true;
    logon->store_gone.run = run_store_gone;
    msp_object_ref_locked(&logon->object); /* run_store_gone() drops it */
    msp_domain_later(logon->object.domain, &logon->store_gone);
}

/* --- all logons of a provider -------------------------------------------------------------------
 */

/* Ends every logon that is open, one after the other; a new one cannot come while the host is in
 * Shutdown. */
void logon_end_all(struct provider_core *core)
{
    while (!msp_process_is_dying()) {
        struct logon *logon;

        msp_mutex_lock(&core->lock);
        logon = core->logons;
        if (logon != NULL)
            msp_object_addref(&logon->object);
        msp_mutex_unlock(&core->lock);
        if (logon == NULL)
            return;
        logon_end(logon);
        logon_unlist(logon); /* also when foreign code did not come back in time */
        msp_object_release(&logon->object);
    }
}

/* Under the lock. What a group has lost is lost for good, and the engine says it once: it is
 * remembered, so that DoFastShutdown does not promise what NotifyProcessShutdown has seen fail. */
static bool flush_locked(struct logon *logon)
{
    if (logon->eng != NULL && eng_flush(logon->eng) != ENG_OK)
        logon->has_lost = true;
    return !logon->has_lost;
}

/* Long work of other threads ends at its next chunk, and the engine's now. */
static void hurry_all(struct provider_core *core)
{
    msp_mutex_lock(&core->lock);
    for (struct logon *logon = core->logons; logon != NULL; logon = logon->next_open) {
        atomic_store(&logon->object.domain->hurrying, true);
        stop_engine(logon);
    }
    msp_mutex_unlock(&core->lock);
}

/* Under core->lock alone. The work of others goes on as before, should the process live on; but not
 * where Logoff waits for the lock, which has stopped it, too. */
static void end_hurry(struct logon *logon)
{
    struct msp_domain *domain = logon->object.domain;

    msp_mutex_lock(&logon->eng_lock);
    if (logon->eng != NULL)
        eng_go_on(logon->eng);
    if (logon->apart != NULL)
        eng_go_on(logon->apart);
    msp_mutex_unlock(&logon->eng_lock);
    atomic_store(&domain->hurrying, false);
    if (atomic_load(&domain->closing))
        stop_engine(logon);
}

/* Under core->lock. False: not all is on disk, or another thread did not leave the lock in time. */
static bool flush_in_hurry(struct logon *logon, uint64_t give_up)
{
    struct msp_domain *domain = logon->object.domain;
    bool is_kept = false;

    if (msp_domain_lock_until(domain, give_up)) {
        if (logon->eng != NULL)
            eng_go_on(logon->eng);
        is_kept = flush_locked(logon);
        msp_mutex_unlock(&domain->lock); /* nobody is told: no call-out under core->lock */
    }
    end_hurry(logon);
    return is_kept;
}

HRESULT logon_flush_all(struct provider_core *core, uint64_t give_up, unsigned *out_count)
{
    HRESULT hr = S_OK;

    *out_count = 0;
    msp_mutex_lock(&core->fast_lock); /* the end of one hurry is not to slow down another */
    hurry_all(core);
    watch_halt_all(core, give_up);
    msp_mutex_lock(&core->lock);
    for (struct logon *logon = core->logons; logon != NULL; logon = logon->next_open) {
        if (!flush_in_hurry(logon, give_up))
            hr = MAPI_E_DISK_ERROR;
        (*out_count)++;
    }
    msp_mutex_unlock(&core->lock);
    msp_mutex_unlock(&core->fast_lock);
    return hr;
}

/* A logon that this round has not come to, with a reference; NULL: none is left. */
static struct logon *take_unflushed(struct provider_core *core, unsigned round)
{
    struct logon *logon;

    msp_mutex_lock(&core->lock);
    logon = core->logons;
    while (logon != NULL && logon->flush_round == round)
        logon = logon->next_open;
    if (logon != NULL) {
        logon->flush_round = round;
        msp_object_addref(&logon->object);
    }
    msp_mutex_unlock(&core->lock);
    return logon;
}

HRESULT logon_flush_each(struct provider_core *core)
{
    uint64_t give_up = msp_time_monotonic_ns() + NOTICE_NS;
    HRESULT hr = S_OK;
    struct logon *logon;
    unsigned round;

    watch_halt_all(core, give_up);
    msp_mutex_lock(&core->lock);
    round = ++core->flush_rounds;
    msp_mutex_unlock(&core->lock);
    while ((logon = take_unflushed(core, round)) != NULL) {
        if (msp_domain_lock_until(logon->object.domain, give_up)) {
            if (!flush_locked(logon))
                hr = MAPI_E_DISK_ERROR;
            msp_domain_unlock(logon->object.domain);
        }
        msp_object_release(&logon->object);
    }
    return hr;
}
