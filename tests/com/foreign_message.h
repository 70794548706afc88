/* SPDX-License-Identifier: MIT */
/*
 * foreign_message.h - messages and attachments of a store that is not ours, in memory: with names
 * of their own for ids, text of 8 bits, values above 4 KiB only as streams, no mapping signature,
 * and MAPI's DoCopyTo for copies.
 *
 * Any call, and any byte of a stream, can be made to fail.
 */
#ifndef FOREIGN_MESSAGE_H
#define FOREIGN_MESSAGE_H

#include "support/support.h"

enum { FOREIGN_INLINE = 4096, FOREIGN_PARTS = 4, FOREIGN_COLUMNS = 16 };

/* What all objects of one foreign store share; zeroed, but for `support`. */
struct foreign_world {
    IMAPISupport *support; /* its provider's */
    unsigned long calls;
    unsigned long fail_at; /* the nth call fails, 0: none */
    HRESULT fail_hr;
    size_t stream_bytes; /* a stream fails after so many, 0: never */
    void (*on_call)(void *context, unsigned long nth);
    void *context;
    ULONG objects; /* that are there */
};

struct foreign {
    IMessage IMessage_iface; /* of an attachment, the methods of IMAPIProp are the same, slot by
                                slot */
    struct foreign_world *world;
    const IID *iid;
    ULONG refs;
    struct host_bag props;
    struct host_bag recipients[FOREIGN_PARTS];
    unsigned recipient_count;
    struct foreign *attachments[FOREIGN_PARTS];
    unsigned attachment_count;
    struct foreign *inner;
};

static inline struct foreign *foreign_from_iface(IMessage *iface)
{
    return CONTAINING_RECORD(iface, struct foreign, IMessage_iface);
}

static inline IMAPIProp *foreign_prop(struct foreign *foreign)
{
    return (IMAPIProp *)(void *)&foreign->IMessage_iface;
}

static inline bool foreign_fails(struct foreign_world *world)
{
    world->calls++;
    if (world->on_call)
        world->on_call(world->context, world->calls);
    return world->calls == world->fail_at;
}

static inline HRESULT foreign_buffer(size_t size, void *out)
{
    LPVOID block = NULL;

    if (host_mem_trio(0)->allocate((ULONG)size, &block) != S_OK)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    memset(block, 0, size);
    memcpy(out, &block, sizeof(block));
    return S_OK;
}

/* --- names ------------------------------------------------------------------------------------ */

/* 0x8000 is the third, 0x8001 the first of copy_named()'s, 0x8002 has a name of text. */
static const GUID foreign_set = { 0x4711, 1, 2, { 3, 4, 5, 6, 7, 8, 9, 10 } };
static const WCHAR foreign_text[] = { 'K', 'e', 'y', 0 };

static inline HRESULT foreign_name(ULONG id, MAPINAMEID *out)
{
    out->lpguid = (LPGUID)(uintptr_t)&foreign_set;
    out->ulKind = id == 0x8002 ? MNID_STRING : MNID_ID;
    if (id == 0x8002)
        out->Kind.lpwstrName = (LPWSTR)(uintptr_t)foreign_text;
    else
        out->Kind.lID = id == 0x8000 ? 3 : 1;
    return id <= 0x8002 ? S_OK : MAPI_E_NOT_FOUND;
}

static inline HRESULT STDMETHODCALLTYPE foreign_GetNamesFromIDs(IMessage *iface,
        LPSPropTagArray *tags, LPGUID set, ULONG flags, ULONG *count, LPMAPINAMEID **out)
{
    size_t pointers = (*tags)->cValues * sizeof(LPMAPINAMEID);
    HRESULT result = S_OK;
    MAPINAMEID *names;

    (void)set;
    (void)flags;
    *count = 0;
    *out = NULL;
    if (foreign_fails(foreign_from_iface(iface)->world))
        return foreign_from_iface(iface)->world->fail_hr;
    if (FAILED(foreign_buffer(pointers + (*tags)->cValues * sizeof(*names), out)))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    names = (MAPINAMEID *)(void *)((char *)*out + pointers);
    for (ULONG i = 0; i < (*tags)->cValues; i++) {
        if (foreign_name(PROP_ID((*tags)->aulPropTag[i]), &names[i]) == S_OK)
            (*out)[i] = &names[i];
        else
            result = MAPI_W_ERRORS_RETURNED;
    }
    *count = (*tags)->cValues;
    return result;
}

/* --- tables ----------------------------------------------------------------------------------- */

struct foreign_table {
    IMAPITable IMAPITable_iface;
    struct foreign_world *world;
    ULONG refs;
    const struct host_bag *rows[FOREIGN_PARTS];
    unsigned count;
    unsigned at;
};

static inline struct foreign_table *foreign_table_from_iface(IMAPITable *iface)
{
    return CONTAINING_RECORD(iface, struct foreign_table, IMAPITable_iface);
}

static inline ULONG STDMETHODCALLTYPE foreign_table_AddRef(IMAPITable *iface)
{
    return ++foreign_table_from_iface(iface)->refs;
}

static inline ULONG STDMETHODCALLTYPE foreign_table_Release(IMAPITable *iface)
{
    struct foreign_table *table = foreign_table_from_iface(iface);
    ULONG refs = --table->refs;

    if (refs == 0) {
        table->world->objects--;
        free(table);
    }
    return refs;
}

/* Every property of any row, once. */
static inline ULONG foreign_columns(const struct foreign_table *table, ULONG *out)
{
    ULONG count = 0;

    for (unsigned row = 0; row < table->count; row++) {
        for (size_t i = 0; i < table->rows[row]->count; i++) {
            ULONG tag = table->rows[row]->items[i]->ulPropTag;
            bool known = false;

            for (ULONG j = 0; j < count; j++)
                known |= PROP_ID(out[j]) == PROP_ID(tag);
            if (!known) {
                assert_true(count < FOREIGN_COLUMNS);
                out[count++] = tag;
            }
        }
    }
    return count;
}

static inline HRESULT STDMETHODCALLTYPE foreign_table_QueryColumns(
        IMAPITable *iface, ULONG flags, LPSPropTagArray *out)
{
    struct foreign_table *table = foreign_table_from_iface(iface);

    (void)flags;
    *out = NULL;
    if (foreign_fails(table->world))
        return table->world->fail_hr;
    if (FAILED(foreign_buffer(sizeof(SPropTagArray) + FOREIGN_COLUMNS * sizeof(ULONG), out)))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    (*out)->cValues = foreign_columns(table, (*out)->aulPropTag);
    return S_OK;
}

/* Always all of them, in the order of QueryColumns. */
static inline HRESULT STDMETHODCALLTYPE foreign_table_SetColumns(
        IMAPITable *iface, LPSPropTagArray tags, ULONG flags)
{
    struct foreign_table *table = foreign_table_from_iface(iface);

    (void)tags;
    (void)flags;
    return foreign_fails(table->world) ? table->world->fail_hr : S_OK;
}

static inline void foreign_row(
        const struct host_bag *bag, const ULONG *tags, ULONG count, SRow *out)
{
    assert_ok(foreign_buffer(count * sizeof(SPropValue), &out->lpProps));
    out->cValues = count;
    for (ULONG i = 0; i < count; i++) {
        const SPropValue *value = host_bag_get(bag, tags[i]);

        out->lpProps[i].ulPropTag = PROP_TAG(PT_ERROR, PROP_ID(tags[i]));
        out->lpProps[i].Value.err = MAPI_E_NOT_FOUND;
        if (value)
            assert_ok(host_prop_copy(host_mem_trio(0), out->lpProps, value, &out->lpProps[i]));
    }
}

static inline HRESULT STDMETHODCALLTYPE foreign_table_QueryRows(
        IMAPITable *iface, LONG count, ULONG flags, LPSRowSet *out)
{
    struct foreign_table *table = foreign_table_from_iface(iface);
    ULONG tags[FOREIGN_COLUMNS];
    ULONG columns = foreign_columns(table, tags);

    (void)flags;
    *out = NULL;
    if (foreign_fails(table->world))
        return table->world->fail_hr;
    if (FAILED(foreign_buffer(sizeof(SRowSet) + FOREIGN_PARTS * sizeof(SRow), out)))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    while (table->at < table->count && (*out)->cRows < (ULONG)count)
        foreign_row(table->rows[table->at++], tags, columns, &(*out)->aRow[(*out)->cRows++]);
    return S_OK;
}

static const IMAPITableVtbl foreign_table_vtbl = {
    .AddRef = foreign_table_AddRef,
    .Release = foreign_table_Release,
    .QueryColumns = foreign_table_QueryColumns,
    .SetColumns = foreign_table_SetColumns,
    .QueryRows = foreign_table_QueryRows,
};

static inline struct foreign_table *foreign_table_new(struct foreign_world *world)
{
    struct foreign_table *table = calloc(1, sizeof(*table));

    assert_non_null(table);
    table->IMAPITable_iface.lpVtbl = &foreign_table_vtbl;
    table->world = world;
    table->refs = 1;
    world->objects++;
    return table;
}

/* --- objects ---------------------------------------------------------------------------------- */

static inline HRESULT STDMETHODCALLTYPE foreign_QueryInterface(
        IMessage *iface, REFIID iid, void **out)
{
    struct foreign *foreign = foreign_from_iface(iface);

    *out = NULL;
    if (!IsEqualGUID(iid, &IID_IUnknown) && !IsEqualGUID(iid, &IID_IMAPIProp) &&
            !IsEqualGUID(iid, foreign->iid))
        return E_NOINTERFACE;
    foreign->refs++;
    *out = iface;
    return S_OK;
}

static inline ULONG STDMETHODCALLTYPE foreign_AddRef(IMessage *iface)
{
    return ++foreign_from_iface(iface)->refs;
}

/* What lies in it goes with it. */
static inline ULONG STDMETHODCALLTYPE foreign_Release(IMessage *iface)
{
    struct foreign *foreign = foreign_from_iface(iface);
    ULONG refs = --foreign->refs;

    if (refs > 0)
        return refs;
    for (unsigned i = 0; i < foreign->recipient_count; i++)
        host_bag_free(&foreign->recipients[i]);
    for (unsigned i = 0; i < foreign->attachment_count; i++)
        (void)foreign_Release(&foreign->attachments[i]->IMessage_iface);
    if (foreign->inner)
        (void)foreign_Release(&foreign->inner->IMessage_iface);
    host_bag_free(&foreign->props);
    foreign->world->objects--;
    free(foreign);
    return 0;
}

static inline HRESULT STDMETHODCALLTYPE foreign_GetPropList(
        IMessage *iface, ULONG flags, LPSPropTagArray *out)
{
    struct foreign *foreign = foreign_from_iface(iface);
    LPSPropTagArray tags = NULL;

    (void)flags;
    *out = NULL;
    if (foreign_fails(foreign->world))
        return foreign->world->fail_hr;
    if (FAILED(foreign_buffer(sizeof(*tags) + (foreign->props.count + 2) * sizeof(ULONG), &tags)))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < foreign->props.count; i++)
        tags->aulPropTag[tags->cValues++] = foreign->props.items[i]->ulPropTag;
    if (foreign->recipient_count > 0)
        tags->aulPropTag[tags->cValues++] = PR_MESSAGE_RECIPIENTS;
    if (foreign->attachment_count > 0)
        tags->aulPropTag[tags->cValues++] = PR_MESSAGE_ATTACHMENTS;
    if (foreign->inner)
        tags->aulPropTag[tags->cValues++] = PR_ATTACH_DATA_OBJ;
    *out = tags;
    return S_OK;
}

static inline HRESULT STDMETHODCALLTYPE foreign_GetProps(
        IMessage *iface, LPSPropTagArray tags, ULONG flags, ULONG *count, LPSPropValue *out)
{
    struct foreign *foreign = foreign_from_iface(iface);
    HRESULT result = S_OK;
    SRow row = { 0 };

    (void)flags;
    *count = 0;
    *out = NULL;
    if (foreign_fails(foreign->world))
        return foreign->world->fail_hr;
    foreign_row(&foreign->props, tags->aulPropTag, tags->cValues, &row);
    for (ULONG i = 0; i < row.cValues; i++) {
        SPropValue *value = &row.lpProps[i];
        size_t size = 0;

        (void)host_prop_bytes(value, &size);
        if (size > FOREIGN_INLINE) {
            value->ulPropTag = PROP_TAG(PT_ERROR, PROP_ID(value->ulPropTag));
            value->Value.err = MAPI_E_NOT_ENOUGH_MEMORY;
        }
        if (PROP_TYPE(value->ulPropTag) == PT_ERROR)
            result = MAPI_W_ERRORS_RETURNED;
    }
    *count = row.cValues;
    *out = row.lpProps;
    return result;
}

static inline HRESULT STDMETHODCALLTYPE foreign_OpenProperty(
        IMessage *iface, ULONG tag, LPCIID iid, ULONG options, ULONG flags, LPUNKNOWN *out)
{
    struct foreign *foreign = foreign_from_iface(iface);
    const SPropValue *value = host_bag_get(&foreign->props, tag);
    const void *bytes;
    IStream *stream;
    size_t size = 0;

    (void)options;
    (void)flags;
    *out = NULL;
    if (foreign_fails(foreign->world))
        return foreign->world->fail_hr;
    if (tag == PR_ATTACH_DATA_OBJ && foreign->inner && IsEqualGUID(iid, &IID_IMessage)) {
        foreign->inner->refs++;
        *out = (LPUNKNOWN)(void *)&foreign->inner->IMessage_iface;
        return S_OK;
    }
    if (!value || !IsEqualGUID(iid, &IID_IStream))
        return MAPI_E_NOT_FOUND;
    bytes = host_prop_bytes(value, &size);
    stream = host_stream_new(bytes, size);
    assert_non_null(stream);
    if (foreign->world->stream_bytes > 0)
        host_stream_fail(stream, foreign->world->stream_bytes, foreign->world->fail_hr);
    *out = (LPUNKNOWN)(void *)stream;
    return S_OK;
}

static inline HRESULT STDMETHODCALLTYPE foreign_DeleteProps(
        IMessage *iface, LPSPropTagArray tags, LPSPropProblemArray *problems)
{
    struct foreign *foreign = foreign_from_iface(iface);

    if (problems)
        *problems = NULL;
    if (foreign_fails(foreign->world))
        return foreign->world->fail_hr;
    for (ULONG i = 0; i < tags->cValues; i++)
        (void)host_bag_remove(&foreign->props, tags->aulPropTag[i]);
    return S_OK;
}

/* A table with a row for each of the bags. */
static inline HRESULT foreign_give_table(struct foreign *foreign,
        const struct host_bag *const *rows, unsigned count, LPMAPITABLE *out)
{
    struct foreign_table *table;

    *out = NULL;
    if (foreign_fails(foreign->world))
        return foreign->world->fail_hr;
    table = foreign_table_new(foreign->world);
    for (unsigned i = 0; i < count; i++)
        table->rows[table->count++] = rows[i];
    *out = &table->IMAPITable_iface;
    return S_OK;
}

static inline HRESULT STDMETHODCALLTYPE foreign_GetRecipientTable(
        IMessage *iface, ULONG flags, LPMAPITABLE *out)
{
    struct foreign *foreign = foreign_from_iface(iface);
    const struct host_bag *rows[FOREIGN_PARTS];

    (void)flags;
    for (unsigned i = 0; i < foreign->recipient_count; i++)
        rows[i] = &foreign->recipients[i];
    return foreign_give_table(foreign, rows, foreign->recipient_count, out);
}

static inline HRESULT STDMETHODCALLTYPE foreign_GetAttachmentTable(
        IMessage *iface, ULONG flags, LPMAPITABLE *out)
{
    struct foreign *foreign = foreign_from_iface(iface);
    const struct host_bag *rows[FOREIGN_PARTS];

    (void)flags;
    for (unsigned i = 0; i < foreign->attachment_count; i++)
        rows[i] = &foreign->attachments[i]->props;
    return foreign_give_table(foreign, rows, foreign->attachment_count, out);
}

static inline HRESULT STDMETHODCALLTYPE foreign_OpenAttach(
        IMessage *iface, ULONG number, LPCIID iid, ULONG flags, LPATTACH *out)
{
    struct foreign *foreign = foreign_from_iface(iface);

    (void)iid;
    (void)flags;
    *out = NULL;
    if (foreign_fails(foreign->world))
        return foreign->world->fail_hr;
    if (number >= foreign->attachment_count)
        return MAPI_E_NOT_FOUND;
    foreign->attachments[number]->refs++;
    *out = (LPATTACH)(void *)&foreign->attachments[number]->IMessage_iface;
    return S_OK;
}

static inline HRESULT STDMETHODCALLTYPE foreign_CopyTo(IMessage *iface, ULONG iid_count,
        LPCIID iids, LPSPropTagArray exclude, ULONG_PTR ui, LPMAPIPROGRESS progress, LPCIID iid,
        LPVOID target, ULONG flags, LPSPropProblemArray *problems)
{
    struct foreign *foreign = foreign_from_iface(iface);
    IMAPISupport *support = foreign->world->support;

    return support->lpVtbl->DoCopyTo(support, foreign->iid, iface, iid_count, iids, exclude, ui,
            progress, iid, target, flags, problems);
}

static inline HRESULT STDMETHODCALLTYPE foreign_CopyProps(IMessage *iface, LPSPropTagArray include,
        ULONG_PTR ui, LPMAPIPROGRESS progress, LPCIID iid, LPVOID target, ULONG flags,
        LPSPropProblemArray *problems)
{
    struct foreign *foreign = foreign_from_iface(iface);
    IMAPISupport *support = foreign->world->support;

    return support->lpVtbl->DoCopyProps(
            support, foreign->iid, iface, include, ui, progress, iid, target, flags, problems);
}

static const IMessageVtbl foreign_vtbl = {
    .QueryInterface = foreign_QueryInterface,
    .AddRef = foreign_AddRef,
    .Release = foreign_Release,
    .GetProps = foreign_GetProps,
    .GetPropList = foreign_GetPropList,
    .OpenProperty = foreign_OpenProperty,
    .DeleteProps = foreign_DeleteProps,
    .CopyTo = foreign_CopyTo,
    .CopyProps = foreign_CopyProps,
    .GetNamesFromIDs = foreign_GetNamesFromIDs,
    .GetAttachmentTable = foreign_GetAttachmentTable,
    .OpenAttach = foreign_OpenAttach,
    .GetRecipientTable = foreign_GetRecipientTable,
};

/* `iid`: IID_IMessage or IID_IAttachment. */
static inline struct foreign *foreign_new(struct foreign_world *world, const IID *iid)
{
    struct foreign *foreign = calloc(1, sizeof(*foreign));

    assert_non_null(foreign);
    foreign->IMessage_iface.lpVtbl = &foreign_vtbl;
    foreign->world = world;
    foreign->iid = iid;
    foreign->refs = 1;
    world->objects++;
    return foreign;
}

static inline struct host_bag *foreign_add_recipient(struct foreign *message)
{
    struct host_bag *bag = &message->recipients[message->recipient_count];

    assert_true(message->recipient_count < FOREIGN_PARTS);
    assert_ok(host_bag_set_long(bag, PR_ROWID, (LONG)message->recipient_count++));
    return bag;
}

static inline struct foreign *foreign_add_attachment(struct foreign *message, LONG method)
{
    struct foreign *attach = foreign_new(message->world, &IID_IAttachment);

    assert_true(message->attachment_count < FOREIGN_PARTS);
    assert_ok(host_bag_set_long(&attach->props, PR_ATTACH_NUM, (LONG)message->attachment_count));
    assert_ok(host_bag_set_long(&attach->props, PR_ATTACH_METHOD, method));
    message->attachments[message->attachment_count++] = attach;
    return attach;
}

#endif
