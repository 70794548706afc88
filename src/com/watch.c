/* SPDX-License-Identifier: MIT */
/*
 * watch.c - a logon's thread in the background.
 *
 * The thread reaches its logon only under the domain's lock and only while watch->logon is set,
 * which watch_close() clears; it keeps the domain itself, and the struct watch, in memory.
 *
 * Owns:  the thread, until it is joined or let go of.
 * Locks: the list of all watchers has a lock of its own, each watcher has one for its wish to wake
 *        up. Both are leaves: domain, list, watcher.
 */
#include "com/watch.h"

#include <string.h>

#include "com/logon.h"
#include "com/provider.h"
#include "com/table_impl.h"
#include "platform/bell.h"
#include "platform/library.h"
#include "platform/thread.h"
#include "platform/time.h"
#include "util/alloc.h"

enum {
    END_WAIT_MS = 1000,   /* for a thread that is in foreign code */
    UNHEARD_NS = 10000000 /* how long a bell that nobody has heard is not rung again */
};

struct watch {
    struct msp_domain *domain; /* counted */
    struct logon *logon;       /* under the domain's lock; NULL: closed */
    struct table *jobs;        /* under the domain's lock: linked by table->work.next */
    struct msp_thread thread;
    atomic_uint refs; /* the logon's and the thread's */
    uint8_t store_uid[16];
    struct watch *next; /* under all_lock */

    struct msp_bell bell; /* what the thread waits for; other processes ring it, too... */
    bool has_bell;        /* ...unless the system has refused one; constant */

    struct msp_mutex lock;
    struct msp_cond wake; /* what others wait for, and the thread without a bell */
    uintptr_t id;         /* of the thread; constant once watch_new() has returned */
    bool is_signaled;     /* under lock */
    bool is_stopping;     /* under lock */
    bool is_done;         /* under lock: the thread touches nothing any more */
};

static struct msp_mutex all_lock = MSP_MUTEX_INIT;
static struct watch *all_watches; /* under all_lock: those with a thread */

/* --- memory ----------------------------------------------------------------------------------- */

static void watch_release(struct watch *watch)
{
    if (atomic_fetch_sub(&watch->refs, 1) != 1)
        return;
    msp_mutex_done(&watch->lock);
    msp_cond_done(&watch->wake);
    if (watch->has_bell)
        msp_bell_close(&watch->bell);
    msp_domain_release(watch->domain);
    msp_free(watch);
}

static void list_add(struct watch *watch)
{
    msp_mutex_lock(&all_lock);
    watch->next = all_watches;
    all_watches = watch;
    msp_mutex_unlock(&all_lock);
}

static void list_remove(struct watch *watch)
{
    struct watch **link = &all_watches;

    msp_mutex_lock(&all_lock);
    while (*link != NULL && *link != watch)
        link = &(*link)->next;
    if (*link != NULL)
        *link = watch->next;
    msp_mutex_unlock(&all_lock);
}

/* --- waking ----------------------------------------------------------------------------------- */

static void wake(struct watch *watch, bool stop)
{
    msp_mutex_lock(&watch->lock);
    watch->is_signaled = true;
    watch->is_stopping |= stop;
    msp_cond_wake_all(&watch->wake);
    msp_mutex_unlock(&watch->lock);
    if (watch->has_bell)
        msp_bell_ring(&watch->bell);
}

/* A process that has just begun to listen has looked at the file then. */
static void ring_others(struct logon *logon, uint32_t except)
{
    uint64_t now = msp_time_monotonic_ns();

    if (logon->unheard_at != 0 && now - logon->unheard_at < UNHEARD_NS)
        return;
    logon->unheard_at = msp_bell_ring_all(logon->store_uid, except) ? 0 : now;
}

void watch_tell_others(struct logon *logon)
{
    uint32_t told = 0;

    msp_mutex_lock(&all_lock);
    for (struct watch *watch = all_watches; watch != NULL; watch = watch->next) {
        if (memcmp(watch->store_uid, logon->store_uid, sizeof(watch->store_uid)) != 0)
            continue;
        if (watch->has_bell)
            told |= (uint32_t)1 << watch->bell.number;
        if (watch->domain != logon->object.domain)
            wake(watch, false);
    }
    msp_mutex_unlock(&all_lock);
    ring_others(logon, told);
}

/* Waits for a signal, or until it is time to look; false: the thread is to end. */
static bool wait_for_work(struct watch *watch)
{
    bool go_on;

    msp_mutex_lock(&watch->lock);
    if (!watch->is_signaled && !watch->is_stopping && watch->has_bell) {
        msp_mutex_unlock(&watch->lock);
        (void)msp_bell_wait(&watch->bell, WATCH_LOOK_MS);
        msp_mutex_lock(&watch->lock);
    } else if (!watch->is_signaled && !watch->is_stopping) {
        (void)msp_cond_wait(&watch->wake, &watch->lock, WATCH_POLL_MS);
    }
    watch->is_signaled = false;
    go_on = !watch->is_stopping;
    msp_mutex_unlock(&watch->lock);
    return go_on && !msp_process_is_dying();
}

/* --- the thread ------------------------------------------------------------------------------- */

static void run_jobs(struct watch *watch)
{
    while (watch->jobs != NULL) {
        struct table *table = watch->jobs;

        watch->jobs = table->work.next;
        table->work.is_queued = false;
        table_work_run(table);
    }
}

/* Under the lock: one look; false: nobody needs the thread any more. */
static bool look(struct watch *watch)
{
    struct notify_center *center;

    run_jobs(watch);
    if (watch->logon == NULL)
        return false;
    center = &watch->logon->notify;
    if (notify_is_due(center))
        notify_poke(center); /* told when the lock is left */
    return notify_has_sinks(center) && !atomic_load(&watch->domain->halted);
}

static void watch_main(void *arg)
{
    struct watch *watch = arg;
    bool go_on = true;

    msp_mutex_lock(&watch->lock);
    watch->id = msp_thread_id();
    msp_cond_wake_all(&watch->wake);
    msp_mutex_unlock(&watch->lock);
    while (go_on && wait_for_work(watch)) {
        msp_domain_lock(watch->domain);
        go_on = look(watch);
        if (!go_on && watch->logon != NULL) {
            /* Under the lock: whoever needs a thread from here on begins another one. */
            msp_mutex_lock(&watch->lock);
            watch->is_stopping = true;
            msp_mutex_unlock(&watch->lock);
        }
        msp_domain_unlock(watch->domain);
    }
    list_remove(watch);
    msp_mutex_lock(&watch->lock);
    watch->is_done = true;
    msp_cond_wake_all(&watch->wake);
    msp_mutex_unlock(&watch->lock);
    watch_release(watch);
}

/* --- beginning -------------------------------------------------------------------------------- */

static struct watch *watch_new(struct logon *logon)
{
    struct watch *watch = msp_calloc(1, sizeof(*watch));

    if (watch == NULL)
        return NULL;
    msp_mutex_init(&watch->lock);
    msp_cond_init(&watch->wake);
    atomic_init(&watch->refs, 1);
    watch->domain = logon->object.domain;
    msp_domain_addref(watch->domain);
    watch->logon = logon;
    memcpy(watch->store_uid, logon->store_uid, sizeof(watch->store_uid));
    watch->has_bell = msp_bell_open(&watch->bell, watch->store_uid);
    atomic_fetch_add(&watch->refs, 1); /* the thread's */
    list_add(watch);
    if (msp_thread_create(&watch->thread, watch_main, watch)) {
        msp_mutex_lock(&watch->lock);
        while (watch->id == 0)
            (void)msp_cond_wait(&watch->wake, &watch->lock, MSP_WAIT_FOREVER);
        msp_mutex_unlock(&watch->lock);
        return watch;
    }
    list_remove(watch);
    atomic_fetch_sub(&watch->refs, 1);
    watch_release(watch);
    return NULL;
}

static bool is_ending(struct watch *watch)
{
    bool is_stopping;

    msp_mutex_lock(&watch->lock);
    is_stopping = watch->is_stopping;
    msp_mutex_unlock(&watch->lock);
    return is_stopping;
}

/* Waits until a thread that ends is gone, or lets go of it. */
static void end_thread(struct watch *watch)
{
    uint64_t now = msp_time_monotonic_ns() / 1000000;
    uint64_t give_up = now + END_WAIT_MS;
    bool is_self = watch->id == msp_thread_id();

    msp_mutex_lock(&watch->lock);
    while (!is_self && !watch->is_done && now < give_up) {
        (void)msp_cond_wait(&watch->wake, &watch->lock, (uint32_t)(give_up - now));
        now = msp_time_monotonic_ns() / 1000000;
    }
    if (watch->is_done) {
        msp_mutex_unlock(&watch->lock);
        msp_thread_join(&watch->thread);
    } else {
        msp_mutex_unlock(&watch->lock);
        (void)msp_module_pin(); /* for good: its code runs on for a while */
        msp_thread_detach(&watch->thread);
    }
    watch_release(watch);
}

/* A thread that is there, or a new one. One that has just ended by itself is joined here: it does
 * not need the domain's lock any more. */
static struct watch *get_watch(struct logon *logon)
{
    struct msp_domain *domain = logon->object.domain;

    if (atomic_load(&domain->halted))
        return NULL;
    if (logon->watch != NULL && is_ending(logon->watch)) {
        struct watch *old = logon->watch;

        logon->watch = NULL;
        old->logon = NULL;
        end_thread(old);
    }
    if (logon->watch == NULL && !atomic_load(&domain->closing))
        logon->watch = watch_new(logon);
    return logon->watch;
}

void watch_need(struct logon *logon)
{
    (void)get_watch(logon);
}

bool watch_queue(struct logon *logon, struct table *table)
{
    struct watch *watch = get_watch(logon);
    struct table **link;

    if (watch == NULL)
        return false;
    if (!table->work.is_queued) {
        for (link = &watch->jobs; *link != NULL; link = &(*link)->work.next)
            continue;
        table->work.next = NULL;
        table->work.is_queued = true;
        *link = table;
    }
    wake(watch, false);
    return true;
}

void watch_unqueue(struct logon *logon, struct table *table)
{
    struct table **link;

    if (!table->work.is_queued)
        return;
    for (link = &logon->watch->jobs; *link != table; link = &(*link)->work.next)
        continue;
    *link = table->work.next;
    table->work.is_queued = false;
}

uintptr_t watch_thread_id(const struct logon *logon)
{
    return logon->watch != NULL ? logon->watch->id : 0;
}

/* --- the end ---------------------------------------------------------------------------------- */

void watch_close(struct logon *logon)
{
    if (logon->watch == NULL)
        return;
    logon->watch->logon = NULL;
    wake(logon->watch, true);
}

void watch_join(struct logon *logon)
{
    struct msp_domain *domain = logon->object.domain;
    struct watch *watch;

    msp_domain_lock(domain);
    watch = logon->watch;
    logon->watch = NULL;
    if (watch != NULL)
        logon->joining = watch->id;
    msp_domain_unlock(domain);
    if (watch == NULL)
        return;
    end_thread(watch);
    msp_domain_lock(domain);
    logon->joining = 0;
    msp_cond_wake_all(&logon->quiet);
    msp_domain_unlock(domain);
}

static void drop_jobs(struct watch *watch)
{
    while (watch->jobs != NULL) {
        struct table *table = watch->jobs;

        watch->jobs = table->work.next;
        table->work.is_queued = false;
        table_work_end(table, MAPI_E_UNABLE_TO_COMPLETE);
    }
}

/* A logon whose thread is to be stopped, with its thread taken off it; NULL: none that can be had
 * until then. */
static struct watch *take_any(struct provider_core *core, uint64_t give_up)
{
    struct watch *watch = NULL;

    msp_mutex_lock(&core->lock);
    for (struct logon *logon = core->logons; logon != NULL && watch == NULL;
            logon = logon->next_open) {
        struct msp_domain *domain = logon->object.domain;

        atomic_store(&domain->halted, true);
        if (!msp_domain_lock_until(domain, give_up)) /* provider before logon */
            continue;                                /* the thread ends by itself */
        watch = logon->watch;
        if (watch != NULL) {
            drop_jobs(watch);
            logon->watch = NULL;
            watch->logon = NULL;
            wake(watch, true);
        }
        msp_mutex_unlock(&domain->lock); /* what was put off is left to who has it next */
    }
    msp_mutex_unlock(&core->lock);
    return watch;
}

void watch_halt_all(struct provider_core *core, uint64_t give_up)
{
    struct watch *watch;

    while ((watch = take_any(core, give_up)) != NULL)
        end_thread(watch);
}
