/* SPDX-License-Identifier: MIT */
/*
 * copy_direct.c - CopyTo and CopyProps between two messages, or two attachments, of ours: no value
 * goes through their interfaces. Within one file large values are copied where they are; what two
 * files need besides is in copy_between.c.
 *
 * Owns:  parcels, for one call. Copied values are the destination's from the start
 *        (message_note_value()), so that what no save takes is given up with it.
 * Locks: none is held when these functions are called; they take that of the source and that of
 *        the destination by turns, never both.
 */
#include "com/copy_parcel.h"

#include "com/logon.h"
#include "com/props_message.h"
#include "util/buf.h"

/* --- what can go this way --------------------------------------------------------------------- */

static bool is_message(const struct prop_object *prop)
{
    return prop->props == &message_props;
}

static struct prop_object *find_ours(const struct prop_object *source, IMAPIProp *target)
{
    struct message *message;
    struct attach *attach;

    if (is_message(source)) {
        message = message_from_client((LPMESSAGE)target);
        return message != NULL ? &message->prop : NULL;
    }
    if (source->props != &attach_props)
        return NULL;
    attach = attach_from_client((LPATTACH)target);
    return attach != NULL ? &attach->prop : NULL;
}

/* Two logons may have one file. */
static bool is_same_file(struct prop_object *source, struct prop_object *target)
{
    struct copy_file file = { { 0 }, MSP_BUF_INIT };
    struct msp_call call;
    bool same = false;

    if (source->object.domain == target->object.domain)
        return true;
    if (SUCCEEDED(msp_call_begin(&call, &target->object))) {
        same = copy_file_note(target->logon, &file);
        (void)msp_call_end(&call, S_OK);
    }
    if (same && SUCCEEDED(msp_call_begin(&call, &source->object))) {
        same = copy_file_is(&file, source->logon);
        (void)msp_call_end(&call, S_OK);
    }
    msp_buf_free(&file.path);
    return same;
}

struct prop_object *copy_direct_target(
        struct prop_object *source, IMAPIProp *target, bool *out_same_file)
{
    struct prop_object *ours = find_ours(source, target);

    *out_same_file = ours != NULL && is_same_file(source, ours);
    return ours;
}

/* --- large values ----------------------------------------------------------------------------- */

/* Between two pieces: the lock is left for others. */
static HRESULT step(struct msp_call *call, const struct copy_task *task)
{
    HRESULT alive;

    msp_call_pause(call);
    alive = msp_call_resume(call);
    if (SUCCEEDED(alive) && (msp_call_is_stopped(call) || msp_domain_is_stopping(task->domain)))
        alive = MAPI_E_INVALID_OBJECT;
    return alive;
}

/* One that is too large for one transaction. */
static HRESULT copy_pieces(struct msp_call *call, const struct copy_task *task,
        struct prop_object *target, struct eng_value_pair *pair)
{
    struct eng *eng = target->logon->eng;
    enum eng_status status = eng_value_new(eng, &pair->to);
    HRESULT hr = S_OK;

    if (status == ENG_OK)
        message_note_value(target, pair->to);
    for (uint64_t at = 0; at < pair->size && status == ENG_OK && SUCCEEDED(hr);
            at += ENG_COPY_PART) {
        status = eng_value_copy_part(eng, pair->from, pair->to, at);
        if (status == ENG_OK)
            hr = step(call, task);
    }
    if (status == ENG_NOT_FOUND) {
        (void)eng_value_free(eng, pair->to);
        pair->to = 0;
        status = ENG_OK;
    }
    return FAILED(hr) ? hr : msp_from_engine(call, eng, status);
}

/* The parcel names the copies from now on; what is gone it has no more. */
static HRESULT settle_values(struct msp_call *call, struct copy_values *values)
{
    for (size_t i = 0; i < values->pairs.count; i++) {
        const struct copy_large *place = MSP_ARRAY_AT(struct copy_large, &values->places, i);
        const struct eng_value_pair *pair = MSP_ARRAY_AT(struct eng_value_pair, &values->pairs, i);
        struct bag_large large = { pair->to, pair->size };
        struct bag *bag = &place->parcel->values;
        uint8_t reference[16];
        bool ok;

        bag_large_put(&large, reference);
        if (pair->to == 0) {
            place->parcel->is_partial = true;
            ok = bag_remove(bag, place->tag);
        } else {
            ok = bag_set(bag, place->tag, BAG_LARGE, reference, sizeof(reference));
        }
        if (!ok)
            return msp_from_engine(call, NULL, ENG_NO_MEMORY);
    }
    return S_OK;
}

/* Under the lock of the destination, which is left now and then. */
static HRESULT copy_values(struct msp_call *call, const struct copy_task *task,
        struct prop_object *target, struct copy_values *values)
{
    struct eng_value_pair *pairs = MSP_ARRAY_ITEMS(struct eng_value_pair, &values->pairs);
    size_t count = values->pairs.count;
    size_t next = 0;
    HRESULT hr = S_OK;

    while (next < count && SUCCEEDED(hr)) {
        struct eng *eng = target->logon->eng;
        size_t done = 0;

        hr = msp_from_engine(call, eng, eng_values_copy(eng, pairs + next, count - next, &done));
        for (size_t i = 0; i < done; i++) {
            if (pairs[next + i].to != 0)
                message_note_value(target, pairs[next + i].to);
        }
        if (SUCCEEDED(hr) && done == 0) {
            hr = copy_pieces(call, task, target, &pairs[next]);
            done = 1;
        }
        next += done;
        if (SUCCEEDED(hr) && next < count)
            hr = step(call, task);
    }
    return hr;
}

/* Under the lock of the source: another connection is to read its large values. */
static HRESULT show_values(struct msp_call *call, const struct copy_task *task,
        const struct prop_object *source, const struct prop_object *target,
        const struct copy_values *values)
{
    struct eng *eng = source->logon->eng;

    if (values->pairs.count == 0 || task->other_file ||
            source->object.domain == target->object.domain)
        return S_OK;
    return msp_from_engine(call, eng, eng_flush(eng));
}

/* --- one parcel ------------------------------------------------------------------------------- */

/* What is in it, and how far that is. */
struct parcel_work {
    struct copy_task *task;
    struct prop_object *source;
    struct prop_object *target;
    uint32_t number; /* of an attachment */
    bool is_partial;
    bool is_renamed; /* its tags are the destination's already */
    struct copy_parcel *parcel;
    struct copy_values values;
};

typedef HRESULT (*parcel_fn)(struct msp_call *call, struct parcel_work *work);

static HRESULT take(struct parcel_work *work, parcel_fn fn)
{
    struct msp_call call;
    HRESULT hr = msp_call_begin(&call, &work->source->object);

    if (FAILED(hr))
        return hr;
    hr = fn(&call, work);
    if (SUCCEEDED(hr)) {
        HRESULT shown = show_values(&call, work->task, work->source, work->target, &work->values);

        hr = FAILED(shown) ? shown : hr;
    }
    return msp_call_end(&call, hr);
}

static HRESULT put(struct parcel_work *work, parcel_fn fn)
{
    struct msp_call call;
    HRESULT hr = msp_call_begin(&call, &work->target->object);

    if (FAILED(hr))
        return hr;
    if (work->target->can_write) { /* else there is nothing to copy them for */
        if (!work->task->other_file)
            hr = copy_values(&call, work->task, work->target, &work->values);
        if (SUCCEEDED(hr))
            hr = settle_values(&call, &work->values);
    }
    if (SUCCEEDED(hr))
        hr = fn(&call, work);
    return msp_call_end(&call, hr);
}

/* To the other file. No lock held. */
static HRESULT cross(struct parcel_work *work)
{
    HRESULT hr = S_OK;

    if (!work->is_renamed)
        hr = copy_rename(work->task, work->source, work->target, work->parcel, &work->values);
    if (SUCCEEDED(hr))
        hr = copy_carry_values(work->task, work->source, work->target, &work->values);
    return hr;
}

/* S_FALSE from `taken`: there is nothing to put. */
static HRESULT carry(struct parcel_work *work, parcel_fn taken, parcel_fn putting)
{
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    copy_values_init(&work->values);
    work->parcel = copy_parcel_new();
    if (work->parcel != NULL)
        hr = take(work, taken);
    if (hr == S_OK && work->task->other_file)
        hr = cross(work);
    if (hr == S_OK)
        hr = put(work, putting);
    copy_values_done(&work->values);
    copy_parcel_free(work->parcel);
    work->parcel = NULL;
    if (hr == S_OK && work->is_partial)
        hr = MAPI_W_PARTIAL_COMPLETION;
    return hr;
}

/* --- values ----------------------------------------------------------------------------------- */

static HRESULT take_items(struct msp_call *call, struct parcel_work *work)
{
    return copy_take_items(call, work->source, work->task, work->parcel, &work->values);
}

static HRESULT put_items(struct msp_call *call, struct parcel_work *work)
{
    return copy_put_items(call, work->target, work->task, work->parcel);
}

HRESULT copy_direct_values(
        struct copy_task *task, struct prop_object *source, struct prop_object *target)
{
    struct parcel_work work = {
        .task = task, .source = source, .target = target, .is_renamed = true
    };

    return carry(&work, take_items, put_items);
}

/* --- recipients ------------------------------------------------------------------------------- */

static HRESULT take_recipients(struct msp_call *call, struct parcel_work *work)
{
    HRESULT hr = copy_take_recipients(call, message_from_prop(work->source), work->parcel);

    return SUCCEEDED(hr) && recipients_count(&work->parcel->recipients) == 0 ? S_FALSE : hr;
}

static HRESULT put_recipients(struct msp_call *call, struct parcel_work *work)
{
    struct message *target = message_from_prop(work->target);
    HRESULT hr = message_load_recipients(call, target);

    if (FAILED(hr))
        return hr;
    if (work->task->no_replace && recipients_count(&target->recipients) > 0)
        return S_FALSE;
    if (!target->prop.can_write)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The destination is open for reading only.");
    recipients_replace(&target->recipients, &work->parcel->recipients);
    message_recipients_moved(target);
    return S_OK;
}

/* --- attachments ------------------------------------------------------------------------------ */

static HRESULT list_numbers(struct message *message, struct msp_buf *out)
{
    struct msp_call call;
    HRESULT hr = msp_call_begin(&call, &message->prop.object);

    if (FAILED(hr))
        return hr;
    hr = message_load_attachments(&call, message);
    for (size_t i = 0; SUCCEEDED(hr) && i < message->attachments.items.count; i++) {
        const struct attach_item *item =
                MSP_ARRAY_AT(struct attach_item, &message->attachments.items, i);

        if (item->doc != NULL && !msp_buf_append_u32(out, item->number))
            hr = msp_from_engine(&call, NULL, ENG_NO_MEMORY);
    }
    return msp_call_end(&call, hr);
}

HRESULT copy_direct_count(struct prop_object *source, size_t *out_attachments)
{
    struct msp_buf numbers = MSP_BUF_INIT;
    HRESULT hr = S_OK;

    *out_attachments = 0;
    if (is_message(source))
        hr = list_numbers(message_from_prop(source), &numbers);
    *out_attachments = numbers.size / sizeof(uint32_t);
    msp_buf_free(&numbers);
    return hr;
}

/* What the destination has goes. S_FALSE: it has some, and keeps them. */
static HRESULT make_room(const struct copy_task *task, struct message *target)
{
    uint64_t size;
    struct msp_call call;
    HRESULT hr = msp_call_begin(&call, &target->prop.object);

    if (FAILED(hr))
        return hr;
    hr = message_load_attachments(&call, target);
    if (SUCCEEDED(hr) && task->no_replace && attach_list_count(&target->attachments, &size) > 0)
        hr = S_FALSE;
    if (hr == S_OK && !target->prop.can_write)
        hr = msp_fail(&call, MAPI_E_NO_ACCESS, 0, "The destination is open for reading only.");
    if (hr == S_OK)
        hr = message_remove_object(&call, &target->prop, PR_MESSAGE_ATTACHMENTS);
    return msp_call_end(&call, hr);
}

static HRESULT take_attachment(struct msp_call *call, struct parcel_work *work)
{
    return copy_take_attachment(
            call, message_from_prop(work->source), work->number, work->parcel, &work->values);
}

static HRESULT put_attachment(struct msp_call *call, struct parcel_work *work)
{
    struct message *target = message_from_prop(work->target);

    if (!target->prop.can_write)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The destination is open for reading only.");
    return copy_put_attachment(call, target, work->parcel, &work->is_partial);
}

/* One that cannot be copied does not keep the others away: MAPI_W_PARTIAL_COMPLETION. */
static HRESULT copy_numbers(const struct parcel_work *whole, const struct msp_buf *numbers)
{
    const uint32_t *list = (const uint32_t *)(const void *)numbers->data;
    HRESULT result = S_OK;

    for (size_t i = 0; i < numbers->size / sizeof(uint32_t); i++) {
        struct parcel_work work = *whole;
        HRESULT hr;

        work.number = list[i];
        hr = carry(&work, take_attachment, put_attachment);
        if (FAILED(hr) && copy_is_fatal(hr))
            return hr;
        if (hr != S_OK)
            result = MAPI_W_PARTIAL_COMPLETION;
        if (whole->task->progress != NULL) {
            hr = copy_progress_add(whole->task->progress, 1);
            if (FAILED(hr))
                return hr;
        }
    }
    return result;
}

static HRESULT copy_attachments(const struct parcel_work *work)
{
    struct msp_buf numbers = MSP_BUF_INIT;
    HRESULT hr = list_numbers(message_from_prop(work->source), &numbers);

    if (SUCCEEDED(hr) && numbers.size > 0) {
        hr = make_room(work->task, message_from_prop(work->target));
        if (hr == S_OK)
            hr = copy_numbers(work, &numbers);
    }
    msp_buf_free(&numbers);
    return hr;
}

/* --- what lies in an attachment --------------------------------------------------------------- */

static HRESULT take_object(struct msp_call *call, struct parcel_work *work)
{
    return copy_take_object(call, attach_from_prop(work->source), work->parcel, &work->values);
}

static HRESULT put_object(struct msp_call *call, struct parcel_work *work)
{
    return copy_put_object(call, attach_from_prop(work->target), work->parcel, &work->is_partial);
}

/* --- all of them ------------------------------------------------------------------------------ */

HRESULT copy_direct_parts(
        struct copy_task *task, struct prop_object *source, struct prop_object *target)
{
    struct copy_item *recipients = copy_find_part(task, PR_MESSAGE_RECIPIENTS);
    struct copy_item *attachments = copy_find_part(task, PR_MESSAGE_ATTACHMENTS);
    struct copy_item *object = copy_find_part(task, PR_ATTACH_DATA_OBJ);
    struct parcel_work work = { .task = task, .source = source, .target = target };
    HRESULT hr = S_OK;

    if (!is_message(source))
        return object != NULL ? copy_settle_part(object, carry(&work, take_object, put_object))
                              : S_OK;
    if (recipients != NULL)
        hr = copy_settle_part(recipients, carry(&work, take_recipients, put_recipients));
    if (SUCCEEDED(hr) && attachments != NULL)
        hr = copy_settle_part(attachments, copy_attachments(&work));
    return hr;
}
