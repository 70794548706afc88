/* SPDX-License-Identifier: MIT */
/*
 * eng_name.c - names of properties: each has one id from 0x8000 to 0xFFFE, for good.
 *
 * Names are never changed or removed, so what was once read from the file stays true and is kept
 * in memory. A name made inside a transaction that is rolled back has already been given out: it
 * is written again right afterwards, under the same id.
 *
 * Owns:  eng->names.
 * Locks: none of its own; see eng.h.
 */
#include <assert.h>
#include <string.h>

#include "engine/eng_int.h"
#include "util/alloc.h"
#include "util/hash.h"

enum {
    FIRST_ID = 0x8000,
    LAST_ID = 0xFFFE,
    MAX_TEXT = 0xFFFF /* bytes */
};

struct name_entry {
    struct eng_name name; /* its text lies behind this structure */
    bool is_new;          /* made by the open transaction */
    bool is_lost;         /* and rolled back with it: to be written again */
};

struct name_cache {
    struct msp_array entries; /* struct name_entry *, by id - FIRST_ID; NULL: not known */
    uint16_t *slots;          /* ids by hash, 0: empty; slot_count of them, a power of two */
    size_t slot_count;
    size_t used;
    size_t new_count;
    bool is_restoring; /* names_rolled_back() is at work: a failure in there does not start it again
                        */
};

static uint64_t name_hash(const struct eng_name *name)
{
    uint64_t hash = msp_hash(name->guid, sizeof(name->guid), name->is_string);

    return name->is_string ? msp_hash(name->text, name->text_size, hash)
                           : msp_hash(&name->number, sizeof(name->number), hash);
}

static bool name_equals(const struct eng_name *a, const struct eng_name *b)
{
    if (a->is_string != b->is_string || memcmp(a->guid, b->guid, sizeof(a->guid)) != 0)
        return false;
    if (!a->is_string)
        return a->number == b->number;
    return a->text_size == b->text_size &&
           (a->text_size == 0 || memcmp(a->text, b->text, a->text_size) == 0);
}

/* --- in memory ------------------------------------------------------------------------------ */

static struct name_entry *entry_get(const struct name_cache *names, uint32_t id)
{
    size_t index = id - FIRST_ID;

    if (id < FIRST_ID || index >= names->entries.count)
        return NULL;
    return MSP_ARRAY_ITEMS(struct name_entry *, &names->entries)[index];
}

static uint16_t cache_find(const struct name_cache *names, const struct eng_name *name)
{
    if (names->slot_count == 0)
        return 0;
    for (size_t i = (size_t)name_hash(name);; i++) {
        uint16_t id = names->slots[i & (names->slot_count - 1)];

        if (id == 0 || name_equals(&entry_get(names, id)->name, name))
            return id;
    }
}

static void slot_add(struct name_cache *names, uint16_t id)
{
    size_t i = (size_t)name_hash(&entry_get(names, id)->name);

    while (names->slots[i & (names->slot_count - 1)] != 0)
        i++;
    names->slots[i & (names->slot_count - 1)] = id;
}

/* Fills the slots anew, at least twice as many as there are names. */
static bool slots_build(struct name_cache *names, size_t name_count)
{
    size_t slot_count = 64;
    uint16_t *slots;

    while (slot_count < name_count * 2)
        slot_count *= 2;
    slots = msp_calloc(slot_count, sizeof(*slots));
    if (slots == NULL)
        return false;
    msp_free(names->slots);
    names->slots = slots;
    names->slot_count = slot_count;
    for (size_t i = 0; i < names->entries.count; i++) {
        if (MSP_ARRAY_ITEMS(struct name_entry *, &names->entries)[i] != NULL)
            slot_add(names, (uint16_t)(FIRST_ID + i));
    }
    return true;
}

/* Makes sure that the cache exists and has room for a name of that id. */
static enum eng_status cache_reserve(struct eng *eng, uint32_t id)
{
    struct name_cache *names = eng->names;

    if (id < FIRST_ID || id > LAST_ID)
        return eng_failf(eng, ENG_CORRUPT, "The names of properties are damaged.");
    if (names == NULL) {
        names = msp_calloc(1, sizeof(*names));
        if (names == NULL)
            return eng_fail(eng, ENG_NO_MEMORY);
        msp_array_init(&names->entries, sizeof(struct name_entry *));
        eng->names = names;
    }
    while (names->entries.count <= id - FIRST_ID) {
        if (msp_array_push(&names->entries, NULL) == NULL)
            return eng_fail(eng, ENG_NO_MEMORY);
    }
    if ((names->used + 1) * 2 > names->slot_count && !slots_build(names, (names->used + 1) * 2))
        return eng_fail(eng, ENG_NO_MEMORY);
    return ENG_OK;
}

static struct name_entry *entry_new(const struct eng_name *name)
{
    size_t text_size = name->is_string ? name->text_size : 0;
    struct name_entry *entry = msp_alloc(sizeof(*entry) + text_size + 1);
    char *text;

    if (entry == NULL)
        return NULL;
    text = (char *)(entry + 1);
    if (text_size > 0)
        memcpy(text, name->text, text_size);
    text[text_size] = '\0';
    entry->name = *name;
    entry->name.text = name->is_string ? text : NULL;
    entry->name.text_size = text_size;
    entry->is_new = false;
    entry->is_lost = false;
    return entry;
}

/* Keeps a name; there is room for it, and it is not there yet. */
static void cache_put(struct name_cache *names, uint16_t id, struct name_entry *entry)
{
    MSP_ARRAY_ITEMS(struct name_entry *, &names->entries)[id - FIRST_ID] = entry;
    names->used++;
    slot_add(names, id);
}

static enum eng_status cache_add(struct eng *eng, uint32_t id, const struct eng_name *name)
{
    struct name_entry *entry;
    enum eng_status status = cache_reserve(eng, id);

    if (status != ENG_OK || entry_get(eng->names, id) != NULL)
        return status;
    entry = entry_new(name);
    if (entry == NULL)
        return eng_fail(eng, ENG_NO_MEMORY);
    cache_put(eng->names, (uint16_t)id, entry);
    return ENG_OK;
}

void names_free(struct eng *eng)
{
    struct name_cache *names = eng->names;

    if (names == NULL)
        return;
    for (size_t i = 0; i < names->entries.count; i++)
        msp_free(MSP_ARRAY_ITEMS(struct name_entry *, &names->entries)[i]);
    msp_array_free(&names->entries);
    msp_free(names->slots);
    msp_free(names);
    eng->names = NULL;
}

/* --- in the file ---------------------------------------------------------------------------- */

static void bind_name(struct eng_query *query, const struct eng_name *name)
{
    query_blob(query, name->guid, sizeof(name->guid));
    if (name->is_string)
        query_blob(query, name->text, name->text_size);
    else
        query_u64(query, name->number);
}

/* *out_id 0: the file does not have it. */
static enum eng_status file_find(struct eng *eng, const struct eng_name *name, uint64_t *out_id)
{
    struct eng_query query;

    *out_id = 0;
    query_begin(&query, eng, STMT_NAMED_FIND);
    bind_name(&query, name);
    if (query_row(&query))
        *out_id = query_col(&query, 0);
    return query_end(&query);
}

static enum eng_status file_add(struct eng *eng, uint64_t id, const struct eng_name *name)
{
    struct eng_query query;

    query_begin(&query, eng, STMT_NAMED_ADD);
    query_u64(&query, id);
    query_blob(&query, name->guid, sizeof(name->guid));
    if (name->is_string) {
        query_null(&query);
        query_blob(&query, name->text, name->text_size);
    } else {
        query_u64(&query, name->number);
        query_null(&query);
    }
    return query_run(&query);
}

/* Reads id, guid, number, text; false, with the query failed, when the row is damaged. */
static bool name_from_row(struct eng_query *query, uint64_t *out_id, struct eng_name *out)
{
    struct eng_text guid = query_col_text(query, 1);
    struct eng_text text = query_col_text(query, 3);

    *out_id = query_col(query, 0);
    if (query->status != ENG_OK)
        return false;
    if (guid.size != sizeof(out->guid) || *out_id < FIRST_ID || *out_id > LAST_ID ||
            (text.data == NULL) == query_col_is_null(query, 2)) {
        query->status = eng_failf(query->eng, ENG_CORRUPT, "The names of properties are damaged.");
        return false;
    }
    memcpy(out->guid, guid.data, sizeof(out->guid));
    out->is_string = text.data != NULL;
    out->number = out->is_string ? 0 : (uint32_t)query_col(query, 2);
    out->text = text.data;
    out->text_size = text.size;
    return true;
}

/* Adds the name to the file and to the cache; nobody else can have done so in this transaction. */
static enum eng_status create(struct eng *eng, const struct eng_name *name, uint64_t *out_id)
{
    struct name_entry *entry;
    uint64_t id = 0;
    enum eng_status status = file_find(eng, name, &id);

    if (status != ENG_OK || id != 0) {
        *out_id = id;
        return status == ENG_OK ? cache_add(eng, (uint32_t)id, name) : status;
    }
    status = query_number(eng, STMT_NAMED_LAST, 0, &id);
    if (status != ENG_OK)
        return status;
    id = id == 0 ? FIRST_ID : id + 1;
    if (id > LAST_ID)
        return eng_failf(eng, ENG_FULL, "The store has used up its property names.");
    status = cache_reserve(eng, (uint32_t)id);
    if (status != ENG_OK)
        return status;
    entry = entry_new(name);
    if (entry == NULL)
        return eng_fail(eng, ENG_NO_MEMORY);
    status = file_add(eng, id, name);
    if (status != ENG_OK) {
        msp_free(entry);
        return status;
    }
    entry->is_new = true;
    cache_put(eng->names, (uint16_t)id, entry);
    eng->names->new_count++;
    *out_id = id;
    return ENG_OK;
}

enum eng_status eng_name_to_id(
        struct eng *eng, const struct eng_name *name, bool create_it, uint16_t *out_id)
{
    uint64_t id;
    enum eng_status status = op_peek(eng);

    *out_id = 0;
    if (status != ENG_OK)
        return status;
    if (name->is_string && (name->text == NULL || name->text_size > MAX_TEXT))
        return eng_fail(eng, ENG_INVALID);
    id = eng->names != NULL ? cache_find(eng->names, name) : 0;
    if (id == 0) {
        status = file_find(eng, name, &id);
        if (status == ENG_OK && id != 0)
            status = cache_add(eng, (uint32_t)id, name);
    }
    if (status == ENG_OK && id == 0) {
        if (!create_it)
            return eng_failf(eng, ENG_NOT_FOUND, "The property name is not known.");
        status = op_write(eng);
        if (status == ENG_OK)
            status = op_end(eng, create(eng, name, &id));
    }
    if (status == ENG_OK)
        *out_id = (uint16_t)id;
    return status;
}

enum eng_status eng_id_to_name(struct eng *eng, uint16_t id, struct eng_name *out)
{
    struct eng_query query;
    enum eng_status status = op_peek(eng);

    memset(out, 0, sizeof(*out));
    if (status != ENG_OK)
        return status;
    if (eng->names == NULL || entry_get(eng->names, id) == NULL) {
        struct eng_name name;
        uint64_t found;

        query_begin(&query, eng, STMT_NAMED_GET);
        query_u64(&query, id);
        if (!query_row(&query)) {
            if (query.status == ENG_OK)
                query.status = eng_failf(eng, ENG_NOT_FOUND, "The property name is not known.");
        } else if (name_from_row(&query, &found, &name)) {
            query.status = cache_add(eng, id, &name);
        }
        status = query_end(&query);
    }
    if (status == ENG_OK)
        *out = entry_get(eng->names, id)->name;
    return status;
}

enum eng_status eng_names(struct eng *eng, eng_name_fn fn, void *context)
{
    struct eng_query query;
    enum eng_status status = op_peek(eng);

    if (status != ENG_OK)
        return status;
    query_begin(&query, eng, STMT_NAMED_ALL);
    while (query_row(&query)) {
        struct eng_name name;
        uint64_t id;

        if (!name_from_row(&query, &id, &name) || !fn(context, (uint16_t)id, &name))
            break;
    }
    return query_end(&query);
}

/* --- the end of a transaction --------------------------------------------------------------- */

void names_committed(struct eng *eng)
{
    struct name_cache *names = eng->names;

    if (names == NULL || names->new_count == 0)
        return;
    for (size_t i = 0; i < names->entries.count; i++) {
        struct name_entry *entry = MSP_ARRAY_ITEMS(struct name_entry *, &names->entries)[i];

        if (entry == NULL || !entry->is_new || entry->is_lost)
            continue;
        entry->is_new = false;
        names->new_count--;
    }
}

/* Writes again what the rollback has taken away. */
static enum eng_status add_again(struct eng *eng)
{
    struct name_cache *names = eng->names;
    enum eng_status status = ENG_OK;

    for (size_t i = 0; status == ENG_OK && i < names->entries.count; i++) {
        struct name_entry *entry = MSP_ARRAY_ITEMS(struct name_entry *, &names->entries)[i];
        uint64_t id = 0;

        if (entry == NULL || !entry->is_lost)
            continue;
        status = file_find(eng, &entry->name, &id);
        if (status == ENG_OK && id == 0) /* else: an earlier save of the group has written it */
            status = file_add(eng, FIRST_ID + i, &entry->name);
        else if (status == ENG_OK && id != FIRST_ID + i)
            status = eng_fail(eng, ENG_EXISTS);
        entry->is_lost = false;
    }
    return status;
}

void names_rolled_back(struct eng *eng)
{
    struct name_cache *names = eng->names;
    enum eng_status status;

    if (names == NULL || names->new_count == 0 || names->is_restoring)
        return;
    names->is_restoring = true;
    for (size_t i = 0; i < names->entries.count; i++) {
        struct name_entry *entry = MSP_ARRAY_ITEMS(struct name_entry *, &names->entries)[i];

        if (entry != NULL)
            entry->is_lost = entry->is_new;
    }
    status = op_write(eng);
    if (status == ENG_OK)
        status = op_end(eng, add_again(eng));
    names->is_restoring = false;
    /* Not possible, or another process was faster and has the name or the id: whoever asks next
       is told what the file says. */
    if (status != ENG_OK)
        names_free(eng);
}
