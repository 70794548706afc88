/* SPDX-License-Identifier: MIT */
/*
 * test_provider.c - MSProviderInit, and what IMSProvider answers without a store: identities,
 * comparing stores, shutting down.
 */
#include "raw_logon.h"

static MSPROVIDERINIT *entry(struct fixture *fx)
{
    MSPROVIDERINIT *init = (MSPROVIDERINIT *)host_lib_symbol(fx->session.lib, "MSProviderInit");

    assert_non_null(init);
    return init;
}

struct init {
    LPALLOCATEBUFFER allocate;
    LPALLOCATEMORE more;
    LPFREEBUFFER release;
    LPMALLOC heap;
    ULONG flags;
    ULONG version;
};

static struct init good_init(struct fixture *fx)
{
    const struct host_mem_trio *trio = host_mem_trio(0);

    return (struct init){ trio->allocate, trio->more, trio->release,
        &fx->session.heap.IMalloc_iface, 0, CURRENT_SPI_VERSION };
}

static HRESULT call_init(
        struct fixture *fx, const struct init *init, ULONG *out_version, IMSProvider **out)
{
    *out_version = POISON_LONG;
    *out = POISON;
    return entry(fx)(host_lib_handle(fx->session.lib), init->heap, init->allocate, init->more,
            init->release, init->flags, init->version, out_version, out);
}

/* --- MSProviderInit -----------------------------------------------------------------------------
 */

/* MSProviderInit.Version.1 MSProviderInit.Version.2 MSProviderInit.Instance.5
 * MSProviderInit.Export.4 */
static void init__same_version__gives_a_provider(void **state)
{
    struct fixture *fx = *state;
    struct init init = good_init(fx);
    IMSProvider *provider;
    ULONG version;

    assert_ok(call_init(fx, &init, &version, &provider));

    assert_int_equal(version, 0x00010010);
    assert_non_null(provider);
    assert_ptr_equal(*(void **)provider, provider->lpVtbl);
    release_last(provider);
}

/* MSProviderInit.Version.3 MSProviderInit.Version.5 MSProviderInit.Version.2 */
static void init__older_host__is_refused_with_our_version(void **state)
{
    struct fixture *fx = *state;
    struct init init = good_init(fx);
    IMSProvider *provider;
    ULONG version;

    init.version = 0x00010008;

    assert_hr(call_init(fx, &init, &version, &provider), MAPI_E_VERSION);

    assert_null(provider);
    assert_int_equal(version, CURRENT_SPI_VERSION);
}

/* MSProviderInit.Version.4 */
static void init__newer_host__is_welcome(void **state)
{
    struct fixture *fx = *state;
    struct init init = good_init(fx);
    IMSProvider *provider;
    ULONG version;

    init.version = CURRENT_SPI_VERSION + 1;
    assert_ok(call_init(fx, &init, &version, &provider));
    assert_int_equal(version, CURRENT_SPI_VERSION);
    release_last(provider);

    init.version = UINT32_MAX;
    assert_ok(call_init(fx, &init, &version, &provider));
    release_last(provider);
}

/* MSProviderInit.Params.1 MSProviderInit.Params.2 */
static void init__no_place_for_results__invalid_parameter(void **state)
{
    struct fixture *fx = *state;
    const struct init init = good_init(fx);
    IMSProvider *provider = POISON;
    ULONG version = POISON_LONG;

    assert_hr(entry(fx)(NULL, NULL, init.allocate, init.more, init.release, 0, CURRENT_SPI_VERSION,
                      &version, NULL),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(entry(fx)(NULL, NULL, init.allocate, init.more, init.release, 0, CURRENT_SPI_VERSION,
                      NULL, &provider),
            MAPI_E_INVALID_PARAMETER);

    assert_null(provider);
}

/* MSProviderInit.Params.3 */
static void init__an_allocator_missing__invalid_parameter(void **state)
{
    struct fixture *fx = *state;

    for (int missing = 0; missing < 3; missing++) {
        struct init init = good_init(fx);
        IMSProvider *provider;
        ULONG version;

        if (missing == 0)
            init.allocate = NULL;
        else if (missing == 1)
            init.more = NULL;
        else
            init.release = NULL;

        assert_hr(call_init(fx, &init, &version, &provider), MAPI_E_INVALID_PARAMETER);

        assert_null(provider);
    }
}

/* MSProviderInit.Params.4 */
static void init__for_a_service__succeeds(void **state)
{
    struct fixture *fx = *state;
    struct init init = good_init(fx);
    IMSProvider *provider;
    ULONG version;

    init.flags = MAPI_NT_SERVICE;
    assert_ok(call_init(fx, &init, &version, &provider));
    release_last(provider);
}

/* MSProviderInit.Instance.1 */
static void init__twice_alike__gives_two_providers(void **state)
{
    struct fixture *fx = *state;
    struct init init = good_init(fx);
    IMSProvider *one;
    IMSProvider *two;
    ULONG version;

    assert_ok(call_init(fx, &init, &version, &one));
    assert_ok(call_init(fx, &init, &version, &two));

    assert_ptr_not_equal(one, two);
    assert_ptr_not_equal(one, fx->session.provider);
    release_last(one);
    release_last(two);
}

/* MSProviderInit.Instance.4 */
static void init__given_a_heap__holds_one_reference_until_it_dies(void **state)
{
    struct fixture *fx = *state;
    struct init init = good_init(fx);
    unsigned long before = fx->session.heap.refs;
    IMSProvider *provider;
    ULONG version;

    assert_ok(call_init(fx, &init, &version, &provider));
    assert_int_equal(fx->session.heap.refs, before + 1);
    assert_int_equal(provider->lpVtbl->AddRef(provider), 2);
    assert_int_equal(provider->lpVtbl->Release(provider), 1);
    assert_int_equal(fx->session.heap.refs, before + 1);

    release_last(provider);

    assert_int_equal(fx->session.heap.refs, before);
}

static void init__given_no_heap__does_without(void **state)
{
    struct fixture *fx = *state;
    struct init init = good_init(fx);
    IMSProvider *provider;
    ULONG version;

    init.heap = NULL;
    assert_ok(call_init(fx, &init, &version, &provider));
    release_last(provider);
}

/* A second session of this process, with memory of its own, on the profile of the first. */
static void second_session(struct fixture *fx, struct host_session *second)
{
    host_session_init(second, fx->profile, 1);
    if (FAILED(host_session_load(second)))
        fail_msg("second session: %s", second->error);
}

/* MSProviderInit.Instance.2 */
static void shutdown__of_one_provider__leaves_the_stores_of_another(void **state)
{
    struct fixture *fx = *state;
    struct host_session second;
    SPropValue *name;
    ULONG flags = 0;

    second_session(fx, &second);

    assert_ok(second.provider->lpVtbl->Shutdown(second.provider, &flags));

    name = prop_get(fx->store, PR_DISPLAY_NAME_W);
    assert_non_null(name);
    mapi_free(name);
    assert_int_equal(host_session_done(&second), 0);
    prop_set_text(fx->store, PR_COMMENT_W, "still open");
    prop_assert_text(fx->store, PR_COMMENT_W, "still open");
}

/* MSProviderInit.Instance.3 MSProviderInit.Instance.2 */
static void stores__of_two_providers__use_their_own_allocators(void **state)
{
    struct fixture *fx = *state;
    struct host_session second;
    SizedSPropTagArray(1, tags) = { 1, { PR_DISPLAY_NAME_W } };
    IMsgStore *store = NULL;
    SPropValue *values = NULL;
    ULONG count = 0;
    size_t first_live = host_mem_live(0);

    second_session(fx, &second);
    assert_ok(host_session_open(&second, &store));
    assert_ptr_not_equal(store, fx->store);

    assert_ok(
            store->lpVtbl->GetProps(store, (LPSPropTagArray)&tags, MAPI_UNICODE, &count, &values));

    assert_true(host_mem_live(1) > 0);
    host_mem_trio(1)->release(values);
    assert_int_equal(host_mem_live(1), 0);
    release_last(store);
    assert_int_equal(host_session_done(&second), 0);
    assert_true(host_mem_live(0) <= first_live + 64); /* what the profile's section has grown by */
}

/* MSProviderInit.DllMain.3 */
static void module__loaded_and_freed_again__changes_nothing_for_live_objects(void **state)
{
    struct fixture *fx = *state;
    char why[256];

    for (int i = 0; i < 20; i++) {
        struct host_lib *again = host_lib_open(fx->session.dll_path, why, sizeof(why));

        assert_non_null(again);
        assert_non_null(host_lib_symbol(again, "MSProviderInit"));
        host_lib_close(again);
    }

    prop_set_text(fx->store, PR_COMMENT_W, "as before");
    prop_assert_text(fx->store, PR_COMMENT_W, "as before");
}

/* MSProviderInit.DllMain.4 */
static void module__last_provider_released__can_be_unloaded(void **state)
{
    struct fixture *fx = *state;
    char path[1024];

    snprintf(path, sizeof(path), "%s", fx->session.dll_path);
    assert_true(host_lib_is_loaded(path));
    release_last(fx->inbox);
    release_last(fx->store);

    host_session_logoff(&fx->session);

    assert_false(host_lib_is_loaded(path));
}

/* --- IMSProvider: identities --------------------------------------------------------------------
 */

/* IMSProvider.IUnknown.1 Memory.COM.1 */
static void query__identities__same_object_one_reference_more(void **state)
{
    struct fixture *fx = *state;
    IMSProvider *provider = fx->session.provider;
    const IID *iids[] = { &IID_IUnknown, &IID_IMSProvider };

    for (size_t i = 0; i < 2; i++) {
        void *out = POISON;

        assert_ok(provider->lpVtbl->QueryInterface(provider, iids[i], &out));
        assert_ptr_equal(out, provider);
        assert_int_equal(provider->lpVtbl->Release(provider), 1);
    }
}

static void query__something_else__no_interface_and_null(void **state)
{
    struct fixture *fx = *state;
    IMSProvider *provider = fx->session.provider;
    void *out = POISON;

    assert_hr(provider->lpVtbl->QueryInterface(provider, &IID_IMsgStore, &out), E_NOINTERFACE);
    assert_null(out);
    assert_hr(provider->lpVtbl->QueryInterface(provider, &IID_IUnknown, NULL),
            MAPI_E_INVALID_PARAMETER);
}

/* IMSProvider.IUnknown.2 IMSProvider.FastShutdown.1 Memory.COM.1 */
static void query__fast_shutdown__is_there_and_supported(void **state)
{
    struct fixture *fx = *state;
    IMSProvider *provider = fx->session.provider;
    const IID *iids[] = { &IID_IMAPIProviderShutdown, &IID_IMAPIClientShutdown };

    for (size_t i = 0; i < 2; i++) {
        IMAPIProviderShutdown *shutdown;
        void *out = POISON;
        void *unknown = POISON;

        assert_ok(provider->lpVtbl->QueryInterface(provider, iids[i], &out));
        shutdown = out;
        assert_ok(shutdown->lpVtbl->QueryFastShutdown(shutdown));
        assert_ok(shutdown->lpVtbl->QueryInterface(shutdown, &IID_IUnknown, &unknown));
        assert_ptr_equal(unknown, provider);
        provider->lpVtbl->Release(provider);
        assert_int_equal(shutdown->lpVtbl->Release(shutdown), 1);
    }
}

/* IMSProvider.FastShutdown.2 */
static void notify_process_shutdown__store_open__succeeds_and_the_store_goes_on(void **state)
{
    struct fixture *fx = *state;
    IMAPIProviderShutdown *shutdown = raw_shutdown(fx);

    assert_ok(shutdown->lpVtbl->NotifyProcessShutdown(shutdown));

    prop_set_text(fx->store, PR_COMMENT_W, "after the notice");
    prop_assert_text(fx->store, PR_COMMENT_W, "after the notice");
    shutdown->lpVtbl->Release(shutdown);
}

static void count_threads(void *arg)
{
    *(unsigned *)arg = host_thread_count();
}

/* As another thread sees it: ThreadSanitizer starts one of its own beside the first, and keeps it.
 */
static unsigned threads_at_rest(void)
{
    unsigned count = 0;

    host_thread_join(host_thread_start(count_threads, &count));
    return count - 1;
}

/* A saved message may be told of, which a thread of the logon does. IMSProvider.FastShutdown.2 */
static void notify_process_shutdown__advised_and_in_bulk__no_thread_and_all_on_disk(void **state)
{
    struct fixture *fx = *state;
    unsigned threads = threads_at_rest();
    IMAPIProviderShutdown *shutdown;
    struct host_sink sink;
    ULONG_PTR connection = 0;
    struct fixture *other;
    IMessage *message;
    SPropValue *id;

    host_sink_init(&sink);
    assert_ok(fx->store->lpVtbl->Advise(
            fx->store, 0, NULL, fnevObjectDeleted, &sink.IMAPIAdviseSink_iface, &connection));
    assert_true(host_thread_count() > threads);
    prop_set_bool(fx->store, PR_MKEEP_BULK, true);
    id = message_make(fx->inbox, "acknowledged");
    shutdown = raw_shutdown(fx);

    assert_ok(shutdown->lpVtbl->NotifyProcessShutdown(shutdown));

    other = raw_copy_of_the_file(fx);
    fixture_logon(other);
    message = message_open(other->store, id);
    prop_assert_text(message, PR_SUBJECT_W, "acknowledged");
    release_last(message);
    fixture_check_and_free(other);
    while (host_thread_count() > threads)
        host_sleep_ms(0); /* a thread that goes on hangs here */
    assert_ok(shutdown->lpVtbl->NotifyProcessShutdown(shutdown));
    shutdown->lpVtbl->Release(shutdown);
    assert_ok(fx->store->lpVtbl->Unadvise(fx->store, connection));
    host_sink_done(&sink);
    mapi_free(id);
}

/* --- Shutdown -----------------------------------------------------------------------------------
 */

/* IMSProvider.Shutdown.1 IMSProvider.Shutdown.2 */
static void shutdown__any_flags__succeeds_again_and_again(void **state)
{
    struct fixture *fx = *state;
    IMSProvider *provider = fx->session.provider;
    ULONG flags = 0;

    assert_ok(provider->lpVtbl->Shutdown(provider, &flags));
    assert_int_equal(flags, 0);
    assert_ok(provider->lpVtbl->Shutdown(provider, NULL));
}

static void shutdown__stores_open__ends_their_logons(void **state)
{
    struct fixture *fx = *state;
    IMSProvider *provider = fx->session.provider;
    SizedSPropTagArray(1, tags) = { 1, { PR_DISPLAY_NAME_W } };
    SPropValue *values = POISON;
    ULONG count = POISON_LONG;
    ULONG flags = 0;

    assert_ok(provider->lpVtbl->Shutdown(provider, &flags));

    assert_true(fx->support->dead);
    assert_int_equal(host_support_calls(fx->support, HOST_did_Logoff), 1);
    assert_hr(fx->store->lpVtbl->GetProps(fx->store, (LPSPropTagArray)&tags, 0, &count, &values),
            MAPI_E_INVALID_OBJECT);
    assert_null(values);
    assert_int_equal(count, 0);
}

/* --- CompareStoreIDs ----------------------------------------------------------------------------
 */

struct store_id {
    size_t size;
    unsigned char bytes[2048];
};

/* Of a new store, which is open for a moment only. */
static void new_store_id(struct fixture *fx, const char *path, struct store_id *out)
{
    struct raw_logon raw;

    assert_ok(host_session_configure(&fx->session, path));
    raw_open(fx, &raw, MDB_WRITE);
    raw_close(&raw);
    out->size = raw_copy_id(fx, out->bytes);
}

static HRESULT compare(
        struct fixture *fx, const struct store_id *a, const struct store_id *b, ULONG *out)
{
    IMSProvider *provider = fx->session.provider;

    *out = POISON_LONG;
    return provider->lpVtbl->CompareStoreIDs(
            provider, (ULONG)a->size, raw_id(a->bytes), (ULONG)b->size, raw_id(b->bytes), 0, out);
}

/* Two configured stores, no store open. */
static void two_ids(struct fixture *fx, struct store_id *one, struct store_id *two)
{
    char other[1024];

    new_store_id(fx, fx->path, one);
    host_temp_path(".mkeep", other, sizeof(other));
    new_store_id(fx, other, two);
    assert_true(host_file_remove(other));
}

/* IMSProvider.CompareStoreIDs.1 IMSProvider.CompareStoreIDs.2 IMSProvider.CompareStoreIDs.3 */
static void compare_store_ids__no_store_open_and_files_gone__tells_them_apart(void **state)
{
    struct fixture *fx = *state;
    struct store_id one;
    struct store_id two;
    ULONG equal;

    two_ids(fx, &one, &two);
    assert_true(host_file_remove(fx->path));

    assert_ok(compare(fx, &one, &one, &equal));
    assert_int_equal(equal, TRUE);
    assert_ok(compare(fx, &one, &two, &equal));
    assert_int_equal(equal, FALSE);
}

/* IMSProvider.CompareStoreIDs.4 EntryID.Layout.5 */
static void compare_store_ids__same_store_other_path_or_version__equal(void **state)
{
    struct fixture *fx = *state;
    struct store_id one;
    struct store_id two;
    ULONG equal;

    two_ids(fx, &one, &two);
    two = one;
    two.bytes[two.size - 3] ^= 1; /* in the path: the file was moved */
    assert_ok(compare(fx, &one, &two, &equal));
    assert_int_equal(equal, TRUE);

    two = one;
    two.bytes[20]++; /* a later version of the format, with more at its end */
    two.bytes[two.size++] = 0x77;
    assert_ok(compare(fx, &one, &two, &equal));
    assert_int_equal(equal, TRUE);

    memmove(two.bytes + 1, one.bytes, one.size);
    equal = POISON_LONG;
    assert_ok(fx->session.provider->lpVtbl->CompareStoreIDs(fx->session.provider, (ULONG)one.size,
            raw_id(one.bytes), (ULONG)one.size, raw_id(two.bytes + 1), 0, &equal));
    assert_int_equal(equal, TRUE);
}

/* IMSProvider.CompareStoreIDs.5 */
static void compare_store_ids__malformed__not_equal(void **state)
{
    struct fixture *fx = *state;
    struct store_id good;
    struct store_id bad;
    ULONG equal;

    two_ids(fx, &bad, &good);
    for (size_t size = 0; size < good.size; size++) {
        bad = good;
        bad.size = size;
        assert_ok(compare(fx, &good, &bad, &equal));
        assert_int_equal(equal, FALSE);
        assert_ok(compare(fx, &bad, &bad, &equal));
        assert_int_equal(equal, FALSE);
    }
    for (size_t at = 0; at < 20; at++) { /* flags, provider's UID */
        bad = good;
        bad.bytes[at] ^= 0x40;
        assert_ok(compare(fx, &bad, &good, &equal));
        assert_int_equal(equal, FALSE);
    }
}

/* IMSProvider.CompareStoreIDs.6 Errors.Codes.1 */
static void compare_store_ids__bad_arguments__are_refused(void **state)
{
    struct fixture *fx = *state;
    IMSProvider *provider = fx->session.provider;
    unsigned char id[64] = { 0 };
    ULONG equal = POISON_LONG;

    assert_hr(provider->lpVtbl->CompareStoreIDs(provider, 64, raw_id(id), 64, raw_id(id), 0, NULL),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(provider->lpVtbl->CompareStoreIDs(provider, 64, NULL, 64, raw_id(id), 0, &equal),
            MAPI_E_INVALID_PARAMETER);
    assert_int_equal(equal, 0);
    assert_hr(provider->lpVtbl->CompareStoreIDs(provider, 64, raw_id(id), 64, NULL, 0, &equal),
            MAPI_E_INVALID_PARAMETER);
    equal = POISON_LONG;
    assert_hr(
            provider->lpVtbl->CompareStoreIDs(provider, 64, raw_id(id), 64, raw_id(id), 1, &equal),
            MAPI_E_UNKNOWN_FLAGS);
    assert_int_equal(equal, 0);
    assert_ok(provider->lpVtbl->CompareStoreIDs(provider, 0, NULL, 0, NULL, 0, &equal));
    assert_int_equal(equal, FALSE);
}

#define LOADED(test) cmocka_unit_test_setup_teardown(test, fixture_session_setup, fixture_teardown)
#define OPEN(test) cmocka_unit_test_setup_teardown(test, fixture_store_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOADED(init__same_version__gives_a_provider),
        LOADED(init__older_host__is_refused_with_our_version),
        LOADED(init__newer_host__is_welcome),
        LOADED(init__no_place_for_results__invalid_parameter),
        LOADED(init__an_allocator_missing__invalid_parameter),
        LOADED(init__for_a_service__succeeds),
        LOADED(init__twice_alike__gives_two_providers),
        LOADED(init__given_a_heap__holds_one_reference_until_it_dies),
        LOADED(init__given_no_heap__does_without),
        OPEN(shutdown__of_one_provider__leaves_the_stores_of_another),
        OPEN(stores__of_two_providers__use_their_own_allocators),
        OPEN(module__loaded_and_freed_again__changes_nothing_for_live_objects),
        cmocka_unit_test_setup_teardown(module__last_provider_released__can_be_unloaded,
                fixture_inbox_setup, fixture_teardown),
        LOADED(query__identities__same_object_one_reference_more),
        LOADED(query__something_else__no_interface_and_null),
        LOADED(query__fast_shutdown__is_there_and_supported),
        OPEN(notify_process_shutdown__store_open__succeeds_and_the_store_goes_on),
        cmocka_unit_test_setup_teardown(
                notify_process_shutdown__advised_and_in_bulk__no_thread_and_all_on_disk,
                fixture_inbox_setup, fixture_teardown),
        LOADED(shutdown__any_flags__succeeds_again_and_again),
        OPEN(shutdown__stores_open__ends_their_logons),
        LOADED(compare_store_ids__no_store_open_and_files_gone__tells_them_apart),
        LOADED(compare_store_ids__same_store_other_path_or_version__equal),
        LOADED(compare_store_ids__malformed__not_equal),
        LOADED(compare_store_ids__bad_arguments__are_refused),
    };

    return cmocka_run_group_tests_name("provider", tests, NULL, NULL);
}
