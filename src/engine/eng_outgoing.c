/* SPDX-License-Identifier: MIT */
/*
 * eng_outgoing.c - the queue of messages that wait to be sent.
 *
 * A message is in the queue exactly while the bit of its flags says so; both change in one
 * transaction. A lock is a note beside the message: which connection took it, in which process. It
 * counts while that connection is open; one whose process is gone counts no more, so that nothing
 * needs to be tidied up after a crash.
 *
 * Owns:  the list of this process's connections that have taken locks.
 * Locks: `holders_lock` guards that list, a leaf; else none of its own, see eng.h.
 */
#include <string.h>

#include "engine/eng_int.h"
#include "platform/process.h"

static struct msp_mutex holders_lock = MSP_MUTEX_INIT;
static struct eng *holders; /* linked through next_holder */

/* --- who holds a lock ------------------------------------------------------------------------- */

static void holders_add(struct eng *eng)
{
    if (eng->is_holder)
        return;
    msp_mutex_lock(&holders_lock);
    eng->next_holder = holders;
    holders = eng;
    msp_mutex_unlock(&holders_lock);
    eng->is_holder = true;
}

static void holders_remove(struct eng *eng)
{
    struct eng **link = &holders;

    msp_mutex_lock(&holders_lock);
    while (*link != eng)
        link = &(*link)->next_holder;
    *link = eng->next_holder;
    msp_mutex_unlock(&holders_lock);
    eng->is_holder = false;
}

static bool holders_have(uint64_t token)
{
    bool found = false;

    msp_mutex_lock(&holders_lock);
    for (const struct eng *at = holders; at != NULL && !found; at = at->next_holder)
        found = at->token == token;
    msp_mutex_unlock(&holders_lock);
    return found;
}

static bool holder_lives(const struct eng *eng, uint64_t token, const struct msp_process *process)
{
    struct msp_process self;

    if (token == 0)
        return false;
    if (token == eng->token)
        return true;
    msp_process_self(&self);
    if (process->id == self.id && process->started == self.started)
        return holders_have(token);
    return msp_process_is_running(process);
}

/* Columns of OUTGOING_GET and OUTGOING_ALL. */
static void entry_from_row(struct eng_query *query, struct eng_outgoing *out)
{
    struct msp_process process = { (uint32_t)query_col(query, 3), query_col(query, 4) };
    uint64_t token = query_col(query, 2);

    out->place = query_col(query, 5);
    out->msg = query_col(query, 0);
    out->flags = (uint32_t)query_col(query, 1) & ENG_OUTGOING_PREPROCESS;
    if (holder_lives(query->eng, token, &process))
        out->flags |= ENG_OUTGOING_LOCKED;
    if (token == query->eng->token)
        out->flags |= ENG_OUTGOING_MINE;
}

/* --- reading ---------------------------------------------------------------------------------- */

enum eng_status eng_outgoing_get(struct eng *eng, uint64_t msg, struct eng_outgoing *out)
{
    struct eng_query query;
    enum eng_status status = op_peek(eng);

    memset(out, 0, sizeof(*out));
    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_OUTGOING_GET);
    query_u64(&query, msg);
    if (query_row(&query))
        entry_from_row(&query, out);
    else if (query.status == ENG_OK)
        query.status = eng_failf(eng, ENG_NOT_FOUND, "The message is not waiting to be sent.");
    return query_end(&query);
}

enum eng_status eng_outgoing_scan(struct eng *eng, eng_outgoing_fn fn, void *context)
{
    struct eng_query query;
    enum eng_status status = op_peek(eng);

    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_OUTGOING_ALL);
    while (query_row(&query)) {
        struct eng_outgoing entry;

        entry_from_row(&query, &entry);
        if (query.status != ENG_OK || !fn(context, &entry))
            break;
    }
    return query_end(&query);
}

/* --- changing --------------------------------------------------------------------------------- */

/* Of a change, or of a fact, that the message itself does not show. */
static enum eng_status tell(struct eng *eng, enum eng_event_kind kind, uint64_t msg)
{
    uint64_t place = 0;
    enum eng_status status = query_number(eng, STMT_MSG_STATE, msg, &place);

    if (status == ENG_NOT_FOUND || (status == ENG_OK && place == 0))
        return eng_fail(eng, ENG_NOT_FOUND); /* or embedded */
    return status == ENG_OK ? event_add(eng, kind, false, msg, place >> 1, 0) : status;
}

static enum eng_status put(struct eng *eng, uint64_t msg, uint32_t flags)
{
    struct eng_outgoing entry;
    enum eng_status status = eng_outgoing_get(eng, msg, &entry);

    if (status == ENG_OK) {
        status = query_do2(eng, STMT_OUTGOING_FLAGS, flags, msg);
        return status == ENG_OK ? tell(eng, ENG_EVENT_MODIFIED, msg) : status;
    }
    if (status != ENG_NOT_FOUND)
        return status;
    status = eng_msg_set_flags(eng, msg, MSG_SUBMITTED, MSG_SUBMITTED, NULL);
    return status == ENG_OK ? query_do2(eng, STMT_OUTGOING_ADD, msg, flags) : status;
}

enum eng_status eng_outgoing_put(struct eng *eng, uint64_t msg, uint32_t flags)
{
    enum eng_status status;

    if ((flags & ~(uint32_t)ENG_OUTGOING_PREPROCESS) != 0)
        return eng_fail(eng, ENG_INVALID);
    status = op_write(eng);
    return status == ENG_OK ? op_end(eng, put(eng, msg, flags)) : status;
}

/* Nobody may change what another connection has locked. */
static enum eng_status get_unlocked(struct eng *eng, uint64_t msg, struct eng_outgoing *out)
{
    enum eng_status status = eng_outgoing_get(eng, msg, out);

    if (status == ENG_OK &&
            (out->flags & (ENG_OUTGOING_LOCKED | ENG_OUTGOING_MINE)) == ENG_OUTGOING_LOCKED)
        status = eng_failf(eng, ENG_DENIED, "The message is being sent.");
    return status;
}

static enum eng_status set_lock(struct eng *eng, uint64_t msg, bool locked)
{
    struct msp_process self = { 0, 0 };
    struct eng_outgoing entry;
    struct eng_query query;
    enum eng_status status = get_unlocked(eng, msg, &entry);

    if (status != ENG_OK || ((entry.flags & ENG_OUTGOING_MINE) != 0) == locked)
        return status;
    if (locked) {
        msp_process_self(&self);
        holders_add(eng);
    }
    query_begin(&query, eng, STMT_OUTGOING_LOCK);
    query_u64(&query, locked ? eng->token : 0);
    query_u64(&query, self.id);
    query_u64(&query, self.started);
    query_u64(&query, msg);
    status = query_run(&query);
    return status == ENG_OK ? tell(eng, ENG_EVENT_MODIFIED, msg) : status;
}

/* Soft: no lock outlives its process. */
enum eng_status eng_outgoing_lock(struct eng *eng, uint64_t msg, bool locked)
{
    enum eng_status status = op_write_soft(eng);

    return status == ENG_OK ? op_end(eng, set_lock(eng, msg, locked)) : status;
}

static enum eng_status take_out(struct eng *eng, uint64_t msg, uint32_t flags)
{
    struct eng_outgoing entry;
    enum eng_status status = get_unlocked(eng, msg, &entry);

    if (status == ENG_OK)
        status = query_do1(eng, STMT_OUTGOING_DELETE, msg);
    if (status == ENG_OK)
        status = eng_msg_set_flags(eng, msg, MSG_SUBMITTED | flags, 0, NULL);
    return status;
}

enum eng_status eng_outgoing_remove(struct eng *eng, uint64_t msg, uint32_t flags)
{
    enum eng_status status = op_write(eng);

    return status == ENG_OK ? op_end(eng, take_out(eng, msg, flags)) : status;
}

/* Soft: nobody is there to be told after a power cut. */
enum eng_status eng_new_mail(struct eng *eng, uint64_t msg)
{
    enum eng_status status = op_write_soft(eng);

    return status == ENG_OK ? op_end(eng, tell(eng, ENG_EVENT_NEW_MAIL, msg)) : status;
}

/* What cannot be given back here counts no more all the same: the connection is off the list. */
void outgoing_close(struct eng *eng)
{
    enum eng_status status;

    if (!eng->is_holder)
        return;
    status = op_write_soft(eng);
    if (status == ENG_OK)
        (void)op_end(eng, query_do1(eng, STMT_OUTGOING_UNLOCK_ALL, eng->token));
    holders_remove(eng);
}
