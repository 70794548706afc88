/* SPDX-License-Identifier: MIT */
/*
 * test_table_restrict.c - Restrict and FindRow against restrictions evaluated value by value.
 *
 * The messages have properties of every type, some of another type than most have, some missing,
 * some too long for a row, recipients and attachments. What a message has is asked of the message;
 * which rows a table has without a restriction, of the table. Then restrictions of every kind must
 * select the rows that they select when they are evaluated plainly (com/restrict_naive.h), also of
 * messages that change under a live table. By variables:
 *
 *   MAILKEEP_ROUNDS=<n>    how many, instead of a few
 *   MAILKEEP_SEED=<n>      of the first round (default: 1)
 */
#include "com/restrict_world.h"

enum {
    MAX_ROWS = 1200,
    TREES = 200, /* of a table, before messages change */
    CHANGES = 3,
    ROUNDS = 4
};

/* A row as a table has it without a restriction. */
struct seen_row {
    LONG who;
    SPropValue single[2];
    struct naive_row row;
};

struct watched {
    IMAPITable *table;
    LPSRowSet set; /* without a restriction */
    ULONG mvi[2];
    ULONG mvi_count;
    struct seen_row rows[MAX_ROWS];
    size_t count;
};

/* --- tables ----------------------------------------------------------------------------------- */

/* The rows of now, without a restriction. */
static void look(struct world *world, struct watched *watched)
{
    assert_ok(watched->table->lpVtbl->Restrict(watched->table, NULL, 0));
    if (watched->set != NULL)
        mapi_free_rows(watched->set);
    watched->set = query(watched->table, ALL_ROWS, 0);
    assert_true(watched->set->cRows <= MAX_ROWS);
    watched->count = watched->set->cRows;
    for (ULONG i = 0; i < watched->count; i++) {
        const SPropValue *cells = watched->set->aRow[i].lpProps;
        struct seen_row *seen = &watched->rows[i];

        assert_int_equal(cells[0].ulPropTag, WHO);
        seen->who = cells[0].Value.l;
        seen->row = world->rows[seen->who];
        seen->row.single = seen->single;
        for (ULONG k = 0; k < watched->mvi_count; k++) {
            seen->single[seen->row.single_count] = cells[1 + k];
            seen->row.single_count += PROP_TYPE(cells[1 + k].ulPropTag) != PT_ERROR;
        }
    }
}

static struct watched *watch(struct world *world, const ULONG *mvi, ULONG mvi_count)
{
    struct watched *watched = calloc(1, sizeof(*watched));
    ULONG tags[3] = { WHO };

    assert_non_null(watched);
    watched->mvi_count = mvi_count;
    for (ULONG k = 0; k < mvi_count; k++)
        watched->mvi[k] = tags[1 + k] = MVI_PROP(mvi[k]);
    assert_ok(
            world->folder->lpVtbl->GetContentsTable(world->folder, MAPI_UNICODE, &watched->table));
    set_columns(watched->table, tags, 1 + mvi_count);
    look(world, watched);
    return watched;
}

static void unwatch(struct watched *watched)
{
    mapi_free_rows(watched->set);
    release_last(watched->table);
    free(watched);
}

static bool selects(const SRestriction *restriction, const struct seen_row *seen)
{
    return naive_matches(restriction, &seen->row);
}

/* The rows of the restricted table are those that match, in the order of all. */
static size_t check_rows(
        struct world *world, const struct watched *watched, const SRestriction *restriction)
{
    LPSRowSet rows;
    size_t at = 0;

    seek(watched->table, BOOKMARK_BEGINNING, 0);
    rows = query(watched->table, ALL_ROWS, 0);
    for (size_t i = 0; i < watched->count; i++) {
        bool is_there =
                at < rows->cRows && rows->aRow[at].lpProps[0].Value.l == watched->rows[i].who;

        if (selects(restriction, &watched->rows[i])) {
            if (!is_there)
                fail_msg("%s: row %u, message %d, is missing", world->what, (unsigned)i,
                        (int)watched->rows[i].who);
            at++;
        }
    }
    if (at != rows->cRows)
        fail_msg("%s: %u rows instead of %u, message %d first", world->what, (unsigned)rows->cRows,
                (unsigned)at, (int)rows->aRow[at].lpProps[0].Value.l);
    mapi_free_rows(rows);
    return at;
}

/* FindRow in all rows, from any place in both directions. */
static void check_find(
        struct world *world, const struct watched *watched, LPSRestriction restriction)
{
    size_t from = chance(&world->forest, watched->count + 1);
    bool backward = chance(&world->forest, 2) != 0;
    size_t found = from;
    HRESULT expected = MAPI_E_NOT_FOUND;
    HRESULT hr;

    while (FAILED(expected) && (backward ? found > 0 : found < watched->count)) {
        found -= backward;
        if (selects(restriction, &watched->rows[found]))
            expected = S_OK;
        else
            found += !backward;
    }
    seek(watched->table, BOOKMARK_BEGINNING, (LONG)from);
    hr = watched->table->lpVtbl->FindRow(
            watched->table, restriction, BOOKMARK_CURRENT, backward ? DIR_BACKWARD : 0);
    if (FAILED(expected))
        found = from;
    if (hr != expected || cursor_row(watched->table) != found)
        fail_msg("%s: FindRow from %u %s: %s at %u, not %s at %u", world->what, (unsigned)from,
                backward ? "backward" : "forward", host_hr_name(hr),
                (unsigned)cursor_row(watched->table), host_hr_name(expected), (unsigned)found);
}

static void try_trees(struct world *world, struct watched *watched, const char *where)
{
    IMAPITable *table = watched->table;
    size_t selective = 0;

    for (unsigned i = 0; i < TREES; i++) {
        LPSRestriction restriction = next_tree(world, where, i);
        size_t count;
        HRESULT hr;

        check_find(world, watched, restriction);
        hr = table->lpVtbl->Restrict(table, restriction, chance(&world->forest, 2) ? TBL_BATCH : 0);
        if (FAILED(hr))
            fail_msg("%s: %s", world->what, host_hr_name(hr));
        count = check_rows(world, watched, restriction);
        selective += count > 0 && count < watched->count;
        assert_ok(table->lpVtbl->Restrict(table, NULL, 0));
    }
    assert_true(selective > TREES / 5); /* else little is proven */
}

/* Messages change below a restriction that stays. */
static void try_changes(struct world *world, struct watched *watched, const char *where)
{
    IMAPITable *table = watched->table;

    for (unsigned i = 0; i < TREES / 3; i++) {
        LPSRestriction restriction = next_tree(world, where, i);

        assert_ok(table->lpVtbl->Restrict(table, restriction, 0));
        (void)check_rows(world, watched, restriction);
        for (unsigned k = 0; k < CHANGES; k++)
            change_random_mail(world);
        for (size_t k = 0; k < watched->count; k++) {
            watched->rows[k].row = world->rows[watched->rows[k].who];
            assert_int_equal(watched->mvi_count, 0);
        }
        strncat(world->what, ", after changes", sizeof(world->what) - strlen(world->what) - 1);
        (void)check_rows(world, watched, restriction);
        look(world, watched);
    }
}

/* --- what is refused -------------------------------------------------------------------------- */

/* A restriction that no table takes; the constants are in the forest. */
static HRESULT spoil(struct forest *forest, unsigned kind, SRestriction *out)
{
    SPropValue *number = forest_take(forest, sizeof(*number));
    SPropValue *text = forest_take(forest, sizeof(*text));

    *number = long_value(PR_IMPORTANCE, 1);
    *text = random_value(forest, PR_SUBJECT_W);
    memset(out, 0, sizeof(*out));
    *out = compare_with(RELOP_EQ, number);
    switch (kind) {
    case 0:
        out->res.resProperty.relop = RELOP_RE;
        return MAPI_E_TOO_COMPLEX;
    case 1:
        out->res.resProperty.ulPropTag = PR_SUBJECT_W; /* and a number as its constant */
        return MAPI_E_TOO_COMPLEX;
    case 2:
        out->rt = RES_COUNT;
        return MAPI_E_TOO_COMPLEX;
    case 3:
        out->rt = 0xC; /* RES_ANNOTATION */
        return MAPI_E_TOO_COMPLEX;
    case 4:
        out->rt = 0x77;
        return MAPI_E_TOO_COMPLEX;
    case 5:
        out->rt = RES_CONTENT; /* of a number */
        out->res.resContent.ulFuzzyLevel = FL_PREFIX;
        return MAPI_E_TOO_COMPLEX;
    case 6:
        out->rt = RES_CONTENT;
        out->res.resContent.ulFuzzyLevel = 3;
        out->res.resContent.ulPropTag = PR_SUBJECT_W;
        out->res.resContent.lpProp = text;
        return MAPI_E_TOO_COMPLEX;
    case 7:
        out->rt = RES_COMPAREPROPS;
        out->res.resCompareProps.ulPropTag1 = PR_SUBJECT_W;
        out->res.resCompareProps.ulPropTag2 = PR_IMPORTANCE;
        return MAPI_E_TOO_COMPLEX;
    case 8:
        out->rt = RES_BITMASK;
        out->res.resBitMask.relBMR = BMR_EQZ;
        out->res.resBitMask.ulPropTag = PR_SUBJECT_W;
        return MAPI_E_TOO_COMPLEX;
    case 9:
        out->rt = RES_EXIST;
        out->res.resExist.ulPropTag = PROP_TAG(PT_OBJECT, 0x6800);
        return MAPI_E_TOO_COMPLEX;
    case 10:
        out->rt = RES_SUBRESTRICTION;
        out->res.resSub.ulSubObject = PR_CONTAINER_CONTENTS;
        out->res.resSub.lpRes = forest_take(forest, sizeof(SRestriction));
        return MAPI_E_TOO_COMPLEX;
    case 11:
        out->res.resProperty.lpProp = NULL;
        return MAPI_E_INVALID_PARAMETER;
    case 12:
        out->rt = RES_NOT;
        out->res.resNot.lpRes = NULL;
        return MAPI_E_INVALID_PARAMETER;
    case 13:
        out->rt = RES_AND;
        out->res.resAnd.cRes = 2;
        out->res.resAnd.lpRes = NULL;
        return MAPI_E_INVALID_PARAMETER;
    default:
        text->Value.lpszW = NULL;
        *out = compare_with(RELOP_EQ, text);
        return MAPI_E_INVALID_PARAMETER;
    }
}

enum { SPOILT_KINDS = 15 };

/* Restrictions that are fine but for one part, somewhere in them. */
static void refuse_trees(struct world *world, struct watched *watched)
{
    IMAPITable *table = watched->table;

    for (unsigned i = 0; i < SPOILT_KINDS * 4; i++) {
        struct forest *forest = &world->writing; /* not the one that the filter in force is of */
        LPSRestriction filter = next_tree(world, "refused", i);
        SRestriction *tree, *all;
        HRESULT expected;
        ULONG from;

        forest->used = 0;
        tree = forest_take(forest, sizeof(*tree));
        expected = spoil(forest, i % SPOILT_KINDS, tree);
        for (unsigned depth = chance(forest, RESTRICT_DEPTH); depth > 0; depth--) {
            all = forest_take(forest, 3 * sizeof(*all));
            random_tree(forest, &world->ground, 2, &all[1]);
            all[2] = *tree;
            all[0].rt = depth % 2 ? RES_AND : RES_OR;
            all[0].res.resAnd.cRes = 2;
            all[0].res.resAnd.lpRes = &all[1];
            tree = all;
        }
        assert_ok(table->lpVtbl->Restrict(table, filter, 0));
        seek(table, BOOKMARK_BEGINNING, (LONG)chance(forest, 5));
        from = cursor_row(table);
        assert_hr(table->lpVtbl->Restrict(table, tree, 0), expected);
        assert_hr(table->lpVtbl->FindRow(table, tree, BOOKMARK_BEGINNING, 0), expected);
        assert_int_equal(cursor_row(table), from);
        (void)check_rows(world, watched, filter);
    }
    assert_ok(table->lpVtbl->Restrict(table, NULL, 0));
}

/* --- rounds ----------------------------------------------------------------------------------- */

static void run_round(struct world *world)
{
    static const ULONG mvi[2] = { USER(PT_MV_LONG, 0), USER(PT_MV_UNICODE, 1) };
    struct watched *plain = watch(world, NULL, 0);
    struct watched *expanded = watch(world, mvi, 2);
    struct watched *live = watch(world, NULL, 0);
    struct host_sink sink;
    ULONG_PTR connection = 0;

    assert_int_equal(plain->count, MAILS);
    assert_true(expanded->count > MAILS);
    choose_parts(world);
    world->ground.tag_count = NARROW_TAGS;
    try_trees(world, plain, "columns");
    world->ground.tag_count = COUNT_OF(message_tags);
    try_trees(world, plain, "all");
    try_trees(world, expanded, "instances");
    try_changes(world, plain, "plain");
    host_sink_init(&sink);
    assert_ok(live->table->lpVtbl->Advise(
            live->table, fnevTableModified, &sink.IMAPIAdviseSink_iface, &connection));
    look(world, live);
    try_changes(world, live, "live");
    assert_ok(live->table->lpVtbl->Unadvise(live->table, connection));
    host_sink_done(&sink);
    unwatch(plain);
    unwatch(expanded);
    unwatch(live);
}

/* restriction.General.1 restriction.General.4 restriction.General.5 restriction.AND.1
 * restriction.AND.2 restriction.OR.1 restriction.OR.2 restriction.NOT.1 restriction.CONTENT.1
 * restriction.CONTENT.2 restriction.CONTENT.3 restriction.CONTENT.4 restriction.CONTENT.5
 * restriction.CONTENT.6 restriction.CONTENT.7 restriction.CONTENT.10 restriction.CONTENT.11
 * restriction.CONTENT.12 restriction.PROPERTY.1 restriction.PROPERTY.2 restriction.PROPERTY.3
 * restriction.PROPERTY.5 restriction.PROPERTY.7 restriction.PROPERTY.8 restriction.PROPERTY.10
 * restriction.PROPERTY.11 restriction.PROPERTY.12 restriction.COMPAREPROPS.1
 * restriction.COMPAREPROPS.3 restriction.BITMASK.1 restriction.BITMASK.3 restriction.SIZE.1
 * restriction.SIZE.2 restriction.EXIST.1 restriction.EXIST.3 restriction.SUBRESTRICTION.1
 * restriction.SUBRESTRICTION.2 restriction.SUBRESTRICTION.4 restriction.COMMENT.1
 * restriction.COMMENT.2 */
static void random_restrictions__select_what_they_say(void **state)
{
    run_rounds(*state, ROUNDS, run_round);
}

/* restriction.General.2 restriction.General.3 restriction.CONTENT.8 restriction.CONTENT.9
 * restriction.PROPERTY.4 restriction.PROPERTY.9 restriction.COMPAREPROPS.2 restriction.BITMASK.2
 * restriction.EXIST.2 restriction.SUBRESTRICTION.3 restriction.COUNT.1 restriction.ANNOTATION.1
 * IMAPITable.Restrict.4 IMAPITable.Restrict.5 */
static void random_restrictions__one_part_is_bad__refused_as_a_whole(void **state)
{
    struct world *world = world_new();
    struct watched *plain;

    round_begin(world, *state, env_number("MAILKEEP_SEED", 1));
    plain = watch(world, NULL, 0);
    choose_parts(world);
    refuse_trees(world, plain);
    unwatch(plain);
    round_end(world);
    free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                random_restrictions__select_what_they_say, fixture_inbox_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(random_restrictions__one_part_is_bad__refused_as_a_whole,
                fixture_inbox_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
