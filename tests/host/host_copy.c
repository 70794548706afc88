/* SPDX-License-Identifier: MIT */
/*
 * host_copy.c - what MAPI's DoCopyTo and DoCopyProps do: one object's properties and subobjects go
 * to another, each side known by its interface alone.
 */
#include "host_copy.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 32 * 1024, ROWS_AT_ONCE = 50, FIRST_NAMED_ID = 0x8000, NO_ID = 0xFFFF };

/* One call; `problems` grows, and an object below the first keeps its own to itself. */
struct copying {
    const struct host_copy *how;
    SPropProblem *problems;
    ULONG problem_count;
};

struct item {
    ULONG tag;
    ULONG target; /* 0: left out */
    ULONG index;
};

static void release(void *object)
{
    if (object)
        ((IUnknown *)object)->lpVtbl->Release(object);
}

static void free_buffer(const struct copying *copying, void *buffer)
{
    if (buffer)
        copying->how->trio->release(buffer);
}

static HRESULT add_problem(struct copying *copying, const struct item *item, HRESULT hr)
{
    size_t size = (copying->problem_count + 1) * sizeof(SPropProblem);
    SPropProblem *more = realloc(copying->problems, size);

    if (!more)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    copying->problems = more;
    more[copying->problem_count++] = (SPropProblem){ item->index, item->tag, hr };
    return S_OK;
}

static bool lists(const SPropTagArray *tags, ULONG tag)
{
    for (ULONG i = 0; tags && i < tags->cValues; i++) {
        if (PROP_ID(tags->aulPropTag[i]) == PROP_ID(tag))
            return true;
    }
    return false;
}

static bool is_named(ULONG tag)
{
    return PROP_ID(tag) >= FIRST_NAMED_ID && PROP_ID(tag) < NO_ID;
}

/* ---- Names ---- */

/* The destination's tag for one name of the source; 0: there is none. */
static ULONG map_tag(const struct copying *copying, IMAPIProp *source, IMAPIProp *target, ULONG tag)
{
    SPropTagArray one = { 1, { tag } };
    LPSPropTagArray asked = &one;
    LPSPropTagArray found = NULL;
    LPMAPINAMEID *names = NULL;
    ULONG count = 0;
    ULONG mapped = 0;

    if (!is_named(tag))
        return tag;
    if (SUCCEEDED(source->lpVtbl->GetNamesFromIDs(source, &asked, NULL, 0, &count, &names)) &&
            count == 1 && names[0] &&
            target->lpVtbl->GetIDsFromNames(target, 1, names, MAPI_CREATE, &found) == S_OK)
        mapped = PROP_TAG(PROP_TYPE(tag), PROP_ID(found->aulPropTag[0]));
    free_buffer(copying, found);
    free_buffer(copying, names);
    return mapped;
}

/* ---- Values ---- */

static HRESULT pump(IStream *from, IStream *to)
{
    unsigned char *block = malloc(BLOCK);
    ULONG got = 1;
    HRESULT hr = block ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    while (SUCCEEDED(hr) && got > 0) {
        got = 0;
        hr = from->lpVtbl->Read(from, block, BLOCK, &got);
        if (SUCCEEDED(hr) && got > 0)
            hr = to->lpVtbl->Write(to, block, got, NULL);
    }
    if (SUCCEEDED(hr))
        hr = to->lpVtbl->Commit(to, STGC_DEFAULT);
    if (FAILED(hr)) /* half a value is none */
        (void)to->lpVtbl->Revert(to);
    free(block);
    return hr;
}

static HRESULT copy_stream(IMAPIProp *source, IMAPIProp *target, const struct item *item)
{
    LPUNKNOWN from = NULL;
    LPUNKNOWN to = NULL;
    HRESULT hr = source->lpVtbl->OpenProperty(source, item->tag, &IID_IStream, 0, 0, &from);

    if (SUCCEEDED(hr))
        hr = target->lpVtbl->OpenProperty(
                target, item->target, &IID_IStream, 0, MAPI_CREATE | MAPI_MODIFY, &to);
    if (SUCCEEDED(hr))
        hr = pump((IStream *)(void *)from, (IStream *)(void *)to);
    release(from);
    release(to);
    return hr;
}

/* One property after the other: what one side refuses does not keep the others away. */
static HRESULT copy_value(
        struct copying *copying, IMAPIProp *source, IMAPIProp *target, const struct item *item)
{
    SPropTagArray one = { 1, { item->tag } };
    LPSPropProblemArray problems = NULL;
    SPropValue *value = NULL;
    ULONG count = 0;
    HRESULT hr = source->lpVtbl->GetProps(source, &one, MAPI_UNICODE, &count, &value);

    if (SUCCEEDED(hr) && PROP_TYPE(value->ulPropTag) == PT_ERROR)
        hr = value->Value.err == MAPI_E_NOT_ENOUGH_MEMORY ? copy_stream(source, target, item)
                                                          : value->Value.err;
    else if (SUCCEEDED(hr)) {
        value->ulPropTag = PROP_TAG(PROP_TYPE(value->ulPropTag), PROP_ID(item->target));
        hr = target->lpVtbl->SetProps(target, 1, value, &problems);
        if (SUCCEEDED(hr) && problems && problems->cProblem > 0)
            hr = problems->aProblem[0].scode;
        free_buffer(copying, problems);
    }
    free_buffer(copying, value);
    if (hr == MAPI_E_INVALID_OBJECT || hr == MAPI_E_NO_ACCESS)
        return hr; /* so would every other */
    return FAILED(hr) ? add_problem(copying, item, hr) : S_OK;
}

/* ---- Recipients ---- */

static HRESULT add_row(
        const struct copying *copying, IMessage *source, IMessage *target, SRow *row, ULONG flags)
{
    SizedADRLIST(1, list) = { 1, { { 0, 0, row->lpProps } } };

    for (ULONG i = 0; i < row->cValues; i++) {
        SPropValue value = row->lpProps[i];
        ULONG tag = map_tag(copying, (IMAPIProp *)source, (IMAPIProp *)target, value.ulPropTag);

        if (tag == 0 || tag == PR_ROWID || PROP_TYPE(tag) == PT_ERROR)
            continue;
        value.ulPropTag = tag;
        row->lpProps[list.aEntries[0].cValues++] = value;
    }
    return target->lpVtbl->ModifyRecipients(target, flags, (LPADRLIST)(void *)&list);
}

/* The rows of a table, with all its columns. `add` sees each of them once; S_FALSE: one of them was
 * not added whole. */
typedef HRESULT (*row_fn)(
        struct copying *copying, IMessage *source, IMessage *target, SRow *row, ULONG number);

static HRESULT each_row(
        struct copying *copying, IMAPITable *table, IMessage *source, IMessage *target, row_fn add)
{
    LPSPropTagArray columns = NULL;
    ULONG number = 0;
    ULONG count = 1;
    HRESULT result = S_OK;
    HRESULT hr = table->lpVtbl->QueryColumns(table, TBL_ALL_COLUMNS, &columns);

    if (SUCCEEDED(hr))
        hr = table->lpVtbl->SetColumns(table, columns, 0);
    while (SUCCEEDED(hr) && count > 0) {
        LPSRowSet rows = NULL;

        hr = table->lpVtbl->QueryRows(table, ROWS_AT_ONCE, 0, &rows);
        count = SUCCEEDED(hr) ? rows->cRows : 0;
        for (ULONG i = 0; i < count; i++) {
            if (SUCCEEDED(hr))
                hr = add(copying, source, target, &rows->aRow[i], number++);
            if (hr == S_FALSE)
                result = hr;
            free_buffer(copying, rows->aRow[i].lpProps);
        }
        free_buffer(copying, rows);
    }
    free_buffer(copying, columns);
    return FAILED(hr) ? hr : result;
}

static HRESULT add_recipient(
        struct copying *copying, IMessage *source, IMessage *target, SRow *row, ULONG number)
{
    return add_row(copying, source, target, row, number == 0 ? 0 : MODRECIP_ADD);
}

static HRESULT copy_recipients(struct copying *copying, IMessage *source, IMessage *target)
{
    IMAPITable *table = NULL;
    HRESULT hr = source->lpVtbl->GetRecipientTable(source, MAPI_UNICODE, &table);

    if (SUCCEEDED(hr))
        hr = each_row(copying, table, source, target, add_recipient);
    release(table);
    return hr;
}

/* ---- Attachments ---- */

/* Everything of one object; S_FALSE: not everything. */
static HRESULT copy_whole(const struct copying *outer, IMAPIProp *source, IMAPIProp *target)
{
    struct host_copy how = { .trio = outer->how->trio };
    LPSPropProblemArray problems = NULL;
    HRESULT hr = host_copy_object(&how, source, target, &problems);

    for (ULONG i = 0; problems && i < problems->cProblem && hr == S_OK; i++) {
        if (problems->aProblem[i].scode != MAPI_E_COMPUTED)
            hr = S_FALSE;
    }
    free_buffer(outer, problems);
    return hr;
}

static HRESULT add_attachment(
        struct copying *copying, IMessage *source, IMessage *target, SRow *row, ULONG number)
{
    IAttach *from = NULL;
    IAttach *to = NULL;
    HRESULT result = S_OK;
    HRESULT hr = MAPI_E_NOT_FOUND;

    for (ULONG i = 0; i < row->cValues; i++) {
        if (row->lpProps[i].ulPropTag == PR_ATTACH_NUM)
            hr = source->lpVtbl->OpenAttach(source, (ULONG)row->lpProps[i].Value.l, NULL, 0, &from);
    }
    if (SUCCEEDED(hr))
        hr = target->lpVtbl->CreateAttach(target, NULL, 0, &number, &to);
    if (SUCCEEDED(hr))
        hr = result = copy_whole(copying, (IMAPIProp *)from, (IMAPIProp *)to);
    if (SUCCEEDED(hr))
        hr = to->lpVtbl->SaveChanges(to, 0);
    release(from);
    release(to);
    return FAILED(hr) ? hr : result;
}

static HRESULT drop_attachments(const struct copying *copying, IMessage *message)
{
    SPropTagArray tags = { 1, { PR_MESSAGE_ATTACHMENTS } };
    LPSPropProblemArray problems = NULL;
    HRESULT hr = message->lpVtbl->DeleteProps(message, &tags, &problems);

    free_buffer(copying, problems);
    return hr;
}

static HRESULT copy_attachments(struct copying *copying, IMessage *source, IMessage *target)
{
    IMAPITable *table = NULL;
    HRESULT hr = source->lpVtbl->GetAttachmentTable(source, MAPI_UNICODE, &table);

    if (SUCCEEDED(hr))
        hr = drop_attachments(copying, target);
    if (SUCCEEDED(hr))
        hr = each_row(copying, table, source, target, add_attachment);
    release(table);
    return hr;
}

/* ---- Subobjects ---- */

static HRESULT copy_embedded(const struct copying *copying, IMAPIProp *source, IMAPIProp *target)
{
    LPUNKNOWN from = NULL;
    LPUNKNOWN to = NULL;
    HRESULT result = S_OK;
    HRESULT hr;

    hr = source->lpVtbl->OpenProperty(source, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, 0, &from);
    if (SUCCEEDED(hr))
        hr = target->lpVtbl->OpenProperty(
                target, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, MAPI_CREATE | MAPI_MODIFY, &to);
    if (SUCCEEDED(hr))
        hr = result = copy_whole(copying, (IMAPIProp *)(void *)from, (IMAPIProp *)(void *)to);
    if (SUCCEEDED(hr)) {
        IMessage *message = (IMessage *)(void *)to;

        hr = message->lpVtbl->SaveChanges(message, 0);
    }
    release(from);
    release(to);
    return FAILED(hr) ? hr : result;
}

static HRESULT copy_part(
        struct copying *copying, IMAPIProp *source, IMAPIProp *target, const struct item *item)
{
    IMessage *from = NULL;
    IMessage *to = NULL;
    HRESULT hr = MAPI_E_NO_SUPPORT;

    if (item->tag == PR_ATTACH_DATA_OBJ) {
        hr = copy_embedded(copying, source, target);
    } else if (item->tag == PR_MESSAGE_RECIPIENTS || item->tag == PR_MESSAGE_ATTACHMENTS) {
        hr = source->lpVtbl->QueryInterface(source, &IID_IMessage, (void **)(void *)&from);
        if (SUCCEEDED(hr))
            hr = target->lpVtbl->QueryInterface(target, &IID_IMessage, (void **)(void *)&to);
        if (SUCCEEDED(hr) && item->tag == PR_MESSAGE_RECIPIENTS)
            hr = copy_recipients(copying, from, to);
        else if (SUCCEEDED(hr))
            hr = copy_attachments(copying, from, to);
        release(from);
        release(to);
    }
    if (hr == MAPI_E_INVALID_OBJECT)
        return hr;
    return hr != S_OK ? add_problem(copying, item, FAILED(hr) ? hr : MAPI_E_CALL_FAILED) : S_OK;
}

/* ---- One object ---- */

/* The source's list, or the client's, without what is to stay away. */
static HRESULT list_items(const struct copying *copying, IMAPIProp *source, IMAPIProp *target,
        struct item **out, ULONG *out_count)
{
    const struct host_copy *how = copying->how;
    LPSPropTagArray has = NULL;
    LPSPropTagArray there = NULL;
    ULONG count = 0;
    HRESULT hr = source->lpVtbl->GetPropList(source, MAPI_UNICODE, &has);

    if (SUCCEEDED(hr) && (how->flags & MAPI_NOREPLACE) != 0)
        hr = target->lpVtbl->GetPropList(target, MAPI_UNICODE, &there);
    *out = SUCCEEDED(hr) ? calloc(has->cValues + 1, sizeof(**out)) : NULL;
    if (SUCCEEDED(hr) && !*out)
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    for (ULONG i = 0; SUCCEEDED(hr) && i < has->cValues; i++) {
        struct item item = { has->aulPropTag[i], 0, i };

        if (lists(how->tags, item.tag) != how->only_listed)
            continue;
        item.target = map_tag(copying, source, target, item.tag);
        if (item.target != 0 && !(PROP_TYPE(item.tag) != PT_OBJECT && lists(there, item.target)))
            (*out)[count++] = item;
    }
    *out_count = count;
    free_buffer(copying, has);
    free_buffer(copying, there);
    return hr;
}

static HRESULT remove_moved(
        const struct copying *copying, IMAPIProp *source, const struct item *items, ULONG count)
{
    HRESULT hr = S_OK;

    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++) {
        SPropTagArray one = { 1, { items[i].tag } };
        LPSPropProblemArray problems = NULL;
        bool stays = false;

        for (ULONG j = 0; j < copying->problem_count; j++)
            stays |= copying->problems[j].ulPropTag == items[i].tag;
        if (!stays)
            hr = source->lpVtbl->DeleteProps(source, &one, &problems);
        free_buffer(copying, problems);
    }
    return hr;
}

static HRESULT publish(const struct copying *copying, LPSPropProblemArray *out)
{
    size_t size = sizeof(SPropProblemArray) + copying->problem_count * sizeof(SPropProblem);
    LPSPropProblemArray array = NULL;

    if (!out || copying->problem_count == 0)
        return S_OK;
    if (copying->how->trio->allocate((ULONG)size, (LPVOID *)(void *)&array) != S_OK)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    array->cProblem = copying->problem_count;
    memcpy(array->aProblem, copying->problems, copying->problem_count * sizeof(SPropProblem));
    *out = array;
    return S_OK;
}

HRESULT host_copy_object(const struct host_copy *how, IMAPIProp *source, IMAPIProp *target,
        LPSPropProblemArray *out_problems)
{
    struct copying copying = { .how = how };
    struct item *items = NULL;
    ULONG count = 0;
    HRESULT hr = list_items(&copying, source, target, &items, &count);

    if (out_problems)
        *out_problems = NULL;
    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++) {
        if (PROP_TYPE(items[i].tag) != PT_OBJECT)
            hr = copy_value(&copying, source, target, &items[i]);
    }
    for (ULONG i = 0; i < count && SUCCEEDED(hr); i++) {
        if (PROP_TYPE(items[i].tag) == PT_OBJECT)
            hr = copy_part(&copying, source, target, &items[i]);
    }
    if (SUCCEEDED(hr) && (how->flags & MAPI_MOVE) != 0)
        hr = remove_moved(&copying, source, items, count);
    if (SUCCEEDED(hr))
        hr = publish(&copying, out_problems);
    free(items);
    free(copying.problems);
    return hr;
}
