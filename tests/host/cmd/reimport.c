/* SPDX-License-Identifier: MIT */
/*
 * reimport.c - mailhost import of what mailhost export has written.
 *
 * One JSON object a line. A folder, with its names from the exported one down, into which the lines
 * that follow go ("whole" when it is the top of the store). Of the exported one itself only those
 * properties are taken that the folder lacks which all of it goes into:
 *
 *     {"whole":true,"folder":[],"properties":[...]}
 *     {"folder":["Top","Inbox"],"properties":[...]}
 *
 * A message; nested ones in "message" are the same without "associated":
 *
 *     {"associated":false,"properties":[...],"recipients":[[...],...],
 *      "attachments":[{"number":0,"properties":[...],"message":{...}},...]}
 *
 * An attachment with a structured storage has "storage" instead, the name of a file with the bytes
 * that attached.h tells of.
 *
 * A property has its value, or the name of a file with its bytes. Numbers of 64 bits are texts;
 * floating point, GUIDs, binary and 8-bit text are hex digits; multiple values are arrays. Named
 * properties have "guid" and "id" or "name", and the tag's id means nothing:
 *
 *     {"tag":"0037001f","value":"Hello"}  {"tag":"37010102","file":"000001-1-a.txt"}
 */
#include <stdlib.h>
#include <string.h>

#include "attached.h"
#include "cmd.h"
#include "exported.h"
#include "json.h"

enum {
    PART = 65536,
    NUMBERS_MAX = 100000 /* attachments that are made to reach a number */
};

struct reimport {
    struct client client;
    const char *dir;
    IMAPIFolder *base;
    IMAPIFolder *folder; /* the one at the moment */
    unsigned long line, done;
    char why[300]; /* the first thing that went wrong */
};

/* Values of one object, in a list of blocks. */
struct values {
    SPropValue *items;
    ULONG count;
    void **blocks;
    size_t block_count;
};

/* ---- Values ---- */

static void values_free(struct values *values)
{
    size_t i;

    for (i = 0; i < values->block_count; i++)
        free(values->blocks[i]);
    free(values->blocks);
    free(values->items);
    memset(values, 0, sizeof(*values));
}

/* Takes a block over, NULL too. */
static void *keep(struct values *values, void *block)
{
    void *more = realloc(values->blocks, (values->block_count + 1) * sizeof(*values->blocks));

    if (!more || !block) {
        free(block);
        values->blocks = more ? more : values->blocks;
        return NULL;
    }
    values->blocks = more;
    values->blocks[values->block_count++] = block;
    return block;
}

static bool read_fixed(ULONG type, const struct json *json, void *out)
{
    size_t size = host_prop_fixed_size(type), got = 0;
    int16_t narrow = (int16_t)json_number(json);
    int32_t number = (int32_t)json_number(json);
    int64_t wide = 0;
    unsigned char *bytes;
    char *digits;
    bool ok;

    switch (type) {
    case PT_I2:
    case PT_BOOLEAN:
        memcpy(out, &narrow, sizeof(narrow));
        return json->type == JSON_NUMBER;
    case PT_LONG:
        memcpy(out, &number, sizeof(number));
        return json->type == JSON_NUMBER;
    case PT_I8:
    case PT_SYSTIME:
    case PT_CURRENCY:
        digits = json_utf8(json);
        if (digits)
            wide = strtoll(digits, NULL, 10);
        ok = digits != NULL;
        free(digits);
        memcpy(out, &wide, sizeof(wide));
        return ok;
    default:
        bytes = json_bytes(json, &got);
        ok = bytes && got == size;
        if (ok)
            memcpy(out, bytes, size);
        free(bytes);
        return ok;
    }
}

/* Text or bytes with their size; texts have terminators. NULL: it is none. */
static void *read_bytes(struct values *values, ULONG type, const struct json *json, size_t *size)
{
    unsigned char *bytes;
    void *copy;

    if (type != PT_UNICODE) {
        bytes = json_bytes(json, size);
        if (bytes && type == PT_STRING8)
            bytes[*size] = '\0'; /* there is room */
        return keep(values, bytes);
    }
    if (json->type != JSON_TEXT)
        return NULL;
    *size = json->count * sizeof(*json->text);
    copy = malloc(*size + sizeof(*json->text));
    if (copy)
        memcpy(copy, json->text, *size + sizeof(*json->text));
    return keep(values, copy);
}

/* The items of a multiple value, one behind the other as MAPI has them. */
static bool read_many(struct values *values, const struct json *json, SPropValue *out)
{
    ULONG type = PROP_TYPE(out->ulPropTag) & ~(ULONG)MV_FLAG;
    size_t size = host_prop_fixed_size(type), i = 0, got;
    size_t item = type == PT_BINARY ? sizeof(SBinary) : size > 0 ? size : sizeof(void *);
    char *array = keep(values, calloc(json->count + 1, item));
    const struct json *at;

    if (!array || json->type != JSON_ARRAY)
        return false;
    for (at = json->first; at; at = at->next, i++) {
        void *bytes;

        if (size > 0) {
            if (!read_fixed(type, at, array + i * item))
                return false;
            continue;
        }
        bytes = read_bytes(values, type, at, &got);
        if (!bytes)
            return false;
        if (type == PT_BINARY) {
            SBinary binary = { (ULONG)got, bytes };

            memcpy(array + i * item, &binary, sizeof(binary));
        } else {
            memcpy(array + i * item, &bytes, sizeof(bytes));
        }
    }
    out->Value.MVl.cValues = (ULONG)json->count;
    memcpy(&out->Value.MVl.lpl, &array, sizeof(array));
    return true;
}

static bool read_value_of(struct values *values, const struct json *json, SPropValue *out)
{
    ULONG type = PROP_TYPE(out->ulPropTag);
    size_t size = 0;
    void *bytes;

    if (!json)
        return false;
    if ((type & MV_FLAG) != 0)
        return read_many(values, json, out);
    if (host_prop_fixed_size(type) > 0 && type != PT_CLSID)
        return read_fixed(type, json, &out->Value);
    if (type != PT_CLSID && type != PT_UNICODE && type != PT_STRING8 && type != PT_BINARY)
        return type == PT_NULL;
    bytes = read_bytes(values, type, json, &size);
    if (!bytes || (type == PT_CLSID && size != sizeof(GUID)))
        return false;
    if (type == PT_BINARY) {
        out->Value.bin.cb = (ULONG)size;
        out->Value.bin.lpb = bytes;
    } else {
        memcpy(&out->Value, &bytes, sizeof(bytes));
    }
    return true;
}

/* The tag in this store; a named property gets its id here. 0: it cannot be had. */
static ULONG read_tag(IMAPIProp *object, const struct json *prop)
{
    char *digits = json_utf8(json_member(prop, "tag"));
    ULONG tag = digits ? (ULONG)strtoul(digits, NULL, 16) : 0;
    const struct json *guid = json_member(prop, "guid"), *name = json_member(prop, "name");
    MAPINAMEID named = { .lpguid = NULL };
    MAPINAMEID *list = &named;
    LPSPropTagArray tags = NULL;
    unsigned char *bytes;
    size_t size = 0;

    free(digits);
    if (!guid || !object)
        return tag;
    bytes = json_bytes(guid, &size);
    memcpy(&named.lpguid, &bytes, sizeof(bytes));
    named.ulKind = name ? MNID_STRING : MNID_ID;
    if (name)
        memcpy(&named.Kind.lpwstrName, &name->text, sizeof(name->text));
    else
        named.Kind.lID = (LONG)json_number(json_member(prop, "id"));
    if (size == sizeof(GUID) && (!name || name->type == JSON_TEXT) &&
            object->lpVtbl->GetIDsFromNames(object, 1, &list, MAPI_CREATE, &tags) == S_OK)
        tag = PROP_TAG(PROP_TYPE(tag), PROP_ID(tags->aulPropTag[0]));
    else
        tag = 0;
    give_back(tags);
    free(bytes);
    return tag;
}

/* Which properties of a folder are taken; of other objects all are. */
struct wanted {
    LPSPropTagArray there; /* not these; NULL: any */
};

static bool is_wanted(const struct wanted *wanted, ULONG tag)
{
    ULONG i;

    if (!wanted)
        return true;
    for (i = 0; wanted->there && i < wanted->there->cValues; i++) {
        if (PROP_ID(wanted->there->aulPropTag[i]) == PROP_ID(tag))
            return false;
    }
    return exported_of_folder(tag);
}

/* All values that are in the line itself. */
static bool read_values(struct values *values, IMAPIProp *object, const struct json *props,
        const struct wanted *wanted)
{
    const struct json *prop;

    memset(values, 0, sizeof(*values));
    values->items = calloc((props ? props->count : 0) + 1, sizeof(*values->items));
    for (prop = props ? props->first : NULL; prop && values->items; prop = prop->next) {
        SPropValue *value = &values->items[values->count];

        if (json_member(prop, "file"))
            continue;
        value->ulPropTag = read_tag(object, prop);
        if (value->ulPropTag == 0 || !read_value_of(values, json_member(prop, "value"), value))
            return false;
        values->count += is_wanted(wanted, value->ulPropTag);
    }
    return values->items != NULL;
}

/* ---- Objects ---- */

static HRESULT bad(struct reimport *import, const char *what)
{
    if (!import->why[0])
        snprintf(import->why, sizeof(import->why), "%s", what);
    return MAPI_E_CORRUPT_DATA;
}

/* A name that stays in the folder. */
static bool is_safe(const char *name)
{
    return name && *name && !strchr(name, '/') && !strchr(name, '\\') && !strchr(name, ':') &&
           strcmp(name, "..") != 0;
}

static HRESULT copy_file(FILE *file, IStream *stream)
{
    unsigned char *part = malloc(PART);
    HRESULT hr = part ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    while (SUCCEEDED(hr)) {
        size_t got = fread(part, 1, PART, file);
        ULONG written = 0;

        if (got == 0)
            break;
        hr = stream->lpVtbl->Write(stream, part, (ULONG)got, &written);
        if (SUCCEEDED(hr) && written != got)
            hr = MAPI_E_NOT_ENOUGH_DISK;
    }
    if (SUCCEEDED(hr) && ferror(file))
        hr = MAPI_E_DISK_ERROR;
    if (SUCCEEDED(hr))
        hr = stream->lpVtbl->Commit(stream, 0);
    free(part);
    return hr;
}

/* The path of a file that belongs to the exported mail; false: it is none. */
static bool path_of(const struct reimport *import, const struct json *json, char *out)
{
    char *name = json_utf8(json);
    bool ok = is_safe(name) && exported_path(import->dir, name, out);

    free(name);
    return ok;
}

static HRESULT write_file(struct reimport *import, IMAPIProp *object, const struct json *prop)
{
    char path[EXPORTED_PATH_MAX];
    ULONG tag = read_tag(object, prop);
    LPUNKNOWN opened = NULL;
    FILE *file = NULL;
    HRESULT hr;

    if (path_of(import, json_member(prop, "file"), path))
        file = host_fopen(path, "rb");
    if (!file || tag == 0) {
        if (file)
            fclose(file);
        return bad(import, "A file that belongs to it cannot be read.");
    }
    hr = object->lpVtbl->OpenProperty(
            object, tag, &IID_IStream, STGM_READWRITE, MAPI_CREATE | MAPI_MODIFY, &opened);
    if (SUCCEEDED(hr)) {
        hr = copy_file(file, (IStream *)(void *)opened);
        opened->lpVtbl->Release(opened);
    }
    fclose(file);
    return hr;
}

/* What the store computes itself is left to it. */
static HRESULT write_wanted(struct reimport *import, IMAPIProp *object, const struct json *props,
        const struct wanted *wanted)
{
    LPSPropProblemArray problems = NULL;
    const struct json *prop;
    struct values values;
    HRESULT hr = S_OK;
    ULONG i;

    if (!read_values(&values, object, props, wanted))
        hr = bad(import, "A property is not one.");
    else if (values.count > 0)
        hr = object->lpVtbl->SetProps(object, values.count, values.items, &problems);
    for (i = 0; SUCCEEDED(hr) && problems && i < problems->cProblem; i++) {
        if (problems->aProblem[i].scode != MAPI_E_COMPUTED)
            hr = problems->aProblem[i].scode;
    }
    give_back(problems);
    values_free(&values);
    for (prop = props ? props->first : NULL; SUCCEEDED(hr) && prop; prop = prop->next) {
        if (json_member(prop, "file") && is_wanted(wanted, read_tag(object, prop)))
            hr = write_file(import, object, prop);
    }
    return hr;
}

static HRESULT write_props(struct reimport *import, IMAPIProp *object, const struct json *props)
{
    return write_wanted(import, object, props, NULL);
}

static HRESULT write_recipient(struct reimport *import, IMessage *message, const struct json *row)
{
    const struct host_mem_trio *trio = host_mem_trio(0);
    SizedADRLIST(1, list) = { 1, { { 0, 0, NULL } } };
    struct values values;
    HRESULT hr = S_OK;

    if (!read_values(&values, (IMAPIProp *)message, row, NULL))
        hr = bad(import, "A recipient is not one.");
    if (SUCCEEDED(hr))
        hr = host_props_copy(trio, values.count, values.items, &list.aEntries[0].rgPropVals);
    list.aEntries[0].cValues = values.count;
    if (SUCCEEDED(hr))
        hr = message->lpVtbl->ModifyRecipients(message, MODRECIP_ADD, (LPADRLIST)&list);
    give_back(list.aEntries[0].rgPropVals);
    values_free(&values);
    return hr;
}

static HRESULT write_message(struct reimport *import, IMessage *message, const struct json *line);

static HRESULT write_nested(struct reimport *import, IAttach *attach, const struct json *line)
{
    LPUNKNOWN opened = NULL;
    IMessage *message;
    HRESULT hr;

    hr = attach->lpVtbl->OpenProperty(
            attach, PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, MAPI_CREATE | MAPI_MODIFY, &opened);
    if (FAILED(hr))
        return hr;
    message = (IMessage *)(void *)opened;
    hr = write_message(import, message, line);
    if (SUCCEEDED(hr))
        hr = message->lpVtbl->SaveChanges(message, 0);
    message->lpVtbl->Release(message);
    return hr;
}

static HRESULT write_storage(struct reimport *import, IAttach *attach, const struct json *file)
{
    char path[EXPORTED_PATH_MAX];
    IStream *bytes = path_of(import, file, path) ? host_stream_file(path, false) : NULL;
    HRESULT hr;

    if (!bytes)
        return bad(import, "A structured storage that belongs to it cannot be read.");
    hr = attached_storage_write(attach, bytes);
    bytes->lpVtbl->Release(bytes);
    return hr == STG_E_READFAULT ? bad(import, "A structured storage is not one.") : hr;
}

/* Under its own number: those before it that are not there were deleted once. */
static HRESULT create_attachment(IMessage *message, long long wanted, IAttach **out)
{
    unsigned tries;
    HRESULT hr = S_OK;

    for (tries = 0; tries < NUMBERS_MAX; tries++) {
        ULONG number = 0;

        hr = message->lpVtbl->CreateAttach(message, NULL, 0, &number, out);
        if (FAILED(hr) || number >= wanted)
            break;
        (*out)->lpVtbl->Release(*out);
        *out = NULL;
    }
    return hr;
}

static HRESULT write_attachment(struct reimport *import, IMessage *message, const struct json *line)
{
    const struct json *nested = json_member(line, "message");
    const struct json *storage = json_member(line, "storage");
    IAttach *attach = NULL;
    HRESULT hr;

    hr = create_attachment(message, json_number(json_member(line, "number")), &attach);
    if (FAILED(hr) || !attach)
        return FAILED(hr) ? hr : bad(import, "An attachment's number is too high.");
    hr = write_props(import, (IMAPIProp *)attach, json_member(line, "properties"));
    if (SUCCEEDED(hr) && nested)
        hr = write_nested(import, attach, nested);
    if (SUCCEEDED(hr) && storage)
        hr = write_storage(import, attach, storage);
    if (SUCCEEDED(hr))
        hr = attach->lpVtbl->SaveChanges(attach, 0);
    attach->lpVtbl->Release(attach);
    return hr;
}

/* Everything but SaveChanges. */
static HRESULT write_message(struct reimport *import, IMessage *message, const struct json *line)
{
    const struct json *recipients = json_member(line, "recipients");
    const struct json *attachments = json_member(line, "attachments");
    const struct json *at;
    HRESULT hr;

    hr = write_props(import, (IMAPIProp *)message, json_member(line, "properties"));
    for (at = recipients ? recipients->first : NULL; SUCCEEDED(hr) && at; at = at->next)
        hr = write_recipient(import, message, at);
    for (at = attachments ? attachments->first : NULL; SUCCEEDED(hr) && at; at = at->next)
        hr = write_attachment(import, message, at);
    return hr;
}

/* ---- Lines ---- */

/* PR_MSG_STATUS goes its own way. */
static HRESULT set_status(struct reimport *import, IMessage *message, const struct json *props)
{
    static SizedSPropTagArray(1, tags) = { 1, { PR_ENTRYID } };
    const struct json *prop = props ? props->first : NULL;
    SPropValue *id = NULL;
    ULONG count = 0, status;
    HRESULT hr;

    while (prop && read_tag(NULL, prop) != PR_MSG_STATUS)
        prop = prop->next;
    status = (ULONG)json_number(json_member(prop, "value"));
    if (status == 0)
        return S_OK;
    hr = message->lpVtbl->GetProps(message, (LPSPropTagArray)&tags, 0, &count, &id);
    if (hr == S_OK)
        hr = import->folder->lpVtbl->SetMessageStatus(
                import->folder, id->Value.bin.cb, id_of(&id->Value.bin), status, 0xFFFFFFFF, NULL);
    give_back(id);
    return hr;
}

static HRESULT take_message(struct reimport *import, const struct json *line)
{
    const struct json *associated = json_member(line, "associated");
    bool is_associated = associated && associated->type == JSON_TRUE;
    IMessage *message = NULL;
    HRESULT hr;

    hr = import->folder->lpVtbl->CreateMessage(
            import->folder, NULL, is_associated ? MAPI_ASSOCIATED : 0, &message);
    if (FAILED(hr))
        return hr;
    hr = write_message(import, message, line);
    if (SUCCEEDED(hr))
        hr = message->lpVtbl->SaveChanges(message, KEEP_OPEN_READONLY);
    if (SUCCEEDED(hr))
        hr = set_status(import, message, json_member(line, "properties"));
    if (SUCCEEDED(hr))
        import->done++;
    message->lpVtbl->Release(message);
    return hr;
}

/* Of the folder that all of it goes into, what it has stays. */
static HRESULT write_folder(struct reimport *import, IMAPIFolder *folder, const struct json *props)
{
    struct wanted wanted = { NULL };
    HRESULT hr = S_OK;

    if (folder == import->base)
        hr = folder->lpVtbl->GetPropList(folder, MAPI_UNICODE, &wanted.there);
    if (SUCCEEDED(hr))
        hr = write_wanted(import, (IMAPIProp *)folder, props, &wanted);
    give_back(wanted.there);
    return hr;
}

static HRESULT take_folder(struct reimport *import, const struct json *line)
{
    const struct json *name = json_member(line, "folder")->first;
    IMAPIFolder *folder = import->base;
    HRESULT hr = S_OK;

    folder->lpVtbl->AddRef(folder);
    for (; name && SUCCEEDED(hr); name = name->next) {
        IMAPIFolder *below = NULL;

        union {
            const uint16_t *given;
            LPTSTR taken;
        } text = { .given = name->text };

        hr = MAPI_E_CORRUPT_DATA;
        if (name->type == JSON_TEXT)
            hr = folder->lpVtbl->CreateFolder(folder, FOLDER_GENERIC, text.taken, NULL, NULL,
                    MAPI_UNICODE | OPEN_IF_EXISTS, &below);
        folder->lpVtbl->Release(folder);
        folder = below;
    }
    if (FAILED(hr))
        return hr;
    hr = write_folder(import, folder, json_member(line, "properties"));
    if (import->folder)
        import->folder->lpVtbl->Release(import->folder);
    import->folder = folder;
    return hr;
}

static HRESULT take_line(struct reimport *import, const char *text, size_t size)
{
    struct json_document *document;
    const struct json *line;
    size_t at;
    HRESULT hr;

    document = json_read(text, size, &at);
    if (!document) {
        snprintf(import->why, sizeof(import->why), "It is not JSON from byte %lu on.",
                (unsigned long)at);
        return MAPI_E_CORRUPT_DATA;
    }
    line = json_root(document);
    if (json_member(line, "folder"))
        hr = take_folder(import, line);
    else if (json_member(line, "properties"))
        hr = take_message(import, line);
    else
        hr = bad(import, "It is neither a folder nor a message.");
    json_free(document);
    return hr;
}

/* The next line without its end into a buffer that grows; false: there is none, or no memory. */
static bool read_line(FILE *file, char **text, size_t *size, size_t *room)
{
    int c;

    *size = 0;
    while ((c = fgetc(file)) != EOF && c != '\n') {
        if (*size == *room) {
            char *more = realloc(*text, 2 * *room + 256);

            if (!more)
                return false;
            *text = more;
            *room = 2 * *room + 256;
        }
        (*text)[(*size)++] = (char)c;
    }
    return c != EOF || *size > 0;
}

static int take_file(struct reimport *import, FILE *file)
{
    char *text = NULL;
    size_t size, room = 0;
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && read_line(file, &text, &size, &room)) {
        import->line++;
        if (size > 0)
            hr = take_line(import, text, size);
        progress(import->client.cmd, "importing", import->done, 0);
    }
    free(text);
    if (SUCCEEDED(hr))
        return 0;
    return complain("Line %lu cannot be imported: %s", import->line,
            import->why[0] ? import->why : host_hr_sentence(hr));
}

/* Does its first line say so? */
static bool is_whole_store(FILE *file)
{
    static const char mark[] = EXPORTED_WHOLE;
    char head[sizeof(mark)] = "";

    (void)fread(head, 1, sizeof(mark) - 1, file);
    rewind(file);
    return strcmp(head, mark) == 0;
}

bool verb_reimport(const struct cmd *cmd, int *out_status)
{
    struct reimport import = { .dir = cmd->args[0] };
    char path[EXPORTED_PATH_MAX];
    FILE *file = NULL;
    int status;

    if (exported_path(import.dir, EXPORTED_FILE, path))
        file = host_fopen(path, "rb");
    if (!file)
        return false;
    status = client_open(&import.client, cmd, true);
    if (status == 0) {
        import.base = !cmd->folder && is_whole_store(file)
                              ? open_folder(&import.client, NULL, MAPI_MODIFY)
                              : client_folder(&import.client, cmd->folder, true);
        import.folder = import.base;
        if (import.folder)
            import.folder->lpVtbl->AddRef(import.folder);
        status = import.base ? take_file(&import, file) : 1;
    }
    if (import.folder)
        import.folder->lpVtbl->Release(import.folder);
    if (import.base)
        import.base->lpVtbl->Release(import.base);
    fclose(file);
    if (status == 0 && !cmd->quiet)
        fputc('\n', stderr);
    printf("imported %lu messages\n", import.done);
    *out_status = client_close(&import.client, status);
    return true;
}
