/* SPDX-License-Identifier: MIT */
/*
 * test_teardown.c - the ways a logon ends, and what is left in the hands of clients.
 */
#include "raw_logon.h"

static bool is_dead(void *object)
{
    SizedSPropTagArray(1, tags) = { 1, { PR_ENTRYID } };
    IMAPIProp *prop = object;
    SPropValue *values = POISON;
    ULONG count = POISON_LONG;
    HRESULT hr = prop->lpVtbl->GetProps(prop, (LPSPropTagArray)&tags, 0, &count, &values);

    if (hr != MAPI_E_INVALID_OBJECT) {
        if (SUCCEEDED(hr))
            mapi_free(values);
        return false;
    }
    assert_null(values);
    assert_int_equal(count, 0);
    return true;
}

static ULONG transports_heard(struct host_support *support)
{
    struct host_call call;

    assert_int_equal(host_support_calls(support, HOST_StoreLogoffTransports), 1);
    assert_true(host_support_call(support, HOST_StoreLogoffTransports, 0, &call));
    return call.flags;
}

/* --- the last Release of the store --------------------------------------------------------------
 */

/* Teardown.StoreClose.1 Teardown.StoreClose.9 */
static void store_release__no_store_logoff__transports_abort_then_support_goes(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;

    raw_open(fx, &raw, MDB_WRITE);
    assert_int_equal(host_support_refs(raw.support), 1);

    release_last(raw.store);

    assert_int_equal(transports_heard(raw.support), LOGOFF_ABORT);
    assert_int_equal(host_support_calls(raw.support, HOST_AddRef), 1);
    assert_int_equal(host_support_calls(raw.support, HOST_Release), 1);
    assert_true(host_support_position(raw.support, HOST_StoreLogoffTransports, 0) <
                host_support_position(raw.support, HOST_Release, 0));
    assert_int_equal(host_support_refs(raw.support), 0);
}

/* Teardown.StoreClose.2 Teardown.StoreClose.9 */
static void store_release__after_store_logoff__transports_hear_its_flags(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;
    ULONG flags = LOGOFF_PURGE;

    raw_open(fx, &raw, MDB_WRITE);
    assert_ok(raw.store->lpVtbl->StoreLogoff(raw.store, &flags));

    release_last(raw.store);

    assert_int_equal(transports_heard(raw.support), LOGOFF_PURGE);
    assert_int_equal(host_support_calls(raw.support, HOST_Release), 1);
    assert_int_equal(host_support_refs(raw.support), 0);
}

/* Teardown.StoreClose.3 */
static void store_release__references_remain__nothing_has_begun(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;

    raw_open(fx, &raw, MDB_WRITE);
    raw.store->lpVtbl->AddRef(raw.store);
    raw.store->lpVtbl->AddRef(raw.store);

    assert_int_equal(raw.store->lpVtbl->Release(raw.store), 2);
    assert_int_equal(raw.store->lpVtbl->Release(raw.store), 1);

    assert_int_equal(host_support_calls(raw.support, HOST_StoreLogoffTransports), 0);
    assert_int_equal(host_support_calls(raw.support, HOST_Release), 0);
    assert_false(is_dead(raw.store));
    raw_close(&raw);
}

struct watched {
    struct raw_logon raw;
    struct IMsgStoreVtbl *vtbl;
    unsigned seen;
};

/* In the support object's last Release, before and after the host's part of it. */
static void look_at_store(struct host_support *support, enum host_method method, void *context)
{
    struct watched *watched = context;

    (void)support;
    if (method != HOST_Release && method != HOST_StoreLogoffTransports)
        return;
    assert_ptr_equal(watched->raw.store->lpVtbl, watched->vtbl); /* a sanitizer looks, too */
    watched->seen++;
}

/* Teardown.StoreClose.5 Teardown.StoreClose.6 Teardown.StoreClose.7 */
static void store_release__logoff_comes_back_on_our_stack__memory_lasts(void **state)
{
    struct fixture *fx = *state;
    struct watched watched = { .seen = 0 };
    IMSLogon *logon;

    raw_open(fx, &watched.raw, MDB_WRITE);
    watched.vtbl = (struct IMsgStoreVtbl *)(uintptr_t)watched.raw.store->lpVtbl;
    logon = watched.raw.logon;
    logon->lpVtbl->AddRef(logon);
    watched.raw.support->on_call = look_at_store;
    watched.raw.support->on_call_context = &watched;

    assert_int_equal(watched.raw.store->lpVtbl->Release(watched.raw.store), 0);

    assert_int_equal(watched.seen, 2);
    assert_int_equal(host_support_calls(watched.raw.support, HOST_did_Logoff), 1);
    assert_int_equal(host_support_calls(watched.raw.support, HOST_did_release_logon), 1);
    assert_int_equal(logon->lpVtbl->AddRef(logon), 2);
    assert_int_equal(logon->lpVtbl->Release(logon), 1);
    release_last(logon);
}

static void release_store_too(struct host_support *support, enum host_method method, void *context)
{
    struct raw_logon *raw = context;
    IMSLogon *logon;
    ULONG flags = 0;

    if (method != HOST_StoreLogoffTransports)
        return;
    logon = support->logon;
    assert_non_null(logon);
    logon->lpVtbl->AddRef(logon);
    assert_ok(logon->lpVtbl->Logoff(logon, &flags)); /* the session ends at just this moment */
    logon->lpVtbl->Release(logon);
    raw->security_size++;
}

/* Teardown.SessionLogoff.3 Teardown.StoreClose.5 */
static void store_release__logoff_inside_store_logoff_transports__one_release_in_all(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;

    raw_open(fx, &raw, MDB_WRITE);
    raw.support->on_call = release_store_too;
    raw.support->on_call_context = &raw;

    raw_close(&raw);

    assert_int_equal(raw.security_size, 1);
    assert_int_equal(host_support_calls(raw.support, HOST_StoreLogoffTransports), 1);
    assert_int_equal(host_support_calls(raw.support, HOST_Release), 1);
    assert_true(raw.support->dead);
}

/* The transports refuse: the store goes all the same. */
static void store_release__transports_fail__ends_all_the_same(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;

    raw_open(fx, &raw, MDB_WRITE);
    host_support_fail(raw.support, HOST_StoreLogoffTransports, MAPI_E_CALL_FAILED, 1);

    raw_close(&raw);

    assert_true(raw.support->dead);
    assert_true(host_file_is_free(fx->path));
}

/* Everything a client can hold of one store. */
struct held {
    IMAPIFolder *folder;
    IMessage *message;
    IMessage *unsaved;
    IAttach *attach;
    IStream *stream;
    IMAPITable *contents;
    IMAPITable *hierarchy;
    IMAPITable *receive;
};

static void hold_all(struct fixture *fx, IMsgStore *store, struct held *held)
{
    ULONG number = 0;
    LPUNKNOWN stream = NULL;
    SPropValue *id;

    fx->store = store;
    fixture_open_inbox(fx);
    held->folder = fx->inbox;
    fx->inbox = NULL;
    fx->store = NULL;
    id = message_make(held->folder, "held");
    held->message = message_open(store, id);
    mapi_free(id);
    assert_ok(held->folder->lpVtbl->CreateMessage(held->folder, NULL, 0, &held->unsaved));
    prop_set_text(held->unsaved, PR_SUBJECT_W, "never saved");
    assert_ok(held->message->lpVtbl->CreateAttach(held->message, NULL, 0, &number, &held->attach));
    assert_ok(held->attach->lpVtbl->OpenProperty(
            held->attach, PR_ATTACH_DATA_BIN, &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY, &stream));
    held->stream = (IStream *)(void *)stream;
    assert_ok(held->folder->lpVtbl->GetContentsTable(held->folder, MAPI_UNICODE, &held->contents));
    assert_ok(
            held->folder->lpVtbl->GetHierarchyTable(held->folder, MAPI_UNICODE, &held->hierarchy));
    assert_ok(store->lpVtbl->GetReceiveFolderTable(store, MAPI_UNICODE, &held->receive));
}

static void check_all_dead(const struct held *held)
{
    IMAPITable *tables[] = { held->contents, held->hierarchy, held->receive };
    ULONG count;
    ULONG got;
    char byte;

    assert_true(is_dead(held->folder));
    assert_true(is_dead(held->message));
    assert_true(is_dead(held->unsaved));
    assert_true(is_dead(held->attach));
    assert_hr(held->unsaved->lpVtbl->SaveChanges(held->unsaved, 0), MAPI_E_INVALID_OBJECT);
    got = POISON_LONG;
    assert_true(FAILED(held->stream->lpVtbl->Read(held->stream, &byte, 1, &got)));
    for (size_t i = 0; i < 3; i++) {
        count = POISON_LONG;
        assert_hr(tables[i]->lpVtbl->GetRowCount(tables[i], 0, &count), MAPI_E_INVALID_OBJECT);
        assert_int_equal(count, 0);
    }
}

static void release_all(struct held *held)
{
    release_last(held->folder);
    release_last(held->stream);
    release_last(held->message);
    release_last(held->attach);
    release_last(held->unsaved);
    release_last(held->receive);
    release_last(held->contents);
    release_last(held->hierarchy);
}

/* Teardown.StoreClose.8 Teardown.Invalid.1 Teardown.Invalid.2 IMSLogon.OpenEntry.3 */
static void store_release__everything_held__is_invalid_and_freed_by_its_release(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;
    struct held held;

    raw_open(fx, &raw, MDB_WRITE);
    hold_all(fx, raw.store, &held);

    raw_close(&raw);

    assert_true(raw.support->dead);
    assert_true(host_file_is_free(fx->path));
    check_all_dead(&held);
    release_all(&held);
}

/* --- session logoff -----------------------------------------------------------------------------
 */

/* Teardown.SessionLogoff.1 Teardown.SessionLogoff.2 Teardown.SessionLogoff.3 Teardown.Invalid.1
   Teardown.Invalid.2 IMSLogon.Logoff.2 IMSLogon.Logoff.3 */
static void session_logoff__everything_held__is_invalid_and_freed_by_its_release(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;
    struct held held;
    size_t calls;

    raw_open(fx, &raw, MDB_WRITE);
    hold_all(fx, raw.store, &held);

    host_session_logoff(&fx->session);

    assert_true(raw.support->dead);
    assert_true(host_support_calls(raw.support, HOST_StoreLogoffTransports) <= 1);
    assert_true(host_file_is_free(fx->path));
    check_all_dead(&held);
    calls = host_support_log_size(raw.support);
    release_all(&held);
    assert_true(is_dead(raw.store));
    release_last(raw.store);
    assert_int_equal(host_support_log_size(raw.support), calls);
}

/* Teardown.Invalid.4 */
static void module__clients_hold_dead_objects__stays_until_they_are_gone(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;
    struct held held;
    char path[1024];

    snprintf(path, sizeof(path), "%s", fx->session.dll_path);
    raw_open(fx, &raw, MDB_WRITE);
    hold_all(fx, raw.store, &held);

    host_session_logoff(&fx->session); /* ends with FreeLibrary */

    assert_true(host_lib_is_loaded(path));
    check_all_dead(&held);
    release_all(&held);
    release_last(raw.store);
    assert_ok(host_session_load(&fx->session)); /* here the module lets go of itself */
    host_session_logoff(&fx->session);
    assert_false(host_lib_is_loaded(path));
}

/* The host forgets Shutdown: the provider's last Release does its work. */
static void provider_release__without_shutdown__ends_the_logons(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;
    IMSLogon *logon;

    raw_open(fx, &raw, MDB_WRITE);
    logon = host_support_unbind(raw.support);

    host_session_forget(&fx->session);

    assert_true(raw.support->dead);
    assert_true(host_file_is_free(fx->path));
    assert_true(is_dead(raw.store));
    release_last(raw.store);
    release_last(logon);
}

/* The logon's last Release without Logoff. */
static void logon_release__without_logoff__ends_it(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;
    IMSLogon *logon;

    raw_open(fx, &raw, MDB_WRITE);
    logon = host_support_unbind(raw.support);

    assert_int_equal(logon->lpVtbl->Release(logon), 0);

    assert_true(raw.support->dead);
    assert_true(host_file_is_free(fx->path));
    assert_true(is_dead(raw.store));
    release_last(raw.store);
}

/* --- invalid objects ----------------------------------------------------------------------------
 */

/* Teardown.Invalid.3 */
static void query__invalid_objects__iunknown_or_nothing(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;
    struct held held;
    IUnknown *objects[9];

    raw_open(fx, &raw, MDB_WRITE);
    hold_all(fx, raw.store, &held);
    host_session_logoff(&fx->session);
    objects[0] = (IUnknown *)(void *)raw.store;
    objects[1] = (IUnknown *)(void *)held.folder;
    objects[2] = (IUnknown *)(void *)held.message;
    objects[3] = (IUnknown *)(void *)held.unsaved;
    objects[4] = (IUnknown *)(void *)held.attach;
    objects[5] = (IUnknown *)(void *)held.stream;
    objects[6] = (IUnknown *)(void *)held.contents;
    objects[7] = (IUnknown *)(void *)held.hierarchy;
    objects[8] = (IUnknown *)(void *)held.receive;

    for (size_t i = 0; i < 9; i++) {
        const IID *iids[] = { &IID_IUnknown, &IID_IMAPIProp, &IID_IMAPITable, &IID_IStream,
            &IID_IMsgStore };

        for (size_t k = 0; k < 5; k++) {
            void *out = POISON;
            HRESULT hr = objects[i]->lpVtbl->QueryInterface(objects[i], iids[k], &out);

            if (k == 0 && hr == S_OK) {
                assert_ptr_equal(out, objects[i]);
                assert_int_equal(objects[i]->lpVtbl->Release(objects[i]), 1);
                continue;
            }
            assert_true(hr == MAPI_E_INVALID_OBJECT || hr == E_NOINTERFACE);
            assert_null(out);
        }
    }
    release_all(&held);
    release_last(raw.store);
}

/* --- data ---------------------------------------------------------------------------------------
 */

/* Teardown.Data.1 Teardown.Data.2 */
static void data__saved_before_the_end__is_there_afterwards(void **state)
{
    struct fixture *fx = *state;

    for (int way = 0; way < 4; way++) {
        struct raw_logon raw;
        struct held held;
        SPropValue *id;
        IMessage *message;
        IMSLogon *logon;
        ULONG flags = 0;

        assert_ok(host_session_load(&fx->session));
        raw_open(fx, &raw, MDB_WRITE);
        hold_all(fx, raw.store, &held);
        id = message_make(held.folder, "kept");
        if (way == 0) {
            release_all(&held);
            raw_close(&raw);
        } else if (way == 1) {
            raw_close(&raw);
            release_all(&held);
        } else if (way == 2) {
            logon = host_support_unbind(raw.support);
            assert_ok(logon->lpVtbl->Logoff(logon, &flags));
            release_last(logon);
        } else {
            host_session_logoff(&fx->session);
        }
        assert_true(host_file_is_free(fx->path));
        if (way >= 2) {
            release_all(&held);
            release_last(raw.store);
        }

        assert_ok(host_session_load(&fx->session));
        raw_open(fx, &raw, 0);
        {
            LPUNKNOWN object = NULL;
            ULONG type = 0;

            assert_ok(raw.store->lpVtbl->OpenEntry(raw.store, id->Value.bin.cb,
                    raw_id(id->Value.bin.lpb), NULL, 0, &type, &object));
            message = (IMessage *)(void *)object;
        }
        prop_assert_text(message, PR_SUBJECT_W, "kept");
        release_last(message);
        raw_close(&raw);
        mapi_free(id);
    }
}

/* Teardown.Data.2 */
static void data__after_the_end__file_can_be_deleted(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;
    struct held held;

    raw_open(fx, &raw, MDB_WRITE);
    hold_all(fx, raw.store, &held);
    host_session_logoff(&fx->session);

    assert_true(host_file_remove(fx->path));

    release_all(&held);
    release_last(raw.store);
}

#define CONFIGURED(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, fixture_configured_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONFIGURED(store_release__no_store_logoff__transports_abort_then_support_goes),
        CONFIGURED(store_release__after_store_logoff__transports_hear_its_flags),
        CONFIGURED(store_release__references_remain__nothing_has_begun),
        CONFIGURED(store_release__logoff_comes_back_on_our_stack__memory_lasts),
        CONFIGURED(store_release__logoff_inside_store_logoff_transports__one_release_in_all),
        CONFIGURED(store_release__transports_fail__ends_all_the_same),
        CONFIGURED(store_release__everything_held__is_invalid_and_freed_by_its_release),
        CONFIGURED(session_logoff__everything_held__is_invalid_and_freed_by_its_release),
        CONFIGURED(module__clients_hold_dead_objects__stays_until_they_are_gone),
        CONFIGURED(provider_release__without_shutdown__ends_the_logons),
        CONFIGURED(logon_release__without_logoff__ends_it),
        CONFIGURED(query__invalid_objects__iunknown_or_nothing),
        CONFIGURED(data__saved_before_the_end__is_there_afterwards),
        CONFIGURED(data__after_the_end__file_can_be_deleted),
    };

    return cmocka_run_group_tests_name("teardown", tests, NULL, NULL);
}
