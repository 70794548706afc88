/* SPDX-License-Identifier: MIT */
/*
 * test_fast_shutdown.c - DoFastShutdown: what was acknowledged is on disk, and nobody is called any
 * more.
 *
 * The library is of no use afterwards, so the program ends without clean-up, as its clients do.
 */
#include "raw_logon.h"

static struct fixture *copy_of_the_file(struct fixture *fx)
{
    struct fixture *other = fixture_new();
    FILE *in;
    FILE *out;
    char buffer[65536];
    size_t got;

    for (int wal = 0; wal < 2; wal++) {
        char from[1100];
        char to[1100];

        snprintf(from, sizeof(from), "%s%s", fx->path, wal ? "-wal" : "");
        snprintf(to, sizeof(to), "%s%s", other->path, wal ? "-wal" : "");
        in = host_fopen(from, "rb");
        if (!in)
            continue;
        out = host_fopen(to, "wb");
        assert_non_null(out);
        while ((got = fread(buffer, 1, sizeof(buffer), in)) > 0)
            assert_int_equal(fwrite(buffer, 1, got, out), got);
        fclose(in);
        fclose(out);
    }
    return other;
}

/* IMSProvider.FastShutdown.3 Teardown.Data.4 */
static void do_fast_shutdown__store_open_in_bulk__everything_is_on_disk(void **state)
{
    struct fixture *fx = *state;
    struct fixture *other;
    SPropValue *id;
    IMessage *message;
    size_t calls;

    prop_set_bool(fx->store, PR_MKEEP_BULK, true);
    id = message_make(fx->inbox, "acknowledged");
    calls = host_support_log_size(fx->support);

    assert_ok(host_session_fast_shutdown(&fx->session));

    assert_int_equal(host_support_log_size(fx->support), calls);
    other = copy_of_the_file(fx); /* what a new process would find */
    assert_int_equal(
            host_bag_set_text(&raw_section(other)->props, PR_MKEEP_PATH_W, other->path), S_OK);
    fixture_logon(other);
    message = message_open(other->store, id);
    prop_assert_text(message, PR_SUBJECT_W, "acknowledged");
    message->lpVtbl->Release(message);
    mapi_free(id);
    (void)host_file_remove(other->path);
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
        cmocka_unit_test(release__after_fast_shutdown__does_nothing),
    };
    int failed = cmocka_run_group_tests_name("fast_shutdown", tests, group_setup, NULL);

    fflush(NULL);
    host_die(failed);
}
