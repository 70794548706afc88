/* SPDX-License-Identifier: MIT */
/*
 * named.c - GetNamesFromIDs and GetIDsFromNames: one mapping for all objects of a store.
 *
 * Owns:  nothing beyond one call; the mapping lives in the engine.
 * Locks: the prop_CamelCase functions take the domain lock; everything else runs under it.
 */
#include <string.h>

#include "com/logon.h"
#include "com/prop.h"
#include "util/array.h"
#include "util/utf.h"

enum { FIRST_NAMED_ID = 0x8000, MAX_NAMES = 0x10000 };

/* --- names of ids -------------------------------------------------------------------------------
 */

/* One answer; the text is kept as UTF-16 in the collection's buffer until the result block is
 * built. */
struct found_name {
    ULONG tag;
    bool is_known;
    bool is_string;
    GUID guid;
    LONG number;
    size_t text_offset; /* into collection.text, in WCHARs */
    size_t text_count;
};

struct collection {
    struct msp_array names; /* struct found_name */
    struct msp_buf text;    /* WCHAR, each text terminated */
    const GUID *guid;       /* only this set; NULL: all */
    ULONG flags;
    bool no_memory;
};

static bool is_wanted(const struct collection *all, const struct eng_name *name)
{
    if ((all->flags & MAPI_NO_STRINGS) != 0 && name->is_string)
        return false;
    if ((all->flags & MAPI_NO_IDS) != 0 && !name->is_string)
        return false;
    return all->guid == NULL || memcmp(all->guid, name->guid, sizeof(name->guid)) == 0;
}

static bool add_text(
        struct collection *all, const char *text, size_t size, struct found_name *found)
{
    size_t count = utf8_to_utf16(text, size, NULL, 0);
    WCHAR *room;

    found->text_offset = all->text.size / sizeof(WCHAR);
    found->text_count = count;
    room = (WCHAR *)(void *)msp_buf_extend(&all->text, (count + 1) * sizeof(WCHAR));
    if (room == NULL)
        return false;
    (void)utf8_to_utf16(text, size, room, count);
    room[count] = 0;
    return true;
}

/* name NULL: the id has none. */
static bool add_name(struct collection *all, ULONG tag, const struct eng_name *name)
{
    struct found_name found = { .tag = tag };

    if (name != NULL && is_wanted(all, name)) {
        found.is_known = true;
        found.is_string = name->is_string;
        memcpy(&found.guid, name->guid, sizeof(found.guid));
        found.number = (LONG)name->number;
        if (name->is_string && !add_text(all, name->text, name->text_size, &found))
            all->no_memory = true;
    }
    if (msp_array_push(&all->names, &found) == NULL)
        all->no_memory = true;
    return !all->no_memory;
}

static bool add_every_name(void *context, uint16_t id, const struct eng_name *name)
{
    struct collection *all = context;

    return !is_wanted(all, name) || add_name(all, PROP_TAG(PT_UNSPECIFIED, id), name);
}

static HRESULT name_of_tag(
        struct msp_call *call, struct logon *logon, ULONG tag, struct collection *all)
{
    struct eng_name name = { 0 };
    enum eng_status status;

    if (PROP_ID(tag) < FIRST_NAMED_ID) {
        memcpy(name.guid, &PS_MAPI, sizeof(name.guid));
        name.number = PROP_ID(tag);
        return add_name(all, tag, &name) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    }
    status = eng_id_to_name(logon->eng, (uint16_t)PROP_ID(tag), &name);
    if (status != ENG_OK && status != ENG_NOT_FOUND)
        return msp_from_engine(call, logon->eng, status);
    return add_name(all, tag, status == ENG_OK ? &name : NULL) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* One root block: the pointers, the MAPINAMEIDs, the GUIDs, the texts. */
static HRESULT publish_names(
        const struct mapi_alloc *alloc, const struct collection *all, LPMAPINAMEID **out)
{
    size_t count = all->names.count;
    size_t pointers = mapi_arena_round(count * sizeof(LPMAPINAMEID));
    size_t structs = mapi_arena_round(count * sizeof(MAPINAMEID));
    size_t guids = mapi_arena_round(count * sizeof(GUID));
    const struct found_name *found = MSP_ARRAY_ITEMS(const struct found_name, &all->names);
    HRESULT result = S_OK;
    void *block = NULL;
    LPMAPINAMEID *names;
    MAPINAMEID *structure;
    GUID *guid;
    WCHAR *text;
    HRESULT hr;

    hr = mapibuf_new(alloc, pointers + structs + guids + all->text.size, &block);
    if (FAILED(hr))
        return hr;
    names = block;
    structure = (MAPINAMEID *)(void *)((char *)block + pointers);
    guid = (GUID *)(void *)((char *)block + pointers + structs);
    text = (WCHAR *)(void *)((char *)block + pointers + structs + guids);
    if (all->text.size > 0)
        memcpy(text, all->text.data, all->text.size);
    for (size_t i = 0; i < count; i++) {
        if (!found[i].is_known) {
            result = MAPI_W_ERRORS_RETURNED;
            continue;
        }
        names[i] = &structure[i];
        guid[i] = found[i].guid;
        structure[i].lpguid = &guid[i];
        structure[i].ulKind = found[i].is_string ? MNID_STRING : MNID_ID;
        if (found[i].is_string)
            structure[i].Kind.lpwstrName = text + found[i].text_offset;
        else
            structure[i].Kind.lID = found[i].number;
    }
    *out = names;
    return result;
}

static HRESULT publish_tags(
        const struct mapi_alloc *alloc, const struct collection *all, LPSPropTagArray *out)
{
    const struct found_name *found = MSP_ARRAY_ITEMS(const struct found_name, &all->names);
    void *block = NULL;
    HRESULT hr;

    hr = mapibuf_new(alloc, sizeof(SPropTagArray) + all->names.count * sizeof(ULONG), &block);
    if (FAILED(hr))
        return hr;
    *out = block;
    (*out)->cValues = (ULONG)all->names.count;
    for (size_t i = 0; i < all->names.count; i++)
        (*out)->aulPropTag[i] = found[i].tag;
    return S_OK;
}

/* The caller's tags of ids without a name become PT_ERROR (imapiprop-getnamesfromids). */
static void mark_unnamed(LPSPropTagArray tags, const struct collection *all)
{
    const struct found_name *found = MSP_ARRAY_ITEMS(const struct found_name, &all->names);

    for (size_t i = 0; i < all->names.count; i++) {
        if (!found[i].is_known)
            tags->aulPropTag[i] = PROP_TAG(PT_ERROR, PROP_ID(found[i].tag));
    }
}

static HRESULT names_from_ids(struct msp_call *call, struct logon *logon, LPSPropTagArray *tags,
        struct collection *all, ULONG *out_count, LPMAPINAMEID **out_names)
{
    LPSPropTagArray made = NULL;
    HRESULT hr = S_OK;

    if (*tags != NULL) {
        for (ULONG i = 0; i < (*tags)->cValues && SUCCEEDED(hr); i++)
            hr = name_of_tag(call, logon, (*tags)->aulPropTag[i], all);
    } else {
        hr = msp_from_engine(call, logon->eng, eng_names(logon->eng, add_every_name, all));
        if (SUCCEEDED(hr) && all->no_memory)
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
        if (SUCCEEDED(hr))
            hr = publish_tags(&logon->alloc, all, &made);
    }
    if (SUCCEEDED(hr) && all->names.count > 0)
        hr = publish_names(&logon->alloc, all, out_names);
    if (FAILED(hr)) {
        mapibuf_free(&logon->alloc, made);
        return hr;
    }
    if (*tags == NULL)
        *tags = made;
    else
        mark_unnamed(*tags, all);
    *out_count = (ULONG)all->names.count;
    return hr;
}

HRESULT prop_GetNamesFromIDs(struct prop_object *prop, LPSPropTagArray *tags, LPGUID guid,
        ULONG flags, ULONG *out_count, LPMAPINAMEID **out_names)
{
    struct collection all = {
        .names = MSP_ARRAY_INIT(struct found_name), .guid = guid, .flags = flags
    };
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_count);
    MSP_CLEAR(out_names);
    MSP_NEED(tags != NULL && out_count != NULL && out_names != NULL);
    MSP_NEED(propval_is_aligned(*tags, sizeof(ULONG)));
    MSP_NEED(*tags == NULL || ((*tags)->cValues > 0 && (*tags)->cValues <= MAX_NAMES));
    MSP_NEED_FLAGS(flags, MAPI_NO_STRINGS | MAPI_NO_IDS);
    if (*tags != NULL)
        all.guid = NULL; /* the tags alone say which names */

    hr = msp_call_begin(&call, &prop->object);
    if (FAILED(hr))
        return hr;
    hr = names_from_ids(&call, prop->logon, tags, &all, out_count, out_names);
    msp_array_free(&all.names);
    msp_buf_free(&all.text);
    return msp_call_end(&call, hr);
}

/* --- ids of names -------------------------------------------------------------------------------
 */

/* PROP_TAG(PT_UNSPECIFIED, id), or PROP_TAG(PT_ERROR, 0) for a name that is malformed or unknown.
 */
static HRESULT tag_of_name(struct msp_call *call, struct prop_object *prop, const MAPINAMEID *name,
        bool create, ULONG *out_tag)
{
    struct eng *eng = prop->logon->eng;
    struct msp_buf text = MSP_BUF_INIT;
    struct eng_name key = { 0 };
    enum eng_status status;
    uint16_t id = 0;
    HRESULT hr = S_OK;

    *out_tag = PROP_TAG(PT_ERROR, 0);
    if (name == NULL || !propval_is_aligned(name, sizeof(void *)) || name->lpguid == NULL ||
            (name->ulKind != MNID_ID && name->ulKind != MNID_STRING) ||
            (name->ulKind == MNID_STRING &&
                    (name->Kind.lpwstrName == NULL ||
                            !propval_is_aligned(name->Kind.lpwstrName, sizeof(WCHAR)))))
        return S_OK;
    if (IsEqualGUID(name->lpguid, &PS_MAPI)) {
        if (name->ulKind == MNID_ID && name->Kind.lID > 0 && name->Kind.lID < FIRST_NAMED_ID)
            *out_tag = PROP_TAG(PT_UNSPECIFIED, (ULONG)name->Kind.lID);
        return S_OK;
    }
    memcpy(key.guid, name->lpguid, sizeof(key.guid));
    if (name->ulKind == MNID_ID) {
        key.number = (uint32_t)name->Kind.lID;
    } else {
        size_t count = utf16_len(name->Kind.lpwstrName);
        size_t size = utf16_to_utf8(name->Kind.lpwstrName, count, NULL, 0);
        char *room = (char *)msp_buf_extend(&text, size);

        if (room == NULL)
            return msp_from_engine(call, NULL, ENG_NO_MEMORY);
        (void)utf16_to_utf8(name->Kind.lpwstrName, count, room, size);
        key.is_string = true;
        key.text = room;
        key.text_size = size;
    }
    status = eng_name_to_id(eng, &key, create, &id);
    if (status == ENG_OK)
        *out_tag = PROP_TAG(PT_UNSPECIFIED, id);
    else if (status == ENG_FULL)
        hr = msp_fail(call, MAPI_E_TOO_BIG, 0,
                "The store has no identifier left for another named property.");
    else if (status != ENG_NOT_FOUND)
        hr = msp_from_engine(call, eng, status);
    msp_buf_free(&text);
    return hr;
}

static bool add_every_tag(void *context, uint16_t id, const struct eng_name *name)
{
    MSP_UNUSED(name);
    return msp_buf_append_u32(context, PROP_TAG(PT_UNSPECIFIED, id));
}

/* All names that are new, in one transaction: registering many costs one write to the disk. */
static HRESULT create_names(
        struct msp_call *call, struct prop_object *prop, ULONG count, LPMAPINAMEID *names)
{
    struct eng *eng = prop->logon->eng;
    HRESULT hr = S_OK;
    bool any = false;
    ULONG tag;

    for (ULONG i = 0; i < count && SUCCEEDED(hr) && !any; i++) {
        hr = tag_of_name(call, prop, names[i], false, &tag);
        any = SUCCEEDED(hr) && PROP_TYPE(tag) == PT_ERROR;
    }
    if (FAILED(hr) || !any)
        return hr;
    hr = msp_from_engine(call, eng, eng_begin(eng, true));
    if (FAILED(hr))
        return hr;
    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++)
        hr = tag_of_name(call, prop, names[i], true, &tag);
    if (SUCCEEDED(hr))
        return msp_from_engine(call, eng, eng_commit(eng));
    eng_rollback(eng);
    return hr;
}

static HRESULT ids_from_names(struct msp_call *call, struct prop_object *prop, ULONG count,
        LPMAPINAMEID *names, ULONG flags, LPSPropTagArray *out)
{
    struct msp_buf tags = MSP_BUF_INIT;
    HRESULT result = S_OK;
    HRESULT hr = S_OK;
    void *block = NULL;

    if ((flags & MAPI_CREATE) != 0 && prop->logon->can_write)
        hr = create_names(call, prop, count, names);
    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++) {
        ULONG tag;

        hr = tag_of_name(call, prop, names[i], false, &tag);
        if (SUCCEEDED(hr) && PROP_TYPE(tag) == PT_ERROR)
            result = MAPI_W_ERRORS_RETURNED;
        if (SUCCEEDED(hr) && !msp_buf_append_u32(&tags, tag))
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    if (count == 0)
        hr = msp_from_engine(
                call, prop->logon->eng, eng_names(prop->logon->eng, add_every_tag, &tags));
    if (SUCCEEDED(hr) && tags.failed)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (SUCCEEDED(hr))
        hr = mapibuf_new(&prop->logon->alloc, sizeof(SPropTagArray) + tags.size, &block);
    if (SUCCEEDED(hr)) {
        *out = block;
        (*out)->cValues = (ULONG)(tags.size / sizeof(ULONG));
        if (tags.size > 0)
            memcpy((*out)->aulPropTag, tags.data, tags.size);
        hr = result;
    }
    msp_buf_free(&tags);
    return hr;
}

HRESULT prop_GetIDsFromNames(struct prop_object *prop, ULONG count, LPMAPINAMEID *names,
        ULONG flags, LPSPropTagArray *out)
{
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out);
    MSP_NEED(out != NULL && count <= MAX_NAMES);
    MSP_NEED_FLAGS(flags, MAPI_CREATE);
    MSP_NEED(propval_is_aligned(names, sizeof(void *)));
    MSP_NEED(names != NULL || (count == 0 && (flags & MAPI_CREATE) == 0));

    hr = msp_call_begin(&call, &prop->object);
    if (FAILED(hr))
        return hr;
    hr = ids_from_names(&call, prop, count, names, flags, out);
    return msp_call_end(&call, hr);
}
