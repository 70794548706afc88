/* SPDX-License-Identifier: MIT */
/*
 * folder_world.h - what the tests of folders share: entry ids as keys, folders made, opened and
 * counted.
 */
#ifndef MKEEP_TEST_FOLDER_WORLD_H
#define MKEEP_TEST_FOLDER_WORLD_H

#include "support/support.h"

enum { KEY_SIZE = 64 };

struct key {
    ULONG size;
    BYTE bytes[KEY_SIZE];
};

static inline LPENTRYID key_id(struct key *key)
{
    return (LPENTRYID)(void *)key->bytes;
}

static inline struct key key_of(void *object, ULONG tag)
{
    SPropValue *value = prop_get(object, tag);
    struct key key = { 0 };

    assert_non_null(value);
    assert_true(value->Value.bin.cb <= KEY_SIZE);
    key.size = value->Value.bin.cb;
    memcpy(key.bytes, value->Value.bin.lpb, key.size);
    mapi_free(value);
    return key;
}

static inline void assert_same_key(const struct key *a, const struct key *b)
{
    assert_int_equal(a->size, b->size);
    assert_memory_equal(a->bytes, b->bytes, a->size);
}

static inline LPTSTR wide(const char16_t *text)
{
    return (LPTSTR)(uintptr_t)text;
}

static inline HRESULT create(
        IMAPIFolder *parent, ULONG type, const char16_t *name, ULONG flags, IMAPIFolder **out)
{
    *out = POISON;
    return parent->lpVtbl->CreateFolder(
            parent, type, wide(name), NULL, NULL, flags | MAPI_UNICODE, out);
}

static inline IMAPIFolder *create_ok(IMAPIFolder *parent, ULONG type, const char16_t *name)
{
    IMAPIFolder *folder;

    assert_ok(create(parent, type, name, 0, &folder));
    return folder;
}

static inline HRESULT open_by_key(
        IMAPIFolder *through, struct key *key, LPCIID iid, ULONG flags, ULONG *out_type, void **out)
{
    *out = POISON;
    *out_type = POISON_LONG;
    return through->lpVtbl->OpenEntry(
            through, key->size, key_id(key), iid, flags, out_type, (LPUNKNOWN *)out);
}

static inline ULONG hierarchy_count(IMAPIFolder *folder, ULONG flags)
{
    IMAPITable *table = NULL;
    ULONG count = POISON_LONG;

    assert_ok(folder->lpVtbl->GetHierarchyTable(folder, flags, &table));
    assert_ok(table->lpVtbl->GetRowCount(table, 0, &count));
    release_last(table);
    return count;
}

#endif
