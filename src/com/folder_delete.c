/* SPDX-License-Identifier: MIT */
/*
 * folder_delete.c - deleting folders with what is in them, but for messages that wait to be sent:
 * those stay where they are, and with them the folders on the way to them.
 *
 * Owns:  nothing beyond one call.
 * Locks: everything here runs under the domain lock.
 */
#include "com/folder_int.h"
#include "util/buf.h"

enum { ALL = ENG_DELETE_FOLDERS | ENG_DELETE_MESSAGES };

static size_t id_count(const struct msp_buf *ids)
{
    return ids->size / sizeof(uint64_t);
}

static uint64_t id_at(const struct msp_buf *ids, size_t index)
{
    return ((const uint64_t *)(const void *)ids->data)[index];
}

static bool has_id(const struct msp_buf *ids, uint64_t id)
{
    for (size_t i = 0; i < id_count(ids); i++) {
        if (id_at(ids, i) == id)
            return true;
    }
    return false;
}

static enum eng_status add_id(struct msp_buf *ids, uint64_t id)
{
    return msp_buf_append(ids, &id, sizeof(id)) ? ENG_OK : ENG_NO_MEMORY;
}

static bool note_queued(void *context, const struct eng_outgoing *entry)
{
    return msp_buf_append(context, &entry->msg, sizeof(entry->msg));
}

static bool note_child(void *context, const struct eng_folder *child, const char *name,
        size_t name_size, const void *packed, size_t packed_size)
{
    MSP_UNUSED(name);
    MSP_UNUSED(name_size);
    MSP_UNUSED(packed);
    MSP_UNUSED(packed_size);
    return msp_buf_append(context, &child->id, sizeof(child->id));
}

/* The folder of a queued message and all above it. */
static enum eng_status keep_way(struct eng *eng, uint64_t msg, struct msp_buf *kept)
{
    struct msp_buf texts = MSP_BUF_INIT;
    struct eng_msg row;
    enum eng_status status = eng_msg_get(eng, msg, &row, &texts, NULL);
    uint64_t at = row.folder;

    msp_buf_free(&texts);
    while (status == ENG_OK && at != 0 && !has_id(kept, at)) {
        struct eng_folder folder = { .parent = 0 };

        status = add_id(kept, at);
        if (status == ENG_OK)
            status = eng_folder_get(eng, at, &folder, NULL, NULL);
        at = folder.parent;
    }
    return status;
}

/* All folders with a queued message in or below them. The queue is short. */
static enum eng_status find_kept(struct eng *eng, struct msp_buf *queued, struct msp_buf *kept)
{
    enum eng_status status = eng_outgoing_scan(eng, note_queued, queued);

    if (status == ENG_OK && queued->failed)
        status = ENG_NO_MEMORY;
    for (size_t i = 0; status == ENG_OK && i < id_count(queued); i++)
        status = keep_way(eng, id_at(queued, i), kept);
    return status;
}

static enum eng_status delete_messages(struct eng *eng, uint64_t folder, bool associated,
        const struct msp_buf *queued, size_t *left_out)
{
    struct msp_buf ids = MSP_BUF_INIT;
    enum eng_status status = eng_msg_ids(eng, folder, associated, &ids);

    for (size_t i = 0; status == ENG_OK && i < id_count(&ids); i++) {
        if (has_id(queued, id_at(&ids, i)))
            ++*left_out;
        else
            status = eng_msg_delete(eng, id_at(&ids, i));
    }
    msp_buf_free(&ids);
    return status;
}

/* What is in a kept folder; kept folders below it are added to `work`. */
static enum eng_status empty_kept(struct eng *eng, uint64_t folder, const struct msp_buf *queued,
        const struct msp_buf *kept, struct msp_buf *work, size_t *left_out)
{
    struct msp_buf children = MSP_BUF_INIT;
    enum eng_status status = delete_messages(eng, folder, false, queued, left_out);

    if (status == ENG_OK)
        status = delete_messages(eng, folder, true, queued, left_out);
    if (status == ENG_OK)
        status = eng_folder_children(eng, folder, note_child, &children);
    if (status == ENG_OK && children.failed)
        status = ENG_NO_MEMORY;
    for (size_t i = 0; status == ENG_OK && i < id_count(&children); i++) {
        uint64_t child = id_at(&children, i);

        status = has_id(kept, child) ? add_id(work, child) : eng_folder_delete(eng, child, ALL);
    }
    msp_buf_free(&children);
    return status;
}

static enum eng_status empty_tree(struct eng *eng, uint64_t id, const struct msp_buf *queued,
        const struct msp_buf *kept, size_t *left_out)
{
    struct msp_buf work = MSP_BUF_INIT;
    enum eng_status status = add_id(&work, id);

    for (size_t i = 0; status == ENG_OK && i < id_count(&work); i++)
        status = empty_kept(eng, id_at(&work, i), queued, kept, &work, left_out);
    msp_buf_free(&work);
    return status;
}

/* In the open transaction. */
static enum eng_status delete_but_queued(
        struct eng *eng, uint64_t id, uint32_t how, size_t *left_out)
{
    struct msp_buf queued = MSP_BUF_INIT;
    struct msp_buf kept = MSP_BUF_INIT;
    struct eng_folder row;
    enum eng_status status = find_kept(eng, &queued, &kept);

    if (status == ENG_OK)
        status = eng_folder_get(eng, id, &row, NULL, NULL);
    if (status == ENG_OK && !has_id(&kept, id))
        status = eng_folder_delete(eng, id, how);
    else if (status == ENG_OK && row.child_count > 0 && (how & ENG_DELETE_FOLDERS) == 0)
        status = ENG_HAS_FOLDERS;
    else if (status == ENG_OK && (how & ENG_DELETE_MESSAGES) == 0)
        status = ENG_HAS_MESSAGES;
    else if (status == ENG_OK)
        status = empty_tree(eng, id, &queued, &kept, left_out);
    msp_buf_free(&queued);
    msp_buf_free(&kept);
    return status;
}

HRESULT folder_delete_tree(
        struct msp_call *call, struct eng *eng, uint64_t id, uint32_t how, size_t *left_out)
{
    size_t left = 0;
    enum eng_status status = eng_begin(eng, true);

    if (status != ENG_OK)
        return msp_from_engine(call, eng, status);
    status = delete_but_queued(eng, id, how, &left);
    if (status != ENG_OK) {
        HRESULT hr = msp_from_engine(call, eng, status);

        eng_rollback(eng);
        return hr;
    }
    status = eng_commit(eng);
    if (status == ENG_OK)
        *left_out += left;
    return msp_from_engine(call, eng, status);
}
