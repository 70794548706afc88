/* SPDX-License-Identifier: MIT */
/*
 * test_table_kinds_oracle.c - every kind of table against a naive one, through random changes and
 * calls: receive folders, the outgoing queue and the parts of a message as well as contents.
 *
 * Rows have a name and come and go. The naive table is an array that is filtered by asking and
 * sorted by insertion; rows, cursor, bookmarks and instance keys must be the same after every step,
 * and in some rounds the rows as notifications tell them. A failure names kind, seed and step.
 * MAILKEEP_SEED: the first seed, and the only one unless MAILKEEP_ROUNDS says how many.
 */
#include "com/restrict_random.h"
#include "com/table_kinds.h"
#include "com/table_model.h"

#define ABSENT_NUMBER PROP_TAG(PT_LONG, 0x6777)
#define ABSENT_TEXT PROP_TAG(PT_UNICODE, 0x6778)

enum { MAX_ROWS = 24, MAX_ORDINALS = 256, MAX_MARKS = 3, STEPS = 70, ROUNDS = 4 };

enum { COL_NAME, COL_KEY, COL_NULL, COL_TYPE, COLUMNS };

struct named {
    struct kind_row row;
    SPropValue value; /* the name, in memory that stays: restrictions point to it */
};

struct mark {
    BOOKMARK handle; /* 0: none */
    size_t at;
    bool moved;
};

struct pair {
    struct kinds_world world;
    IMAPITable *table;
    bool is_live;
    struct model model; /* of a live one */
    struct named rows[MAX_ROWS];
    size_t row_count;
    bool is_sorted;
    bool is_descending;
    const SRestriction *filter; /* NULL: all */
    unsigned shown[MAX_ROWS];   /* ordinals */
    size_t shown_count;
    size_t cursor;
    struct mark marks[MAX_MARKS];
    struct row_key keys[MAX_ORDINALS]; /* of all rows that ever were */
    char names[MAX_ORDINALS][16];
    struct forest chance;        /* of the run, with the names */
    struct forest filter_forest; /* of the restriction in force */
    struct forest wish;          /* of what is looked for */
    char what[2048];
};

static struct pair *current; /* to be told of when a check fails */

/* --- the naive table -------------------------------------------------------------------------- */

static bool matches(const SRestriction *restriction, const struct named *named)
{
    struct naive_row row = { .props = &named->value, .count = 1 };

    return restriction == NULL || naive_matches(restriction, &row);
}

static int compare(const struct pair *pair, const struct named *a, const struct named *b)
{
    int order = 0;

    if (pair->is_sorted)
        order = pair->is_descending ? naive_order(&b->value, &a->value)
                                    : naive_order(&a->value, &b->value);
    return order != 0 ? order : pair->world.kind->compare(&a->row, &b->row);
}

static const struct named *named_of(const struct pair *pair, unsigned ordinal)
{
    size_t i = 0;

    while (pair->rows[i].row.ordinal != ordinal)
        i++;
    return &pair->rows[i];
}

static size_t place_of(const struct pair *pair, unsigned ordinal)
{
    size_t i = 0;

    while (i < pair->shown_count && pair->shown[i] != ordinal)
        i++;
    return i < pair->shown_count ? i : SIZE_MAX;
}

/* Where a place among the rows of before is now: on its row, the next one that is still there, or
 * behind the nearest one before. */
static size_t follow(
        const struct pair *pair, const unsigned *old, size_t old_count, size_t at, bool *moved)
{
    for (size_t i = at; i < old_count; i++) {
        if (place_of(pair, old[i]) != SIZE_MAX) {
            *moved |= i != at;
            return place_of(pair, old[i]);
        }
    }
    *moved |= at < old_count;
    for (size_t i = at; i-- > 0;) {
        if (place_of(pair, old[i]) != SIZE_MAX)
            return place_of(pair, old[i]) + 1;
    }
    return 0;
}

static void evaluate(struct pair *pair)
{
    unsigned old[MAX_ROWS];
    size_t old_count = pair->shown_count;
    bool moved = false;

    memcpy(old, pair->shown, sizeof(old));
    pair->shown_count = 0;
    for (size_t i = 0; i < pair->row_count; i++) {
        const struct named *named = &pair->rows[i];
        size_t at = pair->shown_count;

        if (!matches(pair->filter, named))
            continue;
        for (; at > 0 && compare(pair, named, named_of(pair, pair->shown[at - 1])) < 0; at--)
            pair->shown[at] = pair->shown[at - 1];
        pair->shown[at] = named->row.ordinal;
        pair->shown_count++;
    }
    if (pair->cursor > 0)
        pair->cursor = follow(pair, old, old_count, pair->cursor, &moved);
    for (size_t i = 0; i < MAX_MARKS; i++) {
        struct mark *mark = &pair->marks[i];

        if (mark->handle != 0)
            mark->at = follow(pair, old, old_count, mark->at, &mark->moved);
    }
}

static void forget_places(struct pair *pair)
{
    pair->cursor = 0;
    memset(pair->marks, 0, sizeof(pair->marks));
}

/* --- both side by side ------------------------------------------------------------------------ */

static unsigned roll(struct pair *pair, size_t below)
{
    return chance(&pair->chance, below);
}

/* Is the row that was made as the n-th known to the table as the same one? */
static bool is_same_row(const struct pair *pair, unsigned ordinal, unsigned n)
{
    const char *name = pair->names[ordinal];

    return pair->world.kind->is_known && (name[0] | 0x20) == (pair->names[n][0] | 0x20) &&
           strcmp(name + 1, pair->names[n] + 1) == 0;
}

/* A row has one key for good, and no other row has had it. */
static void check_key(struct pair *pair, unsigned ordinal, const SBinary *key)
{
    struct row_key *known = &pair->keys[ordinal];

    assert_true(key->cb > 0 && key->cb <= sizeof(known->bytes));
    if (known->size != 0) {
        if (known->size != key->cb || memcmp(known->bytes, key->lpb, key->cb) != 0)
            fail_msg("%s: row %u has another key", pair->what, ordinal);
        return;
    }
    for (unsigned i = 0; i < MAX_ORDINALS; i++) {
        if (pair->keys[i].size == key->cb && memcmp(pair->keys[i].bytes, key->lpb, key->cb) == 0 &&
                !is_same_row(pair, ordinal, i))
            fail_msg("%s: row %u has the key that row %u had", pair->what, ordinal, i);
    }
    known->size = key->cb;
    memcpy(known->bytes, key->lpb, key->cb);
}

static void check_rows(struct pair *pair, size_t first, LPSRowSet rows)
{
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *values = values_of(rows, i);
        const struct named *named = named_of(pair, pair->shown[first + i]);
        char text[64] = "";

        assert_int_equal(rows->aRow[i].cValues, COLUMNS);
        put_text(text, sizeof(text), &values[COL_NAME]);
        if (strcmp(text, named->row.name) != 0)
            fail_msg("%s: row %u is %s, not %s", pair->what, (unsigned)(first + i), text,
                    named->row.name);
        assert_int_equal(values[COL_KEY].ulPropTag, PR_INSTANCE_KEY);
        check_key(pair, named->row.ordinal, &values[COL_KEY].Value.bin);
        assert_int_equal(values[COL_NULL].ulPropTag, PR_NULL);
        assert_int_equal(values[COL_TYPE].Value.l, TBL_LEAF_ROW);
    }
    mapi_free_rows(rows);
}

/* All rows, without losing the cursor. */
static void check_all(struct pair *pair)
{
    ULONG row = POISON_LONG, numerator = POISON_LONG, denominator = POISON_LONG;
    LPSRowSet rows;

    assert_ok(pair->table->lpVtbl->QueryPosition(pair->table, &row, &numerator, &denominator));
    if (row != pair->cursor)
        fail_msg("%s: the cursor is at %u, not %u", pair->what, (unsigned)row,
                (unsigned)pair->cursor);
    assert_int_equal(denominator, pair->shown_count > 0 ? pair->shown_count : 1);
    assert_int_equal(numerator, pair->shown_count > 0 ? row : 1);
    assert_int_equal(row_count(pair->table), pair->shown_count);
    seek(pair->table, BOOKMARK_BEGINNING, 0);
    rows = query(pair->table, ALL_ROWS, 0);
    if (rows->cRows != pair->shown_count)
        fail_msg("%s: %u rows, not %u", pair->what, (unsigned)rows->cRows,
                (unsigned)pair->shown_count);
    check_rows(pair, 0, rows);
    seek(pair->table, BOOKMARK_BEGINNING, (LONG)pair->cursor);
    if (pair->is_live)
        model_check(&pair->model);
}

/* --- steps: rows ------------------------------------------------------------------------------ */

static bool has_name(const struct pair *pair, const char *name)
{
    for (size_t i = 0; i < pair->row_count; i++) {
        const char *other = pair->rows[i].row.name;

        if ((other[0] | 0x20) == (name[0] | 0x20) && strcmp(other + 1, name + 1) == 0)
            return true;
    }
    return false;
}

/* Names are few, so that they come again, and differ in case. */
static void random_name(struct pair *pair, char *name, size_t size)
{
    do
        snprintf(name, size, "%c%u", "aAbBcCz"[roll(pair, 7)], roll(pair, 6));
    while (pair->world.kind->is_unique && has_name(pair, name));
}

static void step_add(struct pair *pair)
{
    struct named *named = &pair->rows[pair->row_count];

    if (pair->row_count == MAX_ROWS || pair->world.next_ordinal == MAX_ORDINALS)
        return;
    memset(named, 0, sizeof(*named));
    random_name(pair, named->row.name, sizeof(named->row.name));
    if (pair->world.kind == &table_kinds[KIND_DEEP] && pair->row_count > 0 && roll(pair, 2)) {
        const struct kind_row *parent = &pair->rows[roll(pair, pair->row_count)].row;

        if (parent->parent[0] == '\0')
            memcpy(named->row.parent, parent->name, sizeof(parent->name));
    }
    named->row.ordinal = pair->world.next_ordinal++;
    memcpy(pair->names[named->row.ordinal], named->row.name, sizeof(named->row.name));
    pair->world.kind->add(&pair->world, &named->row);
    named->value.ulPropTag = pair->world.kind->name_tag;
    named->value.Value.lpszW = forest_take(&pair->chance, sizeof(named->row.name) * sizeof(WCHAR));
    for (size_t i = 0; named->row.name[i] != '\0'; i++)
        named->value.Value.lpszW[i] = (BYTE)named->row.name[i];
    pair->row_count++;
}

static void drop_row(struct pair *pair, size_t at)
{
    kind_row_done(&pair->rows[at].row);
    memmove(&pair->rows[at], &pair->rows[at + 1],
            (pair->row_count - at - 1) * sizeof(pair->rows[0]));
    pair->row_count--;
}

static void remove_at(struct pair *pair, size_t at)
{
    char name[16];

    memcpy(name, pair->rows[at].row.name, sizeof(name));
    pair->world.kind->remove(&pair->world, &pair->rows[at].row);
    drop_row(pair, at);
    for (size_t i = pair->row_count; i-- > 0;) { /* what was below it */
        if (strcmp(pair->rows[i].row.parent, name) == 0)
            drop_row(pair, i);
    }
}

static void step_remove(struct pair *pair)
{
    if (pair->row_count > 0)
        remove_at(pair, roll(pair, pair->row_count));
}

/* Nothing is told while the client itself changes what is shown. */
static void pause_model(struct pair *pair)
{
    if (pair->is_live)
        model_pause(&pair->model);
}

static void resume_model(struct pair *pair)
{
    if (pair->is_live)
        model_resume(&pair->model);
}

/* --- steps: what is shown --------------------------------------------------------------------- */

static void step_sort(struct pair *pair)
{
    struct sort_order order = { roll(pair, 3), 0, 0,
        { { pair->world.kind->name_tag, 0 }, { ABSENT_NUMBER, TABLE_SORT_DESCEND } } };

    pair->is_sorted = order.cSorts > 0;
    pair->is_descending = pair->is_sorted && roll(pair, 2);
    if (pair->is_descending)
        order.aSort[0].ulOrder = TABLE_SORT_DESCEND;
    if (order.cSorts == 0 && roll(pair, 2)) { /* what no row has puts nothing in order */
        order.cSorts = 1;
        order.aSort[0].ulPropTag = ABSENT_TEXT;
    }
    pause_model(pair);
    sort(pair->table, &order);
    resume_model(pair);
    forget_places(pair);
}

static LPSRestriction make_restriction(struct pair *pair, struct forest *forest)
{
    ULONG tags[] = { pair->world.kind->name_tag, pair->world.kind->name_tag, ABSENT_NUMBER,
        ABSENT_TEXT };
    struct naive_row rows[MAX_ROWS];
    struct ground ground = { tags, COUNT_OF(tags), rows, pair->row_count, NULL, NULL };
    SRestriction *root;

    for (size_t i = 0; i < pair->row_count; i++)
        rows[i] = (struct naive_row){ .props = &pair->rows[i].value, .count = 1 };
    forest->used = 0;
    root = forest_take(forest, sizeof(*root));
    random_tree(forest, &ground, 1 + roll(pair, 4), root);
    tell_restriction(root, pair->what, sizeof(pair->what));
    return root;
}

static void step_filter(struct pair *pair)
{
    LPSRestriction restriction = NULL;

    if (roll(pair, 2))
        restriction = make_restriction(pair, &pair->filter_forest);
    pause_model(pair);
    assert_ok(
            pair->table->lpVtbl->Restrict(pair->table, restriction, roll(pair, 2) ? TBL_BATCH : 0));
    resume_model(pair);
    pair->filter = restriction;
    forget_places(pair);
}

/* --- steps: places ---------------------------------------------------------------------------- */

/* A place to begin at, the same in both tables, and what it says of itself. */
static BOOKMARK random_origin(struct pair *pair, size_t *out_at, HRESULT *out_hr)
{
    struct mark *mark = &pair->marks[roll(pair, MAX_MARKS)];
    BOOKMARK origin = roll(pair, 3);

    *out_hr = S_OK;
    *out_at = origin == BOOKMARK_BEGINNING ? 0
              : origin == BOOKMARK_END     ? pair->shown_count
                                           : pair->cursor;
    if (mark->handle == 0 || roll(pair, 2))
        return origin;
    *out_at = mark->at;
    *out_hr = mark->moved ? MAPI_W_POSITION_CHANGED : S_OK;
    mark->moved = false;
    return mark->handle;
}

static void step_find(struct pair *pair)
{
    LPSRestriction restriction = make_restriction(pair, &pair->wish);
    bool backward = roll(pair, 2) != 0;
    bool found = false;
    HRESULT expected, hr;
    size_t at;
    BOOKMARK origin = random_origin(pair, &at, &expected);

    while (!found && (backward ? at > 0 : at < pair->shown_count)) {
        at -= backward;
        found = matches(restriction, named_of(pair, pair->shown[at]));
        at += !backward && !found;
    }
    hr = pair->table->lpVtbl->FindRow(
            pair->table, restriction, origin, backward ? DIR_BACKWARD : 0);
    if (hr != (found ? expected : MAPI_E_NOT_FOUND))
        fail_msg("%s: FindRow: %s", pair->what, host_hr_name(hr));
    if (found)
        pair->cursor = at;
}

/* By its key; also a row that has gone, or is not shown. */
static void step_find_key(struct pair *pair)
{
    unsigned ordinal = roll(pair, pair->world.next_ordinal + 1);
    struct row_key *key = &pair->keys[ordinal % MAX_ORDINALS];
    SPropValue value = { .ulPropTag = PR_INSTANCE_KEY };
    SRestriction is_key;
    size_t at = SIZE_MAX;

    for (size_t i = 0; i < pair->shown_count; i++) {
        const struct row_key *other = &pair->keys[pair->shown[i]];

        if (other->size == key->size && memcmp(other->bytes, key->bytes, key->size) == 0)
            at = i;
    }
    if (key->size == 0)
        return;
    value.Value.bin.cb = key->size;
    value.Value.bin.lpb = key->bytes;
    is_key = compare_with(RELOP_EQ, &value);
    assert_hr(pair->table->lpVtbl->FindRow(pair->table, &is_key, BOOKMARK_END, DIR_BACKWARD),
            at != SIZE_MAX ? S_OK : MAPI_E_NOT_FOUND);
    if (at != SIZE_MAX)
        pair->cursor = at;
}

static void step_read(struct pair *pair)
{
    LONG wanted = (LONG)roll(pair, 9) - 4;
    bool advance = roll(pair, 3) != 0;
    size_t most = wanted < 0 ? pair->cursor : pair->shown_count - pair->cursor;
    size_t count = (size_t)(wanted < 0 ? -wanted : wanted);
    size_t first;
    LPSRowSet rows;

    if (wanted == 0)
        return;
    count = count < most ? count : most;
    first = wanted < 0 ? pair->cursor - count : pair->cursor;
    rows = query(pair->table, wanted, advance ? 0 : TBL_NOADVANCE);
    assert_int_equal(rows->cRows, count);
    check_rows(pair, first, rows);
    pair->cursor = wanted > 0 && advance ? first + count : first;
}

static void step_mark(struct pair *pair)
{
    struct mark *mark = &pair->marks[roll(pair, MAX_MARKS)];

    if (mark->handle != 0) {
        assert_ok(pair->table->lpVtbl->FreeBookmark(pair->table, mark->handle));
        assert_hr(pair->table->lpVtbl->SeekRow(pair->table, mark->handle, 1, NULL),
                MAPI_E_INVALID_BOOKMARK);
    }
    *mark = (struct mark){ bookmark(pair->table), pair->cursor, false };
}

static void step_seek(struct pair *pair)
{
    LONG rows = (LONG)roll(pair, 9) - 4;
    LONG moved = (LONG)POISON_LONG;
    HRESULT expected;
    size_t from;
    BOOKMARK origin = random_origin(pair, &from, &expected);
    long to = (long)from + rows;

    to = to < 0 ? 0 : to > (long)pair->shown_count ? (long)pair->shown_count : to;
    assert_hr(pair->table->lpVtbl->SeekRow(pair->table, origin, rows, &moved), expected);
    assert_int_equal(moved, to - (long)from);
    pair->cursor = (size_t)to;
}

static void step_approx(struct pair *pair)
{
    ULONG denominator = 1 + roll(pair, 50);
    ULONG numerator = roll(pair, denominator + 3);

    assert_ok(pair->table->lpVtbl->SeekRowApprox(pair->table, numerator, denominator));
    pair->cursor = numerator >= denominator ? pair->shown_count
                                            : pair->shown_count * numerator / denominator;
}

/* --- runs ------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*run)(struct pair *pair);
    unsigned weight;
} steps[] = {
    { "add", step_add, 7 },
    { "remove", step_remove, 5 },
    { "sort", step_sort, 2 },
    { "filter", step_filter, 2 },
    { "find", step_find, 5 },
    { "find key", step_find_key, 3 },
    { "read", step_read, 5 },
    { "mark", step_mark, 4 },
    { "seek", step_seek, 5 },
    { "approx", step_approx, 2 },
};

enum { ALL_WEIGHTS = 40 };

static void run_step(struct pair *pair, unsigned seed, unsigned number)
{
    unsigned pick = roll(pair, ALL_WEIGHTS);
    size_t i = 0;

    while (pick >= steps[i].weight)
        pick -= steps[i++].weight;
    snprintf(pair->what, sizeof(pair->what), "%s, seed %u, step %u (%s) ", pair->world.kind->name,
            seed, number, steps[i].name);
    steps[i].run(pair);
    evaluate(pair);
    check_all(pair);
}

static void run(struct fixture *fx, const struct table_kind *kind, unsigned seed)
{
    ULONG tags[COLUMNS] = { kind->name_tag, PR_INSTANCE_KEY, PR_NULL, PR_ROW_TYPE };
    struct pair *pair = calloc(1, sizeof(*pair));

    assert_non_null(pair);
    current = pair;
    kinds_begin(&pair->world, fx, kind);
    forest_init(&pair->chance, seed);
    forest_init(&pair->filter_forest, seed + 1000);
    forest_init(&pair->wish, seed + 2000);
    pair->table = kind->open(&pair->world, MAPI_UNICODE);
    set_columns(pair->table, tags, COLUMNS);
    check_all(pair); /* without rows */
    pair->is_live = seed % 2 == 0;
    if (pair->is_live)
        model_begin(&pair->model, pair->table, COLUMNS);
    for (unsigned i = 0; i < STEPS; i++)
        run_step(pair, seed, i);
    while (pair->row_count > 0) {
        remove_at(pair, 0);
        evaluate(pair);
        check_all(pair);
    }
    if (pair->is_live)
        model_end(&pair->model);
    release_last(pair->table);
    kinds_end(&pair->world);
    free(pair->chance.block);
    free(pair->filter_forest.block);
    free(pair->wish.block);
    free(pair);
    current = NULL;
}

/* IMAPITable.QueryRows.2 IMAPITable.QueryRows.3 IMAPITable.QueryRows.4 IMAPITable.QueryRows.5
 * IMAPITable.QueryRows.6 IMAPITable.SeekRow.1 IMAPITable.SeekRow.2 IMAPITable.SeekRow.3
 * IMAPITable.SeekRow.4 IMAPITable.SeekRow.6 IMAPITable.SeekRow.7 IMAPITable.SeekRowApprox.1
 * IMAPITable.SeekRowApprox.2 IMAPITable.SeekRowApprox.4 IMAPITable.QueryPosition.1
 * IMAPITable.QueryPosition.2 IMAPITable.QueryPosition.4 IMAPITable.FindRow.1 IMAPITable.FindRow.2
 * IMAPITable.FindRow.3 IMAPITable.FindRow.4 IMAPITable.FindRow.5 IMAPITable.FindRow.7
 * IMAPITable.FindRow.8 IMAPITable.FindRow.10 IMAPITable.FindRow.11 IMAPITable.Restrict.1
 * IMAPITable.Restrict.2 IMAPITable.Restrict.3 IMAPITable.Restrict.7 IMAPITable.Restrict.8
 * IMAPITable.CreateBookmark.1 IMAPITable.FreeBookmark.1 IMAPITable.SortTable.1
 * IMAPITable.SortTable.2 IMAPITable.SortTable.3 IMAPITable.SortTable.6 IMAPITable.SortTable.7
 * IMAPITable.SortTable.24 IMAPITable.SortTable.25 IMAPITable.SetColumns.4
 * IMAPITable.GetRowCount.1 IMAPITable.GetStatus.4 table-columns.InstanceKey.1
 * table-columns.InstanceKey.2 table-columns.OutgoingQueue.2 restriction.General.1 Notify.Tables.1
 * table-notification.ROW_ADDED.2 table-notification.ROW_ADDED.4 table-notification.ROW_DELETED.1
 * table-notification.General.5 table-notification.General.9 */
static void every_table__random_steps__is_as_the_naive_one(void **state)
{
    uint32_t first = env_number("MAILKEEP_SEED", 0);
    uint32_t rounds = env_number("MAILKEEP_ROUNDS", first != 0 ? 1 : ROUNDS);

    for (uint32_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < KINDS; i++)
            run(*state, &table_kinds[i], (unsigned)(round + (first != 0 ? first : 1)));
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
                every_table__random_steps__is_as_the_naive_one, fixture_inbox_setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
