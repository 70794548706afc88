/* SPDX-License-Identifier: MIT */
/*
 * test_search_results.c - what searches find, what their rows are, and that they follow the store.
 */
#include "mailkeep.h"
#include "raw_logon.h"
#include "search_world.h"

/* The inbox with a folder in a folder, and one beside them; a running search for "mail". */
struct scene {
    IMAPIFolder *outer;
    IMAPIFolder *inner;
    IMAPIFolder *beside;
    IMAPIFolder *search;
};

static struct scene scene_make(struct fixture *fx, ULONG flags)
{
    struct scene scene;
    IMAPIFolder *subtree = folder_by_prop(fx->store, fx->store, PR_IPM_SUBTREE_ENTRYID);

    scene.outer = folder_make(fx->inbox, "outer");
    scene.inner = folder_make(scene.outer, "inner");
    scene.beside = folder_make(subtree, "beside");
    scene.search = search_folder_make(subtree, u"results");
    assert_ok(search_set(scene.search, u"mail", scene.outer, RESTART_SEARCH | flags));
    release_last(subtree);
    return scene;
}

static void scene_done(struct scene *scene)
{
    release_last(scene->outer);
    if (scene->inner != NULL)
        release_last(scene->inner);
    release_last(scene->beside);
    release_last(scene->search);
}

/* --- what is found ---------------------------------------------------------------------------- */

/* IMAPIContainer.SetSearchCriteria.7 IMAPIContainer.SetSearchCriteria.8 search-folder.Results.1
 * search-folder.Results.3 */
static void results__shallow_or_recursive__what_matches_there(void **state)
{
    struct fixture *fx = *state;
    struct scene scene = scene_make(fx, 0);

    add_mail(scene.outer, "mail outer", NULL, false);
    add_mail(scene.outer, "other outer", NULL, false);
    add_mail(scene.inner, "mail inner", NULL, false);
    add_mail(scene.beside, "mail beside", NULL, false);
    add_mail(fx->inbox, "mail inbox", NULL, false);
    assert_found(scene.search, "mail outer");
    assert_ok(search_set(scene.search, NULL, NULL, RECURSIVE_SEARCH));
    assert_found(scene.search, "mail outer mail inner");
    assert_ok(search_set(scene.search, NULL, NULL, SHALLOW_SEARCH));
    assert_found(scene.search, "mail outer");
    assert_ok(search_set(scene.search, u"MAIL", fx->inbox, RECURSIVE_SEARCH));
    assert_found(scene.search, "mail outer mail inner mail inbox");
    assert_ok(search_set(scene.search, u"", NULL, SHALLOW_SEARCH));
    assert_found(scene.search, "mail inbox");
    scene_done(&scene);
}

/* search-folder.Results.8 */
static void results__folders_that_overlap__each_message_once(void **state)
{
    struct fixture *fx = *state;
    struct scene scene = scene_make(fx, 0);
    struct places places = { { 0, NULL }, { { 0, NULL } }, { NULL } };

    add_mail(scene.outer, "mail outer", NULL, false);
    add_mail(scene.inner, "mail inner", NULL, false);
    places_add(&places, scene.inner);
    places_add(&places, scene.outer);
    places_add(&places, scene.outer);
    places_add(&places, fx->inbox);
    assert_ok(scene.search->lpVtbl->SetSearchCriteria(
            scene.search, NULL, &places.list, RECURSIVE_SEARCH));
    assert_found(scene.search, "mail outer mail inner");
    places_done(&places);
    scene_done(&scene);
}

/* search-folder.Results.4 */
static void results__search_folder_as_a_place__gives_nothing(void **state)
{
    struct fixture *fx = *state;
    struct scene scene = scene_make(fx, 0);
    IMAPIFolder *second = search_folder_make(scene.outer, u"second");

    add_mail(scene.outer, "mail", NULL, false);
    assert_found(scene.search, "mail");
    assert_ok(search_set(second, u"mail", scene.search, RESTART_SEARCH));
    assert_found(second, "");
    assert_ok(search_set(second, u"mail", second, RESTART_SEARCH | RECURSIVE_SEARCH));
    assert_found(second, "");
    assert_ok(search_set(second, u"mail", fx->inbox, RESTART_SEARCH | RECURSIVE_SEARCH));
    assert_found(second, "mail");
    release_last(second);
    scene_done(&scene);
}

/* search-folder.Results.9 */
static void results__associated_messages__are_never_found(void **state)
{
    struct fixture *fx = *state;
    struct scene scene = scene_make(fx, 0);
    IMAPITable *table = POISON;
    IMessage *message = NULL;
    ULONG count = POISON_LONG;

    assert_ok(scene.outer->lpVtbl->CreateMessage(scene.outer, NULL, MAPI_ASSOCIATED, &message));
    prop_set_text(message, PR_SUBJECT_W, "mail, associated");
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    assert_found(scene.search, ""); /* as a change that is followed... */
    assert_ok(search_set(scene.search, u"mail", NULL, 0));
    assert_found(scene.search, ""); /* ...and in a search of its own */
    prop_set_text(message, PR_SUBJECT_W, "mail, changed");
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
    assert_found(scene.search, "");
    assert_ok(scene.search->lpVtbl->GetContentsTable(scene.search, MAPI_ASSOCIATED, &table));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    assert_int_equal(count, 0);
    release_last(table);
    scene_done(&scene);
}

static void add_recipient(IMessage *message)
{
    SPropValue values[2] = { long_value(PR_RECIPIENT_TYPE, MAPI_TO),
        text_value(PR_DISPLAY_NAME_W, u"Ada") };
    ADRLIST list = { 1, { { 0, 2, values } } };

    assert_ok(message->lpVtbl->ModifyRecipients(message, MODRECIP_ADD, &list));
}

static void body_set(IMessage *message, size_t padding)
{
    char *text = malloc(padding + 20);

    memset(text, 'x', padding);
    snprintf(text + padding, 20, " needle");
    prop_set_text(message, PR_BODY_W, text);
    free(text);
}

/* restriction.CONTENT.12 */
static void results__bodies_and_recipients__are_looked_at(void **state)
{
    struct fixture *fx = *state;
    struct scene scene = scene_make(fx, 0);
    IMessage *message = NULL;
    SPropValue value = text_value(PR_BODY_W, u"needle");
    SPropValue name = text_value(PR_DISPLAY_NAME_W, u"ada");
    SRestriction body = { .rt = RES_CONTENT };
    SRestriction who = compare_with(RELOP_EQ, &name);
    SRestriction sub = { .rt = RES_SUBRESTRICTION };

    body.res.resContent.ulFuzzyLevel = FL_SUBSTRING;
    body.res.resContent.ulPropTag = PR_BODY_W;
    body.res.resContent.lpProp = &value;
    sub.res.resSub.ulSubObject = PR_MESSAGE_RECIPIENTS;
    sub.res.resSub.lpRes = &who;
    assert_ok(scene.search->lpVtbl->SetSearchCriteria(scene.search, &body, NULL, 0));
    for (int large = 0; large < 2; large++) { /* the second body is a large value */
        assert_ok(scene.outer->lpVtbl->CreateMessage(scene.outer, NULL, 0, &message));
        prop_set_text(message, PR_SUBJECT_W, large ? "large" : "small");
        body_set(message, large ? 100000 : 10);
        if (large)
            add_recipient(message);
        assert_ok(message->lpVtbl->SaveChanges(message, 0));
        release_last(message);
    }
    add_mail(scene.outer, "without", NULL, false);
    assert_found(scene.search, "small large");
    assert_ok(scene.search->lpVtbl->SetSearchCriteria(scene.search, &sub, NULL, 0));
    assert_found(scene.search, "large");
    scene_done(&scene);
}

/* --- rows ------------------------------------------------------------------------------------- */

static bool has_column(const SPropTagArray *tags, ULONG tag)
{
    for (ULONG i = 0; i < tags->cValues; i++) {
        if (tags->aulPropTag[i] == tag)
            return true;
    }
    return false;
}

/* All columns of the first table are there in the second. */
static void assert_offers(IMAPIFolder *generic, IMAPIFolder *search, ULONG flags)
{
    IMAPIFolder *folders[2] = { generic, search };
    LPSPropTagArray columns[2] = { NULL, NULL };

    for (int i = 0; i < 2; i++) {
        IMAPITable *table = NULL;

        assert_ok(folders[i]->lpVtbl->GetContentsTable(folders[i], MAPI_UNICODE, &table));
        assert_ok(table->lpVtbl->QueryColumns(table, flags, &columns[i]));
        release_last(table);
    }
    for (ULONG i = 0; i < columns[0]->cValues; i++)
        assert_true(has_column(columns[1], columns[0]->aulPropTag[i]));
    assert_true(has_column(columns[1], PR_PARENT_DISPLAY_W));
    assert_false(has_column(columns[0], PR_PARENT_DISPLAY_W));
    mapi_free(columns[0]);
    mapi_free(columns[1]);
}

/* table-columns.SearchContents.1 */
static void columns__those_of_a_folder_and_the_name_of_the_folder(void **state)
{
    struct fixture *fx = *state;
    struct scene scene = scene_make(fx, 0);
    IMessage *message = NULL;

    assert_ok(scene.outer->lpVtbl->CreateMessage(scene.outer, NULL, 0, &message));
    prop_set_text(message, PR_SUBJECT_W, "mail");
    prop_set_text(message, PROP_TAG(PT_UNICODE, 0x6789), "own");
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
    assert_offers(scene.outer, scene.search, 0);
    assert_offers(scene.outer, scene.search, TBL_ALL_COLUMNS);
    scene_done(&scene);
}

static void assert_same_entry(IMsgStore *store, const SPropValue *a, const SPropValue *b)
{
    ULONG equal = 0;

    assert_int_equal(PROP_TYPE(a->ulPropTag), PT_BINARY);
    assert_ok(store->lpVtbl->CompareEntryIDs(store, a->Value.bin.cb, raw_id(a->Value.bin.lpb),
            b->Value.bin.cb, raw_id(b->Value.bin.lpb), 0, &equal));
    assert_true(equal);
}

/* table-columns.SearchContents.2 table-columns.SearchContents.3 search-folder.Results.2
 * search-folder.Results.5 */
static void rows__are_the_real_messages_in_their_folders(void **state)
{
    static const ULONG tags[] = { PR_ENTRYID, PR_PARENT_ENTRYID, PR_PARENT_DISPLAY_W,
        PR_SUBJECT_W };
    struct fixture *fx = *state;
    struct scene scene = scene_make(fx, RECURSIVE_SEARCH);
    SPropValue *id = message_make(scene.inner, "mail");
    SPropValue *inner_id = prop_get(scene.inner, PR_ENTRYID);
    IMAPITable *table = NULL;
    IMessage *message;
    LPSRowSet rows;
    char *text;

    assert_ok(scene.search->lpVtbl->GetContentsTable(scene.search, MAPI_UNICODE, &table));
    rows = table_rows(table, tags, COUNT_OF(tags));
    assert_int_equal(rows->cRows, 1);
    assert_same_entry(fx->store, &rows->aRow[0].lpProps[0], id);
    assert_same_entry(fx->store, &rows->aRow[0].lpProps[1], inner_id);
    assert_int_equal(rows->aRow[0].lpProps[2].ulPropTag, PR_PARENT_DISPLAY_W);
    text = host_text_to_utf8((const uint16_t *)rows->aRow[0].lpProps[2].Value.lpszW, SIZE_MAX);
    assert_string_equal(text, "inner");
    free(text);

    message = message_open(fx->store, &rows->aRow[0].lpProps[0]);
    prop_set_text(message, PR_SUBJECT_W, "mail, changed");
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
    assert_found(scene.inner, "mail, changed");
    assert_found(scene.search, "mail, changed");
    assert_int_equal(prop_long(scene.inner, PR_CONTENT_COUNT), 1);
    assert_int_equal(prop_long(scene.outer, PR_CONTENT_COUNT), 0);
    mapi_free_rows(rows);
    release_last(table);
    mapi_free(id);
    mapi_free(inner_id);
    scene_done(&scene);
}

/* The name of the folder sorts and filters like any column. */
static void rows__by_the_name_of_their_folder__sorted_and_filtered(void **state)
{
    static const struct sort_order by_parent = { 2, 0, 0,
        { { PR_PARENT_DISPLAY_W, TABLE_SORT_DESCEND }, { PR_SUBJECT_W, TABLE_SORT_ASCEND } } };
    struct fixture *fx = *state;
    struct scene scene = scene_make(fx, RECURSIVE_SEARCH);
    SPropValue name = text_value(PR_PARENT_DISPLAY_W, u"inner");
    SRestriction inside = compare_with(RELOP_EQ, &name);
    IMAPITable *table;

    add_mail(scene.inner, "mail 1", NULL, false);
    add_mail(scene.outer, "mail 2", NULL, false);
    add_mail(scene.inner, "mail 3", NULL, false);
    table = contents_table(scene.search);
    sort(table, &by_parent);
    assert_string_equal(table_line(table), "mail 2 mail 1 mail 3");
    assert_ok(table->lpVtbl->Restrict(table, &inside, 0));
    assert_string_equal(table_line(table), "mail 1 mail 3");
    release_last(table);
    scene_done(&scene);
}

/* The counts of the search folder, as property and as the row of its parent's hierarchy table. */
static void assert_counts(IMAPIFolder *search, IMAPIFolder *parent, LONG content, LONG unread)
{
    static const ULONG tags[] = { PR_FOLDER_TYPE, PR_CONTENT_COUNT, PR_CONTENT_UNREAD };
    IMAPITable *table = NULL;
    LPSRowSet rows;
    ULONG seen = 0;

    assert_int_equal(prop_long(search, PR_CONTENT_COUNT), content);
    assert_int_equal(prop_long(search, PR_CONTENT_UNREAD), unread);
    assert_ok(parent->lpVtbl->GetHierarchyTable(parent, MAPI_UNICODE, &table));
    rows = table_rows(table, tags, COUNT_OF(tags));
    for (ULONG i = 0; i < rows->cRows; i++) {
        if (rows->aRow[i].lpProps[0].Value.l != FOLDER_SEARCH)
            continue;
        assert_int_equal(rows->aRow[i].lpProps[1].Value.l, content);
        assert_int_equal(rows->aRow[i].lpProps[2].Value.l, unread);
        seen++;
    }
    assert_int_equal(seen, 1);
    mapi_free_rows(rows);
    release_last(table);
}

/* search-folder.Limits.3 */
static void counts__running_and_stopped__those_of_the_rows(void **state)
{
    struct fixture *fx = *state;
    struct scene scene = scene_make(fx, 0);
    IMAPIFolder *subtree = folder_by_prop(fx->store, fx->store, PR_IPM_SUBTREE_ENTRYID);

    assert_counts(scene.search, subtree, 0, 0);
    add_mail(scene.outer, "mail 1", NULL, false);
    add_mail(scene.outer, "mail 2", NULL, true);
    add_mail(scene.outer, "mail 3", NULL, false);
    assert_counts(scene.search, subtree, 3, 2);
    assert_ok(scene.outer->lpVtbl->SetReadFlags(scene.outer, NULL, 0, NULL, SUPPRESS_RECEIPT));
    assert_counts(scene.search, subtree, 3, 0);
    assert_ok(search_set(scene.search, NULL, NULL, STOP_SEARCH));
    add_mail(scene.outer, "mail 4", NULL, false);
    assert_counts(scene.search, subtree, 3, 0);
    assert_ok(scene.outer->lpVtbl->SetReadFlags(scene.outer, NULL, 0, NULL, CLEAR_READ_FLAG));
    assert_counts(scene.search, subtree, 3, 3);
    release_last(subtree);
    scene_done(&scene);
}

/* --- what can be done with them --------------------------------------------------------------- */

/* search-folder.Limits.1 */
static void messages__through_the_search_folder__the_real_ones(void **state)
{
    struct fixture *fx = *state;
    struct scene scene = scene_make(fx, RECURSIVE_SEARCH);
    SPropValue *first = message_make(scene.outer, "mail 1");
    SPropValue *second = message_make(scene.inner, "mail 2");
    SPropValue *other = message_make(scene.outer, "other");
    SBinary bins[2] = { second->Value.bin, other->Value.bin };
    ENTRYLIST list = { 2, bins };
    LPUNKNOWN object = NULL;
    ULONG status = 0;
    ULONG type = 0;

    assert_ok(scene.search->lpVtbl->OpenEntry(scene.search, first->Value.bin.cb,
            raw_id(first->Value.bin.lpb), NULL, 0, &type, &object));
    release_last(object);
    assert_ok(scene.search->lpVtbl->GetMessageStatus(
            scene.search, first->Value.bin.cb, raw_id(first->Value.bin.lpb), 0, &status));
    assert_hr(scene.search->lpVtbl->GetMessageStatus(
                      scene.search, other->Value.bin.cb, raw_id(other->Value.bin.lpb), 0, &status),
            MAPI_E_NOT_FOUND);
    assert_ok(scene.search->lpVtbl->SetReadFlags(scene.search, NULL, 0, NULL, SUPPRESS_RECEIPT));
    assert_int_equal(prop_long(scene.outer, PR_CONTENT_UNREAD), 1); /* "other" is no result */
    assert_int_equal(prop_long(scene.inner, PR_CONTENT_UNREAD), 0);
    assert_hr(scene.search->lpVtbl->DeleteMessages(scene.search, &list, 0, NULL, 0),
            MAPI_W_PARTIAL_COMPLETION);
    assert_found(scene.search, "mail 1");
    assert_found(scene.inner, "");
    assert_found(scene.outer, "mail 1 other");
    assert_hr(scene.search->lpVtbl->EmptyFolder(scene.search, 0, NULL, 0), MAPI_E_NO_SUPPORT);
    assert_found(scene.search, "mail 1");
    mapi_free(first);
    mapi_free(second);
    mapi_free(other);
    scene_done(&scene);
}

/* search-folder.Limits.2 */
static void folder__name_and_comment__can_be_set(void **state)
{
    struct fixture *fx = *state;
    struct scene scene = scene_make(fx, 0);

    prop_set_text(scene.search, PR_DISPLAY_NAME_W, "new name");
    prop_set_text(scene.search, PR_COMMENT_W, "what it finds");
    prop_assert_text(scene.search, PR_DISPLAY_NAME_W, "new name");
    prop_assert_text(scene.search, PR_COMMENT_W, "what it finds");
    assert_int_equal(search_state(scene.search), SEARCH_RUNNING);
    scene_done(&scene);
}

/* IMAPIFolder.DeleteFolder.6 IMAPIFolder.DeleteFolder.7 */
static void delete_folder__with_results__goes_and_leaves_the_messages(void **state)
{
    for (int stop = 0; stop < 2; stop++) {
        struct fixture *fx = *state;
        IMAPIFolder *search = search_folder_make(fx->inbox, u"search");
        SPropValue *id = prop_get(search, PR_ENTRYID);
        IMAPITable *table;

        add_mail(fx->inbox, "mail", NULL, false);
        assert_ok(search_set(search, u"", fx->inbox, RESTART_SEARCH));
        if (stop)
            assert_ok(search_set(search, NULL, NULL, STOP_SEARCH));
        table = contents_table(search);
        assert_string_equal(table_line(table), stop ? "mail mail" : "mail");
        release_last(search);
        assert_ok(fx->inbox->lpVtbl->DeleteFolder(
                fx->inbox, id->Value.bin.cb, raw_id(id->Value.bin.lpb), 0, NULL, 0));
        assert_string_equal(table_line(table), ""); /* a table of a folder that is gone */
        assert_found(fx->inbox, stop ? "mail mail" : "mail");
        release_last(table);
        mapi_free(id);
    }
}

/* --- following the store ---------------------------------------------------------------------- */

/* search-folder.Results.6 */
static void folders__made_and_deleted_below__followed(void **state)
{
    struct fixture *fx = *state;
    struct scene scene = scene_make(fx, RECURSIVE_SEARCH);
    IMAPITable *table = contents_table(scene.search);
    IMAPIFolder *deeper;
    SPropValue *id;

    add_mail(scene.outer, "mail 1", NULL, false);
    assert_string_equal(table_line(table), "mail 1");
    deeper = folder_make(scene.inner, "deeper");
    add_mail(deeper, "mail 2", NULL, false);
    add_mail(scene.inner, "mail 3", NULL, false);
    assert_string_equal(table_line(table), "mail 1 mail 2 mail 3");
    release_last(deeper);
    id = prop_get(scene.inner, PR_ENTRYID);
    release_last(scene.inner);
    assert_ok(scene.outer->lpVtbl->DeleteFolder(scene.outer, id->Value.bin.cb,
            raw_id(id->Value.bin.lpb), 0, NULL, DEL_FOLDERS | DEL_MESSAGES));
    mapi_free(id);
    assert_string_equal(table_line(table), "mail 1");
    release_last(table);

    id = prop_get(scene.outer, PR_ENTRYID); /* the listed folder itself goes */
    assert_ok(fx->inbox->lpVtbl->DeleteFolder(
            fx->inbox, id->Value.bin.cb, raw_id(id->Value.bin.lpb), 0, NULL, DEL_MESSAGES));
    assert_found(scene.search, "");
    assert_int_equal(search_state(scene.search), SEARCH_RUNNING | SEARCH_RECURSIVE);
    mapi_free(id);
    scene_done(&scene);
}

/* Another session on the same file: its changes are followed, and it sees what was set here. */
static void other_session__changes_messages_and_criteria__followed(void **state)
{
    struct fixture *fx = *state;
    struct scene scene = scene_make(fx, 0);
    SPropValue *search_id = prop_get(scene.search, PR_ENTRYID);
    SPropValue *outer_id = prop_get(scene.outer, PR_ENTRYID);
    struct host_session second;
    IMsgStore *store = NULL;
    IMAPIFolder *search;
    IMAPIFolder *outer;

    add_mail(scene.outer, "mail 1", NULL, false);
    assert_found(scene.search, "mail 1");
    host_session_init(&second, fx->profile, 1);
    assert_ok(host_session_open(&second, &store));
    outer = folder_open(store, outer_id);
    search = folder_open(store, search_id);

    add_mail(outer, "mail 2", NULL, false);
    assert_found(scene.search, "mail 1 mail 2");
    assert_ok(search->lpVtbl->SetSearchCriteria(search, NULL, NULL, STOP_SEARCH));
    add_mail(scene.outer, "mail 3", NULL, false);
    assert_found(scene.search, "mail 1 mail 2");
    assert_int_equal(search_state(scene.search), 0);
    assert_ok(search->lpVtbl->SetSearchCriteria(search, NULL, NULL, RESTART_SEARCH));
    /* Without a delivery time rows are in order of their ids, which sessions take in blocks. */
    assert_found(scene.search, "mail 1 mail 3 mail 2");

    release_last(outer);
    release_last(search);
    release_last(store);
    host_session_logoff(&second);
    assert_int_equal(host_session_done(&second), 0);
    mapi_free(search_id);
    mapi_free(outer_id);
    scene_done(&scene);
}

static void bulk_import__when_it_is_over__everything_is_found(void **state)
{
    struct fixture *fx = *state;
    struct scene scene = scene_make(fx, 0);

    prop_set_bool(fx->store, PR_MKEEP_BULK, true);
    for (int i = 0; i < 3; i++)
        add_mail(scene.outer, "mail", NULL, false);
    (void)found(scene.search); /* whatever is seen in the middle */
    add_mail(scene.outer, "mail", NULL, false);
    prop_set_bool(fx->store, PR_MKEEP_BULK, false);
    assert_found(scene.search, "mail mail mail mail");
    scene_done(&scene);
}

/* More changes at once than are followed one by one. */
static void many_changes__searched_again(void **state)
{
    enum { MANY = 10100 };
    struct fixture *fx = *state;
    struct scene scene = scene_make(fx, 0);

    add_mail(scene.outer, "mail", NULL, false);
    assert_int_equal(prop_long(scene.search, PR_CONTENT_COUNT), 1);
    prop_set_bool(fx->store, PR_MKEEP_BULK, true);
    for (int i = 0; i < MANY; i++)
        add_mail(scene.outer, i % 100 == 0 ? "mail" : "other", NULL, false);
    prop_set_bool(fx->store, PR_MKEEP_BULK, false);
    assert_int_equal(prop_long(scene.search, PR_CONTENT_COUNT), 1 + MANY / 100);
    scene_done(&scene);
}

/* --- at the end of the logon ------------------------------------------------------------------ */

struct searcher {
    IMAPIFolder *search;
    _Atomic unsigned rounds;
    HRESULT hr;
};

/* Searches again and again, until that fails. */
static void search_on(void *arg)
{
    struct searcher *searcher = arg;

    do {
        searcher->hr = search_set(
                searcher->search, searcher->rounds % 2 == 0 ? u"other" : u"mail", NULL, 0);
        searcher->rounds++;
    } while (SUCCEEDED(searcher->hr));
}

/* Logoff does not wait for the end of a search, which says why it ended. */
static void logoff__in_the_middle_of_a_search__ends_it(void **state)
{
    struct fixture *fx = *state;
    struct scene scene = scene_make(fx, 0);
    struct searcher searcher = { .search = scene.search };
    struct host_thread *thread;

    prop_set_bool(fx->store, PR_MKEEP_BULK, true);
    for (int i = 0; i < 3000; i++)
        add_mail(scene.outer, "mail", NULL, false);
    prop_set_bool(fx->store, PR_MKEEP_BULK, false);
    thread = host_thread_start(search_on, &searcher);
    while (searcher.rounds < 2)
        host_sleep_ms(1);
    host_session_logoff(&fx->session);
    host_thread_join(thread);
    assert_hr(searcher.hr, MAPI_E_INVALID_OBJECT);
    scene_done(&scene);
}

/* --- against a search that begins anew -------------------------------------------------------- */

enum { FOLDERS = 6, MESSAGES = 40, STEPS = 250 };

struct random_world {
    struct fixture *fx;
    IMAPIFolder *folders[FOLDERS]; /* each below an earlier one; [0] is the place searched */
    SPropValue *folder_ids[FOLDERS];
    size_t parents[FOLDERS];
    SPropValue *messages[MESSAGES];
    size_t homes[MESSAGES];
    uint32_t random;
};

static uint32_t next(struct random_world *world, uint32_t below)
{
    world->random = world->random * 1664525u + 1013904223u;
    return (world->random >> 8) % below;
}

static void random_folder(struct random_world *world)
{
    size_t n = 1 + next(world, FOLDERS - 1);
    size_t parent = next(world, (uint32_t)n);
    char name[16];

    snprintf(name, sizeof(name), "f%u", (unsigned)n);
    if (world->folders[n] == NULL && world->folders[parent] != NULL) {
        world->folders[n] = folder_make(world->folders[parent], name);
        world->folder_ids[n] = prop_get(world->folders[n], PR_ENTRYID);
        world->parents[n] = parent;
        return;
    }
    for (size_t i = 0; i < FOLDERS; i++) { /* only one without children goes */
        if (world->folders[i] != NULL && i > 0 && world->parents[i] == n)
            return;
    }
    if (world->folders[n] == NULL)
        return;
    parent = world->parents[n];
    release_last(world->folders[n]);
    assert_ok(world->folders[parent]->lpVtbl->DeleteFolder(world->folders[parent],
            world->folder_ids[n]->Value.bin.cb, raw_id(world->folder_ids[n]->Value.bin.lpb), 0,
            NULL, DEL_MESSAGES));
    mapi_free(world->folder_ids[n]);
    world->folders[n] = NULL;
    world->folder_ids[n] = NULL;
    for (size_t i = 0; i < MESSAGES; i++) {
        if (world->messages[i] != NULL && world->homes[i] == n) {
            mapi_free(world->messages[i]);
            world->messages[i] = NULL;
        }
    }
}

static void random_message(struct random_world *world)
{
    size_t n = next(world, MESSAGES);
    size_t home = next(world, FOLDERS);
    char subject[32];

    snprintf(subject, sizeof(subject), "%s-%u", next(world, 2) ? "mail" : "other", (unsigned)n);
    if (world->messages[n] == NULL) {
        if (world->folders[home] == NULL)
            return;
        world->messages[n] = message_make(world->folders[home], subject);
        world->homes[n] = home;
    } else if (next(world, 3) == 0) {
        message_delete(world->folders[world->homes[n]], world->messages[n]);
        mapi_free(world->messages[n]);
        world->messages[n] = NULL;
    } else {
        subject_change(world->fx->store, world->messages[n], subject);
    }
}

/* search-folder.Results.1 search-folder.Results.6 */
static void random_changes__followed__same_as_searched_anew(void **state)
{
    struct random_world world = { .fx = *state, .random = 20 };
    IMAPIFolder *followed = search_folder_make(world.fx->inbox, u"followed");
    IMAPIFolder *anew = search_folder_make(world.fx->inbox, u"anew");
    char expected[8192];

    world.folders[0] = folder_make(world.fx->inbox, "top");
    world.folder_ids[0] = prop_get(world.folders[0], PR_ENTRYID);
    assert_ok(search_set(followed, u"mail", world.folders[0], RESTART_SEARCH | RECURSIVE_SEARCH));
    assert_ok(search_set(anew, u"mail", world.folders[0], RESTART_SEARCH | RECURSIVE_SEARCH));
    for (int step = 0; step < STEPS; step++) {
        for (uint32_t changes = 1 + next(&world, 4); changes > 0; changes--) {
            if (next(&world, 5) == 0)
                random_folder(&world);
            else
                random_message(&world);
        }
        assert_ok(search_set(anew, u"mail", NULL, RECURSIVE_SEARCH));
        snprintf(expected, sizeof(expected), "%s", found(anew));
        assert_found(followed, expected);
    }
    for (size_t i = 0; i < MESSAGES; i++)
        mapi_free(world.messages[i]);
    for (size_t i = 0; i < FOLDERS; i++) {
        mapi_free(world.folder_ids[i]);
        if (world.folders[i] != NULL)
            release_last(world.folders[i]);
    }
    release_last(followed);
    release_last(anew);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)
    static const struct CMUnitTest tests[] = {
        TEST(results__shallow_or_recursive__what_matches_there),
        TEST(results__folders_that_overlap__each_message_once),
        TEST(results__search_folder_as_a_place__gives_nothing),
        TEST(results__associated_messages__are_never_found),
        TEST(results__bodies_and_recipients__are_looked_at),
        TEST(columns__those_of_a_folder_and_the_name_of_the_folder),
        TEST(rows__are_the_real_messages_in_their_folders),
        TEST(rows__by_the_name_of_their_folder__sorted_and_filtered),
        TEST(counts__running_and_stopped__those_of_the_rows),
        TEST(messages__through_the_search_folder__the_real_ones),
        TEST(folder__name_and_comment__can_be_set),
        TEST(delete_folder__with_results__goes_and_leaves_the_messages),
        TEST(folders__made_and_deleted_below__followed),
        TEST(other_session__changes_messages_and_criteria__followed),
        TEST(bulk_import__when_it_is_over__everything_is_found),
        TEST(many_changes__searched_again),
        TEST(logoff__in_the_middle_of_a_search__ends_it),
        TEST(random_changes__followed__same_as_searched_anew),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
