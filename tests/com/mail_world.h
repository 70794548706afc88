/* SPDX-License-Identifier: MIT */
/*
 * mail_world.h - what tests of sending, delivery and reports share: messages with recipients, the
 * spooler's logon beside the client's.
 */
#ifndef MAIL_WORLD_H
#define MAIL_WORLD_H

#include "raw_logon.h"

/* Adds a recipient of a type to an open message. */
static inline void mail_to(IMessage *message, const char *name, LONG type)
{
    SPropValue values[4] = { { .ulPropTag = PR_DISPLAY_NAME_A }, { .ulPropTag = PR_RECIPIENT_TYPE },
        { .ulPropTag = PR_ADDRTYPE_A }, { .ulPropTag = PR_EMAIL_ADDRESS_A } };
    SizedADRLIST(1, list) = { 1, { { 0, 4, values } } };
    char copy[64];
    char type_name[] = "SMTP";

    snprintf(copy, sizeof(copy), "%s", name);
    values[0].Value.lpszA = copy;
    values[1].Value.l = type;
    values[2].Value.lpszA = type_name;
    values[3].Value.lpszA = copy;
    assert_ok(message->lpVtbl->ModifyRecipients(message, MODRECIP_ADD, (LPADRLIST)&list));
}

/* A new message to one recipient, open and not saved. */
static inline IMessage *mail_new(IMAPIFolder *folder, const char *subject)
{
    IMessage *message = NULL;

    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    prop_set_text(message, PR_SUBJECT_W, subject);
    mail_to(message, "ann@example.org", MAPI_TO);
    return message;
}

/* One that is submitted and released; its entry id (mapi_free). */
static inline SPropValue *mail_submit(IMAPIFolder *folder, const char *subject)
{
    IMessage *message = mail_new(folder, subject);
    SPropValue *id;

    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
    id = prop_get(message, PR_ENTRYID);
    assert_non_null(id);
    assert_ok(message->lpVtbl->SubmitMessage(message, 0));
    release_last(message);
    return id;
}

static inline HRESULT mail_open(IMsgStore *store, const SPropValue *id, ULONG flags, IMessage **out)
{
    ULONG type = POISON_LONG;
    LPUNKNOWN object = POISON;
    HRESULT hr = store->lpVtbl->OpenEntry(
            store, id->Value.bin.cb, raw_id(id->Value.bin.lpb), NULL, flags, &type, &object);

    if (FAILED(hr)) {
        assert_null(object);
        assert_int_equal(type, 0);
    }
    *out = SUCCEEDED(hr) ? (IMessage *)(void *)object : NULL;
    return hr;
}

/* PR_MESSAGE_FLAGS as the store has them. */
static inline LONG mail_flags(IMsgStore *store, const SPropValue *id)
{
    IMessage *message = NULL;
    LONG flags;

    assert_ok(mail_open(store, id, 0, &message));
    flags = prop_long(message, PR_MESSAGE_FLAGS);
    release_last(message);
    return flags;
}

/* The spooler's store on the same file, and its support object. */
struct spooler {
    struct host_support *support;
    IMsgStore *store;
};

static inline struct spooler spooler_logon_to(struct host_session *session)
{
    struct host_logon params = { .flags = MDB_WRITE | MDB_NO_DIALOG, .spooler = true };
    struct spooler spooler = { NULL, NULL };
    HRESULT hr = host_session_logon(session, &params, &spooler.store, &spooler.support);

    if (FAILED(hr))
        fail_msg("spooler logon: %s (%s)", session->error, host_hr_name(hr));
    return spooler;
}

static inline struct spooler spooler_logon(struct fixture *fx)
{
    return spooler_logon_to(&fx->session);
}

/* One property of every row of the outgoing queue (mapi_free_rows). */
static inline LPSRowSet queue_rows(IMsgStore *spooler, const ULONG *tags, ULONG count)
{
    LPMAPITABLE table = NULL;
    LPSRowSet rows;

    assert_ok(spooler->lpVtbl->GetOutgoingQueue(spooler, 0, &table));
    rows = table_rows(table, tags, count);
    release_last(table);
    return rows;
}

/* The subjects of the queue in its order, each with a space behind it. */
static inline void queue_assert(IMsgStore *spooler, const char *expected)
{
    static const ULONG tags[] = { PR_SUBJECT_A };
    LPSRowSet rows = queue_rows(spooler, tags, 1);
    char text[500] = "";
    size_t at = 0;

    for (ULONG i = 0; i < rows->cRows; i++) {
        const SPropValue *cell = &rows->aRow[i].lpProps[0];

        assert_int_equal(cell->ulPropTag, PR_SUBJECT_A);
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s ", cell->Value.lpszA);
    }
    mapi_free_rows(rows);
    assert_string_equal(text, expected);
}

#endif
