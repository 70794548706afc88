/* SPDX-License-Identifier: MIT */
/*
 * test_host_support.c - the support object of the reference host against its own contract, with
 * notifications and profile sections. No provider is loaded.
 */
#include "support/support.h"

/* ---- A logon object that only counts ---- */

struct fake_logon {
    IMSLogon IMSLogon_iface;
    int refs, logoffs, opened, compared;
    size_t rows_at_logoff;
    struct host_world *world;
};

static struct fake_logon *fake_from_iface(IMSLogon *iface)
{
    return CONTAINING_RECORD(iface, struct fake_logon, IMSLogon_iface);
}

static HRESULT STDMETHODCALLTYPE fake_QueryInterface(IMSLogon *iface, REFIID iid, LPVOID *out)
{
    (void)iface;
    (void)iid;
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE fake_AddRef(IMSLogon *iface)
{
    return (ULONG)++fake_from_iface(iface)->refs;
}

static ULONG STDMETHODCALLTYPE fake_Release(IMSLogon *iface)
{
    return (ULONG)--fake_from_iface(iface)->refs;
}

static HRESULT STDMETHODCALLTYPE fake_Logoff(IMSLogon *iface, ULONG *flags)
{
    struct fake_logon *fake = fake_from_iface(iface);

    assert_int_equal(*flags, 0);
    fake->logoffs++;
    fake->rows_at_logoff = host_world_status_count(fake->world);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE fake_OpenEntry(IMSLogon *iface, ULONG size, LPENTRYID id,
        LPCIID iid, ULONG flags, ULONG *out_type, LPUNKNOWN *out)
{
    (void)size;
    (void)id;
    (void)iid;
    (void)flags;
    *out = NULL;
    *out_type = MAPI_MESSAGE;
    fake_from_iface(iface)->opened++;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE fake_CompareEntryIDs(IMSLogon *iface, ULONG size1, LPENTRYID id1,
        ULONG size2, LPENTRYID id2, ULONG flags, ULONG *out_equal)
{
    fake_from_iface(iface)->compared++;
    assert_int_equal(flags, 0);
    *out_equal = size1 == size2 && memcmp(id1, id2, size1) == 0;
    return S_OK;
}

static const IMSLogonVtbl fake_vtbl = {
    .QueryInterface = fake_QueryInterface,
    .AddRef = fake_AddRef,
    .Release = fake_Release,
    .Logoff = fake_Logoff,
    .OpenEntry = fake_OpenEntry,
    .CompareEntryIDs = fake_CompareEntryIDs,
};

/* ---- Fixture: a world with one support object, no provider ---- */

struct env {
    struct host_profile *profile;
    struct host_section *section;
    struct host_world world;
    struct host_support *support;
    IMAPISupport *sup;
    struct fake_logon logon;
    unsigned breaches; /* that the test provokes */
    size_t live;
};

static int setup(void **state)
{
    struct env *env = calloc(1, sizeof(*env));

    assert_non_null(env);
    env->live = host_mem_live(0);
    env->profile = host_profile_new("test");
    env->section = host_profile_add_plain(env->profile, "x.dll", NULL);
    host_world_init(&env->world, env->profile, 0);
    env->support = host_support_new(&env->world, HOST_SUPPORT_STORE, &env->section->uid);
    env->sup = host_support_iface(env->support);
    env->logon = (struct fake_logon){ { &fake_vtbl }, .refs = 1, .world = &env->world };
    *state = env;
    return 0;
}

static int teardown(void **state)
{
    struct env *env = *state;

    if (!env->support->dead)
        host_support_release(env->support);
    assert_int_equal(host_world_done(&env->world), env->breaches);
    assert_int_equal(env->profile->objects, 0);
    host_profile_free(env->profile);
    assert_int_equal(host_mem_live(0), env->live);
    assert_int_equal(host_mem_faults(), 0);
    free(env);
    return 0;
}

static const MAPIUID uid_a = { { 0xA, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 } };
static const MAPIUID uid_b = { { 0xB, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 } };

struct id {
    unsigned char flags[4];
    MAPIUID uid;
    unsigned char rest[4];
};

union id_pointer {
    struct id *id;
    ENTRYID *entry_id;
};

/* ---- Life ---- */

/* IMAPISupport.GetMemAllocRoutines.1 */
static void mem_routines__asked__are_the_trio(void **state)
{
    struct env *env = *state;
    LPALLOCATEBUFFER allocate = NULL;
    LPALLOCATEMORE more = NULL;
    LPFREEBUFFER release = NULL;

    assert_ok(env->sup->lpVtbl->GetMemAllocRoutines(env->sup, &allocate, &more, &release));

    assert_ptr_equal(allocate, host_mem_trio(0)->allocate);
    assert_ptr_equal(more, host_mem_trio(0)->more);
    assert_ptr_equal(release, host_mem_trio(0)->release);
}

static void add_status_row(struct env *env)
{
    SPropValue columns[3] = { { .ulPropTag = PR_DISPLAY_NAME_A }, { .ulPropTag = PR_STATUS_CODE },
        { .ulPropTag = PR_RESOURCE_METHODS } };
    char name[] = "store";

    columns[0].Value.lpszA = name;
    columns[1].Value.l = STATUS_AVAILABLE;
    assert_ok(env->sup->lpVtbl->ModifyStatusRow(env->sup, 3, columns, 0));
}

/* Teardown.StoreClose.4 IMAPISupport.Object.3 */
static void release__last_reference__logs_off_and_forgets(void **state)
{
    struct env *env = *state;
    MAPIUID uid = uid_a;
    struct id id = { .uid = uid_a };
    union id_pointer pointer = { .id = &id };

    assert_ok(env->sup->lpVtbl->SetProviderUID(env->sup, &uid, 0));
    add_status_row(env);
    env->sup->lpVtbl->AddRef(env->sup);
    host_support_bind(env->support, &env->logon.IMSLogon_iface, NULL);
    assert_int_equal(host_support_release(env->support), 1);
    assert_ptr_equal(host_world_route(&env->world, sizeof(id), pointer.entry_id), env->support);
    assert_int_equal(env->logon.logoffs, 0);

    assert_int_equal(env->sup->lpVtbl->Release(env->sup), 0);

    assert_int_equal(env->logon.logoffs, 1);
    assert_int_equal(env->logon.rows_at_logoff, 0);
    assert_int_equal(env->logon.refs, 0);
    assert_null(host_world_route(&env->world, sizeof(id), pointer.entry_id));
    assert_true(host_support_position(env->support, HOST_Release, 0) <
                host_support_position(env->support, HOST_did_Logoff, 0));
    assert_true(host_support_position(env->support, HOST_did_Logoff, 0) <
                host_support_position(env->support, HOST_did_release_logon, 0));
}

static void call__after_last_release__is_a_breach(void **state)
{
    struct env *env = *state;
    MAPIUID uid;

    host_support_release(env->support);

    assert_hr(env->sup->lpVtbl->NewUID(env->sup, &uid), MAPI_E_INVALID_OBJECT);

    env->breaches = 1;
}

static void script__nth_call__fails_once(void **state)
{
    struct env *env = *state;
    MAPIUID uid;

    host_support_fail(env->support, HOST_NewUID, MAPI_E_CALL_FAILED, 2);

    assert_ok(env->sup->lpVtbl->NewUID(env->sup, &uid));
    assert_hr(env->sup->lpVtbl->NewUID(env->sup, &uid), MAPI_E_CALL_FAILED);
    assert_ok(env->sup->lpVtbl->NewUID(env->sup, &uid));
    assert_int_equal(host_support_calls(env->support, HOST_NewUID), 3);
}

/* IMAPISupport.Object.2 */
static void foreign_methods__called__no_support(void **state)
{
    struct env *env = *state;
    IMAPITable *table = POISON;

    assert_hr(env->sup->lpVtbl->SpoolerYield(env->sup, 0), MAPI_E_NO_SUPPORT);
    assert_hr(env->sup->lpVtbl->GetOneOffTable(env->sup, 0, &table), MAPI_E_NO_SUPPORT);
    assert_null(table);
    assert_hr(env->sup->lpVtbl->StatusRecips(env->sup, NULL, NULL), MAPI_E_NO_SUPPORT);
    assert_hr(env->sup->lpVtbl->Address(env->sup, NULL, NULL, NULL), MAPI_E_NO_SUPPORT);
    assert_hr(env->sup->lpVtbl->RegisterPreprocessor(env->sup, NULL, NULL, NULL, NULL, NULL, 0),
            MAPI_E_NO_SUPPORT);
    assert_hr(env->sup->lpVtbl->Details(env->sup, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 0),
            MAPI_E_NO_SUPPORT);
    assert_hr(env->sup->lpVtbl->NewEntry(env->sup, 0, 0, 0, NULL, 0, NULL, NULL, NULL),
            MAPI_E_NO_SUPPORT);
    assert_hr(env->sup->lpVtbl->OpenTemplateID(env->sup, 0, NULL, 0, NULL, NULL, NULL, NULL),
            MAPI_E_NO_SUPPORT);
}

/* IMAPISupport.Object.5 */
static void service_support__store_methods__no_support(void **state)
{
    struct env *env = *state;
    struct host_support *service =
            host_support_new(&env->world, HOST_SUPPORT_SERVICE, &env->section->uid);
    IMAPISupport *sup = host_support_iface(service);
    ULONG flags = LOGOFF_ABORT;
    IProfSect *sect = NULL;
    MAPIUID uid = uid_a;

    assert_hr(sup->lpVtbl->SetProviderUID(sup, &uid, 0), MAPI_E_NO_SUPPORT);
    assert_hr(sup->lpVtbl->StoreLogoffTransports(sup, &flags), MAPI_E_NO_SUPPORT);
    assert_ok(sup->lpVtbl->NewUID(sup, &uid));
    assert_ok(sup->lpVtbl->OpenProfileSection(sup, NULL, 0, &sect));

    release_last(sect);
    host_support_release(service);
}

/* ---- Events ---- */

static SizedNOTIFKEY(4, key_one) = { 4, { 1, 2, 3, 4 } };
static SizedNOTIFKEY(4, key_two) = { 4, { 1, 2, 3, 5 } };

static void notify(struct env *env, void *key, ULONG event, ULONG expected_flags)
{
    NOTIFICATION events[1] = { { .ulEventType = event } };
    ULONG flags = 0;

    assert_ok(env->sup->lpVtbl->Notify(env->sup, key, 1, events, &flags));
    assert_int_equal(flags, expected_flags);
}

/* IMAPISupport.Subscribe.4 IMAPISupport.Subscribe.5 IMAPISupport.Notify.5 IMAPISupport.Notify.6
 * IMAPISupport.Unsubscribe.3 */
static void notify__subscribed__told_later_and_only_what_was_asked(void **state)
{
    struct env *env = *state;
    struct host_sink sink;
    ULONG_PTR connection = 0;

    host_sink_init(&sink);
    assert_ok(env->sup->lpVtbl->Subscribe(env->sup, (LPNOTIFKEY)&key_one, fnevObjectCreated, 0,
            &sink.IMAPIAdviseSink_iface, &connection));
    assert_int_not_equal(connection, 0);
    assert_int_equal(sink.refs, 2);

    notify(env, &key_one, fnevObjectCreated, 0);
    notify(env, &key_one, fnevObjectDeleted, 0);
    notify(env, &key_two, fnevObjectCreated, 0);
    assert_int_equal(sink.count, 0);
    assert_int_equal(host_notify_deliver(&env->world), 1);

    assert_int_equal(host_sink_count(&sink, fnevObjectCreated), 1);
    assert_ok(env->sup->lpVtbl->Unsubscribe(env->sup, connection));
    assert_int_equal(sink.refs, 1);
    notify(env, &key_one, fnevObjectCreated, 0);
    assert_int_equal(host_notify_deliver(&env->world), 0);
    host_sink_done(&sink);
}

/* IMAPISupport.Unsubscribe.2 */
static void unsubscribe__unknown__not_found(void **state)
{
    struct env *env = *state;

    assert_hr(env->sup->lpVtbl->Unsubscribe(env->sup, 77), MAPI_E_NOT_FOUND);
}

static ULONG discontinue(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    (void)sink;
    (void)event;
    (void)context;
    return CALLBACK_DISCONTINUE;
}

/* IMAPISupport.Notify.7 IMAPISupport.Notify.8 */
static void notify__sync_sink_discontinues__stops(void **state)
{
    struct env *env = *state;
    struct host_sink sink;
    ULONG_PTR one = 0, two = 0;

    host_sink_init(&sink);
    assert_ok(env->sup->lpVtbl->Subscribe(env->sup, (LPNOTIFKEY)&key_one, fnevObjectCreated,
            NOTIFY_SYNC, &sink.IMAPIAdviseSink_iface, &one));
    assert_ok(env->sup->lpVtbl->Subscribe(env->sup, (LPNOTIFKEY)&key_one, fnevObjectCreated,
            NOTIFY_SYNC, &sink.IMAPIAdviseSink_iface, &two));

    notify(env, &key_one, fnevObjectCreated, 0);
    assert_int_equal(sink.count, 2);
    sink.on_event = discontinue;
    notify(env, &key_one, fnevObjectCreated, NOTIFY_CANCELED);

    assert_int_equal(sink.count, 3);
    assert_ok(env->sup->lpVtbl->Unsubscribe(env->sup, one));
    assert_ok(env->sup->lpVtbl->Unsubscribe(env->sup, two));
    host_sink_done(&sink);
}

struct unsubscriber {
    IMAPISupport *sup;
    ULONG_PTR connection;
};

static ULONG unsubscribe_inside(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    struct unsubscriber *what = context;

    (void)event;
    assert_ok(what->sup->lpVtbl->Unsubscribe(what->sup, what->connection));
    assert_int_equal(sink->refs, 2); /* still running: not released yet */
    return 0;
}

/* IMAPISupport.Unsubscribe.3 */
static void unsubscribe__inside_on_notify__released_afterwards(void **state)
{
    struct env *env = *state;
    struct unsubscriber what = { .sup = env->sup };
    struct host_sink sink;

    host_sink_init(&sink);
    sink.on_event = unsubscribe_inside;
    sink.context = &what;
    assert_ok(env->sup->lpVtbl->Subscribe(env->sup, (LPNOTIFKEY)&key_one, fnevObjectCreated, 0,
            &sink.IMAPIAdviseSink_iface, &what.connection));
    notify(env, &key_one, fnevObjectCreated, 0);

    assert_int_equal(host_notify_deliver(&env->world), 1);

    assert_int_equal(sink.refs, 1);
    host_sink_done(&sink);
}

/* ---- Status table ---- */

/* IMAPISupport.ModifyStatusRow.3 IMAPISupport.ModifyStatusRow.2 */
static void status_row__added_and_updated__has_hosts_columns(void **state)
{
    struct env *env = *state;
    const struct host_bag *row;
    SPropValue update = { .ulPropTag = PR_STATUS_CODE };

    add_status_row(env);
    update.Value.l = STATUS_OFFLINE;
    assert_ok(env->sup->lpVtbl->ModifyStatusRow(env->sup, 1, &update, STATUSROW_UPDATE));

    row = host_world_status_row(&env->world, env->support);
    assert_non_null(row);
    assert_int_equal(host_bag_long(row, PR_STATUS_CODE, 0), STATUS_OFFLINE);
    assert_non_null(host_bag_get(row, PR_DISPLAY_NAME_A));
    assert_int_equal(host_bag_long(row, PR_RESOURCE_TYPE, 0), MAPI_STORE_PROVIDER);
    assert_int_equal(host_bag_long(row, PR_OBJECT_TYPE, 0), MAPI_STATUS);
    assert_non_null(host_bag_get(row, PR_PROVIDER_DLL_NAME_A));
    assert_non_null(host_bag_get(row, PR_RESOURCE_FLAGS));
    assert_non_null(host_bag_get(row, PR_ENTRYID));
    assert_non_null(host_bag_get(row, PR_INSTANCE_KEY));
    assert_non_null(host_bag_get(row, PR_ROWID));
}

static void status_row__update_without_row_and_bare_row__are_breaches(void **state)
{
    struct env *env = *state;
    SPropValue value = { .ulPropTag = PR_STATUS_CODE };

    assert_hr(env->sup->lpVtbl->ModifyStatusRow(env->sup, 1, &value, STATUSROW_UPDATE),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(env->sup->lpVtbl->ModifyStatusRow(env->sup, 1, &value, 0), MAPI_E_INVALID_PARAMETER);

    assert_int_equal(host_world_status_count(&env->world), 0);
    env->breaches = 2;
}

/* ---- Profile ---- */

/* IMAPISupport.OpenProfileSection.1 IMAPISupport.OpenProfileSection.2
 * IMAPISupport.OpenProfileSection.3 IMAPISupport.OpenProfileSection.4 */
static void profile_section__own_missing_and_new__as_documented(void **state)
{
    struct env *env = *state;
    MAPIUID uid = uid_b;
    IProfSect *sect = NULL;

    assert_ok(env->sup->lpVtbl->OpenProfileSection(env->sup, NULL, 0, &sect));
    prop_assert_text(sect, PR_DISPLAY_NAME_W, "Mailkeep");
    release_last(sect);
    sect = POISON;
    assert_hr(env->sup->lpVtbl->OpenProfileSection(env->sup, &uid, 0, &sect), MAPI_E_NOT_FOUND);
    assert_null(sect);
    assert_hr(env->sup->lpVtbl->OpenProfileSection(env->sup, NULL, 0x40000000, &sect),
            MAPI_E_UNKNOWN_FLAGS);

    assert_ok(env->sup->lpVtbl->OpenProfileSection(env->sup, &uid, MAPI_MODIFY, &sect));

    release_last(sect);
    assert_non_null(host_profile_by_uid(env->profile, &uid));
}

/* IMAPISupport.OpenProfileSection.6 IMAPISupport.OpenProfileSection.7 */
static void profile_section__set_and_secure__at_once_and_hidden(void **state)
{
    struct env *env = *state;
    IProfSect *sect = NULL, *reader = NULL;
    LPSPropTagArray tags = NULL;
    ULONG i;

    assert_ok(env->sup->lpVtbl->OpenProfileSection(env->sup, NULL, MAPI_MODIFY, &sect));
    assert_hr(env->sup->lpVtbl->OpenProfileSection(env->sup, NULL, 0, &reader), MAPI_E_NO_ACCESS);
    prop_set_text(sect, PROP_TAG(PT_UNICODE, 0x67F0), "secret");
    prop_set_text(sect, PROP_TAG(PT_UNICODE, 0x6600), "/a/path");
    release_last(sect);
    assert_ok(env->sup->lpVtbl->OpenProfileSection(env->sup, NULL, 0, &reader));

    prop_assert_text(reader, PROP_TAG(PT_UNICODE, 0x6600), "/a/path");
    prop_assert_text(reader, PROP_TAG(PT_UNICODE, 0x67F0), "secret");
    assert_ok(reader->lpVtbl->GetPropList(reader, MAPI_UNICODE, &tags));
    for (i = 0; i < tags->cValues; i++)
        assert_int_not_equal(PROP_ID(tags->aulPropTag[i]), 0x67F0);
    mapi_free(tags);
    assert_ok(reader->lpVtbl->SaveChanges(reader, 0));
    release_last(reader);
}

/* IMAPISupport.Profile.2 */
static void modify_profile__temporary__changes_nothing(void **state)
{
    struct env *env = *state;

    env->section->temporary = true;
    assert_ok(env->sup->lpVtbl->ModifyProfile(env->sup, MDB_TEMPORARY));
    assert_true(env->section->temporary);
    assert_ok(env->sup->lpVtbl->ModifyProfile(env->sup, 0));
    assert_false(env->section->temporary);
}

/* ---- Entry ids ---- */

/* IMAPISupport.WrapStoreEntryID.1 */
static void wrap__unwrap__same_id(void **state)
{
    struct env *env = *state;
    struct id id = { .uid = uid_a, .rest = { 9, 8, 7, 6 } };
    union id_pointer pointer = { .id = &id };
    LPENTRYID wrapped = NULL;
    const ENTRYID *inner = NULL;
    const char *dll = NULL;
    ULONG size = 0, inner_size = 0;

    assert_ok(env->sup->lpVtbl->WrapStoreEntryID(
            env->sup, sizeof(id), pointer.entry_id, &size, &wrapped));

    assert_int_equal(size, 28 + sizeof(id)); /* 22, "x.dll", zero: 28 */
    assert_true(host_unwrap_entry_id(size, wrapped, &inner_size, &inner, &dll));
    assert_string_equal(dll, "x.dll");
    assert_int_equal(inner_size, sizeof(id));
    assert_memory_equal(inner, &id, sizeof(id));
    mapi_free(wrapped);
}

/* IMAPISupport.SetProviderUID.2 IMAPISupport.OpenEntry.1 IMAPISupport.CompareEntryIDs.1
 * IMSLogon.OpenEntry.5 IMSLogon.CompareEntryIDs.4 */
static void open_entry__by_uid__goes_to_its_logon(void **state)
{
    struct env *env = *state;
    struct id mine = { .uid = uid_a }, other = { .uid = uid_b };
    union id_pointer pa = { .id = &mine }, pb = { .id = &other };
    LPUNKNOWN object = NULL;
    MAPIUID uid = uid_a;
    ULONG type = 0, equal = 0;

    assert_ok(env->sup->lpVtbl->SetProviderUID(env->sup, &uid, 0));
    host_support_bind(env->support, &env->logon.IMSLogon_iface, NULL);

    assert_ok(env->sup->lpVtbl->OpenEntry(
            env->sup, sizeof(mine), pa.entry_id, NULL, 0, &type, &object));
    assert_hr(env->sup->lpVtbl->OpenEntry(
                      env->sup, sizeof(other), pb.entry_id, NULL, 0, &type, &object),
            MAPI_E_UNKNOWN_ENTRYID);
    assert_ok(env->sup->lpVtbl->CompareEntryIDs(
            env->sup, sizeof(mine), pa.entry_id, sizeof(mine), pa.entry_id, 0, &equal));
    assert_true(equal);
    assert_hr(env->sup->lpVtbl->CompareEntryIDs(
                      env->sup, sizeof(mine), pa.entry_id, sizeof(other), pb.entry_id, 0, &equal),
            MAPI_E_UNKNOWN_ENTRYID);

    assert_int_equal(env->logon.opened, 1);
    assert_int_equal(env->logon.compared, 1);
}

/* ---- Transports, copies ---- */

/* IMAPISupport.StoreLogoffTransports.1 IMAPISupport.StoreLogoffTransports.3 */
static void logoff_transports__activity__reported(void **state)
{
    struct env *env = *state;
    ULONG flags = LOGOFF_QUIET;

    env->support->logoff_result = LOGOFF_OUTBOUND;
    assert_ok(env->sup->lpVtbl->StoreLogoffTransports(env->sup, &flags));
    assert_int_equal(flags, LOGOFF_OUTBOUND);
    env->support->keep_transports = true;
    flags = LOGOFF_ABORT;
    assert_ok(env->sup->lpVtbl->StoreLogoffTransports(env->sup, &flags));
    assert_int_equal(flags, LOGOFF_COMPLETE);
    flags = 0;
    assert_hr(env->sup->lpVtbl->StoreLogoffTransports(env->sup, &flags), MAPI_E_INVALID_PARAMETER);
    env->breaches = 1;
}

/* IMAPISupport.Copy.1 IMAPISupport.Copy.2 IMAPISupport.Copy.3 IMAPISupport.Copy.4 */
static void do_copy__bad_arguments__refused(void **state)
{
    struct env *env = *state;
    SizedSPropTagArray(1, none) = { 0, { 0 } };
    SizedSPropTagArray(1, one) = { 1, { PR_SUBJECT_W } };
    int a = 0, b = 0;

    assert_hr(env->sup->lpVtbl->DoCopyTo(env->sup, &IID_IMessage, &a, 0, NULL,
                      (LPSPropTagArray)&none, 0, NULL, &IID_IMessage, &b, 0, NULL),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(env->sup->lpVtbl->DoCopyTo(
                      env->sup, NULL, &a, 0, NULL, NULL, 0, NULL, &IID_IMessage, &b, 0, NULL),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(env->sup->lpVtbl->DoCopyProps(env->sup, &IID_IMessage, &a, (LPSPropTagArray)&one, 0,
                      NULL, NULL, &b, 0, NULL),
            MAPI_E_INVALID_PARAMETER);
    assert_hr(env->sup->lpVtbl->DoCopyTo(env->sup, &IID_IMessage, &a, 0, NULL, NULL, 0, NULL,
                      &IID_IMessage, &a, 0, NULL),
            MAPI_E_NO_ACCESS);
}

/* ---- Dead objects ---- */

/* An object with one method of its own, which takes nothing but `This`. */
struct owned;

struct owned_vtbl {
    HRESULT(STDMETHODCALLTYPE *QueryInterface)(struct owned *object, REFIID iid, void **out);
    ULONG(STDMETHODCALLTYPE *AddRef)(struct owned *object);
    ULONG(STDMETHODCALLTYPE *Release)(struct owned *object);
    HRESULT(STDMETHODCALLTYPE *Method)(struct owned *object);
};

struct owned {
    const struct owned_vtbl *lpVtbl;
    unsigned char rest[32];
};

/* IMAPISupport.MakeInvalid.5 Teardown.Invalid.1 Teardown.Invalid.2 */
static void make_invalid__own_object__dead_until_last_release(void **state)
{
    struct env *env = *state;
    struct owned *object = NULL;
    size_t live = host_mem_live(0);

    assert_int_equal(host_mem_trio(0)->allocate(sizeof(*object), (LPVOID *)&object), S_OK);

    assert_ok(env->sup->lpVtbl->MakeInvalid(env->sup, 0, object, 2, 4));

    assert_hr(object->lpVtbl->Method(object), MAPI_E_INVALID_OBJECT);
    assert_int_equal(object->lpVtbl->AddRef(object), 3);
    assert_int_equal(object->lpVtbl->Release(object), 2);
    assert_int_equal(object->lpVtbl->Release(object), 1);
    assert_int_equal(host_mem_live(0), live + 1);
    assert_int_equal(object->lpVtbl->Release(object), 0);
    assert_int_equal(host_mem_live(0), live);
}

static void make_invalid__not_mapi_memory__is_a_breach(void **state)
{
    struct env *env = *state;
    struct owned object = { 0 };

    assert_hr(env->sup->lpVtbl->MakeInvalid(env->sup, 0, &object, 1, 4), MAPI_E_INVALID_PARAMETER);

    env->breaches = 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(mem_routines__asked__are_the_trio, setup, teardown),
        cmocka_unit_test_setup_teardown(
                release__last_reference__logs_off_and_forgets, setup, teardown),
        cmocka_unit_test_setup_teardown(call__after_last_release__is_a_breach, setup, teardown),
        cmocka_unit_test_setup_teardown(script__nth_call__fails_once, setup, teardown),
        cmocka_unit_test_setup_teardown(foreign_methods__called__no_support, setup, teardown),
        cmocka_unit_test_setup_teardown(
                service_support__store_methods__no_support, setup, teardown),
        cmocka_unit_test_setup_teardown(
                notify__subscribed__told_later_and_only_what_was_asked, setup, teardown),
        cmocka_unit_test_setup_teardown(unsubscribe__unknown__not_found, setup, teardown),
        cmocka_unit_test_setup_teardown(notify__sync_sink_discontinues__stops, setup, teardown),
        cmocka_unit_test_setup_teardown(
                unsubscribe__inside_on_notify__released_afterwards, setup, teardown),
        cmocka_unit_test_setup_teardown(
                status_row__added_and_updated__has_hosts_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(
                status_row__update_without_row_and_bare_row__are_breaches, setup, teardown),
        cmocka_unit_test_setup_teardown(
                profile_section__own_missing_and_new__as_documented, setup, teardown),
        cmocka_unit_test_setup_teardown(
                profile_section__set_and_secure__at_once_and_hidden, setup, teardown),
        cmocka_unit_test_setup_teardown(
                modify_profile__temporary__changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(wrap__unwrap__same_id, setup, teardown),
        cmocka_unit_test_setup_teardown(open_entry__by_uid__goes_to_its_logon, setup, teardown),
        cmocka_unit_test_setup_teardown(logoff_transports__activity__reported, setup, teardown),
        cmocka_unit_test_setup_teardown(do_copy__bad_arguments__refused, setup, teardown),
        cmocka_unit_test_setup_teardown(
                make_invalid__own_object__dead_until_last_release, setup, teardown),
        cmocka_unit_test_setup_teardown(
                make_invalid__not_mapi_memory__is_a_breach, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
