/* SPDX-License-Identifier: MIT */
/*
 * random_copy.h - the step of a random walk that copies or moves a message, within a logon or from
 * one to another, with a progress object through which anything may happen.
 */
#ifndef RANDOM_COPY_H
#define RANDOM_COPY_H

#include "random_steps.h"

static inline void rw_on_progress(struct host_progress *progress, void *context)
{
    struct random_world *w = context;

    (void)progress;
    if (host_thread_id() == w->thread && w->depth == 1)
        w->in_callback(w, 400);
}

static inline bool rw_knows_id(const struct random_world *w, const SBinary *id)
{
    for (unsigned i = 0; i < RW_MESSAGES; i++) {
        const struct rw_message *message = &w->messages[i];

        if (message->is_used && message->id_size == id->cb &&
                memcmp(message->id, id->lpb, id->cb) == 0)
            return true;
    }
    return false;
}

/* The message of the folder that the model does not know yet: a copy has a new id. */
static inline void rw_adopt_copy(struct random_world *w, const struct rw_item *folder,
        const struct rw_message *from, struct rw_message *to)
{
    static const ULONG tags[] = { PR_ENTRYID };
    LPMAPITABLE table = NULL;
    LPSRowSet rows;
    unsigned found = 0;

    assert_ok(((IMAPIFolder *)folder->object)->lpVtbl->GetContentsTable(folder->object, 0, &table));
    rows = table_rows(table, tags, 1);
    for (ULONG i = 0; i < rows->cRows; i++) {
        const SBinary *id = &rows->aRow[i].lpProps[0].Value.bin;

        if (rw_knows_id(w, id))
            continue;
        found++;
        to->id_size = id->cb;
        memcpy(to->id, id->lpb, id->cb);
    }
    mapi_free_rows(rows);
    release_last(table);
    if (found != 1)
        rw_wrong(w, "a copy brought %u messages that were not there", found);
    to->is_used = true;
    to->folder = folder->folder;
    to->version = ++w->versions;
    to->value = from->value;
    to->attachments = from->attachments;
    to->knows_attachments = from->knows_attachments;
}

/* A folder of the model that holds the message, from the a-th on. */
static inline struct rw_item *rw_folder_of(
        struct random_world *w, const struct rw_message *message, uint32_t a)
{
    for (unsigned i = 0; i < RW_ITEMS; i++) {
        struct rw_item *item = &w->items[(i + a) % RW_ITEMS];

        if (item->object && item->kind == WALK_O_FOLDER && item->folder == message->folder &&
                !item->is_busy && !w->seats[item->seat].is_undecided)
            return item;
    }
    return NULL;
}

static inline HRESULT rw_copy(struct random_world *w, const struct rw_item *from,
        const struct rw_item *to, struct rw_message *message, ULONG flags)
{
    struct host_progress progress;
    SBinary id = { message->id_size, message->id };
    ENTRYLIST list = { 1, &id };
    HRESULT hr;

    host_progress_init(&progress);
    progress.on_progress = rw_on_progress;
    progress.context = w;
    hr = ((IMAPIFolder *)from->object)
                 ->lpVtbl->CopyMessages(from->object, &list, NULL, to->object, 0,
                         &progress.IMAPIProgress_iface, flags);
    if (progress.refs != 1)
        rw_wrong(w, "CopyMessages keeps %ld references of the progress object",
                (long)progress.refs - 1);
    return hr;
}

static inline void rw_step_copy(struct random_world *w, uint32_t a, uint32_t b)
{
    struct rw_message *message = rw_pick_message(w, b);
    struct rw_item *from = message ? rw_folder_of(w, message, a) : NULL;
    struct rw_item *to = rw_pick(w, RW_KIND(WALK_O_FOLDER), RW_LIVE, b / 64);
    ULONG flags = a / 64 % 2 ? MESSAGE_MOVE : 0;
    bool was_alive;
    HRESULT hr;
    int number;

    if (!from || !to || to->folder == RW_FOLDERS || to->is_busy || message->is_gone ||
            message->is_unsure || to->folder == message->folder)
        return;
    number = rw_new_message(w);
    if (number < 0)
        return;
    rw_say(w, "%s message %d from item %u to item %u, folder %u", flags ? "move" : "copy",
            (int)(message - w->messages), rw_number(w, from), rw_number(w, to), to->folder);
    was_alive = from->is_alive;
    from->is_busy = to->is_busy = true;
    hr = rw_copy(w, from, to, message, flags);
    from->is_busy = to->is_busy = false;
    if (was_alive && (!from->is_alive || !to->is_alive)) { /* an ending has cut it off, or nearly */
        message->is_unsure = true;
        w->is_unsure[message->folder] = w->is_unsure[to->folder] = true;
        return;
    }
    rw_expect(w, hr, was_alive ? S_OK : MAPI_E_INVALID_OBJECT, "CopyMessages");
    if (hr != S_OK)
        return;
    if (flags == 0)
        rw_adopt_copy(w, to, message, &w->messages[number]);
    else
        message->folder = to->folder;
}

#endif
