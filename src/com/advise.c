/* SPDX-License-Identifier: MIT */
/*
 * advise.c - registrations of clients' sinks.
 *
 * Owns:  each struct advise and, through it, one reference on its sink.
 * Locks: lists are the domain's; what calls a sink runs without any lock.
 */
#include "com/advise.h"

#include "util/alloc.h"

struct advise *advise_new(LPMAPIADVISESINK sink, ULONG event_mask)
{
    struct advise *advise = msp_calloc(1, sizeof(*advise));

    if (advise == NULL)
        return NULL;
    atomic_init(&advise->refs, 1);
    advise->event_mask = event_mask;
    advise->sink = sink;
    sink->lpVtbl->AddRef(sink);
    return advise;
}

void advise_ref(struct advise *advise)
{
    atomic_fetch_add(&advise->refs, 1);
}

void advise_release(struct advise *advise)
{
    if (advise == NULL || atomic_fetch_sub(&advise->refs, 1) != 1)
        return;
    advise->sink->lpVtbl->Release(advise->sink);
    msp_free(advise);
}

void advise_call(struct advise *advise, NOTIFICATION *notification)
{
    if (!atomic_load(&advise->ended))
        advise->sink->lpVtbl->OnNotify(advise->sink, 1, notification);
}

/* --- lists ------------------------------------------------------------------------------------ */

static struct advise *item_at(const struct advise_list *list, size_t index)
{
    return *MSP_ARRAY_AT(struct advise *, &list->items, index);
}

/* Index of the first one whose number is not below. */
static size_t index_of(const struct advise_list *list, ULONG_PTR connection)
{
    size_t low = 0;
    size_t high = list->items.count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (item_at(list, mid)->connection < connection)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void advise_list_init(struct advise_list *list)
{
    msp_array_init(&list->items, sizeof(struct advise *));
}

bool advise_list_add(struct advise_list *list, struct advise *advise, ULONG_PTR connection)
{
    advise->connection = connection;
    return msp_array_push(&list->items, &advise) != NULL;
}

struct advise *advise_list_take(struct advise_list *list, ULONG_PTR connection)
{
    size_t index = index_of(list, connection);
    struct advise *advise = index < list->items.count ? item_at(list, index) : NULL;

    if (advise == NULL || advise->connection != connection)
        return NULL;
    msp_array_remove(&list->items, index, 1);
    atomic_store(&advise->ended, true);
    return advise;
}

struct advise *advise_list_next(const struct advise_list *list, ULONG_PTR after, ULONG_PTR up_to)
{
    size_t index = index_of(list, after + 1);
    struct advise *advise = index < list->items.count ? item_at(list, index) : NULL;

    return advise != NULL && advise->connection <= up_to ? advise : NULL;
}

void advise_list_end(struct advise_list *list)
{
    for (size_t i = 0; i < list->items.count; i++)
        atomic_store(&item_at(list, i)->ended, true);
}

void advise_list_done(struct advise_list *list)
{
    for (size_t i = 0; i < list->items.count; i++)
        advise_release(item_at(list, i));
    msp_array_free(&list->items);
}
