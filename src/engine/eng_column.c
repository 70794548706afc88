/* SPDX-License-Identifier: MIT */
/*
 * eng_column.c - the columns of a place, as a transaction sees them.
 *
 * Places that were asked for are kept, with the number of the journal up to which they are right,
 * and brought up to date when they are asked for again. What is kept is what was committed: a place
 * that the open transaction has touched itself is read from the rows, for this one call.
 *
 * What is kept is bounded; the place that was not asked for longest goes first. A single place may
 * be larger than that until the transaction has ended.
 *
 * Owns:  eng->columns, freed by columns_free(); what was detached belongs to the caller.
 * Locks: none of its own; see eng.h.
 */
#include <string.h>

#include "engine/eng_column.h"
#include "util/alloc.h"
#include "util/bytes.h"

#define CACHE_LIMIT ((size_t)(sizeof(void *) > 4 ? 256 : 64) * 1024 * 1024)

static const struct column_policy usual_policy = {
    .memory = CACHE_LIMIT,
    .store_rows = 32768,
    .store_events = 16384, /* a quarter of what the journal has room for */
    .segment_rows = SEGMENT_ROWS,
};

static struct column_place *place_at(const struct column_cache *cache, size_t index)
{
    return MSP_ARRAY_AT(struct column_place, &cache->places, index);
}

struct column_place *column_place_find(const struct column_cache *cache, uint64_t place)
{
    for (size_t i = 0; i < cache->places.count; i++) {
        if (place_at(cache, i)->place == place)
            return place_at(cache, i);
    }
    return NULL;
}

static void place_drop(struct column_cache *cache, size_t index)
{
    struct column_place *place = place_at(cache, index);

    column_set_free(&place->set);
    column_changes_free(&place->changes);
    column_index_free(&place->index);
    msp_array_remove(&cache->places, index, 1);
}

/* Lets go of what was longest not asked for, until the rest is small enough, but keeps so many. */
static void trim(struct column_cache *cache, size_t least)
{
    while (cache->places.count > least) {
        size_t size = 0;
        size_t oldest = 0;

        for (size_t i = 0; i < cache->places.count; i++) {
            size += column_set_size(&place_at(cache, i)->set) +
                    column_index_size(&place_at(cache, i)->index);
            if (place_at(cache, i)->used < place_at(cache, oldest)->used)
                oldest = i;
        }
        if (size <= cache->policy.memory)
            return;
        place_drop(cache, oldest);
    }
}

size_t columns_kept(const struct eng *eng)
{
    return eng->columns != NULL ? eng->columns->places.count : 0;
}

void eng_columns_free(struct column_cache *cache)
{
    if (cache == NULL)
        return;
    column_set_free(&cache->lent);
    column_window_free(&cache->window);
    while (cache->places.count > 0)
        place_drop(cache, cache->places.count - 1);
    msp_array_free(&cache->places);
    msp_free(cache);
}

void columns_free(struct eng *eng)
{
    eng_columns_free(eng->columns);
    eng->columns = NULL;
}

struct column_cache *eng_columns_detach(struct eng *eng)
{
    struct column_cache *cache = eng->columns;

    eng->columns = NULL;
    return cache;
}

/* Whether a place has all that another one of the same rows has, and is as new. */
static bool is_better(const struct column_place *place, const struct column_place *kept)
{
    return (kept->set.has & ~place->set.has) == 0 &&
           place->state.repaired == kept->state.repaired &&
           place->state.number >= kept->state.number;
}

void eng_columns_attach(struct eng *eng, struct column_cache *from)
{
    struct column_cache *cache;

    if (from == NULL || (cache = columns_cache(eng)) == NULL) {
        eng_columns_free(from);
        return;
    }
    while (from->places.count > 0) {
        struct column_place *place = place_at(from, from->places.count - 1);
        struct column_place *kept = column_place_find(cache, place->place);

        place->used = ++cache->clock;
        if (kept != NULL && is_better(place, kept)) {
            place_drop(cache, (size_t)(kept - place_at(cache, 0)));
            kept = NULL;
        }
        if (kept == NULL && msp_array_push(&cache->places, place) != NULL)
            msp_array_truncate(&from->places, from->places.count - 1); /* moved */
        else
            place_drop(from, from->places.count - 1);
    }
    eng_columns_free(from);
    trim(cache, 0);
}

struct column_cache *columns_cache(struct eng *eng)
{
    if (eng->columns == NULL) {
        eng->columns = msp_calloc(1, sizeof(*eng->columns));
        if (eng->columns == NULL)
            return NULL;
        msp_array_init(&eng->columns->places, sizeof(struct column_place));
        column_window_init(&eng->columns->window);
        eng->columns->policy = usual_policy;
    }
    return eng->columns;
}

bool columns_policy(struct eng *eng, const struct column_policy *policy)
{
    if (columns_cache(eng) == NULL)
        return false;
    eng->columns->policy = *policy;
    return true;
}

bool columns_are_touched(const struct eng *eng, uint64_t folder)
{
    const struct eng_event *events = MSP_ARRAY_ITEMS(struct eng_event, &eng->events);

    for (size_t i = eng->events.count; i-- > 0;) {
        if (column_event_concerns(&events[i], folder))
            return true;
    }
    return false;
}

/* Brings a place up to date if that can be done. */
static enum eng_status refresh(struct eng *eng, struct column_place *kept,
        const struct column_state *state, bool *out_done)
{
    enum eng_status status = ENG_OK;

    *out_done = false;
    if (state->repaired != kept->state.repaired || state->number < kept->state.number)
        return ENG_OK;
    if (state->number == kept->state.number)
        *out_done = true;
    else
        status = columns_patch(eng, kept->place, kept->state.number, &kept->set, out_done);
    if (*out_done) {
        kept->state = *state;
        column_changes_free(&kept->changes);
        kept->changes.upto = state->number;
    }
    return status;
}

/* Whether a status says that there was too little room for what it was about. */
static bool is_too_large(enum eng_status status)
{
    return status == ENG_NO_MEMORY || status == ENG_INVALID;
}

/* Adds columns that are stored to a place that is up to date. Not done: all are to be read anew. */
static enum eng_status add_columns(struct eng *eng, const struct column_policy *policy,
        struct column_place *kept, uint32_t missing, bool *out_done)
{
    struct column_stored stored;
    struct column_set set;
    enum eng_status status = columns_stored_read(
            eng, kept->place, missing, policy->store_events, &kept->state, &stored, &set);

    *out_done = false;
    if (status == ENG_OK && stored.is_right && column_set_adopt(&kept->set, &set) == ENG_OK) {
        kept->stored = stored;
        *out_done = true;
    }
    column_set_free(&set);
    return is_too_large(status) ? ENG_OK : status;
}

/* Reads a place from its rows, with all columns: what takes time is to get at the rows, and the
 * next one who asks, for others, or for some rows of all of them, need not do it again. */
static enum eng_status read_rows(
        struct eng *eng, uint64_t place, uint32_t wanted, struct column_set *set)
{
    enum eng_status status = columns_read(eng, place, ENG_COLUMN_ALL, set);

    /* Perhaps there is room for some of them. */
    return is_too_large(status) ? columns_read(eng, place, wanted, set) : status;
}

/* Reads a place that is kept from now on. */
static enum eng_status load(struct eng *eng, struct column_cache *cache, uint64_t place,
        const struct column_state *state, uint32_t wanted)
{
    struct column_place fresh = { .place = place, .state = *state };
    enum eng_status status = columns_stored_read(
            eng, place, wanted, cache->policy.store_events, state, &fresh.stored, &fresh.set);

    column_changes_init(&fresh.changes, state->number);
    if (status == ENG_OK && !fresh.stored.is_right)
        status = read_rows(eng, place, wanted, &fresh.set);
    if (status == ENG_OK && msp_array_push(&cache->places, &fresh) == NULL) {
        column_set_free(&fresh.set);
        status = eng_fail(eng, ENG_NO_MEMORY);
    }
    return status;
}

enum eng_status columns_kept_get(struct eng *eng, struct column_cache *cache, uint64_t place,
        uint32_t wanted, const struct column_set **out)
{
    struct column_place *kept = column_place_find(cache, place);
    struct column_state state;
    bool done = false;
    enum eng_status status = columns_state(eng, &state);

    if (status == ENG_OK && kept != NULL)
        status = refresh(eng, kept, &state, &done);
    if (status == ENG_OK && done && (wanted & ~kept->set.has) != 0)
        status = add_columns(eng, &cache->policy, kept, wanted & ~kept->set.has, &done);
    if (status != ENG_OK)
        return status;
    if (!done) {
        if (kept != NULL) {
            wanted |= kept->set.has;
            place_drop(cache, (size_t)(kept - place_at(cache, 0)));
        }
        status = load(eng, cache, place, &state, wanted);
        if (status != ENG_OK)
            return status;
        kept = place_at(cache, cache->places.count - 1);
    }
    kept->used = ++cache->clock;
    trim(cache, 1);
    *out = &column_place_find(cache, place)->set;
    return ENG_OK;
}

void column_place_index(struct column_place *kept)
{
    if (!column_index_is_good(&kept->index, &kept->set))
        (void)column_index_make(&kept->index, &kept->set);
}

/* Reads or brings up to date what is asked for; *out: borrowed. */
static enum eng_status get(
        struct eng *eng, uint64_t place, uint32_t wanted, const struct column_set **out)
{
    struct column_cache *cache = columns_cache(eng);
    bool by_id = (wanted & ENG_COLUMN_BY_ID) != 0;
    enum eng_status status;

    wanted &= ENG_COLUMN_ALL;
    if (cache == NULL)
        return eng_fail(eng, ENG_NO_MEMORY);
    column_set_free(&cache->lent);
    if (columns_are_touched(eng, place >> 1)) {
        *out = &cache->lent;
        return columns_read(eng, place, wanted, &cache->lent);
    }
    status = columns_kept_get(eng, cache, place, wanted, out);
    if (status == ENG_OK && by_id)
        column_place_index(column_place_find(cache, place));
    return status;
}

enum eng_status columns_begin(struct eng *eng)
{
    if (eng->depth == 0)
        return eng_failf(eng, ENG_INVALID, "No transaction is open.");
    return op_read(eng);
}

enum eng_status eng_columns_get(
        struct eng *eng, uint64_t folder, bool associated, uint32_t wanted, struct eng_columns *out)
{
    const struct column_set *set = NULL;
    enum eng_status status;

    memset(out, 0, sizeof(*out));
    status = columns_begin(eng);
    if (status != ENG_OK)
        return status;
    if (id_is_good(folder))
        status = get(eng, folder << 1 | associated, wanted, &set);
    else
        status = eng_fail(eng, ENG_NOT_FOUND);
    status = op_end(eng, status);
    if (status == ENG_OK)
        column_set_publish(set, wanted, out);
    return status;
}

/* --- storing -------------------------------------------------------------------------------- */

/* A set that has less than what is stored would take something away. */
static bool is_due(const struct column_policy *policy, const struct column_place *place)
{
    const struct column_stored *stored = &place->stored;
    uint32_t has = place->set.has;

    if (place->is_refused || place->set.count < policy->store_rows)
        return false;
    if (!stored->is_there)
        return (has & COLUMN_NUMBER_MASK) == COLUMN_NUMBER_MASK;
    return (stored->has & ~has) == 0 &&
           (has != stored->has || place->state.number - stored->number >= policy->store_events);
}

/* Stores what is worth it. */
static void store_due(struct eng *eng, struct column_cache *cache)
{
    struct eng_error error = eng->error;

    if (eng->is_read_only || eng->is_bulk || eng->has_sql_txn || eng_is_interrupted(eng))
        return;
    for (size_t i = 0; i < cache->places.count; i++) {
        struct column_place *place = place_at(cache, i);
        enum eng_status status;

        if (!is_due(&cache->policy, place))
            continue;
        status = columns_store(eng, place->place, &place->set, &place->state,
                place->stored.is_there, cache->policy.segment_rows);
        if (status == ENG_OK) {
            place->stored.is_there = true;
            place->stored.number = place->state.number;
            place->stored.has = place->set.has;
        } else {
            place->is_refused = status != ENG_BUSY && status != ENG_INTERRUPTED;
        }
    }
    eng->error = error;
}

void columns_txn_end(struct eng *eng, bool may_store)
{
    struct column_cache *cache = eng->columns;

    if (cache == NULL || eng->depth > 0)
        return;
    column_set_free(&cache->lent);
    columns_restore_cache(eng);
    if (may_store)
        store_due(eng, cache);
    trim(cache, 0);
}
