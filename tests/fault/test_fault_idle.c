/* SPDX-License-Identifier: MIT */
/*
 * test_fault_idle.c - messages that nobody looks at rest in a temporary file while memory, SQLite
 * or the disk fail: what cannot be put away stays in memory, and what cannot be brought back yet is
 * there the next time.
 *
 * The layers are linked in, so that it can be seen which messages are put away.
 */
#include "com/message_impl.h" /* before the support, which has a message_open() of its own */

#include "../unit/linked_fixture.h"

#include "com/logon.h"
#include "dll/inf.h" /* the whole library is linked for it */
#include "fault/fault_sqlite.h"

#define FILLING PROP_TAG(PT_BINARY, 0x6701)

enum { COUNT = 45, BYTES = 30000 };

struct idle_world {
    struct state *state;
    SPropValue *ids[COUNT];
    IMessage *open[COUNT];
};

static void set_filling(IMessage *message, unsigned number)
{
    static BYTE bytes[BYTES];

    memset(bytes, (int)number + 1, sizeof(bytes));
    prop_set_binary(message, FILLING, bytes, sizeof(bytes));
}

static HRESULT read_filling(IMessage *message, SPropValue **out)
{
    SPropTagArray tags = { 1, { FILLING } };
    ULONG count = 0;

    *out = NULL;
    return message->lpVtbl->GetProps(message, &tags, 0, &count, out);
}

static void assert_filling(IMessage *message, unsigned number)
{
    SPropValue *value;

    assert_ok(read_filling(message, &value));
    assert_int_equal(value->Value.bin.cb, BYTES);
    for (unsigned i = 0; i < BYTES; i++)
        assert_int_equal(value->Value.bin.lpb[i], number + 1);
    mapi_free(value);
}

static struct message *inside(IMessage *message)
{
    return CONTAINING_RECORD(message, struct message, IMessage_iface);
}

static size_t count_away(const struct idle_world *world)
{
    size_t count = 0;

    for (unsigned i = 0; i < COUNT; i++)
        count += world->open[i] != NULL && inside(world->open[i])->spilled != 0;
    return count;
}

static size_t count_bytes(const struct idle_world *world)
{
    size_t bytes = 0;

    for (unsigned i = 0; i < COUNT; i++)
        bytes += inside(world->open[i])->prop.bag.base_size;
    return bytes;
}

static HRESULT open_one(struct idle_world *world, unsigned i)
{
    IMsgStore *store = world->state->fx->store;
    LPUNKNOWN object = NULL;
    ULONG type = 0;
    HRESULT hr = store->lpVtbl->OpenEntry(store, world->ids[i]->Value.bin.cb,
            (LPENTRYID)(void *)world->ids[i]->Value.bin.lpb, NULL, MAPI_MODIFY, &type, &object);

    world->open[i] = (IMessage *)(void *)object;
    return hr;
}

static void open_all(struct idle_world *world)
{
    for (unsigned i = 0; i < COUNT; i++)
        assert_ok(open_one(world, i));
}

static void close_all(struct idle_world *world)
{
    for (unsigned i = 0; i < COUNT; i++)
        if (world->open[i] != NULL)
            release_last(world->open[i]);
}

static int world_setup(void **out)
{
    static bool is_installed;
    struct idle_world *world = calloc(1, sizeof(*world));
    struct fixture *fx;

    assert_non_null(world);
    (void)setup((void **)&world->state);
    fx = world->state->fx;
    assert_ok(load(fx));
    assert_ok(configure(fx));
    if (!is_installed)
        assert_true(sqlite_fault_install());
    is_installed = true;
    assert_ok(log_on(fx));
    fixture_open_inbox(fx);
    for (unsigned i = 0; i < COUNT; i++) {
        world->ids[i] = message_make(fx->inbox, "old");
        assert_ok(open_one(world, i));
        set_filling(world->open[i], i);
        assert_ok(world->open[i]->lpVtbl->SaveChanges(world->open[i], 0));
        release_last(world->open[i]);
    }
    *out = world;
    return 0;
}

static int world_teardown(void **out)
{
    struct idle_world *world = *out;
    void *state = world->state;

    close_all(world);
    for (unsigned i = 0; i < COUNT; i++)
        mapi_free(world->ids[i]);
    end(world->state);
    free(world);
    return teardown(&state);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void open__many__memory_is_bounded(void **out)
{
    struct idle_world *world = *out;

    open_all(world);
    assert_in_range(count_bytes(world), 1, 1024 * 1024);
    assert_true(count_away(world) >= COUNT - 1024 * 1024 / BYTES);
    for (unsigned i = 0; i < COUNT; i++)
        assert_filling(world->open[i], i);
    assert_int_equal(count_away(world), 0);
}

static uint64_t last_place(const struct idle_world *world)
{
    uint64_t last = 0;

    for (unsigned i = 0; i < COUNT; i++)
        if (inside(world->open[i])->spilled > last)
            last = inside(world->open[i])->spilled;
    return last;
}

/* Closed or looked at: the file does not grow with every message that was ever open. */
static void open__again_and_again__same_places(void **out)
{
    struct idle_world *world = *out;
    uint64_t last;

    open_all(world);
    last = last_place(world);
    close_all(world);
    open_all(world);
    assert_int_equal(last_place(world), last);
    for (unsigned i = 0; i < COUNT; i++)
        assert_filling(world->open[i], i);
    close_all(world);
    open_all(world);
    assert_int_equal(last_place(world), last);
}

/* Looked at once, it is no longer one of those that have to go. */
static void open__looked_at__stays_in_memory(void **out)
{
    struct idle_world *world = *out;

    assert_ok(open_one(world, 0));
    assert_filling(world->open[0], 0);
    for (unsigned i = 1; i < COUNT; i++)
        assert_ok(open_one(world, i));
    assert_int_equal(inside(world->open[0])->spilled, 0);
    assert_int_not_equal(inside(world->open[1])->spilled, 0);
    assert_int_equal(inside(world->open[COUNT - 1])->spilled, 0);
}

/* Memory.Failure.1 */
static void open__each_call_of_sqlite_fails__stays_in_memory_or_is_refused(void **out)
{
    struct idle_world *world = *out;
    bool reached = true;
    size_t stayed = 0;

    for (unsigned long nth = 1; reached; nth++) {
        unsigned i;

        for (i = 0; i < COUNT - 1; i++)
            assert_ok(open_one(world, i));
        sqlite_fault_arm(nth, false, SQLITE_IOERR);
        if (FAILED(open_one(world, i))) {
            assert_null(world->open[i]);
            assert_true(sqlite_fault.has_failed);
        }
        reached = sqlite_fault_disarm();
        if (world->open[i] == NULL)
            assert_ok(open_one(world, i));
        else if (reached && count_bytes(world) > 1024 * 1024)
            stayed++;
        for (i = 0; i < COUNT; i++)
            assert_filling(world->open[i], i);
        close_all(world);
    }
    assert_true(stayed > 0);
}

/* Memory.Failure.1 Memory.Failure.2 */
static void look__each_call_of_sqlite_fails__there_the_next_time(void **out)
{
    struct idle_world *world = *out;
    unsigned long refused = 0;
    bool reached = true;

    for (unsigned long nth = 1; reached; nth++) {
        SPropValue *value;
        HRESULT hr;

        open_all(world);
        assert_int_not_equal(inside(world->open[0])->spilled, 0);
        sqlite_fault_arm(nth, false, SQLITE_IOERR);
        hr = read_filling(world->open[0], &value);
        reached = sqlite_fault_disarm();
        if (FAILED(hr)) {
            LPMAPIERROR error = NULL;

            assert_true(reached);
            assert_hr(hr, MAPI_E_DISK_ERROR);
            assert_null(value);
            assert_ok(world->open[0]->lpVtbl->GetLastError(world->open[0], hr, 0, &error));
            assert_non_null(error);
            assert_non_null(strstr((const char *)error->lpszError, "temporary file"));
            mapi_free(error);
            refused++;
        }
        mapi_free(value);
        for (unsigned i = 0; i < COUNT; i++)
            assert_filling(world->open[i], i);
        close_all(world);
    }
    assert_true(refused >= 2); /* bind and step */
}

/* Memory.Failure.1 Memory.Failure.2 */
static void open_and_look__each_allocation_fails__there_the_next_time(void **out)
{
    struct idle_world *world = *out;
    unsigned long failed = 0;
    bool reached = true;

    for (unsigned long nth = 1; reached; nth++) {
        SPropValue *value;
        unsigned i;

        for (i = 0; i < COUNT - 1; i++)
            assert_ok(open_one(world, i));
        assert_int_not_equal(inside(world->open[0])->spilled, 0);
        msp_alloc_fail_at(nth);
        if (FAILED(open_one(world, i)))
            failed++;
        if (FAILED(read_filling(world->open[0], &value)))
            failed++;
        mapi_free(value);
        reached = msp_alloc_fail_disarm();
        if (world->open[i] == NULL)
            assert_ok(open_one(world, i));
        for (i = 0; i < COUNT; i++)
            assert_filling(world->open[i], i);
        close_all(world);
    }
    assert_true(failed >= 4);
}

/* A save of what was never looked at keeps it, too: an empty bag is not what it has. */
static void save__put_away__keeps_all(void **out)
{
    struct idle_world *world = *out;
    IMessage *message;

    open_all(world);
    assert_int_not_equal(inside(world->open[0])->spilled, 0);
    message = world->open[0];
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE | FORCE_SAVE));
    release_last(world->open[0]);
    assert_ok(open_one(world, 0));
    assert_filling(world->open[0], 0);
    prop_assert_text(world->open[0], PR_SUBJECT_W, "old");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(open__many__memory_is_bounded, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(
                open__again_and_again__same_places, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(
                open__looked_at__stays_in_memory, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(
                open__each_call_of_sqlite_fails__stays_in_memory_or_is_refused, world_setup,
                world_teardown),
        cmocka_unit_test_setup_teardown(
                look__each_call_of_sqlite_fails__there_the_next_time, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(open_and_look__each_allocation_fails__there_the_next_time,
                world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(save__put_away__keeps_all, world_setup, world_teardown),
    };

    return cmocka_run_group_tests_name("fault_idle", tests, NULL, NULL);
}
