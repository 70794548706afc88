/* SPDX-License-Identifier: MIT */
/*
 * source_contents.c - the messages of a folder as rows, normal or associated ones.
 *
 * Owns:  the texts and properties of the row read last.
 * Locks: everything runs under the domain lock.
 */
#include "com/logon.h"
#include "com/message_columns.h"
#include "com/message_impl.h"
#include "com/props_message.h"
#include "com/view.h"
#include "mapi/entryid.h"
#include "util/alloc.h"
#include "util/bytes.h"
#include "util/hash.h"

struct contents {
    struct table_source source;
    uint64_t folder;
    bool assoc;
    struct eng_msg msg; /* the row read last */
    struct msp_buf texts;
    struct msp_buf packed;
    struct eng_msg column_row; /* the row taken from columns last */
};

/* clang-format off */
static const ULONG contents_columns[] = {
    PR_ENTRYID,              PR_INSTANCE_KEY,           PR_RECORD_KEY,
    PR_PARENT_ENTRYID,       PR_STORE_ENTRYID,          PR_STORE_RECORD_KEY,
    PR_MAPPING_SIGNATURE,    PR_OBJECT_TYPE,            PR_MESSAGE_CLASS_W,
    PR_MESSAGE_FLAGS,        PR_MESSAGE_SIZE,           PR_MSG_STATUS,
    PR_HASATTACH,            PR_SUBJECT_W,              PR_NORMALIZED_SUBJECT_W,
    PR_SENDER_NAME_W,        PR_DISPLAY_TO_W,           PR_DISPLAY_CC_W,
    PR_IMPORTANCE,           PR_PRIORITY,               PR_SENSITIVITY,
    PR_MESSAGE_DELIVERY_TIME, PR_CLIENT_SUBMIT_TIME,    PR_CREATION_TIME,
    PR_LAST_MODIFICATION_TIME, PR_ACCESS,               PR_ROW_TYPE,
    PR_DEPTH,
};

/* clang-format on */

static struct contents *contents_from_source(struct table_source *source)
{
    return CONTAINING_RECORD(source, struct contents, source);
}

/* CONTAINING_RECORD is not for const. */
static const struct contents *contents_of(const struct table_source *source)
{
    return (const struct contents *)source;
}

static void contents_identity(const struct table_source *source, struct msp_buf *out)
{
    const struct contents *contents = contents_of(source);

    msp_buf_append(out, source->logon->store_uid, sizeof(source->logon->store_uid));
    msp_buf_append_u64(out, contents->folder);
    msp_buf_append_u8(out, contents->assoc);
}

static uint64_t contents_stamp(struct table_source *source)
{
    return eng_change_stamp(source->logon->eng);
}

struct scan {
    table_row_fn fn;
    void *context;
};

static bool scan_row(
        void *context, const struct eng_msg *msg, const void *packed, size_t packed_size)
{
    const struct scan *scan = context;
    struct table_row row = {
        .id = msg->id, .narrow = msg, .packed = packed, .packed_size = packed_size
    };

    return scan->fn(scan->context, &row);
}

static HRESULT contents_scan(struct msp_call *call, struct table_source *source, bool with_props,
        table_row_fn fn, void *context)
{
    const struct contents *contents = contents_from_source(source);
    struct eng *eng = source->logon->eng;
    struct scan scan = { fn, context };
    uint32_t flags = (with_props ? ENG_SCAN_PROPS : 0) | (contents->assoc ? ENG_SCAN_ASSOC : 0);

    return msp_from_engine(call, eng, eng_msg_scan(eng, contents->folder, flags, scan_row, &scan));
}

static HRESULT contents_read(struct msp_call *call, struct table_source *source, uint64_t id,
        bool with_props, struct table_row *out)
{
    struct contents *contents = contents_from_source(source);
    struct eng *eng = source->logon->eng;
    enum eng_status status;

    msp_buf_clear(&contents->packed);
    status = eng_msg_get(
            eng, id, &contents->msg, &contents->texts, with_props ? &contents->packed : NULL);
    if (status != ENG_OK)
        return msp_from_engine(call, eng, status);
    *out = (struct table_row){ .id = id,
        .narrow = &contents->msg,
        .packed = with_props ? contents->packed.data : NULL,
        .packed_size = contents->packed.size };
    return S_OK;
}

static bool contents_needs_props(const struct table_source *source, ULONG tag)
{
    MSP_UNUSED(source);
    return PROP_ID(tag) != PROP_ID(PR_LONGTERM_ENTRYID_FROM_TABLE) && !message_row_is_narrow(tag);
}

static HRESULT contents_cell(struct table_source *source, const struct table_row *row, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    HRESULT hr;

    if (PROP_ID(tag) != PROP_ID(PR_LONGTERM_ENTRYID_FROM_TABLE))
        return message_row_cell(
                source->logon, row->narrow, row->packed, row->packed_size, tag, scratch, out);
    /* All our entry ids are long-term ones. */
    hr = message_row_cell(
            source->logon, row->narrow, row->packed, row->packed_size, PR_ENTRYID, scratch, out);
    out->tag = PR_LONGTERM_ENTRYID_FROM_TABLE;
    return hr;
}

/* --- recipients and attachments of a row, for subobject restrictions
 * ------------------------------ */

/* One recipient or attachment as a restriction sees it. */
struct part_row {
    struct table_source *source;
    uint64_t message;
    bool is_attachment;
    const struct restrict_program *program;
    size_t node;
    const struct eng_part *part;
    struct prop_scratch *scratch;
    bool match;
    HRESULT hr;
};

static HRESULT part_cell(const struct part_row *row, ULONG tag, struct bag_value *out)
{
    const struct eng_part *part = row->part;
    HRESULT hr = MAPI_E_NOT_FOUND;

    if (row->is_attachment)
        hr = attach_computed_cell(
                row->source->logon, row->message, part->number, tag, row->scratch, out);
    else if (PROP_ID(tag) == PROP_ID(PR_ROWID))
        return prop_scratch_long(row->scratch, PR_ROWID, part->number, out)
                       ? S_OK
                       : MAPI_E_NOT_ENOUGH_MEMORY;
    if (hr != MAPI_E_NOT_FOUND)
        return hr;
    if (packed_find(part->packed, part->packed_size, tag, out))
        return S_OK;
    return row->is_attachment ? attach_default_cell(tag, row->scratch, out) : MAPI_E_NOT_FOUND;
}

static bool part_result(struct part_row *row, HRESULT hr)
{
    if (FAILED(hr) && hr != MAPI_E_NOT_FOUND)
        row->hr = hr;
    return SUCCEEDED(hr);
}

static bool part_get(void *context, ULONG tag, struct bag_value *out)
{
    struct part_row *row = context;

    return part_result(row, part_cell(row, tag, out));
}

/* As the values of the row itself are read. */
static bool part_load(void *context, struct bag_value *cell)
{
    struct part_row *row = context;

    return part_result(row, view_large_head(row->source, VIEW_RESTRICT_MAX, row->scratch, cell));
}

static bool part_match(void *context, const struct eng_part *part)
{
    struct part_row *row = context;
    struct prop_scratch scratch;
    struct restrict_row reader = { row, part_get, NULL, part_load };

    prop_scratch_init(&scratch);
    row->part = part;
    row->scratch = &scratch;
    row->match = restrict_match_node(row->program, row->node, &reader);
    prop_scratch_done(&scratch);
    return !row->match && SUCCEEDED(row->hr);
}

static HRESULT contents_any(struct table_source *source, const struct table_row *row,
        ULONG subobject, const struct restrict_program *program, size_t node, bool *out_match)
{
    struct part_row part = { .source = source,
        .message = row->id,
        .is_attachment = subobject == PR_MESSAGE_ATTACHMENTS,
        .program = program,
        .node = node,
        .hr = S_OK };
    struct eng *eng = source->logon->eng;
    enum eng_status status;

    if (part.is_attachment)
        status = eng_attachments_get(eng, row->id, part_match, &part);
    else
        status = eng_recipients_get(eng, row->id, part_match, &part);
    *out_match = part.match;
    return FAILED(part.hr) ? part.hr : msp_engine_hresult(status);
}

/* --- all columns ------------------------------------------------------------------------------ */

enum {
    COLUMNS_FROM_ROWS = 256 /* messages whose own properties are listed as columns */
};

struct tag_set {
    struct msp_buf *tags;
    uint8_t seen[0x10000 / 8]; /* by property id */
    unsigned rows_left;
};

static void tag_set_add(struct tag_set *set, ULONG tag)
{
    size_t id = PROP_ID(tag);

    if ((set->seen[id / 8] >> (id % 8) & 1) != 0)
        return;
    set->seen[id / 8] |= (uint8_t)(1u << (id % 8));
    msp_buf_append(set->tags, &tag, sizeof(tag));
}

static bool tag_set_row(
        void *context, const struct eng_msg *msg, const void *packed, size_t packed_size)
{
    struct tag_set *set = context;

    MSP_UNUSED(msg);
    for (size_t i = 0; i < packed_count(packed, packed_size); i++) {
        struct bag_value value;

        packed_at(packed, packed_size, i, &value);
        tag_set_add(set, value.tag);
    }
    return --set->rows_left > 0;
}

/* What every message has, and what the first messages have beside it. */
static HRESULT contents_all_columns(
        struct msp_call *call, struct table_source *source, struct msp_buf *out)
{
    const struct contents *contents = contents_from_source(source);
    struct eng *eng = source->logon->eng;
    struct tag_set *set = msp_calloc(1, sizeof(*set));
    enum eng_status status;

    if (set == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    set->tags = out;
    set->rows_left = COLUMNS_FROM_ROWS;
    for (size_t i = 0; i < MSP_COUNT_OF(contents_columns); i++)
        tag_set_add(set, contents_columns[i]);
    for (const ULONG *tag = message_row_tags; *tag != 0; tag++)
        tag_set_add(set, *tag);
    tag_set_add(set, PR_LONGTERM_ENTRYID_FROM_TABLE);
    status = eng_msg_scan(eng, contents->folder,
            ENG_SCAN_PROPS | (contents->assoc ? ENG_SCAN_ASSOC : 0), tag_set_row, set);
    msp_free(set);
    return msp_from_engine(call, eng, status);
}

/* --- the cheap ways --------------------------------------------------------------------------- */

static HRESULT contents_count(struct msp_call *call, struct table_source *source, size_t *out)
{
    const struct contents *contents = contents_from_source(source);
    struct eng *eng = source->logon->eng;
    struct eng_folder folder;
    enum eng_status status = eng_folder_get(eng, contents->folder, &folder, NULL, NULL);

    if (status == ENG_NOT_FOUND) { /* deleted: no folder, no rows */
        *out = 0;
        return S_OK;
    }
    if (status == ENG_OK)
        *out = contents->assoc ? folder.assoc_count : folder.content_count;
    return msp_from_engine(call, eng, status);
}

static HRESULT contents_ids(struct msp_call *call, struct table_source *source, struct msp_buf *out)
{
    const struct contents *contents = contents_from_source(source);
    struct eng *eng = source->logon->eng;

    return msp_from_engine(call, eng, eng_msg_ids(eng, contents->folder, contents->assoc, out));
}

/* --- columns ---------------------------------------------------------------------------------- */

enum {
    COLUMNS_MIN = 24 /* rows; fewer are scanned as quickly */
};

/* What every row has by its id alone, and the table's own columns, need none. */
static bool needs_no_column(const struct table_source *source, ULONG tag)
{
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_INSTANCE_KEY):
    case PROP_ID(PR_ROW_TYPE):
    case PROP_ID(PR_DEPTH):
        return true;
    default:
        return !contents_needs_props(source, tag);
    }
}

/* Which columns the tags are made of; false: there is one that is made of others. */
static bool needs_columns(
        const struct table_source *source, const ULONG *tags, size_t tag_count, uint32_t *out)
{
    *out = ENG_COLUMN_ID;
    for (size_t i = 0; i < tag_count; i++) {
        if (!message_column_needs(tags[i], out) && !needs_no_column(source, tags[i]))
            return false;
    }
    return true;
}

static HRESULT contents_columns_get(struct msp_call *call, struct table_source *source,
        const ULONG *tags, size_t tag_count, bool by_id, struct eng_columns *out)
{
    const struct contents *contents = contents_from_source(source);
    struct eng *eng = source->logon->eng;
    enum eng_status status;
    uint32_t wanted;
    size_t count = 0;
    HRESULT hr;

    if (!needs_columns(source, tags, tag_count, &wanted))
        return MAPI_E_NO_SUPPORT;
    hr = contents_count(call, source, &count);
    if (FAILED(hr))
        return hr;
    if (count < COLUMNS_MIN)
        return MAPI_E_NO_SUPPORT;
    if (by_id)
        wanted |= ENG_COLUMN_BY_ID;
    status = eng_columns_get(eng, contents->folder, contents->assoc, wanted, out);
    if (status == ENG_INVALID || status == ENG_NO_MEMORY)
        return MAPI_E_NO_SUPPORT; /* too much at once */
    return msp_from_engine(call, eng, status);
}

static HRESULT contents_columns_near(struct msp_call *call, struct table_source *source,
        const ULONG *tags, size_t tag_count, uint64_t a, uint64_t b, size_t most,
        struct eng_columns_part *out)
{
    struct contents *contents = contents_from_source(source);
    struct eng *eng = source->logon->eng;
    struct eng_msg first;
    enum eng_status status;
    uint32_t wanted;

    if (!needs_columns(source, tags, tag_count, &wanted))
        return MAPI_E_NO_SUPPORT;
    status = eng_msg_get(eng, a, &first, &contents->texts, NULL);
    if (status == ENG_OK)
        status = eng_msg_get(eng, b, &contents->msg, &contents->texts, NULL);
    if (status == ENG_OK)
        status = eng_columns_near(eng, contents->assoc, wanted, &first, &contents->msg, most, out);
    if (status == ENG_NO_MEMORY || status == ENG_NOT_FOUND ||
            (status == ENG_OK && out->first == out->end))
        return MAPI_E_NO_SUPPORT;
    return msp_from_engine(call, eng, status);
}

static HRESULT contents_columns_by_id(struct msp_call *call, struct table_source *source,
        const ULONG *tags, size_t tag_count, size_t reads, struct eng_columns *out)
{
    const struct contents *contents = contents_from_source(source);
    struct eng *eng = source->logon->eng;
    enum eng_status status;
    uint32_t wanted;

    if (!needs_columns(source, tags, tag_count, &wanted))
        return MAPI_E_NO_SUPPORT;
    status = eng_columns_by_id(eng, contents->folder, contents->assoc, wanted, reads, out);
    if (status == ENG_INVALID || status == ENG_NO_MEMORY || (status == ENG_OK && out->ids == NULL))
        return MAPI_E_NO_SUPPORT;
    return msp_from_engine(call, eng, status);
}

static bool contents_column_find(const struct table_source *source, uint64_t id, size_t *out)
{
    const struct contents *contents = contents_of(source);

    return eng_columns_row(source->logon->eng, contents->folder, contents->assoc, id, out);
}

static bool contents_column(const struct table_source *source, const struct eng_columns *columns,
        ULONG tag, struct propcolumn *out)
{
    MSP_UNUSED(source);
    return message_column_get(columns, tag, out);
}

static void contents_column_row(struct table_source *source, const struct eng_columns *columns,
        size_t index, struct table_row *out)
{
    struct contents *contents = contents_from_source(source);

    message_column_row(columns, index, &contents->column_row);
    contents->column_row.folder = contents->folder;
    *out = (struct table_row){ .id = columns->ids[index], .narrow = &contents->column_row };
}

/* --- the first rows by delivery --------------------------------------------------------------- */

enum {
    HEAD_MAX = 8192 /* rows looked at before it is no cheap way any more */
};

/* Rows come in order of delivery, one way or the other; rows of one time stay in default order. */
struct head {
    struct msp_buf *ids;
    size_t wanted;
    bool backward;
    bool absent_last; /* rows without a time are to be last: none may come first */
    size_t count;
    size_t run_at; /* where the rows of the last time begin */
    uint64_t run_time;
    bool more; /* stopped with enough rows, before the end */
    bool failed;
};

/* Turns the rows of one time around, which came last first. */
static void head_end_run(const struct head *head)
{
    uint64_t *ids = (uint64_t *)(void *)head->ids->data;

    for (size_t a = head->run_at, b = head->count; head->backward && a + 1 < b; a++, b--) {
        uint64_t id = ids[a];

        ids[a] = ids[b - 1];
        ids[b - 1] = id;
    }
}

static bool head_row(void *context, uint64_t delivered, uint64_t id)
{
    struct head *head = context;

    if (head->count > 0 && delivered != head->run_time) {
        head_end_run(head);
        head->run_at = head->count;
        head->more = head->count >= head->wanted;
    }
    head->run_time = delivered;
    if (head->more)
        return false;
    head->failed = head->count == HEAD_MAX || (head->absent_last && delivered == 0);
    if (head->failed || !msp_buf_append(head->ids, &id, sizeof(id)))
        return false;
    head->count++;
    return true;
}

static HRESULT contents_head(struct msp_call *call, struct table_source *source,
        const SSortOrderSet *sort, size_t wanted, struct msp_buf *out, bool *out_complete)
{
    const struct contents *contents = contents_from_source(source);
    struct eng *eng = source->logon->eng;
    struct head head = { .ids = out, .wanted = wanted };
    enum eng_status status;

    if (sort != NULL && sort->cSorts > 0) {
        if (sort->cSorts > 1 || sort->aSort[0].ulPropTag != PR_MESSAGE_DELIVERY_TIME)
            return MAPI_E_NO_SUPPORT;
        head.backward = sort->aSort[0].ulOrder == TABLE_SORT_DESCEND;
        head.absent_last = !head.backward;
    }
    status = eng_msg_keys(eng, contents->folder, contents->assoc, head.backward, head_row, &head);
    if (status != ENG_OK)
        return msp_from_engine(call, eng, status);
    if (out->failed)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (head.failed)
        return MAPI_E_NO_SUPPORT;
    if (!head.more)
        head_end_run(&head);
    *out_complete = !head.more;
    return S_OK;
}

/* --- live rows -------------------------------------------------------------------------------- */

static enum table_concern contents_concerns(
        const struct table_source *source, const struct eng_event *event)
{
    uint64_t folder = contents_of(source)->folder;

    if (event->kind == ENG_EVENT_NEW_MAIL) /* its creation was told before */
        return TABLE_CONCERN_NONE;
    if (event->is_folder) /* deleted with what is in it */
        return event->kind == ENG_EVENT_DELETED && event->object == folder ? TABLE_CONCERN_ALL
                                                                           : TABLE_CONCERN_NONE;
    return event->parent == folder ||
                           (event->kind == ENG_EVENT_MOVED && event->old_parent == folder)
                   ? TABLE_CONCERN_ROW
                   : TABLE_CONCERN_NONE;
}

static HRESULT contents_belongs(
        struct msp_call *call, struct table_source *source, const struct table_row *row, bool *out)
{
    const struct contents *contents = contents_from_source(source);
    const struct eng_msg *msg = row->narrow;

    MSP_UNUSED(call);
    *out = msg->folder == contents->folder &&
           ((msg->flags & MSGFLAG_ASSOCIATED) != 0) == contents->assoc;
    return S_OK;
}

/* By what is made of the message's id. */
static bool contents_named(const struct table_source *source, ULONG tag, const void *value,
        size_t value_size, uint64_t *out_id)
{
    struct entryid entryid;

    MSP_UNUSED(source);
    *out_id = 0;
    switch (tag) {
    case PR_ENTRYID:
    case PR_LONGTERM_ENTRYID_FROM_TABLE:
        if (value_size == ENTRYID_SIZE && entryid_get(ENTRYID_SIZE, value, &entryid))
            *out_id = entryid.id;
        return true;
    case PR_RECORD_KEY:
        if (value_size == RECORD_KEY_SIZE)
            *out_id = record_key_id(value);
        return true;
    default:
        return false;
    }
}

/* Delivery time, then id. */
static bool contents_order_key(
        const struct table_source *source, const struct table_row *row, struct msp_buf *out)
{
    const struct eng_msg *msg = row->narrow;
    uint8_t key[16];

    MSP_UNUSED(source);
    put_u64be(key, msg->delivered);
    put_u64be(key + 8, msg->id);
    return msp_buf_append(out, key, sizeof(key));
}

static void contents_free(struct table_source *source)
{
    struct contents *contents = contents_from_source(source);

    msp_buf_free(&contents->texts);
    msp_buf_free(&contents->packed);
    msp_free(contents);
}

static HRESULT contents_again(
        const struct table_source *source, struct logon *logon, struct table_source **out)
{
    const struct contents *contents = contents_of(source);

    return source_contents_new(NULL, logon, contents->folder, contents->assoc, out);
}

static const struct table_source_ops contents_ops = {
    .columns = contents_columns,
    .column_count = MSP_COUNT_OF(contents_columns),
    .can_sort = true,
    .can_categorize = true,
    .can_bookmark = true,
    .identity = contents_identity,
    .stamp = contents_stamp,
    .scan = contents_scan,
    .read = contents_read,
    .needs_props = contents_needs_props,
    .cell = contents_cell,
    .any = contents_any,
    .all_columns = contents_all_columns,
    .count = contents_count,
    .ids = contents_ids,
    .head = contents_head,
    .columns_get = contents_columns_get,
    .columns_near = contents_columns_near,
    .columns_by_id = contents_columns_by_id,
    .column_find = contents_column_find,
    .column = contents_column,
    .column_row = contents_column_row,
    .concerns = contents_concerns,
    .belongs = contents_belongs,
    .order_key = contents_order_key,
    .named = contents_named,
    .again = contents_again,
    .free = contents_free,
};

HRESULT source_contents_new(struct msp_call *call, struct logon *logon, uint64_t folder, bool assoc,
        struct table_source **out)
{
    struct contents *contents = msp_calloc(1, sizeof(*contents));

    MSP_UNUSED(call);
    *out = NULL;
    if (contents == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    contents->source.ops = &contents_ops;
    contents->source.logon = logon;
    contents->folder = folder;
    contents->assoc = assoc;
    *out = &contents->source;
    return S_OK;
}
