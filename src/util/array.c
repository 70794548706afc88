/* SPDX-License-Identifier: MIT */
/*
 * array.c - an array that grows, of items of one size.
 */
#include "util/array.h"

#include <assert.h>
#include <string.h>

#include "util/alloc.h"
#include "util/bytes.h"

#define SMALLEST_CAP 8

static char *place(const struct msp_array *array, size_t index)
{
    return (char *)array->items + index * array->item_size;
}

void msp_array_init(struct msp_array *array, size_t item_size)
{
    assert(item_size > 0);
    array->items = NULL;
    array->count = 0;
    array->cap = 0;
    array->item_size = item_size;
}

void msp_array_free(struct msp_array *array)
{
    msp_free(array->items);
    array->items = NULL;
    array->count = 0;
    array->cap = 0;
}

void *msp_array_at(const struct msp_array *array, size_t index)
{
    assert(index < array->count);
    return place(array, index);
}

bool msp_array_reserve(struct msp_array *array, size_t extra)
{
    size_t need, cap;
    void *items;

    if (extra <= array->cap - array->count)
        return true;
    if (!msp_add_ok(array->count, extra, &need))
        return false;
    cap = msp_max(need, SMALLEST_CAP);
    if (array->cap <= SIZE_MAX / 2)
        cap = msp_max(cap, array->cap * 2);
    items = msp_realloc_array(array->items, cap, array->item_size);
    if (!items)
        return false;
    array->items = items;
    array->cap = cap;
    return true;
}

void *msp_array_push(struct msp_array *array, const void *item)
{
    return msp_array_insert(array, array->count, item);
}

void *msp_array_insert(struct msp_array *array, size_t index, const void *item)
{
    char *to;

    assert(index <= array->count);
    if (!msp_array_reserve(array, 1))
        return NULL;
    to = place(array, index);
    memmove(to + array->item_size, to, (array->count - index) * array->item_size);
    if (item)
        memcpy(to, item, array->item_size);
    else
        memset(to, 0, array->item_size);
    array->count++;
    return to;
}

void msp_array_remove(struct msp_array *array, size_t index, size_t count)
{
    char *to;

    assert(index <= array->count && count <= array->count - index);
    if (count == 0)
        return;
    to = place(array, index);
    memmove(to, to + count * array->item_size, (array->count - index - count) * array->item_size);
    array->count -= count;
}

void msp_array_truncate(struct msp_array *array, size_t count)
{
    assert(count <= array->count);
    array->count = count;
}

void *msp_array_steal(struct msp_array *array, size_t *out_count)
{
    void *items = array->items;

    if (out_count)
        *out_count = array->count;
    array->items = NULL;
    msp_array_free(array);
    return items;
}
