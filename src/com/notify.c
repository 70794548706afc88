/* SPDX-License-Identifier: MIT */
/*
 * notify.c - the way of an event from the journal to its sinks; Advise and Unadvise of logon and
 * store.
 *
 * One sink is called at a time, and found again by its number afterwards, so that telling needs no
 * memory: what was queued is told.
 *
 * Owns:  events between commit and delivery.
 * Locks: queue and lists are the domain's; sinks are called, referenced and released without any
 *        lock. A delivery under way holds the struct advise, so that Unadvise from another thread
 *        cannot free the sink under OnNotify.
 */
#include "com/notify.h"

#include <string.h>

#include "com/call.h"
#include "com/logon.h"
#include "com/table_live.h"
#include "com/watch.h"
#include "platform/library.h"
#include "platform/thread.h"
#include "platform/time.h"
#include "util/buf.h"
#include "util/utf.h"

enum {
    CLASS_MAX = 255, /* characters of PR_MESSAGE_CLASS */
    OBJECT_EVENTS = fnevCriticalError | fnevNewMail | fnevObjectCreated | fnevObjectDeleted |
                    fnevObjectModified | fnevObjectMoved | fnevObjectCopied | fnevSearchComplete |
                    fnevExtended,
    /* How long Unadvise waits for an OnNotify on another thread, which may itself wait for the
       thread that unadvises. */
    CALL_WAIT_MS = 1000
};

/* An event that waits for its delivery. */
struct queued {
    struct eng_event event;
    ULONG_PTR newest; /* the last sink that was there when it happened */
};

static void run_delivery(struct msp_later *later);

void notify_init(struct notify_center *center, struct logon *logon)
{
    center->logon = logon;
    center->delivery.run = run_delivery; /* once: it is read without the lock when it is run */
    advise_list_init(&center->advises);
    msp_array_init(&center->queue, sizeof(struct queued));
}

void notify_done(struct notify_center *center)
{
    advise_list_done(&center->advises);
    msp_array_free(&center->queue);
}

/* Without the lock, at the end of the logon. Nobody else looks at the list of a dead logon. */
static void run_closing(struct msp_later *later)
{
    struct notify_center *center = CONTAINING_RECORD(later, struct notify_center, closing);
    struct logon *logon = center->logon;

    advise_list_done(&center->advises);
    msp_domain_lock(logon->object.domain);
    center->closer = 0;
    msp_cond_wake_all(&logon->quiet);
    msp_domain_unlock(logon->object.domain);
}

void notify_close(struct notify_center *center)
{
    advise_list_end(&center->advises);
    msp_array_truncate(&center->queue, 0);
    center->delivered = 0;
    if (center->advises.items.count == 0 && !center->has_closed_tables)
        return;
    center->closer = msp_thread_id(); /* tables' sinks are given back before ours */
    center->closing.run = run_closing;
    msp_domain_later(center->logon->object.domain, &center->closing);
}

bool notify_has_sinks(const struct notify_center *center)
{
    return center->advises.items.count > 0 || center->live_first != NULL;
}

/* --- from the journal to the queue ------------------------------------------------------------ */

static ULONG mapi_event(enum eng_event_kind kind)
{
    static const ULONG events[] = {
        [ENG_EVENT_CREATED] = fnevObjectCreated,
        [ENG_EVENT_MODIFIED] = fnevObjectModified,
        [ENG_EVENT_DELETED] = fnevObjectDeleted,
        [ENG_EVENT_MOVED] = fnevObjectMoved,
        [ENG_EVENT_COPIED] = fnevObjectCopied,
        [ENG_EVENT_SEARCHED] = fnevSearchComplete,
        [ENG_EVENT_NEW_MAIL] = fnevNewMail,
    };

    return events[kind];
}

static bool is_for(const struct advise *advise, const struct eng_event *event)
{
    enum entryid_kind kind = event->is_folder ? ENTRYID_FOLDER : ENTRYID_MESSAGE;

    if ((advise->event_mask & mapi_event(event->kind)) == 0)
        return false;
    if (event->kind == ENG_EVENT_NEW_MAIL) /* the folder it came to may ask for it, too */
        return advise->whole_store ||
               (advise->object.kind == ENTRYID_FOLDER && advise->object.id == event->parent);
    return advise->whole_store ||
           (advise->object.kind == kind && advise->object.id == event->object);
}

/* One notification and the entry ids it points to. */
struct packet {
    NOTIFICATION notification;
    uint8_t object[ENTRYID_SIZE];
    uint8_t parent[ENTRYID_SIZE];
    uint8_t original[ENTRYID_SIZE];
    uint8_t old_parent[ENTRYID_SIZE];
};

/* What a fnevNewMail says of the message beside its identifier. */
struct new_mail {
    uint32_t flags;
    WCHAR message_class[CLASS_MAX + 1];
};

/* Under the lock. False: it is gone already, and nobody needs to hear of it. */
static bool look_at_mail(struct logon *logon, const struct eng_event *event, struct new_mail *out)
{
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg row;
    bool found;

    memset(out, 0, sizeof(*out));
    if (event->kind != ENG_EVENT_NEW_MAIL)
        return true;
    found = eng_msg_get(logon->eng, event->object, &row, &texts, NULL) == ENG_OK;
    if (found && row.message_class.data != NULL)
        (void)utf8_to_utf16(
                row.message_class.data, row.message_class.size, out->message_class, CLASS_MAX);
    out->flags = row.flags;
    msp_buf_free(&texts);
    return found;
}

static void make_mail_packet(const struct logon *logon, const struct eng_event *event,
        struct new_mail *mail, struct packet *packet)
{
    NEWMAIL_NOTIFICATION *newmail = &packet->notification.info.newmail;

    memset(packet, 0, sizeof(*packet));
    packet->notification.ulEventType = fnevNewMail;
    logon_entryid(logon, ENTRYID_MESSAGE, event->object, packet->object);
    newmail->cbEntryID = ENTRYID_SIZE;
    newmail->lpEntryID = (LPENTRYID)(void *)packet->object;
    logon_entryid(logon, ENTRYID_FOLDER, event->parent, packet->parent);
    newmail->cbParentID = ENTRYID_SIZE;
    newmail->lpParentID = (LPENTRYID)(void *)packet->parent;
    newmail->ulFlags = MAPI_UNICODE;
    newmail->lpszMessageClass = (LPTSTR)(void *)mail->message_class;
    newmail->ulMessageFlags = mail->flags;
}

static void make_packet(const struct logon *logon, const struct eng_event *event,
        struct new_mail *mail, struct packet *packet)
{
    OBJECT_NOTIFICATION *object = &packet->notification.info.obj;

    if (event->kind == ENG_EVENT_NEW_MAIL) {
        make_mail_packet(logon, event, mail, packet);
        return;
    }
    memset(packet, 0, sizeof(*packet));
    packet->notification.ulEventType = mapi_event(event->kind);
    object->ulObjType = event->is_folder ? MAPI_FOLDER : MAPI_MESSAGE;
    logon_entryid(logon, event->is_folder ? ENTRYID_FOLDER : ENTRYID_MESSAGE, event->object,
            packet->object);
    object->cbEntryID = ENTRYID_SIZE;
    object->lpEntryID = (LPENTRYID)(void *)packet->object;
    if (event->parent != 0) {
        logon_entryid(logon, ENTRYID_FOLDER, event->parent, packet->parent);
        object->cbParentID = ENTRYID_SIZE;
        object->lpParentID = (LPENTRYID)(void *)packet->parent;
    }
    if (event->kind != ENG_EVENT_MOVED && event->kind != ENG_EVENT_COPIED)
        return;
    /* A move keeps the item's identifier: old and new are the same. */
    logon_entryid(logon, event->is_folder ? ENTRYID_FOLDER : ENTRYID_MESSAGE,
            event->kind == ENG_EVENT_COPIED ? event->original : event->object, packet->original);
    object->cbOldID = ENTRYID_SIZE;
    object->lpOldID = (LPENTRYID)(void *)packet->original;
    if (event->old_parent != 0) {
        logon_entryid(logon, ENTRYID_FOLDER, event->old_parent, packet->old_parent);
        object->cbOldParentID = ENTRYID_SIZE;
        object->lpOldParentID = (LPENTRYID)(void *)packet->old_parent;
    }
}

/* The next sink an event is for, after a number; NULL: it has been told to all. */
static struct advise *next_sink(
        const struct notify_center *center, const struct queued *queued, ULONG_PTR after)
{
    struct advise *advise = advise_list_next(&center->advises, after, queued->newest);

    while (advise != NULL && !is_for(advise, &queued->event))
        advise = advise_list_next(&center->advises, advise->connection, queued->newest);
    return advise;
}

struct follower {
    struct notify_center *center;
    bool failed;
};

static bool queue_event(void *context, uint64_t number, const struct eng_event *event)
{
    struct follower *follower = context;
    struct notify_center *center = follower->center;
    struct queued queued = { *event, center->last_connection };

    if (next_sink(center, &queued, 0) != NULL)
        follower->failed = msp_array_push(&center->queue, &queued) == NULL;
    if (!follower->failed)
        center->journal = number + 1;
    return !follower->failed;
}

/* What was committed since the last look, by whomever. */
static void follow(struct notify_center *center)
{
    struct eng *eng = center->logon->eng;
    struct follower follower = { center, false };
    enum eng_status status = ENG_OK;
    bool complete;
    uint64_t stamp;

    if (!center->is_following)
        return;
    stamp = eng_change_stamp(eng);
    if (stamp == center->stamp && !center->is_behind)
        return;
    /* Without sinks for objects only the tables look, each at what it has not seen. */
    if (center->advises.items.count > 0)
        status = eng_journal_read(eng, center->journal, queue_event, &follower, &complete);
    else
        status = eng_journal_end(eng, &center->journal);
    center->is_behind = status != ENG_OK || follower.failed;
    center->stamp = stamp;
}

enum eng_status notify_follow(struct notify_center *center)
{
    struct eng *eng = center->logon->eng;
    enum eng_status status = ENG_OK;

    if (center->is_following) {
        follow(center);
        return ENG_OK;
    }
    center->stamp = eng_change_stamp(eng);
    status = eng_journal_end(eng, &center->journal);
    center->is_following = status == ENG_OK;
    return status;
}

bool notify_is_due(struct notify_center *center)
{
    return center->is_following && notify_has_sinks(center) && center->owed == 0 &&
           (center->is_behind || eng_change_stamp(center->logon->eng) != center->stamp);
}

/* --- delivery --------------------------------------------------------------------------------- */

/* Under the lock: takes the oldest event out of the queue. What was delivered goes when the queue
 * is empty or half of it. */
static bool next_event(struct notify_center *center, struct queued *out)
{
    if (center->delivered == center->queue.count)
        return false;
    *out = *MSP_ARRAY_AT(struct queued, &center->queue, center->delivered);
    center->delivered++;
    if (center->delivered * 2 >= center->queue.count) {
        msp_array_remove(&center->queue, 0, center->delivered);
        center->delivered = 0;
    }
    return true;
}

/* Under the lock, which is left while the sink is called. */
static void call_sink(
        struct notify_center *center, struct advise *advise, NOTIFICATION *notification)
{
    struct logon *logon = center->logon;

    advise_ref(advise);
    msp_domain_unlock(logon->object.domain);
    advise_call(advise, notification);
    advise_release(advise);
    msp_domain_lock(logon->object.domain);
    msp_cond_wake_all(&logon->quiet); /* Unadvise may wait for this sink */
}

static void deliver_event(struct notify_center *center, const struct queued *queued)
{
    struct logon *logon = center->logon;
    ULONG_PTR after = 0;
    struct new_mail mail;

    if (!look_at_mail(logon, &queued->event, &mail))
        return;
    while (msp_object_is_live(&logon->object)) {
        struct advise *advise = next_sink(center, queued, after);
        struct new_mail mine = mail; /* sinks may write where they should not */
        struct packet packet;

        if (advise == NULL)
            break;
        after = advise->connection;
        make_packet(logon, &queued->event, &mine, &packet);
        call_sink(center, advise, &packet.notification);
    }
}

/* A table may die while one of its sinks is called, and the logon with it. */
static void deliver_packet(struct notify_center *center, struct table_live *live)
{
    struct table_packet packet;
    ULONG_PTR after = 0;

    table_live_ref(live);
    table_live_take(live, &packet);
    for (;;) {
        struct advise *advise = table_live_sink(live, &packet, after);
        NOTIFICATION notification;

        if (advise == NULL)
            break;
        after = advise->connection;
        table_live_notification(&packet, &notification);
        call_sink(center, advise, &notification);
    }
    msp_domain_unlock(center->logon->object.domain);
    table_live_packet_free(&packet);
    table_live_release(live);
    msp_domain_lock(center->logon->object.domain);
}

/* Under the lock, which is left meanwhile; false: there is nothing to tell. */
static bool deliver_next(struct notify_center *center)
{
    struct queued queued;

    if (!msp_object_is_live(&center->logon->object) || msp_process_is_dying())
        return false;
    follow(center);
    if (next_event(center, &queued)) {
        deliver_event(center, &queued);
        return true;
    }
    for (struct table_live *live = center->live_first; live != NULL; live = live->next) {
        if (!table_live_sync(live, center->stamp, center->pokes))
            center->is_behind = true;
        if (!table_live_has_packet(live))
            continue;
        deliver_packet(center, live);
        return true;
    }
    return false;
}

/* Without the lock. One thread delivers at a time, so that events keep their order; another leaves
 * its events to that one. */
static void run_delivery(struct msp_later *later)
{
    struct notify_center *center = CONTAINING_RECORD(later, struct notify_center, delivery);
    struct logon *logon = center->logon;
    struct msp_domain *domain = logon->object.domain;
    bool is_over;

    msp_domain_lock(domain);
    center->owed--;
    if (center->deliverer == 0) {
        center->deliverer = msp_thread_id();
        while (deliver_next(center))
            continue;
        center->deliverer = 0;
        msp_cond_wake_all(&logon->quiet);
    }
    is_over = logon_is_over(logon);
    msp_domain_unlock(domain);
    if (is_over)
        logon_unlist(logon);
    msp_object_release(&logon->object);
}

void notify_poke(struct notify_center *center)
{
    struct logon *logon = center->logon;

    center->pokes++;
    if (!notify_has_sinks(center) || atomic_load(&center->delivery.queued))
        return;
    center->owed++;
    msp_object_ref_locked(&logon->object); /* run_delivery() drops it */
    msp_domain_later(logon->object.domain, &center->delivery);
}

void notify_events(void *context, const struct eng_event *events, size_t event_count)
{
    struct notify_center *center = context;

    MSP_UNUSED(events);
    MSP_UNUSED(event_count);
    watch_tell_others(center->logon);
    notify_poke(center);
}

/* --- Advise, Unadvise --------------------------------------------------------------------------
 */

static HRESULT read_object(
        const struct logon *logon, ULONG size, LPENTRYID entry_id, struct advise *advise)
{
    static const struct entryid none;
    ULONG equal = 0;
    HRESULT hr;

    advise->object = none;
    advise->whole_store = size == 0;
    if (size == 0)
        return S_OK;
    hr = logon_read_entryid(logon, size, entry_id, &advise->object);
    if (SUCCEEDED(hr))
        return hr;
    /* The store's own identifier means the same as none. */
    hr = logon_compare_entryids(logon, size, entry_id, (ULONG)logon->store_entryid.size,
            (LPENTRYID)(void *)logon->store_entryid.data, 0, &equal);
    if (FAILED(hr) || equal == 0)
        return size < ENTRYID_SIZE ? MAPI_E_INVALID_ENTRYID : MAPI_E_UNKNOWN_ENTRYID;
    advise->whole_store = true;
    return S_OK;
}

/* Under the lock. */
static HRESULT add_advise(
        struct msp_call *call, struct notify_center *center, struct advise *advise)
{
    struct eng *eng = center->logon->eng;
    HRESULT hr;

    hr = msp_from_engine(call, eng, notify_follow(center));
    if (FAILED(hr))
        return hr;
    if (!advise_list_add(&center->advises, advise, center->last_connection + 1))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    center->last_connection++;
    watch_need(center->logon);
    return S_OK;
}

HRESULT notify_Advise(struct logon *logon, struct msp_object *object, ULONG entry_id_size,
        LPENTRYID entry_id, ULONG event_mask, LPMAPIADVISESINK sink, ULONG_PTR *out_connection)
{
    struct advise *advise;
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_connection);
    MSP_NEED(out_connection != NULL && sink != NULL && event_mask != 0);
    MSP_NEED(entry_id_size == 0 || entry_id != NULL);
    if ((event_mask & OBJECT_EVENTS) == 0)
        return MAPI_E_NO_SUPPORT; /* tables and status objects have their own Advise */

    advise = advise_new(sink, event_mask & OBJECT_EVENTS);
    if (advise == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;

    hr = msp_call_begin(&call, object);
    if (SUCCEEDED(hr)) {
        hr = read_object(logon, entry_id_size, entry_id, advise);
        if (SUCCEEDED(hr))
            hr = add_advise(&call, &logon->notify, advise);
        if (SUCCEEDED(hr))
            *out_connection = advise->connection;
        hr = msp_call_end(&call, hr);
    }
    if (FAILED(hr))
        advise_release(advise);
    return hr;
}

/* Does another thread have the registration, to call its sink? Under the lock. */
static bool is_called_elsewhere(const struct logon *logon, const struct advise *advise)
{
    return atomic_load(&advise->refs) > 1 && logon->notify.deliverer != 0 &&
           logon->notify.deliverer != msp_thread_id();
}

void notify_end_advise(struct logon *logon, struct advise *advise)
{
    struct msp_domain *domain = logon->object.domain;
    uint64_t now = msp_time_monotonic_ns() / 1000000;
    uint64_t give_up = now + CALL_WAIT_MS;

    if (atomic_load(&advise->refs) > 1) {
        msp_domain_lock(domain);
        while (now < give_up && is_called_elsewhere(logon, advise)) {
            (void)msp_cond_wait(&logon->quiet, &domain->lock, (uint32_t)(give_up - now));
            now = msp_time_monotonic_ns() / 1000000;
        }
        msp_domain_unlock(domain);
    }
    advise_release(advise);
}

HRESULT notify_Unadvise(struct logon *logon, struct msp_object *object, ULONG_PTR connection)
{
    struct advise *advise;
    struct msp_call call;
    HRESULT hr;

    hr = msp_call_begin(&call, object);
    if (FAILED(hr))
        return hr;
    advise = advise_list_take(&logon->notify.advises, connection);
    if (advise != NULL)
        msp_object_ref_locked(&logon->object); /* for notify_end_advise() */
    hr = msp_call_end(&call, advise != NULL ? S_OK : MAPI_E_NOT_FOUND);
    if (advise != NULL) {
        notify_end_advise(logon, advise);
        msp_object_release(&logon->object);
    }
    return hr;
}
