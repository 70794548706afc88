/* SPDX-License-Identifier: MIT */
/*
 * table_live.c - a table that tells its sinks what changes in it.
 *
 * Owns:  the registrations and the packets of the table.
 * Locks: everything runs under the domain lock unless it says otherwise.
 */
#include "com/table_live.h"

#include <string.h>

#include "com/logon.h"
#include "com/table_impl.h"
#include "util/alloc.h"

static void run_closing(struct msp_later *later);

/* --- rows in memory of our own ---------------------------------------------------------------- */

/* Rows of packets may be made, and freed, on our own thread, which does not use MAPI. */
static SCODE STDMETHODCALLTYPE own_allocate(ULONG size, LPVOID *out)
{
    *out = msp_alloc(size);
    return *out != NULL ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static ULONG STDAPICALLTYPE own_free(LPVOID buffer)
{
    msp_free(buffer);
    return 0;
}

static const struct mapi_alloc own_alloc = { .allocate = own_allocate, .free = own_free };

/* --- packets ---------------------------------------------------------------------------------- */

void table_live_packet_free(struct table_packet *packet)
{
    mapibuf_free(&own_alloc, packet->row.lpProps);
    packet->row.lpProps = NULL;
}

static void drop_queue(struct table_live *live)
{
    for (size_t i = 0; i < live->queue.count; i++)
        table_live_packet_free(MSP_ARRAY_AT(struct table_packet, &live->queue, i));
    msp_array_truncate(&live->queue, 0);
}

static struct notify_center *center_of(const struct table_live *live)
{
    return &live->table->logon->notify;
}

/* TABLE_CHANGED instead of everything that waits. */
static void lose_rows(struct table_live *live)
{
    drop_queue(live);
    live->is_changed = true;
    live->changed_newest = center_of(live)->last_connection;
}

static bool push(struct table_live *live, const struct table_packet *packet)
{
    return live->queue.count < TABLE_LIVE_QUEUE_MAX && msp_array_push(&live->queue, packet) != NULL;
}

void table_live_tell(struct table_live *live, ULONG event, HRESULT result)
{
    struct table_packet packet = {
        .event = event, .result = result, .newest = center_of(live)->last_connection
    };

    if (live->advises.items.count > 0 && !push(live, &packet))
        lose_rows(live);
}

void table_live_restart(struct table_live *live)
{
    if (live->queue.count > 0)
        lose_rows(live);
}

static uint8_t put_key(const struct view *view, struct view_id id, uint8_t *out)
{
    return (uint8_t)view_instance_key_put(view, id, out);
}

/* What an event of the view says. */
static HRESULT make_packet(struct table_live *live, struct msp_call *call,
        const struct view_event *event, struct table_packet *out)
{
    struct table *table = live->table;
    HRESULT hr = S_OK;

    memset(out, 0, sizeof(*out));
    out->newest = center_of(live)->last_connection;
    if (event->kind == VIEW_ROW_ADDED && live->has_lost_rows)
        hr = view_depart(&table->view, event->id); /* it may have been there before */
    if (FAILED(hr))
        return hr;
    switch (event->kind) {
    case VIEW_ROW_DELETED:
        out->event = TABLE_ROW_DELETED;
        break;
    case VIEW_ROW_ADDED:
        out->event = TABLE_ROW_ADDED;
        break;
    default:
        out->event = TABLE_ROW_MODIFIED;
        break;
    }
    out->index_size = put_key(&table->view, event->id, out->index);
    if (event->kind == VIEW_ROW_DELETED)
        return view_depart(&table->view, event->id);
    if (event->position > 0)
        out->prior_size =
                put_key(&table->view, view_id_at(&table->view, event->position - 1), out->prior);
    return table_row_get(call, table, &own_alloc, event->position, &out->row);
}

/* The rows that are gone are not told of one by one, but their keys are not to be used again;
 * false: not all of them are known. */
static bool forget_keys(struct view *view, const struct view_event *events, size_t event_count)
{
    bool known = true;

    for (size_t i = 0; i < event_count; i++) {
        if (events[i].kind == VIEW_ROW_DELETED)
            known = SUCCEEDED(view_depart(view, events[i].id)) && known;
    }
    return known;
}

/* The view's rows are others now; within a transaction. */
static void live_changed(struct view_watch *watch, struct msp_call *call,
        const struct view_event *events, size_t event_count)
{
    struct table_live *live = CONTAINING_RECORD(watch, struct table_live, watch);
    HRESULT hr = S_OK;

    if (events == NULL || event_count > TABLE_LIVE_BATCH)
        hr = MAPI_E_TOO_BIG;
    if (live->is_changed)
        hr = MAPI_E_TOO_BIG; /* the client is to read again anyway */
    for (size_t i = 0; i < event_count && SUCCEEDED(hr); i++) {
        struct table_packet packet;

        hr = make_packet(live, call, &events[i], &packet);
        if (SUCCEEDED(hr) && !push(live, &packet)) {
            table_live_packet_free(&packet);
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
        }
    }
    if (FAILED(hr)) {
        lose_rows(live);
        if (events == NULL || !forget_keys(&live->table->view, events, event_count))
            live->has_lost_rows = true;
    }
    if (center_of(live)->deliverer == 0)
        notify_poke(center_of(live)); /* told when the lock is left */
}

bool table_live_has_packet(const struct table_live *live)
{
    return live->is_changed || live->queue.count > 0;
}

void table_live_take(struct table_live *live, struct table_packet *out)
{
    if (live->is_changed) {
        memset(out, 0, sizeof(*out));
        out->event = TABLE_CHANGED;
        out->newest = live->changed_newest;
        live->is_changed = false;
        return;
    }
    *out = *MSP_ARRAY_AT(struct table_packet, &live->queue, 0);
    msp_array_remove(&live->queue, 0, 1);
}

struct advise *table_live_sink(
        const struct table_live *live, const struct table_packet *packet, ULONG_PTR after)
{
    return live->table != NULL ? advise_list_next(&live->advises, after, packet->newest) : NULL;
}

/* A key for a client that only reads it. */
static void key_prop(const uint8_t *key, uint8_t size, SPropValue *out)
{
    union {
        const uint8_t *in;
        LPBYTE out;
    } bytes = { key };

    out->ulPropTag = PR_NULL;
    if (size == 0)
        return;
    out->ulPropTag = PR_INSTANCE_KEY;
    out->Value.bin.cb = size;
    out->Value.bin.lpb = bytes.out;
}

void table_live_notification(const struct table_packet *packet, NOTIFICATION *out)
{
    TABLE_NOTIFICATION *table = &out->info.tab;

    memset(out, 0, sizeof(*out));
    out->ulEventType = fnevTableModified;
    table->ulTableEvent = packet->event;
    table->hResult = packet->result;
    key_prop(packet->index, packet->index_size, &table->propIndex);
    key_prop(packet->prior, packet->prior_size, &table->propPrior);
    table->row = packet->row;
}

/* --- looking ---------------------------------------------------------------------------------- */

bool table_live_sync(struct table_live *live, uint64_t stamp, uint64_t pokes)
{
    struct table *table = live->table;
    struct msp_call call = { .object = &table->object, .domain = table->object.domain };
    HRESULT hr;

    if (live->stamp == stamp && live->pokes == pokes)
        return true;
    if (table_work_is_apart(&table->work))
        return true; /* the end of the work brings it up to date */
    live->stamp = stamp;
    live->pokes = pokes;
    if (live->advises.items.count == 0)
        return true;
    hr = table_enter(&call, table);
    if (SUCCEEDED(hr))
        table_leave(table);
    return SUCCEEDED(hr);
}

/* --- beginning and end ------------------------------------------------------------------------ */

static HRESULT begin_looking(struct msp_call *call, struct table *table, struct table_live *live)
{
    struct notify_center *center = &table->logon->notify;
    HRESULT hr;

    hr = msp_from_engine(call, table->logon->eng, notify_follow(center));
    if (FAILED(hr))
        return hr;
    table->view.watch = &live->watch; /* from here on it is evaluated as a whole */
    hr = table_enter(call, table);
    if (FAILED(hr)) {
        table->view.watch = NULL;
        return hr;
    }
    table_leave(table);
    live->stamp = center->stamp;
    live->pokes = center->pokes;
    return S_OK;
}

static void link_live(struct notify_center *center, struct table_live *live)
{
    live->next = center->live_first;
    center->live_first = live;
}

static void unlink_live(struct notify_center *center, struct table_live *live)
{
    struct table_live **link = &center->live_first;

    while (*link != live)
        link = &(*link)->next;
    *link = live->next;
}

HRESULT table_live_need(struct msp_call *call, struct table *table)
{
    struct table_live *live = table->live;
    HRESULT hr;

    if (live != NULL) {
        (void)table_live_sync(live, table->logon->notify.stamp, table->logon->notify.pokes);
        return S_OK;
    }
    live = msp_calloc(1, sizeof(*live));
    if (live == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    live->watch.changed = live_changed;
    live->table = table;
    live->closing.run = run_closing;
    atomic_init(&live->refs, 1);
    advise_list_init(&live->advises);
    msp_array_init(&live->queue, sizeof(struct table_packet));
    hr = begin_looking(call, table, live);
    if (FAILED(hr)) {
        msp_free(live);
        return hr;
    }
    table->live = live;
    link_live(&table->logon->notify, live);
    return S_OK;
}

void table_live_ref(struct table_live *live)
{
    atomic_fetch_add(&live->refs, 1);
}

void table_live_release(struct table_live *live)
{
    if (atomic_fetch_sub(&live->refs, 1) != 1)
        return;
    advise_list_done(&live->advises);
    drop_queue(live);
    msp_array_free(&live->queue);
    msp_free(live);
}

static void run_closing(struct msp_later *later)
{
    table_live_release(CONTAINING_RECORD(later, struct table_live, closing));
}

void table_live_close(struct table *table)
{
    struct table_live *live = table->live;

    if (live == NULL)
        return;
    table->live = NULL;
    table->view.watch = NULL;
    unlink_live(&table->logon->notify, live);
    if (atomic_load(&table->object.domain->closing))
        table->logon->notify.has_closed_tables = true;
    live->table = NULL;
    advise_list_end(&live->advises);
    msp_domain_later(table->object.domain, &live->closing);
}

void table_live_rest(struct table *table)
{
    if (table->live != NULL && table->live->advises.items.count == 0)
        table_live_close(table);
}
