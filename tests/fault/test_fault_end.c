/* SPDX-License-Identifier: MIT */
/*
 * test_fault_end.c - every way in which a logon ends, while each allocation, each call of the
 * support object, of SQLite and of the disk that it makes fails in turn: it ends all the same,
 * nothing is left behind, and what was acknowledged is found by the next logon.
 *
 * The layers are linked in, so that allocator and disk can be told to fail; all else goes through
 * the vtables.
 *
 * Locks: none; the disk counts calls of one thread, so nothing is advised where it fails.
 */
#include "../com/raw_logon.h"

#include "com/object.h"
#include "dll/inf.h" /* the whole library is linked for it */
#include "fault/fault_sqlite.h"
#include "host/host_admin.h"
#include "support/process.h"
#include "util/alloc.h"

#if !MAILKEEP_SQLITE_DYNAMIC
#include "fault/fault_vfs.h"
#endif

MSGSERVICEENTRY MSGServiceEntry;

enum { MANY = 3000, KEPT = 3, LARGE = 100000 };

static const BYTE never_saved[LARGE] = { 1 }; /* large enough to lie in the file at once */

/* --- a store without a library to load -------------------------------------------------------- */

static HRESULT load(struct host_session *session)
{
    const struct host_mem_trio *trio = host_mem_trio(0);

    return MSProviderInit(NULL, &session->heap.IMalloc_iface, trio->allocate, trio->more,
            trio->release, 0, session->mapi_version, &session->provider_version,
            &session->provider);
}

static HRESULT configure(struct fixture *fx)
{
    struct host_session *session = &fx->session;
    struct host_support *support =
            host_support_new(&session->world, HOST_SUPPORT_SERVICE, &raw_section(fx)->uid);
    uint16_t *path = host_text_to_utf16(fx->path);
    SPropValue value = { .ulPropTag = HOST_PR_STORE_PATH };
    LPMAPIERROR error = NULL;
    struct host_admin admin;
    HRESULT hr;

    value.Value.lpszW = (LPWSTR)path;
    host_admin_init(&admin, &session->world, &raw_section(fx)->uid);
    hr = MSGServiceEntry(NULL, &session->heap.IMalloc_iface, host_support_iface(support), 0,
            MAPI_UNICODE, MSG_SERVICE_CONFIGURE, 1, &value, &admin.IProviderAdmin_iface, &error);
    mapi_free(error);
    host_support_release(support);
    free(path);
    return hr;
}

/* --- what is open when the end comes ---------------------------------------------------------- */

struct scene {
    struct fixture *fx;
    struct raw_logon raw;
    bool is_advised;
    struct host_sink sink;
    LONG saved;   /* messages acknowledged so far */
    LONG grouped; /* how many of them the host has been told may be lost */
    size_t live, mapi_live;
    IUnknown *held[8];
    size_t held_count;
};

static void hold(struct scene *scene, void *object)
{
    assert_true(scene->held_count < sizeof(scene->held) / sizeof(scene->held[0]));
    scene->held[scene->held_count++] = object;
}

static void save_one(struct scene *scene, IMAPIFolder *inbox)
{
    mapi_free(message_make(inbox, "kept"));
    scene->saved++;
}

static void advise(struct scene *scene, IMAPITable *table)
{
    IMsgStore *store = scene->raw.store;
    ULONG_PTR connection = 0;

    assert_ok(store->lpVtbl->Advise(store, 0, NULL, fnevObjectModified | fnevObjectCreated,
            &scene->sink.IMAPIAdviseSink_iface, &connection));
    assert_ok(table->lpVtbl->Advise(
            table, fnevTableModified, &scene->sink.IMAPIAdviseSink_iface, &connection));
}

/* Logs on, finds what was acknowledged, saves one more, and leaves much open and unsaved. */
static void open_scene(struct scene *scene, bool is_advised)
{
    struct fixture *fx = scene->fx;
    IMessage *message = NULL;
    IMAPITable *table = NULL;
    IMAPIFolder *inbox;
    LPATTACH attach = NULL;
    LPUNKNOWN stream = NULL;
    ULONG number = 0;

    scene->live = msp_alloc_count_live();
    scene->mapi_live = host_mem_live(0);
    assert_ok(load(&fx->session));
    raw_open(fx, &scene->raw, MDB_WRITE);
    fx->store = scene->raw.store;
    fixture_open_inbox(fx);
    inbox = fx->inbox;
    fx->inbox = NULL;
    fx->store = NULL;
    assert_in_range(
            prop_long(inbox, PR_CONTENT_COUNT), scene->saved - scene->grouped, scene->saved);
    scene->saved = prop_long(inbox, PR_CONTENT_COUNT);
    scene->grouped = 0;
    host_sink_init(&scene->sink);
    assert_ok(inbox->lpVtbl->GetContentsTable(inbox, 0, &table));
    if (is_advised)
        advise(scene, table);
    save_one(scene, inbox);
    assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &message));
    prop_set_text(message, PR_SUBJECT_W, "never saved");
    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, &number, &attach));
    assert_ok(attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY, &stream));
    assert_ok(((IStream *)(void *)stream)
                      ->lpVtbl->Write((IStream *)(void *)stream, never_saved, LARGE, NULL));
    scene->held_count = 0;
    hold(scene, stream);
    hold(scene, attach);
    hold(scene, message);
    hold(scene, table);
    hold(scene, inbox);
}

/* --- endings ------------------------------------------------------------------------------------
 */

static void end_by_release(struct scene *scene)
{
    release_last(scene->raw.store);
}

static void end_by_store_logoff(struct scene *scene)
{
    ULONG flags = LOGOFF_ORDERLY;

    assert_ok(scene->raw.store->lpVtbl->StoreLogoff(scene->raw.store, &flags));
    release_last(scene->raw.store);
}

static void end_by_logoff(struct scene *scene)
{
    IMSLogon *logon = host_support_unbind(scene->raw.support);
    ULONG flags = 0;

    assert_ok(logon->lpVtbl->Logoff(logon, &flags));
    release_last(logon);
}

static void end_by_logon_release(struct scene *scene)
{
    IMSLogon *logon = host_support_unbind(scene->raw.support);

    release_last(logon);
}

static void end_by_shutdown(struct scene *scene)
{
    IMSProvider *provider = scene->fx->session.provider;
    IMSLogon *logon = host_support_unbind(scene->raw.support);
    ULONG flags = 0;

    assert_ok(provider->lpVtbl->Shutdown(provider, &flags));
    release_last(logon);
}

static void end_by_provider_release(struct scene *scene)
{
    IMSLogon *logon = host_support_unbind(scene->raw.support);

    release_last(scene->fx->session.provider);
    release_last(logon);
}

static void (*const endings[])(struct scene *scene) = { end_by_release, end_by_store_logoff,
    end_by_logoff, end_by_logon_release, end_by_shutdown, end_by_provider_release };

enum { ENDINGS = sizeof(endings) / sizeof(endings[0]) };

/* Clients let go of what is dead; then nothing of the library is left in memory. */
static void close_scene(struct scene *scene)
{
    struct fixture *fx = scene->fx;
    SPropValue *values = POISON;
    ULONG count = POISON_LONG;

    for (size_t i = 2; i < scene->held_count; i += 2) { /* message and inbox */
        IMAPIProp *prop = (IMAPIProp *)(void *)scene->held[i];

        assert_hr(prop->lpVtbl->GetProps(prop, NULL, 0, &count, &values), MAPI_E_INVALID_OBJECT);
        assert_null(values);
    }
    assert_true(host_file_is_free(fx->path));
    for (size_t i = 0; i < scene->held_count; i++)
        release_last(scene->held[i]);
    if (scene->raw.store)
        release_last(scene->raw.store);
    if (fx->session.provider)
        release_last(fx->session.provider);
    assert_int_equal(scene->sink.refs, 1);
    host_sink_done(&scene->sink);
    assert_int_equal(msp_object_count(), 0);
    assert_int_equal(msp_alloc_count_live(), scene->live);
    assert_int_equal(host_mem_live(0), scene->mapi_live);
    assert_int_equal(fx->session.heap.refs, 1);
}

static int setup(void **state)
{
    static struct scene scene;

    memset(&scene, 0, sizeof(scene));
    scene.fx = fixture_new();
    assert_ok(load(&scene.fx->session));
    assert_ok(configure(scene.fx));
    release_last(scene.fx->session.provider);
    open_scene(&scene, false);
    for (unsigned i = 1; i < KEPT; i++)
        save_one(&scene, (IMAPIFolder *)(void *)scene.held[4]);
    end_by_release(&scene);
    close_scene(&scene);
    *state = &scene;
    return 0;
}

static int teardown(void **state)
{
    struct scene *scene = *state;

    open_scene(scene, false); /* the last look */
    end_by_release(scene);
    close_scene(scene);
    fixture_check_and_free(scene->fx);
    return 0;
}

/* --- faults ------------------------------------------------------------------------------------
 */

/* IMSLogon.Logoff.9 Memory.Failure.2 Teardown.Data.1 Teardown.Data.2 */
static void ending__nth_allocation_fails__ends_and_leaves_nothing(void **state)
{
    struct scene *scene = *state;

    for (unsigned way = 0; way < 2 * ENDINGS; way++) {
        unsigned long nth = 1;
        bool failed = true;

        for (; failed && nth < MANY; nth++) {
            open_scene(scene, way % 2 != 0);
            msp_alloc_fail_at(nth);
            endings[way / 2](scene);
            failed = msp_alloc_fail_disarm();
            assert_true(scene->raw.support->dead);
            close_scene(scene);
        }
        assert_true(nth < MANY);
    }
}

/* IMSLogon.Logoff.9 Teardown.Data.1 Teardown.Data.2 */
static void ending__nth_mapi_allocation_fails__ends_and_leaves_nothing(void **state)
{
    struct scene *scene = *state;

    for (unsigned way = 0; way < ENDINGS; way++) {
        size_t nth = 1;
        bool failed = true;

        for (; failed && nth < MANY; nth++) {
            open_scene(scene, true);
            host_mem_fail_at(nth);
            endings[way](scene);
            failed = host_mem_fail_done();
            assert_true(scene->raw.support->dead);
            close_scene(scene);
        }
        assert_true(nth < MANY);
    }
}

/* Every method once, but Release, which cannot fail (com/test_odd_host.c has one that does
 * nothing). IMSLogon.Logoff.4 IMSLogon.Logoff.9 Teardown.Data.1 Teardown.Data.2 */
static void ending__support_object_fails__ends_and_leaves_nothing(void **state)
{
    struct scene *scene = *state;

    for (unsigned i = 0; i < ENDINGS * HOST_did_Logoff; i++) {
        enum host_method method = i % HOST_did_Logoff;
        struct host_support *support;

        if (method == HOST_Release)
            continue;
        open_scene(scene, i % 2 != 0);
        support = scene->raw.support;
        host_support_fail(support, method, i % 3 == 0 ? MAPI_E_CALL_FAILED : E_UNEXPECTED, 1);

        endings[i / HOST_did_Logoff](scene);

        assert_true(support->dead);
        assert_true(host_support_calls(support, HOST_StoreLogoffTransports) <= 1);
        close_scene(scene);
    }
}

/* The endings make much the same calls, so that each meets every code in one of them. */
static void walk_sqlite(struct scene *scene, bool forever)
{
    static const int codes[] = { SQLITE_IOERR, SQLITE_NOMEM, SQLITE_BUSY };

    for (unsigned way = 0; way < ENDINGS; way++) {
        unsigned long nth = 1;
        bool failed = true;

        for (; failed && nth < MANY; nth++) {
            open_scene(scene, false);
            sqlite_fault_arm(nth, forever, codes[(nth + way) % 3]);
            endings[way](scene);
            failed = sqlite_fault_disarm();
            assert_true(scene->raw.support->dead);
            close_scene(scene);
        }
        assert_true(nth > 10 && nth < MANY);
    }
}

/* IMSLogon.Logoff.9 Teardown.Data.1 Teardown.Data.2 */
static void ending__nth_sqlite_call_fails__ends_and_loses_nothing(void **state)
{
    walk_sqlite(*state, false);
}

/* IMSLogon.Logoff.9 Teardown.Data.1 Teardown.Data.2 */
static void ending__sqlite_fails_for_good__ends_and_loses_nothing(void **state)
{
    walk_sqlite(*state, true);
}

#if !MAILKEEP_SQLITE_DYNAMIC

static void walk_disk(struct scene *scene, bool forever, int code)
{
    for (unsigned way = 0; way < ENDINGS; way++) {
        unsigned long nth = 1;
        bool failed = true;

        for (; failed && nth < MANY; nth++) {
            open_scene(scene, false); /* finds all that was saved before the disk failed */
            disk_arm(nth, forever, code);
            endings[way](scene);
            failed = disk_disarm();
            assert_true(scene->raw.support->dead);
            close_scene(scene);
        }
        assert_true(nth > 3 && nth < MANY);
    }
}

/* IMSLogon.Logoff.9 Teardown.Data.1 Teardown.Data.2 */
static void ending__nth_disk_call_fails__ends_and_loses_nothing(void **state)
{
    walk_disk(*state, false, SQLITE_IOERR_WRITE);
    walk_disk(*state, false, SQLITE_FULL);
}

/* IMSLogon.Logoff.9 Teardown.Data.1 Teardown.Data.2 */
static void ending__disk_fails_for_good__ends_and_loses_nothing(void **state)
{
    walk_disk(*state, true, SQLITE_IOERR_WRITE);
}

#endif

/* --- fast shutdown ------------------------------------------------------------------------------
 *
 * Once it has succeeded the process is of no use. So a child walks until then, and the next one
 * goes on from there, until one has met no fault.
 */

enum dying_walk {
    DYING_ALLOC,
    DYING_ALLOC_ADVISED,
    DYING_SQLITE,
    DYING_SQLITE_FOREVER,
#if !MAILKEEP_SQLITE_DYNAMIC
    DYING_DISK,
    DYING_DISK_FOREVER,
#endif
    DYING_WALKS
};

static struct {
    enum dying_walk walk;
    bool is_noticed; /* NotifyProcessShutdown comes first */
    unsigned long from;
} child;

static void arm(enum dying_walk walk, unsigned long nth)
{
    switch (walk) {
    case DYING_SQLITE:
        sqlite_fault_arm(nth, false, nth % 2 == 0 ? SQLITE_IOERR : SQLITE_NOMEM);
        break;
    case DYING_SQLITE_FOREVER:
        sqlite_fault_arm(nth, true, SQLITE_IOERR);
        break;
#if !MAILKEEP_SQLITE_DYNAMIC
    case DYING_DISK:
        disk_arm(nth, false, nth % 2 == 0 ? SQLITE_IOERR_WRITE : SQLITE_FULL);
        break;
    case DYING_DISK_FOREVER:
        disk_arm(nth, true, SQLITE_IOERR_WRITE);
        break;
#endif
    default:
        msp_alloc_fail_at(nth);
        break;
    }
}

/* Has it failed anything? */
static bool disarm(enum dying_walk walk)
{
    switch (walk) {
    case DYING_SQLITE:
    case DYING_SQLITE_FOREVER:
        return sqlite_fault_disarm();
#if !MAILKEEP_SQLITE_DYNAMIC
    case DYING_DISK:
    case DYING_DISK_FOREVER:
        return disk_disarm();
#endif
    default:
        return msp_alloc_fail_disarm();
    }
}

/* A host that goes on when the notice fails is not told that all is well. */
static HRESULT end_fast(struct scene *scene, bool is_noticed)
{
    IMAPIProviderShutdown *shutdown = raw_shutdown(scene->fx);
    HRESULT noticed = S_OK;
    HRESULT hr;

    if (is_noticed)
        noticed = shutdown->lpVtbl->NotifyProcessShutdown(shutdown);
    hr = shutdown->lpVtbl->DoFastShutdown(shutdown);
    shutdown->lpVtbl->Release(shutdown);
    assert_true(hr == S_OK || hr == MAPI_E_DISK_ERROR);
    assert_true(noticed == S_OK || (noticed == MAPI_E_DISK_ERROR && hr == noticed));
    return hr;
}

/* What the next process would find. */
static void check_copy(struct scene *scene)
{
    struct fixture *other = raw_copy_of_the_file(scene->fx);
    struct raw_logon raw;

    assert_ok(load(&other->session));
    raw_open(other, &raw, MDB_WRITE);
    other->store = raw.store;
    fixture_open_inbox(other);
    assert_int_equal(prop_long(other->inbox, PR_CONTENT_COUNT), scene->saved);
    (void)host_file_remove(other->path);
}

/* Until it succeeds. Comes back to nobody. */
static void child__fast_shutdown__fails_or_loses_nothing(void **state)
{
    struct scene *scene = *state;
    unsigned long nth = child.from;
    HRESULT hr = MAPI_E_DISK_ERROR;
    bool failed = true;

    for (; hr != S_OK && nth < MANY; nth++) {
        open_scene(scene, child.walk == DYING_ALLOC_ADVISED);
        prop_set_bool(scene->raw.store, PR_MKEEP_BULK, true);
        save_one(scene, (IMAPIFolder *)(void *)scene->held[4]);
        save_one(scene, (IMAPIFolder *)(void *)scene->held[4]);
        arm(child.walk, nth);
        hr = end_fast(scene, child.is_noticed);
        failed = disarm(child.walk);
        if (hr == S_OK)
            break;
        assert_true(failed);
        scene->grouped = 2;
        end_by_logoff(scene);
        close_scene(scene);
    }
    assert_int_equal(hr, S_OK);
    check_copy(scene);
    (void)host_file_remove(scene->fx->path);
    print_message("%s %lu\n", failed ? "survived" : "unharmed at", nth);
}

static int run_child(char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(child__fast_shutdown__fails_or_loses_nothing, setup),
    };

    child.walk = (enum dying_walk)strtoul(argv[2], NULL, 10);
    child.is_noticed = strtoul(argv[3], NULL, 10) != 0;
    child.from = strtoul(argv[4], NULL, 10);
    return cmocka_run_group_tests_name("a process that ends", tests, NULL, NULL);
}

/* Prints what a child has said; the number it ended at. */
static unsigned long read_child(const char *path, int status, bool *out_is_unharmed)
{
    FILE *file = host_fopen(path, "rb");
    unsigned long nth = 0;
    char line[300];

    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        *out_is_unharmed |= sscanf(line, "unharmed at %lu", &nth) == 1;
        (void)sscanf(line, "survived %lu", &nth);
        if (status != 0)
            print_error("%s", line);
    }
    fclose(file);
    assert_int_equal(status, 0);
    assert_int_not_equal(nth, 0);
    return nth;
}

static void walk_dying(struct scene *scene, enum dying_walk walk, bool is_noticed)
{
    unsigned long nth = 1;
    bool is_unharmed = false;
    char numbers[3][24];
    char output[1100];

    snprintf(output, sizeof(output), "%s.out", scene->fx->path);
    while (!is_unharmed) {
        const char *arguments[] = { NULL, "--dying", numbers[0], numbers[1], numbers[2], NULL };
        struct process *process;

        snprintf(numbers[0], sizeof(numbers[0]), "%u", (unsigned)walk);
        snprintf(numbers[1], sizeof(numbers[1]), "%u", (unsigned)is_noticed);
        snprintf(numbers[2], sizeof(numbers[2]), "%lu", nth);
        process = process_start(arguments, output);
        assert_non_null(process);
        nth = read_child(output, process_wait(process), &is_unharmed) + 1;
    }
    (void)host_file_remove(output);
}

/* IMSProvider.FastShutdown.2 IMSProvider.FastShutdown.3 Teardown.Data.4 Memory.Failure.2 */
static void fast_shutdown__anything_fails__says_so_or_loses_nothing(void **state)
{
    for (unsigned i = 0; i < 2 * DYING_WALKS; i++)
        walk_dying(*state, (enum dying_walk)(i / 2), i % 2 != 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(ending__nth_allocation_fails__ends_and_leaves_nothing),
        TEST(ending__nth_mapi_allocation_fails__ends_and_leaves_nothing),
        TEST(ending__support_object_fails__ends_and_leaves_nothing),
        TEST(ending__nth_sqlite_call_fails__ends_and_loses_nothing),
        TEST(ending__sqlite_fails_for_good__ends_and_loses_nothing),
#if !MAILKEEP_SQLITE_DYNAMIC
        TEST(ending__nth_disk_call_fails__ends_and_loses_nothing),
        TEST(ending__disk_fails_for_good__ends_and_loses_nothing),
#endif
        TEST(fast_shutdown__anything_fails__says_so_or_loses_nothing),
    };

    if (!sqlite_fault_install())
        return 1;
#if !MAILKEEP_SQLITE_DYNAMIC
    disk_install();
#endif
    if (argc == 5 && strcmp(argv[1], "--dying") == 0) {
        int failed = run_child(argv);

        fflush(NULL);
        host_die(failed);
    }
    return cmocka_run_group_tests_name("fault_end", tests, NULL, NULL);
}
