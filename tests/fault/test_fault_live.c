/* SPDX-License-Identifier: MIT */
/*
 * test_fault_live.c - the delivery of notifications, and Advise, while every single allocation
 * fails once: events of objects are told later, once and in order; rows are told, or TABLE_CHANGED
 * is.
 *
 * White box: tables and sinks on a store in memory, below a root object of this file in place of a
 * logon. It is halted: no thread looks after it, so what was not told is told at the next change.
 */
#include "com/logon.h"
#include "com/table.h"
#include "com/table_model.h"
#include "util/alloc.h"
#include "util/bytes.h"

enum { MAILS = 40, TABLES = 3, COLUMNS = 3 };

static const struct msp_iface root_ifaces[] = {
    { &IID_IUnknown, offsetof(struct logon, IMSLogon_iface) },
    { NULL, 0 },
};

static struct logon *root_from(struct msp_object *object)
{
    return CONTAINING_RECORD(object, struct logon, object);
}

static void root_dispose(struct msp_object *object)
{
    notify_close(&root_from(object)->notify);
}

static void root_finalize(struct msp_object *object)
{
    notify_done(&root_from(object)->notify);
    msp_cond_done(&root_from(object)->quiet);
}

static const struct msp_class root_class = {
    .name = "root",
    .size = sizeof(struct logon),
    .object_offset = offsetof(struct logon, object),
    .ifaces = root_ifaces,
    .owns_children = true,
    .dispose = root_dispose,
    .finalize = root_finalize,
};

struct world {
    struct logon *logon;
    struct msp_domain *domain;
    struct eng *eng;
    uint64_t folder;
    uint64_t ids[MAILS + 1]; /* the last one comes and goes */
    struct model models[TABLES];
    struct host_sink sink;
    ULONG_PTR connection;
    size_t told;    /* of objects */
    size_t changes; /* that there were */
    unsigned step;
};

/* --- changes, without the delivery that follows them ---------------------------------------------
 */

/* Within the lock. */
static void put_mail(struct world *world, uint64_t *id, uint32_t number)
{
    struct eng_msg msg = { .folder = world->folder, .flags = number % 2 };
    struct msp_buf packed = MSP_BUF_INIT;
    struct bag bag = { 0 };
    bool is_new = *id == 0;
    char subject[16];
    char sender[2] = { (char)('a' + number % 3), 0 };

    if (is_new)
        assert_int_equal(eng_id_new(world->eng, id), ENG_OK);
    snprintf(subject, sizeof(subject), "m%03u", (unsigned)(number * 7 % 100));
    msg.id = *id;
    msg.delivered = number * 131 % 50;
    msg.subject = (struct eng_text){ subject, strlen(subject) };
    msg.sender = (struct eng_text){ sender, 1 };
    assert_true(bag_set(&bag, PR_SUBJECT_W, 0, subject, strlen(subject)));
    assert_true(bag_set(&bag, PR_SENDER_NAME_W, 0, sender, 1));
    assert_true(bag_pack(&bag, &packed));
    assert_int_equal(eng_msg_put(world->eng, &msg, is_new ? ENG_PUT_NEW : ENG_PUT_FORCE,
                             packed.data, packed.size, &msg.change),
            ENG_OK);
    bag_done(&bag);
    msp_buf_free(&packed);
}

/* One change in the lock, which is then left with the nth allocation failing (0: none); true: it
 * has failed. */
static bool change(struct world *world, unsigned nth)
{
    uint32_t number = world->step++;
    uint64_t *last = &world->ids[MAILS];
    const uint64_t *some = &world->ids[number % MAILS];
    uint32_t flags = 0;

    msp_domain_lock(world->domain);
    switch (number % 4) {
    case 0:
        put_mail(world, last, number);
        break;
    case 1:
        put_mail(world, &world->ids[number % MAILS], number * 3 + 1);
        break;
    case 2:
        assert_int_equal(eng_msg_set_flags(world->eng, *some, 0, 0, &flags), ENG_OK);
        assert_int_equal(eng_msg_set_flags(world->eng, *some, 1, ~flags, NULL), ENG_OK);
        break;
    default:
        assert_int_equal(eng_msg_delete(world->eng, *last), ENG_OK);
        *last = 0;
        break;
    }
    world->changes++;
    if (nth > 0)
        msp_alloc_fail_at(nth);
    msp_domain_unlock(world->domain);
    return nth > 0 && msp_alloc_fail_disarm();
}

/* Looks again: what was not told for want of memory is told now. */
static void look_again(struct world *world)
{
    msp_domain_lock(world->domain);
    notify_poke(&world->logon->notify);
    msp_domain_unlock(world->domain);
}

/* --- sinks and tables ----------------------------------------------------------------------------
 */

static ULONG count_objects(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    struct world *world = context;

    (void)sink;
    world->told += event->info.obj.ulObjType == MAPI_MESSAGE;
    return 0;
}

static IMAPITable *open_table(struct world *world)
{
    SizedSPropTagArray(
            COLUMNS, tags) = { COLUMNS, { PR_INSTANCE_KEY, PR_SUBJECT_W, PR_MESSAGE_FLAGS } };
    struct table_source *source = NULL;
    LPMAPITABLE table = NULL;
    struct msp_call call;
    HRESULT hr;

    assert_ok(msp_call_begin(&call, &world->logon->object));
    hr = source_contents_new(&call, world->logon, world->folder, false, &source);
    if (SUCCEEDED(hr))
        hr = table_new(&call, world->logon, &world->logon->object, source, MAPI_UNICODE, &table);
    assert_ok(msp_call_end(&call, hr));
    assert_ok(table->lpVtbl->SetColumns(table, (LPSPropTagArray)(void *)&tags, 0));
    return table;
}

static void arrange(IMAPITable *table, int which)
{
    static const struct sort_order by_subject = { 1, 0, 0,
        { { PR_SUBJECT_W, TABLE_SORT_DESCEND } } };
    static const struct sort_order by_sender = { 2, 1, 1,
        { { PR_SENDER_NAME_W, TABLE_SORT_ASCEND }, { PR_SUBJECT_W, TABLE_SORT_ASCEND } } };
    SPropValue value = text_value(PR_SUBJECT_W, u"m03");
    SRestriction restriction = compare_with(RELOP_GE, &value);

    if (which == 1) {
        sort(table, &by_subject);
        assert_ok(table->lpVtbl->Restrict(table, &restriction, 0));
    } else if (which == 2) {
        sort(table, &by_sender);
    }
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct eng_open_params params = { .path = ":memory:", .create = true };
    const struct host_mem_trio *trio = host_mem_trio(0);

    assert_int_equal(eng_open(&params, &world->eng, NULL), ENG_OK);
    world->domain = msp_domain_new();
    world->logon = msp_object_alloc(&root_class);
    assert_non_null(world->domain);
    assert_non_null(world->logon);
    notify_init(&world->logon->notify, world->logon);
    msp_cond_init(&world->logon->quiet);
    world->logon->eng = world->eng;
    msp_list_init(&world->logon->idle.newest);
    world->logon->alloc.allocate = trio->allocate;
    world->logon->alloc.allocate_more = trio->more;
    world->logon->alloc.free = trio->release;
    eng_on_events(world->eng, notify_events, &world->logon->notify);
    atomic_store(&world->domain->halted, true);
    msp_object_start(&world->logon->object, world->domain, NULL);
    msp_domain_lock(world->domain);
    assert_int_equal(eng_folder_create(world->eng, ENG_ROOT_FOLDER, ENG_FOLDER_GENERIC, "f", 1,
                             NULL, 0, &world->folder),
            ENG_OK);
    for (uint32_t i = 0; i < MAILS; i++)
        put_mail(world, &world->ids[i], i);
    msp_domain_unlock(world->domain);
    for (int i = 0; i < TABLES; i++) {
        IMAPITable *table = open_table(world);

        arrange(table, i);
        model_begin(&world->models[i], table, COLUMNS);
    }
    host_sink_init(&world->sink);
    world->sink.on_event = count_objects;
    world->sink.context = world;
    assert_ok(notify_Advise(world->logon, &world->logon->object, 0, NULL,
            fnevObjectCreated | fnevObjectModified | fnevObjectDeleted,
            &world->sink.IMAPIAdviseSink_iface, &world->connection));
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;

    for (int i = 0; i < TABLES; i++) {
        model_end(&world->models[i]);
        release_last(world->models[i].table);
    }
    assert_int_equal(msp_object_release(&world->logon->object), 0);
    assert_int_equal(world->sink.refs, 1);
    host_sink_done(&world->sink);
    msp_domain_release(world->domain);
    eng_close(world->eng);
    assert_int_equal(msp_object_count(), 0);
    free(world);
    return 0;
}

/* --- the walk ------------------------------------------------------------------------------------
 */

/* Commit first, then tell: a change without memory to tell of it is told when there is some. */
static void delivery__nth_allocation_fails__told_later_or_as_changed(void **state)
{
    struct world *world = *state;
    unsigned failed = 0;
    unsigned in_a_row = 0; /* changes that needed fewer allocations than that */

    for (unsigned nth = 1; in_a_row < 8; nth++) {
        in_a_row++;
        for (int kind = 0; kind < 4; kind++) {
            if (change(world, nth)) {
                failed++;
                in_a_row = 0;
            }
            look_again(world);
            assert_int_equal(world->told, world->changes);
            for (int i = 0; i < TABLES; i++)
                model_check(&world->models[i]);
        }
    }
    assert_true(failed > 100);
    assert_true(change(world, 0) == false);
    assert_int_equal(world->told, world->changes);
}

/* Advise, under the same: no memory, no registration, no reference; else all of it. */
static void advise__nth_allocation_fails__all_or_nothing(void **state)
{
    struct world *world = *state;
    bool failed = true;

    for (unsigned nth = 1; failed; nth++) {
        IMAPITable *table = open_table(world);
        struct host_sink sink;
        ULONG_PTR connection = POISON_CONN;
        HRESULT hr;

        arrange(table, (int)(nth % TABLES));
        host_sink_init(&sink);
        msp_alloc_fail_at(nth);
        hr = table->lpVtbl->Advise(
                table, fnevTableModified, &sink.IMAPIAdviseSink_iface, &connection);
        failed = msp_alloc_fail_disarm();
        if (FAILED(hr)) {
            assert_hr(hr, MAPI_E_NOT_ENOUGH_MEMORY);
            assert_int_equal(connection, 0);
            assert_int_equal(sink.refs, 1);
        } else {
            assert_int_equal(sink.refs, 2);
            (void)change(world, 0);
        }
        release_last(table);
        assert_int_equal(sink.refs, 1);
        host_sink_done(&sink);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(delivery__nth_allocation_fails__told_later_or_as_changed),
        TEST(advise__nth_allocation_fails__all_or_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
