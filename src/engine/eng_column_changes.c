/* SPDX-License-Identifier: MIT */
/*
 * eng_column_changes.c - which rows of some columns are not as they say any more.
 *
 * The journal names the messages. Where they are few, the other rows can still be told from columns
 * that are not brought up to date.
 *
 * Owns:  the ids in a struct column_changes, freed by column_changes_free().
 * Locks: none of its own; see eng.h.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/eng_column.h"

enum {
    CHANGED_MAX = 2048 /* rows; more: it does not pay any more */
};

void column_changes_init(struct column_changes *changes, uint64_t from)
{
    memset(changes, 0, sizeof(*changes));
    msp_array_init(&changes->ids, sizeof(uint64_t));
    changes->upto = from;
}

void column_changes_free(struct column_changes *changes)
{
    msp_array_free(&changes->ids);
    column_changes_init(changes, 0);
}

struct noting {
    struct column_changes *changes;
    uint64_t folder;
    bool is_failed; /* no memory */
};

static bool note_event(void *context, uint64_t number, const struct eng_event *event)
{
    struct noting *noting = context;
    struct column_changes *changes = noting->changes;

    MSP_UNUSED(number);
    if (!column_event_concerns(event, noting->folder))
        return true;
    changes->is_spent = changes->ids.count == CHANGED_MAX;
    noting->is_failed = !changes->is_spent && msp_array_push(&changes->ids, &event->object) == NULL;
    return !changes->is_spent && !noting->is_failed;
}

enum eng_status column_changes_read(struct eng *eng, struct column_changes *changes,
        uint64_t folder, uint64_t upto, bool *out_good)
{
    struct noting noting = { changes, folder, false };
    bool is_complete = true;
    enum eng_status status;

    *out_good = !changes->is_spent;
    if (changes->upto == upto || changes->is_spent)
        return ENG_OK;
    status = eng_journal_read(eng, changes->upto, note_event, &noting, &is_complete);
    if (status != ENG_OK || noting.is_failed)
        return status != ENG_OK ? status : ENG_NO_MEMORY;
    changes->is_spent |= !is_complete;
    *out_good = !changes->is_spent;
    changes->upto = upto;
    column_sort_ids(&changes->ids);
    return ENG_OK;
}

static int compare_ids(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;

    return left < right ? -1 : left > right;
}

bool column_changes_has(const struct column_changes *changes, uint64_t id)
{
    return changes->ids.count > 0 &&
           bsearch(&id, changes->ids.items, changes->ids.count, sizeof(id), compare_ids) != NULL;
}
