/* SPDX-License-Identifier: MIT */
/*
 * search_look.c - the searches a logon has looked at, and looks at them.
 *
 * Owns:  those searches, until the logon ends.
 * Locks: everything runs under the domain lock.
 */
#include <assert.h>
#include <stdlib.h>

#include "com/logon.h"
#include "com/search.h"
#include "util/alloc.h"

struct search_cache {
    struct msp_array searches; /* struct search * */
};

static struct search **cache_items(const struct search_cache *cache)
{
    return MSP_ARRAY_ITEMS(struct search *, &cache->searches);
}

/* The index of a folder's search; the number of searches when there is none. */
static size_t cache_find(const struct search_cache *cache, uint64_t folder)
{
    size_t i = 0;

    while (i < cache->searches.count && cache_items(cache)[i]->folder != folder)
        i++;
    return i;
}

void search_cache_free(struct search_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < cache->searches.count; i++)
        search_free(cache_items(cache)[i]);
    msp_array_free(&cache->searches);
    msp_free(cache);
}

HRESULT search_cache_reserve(struct logon *logon)
{
    if (logon->searches == NULL) {
        logon->searches = msp_calloc(1, sizeof(*logon->searches));
        if (logon->searches == NULL)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        msp_array_init(&logon->searches->searches, sizeof(struct search *));
    }
    return msp_array_reserve(&logon->searches->searches, 1) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

void search_forget(struct logon *logon, uint64_t folder)
{
    struct search_cache *cache = logon->searches;
    size_t index = cache != NULL ? cache_find(cache, folder) : 0;

    if (cache == NULL || index == cache->searches.count)
        return;
    search_free(cache_items(cache)[index]);
    msp_array_remove(&cache->searches, index, 1);
}

void search_adopt(struct logon *logon, struct search *search)
{
    search_forget(logon, search->folder);
    (void)msp_array_push(&logon->searches->searches, &search);
}

/* --- looking ---------------------------------------------------------------------------------- */

/* In a transaction. */
static HRESULT bring_up(
        struct msp_call *call, struct logon *logon, uint64_t folder, struct search **io)
{
    struct search *search = *io;
    struct eng_search row = { 0, 0 };
    enum eng_status status = eng_search_get(logon->eng, folder, &row, NULL, NULL);

    if (status != ENG_OK && status != ENG_NOT_FOUND)
        return msp_from_engine(call, logon->eng, status);
    if (search == NULL || search->criteria.row.change != row.change)
        return search_start(call, logon, folder, io);
    return search_follow(call, logon, search);
}

HRESULT search_look(
        struct msp_call *call, struct logon *logon, uint64_t folder, struct search **out)
{
    uint64_t stamp = eng_change_stamp(logon->eng);
    struct search *known = NULL;
    struct search *search;
    size_t index;
    HRESULT hr;

    *out = NULL;
    hr = search_cache_reserve(logon);
    if (FAILED(hr))
        return hr;
    index = cache_find(logon->searches, folder);
    if (index < logon->searches->searches.count)
        known = cache_items(logon->searches)[index];
    if (known != NULL && known->stamp == stamp) {
        *out = known;
        return S_OK;
    }
    hr = msp_from_engine(call, logon->eng, eng_begin(logon->eng, false));
    if (FAILED(hr))
        return hr;
    search = known;
    hr = bring_up(call, logon, folder, &search);
    (void)eng_commit(logon->eng); /* nothing was written */
    if (FAILED(hr)) {
        search_forget(logon, folder);
        return hr;
    }
    assert(search != NULL);
    search->stamp = stamp;
    if (search != known)
        search_adopt(logon, search);
    *out = search;
    return S_OK;
}

HRESULT search_has(struct msp_call *call, struct logon *logon, uint64_t folder,
        const struct eng_msg *message, bool *out)
{
    const struct eng_hit wanted = { .id = message->id, .delivered = message->delivered };
    struct search *search;
    HRESULT hr;

    *out = false;
    hr = search_look(call, logon, folder, &search);
    if (SUCCEEDED(hr) && search->hits.count > 0)
        *out = bsearch(&wanted, search->hits.items, search->hits.count, sizeof(wanted),
                       search_compare_hits) != NULL;
    return hr;
}

HRESULT search_ids(struct msp_call *call, struct logon *logon, uint64_t folder, struct msp_buf *out)
{
    struct search *search;
    HRESULT hr = search_look(call, logon, folder, &search);

    for (size_t i = 0; SUCCEEDED(hr) && i < search->hits.count; i++) {
        uint64_t id = MSP_ARRAY_AT(struct eng_hit, &search->hits, i)->id;

        if (!msp_buf_append(out, &id, sizeof(id)))
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    return hr;
}

bool search_is_known(const struct logon *logon, uint64_t folder)
{
    const struct search_cache *cache = logon->searches;

    return cache != NULL && cache_find(cache, folder) < cache->searches.count;
}

HRESULT search_count(
        struct logon *logon, uint64_t folder, uint32_t *out_count, uint32_t *out_unread)
{
    struct msp_call call = { .object = &logon->object, .domain = logon->object.domain };
    const struct eng_hit *hits;
    struct search *search;
    uint32_t unread = 0;
    HRESULT hr;

    hr = search_look(&call, logon, folder, &search);
    if (FAILED(hr))
        return hr;
    hits = MSP_ARRAY_ITEMS(struct eng_hit, &search->hits);
    for (size_t i = 0; i < search->hits.count; i++)
        unread += (hits[i].flags & MSGFLAG_READ) == 0;
    *out_count = (uint32_t)search->hits.count;
    *out_unread = unread;
    return S_OK;
}
