/* SPDX-License-Identifier: MIT */
/*
 * bench_live.c - what a live table costs: one change until the notification is out, for folders of
 * growing size, beside the same change when nobody is told.
 *
 *   bench_live [MESSAGES]     default 100,000; folders of 1,000, 10,000, ... up to it
 *
 * MAILKEEP_DLL names the library. The change is a read flag, set through SetReadFlag of an open
 * message, which commits; what is printed is the processor time of one of many, in microseconds.
 */
#include <time.h>

#include "bench.h"
#include "mailkeep.h"

enum { CHANGES = 101 };

struct world {
    struct fixture *fx;
    struct host_sink sink;
    IMessage *message;
    unsigned count;
};

static void add(struct world *world, unsigned n)
{
    IMAPIFolder *inbox = world->fx->inbox;
    char16_t text[16];
    SPropValue values[3] = { { .ulPropTag = PR_SUBJECT_W }, { .ulPropTag = PR_SENDER_NAME_W },
        { .ulPropTag = PR_MESSAGE_DELIVERY_TIME } };
    IMessage *message = NULL;
    unsigned mixed = n * 2654435761u;

    for (int i = 0; i < 8; i++)
        text[i] = (char16_t)('a' + (mixed >> (4 * i)) % 16);
    text[8] = 0;
    values[0].Value.lpszW = (LPWSTR)text;
    values[1].Value.lpszW = (LPWSTR)(text + 6);
    values[2].Value.ft.dwLowDateTime = mixed;
    values[2].Value.ft.dwHighDateTime = 30000000;
    assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &message));
    assert_ok(message->lpVtbl->SetProps(message, 3, values, NULL));
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    if (world->message == NULL)
        world->message = message;
    else
        message->lpVtbl->Release(message);
}

static void fill(struct world *world, unsigned count)
{
    prop_set_bool(world->fx->store, PR_MKEEP_BULK, true);
    for (; world->count < count; world->count++)
        add(world, world->count);
    prop_set_bool(world->fx->store, PR_MKEEP_BULK, false);
}

/* Processor time of one change, in seconds: how long the disk takes is another matter. */
static double change(struct world *world)
{
    clock_t begun = clock();

    for (int i = 0; i < CHANGES; i++)
        assert_ok(world->message->lpVtbl->SetReadFlag(
                world->message, i % 2 ? CLEAR_READ_FLAG : SUPPRESS_RECEIPT));
    return (double)(clock() - begun) / CLOCKS_PER_SEC / CHANGES;
}

static const struct order {
    const char *name;

    struct {
        ULONG cSorts, cCategories, cExpanded;
        SSortOrder aSort[2];
    } order;
} orders[] = {
    { "by date", { 1, 0, 0, { { PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_DESCEND } } } },
    { "by subject", { 1, 0, 0, { { PR_SUBJECT_W, TABLE_SORT_ASCEND } } } },
    { "by sender, in categories", { 2, 1, 1,
                                          { { PR_SENDER_NAME_W, TABLE_SORT_ASCEND },
                                                  { PR_SUBJECT_W, TABLE_SORT_ASCEND } } } },
};

static void measure(struct world *world, const struct order *order, double quiet)
{
    IMAPIFolder *inbox = world->fx->inbox;
    IMAPITable *table = NULL;
    ULONG_PTR connection = 0;
    double begun = bench_seconds(), opened, told;

    union {
        const void *from;
        LPSSortOrderSet to;
    } sort = { &order->order };

    assert_ok(inbox->lpVtbl->GetContentsTable(inbox, MAPI_UNICODE, &table));
    assert_ok(table->lpVtbl->SortTable(table, sort.to, 0));
    assert_ok(table->lpVtbl->Advise(
            table, fnevTableModified, &world->sink.IMAPIAdviseSink_iface, &connection));
    opened = bench_seconds() - begun;
    host_sink_clear(&world->sink);
    told = change(world);
    assert_true(host_sink_count(&world->sink, fnevTableModified) >= CHANGES - 1);
    printf("%9u messages, %-26s told %8.0f us, untold %6.0f us, the telling %8.0f us; Advise %7.1f "
           "ms\n",
            world->count, order->name, told * 1e6, quiet * 1e6, (told - quiet) * 1e6, opened * 1e3);
    fflush(stdout);
    release_last(table);
}

int main(int argc, char **argv)
{
    unsigned most = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100000;
    struct world world = { .count = 0 };
    void *state = NULL;

    fixture_inbox_setup(&state);
    world.fx = state;
    host_sink_init(&world.sink);
    for (unsigned count = 1000; count <= most; count *= 10) {
        double quiet;

        fill(&world, count);
        quiet = change(&world);
        for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
            measure(&world, &orders[i], quiet);
    }
    release_last(world.message);
    host_sink_done(&world.sink);
    fixture_teardown(&state);
    return 0;
}
