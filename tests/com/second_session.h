/* SPDX-License-Identifier: MIT */
/*
 * second_session.h - another session on the store of a fixture: its own provider object, logon and
 * memory, as another program has them.
 */
#ifndef SECOND_SESSION_H
#define SECOND_SESSION_H

#include "host/host_mem.h"
#include "support/support.h"

enum { SECOND_ARENA = 1 };

struct second {
    struct host_session session;
    IMsgStore *store;
    IMAPIFolder *inbox;
};

/* An entry id that belongs to nobody's memory. */
struct plain_id {
    ULONG size;
    BYTE bytes[128];
};

static inline void second_free(void *buffer)
{
    host_mem_trio(SECOND_ARENA)->release(buffer);
}

static inline LPENTRYID plain_entryid(struct plain_id *id)
{
    return (LPENTRYID)(void *)id->bytes;
}

/* The entry id of an object of session 0 or 1. */
static inline struct plain_id plain_id_of(void *object, unsigned arena)
{
    SizedSPropTagArray(1, tags) = { 1, { PR_ENTRYID } };
    IMAPIProp *prop = object;
    struct plain_id id = { 0, { 0 } };
    SPropValue *value = NULL;
    ULONG count = 0;

    assert_ok(prop->lpVtbl->GetProps(prop, (LPSPropTagArray)(void *)&tags, 0, &count, &value));
    id.size = value->Value.bin.cb;
    assert_true(id.size <= sizeof(id.bytes));
    memcpy(id.bytes, value->Value.bin.lpb, id.size);
    host_mem_trio(arena)->release(value);
    return id;
}

static inline void *plain_open(IMsgStore *store, struct plain_id *id)
{
    LPUNKNOWN object = NULL;
    ULONG type = 0;

    assert_ok(store->lpVtbl->OpenEntry(
            store, id->size, plain_entryid(id), NULL, MAPI_MODIFY, &type, &object));
    return object;
}

static inline void second_open(struct fixture *fx, struct second *second)
{
    struct plain_id inbox = { 0, { 0 } };
    LPENTRYID id = NULL;

    memset(second, 0, sizeof(*second));
    host_session_init(&second->session, fx->profile, SECOND_ARENA);
    assert_ok(host_session_open(&second->session, &second->store));
    assert_ok(second->store->lpVtbl->GetReceiveFolder(
            second->store, NULL, MAPI_UNICODE, &inbox.size, &id, NULL));
    memcpy(inbox.bytes, id, inbox.size);
    second_free(id);
    second->inbox = plain_open(second->store, &inbox);
}

static inline void second_close(struct second *second)
{
    if (second->inbox != NULL)
        release_last(second->inbox);
    if (second->store != NULL)
        release_last(second->store);
    host_session_logoff(&second->session);
    assert_int_equal(host_session_done(&second->session), 0);
}

#endif
