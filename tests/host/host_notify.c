/* SPDX-License-Identifier: MIT */
/*
 * host_notify.c - Subscribe, Notify, Unsubscribe, as MAPI does them for a provider.
 *
 * Owns:  one reference of each registered sink, given back in Unsubscribe, or when the OnNotify
 *        that runs at that moment has returned.
 * Locks: the world's, never while a sink is called or released.
 */
#include "host_world.h"

#include <stdlib.h>
#include <string.h>

#include "host_text.h"

struct host_subscription {
    struct host_subscription *next;
    const struct host_support *owner;
    ULONG_PTR connection;
    IMAPIAdviseSink *sink;
    ULONG mask, flags;
    unsigned uses; /* 1 while registered, and 1 per OnNotify that runs */
    bool registered;
    size_t key_size;
    unsigned char key[];
};

struct host_pending {
    struct host_pending *next;
    ULONG_PTR connection;
    NOTIFICATION *event; /* one block of the world's arena */
};

/* ---- Copies of events ---- */

struct copier {
    const struct host_mem_trio *trio;
    void *root;
    SCODE sc;
};

static void *copy_part(struct copier *copier, const void *bytes, size_t size)
{
    LPVOID block = NULL;

    if (!bytes || copier->sc != S_OK)
        return NULL;
    copier->sc = copier->trio->more((ULONG)size, copier->root, &block);
    if (copier->sc == S_OK && size > 0)
        memcpy(block, bytes, size);
    return block;
}

static void copy_string(struct copier *copier, LPTSTR *text, bool wide)
{
    if (!*text)
        return;
    if (wide)
        *text = copy_part(
                copier, *text, (host_text_utf16_length((const uint16_t *)(void *)*text) + 1) * 2);
    else
        *text = copy_part(copier, *text, strlen((const char *)*text) + 1);
}

static void copy_value(struct copier *copier, SPropValue *value)
{
    SPropValue from = *value;

    if (copier->sc == S_OK && value->ulPropTag != 0)
        copier->sc = host_prop_copy(copier->trio, copier->root, &from, value);
}

static void copy_values(struct copier *copier, ULONG count, LPSPropValue *values)
{
    ULONG i;

    *values = copy_part(copier, *values, count * sizeof(**values));
    for (i = 0; *values && i < count; i++)
        copy_value(copier, &(*values)[i]);
}

static void copy_inside(struct copier *copier, NOTIFICATION *event, ULONG flags)
{
    NEWMAIL_NOTIFICATION *mail = &event->info.newmail;
    OBJECT_NOTIFICATION *object = &event->info.obj;
    ERROR_NOTIFICATION *error = &event->info.err;

    switch (event->ulEventType) {
    case fnevCriticalError:
        error->lpEntryID = copy_part(copier, error->lpEntryID, error->cbEntryID);
        error->lpMAPIError = copy_part(copier, error->lpMAPIError, sizeof(*error->lpMAPIError));
        if (error->lpMAPIError) {
            copy_string(copier, &error->lpMAPIError->lpszError, (flags & MAPI_UNICODE) != 0);
            copy_string(copier, &error->lpMAPIError->lpszComponent, (flags & MAPI_UNICODE) != 0);
        }
        break;
    case fnevNewMail:
        mail->lpEntryID = copy_part(copier, mail->lpEntryID, mail->cbEntryID);
        mail->lpParentID = copy_part(copier, mail->lpParentID, mail->cbParentID);
        copy_string(copier, &mail->lpszMessageClass, (mail->ulFlags & MAPI_UNICODE) != 0);
        break;
    case fnevTableModified:
        copy_value(copier, &event->info.tab.propIndex);
        copy_value(copier, &event->info.tab.propPrior);
        copy_values(copier, event->info.tab.row.cValues, &event->info.tab.row.lpProps);
        break;
    case fnevStatusObjectModified:
        event->info.statobj.lpEntryID =
                copy_part(copier, event->info.statobj.lpEntryID, event->info.statobj.cbEntryID);
        copy_values(copier, event->info.statobj.cValues, &event->info.statobj.lpPropVals);
        break;
    case fnevExtended:
        event->info.ext.pbEventParameters =
                copy_part(copier, event->info.ext.pbEventParameters, event->info.ext.cb);
        break;
    default:
        object->lpEntryID = copy_part(copier, object->lpEntryID, object->cbEntryID);
        object->lpParentID = copy_part(copier, object->lpParentID, object->cbParentID);
        object->lpOldID = copy_part(copier, object->lpOldID, object->cbOldID);
        object->lpOldParentID = copy_part(copier, object->lpOldParentID, object->cbOldParentID);
        if (object->lpPropTagArray)
            object->lpPropTagArray = copy_part(
                    copier, object->lpPropTagArray, CbSPropTagArray(object->lpPropTagArray));
    }
}

static NOTIFICATION *copy_event(struct host_world *world, const NOTIFICATION *event, ULONG flags)
{
    struct copier copier = { .trio = host_mem_trio(world->arena) };
    LPVOID block = NULL;

    copier.sc = copier.trio->allocate(sizeof(*event), &block);
    if (copier.sc != S_OK)
        return NULL;
    copier.root = block;
    memcpy(block, event, sizeof(*event));
    copy_inside(&copier, block, flags);
    if (copier.sc != S_OK) {
        copier.trio->release(block);
        return NULL;
    }
    return block;
}

/* ---- Registrations ---- */

HRESULT host_notify_subscribe(struct host_world *world, const struct host_support *owner,
        const NOTIFKEY *key, ULONG mask, ULONG flags, IMAPIAdviseSink *sink, ULONG_PTR *out)
{
    struct host_subscription *sub = calloc(1, sizeof(*sub) + key->cb);

    if (!sub)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    sub->owner = owner;
    sub->sink = sink;
    sub->mask = mask;
    sub->flags = flags;
    sub->uses = 1;
    sub->registered = true;
    sub->key_size = key->cb;
    memcpy(sub->key, key->ab, key->cb);
    sink->lpVtbl->AddRef(sink);
    host_lock_enter(&world->lock);
    sub->connection = ++world->next_connection;
    *out = sub->connection;
    sub->next = world->subscriptions;
    world->subscriptions = sub;
    host_lock_leave(&world->lock);
    return S_OK;
}

/* Gives up one use; the last one unlinks and releases the sink. Called without the lock. */
static void give_up(struct host_world *world, struct host_subscription *sub)
{
    struct host_subscription **at;
    bool last;

    host_lock_enter(&world->lock);
    last = --sub->uses == 0;
    if (last) {
        at = &world->subscriptions;
        while (*at != sub)
            at = &(*at)->next;
        *at = sub->next;
    }
    host_lock_leave(&world->lock);
    if (!last)
        return;
    sub->sink->lpVtbl->Release(sub->sink);
    free(sub);
}

/* A use of the registered connection, NULL when there is none. */
static struct host_subscription *take(struct host_world *world, ULONG_PTR connection)
{
    struct host_subscription *sub;

    host_lock_enter(&world->lock);
    sub = world->subscriptions;
    while (sub && !(sub->connection == connection && sub->registered))
        sub = sub->next;
    if (sub)
        sub->uses++;
    host_lock_leave(&world->lock);
    return sub;
}

/* Ends a registration of which the caller has a use. False when somebody else was first. */
static bool end(struct host_world *world, struct host_subscription *sub)
{
    bool mine;

    host_lock_enter(&world->lock);
    mine = sub->registered;
    sub->registered = false;
    host_lock_leave(&world->lock);
    if (mine)
        give_up(world, sub);
    return mine;
}

HRESULT host_notify_unsubscribe(struct host_world *world, ULONG_PTR connection)
{
    struct host_subscription *sub = take(world, connection);
    bool mine;

    if (!sub)
        return MAPI_E_NOT_FOUND;
    mine = end(world, sub);
    give_up(world, sub);
    return mine ? S_OK : MAPI_E_NOT_FOUND;
}

/* The next registration after `connection` that listens to the event; connections only grow. */
static struct host_subscription *next_listener(
        struct host_world *world, const NOTIFKEY *key, ULONG event, ULONG_PTR after)
{
    struct host_subscription *sub, *best = NULL;

    host_lock_enter(&world->lock);
    for (sub = world->subscriptions; sub; sub = sub->next) {
        if (sub->registered && sub->connection > after && (sub->mask & event) &&
                sub->key_size == key->cb && memcmp(sub->key, key->ab, key->cb) == 0 &&
                (!best || sub->connection < best->connection))
            best = sub;
    }
    if (best)
        best->uses++;
    host_lock_leave(&world->lock);
    return best;
}

static HRESULT post_one(struct host_world *world, struct host_subscription *sub,
        const NOTIFICATION *event, ULONG in_flags, ULONG *out_flags)
{
    const struct host_mem_trio *trio = host_mem_trio(world->arena);
    NOTIFICATION *copy = copy_event(world, event, in_flags);
    struct host_pending *pending;

    if (!copy)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (sub->flags & NOTIFY_SYNC) {
        if (sub->sink->lpVtbl->OnNotify(sub->sink, 1, copy) == CALLBACK_DISCONTINUE)
            *out_flags |= NOTIFY_CANCELED;
        trio->release(copy);
        return S_OK;
    }
    pending = calloc(1, sizeof(*pending));
    if (!pending) {
        trio->release(copy);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    pending->connection = sub->connection;
    pending->event = copy;
    host_lock_enter(&world->lock);
    *world->pending_end = pending;
    world->pending_end = &pending->next;
    host_lock_leave(&world->lock);
    return S_OK;
}

HRESULT host_notify_post(struct host_world *world, const NOTIFKEY *key, ULONG count,
        const NOTIFICATION *events, ULONG *flags)
{
    ULONG in_flags = *flags, out_flags = 0, i;
    HRESULT hr = S_OK;

    for (i = 0; i < count && SUCCEEDED(hr) && !(out_flags & NOTIFY_CANCELED); i++) {
        ULONG_PTR after = 0;
        struct host_subscription *sub;

        while (SUCCEEDED(hr) && !(out_flags & NOTIFY_CANCELED) &&
                (sub = next_listener(world, key, events[i].ulEventType, after)) != NULL) {
            after = sub->connection;
            hr = post_one(world, sub, &events[i], in_flags, &out_flags);
            give_up(world, sub);
        }
    }
    *flags = out_flags;
    return hr;
}

unsigned host_notify_deliver(struct host_world *world)
{
    const struct host_mem_trio *trio = host_mem_trio(world->arena);
    unsigned calls = 0;

    for (;;) {
        struct host_pending *pending;
        struct host_subscription *sub;

        host_lock_enter(&world->lock);
        pending = world->pending;
        if (pending) {
            world->pending = pending->next;
            if (!world->pending)
                world->pending_end = &world->pending;
        }
        host_lock_leave(&world->lock);
        if (!pending)
            return calls;
        sub = take(world, pending->connection);
        if (sub) {
            sub->sink->lpVtbl->OnNotify(sub->sink, 1, pending->event);
            calls++;
            give_up(world, sub);
        }
        trio->release(pending->event);
        free(pending);
    }
}

unsigned host_notify_count(struct host_world *world, const struct host_support *owner)
{
    const struct host_subscription *sub;
    unsigned count = 0;

    host_lock_enter(&world->lock);
    for (sub = world->subscriptions; sub; sub = sub->next) {
        if (sub->registered && (!owner || sub->owner == owner))
            count++;
    }
    host_lock_leave(&world->lock);
    return count;
}

void host_notify_drop(struct host_world *world, const struct host_support *owner)
{
    for (;;) {
        struct host_subscription *sub;

        host_lock_enter(&world->lock);
        sub = world->subscriptions;
        while (sub && !(sub->registered && (!owner || sub->owner == owner)))
            sub = sub->next;
        if (sub)
            sub->uses++;
        host_lock_leave(&world->lock);
        if (!sub)
            return;
        end(world, sub);
        give_up(world, sub);
    }
}
