/* SPDX-License-Identifier: MIT */
/*
 * test_fast_shutdown.c - DoFastShutdown: what was acknowledged is on disk, and nobody is called any
 * more.
 *
 * The library is of no use afterwards, so the program ends without clean-up, as its clients do.
 */
#include "raw_logon.h"

/* A copy made now has a message of that subject. */
static void assert_on_disk(struct fixture *fx, const SPropValue *id, const char *subject)
{
    struct fixture *other = raw_copy_of_the_file(fx);
    IMessage *message;

    fixture_logon(other);
    message = message_open(other->store, id);
    prop_assert_text(message, PR_SUBJECT_W, subject);
    message->lpVtbl->Release(message);
    (void)host_file_remove(other->path);
}

static HRESULT do_fast_shutdown(struct fixture *fx)
{
    IMAPIProviderShutdown *shutdown = raw_shutdown(fx);
    HRESULT hr = shutdown->lpVtbl->DoFastShutdown(shutdown);

    shutdown->lpVtbl->Release(shutdown);
    return hr;
}

/* IMSProvider.FastShutdown.3 Teardown.Data.4 */
static void do_fast_shutdown__store_open_in_bulk__everything_is_on_disk(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id;
    size_t calls;

    prop_set_bool(fx->store, PR_MKEEP_BULK, true);
    id = message_make(fx->inbox, "acknowledged");
    calls = host_support_log_size(fx->support);

    assert_ok(do_fast_shutdown(fx)); /* nobody has given notice */

    assert_int_equal(host_support_log_size(fx->support), calls);
    assert_on_disk(fx, id, "acknowledged");
    mapi_free(id);
}

/* IMSProvider.FastShutdown.3 */
static void do_fast_shutdown__again__what_came_between_is_on_disk(void **state)
{
    struct fixture *fx = *state;
    size_t calls = host_support_log_size(fx->support);
    SPropValue *id = message_make(fx->inbox, "between");

    assert_ok(host_session_fast_shutdown(&fx->session));
    assert_ok(do_fast_shutdown(fx));

    assert_int_equal(host_support_log_size(fx->support), calls);
    assert_on_disk(fx, id, "between");
    mapi_free(id);
}

/* IMSProvider.FastShutdown.3: other threads may be gone with locks held, so a late Release must not
 * wait for anything. */
static void release__after_fast_shutdown__does_nothing(void **state)
{
    struct fixture *fx = *state;
    size_t calls = host_support_log_size(fx->support);
    ULONG flags = 0;

    fx->inbox->lpVtbl->Release(fx->inbox);
    fx->store->lpVtbl->Release(fx->store);
    assert_ok(fx->support->logon->lpVtbl->Logoff(fx->support->logon, &flags));
    assert_ok(fx->session.provider->lpVtbl->Shutdown(fx->session.provider, &flags));
    assert_ok(host_session_fast_shutdown(&fx->session));
    fx->session.provider->lpVtbl->Release(fx->session.provider);

    assert_int_equal(host_support_log_size(fx->support), calls);
    (void)host_file_remove(fx->path);
}

/* One store for all: the process can do this only once. */
static int group_setup(void **state)
{
    return fixture_inbox_setup(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(do_fast_shutdown__store_open_in_bulk__everything_is_on_disk),
        cmocka_unit_test(do_fast_shutdown__again__what_came_between_is_on_disk),
        cmocka_unit_test(release__after_fast_shutdown__does_nothing),
    };
    int failed = cmocka_run_group_tests_name("fast_shutdown", tests, group_setup, NULL);

    fflush(NULL);
    host_die(failed);
}
