/* SPDX-License-Identifier: MIT */
/*
 * test_search.c - SetSearchCriteria and GetSearchCriteria: what may be asked for, what is told, and
 * when a search runs. What searches find is in test_search_results.c.
 */
#include "raw_logon.h"
#include "search_world.h"

static IMAPIFolder *finder(struct fixture *fx)
{
    return folder_by_prop(fx->store, fx->store, PR_FINDER_ENTRYID);
}

/* A search folder in the finder, never searched. */
static IMAPIFolder *search_new(struct fixture *fx)
{
    IMAPIFolder *parent = finder(fx);
    IMAPIFolder *search = search_folder_make(parent, u"search");

    release_last(parent);
    return search;
}

static HRESULT get(IMAPIFolder *search, ULONG flags, LPSRestriction *restriction, LPENTRYLIST *list,
        ULONG *state)
{
    if (restriction != NULL)
        *restriction = POISON;
    if (list != NULL)
        *list = POISON;
    if (state != NULL)
        *state = POISON_LONG;
    return search->lpVtbl->GetSearchCriteria(search, flags, restriction, list, state);
}

static void assert_get_fails(IMAPIFolder *search, HRESULT expected)
{
    LPSRestriction restriction;
    LPENTRYLIST list;
    ULONG state;

    assert_hr(get(search, MAPI_UNICODE, &restriction, &list, &state), expected);
    assert_null(restriction);
    assert_null(list);
    assert_int_equal(state, 0);
}

/* --- where, and before the first search ------------------------------------------------------- */

/* IMAPIFolder.CreateFolder.2 search-folder.Create.2 search-folder.Create.3 StoreProp.SupportMask.6
 * Deliver.DefaultStore.4 */
static void create__in_finder_and_elsewhere__search_folders_that_work(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *parent = finder(fx);
    IMAPIFolder *first = search_folder_make(parent, u"one");
    IMAPIFolder *second = search_folder_make(fx->inbox, u"two");

    assert_int_equal(
            prop_long(fx->store, PR_STORE_SUPPORT_MASK) & STORE_SEARCH_OK, STORE_SEARCH_OK);
    assert_int_equal(prop_long(first, PR_FOLDER_TYPE), FOLDER_SEARCH);
    assert_int_equal(prop_long(second, PR_FOLDER_TYPE), FOLDER_SEARCH);
    add_mail(fx->inbox, "mail", NULL, false);
    assert_ok(search_set(first, u"mail", fx->inbox, RESTART_SEARCH));
    assert_ok(search_set(second, u"mail", fx->inbox, RESTART_SEARCH));
    assert_found(first, "mail");
    assert_found(second, "mail");
    release_last(first);
    release_last(second);
    release_last(parent);
}

/* IMAPIContainer.GetSearchCriteria.1 IMAPIContainer.SetSearchCriteria.3 search-folder.Create.1 */
static void never_searched__no_criteria_no_results_nothing_to_use_again(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *search = search_new(fx);

    add_mail(fx->inbox, "mail", NULL, false);
    assert_found(search, "");
    assert_int_equal(prop_long(search, PR_CONTENT_COUNT), 0);
    assert_get_fails(search, MAPI_E_NOT_INITIALIZED);
    assert_hr(search_set(search, NULL, NULL, RESTART_SEARCH), MAPI_E_NOT_INITIALIZED);
    assert_hr(search_set(search, u"mail", NULL, RESTART_SEARCH), MAPI_E_NOT_INITIALIZED);
    assert_hr(search_set(search, NULL, fx->inbox, RESTART_SEARCH), MAPI_E_NOT_INITIALIZED);
    assert_hr(search_set(search, NULL, NULL, STOP_SEARCH), MAPI_E_NOT_INITIALIZED);
    assert_get_fails(search, MAPI_E_NOT_INITIALIZED);
    assert_found(search, "");
    release_last(search);
}

/* IMAPIContainer.SetSearchCriteria.6 */
static void no_search_folder__no_support(void **state)
{
    struct fixture *fx = *state;

    assert_hr(search_set(fx->inbox, u"x", NULL, RESTART_SEARCH), MAPI_E_NO_SUPPORT);
    assert_get_fails(fx->inbox, MAPI_E_NO_SUPPORT);
}

/* IMAPIContainer.SetSearchCriteria.13 StoreProp.SupportMask.6 */
static void store_without_write__no_searches(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *search = search_new(fx);
    SPropValue *id = prop_get(search, PR_ENTRYID);
    struct raw_logon raw;
    LPUNKNOWN object = NULL;
    IMAPIFolder *again;
    ULONG type = 0;

    assert_ok(search_set(search, u"", fx->inbox, RESTART_SEARCH));
    add_mail(fx->inbox, "mail", NULL, false);
    release_last(search);
    release_last(fx->inbox);
    release_last(fx->store);
    raw_open(fx, &raw, 0);
    assert_int_equal(prop_long(raw.store, PR_STORE_SUPPORT_MASK) & STORE_SEARCH_OK, 0);
    assert_ok(raw.store->lpVtbl->OpenEntry(
            raw.store, id->Value.bin.cb, raw_id(id->Value.bin.lpb), NULL, 0, &type, &object));
    again = (IMAPIFolder *)(void *)object;
    assert_hr(search_set(again, NULL, NULL, STOP_SEARCH), MAPI_E_NO_SUPPORT);
    assert_get_fails(again, MAPI_E_NO_SUPPORT);
    assert_found(again, "mail"); /* what there is can be read */
    release_last(again);
    raw_close(&raw);
    mapi_free(id);
}

/* --- the folders that come with a store ---------------------------------------------------------
 */

/* search-folder.Special.1 search-folder.Special.2 */
static void special_folders__of_a_new_store__are_all_there(void **state)
{
    static const ULONG tags[] = { PR_IPM_SUBTREE_ENTRYID, PR_IPM_OUTBOX_ENTRYID,
        PR_IPM_SENTMAIL_ENTRYID, PR_IPM_WASTEBASKET_ENTRYID, PR_FINDER_ENTRYID, PR_VIEWS_ENTRYID,
        PR_COMMON_VIEWS_ENTRYID };
    struct fixture *fx = *state;

    for (size_t i = 0; i < COUNT_OF(tags); i++) {
        IMAPIFolder *folder = folder_by_prop(fx->store, fx->store, tags[i]);

        assert_int_equal(prop_long(folder, PR_OBJECT_TYPE), MAPI_FOLDER);
        release_last(folder);
    }
    assert_int_equal(prop_long(fx->inbox, PR_OBJECT_TYPE), MAPI_FOLDER); /* receives by default */
}

static void check_links(void *folder)
{
    static const ULONG tags[] = { PR_IPM_APPOINTMENT_ENTRYID, PR_IPM_CONTACT_ENTRYID,
        PR_IPM_JOURNAL_ENTRYID, PR_IPM_NOTE_ENTRYID, PR_IPM_TASK_ENTRYID, PR_IPM_DRAFTS_ENTRYID };
    IMAPIProp *prop = folder;
    BYTE first[] = { 1, 2 }, second[] = { 3 };
    SBinary bins[] = { { 2, first }, { 1, second } };
    SPropValue many = { .ulPropTag = PR_ADDITIONAL_REN_ENTRYIDS };
    LPSPropProblemArray problems = NULL;
    SPropValue *value;

    for (BYTE i = 0; i < COUNT_OF(tags); i++) {
        BYTE id[] = { 0xA0, i };

        prop_set_binary(folder, tags[i], id, sizeof(id));
        value = prop_get(folder, tags[i]);
        assert_non_null(value);
        assert_int_equal(value->Value.bin.cb, sizeof(id));
        assert_memory_equal(value->Value.bin.lpb, id, sizeof(id));
        mapi_free(value);
    }
    many.Value.MVbin.cValues = 2;
    many.Value.MVbin.lpbin = bins;
    assert_ok(prop->lpVtbl->SetProps(prop, 1, &many, &problems));
    assert_null(problems);
    value = prop_get(folder, PR_ADDITIONAL_REN_ENTRYIDS);
    assert_non_null(value);
    assert_int_equal(value->Value.MVbin.cValues, 2);
    assert_int_equal(value->Value.MVbin.lpbin[1].cb, 1);
    assert_memory_equal(value->Value.MVbin.lpbin[0].lpb, first, 2);
    mapi_free(value);
}

/* search-folder.Special.3 */
static void special_folders__named_on_inbox_and_root__kept(void **state)
{
    struct fixture *fx = *state;
    LPUNKNOWN root = NULL;
    ULONG type = 0;

    check_links(fx->inbox);
    assert_ok(fx->store->lpVtbl->OpenEntry(fx->store, 0, NULL, NULL, MAPI_MODIFY, &type, &root));
    check_links(root);
    release_last(root);
}

/* --- arguments -------------------------------------------------------------------------------- */

/* IMAPIContainer.SetSearchCriteria.4 IMAPIContainer.SetSearchCriteria.12 */
static void set__flags__opposites_and_unknown_ones_are_refused(void **state)
{
    static const ULONG opposites[] = { FOREGROUND_SEARCH | BACKGROUND_SEARCH,
        RECURSIVE_SEARCH | SHALLOW_SEARCH, RESTART_SEARCH | STOP_SEARCH };
    struct fixture *fx = *state;
    IMAPIFolder *search = search_new(fx);
    ULONG bits = POISON_LONG;

    for (size_t i = 0; i < COUNT_OF(opposites); i++)
        assert_hr(search_set(search, u"", fx->inbox, opposites[i]), MAPI_E_INVALID_PARAMETER);
    assert_hr(search_set(search, u"", fx->inbox, 0x40), MAPI_E_UNKNOWN_FLAGS);
    assert_get_fails(search, MAPI_E_NOT_INITIALIZED);
    assert_ok(search_set(search, u"", fx->inbox, RESTART_SEARCH | NON_CONTENT_INDEXED_SEARCH));
    assert_int_equal(search_state(search), SEARCH_RUNNING);
    assert_hr(get(search, 0x40, NULL, NULL, &bits), MAPI_E_UNKNOWN_FLAGS);
    assert_int_equal(bits, 0);
    release_last(search);
}

static void set__bad_list_of_folders__refused(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *search = search_new(fx);
    IMAPIFolder *gone = folder_make(fx->inbox, "gone");
    SPropValue *message = message_make(fx->inbox, "mail");
    SPropValue *gone_id = prop_get(gone, PR_ENTRYID);
    BYTE nonsense[] = { 1, 2, 3 };
    SBinary bin = { sizeof(nonsense), nonsense };
    ENTRYLIST list = { 1, NULL };
    SPropValue value;
    SRestriction restriction = subject_has(&value, u"");

    assert_hr(search->lpVtbl->SetSearchCriteria(search, &restriction, &list, RESTART_SEARCH),
            MAPI_E_INVALID_PARAMETER);
    list.lpbin = &bin;
    assert_hr(search->lpVtbl->SetSearchCriteria(search, &restriction, &list, RESTART_SEARCH),
            MAPI_E_UNKNOWN_ENTRYID);
    bin = message->Value.bin;
    assert_hr(search->lpVtbl->SetSearchCriteria(search, &restriction, &list, RESTART_SEARCH),
            MAPI_E_INVALID_ENTRYID);
    release_last(gone);
    assert_ok(fx->inbox->lpVtbl->DeleteFolder(
            fx->inbox, gone_id->Value.bin.cb, raw_id(gone_id->Value.bin.lpb), 0, NULL, 0));
    bin = gone_id->Value.bin;
    assert_hr(search->lpVtbl->SetSearchCriteria(search, &restriction, &list, RESTART_SEARCH),
            MAPI_E_NOT_FOUND);
    list.cValues = 0;
    assert_hr(search->lpVtbl->SetSearchCriteria(search, &restriction, &list, RESTART_SEARCH),
            MAPI_E_INVALID_PARAMETER);
    assert_get_fails(search, MAPI_E_NOT_INITIALIZED);
    mapi_free(message);
    mapi_free(gone_id);
    release_last(search);
}

/* IMAPIContainer.SetSearchCriteria.5 restriction.General.2 */
static void set__restriction_that_cannot_be_evaluated__the_old_one_stays(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *search = search_new(fx);
    SRestriction odd = { .rt = 0x4711 };
    SRestriction pattern = { .rt = RES_PROPERTY };
    SRestriction broken = { .rt = RES_NOT };
    LPMAPIERROR error = NULL;
    LPSRestriction kept;
    SPropValue value = text_value(PR_SUBJECT_W, u"a*");

    pattern.res.resProperty.relop = RELOP_RE;
    pattern.res.resProperty.ulPropTag = PR_SUBJECT_W;
    pattern.res.resProperty.lpProp = &value;
    add_mail(fx->inbox, "apple", NULL, false);
    add_mail(fx->inbox, "pear", NULL, false);
    assert_ok(search_set(search, u"app", fx->inbox, RESTART_SEARCH));

    assert_hr(search->lpVtbl->SetSearchCriteria(search, &odd, NULL, 0), MAPI_E_TOO_COMPLEX);
    assert_ok(search->lpVtbl->GetLastError(search, MAPI_E_TOO_COMPLEX, 0, &error));
    assert_non_null(error);
    mapi_free(error);
    assert_hr(search->lpVtbl->SetSearchCriteria(search, &pattern, NULL, STOP_SEARCH),
            MAPI_E_TOO_COMPLEX);
    assert_hr(
            search->lpVtbl->SetSearchCriteria(search, &broken, NULL, 0), MAPI_E_INVALID_PARAMETER);

    assert_found(search, "apple");
    assert_int_equal(search_state(search), SEARCH_RUNNING);
    assert_ok(get(search, MAPI_UNICODE, &kept, NULL, NULL));
    assert_int_equal(kept->rt, RES_CONTENT);
    mapi_free(kept);
    release_last(search);
}

/* --- what is told ----------------------------------------------------------------------------- */

/* IMAPIContainer.GetSearchCriteria.2 IMAPIContainer.GetSearchCriteria.3
 * IMAPIContainer.GetSearchCriteria.4 IMAPIContainer.GetSearchCriteria.5
 * IMAPIContainer.GetSearchCriteria.6 */
static void get__any_outs__what_was_set_in_one_block_each(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *search = search_new(fx);
    IMAPIFolder *child = folder_make(fx->inbox, "child");
    struct places places = { { 0, NULL }, { { 0, NULL } }, { NULL } };
    SPropValue text;
    SPropValue number = long_value(PR_IMPORTANCE, IMPORTANCE_HIGH);
    SRestriction parts[2];
    SRestriction either = { .rt = RES_OR };
    SRestriction negated = { .rt = RES_NOT };
    LPSRestriction restriction;
    LPENTRYLIST list;
    ULONG bits;

    parts[0] = subject_has(&text, u"W\u00f6rld");
    parts[1] = compare_with(RELOP_GE, &number);
    either.res.resOr.cRes = 2;
    either.res.resOr.lpRes = parts;
    negated.res.resNot.lpRes = &either;
    places_add(&places, child);
    places_add(&places, fx->inbox);
    places_add(&places, child);
    assert_ok(search->lpVtbl->SetSearchCriteria(search, &negated, &places.list, RESTART_SEARCH));

    for (int unicode = 0; unicode < 2; unicode++) {
        ULONG tag = unicode ? PR_SUBJECT_W : PR_SUBJECT_A;
        const SRestriction *inner;
        const SPropValue *value;

        assert_ok(get(search, unicode ? MAPI_UNICODE : 0, &restriction, &list, &bits));
        assert_int_equal(bits, SEARCH_RUNNING);
        assert_true(host_mem_is_root(restriction));
        assert_int_equal(restriction->rt, RES_NOT);
        inner = restriction->res.resNot.lpRes;
        assert_true(host_mem_belongs(restriction, inner, sizeof(*inner)));
        assert_int_equal(inner->rt, RES_OR);
        assert_int_equal(inner->res.resOr.cRes, 2);
        inner = inner->res.resOr.lpRes;
        assert_true(host_mem_belongs(restriction, inner, 2 * sizeof(*inner)));
        assert_int_equal(inner[0].rt, RES_CONTENT);
        assert_int_equal(inner[0].res.resContent.ulFuzzyLevel, FL_SUBSTRING | FL_IGNORECASE);
        assert_int_equal(inner[0].res.resContent.ulPropTag, tag);
        value = inner[0].res.resContent.lpProp;
        assert_true(host_mem_belongs(restriction, value, sizeof(*value)));
        assert_int_equal(value->ulPropTag, tag);
        if (unicode)
            assert_memory_equal(value->Value.lpszW, u"W\u00f6rld", 6 * sizeof(WCHAR));
        else
            assert_string_equal(value->Value.lpszA, "W\xf6rld");
        assert_true(host_mem_belongs(restriction, value->Value.lpszA, 6));
        assert_int_equal(inner[1].rt, RES_PROPERTY);
        assert_int_equal(inner[1].res.resProperty.relop, RELOP_GE);
        assert_int_equal(inner[1].res.resProperty.ulPropTag, PR_IMPORTANCE);
        assert_int_equal(inner[1].res.resProperty.lpProp->ulPropTag, PR_IMPORTANCE);
        assert_int_equal(inner[1].res.resProperty.lpProp->Value.l, IMPORTANCE_HIGH);
        mapi_free(restriction);

        assert_true(host_mem_is_root(list));
        assert_int_equal(list->cValues, 3);
        for (ULONG i = 0; i < 3; i++) {
            ULONG equal = 0;

            assert_true(host_mem_belongs(list, list->lpbin[i].lpb, list->lpbin[i].cb));
            assert_ok(fx->store->lpVtbl->CompareEntryIDs(fx->store, list->lpbin[i].cb,
                    raw_id(list->lpbin[i].lpb), places.bins[i].cb, raw_id(places.bins[i].lpb), 0,
                    &equal));
            assert_true(equal);
        }
        mapi_free(list);
    }
    assert_ok(get(search, 0, NULL, NULL, NULL));
    assert_ok(get(search, 0, &restriction, NULL, NULL));
    mapi_free(restriction);
    assert_ok(get(search, 0, NULL, &list, NULL));
    mapi_free(list);
    places_done(&places);
    release_last(child);
    release_last(search);
}

/* IMAPIContainer.GetSearchCriteria.5 Memory.Failure.1 */
static void get__host_without_memory__says_so_and_gives_nothing(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *search = search_new(fx);
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;
    size_t failures = 0;
    LPSRestriction restriction;
    LPENTRYLIST list;
    ULONG bits;

    assert_ok(search_set(search, u"mail", fx->inbox, RESTART_SEARCH));
    for (size_t nth = 1; FAILED(hr); nth++) {
        host_mem_fail_at(nth);
        hr = get(search, MAPI_UNICODE, &restriction, &list, &bits);
        if (!host_mem_fail_done())
            break;
        assert_hr(hr, MAPI_E_NOT_ENOUGH_MEMORY);
        assert_null(restriction);
        assert_null(list);
        assert_int_equal(bits, 0);
        failures++;
    }
    assert_ok(hr);
    assert_int_equal(failures, 2);
    mapi_free(restriction);
    mapi_free(list);
    release_last(search);
}

/* IMAPIContainer.SetSearchCriteria.1 IMAPIContainer.SetSearchCriteria.2 */
static void set__null_restriction_or_list__the_last_one_again(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *search = search_new(fx);
    IMAPIFolder *child = folder_make(fx->inbox, "child");
    LPSRestriction restriction;

    add_mail(fx->inbox, "red in", NULL, false);
    add_mail(fx->inbox, "blue in", NULL, false);
    add_mail(child, "red out", NULL, false);
    add_mail(child, "blue out", NULL, false);
    assert_ok(search_set(search, u"red", fx->inbox, RESTART_SEARCH));
    assert_found(search, "red in");
    assert_ok(search_set(search, u"blue", NULL, RESTART_SEARCH));
    assert_found(search, "blue in");
    assert_ok(search_set(search, NULL, child, RESTART_SEARCH));
    assert_found(search, "blue out");
    assert_ok(search_set(search, NULL, NULL, RESTART_SEARCH));
    assert_found(search, "blue out");
    assert_ok(get(search, MAPI_UNICODE, &restriction, NULL, NULL));
    assert_memory_equal(
            restriction->res.resContent.lpProp->Value.lpszW, u"blue", 5 * sizeof(WCHAR));
    mapi_free(restriction);
    release_last(child);
    release_last(search);
}

/* IMAPIContainer.GetSearchCriteria.7 IMAPIContainer.GetSearchCriteria.8
 * IMAPIContainer.GetSearchCriteria.10 search-folder.Run.2 */
static void state__recursive__as_the_latest_criteria_were_set(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *search = search_new(fx);

    assert_ok(search_set(search, u"", fx->inbox, RESTART_SEARCH | RECURSIVE_SEARCH));
    assert_int_equal(search_state(search), 0x1 | 0x4);
    assert_ok(search_set(search, NULL, NULL, STOP_SEARCH));
    assert_int_equal(search_state(search), 0x4);
    assert_ok(search_set(search, NULL, NULL, RESTART_SEARCH));
    assert_int_equal(search_state(search), 0x1 | 0x4);
    assert_ok(search_set(search, u"", fx->inbox, RESTART_SEARCH));
    assert_int_equal(search_state(search), 0x1);
    assert_ok(search_set(search, u"x", NULL, RECURSIVE_SEARCH));
    assert_int_equal(search_state(search), 0x1 | 0x4);
    assert_ok(search_set(search, NULL, NULL, SHALLOW_SEARCH));
    assert_int_equal(search_state(search), 0x1);
    release_last(search);
}

/* --- when it runs ----------------------------------------------------------------------------- */

/* IMAPIContainer.SetSearchCriteria.9 IMAPIContainer.SetSearchCriteria.10 search-folder.Results.6
 * search-folder.Results.7 search-folder.Run.1 */
static void stop_and_restart__rows_follow_or_stay(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *search = search_new(fx);
    SPropValue *first = message_make(fx->inbox, "mail-1");
    IMAPITable *table;

    assert_ok(search_set(search, u"mail", fx->inbox, RESTART_SEARCH));
    table = contents_table(search);
    assert_string_equal(table_line(table), "mail-1");
    add_mail(fx->inbox, "mail-2", NULL, false);
    add_mail(fx->inbox, "other", NULL, false);
    assert_string_equal(table_line(table), "mail-1 mail-2");
    subject_change(fx->store, first, "no more");
    assert_string_equal(table_line(table), "mail-2");
    subject_change(fx->store, first, "mail again");
    assert_string_equal(table_line(table), "mail again mail-2");

    assert_ok(search_set(search, NULL, NULL, STOP_SEARCH));
    assert_int_equal(search_state(search), 0);
    add_mail(fx->inbox, "mail-3", NULL, false);
    subject_change(fx->store, first, "changed");
    assert_string_equal(table_line(table), "changed mail-2"); /* the real message's subject */
    assert_found(search, "changed mail-2");
    assert_ok(search_set(search, NULL, NULL, STOP_SEARCH)); /* it is stopped already */
    assert_string_equal(table_line(table), "changed mail-2");
    message_delete(fx->inbox, first);
    assert_string_equal(table_line(table), "mail-2"); /* nothing is left to show of it */

    assert_ok(search_set(search, NULL, NULL, RESTART_SEARCH));
    assert_int_equal(search_state(search), SEARCH_RUNNING);
    assert_string_equal(table_line(table), "mail-2 mail-3");
    assert_ok(search_set(search, u"other", NULL, STOP_SEARCH));
    assert_string_equal(table_line(table), "mail-2 mail-3"); /* new criteria, for later */
    assert_ok(search_set(search, NULL, NULL, RESTART_SEARCH));
    assert_string_equal(table_line(table), "other");
    release_last(table);
    mapi_free(first);
    release_last(search);
}

static void first_call__stop__criteria_without_a_search(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *search = search_new(fx);

    add_mail(fx->inbox, "mail", NULL, false);
    assert_ok(search_set(search, u"", fx->inbox, STOP_SEARCH | FOREGROUND_SEARCH));
    assert_int_equal(search_state(search), 0);
    assert_found(search, "");
    assert_ok(search_set(search, NULL, fx->inbox, 0)); /* it stays stopped */
    assert_int_equal(search_state(search), 0);
    assert_found(search, "");
    assert_ok(search_set(search, NULL, NULL, RESTART_SEARCH));
    assert_found(search, "mail");
    release_last(search);
}

static bool is_complete_event(
        struct host_sink *sink, size_t n, IMsgStore *store, const SPropValue *id)
{
    struct host_event event;
    ULONG equal = 0;

    assert_true(host_sink_event(sink, n, &event));
    assert_ok(store->lpVtbl->CompareEntryIDs(store, (ULONG)event.id_size, raw_id(event.id),
            id->Value.bin.cb, raw_id(id->Value.bin.lpb), 0, &equal));
    return event.type == fnevSearchComplete && event.object_type == MAPI_FOLDER && equal != 0;
}

/* IMAPIContainer.SetSearchCriteria.11 IMAPIContainer.GetSearchCriteria.9 Notify.Search.1
 * search-folder.Run.1 search-folder.Run.2 */
static void completion__announced_for_every_search_and_for_nothing_else(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *search = search_new(fx);
    SPropValue *id = prop_get(search, PR_ENTRYID);
    struct host_sink sink;
    ULONG_PTR connection = POISON_CONN;

    host_sink_init(&sink);
    assert_ok(fx->store->lpVtbl->Advise(fx->store, id->Value.bin.cb, raw_id(id->Value.bin.lpb),
            fnevSearchComplete, &sink.IMAPIAdviseSink_iface, &connection));
    assert_ok(search_set(search, u"", fx->inbox, RESTART_SEARCH));
    assert_int_equal(host_sink_count(&sink, fnevSearchComplete), 1);
    assert_true(is_complete_event(&sink, 0, fx->store, id));

    assert_ok(search_set(search, NULL, NULL, FOREGROUND_SEARCH)); /* only the priority */
    assert_int_equal(search_state(search), SEARCH_RUNNING | SEARCH_FOREGROUND);
    add_mail(fx->inbox, "mail", NULL, false);
    assert_found(search, "mail");
    assert_ok(search_set(search, NULL, NULL, BACKGROUND_SEARCH));
    assert_int_equal(search_state(search), SEARCH_RUNNING);
    assert_ok(search_set(search, NULL, NULL, FOREGROUND_SEARCH | RESTART_SEARCH));
    assert_ok(search_set(search, NULL, NULL, RESTART_SEARCH)); /* it is running */
    assert_ok(search_set(search, NULL, NULL, STOP_SEARCH));
    assert_int_equal(search_state(search), 0); /* what does not run has no priority */
    assert_int_equal(host_sink_count(&sink, fnevSearchComplete), 1);

    assert_ok(search_set(search, NULL, NULL, RESTART_SEARCH));
    assert_int_equal(search_state(search), SEARCH_RUNNING | SEARCH_FOREGROUND);
    assert_int_equal(host_sink_count(&sink, fnevSearchComplete), 2);
    assert_ok(search_set(search, u"x", NULL, 0)); /* a running search, other criteria */
    assert_int_equal(host_sink_count(&sink, fnevSearchComplete), 3);
    assert_found(search, "");
    assert_ok(fx->store->lpVtbl->Unadvise(fx->store, connection));
    assert_int_equal(sink.refs, 1);
    host_sink_done(&sink);
    mapi_free(id);
    release_last(search);
}

/* search-folder.Run.3 */
static void reopened__criteria_state_and_frozen_rows_are_there(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *running = search_folder_make(fx->inbox, u"running");
    IMAPIFolder *stopped = search_folder_make(fx->inbox, u"stopped");
    SPropValue *running_id = prop_get(running, PR_ENTRYID);
    SPropValue *stopped_id = prop_get(stopped, PR_ENTRYID);
    LPSRestriction restriction;
    LPENTRYLIST list;
    ULONG bits;

    add_mail(fx->inbox, "mail-1", NULL, true);
    assert_ok(search_set(running, u"mail", fx->inbox, RESTART_SEARCH | FOREGROUND_SEARCH));
    assert_ok(search_set(stopped, u"mail", fx->inbox, RESTART_SEARCH | RECURSIVE_SEARCH));
    assert_ok(search_set(stopped, NULL, NULL, STOP_SEARCH));
    add_mail(fx->inbox, "mail-2", NULL, false);
    release_last(running);
    release_last(stopped);
    fixture_reopen(fx);

    running = folder_open(fx->store, running_id);
    stopped = folder_open(fx->store, stopped_id);
    assert_int_equal(prop_long(stopped, PR_CONTENT_COUNT), 1);
    assert_found(running, "mail-1 mail-2");
    assert_found(stopped, "mail-1");
    add_mail(fx->inbox, "mail-3", NULL, false);
    assert_found(running, "mail-1 mail-2 mail-3");
    assert_found(stopped, "mail-1");
    assert_ok(get(running, MAPI_UNICODE, &restriction, &list, &bits));
    assert_int_equal(bits, SEARCH_RUNNING | SEARCH_FOREGROUND);
    assert_int_equal(restriction->rt, RES_CONTENT);
    assert_int_equal(list->cValues, 1);
    mapi_free(restriction);
    mapi_free(list);
    assert_int_equal(search_state(stopped), SEARCH_RECURSIVE);
    release_last(running);
    release_last(stopped);
    mapi_free(running_id);
    mapi_free(stopped_id);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)
    static const struct CMUnitTest tests[] = {
        TEST(create__in_finder_and_elsewhere__search_folders_that_work),
        TEST(never_searched__no_criteria_no_results_nothing_to_use_again),
        TEST(no_search_folder__no_support),
        TEST(store_without_write__no_searches),
        TEST(special_folders__of_a_new_store__are_all_there),
        TEST(special_folders__named_on_inbox_and_root__kept),
        TEST(set__flags__opposites_and_unknown_ones_are_refused),
        TEST(set__bad_list_of_folders__refused),
        TEST(set__restriction_that_cannot_be_evaluated__the_old_one_stays),
        TEST(get__any_outs__what_was_set_in_one_block_each),
        TEST(get__host_without_memory__says_so_and_gives_nothing),
        TEST(set__null_restriction_or_list__the_last_one_again),
        TEST(state__recursive__as_the_latest_criteria_were_set),
        TEST(stop_and_restart__rows_follow_or_stay),
        TEST(first_call__stop__criteria_without_a_search),
        TEST(completion__announced_for_every_search_and_for_nothing_else),
        TEST(reopened__criteria_state_and_frozen_rows_are_there),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
