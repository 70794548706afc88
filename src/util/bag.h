/* SPDX-License-Identifier: MIT */
/*
 * bag.h - values keyed by a 32-bit tag, packed into one record or open for change.
 *
 * The upper 16 bits of a tag are the identity: one bag holds at most one value per identity,
 * whatever the lower 16 bits (the type) say. The bag does not know what types mean; bytes are
 * bytes.
 *
 * A packed record is read in place: sorted directory first, then the values. It comes from a file,
 * so packed_check() must have accepted it before anything else looks at it; afterwards every access
 * is safe.
 *
 *   u8  format      1: 16-bit offsets (the usual case), 2: 32-bit offsets
 *   u8  zero
 *   u16 count
 *   directory       count times { u16 identity, u16 type, u16|u32 end }, sorted by identity
 *   u8  bitmap[]    (count + 7) / 8 bytes; bit i: value i is BAG_LARGE
 *   values
 *
 * `end` counts from the start of the values; a value begins where the one before it ends.
 *
 * Locks: none; the owner serialises.
 */
#ifndef MSP_UTIL_BAG_H
#define MSP_UTIL_BAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct msp_buf;

enum {
    BAG_LARGE = 1 /* the bytes are a struct bag_large; the value itself is stored elsewhere */
};

struct bag_value {
    uint32_t tag;
    uint32_t flags;      /* BAG_LARGE or 0 */
    const uint8_t *data; /* borrowed until the bag changes; any alignment; no NULL if size > 0 */
    size_t size;
};

/* What a BAG_LARGE value's 16 bytes say (little-endian id, then size). */
struct bag_large {
    uint64_t id;
    uint64_t size;
};

enum bag_status {
    BAG_OK,
    BAG_NO_MEMORY,
    BAG_CORRUPT /* not a packed record */
};

void bag_large_put(const struct bag_large *large, uint8_t out[16]);
/* False when the value is not BAG_LARGE or not 16 bytes. */
bool bag_large_get(const struct bag_value *value, struct bag_large *out);

/* True when every offset of the record is well formed. A record of no bytes is a valid empty one.
 */
bool packed_check(const void *packed, size_t packed_size);
size_t packed_count(const void *packed, size_t packed_size);
/* The index-th value in order of identity; index < packed_count(). */
void packed_at(const void *packed, size_t packed_size, size_t index, struct bag_value *out);
/* Finds by identity (tag >> 16); false when absent. */
bool packed_find(const void *packed, size_t packed_size, uint32_t tag, struct bag_value *out);

struct bag_change; /* one changed or removed identity */

/* A packed base that never changes, and a sorted overlay of what was set or removed since. */
struct bag {
    uint8_t *base;
    size_t base_size;
    struct bag_change *changes;
    size_t change_count;
    size_t change_capacity;
};

/* An empty bag; all zeros is the same. */
void bag_init(struct bag *bag);
/* Frees what the bag holds; leaves it empty. */
void bag_done(struct bag *bag);
/* Replaces the content by a copy of a packed record (checked); on failure the bag is unchanged. */
enum bag_status bag_load(struct bag *bag, const void *packed, size_t packed_size);
/* Deep copy of `from`, replacing what was there; false: no memory, `bag` unchanged. */
bool bag_copy(struct bag *bag, const struct bag *from);

size_t bag_count(const struct bag *bag);
/* Finds by identity (tag >> 16). */
bool bag_get(const struct bag *bag, uint32_t tag, struct bag_value *out);
/* Stores a copy of the bytes, replacing any value of the same identity; false: no memory, bag
 * unchanged. `data` may point into the bag itself. */
bool bag_set(struct bag *bag, uint32_t tag, uint32_t flags, const void *data, size_t size);
/* Removes by identity; absent is fine; false: no memory, bag unchanged. */
bool bag_remove(struct bag *bag, uint32_t tag);
/* Room for `count` more changes, so that as many bag_remove() cannot fail. False: no memory. */
bool bag_reserve(struct bag *bag, size_t count);
/* Values get other identities, all at once: that of from[i] becomes that of to[i], and with
 * identity 0 the value goes. `to` names none twice, nor one of a value that keeps its own. False:
 * no memory, and the bag may have lost some. */
bool bag_rename(struct bag *bag, const uint32_t *from, const uint32_t *to, size_t count);
/* Moves all values of `delta` (a bag without a base) into the bag, replacing same identities;
 * `delta` is empty then. False: no memory, both unchanged. */
bool bag_merge(struct bag *bag, struct bag *delta);
/* True when anything was set or removed since bag_load(). */
bool bag_is_changed(const struct bag *bag);

/*
 * Walks all values in order of identity:
 *     struct bag_iter it = { 0 }; while (bag_next(bag, &it, &value)) ...
 */
struct bag_iter {
    size_t base_index;
    size_t change_index;
};

bool bag_next(const struct bag *bag, struct bag_iter *iter, struct bag_value *out);

/*
 * Appends the packed record of all values to `out`. False: no memory, or more than 65,535 values
 * or 4 GiB.
 */
bool bag_pack(const struct bag *bag, struct msp_buf *out);

#endif
