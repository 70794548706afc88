/* SPDX-License-Identifier: MIT */
/*
 * table_naive.h - a contents table as plainly as can be: the messages in an array, filtered by
 * asking, sorted by insertion, grouped by walking.
 */
#ifndef TABLE_NAIVE_H
#define TABLE_NAIVE_H

#include "com/restrict_random.h"
#include "com/table_line.h"

#define NUMBER PROP_TAG(PT_LONG, 0x6802)
#define WORDS PROP_TAG(PT_MV_UNICODE, 0x6803)
#define WORDS_EACH MVI_PROP(PROP_TAG(PT_UNICODE, 0x6803))
#define RATIO PROP_TAG(PT_DOUBLE, 0x6804)
#define BYTES PROP_TAG(PT_BINARY, 0x6805)

enum {
    MAX_MAILS = 40,
    MAX_LEAVES = MAX_MAILS * 3,
    MAX_VISIBLE = MAX_LEAVES * 5,
    MAX_SORTS = 4,
    MAX_MARKS = 4,
    MAIL_PROPS = 8,
    STEPS = 300,
    NAME_SIZE = 320
};

/* --- the naive table -------------------------------------------------------------------------- */

struct mail {
    unsigned id;
    SPropValue props[MAIL_PROPS]; /* those that are there */
    ULONG prop_count;
    bool read;
    SPropValue *entry_id;
};

struct leaf {
    const struct mail *mail;
    unsigned instance;
};

/* A row as restrictions see it. */
struct seen {
    struct naive_row row;
    SPropValue props[MAIL_PROPS + 4]; /* with what the table adds */
    SPropValue single;                /* the one word of this row */
};

struct key {
    ULONG tag;
    bool descending;
};

/* One level of headings. */
struct level {
    size_t first, end; /* of the keys it is made of */
    ULONG aggregate;   /* 0: its headings are in the order of its keys */
    bool maximum;
    bool descending;
    bool expanded; /* how its headings begin */
};

struct plan {
    struct key keys[MAX_SORTS];
    size_t key_count;
    struct level levels[MAX_SORTS];
    size_t level_count;
};

struct heading_state {
    char path[NAME_SIZE];
    bool expanded;
    bool seen;
};

struct shown {
    char id[NAME_SIZE];   /* who it is, for as long as the table lives */
    char told[NAME_SIZE]; /* what its columns say */
    char path[NAME_SIZE]; /* of the heading, or of the one that a leaf is under */
    bool is_heading;
    bool expanded;
    struct leaf leaf; /* a heading's first one; good until the next change */
    size_t level;     /* of a heading */
    ULONG count, unread;
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
    struct plan plan;
    const SRestriction *filter; /* NULL: all */
    bool each_word;             /* a column asks for it */
    struct heading_state states[MAX_VISIBLE];
    size_t state_count;
    struct shown shown[MAX_VISIBLE];
    size_t shown_count;
    size_t cursor;
    struct mark marks[MAX_MARKS];
};

/* The order as keys and levels: the categories first; what is combined with one, or orders it,
 * belongs to it. */
static inline struct plan plan_of(const struct sort_order *order)
{
    struct plan plan = { .key_count = 0 };

    for (ULONG i = 0; i < order->cSorts; i++) {
        const SSortOrder *sort = &order->aSort[i];
        bool descending = (sort->ulOrder & TABLE_SORT_DESCEND) != 0;
        bool is_special = sort->ulOrder > TABLE_SORT_DESCEND;
        struct level *level;

        if (!is_special && i < order->cCategories) {
            level = &plan.levels[plan.level_count++];
            level->first = plan.key_count;
            level->descending = descending;
        }
        level = &plan.levels[plan.level_count > 0 ? plan.level_count - 1 : 0];
        if (is_special || i < order->cCategories)
            level->expanded =
                    (i < order->cCategories ? i + 1 : order->cCategories) <= order->cExpanded;
        if ((sort->ulOrder & (TABLE_SORT_CATEG_MAX | TABLE_SORT_CATEG_MIN)) != 0) {
            level->aggregate = sort->ulPropTag;
            level->maximum = (sort->ulOrder & TABLE_SORT_CATEG_MAX) != 0;
            level->descending |= descending;
            continue;
        }
        plan.keys[plan.key_count].tag = sort->ulPropTag;
        plan.keys[plan.key_count++].descending = descending || (is_special && level->descending);
        if (is_special || i < order->cCategories)
            level->end = plan.key_count;
    }
    return plan;
}

/* --- leaves ----------------------------------------------------------------------------------- */

static inline bool expands(const struct naive *naive)
{
    bool each = naive->each_word;

    for (ULONG i = 0; i < naive->order.cSorts; i++)
        each |= naive->order.aSort[i].ulPropTag == WORDS_EACH;
    return each;
}

static inline const SPropValue *prop_of(const struct mail *mail, ULONG tag)
{
    for (ULONG i = 0; i < mail->prop_count; i++) {
        if (mail->props[i].ulPropTag == tag)
            return &mail->props[i];
    }
    return NULL;
}

/* The leaf as restrictions see it, without what the table adds. */
static inline void see_leaf(const struct naive *naive, const struct leaf *leaf, struct seen *out)
{
    const SPropValue *words = expands(naive) ? prop_of(leaf->mail, WORDS) : NULL;

    out->row = (struct naive_row){ .props = leaf->mail->props, .count = leaf->mail->prop_count };
    if (words == NULL)
        return;
    out->single = naive_element(words, leaf->instance);
    out->row.single = &out->single;
    out->row.single_count = 1;
}

/* With a multi-valued one, the first difference decides; where only one has a value left, it is
 * first, as whatever is there. */
static inline int compare_values(const SPropValue *a, const SPropValue *b, bool descending)
{
    int order = 0;

    if (a == NULL || b == NULL)
        return (a == NULL) - (b == NULL);
    if ((PROP_TYPE(a->ulPropTag) & MV_FLAG) == 0)
        return descending ? naive_order(b, a) : naive_order(a, b);
    for (ULONG i = 0; order == 0 && i < a->Value.MVl.cValues && i < b->Value.MVl.cValues; i++) {
        SPropValue x = naive_element(a, i), y = naive_element(b, i);

        order = compare_values(&x, &y, descending);
    }
    return order != 0 ? order : NAIVE_ORDER(b->Value.MVl.cValues, a->Value.MVl.cValues);
}

static inline int compare_by(const struct naive *naive, const struct leaf *a, const struct leaf *b,
        const struct key *key)
{
    struct seen x, y;

    see_leaf(naive, a, &x);
    see_leaf(naive, b, &y);
    return compare_values(
            naive_cell(&x.row, key->tag), naive_cell(&y.row, key->tag), key->descending);
}

/* In default order: by delivery, where none is first, then by age, then by instance. */
static inline int compare_default(const struct leaf *a, const struct leaf *b)
{
    const SPropValue *x = prop_of(a->mail, PR_MESSAGE_DELIVERY_TIME);
    const SPropValue *y = prop_of(b->mail, PR_MESSAGE_DELIVERY_TIME);
    int order = x != NULL && y != NULL ? naive_order(x, y) : (x != NULL) - (y != NULL);

    if (order == 0)
        order = NAIVE_ORDER(a->mail->id, b->mail->id);
    return order != 0 ? order : NAIVE_ORDER(a->instance, b->instance);
}

static inline int compare_leaves(
        const struct naive *naive, const struct leaf *a, const struct leaf *b)
{
    for (size_t i = 0; i < naive->plan.key_count; i++) {
        int order = compare_by(naive, a, b, &naive->plan.keys[i]);

        if (order != 0)
            return order;
    }
    return compare_default(a, b);
}

static inline size_t make_leaves(const struct naive *naive, struct leaf *leaves)
{
    size_t count = 0;

    for (size_t i = 0; i < naive->mail_count; i++) {
        const struct mail *mail = &naive->mails[i];
        const SPropValue *words = prop_of(mail, WORDS);
        unsigned instances = expands(naive) && words != NULL ? words->Value.MVl.cValues : 1;

        for (unsigned k = 0; k < instances; k++) {
            struct leaf leaf = { mail, k };
            struct seen seen;
            size_t at = count;

            see_leaf(naive, &leaf, &seen);
            if (naive->filter != NULL && !naive_matches(naive->filter, &seen.row))
                continue;
            for (; at > 0 && compare_leaves(naive, &leaf, &leaves[at - 1]) < 0; at--)
                leaves[at] = leaves[at - 1];
            leaves[at] = leaf;
            count++;
        }
    }
    return count;
}

/* --- headings --------------------------------------------------------------------------------- */

/* The end of the leaves from `first` on that are under one heading of the level. */
static inline size_t group_end(const struct naive *naive, const struct leaf *leaves, size_t first,
        size_t end, const struct level *level)
{
    size_t next = first;

    for (; next < end; next++) {
        for (size_t i = level->first; i < level->end; i++) {
            if (compare_by(naive, &leaves[first], &leaves[next], &naive->plan.keys[i]) != 0)
                return next;
        }
    }
    return next;
}

/* The largest or smallest value among leaves; false: none has one. */
static inline bool best_of(const struct naive *naive, const struct leaf *leaves, size_t count,
        const struct level *level, SPropValue *out)
{
    bool found = false;

    for (size_t i = 0; i < count; i++) {
        struct seen seen;
        const SPropValue *value;

        see_leaf(naive, &leaves[i], &seen);
        value = naive_cell(&seen.row, level->aggregate);
        if (value == NULL)
            continue;
        if (!found || (level->maximum ? naive_order(value, out) > 0 : naive_order(value, out) < 0))
            *out = *value;
        found = true;
    }
    return found;
}

struct group {
    struct leaf leaves[MAX_LEAVES];
    size_t count;
    SPropValue best;
    bool has_best;
};

/* Puts the leaves [first, end), sorted by keys, into the order that the headings from a level on
 * have. */
static inline void arrange(
        const struct naive *naive, struct leaf *leaves, size_t first, size_t end, size_t depth)
{
    const struct level *level = &naive->plan.levels[depth];
    struct group *groups;
    size_t count = 0;

    if (depth == naive->plan.level_count || first == end)
        return;
    groups = calloc(MAX_LEAVES, sizeof(*groups));
    assert_non_null(groups);
    for (size_t at = first, next; at < end; at = next) {
        struct group group = { .count = 0 };
        size_t to = count++;

        next = group_end(naive, leaves, at, end, level);
        group.count = next - at;
        memcpy(group.leaves, &leaves[at], group.count * sizeof(*leaves));
        if (level->aggregate != 0)
            group.has_best = best_of(naive, group.leaves, group.count, level, &group.best);
        for (; to > 0 && level->aggregate != 0; to--) {
            const struct group *before = &groups[to - 1];

            if (compare_values(group.has_best ? &group.best : NULL,
                        before->has_best ? &before->best : NULL, level->descending) >= 0)
                break;
            groups[to] = *before;
        }
        groups[to] = group;
    }
    for (size_t i = 0, at = first; i < count; i++) {
        memcpy(&leaves[at], groups[i].leaves, groups[i].count * sizeof(*leaves));
        arrange(naive, leaves, at, at + groups[i].count, depth + 1);
        at += groups[i].count;
    }
    free(groups);
}

/* The value of a category, so that equal ones are one text. */
static inline void put_key(char *path, const SPropValue *value)
{
    size_t used = strlen(path);
    struct naive_codes codes;

    if (value == NULL) {
        snprintf(path + used, NAME_SIZE - used, "/-");
        return;
    }
    switch (PROP_TYPE(value->ulPropTag)) {
    case PT_LONG:
        snprintf(path + used, NAME_SIZE - used, "/#%d", (int)value->Value.l);
        return;
    case PT_SYSTIME:
        snprintf(path + used, NAME_SIZE - used, "/@%u", (unsigned)value->Value.ft.dwLowDateTime);
        return;
    case PT_DOUBLE: /* both zeros are one, and all that are no number */
        if (isnan(value->Value.dbl))
            snprintf(path + used, NAME_SIZE - used, "/=nan");
        else
            snprintf(path + used, NAME_SIZE - used, "/=%g", value->Value.dbl + 0.0);
        return;
    case PT_MV_UNICODE:
        for (ULONG i = 0; i < value->Value.MVl.cValues; i++) {
            SPropValue one = naive_element(value, i);

            put_key(path, &one);
        }
        strcat(path, "*");
        return;
    default:
        codes = naive_codes_of(value, PROP_TYPE(value->ulPropTag) == PT_UNICODE, false);
        used += (size_t)snprintf(path + used, NAME_SIZE - used, "/");
        for (size_t i = 0; i < codes.count && used < NAME_SIZE; i++)
            used += (size_t)snprintf(path + used, NAME_SIZE - used, "%X,", (unsigned)codes.at[i]);
        free(codes.at);
        return;
    }
}

static inline void put_path(
        const struct naive *naive, char *path, const struct leaf *leaf, const struct level *level)
{
    struct seen seen;

    see_leaf(naive, leaf, &seen);
    for (size_t i = level->first; i < level->end; i++)
        put_key(path, naive_cell(&seen.row, naive->plan.keys[i].tag));
    assert_true(strlen(path) + 1 < NAME_SIZE);
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

static inline bool is_key_until(const struct plan *plan, size_t level, ULONG tag)
{
    for (size_t i = 0; i < plan->levels[level].end; i++) {
        if (PROP_ID(plan->keys[i].tag) == PROP_ID(tag))
            return true;
    }
    return false;
}

/* A visible row as restrictions see it: a heading by the keys of its level and the outer ones. */
static inline void see_row(const struct naive *naive, const struct shown *shown, struct seen *out)
{
    const struct mail *mail = shown->leaf.mail;
    ULONG depth = (ULONG)(shown->is_heading ? shown->level : naive->plan.level_count);
    ULONG type = shown->expanded ? TBL_EXPANDED_CATEGORY : TBL_COLLAPSED_CATEGORY;
    ULONG count = 0;

    see_leaf(naive, &shown->leaf, out);
    for (ULONG i = 0; i < mail->prop_count; i++) {
        if (!shown->is_heading ||
                is_key_until(&naive->plan, shown->level, mail->props[i].ulPropTag))
            out->props[count++] = mail->props[i];
    }
    if (shown->is_heading) {
        out->props[count++] = long_value(PR_CONTENT_COUNT, (LONG)shown->count);
        out->props[count++] = long_value(PR_CONTENT_UNREAD, (LONG)shown->unread);
    }
    out->props[count++] = long_value(PR_ROW_TYPE, (LONG)(shown->is_heading ? type : TBL_LEAF_ROW));
    out->props[count++] = long_value(PR_DEPTH, (LONG)depth);
    out->row.props = out->props;
    out->row.count = count;
}

/* What a row is to say of a text: nothing, or the value. */
static inline void tell_text(char *told, const SPropValue *value)
{
    size_t used = strlen(told);
    char *text;

    if (value == NULL) {
        snprintf(told + used, NAME_SIZE - used, " ?");
        return;
    }
    text = host_text_to_utf8((const uint16_t *)value->Value.lpszW, SIZE_MAX);
    snprintf(told + used, NAME_SIZE - used, " %s", text);
    free(text);
}

static inline void tell_texts(const struct naive *naive, struct shown *shown)
{
    struct seen seen;

    see_row(naive, shown, &seen);
    tell_text(shown->told, naive_cell(&seen.row, PR_SUBJECT_W));
    tell_text(shown->told, naive_cell(&seen.row, PR_SENDER_NAME_W));
    if (naive->each_word)
        tell_text(shown->told, naive_cell(&seen.row, WORDS_EACH));
}

static inline void show_leaf(struct naive *naive, const struct leaf *leaf, const char *path)
{
    struct shown *shown = &naive->shown[naive->shown_count++];

    assert_true(naive->shown_count <= MAX_VISIBLE);
    memset(shown, 0, sizeof(*shown));
    snprintf(shown->path, NAME_SIZE, "%s", path);
    shown->leaf = *leaf;
    snprintf(shown->id, NAME_SIZE, "m%u.%u", leaf->mail->id, leaf->instance);
    tell_texts(naive, shown);
}

static inline struct shown *show_heading(struct naive *naive, const struct leaf *leaves,
        size_t count, size_t level, const char *path, const struct heading_state *state)
{
    struct shown *shown = &naive->shown[naive->shown_count++];

    assert_true(naive->shown_count <= MAX_VISIBLE);
    memset(shown, 0, sizeof(*shown));
    snprintf(shown->id, NAME_SIZE, "%s", path);
    snprintf(shown->path, NAME_SIZE, "%s", path);
    shown->is_heading = true;
    shown->expanded = state->expanded;
    shown->leaf = leaves[0];
    shown->level = level;
    shown->count = (ULONG)count;
    for (size_t i = 0; i < count; i++)
        shown->unread += !leaves[i].mail->read;
    snprintf(shown->told, NAME_SIZE, "%s%u(%u,%u)", state->expanded ? "+" : "-", (unsigned)level,
            (unsigned)shown->count, (unsigned)shown->unread);
    tell_texts(naive, shown);
    return shown;
}

/* Headings and leaves of [first, end) below a path, as far as they are visible. */
static inline void show(struct naive *naive, const struct leaf *leaves, size_t first, size_t end,
        size_t level, const char *parent, bool visible)
{
    while (first < end) {
        char path[NAME_SIZE];
        size_t next;
        struct heading_state *state;

        if (level == naive->plan.level_count) {
            if (visible)
                show_leaf(naive, &leaves[first], parent);
            first++;
            continue;
        }
        snprintf(path, sizeof(path), "%s", parent);
        put_path(naive, path, &leaves[first], &naive->plan.levels[level]);
        next = group_end(naive, leaves, first, end, &naive->plan.levels[level]);
        state = state_of(naive, path, naive->plan.levels[level].expanded);
        state->seen = true;
        if (visible)
            (void)show_heading(naive, &leaves[first], next - first, level, path, state);
        show(naive, leaves, first, next, level + 1, path, visible && state->expanded);
        first = next;
    }
}

/* --- places ----------------------------------------------------------------------------------- */

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
    *moved |= at < old_count;
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
    arrange(naive, leaves, 0, count, 0);
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
