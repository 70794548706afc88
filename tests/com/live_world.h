/* SPDX-License-Identifier: MIT */
/*
 * live_world.h - the inbox by subject as a table that tells of its changes, and a model of its rows
 * that is kept from what it tells.
 */
#ifndef LIVE_WORLD_H
#define LIVE_WORLD_H

#include "raw_logon.h"
#include "table_model.h"

struct live {
    struct fixture *fx;
    IMAPITable *table;
    struct model model;
};

/* The inbox by subject, with a and c in it. */
static inline int live_setup(void **state)
{
    static const struct sort_order by_subject = { 1, 0, 0,
        { { PR_SUBJECT_W, TABLE_SORT_ASCEND } } };
    struct live *live = calloc(1, sizeof(*live));
    void *fx = NULL;

    fixture_inbox_setup(&fx);
    live->fx = fx;
    add_mail(live->fx->inbox, "a", "anna", true);
    add_mail(live->fx->inbox, "c", "carl", true);
    live->table = contents_table(live->fx->inbox);
    sort(live->table, &by_subject);
    model_begin(&live->model, live->table, LINE_COLUMNS);
    *state = live;
    return 0;
}

static inline int live_teardown(void **state)
{
    struct live *live = *state;
    void *fx = live->fx;

    model_end(&live->model);
    release_last(live->table);
    free(live);
    return fixture_teardown(&fx);
}

static inline IMessage *open_by_subject(struct live *live, const char *subject)
{
    static const ULONG tags[] = { PR_SUBJECT_W, PR_ENTRYID };
    IMAPITable *table = contents_table(live->fx->inbox);
    IMessage *message = NULL;
    LPSRowSet rows;

    set_columns(table, tags, 2);
    rows = query(table, ALL_ROWS, 0);
    for (ULONG i = 0; i < rows->cRows && message == NULL; i++) {
        char text[64] = "";

        put_text(text, sizeof(text), &rows->aRow[i].lpProps[0]);
        if (strcmp(text, subject) == 0)
            message = message_open(live->fx->store, &rows->aRow[i].lpProps[1]);
    }
    mapi_free_rows(rows);
    release_last(table);
    assert_non_null(message);
    return message;
}

static inline void rename_mail(struct live *live, const char *from, const char *to)
{
    IMessage *message = open_by_subject(live, from);
    size_t before = model_events(&live->model);

    prop_set_text(message, PR_SUBJECT_W, to);
    assert_int_equal(model_events(&live->model), before); /* not while it is pending */
    assert_ok(message->lpVtbl->SaveChanges(message, 0));
    release_last(message);
}

static inline void delete_mail(struct live *live, const char *subject)
{
    IMessage *message = open_by_subject(live, subject);
    SPropValue *id = prop_get(message, PR_ENTRYID);
    ENTRYLIST list = { 1, &id->Value.bin };

    release_last(message);
    assert_ok(live->fx->inbox->lpVtbl->DeleteMessages(live->fx->inbox, &list, 0, NULL, 0));
    mapi_free(id);
}

static inline void assert_counts(struct live *live, size_t added, size_t deleted, size_t modified)
{
    assert_int_equal(live->model.added, added);
    assert_int_equal(live->model.deleted, deleted);
    assert_int_equal(live->model.modified, modified);
    assert_int_equal(live->model.changed, 0);
    assert_int_equal(live->model.other, 0);
    model_check(&live->model);
}

/* The n-th event, of a kind, of a row and behind another one ("": none, or the first). */
static inline void assert_event(
        struct live *live, size_t n, ULONG kind, const char *row, const char *prior)
{
    struct host_event event;
    struct row_key key;

    assert_true(host_sink_event(&live->model.sink, n, &event));
    assert_int_equal(event.type, fnevTableModified);
    assert_int_equal(event.table_event, kind);
    if (row[0] != '\0') {
        key = key_of(live->table, row);
        assert_int_equal(event.index_size, key.size);
        assert_memory_equal(event.index, key.bytes, key.size);
    }
    if (prior[0] == '\0') {
        assert_int_equal(event.prior_size, 0);
        return;
    }
    key = key_of(live->table, prior);
    assert_int_equal(event.prior_size, key.size);
    assert_memory_equal(event.prior, key.bytes, key.size);
}

#endif
