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

/* What a section holds of a store, and the memory behind it. */
struct section_values {
    SPropValue values[7];
    ULONG count;
    WCHAR *name;
    WCHAR *path;
    uint8_t record_key[32];
    uint8_t mdb_provider[16];
};

static void values_done(struct section_values *section)
{
    msp_free(section->name);
    msp_free(section->path);
}

static void add_text(struct section_values *section, ULONG tag, WCHAR *text)
{
    SPropValue *value = &section->values[section->count++];

    value->ulPropTag = tag;
    value->Value.lpszW = text;
}

static void add_bytes(struct section_values *section, ULONG tag, const void *bytes, size_t size)
{
    SPropValue *value = &section->values[section->count++];

    value->ulPropTag = tag;
    value->Value.bin.cb = (ULONG)size;
    value->Value.bin.lpb = (LPBYTE)(uintptr_t)bytes;
}

static bool values_make(struct section_values *section, const struct profile_store *store)
{
    static WCHAR provider_display[] = u"Mailkeep message store";

    memset(section, 0, sizeof(*section));
    section->name = to_utf16(store->display_name);
    section->path = to_utf16(store->path);
    if (section->name == NULL || section->path == NULL) {
        values_done(section);
        return false;
    }
    profile_record_key(store->store_uid, section->record_key);
    memcpy(section->mdb_provider, &provider_uid, sizeof(section->mdb_provider));
    add_text(section, PR_DISPLAY_NAME_W, section->name);
    add_text(section, PR_PROVIDER_DISPLAY_W, provider_display);
    add_bytes(section, PR_RECORD_KEY, section->record_key, sizeof(section->record_key));
    add_bytes(section, PR_STORE_RECORD_KEY, section->record_key, sizeof(section->record_key));
    add_bytes(section, PR_MDB_PROVIDER, section->mdb_provider, sizeof(section->mdb_provider));
    add_text(section, PR_MKEEP_PATH_W, section->path);
    if (store->wrapped_size > 0)
        add_bytes(section, PR_ENTRYID, store->wrapped, store->wrapped_size);
    return true;
}

HRESULT profile_write(LPPROFSECT section, const struct profile_store *store)
{
    struct section_values wanted;
    HRESULT hr;

    if (!values_make(&wanted, store))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hr = section->lpVtbl->SetProps(section, wanted.count, wanted.values, NULL);
    if (SUCCEEDED(hr) && store->wrapped_size == 0)
        hr = forget_entryid(section);
    if (SUCCEEDED(hr))
        hr = section->lpVtbl->SaveChanges(section, KEEP_OPEN_READWRITE);
    values_done(&wanted);
    return FAILED(hr) ? hr : S_OK;
}

static bool is_same_value(const SPropValue *a, const SPropValue *b)
{
    if (a->ulPropTag != b->ulPropTag)
        return false;
    if (PROP_TYPE(a->ulPropTag) == PT_UNICODE)
        return is_same_text(a, b);
    return a->Value.bin.cb == b->Value.bin.cb && b->Value.bin.lpb != NULL &&
           memcmp(a->Value.bin.lpb, b->Value.bin.lpb, a->Value.bin.cb) == 0;
}

bool profile_is_current(
        LPPROFSECT section, const struct mapi_alloc *alloc, const struct profile_store *store)
{
    SizedSPropTagArray(7, tags) = { 0, { 0 } };
    struct section_values wanted;
    LPSPropValue values = NULL;
    ULONG count = 0;
    bool current = false;

    if (!values_make(&wanted, store))
        return false;
    tags.cValues = wanted.count;
    for (ULONG i = 0; i < wanted.count; i++)
        tags.aulPropTag[i] = wanted.values[i].ulPropTag;
    if (SUCCEEDED(section->lpVtbl->GetProps(
                section, (LPSPropTagArray)(void *)&tags, MAPI_UNICODE, &count, &values)) &&
            count == wanted.count && values != NULL) {
        current = true;
        for (ULONG i = 0; i < count && current; i++)
            current = is_same_value(&wanted.values[i], &values[i]);
    }
    mapibuf_free(alloc, values);
    values_done(&wanted);
    return current;
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
