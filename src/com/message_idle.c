/* SPDX-License-Identifier: MIT */
/*
 * message_idle.c - open messages that nobody has looked at yet take little memory.
 *
 * An open message is a snapshot, and what it shows must outlive another session's save, so its
 * record cannot be left in the store. While nothing is asked of the message the record may rest in
 * a temporary file, though: those of the newest such messages stay in memory, up to IDLE_MAX bytes
 * for each logon, and older ones move out. The first call on the message brings its record back for
 * good; whoever uses it was never slower than by one read.
 *
 * Owns:  the records that are out, until they are dropped or the engine is closed.
 * Locks: the domain's.
 */
#include "com/logon.h"
#include "com/message_impl.h"
#include "util/buf.h"

enum {
    IDLE_MAX = 1024 * 1024, /* bytes of records in memory */
    IDLE_SMALL = 256        /* a smaller record is not worth a row */
};

static void leave_list(struct message *message)
{
    struct idle_messages *idle = &message->prop.logon->idle;

    msp_list_remove(&message->idle);
    msp_list_init(&message->idle);
    idle->bytes -= message->prop.bag.base_size;
}

/* False: it cannot be put away now, and is no worse for it. */
static bool put_away(struct message *message)
{
    struct bag *bag = &message->prop.bag;

    if (eng_spill_put(message->prop.logon->eng, bag->base, bag->base_size, &message->spilled) !=
            ENG_OK)
        return false;
    leave_list(message);
    bag_done(bag);
    return true;
}

void message_idle_begin(struct message *message)
{
    struct idle_messages *idle = &message->prop.logon->idle;

    if (message->prop.bag.base_size < IDLE_SMALL || bag_is_changed(&message->prop.bag))
        return;
    msp_list_add_after(&idle->newest, &message->idle);
    idle->bytes += message->prop.bag.base_size;
    while (idle->bytes > IDLE_MAX && idle->newest.prev != &message->idle) {
        if (!put_away(MSP_CONTAINER(idle->newest.prev, struct message, idle)))
            break;
    }
}

HRESULT message_wake(struct msp_call *call, struct msp_object *object)
{
    struct message *message = message_from_prop(prop_from_object(object));
    struct eng *eng = message->prop.logon->eng;
    struct msp_buf record = MSP_BUF_INIT;
    enum eng_status status;
    HRESULT hr;

    if (!msp_list_is_empty(&message->idle))
        leave_list(message);
    if (message->spilled == 0)
        return S_OK;
    status = eng_spill_get(eng, message->spilled, &record);
    hr = msp_from_engine(call, eng, status);
    if (SUCCEEDED(hr))
        hr = msp_from_bag(call, bag_load(&message->prop.bag, record.data, record.size));
    msp_buf_free(&record);
    if (FAILED(hr))
        return hr;
    eng_spill_drop(eng, message->spilled);
    message->spilled = 0;
    return S_OK;
}

void message_idle_end(struct message *message)
{
    if (!msp_list_is_empty(&message->idle))
        leave_list(message);
    if (message->spilled != 0 && message->prop.logon->eng != NULL)
        eng_spill_drop(message->prop.logon->eng, message->spilled);
    message->spilled = 0;
}
