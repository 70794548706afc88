/* SPDX-License-Identifier: MIT */
/*
 * array.h - an array that grows, of items of one size.
 *
 * Items are moved in memory when the array grows, so pointers to them last until the next change.
 */
#ifndef MSP_UTIL_ARRAY_H
#define MSP_UTIL_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/* Read the fields; change them through the functions only. */
struct msp_array {
    void *items; /* count items; NULL while nothing was ever stored */
    size_t count;
    size_t cap;
    size_t item_size; /* bytes; never 0 */
};

#define MSP_ARRAY_INIT(type)                                                                       \
    {                                                                                              \
        NULL, 0, 0, sizeof(type)                                                                   \
    }

/* All items, or one by its index, under their true type. */
#define MSP_ARRAY_ITEMS(type, array) ((type *)(array)->items)
#define MSP_ARRAY_AT(type, array, index) ((type *)msp_array_at((array), (index)))

/* Makes an empty array out of raw memory. Cannot fail. */
void msp_array_init(struct msp_array *array, size_t item_size);

/* Frees the memory and makes the array empty. What the items own is the caller's business. */
void msp_array_free(struct msp_array *array);

/* The item at an index below count (asserted). */
void *msp_array_at(const struct msp_array *array, size_t index);

/* Makes room for so many more items, so that adding them cannot fail. False: out of memory. */
bool msp_array_reserve(struct msp_array *array, size_t extra);

/*
 * Adds one item at the end, or before index (not above count), copied from item or zeroed when
 * item is NULL; item must not lie in the array. Returns where it is; NULL, with the array
 * unchanged, when out of memory.
 */
void *msp_array_push(struct msp_array *array, const void *item);
void *msp_array_insert(struct msp_array *array, size_t index, const void *item);

/* Takes out count items from index on (all of them must exist), keeping the order of the rest. */
void msp_array_remove(struct msp_array *array, size_t index, size_t count);

/* Cuts the array to its first count items; the memory is kept. */
void msp_array_truncate(struct msp_array *array, size_t count);

/*
 * Hands the items over, to be freed with msp_free, and leaves the array empty; NULL when nothing
 * was ever stored.
 */
void *msp_array_steal(struct msp_array *array, size_t *out_count);

#endif
