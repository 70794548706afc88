/* SPDX-License-Identifier: MIT */
/*
 * view_sort.c - sorting by keys that are bytes.
 *
 * Eight bytes of the keys at a time, as numbers beside the rows: many rows by radix, fewer by
 * merging, both stable, so that rows with equal keys stay in default order. Rows that are equal so
 * far are sorted by their next eight bytes, until they differ or their keys end. No part of a key
 * is the beginning of another one, so keys that are equal up to where one of them ends are equal.
 *
 * Owns:  room for entries, for the time of one call.
 * Locks: everything runs under the domain lock.
 */
#include "com/view.h"

#include <string.h>

#include "util/alloc.h"
#include "util/bytes.h"

enum {
    CHECK_EVERY = 1 << 16, /* entries moved between two looks at the domain */
    RADIX_MIN = 768,       /* entries; fewer are merged */
    INSERTION = 12,        /* entries that are sorted by insertion, before runs are merged */
    STEP = 8,              /* bytes of keys that are looked at together */
    DIGITS = 256
};

void view_keys_free(struct view_keys *keys)
{
    msp_buf_free(&keys->bytes);
    msp_free(keys->offsets);
    keys->offsets = NULL;
    keys->count = 0;
}

/* Bytes that all keys begin with. */
static size_t common_size(const struct view_keys *keys)
{
    size_t common = keys->count > 0 ? keys->offsets[1] : 0;

    for (size_t i = 1; i < keys->count && common > 0; i++) {
        const uint8_t *key = keys->bytes.data + keys->offsets[i];
        size_t most = msp_min(common, keys->offsets[i + 1] - keys->offsets[i]);

        for (common = 0; common < most && key[common] == keys->bytes.data[common]; common++)
            continue;
    }
    return common;
}

struct view_entry *view_entries_new(struct view_keys *keys)
{
    struct view_entry *entries = msp_alloc_array(keys->count, sizeof(*entries));

    keys->common = common_size(keys);
    for (size_t i = 0; i < keys->count && entries != NULL; i++) {
        uint8_t prefix[sizeof(uint64_t)] = { 0 };
        size_t begin = keys->offsets[i] + keys->common;

        memcpy(prefix, keys->bytes.data + begin,
                msp_min(keys->offsets[i + 1] - begin, sizeof(prefix)));
        entries[i].prefix = get_u64be(prefix);
        entries[i].index = (uint32_t)i;
    }
    return entries;
}

/* --- one range by its prefixes ---------------------------------------------------------------- */

struct sorter {
    struct msp_call *call;
    const struct view_keys *keys; /* NULL: the prefixes are all there is */
    struct view_entry *entries;
    struct view_entry *room; /* as many */
    uint32_t *shared;        /* see view_sort_entries(); NULL: nobody asks */
    struct msp_array todo;   /* struct range */
    size_t since_check;
};

/* Entries whose keys are equal in their first `seen` bytes. */
struct range {
    size_t begin;
    size_t end;
    size_t seen;
};

static bool is_stopped(struct sorter *sorter, size_t moved)
{
    sorter->since_check += moved;
    if (sorter->since_check < CHECK_EVERY)
        return false;
    sorter->since_check = 0;
    return msp_call_is_stopped(sorter->call);
}

static void sort_by_insertion(struct view_entry *entries, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct view_entry entry = entries[i];
        size_t at = i;

        for (; at > 0 && entries[at - 1].prefix > entry.prefix; at--)
            entries[at] = entries[at - 1];
        entries[at] = entry;
    }
}

static void merge(const struct view_entry *left, size_t left_count, const struct view_entry *right,
        size_t right_count, struct view_entry *out)
{
    while (left_count > 0 && right_count > 0) {
        if (left->prefix > right->prefix) {
            *out++ = *right++;
            right_count--;
        } else {
            *out++ = *left++;
            left_count--;
        }
    }
    memcpy(out, left, left_count * sizeof(*left));
    memcpy(out + left_count, right, right_count * sizeof(*right));
}

static void sort_by_merging(struct view_entry *entries, size_t count, struct view_entry *room)
{
    struct view_entry *from = entries;
    struct view_entry *to = room;

    for (size_t begin = 0; begin < count; begin += INSERTION)
        sort_by_insertion(entries + begin, msp_min((size_t)INSERTION, count - begin));
    for (size_t width = INSERTION; width < count; width *= 2) {
        struct view_entry *next = from;

        for (size_t begin = 0; begin < count; begin += 2 * width) {
            size_t left = msp_min(width, count - begin);
            size_t right = msp_min(width, count - begin - left);

            merge(from + begin, left, from + begin + left, right, to + begin);
        }
        from = to;
        to = next;
    }
    if (from != entries)
        memcpy(entries, from, count * sizeof(*entries));
}

/* One pass by one byte of the prefix. */
static void distribute(const struct view_entry *from, size_t count, unsigned shift,
        const uint32_t counts[DIGITS], struct view_entry *to)
{
    size_t starts[DIGITS];
    size_t start = 0;

    for (size_t i = 0; i < DIGITS; i++) {
        starts[i] = start;
        start += counts[i];
    }
    for (size_t i = 0; i < count; i++)
        to[starts[from[i].prefix >> shift & 0xFF]++] = from[i];
}

/* False: stopped. */
static bool sort_by_radix(struct sorter *sorter, struct view_entry *entries, size_t count)
{
    uint32_t counts[STEP][DIGITS] = { { 0 } };
    struct view_entry *from = entries;
    struct view_entry *to = sorter->room;

    for (size_t i = 0; i < count; i++) {
        for (unsigned byte = 0; byte < STEP; byte++)
            counts[byte][entries[i].prefix >> (8 * byte) & 0xFF]++;
    }
    for (unsigned byte = 0; byte < STEP; byte++) {
        struct view_entry *next = from;

        if (counts[byte][from[0].prefix >> (8 * byte) & 0xFF] == count)
            continue; /* all alike */
        if (is_stopped(sorter, count))
            return false;
        distribute(from, count, 8 * byte, counts[byte], to);
        from = to;
        to = next;
    }
    if (from != entries)
        memcpy(entries, from, count * sizeof(*entries));
    return true;
}

static bool sort_range(struct sorter *sorter, const struct range *range)
{
    struct view_entry *entries = sorter->entries + range->begin;
    size_t count = range->end - range->begin;

    if (count >= RADIX_MIN)
        return sort_by_radix(sorter, entries, count);
    if (count <= INSERTION)
        sort_by_insertion(entries, count);
    else
        sort_by_merging(entries, count, sorter->room);
    return !is_stopped(sorter, count);
}

/* --- what is equal so far --------------------------------------------------------------------- */

static uint64_t prefix_at(const struct view_keys *keys, uint32_t index, size_t seen)
{
    size_t begin = keys->offsets[index] + seen;
    size_t size = keys->offsets[index + 1] - begin;
    uint8_t prefix[STEP] = { 0 };

    if (size >= STEP)
        return get_u64be(keys->bytes.data + begin);
    memcpy(prefix, keys->bytes.data + begin, size);
    return get_u64be(prefix);
}

/* Entries with one prefix: to be sorted by what comes behind it, if there is anything. */
static bool put_ties(struct sorter *sorter, size_t begin, size_t end, size_t seen)
{
    struct range range = { begin, end, seen };
    uint32_t first = sorter->entries[begin].index;

    if (sorter->keys->offsets[first + 1] - sorter->keys->offsets[first] <= seen) {
        for (size_t i = begin + 1; i < end && sorter->shared != NULL; i++)
            sorter->shared[i] = UINT32_MAX;
        return true; /* equal keys */
    }
    for (size_t i = begin; i < end; i++)
        sorter->entries[i].prefix = prefix_at(sorter->keys, sorter->entries[i].index, seen);
    return msp_array_push(&sorter->todo, &range) != NULL;
}

/* Bytes that two different prefixes begin with. */
static uint32_t common_bytes(uint64_t a, uint64_t b)
{
    uint32_t count = 0;

    while (((a ^ b) >> (8 * (STEP - 1 - count)) & 0xFF) == 0)
        count++;
    return count;
}

static bool find_ties(struct sorter *sorter, const struct range *range)
{
    const struct view_entry *entries = sorter->entries;
    uint64_t last = 0;

    for (size_t begin = range->begin; begin < range->end;) {
        uint64_t prefix = entries[begin].prefix;
        size_t end = begin + 1;

        while (end < range->end && entries[end].prefix == prefix)
            end++;
        if (begin > range->begin && sorter->shared != NULL)
            sorter->shared[begin] = (uint32_t)range->seen + common_bytes(last, prefix);
        if (end - begin > 1 && !put_ties(sorter, begin, end, range->seen + STEP))
            return false;
        begin = end;
        last = prefix;
    }
    return true;
}

static HRESULT sort_all(struct sorter *sorter)
{
    while (sorter->todo.count > 0) {
        struct range range = *MSP_ARRAY_AT(struct range, &sorter->todo, sorter->todo.count - 1);

        msp_array_truncate(&sorter->todo, sorter->todo.count - 1);
        if (!sort_range(sorter, &range))
            return MAPI_E_INVALID_OBJECT;
        if (sorter->keys != NULL && !find_ties(sorter, &range))
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    return S_OK;
}

static HRESULT sort(struct msp_call *call, const struct view_keys *keys, struct view_entry *entries,
        size_t count, uint32_t *shared)
{
    struct sorter sorter = { .call = call, .keys = keys, .entries = entries, .shared = shared };
    struct range all = { 0, count, keys != NULL ? keys->common : 0 };
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    if (count < 2)
        return S_OK;
    msp_array_init(&sorter.todo, sizeof(struct range));
    sorter.room = msp_alloc_array(count, sizeof(*sorter.room));
    if (sorter.room != NULL && msp_array_push(&sorter.todo, &all) != NULL)
        hr = sort_all(&sorter);
    msp_free(sorter.room);
    msp_array_free(&sorter.todo);
    return hr;
}

HRESULT view_sort_entries(struct msp_call *call, const struct view_keys *keys,
        struct view_entry *entries, uint32_t *shared)
{
    return sort(call, keys, entries, keys->count, shared);
}

HRESULT view_sort_numbers(struct msp_call *call, struct view_entry *entries, size_t count)
{
    return sort(call, NULL, entries, count, NULL);
}
