/* SPDX-License-Identifier: MIT */
/*
 * fuzz_names.c - names of properties as clients hand them in: { u8 flags, u8 count, count of { u8
 * shape, GUID or its number, number or text } }.
 *
 * Every id given for a name leads back to that name; what has none stays without.
 */
#include "fuzz_world.h"

#include "util/utf.h"

enum { NAMES = 24 };

struct names {
    ULONG count;
    LPMAPINAMEID list[NAMES];
    MAPINAMEID names[NAMES];
    GUID guids[NAMES];
    void *texts[NAMES];
};

static void take_name(struct fuzz_input *input, struct names *names, ULONG i)
{
    static const GUID *const known[] = { &PS_MAPI, &PS_PUBLIC_STRINGS, &PS_INTERNET_HEADERS };
    MAPINAMEID *name = &names->names[i];
    uint8_t shape = take_u8(input);
    size_t size = 0;

    names->list[i] = (shape & 0x80) != 0 ? NULL : name;
    name->lpguid = (shape & 0x40) != 0 && (shape & 0x20) != 0 ? NULL : &names->guids[i];
    if ((shape & 0x10) != 0)
        names->guids[i] = *known[shape % 3];
    else
        names->guids[i].Data1 = take_u8(input);
    name->ulKind = (shape & 0x08) != 0 ? (ULONG)(shape & 7) : (ULONG)(shape & 1);
    if (name->ulKind != MNID_STRING) {
        name->Kind.lID = (LONG)take_u32(input);
        return;
    }
    names->texts[i] = take_block(input, (size_t)(take_u8(input) % 40) * 2, &size);
    if (size >= 2) {
        memset((uint8_t *)names->texts[i] + (size / 2 - 1) * 2, 0, 2);
        name->Kind.lpwstrName = names->texts[i];
    }
}

static bool is_same(const MAPINAMEID *a, const MAPINAMEID *b)
{
    if (memcmp(a->lpguid, b->lpguid, sizeof(GUID)) != 0 || a->ulKind != b->ulKind)
        return false;
    if (a->ulKind == MNID_ID)
        return a->Kind.lID == b->Kind.lID;
    return utf16_len(a->Kind.lpwstrName) == utf16_len(b->Kind.lpwstrName) &&
           memcmp(a->Kind.lpwstrName, b->Kind.lpwstrName,
                   utf16_len(a->Kind.lpwstrName) * sizeof(WCHAR)) == 0;
}

static void check_back(IMessage *message, const struct names *names, LPSPropTagArray tags)
{
    LPMAPINAMEID *back = NULL;
    ULONG count = 0;
    HRESULT hr;

    REQUIRE(tags->cValues == names->count);
    hr = message->lpVtbl->GetNamesFromIDs(message, &tags, NULL, 0, &count, &back);
    REQUIRE(SUCCEEDED(hr) == (back != NULL));
    REQUIRE(FAILED(hr) || count == names->count);
    for (ULONG i = 0; SUCCEEDED(hr) && i < count; i++) {
        if (PROP_TYPE(tags->aulPropTag[i]) == PT_ERROR)
            continue;
        REQUIRE(PROP_ID(tags->aulPropTag[i]) >= 0x8000 || names->names[i].ulKind == MNID_ID);
        REQUIRE(back[i] != NULL && is_same(back[i], &names->names[i]));
    }
    fuzz_free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = { data, size };
    struct names names;
    ULONG flags = take_u8(&input) & 1 ? MAPI_CREATE : 0;
    LPSPropTagArray tags = NULL;
    IMessage *message = fuzz_message();
    HRESULT hr;

    if (message == NULL)
        return 0;
    memset(&names, 0, sizeof(names));
    names.count = take_u8(&input) % NAMES;
    for (ULONG i = 0; i < names.count; i++)
        take_name(&input, &names, i);
    hr = message->lpVtbl->GetIDsFromNames(message, names.count, names.list, flags, &tags);
    REQUIRE(SUCCEEDED(hr) == (tags != NULL));
    if (tags != NULL && names.count > 0)
        check_back(message, &names, tags);
    fuzz_free(tags);
    for (ULONG i = 0; i < names.count; i++)
        free(names.texts[i]);
    REQUIRE(message->lpVtbl->Release(message) == 0);
    return 0;
}
