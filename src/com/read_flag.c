/* SPDX-License-Identifier: MIT */
/*
 * read_flag.c - the read state of messages: IMessage::SetReadFlag, and each message of
 * IMAPIFolder::SetReadFlags.
 *
 * A received message that asks for a report has both pending bits from its first save on
 * (message_save.c). The call that has a report made clears them in the same transaction that marks
 * the message as read, before the report is made: there is never a second one.
 *
 * Owns:  nothing.
 * Locks: everything here runs under the domain lock.
 */
#include "com/logon.h"
#include "com/message.h"
#include "com/message_impl.h"
#include "com/report.h"
#include "util/buf.h"

enum {
    READ_FLAGS = SUPPRESS_RECEIPT | CLEAR_READ_FLAG | GENERATE_RECEIPT_ONLY | CLEAR_RN_PENDING |
                 CLEAR_NRN_PENDING
};

HRESULT message_check_read_flags(ULONG flags)
{
    MSP_NEED_FLAGS(flags, READ_FLAGS | MAPI_DEFERRED_ERRORS);
    MSP_NEED((flags & CLEAR_READ_FLAG) == 0 ||
             (flags & (SUPPRESS_RECEIPT | GENERATE_RECEIPT_ONLY)) == 0);
    return S_OK;
}

/* What a call does to a message with these PR_MESSAGE_FLAGS. */
struct plan {
    uint32_t mask;
    uint32_t value;
    bool withdraw; /* PR_READ_RECEIPT_REQUESTED becomes FALSE */
    bool report;   /* a read report is to be made */
};

/* `due`: a read report waits to be sent. */
static void make_plan(ULONG flags, uint32_t now, bool due, struct plan *out)
{
    const uint32_t pending = MSGFLAG_RN_PENDING | MSGFLAG_NRN_PENDING;
    bool only_report = (flags & GENERATE_RECEIPT_ONLY) != 0;
    bool suppress = (flags & SUPPRESS_RECEIPT) != 0;
    bool reads = false; /* from unread to read */

    out->mask = 0;
    out->value = 0;
    out->withdraw = only_report && suppress;
    if ((flags & CLEAR_RN_PENDING) != 0)
        out->mask |= MSGFLAG_RN_PENDING;
    if ((flags & CLEAR_NRN_PENDING) != 0)
        out->mask |= MSGFLAG_NRN_PENDING;
    if (!only_report && (now & MSGFLAG_ASSOCIATED) == 0) {
        if ((flags & CLEAR_READ_FLAG) != 0) {
            out->mask |= MSGFLAG_READ;
        } else if ((flags & (CLEAR_RN_PENDING | CLEAR_NRN_PENDING)) == 0) {
            reads = (now & MSGFLAG_READ) == 0;
            out->mask |= MSGFLAG_READ;
            out->value |= MSGFLAG_READ;
        }
    }
    if (suppress && (reads || only_report))
        out->mask |= pending;
    out->report =
            due && !suppress && (only_report || reads) && (out->mask & MSGFLAG_RN_PENDING) == 0;
    if (out->report)
        out->mask |= pending;
}

/* Saves PR_READ_RECEIPT_REQUESTED as FALSE, when it was TRUE. */
static enum eng_status withdraw_request(struct eng *eng, const struct eng_msg *row,
        const struct msp_buf *packed, uint64_t *out_change)
{
    struct msp_buf changed = MSP_BUF_INIT;
    uint8_t room[16];
    struct bag_value cell;
    struct bag bag;
    enum eng_status status = ENG_NO_MEMORY;

    if (!packed_check(packed->data, packed->size))
        return ENG_CORRUPT;
    if (!packed_find(packed->data, packed->size, PR_READ_RECEIPT_REQUESTED, &cell) ||
            !cell_get_bool(&cell, false))
        return ENG_OK;
    bag_init(&bag);
    cell_bool(PR_READ_RECEIPT_REQUESTED, false, room, &cell);
    if (bag_load(&bag, packed->data, packed->size) == BAG_OK &&
            bag_set(&bag, cell.tag, 0, cell.data, cell.size) && bag_pack(&bag, &changed))
        status = eng_msg_put(eng, row, 0, changed.data, changed.size, out_change);
    bag_done(&bag);
    msp_buf_free(&changed);
    return status;
}

/* In the open transaction. */
static HRESULT change_stored(struct msp_call *call, struct eng *eng, uint64_t id, ULONG flags,
        struct plan *out_plan, uint64_t *out_before, uint64_t *out_change)
{
    struct msp_buf texts = MSP_BUF_INIT;
    struct msp_buf packed = MSP_BUF_INIT;
    struct eng_msg row;
    enum eng_status status;

    status = eng_msg_get(eng, id, &row, &texts, NULL);
    if (status == ENG_OK &&
            ((row.flags & MSGFLAG_RN_PENDING) != 0 || (flags & GENERATE_RECEIPT_ONLY) != 0)) {
        status = eng_msg_get(eng, id, &row, &texts, &packed);
    }
    if (status == ENG_OK) {
        make_plan(
                flags, row.flags, report_is_due(row.flags, packed.data, packed.size, 0), out_plan);
        *out_before = row.change;
        *out_change = row.change;
        if (out_plan->withdraw)
            status = withdraw_request(eng, &row, &packed, out_change);
        if (status == ENG_OK && (row.flags & out_plan->mask) != out_plan->value)
            status = eng_msg_set_flags(eng, id, out_plan->mask, out_plan->value, NULL);
    }
    msp_buf_free(&texts);
    msp_buf_free(&packed);
    return msp_from_engine(call, eng, status);
}

static HRESULT set_stored(struct msp_call *call, struct logon *logon, uint64_t id, ULONG flags,
        struct plan *out_plan, uint64_t *out_before, uint64_t *out_change)
{
    enum eng_status status;
    HRESULT hr;

    if (!logon->can_write)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The store is open for reading only.");
    status = eng_begin(logon->eng, true);
    if (status != ENG_OK)
        return msp_from_engine(call, logon->eng, status);
    hr = change_stored(call, logon->eng, id, flags, out_plan, out_before, out_change);
    if (FAILED(hr)) {
        eng_rollback(logon->eng);
        return hr;
    }
    return msp_from_engine(call, logon->eng, eng_commit(logon->eng));
}

HRESULT message_set_read_flag(
        struct msp_call *call, struct logon *logon, uint64_t id, ULONG flags, bool *out_report)
{
    struct plan plan = { 0 };
    uint64_t before;
    uint64_t after;
    HRESULT hr;

    *out_report = false;
    hr = message_check_read_flags(flags);
    if (SUCCEEDED(hr))
        hr = set_stored(call, logon, id, flags, &plan, &before, &after);
    *out_report = SUCCEEDED(hr) && plan.report;
    return hr;
}

/* PR_READ_RECEIPT_REQUESTED of the snapshot. */
static HRESULT withdraw_here(struct msp_call *call, struct message *message)
{
    uint8_t room[16];
    struct bag_value cell;

    if (!bag_get(&message->prop.bag, PR_READ_RECEIPT_REQUESTED, &cell))
        return S_OK;
    cell_bool(PR_READ_RECEIPT_REQUESTED, false, room, &cell);
    return prop_put(call, &message->prop, &cell);
}

/* The message waits to be sent: it is the spooler's. */
static HRESULT check_not_submitted(struct msp_call *call, const struct message *message)
{
    struct logon *logon = message->prop.logon;
    struct eng_outgoing entry;
    enum eng_status status;

    if (logon->is_spooler)
        return S_OK;
    status = eng_outgoing_get(logon->eng, message->row.id, &entry);
    if (status == ENG_NOT_FOUND)
        return S_OK;
    if (status != ENG_OK)
        return msp_from_engine(call, logon->eng, status);
    return msp_fail(call, MAPI_E_SUBMITTED, 0, "The message is waiting to be sent.");
}

HRESULT message_set_stored_read_flag(struct msp_call *call, struct message *message, ULONG flags)
{
    struct logon *logon = message->prop.logon;
    struct plan plan = { 0 };
    uint64_t before = 0;
    uint64_t after = 0;
    HRESULT hr;

    hr = check_not_submitted(call, message);
    if (SUCCEEDED(hr))
        hr = set_stored(call, logon, message->row.id, flags, &plan, &before, &after);
    if (FAILED(hr))
        return hr == MAPI_E_NOT_FOUND ? MAPI_E_OBJECT_DELETED : hr;
    message->row.flags = (message->row.flags & ~plan.mask) | plan.value;
    if (plan.withdraw) {
        if (message->row.change == before)
            message->row.change =
                    after; /* a small save of our own: a snapshot that was up to date stays so */
        return withdraw_here(call, message);
    }
    if (!plan.report)
        return S_OK;
    hr = report_send(call, logon, message->row.id, &message->IMessage_iface, 0);
    if (SUCCEEDED(hr) || hr == MAPI_E_INVALID_OBJECT)
        return FAILED(hr) ? hr : S_OK;
    message->row.flags |= MSGFLAG_RN_PENDING | MSGFLAG_NRN_PENDING;
    return (flags & GENERATE_RECEIPT_ONLY) != 0 ? hr : S_OK; /* a message is read all the same */
}

HRESULT message_set_pending_read_flag(struct msp_call *call, struct message *message, ULONG flags)
{
    struct plan plan = { 0 };
    HRESULT hr = S_OK;

    make_plan(flags, message->row.flags, false, &plan);
    if (plan.withdraw)
        hr = withdraw_here(call, message);
    if (SUCCEEDED(hr))
        message->row.flags = (message->row.flags & ~plan.mask) | plan.value;
    return hr;
}
