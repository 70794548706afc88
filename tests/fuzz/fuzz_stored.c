/* SPDX-License-Identifier: MIT */
/*
 * fuzz_stored.c - a message whose records in the file are damaged: { u8 which, bytes }. which: 0
 * properties, 1 recipients, 2 an attachment.
 *
 * Each call says that the store is corrupt, or goes on; nothing crashes, and what was read can be
 * written again.
 */
#include "fuzz_world.h"

#include <stdio.h>

#include "engine/eng_int.h"

enum { BYTES_MAX = 20000, TAGS_MAX = 40 };

static uint64_t make_stored(struct eng *eng)
{
    struct eng_msg row = { .folder = ENG_ROOT_FOLDER };
    struct eng_part part = { 0 };
    uint64_t change;

    if (eng_id_new(eng, &row.id) != ENG_OK ||
            eng_msg_put(eng, &row, ENG_PUT_NEW, NULL, 0, &change) != ENG_OK)
        return 0;
    if (eng_recipients_put(eng, row.id, &part, 1) != ENG_OK ||
            eng_attachment_put(eng, row.id, &part) != ENG_OK) {
        (void)eng_msg_delete(eng, row.id);
        return 0;
    }
    return row.id;
}

/* Past the engine's checks. False: no memory. */
static bool damage(struct eng *eng, unsigned which, uint64_t id, const uint8_t *data, size_t size)
{
    static const char *const targets[] = { "prop SET packed", "recipient SET list",
        "attachment SET packed" };
    char *sql = malloc(2 * size + 200);
    size_t at;
    bool ok;

    REQUIRE(sql != NULL);
    at = (size_t)sprintf(sql, "UPDATE %s=X'", targets[which]);
    for (size_t i = 0; i < size; i++)
        at += (size_t)sprintf(sql + at, "%02x", data[i]);
    sprintf(sql + at, which == 2 ? "' WHERE key>>20=%llu" : "' WHERE id=%llu",
            (unsigned long long)id);
    ok = sqlite3_exec(eng->db, sql, NULL, NULL, NULL) == SQLITE_OK;
    free(sql);
    return ok;
}

static void read_stream(void *object, ULONG tag)
{
    IMAPIProp *prop = object;
    LPUNKNOWN unknown = NULL;
    uint8_t room[5000];
    IStream *stream;
    ULONG done;

    if (FAILED(prop->lpVtbl->OpenProperty(prop, tag, &IID_IStream, 0, 0, &unknown)))
        return;
    stream = (IStream *)(void *)unknown;
    (void)stream->lpVtbl->Read(stream, room, sizeof(room), &done);
    REQUIRE(stream->lpVtbl->Release(stream) == 0);
}

static void read_props(void *object)
{
    IMAPIProp *prop = object;
    SPropValue *values = NULL;
    LPSPropTagArray tags = NULL;
    ULONG count = 0;
    HRESULT hr;

    hr = prop->lpVtbl->GetProps(prop, NULL, MAPI_UNICODE, &count, &values);
    REQUIRE(SUCCEEDED(hr) == (values != NULL));
    fuzz_free(values);
    hr = prop->lpVtbl->GetPropList(prop, 0, &tags);
    REQUIRE(SUCCEEDED(hr) == (tags != NULL));
    for (ULONG i = 0; tags != NULL && i < tags->cValues && i < TAGS_MAX; i++) {
        ULONG type = PROP_TYPE(tags->aulPropTag[i]);

        if (type == PT_STRING8 || type == PT_UNICODE || type == PT_BINARY)
            read_stream(object, tags->aulPropTag[i]);
    }
    fuzz_free(tags);
}

static void read_table(LPMAPITABLE table)
{
    LPSRowSet rows = NULL;
    LPSPropTagArray columns = NULL;

    if (SUCCEEDED(table->lpVtbl->QueryColumns(table, TBL_ALL_COLUMNS, &columns)))
        (void)table->lpVtbl->SetColumns(table, columns, 0);
    (void)table->lpVtbl->QueryRows(table, 100, 0, &rows);
    fuzz_free_rows(rows);
    fuzz_free(columns);
    REQUIRE(table->lpVtbl->Release(table) == 0);
}

static void read_message(IMessage *message)
{
    LPMAPITABLE table = NULL;
    LPATTACH attach = NULL;

    read_props(message);
    if (SUCCEEDED(message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table)))
        read_table(table);
    if (SUCCEEDED(message->lpVtbl->GetAttachmentTable(message, 0, &table)))
        read_table(table);
    if (SUCCEEDED(message->lpVtbl->OpenAttach(message, 0, NULL, MAPI_MODIFY, &attach))) {
        read_props(attach);
        (void)attach->lpVtbl->SaveChanges(attach, KEEP_OPEN_READWRITE);
        REQUIRE(attach->lpVtbl->Release(attach) == 0);
    }
    (void)message->lpVtbl->SaveChanges(message, KEEP_OPEN_READWRITE | FORCE_SAVE);
    read_props(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct eng *eng = fuzz_world()->eng;
    IMessage *message = NULL;
    HRESULT hr = S_OK;
    uint64_t id;

    if (size < 1 || size > BYTES_MAX)
        return 0;
    id = make_stored(eng);
    if (id == 0)
        return 0;
    if (damage(eng, data[0] % 3, id, data + 1, size - 1))
        message = fuzz_open(id, &hr);
    REQUIRE(SUCCEEDED(hr) || message == NULL);
    if (message != NULL) {
        read_message(message);
        REQUIRE(message->lpVtbl->Release(message) == 0);
    }
    if (eng_msg_delete(eng, id) != ENG_OK) { /* what cannot be read cannot be followed either */
        (void)damage(eng, data[0] % 3, id, NULL, 0);
        (void)eng_msg_delete(eng, id);
    }
    return 0;
}
