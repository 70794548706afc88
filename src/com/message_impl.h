/* SPDX-License-Identifier: MIT */
/*
 * message_impl.h - what the files of IMessage and IAttach know of each other's structs.
 *
 * An open message is a snapshot: its bag is read when it is opened, its recipients and attachments
 * when they are first asked for, if the store still has the ones of then. Changes stay in here
 * until SaveChanges, which makes a document (com/doc.h) of it all.
 */
#ifndef MSP_COM_MESSAGE_IMPL_H
#define MSP_COM_MESSAGE_IMPL_H

#include "com/doc.h"
#include "com/message.h"
#include "com/prop.h"
#include "com/recipients.h"
#include "util/list.h"

struct attach;
struct table_source;

struct message {
    IMessage IMessage_iface;
    struct prop_object prop;
    struct attach *holder; /* embedded: the attachment it lies in, its parent; else NULL */
    unsigned depth;        /* 0: in a folder */
    bool is_new;           /* no SaveChanges of it has succeeded yet */
    bool has_modified;     /* new: the client has chosen PR_LAST_MODIFICATION_TIME */
    bool is_writer;        /* opened with MAPI_MODIFY or made: not what readers ask with */
    struct eng_msg row;    /* without texts; change 0: the store never had it */
    uint64_t folder_stamp; /* eng_change_stamp() when row.folder was looked up; 0: never */

    struct recipient_list recipients;
    bool recipients_loaded;
    bool recipients_changed;
    uint64_t recipients_stamp; /* moves with every change */

    struct attach_list attachments; /* with what is pending */
    bool attachments_loaded;
    uint64_t attachments_stamp;

    struct msp_list idle; /* in logon->idle: nobody has looked at it; else in no list */
    uint64_t spilled; /* the bag's record rests in the engine's temporary file; 0: it does not */

    struct msp_array noted; /* outermost only: uint64_t, see message_note_value() */
    bool *is_gone;          /* under lock: told when the object ends; NULL: nobody asks */
};

struct attach {
    IAttach IAttach_iface;
    struct prop_object prop;
    struct message *message; /* its parent */
    uint32_t number;
    bool is_new; /* no SaveChanges of it has succeeded yet */
    /* Its embedded message, which is there while attach_content() says so. */
    uint64_t embedded;
    struct msg_doc *inner; /* counted: where it differs from the store, or NULL */
};

/* source_parts.c: the message has other recipients, or attachments, in memory; whoever watches its
 * tables is told. */
void message_recipients_moved(struct message *message);
void message_attachments_moved(struct message *message);

static inline struct message *message_from_prop(struct prop_object *prop)
{
    return CONTAINING_RECORD(prop, struct message, prop);
}

static inline struct attach *attach_from_prop(struct prop_object *prop)
{
    return CONTAINING_RECORD(prop, struct attach, prop);
}

/* --- message.c, message_save.c ---------------------------------------------------------------- */

/* The message behind a client's pointer; NULL: it is none of this module's. No lock needed. */
struct message *message_from_client(LPMESSAGE iface);

/* MAPI_E_OBJECT_CHANGED, MAPI_E_OBJECT_DELETED: those that the store has now are not the ones of
 * the message that was read. */
HRESULT message_load_recipients(struct msp_call *call, struct message *message);
HRESULT message_load_attachments(struct msp_call *call, struct message *message);
/* Both of them or, when this fails, as before. */
HRESULT message_hold_parts(struct msp_call *call, struct message *message);
/* Both, as the store has them now, for the size and MSGFLAG_HASATTACH of a save, which judges by
 * itself what has become of the message. */
HRESULT message_load_parts(struct msp_call *call, struct message *message);
/* A save that loaded them has failed: they may be another message's. */
void message_forget_parts(struct message *message, bool recipients, bool attachments);

/* The embedded message of an attachment for OpenProperty: with MAPI_CREATE a new one, which counts
 * from its own SaveChanges on. */
HRESULT message_open_embedded(
        struct msp_call *call, struct attach *holder, ULONG flags, LPUNKNOWN *out);
/* The same as an object that is not started yet: the caller starts or abandons it. */
HRESULT message_new_embedded(
        struct msp_call *call, struct attach *holder, ULONG flags, struct message **out);

/* message_idle.c. A stored message is open, and nobody has looked at it yet. */
void message_idle_begin(struct message *message);
/* msp_class.wake: all of it is in memory again. */
HRESULT message_wake(struct msp_call *call, struct msp_object *object);
/* It ends. */
void message_idle_end(struct message *message);

/* prop_class.save */
HRESULT message_save(struct msp_call *call, struct prop_object *prop, ULONG flags);
/* A save if there is anything to be saved. */
HRESULT message_save_pending(struct msp_call *call, struct message *message);
/* A save that also puts the message into the outgoing queue, in the same transaction, with flags of
 * eng_outgoing_put(). MAPI_E_SUBMITTED: it is there already, and this is not the spooler. */
HRESULT message_save_outgoing(struct msp_call *call, struct message *message, uint32_t queue_flags);
/* What a client set in PR_MESSAGE_FLAGS and PR_LAST_MODIFICATION_TIME before the first save goes
 * from the bag into the row. */
HRESULT message_fold(struct msp_call *call, struct message *message);
/* Before it is sent: topic and index of the conversation become stored properties, as they are now.
 */
HRESULT message_settle_conversation(struct msp_call *call, struct prop_object *prop);

/* --- read_flag.c: SetReadFlag with checked flags ---------------------------------------------- */

/* Of a message the store has: stored at once. */
HRESULT message_set_stored_read_flag(struct msp_call *call, struct message *message, ULONG flags);
/* Of one that was never saved or lies in another: goes with its next SaveChanges. */
HRESULT message_set_pending_read_flag(struct msp_call *call, struct message *message, ULONG flags);

/* prop_class.open and remove_object */
HRESULT message_open_object(struct msp_call *call, struct prop_object *prop, ULONG tag, LPCIID iid,
        ULONG options, ULONG flags, LPUNKNOWN *out);
HRESULT message_remove_object(struct msp_call *call, struct prop_object *prop, ULONG tag);

/* --- attach.c, props_attach.c ----------------------------------------------------------------- */

HRESULT attach_open(struct msp_call *call, struct message *message, uint32_t number, LPCIID iid,
        ULONG flags, LPATTACH *out);
HRESULT attach_create(struct msp_call *call, struct message *message, LPCIID iid,
        uint32_t *out_number, LPATTACH *out);
/* The same as objects that are not started yet: the caller starts or abandons them. */
HRESULT attach_new_open(struct msp_call *call, struct message *message, uint32_t number,
        bool can_write, struct attach **out);
HRESULT attach_new(struct msp_call *call, struct message *message, struct attach **out);
/* The attachment behind a client's pointer; NULL: it is none of this module's. No lock needed. */
struct attach *attach_from_client(LPATTACH iface);

/* What the one property of PR_ATTACH_DATA_BIN and PR_ATTACH_DATA_OBJ holds. */
enum attach_content { ATTACH_EMPTY, ATTACH_BYTES, ATTACH_MESSAGE, ATTACH_STORAGE };
enum attach_content attach_content(const struct attach *attach);

HRESULT attach_save(struct msp_call *call, struct prop_object *prop, ULONG flags);
HRESULT attach_open_object(struct msp_call *call, struct prop_object *prop, ULONG tag, LPCIID iid,
        ULONG options, ULONG flags, LPUNKNOWN *out);

/* A cell of an attachment that does not depend on its stored properties: S_OK; MAPI_E_NOT_FOUND: it
 * is none of those. */
HRESULT attach_computed_cell(struct logon *logon, uint64_t message, uint32_t number, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out);
/* The value of a required property that was never set; MAPI_E_NOT_FOUND: there is none. */
HRESULT attach_default_cell(ULONG tag, struct prop_scratch *scratch, struct bag_value *out);

extern const struct prop_class attach_props;

/* --- source_parts.c --------------------------------------------------------------------------- */

/* Rows for table_new(); the message is the table's parent and outlives the source's use. */
HRESULT source_recipients_new(
        struct msp_call *call, struct message *message, struct table_source **out);
HRESULT source_attachments_new(
        struct msp_call *call, struct message *message, struct table_source **out);

#endif
