/* SPDX-License-Identifier: MIT */
/*
 * walk_calls.h - one call of every method of every class, so that a walk can make all of them.
 *
 * A call's arguments are whole, so that only what the walk changes about them can fail: bits added
 * to the flags, an out that is NULL, an object that is dead, memory that is not there. Outs live in
 * struct walk_args, are poisoned before the call and noted down while the arguments are built.
 */
#ifndef WALK_CALLS_H
#define WALK_CALLS_H

#include "support/support.h"

enum walk_kind { WALK_NUMBER, WALK_BUFFER, WALK_OBJECT, WALK_ROWS };

enum {
    WALK_OUTS = 6,
    WALK_LISTS = 3, /* of a class's calls */
    WALK_RECIPIENTS = 3,
    WALK_LARGE = 300 * 1024,
    WALK_SPARE = 2 /* an attachment that nobody holds */
};

/* Two of one size: to read from, to write into. */
static unsigned char walk_bytes[WALK_LARGE];
static unsigned char walk_room[WALK_LARGE];

struct walk_out {
    void *at;
    size_t size;
    enum walk_kind kind;
};

/* What the arguments of the calls point to; see walk_world.h. */
struct walk_inputs {
    SPropTagArray tags;
    SPropValue value;
    SRestriction restriction;
    SSortOrderSet order;
    ENTRYLIST messages; /* one message, that may be deleted */
    SBinary message;    /* its id; as is `other`, of one that stays */
    SBinary other;
    SBinary folder;
    BYTE collapse_state[16];
    MAPINAMEID name;
    NOTIFICATION event;
    struct host_sink sink;

    struct {
        ULONG cEntries;
        ADRENTRY aEntries[WALK_RECIPIENTS];
    } recipients;

    SPropValue recipient[WALK_RECIPIENTS][5];
    SPropValue large; /* WALK_LARGE bytes */
    IMessage *spare;  /* a target for copies; NULL: the object itself */
    IStream *target;
};

struct walk_args {
    struct walk_inputs *in;
    ULONG bad_flags;   /* added to every flags argument */
    unsigned null_out; /* the required out that is NULL, from 1; 0: none */

    unsigned required; /* from here on: what the call turned out to have */
    unsigned out_count;
    struct walk_out outs[WALK_OUTS];

    LPMAPIERROR error; /* the outs themselves */
    ULONG number, number2, number3;
    LONG sought;
    ULONG_PTR connection;
    SPropValue *values;
    LPSPropTagArray tags;
    LPSPropProblemArray problems;
    LPMAPINAMEID *names;
    LPUNKNOWN object;
    LPMAPITABLE table;
    LPMESSAGE message;
    LPATTACH attach;
    LPMAPIFOLDER folder;
    LPVOID status;
    IStream *stream;
    LPSRestriction restriction;
    LPENTRYLIST list;
    LPSSortOrderSet order;
    LPSRowSet rows;
    LPENTRYID entry_id;
    LPTSTR text;
    LPBYTE bytes;
    ULARGE_INTEGER place, place2;
    STATSTG stat;

    LPSPropTagArray tags_in; /* not outs: in, or in and out */
    LPMAPINAMEID names_in[1];
    ULONG logoff;
    BYTE room[16];
    char name[16];
};

/* An out for a call: poisoned and noted, or NULL when it is the turn of this one. */
static inline void *walk_out(
        struct walk_args *a, void *at, size_t size, enum walk_kind kind, bool required)
{
    if (required && ++a->required == a->null_out)
        return NULL;
    assert_true(a->out_count < WALK_OUTS);
    memset(at, 0xDB, size);
    a->outs[a->out_count++] = (struct walk_out){ at, size, kind };
    return at;
}

static inline LPENTRYID walk_id(const SBinary *id)
{
    union {
        BYTE *bytes;
        LPENTRYID id;
    } pointer = { .bytes = id->lpb };

    return pointer.id;
}

/* Every interface with properties begins with the methods of IMAPIProp. */
static inline void *walk_target(struct walk_args *a, void *object)
{
    return a->in->spare ? (void *)a->in->spare : object;
}

#define FLAGS(flags) ((flags) | a->bad_flags)
#define NEED(field, kind) walk_out(a, &a->field, sizeof(a->field), kind, true)
#define MAY(field, kind) walk_out(a, &a->field, sizeof(a->field), kind, false)
#define ID(which) a->in->which.cb, walk_id(&a->in->which)

/* X(interface, method, arguments), `o` being the object. */

/* clang-format off */
#define WALK_PROP(X)                                                                               \
    X(IMAPIProp, GetLastError, (o, E_FAIL, FLAGS(0), NEED(error, WALK_BUFFER)))                    \
    X(IMAPIProp, SaveChanges, (o, FLAGS(KEEP_OPEN_READWRITE)))                                     \
    X(IMAPIProp, GetProps, (o, NULL, FLAGS(MAPI_UNICODE), NEED(number, WALK_NUMBER),               \
            NEED(values, WALK_BUFFER)))                                                            \
    X(IMAPIProp, GetPropList, (o, FLAGS(MAPI_UNICODE), NEED(tags, WALK_BUFFER)))                   \
    X(IMAPIProp, OpenProperty, (o, PR_SUBJECT_W, &IID_IStream, 0, FLAGS(0),                        \
            NEED(object, WALK_OBJECT)))                                                            \
    X(IMAPIProp, SetProps, (o, 1, &a->in->value, MAY(problems, WALK_BUFFER)))                      \
    X(IMAPIProp, DeleteProps, (o, &a->in->tags, MAY(problems, WALK_BUFFER)))                       \
    X(IMAPIProp, CopyTo, (o, 0, NULL, NULL, 0, NULL, &IID_IMAPIProp, walk_target(a, o), FLAGS(0),  \
            MAY(problems, WALK_BUFFER)))                                                           \
    X(IMAPIProp, CopyProps, (o, &a->in->tags, 0, NULL, &IID_IMAPIProp, walk_target(a, o),          \
            FLAGS(0), MAY(problems, WALK_BUFFER)))                                                 \
    X(IMAPIProp, GetNamesFromIDs, (o, &a->tags_in, NULL, FLAGS(0), NEED(number, WALK_NUMBER),      \
            NEED(names, WALK_BUFFER)))                                                             \
    X(IMAPIProp, GetIDsFromNames, (o, 1, a->names_in, FLAGS(MAPI_CREATE), NEED(tags, WALK_BUFFER)))

#define WALK_TABLE(X)                                                                              \
    X(IMAPITable, GetLastError, (o, E_FAIL, FLAGS(0), NEED(error, WALK_BUFFER)))                   \
    X(IMAPITable, Advise, (o, fnevTableModified, &a->in->sink.IMAPIAdviseSink_iface,               \
            NEED(connection, WALK_NUMBER)))                                                        \
    X(IMAPITable, Unadvise, (o, 1))                                                                \
    X(IMAPITable, GetStatus, (o, NEED(number, WALK_NUMBER), NEED(number2, WALK_NUMBER)))           \
    X(IMAPITable, SetColumns, (o, &a->in->tags, FLAGS(0)))                                         \
    X(IMAPITable, QueryColumns, (o, FLAGS(0), NEED(tags, WALK_BUFFER)))                            \
    X(IMAPITable, GetRowCount, (o, FLAGS(0), NEED(number, WALK_NUMBER)))                           \
    X(IMAPITable, SeekRow, (o, BOOKMARK_BEGINNING, 0, MAY(sought, WALK_NUMBER)))                   \
    X(IMAPITable, SeekRowApprox, (o, 0, 1))                                                        \
    X(IMAPITable, QueryPosition, (o, NEED(number, WALK_NUMBER), NEED(number2, WALK_NUMBER),        \
            NEED(number3, WALK_NUMBER)))                                                           \
    X(IMAPITable, FindRow, (o, &a->in->restriction, BOOKMARK_BEGINNING, FLAGS(0)))                 \
    X(IMAPITable, Restrict, (o, &a->in->restriction, FLAGS(0)))                                    \
    X(IMAPITable, CreateBookmark, (o, NEED(connection, WALK_NUMBER)))                              \
    X(IMAPITable, FreeBookmark, (o, BOOKMARK_CURRENT))                                             \
    X(IMAPITable, SortTable, (o, &a->in->order, FLAGS(0)))                                         \
    X(IMAPITable, QuerySortOrder, (o, NEED(order, WALK_BUFFER)))                                   \
    X(IMAPITable, QueryRows, (o, 10, FLAGS(0), NEED(rows, WALK_ROWS)))                             \
    X(IMAPITable, Abort, (o))                                                                      \
    X(IMAPITable, ExpandRow, (o, 8, a->in->collapse_state, 0, FLAGS(0), MAY(rows, WALK_ROWS),      \
            NEED(number, WALK_NUMBER)))                                                            \
    X(IMAPITable, CollapseRow, (o, 8, a->in->collapse_state, FLAGS(0), NEED(number, WALK_NUMBER))) \
    X(IMAPITable, WaitForCompletion, (o, FLAGS(0), 0, MAY(number, WALK_NUMBER)))                   \
    X(IMAPITable, GetCollapseState, (o, FLAGS(0), 8, a->in->collapse_state,                        \
            NEED(number, WALK_NUMBER), NEED(bytes, WALK_BUFFER)))                                  \
    X(IMAPITable, SetCollapseState, (o, FLAGS(0), sizeof(a->in->collapse_state),                   \
            a->in->collapse_state, NEED(connection, WALK_NUMBER)))

#define WALK_LOGON(X)                                                                              \
    X(IMSLogon, GetLastError, (o, E_FAIL, FLAGS(0), NEED(error, WALK_BUFFER)))                     \
    X(IMSLogon, OpenEntry, (o, ID(other), NULL, FLAGS(0), NEED(number, WALK_NUMBER),               \
            NEED(object, WALK_OBJECT)))                                                            \
    X(IMSLogon, CompareEntryIDs, (o, ID(other), ID(message), FLAGS(0),                             \
            NEED(number, WALK_NUMBER)))                                                            \
    X(IMSLogon, Advise, (o, ID(other), fnevObjectModified, &a->in->sink.IMAPIAdviseSink_iface,     \
            NEED(connection, WALK_NUMBER)))                                                        \
    X(IMSLogon, Unadvise, (o, 1))                                                                  \
    X(IMSLogon, OpenStatusEntry, (o, NULL, FLAGS(0), NEED(number, WALK_NUMBER),                    \
            NEED(status, WALK_OBJECT)))

#define WALK_STORE(X)                                                                              \
    X(IMsgStore, Advise, (o, ID(other), fnevObjectModified, &a->in->sink.IMAPIAdviseSink_iface,    \
            NEED(connection, WALK_NUMBER)))                                                        \
    X(IMsgStore, Unadvise, (o, 1))                                                                 \
    X(IMsgStore, CompareEntryIDs, (o, ID(other), ID(message), FLAGS(0),                            \
            NEED(number, WALK_NUMBER)))                                                            \
    X(IMsgStore, OpenEntry, (o, ID(other), NULL, FLAGS(0), NEED(number, WALK_NUMBER),              \
            NEED(object, WALK_OBJECT)))                                                            \
    X(IMsgStore, SetReceiveFolder, (o, NULL, FLAGS(0), ID(folder)))                                \
    X(IMsgStore, GetReceiveFolder, (o, NULL, FLAGS(MAPI_UNICODE), NEED(number, WALK_NUMBER),       \
            NEED(entry_id, WALK_BUFFER), MAY(text, WALK_BUFFER)))                                  \
    X(IMsgStore, GetReceiveFolderTable, (o, FLAGS(0), NEED(table, WALK_OBJECT)))                   \
    X(IMsgStore, StoreLogoff, (o, &a->logoff))                                                     \
    X(IMsgStore, AbortSubmit, (o, ID(other), FLAGS(0)))                                            \
    X(IMsgStore, GetOutgoingQueue, (o, FLAGS(0), NEED(table, WALK_OBJECT)))                        \
    X(IMsgStore, SetLockState, (o, walk_target(a, o), MSG_LOCKED))                                 \
    X(IMsgStore, FinishedMsg, (o, FLAGS(0), ID(other)))                                            \
    X(IMsgStore, NotifyNewMail, (o, &a->in->event))

#define WALK_FOLDER(X)                                                                             \
    X(IMAPIFolder, GetContentsTable, (o, FLAGS(0), NEED(table, WALK_OBJECT)))                      \
    X(IMAPIFolder, GetHierarchyTable, (o, FLAGS(0), NEED(table, WALK_OBJECT)))                     \
    X(IMAPIFolder, OpenEntry, (o, ID(other), NULL, FLAGS(0), NEED(number, WALK_NUMBER),            \
            NEED(object, WALK_OBJECT)))                                                            \
    X(IMAPIFolder, SetSearchCriteria, (o, NULL, NULL, FLAGS(STOP_SEARCH)))                         \
    X(IMAPIFolder, GetSearchCriteria, (o, FLAGS(0), MAY(restriction, WALK_BUFFER),                 \
            MAY(list, WALK_BUFFER), MAY(number, WALK_NUMBER)))                                     \
    X(IMAPIFolder, CreateMessage, (o, NULL, FLAGS(0), NEED(message, WALK_OBJECT)))                 \
    X(IMAPIFolder, CopyMessages, (o, &a->in->messages, NULL, o, 0, NULL, FLAGS(0)))                \
    X(IMAPIFolder, SetReadFlags, (o, &a->in->messages, 0, NULL, FLAGS(SUPPRESS_RECEIPT)))          \
    X(IMAPIFolder, GetMessageStatus, (o, ID(other), FLAGS(0), NEED(number, WALK_NUMBER)))          \
    X(IMAPIFolder, SetMessageStatus, (o, ID(other), 0, 0, MAY(number, WALK_NUMBER)))               \
    X(IMAPIFolder, SaveContentsSort, (o, &a->in->order, FLAGS(0)))                                 \
    X(IMAPIFolder, CreateFolder, (o, FOLDER_GENERIC, (LPTSTR)(void *)a->name, NULL, NULL,                  \
            FLAGS(OPEN_IF_EXISTS), NEED(folder, WALK_OBJECT)))                                     \
    X(IMAPIFolder, CopyFolder, (o, ID(folder), NULL, o, NULL, 0, NULL, FLAGS(0)))                  \
    X(IMAPIFolder, DeleteFolder, (o, ID(folder), 0, NULL, FLAGS(0)))                               \
    X(IMAPIFolder, DeleteMessages, (o, &a->in->messages, 0, NULL, FLAGS(0)))                       \
    X(IMAPIFolder, EmptyFolder, (o, 0, NULL, FLAGS(0)))

#define WALK_MESSAGE(X)                                                                            \
    X(IMessage, GetAttachmentTable, (o, FLAGS(0), NEED(table, WALK_OBJECT)))                       \
    X(IMessage, OpenAttach, (o, 0, NULL, FLAGS(0), NEED(attach, WALK_OBJECT)))                     \
    X(IMessage, CreateAttach, (o, NULL, FLAGS(0), NEED(number, WALK_NUMBER),                       \
            NEED(attach, WALK_OBJECT)))                                                            \
    X(IMessage, DeleteAttach, (o, WALK_SPARE, 0, NULL, FLAGS(0)))                                  \
    X(IMessage, GetRecipientTable, (o, FLAGS(0), NEED(table, WALK_OBJECT)))                        \
    X(IMessage, ModifyRecipients, (o, FLAGS(MODRECIP_ADD), walk_recipients(a)))                    \
    X(IMessage, SubmitMessage, (o, FLAGS(0)))                                                      \
    X(IMessage, SetReadFlag, (o, FLAGS(SUPPRESS_RECEIPT)))

#define WALK_STATUS(X)                                                                             \
    X(IMAPIStatus, ValidateState, (o, 0, FLAGS(SUPPRESS_UI)))                                      \
    X(IMAPIStatus, SettingsDialog, (o, 0, FLAGS(0)))                                               \
    X(IMAPIStatus, ChangePassword, (o, (LPTSTR)(void *)a->name, (LPTSTR)(void *)a->name, FLAGS(0)))                \
    X(IMAPIStatus, FlushQueues, (o, 0, 0, NULL, FLAGS(0)))

#define WALK_STREAM(X)                                                                             \
    X(IStream, Read, (o, a->room, 8, MAY(number, WALK_NUMBER)))                                    \
    X(IStream, Write, (o, "walk", 4, MAY(number, WALK_NUMBER)))                                    \
    X(IStream, Seek, (o, walk_move(), STREAM_SEEK_SET, MAY(place, WALK_NUMBER)))                   \
    X(IStream, SetSize, (o, walk_size(100)))                                                       \
    X(IStream, CopyTo, (o, a->in->target, walk_size(4), MAY(place, WALK_NUMBER),                   \
            MAY(place2, WALK_NUMBER)))                                                             \
    X(IStream, Commit, (o, 0))                                                                     \
    X(IStream, Revert, (o))                                                                        \
    X(IStream, LockRegion, (o, walk_size(0), walk_size(1), 0))                                     \
    X(IStream, UnlockRegion, (o, walk_size(0), walk_size(1), 0))                                   \
    X(IStream, Stat, (o, NEED(stat, WALK_NUMBER), STATFLAG_NONAME))                                \
    X(IStream, Clone, (o, NEED(stream, WALK_OBJECT)))

/* The same methods with other arguments: X(interface, method, variant, arguments). */
#define WALK_MESSAGE_MORE(X)                                                                       \
    X(IMessage, ModifyRecipients, modify, (o, FLAGS(MODRECIP_MODIFY), walk_recipients(a)))         \
    X(IMessage, ModifyRecipients, remove, (o, FLAGS(MODRECIP_REMOVE), walk_recipients(a)))         \
    X(IMessage, ModifyRecipients, replace, (o, FLAGS(0), walk_recipients(a)))                      \
    X(IMessage, OpenProperty, recipients, (o, PR_MESSAGE_RECIPIENTS, &IID_IMAPITable, 0, FLAGS(0), \
            NEED(object, WALK_OBJECT)))                                                            \
    X(IMessage, OpenProperty, attachments, (o, PR_MESSAGE_ATTACHMENTS, &IID_IMAPITable, 0,         \
            FLAGS(0), NEED(object, WALK_OBJECT)))                                                  \
    X(IMessage, OpenProperty, rtf, (o, PR_RTF_COMPRESSED, &IID_IStream, 0, FLAGS(0),               \
            NEED(object, WALK_OBJECT)))                                                            \
    X(IMessage, OpenProperty, rtf_write, (o, PR_RTF_COMPRESSED, &IID_IStream, 0,                   \
            FLAGS(MAPI_MODIFY | MAPI_CREATE), NEED(object, WALK_OBJECT)))                          \
    X(IMessage, SetProps, large, (o, 1, &a->in->large, MAY(problems, WALK_BUFFER)))

#define WALK_ATTACH_MORE(X)                                                                        \
    X(IAttach, OpenProperty, bytes, (o, PR_ATTACH_DATA_BIN, &IID_IStream, 0, FLAGS(0),             \
            NEED(object, WALK_OBJECT)))                                                            \
    X(IAttach, OpenProperty, message, (o, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0,                    \
            FLAGS(MAPI_MODIFY | MAPI_CREATE), NEED(object, WALK_OBJECT)))                          \
    X(IAttach, SetProps, large, (o, 1, &a->in->large, MAY(problems, WALK_BUFFER)))

#define WALK_STREAM_MORE(X)                                                                        \
    X(IStream, Read, large, (o, walk_room, WALK_LARGE, MAY(number, WALK_NUMBER)))                  \
    X(IStream, Write, large, (o, walk_bytes, WALK_LARGE, MAY(number, WALK_NUMBER)))                \
    X(IStream, CopyTo, large, (o, a->in->target, walk_size(WALK_LARGE), MAY(place, WALK_NUMBER),   \
            MAY(place2, WALK_NUMBER)))                                                             \
    X(IStream, SetSize, large, (o, walk_size(WALK_LARGE / 2)))

/* clang-format on */

/* As ModifyRecipients takes it. */
static inline LPADRLIST walk_recipients(struct walk_args *a)
{
    return (LPADRLIST)(void *)&a->in->recipients;
}

static inline LARGE_INTEGER walk_move(void)
{
    LARGE_INTEGER move;

    move.QuadPart = 0;
    return move;
}

static inline ULARGE_INTEGER walk_size(uint64_t size)
{
    ULARGE_INTEGER large;

    large.QuadPart = size;
    return large;
}

#define WALK_FUNCTION(interface, method, arguments)                                                \
    static inline HRESULT walk_##interface##_##method(struct walk_args *a, void *object)           \
    {                                                                                              \
        interface *o = object;                                                                     \
                                                                                                   \
        (void)a;                                                                                   \
        return o->lpVtbl->method arguments;                                                        \
    }

WALK_PROP(WALK_FUNCTION)
WALK_TABLE(WALK_FUNCTION)
WALK_LOGON(WALK_FUNCTION)
WALK_STORE(WALK_FUNCTION)
WALK_FOLDER(WALK_FUNCTION)
WALK_MESSAGE(WALK_FUNCTION)
WALK_STATUS(WALK_FUNCTION)
WALK_STREAM(WALK_FUNCTION)

#define WALK_VARIANT(interface, method, variant, arguments)                                        \
    static inline HRESULT walk_##interface##_##method##_##variant(                                 \
            struct walk_args *a, void *object)                                                     \
    {                                                                                              \
        interface *o = object;                                                                     \
                                                                                                   \
        (void)a;                                                                                   \
        return o->lpVtbl->method arguments;                                                        \
    }

WALK_MESSAGE_MORE(WALK_VARIANT)
WALK_ATTACH_MORE(WALK_VARIANT)
WALK_STREAM_MORE(WALK_VARIANT)

struct walk_call {
    const char *name;
    HRESULT (*run)(struct walk_args *a, void *object);
    const char *arguments; /* as they are written above */
};

#define WALK_ENTRY(interface, method, arguments)                                                   \
    { #method, walk_##interface##_##method, #arguments },
#define WALK_VARIANT_ENTRY(interface, method, variant, arguments)                                  \
    { #method " (" #variant ")", walk_##interface##_##method##_##variant, #arguments },
#define WALK_END                                                                                   \
    {                                                                                              \
        NULL, NULL, NULL                                                                           \
    }

static const struct walk_call walk_prop_calls[] = { WALK_PROP(WALK_ENTRY) WALK_END };
static const struct walk_call walk_table_calls[] = { WALK_TABLE(WALK_ENTRY) WALK_END };
static const struct walk_call walk_logon_calls[] = { WALK_LOGON(WALK_ENTRY) WALK_END };
static const struct walk_call walk_store_calls[] = { WALK_STORE(WALK_ENTRY) WALK_END };
static const struct walk_call walk_folder_calls[] = { WALK_FOLDER(WALK_ENTRY) WALK_END };
static const struct walk_call walk_message_calls[] = { WALK_MESSAGE(WALK_ENTRY) WALK_END };
static const struct walk_call walk_status_calls[] = { WALK_STATUS(WALK_ENTRY) WALK_END };
static const struct walk_call walk_stream_calls[] = { WALK_STREAM(WALK_ENTRY) WALK_END };

static const struct walk_call walk_message_more[] = { WALK_MESSAGE_MORE(WALK_VARIANT_ENTRY)
            WALK_END };
static const struct walk_call walk_attach_more[] = { WALK_ATTACH_MORE(WALK_VARIANT_ENTRY)
            WALK_END };
static const struct walk_call walk_stream_more[] = { WALK_STREAM_MORE(WALK_VARIANT_ENTRY)
            WALK_END };

/* The methods of a class besides those of IUnknown (and IMSLogon::Logoff, which ends things), in
 * one or two lists, and in the third some of them with other arguments; how many slots its vtable
 * has; its interfaces. */
struct walk_class {
    const char *name;
    size_t slots;
    const struct walk_call *calls[WALK_LISTS];
    const IID *iids[4];
};

/* How often the call's arguments have this in them: "FLAGS(", "NEED(". */
static inline unsigned walk_has(const struct walk_call *call, const char *word)
{
    unsigned count = 0;

    for (const char *at = strstr(call->arguments, word); at; at = strstr(at + 1, word))
        count++;
    return count;
}

#define SLOTS(vtbl) (sizeof(vtbl) / sizeof(void (*)(void)))

/* Every call counts three more than it lists: IUnknown's. */
static inline size_t walk_count(const struct walk_class *class)
{
    size_t count = 3;

    for (size_t list = 0; list < WALK_LISTS - 1; list++) {
        for (const struct walk_call *call = class->calls[list]; call && call->name; call++)
            count++;
    }
    return count;
}

#endif
