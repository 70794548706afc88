/* SPDX-License-Identifier: MIT */
/*
 * source_hierarchy.c - the folders below a folder as rows: its children, or all of them.
 *
 * Owns:  the name and properties of the row read last.
 * Locks: everything runs under the domain lock.
 */
#include <limits.h>

#include "com/logon.h"
#include "com/props_folder.h"
#include "com/search.h"
#include "com/table.h"
#include "util/alloc.h"
#include "util/array.h"
#include "util/hash.h"

struct hierarchy {
    struct table_source source;
    uint64_t folder;
    bool deep;
    bool has_searches;     /* rows of search folders have been seen: messages count in them */
    struct eng_folder row; /* the one read last */
    struct msp_buf name;
    struct msp_buf packed;
};

/* clang-format off */
static const ULONG hierarchy_columns[] = {
    PR_ENTRYID,          PR_DISPLAY_NAME_W,   PR_COMMENT_W,        PR_INSTANCE_KEY,
    PR_OBJECT_TYPE,      PR_DISPLAY_TYPE,     PR_STATUS,           PR_DEPTH,
    PR_FOLDER_TYPE,      PR_SUBFOLDERS,       PR_CONTENT_COUNT,    PR_CONTENT_UNREAD,
    PR_RECORD_KEY,       PR_PARENT_ENTRYID,   PR_STORE_ENTRYID,    PR_STORE_RECORD_KEY,
    PR_MAPPING_SIGNATURE, PR_CONTAINER_CLASS_W, PR_ACCESS,         PR_ROW_TYPE,
};

/* Beside the defaults. */
static const ULONG more_columns[] = {
    PR_CREATION_TIME,    PR_LAST_MODIFICATION_TIME, PR_ASSOC_CONTENT_COUNT,
};

/* clang-format on */

static struct hierarchy *hierarchy_from_source(struct table_source *source)
{
    return CONTAINING_RECORD(source, struct hierarchy, source);
}

static uint64_t hierarchy_stamp(struct table_source *source)
{
    return eng_change_stamp(source->logon->eng);
}

/* --- walking the tree ------------------------------------------------------------------------- */

/* One folder of a level that was read; the engine's statement is free again when rows go out. */
struct node {
    struct eng_folder folder;
    size_t name_at; /* in the level's bytes; the packed properties follow */
    size_t name_size;
    size_t packed_size;
};

/* The children of one folder, and how far the walk is. */
struct level {
    struct msp_array nodes; /* struct node */
    struct msp_buf bytes;
    size_t next;
    bool with_props;
};

static bool level_add(void *context, const struct eng_folder *folder, const char *name,
        size_t name_size, const void *packed, size_t packed_size)
{
    struct level *level = context;
    struct node node = { *folder, level->bytes.size, name_size,
        level->with_props ? packed_size : 0 };

    return msp_buf_append(&level->bytes, name, name_size) &&
           msp_buf_append(&level->bytes, packed, node.packed_size) &&
           (msp_array_push(&level->nodes, &node) != NULL || (level->bytes.failed = true, false));
}

static void level_done(struct level *level)
{
    msp_array_free(&level->nodes);
    msp_buf_free(&level->bytes);
}

/* Puts the children of a folder on the stack. */
static HRESULT push_level(struct msp_call *call, struct table_source *source, uint64_t parent,
        bool with_props, struct msp_array *stack)
{
    struct eng *eng = source->logon->eng;
    struct level level = { .with_props = with_props };
    HRESULT hr;

    msp_array_init(&level.nodes, sizeof(struct node));
    hr = msp_from_engine(call, eng, eng_folder_children(eng, parent, level_add, &level));
    if (SUCCEEDED(hr) && (level.bytes.failed || msp_array_push(stack, &level) == NULL))
        hr = MAPI_E_NOT_ENOUGH_MEMORY;
    if (FAILED(hr))
        level_done(&level);
    return hr;
}

static HRESULT hierarchy_scan(struct msp_call *call, struct table_source *source, bool with_props,
        table_row_fn fn, void *context)
{
    struct hierarchy *hierarchy = hierarchy_from_source(source);
    struct msp_array stack = MSP_ARRAY_INIT(struct level);
    bool more = true;
    HRESULT hr;

    hr = push_level(call, source, hierarchy->folder, with_props, &stack);
    while (SUCCEEDED(hr) && more && stack.count > 0) {
        struct level *level = MSP_ARRAY_AT(struct level, &stack, stack.count - 1);
        const struct node *node;
        struct table_row row;

        if (level->next == level->nodes.count) {
            level_done(level);
            msp_array_truncate(&stack, stack.count - 1);
            continue;
        }
        node = MSP_ARRAY_AT(struct node, &level->nodes, level->next++);
        hierarchy->has_searches |= node->folder.type == ENG_FOLDER_SEARCH;
        row = (struct table_row){ .id = node->folder.id,
            .narrow = &node->folder,
            .packed = with_props ? level->bytes.data + node->name_at + node->name_size : NULL,
            .packed_size = node->packed_size,
            .name = (const char *)level->bytes.data + node->name_at,
            .name_size = node->name_size,
            .depth = (uint32_t)(stack.count - 1) };
        more = fn(context, &row);
        if (more && hierarchy->deep && node->folder.child_count > 0)
            hr = push_level(call, source, node->folder.id, with_props, &stack);
    }
    for (size_t i = 0; i < stack.count; i++)
        level_done(MSP_ARRAY_AT(struct level, &stack, i));
    msp_array_free(&stack);
    return hr;
}

/* --- one row ---------------------------------------------------------------------------------- */

/* How far below our folder this one is; MAPI_E_NOT_FOUND when it is elsewhere by now. */
static HRESULT find_depth(
        struct msp_call *call, struct table_source *source, uint64_t parent, uint32_t *out)
{
    const struct hierarchy *hierarchy = hierarchy_from_source(source);
    struct eng *eng = source->logon->eng;
    uint32_t depth = 0;

    while (parent != hierarchy->folder) {
        struct eng_folder folder;
        enum eng_status status;

        if (parent == 0 || !hierarchy->deep)
            return MAPI_E_NOT_FOUND;
        status = eng_folder_get(eng, parent, &folder, NULL, NULL);
        if (status != ENG_OK)
            return msp_from_engine(call, eng, status);
        parent = folder.parent;
        depth++;
    }
    *out = depth;
    return S_OK;
}

static HRESULT hierarchy_read(struct msp_call *call, struct table_source *source, uint64_t id,
        bool with_props, struct table_row *out)
{
    struct hierarchy *hierarchy = hierarchy_from_source(source);
    struct eng *eng = source->logon->eng;
    enum eng_status status;
    uint32_t depth = 0;
    HRESULT hr;

    msp_buf_clear(&hierarchy->name);
    msp_buf_clear(&hierarchy->packed);
    status = eng_folder_get(
            eng, id, &hierarchy->row, &hierarchy->name, with_props ? &hierarchy->packed : NULL);
    if (status != ENG_OK)
        return msp_from_engine(call, eng, status);
    hr = find_depth(call, source, hierarchy->row.parent, &depth);
    if (FAILED(hr))
        return hr;
    *out = (struct table_row){ .id = id,
        .narrow = &hierarchy->row,
        .packed = with_props ? hierarchy->packed.data : NULL,
        .packed_size = hierarchy->packed.size,
        .name = (const char *)hierarchy->name.data,
        .name_size = hierarchy->name.size,
        .depth = depth };
    return S_OK;
}

/* Folders are few and small: their properties always come along. */
static bool hierarchy_needs_props(const struct table_source *source, ULONG tag)
{
    MSP_UNUSED(source);
    MSP_UNUSED(tag);
    return true;
}

static HRESULT hierarchy_cell(struct table_source *source, const struct table_row *row, ULONG tag,
        struct prop_scratch *scratch, struct bag_value *out)
{
    const struct eng_folder *folder = row->narrow;

    if (PROP_ID(tag) == PROP_ID(PR_DISPLAY_TYPE))
        return prop_scratch_long(scratch, PR_DISPLAY_TYPE,
                       folder->type == ENG_FOLDER_SEARCH ? DT_FOLDER_LINK : DT_FOLDER, out)
                       ? S_OK
                       : MAPI_E_NOT_ENOUGH_MEMORY;
    return folder_row_cell(source->logon, row->narrow, row->name, row->name_size, row->packed,
            row->packed_size, tag, scratch, out);
}

/* --- all columns ------------------------------------------------------------------------------ */

/* The defaults, what every folder has beside them, and whatever is stored on one of the rows. */
static HRESULT hierarchy_all_columns(
        struct msp_call *call, struct table_source *source, struct msp_buf *out)
{
    struct table_columns columns = { out, UINT_MAX };

    for (size_t i = 0; i < MSP_COUNT_OF(hierarchy_columns); i++)
        table_columns_add(out, hierarchy_columns[i]);
    for (size_t i = 0; i < MSP_COUNT_OF(more_columns); i++)
        table_columns_add(out, more_columns[i]);
    return hierarchy_scan(call, source, true, table_columns_add_row, &columns);
}

/* Folders are few: any change among them is looked for in all; so is any of messages where there
 * are search folders, which no event tells of when they count others. */
static enum table_concern hierarchy_concerns(
        const struct table_source *source, const struct eng_event *event)
{
    const struct hierarchy *hierarchy = (const struct hierarchy *)source;

    if (event->kind == ENG_EVENT_NEW_MAIL) /* its creation was told before */
        return TABLE_CONCERN_NONE;
    if (!event->is_folder || event->kind == ENG_EVENT_SEARCHED)
        return hierarchy->has_searches ? TABLE_CONCERN_ALL : TABLE_CONCERN_NONE;
    if (hierarchy->deep || event->parent == hierarchy->folder ||
            (event->kind == ENG_EVENT_MOVED && event->old_parent == hierarchy->folder))
        return TABLE_CONCERN_ROW;
    return event->object == hierarchy->folder ? TABLE_CONCERN_ALL : TABLE_CONCERN_NONE;
}

/* Of all that columns show. Each new name, place or property counts as a change. No search is begun
 * for this: who has not asked for its counts need not be told that they are others. */
static uint64_t hierarchy_print(const struct table_source *source, const struct table_row *row)
{
    const struct eng_folder *folder = row->narrow;
    uint32_t content = folder->content_count;
    uint32_t unread = folder->unread_count;

    uint64_t values[] = { folder->id, folder->parent, folder->change, folder->modified,
        folder->child_count, folder->assoc_count, row->depth, 0 };

    if (folder->type == ENG_FOLDER_SEARCH && search_is_known(source->logon, folder->id))
        (void)search_count(source->logon, folder->id, &content, &unread);
    values[7] = (uint64_t)content << 32 | unread;
    return msp_hash(values, sizeof(values), 0);
}

static void hierarchy_free(struct table_source *source)
{
    struct hierarchy *hierarchy = hierarchy_from_source(source);

    msp_buf_free(&hierarchy->name);
    msp_buf_free(&hierarchy->packed);
    msp_free(hierarchy);
}

static const struct table_source_ops hierarchy_ops = {
    .columns = hierarchy_columns,
    .column_count = MSP_COUNT_OF(hierarchy_columns),
    .can_sort = true,
    .can_bookmark = true,
    .stamp = hierarchy_stamp,
    .scan = hierarchy_scan,
    .read = hierarchy_read,
    .needs_props = hierarchy_needs_props,
    .cell = hierarchy_cell,
    .all_columns = hierarchy_all_columns,
    .concerns = hierarchy_concerns,
    .print = hierarchy_print,
    .free = hierarchy_free,
};

HRESULT source_hierarchy_new(struct msp_call *call, struct logon *logon, uint64_t folder,
        bool convenient_depth, struct table_source **out)
{
    struct hierarchy *hierarchy = msp_calloc(1, sizeof(*hierarchy));

    MSP_UNUSED(call);
    *out = NULL;
    if (hierarchy == NULL)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    hierarchy->source.ops = &hierarchy_ops;
    hierarchy->source.logon = logon;
    hierarchy->folder = folder;
    hierarchy->deep = convenient_depth;
    *out = &hierarchy->source;
    return S_OK;
}
