/* SPDX-License-Identifier: MIT */
/*
 * test_instance_keys.c - a row that has left an open table and comes back has another key than
 * before, also where nobody is told of changes and rows are looked at only when they are asked for;
 * the others keep theirs.
 */
#include "search_world.h"
#include "table_line.h"

#define WORDS PROP_TAG(PT_MV_UNICODE, 0x6804)
#define EACH_WORD PROP_TAG(PT_MV_UNICODE | MVI_FLAG, 0x6804)

enum { MAX_ROWS = 16, KEY_MAX = 32 };

struct keys {
    ULONG count;

    struct {
        char *name;
        ULONG size;
        BYTE bytes[KEY_MAX];
    } rows[MAX_ROWS];
};

/* Headings have none. */
static char *name_of(const SPropValue *value)
{
    if (PROP_TYPE(value->ulPropTag) != PT_UNICODE)
        return strdup("heading");
    return host_text_to_utf8((const uint16_t *)(const void *)value->Value.lpszW, SIZE_MAX);
}

static void read_keys(IMAPITable *table, ULONG name, struct keys *out)
{
    LPSRowSet rows;

    memset(out, 0, sizeof(*out));
    set_columns(table, (const ULONG[]){ PR_INSTANCE_KEY, name }, 2);
    seek(table, BOOKMARK_BEGINNING, 0);
    rows = query(table, MAX_ROWS, 0);
    out->count = rows->cRows;
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *values = values_of(rows, i);

        assert_true(values[0].Value.bin.cb <= KEY_MAX);
        out->rows[i].size = values[0].Value.bin.cb;
        memcpy(out->rows[i].bytes, values[0].Value.bin.lpb, out->rows[i].size);
        out->rows[i].name = name_of(&values[1]);
    }
    mapi_free_rows(rows);
}

static void free_keys(struct keys *keys)
{
    for (ULONG i = 0; i < keys->count; i++)
        free(keys->rows[i].name);
}

static bool is_same_key(const struct keys *a, ULONG i, const struct keys *b, ULONG j)
{
    return a->rows[i].size == b->rows[j].size &&
           memcmp(a->rows[i].bytes, b->rows[j].bytes, a->rows[i].size) == 0;
}

/* Rows of this name have other keys than any row had, the others have the ones they had. */
static void assert_changed(const struct keys *before, const struct keys *after, const char *name)
{
    ULONG changed = 0;

    assert_int_equal(before->count, after->count);
    for (ULONG i = 0; i < after->count; i++) {
        ULONG same = 0;

        for (ULONG j = 0; j < before->count; j++)
            same += is_same_key(after, i, before, j);
        assert_int_equal(same, strcmp(after->rows[i].name, name) != 0);
        changed += same == 0;
    }
    assert_true(changed > 0);
}

/* What a table is like before its rows come and go. */
enum kind {
    BY_DATE,
    SORTED,
    HEADINGS,
    RESTRICTED,
    WORD_EACH,
    SORTED_BETWEEN,
    ASYNC_BETWEEN,
    KINDS
};

static void prepare(IMAPITable *table, enum kind kind)
{
    static const struct sort_order by_subject = { 1, 0, 0,
        { { PR_SUBJECT_W, TABLE_SORT_DESCEND } } };
    static const struct sort_order headings = { 1, 1, 1, { { PR_IMPORTANCE, TABLE_SORT_ASCEND } } };
    static const struct sort_order each = { 1, 0, 0, { { EACH_WORD, TABLE_SORT_ASCEND } } };
    SPropValue low = long_value(PR_IMPORTANCE, 2);
    SRestriction restriction = compare_with(RELOP_LT, &low);

    if (kind == SORTED)
        sort(table, &by_subject);
    else if (kind == HEADINGS)
        sort(table, &headings);
    else if (kind == WORD_EACH)
        sort(table, &each);
    else if (kind == RESTRICTED)
        assert_ok(table->lpVtbl->Restrict(table, &restriction, 0));
}

static void move_to(IMAPIFolder *from, SPropValue *id, IMAPIFolder *to)
{
    ENTRYLIST list = { 1, &id->Value.bin };

    assert_ok(from->lpVtbl->CopyMessages(from, &list, NULL, to, 0, NULL, MESSAGE_MOVE));
}

static void set_importance(IMsgStore *store, SPropValue *id, LONG importance)
{
    IMessage *message = message_open(store, id);

    prop_set_long(message, PR_IMPORTANCE, importance);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

static SPropValue *add(IMAPIFolder *folder, const char *subject)
{
    WCHAR one[] = { 'o', 0 }, two[] = { 't', 0 };
    LPWSTR words[2] = { one, two };
    SPropValue values[2] = { { .ulPropTag = WORDS }, { .ulPropTag = PR_IMPORTANCE } };
    IMessage *message = NULL;
    SPropValue *id;

    values[0].Value.MVszW.cValues = 2;
    values[0].Value.MVszW.lppszW = words;
    values[1].Value.l = 1;
    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    prop_set_text(message, PR_SUBJECT_W, subject);
    assert_ok(message->lpVtbl->SetProps(message, 2, values, NULL));
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    return id;
}

static void sort_async(IMAPITable *table, const struct sort_order *order)
{
    ULONG status;

    union {
        struct sort_order order;
        SSortOrderSet set;
    } both = { .order = *order };

    assert_ok(table->lpVtbl->SortTable(table, &both.set, TBL_ASYNC));
    assert_ok(table->lpVtbl->WaitForCompletion(table, 0, 0xFFFFFFFF, &status));
}

/* Away and back, by a move, or out of the restriction and into it again; in between the table has
 * been looked at. */
static void away_and_back(
        struct fixture *fx, IMAPITable *table, IMAPIFolder *other, SPropValue *id, enum kind kind)
{
    static const struct sort_order by_subject = { 1, 0, 0,
        { { PR_SUBJECT_W, TABLE_SORT_ASCEND } } };
    struct keys keys;

    if (kind == RESTRICTED)
        set_importance(fx->store, id, 2);
    else
        move_to(fx->inbox, id, other);
    if (kind == SORTED_BETWEEN)
        sort(table, &by_subject);
    if (kind == ASYNC_BETWEEN)
        sort_async(table, &by_subject);
    read_keys(table, PR_SUBJECT_W, &keys);
    for (ULONG i = 0; i < keys.count; i++)
        assert_string_not_equal(keys.rows[i].name, "b");
    free_keys(&keys);
    if (kind == RESTRICTED) {
        set_importance(fx->store, id, 1);
        return;
    }
    move_to(other, id, fx->inbox);
}

/* table-columns.InstanceKey.1 table-columns.InstanceKey.2 */
static void row__away_and_back__has_another_key(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *other = folder_make(fx->inbox, "other");
    SPropValue *ids[3];

    ids[0] = add(fx->inbox, "a");
    ids[1] = add(fx->inbox, "b");
    ids[2] = add(fx->inbox, "c");
    for (int kind = 0; kind < KINDS; kind++) {
        IMAPITable *table = contents_table(fx->inbox);
        struct keys first, second, third;

        prepare(table, kind);
        read_keys(table, PR_SUBJECT_W, &first);
        away_and_back(fx, table, other, ids[1], kind);
        read_keys(table, PR_SUBJECT_W, &second);
        assert_changed(&first, &second, "b");
        away_and_back(fx, table, other, ids[1], kind);
        read_keys(table, PR_SUBJECT_W, &third);
        assert_changed(&second, &third, "b");
        assert_changed(&first, &third, "b");
        free_keys(&first);
        free_keys(&second);
        free_keys(&third);
        release_last(table);
    }
    for (int i = 0; i < 3; i++)
        mapi_free(ids[i]);
    release_last(other);
}

/* Hidden because the client wants other rows, it has not left: also when it changes meanwhile.
 * table-columns.InstanceKey.1 */
static void row__hidden_by_the_client__keeps_its_key(void **state)
{
    struct fixture *fx = *state;
    SPropValue *id = add(fx->inbox, "b");
    IMAPITable *table = contents_table(fx->inbox);
    struct keys first, hidden, last;

    mapi_free(add(fx->inbox, "a"));
    set_importance(fx->store, id, 2);
    read_keys(table, PR_SUBJECT_W, &first);
    for (LONG i = 0; i < 3; i++) {
        prepare(table, RESTRICTED);
        set_importance(fx->store, id, 2);
        read_keys(table, PR_SUBJECT_W, &hidden);
        assert_int_equal(hidden.count, 1);
        free_keys(&hidden);
        set_importance(fx->store, id, 2);
        read_keys(table, PR_SUBJECT_W, &hidden);
        free_keys(&hidden);
        assert_ok(table->lpVtbl->Restrict(table, NULL, 0));
        read_keys(table, PR_SUBJECT_W, &last);
        assert_int_equal(last.count, 2);
        for (ULONG row = 0; row < 2; row++)
            assert_true(is_same_key(&first, row, &last, row));
        free_keys(&last);
    }
    free_keys(&first);
    mapi_free(id);
    release_last(table);
}

/* Rows of an order that comes back are older than what another order has shown since.
 * table-columns.InstanceKey.2 */
static void row__seen_in_another_order_only__has_another_key(void **state)
{
    static const struct sort_order by_date = { 1, 0, 0,
        { { PR_MESSAGE_DELIVERY_TIME, TABLE_SORT_ASCEND } } };
    static const struct sort_order by_subject = { 1, 0, 0,
        { { PR_SUBJECT_W, TABLE_SORT_ASCEND } } };
    struct fixture *fx = *state;
    IMAPIFolder *other = folder_make(fx->inbox, "other");
    IMAPITable *table = contents_table(fx->inbox);
    struct keys first, away, last;
    SPropValue *id;

    mapi_free(add(fx->inbox, "a"));
    sort(table, &by_date);
    read_keys(table, PR_SUBJECT_W, &first);
    free_keys(&first);
    sort(table, &by_subject);
    id = add(fx->inbox, "b");
    read_keys(table, PR_SUBJECT_W, &first);
    move_to(fx->inbox, id, other);
    sort(table, &by_date);
    read_keys(table, PR_SUBJECT_W, &away);
    assert_int_equal(away.count, 1);
    move_to(other, id, fx->inbox);
    read_keys(table, PR_SUBJECT_W, &last);
    assert_changed(&first, &last, "b");
    free_keys(&first);
    free_keys(&away);
    free_keys(&last);
    mapi_free(id);
    release_last(table);
    release_last(other);
}

static SPropValue *add_at(IMAPIFolder *folder, unsigned minute)
{
    IMessage *message = NULL;
    SPropValue *id;

    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    prop_set_time(
            message, PR_MESSAGE_DELIVERY_TIME, 130000000000000000u + minute * UINT64_C(600000000));
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    id = prop_get(message, PR_ENTRYID);
    release_last(message);
    return id;
}

/* Changed in other ways, a row keeps its key, also one that is further down than what is read.
 * table-columns.InstanceKey.1 */
static void row__changed_or_far_down__keeps_its_key(void **state)
{
    enum { MANY = 500 };
    struct fixture *fx = *state;
    SPropValue *ids[2];
    IMAPITable *table;
    LPSRowSet rows;

    prop_set_bool(fx->store, PROP_TAG(PT_BOOLEAN, 0x6601), true); /* in bulk */
    ids[0] = add_at(fx->inbox, 0);
    for (unsigned i = 1; i <= MANY; i++)
        mapi_free(add_at(fx->inbox, i));
    ids[1] = add_at(fx->inbox, MANY + 1);
    prop_set_bool(fx->store, PROP_TAG(PT_BOOLEAN, 0x6601), false);
    table = contents_table(fx->inbox);
    set_columns(table, (const ULONG[]){ PR_INSTANCE_KEY }, 1);
    mapi_free_rows(query(table, 5, TBL_NOADVANCE)); /* no more are known yet */
    for (int i = 0; i < 2; i++)
        set_importance(fx->store, ids[i], 2);
    mapi_free_rows(query(table, 5, TBL_NOADVANCE));
    rows = query(table, ALL_ROWS, 0);
    assert_int_equal(rows->cRows, MANY + 2);
    for (ULONG i = 0; i < rows->cRows; i++)
        assert_int_equal(values_of(rows, i)[0].Value.bin.cb, 12); /* they have never been away */
    mapi_free_rows(rows);
    mapi_free(ids[0]);
    mapi_free(ids[1]);
    release_last(table);
}

/* table-columns.InstanceKey.2: folders and what a search finds. */
static void folder_and_result__away_and_back__have_other_keys(void **state)
{
    struct fixture *fx = *state;
    IMAPIFolder *parent = folder_make(fx->inbox, "parent");
    IMAPIFolder *moved = folder_make(parent, "b");
    IMAPIFolder *beside;
    IMAPIFolder *search = search_folder_make(fx->inbox, u"results");
    SPropValue *id = prop_get(moved, PR_ENTRYID);
    SPropValue *mail = message_make(fx->inbox, "b");
    IMAPITable *tables[2] = { NULL };
    struct keys first[2], second[2];

    mapi_free(message_make(fx->inbox, "ab"));
    beside = folder_make(parent, "a");
    release_last(beside);
    assert_ok(search_set(search, u"b", fx->inbox, 0));
    assert_ok(parent->lpVtbl->GetHierarchyTable(parent, MAPI_UNICODE, &tables[0]));
    assert_ok(search->lpVtbl->GetContentsTable(search, MAPI_UNICODE, &tables[1]));
    read_keys(tables[0], PR_DISPLAY_NAME_W, &first[0]);
    read_keys(tables[1], PR_SUBJECT_W, &first[1]);
    assert_ok(parent->lpVtbl->CopyFolder(parent, id->Value.bin.cb,
            (LPENTRYID)(void *)id->Value.bin.lpb, NULL, fx->inbox, NULL, 0, NULL, FOLDER_MOVE));
    move_to(fx->inbox, mail, parent);
    for (int i = 0; i < 2; i++) {
        read_keys(tables[i], i == 0 ? PR_DISPLAY_NAME_W : PR_SUBJECT_W, &second[i]);
        assert_int_equal(second[i].count, 1);
        free_keys(&second[i]);
    }
    assert_ok(fx->inbox->lpVtbl->CopyFolder(fx->inbox, id->Value.bin.cb,
            (LPENTRYID)(void *)id->Value.bin.lpb, NULL, parent, NULL, 0, NULL, FOLDER_MOVE));
    move_to(parent, mail, fx->inbox);
    read_keys(tables[0], PR_DISPLAY_NAME_W, &second[0]);
    read_keys(tables[1], PR_SUBJECT_W, &second[1]);
    for (int i = 0; i < 2; i++) {
        assert_changed(&first[i], &second[i], "b");
        free_keys(&first[i]);
        free_keys(&second[i]);
        release_last(tables[i]);
    }
    mapi_free(id);
    mapi_free(mail);
    release_last(search);
    release_last(moved);
    release_last(parent);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_inbox_setup, fixture_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(row__away_and_back__has_another_key),
        TEST(row__hidden_by_the_client__keeps_its_key),
        TEST(row__seen_in_another_order_only__has_another_key),
        TEST(row__changed_or_far_down__keeps_its_key),
        TEST(folder_and_result__away_and_back__have_other_keys),
    };

    return cmocka_run_group_tests_name("instance_keys", tests, NULL, NULL);
}
