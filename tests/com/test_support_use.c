/* SPDX-License-Identifier: MIT */
/*
 * test_support_use.c - how the provider uses what it is lent: status row, profile sections, its UID
 * and the wrapped identifier; on which threads it calls what a client hands in.
 *
 * Locks: none; what threads share is read after they are joined.
 */
#include <stdatomic.h>

#include "raw_logon.h"

/* IMAPISupport.ModifyStatusRow.1 */
static void status_row__logon__first_call_makes_it_with_all_columns(void **state)
{
    static const ULONG needed[] = { PR_DISPLAY_NAME_W, PR_STATUS_CODE, PR_RESOURCE_METHODS };
    struct fixture *fx = *state;
    const struct host_bag *row;
    struct raw_logon raw;
    struct host_call call;

    raw_open(fx, &raw, MDB_WRITE);

    assert_true(host_support_call(raw.support, HOST_ModifyStatusRow, 0, &call));
    assert_int_equal(call.flags, 0);
    assert_true(call.arg >= 3);
    assert_ok(call.hr);
    row = host_world_status_row(&fx->session.world, raw.support);
    assert_non_null(row);
    for (size_t i = 0; i < 3; i++)
        assert_non_null(host_bag_get(row, needed[i]));
    raw_close(&raw);
}

static void fail_wrap(struct host_support *support)
{
    host_support_fail(support, HOST_WrapStoreEntryID, MAPI_E_CALL_FAILED, 1);
}

static void fail_uid(struct host_support *support)
{
    host_support_fail(support, HOST_SetProviderUID, MAPI_E_CALL_FAILED, 1);
}

static void fail_row(struct host_support *support)
{
    host_support_fail(support, HOST_ModifyStatusRow, MAPI_E_CALL_FAILED, 1);
}

/* IMAPISupport.OpenProfileSection.5 */
static void profile_sections__logon_works_or_fails__none_stays_open(void **state)
{
    void (*const scripts[])(
            struct host_support * support) = { NULL, fail_wrap, fail_uid, fail_row };
    struct fixture *fx = *state;

    for (size_t i = 0; i < 4; i++) {
        struct raw_logon raw = { .flags = MDB_WRITE, .script = scripts[i] };
        IProfSect *section = NULL;
        IMAPISupport *support;
        HRESULT hr = raw_logon(fx, &raw);

        assert_int_equal(SUCCEEDED(hr), i == 0);
        assert_true(host_support_calls(raw.support, HOST_OpenProfileSection) >= 1);
        assert_int_equal(fx->profile->objects, 0);
        support = host_support_iface(raw.support);
        /* what blocks nobody can be opened for writing */
        assert_ok(support->lpVtbl->OpenProfileSection(support, NULL, MAPI_MODIFY, &section));
        release_last(section);
        raw_drop_support(&raw);
        raw_close(&raw);
    }
}

static MAPIUID uid_of(struct host_support *support)
{
    struct host_call call;

    assert_true(host_support_call(support, HOST_SetProviderUID, 0, &call));
    return call.uid;
}

/* The identifier that is registered is the one in entry ids, the same in every session, and another
 * one for another store. IMAPISupport.SetProviderUID.1 */
static void provider_uid__every_session__is_the_stores_own(void **state)
{
    struct fixture *fx = *state;
    struct fixture *other;
    SPropValue *id = prop_get(fx->inbox, PR_ENTRYID);
    MAPIUID first = uid_of(fx->support);
    MAPIUID again;
    void *made = NULL;

    assert_memory_equal(id->Value.bin.lpb + 4, &first, sizeof(first));
    mapi_free(id);

    fixture_reopen(fx);
    {
        struct host_support *support = fx->session.world.supports;

        while (support->next) /* the last one is the store's */
            support = support->next;
        again = uid_of(support);
    }
    fixture_store_setup(&made);
    other = made;

    assert_memory_equal(&again, &first, sizeof(first));
    again = uid_of(other->support);
    assert_memory_not_equal(&again, &first, sizeof(first));
    fixture_teardown(&made);
}

/* IMAPISupport.WrapStoreEntryID.2 */
static void wrapped_id__names_the_library__as_it_is_registered(void **state)
{
    struct fixture *fx = *state;
    char *registered = host_bag_text(&raw_section(fx)->props, PR_PROVIDER_DLL_NAME_W);
    SPropValue *id = prop_get(fx->store, PR_STORE_ENTRYID);
    const SPropValue *kept = host_bag_get(&raw_section(fx)->props, PR_ENTRYID);
    const ENTRYID *inner = NULL;
    const char *dll = NULL;
    ULONG size = 0;

    assert_non_null(registered);
    assert_non_null(kept);
    assert_true(
            host_unwrap_entry_id(id->Value.bin.cb, raw_id(id->Value.bin.lpb), &size, &inner, &dll));
    assert_string_equal(dll, registered);
    assert_true(host_unwrap_entry_id(
            kept->Value.bin.cb, raw_id(kept->Value.bin.lpb), &size, &inner, &dll));
    assert_string_equal(dll, registered);
    mapi_free(id);
    free(registered);
}

/* --- threads -----------------------------------------------------------------------------------
 */

enum { MAILS = 20 };

struct threads {
    struct fixture *fx;
    IMAPIFolder *target;
    ENTRYLIST mails;
    uintptr_t own;
    atomic_uint calls;
    atomic_uint strange; /* calls on another thread */
};

static struct threads *watched;

static void note_thread(void)
{
    atomic_fetch_add(&watched->calls, 1);
    if (host_thread_id() != watched->own)
        atomic_fetch_add(&watched->strange, 1);
}

static void progress_called(struct host_progress *progress, void *context)
{
    (void)progress;
    (void)context;
    note_thread();
}

static HRESULT STDMETHODCALLTYPE write_called(
        IStream *iface, const void *bytes, ULONG size, ULONG *out_written)
{
    (void)iface;
    (void)bytes;
    note_thread();
    if (out_written)
        *out_written = size;
    return S_OK;
}

static void copy_stream(struct fixture *fx)
{
    ULARGE_INTEGER all = { .QuadPart = 1 << 20 };
    LARGE_INTEGER start = { .QuadPart = 0 };
    IStream *target = host_stream_new("", 0);
    IMessage *message = NULL;
    LPUNKNOWN object = NULL;
    IStream *stream;
    IStreamVtbl vtbl;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    assert_ok(message->lpVtbl->OpenProperty(
            message, PR_BODY_W, &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY, &object));
    stream = (IStream *)(void *)object;
    assert_ok(stream->lpVtbl->SetSize(stream, all));
    assert_ok(stream->lpVtbl->Seek(stream, start, STREAM_SEEK_SET, NULL));
    vtbl = *target->lpVtbl;
    vtbl.Write = write_called;
    target->lpVtbl = &vtbl;
    assert_ok(stream->lpVtbl->CopyTo(stream, target, all, NULL, NULL));
    release_last(target);
    release_last(stream);
    release_last(message);
}

static void work(void *arg)
{
    struct threads *threads = arg;
    IMAPIFolder *inbox = threads->fx->inbox;
    struct host_progress progress;
    unsigned before;

    threads->own = host_thread_id();
    host_progress_init(&progress);
    progress.on_progress = progress_called;
    assert_ok(inbox->lpVtbl->CopyMessages(inbox, &threads->mails, NULL, threads->target, 0,
            &progress.IMAPIProgress_iface, MESSAGE_DIALOG));
    assert_int_equal(progress.refs, 1);
    before = atomic_load(&threads->calls);
    assert_true(before > 0);
    copy_stream(threads->fx);
    assert_true(atomic_load(&threads->calls) > before);
}

/* There is a thread in the background, since somebody is advised; it leaves these alone.
 * Threads.Rules.2 */
static void progress_and_streams__called__on_the_callers_thread_alone(void **state)
{
    static const bool elsewhere[] = { false, true };
    SPropValue *kept[MAILS];
    SBinary ids[MAILS];
    struct threads threads = { .fx = *state };
    IMsgStore *store = threads.fx->store;
    ULONG_PTR connection = 0;
    struct host_sink sink;

    watched = &threads;
    host_sink_init(&sink);
    assert_ok(store->lpVtbl->Advise(
            store, 0, NULL, fnevObjectModified, &sink.IMAPIAdviseSink_iface, &connection));
    threads.target = folder_make(threads.fx->inbox, "target");
    threads.mails = (ENTRYLIST){ MAILS, ids };
    for (int i = 0; i < MAILS; i++) {
        kept[i] = message_make(threads.fx->inbox, "one of many");
        ids[i] = kept[i]->Value.bin;
    }
    for (size_t round = 0; round < 2; round++) {
        if (elsewhere[round])
            host_thread_join(host_thread_start(work, &threads));
        else
            work(&threads);
    }

    assert_int_equal(atomic_load(&threads.strange), 0);
    release_last(threads.target);
    for (int i = 0; i < MAILS; i++)
        mapi_free(kept[i]);
    assert_ok(store->lpVtbl->Unadvise(store, connection));
    assert_int_equal(sink.refs, 1);
    host_sink_done(&sink);
}

#define CONFIGURED(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, fixture_configured_setup, fixture_teardown)
#define STORE(test) cmocka_unit_test_setup_teardown(test, fixture_store_setup, fixture_teardown)
#define INBOX(test) cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONFIGURED(status_row__logon__first_call_makes_it_with_all_columns),
        CONFIGURED(profile_sections__logon_works_or_fails__none_stays_open),
        INBOX(provider_uid__every_session__is_the_stores_own),
        STORE(wrapped_id__names_the_library__as_it_is_registered),
        INBOX(progress_and_streams__called__on_the_callers_thread_alone),
    };

    return cmocka_run_group_tests_name("support_use", tests, NULL, NULL);
}
