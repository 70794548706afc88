/* SPDX-License-Identifier: MIT */
/*
 * copy_items.c - messages are copied or moved, chunk by chunk.
 *
 * Owns:  large values copied in advance, until their message has them.
 * Locks: as copy.h says; no transaction is open while the lock is left.
 */
#include "com/copy.h"

#include "com/folder_int.h"
#include "com/search.h"

HRESULT copy_find(struct copy_run *run, uint64_t id, struct eng_msg *out)
{
    struct copy_job *job = run->job;
    struct eng *eng = job->logon->eng;
    struct msp_buf texts = MSP_BUF_INIT;
    enum eng_status status;
    bool is_here;
    HRESULT hr = S_OK;

    if (id == 0)
        return MAPI_E_NOT_FOUND;
    status = eng_msg_get(eng, id, out, &texts, NULL);
    is_here = status == ENG_OK && out->folder == run->source;
    if (status == ENG_OK && run->source_is_search) /* its results are as good as its own */
        hr = search_has(job->call, job->logon, run->source, out, &is_here);
    msp_buf_free(&texts);
    if (status != ENG_OK)
        return msp_from_engine(job->call, eng, status);
    if (SUCCEEDED(hr) && !is_here)
        hr = MAPI_E_NOT_FOUND;
    if (SUCCEEDED(hr) && job->move && (out->flags & MSGFLAG_SUBMIT) != 0)
        hr = MAPI_E_SUBMITTED;
    return hr;
}

/* --- within one file -------------------------------------------------------------------------- */

/* In the open transaction. S_FALSE: too large for it. */
static HRESULT copy_one(struct copy_run *run, uint64_t id)
{
    struct copy_job *job = run->job;
    struct eng *eng = job->logon->eng;
    struct eng_msg row;
    uint64_t large = 0;
    uint64_t copy;
    enum eng_status status;
    HRESULT hr;

    hr = copy_find(run, id, &row);
    if (FAILED(hr))
        return hr;
    if (job->move)
        return msp_from_engine(job->call, eng, eng_msg_move(eng, id, run->place->id));
    msp_array_truncate(&run->pairs, 0);
    status = eng_msg_values(eng, id, &run->pairs, &large);
    if (status == ENG_CORRUPT) /* this message, not the store */
        return MAPI_E_CORRUPT_DATA;
    if (status == ENG_OK && large > COPY_BYTES)
        return S_FALSE;
    if (status == ENG_OK)
        status = eng_msg_copy(eng, id, run->place->id, COPY_DROPPED_FLAGS, NULL, 0, &copy);
    run->bytes += row.size;
    return msp_from_engine(job->call, eng, status);
}

/* In the open transaction: as many as fit. *out_large: the next one does not. */
static HRESULT copy_some(struct copy_run *run, size_t most, bool *out_large)
{
    size_t end = run->count - run->next > most ? run->next + most : run->count;

    for (; run->next < end && run->bytes < COPY_BYTES; run->next++) {
        HRESULT hr = copy_one(run, run->ids[run->next]);

        if (FAILED(hr) && copy_is_fatal(hr))
            return hr;
        if (FAILED(hr))
            run->job->left_out++;
        *out_large = hr == S_FALSE;
        if (*out_large)
            return S_OK;
    }
    return S_OK;
}

static HRESULT copy_chunk(struct copy_run *run, size_t most, bool *out_large)
{
    struct copy_job *job = run->job;
    struct eng *eng = job->logon->eng;
    HRESULT hr;

    run->bytes = 0;
    hr = msp_from_engine(job->call, eng, eng_begin(eng, true));
    if (FAILED(hr))
        return hr;
    hr = copy_some(run, most, out_large);
    if (SUCCEEDED(hr))
        return msp_from_engine(job->call, eng, eng_commit(eng));
    eng_rollback(eng);
    return hr;
}

/* --- a message that is too large for one transaction ------------------------------------------ */

static HRESULT copy_value(struct copy_run *run, struct eng_value_pair *pair)
{
    struct copy_job *job = run->job;
    HRESULT hr;

    hr = msp_from_engine(job->call, job->logon->eng, eng_value_new(job->logon->eng, &pair->to));
    for (uint64_t at = 0; at < pair->size && SUCCEEDED(hr); at += ENG_COPY_PART) {
        hr = msp_from_engine(job->call, job->logon->eng,
                eng_value_copy_part(job->logon->eng, pair->from, pair->to, at));
        if (SUCCEEDED(hr))
            hr = copy_step(job, NULL, 0);
    }
    return hr;
}

static HRESULT finish_large(struct copy_run *run, uint64_t id)
{
    struct copy_job *job = run->job;
    struct eng *eng = job->logon->eng;
    struct eng_msg row;
    uint64_t copy;
    HRESULT hr;

    hr = copy_find(run, id, &row);
    if (FAILED(hr))
        return hr;
    return msp_from_engine(job->call, eng,
            eng_msg_copy(eng, id, run->place->id, COPY_DROPPED_FLAGS,
                    MSP_ARRAY_ITEMS(struct eng_value_pair, &run->pairs), run->pairs.count, &copy));
}

/* What the copy did not take over. Of a logon that is going away, the engine sees to it. */
static void give_up_values(struct copy_run *run)
{
    struct msp_call *call = run->job->call;

    for (size_t i = 0; i < run->pairs.count; i++) {
        uint64_t value = MSP_ARRAY_AT(struct eng_value_pair, &run->pairs, i)->to;

        if (value != 0 && msp_object_is_live(call->object) && !atomic_load(&call->domain->closing))
            (void)eng_value_free(run->job->logon->eng, value);
    }
}

static HRESULT copy_large(struct copy_run *run)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; i < run->pairs.count && SUCCEEDED(hr); i++)
        hr = copy_value(run, MSP_ARRAY_AT(struct eng_value_pair, &run->pairs, i));
    if (SUCCEEDED(hr))
        hr = finish_large(run, run->ids[run->next]);
    if (FAILED(hr))
        give_up_values(run);
    if (FAILED(hr) && copy_is_fatal(hr))
        return hr;
    if (FAILED(hr))
        run->job->left_out++;
    run->next++;
    return S_OK;
}

/* --- all of them ------------------------------------------------------------------------------ */

static HRESULT copy_in_file(struct copy_run *run, struct copy_progress *progress)
{
    size_t most = progress->object != NULL ? COPY_CHUNK_SHOWN : COPY_CHUNK;
    HRESULT hr = S_OK;

    while (run->next < run->count && SUCCEEDED(hr)) {
        size_t before = run->next;
        bool large = false;

        hr = copy_chunk(run, most, &large);
        if (SUCCEEDED(hr) && large)
            hr = copy_large(run);
        if (SUCCEEDED(hr))
            hr = copy_step(run->job, progress, run->next - before);
    }
    return hr;
}

HRESULT copy_messages(struct copy_job *job, uint64_t source, bool source_is_search,
        const struct msp_buf *ids, const struct copy_place *place, struct copy_progress *progress)
{
    struct copy_run run = { job, source, source_is_search, place, NULL, 0, 0, 0,
        MSP_ARRAY_INIT(struct eng_value_pair) };
    HRESULT hr;

    run.ids = (const uint64_t *)(const void *)ids->data;
    run.count = ids->size / sizeof(uint64_t);
    if (job->kind == COPY_IN_FILE)
        hr = copy_in_file(&run, progress);
    else
        hr = copy_messages_out(&run, progress);
    msp_array_free(&run.pairs);
    return hr;
}
