/* SPDX-License-Identifier: MIT */
/*
 * eng_column_patch.c - columns brought up to date with what has changed since.
 *
 * The journal names the messages; each is read again. One that is where it was, with texts of the
 * same sizes (a flag has changed), is overwritten; the others are taken out and put in again, all
 * at once. Where a message was that is gone, or has another delivery time, a walk over the ids
 * tells.
 *
 * Overwriting before all is known to succeed does no harm: whoever goes on from the same number
 * reads the same messages again.
 *
 * Locks: none of its own; see eng.h.
 */
#include <stdlib.h>

#include "engine/eng_column.h"
#include "util/alloc.h"

enum {
    PATCH_ALWAYS = 256, /* changes that are always read one by one */
    PATCH_FRACTION = 4, /* more than that part of the rows: all of them are read again */
    FILTER_BITS = 16
};

struct patch {
    struct eng *eng;
    uint64_t place;
    size_t limit;
    bool is_too_much;
    bool is_full;            /* out of memory */
    struct msp_array ids;    /* uint64_t: messages that have changed */
    struct msp_array lost;   /* uint64_t: those whose old rows are still to be found */
    struct msp_array gone;   /* size_t: rows to be taken out */
    struct column_set fresh; /* rows to be put in */
};

static int compare_ids(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;

    return left < right ? -1 : left > right;
}

static int compare_rows(const void *a, const void *b)
{
    size_t left = *(const size_t *)a;
    size_t right = *(const size_t *)b;

    return left < right ? -1 : left > right;
}

/* --- what has changed ----------------------------------------------------------------------- */

bool column_event_concerns(const struct eng_event *event, uint64_t folder)
{
    return !event->is_folder && (event->parent == folder || event->old_parent == folder);
}

static bool note_event(void *context, uint64_t number, const struct eng_event *event)
{
    struct patch *patch = context;

    MSP_UNUSED(number);
    if (!column_event_concerns(event, patch->place >> 1))
        return true;
    if (patch->ids.count == patch->limit)
        patch->is_too_much = true;
    else if (msp_array_push(&patch->ids, &event->object) == NULL)
        patch->is_full = true;
    return !patch->is_too_much && !patch->is_full;
}

void column_sort_ids(struct msp_array *ids)
{
    uint64_t *items = ids->items;
    size_t kept = 0;

    if (ids->count > 1)
        qsort(items, ids->count, sizeof(*items), compare_ids);
    for (size_t i = 0; i < ids->count; i++) {
        if (kept == 0 || items[kept - 1] != items[i])
            items[kept++] = items[i];
    }
    msp_array_truncate(ids, kept);
}

/* --- reading them again --------------------------------------------------------------------- */

/* A row of the place as it is now. */
static enum eng_status note_row(
        struct patch *patch, struct column_set *set, const struct eng_msg *row)
{
    size_t at = column_set_find(set, row->delivered, row->id);

    if (at < set->count && column_u64(set, COLUMN_ID)[at] == row->id &&
            column_u64(set, COLUMN_DELIVERED)[at] == row->delivered) {
        if (column_set_overwrite(set, at, row))
            return ENG_OK;
        if (msp_array_push(&patch->gone, &at) == NULL)
            return ENG_NO_MEMORY;
    } else if (row->id <= set->max_id && msp_array_push(&patch->lost, &row->id) == NULL) {
        return ENG_NO_MEMORY;
    }
    return column_set_push(&patch->fresh, row);
}

static enum eng_status note_id(struct patch *patch, struct column_set *set, uint64_t id)
{
    struct eng_query query;
    enum eng_status status = ENG_OK;

    query_begin(&query, patch->eng, STMT_MSG_ROW);
    query_u64(&query, id);
    if (query_row(&query) && !query_col_is_null(&query, 1) &&
            query_col(&query, 1) == patch->place) {
        struct eng_msg row;

        msg_from_row(&query, &row);
        if (query.status == ENG_OK)
            status = note_row(patch, set, &row);
    } else if (id <= set->max_id && msp_array_push(&patch->lost, &id) == NULL) {
        status = ENG_NO_MEMORY;
    }
    if (status != ENG_OK)
        query.status = eng_fail(patch->eng, status);
    return query_end(&query);
}

/* Finds the rows of ids that are not where their keys say. `lost` is ascending. */
static bool find_lost(struct patch *patch, const struct column_set *set)
{
    const uint64_t *ids = column_u64(set, COLUMN_ID);
    bool is_good = true;
    uint8_t *filter;

    if (patch->lost.count == 0)
        return true;
    filter = msp_calloc((size_t)1 << (FILTER_BITS - 3), 1);
    if (filter == NULL)
        return false;
    for (size_t i = 0; i < patch->lost.count; i++) {
        uint64_t id = *MSP_ARRAY_AT(uint64_t, &patch->lost, i);

        filter[(id & UINT16_MAX) / 8] |= (uint8_t)(1U << id % 8);
    }
    for (size_t row = 0; is_good && row < set->count; row++) {
        uint64_t id = ids[row];

        if ((filter[(id & UINT16_MAX) / 8] >> id % 8 & 1) == 0 ||
                bsearch(&id, patch->lost.items, patch->lost.count, sizeof(id), compare_ids) == NULL)
            continue;
        is_good = msp_array_push(&patch->gone, &row) != NULL;
    }
    msp_free(filter);
    return is_good;
}

static enum eng_status patch_rows(struct patch *patch, struct column_set *set)
{
    enum eng_status status = ENG_OK;

    for (size_t i = 0; status == ENG_OK && i < patch->ids.count; i++)
        status = note_id(patch, set, *MSP_ARRAY_AT(uint64_t, &patch->ids, i));
    if (status != ENG_OK)
        return status;
    if (!find_lost(patch, set))
        return eng_fail(patch->eng, ENG_NO_MEMORY);
    if (patch->gone.count > 1)
        qsort(patch->gone.items, patch->gone.count, sizeof(size_t), compare_rows);
    status = column_set_sort(&patch->fresh);
    if (status == ENG_OK)
        status = column_set_splice(set, patch->gone.items, patch->gone.count, &patch->fresh);
    return status == ENG_OK ? ENG_OK : eng_fail(patch->eng, status);
}

enum eng_status columns_patch(
        struct eng *eng, uint64_t place, uint64_t from, struct column_set *set, bool *out_done)
{
    struct patch patch = { .eng = eng, .place = place };
    bool is_complete = false;
    enum eng_status status;

    msp_array_init(&patch.ids, sizeof(uint64_t));
    msp_array_init(&patch.lost, sizeof(uint64_t));
    msp_array_init(&patch.gone, sizeof(size_t));
    column_set_init(&patch.fresh, set->has);
    patch.limit = set->count / PATCH_FRACTION + PATCH_ALWAYS;
    *out_done = false;
    status = eng_journal_read(eng, from, note_event, &patch, &is_complete);
    if (status == ENG_OK && patch.is_full)
        status = eng_fail(eng, ENG_NO_MEMORY);
    if (status == ENG_OK && is_complete && !patch.is_too_much) {
        column_sort_ids(&patch.ids);
        status = patch_rows(&patch, set);
        *out_done = status == ENG_OK;
    }
    msp_array_free(&patch.ids);
    msp_array_free(&patch.lost);
    msp_array_free(&patch.gone);
    column_set_free(&patch.fresh);
    return status;
}
