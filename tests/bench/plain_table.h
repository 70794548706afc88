/* SPDX-License-Identifier: MIT */
/*
 * plain_table.h - a table that reads everything into memory, for comparison.
 */
#ifndef PLAIN_TABLE_H
#define PLAIN_TABLE_H

#include "bench.h"

struct plain_row {
    int64_t id;
    int64_t delivered;
    int size, flags, importance;
    char *subject, *sender, *message_class;
};

struct plain {
    struct plain_row *rows;
    struct plain_row **order;
    size_t count;
};

/* Orders for plain_sort(). */
int plain_by_date(const void *a, const void *b);
int plain_by_subject(const void *a, const void *b);
int plain_by_sender(const void *a, const void *b);

/* Reads up to `count` rows of the table msg, by date. */
void plain_open(struct plain *plain, struct raw *raw, size_t count);
void plain_close(struct plain *plain);
void plain_sort(struct plain *plain, int (*order)(const void *a, const void *b));
/* Rows whose subject has the word in it, in any case. */
size_t plain_filter(const struct plain *plain, const char *word);
/* Of rows by subject: the first that does not come before the prefix. */
size_t plain_find(const struct plain *plain, const char *prefix);
/* Of rows by sender: different senders. */
size_t plain_group(const struct plain *plain);

#endif
