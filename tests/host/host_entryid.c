/* SPDX-License-Identifier: MIT */
/*
 * host_entryid.c - wrapped store entry ids, the form in which stores are known outside their DLL.
 */
#include <string.h>

#include "host_support.h"

static const unsigned char wrap_uid[16] = { 0x38, 0xA1, 0xBB, 0x10, 0x05, 0xE5, 0x10, 0x1A, 0xA1,
    0xBB, 0x08, 0x00, 0x2B, 0x2A, 0x56, 0xC2 };

#define NAME_AT 22 /* flags, UID, version, flag */

HRESULT host_wrap_entry_id(unsigned arena, const char *dll_name, ULONG size,
        const ENTRYID *entry_id, ULONG *out_size, LPENTRYID *out)
{
    size_t name_end = NAME_AT + strlen(dll_name) + 1, inner_at = (name_end + 3) & ~(size_t)3;
    LPVOID block = NULL;
    unsigned char *at;
    SCODE sc;

    sc = host_mem_trio(arena)->allocate((ULONG)(inner_at + size), &block);
    if (sc != S_OK)
        return sc;
    at = block;
    memset(at, 0, inner_at);
    memcpy(at + 4, wrap_uid, sizeof(wrap_uid));
    memcpy(at + NAME_AT, dll_name, strlen(dll_name));
    memcpy(at + inner_at, entry_id, size);
    *out_size = (ULONG)(inner_at + size);
    *out = block;
    return S_OK;
}

bool host_unwrap_entry_id(ULONG size, const ENTRYID *wrapped, ULONG *out_size,
        const ENTRYID **out_inner, const char **out_dll_name)
{
    const unsigned char *at = (const unsigned char *)wrapped, *zero;
    size_t inner_at;

    if (!at || size <= NAME_AT || memcmp(at + 4, wrap_uid, sizeof(wrap_uid)) != 0)
        return false;
    zero = memchr(at + NAME_AT, 0, size - NAME_AT);
    if (!zero)
        return false;
    inner_at = ((size_t)(zero - at) + 1 + 3) & ~(size_t)3;
    if (inner_at >= size)
        return false;
    *out_size = (ULONG)(size - inner_at);
    *out_inner = (const ENTRYID *)(const void *)(at + inner_at);
    *out_dll_name = (const char *)at + NAME_AT;
    return true;
}
