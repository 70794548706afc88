/* SPDX-License-Identifier: MIT */
/*
 * table_naive.h - a contents table as plainly as can be: the messages in an array, filtered by
 * asking, sorted by insertion, grouped by walking.
 */
#ifndef TABLE_NAIVE_H
#define TABLE_NAIVE_H

#include "com/table_line.h"

#define NUMBER PROP_TAG(PT_LONG, 0x6802)
#define WORDS PROP_TAG(PT_MV_UNICODE, 0x6803)
#define WORDS_EACH MVI_PROP(PROP_TAG(PT_UNICODE, 0x6803))

enum {
    MAX_MAILS = 40,
    MAX_LEAVES = MAX_MAILS * 3,
    MAX_VISIBLE = MAX_LEAVES * 4,
    MAX_KEYS = 3,
    MAX_MARKS = 4,
    STEPS = 300,
    NAME_SIZE = 96
};

/* --- the naive table -------------------------------------------------------------------------- */

struct mail {
    unsigned id;
    uint64_t delivered;
    char subject[24];
    char sender[8]; /* "": absent */
    bool has_number;
    LONG number;
    LONG importance;
    char words[4]; /* a letter each; "": absent */
    bool read;
    SPropValue *entry_id;
};

struct leaf {
    const struct mail *mail;
    unsigned instance;
};

enum filter_kind {
    FILTER_NONE,
    FILTER_NUMBER,
    FILTER_SENDER,
    FILTER_NOT_SENDER,
    FILTER_PREFIX,
    FILTER_WORD,   /* the subject contains it... */
    FILTER_EITHER, /* ...or the sender is Anna */
    FILTER_COUNT
};

struct filter {
    enum filter_kind kind;
    ULONG relop;
    LONG number;
    char text[8];
};

struct heading_state {
    char path[NAME_SIZE];
    bool expanded;
    bool seen;
};

struct shown {
    char id[NAME_SIZE];   /* who it is, for as long as the table lives */
    char told[NAME_SIZE]; /* what its columns say */
    char path[NAME_SIZE]; /* of a heading */
    bool expanded;
    const struct mail *mail; /* a heading's first one; good until the next change */
    ULONG level;             /* of a heading */
};

struct mark {
    bool used;
    BOOKMARK handle;
    size_t at;
    bool moved;
};

struct naive {
    struct mail mails[MAX_MAILS];
    size_t mail_count;
    unsigned next_id;
    struct sort_order order;
    struct filter filter;
    bool each_word; /* a column asks for it */
    struct heading_state states[MAX_VISIBLE];
    size_t state_count;
    struct shown shown[MAX_VISIBLE];
    size_t shown_count;
    size_t cursor;
    struct mark marks[MAX_MARKS];
};

static inline int compare_nocase(const char *a, const char *b)
{
    for (;; a++, b++) {
        int x = *a >= 'A' && *a <= 'Z' ? *a + 32 : *a;
        int y = *b >= 'A' && *b <= 'Z' ? *b + 32 : *b;

        if (x != y || x == 0)
            return (x > y) - (x < y);
    }
}

static inline bool has_key(const struct leaf *leaf, ULONG tag)
{
    switch (tag) {
    case PR_SENDER_NAME_W:
        return leaf->mail->sender[0] != '\0';
    case NUMBER:
        return leaf->mail->has_number;
    case PR_MESSAGE_DELIVERY_TIME:
        return leaf->mail->delivered != 0;
    case WORDS:
    case WORDS_EACH:
        return leaf->mail->words[0] != '\0';
    default:
        return true;
    }
}

/* Two values that are there, ascending. */
static inline int compare_key(const struct leaf *a, const struct leaf *b, ULONG tag, bool *tail)
{
    const char *x = a->mail->words, *y = b->mail->words;

    *tail = false;
    switch (tag) {
    case PR_SENDER_NAME_W:
        return compare_nocase(a->mail->sender, b->mail->sender);
    case NUMBER:
        return (a->mail->number > b->mail->number) - (a->mail->number < b->mail->number);
    case PR_IMPORTANCE:
        return (a->mail->importance > b->mail->importance) -
               (a->mail->importance < b->mail->importance);
    case PR_MESSAGE_DELIVERY_TIME:
        return (a->mail->delivered > b->mail->delivered) -
               (a->mail->delivered < b->mail->delivered);
    case WORDS_EACH:
        return (x[a->instance] > y[b->instance]) - (x[a->instance] < y[b->instance]);
    case WORDS:
        while (*x != '\0' && *x == *y)
            x++, y++;
        *tail = *x == '\0' || *y == '\0'; /* decided by what is absent: last in both directions */
        if (*tail)
            return (*x == '\0') - (*y == '\0');
        return (*x > *y) - (*x < *y);
    default:
        return compare_nocase(a->mail->subject, b->mail->subject);
    }
}

static inline int compare_by(const struct leaf *a, const struct leaf *b, ULONG tag, bool descending)
{
    bool a_has = has_key(a, tag), b_has = has_key(b, tag);
    bool tail;
    int order;

    if (!a_has || !b_has)
        return b_has - a_has;
    order = compare_key(a, b, tag, &tail);
    return descending && !tail ? -order : order;
}

/* Before `b` in default order: by delivery, then by age, then by instance. */
static inline int compare_default(const struct leaf *a, const struct leaf *b)
{
    if (a->mail->delivered != b->mail->delivered)
        return a->mail->delivered < b->mail->delivered ? -1 : 1;
    if (a->mail != b->mail)
        return a->mail->id < b->mail->id ? -1 : 1;
    return (int)a->instance - (int)b->instance;
}

static inline int compare_leaves(
        const struct naive *naive, const struct leaf *a, const struct leaf *b)
{
    for (ULONG i = 0; i < naive->order.cSorts; i++) {
        const SSortOrder *sort = &naive->order.aSort[i];
        int order = compare_by(a, b, sort->ulPropTag, sort->ulOrder == TABLE_SORT_DESCEND);

        if (order != 0)
            return order;
    }
    return compare_default(a, b);
}

static inline bool contains_nocase(const char *text, const char *word)
{
    for (; *text != '\0'; text++) {
        char head[24] = "";

        memcpy(head, text, strlen(word) < strlen(text) ? strlen(word) : strlen(text));
        if (compare_nocase(head, word) == 0)
            return true;
    }
    return false;
}

static inline bool relates(int order, ULONG relop)
{
    switch (relop) {
    case RELOP_LT:
        return order < 0;
    case RELOP_LE:
        return order <= 0;
    case RELOP_GT:
        return order > 0;
    case RELOP_GE:
        return order >= 0;
    case RELOP_EQ:
        return order == 0;
    default:
        return order != 0;
    }
}

static inline bool matches(const struct filter *filter, const struct mail *mail)
{
    char head[8] = "";

    switch (filter->kind) {
    case FILTER_NUMBER:
        return mail->has_number &&
               relates((mail->number > filter->number) - (mail->number < filter->number),
                       filter->relop);
    case FILTER_SENDER:
        return mail->sender[0] != '\0' &&
               relates(compare_nocase(mail->sender, filter->text), filter->relop);
    case FILTER_NOT_SENDER:
        return !(mail->sender[0] != '\0' && compare_nocase(mail->sender, filter->text) == 0);
    case FILTER_PREFIX:
        memcpy(head, mail->subject, strlen(filter->text));
        return compare_nocase(head, filter->text) == 0;
    case FILTER_WORD:
        return contains_nocase(mail->subject, filter->text);
    case FILTER_EITHER:
        return contains_nocase(mail->subject, filter->text) ||
               compare_nocase(mail->sender, "anna") == 0;
    default:
        return true;
    }
}

static inline bool expands(const struct naive *naive)
{
    bool each = naive->each_word;

    for (ULONG i = 0; i < naive->order.cSorts; i++)
        each |= naive->order.aSort[i].ulPropTag == WORDS_EACH;
    return each;
}

static inline size_t make_leaves(const struct naive *naive, struct leaf *leaves)
{
    size_t count = 0;

    for (size_t i = 0; i < naive->mail_count; i++) {
        const struct mail *mail = &naive->mails[i];
        unsigned instances =
                expands(naive) && mail->words[0] != '\0' ? (unsigned)strlen(mail->words) : 1;

        for (unsigned k = 0; k < instances && matches(&naive->filter, mail); k++) {
            struct leaf leaf = { mail, k };
            size_t at = count++;

            for (; at > 0 && compare_leaves(naive, &leaf, &leaves[at - 1]) < 0; at--)
                leaves[at] = leaves[at - 1];
            leaves[at] = leaf;
        }
    }
    return count;
}

/* The value of a category, so that equal ones are one text. */
static inline void put_key(char *path, const struct leaf *leaf, ULONG tag)
{
    size_t used = strlen(path);
    char lower[24];
    size_t i;

    if (!has_key(leaf, tag)) {
        snprintf(path + used, NAME_SIZE - used, "/-");
        return;
    }
    switch (tag) {
    case NUMBER:
        snprintf(path + used, NAME_SIZE - used, "/#%d", (int)leaf->mail->number);
        return;
    case PR_IMPORTANCE:
        snprintf(path + used, NAME_SIZE - used, "/!%d", (int)leaf->mail->importance);
        return;
    case PR_MESSAGE_DELIVERY_TIME:
        snprintf(path + used, NAME_SIZE - used, "/@%u",
                (unsigned)(leaf->mail->delivered % 1000000000));
        return;
    case WORDS:
        snprintf(path + used, NAME_SIZE - used, "/*%s", leaf->mail->words);
        return;
    case WORDS_EACH:
        snprintf(path + used, NAME_SIZE - used, "/*%c", leaf->mail->words[leaf->instance]);
        return;
    default:
        snprintf(lower, sizeof(lower), "%s",
                tag == PR_SENDER_NAME_W ? leaf->mail->sender : leaf->mail->subject);
        for (i = 0; lower[i] != '\0'; i++)
            lower[i] = (char)(lower[i] >= 'A' && lower[i] <= 'Z' ? lower[i] + 32 : lower[i]);
        snprintf(path + used, NAME_SIZE - used, "/%s", lower);
        return;
    }
}

static inline struct heading_state *state_of(struct naive *naive, const char *path, bool expanded)
{
    for (size_t i = 0; i < naive->state_count; i++) {
        if (strcmp(naive->states[i].path, path) == 0)
            return &naive->states[i];
    }
    assert_true(naive->state_count < MAX_VISIBLE && strlen(path) < NAME_SIZE);
    /* The path may be one of ours: gcc sees that and refuses snprintf. */
    memmove(naive->states[naive->state_count].path, path, strlen(path) + 1);
    naive->states[naive->state_count].expanded = expanded;
    return &naive->states[naive->state_count++];
}

static inline void show_leaf(struct naive *naive, const struct leaf *leaf)
{
    struct shown *shown = &naive->shown[naive->shown_count++];

    shown->path[0] = '\0';
    shown->mail = leaf->mail;
    snprintf(shown->id, NAME_SIZE, "m%u.%u", leaf->mail->id, leaf->instance);
    if (!naive->each_word)
        snprintf(shown->told, NAME_SIZE, "%s", leaf->mail->subject);
    else if (leaf->mail->words[0] == '\0')
        snprintf(shown->told, NAME_SIZE, "%s:?", leaf->mail->subject);
    else
        snprintf(shown->told, NAME_SIZE, "%s:%c", leaf->mail->subject,
                leaf->mail->words[leaf->instance]);
}

/* Headings and leaves of [first, end) below a path, as far as they are visible. */
static inline void show(struct naive *naive, const struct leaf *leaves, size_t first, size_t end,
        ULONG level, const char *parent, bool visible)
{
    while (first < end) {
        char path[NAME_SIZE];
        size_t next = first;
        unsigned unread = 0;
        struct heading_state *state;

        if (level == naive->order.cCategories) {
            if (visible)
                show_leaf(naive, &leaves[first]);
            first++;
            continue;
        }
        snprintf(path, sizeof(path), "%s", parent);
        put_key(path, &leaves[first], naive->order.aSort[level].ulPropTag);
        for (; next < end; next++) {
            char other[NAME_SIZE];

            snprintf(other, sizeof(other), "%s", parent);
            put_key(other, &leaves[next], naive->order.aSort[level].ulPropTag);
            if (strcmp(path, other) != 0)
                break;
            unread += !leaves[next].mail->read;
        }
        state = state_of(naive, path, level < naive->order.cExpanded);
        state->seen = true;
        if (visible) {
            struct shown *shown = &naive->shown[naive->shown_count++];

            snprintf(shown->id, NAME_SIZE, "%s", path);
            snprintf(shown->path, NAME_SIZE, "%s", path);
            shown->expanded = state->expanded;
            shown->mail = leaves[first].mail;
            shown->level = level;
            snprintf(shown->told, NAME_SIZE, "%s%u(%u,%u)", state->expanded ? "+" : "-",
                    (unsigned)level, (unsigned)(next - first), unread);
        }
        show(naive, leaves, first, next, level + 1, path, visible && state->expanded);
        first = next;
    }
}

static inline size_t find_shown(const struct naive *naive, const char *id)
{
    for (size_t i = 0; i < naive->shown_count; i++) {
        if (strcmp(naive->shown[i].id, id) == 0)
            return i;
    }
    return SIZE_MAX;
}

/* Where a place among the rows of before is now. */
static inline size_t follow(const struct naive *naive, const struct shown *old, size_t old_count,
        size_t at, bool *moved)
{
    for (size_t i = at; i < old_count; i++) {
        size_t found = find_shown(naive, old[i].id);

        if (found != SIZE_MAX) {
            *moved |= i != at;
            return found;
        }
    }
    *moved |= at < old_count && naive->shown_count > 0;
    for (size_t i = at; i-- > 0;) {
        size_t found = find_shown(naive, old[i].id);

        if (found != SIZE_MAX)
            return found + 1;
    }
    return 0;
}

static inline void evaluate(struct naive *naive)
{
    static struct shown old[MAX_VISIBLE];
    static struct leaf leaves[MAX_LEAVES];
    size_t old_count = naive->shown_count;
    size_t count = make_leaves(naive, leaves);
    size_t kept = 0;
    bool moved = false;

    memcpy(old, naive->shown, sizeof(old));
    naive->shown_count = 0;
    for (size_t i = 0; i < naive->state_count; i++)
        naive->states[i].seen = false;
    show(naive, leaves, 0, count, 0, "", true);
    for (size_t i = 0; i < naive->state_count; i++) {
        if (naive->states[i].seen)
            naive->states[kept++] = naive->states[i];
    }
    naive->state_count = kept;
    if (naive->cursor > 0)
        naive->cursor = follow(naive, old, old_count, naive->cursor, &moved);
    for (size_t i = 0; i < MAX_MARKS; i++) {
        struct mark *mark = &naive->marks[i];

        if (mark->used)
            mark->at = follow(naive, old, old_count, mark->at, &mark->moved);
    }
}

static inline void forget_places(struct naive *naive)
{
    naive->cursor = 0;
    for (size_t i = 0; i < MAX_MARKS; i++)
        naive->marks[i].used = false;
}

#endif
