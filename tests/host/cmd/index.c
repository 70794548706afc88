/* SPDX-License-Identifier: MIT */
/*
 * index.c - which mails a folder holds, by the digest of their original bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "index.h"

static bool add(
        struct mail_index *index, const unsigned char *digest, const void *id, size_t id_size)
{
    struct indexed *item;

    if (index->count == index->room) {
        size_t room = index->room ? 2 * index->room : 256;
        struct indexed *more = realloc(index->items, room * sizeof(*more));

        if (!more)
            return false;
        index->items = more;
        index->room = room;
    }
    item = &index->items[index->count];
    memset(item, 0, sizeof(*item));
    item->entry_id.lpb = malloc(id_size + 1);
    if (!item->entry_id.lpb)
        return false;
    memcpy(item->entry_id.lpb, id, id_size);
    item->entry_id.cb = (ULONG)id_size;
    memcpy(item->digest, digest, 32);
    index->count++;
    return true;
}

static int by_digest(const void *a, const void *b)
{
    return memcmp(((const struct indexed *)a)->digest, ((const struct indexed *)b)->digest, 32);
}

static void sort(struct mail_index *index)
{
    if (index->count > 0)
        qsort(index->items, index->count, sizeof(index->items[0]), by_digest);
}

int mail_index_fill(struct mail_index *index, struct client *client, IMAPIFolder *folder)
{
    static SizedSPropTagArray(2, columns) = { 2, { PR_ENTRYID, PR_SOURCE_DIGEST } };
    IMAPITable *table = NULL;
    LPSRowSet rows = NULL;
    ULONG count = 0, i;
    HRESULT hr;

    hr = folder->lpVtbl->GetContentsTable(folder, MAPI_UNICODE, &table);
    if (FAILED(hr))
        return complain_hr(folder, hr, "The folder cannot be listed");
    hr = table->lpVtbl->SetColumns(table, (LPSPropTagArray)&columns, 0);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->GetRowCount(table, 0, &count);
    index->rows = count;
    while (SUCCEEDED(hr)) {
        bool ok = true, end;

        hr = table->lpVtbl->QueryRows(table, 1000, 0, &rows);
        if (FAILED(hr))
            break;
        for (i = 0; ok && i < rows->cRows; i++) {
            const SPropValue *row = rows->aRow[i].lpProps;

            if (row[1].ulPropTag == PR_SOURCE_DIGEST && row[1].Value.bin.cb == 32 &&
                    row[0].ulPropTag == PR_ENTRYID)
                ok = add(index, row[1].Value.bin.lpb, row[0].Value.bin.lpb, row[0].Value.bin.cb);
        }
        end = rows->cRows == 0;
        give_back_rows(rows);
        if (!ok)
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
        if (end)
            break;
        progress(client->cmd, "reading the list,", (unsigned long)index->count, 0);
    }
    if (FAILED(hr))
        complain_hr(table, hr, "The folder cannot be listed");
    table->lpVtbl->Release(table);
    sort(index);
    return FAILED(hr) ? 1 : 0;
}

int mail_index_journal(struct mail_index *index, const char *path)
{
    FILE *file = host_fopen(path, "rb");
    unsigned char id[256], digest[32];
    unsigned long number = 0;
    static char line[8192];
    size_t id_size, digest_size;

    if (!file)
        return complain("The journal %s cannot be opened.", path);
    while (fgets(line, sizeof(line), file)) {
        size_t length = strcspn(line, " ");

        number++;
        if (!strchr(line, '\n'))
            break; /* the killed process was writing it: not acknowledged */
        if (!host_hex_read(line, length, id, sizeof(id), &id_size) || strlen(line) < length + 66 ||
                !host_hex_read(line + length + 1, 64, digest, 32, &digest_size) ||
                !add(index, digest, id, id_size)) {
            fclose(file);
            return complain("Line %lu of the journal %s cannot be understood.", number, path);
        }
    }
    fclose(file);
    sort(index);
    return 0;
}

bool mail_index_find(
        const struct mail_index *index, const unsigned char digest[32], struct indexed **out_item)
{
    size_t low = 0, high = index->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (memcmp(index->items[middle].digest, digest, 32) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < index->count && memcmp(index->items[low].digest, digest, 32) == 0; low++) {
        if (!out_item)
            return true;
        if (!index->items[low].taken) {
            *out_item = &index->items[low];
            return true;
        }
    }
    return false;
}

void mail_index_free(struct mail_index *index)
{
    while (index->count > 0)
        free(index->items[--index->count].entry_id.lpb);
    free(index->items);
    memset(index, 0, sizeof(*index));
}
