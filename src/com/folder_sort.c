/* SPDX-License-Identifier: MIT */
/*
 * folder_sort.c - SaveContentsSort: the order that new contents tables of a folder start with.
 *
 * Kept as one property of the folder (FOLDER_SORT_TAG): u32 categories, u32 expanded, then
 * { u32 tag, u32 order } per key. It comes from a file: what is damaged counts as none.
 *
 * Owns:  nothing.
 * Locks: the method takes the domain lock; every other function here runs under it.
 */
#include <string.h>

#include "com/folder_int.h"
#include "mapi/sortorder.h"
#include "util/alloc.h"

enum { HEAD_SIZE = 8, KEY_SIZE = 8 };

HRESULT folder_saved_sort(struct msp_call *call, const struct folder *folder, SSortOrderSet **out)
{
    struct msp_reader reader;
    struct bag_value cell;
    SSortOrderSet *order;
    size_t count;

    *out = NULL;
    if (!bag_get(&folder->prop.bag, FOLDER_SORT_TAG, &cell) || cell.size < HEAD_SIZE)
        return S_OK;
    count = (cell.size - HEAD_SIZE) / KEY_SIZE;
    if (count == 0 || count > SORTORDER_MAX)
        return S_OK;
    order = msp_calloc(1, sizeof(*order) + count * sizeof(SSortOrder));
    if (order == NULL)
        return msp_from_engine(call, NULL, ENG_NO_MEMORY);
    msp_reader_init(&reader, cell.data, cell.size);
    order->cSorts = (ULONG)count;
    order->cCategories = msp_reader_u32(&reader);
    order->cExpanded = msp_reader_u32(&reader);
    for (size_t i = 0; i < count; i++) {
        order->aSort[i].ulPropTag = msp_reader_u32(&reader);
        order->aSort[i].ulOrder = msp_reader_u32(&reader);
    }
    if (FAILED(sortorder_check(order))) {
        msp_free(order);
        return S_OK;
    }
    *out = order;
    return S_OK;
}

static bool pack_order(const SSortOrderSet *order, struct msp_buf *out)
{
    msp_buf_append_u32(out, order->cCategories);
    msp_buf_append_u32(out, order->cExpanded);
    for (ULONG i = 0; i < order->cSorts; i++) {
        msp_buf_append_u32(out, order->aSort[i].ulPropTag);
        msp_buf_append_u32(out, order->aSort[i].ulOrder);
    }
    return !out->failed;
}

/* An order without keys takes the saved one away. */
static HRESULT save_for_folder(
        struct msp_call *call, struct eng *eng, uint64_t id, const struct msp_buf *order)
{
    struct msp_buf packed = MSP_BUF_INIT;
    struct eng_folder row;
    struct bag bag;
    HRESULT hr;
    bool ok;

    bag_init(&bag);
    hr = msp_from_engine(call, eng, eng_folder_get(eng, id, &row, NULL, &packed));
    if (SUCCEEDED(hr))
        hr = msp_from_bag(call, bag_load(&bag, packed.data, packed.size));
    if (FAILED(hr))
        goto out;
    if (order->size > HEAD_SIZE)
        ok = bag_set(&bag, FOLDER_SORT_TAG, 0, order->data, order->size);
    else
        ok = bag_remove(&bag, FOLDER_SORT_TAG);
    msp_buf_clear(&packed);
    if (!ok || !bag_pack(&bag, &packed))
        hr = msp_from_engine(call, NULL, ENG_NO_MEMORY);
    else
        hr = msp_from_engine(call, eng, eng_folder_set(eng, id, NULL, 0, packed.data, packed.size));
out:
    msp_buf_free(&packed);
    bag_done(&bag);
    return hr;
}

static bool add_child(void *context, const struct eng_folder *child, const char *name,
        size_t name_size, const void *packed, size_t packed_size)
{
    MSP_UNUSED(name);
    MSP_UNUSED(name_size);
    MSP_UNUSED(packed);
    MSP_UNUSED(packed_size);
    return msp_buf_append_u64(context, child->id);
}

/* The folder, and with RECURSIVE_SORT everything below it, in the open transaction. */
static HRESULT save_for_tree(
        struct msp_call *call, struct folder *folder, const struct msp_buf *order, bool recursive)
{
    struct eng *eng = folder->prop.logon->eng;
    struct msp_buf ids = MSP_BUF_INIT;
    HRESULT hr = S_OK;

    msp_buf_append_u64(&ids, folder->row.id);
    for (size_t at = 0; at < ids.size && SUCCEEDED(hr); at += sizeof(uint64_t)) {
        uint64_t id;

        memcpy(&id, ids.data + at, sizeof(id));
        hr = save_for_folder(call, eng, id, order);
        if (SUCCEEDED(hr) && recursive)
            hr = msp_from_engine(call, eng, eng_folder_children(eng, id, add_child, &ids));
    }
    if (SUCCEEDED(hr) && ids.failed)
        hr = msp_from_engine(call, NULL, ENG_NO_MEMORY);
    msp_buf_free(&ids);
    return hr;
}

static HRESULT save_contents_sort(
        struct msp_call *call, struct folder *folder, const SSortOrderSet *order, ULONG flags)
{
    struct eng *eng = folder->prop.logon->eng;
    struct msp_buf packed = MSP_BUF_INIT;
    HRESULT hr;

    hr = folder_for_change(call, folder);
    if (FAILED(hr))
        return hr;
    if (!pack_order(order, &packed))
        hr = msp_from_engine(call, NULL, ENG_NO_MEMORY);
    if (SUCCEEDED(hr))
        hr = msp_from_engine(call, eng, eng_begin(eng, true));
    if (SUCCEEDED(hr)) {
        hr = save_for_tree(call, folder, &packed, (flags & RECURSIVE_SORT) != 0);
        if (SUCCEEDED(hr))
            hr = msp_from_engine(call, eng, eng_commit(eng));
        else
            eng_rollback(eng);
    }
    folder->stamp = 0;
    msp_buf_free(&packed);
    return hr;
}

HRESULT STDMETHODCALLTYPE folder_SaveContentsSort(
        IMAPIFolder *iface, LPSSortOrderSet order, ULONG flags)
{
    struct folder *folder = folder_from_iface(iface);
    struct msp_call call;
    HRESULT hr;

    MSP_NEED_FLAGS(flags, RECURSIVE_SORT);
    hr = sortorder_check(order);
    if (FAILED(hr))
        return hr;

    hr = msp_call_begin(&call, &folder->prop.object);
    if (FAILED(hr))
        return hr;
    hr = save_contents_sort(&call, folder, order, flags);
    return msp_call_end(&call, hr);
}
