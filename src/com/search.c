/* SPDX-License-Identifier: MIT */
/*
 * search.c - IMAPIContainer::SetSearchCriteria and GetSearchCriteria.
 *
 * SetSearchCriteria searches before it returns, and announces the end of the search then. What it
 * sets is in the file when it returns; when the search cannot be run, nothing has changed.
 *
 * Owns:  nothing.
 * Locks: the methods take the domain lock; every snake_case function here runs under it.
 */
#include "com/search.h"

#include <string.h>

#include "com/folder_int.h"
#include "mapi/mapibuf.h"
#include "mapi/restrict.h"
#include "mapi/restrict_pack.h"

enum {
    MAX_FOLDERS = 65536, /* in the list of folders to search */
    STATE = SEARCH_RUNNING | SEARCH_RECURSIVE | SEARCH_FOREGROUND,
    SET_FLAGS = STOP_SEARCH | RESTART_SEARCH | RECURSIVE_SEARCH | SHALLOW_SEARCH |
                FOREGROUND_SEARCH | BACKGROUND_SEARCH | NON_CONTENT_INDEXED_SEARCH
};

/* A store that cannot be written does not have STORE_SEARCH_OK. */
static HRESULT check_folder(struct msp_call *call, struct folder *folder)
{
    HRESULT hr;

    if (!folder->prop.logon->can_write)
        return msp_fail(call, MAPI_E_NO_SUPPORT, 0,
                "A store that is open for reading only has no searches.");
    hr = folder_refresh(call, &folder->prop);
    if (SUCCEEDED(hr) && folder->row.type != ENG_FOLDER_SEARCH)
        hr = msp_fail(call, MAPI_E_NO_SUPPORT, 0, "Only a search folder has search criteria.");
    return hr;
}

/* --- SetSearchCriteria ------------------------------------------------------------------------ */

static HRESULT take_restriction(
        struct msp_call *call, const SRestriction *restriction, struct search_criteria *out)
{
    struct restrict_program *program = NULL;
    HRESULT hr;

    hr = restrict_compile(restriction, &program);
    restrict_free(program);
    if (SUCCEEDED(hr))
        hr = restrict_pack(restriction, &out->packed);
    if (hr == MAPI_E_TOO_COMPLEX)
        return msp_fail(call, hr, 0, "This store cannot search for such a restriction.");
    if (hr == MAPI_E_INVALID_PARAMETER)
        return msp_fail(call, hr, 0, "The restriction is not well formed.");
    return hr;
}

static HRESULT take_folder(
        struct msp_call *call, struct logon *logon, const SBinary *bin, struct search_criteria *out)
{
    struct eng_folder row;
    HRESULT hr;

    hr = logon_read_folder(call, logon, bin->cb, bin->lpb, &row);
    if (SUCCEEDED(hr) && !msp_buf_append(&out->scope, &row.id, sizeof(row.id)))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    return hr;
}

static HRESULT take_folders(struct msp_call *call, struct logon *logon, const ENTRYLIST *containers,
        struct search_criteria *out)
{
    HRESULT hr = S_OK;

    if (containers->cValues == 0)
        return msp_fail(call, MAPI_E_INVALID_PARAMETER, 0, "A search needs folders to search in.");
    if (containers->cValues > MAX_FOLDERS)
        return msp_fail(call, MAPI_E_TOO_COMPLEX, 0,
                "A search cannot be told to look in more than %d folders.", MAX_FOLDERS);
    for (ULONG i = 0; i < containers->cValues && SUCCEEDED(hr); i++)
        hr = take_folder(call, logon, &containers->lpbin[i], out);
    return hr;
}

/* What is to be searched from now on: what the call gives, the rest as it was. */
static HRESULT make_criteria(struct msp_call *call, struct logon *logon,
        const SRestriction *restriction, const ENTRYLIST *containers,
        const struct search_criteria *old, struct search_criteria *out)
{
    HRESULT hr = S_OK;

    if (restriction != NULL)
        hr = take_restriction(call, restriction, out);
    else if (!msp_buf_append(&out->packed, old->packed.data, old->packed.size))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (FAILED(hr))
        return hr;
    if (containers != NULL)
        hr = take_folders(call, logon, containers, out);
    else if (!msp_buf_append(&out->scope, old->scope.data, old->scope.size))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    return hr;
}

/* The bits of the state after a call with these flags. New criteria are searched in the listed
 * folders only, unless the call says otherwise. */
static uint32_t make_state(uint32_t old, ULONG flags, bool is_first, bool is_new)
{
    uint32_t state = old & STATE;

    if (is_first || (flags & RESTART_SEARCH) != 0)
        state |= SEARCH_RUNNING;
    if ((flags & STOP_SEARCH) != 0)
        state &= ~(uint32_t)SEARCH_RUNNING;
    if ((flags & SHALLOW_SEARCH) != 0 || is_new)
        state &= ~(uint32_t)SEARCH_RECURSIVE;
    if ((flags & RECURSIVE_SEARCH) != 0)
        state |= SEARCH_RECURSIVE;
    if ((flags & BACKGROUND_SEARCH) != 0)
        state &= ~(uint32_t)SEARCH_FOREGROUND;
    if ((flags & FOREGROUND_SEARCH) != 0)
        state |= SEARCH_FOREGROUND;
    return state;
}

/* In a transaction: writes the criteria, and with `hits` the results that are kept. */
static enum eng_status write_search(struct eng *eng, uint64_t folder,
        const struct search_criteria *criteria, const struct msp_array *hits, bool completed,
        uint64_t *out_change)
{
    enum eng_status status = eng_search_set(eng, folder, criteria->row.state, criteria->packed.data,
            criteria->packed.size, (const uint64_t *)(const void *)criteria->scope.data,
            criteria->scope.size / sizeof(uint64_t), completed, out_change);

    if (status == ENG_OK && hits != NULL)
        status = eng_search_hits_set(eng, folder, hits->items, hits->count);
    return status;
}

static HRESULT keep(struct msp_call *call, struct logon *logon, uint64_t folder,
        const struct search_criteria *criteria, const struct msp_array *hits, bool completed,
        uint64_t *out_change)
{
    enum eng_status status = eng_begin(logon->eng, true);

    if (status != ENG_OK)
        return msp_from_engine(call, logon->eng, status);
    status = write_search(logon->eng, folder, criteria, hits, completed, out_change);
    if (status != ENG_OK) {
        HRESULT hr = msp_from_engine(call, logon->eng, status);

        eng_rollback(logon->eng);
        return hr;
    }
    return msp_from_engine(call, logon->eng, eng_commit(logon->eng));
}

/* Searches, and keeps what was asked for; the results of an earlier stop go. */
static HRESULT start_search(struct msp_call *call, struct logon *logon, uint64_t folder,
        const struct search_criteria *criteria)
{
    static const struct msp_array no_hits = MSP_ARRAY_INIT(struct eng_hit);
    struct search *search = NULL;
    uint64_t change = 0;
    HRESULT hr;

    hr = search_cache_reserve(logon);
    if (SUCCEEDED(hr))
        hr = search_run(call, logon, folder, criteria, &search);
    if (SUCCEEDED(hr))
        hr = keep(call, logon, folder, criteria, &no_hits, true, &change);
    if (FAILED(hr)) {
        search_free(search);
        return hr;
    }
    search->criteria.row.change = change;
    search_adopt(logon, search);
    return S_OK;
}

/* From now on the results are what they are at this moment. */
static HRESULT stop_search(struct msp_call *call, struct logon *logon, uint64_t folder,
        const struct search_criteria *criteria)
{
    struct search *search;
    uint64_t change;
    HRESULT hr;

    hr = search_look(call, logon, folder, &search);
    if (SUCCEEDED(hr))
        hr = keep(call, logon, folder, criteria, &search->hits, false, &change);
    if (SUCCEEDED(hr))
        search_forget(logon, folder);
    return hr;
}

/* The search goes on as it was, or stays stopped. */
static HRESULT note_search(struct msp_call *call, struct logon *logon, uint64_t folder,
        const struct search_criteria *criteria)
{
    struct search *search = NULL;
    uint64_t change;
    HRESULT hr = S_OK;

    if ((criteria->row.state & SEARCH_RUNNING) != 0)
        hr = search_look(call, logon, folder, &search);
    if (SUCCEEDED(hr))
        hr = keep(call, logon, folder, criteria, NULL, false, &change);
    if (SUCCEEDED(hr) && search != NULL)
        search->criteria.row = (struct eng_search){ criteria->row.state, change };
    return hr;
}

static HRESULT change_search(struct msp_call *call, struct logon *logon, uint64_t folder,
        const struct search_criteria *old, const struct search_criteria *now, bool is_new)
{
    uint32_t changed = old->row.state ^ now->row.state;
    bool was_running = (old->row.state & SEARCH_RUNNING) != 0;

    if ((now->row.state & SEARCH_RUNNING) != 0 &&
            (is_new || (changed & (SEARCH_RUNNING | SEARCH_RECURSIVE)) != 0))
        return start_search(call, logon, folder, now);
    if (was_running && (now->row.state & SEARCH_RUNNING) == 0)
        return stop_search(call, logon, folder, now);
    if (is_new || changed != 0)
        return note_search(call, logon, folder, now);
    return S_OK;
}

static HRESULT set_criteria(struct msp_call *call, struct folder *folder,
        const SRestriction *restriction, const ENTRYLIST *containers, ULONG flags)
{
    bool is_new = restriction != NULL || containers != NULL;
    struct logon *logon = folder->prop.logon;
    uint64_t id = folder->row.id;
    struct search_criteria old = { .row = { 0, 0 } };
    struct search_criteria now = { .row = { 0, 0 } };
    bool is_first;
    HRESULT hr;

    hr = check_folder(call, folder);
    if (FAILED(hr))
        return hr;
    hr = search_criteria_load(call, logon, id, &old);
    is_first = hr == MAPI_E_NOT_INITIALIZED;
    if (is_first && (restriction == NULL || containers == NULL))
        return msp_fail(call, hr, 0, "This folder was never told what to search for, and where.");
    if (is_first)
        hr = S_OK;
    if (SUCCEEDED(hr))
        hr = make_criteria(call, logon, restriction, containers, &old, &now);
    if (SUCCEEDED(hr)) {
        now.row.state = make_state(old.row.state, flags, is_first, is_new);
        hr = change_search(call, logon, id, &old, &now, is_new);
    }
    search_criteria_done(&old);
    search_criteria_done(&now);
    return hr;
}

HRESULT STDMETHODCALLTYPE folder_SetSearchCriteria(
        IMAPIFolder *iface, LPSRestriction restriction, LPENTRYLIST containers, ULONG flags)
{
    static const ULONG exclusive[] = { STOP_SEARCH | RESTART_SEARCH,
        RECURSIVE_SEARCH | SHALLOW_SEARCH, FOREGROUND_SEARCH | BACKGROUND_SEARCH };
    struct folder *folder = folder_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_NEED_FLAGS(flags, SET_FLAGS);
    for (size_t i = 0; i < MSP_COUNT_OF(exclusive); i++)
        MSP_NEED((flags & exclusive[i]) != exclusive[i]);
    MSP_NEED(containers == NULL || containers->cValues == 0 || containers->lpbin != NULL);

    hr = msp_call_begin(&call, &folder->prop.object);
    if (FAILED(hr))
        return hr;
    hr = set_criteria(&call, folder, restriction, containers, flags);
    return msp_call_end(&call, hr);
}

/* --- GetSearchCriteria ------------------------------------------------------------------------ */

static HRESULT give_folders(struct logon *logon, const struct msp_buf *scope, LPENTRYLIST *out)
{
    size_t count = scope->size / sizeof(uint64_t);
    size_t head = mapi_arena_round(sizeof(ENTRYLIST));
    size_t array = mapi_arena_round(count * sizeof(SBinary));
    ENTRYLIST *list;
    uint8_t *bytes;
    void *block = NULL;
    HRESULT hr;

    hr = mapibuf_new(&logon->alloc, head + array + count * ENTRYID_SIZE, &block);
    if (FAILED(hr))
        return hr;
    list = block;
    list->cValues = (ULONG)count;
    list->lpbin = (SBinary *)(void *)((uint8_t *)block + head);
    bytes = (uint8_t *)block + head + array;
    for (size_t i = 0; i < count; i++) {
        uint64_t id;

        memcpy(&id, scope->data + i * sizeof(id), sizeof(id));
        logon_entryid(logon, ENTRYID_FOLDER, id, bytes);
        list->lpbin[i].cb = ENTRYID_SIZE;
        list->lpbin[i].lpb = bytes;
        bytes += ENTRYID_SIZE;
    }
    *out = list;
    return S_OK;
}

/* A search has a priority only while it runs. It is never caught in its first run, SEARCH_REBUILD:
 * SetSearchCriteria does that. */
static ULONG give_state(uint32_t state)
{
    if ((state & SEARCH_RUNNING) == 0)
        state &= ~(uint32_t)SEARCH_FOREGROUND;
    return state & STATE;
}

static HRESULT get_criteria(struct msp_call *call, struct folder *folder, ULONG flags,
        LPSRestriction *out_restriction, LPENTRYLIST *out_containers, ULONG *out_state)
{
    struct search_criteria criteria = { .row = { 0, 0 } };
    struct logon *logon = folder->prop.logon;
    SRestriction *restriction = NULL;
    HRESULT hr;

    hr = check_folder(call, folder);
    if (FAILED(hr))
        return hr;
    hr = search_criteria_load(call, logon, folder->row.id, &criteria);
    if (hr == MAPI_E_NOT_INITIALIZED)
        hr = msp_fail(call, hr, 0, "This folder was never told what to search for.");
    if (SUCCEEDED(hr) && out_restriction != NULL) {
        hr = restrict_unpack(&logon->alloc, criteria.packed.data, criteria.packed.size,
                (flags & MAPI_UNICODE) != 0, &restriction);
        if (hr == MAPI_E_CORRUPT_DATA)
            hr = msp_fail(call, hr, 0, "The search of this folder is damaged.");
    }
    if (SUCCEEDED(hr) && out_containers != NULL)
        hr = give_folders(logon, &criteria.scope, out_containers);
    if (FAILED(hr))
        mapibuf_free(&logon->alloc, restriction);
    else if (out_restriction != NULL)
        *out_restriction = restriction;
    if (SUCCEEDED(hr) && out_state != NULL)
        *out_state = give_state(criteria.row.state);
    search_criteria_done(&criteria);
    return hr;
}

HRESULT STDMETHODCALLTYPE folder_GetSearchCriteria(IMAPIFolder *iface, ULONG flags,
        LPSRestriction *out_restriction, LPENTRYLIST *out_containers, ULONG *out_state)
{
    struct folder *folder = folder_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_restriction);
    MSP_CLEAR(out_containers);
    MSP_CLEAR(out_state);
    MSP_NEED_FLAGS(flags, MAPI_UNICODE);

    hr = msp_call_begin(&call, &folder->prop.object);
    if (FAILED(hr))
        return hr;
    hr = get_criteria(&call, folder, flags, out_restriction, out_containers, out_state);
    return msp_call_end(&call, hr);
}
