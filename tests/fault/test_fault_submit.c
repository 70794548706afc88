/* SPDX-License-Identifier: MIT */
/*
 * test_fault_submit.c - sending, from SubmitMessage to FinishedMsg, and a read report, while every
 * single allocation, and every single call that reaches the disk, fails once: a message waits to be
 * sent or it does not, never half; nobody is told twice; what failed works when it is made again.
 *
 * White box: the layers are linked in, so that their allocator and their disk can be told to fail.
 */
#include "com/provider.h" /* the layers to link */
#include "fault/send_world.h"

#if !MAILKEEP_SQLITE_DYNAMIC
#include "fault/fault_vfs.h"
#endif

enum { MANY = 3000 /* more allocations or disk calls than any of these steps makes */ };

/* --- the steps ----------------------------------------------------------------------------------
 */

static LONG flags_of(struct world *world)
{
    return mail_flags(world->client.store, world->id);
}

/* How many messages wait to be sent. */
static ULONG queue_length(struct world *world)
{
    static const ULONG tags[] = { PR_ENTRYID };
    LPSRowSet rows = queue_rows(world->spooler.store, tags, 1);
    ULONG count = rows->cRows;

    mapi_free_rows(rows);
    return count;
}

static void make_draft(struct world *world)
{
    world->message = mail_new(world->folder, "hello");
    prop_set_bool(world->message, PR_DELETE_AFTER_SUBMIT, true);
    assert_ok(world->message->lpVtbl->SaveChanges(world->message, KEEP_OPEN_READWRITE));
    world->id = prop_get(world->message, PR_ENTRYID);
    prop_set_text(world->message, PR_SUBJECT_W, "hello, changed");
}

static HRESULT submit(struct world *world)
{
    return world->message->lpVtbl->SubmitMessage(world->message, 0);
}

static void after_submit(struct world *world, HRESULT hr)
{
    LONG submitted = SUCCEEDED(hr) ? MSGFLAG_SUBMIT : 0;

    assert_int_equal(flags_of(world) & MSGFLAG_SUBMIT, submitted);
    assert_int_equal(queue_length(world), SUCCEEDED(hr) ? 1 : 0);
    if (FAILED(hr))
        assert_ok(submit(world));
    release_last(world->message);
}

static void make_queued(struct world *world)
{
    make_draft(world);
    assert_ok(submit(world));
    release_last(world->message);
}

static HRESULT abort_it(struct world *world)
{
    IMsgStore *store = world->client.store;

    return store->lpVtbl->AbortSubmit(
            store, world->id->Value.bin.cb, raw_id(world->id->Value.bin.lpb), 0);
}

static void after_abort(struct world *world, HRESULT hr)
{
    assert_int_equal(flags_of(world) & (MSGFLAG_SUBMIT | MSGFLAG_UNSENT),
            SUCCEEDED(hr) ? MSGFLAG_UNSENT : MSGFLAG_SUBMIT | MSGFLAG_UNSENT);
    assert_int_equal(queue_length(world), SUCCEEDED(hr) ? 0 : 1);
    if (FAILED(hr))
        assert_ok(abort_it(world));
}

static void make_opened(struct world *world)
{
    make_queued(world);
    assert_ok(mail_open(world->spooler.store, world->id, MAPI_MODIFY, &world->message));
    prop_set_text(world->message, PR_SUBJECT_W, "hello, by the spooler");
}

static HRESULT lock(struct world *world)
{
    IMsgStore *store = world->spooler.store;

    return store->lpVtbl->SetLockState(store, world->message, MSG_LOCKED);
}

static HRESULT open_as_client(struct world *world)
{
    IMessage *message = NULL;
    HRESULT hr = mail_open(world->client.store, world->id, 0, &message);

    if (message)
        release_last(message);
    return hr;
}

static void after_lock(struct world *world, HRESULT hr)
{
    assert_hr(open_as_client(world), SUCCEEDED(hr) ? MAPI_E_NO_ACCESS : S_OK);
    if (FAILED(hr))
        assert_ok(lock(world));
    release_last(world->message);
}

static void make_locked(struct world *world)
{
    make_opened(world);
    assert_ok(lock(world));
    release_last(world->message);
}

static HRESULT finish(struct world *world)
{
    IMsgStore *store = world->spooler.store;

    return store->lpVtbl->FinishedMsg(
            store, 0, world->id->Value.bin.cb, raw_id(world->id->Value.bin.lpb));
}

/* Either it is still the spooler's, or it is sent: in no case may it be sent again. */
static void after_finish(struct world *world, HRESULT hr)
{
    if (SUCCEEDED(hr)) {
        assert_hr(open_as_client(world), MAPI_E_NOT_FOUND);
    } else if (queue_length(world) == 1) {
        assert_hr(open_as_client(world), MAPI_E_NO_ACCESS);
        assert_ok(finish(world));
    } else if (SUCCEEDED(open_as_client(world))) {
        assert_int_equal(flags_of(world) & (MSGFLAG_SUBMIT | MSGFLAG_UNSENT), 0);
    }
    assert_int_equal(queue_length(world), 0);
}

static void make_received(struct world *world)
{
    IMessage *message = mail_new(world->folder, "incoming");

    prop_set_long(message, PR_MESSAGE_FLAGS, MSGFLAG_UNMODIFIED);
    prop_set_bool(message, PR_READ_RECEIPT_REQUESTED, true);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY));
    world->id = prop_get(message, PR_ENTRYID);
    release_last(message);
    host_support_log_clear(world->client.support);
}

static HRESULT read_it(struct world *world)
{
    SBinary bin = world->id->Value.bin;
    ENTRYLIST list = { 1, &bin };

    return world->folder->lpVtbl->SetReadFlags(world->folder, &list, 0, NULL, 0);
}

static bool made_report(struct world *world)
{
    struct host_call call;
    bool made = false;

    for (size_t n = 0; host_support_call(world->client.support, HOST_ReadReceipt, n, &call); n++) {
        assert_false(made); /* none after one that was made */
        made = SUCCEEDED(call.hr);
    }
    return made;
}

/* It is read or not; the report was made, or is still to come. What cannot be made good is only a
 * report that was made and could not be submitted, or whose failure could not be noted. */
static void after_read(struct world *world, HRESULT hr)
{
    LONG flags = flags_of(world);
    bool made = made_report(world);

    assert_true(queue_length(world) <= (made ? 1u : 0u));
    assert_true(SUCCEEDED(hr) || (flags & MSGFLAG_READ) == 0 || made);
    if ((flags & MSGFLAG_RN_PENDING) != 0)
        assert_false(made);
    if (FAILED(hr) && (flags & MSGFLAG_READ) == 0)
        assert_ok(read_it(world));
    (void)made_report(world);
}

struct step {
    const char *name;
    void (*prepare)(struct world *world);
    HRESULT (*act)(struct world *world);
    void (*look)(struct world *world, HRESULT hr);
};

static const struct step steps[] = {
    { "SubmitMessage", make_draft, submit, after_submit },
    { "AbortSubmit", make_queued, abort_it, after_abort },
    { "SetLockState", make_opened, lock, after_lock },
    { "FinishedMsg", make_locked, finish, after_finish },
    { "SetReadFlags", make_received, read_it, after_read },
};

/* --- the walks ----------------------------------------------------------------------------------
 */

struct walk {
    void (*arm)(unsigned long nth);
    bool (*disarm)(void);
    bool (*is_expected)(HRESULT hr);
};

/* Nothing of one round is left for the next. */
static void clean(struct world *world)
{
    IMAPIFolder *folder = world->folder;
    LPSRowSet rows;
    static const ULONG tags[] = { PR_ENTRYID };

    rows = queue_rows(world->spooler.store, tags, 1);
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SBinary *bin = &rows->aRow[i].lpProps[0].Value.bin;

        (void)world->spooler.store->lpVtbl->FinishedMsg(
                world->spooler.store, 0, bin->cb, raw_id(bin->lpb));
    }
    mapi_free_rows(rows);
    assert_ok(folder->lpVtbl->EmptyFolder(folder, 0, NULL, 0));
    assert_int_equal(queue_length(world), 0);
    mapi_free(world->id);
    world->id = NULL;
    host_support_log_clear(world->client.support);
    host_support_log_clear(world->spooler.support);
}

/* One round; false when the nth was never reached. */
static bool walk_once(
        struct world *world, const struct step *step, const struct walk *walk, unsigned long nth)
{
    size_t mapi_live = host_mem_live(0);
    unsigned objects = msp_object_count();
    bool reached;
    HRESULT hr;

    step->prepare(world);
    walk->arm(nth);
    hr = step->act(world);
    reached = walk->disarm();
    if (FAILED(hr) && !(reached && walk->is_expected(hr)))
        fail_msg("%s, %lu: %s", step->name, nth, host_hr_name(hr));
    step->look(world, hr);
    clean(world);
    assert_int_equal(msp_object_count(), objects);
    assert_int_equal(host_mem_live(0), mapi_live);
    return reached;
}

static void walk_all(struct world *world, const struct walk *walk)
{
    unsigned long total = 0;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        unsigned long nth = 1;

        (void)walk_once(world, &steps[i], walk, MANY); /* warms up what stays */
        while (walk_once(world, &steps[i], walk, nth))
            nth++;
        print_message("%s: %lu\n", steps[i].name, nth - 1);
        assert_true(nth < MANY);
        total += nth - 1;
    }
    assert_true(total > 50);
}

static bool is_no_memory(HRESULT hr)
{
    return hr == MAPI_E_NOT_ENOUGH_MEMORY;
}

/* Memory.Failure.1 Memory.Failure.2 */
static void sending__nth_allocation_fails__all_or_nothing(void **state)
{
    static const struct walk walk = { msp_alloc_fail_at, msp_alloc_fail_disarm, is_no_memory };

    walk_all(*state, &walk);
}

#if !MAILKEEP_SQLITE_DYNAMIC

static void fail_disk(unsigned long nth)
{
    disk_arm(nth, false, SQLITE_IOERR);
}

static bool is_disk_trouble(HRESULT hr)
{
    return hr == MAPI_E_DISK_ERROR || hr == MAPI_E_NOT_ENOUGH_DISK || hr == MAPI_E_BUSY ||
           hr == MAPI_E_CORRUPT_STORE || hr == MAPI_E_NO_ACCESS;
}

static void sending__nth_disk_call_fails__all_or_nothing(void **state)
{
    static const struct walk walk = { fail_disk, disk_disarm, is_disk_trouble };

    walk_all(*state, &walk);
}

static int disk_setup(void **state)
{
    static bool installed;

    if (!installed)
        disk_install();
    installed = true;
    return setup(state);
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                sending__nth_allocation_fails__all_or_nothing, setup, teardown),
#if !MAILKEEP_SQLITE_DYNAMIC
        cmocka_unit_test_setup_teardown(
                sending__nth_disk_call_fails__all_or_nothing, disk_setup, teardown),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
