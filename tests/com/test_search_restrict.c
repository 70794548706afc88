/* SPDX-License-Identifier: MIT */
/*
 * test_search_restrict.c - search folders, and the tables of recipients and attachments, against
 * restrictions evaluated value by value (com/restrict_naive.h).
 *
 * MAILKEEP_ROUNDS, MAILKEEP_SEED: as of all tests against a model.
 */
#include "com/restrict_world.h"
#include "com/search_world.h"

enum { TREES = 60, CHANGES = 2, ROUNDS = 3, PART_TREES = 6 };

/* --- search folders --------------------------------------------------------------------------- */

/* Each message that matches is there once, and no other one. */
static size_t check_found(struct world *world, IMAPIFolder *search, const SRestriction *restriction)
{
    static const ULONG tags[] = { WHO };
    IMAPITable *table = NULL;
    unsigned found[MAILS] = { 0 };
    size_t count = 0;
    LPSRowSet rows;

    assert_ok(search->lpVtbl->GetContentsTable(search, MAPI_UNICODE, &table));
    rows = table_rows(table, tags, 1);
    for (ULONG i = 0; i < rows->cRows; i++) {
        assert_int_equal(values_of(rows, i)->ulPropTag, WHO);
        assert_in_range(values_of(rows, i)->Value.l, 0, MAILS - 1);
        found[values_of(rows, i)->Value.l]++;
    }
    for (unsigned i = 0; i < MAILS; i++) {
        bool matches = naive_matches(restriction, &world->rows[i]);

        if (found[i] != matches)
            fail_msg("%s: message %u is there %u times, not %u", world->what, i, found[i],
                    (unsigned)matches);
        count += matches;
    }
    assert_int_equal(prop_long(search, PR_CONTENT_COUNT), count);
    mapi_free_rows(rows);
    release_last(table);
    return count;
}

static void search_round(struct world *world)
{
    IMAPIFolder *finder = folder_by_prop(world->fx->store, world->fx->store, PR_FINDER_ENTRYID);
    char name[32];
    uint16_t *wide;
    IMAPIFolder *search;
    struct places places = { { 0, NULL }, { { 0, NULL } }, { NULL } };
    size_t selective = 0;

    snprintf(name, sizeof(name), "search %u", chance(&world->writing, 1000000));
    wide = host_text_to_utf16(name);
    search = search_folder_make(finder, (const char16_t *)wide);
    free(wide);
    places_add(&places, world->folder);
    choose_parts(world);
    for (unsigned i = 0; i < TREES; i++) {
        LPSRestriction restriction = next_tree(world, "search", i);
        size_t count;

        assert_ok(search->lpVtbl->SetSearchCriteria(
                search, restriction, &places.list, RESTART_SEARCH | SHALLOW_SEARCH));
        count = check_found(world, search, restriction);
        selective += count > 0 && count < MAILS;
        for (unsigned k = 0; k < CHANGES; k++)
            change_random_mail(world);
        strncat(world->what, ", after changes", sizeof(world->what) - strlen(world->what) - 1);
        (void)check_found(world, search, restriction);
    }
    assert_true(selective > TREES / 5); /* else little is proven */
    places_done(&places);
    release_last(search);
    release_last(finder);
}

/* search-folder.Results.1 search-folder.Limits.3 restriction.General.1 restriction.CONTENT.12
 * restriction.SUBRESTRICTION.1 restriction.SUBRESTRICTION.2 */
static void search__random_restrictions__finds_what_they_say(void **state)
{
    run_rounds(*state, ROUNDS, search_round);
}

/* --- parts of messages ------------------------------------------------------------------------ */

/* The rows of the table that match are those that it has with the restriction. */
static void check_parts(struct world *world, IMAPITable *table, const struct ground *all)
{
    for (unsigned i = 0; i < PART_TREES; i++) {
        LPSRestriction restriction = random_restriction_of(&world->forest, all);
        ULONG at = 0;
        LPSRowSet rows;

        snprintf(world->what, sizeof(world->what), "parts, restriction %u, ", i);
        tell_restriction(restriction, world->what, sizeof(world->what));
        assert_ok(table->lpVtbl->Restrict(table, restriction, 0));
        seek(table, BOOKMARK_BEGINNING, 0);
        rows = query(table, ALL_ROWS, 0);
        for (size_t k = 0; k < all->row_count; k++) {
            ULONG last = all->rows[k].count - 1; /* the column that tells who it is */

            if (!naive_matches(restriction, &all->rows[k]))
                continue;
            if (at == rows->cRows ||
                    values_of(rows, at)[last].Value.l != all->rows[k].props[last].Value.l)
                fail_msg("%s: row %u is missing", world->what, (unsigned)k);
            at++;
        }
        if (at != rows->cRows)
            fail_msg("%s: %u rows, not %u", world->what, (unsigned)rows->cRows, (unsigned)at);
        mapi_free_rows(rows);
        assert_ok(table->lpVtbl->Restrict(table, NULL, 0));
    }
}

static void try_parts(
        struct world *world, IMAPITable *table, const ULONG *tags, ULONG count, ULONG who)
{
    ULONG columns[24];
    struct naive_row rows[4];
    struct ground ground = { columns, count + 1, rows, 0, NULL, NULL };
    LPSRowSet set;

    assert_true(count < COUNT_OF(columns));
    memcpy(columns, tags, count * sizeof(*tags));
    columns[count] = who;
    set = table_rows(table, columns, count + 1);
    ground.row_count = set->cRows;
    assert_true(set->cRows <= COUNT_OF(rows));
    for (ULONG i = 0; i < set->cRows; i++)
        rows[i] = (struct naive_row){ .props = set->aRow[i].lpProps, .count = count + 1 };
    check_parts(world, table, &ground);
    mapi_free_rows(set);
    release_last(table);
}

/* IMAPITable.Restrict.1 table-columns.Recipient.4 table-columns.Attachment.6: every kind of
 * restriction, not only those that the contract asks for. */
static void parts__random_restrictions__select_what_they_say(void **state)
{
    struct fixture *fx = *state;
    struct world *world = world_new();

    round_begin(world, fx, env_number("MAILKEEP_SEED", 1));
    for (size_t i = 0; i < MAILS; i++) {
        IMessage *message = message_open(fx->store, world->mails[i].entry_id);
        IMAPITable *table = NULL;

        assert_ok(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table));
        try_parts(world, table, recipient_tags, COUNT_OF(recipient_tags), PR_ROWID);
        assert_ok(message->lpVtbl->GetAttachmentTable(message, MAPI_UNICODE, &table));
        try_parts(world, table, attachment_tags, COUNT_OF(attachment_tags), PR_ATTACH_NUM);
        release_last(message);
    }
    round_end(world);
    free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(search__random_restrictions__finds_what_they_say,
                fixture_inbox_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(parts__random_restrictions__select_what_they_say,
                fixture_inbox_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
