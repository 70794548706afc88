/* SPDX-License-Identifier: MIT */
/*
 * notify.c - Advise and Unadvise of logon and store, and the way of an event to its sinks.
 *
 * Owns:  each struct advise and, through it, one reference on its sink; events between commit and
 *        delivery.
 * Locks: queue and list are the domain's; sinks are called, referenced and released without any
 *        lock. A delivery under way holds the struct advise, so that Unadvise from another thread
 *        cannot free the sink under OnNotify.
 */
#include "com/notify.h"

#include <string.h>

#include "com/call.h"
#include "com/logon.h"
#include "platform/library.h"
#include "platform/thread.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/utf.h"

enum {
    CLASS_MAX = 255, /* characters of PR_MESSAGE_CLASS */
    OBJECT_EVENTS = fnevCriticalError | fnevNewMail | fnevObjectCreated | fnevObjectDeleted |
                    fnevObjectModified | fnevObjectMoved | fnevObjectCopied | fnevSearchComplete |
                    fnevExtended
};

struct advise {
    atomic_uint refs;
    atomic_bool ended; /* Unadvise or Logoff: no OnNotify starts any more */
    ULONG_PTR connection;
    ULONG event_mask;
    bool whole_store;
    struct entryid object; /* unless whole_store */
    LPMAPIADVISESINK sink; /* counted */
};

/* No lock held: the last one gives the sink back. */
static void advise_release(struct advise *advise)
{
    if (atomic_fetch_sub(&advise->refs, 1) != 1)
        return;
    advise->sink->lpVtbl->Release(advise->sink);
    msp_free(advise);
}

static struct advise **advise_items(const struct notify_center *center)
{
    return MSP_ARRAY_ITEMS(struct advise *, &center->advises);
}

static void run_delivery(struct msp_later *later);

void notify_init(struct notify_center *center, struct logon *logon)
{
    center->logon = logon;
    center->delivery.run = run_delivery; /* once: it is read without the lock when it is run */
    msp_array_init(&center->advises, sizeof(struct advise *));
    msp_array_init(&center->queue, sizeof(struct eng_event));
}

void notify_done(struct notify_center *center)
{
    msp_array_free(&center->advises);
    msp_array_free(&center->queue);
}

/* Without the lock, at the end of the logon. Nobody else changes the list of a dead logon. */
static void run_closing(struct msp_later *later)
{
    struct notify_center *center = CONTAINING_RECORD(later, struct notify_center, closing);
    struct logon *logon = center->logon;

    for (size_t i = 0; i < center->advises.count; i++)
        advise_release(advise_items(center)[i]);
    msp_array_truncate(&center->advises, 0);
    msp_domain_lock(logon->object.domain);
    center->closer = 0;
    msp_cond_wake_all(&logon->quiet);
    msp_domain_unlock(logon->object.domain);
}

void notify_close(struct notify_center *center)
{
    for (size_t i = 0; i < center->advises.count; i++)
        atomic_store(&advise_items(center)[i]->ended, true);
    msp_array_truncate(&center->queue, 0);
    center->delivered = 0;
    if (center->advises.count == 0)
        return;
    center->closer = msp_thread_id();
    center->closing.run = run_closing;
    msp_domain_later(center->logon->object.domain, &center->closing);
}

/* --- delivery --------------------------------------------------------------------------------- */

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

/* The advises an event is for, with a reference each, NULL at the end. NULL: no memory; the event
 * is lost to them. */
static struct advise **advises_for(
        const struct notify_center *center, const struct eng_event *event)
{
    struct advise **found = msp_alloc_array(center->advises.count + 1, sizeof(*found));
    size_t count = 0;

    if (found == NULL)
        return NULL;
    for (size_t i = 0; i < center->advises.count; i++) {
        struct advise *advise = advise_items(center)[i];

        if (!is_for(advise, event))
            continue;
        atomic_fetch_add(&advise->refs, 1);
        found[count++] = advise;
    }
    found[count] = NULL;
    return found;
}

/* Without the lock. */
static void deliver_event(const struct logon *logon, const struct eng_event *event,
        const struct new_mail *mail, struct advise **advises)
{
    struct packet packet;

    for (size_t i = 0; advises != NULL && advises[i] != NULL; i++) {
        struct advise *advise = advises[i];
        struct new_mail mine = *mail; /* sinks may write where they should not */

        make_packet(logon, event, &mine, &packet);
        if (!atomic_load(&advise->ended))
            advise->sink->lpVtbl->OnNotify(advise->sink, 1, &packet.notification);
        advise_release(advise);
    }
    msp_free(advises);
}

/* Under the lock: takes the oldest event out of the queue. What was delivered goes when the queue
 * is empty or half of it. */
static bool next_event(struct notify_center *center, struct eng_event *out)
{
    if (center->delivered == center->queue.count || msp_process_is_dying())
        return false;
    *out = *MSP_ARRAY_AT(struct eng_event, &center->queue, center->delivered);
    center->delivered++;
    if (center->delivered * 2 >= center->queue.count) {
        msp_array_remove(&center->queue, 0, center->delivered);
        center->delivered = 0;
    }
    return true;
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
    if (center->deliverer == 0) {
        struct eng_event event;

        center->deliverer = msp_thread_id();
        while (next_event(center, &event)) {
            struct advise **advises;
            struct new_mail mail;

            if (!look_at_mail(logon, &event, &mail))
                continue;
            advises = advises_for(center, &event);
            msp_domain_unlock(domain);
            deliver_event(logon, &event, &mail, advises);
            msp_domain_lock(domain);
        }
        center->deliverer = 0;
        msp_cond_wake_all(&logon->quiet);
    }
    is_over = logon_is_over(logon);
    msp_domain_unlock(domain);
    if (is_over)
        logon_unlist(logon);
    msp_object_release(&logon->object);
}

void notify_events(void *context, const struct eng_event *events, size_t event_count)
{
    struct notify_center *center = context;
    struct logon *logon = center->logon;
    bool any = false;

    if (center->advises.count == 0)
        return;
    for (size_t i = 0; i < event_count; i++)
        any = msp_array_push(&center->queue, &events[i]) != NULL || any;
    if (!any || center->delivery.queued)
        return;
    msp_object_ref_locked(&logon->object); /* run_delivery() drops it */
    msp_domain_later(logon->object.domain, &center->delivery);
}

/* --- Advise, Unadvise ---------------------------------------------------------------------------
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

HRESULT notify_Advise(struct logon *logon, struct msp_object *object, ULONG entry_id_size,
        LPENTRYID entry_id, ULONG event_mask, LPMAPIADVISESINK sink, ULONG_PTR *out_connection)
{
    struct notify_center *center = &logon->notify;
    struct advise *advise;
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_connection);
    MSP_NEED(out_connection != NULL && sink != NULL && event_mask != 0);
    MSP_NEED(entry_id_size == 0 || entry_id != NULL);
    if ((event_mask & OBJECT_EVENTS) == 0)
        return MAPI_E_NO_SUPPORT; /* tables and status objects have their own Advise */

    advise = msp_calloc(1, sizeof(*advise));
    if (advise == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    atomic_init(&advise->refs, 1);
    advise->event_mask = event_mask & OBJECT_EVENTS;
    advise->sink = sink;
    sink->lpVtbl->AddRef(sink);

    hr = msp_call_begin(&call, object);
    if (SUCCEEDED(hr)) {
        hr = read_object(logon, entry_id_size, entry_id, advise);
        if (SUCCEEDED(hr)) {
            advise->connection = ++center->last_connection;
            if (msp_array_push(&center->advises, &advise) == NULL)
                hr = MAPI_E_NOT_ENOUGH_MEMORY;
        }
        if (SUCCEEDED(hr))
            *out_connection = advise->connection;
        hr = msp_call_end(&call, hr);
    }
    if (FAILED(hr))
        advise_release(advise);
    return hr;
}

HRESULT notify_Unadvise(struct logon *logon, struct msp_object *object, ULONG_PTR connection)
{
    struct notify_center *center = &logon->notify;
    struct advise *advise = NULL;
    struct msp_call call;
    HRESULT hr;

    hr = msp_call_begin(&call, object);
    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < center->advises.count && advise == NULL; i++) {
        if (advise_items(center)[i]->connection != connection)
            continue;
        advise = advise_items(center)[i];
        msp_array_remove(&center->advises, i, 1);
        atomic_store(&advise->ended, true);
    }
    hr = msp_call_end(&call, advise != NULL ? S_OK : MAPI_E_NOT_FOUND);
    if (advise != NULL)
        advise_release(advise);
    return hr;
}
