/* SPDX-License-Identifier: MIT */
/*
 * profile.c - the profile section: the path in, the store table's columns out.
 *
 * Owns:  nothing beyond one call.
 * Locks: none is held here: everything goes through the host's objects.
 */
#include "com/profile.h"

#include <string.h>

#include "mailkeep.h"
#include "mapi/entryid.h"
#include "util/alloc.h"
#include "util/utf.h"

static const MAPIUID provider_uid = MAILKEEP_PROVIDER_UID;

/* Appends a PT_UNICODE or PT_STRING8 value as UTF-8; other types are ignored. */
static bool append_text(const SPropValue *value, struct msp_buf *out)
{
    size_t count;
    size_t size;
    char *room;

    if (PROP_TYPE(value->ulPropTag) != PT_UNICODE || value->Value.lpszW == NULL)
        return true;
    count = utf16_len(value->Value.lpszW);
    size = utf16_to_utf8(value->Value.lpszW, count, NULL, 0);
    room = (char *)msp_buf_extend(out, size);
    if (room == NULL)
        return false;
    (void)utf16_to_utf8(value->Value.lpszW, count, room, size);
    return true;
}

/* A store that has only the name of its kind, as MAPISVC.INF gives it, has none of its own. */
static bool is_same_text(const SPropValue *a, const SPropValue *b)
{
    size_t count;

    if (PROP_TYPE(a->ulPropTag) != PT_UNICODE || PROP_TYPE(b->ulPropTag) != PT_UNICODE ||
            a->Value.lpszW == NULL || b->Value.lpszW == NULL)
        return false;
    count = utf16_len(a->Value.lpszW);
    return count == utf16_len(b->Value.lpszW) &&
           memcmp(a->Value.lpszW, b->Value.lpszW, count * sizeof(WCHAR)) == 0;
}

HRESULT profile_read(LPPROFSECT section, const struct mapi_alloc *alloc, struct msp_buf *path,
        struct msp_buf *display_name)
{
    static const SizedSPropTagArray(
            3, wanted) = { 3, { PR_MKEEP_PATH_W, PR_DISPLAY_NAME_W, PR_PROVIDER_DISPLAY_W } };
    SPropTagArray *tags =
            (SPropTagArray *)(uintptr_t)&wanted; /* the interface takes no const; it is only read */
    LPSPropValue values = NULL;
    ULONG count = 0;
    HRESULT hr;

    hr = section->lpVtbl->GetProps(section, tags, MAPI_UNICODE, &count, &values);
    if (FAILED(hr))
        return hr;
    if (count != 3 || values == NULL)
        hr = MAPI_E_CORRUPT_DATA;
    else if (!append_text(&values[0], path) ||
             (!is_same_text(&values[1], &values[2]) && !append_text(&values[1], display_name)))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    else
        hr = S_OK;
    mapibuf_free(alloc, values);
    return hr;
}

void profile_record_key(const uint8_t store_uid[16], uint8_t out[32])
{
    memcpy(out, &provider_uid, 16);
    memcpy(out + 16, store_uid, 16);
}

bool profile_service_uid(LPPROFSECT section, const struct mapi_alloc *alloc, MAPIUID *out)
{
    static const SizedSPropTagArray(1, wanted) = { 1, { PR_SERVICE_UID } };
    SPropTagArray *tags = (SPropTagArray *)(uintptr_t)&wanted; /* it is only read */
    LPSPropValue values = NULL;
    ULONG count = 0;
    bool found;

    if (FAILED(section->lpVtbl->GetProps(section, tags, MAPI_UNICODE, &count, &values)))
        return false;
    found = count == 1 && values != NULL && values[0].ulPropTag == PR_SERVICE_UID &&
            values[0].Value.bin.cb == sizeof(*out) && values[0].Value.bin.lpb != NULL;
    if (found)
        memcpy(out, values[0].Value.bin.lpb, sizeof(*out));
    mapibuf_free(alloc, values);
    return found;
}

static WCHAR *to_utf16(const char *text)
{
    size_t size = strlen(text);
    size_t count = utf8_to_utf16(text, size, NULL, 0);
    WCHAR *wide = msp_alloc_array(count + 1, sizeof(WCHAR));

    if (wide == NULL)
        return NULL;
    (void)utf8_to_utf16(text, size, wide, count);
    wide[count] = 0;
    return wide;
}

HRESULT profile_write_name(LPPROFSECT section, const char *display_name)
{
    SPropValue value = { .ulPropTag = PR_DISPLAY_NAME_W };
    WCHAR *name = to_utf16(display_name);
    HRESULT hr;

    if (name == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    value.Value.lpszW = name;
    hr = section->lpVtbl->SetProps(section, 1, &value, NULL);
    if (SUCCEEDED(hr))
        hr = section->lpVtbl->SaveChanges(section, KEEP_OPEN_READWRITE);
    msp_free(name);
    return FAILED(hr) ? hr : S_OK;
}

/* What names another store now is worse than nothing. */
static HRESULT forget_entryid(LPPROFSECT section)
{
    static const SizedSPropTagArray(1, stale) = { 1, { PR_ENTRYID } };
    SPropTagArray *tags = (SPropTagArray *)(uintptr_t)&stale; /* it is only read */

    return section->lpVtbl->DeleteProps(section, tags, NULL);
}

HRESULT profile_write(LPPROFSECT section, const struct profile_store *store)
{
    static WCHAR provider_display[] = u"Mailkeep message store";
    WCHAR *name = to_utf16(store->display_name);
    WCHAR *path = to_utf16(store->path);
    uint8_t record_key[32];
    uint8_t mdb_provider[16];
    SPropValue values[7] = { 0 };
    ULONG count = 0;
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if (name == NULL || path == NULL)
        goto out;
    profile_record_key(store->store_uid, record_key);
    memcpy(mdb_provider, &provider_uid, sizeof(mdb_provider));
    values[count].ulPropTag = PR_DISPLAY_NAME_W;
    values[count++].Value.lpszW = name;
    values[count].ulPropTag = PR_PROVIDER_DISPLAY_W;
    values[count++].Value.lpszW = provider_display;
    values[count].ulPropTag = PR_RECORD_KEY;
    values[count].Value.bin.cb = sizeof(record_key);
    values[count++].Value.bin.lpb = record_key;
    values[count].ulPropTag = PR_STORE_RECORD_KEY;
    values[count].Value.bin.cb = sizeof(record_key);
    values[count++].Value.bin.lpb = record_key;
    values[count].ulPropTag = PR_MDB_PROVIDER;
    values[count].Value.bin.cb = sizeof(mdb_provider);
    values[count++].Value.bin.lpb = mdb_provider;
    values[count].ulPropTag = PR_MKEEP_PATH_W;
    values[count++].Value.lpszW = path;
    if (store->wrapped_size > 0) {
        values[count].ulPropTag = PR_ENTRYID;
        values[count].Value.bin.cb = (ULONG)store->wrapped_size;
        values[count++].Value.bin.lpb = (LPBYTE)(uintptr_t)store->wrapped;
    }

    hr = section->lpVtbl->SetProps(section, count, values, NULL);
    if (SUCCEEDED(hr) && store->wrapped_size == 0)
        hr = forget_entryid(section);
    if (SUCCEEDED(hr))
        hr = section->lpVtbl->SaveChanges(section, KEEP_OPEN_READWRITE);
out:
    msp_free(name);
    msp_free(path);
    return FAILED(hr) ? hr : S_OK;
}

bool profile_default_name(const char *path, struct msp_buf *out)
{
    const char *start = path;
    const char *end;

    for (const char *at = path; *at != '\0'; at++) {
        if (*at == '/' || *at == '\\' || *at == ':')
            start = at + 1;
    }
    end = strrchr(start, '.');
    if (end == NULL || end == start)
        end = start + strlen(start);
    if (end == start)
        return msp_buf_append_str(out, "Mailkeep");
    return msp_buf_append(out, start, (size_t)(end - start));
}

HRESULT profile_wrap_entryid(LPMAPISUP support, const uint8_t store_uid[16], const char *path,
        ULONG *out_size, LPENTRYID *out)
{
    struct msp_buf plain = MSP_BUF_INIT;
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    *out = NULL;
    *out_size = 0;
    if (store_entryid_put(store_uid, path, &plain))
        hr = support->lpVtbl->WrapStoreEntryID(
                support, (ULONG)plain.size, (LPENTRYID)(void *)plain.data, out_size, out);
    msp_buf_free(&plain);
    if (SUCCEEDED(hr) && (*out == NULL || *out_size == 0))
        hr = MAPI_E_CALL_FAILED;
    return hr;
}
