/* SPDX-License-Identifier: MIT */
/*
 * doc.c - documents: made, shared, freed; and the attachment lists that hold them.
 *
 * Owns:  documents by counted references; lists own their items.
 * Locks: everything here runs under the domain lock.
 */
#include "com/doc.h"

#include <assert.h>
#include <string.h>

#include "mapi/propval.h"
#include "platform/sdk/mapi_sdk.h"
#include "util/alloc.h"
#include "util/buf.h"

uint64_t doc_packed_size(const void *packed, size_t packed_size)
{
    size_t count = packed_count(packed, packed_size);
    uint64_t size = packed_size;

    for (size_t i = 0; i < count; i++) {
        struct bag_value value;
        struct bag_large large;

        packed_at(packed, packed_size, i, &value);
        if (bag_large_get(&value, &large))
            size += large.size;
    }
    return size;
}

static void props_done(struct doc_props *props)
{
    msp_free(props->packed);
    msp_free(props->moved);
}

/* --- attachments ------------------------------------------------------------------------------ */

struct attach_doc *attach_doc_new(const void *packed, size_t packed_size)
{
    struct attach_doc *doc = msp_calloc(1, sizeof(*doc));

    if (doc == NULL)
        return NULL;
    doc->refs = 1;
    if (packed_size > 0) {
        doc->props.packed = msp_memdup(packed, packed_size);
        if (doc->props.packed == NULL) {
            msp_free(doc);
            return NULL;
        }
        doc->props.packed_size = packed_size;
    }
    return doc;
}

struct attach_doc *attach_doc_ref(struct attach_doc *doc)
{
    if (doc != NULL)
        doc->refs++;
    return doc;
}

/* Recursion with msg_doc_release() and attach_list_done(), as deep as messages are nested:
 * DOC_MAX_DEPTH. */
void attach_doc_release(struct attach_doc *doc)
{
    if (doc == NULL || --doc->refs > 0)
        return;
    msg_doc_release(doc->inner);
    props_done(&doc->props);
    msp_free(doc);
}

/* --- messages --------------------------------------------------------------------------------- */

struct msg_doc *msg_doc_new(const struct bag *bag)
{
    struct msp_buf packed = MSP_BUF_INIT;
    struct msg_doc *doc = msp_calloc(1, sizeof(*doc));

    if (doc == NULL)
        return NULL;
    if (!bag_pack(bag, &packed)) {
        msp_buf_free(&packed);
        msp_free(doc);
        return NULL;
    }
    doc->refs = 1;
    doc->props.packed = msp_buf_steal(&packed, &doc->props.packed_size);
    recipients_init(&doc->recipients);
    attach_list_init(&doc->attachments);
    return doc;
}

struct msg_doc *msg_doc_ref(struct msg_doc *doc)
{
    if (doc != NULL)
        doc->refs++;
    return doc;
}

void msg_doc_release(struct msg_doc *doc)
{
    if (doc == NULL || --doc->refs > 0)
        return;
    recipients_done(&doc->recipients);
    attach_list_done(&doc->attachments);
    props_done(&doc->props);
    msp_free(doc);
}

/* --- attachment lists ------------------------------------------------------------------------- */

static struct attach_item *items_of(const struct attach_list *list)
{
    return MSP_ARRAY_ITEMS(struct attach_item, &list->items);
}

void attach_list_init(struct attach_list *list)
{
    msp_array_init(&list->items, sizeof(struct attach_item));
    list->next_number = 0;
}

static void clear_list(struct attach_list *list)
{
    for (size_t i = 0; i < list->items.count; i++)
        attach_doc_release(items_of(list)[i].doc);
    msp_array_truncate(&list->items, 0);
    list->next_number = 0;
}

void attach_list_done(struct attach_list *list)
{
    if (list->items.items == NULL)
        return;
    clear_list(list);
    msp_array_free(&list->items);
}

bool attach_list_copy(const struct attach_list *list, struct attach_list *out)
{
    assert(out->items.count == 0);
    if (!msp_array_reserve(&out->items, list->items.count))
        return false;
    for (size_t i = 0; i < list->items.count; i++) {
        attach_doc_ref(items_of(list)[i].doc);
        msp_array_push(&out->items, &items_of(list)[i]); /* there is room */
    }
    out->next_number = list->next_number;
    return true;
}

/* Where a number is, or where it belongs. */
static size_t position_of(const struct attach_list *list, uint32_t number)
{
    size_t low = 0;
    size_t high = list->items.count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (items_of(list)[mid].number < number)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

struct attach_item *attach_list_find(const struct attach_list *list, uint32_t number)
{
    size_t at = position_of(list, number);

    if (at < list->items.count && items_of(list)[at].number == number)
        return &items_of(list)[at];
    return NULL;
}

bool attach_list_put(struct attach_list *list, uint32_t number, struct attach_doc *doc)
{
    struct attach_item *found = attach_list_find(list, number);
    struct attach_item item = { number, doc };

    if (found != NULL) {
        attach_doc_release(found->doc);
        found->doc = doc;
    } else if (msp_array_insert(&list->items, position_of(list, number), &item) == NULL) {
        return false;
    }
    if (number >= list->next_number)
        list->next_number = number + 1;
    return true;
}

bool attach_list_adopt(struct attach_list *list, const struct attach_list *now)
{
    for (size_t i = list->items.count; i > 0; i--) {
        struct attach_item *item = &items_of(list)[i - 1];

        if (item->doc == NULL || !item->doc->stored)
            continue;
        attach_doc_release(item->doc);
        msp_array_remove(&list->items, i - 1, 1);
    }
    for (size_t i = 0; i < now->items.count; i++) {
        const struct attach_item *item = &items_of(now)[i];

        if (attach_list_find(list, item->number) != NULL)
            continue;
        if (!attach_list_put(list, item->number, attach_doc_ref(item->doc))) {
            attach_doc_release(item->doc);
            return false;
        }
    }
    return true;
}

size_t attach_list_count(const struct attach_list *list, uint64_t *out_size)
{
    size_t count = 0;
    uint64_t size = 0;

    for (size_t i = 0; i < list->items.count; i++) {
        if (items_of(list)[i].doc == NULL)
            continue;
        count++;
        size += items_of(list)[i].doc->size;
    }
    *out_size = size;
    return count;
}

struct load {
    struct attach_list *list;
    enum eng_status status;
};

static bool load_one(void *context, const struct eng_part *part)
{
    struct load *load = context;
    struct bag_value cell;
    struct attach_doc *doc;

    if (!packed_check(part->packed, part->packed_size)) {
        load->status = ENG_CORRUPT;
        return false;
    }
    doc = attach_doc_new(part->packed, part->packed_size);
    if (doc == NULL) {
        load->status = ENG_NO_MEMORY;
        return false;
    }
    doc->stored = true;
    doc->number = part->number;
    doc->embedded = part->embedded;
    doc->size = doc_packed_size(part->packed, part->packed_size);
    if (packed_find(part->packed, part->packed_size, PR_ATTACH_SIZE, &cell) &&
            cell_get_long(&cell, 0) > doc->size)
        doc->size = cell_get_long(&cell, 0); /* with its embedded message */
    if (!attach_list_put(load->list, part->number, doc)) {
        attach_doc_release(doc);
        load->status = ENG_NO_MEMORY;
        return false;
    }
    return true;
}

enum eng_status attach_list_load(struct eng *eng, uint64_t message, struct attach_list *list)
{
    struct load load = { list, ENG_OK };
    enum eng_status status;

    assert(list->items.count == 0);
    status = eng_attachments_get(eng, message, load_one, &load);
    if (status == ENG_OK)
        status = load.status;
    if (status != ENG_OK)
        clear_list(list);
    return status;
}
