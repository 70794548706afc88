/* SPDX-License-Identifier: MIT */
/*
 * source_outgoing.c - the outgoing queue as rows: real messages, wherever they lie, in the order in
 * which they were submitted.
 *
 * Rows are those of a contents source, with PR_SUBMIT_FLAGS beside them.
 *
 * Owns:  a contents source.
 * Locks: everything runs under the domain lock.
 */
#include "com/logon.h"
#include "com/props_message.h"
#include "com/queue.h"
#include "com/submit.h"
#include "com/table.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/bytes.h"

struct outgoing {
    struct table_source source; /* first */
    struct table_source *contents;
};

/* clang-format off */
static const ULONG outgoing_columns[] = {
    PR_ENTRYID,              PR_INSTANCE_KEY,           PR_RECORD_KEY,
    PR_CLIENT_SUBMIT_TIME,   PR_SUBMIT_FLAGS,           PR_MESSAGE_FLAGS,
    PR_MESSAGE_SIZE,         PR_PRIORITY,               PR_SENDER_NAME_W,
    PR_SUBJECT_W,            PR_DISPLAY_TO_W,           PR_DISPLAY_CC_W,
    PR_DISPLAY_BCC_W,        PR_MESSAGE_CLASS_W,        PR_PARENT_ENTRYID,
    PR_STORE_ENTRYID,        PR_STORE_RECORD_KEY,       PR_OBJECT_TYPE,
    PR_ROW_TYPE,
};

/* clang-format on */

static struct outgoing *outgoing_from_source(struct table_source *source)
{
    return CONTAINING_RECORD(source, struct outgoing, source);
}

static uint64_t outgoing_stamp(struct table_source *source)
{
    return eng_change_stamp(source->logon->eng);
}

static bool add_id(void *context, const struct eng_outgoing *entry)
{
    return msp_buf_append(context, &entry->msg, sizeof(entry->msg));
}

static HRESULT outgoing_ids(struct msp_call *call, struct table_source *source, struct msp_buf *out)
{
    struct eng *eng = source->logon->eng;
    enum eng_status status = eng_outgoing_scan(eng, add_id, out);

    if (status == ENG_OK && out->failed)
        status = ENG_NO_MEMORY;
    return msp_from_engine(call, eng, status);
}

static HRESULT outgoing_read(struct msp_call *call, struct table_source *source, uint64_t id,
        bool with_props, struct table_row *out)
{
    struct table_source *contents = outgoing_from_source(source)->contents;
    struct eng_outgoing entry;
    enum eng_status status = eng_outgoing_get(source->logon->eng, id, &entry);

    if (status != ENG_OK)
        return msp_from_engine(call, source->logon->eng, status);
    return contents->ops->read(call, contents, id, with_props, out);
}

static HRESULT outgoing_scan(struct msp_call *call, struct table_source *source, bool with_props,
        table_row_fn fn, void *context)
{
    struct msp_buf ids = MSP_BUF_INIT;
    const uint64_t *list;
    bool more = true;
    HRESULT hr;

    hr = outgoing_ids(call, source, &ids);
    list = (const uint64_t *)(const void *)ids.data;
    for (size_t i = 0; SUCCEEDED(hr) && more && i < ids.size / sizeof(uint64_t); i++) {
        struct table_row row;

        hr = outgoing_read(call, source, list[i], with_props, &row);
        if (hr == MAPI_E_NOT_FOUND)
            hr = S_OK; /* sent this very moment */
        else if (SUCCEEDED(hr))
            more = fn(context, &row);
    }
    msp_buf_free(&ids);
    return hr;
}

static bool outgoing_needs_props(const struct table_source *source, ULONG tag)
{
    const struct table_source *contents = ((const struct outgoing *)source)->contents;

    return PROP_ID(tag) != PROP_ID(PR_SUBMIT_FLAGS) && contents->ops->needs_props(contents, tag);
}

static HRESULT outgoing_cell(struct table_source *source, const struct table_row *row, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    struct table_source *contents = outgoing_from_source(source)->contents;
    struct eng_outgoing entry;
    enum eng_status status;

    if (PROP_ID(tag) != PROP_ID(PR_SUBMIT_FLAGS))
        return contents->ops->cell(contents, row, tag, scratch, out);
    status = eng_outgoing_get(source->logon->eng, row->id, &entry);
    if (status != ENG_OK)
        return msp_engine_hresult(status);
    return prop_scratch_long(scratch, PR_SUBMIT_FLAGS, submit_flags(&entry), out)
                   ? S_OK
                   : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT outgoing_any(struct table_source *source, const struct table_row *row,
        ULONG subobject, const struct restrict_program *program, size_t node, bool *out_match)
{
    struct table_source *contents = outgoing_from_source(source)->contents;

    return contents->ops->any(contents, row, subobject, program, node, out_match);
}

/* --- all columns ------------------------------------------------------------------------------ */

/* The defaults, what every message has beside them, and what the first ones have of their own. */
static HRESULT outgoing_all_columns(
        struct msp_call *call, struct table_source *source, struct msp_buf *out)
{
    struct table_columns columns = { out, TABLE_COLUMNS_ROWS };

    for (size_t i = 0; i < MSP_COUNT_OF(outgoing_columns); i++)
        table_columns_add(out, outgoing_columns[i]);
    for (const ULONG *tag = message_row_tags; *tag != 0; tag++)
        table_columns_add(out, *tag);
    table_columns_add(out, PR_LONGTERM_ENTRYID_FROM_TABLE);
    return outgoing_scan(call, source, true, table_columns_add_row, &columns);
}

/* --- live rows -------------------------------------------------------------------------------- */

/* Any message may come into the queue, and every change of a message in it shows. */
static enum table_concern outgoing_concerns(
        const struct table_source *source, const struct eng_event *event)
{
    MSP_UNUSED(source);
    return event->is_folder || event->kind == ENG_EVENT_NEW_MAIL ? TABLE_CONCERN_NONE
                                                                 : TABLE_CONCERN_ROW;
}

static HRESULT outgoing_belongs(
        struct msp_call *call, struct table_source *source, const struct table_row *row, bool *out)
{
    struct eng *eng = source->logon->eng;
    struct eng_outgoing entry;
    enum eng_status status = eng_outgoing_get(eng, row->id, &entry);

    *out = status == ENG_OK;
    return status == ENG_NOT_FOUND ? S_OK : msp_from_engine(call, eng, status);
}

static bool outgoing_order_key(
        const struct table_source *source, const struct table_row *row, struct msp_buf *out)
{
    struct eng_outgoing entry;
    uint8_t key[8];

    if (eng_outgoing_get(source->logon->eng, row->id, &entry) != ENG_OK)
        entry.place = 0; /* it is on its way out */
    put_u64be(key, entry.place);
    return msp_buf_append(out, key, sizeof(key));
}

static void outgoing_free(struct table_source *source)
{
    struct outgoing *outgoing = outgoing_from_source(source);

    outgoing->contents->ops->free(outgoing->contents);
    msp_free(outgoing);
}

static const struct table_source_ops outgoing_ops = {
    .columns = outgoing_columns,
    .column_count = MSP_COUNT_OF(outgoing_columns),
    .can_sort = true,
    .can_bookmark = true,
    .stamp = outgoing_stamp,
    .scan = outgoing_scan,
    .read = outgoing_read,
    .needs_props = outgoing_needs_props,
    .cell = outgoing_cell,
    .any = outgoing_any,
    .all_columns = outgoing_all_columns,
    .ids = outgoing_ids,
    .concerns = outgoing_concerns,
    .belongs = outgoing_belongs,
    .order_key = outgoing_order_key,
    .free = outgoing_free,
};

HRESULT source_outgoing_new(struct msp_call *call, struct logon *logon, struct table_source **out)
{
    struct outgoing *outgoing = msp_calloc(1, sizeof(*outgoing));
    HRESULT hr;

    *out = NULL;
    if (outgoing == NULL)
        return msp_from_engine(call, NULL, ENG_NO_MEMORY);
    hr = source_contents_new(call, logon, ENG_ROOT_FOLDER, false, &outgoing->contents);
    if (FAILED(hr)) {
        msp_free(outgoing);
        return hr;
    }
    outgoing->source.ops = &outgoing_ops;
    outgoing->source.logon = logon;
    *out = &outgoing->source;
    return S_OK;
}
