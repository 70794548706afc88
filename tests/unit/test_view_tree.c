/* SPDX-License-Identifier: MIT */
/*
 * test_view_tree.c - folders that are followed one by one, against reading all of them.
 *
 * Each round has a tree of folders in a store in memory, and a few views of it: the folders below
 * one, or all of them, in random orders and with restrictions. Folders are made, renamed, moved,
 * deleted, and messages put into them; the views read the journal. By variables:
 *
 *   MAILKEEP_ROUNDS=<n>    how many, instead of ROUNDS
 *   MAILKEEP_SEED=<n>      of the first round (default: SEED)
 */
#include "com/logon.h"
#include "com/search.h"
#include "unit/test_eng_fixture.h"
#include "unit/view_both.h"

enum { ROUNDS = 40, STEPS = 60, SEED = 1, FOLDERS = 40, VIEWS = 4 };

struct world {
    struct eng *eng;
    struct logon *logon;
    struct msp_domain *domain;
    struct msp_call call;
    uint64_t folders[FOLDERS]; /* [0]: the root */
    size_t count;
    struct view views[VIEWS];
    struct told told[VIEWS];
    struct counts counts[VIEWS];
};

/* --- what changes ----------------------------------------------------------------------------- */

static const char *random_name(void)
{
    static const char *const names[] = { "a", "A", "b", "ab", "abc", "B", "c", "\xC3\xA9", "d",
        "a b" };

    return names[any(10)];
}

static uint64_t random_folder(const struct world *world, size_t from)
{
    return world->folders[from + any((unsigned)(world->count - from))];
}

static void make(struct world *world, uint32_t type)
{
    const char *name = random_name();
    uint64_t id;

    if (world->count < FOLDERS && eng_folder_create(world->eng, random_folder(world, 0), type, name,
                                          strlen(name), "", 0, &id) == ENG_OK)
        world->folders[world->count++] = id;
}

/* Those that are not there any more are forgotten. */
static void forget(struct world *world)
{
    size_t count = 0;

    for (size_t i = 0; i < world->count; i++) {
        struct eng_folder folder;

        if (eng_folder_get(world->eng, world->folders[i], &folder, NULL, NULL) == ENG_OK)
            world->folders[count++] = world->folders[i];
    }
    world->count = count;
}

static void change(struct world *world)
{
    const char *name = random_name();

    if (world->count < 3) {
        make(world, ENG_FOLDER_GENERIC);
        return;
    }
    switch (any(8)) {
    case 0:
    case 1:
        make(world, ENG_FOLDER_GENERIC);
        break;
    case 2:
    case 3:
        (void)eng_folder_set(
                world->eng, random_folder(world, 1), name, strlen(name), any(2) ? NULL : "", 0);
        break;
    case 4:
    case 5:
        (void)eng_folder_move(world->eng, random_folder(world, 1), random_folder(world, 0),
                any(2) ? name : NULL, strlen(name));
        break;
    case 6:
        if (any(2) == 0)
            (void)eng_folder_delete(
                    world->eng, random_folder(world, 1), ENG_DELETE_FOLDERS | ENG_DELETE_MESSAGES);
        forget(world);
        break;
    default:
        (void)new_msg(world->eng, random_folder(world, 0), "x");
        break;
    }
}

/* --- views ------------------------------------------------------------------------------------ */

static void random_order(struct world *world, struct view *view)
{
    static const ULONG tags[] = { PR_DISPLAY_NAME_W, PR_CONTENT_COUNT, PR_SUBFOLDERS, PR_DEPTH };
    SizedSSortOrderSet(2, order) = { any(3), 0, 0, { { 0, 0 } } };
    unsigned first = any(4);

    for (ULONG i = 0; i < order.cSorts; i++) {
        order.aSort[i].ulPropTag = tags[(first + i) % 4];
        order.aSort[i].ulOrder = any(2) ? TABLE_SORT_DESCEND : TABLE_SORT_ASCEND;
    }
    if (order.cSorts > 0)
        assert_int_equal(view_set_sort(&world->call, view, (SSortOrderSet *)(void *)&order), S_OK);
}

static void random_restriction(struct view *view)
{
    struct restrict_program *program = NULL;
    SPropValue value = { .ulPropTag = any(2) ? PR_DEPTH : PR_CONTENT_COUNT };
    SRestriction restriction = { .rt = RES_PROPERTY };

    value.Value.l = 1;
    restriction.res.resProperty.relop = any(2) ? RELOP_GE : RELOP_LT;
    restriction.res.resProperty.ulPropTag = value.ulPropTag;
    restriction.res.resProperty.lpProp = &value;
    if (any(3) > 0)
        return;
    assert_int_equal(restrict_compile(&restriction, &program), S_OK);
    view_set_restriction(view, program);
}

static void begin_view(struct world *world, size_t i)
{
    struct table_source *source = NULL;
    struct view *view = &world->views[i];

    assert_int_equal(
            source_hierarchy_new(&world->call, world->logon,
                    i < 2 ? ENG_ROOT_FOLDER : random_folder(world, 0), i % 2 == 0, &source),
            S_OK);
    view_init(view, source);
    random_order(world, view);
    random_restriction(view);
    assert_int_equal(view_sync(&world->call, view), S_OK);
    world->told[i].watch.changed = changed;
    view->watch = &world->told[i].watch;
}

static void follow_view(struct world *world, size_t i)
{
    struct view *view = &world->views[i];
    struct view_changes changes;

    assert_int_equal(view_read_changes(&world->call, view, &changes), S_OK);
    assert_true(changes.is_complete);
    view->cursor = any((unsigned)view_count(view) + 1);
    follow_both(&world->call, view, &world->told[i], &changes, &world->counts[i]);
    view->journal = changes.end;
    view_changes_free(&changes);
}

static void end_view(struct view *view)
{
    struct table_source *source = view->source;

    view_done(view);
    source->ops->free(source);
}

/* --- a round ---------------------------------------------------------------------------------- */

static void begin(struct world *world)
{
    struct eng_open_params params = { ":memory:", true, false, 200 };

    memset(world, 0, sizeof(*world));
    assert_ok(eng_open(&params, &world->eng, NULL));
    world->logon = test_calloc(1, sizeof(*world->logon));
    world->logon->eng = world->eng;
    world->domain = msp_domain_new();
    world->call.domain = world->domain;
    world->folders[world->count++] = ENG_ROOT_FOLDER;
    for (unsigned i = any(30); i > 0; i--)
        make(world, ENG_FOLDER_GENERIC);
    if (any(4) == 0)
        make(world, ENG_FOLDER_SEARCH);
}

static void end(struct world *world)
{
    for (size_t i = 0; i < VIEWS; i++)
        end_view(&world->views[i]);
    search_cache_free(world->logon->searches);
    eng_close(world->eng);
    test_free(world->logon);
    msp_domain_release(world->domain);
}

/* IMAPIContainer.GetHierarchyTable.2 table-notification.ROW_ADDED.2
 * table-notification.ROW_DELETED.1 table-notification.ROW_MODIFIED.2 */
static void tree__random_changes__views_follow_as_if_all_was_read(void **state)
{
    unsigned rounds = number_from("MAILKEEP_ROUNDS", ROUNDS);
    unsigned first = number_from("MAILKEEP_SEED", SEED);
    static struct world world;
    struct counts sum = { 0 };
    size_t live = msp_alloc_count_live();

    MSP_UNUSED(state);
    for (unsigned round = 0; round < rounds; round++) {
        both_seed = first + round;
        (void)any(2);
        print_message("seed %u\n", first + round);
        begin(&world);
        for (size_t i = 0; i < VIEWS; i++)
            begin_view(&world, i);
        for (int step = 0; step < STEPS; step++) {
            for (unsigned i = any(3) + 1; i > 0; i--)
                change(&world);
            for (size_t i = 0; i < VIEWS; i++)
                follow_view(&world, i);
        }
        for (size_t i = 0; i < VIEWS; i++) {
            sum.followed += world.counts[i].followed;
            sum.not_followed += world.counts[i].not_followed;
            sum.placed += world.counts[i].placed;
            sum.events += world.counts[i].events;
        }
        end(&world);
        assert_int_equal(msp_alloc_count_live(), live);
    }
    print_message("followed %u (placed %u), not %u; events %u\n", sum.followed, sum.placed,
            sum.not_followed, sum.events);
    if (rounds < ROUNDS)
        return; /* some of them are not all that can happen */
    assert_true(sum.followed > 4 * sum.not_followed);
    assert_true(sum.placed > sum.followed / 100);
    assert_true(sum.events > sum.followed / 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree__random_changes__views_follow_as_if_all_was_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
