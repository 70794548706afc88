/* SPDX-License-Identifier: MIT */
/*
 * test_object.c - references, the tree of a domain, put-off work, dead shells; with a class made
 * for the purpose.
 */
#include "support/support.h"

#include "com/call.h"
#include "com/object.h"
#include "platform/thread.h"
#include "util/alloc.h"

struct thing {
    IUnknown IUnknown_iface;
    struct msp_object object;
    unsigned *disposed;
    unsigned *finalized;
    bool *lock_was_held; /* in dispose */
};

static void thing_dispose(struct msp_object *object)
{
    struct thing *thing = CONTAINING_RECORD(object, struct thing, object);

    if (thing->disposed != NULL)
        ++*thing->disposed;
    if (thing->lock_was_held != NULL)
        *thing->lock_was_held = msp_mutex_is_held(&object->domain->lock);
}

static void thing_finalize(struct msp_object *object)
{
    struct thing *thing = CONTAINING_RECORD(object, struct thing, object);

    if (thing->finalized != NULL)
        ++*thing->finalized;
}

static const struct msp_iface thing_ifaces[] = {
    { &IID_IUnknown, offsetof(struct thing, IUnknown_iface) },
    { &IID_IMAPIProp, offsetof(struct thing, IUnknown_iface) },
    { NULL, 0 },
};

static const struct msp_class thing_class = {
    .name = "thing",
    .size = sizeof(struct thing),
    .object_offset = offsetof(struct thing, object),
    .ifaces = thing_ifaces,
    .dispose = thing_dispose,
    .finalize = thing_finalize,
};

static const struct msp_class owner_class = {
    .name = "owner",
    .size = sizeof(struct thing),
    .object_offset = offsetof(struct thing, object),
    .ifaces = thing_ifaces,
    .owns_children = true,
    .dispose = thing_dispose,
    .finalize = thing_finalize,
};

struct world {
    struct msp_domain *domain;
    unsigned objects_before;
    size_t memory_before;
    unsigned disposed;
    unsigned finalized;
};

static int world_setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    world->objects_before = msp_object_count();
    world->memory_before = msp_alloc_count_live();
    world->domain = msp_domain_new();
    assert_non_null(world->domain);
    *state = world;
    return 0;
}

static int world_teardown(void **state)
{
    struct world *world = *state;

    msp_domain_release(world->domain);
    assert_int_equal(msp_object_count(), world->objects_before);
    assert_int_equal(msp_alloc_count_live(), world->memory_before);
    free(world);
    return 0;
}

static struct thing *make(struct world *world, const struct msp_class *class, struct thing *parent)
{
    struct thing *thing = msp_object_alloc(class);

    assert_non_null(thing);
    thing->disposed = &world->disposed;
    thing->finalized = &world->finalized;
    msp_domain_lock(world->domain);
    msp_object_start(&thing->object, world->domain, parent != NULL ? &parent->object : NULL);
    msp_domain_unlock(world->domain);
    return thing;
}

static size_t kill_tree(struct world *world, struct thing *root)
{
    size_t shells;

    msp_domain_lock(world->domain);
    shells = msp_object_kill(&root->object);
    msp_domain_unlock(world->domain);
    return shells;
}

static void release__last_reference__disposes_under_lock_then_frees(void **state)
{
    struct world *world = *state;
    struct thing *thing = make(world, &thing_class, NULL);
    bool held = false;

    thing->lock_was_held = &held;
    assert_int_equal(msp_object_addref(&thing->object), 2);
    assert_int_equal(msp_object_release(&thing->object), 1);
    assert_int_equal(world->disposed, 0);
    assert_int_equal(msp_object_release(&thing->object), 0);

    assert_true(held);
    assert_int_equal(world->disposed, 1);
    assert_int_equal(world->finalized, 1);
}

static void release__child_left__parent_lingers_until_child_goes(void **state)
{
    struct world *world = *state;
    struct thing *parent = make(world, &thing_class, NULL);
    struct thing *child = make(world, &thing_class, parent);

    assert_int_equal(msp_object_release(&parent->object), 0);
    assert_int_equal(world->disposed, 0);
    assert_true(msp_object_is_live(&parent->object));
    assert_int_equal(msp_object_release(&child->object), 0);

    assert_int_equal(world->disposed, 2);
    assert_int_equal(world->finalized, 2);
}

static void release__chain_lingers__goes_with_its_last_leaf(void **state)
{
    struct world *world = *state;
    struct thing *top = make(world, &thing_class, NULL);
    struct thing *middle = make(world, &thing_class, top);
    struct thing *leaf = make(world, &thing_class, middle);

    msp_object_release(&top->object);
    msp_object_release(&middle->object);
    assert_int_equal(world->finalized, 0);
    msp_object_release(&leaf->object);

    assert_int_equal(world->finalized, 3);
}

static void release__sibling_in_the_middle__others_stay_linked(void **state)
{
    struct world *world = *state;
    struct thing *parent = make(world, &owner_class, NULL);
    struct thing *a = make(world, &thing_class, parent);
    struct thing *b = make(world, &thing_class, parent);
    struct thing *c = make(world, &thing_class, parent);

    msp_object_release(&b->object);
    assert_int_equal(world->finalized, 1);
    assert_int_equal(kill_tree(world, parent), 3);

    msp_object_release(&a->object);
    msp_object_release(&c->object);
    msp_object_release(&parent->object);
    assert_int_equal(world->finalized, 4);
}

/* Teardown.StoreClose.8 Teardown.Invalid.2 */
static void release__class_owns_children__children_become_shells(void **state)
{
    struct world *world = *state;
    struct thing *owner = make(world, &owner_class, NULL);
    struct thing *child = make(world, &thing_class, owner);
    struct thing *grandchild = make(world, &thing_class, child);

    assert_int_equal(msp_object_release(&owner->object), 0);

    assert_int_equal(world->disposed, 3);
    assert_int_equal(world->finalized, 1);
    assert_false(msp_object_is_live(&child->object));
    assert_int_equal(msp_object_release(&child->object), 0);
    assert_int_equal(msp_object_release(&grandchild->object), 0);
    assert_int_equal(world->disposed, 3);
    assert_int_equal(world->finalized, 3);
}

static void kill__deep_tree__counts_shells_and_frees_lingering(void **state)
{
    struct world *world = *state;
    struct thing *root = make(world, &owner_class, NULL);
    struct thing *parent = root;
    struct thing *last;

    for (int i = 0; i < 1000; i++) {
        struct thing *child = make(world, &thing_class, parent);

        if (parent != root)
            msp_object_release(&parent->object); /* lingers: it has a child */
        parent = child;
    }
    last = parent;
    assert_int_equal(kill_tree(world, root), 2); /* root and the innermost */

    assert_int_equal(world->disposed, 1001);
    assert_int_equal(world->finalized, 999);
    assert_int_equal(kill_tree(world, root), 0);
    msp_object_release(&last->object);
    msp_object_release(&root->object);
    assert_int_equal(world->finalized, 1001);
}

/* Teardown.Invalid.1 Teardown.Invalid.3 */
static void call_begin__dead_object__invalid_and_only_iunknown(void **state)
{
    struct world *world = *state;
    struct thing *thing = make(world, &thing_class, NULL);
    struct msp_call call;
    void *out = POISON;

    kill_tree(world, thing);

    assert_hr(msp_call_begin(&call, &thing->object), MAPI_E_INVALID_OBJECT);
    assert_hr(msp_object_query(&thing->object, &IID_IMAPIProp, &out), MAPI_E_INVALID_OBJECT);
    assert_null(out);
    assert_ok(msp_object_query(&thing->object, &IID_IUnknown, &out));
    assert_ptr_equal(out, thing);
    assert_int_equal(msp_object_release(&thing->object), 1);
    assert_int_equal(msp_object_release(&thing->object), 0);
}

static void query__unknown_iid__no_interface_and_null(void **state)
{
    struct world *world = *state;
    struct thing *thing = make(world, &thing_class, NULL);
    void *out = POISON;

    assert_hr(msp_object_query(&thing->object, &IID_IMAPITable, &out), E_NOINTERFACE);
    assert_null(out);
    assert_hr(msp_object_query(&thing->object, &IID_IUnknown, NULL), MAPI_E_INVALID_PARAMETER);
    assert_int_equal(msp_object_release(&thing->object), 0);
}

struct put_off {
    struct msp_later later;
    struct msp_domain *domain;
    unsigned *order;
    unsigned ran_at;
    bool lock_free;
};

static void run_put_off(struct msp_later *later)
{
    struct put_off *work = CONTAINING_RECORD(later, struct put_off, later);

    work->ran_at = ++*work->order;
    work->lock_free = !msp_mutex_is_held(&work->domain->lock);
}

static void later__queued_twice__runs_once_in_order_without_lock(void **state)
{
    struct world *world = *state;
    unsigned order = 0;
    struct put_off first = {
        .later = { .run = run_put_off }, .domain = world->domain, .order = &order
    };
    struct put_off second = first;

    msp_domain_lock(world->domain);
    msp_domain_later(world->domain, &first.later);
    msp_domain_later(world->domain, &second.later);
    msp_domain_later(world->domain, &first.later);
    assert_int_equal(order, 0);
    msp_domain_unlock(world->domain);

    assert_int_equal(order, 2);
    assert_int_equal(first.ran_at, 1);
    assert_int_equal(second.ran_at, 2);
    assert_true(first.lock_free && second.lock_free);
}

/* Teardown.Invalid.5 */
static void resume__object_died_meanwhile__invalid_and_memory_stays_until_the_end(void **state)
{
    struct world *world = *state;
    struct thing *thing = make(world, &thing_class, NULL);
    struct msp_call call;

    assert_ok(msp_call_begin(&call, &thing->object));
    msp_call_pause(&call);
    kill_tree(world, thing);
    msp_object_release(&thing->object);
    assert_int_equal(world->finalized, 0);
    assert_hr(msp_call_resume(&call), MAPI_E_INVALID_OBJECT);
    assert_hr(msp_call_end(&call, MAPI_E_INVALID_OBJECT), MAPI_E_INVALID_OBJECT);

    assert_int_equal(world->finalized, 1);
}

static void abandon__half_built__disposed_and_freed(void **state)
{
    struct world *world = *state;
    struct thing *thing = msp_object_alloc(&thing_class);

    assert_non_null(thing);
    thing->disposed = &world->disposed;
    thing->finalized = &world->finalized;
    msp_object_abandon(&thing->object);
    msp_object_abandon(NULL);

    assert_int_equal(world->disposed, 1);
    assert_int_equal(world->finalized, 1);
}

enum { PAIRS = 20000, THREADS = 4 };

static void balanced_pairs(void *context)
{
    struct thing *thing = context;

    for (int i = 0; i < PAIRS; i++) {
        msp_object_addref(&thing->object);
        msp_object_release(&thing->object);
    }
}

/* Memory.COM.2 */
static void addref__balanced_on_many_threads__count_unchanged(void **state)
{
    struct world *world = *state;
    struct thing *thing = make(world, &thing_class, NULL);
    struct msp_thread threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        assert_true(msp_thread_create(&threads[i], balanced_pairs, thing));
    for (int i = 0; i < THREADS; i++)
        msp_thread_join(&threads[i]);

    assert_int_equal(msp_object_addref(&thing->object), 2);
    msp_object_release(&thing->object);
    assert_int_equal(msp_object_release(&thing->object), 0);
}

static void fail__first_detail_wins__and_is_kept_for_its_code_only(void **state)
{
    struct world *world = *state;
    struct thing *thing = make(world, &thing_class, NULL);
    struct msp_call call;

    assert_ok(msp_call_begin(&call, &thing->object));
    assert_hr(msp_fail(&call, MAPI_E_COLLISION, 7, "A folder named '%s' already exists.", "x"),
            MAPI_E_COLLISION);
    assert_hr(msp_fail(&call, MAPI_E_DISK_ERROR, 8, "Later."), MAPI_E_DISK_ERROR);
    assert_string_equal(call.detail, "A folder named 'x' already exists.");
    assert_hr(msp_call_end(&call, MAPI_E_COLLISION), MAPI_E_COLLISION);

    assert_int_equal(msp_object_release(&thing->object), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(release__last_reference__disposes_under_lock_then_frees),
        TEST(release__child_left__parent_lingers_until_child_goes),
        TEST(release__chain_lingers__goes_with_its_last_leaf),
        TEST(release__sibling_in_the_middle__others_stay_linked),
        TEST(release__class_owns_children__children_become_shells),
        TEST(kill__deep_tree__counts_shells_and_frees_lingering),
        TEST(call_begin__dead_object__invalid_and_only_iunknown),
        TEST(query__unknown_iid__no_interface_and_null),
        TEST(later__queued_twice__runs_once_in_order_without_lock),
        TEST(resume__object_died_meanwhile__invalid_and_memory_stays_until_the_end),
        TEST(abandon__half_built__disposed_and_freed),
        TEST(addref__balanced_on_many_threads__count_unchanged),
        TEST(fail__first_detail_wins__and_is_kept_for_its_code_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
