/* SPDX-License-Identifier: MIT */
/*
 * recipients.c - the recipient list of a message.
 *
 * Owns:  the entries, by counted references.
 * Locks: everything here runs under the domain lock.
 */
#include "com/recipients.h"

#include <assert.h>
#include <string.h>

#include "com/call.h"
#include "mapi/propval.h"
#include "util/alloc.h"
#include "util/buf.h"

enum {
    MODRECIP_ANY = MODRECIP_ADD | MODRECIP_MODIFY | MODRECIP_REMOVE,
    MAX_ENTRIES = 0x1000000, /* more is a mistake, not a request */
    MAX_VALUES = 0x10000     /* of one entry */
};

static struct recipient *recipient_new(uint32_t number, const void *packed, size_t packed_size)
{
    struct recipient *entry;

    if (packed_size > SIZE_MAX - sizeof(*entry))
        return NULL;
    entry = msp_alloc(sizeof(*entry) + packed_size);
    if (entry == NULL)
        return NULL;
    entry->refs = 1;
    entry->number = number;
    entry->packed_size = packed_size;
    if (packed_size > 0)
        memcpy(entry->packed, packed, packed_size);
    return entry;
}

static void recipient_release(struct recipient *entry)
{
    if (entry != NULL && --entry->refs == 0)
        msp_free(entry);
}

static struct recipient **items_of(const struct recipient_list *list)
{
    return MSP_ARRAY_ITEMS(struct recipient *, &list->items);
}

void recipients_init(struct recipient_list *list)
{
    msp_array_init(&list->items, sizeof(struct recipient *));
    list->next_number = 0;
}

void recipients_clear(struct recipient_list *list)
{
    for (size_t i = 0; i < list->items.count; i++)
        recipient_release(items_of(list)[i]);
    msp_array_truncate(&list->items, 0);
}

void recipients_done(struct recipient_list *list)
{
    if (list->items.items == NULL)
        return;
    recipients_clear(list);
    msp_array_free(&list->items);
}

bool recipients_copy(const struct recipient_list *list, struct recipient_list *out)
{
    assert(out->items.count == 0);
    if (!msp_array_reserve(&out->items, list->items.count))
        return false;
    for (size_t i = 0; i < list->items.count; i++) {
        struct recipient *entry = items_of(list)[i];

        entry->refs++;
        msp_array_push(&out->items, &entry); /* there is room */
    }
    out->next_number = list->next_number;
    return true;
}

bool recipients_clone(const struct recipient_list *list, struct recipient_list *out)
{
    assert(out->items.count == 0);
    if (!msp_array_reserve(&out->items, list->items.count))
        return false;
    for (size_t i = 0; i < list->items.count; i++) {
        const struct recipient *entry = items_of(list)[i];
        struct recipient *copy = recipient_new(entry->number, entry->packed, entry->packed_size);

        if (copy == NULL)
            return false;
        msp_array_push(&out->items, &copy); /* there is room */
    }
    out->next_number = list->next_number;
    return true;
}

static struct recipient **find_slot(const struct recipient_list *list, uint32_t number)
{
    for (size_t i = 0; i < list->items.count; i++) {
        if (items_of(list)[i]->number == number)
            return &items_of(list)[i];
    }
    return NULL;
}

const struct recipient *recipients_find(const struct recipient_list *list, uint32_t number)
{
    struct recipient **slot = find_slot(list, number);

    return slot != NULL ? *slot : NULL;
}

/* --- to and from the store -------------------------------------------------------------------- */

struct load {
    struct recipient_list *list;
    enum eng_status status;
};

static bool load_one(void *context, const struct eng_part *part)
{
    struct load *load = context;
    struct recipient *entry;

    if (!packed_check(part->packed, part->packed_size)) {
        load->status = ENG_CORRUPT;
        return false;
    }
    entry = recipient_new(part->number, part->packed, part->packed_size);
    if (entry == NULL || msp_array_push(&load->list->items, &entry) == NULL) {
        recipient_release(entry);
        load->status = ENG_NO_MEMORY;
        return false;
    }
    if (part->number >= load->list->next_number)
        load->list->next_number = part->number + 1;
    return true;
}

enum eng_status recipients_load(struct eng *eng, uint64_t message, struct recipient_list *list)
{
    struct load load = { list, ENG_OK };
    enum eng_status status;

    assert(list->items.count == 0);
    status = eng_recipients_get(eng, message, load_one, &load);
    if (status == ENG_OK)
        status = load.status;
    if (status != ENG_OK)
        recipients_clear(list);
    return status;
}

enum eng_status recipients_write(
        struct eng *eng, uint64_t message, const struct recipient_list *list)
{
    struct eng_part *parts = msp_calloc(list->items.count + 1, sizeof(*parts));
    enum eng_status status;

    if (parts == NULL)
        return ENG_NO_MEMORY;
    for (size_t i = 0; i < list->items.count; i++) {
        const struct recipient *entry = items_of(list)[i];

        parts[i].number = entry->number;
        parts[i].packed = entry->packed;
        parts[i].packed_size = entry->packed_size;
    }
    status = eng_recipients_put(eng, message, parts, list->items.count);
    msp_free(parts);
    return status;
}

/* --- ModifyRecipients ------------------------------------------------------------------------- */

/* Into the bag: everything but what belongs to the table row itself. */
static HRESULT take_value(const SPropValue *value, struct msp_buf *bytes, struct bag *bag)
{
    HRESULT hr;

    if (PROP_ID(value->ulPropTag) == PROP_ID(PR_ROWID) ||
            PROP_ID(value->ulPropTag) == PROP_ID(PR_INSTANCE_KEY))
        return S_OK;
    msp_buf_clear(bytes);
    hr = propval_encode(value, bytes);
    if (FAILED(hr))
        return hr;
    if (!bag_set(bag, propval_stored_tag(value->ulPropTag), 0, bytes->data, bytes->size))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    return S_OK;
}

/* PT_NULL is no value a recipient may have ("IMessage::ModifyRecipients"); PT_ERROR comes from rows
 * that were read. */
static HRESULT check_value(struct msp_call *call, const SPropValue *value)
{
    HRESULT hr;

    if (PROP_TYPE(value->ulPropTag) == PT_NULL)
        return msp_fail(call, MAPI_E_INVALID_PARAMETER, 0,
                "A recipient has a property without a value (0x%08X).", (unsigned)value->ulPropTag);
    hr = propval_is_storable(value->ulPropTag) ? propval_check(value) : MAPI_E_INVALID_PARAMETER;
    if (FAILED(hr))
        return msp_fail(call, hr, 0, "A recipient has a property with a broken value (0x%08X).",
                (unsigned)value->ulPropTag);
    return S_OK;
}

/* Packs the properties of one entry; the row number it names, when it has one, goes to *out_number.
 */
static HRESULT parse_entry(struct msp_call *call, const ADRENTRY *entry, struct msp_buf *out_packed,
        bool *out_has_number, uint32_t *out_number)
{
    struct msp_buf bytes = MSP_BUF_INIT;
    struct bag bag;
    HRESULT hr = S_OK;

    bag_init(&bag);
    *out_has_number = false;
    for (ULONG i = 0; i < entry->cValues && hr == S_OK; i++) {
        const SPropValue *value = &entry->rgPropVals[i];

        if (PROP_TYPE(value->ulPropTag) == PT_ERROR)
            continue;
        hr = check_value(call, value);
        if (hr != S_OK)
            break;
        if (value->ulPropTag == PR_ROWID) {
            *out_has_number = true;
            *out_number = (uint32_t)value->Value.l;
        }
        hr = take_value(value, &bytes, &bag);
    }
    msp_buf_clear(out_packed);
    if (hr == S_OK && !bag_pack(&bag, out_packed))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    bag_done(&bag);
    msp_buf_free(&bytes);
    return hr;
}

/* Reads all entries into `out`, which the caller frees in any case. Numbers: those named, or for
 * new rows the next free ones. */
static HRESULT parse_entries(struct msp_call *call, struct recipient_list *list, ULONG flags,
        const ADRLIST *mods, struct recipient_list *out)
{
    bool named = (flags & (MODRECIP_MODIFY | MODRECIP_REMOVE)) != 0;
    uint32_t next = list->next_number;
    struct msp_buf packed = MSP_BUF_INIT;
    HRESULT hr = S_OK;

    if (mods->cEntries > MAX_ENTRIES)
        return MAPI_E_INVALID_PARAMETER;
    for (ULONG i = 0; i < mods->cEntries; i++) {
        const ADRENTRY *entry = &mods->aEntries[i];
        struct recipient *made = NULL;
        bool has_number = false;
        uint32_t number = 0;

        if (entry->cValues == 0)
            continue; /* a NULL recipient */
        if (entry->rgPropVals == NULL || entry->cValues > MAX_VALUES ||
                !propval_is_aligned(entry->rgPropVals, sizeof(void *))) {
            hr = MAPI_E_INVALID_PARAMETER;
            break;
        }
        hr = parse_entry(call, entry, &packed, &has_number, &number);
        if (hr == S_OK && named && !has_number)
            hr = msp_fail(call, MAPI_E_INVALID_PARAMETER, 0,
                    "A recipient to change or remove has no PR_ROWID.");
        if (hr == S_OK && named && find_slot(list, number) == NULL)
            hr = msp_fail(call, MAPI_E_NOT_FOUND, 0, "The message has no recipient %u.",
                    (unsigned)number);
        if (hr == S_OK) {
            made = recipient_new(named ? number : next++, packed.data, packed.size);
            if (made == NULL || msp_array_push(&out->items, &made) == NULL) {
                recipient_release(made);
                hr = MAPI_E_NOT_ENOUGH_MEMORY;
            }
        }
        if (hr != S_OK)
            break;
    }
    out->next_number = next;
    msp_buf_free(&packed);
    return hr;
}

static void swap_lists(struct recipient_list *a, struct recipient_list *b)
{
    struct recipient_list kept = *a;

    *a = *b;
    *b = kept;
}

void recipients_replace(struct recipient_list *list, struct recipient_list *from)
{
    from->next_number = list->next_number;
    for (size_t i = 0; i < from->items.count; i++) {
        assert(items_of(from)[i]->refs == 1);
        items_of(from)[i]->number = from->next_number++;
    }
    swap_lists(list, from);
}

/* None of these can fail: what they need was reserved. */
static void apply(struct recipient_list *list, ULONG flags, struct recipient_list *parsed)
{
    for (size_t i = 0; i < parsed->items.count; i++) {
        struct recipient *entry = items_of(parsed)[i];
        struct recipient **slot;

        if ((flags & MODRECIP_ADD) != 0) {
            entry->refs++;
            msp_array_push(&list->items, &entry);
            continue;
        }
        slot = find_slot(list, entry->number);
        if (slot == NULL)
            continue; /* the same row was named twice */
        recipient_release(*slot);
        if ((flags & MODRECIP_MODIFY) != 0) {
            entry->refs++;
            *slot = entry;
        } else {
            msp_array_remove(&list->items, (size_t)(slot - items_of(list)), 1);
        }
    }
    list->next_number = parsed->next_number;
}

HRESULT recipients_modify(
        struct msp_call *call, struct recipient_list *list, ULONG flags, const ADRLIST *mods)
{
    struct recipient_list parsed;
    HRESULT hr;

    assert((flags & ~(ULONG)MODRECIP_ANY) == 0);
    recipients_init(&parsed);
    hr = parse_entries(call, list, flags, mods, &parsed);
    if (hr == S_OK && (flags & MODRECIP_ADD) != 0 &&
            !msp_array_reserve(&list->items, parsed.items.count))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (hr == S_OK) {
        if (flags == 0)
            swap_lists(list, &parsed);
        else
            apply(list, flags, &parsed);
    }
    recipients_done(&parsed);
    return hr;
}

/* --- one property for all --------------------------------------------------------------------- */

/* A new entry with the property added; NULL: no memory. */
static struct recipient *with_value(const struct recipient *entry, const struct bag_value *cell)
{
    struct msp_buf packed = MSP_BUF_INIT;
    struct recipient *made = NULL;
    struct bag bag;

    bag_init(&bag);
    if (bag_load(&bag, entry->packed, entry->packed_size) == BAG_OK &&
            bag_set(&bag, cell->tag, 0, cell->data, cell->size) && bag_pack(&bag, &packed))
        made = recipient_new(entry->number, packed.data, packed.size);
    bag_done(&bag);
    msp_buf_free(&packed);
    return made;
}

static bool has_value(const struct recipient *entry, const struct bag_value *cell, bool exactly)
{
    struct bag_value found;

    return packed_find(entry->packed, entry->packed_size, cell->tag, &found) &&
           (!exactly || (found.tag == cell->tag && found.size == cell->size &&
                                memcmp(found.data, cell->data, cell->size) == 0));
}

bool recipients_fill(
        struct recipient_list *list, const struct bag_value *cell, bool replace, bool *out_changed)
{
    struct recipient_list filled;
    bool ok;

    *out_changed = false;
    recipients_init(&filled);
    ok = recipients_copy(list, &filled);
    for (size_t i = 0; ok && i < filled.items.count; i++) {
        struct recipient **slot = &items_of(&filled)[i];
        struct recipient *made;

        if (has_value(*slot, cell, replace))
            continue;
        made = with_value(*slot, cell);
        ok = made != NULL;
        if (ok) {
            recipient_release(*slot);
            *slot = made;
            *out_changed = true;
        }
    }
    if (ok)
        swap_lists(list, &filled);
    recipients_done(&filled);
    return ok;
}

/* --- other ids -------------------------------------------------------------------------------- */

static bool has_any(const struct recipient *entry, const uint32_t *tags, size_t count)
{
    struct bag_value found;

    for (size_t i = 0; i < count; i++) {
        if (packed_find(entry->packed, entry->packed_size, tags[i], &found))
            return true;
    }
    return false;
}

bool recipients_rename(
        struct recipient_list *list, const uint32_t *from, const uint32_t *to, size_t count)
{
    struct msp_buf packed = MSP_BUF_INIT;
    bool ok = true;

    for (size_t i = 0; ok && i < list->items.count; i++) {
        struct recipient **slot = &items_of(list)[i];
        struct recipient *made = NULL;
        struct bag bag;

        assert((*slot)->refs == 1);
        if (!has_any(*slot, from, count))
            continue;
        bag_init(&bag);
        msp_buf_clear(&packed);
        if (bag_load(&bag, (*slot)->packed, (*slot)->packed_size) == BAG_OK &&
                bag_rename(&bag, from, to, count) && bag_pack(&bag, &packed))
            made = recipient_new((*slot)->number, packed.data, packed.size);
        bag_done(&bag);
        ok = made != NULL;
        if (ok) {
            recipient_release(*slot);
            *slot = made;
        }
    }
    msp_buf_free(&packed);
    return ok;
}

/* --- what the message says about them --------------------------------------------------------- */

static ULONG type_of(const struct recipient *entry)
{
    struct bag_value cell;

    if (!packed_find(entry->packed, entry->packed_size, PR_RECIPIENT_TYPE, &cell))
        return MAPI_TO;
    return cell_get_long(&cell, MAPI_TO) & ~(ULONG)MAPI_SUBMITTED;
}

bool recipients_names(const struct recipient_list *list, ULONG type, struct msp_buf *out)
{
    bool first = true;

    for (size_t i = 0; i < list->items.count; i++) {
        const struct recipient *entry = items_of(list)[i];
        struct bag_value cell;

        if (type_of(entry) != type ||
                !packed_find(entry->packed, entry->packed_size, PR_DISPLAY_NAME_W, &cell) ||
                cell.tag != PR_DISPLAY_NAME_W)
            continue;
        if (!first && !msp_buf_append(out, "; ", 2))
            return false;
        if (!msp_buf_append(out, cell.data, cell.size))
            return false;
        first = false;
    }
    return !out->failed;
}

uint64_t recipients_size(const struct recipient_list *list)
{
    uint64_t size = 0;

    for (size_t i = 0; i < list->items.count; i++)
        size += items_of(list)[i]->packed_size;
    return size;
}
