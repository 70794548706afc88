/* SPDX-License-Identifier: MIT */
/*
 * prop.c - IMAPIProp for every object: reading, listing, setting, deleting, opening properties.
 *
 * Owns:  nothing beyond one call.
 * Locks: the prop_CamelCase functions take the domain lock; everything else runs under it.
 */
#include "com/prop.h"

#include <string.h>

#include "com/logon.h"
#include "com/stream.h"
#include "util/alloc.h"

enum {
    MAX_TAGS = 0x10000, /* more tags than there are property ids is a mistake, not a request */
    CELLS_ON_STACK = 64
};

IMAPIProp *prop_iface(struct prop_object *prop)
{
    const struct msp_class *class = prop->object.class;

    /* every class has its interface first */
    return (IMAPIProp *)(void *)((char *)&prop->object - class->object_offset +
                                 class->ifaces[0].offset);
}

/* --- reading cells ---------------------------------------------------------------------------- */

const struct prop_rule *prop_rule_find(const struct prop_class *props, ULONG tag)
{
    size_t low = 0;
    size_t high = props->rule_count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (PROP_ID(props->rules[mid].tag) < PROP_ID(tag))
            low = mid + 1;
        else
            high = mid;
    }
    if (low < props->rule_count && PROP_ID(props->rules[low].tag) == PROP_ID(tag))
        return &props->rules[low];
    return NULL;
}

bool prop_rule_takes(const struct prop_rule *rule, ULONG tag)
{
    if (PROP_TYPE(rule->tag) != PT_UNSPECIFIED)
        return PROP_TYPE(tag) == PROP_TYPE(rule->tag);
    return PROP_TYPE(tag) == PT_UNICODE || PROP_TYPE(tag) == PT_BINARY;
}

HRESULT prop_cell(struct msp_call *call, struct prop_object *prop, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    const struct prop_rule *rule = prop_rule_find(prop->props, tag);

    if (rule != NULL && rule->get != NULL)
        return rule->get(call, prop, tag, scratch, out);
    return bag_get(&prop->bag, tag, out) ? S_OK : MAPI_E_NOT_FOUND;
}

HRESULT prop_put(struct msp_call *call, struct prop_object *prop, const struct bag_value *cell)
{
    if (bag_set(&prop->bag, cell->tag, cell->flags, cell->data, cell->size))
        return S_OK;
    return msp_from_engine(call, NULL, ENG_NO_MEMORY);
}

/* What becomes of one requested tag. */
struct decoded {
    struct bag_value cell;
    ULONG type; /* PT_ERROR: `error` says why; PT_NULL: the request was PR_NULL */
    SCODE error;
};

/* A cell that is there: its type as the tag wants it, or why it cannot be given out; adds what it
 * takes outside of SPropValue. */
static void resolve_cell(ULONG tag, bool unicode, struct decoded *out, size_t *size)
{
    size_t more;

    out->error = MAPI_E_NOT_FOUND;
    out->type = propval_resolve(tag, out->cell.tag, unicode);
    if (out->type == PT_ERROR)
        return;
    /* Multivalues have no stream, so they come whole whatever their size. */
    if ((out->cell.flags & BAG_LARGE) != 0 ||
            (out->cell.size > PROP_INLINE_MAX && (out->type & MV_FLAG) == 0)) {
        out->type = PT_ERROR;
        out->error = MAPI_E_NOT_ENOUGH_MEMORY; /* the client opens a stream instead */
        return;
    }
    more = propval_decode_size(&out->cell, out->type);
    if (more == SIZE_MAX) {
        out->type = PT_ERROR;
        out->error = MAPI_E_CORRUPT_DATA;
        return;
    }
    *size += more;
}

static HRESULT resolve_tag(ULONG tag, bool unicode, prop_cell_fn cell, void *context,
        struct prop_scratch *scratch, struct decoded *out, size_t *size)
{
    HRESULT hr;

    out->type = PT_ERROR;
    if (tag == PR_NULL) {
        out->type = PT_NULL;
        return S_OK;
    }
    hr = cell(context, tag, scratch, &out->cell);
    if (hr == MAPI_E_NOT_ENOUGH_MEMORY)
        return hr;
    out->error = hr;
    if (SUCCEEDED(hr))
        resolve_cell(tag, unicode, out, size);
    return S_OK;
}

static HRESULT decode_all(const struct mapi_alloc *alloc, const struct decoded *all,
        const ULONG *tags, size_t count, size_t size, LPSPropValue *out)
{
    size_t head = mapi_arena_round(count * sizeof(SPropValue));
    struct mapi_arena arena;
    HRESULT result = S_OK;
    HRESULT hr;
    void *block = NULL;
    SPropValue *values;

    hr = mapibuf_new(alloc, head + size, &block);
    if (FAILED(hr))
        return hr;
    values = block;
    arena.next = (uint8_t *)block + head;
    arena.left = size;
    for (size_t i = 0; i < count; i++) {
        if (all[i].type == PT_NULL) {
            values[i].ulPropTag = PR_NULL;
        } else if (all[i].type == PT_ERROR) {
            propval_error(tags[i], all[i].error, &values[i]);
            result = MAPI_W_ERRORS_RETURNED;
        } else {
            propval_decode(&all[i].cell, all[i].type, &arena, &values[i]);
        }
    }
    *out = values;
    return result;
}

HRESULT prop_decode_row(const struct mapi_alloc *alloc, const ULONG *tags, size_t tag_count,
        bool unicode, prop_cell_fn cell, void *context, LPSPropValue *out)
{
    struct decoded few[CELLS_ON_STACK];
    struct decoded *all = few;
    struct prop_scratch scratch;
    size_t size = 0;
    HRESULT hr = S_OK;

    *out = NULL;
    if (tag_count > CELLS_ON_STACK)
        all = msp_alloc_array(tag_count, sizeof(*all));
    if (all == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    prop_scratch_init(&scratch);
    for (size_t i = 0; i < tag_count && SUCCEEDED(hr); i++)
        hr = resolve_tag(tags[i], unicode, cell, context, &scratch, &all[i], &size);
    if (SUCCEEDED(hr))
        hr = decode_all(alloc, all, tags, tag_count, size, out);
    prop_scratch_done(&scratch);
    if (all != few)
        msp_free(all);
    return hr;
}

/* --- GetLastError, SaveChanges ------------------------------------------------------------------
 */

HRESULT prop_GetLastError(struct prop_object *prop, HRESULT hr, ULONG flags, LPMAPIERROR *out)
{
    struct mapi_alloc alloc;
    struct msp_call call;
    HRESULT result;

    MSP_CLEAR(out);
    MSP_NEED(out != NULL);

    result = msp_call_begin(&call, &prop->object);
    if (FAILED(result))
        return result;
    alloc = prop->logon->alloc;
    msp_domain_unlock(call.domain);
    return msp_last_error_get(&prop->object, hr, flags, &alloc, out);
}

HRESULT prop_SaveChanges(struct prop_object *prop, ULONG flags)
{
    struct msp_call call;
    HRESULT hr;

    /* NON_EMS_XP_SAVE and SPAMFILTER_ONSAVE are for other stores: taken and ignored. */
    MSP_NEED_FLAGS(flags, KEEP_OPEN_READONLY | KEEP_OPEN_READWRITE | FORCE_SAVE |
                                  MAPI_DEFERRED_ERRORS | NON_EMS_XP_SAVE | SPAMFILTER_ONSAVE);

    hr = msp_call_begin(&call, &prop->object);
    if (FAILED(hr))
        return hr;
    if (prop->props->save != NULL)
        hr = prop->props->save(&call, prop, flags);
    return msp_call_end(&call, hr);
}

/* --- GetProps, GetPropList ----------------------------------------------------------------------
 */

struct object_reader {
    struct msp_call *call;
    struct prop_object *prop;
};

static HRESULT object_cell(
        void *context, ULONG tag, struct prop_scratch *scratch, struct bag_value *out)
{
    const struct object_reader *reader = context;

    return prop_cell(reader->call, reader->prop, tag, scratch, out);
}

static ULONG listed_tag(ULONG tag, bool unicode)
{
    if (unicode)
        return tag;
    if (PROP_TYPE(tag) == PT_UNICODE)
        return PROP_TAG(PT_STRING8, PROP_ID(tag));
    if (PROP_TYPE(tag) == PT_MV_UNICODE)
        return PROP_TAG(PT_MV_STRING8, PROP_ID(tag));
    return tag;
}

/* A rule whose value the bag does not have as it is. */
static HRESULT list_rule(const struct prop_lister *lister, const struct prop_rule *rule)
{
    struct prop_object *prop = lister->prop;
    struct bag_value cell;
    bool ok = true;
    HRESULT hr = S_OK;

    if ((rule->access & (PROP_HIDDEN | PROP_MADE)) != 0 ||
            ((rule->access & PROP_OBJECT) != 0 && !lister->objects))
        return S_OK;
    if ((rule->access & PROP_OBJECT) != 0 && rule->get == NULL) {
        ok = lister->fn(lister->context, rule->tag, NULL);
    } else {
        hr = rule->get != NULL ? rule->get(lister->call, prop, rule->tag, lister->scratch, &cell)
                               : MAPI_E_NOT_FOUND;
        if (rule->get == NULL && bag_get(&prop->bag, rule->tag, &cell))
            hr = S_OK;
        if (hr == S_OK)
            ok = lister->fn(lister->context, rule->tag, &cell);
    }
    return ok && hr != MAPI_E_NOT_ENOUGH_MEMORY ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

/* Is what the bag has the property as it is? */
static bool is_plain(const struct prop_rule *rule)
{
    return (rule->get == NULL && rule->access == PROP_WRITE) || (rule->access & PROP_MADE) != 0;
}

HRESULT prop_list(const struct prop_lister *lister)
{
    const struct prop_class *props = lister->prop->props;
    const struct bag *bag = &lister->prop->bag;
    struct bag_iter iter = { 0 };
    struct bag_value value;
    size_t at = 0;
    bool more = bag_next(bag, &iter, &value);
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && (more || at < props->rule_count)) {
        const struct prop_rule *rule = at < props->rule_count ? &props->rules[at] : NULL;
        bool stored = more && (rule == NULL || PROP_ID(value.tag) <= PROP_ID(rule->tag));
        bool ruled = rule != NULL && (!stored || PROP_ID(value.tag) == PROP_ID(rule->tag));

        if (ruled && !(stored && is_plain(rule)))
            hr = list_rule(lister, rule);
        else if ((lister->objects || PROP_TYPE(value.tag) != PT_OBJECT) &&
                 !lister->fn(lister->context, value.tag, &value))
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
        if (ruled)
            at++;
        if (stored)
            more = bag_next(bag, &iter, &value);
    }
    return FAILED(hr) ? msp_from_engine(lister->call, NULL, ENG_NO_MEMORY) : hr;
}

static HRESULT refresh(struct msp_call *call, struct prop_object *prop)
{
    return prop->props->refresh != NULL ? prop->props->refresh(call, prop) : S_OK;
}

/* Every value that an object has, looked up while they are listed. */
struct all_values {
    bool unicode;
    ULONG *tags;
    struct decoded *items;
    size_t count, room;
    size_t size; /* outside of the SPropValues */
};

static bool add_value_of(void *context, ULONG tag, const struct bag_value *cell)
{
    struct all_values *all = context;
    struct decoded *item;

    if (all->count == all->room) /* more than was counted: only a getter's fault could do that */
        return false;
    item = &all->items[all->count];
    item->type = PT_ERROR;
    item->error = MAPI_E_NOT_FOUND;
    all->tags[all->count++] = listed_tag(tag, all->unicode);
    if (cell != NULL) {
        item->cell = *cell;
        resolve_cell(all->tags[all->count - 1], all->unicode, item, &all->size);
    }
    return true;
}

/* GetProps without tags. */
static HRESULT get_all_props(struct msp_call *call, struct prop_object *prop, bool unicode,
        ULONG *out_count, LPSPropValue *out)
{
    struct prop_scratch scratch;
    struct all_values all = { .unicode = unicode };
    const struct prop_lister lister = { call, prop, false, add_value_of, &all, &scratch };
    HRESULT hr = MAPI_E_NOT_ENOUGH_MEMORY;

    prop_scratch_init(&scratch);
    all.room = bag_count(&prop->bag) + prop->props->rule_count;
    all.items = msp_alloc_array(all.room, sizeof(*all.items) + sizeof(*all.tags));
    if (all.items != NULL) {
        all.tags = (ULONG *)(void *)(all.items + all.room);
        hr = prop_list(&lister);
    }
    if (SUCCEEDED(hr) && all.count > 0)
        hr = decode_all(&prop->logon->alloc, all.items, all.tags, all.count, all.size, out);
    if (SUCCEEDED(hr))
        *out_count = (ULONG)all.count;
    prop_scratch_done(&scratch);
    msp_free(all.items);
    return hr;
}

static HRESULT get_props(struct msp_call *call, struct prop_object *prop, const ULONG *tags,
        size_t tag_count, bool unicode, ULONG *out_count, LPSPropValue *out)
{
    struct object_reader reader = { call, prop };
    HRESULT hr;

    hr = refresh(call, prop);
    if (FAILED(hr))
        return hr;
    if (tags == NULL)
        return get_all_props(call, prop, unicode, out_count, out);
    hr = prop_decode_row(&prop->logon->alloc, tags, tag_count, unicode, object_cell, &reader, out);
    if (SUCCEEDED(hr))
        *out_count = (ULONG)tag_count;
    return hr;
}

HRESULT prop_GetProps(struct prop_object *prop, LPSPropTagArray tags, ULONG flags, ULONG *out_count,
        LPSPropValue *out)
{
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_count);
    MSP_CLEAR(out);
    MSP_NEED(out_count != NULL && out != NULL);
    MSP_NEED(propval_is_aligned(tags, sizeof(ULONG)));
    MSP_NEED(tags == NULL || (tags->cValues > 0 && tags->cValues <= MAX_TAGS));
    MSP_NEED_FLAGS(flags, MAPI_UNICODE);

    hr = msp_call_begin(&call, &prop->object);
    if (FAILED(hr))
        return hr;
    hr = get_props(&call, prop, tags != NULL ? tags->aulPropTag : NULL,
            tags != NULL ? tags->cValues : 0, (flags & MAPI_UNICODE) != 0, out_count, out);
    return msp_call_end(&call, hr);
}

struct tag_list {
    bool unicode;
    struct msp_buf tags; /* ULONG */
};

static bool add_tag(void *context, ULONG tag, const struct bag_value *cell)
{
    struct tag_list *list = context;

    MSP_UNUSED(cell);
    return msp_buf_append_u32(&list->tags, listed_tag(tag, list->unicode));
}

static HRESULT get_prop_list(
        struct msp_call *call, struct prop_object *prop, bool unicode, LPSPropTagArray *out)
{
    struct prop_scratch scratch;
    struct tag_list list = { unicode, MSP_BUF_INIT };
    const struct prop_lister lister = { call, prop, true, add_tag, &list, &scratch };
    void *block = NULL;
    HRESULT hr;

    prop_scratch_init(&scratch);
    hr = refresh(call, prop);
    if (SUCCEEDED(hr))
        hr = prop_list(&lister);
    if (SUCCEEDED(hr))
        hr = mapibuf_new(&prop->logon->alloc, sizeof(SPropTagArray) + list.tags.size, &block);
    if (SUCCEEDED(hr)) {
        SPropTagArray *array = block;

        array->cValues = (ULONG)(list.tags.size / sizeof(ULONG));
        if (list.tags.size > 0)
            memcpy(array->aulPropTag, list.tags.data, list.tags.size);
        *out = array;
    }
    prop_scratch_done(&scratch);
    msp_buf_free(&list.tags);
    return hr;
}

HRESULT prop_GetPropList(struct prop_object *prop, ULONG flags, LPSPropTagArray *out)
{
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out);
    MSP_NEED(out != NULL);
    MSP_NEED_FLAGS(flags, MAPI_UNICODE);

    hr = msp_call_begin(&call, &prop->object);
    if (FAILED(hr))
        return hr;
    hr = get_prop_list(&call, prop, (flags & MAPI_UNICODE) != 0, out);
    return msp_call_end(&call, hr);
}

/* --- SetProps, DeleteProps ----------------------------------------------------------------------
 */

/* What a call could not do, kept until it is known that the rest is done. */
struct problems {
    struct msp_buf entries; /* SPropProblem */
};

static bool add_problem(struct problems *problems, ULONG index, ULONG tag, SCODE scode)
{
    SPropProblem problem = { 0 };

    problem.ulIndex = index;
    problem.ulPropTag = tag;
    problem.scode = scode;
    return msp_buf_append(&problems->entries, &problem, sizeof(problem));
}

static HRESULT make_problem_array(
        const struct mapi_alloc *alloc, const struct problems *problems, LPSPropProblemArray *out)
{
    size_t size = problems->entries.size;
    void *block = NULL;
    HRESULT hr;

    if (size == 0 || out == NULL)
        return S_OK;
    hr = mapibuf_new(alloc, sizeof(SPropProblemArray) + size, &block);
    if (FAILED(hr))
        return hr;
    *out = block;
    (*out)->cProblem = (ULONG)(size / sizeof(SPropProblem));
    memcpy((*out)->aProblem, problems->entries.data, size);
    return S_OK;
}

HRESULT prop_judge(
        struct msp_call *call, struct prop_object *prop, ULONG tag, const struct bag_value *cell)
{
    const struct prop_rule *rule = prop_rule_find(prop->props, tag);

    if (!propval_is_storable(tag))
        return MAPI_E_INVALID_PARAMETER;
    if (rule == NULL)
        return S_OK;
    if ((rule->access & PROP_WRITE) == 0)
        return MAPI_E_COMPUTED;
    if (cell != NULL && !prop_rule_takes(rule, cell->tag))
        return MAPI_E_UNEXPECTED_TYPE;
    return rule->set != NULL ? rule->set(call, prop, tag, cell) : S_OK;
}

static HRESULT add_value(struct msp_call *call, struct prop_object *prop, ULONG index,
        const SPropValue *value, struct bag *delta, struct problems *problems)
{
    struct msp_buf bytes = MSP_BUF_INIT;
    struct bag_value cell = { 0 };
    HRESULT hr;

    hr = propval_check(value);
    if (hr == MAPI_E_INVALID_PARAMETER)
        return msp_fail(call, hr, 0, "Value %lu of the list is not a whole property value.",
                (unsigned long)index);
    if (SUCCEEDED(hr) && propval_is_skipped(value))
        return S_OK;
    if (SUCCEEDED(hr)) {
        hr = propval_encode(value, &bytes);
        if (FAILED(hr))
            goto out;
        cell_bytes(propval_stored_tag(value->ulPropTag), bytes.data, bytes.size, &cell);
        hr = prop_judge(call, prop, value->ulPropTag, &cell);
        if (hr == MAPI_E_INVALID_PARAMETER)
            goto out;
    }
    if (hr == S_OK)
        hr = bag_set(delta, cell.tag, 0, cell.data, cell.size) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    else if (FAILED(hr))
        hr = add_problem(problems, index, value->ulPropTag, hr) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
out:
    msp_buf_free(&bytes);
    return FAILED(hr) ? hr : S_OK;
}

static HRESULT check_writable(struct msp_call *call, const struct prop_object *prop)
{
    if (prop->can_write)
        return S_OK;
    return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The item is open for reading only.");
}

/* The bag has changed: folders and the store make it so at once. */
static HRESULT commit(struct msp_call *call, struct prop_object *prop)
{
    return prop->props->commit != NULL ? prop->props->commit(call, prop) : S_OK;
}

static HRESULT set_props(struct msp_call *call, struct prop_object *prop, ULONG count,
        const SPropValue *values, LPSPropProblemArray *out_problems)
{
    struct problems problems = { MSP_BUF_INIT };
    LPSPropProblemArray array = NULL;
    struct bag delta;
    HRESULT hr;

    bag_init(&delta);
    hr = check_writable(call, prop);
    if (SUCCEEDED(hr))
        hr = refresh(call, prop);
    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++)
        hr = add_value(call, prop, i, &values[i], &delta, &problems);
    if (SUCCEEDED(hr))
        hr = make_problem_array(
                &prop->logon->alloc, &problems, out_problems != NULL ? &array : NULL);
    if (SUCCEEDED(hr) && bag_count(&delta) > 0) {
        hr = bag_merge(&prop->bag, &delta) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
        if (SUCCEEDED(hr))
            hr = commit(call, prop);
    }
    if (FAILED(hr))
        mapibuf_free(&prop->logon->alloc, array);
    else if (out_problems != NULL)
        *out_problems = array;
    msp_buf_free(&problems.entries);
    bag_done(&delta);
    return hr;
}

HRESULT prop_SetProps(struct prop_object *prop, ULONG count, LPSPropValue values,
        LPSPropProblemArray *out_problems)
{
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_problems);
    MSP_NEED(count > 0 && count <= MAX_TAGS && values != NULL);
    MSP_NEED(propval_is_aligned(values, sizeof(void *)));

    hr = msp_call_begin(&call, &prop->object);
    if (FAILED(hr))
        return hr;
    hr = set_props(&call, prop, count, values, out_problems);
    return msp_call_end(&call, hr);
}

/* Objects (recipients, attachments) go through their own hook, the rest is collected for removal.
 */
static HRESULT delete_tag(struct msp_call *call, struct prop_object *prop, ULONG index, ULONG tag,
        struct msp_buf *ids, struct problems *problems)
{
    const struct prop_rule *rule = prop_rule_find(prop->props, tag);
    HRESULT hr;

    if (PROP_ID(tag) == PROP_ID(PR_NULL)) /* whatever its type: types do not matter here */
        return S_OK;
    if (rule != NULL && (rule->access & PROP_OBJECT) != 0) {
        hr = MAPI_E_COMPUTED;
        if (prop->props->remove_object != NULL)
            hr = prop->props->remove_object(call, prop, rule->tag);
    } else {
        hr = prop_judge(call, prop, tag, NULL);
    }
    if (hr == MAPI_E_NOT_ENOUGH_MEMORY)
        return hr;
    if (hr == S_OK)
        return msp_buf_append_u32(ids, tag) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    if (SUCCEEDED(hr))
        return S_OK;
    return add_problem(problems, index, tag, hr) ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT delete_props(struct msp_call *call, struct prop_object *prop,
        const SPropTagArray *tags, LPSPropProblemArray *out_problems)
{
    struct problems problems = { MSP_BUF_INIT };
    struct msp_buf ids = MSP_BUF_INIT;
    LPSPropProblemArray array = NULL;
    HRESULT hr;

    hr = check_writable(call, prop);
    if (SUCCEEDED(hr))
        hr = refresh(call, prop);
    for (ULONG i = 0; i < tags->cValues && SUCCEEDED(hr); i++)
        hr = delete_tag(call, prop, i, tags->aulPropTag[i], &ids, &problems);
    if (SUCCEEDED(hr) && !bag_reserve(&prop->bag, ids.size / sizeof(ULONG)))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (SUCCEEDED(hr))
        hr = make_problem_array(
                &prop->logon->alloc, &problems, out_problems != NULL ? &array : NULL);
    if (SUCCEEDED(hr) && ids.size > 0) {
        const ULONG *list = (const ULONG *)(const void *)ids.data;

        for (size_t i = 0; i < ids.size / sizeof(ULONG); i++)
            (void)bag_remove(&prop->bag, list[i]); /* there is room */
        hr = commit(call, prop);
    }
    if (FAILED(hr))
        mapibuf_free(&prop->logon->alloc, array);
    else if (out_problems != NULL)
        *out_problems = array;
    msp_buf_free(&problems.entries);
    msp_buf_free(&ids);
    return hr;
}

HRESULT prop_DeleteProps(
        struct prop_object *prop, LPSPropTagArray tags, LPSPropProblemArray *out_problems)
{
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out_problems);
    MSP_NEED(tags != NULL && propval_is_aligned(tags, sizeof(ULONG)));
    MSP_NEED(tags->cValues > 0 && tags->cValues <= MAX_TAGS);

    hr = msp_call_begin(&call, &prop->object);
    if (FAILED(hr))
        return hr;
    hr = delete_props(&call, prop, tags, out_problems);
    return msp_call_end(&call, hr);
}

/* --- OpenProperty -------------------------------------------------------------------------------
 */

static bool is_stream_iid(LPCIID iid)
{
    return IsEqualGUID(iid, &IID_IStream) || IsEqualGUID(iid, &IID_ISequentialStream);
}

static bool is_stream_type(ULONG type)
{
    return type == PT_BINARY || type == PT_UNICODE || type == PT_STRING8;
}

static HRESULT open_property(struct msp_call *call, struct prop_object *prop, ULONG tag, LPCIID iid,
        ULONG options, ULONG flags, LPUNKNOWN *out)
{
    const struct prop_rule *rule = prop_rule_find(prop->props, tag);
    bool modify = (flags & MAPI_MODIFY) != 0;
    HRESULT hr;

    if (modify) {
        hr = check_writable(call, prop);
        if (FAILED(hr))
            return hr;
    }
    hr = refresh(call, prop);
    if (FAILED(hr))
        return hr;
    if (PROP_TYPE(tag) == PT_OBJECT ||
            (rule != NULL && (rule->access & PROP_OBJECT) != 0 && !is_stream_iid(iid))) {
        if (prop->props->open == NULL)
            return MAPI_E_INTERFACE_NOT_SUPPORTED;
        return prop->props->open(call, prop, tag, iid, options, flags, out);
    }
    if (!is_stream_iid(iid) || !is_stream_type(PROP_TYPE(tag)))
        return msp_fail(call, MAPI_E_INTERFACE_NOT_SUPPORTED, 0,
                "This property cannot be opened with that interface.");
    if (modify && rule != NULL && (rule->access & PROP_WRITE) == 0)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The property is computed by the store.");
    return stream_open(call, prop, tag, options, flags, out);
}

HRESULT prop_OpenProperty(
        struct prop_object *prop, ULONG tag, LPCIID iid, ULONG options, ULONG flags, LPUNKNOWN *out)
{
    struct msp_call call;
    HRESULT hr;

    MSP_CLEAR(out);
    MSP_NEED(out != NULL && iid != NULL && PROP_TYPE(tag) != PT_UNSPECIFIED);
    MSP_NEED_FLAGS(flags, MAPI_CREATE | MAPI_MODIFY | STREAM_APPEND | MAPI_DEFERRED_ERRORS);
    if ((flags & MAPI_CREATE) != 0)
        flags |= MAPI_MODIFY;

    hr = msp_call_begin(&call, &prop->object);
    if (FAILED(hr))
        return hr;
    hr = open_property(&call, prop, tag, iid, options, flags, out);
    return msp_call_end(&call, hr);
}
