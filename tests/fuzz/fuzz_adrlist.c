/* SPDX-License-Identifier: MIT */
/*
 * fuzz_adrlist.c - recipients as clients hand them in: steps of { u8 flags, u8 count, count of
 * { u8 values, values of { u16 type or its number, u16 id or its number, u8 size, bytes } } }.
 *
 * What is refused leaves the list as it was; what is taken can be read back, and counts.
 */
#include "fuzz_world.h"

enum { ENTRIES = 6, VALUES = 5, STEPS = 6 };

struct list {
    SizedADRLIST(ENTRIES, adr);
    SPropValue values[ENTRIES][VALUES];
    void *blocks[ENTRIES][VALUES];
    LPSTR texts[ENTRIES][VALUES];
    SBinary parts[ENTRIES][VALUES];
};

static ULONG take_tag(struct fuzz_input *input)
{
    static const ULONG tags[] = { PR_ROWID, PR_RECIPIENT_TYPE, PR_DISPLAY_NAME_A, PR_DISPLAY_NAME_W,
        PR_ENTRYID, PR_ADDRTYPE_A, PROP_TAG(PT_MV_STRING8, 0x6800), PROP_TAG(PT_MV_BINARY, 0x6801),
        PROP_TAG(PT_MV_LONG, 0x6802), PROP_TAG(PT_CLSID, 0x6803), PROP_TAG(PT_MV_CLSID, 0x6804),
        PR_INSTANCE_KEY };
    uint8_t which = take_u8(input);

    if (which < 0xC0)
        return tags[which % (sizeof(tags) / sizeof(tags[0]))];
    return PROP_TAG(take_u16(input), take_u16(input));
}

/* Pointers are good or NULL; counts and bits are whatever the input says. */
static void take_value(struct fuzz_input *input, struct list *list, ULONG e, ULONG v)
{
    SPropValue *value = &list->values[e][v];
    size_t size = 0;
    uint8_t *block;

    value->ulPropTag = take_tag(input);
    block = take_block(input, (size_t)(take_u8(input) % 64) + 2, &size);
    list->blocks[e][v] = block;
    if (size >= 2)
        memset(block + (size / 2 - 1) * 2, 0, 2 + size % 2);
    switch (PROP_TYPE(value->ulPropTag)) {
    case PT_STRING8:
    case PT_UNICODE:
        value->Value.lpszA = size >= 2 ? (LPSTR)block : NULL;
        break;
    case PT_BINARY:
        value->Value.bin.cb = (ULONG)size;
        value->Value.bin.lpb = block;
        break;
    case PT_CLSID:
        value->Value.lpguid = size >= sizeof(GUID) ? (LPGUID)(void *)block : NULL;
        break;
    case PT_MV_STRING8:
    case PT_MV_UNICODE:
        list->texts[e][v] = size >= 2 ? (LPSTR)block : NULL;
        value->Value.MVszA.cValues = 1;
        value->Value.MVszA.lppszA = &list->texts[e][v];
        break;
    case PT_MV_BINARY:
        list->parts[e][v].cb = (ULONG)size;
        list->parts[e][v].lpb = block;
        value->Value.MVbin.cValues = 1;
        value->Value.MVbin.lpbin = &list->parts[e][v];
        break;
    default:
        if ((PROP_TYPE(value->ulPropTag) & MV_FLAG) != 0) {
            value->Value.MVguid.cValues = (ULONG)(size / sizeof(GUID));
            value->Value.MVguid.lpguid = (LPGUID)(void *)block;
        } else if (size >= 8) {
            memcpy(&value->Value, block, 8);
        }
        break;
    }
}

static void take_list(struct fuzz_input *input, struct list *list)
{
    memset(list, 0, sizeof(*list));
    list->adr.cEntries = take_u8(input) % (ENTRIES + 1);
    for (ULONG e = 0; e < list->adr.cEntries; e++) {
        list->adr.aEntries[e].cValues = take_u8(input) % (VALUES + 1);
        list->adr.aEntries[e].rgPropVals = list->values[e];
        for (ULONG v = 0; v < list->adr.aEntries[e].cValues; v++)
            take_value(input, list, e, v);
    }
}

static void free_list(struct list *list)
{
    for (ULONG e = 0; e < ENTRIES; e++) {
        for (ULONG v = 0; v < VALUES; v++)
            free(list->blocks[e][v]);
    }
}

/* Rows of the table; SIZE_MAX: no memory. Every row has a number of its own. */
static size_t count_rows(IMessage *message)
{
    LPMAPITABLE table = NULL;
    LPSRowSet rows = NULL;
    size_t count = SIZE_MAX;

    if (FAILED(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table)))
        return SIZE_MAX;
    if (SUCCEEDED(table->lpVtbl->QueryRows(table, 1000, 0, &rows)))
        count = rows->cRows;
    fuzz_free_rows(rows);
    REQUIRE(table->lpVtbl->Release(table) == 0);
    return count;
}

static size_t people_in(const struct list *list)
{
    size_t count = 0;

    for (ULONG e = 0; e < list->adr.cEntries; e++)
        count += list->adr.aEntries[e].cValues > 0;
    return count;
}

static void run(IMessage *message, struct fuzz_input *input)
{
    static const ULONG all_flags[] = { 0, MODRECIP_ADD, MODRECIP_MODIFY, MODRECIP_REMOVE, 1,
        MODRECIP_ADD | MODRECIP_REMOVE };
    ULONG flags = all_flags[take_u8(input) % 6];
    size_t before = count_rows(message);
    struct list list;
    size_t after;
    HRESULT hr;

    take_list(input, &list);
    hr = message->lpVtbl->ModifyRecipients(message, flags, (LPADRLIST)&list.adr);
    after = count_rows(message);
    if (before != SIZE_MAX && after != SIZE_MAX) {
        if (FAILED(hr) || flags == MODRECIP_MODIFY)
            REQUIRE(after == before);
        else if (flags == MODRECIP_REMOVE)
            REQUIRE(after <= before);
        else
            REQUIRE(after == people_in(&list) + (flags == MODRECIP_ADD ? before : 0));
    }
    free_list(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = { data, size };
    IMessage *message = fuzz_message();

    if (message == NULL)
        return 0;
    for (unsigned i = 0; i < STEPS && input.size > 0; i++)
        run(message, &input);
    REQUIRE(message->lpVtbl->Release(message) == 0);
    return 0;
}
