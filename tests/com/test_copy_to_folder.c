/* SPDX-License-Identifier: MIT */
/*
 * test_copy_to_folder.c - IMAPIProp::CopyTo and CopyProps of folders: properties, messages,
 * associated messages, subfolders.
 */
#include "copy_recorder.h"
#include "copy_world.h"

static HRESULT copy_to(IMAPIFolder *from, void *to, const SPropTagArray *exclude, ULONG flags,
        LPSPropProblemArray *problems)
{
    union {
        const SPropTagArray *given;
        LPSPropTagArray taken;
    } tags = { .given = exclude };

    return from->lpVtbl->CopyTo(
            from, 0, NULL, tags.taken, 0, NULL, &IID_IMAPIFolder, to, flags, problems);
}

static HRESULT copy_one_prop(IMAPIFolder *from, IMAPIFolder *to, ULONG tag, ULONG flags)
{
    SizedSPropTagArray(1, tags) = { 1, { tag } };

    return from->lpVtbl->CopyProps(
            from, (LPSPropTagArray)(void *)&tags, 0, NULL, &IID_IMAPIFolder, to, flags, NULL);
}

static ULONG children(IMAPIFolder *folder)
{
    IMAPITable *table = NULL;
    ULONG count = 0;

    assert_ok(folder->lpVtbl->GetHierarchyTable(folder, CONVENIENT_DEPTH, &table));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    release_last(table);
    return count;
}

struct world {
    IMAPIFolder *from; /* two messages, an associated one, a subfolder with a message */
    IMAPIFolder *below;
    IMAPIFolder *to;
};

static struct world world_make(struct fixture *fx)
{
    struct world world;
    IMessage *message = NULL;

    world.from = folder_make(fx->inbox, "From");
    world.below = folder_make(world.from, "Below");
    world.to = folder_make(fx->inbox, "To");
    prop_set_text(world.from, PR_COMMENT_W, "a comment");
    mapi_free(copy_make_rich(world.from, "a"));
    mapi_free(message_make(world.from, "b"));
    mapi_free(message_make(world.below, "c"));
    assert_ok(world.from->lpVtbl->CreateMessage(world.from, NULL, MAPI_ASSOCIATED, &message));
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
    return world;
}

static void world_close(struct world *world)
{
    release_last(world->below);
    release_last(world->from);
    release_last(world->to);
}

static void assert_content(IMAPIFolder *folder, ULONG normal, ULONG associated, ULONG below)
{
    assert_int_equal(copy_rows(folder, 0), normal);
    assert_int_equal(copy_rows(folder, MAPI_ASSOCIATED), associated);
    assert_int_equal(children(folder), below);
}

static SCODE problem_of(const SPropProblemArray *problems, ULONG tag)
{
    for (ULONG i = 0; problems && i < problems->cProblem; i++) {
        if (PROP_ID(problems->aProblem[i].ulPropTag) == PROP_ID(tag))
            return problems->aProblem[i].scode;
    }
    return S_OK;
}

/* The name is a property like any other, and another folder has it here. */
static void copy_to__whole_folder__all_its_content(void **state)
{
    struct fixture *fx = *state;
    struct world world = world_make(fx);
    LPSPropProblemArray problems = NULL;

    assert_ok(copy_to(world.from, world.to, NULL, 0, &problems));
    assert_hr(problem_of(problems, PR_DISPLAY_NAME_W), MAPI_E_COLLISION);
    assert_hr(problem_of(problems, PR_CONTENT_COUNT), MAPI_E_COMPUTED);
    assert_hr(problem_of(problems, PR_CONTAINER_CONTENTS), S_OK);
    mapi_free(problems);
    prop_assert_text(world.to, PR_COMMENT_W, "a comment");
    assert_content(world.to, 2, 1, 1);
    assert_content(world.from, 2, 1, 1);
    world_close(&world);
}

/* IMAPIProp.CopyTo.13 IMAPIProp.CopyTo.14 IMAPIProp.CopyTo.15 */
static void copy_to__parts_excluded__not_copied(void **state)
{
    static const ULONG excluded[] = { PR_CONTAINER_CONTENTS, PR_FOLDER_ASSOCIATED_CONTENTS,
        PR_CONTAINER_HIERARCHY };
    struct fixture *fx = *state;
    struct world world = world_make(fx);

    for (int i = 0; i < 3; i++) {
        char name[] = { 'T', (char)('0' + i), 0 };
        IMAPIFolder *to = folder_make(fx->inbox, name);
        SizedSPropTagArray(2, tags) = { 2, { PR_DISPLAY_NAME_W, excluded[i] } };

        assert_ok(copy_to(world.from, to, (SPropTagArray *)(void *)&tags, 0, NULL));
        assert_content(to, i == 0 ? 0 : 2, i == 1 ? 0 : 1, i == 2 ? 0 : 1);
        prop_assert_text(to, PR_COMMENT_W, "a comment");
        release_last(to);
    }
    world_close(&world);
}

/* IMAPIProp.CopyTo.20 */
static void copy_to__container_excluded__properties_alone(void **state)
{
    struct fixture *fx = *state;
    struct world world = world_make(fx);
    IID iid = IID_IMAPIContainer;

    assert_ok(world.from->lpVtbl->CopyTo(
            world.from, 1, &iid, NULL, 0, NULL, &IID_IMAPIFolder, world.to, 0, NULL));
    assert_content(world.to, 0, 0, 0);
    prop_assert_text(world.to, PR_COMMENT_W, "a comment");
    world_close(&world);
}

/* IMAPIProp.CopyTo.16 IMAPIProp.CopyTo.5 */
static void copy_to__below_itself_or_onto_itself__refused(void **state)
{
    struct fixture *fx = *state;
    struct world world = world_make(fx);
    SPropValue *id = prop_get(world.from, PR_ENTRYID);
    IMAPIFolder *same = folder_open(fx->store, id);
    LPSPropProblemArray problems = POISON;

    assert_hr(copy_to(world.from, world.below, NULL, 0, &problems), MAPI_E_FOLDER_CYCLE);
    assert_null(problems);
    assert_hr(copy_to(fx->inbox, world.below, NULL, MAPI_MOVE, NULL), MAPI_E_FOLDER_CYCLE);
    assert_hr(copy_to(world.from, world.from, NULL, 0, NULL), MAPI_E_NO_ACCESS);
    assert_hr(copy_to(world.from, same, NULL, 0, NULL), MAPI_E_NO_ACCESS);
    assert_content(world.from, 2, 1, 1);
    assert_content(world.below, 1, 0, 0);
    release_last(same);
    mapi_free(id);
    world_close(&world);
}

/* IMAPIProp.CopyTo.17 */
static void copy_to__subfolder_of_that_name_is_there__collision(void **state)
{
    struct fixture *fx = *state;
    struct world world = world_make(fx);
    IMAPIFolder *taken = folder_make(world.to, "BELOW");
    LPSPropProblemArray problems = POISON;

    assert_hr(copy_to(world.from, world.to, NULL, 0, &problems), MAPI_E_COLLISION);
    assert_null(problems);
    assert_int_equal(copy_rows(taken, 0), 0);
    assert_int_equal(children(world.to), 1);
    release_last(taken);
    world_close(&world);
}

/* IMAPIProp.CopyTo.9 */
static void copy_to__move__messages_and_subfolders_move(void **state)
{
    struct fixture *fx = *state;
    struct world world = world_make(fx);
    SPropValue *below = prop_get(world.below, PR_ENTRYID);
    SPropValue *parent;
    SPropValue *to = prop_get(world.to, PR_ENTRYID);

    assert_ok(copy_to(world.from, world.to, NULL, MAPI_MOVE, NULL));
    assert_content(world.from, 0, 0, 0);
    assert_content(world.to, 2, 1, 1);
    parent = prop_get(world.below, PR_PARENT_ENTRYID);
    assert_true(copy_same_id(parent, to));
    assert_int_equal(copy_rows(world.below, 0), 1);
    assert_null(prop_get(world.from, PR_COMMENT_W));
    mapi_free(parent);
    mapi_free(to);
    mapi_free(below);
    world_close(&world);
}

/* IMAPIProp.CopyProps.6 IMAPIProp.CopyProps.2 */
static void copy_props__parts_listed__those_alone(void **state)
{
    struct fixture *fx = *state;
    struct world world = world_make(fx);

    assert_ok(copy_one_prop(world.from, world.to, PR_COMMENT_W, 0));
    assert_content(world.to, 0, 0, 0);
    assert_ok(copy_one_prop(world.from, world.to, PR_CONTAINER_CONTENTS, 0));
    assert_content(world.to, 2, 0, 0);
    assert_ok(copy_one_prop(world.from, world.to, PR_FOLDER_ASSOCIATED_CONTENTS, 0));
    assert_content(world.to, 2, 1, 0);
    assert_ok(copy_one_prop(world.from, world.to, PR_CONTAINER_HIERARCHY, 0));
    assert_content(world.to, 2, 1, 1);
    assert_ok(copy_one_prop(world.from, world.to, PR_CONTAINER_CONTENTS, MAPI_MOVE));
    assert_content(world.to, 4, 1, 1);
    assert_content(world.from, 0, 1, 1);
    prop_assert_text(world.to, PR_DISPLAY_NAME_W, "To");
    world_close(&world);
}

static void copy_to__another_store__content_and_properties(void **state)
{
    struct fixture *fx = *state;
    struct world world = world_make(fx);
    struct copy_store other;
    IMAPIFolder *to;

    copy_store_open(fx, &other);
    to = folder_make(other.root, "To");
    assert_ok(copy_to(world.from, to, NULL, 0, NULL));
    assert_content(to, 2, 1, 1);
    prop_assert_text(to, PR_COMMENT_W, "a comment");
    prop_assert_text(to, PR_DISPLAY_NAME_W, "From");
    assert_content(world.from, 2, 1, 1);
    assert_ok(copy_one_prop(world.from, to, PR_CONTAINER_CONTENTS, MAPI_MOVE));
    assert_content(to, 4, 1, 1);
    assert_content(world.from, 0, 1, 1);
    release_last(to);
    world_close(&world);
    copy_store_close(&other);
}

/* A destination that is no folder takes the properties. */
/* What says where Calendar and Junk Email are would name folders of the other store. */
static void copy_to__root_of_another_store__finds_its_own_folders_still(void **state)
{
    static const ULONG tags[] = { PR_IPM_APPOINTMENT_ENTRYID, PR_IPM_DRAFTS_ENTRYID,
        PR_ADDITIONAL_REN_ENTRYIDS };
    SizedSPropTagArray(1, excluded) = { 1, { PR_CONTAINER_HIERARCHY } };
    struct fixture *fx = *state;
    LPSPropProblemArray problems = NULL;
    IMAPIFolder *from = NULL;
    SPropValue *before[3];
    struct pair pair;
    ULONG type = 0;

    pair_open(fx, &pair);
    for (size_t i = 0; i < 3; i++)
        before[i] = prop_get(pair.other.root, tags[i]);
    assert_ok(fx->store->lpVtbl->OpenEntry(
            fx->store, 0, NULL, NULL, MAPI_MODIFY, &type, (LPUNKNOWN *)(void *)&from));
    prop_set_text(from, PR_COMMENT_W, "of the root");

    assert_ok(from->lpVtbl->CopyTo(from, 0, NULL, (LPSPropTagArray)(void *)&excluded, 0, NULL,
            &IID_IMAPIFolder, pair.other.root, 0, &problems));

    prop_assert_text(pair.other.root, PR_COMMENT_W, "of the root");
    for (size_t i = 0; i < 3; i++) {
        SPropValue *after = prop_get(pair.other.root, tags[i]);
        SCODE problem = S_OK;

        assert_true(host_prop_same(before[i], after));
        for (ULONG j = 0; problems && j < problems->cProblem; j++) {
            if (problems->aProblem[j].ulPropTag == tags[i])
                problem = problems->aProblem[j].scode;
        }
        assert_hr(problem, MAPI_E_COMPUTED);
        mapi_free(after);
        mapi_free(before[i]);
    }
    mapi_free(problems);
    release_last(from);
    pair_close(&pair);
}

static void copy_to__a_message__content_is_a_problem(void **state)
{
    struct fixture *fx = *state;
    struct world world = world_make(fx);
    IMessage *message = NULL;
    LPSPropProblemArray problems = NULL;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    assert_ok(world.from->lpVtbl->CopyTo(
            world.from, 0, NULL, NULL, 0, NULL, &IID_IMAPIProp, message, 0, &problems));
    assert_hr(problem_of(problems, PR_CONTAINER_CONTENTS), MAPI_E_INTERFACE_NOT_SUPPORTED);
    assert_hr(problem_of(problems, PR_CONTAINER_HIERARCHY), MAPI_E_INTERFACE_NOT_SUPPORTED);
    mapi_free(problems);
    prop_assert_text(message, PR_COMMENT_W, "a comment");
    release_last(message);
    world_close(&world);
}

static void copy_to__store_to_store__properties(void **state)
{
    struct fixture *fx = *state;
    struct copy_store other;
    SPropValue *before;
    SPropValue *after;

    prop_set_text(fx->store, PR_COMMENT_W, "of the store");
    copy_store_open(fx, &other);
    before = prop_get(other.raw.store, PR_FINDER_ENTRYID);
    assert_non_null(before);
    assert_ok(fx->store->lpVtbl->CopyTo(
            fx->store, 0, NULL, NULL, 0, NULL, &IID_IMsgStore, other.raw.store, 0, NULL));
    prop_assert_text(other.raw.store, PR_COMMENT_W, "of the store");
    after = prop_get(other.raw.store, PR_FINDER_ENTRYID);
    assert_true(copy_same_id(before, after)); /* its folders stay its own */
    mapi_free(before);
    mapi_free(after);
    copy_store_close(&other);
}

/* progress.TopLevel.2 progress.Total.1 progress.General.6 */
static void copy_to__progress__messages_and_subfolders_count(void **state)
{
    struct fixture *fx = *state;
    struct world world = world_make(fx);
    struct recorder recorder;
    IMAPIProgress *progress = recorder_init(&recorder, MAPI_TOP_LEVEL);
    SizedSPropTagArray(1, tags) = { 1, { PR_CONTAINER_CONTENTS } };

    assert_ok(world.from->lpVtbl->CopyProps(world.from, (LPSPropTagArray)(void *)&tags, 0, progress,
            &IID_IMAPIFolder, world.to, MAPI_DIALOG, NULL));
    assert_int_equal(recorder.calls, 2);
    assert_int_equal(recorder.totals[1], 2);
    assert_int_equal(recorder.values[1], 1000);
    progress = recorder_init(&recorder, MAPI_TOP_LEVEL);
    recorder.from = 1;
    recorder.answer = MAPI_E_USER_CANCEL;
    assert_hr(world.from->lpVtbl->CopyTo(world.from, 0, NULL, NULL, 0, progress, &IID_IMAPIFolder,
                      world.to, MAPI_DIALOG, NULL),
            MAPI_E_USER_CANCEL);
    assert_int_equal(children(world.to), 0);
    world_close(&world);
}

/* --- Logoff ----------------------------------------------------------------------------------- */

struct ending {
    IMSLogon *logon;
    unsigned at;
};

static void end_on_progress(struct recorder *recorder)
{
    struct ending *ending = recorder->context;
    ULONG flags = 0;

    if (recorder->calls != ending->at)
        return;
    assert_ok(ending->logon->lpVtbl->Logoff(ending->logon, &flags));
    release_last(ending->logon);
}

/* Whole messages only, and the counts are right. */
static void copy_to__logoff_in_the_progress_callback__nothing_half_done(void **state)
{
    struct fixture *fx = *state;
    struct world world = world_make(fx);
    struct recorder recorder;
    IMAPIProgress *progress = recorder_init(&recorder, MAPI_TOP_LEVEL);
    struct ending ending = { host_support_unbind(fx->support), 2 };
    SPropValue *to_id = prop_get(world.to, PR_ENTRYID);
    IMAPIFolder *to;
    ULONG rows;

    recorder.on_progress = end_on_progress;
    recorder.context = &ending;
    assert_hr(world.from->lpVtbl->CopyTo(world.from, 0, NULL, NULL, 0, progress, &IID_IMAPIFolder,
                      world.to, MAPI_DIALOG, NULL),
            MAPI_E_INVALID_OBJECT);
    assert_int_equal(recorder.calls, 2);
    world_close(&world);
    fixture_reopen(fx);
    to = folder_open(fx->store, to_id);
    rows = copy_rows(to, 0);
    assert_int_equal(rows, 2);
    assert_int_equal(prop_long(to, PR_CONTENT_COUNT), rows);
    assert_int_equal(children(to), 0);
    release_last(to);
    mapi_free(to_id);
}

/* A message that is being filled is not saved by anybody. */
static void copy_to__message_logoff_between_attachments__no_trace(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = copy_make_rich(fx->inbox, "rich");
    IMessage *from = message_open(fx->store, id);
    IMessage *to = NULL;
    struct recorder recorder;
    IMAPIProgress *progress = recorder_init(&recorder, MAPI_TOP_LEVEL);
    struct ending ending = { host_support_unbind(fx->support), 2 };

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &to));
    recorder.on_progress = end_on_progress;
    recorder.context = &ending;
    assert_hr(from->lpVtbl->CopyTo(
                      from, 0, NULL, NULL, 0, progress, &IID_IMessage, to, MAPI_DIALOG, NULL),
            MAPI_E_INVALID_OBJECT);
    assert_hr(to->lpVtbl->SaveChanges(to, 0), MAPI_E_INVALID_OBJECT);
    release_last(to);
    release_last(from);
    fixture_reopen(fx);
    assert_int_equal(copy_rows(fx->inbox, 0), 1);
    mapi_free(id);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(copy_to__whole_folder__all_its_content),
        TEST(copy_to__parts_excluded__not_copied),
        TEST(copy_to__container_excluded__properties_alone),
        TEST(copy_to__below_itself_or_onto_itself__refused),
        TEST(copy_to__subfolder_of_that_name_is_there__collision),
        TEST(copy_to__move__messages_and_subfolders_move),
        TEST(copy_props__parts_listed__those_alone),
        TEST(copy_to__another_store__content_and_properties),
        TEST(copy_to__root_of_another_store__finds_its_own_folders_still),
        TEST(copy_to__a_message__content_is_a_problem),
        TEST(copy_to__store_to_store__properties),
        TEST(copy_to__progress__messages_and_subfolders_count),
        TEST(copy_to__logoff_in_the_progress_callback__nothing_half_done),
        TEST(copy_to__message_logoff_between_attachments__no_trace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
