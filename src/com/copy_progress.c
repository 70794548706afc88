/* SPDX-License-Identifier: MIT */
/*
 * copy_progress.c - telling a progress object how far a long operation is, and being cancelled by
 * it.
 *
 * Owns:  a progress object that the support object made, until copy_progress_end().
 * Locks: the object is called without any lock.
 */
#include "com/copy.h"

#include <string.h>

#include "com/logon.h"

enum { TOP_MAX = 1000 };

/* Only a cancel stops an operation; an indicator that fails in other ways is left alone. */
static HRESULT judge(struct copy_progress *progress, HRESULT hr)
{
    if (hr == MAPI_E_USER_CANCEL)
        return hr;
    if (FAILED(hr))
        progress->total = 0;
    return S_OK;
}

static HRESULT set_limits(struct copy_progress *progress, ULONG min, ULONG max, ULONG flags)
{
    LPMAPIPROGRESS object = progress->object;

    return judge(progress, object->lpVtbl->SetLimits(object, &min, &max, &flags));
}

/* Without the lock. */
static HRESULT start(struct copy_progress *progress)
{
    LPMAPIPROGRESS object = progress->object;
    ULONG flags = 0;
    HRESULT hr;

    hr = object->lpVtbl->GetFlags(object, &flags);
    progress->is_top = (flags & MAPI_TOP_LEVEL) != 0;
    if (SUCCEEDED(hr) && progress->is_top)
        return set_limits(progress, progress->min, progress->max, MAPI_TOP_LEVEL);
    if (SUCCEEDED(hr))
        hr = object->lpVtbl->GetMin(object, &progress->min);
    if (SUCCEEDED(hr))
        hr = object->lpVtbl->GetMax(object, &progress->max);
    if (SUCCEEDED(hr) && progress->max < progress->min)
        hr = MAPI_E_INVALID_PARAMETER;
    return judge(progress, hr);
}

/* Without the lock: MAPI's own indicator. */
static HRESULT ask_support(struct copy_progress *progress, struct logon *logon, ULONG_PTR ui)
{
    LPMAPISUP support = logon_await_support(logon);
    HRESULT hr;

    if (support == NULL)
        return S_OK;
    hr = support->lpVtbl->DoProgressDialog(support, ui, MAPI_TOP_LEVEL, &progress->object);
    logon_return_support(logon, support);
    if (FAILED(hr))
        progress->object = NULL;
    progress->owned = progress->object != NULL;
    return hr == MAPI_E_USER_CANCEL ? hr : S_OK;
}

HRESULT copy_progress_begin(struct msp_call *call, struct logon *logon, bool wanted,
        LPMAPIPROGRESS client, ULONG_PTR ui, size_t total, struct copy_progress *out)
{
    HRESULT alive;
    HRESULT hr = S_OK;

    memset(out, 0, sizeof(*out));
    out->max = TOP_MAX;
    out->total = total;
    if (!wanted)
        return S_OK;
    out->object = client;
    msp_object_ref_locked(&logon->object); /* while the lock is left */
    msp_call_pause(call);
    if (client == NULL)
        hr = ask_support(out, logon, ui);
    if (SUCCEEDED(hr) && out->object != NULL)
        hr = start(out);
    msp_object_release(&logon->object);
    alive = msp_call_resume(call);
    return FAILED(alive) ? alive : hr;
}

/* Where the scale stands after `done` items. The first value is above the minimum, and what is part
 * of something larger never says that all of it is done. */
static ULONG value_of(const struct copy_progress *progress, size_t done)
{
    uint64_t width = progress->max - progress->min;
    uint64_t part = progress->total > 0 ? width * done / progress->total : 0;

    if (part == 0 && width > 0)
        part = 1;
    if (progress->is_nested && part == width && part > 1)
        part--;
    return progress->min + (ULONG)part;
}

HRESULT copy_progress_add(struct copy_progress *progress, size_t items)
{
    LPMAPIPROGRESS object = progress->object;
    HRESULT hr = S_OK;

    for (size_t i = 0; i < items && SUCCEEDED(hr) && object != NULL; i++) {
        size_t done = ++progress->done;

        if (done > progress->total)
            return S_OK;
        hr = judge(progress, object->lpVtbl->Progress(object, value_of(progress, done),
                                     progress->is_top ? (ULONG)done : 0,
                                     progress->is_top ? (ULONG)progress->total : 0));
    }
    return hr;
}

HRESULT copy_progress_nest(
        struct copy_progress *progress, size_t total, struct copy_progress *out_inner)
{
    uint64_t width = progress->max - progress->min;

    memset(out_inner, 0, sizeof(*out_inner));
    if (progress->object == NULL || progress->done >= progress->total)
        return S_OK;
    out_inner->object = progress->object;
    out_inner->is_nested = true;
    out_inner->total = total;
    out_inner->min = progress->min + (ULONG)(width * progress->done / progress->total);
    out_inner->max = progress->min + (ULONG)(width * (progress->done + 1) / progress->total);
    return set_limits(out_inner, out_inner->min, out_inner->max, 0);
}

void copy_progress_end(struct msp_call *call, struct copy_progress *progress)
{
    LPMAPIPROGRESS object = progress->owned ? progress->object : NULL;

    progress->object = NULL;
    if (object == NULL)
        return;
    (void)msp_call_release(call, object); /* whoever ends the operation knows its result already */
}
