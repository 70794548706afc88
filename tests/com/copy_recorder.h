/* SPDX-License-Identifier: MIT */
/*
 * copy_recorder.h - a progress object on the test's stack that keeps what it was asked, and answers
 * as it is told.
 */
#ifndef COPY_RECORDER_H
#define COPY_RECORDER_H

#include "support/support.h"

/* A progress object that keeps what it is asked. */
struct recorder {
    IMAPIProgress IMAPIProgress_iface;
    ULONG flags;
    ULONG min, max; /* given by GetMin and GetMax */
    HRESULT answer; /* to Progress from call `from` on */
    HRESULT flags_answer;
    unsigned from;
    char first; /* the first method that was called */
    unsigned calls, limits;
    ULONG last_min, last_max, last_flags;
    ULONG values[200], counts[200], totals[200];
    ULONG limit_min[200], limit_max[200], limit_flags[200];
    void (*on_progress)(struct recorder *recorder);
    void *context;
};

static inline struct recorder *recorder_from_iface(IMAPIProgress *iface)
{
    return CONTAINING_RECORD(iface, struct recorder, IMAPIProgress_iface);
}

static inline HRESULT STDMETHODCALLTYPE recorder_QueryInterface(
        IMAPIProgress *iface, REFIID iid, void **out)
{
    (void)iface;
    (void)iid;
    *out = NULL;
    return E_NOINTERFACE;
}

static inline ULONG STDMETHODCALLTYPE recorder_AddRef(IMAPIProgress *iface)
{
    (void)iface;
    return 2;
}

static inline ULONG STDMETHODCALLTYPE recorder_Release(IMAPIProgress *iface)
{
    (void)iface;
    return 1;
}

static inline void called(struct recorder *recorder, char what)
{
    if (recorder->first == 0)
        recorder->first = what;
}

static inline HRESULT STDMETHODCALLTYPE recorder_Progress(
        IMAPIProgress *iface, ULONG value, ULONG count, ULONG total)
{
    struct recorder *recorder = recorder_from_iface(iface);

    called(recorder, 'P');
    if (recorder->calls < 200) {
        recorder->values[recorder->calls] = value;
        recorder->counts[recorder->calls] = count;
        recorder->totals[recorder->calls] = total;
    }
    recorder->calls++;
    if (recorder->on_progress)
        recorder->on_progress(recorder);
    return recorder->from != 0 && recorder->calls >= recorder->from ? recorder->answer : S_OK;
}

static inline HRESULT STDMETHODCALLTYPE recorder_GetFlags(IMAPIProgress *iface, ULONG *out)
{
    struct recorder *recorder = recorder_from_iface(iface);

    called(recorder, 'F');
    *out = recorder->flags;
    return recorder->flags_answer;
}

static inline HRESULT STDMETHODCALLTYPE recorder_GetMax(IMAPIProgress *iface, ULONG *out)
{
    called(recorder_from_iface(iface), 'X');
    *out = recorder_from_iface(iface)->max;
    return S_OK;
}

static inline HRESULT STDMETHODCALLTYPE recorder_GetMin(IMAPIProgress *iface, ULONG *out)
{
    called(recorder_from_iface(iface), 'N');
    *out = recorder_from_iface(iface)->min;
    return S_OK;
}

static inline HRESULT STDMETHODCALLTYPE recorder_SetLimits(
        IMAPIProgress *iface, LPULONG min, LPULONG max, LPULONG flags)
{
    struct recorder *recorder = recorder_from_iface(iface);

    called(recorder, 'L');
    assert_non_null(min);
    assert_non_null(max);
    assert_non_null(flags);
    if (recorder->limits < 200) {
        recorder->limit_min[recorder->limits] = *min;
        recorder->limit_max[recorder->limits] = *max;
        recorder->limit_flags[recorder->limits] = *flags;
    }
    recorder->limits++;
    return S_OK;
}

static const IMAPIProgressVtbl recorder_vtbl = {
    .QueryInterface = recorder_QueryInterface,
    .AddRef = recorder_AddRef,
    .Release = recorder_Release,
    .Progress = recorder_Progress,
    .GetFlags = recorder_GetFlags,
    .GetMax = recorder_GetMax,
    .GetMin = recorder_GetMin,
    .SetLimits = recorder_SetLimits,
};

static inline IMAPIProgress *recorder_init(struct recorder *recorder, ULONG flags)
{
    memset(recorder, 0, sizeof(*recorder));
    recorder->IMAPIProgress_iface.lpVtbl = &recorder_vtbl;
    recorder->flags = flags;
    recorder->max = 1000;
    return &recorder->IMAPIProgress_iface;
}

#endif
