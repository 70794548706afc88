/* SPDX-License-Identifier: MIT */
/*
 * test_watch.c - changes that others commit: another session of this process, and another program;
 * and the thread that looks for them.
 *
 * The other program is a copy of the library, which shares nothing with the first but the file.
 */
#include "gated_sink.h"
#include "platform/bell.h"
#include "second_session.h"
#include "table_model.h"

enum {
    OBJECT_EVENTS = fnevObjectCreated | fnevObjectDeleted | fnevObjectModified | fnevObjectMoved,
    TRY_MS = 20,
    MOST_TRIES = 500
};

static void advise(struct fixture *fx, struct gated_sink *gated, ULONG_PTR *out)
{
    *out = 0;
    assert_ok(fx->store->lpVtbl->Advise(
            fx->store, 0, NULL, OBJECT_EVENTS, &gated->sink.IMAPIAdviseSink_iface, out));
}

/* --- another session ----------------------------------------------------------------------------
 */

/* Notify.Sink.10 IMAPITable.Advise.4 */
static void change__of_another_session__reaches_sinks_and_tables(void **state)
{
    struct fixture *fx = *state;
    struct gated_sink gated;
    struct second second;
    struct model model;
    IMAPITable *table = contents_table(fx->inbox);
    struct host_event event;
    ULONG_PTR connection;

    second_open(fx, &second);
    gated_init(&gated, false);
    advise(fx, &gated, &connection);
    model_begin(&model, table, LINE_COLUMNS);
    add_mail(second.inbox, "from there", NULL, true);

    wait_until(host_sink_count(&gated.sink, fnevObjectCreated) == 1);
    wait_until(host_sink_count(&model.sink, fnevTableModified) == 1);
    assert_int_equal(model.added, 1);
    assert_true(host_sink_event(&gated.sink, 0, &event));
    assert_int_equal(event.object_type, MAPI_MESSAGE);
    model_check(&model);
    add_mail(fx->inbox, "from here", NULL, true);
    assert_int_equal(host_sink_count(&gated.sink, fnevObjectCreated), 2); /* once each */
    assert_int_equal(model.added, 2);

    model_end(&model);
    assert_ok(fx->store->lpVtbl->Unadvise(fx->store, connection));
    add_mail(second.inbox, "unheard", NULL, true);
    second_close(&second);
    assert_int_equal(host_sink_count(&gated.sink, fnevObjectCreated), 2);
    gated_done(&gated);
    release_last(table);
}

/* Mappings have no events: whoever shows them is poked, or looks when it is asked.
 * IMAPITable.GetStatus.4 IMsgStore.GetReceiveFolderTable.1 Notify.Sink.10 */
static void receive_folders__of_another_session__reach_tables(void **state)
{
    static const ULONG tags[] = { PR_INSTANCE_KEY, PR_MESSAGE_CLASS_W, PR_ENTRYID };
    struct fixture *fx = *state;
    struct second second;
    struct model model;
    struct plain_id id;
    IMAPITable *live = NULL, *table = NULL;
    IMAPIFolder *folder;
    ULONG before;
    char16_t class[] = u"IPM.Watched";

    second_open(fx, &second);
    folder = folder_make(fx->inbox, "mapped");
    id = plain_id_of(folder, 0);
    assert_ok(fx->store->lpVtbl->GetReceiveFolderTable(fx->store, MAPI_UNICODE, &table));
    before = row_count(table);
    assert_ok(fx->store->lpVtbl->GetReceiveFolderTable(fx->store, MAPI_UNICODE, &live));
    set_columns(live, tags, COUNT_OF(tags));
    model_begin(&model, live, COUNT_OF(tags));
    assert_ok(second.store->lpVtbl->SetReceiveFolder(
            second.store, (LPTSTR)(void *)class, MAPI_UNICODE, id.size, plain_entryid(&id)));
    assert_int_equal(row_count(table), before + 1);
    wait_until(host_sink_count(&model.sink, fnevTableModified) == 1);
    assert_int_equal(model.added, 1);
    model_check(&model);
    assert_ok(second.store->lpVtbl->SetReceiveFolder(
            second.store, (LPTSTR)(void *)class, MAPI_UNICODE, 0, NULL));
    assert_int_equal(row_count(table), before);
    wait_until(host_sink_count(&model.sink, fnevTableModified) == 2);
    assert_int_equal(model.deleted, 1);
    model_check(&model);
    model_end(&model);
    release_last(live);
    release_last(table);
    release_last(folder);
    second_close(&second);
}

/* --- another program ----------------------------------------------------------------------------
 */

static void copy_file(const char *from, const char *to)
{
    FILE *in = host_fopen(from, "rb");
    FILE *out = host_fopen(to, "wb");
    char bytes[65536];
    size_t size;

    assert_non_null(in);
    assert_non_null(out);
    do {
        size = fread(bytes, 1, sizeof(bytes), in);
        assert_int_equal(fwrite(bytes, 1, size, out), size);
    } while (size > 0);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

/* The library again, under another name beside the first. */
static void copy_library(char *out, size_t out_size, char *registered, size_t registered_size)
{
    const char *dll = fixture_dll();
    size_t length = strlen(dll);
    size_t folder = length;

    while (folder > 0 && dll[folder - 1] != '/' && dll[folder - 1] != '\\')
        folder--;
    if (length > 6 && host_text_same_nocase(dll + length - 6, "32.dll")) {
        snprintf(out, out_size, "%.*smkcopy%lu_32.dll", (int)folder, dll, host_process_id());
        snprintf(registered, registered_size, "%.*smkcopy%lu_.dll", (int)folder, dll,
                host_process_id());
    } else {
        snprintf(out, out_size, "%.*smkcopy%lu.so", (int)folder, dll, host_process_id());
        snprintf(registered, registered_size, "%s", out);
    }
    copy_file(dll, out);
}

/* Notify.Sink.10 */
static void change__of_another_program__reaches_sinks_and_tables(void **state)
{
    struct fixture *fx = *state;
    IMAPITable *table = contents_table(fx->inbox);
    struct host_profile *profile;
    struct gated_sink gated;
    struct fixture other = { .profile = NULL };
    struct second second;
    struct model model;
    ULONG_PTR connection;
    char path[1024], registered[1024];

    copy_library(path, sizeof(path), registered, sizeof(registered));
    profile = host_profile_new("other");
    assert_non_null(profile);
    assert_non_null(host_profile_add_plain(profile, registered, NULL));
    other.profile = profile;
    host_session_init(&second.session, profile, SECOND_ARENA);
    assert_ok(host_session_configure(&second.session, fx->path));
    assert_int_equal(host_session_done(&second.session), 0);

    gated_init(&gated, false);
    advise(fx, &gated, &connection);
    model_begin(&model, table, LINE_COLUMNS);
    second_open(&other, &second);
    add_mail(second.inbox, "from there", NULL, true);

    wait_until(host_sink_count(&gated.sink, fnevObjectCreated) >= 1);
    wait_until(host_sink_count(&model.sink, fnevTableModified) >= 1);
    model_check(&model);
    assert_int_equal(model.added, 1);
    second_close(&second);
    model_end(&model);
    assert_ok(fx->store->lpVtbl->Unadvise(fx->store, connection));
    gated_done(&gated);
    release_last(table);
    host_profile_free(profile);
    host_file_remove(path);
}

/* --- bells ---------------------------------------------------------------------------------------
 */

static void bell_name(struct fixture *fx, uint8_t out[MSP_BELL_NAME_SIZE])
{
    SPropValue *key = prop_get(fx->store, PR_MAPPING_SIGNATURE);

    assert_int_equal(key->Value.bin.cb, MSP_BELL_NAME_SIZE);
    memcpy(out, key->Value.bin.lpb, MSP_BELL_NAME_SIZE);
    mapi_free(key);
}

/* Numbers of the store's bells that nobody has. */
static unsigned free_bells(const uint8_t name[MSP_BELL_NAME_SIZE])
{
    struct msp_bell bells[MSP_BELL_COUNT];
    unsigned count = 0;

    while (count < MSP_BELL_COUNT && msp_bell_open(&bells[count], name))
        count++;
    for (unsigned i = 0; i < count; i++)
        msp_bell_close(&bells[i]);
    return count;
}

/* What another program of ours waits for. Notify.Sink.10 */
static void commit__bell_of_another_program__is_rung(void **state)
{
    struct fixture *fx = *state;
    uint8_t name[MSP_BELL_NAME_SIZE];
    struct msp_bell bell;

    bell_name(fx, name);
    assert_true(msp_bell_open(&bell, name));
    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), 0);
    assert_false(msp_bell_wait(&bell, 0));

    /* One that nobody has heard is not rung again at once. */
    for (unsigned tries = 0; tries < MOST_TRIES; tries++) {
        add_mail(fx->inbox, "from here", NULL, true);
        if (msp_bell_wait(&bell, TRY_MS))
            break;
        assert_int_not_equal(tries, MOST_TRIES - 1);
    }
    msp_bell_close(&bell);
}

/* Teardown.Invalid.5 */
static void advise__the_logon_has_a_bell__until_it_ends(void **state)
{
    struct fixture *fx = *state;
    uint8_t name[MSP_BELL_NAME_SIZE];
    struct gated_sink gated;
    ULONG_PTR connection;
    IMSLogon *logon;
    ULONG flags = 0;

    bell_name(fx, name);
    assert_int_equal(free_bells(name), MSP_BELL_COUNT);
    gated_init(&gated, false);
    advise(fx, &gated, &connection);
    assert_int_equal(free_bells(name), MSP_BELL_COUNT - 1);
    logon = host_support_unbind(fx->support);

    assert_ok(logon->lpVtbl->Logoff(logon, &flags));

    assert_int_equal(free_bells(name), MSP_BELL_COUNT);
    release_last(logon);
    gated_done(&gated);
}

/* --- ends while the thread is in a sink ---------------------------------------------------------
 */

/* The watcher of the fixture's logon is in the sink. */
static ULONG_PTR hold_watcher(struct fixture *fx, struct second *second, struct gated_sink *gated)
{
    ULONG_PTR connection;

    second_open(fx, second);
    gated_init(gated, true);
    advise(fx, gated, &connection);
    add_mail(second->inbox, "from there", NULL, true);
    wait_until(atomic_load(&gated->inside) == 1);
    assert_true(atomic_load(&gated->thread) != host_thread_id());
    return connection;
}

static void open_soon(void *arg)
{
    host_sleep_ms(30);
    gated_open(arg);
}

/* IMSLogon.Unadvise.1 IMAPITable.Advise.5 */
static void unadvise__sink_runs_on_the_thread__returns_after_it(void **state)
{
    struct fixture *fx = *state;
    struct gated_sink gated;
    struct second second;
    ULONG_PTR connection = hold_watcher(fx, &second, &gated);
    struct host_thread *opener = host_thread_start(open_soon, &gated);

    assert_ok(fx->store->lpVtbl->Unadvise(fx->store, connection));
    assert_int_equal(atomic_load(&gated.inside), 0);
    assert_int_equal(atomic_load(&gated.calls), 1);
    host_thread_join(opener);
    add_mail(second.inbox, "unheard", NULL, true);
    second_close(&second);
    assert_int_equal(atomic_load(&gated.calls), 1);
    gated_done(&gated);
}

/* IMSLogon.Logoff.6 Teardown.Invalid.5 */
static void logoff__sink_runs_on_the_thread__returns_after_it(void **state)
{
    struct fixture *fx = *state;
    struct gated_sink gated;
    struct second second;
    struct host_thread *opener;
    IMSLogon *logon;
    ULONG flags = 0;

    (void)hold_watcher(fx, &second, &gated);
    logon = host_support_unbind(fx->support);
    add_mail(second.inbox, "queued", NULL, true);
    opener = host_thread_start(open_soon, &gated);
    assert_ok(logon->lpVtbl->Logoff(logon, &flags));
    assert_int_equal(atomic_load(&gated.inside), 0);
    assert_int_equal(gated.sink.refs, 1);
    host_thread_join(opener);
    add_mail(second.inbox, "unheard", NULL, true);
    second_close(&second);
    gated_done(&gated);
    release_last(logon);
}

/* A sink that does not come back holds nobody up for long. */
static void logoff__sink_hangs_on_the_thread__returns_without_it(void **state)
{
    struct fixture *fx = *state;
    struct gated_sink gated;
    struct second second;
    IMSLogon *logon;
    uint64_t begun;
    ULONG flags = 0;

    (void)hold_watcher(fx, &second, &gated);
    logon = host_support_unbind(fx->support);
    begun = host_ticks_ms();
    assert_ok(logon->lpVtbl->Logoff(logon, &flags));
    assert_true(host_ticks_ms() - begun < 8000);
    assert_int_equal(atomic_load(&gated.inside), 1);
    gated_open(&gated);
    second_close(&second);
    gated_done(&gated);
    logon->lpVtbl->Release(logon); /* not always the last: the thread may be on its way out */
}

struct ender {
    IMSLogon *logon;
    struct fixture *fx;
    ULONG flags;
};

static void log_off_inside(void *context)
{
    struct ender *ender = context;

    assert_ok(ender->logon->lpVtbl->Logoff(ender->logon, &ender->flags));
}

/* Notify.Sink.3 IMSLogon.Logoff.6 */
static void logoff__inside_a_sink_on_the_thread__is_fine(void **state)
{
    struct fixture *fx = *state;
    struct ender ender = { host_support_unbind(fx->support), fx, 0 };
    struct gated_sink gated;
    struct second second;
    ULONG_PTR connection;

    second_open(fx, &second);
    gated_init(&gated, false);
    gated.act = log_off_inside;
    gated.context = &ender;
    advise(fx, &gated, &connection);
    add_mail(second.inbox, "from there", NULL, true);
    wait_until(atomic_load(&gated.calls) == 1 && atomic_load(&gated.inside) == 0);
    gated_done(&gated);
    assert_hr(fx->store->lpVtbl->Unadvise(fx->store, connection), MAPI_E_INVALID_OBJECT);
    second_close(&second);
    ender.logon->lpVtbl->Release(ender.logon);
}

static void release_store_inside(void *context)
{
    struct ender *ender = context;
    IMsgStore *store = ender->fx->store;

    ender->fx->inbox->lpVtbl->Release(ender->fx->inbox);
    ender->fx->inbox = NULL;
    ender->fx->store = NULL;
    store->lpVtbl->Release(store);
}

static void release__of_the_store_inside_a_sink_on_the_thread__is_fine(void **state)
{
    struct fixture *fx = *state;
    struct ender ender = { NULL, fx, 0 };
    struct gated_sink gated;
    struct second second;
    ULONG_PTR connection;

    second_open(fx, &second);
    gated_init(&gated, false);
    gated.act = release_store_inside;
    gated.context = &ender;
    advise(fx, &gated, &connection);
    add_mail(second.inbox, "from there", NULL, true);
    wait_until(atomic_load(&gated.calls) == 1 && atomic_load(&gated.inside) == 0);
    gated_done(&gated);
    second_close(&second);
}

/* The thread goes when nobody needs it and comes when somebody does. */
static void advise__again_and_again__hears_each_time(void **state)
{
    struct fixture *fx = *state;
    struct second second;

    second_open(fx, &second);
    for (int i = 0; i < 10; i++) {
        struct gated_sink gated;
        ULONG_PTR connection;

        gated_init(&gated, false);
        advise(fx, &gated, &connection);
        add_mail(second.inbox, "from there", NULL, true);
        wait_until(atomic_load(&gated.calls) >= 1);
        assert_ok(fx->store->lpVtbl->Unadvise(fx->store, connection));
        gated_done(&gated);
        host_sleep_ms((unsigned)(i * 10)); /* now and then it has gone meanwhile */
    }
    second_close(&second);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(change__of_another_session__reaches_sinks_and_tables),
        TEST(receive_folders__of_another_session__reach_tables),
        TEST(change__of_another_program__reaches_sinks_and_tables),
        TEST(commit__bell_of_another_program__is_rung),
        TEST(advise__the_logon_has_a_bell__until_it_ends),
        TEST(unadvise__sink_runs_on_the_thread__returns_after_it),
        TEST(logoff__sink_runs_on_the_thread__returns_after_it),
        TEST(logoff__sink_hangs_on_the_thread__returns_without_it),
        TEST(logoff__inside_a_sink_on_the_thread__is_fine),
        TEST(release__of_the_store_inside_a_sink_on_the_thread__is_fine),
        TEST(advise__again_and_again__hears_each_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
