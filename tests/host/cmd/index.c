/* SPDX-License-Identifier: MIT */
/*
 * index.c - which mails a folder holds, by the digest of their original bytes and their names.
 */
#include <stdlib.h>
#include <string.h>

#include "index.h"

/* Takes over the name. */
static bool add(struct mail_index *index, const unsigned char *digest, char *name, const void *id,
        size_t id_size)
{
    struct indexed *item;
    unsigned char *copy = malloc(id_size + 1);

    if (index->count == index->room) {
        size_t room = index->room ? 2 * index->room : 256;
        struct indexed *more = realloc(index->items, room * sizeof(*more));

        if (more) {
            index->items = more;
            index->room = room;
        }
    }
    if (!copy || !name || index->count == index->room) {
        free(copy);
        free(name);
        return false;
    }
    memcpy(copy, id, id_size);
    item = &index->items[index->count++];
    *item = (struct indexed){ .name = name, .entry_id = { (ULONG)id_size, copy } };
    memcpy(item->digest, digest, 32);
    return true;
}

static int compare(const struct indexed *item, const unsigned char *digest, const char *name)
{
    int order = memcmp(item->digest, digest, 32);

    return order != 0 ? order : strcmp(item->name, name);
}

static int by_mail(const void *a, const void *b)
{
    const struct indexed *other = b;

    return compare(a, other->digest, other->name);
}

static void sort(struct mail_index *index)
{
    if (index->count > 0)
        qsort(index->items, index->count, sizeof(index->items[0]), by_mail);
}

int mail_index_fill(struct mail_index *index, struct client *client, IMAPIFolder *folder)
{
    static SizedSPropTagArray(3, columns) = { 3, { PR_ENTRYID, PR_SOURCE_DIGEST, PR_SOURCE_NAME } };
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
                    row[2].ulPropTag == PR_SOURCE_NAME && row[0].ulPropTag == PR_ENTRYID)
                ok = add(index, row[1].Value.bin.lpb,
                        host_text_to_utf8((const uint16_t *)row[2].Value.lpszW, SIZE_MAX),
                        row[0].Value.bin.lpb, row[0].Value.bin.cb);
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

/* One line of a journal: entry id, digest, name. */
static bool add_line(struct mail_index *index, char *line)
{
    size_t length = strcspn(line, " "), end = strcspn(line, "\n"), size;
    unsigned char id[256], digest[32];
    size_t id_size;
    char *name;

    line[end] = 0;
    if (end < length + 66 || line[length + 65] != ' ' ||
            !host_hex_read(line, length, id, sizeof(id), &id_size) ||
            !host_hex_read(line + length + 1, 64, digest, sizeof(digest), &size))
        return false;
    size = end - (length + 66) + 1;
    name = malloc(size);
    if (name)
        memcpy(name, line + length + 66, size);
    return add(index, digest, name, id, id_size);
}

int mail_index_journal(struct mail_index *index, const char *path)
{
    FILE *file = host_fopen(path, "rb");
    unsigned long number = 0;
    static char line[8192];

    if (!file)
        return complain("The journal %s cannot be opened.", path);
    while (fgets(line, sizeof(line), file)) {
        number++;
        if (!strchr(line, '\n'))
            break; /* the killed process was writing it: not acknowledged */
        if (!add_line(index, line)) {
            fclose(file);
            return complain("Line %lu of the journal %s cannot be understood.", number, path);
        }
    }
    fclose(file);
    sort(index);
    return 0;
}

bool mail_index_find(
        const struct mail_index *index, const struct mail *mail, struct indexed **out_item)
{
    size_t low = 0, high = index->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(&index->items[middle], mail->digest, mail->name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < index->count && compare(&index->items[low], mail->digest, mail->name) == 0;
            low++) {
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
    while (index->count > 0) {
        index->count--;
        free(index->items[index->count].entry_id.lpb);
        free(index->items[index->count].name);
    }
    free(index->items);
    memset(index, 0, sizeof(*index));
}
