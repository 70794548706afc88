/* SPDX-License-Identifier: MIT */
/*
 * source_parts.c - the rows of recipient and attachment tables: what their message has in memory,
 * pending changes included.
 *
 * Owns:  the source itself; the message belongs to its client and outlives the table, which is its
 *        child.
 * Locks: everything here runs under the domain lock, but for free_source().
 */
#include "com/logon.h"
#include "com/message_impl.h"
#include "com/table.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/hash.h"

struct parts_source {
    struct table_source source;
    struct message *message;
};

static struct message *message_of(struct table_source *source)
{
    return CONTAINING_RECORD(source, struct parts_source, source)->message;
}

static void free_source(struct table_source *source)
{
    msp_free(CONTAINING_RECORD(source, struct parts_source, source));
}

/* Every property is at hand. */
static bool needs_no_props(const struct table_source *source, ULONG tag)
{
    MSP_UNUSED(source);
    MSP_UNUSED(tag);
    return false;
}

static HRESULT new_source(
        struct message *message, const struct table_source_ops *ops, struct table_source **out)
{
    struct parts_source *source = msp_calloc(1, sizeof(*source));

    if (source == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    source->source.ops = ops;
    source->source.logon = message->prop.logon;
    source->message = message;
    *out = &source->source;
    return S_OK;
}

/* Adds the tags of a record to a set, once each. */
static bool add_tags(struct bag *set, const void *packed, size_t packed_size)
{
    size_t count = packed_count(packed, packed_size);

    for (size_t i = 0; i < count; i++) {
        struct bag_value value;
        struct bag_value there;

        packed_at(packed, packed_size, i, &value);
        if (!bag_get(set, value.tag, &there) && !bag_set(set, value.tag, 0, NULL, 0))
            return false;
    }
    return true;
}

static HRESULT list_set(
        const struct table_source *source, struct bag *set, bool ok, struct msp_buf *out)
{
    struct bag_iter iter = { 0 };
    struct bag_value value;

    for (size_t i = 0; i < source->ops->column_count && ok; i++)
        ok = bag_set(set, source->ops->columns[i], 0, NULL, 0);
    while (ok && bag_next(set, &iter, &value))
        ok = msp_buf_append_u32(out, value.tag);
    bag_done(set);
    return ok ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* Rows with other properties have another print. */
static uint64_t print_packed(const struct table_source *source, const struct table_row *row)
{
    MSP_UNUSED(source);
    return msp_hash(row->packed, row->packed_size, row->id);
}

void message_recipients_moved(struct message *message)
{
    message->recipients_changed = true;
    message->recipients_stamp++;
    notify_poke(&message->prop.logon->notify);
}

void message_attachments_moved(struct message *message)
{
    message->attachments_stamp++;
    notify_poke(&message->prop.logon->notify);
}

/* --- recipients ------------------------------------------------------------------------------- */

static const ULONG recipient_columns[] = {
    PR_ROWID,
    PR_INSTANCE_KEY,
    PR_RECIPIENT_TYPE,
    PR_DISPLAY_NAME_W,
    PR_ADDRTYPE_W,
    PR_EMAIL_ADDRESS_W,
    PR_ENTRYID,
    PR_SEARCH_KEY,
    PR_OBJECT_TYPE,
    PR_DISPLAY_TYPE,
    PR_RESPONSIBILITY,
};

static uint64_t recipients_stamp(struct table_source *source)
{
    return message_of(source)->recipients_stamp;
}

/* Row ids start at 1. */
static void fill_recipient(const struct recipient *entry, struct table_row *out)
{
    *out = (struct table_row){ 0 };
    out->id = (uint64_t)entry->number + 1;
    out->narrow = entry;
    out->packed = entry->packed;
    out->packed_size = entry->packed_size;
}

static HRESULT scan_recipients(struct msp_call *call, struct table_source *source, bool with_props,
        table_row_fn fn, void *context)
{
    const struct recipient_list *list = &message_of(source)->recipients;

    MSP_UNUSED(call);
    MSP_UNUSED(with_props);
    for (size_t i = 0; i < recipients_count(list); i++) {
        struct table_row row;

        fill_recipient(recipients_at(list, i), &row);
        if (!fn(context, &row))
            break;
    }
    return S_OK;
}

static HRESULT read_recipient(struct msp_call *call, struct table_source *source, uint64_t id,
        bool with_props, struct table_row *out)
{
    const struct recipient *entry =
            recipients_find(&message_of(source)->recipients, (uint32_t)(id - 1));

    MSP_UNUSED(call);
    MSP_UNUSED(with_props);
    if (entry == NULL)
        return MAPI_E_NOT_FOUND;
    fill_recipient(entry, out);
    return S_OK;
}

static HRESULT recipient_cell(struct table_source *source, const struct table_row *row, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    MSP_UNUSED(source);
    if (PROP_ID(tag) == PROP_ID(PR_ROWID))
        return prop_scratch_long(scratch, PR_ROWID, (uint32_t)(row->id - 1), out)
                       ? S_OK
                       : MAPI_E_NOT_ENOUGH_MEMORY;
    return packed_find(row->packed, row->packed_size, tag, out) ? S_OK : MAPI_E_NOT_FOUND;
}

static HRESULT all_recipient_columns(
        struct msp_call *call, struct table_source *source, struct msp_buf *out)
{
    const struct recipient_list *list = &message_of(source)->recipients;
    struct bag set;
    bool ok = true;

    MSP_UNUSED(call);
    bag_init(&set);
    for (size_t i = 0; i < recipients_count(list) && ok; i++)
        ok = add_tags(&set, recipients_at(list, i)->packed, recipients_at(list, i)->packed_size);
    return list_set(source, &set, ok, out);
}

static const struct table_source_ops recipient_ops = {
    .columns = recipient_columns,
    .column_count = MSP_COUNT_OF(recipient_columns),
    .can_sort = true,
    .can_bookmark = true,
    .stamp = recipients_stamp,
    .scan = scan_recipients,
    .read = read_recipient,
    .needs_props = needs_no_props,
    .cell = recipient_cell,
    .all_columns = all_recipient_columns,
    .print = print_packed,
    .free = free_source,
};

HRESULT source_recipients_new(
        struct msp_call *call, struct message *message, struct table_source **out)
{
    HRESULT hr = new_source(message, &recipient_ops, out);

    return SUCCEEDED(hr) ? hr : msp_from_engine(call, NULL, ENG_NO_MEMORY);
}

/* --- attachments ------------------------------------------------------------------------------ */

static const ULONG attachment_columns[] = {
    PR_ATTACH_NUM,
    PR_INSTANCE_KEY,
    PR_RECORD_KEY,
    PR_RENDERING_POSITION,
    PR_ATTACH_METHOD,
    PR_ATTACH_SIZE,
    PR_ATTACH_FILENAME_W,
    PR_ATTACH_LONG_FILENAME_W,
    PR_ATTACH_EXTENSION_W,
    PR_ATTACH_PATHNAME_W,
    PR_ATTACH_MIME_TAG_W,
    PR_ATTACH_TAG,
    PR_DISPLAY_NAME_W,
    PR_OBJECT_TYPE,
    PR_CREATION_TIME,
    PR_LAST_MODIFICATION_TIME,
};

static uint64_t attachments_stamp(struct table_source *source)
{
    return message_of(source)->attachments_stamp;
}

static void fill_attachment(const struct attach_doc *doc, struct table_row *out)
{
    *out = (struct table_row){ 0 };
    out->id = (uint64_t)doc->number + 1;
    out->narrow = doc;
    out->packed = doc->props.packed;
    out->packed_size = doc->props.packed_size;
}

static HRESULT scan_attachments(struct msp_call *call, struct table_source *source, bool with_props,
        table_row_fn fn, void *context)
{
    const struct msp_array *items = &message_of(source)->attachments.items;

    MSP_UNUSED(call);
    MSP_UNUSED(with_props);
    for (size_t i = 0; i < items->count; i++) {
        const struct attach_doc *doc = MSP_ARRAY_AT(struct attach_item, items, i)->doc;
        struct table_row row;

        if (doc == NULL)
            continue;
        fill_attachment(doc, &row);
        if (!fn(context, &row))
            break;
    }
    return S_OK;
}

static HRESULT read_attachment(struct msp_call *call, struct table_source *source, uint64_t id,
        bool with_props, struct table_row *out)
{
    const struct attach_item *item =
            attach_list_find(&message_of(source)->attachments, (uint32_t)(id - 1));

    MSP_UNUSED(call);
    MSP_UNUSED(with_props);
    if (item == NULL || item->doc == NULL)
        return MAPI_E_NOT_FOUND;
    fill_attachment(item->doc, out);
    return S_OK;
}

static HRESULT attachment_cell(struct table_source *source, const struct table_row *row, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    HRESULT hr;

    hr = attach_computed_cell(
            source->logon, message_of(source)->row.id, (uint32_t)(row->id - 1), tag, scratch, out);
    if (hr != MAPI_E_NOT_FOUND)
        return hr;
    if (packed_find(row->packed, row->packed_size, tag, out))
        return S_OK;
    return attach_default_cell(tag, scratch, out);
}

static HRESULT all_attachment_columns(
        struct msp_call *call, struct table_source *source, struct msp_buf *out)
{
    const struct msp_array *items = &message_of(source)->attachments.items;
    struct bag set;
    bool ok;

    MSP_UNUSED(call);
    bag_init(&set);
    ok = bag_set(&set, PR_MAPPING_SIGNATURE, 0, NULL, 0); /* beside the defaults */
    for (size_t i = 0; i < items->count && ok; i++) {
        const struct attach_doc *doc = MSP_ARRAY_AT(struct attach_item, items, i)->doc;

        if (doc != NULL)
            ok = add_tags(&set, doc->props.packed, doc->props.packed_size);
    }
    return list_set(source, &set, ok, out);
}

static const struct table_source_ops attachment_ops = {
    .columns = attachment_columns,
    .column_count = MSP_COUNT_OF(attachment_columns),
    .can_sort = true,
    .can_bookmark = true,
    .stamp = attachments_stamp,
    .scan = scan_attachments,
    .read = read_attachment,
    .needs_props = needs_no_props,
    .cell = attachment_cell,
    .all_columns = all_attachment_columns,
    .print = print_packed,
    .free = free_source,
};

HRESULT source_attachments_new(
        struct msp_call *call, struct message *message, struct table_source **out)
{
    HRESULT hr = new_source(message, &attachment_ops, out);

    return SUCCEEDED(hr) ? hr : msp_from_engine(call, NULL, ENG_NO_MEMORY);
}
