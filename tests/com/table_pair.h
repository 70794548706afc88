/* SPDX-License-Identifier: MIT */
/*
 * table_pair.h - a contents table and a naive one side by side, and the messages that both show.
 */
#ifndef TABLE_PAIR_H
#define TABLE_PAIR_H

#include "com/table_naive.h"

/* --- both side by side ------------------------------------------------------------------------ */

/* The states of the headings at some time, and a row of then. */
struct saved {
    BYTE *bytes; /* NULL: none */
    ULONG size;
    struct sort_order order;
    struct heading_state states[MAX_VISIBLE];
    size_t state_count;
    struct shown place;
};

struct pair {
    struct fixture *fx;
    IMAPITable *table;
    struct naive naive;
    bool is_narrow; /* enough rows, and only what they say in columns, so that these are used */
    struct forest values; /* of messages, for good */
    struct forest filter; /* of the restriction in force */
    struct forest wish;   /* of what is looked for */
    struct saved saved;
    char what[4096];
};

enum { NARROW_MIN = 26 };

enum { COL_SUBJECT, COL_SENDER, COL_KEY, COL_TYPE, COL_DEPTH, COL_COUNT, COL_UNREAD, COL_WORD };

/* Chance of the run. */
static inline unsigned roll(struct pair *pair, size_t below)
{
    return chance(&pair->values, below);
}

static inline void put_columns(const struct pair *pair, IMAPITable *table)
{
    static const ULONG tags[] = { PR_SUBJECT_W, PR_SENDER_NAME_W, PR_INSTANCE_KEY, PR_ROW_TYPE,
        PR_DEPTH, PR_CONTENT_COUNT, PR_CONTENT_UNREAD, WORDS_EACH };

    set_columns(table, tags, pair->naive.each_word ? 8 : 7);
}

static inline void tell_row(const struct pair *pair, const SRow *row, char *out)
{
    const SPropValue *values = row->lpProps;
    bool is_leaf = values[COL_TYPE].Value.l == TBL_LEAF_ROW;

    out[0] = '\0';
    if (!is_leaf)
        snprintf(out, NAME_SIZE, "%s%d(%d,%d)",
                values[COL_TYPE].Value.l == TBL_EXPANDED_CATEGORY ? "+" : "-",
                (int)values[COL_DEPTH].Value.l, (int)values[COL_COUNT].Value.l,
                (int)values[COL_UNREAD].Value.l);
    else if (pair->naive.plan.level_count > 0)
        assert_int_equal(values[COL_DEPTH].Value.l, pair->naive.plan.level_count);
    for (size_t i = COL_SUBJECT; i <= COL_WORD; i += i == COL_SENDER ? COL_WORD - COL_SENDER : 1) {
        if (i < row->cValues)
            tell_text(out, PROP_TYPE(values[i].ulPropTag) == PT_UNICODE ? &values[i] : NULL);
    }
}

static inline void check_rows(struct pair *pair, size_t first, LPSRowSet rows)
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

static inline void check_cursor(struct pair *pair)
{
    ULONG row = POISON_LONG, numerator = POISON_LONG, denominator = POISON_LONG;
    size_t count = pair->naive.shown_count;

    assert_ok(pair->table->lpVtbl->QueryPosition(pair->table, &row, &numerator, &denominator));
    if (row != pair->naive.cursor)
        fail_msg("%s: the cursor is at %u, not %u", pair->what, (unsigned)row,
                (unsigned)pair->naive.cursor);
    assert_int_equal(denominator, count > 0 ? count : 1);
    assert_int_equal(numerator, count > 0 ? row : 1);
}

/* All rows, without losing the cursor. */
static inline void check_all(struct pair *pair)
{
    LPSRowSet rows;

    check_cursor(pair);
    assert_int_equal(row_count(pair->table), pair->naive.shown_count);
    seek(pair->table, BOOKMARK_BEGINNING, 0);
    rows = query(pair->table, ALL_ROWS, 0);
    check_rows(pair, 0, rows);
    assert_int_equal(rows->cRows, pair->naive.shown_count);
    mapi_free_rows(rows);
    seek(pair->table, BOOKMARK_BEGINNING, (LONG)pair->naive.cursor);
}

/* The key of a visible row. */
static inline struct row_key key_at(struct pair *pair, size_t at)
{
    struct row_key key;
    const SPropValue *value;
    LPSRowSet rows;

    seek(pair->table, BOOKMARK_BEGINNING, (LONG)at);
    rows = query(pair->table, 1, 0);
    seek(pair->table, BOOKMARK_BEGINNING, (LONG)pair->naive.cursor);
    value = &values_of(rows, 0)[COL_KEY];
    key.size = value->Value.bin.cb;
    assert_true(key.size > 0 && key.size <= sizeof(key.bytes));
    memcpy(key.bytes, value->Value.bin.lpb, key.size);
    mapi_free_rows(rows);
    return key;
}

/* --- steps: changes of the messages ----------------------------------------------------------- */

static inline void put_prop(struct mail *mail, SPropValue value)
{
    assert_true(mail->prop_count < MAIL_PROPS);
    mail->props[mail->prop_count++] = value;
}

static inline SPropValue ascii_value(struct forest *forest, ULONG tag, const char *text)
{
    SPropValue value = { .ulPropTag = tag };

    value.Value.lpszW = forest_take(forest, (strlen(text) + 1) * sizeof(WCHAR));
    for (size_t i = 0; text[i] != '\0'; i++)
        value.Value.lpszW[i] = (BYTE)text[i];
    return value;
}

/* One that no other message has, beginning with a few characters of any kind. */
static inline SPropValue random_subject(struct pair *pair, const struct mail *mail)
{
    char number[16];
    SPropValue value;
    WCHAR *text;
    size_t used = 0;

    snprintf(number, sizeof(number), "%u", mail->id);
    text = forest_take(&pair->values, (4 + strlen(number) + 1) * sizeof(*text));
    for (unsigned i = roll(pair, 3); i > 0; i--)
        used += put_code(text + used, random_code(&pair->values));
    for (size_t i = 0; number[i] != '\0'; i++)
        text[used++] = (BYTE)number[i];
    value = (SPropValue){ .ulPropTag = PR_SUBJECT_W };
    value.Value.lpszW = text;
    return value;
}

static inline SPropValue random_words(struct pair *pair)
{
    static const char *const words[] = { "a", "b", "ab", "ba", "abc", "bb" };
    const char *letters = words[roll(pair, COUNT_OF(words))];
    SPropValue value = { .ulPropTag = WORDS };

    value.Value.MVszW.cValues = (ULONG)strlen(letters);
    value.Value.MVszW.lppszW = forest_take(&pair->values, strlen(letters) * sizeof(LPWSTR));
    for (size_t i = 0; letters[i] != '\0'; i++) {
        char letter[2] = { letters[i] };

        value.Value.MVszW.lppszW[i] = ascii_value(&pair->values, PR_SUBJECT_W, letter).Value.lpszW;
    }
    return value;
}

static inline void random_properties(struct pair *pair, struct mail *mail)
{
    static const char *const senders[] = { "", "anna", "Anna", "bob", "carl", "CARL", "\xE9",
        "\xC9" };
    const SPropValue *old = prop_of(mail, PR_MESSAGE_DELIVERY_TIME);
    SPropValue delivered = { .ulPropTag = PR_MESSAGE_DELIVERY_TIME };

    delivered.Value.ft.dwHighDateTime = 30267981;
    delivered.Value.ft.dwLowDateTime = 1 + roll(pair, 3);
    if (old != NULL)
        delivered = *old;
    mail->prop_count = 0;
    if (old != NULL || (mail->entry_id == NULL && roll(pair, 5) > 0))
        put_prop(mail, delivered);
    put_prop(mail, random_subject(pair, mail));
    if (roll(pair, 5) > 0)
        put_prop(mail, ascii_value(&pair->values, PR_SENDER_NAME_W,
                               senders[roll(pair, COUNT_OF(senders))]));
    if (roll(pair, 4) > 0)
        put_prop(mail, long_value(NUMBER, (LONG)roll(pair, 5) - 2));
    put_prop(mail, long_value(PR_IMPORTANCE, (LONG)roll(pair, 3)));
    if (roll(pair, 6) > 0)
        put_prop(mail, random_words(pair));
    if (roll(pair, 4) > 0)
        put_prop(mail, random_value(&pair->values, RATIO));
    if (roll(pair, 4) > 0)
        put_prop(mail, random_value(&pair->values, BYTES));
}

static inline void write_mail(IMessage *message, struct mail *mail)
{
    static const ULONG tags[] = { PR_SENDER_NAME_W, NUMBER, WORDS, RATIO, BYTES };

    for (size_t i = 0; i < COUNT_OF(tags); i++) {
        SPropTagArray gone = { 1, { tags[i] } };

        if (prop_of(mail, tags[i]) == NULL)
            assert_ok(message->lpVtbl->DeleteProps(message, &gone, NULL));
    }
    assert_ok(message->lpVtbl->SetProps(message, mail->prop_count, mail->props, NULL));
}

static inline void step_add(struct pair *pair)
{
    struct naive *naive = &pair->naive;
    struct mail *mail = &naive->mails[naive->mail_count];
    IMessage *message = NULL;

    if (naive->mail_count == MAX_MAILS)
        return;
    naive->mail_count++;
    memset(mail, 0, sizeof(*mail));
    mail->id = ++naive->next_id;
    mail->read = roll(pair, 2) != 0;
    random_properties(pair, mail);
    assert_ok(pair->fx->inbox->lpVtbl->CreateMessage(pair->fx->inbox, NULL, 0, &message));
    prop_set_long(message, PR_MESSAGE_FLAGS, mail->read ? MSGFLAG_READ : 0);
    write_mail(message, mail);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    mail->entry_id = prop_get(message, PR_ENTRYID);
    assert_non_null(mail->entry_id);
    release_last(message);
}

static inline void step_change(struct pair *pair)
{
    struct naive *naive = &pair->naive;
    struct mail *mail;
    IMessage *message;

    if (naive->mail_count == 0)
        return;
    mail = &naive->mails[roll(pair, naive->mail_count)];
    message = message_open(pair->fx->store, mail->entry_id);
    random_properties(pair, mail);
    write_mail(message, mail);
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

/* A change that leaves a row where it is in all orders of these tests. */
static inline void step_flag(struct pair *pair)
{
    struct naive *naive = &pair->naive;
    struct mail *mail;
    IMessage *message;

    if (naive->mail_count == 0)
        return;
    mail = &naive->mails[roll(pair, naive->mail_count)];
    mail->read = !mail->read;
    message = message_open(pair->fx->store, mail->entry_id);
    assert_ok(
            message->lpVtbl->SetReadFlag(message, mail->read ? SUPPRESS_RECEIPT : CLEAR_READ_FLAG));
    release_last(message);
}

static inline void step_delete(struct pair *pair)
{
    struct naive *naive = &pair->naive;
    size_t at;
    SBinary id;
    ENTRYLIST list = { 1, &id };

    if (naive->mail_count == 0 || (pair->is_narrow && naive->mail_count <= NARROW_MIN))
        return;
    at = roll(pair, naive->mail_count);
    id = naive->mails[at].entry_id->Value.bin;
    assert_ok(pair->fx->inbox->lpVtbl->DeleteMessages(pair->fx->inbox, &list, 0, NULL, 0));
    mapi_free(naive->mails[at].entry_id);
    memmove(&naive->mails[at], &naive->mails[at + 1],
            (naive->mail_count - at - 1) * sizeof(naive->mails[0]));
    naive->mail_count--;
}

#endif
