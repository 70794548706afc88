/* SPDX-License-Identifier: MIT */
/*
 * alloc.c - malloc, with a counter in front and a switch that makes it fail.
 */
#include "util/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "platform/atomic.h"
#include "util/bytes.h"

static atomic_size_t live;

#if MSP_FAULTS
static atomic_ulong allocations_left; /* until the one that fails, itself included; 0: not armed */
static atomic_bool has_fired;
#endif

void msp_alloc_fail_at(unsigned long nth)
{
#if MSP_FAULTS
    atomic_store(&allocations_left, 0);
    atomic_store(&has_fired, false);
    atomic_store(&allocations_left, nth);
#else
    MSP_UNUSED(nth);
#endif
}

bool msp_alloc_fail_disarm(void)
{
#if MSP_FAULTS
    atomic_store(&allocations_left, 0);
    return atomic_exchange(&has_fired, false);
#else
    return false;
#endif
}

bool msp_alloc_fail_now(void)
{
#if MSP_FAULTS
    unsigned long left = atomic_load_explicit(&allocations_left, memory_order_relaxed);

    while (left != 0) {
        if (!atomic_compare_exchange_weak(&allocations_left, &left, left - 1))
            continue;
        if (left > 1)
            return false;
        atomic_store(&has_fired, true);
        return true;
    }
#endif
    return false;
}

/* No block can be larger than what a pointer difference can express. */
static bool is_refused(size_t size)
{
    return size > PTRDIFF_MAX || msp_alloc_fail_now();
}

static void *counted(void *block)
{
    if (block)
        atomic_fetch_add_explicit(&live, 1, memory_order_relaxed);
    return block;
}

void *msp_alloc(size_t size)
{
    if (is_refused(size))
        return NULL;
    return counted(malloc(size > 0 ? size : 1));
}

void *msp_alloc_array(size_t count, size_t size)
{
    size_t total;

    return msp_mul_ok(count, size, &total) ? msp_alloc(total) : NULL;
}

void *msp_calloc(size_t count, size_t size)
{
    size_t total;

    if (!msp_mul_ok(count, size, &total) || is_refused(total))
        return NULL;
    return counted(calloc(1, total > 0 ? total : 1));
}

void *msp_realloc(void *block, size_t size)
{
    if (!block)
        return msp_alloc(size);
    if (is_refused(size))
        return NULL;
    return realloc(block, size > 0 ? size : 1);
}

void *msp_realloc_array(void *block, size_t count, size_t size)
{
    size_t total;

    return msp_mul_ok(count, size, &total) ? msp_realloc(block, total) : NULL;
}

void msp_free(void *block)
{
    if (!block)
        return;
    atomic_fetch_sub_explicit(&live, 1, memory_order_relaxed);
    free(block);
}

void *msp_memdup(const void *data, size_t size)
{
    void *copy = msp_alloc(size);

    if (copy && size > 0)
        memcpy(copy, data, size);
    return copy;
}

char *msp_strdup(const char *text)
{
    return msp_strndup(text, strlen(text));
}

char *msp_strndup(const char *text, size_t size)
{
    size_t total;
    char *copy;

    if (!msp_add_ok(size, 1, &total))
        return NULL;
    copy = msp_alloc(total);
    if (!copy)
        return NULL;
    if (size > 0)
        memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

size_t msp_alloc_count_live(void)
{
    return atomic_load(&live);
}
