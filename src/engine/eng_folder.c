/* SPDX-License-Identifier: MIT */
/*
 * eng_folder.c - the tree of folders.
 *
 * Locks: none of its own; see eng.h.
 */
#include <string.h>

#include "engine/eng_int.h"
#include "util/bag.h"
#include "util/utf.h"

enum {
    MAX_FOLDER_DEPTH = 10000, /* beyond it, the tree of a damaged file has a loop */
    COLUMN_NAME = 10,
    COLUMN_PACKED = 11
};

/* Reads FOLDER_COLUMNS without the name and the properties. */
static void folder_from_row(struct eng_query *query, struct eng_folder *out)
{
    out->id = query_col(query, 0);
    out->parent = query_col(query, 1);
    out->type = (uint32_t)query_col(query, 2);
    out->content_count = (uint32_t)query_col(query, 3);
    out->unread_count = (uint32_t)query_col(query, 4);
    out->assoc_count = (uint32_t)query_col(query, 5);
    out->child_count = (uint32_t)query_col(query, 6);
    out->created = query_col(query, 7);
    out->modified = query_col(query, 8);
    out->change = query_col(query, 9);
    delta_apply(query->eng, out);
}

/* The properties of the row; ENG_CORRUPT when they are damaged. */
static struct eng_text packed_from_row(struct eng_query *query)
{
    struct eng_text packed = query_col_text(query, COLUMN_PACKED);

    if (query->status == ENG_OK && !packed_check(packed.data, packed.size))
        query->status = eng_failf(query->eng, ENG_CORRUPT, "The folder is damaged.");
    return packed;
}

static enum eng_status append(struct eng *eng, struct msp_buf *buf, const struct eng_text *text)
{
    if (buf == NULL || msp_buf_append(buf, text->data, text->size))
        return ENG_OK;
    return eng_fail(eng, ENG_NO_MEMORY);
}

enum eng_status eng_folder_get(struct eng *eng, uint64_t id, struct eng_folder *out,
        struct msp_buf *name, struct msp_buf *packed)
{
    struct eng_query query;
    enum eng_status status = op_peek(eng);

    memset(out, 0, sizeof(*out));
    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_FOLDER_GET);
    query_u64(&query, id);
    if (query_row(&query)) {
        struct eng_text text = query_col_text(&query, COLUMN_NAME);

        if (query.status == ENG_OK)
            query.status = append(eng, name, &text);
        if (query.status == ENG_OK && packed != NULL) {
            text = packed_from_row(&query);
            if (query.status == ENG_OK)
                query.status = append(eng, packed, &text);
        }
        if (query.status == ENG_OK)
            folder_from_row(&query, out);
    } else if (query.status == ENG_OK) {
        query.status = eng_fail(eng, ENG_NOT_FOUND);
    }
    return query_end(&query);
}

enum eng_status folder_must_exist(struct eng *eng, uint64_t id)
{
    uint64_t parent;
    enum eng_status status;

    if (id != 0 && id == eng->known_folder)
        return ENG_OK;
    status = query_number(eng, STMT_FOLDER_PARENT, id, &parent);
    if (status == ENG_OK)
        eng->known_folder = id;
    else if (status == ENG_NOT_FOUND)
        status = eng_failf(eng, ENG_NOT_FOUND, "The folder does not exist.");
    return status;
}

/* Folds a name into eng->scratch. */
static enum eng_status fold(struct eng *eng, const char *name, size_t name_size)
{
    if (name_size > ENG_MAX_RECORD)
        return eng_fail(eng, ENG_INVALID);
    msp_buf_clear(&eng->scratch);
    if (!utf8_fold(name, name_size, &eng->scratch))
        return eng_fail(eng, ENG_NO_MEMORY);
    return ENG_OK;
}

/* The child whose folded name is in eng->scratch; 0 when there is none. */
static enum eng_status find_folded(struct eng *eng, uint64_t parent, uint64_t *out_id)
{
    struct eng_query query;

    *out_id = 0;
    query_begin(&query, eng, STMT_FOLDER_FIND);
    query_u64(&query, parent);
    query_blob(&query, eng->scratch.data, eng->scratch.size);
    if (query_row(&query))
        *out_id = query_col(&query, 0);
    return query_end(&query);
}

/* Folds the name into eng->scratch and makes sure that no other child of the parent has it.
 * *out_is_own: the folder itself has it there already, but for case. */
static enum eng_status name_must_be_free(struct eng *eng, uint64_t parent, const char *name,
        size_t name_size, uint64_t own_id, bool *out_is_own)
{
    uint64_t found = 0;
    enum eng_status status = fold(eng, name, name_size);

    if (status == ENG_OK)
        status = find_folded(eng, parent, &found);
    if (status == ENG_OK && found != 0 && found != own_id)
        status = eng_failf(eng, ENG_EXISTS, "A folder named '%.*s' already exists.",
                (int)(name_size < 150 ? name_size : 150), name);
    *out_is_own = found != 0 && found == own_id;
    return status;
}

enum eng_status eng_folder_find(
        struct eng *eng, uint64_t parent, const char *name, size_t name_size, uint64_t *out_id)
{
    enum eng_status status = op_peek(eng);

    *out_id = 0;
    if (status == ENG_OK)
        status = fold(eng, name, name_size);
    if (status == ENG_OK)
        status = find_folded(eng, parent, out_id);
    if (status == ENG_OK && *out_id == 0)
        status = eng_failf(eng, ENG_NOT_FOUND, "The folder does not exist.");
    return status;
}

static enum eng_status count_child(struct eng *eng, uint64_t parent, int sign)
{
    struct count_delta delta = { .folder = parent, .children = sign };

    return delta_add(eng, &delta);
}

/* The row and what follows from it, but for the event. */
static enum eng_status create(struct eng *eng, uint64_t id, uint64_t parent, uint32_t type,
        const struct eng_text *name, const struct eng_text *packed)
{
    struct eng_query query;
    bool is_own;
    enum eng_status status = folder_must_exist(eng, parent);

    if (status == ENG_OK)
        status = name_must_be_free(eng, parent, name->data, name->size, 0, &is_own);
    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_FOLDER_INSERT);
    query_u64(&query, id);
    query_u64(&query, parent);
    query_u64(&query, type);
    query_u64(&query, eng_now());
    query_text(&query, name->data, name->size);
    query_blob(&query, eng->scratch.data, eng->scratch.size);
    query_blob(&query, packed->data, packed->size);
    status = query_run(&query);
    if (status == ENG_OK)
        status = values_change(eng, id, NULL, 0, packed->data, packed->size);
    return status == ENG_OK ? count_child(eng, parent, 1) : status;
}

enum eng_status eng_folder_create(struct eng *eng, uint64_t parent, uint32_t type, const char *name,
        size_t name_size, const void *packed, size_t packed_size, uint64_t *out_id)
{
    struct eng_text name_text = { name, name_size };
    struct eng_text packed_text = { packed, packed_size };
    uint64_t id = 0;
    enum eng_status status;

    *out_id = 0;
    if (name == NULL || name_size == 0 || type == ENG_FOLDER_ROOT)
        return eng_fail(eng, ENG_INVALID);
    status = packed_accept(eng, packed, packed_size);
    if (status == ENG_OK)
        status = op_write(eng);
    if (status != ENG_OK)
        return status;
    status = eng_id_new(eng, &id);
    if (status == ENG_OK)
        status = create(eng, id, parent, type, &name_text, &packed_text);
    if (status == ENG_OK)
        status = event_add(eng, ENG_EVENT_CREATED, true, id, parent, 0);
    status = op_end(eng, status);
    if (status == ENG_OK)
        *out_id = id;
    return status;
}

/* --- change and move ------------------------------------------------------------------------ */

static enum eng_status get_parent(struct eng *eng, uint64_t id, uint64_t *out)
{
    enum eng_status status = query_number(eng, STMT_FOLDER_PARENT, id, out);

    if (status == ENG_NOT_FOUND)
        status = eng_failf(eng, ENG_NOT_FOUND, "The folder does not exist.");
    return status;
}

/* Puts a folder under a parent and a name, whose folded form is in eng->scratch. */
static enum eng_status set_place(
        struct eng *eng, uint64_t id, uint64_t parent, const char *name, size_t name_size)
{
    struct eng_query query;

    query_begin(&query, eng, STMT_FOLDER_PLACE);
    query_u64(&query, parent);
    query_text(&query, name, name_size);
    query_blob(&query, eng->scratch.data, eng->scratch.size);
    query_u64(&query, eng_now());
    query_u64(&query, id);
    return query_run(&query);
}

static enum eng_status set_packed(
        struct eng *eng, uint64_t id, const void *packed, size_t packed_size)
{
    struct eng_query query;
    enum eng_status status;

    query_begin(&query, eng, STMT_FOLDER_GET);
    query_u64(&query, id);
    if (query_row(&query)) {
        struct eng_text old = query_col_text(&query, COLUMN_PACKED);

        if (!packed_check(old.data, old.size))
            old.size = 0;
        if (query.status == ENG_OK)
            query.status = values_change(eng, id, old.data, old.size, packed, packed_size);
    }
    status = query_end(&query);
    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_FOLDER_PACKED);
    query_blob(&query, packed, packed_size);
    query_u64(&query, eng_now());
    query_u64(&query, id);
    return query_run(&query);
}

static enum eng_status set(
        struct eng *eng, uint64_t id, const struct eng_text *name, const struct eng_text *packed)
{
    uint64_t parent = 0;
    bool is_own = true;
    enum eng_status status = get_parent(eng, id, &parent);

    if (status == ENG_OK && name->data != NULL) {
        status = name_must_be_free(eng, parent, name->data, name->size, id, &is_own);
        if (status == ENG_OK)
            status = set_place(eng, id, parent, name->data, name->size);
    }
    if (status == ENG_OK && packed->data != NULL)
        status = set_packed(eng, id, packed->data, packed->size);
    return status == ENG_OK
                   ? event_add(eng, ENG_EVENT_MODIFIED, true, id, parent, is_own ? 0 : parent)
                   : status;
}

enum eng_status eng_folder_set(struct eng *eng, uint64_t id, const char *name, size_t name_size,
        const void *packed, size_t packed_size)
{
    struct eng_text name_text = { name, name_size };
    struct eng_text packed_text = { packed, packed_size };
    enum eng_status status = ENG_OK;

    if (name != NULL && name_size == 0 && id != ENG_ROOT_FOLDER)
        return eng_fail(eng, ENG_INVALID);
    if (packed != NULL)
        status = packed_accept(eng, packed, packed_size);
    if (status == ENG_OK)
        status = op_write(eng);
    if (status != ENG_OK)
        return status;
    return op_end(eng, set(eng, id, &name_text, &packed_text));
}

/* Whether `folder` is `above` or lies below it. */
static enum eng_status is_below(struct eng *eng, uint64_t folder, uint64_t above, bool *out)
{
    *out = false;
    for (int depth = 0; folder != 0; depth++) {
        enum eng_status status;

        if (folder == above) {
            *out = true;
            return ENG_OK;
        }
        if (depth == MAX_FOLDER_DEPTH)
            return eng_failf(eng, ENG_CORRUPT, "The tree of folders is damaged.");
        status = get_parent(eng, folder, &folder);
        if (status != ENG_OK)
            return status;
    }
    return ENG_OK;
}

static enum eng_status move(
        struct eng *eng, uint64_t id, uint64_t new_parent, const char *name, size_t name_size)
{
    uint64_t parent = 0;
    bool below = false;
    bool is_own = false;
    enum eng_status status = get_parent(eng, id, &parent);

    if (status == ENG_OK)
        status = is_below(eng, new_parent, id, &below);
    if (status == ENG_OK && below)
        status = eng_fail(eng, ENG_CYCLE);
    if (status == ENG_OK)
        status = name_must_be_free(eng, new_parent, name, name_size, id, &is_own);
    if (status == ENG_OK)
        status = set_place(eng, id, new_parent, name, name_size);
    if (status != ENG_OK)
        return status;
    if (new_parent == parent)
        return event_add(eng, ENG_EVENT_MODIFIED, true, id, parent, is_own ? 0 : parent);
    status = count_child(eng, parent, -1);
    if (status == ENG_OK)
        status = count_child(eng, new_parent, 1);
    return status == ENG_OK ? event_add(eng, ENG_EVENT_MOVED, true, id, new_parent, parent)
                            : status;
}

enum eng_status eng_folder_move(
        struct eng *eng, uint64_t id, uint64_t new_parent, const char *name, size_t name_size)
{
    struct msp_buf old_name = MSP_BUF_INIT;
    struct eng_folder folder;
    enum eng_status status;

    if (id == ENG_ROOT_FOLDER)
        return eng_failf(eng, ENG_DENIED, "The root folder cannot be moved.");
    if (new_parent == 0 || (name != NULL && name_size == 0))
        return eng_fail(eng, ENG_INVALID);
    status = op_write(eng);
    if (status != ENG_OK)
        return status;
    if (name == NULL) {
        status = eng_folder_get(eng, id, &folder, &old_name, NULL);
        name = old_name.data != NULL ? (const char *)old_name.data : "";
        name_size = old_name.size;
    }
    if (status == ENG_OK)
        status = move(eng, id, new_parent, name, name_size);
    msp_buf_free(&old_name);
    return op_end(eng, status);
}

/* --- copy ----------------------------------------------------------------------------------- */

/* Large values are not copied: a folder that has any is refused. */
static enum eng_status may_copy(
        struct eng *eng, uint64_t id, uint64_t parent, const struct msp_buf *packed)
{
    bool below = false;
    enum eng_status status = is_below(eng, parent, id, &below);

    if (status == ENG_OK && below)
        status = eng_failf(eng, ENG_CYCLE, "A folder cannot be copied below itself.");
    for (size_t i = 0; status == ENG_OK && i < packed_count(packed->data, packed->size); i++) {
        struct bag_value value;

        packed_at(packed->data, packed->size, i, &value);
        if ((value.flags & BAG_LARGE) != 0)
            status = eng_failf(eng, ENG_INVALID, "A folder with large properties is not copied.");
    }
    return status;
}

static enum eng_status copy(struct eng *eng, uint64_t id, uint64_t parent,
        const struct eng_text *new_name, uint64_t *out_id)
{
    struct msp_buf packed = MSP_BUF_INIT;
    struct msp_buf name = MSP_BUF_INIT;
    struct eng_text packed_text;
    struct eng_text name_text;
    struct eng_folder folder;
    enum eng_status status = eng_folder_get(eng, id, &folder, &name, &packed);

    if (status == ENG_OK)
        status = may_copy(eng, id, parent, &packed);
    packed_text.data = packed.size > 0 ? (const char *)packed.data : "";
    packed_text.size = packed.size;
    name_text.data = name.size > 0 ? (const char *)name.data : "";
    name_text.size = name.size;
    if (new_name->data != NULL)
        name_text = *new_name;
    if (status == ENG_OK)
        status = eng_id_new(eng, out_id);
    if (status == ENG_OK)
        status = create(eng, *out_id, parent, folder.type, &name_text, &packed_text);
    if (status == ENG_OK)
        status = event_add_copy(eng, true, *out_id, parent, id, folder.parent);
    msp_buf_free(&packed);
    msp_buf_free(&name);
    return status;
}

enum eng_status eng_folder_copy(struct eng *eng, uint64_t id, uint64_t parent, const char *name,
        size_t name_size, uint64_t *out_id)
{
    struct eng_text new_name = { name, name_size };
    uint64_t made = 0;
    enum eng_status status;

    *out_id = 0;
    if (id == ENG_ROOT_FOLDER)
        return eng_failf(eng, ENG_DENIED, "The root folder cannot be copied.");
    if (parent == 0 || (name != NULL && name_size == 0))
        return eng_fail(eng, ENG_INVALID);
    status = op_write(eng);
    if (status != ENG_OK)
        return status;
    status = op_end(eng, copy(eng, id, parent, &new_name, &made));
    if (status == ENG_OK)
        *out_id = made;
    return status;
}

/* --- delete --------------------------------------------------------------------------------- */

/* Collects the folder and all below it, each parent before its children. */
static enum eng_status collect(struct eng *eng, uint64_t id, struct msp_array *ids)
{
    if (msp_array_push(ids, &id) == NULL)
        return eng_fail(eng, ENG_NO_MEMORY);
    for (size_t i = 0; i < ids->count; i++) {
        struct eng_query query;
        enum eng_status status;

        query_begin(&query, eng, STMT_FOLDER_CHILD_IDS);
        query_u64(&query, *MSP_ARRAY_AT(uint64_t, ids, i));
        while (query_row(&query)) {
            uint64_t child = query_col(&query, 0);

            if (child == id || child == ENG_ROOT_FOLDER || child == 0)
                query.status = eng_failf(eng, ENG_CORRUPT, "The tree of folders is damaged.");
            else if (msp_array_push(ids, &child) == NULL)
                query.status = eng_fail(eng, ENG_NO_MEMORY);
        }
        status = query_end(&query);
        if (status != ENG_OK)
            return status;
    }
    return ENG_OK;
}

static enum eng_status remove_one(struct eng *eng, uint64_t id)
{
    uint64_t parent = 0;
    enum eng_status status = get_parent(eng, id, &parent);

    if (status == ENG_OK)
        status = msgs_remove_all(eng, id);
    if (status == ENG_OK)
        status = values_drop_owner(eng, id);
    if (status == ENG_OK)
        status = query_do1(eng, STMT_RECEIVE_FOLDER_GONE, id);
    if (status == ENG_OK)
        status = search_remove(eng, id);
    if (status == ENG_OK)
        status = columns_remove(eng, id);
    if (status == ENG_OK)
        status = query_do1(eng, STMT_FOLDER_DELETE, id);
    if (status == ENG_OK)
        status = count_child(eng, parent, -1);
    if (status == ENG_OK)
        status = event_add(eng, ENG_EVENT_DELETED, true, id, parent, 0);
    if (eng->known_folder == id)
        eng->known_folder = 0;
    return status;
}

/* What must not be there unless the caller says so; in all folders when they are to go along. */
static enum eng_status may_delete(struct eng *eng, uint64_t id, uint32_t flags)
{
    struct eng_folder folder;
    enum eng_status status = eng_folder_get(eng, id, &folder, NULL, NULL);

    if (status != ENG_OK)
        return status;
    if (folder.child_count > 0 && (flags & ENG_DELETE_FOLDERS) == 0)
        return eng_fail(eng, ENG_HAS_FOLDERS);
    if ((folder.content_count > 0 || folder.assoc_count > 0) && (flags & ENG_DELETE_MESSAGES) == 0)
        return eng_fail(eng, ENG_HAS_MESSAGES);
    return ENG_OK;
}

static enum eng_status delete_tree(struct eng *eng, uint64_t id, uint32_t flags)
{
    struct msp_array ids = MSP_ARRAY_INIT(uint64_t);
    enum eng_status status = may_delete(eng, id, flags);

    if (status == ENG_OK)
        status = collect(eng, id, &ids);
    for (size_t i = 0; status == ENG_OK && i < ids.count; i++)
        status = may_delete(eng, *MSP_ARRAY_AT(uint64_t, &ids, i), flags);
    for (size_t i = ids.count; status == ENG_OK && i > 0; i--)
        status = remove_one(eng, *MSP_ARRAY_AT(uint64_t, &ids, i - 1));
    msp_array_free(&ids);
    return status;
}

enum eng_status eng_folder_delete(struct eng *eng, uint64_t id, uint32_t flags)
{
    enum eng_status status;

    if (id == ENG_ROOT_FOLDER)
        return eng_failf(eng, ENG_DENIED, "The root folder cannot be deleted.");
    status = op_write(eng);
    if (status != ENG_OK)
        return status;
    status = op_end(eng, delete_tree(eng, id, flags));
    if (status == ENG_OK && eng->has_dead_values && eng->depth == 0)
        (void)values_reap(eng, ENG_REAP_CHUNKS);
    return status;
}

enum eng_status eng_folder_children(
        struct eng *eng, uint64_t parent, eng_folder_fn fn, void *context)
{
    struct eng_query query;
    enum eng_status status = op_peek(eng);

    if (status != ENG_OK)
        return status;
    if (parent == 0)
        return eng_fail(eng, ENG_NOT_FOUND);
    query_begin(&query, eng, STMT_FOLDER_CHILDREN);
    query_u64(&query, parent);
    while (query_row(&query)) {
        struct eng_folder folder;
        struct eng_text name = query_col_text(&query, COLUMN_NAME);
        struct eng_text packed = packed_from_row(&query);

        if (query.status != ENG_OK)
            break;
        folder_from_row(&query, &folder);
        if (!fn(context, &folder, name.data, name.size, packed.data, packed.size))
            break;
    }
    return query_end(&query);
}
