/* SPDX-License-Identifier: MIT */
/*
 * test_table_oracle.c - a contents table against a naive one, through random changes and calls.
 *
 * The naive table keeps the messages in an array, filters by asking, sorts by insertion and groups
 * by walking. Both are told as one line and must be the same after every step; so must the cursor
 * and the bookmarks. A failure names the seed and the step. MAILKEEP_SEED: the first seed, and the
 * only one unless MAILKEEP_ROUNDS says how many.
 */
#include "com/table_naive.h"

static uint64_t seed;

static inline unsigned roll(unsigned below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % below;
}

/* --- both side by side ------------------------------------------------------------------------ */

struct pair {
    struct fixture *fx;
    IMAPITable *table;
    struct naive naive;
    bool is_narrow; /* enough rows, and only what they say in columns, so that these are used */
    char what[256];
};

enum { NARROW_MIN = 26 };

enum { COL_SUBJECT, COL_KEY, COL_TYPE, COL_DEPTH, COL_COUNT, COL_UNREAD, COL_WORD };

static void put_pair_columns(struct pair *pair)
{
    static const ULONG tags[] = { PR_SUBJECT_W, PR_INSTANCE_KEY, PR_ROW_TYPE, PR_DEPTH,
        PR_CONTENT_COUNT, PR_CONTENT_UNREAD, WORDS_EACH };

    set_columns(pair->table, tags, pair->naive.each_word ? 7 : 6);
}

static void tell_row(const struct pair *pair, const SRow *row, char *out)
{
    const SPropValue *values = row->lpProps;

    out[0] = '\0';
    if (values[COL_TYPE].Value.l == TBL_LEAF_ROW) {
        put_text(out, NAME_SIZE, &values[COL_SUBJECT]);
        if (pair->naive.order.cCategories > 0)
            assert_int_equal(values[COL_DEPTH].Value.l, pair->naive.order.cCategories);
        if (pair->naive.each_word) {
            strcat(out, ":");
            put_text(out, NAME_SIZE, &values[COL_WORD]);
        }
        return;
    }
    snprintf(out, NAME_SIZE, "%s%d(%d,%d)",
            values[COL_TYPE].Value.l == TBL_EXPANDED_CATEGORY ? "+" : "-",
            (int)values[COL_DEPTH].Value.l, (int)values[COL_COUNT].Value.l,
            (int)values[COL_UNREAD].Value.l);
}

static void check_rows(struct pair *pair, size_t first, LPSRowSet rows)
{
    for (ULONG i = 0; i < rows->cRows; i++) {
        char told[NAME_SIZE];

        tell_row(pair, &rows->aRow[i], told);
        if (first + i >= pair->naive.shown_count ||
                strcmp(told, pair->naive.shown[first + i].told) != 0)
            fail_msg("%s: row %u is %s, not %s", pair->what, (unsigned)(first + i), told,
                    first + i < pair->naive.shown_count ? pair->naive.shown[first + i].told
                                                        : "there");
    }
}

static void check_cursor(struct pair *pair)
{
    ULONG row = cursor_row(pair->table);

    if (row != pair->naive.cursor)
        fail_msg("%s: the cursor is at %u, not %u", pair->what, (unsigned)row,
                (unsigned)pair->naive.cursor);
}

/* All rows, without losing the cursor. */
static void check_all(struct pair *pair)
{
    LPSRowSet rows;

    check_cursor(pair);
    assert_int_equal(row_count(pair->table), pair->naive.shown_count);
    seek(pair->table, BOOKMARK_BEGINNING, 0);
    rows = query(pair->table, ALL_ROWS, 0);
    assert_int_equal(rows->cRows, pair->naive.shown_count);
    check_rows(pair, 0, rows);
    mapi_free_rows(rows);
    seek(pair->table, BOOKMARK_BEGINNING, (LONG)pair->naive.cursor);
}

/* --- steps: changes of the messages ----------------------------------------------------------- */

static void random_properties(struct mail *mail)
{
    static const char *const senders[] = { "", "anna", "Anna", "bob", "carl", "CARL" };
    static const char *const words[] = { "", "a", "b", "ab", "ba", "abc", "bb" };
    static const char *const starts[] = { "x", "X", "y", "Z", "zz" };

    snprintf(
            mail->subject, sizeof(mail->subject), "%s%u", starts[roll(COUNT_OF(starts))], mail->id);
    snprintf(mail->sender, sizeof(mail->sender), "%s", senders[roll(COUNT_OF(senders))]);
    snprintf(mail->words, sizeof(mail->words), "%s", words[roll(COUNT_OF(words))]);
    mail->has_number = roll(4) != 0;
    mail->number = (LONG)roll(5) - 2;
    mail->importance = (LONG)roll(3);
    mail->read = roll(2) != 0;
}

static void delete_prop(IMessage *message, ULONG tag)
{
    SPropTagArray tags = { 1, { tag } };

    assert_ok(message->lpVtbl->DeleteProps(message, &tags, NULL));
}

static void write_words(IMessage *message, const char *letters)
{
    WCHAR texts[4][2] = { { 0 } };
    LPWSTR list[4];
    SPropValue value = { .ulPropTag = WORDS };

    if (letters[0] == '\0') {
        delete_prop(message, WORDS);
        return;
    }
    for (size_t i = 0; letters[i] != '\0'; i++) {
        texts[i][0] = (WCHAR)letters[i];
        list[i] = texts[i];
    }
    value.Value.MVszW.cValues = (ULONG)strlen(letters);
    value.Value.MVszW.lppszW = list;
    assert_ok(message->lpVtbl->SetProps(message, 1, &value, NULL));
}

static void write_mail(IMessage *message, const struct mail *mail)
{
    prop_set_text(message, PR_SUBJECT_W, mail->subject);
    if (mail->sender[0] != '\0')
        prop_set_text(message, PR_SENDER_NAME_W, mail->sender);
    else
        delete_prop(message, PR_SENDER_NAME_W);
    if (mail->has_number)
        prop_set_long(message, NUMBER, mail->number);
    else
        delete_prop(message, NUMBER);
    prop_set_long(message, PR_IMPORTANCE, mail->importance);
    write_words(message, mail->words);
}

static void step_add(struct pair *pair)
{
    struct naive *naive = &pair->naive;
    struct mail *mail = &naive->mails[naive->mail_count];
    IMessage *message = NULL;

    if (naive->mail_count == MAX_MAILS)
        return;
    naive->mail_count++;
    memset(mail, 0, sizeof(*mail));
    mail->id = ++naive->next_id;
    mail->delivered = roll(5) > 0 ? 130000000000000000u + roll(3) * 10000000u : 0;
    random_properties(mail);
    assert_ok(pair->fx->inbox->lpVtbl->CreateMessage(pair->fx->inbox, NULL, 0, &message));
    if (mail->delivered != 0)
        prop_set_time(message, PR_MESSAGE_DELIVERY_TIME, mail->delivered);
    prop_set_long(message, PR_MESSAGE_FLAGS, mail->read ? MSGFLAG_READ : 0);
    write_mail(message, mail);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    mail->entry_id = prop_get(message, PR_ENTRYID);
    assert_non_null(mail->entry_id);
    release_last(message);
}

static void step_change(struct pair *pair)
{
    struct naive *naive = &pair->naive;
    struct mail *mail;
    IMessage *message;
    bool read;

    if (naive->mail_count == 0)
        return;
    mail = &naive->mails[roll((unsigned)naive->mail_count)];
    message = message_open(pair->fx->store, mail->entry_id);
    read = mail->read;
    random_properties(mail);
    mail->read = read;
    write_mail(message, mail);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

/* A change that leaves a row where it is in all orders of these tests. */
static void step_flag(struct pair *pair)
{
    struct naive *naive = &pair->naive;
    struct mail *mail;
    IMessage *message;

    if (naive->mail_count == 0)
        return;
    mail = &naive->mails[roll((unsigned)naive->mail_count)];
    mail->read = !mail->read;
    message = message_open(pair->fx->store, mail->entry_id);
    assert_ok(
            message->lpVtbl->SetReadFlag(message, mail->read ? SUPPRESS_RECEIPT : CLEAR_READ_FLAG));
    release_last(message);
}

static void step_delete(struct pair *pair)
{
    struct naive *naive = &pair->naive;
    size_t at;
    SBinary id;
    ENTRYLIST list = { 1, &id };

    if (naive->mail_count == 0 || (pair->is_narrow && naive->mail_count <= NARROW_MIN))
        return;
    at = roll((unsigned)naive->mail_count);
    id = naive->mails[at].entry_id->Value.bin;
    assert_ok(pair->fx->inbox->lpVtbl->DeleteMessages(pair->fx->inbox, &list, 0, NULL, 0));
    mapi_free(naive->mails[at].entry_id);
    memmove(&naive->mails[at], &naive->mails[at + 1],
            (naive->mail_count - at - 1) * sizeof(naive->mails[0]));
    naive->mail_count--;
}

/* --- steps: calls of the table ---------------------------------------------------------------- */

static void step_sort(struct pair *pair)
{
    static const ULONG tags[] = { PR_SUBJECT_W, PR_SENDER_NAME_W, NUMBER, WORDS, WORDS_EACH,
        PR_MESSAGE_DELIVERY_TIME, PR_IMPORTANCE };
    static const unsigned narrow[] = { 0, 1, 5, 6 };
    struct sort_order *order = &pair->naive.order;
    unsigned used = 0;

    memset(order, 0, sizeof(*order));
    order->cSorts = roll(MAX_KEYS + 1);
    for (ULONG i = 0; i < order->cSorts; i++) {
        unsigned key;

        do
            key = pair->is_narrow ? narrow[roll(COUNT_OF(narrow))] : roll(COUNT_OF(tags));
        while ((used >> key & 1) != 0 || (key == 4 && (used & 8) != 0) ||
                (key == 3 && (used & 16) != 0));
        used |= 1u << key;
        order->aSort[i].ulPropTag = tags[key];
        order->aSort[i].ulOrder = roll(2) ? TABLE_SORT_DESCEND : TABLE_SORT_ASCEND;
    }
    order->cCategories = roll(2) ? roll(order->cSorts + 1) : 0;
    order->cExpanded = roll(order->cCategories + 1);
    sort(pair->table, order);
    forget_places(&pair->naive);
    pair->naive.state_count = 0;
}

/* A filter, and the same as a restriction. */
struct wish {
    struct filter filter;
    SPropValue value;
    SPropValue anna;
    SRestriction inner, negation, either, parts[2];
    uint16_t *text;
};

static LPSRestriction make_wish(struct wish *wish, enum filter_kind kind)
{
    static const char *const senders[] = { "ANNA", "bob", "nobody" };
    static const char *const starts[] = { "x", "z", "ZZ" };
    static const char *const words[] = { "Z", "1", "x1" };
    struct filter *filter = &wish->filter;

    memset(wish, 0, sizeof(*wish));
    filter->kind = kind;
    filter->relop = roll(RELOP_NE + 1);
    filter->number = (LONG)roll(3) - 1;
    snprintf(filter->text, sizeof(filter->text), "%s",
            kind == FILTER_PREFIX ? starts[roll(3)]
            : kind >= FILTER_WORD ? words[roll(3)]
                                  : senders[roll(3)]);
    wish->text = host_text_to_utf16(filter->text);
    wish->value = kind == FILTER_NUMBER
                          ? long_value(NUMBER, filter->number)
                          : text_value(PR_SENDER_NAME_W, (const char16_t *)wish->text);
    if (kind >= FILTER_PREFIX) {
        wish->value.ulPropTag = PR_SUBJECT_W;
        wish->inner.rt = RES_CONTENT;
        wish->inner.res.resContent.ulFuzzyLevel =
                (kind == FILTER_PREFIX ? FL_PREFIX : FL_SUBSTRING) | FL_IGNORECASE;
        wish->inner.res.resContent.ulPropTag = PR_SUBJECT_W;
        wish->inner.res.resContent.lpProp = &wish->value;
    } else {
        wish->inner = compare_with(
                kind == FILTER_NUMBER || kind == FILTER_SENDER ? filter->relop : RELOP_EQ,
                &wish->value);
    }
    wish->negation.rt = RES_NOT;
    wish->negation.res.resNot.lpRes = &wish->inner;
    wish->anna = text_value(PR_SENDER_NAME_W, u"anna");
    wish->parts[0] = wish->inner;
    wish->parts[1] = compare_with(RELOP_EQ, &wish->anna);
    wish->either.rt = RES_OR;
    wish->either.res.resOr.cRes = 2;
    wish->either.res.resOr.lpRes = wish->parts;
    if (kind == FILTER_NONE)
        return NULL;
    if (kind == FILTER_EITHER)
        return &wish->either;
    return kind == FILTER_NOT_SENDER ? &wish->negation : &wish->inner;
}

static void step_filter(struct pair *pair)
{
    struct wish wish;
    enum filter_kind kind = (enum filter_kind)roll(FILTER_COUNT);
    LPSRestriction restriction;

    if (pair->is_narrow && (kind == FILTER_NUMBER || roll(2)))
        kind = FILTER_NONE;
    restriction = make_wish(&wish, kind);

    assert_ok(pair->table->lpVtbl->Restrict(pair->table, restriction, roll(2) ? TBL_BATCH : 0));
    pair->naive.filter = wish.filter;
    free(wish.text);
    forget_places(&pair->naive);
}

/* Does a visible row match, by the columns it has? */
static bool shown_matches(
        const struct naive *naive, const struct shown *shown, const struct filter *filter)
{
    struct mail seen = *shown->mail;
    bool sender = false, number = false, subject = false;

    if (shown->path[0] == '\0')
        return matches(filter, shown->mail);
    for (ULONG i = 0; i <= shown->level; i++) {
        sender |= naive->order.aSort[i].ulPropTag == PR_SENDER_NAME_W;
        number |= naive->order.aSort[i].ulPropTag == NUMBER;
        subject |= naive->order.aSort[i].ulPropTag == PR_SUBJECT_W;
    }
    if (!sender)
        seen.sender[0] = '\0';
    seen.has_number &= number;
    if (!subject)
        seen.subject[0] = '\0';
    return matches(filter, &seen);
}

/* What to look for: often by what the rows are sorted by, where the order tells where it is. */
static enum filter_kind find_kind(const struct naive *naive)
{
    ULONG key = naive->order.cSorts > 0 && roll(2) ? naive->order.aSort[0].ulPropTag : 0;

    switch (key) {
    case PR_SUBJECT_W:
        return FILTER_PREFIX;
    case PR_SENDER_NAME_W:
        return FILTER_SENDER;
    case NUMBER:
        return FILTER_NUMBER;
    default:
        return (enum filter_kind)(1 + roll(FILTER_COUNT - 1));
    }
}

static void step_find(struct pair *pair)
{
    struct naive *naive = &pair->naive;
    struct wish wish;
    LPSRestriction restriction = make_wish(&wish, find_kind(naive));
    bool backward = roll(2) != 0;
    BOOKMARK origin = roll(3);
    size_t at = origin == BOOKMARK_BEGINNING ? 0
                : origin == BOOKMARK_END     ? naive->shown_count
                                             : naive->cursor;
    HRESULT expected = MAPI_E_NOT_FOUND;

    while (FAILED(expected) && (backward ? at > 0 : at < naive->shown_count)) {
        at -= backward;
        if (shown_matches(naive, &naive->shown[at], &wish.filter))
            expected = S_OK;
        else
            at += !backward;
    }
    assert_hr(pair->table->lpVtbl->FindRow(
                      pair->table, restriction, origin, backward ? DIR_BACKWARD : 0),
            expected);
    if (SUCCEEDED(expected))
        naive->cursor = at;
    free(wish.text);
}

static void step_columns(struct pair *pair)
{
    bool was = expands(&pair->naive);

    if (pair->is_narrow)
        return;
    pair->naive.each_word = !pair->naive.each_word;
    put_pair_columns(pair);
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
    size_t at = naive->shown_count > 0 ? roll((unsigned)naive->shown_count) : 0;
    size_t before = naive->shown_count;
    LPSRowSet rows, more_rows = NULL;
    const SPropValue *key;
    ULONG wanted = roll(4);
    ULONG count;

    while (at < naive->shown_count && naive->shown[at].path[0] == '\0')
        at++;
    if (at >= naive->shown_count)
        return;
    seek(pair->table, BOOKMARK_BEGINNING, (LONG)at);
    rows = query(pair->table, 1, 0);
    seek(pair->table, BOOKMARK_BEGINNING, (LONG)naive->cursor);
    key = &values_of(rows, 0)[COL_KEY];
    if (naive->shown[at].expanded) {
        state_of(naive, naive->shown[at].path, false)->expanded = false;
        assert_ok(pair->table->lpVtbl->CollapseRow(
                pair->table, key->Value.bin.cb, key->Value.bin.lpb, 0, &count));
        evaluate(naive);
        assert_int_equal(count, before - naive->shown_count);
    } else {
        state_of(naive, naive->shown[at].path, true)->expanded = true;
        assert_ok(pair->table->lpVtbl->ExpandRow(
                pair->table, key->Value.bin.cb, key->Value.bin.lpb, wanted, 0, &more_rows, &count));
        evaluate_expanded(naive);
        assert_int_equal(count, naive->shown_count - before);
        assert_int_equal(more_rows->cRows, wanted < count ? wanted : count);
        check_rows(pair, at + 1, more_rows);
        naive->cursor = at + 1 + more_rows->cRows;
        mapi_free_rows(more_rows);
    }
    mapi_free_rows(rows);
}

static void step_read(struct pair *pair)
{
    struct naive *naive = &pair->naive;
    LONG wanted = (LONG)roll(11) - 5;
    bool advance = roll(3) != 0;
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
    struct mark *mark = &pair->naive.marks[roll(MAX_MARKS)];

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
    struct mark *mark = &naive->marks[roll(MAX_MARKS)];
    LONG rows = (LONG)roll(9) - 4;
    LONG moved = (LONG)POISON_LONG;
    long from = (long)naive->cursor;
    long to;
    BOOKMARK origin = roll(2) ? BOOKMARK_CURRENT : BOOKMARK_END;
    HRESULT expected = S_OK;

    if (origin == BOOKMARK_END)
        from = (long)naive->shown_count;
    if (mark->used && roll(2)) {
        origin = mark->handle;
        from = (long)mark->at;
        expected = mark->moved ? MAPI_W_POSITION_CHANGED : S_OK;
        mark->moved = false;
    }
    to = from + rows;
    to = to < 0 ? 0 : to > (long)naive->shown_count ? (long)naive->shown_count : to;
    assert_hr(pair->table->lpVtbl->SeekRow(pair->table, origin, rows, &moved), expected);
    assert_int_equal(moved, to - from);
    naive->cursor = (size_t)to;
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
    { "find", step_find, 6 },
    { "mark", step_mark, 5 },
    { "seek", step_seek, 5 },
    { "flag", step_flag, 3 },
};

enum { NARROW_STEPS = 3 }; /* "sort" and "filter": what evaluates */

static void run_step(struct pair *pair, unsigned number, uint64_t first_seed)
{
    unsigned pick = roll(50); /* the sum of the weights */
    size_t i = 0;

    while (pick >= steps[i].weight)
        pick -= steps[i++].weight;
    if (pair->is_narrow && roll(3) == 0)
        i = NARROW_STEPS + roll(2);
    snprintf(pair->what, sizeof(pair->what), "seed %u, step %u (%s)", (unsigned)first_seed, number,
            steps[i].name);
    steps[i].run(pair);
    evaluate(&pair->naive);
    check_all(pair);
}

static void run(struct fixture *fx, uint64_t first_seed)
{
    struct pair *pair = calloc(1, sizeof(*pair));

    assert_non_null(pair);
    seed = first_seed;
    pair->fx = fx;
    assert_ok(fx->inbox->lpVtbl->GetContentsTable(fx->inbox, MAPI_UNICODE, &pair->table));
    put_pair_columns(pair);
    pair->is_narrow = first_seed % 2 == 0;
    for (unsigned i = 0; i < (pair->is_narrow ? 32 : 12); i++)
        step_add(pair);
    evaluate(&pair->naive);
    for (unsigned i = 0; i < STEPS; i++)
        run_step(pair, i, first_seed);
    for (size_t i = 0; i < pair->naive.mail_count; i++)
        mapi_free(pair->naive.mails[i].entry_id);
    release_last(pair->table);
    free(pair);
}

/* IMAPITable.SortTable.1 IMAPITable.SortTable.2 IMAPITable.SortTable.8 IMAPITable.SortTable.9
 * IMAPITable.SortTable.13 IMAPITable.SortTable.24 IMAPITable.GetStatus.4 IMAPITable.Restrict.1
 * IMAPITable.CreateBookmark.1 IMAPITable.CollapseRow.3 IMAPITable.GetRowCount.1
 * IMAPITable.GetRowCount.2 IMAPITable.QueryRows.7 restriction.General.4 */
static void table__random_steps__is_as_the_naive_one(void **state)
{
    static const uint32_t seeds[] = { 1, 2, 3, 4, 6, 7, 8, 12 };
    struct fixture *fx = *state;
    uint32_t first = env_number("MAILKEEP_SEED", 0);
    uint32_t rounds = env_number("MAILKEEP_ROUNDS", first != 0 ? 1 : COUNT_OF(seeds));

    for (uint32_t round = 0; round < rounds; round++) {
        uint32_t run_seed = first + round;
        IMAPIFolder *inbox = fx->inbox;
        char name[32];

        if (first == 0)
            run_seed = round < COUNT_OF(seeds) ? seeds[round] : round + seeds[COUNT_OF(seeds) - 1];
        snprintf(name, sizeof(name), "run%u", (unsigned)run_seed);
        fx->inbox = folder_make(inbox, name);
        run(fx, run_seed);
        release_last(fx->inbox);
        fx->inbox = inbox;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                table__random_steps__is_as_the_naive_one, fixture_inbox_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
