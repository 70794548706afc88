/* SPDX-License-Identifier: MIT */
/*
 * export.c - mailhost export: mail as text, for people, scripts, and import into another store.
 *
 * DIR/mail.jsonl has one JSON object a line: folders, each before its messages, and messages with
 * all properties, recipients and attachments. Long values lie beside it, attachments under names
 * that end like theirs. What a line looks like is told at the head of reimport.c.
 */
#include <stdlib.h>
#include <string.h>

#include "attached.h"
#include "cmd.h"
#include "exported.h"
#include "json.h"

enum {
    PART = 65536,
    NAME_MAX_SIZE = 60 /* of an attachment's name in that of its file */
};

struct exporter {
    struct client *client;
    const char *dir;
    FILE *out;
    char *path[256]; /* names of the folders down to this one */
    unsigned depth;  /* how many */
    unsigned long messages, files;
    unsigned file_of_message;
    bool is_whole;
};

/* ---- Values ---- */

static void put_number(FILE *out, ULONG type, const void *bytes)
{
    int64_t wide;
    int32_t number;
    int16_t narrow;

    switch (type) {
    case PT_I2:
    case PT_BOOLEAN:
        memcpy(&narrow, bytes, sizeof(narrow));
        fprintf(out, "%d", narrow);
        break;
    case PT_LONG:
        memcpy(&number, bytes, sizeof(number));
        fprintf(out, "%ld", (long)number);
        break;
    case PT_I8:
    case PT_SYSTIME:
    case PT_CURRENCY:
        memcpy(&wide, bytes, sizeof(wide));
        fprintf(out, "\"%lld\"", (long long)wide);
        break;
    default:
        json_put_hex(out, bytes, host_prop_fixed_size(type));
        break;
    }
}

static void put_bytes(FILE *out, ULONG type, const void *bytes, size_t size)
{
    if (type == PT_UNICODE)
        json_put_utf16(out, bytes, size / sizeof(uint16_t));
    else
        json_put_hex(out, bytes, size);
}

/* Multiple values: all arrays have their count first, and then the pointer. */
static void put_many(FILE *out, const SPropValue *value)
{
    ULONG type = PROP_TYPE(value->ulPropTag) & ~(ULONG)MV_FLAG, i;
    size_t size = host_prop_fixed_size(type);

    fputc('[', out);
    for (i = 0; i < value->Value.MVl.cValues; i++) {
        if (i > 0)
            fputc(',', out);
        if (type == PT_BINARY)
            put_bytes(out, type, value->Value.MVbin.lpbin[i].lpb, value->Value.MVbin.lpbin[i].cb);
        else if (type == PT_UNICODE)
            put_bytes(out, type, value->Value.MVszW.lppszW[i],
                    2 * host_text_utf16_length((const uint16_t *)value->Value.MVszW.lppszW[i]));
        else if (type == PT_STRING8)
            put_bytes(
                    out, type, value->Value.MVszA.lppszA[i], strlen(value->Value.MVszA.lppszA[i]));
        else
            put_number(out, type, (const char *)value->Value.MVl.lpl + i * size);
    }
    fputc(']', out);
}

static void put_value(FILE *out, const SPropValue *value)
{
    ULONG type = PROP_TYPE(value->ulPropTag);
    const void *bytes;
    size_t size;

    if ((type & MV_FLAG) != 0) {
        put_many(out, value);
        return;
    }
    bytes = host_prop_bytes(value, &size);
    if (host_prop_fixed_size(type) > 0)
        put_number(out, type, bytes);
    else if (type == PT_UNICODE || type == PT_STRING8 || type == PT_BINARY)
        put_bytes(out, type, bytes, size);
    else
        fputs("null", out);
}

/* ---- Files ---- */

static bool is_good_in_a_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

/* The end of an attachment's own name, as far as every file system takes it. */
static void friendly_name(IMAPIProp *object, ULONG tag, char out[NAME_MAX_SIZE + 1])
{
    static const ULONG names[] = { PR_ATTACH_LONG_FILENAME_W, PR_ATTACH_FILENAME_W };
    size_t length = 0, i;

    strcpy(out, PROP_TYPE(tag) == PT_UNICODE ? "text" : "bin");
    if (tag != PR_ATTACH_DATA_BIN)
        return;
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        unsigned char *bytes = NULL;
        size_t size = 0;
        char *name;

        if (read_value(object, names[i], &bytes, &size) != S_OK || size == 0) {
            free(bytes);
            continue;
        }
        name = host_text_to_utf8((const uint16_t *)(void *)bytes, size / 2);
        free(bytes);
        length = name ? strlen(name) : 0;
        if (length > 0) {
            const char *from = name + (length > NAME_MAX_SIZE ? length - NAME_MAX_SIZE : 0);
            size_t n = 0;

            for (; *from; from++)
                out[n++] = is_good_in_a_name(*from) ? *from : '_';
            out[n] = '\0';
        }
        free(name);
        if (length > 0)
            return;
    }
}

static HRESULT copy_stream(IStream *stream, FILE *file)
{
    unsigned char *part = malloc(PART);
    HRESULT hr = part ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
    ULONG got = 1;

    while (SUCCEEDED(hr) && got > 0) {
        got = 0;
        hr = stream->lpVtbl->Read(stream, part, PART, &got);
        if (SUCCEEDED(hr) && fwrite(part, 1, got, file) != got)
            hr = MAPI_E_NOT_ENOUGH_DISK;
    }
    free(part);
    return hr;
}

/* A file of its own for what the stream has, and its name as a JSON member. */
static HRESULT put_stream(
        struct exporter *exporter, const char *member, const char *friendly, IStream *stream)
{
    char path[EXPORTED_PATH_MAX], name[NAME_MAX_SIZE + 64];
    FILE *file;
    HRESULT hr;

    snprintf(name, sizeof(name), "%06lu-%u-%s", exporter->messages, ++exporter->file_of_message,
            friendly);
    if (!exported_path(exporter->dir, name, path))
        return MAPI_E_NOT_ENOUGH_DISK;
    file = host_fopen(path, "wb");
    hr = file ? copy_stream(stream, file) : MAPI_E_NOT_ENOUGH_DISK;
    if (file && fclose(file) != 0)
        hr = MAPI_E_NOT_ENOUGH_DISK;
    fprintf(exporter->out, ",\"%s\":", member);
    json_put_text(exporter->out, name);
    exporter->files++;
    return hr;
}

/* A value that is long, or an attachment. */
static HRESULT put_file(struct exporter *exporter, IMAPIProp *object, ULONG tag)
{
    char friendly[NAME_MAX_SIZE + 1];
    LPUNKNOWN opened = NULL;
    HRESULT hr;

    hr = object->lpVtbl->OpenProperty(object, tag, &IID_IStream, STGM_READ, 0, &opened);
    if (FAILED(hr))
        return hr;
    friendly_name(object, tag, friendly);
    hr = put_stream(exporter, "file", friendly, (IStream *)(void *)opened);
    opened->lpVtbl->Release(opened);
    return hr;
}

/* ---- Properties ---- */

/* The beginning of a property: its tag, and its name when it has one. */
static void put_tag(FILE *out, IMAPIProp *object, ULONG tag)
{
    SizedSPropTagArray(1, tags) = { 1, { tag } };
    LPSPropTagArray array = (LPSPropTagArray)&tags;
    LPMAPINAMEID *names = NULL;
    ULONG count = 0;

    fprintf(out, "{\"tag\":\"%08lx\"", (unsigned long)tag);
    if (PROP_ID(tag) < 0x8000)
        return;
    if (object->lpVtbl->GetNamesFromIDs(object, &array, NULL, 0, &count, &names) == S_OK &&
            count == 1 && names[0] && names[0]->lpguid) {
        fputs(",\"guid\":", out);
        json_put_hex(out, names[0]->lpguid, sizeof(GUID));
        if (names[0]->ulKind == MNID_ID) {
            fprintf(out, ",\"id\":%ld", (long)names[0]->Kind.lID);
        } else {
            const uint16_t *name = (const uint16_t *)names[0]->Kind.lpwstrName;

            fputs(",\"name\":", out);
            json_put_utf16(out, name, host_text_utf16_length(name));
        }
    }
    give_back(names);
}

static HRESULT put_prop(
        struct exporter *exporter, IMAPIProp *object, ULONG tag, const SPropValue *value)
{
    bool is_large =
            PROP_TYPE(value->ulPropTag) == PT_ERROR && value->Value.err == MAPI_E_NOT_ENOUGH_MEMORY;
    HRESULT hr = S_OK;

    put_tag(exporter->out, object, tag);
    if (is_large || tag == PR_ATTACH_DATA_BIN) {
        hr = put_file(exporter, object, tag);
    } else if (PROP_TYPE(value->ulPropTag) == PT_ERROR && PROP_TYPE(tag) != PT_ERROR) {
        hr = value->Value.err;
    } else {
        fputs(",\"value\":", exporter->out);
        put_value(exporter->out, value);
    }
    fputc('}', exporter->out);
    return hr;
}

static HRESULT put_props(struct exporter *exporter, IMAPIProp *object)
{
    LPSPropTagArray tags = NULL;
    SPropValue *values = NULL;
    ULONG count = 0, i;
    bool first = true;
    HRESULT hr;

    hr = object->lpVtbl->GetPropList(object, MAPI_UNICODE, &tags);
    if (SUCCEEDED(hr) && tags->cValues > 0)
        hr = object->lpVtbl->GetProps(object, tags, MAPI_UNICODE, &count, &values);
    fputs("\"properties\":[", exporter->out);
    for (i = 0; SUCCEEDED(hr) && i < count; i++) {
        if (PROP_TYPE(tags->aulPropTag[i]) == PT_OBJECT || is_nameless(object, tags->aulPropTag[i]))
            continue;
        if (!first)
            fputc(',', exporter->out);
        first = false;
        hr = put_prop(exporter, object, tags->aulPropTag[i], &values[i]);
    }
    fputc(']', exporter->out);
    give_back(values);
    give_back(tags);
    return hr;
}

/* ---- Messages ---- */

/* Columns that are the table's own, not the recipient's. */
static bool is_of_table(ULONG tag)
{
    return tag == PR_ROWID || tag == PR_INSTANCE_KEY || tag == PR_ROW_TYPE || tag == PR_DEPTH ||
           PROP_TYPE(tag) == PT_ERROR || PROP_TYPE(tag) == PT_OBJECT;
}

/* A recipient is no object: the names of its properties are the message's. */
static void put_row(FILE *out, IMessage *message, const SRow *row)
{
    bool first = true;
    ULONG i;

    fputs("[", out);
    for (i = 0; i < row->cValues; i++) {
        const SPropValue *value = &row->lpProps[i];

        if (is_of_table(value->ulPropTag) || is_nameless((IMAPIProp *)message, value->ulPropTag))
            continue;
        if (!first)
            fputc(',', out);
        first = false;
        put_tag(out, (IMAPIProp *)message, value->ulPropTag);
        fputs(",\"value\":", out);
        put_value(out, value);
        fputc('}', out);
    }
    fputs("]", out);
}

static HRESULT put_recipients(struct exporter *exporter, IMessage *message)
{
    IMAPITable *table = NULL;
    LPSPropTagArray all = NULL;
    bool first = true;
    ULONG i, n = 1;
    HRESULT hr;

    hr = message->lpVtbl->GetRecipientTable(message, MAPI_UNICODE, &table);
    if (FAILED(hr))
        return hr;
    hr = table->lpVtbl->QueryColumns(table, TBL_ALL_COLUMNS, &all);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->SetColumns(table, all, 0);
    while (SUCCEEDED(hr) && n > 0) {
        LPSRowSet rows = NULL;

        hr = table->lpVtbl->QueryRows(table, 1000, 0, &rows);
        n = SUCCEEDED(hr) ? rows->cRows : 0;
        for (i = 0; i < n; i++) {
            if (!first)
                fputc(',', exporter->out);
            first = false;
            put_row(exporter->out, message, &rows->aRow[i]);
        }
        give_back_rows(rows);
    }
    give_back(all);
    table->lpVtbl->Release(table);
    return hr;
}

static HRESULT put_message(struct exporter *exporter, IMessage *message);

static HRESULT put_storage(struct exporter *exporter, IStorage *storage)
{
    IStream *bytes = NULL;
    HRESULT hr = attached_storage_read(storage, &bytes);

    if (FAILED(hr))
        return hr;
    hr = put_stream(exporter, "storage", "storage", bytes);
    bytes->lpVtbl->Release(bytes);
    return hr;
}

static HRESULT put_object(struct exporter *exporter, IAttach *attach)
{
    IMessage *message = NULL;
    IStorage *storage = NULL;
    HRESULT hr = attached_open(attach, &message, &storage);

    if (message) {
        fputs(",\"message\":{", exporter->out);
        hr = put_message(exporter, message);
        fputc('}', exporter->out);
        message->lpVtbl->Release(message);
    }
    if (storage) {
        hr = put_storage(exporter, storage);
        storage->lpVtbl->Release(storage);
    }
    return hr;
}

static HRESULT put_attachment(struct exporter *exporter, IMessage *message, ULONG number)
{
    IAttach *attach = NULL;
    HRESULT hr;

    hr = message->lpVtbl->OpenAttach(message, number, NULL, 0, &attach);
    if (FAILED(hr))
        return hr;
    fprintf(exporter->out, "{\"number\":%lu,", (unsigned long)number);
    hr = put_props(exporter, (IMAPIProp *)attach);
    if (SUCCEEDED(hr))
        hr = put_object(exporter, attach);
    fputc('}', exporter->out);
    attach->lpVtbl->Release(attach);
    return hr;
}

static HRESULT put_attachments(struct exporter *exporter, IMessage *message)
{
    static SizedSPropTagArray(1, tags) = { 1, { PR_ATTACH_NUM } };
    IMAPITable *table = NULL;
    LPSRowSet rows = NULL;
    HRESULT hr;
    ULONG i;

    hr = message->lpVtbl->GetAttachmentTable(message, MAPI_UNICODE, &table);
    if (FAILED(hr))
        return hr;
    hr = table->lpVtbl->SetColumns(table, (LPSPropTagArray)&tags, 0);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->QueryRows(table, 100000, 0, &rows);
    for (i = 0; SUCCEEDED(hr) && i < rows->cRows; i++) {
        if (i > 0)
            fputc(',', exporter->out);
        hr = put_attachment(exporter, message, (ULONG)rows->aRow[i].lpProps[0].Value.l);
    }
    give_back_rows(rows);
    table->lpVtbl->Release(table);
    return hr;
}

static HRESULT put_message(struct exporter *exporter, IMessage *message)
{
    HRESULT hr = put_props(exporter, (IMAPIProp *)message);

    fputs(",\"recipients\":[", exporter->out);
    if (SUCCEEDED(hr))
        hr = put_recipients(exporter, message);
    fputs("],\"attachments\":[", exporter->out);
    if (SUCCEEDED(hr))
        hr = put_attachments(exporter, message);
    fputc(']', exporter->out);
    return SUCCEEDED(hr) && ferror(exporter->out) ? MAPI_E_NOT_ENOUGH_DISK : hr;
}

/* One message as a line. */
static int export_message(struct exporter *exporter, const SBinary *id, bool is_associated)
{
    HRESULT hr;
    IMessage *message = open_message(exporter->client, id, &hr);

    if (!message)
        return complain_hr(exporter->client->store, hr, "A message cannot be opened");
    exporter->messages++;
    exporter->file_of_message = 0;
    fprintf(exporter->out, "{\"associated\":%s,", is_associated ? "true" : "false");
    hr = put_message(exporter, message);
    fputs("}\n", exporter->out);
    message->lpVtbl->Release(message);
    progress(exporter->client->cmd, "exporting", exporter->messages, 0);
    return FAILED(hr) ? complain("A message cannot be exported: %s", host_hr_sentence(hr)) : 0;
}

/* ---- Folders ---- */

static int export_contents(struct exporter *exporter, IMAPIFolder *folder, ULONG flags)
{
    static SizedSPropTagArray(1, tags) = { 1, { PR_ENTRYID } };
    IMAPITable *table = NULL;
    int status = 0;
    ULONG i, n = 1;
    HRESULT hr;

    hr = folder->lpVtbl->GetContentsTable(folder, MAPI_UNICODE | flags, &table);
    if (FAILED(hr))
        return complain_hr(folder, hr, "A folder cannot be read");
    hr = table->lpVtbl->SetColumns(table, (LPSPropTagArray)&tags, 0);
    while (SUCCEEDED(hr) && status == 0 && n > 0) {
        LPSRowSet rows = NULL;

        hr = table->lpVtbl->QueryRows(table, 500, 0, &rows);
        n = SUCCEEDED(hr) ? rows->cRows : 0;
        for (i = 0; status == 0 && i < n; i++)
            status = export_message(
                    exporter, &rows->aRow[i].lpProps[0].Value.bin, (flags & MAPI_ASSOCIATED) != 0);
        give_back_rows(rows);
    }
    table->lpVtbl->Release(table);
    return FAILED(hr) ? complain("A folder cannot be read: %s", host_hr_sentence(hr)) : status;
}

/* Names from the exported folder down; its own is not among them. */
static int put_folder(struct exporter *exporter, IMAPIFolder *folder)
{
    unsigned i;
    HRESULT hr;

    fputs(exporter->is_whole && exporter->depth == 0 ? EXPORTED_WHOLE : "{", exporter->out);
    fputs("\"folder\":[", exporter->out);
    for (i = 0; i < exporter->depth; i++) {
        if (i > 0)
            fputc(',', exporter->out);
        json_put_text(exporter->out, exporter->path[i]);
    }
    fputs("],", exporter->out);
    hr = put_props(exporter, (IMAPIProp *)folder);
    fputs("}\n", exporter->out);
    return FAILED(hr) ? complain_hr(folder, hr, "A folder cannot be exported") : 0;
}

static int export_folder(struct exporter *exporter, IMAPIFolder *folder);

static int export_subfolder(struct exporter *exporter, const SPropValue *row)
{
    IMAPIFolder *folder;
    int status = 1;

    if (exporter->depth >= sizeof(exporter->path) / sizeof(exporter->path[0]))
        return complain("The folders are nested too deeply.");
    folder = open_folder(exporter->client, &row[0].Value.bin, 0);
    if (!folder)
        return 1;
    exporter->path[exporter->depth] =
            host_text_to_utf8((const uint16_t *)row[1].Value.lpszW, SIZE_MAX);
    if (exporter->path[exporter->depth++])
        status = export_folder(exporter, folder);
    free(exporter->path[--exporter->depth]);
    folder->lpVtbl->Release(folder);
    return status;
}

/* A folder and what is below it. The messages of a search folder are elsewhere. */
static int export_folder(struct exporter *exporter, IMAPIFolder *folder)
{
    static SizedSPropTagArray(
            3, columns) = { 3, { PR_ENTRYID, PR_DISPLAY_NAME_W, PR_FOLDER_TYPE } };
    IMAPITable *table = NULL;
    LPSRowSet rows = NULL;
    int status;
    HRESULT hr;
    ULONG i;

    status = put_folder(exporter, folder);
    if (status == 0)
        status = export_contents(exporter, folder, 0);
    if (status == 0)
        status = export_contents(exporter, folder, MAPI_ASSOCIATED);
    if (status != 0)
        return status;
    hr = folder->lpVtbl->GetHierarchyTable(folder, MAPI_UNICODE, &table);
    if (FAILED(hr))
        return complain_hr(folder, hr, "The subfolders cannot be listed");
    hr = table->lpVtbl->SetColumns(table, (LPSPropTagArray)&columns, 0);
    if (SUCCEEDED(hr))
        hr = table->lpVtbl->QueryRows(table, 100000, 0, &rows);
    if (FAILED(hr))
        status = complain("The subfolders cannot be listed: %s", host_hr_sentence(hr));
    for (i = 0; status == 0 && i < rows->cRows; i++) {
        if (rows->aRow[i].lpProps[2].Value.l != FOLDER_SEARCH)
            status = export_subfolder(exporter, rows->aRow[i].lpProps);
    }
    give_back_rows(rows);
    table->lpVtbl->Release(table);
    return status;
}

/* ---- The verb ---- */

/* An entry id, "/" for the whole store, or a folder. */
static int export_what(struct exporter *exporter, const char *what)
{
    unsigned char bytes[256];
    SBinary id = { 0, bytes };
    IMAPIFolder *folder;
    size_t size = 0;
    int status;

    if (host_hex_read(what, strlen(what), bytes, sizeof(bytes), &size) && size > 20) {
        id.cb = (ULONG)size;
        return export_message(exporter, &id, false);
    }
    exporter->is_whole = strcmp(what, "/") == 0;
    folder = exporter->is_whole ? open_folder(exporter->client, NULL, 0)
                                : client_folder(exporter->client, what, false);
    if (!folder)
        return 1;
    status = export_folder(exporter, folder);
    folder->lpVtbl->Release(folder);
    return status;
}

int verb_export(const struct cmd *cmd)
{
    struct client client;
    struct exporter exporter = { .client = &client, .dir = cmd->args[1] };
    char path[EXPORTED_PATH_MAX];
    int status = client_open(&client, cmd, false);

    if (status == 0 &&
            (!exported_dir_make(exporter.dir) || !exported_path(exporter.dir, EXPORTED_FILE, path)))
        status = complain("%s cannot be made.", exporter.dir);
    if (status == 0) {
        exporter.out = host_fopen(path, "wb");
        if (!exporter.out)
            status = complain("%s cannot be written.", path);
    }
    if (status == 0)
        status = export_what(&exporter, cmd->args[0]);
    if (exporter.out && fclose(exporter.out) != 0)
        status = complain("%s cannot be written.", path);
    if (status == 0) {
        if (!cmd->quiet)
            fputc('\n', stderr);
        printf("exported %lu messages, %lu files\n", exporter.messages, exporter.files);
    }
    return client_close(&client, status);
}
