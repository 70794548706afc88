/* SPDX-License-Identifier: MIT */
/*
 * attach_world.h - attachments for tests: made, saved, opened again.
 */
#ifndef ATTACH_WORLD_H
#define ATTACH_WORLD_H

#include "support/support.h"

static inline IMessage *create(struct fixture *fx)
{
    IMessage *message = NULL;

    assert_ok(fx->inbox->lpVtbl->CreateMessage(fx->inbox, NULL, 0, &message));
    return message;
}

static inline void save(IMessage *message)
{
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE));
}

static inline LPATTACH create_attach(IMessage *message, ULONG *out_number)
{
    LPATTACH attach = NULL;

    assert_ok(message->lpVtbl->CreateAttach(message, NULL, 0, out_number, &attach));
    assert_non_null(attach);
    return attach;
}

static inline void save_attach(LPATTACH attach)
{
    assert_ok(attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE));
}

static inline LPATTACH open_attach(IMessage *message, ULONG number, ULONG flags)
{
    LPATTACH attach = NULL;

    assert_ok(message->lpVtbl->OpenAttach(message, number, NULL, flags, &attach));
    assert_non_null(attach);
    return attach;
}

/* An attachment with a name, saved; its number. */
static inline ULONG add_named(IMessage *message, const char *name)
{
    ULONG number = POISON_LONG;
    LPATTACH attach = create_attach(message, &number);

    prop_set_text(attach, PR_ATTACH_LONG_FILENAME_W, name);
    save_attach(attach);
    release_last(attach);
    return number;
}

/* Saves, releases, opens again. */
static inline IMessage *reopen(struct fixture *fx, IMessage *message)
{
    SPropValue *id = prop_get(message, PR_ENTRYID);

    assert_non_null(id);
    release_last(message);
    message = message_open(fx->store, id);
    mapi_free(id);
    return message;
}

static inline ULONG count_attachments(IMessage *message)
{
    LPMAPITABLE table = NULL;
    ULONG count = 0;

    assert_ok(message->lpVtbl->GetAttachmentTable(message, MAPI_UNICODE, &table));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    release_last(table);
    return count;
}

#endif
