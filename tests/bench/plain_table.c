/* SPDX-License-Identifier: MIT */
/*
 * plain_table.c - the table to compare with: it reads all rows into memory, sorts them with qsort,
 * and filters them one by one.
 */
#include "plain_table.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

int plain_by_date(const void *a, const void *b)
{
    const struct plain_row *x = *(struct plain_row *const *)a;
    const struct plain_row *y = *(struct plain_row *const *)b;

    if (x->delivered != y->delivered)
        return x->delivered < y->delivered ? -1 : 1;
    return x->id < y->id ? -1 : 1;
}

int plain_by_subject(const void *a, const void *b)
{
    const struct plain_row *x = *(struct plain_row *const *)a;
    const struct plain_row *y = *(struct plain_row *const *)b;
    int order = strcasecmp(x->subject, y->subject);

    return order != 0 ? order : plain_by_date(a, b);
}

int plain_by_sender(const void *a, const void *b)
{
    const struct plain_row *x = *(struct plain_row *const *)a;
    const struct plain_row *y = *(struct plain_row *const *)b;
    int order = strcasecmp(x->sender, y->sender);

    return order != 0 ? order : plain_by_date(a, b);
}

void plain_sort(struct plain *plain, int (*order)(const void *a, const void *b))
{
    qsort(plain->order, plain->count, sizeof(struct plain_row *), order);
}

void plain_open(struct plain *plain, struct raw *raw, size_t count)
{
    sqlite3_stmt *stmt = NULL;

    plain->rows = calloc(count, sizeof(*plain->rows));
    plain->order = calloc(count, sizeof(struct plain_row *));
    plain->count = 0;
    assert_true(plain->rows != NULL && plain->order != NULL);
    sqlite3_prepare_v2(raw->db,
            "SELECT id,delivered,size,flags,importance,subject,sender,class FROM msg", -1, &stmt,
            NULL);
    while (sqlite3_step(stmt) == SQLITE_ROW && plain->count < count) {
        struct plain_row *row = &plain->rows[plain->count];

        row->id = sqlite3_column_int64(stmt, 0);
        row->delivered = sqlite3_column_int64(stmt, 1);
        row->size = sqlite3_column_int(stmt, 2);
        row->flags = sqlite3_column_int(stmt, 3);
        row->importance = sqlite3_column_int(stmt, 4);
        row->subject = strdup((const char *)sqlite3_column_text(stmt, 5));
        row->sender = strdup((const char *)sqlite3_column_text(stmt, 6));
        row->message_class = strdup((const char *)sqlite3_column_text(stmt, 7));
        plain->order[plain->count++] = row;
    }
    sqlite3_finalize(stmt);
    plain_sort(plain, plain_by_date);
}

void plain_close(struct plain *plain)
{
    for (size_t i = 0; i < plain->count; i++) {
        free(plain->rows[i].subject);
        free(plain->rows[i].sender);
        free(plain->rows[i].message_class);
    }
    free(plain->rows);
    free(plain->order);
}

size_t plain_filter(const struct plain *plain, const char *word)
{
    size_t size = strlen(word);
    size_t found = 0;

    for (size_t i = 0; i < plain->count; i++) {
        const char *at = plain->order[i]->subject;

        while (*at != '\0' && strncasecmp(at, word, size) != 0)
            at++;
        found += *at != '\0';
    }
    return found;
}

size_t plain_find(const struct plain *plain, const char *prefix)
{
    size_t low = 0;
    size_t high = plain->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (strcasecmp(plain->order[mid]->subject, prefix) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

size_t plain_group(const struct plain *plain)
{
    size_t groups = plain->count > 0;

    for (size_t i = 1; i < plain->count; i++)
        groups += strcasecmp(plain->order[i - 1]->sender, plain->order[i]->sender) != 0;
    return groups;
}
