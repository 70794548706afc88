/* SPDX-License-Identifier: MIT */
/*
 * object.c - references, the tree of a domain, life and death. com/object.h explains the rules.
 *
 * Owns:  every struct msp_object from msp_object_alloc() to the end of msp_domain_unlock().
 * Locks: static functions run under the domain lock unless they say otherwise.
 */
#include "com/object.h"

#include <assert.h>

#include "com/call.h"
#include "platform/library.h"
#include "platform/thread.h"
#include "platform/time.h"
#include "util/alloc.h"

static atomic_uint object_count;
static atomic_uint shell_count;

unsigned msp_object_count(void)
{
    return atomic_load(&object_count);
}

unsigned msp_shell_count(void)
{
    return atomic_load(&shell_count);
}

/* --- domains ---------------------------------------------------------------------------------- */

struct msp_domain *msp_domain_new(void)
{
    struct msp_domain *domain = msp_calloc(1, sizeof(*domain));

    if (domain == NULL)
        return NULL;
    msp_mutex_init(&domain->lock);
    atomic_init(&domain->refs, 1);
    atomic_init(&domain->closing, false);
    atomic_init(&domain->hurrying, false);
    atomic_init(&domain->halted, false);
    domain->later_last = &domain->later_first;
    return domain;
}

void msp_domain_addref(struct msp_domain *domain)
{
    atomic_fetch_add_explicit(&domain->refs, 1, memory_order_relaxed);
}

void msp_domain_release(struct msp_domain *domain)
{
    if (domain == NULL || atomic_fetch_sub(&domain->refs, 1) != 1)
        return;
    assert(domain->later_first == NULL && domain->gone == NULL);
    msp_mutex_done(&domain->lock);
    msp_free(domain);
}

void msp_domain_lock(struct msp_domain *domain)
{
    msp_mutex_lock(&domain->lock);
}

bool msp_domain_lock_until(struct msp_domain *domain, uint64_t give_up)
{
    while (!msp_mutex_try_lock(&domain->lock)) {
        if (msp_time_monotonic_ns() >= give_up)
            return false;
        msp_thread_sleep_ms(1);
    }
    return true;
}

void msp_domain_later(struct msp_domain *domain, struct msp_later *later)
{
    msp_mutex_assert_held(&domain->lock);
    if (atomic_exchange(&later->queued, true))
        return;
    later->next = NULL;
    *domain->later_last = later;
    domain->later_last = &later->next;
}

/* No lock held: nobody but this thread knows the object any more. */
static void object_free(struct msp_object *object)
{
    struct msp_domain *domain = object->domain;

    if (object->class->finalize != NULL)
        object->class->finalize(object);
    msp_last_error_free(object->last_error);
    msp_free((char *)object - object->class->object_offset);
    atomic_fetch_sub(&object_count, 1);
    msp_domain_release(domain);
}

/* Without the lock: gives up the list's references on disposed objects and frees what nobody else
 * has one on. Put-off work calls the host, which may still know an object by its pointer and take a
 * reference: such an object stays, as a shell. */
static void free_gone(struct msp_domain *domain, struct msp_object *gone, bool has_called_out)
{
    struct msp_object *doomed = has_called_out ? NULL : gone;

    if (has_called_out) {
        msp_domain_lock(domain);
        while (gone != NULL) {
            struct msp_object *next = gone->next_sibling;

            if (atomic_fetch_sub(&gone->refs, 1) > 1) {
                gone->next_sibling = NULL;
                gone->is_gone = false;
                atomic_fetch_add(&shell_count, 1);
            } else {
                gone->next_sibling = doomed;
                doomed = gone;
            }
            gone = next;
        }
        msp_mutex_unlock(&domain->lock);
    }
    while (doomed != NULL) {
        struct msp_object *next = doomed->next_sibling;

        object_free(doomed);
        doomed = next;
    }
}

void msp_domain_unlock(struct msp_domain *domain)
{
    struct msp_later *later = domain->later_first;
    struct msp_object *gone = domain->gone;
    bool has_called_out = later != NULL;

    domain->later_first = NULL;
    domain->later_last = &domain->later_first;
    domain->gone = NULL;
    msp_mutex_unlock(&domain->lock);

    while (later != NULL) {
        struct msp_later *next =
                later->next; /* another thread may queue the node again, run() may free it */

        atomic_store(&later->queued, false);
        later->run(later);
        later = next;
    }
    if (gone != NULL)
        free_gone(domain, gone, has_called_out);
}

/* --- birth ------------------------------------------------------------------------------------ */

void *msp_object_alloc(const struct msp_class *class)
{
    char *memory = msp_calloc(1, class->size);
    struct msp_object *object;

    if (memory == NULL)
        return NULL;
    object = (struct msp_object *)(void *)(memory + class->object_offset);
    object->class = class;
    atomic_init(&object->refs, 0);
    atomic_init(&object->state, MSP_NEW);
    atomic_fetch_add(&object_count, 1);
    return memory;
}

void msp_object_abandon(struct msp_object *object)
{
    if (object == NULL)
        return;
    assert(atomic_load(&object->state) == MSP_NEW);
    if (object->class->dispose != NULL)
        object->class->dispose(object);
    object_free(object);
}

void msp_object_start(
        struct msp_object *object, struct msp_domain *domain, struct msp_object *parent)
{
    assert(atomic_load(&object->state) == MSP_NEW);
    assert(parent == NULL || (parent->domain == domain && msp_mutex_is_held(&domain->lock)));
    msp_domain_addref(domain);
    object->domain = domain;
    object->opened = msp_time_now_filetime();
    object->parent = parent;
    if (parent != NULL) {
        object->next_sibling = parent->first_child;
        if (parent->first_child != NULL)
            parent->first_child->prev_sibling = object;
        parent->first_child = object;
    }
    atomic_store(&object->refs, 1);
    atomic_store(&object->state, MSP_LIVE);
}

/* --- death ------------------------------------------------------------------------------------ */

static void unlink_from_parent(struct msp_object *object)
{
    if (object->prev_sibling != NULL)
        object->prev_sibling->next_sibling = object->next_sibling;
    else if (object->parent != NULL)
        object->parent->first_child = object->next_sibling;
    if (object->next_sibling != NULL)
        object->next_sibling->prev_sibling = object->prev_sibling;
    object->parent = NULL;
    object->prev_sibling = NULL;
    object->next_sibling = NULL;
}

/* The list has a reference of its own, so that one that comes and goes meanwhile is not the last.
 */
static void push_gone(struct msp_object *object)
{
    assert(!object->is_gone);
    object->is_gone = true;
    atomic_store(&object->refs, 1);
    object->next_sibling = object->domain->gone;
    object->domain->gone = object;
}

/* A LIVE object without children becomes DEAD; its memory goes when nobody refers to it. True: it
 * is a shell now. */
static bool end_leaf(struct msp_object *object)
{
    struct msp_domain *domain = object->domain;
    unsigned refs = atomic_load(&object->refs);

    assert(object->first_child == NULL);
    if (refs > 0 && domain->on_left_open != NULL)
        domain->on_left_open(domain->on_left_open_context, object, refs);
    atomic_store(&object->state, MSP_DEAD);
    if (object->class->dispose != NULL)
        object->class->dispose(object);
    unlink_from_parent(object);
    if (atomic_load(&object->refs) > 0) {
        atomic_fetch_add(&shell_count, 1);
        return true;
    }
    push_gone(object);
    return false;
}

size_t msp_object_kill(struct msp_object *object)
{
    struct msp_object *node = object;
    size_t shells = 0;

    msp_mutex_assert_held(&object->domain->lock);
    if (atomic_load(&object->state) != MSP_LIVE)
        return 0;
    for (;;) {
        struct msp_object *parent;

        while (node->first_child != NULL)
            node = node->first_child;
        parent = node->parent;
        if (end_leaf(node))
            shells++;
        if (node == object)
            return shells;
        node = parent;
    }
}

/* The last reference is gone: what becomes of the object, and of parents that only lingered for it.
 */
static void end_unreferenced(struct msp_object *object)
{
    if (atomic_load(&object->state) == MSP_DEAD) {
        atomic_fetch_sub(&shell_count, 1);
        push_gone(object);
        return;
    }
    if (object->class->owns_children) {
        msp_object_kill(object);
        return;
    }
    while (object != NULL && object->first_child == NULL && atomic_load(&object->refs) == 0 &&
            !object->class->owns_children) {
        struct msp_object *parent = object->parent;

        end_leaf(object);
        object = parent;
    }
}

/* --- IUnknown --------------------------------------------------------------------------------- */

HRESULT msp_object_query(struct msp_object *object, REFIID iid, void **out)
{
    const struct msp_iface *iface;

    MSP_CLEAR(out);
    MSP_NEED(out != NULL && iid != NULL);

    for (iface = object->class->ifaces; iface->iid != NULL; iface++) {
        if (!IsEqualGUID(iface->iid, iid))
            continue;
        if (iface != object->class->ifaces && !msp_object_is_live(object))
            return MAPI_E_INVALID_OBJECT;
        msp_object_addref(object);
        *out = (char *)object - object->class->object_offset + iface->offset;
        return S_OK;
    }
    return E_NOINTERFACE;
}

ULONG msp_object_addref(struct msp_object *object)
{
    return atomic_fetch_add_explicit(&object->refs, 1, memory_order_relaxed) + 1;
}

ULONG msp_object_release(struct msp_object *object)
{
    struct msp_domain *domain = object->domain;
    unsigned refs = atomic_load(&object->refs);

    while (refs > 1) {
        if (atomic_compare_exchange_weak(&object->refs, &refs, refs - 1))
            return refs - 1;
    }

    if (msp_process_is_dying())
        return 0; /* the lock may be a thread's that is gone; the system takes the memory */
    msp_domain_lock(domain);
    refs = object->is_gone ? 0 : atomic_load(&object->refs);
    while (refs > 0 && !atomic_compare_exchange_weak(&object->refs, &refs, refs - 1))
        ;
    assert(refs > 0); /* one Release too many */
    if (refs == 1)
        end_unreferenced(object);
    msp_domain_unlock(domain);
    return refs > 0 ? refs - 1 : 0;
}

void msp_object_ref_locked(struct msp_object *object)
{
    msp_mutex_assert_held(&object->domain->lock);
    msp_object_addref(object);
}

bool msp_object_is_a(const struct msp_object *object, REFIID iid)
{
    for (const struct msp_iface *iface = object->class->ifaces; iface->iid != NULL; iface++) {
        if (IsEqualGUID(iface->iid, iid))
            return true;
    }
    return false;
}

bool msp_object_is_live(const struct msp_object *object)
{
    return atomic_load(&object->state) == MSP_LIVE;
}
