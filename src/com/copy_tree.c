/* SPDX-License-Identifier: MIT */
/*
 * copy_tree.c - a folder is copied with its messages and its subfolders.
 *
 * The tree is read first and then made folder by folder, parents before children.
 *
 * Owns:  nothing beyond one call.
 * Locks: as copy.h says.
 */
#include "com/copy.h"

#include "com/folder_int.h"

/* A folder to copy, and its copy. */
struct branch {
    uint64_t from;
    size_t parent; /* index of the parent; of the first one, its own */
    bool is_made;
    struct copy_place place;
};

struct tree {
    struct copy_job *job;
    struct msp_array branches; /* struct branch */
    size_t parent;             /* whose children are being read */
    bool no_memory;
};

HRESULT copy_ids(struct copy_job *job, uint64_t folder, bool associated, struct msp_buf *ids)
{
    struct eng *eng = job->logon->eng;

    return msp_from_engine(job->call, eng, eng_msg_ids(eng, folder, associated, ids));
}

/* A search folder is left out: nothing but its own criteria is in it. */
static bool add_child(void *context, const struct eng_folder *child, const char *name,
        size_t name_size, const void *packed, size_t packed_size)
{
    struct tree *tree = context;
    struct branch branch = { .from = child->id, .parent = tree->parent };

    MSP_UNUSED(name);
    MSP_UNUSED(name_size);
    MSP_UNUSED(packed);
    MSP_UNUSED(packed_size);
    if (child->type == ENG_FOLDER_SEARCH)
        tree->job->left_out++;
    else if (msp_array_push(&tree->branches, &branch) == NULL)
        tree->no_memory = true;
    return !tree->no_memory;
}

static struct branch *branch_at(const struct tree *tree, size_t index)
{
    return MSP_ARRAY_AT(struct branch, &tree->branches, index);
}

/* In a read transaction, so that the tree is one at a time. */
static HRESULT read_children(struct tree *tree)
{
    struct copy_job *job = tree->job;
    struct eng *eng = job->logon->eng;
    enum eng_status status;

    status = eng_begin(eng, false);
    if (status != ENG_OK)
        return msp_from_engine(job->call, eng, status);
    for (size_t i = 0; i < tree->branches.count && status == ENG_OK && !tree->no_memory; i++) {
        tree->parent = i;
        status = eng_folder_children(eng, branch_at(tree, i)->from, add_child, tree);
    }
    (void)eng_commit(eng); /* nothing was written */
    if (status == ENG_OK && tree->no_memory)
        return msp_from_engine(job->call, NULL, ENG_NO_MEMORY);
    return msp_from_engine(job->call, eng, status);
}

static HRESULT make_folder(struct copy_job *job, struct branch *branch,
        const struct copy_place *parent, const struct msp_buf *name)
{
    struct eng *eng = job->logon->eng;

    if (job->kind == COPY_IN_FILE)
        return msp_from_engine(job->call, eng,
                eng_folder_copy(eng, branch->from, parent->id,
                        name != NULL ? (const char *)name->data : NULL,
                        name != NULL ? name->size : 0, &branch->place.id));
    return copy_folder_out(job, branch->from, parent, name, &branch->place);
}

/* The messages of one folder, normal and associated. */
static HRESULT fill_folder(
        struct copy_job *job, const struct branch *branch, struct copy_progress *outer)
{
    struct copy_progress inner = { 0 };
    struct msp_buf ids = MSP_BUF_INIT;
    HRESULT alive;
    HRESULT hr;

    hr = copy_ids(job, branch->from, false, &ids);
    if (SUCCEEDED(hr))
        hr = copy_ids(job, branch->from, true, &ids);
    if (SUCCEEDED(hr)) {
        msp_call_pause(job->call);
        hr = copy_progress_nest(outer, ids.size / sizeof(uint64_t), &inner);
        alive = msp_call_resume(job->call);
        hr = FAILED(alive) ? alive : hr;
    }
    if (SUCCEEDED(hr))
        hr = copy_messages(job, branch->from, false, &ids, &branch->place, &inner);
    msp_buf_free(&ids);
    return hr;
}

/* A subfolder that cannot be made is left out with all below it; the first one must be made. */
static HRESULT copy_branch(
        struct tree *tree, size_t index, const struct copy_place *place, const struct msp_buf *name)
{
    struct branch *branch = branch_at(tree, index);
    struct copy_job *job = tree->job;
    HRESULT hr;

    if (index > 0) {
        const struct branch *parent = branch_at(tree, branch->parent);

        place = &parent->place;
        name = NULL;
        if (!parent->is_made)
            return S_OK;
    }
    hr = make_folder(job, branch, place, name);
    if (SUCCEEDED(hr)) {
        branch->is_made = true;
        return fill_folder(job, branch, &job->progress);
    }
    if (index == 0 || copy_is_fatal(hr))
        return hr;
    job->left_out++;
    return S_OK;
}

/* Leaves the lock when there is something to release. */
static void close_places(struct tree *tree)
{
    for (size_t i = 0; i < tree->branches.count; i++) {
        IMAPIFolder *folder = branch_at(tree, i)->place.foreign;

        if (folder == NULL)
            continue;
        (void)msp_call_release(tree->job->call, folder); /* the result is known already */
    }
}

HRESULT copy_tree(struct copy_job *job, uint64_t id, const struct copy_place *place,
        const struct msp_buf *name, bool deep)
{
    struct tree tree = { job, MSP_ARRAY_INIT(struct branch), 0, false };
    struct branch first = { .from = id };
    HRESULT hr = S_OK;

    if (msp_array_push(&tree.branches, &first) == NULL)
        hr = msp_from_engine(job->call, NULL, ENG_NO_MEMORY);
    if (SUCCEEDED(hr) && deep)
        hr = read_children(&tree);
    job->progress.total = tree.branches.count;
    for (size_t i = 0; i < tree.branches.count && SUCCEEDED(hr); i++) {
        hr = copy_branch(&tree, i, place, name);
        if (SUCCEEDED(hr))
            hr = copy_step(job, &job->progress, 1);
    }
    close_places(&tree);
    msp_array_free(&tree.branches);
    return hr;
}
