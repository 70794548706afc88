/* SPDX-License-Identifier: MIT */
/*
 * test_table_live_oracle.c - random changes under live tables: the rows as notifications tell them
 * against the rows as the table has them.
 *
 * Each round has a folder, a second session on the same file, and a few live tables with random
 * orders, restrictions and categories, one of them over what a search finds there. What changes is
 * random too, and comes through the first logon or the second one. At its end the rows are also
 * those of a table opened then. By variables:
 *
 *   MAILKEEP_ROUNDS=<n>    how many, instead of a few
 *   MAILKEEP_SEED=<n>      of the first round (default: SEED)
 */
#include "search_world.h"
#include "second_session.h"
#include "table_model.h"

enum { TABLES = 4, RESULTS = 3, MESSAGES = 12, MANY = 30, STEPS = 40, ROUNDS = 24, SEED = 4711 };

/* What a table is restricted to. */
struct filter {
    const char16_t *letter; /* NULL: nothing */
    ULONG relop;
};

struct world {
    struct fixture *fx;
    struct second second;
    IMsgStore *stores[2];
    IMAPIFolder *folders[2];  /* the one that the tables show */
    IMAPIFolder *others[2];   /* a folder to move things to */
    IMAPIFolder *search;      /* for some of the messages, running */
    struct plain_id ids[256]; /* of messages that are there */
    size_t id_count;
    struct model models[TABLES];
    struct filter filters[TABLES];
    uint64_t seed;
    bool has_others; /* the second session changes things, too */
    char log[8192];
};

static struct world *current; /* to be told of when a check fails */

static unsigned pick(struct world *world, unsigned n)
{
    world->seed = world->seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(world->seed >> 33) % n;
}

static void note(struct world *world, const char *what, unsigned a, unsigned b)
{
    size_t used = strlen(world->log);

    snprintf(world->log + used, sizeof(world->log) - used, "%s(%u,%u) ", what, a, b);
}

/* --- what changes -------------------------------------------------------------------------------
 */

static void set_random(struct world *world, IMessage *message)
{
    static const char *const senders[] = { "anna", "bob", "Anna", "Cleo", "dora", "BOB" };
    char subject[32];

    snprintf(subject, sizeof(subject), "%c%u", 'a' + (char)pick(world, 6), pick(world, 3));
    prop_set_text(message, PR_SUBJECT_W, subject);
    prop_set_text(message, PR_SENDER_NAME_W, senders[pick(world, 6)]);
    prop_set_long(message, PR_IMPORTANCE, (LONG)pick(world, 3));
    if (pick(world, 2) == 0)
        prop_set_time(message, PR_MESSAGE_DELIVERY_TIME, 1000 + pick(world, 20));
}

static void create(struct world *world, unsigned who)
{
    IMessage *message = NULL;

    if (world->id_count == sizeof(world->ids) / sizeof(world->ids[0]))
        return;
    assert_ok(world->folders[who]->lpVtbl->CreateMessage(world->folders[who], NULL, 0, &message));
    set_random(world, message);
    prop_set_long(message, PR_MESSAGE_FLAGS, pick(world, 2) ? MSGFLAG_READ : 0);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    world->ids[world->id_count++] = plain_id_of(message, who);
    release_last(message);
}

static void modify(struct world *world, unsigned who, unsigned which)
{
    IMessage *message = plain_open(world->stores[who], &world->ids[which]);

    set_random(world, message);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

static void forget(struct world *world, size_t which)
{
    world->ids[which] = world->ids[--world->id_count];
}

static void delete (struct world *world, unsigned who, unsigned which)
{
    SBinary item = { world->ids[which].size, world->ids[which].bytes };
    ENTRYLIST list = { 1, &item };

    (void)world->folders[who]->lpVtbl->DeleteMessages(world->folders[who], &list, 0, NULL, 0);
    (void)world->others[who]->lpVtbl->DeleteMessages(world->others[who], &list, 0, NULL, 0);
    forget(world, which);
}

static void move(struct world *world, unsigned who, unsigned which)
{
    SBinary item = { world->ids[which].size, world->ids[which].bytes };
    ENTRYLIST list = { 1, &item };
    bool back = pick(world, 2) == 0;
    IMAPIFolder *from = back ? world->others[who] : world->folders[who];
    IMAPIFolder *to = back ? world->folders[who] : world->others[who];

    (void)from->lpVtbl->CopyMessages(from, &list, NULL, to, 0, NULL, MESSAGE_MOVE);
}

static void set_read(struct world *world, unsigned who)
{
    IMAPIFolder *inbox = world->folders[who];

    (void)inbox->lpVtbl->SetReadFlags(
            inbox, NULL, 0, NULL, pick(world, 2) ? CLEAR_READ_FLAG : SUPPRESS_RECEIPT);
}

/* One message alone, which stays where it is in most orders. */
static void set_read_one(struct world *world, unsigned who, unsigned which)
{
    IMessage *message = plain_open(world->stores[who], &world->ids[which]);

    assert_ok(message->lpVtbl->SetReadFlag(
            message, pick(world, 2) ? CLEAR_READ_FLAG : SUPPRESS_RECEIPT));
    release_last(message);
}

static void change(struct world *world)
{
    unsigned who = world->has_others ? pick(world, 2) : 0;
    unsigned what = pick(world, 15);
    unsigned which = world->id_count > 0 ? pick(world, (unsigned)world->id_count) : 0;

    note(world, "change", what, who);
    if (world->id_count == 0 || what < 4)
        create(world, who);
    else if (what < 8)
        modify(world, who, which);
    else if (what < 10)
        delete (world, who, which);
    else if (what < 11)
        move(world, who, which);
    else if (what < 12)
        set_read(world, who);
    else
        set_read_one(world, who, which);
}

/* --- what the client does with its tables -------------------------------------------------------
 */

static void random_order(struct world *world, IMAPITable *table)
{
    static const ULONG tags[] = { PR_SUBJECT_W, PR_SENDER_NAME_W, PR_IMPORTANCE,
        PR_MESSAGE_DELIVERY_TIME, PR_MESSAGE_FLAGS };
    struct sort_order order = { .cSorts = pick(world, 4) };

    for (ULONG i = 0; i < order.cSorts; i++) {
        order.aSort[i].ulPropTag = tags[(pick(world, 5) + i) % 5];
        order.aSort[i].ulOrder = pick(world, 2) ? TABLE_SORT_DESCEND : TABLE_SORT_ASCEND;
    }
    if (order.cSorts > 0)
        order.cCategories = pick(world, order.cSorts + 1);
    if (order.cCategories > 0)
        order.cExpanded = pick(world, order.cCategories + 1);
    if (order.cCategories > 0 && order.cSorts < 4 && pick(world, 3) == 0) {
        for (ULONG i = order.cSorts; i > 1; i--)
            order.aSort[i] = order.aSort[i - 1];
        order.aSort[1].ulPropTag = PR_MESSAGE_DELIVERY_TIME;
        order.aSort[1].ulOrder = pick(world, 2) ? TABLE_SORT_CATEG_MAX : TABLE_SORT_CATEG_MIN;
        order.cSorts++;
        order.cCategories++;
        order.cExpanded = order.cExpanded > 0 ? order.cCategories : 0;
    }
    note(world, "order", order.cSorts, order.cCategories);
    sort(table, &order);
}

/* Sets *value and *restriction; NULL: no restriction. */
static SRestriction *filter_make(
        const struct filter *filter, SPropValue *value, SRestriction *restriction)
{
    if (filter->letter == NULL)
        return NULL;
    *value = text_value(PR_SUBJECT_W, filter->letter);
    *restriction = compare_with(filter->relop, value);
    return restriction;
}

static void random_restriction(struct world *world, IMAPITable *table, struct filter *filter)
{
    static const char16_t *const letters[] = { u"b", u"c", u"d", u"e" };
    SPropValue value;
    SRestriction restriction;

    filter->letter = letters[pick(world, 4)];
    filter->relop = pick(world, 2) ? RELOP_GE : RELOP_LT;
    if (pick(world, 2) == 0)
        filter->letter = NULL;
    note(world, "restrict", filter->letter == NULL, 0);
    assert_ok(table->lpVtbl->Restrict(table, filter_make(filter, &value, &restriction), 0));
}

/* Opens or closes a heading, if there is one. */
static void random_heading(struct world *world, IMAPITable *table)
{
    LPSRowSet rows;
    ULONG more = 0, n;

    seek(table, BOOKMARK_BEGINNING, 0);
    rows = query(table, ALL_ROWS, 0);
    n = rows->cRows > 0 ? pick(world, rows->cRows) : 0;
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *values = rows->aRow[(i + n) % rows->cRows].lpProps;
        const SBinary *key = &values[LINE_KEY].Value.bin;

        if (values[LINE_TYPE].Value.l == TBL_COLLAPSED_CATEGORY)
            assert_ok(table->lpVtbl->ExpandRow(table, key->cb, key->lpb, 0, 0, NULL, &more));
        else if (values[LINE_TYPE].Value.l == TBL_EXPANDED_CATEGORY)
            assert_ok(table->lpVtbl->CollapseRow(table, key->cb, key->lpb, 0, &more));
        else
            continue;
        note(world, "heading", values[LINE_TYPE].Value.l, 0);
        break;
    }
    mapi_free_rows(rows);
}

/* Everything told so far is in the model before the client changes what is visible: what others
 * have done may be on its way still. */
static void rearrange(struct world *world, unsigned which)
{
    struct model *model = &world->models[which];

    model_check(model);
    if (world->has_others)
        model_pause(model);
    switch (pick(world, 3)) {
    case 0:
        random_order(world, model->table);
        break;
    case 1:
        random_restriction(world, model->table, &world->filters[which]);
        break;
    default:
        random_heading(world, model->table);
        break;
    }
    if (world->has_others)
        model_resume(model);
    else
        model_read(model);
}

/* --- a round ------------------------------------------------------------------------------------
 */

/* A new folder, open in both sessions. */
static void make_folder(struct world *world, const char *kind, IMAPIFolder *out[2])
{
    struct plain_id id;
    char name[32];

    snprintf(name, sizeof(name), "%s %u", kind, (unsigned)(world->seed & 0xFFFF));
    out[0] = folder_make(world->fx->inbox, name);
    id = plain_id_of(out[0], 0);
    out[1] = plain_open(world->stores[1], &id);
}

/* What a table shows. */
static IMAPIFolder *shown_by(struct world *world, unsigned which)
{
    return which == RESULTS ? world->search : world->folders[0];
}

/* Messages of the folder and below it that are not of low importance. */
static void begin_search(struct world *world)
{
    SPropValue value = long_value(PR_IMPORTANCE, 1);
    SRestriction restriction = compare_with(RELOP_GE, &value);
    IMAPIFolder *parent = folder_by_prop(world->fx->store, world->fx->store, PR_FINDER_ENTRYID);
    struct places places = { { 0, NULL }, { { 0, NULL } }, { NULL } };
    char16_t name[] = u"results 0";

    name[8] = (char16_t)(u'0' + pick(world, 10));
    world->search = search_folder_make(parent, name);
    places_add(&places, world->folders[0]);
    assert_ok(world->search->lpVtbl->SetSearchCriteria(
            world->search, &restriction, &places.list, RECURSIVE_SEARCH));
    places_done(&places);
    release_last(parent);
}

static void end_search(struct world *world)
{
    IMAPIFolder *parent = folder_by_prop(world->fx->store, world->fx->store, PR_FINDER_ENTRYID);
    struct plain_id id = plain_id_of(world->search, 0);

    release_last(world->search);
    assert_ok(parent->lpVtbl->DeleteFolder(parent, id.size, plain_entryid(&id), 0, NULL, 0));
    release_last(parent);
}

static void begin(struct world *world)
{
    second_open(world->fx, &world->second);
    world->stores[0] = world->fx->store;
    world->stores[1] = world->second.store;
    make_folder(world, "live", world->folders);
    make_folder(world, "other", world->others);
    /* Few rows are scanned, more are evaluated over columns. */
    for (int i = 0; i < (world->seed % 3 == 0 ? MESSAGES : MANY); i++)
        create(world, 0);
    begin_search(world);
    for (unsigned i = 0; i < TABLES; i++) {
        IMAPITable *table = contents_table(shown_by(world, i));

        if (i > 0)
            random_order(world, table);
        if (i == 2)
            random_restriction(world, table, &world->filters[i]);
        model_begin(&world->models[i], table, LINE_COLUMNS);
    }
}

/* The rows told of are those of a table that was told nothing. */
static void compare_fresh(struct world *world, unsigned which)
{
    IMAPITable *fresh = contents_table(shown_by(world, which));
    SPropValue value;
    SRestriction restriction;

    note(world, "fresh", which, 0);
    model_check_fresh(&world->models[which], fresh,
            filter_make(&world->filters[which], &value, &restriction));
    release_last(fresh);
}

static void end(struct world *world)
{
    for (int i = 0; i < TABLES; i++) {
        model_end(&world->models[i]);
        release_last(world->models[i].table);
    }
    end_search(world);
    while (world->id_count > 0)
        forget(world, world->id_count - 1);
    for (int i = 0; i < 2; i++) {
        release_last(world->folders[i]);
        release_last(world->others[i]);
    }
    second_close(&world->second);
}

/* table-notification.ROW_ADDED.2 table-notification.ROW_ADDED.3 table-notification.ROW_ADDED.4
 * table-notification.ROW_DELETED.1 table-notification.ROW_MODIFIED.2
 * table-notification.General.2 table-notification.General.5 table-notification.General.6
 * table-notification.General.8 table-notification.General.9 Notify.Sink.6 Notify.Sink.10
 * search-folder.Results.6 */
static void live_tables__random_changes__rows_follow_from_notifications(void **state)
{
    struct fixture *fx = *state;
    uint32_t seed = env_number("MAILKEEP_SEED", SEED);
    uint32_t rounds = env_number("MAILKEEP_ROUNDS", ROUNDS);

    for (uint32_t round = 0; round < rounds; round++) {
        struct world *world = calloc(1, sizeof(*world));
        size_t heard = 0;

        current = world;
        world->fx = fx;
        print_message("seed %u\n", (unsigned)(seed + round));
        world->seed = seed + round;
        world->has_others = round % 2 == 0;
        begin(world);
        for (int step = 0; step < STEPS; step++) {
            unsigned which = pick(world, TABLES);

            if (pick(world, 6) == 0)
                rearrange(world, which);
            else
                change(world);
            if (pick(world, 3) == 0)
                model_check(&world->models[which]);
        }
        for (unsigned i = 0; i < TABLES; i++) {
            model_check(&world->models[i]);
            compare_fresh(world, i);
            heard += model_events(&world->models[i]);
        }
        assert_true(heard > 0);
        end(world);
        current = NULL;
        free(world);
    }
}

/* What led to a failure. */
static int teardown(void **state)
{
    if (current != NULL)
        print_message("%s\n", current->log);
    return fixture_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(live_tables__random_changes__rows_follow_from_notifications,
                fixture_inbox_setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
