/* SPDX-License-Identifier: MIT */
/*
 * walk_digest.h - what a client can see of an object as one number, to tell that a call changed
 * nothing.
 */
#ifndef WALK_DIGEST_H
#define WALK_DIGEST_H

#include "support/support.h"

#define WALK_DIGEST_SEED 14695981039346656037u

static inline uint64_t walk_mix(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * 1099511628211u;
    return hash;
}

/* Multivalues count by their number of values alone. */
static inline uint64_t walk_mix_value(uint64_t hash, const SPropValue *value)
{
    const WCHAR *text = value->Value.lpszW;
    size_t units = 0;

    hash = walk_mix(hash, &value->ulPropTag, sizeof(ULONG));
    switch (PROP_TYPE(value->ulPropTag)) {
    case PT_UNICODE:
        while (text[units])
            units++;
        return walk_mix(hash, text, units * sizeof(WCHAR));
    case PT_STRING8:
        return walk_mix(hash, value->Value.lpszA, strlen(value->Value.lpszA));
    case PT_BINARY:
        return walk_mix(hash, value->Value.bin.lpb, value->Value.bin.cb);
    case PT_CLSID:
        return walk_mix(hash, value->Value.lpguid, sizeof(GUID));
    case PT_BOOLEAN:
    case PT_SHORT:
        return walk_mix(hash, &value->Value, 2);
    case PT_I8:
    case PT_SYSTIME:
    case PT_DOUBLE:
        return walk_mix(hash, &value->Value, 8);
    default:
        return walk_mix(hash, &value->Value, 4);
    }
}

/* All properties of an object. */
static inline uint64_t walk_digest_props(void *object, uint64_t hash)
{
    IMAPIProp *prop = object;
    SPropValue *values = NULL;
    ULONG count = 0;
    HRESULT hr = prop->lpVtbl->GetProps(prop, NULL, MAPI_UNICODE, &count, &values);

    if (FAILED(hr))
        fail_msg("GetProps: %s", host_hr_name(hr));
    for (ULONG i = 0; i < count; i++)
        hash = walk_mix_value(hash, &values[i]);
    mapi_free(values);
    return hash;
}

/* Rows from the cursor on, the cursor, the columns. */
static inline uint64_t walk_digest_table(IMAPITable *table, uint64_t hash)
{
    ULONG at[3] = { 0, 0, 0 };
    LPSPropTagArray tags = NULL;
    LPSRowSet rows = NULL;

    assert_ok(table->lpVtbl->QueryPosition(table, &at[0], &at[1], &at[2]));
    assert_ok(table->lpVtbl->QueryColumns(table, 0, &tags));
    assert_ok(table->lpVtbl->QueryRows(table, 1000, TBL_NOADVANCE, &rows));
    hash = walk_mix(hash, at, sizeof(at));
    hash = walk_mix(hash, tags->aulPropTag, tags->cValues * sizeof(ULONG));
    for (ULONG i = 0; i < rows->cRows; i++) {
        for (ULONG k = 0; k < rows->aRow[i].cValues; k++)
            hash = walk_mix_value(hash, &rows->aRow[i].lpProps[k]);
    }
    mapi_free(tags);
    mapi_free_rows(rows);
    return hash;
}

/* A folder: its properties, and its messages and folders as its tables show them. */
static inline uint64_t walk_digest_folder(IMAPIFolder *folder)
{
    uint64_t hash = walk_digest_props(folder, WALK_DIGEST_SEED);
    IMAPITable *table = NULL;

    assert_ok(folder->lpVtbl->GetContentsTable(folder, MAPI_UNICODE, &table));
    hash = walk_digest_table(table, hash);
    release_last(table);
    assert_ok(folder->lpVtbl->GetHierarchyTable(folder, MAPI_UNICODE, &table));
    hash = walk_digest_table(table, hash);
    release_last(table);
    return hash;
}

#endif
