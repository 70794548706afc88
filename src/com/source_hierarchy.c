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
#include "util/utf.h"

enum {
    DEPTH_MAX = 10000 /* beyond it, the tree of a damaged file has a loop */
};

/* A search folder, and what it counted when that was last looked at: no event tells of it. */
struct counted {
    uint64_t id;
    uint32_t content;
    uint32_t unread;
    bool has_changed;
    uint64_t journal; /* of the view that was told last */
};

struct hierarchy {
    struct table_source source;
    uint64_t folder;
    bool deep;
    struct msp_array searches; /* struct counted: search folders that were among the rows */
    struct eng_folder row;     /* the one read last */
    struct msp_buf name;
    struct msp_buf packed;
    struct msp_buf path; /* its place in the tree, as bytes that order as rows do */
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

static HRESULT note_search(struct hierarchy *hierarchy, const struct eng_folder *folder)
{
    struct logon *logon = hierarchy->source.logon;
    const struct counted *searches = MSP_ARRAY_ITEMS(struct counted, &hierarchy->searches);
    struct counted now = {
        .id = folder->id, .content = folder->content_count, .unread = folder->unread_count
    };

    if (folder->type != ENG_FOLDER_SEARCH)
        return S_OK;
    for (size_t i = 0; i < hierarchy->searches.count; i++) {
        if (searches[i].id == folder->id)
            return S_OK;
    }
    if (search_is_known(logon, folder->id))
        (void)search_count(logon, folder->id, &now.content, &now.unread);
    return msp_array_push(&hierarchy->searches, &now) != NULL ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
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
        row = (struct table_row){ .id = node->folder.id,
            .narrow = &node->folder,
            .packed = with_props ? level->bytes.data + node->name_at + node->name_size : NULL,
            .packed_size = node->packed_size,
            .name = (const char *)level->bytes.data + node->name_at,
            .name_size = node->name_size,
            .depth = (uint32_t)(stack.count - 1) };
        hr = note_search(hierarchy, &node->folder);
        more = SUCCEEDED(hr) && fn(context, &row);
        if (more && hierarchy->deep && node->folder.child_count > 0)
            hr = push_level(call, source, node->folder.id, with_props, &stack);
    }
    for (size_t i = 0; i < stack.count; i++)
        level_done(MSP_ARRAY_AT(struct level, &stack, i));
    msp_array_free(&stack);
    return hr;
}

/* --- one row ---------------------------------------------------------------------------------- */

/* Puts a folder's name in front of what is in a path, so that a folder comes before all below it,
 * and these before the next one: folded, as names are ordered, and with an end that is less than
 * what any longer name has there. */
static bool put_name(const struct msp_buf *name, struct msp_buf *path)
{
    struct msp_buf folded = MSP_BUF_INIT;
    struct msp_buf longer = MSP_BUF_INIT;
    bool ok = utf8_fold((const char *)name->data, name->size, &folded);

    for (size_t i = 0; i < folded.size && ok; i++) {
        ok = msp_buf_append_u8(&longer, folded.data[i]);
        if (ok && folded.data[i] == 0)
            ok = msp_buf_append_u8(&longer, 0xFF);
    }
    ok = ok && msp_buf_append_u16(&longer, 0) && msp_buf_append(&longer, path->data, path->size);
    if (ok) {
        struct msp_buf old = *path;

        *path = longer;
        longer = old;
    }
    msp_buf_free(&folded);
    msp_buf_free(&longer);
    return ok;
}

/* How far below our folder the row is, and its path; MAPI_E_NOT_FOUND when it is elsewhere by now.
 */
static HRESULT find_depth(struct msp_call *call, struct hierarchy *hierarchy, uint32_t *out)
{
    struct eng *eng = hierarchy->source.logon->eng;
    struct msp_buf name = MSP_BUF_INIT;
    uint64_t parent = hierarchy->row.parent;
    uint32_t depth = 0;
    HRESULT hr = S_OK;

    msp_buf_clear(&hierarchy->path);
    if (!put_name(&hierarchy->name, &hierarchy->path))
        return MAPI_E_NOT_ENOUGH_MEMORY;
    while (SUCCEEDED(hr) && parent != hierarchy->folder) {
        struct eng_folder folder;

        if (parent == 0 || !hierarchy->deep || depth == DEPTH_MAX) {
            hr = MAPI_E_NOT_FOUND;
            break;
        }
        msp_buf_clear(&name);
        hr = msp_from_engine(call, eng, eng_folder_get(eng, parent, &folder, &name, NULL));
        if (SUCCEEDED(hr) && !put_name(&name, &hierarchy->path))
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
        parent = folder.parent;
        depth++;
    }
    msp_buf_free(&name);
    *out = depth;
    return hr;
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
    hr = find_depth(call, hierarchy, &depth);
    if (FAILED(hr))
        return hr;
    hr = note_search(hierarchy, &hierarchy->row);
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

/* --- live rows -------------------------------------------------------------------------------- */

/* Of the folder itself nothing is shown. What is below one that has another name, or is elsewhere,
 * has gone with it. */
static enum table_concern hierarchy_concerns(
        const struct table_source *source, const struct eng_event *event)
{
    const struct hierarchy *hierarchy = (const struct hierarchy *)source;
    bool is_moved = event->kind == ENG_EVENT_MOVED;

    if (event->kind == ENG_EVENT_NEW_MAIL) /* its creation was told before */
        return TABLE_CONCERN_NONE;
    if (!event->is_folder || event->kind == ENG_EVENT_SEARCHED)
        return hierarchy->searches.count > 0 ? TABLE_CONCERN_COUNT : TABLE_CONCERN_NONE;
    if (event->object == hierarchy->folder)
        return event->kind == ENG_EVENT_DELETED ? TABLE_CONCERN_ALL : TABLE_CONCERN_NONE;
    if (!hierarchy->deep)
        return event->parent == hierarchy->folder ||
                               (is_moved && event->old_parent == hierarchy->folder)
                       ? TABLE_CONCERN_ROW
                       : TABLE_CONCERN_NONE;
    if (is_moved)
        return TABLE_CONCERN_TREE;
    return event->kind == ENG_EVENT_MODIFIED && event->old_parent != 0 ? TABLE_CONCERN_NAME
                                                                       : TABLE_CONCERN_ROW;
}

struct children {
    struct msp_array *ids;
    uint64_t but; /* not this one */
    bool failed;
};

static bool put_child(void *context, const struct eng_folder *folder, const char *name,
        size_t name_size, const void *packed, size_t packed_size)
{
    struct children *children = context;

    MSP_UNUSED(name);
    MSP_UNUSED(name_size);
    MSP_UNUSED(packed);
    MSP_UNUSED(packed_size);
    children->failed =
            folder->id != children->but && msp_array_push(children->ids, &folder->id) == NULL;
    return !children->failed;
}

/* Not what is below our own folder, which may be below that one: these stay as they are. */
static HRESULT hierarchy_below(
        struct msp_call *call, struct table_source *source, uint64_t id, struct msp_array *out)
{
    struct eng *eng = source->logon->eng;
    struct children children = { out, hierarchy_from_source(source)->folder, false };
    size_t first = out->count;
    HRESULT hr = msp_array_push(out, &id) != NULL ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;

    for (size_t i = first; i < out->count && SUCCEEDED(hr); i++) {
        hr = msp_from_engine(call, eng,
                eng_folder_children(eng, *MSP_ARRAY_AT(uint64_t, out, i), put_child, &children));
        if (children.failed)
            hr = MAPI_E_NOT_ENOUGH_MEMORY;
    }
    return hr;
}

static HRESULT hierarchy_belongs(
        struct msp_call *call, struct table_source *source, const struct table_row *row, bool *out)
{
    MSP_UNUSED(call);
    MSP_UNUSED(source);
    MSP_UNUSED(row);
    *out = true; /* it would not have been read */
    return S_OK;
}

/* No search is begun for this: who has not asked for its counts need not be told that they are
 * others. Whoever fails with what he is told asks again from the same event on, and is told again.
 */
static HRESULT hierarchy_recount(
        struct msp_call *call, struct table_source *source, uint64_t journal, struct msp_array *out)
{
    struct hierarchy *hierarchy = hierarchy_from_source(source);
    struct counted *searches = MSP_ARRAY_ITEMS(struct counted, &hierarchy->searches);

    MSP_UNUSED(call);
    for (size_t i = 0; i < hierarchy->searches.count; i++) {
        struct counted *search = &searches[i];
        uint32_t content = search->content;
        uint32_t unread = search->unread;

        if (search_is_known(source->logon, search->id) &&
                FAILED(search_count(source->logon, search->id, &content, &unread)))
            continue; /* gone, or not to be had now */
        if (content != search->content || unread != search->unread) {
            search->content = content;
            search->unread = unread;
            search->has_changed = true;
            search->journal = journal;
        }
        if (search->has_changed && search->journal == journal &&
                msp_array_push(out, &search->id) == NULL)
            return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    return S_OK;
}

/* Messages that a search finds are no event of its folder, which counts them. */
static bool hierarchy_is_steady(const struct table_source *source, ULONG tag)
{
    const struct hierarchy *hierarchy = (const struct hierarchy *)source;

    return hierarchy->searches.count == 0 || (PROP_ID(tag) != PROP_ID(PR_CONTENT_COUNT) &&
                                                     PROP_ID(tag) != PROP_ID(PR_CONTENT_UNREAD));
}

static bool hierarchy_order_key(
        const struct table_source *source, const struct table_row *row, struct msp_buf *out)
{
    const struct hierarchy *hierarchy = (const struct hierarchy *)source;

    MSP_UNUSED(row); /* it was the last to be read */
    return msp_buf_append(out, hierarchy->path.data, hierarchy->path.size);
}

static void hierarchy_free(struct table_source *source)
{
    struct hierarchy *hierarchy = hierarchy_from_source(source);

    msp_buf_free(&hierarchy->name);
    msp_buf_free(&hierarchy->packed);
    msp_buf_free(&hierarchy->path);
    msp_array_free(&hierarchy->searches);
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
    .recount = hierarchy_recount,
    .is_steady = hierarchy_is_steady,
    .below = hierarchy_below,
    .belongs = hierarchy_belongs,
    .order_key = hierarchy_order_key,
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
    msp_array_init(&hierarchy->searches, sizeof(struct counted));
    *out = &hierarchy->source;
    return S_OK;
}
