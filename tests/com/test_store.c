/* SPDX-License-Identifier: MIT */
/*
 * test_store.c - IMsgStore: identities, opening by entry id, StoreLogoff, and what is refused.
 */
#include "raw_logon.h"

static LPENTRYID id_of(const SPropValue *value)
{
    return raw_id(value->Value.bin.lpb);
}

struct opened {
    LPUNKNOWN object;
    ULONG type;
};

static HRESULT open_entry(
        IMsgStore *store, const SPropValue *id, LPCIID iid, ULONG flags, struct opened *out)
{
    out->object = POISON;
    out->type = POISON_LONG;
    return store->lpVtbl->OpenEntry(store, id ? id->Value.bin.cb : 0, id ? id_of(id) : NULL, iid,
            flags, &out->type, &out->object);
}

static void assert_none(const struct opened *opened)
{
    assert_null(opened->object);
    assert_int_equal(opened->type, 0);
}

/* IMsgStore.Object.1 Memory.COM.1 Memory.Ownership.6 */
static void query__identities__same_object_one_reference_more(void **state)
{
    const IID *iids[] = { &IID_IUnknown, &IID_IMAPIProp, &IID_IMsgStore };
    struct fixture *fx = *state;

    for (size_t i = 0; i < 3; i++) {
        void *out = POISON;

        assert_ok(fx->store->lpVtbl->QueryInterface(fx->store, iids[i], &out));
        assert_ptr_equal(out, fx->store);
        assert_int_equal(fx->store->lpVtbl->Release(fx->store), 1);
    }
}

/* --- OpenEntry ----------------------------------------------------------------------------------
 */

/* IMsgStore.OpenEntry.1 */
static void open_entry__no_id__the_root_folder(void **state)
{
    struct fixture *fx = *state;
    struct opened opened;

    assert_ok(open_entry(fx->store, NULL, NULL, 0, &opened));

    assert_int_equal(opened.type, MAPI_FOLDER);
    assert_int_equal(prop_long(opened.object, PR_FOLDER_TYPE), FOLDER_ROOT);
    release_last(opened.object);
}

/* IMsgStore.OpenEntry.2 */
static void open_entry__no_interface_named__the_objects_own(void **state)
{
    struct fixture *fx = *state;
    SPropValue *ids[] = { message_make(fx->inbox, "one"),
        prop_get(fx->store, PR_IPM_OUTBOX_ENTRYID) };
    const IID *iids[] = { &IID_IMessage, &IID_IMAPIFolder };

    for (size_t i = 0; i < 2; i++) {
        struct opened opened;
        void *out = POISON;

        assert_ok(open_entry(fx->store, ids[i], NULL, 0, &opened));
        assert_ok(opened.object->lpVtbl->QueryInterface(opened.object, iids[i], &out));
        assert_ptr_equal(out, opened.object);
        assert_int_equal(opened.object->lpVtbl->Release(opened.object), 1);
        release_last(opened.object);
        mapi_free(ids[i]);
    }
}

/* IMsgStore.OpenEntry.3 IMsgStore.OpenEntry.5 IMsgStore.OpenEntry.13 */
static void open_entry__access_flags__decide_about_writing(void **state)
{
    static const struct {
        ULONG flags;
        LONG level;
    } cases[] = { { 0, 0 }, { MAPI_MODIFY, MAPI_MODIFY }, { MAPI_BEST_ACCESS, MAPI_MODIFY },
        { MAPI_NO_CACHE, 0 }, { MAPI_MODIFY | MAPI_NO_CACHE | MAPI_DEFERRED_ERRORS, MAPI_MODIFY } };
    struct fixture *fx = *state;
    SPropValue *ids[] = { message_make(fx->inbox, "one"),
        prop_get(fx->store, PR_IPM_OUTBOX_ENTRYID) };

    for (size_t i = 0; i < 2; i++) {
        for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
            struct opened opened;

            assert_ok(open_entry(fx->store, ids[i], NULL, cases[c].flags, &opened));
            assert_int_equal(prop_long(opened.object, PR_ACCESS_LEVEL), cases[c].level);
            release_last(opened.object);
        }
        mapi_free(ids[i]);
    }
}

/* IMsgStore.OpenEntry.7 IMsgStore.OpenEntry.14 EntryID.Reuse.1 */
static void open_entry__object_deleted__not_found(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *folder = folder_make(fx->inbox, "short-lived");
    SPropValue *ids[] = { message_make(fx->inbox, "gone"), prop_get(folder, PR_ENTRYID) };
    SBinary binary = { ids[0]->Value.bin.cb, ids[0]->Value.bin.lpb };
    ENTRYLIST list = { 1, &binary };

    release_last(folder);
    assert_ok(fx->inbox->lpVtbl->DeleteMessages(fx->inbox, &list, 0, NULL, 0));
    assert_ok(fx->inbox->lpVtbl->DeleteFolder(
            fx->inbox, ids[1]->Value.bin.cb, id_of(ids[1]), 0, NULL, 0));

    for (size_t i = 0; i < 2; i++) {
        struct opened opened;

        assert_hr(open_entry(fx->store, ids[i], NULL, MAPI_BEST_ACCESS, &opened), MAPI_E_NOT_FOUND);
        assert_none(&opened);
        assert_hr(open_entry(fx->store, ids[i], NULL, MAPI_DEFERRED_ERRORS, &opened),
                MAPI_E_NOT_FOUND);
        assert_none(&opened);
        mapi_free(ids[i]);
    }
}

/* IMsgStore.OpenEntry.8 IMsgStore.OpenEntry.12 */
static void open_entry__not_an_id_of_this_store__unknown_entryid(void **state)
{
    struct fixture *fx = *state;
    SPropValue *good = prop_get(fx->store, PR_IPM_OUTBOX_ENTRYID);
    ULONG size = good->Value.bin.cb;
    unsigned char *exact;
    unsigned char bytes[64];
    struct opened opened;

    for (ULONG cut = 1; cut < size; cut++) {
        exact = malloc(cut); /* a sanitizer sees a read past its end */
        memcpy(exact, good->Value.bin.lpb, cut);
        opened = (struct opened){ POISON, POISON_LONG };
        assert_hr(fx->store->lpVtbl->OpenEntry(
                          fx->store, cut, raw_id(exact), NULL, 0, &opened.type, &opened.object),
                MAPI_E_UNKNOWN_ENTRYID);
        assert_none(&opened);
        free(exact);
    }
    for (ULONG at = 0; at < 24; at++) { /* flags, uid, version, kind, zero */
        memcpy(bytes, good->Value.bin.lpb, size);
        bytes[at] ^= 0x80;
        opened = (struct opened){ POISON, POISON_LONG };
        if (at == 20) /* a later version is read alike */
            continue;
        assert_hr(fx->store->lpVtbl->OpenEntry(
                          fx->store, size, raw_id(bytes), NULL, 0, &opened.type, &opened.object),
                MAPI_E_UNKNOWN_ENTRYID);
        assert_none(&opened);
    }
    mapi_free(good);
}

/* IMsgStore.OpenEntry.9 */
static void open_entry__interface_of_the_other_kind__not_supported(void **state)
{
    struct fixture *fx = *state;
    SPropValue *message = message_make(fx->inbox, "one");
    SPropValue *folder = prop_get(fx->store, PR_IPM_OUTBOX_ENTRYID);
    struct opened opened;

    assert_hr(open_entry(fx->store, message, &IID_IMAPIFolder, 0, &opened),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_none(&opened);
    assert_hr(open_entry(fx->store, folder, &IID_IMessage, 0, &opened),
            MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_none(&opened);
    mapi_free(message);
    mapi_free(folder);
}

/* IMsgStore.OpenEntry.10 IMsgStore.OpenEntry.11 */
static void open_entry__bad_arguments__are_refused(void **state)
{
    struct fixture *fx = *state;
    LPUNKNOWN object = POISON;
    ULONG type = POISON_LONG;

    assert_hr(fx->store->lpVtbl->OpenEntry(fx->store, 32, NULL, NULL, 0, &type, &object),
            MAPI_E_INVALID_PARAMETER);
    assert_null(object);
    assert_int_equal(type, 0);
    assert_hr(fx->store->lpVtbl->OpenEntry(fx->store, 0, NULL, NULL, 0, NULL, &object),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(fx->store->lpVtbl->OpenEntry(fx->store, 0, NULL, NULL, 0, &type, NULL),
            MAPI_E_INVALID_PARAMETER);
    object = POISON;
    assert_hr(fx->store->lpVtbl->OpenEntry(fx->store, 0, NULL, NULL, 0x00400000, &type, &object),
            MAPI_E_UNKNOWN_FLAGS);
    assert_null(object);
}

/* --- StoreLogoff --------------------------------------------------------------------------------
 */

/* IMsgStore.StoreLogoff.1 IMsgStore.StoreLogoff.4 Teardown.StoreClose.2 */
static void store_logoff__each_way__is_what_the_transports_hear(void **state)
{
    static const ULONG ways[] = { LOGOFF_NO_WAIT, LOGOFF_ORDERLY, LOGOFF_PURGE, LOGOFF_ABORT,
        LOGOFF_QUIET };
    struct fixture *fx = *state;

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        struct raw_logon raw;
        struct host_call call;
        ULONG flags = ways[i];

        raw_open(fx, &raw, MDB_WRITE);
        assert_ok(raw.store->lpVtbl->StoreLogoff(raw.store, &flags));
        assert_int_equal(flags & ~(LOGOFF_COMPLETE | LOGOFF_INBOUND | LOGOFF_OUTBOUND |
                                         LOGOFF_OUTBOUND_QUEUE),
                0);
        assert_int_equal(host_support_calls(raw.support, HOST_StoreLogoffTransports), 0);
        raw_close(&raw);
        assert_int_equal(host_support_calls(raw.support, HOST_StoreLogoffTransports), 1);
        assert_true(host_support_call(raw.support, HOST_StoreLogoffTransports, 0, &call));
        assert_int_equal(call.flags, ways[i]);
    }
}

/* IMsgStore.StoreLogoff.2 IMsgStore.StoreLogoff.5 IMsgStore.StoreLogoff.6 IMsgStore.StoreLogoff.7
 */
static void store_logoff__called_often__the_last_good_one_counts(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;
    struct host_call call;
    ULONG flags = LOGOFF_PURGE;

    raw_open(fx, &raw, MDB_WRITE);
    assert_ok(raw.store->lpVtbl->StoreLogoff(raw.store, &flags));
    flags = LOGOFF_ORDERLY;
    assert_ok(raw.store->lpVtbl->StoreLogoff(raw.store, &flags));
    flags = LOGOFF_ABORT | LOGOFF_QUIET;
    assert_hr(raw.store->lpVtbl->StoreLogoff(raw.store, &flags), MAPI_E_INVALID_PARAMETER);
    flags = 0x00100000;
    assert_hr(raw.store->lpVtbl->StoreLogoff(raw.store, &flags), MAPI_E_UNKNOWN_FLAGS);
    assert_hr(raw.store->lpVtbl->StoreLogoff(raw.store, NULL), MAPI_E_INVALID_PARAMETER);

    raw_close(&raw);

    assert_true(host_support_call(raw.support, HOST_StoreLogoffTransports, 0, &call));
    assert_int_equal(call.flags, LOGOFF_ORDERLY);
}

/* IMsgStore.StoreLogoff.3 Teardown.StoreClose.3 */
static void store_logoff__another_client_holds_the_store__nothing_happens_yet(void **state)
{
    struct fixture *fx = *state;
    struct raw_logon raw;
    ULONG flags = LOGOFF_NO_WAIT;

    raw_open(fx, &raw, MDB_WRITE);
    raw.store->lpVtbl->AddRef(raw.store);

    assert_ok(raw.store->lpVtbl->StoreLogoff(raw.store, &flags));
    assert_int_equal(raw.store->lpVtbl->Release(raw.store), 1);

    assert_int_equal(host_support_calls(raw.support, HOST_StoreLogoffTransports), 0);
    assert_int_equal(host_support_calls(raw.support, HOST_Release), 0);
    assert_int_equal(prop_long(raw.store, PR_OBJECT_TYPE), MAPI_STORE);
    raw_close(&raw);
}

/* --- what only the spooler may ask for ----------------------------------------------------------
 */

/* Memory.COM.3 StoreProp.SupportMask.9 IMsgStore.GetOutgoingQueue.2 IMsgStore.GetOutgoingQueue.3
   IMsgStore.SetLockState.6 IMsgStore.FinishedMsg.1 IMsgStore.NotifyNewMail.6 */
static void submission__client_store__no_support(void **state)
{
    struct fixture *fx = *state;
    IMsgStore *store = fx->store;
    SPropValue *id = message_make(fx->inbox, "one");
    IMessage *message = message_open(store, id);
    NOTIFICATION event = { .ulEventType = fnevNewMail };
    IMAPITable *table = POISON;

    assert_int_equal(prop_long(store, PR_STORE_SUPPORT_MASK) & STORE_SUBMIT_OK, STORE_SUBMIT_OK);
    assert_hr(
            store->lpVtbl->AbortSubmit(store, id->Value.bin.cb, id_of(id), 0), MAPI_E_NOT_IN_QUEUE);
    assert_hr(store->lpVtbl->GetOutgoingQueue(store, 0, &table), MAPI_E_NO_SUPPORT);
    assert_null(table);
    assert_hr(store->lpVtbl->GetOutgoingQueue(store, 0, NULL), MAPI_E_INVALID_PARAMETER);
    assert_hr(store->lpVtbl->SetLockState(store, message, MSG_LOCKED), MAPI_E_NO_SUPPORT);
    assert_hr(store->lpVtbl->FinishedMsg(store, 0, id->Value.bin.cb, id_of(id)), MAPI_E_NO_SUPPORT);
    assert_hr(store->lpVtbl->NotifyNewMail(store, &event), MAPI_E_NO_SUPPORT);
    release_last(message);
    mapi_free(id);
}

/* IMsgStore.AbortSubmit.8 IMsgStore.SetLockState.7 IMsgStore.SetLockState.8
   IMsgStore.FinishedMsg.11 IMsgStore.NotifyNewMail.5 Errors.Codes.1 */
static void submission__bad_arguments__are_refused(void **state)
{
    struct fixture *fx = *state;
    IMsgStore *store = fx->store;
    SPropValue *id = message_make(fx->inbox, "one");
    IMessage *message = message_open(store, id);
    NOTIFICATION event = { .ulEventType = fnevObjectCreated };

    assert_hr(store->lpVtbl->AbortSubmit(store, 0, NULL, 0), MAPI_E_INVALID_PARAMETER);
    assert_hr(store->lpVtbl->AbortSubmit(store, id->Value.bin.cb, id_of(id), 1),
            MAPI_E_UNKNOWN_FLAGS);
    assert_hr(store->lpVtbl->SetLockState(store, message, 3), MAPI_E_INVALID_PARAMETER);
    assert_hr(store->lpVtbl->SetLockState(store, NULL, MSG_LOCKED), MAPI_E_INVALID_PARAMETER);
    assert_hr(store->lpVtbl->FinishedMsg(store, 0, 0, NULL), MAPI_E_INVALID_PARAMETER);
    assert_hr(store->lpVtbl->FinishedMsg(store, 1, id->Value.bin.cb, id_of(id)),
            MAPI_E_UNKNOWN_FLAGS);
    assert_hr(store->lpVtbl->NotifyNewMail(store, NULL), MAPI_E_INVALID_PARAMETER);
    assert_hr(store->lpVtbl->NotifyNewMail(store, &event), MAPI_E_INVALID_PARAMETER);
    release_last(message);
    mapi_free(id);
}

#define LOADED(test)                                                                               \
    cmocka_unit_test_setup_teardown(test, fixture_configured_setup, fixture_teardown)
#define STORE(test) cmocka_unit_test_setup_teardown(test, fixture_store_setup, fixture_teardown)
#define INBOX(test) cmocka_unit_test_setup_teardown(test, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE(query__identities__same_object_one_reference_more),
        STORE(open_entry__no_id__the_root_folder),
        INBOX(open_entry__no_interface_named__the_objects_own),
        INBOX(open_entry__access_flags__decide_about_writing),
        INBOX(open_entry__object_deleted__not_found),
        STORE(open_entry__not_an_id_of_this_store__unknown_entryid),
        INBOX(open_entry__interface_of_the_other_kind__not_supported),
        STORE(open_entry__bad_arguments__are_refused),
        LOADED(store_logoff__each_way__is_what_the_transports_hear),
        LOADED(store_logoff__called_often__the_last_good_one_counts),
        LOADED(store_logoff__another_client_holds_the_store__nothing_happens_yet),
        INBOX(submission__client_store__no_support),
        INBOX(submission__bad_arguments__are_refused),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
