/* SPDX-License-Identifier: MIT */
/*
 * test_dead_objects.c - every method of logon, store, status and IMAPIProp on objects whose logon
 * has ended: MAPI_E_INVALID_OBJECT, with the outs cleared.
 */
#include "raw_logon.h"

/* A fixture whose session is over: logon, store, status, folder and message are shells. */
struct dead {
    struct fixture *fx;
    IMSLogon *logon;
    IMAPIStatus *status;
    IMessage *message;
    unsigned char id[64]; /* of the message, while it lived */
    ULONG id_size;
};

static int dead_setup(void **state)
{
    struct dead *dead = calloc(1, sizeof(*dead));
    void *fx = NULL;
    SPropValue *id;
    ULONG flags = 0;

    assert_non_null(dead);
    fixture_inbox_setup(&fx);
    dead->fx = fx;
    assert_ok(host_session_open_status(&dead->fx->session, dead->fx->support, 0, &dead->status));
    id = message_make(dead->fx->inbox, "soon dead");
    dead->id_size = id->Value.bin.cb;
    memcpy(dead->id, id->Value.bin.lpb, dead->id_size);
    dead->message = message_open(dead->fx->store, id);
    mapi_free(id);
    dead->logon = host_support_unbind(dead->fx->support);
    assert_ok(dead->logon->lpVtbl->Logoff(dead->logon, &flags));
    *state = dead;
    return 0;
}

static int dead_teardown(void **state)
{
    struct dead *dead = *state;

    release_last(dead->message);
    release_last(dead->status);
    release_last(dead->logon);
    fixture_check_and_free(dead->fx);
    free(dead);
    return 0;
}

#define assert_dead(call) assert_hr(call, MAPI_E_INVALID_OBJECT)

/* --- IMSLogon -----------------------------------------------------------------------------------
 */

/* Teardown.Invalid.1 Memory.Failure.1 IMSLogon.Logoff.7 */
static void logon__logged_off__every_method_refuses(void **state)
{
    struct dead *dead = *state;
    IMSLogon *logon = dead->logon;
    LPENTRYID id = raw_id(dead->id);
    struct host_sink sink;
    LPMAPIERROR error = POISON;
    LPUNKNOWN object = POISON;
    LPVOID status = POISON;
    ULONG_PTR connection = POISON_CONN;
    ULONG type = POISON_LONG;
    ULONG equal = POISON_LONG;

    host_sink_init(&sink);
    assert_dead(logon->lpVtbl->GetLastError(logon, MAPI_E_NOT_FOUND, 0, &error));
    assert_null(error);
    assert_dead(logon->lpVtbl->OpenEntry(logon, dead->id_size, id, NULL, 0, &type, &object));
    assert_null(object);
    assert_int_equal(type, 0);
    assert_dead(
            logon->lpVtbl->CompareEntryIDs(logon, dead->id_size, id, dead->id_size, id, 0, &equal));
    assert_int_equal(equal, 0);
    assert_dead(logon->lpVtbl->Advise(
            logon, 0, NULL, fnevObjectCreated, &sink.IMAPIAdviseSink_iface, &connection));
    assert_true(connection == 0);
    assert_int_equal(sink.refs, 1);
    assert_dead(logon->lpVtbl->Unadvise(logon, 1));
    type = POISON_LONG;
    assert_dead(logon->lpVtbl->OpenStatusEntry(logon, NULL, 0, &type, &status));
    assert_null(status);
    assert_int_equal(type, 0);
    assert_ok(logon->lpVtbl->Logoff(logon, NULL));
    host_sink_done(&sink);
}

/* --- IMsgStore ----------------------------------------------------------------------------------
 */

/* Teardown.Invalid.1 Memory.Failure.1 */
static void store__logged_off__every_method_refuses(void **state)
{
    struct dead *dead = *state;
    IMsgStore *store = dead->fx->store;
    LPENTRYID id = raw_id(dead->id);
    NOTIFICATION event = { .ulEventType = fnevNewMail };
    struct host_sink sink;
    LPUNKNOWN object = POISON;
    IMAPITable *table = POISON;
    LPENTRYID found = POISON;
    LPTSTR name = POISON;
    ULONG_PTR connection = POISON_CONN;
    ULONG type = POISON_LONG;
    ULONG equal = POISON_LONG;
    ULONG size = POISON_LONG;
    ULONG flags = LOGOFF_ABORT;

    host_sink_init(&sink);
    assert_dead(store->lpVtbl->Advise(
            store, 0, NULL, fnevObjectCreated, &sink.IMAPIAdviseSink_iface, &connection));
    assert_true(connection == 0);
    assert_int_equal(sink.refs, 1);
    assert_dead(store->lpVtbl->Unadvise(store, 1));
    assert_dead(
            store->lpVtbl->CompareEntryIDs(store, dead->id_size, id, dead->id_size, id, 0, &equal));
    assert_int_equal(equal, 0);
    assert_dead(store->lpVtbl->OpenEntry(store, dead->id_size, id, NULL, 0, &type, &object));
    assert_null(object);
    assert_int_equal(type, 0);
    assert_dead(store->lpVtbl->SetReceiveFolder(store, NULL, 0, 0, NULL));
    assert_dead(store->lpVtbl->GetReceiveFolder(store, NULL, 0, &size, &found, &name));
    assert_null(found);
    assert_null(name);
    assert_int_equal(size, 0);
    assert_dead(store->lpVtbl->GetReceiveFolderTable(store, 0, &table));
    assert_null(table);
    assert_dead(store->lpVtbl->StoreLogoff(store, &flags));
    assert_dead(store->lpVtbl->AbortSubmit(store, dead->id_size, id, 0));
    table = POISON;
    assert_dead(store->lpVtbl->GetOutgoingQueue(store, 0, &table));
    assert_null(table);
    assert_dead(store->lpVtbl->SetLockState(store, dead->message, MSG_LOCKED));
    assert_dead(store->lpVtbl->FinishedMsg(store, 0, dead->id_size, id));
    assert_dead(store->lpVtbl->NotifyNewMail(store, &event));
    host_sink_done(&sink);
}

/* --- IMAPIStatus --------------------------------------------------------------------------------
 */

/* Teardown.Invalid.1 */
static void status__logged_off__every_method_refuses(void **state)
{
    struct dead *dead = *state;
    IMAPIStatus *status = dead->status;

    assert_dead(status->lpVtbl->ValidateState(status, 0, 0));
    assert_dead(status->lpVtbl->SettingsDialog(status, 0, 0));
    assert_dead(status->lpVtbl->ChangePassword(status, NULL, NULL, 0));
    assert_dead(status->lpVtbl->FlushQueues(status, 0, 0, NULL, 0));
}

/* --- IMAPIProp, of all of them ------------------------------------------------------------------
 */

static void check_prop(void *object, IMessage *live_looking)
{
    IMAPIProp *prop = object;
    SizedSPropTagArray(1, tags) = { 1, { PR_SUBJECT_W } };
    SizedSPropTagArray(1, named) = { 1, { PROP_TAG(PT_UNSPECIFIED, 0x8001) } };
    LPSPropTagArray named_tags = (LPSPropTagArray)&named;
    WCHAR text[] = { 'x', 0 };
    SPropValue value = { .ulPropTag = PR_SUBJECT_W, .Value.lpszW = text };
    GUID guid = { 1, 2, 3, { 4 } };
    MAPINAMEID name = { .lpguid = &guid, .ulKind = MNID_ID, .Kind.lID = 7 };
    LPMAPINAMEID name_list[] = { &name };
    LPSPropProblemArray problems = POISON;
    LPSPropTagArray list = POISON;
    LPMAPINAMEID *names = POISON;
    SPropValue *values = POISON;
    LPMAPIERROR error = POISON;
    LPUNKNOWN opened = POISON;
    ULONG count = POISON_LONG;

    assert_dead(prop->lpVtbl->GetLastError(prop, MAPI_E_NOT_FOUND, 0, &error));
    assert_null(error);
    assert_dead(prop->lpVtbl->SaveChanges(prop, 0));
    assert_dead(prop->lpVtbl->GetProps(prop, (LPSPropTagArray)&tags, 0, &count, &values));
    assert_null(values);
    assert_int_equal(count, 0);
    assert_dead(prop->lpVtbl->GetPropList(prop, 0, &list));
    assert_null(list);
    assert_dead(prop->lpVtbl->OpenProperty(prop, PR_SUBJECT_W, &IID_IStream, 0, 0, &opened));
    assert_null(opened);
    assert_dead(prop->lpVtbl->SetProps(prop, 1, &value, &problems));
    assert_null(problems);
    problems = POISON;
    assert_dead(prop->lpVtbl->DeleteProps(prop, (LPSPropTagArray)&tags, &problems));
    assert_null(problems);
    problems = POISON;
    assert_dead(prop->lpVtbl->CopyTo(
            prop, 0, NULL, NULL, 0, NULL, &IID_IMAPIProp, live_looking, 0, &problems));
    assert_null(problems);
    problems = POISON;
    assert_dead(prop->lpVtbl->CopyProps(
            prop, (LPSPropTagArray)&tags, 0, NULL, &IID_IMAPIProp, live_looking, 0, &problems));
    assert_null(problems);
    count = POISON_LONG;
    assert_dead(prop->lpVtbl->GetNamesFromIDs(prop, &named_tags, NULL, 0, &count, &names));
    assert_null(names);
    assert_int_equal(count, 0);
    list = POISON;
    assert_dead(prop->lpVtbl->GetIDsFromNames(prop, 1, name_list, 0, &list));
    assert_null(list);
}

/* Teardown.Invalid.1 Memory.Failure.1 */
static void properties__logged_off__every_method_refuses(void **state)
{
    struct dead *dead = *state;

    check_prop(dead->fx->store, dead->message);
    check_prop(dead->status, dead->message);
    check_prop(dead->fx->inbox, dead->message);
    check_prop(dead->message, (IMessage *)(void *)dead->fx->inbox);
}

/* Teardown.Invalid.2 Memory.COM.2 */
static void references__logged_off__count_as_before(void **state)
{
    struct dead *dead = *state;
    IUnknown *objects[] = { (IUnknown *)(void *)dead->logon, (IUnknown *)(void *)dead->fx->store,
        (IUnknown *)(void *)dead->status, (IUnknown *)(void *)dead->message };

    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        void *out = POISON;

        assert_int_equal(objects[i]->lpVtbl->AddRef(objects[i]), 2);
        assert_ok(objects[i]->lpVtbl->QueryInterface(objects[i], &IID_IUnknown, &out));
        assert_ptr_equal(out, objects[i]);
        assert_int_equal(objects[i]->lpVtbl->Release(objects[i]), 2);
        assert_int_equal(objects[i]->lpVtbl->Release(objects[i]), 1);
    }
}

#define DEAD(test) cmocka_unit_test_setup_teardown(test, dead_setup, dead_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DEAD(logon__logged_off__every_method_refuses),
        DEAD(store__logged_off__every_method_refuses),
        DEAD(status__logged_off__every_method_refuses),
        DEAD(properties__logged_off__every_method_refuses),
        DEAD(references__logged_off__count_as_before),
    };

    return cmocka_run_group_tests_name("dead_objects", tests, NULL, NULL);
}
