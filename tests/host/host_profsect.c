/* SPDX-License-Identifier: MIT */
/*
 * host_profsect.c - IProfSect on a section of a profile.
 *
 * Owns:  one reader or writer mark of its section.
 * Locks: the profile's, for every look into the section.
 * Rules (iprofsectimapiprop): changes take effect at once, SaveChanges does nothing; the ids 67F0
 * to 67FF are secure: never listed, returned when asked for by tag.
 */
#include "host_profile.h"

#include <stdlib.h>
#include <string.h>

#include "host_text.h"

struct profsect {
    IProfSect IProfSect_iface;
    _Atomic unsigned long refs;
    struct host_profile *profile;
    struct host_section *section;
    const struct host_mem_trio *trio;
    bool writable;
};

static struct profsect *profsect_from_iface(IProfSect *iface)
{
    return CONTAINING_RECORD(iface, struct profsect, IProfSect_iface);
}

static HRESULT STDMETHODCALLTYPE profsect_QueryInterface(IProfSect *iface, REFIID iid, LPVOID *out)
{
    if (!out)
        return MAPI_E_INVALID_PARAMETER;
    *out = NULL;
    if (!IsEqualGUID(iid, &IID_IUnknown) && !IsEqualGUID(iid, &IID_IMAPIProp) &&
            !IsEqualGUID(iid, &IID_IProfSect))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    iface->lpVtbl->AddRef(iface);
    *out = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE profsect_AddRef(IProfSect *iface)
{
    return (ULONG)++profsect_from_iface(iface)->refs;
}

static ULONG STDMETHODCALLTYPE profsect_Release(IProfSect *iface)
{
    struct profsect *sect = profsect_from_iface(iface);
    unsigned long refs = --sect->refs;

    if (refs > 0)
        return (ULONG)refs;
    host_lock_enter(&sect->profile->lock);
    if (sect->writable)
        sect->section->writers--;
    else
        sect->section->readers--;
    sect->profile->objects--;
    host_lock_leave(&sect->profile->lock);
    free(sect);
    return 0;
}

static HRESULT STDMETHODCALLTYPE profsect_GetLastError(
        IProfSect *iface, HRESULT hr, ULONG flags, LPMAPIERROR *out)
{
    (void)iface;
    (void)hr;
    if (!out)
        return MAPI_E_INVALID_PARAMETER;
    *out = NULL;
    return flags & ~MAPI_UNICODE ? MAPI_E_UNKNOWN_FLAGS : S_OK;
}

static HRESULT STDMETHODCALLTYPE profsect_SaveChanges(IProfSect *iface, ULONG flags)
{
    (void)iface;
    if (flags &
            ~(ULONG)(KEEP_OPEN_READONLY | KEEP_OPEN_READWRITE | FORCE_SAVE | MAPI_DEFERRED_ERRORS))
        return MAPI_E_UNKNOWN_FLAGS;
    return S_OK;
}

static bool is_secure(ULONG tag)
{
    return PROP_ID(tag) >= 0x67F0 && PROP_ID(tag) <= 0x67FF;
}

static bool is_string(ULONG type)
{
    return type == PT_STRING8 || type == PT_UNICODE;
}

/* The value under `tag` in the width that was asked for, linked to `root`. */
static SCODE get_value(
        const struct profsect *sect, void *root, ULONG tag, ULONG flags, SPropValue *out)
{
    const SPropValue *value = host_bag_get(&sect->section->props, tag);
    ULONG want = PROP_TYPE(tag);
    SPropValue turned;
    void *text = NULL;
    SCODE sc;

    if (!value)
        return MAPI_E_NOT_FOUND;
    if (want == PT_UNSPECIFIED)
        want = is_string(PROP_TYPE(value->ulPropTag))
                       ? (flags & MAPI_UNICODE ? PT_UNICODE : PT_STRING8)
                       : PROP_TYPE(value->ulPropTag);
    turned = *value;
    if (want != PROP_TYPE(value->ulPropTag)) {
        if (!is_string(want) || !is_string(PROP_TYPE(value->ulPropTag)))
            return MAPI_E_NOT_FOUND;
        turned.ulPropTag = CHANGE_PROP_TYPE(tag, want);
        if (want == PT_STRING8)
            text = turned.Value.lpszA =
                    host_text_to_utf8((const uint16_t *)value->Value.lpszW, SIZE_MAX);
        else
            text = turned.Value.lpszW = (LPWSTR)host_text_to_utf16(value->Value.lpszA);
        if (!text)
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    sc = host_prop_copy(sect->trio, root, &turned, out);
    free(text);
    return sc;
}

/* Tags of everything that may be listed; the caller frees. */
static ULONG *list_tags(const struct profsect *sect, ULONG *out_count)
{
    const struct host_bag *bag = &sect->section->props;
    ULONG *tags = calloc(bag->count + 1, sizeof(*tags));
    size_t i;

    *out_count = 0;
    for (i = 0; tags && i < bag->count; i++) {
        if (!is_secure(bag->items[i]->ulPropTag))
            tags[(*out_count)++] = bag->items[i]->ulPropTag;
    }
    return tags;
}

static HRESULT get_props(const struct profsect *sect, const ULONG *tags, ULONG count, bool listed,
        ULONG flags, ULONG *out_count, LPSPropValue *out)
{
    LPVOID block = NULL;
    SPropValue *values;
    HRESULT hr = S_OK;
    ULONG i;
    SCODE sc;

    sc = sect->trio->allocate((ULONG)((count + 1) * sizeof(*values)), &block);
    if (sc != S_OK)
        return sc;
    values = block;
    for (i = 0; i < count; i++) {
        ULONG tag = tags[i];

        if (listed && is_string(PROP_TYPE(tag)))
            tag = CHANGE_PROP_TYPE(tag, PT_UNSPECIFIED);
        sc = get_value(sect, block, tag, flags, &values[i]);
        if (sc == MAPI_E_NOT_ENOUGH_MEMORY) {
            sect->trio->release(block);
            return sc;
        }
        if (sc != S_OK) {
            memset(&values[i], 0, sizeof(values[i]));
            values[i].ulPropTag = CHANGE_PROP_TYPE(tag, PT_ERROR);
            values[i].Value.err = sc;
            hr = MAPI_W_ERRORS_RETURNED;
        }
    }
    *out_count = count;
    *out = values;
    return hr;
}

static HRESULT STDMETHODCALLTYPE profsect_GetProps(
        IProfSect *iface, LPSPropTagArray tags, ULONG flags, ULONG *out_count, LPSPropValue *out)
{
    struct profsect *sect = profsect_from_iface(iface);
    ULONG *listed = NULL, count = 0;
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if (!out_count || !out || (tags && tags->cValues == 0))
        return MAPI_E_INVALID_PARAMETER;
    *out_count = 0;
    *out = NULL;
    if (flags & ~MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    host_lock_enter(&sect->profile->lock);
    if (!tags)
        listed = list_tags(sect, &count);
    if (tags || listed)
        hr = get_props(sect, tags ? tags->aulPropTag : listed, tags ? tags->cValues : count, !tags,
                flags, out_count, out);
    host_lock_leave(&sect->profile->lock);
    free(listed);
    return hr;
}

static HRESULT STDMETHODCALLTYPE profsect_GetPropList(
        IProfSect *iface, ULONG flags, LPSPropTagArray *out)
{
    struct profsect *sect = profsect_from_iface(iface);
    ULONG *listed, count = 0;
    LPVOID block = NULL;
    LPSPropTagArray array;
    SCODE sc;

    if (!out)
        return MAPI_E_INVALID_PARAMETER;
    *out = NULL;
    if (flags & ~MAPI_UNICODE)
        return MAPI_E_UNKNOWN_FLAGS;
    host_lock_enter(&sect->profile->lock);
    listed = list_tags(sect, &count);
    host_lock_leave(&sect->profile->lock);
    if (!listed)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    sc = sect->trio->allocate((ULONG)CbNewSPropTagArray(count), &block);
    if (sc == S_OK) {
        array = block;
        array->cValues = count;
        memcpy(array->aulPropTag, listed, count * sizeof(*listed));
        *out = array;
    }
    free(listed);
    return sc;
}

static HRESULT STDMETHODCALLTYPE profsect_OpenProperty(
        IProfSect *iface, ULONG tag, LPCIID iid, ULONG iface_options, ULONG flags, LPUNKNOWN *out)
{
    (void)iface;
    (void)tag;
    (void)iface_options;
    (void)flags;
    if (!out || !iid)
        return MAPI_E_INVALID_PARAMETER;
    *out = NULL;
    return MAPI_E_INTERFACE_NOT_SUPPORTED;
}

/* One problem per value that was not set or deleted; NULL when there is none. */
struct problems {
    LPSPropProblemArray array;
    ULONG room;
};

static HRESULT problems_begin(struct problems *problems, const struct profsect *sect, ULONG count)
{
    LPVOID block = NULL;
    SCODE sc = sect->trio->allocate((ULONG)CbNewSPropProblemArray(count), &block);

    problems->array = block;
    problems->room = count;
    if (sc == S_OK)
        problems->array->cProblem = 0;
    return sc;
}

static void problems_add(struct problems *problems, ULONG index, ULONG tag, SCODE sc)
{
    SPropProblem *problem = &problems->array->aProblem[problems->array->cProblem++];

    problem->ulIndex = index;
    problem->ulPropTag = tag;
    problem->scode = sc;
}

static void problems_end(
        struct problems *problems, const struct profsect *sect, LPSPropProblemArray *out)
{
    if (out && problems->array->cProblem > 0)
        *out = problems->array;
    else
        sect->trio->release(problems->array);
}

static bool is_hosts(ULONG tag)
{
    return PROP_ID(tag) == PROP_ID(PR_RESOURCE_FLAGS) ||
           PROP_ID(tag) == PROP_ID(PR_PROVIDER_DLL_NAME_A);
}

static HRESULT STDMETHODCALLTYPE profsect_SetProps(
        IProfSect *iface, ULONG count, LPSPropValue values, LPSPropProblemArray *out_problems)
{
    struct profsect *sect = profsect_from_iface(iface);
    struct problems problems;
    HRESULT hr;
    ULONG i;

    if (out_problems)
        *out_problems = NULL;
    if (!values || count == 0)
        return MAPI_E_INVALID_PARAMETER;
    for (i = 0; i < count; i++) {
        if (!host_prop_type_known(PROP_TYPE(values[i].ulPropTag)) ||
                PROP_ID(values[i].ulPropTag) == 0)
            return MAPI_E_INVALID_PARAMETER;
    }
    if (!sect->writable)
        return MAPI_E_NO_ACCESS;
    hr = problems_begin(&problems, sect, count);
    if (FAILED(hr))
        return hr;
    host_lock_enter(&sect->profile->lock);
    for (i = 0; i < count && SUCCEEDED(hr); i++) {
        if (is_hosts(values[i].ulPropTag)) {
            snprintf(sect->profile->fault, sizeof(sect->profile->fault),
                    "the provider set property 0x%08lx, which is MAPI's",
                    (unsigned long)values[i].ulPropTag);
            problems_add(&problems, i, values[i].ulPropTag, MAPI_E_COMPUTED);
        } else {
            hr = host_bag_set(&sect->section->props, &values[i]);
        }
    }
    host_lock_leave(&sect->profile->lock);
    problems_end(&problems, sect, SUCCEEDED(hr) ? out_problems : NULL);
    return hr;
}

static HRESULT STDMETHODCALLTYPE profsect_DeleteProps(
        IProfSect *iface, LPSPropTagArray tags, LPSPropProblemArray *out_problems)
{
    struct profsect *sect = profsect_from_iface(iface);
    struct problems problems;
    HRESULT hr;
    ULONG i;

    if (out_problems)
        *out_problems = NULL;
    if (!tags || tags->cValues == 0)
        return MAPI_E_INVALID_PARAMETER;
    if (!sect->writable)
        return MAPI_E_NO_ACCESS;
    hr = problems_begin(&problems, sect, tags->cValues);
    if (FAILED(hr))
        return hr;
    host_lock_enter(&sect->profile->lock);
    for (i = 0; i < tags->cValues; i++) {
        if (is_hosts(tags->aulPropTag[i]))
            problems_add(&problems, i, tags->aulPropTag[i], MAPI_E_COMPUTED);
        else if (!host_bag_remove(&sect->section->props, tags->aulPropTag[i]))
            problems_add(&problems, i, tags->aulPropTag[i], MAPI_E_NOT_FOUND);
    }
    host_lock_leave(&sect->profile->lock);
    problems_end(&problems, sect, out_problems);
    return S_OK;
}

/* Copying into or out of a profile section is not what a store provider needs. */
static HRESULT STDMETHODCALLTYPE profsect_CopyTo(IProfSect *iface, ULONG exclude_iid_count,
        LPCIID exclude_iids, LPSPropTagArray exclude_tags, ULONG_PTR ui, LPMAPIPROGRESS progress,
        LPCIID iid, LPVOID dest, ULONG flags, LPSPropProblemArray *out_problems)
{
    (void)iface;
    (void)exclude_iid_count;
    (void)exclude_iids;
    (void)exclude_tags;
    (void)ui;
    (void)progress;
    (void)iid;
    (void)dest;
    (void)flags;
    if (out_problems)
        *out_problems = NULL;
    return MAPI_E_NO_SUPPORT;
}

static HRESULT STDMETHODCALLTYPE profsect_CopyProps(IProfSect *iface, LPSPropTagArray tags,
        ULONG_PTR ui, LPMAPIPROGRESS progress, LPCIID iid, LPVOID dest, ULONG flags,
        LPSPropProblemArray *out_problems)
{
    (void)iface;
    (void)tags;
    (void)ui;
    (void)progress;
    (void)iid;
    (void)dest;
    (void)flags;
    if (out_problems)
        *out_problems = NULL;
    return MAPI_E_NO_SUPPORT;
}

/* Profile sections have no named properties (iprofsectimapiprop). */
static HRESULT STDMETHODCALLTYPE profsect_GetNamesFromIDs(IProfSect *iface, LPSPropTagArray *tags,
        LPGUID prop_set, ULONG flags, ULONG *out_count, LPMAPINAMEID **out_names)
{
    (void)iface;
    (void)tags;
    (void)prop_set;
    (void)flags;
    if (out_count)
        *out_count = 0;
    if (out_names)
        *out_names = NULL;
    return MAPI_E_NO_SUPPORT;
}

static HRESULT STDMETHODCALLTYPE profsect_GetIDsFromNames(
        IProfSect *iface, ULONG count, LPMAPINAMEID *names, ULONG flags, LPSPropTagArray *out_tags)
{
    (void)iface;
    (void)count;
    (void)names;
    (void)flags;
    if (out_tags)
        *out_tags = NULL;
    return MAPI_E_NO_SUPPORT;
}

static const IProfSectVtbl profsect_vtbl = {
    .QueryInterface = profsect_QueryInterface,
    .AddRef = profsect_AddRef,
    .Release = profsect_Release,
    .GetLastError = profsect_GetLastError,
    .SaveChanges = profsect_SaveChanges,
    .GetProps = profsect_GetProps,
    .GetPropList = profsect_GetPropList,
    .OpenProperty = profsect_OpenProperty,
    .SetProps = profsect_SetProps,
    .DeleteProps = profsect_DeleteProps,
    .CopyTo = profsect_CopyTo,
    .CopyProps = profsect_CopyProps,
    .GetNamesFromIDs = profsect_GetNamesFromIDs,
    .GetIDsFromNames = profsect_GetIDsFromNames,
};

HRESULT host_profile_open(struct host_profile *profile, unsigned arena, const MAPIUID *uid,
        LPCIID iid, ULONG flags, LPPROFSECT *out)
{
    bool writable = (flags & MAPI_MODIFY) != 0;
    struct host_section *section;
    struct profsect *sect;
    HRESULT hr = S_OK;

    *out = NULL;
    if (flags & ~(ULONG)(MAPI_MODIFY | MAPI_DEFERRED_ERRORS))
        return MAPI_E_UNKNOWN_FLAGS;
    if (iid && !IsEqualGUID(iid, &IID_IProfSect) && !IsEqualGUID(iid, &IID_IMAPIProp) &&
            !IsEqualGUID(iid, &IID_IUnknown))
        return MAPI_E_INTERFACE_NOT_SUPPORTED;
    section = host_profile_by_uid(profile, uid);
    if (!section && !writable)
        return MAPI_E_NOT_FOUND;
    if (!section)
        section = host_profile_add(profile, HOST_SECTION_OTHER, "", uid);
    sect = calloc(1, sizeof(*sect));
    if (!section || !sect) {
        free(sect);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    sect->IProfSect_iface.lpVtbl = &profsect_vtbl;
    sect->refs = 1;
    sect->profile = profile;
    sect->section = section;
    sect->trio = host_mem_trio(arena);
    sect->writable = writable;
    host_lock_enter(&profile->lock);
    /* held open for writing, it is shut to everybody else (iprovideradmin-openprofilesection) */
    if (section->writers > 0) {
        hr = MAPI_E_NO_ACCESS;
    } else {
        if (writable)
            section->writers++;
        else
            section->readers++;
        profile->objects++;
    }
    host_lock_leave(&profile->lock);
    if (FAILED(hr)) {
        free(sect);
        return hr;
    }
    *out = &sect->IProfSect_iface;
    return S_OK;
}
