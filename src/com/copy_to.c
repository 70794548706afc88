/* SPDX-License-Identifier: MIT */
/*
 * copy_to.c - IMAPIProp::CopyTo and CopyProps of every class.
 *
 * Properties, recipients and attachments go through interfaces (copy_object.c), or straight from
 * one object of ours to another (copy_direct.c); what is in a folder goes as CopyMessages and
 * CopyFolder do it (copy.h).
 *
 * Owns:  the destination's interface during a call.
 * Locks: the methods are called without one. It is taken to look at the source, and for the
 *        content of folders.
 */
#include <string.h>

#include "com/copy_object.h"
#include "com/copy_parcel.h"
#include "com/folder_int.h"
#include "com/message_impl.h"
#include "com/prop.h"
#include "com/props_message.h"

/* One call. */
struct request {
    struct prop_object *prop;
    IMAPIProp *source;
    IMAPIProp *target;          /* counted */
    struct prop_object *direct; /* the same when nothing need go through its interface, or NULL */
    ULONG flags;
    ULONG_PTR ui;
    LPMAPIPROGRESS progress;
    struct mapi_alloc alloc;
    struct copy_task task;
    struct copy_progress shown;
    size_t left_out; /* messages and folders */
};

static bool is_folder(const struct prop_object *prop)
{
    return prop->props == &folder_props;
}

/* Keeps a sentence for GetLastError. No lock held. */
static HRESULT refuse(struct prop_object *prop, HRESULT code, const char *reason)
{
    struct msp_call call;
    HRESULT hr;

    hr = msp_call_begin(&call, &prop->object);
    if (FAILED(hr))
        return hr;
    return msp_call_end(&call, msp_fail(&call, code, 0, "%s", reason));
}

/* --- the arguments ---------------------------------------------------------------------------- */

static bool has_null(const SPropTagArray *tags)
{
    for (ULONG i = 0; tags != NULL && i < tags->cValues; i++) {
        if (tags->aulPropTag[i] == PR_NULL)
            return true;
    }
    return false;
}

/* Excluding an interface excludes those derived from it. */
static HRESULT judge_interfaces(struct request *request, ULONG count, LPCIID iids)
{
    for (ULONG i = 0; i < count; i++) {
        if (IsEqualGUID(&iids[i], &IID_IUnknown) || IsEqualGUID(&iids[i], &IID_IMAPIProp))
            return refuse(request->prop, MAPI_E_INTERFACE_NOT_SUPPORTED,
                    "Every interface of the item is excluded from the copy.");
        if (IsEqualGUID(&iids[i], &IID_IMessage) || IsEqualGUID(&iids[i], &IID_IMAPIContainer) ||
                IsEqualGUID(&iids[i], &IID_IMAPIFolder) || IsEqualGUID(&iids[i], &IID_IAttachment))
            request->task.without_parts |= msp_object_is_a(&request->prop->object, &iids[i]);
    }
    return S_OK;
}

/* Is the destination the source? COM tells by the pointer to IUnknown. */
static bool is_same_object(const struct request *request)
{
    LPUNKNOWN target = NULL;
    bool same;

    if (FAILED(request->target->lpVtbl->QueryInterface(
                request->target, &IID_IUnknown, (void **)(void *)&target)))
        return false;
    same = (void *)target == (void *)request->source;
    target->lpVtbl->Release(target);
    return same;
}

static HRESULT open_target(struct request *request, LPCIID iid, LPUNKNOWN target)
{
    LPUNKNOWN wanted = NULL;
    HRESULT hr = target->lpVtbl->QueryInterface(target, iid, (void **)(void *)&wanted);

    if (SUCCEEDED(hr))
        hr = target->lpVtbl->QueryInterface(
                target, &IID_IMAPIProp, (void **)(void *)&request->target);
    if (wanted != NULL)
        wanted->lpVtbl->Release(wanted);
    if (hr == MAPI_E_INVALID_OBJECT)
        return refuse(request->prop, hr, "The store of the destination has been closed.");
    if (FAILED(hr))
        return refuse(request->prop, MAPI_E_INTERFACE_NOT_SUPPORTED,
                "The destination does not have that interface.");
    if (is_same_object(request))
        return refuse(request->prop, MAPI_E_NO_ACCESS, "An item cannot be copied onto itself.");
    return S_OK;
}

/* The source lives, and may give away what is moved. */
static HRESULT look_at_source(struct request *request)
{
    struct prop_object *prop = request->prop;
    struct msp_call call;
    HRESULT hr;

    hr = msp_call_begin(&call, &prop->object);
    if (FAILED(hr))
        return hr;
    request->alloc = prop->logon->alloc;
    if ((request->flags & MAPI_MOVE) != 0 && !prop->can_write)
        hr = msp_fail(&call, MAPI_E_NO_ACCESS, 0, "The item is open for reading only.");
    return msp_call_end(&call, hr);
}

/* --- progress --------------------------------------------------------------------------------- */

static HRESULT begin_progress(struct request *request, size_t total)
{
    struct msp_call call;
    HRESULT hr;

    if ((request->flags & MAPI_DIALOG) == 0)
        return S_OK;
    hr = msp_call_begin(&call, &request->prop->object);
    if (FAILED(hr))
        return hr;
    hr = copy_progress_begin(&call, request->prop->logon, true, request->progress, request->ui,
            total, &request->shown);
    return msp_call_end(&call, hr);
}

static void end_progress(struct request *request)
{
    if (request->shown.owned)
        request->shown.object->lpVtbl->Release(request->shown.object);
    request->shown.object = NULL;
}

/* --- what is in a folder ---------------------------------------------------------------------- */

enum folder_part { CONTENTS, ASSOCIATED, HIERARCHY, PARTS };

static const ULONG part_tags[PARTS] = { PR_CONTAINER_CONTENTS, PR_FOLDER_ASSOCIATED_CONTENTS,
    PR_CONTAINER_HIERARCHY };

/* The destination lies in the source? Only within one file. */
static HRESULT check_cycle(struct copy_job *job, uint64_t source)
{
    struct eng *eng = job->logon->eng;
    uint64_t at = job->place.id;

    if (job->kind != COPY_IN_FILE)
        return S_OK;
    if (at == source)
        return msp_fail(job->call, MAPI_E_NO_ACCESS, 0, "A folder cannot be copied onto itself.");
    while (at != 0 && at != source) {
        struct eng_folder row;
        enum eng_status status = eng_folder_get(eng, at, &row, NULL, NULL);

        if (status != ENG_OK)
            return msp_from_engine(job->call, eng, status);
        at = row.parent;
    }
    if (at == source)
        return msp_fail(job->call, MAPI_E_FOLDER_CYCLE, 0,
                "The destination lies in the folder that is to be copied.");
    return S_OK;
}

/* Each subfolder on its own: one whose name is taken stays, and the call says so. */
static HRESULT copy_subfolders(
        struct copy_job *job, const struct msp_buf *ids, struct copy_progress *progress)
{
    const uint64_t *list = (const uint64_t *)(const void *)ids->data;
    HRESULT result = S_OK;

    for (size_t i = 0; i < ids->size / sizeof(uint64_t); i++) {
        struct eng *eng = job->logon->eng;
        HRESULT hr;

        if (job->move && store_is_special_folder(job->logon, list[i]))
            hr = MAPI_E_NO_ACCESS;
        else if (job->move && job->kind == COPY_IN_FILE)
            hr = msp_from_engine(
                    job->call, eng, eng_folder_move(eng, list[i], job->place.id, NULL, 0));
        else
            hr = copy_tree(job, list[i], &job->place, NULL, true);
        if (FAILED(hr) && copy_is_fatal(hr))
            return hr;
        if (hr == MAPI_E_COLLISION)
            result = hr;
        else if (FAILED(hr))
            job->left_out++;
        hr = copy_step(job, progress, 1);
        if (FAILED(hr))
            return hr;
    }
    return result;
}

struct children {
    struct copy_job *job;
    struct msp_buf *ids;
};

static bool add_child(void *context, const struct eng_folder *child, const char *name,
        size_t name_size, const void *packed, size_t packed_size)
{
    struct children *children = context;

    MSP_UNUSED(name);
    MSP_UNUSED(name_size);
    MSP_UNUSED(packed);
    MSP_UNUSED(packed_size);
    if (child->type == ENG_FOLDER_SEARCH) {
        children->job->left_out++; /* it can be neither copied nor moved */
        return true;
    }
    return msp_buf_append_u64(children->ids, child->id);
}

/* The ids of what a part of the folder holds. */
static HRESULT list_part(
        struct copy_job *job, uint64_t folder, enum folder_part part, struct msp_buf *ids)
{
    struct children children = { job, ids };
    struct eng *eng = job->logon->eng;

    if (part != HIERARCHY)
        return copy_ids(job, folder, part == ASSOCIATED, ids);
    return msp_from_engine(job->call, eng, eng_folder_children(eng, folder, add_child, &children));
}

/* Under the lock of the source. */
static HRESULT copy_listed_parts(struct request *request, struct copy_job *job, uint64_t folder,
        const struct msp_buf ids[PARTS])
{
    HRESULT result = S_OK;
    size_t total = 0;
    HRESULT hr = S_OK;

    for (int i = 0; i < PARTS; i++)
        total += ids[i].size / sizeof(uint64_t);
    if (total > 0)
        hr = copy_progress_begin(job->call, job->logon, (request->flags & MAPI_DIALOG) != 0,
                request->progress, request->ui, total, &request->shown);
    for (int i = 0; i < PARTS && SUCCEEDED(hr); i++) {
        if (i != HIERARCHY)
            hr = copy_messages(job, folder, false, &ids[i], &job->place, &request->shown);
        else
            result = copy_subfolders(job, &ids[i], &request->shown);
    }
    return FAILED(hr) ? hr : result;
}

/* Finds out what is wanted of the folder's content, and copies it. `only_check`: nothing but
 * whether it may be. */
static HRESULT copy_content(struct request *request, bool only_check)
{
    struct folder *folder = folder_from_prop(request->prop);
    struct msp_buf ids[PARTS] = { MSP_BUF_INIT, MSP_BUF_INIT, MSP_BUF_INIT };
    struct msp_call call;
    struct copy_job job = { .call = &call, .move = (request->flags & MAPI_MOVE) != 0 };
    HRESULT hr;

    hr = copy_job_open(&job, &request->prop->object, (LPUNKNOWN)request->target);
    if (FAILED(hr))
        return hr;
    hr = folder_refresh(&call, &folder->prop);
    if (SUCCEEDED(hr))
        hr = check_cycle(&job, folder->row.id);
    for (int i = 0; i < PARTS && SUCCEEDED(hr) && !only_check; i++) {
        struct copy_item *item = copy_find_part(&request->task, part_tags[i]);

        if (item == NULL || (i == CONTENTS && folder->row.type == ENG_FOLDER_SEARCH))
            continue;
        hr = list_part(&job, folder->row.id, (enum folder_part)i, &ids[i]);
        if (SUCCEEDED(hr) && ids[i].failed)
            hr = msp_from_engine(&call, NULL, ENG_NO_MEMORY);
    }
    if (SUCCEEDED(hr) && !only_check)
        hr = copy_listed_parts(request, &job, folder->row.id, ids);
    for (int i = 0; i < PARTS; i++)
        msp_buf_free(&ids[i]);
    request->left_out += job.left_out;
    hr = msp_call_end(&call, hr);
    copy_job_close(&job);
    return hr;
}

/* The content is done, or cannot be: not a matter of DeleteProps in either case. */
static void settle_content(struct request *request, HRESULT hr)
{
    for (int i = 0; i < PARTS; i++) {
        struct copy_item *item = copy_find_part(&request->task, part_tags[i]);

        if (item != NULL)
            item->hr = FAILED(hr) ? hr : S_FALSE;
    }
}

static bool wants_content(struct request *request)
{
    for (int i = 0; i < PARTS; i++) {
        if (copy_find_part(&request->task, part_tags[i]) != NULL)
            return true;
    }
    return false;
}

static HRESULT copy_folder(struct request *request)
{
    bool content = wants_content(request);
    HRESULT judged = S_OK;
    HRESULT hr;

    if (content)
        judged = copy_content(request, true);
    if (judged == MAPI_E_FOLDER_CYCLE || judged == MAPI_E_INVALID_OBJECT)
        return judged;
    if (judged == MAPI_E_NO_ACCESS && folder_from_client((LPUNKNOWN)request->target) != NULL)
        return judged;
    hr = copy_item_values(&request->task, request->source, request->target);
    if (SUCCEEDED(hr) && content && SUCCEEDED(judged))
        hr = copy_content(request, false);
    settle_content(request, judged);
    return hr;
}

/* --- everything else -------------------------------------------------------------------------- */

static HRESULT count_attachments(struct request *request, size_t *out_count)
{
    *out_count = 0;
    if (copy_find_part(&request->task, PR_MESSAGE_ATTACHMENTS) == NULL)
        return S_OK;
    return request->direct != NULL
                   ? copy_direct_count(request->prop, out_count)
                   : copy_count_attachments(&request->task, request->source, out_count);
}

/* All that is copied of a message is of one state of it: parts that have to be read are read before
 * anything is copied. */
static HRESULT hold_source(struct request *request)
{
    struct prop_object *prop = request->prop;
    struct msp_call call;
    HRESULT hr;

    if (prop->props != &message_props ||
            (copy_find_part(&request->task, PR_MESSAGE_RECIPIENTS) == NULL &&
                    copy_find_part(&request->task, PR_MESSAGE_ATTACHMENTS) == NULL))
        return S_OK;
    hr = msp_call_begin(&call, &prop->object);
    if (FAILED(hr))
        return hr;
    hr = message_hold_parts(&call, message_from_prop(prop));
    return msp_call_end(&call, hr);
}

static HRESULT copy_plain(struct request *request)
{
    struct prop_object *direct = request->direct;
    struct copy_task *task = &request->task;
    size_t attachments = 0;
    HRESULT hr;

    hr = hold_source(request);
    if (SUCCEEDED(hr))
        hr = count_attachments(request, &attachments);
    if (SUCCEEDED(hr))
        hr = begin_progress(request, 1 + attachments);
    task->progress = request->shown.object != NULL ? &request->shown : NULL;
    if (SUCCEEDED(hr))
        hr = direct != NULL ? copy_direct_values(task, request->prop, direct)
                            : copy_item_values(task, request->source, request->target);
    if (SUCCEEDED(hr) && task->progress != NULL)
        hr = copy_progress_add(task->progress, 1);
    if (SUCCEEDED(hr) && direct != NULL)
        return copy_direct_parts(task, request->prop, direct);
    if (SUCCEEDED(hr))
        hr = copy_message_parts(task, request->source, request->target);
    if (SUCCEEDED(hr))
        hr = copy_attachment_data(task, request->source, request->target);
    return hr;
}

/* What was not copied, and should have been. */
static HRESULT make_problems(struct request *request, LPSPropProblemArray *out)
{
    const struct copy_item *items = MSP_ARRAY_ITEMS(const struct copy_item, &request->task.items);
    size_t count = request->task.items.count;
    LPSPropProblemArray array;
    void *block = NULL;
    ULONG used = 0;
    HRESULT hr;

    for (size_t i = 0; i < count; i++)
        used += FAILED(items[i].hr);
    if (out == NULL || used == 0)
        return S_OK;
    hr = mapibuf_new(&request->alloc, sizeof(*array) + used * sizeof(SPropProblem), &block);
    if (FAILED(hr))
        return hr;
    array = block;
    for (size_t i = 0; i < count; i++) {
        SPropProblem *problem = &array->aProblem[array->cProblem];

        if (!FAILED(items[i].hr))
            continue;
        problem->ulIndex = items[i].index;
        problem->ulPropTag = items[i].tag;
        problem->scode = items[i].hr;
        array->cProblem++;
    }
    *out = array;
    return S_OK;
}

static HRESULT copy(struct request *request, LPSPropProblemArray *out_problems)
{
    struct copy_task *task = &request->task;
    HRESULT hr;

    request->direct = copy_direct_target(request->prop, request->target, &task->same_names);
    task->other_file = request->direct != NULL && !task->same_names;
    hr = copy_list_items(task, request->source, request->target);
    if (SUCCEEDED(hr))
        hr = copy_keep_text(task, request->source);
    if (SUCCEEDED(hr))
        hr = is_folder(request->prop) ? copy_folder(request) : copy_plain(request);
    if (SUCCEEDED(hr) && task->move)
        hr = copy_remove_moved(task, request->source);
    if (SUCCEEDED(hr))
        hr = make_problems(request, out_problems);
    if (SUCCEEDED(hr))
        hr = request->left_out > 0 ? MAPI_W_PARTIAL_COMPLETION : S_OK;
    return hr;
}

static HRESULT run(struct request *request, ULONG iid_count, LPCIID iids, LPCIID iid,
        LPUNKNOWN target, LPSPropProblemArray *out_problems)
{
    HRESULT hr;

    msp_object_addref(&request->prop->object);
    hr = look_at_source(request);
    if (SUCCEEDED(hr))
        hr = judge_interfaces(request, iid_count, iids);
    if (SUCCEEDED(hr))
        hr = open_target(request, iid, target);
    if (SUCCEEDED(hr))
        hr = copy(request, out_problems);
    end_progress(request);
    copy_task_done(&request->task);
    if (request->target != NULL)
        request->target->lpVtbl->Release(request->target);
    msp_object_release(&request->prop->object);
    return hr;
}

static void request_init(
        struct request *request, struct prop_object *prop, const SPropTagArray *tags, ULONG flags)
{
    memset(request, 0, sizeof(*request));
    copy_task_init(&request->task, &request->alloc, prop->object.domain);
    request->prop = prop;
    request->source = prop_iface(prop);
    request->task.of_folder = is_folder(prop);
    request->flags = flags;
    request->task.tags = tags;
    request->task.move = (flags & MAPI_MOVE) != 0;
    request->task.no_replace = (flags & MAPI_NOREPLACE) != 0;
}

/* --- the methods ------------------------------------------------------------------------------ */

HRESULT prop_CopyTo(struct prop_object *prop, ULONG iid_count, LPCIID iids, LPSPropTagArray exclude,
        ULONG_PTR ui, LPMAPIPROGRESS progress, LPCIID iid, LPVOID target, ULONG flags,
        LPSPropProblemArray *out_problems)
{
    struct request request;

    MSP_CLEAR(out_problems);
    MSP_NEED(iid != NULL && target != NULL && (iid_count == 0 || iids != NULL));
    MSP_NEED(propval_is_aligned(exclude, sizeof(ULONG)));
    MSP_NEED(exclude == NULL || (exclude->cValues > 0 && !has_null(exclude)));
    MSP_NEED_FLAGS(flags, MAPI_MOVE | MAPI_NOREPLACE | MAPI_DECLINE_OK | MAPI_DIALOG);

    request_init(&request, prop, exclude, flags);
    request.ui = ui;
    request.progress = progress;
    return run(&request, iid_count, iids, iid, target, out_problems);
}

HRESULT prop_CopyProps(struct prop_object *prop, LPSPropTagArray include, ULONG_PTR ui,
        LPMAPIPROGRESS progress, LPCIID iid, LPVOID target, ULONG flags,
        LPSPropProblemArray *out_problems)
{
    struct request request;

    MSP_CLEAR(out_problems);
    MSP_NEED(include != NULL && propval_is_aligned(include, sizeof(ULONG)));
    MSP_NEED(include->cValues > 0 && !has_null(include));
    MSP_NEED(iid != NULL && target != NULL);
    MSP_NEED_FLAGS(flags, MAPI_MOVE | MAPI_NOREPLACE | MAPI_DECLINE_OK | MAPI_DIALOG);

    request_init(&request, prop, include, flags);
    request.ui = ui;
    request.progress = progress;
    request.task.only_listed = true;
    return run(&request, 0, NULL, iid, target, out_problems);
}
