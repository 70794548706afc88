/* SPDX-License-Identifier: MIT */
/*
 * table_model.h - the visible rows of a table, kept only from what its notifications say.
 *
 * A model is read once; from then on it changes by events alone, and must always be what the table
 * has. Every event is checked against the model: rows that go or change are there, rows that come
 * are new and have a key that was never used, a predecessor is there.
 */
#ifndef TABLE_MODEL_H
#define TABLE_MODEL_H

#include "table_line.h"

struct model_row {
    unsigned char key[32];
    size_t key_size;
    char *text; /* all columns but the key */
};

/* Events may come on another thread; the lock is for everything below it. */
struct model {
    IMAPITable *table;
    struct host_lock lock;
    struct host_sink sink;
    ULONG_PTR connection;
    struct model_row *rows;
    size_t count;
    struct model_row *used; /* keys that were there since the client rearranged the table */
    size_t used_count;
    ULONG columns; /* that rows are to have */
    /* What came, by kind. */
    size_t added, deleted, modified, changed, other;
    ULONG last_event;
    HRESULT last_result;
    bool is_broken;     /* an event that does not fit */
    const char *broken; /* why */
    bool reread;        /* TABLE_CHANGED: to be read again */
};

/* One value as text; good for comparing, and for people. */
static inline void model_put_value(const SPropValue *value, char *out, size_t size)
{
    size_t used = strlen(out);

    switch (PROP_TYPE(value->ulPropTag)) {
    case PT_UNICODE: {
        char *text = host_text_to_utf8((const uint16_t *)value->Value.lpszW, SIZE_MAX);

        snprintf(out + used, size - used, "%s|", text);
        free(text);
        break;
    }
    case PT_STRING8:
        snprintf(out + used, size - used, "%s|", value->Value.lpszA);
        break;
    case PT_LONG:
        snprintf(out + used, size - used, "%ld|", (long)value->Value.l);
        break;
    case PT_BOOLEAN:
        snprintf(out + used, size - used, "%d|", value->Value.b != 0);
        break;
    case PT_SYSTIME:
        snprintf(out + used, size - used, "%08lx%08lx|",
                (unsigned long)value->Value.ft.dwHighDateTime,
                (unsigned long)value->Value.ft.dwLowDateTime);
        break;
    case PT_ERROR:
        snprintf(out + used, size - used, "?|");
        break;
    default:
        snprintf(out + used, size - used, "~|");
        break;
    }
}

static inline void model_row_free(struct model_row *row)
{
    free(row->text);
    row->text = NULL;
}

/* The key is in the column PR_INSTANCE_KEY. */
static inline struct model_row model_row_from(const SRow *row)
{
    struct model_row out = { .key_size = 0 };
    char text[2048] = "";

    for (ULONG i = 0; i < row->cValues; i++) {
        const SPropValue *value = &row->lpProps[i];

        if (value->ulPropTag != PR_INSTANCE_KEY) {
            model_put_value(value, text, sizeof(text));
            continue;
        }
        out.key_size = value->Value.bin.cb;
        memcpy(out.key, value->Value.bin.lpb, out.key_size);
    }
    out.text = strdup(text);
    return out;
}

static inline bool model_same_key(const struct model_row *row, const SPropValue *key)
{
    return key->ulPropTag == PR_INSTANCE_KEY && row->key_size == key->Value.bin.cb &&
           memcmp(row->key, key->Value.bin.lpb, row->key_size) == 0;
}

static inline size_t model_find(const struct model *model, const SPropValue *key)
{
    size_t i = 0;

    while (i < model->count && !model_same_key(&model->rows[i], key))
        i++;
    return i;
}

static inline void model_break(struct model *model, const char *why)
{
    if (!model->is_broken)
        model->broken = why;
    model->is_broken = true;
}

static inline void model_use_key(struct model *model, const struct model_row *row, bool is_new)
{
    for (size_t i = 0; i < model->used_count; i++) {
        if (model->used[i].key_size != row->key_size ||
                memcmp(model->used[i].key, row->key, row->key_size) != 0)
            continue;
        if (is_new)
            model_break(model, "an added row has a key that was used before");
        return;
    }
    model->used = realloc(model->used, (model->used_count + 1) * sizeof(*model->used));
    model->used[model->used_count] = *row;
    model->used[model->used_count++].text = NULL;
}

static inline void model_insert(struct model *model, size_t at, struct model_row row)
{
    model->rows = realloc(model->rows, (model->count + 1) * sizeof(*model->rows));
    memmove(&model->rows[at + 1], &model->rows[at], (model->count - at) * sizeof(*model->rows));
    model->rows[at] = row;
    model->count++;
}

static inline void model_remove(struct model *model, size_t at)
{
    model_row_free(&model->rows[at]);
    model->count--;
    memmove(&model->rows[at], &model->rows[at + 1], (model->count - at) * sizeof(*model->rows));
}

/* Puts the row of an event behind its predecessor. */
static inline void model_put(struct model *model, const TABLE_NOTIFICATION *tab, bool is_new)
{
    struct model_row row;
    size_t at = 0;

    if (tab->row.cValues != model->columns || tab->row.lpProps == NULL) {
        model_break(model, "a row has not the columns in force");
        return;
    }
    if (tab->propPrior.ulPropTag == PR_INSTANCE_KEY) {
        at = model_find(model, &tab->propPrior);
        if (at == model->count)
            model_break(model, "a predecessor is not there");
        at = at < model->count ? at + 1 : at;
    } else if (tab->propPrior.ulPropTag != PR_NULL) {
        model_break(model, "a first row's predecessor is not PR_NULL");
    }
    row = model_row_from(&tab->row);
    if (!model_same_key(&row, &tab->propIndex))
        model_break(model, "the key in the row is not the one of the event");
    model_use_key(model, &row, is_new);
    model_insert(model, at, row);
}

static inline void model_apply(struct model *model, const TABLE_NOTIFICATION *tab)
{
    size_t at;

    model->last_event = tab->ulTableEvent;
    model->last_result = tab->hResult;
    if (tab->ulTableEvent != TABLE_ROW_ADDED && tab->ulTableEvent != TABLE_ROW_MODIFIED &&
            (tab->row.cValues != 0 || tab->row.lpProps != NULL))
        model_break(model, "an event without row data has some");
    at = model_find(model, &tab->propIndex);
    switch (tab->ulTableEvent) {
    case TABLE_ROW_ADDED:
        model->added++;
        if (at < model->count)
            model_break(model, "a row that is there is added");
        model_put(model, tab, true);
        break;
    case TABLE_ROW_DELETED:
        model->deleted++;
        if (at == model->count)
            model_break(model, "a row that is not there is deleted");
        else
            model_remove(model, at);
        if (tab->propPrior.ulPropTag != PR_NULL)
            model_break(model, "a deleted row has a predecessor");
        break;
    case TABLE_ROW_MODIFIED:
        model->modified++;
        if (at == model->count)
            model_break(model, "a row that is not there is modified");
        else
            model_remove(model, at);
        model_put(model, tab, false);
        break;
    case TABLE_CHANGED:
        model->changed++;
        model->reread = true;
        break;
    default:
        model->other++;
        break;
    }
}

static inline ULONG model_on_event(struct host_sink *sink, const NOTIFICATION *event, void *context)
{
    struct model *model = context;

    (void)sink;
    host_lock_enter(&model->lock);
    if (event->ulEventType != fnevTableModified)
        model_break(model, "an event that is none of a table");
    else
        model_apply(model, &event->info.tab);
    host_lock_leave(&model->lock);
    return 0;
}

/* Under the lock. */
static inline void model_take(struct model *model, const SRowSet *rows)
{
    while (model->count > 0)
        model_remove(model, model->count - 1);
    for (ULONG i = 0; i < rows->cRows; i++) {
        struct model_row row = model_row_from(&rows->aRow[i]);

        model_use_key(model, &row, false);
        model_insert(model, model->count, row);
    }
    model->reread = false;
}

/* All rows; the cursor stays where it is. */
static inline LPSRowSet model_query(struct model *model)
{
    LPSRowSet rows;
    ULONG row = cursor_row(model->table);

    seek(model->table, BOOKMARK_BEGINNING, 0);
    rows = query(model->table, ALL_ROWS, 0);
    seek(model->table, BOOKMARK_BEGINNING, (LONG)row);
    return rows;
}

/* Begins anew: the client itself has changed what is visible. */
static inline void model_read(struct model *model)
{
    LPSRowSet rows = model_query(model);

    host_lock_enter(&model->lock);
    model->used_count = 0;
    model_take(model, rows);
    host_lock_leave(&model->lock);
    mapi_free_rows(rows);
}

/* Nothing is told meanwhile, and nothing is on its way: the client may rearrange the table. */
static inline void model_pause(struct model *model)
{
    assert_ok(model->table->lpVtbl->Unadvise(model->table, model->connection));
    model->connection = 0;
}

static inline void model_resume(struct model *model)
{
    assert_ok(model->table->lpVtbl->Advise(model->table, fnevTableModified,
            &model->sink.IMAPIAdviseSink_iface, &model->connection));
    assert_true(model->connection != 0);
    model_read(model);
}

/* Advises and reads. */
static inline void model_begin(struct model *model, IMAPITable *table, ULONG columns)
{
    memset(model, 0, sizeof(*model));
    model->table = table;
    model->columns = columns;
    host_sink_init(&model->sink);
    model->sink.on_event = model_on_event;
    model->sink.context = model;
    assert_ok(table->lpVtbl->Advise(
            table, fnevTableModified, &model->sink.IMAPIAdviseSink_iface, &model->connection));
    assert_true(model->connection != 0);
    model_read(model);
}

static inline void model_forget_counts(struct model *model)
{
    model->added = model->deleted = model->modified = model->changed = model->other = 0;
    host_sink_clear(&model->sink);
}

static inline size_t model_events(struct model *model)
{
    size_t count;

    host_lock_enter(&model->lock);
    count = model->added + model->deleted + model->modified + model->changed + model->other;
    host_lock_leave(&model->lock);
    return count;
}

/* Under the lock: the first difference between the model and the rows, as text; "": none. */
static inline void model_compare(
        const struct model *model, const SRowSet *rows, char *out, size_t size)
{
    out[0] = '\0';
    if (rows->cRows != model->count)
        snprintf(out, size, "%u rows, the model has %u", (unsigned)rows->cRows,
                (unsigned)model->count);
    for (ULONG i = 0; i < rows->cRows && out[0] == '\0'; i++) {
        struct model_row row = model_row_from(&rows->aRow[i]);

        if (strcmp(row.text, model->rows[i].text) != 0)
            snprintf(out, size, "row %u is %s, in the model %s", (unsigned)i, row.text,
                    model->rows[i].text);
        else if (row.key_size != model->rows[i].key_size ||
                 memcmp(row.key, model->rows[i].key, row.key_size) != 0)
            snprintf(out, size, "row %u, %s, has another key", (unsigned)i, row.text);
        model_row_free(&row);
    }
}

/* The model must be what the table is, at once, or when another thread has told the rest. */
static inline void model_check(struct model *model)
{
    char difference[4096];

    for (int tries = 0; tries < 10000; tries++) {
        LPSRowSet rows = model_query(model);

        host_lock_enter(&model->lock);
        if (model->reread)
            model_take(model, rows);
        model_compare(model, rows, difference, sizeof(difference));
        host_lock_leave(&model->lock);
        mapi_free_rows(rows);
        if (model->is_broken)
            fail_msg("%s", model->broken);
        if (difference[0] == '\0')
            return;
        host_sleep_ms(1);
    }
    fail_msg("%s", difference);
}

/* Gives `fresh`, with no headings opened or closed yet, the headings' states of the model's table.
 */
static inline void model_copy_headings(struct model *model, IMAPITable *fresh)
{
    const struct model_row *first = model->rows;
    BOOKMARK made = POISON_CONN;
    LPBYTE saved = POISON;
    ULONG size = 0;
    BYTE key[sizeof(first->key)];

    memcpy(key, first->key, sizeof(key));
    assert_ok(model->table->lpVtbl->GetCollapseState(
            model->table, 0, (ULONG)first->key_size, key, &size, &saved));
    assert_ok(fresh->lpVtbl->SetCollapseState(fresh, 0, size, saved, &made));
    mapi_free(saved);
    assert_ok(fresh->lpVtbl->FreeBookmark(fresh, made));
}

/* The model, checked before, must be what a table has that was opened just now, and knows nothing
 * of how the rows came to be: `fresh` is given the columns, order, restriction (NULL: none) and
 * headings of the model's table. Keys are a table's own. */
static inline void model_check_fresh(
        struct model *model, IMAPITable *fresh, SRestriction *restriction)
{
    LPSPropTagArray columns = NULL;
    LPSSortOrderSet order = NULL;
    LPSRowSet rows;

    assert_ok(model->table->lpVtbl->QueryColumns(model->table, 0, &columns));
    assert_ok(fresh->lpVtbl->SetColumns(fresh, columns, 0));
    assert_ok(model->table->lpVtbl->QuerySortOrder(model->table, &order));
    assert_ok(fresh->lpVtbl->SortTable(fresh, order, 0));
    assert_ok(fresh->lpVtbl->Restrict(fresh, restriction, 0));
    if (order->cCategories > 0 && model->count > 0)
        model_copy_headings(model, fresh);
    seek(fresh, BOOKMARK_BEGINNING, 0);
    rows = query(fresh, ALL_ROWS, 0);
    if (rows->cRows != model->count)
        fail_msg("a fresh table has %u rows, the model %u", (unsigned)rows->cRows,
                (unsigned)model->count);
    for (ULONG i = 0; i < rows->cRows; i++) {
        struct model_row row = model_row_from(&rows->aRow[i]);

        if (strcmp(row.text, model->rows[i].text) != 0)
            fail_msg("row %u of a fresh table is %s, in the model %s", (unsigned)i, row.text,
                    model->rows[i].text);
        model_row_free(&row);
    }
    mapi_free_rows(rows);
    mapi_free(order);
    mapi_free(columns);
}

static inline void model_end(struct model *model)
{
    if (model->connection != 0)
        assert_ok(model->table->lpVtbl->Unadvise(model->table, model->connection));
    assert_int_equal(model->sink.refs, 1);
    while (model->count > 0)
        model_remove(model, model->count - 1);
    free(model->rows);
    free(model->used);
    host_sink_done(&model->sink);
}

#endif
