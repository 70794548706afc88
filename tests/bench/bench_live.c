/* SPDX-License-Identifier: MIT */
/*
 * bench_live.c - what a live table costs: one change until the notification is out, for folders of
 * growing size and under every kind of view, less the same change when nobody is told.
 *
 *   bench_live [MESSAGES [VIEW]]     default 1,000,000: folders of 1,000, 100,000 and 1,000,000 up
 *                                    to it, and a hundredth as many folders in hierarchy tables;
 *                                    only views with such a name
 *
 * MAILKEEP_DLL names the library. A flag is a read flag, set through SetReadFlag of an open
 * message; a move gives a message another subject, sender and words, back and forth; mail comes in
 * with the latest date, and goes again. What is printed is the processor time of one of many, in
 * microseconds.
 */
#include <time.h>

#include "bench.h"
#include "mailkeep.h"

enum { CHANGES = 51, MAX_SIZES = 3, MAX_LINES = 64, FOLDER_PART = 100 };

#define WORDS PROP_TAG(PT_MV_UNICODE, 0x6801)
#define WORDS_EACH PROP_TAG(PT_MV_UNICODE | MV_INSTANCE, 0x6801)

struct world {
    struct fixture *fx;
    struct host_sink sink;
    IMessage *message;
    unsigned count;
    IMAPIFolder *top;  /* of the tree of folders */
    IMAPIFolder *leaf; /* one in it */
    unsigned folder_count;
};

/* --- what is measured ------------------------------------------------------------------------- */

static struct line {
    char what[80];
    double us[MAX_SIZES];
} lines[MAX_LINES];

static size_t line_count;
static size_t size_index;

static void result(const char *view, const char *what, double seconds)
{
    char name[80];
    struct line *line = lines;

    snprintf(name, sizeof(name), "%s, %s", view, what);
    while (line < lines + line_count && strcmp(line->what, name) != 0)
        line++;
    if (line == lines + line_count)
        line_count++;
    assert_true(line_count <= MAX_LINES);
    snprintf(line->what, sizeof(line->what), "%s", name);
    line->us[size_index] = seconds > 0 ? seconds * 1e6 : 0;
    printf("  %-60s %10.0f us\n", name, line->us[size_index]);
    fflush(stdout);
}

static void print_growth(const unsigned *sizes, size_t size_count)
{
    printf("\n%-62s", "microseconds for one change");
    for (size_t i = 0; i < size_count; i++)
        printf(" %10u", sizes[i]);
    printf("\n");
    for (size_t i = 0; i < line_count; i++) {
        printf("%-62s", lines[i].what);
        for (size_t k = 0; k < size_count; k++)
            printf(" %10.0f", lines[i].us[k]);
        printf("\n");
    }
}

/* --- the folder ------------------------------------------------------------------------------- */

/* Two of fifty words. */
static void put_words(unsigned mixed, char16_t words[2][3], LPWSTR pointers[2], SPropValue *out)
{
    for (unsigned i = 0; i < 2; i++) {
        unsigned word = (mixed >> (8 * i)) % 50;

        words[i][0] = (char16_t)('a' + word / 10);
        words[i][1] = (char16_t)('a' + word % 10);
        words[i][2] = 0;
        pointers[i] = (LPWSTR)words[i];
    }
    out->ulPropTag = WORDS;
    out->Value.MVszW.cValues = 2;
    out->Value.MVszW.lppszW = pointers;
}

static void set_mail(IMessage *message, unsigned n, unsigned date)
{
    char16_t text[16], words[2][3];
    LPWSTR pointers[2];
    SPropValue values[4] = { { .ulPropTag = PR_SUBJECT_W }, { .ulPropTag = PR_SENDER_NAME_W },
        { .ulPropTag = PR_MESSAGE_DELIVERY_TIME } };
    unsigned mixed = n * 2654435761u;

    for (int i = 0; i < 8; i++)
        text[i] = (char16_t)('a' + (mixed >> (4 * i)) % 16);
    text[8] = 0;
    values[0].Value.lpszW = (LPWSTR)text;
    values[1].Value.lpszW = (LPWSTR)(text + 5);
    values[2].Value.ft.dwLowDateTime = mixed;
    values[2].Value.ft.dwHighDateTime = date;
    put_words(mixed, words, pointers, &values[3]);
    assert_ok(message->lpVtbl->SetProps(message, 4, values, NULL));
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
}

static IMessage *add(struct world *world, unsigned n, unsigned date)
{
    IMAPIFolder *inbox = world->fx->inbox;
    IMessage *message = NULL;

    assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &message));
    set_mail(message, n, date);
    return message;
}

static void fill(struct world *world, unsigned count)
{
    prop_set_bool(world->fx->store, PR_MKEEP_BULK, true);
    for (; world->count < count; world->count++) {
        IMessage *message = add(world, world->count, 30000000);

        if (world->message == NULL)
            world->message = message;
        else
            message->lpVtbl->Release(message);
    }
    prop_set_bool(world->fx->store, PR_MKEEP_BULK, false);
}

/* --- changes ---------------------------------------------------------------------------------- */

static void change_flag(struct world *world, unsigned i)
{
    assert_ok(world->message->lpVtbl->SetReadFlag(
            world->message, i % 2 ? CLEAR_READ_FLAG : SUPPRESS_RECEIPT));
}

static void change_place(struct world *world, unsigned i)
{
    set_mail(world->message, i % 2 ? 0x0ABCDEF0 : 0x01234567, 30000000);
}

/* The latest of all. */
static void change_mail(struct world *world, unsigned i)
{
    static SPropValue *entry_id;
    IMAPIFolder *inbox = world->fx->inbox;
    ENTRYLIST list = { 1, NULL };

    if (i % 2 == 0) {
        IMessage *message = add(world, i, 30000001);

        entry_id = prop_get(message, PR_ENTRYID);
        message->lpVtbl->Release(message);
    } else {
        list.lpbin = &entry_id->Value.bin;
        assert_ok(inbox->lpVtbl->DeleteMessages(inbox, &list, 0, NULL, 0));
        mapi_free(entry_id);
    }
}

/* A folder of the tree that has other properties. */
static void change_folder(struct world *world, unsigned i)
{
    prop_set_text(world->leaf, PR_COMMENT_W, i % 2 ? "this" : "that");
    assert_ok(world->leaf->lpVtbl->SaveChanges(world->leaf, KEEP_OPEN_READWRITE));
}

static void change_name(struct world *world, unsigned i)
{
    prop_set_text(world->leaf, PR_DISPLAY_NAME_W, i % 2 ? "zulu" : "alpha");
    assert_ok(world->leaf->lpVtbl->SaveChanges(world->leaf, KEEP_OPEN_READWRITE));
}

typedef void (*change_fn)(struct world *world, unsigned i);

/* Processor time of one change, in seconds: how long the disk takes is another matter. */
static double time_of(struct world *world, change_fn change)
{
    clock_t begun = clock();

    for (unsigned i = 0; i < CHANGES + 1; i++)
        change(world, i);
    return (double)(clock() - begun) / CLOCKS_PER_SEC / (CHANGES + 1);
}

/* --- views ------------------------------------------------------------------------------------ */

static const struct order {
    const char *name;

    struct {
        ULONG cSorts, cCategories, cExpanded;
        SSortOrder aSort[3];
    } order;
} orders[] = {
    { "by date", { 1, 0, 0, { { PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND } } } },
    { "by subject", { 1, 0, 0, { { PR_SUBJECT_W, TABLE_SORT_ASCEND } } } },
    { "senders, closed",
            { 2, 1, 0, { { PR_SENDER_NAME_W, 0 }, { PR_SUBJECT_W, TABLE_SORT_ASCEND } } } },
    { "senders, open",
            { 2, 1, 1, { { PR_SENDER_NAME_W, 0 }, { PR_SUBJECT_W, TABLE_SORT_ASCEND } } } },
    { "senders by their latest, closed",
            { 3, 2, 0,
                    { { PR_SENDER_NAME_W, 0 },
                            { PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_CATEG_MAX | TABLE_SORT_DESCEND },
                            { PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND } } } },
    { "senders by their latest, open",
            { 3, 2, 2,
                    { { PR_SENDER_NAME_W, 0 },
                            { PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_CATEG_MAX | TABLE_SORT_DESCEND },
                            { PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND } } } },
    { "a row for each word",
            { 2, 0, 0, { { WORDS_EACH, 0 }, { PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND } } } },
    { "words, closed",
            { 2, 1, 0, { { WORDS_EACH, 0 }, { PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND } } } },
};

static const struct kind {
    const char *name;
    change_fn change;
} kinds[] = {
    { "a flag", change_flag },
    { "a move", change_place },
    { "mail that comes or goes", change_mail },
};

static void watch(struct world *world, IMAPITable *table)
{
    ULONG_PTR connection = 0;

    assert_ok(table->lpVtbl->Advise(
            table, fnevTableModified, &world->sink.IMAPIAdviseSink_iface, &connection));
    host_sink_clear(&world->sink);
}

static void measure(struct world *world, const struct order *order, const double *quiet)
{
    IMAPIFolder *inbox = world->fx->inbox;
    IMAPITable *table = NULL;

    union {
        const void *from;
        LPSSortOrderSet to;
    } sort = { &order->order };

    assert_ok(inbox->lpVtbl->GetContentsTable(inbox, MAPI_UNICODE, &table));
    assert_ok(table->lpVtbl->SortTable(table, sort.to, 0));
    watch(world, table);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        host_sink_clear(&world->sink);
        result(order->name, kinds[i].name, time_of(world, kinds[i].change) - quiet[i]);
        assert_true(host_sink_count(&world->sink, fnevTableModified) >= CHANGES - 1);
    }
    release_last(table);
}

static void measure_orders(struct world *world, unsigned count, const char *only)
{
    double quiet[sizeof(kinds) / sizeof(kinds[0])];

    fill(world, count);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        quiet[i] = time_of(world, kinds[i].change);
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        if (strstr(orders[i].name, only) != NULL)
            measure(world, &orders[i], quiet);
    }
}

/* --- folders ---------------------------------------------------------------------------------- */

static IMAPIFolder *make_folder(IMAPIFolder *parent, unsigned n)
{
    IMAPIFolder *folder = NULL;
    char name[32];

    snprintf(name, sizeof(name), "folder %u", n);
    assert_ok(parent->lpVtbl->CreateFolder(
            parent, FOLDER_GENERIC, (LPTSTR)(void *)name, NULL, NULL, 0, &folder));
    return folder;
}

/* Ten below one, and the rest below these. */
static void fill_tree(struct world *world, unsigned count)
{
    enum { WIDTH = 10 };

    IMAPIFolder *tops[WIDTH] = { NULL };

    if (world->top != NULL) {
        release_last(world->top);
        release_last(world->leaf);
    }
    world->top = make_folder(world->fx->inbox, count);
    world->leaf = NULL;
    prop_set_bool(world->fx->store, PR_MKEEP_BULK, true);
    for (unsigned i = 0; i < WIDTH; i++)
        tops[i] = make_folder(world->top, i);
    for (unsigned i = WIDTH; i < count; i++) {
        IMAPIFolder *made = make_folder(tops[i % WIDTH], i);

        if (world->leaf == NULL)
            world->leaf = made;
        else
            release_last(made);
    }
    prop_set_bool(world->fx->store, PR_MKEEP_BULK, false);
    for (unsigned i = 0; i < WIDTH; i++)
        release_last(tops[i]);
}

static void measure_folders(struct world *world, unsigned count)
{
    static const char *const names[] = { "all folders (a hundredth as many)",
        "all folders by content count" };
    SizedSSortOrderSet(1, order) = { 1, 0, 0, { { PR_CONTENT_COUNT, TABLE_SORT_DESCEND } } };
    double quiet[2];

    fill_tree(world, count);
    quiet[0] = time_of(world, change_folder);
    quiet[1] = time_of(world, change_name);
    for (size_t i = 0; i < 2; i++) {
        IMAPITable *table = NULL;

        assert_ok(world->top->lpVtbl->GetHierarchyTable(
                world->top, CONVENIENT_DEPTH | MAPI_UNICODE, &table));
        if (i > 0)
            assert_ok(table->lpVtbl->SortTable(table, (SSortOrderSet *)(void *)&order, 0));
        watch(world, table);
        result(names[i], "other properties", time_of(world, change_folder) - quiet[0]);
        result(names[i], "another name", time_of(world, change_name) - quiet[1]);
        assert_true(host_sink_count(&world->sink, fnevTableModified) >= CHANGES - 1);
        release_last(table);
    }
}

int main(int argc, char **argv)
{
    static const unsigned sizes[MAX_SIZES] = { 1000, 100000, 1000000 };
    unsigned most = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : sizes[MAX_SIZES - 1];
    struct world world = { .count = 0 };
    void *state = NULL;

    fixture_inbox_setup(&state);
    world.fx = state;
    host_sink_init(&world.sink);
    for (; size_index < MAX_SIZES && sizes[size_index] <= most; size_index++) {
        printf("\n%u messages\n", sizes[size_index]);
        measure_folders(&world, sizes[size_index] / FOLDER_PART + 20);
        measure_orders(&world, sizes[size_index], argc > 2 ? argv[2] : "");
    }
    print_growth(sizes, size_index);
    release_last(world.message);
    release_last(world.top);
    release_last(world.leaf);
    host_sink_done(&world.sink);
    fixture_teardown(&state);
    return 0;
}
