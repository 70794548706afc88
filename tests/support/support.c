/* SPDX-License-Identifier: MIT */
/*
 * support.c - short ways for tests: results, properties, messages, tables.
 */
#include "support.h"

void support_assert_hr(
        HRESULT actual, HRESULT expected, const char *what, const char *file, int line)
{
    if (actual == expected)
        return;
    print_error("%s: %s, expected %s\n", what, host_hr_name(actual), host_hr_name(expected));
    _fail(file, line);
}

void support_assert_released(ULONG left, const char *what, const char *file, int line)
{
    if (left == 0)
        return;
    print_error("%s: the last Release returned %lu\n", what, (unsigned long)left);
    _fail(file, line);
}

void mapi_free(void *buffer)
{
    host_mem_trio(0)->release(buffer);
}

void mapi_free_rows(LPSRowSet rows)
{
    ULONG i;

    if (!rows)
        return;
    for (i = 0; i < rows->cRows; i++)
        mapi_free(rows->aRow[i].lpProps);
    mapi_free(rows);
}

/* Every object with properties starts with IMAPIProp's methods. */
static IMAPIProp *as_prop(void *object)
{
    return object;
}

SPropValue *prop_get(void *object, ULONG tag)
{
    SizedSPropTagArray(1, tags) = { 1, { tag } };
    IMAPIProp *prop = as_prop(object);
    SPropValue *values = NULL;
    ULONG count = 0;
    HRESULT hr;

    hr = prop->lpVtbl->GetProps(prop, (LPSPropTagArray)&tags, MAPI_UNICODE, &count, &values);
    if (hr != S_OK && hr != MAPI_W_ERRORS_RETURNED)
        assert_hr(hr, S_OK);
    assert_int_equal(count, 1);
    if (PROP_TYPE(values->ulPropTag) == PT_ERROR) {
        mapi_free(values);
        return NULL;
    }
    return values;
}

static SPropValue *prop_need(void *object, ULONG tag)
{
    SPropValue *value = prop_get(object, tag);

    if (!value)
        fail_msg("property 0x%08lx is not there", (unsigned long)tag);
    return value;
}

LONG prop_long(void *object, ULONG tag)
{
    SPropValue *value = prop_need(object, tag);
    LONG number = value->Value.l;

    mapi_free(value);
    return number;
}

bool prop_bool(void *object, ULONG tag)
{
    SPropValue *value = prop_need(object, tag);
    bool set = value->Value.b != 0;

    mapi_free(value);
    return set;
}

char *prop_text(void *object, ULONG tag)
{
    SPropValue *value = prop_need(object, tag);
    char *text;

    assert_int_equal(PROP_TYPE(value->ulPropTag), PT_UNICODE);
    text = host_text_to_utf8((const uint16_t *)value->Value.lpszW, SIZE_MAX);
    assert_non_null(text);
    mapi_free(value);
    return text;
}

void prop_assert_text(void *object, ULONG tag, const char *expected)
{
    char *text = prop_text(object, tag);

    assert_string_equal(text, expected);
    free(text);
}

static void prop_set(void *object, SPropValue *value)
{
    IMAPIProp *prop = as_prop(object);
    LPSPropProblemArray problems = NULL;

    assert_ok(prop->lpVtbl->SetProps(prop, 1, value, &problems));
    if (problems) {
        print_error("property 0x%08lx: %s\n", (unsigned long)value->ulPropTag,
                host_hr_name(problems->aProblem[0].scode));
        fail();
    }
}

void prop_set_text(void *object, ULONG tag, const char *utf8)
{
    uint16_t *text = host_text_to_utf16(utf8);
    SPropValue value = { .ulPropTag = tag };

    assert_non_null(text);
    value.Value.lpszW = (LPWSTR)text;
    prop_set(object, &value);
    free(text);
}

void prop_set_long(void *object, ULONG tag, LONG number)
{
    SPropValue value = { .ulPropTag = tag };

    value.Value.l = number;
    prop_set(object, &value);
}

void prop_set_bool(void *object, ULONG tag, bool set)
{
    SPropValue value = { .ulPropTag = tag };

    value.Value.b = set;
    prop_set(object, &value);
}

void prop_set_time(void *object, ULONG tag, uint64_t ticks)
{
    SPropValue value = { .ulPropTag = tag };

    value.Value.ft.dwLowDateTime = (DWORD)ticks;
    value.Value.ft.dwHighDateTime = (DWORD)(ticks >> 32);
    prop_set(object, &value);
}

void prop_set_binary(void *object, ULONG tag, const void *bytes, size_t size)
{
    SPropValue value = { .ulPropTag = tag };

    union {
        const void *given;
        BYTE *taken;
    } data = { .given = bytes };

    value.Value.bin.cb = (ULONG)size;
    value.Value.bin.lpb = data.taken;
    prop_set(object, &value);
}

/* ---- Messages and folders ---- */

SPropValue *message_make(IMAPIFolder *folder, const char *subject)
{
    IMessage *message = NULL;
    SPropValue *id;

    assert_ok(folder->lpVtbl->CreateMessage(folder, NULL, 0, &message));
    prop_set_text(message, PR_MESSAGE_CLASS_W, "IPM.Note");
    prop_set_text(message, PR_SUBJECT_W, subject);
    assert_ok(message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY));
    id = prop_need(message, PR_ENTRYID);
    release_last(message);
    return id;
}

static void *open_entry(IMsgStore *store, const SPropValue *entry_id, ULONG expected)
{
    LPUNKNOWN object = NULL;

    union {
        BYTE *bytes;
        ENTRYID *id;
    } at = { .bytes = entry_id->Value.bin.lpb };

    ULONG type = 0;

    assert_ok(store->lpVtbl->OpenEntry(
            store, entry_id->Value.bin.cb, at.id, NULL, MAPI_MODIFY, &type, &object));
    assert_int_equal(type, expected);
    assert_non_null(object);
    return object;
}

IMessage *message_open(IMsgStore *store, const SPropValue *entry_id)
{
    return open_entry(store, entry_id, MAPI_MESSAGE);
}

IMAPIFolder *folder_open(IMsgStore *store, const SPropValue *entry_id)
{
    return open_entry(store, entry_id, MAPI_FOLDER);
}

IMAPIFolder *folder_by_prop(IMsgStore *store, void *object, ULONG tag)
{
    SPropValue *id = prop_need(object, tag);
    IMAPIFolder *folder = folder_open(store, id);

    mapi_free(id);
    return folder;
}

IMAPIFolder *folder_make(IMAPIFolder *parent, const char *name)
{
    IMAPIFolder *folder = NULL;

    union {
        uint16_t *text;
        LPTSTR name;
    } wide = { .text = host_text_to_utf16(name) };

    assert_non_null(wide.text);
    assert_ok(parent->lpVtbl->CreateFolder(
            parent, FOLDER_GENERIC, wide.name, NULL, NULL, MAPI_UNICODE, &folder));
    free(wide.text);
    return folder;
}

LPSRowSet table_rows(IMAPITable *table, const ULONG *tags, ULONG count)
{
    struct {
        ULONG count;
        ULONG tags[32];
    } columns = { .count = count };

    union {
        const void *given;
        LPSPropTagArray taken;
    } array = { .given = &columns };

    LPSRowSet rows = NULL;
    ULONG n = 0;
    LONG moved = 0;

    assert_true(count <= 32);
    memcpy(columns.tags, tags, count * sizeof(*tags));
    assert_ok(table->lpVtbl->SetColumns(table, array.taken, 0));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &n));
    assert_ok(table->lpVtbl->SeekRow(table, BOOKMARK_BEGINNING, 0, &moved));
    assert_ok(table->lpVtbl->QueryRows(table, (LONG)n + 1, 0, &rows));
    assert_int_equal(rows->cRows, n);
    return rows;
}
