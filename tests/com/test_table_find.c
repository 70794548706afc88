/* SPDX-License-Identifier: MIT */
/*
 * test_table_find.c - FindRow in a sorted table, where the order tells where the row is, against
 * the rows that Restrict leaves: all operators, both orders and directions, values of all kinds.
 * And rows that are looked for by entry ids and record keys.
 */
#include <math.h>

#include "com/table_line.h"
#include "mailkeep.h"

enum {
    ROWS = 60,
    MAX_VALUES = 48,
    LONG_TEXT = 2000, /* more than sort keys hold */
    STATE_SIZE = 8
};

struct find_fixture {
    struct fixture *fx;
    SPropValue values[MAX_VALUES]; /* of one kind; the first row of each round has none */
    size_t value_count;
    IMAPITable *sorted;
    IMAPITable *restricted;
};

/* --- values ----------------------------------------------------------------------------------- */

static void add_value(struct find_fixture *find, SPropValue value)
{
    assert_true(find->value_count < MAX_VALUES);
    find->values[find->value_count++] = value;
}

#define TEXT_TAG PROP_TAG(PT_UNICODE, 0x6820)
#define NUMBER PROP_TAG(PT_LONG, 0x6821)
#define REAL PROP_TAG(PT_DOUBLE, 0x6822)
#define BYTES PROP_TAG(PT_BINARY, 0x6823)
#define FLAG PROP_TAG(PT_BOOLEAN, 0x6824)
#define TIME PROP_TAG(PT_SYSTIME, 0x6825)

/* Many times one character, and something behind. */
static void add_long_text(struct find_fixture *find, char16_t many, size_t count, char16_t last)
{
    static char16_t texts[MAX_VALUES][LONG_TEXT + 2];
    char16_t *text = texts[find->value_count];

    for (size_t i = 0; i < count; i++)
        text[i] = many;
    text[count] = last;
    text[count + (last != 0)] = 0;
    add_value(find, text_value(TEXT_TAG, text));
}

static void add_texts(struct find_fixture *find)
{
    static const char16_t *const texts[] = { u"", u"a", u"A", u"ab", u"aB", u"abc", u"b", u"\001",
        u"a\001", u"a\001b", u"a\002", u"\u00E4", u"\u00C4", u"\u00E4b", u"\u212A", u"k", u"K9",
        u"\u00DF", u"\u1E9E", u"\U0001F600", u"\U00010400", u"\U00010428x", u"a\u0301", u"\uFFFD",
        u"\u023A" };

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        add_value(find, text_value(TEXT_TAG, texts[i]));
    add_long_text(find, u'x', 254, u'Y');
    add_long_text(find, u'X', 255, 0);
    add_long_text(find, u'x', 256, 0);
    add_long_text(find, u'x', 1023, u'\u00C4');
    add_long_text(find, u'x', 1024, u'\u00E4');
    add_long_text(find, u'X', 1024, u'z');
    add_long_text(find, u'x', LONG_TEXT, u'a');
    add_long_text(find, u'x', LONG_TEXT, u'b');
    add_long_text(find, u'\u023A', 200, 0);
    add_long_text(find, u'\u2C65', 1000, u'a');
    add_long_text(find, u'\u00E4', 511, u'\u20AC');
    add_long_text(find, u'\u00C4', 600, 0);
}

static void add_numbers(struct find_fixture *find)
{
    for (LONG i = -2; i <= 2; i++)
        add_value(find, long_value(NUMBER, i));
    add_value(find, long_value(NUMBER, INT32_MIN));
    add_value(find, long_value(NUMBER, INT32_MAX));
}

static void add_reals(struct find_fixture *find)
{
    const double reals[] = { -1e300, -1, -0.0, 0, 0.5, 1e300, HUGE_VAL, (double)NAN };
    SPropValue value = { .ulPropTag = REAL };

    for (size_t i = 0; i < COUNT_OF(reals); i++) {
        value.Value.dbl = reals[i];
        add_value(find, value);
    }
}

static void add_bytes(struct find_fixture *find)
{
    static const struct {
        const char *bytes;
        ULONG size;
    } list[] = { { "", 0 }, { "\0", 1 }, { "\0\0", 2 }, { "\1", 1 }, { "\1\0", 2 }, { "\2", 1 },
        { "a", 1 }, { "a\0", 2 }, { "A", 1 }, { "\xFF", 1 }, { "\xFF\xFF", 2 } };

    static BYTE many[2][LONG_TEXT];
    SPropValue value = { .ulPropTag = BYTES };

    memset(many, 'm', sizeof(many));
    many[1][LONG_TEXT - 1] = 'n';
    for (size_t i = 0; i < COUNT_OF(list) + COUNT_OF(many); i++) {
        if (i < COUNT_OF(list)) {
            memcpy(&value.Value.bin.lpb, &list[i].bytes, sizeof(void *));
            value.Value.bin.cb = list[i].size;
        } else {
            value.Value.bin.lpb = many[i - COUNT_OF(list)];
            value.Value.bin.cb = LONG_TEXT;
        }
        add_value(find, value);
    }
}

static void add_flags(struct find_fixture *find)
{
    SPropValue value = { .ulPropTag = FLAG };

    add_value(find, value);
    value.Value.b = 1;
    add_value(find, value);
}

static void add_times(struct find_fixture *find)
{
    SPropValue value = { .ulPropTag = TIME };

    for (DWORD i = 0; i < 6; i++) {
        value.Value.ft.dwLowDateTime = i % 3;
        value.Value.ft.dwHighDateTime = i < 3 ? 7 : 0x80000000u;
        add_value(find, value);
    }
}

static void add_rows(struct find_fixture *find)
{
    IMAPIFolder *inbox = find->fx->inbox;

    prop_set_bool(find->fx->store, PR_MKEEP_BULK, true);
    for (size_t i = 0; i < ROWS; i++) {
        size_t which = i * 7 % (find->value_count + 1);
        IMessage *message = NULL;
        char subject[16];

        snprintf(subject, sizeof(subject), "r%u", (unsigned)i);
        assert_ok(inbox->lpVtbl->CreateMessage(inbox, NULL, 0, &message));
        prop_set_text(message, PR_SUBJECT_W, subject);
        if (which > 0)
            assert_ok(message->lpVtbl->SetProps(message, 1, &find->values[which - 1], NULL));
        assert_ok(message->lpVtbl->SaveChanges(message, 0));
        release_last(message);
    }
    prop_set_bool(find->fx->store, PR_MKEEP_BULK, false);
}

/* --- the same by Restrict --------------------------------------------------------------------- */

/* Which rows of the sorted table match: found among those that Restrict leaves of the other. */
static void mark_matches(struct find_fixture *find, SRestriction *restriction, bool *match)
{
    char left[8200];
    LPSRowSet rows;

    assert_ok(find->restricted->lpVtbl->Restrict(find->restricted, restriction, 0));
    snprintf(left, sizeof(left), " %s ", table_line(find->restricted));
    seek(find->sorted, BOOKMARK_BEGINNING, 0);
    rows = query(find->sorted, ALL_ROWS, 0);
    assert_int_equal(rows->cRows, ROWS);
    for (ULONG i = 0; i < ROWS; i++) {
        char name[STATE_SIZE + 2] = " ";

        put_text(name + 1, STATE_SIZE, &values_of(rows, i)[LINE_SUBJECT]);
        strcat(name, " ");
        match[i] = strstr(left, name) != NULL;
    }
    mapi_free_rows(rows);
}

static void assert_found(struct find_fixture *find, SRestriction *restriction, const char *what)
{
    static const ULONG origins[] = { 0, 1, 17, 30, 31, 58, ROWS };
    bool match[ROWS];

    mark_matches(find, restriction, match);
    for (size_t i = 0; i < 2 * COUNT_OF(origins); i++) {
        bool backward = i % 2 != 0;
        size_t at = origins[i / 2];
        HRESULT hr;

        seek(find->sorted, BOOKMARK_BEGINNING, (LONG)at);
        hr = find->sorted->lpVtbl->FindRow(
                find->sorted, restriction, BOOKMARK_CURRENT, backward ? DIR_BACKWARD : 0);
        while (backward ? at > 0 && !match[at - 1] : at < ROWS && !match[at])
            at += backward ? -(size_t)1 : 1;
        if (at == (backward ? 0 : ROWS)) {
            if (hr != MAPI_E_NOT_FOUND)
                fail_msg("%s: from %u finds row %u", what, (unsigned)origins[i / 2],
                        (unsigned)cursor_row(find->sorted));
        } else if (hr != S_OK || cursor_row(find->sorted) != at - backward) {
            fail_msg("%s: from %u, %s, %08X at %u, not %u", what, (unsigned)origins[i / 2],
                    backward ? "backward" : "forward", (unsigned)hr,
                    (unsigned)cursor_row(find->sorted), (unsigned)(at - backward));
        }
    }
}

static void assert_all_found(struct find_fixture *find, const char *order)
{
    static const ULONG levels[] = { FL_PREFIX | FL_IGNORECASE, FL_FULLSTRING | FL_IGNORECASE,
        FL_SUBSTRING | FL_IGNORECASE, FL_PREFIX, FL_PREFIX | FL_IGNORECASE | FL_IGNORENONSPACE,
        FL_PREFIX | FL_LOOSE };

    for (size_t i = 0; i < find->value_count; i++) {
        SPropValue *value = &find->values[i];
        ULONG type = PROP_TYPE(value->ulPropTag);
        SRestriction content = { .rt = RES_CONTENT };
        char what[96];

        for (ULONG relop = RELOP_LT; relop <= RELOP_NE; relop++) {
            SRestriction property = compare_with(relop, value);

            snprintf(what, sizeof(what), "%s, value %u, operator %u", order, (unsigned)i,
                    (unsigned)relop);
            assert_found(find, &property, what);
        }
        for (size_t k = 0; k < COUNT_OF(levels) && (type == PT_UNICODE || type == PT_BINARY); k++) {
            content.res.resContent.ulFuzzyLevel = levels[k];
            content.res.resContent.ulPropTag = value->ulPropTag;
            content.res.resContent.lpProp = value;
            snprintf(what, sizeof(what), "%s, value %u, level %X", order, (unsigned)i,
                    (unsigned)levels[k]);
            assert_found(find, &content, what);
        }
    }
}

static void run(struct fixture *fx, void (*add_values)(struct find_fixture *find))
{
    struct find_fixture *find = calloc(1, sizeof(*find));
    ULONG tag;

    assert_non_null(find);
    find->fx = fx;
    add_values(find);
    add_rows(find);
    tag = find->values[0].ulPropTag;
    find->sorted = contents_table(fx->inbox);
    find->restricted = contents_table(fx->inbox);
    sort(find->sorted, &(struct sort_order){ 1, 0, 0, { { tag, TABLE_SORT_ASCEND } } });
    assert_all_found(find, "ascending");
    sort(find->sorted,
            &(struct sort_order){ 2, 0, 0, { { tag, TABLE_SORT_DESCEND }, { PR_SUBJECT_W, 0 } } });
    assert_all_found(find, "descending");
    release_last(find->sorted);
    release_last(find->restricted);
    free(find);
}

/* IMAPITable.FindRow.5 IMAPITable.FindRow.9 restriction.CONTENT.1 restriction.CONTENT.2 */
static void find_row__sorted_by_text__finds_what_restrict_leaves(void **state)
{
    run(*state, add_texts);
}

static void find_row__sorted_by_long__finds_what_restrict_leaves(void **state)
{
    run(*state, add_numbers);
}

static void find_row__sorted_by_double__finds_what_restrict_leaves(void **state)
{
    run(*state, add_reals);
}

static void find_row__sorted_by_binary__finds_what_restrict_leaves(void **state)
{
    run(*state, add_bytes);
}

static void find_row__sorted_by_boolean__finds_what_restrict_leaves(void **state)
{
    run(*state, add_flags);
}

static void find_row__sorted_by_time__finds_what_restrict_leaves(void **state)
{
    run(*state, add_times);
}

/* --- by what is made of the message's id ------------------------------------------------------ */

#define LONGTERM PR_LONGTERM_ENTRYID_FROM_TABLE

enum { NAMED_ROWS = 30, NAMED_TAGS = 3 };

static const ULONG named_tags[NAMED_TAGS + 1] = { PR_ENTRYID, LONGTERM, PR_RECORD_KEY,
    PR_SUBJECT_W };

/* One restriction, and the line that it leaves of the table; the one row of that is also found. */
static void assert_left(IMAPITable *table, SRestriction *restriction, const char *line)
{
    char name[STATE_SIZE] = "";
    HRESULT expected = line[0] != '\0' ? S_OK : MAPI_E_NOT_FOUND;
    LPSRowSet rows;
    ULONG at;

    assert_ok(table->lpVtbl->Restrict(table, restriction, 0));
    assert_string_equal(table_line(table), line);
    assert_ok(table->lpVtbl->Restrict(table, NULL, 0));
    assert_hr(table->lpVtbl->FindRow(table, restriction, BOOKMARK_END, DIR_BACKWARD), expected);
    assert_hr(table->lpVtbl->FindRow(table, restriction, BOOKMARK_BEGINNING, 0), expected);
    if (FAILED(expected))
        return;
    at = cursor_row(table);
    rows = query(table, 1, 0);
    put_text(name, sizeof(name), &values_of(rows, 0)[LINE_SUBJECT]);
    assert_string_equal(name, line);
    mapi_free_rows(rows);
    seek(table, BOOKMARK_BEGINNING, (LONG)at);
    assert_hr(table->lpVtbl->FindRow(table, restriction, BOOKMARK_CURRENT, DIR_BACKWARD),
            MAPI_E_NOT_FOUND);
    assert_ok(table->lpVtbl->FindRow(table, restriction, BOOKMARK_CURRENT, 0));
    seek(table, BOOKMARK_BEGINNING, (LONG)at + 1);
    assert_hr(table->lpVtbl->FindRow(table, restriction, BOOKMARK_CURRENT, 0), MAPI_E_NOT_FOUND);
}

/* A value alone, with what is true or false of its row, and damaged. */
static void assert_named(IMAPITable *table, SPropValue *value, const char *name, bool is_there)
{
    SPropValue first = text_value(PR_SUBJECT_W, u"n1");
    SPropValue one = *value;
    SRestriction parts[3], both = { .rt = RES_AND }, outer[2], nested = { .rt = RES_AND };

    parts[0].rt = RES_CONTENT;
    parts[0].res.resContent.ulFuzzyLevel = FL_PREFIX;
    parts[0].res.resContent.ulPropTag = PR_SUBJECT_W;
    parts[0].res.resContent.lpProp = &first;
    parts[1] = compare_with(RELOP_EQ, value);
    assert_left(table, &parts[1], is_there ? name : "");
    both.res.resAnd.cRes = 2;
    both.res.resAnd.lpRes = parts;
    assert_left(table, &both, is_there && name[1] == '1' ? name : "");
    outer[0].rt = RES_EXIST;
    outer[0].res.resExist.ulPropTag = PR_SUBJECT_W;
    outer[1] = both;
    nested.res.resAnd.cRes = 2;
    nested.res.resAnd.lpRes = outer;
    assert_left(table, &nested, is_there && name[1] == '1' ? name : "");
    one.Value.bin.cb--;
    parts[1] = compare_with(RELOP_EQ, &one);
    assert_left(table, &parts[1], "");
    one.Value.bin.cb++;
    one.Value.bin.lpb[0] ^= 1;
    assert_left(table, &parts[1], "");
    one.Value.bin.lpb[0] ^= 1;
    one.Value.bin.lpb[one.Value.bin.cb - 1] ^= 0x80;
    assert_left(table, &parts[1], "");
    one.Value.bin.lpb[one.Value.bin.cb - 1] ^= 0x80;
}

/* Not a conjunction: other rows match too. */
static void assert_not_named(IMAPITable *table, SPropValue *value)
{
    SRestriction parts[2], either = { .rt = RES_OR }, negation = { .rt = RES_NOT };

    parts[0] = compare_with(RELOP_EQ, value);
    parts[1].rt = RES_EXIST;
    parts[1].res.resExist.ulPropTag = PR_SUBJECT_W;
    either.res.resOr.cRes = 2;
    either.res.resOr.lpRes = parts;
    negation.res.resNot.lpRes = parts;
    assert_ok(table->lpVtbl->Restrict(table, &either, 0));
    assert_int_equal(row_count(table), NAMED_ROWS);
    assert_ok(table->lpVtbl->Restrict(table, &negation, 0));
    assert_int_equal(row_count(table), NAMED_ROWS - 1);
    parts[0].res.resProperty.relop = RELOP_NE;
    assert_ok(table->lpVtbl->Restrict(table, parts, 0));
    assert_int_equal(row_count(table), NAMED_ROWS - 1);
    assert_ok(table->lpVtbl->Restrict(table, NULL, 0));
}

static void make_named(IMAPIFolder *folder, ULONG flags, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        IMessage *message = NULL;
        char subject[16];

        snprintf(subject, sizeof(subject), "n%u", (unsigned)i);
        assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, flags, &message));
        prop_set_text(message, PR_SUBJECT_W, subject);
        assert_ok(message->lpVtbl->SaveChanges(message, 0));
        release_last(message);
    }
}

/* restriction.PROPERTY.1 restriction.AND.1 IMAPITable.FindRow.1 IMAPITable.FindRow.3 */
static void identity__in_a_restriction__leaves_its_row_alone(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *other = folder_make(fx->inbox, "other");
    IMAPITable *tables[3] = { NULL };

    make_named(fx->inbox, 0, NAMED_ROWS);
    make_named(fx->inbox, MAPI_ASSOCIATED, 2);
    make_named(other, 0, 2);
    assert_ok(fx->inbox->lpVtbl->GetContentsTable(
            fx->inbox, MAPI_UNICODE | MAPI_ASSOCIATED, &tables[1]));
    assert_ok(other->lpVtbl->GetContentsTable(other, MAPI_UNICODE, &tables[2]));
    for (size_t k = 0; k < COUNT_OF(tables); k++) {
        IMAPITable *all = k == 0 ? contents_table(fx->inbox) : tables[k];
        IMAPITable *table = contents_table(fx->inbox);
        LPSRowSet rows = table_rows(all, named_tags, NAMED_TAGS + 1);

        sort(table, &(struct sort_order){ 1, 0, 0, { { PR_SUBJECT_W, TABLE_SORT_DESCEND } } });
        assert_int_equal(rows->cRows, k == 0 ? NAMED_ROWS : 2);
        for (ULONG i = 0; i < rows->cRows * NAMED_TAGS; i++) {
            SPropValue *values = values_of(rows, i / NAMED_TAGS);
            char name[STATE_SIZE] = "";

            put_text(name, sizeof(name), &values[NAMED_TAGS]);
            assert_int_equal(values[i % NAMED_TAGS].ulPropTag, named_tags[i % NAMED_TAGS]);
            assert_named(table, &values[i % NAMED_TAGS], name, k == 0);
            if (k == 0)
                assert_not_named(table, &values[i % NAMED_TAGS]);
        }
        mapi_free_rows(rows);
        release_last(table);
        release_last(all);
    }
    release_last(other);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(find_row__sorted_by_text__finds_what_restrict_leaves),
        TEST(find_row__sorted_by_long__finds_what_restrict_leaves),
        TEST(find_row__sorted_by_double__finds_what_restrict_leaves),
        TEST(find_row__sorted_by_binary__finds_what_restrict_leaves),
        TEST(find_row__sorted_by_boolean__finds_what_restrict_leaves),
        TEST(find_row__sorted_by_time__finds_what_restrict_leaves),
        TEST(identity__in_a_restriction__leaves_its_row_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
