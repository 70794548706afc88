/* SPDX-License-Identifier: MIT */
/*
 * test_table_race.c - tables of a folder, and of what a search finds there, that are restricted,
 * searched, sorted under headings, opened and closed and walked by bookmarks, each by one thread
 * and one of them by two, while others save, change, move, delete and read messages, in this
 * session and in another one; then Logoff in the middle of it, or everybody stops and what the
 * tables have is what a new one has.
 */
#include <stdatomic.h>

#include "com/search_world.h"
#include "com/second_session.h"

#define NUMBER PROP_TAG(PT_LONG, 0x6802)

enum {
    ROUNDS = 8,
    READERS = 4,
    RESULTS = 3,
    WRITERS = 2,
    FIRST_MAILS = 60,
    KEPT_MAILS = 40,
    LEAST_CALLS = 200
};

struct race {
    struct fixture *fx;
    struct second second;
    IMAPIFolder *other;  /* messages are moved there and back */
    IMAPIFolder *search; /* in both, running */
    IMAPITable *tables[READERS];
    atomic_bool stop;
    atomic_bool failed; /* something was not as it has to be */
    atomic_uint calls;  /* of readers */
    atomic_uint writes;
};

/* A thread's own chance. */
struct chance {
    struct race *race;
    uint64_t state;
    IMAPITable *table;
};

static unsigned pick(struct chance *chance, unsigned below)
{
    chance->state = chance->state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(chance->state >> 33) % below;
}

/* A failure is one of the test's, on its own thread, at its end. */
static void expect(struct chance *chance, bool condition, const char *what)
{
    if (!condition && !atomic_exchange(&chance->race->failed, true))
        print_error("%s\n", what);
}

/* False: the logon is over. */
static bool goes_on(struct chance *chance, HRESULT hr)
{
    switch (hr) {
    case S_OK:
    case MAPI_W_POSITION_CHANGED:
    case MAPI_W_PARTIAL_COMPLETION:
    case MAPI_E_NOT_FOUND:
    case MAPI_E_INVALID_BOOKMARK:   /* another thread has sorted */
    case MAPI_E_UNABLE_TO_COMPLETE: /* likewise */
    case MAPI_E_UNABLE_TO_ABORT:
    case MAPI_E_BUSY:
    case MAPI_E_OBJECT_CHANGED:
    case MAPI_E_OBJECT_DELETED:
        return true;
    default:
        expect(chance, hr == MAPI_E_INVALID_OBJECT, host_hr_name(hr));
        return false;
    }
}

/* --- readers ---------------------------------------------------------------------------------- */

static HRESULT read_rows(struct chance *chance, struct row_key *out_key)
{
    IMAPITable *table = chance->table;
    LPSRowSet rows = NULL;
    HRESULT hr = table->lpVtbl->QueryRows(
            table, (LONG)pick(chance, 40) - 10, pick(chance, 2) ? TBL_NOADVANCE : 0, &rows);

    if (hr == MAPI_E_INVALID_PARAMETER) /* no rows were asked for */
        return S_OK;
    for (ULONG i = 0; hr == S_OK && i < rows->cRows; i++) {
        const SPropValue *values = rows->aRow[i].lpProps;
        bool is_heading = values[LINE_TYPE].Value.l != TBL_LEAF_ROW;

        expect(chance, rows->aRow[i].cValues == LINE_COLUMNS, "a row has not its columns");
        expect(chance, values[LINE_KEY].ulPropTag == PR_INSTANCE_KEY, "a row has no key");
        if (is_heading)
            expect(chance,
                    values[LINE_COUNT].Value.l > 0 &&
                            values[LINE_UNREAD].Value.l <= values[LINE_COUNT].Value.l,
                    "a heading counts wrong");
        if (values[LINE_KEY].Value.bin.cb <= sizeof(out_key->bytes) &&
                (out_key->size == 0 || is_heading)) {
            out_key->size = values[LINE_KEY].Value.bin.cb;
            memcpy(out_key->bytes, values[LINE_KEY].Value.bin.lpb, out_key->size);
        }
    }
    mapi_free_rows(rows);
    return hr;
}

static HRESULT sort_table(struct chance *chance)
{
    static const struct sort_order orders[] = { { 0, 0, 0, { { 0, 0 } } },
        { 1, 0, 0, { { PR_SUBJECT_W, TABLE_SORT_DESCEND } } },
        { 2, 1, 1, { { PR_SENDER_NAME_W, TABLE_SORT_ASCEND }, { NUMBER, TABLE_SORT_ASCEND } } },
        { 3, 2, 1,
                { { PR_SENDER_NAME_W, TABLE_SORT_ASCEND },
                        { PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_CATEG_MAX | TABLE_SORT_DESCEND },
                        { PR_SUBJECT_W, TABLE_SORT_ASCEND } } },
        { 2, 2, 0, { { PR_IMPORTANCE, TABLE_SORT_DESCEND }, { PR_SENDER_NAME_W, 0 } } } };

    union {
        struct sort_order order;
        SSortOrderSet set;
    } both = { .order = orders[pick(chance, COUNT_OF(orders))] };

    return chance->table->lpVtbl->SortTable(
            chance->table, &both.set, pick(chance, 4) ? 0 : TBL_ASYNC);
}

/* Restricts, or finds a row. */
static HRESULT filter_or_find(struct chance *chance, bool find)
{
    IMAPITable *table = chance->table;
    SPropValue number = long_value(NUMBER, (LONG)pick(chance, 5));
    SPropValue text = text_value(PR_SUBJECT_W, pick(chance, 2) ? u"m1" : u"3");
    SPropValue unread = long_value(PR_CONTENT_UNREAD, (LONG)pick(chance, 4));
    SRestriction parts[2] = { compare_with(pick(chance, RELOP_NE + 1), &number),
        { .rt = RES_CONTENT } };
    SRestriction whole = { .rt = RES_OR };

    parts[1].res.resContent.ulFuzzyLevel = FL_SUBSTRING | FL_IGNORECASE;
    parts[1].res.resContent.ulPropTag = PR_SUBJECT_W;
    parts[1].res.resContent.lpProp = &text;
    whole.res.resOr.cRes = 2;
    whole.res.resOr.lpRes = parts;
    if (find && pick(chance, 3) == 0)
        whole = compare_with(RELOP_GE, &unread);
    else if (pick(chance, 2))
        whole = parts[pick(chance, 2)];
    if (find)
        return table->lpVtbl->FindRow(
                table, &whole, pick(chance, 3), pick(chance, 2) ? DIR_BACKWARD : 0);
    return table->lpVtbl->Restrict(
            table, pick(chance, 3) ? &whole : NULL, pick(chance, 4) ? 0 : TBL_ASYNC);
}

static HRESULT use_bookmark(struct chance *chance)
{
    IMAPITable *table = chance->table;
    BOOKMARK made = 0;
    LONG moved = 0;
    HRESULT hr = table->lpVtbl->SeekRowApprox(table, pick(chance, 11), 10);

    if (hr == S_OK)
        hr = table->lpVtbl->CreateBookmark(table, &made);
    if (hr != S_OK)
        return hr;
    hr = filter_or_find(chance, true);
    if (hr != MAPI_E_INVALID_OBJECT)
        hr = table->lpVtbl->SeekRow(table, made, (LONG)pick(chance, 9) - 4, &moved);
    if (hr != MAPI_E_INVALID_OBJECT)
        hr = table->lpVtbl->FreeBookmark(table, made);
    return hr;
}

static HRESULT use_headings(struct chance *chance, struct row_key *key)
{
    IMAPITable *table = chance->table;
    LPSRowSet rows = NULL;
    LPBYTE state = NULL;
    BOOKMARK made = 0;
    ULONG count = 0;
    HRESULT hr;

    switch (pick(chance, 3)) {
    case 0:
        hr = table->lpVtbl->ExpandRow(table, key->size, key->bytes, 5, 0, &rows, &count);
        mapi_free_rows(rows);
        return hr;
    case 1:
        return table->lpVtbl->CollapseRow(table, key->size, key->bytes, 0, &count);
    default:
        hr = table->lpVtbl->GetCollapseState(table, 0, key->size, key->bytes, &count, &state);
        if (hr == S_OK)
            hr = table->lpVtbl->SetCollapseState(table, 0, count, state, &made);
        if (hr == S_OK)
            hr = table->lpVtbl->FreeBookmark(table, made);
        mapi_free(state);
        return hr;
    }
}

static HRESULT ask_where(struct chance *chance)
{
    IMAPITable *table = chance->table;
    ULONG row = 0, numerator = 0, denominator = 0, count = 0;
    HRESULT hr = table->lpVtbl->QueryPosition(table, &row, &numerator, &denominator);

    if (hr != S_OK)
        return hr;
    expect(chance, denominator != 0 && numerator <= denominator, "a position behind the end");
    return table->lpVtbl->GetRowCount(table, 0, &count);
}

static void read_on(void *arg)
{
    struct chance *chance = arg;
    struct row_key key = { 1, { 0 } };
    HRESULT hr = S_OK;

    while (goes_on(chance, hr) && !atomic_load(&chance->race->stop)) {
        atomic_fetch_add(&chance->race->calls, 1);
        switch (pick(chance, 10)) {
        case 0:
            hr = sort_table(chance);
            break;
        case 1:
            hr = filter_or_find(chance, false);
            break;
        case 2:
        case 3:
            hr = filter_or_find(chance, true);
            break;
        case 4:
            hr = use_bookmark(chance);
            break;
        case 5:
        case 6:
            hr = use_headings(chance, &key);
            break;
        case 7:
            hr = ask_where(chance);
            break;
        case 8:
            hr = pick(chance, 4) ? S_OK : chance->table->lpVtbl->Abort(chance->table);
            break;
        default:
            key.size = 0;
            hr = read_rows(chance, &key);
            key.size = key.size > 0 ? key.size : 1;
            break;
        }
    }
}

/* --- writers ---------------------------------------------------------------------------------- */

static HRESULT save_one(struct chance *chance, IMAPIFolder *folder)
{
    static const char16_t *const senders[] = { u"anna", u"Anna", u"bob", u"carl" };
    IMessage *message = NULL;
    WCHAR subject[] = { 'm', (WCHAR)('0' + pick(chance, 10)), 0 };
    SPropValue values[4] = { { .ulPropTag = PR_SUBJECT_W },
        text_value(PR_SENDER_NAME_W, senders[pick(chance, 4)]),
        long_value(NUMBER, (LONG)pick(chance, 5)),
        long_value(PR_IMPORTANCE, (LONG)pick(chance, 3)) };
    HRESULT hr = folder->lpVtbl->CreateMessage(folder, NULL, 0, &message);

    values[0].Value.lpszW = subject;
    if (hr != S_OK)
        return hr;
    hr = message->lpVtbl->SetProps(message, 1 + pick(chance, 4), values, NULL);
    if (hr == S_OK)
        hr = message->lpVtbl->SaveChanges(message, 0);
    message->lpVtbl->Release(message);
    return hr;
}

/* Some rows of a folder are deleted, moved, or flagged. */
static HRESULT treat_some(struct chance *chance, IMAPIFolder *folder, IMAPIFolder *to)
{
    static const SizedSPropTagArray(1, columns) = { 1, { PR_ENTRYID } };
    IMAPITable *table = NULL;
    LPSRowSet rows = NULL;
    SBinary ids[4];
    ENTRYLIST list = { 0, ids };
    HRESULT hr = folder->lpVtbl->GetContentsTable(folder, MAPI_UNICODE, &table);

    union {
        const void *from;
        LPSPropTagArray to;
    } tags = { &columns };

    if (hr != S_OK)
        return hr;
    hr = table->lpVtbl->SetColumns(table, tags.to, 0);
    if (hr == S_OK)
        hr = table->lpVtbl->QueryRows(table, KEPT_MAILS + 4, 0, &rows);
    for (ULONG i = pick(chance, 4); hr == S_OK && i < rows->cRows && list.cValues < 4; i += 7)
        ids[list.cValues++] = rows->aRow[i].lpProps[0].Value.bin;
    if (hr == S_OK && list.cValues > 0) {
        if (pick(chance, 2))
            hr = folder->lpVtbl->SetReadFlags(
                    folder, &list, 0, NULL, pick(chance, 2) ? CLEAR_READ_FLAG : SUPPRESS_RECEIPT);
        else if (pick(chance, 2) || rows->cRows < KEPT_MAILS)
            hr = folder->lpVtbl->CopyMessages(
                    folder, &list, NULL, to, 0, NULL, pick(chance, 2) ? MESSAGE_MOVE : 0);
        else
            hr = folder->lpVtbl->DeleteMessages(folder, &list, 0, NULL, 0);
    }
    mapi_free_rows(rows);
    table->lpVtbl->Release(table);
    return hr;
}

static void write_on(void *arg)
{
    struct chance *chance = arg;
    IMAPIFolder *inbox = chance->race->fx->inbox;
    IMAPIFolder *other = chance->race->other;
    HRESULT hr = S_OK;

    while (goes_on(chance, hr) && !atomic_load(&chance->race->stop)) {
        bool back = pick(chance, 3) == 0;

        atomic_fetch_add(&chance->race->writes, 1);
        hr = pick(chance, 3) ? treat_some(chance, back ? other : inbox, back ? inbox : other)
                             : save_one(chance, inbox);
    }
}

static void write_elsewhere(void *arg)
{
    struct chance *chance = arg;

    while (!atomic_load(&chance->race->stop))
        expect(chance, save_one(chance, chance->race->second.inbox) == S_OK,
                "the other session cannot save");
}

/* --- rounds ----------------------------------------------------------------------------------- */

static void begin_search(struct race *race)
{
    SPropValue number = long_value(NUMBER, 2);
    SRestriction restriction = compare_with(RELOP_GE, &number);
    IMAPIFolder *parent = folder_by_prop(race->fx->store, race->fx->store, PR_FINDER_ENTRYID);
    struct places places = { { 0, NULL }, { { 0, NULL } }, { NULL } };

    race->search = search_folder_make(parent, u"results");
    places_add(&places, race->fx->inbox);
    assert_ok(race->search->lpVtbl->SetSearchCriteria(
            race->search, &restriction, &places.list, RECURSIVE_SEARCH));
    places_done(&places);
    release_last(parent);
}

/* What a table shows. */
static IMAPIFolder *shown_by(struct race *race, int which)
{
    return which == RESULTS ? race->search : race->fx->inbox;
}

static void begin(struct race *race, struct chance *chances, uint64_t seed)
{
    void *fx = NULL;

    memset(race, 0, sizeof(*race));
    fixture_inbox_setup(&fx);
    race->fx = fx;
    for (int i = 0; i < READERS + WRITERS + 2; i++)
        chances[i] = (struct chance){ .race = race, .state = seed + (uint64_t)i };
    second_open(race->fx, &race->second);
    race->other = folder_make(race->fx->inbox, "other");
    for (int i = 0; i < FIRST_MAILS; i++)
        assert_ok(save_one(&chances[0], race->fx->inbox));
    begin_search(race);
    for (int i = 0; i < READERS; i++)
        race->tables[i] = contents_table(shown_by(race, i));
}

/* The table, without a restriction, is what one is that was opened now. */
static void compare_fresh(struct race *race, int which)
{
    IMAPITable *table = race->tables[which];
    IMAPITable *fresh = contents_table(shown_by(race, which));
    LPSSortOrderSet order = NULL;
    struct row_key key;
    LPBYTE state = NULL;
    BOOKMARK made = 0;
    ULONG size = 0, status;
    LPSRowSet rows;
    char *line;

    assert_ok(table->lpVtbl->WaitForCompletion(table, 0, 0xFFFFFFFF, &status));
    assert_ok(table->lpVtbl->Restrict(table, NULL, 0));
    assert_ok(table->lpVtbl->QuerySortOrder(table, &order));
    assert_ok(fresh->lpVtbl->SortTable(fresh, order, 0));
    if (order->cCategories > 0 && row_count(table) > 0) {
        seek(table, BOOKMARK_BEGINNING, 0);
        rows = query(table, 1, 0);
        key.size = values_of(rows, 0)[LINE_KEY].Value.bin.cb;
        memcpy(key.bytes, values_of(rows, 0)[LINE_KEY].Value.bin.lpb, key.size);
        mapi_free_rows(rows);
        assert_ok(table->lpVtbl->GetCollapseState(table, 0, key.size, key.bytes, &size, &state));
        assert_ok(fresh->lpVtbl->SetCollapseState(fresh, 0, size, state, &made));
        mapi_free(state);
    }
    line = strdup(table_line(table));
    assert_string_equal(line, table_line(fresh));
    free(line);
    mapi_free(order);
    release_last(fresh);
}

static void end(struct race *race, bool is_live)
{
    void *fx = race->fx;

    for (int i = 0; i < READERS; i++) {
        if (is_live)
            compare_fresh(race, i);
        release_last(race->tables[i]);
    }
    release_last(race->search);
    release_last(race->other);
    second_close(&race->second);
    fixture_teardown(&fx);
}

static void run(uint32_t round, uint64_t seed)
{
    enum { THREADS = READERS + 1 + WRITERS + 1 };
    struct chance chances[THREADS];
    struct host_thread *threads[THREADS];
    struct race race;
    IMSLogon *logon = NULL;
    ULONG flags = 0;

    begin(&race, chances, seed);
    for (int i = 0; i < THREADS; i++) {
        chances[i].table = race.tables[i % READERS]; /* the first has two readers */
        threads[i] = host_thread_start(i <= READERS      ? read_on
                                       : i < THREADS - 1 ? write_on
                                                         : write_elsewhere,
                &chances[i]);
    }
    while ((atomic_load(&race.calls) < LEAST_CALLS + 150 * round ||
                   atomic_load(&race.writes) == 0) &&
            !atomic_load(&race.failed))
        host_sleep_ms(1);
    if (round % 2 == 0) {
        logon = host_support_unbind(race.fx->support);
        assert_ok(logon->lpVtbl->Logoff(logon, &flags));
    }
    atomic_store(&race.stop, true);
    for (int i = 0; i < THREADS; i++)
        host_thread_join(threads[i]);
    assert_false(atomic_load(&race.failed));
    if (logon != NULL)
        release_last(logon);
    end(&race, round % 2 != 0);
}

/* Threads.Rules.1 Teardown.Invalid.5 IMAPITable.GetStatus.4 */
static void tables__readers_and_writers__whole_until_logoff(void **state)
{
    uint32_t seed = env_number("MAILKEEP_SEED", 1);
    uint32_t rounds = env_number("MAILKEEP_ROUNDS", ROUNDS);

    (void)state;
    for (uint32_t round = 0; round < rounds; round++)
        run(round % ROUNDS, (seed + round) * 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables__readers_and_writers__whole_until_logoff),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
