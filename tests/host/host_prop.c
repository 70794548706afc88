/* SPDX-License-Identifier: MIT */
/*
 * host_prop.c - property values for the reference host: checking, copying, comparing, and a bag.
 */
#include "host_prop.h"

#include <stdlib.h>
#include <string.h>

#include "host_text.h"

/* The host's own values live outside the counted arenas, so that they are no leaks of a test. */
struct chunk {
    struct chunk *next;
};

static SCODE STDAPICALLTYPE own_allocate(ULONG size, LPVOID *out)
{
    struct chunk *chunk = calloc(1, sizeof(*chunk) + 16 + size);

    if (!chunk)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    *out = (char *)chunk + 16;
    return S_OK;
}

static SCODE STDAPICALLTYPE own_more(ULONG size, LPVOID object, LPVOID *out)
{
    struct chunk *root = (struct chunk *)(void *)((char *)object - 16);
    struct chunk *chunk = calloc(1, sizeof(*chunk) + 16 + size);

    if (!chunk)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    chunk->next = root->next;
    root->next = chunk;
    *out = (char *)chunk + 16;
    return S_OK;
}

static ULONG STDAPICALLTYPE own_free(LPVOID object)
{
    struct chunk *chunk = object ? (struct chunk *)(void *)((char *)object - 16) : NULL;

    while (chunk) {
        struct chunk *next = chunk->next;

        free(chunk);
        chunk = next;
    }
    return S_OK;
}

static const struct host_mem_trio own_trio = { own_allocate, own_more, own_free };

size_t host_prop_fixed_size(ULONG type)
{
    switch (type & ~(ULONG)MV_FLAG) {
    case PT_I2:
    case PT_BOOLEAN:
        return 2;
    case PT_LONG:
    case PT_R4:
    case PT_ERROR:
        return 4;
    case PT_DOUBLE:
    case PT_CURRENCY:
    case PT_APPTIME:
    case PT_I8:
    case PT_SYSTIME:
        return 8;
    case PT_CLSID:
        return 16;
    default:
        return 0;
    }
}

bool host_prop_type_known(ULONG type)
{
    ULONG base = type & ~(ULONG)MV_FLAG;

    if (type & ~(ULONG)0xFFFF)
        return false;
    if (base == PT_BINARY || base == PT_STRING8 || base == PT_UNICODE)
        return true;
    if (type & MV_FLAG)
        return base != PT_BOOLEAN && base != PT_ERROR && host_prop_fixed_size(base) > 0;
    return base == PT_NULL || base == PT_OBJECT || host_prop_fixed_size(base) > 0;
}

/* One piece of memory linked to root, holding a copy of the bytes. */
static SCODE copy_bytes(
        const struct host_mem_trio *trio, void *root, const void *bytes, size_t size, void *out)
{
    LPVOID block = NULL;
    SCODE sc;

    if (size > 0x7FFFFFFF)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    sc = trio->more((ULONG)size, root, &block);
    if (sc == S_OK) {
        if (size > 0)
            memcpy(block, bytes, size);
        memcpy(out, &block, sizeof(block));
    }
    return sc;
}

static SCODE copy_many(
        const struct host_mem_trio *trio, void *root, const SPropValue *from, SPropValue *to)
{
    ULONG base = PROP_TYPE(from->ulPropTag) & ~(ULONG)MV_FLAG, i;
    size_t fixed = host_prop_fixed_size(base);
    SCODE sc = S_OK;

    if (fixed > 0)
        return copy_bytes(trio, root, from->Value.MVl.lpl, from->Value.MVl.cValues * fixed,
                &to->Value.MVl.lpl);
    if (base == PT_BINARY) {
        sc = copy_bytes(trio, root, from->Value.MVbin.lpbin,
                from->Value.MVbin.cValues * sizeof(SBinary), &to->Value.MVbin.lpbin);
        for (i = 0; sc == S_OK && i < from->Value.MVbin.cValues; i++)
            sc = copy_bytes(trio, root, from->Value.MVbin.lpbin[i].lpb,
                    from->Value.MVbin.lpbin[i].cb, &to->Value.MVbin.lpbin[i].lpb);
        return sc;
    }
    sc = copy_bytes(trio, root, from->Value.MVszA.lppszA, from->Value.MVszA.cValues * sizeof(LPSTR),
            &to->Value.MVszA.lppszA);
    for (i = 0; sc == S_OK && i < from->Value.MVszA.cValues; i++) {
        if (base == PT_STRING8)
            sc = copy_bytes(trio, root, from->Value.MVszA.lppszA[i],
                    strlen(from->Value.MVszA.lppszA[i]) + 1, &to->Value.MVszA.lppszA[i]);
        else
            sc = copy_bytes(trio, root, from->Value.MVszW.lppszW[i],
                    (host_text_utf16_length((const uint16_t *)from->Value.MVszW.lppszW[i]) + 1) * 2,
                    &to->Value.MVszW.lppszW[i]);
    }
    return sc;
}

SCODE host_prop_copy(
        const struct host_mem_trio *trio, void *root, const SPropValue *from, SPropValue *to)
{
    ULONG type = PROP_TYPE(from->ulPropTag);

    *to = *from;
    if (type & MV_FLAG)
        return copy_many(trio, root, from, to);
    switch (type) {
    case PT_STRING8:
        return copy_bytes(
                trio, root, from->Value.lpszA, strlen(from->Value.lpszA) + 1, &to->Value.lpszA);
    case PT_UNICODE:
        return copy_bytes(trio, root, from->Value.lpszW,
                (host_text_utf16_length((const uint16_t *)from->Value.lpszW) + 1) * 2,
                &to->Value.lpszW);
    case PT_BINARY:
        return copy_bytes(trio, root, from->Value.bin.lpb, from->Value.bin.cb, &to->Value.bin.lpb);
    case PT_CLSID:
        return copy_bytes(trio, root, from->Value.lpguid, sizeof(GUID), &to->Value.lpguid);
    default:
        return S_OK;
    }
}

SCODE host_props_copy(
        const struct host_mem_trio *trio, ULONG count, const SPropValue *values, SPropValue **out)
{
    LPVOID block = NULL;
    SPropValue *copy;
    SCODE sc;
    ULONG i;

    *out = NULL;
    if (count > 0x7FFFFFFF / sizeof(SPropValue))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    sc = trio->allocate((ULONG)(count * sizeof(SPropValue)), &block);
    if (sc != S_OK)
        return sc;
    copy = block;
    for (i = 0; sc == S_OK && i < count; i++)
        sc = host_prop_copy(trio, block, &values[i], &copy[i]);
    if (sc != S_OK) {
        trio->release(block);
        return sc;
    }
    *out = copy;
    return S_OK;
}

const void *host_prop_bytes(const SPropValue *value, size_t *out_size)
{
    ULONG type = PROP_TYPE(value->ulPropTag);

    *out_size = 0;
    switch (type) {
    case PT_STRING8:
        *out_size = strlen(value->Value.lpszA);
        return value->Value.lpszA;
    case PT_UNICODE:
        *out_size = host_text_utf16_length((const uint16_t *)value->Value.lpszW) * 2;
        return value->Value.lpszW;
    case PT_BINARY:
        *out_size = value->Value.bin.cb;
        return value->Value.bin.lpb;
    case PT_CLSID:
        *out_size = sizeof(GUID);
        return value->Value.lpguid;
    default:
        if (type & MV_FLAG)
            return NULL;
        *out_size = host_prop_fixed_size(type);
        return *out_size > 0 ? &value->Value : NULL;
    }
}

/* A one-valued view on item i of a multiple value. */
static SPropValue single(const SPropValue *value, ULONG i)
{
    ULONG base = PROP_TYPE(value->ulPropTag) & ~(ULONG)MV_FLAG;
    size_t fixed = host_prop_fixed_size(base);
    SPropValue one = { .ulPropTag = CHANGE_PROP_TYPE(value->ulPropTag, base) };

    if (base == PT_CLSID)
        one.Value.lpguid = &value->Value.MVguid.lpguid[i];
    else if (fixed > 0)
        memcpy(&one.Value, (const char *)value->Value.MVl.lpl + i * fixed, fixed);
    else if (base == PT_BINARY)
        one.Value.bin = value->Value.MVbin.lpbin[i];
    else if (base == PT_STRING8)
        one.Value.lpszA = value->Value.MVszA.lppszA[i];
    else
        one.Value.lpszW = value->Value.MVszW.lppszW[i];
    return one;
}

void host_prop_walk(const SPropValue *value,
        void (*add)(void *context, const void *bytes, size_t size), void *context)
{
    uint32_t head = (uint32_t)value->ulPropTag;
    const void *bytes;
    uint64_t length;
    size_t size;
    ULONG i;

    add(context, &head, sizeof(head));
    if (PROP_TYPE(value->ulPropTag) & MV_FLAG) {
        head = (uint32_t)value->Value.MVl.cValues;
        add(context, &head, sizeof(head));
        for (i = 0; i < value->Value.MVl.cValues; i++) {
            SPropValue one = single(value, i);

            host_prop_walk(&one, add, context);
        }
        return;
    }
    bytes = host_prop_bytes(value, &size);
    length = size;
    add(context, &length, sizeof(length));
    if (size > 0)
        add(context, bytes, size);
}

bool host_prop_same(const SPropValue *a, const SPropValue *b)
{
    const void *a_bytes, *b_bytes;
    size_t a_size, b_size;
    ULONG i;

    if (a->ulPropTag != b->ulPropTag)
        return false;
    if (PROP_TYPE(a->ulPropTag) & MV_FLAG) {
        if (a->Value.MVl.cValues != b->Value.MVl.cValues)
            return false;
        for (i = 0; i < a->Value.MVl.cValues; i++) {
            SPropValue x = single(a, i), y = single(b, i);

            if (!host_prop_same(&x, &y))
                return false;
        }
        return true;
    }
    if (PROP_TYPE(a->ulPropTag) == PT_BOOLEAN)
        return !a->Value.b == !b->Value.b;
    a_bytes = host_prop_bytes(a, &a_size);
    b_bytes = host_prop_bytes(b, &b_size);
    return a_size == b_size && (a_size == 0 || memcmp(a_bytes, b_bytes, a_size) == 0);
}

/* ---- The bag ---- */

static size_t bag_find(const struct host_bag *bag, ULONG tag)
{
    size_t i = 0;

    while (i < bag->count && PROP_ID(bag->items[i]->ulPropTag) != PROP_ID(tag))
        i++;
    return i;
}

const SPropValue *host_bag_get(const struct host_bag *bag, ULONG tag)
{
    size_t i = bag_find(bag, tag);

    return i < bag->count ? bag->items[i] : NULL;
}

SCODE host_bag_set(struct host_bag *bag, const SPropValue *value)
{
    size_t at = bag_find(bag, value->ulPropTag);
    SPropValue *copy;
    SCODE sc;

    if (at == bag->count && bag->count == bag->room) {
        size_t room = bag->room ? 2 * bag->room : 16;
        SPropValue **items = realloc(bag->items, room * sizeof(*items));

        if (!items)
            return MAPI_E_NOT_ENOUGH_MEMORY;
        bag->items = items;
        bag->room = room;
    }
    sc = host_props_copy(&own_trio, 1, value, &copy);
    if (sc != S_OK)
        return sc;
    if (at < bag->count)
        own_free(bag->items[at]);
    else
        bag->count++;
    bag->items[at] = copy;
    return S_OK;
}

bool host_bag_remove(struct host_bag *bag, ULONG tag)
{
    size_t at = bag_find(bag, tag);

    if (at == bag->count)
        return false;
    own_free(bag->items[at]);
    bag->items[at] = bag->items[--bag->count];
    return true;
}

void host_bag_free(struct host_bag *bag)
{
    while (bag->count > 0)
        own_free(bag->items[--bag->count]);
    free(bag->items);
    bag->items = NULL;
    bag->room = 0;
}

SCODE host_bag_set_long(struct host_bag *bag, ULONG tag, LONG number)
{
    SPropValue value = { .ulPropTag = tag };

    value.Value.l = number;
    return host_bag_set(bag, &value);
}

SCODE host_bag_set_text(struct host_bag *bag, ULONG tag, const char *utf8)
{
    uint16_t *text = host_text_to_utf16(utf8);
    SPropValue value = { .ulPropTag = tag };
    SCODE sc = MAPI_E_NOT_ENOUGH_MEMORY;

    if (text) {
        value.Value.lpszW = (LPWSTR)text;
        sc = host_bag_set(bag, &value);
    }
    free(text);
    return sc;
}

SCODE host_bag_set_binary(struct host_bag *bag, ULONG tag, const void *bytes, size_t size)
{
    SPropValue value = { .ulPropTag = tag };

    union {
        const void *given;
        BYTE *taken;
    } data = { .given = bytes };

    value.Value.bin.cb = (ULONG)size;
    value.Value.bin.lpb = data.taken;
    return host_bag_set(bag, &value);
}

char *host_bag_text(const struct host_bag *bag, ULONG tag)
{
    const SPropValue *value = host_bag_get(bag, tag);
    char *copy;

    if (!value)
        return NULL;
    if (PROP_TYPE(value->ulPropTag) == PT_UNICODE)
        return host_text_to_utf8((const uint16_t *)value->Value.lpszW, SIZE_MAX);
    if (PROP_TYPE(value->ulPropTag) != PT_STRING8)
        return NULL;
    copy = malloc(strlen(value->Value.lpszA) + 1);
    if (copy)
        memcpy(copy, value->Value.lpszA, strlen(value->Value.lpszA) + 1);
    return copy;
}

LONG host_bag_long(const struct host_bag *bag, ULONG tag, LONG if_absent)
{
    const SPropValue *value = host_bag_get(bag, tag);

    return value && PROP_TYPE(value->ulPropTag) == PT_LONG ? value->Value.l : if_absent;
}

/* ---- For people ---- */

static void print_time(FILETIME time, FILE *out)
{
    uint64_t ticks = (uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime;
    uint64_t seconds = ticks / 10000000, days = seconds / 86400;
    unsigned year = 1601, month = 1;

    for (;; year++) {
        unsigned length = (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) ? 366 : 365;

        if (days < length || year > 30000)
            break;
        days -= length;
    }
    for (;; month++) {
        static const unsigned char lengths[] = { 0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
            31 };
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        unsigned length = lengths[month] + (month == 2 && leap);

        if (days < length || month == 12)
            break;
        days -= length;
    }
    fprintf(out, "%04u-%02u-%02u %02u:%02u:%02u", year, month, (unsigned)days + 1,
            (unsigned)(seconds / 3600 % 24), (unsigned)(seconds / 60 % 60),
            (unsigned)(seconds % 60));
}

static void print_text(const char *text, FILE *out)
{
    size_t n = 0;

    for (; *text && n < 200; text++, n++)
        fputc((unsigned char)*text < 32 ? ' ' : *text, out);
    if (*text)
        fputs("...", out);
}

void host_prop_print(const SPropValue *value, FILE *out)
{
    ULONG type = PROP_TYPE(value->ulPropTag), i;
    char *text;

    if (type & MV_FLAG) {
        fprintf(out, "%lu values", (unsigned long)value->Value.MVl.cValues);
        return;
    }
    switch (type) {
    case PT_STRING8:
        print_text(value->Value.lpszA, out);
        return;
    case PT_UNICODE:
        text = host_text_to_utf8((const uint16_t *)value->Value.lpszW, SIZE_MAX);
        print_text(text ? text : "", out);
        free(text);
        return;
    case PT_BINARY:
        fprintf(out, "%lu bytes ", (unsigned long)value->Value.bin.cb);
        for (i = 0; i < value->Value.bin.cb && i < 24; i++)
            fprintf(out, "%02x", value->Value.bin.lpb[i]);
        return;
    case PT_SYSTIME:
        print_time(value->Value.ft, out);
        return;
    case PT_BOOLEAN:
        fputs(value->Value.b ? "true" : "false", out);
        return;
    case PT_I2:
        fprintf(out, "%d", value->Value.i);
        return;
    case PT_LONG:
        fprintf(out, "%ld", (long)value->Value.l);
        return;
    case PT_ERROR:
        fprintf(out, "error 0x%08lx", (unsigned long)(ULONG)value->Value.err);
        return;
    case PT_I8:
        fprintf(out, "%lld", (long long)value->Value.li.QuadPart);
        return;
    default:
        fprintf(out, "a value of type 0x%04lx", (unsigned long)type);
    }
}
