/* SPDX-License-Identifier: MIT */
/*
 * copy_out.c - messages and folders go into another store: ours (copy_store.c), or somebody else's,
 * through its interfaces.
 *
 * A message that is moved is deleted here when the other store has it for good.
 *
 * Owns:  the objects of one message or folder at a time.
 * Locks: that of the source, which is left whenever the other store is spoken to; never two.
 */
#include <string.h>

#include "com/copy_object.h"
#include "com/copy_store.h"
#include "com/folder_int.h"
#include "com/message.h"
#include "util/utf.h"

enum { CHUNK = 200 /* messages */ };

/* --- one message ------------------------------------------------------------------------------ */

/* No lock held. A copy that lacks something is not saved. */
static HRESULT write_message(
        const struct copy_task *task, IMAPIProp *source, IMAPIFolder *folder, ULONG flags)
{
    IMessage *message = NULL;
    HRESULT hr;

    hr = folder->lpVtbl->CreateMessage(folder, NULL, flags, &message);
    if (FAILED(hr))
        return hr;
    hr = copy_whole_message(task, source, (IMAPIProp *)message);
    if (hr == S_FALSE)
        hr = MAPI_E_CALL_FAILED;
    if (SUCCEEDED(hr))
        hr = message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE);
    if (SUCCEEDED(hr)) /* reports are the business of the original */
        (void)message->lpVtbl->SetReadFlag(message, CLEAR_RN_PENDING | CLEAR_NRN_PENDING);
    message->lpVtbl->Release(message);
    return hr;
}

static HRESULT copy_one(struct copy_run *run, uint64_t id, const struct eng_msg *row)
{
    struct copy_job *job = run->job;
    struct mapi_alloc alloc = job->logon->alloc;
    LPUNKNOWN source = NULL;
    struct copy_task task;
    HRESULT alive;
    HRESULT hr;

    hr = message_open(job->call, job->logon, id, NULL, 0, &source);
    if (FAILED(hr))
        return hr;
    copy_task_init(&task, &alloc, job->call->domain);
    msp_call_pause(job->call);
    hr = write_message(&task, (IMAPIProp *)source, run->place->foreign,
            (row->flags & MSGFLAG_ASSOCIATED) != 0 ? MAPI_ASSOCIATED : 0);
    source->lpVtbl->Release(source);
    alive = msp_call_resume(job->call);
    copy_task_done(&task);
    return FAILED(alive) ? alive : hr;
}

/* --- chunks ----------------------------------------------------------------------------------- */

/* A message the other store has, and what it was when it was read. */
struct copied {
    uint64_t id;
    uint64_t change;
};

static HRESULT copy_chunk(struct copy_run *run, size_t most, struct msp_array *copied)
{
    size_t end = run->count - run->next > most ? run->next + most : run->count;

    run->bytes = 0;
    for (; run->next < end && run->bytes < COPY_BYTES; run->next++) {
        struct copied one = { run->ids[run->next], 0 };
        struct eng_msg row = { 0 };
        HRESULT hr;

        if (!msp_array_reserve(copied, 1))
            return msp_from_engine(run->job->call, NULL, ENG_NO_MEMORY);
        hr = copy_find(run, one.id, &row);
        if (SUCCEEDED(hr))
            hr = copy_one(run, one.id, &row);
        if (FAILED(hr) && copy_is_fatal(hr))
            return hr;
        if (FAILED(hr)) {
            run->job->left_out++;
            continue;
        }
        one.change = row.change;
        run->bytes += row.size;
        (void)msp_array_push(copied, &one); /* there is room */
    }
    return S_OK;
}

/* One that was changed since it was read stays: the other store has the older state. */
static HRESULT delete_one(struct copy_run *run, const struct copied *copied)
{
    struct copy_job *job = run->job;
    struct eng *eng = job->logon->eng;
    struct eng_msg row = { 0 };
    HRESULT hr;

    hr = copy_find(run, copied->id, &row);
    if (SUCCEEDED(hr) && row.change != copied->change)
        hr = MAPI_E_OBJECT_CHANGED;
    if (SUCCEEDED(hr))
        return msp_from_engine(job->call, eng, eng_msg_delete(eng, copied->id));
    if (copy_is_fatal(hr))
        return hr;
    job->left_out++;
    return S_OK;
}

static HRESULT delete_copied(struct copy_run *run, const struct msp_array *copied)
{
    struct copy_job *job = run->job;
    struct eng *eng = job->logon->eng;
    HRESULT hr;

    hr = msp_from_engine(job->call, eng, eng_begin(eng, true));
    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < copied->count && SUCCEEDED(hr); i++)
        hr = delete_one(run, MSP_ARRAY_AT(struct copied, copied, i));
    if (SUCCEEDED(hr))
        return msp_from_engine(job->call, eng, eng_commit(eng));
    eng_rollback(eng);
    return hr;
}

/* The same into a store of ours: all of them in one transaction there. */
static HRESULT copy_batch(
        struct copy_run *run, struct copy_batch *batch, size_t most, struct msp_array *copied)
{
    size_t end = run->count - run->next > most ? run->next + most : run->count;
    HRESULT hr;

    copy_batch_clear(batch);
    for (; run->next < end && copy_batch_size(batch) < COPY_BYTES; run->next++) {
        struct copied one = { run->ids[run->next], 0 };
        struct eng_msg row = { 0 };

        if (!msp_array_reserve(copied, 1))
            return msp_from_engine(run->job->call, NULL, ENG_NO_MEMORY);
        hr = copy_find(run, one.id, &row);
        if (SUCCEEDED(hr))
            hr = copy_batch_read(batch, one.id);
        if (FAILED(hr) && copy_is_fatal(hr))
            return hr;
        if (FAILED(hr)) {
            run->job->left_out++;
            continue;
        }
        one.change = row.change;
        (void)msp_array_push(copied, &one); /* there is room */
    }
    hr = copy_batch_write(batch);
    if (FAILED(hr))
        msp_array_truncate(copied, 0);
    return hr;
}

HRESULT copy_messages_out(struct copy_run *run, struct copy_progress *progress)
{
    size_t most = progress->object != NULL ? COPY_CHUNK_SHOWN : CHUNK;
    struct msp_array copied = MSP_ARRAY_INIT(struct copied);
    struct copy_batch *batch = NULL;
    HRESULT hr = S_OK;

    if (run->job->kind == COPY_TO_STORE && run->count > 0) {
        batch = copy_batch_new(run->job, run->place);
        if (batch == NULL)
            return msp_from_engine(run->job->call, NULL, ENG_NO_MEMORY);
    }
    while (run->next < run->count && SUCCEEDED(hr)) {
        size_t before = run->next;
        HRESULT stopped;

        msp_array_truncate(&copied, 0);
        stopped = batch != NULL ? copy_batch(run, batch, most, &copied)
                                : copy_chunk(run, most, &copied);
        /* what has arrived counts, also when the next one has failed for good */
        if (stopped != MAPI_E_INVALID_OBJECT && run->job->move && copied.count > 0)
            hr = delete_copied(run, &copied);
        if (FAILED(stopped))
            hr = stopped;
        if (SUCCEEDED(hr))
            hr = copy_step(run->job, progress, run->next - before);
    }
    copy_batch_free(batch);
    msp_array_free(&copied);
    return hr;
}

/* --- folders ---------------------------------------------------------------------------------- */

/* UTF-16, terminated. */
static bool widen(const struct msp_buf *text, struct msp_buf *out)
{
    size_t count = utf8_to_utf16((const char *)text->data, text->size, NULL, 0);
    WCHAR *room = (WCHAR *)(void *)msp_buf_extend(out, (count + 1) * sizeof(WCHAR));

    if (room == NULL)
        return false;
    (void)utf8_to_utf16((const char *)text->data, text->size, room, count);
    room[count] = 0;
    return true;
}

/* No lock held: the folder, and what else can be set on it. */
static HRESULT write_folder(struct copy_task *task, IMAPIProp *source, IMAPIFolder *parent,
        struct msp_buf *name, IMAPIFolder **out)
{
    SizedSPropTagArray(1, excluded) = { 1, { PR_DISPLAY_NAME_W } };
    IMAPIFolder *folder = NULL;
    HRESULT hr;

    hr = parent->lpVtbl->CreateFolder(
            parent, FOLDER_GENERIC, (LPTSTR)(void *)name->data, NULL, NULL, MAPI_UNICODE, &folder);
    if (FAILED(hr))
        return hr;
    task->tags = (const SPropTagArray *)(const void *)&excluded;
    task->without_parts = true;
    task->of_folder = true;
    hr = copy_list_items(task, source, (IMAPIProp *)folder);
    if (SUCCEEDED(hr))
        hr = copy_item_values(task, source, (IMAPIProp *)folder);
    task->tags = NULL;
    if (FAILED(hr) && copy_is_fatal(hr)) {
        folder->lpVtbl->Release(folder);
        return hr;
    }
    *out = folder; /* a comment that could not be set is no reason to do without */
    return S_OK;
}

HRESULT copy_folder_out(struct copy_job *job, uint64_t id, const struct copy_place *parent,
        const struct msp_buf *name, struct copy_place *out)
{
    struct mapi_alloc alloc = job->logon->alloc;
    struct msp_buf own_name = MSP_BUF_INIT;
    struct msp_buf wide = MSP_BUF_INIT;
    LPUNKNOWN source = NULL;
    struct copy_task task;
    struct eng_folder row;
    HRESULT alive;
    HRESULT hr;

    hr = msp_from_engine(
            job->call, job->logon->eng, eng_folder_get(job->logon->eng, id, &row, &own_name, NULL));
    if (SUCCEEDED(hr) && !widen(name != NULL ? name : &own_name, &wide))
        hr = msp_from_engine(job->call, NULL, ENG_NO_MEMORY);
    if (SUCCEEDED(hr))
        hr = folder_open(job->call, job->logon, id, NULL, 0, &source);
    if (SUCCEEDED(hr)) {
        copy_task_init(&task, &alloc, job->call->domain);
        msp_call_pause(job->call);
        hr = write_folder(&task, (IMAPIProp *)source, parent->foreign, &wide, &out->foreign);
        source->lpVtbl->Release(source);
        alive = msp_call_resume(job->call);
        copy_task_done(&task);
        hr = FAILED(alive) ? alive : hr;
    }
    msp_buf_free(&own_name);
    msp_buf_free(&wide);
    return hr;
}
