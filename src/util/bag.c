/* SPDX-License-Identifier: MIT */
/*
 * bag.c - values keyed by a 32-bit tag, packed into one record or open for change.
 */
#include "util/bag.h"

#include <assert.h>
#include <string.h>

#include "util/alloc.h"
#include "util/buf.h"
#include "util/bytes.h"

#define HEAD_SIZE 4
#define FORMAT_NARROW 1
#define FORMAT_WIDE 2
#define MAX_COUNT 0xFFFF

/* What was set or removed since the base was loaded; sorted by identity, one each. */
struct bag_change {
    uint32_t tag;
    uint32_t flags;
    uint8_t *data; /* ours; NULL when removed or empty */
    size_t size;
    bool is_removed;
};

static uint32_t identity_of(uint32_t tag)
{
    return tag >> 16;
}

void bag_large_put(const struct bag_large *large, uint8_t out[16])
{
    put_u64le(out, large->id);
    put_u64le(out + 8, large->size);
}

bool bag_large_get(const struct bag_value *value, struct bag_large *out)
{
    if (!(value->flags & BAG_LARGE) || value->size != 16)
        return false;
    out->id = get_u64le(value->data);
    out->size = get_u64le(value->data + 8);
    return true;
}

/* -- Packed records ---------------------------------------------------------------------------- */

/* Where the parts of a record are. Of an empty record everything is 0. */
struct layout {
    size_t count;
    size_t entry_size; /* of one directory entry */
    const uint8_t *directory;
    const uint8_t *bitmap;
    const uint8_t *values;
    size_t values_size;
};

/* False when the record is too short for what its head announces. */
static bool get_layout(const void *packed, size_t packed_size, struct layout *out)
{
    const uint8_t *bytes = packed;
    size_t fixed;

    memset(out, 0, sizeof(*out));
    if (packed_size == 0)
        return true;
    if (packed_size < HEAD_SIZE || bytes[1] != 0)
        return false;
    if (bytes[0] != FORMAT_NARROW && bytes[0] != FORMAT_WIDE)
        return false;
    out->count = get_u16le(bytes + 2);
    out->entry_size = bytes[0] == FORMAT_NARROW ? 6 : 8;
    fixed = HEAD_SIZE + out->count * out->entry_size + (out->count + 7) / 8;
    if (fixed > packed_size)
        return false;
    out->directory = bytes + HEAD_SIZE;
    out->bitmap = out->directory + out->count * out->entry_size;
    out->values = bytes + fixed;
    out->values_size = packed_size - fixed;
    return true;
}

static uint32_t entry_identity(const struct layout *layout, size_t index)
{
    return get_u16le(layout->directory + index * layout->entry_size);
}

static uint32_t entry_end(const struct layout *layout, size_t index)
{
    const uint8_t *entry = layout->directory + index * layout->entry_size;

    return layout->entry_size == 6 ? get_u16le(entry + 4) : get_u32le(entry + 4);
}

static void get_value(const struct layout *layout, size_t index, struct bag_value *out)
{
    const uint8_t *entry = layout->directory + index * layout->entry_size;
    uint32_t start = index > 0 ? entry_end(layout, index - 1) : 0;

    out->tag = (uint32_t)get_u16le(entry) << 16 | get_u16le(entry + 2);
    out->flags = layout->bitmap[index / 8] >> index % 8 & 1 ? BAG_LARGE : 0;
    out->data = layout->values + start;
    out->size = entry_end(layout, index) - start;
}

/* Index of the first value whose identity is not below the one asked for. */
static size_t lower_bound(const struct layout *layout, uint32_t identity)
{
    size_t low = 0, high = layout->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (entry_identity(layout, middle) < identity)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool packed_check(const void *packed, size_t packed_size)
{
    struct layout layout;
    uint32_t end = 0;

    if (!get_layout(packed, packed_size, &layout))
        return false;
    for (size_t i = 0; i < layout.count; i++) {
        if (i > 0 && entry_identity(&layout, i) <= entry_identity(&layout, i - 1))
            return false;
        if (entry_end(&layout, i) < end)
            return false;
        end = entry_end(&layout, i);
    }
    if (end != layout.values_size)
        return false;
    /* The unused bits of the bitmap are zero: one bag, one record. */
    return layout.count % 8 == 0 || layout.bitmap[layout.count / 8] >> layout.count % 8 == 0;
}

size_t packed_count(const void *packed, size_t packed_size)
{
    struct layout layout;

    return get_layout(packed, packed_size, &layout) ? layout.count : 0;
}

void packed_at(const void *packed, size_t packed_size, size_t index, struct bag_value *out)
{
    struct layout layout;
    bool ok = get_layout(packed, packed_size, &layout);

    assert(ok && index < layout.count);
    (void)ok;
    get_value(&layout, index, out);
}

static bool layout_find(const struct layout *layout, uint32_t tag, struct bag_value *out)
{
    size_t index = lower_bound(layout, identity_of(tag));

    if (index == layout->count || entry_identity(layout, index) != identity_of(tag))
        return false;
    get_value(layout, index, out);
    return true;
}

bool packed_find(const void *packed, size_t packed_size, uint32_t tag, struct bag_value *out)
{
    struct layout layout;

    return get_layout(packed, packed_size, &layout) && layout_find(&layout, tag, out);
}

/* -- Bags -------------------------------------------------------------------------------------- */

void bag_init(struct bag *bag)
{
    memset(bag, 0, sizeof(*bag));
}

void bag_done(struct bag *bag)
{
    for (size_t i = 0; i < bag->change_count; i++)
        msp_free(bag->changes[i].data);
    msp_free(bag->changes);
    msp_free(bag->base);
    bag_init(bag);
}

enum bag_status bag_load(struct bag *bag, const void *packed, size_t packed_size)
{
    uint8_t *base = NULL;

    if (!packed_check(packed, packed_size))
        return BAG_CORRUPT;
    if (packed_size > 0) {
        base = msp_memdup(packed, packed_size);
        if (!base)
            return BAG_NO_MEMORY;
    }
    bag_done(bag);
    bag->base = base;
    bag->base_size = packed_size;
    return BAG_OK;
}

/* Copies one change; false, with nothing owned by *out, when out of memory. */
static bool copy_change(const struct bag_change *from, struct bag_change *out)
{
    *out = *from;
    out->data = NULL;
    if (from->size > 0) {
        out->data = msp_memdup(from->data, from->size);
        if (!out->data)
            return false;
    }
    return true;
}

bool bag_copy(struct bag *bag, const struct bag *from)
{
    struct bag copy = { 0 };

    if (from->base_size > 0) {
        copy.base = msp_memdup(from->base, from->base_size);
        if (!copy.base)
            return false;
        copy.base_size = from->base_size;
    }
    if (from->change_count > 0) {
        copy.changes = msp_alloc_array(from->change_count, sizeof(*copy.changes));
        if (!copy.changes)
            goto failed;
        copy.change_capacity = from->change_count;
        while (copy.change_count < from->change_count) {
            if (!copy_change(&from->changes[copy.change_count], &copy.changes[copy.change_count]))
                goto failed;
            copy.change_count++;
        }
    }
    bag_done(bag);
    *bag = copy;
    return true;

failed:
    bag_done(&copy);
    return false;
}

/* The base was checked when it came in. */
static void base_layout(const struct bag *bag, struct layout *out)
{
    bool ok = get_layout(bag->base, bag->base_size, out);

    assert(ok);
    (void)ok;
}

/* Index of the first change whose identity is not below the one asked for. */
static size_t change_bound(const struct bag *bag, uint32_t identity)
{
    size_t low = 0, high = bag->change_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (identity_of(bag->changes[middle].tag) < identity)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct bag_change *find_change(const struct bag *bag, uint32_t tag)
{
    size_t index = change_bound(bag, identity_of(tag));

    if (index == bag->change_count || identity_of(bag->changes[index].tag) != identity_of(tag))
        return NULL;
    return &bag->changes[index];
}

static void change_value(const struct bag_change *change, struct bag_value *out)
{
    out->tag = change->tag;
    out->flags = change->flags;
    out->data = change->data;
    out->size = change->size;
}

size_t bag_count(const struct bag *bag)
{
    struct layout layout;
    struct bag_value value;
    size_t count;

    base_layout(bag, &layout);
    count = layout.count;
    for (size_t i = 0; i < bag->change_count; i++) {
        bool is_in_base = layout_find(&layout, bag->changes[i].tag, &value);

        if (bag->changes[i].is_removed && is_in_base)
            count--;
        else if (!bag->changes[i].is_removed && !is_in_base)
            count++;
    }
    return count;
}

bool bag_get(const struct bag *bag, uint32_t tag, struct bag_value *out)
{
    const struct bag_change *change = find_change(bag, tag);

    if (!change)
        return packed_find(bag->base, bag->base_size, tag, out);
    if (change->is_removed)
        return false;
    change_value(change, out);
    return true;
}

bool bag_reserve(struct bag *bag, size_t count)
{
    size_t need, capacity;
    struct bag_change *changes;

    if (count <= bag->change_capacity - bag->change_count)
        return true;
    if (!msp_add_ok(bag->change_count, count, &need))
        return false;
    /* Twice the old capacity cannot overflow: each item takes more than two bytes. */
    capacity = msp_max(msp_max(need, bag->change_capacity * 2), 8);
    changes = msp_realloc_array(bag->changes, capacity, sizeof(*changes));
    if (!changes)
        return false;
    bag->changes = changes;
    bag->change_capacity = capacity;
    return true;
}

/* The change of an identity, made as a removal when there is none. NULL: no memory. */
static struct bag_change *need_change(struct bag *bag, uint32_t tag)
{
    size_t index = change_bound(bag, identity_of(tag));
    struct bag_change *change;

    if (index < bag->change_count && identity_of(bag->changes[index].tag) == identity_of(tag))
        return &bag->changes[index];
    if (!bag_reserve(bag, 1))
        return NULL;
    change = &bag->changes[index];
    memmove(change + 1, change, (bag->change_count - index) * sizeof(*change));
    bag->change_count++;
    *change = (struct bag_change){ .tag = tag, .is_removed = true };
    return change;
}

bool bag_set(struct bag *bag, uint32_t tag, uint32_t flags, const void *data, size_t size)
{
    struct bag_change *change;
    uint8_t *copy = NULL;

    /* Copied before anything is freed: data may point into the bag. */
    if (size > 0) {
        copy = msp_memdup(data, size);
        if (!copy)
            return false;
    }
    change = need_change(bag, tag);
    if (!change) {
        msp_free(copy);
        return false;
    }
    msp_free(change->data);
    *change = (struct bag_change){ .tag = tag, .flags = flags, .data = copy, .size = size };
    return true;
}

bool bag_remove(struct bag *bag, uint32_t tag)
{
    struct bag_value value;
    struct bag_change *change;

    if (!bag_get(bag, tag, &value))
        return true;
    change = need_change(bag, tag);
    if (!change)
        return false;
    msp_free(change->data);
    *change = (struct bag_change){ .tag = tag, .is_removed = true };
    return true;
}

bool bag_merge(struct bag *bag, struct bag *delta)
{
    assert(delta->base_size == 0);
    if (!bag_reserve(bag, delta->change_count))
        return false;
    for (size_t i = 0; i < delta->change_count; i++) {
        struct bag_change *from = &delta->changes[i], *change;

        if (from->is_removed)
            continue;
        change = need_change(bag, from->tag);
        msp_free(change->data);
        *change = *from;
        from->data = NULL;
    }
    bag_done(delta);
    return true;
}

bool bag_rename(struct bag *bag, const uint32_t *from, const uint32_t *to, size_t count)
{
    struct bag renamed = { 0 };
    bool ok = true;

    for (size_t i = 0; ok && i < count; i++) {
        struct bag_value value;

        if (!bag_get(bag, from[i], &value))
            continue;
        if (identity_of(to[i]) != 0)
            ok = bag_set(&renamed, identity_of(to[i]) << 16 | (value.tag & 0xFFFF), value.flags,
                    value.data, value.size);
        ok = ok && bag_remove(bag, from[i]);
    }
    ok = ok && bag_merge(bag, &renamed);
    bag_done(&renamed);
    return ok;
}

bool bag_is_changed(const struct bag *bag)
{
    return bag->change_count > 0;
}

bool bag_next(const struct bag *bag, struct bag_iter *iter, struct bag_value *out)
{
    struct layout layout;

    base_layout(bag, &layout);
    for (;;) {
        const struct bag_change *change = NULL;
        uint32_t base_identity = UINT32_MAX; /* above all identities: nothing left */

        if (iter->base_index < layout.count)
            base_identity = entry_identity(&layout, iter->base_index);
        if (iter->change_index < bag->change_count)
            change = &bag->changes[iter->change_index];
        if (!change && base_identity == UINT32_MAX)
            return false;
        if (!change || base_identity < identity_of(change->tag)) {
            get_value(&layout, iter->base_index++, out);
            return true;
        }
        /* A change stands in the place of the base's value. */
        if (base_identity == identity_of(change->tag))
            iter->base_index++;
        iter->change_index++;
        if (!change->is_removed) {
            change_value(change, out);
            return true;
        }
    }
}

/* Number of values and sum of their sizes; false when a record cannot hold them. */
static bool measure(const struct bag *bag, size_t *out_count, size_t *out_size)
{
    struct bag_iter iter = { 0 };
    struct bag_value value;
    size_t count = 0, size = 0;

    while (bag_next(bag, &iter, &value)) {
        if (!msp_add_ok(size, value.size, &size))
            return false;
        count++;
    }
    if (count > MAX_COUNT || size > UINT32_MAX)
        return false;
    *out_count = count;
    *out_size = size;
    return true;
}

bool bag_pack(const struct bag *bag, struct msp_buf *out)
{
    struct bag_iter iter = { 0 };
    struct bag_value value;
    size_t count, values_size, fixed, total;
    size_t entry_size, end = 0;
    uint8_t *record, *entry, *bitmap, *values;

    if (!measure(bag, &count, &values_size))
        return false;
    entry_size = values_size <= UINT16_MAX ? 6 : 8;
    fixed = HEAD_SIZE + count * entry_size + (count + 7) / 8;
    if (!msp_add_ok(fixed, values_size, &total))
        return false;
    record = msp_buf_extend(out, total);
    if (!record)
        return false;
    memset(record, 0, fixed);
    record[0] = entry_size == 6 ? FORMAT_NARROW : FORMAT_WIDE;
    put_u16le(record + 2, (uint16_t)count);
    entry = record + HEAD_SIZE;
    bitmap = entry + count * entry_size;
    values = record + fixed;
    for (size_t i = 0; bag_next(bag, &iter, &value); i++, entry += entry_size) {
        if (value.size > 0)
            memcpy(values + end, value.data, value.size);
        end += value.size;
        put_u16le(entry, (uint16_t)identity_of(value.tag));
        put_u16le(entry + 2, (uint16_t)value.tag);
        if (entry_size == 6)
            put_u16le(entry + 4, (uint16_t)end);
        else
            put_u32le(entry + 4, (uint32_t)end);
        if (value.flags & BAG_LARGE)
            bitmap[i / 8] = (uint8_t)(bitmap[i / 8] | 1u << i % 8);
    }
    return true;
}
