/* SPDX-License-Identifier: MIT */
/*
 * table_apart.c - an asynchronous operation on a large table without the logon's lock.
 *
 * The view that the client wants is evaluated as another view, of the same rows through a
 * connection of its own, while the logon's other calls go on. The rows that come out are those of
 * one state of the store; under the lock again they take the table's place, and what was committed
 * since that state is followed from the journal, as always.
 *
 * Owns:  struct table_apart with its connection, source and view, between table_apart_new() and
 *        table_apart_free().
 * Locks: table_apart_new() and _install() run under the domain's, table_apart_evaluate() without
 *        any. The table is not changed by anybody meanwhile: its calls answer MAPI_E_BUSY, live
 * rows are not followed, and the table's end waits for the evaluation, which it stops.
 */
#include "com/table_apart.h"

#include <string.h>

#include "com/logon.h"
#include "com/table_impl.h"
#include "util/alloc.h"

enum {
    APART_MIN = 4096, /* rows: fewer are done sooner than another connection is there */
    BUSY_MS = 100     /* storing columns is not worth a longer wait */
};

struct table_apart {
    struct msp_call call;
    struct table *table;          /* NULL once it has ended */
    const struct view_wish *wish; /* the table's work has it */
    struct logon logon;           /* stands in for the real one: what a row's cells need of it */
    struct msp_buf path;
    struct table_source *source;
    struct view view;
    struct column_cache *columns; /* what the connection has left; NULL: nothing */
};

/* Enough rows, and a source that can be had again? Headings keep their state over a restriction;
 * that is looked up in the table's own rows, so it is done in place. So are columns, which seldom
 * ask for other rows. */
static bool pays(struct msp_call *call, struct table *table, const struct view_wish *wish)
{
    const struct table_source_ops *ops = table->source->ops;
    size_t count = 0;

    if (ops->again == NULL || wish->tags != NULL || eng_has_group(table->logon->eng) ||
            (wish->sort == NULL && table->view.order.level_count > 0))
        return false;
    return SUCCEEDED(ops->count(call, table->source, &count)) && count >= APART_MIN;
}

static void stand_in(const struct logon *logon, struct logon *out)
{
    memcpy(out->store_uid, logon->store_uid, sizeof(out->store_uid));
    out->alloc = logon->alloc;
    out->can_write = logon->can_write;
    out->is_spooler = logon->is_spooler;
    out->store_entryid = logon->store_entryid; /* borrowed */
    msp_list_init(&out->idle.newest);
}

struct table_apart *table_apart_new(
        struct msp_call *call, struct table *table, const struct view_wish *wish)
{
    struct table_apart *apart;

    if (!pays(call, table, wish))
        return NULL;
    apart = msp_calloc(1, sizeof(*apart));
    if (apart == NULL)
        return NULL;
    apart->call = *call;
    apart->table = table;
    apart->wish = wish;
    apart->call.stop = &table->work.stop;
    stand_in(table->logon, &apart->logon);
    if (msp_buf_append(&apart->path, table->logon->path.data, table->logon->path.size) &&
            SUCCEEDED(table->source->ops->again(table->source, &apart->logon, &apart->source)) &&
            SUCCEEDED(view_twin_begin(call, &table->view, apart->source, wish, &apart->view)) &&
            !view_kept_has(&table->view, &apart->view))
        return apart;
    table_apart_free(apart);
    return NULL;
}

/* Who stops the table's work, or the logon, stops this connection, too. NULL: it is about to close.
 */
static void announce(struct table_apart *apart, struct eng *eng)
{
    struct table_work *work = &apart->table->work;
    struct logon *logon = apart->table->logon;

    msp_mutex_lock(&work->lock);
    work->apart = eng;
    if (eng != NULL && atomic_load(&work->stop))
        eng_stop(eng);
    msp_mutex_unlock(&work->lock);
    msp_mutex_lock(&logon->eng_lock);
    logon->apart = eng;
    if (eng != NULL && msp_call_is_stopped(&apart->call))
        eng_stop(eng);
    msp_mutex_unlock(&logon->eng_lock);
}

static HRESULT evaluate(struct table_apart *apart)
{
    struct eng *eng = apart->logon.eng;
    HRESULT hr = msp_from_engine(&apart->call, eng, eng_begin(eng, false));

    if (FAILED(hr))
        return hr;
    hr = view_sync(&apart->call, &apart->view);
    (void)eng_commit(eng);
    return hr;
}

HRESULT table_apart_evaluate(struct table_apart *apart)
{
    const struct eng_open_params params = { .path = msp_buf_cstr(&apart->path),
        .busy_ms = BUSY_MS };
    struct eng_info info;
    HRESULT hr = MAPI_E_NO_SUPPORT;

    if (eng_open(&params, &apart->logon.eng, NULL) != ENG_OK)
        return MAPI_E_NO_SUPPORT;
    announce(apart, apart->logon.eng);
    eng_info(apart->logon.eng, &info);
    if (memcmp(info.store_uid, apart->logon.store_uid, sizeof(info.store_uid)) == 0)
        hr = evaluate(apart);
    announce(apart, NULL);
    apart->columns = eng_columns_detach(apart->logon.eng);
    eng_close(apart->logon.eng);
    apart->logon.eng = NULL;
    return hr;
}

HRESULT table_apart_install(struct msp_call *call, struct table_apart *apart)
{
    struct eng *eng = apart->table->logon->eng;

    /* What was read need not be read again: the rows of the table will be asked for. */
    eng_columns_attach(eng, apart->columns);
    apart->columns = NULL;
    if (eng_has_group(eng))
        return table_set(call, apart->table, apart->wish, true); /* the twin has not seen that */
    return table_set_twin(call, apart->table, apart->wish, &apart->view);
}

void table_apart_orphan(struct table_apart *apart)
{
    apart->table = NULL;
}

bool table_apart_is_orphan(const struct table_apart *apart)
{
    return apart->table == NULL;
}

void table_apart_free(struct table_apart *apart)
{
    view_twin_end(&apart->view);
    msp_buf_free(&apart->path);
    eng_columns_free(apart->columns);
    if (apart->source != NULL)
        apart->source->ops->free(apart->source);
    msp_free(apart);
}
