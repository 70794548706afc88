/* SPDX-License-Identifier: MIT */
/*
 * test_fault_search.c - searches while every single allocation fails once: the call says so, and
 * criteria, state and results are as they were.
 *
 * The layers are linked in, so that their allocator can be told to fail; all else goes through the
 * vtables, as in tests/com.
 */
#include "../com/search_world.h"

#include "com/object.h"
#include "dll/inf.h" /* the whole library is linked for it */
#include "host/host_admin.h"
#include "util/alloc.h"

MSGSERVICEENTRY MSGServiceEntry;

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
    struct host_section *section = host_profile_find(session->profile, HOST_SECTION_PROVIDER, NULL);
    struct host_support *support =
            host_support_new(&session->world, HOST_SUPPORT_SERVICE, &section->uid);
    uint16_t *path = host_text_to_utf16(fx->path);
    SPropValue value = { .ulPropTag = HOST_PR_STORE_PATH };
    LPMAPIERROR error = NULL;
    struct host_admin admin;
    HRESULT hr;

    value.Value.lpszW = (LPWSTR)path;
    host_admin_init(&admin, &session->world, &section->uid);
    hr = MSGServiceEntry(NULL, &session->heap.IMalloc_iface, host_support_iface(support), 0,
            MAPI_UNICODE, MSG_SERVICE_CONFIGURE, 1, &value, &admin.IProviderAdmin_iface, &error);
    mapi_free(error);
    host_support_release(support);
    free(path);
    return hr;
}

struct scene {
    struct fixture *fx;
    size_t live;
    IMAPIFolder *search;
    IMAPIFolder *child;
    struct places places; /* the inbox */
};

static int setup(void **state)
{
    static struct scene scene;

    memset(&scene, 0, sizeof(scene));
    scene.live = msp_alloc_count_live();
    scene.fx = fixture_new();
    assert_ok(load(&scene.fx->session));
    assert_ok(configure(scene.fx));
    fixture_logon(scene.fx);
    fixture_open_inbox(scene.fx);
    scene.search = search_folder_make(scene.fx->inbox, u"search");
    scene.child = folder_make(scene.fx->inbox, "child");
    places_add(&scene.places, scene.fx->inbox);
    add_mail(scene.fx->inbox, "mail 1", NULL, false);
    add_mail(scene.child, "mail 2", NULL, false);
    add_mail(scene.child, "other", NULL, false);
    *state = &scene;
    return 0;
}

static int teardown(void **state)
{
    struct scene *scene = *state;

    places_done(&scene->places);
    release_last(scene->search);
    release_last(scene->child);
    fixture_check_and_free(scene->fx);
    assert_int_equal(msp_object_count(), 0);
    assert_int_equal(msp_alloc_count_live(), scene->live);
    return 0;
}

/* --- what a search folder is like, as a text -------------------------------------------------- */

static void tell(IMAPIFolder *search, char *out, size_t size)
{
    LPSRestriction restriction = NULL;
    LPENTRYLIST list = NULL;
    ULONG state = 0;
    HRESULT hr =
            search->lpVtbl->GetSearchCriteria(search, MAPI_UNICODE, &restriction, &list, &state);
    size_t used = (size_t)snprintf(out, size, "%s, state %u, %u folders, ", host_hr_name(hr),
            (unsigned)state, list != NULL ? (unsigned)list->cValues : 0);

    if (restriction != NULL) {
        put_text(out, size, restriction->res.resContent.lpProp);
        used = strlen(out);
    }
    snprintf(out + used, size - used, ", %d: %s", (int)prop_long(search, PR_CONTENT_COUNT),
            found(search));
    mapi_free(restriction);
    mapi_free(list);
}

/* --- the calls -------------------------------------------------------------------------------- */

static void delete_folder(IMAPIFolder *parent, IMAPIFolder *folder)
{
    SPropValue *id = prop_get(folder, PR_ENTRYID);

    release_last(folder);
    assert_ok(parent->lpVtbl->DeleteFolder(
            parent, id->Value.bin.cb, (LPENTRYID)(void *)id->Value.bin.lpb, 0, NULL, DEL_MESSAGES));
    mapi_free(id);
}

static void prepare_new(struct scene *scene)
{
    delete_folder(scene->fx->inbox, scene->search);
    scene->search = search_folder_make(scene->fx->inbox, u"search");
}

static void prepare_running(struct scene *scene)
{
    assert_ok(search_set(scene->search, u"mail", scene->fx->inbox, RESTART_SEARCH));
}

static void prepare_stopped(struct scene *scene)
{
    prepare_running(scene);
    assert_ok(search_set(scene->search, NULL, NULL, STOP_SEARCH));
}

/* Something that the next look has to follow. */
static void prepare_changed(struct scene *scene)
{
    IMAPIFolder *folder;
    SPropValue *id;

    assert_ok(search_set(
            scene->search, u"mail", scene->fx->inbox, RESTART_SEARCH | RECURSIVE_SEARCH));
    (void)found(scene->search);
    folder = folder_make(scene->child, "new");
    add_mail(folder, "mail in the new one", NULL, false);
    (void)found(scene->search);
    delete_folder(scene->child, folder);
    id = message_make(scene->child, "mail that goes again");
    message_delete(scene->child, id);
    mapi_free(id);
}

static HRESULT call_set(struct scene *scene, const char16_t *text, ULONG flags)
{
    SRestriction restriction;
    SPropValue value;

    if (text == NULL)
        return scene->search->lpVtbl->SetSearchCriteria(scene->search, NULL, NULL, flags);
    restriction = subject_has(&value, text);
    return scene->search->lpVtbl->SetSearchCriteria(scene->search, &restriction, NULL, flags);
}

static HRESULT call_first(struct scene *scene)
{
    SPropValue value;
    SRestriction restriction = subject_has(&value, u"mail");

    return scene->search->lpVtbl->SetSearchCriteria(
            scene->search, &restriction, &scene->places.list, RESTART_SEARCH | RECURSIVE_SEARCH);
}

static HRESULT call_criteria(struct scene *scene)
{
    return call_set(scene, u"other", RECURSIVE_SEARCH);
}

static HRESULT call_priority(struct scene *scene)
{
    return call_set(scene, NULL, FOREGROUND_SEARCH);
}

static HRESULT call_stop(struct scene *scene)
{
    return call_set(scene, NULL, STOP_SEARCH);
}

static HRESULT call_restart(struct scene *scene)
{
    return call_set(scene, NULL, RESTART_SEARCH);
}

static HRESULT call_get(struct scene *scene)
{
    LPSRestriction restriction = POISON;
    LPENTRYLIST list = POISON;
    ULONG state = POISON_LONG;
    HRESULT hr =
            scene->search->lpVtbl->GetSearchCriteria(scene->search, 0, &restriction, &list, &state);

    if (FAILED(hr)) {
        assert_null(restriction);
        assert_null(list);
        assert_int_equal(state, 0);
        return hr;
    }
    mapi_free(restriction);
    mapi_free(list);
    return hr;
}

static HRESULT call_rows(struct scene *scene)
{
    IMAPITable *table = POISON;
    LPSRowSet rows = POISON;
    HRESULT hr = scene->search->lpVtbl->GetContentsTable(scene->search, MAPI_UNICODE, &table);

    if (FAILED(hr)) {
        assert_null(table);
        return hr;
    }
    hr = table->lpVtbl->QueryRows(table, 10, 0, &rows);
    if (SUCCEEDED(hr))
        mapi_free_rows(rows);
    else
        assert_null(rows);
    release_last(table);
    return hr;
}

static HRESULT call_all_columns(struct scene *scene)
{
    IMAPITable *table = NULL;
    LPSPropTagArray tags = POISON;
    HRESULT hr = scene->search->lpVtbl->GetContentsTable(scene->search, MAPI_UNICODE, &table);

    if (FAILED(hr))
        return hr;
    hr = table->lpVtbl->QueryColumns(table, TBL_ALL_COLUMNS, &tags);
    if (SUCCEEDED(hr))
        mapi_free(tags);
    else
        assert_null(tags);
    release_last(table);
    return hr;
}

static const struct step {
    const char *name;
    void (*prepare)(struct scene *scene);
    HRESULT (*call)(struct scene *scene);
} steps[] = {
    { "the first search", prepare_new, call_first },
    { "other criteria", prepare_running, call_criteria },
    { "the priority", prepare_running, call_priority },
    { "stop", prepare_running, call_stop },
    { "restart", prepare_stopped, call_restart },
    { "other criteria of a stopped one", prepare_stopped, call_criteria },
    { "what was set", prepare_running, call_get },
    { "the rows", prepare_running, call_rows },
    { "the rows of a stopped one", prepare_stopped, call_rows },
    { "rows that follow", prepare_changed, call_rows },
    { "all columns", prepare_changed, call_all_columns },
};

/* One allocation of the call fails; true: there was none so late. */
static bool fail_once(struct scene *scene, const struct step *step, unsigned long nth)
{
    char before[2000];
    char after[2000];
    bool failed;
    HRESULT hr;

    tell(scene->search, before, sizeof(before));
    if (step->prepare == prepare_changed)
        step->prepare(scene); /* so that there is something to follow */
    msp_alloc_fail_at(nth);
    hr = step->call(scene);
    failed = msp_alloc_fail_disarm();
    if (!failed) {
        assert_ok(hr);
        return true;
    }
    if (hr == S_OK)
        return false; /* it could do without */
    assert_hr(hr, MAPI_E_NOT_ENOUGH_MEMORY);
    tell(scene->search, after, sizeof(after));
    if (strcmp(before, after) != 0)
        fail_msg("%s, allocation %lu: %s\nwas %s", step->name, nth, after, before);
    return false;
}

/* Memory.Failure.2 Memory.Failure.1 IMAPIContainer.SetSearchCriteria.5 */
static void every_call__nth_allocation_fails__nothing_has_changed(void **state)
{
    struct scene *scene = *state;

    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        unsigned long nth = 0;

        do {
            nth++;
            steps[i].prepare(scene);
        } while (!fail_once(scene, &steps[i], nth));
        if (nth < 2)
            fail_msg("%s needs no memory?", steps[i].name);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                every_call__nth_allocation_fails__nothing_has_changed, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
