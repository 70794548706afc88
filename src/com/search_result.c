/* SPDX-License-Identifier: MIT */
/*
 * search_result.c - what a search finds: evaluated once, then brought up to date.
 *
 * Owns:  nothing; a search belongs to whom it is given to.
 * Locks: everything runs under the domain lock.
 */
#include "com/search.h"

#include <stdlib.h>
#include <string.h>

#include "com/logon.h"
#include "com/view.h"
#include "mapi/restrict_pack.h"
#include "util/alloc.h"

enum {
    CHECK_EVERY = 256,  /* messages looked at between two looks at the domain */
    MAX_FOLLOW = 10000, /* more events than that: searching again is no dearer */
};

/* --- criteria --------------------------------------------------------------------------------- */

void search_criteria_done(struct search_criteria *criteria)
{
    msp_buf_free(&criteria->packed);
    msp_buf_free(&criteria->scope);
}

HRESULT search_criteria_load(
        struct msp_call *call, struct logon *logon, uint64_t folder, struct search_criteria *out)
{
    enum eng_status status =
            eng_search_get(logon->eng, folder, &out->row, &out->packed, &out->scope);

    if (status == ENG_NOT_FOUND)
        return MAPI_E_NOT_INITIALIZED;
    return msp_from_engine(call, logon->eng, status);
}

static bool criteria_copy(const struct search_criteria *from, struct search_criteria *to)
{
    to->row = from->row;
    return msp_buf_append(&to->packed, from->packed.data, from->packed.size) &&
           msp_buf_append(&to->scope, from->scope.data, from->scope.size);
}

static bool is_running(const struct search *search)
{
    return (search->criteria.row.state & SEARCH_RUNNING) != 0;
}

/* What comes from the file is checked like what comes from a client. */
static HRESULT compile(struct msp_call *call, struct search *search)
{
    const struct msp_buf *packed = &search->criteria.packed;
    SRestriction *restriction = NULL;
    HRESULT hr;

    hr = restrict_unpack_own(packed->data, packed->size, &restriction);
    if (SUCCEEDED(hr))
        hr = restrict_compile(restriction, &search->program);
    msp_free(restriction);
    if (FAILED(hr) && hr != MAPI_E_NOT_ENOUGH_MEMORY)
        hr = msp_fail(call, MAPI_E_CORRUPT_DATA, 0, "The search of this folder is damaged.");
    return hr;
}

void search_free(struct search *search)
{
    if (search == NULL)
        return;
    search_criteria_done(&search->criteria);
    restrict_free(search->program);
    msp_array_free(&search->scope);
    msp_array_free(&search->hits);
    msp_free(search);
}

/* --- ids in ascending order ------------------------------------------------------------------- */

/* Index of the first id that is not below. */
static size_t id_index(const struct msp_array *ids, uint64_t id)
{
    const uint64_t *items = MSP_ARRAY_ITEMS(uint64_t, ids);
    size_t low = 0;
    size_t high = ids->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (items[mid] < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static bool has_id(const struct msp_array *ids, uint64_t id)
{
    size_t index = id_index(ids, id);

    return index < ids->count && *MSP_ARRAY_AT(uint64_t, ids, index) == id;
}

static int compare_ids(const void *left, const void *right)
{
    const uint64_t *a = left;
    const uint64_t *b = right;

    return (*a > *b) - (*a < *b);
}

/* --- the folders searched --------------------------------------------------------------------- */

struct child_list {
    struct msp_array *ids;
    bool failed;
};

static bool add_child(void *context, const struct eng_folder *child, const char *name,
        size_t name_size, const void *packed, size_t packed_size)
{
    struct child_list *list = context;

    MSP_UNUSED(name);
    MSP_UNUSED(name_size);
    MSP_UNUSED(packed);
    MSP_UNUSED(packed_size);
    list->failed = msp_array_push(list->ids, &child->id) == NULL;
    return !list->failed;
}

/* One folder of the list or below it: those that are gone, and search folders, have nothing to find
 * in them. */
static HRESULT add_folder(struct msp_call *call, struct logon *logon, uint64_t id, bool recursive,
        struct msp_array *scope, struct msp_array *todo)
{
    struct child_list children = { todo, false };
    struct eng_folder row;
    enum eng_status status;

    if (msp_domain_is_stopping(call->domain))
        return MAPI_E_INVALID_OBJECT;
    status = eng_folder_get(logon->eng, id, &row, NULL, NULL);
    if (status == ENG_NOT_FOUND)
        return S_OK;
    if (status != ENG_OK)
        return msp_from_engine(call, logon->eng, status);
    if (row.type == ENG_FOLDER_SEARCH || has_id(scope, id))
        return S_OK;
    if (msp_array_insert(scope, id_index(scope, id), &id) == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (!recursive || row.child_count == 0)
        return S_OK;
    status = eng_folder_children(logon->eng, id, add_child, &children);
    return children.failed ? MAPI_E_NOT_ENOUGH_MEMORY : msp_from_engine(call, logon->eng, status);
}

/* Into an empty array. */
static HRESULT find_scope(struct msp_call *call, struct logon *logon,
        const struct search_criteria *criteria, struct msp_array *out)
{
    bool recursive = (criteria->row.state & SEARCH_RECURSIVE) != 0;
    struct msp_array todo = MSP_ARRAY_INIT(uint64_t);
    HRESULT hr = S_OK;

    for (size_t i = 0; i < criteria->scope.size / sizeof(uint64_t) && SUCCEEDED(hr); i++) {
        uint64_t id;

        memcpy(&id, criteria->scope.data + i * sizeof(id), sizeof(id));
        if (msp_array_push(&todo, &id) == NULL)
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    while (SUCCEEDED(hr) && todo.count > 0) {
        uint64_t id = *MSP_ARRAY_AT(uint64_t, &todo, todo.count - 1);

        msp_array_truncate(&todo, todo.count - 1);
        hr = add_folder(call, logon, id, recursive, out, &todo);
    }
    msp_array_free(&todo);
    return hr;
}

/* --- looking at messages ---------------------------------------------------------------------- */

/* Messages are looked at as a table would: rows of a contents source, behind a view. */
struct looker {
    struct msp_call *call;
    struct search *search;
    struct table_source *source;
    struct view view;
    bool with_props; /* the restriction needs them */
    struct msp_array *found;
    size_t seen;
    HRESULT hr;
};

static HRESULT looker_init(struct looker *looker, struct msp_call *call, struct logon *logon,
        struct search *search, uint64_t folder, struct msp_array *found)
{
    bool by_instance;
    HRESULT hr;

    memset(looker, 0, sizeof(*looker));
    looker->call = call;
    looker->search = search;
    looker->found = found;
    hr = source_contents_new(call, logon, folder, false, &looker->source);
    if (FAILED(hr))
        return hr;
    view_init(&looker->view, looker->source);
    view_restriction_needs(&looker->view, search->program, &looker->with_props, &by_instance);
    return S_OK;
}

static void looker_done(struct looker *looker)
{
    view_done(&looker->view);
    looker->source->ops->free(looker->source);
}

static HRESULT look_at(struct looker *looker, const struct table_row *row)
{
    struct view_row leaf = { &looker->view, NULL, row, 0 };
    const struct eng_msg *msg = row->narrow;
    struct eng_hit hit = { msg->id, msg->folder, msg->delivered, msg->flags };
    HRESULT hr = S_OK;

    if (++looker->seen % CHECK_EVERY == 0 && msp_domain_is_stopping(looker->call->domain))
        return MAPI_E_INVALID_OBJECT;
    if (view_row_match(&leaf, looker->search->program, &hr) &&
            msp_array_push(looker->found, &hit) == NULL)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    return hr;
}

static bool look_at_scanned(void *context, const struct table_row *row)
{
    struct looker *looker = context;

    looker->hr = look_at(looker, row);
    return SUCCEEDED(looker->hr);
}

/* Appends what one folder has. */
static HRESULT search_folder(struct msp_call *call, struct logon *logon, struct search *search,
        uint64_t folder, struct msp_array *found)
{
    struct looker looker;
    HRESULT hr;

    hr = looker_init(&looker, call, logon, search, folder, found);
    if (FAILED(hr))
        return hr;
    hr = looker.source->ops->scan(call, looker.source, looker.with_props, look_at_scanned, &looker);
    if (FAILED(looker.hr))
        hr = looker.hr;
    looker_done(&looker);
    return hr;
}

HRESULT search_read_row(struct msp_call *call, struct table_source *contents, uint64_t message,
        bool with_props, struct table_row *out)
{
    struct msp_call own = { .object = call->object, .domain = call->domain };
    HRESULT hr = contents->ops->read(&own, contents, message, with_props, out);

    if (hr == MAPI_E_CORRUPT_STORE && with_props) {
        hr = contents->ops->read(&own, contents, message, false, out);
        out->packed = ""; /* as a scan shows it */
        out->packed_size = 0;
    }
    /* That a message is gone is no failure yet, and leaves no sentence. */
    if (FAILED(hr) && hr != MAPI_E_NOT_FOUND)
        return msp_fail(call, hr, own.detail_low, "%s", own.detail);
    return hr;
}

int search_compare_hits(const void *left, const void *right)
{
    const struct eng_hit *a = left;
    const struct eng_hit *b = right;

    if (a->delivered != b->delivered)
        return a->delivered < b->delivered ? -1 : 1;
    return compare_ids(&a->id, &b->id);
}

static void sort_hits(struct msp_array *hits)
{
    if (hits->count > 1)
        qsort(hits->items, hits->count, sizeof(struct eng_hit), search_compare_hits);
}

/* --- all of it -------------------------------------------------------------------------------- */

/* In a transaction: searches every folder. Into arrays that are empty. */
static HRESULT run(struct msp_call *call, struct logon *logon, struct search *search)
{
    HRESULT hr;

    msp_array_truncate(&search->scope, 0);
    msp_array_truncate(&search->hits, 0);
    hr = msp_from_engine(call, logon->eng, eng_journal_end(logon->eng, &search->journal));
    if (SUCCEEDED(hr))
        hr = find_scope(call, logon, &search->criteria, &search->scope);
    for (size_t i = 0; i < search->scope.count && SUCCEEDED(hr); i++)
        hr = search_folder(
                call, logon, search, *MSP_ARRAY_AT(uint64_t, &search->scope, i), &search->hits);
    sort_hits(&search->hits);
    return hr;
}

static struct search *search_new(uint64_t folder)
{
    struct search *search = msp_calloc(1, sizeof(*search));

    if (search == NULL)
        return NULL;
    search->folder = folder;
    msp_array_init(&search->scope, sizeof(uint64_t));
    msp_array_init(&search->hits, sizeof(struct eng_hit));
    return search;
}

HRESULT search_run(struct msp_call *call, struct logon *logon, uint64_t folder,
        const struct search_criteria *criteria, struct search **out)
{
    struct search *search = search_new(folder);
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    *out = NULL;
    if (search != NULL && criteria_copy(criteria, &search->criteria))
        hr = compile(call, search);
    if (FAILED(hr))
        goto out;
    search->stamp = eng_change_stamp(logon->eng);
    hr = msp_from_engine(call, logon->eng, eng_begin(logon->eng, false));
    if (FAILED(hr))
        goto out;
    hr = run(call, logon, search);
    (void)eng_commit(logon->eng); /* nothing was written */
out:
    if (FAILED(hr))
        search_free(search);
    else
        *out = search;
    return hr;
}

/* --- following what has changed --------------------------------------------------------------- */

struct changes {
    struct msp_array messages; /* uint64_t ids, ascending once it is used */
    bool folders;              /* they have come, gone or moved */
    bool too_many;             /* or no memory for them: search again */
    uint64_t end;
};

static bool note_change(void *context, uint64_t number, const struct eng_event *event)
{
    struct changes *changes = context;

    MSP_UNUSED(number);
    if (event->is_folder)
        changes->folders |= event->kind != ENG_EVENT_MODIFIED && event->kind != ENG_EVENT_SEARCHED;
    else if (changes->messages.count >= MAX_FOLLOW ||
             msp_array_push(&changes->messages, &event->object) == NULL)
        changes->too_many = true;
    return !changes->too_many;
}

static HRESULT read_changes(
        struct msp_call *call, struct logon *logon, uint64_t from, struct changes *out)
{
    struct eng *eng = logon->eng;
    bool complete = false;
    HRESULT hr;

    hr = msp_from_engine(call, eng, eng_journal_end(eng, &out->end));
    if (SUCCEEDED(hr))
        hr = msp_from_engine(call, eng, eng_journal_read(eng, from, note_change, out, &complete));
    out->too_many |= !complete || out->end < from;
    if (out->messages.count > 1)
        qsort(out->messages.items, out->messages.count, sizeof(uint64_t), compare_ids);
    return hr;
}

/* Looks again at the messages that have changed, unless their folder is searched anew anyway. */
static HRESULT search_changed(struct msp_call *call, struct logon *logon, struct search *search,
        const struct changes *changes, const struct msp_array *scope, struct msp_array *found)
{
    struct looker looker;
    HRESULT hr;

    hr = looker_init(&looker, call, logon, search, search->folder, found);
    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < changes->messages.count && SUCCEEDED(hr); i++) {
        uint64_t id = *MSP_ARRAY_AT(uint64_t, &changes->messages, i);
        const struct eng_msg *msg;
        struct table_row row;

        if (i > 0 && id == *MSP_ARRAY_AT(uint64_t, &changes->messages, i - 1))
            continue;
        hr = search_read_row(call, looker.source, id, looker.with_props, &row);
        if (hr == MAPI_E_NOT_FOUND) {
            hr = S_OK;
            continue;
        }
        if (FAILED(hr))
            break;
        msg = row.narrow;
        if ((msg->flags & MSGFLAG_ASSOCIATED) == 0 && has_id(scope, msg->folder) &&
                has_id(&search->scope, msg->folder))
            hr = look_at(&looker, &row);
    }
    looker_done(&looker);
    return hr;
}

/* The hits that stay, and those that were found, in order. */
static HRESULT merge(struct search *search, const struct changes *changes,
        const struct msp_array *scope, const struct msp_array *found)
{
    const struct eng_hit *old = MSP_ARRAY_ITEMS(struct eng_hit, &search->hits);
    const struct eng_hit *fresh = MSP_ARRAY_ITEMS(struct eng_hit, found);
    struct msp_array merged = MSP_ARRAY_INIT(struct eng_hit);
    size_t next = 0;

    if (!msp_array_reserve(&merged, search->hits.count + found->count))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < search->hits.count; i++) {
        if (has_id(&changes->messages, old[i].id) || !has_id(scope, old[i].folder))
            continue;
        while (next < found->count && search_compare_hits(&fresh[next], &old[i]) < 0)
            (void)msp_array_push(&merged, &fresh[next++]);
        (void)msp_array_push(&merged, &old[i]);
    }
    while (next < found->count)
        (void)msp_array_push(&merged, &fresh[next++]);
    msp_array_free(&search->hits);
    search->hits = merged;
    return S_OK;
}

/* In a transaction: only what has changed, and the folders that are new in the scope. */
static HRESULT apply(
        struct msp_call *call, struct logon *logon, struct search *search, struct changes *changes)
{
    struct msp_array found = MSP_ARRAY_INIT(struct eng_hit);
    struct msp_array scope = MSP_ARRAY_INIT(uint64_t);
    const struct msp_array *now = &search->scope;
    HRESULT hr = S_OK;

    if (changes->folders) {
        hr = find_scope(call, logon, &search->criteria, &scope);
        now = &scope;
    }
    for (size_t i = 0; i < scope.count && SUCCEEDED(hr); i++) {
        uint64_t folder = *MSP_ARRAY_AT(uint64_t, &scope, i);

        if (!has_id(&search->scope, folder))
            hr = search_folder(call, logon, search, folder, &found);
    }
    if (SUCCEEDED(hr) && changes->messages.count > 0)
        hr = search_changed(call, logon, search, changes, now, &found);
    sort_hits(&found);
    if (SUCCEEDED(hr) && (changes->folders || changes->messages.count > 0))
        hr = merge(search, changes, now, &found);
    if (SUCCEEDED(hr) && changes->folders) {
        msp_array_free(&search->scope);
        search->scope = scope;
        msp_array_init(&scope, sizeof(uint64_t));
    }
    msp_array_free(&scope);
    msp_array_free(&found);
    return hr;
}

static HRESULT follow(struct msp_call *call, struct logon *logon, struct search *search)
{
    struct changes changes = { .messages = MSP_ARRAY_INIT(uint64_t) };
    HRESULT hr;

    hr = read_changes(call, logon, search->journal, &changes);
    if (SUCCEEDED(hr) && changes.too_many)
        hr = run(call, logon, search);
    else if (SUCCEEDED(hr)) {
        hr = apply(call, logon, search, &changes);
        search->journal = changes.end;
    }
    msp_array_free(&changes.messages);
    return hr;
}

/* --- stopped searches ------------------------------------------------------------------------- */

static bool add_hit(void *context, const struct eng_hit *hit)
{
    struct looker *looker = context;

    if (++looker->seen % CHECK_EVERY == 0 && msp_domain_is_stopping(looker->call->domain))
        looker->hr = MAPI_E_INVALID_OBJECT;
    else if (msp_array_push(looker->found, hit) == NULL)
        looker->hr = MAPI_E_NOT_ENOUGH_MEMORY;
    return SUCCEEDED(looker->hr);
}

static HRESULT load_hits(struct msp_call *call, struct logon *logon, struct search *search)
{
    struct looker looker = { .call = call, .found = &search->hits };
    enum eng_status status;

    msp_array_truncate(&search->hits, 0);
    status = eng_search_hits(logon->eng, search->folder, add_hit, &looker);
    return FAILED(looker.hr) ? looker.hr : msp_from_engine(call, logon->eng, status);
}

/* --- in the transaction of a look ------------------------------------------------------------- */

HRESULT search_start(
        struct msp_call *call, struct logon *logon, uint64_t folder, struct search **out)
{
    struct search *search = search_new(folder);
    HRESULT hr = search != NULL ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    if (SUCCEEDED(hr))
        hr = search_criteria_load(call, logon, folder, &search->criteria);
    if (hr == MAPI_E_NOT_INITIALIZED)
        hr = S_OK; /* no criteria, no results */
    if (SUCCEEDED(hr) && is_running(search))
        hr = compile(call, search);
    if (SUCCEEDED(hr))
        hr = is_running(search) ? run(call, logon, search) : load_hits(call, logon, search);
    if (FAILED(hr))
        search_free(search);
    else
        *out = search;
    return hr;
}

HRESULT search_follow(struct msp_call *call, struct logon *logon, struct search *search)
{
    return is_running(search) ? follow(call, logon, search) : load_hits(call, logon, search);
}
