/* SPDX-License-Identifier: MIT */
/*
 * test_table_oracle.c - a contents table against a naive one, through random changes and calls.
 *
 * The naive table keeps the messages in an array, filters by asking, sorts by insertion and groups
 * by walking. Both are told as one line and must be the same after every step; so must the cursor
 * and the bookmarks. A failure names the seed and the step. MAILKEEP_SEED: the first seed, and the
 * only one unless MAILKEEP_ROUNDS says how many.
 */
#include "com/table_pair.h"

enum { ROUNDS = 24 };

static struct pair *current; /* to be told of when a check fails */

/* --- steps: calls of the table ---------------------------------------------------------------- */

/* Something about the category before: a property more, or what orders its headings. */
static void add_special(struct pair *pair, struct sort_order *order, ULONG tag)
{
    static const ULONG aggregates[] = { NUMBER, PR_MESSAGE_DELIVERY_TIME, PR_IMPORTANCE,
        PR_SUBJECT_W };
    static const ULONG narrow[] = { PR_MESSAGE_DELIVERY_TIME, PR_IMPORTANCE, PR_SUBJECT_W };
    SSortOrder *sort = &order->aSort[order->cSorts++];

    sort->ulPropTag = tag;
    sort->ulOrder = TABLE_SORT_COMBINE;
    if (roll(pair, 2)) {
        sort->ulPropTag = pair->is_narrow ? narrow[roll(pair, 3)] : aggregates[roll(pair, 4)];
        sort->ulOrder = roll(pair, 2) ? TABLE_SORT_CATEG_MAX : TABLE_SORT_CATEG_MIN;
    }
    sort->ulOrder |= roll(pair, 2) ? TABLE_SORT_DESCEND : 0;
}

/* One more property that is not among the keys yet; at most one way to the words. */
static ULONG unused_tag(struct pair *pair, unsigned *used)
{
    static const ULONG tags[] = { PR_SUBJECT_W, PR_SENDER_NAME_W, PR_MESSAGE_DELIVERY_TIME,
        PR_IMPORTANCE, NUMBER, WORDS, WORDS_EACH, RATIO, BYTES };
    unsigned key;

    do
        key = roll(pair, pair->is_narrow ? 4 : COUNT_OF(tags));
    while ((*used >> key & 1) != 0);
    *used |= 1u << key;
    if (tags[key] == WORDS || tags[key] == WORDS_EACH)
        *used |= 3u << 5;
    return tags[key];
}

static void random_order(struct pair *pair, struct sort_order *order)
{
    unsigned used = 0;
    ULONG wanted = roll(pair, 4);
    ULONG categories = roll(pair, 4) ? roll(pair, wanted + 1) : 0;
    bool has_aggregate = false;

    memset(order, 0, sizeof(*order));
    for (ULONG i = 0; i < wanted && order->cSorts < MAX_SORTS; i++) {
        SSortOrder *sort = &order->aSort[order->cSorts++];

        sort->ulPropTag = unused_tag(pair, &used);
        sort->ulOrder = roll(pair, 2) ? TABLE_SORT_DESCEND : TABLE_SORT_ASCEND;
        if (i >= categories)
            continue;
        order->cCategories = order->cSorts;
        has_aggregate = false;
        while (!has_aggregate && order->cSorts < MAX_SORTS && roll(pair, 3) == 0) {
            add_special(pair, order, unused_tag(pair, &used));
            has_aggregate = order->aSort[order->cSorts - 1].ulOrder >= TABLE_SORT_CATEG_MAX;
            /* Counted among the categories or not, while it is the last of them. */
            if (i + 1 < categories || roll(pair, 2) || order->cCategories + 1 < order->cSorts)
                order->cCategories = order->cSorts;
        }
    }
    order->cExpanded = roll(pair, order->cCategories + 1);
}

static void step_sort(struct pair *pair)
{
    struct naive *naive = &pair->naive;

    random_order(pair, &naive->order);
    sort(pair->table, &naive->order);
    naive->plan = plan_of(&naive->order);
    forget_places(naive);
    naive->state_count = 0;
}

/* A restriction over what the messages have; `own`: over what tables add, too. */
static LPSRestriction make_restriction(struct pair *pair, struct forest *forest, bool own)
{
    static const ULONG tags[] = { PR_SUBJECT_W, PR_SENDER_NAME_W, PR_MESSAGE_DELIVERY_TIME,
        PR_IMPORTANCE, PR_CONTENT_COUNT, PR_CONTENT_UNREAD, PR_ROW_TYPE, PR_DEPTH, NUMBER, WORDS,
        RATIO, BYTES };
    static const ULONG stored[] = { PR_SUBJECT_W, PR_SENDER_NAME_W, PR_MESSAGE_DELIVERY_TIME,
        PR_IMPORTANCE, NUMBER, WORDS, RATIO, BYTES };
    struct naive_row rows[MAX_MAILS];
    struct ground ground = { own ? tags : stored, own ? COUNT_OF(tags) : COUNT_OF(stored), rows,
        pair->naive.mail_count, NULL, NULL };
    SRestriction *root;

    if (pair->is_narrow)
        ground.tag_count = own ? 8 : 4;
    for (size_t i = 0; i < pair->naive.mail_count; i++)
        rows[i] = (struct naive_row){ .props = pair->naive.mails[i].props,
            .count = pair->naive.mails[i].prop_count };
    forest->used = 0;
    root = forest_take(forest, sizeof(*root));
    random_tree(forest, &ground, 1 + roll(pair, 4), root);
    tell_restriction(root, pair->what, sizeof(pair->what));
    return root;
}

static void step_filter(struct pair *pair)
{
    LPSRestriction restriction = NULL;

    pair->naive.filter = NULL;
    if (roll(pair, pair->is_narrow ? 2 : 4))
        restriction = make_restriction(pair, &pair->filter, false);
    assert_ok(
            pair->table->lpVtbl->Restrict(pair->table, restriction, roll(pair, 2) ? TBL_BATCH : 0));
    pair->naive.filter = restriction;
    forget_places(&pair->naive);
}

/* Something that headings, or few rows, have. */
static void wish_for_few(struct pair *pair, SRestriction *wish)
{
    static const ULONG tags[] = { PR_CONTENT_COUNT, PR_CONTENT_UNREAD, PR_IMPORTANCE };
    SPropValue *value = forest_take(&pair->wish, sizeof(*value));
    SRestriction *exists = forest_take(&pair->wish, sizeof(*exists));

    *value = long_value(tags[roll(pair, 3)], (LONG)roll(pair, 4));
    *wish = compare_with(roll(pair, RELOP_NE + 1), value);
    if (roll(pair, 2))
        return;
    exists->rt = RES_EXIST;
    exists->res.resExist.ulPropTag = roll(pair, 2) ? PR_SUBJECT_W : PR_SENDER_NAME_W;
    wish->rt = RES_NOT;
    wish->res.resNot.lpRes = exists;
}

/* What the rows are sorted by, where the order tells where it is. */
static void wish_for(struct pair *pair, const SPropValue *has, SRestriction *wish)
{
    SPropValue *value = forest_take(&pair->wish, sizeof(*value));

    *value = *has;
    *wish = compare_with(roll(pair, RELOP_NE + 1), value);
    if (PROP_TYPE(has->ulPropTag) != PT_UNICODE || roll(pair, 2))
        return;
    value->Value.lpszW = random_part(&pair->wish, has->Value.lpszW);
    if (roll(pair, 4) == 0)
        return;
    wish->rt = RES_CONTENT;
    wish->res.resContent.ulFuzzyLevel = FL_PREFIX | (roll(pair, 4) ? FL_IGNORECASE : 0);
}

static LPSRestriction make_wish(struct pair *pair)
{
    const struct naive *naive = &pair->naive;
    ULONG tag = naive->order.cSorts > 0 && roll(pair, 2) ? naive->order.aSort[0].ulPropTag : 0;
    const SPropValue *value = NULL;
    LPSRestriction wish;

    if (tag != 0 && naive->mail_count > 0)
        value = prop_of(&naive->mails[roll(pair, naive->mail_count)], tag);
    if (value == NULL && roll(pair, 3))
        return make_restriction(pair, &pair->wish, true);
    pair->wish.used = 0;
    wish = forest_take(&pair->wish, sizeof(*wish));
    if (value != NULL)
        wish_for(pair, value, wish);
    else
        wish_for_few(pair, wish);
    tell_restriction(wish, pair->what, sizeof(pair->what));
    return wish;
}

/* A place to begin at, the same in both tables, and what it says of itself. */
static BOOKMARK random_origin(struct pair *pair, size_t *out_at, HRESULT *out_hr)
{
    struct naive *naive = &pair->naive;
    struct mark *mark = &naive->marks[roll(pair, MAX_MARKS)];
    BOOKMARK origin = roll(pair, 3);

    *out_hr = S_OK;
    *out_at = origin == BOOKMARK_BEGINNING ? 0
              : origin == BOOKMARK_END     ? naive->shown_count
                                           : naive->cursor;
    if (!mark->used || roll(pair, 2))
        return origin;
    *out_at = mark->at;
    *out_hr = mark->moved ? MAPI_W_POSITION_CHANGED : S_OK;
    mark->moved = false;
    return mark->handle;
}

static void step_find(struct pair *pair)
{
    struct naive *naive = &pair->naive;
    LPSRestriction restriction = make_wish(pair);
    bool backward = roll(pair, 2) != 0;
    bool found = false;
    HRESULT expected, hr;
    size_t at;
    BOOKMARK origin = random_origin(pair, &at, &expected);

    while (!found && (backward ? at > 0 : at < naive->shown_count)) {
        struct seen seen;

        at -= backward;
        see_row(naive, &naive->shown[at], &seen);
        found = naive_matches(restriction, &seen.row);
        at += !backward && !found;
    }
    hr = pair->table->lpVtbl->FindRow(
            pair->table, restriction, origin, backward ? DIR_BACKWARD : 0);
    if (hr != (found ? expected : MAPI_E_NOT_FOUND))
        fail_msg("%s: FindRow %s from %u: %s, not %s", pair->what,
                backward ? "backward" : "forward", (unsigned)origin, host_hr_name(hr),
                host_hr_name(found ? expected : MAPI_E_NOT_FOUND));
    if (found)
        naive->cursor = at;
}

static void step_columns(struct pair *pair)
{
    bool was = expands(&pair->naive);

    if (pair->is_narrow)
        return;
    pair->naive.each_word = !pair->naive.each_word;
    put_columns(pair, pair->table);
    if (was == expands(&pair->naive))
        return;
    for (size_t i = 0; i < MAX_MARKS; i++)
        pair->naive.marks[i].used = false;
}

/* What was behind the last row stays there, also when the last heading opens. */
static void evaluate_expanded(struct naive *naive)
{
    bool at_end[MAX_MARKS];

    for (size_t i = 0; i < MAX_MARKS; i++)
        at_end[i] = naive->marks[i].at == naive->shown_count;
    evaluate(naive);
    for (size_t i = 0; i < MAX_MARKS; i++) {
        if (at_end[i])
            naive->marks[i].at = naive->shown_count;
    }
}

static void step_toggle(struct pair *pair)
{
    struct naive *naive = &pair->naive;
    size_t at = naive->shown_count > 0 ? roll(pair, naive->shown_count) : 0;
    size_t before = naive->shown_count;
    LPSRowSet more_rows = NULL;
    struct row_key key;
    ULONG wanted = roll(pair, 4);
    ULONG count;

    while (at < naive->shown_count && !naive->shown[at].is_heading)
        at++;
    if (at >= naive->shown_count)
        return;
    key = key_at(pair, at);
    if (naive->shown[at].expanded) {
        state_of(naive, naive->shown[at].path, false)->expanded = false;
        assert_ok(pair->table->lpVtbl->CollapseRow(pair->table, key.size, key.bytes, 0, &count));
        evaluate(naive);
        assert_int_equal(count, before - naive->shown_count);
    } else {
        state_of(naive, naive->shown[at].path, true)->expanded = true;
        assert_ok(pair->table->lpVtbl->ExpandRow(
                pair->table, key.size, key.bytes, wanted, 0, &more_rows, &count));
        evaluate_expanded(naive);
        assert_int_equal(count, naive->shown_count - before);
        assert_int_equal(more_rows->cRows, wanted < count ? wanted : count);
        check_rows(pair, at + 1, more_rows);
        naive->cursor = at + 1 + more_rows->cRows;
        mapi_free_rows(more_rows);
    }
}

static void step_read(struct pair *pair)
{
    struct naive *naive = &pair->naive;
    LONG wanted = (LONG)roll(pair, 11) - 5;
    bool advance = roll(pair, 3) != 0;
    size_t count, first;
    LPSRowSet rows;

    if (wanted == 0)
        wanted = 7;
    if (wanted > 0) {
        first = naive->cursor;
        count = naive->shown_count - first < (size_t)wanted ? naive->shown_count - first
                                                            : (size_t)wanted;
        naive->cursor += advance ? count : 0;
    } else {
        count = naive->cursor < (size_t)-wanted ? naive->cursor : (size_t)-wanted;
        first = naive->cursor -= count;
    }
    rows = query(pair->table, wanted, advance ? 0 : TBL_NOADVANCE);
    assert_int_equal(rows->cRows, count);
    check_rows(pair, first, rows);
    mapi_free_rows(rows);
}

static void step_mark(struct pair *pair)
{
    struct mark *mark = &pair->naive.marks[roll(pair, MAX_MARKS)];

    if (mark->used)
        assert_ok(pair->table->lpVtbl->FreeBookmark(pair->table, mark->handle));
    mark->used = true;
    mark->moved = false;
    mark->at = pair->naive.cursor;
    mark->handle = bookmark(pair->table);
}

static void step_seek(struct pair *pair)
{
    struct naive *naive = &pair->naive;
    LONG rows = (LONG)roll(pair, 9) - 4;
    LONG moved = (LONG)POISON_LONG;
    HRESULT expected;
    size_t from;
    BOOKMARK origin = random_origin(pair, &from, &expected);
    long to = (long)from + rows;

    to = to < 0 ? 0 : to > (long)naive->shown_count ? (long)naive->shown_count : to;
    assert_hr(pair->table->lpVtbl->SeekRow(pair->table, origin, rows, &moved), expected);
    assert_int_equal(moved, to - (long)from);
    naive->cursor = (size_t)to;
}

/* A share of the rows. The contract says "near"; it is the whole number below. */
static void step_approx(struct pair *pair)
{
    ULONG denominator = 1 + roll(pair, 1000);
    ULONG numerator = roll(pair, denominator + 3);

    assert_ok(pair->table->lpVtbl->SeekRowApprox(pair->table, numerator, denominator));
    pair->naive.cursor = numerator >= denominator
                                 ? pair->naive.shown_count
                                 : pair->naive.shown_count * numerator / denominator;
}

/* --- steps: states of headings ---------------------------------------------------------------- */

static void save_state(struct pair *pair, struct saved *saved)
{
    struct naive *naive = &pair->naive;
    size_t at = roll(pair, naive->shown_count);
    struct row_key key = key_at(pair, at);

    mapi_free(saved->bytes);
    saved->bytes = NULL;
    assert_ok(pair->table->lpVtbl->GetCollapseState(
            pair->table, 0, key.size, key.bytes, &saved->size, &saved->bytes));
    saved->order = naive->order;
    saved->place = naive->shown[at];
    saved->state_count = naive->state_count;
    memcpy(saved->states, naive->states, naive->state_count * sizeof(naive->states[0]));
}

static void step_save(struct pair *pair)
{
    if (pair->naive.shown_count > 0 && pair->naive.plan.level_count > 0)
        save_state(pair, &pair->saved);
}

static bool is_same_order(const struct sort_order *a, const struct sort_order *b)
{
    return a->cSorts == b->cSorts && a->cCategories == b->cCategories &&
           memcmp(a->aSort, b->aSort, a->cSorts * sizeof(a->aSort[0])) == 0;
}

/* The innermost visible heading that a leaf is under. */
static size_t heading_of(const struct naive *naive, const struct leaf *leaf)
{
    char path[NAME_SIZE] = "";
    size_t found = SIZE_MAX;

    for (size_t level = 0; level < naive->plan.level_count; level++) {
        size_t at;

        put_path(naive, path, leaf, &naive->plan.levels[level]);
        at = find_shown(naive, path);
        found = at != SIZE_MAX ? at : found;
    }
    return found;
}

/* Where the saved row is: itself, or its heading, or that of another row of the same message. */
static size_t saved_place(const struct naive *naive, const struct saved *saved)
{
    static struct leaf leaves[MAX_LEAVES];
    size_t found = find_shown(naive, saved->place.id);
    size_t count;

    if (found != SIZE_MAX || saved->place.is_heading)
        return found != SIZE_MAX ? found : 0;
    count = make_leaves(naive, leaves);
    arrange(naive, leaves, 0, count, 0);
    for (size_t i = 0; i < count; i++) {
        char id[NAME_SIZE];

        snprintf(id, sizeof(id), "m%u.%u", leaves[i].mail->id, leaves[i].instance);
        if (strcmp(id, saved->place.id) == 0)
            return heading_of(naive, &leaves[i]);
        if (found == SIZE_MAX &&
                strncmp(id, saved->place.id, strcspn(saved->place.id, ".") + 1) == 0)
            found = heading_of(naive, &leaves[i]);
    }
    return found != SIZE_MAX ? found : 0;
}

/* A bookmark that a call has made, at a place; it is given back. */
static void check_made(IMAPITable *table, BOOKMARK made, size_t at)
{
    seek(table, made, 0);
    assert_int_equal(cursor_row(table), at);
    assert_ok(table->lpVtbl->FreeBookmark(table, made));
}

static void step_restore(struct pair *pair)
{
    struct naive *naive = &pair->naive;
    const struct saved *saved = &pair->saved;
    BOOKMARK made = POISON_CONN;
    HRESULT hr;

    if (saved->bytes == NULL)
        return;
    hr = pair->table->lpVtbl->SetCollapseState(pair->table, 0, saved->size, saved->bytes, &made);
    if (!is_same_order(&saved->order, &naive->order)) {
        assert_hr(hr, MAPI_E_UNABLE_TO_COMPLETE);
        assert_true(made == 0);
        return;
    }
    assert_ok(hr);
    for (size_t i = 0; i < saved->state_count; i++) {
        for (size_t k = 0; k < naive->state_count; k++) {
            if (strcmp(naive->states[k].path, saved->states[i].path) == 0)
                naive->states[k].expanded = saved->states[i].expanded;
        }
    }
    evaluate(naive);
    check_made(pair->table, made, saved_place(naive, saved));
    seek(pair->table, BOOKMARK_BEGINNING, (LONG)naive->cursor);
}

/* Another table, of the same order and restriction, is given the state of the headings. */
static void step_other(struct pair *pair)
{
    static struct saved saved;
    struct naive *naive = &pair->naive;
    IMAPITable *other = NULL;
    BOOKMARK made = POISON_CONN;
    LPSRowSet rows;

    union {
        const SRestriction *from;
        LPSRestriction to;
    } filter = { .from = naive->filter };

    assert_ok(pair->fx->inbox->lpVtbl->GetContentsTable(pair->fx->inbox, MAPI_UNICODE, &other));
    put_columns(pair, other);
    sort(other, &naive->order);
    assert_ok(other->lpVtbl->Restrict(other, filter.to, 0));
    if (naive->shown_count > 0 && naive->plan.level_count > 0) {
        save_state(pair, &saved);
        assert_ok(other->lpVtbl->SetCollapseState(other, 0, saved.size, saved.bytes, &made));
        check_made(other, made, find_shown(naive, saved.place.id));
        mapi_free(saved.bytes);
        saved.bytes = NULL;
    }
    seek(other, BOOKMARK_BEGINNING, 0);
    rows = query(other, ALL_ROWS, 0);
    check_rows(pair, 0, rows);
    assert_int_equal(rows->cRows, naive->shown_count);
    mapi_free_rows(rows);
    release_last(other);
}

/* --- runs ------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*run)(struct pair *pair);
    unsigned weight;
} steps[] = {
    { "add", step_add, 6 },
    { "change", step_change, 5 },
    { "delete", step_delete, 4 },
    { "sort", step_sort, 2 },
    { "filter", step_filter, 1 },
    { "columns", step_columns, 1 },
    { "toggle", step_toggle, 6 },
    { "read", step_read, 6 },
    { "find", step_find, 16 },
    { "mark", step_mark, 5 },
    { "seek", step_seek, 5 },
    { "flag", step_flag, 3 },
    { "approx", step_approx, 2 },
    { "save", step_save, 3 },
    { "restore", step_restore, 4 },
    { "other", step_other, 1 },
};

enum { NARROW_STEPS = 3 }; /* "sort" and "filter": what evaluates */

static void run_step(struct pair *pair, unsigned number, uint64_t first_seed)
{
    unsigned pick = roll(pair, 70); /* the sum of the weights */
    size_t i = 0;

    while (pick >= steps[i].weight)
        pick -= steps[i++].weight;
    if (pair->is_narrow && roll(pair, 3) == 0)
        i = NARROW_STEPS + roll(pair, 2);
    snprintf(pair->what, sizeof(pair->what), "seed %u, step %u (%s) ", (unsigned)first_seed, number,
            steps[i].name);
    steps[i].run(pair);
    evaluate(&pair->naive);
    check_all(pair);
}

static void run(struct fixture *fx, uint64_t first_seed)
{
    struct pair *pair = calloc(1, sizeof(*pair));
    struct host_sink sink;
    ULONG_PTR connection = 0;

    assert_non_null(pair);
    host_sink_init(&sink);
    forest_init(&pair->values, first_seed);
    forest_init(&pair->filter, first_seed + 1000);
    forest_init(&pair->wish, first_seed + 2000);
    current = pair;
    pair->fx = fx;
    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, MAPI_UNICODE, &pair->table));
    put_columns(pair, pair->table);
    pair->is_narrow = first_seed % 2 == 0;
    for (unsigned i = 0; i < (pair->is_narrow ? 32 : 12); i++)
        step_add(pair);
    evaluate(&pair->naive);
    if (first_seed % 3 == 0) /* whoever is told of changes is evaluated at once */
        assert_ok(pair->table->lpVtbl->Advise(
                pair->table, fnevTableModified, &sink.IMAPIAdviseSink_iface, &connection));
    for (unsigned i = 0; i < STEPS; i++)
        run_step(pair, i, first_seed);
    for (size_t i = 0; i < pair->naive.mail_count; i++)
        mapi_free(pair->naive.mails[i].entry_id);
    mapi_free(pair->saved.bytes);
    if (connection != 0)
        assert_ok(pair->table->lpVtbl->Unadvise(pair->table, connection));
    host_sink_done(&sink);
    release_last(pair->table);
    free(pair->values.block);
    free(pair->filter.block);
    free(pair->wish.block);
    free(pair);
    current = NULL;
}

/* IMAPITable.SortTable.1 IMAPITable.SortTable.2 IMAPITable.SortTable.8 IMAPITable.SortTable.9
 * IMAPITable.SortTable.13 IMAPITable.SortTable.24 IMAPITable.GetStatus.4 IMAPITable.Restrict.1
 * IMAPITable.CreateBookmark.1 IMAPITable.CollapseRow.3 IMAPITable.GetRowCount.1
 * IMAPITable.GetRowCount.2 IMAPITable.QueryRows.7 restriction.General.4 IMAPITable.SortTable.11
 * IMAPITable.SortTable.12 IMAPITable.SortTable.14 IMAPITable.SortTable.15 IMAPITable.SortTable.16
 * IMAPITable.SortTable.17 IMAPITable.SortTable.18 IMAPITable.SortTable.19 IMAPITable.SortTable.21
 * IMAPITable.SortTable.25 IMAPITable.ExpandRow.1 IMAPITable.ExpandRow.2 IMAPITable.ExpandRow.3
 * IMAPITable.ExpandRow.4 IMAPITable.CollapseRow.1 IMAPITable.GetCollapseState.1
 * IMAPITable.GetCollapseState.3 IMAPITable.SetCollapseState.1 IMAPITable.SetCollapseState.2
 * IMAPITable.SetCollapseState.3 IMAPITable.SeekRowApprox.1 IMAPITable.SeekRowApprox.2
 * IMAPITable.SeekRowApprox.4 IMAPITable.FindRow.1 IMAPITable.FindRow.2 IMAPITable.FindRow.4
 * IMAPITable.FindRow.7 IMAPITable.SeekRow.7 IMAPITable.SeekRow.8 */
static void table__random_steps__is_as_the_naive_one(void **state)
{
    struct fixture *fx = *state;
    uint32_t first = env_number("MAILKEEP_SEED", 0);
    uint32_t rounds = env_number("MAILKEEP_ROUNDS", first != 0 ? 1 : ROUNDS);

    for (uint32_t round = 0; round < rounds; round++) {
        uint32_t run_seed = round + (first != 0 ? first : 1);
        IMAPIFolder *inbox = fx->inbox;
        char name[32];

        snprintf(name, sizeof(name), "run%u", (unsigned)run_seed);
        fx->inbox = folder_make(inbox, name);
        run(fx, run_seed);
        release_last(fx->inbox);
        fx->inbox = inbox;
    }
}

/* What led to a failure. */
static int teardown(void **state)
{
    if (current != NULL)
        print_message("%s\n", current->what);
    return fixture_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                table__random_steps__is_as_the_naive_one, fixture_inbox_setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
