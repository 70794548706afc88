/* SPDX-License-Identifier: MIT */
/*
 * test_host_session.c - the reference host's sessions against its own contract: with a provider
 * that only keeps a diary, and with the real library where loading and services matter.
 */
#include "support/support.h"

/* ---- A provider, its logon and its store, in one ---- */

struct fake {
    IMSProvider IMSProvider_iface;
    IMSLogon IMSLogon_iface;
    IMsgStore IMsgStore_iface;
    IMAPISupport *support; /* a reference between Logon and Logoff */
    HRESULT answers[4];    /* of the Logon calls, in order; zero is S_OK */
    unsigned logons;
    unsigned char id[64]; /* of the last Logon or CompareStoreIDs call */
    ULONG id_size;
    bool equal;      /* answer of CompareStoreIDs */
    MAPIUID section; /* of the support object in the last Logon */
    unsigned new_mails;
    char diary[300];
};

static void note(struct fake *fake, const char *what)
{
    size_t used = strlen(fake->diary);

    snprintf(fake->diary + used, sizeof(fake->diary) - used, "%s%s", used > 0 ? " " : "", what);
}

static struct fake *from_provider(IMSProvider *iface)
{
    return CONTAINING_RECORD(iface, struct fake, IMSProvider_iface);
}

static struct fake *from_logon(IMSLogon *iface)
{
    return CONTAINING_RECORD(iface, struct fake, IMSLogon_iface);
}

static struct fake *from_store(IMsgStore *iface)
{
    return CONTAINING_RECORD(iface, struct fake, IMsgStore_iface);
}

static ULONG STDMETHODCALLTYPE provider_Release(IMSProvider *iface)
{
    note(from_provider(iface), "provider-release");
    return 0;
}

static HRESULT STDMETHODCALLTYPE provider_Shutdown(IMSProvider *iface, ULONG *flags)
{
    assert_int_equal(*flags, 0);
    note(from_provider(iface), "shutdown");
    return S_OK;
}

static void keep_id(struct fake *fake, ULONG size, const ENTRYID *id)
{
    fake->id_size = size;
    if (id)
        memcpy(fake->id, id, size < sizeof(fake->id) ? size : sizeof(fake->id));
}

static HRESULT STDMETHODCALLTYPE provider_Logon(IMSProvider *iface, LPMAPISUP support, ULONG_PTR ui,
        LPTSTR profile, ULONG id_size, LPENTRYID id, ULONG flags, LPCIID iid, ULONG *out_size,
        LPBYTE *out_security, LPMAPIERROR *out_error, LPMSLOGON *out_logon, LPMDB *out_store)
{
    struct fake *fake = from_provider(iface);
    HRESULT hr = fake->answers[fake->logons++];

    (void)ui;
    (void)profile;
    (void)iid;
    (void)out_error;
    assert_true(flags & MAPI_UNICODE);
    keep_id(fake, id_size, id);
    fake->section = host_support_from_iface(support)->section;
    if (FAILED(hr))
        return hr;
    assert_ok(host_mem_trio(0)->allocate(4, (LPVOID *)out_security));
    *out_size = 4;
    memcpy(*out_security, "key", 4);
    support->lpVtbl->AddRef(support);
    fake->support = support;
    *out_logon = &fake->IMSLogon_iface;
    *out_store = &fake->IMsgStore_iface;
    return hr;
}

static HRESULT STDMETHODCALLTYPE provider_CompareStoreIDs(IMSProvider *iface, ULONG size1,
        LPENTRYID id1, ULONG size2, LPENTRYID id2, ULONG flags, ULONG *out_equal)
{
    struct fake *fake = from_provider(iface);

    (void)size1;
    (void)id1;
    assert_int_equal(flags, 0);
    keep_id(fake, size2, id2);
    note(fake, "compare");
    *out_equal = fake->equal;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE logon_Release(IMSLogon *iface)
{
    note(from_logon(iface), "logon-release");
    return 0;
}

static HRESULT STDMETHODCALLTYPE logon_Logoff(IMSLogon *iface, ULONG *flags)
{
    struct fake *fake = from_logon(iface);
    IMAPISupport *support = fake->support;

    assert_int_equal(*flags, 0);
    note(fake, "logoff");
    fake->support = NULL;
    if (support)
        support->lpVtbl->Release(support);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE store_Release(IMsgStore *iface)
{
    struct fake *fake = from_store(iface);
    IMAPISupport *support = fake->support;

    note(fake, "store-release");
    fake->support = NULL;
    if (support)
        support->lpVtbl->Release(support);
    return 0;
}

static HRESULT STDMETHODCALLTYPE store_NotifyNewMail(IMsgStore *iface, LPNOTIFICATION event)
{
    struct fake *fake = from_store(iface);

    assert_int_equal(event->ulEventType, fnevNewMail);
    assert_int_equal(event->info.newmail.ulMessageFlags, 77);
    fake->new_mails++;
    return S_OK;
}

static const IMSProviderVtbl provider_vtbl = {
    .Release = provider_Release,
    .Shutdown = provider_Shutdown,
    .Logon = provider_Logon,
    .CompareStoreIDs = provider_CompareStoreIDs,
};

static const IMSLogonVtbl logon_vtbl = { .Release = logon_Release, .Logoff = logon_Logoff };

static const IMsgStoreVtbl store_vtbl = {
    .Release = store_Release,
    .NotifyNewMail = store_NotifyNewMail,
};

/* ---- Fixture: a session that believes it has loaded the fake ---- */

struct env {
    struct fixture *fx;
    struct fake fake;
};

static int setup(void **state)
{
    struct env *env = calloc(1, sizeof(*env));

    assert_non_null(env);
    env->fx = fixture_new();
    env->fake.IMSProvider_iface.lpVtbl = &provider_vtbl;
    env->fake.IMSLogon_iface.lpVtbl = &logon_vtbl;
    env->fake.IMsgStore_iface.lpVtbl = &store_vtbl;
    env->fx->session.provider = &env->fake.IMSProvider_iface;
    *state = env;
    return 0;
}

static int teardown(void **state)
{
    struct env *env = *state;

    fixture_check_and_free(env->fx);
    free(env);
    return 0;
}

static HRESULT log_on(struct env *env, const struct host_logon *params)
{
    return host_session_logon(&env->fx->session, params, &env->fx->store, &env->fx->support);
}

/* ---- The ends ---- */

/* Teardown.SessionLogoff.4 */
static void logoff__store_held__documented_order(void **state)
{
    struct env *env = *state;
    struct host_logon params = { .flags = MDB_WRITE };

    assert_ok(log_on(env, &params));

    host_session_logoff(&env->fx->session);

    assert_string_equal(env->fake.diary, "logoff logon-release shutdown provider-release");
    assert_int_equal(host_support_calls(env->fx->support, HOST_did_Logoff), 0);
    assert_true(env->fx->support->dead);
}

/* Teardown.StoreClose.4 */
static void store_release__last__host_logs_off_on_this_stack(void **state)
{
    struct env *env = *state;
    struct host_logon params = { .flags = MDB_WRITE };

    assert_ok(log_on(env, &params));

    release_last(env->fx->store);

    assert_string_equal(env->fake.diary, "store-release logoff logon-release");
}

/* IMAPISupport.Object.3 IMSProvider.Logon.SpoolSecurity.4 */
static void logon__fails__support_object_destroyed(void **state)
{
    struct env *env = *state;
    struct host_logon params = { .flags = MDB_WRITE };

    env->fake.answers[0] = MAPI_E_FAILONEPROVIDER;

    assert_hr(log_on(env, &params), MAPI_E_FAILONEPROVIDER);

    assert_null(env->fx->store);
    assert_null(env->fx->support);
    assert_true(env->fx->session.world.supports->dead);
}

/* MSProviderInit.HostSequence.1 */
static void logon__twice__same_provider_object(void **state)
{
    struct env *env = *state;
    struct host_logon params = { .flags = MDB_WRITE };

    assert_ok(log_on(env, &params));
    release_last(env->fx->store);
    assert_ok(log_on(env, &params));

    assert_int_equal(env->fake.logons, 2);
    assert_ptr_equal(env->fx->session.provider, &env->fake.IMSProvider_iface);
    assert_null(strstr(env->fake.diary, "shutdown"));
}

/* ---- Which store ---- */

/* IMAPISupport.WrapStoreEntryID.1 IMSProvider.CompareStoreIDs.7 */
static void logon__wrapped_id__provider_sees_the_inner_one(void **state)
{
    struct env *env = *state;
    struct host_section *section = host_profile_find(env->fx->profile, HOST_SECTION_PROVIDER, NULL);
    struct host_section *second =
            host_profile_add(env->fx->profile, HOST_SECTION_PROVIDER, "MAILKEEP", NULL);
    static const unsigned char inner[24] = "....inner store id";
    struct host_logon params = { .flags = MDB_WRITE };

    union {
        const unsigned char *bytes;
        const ENTRYID *id;
    } at = { .bytes = inner };

    LPENTRYID wrapped = NULL;
    ULONG size = 0;

    (void)section;
    assert_ok(host_wrap_entry_id(0, "x.dll", sizeof(inner), at.id, &size, &wrapped));
    assert_int_equal(host_bag_set_binary(&second->props, PR_ENTRYID, wrapped, size), S_OK);
    params.entry_id = wrapped;
    params.entry_id_size = size;
    env->fake.equal = true;

    assert_ok(log_on(env, &params));

    assert_int_equal(env->fake.id_size, sizeof(inner));
    assert_memory_equal(env->fake.id, inner, sizeof(inner));
    assert_memory_equal(&env->fake.section, &second->uid, sizeof(MAPIUID));
    assert_string_equal(env->fake.diary, "compare");
    mapi_free(wrapped);
}

/* ---- Errors of a logon ---- */

/* IMSProvider.Logon.Errors.11 */
static void logon__failed__service_disabled_for_the_session(void **state)
{
    struct env *env = *state;
    struct host_logon params = { .flags = MDB_WRITE };

    env->fake.answers[0] = MAPI_E_FAILONEPROVIDER;
    env->fake.answers[1] = MAPI_E_LOGON_FAILED;
    assert_hr(log_on(env, &params), MAPI_E_FAILONEPROVIDER);
    assert_hr(log_on(env, &params), MAPI_E_LOGON_FAILED);

    assert_true(FAILED(log_on(env, &params)));

    assert_int_equal(env->fake.logons, 2);
}

/* IMSProvider.Logon.Errors.10 */
static void logon__unconfigured__service_asked_and_logon_repeated(void **state)
{
    struct env *env = *state;
    struct host_logon params = { .flags = MDB_WRITE };
    IMSProvider *fake = env->fx->session.provider;

    env->fx->session.provider = NULL;
    assert_ok(host_session_configure(&env->fx->session, env->fx->path));
    env->fx->session.provider = fake;
    env->fake.answers[0] = MAPI_E_UNCONFIGURED;

    assert_ok(log_on(env, &params));

    assert_int_equal(env->fake.logons, 2);
    assert_int_equal(env->fx->session.configured_again, 1);
}

/* IMSProvider.Logon.Errors.10 */
static void logon__unconfigured_and_stays_so__not_repeated(void **state)
{
    struct env *env = *state;
    struct host_logon params = { .flags = MDB_WRITE };

    env->fake.answers[0] = MAPI_E_UNCONFIGURED;

    assert_hr(log_on(env, &params), MAPI_E_UNCONFIGURED);

    assert_int_equal(env->fake.logons, 1);
    assert_int_equal(env->fx->session.configured_again, 1);
    assert_false(env->fx->session.service_disabled);
}

/* ---- The support object and the store ---- */

/* IMAPISupport.SpoolerNotify.4 */
static void spooler_notify__new_mail__store_is_told(void **state)
{
    struct env *env = *state;
    struct host_logon params = { .flags = MDB_WRITE };
    NEWMAIL_NOTIFICATION mail = { .ulMessageFlags = 77 };
    IMAPISupport *sup;

    assert_ok(log_on(env, &params));
    sup = host_support_iface(env->fx->support);

    assert_ok(sup->lpVtbl->SpoolerNotify(sup, NOTIFY_NEWMAIL_RECEIVED, &mail));
    assert_ok(sup->lpVtbl->SpoolerNotify(sup, NOTIFY_READYTOSEND, NULL));

    assert_int_equal(env->fake.new_mails, 1);
}

/* IMAPISupport.Profile.1 */
static void modify_profile__permanent__store_is_in_the_saved_profile(void **state)
{
    struct env *env = *state;
    struct host_logon params = { .flags = MDB_WRITE };
    struct host_section *section = host_profile_find(env->fx->profile, HOST_SECTION_PROVIDER, NULL);
    struct host_profile *before = host_profile_new("p"), *after = host_profile_new("p");
    char path[1024], why[200];
    IMAPISupport *sup;

    section->temporary = true;
    host_temp_path(".profile", path, sizeof(path));
    assert_ok(log_on(env, &params));
    sup = host_support_iface(env->fx->support);
    assert_true(host_profile_save(env->fx->profile, path, why, sizeof(why)));
    assert_true(host_profile_load(before, path, why, sizeof(why)));

    assert_ok(sup->lpVtbl->ModifyProfile(sup, 0));

    assert_true(host_profile_save(env->fx->profile, path, why, sizeof(why)));
    assert_true(host_profile_load(after, path, why, sizeof(why)));
    assert_null(host_profile_by_uid(before, &section->uid));
    assert_non_null(host_profile_by_uid(after, &section->uid));
    host_profile_free(before);
    host_profile_free(after);
    host_file_remove(path);
}

/* IMAPISupport.Object.1 */
static void vtable__omitted_methods__in_header_order(void **state)
{
    (void)state;
    assert_int_equal(offsetof(IMAPISupportVtbl, UpdatePAB),
            offsetof(IMAPISupportVtbl, ExpandRecips) + sizeof(void *));
    assert_int_equal(offsetof(IMAPISupportVtbl, DoSentMail),
            offsetof(IMAPISupportVtbl, UpdatePAB) + sizeof(void *));
    assert_int_equal(offsetof(IMAPISupportVtbl, Preprocess),
            offsetof(IMAPISupportVtbl, OpenAddressBook) + sizeof(void *));
    assert_int_equal(offsetof(IMAPISupportVtbl, CompleteMsg),
            offsetof(IMAPISupportVtbl, Preprocess) + sizeof(void *));
    assert_int_equal(sizeof(IMAPISupportVtbl), 44 * sizeof(void *));
}

/* ---- With the real library ---- */

/* MSProviderInit.HostSequence.2 MSProviderInit.HostSequence.3 */
static void two_sessions__one_library__own_provider_objects(void **state)
{
    struct fixture *fx = *state;
    struct host_session second;

    host_session_init(&second, fx->profile, 1);
    assert_ok(host_session_load(&second));
    assert_ptr_not_equal(second.provider, fx->session.provider);

    host_session_logoff(&second);
    assert_int_equal(host_session_done(&second), 0);
    assert_true(host_lib_is_loaded(fx->session.dll_path));
    host_session_logoff(&fx->session);

    assert_false(host_lib_is_loaded(fx->session.dll_path));
    assert_int_equal(host_mem_live(1), 0);
}

/* IMAPISupport.Object.4 */
static void service__returned__its_support_object_is_gone(void **state)
{
    struct fixture *fx = *state;
    struct host_support *support;

    assert_ok(host_session_configure(&fx->session, fx->path));

    support = fx->session.world.supports;
    assert_non_null(support);
    assert_int_equal(support->kind, HOST_SUPPORT_SERVICE);
    assert_true(support->dead);
    assert_int_equal(host_support_calls(support, HOST_AddRef), 0);
}

/* Registration.HostProfile.2 */
static void delete_service__entry_asked_first__sections_gone_only_then(void **state)
{
    struct fixture *fx = *state;
    struct host_section *service = host_profile_find(fx->profile, HOST_SECTION_SERVICE, NULL);

    host_bag_set_text(
            &service->props, CHANGE_PROP_TYPE(PR_SERVICE_ENTRY_NAME, PT_UNICODE), "NoSuchEntry");
    assert_true(FAILED(host_session_delete_service(&fx->session)));
    assert_non_null(host_profile_find(fx->profile, HOST_SECTION_PROVIDER, NULL));
    host_bag_set_text(&service->props, CHANGE_PROP_TYPE(PR_SERVICE_ENTRY_NAME, PT_UNICODE),
            "MSGServiceEntry");

    assert_ok(host_session_delete_service(&fx->session));

    assert_null(fx->profile->sections);
}

/* IMAPISupport.Sending.6 */
static void do_sent_mail__delete_after_submit__message_is_gone(void **state)
{
    struct fixture *fx = *state;
    IMAPISupport *sup = host_support_iface(fx->support);
    SPropValue *id = message_make(fx->inbox, "sent");
    IMessage *message = message_open(fx->store, id);

    prop_set_bool(message, PR_DELETE_AFTER_SUBMIT, true);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));

    assert_ok(sup->lpVtbl->DoSentMail(sup, 0, message));

    assert_int_equal(prop_long(fx->inbox, PR_CONTENT_COUNT), 0);
    mapi_free(id);
}

/* StoreProp.Folders.4 */
static void open__special_folder_missing__made_again(void **state)
{
    struct fixture *fx = *state;
    SizedSPropTagArray(1, sent) = { 1, { PR_IPM_SENTMAIL_ENTRYID } };
    unsigned made = 7;
    LONG all = prop_long(fx->store, PR_VALID_FOLDER_MASK);
    IMAPIFolder *folder;

    assert_ok(host_session_make_folders(&fx->session, fx->store, &made));
    assert_int_equal(made, 0);
    prop_set_long(fx->store, PR_VALID_FOLDER_MASK, all & ~FOLDER_IPM_SENTMAIL_VALID);
    assert_ok(fx->store->lpVtbl->DeleteProps(fx->store, (LPSPropTagArray)&sent, NULL));

    assert_ok(host_session_make_folders(&fx->session, fx->store, &made));

    assert_int_equal(made, 1);
    assert_int_equal(prop_long(fx->store, PR_VALID_FOLDER_MASK), all);
    folder = folder_by_prop(fx->store, fx->store, PR_IPM_SENTMAIL_ENTRYID);
    prop_assert_text(folder, PR_DISPLAY_NAME_W, "Sent Items");
    release_last(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(logoff__store_held__documented_order, setup, teardown),
        cmocka_unit_test_setup_teardown(
                store_release__last__host_logs_off_on_this_stack, setup, teardown),
        cmocka_unit_test_setup_teardown(logon__fails__support_object_destroyed, setup, teardown),
        cmocka_unit_test_setup_teardown(logon__twice__same_provider_object, setup, teardown),
        cmocka_unit_test_setup_teardown(
                logon__wrapped_id__provider_sees_the_inner_one, setup, teardown),
        cmocka_unit_test_setup_teardown(
                logon__failed__service_disabled_for_the_session, setup, teardown),
        cmocka_unit_test_setup_teardown(
                logon__unconfigured__service_asked_and_logon_repeated, setup, teardown),
        cmocka_unit_test_setup_teardown(
                logon__unconfigured_and_stays_so__not_repeated, setup, teardown),
        cmocka_unit_test_setup_teardown(spooler_notify__new_mail__store_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(
                modify_profile__permanent__store_is_in_the_saved_profile, setup, teardown),
        cmocka_unit_test(vtable__omitted_methods__in_header_order),
        cmocka_unit_test_setup_teardown(two_sessions__one_library__own_provider_objects,
                fixture_session_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(service__returned__its_support_object_is_gone,
                fixture_session_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(delete_service__entry_asked_first__sections_gone_only_then,
                fixture_session_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
                open__special_folder_missing__made_again, fixture_store_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(do_sent_mail__delete_after_submit__message_is_gone,
                fixture_inbox_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
