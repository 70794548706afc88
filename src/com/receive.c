/* SPDX-License-Identifier: MIT */
/*
 * receive.c - receive folders and their table.
 *
 * Owns:  the table source's rows.
 * Locks: everything here runs under the domain lock.
 */
#include "com/receive.h"

#include <string.h>

#include "com/logon.h"
#include "com/store.h"
#include "com/table.h"
#include "com/watch.h"
#include "mapi/mapitext.h"
#include "util/alloc.h"
#include "util/array.h"
#include "util/hash.h"
#include "util/utf.h"

enum { CLASS_MAX = 255 };

/* --- message classes -------------------------------------------------------------------------- */

/* The class as UTF-8, or MAPI_E_INVALID_PARAMETER: at most 255 printable ASCII characters, no
 * period at the end. NULL: "". */
static HRESULT read_class(struct msp_call *call, LPTSTR message_class, ULONG flags,
        char out[CLASS_MAX + 1], size_t *out_size)
{
    bool unicode = (flags & MAPI_UNICODE) != 0;
    const WCHAR *wide = (const WCHAR *)message_class;
    const unsigned char *narrow = (const unsigned char *)message_class;
    size_t size = 0;

    *out_size = 0;
    out[0] = '\0';
    while (message_class != NULL) {
        unsigned c = unicode ? wide[size] : narrow[size];

        if (c == 0)
            break;
        if (size == CLASS_MAX || c < 32 || c > 127)
            return msp_fail(call, MAPI_E_INVALID_PARAMETER, 0,
                    "A message class has at most 255 characters, all of them plain ASCII.");
        out[size++] = (char)c;
    }
    if (size > 0 && out[size - 1] == '.')
        return msp_fail(
                call, MAPI_E_INVALID_PARAMETER, 0, "A message class cannot end in a period.");
    out[size] = '\0';
    *out_size = size;
    return S_OK;
}

static bool same_class(const char *a, size_t a_size, const char *b, size_t b_size)
{
    return a_size == b_size && utf8_compare_fold(a, a_size, b, b_size) == 0;
}

/* --- set, get --------------------------------------------------------------------------------- */

/* No event tells of mappings: whoever watches their table is to look. */
static HRESULT mapping_changed(struct logon *logon, HRESULT hr)
{
    if (SUCCEEDED(hr)) {
        watch_tell_others(logon);
        notify_poke(&logon->notify);
    }
    return hr;
}

HRESULT receive_set(struct msp_call *call, struct logon *logon, LPTSTR message_class, ULONG flags,
        ULONG entry_id_size, LPENTRYID entry_id)
{
    char name[CLASS_MAX + 1];
    struct eng_folder folder;
    enum eng_status status;
    size_t size;
    HRESULT hr;

    if (!logon->can_write)
        return msp_fail(call, MAPI_E_NO_ACCESS, 0, "The store is open for reading only.");
    hr = read_class(call, message_class, flags, name, &size);
    if (FAILED(hr))
        return hr;
    if (entry_id_size == 0) {
        status = eng_receive_delete(logon->eng, name, size);
        if (status == ENG_NOT_FOUND)
            return S_OK;
        return mapping_changed(logon, msp_from_engine(call, logon->eng, status));
    }
    hr = logon_read_folder(call, logon, entry_id_size, entry_id, &folder);
    if (FAILED(hr))
        return hr;
    status = eng_receive_set(logon->eng, name, size, folder.id);
    return mapping_changed(logon, msp_from_engine(call, logon->eng, status));
}

/* The longest mapped class that is the wanted one or a base of it, whole components only. */
struct lookup {
    const char *wanted;
    size_t wanted_size;
    bool found;
    char name[CLASS_MAX + 1];
    size_t size;
    uint64_t folder;
};

static bool consider(
        void *context, const char *name, size_t size, uint64_t folder, uint64_t modified)
{
    struct lookup *lookup = context;

    MSP_UNUSED(modified);
    if (size > lookup->wanted_size || size > CLASS_MAX || (lookup->found && size <= lookup->size))
        return true;
    if (!same_class(name, size, lookup->wanted, size))
        return true;
    if (size > 0 && size < lookup->wanted_size && lookup->wanted[size] != '.')
        return true;
    lookup->found = true;
    memcpy(lookup->name, name, size);
    lookup->name[size] = '\0';
    lookup->size = size;
    lookup->folder = folder;
    return true;
}

static HRESULT give_class(
        struct logon *logon, const struct lookup *lookup, ULONG flags, LPTSTR *out)
{
    bool unicode = (flags & MAPI_UNICODE) != 0;
    void *block = NULL;
    HRESULT hr;

    hr = mapibuf_new(&logon->alloc, (lookup->size + 1) * (unicode ? sizeof(WCHAR) : 1), &block);
    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < lookup->size; i++) { /* ASCII, as receive_set() made sure */
        if (unicode)
            ((WCHAR *)block)[i] = (WCHAR)(unsigned char)lookup->name[i];
        else
            ((char *)block)[i] = lookup->name[i];
    }
    *out = block;
    return S_OK;
}

HRESULT receive_get(struct msp_call *call, struct logon *logon, LPTSTR message_class, ULONG flags,
        ULONG *out_size, LPENTRYID *out_entry_id, LPTSTR *out_explicit_class)
{
    struct lookup lookup = {
        .folder = ENG_ROOT_FOLDER
    }; /* a lookup never fails: without any mapping it is the root */
    char wanted[CLASS_MAX + 1];
    void *block = NULL;
    HRESULT hr;

    hr = read_class(call, message_class, flags, wanted, &lookup.wanted_size);
    if (FAILED(hr))
        return hr;
    lookup.wanted = wanted;
    hr = msp_from_engine(call, logon->eng, eng_receives(logon->eng, consider, &lookup));
    if (SUCCEEDED(hr))
        hr = mapibuf_new(&logon->alloc, ENTRYID_SIZE, &block);
    if (SUCCEEDED(hr) && out_explicit_class != NULL)
        hr = give_class(logon, &lookup, flags, out_explicit_class);
    if (FAILED(hr)) {
        mapibuf_free(&logon->alloc, block);
        return hr;
    }
    logon_entryid(logon, ENTRYID_FOLDER, lookup.folder, block);
    *out_entry_id = block;
    *out_size = ENTRYID_SIZE;
    return S_OK;
}

static bool any_row(
        void *context, const char *name, size_t size, uint64_t folder, uint64_t modified)
{
    MSP_UNUSED(name);
    MSP_UNUSED(size);
    MSP_UNUSED(folder);
    MSP_UNUSED(modified);
    *(bool *)context = true;
    return false;
}

bool receive_any(struct logon *logon)
{
    bool any = false;

    return eng_receives(logon->eng, any_row, &any) == ENG_OK && any;
}

/* --- the table -------------------------------------------------------------------------------- */

struct receive_row {
    uint64_t folder;
    uint64_t modified;
    uint32_t size;
    char name[CLASS_MAX + 1];
};

struct receive_source {
    struct table_source source;
    struct msp_array rows; /* struct receive_row: as the last scan found them */
};

static const ULONG receive_columns[] = {
    PR_ENTRYID,
    PR_RECORD_KEY,
    PR_MESSAGE_CLASS_W,
};

static struct receive_source *receive_from_source(struct table_source *source)
{
    return CONTAINING_RECORD(source, struct receive_source, source);
}

static uint64_t receive_stamp(struct table_source *source)
{
    return eng_change_stamp(source->logon->eng);
}

struct loading {
    struct msp_array rows; /* struct receive_row */
    bool failed;           /* no memory */
};

static bool add_row(
        void *context, const char *name, size_t size, uint64_t folder, uint64_t modified)
{
    struct loading *loading = context;
    struct receive_row row = { .folder = folder, .modified = modified };

    if (size > CLASS_MAX)
        return true;
    memcpy(row.name, name, size);
    row.size = (uint32_t)size;
    loading->failed = msp_array_push(&loading->rows, &row) == NULL;
    return !loading->failed;
}

/* A row's id has to stay with its class whatever else comes and goes: the class's hash. */
static uint64_t class_id(const struct receive_row *row)
{
    uint64_t hash = 1469598103934665603u;

    for (uint32_t i = 0; i < row->size; i++) {
        unsigned char c = (unsigned char)row->name[i];

        hash = (hash ^ (c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c)) * 1099511628211u;
    }
    return hash;
}

static void fill_row(const struct receive_row *from, struct table_row *out)
{
    memset(out, 0, sizeof(*out));
    out->id = class_id(from);
    out->narrow = from;
}

/* On failure the rows are those of before: the table may still show them. */
static HRESULT load_rows(struct msp_call *call, struct receive_source *receive)
{
    struct eng *eng = receive->source.logon->eng;
    struct loading loading = { .failed = false };
    enum eng_status status;

    msp_array_init(&loading.rows, sizeof(struct receive_row));
    status = eng_receives(eng, add_row, &loading);
    if (loading.failed)
        status = ENG_NO_MEMORY;
    if (status != ENG_OK) {
        msp_array_free(&loading.rows);
        return msp_from_engine(call, eng, status);
    }
    msp_array_free(&receive->rows);
    receive->rows = loading.rows;
    return S_OK;
}

static HRESULT receive_scan(struct msp_call *call, struct table_source *source, bool with_props,
        table_row_fn fn, void *context)
{
    struct receive_source *receive = receive_from_source(source);
    HRESULT hr;

    MSP_UNUSED(with_props);
    hr = load_rows(call, receive);
    for (size_t i = 0; i < receive->rows.count && SUCCEEDED(hr); i++) {
        struct table_row row;

        fill_row(MSP_ARRAY_AT(const struct receive_row, &receive->rows, i), &row);
        if (!fn(context, &row))
            break;
    }
    return hr;
}

static HRESULT receive_read(struct msp_call *call, struct table_source *source, uint64_t id,
        bool with_props, struct table_row *out)
{
    struct receive_source *receive = receive_from_source(source);

    MSP_UNUSED(call);
    MSP_UNUSED(with_props);
    for (size_t i = 0; i < receive->rows.count; i++) {
        const struct receive_row *row = MSP_ARRAY_AT(const struct receive_row, &receive->rows, i);

        if (class_id(row) != id)
            continue;
        fill_row(row, out);
        return S_OK;
    }
    return MAPI_E_NOT_FOUND;
}

static bool receive_needs_props(const struct table_source *source, ULONG tag)
{
    MSP_UNUSED(source);
    MSP_UNUSED(tag);
    return false;
}

static HRESULT receive_cell(struct table_source *source, const struct table_row *row, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    const struct receive_row *receive = row->narrow;
    uint8_t key[ENTRYID_SIZE];
    bool ok;

    switch (PROP_ID(tag)) {
    case PROP_ID(PR_ENTRYID):
        logon_entryid(source->logon, ENTRYID_FOLDER, receive->folder, key);
        ok = prop_scratch_bytes(scratch, PR_ENTRYID, key, ENTRYID_SIZE, out);
        break;
    case PROP_ID(PR_RECORD_KEY):
        record_key_put(source->logon->store_uid, receive->folder, key);
        ok = prop_scratch_bytes(scratch, PR_RECORD_KEY, key, RECORD_KEY_SIZE, out);
        break;
    case PROP_ID(PR_MESSAGE_CLASS_W):
        cell_bytes(PR_MESSAGE_CLASS_W, receive->name, receive->size, out);
        return S_OK;
    case PROP_ID(PR_LAST_MODIFICATION_TIME):
        ok = prop_scratch_i8(scratch, PR_LAST_MODIFICATION_TIME, receive->modified, out);
        break;
    default:
        return MAPI_E_NOT_FOUND;
    }
    return ok ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static HRESULT receive_all_columns(
        struct msp_call *call, struct table_source *source, struct msp_buf *out)
{
    MSP_UNUSED(call);
    for (size_t i = 0; i < source->ops->column_count; i++)
        table_columns_add(out, source->ops->columns[i]);
    table_columns_add(out, PR_LAST_MODIFICATION_TIME);
    return S_OK;
}

static uint64_t receive_print(const struct table_source *source, const struct table_row *row)
{
    const struct receive_row *receive = row->narrow;

    MSP_UNUSED(source);
    return msp_hash(
            receive->name, receive->size, msp_hash_u64(receive->folder) ^ receive->modified);
}

static void receive_free(struct table_source *source)
{
    struct receive_source *receive = receive_from_source(source);

    msp_array_free(&receive->rows);
    msp_free(receive);
}

static const struct table_source_ops receive_ops = {
    .columns = receive_columns,
    .column_count = MSP_COUNT_OF(receive_columns),
    .can_sort = true,
    .can_bookmark = true,
    .stamp = receive_stamp,
    .scan = receive_scan,
    .read = receive_read,
    .needs_props = receive_needs_props,
    .cell = receive_cell,
    .all_columns = receive_all_columns,
    .print = receive_print,
    .free = receive_free,
};

HRESULT receive_table(struct msp_call *call, struct logon *logon, ULONG flags, LPMAPITABLE *out)
{
    struct receive_source *receive = msp_calloc(1, sizeof(*receive));

    if (receive == NULL)
        return msp_from_engine(call, NULL, ENG_NO_MEMORY);
    receive->source.ops = &receive_ops;
    receive->source.logon = logon;
    msp_array_init(&receive->rows, sizeof(struct receive_row));
    return table_new(call, logon, store_object(logon->store), &receive->source, flags, out);
}
