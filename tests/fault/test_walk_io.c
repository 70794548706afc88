/* SPDX-License-Identifier: MIT */
/*
 * test_walk_io.c - every call to the disk fails once, in every method of every class: the call says
 * so, clears its outs, changes nothing, and works when it is made again; the store is whole.
 *
 * Writing to a file, reading what is not at hand, syncing, locking: all go through a disk of the
 * test's own.
 */
#include "engine/sqlite_api.h"

#if MAILKEEP_SQLITE_DYNAMIC

int main(void)
{
    return 0; /* the disk is SQLite's own: only where it is linked in */
}

#else

#include "../unit/linked_fixture.h"

#include "dll/inf.h" /* the whole library is linked for it */
#include "fault_vfs.h"

static unsigned long refused; /* calls that said the disk had failed */
static unsigned long managed; /* calls that did without what failed */

static bool is_disk_trouble(enum walk_object which, HRESULT hr)
{
    if (walk_is_stream(which))
        return hr == STG_E_READFAULT || hr == STG_E_MEDIUMFULL || hr == STG_E_LOCKVIOLATION;
    return hr == MAPI_E_DISK_ERROR || hr == MAPI_E_NOT_ENOUGH_DISK || hr == MAPI_E_BUSY ||
           hr == MAPI_E_CORRUPT_STORE;
}

static HRESULT call_again(
        struct walk_world *w, enum walk_object which, const struct walk_call *call)
{
    struct walk_args a;
    HRESULT hr;

    walk_prepare(w, &a);
    hr = call->run(&a, w->object[which]);
    if (SUCCEEDED(hr))
        walk_free_outs(&a);
    return hr;
}

/* A folder is emptied in several transactions, and what one has done stays done; a save, and a
 * submission, which is one, first gives the open message the properties that follow from its
 * others; a copy fills its target step by step, and it is the target's save that counts; the status
 * says what it found. */
static bool may_change(const struct walk_call *call)
{
    return call->run == walk_IMAPIFolder_EmptyFolder || call->run == walk_IMAPIProp_SaveChanges ||
           call->run == walk_IMessage_SubmitMessage || call->run == walk_IMAPIProp_CopyTo ||
           call->run == walk_IMAPIProp_CopyProps || call->run == walk_IMAPIStatus_ValidateState;
}

static void check_refused(struct walk_world *w, enum walk_object which,
        const struct walk_call *call, const struct walk_args *a, HRESULT hr)
{
    const char *of = walk_classes[which].name;

    if (is_disk_trouble(which, hr))
        refused++;
    else if (hr != call_again(w, which, call))
        fail_msg("%s of %s: %s", call->name, of, host_hr_name(hr));
    if (!walk_outs_are_null(a))
        fail_msg("%s of %s: left an out", call->name, of);
}

static void check_bad_disk(
        struct walk_world *w, enum walk_object which, const struct walk_call *call, int code)
{
    for (unsigned long nth = 1;; nth++) {
        uint64_t before = walk_digest(w);
        size_t live = host_mem_live(0);
        struct walk_args a;
        bool reached;
        HRESULT hr;

        walk_prepare(w, &a);
        disk_arm(nth, false, code);
        hr = call->run(&a, w->object[which]);
        reached = disk_disarm();
        if (!reached || SUCCEEDED(hr)) {
            walk_free_outs(&a);
            if (!reached)
                return;
            managed++;
            continue;
        }
        check_refused(w, which, call, &a, hr);
        if (host_mem_live(0) != live)
            fail_msg("%s of %s: kept memory", call->name, walk_classes[which].name);
        if (walk_digest(w) != before && !may_change(call))
            fail_msg("%s of %s, call %lu: changed something", call->name, walk_classes[which].name,
                    nth);
        assert_true(nth < 5000);
    }
}

static void check_failing(
        struct walk_world *w, enum walk_object which, const struct walk_call *call)
{
    check_bad_disk(w, which, call, SQLITE_IOERR);
}

static void check_full(struct walk_world *w, enum walk_object which, const struct walk_call *call)
{
    check_bad_disk(w, which, call, SQLITE_FULL);
}

static void walk_all(void **out,
        void (*visit)(struct walk_world *w, enum walk_object which, const struct walk_call *call))
{
    struct state *state = *out;
    struct walk_world w;

    refused = managed = 0;
    assert_ok(load(state->fx));
    assert_ok(configure(state->fx));
    assert_ok(log_on(state->fx));
    fixture_open_inbox(state->fx);
    walk_open(&w, state->fx);
    w.in.spare = w.object[WALK_O_NEW_MESSAGE];

    walk_each(&w, visit);

    print_message("%lu calls refused, %lu managed\n", refused, managed);
    assert_true(refused > 200);
    walk_drop_all_but(&w, WALK_O_COUNT);
    end(state);
    walk_close(&w);
    state->fx = NULL;
}

/* Errors.Codes.3 Memory.Failure.2 */
static void every_method__every_disk_call_fails_once__says_so(void **state)
{
    walk_all(state, check_failing);
}

/* Errors.Codes.3 Errors.Codes.4 */
static void every_method__disk_is_full_once__says_so(void **state)
{
    walk_all(state, check_full);
}

static int disk_setup(void **state)
{
    static bool installed;

    if (!installed)
        disk_install();
    installed = true;
    return setup(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                every_method__every_disk_call_fails_once__says_so, disk_setup, teardown),
        cmocka_unit_test_setup_teardown(
                every_method__disk_is_full_once__says_so, disk_setup, teardown),
    };

    return cmocka_run_group_tests_name("walk_io", tests, NULL, NULL);
}

#endif
