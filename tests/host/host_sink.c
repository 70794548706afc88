/* SPDX-License-Identifier: MIT */
/*
 * host_sink.c - a client's advise sink and progress object, counted and logged.
 */
#include "host_sink.h"

#include <stdlib.h>
#include <string.h>

/* ---- Advise sink ---- */

static struct host_sink *sink_from_iface(IMAPIAdviseSink *iface)
{
    return CONTAINING_RECORD(iface, struct host_sink, IMAPIAdviseSink_iface);
}

static HRESULT STDMETHODCALLTYPE sink_QueryInterface(
        IMAPIAdviseSink *iface, REFIID iid, LPVOID *out)
{
    if (!out)
        return MAPI_E_INVALID_PARAMETER;
    *out = NULL;
    if (!IsEqualGUID(iid, &IID_IUnknown) && !IsEqualGUID(iid, &IID_IMAPIAdviseSink))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    iface->lpVtbl->AddRef(iface);
    *out = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE sink_AddRef(IMAPIAdviseSink *iface)
{
    return (ULONG)++sink_from_iface(iface)->refs;
}

static ULONG STDMETHODCALLTYPE sink_Release(IMAPIAdviseSink *iface)
{
    return (ULONG)--sink_from_iface(iface)->refs;
}

static size_t keep(const void *bytes, size_t size, unsigned char *out, size_t out_size)
{
    if (!bytes)
        return 0;
    memcpy(out, bytes, size < out_size ? size : out_size);
    return size;
}

static size_t keep_key(const SPropValue *value, unsigned char *out, size_t out_size)
{
    if (PROP_TYPE(value->ulPropTag) != PT_BINARY)
        return 0;
    return keep(value->Value.bin.lpb, value->Value.bin.cb, out, out_size);
}

static void describe(const NOTIFICATION *from, struct host_event *to)
{
    memset(to, 0, sizeof(*to));
    to->type = from->ulEventType;
    to->thread = host_thread_id();
    if (from->ulEventType == fnevTableModified) {
        const TABLE_NOTIFICATION *tab = &from->info.tab;

        to->table_event = tab->ulTableEvent;
        to->row_columns = tab->row.cValues;
        to->index_size = keep_key(&tab->propIndex, to->index, sizeof(to->index));
        to->prior_size = keep_key(&tab->propPrior, to->prior, sizeof(to->prior));
    } else if (from->ulEventType == fnevNewMail) {
        const NEWMAIL_NOTIFICATION *mail = &from->info.newmail;

        to->id_size = keep(mail->lpEntryID, mail->cbEntryID, to->id, sizeof(to->id));
        to->parent_size = keep(mail->lpParentID, mail->cbParentID, to->parent, sizeof(to->parent));
    } else if (from->ulEventType &
               (fnevObjectCreated | fnevObjectDeleted | fnevObjectModified | fnevObjectMoved |
                       fnevObjectCopied | fnevSearchComplete)) {
        const OBJECT_NOTIFICATION *obj = &from->info.obj;

        to->object_type = obj->ulObjType;
        to->id_size = keep(obj->lpEntryID, obj->cbEntryID, to->id, sizeof(to->id));
        to->parent_size = keep(obj->lpParentID, obj->cbParentID, to->parent, sizeof(to->parent));
        to->old_id_size = keep(obj->lpOldID, obj->cbOldID, to->old_id, sizeof(to->old_id));
        to->old_parent_size = keep(
                obj->lpOldParentID, obj->cbOldParentID, to->old_parent, sizeof(to->old_parent));
    }
}

static void log_event(struct host_sink *sink, const NOTIFICATION *event)
{
    host_lock_enter(&sink->lock);
    if (sink->count == sink->room) {
        size_t room = sink->room ? 2 * sink->room : 16;
        struct host_event *more = realloc(sink->events, room * sizeof(*more));

        if (more) {
            sink->events = more;
            sink->room = room;
        }
    }
    if (sink->count < sink->room)
        describe(event, &sink->events[sink->count++]);
    host_lock_leave(&sink->lock);
}

static ULONG STDMETHODCALLTYPE sink_OnNotify(
        IMAPIAdviseSink *iface, ULONG count, LPNOTIFICATION events)
{
    struct host_sink *sink = sink_from_iface(iface);
    ULONG i, result = 0;

    for (i = 0; i < count; i++) {
        if (sink->on_event)
            result = sink->on_event(sink, &events[i], sink->context);
        log_event(sink, &events[i]);
    }
    return result;
}

static const IMAPIAdviseSinkVtbl sink_vtbl = {
    .QueryInterface = sink_QueryInterface,
    .AddRef = sink_AddRef,
    .Release = sink_Release,
    .OnNotify = sink_OnNotify,
};

void host_sink_init(struct host_sink *sink)
{
    memset(sink, 0, sizeof(*sink));
    sink->IMAPIAdviseSink_iface.lpVtbl = &sink_vtbl;
    sink->refs = 1;
}

void host_sink_done(struct host_sink *sink)
{
    free(sink->events);
    sink->events = NULL;
    sink->count = sink->room = 0;
}

size_t host_sink_count(struct host_sink *sink, ULONG type)
{
    size_t i, n = 0;

    host_lock_enter(&sink->lock);
    for (i = 0; i < sink->count; i++)
        n += (sink->events[i].type & type) != 0;
    host_lock_leave(&sink->lock);
    return n;
}

bool host_sink_event(struct host_sink *sink, size_t n, struct host_event *out)
{
    bool there;

    host_lock_enter(&sink->lock);
    there = n < sink->count;
    if (there)
        *out = sink->events[n];
    host_lock_leave(&sink->lock);
    return there;
}

void host_sink_clear(struct host_sink *sink)
{
    host_lock_enter(&sink->lock);
    sink->count = 0;
    host_lock_leave(&sink->lock);
}

/* ---- Progress ---- */

static struct host_progress *progress_from_iface(IMAPIProgress *iface)
{
    return CONTAINING_RECORD(iface, struct host_progress, IMAPIProgress_iface);
}

static HRESULT STDMETHODCALLTYPE progress_QueryInterface(
        IMAPIProgress *iface, REFIID iid, LPVOID *out)
{
    if (!out)
        return MAPI_E_INVALID_PARAMETER;
    *out = NULL;
    if (!IsEqualGUID(iid, &IID_IUnknown) && !IsEqualGUID(iid, &IID_IMAPIProgress))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    iface->lpVtbl->AddRef(iface);
    *out = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE progress_AddRef(IMAPIProgress *iface)
{
    return (ULONG)++progress_from_iface(iface)->refs;
}

static ULONG STDMETHODCALLTYPE progress_Release(IMAPIProgress *iface)
{
    struct host_progress *progress = progress_from_iface(iface);
    long refs = --progress->refs;

    if (refs == 0 && progress->owned)
        free(progress);
    return (ULONG)refs;
}

static HRESULT STDMETHODCALLTYPE progress_Progress(
        IMAPIProgress *iface, ULONG value, ULONG done, ULONG total)
{
    struct host_progress *progress = progress_from_iface(iface);

    if (value < progress->min || value > progress->max ||
            (progress->calls > 0 && value < progress->value))
        progress->went_back = true;
    progress->calls++;
    progress->value = value;
    progress->done = done;
    progress->total = total;
    if (progress->on_progress)
        progress->on_progress(progress, progress->context);
    if (progress->cancel_at > 0 && progress->calls >= progress->cancel_at)
        return MAPI_E_USER_CANCEL;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE progress_GetFlags(IMAPIProgress *iface, ULONG *out)
{
    if (!out)
        return MAPI_E_INVALID_PARAMETER;
    *out = progress_from_iface(iface)->flags;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE progress_GetMax(IMAPIProgress *iface, ULONG *out)
{
    if (!out)
        return MAPI_E_INVALID_PARAMETER;
    *out = progress_from_iface(iface)->max;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE progress_GetMin(IMAPIProgress *iface, ULONG *out)
{
    if (!out)
        return MAPI_E_INVALID_PARAMETER;
    *out = progress_from_iface(iface)->min;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE progress_SetLimits(
        IMAPIProgress *iface, LPULONG min, LPULONG max, LPULONG flags)
{
    struct host_progress *progress = progress_from_iface(iface);

    if (min)
        progress->min = *min;
    if (max)
        progress->max = *max;
    if (flags)
        progress->flags = *flags;
    return S_OK;
}

static const IMAPIProgressVtbl progress_vtbl = {
    .QueryInterface = progress_QueryInterface,
    .AddRef = progress_AddRef,
    .Release = progress_Release,
    .Progress = progress_Progress,
    .GetFlags = progress_GetFlags,
    .GetMax = progress_GetMax,
    .GetMin = progress_GetMin,
    .SetLimits = progress_SetLimits,
};

void host_progress_init(struct host_progress *progress)
{
    memset(progress, 0, sizeof(*progress));
    progress->IMAPIProgress_iface.lpVtbl = &progress_vtbl;
    progress->refs = 1;
    progress->max = 1000;
    progress->flags = MAPI_TOP_LEVEL;
}

struct host_progress *host_progress_new(void)
{
    struct host_progress *progress = malloc(sizeof(*progress));

    if (!progress)
        return NULL;
    host_progress_init(progress);
    progress->owned = true;
    return progress;
}
