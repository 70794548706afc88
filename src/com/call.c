/* SPDX-License-Identifier: MIT */
/*
 * call.c - the frame of every method, and the detail of its failure.
 *
 * Owns:  each object's struct msp_last_error.
 * Locks: msp_call_begin() takes the domain lock and msp_call_end() leaves it.
 */
#include "com/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mapi/mapibuf.h"
#include "platform/ansi.h"
#include "util/alloc.h"
#include "util/utf.h"

struct msp_last_error {
    HRESULT hr;
    ULONG low;
    char text[256];
};

static const struct {
    HRESULT hr;
    const char *sentence;
} status_table[] = {

#define X(status, hresult, sentence) [status] = { hresult, sentence },
#include "com/errors.list.h"
#undef X
};

_Static_assert(sizeof(status_table) / sizeof(status_table[0]) == ENG_STATUS_COUNT,
        "errors.list.h names every status");

HRESULT msp_engine_hresult(enum eng_status status)
{
    return status_table[status].hr;
}

const char *msp_engine_sentence(enum eng_status status)
{
    return status_table[status].sentence;
}

HRESULT msp_call_wake(struct msp_call *call, struct msp_object *object)
{
    return object->class->wake != NULL ? object->class->wake(call, object) : S_OK;
}

HRESULT msp_call_begin(struct msp_call *call, struct msp_object *object)
{
    HRESULT hr;

    call->object = object;
    call->domain = object->domain;
    call->paused_once = false;
    call->has_detail = false;
    call->stop = NULL;
    msp_domain_lock(call->domain);
    if (!msp_object_is_live(object)) {
        msp_domain_unlock(call->domain);
        return MAPI_E_INVALID_OBJECT;
    }
    hr = msp_call_wake(call, object);
    return FAILED(hr) ? msp_call_end(call, hr) : S_OK;
}

/* Keeps what went wrong on the object, for GetLastError. Without memory the code alone must do: the
 * detail is a comfort. */
static void keep_error(struct msp_call *call, HRESULT hr)
{
    struct msp_object *object = call->object;
    struct msp_last_error *error = object->last_error;

    if (!call->has_detail || call->detail_hr != hr) {
        if (error != NULL)
            error->hr = S_OK;
        return;
    }
    if (error == NULL)
        error = msp_alloc(sizeof(*error));
    if (error == NULL)
        return;
    error->hr = hr;
    error->low = call->detail_low;
    memcpy(error->text, call->detail, sizeof(error->text));
    object->last_error = error;
}

HRESULT msp_call_end(struct msp_call *call, HRESULT hr)
{
    struct msp_object *object = call->object;
    bool paused_once = call->paused_once;

    if (hr != S_OK)
        keep_error(call, hr);
    msp_domain_unlock(call->domain);
    if (paused_once)
        msp_object_release(object);
    return hr;
}

void msp_call_pause(struct msp_call *call)
{
    if (!call->paused_once) {
        call->paused_once = true;
        msp_object_ref_locked(call->object);
    }
    msp_domain_unlock(call->domain);
}

HRESULT msp_call_resume(struct msp_call *call)
{
    msp_domain_lock(call->domain);
    return msp_object_is_live(call->object) ? S_OK : MAPI_E_INVALID_OBJECT;
}

HRESULT msp_call_release(struct msp_call *call, void *object)
{
    IUnknown *unknown = object;

    msp_call_pause(call);
    unknown->lpVtbl->Release(unknown);
    return msp_call_resume(call);
}

HRESULT msp_fail(struct msp_call *call, HRESULT hr, ULONG low, const char *format, ...)
{
    va_list args;

    if (call->has_detail)
        return hr;
    call->has_detail = true;
    call->detail_hr = hr;
    call->detail_low = low;
    va_start(args, format);
    (void)vsnprintf(call->detail, sizeof(call->detail), format, args);
    va_end(args);
    return hr;
}

HRESULT msp_from_engine(struct msp_call *call, const struct eng *eng, enum eng_status status)
{
    struct eng_error error;

    if (status == ENG_OK)
        return S_OK;
    if (eng != NULL) {
        eng_last_error(eng, &error);
        if (error.status == status && error.text[0] != '\0')
            return msp_fail(
                    call, status_table[status].hr, (ULONG)error.sqlite_code, "%s", error.text);
    }
    return msp_fail(call, status_table[status].hr, 0, "%s", status_table[status].sentence);
}

HRESULT msp_from_bag(struct msp_call *call, enum bag_status status)
{
    switch (status) {
    case BAG_OK:
        return S_OK;
    case BAG_NO_MEMORY:
        return msp_from_engine(call, NULL, ENG_NO_MEMORY);
    default:
        return msp_fail(
                call, MAPI_E_CORRUPT_DATA, 0, "The stored properties of the item are damaged.");
    }
}

void msp_last_error_free(struct msp_last_error *last_error)
{
    msp_free(last_error);
}

/* Bytes of a sentence in the width asked for, with its terminator. */
static size_t text_size(const char *text, bool unicode)
{
    return (strlen(text) + 1) * (unicode ? sizeof(WCHAR) : 2);
}

/* Our sentences are UTF-8; `room` bytes are there, as text_size() said. */
static void put_text(const char *text, bool unicode, void *out, size_t room)
{
    if (unicode) {
        WCHAR *wide = out;
        size_t units = utf8_to_utf16(text, strlen(text), wide, room / sizeof(WCHAR) - 1);

        wide[units] = 0;
    } else {
        char *narrow = out;
        WCHAR wide[256];
        size_t units = utf8_to_utf16(text, strlen(text), wide, 256);
        size_t size;

        if (units > 256)
            units = 256;
        size = msp_utf16_to_ansi(wide, units, narrow, room - 1, NULL);
        narrow[size < room ? size : room - 1] = 0;
    }
}

HRESULT msp_error_make(const struct mapi_alloc *alloc, HRESULT hr, ULONG flags, const char *text,
        ULONG low, LPMAPIERROR *out)
{
    static const char component[] = "Mailkeep";
    bool unicode = (flags & MAPI_UNICODE) != 0;
    size_t head = mapi_arena_round(sizeof(MAPIERROR));
    size_t text_bytes = mapi_arena_round(text_size(text, unicode));
    MAPIERROR *error = NULL;
    void *block = NULL;
    HRESULT result;

    *out = NULL;
    (void)hr;
    result = mapibuf_new(alloc, head + text_bytes + text_size(component, unicode), &block);
    if (FAILED(result))
        return result;
    error = block;
    error->ulVersion = MAPI_ERROR_VERSION;
    error->lpszError = (LPTSTR)((char *)block + head);
    error->lpszComponent = (LPTSTR)((char *)block + head + text_bytes);
    error->ulLowLevelError = low;
    put_text(text, unicode, error->lpszError, text_bytes);
    put_text(component, unicode, error->lpszComponent, text_size(component, unicode));
    *out = error;
    return S_OK;
}

HRESULT msp_last_error_get(struct msp_object *object, HRESULT hr, ULONG flags,
        const struct mapi_alloc *alloc, LPMAPIERROR *out)
{
    struct msp_last_error kept = { 0 };
    struct msp_call call;
    HRESULT result;

    MSP_CLEAR(out);
    MSP_NEED(out != NULL);
    MSP_NEED_FLAGS(flags, MAPI_UNICODE);

    result = msp_call_begin(&call, object);
    if (FAILED(result))
        return result;
    if (object->last_error != NULL)
        kept = *object->last_error;
    msp_domain_unlock(
            call.domain); /* not msp_call_end(): asking about an error must not forget it */

    if (hr == S_OK || kept.hr != hr)
        return S_OK;
    return msp_error_make(alloc, hr, flags, kept.text, kept.low, out);
}
