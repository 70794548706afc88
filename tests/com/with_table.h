/* SPDX-License-Identifier: MIT */
/*
 * with_table.h - an open contents table of an inbox, for tests that begin with one.
 */
#ifndef WITH_TABLE_H
#define WITH_TABLE_H

#include "com/table_line.h"

struct with_table {
    struct fixture *fx;
    IMAPITable *table; /* NULL when a test gave it back */
};

static const struct sort_order by_subject = { 1, 0, 0, { { PR_SUBJECT_W, TABLE_SORT_ASCEND } } };

/* An empty inbox and its table. */
static inline struct with_table *with_table_new(void)
{
    struct with_table *with = calloc(1, sizeof(*with));
    void *fixture;

    assert_non_null(with);
    fixture_inbox_setup(&fixture);
    with->fx = fixture;
    with->table = contents_table(with->fx->inbox);
    return with;
}

static inline int with_table_teardown(void **state)
{
    struct with_table *with = *state;
    void *fixture = with->fx;

    if (with->table != NULL)
        release_last(with->table);
    free(with);
    return fixture_teardown(&fixture);
}

/* Five messages; delivery times are absent, so the default order is that of their making. */
static inline int with_five_setup(void **state)
{
    static const char *const subjects[] = { "delta", "alpha", "echo", "bravo", "Charlie" };
    struct with_table *with = with_table_new();

    for (size_t i = 0; i < COUNT_OF(subjects); i++)
        add_mail(with->fx->inbox, subjects[i], i % 2 == 0 ? "anna" : "Bob", i == 0);
    *state = with;
    return 0;
}

#endif
